//! A learner for testing engines: it misbehaves on demand, and predicts well or badly as told.
//!
//! What it does: looks at the first real column only. Regression: the least-squares line.
//! Classification: normal densities of one common variance around the class means. The `quality`
//! knob then mixes in noise drawn from the row's value and the seed, so that candidates differ in
//! loss by a known amount while prediction stays a pure function of the row.
//! Wins when the first column tells the target; fails on everything else, by design.
//! Cost: O(rows). Handles missing values (as the mean), weights, classes without a row.
//! Reference: the debug learner of mlr3, `LearnerClassifDebug`.

use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, Rng, RunContext, Space, Target, TaskKind, TaskMeta, Train, hash,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Bytes that are asked for at once.
const PIECE: usize = 1 << 16;

/// Misbehaves by probability, predicts by `quality`.
#[derive(Clone, Copy, Debug)]
pub struct DebugLearner;

/// The knobs of [`DebugLearner`]. Probabilities are per fit and decided from the context's seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DebugParams {
    /// Probability that the fit panics, 0..=1.
    pub panic: f64,
    /// Probability that the fit returns [`FitError::Numeric`], 0..=1.
    pub error: f64,
    /// Probability that the model predicts NaN, 0..=1.
    pub nan: f64,
    /// Probability that the fit sleeps, 0..=1.
    pub sleep: f64,
    /// Milliseconds it then sleeps.
    pub sleep_ms: u64,
    /// Probability that the fit ends the process, 0..=1.
    pub abort: f64,
    /// Bytes that the fit asks for, in pieces, and gives back.
    pub allocate: u64,
    /// Whether it checks the context: before fitting, after fitting and every ms of sleep.
    pub cooperative: bool,
    /// 1 predicts as well as the first column allows, 0 predicts noise.
    pub quality: f64,
    /// Most iterations, at least 1; after each it asks whether to wrap up.
    pub rounds: u32,
    /// Declared cost in work units.
    pub work: f64,
    /// Declared cost in bytes.
    pub bytes: f64,
}

impl Default for DebugParams {
    fn default() -> Self {
        Self {
            panic: 0.0,
            error: 0.0,
            nan: 0.0,
            sleep: 0.0,
            sleep_ms: 1000,
            abort: 0.0,
            allocate: 0,
            cooperative: true,
            quality: 1.0,
            rounds: 10,
            work: 1e6,
            bytes: 1e4,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum Shape {
    /// Intercept, slope and the spread of the target.
    Line { intercept: f64, slope: f64, spread: f64 },
    /// Share and mean of each class, and the common variance within classes.
    Bells { share: Vec<f64>, mean: Vec<f64>, variance: f64 },
}

/// The model of [`DebugLearner`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DebugModel {
    /// Name of the column it looks at; predicts from the target alone where there is none.
    column: Option<String>,
    centre: f64,
    shape: Shape,
    quality: f64,
    seed: u64,
    nan: bool,
    /// Iterations it reached.
    rounds: u32,
}

impl Algorithm for DebugLearner {
    type Params = DebugParams;
    type Model = DebugModel;
    const INFO: LearnerInfo = LearnerInfo {
        id: "debug",
        summary: "panics, fails, sleeps or predicts NaN by probability; for testing engines",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &[Need::FewLevels, Need::ManyLevels, Need::Missing],
        geometry: Geometry::Metric,
        sparse: true,
        weights: true,
        multiclass: true,
        complexity: 1,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: true,
        reference: "mlr3, LearnerClassifDebug",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("quality", 0.0, 1.0, 1.0).int("rounds", 1, 100, 10)
    }

    fn cost(&self, params: &DebugParams, _: &TaskMeta) -> Cost {
        Cost { work: params.work, bytes: params.bytes }
    }

    fn fit(
        &self,
        params: &DebugParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<DebugModel, FitError> {
        let check = || if params.cooperative { ctx.check() } else { Ok(()) };
        check()?;
        if !(0.0..=1.0).contains(&params.quality) {
            let why = format!("quality is {}, expected 0 to 1", params.quality);
            return Err(FitError::Params { id: Self::INFO.id.into(), why });
        }
        if let Target::Groups(_) | Target::Series(_) = train.y {
            return Err(FitError::Data("there is no truth".into()));
        }
        let mut rng = ctx.rng();
        let mut roll = |probability: f64| rng.unit() < probability;
        let (panics, errs) = (roll(params.panic), roll(params.error));
        let (nan, sleeps) = (roll(params.nan), roll(params.sleep));
        if roll(params.abort) {
            std::process::abort();
        }
        let pieces = (0..params.allocate.div_ceil(PIECE as u64)).map(|_| vec![0_u8; PIECE]);
        std::hint::black_box(pieces.collect::<Vec<_>>());
        if sleeps {
            for _ in 0..params.sleep_ms {
                check()?;
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        assert!(!panics, "the debug learner panics, as it was told to");
        if errs {
            return Err(FitError::Numeric("the debug learner fails, as it was told to".into()));
        }
        let mut rounds = 1;
        while !ctx.wrap_up() && rounds < params.rounds {
            rounds += 1;
            check()?;
        }
        let model = DebugModel { rounds, ..fit(params, train, ctx.seed(), nan) };
        check()?;
        Ok(model)
    }

    fn refit(&self, params: DebugParams, iterations: &[u32], growth: f64) -> DebugParams {
        let most = iterations.iter().copied().max().unwrap_or(params.rounds);
        DebugParams { rounds: (f64::from(most) * growth).ceil() as u32, ..params }
    }
}

/// Weight of each training row; ones where all weigh nothing.
pub(crate) fn weights(train: Train<'_>) -> Vec<f64> {
    let weights = train.row_weights();
    if weights.iter().all(|w| *w == 0.0) { vec![1.0; weights.len()] } else { weights }
}

fn fit(params: &DebugParams, train: Train<'_>, seed: u64, nan: bool) -> DebugModel {
    let field = train.x.fields().iter().find(|f| f.floats().is_some());
    let values = field.and_then(|f| f.floats());
    let w = weights(train);
    let total: f64 = w.iter().sum();
    let raw = |r: u32| values.map_or(0.0, |v| v[r as usize]);
    let known = || train.rows.iter().zip(&w).filter(|(r, _)| raw(**r).is_finite());
    let mass: f64 = known().map(|(_, w)| w).sum();
    let sum: f64 = known().map(|(r, w)| w * raw(*r)).sum();
    let centre = if mass > 0.0 { sum / mass } else { 0.0 };
    let x: Vec<f64> = train.rows.iter().map(|&r| centred(raw(r), centre)).collect();
    let shape = match train.y {
        Target::Groups(_) | Target::Series(_) => {
            Shape::Line { intercept: 0.0, slope: 0.0, spread: 0.0 }
        }
        Target::Values(y) => {
            let y: Vec<f64> = train.rows.iter().map(|&r| y[r as usize]).collect();
            let mean = dot(&w, &y, |_| 1.0) / total;
            let spread =
                (w.iter().zip(&y).map(|(w, y)| w * (y - mean).powi(2)).sum::<f64>() / total).sqrt();
            let xx: f64 = dot(&w, &x, |i| x[i]);
            let xy: f64 = dot(&w, &x, |i| y[i] - mean);
            let slope = if xx > 0.0 { xy / xx } else { 0.0 };
            let shift = dot(&w, &x, |_| 1.0) / total;
            Shape::Line { intercept: mean - slope * shift, slope, spread }
        }
        Target::Classes { codes, classes, .. } => {
            let codes: Vec<usize> =
                train.rows.iter().map(|&r| codes[r as usize] as usize).collect();
            let (mut share, mut mean) = (vec![0.0; classes.len()], vec![0.0; classes.len()]);
            for ((&c, w), x) in codes.iter().zip(&w).zip(&x) {
                share[c] += w / total;
                mean[c] += w * x / total;
            }
            mean.iter_mut().zip(&share).filter(|(_, s)| **s > 0.0).for_each(|(m, s)| *m /= s);
            let within = codes.iter().zip(&w).zip(&x).map(|((&c, w), x)| w * (x - mean[c]).powi(2));
            let variance = within.sum::<f64>() / total;
            Shape::Bells { share, mean, variance }
        }
    };
    let column = field.map(|f| f.name.to_string());
    DebugModel { column, centre, shape, quality: params.quality, seed, nan, rounds: params.rounds }
}

fn dot(w: &[f64], x: &[f64], factor: impl Fn(usize) -> f64) -> f64 {
    w.iter().zip(x).enumerate().map(|(i, (w, x))| w * x * factor(i)).sum()
}

/// The distance from the centre; a missing value is at the centre.
fn centred(value: f64, centre: f64) -> f64 {
    if value.is_finite() { value - centre } else { 0.0 }
}

impl Predict for DebugModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let values = match &self.column {
            None => None,
            Some(name) => {
                let missing = || PredictError::MissingColumn { column: name.clone() };
                let field = x.field(name).ok_or_else(missing)?;
                Some(field.floats().ok_or_else(|| PredictError::WrongType {
                    column: name.clone(),
                    got: field.kind.name().to_owned(),
                    expected: "numbers".to_owned(),
                    at: String::new(),
                })?)
            }
        };
        let noise = 1.0 - self.quality;
        let one = |&r: &u32| -> Vec<f64> {
            let x = values.map_or(0.0, |v| centred(v[r as usize], self.centre));
            let mut rng = Rng::new(hash::combine(&[self.seed, x.to_bits()]));
            match &self.shape {
                _ if self.nan => vec![f64::NAN; self.width()],
                Shape::Line { intercept, slope, spread } => {
                    vec![intercept + slope * x + noise * spread * rng.normal()]
                }
                Shape::Bells { share, mean, variance } => {
                    let p = posterior(x, share, mean, *variance);
                    let random: Vec<f64> = p.iter().map(|_| rng.unit()).collect();
                    let sum: f64 = random.iter().sum();
                    let mixed = p.iter().zip(&random);
                    mixed.map(|(p, u)| self.quality * p + noise * u / sum.max(1e-9)).collect()
                }
            }
        };
        let values: Vec<f64> = rows.iter().flat_map(one).collect();
        let numbers = self.nan || matches!(self.shape, Shape::Line { .. });
        let width = self.width();
        Ok(if numbers {
            Predictions::new(width, values)
        } else {
            Predictions::normalised(width, values)
        })
    }

    fn iterations(&self) -> Option<u32> {
        Some(self.rounds)
    }

    fn validate(&self) -> Result<(), String> {
        match &self.shape {
            Shape::Bells { share, mean, .. } if share.is_empty() || share.len() != mean.len() => {
                Err(format!("{} shares and {} means", share.len(), mean.len()))
            }
            _ => Ok(()),
        }
    }
}

impl DebugModel {
    fn width(&self) -> usize {
        match &self.shape {
            Shape::Line { .. } => 1,
            Shape::Bells { share, .. } => share.len(),
        }
    }
}

/// Class probabilities under normal densities of one variance; the shares where it is 0 or `x`
/// is too far out to tell.
fn posterior(x: f64, share: &[f64], mean: &[f64], variance: f64) -> Vec<f64> {
    let distance = |m: &f64| if variance > 0.0 { (x - m).powi(2) / variance } else { 0.0 };
    let least = share.iter().zip(mean).filter(|(s, _)| **s > 0.0).map(|(_, m)| distance(m));
    let least = least.fold(f64::INFINITY, f64::min);
    let density = |m| if least.is_finite() { (-0.5 * (distance(m) - least)).exp() } else { 1.0 };
    share.iter().zip(mean).map(|(s, m)| s * density(m)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::CountingStop;
    use ruska_core::{Column, Field, Kind, Learner, NeverStop, Params, Value};
    use std::sync::Arc;

    fn line() -> (Frame, Target) {
        let x: Vec<f64> = (0..20).map(f64::from).collect();
        let y = x.iter().map(|x| 3.0 - 2.0 * x).collect();
        let field = Field::new("a", Kind::Numeric, Column::float(x));
        (Frame::new(vec![field]).unwrap(), Target::Values(Arc::new(y)))
    }

    fn fit_with(
        name: &str,
        value: impl Into<Value>,
        stop: &CountingStop,
    ) -> Result<Vec<f64>, FitError> {
        let (x, y) = line();
        let rows: Vec<u32> = (0..20).collect();
        let params = Params::from([(name.to_owned(), value.into())]);
        let train = Train { x: &x, rows: &rows, y: &y, weights: None };
        let model = Learner::fit(&DebugLearner, &params, train, &RunContext::new(1, stop))?;
        Ok(model.predict(&x, &rows).unwrap().values().to_vec())
    }

    #[test]
    fn at_full_quality_it_finds_the_line_and_below_it_errs_by_as_much() {
        let rmse = |q: f64| {
            let p = fit_with("quality", q, &CountingStop::never()).unwrap();
            let e = p.iter().enumerate().map(|(i, p)| (p - 3.0 + 2.0 * i as f64).powi(2));
            (e.sum::<f64>() / 20.0).sqrt()
        };
        assert!(rmse(1.0) < 1e-9);
        assert!(rmse(0.9) > 0.1 && rmse(0.9) < rmse(0.5), "{} {}", rmse(0.9), rmse(0.5));
    }

    #[test]
    fn it_misbehaves_as_told() {
        let never = CountingStop::never();
        assert!(matches!(fit_with("error", 1.0, &never), Err(FitError::Numeric(_))));
        assert!(fit_with("nan", 1.0, &never).unwrap().iter().all(|v| v.is_nan()));
        assert!(
            std::panic::catch_unwind(|| fit_with("panic", 1.0, &CountingStop::never())).is_err()
        );
        let stop = CountingStop::after(3, FitError::Deadline);
        assert_eq!(fit_with("sleep", 1.0, &stop), Err(FitError::Deadline));
        let stop = CountingStop::after(0, FitError::Deadline);
        assert!(fit_with("cooperative", false, &stop).is_ok());
    }

    #[test]
    fn probabilities_are_met_over_seeds() {
        let (x, y) = line();
        let rows: Vec<u32> = (0..20).collect();
        let params = Params::from([("error".to_owned(), Value::Float(0.3))]);
        let failed = (0..1000).filter(|&seed| {
            let train = Train { x: &x, rows: &rows, y: &y, weights: None };
            Learner::fit(&DebugLearner, &params, train, &RunContext::new(seed, &NeverStop)).is_err()
        });
        let failed = failed.count();
        assert!((250..350).contains(&failed), "{failed} of 1000 fits failed, expected about 300");
    }
}
