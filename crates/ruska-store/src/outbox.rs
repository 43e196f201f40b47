//! Letters to be sent to receivers outside: kept until they are taken or given up.
//!
//! A letter is put in by the transaction that enters what it tells of, so a crash loses none, and is
//! marked when its receiver has answered, so a crash in between sends it twice: at least once, with
//! the same id. Whoever sends one claims it for a while first; after that it is anybody's again.

use crate::database::Fault;
use crate::{Durability, Store, StoreError};
use rusqlite::{OptionalExtension, Row, Transaction};
use serde::Serialize;

/// What format 3 adds for letters.
pub(crate) const TABLES: &str = "
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    job TEXT NOT NULL,
    kind TEXT NOT NULL,
    receiver TEXT NOT NULL,
    body TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    last TEXT NOT NULL DEFAULT '',
    UNIQUE (id, receiver)
) STRICT;
CREATE INDEX outbox_next ON outbox (next_ms) WHERE state = 'waiting';
";

/// How long letters that were taken are kept, milliseconds: 30 days.
const KEPT_MS: i64 = 30 * 86_400_000;

/// A letter to one receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Id of what it tells of; the same for all receivers and all attempts.
    pub id: String,
    /// The job it is about.
    pub job: String,
    /// What kind of thing it tells of.
    pub kind: String,
    /// Who gets it, in the words of whoever sends it.
    pub receiver: String,
    /// What is sent.
    pub body: String,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// It is yet to be sent.
    Waiting,
    /// Its receiver took it.
    Sent,
    /// It was given up.
    Dead,
}

impl LetterState {
    fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }
}

/// A letter in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its number within the store.
    pub number: i64,
    /// The letter.
    pub letter: Letter,
    /// When it was put in, milliseconds since 1970.
    pub at_ms: i64,
    /// What became of it.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, milliseconds since 1970.
    pub next_ms: i64,
    /// What was said the last time it was tried; empty before the first.
    pub last: String,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The receiver took it.
    Sent,
    /// It is tried again at this moment, milliseconds since 1970.
    Again(i64),
    /// It was not tried, as what that needs was not there, and is not before this moment.
    Untried(i64),
    /// It is given up.
    Dead,
}

/// Puts letters in, to be sent at once. One that is there already is not put in again.
pub(crate) fn post(tx: &Transaction<'_>, letters: &[Letter], at_ms: i64) -> Result<(), Fault> {
    let mut statement = tx.prepare_cached(
        "INSERT OR IGNORE INTO outbox (id, job, kind, receiver, body, at_ms, next_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
    )?;
    for Letter { id, job, kind, receiver, body } in letters {
        statement.execute((id, job, kind, receiver, body, at_ms))?;
    }
    Ok(())
}

const COLUMNS: &str =
    "number, id, job, kind, receiver, body, at_ms, state, attempts, next_ms, last";

fn posted(row: &Row<'_>) -> rusqlite::Result<Posted> {
    let state: String = row.get(7)?;
    let state = match state.as_str() {
        "sent" => LetterState::Sent,
        "dead" => LetterState::Dead,
        _ => LetterState::Waiting,
    };
    let letter = Letter {
        id: row.get(1)?,
        job: row.get(2)?,
        kind: row.get(3)?,
        receiver: row.get(4)?,
        body: row.get(5)?,
    };
    let (attempts, next_ms, last) = (row.get(8)?, row.get(9)?, row.get(10)?);
    let (number, at_ms) = (row.get(0)?, row.get(6)?);
    Ok(Posted { number, letter, at_ms, state, attempts, next_ms, last })
}

impl Store {
    /// Puts letters in that no entry of the ledger goes with.
    pub fn post(&self, letters: &[Letter], at_ms: i64) -> Result<(), StoreError> {
        self.database().write(Durability::PowerCut, |tx| post(tx, letters, at_ms))
    }

    /// The letters that wait or were given up, and with `all` those that were sent, oldest first.
    pub fn letters(&self, all: bool) -> Result<Vec<Posted>, StoreError> {
        self.database().read(|tx| {
            let sql =
                format!("SELECT {COLUMNS} FROM outbox WHERE ?1 OR state <> 'sent' ORDER BY number");
            let mut statement = tx.prepare(&sql)?;
            let rows = statement.query_map([all], posted)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes the letter that is due the longest at `now_ms`, if one is, and keeps others from it
    /// until `until_ms`. It counts as tried from now on.
    pub fn claim_letter(&self, now_ms: i64, until_ms: i64) -> Result<Option<Posted>, StoreError> {
        let due = "state = 'waiting' AND next_ms <= ?1";
        let sql = format!("SELECT 1 FROM outbox WHERE {due} LIMIT 1");
        let any = |tx: &Transaction<'_>| -> Result<bool, Fault> {
            Ok(tx.prepare_cached(&sql)?.exists([now_ms])?)
        };
        // Looking needs no lock, so a store that can only be read has no letters due.
        if !self.database().read(any)? {
            return Ok(None);
        }
        self.database().write(Durability::Process, |tx| {
            let sql = format!(
                "UPDATE outbox SET attempts = attempts + 1, next_ms = ?2 WHERE number =
                 (SELECT number FROM outbox WHERE {due} ORDER BY next_ms, number LIMIT 1)
                 RETURNING {COLUMNS}"
            );
            let mut statement = tx.prepare_cached(&sql)?;
            Ok(statement.query_row([now_ms, until_ms], posted).optional()?)
        })
    }

    /// Says what became of a letter that was claimed, and forgets those sent long ago.
    pub fn settle_letter(
        &self,
        number: i64,
        settled: Settled,
        last: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let (state, next_ms, tried) = match settled {
            Settled::Sent => (LetterState::Sent, now_ms, true),
            Settled::Again(at_ms) => (LetterState::Waiting, at_ms, true),
            Settled::Untried(at_ms) => (LetterState::Waiting, at_ms, false),
            Settled::Dead => (LetterState::Dead, now_ms, true),
        };
        self.database().write(Durability::Process, |tx| {
            tx.prepare_cached(
                "UPDATE outbox SET state = ?2, next_ms = ?3, last = ?4, attempts = attempts - ?5
                 WHERE number = ?1",
            )?
            .execute((number, state.id(), next_ms, last, u32::from(!tried)))?;
            tx.prepare_cached("DELETE FROM outbox WHERE state = 'sent' AND next_ms < ?1")?
                .execute([now_ms.saturating_sub(KEPT_MS)])?;
            Ok(())
        })
    }

    /// Lets every letter that waits, and with `dead` every one that was given up, be tried at once, as if it
    /// never had been. Gives their number.
    pub fn hurry_letters(&self, dead: bool, now_ms: i64) -> Result<usize, StoreError> {
        self.database().write(Durability::Process, |tx| {
            let sql = "UPDATE outbox SET attempts = 0, state = 'waiting', next_ms = ?2
                       WHERE state = 'waiting' OR (?1 AND state = 'dead')";
            Ok(tx.execute(sql, (dead, now_ms))?)
        })
    }

    /// When the next letter is due, milliseconds since 1970.
    pub fn next_letter_ms(&self) -> Result<Option<i64>, StoreError> {
        self.database().read(|tx| {
            let sql = "SELECT min(next_ms) FROM outbox WHERE state = 'waiting'";
            Ok(tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
    }
}
