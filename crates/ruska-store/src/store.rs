//! A store: a folder with `ruska.db`, `blobs/` and `locks/`.

use crate::blob::Blobs;
use crate::database::{Database, Fault};
use crate::lease::{JobLease, Lease, Locks};
use crate::register::{self, HEADS, Stamp};
use crate::summary::Summary;
use crate::{Digest, Durability, Journal, StoreError, StudyName, log, projection};
use ruska_core::{Event, StudyRecord, Timed};
use rusqlite::{OpenFlags, Transaction};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::{env, fs};

/// File name of the database within the folder.
pub(crate) const DATABASE: &str = "ruska.db";
/// File that marks a store that will be thrown away.
const SCRATCH: &str = "scratch";
/// Folder name of the blobs within the folder.
pub(crate) const BLOBS: &str = "blobs";

/// What tells one file from another, where the system says.
fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        fs::metadata(path).ok().map(|_| (0, 0))
    }
}

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
    witness: Option<PathBuf>,
    /// Which file the database was when it was opened.
    file: Option<(u64, u64)>,
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

    /// Opens the store of a folder that will be thrown away: nobody is told what is done in it, by
    /// whichever handle.
    pub fn open_scratch(dir: &Path) -> Result<Self, StoreError> {
        let mark = dir.join(SCRATCH);
        fs::create_dir_all(dir)
            .and_then(|()| fs::write(&mark, ""))
            .map_err(|e| StoreError::io(&mark, &e))?;
        Self::open(dir)
    }

    /// Opens the store of a folder if there is one, and makes nothing. A store on a medium that
    /// cannot be written can still be read; elsewhere one of an earlier format is brought up to
    /// date.
    pub fn open_existing(dir: &Path) -> Result<Self, StoreError> {
        let database = existing(dir)?;
        if !database.is_current()? {
            match Self::open(dir) {
                Err(e) if cannot_write(&e) => database.shadow()?,
                opened => return opened,
            }
        }
        Ok(Self::new(dir, database))
    }

    pub(crate) fn new(dir: &Path, database: Database) -> Self {
        let (blobs, locks) = (Blobs::new(dir.join(BLOBS)), Locks::new(dir.join("locks")));
        let told = !dir.join(SCRATCH).exists();
        let named = env::var_os(HEADS).filter(|path| told && !path.is_empty());
        let witness = named.map(PathBuf::from);
        let file = identity(&dir.join(DATABASE));
        Self(Arc::new(Parts { dir: dir.to_owned(), database, blobs, locks, witness, file }))
    }

    /// Whether its folder still has the database that was opened: not where the folder was removed, or
    /// replaced by another, since. What is written then is lost.
    pub fn is_in_place(&self) -> bool {
        self.0.file.is_none() || self.0.file == identity(&self.dir().join(DATABASE))
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

    /// The file that learns every head of the ledger, where one was named.
    pub(crate) fn witness(&self) -> Option<&PathBuf> {
        self.0.witness.as_ref()
    }

    /// Takes the right to run a job, which one process has at a time; the operating system frees it
    /// when the process ends, however it ends.
    pub fn lease_job(&self, name: &str, actor: &str) -> Result<JobLease, StoreError> {
        register::check_as("job", name)?;
        self.0.locks.take_job(name, actor)
    }

    /// Whether a process holds the right to run a job.
    pub fn is_job_held(&self, name: &str) -> Result<bool, StoreError> {
        register::check_as("job", name)?;
        self.0.locks.is_job_held(name)
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
        let (id, name, lease) = self.write_ledger(|tx| {
            let taken = log::studies(tx)?.into_iter().map(|(_, name)| name).collect();
            let name = name.choose(&taken)?;
            tx.execute("INSERT INTO study (name) VALUES (?1)", [&name])?;
            let id = tx.last_insert_rowid();
            record.name.clone_from(&name);
            projection::create(tx, id, &record, at_ms, actor)?;
            register::study::started(tx, &record, Stamp { at_ms, actor })?;
            log::append(tx, id, &[Event::Created(Box::new(record))], at_ms, actor)?;
            let lease = self.0.locks.take(id, &name, actor)?;
            Ok((id, name, lease))
        })?;
        Ok(self.writer(id, name, actor, Some(Summary::default()), lease))
    }

    /// Begins to work on a study that exists, named exactly. Fails while another process does.
    pub fn journal(&self, study: &str, actor: &str) -> Result<Journal, StoreError> {
        let id = self.database().read(|tx| self.id(tx, study))?;
        let lease = self.0.locks.take(id, study, actor)?;
        Ok(self.writer(id, study.to_owned(), actor, None, lease))
    }

    fn writer(
        &self,
        id: i64,
        name: String,
        actor: &str,
        summary: Option<Summary>,
        lease: Lease,
    ) -> Journal {
        let ended = AtomicBool::new(summary.is_none());
        let (store, actor, summary) = (self.clone(), actor.to_owned(), Mutex::new(summary));
        Journal { store, id, name, actor, summary, ended, _lease: lease }
    }

    /// The full name of a study from its name or a beginning that no other study shares;
    /// `None` gives the one made last.
    pub fn resolve(&self, name: Option<&str>) -> Result<String, StoreError> {
        self.database().read(|tx| {
            let mut names = log::studies(tx)?.into_iter().rev().map(|(_, name)| name);
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
            log::events(tx, id, study)
        })
    }

    /// Every event of a study in order, or none where there is no such study.
    pub fn events_if_any(&self, study: &str) -> Result<Vec<Timed>, StoreError> {
        match self.events(study) {
            Err(StoreError::UnknownStudy { .. } | StoreError::NoStudies { .. }) => Ok(vec![]),
            other => other,
        }
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
        match log::id(tx, study)? {
            Some(id) => Ok(id),
            None => Err(self.unknown(tx, study)?.into()),
        }
    }

    fn unknown(&self, tx: &Transaction<'_>, study: &str) -> Result<StoreError, Fault> {
        let latest = log::studies(tx)?.into_iter().rev().map(|(_, name)| name);
        let known: Vec<_> = latest.take(5).collect();
        Ok(if known.is_empty() {
            StoreError::NoStudies { dir: self.dir().to_owned() }
        } else {
            StoreError::UnknownStudy { name: study.to_owned(), known }
        })
    }
}

/// The database of a folder as it is, opened to be read at least.
pub(crate) fn existing(dir: &Path) -> Result<Database, StoreError> {
    let path = dir.join(DATABASE);
    let none = || StoreError::NoStore { dir: dir.to_owned() };
    if !path.try_exists().map_err(|e| StoreError::io(&path, &e))? {
        return Err(none());
    }
    let database = match Database::open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        Err(e) if cannot_write(&e) => Database::open_frozen(&path)?,
        other => other?,
    };
    if database.check_format()? == 0 { Err(none()) } else { Ok(database) }
}

/// Whether an error may come from a medium that cannot be written.
fn cannot_write(error: &StoreError) -> bool {
    use StoreError as E;
    matches!(error, E::ReadOnly { .. } | E::Permission { .. } | E::Io { .. })
}
