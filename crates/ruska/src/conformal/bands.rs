//! Intervals of numbers, as wide as errors are at predictions of that size.
//!
//! The score of a row is its error in units of a spread: the size that four in five errors at predictions like
//! its own do not exceed, from bins of as many rows each with straight lines between their middles. A quantile
//! tells the width of an interval where a mean would tell of a few large errors. A row's own error does not
//! count in the spread it is measured by, which would make scores too small. Errors below and above have
//! quantiles of their own where rows are many, so skewed errors have skewed intervals; otherwise their sizes
//! have.
//!
//! Reference: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, "Distribution-free predictive inference for
//! regression", JASA 113, 2018 (locally weighted scores).

use super::scores::Scores;
use super::{SHARES, falling};
use ruska_core::codec;
use serde::{Deserialize, Serialize};

/// Rows of a bin, at least.
const BIN: usize = 100;
/// Most bins.
const BINS: usize = 40;
/// The share of the errors of a bin that its spread is not exceeded by.
const WITHIN: f64 = 0.8;
/// Part of the mean size of all errors that is added to spreads, so that none is 0.
const SHARED: f64 = 0.01;
/// Rows from which on errors below and above are told apart.
const SIGNED: usize = 200;
/// What a bound goes further, of the numbers that it is made of: rounding must not leave out what lies on it.
const ROUNDING: f64 = 1e-12;

/// Errors of numbers by the size of the prediction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// Mean prediction of each bin, rising.
    #[serde(with = "codec::packed")]
    pub(super) centres: Vec<f64>,
    /// Spread at each, above 0, in the unit of the target.
    #[serde(with = "codec::packed")]
    pub(super) spreads: Vec<f64>,
    /// How many spreads the truth is above the prediction at most, by falling share.
    #[serde(with = "codec::packed")]
    pub(super) above: Vec<f64>,
    /// How many it is below.
    #[serde(with = "codec::packed")]
    pub(super) below: Vec<f64>,
    /// Whether no target was below 0.
    positive: bool,
}

/// Rows of predictions next to each other.
struct Bin {
    /// Mean prediction.
    centre: f64,
    /// The sizes of their errors, rising, with the weight up to each.
    sizes: Vec<(f64, f64)>,
}

impl Bin {
    fn of(rows: &[(f64, f64, f64)]) -> Self {
        let mut sizes: Vec<(f64, f64)> = rows.iter().map(|row| (size(row), row.2)).collect();
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut weight = 0.0;
        for (_, upto) in &mut sizes {
            weight += *upto;
            *upto = weight;
        }
        let sum: f64 = rows.iter().map(|row| row.2 * row.0).sum();
        Self { centre: sum / weight, sizes }
    }

    /// The size that [`WITHIN`] of the errors do not exceed, without a row of such a size and weight.
    fn spread(&self, (size, weight): (f64, f64)) -> f64 {
        let Some((_, total)) = self.sizes.last() else { return 0.0 };
        let needed = WITHIN * (total - weight) * (1.0 - 1e-12);
        let reached = |needed: f64| {
            let at = self.sizes.partition_point(|(_, upto)| *upto < needed);
            self.sizes[at.min(self.sizes.len() - 1)].0
        };
        match reached(needed) {
            below if below < size => below,
            _ => reached(needed + weight),
        }
    }
}

/// The size of the error of a prediction, truth and weight.
fn size(row: &(f64, f64, f64)) -> f64 {
    (row.1 - row.0).abs()
}

impl Bands {
    /// From predictions, truths and weights above 0; `None` where there are none.
    pub(super) fn of(mut rows: Vec<(f64, f64, f64)>) -> Option<Self> {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let n = rows.len();
        let total: f64 = rows.iter().map(|row| row.2).sum();
        let mean = rows.iter().map(|row| row.2 * size(row)).sum::<f64>() / total;
        if n == 0 || !mean.is_finite() {
            return None;
        }
        let least = (SHARED * mean).max(f64::MIN_POSITIVE);
        let (bins, ends) = bins(&rows);
        let centres = bins.iter().map(|bin| bin.centre).collect();
        let spreads = bins.iter().map(|bin| bin.spread((f64::INFINITY, 0.0)) + least).collect();
        let positive = rows.iter().all(|row| row.1 >= 0.0);
        let mut bands = Self { centres, spreads, above: vec![], below: vec![], positive };
        let mut scores = Vec::with_capacity(n);
        let mut from = 0;
        for (k, (bin, end)) in bins.iter().zip(ends).enumerate() {
            let whole = bands.spreads[k];
            for row in &rows[from..end] {
                // The spread of a single bin is the same for all and says nothing.
                if bins.len() > 1 {
                    bands.spreads[k] = bin.spread((size(row), row.2)) + least;
                }
                scores.push(((row.1 - row.0) / bands.spread(row.0), row.2));
            }
            bands.spreads[k] = whole;
            from = end;
        }
        let sized = |f: fn(f64) -> f64| scores.iter().map(|(z, w)| (f(*z), *w)).collect();
        (bands.above, bands.below) = if n < SIGNED {
            let sizes = Scores::of(sized(f64::abs)).told(1.0);
            (sizes.clone(), sizes)
        } else {
            (Scores::of(sized(|z| z)).told(0.5), Scores::of(sized(|z| -z)).told(0.5))
        };
        Some(bands)
    }

    /// The spread at a prediction.
    fn spread(&self, predicted: f64) -> f64 {
        let last = self.centres.len() - 1;
        let next = self.centres.partition_point(|c| *c < predicted);
        if next == 0 || next > last {
            return self.spreads[next.min(last)];
        }
        let (a, b) = (self.centres[next - 1], self.centres[next]);
        let part = (predicted - a) / (b - a);
        self.spreads[next - 1] * (1.0 - part) + self.spreads[next] * part
    }

    /// Whether rows were enough for the share at a place.
    pub(super) fn tells(&self, place: usize) -> bool {
        self.above[place].is_finite() && self.below[place].is_finite()
    }

    /// The interval at a prediction for the share at a place.
    pub(super) fn at(&self, predicted: f64, place: usize) -> (f64, f64) {
        let spread = self.spread(predicted);
        let (above, below) = (spread * self.above[place], spread * self.below[place]);
        let rounding = |error: f64| ROUNDING * (predicted.abs() + error.abs());
        let lower = predicted - below - rounding(below);
        let upper = predicted + above + rounding(above);
        if self.positive { (lower.max(0.0), upper.max(0.0)) } else { (lower, upper) }
    }

    pub(super) fn validate(&self) -> Result<(), String> {
        let Self { centres, spreads, above, below, .. } = self;
        let finite = |values: &[f64]| values.iter().all(|v| v.is_finite());
        let bins = !centres.is_empty() && centres.len() == spreads.len();
        let rising = centres.windows(2).all(|w| w[0] < w[1]);
        let sound = finite(centres) && finite(spreads) && spreads.iter().all(|s| *s > 0.0);
        let told = above.len() == SHARES && below.len() == SHARES;
        let ordered = falling(above) && falling(below);
        // The narrowest interval has its bounds in order, and with it all.
        if bins && rising && sound && told && ordered && above[SHARES - 1] >= -below[SHARES - 1] {
            return Ok(());
        }
        Err("its intervals are out of order".to_owned())
    }
}

/// Rows sorted by prediction in bins of about as many, equal predictions together, and the end of each.
fn bins(rows: &[(f64, f64, f64)]) -> (Vec<Bin>, Vec<usize>) {
    let n = rows.len();
    let most = (n / BIN).clamp(1, BINS);
    let (mut bins, mut ends, mut from) = (vec![], vec![], 0);
    for k in 1..=most {
        let mut end = (k * n / most).max(from);
        while end > from && end < n && rows[end].0 == rows[end - 1].0 {
            end += 1;
        }
        if end == from {
            continue;
        }
        bins.push(Bin::of(&rows[from..end]));
        ends.push(end);
        from = end;
    }
    (bins, ends)
}
