//! Linear models: ridge, binary logistic, softmax and log-link regression with penalties; beside
//! them linear discriminants, quantile and robust regression, which have solvers of their own, and
//! principal directions.
//!
//! One solver serves the former losses with an L2 penalty: L-BFGS whose first guess of the inverse
//! Hessian is that of the model without features, factored by Cholesky over all columns and the
//! intercept. For ridge that guess is the Hessian itself, so the first step is the solution by
//! normal equations and the second one refines it. For the others it takes collinearity and scale
//! out of the problem, so that the number of steps hardly depends on the columns. Where the factor
//! is too dear, from about a thousand columns on, it is made over the dense columns alone or not
//! at all, and the diagonal serves for the rest. An L1 penalty takes Newton's method with
//! coordinate descent, and [`choose_penalty`] the strength of either.
//!
//! ```text
//! minimise over w, b    Σᵢ sᵢ · loss(yᵢ, zᵢ) + penalty · (½ (1 − r) · Σ w² + r · Σ |w|)
//! squared   ½ (z − y)²                    penalty is Ridge's alpha in scikit-learn
//! logistic  log(1 + exp(−z)), y = 1       penalty is LogisticRegression's 1 / C
//! softmax   log Σₖ exp(zₖ) − z_y          the same; every class has its own w and b
//! log link  half the deviance of exp(z)   penalty is TweedieRegressor's alpha, times Σ s
//! ```
//! with z = w·x + b, weights s and r the `l1_ratio`; ElasticNet's alpha is penalty / Σ s. The
//! intercepts b are not penalised. A row of weight k counts as k rows of weight 1.
//!
//! Fails: interactions and curves it is not given as columns. Cost O(n·p) per step, 5 to 30 steps,
//! plus O(n·p² / 2) once for the factor. Missing values are not taken; numbers must be finite.
//!
//! References: Nocedal and Wright, Numerical Optimization, 2nd ed., chapters 6 and 7;
//! Böhning, "Multinomial logistic regression algorithm", 1992.

mod cholesky;
mod coordinate;
mod curve;
mod design;
mod discriminant;
mod huber;
mod lbfgs;
mod loss;
mod path;
mod precondition;
mod quantile;
mod simd;
mod spectrum;
#[cfg(test)]
mod tests;
mod tweedie;

pub(crate) use cholesky::Cholesky;
pub use design::{Csr, Design};
pub(crate) use design::{Lane, PANEL, dot};
pub use discriminant::{Labelled, Shrinkage, discriminants};
pub use huber::huber;
pub use path::choose_penalty;
pub use quantile::quantile;
pub(crate) use simd::add_triangle;
pub use spectrum::{Spectrum, covariance, spectrum};

use crate::{Progress, Stopped};
use coordinate::Problem;
use curve::ByColumn;
use lbfgs::Objective;
use loss::{Curved, Logistic, Loss, Softmax, Squared};
use precondition::{Moments, Preconditioner, head};
use tweedie::Tweedie;

/// How to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Strength of the penalty, ≥ 0, in units of the summed loss.
    pub penalty: f64,
    /// Share of L1 in the penalty, 0..=1, for ridge, logistic and softmax; the rest is L2.
    pub l1_ratio: f64,
    /// Stop when no component of the gradient, per unit of weight and per standard deviation of
    /// its column (and of the target, for ridge), exceeds this.
    pub tolerance: f64,
    /// Stop after this many steps.
    pub max_steps: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { penalty: 1.0, l1_ratio: 0.0, tolerance: 1e-6, max_steps: 200 }
    }
}

/// What a row is known to be.
#[derive(Clone, Copy, Debug)]
pub enum Truth<'a> {
    /// A number.
    Values(&'a [f64]),
    /// 1 for rows of the positive one of two classes, 0 for the others.
    Positive(&'a [f64]),
    /// A class below the number of classes, which is at least 2.
    Classes(&'a [u32], usize),
}

/// A fitted linear model: `z = intercept + Σ coefficient · (x − centre)`.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearFit {
    /// One row of coefficients per output; dense columns first, then sparse ones.
    pub coefficients: Vec<f64>,
    /// One per output, at the centres of the dense columns; see [`Design::centres`].
    pub intercepts: Vec<f64>,
    /// Steps taken.
    pub steps: u32,
    /// Whether the tolerance was reached. Otherwise steps ran out or rounding allows no better.
    pub converged: bool,
}

impl LinearFit {
    /// The intercepts at zero rather than at the centres.
    pub fn origin_intercepts(&self, centres: &[f64]) -> Vec<f64> {
        let width = self.coefficients.len() / self.intercepts.len();
        let shift = |k: usize| -> f64 {
            let row = &self.coefficients[k * width..(k + 1) * width];
            row.iter().zip(centres).map(|(w, c)| w * c).sum()
        };
        self.intercepts.iter().enumerate().map(|(k, b)| b - shift(k)).collect()
    }
}

/// The model of what rows are known to be: [`ridge`], [`logistic`] or [`softmax`].
pub fn model(
    x: &Design,
    y: Truth<'_>,
    weights: &[f64],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<LinearFit, Stopped> {
    match y {
        Truth::Values(y) => ridge(x, y, weights, settings, progress),
        Truth::Positive(y) => logistic(x, y, weights, settings, progress),
        Truth::Classes(codes, classes) => softmax(x, codes, classes, weights, settings, progress),
    }
}

/// Least squares with a penalty. `y` and `weights` have one number per row; weights are not
/// negative and not all zero.
pub fn ridge(
    x: &Design,
    y: &[f64],
    weights: &[f64],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<LinearFit, Stopped> {
    fit(x, &Squared::new(y, weights), settings, progress)
}

/// Binary logistic regression; `positive` holds 1 for rows of the positive class and 0 for the
/// others. Both must have weight. The output is the log-odds of the positive class.
pub fn logistic(
    x: &Design,
    positive: &[f64],
    weights: &[f64],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<LinearFit, Stopped> {
    fit(x, &Logistic::new(positive, weights), settings, progress)
}

/// Multinomial logistic regression over `classes` ≥ 2 classes; `codes` are below it and each class
/// must have weight. Outputs are logits; those of an L2 penalty have a mean over classes of zero.
pub fn softmax(
    x: &Design,
    codes: &[u32],
    classes: usize,
    weights: &[f64],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<LinearFit, Stopped> {
    fit(x, &Softmax::new(codes, classes, weights), settings, progress)
}

/// Generalised linear model with a log link: the mean of a row is exp(z + its offset), and the
/// variance grows with the mean to the `power`, 1 (Poisson) to 2 (gamma) to 3. `y` is not negative,
/// positive where `power` ≥ 2, and not all zero by weight. Half the deviance is summed; the offset
/// of a count over an exposure is the exposure's logarithm, finite. Beyond 2 the objective is not
/// convex, and what is found is a place where it is flat.
pub fn log_link(
    x: &Design,
    y: &[f64],
    weights: &[f64],
    offset: Option<&[f64]>,
    power: f64,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<LinearFit, Stopped> {
    let loss = Tweedie::new(y, weights, offset, power);
    let moments = Moments::new(x, loss.weights(), head(x, &loss.curvature()), progress)?;
    let objective = Objective { x, loss: &loss, penalty: settings.penalty, progress };
    let start = objective.start();
    Ok(fitted(x.width(), descend(&objective, &moments, start, settings)?))
}

fn fit<L: Curved>(
    x: &Design,
    loss: &L,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<LinearFit, Stopped> {
    let l1 = settings.penalty * settings.l1_ratio > 0.0;
    let columns = l1.then(|| ByColumn::of(x));
    let head = if l1 { 0 } else { head(x, &loss.curvature()) };
    let moments = Moments::new(x, loss.weights(), head, progress)?;
    let start = Objective { x, loss, penalty: 0.0, progress }.start();
    let ready = Ready { moments, columns: columns.as_ref() };
    Ok(fitted(x.width(), solve(x, loss, &ready, start, settings, progress)?))
}

/// What the solvers take from the design once, whatever the strength of the penalty.
struct Ready<'a> {
    moments: Moments,
    /// For a penalty with an L1 part.
    columns: Option<&'a ByColumn>,
}

/// Theta, the steps taken and whether the tolerance was reached.
type Solution = (Vec<f64>, u32, bool);

/// Minimises from `theta` on.
fn solve<L: Curved>(
    x: &Design,
    loss: &L,
    ready: &Ready<'_>,
    theta: Vec<f64>,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<Solution, Stopped> {
    let Settings { penalty, l1_ratio, .. } = *settings;
    let smooth = Objective { x, loss, penalty: penalty * (1.0 - l1_ratio), progress };
    match ready.columns {
        Some(columns) => {
            let spread = &ready.moments.spread();
            Problem { smooth, l1: penalty * l1_ratio, columns, spread }.minimise(theta, settings)
        }
        None => descend(&smooth, &ready.moments, theta, settings),
    }
}

/// Minimises a smooth objective from `theta` on.
fn descend<L: Loss>(
    objective: &Objective<'_, L>,
    moments: &Moments,
    theta: Vec<f64>,
    settings: &Settings,
) -> Result<Solution, Stopped> {
    let curvature = objective.loss.curvature();
    let guess = Preconditioner::new(moments, objective.penalty, &curvature, objective.progress)?;
    lbfgs::minimise(objective, &guess, theta, settings)
}

fn fitted(width: usize, (theta, steps, converged): Solution) -> LinearFit {
    let mut fit = LinearFit { coefficients: vec![], intercepts: vec![], steps, converged };
    for output in theta.chunks_exact(width + 1) {
        fit.coefficients.extend_from_slice(&output[..width]);
        fit.intercepts.push(output[width]);
    }
    fit
}
