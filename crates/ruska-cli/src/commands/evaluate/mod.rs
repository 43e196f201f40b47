//! `ruska evaluate`: a model on labelled rows.

mod classes;
mod numbers;
mod segments;

use super::reading;
use crate::args::{Evaluate, Names};
use crate::output::{Say, number, short, table};
use crate::{Ending, Failure};
use ruska::evaluation::Asked;
use ruska::{Evaluation, Manifest};
use ruska_ops::register::find;
use std::fmt::Write;

/// Measures a model and tells what it is worth.
pub(crate) fn run(args: &Evaluate, say: Say) -> Result<Ending, Failure> {
    let model = find(&args.place.store, &args.model)?.model;
    let data = ruska::read_table(&args.data, &reading(&args.reading)?)?;
    let asked = Asked { by: Names::each(&args.by) };
    let evaluation = ruska::evaluate_asked(&model, &data.frame, &asked)?;
    let manifest = model.manifest();
    let mut text = scores(&evaluation, manifest);
    let told = classes::sections(&evaluation, manifest, args.detail)
        .into_iter()
        .chain(numbers::sections(&evaluation, args.detail))
        .chain(evaluation.segments.iter().map(segments::section));
    for section in told {
        let _ = write!(text, "\n{section}");
    }
    say.result(&text, &evaluation)?;
    Ok(Ending::Done)
}

/// The measures, and of how many rows they are.
fn scores(evaluation: &Evaluation, manifest: &Manifest) -> String {
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
    let mut text = format!("{shown}\n* the metric the model was chosen by\n");
    let _ = write!(text, "{} rows", evaluation.rows);
    if evaluation.dropped > 0 {
        let target = short(&manifest.target, 40);
        let _ = write!(text, ", {} more have no value of `{target}`", evaluation.dropped);
    }
    text.push('\n');
    text
}

/// A share for people, a digit after the point.
fn share(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// What may be undefined.
fn known(value: Option<f64>, text: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "–".to_owned(), text)
}
