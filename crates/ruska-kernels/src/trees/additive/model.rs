//! A fitted additive model: tables, and the bins by which they are looked up.

use super::mains::places;
use super::pure::Parts;
use crate::packed;
use crate::trees::BinnedColumn;
use serde::{Deserialize, Serialize};

/// Rows that are predicted at a time.
const CHUNK: usize = 4096;

/// The sum of an intercept, a table for each column and tables for some pairs of columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Additive {
    rounds: u32,
    intercept: Vec<f64>,
    columns: Vec<Bins>,
    /// Of each column; empty where it says nothing.
    mains: Vec<Table>,
    pairs: Vec<(u32, u32, Table)>,
}

/// How a column's values are told apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bins {
    #[serde(with = "packed")]
    cuts: Vec<f64>,
    /// Values are codes of levels without an order.
    levels: bool,
    /// The group of each place in the tables of pairs; empty if the column is in none.
    #[serde(with = "serde_bytes")]
    groups: Vec<u8>,
}

/// Scores by place; those of the outputs lie next to each other. The places of a column are its bins in
/// order, then that of missing values and unknown levels. Those of a pair are the groups of the second
/// column for each of the first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// What is added to the scores of rows at the place; on average over the training rows 0.
    #[serde(with = "packed")]
    pub scores: Vec<f64>,
    /// Weight of the training rows at each place, whole weights counted.
    #[serde(with = "packed")]
    pub weights: Vec<f32>,
    /// Standard deviation of the scores over the bags; empty where there is but one.
    #[serde(with = "packed")]
    pub deviations: Vec<f32>,
}

impl Bins {
    fn new(column: &BinnedColumn) -> Self {
        let levels = column.is_categorical();
        Self { cuts: column.cuts().to_vec(), levels, groups: vec![] }
    }

    /// Bin `b` of a column of numbers holds the values in `(cuts[b - 1], cuts[b]]`.
    pub fn cuts(&self) -> &[f64] {
        &self.cuts
    }

    /// Whether bins are levels: code `l` in bin `l`.
    pub fn is_levels(&self) -> bool {
        self.levels
    }

    /// The group of each place in the tables of pairs; empty if the column is in none. Groups of numbers
    /// ascend with the place, and the last is that of missing values alone.
    pub fn groups(&self) -> &[u8] {
        &self.groups
    }

    /// Places in the column's own table.
    pub fn places(&self) -> usize {
        self.cuts.len() + 2
    }

    /// Number of groups.
    fn count(&self) -> usize {
        self.groups.last().map_or(0, |&last| usize::from(last) + 1)
    }

    /// The place of a value.
    pub fn place(&self, x: f64) -> usize {
        let missing = self.cuts.len() + 1;
        if x.is_nan() || self.levels && !(0.0..missing as f64).contains(&x) {
            return missing;
        }
        if self.levels { x as usize } else { self.cuts.partition_point(|cut| *cut < x) }
    }

    fn check(&self) -> Result<(), &'static str> {
        let ascend =
            self.cuts.windows(2).all(|w| w[0] < w[1]) && !self.cuts.iter().any(|c| c.is_nan());
        if !ascend || self.places() > 256 {
            return Err("cuts are not in order");
        }
        let last = usize::from(self.groups.last().copied().unwrap_or(0));
        let known = self.groups.iter().all(|&g| usize::from(g) <= last);
        if !self.groups.is_empty() && (self.groups.len() != self.places() || !known) {
            return Err("groups are numbered wrongly");
        }
        Ok(())
    }
}

impl Table {
    fn check(&self, places: usize, outputs: usize) -> Result<(), &'static str> {
        let all = places * outputs;
        let apart = self.deviations.is_empty() || self.deviations.len() == all;
        if self.scores.len() != all || self.weights.len() != places || !apart {
            return Err("a table has the wrong length");
        }
        if self.scores.iter().all(|v| v.is_finite()) {
            Ok(())
        } else {
            Err("a score is not finite")
        }
    }
}

impl Additive {
    pub(super) fn new(
        columns: &[BinnedColumn],
        start: &[f64],
        rounds: usize,
        parts: Parts,
    ) -> Self {
        let mut bins: Vec<Bins> = columns.iter().map(Bins::new).collect();
        let mut mains = vec![Table::default(); columns.len()];
        for (column, table) in parts.mains {
            debug_assert_eq!(table.weights.len(), places(&columns[column]));
            mains[column] = table;
        }
        parts.groups.into_iter().for_each(|(column, groups)| bins[column].groups = groups);
        let pair = |([a, b], table): ([usize; 2], Table)| (a as u32, b as u32, table);
        Self {
            rounds: rounds as u32,
            intercept: start.iter().zip(parts.intercept).map(|(a, b)| a + b).collect(),
            columns: bins,
            mains,
            pairs: parts.pairs.into_iter().map(pair).collect(),
        }
    }

    /// Rounds over the columns, the mean of all bags.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Scores per row.
    pub fn outputs(&self) -> usize {
        self.intercept.len()
    }

    /// The scores before any table.
    pub fn intercept(&self) -> &[f64] {
        &self.intercept
    }

    /// How the values of each column are told apart.
    pub fn columns(&self) -> &[Bins] {
        &self.columns
    }

    /// The table of each column; empty where it says nothing.
    pub fn mains(&self) -> &[Table] {
        &self.mains
    }

    /// The tables of pairs, with the numbers of their columns.
    pub fn pairs(&self) -> impl Iterator<Item = ([usize; 2], &Table)> {
        self.pairs.iter().map(|(a, b, table)| ([*a as usize, *b as usize], table))
    }

    /// The scores of the given rows, row by row: `out` has `rows.len() * outputs()` places. There are as
    /// many columns as in training; each row lies in each.
    pub fn predict(&self, columns: &[&[f64]], rows: &[u32], out: &mut [f64]) {
        assert_eq!(columns.len(), self.columns.len(), "the columns are those of the training data");
        let outputs = self.outputs();
        let mut groups: Vec<Vec<u8>> = vec![vec![]; columns.len()];
        for (rows, out) in rows.chunks(CHUNK).zip(out.chunks_mut(CHUNK * outputs)) {
            out.chunks_exact_mut(outputs).for_each(|row| row.copy_from_slice(&self.intercept));
            let of_columns = self.columns.iter().zip(&self.mains).zip(columns).zip(&mut groups);
            for (((bins, table), values), groups) in of_columns {
                if table.scores.is_empty() {
                    continue;
                }
                groups.clear();
                for (&row, out) in rows.iter().zip(out.chunks_exact_mut(outputs)) {
                    let place = bins.place(values[row as usize]);
                    add(&table.scores[place * outputs..], out);
                    if let Some(&group) = bins.groups.get(place) {
                        groups.push(group);
                    }
                }
            }
            for ([a, b], table) in self.pairs() {
                let width = self.columns[b].count();
                let of_rows = groups[a].iter().zip(&groups[b]).zip(out.chunks_exact_mut(outputs));
                for ((&i, &j), out) in of_rows {
                    let place = usize::from(i) * width + usize::from(j);
                    add(&table.scores[place * outputs..], out);
                }
            }
        }
    }
}

fn add(table: &[f64], out: &mut [f64]) {
    out.iter_mut().zip(table).for_each(|(out, v)| *out += v);
}

/// A model as it is read, not yet trusted.
#[derive(Deserialize)]
struct Stored {
    rounds: u32,
    intercept: Vec<f64>,
    columns: Vec<Bins>,
    mains: Vec<Table>,
    pairs: Vec<(u32, u32, Table)>,
}

impl TryFrom<Stored> for Additive {
    type Error = &'static str;

    fn try_from(s: Stored) -> Result<Self, Self::Error> {
        let Stored { rounds, intercept, columns, mains, pairs } = s;
        if intercept.is_empty() || mains.len() != columns.len() {
            return Err("lists have the wrong length");
        }
        if !intercept.iter().all(|v| v.is_finite()) {
            return Err("the intercept is not finite");
        }
        for (bins, table) in columns.iter().zip(&mains) {
            bins.check()?;
            let silent = table.scores.is_empty() && bins.groups.is_empty();
            if !silent {
                table.check(bins.places(), intercept.len())?;
            }
        }
        for (a, b, table) in &pairs {
            let count = |c: u32| columns.get(c as usize).map_or(0, Bins::count);
            if count(*a) == 0 || count(*b) == 0 {
                return Err("a pair is of columns without groups");
            }
            table.check(count(*a) * count(*b), intercept.len())?;
        }
        Ok(Self { rounds, intercept, columns, mains, pairs })
    }
}
