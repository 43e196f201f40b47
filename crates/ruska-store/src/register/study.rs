//! Studies in the ledger: that one was begun, and what its log was when it ended.
//!
//! A study's events have no chain of their own, as there are thousands of them a minute. The entry
//! of its end holds a hash of all of them, so the ledger's chain covers them too.

use super::ledger::insert;
use super::{Break, Entry, Stamp, StudyEnd, StudyStart, Subject};
use crate::database::Fault;
use crate::{Digest, log};
use ruska_core::{Event, StudyRecord};
use rusqlite::{OptionalExtension, Transaction};

/// Enters that a study was begun.
pub(crate) fn started(
    tx: &Transaction<'_>,
    record: &StudyRecord,
    stamp: Stamp<'_>,
) -> Result<(), Fault> {
    let start = StudyStart {
        data: record.data.clone(),
        fingerprint: record.fingerprint.clone(),
        target: record.target.clone(),
        metric: record.metric.clone(),
        command: record.command.clone(),
    };
    let entry = Entry::StudyStarted(Box::new(start));
    insert(tx, Subject::Study, &record.name, stamp, &[entry])
}

/// Enters that a study ended, for now at least, with its last model and a hash of its log.
pub(crate) fn ended(
    tx: &Transaction<'_>,
    id: i64,
    name: &str,
    why: &str,
    stamp: Stamp<'_>,
) -> Result<(), Fault> {
    let (events, log) = hash(tx, id, None)?;
    let mut summary = tx.prepare_cached("SELECT model FROM summary WHERE study = ?1")?;
    let model = summary.query_row([id], |row| row.get(0)).optional()?.flatten();
    let end = StudyEnd { why: why.to_owned(), model, events, log: log.to_string() };
    insert(tx, Subject::Study, name, stamp, &[Entry::StudyEnded(Box::new(end))])
}

/// Why the events end a study, if they do.
pub(crate) fn end(events: &[Event]) -> Option<&str> {
    events.iter().rev().find_map(|event| match event {
        Event::Ended { why } => Some(why.as_str()),
        _ => None,
    })
}

/// Number and hash of the first so many events of study `id`, or of all: BLAKE3 of the text
/// `ruska study 1` and a line feed, then of each event its place and time, 64 bits little-endian,
/// and actor, kind and body, each with its number of bytes before it.
fn hash(tx: &Transaction<'_>, id: i64, first: Option<u64>) -> Result<(u64, Digest), Fault> {
    let mut statement = tx.prepare_cached(
        "SELECT seq, at_ms, actor, kind, body FROM event WHERE study = ?1 AND seq < ?2 ORDER BY seq",
    )?;
    let most = first.map_or(i64::MAX, |n| n as i64);
    let mut rows = statement.query((id, most))?;
    let (mut hasher, mut events) = (blake3::Hasher::new(), 0);
    hasher.update(b"ruska study 1\n");
    while let Some(row) = rows.next()? {
        for number in [0, 1] {
            hasher.update(&row.get::<_, i64>(number)?.to_le_bytes());
        }
        for text in [2, 3, 4] {
            let text: String = row.get(text)?;
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
        events += 1;
    }
    Ok((events, (*hasher.finalize().as_bytes()).into()))
}

/// The first study whose log is not what it was when it ended the last time.
pub(super) fn check(tx: &Transaction<'_>) -> Result<Option<Break>, Fault> {
    let mut statement = tx.prepare(
        "SELECT max(seq), name, body FROM ledger WHERE kind = 'study_ended' GROUP BY name ORDER BY 1",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, name, body): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Ok(Entry::StudyEnded(end)) = serde_json::from_str(&body) else { continue };
        let found = match log::id(tx, &name)? {
            Some(id) => hash(tx, id, Some(end.events)).map(|(_, log)| log.to_string()).ok(),
            None => None,
        };
        if found.as_ref() != Some(&end.log) {
            let why =
                format!("holds another hash of the log of study `{name}`: events were changed");
            return Ok(Some(Break { seq: Some(seq as u64), why }));
        }
    }
    Ok(None)
}
