//! Indices of clusters around their means.

use super::{Points, partition};
use crate::clusters::points::squared;

/// A cluster's rows and mean; means are relative to an origin among the points, as coordinates
/// may be large beside their spread.
struct Ball {
    rows: Vec<usize>,
    mean: Vec<f64>,
}

/// Calinski and Harabasz's ratio of the variances between and within clusters, each over its
/// degrees of freedom: ≥ 0, higher is better. 1 where all points of a cluster are the same, as
/// scikit-learn has it. Noise is left out.
///
/// Source: Calinski, Harabasz, "A dendrite method for cluster analysis", Comm. Stat. 3, 1974.
pub fn calinski_harabasz(points: Points<'_>, labels: &[i32]) -> Option<f64> {
    let (balls, origin) = balls(points, labels)?;
    let rows: f64 = balls.iter().map(|b| b.rows.len() as f64).sum();
    let mut mean = vec![0.0; points.dims];
    for ball in &balls {
        let share = ball.rows.len() as f64 / rows;
        mean.iter_mut().zip(&ball.mean).for_each(|(m, b)| *m += share * b);
    }
    let (mut between, mut within) = (0.0, 0.0);
    for ball in &balls {
        between += ball.rows.len() as f64 * squared(&ball.mean, &mean);
        within += ball.squares(points, origin).sum::<f64>();
    }
    let k = balls.len() as f64;
    let ratio = between * (rows - k) / (within * (k - 1.0));
    Some(if within == 0.0 { 1.0 } else { ratio.min(f64::MAX) })
}

/// Davies and Bouldin's mean, over clusters, of how much each overlaps the one it overlaps most: ≥
/// 0, lower is better. The radius of a cluster is the mean distance of its points from their mean.
/// Clusters of equal means do not count against each other, as scikit-learn has it. Noise is left
/// out.
///
/// Source: Davies, Bouldin, "A cluster separation measure", IEEE PAMI 1, 1979.
pub fn davies_bouldin(points: Points<'_>, labels: &[i32]) -> Option<f64> {
    let (balls, origin) = balls(points, labels)?;
    let radius =
        |b: &Ball| b.squares(points, origin).map(f64::sqrt).sum::<f64>() / b.rows.len() as f64;
    let radii: Vec<f64> = balls.iter().map(radius).collect();
    let worst = |i: usize| {
        let overlap = |j: usize| {
            let distance = squared(&balls[i].mean, &balls[j].mean).sqrt();
            if distance > 0.0 { ((radii[i] + radii[j]) / distance).min(f64::MAX) } else { 0.0 }
        };
        (0..balls.len()).filter(|&j| j != i).map(overlap).fold(0.0, f64::max)
    };
    Some((0..balls.len()).map(|i| worst(i) / balls.len() as f64).sum())
}

impl Ball {
    /// The squared distance of each row from the mean.
    fn squares<'a>(
        &'a self,
        points: Points<'a>,
        origin: &'a [f64],
    ) -> impl Iterator<Item = f64> + 'a {
        self.rows.iter().map(move |&row| {
            let coordinates = points.row(row).iter().zip(origin).zip(&self.mean);
            coordinates.map(|((v, o), m)| (v - o - m) * (v - o - m)).sum()
        })
    }
}

fn balls<'a>(points: Points<'a>, labels: &[i32]) -> Option<(Vec<Ball>, &'a [f64])> {
    let members = partition(points, labels)?;
    let origin = points.row(0);
    let ball = |rows: Vec<usize>| {
        let mut mean = vec![0.0; points.dims];
        for &row in &rows {
            let coordinates = points.row(row).iter().zip(origin);
            mean.iter_mut().zip(coordinates).for_each(|(m, (v, o))| *m += v - o);
        }
        mean.iter_mut().for_each(|m| *m /= rows.len() as f64);
        Ball { rows, mean }
    };
    Some((members.into_iter().map(ball).collect(), origin))
}
