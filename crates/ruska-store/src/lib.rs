//! Studies, the register and blobs on disk: append-only logs in SQLite and content-addressed files.
//!
//! ```text
//! Store ── create_study / journal ──▶ Journal (one writer per study) ── append ──▶ ruska.db: event
//!   │                                                                                 │
//!   │        events · leaderboard ◀── functions of the events ────────────────────────┤
//!   │        studies_page ◀── summary · study_score, kept by the same transactions ◀──┘
//!   │
//!   ├── register_model / add_dataset / record ── one at a time ──▶ ruska.db: ledger · chain · outbox
//!   │        ModelState · environments ◀── functions of the entries ──┤
//!   │        datasets · learned_from ◀── indexes of the entries ──────┘
//!   │
//!   ├── log_predictions / tell_outcomes ──▶ ruska.db: prediction, outcome ── each_id ──▶ joined by id
//!   │
//!   ├── put_blob / get_blob ──▶ blobs/ab/cdef…
//!   └── backup · lease_job      locks/1.lock, job-churn.lock, ledger.lock
//! ```
//!
//! Invariants
//! 1. Events and entries are only ever appended; nothing in the interface or in the schema changes
//!    one. What is listed of studies can be made anew from their events.
//! 2. An append is atomic and a killed process loses none that returned. What took seconds
//!    (trials, folds) may be lost to a power cut; what users rely on (the study, its model, its
//!    holdout scores, its end, every entry of the ledger) may not: see [`Durability`].
//! 3. What is appended reads back equal, floats bit for bit; what would not is refused.
//! 4. One process works on a study, or runs a job, at a time; the operating system frees its lock,
//!    even after kill -9. Reading needs no lock and never waits for a writer.
//! 5. A blob is named by the BLAKE3 hash of its bytes and checked whenever it is read. A version's
//!    blob is on the disk before the entry that names it.
//! 6. Version numbers go up by one, whoever registers, and are never used again.
//! 7. The store reads no clock and knows no user: both are arguments. Of the environment it reads
//!    [`register::HEADS`] alone.
//! 8. Beside each entry stands the hash of it and all before it; letters are put in together with
//!    the entry that they tell of.
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
mod feedback;
mod journal;
mod lease;
mod log;
mod name;
mod outbox;
mod page;
mod projection;
pub mod register;
mod store;
mod summary;

pub use backup::Backup;
pub use blob::{Digest, Durability};
pub use error::StoreError;
pub use feedback::{
    IdHistory, LoggedPrediction, OutcomesTold, PredictionsLogged, Scorer, ToldOutcome,
};
pub use journal::Journal;
pub use name::StudyName;
pub use outbox::{Letter, LetterState, Posted, Settled};
pub use page::{StatusIs, StudyPage, StudyQuery, StudySort};
pub use store::Store;
pub use summary::{Status, StudyRow};

/// A small study record as JSON, for examples.
#[doc(hidden)]
pub const EXAMPLE_RECORD: &str = r#"{"name":"","data":"churn.csv","fingerprint":"00","target":"churned",
"meta":{"kind":"classification","rows":4,"n_classes":2,"numeric":1,"levels":[],"text":0,"time":0,
"missing_share":0.0,"weighted":false,"least_target":0.0},"classes":["no","yes"],"metric":"auc","splitter":"kfold",
"split":{"folds":2,"repeats":1,"test_share":0.25,"seed":0},"split_fingerprint":"00","seed":0,
"trials":null,"seconds":null,"version":"0.1.0","command":[],"options":null,"findings":[]}"#;
