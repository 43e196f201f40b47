//! How much better the new model is, by the models' own metrics and the usual ones.

use super::report::Measured;
use super::scored::Scored;
use super::{LEAST_ROWS, SIGNIFICANCE};
use crate::compare::{Gain, Pair};
use ruska::{Measure, Model, TaskKind};

/// Every measure that is defined for both models on the rows with a target: the old model's metric,
/// the new one's, then the usual ones of the task.
pub(super) fn metrics(old: &Model, new: &Model, scored: &Scored) -> Vec<Measured> {
    let usual = match old.manifest().task {
        TaskKind::Regression => ["rmse", "mae"],
        _ => ["logloss", "accuracy"],
    };
    let mut ids: Vec<&str> = vec![];
    for id in [old.manifest().metric.as_str(), &new.manifest().metric].into_iter().chain(usual) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    let catalog = ruska::builtin();
    let shared = &scored.shared;
    if shared.rows.is_empty() {
        return vec![];
    }
    let (champion, challenger) = (scored.old.take(&shared.rows), scored.new.take(&shared.rows));
    let pair = Pair {
        truth: &shared.truth,
        weights: shared.weights.as_deref(),
        challenger: &challenger,
        champion: &champion,
    };
    let measures = ids.into_iter().filter_map(|id| catalog.measure(id));
    measures.filter_map(|measure| measured(measure.as_ref(), &pair)).collect()
}

fn measured(measure: &dyn Measure, pair: &Pair<'_>) -> Option<Measured> {
    let score = |predictions| measure.score(pair.truth, predictions, pair.weights).ok();
    let (old, new) = (score(pair.champion)?, score(pair.challenger)?);
    let higher_is_better = measure.info().higher_is_better;
    let (from, to) = if higher_is_better { (old, new) } else { (new, old) };
    if !(old.is_finite() && new.is_finite()) {
        return None;
    }
    let enough = pair.truth.rows() >= LEAST_ROWS;
    let sure = if enough { Gain::of(measure, pair, SIGNIFICANCE) } else { None };
    Some(Measured {
        metric: measure.info().id.to_owned(),
        higher_is_better,
        old,
        new,
        gain: to - from + 0.0,
        low: sure.map(|g| g.low),
        high: sure.map(|g| g.high),
        method: sure.map(|g| g.method),
    })
}
