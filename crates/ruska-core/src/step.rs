//! Preprocessing steps: typed for their authors, erased for the engine.

use crate::learner::typed_params;
use crate::{
    Coded, FitError, Frame, Geometry, LoadError, Need, Params, PredictError, Predictions,
    RunContext, Scaling, Space, Target, TaskMeta, codec,
};
use serde::{Serialize, de::DeserializeOwned};

/// Where a step stands: the steps of a pipeline come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The target is put on another scale.
    Target,
    /// Columns as they were read are tidied, or tell more than they did.
    Raw,
    /// What is not a number becomes numbers.
    Encode,
    /// Missing numbers are filled.
    Fill,
    /// Numbers are bent, or made from other numbers.
    Shape,
    /// Numbers are brought to one scale.
    Scale,
    /// Columns become fewer.
    Reduce,
}

/// What a step declares about itself.
#[derive(Clone, Debug)]
pub struct StepInfo {
    /// The name in options, files and leaderboards: the name of its file.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Where it stands in a pipeline.
    pub stage: Stage,
    /// What it closes, as the default if it stands first in the catalog among those that do.
    /// A step that closes nothing is optional.
    pub closes: &'static [Need],
    /// The learners it suits; every one if `None`.
    pub suits: Option<Geometry>,
    /// Paper or documentation the method comes from.
    pub reference: &'static str,
}

/// What a step is fitted on.
#[derive(Clone, Copy, Debug)]
pub struct StepInput<'a> {
    /// All rows of the study.
    pub x: &'a Frame,
    /// The training rows; state may depend on these only.
    pub rows: &'a [u32],
    /// Truth of all rows; only `rows` may be looked at.
    pub y: &'a Target,
    /// Weight of all rows.
    pub weights: Option<&'a [f64]>,
    /// Whether the learner takes sparse blocks.
    pub sparse: bool,
}

/// A step as its author writes it.
pub trait Preprocessor: Send + Sync + 'static {
    /// Parameters; `deny_unknown_fields`, and a default for each.
    type Params: Serialize + DeserializeOwned + Default;
    /// What fitting learned.
    type State: TransformStep + Serialize + DeserializeOwned + 'static;
    /// What it declares.
    const INFO: StepInfo;

    /// Whether it has anything to do on such a task, and the task has what it needs.
    fn helps(&self, meta: &TaskMeta) -> bool {
        let _ = meta;
        true
    }

    /// The parameters worth searching on a task.
    fn space(&self, meta: &TaskMeta) -> Space;

    /// Learns from the training rows.
    fn fit(
        &self,
        params: &Self::Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Self::State, FitError>;

    /// Learns from the training rows and transforms all rows. The training rows come out as a
    /// learner must see them in training, the others as they will be seen in prediction; the two
    /// differ where the target is used, as in out-of-fold encoding.
    fn fit_transform(
        &self,
        params: &Self::Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(Self::State, Frame), FitError> {
        let state = self.fit(params, input, ctx)?;
        let frame = state.transform(input.x)?;
        Ok((state, frame))
    }
}

/// A fitted step as its author writes it.
pub trait TransformStep: Send + Sync {
    /// The frame as it is in prediction; same rows, same order.
    ///
    /// Fails when a column the step was fitted on is not there or has another type.
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError>;

    /// The target as the learner is to see it, one per row of `y`; `None` where the step leaves it
    /// as it is.
    fn target(&self, y: &Target) -> Option<Target> {
        let _ = y;
        None
    }

    /// Predictions of what [`Self::target`] gave, as predictions of the target itself.
    fn restore(&self, predictions: Predictions) -> Predictions {
        predictions
    }

    /// The columns it makes in which a number stands for levels.
    fn coded(&self) -> Vec<Coded> {
        vec![]
    }

    /// The columns that it puts on another scale, none in most steps; `None` where a column of the same
    /// name is not linear in what it was, or the target is on another scale.
    fn scalings(&self) -> Option<Vec<Scaling>> {
        Some(vec![])
    }

    /// Columns it makes whose names do not tell what they are: parts of sparse blocks, as `block[3]`,
    /// and what they stand for.
    fn names(&self) -> Vec<(String, String)> {
        vec![]
    }

    /// What makes this state useless, if anything: parts that do not belong together, numbers that
    /// are out of range. Asked after every fit and load, so that what is fitted can be loaded, and
    /// [`Self::transform`] need not distrust a file.
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A fitted step as the engine sees it.
pub trait FittedStep: TransformStep {
    /// Its state for [`Step::load`].
    fn save(&self) -> Vec<u8>;
}

impl<S: TransformStep + Serialize> FittedStep for S {
    fn save(&self) -> Vec<u8> {
        codec::encode(self)
    }
}

/// A step as the engine sees it.
pub trait Step: Send + Sync {
    /// What it declares.
    fn info(&self) -> &StepInfo;
    /// See [`Preprocessor::helps`].
    fn helps(&self, meta: &TaskMeta) -> bool;
    /// See [`Preprocessor::space`].
    fn space(&self, meta: &TaskMeta) -> Space;
    /// See [`Preprocessor::fit_transform`]; fails on unknown or ill-typed parameters.
    fn fit_transform(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(Box<dyn FittedStep>, Frame), FitError>;
    /// Restores a state from [`FittedStep::save`].
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedStep>, LoadError>;
}

impl<P: Preprocessor> Step for P {
    fn info(&self) -> &StepInfo {
        &P::INFO
    }

    fn helps(&self, meta: &TaskMeta) -> bool {
        Preprocessor::helps(self, meta)
    }

    fn space(&self, meta: &TaskMeta) -> Space {
        Preprocessor::space(self, meta)
    }

    fn fit_transform(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(Box<dyn FittedStep>, Frame), FitError> {
        let params = typed_params(P::INFO.id, params)?;
        let (state, frame) = Preprocessor::fit_transform(self, &params, input, ctx)?;
        state.validate().map_err(FitError::Numeric)?;
        Ok((Box::new(state), frame))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedStep>, LoadError> {
        let state: P::State = codec::decode(bytes, P::INFO.id)?;
        let refuse = |why| LoadError::State { what: P::INFO.id.to_owned(), why };
        state.validate().map_err(refuse)?;
        Ok(Box::new(state))
    }
}
