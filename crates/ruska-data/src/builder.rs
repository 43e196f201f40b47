//! A column grows from the text of its cells; the physical type is decided by the whole column.

use crate::cell::{Cell, classify};
use crate::dictionary::TextColumn;
use ruska_core::{Column, NO_VALUE};

/// Optimistic in one pass: whole numbers, widened to real ones when needed. A column in which
/// text appears after numbers gives up its values and must be read again as text.
pub(crate) struct Builder {
    values: Values,
    comma: bool,
    /// A number with a fraction or exponent was seen.
    real: bool,
    /// A [`Cell::Odd`] was seen.
    odd: bool,
    infinite: usize,
    blanks: Blanks,
}

/// Numbers with and without blanks around them.
#[derive(Default)]
struct Blanks {
    with: Widths,
    without: Widths,
}

/// How many cells, and the length of the shortest.
#[derive(Default)]
struct Widths {
    cells: usize,
    least: usize,
}

impl Blanks {
    fn add(&mut self, text: &[u8]) {
        let blank = |b: Option<&u8>| b.is_some_and(u8::is_ascii_whitespace);
        let padded = blank(text.first()) || blank(text.last());
        let widths = if padded { &mut self.with } else { &mut self.without };
        widths.least = if widths.cells == 0 { text.len() } else { widths.least.min(text.len()) };
        widths.cells += 1;
    }

    /// Cells with blanks where most have none; numbers aligned by blanks are not meant.
    fn stray(&self) -> usize {
        let aligned = self.without.least >= self.with.least;
        if aligned || self.with.cells > self.without.cells { 0 } else { self.with.cells }
    }
}

enum Values {
    /// Nothing but missing cells so far, kept in case the column is text.
    Blank(TextColumn, usize),
    Int(Vec<i64>),
    Float(Vec<f64>),
    Text(TextColumn),
    /// Text after numbers.
    Mixed,
}

/// A finished column.
pub(crate) struct Built {
    /// The values.
    pub(crate) column: Column,
    /// Infinities that were read as missing.
    pub(crate) infinite: usize,
    /// Distinct texts that were not UTF-8.
    pub(crate) recoded: usize,
    /// Numbers with blanks around them where most have none.
    pub(crate) padded: usize,
}

impl Builder {
    /// A column of unknown type; `comma` is whether the decimal mark is a comma.
    pub(crate) fn new(comma: bool) -> Self {
        let values = Values::Blank(TextColumn::default(), 0);
        Self { values, comma, real: false, odd: false, infinite: 0, blanks: Blanks::default() }
    }

    /// A column known to be text.
    pub(crate) fn text() -> Self {
        Self { values: Values::Text(TextColumn::default()), ..Self::new(false) }
    }

    /// Sets the decimal mark of the cells to come.
    pub(crate) fn set_comma(&mut self, comma: bool) {
        self.comma = comma;
    }

    /// Adds the cell of a row.
    pub(crate) fn push(&mut self, text: &[u8]) {
        match &mut self.values {
            Values::Text(column) => {
                column.push(text);
            }
            Values::Mixed => {}
            Values::Blank(column, rows) => {
                let seen = classify(text, self.comma);
                match seen {
                    Cell::Missing | Cell::Infinite => {
                        column.push(text);
                        *rows += 1;
                        self.infinite += usize::from(seen == Cell::Infinite);
                    }
                    Cell::Text => {
                        let mut column = std::mem::take(column);
                        column.push(text);
                        self.values = Values::Text(column);
                    }
                    Cell::Int(_) | Cell::Float(_) | Cell::Odd(_) => {
                        self.values = Values::Int(vec![NO_VALUE; *rows]);
                        self.push_number(seen, text);
                    }
                }
            }
            Values::Int(_) | Values::Float(_) => {
                self.push_number(classify(text, self.comma), text);
            }
        }
    }

    fn push_number(&mut self, seen: Cell, text: &[u8]) {
        if !matches!(seen, Cell::Missing | Cell::Text) {
            self.blanks.add(text);
        }
        if let (Values::Int(values), Cell::Float(_) | Cell::Odd(_)) = (&mut self.values, seen) {
            let float = |v: &i64| if *v == NO_VALUE { f64::NAN } else { *v as f64 };
            self.values = Values::Float(values.iter().map(float).collect());
        }
        self.real |= matches!(seen, Cell::Float(_));
        self.odd |= matches!(seen, Cell::Odd(_));
        self.infinite += usize::from(seen == Cell::Infinite);
        match (&mut self.values, seen) {
            (Values::Int(values), Cell::Int(v)) => values.push(v),
            (Values::Int(values), Cell::Missing | Cell::Infinite) => values.push(NO_VALUE),
            (Values::Float(values), Cell::Int(v)) => values.push(v as f64),
            (Values::Float(values), Cell::Float(v) | Cell::Odd(v)) => values.push(v),
            (Values::Float(values), Cell::Missing | Cell::Infinite) => values.push(f64::NAN),
            _ => self.values = Values::Mixed,
        }
    }

    /// The column, or `None` when it must be read again as text.
    pub(crate) fn finish(self) -> Option<Built> {
        let ambiguous = self.odd && !self.real;
        let stray = self.blanks.stray();
        let (column, infinite, recoded, padded) = match self.values {
            Values::Mixed => return None,
            Values::Int(_) | Values::Float(_) if ambiguous => return None,
            Values::Int(values) => (Column::Int(values.into()), self.infinite, 0, stray),
            Values::Float(values) => (Column::float(values), self.infinite, 0, stray),
            Values::Blank(_, rows) if self.infinite == 0 => {
                (Column::float(vec![f64::NAN; rows]), 0, 0, 0)
            }
            Values::Blank(column, _) | Values::Text(column) => {
                let recoded = column.recoded();
                (column.settled(), 0, recoded, 0)
            }
        };
        Some(Built { column, infinite, recoded, padded })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn build(cells: &[&str]) -> Option<Built> {
        let mut builder = Builder::new(false);
        cells.iter().for_each(|c| builder.push(c.as_bytes()));
        builder.finish()
    }

    fn column(cells: &[&str]) -> Column {
        build(cells).unwrap().column
    }

    #[test]
    fn the_whole_column_decides() {
        assert_eq!(column(&["1", "?", "3"]), Column::Int(vec![1, NO_VALUE, 3].into()));
        assert_eq!(column(&["NA", "1", "2"]), Column::Int(vec![NO_VALUE, 1, 2].into()));
        assert_eq!(column(&["1", "2.5"]), Column::float(vec![1.0, 2.5]));
        assert_eq!(column(&["1", "9e3", "+5"]), Column::float(vec![1.0, 9000.0, 5.0]));
        assert_eq!(column(&["", "a", "7"]), Column::from_strings([None, Some("a"), Some("7")]));
        assert!(build(&["1", "a"]).is_none());
        assert!(build(&["007"]).is_some());
    }

    #[test]
    fn ids_that_do_not_fit_stay_text() {
        assert!(build(&["12345678901234567890", "1"]).is_none());
        assert!(build(&["1", "+4912345"]).is_none());
        assert!(build(&["1", "-9223372036854775808"]).is_none());
    }

    #[test]
    fn infinities_are_missing_among_numbers_only() {
        let built = build(&["inf", "1", "-inf"]).unwrap();
        assert_eq!((built.infinite, built.column.missing()), (2, 2));
        assert_eq!(column(&["inf", "a"]), Column::from_strings([Some("inf"), Some("a")]));
        assert_eq!(column(&["inf", ""]), Column::from_strings([Some("inf"), None]));
    }

    #[test]
    fn blanks_around_some_numbers_are_counted() {
        let padded = |cells: &[&str]| build(cells).unwrap().padded;
        assert_eq!(padded(&["1", " 2 ", "3", "4.5", "12"]), 1);
        // Right-aligned, or padded throughout as after `, `.
        assert_eq!(padded(&["  1", " 12", "123"]), 0);
        assert_eq!(padded(&[" 1", " 2", " 345"]), 0);
        assert_eq!(padded(&["1", "2", "", " "]), 0);
    }

    #[test]
    fn nothing_at_all_is_a_column_of_missing_numbers() {
        let column = column(&["", "NA", "-"]);
        assert!(matches!(column, Column::Float(_)));
        assert_eq!(column.missing(), 3);
    }
}
