//! Pipelines: a candidate fitted on rows, saved, loaded, and asked for predictions.

use crate::exposure::{Exposure, without};
use crate::{
    Candidate, Catalog, Coded, Equation, FitError, FittedModel, FittedStep, Frame, LoadError,
    PredictError, Predictions, Rules, RunContext, Shapes, StepInput, Target, Task, Train,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A fitted step with its id.
pub struct FittedStepEntry {
    /// Id of the step.
    pub id: String,
    /// Its state.
    pub state: Box<dyn FittedStep>,
}

/// Fitted steps and model.
pub struct FittedPipeline {
    /// Steps in order.
    pub steps: Vec<FittedStepEntry>,
    /// Id of the learner.
    pub learner: String,
    /// The fitted model.
    pub model: Box<dyn FittedModel>,
    /// The column of exposures, which predictions are multiplied by.
    pub exposure: Option<String>,
}

/// The id of a learner or step and the bytes of its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPart {
    /// Id in the catalog.
    pub id: String,
    /// Its state.
    #[serde(with = "crate::codec::packed")]
    pub state: Vec<u8>,
}

/// A pipeline as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPipeline {
    /// Steps in order.
    pub steps: Vec<SavedPart>,
    /// The learner.
    pub learner: SavedPart,
    /// The column of exposures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure: Option<String>,
}

impl FittedPipeline {
    /// Fits a candidate on some rows of a task. Also returns the frame as the learner saw it, for
    /// [`Self::predict_prepared`]: the rows that were not trained on are as they will be in
    /// prediction.
    ///
    /// Fails on ids the catalog does not have and on whatever steps or learner fail on.
    pub fn fit(
        catalog: &Catalog,
        candidate: &Candidate,
        task: &Task,
        rows: &[u32],
        ctx: &RunContext<'_>,
    ) -> Result<(Self, Frame), FitError> {
        let unknown = |kind, id: &str| FitError::Data(format!("there is no {kind} `{id}`"));
        let learner = catalog
            .learner(&candidate.learner)
            .ok_or_else(|| unknown("learner", &candidate.learner))?;
        let mut weights = task.weights.as_ref().map(|w| Cow::Borrowed(w.as_slice()));
        let mut x = task.x.clone();
        let mut y = Cow::Borrowed(&task.target);
        if let Some(column) = &task.exposure {
            let exposure = Exposure::of(&task.x, column)?;
            weights = Some(Cow::Owned(exposure.weights(weights.as_deref(), rows)));
            y = Cow::Owned(exposure.rates(&y)?);
            x = without(&task.x, Some(column)).into_owned();
        }
        let weights = weights.as_deref();
        let mut steps = vec![];
        for (i, spec) in candidate.steps.iter().enumerate() {
            ctx.check()?;
            let step = catalog.step(&spec.step).ok_or_else(|| unknown("step", &spec.step))?;
            let sparse = learner.info().sparse;
            let input = StepInput { x: &x, rows, y: &y, weights, sparse };
            let (state, frame) =
                step.fit_transform(&spec.params, input, &ctx.part(i as u64 + 1))?;
            if let Some(changed) = state.target(&y) {
                y = Cow::Owned(changed);
            }
            steps.push(FittedStepEntry { id: spec.step.clone(), state });
            x = frame;
        }
        ctx.check()?;
        let train = Train { x: &x, rows, y: &y, weights };
        let model = learner.fit(&candidate.params, train, &ctx.part(0))?;
        let exposure = task.exposure.as_deref().map(str::to_owned);
        Ok((Self { steps, learner: candidate.learner.clone(), model, exposure }, x))
    }

    /// The same pipeline with what has come since it was fitted, see [`crate::Predict::updated`]; `None`
    /// where it has steps or its model tells no series ahead.
    pub fn with_newer(&self, x: &Frame, y: &Target) -> Option<Self> {
        let model = self.model.with_newer(x, y).filter(|_| self.steps.is_empty())?;
        let (learner, exposure) = (self.learner.clone(), self.exposure.clone());
        Some(Self { steps: vec![], learner, model, exposure })
    }

    /// Predictions for all rows of a frame of features and, where there is one, the exposure.
    pub fn predict(&self, x: &Frame) -> Result<Predictions, PredictError> {
        let prepared = self.prepared(x)?;
        let rows: Vec<u32> = (0..x.rows() as u32).collect();
        self.predict_prepared(&prepared, &rows, x)
    }

    /// Predictions for some rows of a frame that the steps have transformed. `x` is the frame as it
    /// was before.
    pub fn predict_prepared(
        &self,
        prepared: &Frame,
        rows: &[u32],
        x: &Frame,
    ) -> Result<Predictions, PredictError> {
        let predicted = self.model.predict(prepared, rows)?;
        let restored = self.steps.iter().rev().fold(predicted, |p, step| step.state.restore(p));
        match &self.exposure {
            Some(column) if restored.shape() == (rows.len(), 1) => {
                Ok(Exposure::of(x, column)?.expected(&restored, rows))
            }
            _ => Ok(restored),
        }
    }

    /// The shape functions of the model, see [`crate::Predict::shapes`], of the columns before steps put
    /// them on other scales, with the levels that steps have made into numbers by name. `None` where a
    /// step bends a column or the target, or predictions are multiplied by an exposure.
    pub fn shapes(&self) -> Option<Shapes> {
        let mut shapes = self.model.shapes().filter(|_| self.exposure.is_none())?;
        for step in self.steps.iter().rev() {
            shapes.unscale(&step.state.scalings()?);
        }
        shapes.decode(&self.coded());
        Some(shapes)
    }

    /// What the model says of the columns of the table, see [`crate::Predict::equation`]; columns that
    /// steps have made go by the names they gave them. Missing numbers count as they were filled.
    /// `None` where it is not linear in them, or predictions are multiplied by an exposure.
    pub fn equation(&self) -> Option<Equation> {
        let mut equation = self.model.equation().filter(|_| self.exposure.is_none())?;
        for step in self.steps.iter().rev() {
            equation.unscale(&step.state.scalings()?);
            equation.rename(&step.state.names());
        }
        Some(equation)
    }

    /// A frame of features as the learner is to see it.
    pub fn prepared(&self, x: &Frame) -> Result<Frame, PredictError> {
        let mut prepared = without(x, self.exposure.as_deref());
        for step in &self.steps {
            prepared = Cow::Owned(step.state.transform(&prepared)?);
        }
        Ok(prepared.into_owned())
    }

    /// The rules of the model, see [`crate::Predict::rules`], with the levels that steps have made into
    /// numbers by name.
    pub fn rules(&self) -> Option<Vec<Rules>> {
        let mut rules = self.model.rules()?;
        let coded = self.coded();
        rules.iter_mut().for_each(|r| r.decode(&coded));
        Some(rules)
    }

    /// The columns of numbers that stand for levels, as the learner sees them.
    fn coded(&self) -> Vec<Coded> {
        self.steps.iter().flat_map(|s| s.state.coded()).collect()
    }

    /// Bytes of the saved state, before compression.
    pub fn size(&self) -> usize {
        let saved = self.save();
        saved.steps.iter().map(|s| s.state.len()).sum::<usize>() + saved.learner.state.len()
    }

    /// The pipeline as bytes.
    pub fn save(&self) -> SavedPipeline {
        let part = |id: &str, state| SavedPart { id: id.to_owned(), state };
        SavedPipeline {
            steps: self.steps.iter().map(|s| part(&s.id, s.state.save())).collect(),
            learner: part(&self.learner, self.model.save()),
            exposure: self.exposure.clone(),
        }
    }

    /// Restores what [`Self::save`] made.
    pub fn load(catalog: &Catalog, saved: &SavedPipeline) -> Result<Self, LoadError> {
        let mut steps = vec![];
        for part in &saved.steps {
            let step = catalog
                .step(&part.id)
                .ok_or_else(|| LoadError::UnknownId { kind: "step", id: part.id.clone() })?;
            steps.push(FittedStepEntry { id: part.id.clone(), state: step.load(&part.state)? });
        }
        let id = &saved.learner.id;
        let learner = catalog
            .learner(id)
            .ok_or_else(|| LoadError::UnknownId { kind: "learner", id: id.clone() })?;
        let model = learner.load(&saved.learner.state)?;
        Ok(Self { steps, learner: id.clone(), model, exposure: saved.exposure.clone() })
    }
}
