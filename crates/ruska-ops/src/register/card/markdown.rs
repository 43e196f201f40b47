//! Text from files and people as Markdown that shows it and does nothing else.

use ruska::words::is_disruptive;

/// Text on one line in which no character has a meaning.
pub(super) fn text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if is_disruptive(c) => out.push(' '),
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '#' | '~' => out.extend(['\\', c]),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

/// A name as code.
pub(super) fn code(name: &str) -> String {
    let plain = |c: char| match c {
        '`' => '\'',
        c if is_disruptive(c) => ' ',
        c => c,
    };
    let name: String = name.chars().map(plain).collect();
    // A cell of a table ends at a bar even within code.
    format!("`{}`", name.replace('|', "\\|"))
}

/// A table; cells are Markdown already.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let header: Vec<String> = header.iter().map(|&h| h.to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(header.len()));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(&header) + &rule + &rows
}

/// A list; items are Markdown already.
pub(super) fn list(items: &[String]) -> String {
    items.iter().fold(String::new(), |list, item| list + "- " + item + "\n")
}

/// A number with five significant digits.
pub(super) fn number(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return v.to_string();
    }
    let size = v.abs().log10().floor() as i32;
    if !(-5..9).contains(&size) {
        return format!("{v:.4e}");
    }
    let text = format!("{v:.*}", (4 - size).clamp(0, 9) as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_nothing_but_show() {
        assert_eq!(text("<script>a|b\n*c*"), "\\<script\\>a\\|b \\*c\\*");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        assert_eq!(
            table(&["a", "b"], &[vec!["1".into(), "2".into()]]),
            "| a | b |\n|---|---|\n| 1 | 2 |\n"
        );
    }

    #[test]
    fn numbers_have_five_digits() {
        let shown = [0.912_345_678, 49_427.358, 1e-9, -2.5, 0.0].map(number);
        assert_eq!(shown, ["0.91235", "49427", "1.0000e-9", "-2.5", "0"]);
    }
}
