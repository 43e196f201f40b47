//! What can go wrong with a store, with the way out.

use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A store cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store in the folder.
    #[error("there is no store in {}; `ruska fit` makes one, or name its folder with --store", dir.display())]
    NoStore {
        /// The folder.
        dir: PathBuf,
    },
    /// The file is something else.
    #[error("{} is not a ruska store; choose another folder with --store", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of ruska wrote the store.
    #[error("{} has format {got}, this version of ruska knows up to {known}; upgrade ruska", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        got: u32,
        /// Newest format known.
        known: u32,
    },
    /// The format of the store has no hashes that its log could be checked by.
    #[error(
        "{} is of format {format}, which has no hashes, so nothing can be checked; any other command, such as \
         `ruska studies`, brings it up to date, and hashes what is there then",
        path.display()
    )]
    Unhashed {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// The file is damaged.
    #[error("{} is damaged: {why}; restore it from a backup", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was seen.
        why: String,
    },
    /// The file or folder may not be read or written.
    #[error("no permission to read or write {}; change it or choose another folder with --store", path.display())]
    Permission {
        /// The file or folder.
        path: PathBuf,
    },
    /// The store can be read only.
    #[error("{} can only be read{why}; copy the store to a folder that can be written", path.display())]
    ReadOnly {
        /// The file or folder.
        path: PathBuf,
        /// Why that is not enough, such as `, and holds unmerged changes`; may be empty.
        why: &'static str,
    },
    /// The disk is full.
    #[error("no space left for {}; nothing recorded is lost, free some space and resume", path.display())]
    Full {
        /// The file or folder.
        path: PathBuf,
    },
    /// Another process kept the store busy.
    #[error("{} was kept busy by another process; try again", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Anything else the operating system or SQLite said.
    #[error("{}: {why}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was said.
        why: String,
    },
    /// The study name is taken.
    #[error(
        "study `{name}` exists already; resume it with `ruska resume {name}` or choose another name"
    )]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The study name cannot be used.
    #[error("study name {name:?} {why}")]
    BadName {
        /// The name.
        name: String,
        /// What is wrong and what would do.
        why: &'static str,
    },
    /// No study has this name.
    #[error("there is no study `{name}`; there are: {}", known.join(", "))]
    UnknownStudy {
        /// The name asked for.
        name: String,
        /// The latest names there are, at most five.
        known: Vec<String>,
    },
    /// The store holds no study.
    #[error("there is no study in {} yet; `ruska fit` makes one", dir.display())]
    NoStudies {
        /// The store.
        dir: PathBuf,
    },
    /// Several studies begin with this name.
    #[error("`{name}` could be {}; write more of the name", candidates.join(", "))]
    Ambiguous {
        /// The name asked for.
        name: String,
        /// The latest names that begin with it, at most five.
        candidates: Vec<String>,
    },
    /// Another process works on the study or runs the job.
    #[error("{what} `{name}` is being worked on{by}; wait for it or stop it")]
    InUse {
        /// `study` or `job`.
        what: &'static str,
        /// Its name.
        name: String,
        /// By whom, such as ` by ann`; empty when unknown.
        by: String,
    },
    /// An event would not read back as it is.
    #[error("the event `{kind}` cannot be recorded: {why}")]
    Unstorable {
        /// Kind of the event.
        kind: &'static str,
        /// Why, such as a number that is not finite.
        why: String,
    },
    /// A newer version of ruska wrote an event.
    #[error(
        "event {seq} of study `{study}` is a `{kind}`, which this version of ruska does not know; upgrade ruska"
    )]
    UnknownEvent {
        /// The study.
        study: String,
        /// Place of the event.
        seq: u64,
        /// Its kind.
        kind: String,
    },
    /// An event cannot be read.
    #[error(
        "event {seq} of study `{study}` cannot be read: {why}; upgrade ruska or restore the store from a backup"
    )]
    BadEvent {
        /// The study.
        study: String,
        /// Place of the event.
        seq: u64,
        /// Why.
        why: String,
    },
    /// A name of the register cannot be used.
    #[error(
        "{name:?} cannot be the name of a {what}: letters, digits, `.`, `_` and `-` are allowed, up to 100, a letter or digit first"
    )]
    BadRegisterName {
        /// What it should name.
        what: &'static str,
        /// The name, cut to 100 characters.
        name: String,
    },
    /// A newer version of ruska wrote an entry of the ledger.
    #[error(
        "entry {seq} of the ledger is a `{kind}`, which this version of ruska does not know; upgrade ruska"
    )]
    UnknownEntry {
        /// Its place.
        seq: u64,
        /// Its kind.
        kind: String,
    },
    /// An entry of the ledger cannot be read.
    #[error(
        "entry {seq} of the ledger cannot be read: {why}; upgrade ruska or restore the store from a backup"
    )]
    BadEntry {
        /// Its place.
        seq: u64,
        /// Why.
        why: String,
    },
    /// A page of studies cannot go on from there.
    #[error(
        "{text:?} is not where a page of studies in this order ended; begin with the first page"
    )]
    BadCursor {
        /// What was given, cut to 200 characters.
        text: String,
    },
    /// A text is not the head of a ledger.
    #[error(
        "{text:?} is no head of a ledger: expected the place of an entry and a hash, as `ruska audit head` tells them"
    )]
    BadHead {
        /// What was given, cut to 100 characters.
        text: String,
    },
    /// A digest is not 64 lower-case hexadecimal digits.
    #[error("{text:?} is not a digest: 64 hexadecimal digits expected")]
    BadDigest {
        /// What was given, cut to 80 characters.
        text: String,
    },
    /// No blob has this digest.
    #[error("{} is missing; restore it from a backup", path.display())]
    NoBlob {
        /// Where it should be.
        path: PathBuf,
    },
    /// A blob's bytes are not those it was named for.
    #[error("{} is damaged: its content has another hash; restore it from a backup", path.display())]
    BadBlob {
        /// The file.
        path: PathBuf,
    },
    /// A backup must not overwrite anything.
    #[error("{} is not an empty folder; choose a new folder for the backup", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
}

impl StoreError {
    /// What the operating system said about a file or folder.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied => Self::Permission { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, why: "" },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, why: error.to_string() },
        }
    }

    /// What SQLite said about a database.
    pub(crate) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotAStore { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { path, why: error.to_string() },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path, why: "" },
            Some(ErrorCode::PermissionDenied) => Self::Permission { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { path },
            Some(ErrorCode::CannotOpen) => {
                let why = "cannot be opened; it must be a file in a folder that can be written";
                Self::Io { path, why: why.to_owned() }
            }
            Some(_) => Self::Io { path, why: error.to_string() },
            None => match error {
                E::FromSqlConversionFailure(..)
                | E::IntegralValueOutOfRange(..)
                | E::InvalidColumnType(..)
                | E::Utf8Error(..) => Self::Damaged { path, why: error.to_string() },
                _ => Self::Io { path, why: error.to_string() },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rusqlite::ffi;

    #[test]
    fn errors_are_told_apart() {
        let path = Path::new("/x/ruska.db");
        let sql = |code| {
            StoreError::sqlite(path, &rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
        };
        assert!(matches!(sql(ffi::SQLITE_FULL), StoreError::Full { .. }));
        assert!(matches!(sql(ffi::SQLITE_READONLY), StoreError::ReadOnly { .. }));
        assert!(matches!(sql(ffi::SQLITE_BUSY), StoreError::Busy { .. }));
        assert!(matches!(sql(ffi::SQLITE_PERM), StoreError::Permission { .. }));
        assert!(matches!(sql(ffi::SQLITE_CORRUPT), StoreError::Damaged { .. }));
        assert!(matches!(sql(ffi::SQLITE_IOERR), StoreError::Io { .. }));
        let io = |kind: io::ErrorKind| StoreError::io(path, &kind.into());
        assert!(matches!(io(io::ErrorKind::StorageFull), StoreError::Full { .. }));
        assert!(matches!(io(io::ErrorKind::PermissionDenied), StoreError::Permission { .. }));
        assert!(matches!(io(io::ErrorKind::ReadOnlyFilesystem), StoreError::ReadOnly { .. }));
        assert!(sql(ffi::SQLITE_FULL).to_string().contains("/x/ruska.db"));
    }
}
