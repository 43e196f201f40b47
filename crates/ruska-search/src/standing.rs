//! Trials as a measure sees them beside each other.

use ruska_core::{Measure, Trial};
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// Where the metric tells trials only beside each other, how they stand; nothing to be done elsewhere.
pub(crate) struct Standing {
    measure: Option<Arc<dyn Measure>>,
    /// The trials that a next one may see, as they stand among themselves.
    seen: BTreeMap<u32, Trial>,
}

impl Standing {
    pub(crate) fn of(measure: &Arc<dyn Measure>) -> Self {
        let measure = Some(measure).filter(|m| is_relative(&***m)).cloned();
        Self { measure, seen: BTreeMap::new() }
    }

    /// Gives finished trials their losses; whether there was anything to be done.
    pub(crate) fn update(&self, finished: &mut BTreeMap<u32, Trial>) -> bool {
        let Some(measure) = &self.measure else { return false };
        stand(&**measure, finished.values_mut());
        true
    }

    /// Takes the finished trials up to a number, so that [`Self::visible`] has them.
    pub(crate) fn see(&mut self, finished: &BTreeMap<u32, Trial>, last: Option<u32>) {
        let Some((measure, last)) = self.measure.as_ref().zip(last) else { return };
        let before = self.seen.len();
        for (number, trial) in finished.range(..=last) {
            self.seen.entry(*number).or_insert_with(|| trial.clone());
        }
        if self.seen.len() > before {
            stand(&**measure, self.seen.values_mut());
        }
    }

    /// The finished trials up to a number, as they stand among themselves.
    pub(crate) fn visible<'a>(
        &'a self,
        finished: &'a BTreeMap<u32, Trial>,
        last: Option<u32>,
    ) -> Vec<&'a Trial> {
        let Some(last) = last else { return vec![] };
        let trials = if self.measure.is_some() { &self.seen } else { finished };
        trials.range(..=last).map(|(_, t)| t).collect()
    }
}
