//! The SQLite file: opening it, its schema and version, its transactions.
//!
//! WAL mode: readers never wait, one writer at a time, several processes. `synchronous = NORMAL`
//! makes a commit survive the end of the process without waiting for the disk; commits that must
//! survive a power cut raise it to `FULL`, which also flushes everything before them.

use crate::register::chain;
use crate::{Durability, StoreError, feedback, outbox, projection};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Format written, and the newest one that is read.
const FORMAT: u32 = 3;
/// "rska" in the file's header marks it as ours.
const APPLICATION: i32 = 0x7273_6b61;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Studies and their events: format 1.
const STUDIES: &str = "
CREATE TABLE study (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE event (
    study INTEGER NOT NULL REFERENCES study (id),
    seq INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (study, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events never change'); END;
CREATE TRIGGER study_update BEFORE UPDATE ON study BEGIN SELECT RAISE(ABORT, 'studies never change'); END;
CREATE TRIGGER study_delete BEFORE DELETE ON study BEGIN SELECT RAISE(ABORT, 'studies never change'); END;
";

/// The register: what format 2 adds besides the projection of studies.
const REGISTER: &str = "
CREATE TABLE ledger (
    seq INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER,
    digest TEXT,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_name ON ledger (subject, name);
CREATE UNIQUE INDEX ledger_version ON ledger (subject, name, version) WHERE version IS NOT NULL;
CREATE INDEX ledger_digest ON ledger (subject, name, digest) WHERE digest IS NOT NULL;
CREATE INDEX ledger_deleted ON ledger (subject, name) WHERE kind = 'deleted';
CREATE INDEX ledger_source ON ledger (json_extract(body, '$.source')) WHERE kind = 'dataset_added';
CREATE INDEX ledger_table ON ledger (json_extract(body, '$.fingerprint')) WHERE kind = 'dataset_added';
CREATE INDEX ledger_learned ON ledger (json_extract(body, '$.facts.data')) WHERE kind = 'model_registered';
CREATE INDEX ledger_dataset ON ledger (json_extract(body, '$.dataset[0]'), json_extract(body, '$.dataset[1]'))
    WHERE kind = 'model_registered';
CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
CREATE TRIGGER ledger_delete BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
";

/// A failure inside a transaction, before the file's name is added.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(rusqlite::Error),
    Store(StoreError),
    /// The file is damaged: what was seen.
    Damaged(String),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// One connection, shared by the threads of a process.
#[derive(Debug)]
pub(crate) struct Database {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Database {
    /// Opens a store's file, or one that is still empty.
    pub(crate) fn open(path: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        Self::new(path, connection)
    }

    /// Opens a file on a medium that cannot be written. Without a write-ahead log nothing can be
    /// pending, so that SQLite may take the file as it is.
    pub(crate) fn open_frozen(path: &Path) -> Result<Self, StoreError> {
        let log = path.with_extension("db-wal");
        if log.metadata().is_ok_and(|log| log.len() > 0) {
            let why = " and has a log of changes to be merged";
            return Err(StoreError::ReadOnly { path: path.to_owned(), why });
        }
        let bytes = path.as_os_str().as_encoded_bytes().iter();
        let escaped: Vec<_> = bytes.map(|byte| format!("%{byte:02X}")).collect();
        let uri = format!("file:{}?immutable=1", escaped.concat());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        Self::new(path, Connection::open_with_flags(uri, flags))
    }

    fn new(path: &Path, connection: rusqlite::Result<Connection>) -> Result<Self, StoreError> {
        let prepare = || {
            let connection = connection?;
            connection.busy_timeout(PATIENCE)?;
            connection.pragma_update(None, "trusted_schema", false)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(connection)
        };
        let connection = prepare().map_err(|e| StoreError::sqlite(path, &e))?;
        let database = Self { path: path.to_owned(), connection: Mutex::new(connection) };
        database.check_format()?;
        Ok(database)
    }

    /// Brings an empty file, or one of an earlier format, to the present format. Whoever calls holds
    /// the setup lock: two processes that switch to WAL at once would refuse each other.
    pub(crate) fn set_up(&self) -> Result<(), StoreError> {
        let format = self.check_format()?;
        if format == FORMAT {
            return Ok(());
        }
        self.use_wal()?;
        self.write(Durability::PowerCut, |tx| {
            chain::refuse_downgraded(tx, format)?;
            if format < 1 {
                tx.execute_batch(STUDIES)?;
                tx.pragma_update(None, "application_id", APPLICATION)?;
            }
            if format < 2 {
                tx.execute_batch(REGISTER)?;
                tx.execute_batch(projection::TABLES)?;
                projection::renew_all(tx)?;
            }
            if format < 3 {
                tx.execute_batch(feedback::TABLES)?;
                tx.execute_batch(outbox::TABLES)?;
                tx.execute_batch(chain::TABLES)?;
                chain::extend(tx)?;
            }
            Ok(tx.pragma_update(None, "user_version", FORMAT)?)
        })
    }

    /// Makes what later formats add in the connection's memory, so that a file of an earlier format
    /// that cannot be written is read like any other. Nothing can be written through it then.
    pub(crate) fn shadow(&self) -> Result<(), StoreError> {
        let format = self.check_format()?;
        self.lock().pragma_update(None, "temp_store", "MEMORY").map_err(|e| self.fault(e))?;
        self.read(|tx| {
            let make = |tables: &str| {
                tx.execute_batch(&tables.replace("CREATE TABLE", "CREATE TEMP TABLE"))
            };
            chain::refuse_downgraded(tx, format)?;
            if format < 2 {
                make(REGISTER)?;
                make(projection::TABLES)?;
                projection::renew_all(tx)?;
            }
            if format < 3 {
                make(feedback::TABLES)?;
                make(outbox::TABLES)?;
                make(chain::TABLES)?;
                chain::extend(tx)?;
            }
            Ok(())
        })?;
        self.lock().pragma_update(None, "query_only", true).map_err(|e| self.fault(e))
    }

    /// Switches to WAL; where the file system has no shared memory SQLite stays with its rollback
    /// journal, which is slower and as safe.
    pub(crate) fn use_wal(&self) -> Result<(), StoreError> {
        let connection = self.lock();
        let switched = connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()));
        switched.map_err(|e| self.fault(e))
    }

    /// Whether the file has the present format.
    pub(crate) fn is_current(&self) -> Result<bool, StoreError> {
        Ok(self.check_format()? == FORMAT)
    }

    /// The format of the file; 0 while it is empty.
    pub(crate) fn check_format(&self) -> Result<u32, StoreError> {
        let (application, version, tables) = self.read(|tx| {
            let number = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0));
            Ok((
                number("PRAGMA application_id")?,
                number("PRAGMA user_version")?,
                number("SELECT count(*) FROM sqlite_schema")?,
            ))
        })?;
        let path = self.path.clone();
        match (application, u32::try_from(version)) {
            (0, Ok(0)) if tables == 0 => Ok(0),
            (ours, Ok(got)) if ours == i64::from(APPLICATION) && got > FORMAT => {
                Err(StoreError::Newer { path, got, known: FORMAT })
            }
            (ours, Ok(got @ 1..)) if ours == i64::from(APPLICATION) => Ok(got),
            _ => Err(StoreError::NotAStore { path }),
        }
    }

    /// Runs a function on one consistent state of the file.
    pub(crate) fn read<T>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let mut connection = self.lock();
        self.run(&mut connection, TransactionBehavior::Deferred, f)
    }

    /// Runs a function that writes: all of it or, on error, nothing of it.
    pub(crate) fn write<T>(
        &self,
        lasting: Durability,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let mut connection = self.lock();
        let level = match lasting {
            Durability::Process => "NORMAL",
            Durability::PowerCut => "FULL",
        };
        let set = connection.pragma_update(None, "synchronous", level);
        set.map_err(|e| self.fault(e))?;
        self.run(&mut connection, TransactionBehavior::Immediate, f)
    }

    fn run<T>(
        &self,
        connection: &mut Connection,
        behavior: TransactionBehavior,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let all = || -> Result<T, Fault> {
            let tx = connection.transaction_with_behavior(behavior)?;
            let value = f(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        all().map_err(|fault| match fault {
            Fault::Sql(e) => self.fault(e),
            Fault::Store(e) => e,
            Fault::Damaged(why) => StoreError::Damaged { path: self.path.clone(), why },
        })
    }

    fn fault(&self, error: rusqlite::Error) -> StoreError {
        StoreError::sqlite(&self.path, &error)
    }

    /// Writes a consistent copy to a file that does not exist yet.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let fail = |e| StoreError::sqlite(path, &e);
        let Some(target) = path.to_str() else {
            return Err(StoreError::Io { path: path.to_owned(), why: "not a UTF-8 path".into() });
        };
        self.lock().execute("VACUUM INTO ?1", [target]).map(drop).map_err(fail)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic interrupts is rolled back as it unwinds.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::register::{Entry, Stamp, Subject};
    use crate::{Status, Store, StudyName};
    use ruska_core::Event;

    #[test]
    fn a_full_disk_keeps_what_was_recorded_and_can_be_gone_on_from() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let record = serde_json::from_str(crate::EXAMPLE_RECORD).unwrap();
        let journal = store.create_study(StudyName::Exact("s"), record, 0, "").unwrap();
        let limit = |pages: u32| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            store.database().lock().query_row(&sql, [], |_| Ok(())).unwrap();
        };
        limit(1);
        let event = Event::Ended { why: "x".repeat(100) };
        let (kept, error) =
            (0..).find_map(|n| journal.append(&event, 0).err().map(|error| (n, error))).unwrap();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert_eq!(journal.events().unwrap().len(), 1 + kept);
        limit(1000);
        assert_eq!(journal.append(&event, 0).unwrap(), 1 + kept as u64);
        let ended = Status::Ended { why: "x".repeat(100) };
        drop(journal);
        assert_eq!(store.studies().unwrap()[0].status, ended);
    }

    #[test]
    fn a_frozen_file_is_read_unless_changes_are_pending() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a ?#%20🦀/ruska.db");
        let store = Store::open(path.parent().unwrap()).unwrap();
        assert!(matches!(Database::open_frozen(&path), Err(StoreError::ReadOnly { .. })));
        drop(store);
        assert_eq!(Database::open_frozen(&path).unwrap().check_format().unwrap(), FORMAT);
    }

    #[test]
    fn a_frozen_file_of_the_first_format_is_read_like_any_other() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ruska.db");
        let first = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/compat/v1-store.db");
        std::fs::copy(first, &path).unwrap();
        let database = Database::open_frozen(&path).unwrap();
        database.shadow().unwrap();
        let store = Store::new(dir.path(), database);
        assert_eq!(store.studies().unwrap().len(), 3);
        assert_eq!(store.environments().unwrap().len(), 4);
        assert_eq!(store.entries(Subject::Model, None).unwrap(), []);
        let environments = vec!["lab".to_owned()];
        let set = store.record(Subject::Store, "", Stamp { at_ms: 0, actor: "" }, |_, _| {
            Ok::<_, StoreError>((vec![Entry::EnvironmentsSet { environments }], ()))
        });
        assert!(matches!(set, Err(StoreError::ReadOnly { .. })), "{set:?}");
        let copy = dir.path().join("copy");
        store.backup(&copy).unwrap();
        assert_eq!(Store::open(&copy).unwrap().studies().unwrap(), store.studies().unwrap());
    }
}
