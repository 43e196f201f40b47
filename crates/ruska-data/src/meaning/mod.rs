//! What the columns of a file mean, from the raw frame to a reviewed task.
//!
//! ```text
//! raw Frame ─ infer ─▶ Schema ─ Applier ─▶ typed Frame ─ review ─▶ findings, columns set aside
//!     │                   └─ inspect ─▶ findings              │
//!     └────── target ─▶ Target of the rows that have one ─────┘
//! ```

mod apply;
mod copies;
mod dates;
mod infer;
mod inspect;
mod late;
mod leak;
mod names;
mod near;
mod notation;
mod note;
mod overrides;
mod profile;
mod review;
mod target;
mod times;
mod values;

pub use apply::{Applier, apply};
pub use infer::{SchemaError, infer};
pub use inspect::inspect;
pub use names::{closest, hint, names_rows, numbers_name_rows, says_identifier};
pub use notation::spelt_number;
pub use note::{condense, masked, shown};
pub(crate) use note::{counted, cut, note, percent};
pub use profile::{ColumnProfile, Count, NumberSummary, Profile, TimeSummary, profile};
pub use review::{Circumstances, Review, repeats, review};
pub use target::{TargetColumn, TargetError, class_codes, class_position, target, target_like};
pub use times::{parse_time, time_text};
pub use values::{number_text, value_text};
