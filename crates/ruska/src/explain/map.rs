//! The rows in the plane of their two principal components.

use super::features::Groups;
use super::space::{Direction, Space};
use ruska_core::hash;
use serde::Serialize;

/// Rows drawn.
const POINTS: usize = 3_000;
/// Fewest rows drawn of a cluster that has them.
const LEAST: usize = 30;
/// Columns named of an axis.
const NAMED: usize = 3;

/// Where clusters lie in two dimensions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterMap {
    /// The axes, the one along which rows are spread more first.
    pub axes: [Axis; 2],
    /// The mean of each cluster's rows.
    pub middles: Vec<Middle>,
    /// Rows drawn, by cluster.
    #[serde(skip)]
    pub(super) points: Vec<(i32, Vec<[f64; 2]>)>,
}

/// A principal component of the columns on one scale.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Axis {
    /// Share of the variance along it, 0 to 1.
    pub share: f64,
    /// The columns that count most, at most three, the first most.
    pub columns: Vec<String>,
}

/// The middle of a cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Middle {
    /// Its number, −1 for rows in no cluster.
    pub cluster: i32,
    /// Along the first axis, 0 being the mean of all rows.
    pub x: f64,
    /// Along the second.
    pub y: f64,
}

pub(super) fn map(space: &Space<'_>, groups: &Groups) -> ClusterMap {
    let plane = space.plane();
    let [x, y] = plane.each_ref().map(|direction| space.along(direction));
    let mut members: Vec<Vec<usize>> =
        groups.sizes.iter().map(|n| Vec::with_capacity(*n)).collect();
    groups.of.iter().enumerate().for_each(|(row, g)| members[*g as usize].push(row));
    let mean = |values: &[f64], rows: &[usize]| {
        rows.iter().map(|r| values[*r]).sum::<f64>() / rows.len() as f64
    };
    let numbered = || groups.numbers.iter().zip(&members);
    let middles = numbered()
        .map(|(&cluster, rows)| Middle { cluster, x: mean(&x, rows), y: mean(&y, rows) })
        .collect();
    let drawn = |(&cluster, rows): (&i32, &Vec<usize>)| {
        let share = POINTS as f64 * rows.len() as f64 / groups.rows().max(POINTS) as f64;
        let most = (share as usize).max(LEAST);
        let points = hash::spread(rows.len(), most).map(|at| [x[rows[at]], y[rows[at]]]);
        (cluster, points.collect())
    };
    ClusterMap {
        axes: plane.map(|d| axis(space, &d)),
        middles,
        points: numbered().map(drawn).collect(),
    }
}

fn axis(space: &Space<'_>, direction: &Direction) -> Axis {
    let loadings = space.loadings(direction);
    let mut named: Vec<(f64, &str)> =
        loadings.into_iter().zip(space.features.iter().map(|f| f.name.as_str())).collect();
    named.sort_by(|a, b| b.0.total_cmp(&a.0));
    let most = named.first().map_or(0.0, |n| n.0);
    let counts = |(loading, _): &(f64, &str)| *loading > 0.0 && *loading >= most / 2.0;
    let columns = named.into_iter().filter(counts).take(NAMED).map(|n| n.1.to_owned()).collect();
    Axis { share: direction.share, columns }
}
