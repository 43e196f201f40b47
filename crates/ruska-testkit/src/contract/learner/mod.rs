//! Checks of learners. A learner meets raw data through the mandatory steps of its catalog.

pub(super) mod awkward;
pub(super) mod declared;
pub(super) mod repeatable;
pub(super) mod rows;
pub(super) mod skill;
pub(super) mod weights;

use super::compare::well_formed;
use super::{Outcome, calm, must};
use crate::pipeline_for;
use crate::tasks::{Recipe, halves};
use ruska_core::{
    Catalog, FitError, FittedModel, FittedPipeline, Frame, Learner, NeverStop, Params, RunContext,
    Task, TaskKind, Train,
};
use std::sync::Arc;

/// A learner under contract.
pub struct LearnerCase {
    /// Where its steps come from.
    pub catalog: Catalog,
    /// The learner.
    pub learner: Arc<dyn Learner>,
    /// Parameters under which a fit draws no sample, stops at a fixed iteration and counts weight
    /// where it could count rows: then a weight of k equals k repetitions.
    pub exact: Params,
}

/// A fitted pipeline and the frame as its learner saw it.
struct Fitted {
    pipeline: FittedPipeline,
    frame: Frame,
}

impl LearnerCase {
    /// The case of a learner of a catalog.
    ///
    /// Panics when the catalog has no such learner.
    pub fn new(catalog: Catalog, id: &str, exact: Params) -> Self {
        let learner = catalog.learner(id).expect("the catalog has the learner").clone();
        Self { catalog, learner, exact }
    }

    /// One recipe for each shape of task that the learner takes.
    fn recipes(&self) -> Vec<Recipe> {
        let info = self.learner.info();
        let mut recipes = vec![];
        if info.tasks.contains(&TaskKind::Classification) {
            recipes.push(Recipe::binary(11));
            if info.multiclass {
                recipes.push(Recipe::multiclass(4, 12));
            }
        }
        if info.tasks.contains(&TaskKind::Regression) {
            recipes.push(Recipe::regression(13));
        }
        if info.tasks.contains(&TaskKind::Clustering) {
            recipes.push(Recipe::clustering(3, 14));
        }
        recipes
    }

    /// Runs a check on a task of each shape; the error names the shape.
    fn each(&self, shape: impl Fn(Recipe) -> Recipe, check: impl Fn(&Task) -> Outcome) -> Outcome {
        for recipe in self.recipes() {
            check(&shape(recipe.clone()).build())
                .map_err(|why| format!("{}: {why}", recipe.title()))?;
        }
        Ok(())
    }

    fn fit_on(
        &self,
        task: &Task,
        rows: &[u32],
        params: &Params,
        ctx: &RunContext<'_>,
    ) -> Result<Fitted, FitError> {
        let mut candidate = pipeline_for(&self.catalog, self.learner.info(), task);
        candidate.params.clone_from(params);
        let (pipeline, frame) = FittedPipeline::fit(&self.catalog, &candidate, task, rows, ctx)?;
        Ok(Fitted { pipeline, frame })
    }

    /// Fits default parameters on the rows, which must succeed.
    fn fit(&self, task: &Task, rows: &[u32]) -> Result<Fitted, String> {
        let ctx = RunContext::new(7, &NeverStop);
        must("fit", || self.fit_on(task, rows, &Params::new(), &ctx))
    }

    /// The frame as the learner sees it after steps fitted on the training half.
    fn prepared(&self, task: &Task) -> Result<Frame, String> {
        Ok(self.fit(task, &halves(task.rows()).0)?.frame)
    }

    /// Fits the learner alone on a prepared frame, which must succeed.
    fn fit_prepared(
        &self,
        params: &Params,
        train: Train<'_>,
    ) -> Result<Box<dyn FittedModel>, String> {
        let ctx = RunContext::new(7, &NeverStop);
        must("fit", || self.learner.fit(params, train, &ctx))
    }

    /// Fits default parameters on the rows and predicts all rows; both must succeed.
    fn fits(&self, what: &str, task: &Task, rows: &[u32]) -> Outcome {
        let fitted = self.fit(task, rows).map_err(|why| format!("{what}: {why}"))?;
        let p = must(&format!("{what}: predict"), || fitted.pipeline.predict(&task.x))?;
        well_formed(what, &p, task, task.rows())
    }

    /// Fits and predicts: each may return an error, neither may panic or be ill-formed. Returns
    /// whether there were predictions.
    fn survives(
        &self,
        what: &str,
        task: &Task,
        rows: &[u32],
        params: &Params,
    ) -> Result<bool, String> {
        let ctx = RunContext::new(7, &NeverStop);
        let fit = || self.fit_on(task, rows, params, &ctx);
        let Ok(fitted) = calm(&format!("{what}: fit"), fit)? else {
            return Ok(false);
        };
        let predict = || fitted.pipeline.predict(&task.x);
        match calm(&format!("{what}: predict"), predict)? {
            Ok(p) => well_formed(what, &p, task, task.rows()).map(|()| true),
            Err(_) => Ok(false),
        }
    }
}
