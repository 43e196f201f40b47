//! Which rows of a table a model has learned from.
//!
//! A model that goes by time keeps the latest time it learned from: what is newer is new to it. Any
//! other keeps a Bloom filter over hashes of its training rows. A hash covers the features as the
//! model reads them and the target; columns that it does not look at do not enter, so a table may
//! lose or gain them. A training row is always known again; of other rows about [`MISTAKEN`] are
//! taken for one.
//!
//! Reference: Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13, 1970;
//! Kirsch, Mitzenmacher, "Less hashing, same performance", ESA 2006.

use crate::error::Error;
use crate::model::Model;
use crate::shared::SharedTruth;
use crate::times::row_times;
use ruska_core::{
    Column, Finding, FindingCode, Frame, MISSING, NO_VALUE, Severity, Target, Task, Truth, codec,
    hash,
};
use ruska_data::class_position;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Bits of the filter for a row.
const BITS_PER_ROW: usize = 7;
/// Bits set for a row.
const HASHES: u64 = 5;
/// Bits at most, 8 MiB; beyond 9.6 million rows more new rows are taken for training rows.
const MOST_BITS: usize = 1 << 26;
/// Share of new rows that are taken for training rows: (1 − e^(−5/7))^5.
pub const MISTAKEN: f64 = 0.035;

/// Share of rows to be tested on that may be known.
const KNOWN: f64 = 0.05;

/// What a model knows of the rows it has learned from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRows {
    /// The filter; empty where a time tells, and in files that were written without one.
    #[serde(with = "codec::packed")]
    bits: Vec<u64>,
}

/// What a model knows of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It has not learned from it.
    New,
    /// It has learned from an equal row, or, rarely, only seems to have.
    Learned,
    /// It is not newer than what it has learned from.
    NotNewer,
    /// It has no time, so nobody can tell.
    NoTime,
    /// The model does not tell which rows it has learned from.
    Unknown,
}

impl SeenRows {
    /// The filter of a task's rows; empty where they have times.
    pub(crate) fn of(task: &Task) -> Self {
        if task.times.is_some() { Self::default() } else { Self::new(&task_hashes(task)) }
    }

    fn new(rows: &[u64]) -> Self {
        let words = (rows.len() * BITS_PER_ROW).min(MOST_BITS).div_ceil(64).max(1);
        let mut bits = vec![0u64; words];
        for row in rows {
            for bit in places(*row, words) {
                bits[bit / 64] |= 1 << (bit % 64);
            }
        }
        Self { bits }
    }

    fn holds(&self, row: u64) -> bool {
        places(row, self.bits.len()).all(|bit| self.bits[bit / 64] >> (bit % 64) & 1 == 1)
    }
}

/// A hash of every row of a task over its features and its target.
fn task_hashes(task: &Task) -> Vec<u64> {
    let target: Vec<u64> = match &task.target {
        Target::Values(values) => values.iter().map(|v| number(*v)).collect(),
        Target::Classes { codes, classes, .. } => {
            let labels: Vec<u64> = classes.iter().map(|c| hash::bytes(c.as_bytes())).collect();
            codes.iter().map(|c| labels[*c as usize]).collect()
        }
        Target::Groups(grouping) => vec![0; grouping.rows()],
        Target::Series(panel) => panel.values.iter().map(|v| v.to_bits()).collect(),
    };
    row_hashes(&task.x, target)
}

/// What is odd about rows to be tested on that are equal to rows to be learned from; nothing where they
/// are not many more than chance gives, as how many rows of the latter are there several times tells.
pub(crate) fn known_rows(learned: &Task, tested: &Task) -> Option<Finding> {
    let rows = task_hashes(learned);
    let known: HashSet<u64> = rows.iter().copied().collect();
    let repeated = 1.0 - known.len() as f64 / rows.len().max(1) as f64;
    let count = task_hashes(tested).iter().filter(|row| known.contains(row)).count();
    let of = tested.rows();
    (count as f64 > (KNOWN + 2.0 * repeated) * of as f64).then(|| Finding {
        code: FindingCode::KnownTestRows,
        severity: Severity::Warning,
        column: None,
        count,
        what: format!("{count} of the {of} rows of the test table are learned from as well"),
        advice:
            "leave them out of one of the two tables; the score on them says little of new rows"
                .to_owned(),
        examples: vec![],
    })
}

/// The bits of a row by double hashing.
fn places(row: u64, words: usize) -> impl Iterator<Item = usize> {
    let bits = words as u64 * 64;
    let (first, step) = (hash::mix(row), hash::mix(row ^ 0x5eed) | 1);
    (0..HASHES).map(move |i| (first.wrapping_add(step.wrapping_mul(i)) % bits) as usize)
}

impl Model {
    /// What the model knows of the rows of a truth, which are rows of `table`.
    ///
    /// Fails when the table lacks a feature or the time column, or they hold another type.
    pub fn seen(&self, table: &Frame, truth: &SharedTruth) -> Result<Vec<Seen>, Error> {
        let (manifest, filter) = (self.manifest(), &self.reference().seen);
        let rows = table.take(&truth.rows);
        if let (Some(cutoff), Some(name)) = (manifest.cutoff_ms, manifest.roles.get("time")) {
            let times = row_times(&rows, &manifest.schema, name)?;
            return Ok(times.into_iter().map(|time| by_time(time, cutoff)).collect());
        }
        if filter.bits.is_empty() {
            return Ok(vec![Seen::Unknown; rows.rows()]);
        }
        let x = ruska_data::apply(&rows, &manifest.schema, &manifest.features)?;
        let target = match &truth.truth {
            Truth::Values(values) => values.iter().map(|v| number(*v)).collect(),
            Truth::Points { .. } | Truth::Ahead(_) => vec![0; rows.rows()],
            Truth::Classes { codes, .. } => {
                let label = |class: &String| {
                    let place = class_position(&manifest.classes, class);
                    let own = place.map_or(class, |p| &manifest.classes[p]);
                    hash::bytes(own.as_bytes())
                };
                let labels: Vec<u64> = truth.classes.iter().map(label).collect();
                codes.iter().map(|c| labels[*c as usize]).collect()
            }
        };
        let learned = |hash| if filter.holds(hash) { Seen::Learned } else { Seen::New };
        Ok(row_hashes(&x, target).into_iter().map(learned).collect())
    }
}

fn by_time(time: i64, cutoff: i64) -> Seen {
    match time {
        NO_VALUE => Seen::NoTime,
        _ if time <= cutoff => Seen::NotNewer,
        _ => Seen::New,
    }
}

/// A hash of every row over all columns, begun with `rows`, one for each row. Equal numbers count
/// as equal whatever column they stand in; sparse blocks do not enter.
pub(crate) fn row_hashes(x: &Frame, mut rows: Vec<u64>) -> Vec<u64> {
    for field in x.fields() {
        let cell: Box<dyn Fn(usize) -> u64 + '_> = match &field.column {
            Column::Float(v) => Box::new(|i| number(v[i])),
            Column::Int(v) => Box::new(|i| whole(v[i])),
            Column::Time(v) => Box::new(|i| v[i] as u64),
            Column::Bool(v) => Box::new(|i| v[i] as u64),
            Column::Str(c) => {
                let levels: Vec<u64> = c.levels.iter().map(|l| hash::bytes(l.as_bytes())).collect();
                let text = move |code: u32| levels.get(code as usize).copied();
                Box::new(move |i| text(c.codes[i]).unwrap_or(u64::from(MISSING)))
            }
            Column::Sparse(_) => continue,
        };
        for (i, row) in rows.iter_mut().enumerate() {
            *row = hash::combine(&[*row, cell(i)]);
        }
    }
    rows
}

/// The bits of a number; all NaNs are one, and so are both zeros.
fn number(v: f64) -> u64 {
    if v.is_nan() { f64::NAN.to_bits() } else { (v + 0.0).to_bits() }
}

/// A whole number as the real that it equals, so that a column may turn into reals; beyond 2^53 by
/// itself.
fn whole(v: i64) -> u64 {
    match v {
        NO_VALUE => f64::NAN.to_bits(),
        _ if v.unsigned_abs() <= 1 << 53 => number(v as f64),
        _ => v as u64,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::AutoMl;
    use ruska_core::{Field, Kind};

    #[test]
    fn every_row_is_known_again_and_few_others_seem_to_be() {
        let rows: Vec<u64> = (0..20_000).map(hash::mix).collect();
        let filter = SeenRows::new(&rows[..10_000]);
        assert!(rows[..10_000].iter().all(|r| filter.holds(*r)));
        let mistaken = rows[10_000..].iter().filter(|r| filter.holds(**r)).count() as f64;
        // Five standard deviations of a binomial of the stated share.
        let spread = (MISTAKEN * (1.0 - MISTAKEN) * 10_000.0).sqrt();
        assert!((mistaken - MISTAKEN * 10_000.0).abs() < 5.0 * spread, "{mistaken}");
        assert!(!SeenRows::new(&[]).holds(1));
    }

    fn table(from: i32, to: i32) -> Frame {
        let x = Column::float((from..to).map(f64::from).collect());
        let label = |i: i32| Some(if i % 3 == 0 { "yes" } else { "no" });
        let field = |name: &str, column| Field::new(name, Kind::Numeric, column);
        let noise = Column::float((from..to).map(|i| f64::from(i * i % 17)).collect());
        let y = Column::from_strings((from..to).map(label));
        Frame::new(vec![field("x", x), field("noise", noise), field("y", y)]).unwrap()
    }

    fn new_rows(seen: &[Seen]) -> usize {
        seen.iter().filter(|s| **s == Seen::New).count()
    }

    #[test]
    fn rows_kept_aside_are_new_and_those_learned_from_are_not() {
        let search = AutoMl::classification("y").trials(2).holdout(0.25);
        let model = search.fit(&table(0, 400)).unwrap().into_best();
        // Other columns and another order do not matter.
        let later = table(0, 800);
        let (x, y) = (later.field("x").unwrap(), later.field("y").unwrap());
        let extra = Field::new("extra", Kind::Numeric, Column::float(vec![1.0; 800]));
        let noise = later.field("noise").unwrap().clone();
        let later = Frame::new(vec![y.clone(), extra, noise, x.clone()]).unwrap();
        let truth = SharedTruth::of(&later, &[&model]).unwrap();
        let seen = model.seen(&later, &truth).unwrap();
        let learned = seen[..400].iter().filter(|s| **s == Seen::Learned).count();
        assert!(learned >= 300, "{learned}");
        assert!(new_rows(&seen[..400]) >= 85, "{}", new_rows(&seen[..400]));
        assert!(new_rows(&seen[400..]) >= 360, "{}", new_rows(&seen[400..]));
    }

    #[test]
    fn whole_numbers_equal_the_reals_they_are() {
        let frame = |column| Frame::new(vec![Field::new("n", Kind::Numeric, column)]).unwrap();
        let reals = row_hashes(&frame(Column::float(vec![3.0, f64::NAN, -0.0])), vec![0; 3]);
        let wholes = row_hashes(&frame(Column::Int(vec![3, NO_VALUE, 0].into())), vec![0; 3]);
        assert_eq!(reals, wholes);
    }
}
