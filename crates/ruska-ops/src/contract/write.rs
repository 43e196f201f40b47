//! A suggested contract as a file that people read and edit.

use super::bounds::written;
use super::spec::{Bound, Case, ColumnTerms, Stance, TableTerms, Usual, Written};
use super::suggest::Suggestion;
use ruska::words::is_disruptive;
use serde::Serialize;
use std::fmt::Write;

/// Widest line of levels.
const WIDTH: usize = 96;

/// The text of a contract; `source` is named at its head.
pub fn toml(suggestion: &Suggestion, source: &str) -> String {
    let source: String = source.chars().filter(|c| !is_disruptive(*c)).collect();
    let mut text = format!(
        "# What tables like {source} hold, as `ruska profile --suggest-checks` found it.\n\
         # Edit it: what is left out is not checked. `ruska check DATA --contract THIS` tells what\n\
         # does not hold, on which lines.\n\
         contract = {}\n",
        suggestion.contract.contract
    );
    table(&mut text, &suggestion.contract.table);
    for name in &suggestion.order {
        if let Some(terms) = suggestion.contract.columns.get(name) {
            let _ = writeln!(text, "\n[columns.{}]", key(name));
            column(&mut text, terms);
        }
    }
    text
}

fn line(text: &mut String, key: &str, value: impl std::fmt::Display) {
    let _ = writeln!(text, "{key} = {value}");
}

fn table(text: &mut String, terms: &TableTerms) {
    text.push_str("\n[table]\n");
    if let Some(target) = &terms.target {
        line(text, "target", quoted(target));
    }
    if let Some(rows) = terms.min_rows {
        line(text, "min_rows", rows);
    }
    if let Some(rows) = terms.max_rows {
        line(text, "max_rows", rows);
    }
    if let Some(share) = terms.max_repeats {
        line(text, "max_repeats", written(share));
    }
    for (name, stance) in [("extra_columns", terms.extra_columns), ("oddities", terms.oddities)] {
        if stance != Stance::default() {
            line(text, name, quoted(&word(&stance)));
        }
    }
    if terms.max_odd > 0.0 {
        line(text, "max_odd", written(terms.max_odd));
    }
}

fn column(text: &mut String, terms: &ColumnTerms) {
    if let Some(kind) = terms.kind {
        line(text, "type", quoted(kind.name()));
    }
    if !terms.required {
        line(text, "required", false);
    }
    if terms.sensitive {
        line(text, "sensitive", true);
    }
    if let Some(share) = terms.max_missing {
        line(text, "max_missing", written(share));
    }
    if let Some(unique) = terms.unique {
        line(text, "unique", unique);
    }
    for (name, bound) in [("min", &terms.min), ("max", &terms.max)] {
        match bound {
            Some(Bound::Number(number)) => line(text, name, written(*number)),
            Some(Bound::Time(time)) => line(text, name, quoted(time)),
            None => {}
        }
    }
    if let Some(Usual { from, to, share }) = terms.usual {
        let [from, to, share] = [from, to, share].map(written);
        line(text, "usual", format!("{{ from = {from}, to = {to}, share = {share} }}"));
    }
    if let Some(list) = &terms.levels {
        line(text, "levels", levels(list));
    }
    if terms.max_new > 0.0 {
        line(text, "max_new", written(terms.max_new));
    }
    if let Some(form) = &terms.form {
        line(text, "form", quoted(form));
    }
    if let Some(case) = terms.case {
        line(text, "case", quoted(if case == Case::Upper { "upper" } else { "lower" }));
    }
    if let Some(age) = &terms.max_age {
        line(text, "max_age", quoted(age));
    }
    for (name, value, usual) in
        [("future", terms.future, true), ("day_first", terms.day_first, false)]
    {
        if value != usual {
            line(text, name, value);
        }
    }
    if let Some(Written { prefix, suffix, group, decimal }) = &terms.written {
        let mut parts = vec![format!("decimal = {}", quoted(&decimal.to_string()))];
        parts.extend(group.map(|mark| format!("group = {}", quoted(&mark.to_string()))));
        for (name, value) in [("prefix", prefix), ("suffix", suffix)] {
            parts.extend((!value.is_empty()).then(|| format!("{name} = {}", quoted(value))));
        }
        line(text, "written", format!("{{ {} }}", parts.join(", ")));
    }
    if !terms.known.is_empty() {
        let codes: Vec<String> = terms.known.iter().map(|code| quoted(&word(code))).collect();
        line(text, "known", format!("[{}]", codes.join(", ")));
    }
}

/// Levels on one line, or filled lines where they do not fit.
fn levels(list: &[String]) -> String {
    let quoted: Vec<String> = list.iter().map(|level| self::quoted(level)).collect();
    let one = format!("[{}]", quoted.join(", "));
    if one.chars().count() + 9 <= WIDTH {
        return one;
    }
    let (mut text, mut width) = (String::from("["), WIDTH);
    for level in quoted {
        let length = level.chars().count() + 2;
        if width + length > WIDTH {
            text.push_str("\n   ");
            width = 3;
        }
        let _ = write!(text, " {level},");
        width += length;
    }
    text + "\n]"
}

/// The word of a value of an enumeration.
fn word(value: &impl Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.and_then(|w| w.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A name as a key.
fn key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(plain) { name.to_owned() } else { quoted(name) }
}

/// A text as a basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_disruptive(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn texts_read_back() {
        for text in [
            "",
            "plain",
            "a \"b\" \\ c",
            "tab\tline\n",
            "\u{1}\u{7f}",
            "Größe (m²)",
            "a.b",
            "a\u{202e}b",
        ] {
            let toml = format!("[columns.{}]\nx = {}\n", key(text), quoted(text));
            let read: toml::Table = toml.parse().unwrap();
            assert_eq!(read["columns"][text]["x"].as_str(), Some(text), "{toml}");
        }
    }

    #[test]
    fn long_lists_are_filled() {
        let many: Vec<String> = (0..60).map(|i| format!("level {i}")).collect();
        let text = levels(&many);
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        let read: toml::Table = format!("x = {text}").parse().unwrap();
        assert_eq!(read["x"].as_array().unwrap().len(), 60);
    }
}
