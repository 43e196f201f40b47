//! `ruska replay` and `ruska model reproduce`: what is recorded, made again and compared.

use crate::args::{Again, Replay};
use crate::output::{Say, clean, seconds, short, table};
use crate::progress::Live;
use crate::{Ending, Failure};
use ruska::{Event, Replayed, Scope, Store};
use ruska_ops::register;
use std::fmt::Write;
use std::time::Instant;

/// Differences shown.
const SHOWN: usize = 20;

/// Repeats what a study recorded.
pub(crate) fn run(args: &Replay, say: Say, started: Instant) -> Result<Ending, Failure> {
    let Replay { study, all, again } = args;
    let store = Store::open_existing(&again.place.store)?;
    let scope = if *all { Scope::Trials } else { Scope::Model };
    let replay = ruska::Replay::of(&store, study.as_deref())?.scope(scope);
    let mut live = Live::new(say, started, (None, None));
    let done = set(replay, again, |event| live.event(event)).run();
    live.finish();
    let (report, _) = done?;
    say.result(&account(&format!("study {}", report.study), &report, again), &report)?;
    Ok(ending(&report))
}

/// Makes a registered version again.
pub(crate) fn reproduce(
    model: &str,
    again: &Again,
    say: Say,
    started: Instant,
) -> Result<Ending, Failure> {
    let store = Store::open_existing(&again.place.store)?;
    let mut live = Live::new(say, started, (None, None));
    let done = register::reproduce(&store, &model.parse()?, |replay| {
        set(replay, again, |event| live.event(event))
    });
    live.finish();
    let (done, _) = done?;
    let report = &done.replayed;
    let name = format!("{}:{}, study {}", done.name, done.version, report.study);
    say.result(&account(&name, report, again), &done)?;
    Ok(ending(report))
}

fn set<'a>(
    replay: ruska::Replay<'a>,
    again: &Again,
    tell: impl FnMut(&Event) + Send + 'a,
) -> ruska::Replay<'a> {
    let mut replay = replay.on_event(tell);
    if let Some(workers) = again.workers {
        replay = replay.workers(workers as usize);
    }
    if let Some(data) = &again.data {
        replay = replay.data(data);
    }
    match &again.output {
        Some(path) => replay.output(path),
        None => replay,
    }
}

fn ending(report: &Replayed) -> Ending {
    if report.is_same() { Ending::Done } else { Ending::SaidNo }
}

/// What was made again, from what, and whether it is the same.
fn account(name: &str, report: &Replayed, again: &Again) -> String {
    let Replayed { trials, fits, .. } = report;
    let what = if report.searched {
        format!("the whole search again, {trials} trials")
    } else if *trials == 1 {
        format!("trial {} again, {}", report.trial, report.pipeline)
    } else {
        format!("{trials} trials again")
    };
    let cut = match report.cut {
        0 => String::new(),
        n => format!(", {n} of them cut where the clock had cut them"),
    };
    let mut text = format!("{name}: {what}\n");
    let _ = writeln!(text, "fits      {fits}{cut} · {} s", seconds(report.seconds));
    let _ = writeln!(text, "recorded  {}", report.expected);
    let _ = writeln!(text, "now       {}", report.got);
    text += verdict(report);
    text.push('\n');
    if report.passed_over > 0 {
        let _ = writeln!(
            text,
            "{} more fits cannot be repeated: an earlier version of ruska did not record where the \
             clock cut them",
            report.passed_over
        );
    }
    if let Some(why) = report.nondeterministic.as_ref().filter(|_| !report.is_same()) {
        let _ = writeln!(text, "its learner may give other bytes each time: {why}");
    }
    text += &differences(report);
    if let Some(path) = &again.output {
        let _ = writeln!(text, "model     {}", path.display());
    }
    clean(&text)
}

fn verdict(report: &Replayed) -> &'static str {
    let model_told = report.differences.iter().any(|d| !d.part.starts_with("trials."));
    match (report.identical, report.differences.is_empty(), model_told) {
        (true, true, _) if report.trials > 1 => {
            "identical: the model has the same bytes, every fold the same result"
        }
        (true, true, _) => "identical: the model has the same bytes",
        (true, false, _) => "the model has the same bytes, but trials differ:",
        (false, _, true) => "NOT identical; what differs:",
        (false, false, false) => {
            "NOT identical; the recorded model's file is not in the store, what of trials differs:"
        }
        (false, true, false) => {
            "NOT identical; the recorded model's file is not in the store, so what differs is not known"
        }
    }
}

fn differences(report: &Replayed) -> String {
    if report.differences.is_empty() {
        return String::new();
    }
    let mut shown = table(&["part", "recorded", "now"]);
    for difference in report.differences.iter().take(SHOWN) {
        let cells = [&difference.part, &difference.recorded, &difference.now];
        shown.add_row(cells.map(|text| short(text, 60)));
    }
    let mut text = format!("{shown}\n");
    if report.differences.len() > SHOWN {
        let more = report.differences.len() - SHOWN;
        let _ = writeln!(text, "and {more} more; --json tells all");
    }
    text
}
