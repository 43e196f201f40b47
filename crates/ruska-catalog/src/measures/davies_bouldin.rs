//! Davies–Bouldin: how much each group overlaps the one that it overlaps most.
//!
//! 0 or more, lower is better; wins on round groups. Noise is left out. Cost O(n·p + k²·p).
//!
//! Reference: Davies, Bouldin, "A cluster separation measure", IEEE PAMI 1, 1979.

use super::support::index;
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};
use ruska_kernels::clusters::indices::davies_bouldin;

/// See the module.
pub(crate) struct DaviesBouldin;

static INFO: MeasureInfo = MeasureInfo {
    id: "davies_bouldin",
    summary: "How much each group overlaps the one that it overlaps most",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Groups,
    multiclass: false,
    higher_is_better: false,
    reference: "https://doi.org/10.1109/TPAMI.1979.4766909",
};

impl Measure for DaviesBouldin {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        index(&INFO, (truth, predictions, weights), davies_bouldin)
    }
}
