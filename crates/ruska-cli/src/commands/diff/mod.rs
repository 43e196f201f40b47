//! `ruska diff`: what changes when a new model replaces an old one.

mod tables;
mod words;

use super::reading;
use crate::args::{Diff, Names};
use crate::output::{Say, file_name, short};
use crate::{Ending, Failure, Usage};
use ruska_ops::diff::{Options, Report, check_output, diff, write};
use ruska_ops::register::{Found, find};
use serde::Serialize;
use std::fmt::Write;

/// One of the two models.
#[derive(Serialize)]
struct Side<'a> {
    /// As it was named.
    named: &'a str,
    /// The registered version, if it is one.
    version: Option<String>,
    digest: &'a str,
    pipeline: String,
}

#[derive(Serialize)]
struct Document<'a> {
    old: Side<'a>,
    new: Side<'a>,
    output: Option<&'a str>,
    #[serde(flatten)]
    report: &'a Report,
}

/// Compares two models on a table and tells what differs.
pub(crate) fn run(args: &Diff, say: Say) -> Result<Ending, Failure> {
    let Diff { old, new, data, output, .. } = args;
    if let Some(output) = output {
        if output == "-" {
            let what = "--output - would mix the rows with the report; name a file";
            return Err(Usage(what.into()).into());
        }
        check_output(output, &[data, old, new])?;
    }
    let store = &args.place.store;
    let (found_old, found_new) = (find(store, old)?, find(store, new)?);
    let table = ruska::read_table(data, &reading(&args.reading)?)?.frame;
    let options = Options { threshold: args.threshold, profit: args.profit, cost: args.cost };
    let compared = diff(&found_old.model, &found_new.model, &table, &options)?;
    if let Some(output) = output {
        write(output, &compared.table(&table, &Names::all(&args.keep))?)?;
    }
    let (old, new) = (side(&found_old, old), side(&found_new, new));
    let report = &compared.report;
    let text = text(report, &old, &new, data, output.as_deref());
    say.result(&text, &Document { old, new, output: output.as_deref(), report })?;
    Ok(Ending::Done)
}

fn side<'a>(found: &'a Found, named: &'a str) -> Side<'a> {
    Side {
        named,
        version: found.version.as_ref().map(|_| found.label()),
        digest: &found.digest,
        pipeline: found.model.manifest().title(),
    }
}

/// The whole report for people, the answer first.
fn text(
    report: &Report,
    old: &Side<'_>,
    new: &Side<'_>,
    data: &str,
    output: Option<&str>,
) -> String {
    let mut text = words::headline(report);
    for line in words::worth(report) {
        text += &(line + "\n");
    }
    text.push('\n');
    for (label, side) in [("old", old), ("new", new)] {
        let name = side.version.as_deref().unwrap_or_else(|| file_name(side.named));
        let line = format!("{label:<10}{name} · {}", side.pipeline);
        let _ = writeln!(text, "{}", short(&line, 100));
    }
    let rows = format!("rows      {} of {}{}", report.rows, file_name(data), words::labels(report));
    let _ = writeln!(text, "{}", short(&rows, 100));
    if let Some(learned) = words::learned(report) {
        let _ = writeln!(text, "{}", short(&format!("learned   {learned}"), 100));
    }
    for (label, line) in words::changes(report) {
        let _ = writeln!(text, "{}", short(&format!("{label:<10}{line}"), 100));
    }
    for section in tables::sections(report) {
        let _ = write!(text, "\n{section}");
    }
    if let Some(output) = output {
        let _ = writeln!(text, "\nevery row is in {}", short(output, 80));
    }
    text
}
