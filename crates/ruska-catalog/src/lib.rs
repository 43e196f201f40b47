//! Everything pluggable, one file each: learners, clusterers, forecasters, steps, measures, splitters.
//!
//! ```text
//! learners/  clusterers/  forecasters/  steps/  measures/  splitters/   one file an entry, in its mod.rs
//!     └──────────┴────────────┴───────────┴────────┴──────────┴──▶ builtin() ─▶ ruska_core::Catalog
//! ```
//!
//! Invariants
//! 1. The file's name is the entry's id; a test compares each folder with its table.
//! 2. An entry declares what it can do; nothing else in ruska knows its name.
//! 3. linfa stays inside adapter files here: shapes and finiteness are checked before and after.
//! 4. Every entry passes the contract suite of `ruska-testkit`.
//!
//! ```
//! let catalog = ruska_catalog::builtin();
//! assert!(catalog.learner("baseline").is_some());
//! ```

mod binning;
mod boosting;
mod bridge;
mod classes;
mod clusterers;
mod design;
mod evidence;
mod explained;
mod forecasters;
mod forests;
mod inner_folds;
mod learners;
mod line;
mod linfa_guard;
mod measures;
mod parameters;
mod robust;
mod sound;
mod splitters;
mod steps;

pub use boosting::set_aside;
pub use forecasters::{Components, Seasonal};
use ruska_core::Catalog;

/// The catalog of everything built in.
pub fn builtin() -> Catalog {
    Catalog {
        learners: learners::all()
            .into_iter()
            .chain(clusterers::all())
            .chain(forecasters::all())
            .collect(),
        steps: steps::all(),
        measures: measures::all(),
        splitters: splitters::all(),
    }
}

/// Which of the periods that the calendar suggests the series have, ascending.
pub fn seasons(lines: &ruska_core::Timelines, calendar: &[usize]) -> Vec<usize> {
    forecasters::seasons(lines, calendar)
}

/// What a series of equally spaced values is made of: trend, seasons and remainder, by MSTL, with the
/// strength of each as in Hyndman, Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 2021,
/// section 4.3: 1 − var(remainder) / var(part + remainder), not below 0.
///
/// `values` are at least one, NaN where one is missing, which is filled in; `seasons` are periods above 1, of
/// which those are taken that a test confirms at 5 %. Cost O(n · longest season) and less. Reference of MSTL:
/// Bandara, Hyndman, Bergmeir, arXiv:2107.13462, 2021.
pub fn components(values: &[f64], seasons: &[usize]) -> Components {
    forecasters::components(values, seasons)
}
