//! Adding a dataset: the next version of a name, unless its bytes are known.

use super::column::columns;
use super::files::{content, place};
use crate::Error;
use ruska::register::{DatasetVersion, Stamp, is_name};
use ruska::{Finding, ReadOptions, Store, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;

/// A dataset version that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Added {
    /// The dataset.
    pub name: String,
    /// Whether it is new; otherwise its bytes were known under this name.
    pub new: bool,
    /// The version.
    pub version: DatasetVersion,
    /// What was odd about reading it; nothing where its bytes were known.
    pub findings: Vec<Finding>,
}

/// Adds what a source holds now as the next version of a name: a file, all files of a folder or
/// pattern. Equal bytes are the version that is there.
///
/// Fails when the name cannot be used, when the source is standard input, cannot be read, changes
/// meanwhile, and when the bytes are known under this name but were read otherwise.
pub fn add(
    store: &Store,
    name: &str,
    source: &str,
    options: &ReadOptions,
    stamp: Stamp<'_>,
) -> Result<Added, Error> {
    if !is_name(name) {
        let name = name.chars().take(100).collect();
        return Err(StoreError::BadRegisterName { what: "dataset", name }.into());
    }
    if source == "-" {
        return Err(Error::Refused(
            "standard input is gone once it is read; write it to a file and add that".into(),
        ));
    }
    let (source, reading) = (place(source), words(options));
    let files = ruska::files(&source).map_err(ruska::Error::from)?;
    let before = content(&files)?;
    let known = store.dataset_of_digest(name, &before.digest)?;
    let known = known.map(|version| store.dataset(name, Some(version))).transpose()?.flatten();
    if let Some(known) = known.filter(|known| known.version.reading == reading) {
        let (name, version) = (name.to_owned(), known.version);
        return Ok(Added { name, new: false, version, findings: vec![] });
    }
    let table = ruska::read_table(&source, options).map_err(ruska::Error::from)?;
    let columns = columns(&table)?;
    if content(&table.files)? != before {
        let why = "changed while it was read; add it again when it is complete".to_owned();
        return Err(Error::Io { path: source, why });
    }
    let made = DatasetVersion {
        version: 0,
        source,
        reading,
        digest: before.digest,
        bytes: before.bytes,
        rows: table.frame.rows() as u64,
        fingerprint: ruska::fingerprint(&table.frame),
        columns,
    };
    let fingerprint = made.fingerprint.clone();
    let (version, new) = store.add_dataset(name, made, stamp)?;
    if version.fingerprint != fingerprint {
        let number = version.version;
        return Err(Error::Refused(format!(
            "{name}:{number} holds these bytes already, but read {}, which gives another table; \
             add this one under another name",
            told(&version.reading)
        )));
    }
    Ok(Added { name: name.to_owned(), new, version, findings: table.findings })
}

/// The options that were given, by the names and words of the command line.
fn words(options: &ReadOptions) -> BTreeMap<String, String> {
    let yes_no = |choice: bool| if choice { "yes" } else { "no" }.to_owned();
    let delimiter = |byte: u8| if byte == b'\t' { "tab".into() } else { char::from(byte).into() };
    let given = [
        ("sheet", options.sheet.clone()),
        ("delimiter", options.delimiter.map(delimiter)),
        ("header", options.header.map(yes_no)),
        ("decimal_comma", options.decimal_comma.map(yes_no)),
    ];
    given.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word?))).collect()
}

/// How something was read, within a sentence.
fn told(reading: &BTreeMap<String, String>) -> String {
    let given: Vec<String> =
        reading.iter().map(|(name, word)| format!("{name} `{word}`")).collect();
    if given.is_empty() {
        "without options".to_owned()
    } else {
        format!("with {}", given.join(", "))
    }
}
