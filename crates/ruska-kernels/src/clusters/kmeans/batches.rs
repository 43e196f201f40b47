//! Mini-batches: centres move a little at a time, to the mean of all rows that they were ever
//! given.
//!
//! A batch has no row twice. Its rows are given to their nearest centres at once, and count by their
//! weights. When the smoothed inertia of batches has not fallen for some of them, or as many rows
//! were drawn as the steps have, it ends. Centres of hardly any weight are put on rows of a batch
//! now and then.

use super::{Centres, KMeansParams, Table};
use crate::clusters::Points;
use crate::clusters::panel::{Grouped, Nearest, pack};
use crate::linear::PANEL;
use crate::trees::random::{Stream, mix};
use crate::{Progress, Stopped};

/// Batches in a row without a new least smoothed inertia before it ends.
const PATIENCE: usize = 50;
/// Least share of a batch in the smoothed inertia.
const FOLLOW: f64 = 0.05;
/// A centre with less than this share of the weight of the largest is put elsewhere.
const LEAST_SHARE: f64 = 0.01;

/// Improves centres, less the columns' means, by batches.
pub(super) fn improve(
    table: &Table<'_>,
    centres: Vec<f64>,
    batch: usize,
    params: &KMeansParams,
    progress: &dyn Progress,
) -> Result<Centres, Stopped> {
    let mut order: Vec<usize> =
        (0..table.points.len()).filter(|&i| table.weight(i) > 0.0).collect();
    let n = order.len();
    let batch = batch.min(n);
    let most = params.max_steps.max(1).saturating_mul(n).div_ceil(batch);
    let used = centres.chunks_exact(table.points.dims).filter(|c| c[0].is_finite());
    let values: Vec<f64> = used.flatten().copied().collect();
    let mut weights = vec![0.0; values.len() / table.points.dims];
    let mut centres = Centres { values, steps: 0 };
    let mut stream = Stream::new(mix(params.seed ^ 0xba7c));
    let (mut smooth, mut least, mut waited) = (f64::NAN, f64::INFINITY, 0);
    let follow = (2.0 * batch as f64 / (n as f64 + 1.0)).clamp(FOLLOW, 1.0);
    while centres.steps < most && waited < PATIENCE {
        if !progress.proceed() {
            return Err(Stopped);
        }
        for place in 0..batch {
            order.swap(place, place + stream.below((n - place) as u64) as usize);
        }
        let rows = &order[..batch];
        let inertia = step(table, rows, &mut centres.values, &mut weights);
        centres.steps += 1;
        if centres.steps.is_multiple_of(10 * weights.len().div_ceil(batch)) {
            replace(table, rows, &mut centres.values, &mut weights);
        }
        // The first batch meets the seeds.
        if centres.steps > 1 {
            smooth = if smooth.is_nan() { inertia } else { smooth + follow * (inertia - smooth) };
            waited = if smooth < least { 0 } else { waited + 1 };
            least = least.min(smooth);
        }
    }
    Ok(centres)
}

/// Gives rows to the nearest centres and moves these; the mean inertia before.
fn step(table: &Table<'_>, rows: &[usize], centres: &mut [f64], weights: &mut [f64]) -> f64 {
    let dims = table.points.dims;
    let grouped = Grouped::new(Points { values: centres, dims });
    let mut panel = vec![[0.0; PANEL]; dims];
    let mut out = vec![[0.0; PANEL]; grouped.len()];
    let mut near = Nearest::new();
    let (mut sums, mut counts) = (vec![0.0; centres.len()], vec![0.0; weights.len()]);
    let mut inertia = 0.0;
    for rows in rows.chunks(PANEL) {
        pack(table.points, rows.iter().copied(), &table.moments.mean, &mut panel);
        grouped.squared_distances(&panel, &mut out);
        near.find(&out);
        for (l, &row) in rows.iter().enumerate() {
            let (label, weight) = (near.centre[l] as usize, table.weight(row));
            inertia += weight * near.first[l];
            counts[label] += weight;
            let sums = &mut sums[label * dims..(label + 1) * dims];
            sums.iter_mut().zip(&panel).for_each(|(sum, lane)| *sum += weight * lane[l]);
        }
    }
    for (c, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
        weights[c] += count;
        let share = count / weights[c];
        for j in c * dims..(c + 1) * dims {
            centres[j] += share * (sums[j] / count - centres[j]);
        }
    }
    inertia / counts.iter().sum::<f64>()
}

/// Puts centres of hardly any weight on rows of a batch, which was drawn at random.
fn replace(table: &Table<'_>, rows: &[usize], centres: &mut [f64], weights: &mut [f64]) {
    let dims = table.points.dims;
    let largest = weights.iter().fold(0.0, |m: f64, w| m.max(*w));
    let low: Vec<usize> =
        (0..weights.len()).filter(|&c| weights[c] < LEAST_SHARE * largest).collect();
    let kept = weights.iter().copied().filter(|&w| w >= LEAST_SHARE * largest);
    let weight = kept.fold(f64::INFINITY, f64::min);
    for (&c, &row) in low.iter().zip(rows).take(rows.len() / 2) {
        weights[c] = weight;
        for ((v, x), m) in
            centres[c * dims..].iter_mut().zip(table.points.row(row)).zip(&table.moments.mean)
        {
            *v = x - m;
        }
    }
}
