//! A part of the numbers in another unit: metres among kilometres, cents among euros.
//!
//! By magnitude, the numbers fall into two clusters half a factor from the median (geometrically),
//! of which the smaller, divided by the factor, is distributed like the larger: their
//! Kolmogorov–Smirnov distance is at most 0.15 beyond what chance gives at the 1 % level. Few lie
//! between them. Factors are 100 and 1000 either way. It wins where up to 45 % of a column came
//! from another system; it fails on wide distributions, whose clusters overlap. Cost O(n log n)
//! of the sample.

use super::numbers::{Numbers, distinct, quantile};
use super::{Oddity, leave_out};
use crate::meaning::note::{counted, percent};
use crate::meaning::values::number_text;
use ruska_core::{FindingCode, Severity};

/// Distance of distributions that are called alike, besides chance: clusters overlap a little.
const ALIKE: f64 = 0.15;
/// Critical value of the two-sample statistic at 1 %.
const CRITICAL: f64 = 1.63;
/// Shares of the smaller cluster.
const SHARE: std::ops::RangeInclusive<f64> = 0.01..=0.45;
/// Least numbers of the smaller cluster.
const LEAST: usize = 20;
/// Distinct values of the larger cluster, so that a scale of few steps has no units.
const LEAST_DISTINCT: usize = 5;

/// Numbers in another unit.
#[derive(Debug, PartialEq)]
pub(super) struct Units {
    /// By what the others would have to be multiplied.
    factor: f64,
    count: usize,
    /// A value in the middle of each cluster, the usual unit first.
    typical: [f64; 2],
}

/// Whether a part of the numbers is in another unit.
pub(super) fn units(numbers: &Numbers<'_>) -> Option<Units> {
    let mut sizes: Vec<f64> =
        numbers.sorted.iter().filter(|v| **v != 0.0).map(|v| v.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let logs: Vec<f64> = sizes.iter().map(|v| v.log10()).collect();
    let (exponent, cut) = [3.0, 2.0, -3.0, -2.0]
        .into_iter()
        .find_map(|exponent| Some((exponent, cut(&logs, exponent)?)))?;
    let limit = 10f64.powf(cut);
    let other = |v: f64| v != 0.0 && (v.abs() > limit) == (exponent > 0.0);
    let at = sizes.partition_point(|v| *v <= limit);
    let (below, above) = (quantile(&sizes[..at], 0.5), quantile(&sizes[at..], 0.5));
    Some(Units {
        factor: 10f64.powf(exponent),
        count: numbers.each().filter(|v| other(*v)).count(),
        typical: if exponent > 0.0 { [below, above] } else { [above, below] },
    })
}

/// Where logarithms, ascending, part into two alike clusters that are `exponent` apart.
fn cut(logs: &[f64], exponent: f64) -> Option<f64> {
    let cut = quantile(logs, 0.5) + exponent / 2.0;
    let at = logs.partition_point(|v| *v <= cut);
    let (larger, smaller) =
        if exponent > 0.0 { (&logs[..at], &logs[at..]) } else { (&logs[at..], &logs[..at]) };
    let share = smaller.len() as f64 / logs.len() as f64;
    if smaller.len() < LEAST || !SHARE.contains(&share) {
        return None;
    }
    let near = exponent.abs() / 8.0;
    let between = logs.iter().filter(|v| (**v - cut).abs() < near).count();
    let chance = CRITICAL * (1.0 / larger.len() as f64 + 1.0 / smaller.len() as f64).sqrt();
    let alike = distance(larger, smaller, exponent) <= (ALIKE + chance).min(0.4);
    let steps = distinct(larger, LEAST_DISTINCT) >= LEAST_DISTINCT;
    (steps && alike && between * 4 <= smaller.len()).then_some(cut)
}

/// The Kolmogorov–Smirnov distance of ascending numbers, the second ones moved down by `shift`.
/// Numbers that differ in their last bits count as equal.
fn distance(a: &[f64], b: &[f64], shift: f64) -> f64 {
    const TIE: f64 = 1e-9;
    let (mut i, mut j, mut most) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let at = a[i].min(b[j] - shift) + TIE;
        while i < a.len() && a[i] <= at {
            i += 1;
        }
        while j < b.len() && b[j] - shift <= at {
            j += 1;
        }
        most = most.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    most
}

impl Units {
    /// Tells it.
    pub(super) fn told(&self, name: &str, present: usize) -> Oddity {
        let count = self.count;
        let share = format!("{} ({})", counted(count, "value"), percent(count, present));
        let how = if self.factor > 1.0 {
            format!("times {}", number_text(self.factor))
        } else {
            format!("divided by {}", number_text(self.factor.recip().round()))
        };
        Oddity {
            code: FindingCode::MixedUnits,
            severity: Severity::Warning,
            count,
            what: format!(
                "column `{name}`: {share} are like the others {how}, as if in another unit"
            ),
            advice: format!("bring them to one unit; {}", leave_out(name)),
            examples: self.typical.iter().map(|v| number_text(*v)).collect(),
        }
    }
}
