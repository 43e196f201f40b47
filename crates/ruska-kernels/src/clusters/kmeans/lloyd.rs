//! Lloyd's steps with Hamerly's bounds.
//!
//! A step gives every row to its nearest centre and moves every centre to the mean of its rows. A
//! row keeps how much nearer its own centre is than any other. Centres' moves eat this up; only
//! rows for which nothing is left meet all centres again, so later steps look at few rows.

use super::{Centres, KMeansParams, Table};
use crate::clusters::Points;
use crate::clusters::panel::{Grouped, Nearest, pack};
use crate::clusters::parts::{PART, for_each_part};
use crate::linear::PANEL;
use crate::{Progress, Stopped};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A squared distance below this times the row's squared size is rounding.
const ROUNDING: f64 = 1e-20;
/// The label of a row that has no centre yet.
const NONE: u32 = u32::MAX;
/// Parts whose rows are added up apart.
const SUMS: usize = 16;

/// Improves centres, less the columns' means, until they stand.
pub(super) fn improve(
    table: &Table<'_>,
    mut centres: Vec<f64>,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<Centres, Stopped> {
    let (n, dims) = (table.points.len(), table.points.dims);
    let variance = table.moments.variance.iter().sum::<f64>() / dims as f64;
    let mut moves = vec![0.0; centres.len() / dims];
    let mut rows = Rows { labels: vec![NONE; n], slack: vec![f64::NEG_INFINITY; n] };
    let most = params.max_steps.max(1);
    for steps in 1..=most {
        let mut changed = rows.assign(table, &centres, &moves, progress)?;
        let mut sums = Sums::of(table, &rows.labels, moves.len(), progress)?;
        let empty = (0..moves.len())
            .filter(|&c| sums.rows[c] == 0 && (steps == 1 || centres[c * dims].is_finite()))
            .collect::<Vec<_>>();
        if !empty.is_empty() && rows.fill(table, &empty, &centres, &sums, progress)? {
            changed = true;
            sums = Sums::of(table, &rows.labels, moves.len(), progress)?;
        }
        let shift = sums.move_centres(&mut centres, &mut moves);
        if !changed || shift <= params.tolerance * variance || steps == most {
            return Ok(Centres { values: centres, steps });
        }
    }
    unreachable!("the last step returns")
}

/// What is known of each row.
struct Rows {
    labels: Vec<u32>,
    /// How much farther any other centre is at least than the row's own.
    slack: Vec<f64>,
}

impl Rows {
    /// Gives rows to their nearest centres, which have made some moves; whether any label changed.
    fn assign(
        &mut self,
        table: &Table<'_>,
        centres: &[f64],
        moves: &[f64],
        progress: &dyn Progress,
    ) -> Result<bool, Stopped> {
        let points = table.points;
        let grouped = Grouped::new(Points { values: centres, dims: points.dims });
        let eaten = eaten(moves);
        let changed = AtomicBool::new(false);
        for_each_part(
            table.threads,
            &mut self.labels,
            &mut self.slack,
            |(part, (labels, slack))| {
                if !progress.proceed() {
                    return Err(Stopped);
                }
                let mut open = Vec::with_capacity(labels.len());
                for (i, (label, slack)) in labels.iter().zip(&mut *slack).enumerate() {
                    *slack -= eaten.get(*label as usize).unwrap_or(&0.0);
                    if *slack <= 0.0 {
                        open.push(i);
                    }
                }
                let mut panel = vec![[0.0; PANEL]; points.dims];
                let mut out = vec![[0.0; PANEL]; grouped.len()];
                let mut near = Nearest::new();
                for open in open.chunks(PANEL) {
                    let rows = open.iter().map(|i| part * PART + i);
                    pack(points, rows, &table.moments.mean, &mut panel);
                    grouped.squared_distances(&panel, &mut out);
                    near.find(&out);
                    for (l, &i) in open.iter().enumerate() {
                        let label = near.centre[l] as u32;
                        if labels[i] != label {
                            labels[i] = label;
                            changed.store(true, Relaxed);
                        }
                        slack[i] = near.second[l].sqrt() - near.first[l].sqrt();
                    }
                }
                Ok(())
            },
        )?;
        Ok(changed.into_inner())
    }

    /// Gives empty centres the rows farthest from theirs, as far as there are any; whether it did.
    fn fill(
        &mut self,
        table: &Table<'_>,
        empty: &[usize],
        centres: &[f64],
        sums: &Sums,
        progress: &dyn Progress,
    ) -> Result<bool, Stopped> {
        let points = table.points;
        let mut far = vec![];
        for (row, &label) in self.labels.iter().enumerate() {
            if row % PART == 0 && !progress.proceed() {
                return Err(Stopped);
            }
            let centre = &centres[label as usize * points.dims..];
            let (mut distance, mut size) = (0.0, 0.0);
            for ((v, m), c) in points.row(row).iter().zip(&table.moments.mean).zip(centre) {
                let v = v - m;
                distance += (v - c) * (v - c);
                size += v * v;
            }
            if table.weight(row) > 0.0 && distance > ROUNDING * size {
                far.push((distance, row));
            }
        }
        far.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut left = sums.rows.clone();
        let mut far = far.into_iter().map(|(_, row)| row);
        let mut filled = false;
        for &centre in empty {
            let spare = |row: &usize| left[self.labels[*row] as usize] > 1;
            let Some(row) = far.find(spare) else { break };
            left[self.labels[row] as usize] -= 1;
            self.labels[row] = centre as u32;
            filled = true;
        }
        if filled {
            self.slack.fill(f64::NEG_INFINITY);
        }
        Ok(filled)
    }
}

/// What moves eat of the slack of each centre's rows: its own, and the greatest of another.
fn eaten(moves: &[f64]) -> Vec<f64> {
    let (mut first, mut second) = (0.0, 0.0);
    for &m in moves {
        (first, second) = if m > first { (m, first) } else { (first, f64::max(second, m)) };
    }
    moves.iter().map(|&m| m + if m == first { second } else { first }).collect()
}

/// What the rows of each centre add up to.
struct Sums {
    values: Vec<f64>,
    weights: Vec<f64>,
    /// Rows of some weight.
    rows: Vec<usize>,
}

impl Sums {
    fn of(
        table: &Table<'_>,
        labels: &[u32],
        clusters: usize,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let dims = table.points.dims;
        let size = labels.len().div_ceil(SUMS).max(PART);
        let part = |(part, labels): (usize, &[u32])| {
            let mut sums = Self {
                values: vec![0.0; clusters * dims],
                weights: vec![0.0; clusters],
                rows: vec![0; clusters],
            };
            for (i, &label) in labels.iter().enumerate() {
                if i % (8 * PART) == 0 && !progress.proceed() {
                    return Err(Stopped);
                }
                sums.add(table, part * size + i, label as usize);
            }
            Ok(sums)
        };
        let parts: Vec<Self> = if table.threads < 2 {
            labels.chunks(size).enumerate().map(part).collect::<Result<_, _>>()?
        } else {
            labels.par_chunks(size).enumerate().map(part).collect::<Result<_, _>>()?
        };
        Ok(parts.into_iter().reduce(Self::merged).expect("there is a row"))
    }

    fn add(&mut self, table: &Table<'_>, row: usize, label: usize) {
        let weight = table.weight(row);
        if weight <= 0.0 {
            return;
        }
        let values = table.points.row(row);
        self.weights[label] += weight;
        self.rows[label] += 1;
        let sums = &mut self.values[label * values.len()..(label + 1) * values.len()];
        for ((sum, v), m) in sums.iter_mut().zip(values).zip(&table.moments.mean) {
            *sum += weight * (v - m);
        }
    }

    fn merged(mut self, other: Self) -> Self {
        self.values.iter_mut().zip(&other.values).for_each(|(a, b)| *a += b);
        self.weights.iter_mut().zip(&other.weights).for_each(|(a, b)| *a += b);
        self.rows.iter_mut().zip(&other.rows).for_each(|(a, b)| *a += b);
        self
    }

    /// Moves centres to the means, and out of use where there are no rows; the sum of squared
    /// moves.
    fn move_centres(&self, centres: &mut [f64], moves: &mut [f64]) -> f64 {
        let dims = centres.len() / moves.len();
        let mut shift = 0.0;
        for (c, centre) in centres.chunks_exact_mut(dims).enumerate() {
            let was_used = centre[0].is_finite();
            let mut squared = 0.0;
            for (v, sum) in centre.iter_mut().zip(&self.values[c * dims..]) {
                let mean = if self.rows[c] == 0 { f64::INFINITY } else { sum / self.weights[c] };
                squared += (*v - mean) * (*v - mean);
                *v = mean;
            }
            let moved = was_used && self.rows[c] > 0;
            moves[c] = if moved { squared.sqrt() } else { 0.0 };
            shift += if moved { squared } else { 0.0 };
        }
        shift
    }
}
