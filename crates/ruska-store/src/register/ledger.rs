//! The ledger: entries in the order in which they were made, never changed.

use super::{Entry, Recorded, Stamp, Subject, name};
use crate::database::Fault;
use crate::{Durability, Store, StoreError};
use rusqlite::{Rows, Transaction};
use std::collections::BTreeSet;

/// The kinds of entry this version knows.
const KINDS: [&str; 15] = [
    "dataset_added",
    "model_registered",
    "deployed",
    "rolled_back",
    "proposed",
    "approved",
    "rejected",
    "retired",
    "deleted",
    "decided",
    "environments_set",
    "job_started",
    "job_ended",
    "job_scheduled",
    "slots_skipped",
];

fn kind(entry: &Entry) -> &'static str {
    KINDS[match entry {
        Entry::DatasetAdded(_) => 0,
        Entry::ModelRegistered(_) => 1,
        Entry::Deployed { .. } => 2,
        Entry::RolledBack { .. } => 3,
        Entry::Proposed { .. } => 4,
        Entry::Approved { .. } => 5,
        Entry::Rejected { .. } => 6,
        Entry::Retired { .. } => 7,
        Entry::Deleted { .. } => 8,
        Entry::Decided(_) => 9,
        Entry::EnvironmentsSet { .. } => 10,
        Entry::JobStarted(_) => 11,
        Entry::JobEnded(_) => 12,
        Entry::JobScheduled { .. } => 13,
        Entry::SlotsSkipped { .. } => 14,
    }]
}

/// The version and digest that an entry makes, if it makes one.
fn made(entry: &Entry) -> Option<(u32, &str)> {
    match entry {
        Entry::DatasetAdded(v) => Some((v.version, &v.digest)),
        Entry::ModelRegistered(v) => Some((v.version, &v.digest)),
        _ => None,
    }
}

impl Subject {
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Model => "model",
            Self::Job => "job",
            Self::Store => "store",
        }
    }

    fn of(id: &str) -> Option<Self> {
        [Self::Dataset, Self::Model, Self::Job, Self::Store].into_iter().find(|s| s.id() == id)
    }
}

impl Store {
    /// The entries about a name, or about every name of a subject, in order.
    pub fn entries(
        &self,
        subject: Subject,
        name: Option<&str>,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.database().read(|tx| select(tx, subject, name))
    }

    /// Decides what to append about a name from what is there about it. All of it is appended, on
    /// the disk when this returns, or nothing; nobody else writes to the ledger in between.
    ///
    /// The closure gets the entries and the place that the first of its own will have. It may ask
    /// the store, but must not write to the ledger itself: it would wait for its own end. Fails as
    /// it does, when the name cannot be used, and when an entry is not about the subject or makes a
    /// version, which [`Store::register_model`] and [`Store::add_dataset`] number.
    pub fn record<T, E: From<StoreError>>(
        &self,
        subject: Subject,
        name: &str,
        stamp: Stamp<'_>,
        decide: impl FnOnce(&[Recorded], u64) -> Result<(Vec<Entry>, T), E>,
    ) -> Result<T, E> {
        name::check(subject, name)?;
        let _turn = self.locks().ledger()?;
        let (there, first) =
            self.database().read(|tx| Ok((select(tx, subject, Some(name))?, next(tx)?)))?;
        let (entries, value) = decide(&there, first)?;
        entries.iter().try_for_each(|entry| check(subject, entry))?;
        if !entries.is_empty() {
            self.database().write(Durability::PowerCut, |tx| {
                // Where the file system's locks do not lock, somebody may have been in between.
                if next(tx)? != first {
                    return Err(StoreError::Busy { path: self.database().path().into() }.into());
                }
                insert(tx, subject, name, stamp, &entries)
            })?;
        }
        Ok(value)
    }

    /// Runs a transaction on the ledger, one at a time among all processes. They queue at a file
    /// lock, which is fair, rather than at SQLite's, which is not.
    pub(super) fn write_ledger<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let _turn = self.locks().ledger()?;
        self.database().write(Durability::PowerCut, f)
    }
}

/// Refuses an entry that [`Store::record`] must not append about a subject.
fn check(subject: Subject, entry: &Entry) -> Result<(), StoreError> {
    let about = match entry {
        Entry::DatasetAdded(_) => Subject::Dataset,
        Entry::JobStarted(_)
        | Entry::JobEnded(_)
        | Entry::JobScheduled { .. }
        | Entry::SlotsSkipped { .. } => Subject::Job,
        Entry::EnvironmentsSet { .. } => Subject::Store,
        _ => Subject::Model,
    };
    let refuse = |why: &str| Err(StoreError::Unstorable { kind: kind(entry), why: why.into() });
    if made(entry).is_some() {
        return refuse("the store numbers versions itself");
    }
    if about != subject {
        return refuse(&format!("it is about a {}, not a {}", about.id(), subject.id()));
    }
    match entry {
        Entry::Deployed { environment, .. }
        | Entry::RolledBack { environment, .. }
        | Entry::Proposed { environment, .. }
        | Entry::Approved { environment, .. } => name::check_as("environment", environment),
        Entry::EnvironmentsSet { environments } => {
            environments.iter().try_for_each(|e| name::check_as("environment", e))?;
            let distinct: BTreeSet<_> = environments.iter().collect();
            if environments.is_empty() || distinct.len() < environments.len() {
                return refuse("it needs at least one environment, each of them once");
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The place of the next entry.
pub(super) fn next(tx: &Transaction<'_>) -> Result<u64, Fault> {
    let next: i64 = tx
        .prepare_cached("SELECT coalesce(max(seq), 0) + 1 FROM ledger")?
        .query_row([], |row| row.get(0))?;
    Ok(next as u64)
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    subject: Subject,
    name: &str,
    stamp: Stamp<'_>,
    entries: &[Entry],
) -> Result<(), Fault> {
    let first = next(tx)? as i64;
    let mut statement = tx.prepare_cached(
        "INSERT INTO ledger (seq, at_ms, actor, subject, name, kind, version, digest, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (i, entry) in (0i64..).zip(entries) {
        let (version, digest) = made(entry).unzip();
        statement.execute((
            first + i,
            stamp.at_ms,
            stamp.actor,
            subject.id(),
            name,
            kind(entry),
            version,
            digest,
            encode(entry)?,
        ))?;
    }
    Ok(())
}

pub(super) fn select(
    tx: &Transaction<'_>,
    subject: Subject,
    name: Option<&str>,
) -> Result<Vec<Recorded>, Fault> {
    let sql = select_where("subject = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY seq");
    let mut statement = tx.prepare_cached(&sql)?;
    recorded(statement.query((subject.id(), name))?)
}

/// The query for entries, as [`recorded`] reads them.
pub(super) fn select_where(condition: &str) -> String {
    format!("SELECT seq, at_ms, actor, subject, name, kind, body FROM ledger WHERE {condition}")
}

/// The entries that a query of [`select_where`] gives.
pub(super) fn recorded(mut rows: Rows<'_>) -> Result<Vec<Recorded>, Fault> {
    let mut entries = vec![];
    while let Some(row) = rows.next()? {
        let (seq, kind, body): (i64, String, String) = (row.get(0)?, row.get(5)?, row.get(6)?);
        let seq = seq as u64;
        let subject: String = row.get(3)?;
        let subject = Subject::of(&subject).ok_or_else(|| {
            let why = format!("`{subject}` is no subject");
            StoreError::BadEntry { seq, why }
        })?;
        let entry = decode(seq, &kind, &body)?;
        let (at_ms, actor, name) = (row.get(1)?, row.get(2)?, row.get(4)?);
        entries.push(Recorded { seq, at_ms, actor, subject, name, entry });
    }
    Ok(entries)
}

/// The text of an entry; what would not come back equal is refused.
fn encode(entry: &Entry) -> Result<String, StoreError> {
    let refuse = |why: String| StoreError::Unstorable { kind: kind(entry), why };
    let text = serde_json::to_string(entry).map_err(|e| refuse(e.to_string()))?;
    match serde_json::from_str::<Entry>(&text) {
        Ok(back) if back == *entry => Ok(text),
        _ => Err(refuse("it holds a number that is not finite".into())),
    }
}

pub(super) fn decode(seq: u64, kind: &str, text: &str) -> Result<Entry, StoreError> {
    serde_json::from_str(text).map_err(|e| {
        if KINDS.contains(&kind) {
            StoreError::BadEntry { seq, why: e.to_string() }
        } else {
            StoreError::UnknownEntry { seq, kind: kind.chars().take(80).collect() }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn kinds_are_those_of_the_entries() {
        let error = serde_json::from_str::<Entry>(r#"{"entry":"?"}"#).unwrap_err().to_string();
        let (_, list) = error.split_once("expected one of ").unwrap();
        let list = list.split(" at line").next().unwrap().replace('`', "");
        assert_eq!(list.split(", ").collect::<Vec<_>>(), KINDS);
        assert_eq!(kind(&Entry::EnvironmentsSet { environments: vec![] }), "environments_set");
    }
}
