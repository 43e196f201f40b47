//! The events of studies as rows.

use crate::codec;
use crate::database::Fault;
use ruska_core::{Event, Timed};
use rusqlite::{OptionalExtension, Transaction};

/// Appends events to study `id` and returns the place of the first.
pub(crate) fn append(
    tx: &Transaction<'_>,
    id: i64,
    events: &[Event],
    at_ms: i64,
    actor: &str,
) -> Result<u64, Fault> {
    let first: i64 = tx
        .prepare_cached("SELECT coalesce(max(seq) + 1, 0) FROM event WHERE study = ?1")?
        .query_row([id], |row| row.get(0))?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO event (study, seq, at_ms, actor, kind, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (i, event) in (0i64..).zip(events) {
        let (kind, body) = (codec::kind(event), codec::encode(event)?);
        statement.execute((id, first.saturating_add(i), at_ms, actor, kind, body))?;
    }
    Ok(first as u64)
}

/// Every event of study `id`, named `study`, in order.
pub(crate) fn events(tx: &Transaction<'_>, id: i64, study: &str) -> Result<Vec<Timed>, Fault> {
    let mut statement = tx
        .prepare_cached("SELECT seq, at_ms, kind, body FROM event WHERE study = ?1 ORDER BY seq")?;
    let mut rows = statement.query([id])?;
    let mut events = vec![];
    while let Some(row) = rows.next()? {
        let seq = events.len() as u64;
        if row.get::<_, i64>(0)? != seq as i64 {
            return Err(Fault::Damaged(format!("event {seq} of study `{study}` is not there")));
        }
        let (at_ms, kind, body) = (row.get(1)?, row.get_ref(2)?, row.get_ref(3)?);
        let text = |value: rusqlite::types::ValueRef<'_>| value.as_str().map(str::to_owned);
        let (kind, body) = (text(kind).unwrap_or_default(), text(body).unwrap_or_default());
        let event = codec::decode(study, seq, &kind, &body)?;
        events.push(Timed { seq, at_ms, event });
    }
    Ok(events)
}

/// Who made study `id`.
pub(crate) fn actor(tx: &Transaction<'_>, id: i64) -> Result<String, Fault> {
    let mut first = tx.prepare_cached("SELECT actor FROM event WHERE study = ?1 AND seq = 0")?;
    Ok(first.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Number and name of every study, in the order in which they were made.
pub(crate) fn studies(tx: &Transaction<'_>) -> Result<Vec<(i64, String)>, Fault> {
    let mut statement = tx.prepare_cached("SELECT id, name FROM study ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The number of a study.
pub(crate) fn id(tx: &Transaction<'_>, study: &str) -> Result<Option<i64>, Fault> {
    let mut statement = tx.prepare_cached("SELECT id FROM study WHERE name = ?1")?;
    Ok(statement.query_row([study], |row| row.get(0)).optional()?)
}
