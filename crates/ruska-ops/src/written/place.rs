//! Where something stands in a file that a person wrote.

use crate::Error;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

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

    /// An error at the value of a key, such as `["promotion", "rule", "0", "metric"]`; where it is
    /// not written, at what holds it.
    pub(crate) fn at_key(&self, path: &[&str], what: impl Into<String>) -> Error {
        let span = DeTable::parse(self.text).ok().and_then(|table| find(&table, path));
        self.at(span, what)
    }
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
