//! A random forest: many deep trees, each on rows drawn with replacement, each node on some columns.
//!
//! Wins without tuning on noisy tables of any size, hardly ever overfits, and is unlike boosting, so
//! both together are better than each. Fails on smooth relations and far from the rows seen; files
//! are large.
//! Cost O(trees · rows · columns a node · log rows). Handles missing values, infinities and weights
//! (a row of whole weight k counts as k rows); categoricals come encoded.
//!
//! Reference: Breiman, "Random forests", Machine Learning 45, 2001.

use crate::forests::{ForestModel, Params, cost, grow, space};
use ruska_core::{
    Algorithm, Cost, FitError, Geometry, LearnerInfo, Need, RunContext, Space, TaskKind, TaskMeta,
    Train,
};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomForest;

impl Algorithm for RandomForest {
    type Params = Params;
    type Model = ForestModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "random_forest",
        summary: "Many deep trees on random rows and columns, averaged",
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
        reference: "Breiman, Random forests, Machine Learning 45, 2001",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        space(meta, false)
    }

    fn cost(&self, params: &Params, meta: &TaskMeta) -> Cost {
        cost(params, meta, false)
    }

    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<ForestModel, FitError> {
        grow(Self::INFO.id, params, false, &train, ctx)
    }
}
