//! What the boosting learners share: the choice of loss, rows set aside, the fitted model.

use crate::binning::{Trees, binned, fit, truth};
use crate::classes::{Present, balanced};
use crate::design::{Features, finite, weights};
use crate::parameters::within;
use crate::sound::count;
use ruska_core::{
    Contributions, FitError, Frame, Link, Predict, PredictError, Predictions, Rng, RunContext,
    Train,
};
use ruska_kernels::trees::loss::{
    Gamma, Huber, Logistic, Loss, Poisson, Quantile, Softmax, Squared, Tweedie,
};
use ruska_kernels::trees::{BinnedColumn, BoostParams, Data};
use serde::{Deserialize, Serialize};

/// Share of the training rows set aside for early stopping.
pub(crate) const VALID_SHARE: f64 = 0.15;
/// Most rows set aside.
const VALID_MOST: f64 = 20_000.0;
/// With fewer rows none are set aside.
pub(crate) const VALID_LEAST_ROWS: usize = 40;
/// Most trees of a fit that stops early, as every round makes one for each of several classes.
pub(crate) const MOST_TREES: usize = 6000;

/// What regression minimises; classes are fitted by their log loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Objective {
    /// Squared error: the mean.
    #[default]
    Squared,
    /// Absolute error: the median.
    Absolute,
    /// Squared near the truth, absolute for the tenth of the rows that is farthest.
    Huber,
    /// Pinball loss: the quantile asked for.
    Quantile,
    /// Poisson deviance, logarithmic: counts.
    Poisson,
    /// Gamma deviance, logarithmic: positive amounts.
    Gamma,
    /// Tweedie deviance, logarithmic: many zeros and a heavy tail.
    Tweedie,
}

impl Objective {
    /// Whether scores are logarithms.
    pub(crate) fn logarithmic(self) -> bool {
        matches!(self, Self::Poisson | Self::Gamma | Self::Tweedie)
    }

    /// Fails on a target that the loss cannot take.
    pub(crate) fn check(self, y: &[f64]) -> Result<(), FitError> {
        let (bad, least): (fn(&f64) -> bool, _) = match self {
            Self::Poisson | Self::Tweedie => (|y| *y < 0.0, "not negative"),
            Self::Gamma => (|y| *y <= 0.0, "positive"),
            _ => return Ok(()),
        };
        let Some(y) = y.iter().find(|y| bad(y)) else { return Ok(()) };
        let name = format!("{self:?}").to_lowercase();
        Err(FitError::Data(format!(
            "the target holds {y}, and the loss `{name}` takes only numbers that are {least}; choose another loss"
        )))
    }

    /// The loss of some numbers.
    pub(crate) fn of(self, shape: &Shape, y: &[f64], w: Option<&[f64]>) -> Box<dyn Loss> {
        match self {
            Self::Squared => Box::new(Squared::new(y, w)),
            Self::Absolute => Box::new(Quantile::absolute(y, w)),
            Self::Huber => Box::new(Huber::new(0.9, y, w)),
            Self::Quantile => Box::new(Quantile::new(shape.quantile, y, w)),
            Self::Poisson => Box::new(Poisson::new(y, w)),
            Self::Gamma => Box::new(Gamma::new(y, w)),
            Self::Tweedie => Box::new(Tweedie::new(shape.power, y, w)),
        }
    }
}

/// A loss and its numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) objective: Objective,
    pub(crate) quantile: f64,
    pub(crate) power: f64,
}

impl Shape {
    /// Squared error.
    pub(crate) const SQUARED: Self =
        Self { objective: Objective::Squared, quantile: 0.5, power: 1.5 };

    /// Fails when the numbers are out of range.
    pub(crate) fn check(&self, id: &str) -> Result<(), FitError> {
        within(id, "quantile", self.quantile, 0.001, 0.999)?;
        within(id, "power", self.power, 1.01, 1.99).map(|_| ())
    }
}

/// How to boost: for the kernel, and what is decided around it.
pub(crate) struct Plan<'a> {
    pub(crate) id: &'a str,
    pub(crate) shape: Shape,
    pub(crate) params: BoostParams,
    pub(crate) bins: usize,
    pub(crate) early_stop: bool,
    /// How far classes are brought to one weight, 0 to 1.
    pub(crate) class_balance: f64,
    /// Names of columns with which scores must rise, and fall.
    pub(crate) increasing: &'a str,
    pub(crate) decreasing: &'a str,
}

/// A fitted booster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BoostedModel {
    trees: Trees,
    rounds: u32,
    /// Scores are logarithms of means.
    #[serde(default)]
    logarithmic: bool,
}

/// Boosts by a plan that depends on the number of rows and of scores per row.
pub(crate) fn boosted<'a>(
    train: &Train<'_>,
    ctx: &RunContext<'_>,
    plan: impl FnOnce(usize, usize) -> Result<Plan<'a>, FitError>,
) -> Result<BoostedModel, FitError> {
    let w = weights(train)?;
    let rows = train.rows.len();
    let outputs = match train.y {
        ruska_core::Target::Values(_) => 1,
        _ => truth(train, &w, "boosting")?.0.map_or(1, |c| c.outputs()),
    };
    let mut plan = plan(rows, outputs)?;
    let w = balanced(train, w, plan.class_balance, plan.id)?;
    let (classes, y) = truth(train, &w, plan.id)?;
    let w = Some(w).filter(|w| w.iter().any(|w| *w != 1.0));
    let w = w.as_deref();
    plan.shape.check(plan.id)?;
    if classes.is_none() {
        plan.shape.objective.check(&y)?;
    } else if plan.shape.objective != Objective::Squared {
        let why = "`loss` is for numbers, and the target is classes".to_owned();
        return Err(FitError::Params { id: plan.id.to_owned(), why });
    }
    let features = Features::of(train.x);
    let columns = binned(train, &features, plan.bins, true, ctx)?;
    plan.params.monotone = directions(&features, &plan, &columns)?;
    plan.params.threads = ctx.threads();
    let of = |y: &[f64], w: Option<&[f64]>| -> Box<dyn Loss> {
        match &classes {
            None => plan.shape.objective.of(&plan.shape, y, w),
            Some(classes) if classes.len() == 2 => Box::new(Logistic::new(y, w)),
            Some(classes) => Box::new(Softmax::new(classes.len(), y, w)),
        }
    };
    let done = if plan.early_stop && rows >= VALID_LEAST_ROWS {
        let codes = classes.as_ref().map(|_| &y[..]);
        let (learn, valid) = set_aside(rows, codes, &mut ctx.rng());
        let (learn, valid) = (Part::of(&columns, &y, w, &learn), Part::of(&columns, &y, w, &valid));
        let loss = of(&learn.y, learn.weights.as_deref());
        fit(&*loss, &learn.data(), Some(&valid.data()), &plan.params, ctx)?
    } else {
        if plan.early_stop {
            // Too few rows to set some aside: about as far as larger tables usually go.
            let usual = (3.0 / plan.params.learning_rate).ceil() as usize;
            plan.params.rounds = plan.params.rounds.min(usual);
        }
        let data = Data { columns: &columns, y: &y, weights: w, offset: None };
        fit(&*of(&y, w), &data, None, &plan.params, ctx)?
    };
    let logarithmic = classes.is_none() && plan.shape.objective.logarithmic();
    let trees = Trees::new(features, classes, done.model);
    Ok(BoostedModel { trees, rounds: done.rounds as u32, logarithmic })
}

/// For each column the direction in which scores must go with it; empty if none has one.
fn directions(
    features: &Features,
    plan: &Plan<'_>,
    columns: &[BinnedColumn],
) -> Result<Vec<i8>, FitError> {
    let mut directions = vec![];
    for (parameter, names, direction) in
        [("increasing", plan.increasing, 1), ("decreasing", plan.decreasing, -1)]
    {
        for name in names.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let at = features.dense_names().iter().position(|n| n == name);
            let Some(at) = at else {
                let why =
                    format!("`{parameter}` names `{name}`, which is no column of the learner");
                return Err(FitError::Params { id: plan.id.to_owned(), why });
            };
            if columns[at].is_categorical() {
                let why =
                    format!("`{parameter}` names `{name}`, whose levels have no order to follow");
                return Err(FitError::Params { id: plan.id.to_owned(), why });
            }
            directions.resize(features.dense(), 0);
            if directions[at] == -direction {
                let why = format!("`{name}` is both in `increasing` and in `decreasing`");
                return Err(FitError::Params { id: plan.id.to_owned(), why });
            }
            directions[at] = direction;
        }
    }
    Ok(directions)
}

/// Rounds for a fit on all rows: the folds' mean, times the square root of how many more rows
/// there are than the folds' trees saw, as larger tables bear more rounds, but not in proportion.
pub(crate) fn refit_rounds(iterations: &[u32], growth: f64) -> i64 {
    let mean = iterations.iter().map(|&i| f64::from(i)).sum::<f64>() / iterations.len() as f64;
    (mean * (growth / (1.0 - VALID_SHARE)).sqrt()).round().clamp(1.0, 1e5) as i64
}

/// Some of the training rows.
struct Part {
    columns: Vec<BinnedColumn>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Part {
    fn of(columns: &[BinnedColumn], y: &[f64], weights: Option<&[f64]>, rows: &[u32]) -> Self {
        let pick = |v: &[f64]| rows.iter().map(|&r| v[r as usize]).collect();
        Self {
            columns: BinnedColumn::take_all(columns, rows),
            y: pick(y),
            weights: weights.map(pick),
        }
    }

    fn data(&self) -> Data<'_> {
        Data { columns: &self.columns, y: &self.y, weights: self.weights.as_deref(), offset: None }
    }
}

/// Splits `0..n` at random into rows to learn from and rows that the boosting learners set aside to
/// tell when to stop, both ascending: 15 %, but at most 20,000. With `codes`, the class of each
/// row, every class gives its share, and none gives its only row.
pub fn set_aside(n: usize, codes: Option<&[f64]>, rng: &mut Rng) -> (Vec<u32>, Vec<u32>) {
    let share = VALID_SHARE.min(VALID_MOST / n as f64);
    let mut order: Vec<u32> = (0..n as u32).collect();
    rng.shuffle(&mut order);
    if let Some(codes) = codes {
        order.sort_by(|&a, &b| codes[a as usize].total_cmp(&codes[b as usize]));
    }
    let strata = order.chunk_by(|&a, &b| codes.is_none_or(|c| c[a as usize] == c[b as usize]));
    let (mut learn, mut valid) = (vec![], vec![]);
    for rows in strata {
        let aside = ((rows.len() as f64 * share).round() as usize).min(rows.len() - 1);
        valid.extend_from_slice(&rows[..aside]);
        learn.extend_from_slice(&rows[aside..]);
    }
    learn.sort_unstable();
    valid.sort_unstable();
    (learn, valid)
}

/// Predictions from scores: logits of classes, or numbers, or logarithms of them.
pub(crate) fn of_scores(
    classes: Option<&Present>,
    logarithmic: bool,
    scores: Vec<f64>,
) -> Predictions {
    match classes {
        None if logarithmic => {
            let mean = |s: &f64| finite(s.exp(), f64::MAX);
            Predictions::new(1, scores.iter().map(mean).collect())
        }
        None => Predictions::new(1, scores),
        Some(classes) => classes.of_logits(&scores),
    }
}

impl Predict for BoostedModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let scores = self.trees.scores(x, rows)?;
        Ok(of_scores(self.trees.classes.as_ref(), self.logarithmic, scores))
    }

    fn iterations(&self) -> Option<u32> {
        Some(self.rounds)
    }

    fn contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Result<Option<Contributions>, PredictError> {
        let said = match &self.trees.classes {
            None if self.logarithmic => (Link::Log, vec![]),
            None => (Link::Identity, vec![]),
            Some(classes) => classes.link(),
        };
        self.trees.contributions(said, x, (background, rows)).map(Some)
    }

    fn validate(&self) -> Result<(), String> {
        self.trees.validate()?;
        count("trees", self.trees.model.trees(), [self.rounds as usize, self.trees.outputs()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_set_aside_are_spread_over_the_classes() {
        let codes: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i % 10 == 0))).collect();
        let (learn, valid) = set_aside(200, Some(&codes), &mut Rng::new(1));
        assert_eq!((learn.len(), valid.len()), (170, 30));
        assert_eq!(valid.iter().filter(|&&r| codes[r as usize] == 1.0).count(), 3);
        let mut all = [learn, valid].concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..200));
        let only = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert!(set_aside(8, Some(&only), &mut Rng::new(2)).0.contains(&7));
    }
}
