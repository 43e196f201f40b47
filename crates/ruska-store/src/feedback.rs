//! Predictions by id and what became of them: two append-only logs in SQLite, joined when they are
//! read.
//!
//! A prediction is told once by (model, id, time); an outcome may come late, twice, or before its
//! prediction. Nothing is changed or thrown away; which prediction and which outcome of an id count
//! is for whoever reads. Ids are texts. A chunk is one transaction, and telling what is known already
//! changes nothing, so that whoever was cut off may begin again.

use crate::database::Fault;
use crate::register::batch::Log;
use crate::register::{self, Stamp};
use crate::{Store, StoreError};
use ruska_core::{Notation, TaskKind};
use rusqlite::{Connection, OptionalExtension, Row, Rows, Transaction};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What format 3 adds for predictions and outcomes.
pub(crate) const TABLES: &str = "
CREATE TABLE scorer (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (model, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE prediction (
    seq INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    version INTEGER NOT NULL,
    numbers BLOB NOT NULL
) STRICT;
CREATE INDEX prediction_id ON prediction (model, id, at_ms, seq);
CREATE TABLE outcome (
    seq INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    told_ms INTEGER NOT NULL,
    value TEXT NOT NULL
) STRICT;
CREATE INDEX outcome_id ON outcome (model, id, at_ms, seq);
CREATE INDEX outcome_told ON outcome (model, told_ms);
CREATE TRIGGER prediction_update BEFORE UPDATE ON prediction BEGIN SELECT RAISE(ABORT, 'predictions never change'); END;
CREATE TRIGGER prediction_delete BEFORE DELETE ON prediction BEGIN SELECT RAISE(ABORT, 'predictions never change'); END;
CREATE TRIGGER outcome_update BEFORE UPDATE ON outcome BEGIN SELECT RAISE(ABORT, 'outcomes never change'); END;
CREATE TRIGGER outcome_delete BEFORE DELETE ON outcome BEGIN SELECT RAISE(ABORT, 'outcomes never change'); END;
";

/// What is needed of a version to measure what it predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scorer {
    /// What is predicted.
    pub task: TaskKind,
    /// Id of the measure it was chosen by.
    pub metric: String,
    /// Classes in the order of their probabilities; empty for numbers.
    pub classes: Vec<String>,
    /// The class that precision, recall and the like are about.
    pub positive: Option<String>,
    /// The probability of the second of two classes from which on a row is of that class.
    pub cut: Option<f64>,
    /// How numbers of the target are written, where not plainly.
    pub notation: Option<Notation>,
}

/// A prediction that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedPrediction {
    /// The version that made it.
    pub version: u32,
    /// When, milliseconds since 1970.
    pub at_ms: i64,
    /// The probability of every class, or the number.
    pub numbers: Vec<f64>,
}

/// An outcome that was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldOutcome {
    /// When it was so, milliseconds since 1970.
    pub at_ms: i64,
    /// When it was told, milliseconds since 1970.
    pub told_ms: i64,
    /// The outcome as it was written.
    pub value: String,
}

/// All that is known of an id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdHistory {
    /// The id.
    pub id: String,
    /// Its predictions, in the order of their times.
    pub predictions: Vec<LoggedPrediction>,
    /// Its outcomes, in the order of their times.
    pub outcomes: Vec<ToldOutcome>,
}

/// What a chunk of predictions came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PredictionsLogged {
    /// Predictions that were added.
    pub added: u64,
    /// Those that were what had been logged last for their id.
    pub known: u64,
}

/// What a chunk of outcomes came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OutcomesTold {
    /// Outcomes of ids that had none.
    pub added: u64,
    /// Outcomes that were known already.
    pub known: u64,
    /// Outcomes that differ from an older one of their id, and count in its place.
    pub corrected: u64,
    /// Outcomes that differ from a newer one of their id, which goes on counting.
    pub outdated: u64,
    /// Of all these, outcomes of ids without a prediction so far.
    pub unpredicted: u64,
}

impl Store {
    /// Logs what a version predicted of ids. What was logged last for an id is not logged again. What is added is
    /// entered in the ledger as a batch.
    pub fn log_predictions(
        &self,
        (model, version): (&str, u32),
        scorer: &Scorer,
        rows: &[(String, &[f64])],
        stamp: Stamp<'_>,
    ) -> Result<PredictionsLogged, StoreError> {
        register::check_as("model", model)?;
        let body = serde_json::to_string(scorer);
        let body =
            body.map_err(|e| StoreError::Unstorable { kind: "scorer", why: e.to_string() })?;
        self.write_ledger(|tx| {
            let before = Log::Predictions.last(tx)?;
            let known = "INSERT INTO scorer VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            tx.execute(known, (model, version, &body))?;
            let mut last = tx.prepare_cached(
                "SELECT version, numbers FROM prediction WHERE model = ?1 AND id = ?2
                 ORDER BY at_ms DESC, seq DESC LIMIT 1",
            )?;
            let mut add = tx.prepare_cached(
                "INSERT INTO prediction (model, id, at_ms, version, numbers)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            let mut logged = PredictionsLogged::default();
            for (id, numbers) in rows {
                let bytes = packed(numbers);
                let of_row = |row: &Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?));
                let same = last.query_row((model, id), of_row).optional()?;
                if same.is_some_and(|(v, b)| v == version && b == bytes) {
                    logged.known += 1;
                    continue;
                }
                add.execute((model, id, stamp.at_ms, version, &bytes))?;
                logged.added += 1;
            }
            Log::Predictions.enter(tx, (model, Some(version)), before, stamp)?;
            Ok(logged)
        })
    }

    /// Keeps outcomes of a model's predictions: id, when it was so in milliseconds since 1970, what it was; they are
    /// told now. What is added is entered in the ledger as a batch.
    pub fn tell_outcomes(
        &self,
        model: &str,
        rows: &[(String, i64, String)],
        stamp: Stamp<'_>,
    ) -> Result<OutcomesTold, StoreError> {
        register::check_as("model", model)?;
        self.write_ledger(|tx| {
            let before = Log::Outcomes.last(tx)?;
            let mut told = OutcomesTold::default();
            for (id, at_ms, value) in rows {
                tell(tx, model, (id, *at_ms, value), stamp.at_ms, &mut told)?;
            }
            Log::Outcomes.enter(tx, (model, None), before, stamp)?;
            Ok(told)
        })
    }

    /// The versions of a model that have logged predictions.
    pub fn scorers(&self, model: &str) -> Result<BTreeMap<u32, Scorer>, StoreError> {
        self.database().read(|tx| {
            let mut query = tx.prepare("SELECT version, body FROM scorer WHERE model = ?1")?;
            let mut rows = query.query([model])?;
            let mut scorers = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let (version, body): (u32, String) = (row.get(0)?, row.get(1)?);
                let scorer = serde_json::from_str(&body)
                    .map_err(|e| Fault::Damaged(format!("scorer of {model}:{version}: {e}")))?;
                scorers.insert(version, scorer);
            }
            Ok(scorers)
        })
    }

    /// Gives all that is known of each id of a model, in the order of ids, one at a time; the
    /// function must not use the store.
    pub fn each_id(&self, model: &str, mut each: impl FnMut(&IdHistory)) -> Result<(), StoreError> {
        self.database().read(|tx| {
            let mut predictions = tx.prepare(
                "SELECT id, at_ms, version, numbers FROM prediction WHERE model = ?1
                 ORDER BY id, at_ms, seq",
            )?;
            let mut outcomes = tx.prepare(
                "SELECT id, at_ms, told_ms, value FROM outcome WHERE model = ?1
                 ORDER BY id, at_ms, seq",
            )?;
            let mut predictions = Ahead::new(predictions.query([model])?, prediction)?;
            let mut outcomes = Ahead::new(outcomes.query([model])?, outcome)?;
            loop {
                let id = match (predictions.id(), outcomes.id()) {
                    (None, None) => return Ok(()),
                    (Some(id), None) | (None, Some(id)) => id,
                    (Some(a), Some(b)) => a.min(b),
                };
                let mut history = IdHistory { id: id.to_owned(), ..IdHistory::default() };
                predictions.take(&history.id, &mut history.predictions)?;
                outcomes.take(&history.id, &mut history.outcomes)?;
                each(&history);
            }
        })
    }

    /// How many ids of a model have a prediction and an outcome that was told after a time,
    /// milliseconds since 1970.
    pub fn outcomes_since(&self, model: &str, after_ms: i64) -> Result<u64, StoreError> {
        self.database().read(|tx| {
            let count: i64 = tx.query_row(
                "SELECT count(DISTINCT id) FROM outcome AS told WHERE model = ?1 AND told_ms > ?2
                 AND EXISTS (SELECT 1 FROM prediction WHERE model = ?1 AND id = told.id)",
                (model, after_ms),
                |row| row.get(0),
            )?;
            Ok(count as u64)
        })
    }
}

/// Keeps one outcome.
fn tell(
    tx: &Transaction<'_>,
    model: &str,
    (id, at_ms, value): (&str, i64, &str),
    told_ms: i64,
    told: &mut OutcomesTold,
) -> Result<(), Fault> {
    let exists = |sql: &str, of: &[&dyn rusqlite::ToSql]| -> Result<bool, Fault> {
        let connection: &Connection = tx;
        Ok(connection.prepare_cached(sql)?.exists(of)?)
    };
    if !exists("SELECT 1 FROM prediction WHERE model = ?1 AND id = ?2", &[&model, &id])? {
        told.unpredicted += 1;
    }
    let latest: Option<(i64, String)> = tx
        .prepare_cached(
            "SELECT at_ms, value FROM outcome WHERE model = ?1 AND id = ?2
             ORDER BY at_ms DESC, seq DESC LIMIT 1",
        )?
        .query_row((model, id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let same = "SELECT 1 FROM outcome WHERE model = ?1 AND id = ?2 AND at_ms = ?3 AND value = ?4";
    match latest {
        None => told.added += 1,
        Some((_, known)) if known == value => {
            told.known += 1;
            return Ok(());
        }
        Some(_) if exists(same, &[&model, &id, &at_ms, &value])? => {
            told.known += 1;
            return Ok(());
        }
        Some((newest, _)) if newest > at_ms => told.outdated += 1,
        Some(_) => told.corrected += 1,
    }
    tx.prepare_cached(
        "INSERT INTO outcome (model, id, at_ms, told_ms, value) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((model, id, at_ms, told_ms, value))?;
    Ok(())
}

fn packed(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn unpacked(bytes: &[u8]) -> Vec<f64> {
    let number = |chunk: &[u8]| chunk.try_into().map_or(f64::NAN, f64::from_le_bytes);
    bytes.chunks(8).map(number).collect()
}

fn prediction(row: &Row<'_>) -> rusqlite::Result<LoggedPrediction> {
    let numbers = unpacked(row.get_ref(3)?.as_blob()?);
    Ok(LoggedPrediction { version: row.get(2)?, at_ms: row.get(1)?, numbers })
}

fn outcome(row: &Row<'_>) -> rusqlite::Result<ToldOutcome> {
    Ok(ToldOutcome { at_ms: row.get(1)?, told_ms: row.get(2)?, value: row.get(3)? })
}

/// Rows in the order of their ids, read one ahead.
struct Ahead<'a, T> {
    rows: Rows<'a>,
    of: fn(&Row<'_>) -> rusqlite::Result<T>,
    next: Option<(String, T)>,
}

impl<'a, T> Ahead<'a, T> {
    fn new(rows: Rows<'a>, of: fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<Self, Fault> {
        let mut ahead = Self { rows, of, next: None };
        ahead.advance()?;
        Ok(ahead)
    }

    fn advance(&mut self) -> Result<(), Fault> {
        self.next = match self.rows.next()? {
            Some(row) => Some((row.get(0)?, (self.of)(row)?)),
            None => None,
        };
        Ok(())
    }

    fn id(&self) -> Option<&str> {
        self.next.as_ref().map(|(id, _)| id.as_str())
    }

    /// Moves the rows of an id, which are the next ones if there are any.
    fn take(&mut self, id: &str, to: &mut Vec<T>) -> Result<(), Fault> {
        while let Some((_, value)) = self.next.take_if(|(next, _)| next == id) {
            to.push(value);
            self.advance()?;
        }
        Ok(())
    }
}
