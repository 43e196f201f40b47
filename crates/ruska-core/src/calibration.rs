//! What is done to the class probabilities of a model so that they mean what they say, and where its
//! labels change.

use crate::Predictions;
use serde::{Deserialize, Serialize};

/// Least probability of which there is a logarithm.
const LEAST: f64 = 1e-15;

/// Changes to class probabilities after a model.
///
/// Reference: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017, for
/// the temperature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// What the logarithms of the probabilities are divided by before they are brought to sum 1
    /// again, > 0: above 1 where the model is too sure.
    pub temperature: f64,
    /// The probability of the second of two classes from which on a row is of that class, in
    /// `[0, 1]`; the more probable one where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<f64>,
}

impl Calibration {
    /// Changes nothing.
    pub const NONE: Self = Self { temperature: 1.0, cut: None };

    /// Predictions of classes as they are to be given.
    #[must_use]
    pub fn apply(&self, predictions: Predictions) -> Predictions {
        let predictions = if self.temperature == 1.0 {
            predictions
        } else {
            tempered(&predictions, 1.0 / self.temperature)
        };
        match self.cut {
            Some(cut) => predictions.with_cut(cut),
            None => predictions,
        }
    }

    /// What is wrong with it for so many classes, if anything.
    pub fn validate(&self, classes: usize) -> Result<(), String> {
        if !(self.temperature > 0.0 && self.temperature.is_finite()) {
            return Err(format!("a temperature of {}", self.temperature));
        }
        match self.cut {
            Some(cut) if classes != 2 => Err(format!("a cut at {cut} of {classes} classes")),
            Some(cut) if !(0.0..=1.0).contains(&cut) => Err(format!("a cut at {cut}")),
            _ => Ok(()),
        }
    }
}

/// The logarithm of a probability, of at least 1e-15.
pub fn log_probability(p: f64) -> f64 {
    p.max(LEAST).ln()
}

/// Probabilities to a power, brought to sum 1 in each row.
fn tempered(predictions: &Predictions, power: f64) -> Predictions {
    let mut values = Vec::with_capacity(predictions.values().len());
    for row in 0..predictions.rows() {
        let logs = predictions.row(row).iter().map(|p| power * log_probability(*p));
        let most = logs.clone().fold(f64::NEG_INFINITY, f64::max);
        let start = values.len();
        values.extend(logs.map(|l| (l - most).exp()));
        let sum: f64 = values[start..].iter().sum();
        values[start..].iter_mut().for_each(|v| *v /= sum);
    }
    Predictions::new(predictions.width(), values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_of_two_takes_the_root() {
        let made = Calibration { temperature: 2.0, cut: None };
        let p = made.apply(Predictions::binary([0.9, 0.5, 0.0]));
        // √0.9 / (√0.9 + √0.1) = 3 / 4.
        assert!((p.row(0)[1] - 0.75).abs() < 1e-12);
        assert_eq!(p.row(1)[1], 0.5);
        assert!(p.row(2)[1] > 0.0 && p.row(2)[1] < 1e-7);
    }

    #[test]
    fn labels_change_at_the_cut() {
        let made = Calibration { temperature: 1.0, cut: Some(0.3) };
        let p = made.apply(Predictions::binary([0.29, 0.3, 0.9]));
        assert_eq!([0, 1, 2].map(|row| p.class(row)), [0, 1, 1]);
        assert_eq!(p.take(&[1, 0]).class(0), 1);
        assert_eq!(p.row(1)[1], 0.3);
        assert!(made.validate(3).is_err() && made.validate(2).is_ok());
    }
}
