//! Tables: the same cells for people on the page, and for programs as CSV and JSON.

use serde_json::{Map, Value, json};

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name of its files: letters, digits and hyphens, unique on the page.
    pub id: String,
    /// What it tells.
    pub caption: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Its rows, as long as its columns.
    pub rows: Vec<Vec<Cell>>,
    /// Rows shown on the page; the others are in the files alone.
    pub shown: usize,
    /// Columns shown on the page, the first ones; the others are in the files alone.
    pub across: usize,
}

/// What stands in a cell, for people and for programs.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// For people.
    pub text: String,
    /// For programs: a number, a text, a yes or no, or nothing.
    pub value: Value,
}

impl Cell {
    /// A text, which may be a name from data.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { value: Value::String(text.clone()), text }
    }

    /// A number as people read it, and as it is; nothing where it is no number.
    pub fn number(value: f64, text: impl Into<String>) -> Self {
        if value.is_finite() {
            Self { text: text.into(), value: json!(value) }
        } else {
            Self::none()
        }
    }

    /// A count.
    pub fn count(n: usize) -> Self {
        Self { text: ruska::words::grouped(&n.to_string()), value: json!(n) }
    }

    /// Nothing.
    pub fn none() -> Self {
        Self { text: String::new(), value: Value::Null }
    }

    /// Whether it is a number.
    pub(crate) fn is_number(&self) -> bool {
        self.value.is_number()
    }
}

impl Table {
    /// A table without rows, of which 25 will be shown, with all columns.
    pub fn new(id: &str, caption: impl Into<String>, columns: &[&str]) -> Self {
        let columns: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
        let (across, caption) = (columns.len(), caption.into());
        Self { id: id.to_owned(), caption, columns, rows: vec![], shown: 25, across }
    }

    /// Adds a row, as long as there are columns.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Leaves out columns in which nothing stands.
    pub(crate) fn drop_empty(&mut self) {
        let full: Vec<bool> = (0..self.columns.len())
            .map(|c| {
                self.rows.iter().any(|row| row.get(c).is_some_and(|cell| !cell.value.is_null()))
            })
            .collect();
        self.across = full.iter().take(self.across).filter(|full| **full).count();
        let mut kept = full.iter();
        self.columns.retain(|_| kept.next().copied().unwrap_or(true));
        for row in &mut self.rows {
            let mut kept = full.iter();
            row.retain(|_| kept.next().copied().unwrap_or(true));
        }
    }

    /// Whether a column holds numbers.
    pub(crate) fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self.rows.iter().filter_map(|row| row.get(column)).peekable();
        let some = cells.clone().any(Cell::is_number);
        some && cells.all(|cell| cell.is_number() || cell.value.is_null())
    }

    /// All rows as CSV: a line of names, then one a row, by RFC 4180. A text that a spreadsheet would take for a
    /// formula gets an apostrophe before it.
    pub fn csv(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let line = |cells: Vec<String>| cells.join(",") + "\n";
        let mut out = line(self.columns.iter().map(|name| quoted(name)).collect());
        for row in &self.rows {
            let cell = |cell: &Cell| match &cell.value {
                Value::Null => String::new(),
                Value::String(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
                    quoted(&format!("'{text}"))
                }
                Value::String(text) => quoted(text),
                other => other.to_string(),
            };
            out += &line(row.iter().map(cell).collect());
        }
        out
    }

    /// All rows as a JSON list of objects by the names of the columns.
    pub fn json(&self) -> String {
        let row = |row: &Vec<Cell>| {
            let named = self.columns.iter().cloned().zip(row.iter().map(|c| c.value.clone()));
            Value::Object(named.collect::<Map<_, _>>())
        };
        let rows: Vec<Value> = self.rows.iter().map(row).collect();
        format!("{:#}\n", Value::Array(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_what_the_page_rounds() {
        let mut table = Table::new("t", "", &["name", "a \"b\"", "n"]);
        table.row([Cell::text("x, y"), Cell::number(0.123_456, "0.12"), Cell::count(12_000)]);
        table.row([Cell::text("=1+1"), Cell::number(f64::NAN, "?"), Cell::none()]);
        assert_eq!(
            table.csv(),
            "\"name\",\"a \"\"b\"\"\",\"n\"\n\"x, y\",0.123456,12000\n\"'=1+1\",,\n"
        );
        let read: Value = serde_json::from_str(&table.json()).unwrap_or_default();
        assert_eq!(read[0]["a \"b\""], json!(0.123_456));
        assert_eq!(read[1]["n"], Value::Null);
        assert_eq!([0, 1, 2].map(|c| table.is_numeric(c)), [false, true, true]);
        assert_eq!(table.rows[0][2].text, "12,000");
    }
}
