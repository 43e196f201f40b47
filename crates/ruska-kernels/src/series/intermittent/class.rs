//! What kind of demand a series is.
//!
//! Reference: Syntetos, Boylan and Croston, "On the categorization of demand patterns", Journal of
//! the Operational Research Society 56, 2005.

use serde::{Deserialize, Serialize};

/// The mean interval from which on demand is intermittent.
const INTERMITTENT: f64 = 1.32;
/// The squared coefficient of variation of sizes from which on demand is erratic.
const ERRATIC: f64 = 0.49;

/// Kinds of demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// There is no demand.
    None,
    /// Often, of like sizes.
    Smooth,
    /// Often, of unlike sizes.
    Erratic,
    /// Seldom, of like sizes.
    Intermittent,
    /// Seldom, of unlike sizes.
    Lumpy,
}

/// How often there is demand and how its sizes vary.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// Steps for each demand, ≥ 1; 0 without any.
    pub interval: f64,
    /// Variance of the demands' sizes over their squared mean, ≥ 0.
    pub variation: f64,
    /// The kind.
    pub class: Class,
}

/// Looks at a series' demands, which are its values that are not zero.
pub fn demand(values: &[f64]) -> Demand {
    let sizes: Vec<f64> = values.iter().map(|v| v.abs()).filter(|v| *v > 0.0).collect();
    let most = sizes.iter().copied().fold(0.0, f64::max);
    let count = sizes.len() as f64;
    if sizes.is_empty() {
        return Demand { interval: 0.0, variation: 0.0, class: Class::None };
    }
    let mean = sizes.iter().map(|s| s / most).sum::<f64>() / count;
    let square: f64 = sizes.iter().map(|s| (s / most - mean).powi(2)).sum();
    let variation = square / (count - 1.0).max(1.0) / (mean * mean);
    let interval = values.len() as f64 / count;
    let class = match (interval >= INTERMITTENT, variation >= ERRATIC) {
        (false, false) => Class::Smooth,
        (false, true) => Class::Erratic,
        (true, false) => Class::Intermittent,
        (true, true) => Class::Lumpy,
    };
    Demand { interval, variation, class }
}
