//! A store: a folder with `ruska.db`, `blobs/` and `locks/`.

use crate::blob::Blobs;
use crate::database::{Database, Fault};
use crate::lease::{JobLease, Locks};
use crate::register::is_name;
use crate::{
    Digest, Durability, Journal, StoreError, StudyName, StudyRow, codec, journal, summary,
};
use ruska_core::{Event, StudyRecord, Timed};
use rusqlite::{OpenFlags, OptionalExtension, Transaction};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// File name of the database within the folder.
pub(crate) const DATABASE: &str = "ruska.db";
/// Folder name of the blobs within the folder.
pub(crate) const BLOBS: &str = "blobs";

/// Studies and blobs in a folder. Clones share one connection; threads and processes may use a
/// store at once.
#[derive(Clone, Debug)]
pub struct Store(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    dir: PathBuf,
    database: Database,
    blobs: Blobs,
    locks: Locks,
}

impl Store {
    /// Opens the store of a folder; makes both where they are not there yet.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let blobs = dir.join(BLOBS);
        fs::create_dir_all(&blobs).map_err(|e| StoreError::io(&blobs, &e))?;
        let path = dir.join(DATABASE);
        let locks = Locks::new(dir.join("locks"));
        if path.exists() {
            let database = Database::open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            if database.is_current()? {
                return Ok(Self::new(dir, database));
            }
        }
        let _setup = locks.setup()?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let database = Database::open(&path, flags)?;
        database.set_up()?;
        Ok(Self::new(dir, database))
    }

    /// Opens the store of a folder if there is one, and makes nothing. A store on a medium that
    /// cannot be written can still be read.
    pub fn open_existing(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join(DATABASE);
        let there = path.try_exists().map_err(|e| StoreError::io(&path, &e))?;
        if !there {
            return Err(StoreError::NoStore { dir: dir.to_owned() });
        }
        let database = match Database::open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
            Err(StoreError::ReadOnly { .. } | StoreError::Io { .. }) => {
                Database::open_frozen(&path)?
            }
            other => other?,
        };
        match database.check_format()? {
            0 => Err(StoreError::NoStore { dir: dir.to_owned() }),
            // A store of an earlier format that cannot be written is read as it is.
            _ if !database.is_current()? => Self::open(dir).or_else(|error| match error {
                StoreError::ReadOnly { .. } | StoreError::Permission { .. } => {
                    Ok(Self::new(dir, database))
                }
                other => Err(other),
            }),
            _ => Ok(Self::new(dir, database)),
        }
    }

    fn new(dir: &Path, database: Database) -> Self {
        let (blobs, locks) = (Blobs::new(dir.join(BLOBS)), Locks::new(dir.join("locks")));
        Self(Arc::new(Parts { dir: dir.to_owned(), database, blobs, locks }))
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    pub(crate) fn database(&self) -> &Database {
        &self.0.database
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.0.blobs
    }

    pub(crate) fn locks(&self) -> &Locks {
        &self.0.locks
    }

    /// Takes the right to run a job, which one process has at a time; the operating system frees it
    /// when the process ends, however it ends.
    pub fn lease_job(&self, name: &str, actor: &str) -> Result<JobLease, StoreError> {
        if !is_name(name) {
            return Err(StoreError::BadRegisterName { what: "job", name: name.to_owned() });
        }
        self.0.locks.take_job(name, actor)
    }

    /// Makes a study, records its first event and begins to work on it. The record's name is
    /// replaced by the name chosen.
    pub fn create_study(
        &self,
        name: StudyName<'_>,
        mut record: StudyRecord,
        at_ms: i64,
        actor: &str,
    ) -> Result<Journal, StoreError> {
        let (id, name, lease) = self.database().write(Durability::PowerCut, |tx| {
            let taken = names(tx)?.into_iter().map(|(_, name)| name).collect();
            let name = name.choose(&taken)?;
            tx.execute("INSERT INTO study (name) VALUES (?1)", [&name])?;
            let id = tx.last_insert_rowid();
            record.name.clone_from(&name);
            journal::insert(tx, id, &[Event::Created(Box::new(record))], at_ms, actor)?;
            let lease = self.0.locks.take(id, &name, actor)?;
            Ok((id, name, lease))
        })?;
        Ok(Journal { store: self.clone(), id, name, actor: actor.to_owned(), _lease: lease })
    }

    /// Begins to work on a study that exists, named exactly. Fails while another process does.
    pub fn journal(&self, study: &str, actor: &str) -> Result<Journal, StoreError> {
        let id = self.database().read(|tx| self.id(tx, study))?;
        let lease = self.0.locks.take(id, study, actor)?;
        let (store, name, actor) = (self.clone(), study.to_owned(), actor.to_owned());
        Ok(Journal { store, id, name, actor, _lease: lease })
    }

    /// The full name of a study from its name or a beginning that no other study shares;
    /// `None` gives the one made last.
    pub fn resolve(&self, name: Option<&str>) -> Result<String, StoreError> {
        self.database().read(|tx| {
            let mut names = names(tx)?.into_iter().rev().map(|(_, name)| name);
            let Some(wanted) = name else {
                let none = || StoreError::NoStudies { dir: self.dir().to_owned() };
                return Ok(names.next().ok_or_else(none)?);
            };
            let mut alike: Vec<_> = names.filter(|n| n.starts_with(wanted)).collect();
            if let Some(exact) = alike.iter().position(|n| n == wanted) {
                return Ok(alike.swap_remove(exact));
            }
            match alike.len() {
                0 => Err(self.unknown(tx, wanted)?.into()),
                1 => Ok(alike.swap_remove(0)),
                _ => {
                    alike.truncate(5);
                    let name = wanted.to_owned();
                    Err(StoreError::Ambiguous { name, candidates: alike }.into())
                }
            }
        })
    }

    /// Every event of a study, named exactly, in order.
    pub fn events(&self, study: &str) -> Result<Vec<Timed>, StoreError> {
        self.database().read(|tx| {
            let id = self.id(tx, study)?;
            self.events_of(tx, id, study)
        })
    }

    /// Every event of a study in order, or none where there is no such study.
    pub fn events_if_any(&self, study: &str) -> Result<Vec<Timed>, StoreError> {
        match self.events(study) {
            Err(StoreError::UnknownStudy { .. } | StoreError::NoStudies { .. }) => Ok(vec![]),
            other => other,
        }
    }

    /// One row per study, the latest first.
    pub fn studies(&self) -> Result<Vec<StudyRow>, StoreError> {
        self.database().read(|tx| {
            let row = |(id, name): (i64, String)| {
                let (actor, events) = (self.actor(tx, id)?, self.events_of(tx, id, &name)?);
                Ok(summary::row(&name, actor, &events, self.0.locks.is_held(id)?)?)
            };
            names(tx)?.into_iter().rev().map(row).collect()
        })
    }

    /// Keeps bytes under their digest. Equal bytes are kept once; a damaged copy is repaired.
    pub fn put_blob(&self, bytes: &[u8], lasting: Durability) -> Result<Digest, StoreError> {
        self.blobs().put(bytes, lasting)
    }

    /// The bytes of a digest, checked against it.
    pub fn get_blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.blobs().get(digest)
    }

    /// Whether there is a file for a digest; its content is not looked at.
    pub fn has_blob(&self, digest: &Digest) -> bool {
        self.blobs().path(digest).is_file()
    }

    fn id(&self, tx: &Transaction<'_>, study: &str) -> Result<i64, Fault> {
        let id = tx
            .prepare_cached("SELECT id FROM study WHERE name = ?1")?
            .query_row([study], |row| row.get(0))
            .optional()?;
        match id {
            Some(id) => Ok(id),
            None => Err(self.unknown(tx, study)?.into()),
        }
    }

    fn unknown(&self, tx: &Transaction<'_>, study: &str) -> Result<StoreError, Fault> {
        let known: Vec<_> = names(tx)?.into_iter().rev().map(|(_, name)| name).take(5).collect();
        Ok(if known.is_empty() {
            StoreError::NoStudies { dir: self.dir().to_owned() }
        } else {
            StoreError::UnknownStudy { name: study.to_owned(), known }
        })
    }

    /// Who made a study.
    fn actor(&self, tx: &Transaction<'_>, id: i64) -> Result<String, Fault> {
        let mut first =
            tx.prepare_cached("SELECT actor FROM event WHERE study = ?1 AND seq = 0")?;
        Ok(first.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
    }

    fn events_of(&self, tx: &Transaction<'_>, id: i64, study: &str) -> Result<Vec<Timed>, Fault> {
        let mut statement = tx.prepare_cached(
            "SELECT seq, at_ms, kind, body FROM event WHERE study = ?1 ORDER BY seq",
        )?;
        let mut rows = statement.query([id])?;
        let mut events = vec![];
        while let Some(row) = rows.next()? {
            let seq = events.len() as u64;
            if row.get::<_, i64>(0)? != seq as i64 {
                let why = format!("event {seq} of study `{study}` is not there");
                return Err(StoreError::Damaged { path: self.database().path().into(), why }.into());
            }
            let (at_ms, kind, body) = (row.get(1)?, row.get_ref(2)?, row.get_ref(3)?);
            let text = |value: rusqlite::types::ValueRef<'_>| value.as_str().map(str::to_owned);
            let (kind, body) = (text(kind).unwrap_or_default(), text(body).unwrap_or_default());
            let event = codec::decode(study, seq, &kind, &body)?;
            events.push(Timed { seq, at_ms, event });
        }
        Ok(events)
    }
}

/// Number and name of every study, in the order in which they were made.
fn names(tx: &Transaction<'_>) -> Result<Vec<(i64, String)>, Fault> {
    let mut statement = tx.prepare_cached("SELECT id, name FROM study ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
