//! `ruska feedback`: what became of predictions.

use super::{reading, stamp};
use crate::args::{FeedbackAction, FeedbackArgs, PeriodChoice};
use crate::output::{Say, align_right, keep_whole, number, table};
use crate::{Ending, Failure};
use ruska::Store;
use ruska::evaluation::Score;
use ruska::words::percent;
use ruska_ops::feedback::{self, AddOptions, Added, Feedback, Period, PeriodScores};
use std::fmt::Write;

/// Measures told in a row of the table.
const TOLD: usize = 3;

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
    let Added { rows, told, empty } = added;
    let mut text = format!("{rows} rows: {} outcomes of {model} are new", told.added);
    for (count, what) in [
        (told.known, "were known"),
        (told.corrected, "correct an earlier one"),
        (told.outdated, "are older than what is known, which goes on counting"),
        (*empty, "have no id or no outcome"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    text.push('\n');
    if told.unpredicted > 0 {
        let _ = writeln!(
            text,
            "{} have an id without a prediction; they are kept and joined when it comes",
            told.unpredicted
        );
    }
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
            let _ = writeln!(text, "{late} of the predictions were made after their outcome");
        }
        if unreadable > 0 {
            let _ = writeln!(text, "{unreadable} outcomes are none that the model knows");
        }
        text.push('\n');
    }
    if shown.unpredicted > 0 {
        let _ = writeln!(text, "{} ids have an outcome and no prediction", shown.unpredicted);
    }
    text.trim_end().to_owned() + "\n"
}

fn row(period: &PeriodScores, metrics: &[&str]) -> Vec<String> {
    let score = |metric: &&str| {
        let found = period.scores.iter().find(|score| score.metric == **metric);
        found.map_or(String::new(), |Score { value, low, high, .. }| {
            format!("{} ({} … {})", number(*value), number(*low), number(*high))
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
