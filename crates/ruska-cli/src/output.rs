//! Where output goes and what it looks like: results to stdout, everything else to stderr.

use crate::Failure;
use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, presets,
};
use ruska::words::is_disruptive;
pub(crate) use ruska::words::{file_name, number, rough, seconds, signed, size, value};
use serde::Serialize;
use std::error::Error;
use std::io::{self, IsTerminal, Write};

/// Widest line of a table.
pub(crate) const WIDTH: usize = 100;

/// How much is said and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Say {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl Say {
    /// Prints a result: text for people, or the document with `--json`.
    pub(crate) fn result(self, text: &str, document: &impl Serialize) -> Result<(), Failure> {
        if self.json {
            return print(&(serde_json::to_string_pretty(document)? + "\n"));
        }
        print(&presentable(text))
    }

    /// Tells something by the way, on stderr.
    pub(crate) fn note(self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "{}", clean(text));
        }
    }

    /// Whether a live progress line makes sense.
    pub(crate) fn live(self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// Writes text to stdout.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes the one message of a failure to stderr.
pub(crate) fn complain(failure: &dyn Error) {
    let _ = writeln!(io::stderr(), "error: {}", clean(&failure.to_string()));
}

/// Whether the reader of our output went away, which ends us quietly.
pub(crate) fn is_broken_pipe(failure: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(failure);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        let ours = error.downcast_ref::<ruska::Error>();
        if io.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
            || ours.is_some_and(ruska::Error::is_broken_pipe)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Text from files without what drives a terminal or turns round the order of other text.
pub(crate) fn clean(text: &str) -> String {
    let plain = |c: char| if is_disruptive(c) && c != '\n' { '\u{fffd}' } else { c };
    text.chars().map(plain).collect()
}

/// A result as a terminal may have it: clean but for the bold print of table headers, which is ours.
fn presentable(text: &str) -> String {
    let bold =
        |part: &str| part.split("\u{1b}[1m").map(clean).collect::<Vec<_>>().join("\u{1b}[1m");
    text.split("\u{1b}[0m").map(bold).collect::<Vec<_>>().join("\u{1b}[0m")
}

/// The same on one line, at most `width` characters long.
pub(crate) fn short(text: &str, width: usize) -> String {
    let line: String = clean(text).chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
    if line.chars().count() <= width {
        return line;
    }
    line.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Text in lines of at most 100 characters, those after the first indented.
pub(crate) fn wrapped(text: &str, indent: &str) -> String {
    // A number and its sign stay together.
    let text = clean(text).replace(" %", "\u{a0}%");
    let body = text.trim_start_matches(' ');
    let mut line = text[..text.len() - body.len()].to_owned();
    let (mut out, mut begun) = (String::new(), false);
    for word in body.split([' ', '\n']) {
        if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out += &(std::mem::replace(&mut line, indent.to_owned()) + "\n");
        } else if begun {
            line.push(' ');
        }
        line += &short(word, WIDTH - indent.len());
        begun = true;
    }
    (out + &line + "\n").replace('\u{a0}', " ")
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(n: impl std::fmt::Display, noun: &str) -> String {
    let n = n.to_string();
    let end = if n == "1" { "" } else { "s" };
    format!("{n} {noun}{end}")
}

/// A table of at most 100 columns.
pub(crate) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    let bold = io::stdout().is_terminal();
    let cell = |name: &&str| {
        let cell = Cell::new(name);
        if bold { cell.add_attribute(Attribute::Bold) } else { cell }
    };
    let style = presets::NOTHING.header_separator(LineStyle::none().fill('─').junction('─'));
    table
        .load_style(style)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH as u16)
        .set_header(header.iter().map(cell));
    table
}

/// Aligns columns of numbers to the right.
pub(crate) fn align_right(table: &mut Table, columns: std::ops::Range<usize>) {
    for index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Keeps the cells of columns on one line.
pub(crate) fn keep_whole(table: &mut Table, columns: impl IntoIterator<Item = usize>) {
    for index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// What the interval of a gain says.
pub(crate) fn so(low: f64, high: f64) -> &'static str {
    if low > 0.0 {
        "better"
    } else if high < 0.0 {
        "worse"
    } else if low == 0.0 && high == 0.0 {
        "the same"
    } else {
        "may be chance"
    }
}

/// Milliseconds since 1970 as a date and minute, UTC.
pub(crate) fn minute(ms: i64) -> String {
    ruska::time_text(ms).replacen('T', " ", 1).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn names_cannot_drive_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb"), "a\u{fffd}[31mb");
        assert_eq!(clean("a\u{202e}b\u{2066}c\u{2028}d"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(clean("حقل 👩‍👩‍👧 名前"), "حقل 👩‍👩‍👧 名前");
        assert_eq!(short("one\ntwo three", 8), "one two…");
    }

    #[test]
    fn headers_of_tables_stay_bold() {
        let text = "\u{1b}[1mname\u{1b}[0m\n\u{1b}[2Jx\u{202e}y\n";
        assert_eq!(presentable(text), "\u{1b}[1mname\u{1b}[0m\n\u{fffd}[2Jx\u{fffd}y\n");
    }

    #[test]
    fn moments_read_well() {
        assert_eq!(minute(1_700_000_012_345), "2023-11-14 22:13");
    }

    #[test]
    fn lines_end_at_a_hundred() {
        let text = wrapped(&format!("  {}", "word ".repeat(50).trim_end()), "    ");
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert_eq!(text.split_whitespace().count(), 50);
        assert!(text.starts_with("  word") && text.lines().nth(1).unwrap().starts_with("    word"));
        assert_eq!(wrapped(&"x".repeat(200), "  ").trim_end().chars().count(), WIDTH - 2);
    }
}
