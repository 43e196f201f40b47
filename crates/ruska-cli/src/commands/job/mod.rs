//! `ruska job`: retraining jobs.

mod run;
mod simulate;

use super::stamp;
use crate::args::{JobAction, JobArgs};
use crate::output::{Say, keep_whole, short, table};
use crate::{Ending, Failure};
use ruska::register::{JobEnd, Trigger};
use ruska::{Store, time_text};
use ruska_ops::alert::Target;
use ruska_ops::job::{self, Job, PastRun};
use ruska_ops::schedule::Triggers;
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

/// Times shown at which a job will run.
const NEXT: usize = 3;

/// Does what is asked about jobs.
pub(crate) fn run(args: &JobArgs, say: Say, started: Instant) -> Result<Ending, Failure> {
    match &args.action {
        JobAction::Run(args) => run::run(args, say, started),
        JobAction::Validate { file } => validate(file, say),
        JobAction::Simulate(args) => simulate::run(args, say),
        JobAction::History { job, place } => {
            let store = Store::open_existing(&place.store)?;
            let runs = job::history(&store, job.as_deref())?;
            if let (Some(job), true) = (job, runs.is_empty()) {
                return Err(unknown(&store, job)?);
            }
            list(&runs, say)
        }
        JobAction::List { place } => {
            let store = Store::open_existing(&place.store)?;
            let mut last: Vec<PastRun> = vec![];
            for run in job::history(&store, None)? {
                last.retain(|r| r.job != run.job);
                last.push(run);
            }
            last.sort_by(|a, b| a.job.cmp(&b.job));
            list(&last, say)
        }
        JobAction::Schema => {
            let schema = job::schema();
            say.result(&(serde_json::to_string_pretty(&schema)? + "\n"), &schema)?;
            Ok(Ending::Done)
        }
    }
}

/// What to say of a job that has never run.
fn unknown(store: &Store, job: &str) -> Result<Failure, Failure> {
    let mut known: Vec<String> = job::history(store, None)?.into_iter().map(|r| r.job).collect();
    known.sort_unstable();
    known.dedup();
    let there = if known.is_empty() {
        "no job has run on this store".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    Ok(format!("the job `{job}` has never run; {there}").into())
}

fn validate(file: &Path, say: Say) -> Result<Ending, Failure> {
    let job = Job::load(file)?;
    job::foresee(&job, stamp("").at_ms)?;
    let mut text = format!("{}: the job `{}` is sound\n", file.display(), job.name());
    let (told, at_ms) = next_times(&job);
    for time in &told {
        let _ = writeln!(text, "  runs {time}");
    }
    let mut spec = serde_json::to_value(job.spec())?;
    for alert in spec["alert"].as_array_mut().into_iter().flatten() {
        // The path of a URL may hold a secret.
        let shown = Target::parse(alert["url"].as_str().unwrap_or_default(), true);
        alert["url"] = json!(shown.map(|target| target.shown()).unwrap_or_default());
    }
    let document = json!({"file": file, "sound": true, "job": spec, "next_ms": at_ms});
    say.result(&text, &document)?;
    Ok(Ending::Done)
}

/// The next times at which a scheduler runs a job, in its time zone and in milliseconds since 1970.
fn next_times(job: &Job) -> (Vec<String>, Vec<i64>) {
    let Some(calendar) = job.spec().triggers.as_ref().and_then(Triggers::calendar) else {
        return (vec![], vec![]);
    };
    let after = |at: &i64| calendar.after(*at);
    let times: Vec<i64> =
        std::iter::successors(after(&stamp("").at_ms), after).take(NEXT).collect();
    (times.iter().map(|at| calendar.told(*at)).collect(), times)
}

/// What asked for a run, in a word or two.
fn asked(trigger: Trigger) -> String {
    match trigger {
        Trigger::Cron => "cron",
        Trigger::Drift => "drift",
        Trigger::NewRows => "new rows",
        Trigger::Age => "age",
    }
    .to_owned()
}

/// Why a run ended as it did, and what failed after.
pub(super) fn reason(end: &JobEnd) -> String {
    match &end.not_scored {
        Some(why) => format!("{}; nothing was scored: {why}", end.reason),
        None => end.reason.clone(),
    }
}

fn list(runs: &[PastRun], say: Say) -> Result<Ending, Failure> {
    if runs.is_empty() {
        say.result("no job has run on this store; `ruska job run FILE.toml` runs one\n", &runs)?;
        return Ok(Ending::Done);
    }
    let mut shown = table(&["job", "run", "began (UTC)", "by", "outcome", "version", "reason"]);
    for run in runs {
        let end = run.end.as_ref().map(|(_, end)| end);
        let version = end.and_then(|e| e.version);
        shown.add_row([
            short(&run.job, 30),
            run.start.run.clone(),
            time_text(run.at_ms / 1000 * 1000),
            run.start.cause.as_ref().map_or(short(&run.actor, 16), |cause| asked(cause.trigger)),
            end.map_or(run.now.word(), |e| e.outcome.word()).to_owned(),
            version.map_or(String::new(), |v| v.to_string()),
            end.map_or(String::new(), |e| short(&reason(e), 200)),
        ]);
    }
    keep_whole(&mut shown, [2]);
    say.result(&format!("{shown}\n"), &runs)?;
    Ok(Ending::Done)
}
