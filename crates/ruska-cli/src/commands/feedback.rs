//! `ruska feedback`: what became of predictions.

use super::{reading, stamp};
use crate::args::{FeedbackAction, FeedbackArgs, PeriodChoice};
use crate::output::{Say, align_right, counted, keep_whole, table, value as digits};
use crate::{Ending, Failure};
use ruska::Store;
use ruska::evaluation::Score;
use ruska::words::percent;
use ruska_ops::feedback::{self, AddOptions, Added, Feedback, Period, PeriodScores};
use std::fmt::Write;

/// Measures told in a row of the table.
const TOLD: usize = 2;

/// Does what is asked about outcomes.
pub(crate) fn run(args: &FeedbackArgs, say: Say) -> Result<Ending, Failure> {
    match &args.action {
        FeedbackAction::Add { file, model, id, outcome, time, place, reading: options } => {
            let store = Store::open_existing(&place.store)?;
            let columns = AddOptions { model, id, outcome, time: time.as_deref() };
            let actor = ruska::actor();
            let added = feedback::add(&store, file, &reading(options)?, columns, stamp(&actor))?;
            say.result(&added_text(&added, model), &added)?;
        }
        FeedbackAction::Show { model, by, place } => {
            let store = Store::open_existing(&place.store)?;
            let by = by.map(|by| match by {
                PeriodChoice::Day => Period::Day,
                PeriodChoice::Week => Period::Week,
                PeriodChoice::Month => Period::Month,
            });
            let shown = feedback::show(&store, model, by)?;
            say.result(&text(&shown), &shown)?;
        }
    }
    Ok(Ending::Done)
}

fn added_text(added: &Added, model: &str) -> String {
    let Added { rows, told, without_id, without_outcome, repeated } = added;
    let is = if told.added == 1 { "is" } else { "are" };
    let mut text = format!(
        "{}: {} of {model} {is} new",
        counted(*rows, "row"),
        counted(told.added, "outcome")
    );
    for (count, what) in
        [(told.known, "known already"), (told.corrected, "correcting an earlier one")]
    {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    text.push('\n');
    for (count, what) in [
        (*without_outcome, "without an outcome"),
        (*without_id, "without an id"),
        (*repeated, "with an id that stands again further down, where it counts"),
    ] {
        if count > 0 {
            let _ = writeln!(text, "{} {what}", counted(count, "row"));
        }
    }
    if told.outdated > 0 {
        let count = counted(told.outdated, "outcome");
        let _ = writeln!(text, "{count} older than what is known, which goes on counting");
    }
    if told.unpredicted > 0 {
        let count = counted(told.unpredicted, "id");
        let _ = writeln!(text, "{count} without a prediction: kept, and joined when it comes");
    }
    let _ = writeln!(text, "next    ruska feedback show {model}");
    text
}

fn text(shown: &Feedback) -> String {
    if shown.versions.is_empty() {
        return format!(
            "no prediction of {0} is logged; `ruska predict {0} DATA --log ID_COL` logs them\n",
            shown.model
        );
    }
    let mut text = String::new();
    for version in &shown.versions {
        let metrics = version.all.scores.iter().take(TOLD).map(|score| score.metric.as_str());
        let metrics: Vec<&str> = metrics.collect();
        let mut header = vec!["made (UTC)", "predictions", "outcomes", "share"];
        header.extend(&metrics);
        let mut rows = table(&header);
        for period in version.periods.iter().chain([&version.all]) {
            rows.add_row(row(period, &metrics));
        }
        align_right(&mut rows, 1..4);
        keep_whole(&mut rows, [0, 1, 2, 3]);
        let _ = writeln!(text, "{}:{} by {}\n{rows}", shown.model, version.version, version.metric);
        let PeriodScores { late, unreadable, .. } = version.all;
        if late > 0 {
            let _ = writeln!(text, "made after the outcome: {}", counted(late, "prediction"));
        }
        if unreadable > 0 {
            let count = counted(unreadable, "outcome");
            let _ = writeln!(text, "none that the model tells, and not measured: {count}");
        }
        if let Some(why) = &version.all.unmeasured {
            let _ = writeln!(text, "no {}: {why}", version.metric);
        }
        text.push('\n');
    }
    if shown.unpredicted > 0 {
        let _ = writeln!(text, "without a prediction: {}", counted(shown.unpredicted, "outcome"));
    }
    if shown.versions.iter().all(|version| version.all.known == 0) {
        let _ = writeln!(
            text,
            "no outcome is known yet: ruska feedback add FILE --model {} --id COL --outcome COL",
            shown.model
        );
    }
    text.trim_end().to_owned() + "\n"
}

fn row(period: &PeriodScores, metrics: &[&str]) -> Vec<String> {
    let score = |metric: &&str| {
        let found = period.scores.iter().find(|score| score.metric == **metric);
        found.map_or(String::new(), |Score { value, low, high, .. }| {
            format!("{} ({} … {})", digits(*value), digits(*low), digits(*high))
        })
    };
    let mut cells = vec![
        period.from.clone().unwrap_or_else(|| "all".to_owned()),
        period.predicted.to_string(),
        period.known.to_string(),
        percent(period.share()),
    ];
    cells.extend(metrics.iter().map(score));
    cells
}
