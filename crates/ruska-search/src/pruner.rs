//! Pruners: whether a trial that is behind goes on.

/// Decides after each fold whether a trial goes on.
pub trait Pruner: Send + Sync {
    /// Whether to stop. `losses` are the trial's so far; `best` those of the best trial it may
    /// see, on all folds in the same order.
    fn prune(&self, losses: &[f64], best: &[f64]) -> bool;
}

/// Lets every trial finish.
#[derive(Clone, Copy, Debug)]
pub struct NeverPrune;

impl Pruner for NeverPrune {
    fn prune(&self, _: &[f64], _: &[f64]) -> bool {
        false
    }
}

/// Stops a trial after two or more folds when on each of them it was behind the best trial by more
/// than twice the spread of the best trial's own folds, and by a tenth of its loss.
#[derive(Clone, Copy, Debug)]
pub struct FarBehind;

impl Pruner for FarBehind {
    fn prune(&self, losses: &[f64], best: &[f64]) -> bool {
        if losses.len() < 2 || best.len() < losses.len() {
            return false;
        }
        let n = best.len() as f64;
        let mean = best.iter().sum::<f64>() / n;
        let spread = (best.iter().map(|l| (l - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let margin = (2.0 * spread).max(0.1 * mean.abs());
        losses.iter().zip(best).all(|(l, b)| l - b > margin)
    }
}
