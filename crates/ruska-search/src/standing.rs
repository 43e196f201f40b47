//! Trials as a measure sees them beside each other.

use ruska_core::{Measure, Trial};

/// Whether the measure tells trials only beside each other.
pub(crate) fn is_relative(measure: &dyn Measure) -> bool {
    measure.beside(&[]).is_some()
}

/// Gives trials the losses that they have beside each other, all folds of one the same. Nothing where
/// the measure tells each by itself.
pub(crate) fn stand<'a>(measure: &dyn Measure, trials: impl Iterator<Item = &'a mut Trial>) {
    let mut trials: Vec<&mut Trial> = trials.filter(|t| t.loss().is_some()).collect();
    let seen: Vec<&Trial> = trials.iter().map(|t| &**t).collect();
    let Some(losses) = measure.beside(&seen) else { return };
    for (trial, loss) in trials.iter_mut().zip(losses) {
        trial.folds.iter_mut().for_each(|fold| fold.loss = loss);
    }
}
