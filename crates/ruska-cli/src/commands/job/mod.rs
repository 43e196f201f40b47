//! `ruska job`: retraining jobs.

mod run;
mod simulate;

use crate::args::{JobAction, JobArgs};
use crate::output::{Say, keep_whole, short, table};
use crate::{Ending, Failure};
use ruska::register::JobEnd;
use ruska::{Store, time_text};
use ruska_ops::job::{self, Job, PastRun};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

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
    let text = format!("{}: the job `{}` is sound\n", file.display(), job.name());
    say.result(&text, &json!({"file": file, "sound": true, "job": job.spec()}))?;
    Ok(Ending::Done)
}

/// Why a run ended as it did, and what failed after.
fn reason(end: &JobEnd) -> String {
    match &end.not_scored {
        Some(why) => format!("{}; nothing was scored: {why}", end.reason),
        None => end.reason.clone(),
    }
}

fn list(runs: &[PastRun], say: Say) -> Result<Ending, Failure> {
    let mut shown = table(&["job", "run", "began (UTC)", "by", "outcome", "version", "reason"]);
    for run in runs {
        let end = run.end.as_ref().map(|(_, end)| end);
        let version = end.and_then(|e| e.version);
        shown.add_row([
            short(&run.job, 30),
            run.start.run.clone(),
            time_text(run.at_ms / 1000 * 1000),
            short(&run.actor, 16),
            end.map_or("runs, or was cut off", |e| e.outcome.word()).to_owned(),
            version.map_or(String::new(), |v| v.to_string()),
            end.map_or(String::new(), |e| short(&reason(e), 200)),
        ]);
    }
    keep_whole(&mut shown, [2]);
    say.result(&format!("{shown}\n"), &runs)?;
    Ok(Ending::Done)
}
