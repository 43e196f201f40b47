//! The steps of k-prototypes.

use super::{FittedPrototypes, Like, PrototypeParams, Prototypes, seeds};
use crate::clusters::mixed::{MISSING, Mixed};
use crate::clusters::moments::{Moments, weight_of};
use crate::clusters::points::in_order;
use crate::trees::random::mix;
use crate::{Progress, Stopped};

/// Rows between questions whether to go on.
const ROWS: usize = 1 << 14;

/// k-prototypes of some rows. `weights` are finite and ≥ 0, one a row; a row of weight 0 does not
/// count, but has a label.
///
/// Panics unless there are `dims` numbers, `width` codes and a weight for each row.
pub fn prototypes(
    rows: &Mixed<'_>,
    weights: Option<&[f64]>,
    params: &PrototypeParams,
    progress: &dyn Progress,
) -> Result<FittedPrototypes, Stopped> {
    rows.check();
    assert!(weights.is_none_or(|w| w.len() == rows.rows), "a weight for each row");
    let (mean, gamma) = scale(rows, weights, progress)?;
    let fit = Fit {
        rows,
        weights,
        mean,
        gamma: params.gamma.unwrap_or(gamma),
        levels: Levels::new(rows),
    };
    let mut best: Option<FittedPrototypes> = None;
    for restart in 0..params.restarts.max(1) as u64 {
        let seed = mix(params.seed ^ mix(restart));
        let weight = |i| weight_of(weights, i);
        let start = seeds::draw(rows, weight, params.clusters, fit.gamma, seed, progress)?;
        let found = fit.improve(start, params, progress)?;
        if best.as_ref().is_none_or(|best| found.cost < best.cost) {
            best = Some(found);
        }
    }
    Ok(best.expect("there is a start"))
}

/// Means of numbers, and half their mean deviation.
fn scale(
    rows: &Mixed<'_>,
    weights: Option<&[f64]>,
    progress: &dyn Progress,
) -> Result<(Vec<f64>, f64), Stopped> {
    if rows.dims == 0 {
        return Ok((vec![], 1.0));
    }
    let moments = Moments::of(rows.points(), weights, progress)?;
    let deviations: f64 = moments.variance.iter().map(|v| v.sqrt()).sum();
    let gamma = 0.5 * deviations / rows.dims as f64;
    Ok((moments.mean, if gamma > 0.0 { gamma } else { 1.0 }))
}

/// The codes of each column, ascending, and which of them a row has.
struct Levels {
    codes: Vec<Vec<u32>>,
    /// Row after row; [`MISSING`] where there is none.
    ranks: Vec<u32>,
}

impl Levels {
    fn new(rows: &Mixed<'_>) -> Self {
        let column = |j: usize| {
            let all = rows.codes.iter().skip(j).step_by(rows.width);
            let mut codes: Vec<u32> = all.copied().filter(|&c| c != MISSING).collect();
            codes.sort_unstable();
            codes.dedup();
            codes
        };
        let codes: Vec<Vec<u32>> = (0..rows.width).map(column).collect();
        let rank = |(at, code): (usize, &u32)| {
            codes[at % rows.width].binary_search(code).map_or(MISSING, |rank| rank as u32)
        };
        let ranks = rows.codes.iter().enumerate().map(rank).collect();
        Self { codes, ranks }
    }
}

struct Fit<'a> {
    rows: &'a Mixed<'a>,
    weights: Option<&'a [f64]>,
    mean: Vec<f64>,
    gamma: f64,
    levels: Levels,
}

impl Fit<'_> {
    /// Steps until no row changes its prototype.
    fn improve(
        &self,
        mut prototypes: Prototypes,
        params: &PrototypeParams,
        progress: &dyn Progress,
    ) -> Result<FittedPrototypes, Stopped> {
        let mut like = prototypes.nearest(self.rows, params.threads, progress)?;
        let mut steps = 0;
        while steps < params.max_steps.max(1) && prototypes.clusters > 0 {
            steps += 1;
            let before = like.labels;
            let (moved, kept) = self.moved(&before, prototypes.clusters, progress)?;
            prototypes = moved;
            like = prototypes.nearest(self.rows, params.threads, progress)?;
            let same = |(old, new): (&i32, &i32)| kept[*new as usize] == *old as usize;
            if before.iter().zip(&like.labels).all(same) {
                break;
            }
        }
        Ok(self.numbered(prototypes, like, steps))
    }

    /// Prototypes of the rows of each label, and the labels of those that have rows.
    fn moved(
        &self,
        labels: &[i32],
        clusters: usize,
        progress: &dyn Progress,
    ) -> Result<(Prototypes, Vec<usize>), Stopped> {
        let Mixed { dims, width, .. } = *self.rows;
        let sizes: Vec<usize> = self.levels.codes.iter().map(Vec::len).collect();
        let mut sums = vec![0.0; clusters * dims];
        let mut counts: Vec<Vec<f64>> = sizes.iter().map(|s| vec![0.0; clusters * s]).collect();
        let mut weights = vec![0.0; clusters];
        for (i, &label) in labels.iter().enumerate() {
            if i % ROWS == 0 && !progress.proceed() {
                return Err(Stopped);
            }
            let (c, weight) = (label as usize, weight_of(self.weights, i));
            weights[c] += weight;
            let sums = &mut sums[c * dims..(c + 1) * dims];
            for ((sum, v), m) in sums.iter_mut().zip(self.rows.row(i).0).zip(&self.mean) {
                *sum += weight * (v - m);
            }
            let ranks = &self.levels.ranks[i * width..(i + 1) * width];
            for ((counts, &rank), size) in counts.iter_mut().zip(ranks).zip(&sizes) {
                if rank != MISSING {
                    counts[c * size + rank as usize] += weight;
                }
            }
        }
        let kept: Vec<usize> = (0..clusters).filter(|&c| weights[c] > 0.0).collect();
        let mean = |c: usize| -> Vec<f64> {
            let sums = sums[c * dims..(c + 1) * dims].iter().zip(&self.mean);
            sums.map(|(s, m)| m + s / weights[c]).collect()
        };
        let (numbers, mut codes) = (kept.iter().flat_map(|&c| mean(c)).collect(), vec![]);
        for &c in &kept {
            for (j, counts) in counts.iter().enumerate() {
                let counts = &counts[c * sizes[j]..(c + 1) * sizes[j]];
                let mut mode = (0.0, MISSING);
                for (&count, &code) in counts.iter().zip(&self.levels.codes[j]) {
                    if count > mode.0 {
                        mode = (count, code);
                    }
                }
                codes.push(mode.1);
            }
        }
        let gamma = self.gamma;
        Ok((Prototypes { dims, width, gamma, numbers, codes, clusters: kept.len() }, kept))
    }

    /// Numbers the prototypes by their rows; those without are dropped.
    fn numbered(&self, prototypes: Prototypes, like: Like, steps: usize) -> FittedPrototypes {
        let Like { mut labels, dissimilarities } = like;
        let given = labels.clone();
        let mut order = vec![0; in_order(&mut labels, self.weights)];
        let pairs = given.iter().zip(&labels).filter(|(_, new)| **new >= 0);
        pairs.for_each(|(&old, &new)| order[new as usize] = old as usize);
        let terms = dissimilarities.iter().enumerate();
        let cost = terms.map(|(i, d)| weight_of(self.weights, i) * d).sum();
        let numbers = order.iter().flat_map(|&c| prototypes.get(c).0).copied().collect();
        let codes = order.iter().flat_map(|&c| prototypes.get(c).1).copied().collect();
        let clusters = order.len();
        let prototypes = Prototypes { numbers, codes, clusters, ..prototypes };
        FittedPrototypes { prototypes, labels, cost, steps }
    }
}
