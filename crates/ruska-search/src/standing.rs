//! Trials as a measure sees them beside each other.

use ruska_core::{Beside, Measure, Trial};
use std::collections::BTreeMap;

/// Whether the measure tells trials only beside each other.
pub(crate) fn is_relative(measure: &dyn Measure) -> bool {
    measure.beside().is_some()
}

/// Gives trials the losses that they have beside each other, all folds of one the same. Nothing where
/// the measure tells each by itself.
pub(crate) fn stand(measure: &dyn Measure, trials: &mut BTreeMap<u32, Trial>) {
    let Some(mut beside) = measure.beside() else { return };
    trials.values().filter(|t| t.loss().is_some()).for_each(|t| beside.take(t));
    apply(&*beside, trials);
}

/// Gives the trials that were taken their losses.
fn apply(beside: &dyn Beside, trials: &mut BTreeMap<u32, Trial>) {
    for (number, loss) in beside.losses() {
        if let Some(trial) = trials.get_mut(&number) {
            trial.folds.iter_mut().for_each(|fold| fold.loss = loss);
        }
    }
}

/// Where the metric tells trials only beside each other, how they stand; nothing to be done elsewhere.
pub(crate) struct Standing(Option<Both>);

/// All finished trials beside each other, and those that a next one may see.
struct Both {
    finished: Box<dyn Beside>,
    visible: Box<dyn Beside>,
    /// The trials that a next one may see, as they stand among themselves.
    seen: BTreeMap<u32, Trial>,
    /// Numbers of the finished trials that are not among them.
    unseen: Vec<u32>,
}

impl Standing {
    pub(crate) fn of(measure: &dyn Measure) -> Self {
        let both = measure.beside().zip(measure.beside());
        Self(both.map(|(finished, visible)| Both {
            finished,
            visible,
            seen: BTreeMap::new(),
            unseen: vec![],
        }))
    }

    /// Takes trials that have finished, which are among all the finished ones, and gives these the losses
    /// that they have by now; whether any has changed.
    pub(crate) fn update(&mut self, new: &[u32], finished: &mut BTreeMap<u32, Trial>) -> bool {
        let Some(both) = &mut self.0 else { return false };
        both.unseen.extend(new);
        let mut any = false;
        for trial in new.iter().filter_map(|number| finished.get(number)) {
            if trial.loss().is_some() {
                both.finished.take(trial);
                any = true;
            }
        }
        if any {
            apply(&*both.finished, finished);
        }
        any
    }

    /// Takes the finished trials up to a number, so that [`Self::visible`] has them.
    pub(crate) fn see(&mut self, finished: &BTreeMap<u32, Trial>, last: Option<u32>) {
        let Some((both, last)) = self.0.as_mut().zip(last) else { return };
        let mut any = false;
        for number in both.unseen.extract_if(.., |number| *number <= last) {
            let Some(trial) = finished.get(&number) else { continue };
            if trial.loss().is_some() {
                both.visible.take(trial);
                any = true;
            }
            both.seen.insert(number, trial.clone());
        }
        if any {
            apply(&*both.visible, &mut both.seen);
        }
    }

    /// The finished trials up to a number, as they stand among themselves.
    pub(crate) fn visible<'a>(
        &'a self,
        finished: &'a BTreeMap<u32, Trial>,
        last: Option<u32>,
    ) -> Vec<&'a Trial> {
        let Some(last) = last else { return vec![] };
        let trials = self.0.as_ref().map_or(finished, |both| &both.seen);
        trials.range(..=last).map(|(_, t)| t).collect()
    }
}
