//! `ruska evaluate`: a model on labelled rows.

use super::reading;
use crate::args::Evaluate;
use crate::output::{Say, number, table};
use crate::{Ending, Failure};
use ruska_ops::register::find;
use std::fmt::Write;

/// Measures a model and prints every metric that is defined.
pub(crate) fn run(args: &Evaluate, say: Say) -> Result<Ending, Failure> {
    let model = find(&args.place.store, &args.model)?.model;
    let data = ruska::read_table(&args.data, &reading(&args.reading)?)?;
    let evaluation = ruska::evaluate(&model, &data.frame)?;
    let manifest = model.manifest();
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
        let _ =
            write!(text, ", {} more have no value of `{}`", evaluation.dropped, manifest.target);
    }
    text.push('\n');
    say.result(&text, &evaluation)?;
    Ok(Ending::Done)
}
