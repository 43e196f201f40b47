//! From the best trial to the model: on the way, and at the end of a study.

use crate::calibrate::calibrate;
use crate::choice::Prefer;
use crate::engine::{Best, Coordinator, Outcome};
use crate::ensemble::{
    Fitted, MOST_ROWS, Member, STEPS, Voter, blend, choice_seconds, most_of_a_learner, recorded,
    select, voters,
};
use crate::executor::{InProcess, TRIAL_SHARE};
use crate::halves::{Gain, Halved, WIDTH};
use crate::judge::Judge;
use crate::optimism::Rule;
use crate::replay::refit;
use crate::worker::{Job, Shared, run_folds};
use crate::{SearchError, StudySpec};
use ruska_core::{Corrected, Event, FoldResult, Predictions, Share, Trial, TrialState};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Seconds that a byte of a pipeline takes to be packed and written as long as that was not measured.
pub(crate) const SECONDS_A_BYTE: f64 = 2e-8;
/// Bytes of a model whose writing tells how long others take.
const MANY_BYTES: u64 = 1 << 20;
/// Times that writing a model may take what another took.
const SAVE_MARGIN: f64 = 1.5;
/// Share of a run that choosing the trials of the model may take.
const CHOICE_SHARE: f64 = 0.05;
/// Share of a run that correcting its score may take.
const CORRECTION_SHARE: f64 = 0.03;
/// Least time between two writes of the model file while the search goes on.
const WRITE_EVERY: Duration = Duration::from_secs(2);

impl Coordinator<'_> {
    /// Writes the first two models at once, since any model beats none and the second is the first
    /// that may beat the constant; later ones now and then.
    pub(crate) fn save_when_due(&mut self) -> Result<(), SearchError> {
        let Some(best) = self.chosen_fitted() else { return Ok(()) };
        let number = best.member.trial.number;
        if self.running.values().any(|r| r.always) {
            // The manifest is to tell what the constant has.
            return Ok(());
        }
        let due = match self.saved {
            None => true,
            Some((trial, _)) if trial == number => false,
            Some((trial, at)) => {
                let baseline = self.finished.get(&trial).is_some_and(|t| t.origin == "baseline");
                baseline || at.elapsed() > WRITE_EVERY
            }
        };
        if !due {
            return Ok(());
        }
        let best = Best::alone(best.clone());
        self.save(&best)
    }

    /// Writes the model file of a trial.
    fn save(&mut self, best: &Best) -> Result<(), SearchError> {
        let start = Instant::now();
        self.hooks.save(best, false).map_err(SearchError::Write)?;
        let bytes = best.trial.folds.iter().map(|f| f.bytes).sum::<u64>();
        if bytes > MANY_BYTES {
            self.save_rate = start.elapsed().as_secs_f64() / bytes as f64;
        }
        self.saved = Some((best.trial.number, Instant::now()));
        Ok(())
    }

    /// Makes the final model, writes it and records the end, which a search without a model has too.
    pub(crate) fn conclude(mut self, why: &'static str) -> Result<Outcome, SearchError> {
        let made = self.finish();
        if !matches!(made, Err(SearchError::Write(_))) {
            self.emit(&Event::Ended { why: why.to_owned() })?;
        }
        Ok(Outcome { best: made?, why })
    }

    fn finish(&mut self) -> Result<Best, SearchError> {
        let Some(trial) = self.chosen().cloned() else { return Err(self.no_model()) };
        let shares = self.shares(&trial);
        let mut best = self.assemble(&trial, &shares)?;
        if self.spec.calibrate && !self.hurried() {
            best = calibrate(&self.shared, best);
        }
        best.corrected = self.corrected(&best);
        let halved = self.halved(&best);
        if let Some(halved) = halved {
            self.emit(&halved.event())?;
        }
        self.refit(&mut best.members);
        if let (Some(corrected), Some(halved)) = (best.corrected, halved) {
            best.corrected = Some(self.grown(corrected, &best, halved));
        }
        let model = self.hooks.save(&best, true).map_err(SearchError::Write)?;
        let params = |m: &Member| m.emission.params().cloned();
        let share = |m: &Member| Share { trial: m.trial.number, times: m.times, params: params(m) };
        let members =
            if best.members.len() > 1 { best.members.iter().map(share).collect() } else { vec![] };
        self.emit(&Event::ModelSaved {
            trial: best.trial.number,
            model,
            emitted: best.emitted().to_owned(),
            params: best.members.first().and_then(params),
            members,
            corrected: best.corrected,
            calibration: best.calibration,
        })?;
        Ok(best)
    }

    /// The score as it would be had it not been the best; `None` where there is no time to tell.
    fn corrected(&mut self, best: &Best) -> Option<Corrected> {
        let mut choices = self.choices.take()?;
        let began = Instant::now();
        let end = self.spec.deadline.map(|deadline| {
            let after = self.refit_and_save();
            let before = deadline.checked_sub(after).unwrap_or(deadline);
            let share = correction_share(self.spec, self.began).unwrap_or_default();
            before.min(began + Duration::from_secs_f64(share))
        });
        let cancel = Arc::clone(&self.spec.cancel);
        let stop =
            move || cancel.load(Ordering::Relaxed) || end.is_some_and(|end| Instant::now() >= end);
        for number in choices.missing(self.finished.values()) {
            let Some(trial) = self.finished.get(&number).filter(|_| !stop()) else { continue };
            let whole = |p: &Vec<Predictions>| p.len() == self.spec.folds.len();
            if let Some(out_of_fold) = self.hooks.recall(number).filter(whole) {
                choices.offer(trial, &out_of_fold);
            }
        }
        let blends = self.blends().then(|| most_of_a_learner(&self.shared.task));
        let rule = Rule { wanted: self.spec.wanted, blends, catalog: &self.shared.catalog };
        let found = choices.optimism(&rule, self.spec.seed, self.spec.workers, &stop)?;
        let measure = self.shared.catalog.measure(&self.spec.metric)?;
        let score = best.trial.score(&self.spec.metric)?;
        Some(Corrected {
            score: measure.score_of(measure.loss_of(score) + found.loss),
            standard_error: found.error,
            optimism: found.loss,
            trials: self.finished.values().filter(|t| t.loss().is_some()).count() as u32,
            resamples: found.resamples,
            rows: None,
        })
    }

    /// A corrected score of fold models as one of pipelines that learn from all rows, as far as the
    /// members do.
    fn grown(&self, corrected: Corrected, best: &Best, halved: Halved) -> Corrected {
        let Some(measure) = self.shared.catalog.measure(&self.spec.metric) else {
            return corrected;
        };
        let times =
            |members: &mut dyn Iterator<Item = &Member>| members.map(|m| m.times).sum::<u32>();
        let all = times(&mut best.members.iter());
        let grown = times(&mut best.members.iter().filter(|m| m.emission.params().is_some()));
        let share = f64::from(grown) / f64::from(all.max(1));
        let loss = measure.loss_of(corrected.score);
        let Gain { gain, low, high } =
            halved.without(corrected.optimism).rows(growth(&self.shared).log2());
        let [gain, low, high] = [gain, low, high].map(|g| share * g.min(loss.abs() / 2.0));
        let error = (high - gain).max(gain - low) / WIDTH;
        Corrected {
            score: measure.score_of(loss - gain),
            standard_error: corrected.standard_error.hypot(error),
            rows: Some(gain),
            ..corrected
        }
    }

    /// Seconds that correcting the score may take under a deadline.
    fn correction_seconds(&self) -> f64 {
        let most = correction_share(self.spec, self.began);
        let need = self.choices.as_ref().map(|r| r.seconds() / self.spec.workers as f64);
        most.zip(need).map_or(0.0, |(most, need)| need.min(most))
    }

    /// The trials that make the model and how often each counts, the one chosen first.
    fn shares(&mut self, chosen: &Trial) -> Vec<(u32, u32)> {
        let alone = vec![(chosen.number, 1)];
        if !self.blends() {
            return alone;
        }
        let Some(judge) = Judge::new(&self.shared, MOST_ROWS) else { return alone };
        let most = most_of_a_learner(&self.shared.task);
        let mut found: Vec<(&Trial, Vec<Vec<f64>>)> = vec![];
        for trial in voters(self.finished.values().filter(|t| self.spec.wanted.allows(t)), most) {
            let out_of_fold = match self.pool.get(trial.number) {
                Some(fitted) => Some(fitted.out_of_fold.iter().map(recorded).collect()),
                // What an earlier run fitted is fitted again; there may be no time for that.
                None if self.spec.deadline.is_some() && trial.number != chosen.number => None,
                None if !trial.folds.iter().all(FoldResult::is_repeatable) => None,
                None => self.hooks.recall(trial.number),
            };
            let whole = |p: &Vec<Predictions>| {
                p.len() == trial.folds.len() && p.len() == self.spec.folds.len()
            };
            if let Some(out_of_fold) = out_of_fold.filter(whole) {
                found.push((trial, judge.numbers(&out_of_fold)));
            }
        }
        if found.first().is_none_or(|(best, _)| best.number != chosen.number) {
            return alone;
        }
        let voters: Vec<Voter<'_>> =
            found.iter().map(|(trial, numbers)| Voter { trial, numbers }).collect();
        let correction = Duration::from_secs_f64(self.correction_seconds());
        let reserve = self.refit_and_save() + correction;
        let end = self.spec.deadline.map(|d| d.checked_sub(reserve).unwrap_or(d));
        select(&judge, &voters, (STEPS, self.spec.wanted.predict_us), || {
            end.is_some_and(|end| Instant::now() >= end)
        })
    }

    /// The model's source; what this run has not fitted is fitted again.
    fn assemble(&mut self, chosen: &Trial, shares: &[(u32, u32)]) -> Result<Best, SearchError> {
        let missing: Vec<&Trial> = shares
            .iter()
            .filter(|(number, _)| self.pool.get(*number).is_none())
            .filter_map(|(number, _)| self.finished.get(number))
            .collect();
        let mut again = match &missing[..] {
            [] => BTreeMap::new(),
            [one] => BTreeMap::from([(one.number, self.rebuild((*one).clone())?)]),
            several => {
                let keep: Vec<u32> = several.iter().map(|t| t.number).collect();
                refit(&self.shared, several, &keep, self.spec.workers, &mut |_| {})?.1
            }
        };
        let mut fitted = vec![];
        for (number, times) in shares {
            let found = again.remove(number).or_else(|| self.pool.get(*number).cloned());
            let mut found = found.ok_or(SearchError::NotRecorded(*number))?;
            found.member.times = *times;
            fitted.push(found);
        }
        blend(&self.shared, fitted).ok_or(SearchError::NotRecorded(chosen.number))
    }

    /// Whether several trials may share the model.
    pub(crate) fn blends(&self) -> bool {
        self.spec.ensemble && self.spec.wanted.prefer == Prefer::Accuracy
    }

    /// Seconds that choosing the trials of the model and correcting its score may take, under a
    /// deadline among those of the pool; both end with what they have where they are too few.
    pub(crate) fn choice_seconds(&self) -> f64 {
        let Some(deadline) = self.spec.deadline else { return 0.0 };
        let run = deadline.saturating_duration_since(self.began).as_secs_f64();
        let blend = choice_seconds(&self.shared, self.pool.len()).min(CHOICE_SHARE * run);
        self.correction_seconds() + if self.blends() { blend } else { 0.0 }
    }

    /// Whether there is no time for anything but the fits on all rows and writing the model.
    fn hurried(&self) -> bool {
        let reserve = self.refit_and_save();
        self.spec.deadline.is_some_and(|deadline| Instant::now() + reserve >= deadline)
    }

    /// Seconds that writing the model may take.
    pub(crate) fn saving_seconds(&self) -> f64 {
        0.04 + SAVE_MARGIN * self.pool.bytes(self.blends()) as f64 * self.save_rate
    }

    /// Time for fits on all rows and for writing.
    fn refit_and_save(&self) -> Duration {
        Duration::from_secs_f64(self.refit_seconds() + self.saving_seconds())
    }

    fn no_model(&self) -> SearchError {
        let first = self.finished.values().find_map(|t| match &t.state {
            TrialState::Failed { why, .. } => Some(why.clone()),
            _ => None,
        });
        first.map_or(SearchError::NoTime, SearchError::NoModel)
    }

    /// Fits the fold models of a trial of an earlier run again; its seeds, and the places where the
    /// clock cut its fits, give the same models.
    fn rebuild(&self, trial: Trial) -> Result<Fitted, SearchError> {
        if trial.folds.iter().all(FoldResult::is_repeatable) {
            let number = trial.number;
            let workers = self.spec.workers;
            let again = refit(&self.shared, &[&trial], &[number], workers, &mut |_| {})?.1;
            return again.into_values().next().ok_or(SearchError::NotRecorded(number));
        }
        // An earlier version did not record where the clock cut fits: they get the time they had.
        let (number, candidate) = (trial.number, trial.candidate.clone());
        let seconds: f64 = trial.folds.iter().map(|f| f.fit_seconds).sum();
        let end = Some(Instant::now() + Duration::from_secs_f64(seconds / TRIAL_SHARE));
        let job = Job { number, candidate, rival: None, end, always: true, isolated: false };
        let (state, outcomes) = run_folds(&InProcess, &self.shared, &job, |_| {});
        if let TrialState::Failed { why, .. } = state {
            return Err(SearchError::NoModel(why));
        }
        let loss = trial.loss().ok_or(SearchError::NoTime)?;
        Ok(Fitted::new(trial, loss, outcomes, &self.shared))
    }
}

/// Seconds of a run that correcting its score may take; `None` without a deadline.
pub(crate) fn correction_share(spec: &StudySpec, began: Instant) -> Option<f64> {
    let run = spec.deadline?.saturating_duration_since(began);
    Some(CORRECTION_SHARE * run.as_secs_f64())
}

/// Rows of the study over rows of the largest training part, at least 1.
pub(crate) fn growth(shared: &Shared) -> f64 {
    let largest = shared.folds.iter().map(|f| f.train.len()).max().unwrap_or(1).max(1);
    (shared.task.rows() as f64 / largest as f64).max(1.0)
}
