//! What listings need of each study, kept in step with its events by the transactions that append
//! them. It can be made anew from the events at any time.

use crate::database::Fault;
use crate::summary::{Fate, Summary};
use crate::{StoreError, log};
use ruska_core::{Event, StudyRecord, Timed};
use rusqlite::Transaction;

/// Its tables.
pub(crate) const TABLES: &str = "
CREATE TABLE summary (
    study INTEGER PRIMARY KEY,
    created_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    data TEXT NOT NULL,
    target TEXT NOT NULL,
    task TEXT NOT NULL,
    metric TEXT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    pruned INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    best_trial INTEGER,
    why TEXT,
    model TEXT
) STRICT;
CREATE INDEX summary_created ON summary (created_ms);
CREATE INDEX summary_model ON summary (model) WHERE model IS NOT NULL;
CREATE TABLE study_score (
    study INTEGER NOT NULL,
    metric TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (study, metric)
) STRICT, WITHOUT ROWID;
CREATE INDEX study_score_value ON study_score (metric, value, study);
";

/// Lists a study that was just made.
pub(crate) fn create(
    tx: &Transaction<'_>,
    id: i64,
    record: &StudyRecord,
    at_ms: i64,
    actor: &str,
) -> Result<(), Fault> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO summary (study, created_ms, actor, data, target, task, metric)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let StudyRecord { data, target, meta, metric, .. } = record;
    statement.execute((id, at_ms, actor, data, target, meta.kind.name(), metric))?;
    Ok(())
}

/// Writes what has changed.
pub(crate) fn update(tx: &Transaction<'_>, id: i64, summary: &mut Summary) -> Result<(), Fault> {
    let best = summary.best();
    let mut statement = tx.prepare_cached(
        "UPDATE summary SET done = ?2, pruned = ?3, failed = ?4, best_trial = ?5, why = ?6,
         model = ?7 WHERE study = ?1",
    )?;
    let [done, pruned, failed] = [Fate::Done, Fate::Pruned, Fate::Failed].map(|f| summary.count(f));
    let number = best.map(|(number, _)| number);
    statement.execute((id, done, pruned, failed, number, &summary.why, &summary.model))?;
    if summary.moved {
        tx.prepare_cached("DELETE FROM study_score WHERE study = ?1")?.execute([id])?;
        let mut statement = tx.prepare_cached("INSERT INTO study_score VALUES (?1, ?2, ?3)")?;
        for (metric, value) in best.iter().flat_map(|(_, scores)| scores.iter()) {
            statement.execute((id, metric, value))?;
        }
        summary.moved = false;
    }
    Ok(())
}

/// Lists study `id` by its events, whatever is listed of it.
pub(crate) fn renew(tx: &Transaction<'_>, id: i64, study: &str) -> Result<Summary, Fault> {
    let events = log::events(tx, id, study)?;
    let (at_ms, record) = beginning(study, &events)?;
    let mut summary = Summary::of(&events);
    tx.prepare_cached("DELETE FROM summary WHERE study = ?1")?.execute([id])?;
    create(tx, id, record, at_ms, &log::actor(tx, id)?)?;
    update(tx, id, &mut summary)?;
    Ok(summary)
}

/// Lists every study by its events. One whose events cannot be read is left out; listings tell why.
pub(crate) fn renew_all(tx: &Transaction<'_>) -> Result<(), Fault> {
    for (id, study) in log::studies(tx)? {
        if let Err(Fault::Sql(e)) = renew(tx, id, &study) {
            return Err(e.into());
        }
    }
    Ok(())
}

/// Fails when a study is not listed, with what is wrong with its events.
pub(crate) fn check(tx: &Transaction<'_>) -> Result<(), Fault> {
    let mut statement = tx.prepare_cached(
        "SELECT id, name FROM study WHERE id NOT IN (SELECT study FROM summary) LIMIT 1",
    )?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else { return Ok(()) };
    let (id, study): (i64, String) = (row.get(0)?, row.get(1)?);
    beginning(&study, &log::events(tx, id, &study)?)?;
    Err(Fault::Damaged(format!("study `{study}` is missing in the listing")))
}

/// When a study was made, and its record.
fn beginning<'a>(study: &str, events: &'a [Timed]) -> Result<(i64, &'a StudyRecord), StoreError> {
    if let Some(Timed { at_ms, event: Event::Created(record), .. }) = events.first() {
        return Ok((*at_ms, record));
    }
    let why = "a study begins with its record".to_owned();
    Err(StoreError::BadEvent { study: study.to_owned(), seq: 0, why })
}
