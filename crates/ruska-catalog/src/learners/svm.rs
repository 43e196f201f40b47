//! Support vector machines with a Gaussian kernel, by linfa-svm: classes one against the rest, and
//! numbers within a tube.
//!
//! Wins on some hundred to a few thousand rows whose classes are parted by smooth curves. Fails on
//! many columns that say nothing, and on large tables: time and memory grow with n², so more than
//! 5000 rows, or what would take longer than half a minute, are refused. Cost about 200·n² ns and
//! 24·n² bytes a class and fit. Row weights are not used. Needs missing values filled, everything
//! encoded as numbers, and one scale. Sparse blocks become dense.
//!
//! Decision values are no probabilities. What they stand for is learned from three internal folds,
//! since rows that a machine was fitted on lie farther from its border than others: a logistic
//! regression on the one value of two classes (Platt), a softmax on those of several.
//!
//! Reference: Cortes and Vapnik, "Support-vector networks", 1995; Platt, "Probabilistic outputs for
//! support vector machines", 1999; linfa-svm 0.8.

use crate::bridge::{Watch, stopped};
use crate::classes::Present;
use crate::design::{Features, encoded_width, finite, numbers};
use crate::linfa_guard::{array, expect_finite, failed};
use crate::sound::{all_finite, count, ensure};
use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_svm::Svm as Linfa;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, Target, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::linear::{Design, LinearFit, Settings, logistic, softmax};
use serde::{Deserialize, Serialize};

/// Most training rows, whose kernel takes 200 MB.
const MOST_ROWS: usize = 5000;
/// Internal folds from which the meaning of decision values is learned.
const FOLDS: usize = 3;
/// Violation of the optimality conditions at which linfa stops; libsvm's default.
const TOLERANCE: f64 = 1e-3;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Svm;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SvmParams {
    /// What a row on the wrong side costs, 0.000001..=1000.
    c: f64,
    /// How fast the kernel falls with the squared distance, > 0: 1 is once for the mean squared
    /// distance of two rows, halved; scikit-learn's `scale`.
    gamma: f64,
    /// Half the width of the tube in deviations of the target, ≥ 0; regression only.
    epsilon: f64,
}

impl Default for SvmParams {
    fn default() -> Self {
        Self { c: 1.0, gamma: 1.0, epsilon: 0.1 }
    }
}

/// Machines over the same rows, and what their decision values stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SvmModel {
    features: Features,
    /// The classes; none for regression.
    classes: Option<Present>,
    gamma: f64,
    /// The rows that some machine leans on, row after row.
    #[serde(with = "codec::packed")]
    points: Vec<f64>,
    /// What each of them counts, row after row, one a machine.
    #[serde(with = "codec::packed")]
    counts: Vec<f64>,
    /// One a machine, subtracted.
    #[serde(with = "codec::packed")]
    thresholds: Vec<f64>,
    /// From decision values to logits or numbers: one row an output.
    #[serde(with = "codec::packed")]
    slopes: Vec<f64>,
    #[serde(with = "codec::packed")]
    intercepts: Vec<f64>,
}

/// A machine: what each training row counts, and the threshold.
type Machine = (Vec<f64>, f64);

impl Algorithm for Svm {
    type Params = SvmParams;
    type Model = SvmModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "svm",
        summary: "Support vector machines with a Gaussian kernel, for small tables (linfa-svm)",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: false,
        multiclass: true,
        complexity: 35,
        nondeterministic: None,
        uncooperative: Some("a linfa fit cannot be interrupted"),
        least_target: None,
        opt_in: false,
        reference: "Cortes and Vapnik, Machine Learning 20, 1995; Platt, 1999; linfa-svm 0.8",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_float("c", 0.03, 100.0, 1.0).log_float("gamma", 0.03, 10.0, 1.0)
    }

    fn cost(&self, params: &SvmParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let fits = if meta.kind == TaskKind::Regression { 1.0 } else { 2.4 };
        let machines = fits * meta.outputs() as f64;
        Cost { work: work(n, p, machines, params.c) + 1e5, bytes: 24.0 * n * n + 24.0 * n * p }
    }

    fn fit(
        &self,
        params: &SvmParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<SvmModel, FitError> {
        params.check()?;
        ctx.check()?;
        let (features, x) = rows_of(&train, *params)?;
        let gamma = params.gamma / (x.ncols() as f64 * variance(&x));
        match train.y {
            Target::Values(_) => regression(*params, &train, features, &x, gamma),
            Target::Classes { .. } | Target::Groups(_) | Target::Series(_) => {
                let ones = vec![1.0; train.rows.len()];
                let (classes, codes) = Present::of(&train, &ones, Self::INFO.id)?;
                let task = Task { x: &x, codes: &codes, c: params.c, gamma };
                task.fit(features, classes, ctx)
            }
        }
    }
}

impl SvmParams {
    fn check(self) -> Result<(), FitError> {
        let gamma = self.gamma > 0.0 && self.gamma.is_finite();
        let epsilon = self.epsilon >= 0.0 && self.epsilon.is_finite();
        if (1e-6..=1000.0).contains(&self.c) && gamma && epsilon {
            return Ok(());
        }
        let why = format!(
            "`c` ({}) must be in 0.000001..=1000, `gamma` ({}) positive and `epsilon` ({}) not \
             negative",
            self.c, self.gamma, self.epsilon
        );
        Err(FitError::Params { id: Svm::INFO.id.to_owned(), why })
    }
}

/// Work units of so many machines: their kernels, and steps that cost n each. Machines that count
/// errors dearly take more steps.
fn work(n: f64, p: f64, machines: f64, c: f64) -> f64 {
    machines * n * n * (4.0 * p + 100.0 * (1.0 + c.sqrt()))
}

/// The training rows, in row order. Fails where they are too many for linfa.
fn rows_of(train: &Train<'_>, params: SvmParams) -> Result<(Features, Array2<f64>), FitError> {
    let n = train.rows.len();
    if n > MOST_ROWS {
        return Err(FitError::Data(format!(
            "`svm` takes at most {MOST_ROWS} training rows, and there are {n}; use another \
             learner or fewer rows"
        )));
    }
    let machines = match train.y {
        Target::Classes { classes, .. } if classes.len() == 2 => 2.4,
        Target::Classes { classes, .. } => 2.4 * classes.len() as f64,
        _ => 1.0,
    };
    let (features, x) = array(train, Svm::INFO.id, |n, p| work(n, p, machines, params.c))?;
    if x.ncols() == 0 {
        return Err(FitError::Data("`svm` needs a column to learn from".to_owned()));
    }
    Ok((features, x.as_standard_layout().into_owned()))
}

/// Mean variance of the columns; 1 where they are constant.
fn variance(x: &Array2<f64>) -> f64 {
    let variance = x.var_axis(Axis(0), 0.0).sum() / x.ncols() as f64;
    if variance > 0.0 && variance.is_finite() { variance } else { 1.0 }
}

fn regression(
    params: SvmParams,
    train: &Train<'_>,
    features: Features,
    x: &Array2<f64>,
    gamma: f64,
) -> Result<SvmModel, FitError> {
    let y = Array1::from_vec(numbers(train, Svm::INFO.id)?);
    let (mean, deviation) = (y.sum() / y.len() as f64, y.std(0.0));
    let deviation = if deviation > 1e-14 * mean.abs() { deviation } else { 1.0 };
    let scaled = y.mapv(|y| (y - mean) / deviation);
    expect_finite(scaled.iter().chain([&mean, &deviation]))?;
    let fitted = Linfa::<f64, f64>::params()
        .c_svr(params.c, Some(params.epsilon))
        .gaussian_kernel(1.0 / gamma)
        .eps(TOLERANCE)
        .fit(&DatasetBase::new(x.view(), scaled.view()))
        .map_err(failed)?;
    let machine = (fitted.alpha, fitted.rho);
    let meaning = LinearFit {
        coefficients: vec![deviation],
        intercepts: vec![mean],
        steps: 0,
        converged: true,
    };
    SvmModel::new(features, None, gamma, x, &[machine], meaning)
}

/// Rows and their classes.
struct Task<'a> {
    x: &'a Array2<f64>,
    codes: &'a [u32],
    c: f64,
    gamma: f64,
}

impl Task<'_> {
    fn fit(
        &self,
        features: Features,
        classes: Present,
        ctx: &RunContext<'_>,
    ) -> Result<SvmModel, FitError> {
        let outputs = classes.outputs();
        let all: Vec<usize> = (0..self.codes.len()).collect();
        let machines = self.machines(&all, outputs, ctx)?;
        let values = self.unseen_values(outputs, ctx)?;
        let n = self.codes.len();
        let design = Design::new(n, values.iter().map(|values| values.iter().copied()));
        let (settings, ones) = (Settings::default(), vec![1.0; n]);
        let meaning = match classes.len() {
            1 => {
                let (coefficients, intercepts) = (vec![0.0], vec![0.0]);
                Ok(LinearFit { coefficients, intercepts, steps: 0, converged: true })
            }
            2 => {
                let second: Vec<f64> = self.codes.iter().map(|&c| f64::from(c)).collect();
                logistic(&design, &second, &ones, &settings, &Watch(ctx))
            }
            k => softmax(&design, self.codes, k, &ones, &settings, &Watch(ctx)),
        };
        let mut meaning = meaning.map_err(|s| stopped(ctx, s))?;
        meaning.intercepts = meaning.origin_intercepts(design.centres());
        SvmModel::new(features, Some(classes), self.gamma, self.x, &machines, meaning)
    }

    /// The decision values of each machine for each row, fitted without that row.
    fn unseen_values(
        &self,
        outputs: usize,
        ctx: &RunContext<'_>,
    ) -> Result<Vec<Vec<f64>>, FitError> {
        let mut seen = vec![0; self.codes.iter().max().map_or(0, |c| *c as usize + 1)];
        let mut fold = |&code: &u32| {
            seen[code as usize] += 1;
            (seen[code as usize] - 1) % FOLDS
        };
        let folds: Vec<usize> = self.codes.iter().map(&mut fold).collect();
        let mut values = vec![vec![0.0; self.codes.len()]; outputs];
        for fold in 0..FOLDS {
            let of = |inside: bool| -> Vec<usize> {
                (0..folds.len()).filter(|&i| (folds[i] == fold) == inside).collect()
            };
            let (train, test) = (of(false), of(true));
            if train.is_empty() || test.is_empty() {
                continue;
            }
            let machines = self.machines(&train, outputs, ctx)?;
            let points = self.x.select(Axis(0), &train);
            for row in test {
                let near =
                    kernels(points.view(), self.x.row(row).as_slice().unwrap_or(&[]), self.gamma);
                for (k, (counts, threshold)) in machines.iter().enumerate() {
                    let sum: f64 = counts.iter().zip(&near).map(|(c, k)| c * k).sum();
                    values[k][row] = sum - threshold;
                }
            }
        }
        Ok(values)
    }

    /// Machines over some of the rows: that of the second class for two, one a class otherwise.
    fn machines(
        &self,
        rows: &[usize],
        outputs: usize,
        ctx: &RunContext<'_>,
    ) -> Result<Vec<Machine>, FitError> {
        let x = self.x.select(Axis(0), rows);
        let mut machines = vec![];
        for k in 0..outputs {
            ctx.check()?;
            let class = if outputs == 1 { 1 } else { k as u32 };
            let side: Array1<bool> = rows.iter().map(|&i| self.codes[i] == class).collect();
            machines.push(self.machine(&x, &side)?);
        }
        Ok(machines)
    }

    fn machine(&self, x: &Array2<f64>, side: &Array1<bool>) -> Result<Machine, FitError> {
        let positive = side.iter().filter(|s| **s).count();
        if positive == 0 || positive == side.len() {
            // No border: all rows are on this side of it.
            return Ok((vec![0.0; side.len()], if positive == 0 { 1.0 } else { -1.0 }));
        }
        let fitted = Linfa::<f64, bool>::params()
            .pos_neg_weights(self.c, self.c)
            .gaussian_kernel(1.0 / self.gamma)
            .eps(TOLERANCE)
            .fit(&DatasetBase::new(x.view(), side.view()))
            .map_err(failed)?;
        Ok((fitted.alpha, fitted.rho))
    }
}

/// The kernel of a row with each of some points.
fn kernels(points: ArrayView2<'_, f64>, row: &[f64], gamma: f64) -> Vec<f64> {
    let squared =
        |point: &[f64]| -> f64 { point.iter().zip(row).map(|(a, b)| (a - b) * (a - b)).sum() };
    let kernel = |point: ndarray::ArrayView1<'_, f64>| {
        (-gamma * point.as_slice().map_or(f64::INFINITY, squared)).exp()
    };
    points.outer_iter().map(kernel).collect()
}

impl SvmModel {
    fn new(
        features: Features,
        classes: Option<Present>,
        gamma: f64,
        x: &Array2<f64>,
        machines: &[Machine],
        meaning: LinearFit,
    ) -> Result<Self, FitError> {
        let leans = |i: &usize| machines.iter().any(|(counts, _)| counts[*i] != 0.0);
        let support: Vec<usize> = (0..x.nrows()).filter(leans).collect();
        let counts = support.iter().flat_map(|&i| machines.iter().map(move |(c, _)| c[i]));
        let model = Self {
            features,
            classes,
            gamma,
            points: x.select(Axis(0), &support).into_iter().collect(),
            counts: counts.collect(),
            thresholds: machines.iter().map(|(_, threshold)| *threshold).collect(),
            slopes: meaning.coefficients,
            intercepts: meaning.intercepts,
        };
        let numbers = model.counts.iter().chain(&model.thresholds);
        expect_finite(numbers.chain(&model.slopes).chain(&model.intercepts))?;
        Ok(model)
    }
}

impl Predict for SvmModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let (p, machines) = (self.features.width(), self.thresholds.len());
        let points = ArrayView2::from_shape((self.counts.len() / machines, p), &self.points)
            .expect("a validated model has as many coordinates as points and columns");
        let values = columns.by_column(rows);
        let mut out = vec![];
        for i in 0..rows.len() {
            let row: Vec<f64> = (0..p).map(|j| values[j * rows.len() + i]).collect();
            let near = kernels(points, &row, self.gamma);
            let mut decisions: Vec<f64> = self.thresholds.iter().map(|t| -t).collect();
            for (counts, kernel) in self.counts.chunks_exact(machines).zip(near) {
                decisions.iter_mut().zip(counts).for_each(|(d, c)| *d += c * kernel);
            }
            for (slopes, intercept) in self.slopes.chunks_exact(machines).zip(&self.intercepts) {
                let z: f64 = slopes.iter().zip(&decisions).map(|(s, d)| s * d).sum();
                out.push(finite(z + intercept, *intercept));
            }
        }
        Ok(match &self.classes {
            Some(present) => present.of_logits(&out),
            None => Predictions::new(1, out),
        })
    }

    fn validate(&self) -> Result<(), String> {
        self.classes.as_ref().map_or(Ok(()), Present::validate)?;
        let outputs = self.classes.as_ref().map_or(1, Present::outputs);
        let machines = self.thresholds.len();
        ensure(machines == outputs, "there is not one machine for each output")?;
        let points = self.counts.len() / machines;
        count("counts", self.counts.len(), [points, machines])?;
        count("coordinates", self.points.len(), [points, self.features.width()])?;
        count("slopes", self.slopes.len(), [outputs, machines])?;
        count("intercepts", self.intercepts.len(), [outputs, 1])?;
        ensure(self.gamma > 0.0 && self.gamma.is_finite(), "the kernel's width is out of range")?;
        all_finite("points and counts", self.points.iter().chain(&self.counts))?;
        all_finite("thresholds", &self.thresholds)?;
        all_finite("slopes and intercepts", self.slopes.iter().chain(&self.intercepts))
    }
}
