//! Learners: typed for their authors, erased for the engine.
//!
//! An author writes a struct implementing [`Algorithm`] with plain parameter and model types; the
//! engine sees `dyn Learner`. Everything the engine needs to know is declared in [`LearnerInfo`].

use crate::{
    Contributions, Equation, FitError, Frame, LoadError, Params, PredictError, Predictions, Rules,
    RunContext, Shapes, Space, Target, TaskKind, TaskMeta, Value, codec,
};
use serde::{Serialize, de::DeserializeOwned};

/// Something a task may have that a learner cannot take as it is. Steps declare which they close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// Points in time are to become numbers.
    Dates,
    /// Free text is to become numbers.
    Text,
    /// Categoricals with few levels are to become numbers.
    FewLevels,
    /// The other categoricals are to become numbers.
    ManyLevels,
    /// Missing numbers are to be filled.
    Missing,
    /// Numbers are to be brought to one scale.
    Scale,
}

impl Need {
    /// In the order in which steps close them.
    pub const ALL: [Self; 6] =
        [Self::Dates, Self::Text, Self::FewLevels, Self::ManyLevels, Self::Missing, Self::Scale];
}

/// How a learner sees numbers; it decides which encodings suit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geometry {
    /// Only their order matters.
    Splits,
    /// Their size and distance matter.
    Metric,
}

/// What a learner declares about itself.
#[derive(Clone, Debug)]
pub struct LearnerInfo {
    /// The name in options, files and leaderboards: the name of its file.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// Tasks it can do.
    pub tasks: &'static [TaskKind],
    /// What it cannot take as it is.
    pub needs: &'static [Need],
    /// Which encodings suit it.
    pub geometry: Geometry,
    /// Takes sparse blocks.
    pub sparse: bool,
    /// Uses row weights.
    pub weights: bool,
    /// Takes more than two classes.
    pub multiclass: bool,
    /// Rank of simplicity: 0 for a constant, higher for what is harder to explain.
    pub complexity: u8,
    /// Why equal seeds may give different models; `None` when they never do.
    pub nondeterministic: Option<&'static str>,
    /// Why it may overrun its deadline; `None` when it checks often enough.
    pub uncooperative: Option<&'static str>,
    /// The least number it can learn to predict; `None` when there is no bound.
    pub least_target: Option<f64>,
    /// Only used when asked for by name.
    pub opt_in: bool,
    /// Paper or documentation the method comes from.
    pub reference: &'static str,
}

impl LearnerInfo {
    /// Whether it can do a task.
    pub fn takes(&self, meta: &TaskMeta) -> bool {
        self.tasks.contains(&meta.kind)
            && (self.multiclass || meta.n_classes <= 2)
            && self.least_target.is_none_or(|least| meta.least_target >= least)
    }
}

/// What a fit is expected to cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Work units: about one nanosecond each on one core of a recent machine.
    pub work: f64,
    /// Bytes of memory beyond the data.
    pub bytes: f64,
}

/// Training data of one fit: rows of a frame.
#[derive(Clone, Copy, Debug)]
pub struct Train<'a> {
    /// Features of all rows of the study.
    pub x: &'a Frame,
    /// The rows to learn from, at least one, each below `x.rows()`.
    pub rows: &'a [u32],
    /// Truth of all rows of the study; only `rows` may be looked at.
    pub y: &'a Target,
    /// Weight of all rows of the study.
    pub weights: Option<&'a [f64]>,
}

impl Train<'_> {
    /// Weight of each training row, in the order of `rows`; ones where there are none.
    pub fn row_weights(&self) -> Vec<f64> {
        self.weights.map_or_else(
            || vec![1.0; self.rows.len()],
            |w| self.rows.iter().map(|&r| w[r as usize]).collect(),
        )
    }
}

/// A fitted model as its author writes it.
pub trait Predict: Send + Sync {
    /// Predictions for some rows of a frame prepared as the training frame was.
    ///
    /// Fails when the frame does not have the columns the model was fitted on.
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError>;

    /// Iterations after which fitting stopped, for learners that stop early.
    fn iterations(&self) -> Option<u32> {
        None
    }

    /// What the model says of its columns, for models that are linear in them.
    fn equation(&self) -> Option<Equation> {
        None
    }

    /// What each column of a prepared frame adds to the scores of the given rows, exactly, beside their mean
    /// over the background rows; `None` for models of which that is not known.
    ///
    /// Fails as [`Self::predict`] does.
    fn contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Result<Option<Contributions>, PredictError> {
        Ok(self.equation().and_then(|equation| equation.contributions(x, background, rows)))
    }

    /// The same of the logarithms of probabilities, for models of classes whose scores are probabilities: of
    /// two classes of the log-odds, of more of the logarithm of each. `None` for models of which that is not
    /// known.
    ///
    /// Fails as [`Self::predict`] does.
    fn log_contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Result<Option<Contributions>, PredictError> {
        let _ = (x, background, rows);
        Ok(None)
    }

    /// Names of the numbers that it says of a row beside the group, for models that find groups.
    fn beside_group(&self) -> Vec<String> {
        vec![]
    }

    /// What it tells of its own fit, by the id of a measure of the task: what no prediction shows.
    fn told(&self) -> Vec<(&'static str, f64)> {
        vec![]
    }

    /// The same model with what has come since it was fitted, by the series and periods of a task's rows;
    /// what it has seen already does not count. Nothing is fitted. `None` for models that tell no series
    /// ahead.
    fn updated(&self, x: &Frame, y: &Target) -> Option<Self>
    where
        Self: Sized,
    {
        let _ = (x, y);
        None
    }

    /// The shape functions that the model is the sum of, for models that are one.
    fn shapes(&self) -> Option<Shapes> {
        None
    }

    /// The rules that the model consists of, for models that are one tree, or one for each class.
    fn rules(&self) -> Option<Vec<Rules>> {
        None
    }

    /// What makes this state useless, if anything: parts that do not belong together, numbers that
    /// are out of range. Asked after every fit and load, so that what is fitted can be loaded, and
    /// [`Self::predict`] need not distrust a file.
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A fitted model as the engine sees it.
pub trait FittedModel: Predict {
    /// Its state for [`Learner::load`].
    fn save(&self) -> Vec<u8>;
    /// See [`Predict::updated`].
    fn with_newer(&self, x: &Frame, y: &Target) -> Option<Box<dyn FittedModel>>;
}

impl<M: Predict + Serialize + 'static> FittedModel for M {
    fn save(&self) -> Vec<u8> {
        codec::encode(self)
    }

    fn with_newer(&self, x: &Frame, y: &Target) -> Option<Box<dyn FittedModel>> {
        Some(Box::new(self.updated(x, y)?))
    }
}

/// An algorithm as its author writes it.
pub trait Algorithm: Send + Sync + 'static {
    /// Parameters; `deny_unknown_fields`, and a default for each.
    type Params: Serialize + DeserializeOwned + Default;
    /// The fitted model.
    type Model: Predict + Serialize + DeserializeOwned + 'static;
    /// What it declares.
    const INFO: LearnerInfo;

    /// The parameters worth searching on a task.
    fn space(&self, meta: &TaskMeta) -> Space;

    /// What a fit on a task of this shape is expected to cost.
    fn cost(&self, params: &Self::Params, meta: &TaskMeta) -> Cost;

    /// Fits. Pure: the result depends on the arguments and the context's seed only.
    fn fit(
        &self,
        params: &Self::Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Self::Model, FitError>;

    /// Parameters for a fit on all rows, given the iterations its fold models reached.
    /// `growth` is rows of the new fit over rows of a fold's, at least 1.
    fn refit(&self, params: Self::Params, iterations: &[u32], growth: f64) -> Self::Params {
        let _ = (iterations, growth);
        params
    }
}

/// An algorithm as the engine sees it.
pub trait Learner: Send + Sync {
    /// What it declares.
    fn info(&self) -> &LearnerInfo;
    /// See [`Algorithm::space`].
    fn space(&self, meta: &TaskMeta) -> Space;
    /// See [`Algorithm::cost`]; fails on unknown or ill-typed parameters.
    fn cost(&self, params: &Params, meta: &TaskMeta) -> Result<Cost, FitError>;
    /// See [`Algorithm::fit`]; fails on unknown or ill-typed parameters.
    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Box<dyn FittedModel>, FitError>;
    /// See [`Algorithm::refit`].
    fn refit(&self, params: &Params, iterations: &[u32], growth: f64) -> Result<Params, FitError>;
    /// Restores a model from [`FittedModel::save`].
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedModel>, LoadError>;
}

impl<A: Algorithm> Learner for A {
    fn info(&self) -> &LearnerInfo {
        &A::INFO
    }

    fn space(&self, meta: &TaskMeta) -> Space {
        Algorithm::space(self, meta)
    }

    fn cost(&self, params: &Params, meta: &TaskMeta) -> Result<Cost, FitError> {
        Ok(Algorithm::cost(self, &typed_params(A::INFO.id, params)?, meta))
    }

    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Box<dyn FittedModel>, FitError> {
        let params = typed_params(A::INFO.id, params)?;
        let model = Algorithm::fit(self, &params, train, ctx)?;
        model.validate().map_err(FitError::Numeric)?;
        Ok(Box::new(model))
    }

    fn refit(&self, params: &Params, iterations: &[u32], growth: f64) -> Result<Params, FitError> {
        let typed = Algorithm::refit(self, typed_params(A::INFO.id, params)?, iterations, growth);
        let json = serde_json::to_value(&typed).and_then(serde_json::from_value);
        json.map_err(|e| FitError::params(A::INFO.id, e))
    }

    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedModel>, LoadError> {
        let model: A::Model = codec::decode(bytes, A::INFO.id)?;
        let refuse = |why| LoadError::State { what: A::INFO.id.to_owned(), why };
        model.validate().map_err(refuse)?;
        Ok(Box::new(model))
    }
}

/// Reads parameters into the author's struct; unknown names and wrong types are named.
pub(crate) fn typed_params<T: DeserializeOwned>(id: &str, params: &Params) -> Result<T, FitError> {
    let odd = params.iter().find(|(_, v)| matches!(v, Value::Float(f) if !f.is_finite()));
    if let Some((name, value)) = odd {
        let why = format!("`{name}` is {value}; it must be a finite number");
        return Err(FitError::Params { id: id.to_owned(), why });
    }
    let json = params
        .iter()
        .map(|(k, v)| Ok((k.clone(), serde_json::to_value(v)?)))
        .collect::<Result<serde_json::Map<_, _>, serde_json::Error>>();
    json.and_then(|map| serde_json::from_value(serde_json::Value::Object(map)))
        .map_err(|e| FitError::params(id, e))
}
