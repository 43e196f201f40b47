//! What a later start keeps of the best one.
//!
//! A local minimum mostly has two centres where one would do, and one where there should be two. So
//! a centre that is hardly missed goes, and another is drawn where inertia is.

use super::{KMeans, Table};
use crate::clusters::points::squared;
use crate::trees::random::{Stream, mix};

/// Centres that may go, of which the one that is missed least does.
const DRAWN: usize = 3;
/// At most one in so many centres goes, and at least one.
const ONE_IN: usize = 3;

impl Table<'_> {
    /// Some of the best centres, less the columns' means: all but a few.
    pub(super) fn kept(&self, best: &KMeans, seed: u64) -> Vec<f64> {
        let mut centres: Vec<(Vec<f64>, f64)> = best
            .centers
            .chunks_exact(self.points.dims)
            .map(|c| (self.moments.centred(c), 0.0))
            .collect();
        for (row, &label) in best.labels.iter().enumerate() {
            centres[label as usize].1 += self.weight(row);
        }
        let mut stream = Stream::new(mix(seed ^ 0x60e5));
        let going = 1 + stream.below((centres.len() / ONE_IN).max(1) as u64);
        for _ in 0..going {
            let drawn = (0..DRAWN).map(|_| stream.below(centres.len() as u64) as usize);
            let least = |a: &usize, b: &usize| loss(&centres, *a).total_cmp(&loss(&centres, *b));
            if let Some(c) = drawn.min_by(least) {
                centres.swap_remove(c);
            }
        }
        centres.into_iter().flat_map(|(centre, _)| centre).collect()
    }
}

/// How much more inertia there is at most when a centre's rows go to another one (Ward,
/// "Hierarchical grouping to optimize an objective function", J. Am. Stat. Assoc. 58, 1963).
fn loss(centres: &[(Vec<f64>, f64)], c: usize) -> f64 {
    let (centre, weight) = &centres[c];
    let merged = |(other, (to, own)): (usize, &(Vec<f64>, f64))| {
        if other == c { f64::INFINITY } else { squared(centre, to) * weight / (weight + own) * own }
    };
    centres.iter().enumerate().map(merged).fold(f64::INFINITY, f64::min)
}
