//! The distinct texts of a column, each looked at once, and what is counted in any text.

use ruska_core::{Column, Field, Kind, Sparse, StrColumn};
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Inverse document frequencies of fewer than 2^64 rows.
pub(crate) const IDF: RangeInclusive<f64> = 1.0..=46.0;
/// Bytes of text between two looks at the deadline.
const CHECK_EVERY: usize = 1 << 14;

/// What was made of each distinct text of a column.
pub(crate) struct Texts<T> {
    made: Vec<T>,
    /// Index into `made` of each row that has a text.
    of_row: Vec<Option<u32>>,
}

impl<T> Texts<T> {
    /// Makes something of each text; `check` is asked now and then whether to go on.
    pub(crate) fn of<E>(
        column: &StrColumn,
        mut make: impl FnMut(&str) -> T,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut made = vec![];
        let mut seen = HashMap::new();
        let mut of_row = Vec::with_capacity(column.codes.len());
        let mut unchecked = CHECK_EVERY;
        for (row, &code) in column.codes.iter().enumerate() {
            if unchecked >= CHECK_EVERY {
                check()?;
                unchecked = 0;
            }
            unchecked += 16;
            of_row.push(column.get(row).map(|text| {
                *seen.entry(code).or_insert_with(|| {
                    unchecked += text.len();
                    made.push(make(text));
                    made.len() as u32 - 1
                })
            }));
        }
        Ok(Self { made, of_row })
    }

    /// The same with something else made of each text.
    pub(crate) fn map<U>(self, make: impl FnMut(T) -> U) -> Texts<U> {
        Texts { made: self.made.into_iter().map(make).collect(), of_row: self.of_row }
    }

    /// What was made of each distinct text, in the order of first appearance.
    pub(crate) fn made(&self) -> &[T] {
        &self.made
    }

    /// How many of some rows have each distinct text.
    pub(crate) fn times(&self, rows: &[u32]) -> Vec<u32> {
        let mut times = vec![0; self.made.len()];
        let texts = rows.iter().filter_map(|&row| self.of_row[row as usize]);
        texts.for_each(|text| times[text as usize] += 1);
        times
    }

    /// A number for each row; NaN where there is no text.
    pub(crate) fn numbers(&self, number: impl Fn(&T) -> f64) -> Vec<f64> {
        let numbers: Vec<f64> = self.made.iter().map(number).collect();
        let of = |text: &Option<u32>| text.map_or(f64::NAN, |text| numbers[text as usize]);
        self.of_row.iter().map(of).collect()
    }

    /// Dense columns of which the cells that are not zero are given for each text, by column.
    pub(crate) fn columns(
        &self,
        width: usize,
        cells: impl Fn(&T) -> Vec<(u32, f64)>,
    ) -> Vec<Column> {
        let mut columns = vec![vec![0.0; self.of_row.len()]; width];
        let made: Vec<Vec<(u32, f64)>> = self.made.iter().map(cells).collect();
        for (row, text) in self.of_row.iter().enumerate() {
            let cells = text.map_or(&[][..], |text| &made[text as usize]);
            cells.iter().for_each(|&(column, value)| columns[column as usize][row] = value);
        }
        columns.into_iter().map(Column::float).collect()
    }

    /// The same as a sparse block; columns ascend within a text.
    pub(crate) fn block(&self, width: usize, cells: impl Fn(&T) -> Vec<(u32, f64)>) -> Column {
        let mut block = Sparse { width, offsets: vec![0], indices: vec![], values: vec![] };
        let made: Vec<Vec<(u32, f64)>> = self.made.iter().map(cells).collect();
        for text in &self.of_row {
            let cells = text.map_or(&[][..], |text| &made[text as usize]);
            block.indices.extend(cells.iter().map(|(column, _)| *column));
            block.values.extend(cells.iter().map(|(_, value)| *value));
            block.offsets.push(block.indices.len());
        }
        Column::Sparse(Arc::new(block))
    }
}

/// The words of a text in lower case: runs of letters and digits.
pub(crate) fn words(lower: &str) -> impl Iterator<Item = &str> {
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Names of [`Counts`].
const COUNTS: [&str; 5] = ["length", "words", "digits", "capitals", "symbols"];

/// Characters, words, and shares of digits, capitals and symbols of all characters.
pub(crate) struct Counts([f64; COUNTS.len()]);

impl Counts {
    /// Those of a text with so many words.
    pub(crate) fn of(text: &str, words: usize) -> Self {
        let [mut length, mut digits, mut capitals, mut symbols] = [0.0; 4];
        for c in text.chars() {
            length += 1.0;
            digits += f64::from(c.is_numeric());
            capitals += f64::from(c.is_uppercase());
            symbols += f64::from(!c.is_alphanumeric() && !c.is_whitespace());
        }
        let all = f64::max(length, 1.0);
        Self([length, words as f64, digits / all, capitals / all, symbols / all])
    }

    /// A column for each; NaN where there is no text.
    pub(crate) fn fields<T>(stem: &str, texts: &Texts<T>, of: impl Fn(&T) -> &Self) -> Vec<Field> {
        let field = |(i, name): (usize, &&str)| {
            let values = texts.numbers(|text| of(text).0[i]);
            Field::new(format!("{stem}.{name}"), Kind::Numeric, Column::float(values))
        };
        COUNTS.iter().enumerate().map(field).collect()
    }
}
