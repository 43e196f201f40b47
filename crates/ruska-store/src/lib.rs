//! Studies and blobs on disk: an append-only log of events in SQLite and content-addressed files.
//!
//! ```text
//! Store ── create_study / journal ──▶ Journal (one writer per study) ── append ──▶ ruska.db
//!   │                                                                               │
//!   ├── put_blob / get_blob ──▶ blobs/ab/cdef…     studies · events · leaderboard ◀─┘
//!   └── backup                  locks/1.lock        (functions of the events)
//! ```
//!
//! Invariants
//! 1. Events are only ever appended; nothing in the interface or in the schema changes one.
//! 2. An append is atomic and a killed process loses none that returned. What took seconds
//!    (trials, folds) may be lost to a power cut; what users rely on (the study, its model, its
//!    holdout scores, its end) may not: see [`Durability`].
//! 3. What is appended reads back equal, floats bit for bit; what would not is refused.
//! 4. One process works on a study at a time; the operating system frees its lock, even after
//!    kill -9. Reading needs no lock and never waits for a writer.
//! 5. A blob is named by the BLAKE3 hash of its bytes and checked whenever it is read.
//! 6. The store reads no clock and knows no user: both are arguments.
//!
//! ```
//! use ruska_core::Event;
//! use ruska_store::{Store, StudyName};
//! # let record = serde_json::from_str(ruska_store::EXAMPLE_RECORD).unwrap();
//! # let dir = tempfile::tempdir().unwrap();
//! let store = Store::open(dir.path())?;
//! let journal = store.create_study(StudyName::Stem("churn"), record, 1_700_000_000_000, "ann")?;
//! journal.append(&Event::Ended { why: "trials".into() }, 1_700_000_060_000)?;
//! assert_eq!(journal.name(), "churn-1");
//! assert_eq!(store.events("churn-1")?.len(), 2);
//! # Ok::<(), ruska_store::StoreError>(())
//! ```

mod backup;
mod blob;
mod codec;
mod database;
mod error;
mod journal;
mod lease;
mod name;
pub mod register;
mod store;
mod summary;

pub use backup::Backup;
pub use blob::{Digest, Durability};
pub use error::StoreError;
pub use journal::Journal;
pub use name::StudyName;
pub use store::Store;
pub use summary::{Status, StudyRow};

/// A small study record as JSON, for examples.
#[doc(hidden)]
pub const EXAMPLE_RECORD: &str = r#"{"name":"","data":"churn.csv","fingerprint":"00","target":"churned",
"meta":{"kind":"classification","rows":4,"n_classes":2,"numeric":1,"levels":[],"text":0,"time":0,
"missing_share":0.0,"weighted":false,"least_target":0.0},"classes":["no","yes"],"metric":"auc","splitter":"kfold",
"split":{"folds":2,"repeats":1,"test_share":0.25,"seed":0},"split_fingerprint":"00","seed":0,
"trials":null,"seconds":null,"version":"0.1.0","command":[],"options":null,"findings":[]}"#;
