//! A safe copy of a store while it is in use.
//!
//! The database is copied first, in one consistent state; blobs are written before the events
//! that name them and never change, so whatever that state names is there to be copied next. The
//! database gets its name last: a backup that was cut off does not pass for a store.

use crate::blob::Blobs;
use crate::database::Database;
use crate::register::{Entry, Subject};
use crate::store::{self, BLOBS, DATABASE};
use crate::{Durability, Store, StoreError};
use rusqlite::OpenFlags;
use serde::Serialize;
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// What a backup copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Blobs copied.
    pub blobs: usize,
    /// Bytes of the database and the blobs.
    pub bytes: u64,
    /// Digests of blobs that are damaged and were left out.
    pub damaged: Vec<String>,
    /// Registered versions (`churn:1`) whose model file is not in the copy, as the store has it not or it is
    /// damaged.
    pub without_model: Vec<String>,
}

impl Backup {
    /// Whether all that the store should hold is in the copy.
    pub fn is_complete(&self) -> bool {
        self.damaged.is_empty() && self.without_model.is_empty()
    }
}

impl Store {
    /// Copies everything recorded so far to a folder that is empty or not there yet. Others may
    /// go on writing meanwhile. On error the folder is left empty.
    pub fn backup(&self, to: &Path) -> Result<Backup, StoreError> {
        let fail = |e: io::Error| StoreError::io(to, &e);
        fs::create_dir_all(to).map_err(fail)?;
        if fs::read_dir(to).map_err(fail)?.next().is_some() {
            return Err(StoreError::NotEmpty { path: to.to_owned() });
        }
        let copied = self.copy(to);
        if copied.is_err() {
            // The folder was empty, so all in it is ours; the first error is the one to tell.
            let _ = fs::remove_dir_all(to.join(BLOBS));
            let _ = fs::remove_file(to.join(PART));
        }
        copied
    }

    fn copy(&self, to: &Path) -> Result<Backup, StoreError> {
        let (part, blobs) = (to.join(PART), to.join(BLOBS));
        // What is registered by now has its blob by now.
        let registered = self.entries(Subject::Model, None)?;
        // A connection of its own, so that this process can go on writing as well.
        store::existing(self.dir())?.copy_to(&part)?;
        Database::open(&part, OpenFlags::SQLITE_OPEN_READ_WRITE)?.use_wal()?;

        fs::create_dir(&blobs).map_err(|e| StoreError::io(&blobs, &e))?;
        let target = Blobs::new(blobs);
        let mut backup = Backup { blobs: 0, bytes: 0, damaged: vec![], without_model: vec![] };
        for digest in self.blobs().list()? {
            match self.blobs().get(&digest) {
                Ok(bytes) => {
                    target.put(&bytes, Durability::PowerCut)?;
                    backup.blobs += 1;
                    backup.bytes += bytes.len() as u64;
                }
                Err(StoreError::BadBlob { .. }) => backup.damaged.push(digest.to_string()),
                Err(e) => return Err(e),
            }
        }

        let deleted = |name: &str, number: u32| {
            registered.iter().any(|of| {
                of.name == name
                    && matches!(&of.entry, Entry::Deleted { version, .. } if *version == number)
            })
        };
        for recorded in &registered {
            let Entry::ModelRegistered(version) = &recorded.entry else { continue };
            if deleted(&recorded.name, version.version) {
                continue;
            }
            let copied = version.digest.parse().is_ok_and(|digest| target.path(&digest).is_file());
            if !copied {
                backup.without_model.push(format!("{}:{}", recorded.name, version.version));
            }
        }

        let mut finish = || {
            let file = File::options().write(true).open(&part)?;
            file.sync_all()?;
            backup.bytes += file.metadata()?.len();
            fs::rename(&part, to.join(DATABASE))
        };
        finish().map_err(|e| StoreError::io(&part, &e))?;
        Ok(backup)
    }
}

/// Name of the database until the backup is complete.
const PART: &str = "ruska.db.part";
