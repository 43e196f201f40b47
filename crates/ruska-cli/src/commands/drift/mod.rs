//! `ruska drift`: whether a table is still what a reference knows.

mod text;

use super::reading;
use super::report::{check_page, write_page};
use crate::args::{Drift, Names};
use crate::output::Say;
use crate::{Ending, Failure, Usage};
use ruska_ops::drift::{Options, Verdict, between, since_training};
use ruska_ops::register::find;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;

/// Ends of names of tables.
const TABLES: [&str; 7] = ["csv", "tsv", "txt", "gz", "parquet", "xlsx", "xls"];

#[derive(Serialize)]
struct Document<'a> {
    /// As they were named.
    reference_name: &'a str,
    current_name: &'a str,
    model_name: Option<&'a str>,
    #[serde(flatten)]
    verdict: &'a Verdict,
}

/// Compares and tells; a verdict of drift says no.
pub(crate) fn run(args: &Drift, say: Say) -> Result<Ending, Failure> {
    check_page(&args.page)?;
    let options = options(args)?;
    if ruska::is_model_file(&args.current) {
        let what = format!("{} is a model; what it is compared with must be a table", args.current);
        return Err(Usage(what).into());
    }
    let read =
        |source: &str| Ok::<_, Failure>(ruska::read_table(source, &reading(&args.reading)?)?);
    let verdict = if is_table(&args.reference) {
        let model = args.model.as_ref().map(|name| find(&args.place.store, name)).transpose()?;
        let (reference, current) = (read(&args.reference)?, read(&args.current)?);
        between(&reference, &current.frame, model.as_ref().map(|found| &found.model), &options)?
    } else {
        if args.model.is_some() {
            let what = format!("{} is a model itself; --model goes with a table", args.reference);
            return Err(Usage(what).into());
        }
        let found = find(&args.place.store, &args.reference)?;
        since_training(&found.model, &read(&args.current)?.frame, &options)?
    };
    let names = (args.reference.as_str(), args.current.as_str());
    let page = || ruska_report::drift(&verdict, names.0, names.1);
    let written = write_page(&args.page, page)?;
    let document = Document {
        reference_name: names.0,
        current_name: names.1,
        model_name: args.model.as_deref(),
        verdict: &verdict,
    };
    say.result(&(text::text(&verdict, names) + &written), &document)?;
    Ok(if verdict.is_drift() { Ending::SaidNo } else { Ending::Done })
}

/// Whether a reference is a table rather than a model.
fn is_table(text: &str) -> bool {
    let path = Path::new(text);
    if path.exists() {
        return !ruska::is_model_file(path) && path.extension().is_none_or(|e| e != "ruska");
    }
    let table = path.extension().and_then(|e| e.to_str());
    let table = table.is_some_and(|e| TABLES.iter().any(|t| t.eq_ignore_ascii_case(e)));
    text == "-" || table || text.contains(['*', '?', '/', '\\'])
}

fn options(args: &Drift) -> Result<Options, Failure> {
    let mut options = Options { columns: Names::all(&args.columns), ..Options::default() };
    let mut thresholds = BTreeMap::new();
    for text in Names::all(&args.threshold) {
        let (column, number) = match text.rsplit_once('=') {
            Some((column, number)) => (Some(column), number),
            None => (None, text.as_str()),
        };
        let number = number.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n > 0.0);
        let Some(number) = number else {
            let what = format!("--threshold expects a number above 0, or COL=N, got `{text}`");
            return Err(Usage(what).into());
        };
        match column {
            Some(column) => drop(thresholds.insert(column.to_owned(), number)),
            None => options.threshold = Some(number),
        }
    }
    options.thresholds = thresholds;
    Ok(options)
}
