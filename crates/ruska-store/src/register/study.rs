//! Studies in the ledger: that one was begun, and what its log was when it ended.
//!
//! A study's events have no chain of their own, as there are thousands of them a minute. The entry
//! of its end holds a hash of all of them, so the ledger's chain covers them too. Nothing follows an end but
//! what an entry allows that says that the study is gone on with, which is not made where the log is
//! another by then.

use super::ledger::insert;
use super::{Break, Entry, Stamp, StudyEnd, StudyStart, Subject};
use crate::database::Fault;
use crate::{Digest, log};
use ruska_core::{Event, StudyRecord};
use rusqlite::{OptionalExtension, Row, Transaction};

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

/// What the ledger says last of a study's log.
struct Held {
    /// Place of the entry.
    seq: u64,
    /// Events that it covers, and their hash.
    events: u64,
    log: String,
    /// Whether nothing may follow them.
    ended: bool,
}

impl Held {
    fn of(seq: i64, body: &str) -> Option<Self> {
        let seq = seq as u64;
        match serde_json::from_str(body).ok()? {
            Entry::StudyEnded(end) => {
                Some(Self { seq, events: end.events, log: end.log, ended: true })
            }
            Entry::StudyResumed { events, log } => Some(Self { seq, events, log, ended: false }),
            _ => None,
        }
    }

    /// What is wrong with the log, if anything.
    fn wrong(&self, tx: &Transaction<'_>, name: &str) -> Result<Option<String>, Fault> {
        let changed =
            format!("holds another hash of the log of study `{name}`: events were changed");
        let Some(id) = log::id(tx, name)? else { return Ok(Some(changed)) };
        // A log that cannot be read is another one.
        let found = hash(tx, id, Some(self.events)).ok();
        if found.is_none_or(|(_, log)| log.to_string() != self.log) {
            return Ok(Some(changed));
        }
        let sql = "SELECT count(*) FROM event WHERE study = ?1";
        let events: i64 = tx.query_row(sql, [id], |row| row.get(0))?;
        let more = events as u64 - self.events;
        Ok((self.ended && more > 0).then(|| {
            let events = if more == 1 { "one event was" } else { "events were" };
            format!("ends the log of study `{name}`, and {events} added to it afterwards")
        }))
    }
}

/// Enters that a study is gone on with, where it had ended.
///
/// Fails when its log is not what it was, since the next end would cover what was done to it.
pub(crate) fn resumed(
    tx: &Transaction<'_>,
    id: i64,
    name: &str,
    stamp: Stamp<'_>,
) -> Result<(), Fault> {
    let mut statement = tx.prepare_cached(
        "SELECT seq, body FROM ledger WHERE kind IN ('study_ended', 'study_resumed') AND name = ?1 \
         ORDER BY seq DESC LIMIT 1",
    )?;
    let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let last = statement.query_row([name], read).optional()?;
    let Some(held) = last.and_then(|(seq, body)| Held::of(seq, &body)) else { return Ok(()) };
    if let Some(why) = held.wrong(tx, name)? {
        let seq = held.seq;
        return Err(Fault::Damaged(format!("entry {seq} of its ledger {why}")));
    }
    if held.ended {
        let (events, log) = hash(tx, id, None)?;
        let entry = Entry::StudyResumed { events, log: log.to_string() };
        insert(tx, Subject::Study, name, stamp, &[entry])?;
    }
    Ok(())
}

/// The first study whose log is not what the ledger says.
pub(super) fn check(tx: &Transaction<'_>) -> Result<Option<Break>, Fault> {
    let mut statement = tx.prepare(
        "SELECT max(seq), name, body FROM ledger WHERE kind IN ('study_ended', 'study_resumed') \
         GROUP BY name ORDER BY 1",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, name, body): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(held) = Held::of(seq, &body) else { continue };
        if let Some(why) = held.wrong(tx, &name)? {
            return Ok(Some(Break { seq: Some(seq as u64), why }));
        }
    }
    Ok(None)
}
