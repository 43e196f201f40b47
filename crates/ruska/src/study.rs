//! One run of a study: set up from options or from its record, searched, concluded.

use crate::automl::AutoMl;
use crate::error::Error;
use crate::forecast::{Role, Series};
use crate::labelled::LabelledRows;
use crate::manifest::{Blueprint, Manifest};
use crate::model::may_replace;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::prepare::kinds;
use crate::recorder::Recorder;
use crate::seen::known_rows;
use crate::setup::{SetUp, set_up};
use crate::{machine, now_ms};
use ruska_core::{Event, Finding, StudyRecord, Target, Task, TaskKind, Timed, Timelines, trials};
use ruska_data::ReadTable;
use ruska_search::{
    History, Leaderboard, NeverPrune, Pruner, Racing, SearchError, SplitPlan, StudySpec, Wanted,
    record, scores,
};
use ruska_store::{Journal, Store, StudyName};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of out-of-fold predictions kept per run.
const KEPT_PREDICTIONS: u64 = 256 << 20;
/// Share of the machine's memory used when nothing else is said.
const MEMORY_SHARE: f64 = 0.8;

/// A study to go on with.
pub(crate) struct Resumed {
    pub(crate) record: StudyRecord,
    pub(crate) events: Vec<Timed>,
}

impl Resumed {
    /// Finds a study and what is recorded of it.
    pub(crate) fn load(store: &Store, study: Option<&str>) -> Result<Self, Error> {
        let name = store.resolve(study)?;
        let events = store.events(&name)?;
        let record = record(&events)
            .cloned()
            .ok_or_else(|| Error::Options(format!("study `{name}` has no record")))?;
        Ok(Self { record, events })
    }

    /// The options it was started with.
    pub(crate) fn options(&self) -> Result<Options, Error> {
        serde_json::from_value(self.record.options.clone()).map_err(|e| {
            let name = &self.record.name;
            Error::Options(format!("the options of study `{name}` are of another version: {e}"))
        })
    }
}

/// Runs a search on a table.
pub(crate) fn run(mut search: AutoMl<'_>, table: &ReadTable) -> Result<Outcome, Error> {
    let started = search.started.unwrap_or_else(Instant::now);
    let deadline = search.time.map(|time| started + time);
    if deadline.is_none() && search.trials.is_none() {
        return Err(Error::Options("a search needs a time or a trial budget".into()));
    }
    if let Some(path) = &search.output {
        may_replace(path).map_err(Error::Options)?;
    }
    search.options.output = search.output.as_ref().map(|p| p.display().to_string());
    let catalog = Arc::clone(&search.catalog);
    let mut options = search.options.clone();
    if let Some(resumed) = &search.resumed {
        // The folds of a study stay what they were, whatever the budget of this run.
        options.folds = Some(resumed.record.split.folds);
    }
    let part = options.rows.as_ref().map(|rows| rows.of(table)).transpose()?;
    let table = part.as_ref().unwrap_or(table);
    let seconds = search.time.map(|t| t.as_secs_f64());
    let SetUp { task, mut holdout, plan, sampler, manifest, series, .. } =
        set_up(table, &options, &catalog, seconds)?;
    let (metric, mut findings) = (manifest.metric.clone(), manifest.findings.clone());
    if let Some(source) = &options.test {
        let test = test_task(source, &options, &manifest, &task.target)?;
        findings.extend(known_rows(&task, &test));
        holdout = Some(test);
    }
    if let Some(tell) = &mut search.on_findings {
        let asked = (&*metric, series.as_ref());
        tell(&introduction(search.data.as_deref(), table, &task, asked, &plan), &findings);
    }
    let record = study_record(&search, &manifest, &task, &plan, findings.clone());
    let (journal, name, earlier) = open_journal(&search, record.clone())?;
    let mut record = record;
    record.name.clone_from(&name);
    let mut recorder = Recorder {
        journal,
        events: earlier,
        observer: search.on_event.take(),
        output: search.output.clone(),
        blueprint: Blueprint { task: &task, folds: &plan.folds, manifest, series, reference: None },
        constants: BTreeMap::new(),
        model: None,
    };
    recorder.begin(record, search.trials, search.time).map_err(SearchError::Write)?;
    let groups = task.kind() == TaskKind::Clustering;
    let in_time = task.kind() == TaskKind::Forecasting;
    let spec = StudySpec {
        metric,
        wanted: Wanted { prefer: options.prefer, predict_us: options.max_predict_us },
        ensemble: !options.single && !groups,
        calibrate: !groups && !in_time,
        folds: Arc::new(plan.folds.clone()),
        seed: options.seed,
        workers: search.spec_workers(),
        trials: search.trials,
        until_flat: options.until_flat,
        deadline,
        memory: trial_memory(search.memory),
        refused: search.refused.take(),
        isolation: search.isolation.take(),
        keep_predictions: if groups { 0 } else { KEPT_PREDICTIONS },
        cancel: Arc::clone(&search.cancel),
    };
    let history: History = trials(&recorder.events);
    let pruner: Arc<dyn Pruner> =
        if groups || in_time { Arc::new(NeverPrune) } else { Arc::new(Racing) };
    let outcome =
        ruska_search::run(&spec, (&catalog, &task), (&sampler, pruner), history, &mut recorder)?;
    let model = recorder.model.take().ok_or(SearchError::NoTime)?;
    if let Some(kept) = &holdout {
        let rows: Vec<u32> = (0..kept.rows() as u32).collect();
        let predictions = model.predict_typed(&kept.x)?;
        let event = Event::HoldoutScored {
            trial: outcome.best.trial.number,
            rows: kept.rows() as u32,
            scores: scores(&catalog, kept, &rows, &predictions),
        };
        recorder.record(&event).map_err(SearchError::Write)?;
    }
    let events = std::mem::take(&mut recorder.events);
    let leaderboard = Leaderboard::from_events(&events, &catalog);
    Ok(Outcome { study: name, model, leaderboard, findings, events, why: outcome.why })
}

impl Recorder<'_> {
    /// Records that a run begins, with the study's record if it is the first.
    fn begin(
        &mut self,
        record: StudyRecord,
        trials: Option<u32>,
        time: Option<Duration>,
    ) -> Result<(), String> {
        let created = Event::Created(Box::new(record));
        if self.events.is_empty() {
            // A store has recorded it when it made the study.
            let at_ms = now_ms();
            self.events.push(Timed { seq: 0, at_ms, event: created.clone() });
        }
        let events = std::mem::take(&mut self.events);
        events.iter().for_each(|timed| self.note_baseline(&timed.event));
        self.events = events;
        if let Some(observer) = &mut self.observer {
            observer(&created);
        }
        let seconds = time.map(|t| t.as_secs_f64());
        self.record(&Event::Started { trials: trials.map(u64::from), seconds })
    }
}

fn test_task(
    source: &str,
    options: &Options,
    manifest: &Manifest,
    like: &Target,
) -> Result<Task, Error> {
    let table = ruska_data::read(source, &options.reading)?;
    let named = |error| Error::File { option: "--test", file: source.to_owned(), error };
    let labelled = LabelledRows::of(&table.frame, manifest, like);
    labelled.map(|labelled| labelled.task).map_err(|e| named(Box::new(e)))
}

/// One line about the data and the question.
pub(crate) fn introduction(
    data: Option<&str>,
    table: &ReadTable,
    task: &Task,
    (metric, series): (&str, Option<&Series>),
    plan: &SplitPlan,
) -> String {
    let groups = task.kind() == TaskKind::Clustering;
    let name = data.map_or("the table", |d| d.rsplit(['/', '\\']).next().unwrap_or(d));
    let size =
        format!("{name}: {} rows × {} columns", table.frame.rows(), table.frame.fields().len());
    if let Target::Series(lines) = &task.target {
        return format!(
            "{size} · {}",
            series_introduction((lines, series), metric, plan.folds.len())
        );
    }
    let x = task.x.select(|f| task.exposure.as_ref() != Some(&f.name));
    let features: Vec<String> =
        kinds(&x).iter().map(|(kind, n)| format!("{n} {}", kind.name())).collect();
    let what = match &task.target {
        Target::Classes { classes, .. } if classes.len() <= 4 => {
            format!("classification ({})", classes.join(", "))
        }
        Target::Classes { classes, .. } => format!("classification ({} classes)", classes.len()),
        Target::Values(_) => "regression".to_owned(),
        Target::Groups(_) => "clustering".to_owned(),
        Target::Series(_) => "forecasting".to_owned(),
    };
    let tested = match plan.folds.len() {
        1 if groups => "all rows".to_owned(),
        2 if groups => "all rows and a part of them".to_owned(),
        all if groups => format!("all rows and {} parts of them", all - 1),
        1 => "a part kept aside".to_owned(),
        folds => format!("{folds} folds"),
    };
    format!(
        "{size} · features: {} · {what} by {metric} on {tested}",
        if features.is_empty() { "none".to_owned() } else { features.join(", ") },
    )
}

/// What is said of series and the question, from so many origins.
fn series_introduction(
    (lines, series): (&Timelines, Option<&Series>),
    metric: &str,
    origins: usize,
) -> String {
    let lengths = || (0..lines.series()).map(|s| lines.span(s).len());
    let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
    let long = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    let seasons: Vec<String> = lines.seasons.iter().map(ToString::to_string).collect();
    let season = match &seasons[..] {
        [] => "no season".to_owned(),
        several => format!("season {}", several.join(", ")),
    };
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let beside = match &covariates_told(series)[..] {
        "" => String::new(),
        told => format!(" · covariates: {told}"),
    };
    format!(
        "{} series of {long} values · {season}{beside} · {} ahead by {metric} from {}",
        lines.series(),
        count(lines.horizon, "step"),
        count(origins, "origin"),
    )
}

/// How many columns beside the series are known when.
fn covariates_told(series: Option<&Series>) -> String {
    let known = [
        (Role::Known, "known ahead"),
        (Role::Past, "known afterwards"),
        (Role::Static, "the same throughout"),
    ];
    let of = |role| {
        let all = series.iter().flat_map(|s| &s.covariates);
        all.filter(|covariate| covariate.role == role).count()
    };
    let counts = known.into_iter().map(|(role, when)| (of(role), when)).filter(|(n, _)| *n > 0);
    counts.map(|(n, when)| format!("{n} {when}")).collect::<Vec<_>>().join(", ")
}

fn study_record(
    search: &AutoMl<'_>,
    manifest: &Manifest,
    task: &Task,
    plan: &SplitPlan,
    findings: Vec<Finding>,
) -> StudyRecord {
    StudyRecord {
        name: search.study.clone().unwrap_or_default(),
        data: absolute(search.data.as_deref().unwrap_or_default()),
        fingerprint: manifest.data.clone(),
        target: manifest.target.clone(),
        meta: task.meta(),
        classes: manifest.classes.clone(),
        metric: manifest.metric.clone(),
        splitter: plan.splitter.clone(),
        split: plan.params,
        split_fingerprint: plan.fingerprint.clone(),
        seed: manifest.seed,
        trials: search.trials.map(u64::from),
        seconds: search.time.map(|t| t.as_secs_f64()),
        version: manifest.version.clone(),
        command: search.command.clone(),
        options: serde_json::to_value(&search.options).unwrap_or_default(),
        findings,
    }
}

/// The path of data, so that a study can be resumed from another folder.
fn absolute(source: &str) -> String {
    if source.is_empty() || source == "-" {
        return source.to_owned();
    }
    std::path::absolute(source).map_or_else(|_| source.to_owned(), |p| p.display().to_string())
}

/// Makes or reopens the study; gives its name and the events so far.
fn open_journal(
    search: &AutoMl<'_>,
    record: StudyRecord,
) -> Result<(Option<Journal>, String, Vec<Timed>), Error> {
    let Some(folder) = &search.store else {
        return Ok((None, search.study.clone().unwrap_or_else(|| "unnamed".into()), vec![]));
    };
    let actor = crate::actor();
    if let Some(resumed) = &search.resumed {
        let name = &resumed.record.name;
        if resumed.record.fingerprint != record.fingerprint
            || resumed.record.split_fingerprint != record.split_fingerprint
        {
            return Err(Error::DataChanged { study: name.clone() });
        }
        let journal = Store::open(folder)?.journal(name, &actor)?;
        // What another process recorded since the study was looked at counts as well.
        let events = journal.events()?;
        debug_assert!(events.len() >= resumed.events.len());
        return Ok((Some(journal), name.clone(), events));
    }
    let stem = crate::data_name(search.data.as_deref().unwrap_or("study"));
    let name = search.study.as_deref().map_or(StudyName::Stem(&stem), StudyName::Exact);
    let journal = Store::open(folder)?.create_study(name, record, now_ms(), &actor)?;
    let (name, events) = (journal.name().to_owned(), journal.events()?);
    Ok((Some(journal), name, events))
}

/// Bytes that trials may use: the cap less what the process has already.
pub(crate) fn trial_memory(cap: Option<u64>) -> Option<u64> {
    let cap = cap.or_else(|| machine::memory().map(|m| (m as f64 * MEMORY_SHARE) as u64))?;
    Some(cap.saturating_sub(machine::resident().unwrap_or(0)))
}
