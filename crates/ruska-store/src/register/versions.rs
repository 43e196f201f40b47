//! Versions of models and datasets: numbered from 1, one for equal bytes, never changed.

use super::ledger::{decode, insert};
use super::{DatasetVersion, Entry, ModelVersion, Recorded, Stamp, Subject, name};
use crate::database::Fault;
use crate::{Durability, Store, StoreError};
use rusqlite::{OptionalExtension, Transaction};

/// The environments of a store that names none, in the order of promotion.
pub const ENVIRONMENTS: [&str; 4] = ["lab", "dev", "test", "prod"];

impl Store {
    /// Registers the bytes of a model file as the next version of a name, and tells whether it is
    /// new: equal bytes under the same name are the version that is there, unless that was deleted.
    /// Number, digest and size of `version` are filled in.
    pub fn register_model(
        &self,
        name: &str,
        bytes: &[u8],
        mut version: ModelVersion,
        stamp: Stamp<'_>,
    ) -> Result<(ModelVersion, bool), StoreError> {
        name::check(Subject::Model, name)?;
        // The blob first: an entry never names bytes that are not there.
        version.digest = self.put_blob(bytes, Durability::PowerCut)?.to_string();
        version.bytes = bytes.len() as u64;
        self.write_ledger(|tx| {
            if let Some(Entry::ModelRegistered(there)) =
                with_digest(tx, Subject::Model, name, &version.digest)?
            {
                return Ok((*there, false));
            }
            version.version = next_version(tx, Subject::Model, name)?;
            let entry = Entry::ModelRegistered(Box::new(version.clone()));
            insert(tx, Subject::Model, name, stamp, &[entry])?;
            Ok((version, true))
        })
    }

    /// Adds the next version of a dataset, and tells whether it is new: an equal digest under the
    /// same name is the version that is there. The number of `version` is filled in.
    pub fn add_dataset(
        &self,
        name: &str,
        mut version: DatasetVersion,
        stamp: Stamp<'_>,
    ) -> Result<(DatasetVersion, bool), StoreError> {
        name::check(Subject::Dataset, name)?;
        self.write_ledger(|tx| {
            if let Some(Entry::DatasetAdded(there)) =
                with_digest(tx, Subject::Dataset, name, &version.digest)?
            {
                return Ok((*there, false));
            }
            version.version = next_version(tx, Subject::Dataset, name)?;
            let entry = Entry::DatasetAdded(Box::new(version.clone()));
            insert(tx, Subject::Dataset, name, stamp, &[entry])?;
            Ok((version, true))
        })
    }

    /// The study of this store whose last model has this digest; the latest, where equal data and
    /// seeds made several.
    pub fn study_of_model(&self, digest: &str) -> Result<Option<String>, StoreError> {
        self.database().read(|tx| {
            let mut statement = tx.prepare_cached(
                "SELECT study.name FROM summary JOIN study ON study.id = summary.study
                 WHERE summary.model = ?1 ORDER BY study.id DESC LIMIT 1",
            )?;
            Ok(statement.query_row([digest], |row| row.get(0)).optional()?)
        })
    }

    /// The environments in the order of promotion; versions stand in the first from the start.
    pub fn environments(&self) -> Result<Vec<String>, StoreError> {
        let set = |e: Recorded| match e.entry {
            Entry::EnvironmentsSet { environments } => Some(environments),
            _ => None,
        };
        let set = self.entries(Subject::Store, None)?.into_iter().rev().find_map(set);
        Ok(set.unwrap_or_else(|| ENVIRONMENTS.map(str::to_owned).to_vec()))
    }
}

/// The number after the greatest that was ever used for a name.
fn next_version(tx: &Transaction<'_>, subject: Subject, name: &str) -> Result<u32, Fault> {
    let mut statement = tx.prepare_cached(
        "SELECT coalesce(max(version), 0) + 1 FROM ledger
         WHERE subject = ?1 AND name = ?2 AND version IS NOT NULL",
    )?;
    Ok(statement.query_row((subject.id(), name), |row| row.get(0))?)
}

/// The entry of the latest version with a digest that is not deleted.
fn with_digest(
    tx: &Transaction<'_>,
    subject: Subject,
    name: &str,
    digest: &str,
) -> Result<Option<Entry>, Fault> {
    let mut statement = tx.prepare_cached(
        "SELECT seq, kind, body FROM ledger AS made WHERE subject = ?1 AND name = ?2 AND digest = ?3
         AND NOT EXISTS (SELECT 1 FROM ledger WHERE subject = ?1 AND name = ?2 AND kind = 'deleted'
                         AND json_extract(body, '$.version') = made.version)
         ORDER BY version DESC LIMIT 1",
    )?;
    let found: Option<(i64, String, String)> = statement
        .query_row((subject.id(), name, digest), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
        .optional()?;
    Ok(found.map(|(seq, kind, body)| decode(seq as u64, &kind, &body)).transpose()?)
}
