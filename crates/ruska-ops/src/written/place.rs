//! Where something stands in a file that a person wrote.

use crate::Error;
use ruska::words::cut;
use std::ops::Range;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

/// Longest name of a key in messages.
const LONGEST: usize = 60;

/// The text of a file and the places of its values.
pub(crate) struct Source<'a> {
    /// The file, as it was named.
    pub(crate) file: &'a str,
    /// Its text.
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// An error at some bytes of the file.
    pub(crate) fn at(&self, span: Option<Range<usize>>, what: impl Into<String>) -> Error {
        let (line, column) = span.map_or((1, 1), |span| line_and_column(self.text, span.start));
        Error::InFile { file: self.file.to_owned(), line, column, what: what.into() }
    }

    /// An error at the value of a key, such as `["promotion", "rule", "0", "metric"]`, which it
    /// names; where it is not written, at what holds it.
    pub(crate) fn at_key(&self, path: &[&str], what: impl Into<String>) -> Error {
        let table = DeTable::parse(self.text).ok();
        let span = table.as_ref().and_then(|table| find(table, path));
        let parts = parts(table.as_ref(), path);
        let key = parts.iter().rposition(|part| !part.counts).unwrap_or(0);
        let name = parts.get(key).map_or(String::new(), |part| format!("{}: ", part.name));
        self.at(span, section(&parts[..key]) + &name + &what.into())
    }

    /// An error that the reader found at some bytes of the file, with the key that stands there.
    pub(super) fn at_reading(&self, span: Option<Range<usize>>, what: &str) -> Error {
        let table = DeTable::parse(self.text).ok();
        let named = table.zip(span.clone()).and_then(|(table, span)| {
            let mut path = vec![];
            named(table.get_ref(), span.start, &mut path)
        });
        self.at(span, named.unwrap_or_default() + what)
    }
}

/// A part of the path of a value.
struct Part {
    name: String,
    /// Whether it counts the values of an array.
    counts: bool,
}

/// The parts of a path, those that count the values of an array told from keys.
fn parts(table: Option<&Spanned<DeTable<'_>>>, path: &[&str]) -> Vec<Part> {
    let mut holds: Option<&DeValue<'_>> = None;
    let part = |(i, name): (usize, &&str)| {
        let counts = matches!(holds, Some(DeValue::Array(_)));
        holds = match holds {
            None if i == 0 => table.and_then(|table| table.get_ref().get(*name)),
            Some(DeValue::Table(table)) => table.get(*name),
            Some(DeValue::Array(values)) => name.parse().ok().and_then(|n: usize| values.get(n)),
            _ => None,
        }
        .map(Spanned::get_ref);
        Part { name: cut(name, LONGEST), counts }
    };
    path.iter().enumerate().map(part).collect()
}

/// The header of a table as it is written: `[columns.age] `, `[[promotion.rule]] `.
fn section(path: &[Part]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = |part: &Part| {
        let bare = !part.name.is_empty() && part.name.chars().all(plain);
        if bare { part.name.clone() } else { Value::String(part.name.clone()).to_string() }
    };
    let names: Vec<String> = path.iter().filter(|part| !part.counts).map(name).collect();
    let name = names.join(".");
    match path.last() {
        None => name,
        Some(Part { counts: true, .. }) => format!("[[{name}]] "),
        Some(_) => format!("[{name}] "),
    }
}

/// What stands at a byte: `[columns.age] max: ` at a value, `[columns.age] ` at a key.
fn named(table: &DeTable<'_>, byte: usize, path: &mut Vec<Part>) -> Option<String> {
    for (key, value) in table {
        if key.span().contains(&byte) && !matches!(value.get_ref(), DeValue::Table(_)) {
            return Some(section(path));
        }
        let name = cut(key.get_ref(), LONGEST);
        if let Some(found) = within_value(value, byte, &name, path) {
            return Some(found);
        }
    }
    None
}

fn within_value(
    value: &Spanned<DeValue<'_>>,
    byte: usize,
    name: &str,
    path: &mut Vec<Part>,
) -> Option<String> {
    let tables: Vec<(Option<usize>, &DeTable<'_>)> = match value.get_ref() {
        DeValue::Table(table) => vec![(None, table)],
        DeValue::Array(values) => {
            // Of an array of anything else the array itself is what stands there.
            let tables = values.iter().enumerate().map(|(i, value)| match value.get_ref() {
                DeValue::Table(table) => Some((Some(i), table)),
                _ => None,
            });
            tables.collect::<Option<Vec<_>>>().unwrap_or_default()
        }
        _ => vec![],
    };
    for (place, table) in &tables {
        let before = path.len();
        path.push(Part { name: name.to_owned(), counts: false });
        path.extend(place.map(|place| Part { name: place.to_string(), counts: true }));
        let found = named(table, byte, path);
        path.truncate(before);
        if found.is_some() {
            return found;
        }
    }
    let here = tables.is_empty() && value.span().contains(&byte);
    here.then(|| format!("{}{name}: ", section(path)))
}

/// Line and column in characters, from 1.
fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}

/// The span of the deepest value on a path.
fn find(table: &Spanned<DeTable<'_>>, path: &[&str]) -> Option<Range<usize>> {
    let (first, rest) = path.split_first()?;
    let (key, value) = table.get_ref().get_key_value(*first)?;
    Some(within(value, rest).unwrap_or_else(|| key.span()))
}

fn within(value: &Spanned<DeValue<'_>>, path: &[&str]) -> Option<Range<usize>> {
    let Some((first, rest)) = path.split_first() else { return Some(value.span()) };
    match value.get_ref() {
        DeValue::Table(table) => {
            let (key, inner) = table.get_key_value(*first)?;
            Some(within(inner, rest).unwrap_or_else(|| key.span()))
        }
        DeValue::Array(values) => {
            let inner = values.get(first.parse::<usize>().ok()?)?;
            Some(within(inner, rest).unwrap_or_else(|| inner.span()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn errors_name_the_key() {
        let text = "a = 1\n[\"größe\"]\nb = 2\n[[rule]]\nc = 3\n[[rule]]\nc = 4\nd = { e = 5 }\n[0]\n 0 = 6\n";
        let source = Source { file: "j.toml", text };
        let told = |path: &[&str]| source.at_key(path, "x").to_string();
        assert_eq!(told(&["a"]), "j.toml:1:5: a: x");
        assert_eq!(told(&["0", "0"]), "j.toml:10:6: [0] 0: x");
        assert_eq!(told(&["größe", "b"]), "j.toml:3:5: [\"größe\"] b: x");
        assert_eq!(told(&["rule", "1", "c"]), "j.toml:7:5: [[rule]] c: x");
        let read = |of: &str| {
            let at = text.find(of).unwrap();
            source.at_reading(Some(at..at + 1), "x").to_string()
        };
        assert_eq!(read("1\n"), "j.toml:1:5: a: x");
        assert_eq!(read("b ="), "j.toml:3:1: [\"größe\"] x");
        assert_eq!(read("2\n"), "j.toml:3:5: [\"größe\"] b: x");
        assert_eq!(read("4\n"), "j.toml:7:5: [[rule]] c: x");
        assert_eq!(read("5 }"), "j.toml:8:11: [rule.d] e: x");
    }

    #[test]
    fn values_are_found_where_they_stand() {
        let text = "[job]\nname = \"ü\"\n[[promotion.rule]]\n  metric = \"auc\"\n";
        let source = Source { file: "j.toml", text };
        let place = |path: &[&str]| match source.at_key(path, "x") {
            Error::InFile { line, column, .. } => (line, column),
            other => panic!("{other}"),
        };
        assert_eq!(place(&["job", "name"]), (2, 8));
        assert_eq!(place(&["promotion", "rule", "0", "metric"]), (4, 12));
        assert_eq!(line_and_column("ab\nüx", 5), (2, 2));
    }
}
