//! Where rows of a table stand in its files.

use crate::batch::{BatchPlan, open_batches};
use crate::error::Place;
use crate::{ReadError, ReadOptions};
use std::path::PathBuf;

/// A row's file and its place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowPlace {
    /// The file.
    pub file: PathBuf,
    /// The line on which the row starts, or the row where a file has no lines.
    pub place: Place,
}

/// Where some rows of a table stand; `rows` are numbers from 0, ascending, as they are in the frame
/// that [`read`](crate::read) gives. Rows that are not there are left out. Cost O(bytes up to the
/// last row).
///
/// Fails when the source cannot be read (again); standard input never can.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("t.csv");
/// std::fs::write(&path, "note,price\n\"two\nlines\",1\nshort,2\n")?;
/// let options = ruska_data::ReadOptions::default();
/// let found = ruska_data::row_places(path.to_str().unwrap(), &options, &[1])?;
/// assert_eq!(found[0].place, ruska_data::Place::Line(4));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn row_places(
    source: &str,
    options: &ReadOptions,
    rows: &[usize],
) -> Result<Vec<RowPlace>, ReadError> {
    let mut wanted = rows.iter().copied().peekable();
    let mut found = Vec::with_capacity(rows.len());
    if wanted.peek().is_none() {
        return Ok(found);
    }
    for batch in open_batches(source, options, &BatchPlan::new(), 1)? {
        let batch = batch?;
        while wanted.next_if(|row| *row == batch.first_row).is_some() {
            found.push(RowPlace { file: batch.file.clone(), place: batch.place });
        }
        if wanted.peek().is_none() {
            break;
        }
    }
    Ok(found)
}
