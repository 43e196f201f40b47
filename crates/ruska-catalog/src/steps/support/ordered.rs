//! Quantiles of weighted values.

use super::numbers::Known;

/// Values beyond so many are thinned out: their quantiles say the same.
const MOST: usize = 1 << 18;

/// Known values in ascending order.
///
/// A value of whole weight k counts as k values. Other weights are brought to a mean of one, and
/// the values are those in the middle of as many equal slices of the weight as there are values,
/// but for the first and the last, which are the ends.
#[derive(Debug)]
pub(crate) struct Ordered {
    values: Vec<f64>,
    /// Weight up to and with each value; empty if each weighs one.
    upto: Vec<f64>,
}

impl Ordered {
    /// Sorts what is known; `None` where that is nothing.
    pub(crate) fn of(known: Known) -> Option<Self> {
        let known = known.thinned(MOST);
        let total: f64 = known.weights.iter().sum();
        if known.weights.iter().all(|w| *w == 1.0) || total == 0.0 {
            let mut values = known.values;
            values.sort_unstable_by(f64::total_cmp);
            return (!values.is_empty()).then_some(Self { values, upto: vec![] });
        }
        let whole = known.weights.iter().all(|w| w.fract() == 0.0);
        let unit = if whole { 1.0 } else { total / known.weights.len() as f64 };
        let pairs = known.values.into_iter().zip(known.weights).filter(|(_, w)| *w > 0.0);
        let mut pairs: Vec<(f64, f64)> = pairs.collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut sum = 0.0;
        let upto = pairs.iter().map(|(_, w)| {
            sum += w / unit;
            sum
        });
        let upto = upto.collect();
        Some(Self { values: pairs.into_iter().map(|(v, _)| v).collect(), upto })
    }

    /// Number of values, weights counted.
    pub(crate) fn count(&self) -> f64 {
        self.upto.last().map_or(self.values.len() as f64, |total| total.round().max(1.0))
    }

    /// The value at a place, from 0.
    fn at(&self, place: f64) -> f64 {
        let last = self.values.len() - 1;
        if place == 0.0 || place + 1.0 >= self.count() {
            return self.values[if place == 0.0 { 0 } else { last }];
        }
        if self.upto.is_empty() {
            return self.values[place as usize];
        }
        self.values[self.upto.partition_point(|sum| *sum <= place + 0.5).min(last)]
    }

    /// The quantile of a share in 0..=1, interpolated between two values.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let place = share * (self.count() - 1.0);
        let part = place.fract();
        let below = self.at(place.floor());
        if part == 0.0 {
            return below;
        }
        let above = self.at(place.floor() + 1.0);
        if below == above { below } else { below * (1.0 - part) + above * part }
    }
}
