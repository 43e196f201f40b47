//! A few numbers orders of magnitude away from all others.
//!
//! By distance from the median, at most 1 % of the numbers (or three) lie beyond a gap of a factor of thirty,
//! and of as many decades as the others span between their median distance and their largest:
//! heavy tails (incomes, areas, counts) have gaps of that kind themselves. It fails on values that
//! are wrong but near. Distances are counted in eighths of octaves. Cost O(rows).

use super::numbers::{Numbers, quantile};
use super::{Oddity, leave_out};
use crate::meaning::note::counted;
use crate::meaning::values::number_text;
use ruska_core::{FindingCode, Severity};

/// Most rows beyond the gap: one in so many, in short tables a few.
const ONE_IN: usize = 100;
const FEW: usize = 3;
/// Least factor between the nearest beyond the gap and the farthest before it.
const GAP: f64 = 30.0;
/// Least numbers on this side that differ from the median, and the distances they take.
const LEAST: usize = 20;
const LEAST_DISTANCES: usize = 5;

/// Numbers far from all others.
#[derive(Debug, PartialEq)]
pub(super) struct Outliers {
    count: usize,
    /// Up to three of them, in row order.
    examples: Vec<f64>,
    /// The farthest of the others.
    edge: f64,
}

/// Octave and eighth of a positive number: ascends with it.
fn place(distance: f64) -> usize {
    (distance.to_bits() >> 49) as usize
}

/// The least number of a place.
fn start(place: usize) -> f64 {
    f64::from_bits((place as u64) << 49)
}

/// Whether a few numbers lie far from all others.
pub(super) fn outliers(numbers: &Numbers<'_>) -> Option<Outliers> {
    let median = quantile(&numbers.sorted, 0.5);
    let distance = |v: f64| (v - median).abs();
    let mut counts = vec![0u32; place(f64::INFINITY) + 1];
    let mut present = 0;
    for v in numbers.each() {
        present += 1;
        counts[place(distance(v))] += 1;
    }
    counts[0] = 0;
    let used: Vec<usize> = (0..counts.len()).filter(|p| counts[*p] > 0).collect();
    let total: usize = used.iter().map(|p| counts[*p] as usize).sum();
    let mut below = 0;
    for (at, pair) in used.windows(2).enumerate() {
        below += counts[pair[0]] as usize;
        let gap = start(pair[1]) / start(pair[0] + 1);
        if gap < GAP * 0.75 || total - below > (present / ONE_IN).max(FEW) {
            continue;
        }
        let enough = below >= LEAST && at + 1 >= LEAST_DISTANCES;
        let middle = middle(&used[..=at], &counts, below);
        let limit = start(pair[1]);
        let inside = numbers.each().filter(|v| distance(*v) < limit);
        let edge = inside.max_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
        let outside = || numbers.each().filter(|v| distance(*v) >= limit);
        let nearest = outside().map(distance).min_by(f64::total_cmp)?;
        let gap = nearest / distance(edge);
        if enough && gap >= (distance(edge) / middle).max(GAP) {
            let examples = outside().take(3).collect();
            return Some(Outliers { count: total - below, examples, edge });
        }
    }
    None
}

/// The median distance.
fn middle(used: &[usize], counts: &[u32], total: usize) -> f64 {
    let mut seen = 0;
    let half = |p: &&usize| {
        seen += counts[**p] as usize;
        2 * seen >= total
    };
    used.iter().find(half).map_or(f64::INFINITY, |p| start(*p))
}

impl Outliers {
    /// Tells it.
    pub(super) fn told(&self, name: &str) -> Oddity {
        let examples: Vec<String> = self.examples.iter().map(|v| number_text(*v)).collect();
        let (lie, such) = (if self.count == 1 { "lies" } else { "lie" }, examples.join("`, `"));
        Oddity {
            code: FindingCode::Outliers,
            severity: Severity::Warning,
            count: self.count,
            what: format!(
                "column `{name}`: {} {lie} far from all others, of which {} is the farthest: `{such}`",
                counted(self.count, "value"),
                number_text(self.edge)
            ),
            advice: format!("correct or empty them if they are wrong; {}", leave_out(name)),
            examples,
        }
    }
}
