//! `ruska predict`: batch scoring, streamed.

use super::reading;
use crate::args::Predict;
use crate::output::Say;
use crate::{Ending, Failure};
use ruska_ops::register::find;
use serde_json::json;

/// Scores a table.
pub(crate) fn run(args: &Predict, say: Say) -> Result<Ending, Failure> {
    let model = find(&args.place.store, &args.model)?.model;
    let options = reading(&args.reading)?;
    let rows = ruska::predict_file(&model, &args.data, &options, &args.output, &args.keep)?;
    if args.output == "-" {
        return Ok(Ending::Done);
    }
    let text = format!("{rows} predictions in {}\n", args.output);
    say.result(&text, &json!({"rows": rows, "output": args.output}))?;
    Ok(Ending::Done)
}
