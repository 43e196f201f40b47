//! Newton's method for penalties with an L1 part: the loss is replaced by its second-order model,
//! which coordinate descent minimises together with the penalty, and a line search takes the step.
//!
//! The model is asked by the products of all columns where these are few, and by the rows of a column
//! otherwise. A step looks at the coefficients that are not zero or should not be, by the exact gradient; the
//! others are asked again at the next step. So a solution of few columns costs few columns.
//! Coefficients that the penalty holds at zero are exactly zero.
//!
//! References: Friedman, Hastie, Tibshirani, "Regularization paths for generalized linear models
//! via coordinate descent", JSS 33, 2010; Yuan, Ho, Lin, "An improved GLMNET for L1-regularized
//! logistic regression", JMLR 13, 2012.

use super::Settings;
use super::curve::{ByColumn, ByRows, Curve};
use super::design::{Design, inner};
use super::lbfgs::{DECREASE, Objective, ROUNDING, limit};
use super::loss::Curved;
use super::precondition::gram;
use crate::{Progress, Stopped};

/// Part of the violation that a step's model may leave, unless the model is the loss itself.
const LEFT: f64 = 0.03;
/// Columns, times outputs and one, up to which their products are worth the while.
const MOST_PRODUCTS: usize = 240;
/// Part of the L1 penalty from which on a gradient makes a zero coefficient worth a look.
const NEAR: f64 = 0.9;

/// What is minimised: a smooth objective and `l1` times the sum of absolute coefficients.
pub(super) struct Problem<'a, L> {
    pub(super) smooth: Objective<'a, L>,
    pub(super) l1: f64,
    pub(super) columns: &'a ByColumn,
    /// See [`super::precondition::Moments::spread`].
    pub(super) spread: &'a [f64],
}

impl<L: Curved> Problem<'_, L> {
    /// From `theta` on. Returns theta, the steps taken and whether the tolerance was reached.
    pub(super) fn minimise(
        &self,
        mut theta: Vec<f64>,
        settings: &Settings,
    ) -> Result<(Vec<f64>, u32, bool), Stopped> {
        let limit = limit(self.smooth.loss, settings.tolerance);
        let constant = self.smooth.loss.curvature().constant;
        let mut gradient = vec![0.0; theta.len()];
        let mut value = self.smooth.evaluate(&theta, &mut gradient)? + self.norm(&theta);
        for step in 0..settings.max_steps {
            let violation = self.violation(&theta, &gradient);
            if violation <= limit {
                return Ok((theta, step, true));
            }
            let left = if constant { 0.0 } else { LEFT };
            let moved = self.step(&theta, &gradient, (left * violation).max(0.3 * limit))?;
            let direction: Vec<f64> = moved.iter().zip(&theta).map(|(a, b)| a - b).collect();
            let slope = inner(&gradient, &direction) + self.norm(&moved) - self.norm(&theta);
            let mut t = 1.0;
            let next = loop {
                let trial: Vec<f64> =
                    theta.iter().zip(&direction).map(|(v, d)| v + t * d).collect();
                // Whole steps keep what is exactly zero.
                let trial = if t == 1.0 { moved.clone() } else { trial };
                let new = self.smooth.evaluate(&trial, &mut gradient)? + self.norm(&trial);
                let allowed = value + DECREASE * t * slope + ROUNDING * value.abs();
                if new.is_finite() && new <= allowed {
                    break Some((trial, new));
                }
                t *= 0.5;
                if t < 1e-10 {
                    break None;
                }
            };
            let Some(next) = next else { return Ok((theta, step, false)) };
            (theta, value) = next;
        }
        let flat = self.violation(&theta, &gradient) <= limit;
        Ok((theta, settings.max_steps, flat))
    }

    /// Where the second-order model about theta is least, up to `goal`.
    fn step(&self, theta: &[f64], gradient: &[f64], goal: f64) -> Result<Vec<f64>, Stopped> {
        let Objective { x, loss, progress, .. } = self.smooth;
        let curve = Curve::new(&self.smooth, theta)?;
        if ByProducts::is_worth(x, loss.outputs()) {
            let model = ByProducts::new(x, &curve, loss.outputs(), progress)?;
            return self.descend(model, theta, gradient, goal);
        }
        self.descend(ByRows::new(x, self.columns, curve, progress), theta, gradient, goal)
    }

    /// The coordinates that are not zero or should not be, and the intercepts.
    fn coordinates(
        &self,
        model: &mut impl Quadratic,
        theta: &[f64],
        gradient: &[f64],
    ) -> Result<Vec<Coordinate>, Stopped> {
        let width = self.spread.len() - 1;
        let mut coordinates = vec![];
        for (at, (&w, &g)) in theta.iter().zip(gradient).enumerate() {
            let (output, column) = (at / (width + 1), at % (width + 1));
            let free = column == width || w != 0.0 || g.abs() >= NEAR * self.l1;
            if free && self.spread[column] > 0.0 {
                let curvature = model.curvature(output, column)?;
                coordinates.push(Coordinate { at, output, column, curvature });
            }
        }
        // The intercepts first: sparse columns are not centred.
        coordinates.sort_by_key(|c| c.column != width);
        Ok(coordinates)
    }

    /// Sweeps over the coordinates until none is off by more than `goal`, in units of its column's
    /// spread. Returns where that is.
    fn descend<Q: Quadratic>(
        &self,
        mut model: Q,
        start: &[f64],
        gradient: &[f64],
        goal: f64,
    ) -> Result<Vec<f64>, Stopped> {
        let coordinates = self.coordinates(&mut model, start, gradient)?;
        let mut theta = start.to_vec();
        for _ in 0..Q::MOST_SWEEPS {
            if !self.smooth.progress.proceed() {
                return Err(Stopped);
            }
            let mut worst = 0.0f64;
            for c in &coordinates {
                let (old, spread) = (theta[c.at], self.spread[c.column]);
                let penalised = c.column + 1 < self.spread.len();
                let (l1, l2) = if penalised { (self.l1, self.smooth.penalty) } else { (0.0, 0.0) };
                let slope = gradient[c.at] + model.slope(c)? + l2 * (old - start[c.at]);
                let curvature = c.curvature + l2;
                let free = curvature * old - slope;
                let new = (free.abs() - l1).max(0.0).copysign(free) / curvature;
                if new == old || !new.is_finite() {
                    continue;
                }
                worst = worst.max((new - old).abs() * curvature / spread);
                theta[c.at] = new;
                model.shift(c, new - old)?;
            }
            if worst <= goal {
                break;
            }
        }
        Ok(theta)
    }

    fn norm(&self, theta: &[f64]) -> f64 {
        let coefficients = theta.chunks_exact(self.spread.len()).map(|w| &w[..w.len() - 1]);
        self.l1 * coefficients.flatten().map(|w| w.abs()).sum::<f64>()
    }

    /// How far the conditions of a minimum are from being met, by the worst coordinate, in units of
    /// its column's spread.
    fn violation(&self, theta: &[f64], gradient: &[f64]) -> f64 {
        let width = self.spread.len() - 1;
        let mut worst = 0.0f64;
        for (i, (&w, &g)) in theta.iter().zip(gradient).enumerate() {
            let j = i % (width + 1);
            let spread = self.spread[j];
            let off = if j == width {
                g.abs()
            } else if w == 0.0 {
                g.abs() - self.l1
            } else {
                (g + self.l1.copysign(w)).abs()
            };
            // A column of zeros has nothing to say.
            if spread > 0.0 && off > worst * spread {
                worst = off / spread;
            }
        }
        worst
    }
}

/// A coordinate of theta that a step may move.
pub(super) struct Coordinate {
    /// Place in theta.
    at: usize,
    pub(super) output: usize,
    /// Column; the width for the intercept.
    pub(super) column: usize,
    /// Second derivative of the loss.
    curvature: f64,
}

/// A second-order model of the loss about a point, and how far it has been moved from there.
pub(super) trait Quadratic {
    /// Sweeps over the coordinates after which the loss is asked again.
    const MOST_SWEEPS: u32;

    /// Second derivative by a coordinate.
    fn curvature(&mut self, output: usize, column: usize) -> Result<f64, Stopped>;

    /// How much the moves so far have changed the derivative by a coordinate.
    fn slope(&mut self, c: &Coordinate) -> Result<f64, Stopped>;

    /// Moves a coordinate.
    fn shift(&mut self, c: &Coordinate, by: f64) -> Result<(), Stopped>;
}

/// The model by the products of all columns: a step takes O(K²·n·p² / 2) once and O(K·p) for each move.
struct ByProducts {
    outputs: usize,
    /// Columns and intercept.
    block: usize,
    /// Second derivatives by the coordinates of two outputs, symmetric.
    products: Vec<Vec<f64>>,
    /// What [`Quadratic::slope`] answers, for each coordinate.
    slopes: Vec<f64>,
}

impl ByProducts {
    /// Whether the products cost less than walks over rows.
    fn is_worth(x: &Design, outputs: usize) -> bool {
        (outputs + 1) * x.width() <= MOST_PRODUCTS
    }

    fn new(
        x: &Design,
        curve: &Curve,
        outputs: usize,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let block = x.width() + 1;
        let mut products = vec![vec![]; outputs * outputs];
        for a in 0..outputs {
            for b in 0..=a {
                let mut between = gram(x, x.width(), &curve.between(a, b), progress)?;
                for i in 0..block {
                    for j in 0..i {
                        between[j * block + i] = between[i * block + j];
                    }
                }
                products[b * outputs + a].clone_from(&between);
                products[a * outputs + b] = between;
            }
        }
        Ok(Self { outputs, block, products, slopes: vec![0.0; outputs * block] })
    }
}

impl Quadratic for ByProducts {
    const MOST_SWEEPS: u32 = 1000;

    fn curvature(&mut self, output: usize, column: usize) -> Result<f64, Stopped> {
        Ok(self.products[output * (self.outputs + 1)][column * (self.block + 1)])
    }

    fn slope(&mut self, c: &Coordinate) -> Result<f64, Stopped> {
        Ok(self.slopes[c.at])
    }

    fn shift(&mut self, c: &Coordinate, by: f64) -> Result<(), Stopped> {
        let own = &self.products[c.output * self.outputs..(c.output + 1) * self.outputs];
        for (slopes, products) in self.slopes.chunks_exact_mut(self.block).zip(own) {
            let row = &products[c.column * self.block..(c.column + 1) * self.block];
            slopes.iter_mut().zip(row).for_each(|(s, p)| *s += by * p);
        }
        Ok(())
    }
}
