//! DBCV: whether groups of any shape are dense within and sparse between.
//!
//! From −1 to 1; wins where groups are chains, rings or other shapes. Noise counts against a partition.
//! Of more than 1,000 rows a sample is judged. Cost O(1,000²·p).
//!
//! Reference: Moulavi, Jaskowiak, Campello, Zimek, Sander, "Density-based clustering validation", SDM 2014.

use super::support::index;
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};
use ruska_kernels::Silent;
use ruska_kernels::clusters::indices::dbcv;

/// Rows that are judged at most.
const MOST_ROWS: usize = 1000;

/// See the module.
pub(crate) struct Dbcv;

static INFO: MeasureInfo = MeasureInfo {
    id: "dbcv",
    summary: "Whether groups of any shape are dense within and sparse between, from −1 to 1",
    tasks: &[TaskKind::Clustering],
    needs: Needs::Groups,
    multiclass: false,
    higher_is_better: true,
    reference: "https://doi.org/10.1137/1.9781611973440.96",
};

impl Measure for Dbcv {
    fn info(&self) -> &MeasureInfo {
        &INFO
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        index(&INFO, (truth, predictions, weights), |points, labels| {
            dbcv(points, labels, MOST_ROWS, 0, &Silent).expect("nothing stops it")
        })
    }
}
