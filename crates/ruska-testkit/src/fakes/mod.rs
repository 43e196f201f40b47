//! A small catalog for tests of crates that must not know the real one.

mod learners;
mod measures;
mod splitters;
mod steps;

pub use learners::{Mean, Preset};
pub use measures::{Accuracy, Auc, LogLoss, Rmse};
pub use splitters::KFold;
pub use steps::{Codes, Fill};

use crate::DebugLearner;
use ruska_core::Catalog;
use std::sync::Arc;

/// Learners `mean`, `debug` (opt-in) and `line` (the debug learner at full quality, not opt-in);
/// steps `codes` and `fill`; measures `logloss`, `accuracy`, `auc` and `rmse`; splitter `kfold`.
pub fn fake_catalog() -> Catalog {
    let line = Preset::new("line", Arc::new(DebugLearner), []);
    Catalog {
        learners: vec![Arc::new(Mean), Arc::new(line), Arc::new(DebugLearner)],
        steps: vec![Arc::new(Codes), Arc::new(Fill)],
        measures: vec![Arc::new(LogLoss), Arc::new(Accuracy), Arc::new(Auc), Arc::new(Rmse)],
        splitters: vec![Arc::new(KFold)],
    }
}
