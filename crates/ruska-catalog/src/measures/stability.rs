//! Stability: whether who learns from other rows finds the same groups.
//!
//! The adjusted Rand index between the groups of models of overlapping parts of the rows, on the same
//! rows: 1 where they agree, about 0 where they agree as by chance. Noise is a group. A single model
//! agrees with itself. Wins at telling how many groups there are; one group is always stable, so it
//! does not tell whether there are any. Cost O(n log n).
//!
//! Reference: Hennig, "Cluster-wise assessment of cluster stability", CSDA 52, 2007; Hubert, Arabie,
//! "Comparing partitions", J. Classif. 2, 1985.

use super::support::GroupInput;
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};
use ruska_kernels::clusters::indices::agreement;

/// See the module.
pub(crate) struct Stability;

static INFO: MeasureInfo = MeasureInfo {
    id: "stability",
    summary: "Whether who learns from other rows finds the same groups: adjusted Rand index",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Groups,
    multiclass: false,
    higher_is_better: true,
    reference: "https://doi.org/10.1016/j.csda.2006.11.025",
};

impl Measure for Stability {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        GroupInput::new(&INFO, truth, predictions, weights).map(|_| 1.0)
    }

    fn between(&self, one: &Predictions, other: &Predictions) -> Option<f64> {
        let (one, other) = (one.groups(), other.groups());
        (one.len() == other.len()).then(|| agreement(&one, &other).adjusted_rand)
    }
}
