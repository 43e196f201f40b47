//! The silhouette: how much nearer points are to their own cluster than to the next.

use super::{Points, partition};
use crate::clusters::columns::Columns;
use crate::trees::parallel::within;
use crate::trees::random::choose;
use crate::{Progress, Stopped};
use rayon::prelude::*;

/// Which points are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How many points at most, ≥ 2; all of them where there are no more.
    pub rows: usize,
    /// Which ones they are.
    pub seed: u64,
}

/// The mean silhouette.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Silhouette {
    /// In −1..1; higher is better.
    pub mean: f64,
    /// The standard error of the mean that comes from asking a sample; 0 if all points were asked.
    pub error: f64,
    /// Points asked.
    pub rows: usize,
}

/// The mean silhouette of the points in clusters, (b − a) / max(a, b) of each: a is its mean
/// distance from the others of its cluster, b from those of the nearest other cluster; 0 for a
/// point alone in its cluster, and where a and b are 0. Noise is left out.
///
/// A sampled point meets **all** points, so that its silhouette is exact and the mean over a simple
/// random sample is unbiased, with an error that its own spread tells. To meet a sample would bias
/// b, the least of several noisy means, downwards, and lose small clusters. Cost: sampled × all
/// points × dims, about 1 ns each.
///
/// Source: Rousseeuw, "Silhouettes: a graphical aid to the interpretation and validation of cluster
/// analysis", J. Comput. Appl. Math. 20, 1987.
pub fn silhouette(
    points: Points<'_>,
    labels: &[i32],
    sample: Sample,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Option<Silhouette>, Stopped> {
    let Some(members) = partition(points, labels) else { return Ok(None) };
    let clusters: Vec<Columns> = members.iter().map(|rows| Columns::new(points, rows)).collect();
    let all: Vec<(usize, usize)> = members
        .iter()
        .enumerate()
        .flat_map(|(c, rows)| rows.iter().map(move |&r| (r, c)))
        .collect();
    let (mut chosen, mut rest) = (vec![], vec![]);
    let asked = sample.rows.max(2).min(all.len());
    choose(all.len(), asked, sample.seed, &mut chosen, &mut rest);
    let largest = clusters.iter().map(Columns::len).max().unwrap_or(0);
    let of = |scratch: &mut Vec<f64>, &i: &u32| {
        let (row, own) = all[i as usize];
        of_point(points.row(row), own, &clusters, scratch, progress)
    };
    let values: Vec<f64> = within(threads, || {
        let scratch = || vec![0.0; largest];
        if threads < 2 {
            let mut scratch = scratch();
            chosen.iter().map(|i| of(&mut scratch, i)).collect::<Result<_, _>>()
        } else {
            chosen.par_iter().map_init(scratch, of).collect()
        }
    })?;
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let unasked = rest.len() as f64 / all.len() as f64;
    let error = (unasked * squares / (n * (n - 1.0).max(1.0))).sqrt();
    Ok(Some(Silhouette { mean, error, rows: values.len() }))
}

/// The silhouette of a point of the cluster `own`.
fn of_point(
    point: &[f64],
    own: usize,
    clusters: &[Columns],
    scratch: &mut [f64],
    progress: &dyn Progress,
) -> Result<f64, Stopped> {
    let others = clusters[own].len() - 1;
    if others == 0 {
        return Ok(0.0);
    }
    let (mut inside, mut outside) = (0.0, f64::INFINITY);
    for (c, cluster) in clusters.iter().enumerate() {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let sum = cluster.sum_of_distances(point, scratch);
        if c == own {
            inside = sum / others as f64;
        } else {
            outside = (sum / cluster.len() as f64).min(outside);
        }
    }
    let larger = f64::max(inside, outside);
    Ok(if larger > 0.0 { (outside - inside) / larger } else { 0.0 })
}
