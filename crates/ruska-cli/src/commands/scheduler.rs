//! `ruska scheduler`: jobs that run by themselves.

use super::fit::stop_on_signal;
use super::job::reason;
use super::stamp;
use crate::args::Scheduler;
use crate::output::{Say, clean, short};
use crate::{Ending, Failure};
use ruska::register::{Cause, Skipped, Trigger};
use ruska::time_text;
use ruska_ops::job::{Unwatched, Watch};
use ruska_ops::schedule::{self, Happened, serve};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Characters shown of a reason.
const REASON: usize = 200;

/// Watches jobs until it is stopped, or until all that is due is done.
pub(crate) fn run(args: &Scheduler, say: Say) -> Result<Ending, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_signal(&stop)?;
    let terminated = seen_termination()?;
    let clock = || stamp("").at_ms;
    let told: Mutex<Vec<Value>> = Mutex::new(vec![]);
    let keep = args.once && say.json;
    let tell = |job: &str, happened: &Happened| {
        let at = clock();
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = || json!({"at_ms": at, "job": job, "happened": happened});
        if keep {
            told.push(entry());
        } else if say.json {
            line(&entry().to_string());
        } else if !say.quiet {
            line(&format!("{}  {}", time_text(at / 1000 * 1000), text(job, happened)));
        }
    };
    let watch = |_: &str| -> Box<dyn Watch> { Box::new(Unwatched) };
    let scheduler = schedule::Scheduler {
        store: &args.place.store,
        jobs: &args.jobs,
        actor: &args.actor.actor,
        clock: &clock,
        parallel: args.parallel as usize,
        workers: args.workers.map(|n| n as usize),
        once: args.once,
        stop: Arc::clone(&stop),
        tell: &tell,
        watch: &watch,
    };
    say.note("times are UTC; Ctrl-C stops it, and the next one goes on with what it was doing");
    let failed = serve(&scheduler)?;
    if keep {
        let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
        say.result("", &told)?;
    }
    if args.once && failed > 0 {
        let what = if failed == 1 {
            "one run or look failed".into()
        } else {
            format!("{failed} runs or looks failed")
        };
        return Err(format!("{what}; `ruska job history` tells why").into());
    }
    // To watch until one is told to stop is to be done; `--once` was to do more.
    let asked = terminated.load(Ordering::Relaxed) && !args.once;
    Ok(if stop.load(Ordering::Relaxed) && !asked { Ending::Stopped } else { Ending::Done })
}

/// Is set by the signal with which services are ended, rather than by Ctrl-C.
#[cfg(unix)]
fn seen_termination() -> Result<Arc<AtomicBool>, Failure> {
    let seen = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&seen))?;
    Ok(seen)
}

#[cfg(not(unix))]
fn seen_termination() -> Result<Arc<AtomicBool>, Failure> {
    Ok(Arc::new(AtomicBool::new(false)))
}

/// A line of what happens, on stdout at once; that nobody reads it does not stop the scheduler.
fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn text(job: &str, happened: &Happened) -> String {
    let job = short(job, 60);
    match happened {
        Happened::Watched => format!("{job}: watched from now on"),
        Happened::Skipped(Skipped { from_ms, until_ms, slots, reason }) => {
            let until =
                if slots > &1 { format!(" to {}", time_text(*until_ms)) } else { String::new() };
            let times = if *slots == 1 { "time".to_owned() } else { format!("{slots} times") };
            format!("{job}: {times} skipped, {}{until}: {}", time_text(*from_ms), clean(reason))
        }
        Happened::Begun(cause) => format!("{job}: runs {}", because(cause)),
        Happened::Ended(report) => {
            let version =
                report.end.version.map_or(String::new(), |v| format!(" {}:{v}", report.job));
            let why = short(&clean(&reason(&report.end)), REASON);
            format!("{job}: run {} {}{version}: {why}", report.end.run, report.end.outcome.word())
        }
        Happened::Failed { why } => format!("{job}: failed: {}", short(&clean(why), REASON)),
        Happened::Unusable { why } => {
            format!("{job}: cannot be used, and waits until it can: {}", short(&clean(why), REASON))
        }
        Happened::Usable => format!("{job}: can be used again"),
    }
}

/// What a run is for.
pub(super) fn because(cause: &Cause) -> String {
    let why = clean(&cause.why);
    let what = match cause.trigger {
        Trigger::Cron if why.is_empty() => format!("for {}", time_text(cause.slot_ms)),
        Trigger::Cron => format!("for {}, as {why}", time_text(cause.slot_ms)),
        Trigger::Drift => format!("as data have drifted: {why}"),
        Trigger::NewRows | Trigger::Age => format!("as {why}"),
    };
    let attempt =
        if cause.attempt > 1 { format!(" (attempt {})", cause.attempt) } else { String::new() };
    format!("{what}{attempt}")
}
