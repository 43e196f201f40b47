//! Contract checks, synthetic tasks and the debug learner.
//!
//! ```text
//! tasks     a task from a seed and a few knobs          ─┐
//! panels    the same of series that go on                │
//! contract  checks over every entry of a catalog         ├─▶ tests of the other crates
//! fakes     a small catalog, with the debug learner      │
//! damage    states changed behind their author's back    │
//! golden    text compared with a committed file         ─┘
//! ```
//!
//! Invariants
//! 1. Everything is a pure function of its arguments; time passes by counting ([`CountingStop`]).
//! 2. A check knows no entry by name: what an entry need not hold is what it declares.
//! 3. A check returns what is wrong in words; it panics nowhere.
//!
//! ```
//! use ruska_testkit::{fake_catalog, pipeline_for, tasks::Recipe};
//! let task = Recipe::binary(1).levels(&[3]).missing(0.1).build();
//! let catalog = fake_catalog();
//! let candidate = pipeline_for(&catalog, catalog.learner("debug").unwrap().info(), &task);
//! assert_eq!(candidate.title(), "codes + fill → debug");
//! ```

pub mod contract;
mod damage;
mod debug;
mod fakes;
mod golden;
pub mod panels;
mod results;
mod stop;
pub mod tasks;

pub use damage::damaged;
pub use debug::{DebugLearner, DebugModel, DebugParams};
pub use fakes::{Accuracy, Auc, Codes, Fill, KFold, LogLoss, Mean, Preset, Rmse, fake_catalog};
pub use golden::{BLESS, golden};
pub use results::fold_result;
pub use stop::{CountingStop, WrapUpAfter};

use ruska_core::{Candidate, Catalog, LearnerInfo, Params, Task, robustify};

/// A learner with its default parameters after the mandatory steps, so that it meets raw data.
pub fn pipeline_for(catalog: &Catalog, learner: &LearnerInfo, task: &Task) -> Candidate {
    Candidate {
        steps: robustify(catalog, learner, &task.meta()),
        learner: learner.id.to_owned(),
        params: Params::new(),
    }
}
