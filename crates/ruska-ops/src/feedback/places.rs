//! Where rows of a source stand, in words.

use ruska::{Place, ReadOptions, row_places};

/// The places of rows, counted from 0 and ascending: `line 9`, with its file where the source has
/// several; of what cannot be read again, such as standard input, `row 8`.
pub(super) fn places(source: &str, options: &ReadOptions, rows: &[usize]) -> Vec<String> {
    let found = match source {
        "-" => vec![],
        source => row_places(source, options, rows).unwrap_or_default(),
    };
    if found.len() != rows.len() {
        return rows.iter().map(|row| format!("row {}", row + 1)).collect();
    }
    let several = ruska::files(source).is_ok_and(|files| files.len() > 1);
    let told = found.iter().map(|at| {
        let place = match at.place {
            Place::Line(line) => format!("line {line}"),
            Place::Row(row) => format!("row {row}"),
        };
        if several { format!("{}, {place}", at.file.display()) } else { place }
    });
    told.collect()
}
