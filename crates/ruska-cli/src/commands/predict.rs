//! `ruska predict`: batch scoring, streamed.

use super::reading;
use crate::args::{Names, Predict};
use crate::output::Say;
use crate::{Ending, Failure};
use ruska::ScoreStamp;
use ruska_ops::register::find;
use serde_json::json;

/// Scores a table.
pub(crate) fn run(args: &Predict, say: Say) -> Result<Ending, Failure> {
    let found = find(&args.place.store, &args.model)?;
    let (options, label) = (reading(&args.reading)?, found.label());
    let stamp = ScoreStamp { version: &label, digest: &found.digest };
    let stamp = args.stamp.then_some(&stamp);
    let Predict { data, output, .. } = args;
    let keep = Names::all(&args.keep);
    let rows = ruska::predict_file(&found.model, data, &options, output, &keep, stamp)?;
    if args.output == "-" {
        return Ok(Ending::Done);
    }
    let by = if label.is_empty() { String::new() } else { format!(" by {label}") };
    let text = format!("{rows} predictions{by} in {output}\n");
    let version = found.version.as_ref().map(|_| &label);
    let document =
        json!({"rows": rows, "output": output, "version": version, "digest": found.digest});
    say.result(&text, &document)?;
    Ok(Ending::Done)
}
