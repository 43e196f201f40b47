//! Files to frames and back: readers, schema inference, findings, writers.
//!
//! ```text
//! CSV ─┐                       ┌─▶ read ─▶ raw Frame ─▶ infer ─▶ Schema (training)
//! xlsx ├─▶ source ─▶ format ─▶ ┤
//! Parquet ┘                    └─▶ open_batches ─▶ Batch … ─▶ apply ─▶ PredictionWriter
//! ```
//!
//! Invariants
//! 1. Reading loses nothing: "007" stays text, 19 digits stay exact; the whole column decides.
//! 2. A batch has the types the plan asks for, whatever the rows before or after it.
//! 3. Streaming holds one batch of text and Parquet files, never the table.
//! 4. polars and calamine end here; no public type names them.
//! 5. An output file appears whole or not at all.
//! 6. Foreign bytes give a typed error that names file, line and column; they never panic.
//!
//! ```
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("t.csv");
//! std::fs::write(&path, "id,price\n007,1.5\n008,2\n")?;
//! let table = ruska_data::read(path.to_str().unwrap(), &ruska_data::ReadOptions::default())?;
//! assert_eq!(table.frame.rows(), 2);
//! assert_eq!(table.frame.fields()[0].kind, ruska_core::Kind::Categorical);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batch;
mod builder;
mod cell;
mod csv;
mod dictionary;
mod error;
mod fingerprint;
mod lines;
mod names;
mod panel;
mod parquet;
mod read;
mod sheet;
mod source;
mod typed;
mod write;

pub use batch::{Batch, BatchPlan, Batches, Wanted, open_batches};
pub use error::{Place, ReadError, WriteError};
pub use fingerprint::fingerprint;
pub use lines::{RowPlace, row_places};
pub use panel::{PanelColumns, review_panel};
pub use read::{ReadOptions, ReadTable, read};
pub use source::files;
pub use write::{OutputColumn, OutputType, PredictionWriter};

// meaning
mod meaning;
pub use meaning::{
    Applier, Circumstances, ColumnProfile, Count, NumberSummary, Profile, Review, SchemaError,
    TargetColumn, TargetError, TimeSummary, apply, class_codes, class_position, closest, condense,
    hint, infer, inspect, masked, names_rows, number_text, numbers_name_rows, parse_time, profile,
    repeats, review, says_identifier, shown, spelt_number, target, target_like, time_text,
    value_text,
};
