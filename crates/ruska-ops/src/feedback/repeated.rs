//! Ids that stand in several rows of one table.
//!
//! An outcome is joined to an id, so of rows with one id nobody could say which of them it is about.
//! Files are looked through before anything is scored; standard input, which is read once, as it
//! comes. Memory: eight bytes a row of a file, sixteen or so of standard input.

use super::log::key;
use crate::Error;
use ruska::{BatchPlan, Column, Place, ReadOptions, Wanted, open_batches, row_places};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Rows looked through at once.
const CHUNK: usize = 8192;

/// Fails when an id stands in several rows of the files of a source, naming the first two of them.
pub(super) fn refuse(source: &str, options: &ReadOptions, id: &str) -> Result<(), Error> {
    let mut hashes: Vec<u64> = vec![];
    walk(source, options, id, |_, text| hashes.push(hash(&text)))?;
    hashes.sort_unstable();
    let again: HashSet<u64> =
        hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    drop(hashes);
    if again.is_empty() {
        return Ok(());
    }
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    walk(source, options, id, |row, text| {
        if again.contains(&hash(&text)) {
            rows.entry(text).or_default().push(row);
        }
    })?;
    // Two ids may have one hash.
    rows.retain(|_, rows| rows.len() > 1);
    match rows.values().min_by_key(|rows| rows[1]) {
        None => Ok(()),
        Some(first) => {
            let pair = [first[0], first[1]];
            Err(refusal(&place(source, options, pair), id, Some(rows.len())))
        }
    }
}

/// The rows of standard input that were seen, by the hash of their id.
#[derive(Default)]
pub(super) struct Seen {
    rows: HashMap<u64, usize>,
    next: usize,
}

impl Seen {
    /// Takes the ids of the next rows in.
    ///
    /// Fails when one of them was there before.
    pub(super) fn take(&mut self, ids: &[Option<String>], column: &str) -> Result<(), Error> {
        for text in ids {
            let row = self.next;
            self.next += 1;
            let Some(text) = text else { continue };
            if let Some(first) = self.rows.insert(hash(text), row) {
                let place = format!("standard input, rows {} and {}", first + 1, row + 1);
                return Err(refusal(&place, column, None));
            }
        }
        Ok(())
    }
}

/// Tells the row, from 0, and the id of every row that has one.
fn walk(
    source: &str,
    options: &ReadOptions,
    id: &str,
    mut tell: impl FnMut(usize, String),
) -> Result<(), Error> {
    let plan = BatchPlan::new().want(id, Wanted::Raw);
    for batch in open_batches(source, options, &plan, CHUNK).map_err(ruska::Error::from)? {
        let batch = batch.map_err(ruska::Error::from)?;
        let Some(ids) = batch.raw.field(id).map(|field| &field.column) else { continue };
        texts(ids).into_iter().enumerate().for_each(|(i, text)| {
            if let Some(text) = text {
                tell(batch.first_row + i, text);
            }
        });
    }
    Ok(())
}

/// The ids of a column; none where there is no value.
pub(super) fn texts(ids: &Column) -> Vec<Option<String>> {
    (0..ids.rows()).map(|row| key(ids, row)).collect()
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Where two rows stand: `new.csv, lines 4 and 9`.
fn place(source: &str, options: &ReadOptions, rows: [usize; 2]) -> String {
    let named = |place: Place| match place {
        Place::Line(line) => ("line", line),
        Place::Row(row) => ("row", row),
    };
    let found = row_places(source, options, &rows).unwrap_or_default();
    let [a, b] = &found[..] else {
        return format!("{source}, rows {} and {}", rows[0] + 1, rows[1] + 1);
    };
    let ((word, first), (other, second)) = (named(a.place), named(b.place));
    let (file, next) = (a.file.display(), b.file.display());
    if a.file == b.file {
        format!("{file}, {word}s {first} and {second}")
    } else {
        format!("{file}, {word} {first}, and {next}, {other} {second}")
    }
}

fn refusal(place: &str, id: &str, several: Option<usize>) -> Error {
    let count = match several {
        None | Some(0 | 1) => String::new(),
        Some(count) => format!(" ({count} ids occur more than once)"),
    };
    Error::Refused(format!(
        "{place} have the same `{id}`{count}; outcomes are joined by id, so every row that is logged \
         needs one of its own: name another column, or score without logging"
    ))
}
