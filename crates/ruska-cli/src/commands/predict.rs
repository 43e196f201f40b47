//! `ruska predict`: batch scoring, streamed.

use super::reading;
use crate::args::Predict;
use crate::output::{Say, is_broken_pipe};
use crate::{Ending, Failure};
use ruska::Model;
use serde_json::json;

/// Scores a table.
pub(crate) fn run(args: &Predict, say: Say) -> Result<Ending, Failure> {
    let model = Model::load(&args.model)?;
    let options = reading(&args.reading)?;
    let rows = match ruska::predict_file(&model, &args.data, &options, &args.output, &args.keep) {
        Err(e) if is_broken_pipe(&e) => return Ok(Ending::Done),
        other => other?,
    };
    if args.output == "-" {
        return Ok(Ending::Done);
    }
    let text = format!("{rows} predictions in {}\n", args.output);
    say.result(&text, &json!({"rows": rows, "output": args.output}))?;
    Ok(Ending::Done)
}
