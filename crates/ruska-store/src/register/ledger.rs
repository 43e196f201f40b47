//! The ledger: entries in the order in which they were made, never changed.

use super::{Entry, Recorded, Stamp, Subject, chain, name};
use crate::database::Fault;
use crate::{Durability, Letter, Store, StoreError, outbox};
use rusqlite::{Row, Rows, Transaction};
use std::collections::BTreeSet;

/// The kinds of entry this version knows.
const KINDS: [&str; 25] = [
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
    "study_started",
    "study_ended",
    "backed_up",
    "alert_raised",
    "alert_recovered",
    "job_taken",
    "job_stopped",
    "predictions_logged",
    "outcomes_told",
    "study_resumed",
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
        Entry::SlotsSkipped(_) => 14,
        Entry::StudyStarted(_) => 15,
        Entry::StudyEnded(_) => 16,
        Entry::BackedUp { .. } => 17,
        Entry::AlertRaised(_) => 18,
        Entry::AlertRecovered(_) => 19,
        Entry::JobTaken(_) => 20,
        Entry::JobStopped { .. } => 21,
        Entry::PredictionsLogged(_) => 22,
        Entry::OutcomesTold(_) => 23,
        Entry::StudyResumed { .. } => 24,
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
    /// Its word, such as `model`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::Model => "model",
            Self::Job => "job",
            Self::Study => "study",
            Self::Feedback => "feedback",
            Self::Store => "store",
        }
    }

    fn of(id: &str) -> Option<Self> {
        use Subject::{Dataset, Feedback, Job, Model, Store, Study};
        let all = [Dataset, Model, Job, Study, Feedback, Store];
        all.into_iter().find(|s| s.id() == id)
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
        self.record_and_post(subject, name, stamp, |there, first| {
            decide(there, first).map(|(entries, value)| (entries, vec![], value))
        })
    }

    /// The same with letters that tell of it: entries and letters together, or neither.
    pub fn record_and_post<T, E: From<StoreError>>(
        &self,
        subject: Subject,
        name: &str,
        stamp: Stamp<'_>,
        decide: impl FnOnce(&[Recorded], u64) -> Result<(Vec<Entry>, Vec<Letter>, T), E>,
    ) -> Result<T, E> {
        name::check(subject, name)?;
        let _turn = self.locks().ledger()?;
        let (there, first) =
            self.database().read(|tx| Ok((select(tx, subject, Some(name))?, next(tx)?)))?;
        let (entries, letters, value) = decide(&there, first)?;
        entries.iter().try_for_each(|entry| check(subject, entry))?;
        if !entries.is_empty() || !letters.is_empty() {
            self.write_in_turn(|tx| {
                // Where the file system's locks do not lock, somebody may have been in between.
                if next(tx)? != first {
                    return Err(StoreError::Busy { path: self.database().path().into() }.into());
                }
                insert(tx, subject, name, stamp, &entries)?;
                outbox::post(tx, &letters, stamp.at_ms)
            })?;
        }
        Ok(value)
    }

    /// Runs a transaction on the ledger, one at a time among all processes. They queue at a file
    /// lock, which is fair, rather than at SQLite's, which is not.
    pub(crate) fn write_ledger<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let _turn = self.locks().ledger()?;
        self.write_in_turn(f)
    }

    /// The same for whoever holds the ledger's lock. What the transaction appended is told to the
    /// file that learns every head.
    fn write_in_turn<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let witness = chain::Witness::open(self.witness())?;
        let (value, head) = self.database().write(Durability::PowerCut, |tx| {
            let before = chain::last(tx)?;
            let value = f(tx)?;
            let head = chain::last(tx)?;
            Ok((value, (head != before).then_some(head)))
        })?;
        witness.tell(head)?;
        Ok(value)
    }

    /// Gives every entry to a function, in order. It must not use the store, whose connection it
    /// holds.
    pub fn each_entry(&self, mut f: impl FnMut(Recorded)) -> Result<(), StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare(&select_where("1 ORDER BY seq"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                f(one(row)?);
            }
            Ok(())
        })
    }
}

/// Refuses an entry that [`Store::record`] must not append about a subject.
fn check(subject: Subject, entry: &Entry) -> Result<(), StoreError> {
    let about = match entry {
        Entry::DatasetAdded(_) => Subject::Dataset,
        Entry::JobStarted(_)
        | Entry::JobEnded(_)
        | Entry::JobScheduled { .. }
        | Entry::SlotsSkipped(_)
        | Entry::AlertRaised(_)
        | Entry::AlertRecovered(_)
        | Entry::JobTaken(_)
        | Entry::JobStopped { .. } => Subject::Job,
        Entry::StudyStarted(_) | Entry::StudyEnded(_) | Entry::StudyResumed { .. } => {
            Subject::Study
        }
        Entry::PredictionsLogged(_) | Entry::OutcomesTold(_) => Subject::Feedback,
        Entry::EnvironmentsSet { .. } | Entry::BackedUp { .. } => Subject::Store,
        _ => Subject::Model,
    };
    let refuse = |why: &str| Err(StoreError::Unstorable { kind: kind(entry), why: why.into() });
    if made(entry).is_some() {
        return refuse("the store numbers versions itself");
    }
    if matches!(about, Subject::Study | Subject::Feedback) {
        return refuse("the store enters studies, predictions and outcomes itself");
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
    let first = next(tx)?;
    chain::check_end(tx, first)?;
    let first = first as i64;
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
    chain::extend(tx)
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
        entries.push(one(row)?);
    }
    Ok(entries)
}

fn one(row: &Row<'_>) -> Result<Recorded, Fault> {
    let (seq, kind, body): (i64, String, String) = (row.get(0)?, row.get(5)?, row.get(6)?);
    let seq = seq as u64;
    let subject: String = row.get(3)?;
    let subject = Subject::of(&subject).ok_or_else(|| {
        let why = format!("`{subject}` is no subject");
        StoreError::BadEntry { seq, why }
    })?;
    let entry = decode(seq, &kind, &body)?;
    let (at_ms, actor, name) = (row.get(1)?, row.get(2)?, row.get(4)?);
    Ok(Recorded { seq, at_ms, actor, subject, name, entry })
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
