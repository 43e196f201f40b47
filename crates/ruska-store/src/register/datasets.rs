//! Questions about datasets: which there are, which has these bytes, who learned from them.
//!
//! All but the listing are answered by indexes, however long the ledger is.

use super::ledger::{recorded, select_where};
use super::{DatasetVersion, Entry, Recorded};
use crate::database::Fault;
use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, Transaction};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A dataset version without what is known of its columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DatasetHead {
    /// The dataset.
    pub name: String,
    /// Number, from 1.
    pub version: u32,
    /// When it was added, milliseconds since 1970.
    pub at_ms: i64,
    /// Who added it.
    pub author: String,
    /// Path or glob of the files, absolute.
    pub source: String,
    /// BLAKE3 hash of the content of all files, hexadecimal.
    pub digest: String,
    /// Bytes of all files.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Number of columns.
    pub columns: u64,
    /// Content hash of the table, as models carry it, hexadecimal.
    pub fingerprint: String,
}

/// A dataset version with who added it and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetState {
    /// The version itself.
    #[serde(flatten)]
    pub version: DatasetVersion,
    /// When it was added, milliseconds since 1970.
    pub at_ms: i64,
    /// Who added it.
    pub author: String,
}

impl DatasetState {
    /// The same without what is known of its columns.
    pub fn head(&self, name: &str) -> DatasetHead {
        let version = &self.version;
        DatasetHead {
            name: name.to_owned(),
            version: version.version,
            at_ms: self.at_ms,
            author: self.author.clone(),
            source: version.source.clone(),
            digest: version.digest.clone(),
            bytes: version.bytes,
            rows: version.rows,
            columns: version.columns.len() as u64,
            fingerprint: version.fingerprint.clone(),
        }
    }
}

/// What of an entry a listing looks at.
#[derive(Deserialize)]
struct Body {
    version: u32,
    source: String,
    digest: String,
    bytes: u64,
    rows: u64,
    fingerprint: String,
    columns: Vec<IgnoredAny>,
}

const LATEST_OF_SOURCE: &str = "SELECT name, version FROM ledger AS made
    WHERE kind = 'dataset_added' AND json_extract(body, '$.source') = ?1
    AND version = (SELECT max(version) FROM ledger WHERE subject = 'dataset' AND name = made.name
                   AND version IS NOT NULL)
    ORDER BY name";

const OF_TABLE: &str = "SELECT name, version FROM ledger
    WHERE kind = 'dataset_added' AND json_extract(body, '$.fingerprint') = ?1
    ORDER BY seq DESC LIMIT 1";

const OF_DIGEST: &str = "SELECT max(version) FROM ledger
    WHERE subject = 'dataset' AND name = ?1 AND digest = ?2";

/// Conditions of the two ways in which a model tells what it learned from.
const LEARNED: [&str; 2] = [
    "kind = 'model_registered' AND json_extract(body, '$.facts.data') = ?1",
    "kind = 'model_registered' AND json_extract(body, '$.dataset[0]') = ?1
     AND json_extract(body, '$.dataset[1]') = ?2",
];

/// What became of the versions of a model, decisions and proposals aside.
const BECAME: &str = "subject = 'model' AND name = ?1
    AND kind IN ('deployed', 'rolled_back', 'rejected', 'retired', 'deleted')";

impl Store {
    /// The versions of all datasets, or of one, by name, the latest first.
    pub fn datasets(&self, name: Option<&str>) -> Result<Vec<DatasetHead>, StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT seq, name, at_ms, actor, body FROM ledger
                 WHERE subject = 'dataset' AND kind = 'dataset_added' AND (?1 IS NULL OR name = ?1)
                 ORDER BY name, version DESC",
            )?;
            let mut rows = statement.query([name])?;
            let mut heads = vec![];
            while let Some(row) = rows.next()? {
                let (seq, body): (i64, String) = (row.get(0)?, row.get(4)?);
                let body: Body = serde_json::from_str(&body)
                    .map_err(|e| StoreError::BadEntry { seq: seq as u64, why: e.to_string() })?;
                heads.push(DatasetHead {
                    name: row.get(1)?,
                    version: body.version,
                    at_ms: row.get(2)?,
                    author: row.get(3)?,
                    source: body.source,
                    digest: body.digest,
                    bytes: body.bytes,
                    rows: body.rows,
                    columns: body.columns.len() as u64,
                    fingerprint: body.fingerprint,
                });
            }
            Ok(heads)
        })
    }

    /// The names of all datasets, sorted.
    pub fn dataset_names(&self) -> Result<Vec<String>, StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT DISTINCT name FROM ledger WHERE subject = 'dataset' ORDER BY name",
            )?;
            let names = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(names)
        })
    }

    /// A version of a dataset, or its latest; `None` where there is none.
    pub fn dataset(
        &self,
        name: &str,
        version: Option<u32>,
    ) -> Result<Option<DatasetState>, StoreError> {
        self.database().read(|tx| {
            let sql = select_where(
                "subject = 'dataset' AND name = ?1 AND version IS NOT NULL
                 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1",
            );
            let mut statement = tx.prepare_cached(&sql)?;
            let found = recorded(statement.query((name, version))?)?.pop();
            Ok(found.and_then(|Recorded { at_ms, actor, entry, .. }| match entry {
                Entry::DatasetAdded(v) => Some(DatasetState { version: *v, at_ms, author: actor }),
                _ => None,
            }))
        })
    }

    /// The datasets whose latest version came from this source, with that version, by name.
    pub fn datasets_of_source(&self, source: &str) -> Result<Vec<(String, u32)>, StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare_cached(LATEST_OF_SOURCE)?;
            let rows = statement.query_map([source], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The version of a dataset that has these bytes.
    pub fn dataset_of_digest(&self, name: &str, digest: &str) -> Result<Option<u32>, StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare_cached(OF_DIGEST)?;
            Ok(statement.query_row([name, digest], |row| row.get(0))?)
        })
    }

    /// The dataset version added last that is the table with a fingerprint, whatever its name.
    pub fn dataset_of_table(&self, table: &str) -> Result<Option<(String, u32)>, StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare_cached(OF_TABLE)?;
            let found = statement.query_row([table], |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(found.optional()?)
        })
    }

    /// The registrations of the models that learned from a dataset version, by its name or from
    /// the table with its fingerprint, and what became of them, decisions and proposals aside; in
    /// order, as [`super::ModelState`] takes them by name.
    pub fn learned_from(
        &self,
        name: &str,
        version: u32,
        table: &str,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.database().read(|tx| {
            let mut entries = learned(tx, LEARNED[0], [table])?;
            entries.extend(learned(tx, LEARNED[1], (name, version))?);
            let models: BTreeSet<String> = entries.iter().map(|e| e.name.clone()).collect();
            for model in &models {
                entries.extend(learned(tx, BECAME, [model])?);
            }
            entries.sort_by_key(|e| e.seq);
            entries.dedup_by_key(|e| e.seq);
            Ok(entries)
        })
    }
}

fn learned(
    tx: &Transaction<'_>,
    condition: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Recorded>, Fault> {
    recorded(tx.prepare_cached(&select_where(condition))?.query(values)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The ledger may have many thousand entries: no question may read them all.
    #[test]
    fn questions_are_answered_by_indexes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let plan = |sql: &str| {
            let found = store.database().read(|tx| {
                let mut statement = tx.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                for i in 1..=statement.parameter_count() {
                    statement.raw_bind_parameter(i, "1")?;
                }
                let mut rows = statement.raw_query();
                let mut lines = vec![];
                while let Some(row) = rows.next()? {
                    lines.push(row.get::<_, String>(3)?);
                }
                Ok(lines.join("; "))
            });
            found.unwrap()
        };
        let learned = LEARNED.map(select_where);
        for (sql, index) in [
            (LATEST_OF_SOURCE, "ledger_source"),
            (LATEST_OF_SOURCE, "ledger_version"),
            (OF_TABLE, "ledger_table"),
            (OF_DIGEST, "ledger_digest"),
            (&learned[0], "ledger_learned"),
            (&learned[1], "ledger_dataset"),
            (&select_where(BECAME), "ledger_"),
        ] {
            let plan = plan(sql);
            assert!(plan.contains(&format!("INDEX {index}")), "{sql}: {plan}");
            assert!(!plan.contains("SCAN ledger"), "{sql}: {plan}");
        }
    }
}
