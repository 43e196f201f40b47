//! Silhouette: how much nearer rows are to their own group than to the next.
//!
//! From −1 to 1; wins on groups of about one size and round. Of more than 1,000 rows a sample is asked,
//! each of them about all rows, with a standard error of at most 0.03. Noise is left out. Cost O(1,000·n·p).
//!
//! Reference: Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987.

use super::support::index;
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};
use ruska_kernels::Silent;
use ruska_kernels::clusters::indices::{Sample, silhouette};

/// The rows that are asked.
const ASKED: Sample = Sample { rows: 1000, seed: 0 };

/// See the module.
pub(crate) struct Silhouette;

static INFO: MeasureInfo = MeasureInfo {
    id: "silhouette",
    summary: "How much nearer rows are to their own group than to the next, from −1 to 1",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Groups,
    multiclass: false,
    higher_is_better: true,
    reference: "https://doi.org/10.1016/0377-0427(87)90125-7",
};

impl Measure for Silhouette {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        score(&INFO, truth, predictions, weights)
    }
}

/// The mean silhouette width, for a measure of that name.
pub(super) fn score(
    info: &'static MeasureInfo,
    truth: &Truth,
    predictions: &Predictions,
    weights: Option<&[f64]>,
) -> Result<f64, MeasureError> {
    index(info, (truth, predictions, weights), |points, labels| {
        let found = silhouette(points, labels, ASKED, 1, &Silent);
        found.expect("nothing stops it").map(|s| s.mean)
    })
}
