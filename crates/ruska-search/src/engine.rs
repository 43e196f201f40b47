//! The study loop: the coordinator asks, hands out jobs, and tells.

use crate::children::Children;
use crate::emit::{SECONDS_A_BYTE, correction_share};
use crate::ensemble::{Fitted, Member, Pool, most_of_a_learner};
use crate::evaluate::{FoldOutcome, failed};
use crate::flat::Curve;
use crate::history::History;
use crate::optimism::Choices;
use crate::rivals::Rivals;
use crate::spec::most_declared;
use crate::speed::Speed;
use crate::standing::Standing;
use crate::worker::{Job, Message, Shared, no_thread, work, worker_thread};
use crate::{LAG, Pruner, Sampler, SearchError, StudySpec};
use ruska_core::{
    Calibration, Candidate, Catalog, Corrected, Event, FailureKind, FittedPipeline, Loss, Params,
    Predictions, Task, Trial, TrialState,
};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a cooperative fit may take to notice that the time is over.
pub(crate) const GRACE: Duration = Duration::from_millis(250);
/// Candidates refused one after the other after which nothing more is asked for.
const MOST_REFUSALS: u32 = 50;

/// How the best trial became a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Emission {
    /// The mean of its fold models.
    Folds,
    /// One fit on all rows with these parameters.
    Refit(Params),
}

impl Emission {
    /// Parameters of the fit on all rows, where there was one.
    pub fn params(&self) -> Option<&Params> {
        match self {
            Self::Folds => None,
            Self::Refit(params) => Some(params),
        }
    }
}

/// What makes the model: one trial, or several whose mean it is.
#[derive(Clone)]
pub struct Best {
    /// The best of the trials; its folds tell of the mean of all.
    pub trial: Trial,
    /// Mean loss over folds.
    pub loss: Loss,
    /// The trials and their fitted pipelines, the best first.
    pub members: Vec<Member>,
    /// Predictions of the test rows of each fold, by models that have not seen them.
    pub out_of_fold: Vec<Predictions>,
    /// The score corrected for having been chosen, where that is known.
    pub corrected: Option<Corrected>,
    /// What is done to its class probabilities, and to the predictions and scores told here.
    pub calibration: Option<Calibration>,
}

impl Best {
    /// The fitted pipelines of all members.
    pub fn pipelines(&self) -> impl Iterator<Item = &Arc<FittedPipeline>> {
        self.members.iter().flat_map(|m| &m.pipelines)
    }

    /// `refit` where a member was fitted again on all rows, otherwise `folds`.
    pub fn emitted(&self) -> &'static str {
        let refit = self.members.iter().any(|m| m.emission.params().is_some());
        if refit { "refit" } else { "folds" }
    }

    /// A trial alone.
    pub(crate) fn alone(fitted: Fitted) -> Self {
        let Fitted { member, loss, out_of_fold } = fitted;
        let (trial, members) = (member.trial.clone(), vec![member]);
        Self { trial, loss, members, out_of_fold, corrected: None, calibration: None }
    }
}

/// What the engine does to the outside world.
pub trait Hooks {
    /// Records an event, durably. An error ends the study.
    fn event(&mut self, event: &Event) -> Result<(), String>;
    /// Keeps the out-of-fold predictions of a trial (rows and predictions of each fold); returns
    /// the digest under which they are found. An error ends the study.
    fn keep(&mut self, folds: &[(&[u32], &Predictions)]) -> Result<Option<String>, String>;
    /// The predictions kept of a trial, fold after fold, in single precision; `None` where there are
    /// none any more.
    fn recall(&mut self, trial: u32) -> Option<Vec<Predictions>>;
    /// Writes the model file; returns its digest. `last` tells the model that stays from those
    /// written on the way. An error ends the study.
    fn save(&mut self, best: &Best, last: bool) -> Result<String, String>;
}

/// What a run ended with.
pub struct Outcome {
    /// The model's source.
    pub best: Best,
    /// Why the run ended: `trials`, `time`, `flat`, `exhausted`, `stopped`.
    pub why: &'static str,
}

/// Runs a study: its `history` counts, trials that were cut off by an earlier end are tried again.
///
/// If a trial of the history stays the best, its fold models are fitted again at the end, which
/// gives the same models. Fits that do not notice the end of the time are abandoned on their
/// threads. Fails when nothing gave a model or a hook failed.
pub fn run(
    spec: &StudySpec,
    (catalog, task): (&Arc<Catalog>, &Arc<Task>),
    (sampler, pruner): (&dyn Sampler, Arc<dyn Pruner>),
    history: History,
    hooks: &mut dyn Hooks,
) -> Result<Outcome, SearchError> {
    let Some(measure) = catalog.measure(&spec.metric) else {
        return Err(SearchError::UnknownMetric(spec.metric.clone()));
    };
    let mut standing = Standing::of(&**measure);
    let study = (spec.metric.as_str(), &spec.folds, spec.seed);
    let shared = Shared::new(study, (catalog, task), pruner, Arc::clone(&spec.cancel));
    let shared = Arc::new(shared.with_derived(spec.kept_bytes()));
    let (jobs, inbox) = channel::<Job>();
    let (outbox, reports) = channel();
    let inbox = Arc::new(Mutex::new(inbox));
    let children = Arc::new(Children::of(spec, task));
    for i in 0..spec.workers.clamp(1, LAG as usize) {
        let (shared, inbox, outbox) =
            (Arc::clone(&shared), Arc::clone(&inbox), Sender::clone(&outbox));
        let children = Arc::clone(&children);
        worker_thread(&format!("trial-{i}"))
            .spawn(move || work(&shared, (*children).as_ref(), &inbox, &outbox))
            .map_err(no_thread)?;
    }
    drop(children);
    let mut finished = history;
    finished.retain(|_, t| !matches!(t.state, TrialState::Running | TrialState::TimedOut));
    let known: Vec<u32> = finished.keys().copied().collect();
    standing.update(&known, &mut finished);
    let began = Instant::now();
    let seconds = correction_share(spec, began).map(|share| share * spec.workers as f64);
    let alike = shared.has_truth() && !shared.in_time();
    let choices = alike.then(|| Choices::new(&shared, seconds)).flatten();
    let mut coordinator = Coordinator {
        spec,
        shared,
        sampler,
        hooks,
        began,
        pool: Pool::default(),
        rivals: Rivals::default(),
        standing,
        choices,
        finished,
        running: BTreeMap::new(),
        next: 0,
        exhausted: false,
        short: false,
        curve: Curve::default(),
        flat: false,
        speed: Speed::default(),
        refusals: 0,
        saved: None,
        save_rate: SECONDS_A_BYTE,
        kept: 0,
    };
    let why = coordinator.search(&jobs, &reports)?;
    // The workers end, and with them the child processes, whose memory the model may need.
    drop(jobs);
    coordinator.conclude(why)
}

pub(crate) struct Coordinator<'a> {
    pub(crate) spec: &'a StudySpec,
    pub(crate) shared: Arc<Shared>,
    pub(crate) sampler: &'a dyn Sampler,
    pub(crate) hooks: &'a mut dyn Hooks,
    /// When the run began.
    pub(crate) began: Instant,
    /// Trials of this run that may be in the model, with what they fitted.
    pub(crate) pool: Pool,
    pub(crate) rivals: Rivals,
    standing: Standing,
    /// The trials that the model is chosen from, by which its score is corrected.
    pub(crate) choices: Option<Choices>,
    pub(crate) finished: History,
    pub(crate) running: BTreeMap<u32, Running>,
    pub(crate) next: u32,
    pub(crate) exhausted: bool,
    /// There was more to try, but no time for it.
    pub(crate) short: bool,
    /// Of trials that a new one may see.
    curve: Curve,
    /// The curve is flat, and that ends the run.
    flat: bool,
    pub(crate) speed: Speed,
    /// Candidates refused one after the other.
    pub(crate) refusals: u32,
    /// Trial of the model file and when it was written.
    pub(crate) saved: Option<(u32, Instant)>,
    /// Seconds that a byte of a pipeline takes to be packed and written.
    pub(crate) save_rate: f64,
    pub(crate) kept: u64,
}

pub(crate) struct Running {
    pub(crate) trial: Trial,
    pub(crate) always: bool,
    pub(crate) since: Instant,
}

/// Seconds until a moment, 0 where it is past.
fn seconds_until(moment: Instant) -> f64 {
    moment.saturating_duration_since(Instant::now()).as_secs_f64()
}

impl Coordinator<'_> {
    pub(crate) fn emit(&mut self, event: &Event) -> Result<(), SearchError> {
        self.hooks.event(event).map_err(SearchError::Write)
    }

    fn cancelled(&self) -> bool {
        self.spec.cancel.load(Ordering::Relaxed)
    }

    /// When trials must end so that the model can still be made and written in time.
    fn trials_end(&self) -> Option<Instant> {
        let deadline = self.spec.deadline?;
        let leader = self.chosen();
        let known = self.chosen_fitted().is_some();
        let rebuild: f64 =
            leader.filter(|_| !known).map_or(0.0, |t| t.folds.iter().map(|f| f.fit_seconds).sum());
        let work =
            self.saving_seconds() + self.refit_seconds() + 1.5 * rebuild + self.choice_seconds();
        let reserve = Duration::from_secs_f64(0.05 + work);
        Some(deadline.checked_sub(reserve).unwrap_or(deadline))
    }

    fn search(
        &mut self,
        jobs: &Sender<Job>,
        reports: &Receiver<Message>,
    ) -> Result<&'static str, SearchError> {
        loop {
            let end = self.trials_end();
            self.shared.set_end(end);
            if self.cancelled() {
                self.wind_down(reports)?;
                return Ok("stopped");
            }
            if end.is_some_and(|end| Instant::now() >= end) && self.next > 0 {
                self.shared.over.store(true, Ordering::Relaxed);
                self.wind_down(reports)?;
                return Ok("time");
            }
            self.hand_out(jobs)?;
            if self.running.is_empty() {
                return Ok(match end {
                    _ if self.flat => "flat",
                    _ if self.exhausted && !self.short => "exhausted",
                    _ if self.exhausted => "time",
                    Some(end) if Instant::now() >= end => "time",
                    _ if self.cancelled() => "stopped",
                    _ => "trials",
                });
            }
            let tick = Duration::from_millis(50);
            let wait =
                end.map_or(tick, |end| end.saturating_duration_since(Instant::now()).min(tick));
            match reports.recv_timeout(wait) {
                Ok(message) => self.take(message)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok("stopped"),
            }
            self.save_when_due()?;
        }
    }

    /// Waits for running trials to notice the end, then gives up on them.
    fn wind_down(&mut self, reports: &Receiver<Message>) -> Result<(), SearchError> {
        let until = Instant::now() + GRACE;
        while !self.running.is_empty() {
            let must_wait = self.running.values().any(|r| r.always);
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() && !must_wait {
                break;
            }
            match reports.recv_timeout(left.max(Duration::from_millis(20))) {
                Ok(message) => self.take(message)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let abandoned: Vec<u32> = self.running.keys().copied().collect();
        for number in abandoned {
            let seconds = self.running[&number].since.elapsed().as_secs_f64();
            self.end(number, TrialState::TimedOut, vec![], seconds)?;
        }
        Ok(())
    }

    /// Starts trials while workers are idle and the budget and the lag rule allow it.
    fn hand_out(&mut self, jobs: &Sender<Job>) -> Result<(), SearchError> {
        while self.running.len() < self.spec.workers.clamp(1, LAG as usize) && !self.exhausted {
            while self.finished.contains_key(&self.next) {
                self.next += 1;
            }
            let number = self.next;
            if self.spec.trials.is_some_and(|n| number >= n) || !self.may_ask(number) {
                return Ok(());
            }
            let seen = number.checked_sub(LAG);
            self.standing.see(&self.finished, seen);
            let visible = self.standing.visible(&self.finished, seen);
            if self.spec.until_flat {
                self.curve.follow(visible.iter().copied());
                let best = self.spec.wanted.choose(visible.iter().copied(), &self.shared.catalog);
                self.flat = self.flat || best.is_some_and(|best| self.curve.is_flat(best));
                if self.flat {
                    return Ok(());
                }
            }
            let short = Cell::new(false);
            let left = self.trials_end().map(seconds_until);
            let affordable = |candidate: &Candidate| {
                let affordable = left.is_none_or(|left| self.affordable(candidate, left));
                short.set(short.get() || !affordable);
                affordable
            };
            let Some(asked) = self.sampler.ask(number, &visible, &affordable) else {
                (self.exhausted, self.short) = (true, short.get());
                return Ok(());
            };
            let always = asked.origin == "baseline";
            let trial = Trial {
                number,
                candidate: asked.candidate.clone(),
                origin: asked.origin.to_owned(),
                state: TrialState::Running,
                folds: vec![],
            };
            self.next += 1;
            self.emit(&Event::TrialStarted {
                trial: number,
                candidate: asked.candidate.clone(),
                origin: asked.origin.to_owned(),
            })?;
            let refused = match &self.spec.refused {
                Some(recorded) => recorded.get(&number).cloned(),
                None if always => None,
                None => self.refusal(&asked.candidate),
            };
            self.running.insert(number, Running { trial, always, since: Instant::now() });
            if let Some(state) = refused {
                self.end(number, state, vec![], 0.0)?;
                self.refusals += 1;
                // What is left to try cannot be run here; asking on would only fill the journal.
                self.exhausted = self.refusals >= MOST_REFUSALS;
                let over = self.trials_end().is_some_and(|end| Instant::now() >= end);
                if over || self.cancelled() {
                    return Ok(());
                }
                continue;
            }
            self.refusals = 0;
            let end = self.trials_end();
            let rival = self.rival(seen);
            let isolated = !always && self.is_isolated(&asked.candidate);
            let job = Job { number, candidate: asked.candidate, rival, end, always, isolated };
            jobs.send(job).map_err(|_| SearchError::Write("the worker threads are gone".into()))?;
        }
        Ok(())
    }

    /// The lag rule: under a trial budget a trial waits until all it may see is there. Under a time
    /// budget nobody waits, since what was finished when depends on the clock anyway.
    fn may_ask(&self, number: u32) -> bool {
        let Some(last) = number.checked_sub(LAG).filter(|_| self.spec.trials.is_some()) else {
            return true;
        };
        self.running.range(..=last).next().is_none()
    }

    /// Whether so many seconds are enough for a candidate, as far as is known: for half of it where its
    /// fits end early when they are told to.
    fn affordable(&self, candidate: &Candidate, left: f64) -> bool {
        self.needs(candidate) <= left * if self.stops(candidate) { 2.0 } else { 1.0 }
    }

    /// Seconds that a candidate needs on all folds, with a margin where its fits cannot be stopped.
    fn needs(&self, candidate: &Candidate) -> f64 {
        let seconds = self.speed.seconds(&candidate.learner, self.work(candidate));
        seconds * self.spec.folds.len() as f64 * if self.stops(candidate) { 1.0 } else { 2.0 }
    }

    /// Whether the fits of a candidate can be stopped.
    pub(crate) fn stops(&self, candidate: &Candidate) -> bool {
        let learner = self.shared.catalog.learner(&candidate.learner);
        learner.is_none_or(|l| l.info().uncooperative.is_none())
    }

    /// What a fit of a candidate on all rows declares to cost.
    fn work(&self, candidate: &Candidate) -> f64 {
        let learner = self.shared.catalog.learner(&candidate.learner);
        let cost = learner.map(|l| l.cost(&candidate.params, &self.shared.meta));
        cost.and_then(Result::ok).map_or(0.0, |cost| cost.work)
    }

    /// Why a candidate is not even started: its memory, or a fit that cannot be interrupted and
    /// might overrun the time.
    fn refusal(&self, candidate: &Candidate) -> Option<TrialState> {
        let learner = self.shared.catalog.learner(&candidate.learner)?;
        let cost = learner.cost(&candidate.params, &self.shared.meta).ok()?;
        if let (Some(memory), Some(share)) = (self.spec.memory, self.spec.memory_share()) {
            let isolated = self.spec.isolation.is_some();
            if cost.bytes > most_declared(memory, self.spec.workers, isolated) {
                let mb = |b: f64| b / 1e6;
                let (need, left) = (mb(cost.bytes), mb(share as f64));
                let why = format!("needs about {need:.1} MB, {left:.1} MB are left for a worker");
                return Some(failed(FailureKind::Memory, why));
            }
        }
        let end = self.trials_end().filter(|_| learner.info().uncooperative.is_some())?;
        let left = seconds_until(end);
        let need = self.needs(candidate);
        (need > left).then(|| {
            let why =
                format!("cannot be interrupted and may need {need:.1} s, {left:.1} s are left");
            failed(FailureKind::Budget, why)
        })
    }

    fn take(&mut self, message: Message) -> Result<(), SearchError> {
        match message {
            Message::Fold { number, result } => {
                let Some(running) = self.running.get_mut(&number) else { return Ok(()) };
                running.trial.folds.push(result.clone());
                self.emit(&Event::FoldDone { trial: number, result })
            }
            Message::End { number, state, outcomes, seconds } => {
                self.end(number, state, outcomes, seconds)
            }
        }
    }

    fn end(
        &mut self,
        number: u32,
        state: TrialState,
        outcomes: Vec<FoldOutcome>,
        seconds: f64,
    ) -> Result<(), SearchError> {
        let Some(mut running) = self.running.remove(&number) else { return Ok(()) };
        running.trial.state = state.clone();
        let predictions = self.keep(&state, &outcomes)?;
        self.emit(&Event::TrialEnded { trial: number, state, seconds, predictions })?;
        self.speed.take(&running.trial, self.work(&running.trial.candidate));
        self.finished.insert(number, running.trial);
        if self.standing.update(&[number], &mut self.finished) {
            self.pool.stand(&self.finished);
        }
        let Some((trial, loss)) = self.finished.get(&number).and_then(|t| Some((t, t.loss()?)))
        else {
            return Ok(());
        };
        if self.shared.has_truth() {
            let rows = outcomes.iter().map(|o| o.row_losses.clone()).collect();
            self.rivals.offer(number, loss, rows, self.next.checked_sub(LAG));
        }
        if let Some(choices) = &mut self.choices {
            let folds: Vec<_> = outcomes.iter().map(|o| &o.predictions).collect();
            choices.offer(trial, &folds);
        }
        let most = (most_of_a_learner(&self.shared.task), self.spec.kept_bytes());
        self.pool.offer(Fitted::new(trial.clone(), loss, outcomes, &self.shared), most);
        Ok(())
    }

    fn keep(
        &mut self,
        state: &TrialState,
        outcomes: &[FoldOutcome],
    ) -> Result<Option<String>, SearchError> {
        let bytes: usize = outcomes.iter().map(|o| o.predictions.values().len() * 4).sum();
        if *state != TrialState::Done || self.kept + bytes as u64 > self.spec.keep_predictions {
            return Ok(None);
        }
        self.kept += bytes as u64;
        let folds: Vec<_> = outcomes
            .iter()
            .map(|o| (self.spec.folds[o.result.fold as usize].test.as_slice(), &o.predictions))
            .collect();
        self.hooks.keep(&folds).map_err(SearchError::Write)
    }

    /// The trial that gives the model, as far as is known.
    pub(crate) fn chosen(&self) -> Option<&Trial> {
        self.spec.wanted.choose(self.finished.values(), &self.shared.catalog)
    }

    /// The same with its pipelines, if this run fitted them.
    pub(crate) fn chosen_fitted(&self) -> Option<&Fitted> {
        self.pool.get(self.chosen()?.number)
    }
}
