//! What forecasters declare alike.

use ruska_core::{Geometry, LearnerInfo, TaskKind};

/// The facts of a forecaster with this id and rank of simplicity, which takes series as they are.
pub(crate) const fn declared(
    (id, complexity): (&'static str, u8),
    summary: &'static str,
    reference: &'static str,
) -> LearnerInfo {
    LearnerInfo {
        id,
        summary,
        tasks: &[TaskKind::Forecasting],
        needs: &[],
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference,
    }
}
