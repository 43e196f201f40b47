//! Robust regression: Huber's loss, whose scale is found along with the coefficients.
//!
//! ```text
//! minimise over w, b, σ   Σᵢ sᵢ · σ·(1 + H(rᵢ / σ)) + penalty · Σ w²       r = y − w·x − b
//! H(t) = t² up to ε and 2·ε·|t| − ε² beyond
//! ```
//! That is convex in all three. Newton's method with a line search: the Hessian is the gram matrix
//! of the rows within ε·σ, bordered by one column for σ, so that a step is two solves with one
//! factor. Cost O(n·p² / 2) a step, 5 to 30 steps. Dense columns only.
//!
//! References: Huber, Robust Statistics, 1981, 7.7; Owen, "A robust hybrid of lasso and ridge
//! regression", 2006.

use super::cholesky::Cholesky;
use super::design::{Design, Lane, PANEL, inner};
use super::loss::panels;
use super::precondition::gram;
use super::{LinearFit, Settings};
use crate::{Progress, Stopped};

/// Share of its start below which the scale does not fall: rows then lie on a plane.
const LEAST_SCALE: f64 = 1e-8;
/// Least part of the promised decrease that a step must bring.
const DECREASE: f64 = 1e-4;
/// Halvings after which rounding leaves no step.
const MOST_HALVINGS: u32 = 40;

/// Fits `y`; rows farther than `epsilon` > 1 scales from the fit count by their distance only.
/// Weights are not negative and not all zero. Stops when what is to gain, relative to the objective,
/// is below the square of `settings.tolerance`. Returns the fit and the scale σ.
///
/// Panics when the design has sparse columns.
pub fn huber(
    x: &Design,
    y: &[f64],
    weights: &[f64],
    epsilon: f64,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(LinearFit, f64), Stopped> {
    assert_eq!(x.dense(), x.width(), "robust regression takes dense columns");
    let problem = Huber::new(x, y, weights, epsilon, settings.penalty);
    let mut at = problem.start();
    let least = LEAST_SCALE * at.scale;
    let mut value = problem.value(&at);
    let (mut steps, mut converged) = (0, false);
    while steps < settings.max_steps && !converged {
        steps += 1;
        let (direction, slope) = problem.newton(&at, least, progress)?;
        converged = -slope <= settings.tolerance * settings.tolerance * value;
        match problem.search(&at, value, &direction, slope, least) {
            Some((next, lower)) => (at, value) = (next, lower),
            None => break,
        }
    }
    let (intercept, coefficients) = at.theta.split_last().expect("theta holds the intercept");
    let (coefficients, intercepts) = (coefficients.to_vec(), vec![*intercept]);
    Ok((LinearFit { coefficients, intercepts, steps, converged }, at.scale))
}

struct Huber<'a> {
    x: &'a Design,
    y: Vec<Lane>,
    weights: Vec<Lane>,
    epsilon: f64,
    penalty: f64,
}

/// Coefficients, then the intercept; and the scale. A place or a direction.
struct Place {
    theta: Vec<f64>,
    scale: f64,
}

impl<'a> Huber<'a> {
    fn new(x: &'a Design, y: &[f64], weights: &[f64], epsilon: f64, penalty: f64) -> Self {
        Self { x, y: panels(y), weights: panels(weights), epsilon, penalty }
    }

    /// The mean, and the deviation from it; 1 for the deviation where there is none.
    fn start(&self) -> Place {
        let sum = |term: &dyn Fn(f64) -> f64| -> f64 {
            let lanes = self.y.iter().zip(&self.weights);
            lanes.map(|(y, s)| y.iter().zip(s).map(|(y, s)| s * term(*y)).sum::<f64>()).sum()
        };
        let total = sum(&|_| 1.0);
        let mean = sum(&|y| y) / total;
        let scale = (sum(&|y| (y - mean) * (y - mean)) / total).sqrt();
        let mut theta = vec![0.0; self.x.width()];
        theta.push(mean);
        Place { theta, scale: if scale > 0.0 { scale } else { 1.0 } }
    }

    /// Residuals of a panel.
    fn residuals(&self, panel: usize, theta: &[f64]) -> Lane {
        let mut z = [0.0; PANEL];
        self.x.scores(panel, theta, &mut z);
        std::array::from_fn(|i| self.y[panel][i] - z[i])
    }

    fn value(&self, at: &Place) -> f64 {
        let (scale, epsilon) = (at.scale, self.epsilon);
        let (coefficients, _) = at.theta.split_at(self.x.width());
        let mut sum = self.penalty * inner(coefficients, coefficients);
        for (panel, s) in self.weights.iter().enumerate() {
            let r = self.residuals(panel, &at.theta);
            let row = |i: usize| {
                let size = r[i].abs();
                let loss = if size <= epsilon * scale {
                    size * (size / scale)
                } else {
                    epsilon * (2.0 * size - epsilon * scale)
                };
                if s[i] > 0.0 { s[i] * (scale + loss) } else { 0.0 }
            };
            sum += (0..PANEL).map(row).sum::<f64>();
        }
        sum
    }

    /// Newton's direction and the slope along it, which is negative.
    fn newton(
        &self,
        at: &Place,
        least: f64,
        progress: &dyn Progress,
    ) -> Result<(Place, f64), Stopped> {
        let (scale, epsilon, width) = (at.scale, self.epsilon, self.x.width());
        let mut within = vec![[0.0; PANEL]; self.weights.len()];
        let (mut gradient, mut border) = (vec![0.0; width + 1], vec![0.0; width + 1]);
        let (mut scale_slope, mut scale_curve) = (0.0, 0.0);
        for (panel, s) in self.weights.iter().enumerate() {
            let r = self.residuals(panel, &at.theta);
            let (mut slopes, mut crosses) = ([0.0; PANEL], [0.0; PANEL]);
            for i in 0..PANEL {
                let t = r[i] / scale;
                if t.abs() <= epsilon {
                    within[panel][i] = 2.0 * s[i] / scale;
                    slopes[i] = -2.0 * s[i] * t;
                    crosses[i] = 2.0 * s[i] * t / scale;
                    scale_slope += s[i] * (1.0 - t * t);
                    scale_curve += 2.0 * s[i] * t * t / scale;
                } else {
                    slopes[i] = -2.0 * s[i] * epsilon * t.signum();
                    scale_slope += s[i] * (1.0 - epsilon * epsilon);
                }
            }
            self.x.add_products(panel, &slopes, &mut gradient);
            self.x.add_products(panel, &crosses, &mut border);
        }
        let mut hessian = gram(self.x, self.x.width(), &within, progress)?;
        for j in 0..width {
            gradient[j] += 2.0 * self.penalty * at.theta[j];
            hessian[j * (width + 2)] += 2.0 * self.penalty;
        }
        let factor = Cholesky::new(&hessian, width + 1, progress)?;
        let mut plain: Vec<f64> = gradient.iter().map(|g| -g).collect();
        factor.solve(&mut plain);
        let mut bent = border.clone();
        factor.solve(&mut bent);
        let left = scale_curve - inner(&border, &bent);
        let wanted = (-scale_slope - inner(&border, &plain)) / left;
        // Rows on a plane leave no curvature: any smaller scale is better.
        let change = if left > 1e-12 * scale_curve && wanted.is_finite() {
            wanted.clamp(-0.9 * scale, 9.0 * scale)
        } else {
            -0.9 * scale_slope.signum() * scale
        };
        let change = if scale + change < least { least - scale } else { change };
        let theta: Vec<f64> = plain.iter().zip(&bent).map(|(u, v)| u - v * change).collect();
        let slope = inner(&gradient, &theta) + scale_slope * change;
        Ok((Place { theta, scale: change }, slope))
    }

    /// A step along a direction that lowers the objective, with its value; none where rounding
    /// leaves none.
    fn search(
        &self,
        from: &Place,
        value: f64,
        direction: &Place,
        slope: f64,
        least: f64,
    ) -> Option<(Place, f64)> {
        if !(slope < 0.0 && slope.is_finite()) {
            return None;
        }
        let mut t = 1.0;
        for _ in 0..MOST_HALVINGS {
            let moved = from.theta.iter().zip(&direction.theta).map(|(v, d)| v + t * d);
            let scale = (from.scale + t * direction.scale).max(least);
            let next = Place { theta: moved.collect(), scale };
            let lower = self.value(&next);
            if lower <= value + DECREASE * t * slope {
                return Some((next, lower));
            }
            t *= 0.5;
        }
        None
    }
}
