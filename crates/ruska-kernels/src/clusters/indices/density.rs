//! DBCV: whether clusters of any shape are dense within and sparse between.

use super::{Points, members};
use crate::clusters::columns::Columns;
use crate::trees::random::choose;
use crate::{Progress, Stopped};
use std::cmp::Ordering;

/// A cluster as a tree over its points.
struct Shape {
    columns: Columns,
    /// The core distance of each point within the cluster.
    cores: Vec<f64>,
    /// Points with several edges, or all where there are none such.
    inner: Vec<usize>,
    /// The longest edge between inner points, or of all edges where there is none such.
    sparseness: f64,
}

/// The density-based clustering validation of Moulavi et al.: in −1..1, higher is better. Each
/// cluster has the core distance of all its points, and a minimum spanning tree of mutual
/// reachability. What counts is by how much the gap to the nearest cluster exceeds the longest
/// inner edge. Clusters weigh as their share of **all** rows, so noise counts against a partition;
/// a cluster of one point is noise. `None` where fewer than 2 clusters are left.
///
/// Cost: the square of the rows × dims. Of more than `most` rows a simple random sample of as many
/// is judged, which thins all densities alike; 5,000 of 10 columns take about 1 s. Among equal
/// edges the tree takes that of the points whose coordinates come first, so the order of rows does
/// not matter.
///
/// Source: Moulavi, Jaskowiak, Campello, Zimek, Sander, "Density-based clustering validation", SDM
/// 2014.
pub fn dbcv(
    points: Points<'_>,
    labels: &[i32],
    most: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Option<f64>, Stopped> {
    assert_eq!(points.len(), labels.len(), "one label a point");
    let (mut chosen, mut rest) = (vec![], vec![]);
    choose(labels.len(), most.min(labels.len()), seed, &mut chosen, &mut rest);
    let sampled: Vec<i32> = chosen.iter().map(|&i| labels[i as usize]).collect();
    let mut members = members(&sampled);
    members.retain(|rows| rows.len() > 1);
    if members.len() < 2 {
        return Ok(None);
    }
    let mut shapes = Vec::with_capacity(members.len());
    for rows in &mut members {
        rows.iter_mut().for_each(|row| *row = chosen[*row] as usize);
        rows.sort_by(|a, b| lexicographic(points.row(*a), points.row(*b)));
        shapes.push(Shape::new(points, rows, progress)?);
    }
    let mut gaps = vec![f64::INFINITY; shapes.len()];
    for i in 0..shapes.len() {
        for j in 0..i {
            let gap = gap(points, &shapes[i], &members[i], &shapes[j], progress)?;
            gaps[i] = gap.min(gaps[i]);
            gaps[j] = gap.min(gaps[j]);
        }
    }
    let validity = |(shape, gap): (&Shape, &f64)| {
        let larger = shape.sparseness.max(*gap);
        let validity = if larger > 0.0 { (gap - shape.sparseness) / larger } else { 0.0 };
        validity * shape.cores.len() as f64 / chosen.len() as f64
    };
    Ok(Some(shapes.iter().zip(&gaps).map(validity).sum()))
}

impl Shape {
    /// Of at least two rows.
    fn new(points: Points<'_>, rows: &[usize], progress: &dyn Progress) -> Result<Self, Stopped> {
        let n = rows.len();
        let columns = Columns::new(points, rows);
        let mut squares = vec![0.0; n];
        let mut cores = Vec::with_capacity(n);
        for (i, &row) in rows.iter().enumerate() {
            proceed(progress)?;
            columns.squared_distances(points.row(row), &mut squares);
            cores.push(core(&squares, i, points.dims));
        }
        // Prim's tree: the edge by which each point is reached from those before.
        let (mut edges, mut degrees) = (Vec::with_capacity(n - 1), vec![0; n]);
        let (mut reach, mut from) = (vec![f64::INFINITY; n], vec![0; n]);
        let (mut left, mut at) = ((1..n).collect::<Vec<_>>(), 0);
        while !left.is_empty() {
            proceed(progress)?;
            columns.squared_distances(points.row(rows[at]), &mut squares);
            let mut next = 0;
            for (place, &i) in left.iter().enumerate() {
                let mutual = squares[i].sqrt().max(cores[i]).max(cores[at]);
                if mutual < reach[i] {
                    (reach[i], from[i]) = (mutual, at);
                }
                if reach[i] < reach[left[next]] {
                    next = place;
                }
            }
            at = left.remove(next);
            edges.push((at, from[at]));
            degrees[at] += 1;
            degrees[from[at]] += 1;
        }
        let inner: Vec<usize> = (0..n).filter(|&i| degrees[i] > 1).collect();
        let inner = if inner.is_empty() { (0..n).collect() } else { inner };
        let is_inner = |&(a, b): &(usize, usize)| degrees[a] > 1 && degrees[b] > 1;
        let any = edges.iter().any(is_inner);
        let counted = edges.iter().filter(|e| !any || is_inner(e));
        let sparseness = counted.map(|&(a, _)| reach[a]).fold(0.0, f64::max);
        Ok(Self { columns, cores, inner, sparseness })
    }
}

/// The distance around which point `own` has its cluster: the mean of the inverse distances to the
/// power of the dims, undone. 0 if there is an equal point. Relative to the nearest, so that no
/// power overflows.
fn core(squares: &[f64], own: usize, dims: usize) -> f64 {
    let others = || squares.iter().enumerate().filter(|(i, _)| *i != own).map(|(_, s)| *s);
    let nearest = others().fold(f64::INFINITY, f64::min);
    if nearest == 0.0 {
        return 0.0;
    }
    let inverse = |s: f64| (nearest / s).sqrt().powi(dims as i32);
    let mean = others().map(inverse).sum::<f64>() / (squares.len() - 1) as f64;
    nearest.sqrt() * mean.powf(-1.0 / dims as f64)
}

/// The least mutual reachability between inner points of two clusters.
fn gap(
    points: Points<'_>,
    a: &Shape,
    rows: &[usize],
    b: &Shape,
    progress: &dyn Progress,
) -> Result<f64, Stopped> {
    let mut squares = vec![0.0; b.columns.len()];
    let mut least = f64::INFINITY;
    for &i in &a.inner {
        proceed(progress)?;
        b.columns.squared_distances(points.row(rows[i]), &mut squares);
        for &j in &b.inner {
            let mutual = squares[j].sqrt().max(a.cores[i]).max(b.cores[j]);
            least = mutual.min(least);
        }
    }
    Ok(least)
}

/// Points by their first coordinate, equal ones by the next.
fn lexicographic(a: &[f64], b: &[f64]) -> Ordering {
    let differ = a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne());
    differ.unwrap_or(Ordering::Equal)
}

fn proceed(progress: &dyn Progress) -> Result<(), Stopped> {
    if progress.proceed() { Ok(()) } else { Err(Stopped) }
}
