//! Extremely randomised trees: a forest on all rows whose nodes try one random threshold a column.
//!
//! Wins on noisy tables with many weak columns, where random thresholds smooth more than the best
//! ones, and is quicker than a random forest. Fails where few columns matter among many, and far
//! from the rows seen; files are large.
//! Cost O(trees · rows · columns a node · log rows). Handles missing values, infinities and weights
//! (a row of whole weight k counts as k rows); categoricals come encoded.
//!
//! Reference: Geurts, Ernst, Wehenkel, "Extremely randomized trees", 2006.

use crate::forests::{ForestModel, Params, cost, grow, space};
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, Need, RunContext, Space, TaskKind, TaskMeta,
    Train,
};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtraTrees;

impl Algorithm for ExtraTrees {
    type Params = Params;
    type Model = ForestModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "extra_trees",
        summary: "Many deep trees with random thresholds, averaged",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels],
        geometry: Geometry::Splits,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 55,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Geurts, Ernst, Wehenkel, Extremely randomized trees, Machine Learning 63, 2006",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        space(meta, true)
    }

    fn cost(&self, params: &Params, meta: &TaskMeta) -> Cost {
        cost(params, meta, true)
    }

    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<ForestModel, FitError> {
        grow(Self::INFO.id, params, true, &train, ctx)
    }
}
