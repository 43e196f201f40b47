//! Recorded studies repeated, to the same bytes.
//!
//! Under a trial budget the whole search can be made again, since no clock had a say in it. Of any
//! study the trials can: what the clock decided is recorded.

use crate::automl::{AutoMl, OnEvent};
use crate::error::Error;
use crate::manifest::Blueprint;
use crate::model::{Model, may_replace};
use crate::options::Options;
use crate::recorder::baseline;
use crate::replayed::{Again, Replayed};
use crate::setup::{SetUp, set_up};
use crate::study::Resumed;
use ruska_core::{Catalog, Corrected, Event, FailureKind, Frame, Share, Trial, TrialState, trials};
use ruska_data::ReadTable;
use ruska_search::{FoldReplay, Prefer, ReplaySpec, SearchError, replay};
use ruska_store::{Digest, Store, StoreError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// What of a study is repeated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// The trials that gave the model.
    #[default]
    Model,
    /// Every fold that was scored, of every trial.
    Trials,
    /// The search from its beginning where a trial budget alone ended it; otherwise the trial that
    /// gave the model, since it would find other trials.
    Search,
}

/// A model that a study wrote at its end.
pub(crate) struct Saved {
    /// Place of its event in the study.
    at: usize,
    pub(crate) trial: u32,
    pub(crate) digest: String,
    /// The trials that make it.
    shares: Vec<Share>,
    /// Its corrected score.
    corrected: Option<Corrected>,
    /// Whether it was calibrated.
    calibrated: bool,
}

/// A recorded study that is to be repeated. Nothing is written to its store.
///
/// ```
/// use ruska::{AutoMl, Replay, Store};
/// # let rows: String = (0..60).map(|i| format!("{i},{}\n", 2 * i + 1)).collect();
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("line.csv").display().to_string();
/// # std::fs::write(&path, format!("x,y\n{rows}")).unwrap();
/// # let folder = dir.path().join("store");
/// let search = AutoMl::regression("y").trials(3).data(&path).store(&folder).study("line");
/// let outcome = search.run()?;
/// let store = Store::open_existing(&folder)?;
/// let (report, model) = Replay::of(&store, Some("line"))?.workers(2).run()?;
/// assert!(report.identical);
/// assert_eq!(model.digest(), outcome.best().digest());
/// # Ok::<(), ruska::Error>(())
/// ```
pub struct Replay<'a> {
    store: Store,
    study: Resumed,
    saved: Saved,
    scope: Scope,
    catalog: Arc<Catalog>,
    workers: usize,
    data: Option<String>,
    output: Option<PathBuf>,
    on_event: Option<OnEvent<'a>>,
}

impl<'a> Replay<'a> {
    /// Repeats a study of a store, named as for [`AutoMl::resume`], up to its last model.
    ///
    /// Fails when there is no such study, and when it has no model.
    pub fn of(store: &Store, study: Option<&str>) -> Result<Self, Error> {
        Self::up_to(store, study, None)
    }

    /// Repeats a study up to the model with this digest: later runs of the study do not count.
    ///
    /// Fails when there is no such study, and when it has no such model.
    pub fn of_model(store: &Store, study: &str, digest: &str) -> Result<Self, Error> {
        Self::up_to(store, Some(study), Some(digest))
    }

    fn up_to(store: &Store, study: Option<&str>, digest: Option<&str>) -> Result<Self, Error> {
        let study = Resumed::load(store, study)?;
        let is_it = |d: &str| digest.is_none_or(|wanted| wanted == d);
        let saved = study.events.iter().enumerate().rev().find_map(|(at, e)| match &e.event {
            Event::ModelSaved { trial, model, params, members, corrected, calibration, .. }
                if is_it(model) =>
            {
                let alone = || vec![Share { trial: *trial, times: 1, params: params.clone() }];
                let shares = if members.is_empty() { alone() } else { members.clone() };
                let (digest, corrected) = (model.clone(), *corrected);
                let calibrated = calibration.is_some();
                Some(Saved { at, trial: *trial, digest, shares, corrected, calibrated })
            }
            _ => None,
        });
        let saved = saved.ok_or_else(|| match digest {
            Some(digest) => not_repeatable(&study, &format!("it made no model {digest}")),
            None => not_repeatable(&study, "it has no final model yet; `ruska resume` makes one"),
        })?;
        Ok(Self {
            store: store.clone(),
            study,
            saved,
            scope: Scope::default(),
            catalog: Arc::new(ruska_catalog::builtin()),
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            data: None,
            output: None,
            on_event: None,
        })
    }

    /// What is repeated; [`Scope::Model`] unless set.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Fits at once, at least 1; the number of cores unless set. They change no byte.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Where the data is now, if it has moved.
    #[must_use]
    pub fn data(mut self, source: &str) -> Self {
        self.data = Some(source.to_owned());
        self
    }

    /// File to write the model made now to, whether it is the same or not.
    #[must_use]
    pub fn output(mut self, path: impl AsRef<Path>) -> Self {
        self.output = Some(path.as_ref().to_owned());
        self
    }

    /// Learners, steps and measures that the study searched with, in place of the built-in ones.
    #[must_use]
    pub fn catalog(mut self, catalog: Catalog) -> Self {
        self.catalog = Arc::new(catalog);
        self
    }

    /// Called with what happens, as in a search, on the thread that runs the replay.
    #[must_use]
    pub fn on_event(mut self, callback: impl FnMut(&Event) + Send + 'a) -> Self {
        self.on_event = Some(Box::new(callback));
        self
    }

    /// Reads the data and repeats; gives the model made now, too.
    ///
    /// Fails when the data cannot be read or is not what the study learned from, when the recorded
    /// model's file is damaged, when a fit of the model fails now, and when it cannot be written.
    pub fn run(self) -> Result<(Replayed, Model), Error> {
        let started = Instant::now();
        let record = &self.study.record;
        let source = self.data.as_deref().unwrap_or(&record.data);
        if self.data.is_none() && matches!(source, "" | "-") {
            let why = "it learned from a table that was in no file; give it with --data";
            return Err(not_repeatable(&self.study, why));
        }
        let (study, expected) = (record.name.clone(), record.fingerprint.clone());
        let table = ruska_data::read(source, &self.study.options()?.reading)
            .map_err(|e| Error::DataGone { study, expected, error: Box::new(e.into()) })?;
        let source = source.to_owned();
        self.repeat(&table, &source, started)
    }

    /// The same on a table in memory, for studies of [`AutoMl::fit`].
    pub fn fit(self, frame: &Frame) -> Result<(Replayed, Model), Error> {
        let table = ReadTable { frame: frame.clone(), findings: vec![], files: vec![] };
        self.repeat(&table, "the table", Instant::now())
    }

    fn repeat(
        mut self,
        table: &ReadTable,
        source: &str,
        started: Instant,
    ) -> Result<(Replayed, Model), Error> {
        if let Some(path) = &self.output {
            may_replace(path).map_err(Error::Options)?;
        }
        let file = self.recorded_file()?;
        let mut options = self.study.options()?;
        let part = options.rows.take().map(|rows| rows.of(table)).transpose();
        let record = &self.study.record;
        let (study, expected) = (record.name.clone(), record.fingerprint.clone());
        let gone = |e| Error::DataGone { study, expected, error: Box::new(e) };
        let part = part.map_err(gone)?;
        let table = part.as_ref().unwrap_or(table);
        self.check_data(table, source)?;
        let recorded = trials(&self.study.events[..=self.saved.at]);
        let budget = self.trial_budget(&recorded).filter(|_| self.scope == Scope::Search);
        let again = match budget {
            Some(budget) => self.search(table, options, budget, recorded)?,
            None => self.fit_trials(table, &options, recorded)?,
        };
        if let Some(path) = &self.output {
            let failed = |e| format!("cannot write the model file {}: {e}", path.display());
            again.model.save(path).map_err(|e| SearchError::Write(failed(e)))?;
        }
        let report = again.report(&self.study, &self.saved, file.as_deref(), &self.catalog)?;
        let seconds = started.elapsed().as_secs_f64();
        Ok((Replayed { seconds, ..report }, again.model))
    }

    /// The bytes of the recorded model's file, if they are still there.
    fn recorded_file(&self) -> Result<Option<Vec<u8>>, Error> {
        let digest: Digest = self.saved.digest.parse()?;
        match self.store.get_blob(&digest) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NoBlob { .. }) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    fn check_data(&self, table: &ReadTable, source: &str) -> Result<(), Error> {
        let record = &self.study.record;
        let (expected, got) = (record.fingerprint.clone(), ruska_data::fingerprint(&table.frame));
        if got == expected {
            return Ok(());
        }
        let (study, data) = (record.name.clone(), source.to_owned());
        Err(Error::OtherData { study, data, expected, got })
    }

    /// The trial budget of the search that ended with the model, where no clock and nobody's hand
    /// had a say in it.
    fn trial_budget(&self, recorded: &BTreeMap<u32, Trial>) -> Option<u32> {
        let (before, after) = self.study.events.split_at(self.saved.at + 1);
        let runs = before.iter().filter_map(|e| match &e.event {
            Event::Started { trials, seconds } => Some((*trials, *seconds)),
            _ => None,
        });
        let runs: Vec<_> = runs.collect();
        let ended = after.iter().find_map(|e| match &e.event {
            Event::Ended { why } => Some(matches!(why.as_str(), "trials" | "exhausted" | "flat")),
            Event::Started { .. } => Some(false),
            _ => None,
        });
        let options = self.study.options().ok()?;
        // Seconds that were measured decide which trials are fast.
        let speed = options.prefer == Prefer::Speed || options.max_predict_us.is_some();
        let timed = self.study.record.seconds.is_some() || runs.iter().any(|(_, s)| s.is_some());
        let clock = speed || timed;
        let (trials, _) = runs.last().filter(|_| !clock && ended == Some(true))?;
        // An earlier run of the study may have had a greater one, and stopped somewhere.
        let all = recorded.keys().last().map_or(0, |last| u64::from(*last) + 1);
        trials.filter(|n| *n >= all).and_then(|n| n.try_into().ok())
    }

    /// Searches anew.
    fn search(
        &mut self,
        table: &ReadTable,
        options: Options,
        budget: u32,
        recorded: BTreeMap<u32, Trial>,
    ) -> Result<Again, Error> {
        // What is scored at the end has no say in the model.
        let options = Options { test: None, ..options };
        let mut search = AutoMl::with_options(options).trials(budget).workers(self.workers);
        search.catalog = Arc::clone(&self.catalog);
        search.on_event = self.on_event.take();
        let refused = recorded.values().filter(|t| is_refused(t));
        search.refused = Some(refused.map(|t| (t.number, t.state.clone())).collect());
        let outcome = search.fit_read(table)?;
        let now = trials(outcome.events());
        Ok(Again { searched: true, recorded, now, model: outcome.into_best() })
    }

    /// Fits recorded trials again, as the scope has it.
    fn fit_trials(
        &mut self,
        table: &ReadTable,
        options: &Options,
        mut recorded: BTreeMap<u32, Trial>,
    ) -> Result<Again, Error> {
        let record = &self.study.record;
        let folds = Some(record.split.folds);
        let options = &Options { folds, ..options.clone() };
        let SetUp { task, plan, mut manifest, series, .. } =
            set_up(table, options, &self.catalog, record.seconds)?;
        if plan.fingerprint != record.split_fingerprint {
            return Err(not_repeatable(
                &self.study,
                &format!(
                    "version {} of ruska splits its rows otherwise than {}, which ran it",
                    manifest.version, record.version
                ),
            ));
        }
        manifest.baseline = baseline(&recorded, &manifest.metric);
        let shares = &self.saved.shares;
        recorded.retain(|n, _| {
            self.scope == Scope::Trials || shares.iter().any(|share| share.trial == *n)
        });
        let spec = ReplaySpec {
            metric: record.metric.clone(),
            folds: Arc::new(plan.folds.clone()),
            seed: options.seed,
            calibrated: self.saved.calibrated,
            workers: self.workers,
        };
        let mut on_event = self.on_event.take();
        let mut tell = |event: &Event| {
            if let Some(callback) = &mut on_event {
                callback(event);
            }
        };
        tell(&Event::Created(Box::new(record.clone())));
        let chosen: Vec<&Trial> = recorded.values().collect();
        let mut again = replay(&spec, (&self.catalog, &task), &chosen, shares, &mut tell)?;
        let mut blueprint =
            Blueprint { task: &task, folds: &plan.folds, manifest, series, reference: None };
        // It tells of all trials and not of those that gave the model.
        again.best.corrected = self.saved.corrected;
        let model = blueprint.model(&again.best)?;
        let now = repeated(&recorded, again.folds);
        Ok(Again { searched: false, recorded, now, model })
    }
}

fn not_repeatable(study: &Resumed, why: &str) -> Error {
    Error::NotRepeatable { study: study.record.name.clone(), why: why.to_owned() }
}

/// Whether a trial was not started, since its candidate would not have fitted memory or time, or is
/// better not started again, since it ended the process it ran in.
fn is_refused(trial: &Trial) -> bool {
    let kind = match &trial.state {
        TrialState::Failed { kind, .. } => *kind,
        _ => return false,
    };
    matches!(kind, FailureKind::Memory | FailureKind::Budget | FailureKind::Crash)
}

/// The trials as they came out now.
fn repeated(trials: &BTreeMap<u32, Trial>, folds: Vec<FoldReplay>) -> BTreeMap<u32, Trial> {
    let none = |t: &Trial| (t.number, Trial { folds: vec![], ..t.clone() });
    let mut again: BTreeMap<u32, Trial> = trials.values().map(none).collect();
    for fold in folds {
        let Some(trial) = again.get_mut(&fold.trial) else { continue };
        match fold.again {
            Ok(result) => trial.folds.push(result),
            Err(state) => trial.state = state,
        }
    }
    again
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
