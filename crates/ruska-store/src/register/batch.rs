//! Predictions and outcomes in the ledger: each batch of rows that was added, with a hash of it.
//!
//! Rows have no chain of their own, as there are millions of them. The entry of a batch holds a hash of its rows,
//! so the ledger's chain covers them too. A log begins with the first batch that was entered; from there on each
//! row belongs to one batch.

use super::ledger::insert;
use super::{Break, Entry, Stamp, Subject};
use crate::Digest;
use crate::database::Fault;
use rusqlite::Transaction;
use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};

/// A batch of predictions or outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// The version that predicted; `None` for outcomes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Place of its first row in the log, from 1.
    pub first: u64,
    /// Number of rows.
    pub rows: u64,
    /// BLAKE3 hash of the rows, hexadecimal, and of what is needed to read them.
    pub digest: String,
}

/// A log whose batches are entered.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Log {
    Predictions,
    Outcomes,
}

impl Log {
    const ALL: [Self; 2] = [Self::Predictions, Self::Outcomes];

    fn table(self) -> &'static str {
        match self {
            Self::Predictions => "prediction",
            Self::Outcomes => "outcome",
        }
    }

    /// The kind of its entries.
    fn kind(self) -> &'static str {
        match self {
            Self::Predictions => "predictions_logged",
            Self::Outcomes => "outcomes_told",
        }
    }

    fn entry(self, batch: Batch) -> Entry {
        match self {
            Self::Predictions => Entry::PredictionsLogged(batch),
            Self::Outcomes => Entry::OutcomesTold(batch),
        }
    }

    /// Place of the last row; 0 where there is none.
    pub(crate) fn last(self, tx: &Transaction<'_>) -> Result<u64, Fault> {
        let sql = format!("SELECT coalesce(max(seq), 0) FROM {}", self.table());
        Ok(tx.prepare_cached(&sql)?.query_row([], |row| row.get::<_, i64>(0))? as u64)
    }

    /// Enters the rows of a model after place `before`, if there are any.
    pub(crate) fn enter(
        self,
        tx: &Transaction<'_>,
        (model, version): (&str, Option<u32>),
        before: u64,
        stamp: Stamp<'_>,
    ) -> Result<(), Fault> {
        let (first, until) = (before + 1, self.last(tx)?);
        if until < first {
            return Ok(());
        }
        let (rows, digest) = self.hash(tx, (model, version), (first, until))?;
        let batch = Batch { version, first, rows, digest: digest.to_string() };
        insert(tx, Subject::Feedback, model, stamp, &[self.entry(batch)])
    }

    /// Number and hash of the rows at some places: BLAKE3 of the text `ruska rows 1` and a line feed, of what the
    /// store keeps to read predictions of the version by, and then of each row all that the table holds of it, in
    /// the order of its columns. Numbers are 64 bits, little-endian; a text or bytes come after their number of bytes
    /// as such a number.
    fn hash(
        self,
        tx: &Transaction<'_>,
        (model, version): (&str, Option<u32>),
        (first, until): (u64, u64),
    ) -> Result<(u64, Digest), Fault> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"ruska rows 1\n");
        let sized = |hasher: &mut blake3::Hasher, bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        if let Some(version) = version {
            let mut scorer =
                tx.prepare_cached("SELECT body FROM scorer WHERE model = ?1 AND version = ?2")?;
            let body: String = scorer.query_row((model, version), |row| row.get(0))?;
            sized(&mut hasher, body.as_bytes());
        }
        let sql =
            format!("SELECT * FROM {} WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq", self.table());
        let mut statement = tx.prepare_cached(&sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query((first as i64, until as i64))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                let number = match row.get_ref(column)? {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        sized(&mut hasher, bytes);
                        continue;
                    }
                    ValueRef::Integer(number) => number.to_le_bytes(),
                    ValueRef::Real(number) => number.to_le_bytes(),
                    ValueRef::Null => continue,
                };
                hasher.update(&number);
            }
            count += 1;
        }
        Ok((count, (*hasher.finalize().as_bytes()).into()))
    }

    /// The first batch whose rows are not what they were, or the first row that belongs to none.
    fn check(self, tx: &Transaction<'_>) -> Result<Option<Break>, Fault> {
        let mut statement =
            tx.prepare("SELECT seq, name, body FROM ledger WHERE kind = ?1 ORDER BY seq")?;
        let mut entries = statement.query([self.kind()])?;
        let mut next = None;
        while let Some(row) = entries.next()? {
            let (seq, model, body): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Ok(Entry::PredictionsLogged(batch) | Entry::OutcomesTold(batch)) =
                serde_json::from_str(&body)
            else {
                continue;
            };
            let until = (batch.first + batch.rows).saturating_sub(1);
            let place = (batch.first, until);
            let found = self.hash(tx, (model.as_str(), batch.version), place).ok();
            let same = found.is_some_and(|(rows, digest)| {
                rows == batch.rows && digest.to_string() == batch.digest
            });
            if !same || next.is_some_and(|next| next != batch.first) {
                let why = format!(
                    "holds another hash of {} rows of the {}s of `{model}`: rows were changed",
                    batch.rows,
                    self.table()
                );
                return Ok(Some(Break { seq: Some(seq as u64), why }));
            }
            next = Some(until + 1);
        }
        // Rows before the first batch are of a store that had no batches yet; no row has a place below 1.
        let sql = format!("SELECT count(*) FROM {} WHERE seq < 1 OR seq >= ?1", self.table());
        let next = next.map_or(i64::MAX, |next| next as i64);
        let more: i64 = tx.query_row(&sql, [next], |row| row.get(0))?;
        Ok((more > 0).then(|| {
            let table = self.table();
            let why =
                format!("{more} rows of the {table}s were put in by something else than ruska");
            Break { seq: None, why }
        }))
    }
}

/// The first thing about predictions and outcomes that does not fit what was entered of them.
pub(super) fn check(tx: &Transaction<'_>) -> Result<Option<Break>, Fault> {
    for log in Log::ALL {
        if let Some(broken) = log.check(tx)? {
            return Ok(Some(broken));
        }
    }
    Ok(None)
}
