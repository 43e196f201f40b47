//! One run of a job: a challenger is searched, entered in the register, compared with the champion,
//! and what follows is done.
//!
//! ```text
//! lease ─▶ taken up ─▶ read ─▶ started ─▶ contract ─▶ search ─▶ register ─▶ compare and decide ─▶ score ─▶ ended
//! ```
//! Every arrow is recorded before the next begins, and each step finds what an earlier attempt at
//! the same run has done: a run that was cut off goes on where it was. The decision and what follows
//! from it are one entry of the ledger.

use super::Job;
use super::attempt::{leave, take, within};
use super::challenger::challenger;
use super::decide::decide;
use super::history::{PastRun, history};
use super::ready::{
    check_environment, check_question, check_rules, check_scoring, warn_of_the_future,
};
use super::score::score;
use crate::Error;
use crate::alert::after_run;
use crate::compare::unseen;
use crate::contract::{self, Contract, ContractVerdict};
use crate::dataset::{FileState, of_source};
use crate::register;
use ruska::register::{
    Cause, Decided, Entry, JobEnd, JobOutcome, JobStart, ModelVersion, Origin, Stamp, Subject,
};
use ruska::{Event, Finding, ReadTable, Store};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What surrounds a run.
pub struct Setting<'a> {
    /// Who asks for it.
    pub actor: &'a str,
    /// Milliseconds since 1970, now.
    pub clock: &'a dyn Fn() -> i64,
    /// Trials run at once; the number of cores when `None`.
    pub workers: Option<usize>,
    /// Stops the search in good order when set; the next run goes on with it.
    pub cancel: Arc<AtomicBool>,
    /// Is told what happens.
    pub watch: &'a mut dyn Watch,
}

/// Is told what happens in a run. Does nothing unless overridden.
pub trait Watch: Send {
    /// A line about the data and what is odd about it.
    fn data(&mut self, _line: &str, _findings: &[Finding]) {}
    /// An event of the search.
    fn event(&mut self, _event: &Event) {}
    /// A line about what is done next.
    fn step(&mut self, _line: &str) {}
}

/// Watches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunReport {
    /// The job.
    pub job: String,
    /// Whether an earlier attempt was cut off and this one went on with it.
    pub resumed: bool,
    /// Study in which the challenger was searched.
    pub study: String,
    /// How it ended.
    #[serde(flatten)]
    pub end: JobEnd,
    /// Whether the challenger is a new version, rather than bytes that were there.
    pub new_version: bool,
    /// The environment decided on.
    pub environment: Option<String>,
    /// The comparison.
    pub decision: Option<Decided>,
    /// Whether the data keeps the job's contract, where it has one.
    pub contract: Option<ContractVerdict>,
}

/// Runs a job on the store in a folder.
///
/// Fails when another process runs it, when it is stopped, and when anything in it fails, which is
/// recorded as the end of the run.
pub fn run(folder: &Path, job: &Job, setting: &mut Setting<'_>) -> Result<RunReport, Error> {
    let store = Store::open(folder)?;
    let _lease = store.lease_job(job.name(), setting.actor)?;
    run_held(&store, job, None, setting)
}

/// The same for somebody who holds the job's lease, for a cause. An attempt that takes longer than the job
/// allows fails, whatever number of processes worked on it.
pub(crate) fn run_held(
    store: &Store,
    job: &Job,
    cause: Option<Cause>,
    setting: &mut Setting<'_>,
) -> Result<RunReport, Error> {
    let spent = take(store, job, cause.as_ref(), stamp(setting))?;
    let (done, timed_out) = match job.spec().retry.timeout_ms() {
        None => (read_and_run(store, job, cause, setting), false),
        Some(most) => {
            let outer = Arc::clone(&setting.cancel);
            let left = Duration::from_millis(most.saturating_sub(spent).max(0) as u64);
            let done = within(left, setting, |setting| read_and_run(store, job, cause, setting));
            setting.cancel = outer;
            done
        }
    };
    if !matches!(done, Err(Error::Stopped)) {
        return done;
    }
    if !timed_out {
        leave(store, job, stamp(setting))?;
        return done;
    }
    let timeout = job.spec().retry.timeout.as_deref().unwrap_or_default();
    let error = Error::Job(format!("it took longer than the `timeout` of {timeout} in [retry]"));
    if let Some(PastRun { start, end: None, .. }) = history(store, Some(job.name()))?.last() {
        fail(store, job, start, &error, stamp(setting));
    }
    Err(error)
}

fn read_and_run(
    store: &Store,
    job: &Job,
    cause: Option<Cause>,
    setting: &mut Setting<'_>,
) -> Result<RunReport, Error> {
    match ruska::read_table(&job.train(), &job.reading()) {
        Ok(table) => {
            let mut report = run_on(store, job, &table, cause, setting)?;
            if let Some(verdict) = &mut report.contract {
                verdict.locate(&job.train(), &job.reading());
            }
            Ok(report)
        }
        Err(error) => {
            let error = ruska::Error::from(error);
            let (start, resumed) = begin(store, job, "", cause, stamp(setting))?;
            let terms = job.contract().map(Contract::spec);
            if let Some(verdict) = terms.and_then(|terms| contract::without_rows(&error, terms)) {
                let report = violated(job, &start, &verdict);
                record_end(store, job, &report.end, stamp(setting))?;
                return Ok(RunReport { resumed, ..report });
            }
            let error = Error::from(error);
            fail(store, job, &start, &error, stamp(setting));
            Err(error)
        }
    }
}

/// The same on a table that was read; the caller holds the job's lease, or the store is its own.
pub(super) fn run_on(
    store: &Store,
    job: &Job,
    table: &ReadTable,
    cause: Option<Cause>,
    setting: &mut Setting<'_>,
) -> Result<RunReport, Error> {
    let data = ruska::fingerprint(&table.frame);
    let (start, resumed) = begin(store, job, &data, cause, stamp(setting))?;
    let done = carry_out(store, job, table, &start, setting);
    match done {
        Ok(mut report) => {
            report.end.kept = report.end.version.and_then(|number| kept(store, job, table, number));
            record_end(store, job, &report.end, stamp(setting))?;
            Ok(RunReport { resumed, ..report })
        }
        Err(Error::Stopped) => Err(Error::Stopped),
        Err(error) => {
            fail(store, job, &start, &error, stamp(setting));
            Err(error)
        }
    }
}

/// Labelled rows of a table that a version of the job has not learned from, where that can be told.
fn kept(store: &Store, job: &Job, table: &ReadTable, version: u32) -> Option<u64> {
    let model = register::load(store, job.name(), version).ok()?;
    let unseen = unseen(&table.frame, &[(job.name(), &model)]).ok()?;
    Some(unseen.truth.rows.len() as u64)
}

/// Who asks, now.
fn stamp<'a>(setting: &Setting<'a>) -> Stamp<'a> {
    Stamp { at_ms: (setting.clock)(), actor: setting.actor }
}

/// Begins a run, or goes on with one that was cut off, if job file and data are what they were; where there
/// is a cause, if it was for that.
pub(super) fn begin(
    store: &Store,
    job: &Job,
    data: &str,
    cause: Option<Cause>,
    stamp: Stamp<'_>,
) -> Result<(JobStart, bool), Error> {
    let past = history(store, Some(job.name()))?;
    let study = free_study(store, job, past.len() + 1)?;
    store.record(Subject::Job, job.name(), stamp, |_, _| {
        let mut entries = vec![];
        if let Some(PastRun { start, end: None, .. }) = past.last() {
            let wanted = cause.is_none() || cause == start.cause;
            let same = start.spec == job.digest() && start.data == data && !data.is_empty();
            if same && wanted {
                return Ok((entries, (start.clone(), true)));
            }
            let reason = if same {
                "cut off; a scheduler began another run before it could go on"
            } else {
                "cut off; the job file or the data changed before it could go on"
            };
            let end = ended(start, JobOutcome::Abandoned, reason.to_owned());
            entries.push(Entry::JobEnded(Box::new(end)));
        }
        let (run, spec) = ((past.len() + 1).to_string(), job.digest().to_owned());
        let start = JobStart { run, spec, data: data.to_owned(), study, cause };
        entries.push(Entry::JobStarted(Box::new(start.clone())));
        Ok((entries, (start, false)))
    })
}

/// A name for the study of a run that no study has.
fn free_study(store: &Store, job: &Job, run: usize) -> Result<String, Error> {
    let mut name = format!("{}-run-{run}", job.name());
    while !store.events_if_any(&name)?.is_empty() {
        name.push_str("-again");
    }
    Ok(name)
}

fn ended(start: &JobStart, outcome: JobOutcome, reason: String) -> JobEnd {
    let run = start.run.clone();
    JobEnd { run, outcome, reason, version: None, predictions: None, not_scored: None, kept: None }
}

/// Records that a run failed. Where even that fails, the run stays open and the next goes on.
pub(super) fn fail(store: &Store, job: &Job, start: &JobStart, error: &Error, stamp: Stamp<'_>) {
    let end = ended(start, JobOutcome::Failed, error.to_string());
    let _ = record_end(store, job, &end, stamp);
}

/// Records the end of a run, and the letters that tell of it.
fn record_end(store: &Store, job: &Job, end: &JobEnd, stamp: Stamp<'_>) -> Result<(), Error> {
    store.record_and_post(Subject::Job, job.name(), stamp, |there, first| {
        let (entries, letters) = after_run(store, job, end, (there, first), stamp);
        Ok((entries, letters, ()))
    })
}

/// Everything between the beginning and the end of a run.
fn carry_out(
    store: &Store,
    job: &Job,
    table: &ReadTable,
    start: &JobStart,
    setting: &mut Setting<'_>,
) -> Result<RunReport, Error> {
    let promotion = job.spec().promotion.as_ref();
    if let Some(promotion) = promotion {
        check_environment(store, promotion)?;
        check_question(store, job)?;
    }
    check_scoring(job, table, (setting.clock)())?;
    let now_ms = (setting.clock)();
    let kept = job.contract().map(|terms| contract::check(table, terms.spec(), now_ms));
    let kept = kept.transpose()?;
    if let Some(verdict) = kept.as_ref().filter(|verdict| !verdict.holds()) {
        return Ok(violated(job, start, verdict));
    }
    warn_of_the_future(job, table, setting);
    let actor = format!("job:{}", job.name());
    let dataset = dataset(store, job, setting)?;
    let model = challenger(store, job, table, start, setting)?;
    if let Some(promotion) = promotion {
        check_rules(promotion, model.manifest().task)?;
    }
    let now = Stamp { at_ms: (setting.clock)(), actor: &actor };
    let (version, new_version) =
        register::register(store, job.name(), &model, Origin::Job, dataset, now)?;
    let mut report = RunReport {
        job: job.name().to_owned(),
        resumed: false,
        study: start.study.clone(),
        end: registered(job, start, &version, new_version),
        new_version,
        environment: promotion.map(|p| p.environment.clone()),
        decision: None,
        contract: kept,
    };
    stop_if_asked(setting)?;
    if let Some(promotion) = promotion {
        setting.watch.step(&format!("comparing {} with the champion", label(job, &version)));
        let now = Stamp { at_ms: (setting.clock)(), actor: &actor };
        let challenger = (&version, &model);
        let settled =
            decide(store, job, promotion, table, (&start.run, &start.data), challenger, now)?;
        (report.end.outcome, report.end.reason) = (settled.outcome, settled.reason);
        report.decision = Some(settled.decision);
    }
    if let Some(predict) = &job.spec().predict {
        stop_if_asked(setting)?;
        // What was decided stands, whatever becomes of the scores.
        match score(store, job, predict, table, &version, setting) {
            Ok(scored) => report.end.predictions = scored,
            Err(why) => report.end.not_scored = Some(why.to_string()),
        }
    }
    Ok(report)
}

/// The end of a run whose data broke the contract.
fn violated(job: &Job, start: &JobStart, verdict: &ContractVerdict) -> RunReport {
    let file = job.spec().data.contract.as_deref().unwrap_or_default();
    let end = JobEnd {
        run: start.run.clone(),
        outcome: JobOutcome::Violated,
        reason: format!("the data breaks {file}: {}", verdict.summary()),
        version: None,
        predictions: None,
        not_scored: None,
        kept: None,
    };
    RunReport {
        job: job.name().to_owned(),
        resumed: false,
        study: start.study.clone(),
        end,
        new_version: false,
        environment: job.spec().promotion.as_ref().map(|p| p.environment.clone()),
        decision: None,
        contract: Some(verdict.clone()),
    }
}

fn stop_if_asked(setting: &Setting<'_>) -> Result<(), Error> {
    if setting.cancel.load(Ordering::Relaxed) { Err(Error::Stopped) } else { Ok(()) }
}

fn label(job: &Job, version: &ModelVersion) -> String {
    format!("{}:{}", job.name(), version.version)
}

fn registered(job: &Job, start: &JobStart, version: &ModelVersion, new: bool) -> JobEnd {
    let label = label(job, version);
    let reason = if new {
        format!("{label} is registered; the job has no [promotion]")
    } else {
        format!("{label} holds this model; the job has no [promotion]")
    };
    JobEnd {
        run: start.run.clone(),
        outcome: JobOutcome::Registered,
        reason,
        version: Some(version.version),
        predictions: None,
        not_scored: None,
        kept: None,
    }
}

/// The registered dataset that the job learns from, if it is one; where the files are not what was
/// registered, that is told.
fn dataset(
    store: &Store,
    job: &Job,
    setting: &mut Setting<'_>,
) -> Result<Option<(String, u32)>, Error> {
    let mut known = None;
    for usage in of_source(store, &job.train())? {
        match &usage.file {
            FileState::Unchanged => known = Some((usage.name, usage.version.version)),
            FileState::Other { version } => known = Some((usage.name, *version)),
            _ => usage.note().into_iter().for_each(|note| setting.watch.step(&note)),
        }
    }
    Ok(known)
}
