//! Silhouette: how much nearer rows are to their own group than to the next.
//!
//! From −1 to 1; wins on groups of about one size and round. Noise is left out. Every row is asked, as far
//! as a study tests rows: 5,000 of 10 columns take 50 ms, of 50 columns 0.2 s. Of more rows so many are
//! asked, drawn at random, each about all rows. Cost O(5,000·n·p).
//!
//! Reference: Rousseeuw, "Silhouettes", J. Comput. Appl. Math. 20, 1987.

use super::support::index;
use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};
use ruska_kernels::Silent;
use ruska_kernels::clusters::indices::{Sample, silhouette};

/// Most rows that are asked: as many as a study tests.
const ASKED: usize = 5000;

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
        score(&INFO, ASKED, (truth, predictions, weights))
    }
}

/// The mean silhouette width of at most so many rows, for a measure of that name.
pub(super) fn score(
    info: &'static MeasureInfo,
    rows: usize,
    of: (&Truth, &Predictions, Option<&[f64]>),
) -> Result<f64, MeasureError> {
    index(info, of, |points, labels| {
        let found = silhouette(points, labels, Sample { rows, seed: 0 }, 1, &Silent);
        found.expect("nothing stops it").map(|s| s.mean)
    })
}
