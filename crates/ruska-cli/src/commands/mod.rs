//! One file per command or family of commands.

pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod catalog;
pub(crate) mod check;
mod curves;
pub(crate) mod dataset;
pub(crate) mod diff;
pub(crate) mod drift;
mod drivers;
pub(crate) mod environment;
pub(crate) mod evaluate;
pub(crate) mod explain;
pub(crate) mod feedback;
pub(crate) mod fit;
mod groups;
pub(crate) mod init;
pub(crate) mod isolation;
pub(crate) mod job;
pub(crate) mod model;
pub(crate) mod plan;
pub(crate) mod predict;
pub(crate) mod profile;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod resume;
pub(crate) mod scheduler;
mod series;
mod shapes;
pub(crate) mod studies;

use crate::args::{HeaderChoice, Names, Reading};
use crate::output::number;
use crate::{Failure, Usage};
use ruska::register::Stamp;
use ruska::{Corrected, Kind, ReadOptions};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Who acts, and now.
pub(crate) fn stamp(actor: &str) -> Stamp<'_> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Stamp { at_ms: since.map_or(0, |d| d.as_millis() as i64), actor }
}

/// How to read a table, from the options given.
pub(crate) fn reading(args: &Reading) -> Result<ReadOptions, Failure> {
    let delimiter = args.delimiter.as_deref().map(|text| {
        let wrong = |why| Usage(format!("--delimiter: {why}, got `{text}`"));
        ruska::notation::delimiter(text).map_err(wrong)
    });
    let delimiter = delimiter.transpose()?;
    let header = args.header.map(|choice| choice == HeaderChoice::Yes);
    Ok(ReadOptions { delimiter, header, sheet: args.sheet.clone(), ..ReadOptions::default() })
}

/// Refuses options that only forecasts give a sense, of which one was given.
fn refuse_of_forecasts(given: &[(&str, bool)]) -> Result<(), Failure> {
    refuse_without("a forecasting model", given)
}

/// Refuses options that only one kind of model gives a sense, of which one was given.
fn refuse_without(kind: &str, given: &[(&str, bool)]) -> Result<(), Failure> {
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Usage(format!("{option} has a sense with {kind} alone")).into()),
    }
}

/// `COL=TYPE` pairs as a map.
pub(crate) fn types(pairs: &[Names]) -> Result<BTreeMap<String, Kind>, Failure> {
    let mut map = BTreeMap::new();
    for pair in Names::all(pairs) {
        let known = pair.rsplit_once('=').and_then(|(name, kind)| {
            Some((name, Kind::ALL.into_iter().find(|k| k.name() == kind)?))
        });
        let Some((name, kind)) = known else {
            let names = Kind::ALL.map(Kind::name).join(", ");
            let what = format!("--types expects COL=TYPE with a type of {names}, got `{pair}`");
            return Err(Usage(what).into());
        };
        map.insert(name.to_owned(), kind);
    }
    Ok(map)
}

/// What is to be expected of new rows, and what of the score was for being the best.
fn expected(corrected: Corrected, metric: &str) -> String {
    let Corrected { score, standard_error, optimism, rows, .. } = corrected;
    let [score, error, optimism] = [score, standard_error, optimism].map(number);
    let rows = rows.filter(|gain| *gain > 0.0);
    let rows = rows.map_or(String::new(), |gain| format!(", all rows bring {}", number(gain)));
    format!("{metric} {score} ± {error} on new rows (selection optimism {optimism}{rows})")
}
