//! Pruners: whether a trial that is behind goes on.

use std::sync::Arc;

/// The loss of a fold, and of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldLoss {
    /// The fold's loss.
    pub loss: f64,
    /// A number for each test row, with the row's weight in it: their plain mean is the loss, and
    /// their spread tells how far chance moves it. `None` where the measure has none.
    pub rows: Option<Arc<[f64]>>,
}

/// The best trial that a trial may see.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// Its mean loss over folds.
    pub loss: f64,
    /// That of the constant, if it may be seen.
    pub constant: Option<f64>,
    /// Every fold, in the order in which trials have them.
    pub folds: Vec<FoldLoss>,
}

/// Decides after each fold but the last whether a trial goes on.
pub trait Pruner: Send + Sync {
    /// Whether to stop a trial with these folds so far, at least one.
    fn prune(&self, folds: &[FoldLoss], rival: &Rival) -> bool;
}

/// Lets every trial finish.
#[derive(Clone, Copy, Debug)]
pub struct NeverPrune;

impl Pruner for NeverPrune {
    fn prune(&self, _: &[FoldLoss], _: &Rival) -> bool {
        false
    }
}
