//! The register of data: what a table held when it was added, who learned from it, and what has
//! changed since.
//!
//! A version is the hash of the bytes of its files with what a reader wants to know of them: rows,
//! meaning and distribution of every column. The bytes stay where they are.

mod add;
mod column;
mod diff;
mod distance;
mod files;
mod list;
mod reference;
mod usage;

pub use add::{Added, add};
pub use diff::{ColumnDiff, DatasetDiff, LevelShare, NamedColumn, Side, diff};
pub use list::{Shown, list, models, show};
pub use reference::DatasetReference;
pub use usage::{FileState, Usage, of_source};
