//! The builder: what to predict, under which budget, and what to tell along the way.

use crate::error::Error;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::study;
use ruska_core::{Catalog, Event, Finding, Frame, TaskKind, TrialState};
use ruska_data::ReadTable;
use ruska_search::Isolation;
use ruska_search::{LAG, Prefer};
use ruska_store::Store;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

pub(crate) type OnEvent<'a> = Box<dyn FnMut(&Event) + Send + 'a>;
type OnFindings<'a> = Box<dyn FnMut(&str, &[Finding]) + Send + 'a>;

/// A search that is being set up.
///
/// ```
/// use ruska::AutoMl;
/// # let rows: String = (0..60).map(|i| format!("{i},{}\n", 2 * i + 1)).collect();
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("line.csv");
/// # std::fs::write(&path, format!("x,y\n{rows}")).unwrap();
/// let frame = ruska::read(path.to_str().unwrap())?;
/// let outcome = AutoMl::regression("y").trials(3).seed(1).fit(&frame)?;
/// assert!(outcome.leaderboard().best().is_some());
/// let predictions = outcome.best().predict(&frame)?;
/// assert_eq!(predictions.numbers.rows(), 60);
/// # Ok::<(), ruska::Error>(())
/// ```
pub struct AutoMl<'a> {
    pub(crate) options: Options,
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) time: Option<Duration>,
    pub(crate) trials: Option<u32>,
    pub(crate) workers: usize,
    pub(crate) memory: Option<u64>,
    pub(crate) isolation: Option<Isolation>,
    pub(crate) started: Option<Instant>,
    pub(crate) store: Option<PathBuf>,
    pub(crate) study: Option<String>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) data: Option<String>,
    pub(crate) command: Vec<String>,
    pub(crate) cancel: Arc<AtomicBool>,
    pub(crate) on_event: Option<OnEvent<'a>>,
    pub(crate) on_findings: Option<OnFindings<'a>>,
    /// The study to go on with.
    pub(crate) resumed: Option<study::Resumed>,
    /// The candidates that the search which is made again did not start, and why.
    pub(crate) refused: Option<BTreeMap<u32, TrialState>>,
}

impl<'a> AutoMl<'a> {
    /// A search with these choices, without a budget yet.
    pub fn with_options(options: Options) -> Self {
        Self {
            options,
            catalog: Arc::new(ruska_catalog::builtin()),
            time: None,
            trials: None,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            memory: None,
            isolation: None,
            started: None,
            store: None,
            study: None,
            output: None,
            data: None,
            command: vec![],
            cancel: Arc::new(AtomicBool::new(false)),
            on_event: None,
            on_findings: None,
            resumed: None,
            refused: None,
        }
    }

    /// A search for a model of a column; what is asked is told from its values.
    pub fn of(target: &str) -> Self {
        Self::with_options(Options { target: target.to_owned(), ..Options::default() })
    }

    /// A search for a model that tells classes.
    pub fn classification(target: &str) -> Self {
        let mut search = Self::of(target);
        search.options.task = Some(TaskKind::Classification);
        search
    }

    /// A search for a model that tells numbers.
    pub fn regression(target: &str) -> Self {
        let mut search = Self::of(target);
        search.options.task = Some(TaskKind::Regression);
        search
    }

    /// A search for groups of rows.
    pub fn clustering() -> Self {
        let mut search = Self::of("");
        search.options.task = Some(TaskKind::Clustering);
        search
    }

    /// A search for a model that tells so many next values of a column, by its column of times.
    pub fn forecasting(target: &str, time_column: &str, horizon: usize) -> Self {
        let mut search = Self::of(target);
        search.options.task = Some(TaskKind::Forecasting);
        search.options.time_column = Some(time_column.to_owned());
        search.options.horizon = Some(horizon);
        search
    }

    /// The column that tells series apart; one series unless set.
    #[must_use]
    pub fn series(mut self, column: &str) -> Self {
        self.options.series = Some(column.to_owned());
        self
    }

    /// Columns of the levels by which series add up, from the top; the last one tells series apart where
    /// [`Self::series`] is not set.
    #[must_use]
    pub fn hierarchy<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.options.hierarchy = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Columns that are known of the periods to be told.
    #[must_use]
    pub fn known<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.options.known = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Columns that are known of periods that have come.
    #[must_use]
    pub fn past<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.options.past = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Columns that are the same throughout a series.
    #[must_use]
    pub fn fixed<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.options.fixed = columns.into_iter().map(Into::into).collect();
        self
    }

    /// Number of groups to find, at least 1; searched unless set.
    #[must_use]
    pub fn clusters(mut self, clusters: usize) -> Self {
        self.options.clusters = Some(clusters);
        self
    }

    /// Goes on with a study of a store: its latest, when no name is given. Options, trial budget
    /// and data are those it was started with; the data must not have changed.
    pub fn resume(store: impl AsRef<Path>, study: Option<&str>) -> Result<Self, Error> {
        let opened = Store::open_existing(store.as_ref())?;
        let resumed = study::Resumed::load(&opened, study)?;
        let mut search = Self::with_options(resumed.options()?);
        search.trials = resumed.record.trials.map(|n| n as u32);
        search.data = Some(resumed.record.data.clone());
        search.store = Some(store.as_ref().to_owned());
        search.resumed = Some(resumed);
        Ok(search)
    }

    /// The measure to optimise, by id.
    #[must_use]
    pub fn metric(mut self, id: &str) -> Self {
        self.options.metric = Some(id.to_owned());
        self
    }

    /// What "best" means; the least loss unless set.
    #[must_use]
    pub fn prefer(mut self, prefer: Prefer) -> Self {
        self.options.prefer = prefer;
        self
    }

    /// Most microseconds that predicting a row may take on this machine, > 0.
    #[must_use]
    pub fn max_predict_us(mut self, most: f64) -> Self {
        self.options.max_predict_us = Some(most);
        self
    }

    /// Wall-clock budget from the start of the run to the written model.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Trial budget of the whole study, at least 1. Equal seeds then give equal models.
    #[must_use]
    pub fn trials(mut self, trials: u32) -> Self {
        self.trials = Some(trials);
        self
    }

    /// Whether the model may be the mean of several pipelines, where that is better than the best
    /// of them; it may unless set.
    #[must_use]
    pub fn ensemble(mut self, several: bool) -> Self {
        self.options.single = !several;
        self
    }

    /// Whether the search ends when more is not expected to bring more than noise.
    #[must_use]
    pub fn until_flat(mut self, flat: bool) -> Self {
        self.options.until_flat = flat;
        self
    }

    /// Seed of everything random; 0 unless set.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Trials run at once, 1..=8; the number of cores unless set.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Bytes the process may use; 80 % of the machine unless set. Candidates whose estimate does
    /// not fit are not run.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Runs trials in child processes, which do no harm where a fit hangs, crashes or takes too much
    /// memory; all run in this process unless set. Models do not depend on it. The program is one
    /// that calls [`crate::serve_trials`] with the catalog of this search, and it may be this one.
    #[must_use]
    pub fn isolate(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Share of rows kept aside and scored once at the end, in (0, 1).
    #[must_use]
    pub fn holdout(mut self, share: f64) -> Self {
        self.options.holdout = Some(share);
        self
    }

    /// A labelled table, scored once at the end.
    #[must_use]
    pub fn test(mut self, source: &str) -> Self {
        self.options.test = Some(source.to_owned());
        self
    }

    /// Columns not to use.
    #[must_use]
    pub fn ignore<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.options.ignore.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Columns of people's groups, such as sex: kept from the model, which can be audited by them.
    #[must_use]
    pub fn sensitive<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.options.sensitive.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Weighs rows so that a class is as frequent in every group of people that sensitive columns make.
    #[must_use]
    pub fn reweigh(mut self, reweigh: bool) -> Self {
        self.options.reweigh = reweigh;
        self
    }

    /// Learns from sensitive columns nonetheless.
    #[must_use]
    pub fn use_sensitive(mut self, used: bool) -> Self {
        self.options.use_sensitive = used;
        self
    }

    /// Leaves out columns that tell the target almost perfectly; they are only told unless set.
    #[must_use]
    pub fn drop_leaks(mut self, drop: bool) -> Self {
        self.options.drop_leaks = drop;
        self
    }

    /// Learners, steps and measures to search with, in place of the built-in ones.
    #[must_use]
    pub fn catalog(mut self, catalog: Catalog) -> Self {
        self.catalog = Arc::new(catalog);
        self
    }

    /// Keeps the study in a store; without one nothing is kept but the outcome.
    #[must_use]
    pub fn store(mut self, folder: impl AsRef<Path>) -> Self {
        self.store = Some(folder.as_ref().to_owned());
        self
    }

    /// Name of the study; `<data name>-<number>` unless set.
    #[must_use]
    pub fn study(mut self, name: &str) -> Self {
        self.study = Some(name.to_owned());
        self
    }

    /// Model file, written whenever a better model is found.
    #[must_use]
    pub fn output(mut self, path: impl AsRef<Path>) -> Self {
        self.output = Some(path.as_ref().to_owned());
        self
    }

    /// Where the data is read from by [`AutoMl::run`]; with [`AutoMl::fit`], its name for the record.
    #[must_use]
    pub fn data(mut self, source: &str) -> Self {
        self.data = Some(source.to_owned());
        self
    }

    /// The command line, for the record.
    #[must_use]
    pub fn command(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.command = words.into_iter().collect();
        self
    }

    /// When the budget began; the start of the run unless set.
    #[must_use]
    pub fn started(mut self, at: Instant) -> Self {
        self.started = Some(at);
        self
    }

    /// A handle that stops the search in good order when set to true.
    #[must_use]
    pub fn cancel(mut self, handle: &Arc<AtomicBool>) -> Self {
        self.cancel = Arc::clone(handle);
        self
    }

    /// Called with every event, on the thread that runs the search.
    #[must_use]
    pub fn on_event(mut self, callback: impl FnMut(&Event) + Send + 'a) -> Self {
        self.on_event = Some(Box::new(callback));
        self
    }

    /// Called once before the first trial with a line about the data and what is odd about it.
    #[must_use]
    pub fn on_findings(mut self, callback: impl FnMut(&str, &[Finding]) + Send + 'a) -> Self {
        self.on_findings = Some(Box::new(callback));
        self
    }

    /// Where the data comes from; empty for a frame in memory.
    pub fn data_source(&self) -> &str {
        self.data.as_deref().unwrap_or_default()
    }

    /// Trials run at once.
    pub(crate) fn spec_workers(&self) -> usize {
        self.workers.clamp(1, LAG as usize)
    }

    /// The trial budget.
    pub fn trial_budget(&self) -> Option<u32> {
        self.trials
    }

    /// The model file; of a resumed study, the one it wrote.
    pub fn output_path(&self) -> Option<PathBuf> {
        self.output.clone().or_else(|| self.options.output.as_ref().map(PathBuf::from))
    }

    /// Reads the data and searches.
    pub fn run(mut self) -> Result<Outcome, Error> {
        self.started.get_or_insert_with(Instant::now);
        let source = self.data_source().to_owned();
        let table = ruska_data::read(&source, &self.options.reading)?;
        study::run(self, &table)
    }

    /// Searches on a table in memory, as [`crate::read`] gives it.
    pub fn fit(self, frame: &Frame) -> Result<Outcome, Error> {
        let table = ReadTable { frame: frame.clone(), findings: vec![], files: vec![] };
        self.fit_read(&table)
    }

    /// Searches on a table in memory with what was odd about reading it, as [`crate::read_table`]
    /// gives it.
    pub fn fit_read(mut self, table: &ReadTable) -> Result<Outcome, Error> {
        self.started.get_or_insert_with(Instant::now);
        study::run(self, table)
    }
}
