//! Is there any structure, or is it one heap?
//!
//! ```text
//! table     columns of like spread, without ties
//! dip       how far values are from having one mode
//! pursuit   the flattest direction
//! ```
//!
//! Points are looked at in many ways, each of which makes one number of a point: by column, by
//! principal axis, in the direction of least kurtosis, by the distance from the mean and from some
//! of the points themselves. Where there is one heap, be it round, long, skewed or with heavy
//! tails, such numbers have one mode; where there are several, some have more. The dip test judges
//! each view against the uniform distribution, of all with one mode the hardest to tell from two,
//! so there is no null model of the data that a skewed table could fail.

pub mod dip;
mod pursuit;
mod table;
#[cfg(test)]
mod tests;

use super::Points;
use super::points::squared;
use crate::linear::spectrum;
use crate::trees::random::{Stream, mix};
use crate::{Progress, Stopped};
use dip::{dip, dip_p_value};
use pursuit::{flattest, inner};
use std::ops::Range;
use table::Table;

/// Points whose distances from the others are looked at.
const ORIGINS: u64 = 8;
/// More columns than this are mixed into as many for axes and distances.
const WIDE: usize = 64;
/// The share of the error that columns, axes, the flattest direction and distances have each.
const KIND: f64 = 0.25;
/// Fewer rows say nothing.
const LEAST_ROWS: usize = 10;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Rows at most; of more a simple random sample is taken. 2,000 rows of 10 columns take
    /// about 0.03 s, 10,000 rows of 30 columns about 0.5 s.
    pub most_rows: usize,
    /// Of the sample, of the points whose distances are looked at, and of how ties are spread.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { most_rows: 10_000, seed: 0 }
    }
}

/// A way of looking at points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// By this column.
    Column(usize),
    /// By this principal axis of the correlation matrix, from 0 by variance.
    Axis(usize),
    /// In the direction of least kurtosis among a third of the points, by the others.
    Flattest,
    /// By the distance from the mean.
    Centre,
    /// By the distance from this point.
    Point(usize),
}

/// Whether points have structure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Structure {
    /// About an upper bound of the probability that one heap looks as little like one, corrected
    /// for all views; 1 where there is nothing to be seen. A dense core in a wide spread is no heap
    /// of one mode when seen from a point, and counts as structure.
    pub p_value: f64,
    /// The view that told most, unless there is nothing to look at.
    pub view: Option<View>,
    /// The dip in that view, of all rows or of the end that told, in 0..1/4.
    pub dip: f64,
    /// Rows looked at.
    pub rows: usize,
}

/// Tests whether finite points are one heap. Columns count alike, whatever their units. Values that
/// occur several times are spread over the gaps around them, so rounded, counted and 0/1 columns
/// are no structure by themselves; a column whose histogram has two humps is.
///
/// A view is judged as a whole and by its outermost halves, quarters and eighths at either end,
/// where small heaps weigh more: between two of its order statistics a sample with one mode is
/// another. All that is looked at shares the chance of an error (Bonferroni). On the dip of
/// distances: Kalogeratos, Likas, "Dip-means", NIPS 2012; on that of projections, and how robust it
/// is: Adolfsson, Ackerman, Brownstein, "To cluster, or not to cluster", Pattern Recognition 88,
/// 2019.
pub fn structure(
    points: Points<'_>,
    params: Params,
    progress: &dyn Progress,
) -> Result<Structure, Stopped> {
    let table = Table::new(points, params.most_rows, params.seed, progress)?;
    let told = Structure { p_value: 1.0, view: None, dip: 0.0, rows: table.rows.len() };
    let mut judge = Judge { progress, told, values: vec![] };
    if table.rows.len() >= LEAST_ROWS && !table.columns.is_empty() {
        look(&table, params.seed, &mut judge)?;
    }
    judge.told.p_value = judge.told.p_value.min(1.0);
    Ok(judge.told)
}

/// Looks at a table in all ways.
fn look(table: &Table, seed: u64, judge: &mut Judge<'_>) -> Result<(), Stopped> {
    let each = KIND / table.columns.len() as f64;
    for (&name, column) in table.names.iter().zip(&table.columns) {
        judge.look(View::Column(name), each, column.iter().copied())?;
    }
    let (rows, dims) = rows_of(table, seed, judge.progress)?;
    let n = table.rows.len();
    let spectrum = spectrum(covariance(&rows, dims), dims, judge.progress)?;
    let axes = spectrum.values.len();
    let mut white = vec![0.0; n * axes];
    for (a, axis) in spectrum.vectors.chunks_exact(dims).enumerate() {
        let deviation = spectrum.values[a].sqrt();
        for (white, row) in white.chunks_exact_mut(axes).zip(rows.chunks_exact(dims)) {
            white[a] = inner(row, axis) / deviation;
        }
        // 1/2, 1/6, 1/12, …, which add up to 1: the first axes tell most.
        let share = KIND / ((a + 1) * (a + 2)) as f64;
        judge.look(View::Axis(a), share, white.iter().skip(a).step_by(axes).copied())?;
    }
    let places = flattest(&white, axes, seed, judge.progress)?;
    judge.look(View::Flattest, KIND, places.into_iter())?;
    let distances =
        |from: Vec<f64>| rows.chunks_exact(dims).map(move |row| squared(row, &from).sqrt());
    judge.look(View::Centre, 0.5 * KIND, distances(vec![0.0; dims]))?;
    let mut stream = Stream::new(mix(seed));
    for _ in 0..ORIGINS {
        let origin = stream.below(n as u64) as usize;
        let others = distances(rows[origin * dims..(origin + 1) * dims].to_vec());
        let others = others.enumerate().filter(|(row, _)| *row != origin).map(|(_, d)| d);
        let view = View::Point(table.rows[origin] as usize);
        judge.look(view, 0.5 * KIND / ORIGINS as f64, others)?;
    }
    Ok(())
}

/// Judges views, and keeps what tells most.
struct Judge<'a> {
    progress: &'a dyn Progress,
    told: Structure,
    values: Vec<f64>,
}

impl Judge<'_> {
    /// Looks at a view that has this share of the error: half of it for the whole, the rest for the
    /// six ends.
    fn look(
        &mut self,
        view: View,
        share: f64,
        values: impl Iterator<Item = f64>,
    ) -> Result<(), Stopped> {
        if !self.progress.proceed() {
            return Err(Stopped);
        }
        self.values.clear();
        self.values.extend(values);
        self.values.sort_unstable_by(f64::total_cmp);
        let n = self.values.len();
        self.part(view, 0.5 * share, 0..n);
        for size in [n / 2, n / 4, n / 8] {
            self.part(view, share / 12.0, 0..size);
            self.part(view, share / 12.0, n - size..n);
        }
        Ok(())
    }

    fn part(&mut self, view: View, share: f64, part: Range<usize>) {
        let values = &self.values[part];
        if values.len() < LEAST_ROWS {
            return;
        }
        let dip = dip(values);
        let p_value = dip_p_value(dip, values.len()) / share;
        if self.told.view.is_none() || p_value < self.told.p_value {
            self.told = Structure { p_value, view: Some(view), dip, ..self.told };
        }
    }
}

/// Rows one after the other, and how many coordinates they have: the columns, or random mixtures of
/// very many, which keep distances (Achlioptas, "Database-friendly random projections", J. Comput.
/// Syst. Sci. 66, 2003).
fn rows_of(
    table: &Table,
    seed: u64,
    progress: &dyn Progress,
) -> Result<(Vec<f64>, usize), Stopped> {
    let (n, columns) = (table.rows.len(), table.columns.len());
    let dims = columns.min(WIDE);
    let mut rows = vec![0.0; n * dims];
    for (j, column) in table.columns.iter().enumerate() {
        if !progress.proceed() {
            return Err(Stopped);
        }
        if columns <= WIDE {
            for (row, v) in rows.chunks_exact_mut(dims).zip(column) {
                row[j] = *v;
            }
        } else {
            let bits = mix(seed ^ mix(j as u64));
            for (row, v) in rows.chunks_exact_mut(dims).zip(column) {
                for (k, sum) in row.iter_mut().enumerate() {
                    *sum += if bits >> k & 1 == 1 { *v } else { -v };
                }
            }
        }
    }
    Ok((rows, dims))
}

/// The covariance of rows of mean 0.
fn covariance(rows: &[f64], dims: usize) -> Vec<f64> {
    let n = (rows.len() / dims) as f64;
    let mut sums = vec![0.0; dims * dims];
    for row in rows.chunks_exact(dims) {
        for (sums, a) in sums.chunks_exact_mut(dims).zip(row) {
            sums.iter_mut().zip(row).for_each(|(sum, b)| *sum += a * b / n);
        }
    }
    sums
}
