//! Calinski–Harabasz: the variance between groups over that within, each over its degrees of freedom.
//!
//! 0 or more, without a bound; wins on round groups of one size. Noise is left out. Cost O(n·p).
//!
//! Reference: Calinski, Harabasz, "A dendrite method for cluster analysis", Comm. Stat. 3, 1974.

use super::support::index;
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};
use ruska_kernels::clusters::indices::calinski_harabasz;

/// See the module.
pub(crate) struct CalinskiHarabasz;

static INFO: MeasureInfo = MeasureInfo {
    id: "calinski_harabasz",
    summary: "The variance between groups over that within, each over its degrees of freedom",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Groups,
    multiclass: false,
    higher_is_better: true,
    reference: "https://doi.org/10.1080/03610927408827101",
};

impl Measure for CalinskiHarabasz {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        index(&INFO, (truth, predictions, weights), calinski_harabasz)
    }
}
