//! An additive model of boosted bins: a curve for each feature, and for some pairs a surface.
//!
//! Wins where a model must be seen through: everything it knows can be drawn, and on many tables it
//! predicts about as well as boosted trees. Fails where three or more features must meet, and on wide
//! tables it is slow. Each curve is moved round by round by small trees on quantile bins; missing
//! values have a bin of their own, levels without an order too, drawn to nothing where they are rare.
//! Several bags of the rows are fitted, each stopped early by the rows it sets aside, and averaged.
//! Cost O(rounds · bags · classes · rows · features), after O(rows · features) for binning once a
//! study. Handles missing values, infinities and weights; levels come encoded and text as dense columns.
//!
//! Reference: Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise interactions",
//! KDD 2013; Nori, Jenkins, Koch, Caruana, "InterpretML", 2019.

use crate::binning::{binned, truth};
use crate::boosting::{Objective, Shape as LossShape, VALID_LEAST_ROWS, of_scores, set_aside};
use crate::bridge::{Watch, stopped};
use crate::classes::{Present, balanced};
use crate::design::{Features, encoded_width, finite, weights};
use crate::parameters::{at_least, is_default, within};
use crate::sound::count;
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Link, Need, Places, Predict,
    PredictError, Predictions, RunContext, Shape, ShapeAxis, Shapes, Space, TaskKind, TaskMeta,
    Train,
};
use ruska_kernels::trees::Data;
use ruska_kernels::trees::additive::{Additive, AdditiveParams, Aside, Bins, Table, additive};
use ruska_kernels::trees::loss::{Logistic, Loss, Softmax};
use serde::{Deserialize, Serialize};

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gam;

/// Its parameters. What is left out of `bags` and `pairs` depends on the task.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GamParams {
    /// Factor on every step, > 0, ≤ 1.
    learning_rate: f64,
    /// Features are moved only while their step gains at least this part of the best one's, 0 to 1.
    greed: f64,
    patience: f64,
    /// Most leaves of a step, ≥ 2.
    max_leaves: i64,
    /// Least number of average rows in a leaf, ≥ 1.
    min_leaf: i64,
    /// As if so many rows that say nothing were in every level and among the missing values, ≥ 0.
    level_rows: f64,
    /// L2 penalty on steps, ≥ 0.
    l2: f64,
    /// Most bins of a column, 2 to 254.
    max_bins: i64,
    /// Most rounds, ≥ 1; all of them are made without early stopping.
    max_rounds: i64,
    /// Each bag stops when the rows it sets aside are no longer predicted better.
    early_stop: bool,
    /// Fits that are averaged, each on 85 % of the rows, ≥ 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    bags: Option<i64>,
    /// Most pairs of features, ≥ 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<i64>,
    /// Most bins of a feature in a pair, 2 to 128.
    pair_bins: i64,
    /// How far classes are brought to one weight: 0 not at all, 1 so that each weighs the same.
    #[serde(skip_serializing_if = "is_default")]
    class_balance: f64,
    /// What regression minimises: any but `absolute` and `quantile`.
    #[serde(skip_serializing_if = "is_default")]
    loss: Objective,
    /// The power of the loss `tweedie`, 1.01 to 1.99; 1.5 if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    power: Option<f64>,
}

impl Default for GamParams {
    fn default() -> Self {
        Self {
            learning_rate: 0.2,
            greed: 0.0,
            patience: 5.0,
            max_leaves: 2,
            min_leaf: 10,
            level_rows: 10.0,
            l2: 0.0,
            max_bins: 254,
            max_rounds: 10_000,
            early_stop: true,
            bags: None,
            pairs: None,
            pair_bins: 32,
            class_balance: 0.0,
            loss: Objective::Squared,
            power: None,
        }
    }
}

impl GamParams {
    fn additive(&self, features: usize, ctx: &RunContext<'_>) -> Result<AdditiveParams, FitError> {
        let id = Gam::INFO.id;
        let rate = within(id, "learning_rate", self.learning_rate, 1e-6, 1.0)?;
        let pairs = self.pairs.unwrap_or(usual_pairs(features));
        Ok(AdditiveParams {
            rounds: at_least(id, "max_rounds", self.max_rounds, 1)?,
            learning_rate: rate,
            greed: within(id, "greed", self.greed, 0.0, 1.0)?,
            leaves: at_least(id, "max_leaves", self.max_leaves, 2)?,
            min_rows: at_least(id, "min_leaf", self.min_leaf, 1)? as u32,
            l2: within(id, "l2", self.l2, 0.0, f64::MAX)?,
            level_rows: within(id, "level_rows", self.level_rows, 0.0, f64::MAX)?,
            pairs: at_least(id, "pairs", pairs, 0)?,
            pair_bins: at_least(id, "pair_bins", self.pair_bins, 2)?.min(128),
            patience: (self.patience / rate).clamp(5.0, 200.0),
            threads: ctx.threads(),
        })
    }

    fn bags(&self, rows: usize) -> Result<usize, FitError> {
        at_least(Gam::INFO.id, "bags", self.bags.unwrap_or(usual_bags(rows)), 1)
    }
}

/// Bags that suit a number of rows.
fn usual_bags(rows: usize) -> i64 {
    if rows < VALID_LEAST_ROWS { 1 } else { 8 }
}

/// Pairs that suit a number of features.
fn usual_pairs(features: usize) -> i64 {
    (3 * features as i64).min(60)
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GamModel {
    features: Features,
    classes: Option<Present>,
    /// Scores are logarithms of means.
    logarithmic: bool,
    model: Additive,
}

impl Algorithm for Gam {
    type Params = GamParams;
    type Model = GamModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "gam",
        summary: "Additive model of boosted bins: a curve per feature and some pairs",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::Dates, Need::Text, Need::FewLevels, Need::ManyLevels],
        geometry: Geometry::Splits,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 25,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Lou, Caruana, Gehrke, Hooker, Accurate intelligible models with pairwise interactions, KDD 2013",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let pairs = usual_pairs(meta.features());
        Space::new()
            .log_float("learning_rate", 0.01, 0.2, 0.05)
            .int("max_leaves", 2, 8, 2)
            .log_int("min_leaf", 1, 100, 10)
            .log_float("level_rows", 1.0, 100.0, 10.0)
            .int("pairs", 0, (2 * pairs).max(10), pairs)
    }

    fn cost(&self, params: &GamParams, meta: &TaskMeta) -> Cost {
        let (rows, columns) = (meta.rows as f64, encoded_width(meta));
        let outputs = meta.outputs() as f64;
        let rate = params.learning_rate.clamp(1e-3, 1.0);
        let most = params.max_rounds.clamp(1, 100_000) as f64;
        let rounds = if params.early_stop { (20.0 / rate).min(most) } else { most };
        let bags = params.bags.unwrap_or(usual_bags(meta.rows)).clamp(1, 1000) as f64;
        let pairs = usual_pairs(encoded_width(meta) as usize);
        let pairs = params.pairs.unwrap_or(pairs).clamp(0, 100_000) as f64;
        let of_columns = columns * (3.0 * rows + 1500.0);
        let of_pairs = pairs * (4.0 * rows + 15_000.0);
        let ranking = if pairs > 0.0 {
            columns.min(64.0).powi(2) / 2.0 * (1.5 * rows + 15_000.0)
        } else {
            0.0
        };
        Cost {
            work: bags * (outputs * rounds * (of_columns + of_pairs) + ranking)
                + 30.0 * rows * columns
                + 1e4,
            bytes: rows * (3.0 * columns + bags * (12.0 + 8.0 * outputs))
                + bags * outputs * (4096.0 * columns + 3e4 * pairs),
        }
    }

    fn fit(
        &self,
        params: &GamParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<GamModel, FitError> {
        let id = Self::INFO.id;
        let features = Features::of(train.x);
        if features.width() > features.dense() {
            let why = format!("`{id}` takes no sparse blocks; make their columns dense");
            return Err(FitError::Data(why));
        }
        let w = balanced(&train, weights(&train)?, params.class_balance, id)?;
        let (classes, y) = truth(&train, &w, id)?;
        let w = Some(w).filter(|w| w.iter().any(|w| *w != 1.0));
        let w = w.as_deref();
        let loss = loss(params, classes.as_ref(), &y, w)?;
        let bins = at_least(id, "max_bins", params.max_bins, 2)?.min(254);
        let columns = binned(&train, &features, bins, true, ctx)?;
        let mut how = params.additive(columns.len(), ctx)?;
        let rows = y.len();
        let bags = params.bags(rows)?;
        let stops = params.early_stop && rows >= VALID_LEAST_ROWS;
        if params.early_stop && !stops {
            // Too few rows to set some aside: about as far as larger tables usually go.
            how.rounds = how.rounds.min((3.0 / how.learning_rate).ceil() as usize);
        }
        let codes = classes.as_ref().map(|_| &y[..]);
        let asides: Vec<Aside> = (0..bags as u64)
            .map(|bag| {
                let some = stops || bags > 1;
                let rows = some.then(|| set_aside(rows, codes, &mut ctx.part(bag).rng()).1);
                Aside { rows: rows.unwrap_or_default(), stops }
            })
            .collect();
        let data = Data { columns: &columns, y: &y, weights: w, offset: None };
        let model = additive(&*loss, &data, &asides, &how, &Watch(ctx));
        let model = model.map_err(|s| stopped(ctx, s))?;
        let logarithmic = classes.is_none() && params.loss.logarithmic();
        Ok(GamModel { features, classes, logarithmic, model })
    }
}

/// What is minimised. Fails on a loss that does not suit the target or the learner.
fn loss(
    params: &GamParams,
    classes: Option<&Present>,
    y: &[f64],
    w: Option<&[f64]>,
) -> Result<Box<dyn Loss>, FitError> {
    let refuse = |why: &str| FitError::Params { id: Gam::INFO.id.to_owned(), why: why.to_owned() };
    let power = params.power.unwrap_or(1.5);
    let shape = LossShape { objective: params.loss, power, ..LossShape::SQUARED };
    shape.check(Gam::INFO.id)?;
    Ok(match classes {
        Some(_) if params.loss != Objective::Squared => {
            return Err(refuse("`loss` is for numbers, and the target is classes"));
        }
        Some(classes) if classes.len() == 2 => Box::new(Logistic::new(y, w)),
        Some(classes) => Box::new(Softmax::new(classes.len(), y, w)),
        None if matches!(params.loss, Objective::Absolute | Objective::Quantile) => {
            return Err(refuse("`loss` must have a curvature; `huber` is the nearest that has"));
        }
        None => {
            params.loss.check(y)?;
            params.loss.of(&shape, y, w)
        }
    })
}

impl Predict for GamModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        let mut scores = vec![0.0; rows.len() * self.model.outputs()];
        self.model.predict(&columns.dense, rows, &mut scores);
        scores.iter_mut().for_each(|s| *s = finite(*s, 0.0));
        Ok(of_scores(self.classes.as_ref(), self.logarithmic, scores))
    }

    fn iterations(&self) -> Option<u32> {
        Some(self.model.rounds())
    }

    fn shapes(&self) -> Option<Shapes> {
        let names = self.features.dense_names();
        let columns = self.model.columns();
        let own = |(c, table): (usize, &Table)| shape(vec![axis(&names[c], &columns[c])], table);
        let pair = |(at, table): ([usize; 2], &Table)| {
            shape(at.map(|c| grouped(&names[c], &columns[c])).into(), table)
        };
        let mains = self.model.mains().iter().enumerate().filter(|(_, t)| !t.scores.is_empty());
        let (link, classes) = match &self.classes {
            None if self.logarithmic => (Link::Log, vec![]),
            None => (Link::Identity, vec![]),
            Some(classes) => classes.link(),
        };
        Some(Shapes {
            link,
            classes,
            intercept: self.model.intercept().to_vec(),
            terms: mains.map(own).chain(self.model.pairs().map(pair)).collect(),
        })
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        count("columns", self.model.columns().len(), [self.features.width(), 1])?;
        count("columns", self.features.dense(), [self.features.width(), 1])?;
        let outputs = self.classes.as_ref().map_or(1, Present::outputs);
        count("outputs", self.model.outputs(), [outputs, 1])
    }
}

fn shape(axes: Vec<ShapeAxis>, table: &Table) -> Shape {
    let widened = |v: &[f32]| v.iter().map(|v| f64::from(*v)).collect();
    Shape {
        axes,
        scores: table.scores.clone(),
        weights: widened(&table.weights),
        deviations: widened(&table.deviations),
    }
}

fn axis(name: &str, bins: &Bins) -> ShapeAxis {
    let places = if bins.is_levels() {
        Places::Codes((0..=bins.cuts().len() as u32).collect())
    } else {
        Places::Numbers(bins.cuts().to_vec())
    };
    ShapeAxis { column: name.to_owned(), places, coded: None }
}

/// The axis of a pair.
fn grouped(name: &str, bins: &Bins) -> ShapeAxis {
    let own = &bins.groups()[..bins.groups().len() - 1];
    let places = if bins.is_levels() {
        let mut levels: Vec<u32> = (0..own.len() as u32).collect();
        levels.sort_by_key(|&level| own[level as usize]);
        Places::Codes(levels)
    } else {
        let ends = own.windows(2).zip(bins.cuts()).filter(|(groups, _)| groups[0] != groups[1]);
        Places::Numbers(ends.map(|(_, cut)| *cut).collect())
    };
    ShapeAxis { column: name.to_owned(), places, coded: None }
}
