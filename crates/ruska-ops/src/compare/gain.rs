//! How much better the challenger is by one measure, and how sure that is.

use super::bootstrap::bootstrap;
use super::delong::delong;
use ruska::normal;
use ruska::{Measure, Predictions, Truth};

/// The truth of some rows, and what two models say of them.
#[derive(Clone, Copy)]
pub struct Pair<'a> {
    /// The truth.
    pub truth: &'a Truth,
    /// Non-negative weight per row, where rows have weights.
    pub weights: Option<&'a [f64]>,
    /// Predictions of the challenger.
    pub challenger: &'a Predictions,
    /// Predictions of the champion.
    pub champion: &'a Predictions,
}

/// The difference of a measure between two models on the same rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    /// How much better the challenger is; positive is better whatever the measure's direction.
    pub gain: f64,
    /// Lower end of its two-sided interval at 1 − significance.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How the interval was made: `delong` or `bootstrap`.
    pub method: &'static str,
}

impl Gain {
    /// The gain of a pair by a measure; `significance` lies in (0, 1).
    ///
    /// The AUC of two classes without weights is compared by DeLong's method, all else by the
    /// paired bootstrap over rows, within classes, or over series. Models with equal predictions
    /// differ by 0 with the interval 0 to 0. `None` where the measure is undefined for either model
    /// or for one of the resamples, and where a class has too few rows for an interval.
    pub fn of(measure: &dyn Measure, pair: &Pair<'_>, significance: f64) -> Option<Self> {
        let gain = pair.gain(measure)?;
        let (low, high, method) = match pair.two_classes() {
            Some(positive) if measure.info().id == "auc" => {
                let variance = pair.variance_of_areas(positive)?;
                let reach = normal::quantile(1.0 - significance / 2.0) * variance.sqrt();
                (gain - reach, gain + reach, "delong")
            }
            _ => {
                let (low, high) = bootstrap(measure, pair, gain, significance)?;
                (low, high, "bootstrap")
            }
        };
        Some(Self { gain, low, high, method })
    }
}

impl Pair<'_> {
    /// The oriented difference of a measure; `None` where it is undefined for either model.
    pub(super) fn gain(&self, measure: &dyn Measure) -> Option<f64> {
        let score = |predictions| measure.score(self.truth, predictions, self.weights).ok();
        let (challenger, champion) = (score(self.challenger)?, score(self.champion)?);
        let gain = challenger - champion;
        let gain = if measure.info().higher_is_better { gain } else { -gain };
        gain.is_finite().then_some(gain + 0.0)
    }

    /// The positive class where there are two and rows count alike.
    fn two_classes(&self) -> Option<u32> {
        match self.truth {
            Truth::Classes { n_classes: 2, positive, .. } if self.weights.is_none() => {
                Some(*positive)
            }
            _ => None,
        }
    }

    fn variance_of_areas(&self, positive: u32) -> Option<f64> {
        let Truth::Classes { codes, .. } = self.truth else { return None };
        let rows: Vec<bool> = codes.iter().map(|&code| code == positive).collect();
        let score = |of: &Predictions| -> Vec<f64> {
            (0..of.rows()).map(|row| of.row(row)[positive as usize]).collect()
        };
        delong(&rows, &score(self.challenger), &score(self.champion))
    }
}
