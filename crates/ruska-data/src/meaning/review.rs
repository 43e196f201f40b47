//! What is odd about typed features and their target: repeats, leaks, rare classes, few rows.
//!
//! Equal columns, copies of the target and dates after the prediction are set aside, columns that
//! tell the target almost perfectly where that is asked for; all else is told. Rows are equal when
//! their 64-bit hashes are, columns when their values are as well. Cost O(rows · columns) plus a
//! sort of at most 10,000 rows a column for the leak test; columns in parallel.

use super::copies::{Copy, copy_of};
use super::late::later;
use super::leak::{Probe, SUSPECT};
use super::near::{Near, near};
use super::note::{counted, note, word};
use rayon::prelude::*;
use ruska_core::{Column, Field, Finding, FindingCode, Frame, Kind, Severity, Target, hash};
use std::collections::{BTreeMap, HashSet};

/// Rows below which scores are mostly chance.
const FEW_ROWS: usize = 100;
/// Share of the rarest class below which it counts as very rare, if it is also five times rarer
/// than among classes of equal size.
const VERY_RARE: f64 = 0.01;
/// Levels from which a column may have very many.
const MANY_LEVELS: usize = 100;
/// Rows a level below which levels are learned from too little.
const ROWS_A_LEVEL: usize = 10;

/// Findings, and the columns that must not be features.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Review {
    /// What is odd, the table first, then in column order.
    pub findings: Vec<Finding>,
    /// Columns that must not be features, in column order.
    pub set_aside: Vec<String>,
    /// Columns suspected of telling the target, in column order.
    pub suspects: Vec<String>,
}

/// What is known of a table besides its features and target.
#[derive(Clone, Copy, Debug, Default)]
pub struct Circumstances<'a> {
    /// Folds that each class should fill; 0 where there are none.
    pub folds: usize,
    /// Whether suspected leaks are set aside.
    pub drop_leaks: bool,
    /// The column of the times that predictions are made at, with each row's in milliseconds
    /// since 1970.
    pub times: Option<(&'a str, &'a [i64])>,
    /// Whether the user has fixed the type of a column, who then knows what is in it.
    pub vouched: Option<&'a BTreeMap<String, Kind>>,
}

/// Reviews typed features (see [`super::apply()`]) of the rows that have a target.
pub fn review(x: &Frame, target: Option<&Target>, known: &Circumstances<'_>) -> Review {
    let mut review = Review::default();
    review.rows(x, target);
    if let Some(target) = target {
        review.classes(target, known.folds);
    }
    review.repeated_columns(x);
    if let Some((column, times)) = known.times {
        review.late(x, (column, times), known.vouched);
    }
    if let Some(target) = target {
        review.leaks(x, target, known.drop_leaks);
    }
    review.levels(x);
    let place = |name: &String| x.fields().iter().position(|f| *f.name == **name);
    review.set_aside.sort_by_key(place);
    review
}

impl Review {
    /// Why a column is set aside, for its schema.
    pub fn why(&self, column: &str) -> &'static str {
        let mut about = self.findings.iter().filter(|f| f.column.as_deref() == Some(column));
        match about.find_map(|f| match f.code {
            FindingCode::AfterPrediction => Some("it is known only after the prediction"),
            FindingCode::SuspectedLeak => Some("it tells the target almost perfectly"),
            _ => None,
        }) {
            Some(why) => why,
            None => "it repeats another column or the target",
        }
    }

    fn add(
        &mut self,
        (code, severity): (FindingCode, Severity),
        column: Option<&str>,
        count: usize,
        what: String,
        advice: &str,
    ) {
        self.findings.push(note(code, severity, column, count, what, advice.to_owned()));
    }

    fn rows(&mut self, x: &Frame, target: Option<&Target>) {
        let (rows, width) = (x.rows(), x.width());
        let few = (FindingCode::FewRows, Severity::Warning);
        if rows < FEW_ROWS {
            let what = format!("there are only {}; scores will be uncertain", counted(rows, "row"));
            self.add(few, None, rows, what, "collect more rows, or read the standard errors");
        } else if width > rows {
            let what = format!("there are more columns ({width}) than rows ({rows})");
            self.add(few, None, rows, what, "leave columns out with `--ignore`");
        }
        let repeats = repeated_rows(x, target);
        if repeats > 0 {
            let share = 100.0 * repeats as f64 / rows as f64;
            let severity = if share > 5.0 { Severity::Warning } else { Severity::Info };
            let what = format!(
                "{} of {rows} ({share:.1} %) repeat an earlier one",
                counted(repeats, "row")
            );
            let advice = match target {
                None => "remove them if they are the same case: each counts as another row",
                Some(_) => {
                    "remove them if they are the same case: repeats in training and test rows \
                     flatter the scores"
                }
            };
            self.add((FindingCode::DuplicateRows, severity), None, repeats, what, advice);
        }
    }

    fn classes(&mut self, target: &Target, folds: usize) {
        let Target::Classes { codes, classes, .. } = target else { return };
        let mut counts = vec![0; classes.len()];
        codes.iter().for_each(|c| counts[*c as usize] += 1);
        let rare: Vec<usize> = (0..counts.len()).filter(|c| counts[*c] < folds).collect();
        if !rare.is_empty() {
            let what = format!("{} classes have fewer rows than the {folds} folds", rare.len());
            let what = match rare.as_slice() {
                [one] => format!(
                    "class `{}` has {}, fewer than the {folds} folds",
                    classes[*one],
                    counted(counts[*one], "row")
                ),
                _ => what,
            };
            let advice = "join rare classes, collect more rows, or use fewer `--folds`";
            let severity = Severity::Warning;
            self.add((FindingCode::RareClass, severity), None, rare.len(), what, advice);
            let examples = rare.iter().take(3).map(|c| classes[*c].clone()).collect();
            if let Some(finding) = self.findings.last_mut() {
                finding.examples = examples;
            }
        }
        let rarest = (0..counts.len()).min_by_key(|c| counts[*c]).unwrap_or(0);
        let share = counts[rarest] as f64 / codes.len() as f64;
        let even = 1.0 / classes.len() as f64;
        if share < VERY_RARE.min(even / 5.0) && rare.is_empty() {
            let (label, percent) = (&classes[rarest], 100.0 * share);
            let what = format!(
                "class `{label}` is very rare: {} ({percent:.2} %)",
                counted(counts[rarest], "row")
            );
            let advice = "judge by `--metric average_precision` or `balanced_accuracy`";
            let code = (FindingCode::Imbalance, Severity::Warning);
            self.add(code, None, counts[rarest], what, advice);
        }
    }

    fn repeated_columns(&mut self, x: &Frame) {
        let hashes: Vec<u64> = x.fields().par_iter().map(|f| column_hash(&f.column)).collect();
        let mut order: Vec<usize> = (0..hashes.len()).collect();
        order.sort_by_key(|i| hashes[*i]);
        let mut repeats: Vec<(usize, usize)> = order
            .chunk_by(|a, b| hashes[*a] == hashes[*b])
            .flat_map(|same| same[1..].iter().map(|later| (*later, same[0])))
            .filter(|(later, first)| equal(&x.fields()[*later], &x.fields()[*first]))
            .collect();
        repeats.sort_unstable();
        for (later, first) in repeats {
            let (name, same) = (&*x.fields()[later].name, &x.fields()[first].name);
            let what =
                format!("column `{name}` equals column `{same}`, which is used in its place");
            let advice =
                format!("to use `{name}` instead, leave the other out: `--ignore {}`", word(same));
            let code = (FindingCode::DuplicateColumns, Severity::Info);
            self.add(code, Some(name), x.rows(), what, &advice);
            self.set_aside.push(name.to_owned());
        }
    }

    fn leaks(&mut self, x: &Frame, target: &Target, drop: bool) {
        let probe = Probe::new(target);
        let seen: Vec<(Option<Copy>, Option<Near>, f64)> = x
            .fields()
            .par_iter()
            .map(|field| {
                let strength = || probe.as_ref().and_then(|p| p.strength(field));
                match copy_of(field, target) {
                    Some(copy) => (Some(copy), None, 1.0),
                    None => (None, near(field, target), strength().unwrap_or(0.0)),
                }
            })
            .collect();
        let aside = |f: &Field| self.set_aside.iter().any(|name| **name == *f.name);
        let told: Vec<_> = x.fields().iter().zip(seen).filter(|(f, _)| !aside(f)).collect();
        let only_one = told.len() == 1;
        for (field, (copy, near, strength)) in told {
            let name = &*field.name;
            match copy {
                Some(copy) if copy == Copy::Equal || !only_one => {
                    let how = match copy {
                        Copy::Equal => "is a copy of the target",
                        Copy::Renamed => "is the target in other words",
                        Copy::Scaled => "is the target on another scale",
                    };
                    let what = format!("column `{name}` {how}; it is not used");
                    let advice = "nothing to do: it would not be known when predicting";
                    let code = (FindingCode::TargetCopy, Severity::Serious);
                    self.add(code, Some(name), x.rows(), what, advice);
                    self.set_aside.push(name.to_owned());
                }
                _ if near.is_some() || strength >= SUSPECT => {
                    let what = match near {
                        None => format!(
                            "column `{name}` alone tells the target almost perfectly \
                             ({strength:.3} of 1)"
                        ),
                        Some(near) => repeats_target(name, near, x.rows()),
                    };
                    let code = (FindingCode::SuspectedLeak, Severity::Serious);
                    let count = near.map_or(x.rows(), |near| near.agreeing);
                    if drop {
                        let advice = "leave `--drop-leaks` out to use it, if it is known before \
                                      the outcome";
                        let what = format!("{what}; it is not used");
                        self.add(code, Some(name), count, what, advice);
                        self.set_aside.push(name.to_owned());
                    } else {
                        let advice = format!(
                            "leave it out with `--ignore {}` or `--drop-leaks` unless it is known \
                             before the outcome",
                            word(name)
                        );
                        self.add(code, Some(name), count, what, &advice);
                    }
                    self.suspects.push(name.to_owned());
                }
                _ => {}
            }
        }
    }

    fn late(
        &mut self,
        x: &Frame,
        (column, times): (&str, &[i64]),
        vouched: Option<&BTreeMap<String, Kind>>,
    ) {
        for field in x.fields().iter().filter(|f| *f.name != *column) {
            let name = &*field.name;
            let known = vouched.is_some_and(|types| types.contains_key(name));
            let repeated = self.set_aside.iter().any(|other| other == name);
            let Some(late) = later(field, times).filter(|_| !known && !repeated) else { continue };
            let what = format!(
                "column `{name}` is later than `{column}` in {} of {}, so it is known only after \
                 the prediction; it is not used",
                late.later,
                counted(late.present, "row")
            );
            let advice = format!(
                "if it is known before, as the date of an appointment is, say `--types {}=time`",
                word(name)
            );
            let code = (FindingCode::AfterPrediction, Severity::Serious);
            self.add(code, Some(name), late.later, what, &advice);
            self.set_aside.push(name.to_owned());
        }
    }

    fn levels(&mut self, x: &Frame) {
        for field in x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            let Column::Str(column) = &field.column else { continue };
            let (name, levels) = (&*field.name, column.levels.len());
            let present = x.rows() - field.column.missing();
            if levels >= MANY_LEVELS && present < levels * ROWS_A_LEVEL {
                let what = format!(
                    "column `{name}` has {levels} levels, about {:.1} rows for each",
                    present as f64 / levels as f64
                );
                let advice = format!(
                    "group rare levels, or try `--types {0}=text` or `--ignore {0}`",
                    word(name)
                );
                let code = (FindingCode::HighCardinality, Severity::Info);
                self.add(code, Some(name), levels, what, &advice);
            }
        }
    }
}

fn repeats_target(name: &str, Near { present, agreeing }: Near, rows: usize) -> String {
    let share = 100.0 * agreeing as f64 / present as f64;
    let such = if present == rows {
        counted(rows, "row")
    } else {
        format!("{} that have a value", counted(present, "row"))
    };
    if agreeing == present {
        return format!("column `{name}` repeats the target in all {such}");
    }
    format!("column `{name}` repeats the target in {share:.1} % of the {such}")
}

/// The bits of a value; equal values have equal bits.
fn float_bits(value: f64) -> u64 {
    if value.is_nan() { u64::MAX } else { (value + 0.0).to_bits() }
}

/// Number of rows that equal an earlier one in all features and the target.
fn repeated_rows(x: &Frame, target: Option<&Target>) -> usize {
    let mut hashes = row_hashes(x, target);
    hashes.par_sort_unstable();
    let distinct = hashes.chunk_by(|a, b| a == b).count();
    if x.fields().is_empty() { 0 } else { hashes.len() - distinct }
}

/// The rows of a frame that equal an earlier one in all columns, ascending, from 0; equal by their
/// 64-bit hashes. Cost O(rows · columns).
pub fn repeats(frame: &Frame) -> Vec<usize> {
    if frame.fields().is_empty() {
        return vec![];
    }
    let mut seen = HashSet::with_capacity(frame.rows());
    let again = |(_, hash): &(usize, u64)| !seen.insert(*hash);
    row_hashes(frame, None).into_iter().enumerate().filter(again).map(|(row, _)| row).collect()
}

/// A hash of each row's values in all features and the target.
fn row_hashes(x: &Frame, target: Option<&Target>) -> Vec<u64> {
    const CHUNK: usize = 4096;
    let mut hashes = vec![0u64; x.rows()];
    hashes.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, hashes)| {
        let start = chunk * CHUNK;
        for (i, field) in x.fields().iter().enumerate() {
            let salt = hash::mix(i as u64 + 1);
            add_column(hashes, start, &field.column, salt);
        }
        for (i, h) in hashes.iter_mut().enumerate() {
            let bits = match target {
                None | Some(Target::Groups(_) | Target::Series(_)) => 0,
                Some(Target::Classes { codes, .. }) => u64::from(codes[start + i]),
                Some(Target::Values(values)) => float_bits(values[start + i]),
            };
            *h = hash::mix(*h ^ hash::mix(bits));
        }
    });
    hashes
}

/// Adds a column's values of the rows from `start` to the hashes of those rows.
fn add_column(hashes: &mut [u64], start: usize, column: &Column, salt: u64) {
    let rows = start..start + hashes.len();
    let mut add = |values: &mut dyn Iterator<Item = u64>| {
        for (h, bits) in hashes.iter_mut().zip(values) {
            *h = h.wrapping_add(hash::mix(bits ^ salt));
        }
    };
    match column {
        Column::Bool(v) => add(&mut v[rows].iter().map(|v| *v as u64)),
        Column::Int(v) | Column::Time(v) => add(&mut v[rows].iter().map(|v| *v as u64)),
        Column::Float(v) => add(&mut v[rows].iter().map(|v| float_bits(*v))),
        Column::Str(v) => add(&mut v.codes[rows].iter().map(|v| u64::from(*v))),
        Column::Sparse(v) => add(&mut rows.map(|row| {
            let (indices, values) = v.row(row);
            let cells = indices.iter().zip(values).filter(|(_, value)| **value != 0.0);
            cells.fold(0, |h, (i, value)| hash::combine(&[h, u64::from(*i), float_bits(*value)]))
        })),
    }
}

fn column_hash(column: &Column) -> u64 {
    let fold = |values: &mut dyn Iterator<Item = u64>| values.fold(0, |h, v| hash::mix(h ^ v));
    match column {
        Column::Bool(v) => fold(&mut v.iter().map(|v| *v as u64)),
        Column::Int(v) | Column::Time(v) => fold(&mut v.iter().map(|v| *v as u64)),
        Column::Float(v) => fold(&mut v.iter().map(|v| float_bits(*v))),
        Column::Str(v) => fold(&mut v.codes.iter().map(|v| u64::from(*v))),
        Column::Sparse(v) => fold(&mut v.values.iter().map(|v| float_bits(*v))),
    }
}

/// Whether two columns have the same kind and values, missing ones in the same rows.
fn equal(a: &Field, b: &Field) -> bool {
    let same = match (&a.column, &b.column) {
        (Column::Float(a), Column::Float(b)) => {
            a.iter().zip(b.iter()).all(|(a, b)| float_bits(*a) == float_bits(*b))
        }
        (a, b) => a == b,
    };
    a.kind == b.kind && same
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
