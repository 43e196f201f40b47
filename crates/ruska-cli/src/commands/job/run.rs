//! `ruska job run`: one run of a job.

use crate::args::RunJob;
use crate::commands::alert::send_after_run;
use crate::commands::check::breaches;
use crate::commands::fit::{finding_line, stop_on_signal};
use crate::commands::model::show::decision;
use crate::commands::stamp;
use crate::output::{Say, clean};
use crate::progress::Live;
use crate::{Ending, Failure};
use ruska::register::{JobOutcome, Verdict};
use ruska::{Event, Finding};
use ruska_ops::job::{self, Job, RunReport, Setting, Watch};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Runs a job and prints what came of it.
pub(super) fn run(args: &RunJob, say: Say, started: Instant) -> Result<Ending, Failure> {
    let job = Job::load(&args.file)?;
    let cancel = Arc::new(AtomicBool::new(false));
    stop_on_signal(&cancel)?;
    let fit = &job.spec().fit;
    let mut watcher = Watcher { say, live: Live::new(say, started, (fit.time(), fit.trials)) };
    let mut setting = Setting {
        actor: &args.actor.actor,
        clock: &|| stamp("").at_ms,
        workers: args.workers.map(|n| n as usize),
        cancel,
        watch: &mut watcher,
    };
    let done = job::run(&args.place.store, &job, &mut setting);
    watcher.live.finish();
    if !job.spec().alerts.is_empty() {
        send_after_run(&args.place.store, say);
    }
    let report = match done {
        Ok(report) => report,
        Err(ruska_ops::Error::Stopped) => {
            say.note("stopped by you; `ruska job run` goes on where it was");
            return Ok(Ending::Stopped);
        }
        Err(error) => return Err(error.into()),
    };
    say.result(&text(&report), &report)?;
    if let Some(why) = &report.end.not_scored {
        return Err(format!("nothing was scored: {why}").into());
    }
    let advised = report.decision.as_ref().is_some_and(|d| d.decision.verdict == Verdict::Promote);
    let no = match report.end.outcome {
        JobOutcome::Declined | JobOutcome::Held | JobOutcome::Violated => true,
        JobOutcome::Proposed => !advised,
        _ => false,
    };
    Ok(if args.strict && no { Ending::SaidNo } else { Ending::Done })
}

/// Tells what happens in a run.
struct Watcher {
    say: Say,
    live: Live,
}

impl Watch for Watcher {
    fn data(&mut self, line: &str, findings: &[Finding]) {
        self.say.note(line);
        findings.iter().for_each(|finding| self.say.note(&finding_line(finding)));
    }

    fn event(&mut self, event: &Event) {
        self.live.event(event);
    }

    fn step(&mut self, line: &str) {
        self.live.finish();
        self.say.note(line);
    }
}

fn text(report: &RunReport) -> String {
    let RunReport { job, end, .. } = report;
    let version = end.version.map_or(String::new(), |v| format!(" · {job}:{v}"));
    let place = report.environment.as_ref().map_or(String::new(), |e| format!(" for {e}"));
    let resumed = if report.resumed { " · went on with a run that was cut off" } else { "" };
    let mut text = format!(
        "{job}, run {}: {}{place}{version}{resumed}\n  {}\n",
        end.run,
        end.outcome.word(),
        clean(&end.reason)
    );
    if let Some(verdict) = report.contract.as_ref().filter(|verdict| !verdict.holds()) {
        text += &breaches(verdict);
    }
    if let (Some(decided), Some(version)) = (&report.decision, end.version) {
        text += &decision(job, version, decided);
    }
    if let Some((file, rows)) = &end.predictions {
        let _ = writeln!(text, "\nscores  {} · {rows} rows", clean(file));
    }
    let replaced = report.decision.as_ref().is_some_and(|d| d.decision.champion.is_some());
    let next = match (end.outcome, end.version) {
        (JobOutcome::Proposed, Some(version)) => {
            format!("ruska model approve {job}:{version} --reason \"…\", or reject")
        }
        (JobOutcome::Promoted, _) if replaced => {
            let environment = report.environment.as_deref().unwrap_or_default();
            format!("ruska model rollback {job} {environment} brings back what stood before")
        }
        (_, Some(version)) => format!("ruska model show {job}:{version}"),
        _ => return text,
    };
    let _ = writeln!(text, "next    {next}");
    text
}
