//! `ruska predict`: batch scoring, streamed, and forecasts.

use super::{reading, refuse_of_forecasts, stamp as stamp_now};
use crate::args::{Names, Predict};
use crate::output::Say;
use crate::{Ending, Failure, Usage};
use ruska::{Beside, Forecast, Model, ScoreStamp, Store};
use ruska_ops::feedback;
use ruska_ops::register::find;
use serde_json::json;

/// Scores a table, or tells what comes next.
pub(crate) fn run(args: &Predict, say: Say) -> Result<Ending, Failure> {
    let found = find(&args.place.store, &args.model)?;
    let (options, label) = (reading(&args.reading)?, found.label());
    let stamp = ScoreStamp { version: &label, digest: &found.digest };
    let stamp = args.stamp.then_some(&stamp);
    let Predict { data, output, .. } = args;
    if say.json && output == "-" {
        let what = "--json tells of a file; name one with --output, such as predictions.csv";
        return Err(Usage(what.into()).into());
    }
    let keep = Names::all(&args.keep);
    let ahead = found.model.series().is_some();
    let rows = if ahead {
        if args.log.is_some() {
            let what = "--log has a sense with a model of classes or numbers alone";
            return Err(Usage(what.into()).into());
        }
        forecast(args, &found.model, stamp)?
    } else {
        refuse_of_forecasts(&[
            ("--horizon", args.horizon.is_some()),
            ("--from", args.from.is_some()),
            ("--future", args.future.is_some()),
        ])?;
        if data.is_empty() {
            return Err(Usage("DATA is missing: which table is to be scored".into()).into());
        }
        let and = Beside { keep: &keep, shares: &args.interval, stamp: stamp.copied() };
        match &args.log {
            None => ruska::predict_file(&found.model, data, &options, output, &and)?,
            Some(id) => {
                let Some((name, version)) = found.version.as_ref().map(|(n, v)| (n, *v)) else {
                    let what = "--log keeps predictions by their version; name a model of the \
                                register, such as churn or churn:3";
                    return Err(Usage(what.into()).into());
                };
                let store = Store::open_existing(&args.place.store)?;
                let (of, files) =
                    ((&store, name.as_str(), version), (&**data, &options, &**output));
                let actor = ruska::actor();
                let logged =
                    feedback::predict(of, &found.model, files, &and, (id, stamp_now(&actor)))?;
                say.note(&logged.told(id));
                logged.rows
            }
        }
    };
    if args.output == "-" {
        return Ok(Ending::Done);
    }
    let by = if label.is_empty() { String::new() } else { format!(" by {label}") };
    let what = if ahead { "forecasts" } else { "predictions" };
    let text = format!("{rows} {what}{by} in {output}\n");
    let version = found.version.as_ref().map(|_| &label);
    let document =
        json!({"rows": rows, "output": output, "version": version, "digest": found.digest});
    say.result(&text, &document)?;
    Ok(Ending::Done)
}

/// Writes what comes next; gives the number of rows.
fn forecast(args: &Predict, model: &Model, stamp: Option<&ScoreStamp<'_>>) -> Result<u64, Failure> {
    if !args.data.is_empty() {
        let what = "a forecasting model needs no DATA; newer values come by --from";
        return Err(Usage(what.into()).into());
    }
    if !args.keep.is_empty() {
        return Err(Usage("--keep has no sense here: no rows are read".into()).into());
    }
    let mut forecast = Forecast::new(model)?;
    let options = reading(&args.reading)?;
    let read = |data: &str| ruska::read_table(data, &options).map_err(ruska::Error::from);
    if let Some(newer) = &args.from {
        forecast = forecast.with(&read(newer)?.frame)?;
    }
    if let Some(future) = &args.future {
        forecast = forecast.given(read(future)?.frame);
    }
    let usual = [0.8];
    let shares = if args.interval.is_empty() { &usual[..] } else { &args.interval };
    let horizon = args.horizon.map(|n| n as usize);
    Ok(forecast.write(&args.output, horizon, shares, stamp)?)
}
