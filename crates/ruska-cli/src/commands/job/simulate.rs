//! `ruska job simulate`: history replayed.

use crate::args::SimulateJob;
use crate::commands::fit::stop_on_signal;
use crate::output::{Say, align_right, minute, number, short, table};
use crate::{Ending, Failure};
use ruska::register::RuleOutcome;
use ruska_ops::job::{Job, Period, SimulateOptions, Simulation, simulate};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Replays a job and prints what would have been.
pub(super) fn run(args: &SimulateJob, say: Say) -> Result<Ending, Failure> {
    let job = Job::load(&args.file)?;
    let cancel = Arc::new(AtomicBool::new(false));
    stop_on_signal(&cancel)?;
    let workers = args.workers.map(|n| n as usize);
    let replay = SimulateOptions { every: args.every, from_ms: args.from, workers, cancel };
    let mut tell = |period: &Period| say.note(&line(period));
    let simulation = match simulate(&job, &replay, &mut tell) {
        Err(ruska_ops::Error::Stopped) => {
            say.note("stopped by you; nothing was changed");
            return Ok(Ending::Stopped);
        }
        other => other?,
    };
    say.result(&text(&simulation), &simulation)?;
    Ok(Ending::Done)
}

fn day(ms: i64) -> String {
    minute(ms).chars().take(10).collect()
}

fn outcome(period: &Period) -> &'static str {
    period.report.as_ref().map_or("failed", |r| r.end.outcome.word())
}

fn why(period: &Period) -> &str {
    let failed = period.failed.as_deref();
    period.report.as_ref().map_or(failed.unwrap_or_default(), |r| &r.end.reason)
}

/// What is told while the replay goes on.
fn line(period: &Period) -> String {
    format!("{} · {} rows · {}: {}", day(period.at_ms), period.rows, outcome(period), why(period))
}

/// The first rule that compares: what both models had.
fn compared(period: &Period) -> Option<&RuleOutcome> {
    let decision = &period.report.as_ref()?.decision.as_ref()?.decision;
    decision.rules.iter().find(|r| r.gain.is_some())
}

fn text(simulation: &Simulation) -> String {
    let metric = simulation.metric.as_deref().unwrap_or("score");
    let next = format!("{metric} after");
    let header =
        ["run on", "rows", "outcome", "gain", "interval", "stands", &next, "never replaced"];
    let mut shown = table(&header);
    let cell = |v: Option<f64>| v.map_or(String::new(), number);
    for period in &simulation.periods {
        let rule = compared(period);
        let interval = rule.and_then(|r| Some((r.low?, r.high?)));
        shown.add_row([
            day(period.at_ms),
            period.rows.to_string(),
            outcome(period).to_owned(),
            cell(rule.and_then(|r| r.gain)),
            interval.map_or(String::new(), |(l, h)| format!("{} … {}", number(l), number(h))),
            period.champion.map_or(String::new(), |v| format!("{}:{v}", simulation.job)),
            cell(period.next.as_ref().and_then(|n| n.champion)),
            cell(period.next.as_ref().and_then(|n| n.first)),
        ]);
    }
    align_right(&mut shown, 1..2);
    align_right(&mut shown, 3..4);
    align_right(&mut shown, 6..8);
    let (runs, promoted) = (simulation.periods.len(), simulation.promoted);
    let mut text = format!("{shown}\n\n{promoted} of {runs} runs promoted their challenger");
    if let (Some(champion), Some(first)) = (simulation.champion, simulation.first) {
        let (champion, first) = (number(champion), number(first));
        let _ = write!(
            text,
            "\n{metric} on the rows that came next: {champion} with the job, {first} with the \
             first model kept"
        );
    }
    for period in simulation.periods.iter().filter(|p| p.failed.is_some()) {
        let _ = write!(text, "\n{} failed: {}", day(period.at_ms), why(period));
    }
    short_lines(&text)
}

/// The same with no line that is too long for a screen.
fn short_lines(text: &str) -> String {
    text.lines().map(|line| short(line, 110) + "\n").collect()
}
