//! Who works on a study: an advisory lock on a file, freed by the operating system when the
//! process ends, however it ends.

use crate::StoreError;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// The right to write to a study, held until dropped.
#[derive(Debug)]
pub(crate) struct Lease {
    _file: File,
}

/// The right to run a job, held until dropped.
#[derive(Debug)]
pub struct JobLease {
    _lease: Lease,
}

/// The locks of a store.
#[derive(Debug)]
pub(crate) struct Locks {
    dir: PathBuf,
}

impl Locks {
    pub(crate) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Takes the lock of study `id` for `actor`.
    pub(crate) fn take(&self, id: i64, name: &str, actor: &str) -> Result<Lease, StoreError> {
        self.lock(&self.path(id), ("study", name), actor)
    }

    /// Takes the lock of a job for `actor`.
    pub(crate) fn take_job(&self, name: &str, actor: &str) -> Result<JobLease, StoreError> {
        self.lock(&self.job_path(name), ("job", name), actor)
            .map(|lease| JobLease { _lease: lease })
    }

    fn lock(
        &self,
        path: &Path,
        (what, name): (&'static str, &str),
        actor: &str,
    ) -> Result<Lease, StoreError> {
        let _gate = self.gate()?;
        let take = || -> io::Result<Result<File, String>> {
            let mut file = open(path)?;
            match file.try_lock() {
                Ok(()) => {
                    file.set_len(0)?;
                    file.write_all(actor.as_bytes())?;
                    Ok(Ok(file))
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = vec![];
                    // Where a lock forbids reading as well, the holder stays unknown.
                    let _ = file.take(200).read_to_end(&mut holder);
                    Ok(Err(String::from_utf8_lossy(&holder).into_owned()))
                }
                Err(TryLockError::Error(e)) => Err(e),
            }
        };
        match take().map_err(|e| StoreError::io(path, &e))? {
            Ok(file) => Ok(Lease { _file: file }),
            Err(holder) => {
                let by = if holder.is_empty() { holder } else { format!(" by {holder}") };
                Err(StoreError::InUse { what, name: name.to_owned(), by })
            }
        }
    }

    /// Whether somebody holds the lock of study `id`.
    pub(crate) fn is_held(&self, id: i64) -> Result<bool, StoreError> {
        self.is_locked(&self.path(id))
    }

    /// Whether somebody holds the lock of a job.
    pub(crate) fn is_job_held(&self, name: &str) -> Result<bool, StoreError> {
        self.is_locked(&self.job_path(name))
    }

    fn is_locked(&self, path: &Path) -> Result<bool, StoreError> {
        if !path.exists() {
            return Ok(false);
        }
        // Without permission to write there is no gate; looking is still right.
        let _gate = self.gate().ok();
        match File::open(path).map_err(TryLockError::Error).and_then(|f| f.try_lock_shared()) {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(e)) => Err(StoreError::io(path, &e)),
        }
    }

    /// Waits for the lock under which locks are taken and looked at, and files set up: looking
    /// takes the lock for a moment, which must not make a taker fail.
    pub(crate) fn gate(&self) -> Result<File, StoreError> {
        self.wait("gate.lock")
    }

    /// Waits for the lock under which a database is set up.
    pub(crate) fn setup(&self) -> Result<File, StoreError> {
        self.wait("setup.lock")
    }

    /// Waits for the lock under which the ledger is written.
    pub(crate) fn ledger(&self) -> Result<File, StoreError> {
        self.wait("ledger.lock")
    }

    fn wait(&self, name: &str) -> Result<File, StoreError> {
        let path = self.dir.join(name);
        let wait = || {
            fs::create_dir_all(&self.dir)?;
            let file = open(&path)?;
            file.lock()?;
            Ok(file)
        };
        wait().map_err(|e| StoreError::io(&path, &e))
    }

    fn job_path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("job-{name}.lock"))
    }

    fn path(&self, id: i64) -> PathBuf {
        self.dir.join(format!("{id}.lock"))
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}
