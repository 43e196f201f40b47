//! Newton's method for penalties with an L1 part: the loss is replaced by its second-order model,
//! which coordinate descent minimises together with the penalty, and a line search takes the step.
//!
//! A step looks at the coefficients that are not zero or should not be, by the exact gradient; the
//! others are asked again at the next step. So a solution of few columns costs few columns.
//! Coefficients that the penalty holds at zero are exactly zero.
//!
//! References: Friedman, Hastie, Tibshirani, "Regularization paths for generalized linear models
//! via coordinate descent", JSS 33, 2010; Yuan, Ho, Lin, "An improved GLMNET for L1-regularized
//! logistic regression", JMLR 13, 2012.

use super::Settings;
use super::design::{Design, PANEL, inner};
use super::lbfgs::{DECREASE, Objective, ROUNDING, limit};
use super::loss::Curved;
use super::simd;
use crate::Stopped;

/// Multiplications between two looks at the progress.
const WORK_PER_LOOK: usize = 1 << 21;
/// Part of the violation that a step's model may leave.
const LEFT: f64 = 0.03;
/// Most sweeps over the coordinates of a step.
const MOST_SWEEPS: u32 = 100;
/// Part of the L1 penalty from which on a gradient makes a zero coefficient worth a look.
const NEAR: f64 = 0.9;

/// The stored values of a design's sparse part, column by column.
pub(super) struct ByColumn {
    offsets: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl ByColumn {
    pub(super) fn of(x: &Design) -> Self {
        let width = x.width() - x.dense();
        let mut offsets = vec![0; width + 1];
        for row in 0..x.rows() {
            x.stored(row).0.iter().for_each(|&c| offsets[c as usize + 1] += 1);
        }
        for c in 0..width {
            offsets[c + 1] += offsets[c];
        }
        let mut next = offsets.clone();
        let (mut rows, mut values) = (vec![0; x.stored_values()], vec![0.0; x.stored_values()]);
        for row in 0..x.rows() {
            let (indices, stored) = x.stored(row);
            for (&c, &v) in indices.iter().zip(stored) {
                let at = next[c as usize];
                (rows[at], values[at]) = (row as u32, v);
                next[c as usize] += 1;
            }
        }
        Self { offsets, rows, values }
    }

    fn column(&self, c: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.offsets[c]..self.offsets[c + 1];
        let rows = self.rows[range.clone()].iter().map(|&row| row as usize);
        rows.zip(self.values[range].iter().copied())
    }
}

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
        let mut gradient = vec![0.0; theta.len()];
        let mut value = self.smooth.evaluate(&theta, &mut gradient)? + self.norm(&theta);
        for step in 0..settings.max_steps {
            let violation = self.violation(&theta, &gradient);
            if violation <= limit {
                return Ok((theta, step, true));
            }
            let mut model = Model::new(self, &theta, &gradient)?;
            let moved = model.descend((LEFT * violation).max(0.3 * limit))?;
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
struct Coordinate {
    /// Place in theta.
    at: usize,
    output: usize,
    /// Column; the width for the intercept.
    column: usize,
    /// Second derivative of the loss.
    curvature: f64,
}

/// The second-order model of the loss about a point, and a point near it. Of a row with scores z the
/// second derivative is diag(q) − q·pᵀ, where p is zero for a single output.
struct Model<'a, L> {
    problem: &'a Problem<'a, L>,
    gradient: &'a [f64],
    start: &'a [f64],
    theta: Vec<f64>,
    coordinates: Vec<Coordinate>,
    /// Rows of whole panels.
    rows: usize,
    /// One number a row, output after output: q, p, and the change of scores.
    q: Vec<f64>,
    p: Vec<f64>,
    change: Vec<f64>,
    /// Mean change of a row's scores by p.
    mean: Vec<f64>,
    work: usize,
}

impl<'a, L: Curved> Model<'a, L> {
    fn new(
        problem: &'a Problem<'a, L>,
        start: &'a [f64],
        gradient: &'a [f64],
    ) -> Result<Self, Stopped> {
        let Objective { x, loss, .. } = problem.smooth;
        let (outputs, width) = (loss.outputs(), x.width());
        let rows = x.panels() * PANEL;
        let mut model = Self {
            problem,
            gradient,
            start,
            theta: start.to_vec(),
            coordinates: vec![],
            rows,
            q: vec![0.0; rows * outputs],
            p: vec![0.0; rows * outputs],
            change: vec![0.0; rows * outputs],
            mean: vec![0.0; rows],
            work: 0,
        };
        model.curve()?;
        for (at, (&w, &g)) in start.iter().zip(gradient).enumerate() {
            let (output, column) = (at / (width + 1), at % (width + 1));
            let free = column == width || w != 0.0 || g.abs() >= NEAR * problem.l1;
            if free && problem.spread[column] > 0.0 {
                let curvature = model.curvature(output, column)?;
                model.coordinates.push(Coordinate { at, output, column, curvature });
            }
        }
        // The intercepts first: sparse columns are not centred.
        model.coordinates.sort_by_key(|c| c.column != width);
        Ok(model)
    }

    /// Fills q and p.
    fn curve(&mut self) -> Result<(), Stopped> {
        let Objective { x, loss, .. } = self.problem.smooth;
        let outputs = loss.outputs();
        let (mut z, mut p) = (vec![[0.0; PANEL]; outputs], vec![[0.0; PANEL]; outputs]);
        for (panel, s) in loss.weights().iter().enumerate() {
            if s.iter().all(|s| *s == 0.0) {
                continue;
            }
            self.look(outputs * x.panel_work())?;
            for (z, theta) in z.iter_mut().zip(self.start.chunks_exact(x.width() + 1)) {
                x.scores(panel, theta, z);
            }
            loss.curve(panel, &mut z, &mut p);
            for (k, (q, p)) in z.iter().zip(&p).enumerate() {
                let at = k * self.rows + panel * PANEL;
                self.q[at..at + PANEL].copy_from_slice(q);
                self.p[at..at + PANEL].copy_from_slice(p);
            }
        }
        Ok(())
    }

    /// Sweeps over the coordinates until none is off by more than `goal`, in units of its column's
    /// spread. Returns where that is.
    fn descend(&mut self, goal: f64) -> Result<Vec<f64>, Stopped> {
        let coordinates = std::mem::take(&mut self.coordinates);
        let (l1, l2) = (self.problem.l1, self.problem.smooth.penalty);
        for _ in 0..MOST_SWEEPS {
            let mut worst = 0.0f64;
            for c in &coordinates {
                let spread = self.problem.spread[c.column];
                let (old, from) = (self.theta[c.at], self.start[c.at]);
                let penalised = c.column + 1 < self.problem.spread.len();
                let (l1, l2) = if penalised { (l1, l2) } else { (0.0, 0.0) };
                let slope = self.gradient[c.at] + self.slope(c)? + l2 * (old - from);
                let curvature = c.curvature + l2;
                let free = curvature * old - slope;
                let new = (free.abs() - l1).max(0.0).copysign(free) / curvature;
                if new == old || !new.is_finite() {
                    continue;
                }
                worst = worst.max((new - old).abs() * curvature / spread);
                self.theta[c.at] = new;
                self.shift(c, new - old)?;
            }
            if worst <= goal {
                break;
            }
        }
        Ok(std::mem::take(&mut self.theta))
    }

    /// Looks at the progress every now and then.
    fn look(&mut self, work: usize) -> Result<(), Stopped> {
        self.work += work;
        if self.work >= WORK_PER_LOOK {
            self.work = 0;
            if !self.problem.smooth.progress.proceed() {
                return Err(Stopped);
            }
        }
        Ok(())
    }

    /// The numbers of an output.
    fn of<'b>(&self, numbers: &'b [f64], output: usize) -> &'b [f64] {
        &numbers[output * self.rows..(output + 1) * self.rows]
    }

    /// Second derivative of the loss by a coordinate.
    fn curvature(&mut self, output: usize, column: usize) -> Result<f64, Stopped> {
        let x = self.problem.smooth.x;
        let (q, p) = (self.of(&self.q, output), self.of(&self.p, output));
        let each = |i: usize, v: f64| q[i] * (1.0 - p[i]) * v * v;
        let (sum, work) = if column < x.dense() {
            let mut sum = 0.0;
            simd::add_curvature(x.all_lanes(), (column, x.dense()), q, p, &mut sum);
            (sum, self.rows)
        } else if column < x.width() {
            let stored = self.problem.columns.column(column - x.dense());
            stored.fold((0.0, 0), |(sum, n), (i, v)| (sum + each(i, v), n + 4))
        } else {
            ((0..self.rows).map(|i| each(i, 1.0)).sum(), self.rows)
        };
        self.look(work)?;
        Ok(sum)
    }

    /// How much the move so far has changed the derivative by a coordinate.
    fn slope(&mut self, c: &Coordinate) -> Result<f64, Stopped> {
        let x = self.problem.smooth.x;
        let (q, change) = (self.of(&self.q, c.output), self.of(&self.change, c.output));
        let mean = &self.mean;
        let (sum, work) = if c.column < x.dense() {
            let mut sum = 0.0;
            simd::add_slope(x.all_lanes(), (c.column, x.dense()), q, change, mean, &mut sum);
            (sum, self.rows)
        } else if c.column < x.width() {
            let stored = self.problem.columns.column(c.column - x.dense());
            let each = |i: usize, v: f64| v * q[i] * (change[i] - mean[i]);
            stored.fold((0.0, 0), |(sum, n), (i, v)| (sum + each(i, v), n + 4))
        } else {
            ((0..self.rows).map(|i| q[i] * (change[i] - mean[i])).sum(), self.rows)
        };
        self.look(work)?;
        Ok(sum)
    }

    /// Moves the scores with a coordinate.
    fn shift(&mut self, c: &Coordinate, by: f64) -> Result<(), Stopped> {
        let x = self.problem.smooth.x;
        let several = self.problem.smooth.loss.outputs() > 1;
        let range = c.output * self.rows..(c.output + 1) * self.rows;
        let (p, change) = (&self.p[range.clone()], &mut self.change[range]);
        let mean = &mut self.mean;
        let mut work = self.rows;
        if c.column < x.dense() {
            simd::add_multiple(x.all_lanes(), (c.column, x.dense()), by, change);
            if several {
                simd::add_shares(x.all_lanes(), (c.column, x.dense()), by, p, mean);
            }
        } else if c.column < x.width() {
            work = 0;
            for (i, v) in self.problem.columns.column(c.column - x.dense()) {
                change[i] += by * v;
                mean[i] += by * v * p[i];
                work += 4;
            }
        } else {
            for i in 0..self.rows {
                change[i] += by;
                mean[i] += by * p[i];
            }
        }
        self.look(work)
    }
}
