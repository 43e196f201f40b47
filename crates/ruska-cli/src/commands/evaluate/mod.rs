//! `ruska evaluate`: a model on labelled rows.

mod against;
mod classes;
mod equalized;
mod fairness;
mod held;
mod money;
mod numbers;
mod segments;

use super::reading;
use crate::args::{Evaluate, Names};
use crate::output::{Say, counted, number, short, table, wrapped};
use crate::{Ending, Failure};
use ruska::evaluation::Asked;
use ruska::{Evaluation, Frame, Manifest, Model, SharedTruth, TaskKind};
use ruska_ops::compare::{self, Against};
use ruska_ops::register::{Found, find};
use serde::Serialize;
use std::fmt::Write;

#[derive(Serialize)]
struct Document<'a> {
    /// Rows that the model may have learned from, where its file tells.
    learned: Option<usize>,
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    against: Vec<Against>,
}

/// Measures a model and tells what it is worth.
pub(crate) fn run(args: &Evaluate, say: Say) -> Result<Ending, Failure> {
    let store = &args.place.store;
    let model = find(store, &args.model)?.model;
    let rivals: Vec<Found> =
        args.against.iter().map(|name| find(store, name)).collect::<Result<_, _>>()?;
    let data = ruska::read_table(&args.data, &reading(&args.reading)?)?;
    let asked = Asked {
        by: Names::each(&args.by),
        sensitive: Names::all(&args.sensitive),
        equalize: args.equalize,
        profit: args.profit.clone(),
        threshold: args.threshold,
    };
    let evaluation = ruska::evaluate_asked(&model, &data.frame, &asked)?;
    let named = args.against.iter().map(String::as_str);
    let rivals: Vec<(&str, &Model)> = named.zip(rivals.iter().map(|r| &r.model)).collect();
    let against = compare::against(&data.frame, &model, &rivals)?;
    let manifest = model.manifest();
    let learned = learned(&model, &data.frame);
    let weight = manifest.roles.get("weight").filter(|w| data.frame.field(w).is_some());
    let weight = weight.map(String::as_str);
    let mut text = scores(&evaluation, manifest, weight);
    if let Some(learned) = learned.filter(|learned| *learned > 0) {
        let _ = writeln!(
            text,
            "the model may have learned from {learned} of these rows, where it looks better than it is"
        );
    }
    let positive = manifest.positive.as_deref().unwrap_or_default();
    let told = classes::sections(&evaluation, manifest, args.detail)
        .into_iter()
        .chain(numbers::sections(&evaluation, args.detail))
        .chain(evaluation.held.iter().map(held::line))
        .chain(evaluation.money.iter().map(|money| money::section(money, positive)))
        .chain(evaluation.stock.iter().map(money::stock))
        .chain(evaluation.segments.iter().map(|of| segments::section(of, weight)))
        .chain(evaluation.fairness.iter().map(|audit| fairness::section(audit, weight)))
        .chain(evaluation.equalized.iter().map(|of| equalized::section(of, positive)))
        .chain(against.iter().map(against::section));
    for section in told {
        let _ = write!(text, "\n{section}");
    }
    say.result(&text, &Document { learned, evaluation: &evaluation, against })?;
    Ok(Ending::Done)
}

/// Rows of a table that a model may have learned from, where its file tells.
fn learned(model: &Model, table: &Frame) -> Option<usize> {
    if model.manifest().task == TaskKind::Forecasting {
        return None;
    }
    compare::learned(model, table, &SharedTruth::of(table, &[model]).ok()?)
}

/// The measures, and of how many rows they are.
fn scores(evaluation: &Evaluation, manifest: &Manifest, weight: Option<&str>) -> String {
    let mut shown = table(&["metric", "score", "in the search", "95 % interval"]);
    for score in &evaluation.scores {
        let searched = manifest.scores.get(&score.metric).map_or(String::new(), |v| number(*v));
        let (low, high) = (number(score.low), number(score.high));
        let name = if score.metric == manifest.metric {
            format!("{} *", score.metric)
        } else {
            score.metric.clone()
        };
        shown.add_row([name, number(score.value), searched, format!("{low} … {high}")]);
    }
    let mut text = format!("{shown}\n");
    if evaluation.scores.iter().any(|score| score.metric == manifest.metric) {
        text += "* the metric the model was chosen by\n";
    } else if manifest.task == TaskKind::Forecasting {
        let what = format!(
            "{} is told in units of what was before: name a table that also holds earlier values",
            manifest.metric
        );
        text += &wrapped(&what, "  ");
    }
    let _ = write!(text, "{}", counted(evaluation.rows, "row"));
    if let Some(weight) = weight {
        let _ = write!(text, ", counted by their weight `{}`", short(weight, 40));
    }
    if evaluation.dropped > 0 {
        let target = short(&manifest.target, 40);
        let _ = write!(text, ", {} more have no value of `{target}`", evaluation.dropped);
    }
    text.push('\n');
    text
}

/// A share for people, a digit after the point.
fn share(share: f64) -> String {
    // Adding 0 makes -0 a 0.
    format!("{:.1} %", 100.0 * share + 0.0)
}

/// What may be undefined.
fn known(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), text)
}
