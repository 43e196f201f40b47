//! `ruska dataset`: registered data.

mod diff;
mod show;

use super::{reading, stamp};
use crate::args::{DatasetAction, DatasetArgs};
use crate::commands::fit::finding_line;
use crate::output::{Say, align_right, file_name, keep_whole, minute, short, size, table};
use crate::{Ending, Failure};
use ruska::register::DatasetHead;
use ruska::{Store, StoreError};
use ruska_ops::dataset::{self, Added, DatasetReference};
use std::fmt::Write;
use std::path::Path;

/// Does what is asked about datasets.
pub(crate) fn run(args: &DatasetArgs, say: Say) -> Result<Ending, Failure> {
    match &args.action {
        DatasetAction::Add { name, file, actor, place, reading: options } => {
            let (options, stamp) = (reading(options)?, stamp(&actor.actor));
            let added = dataset::add(&Store::open(&place.store)?, name, file, &options, stamp)?;
            for finding in &added.findings {
                say.note(&finding_line(finding));
            }
            say.result(&told(&added), &added)?;
        }
        DatasetAction::List { name, place } => {
            let store = Store::open_existing(&place.store)?;
            let heads = dataset::list(&store, name.as_deref())?;
            say.result(&listed(&heads), &heads)?;
        }
        DatasetAction::Show { dataset, place } => {
            let store = Store::open_existing(&place.store)?;
            let shown = dataset::show(&store, &dataset.parse::<DatasetReference>()?)?;
            say.result(&show::text(&shown), &shown)?;
        }
        DatasetAction::Diff { left, right, all, place } => {
            let store = Store::open_existing(&place.store)?;
            let left: DatasetReference = left.parse()?;
            let right = right.as_deref().map(str::parse::<DatasetReference>).transpose()?;
            let diff = dataset::diff(&store, &left, right.as_ref())?;
            say.result(&diff::text(&diff, *all), &diff)?;
        }
    }
    Ok(Ending::Done)
}

/// Tells on stderr when data that is about to be used is not what was registered of it.
pub(crate) fn note_changes(store: &Path, data: &str, say: Say) -> Result<(), Failure> {
    let store = match Store::open_existing(store) {
        Err(StoreError::NoStore { .. }) => return Ok(()),
        opened => opened?,
    };
    for usage in dataset::of_source(&store, data)? {
        if let Some(note) = usage.note() {
            say.note(&format!("! {note}"));
        }
    }
    Ok(())
}

/// What came of adding.
fn told(added: &Added) -> String {
    let version = &added.version;
    let (name, number, digest) = (&added.name, version.version, &version.digest[..12]);
    let (rows, columns) = (version.rows, version.columns.len());
    let mut text = if added.new {
        format!("{name}:{number} is registered · {rows} rows × {columns} columns · {digest}\n")
    } else {
        format!("{name}:{number} holds these bytes already · {digest}\n")
    };
    if added.new && number > 1 {
        let _ = writeln!(text, "what changed: ruska dataset diff {name}");
    }
    text
}

fn listed(heads: &[DatasetHead]) -> String {
    if heads.is_empty() {
        return "no dataset is registered; `ruska dataset add NAME FILE` enters one\n".to_owned();
    }
    let header = ["dataset", "rows", "columns", "size", "source", "registered (UTC)", "by"];
    let mut shown = table(&header);
    for head in heads {
        shown.add_row([
            short(&format!("{}:{}", head.name, head.version), 30),
            head.rows.to_string(),
            head.columns.to_string(),
            size(head.bytes),
            short(file_name(&head.source), 24),
            minute(head.at_ms),
            short(&head.author, 16),
        ]);
    }
    align_right(&mut shown, 1..4);
    keep_whole(&mut shown, [0, 1, 2, 3, 5]);
    format!("{shown}\n")
}
