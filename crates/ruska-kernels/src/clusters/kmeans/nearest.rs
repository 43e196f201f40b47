//! The nearest centre of every row.

use crate::clusters::Points;
use crate::clusters::panel::{Grouped, Nearest, pack};
use crate::clusters::parts::{PART, for_each_part};
use crate::linear::PANEL;
use crate::trees::parallel::within;
use crate::{Progress, Stopped};

/// Where rows belong.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The nearest centre of each row, the lower of equally near ones; −1 if there are no centres.
    pub labels: Vec<i32>,
    /// The Euclidean distance from it, ≥ 0; 0 if there are no centres.
    pub distances: Vec<f64>,
}

/// The nearest of some finite centres for each of some finite points.
///
/// Panics unless both have the same number of coordinates.
pub fn nearest(
    points: Points<'_>,
    centers: Points<'_>,
    threads: usize,
    progress: &dyn Progress,
) -> Result<Found, Stopped> {
    assert_eq!(points.dims, centers.dims, "centres have the coordinates of points");
    let n = points.len();
    let mut found = Found { labels: vec![-1; n], distances: vec![0.0; n] };
    if centers.is_empty() {
        return Ok(found);
    }
    let grouped = Grouped::new(centers);
    let origin = vec![0.0; points.dims];
    let part = |(part, (labels, distances)): (usize, (&mut [i32], &mut [f64]))| {
        let mut panel = vec![[0.0; PANEL]; points.dims];
        let mut out = vec![[0.0; PANEL]; grouped.len()];
        let mut near = Nearest::new();
        if !progress.proceed() {
            return Err(Stopped);
        }
        let lanes = labels.chunks_mut(PANEL).zip(distances.chunks_mut(PANEL));
        for (p, (labels, distances)) in lanes.enumerate() {
            let first = part * PART + p * PANEL;
            pack(points, first..first + labels.len(), &origin, &mut panel);
            grouped.squared_distances(&panel, &mut out);
            near.find(&out);
            for l in 0..labels.len() {
                labels[l] = near.centre[l] as i32;
                distances[l] = near.first[l].sqrt();
            }
        }
        Ok(())
    };
    within(threads, || for_each_part(threads, &mut found.labels, &mut found.distances, part))?;
    Ok(found)
}
