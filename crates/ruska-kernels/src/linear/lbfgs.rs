//! Limited-memory BFGS with a preconditioner and a line search on slopes.

use super::Settings;
use super::design::{Design, PANEL, inner};
use super::loss::Loss;
use super::precondition::Preconditioner;
use crate::{Progress, Stopped};
use std::collections::VecDeque;

/// Pairs of steps and gradient changes that are remembered.
const MEMORY: usize = 10;
/// Multiplications between two looks at the progress.
const WORK_PER_LOOK: usize = 1 << 20;
/// Least part of the promised decrease that a step must bring.
pub(super) const DECREASE: f64 = 1e-4;
/// Most that may be left of the slope after a step.
const SLOPE_LEFT: f64 = 0.9;
/// Relative rounding error allowed to the objective, which is a long sum.
pub(super) const ROUNDING: f64 = 1e-13;

/// The penalised loss as a function of `theta`: coefficients and intercept, output after output.
pub(super) struct Objective<'a, L> {
    pub(super) x: &'a Design,
    pub(super) loss: &'a L,
    pub(super) penalty: f64,
    pub(super) progress: &'a dyn Progress,
}

impl<L: Loss> Objective<'_, L> {
    /// Value and gradient.
    pub(super) fn evaluate(&self, theta: &[f64], gradient: &mut [f64]) -> Result<f64, Stopped> {
        let block = self.x.width() + 1;
        let outputs = self.loss.outputs();
        let mut z = vec![[0.0; PANEL]; outputs];
        gradient.fill(0.0);
        let (mut value, mut work) = (0.0, WORK_PER_LOOK);
        for (panel, s) in self.loss.weights().iter().enumerate() {
            if s.iter().all(|s| *s == 0.0) {
                continue;
            }
            work += 2 * outputs * (self.x.panel_work() + 16 * PANEL);
            if work >= WORK_PER_LOOK {
                work = 0;
                if !self.progress.proceed() {
                    return Err(Stopped);
                }
            }
            for (z, theta) in z.iter_mut().zip(theta.chunks_exact(block)) {
                self.x.scores(panel, theta, z);
            }
            value += self.loss.panel(panel, &mut z);
            for (r, gradient) in z.iter().zip(gradient.chunks_exact_mut(block)) {
                self.x.add_products(panel, r, gradient);
            }
        }
        for (gradient, theta) in gradient.chunks_exact_mut(block).zip(theta.chunks_exact(block)) {
            for (g, w) in gradient[..block - 1].iter_mut().zip(theta) {
                *g += self.penalty * w;
                value += 0.5 * self.penalty * w * w;
            }
        }
        Ok(value)
    }

    /// Theta of the model without features.
    pub(super) fn start(&self) -> Vec<f64> {
        let width = self.x.width();
        let mut theta = vec![];
        for intercept in self.loss.start() {
            theta.resize(theta.len() + width, 0.0);
            theta.push(intercept);
        }
        theta
    }
}

/// A point with its value and gradient.
struct Point {
    theta: Vec<f64>,
    gradient: Vec<f64>,
    value: f64,
}

/// A remembered step: change of theta, change of gradient, their inner product.
struct Pair {
    s: Vec<f64>,
    y: Vec<f64>,
    sy: f64,
}

/// Gradients up to this, in units of a column's spread, count as zero.
pub(super) fn limit<L: Loss>(loss: &L, tolerance: f64) -> f64 {
    let total: f64 = loss.weights().iter().map(|s| s.iter().sum::<f64>()).sum();
    tolerance * total * loss.unit()
}

/// From `theta` on. Returns theta, the steps taken and whether the tolerance was reached.
pub(super) fn minimise<L: Loss>(
    objective: &Objective<'_, L>,
    guess: &Preconditioner,
    theta: Vec<f64>,
    settings: &Settings,
) -> Result<(Vec<f64>, u32, bool), Stopped> {
    let limit = limit(objective.loss, settings.tolerance);
    let mut gradient = vec![0.0; theta.len()];
    let value = objective.evaluate(&theta, &mut gradient)?;
    let mut at = Point { theta, gradient, value };
    let mut pairs: VecDeque<Pair> = VecDeque::new();
    for step in 0..settings.max_steps {
        if is_flat(&at.gradient, &guess.spread, limit) {
            return Ok((at.theta, step, true));
        }
        let direction = direction(&at.gradient, &pairs, guess);
        let next = search(objective, &at, &direction)?;
        let Some(next) = next else {
            if pairs.is_empty() {
                return Ok((at.theta, step, false));
            }
            pairs.clear();
            continue;
        };
        let s: Vec<f64> = next.theta.iter().zip(&at.theta).map(|(a, b)| a - b).collect();
        let y: Vec<f64> = next.gradient.iter().zip(&at.gradient).map(|(a, b)| a - b).collect();
        let sy = inner(&s, &y);
        if sy > 0.0 {
            if pairs.len() == MEMORY {
                pairs.pop_front();
            }
            pairs.push_back(Pair { s, y, sy });
        }
        at = next;
    }
    let flat = is_flat(&at.gradient, &guess.spread, limit);
    Ok((at.theta, settings.max_steps, flat))
}

fn is_flat(gradient: &[f64], spread: &[f64], limit: f64) -> bool {
    gradient.chunks_exact(spread.len()).all(|g| {
        let mut columns = g.iter().zip(spread);
        columns.all(|(g, spread)| g.abs() <= limit * spread)
    })
}

/// The two-loop recursion (Nocedal and Wright, algorithm 7.4), downhill.
fn direction(gradient: &[f64], pairs: &VecDeque<Pair>, guess: &Preconditioner) -> Vec<f64> {
    let mut q: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut alphas = Vec::with_capacity(pairs.len());
    for pair in pairs.iter().rev() {
        let alpha = inner(&pair.s, &q) / pair.sy;
        add(&mut q, -alpha, &pair.y);
        alphas.push(alpha);
    }
    guess.apply(&mut q);
    if let Some(last) = pairs.back() {
        let mut scaled = last.y.clone();
        guess.apply(&mut scaled);
        let scale = last.sy / inner(&last.y, &scaled);
        if scale > 0.0 && scale.is_finite() {
            q.iter_mut().for_each(|v| *v *= scale);
        }
    }
    for (pair, alpha) in pairs.iter().zip(alphas.iter().rev()) {
        let beta = inner(&pair.y, &q) / pair.sy;
        add(&mut q, alpha - beta, &pair.s);
    }
    q
}

/// A step along `direction` that lowers the objective and flattens its slope; `None` when
/// rounding leaves none. The objective is convex, so slopes alone bracket the minimum.
fn search<L: Loss>(
    objective: &Objective<'_, L>,
    from: &Point,
    direction: &[f64],
) -> Result<Option<Point>, Stopped> {
    let slope0 = inner(&from.gradient, direction);
    if !(slope0 < 0.0 && slope0.is_finite()) {
        return Ok(None);
    }
    let mut point =
        Point { theta: from.theta.clone(), gradient: from.gradient.clone(), value: 0.0 };
    let (mut low, mut low_slope) = (0.0, slope0);
    let (mut high, mut high_slope) = (f64::INFINITY, f64::NAN);
    let mut t = 1.0;
    for _ in 0..40 {
        for ((v, v0), d) in point.theta.iter_mut().zip(&from.theta).zip(direction) {
            *v = v0 + t * d;
        }
        point.value = objective.evaluate(&point.theta, &mut point.gradient)?;
        let slope = inner(&point.gradient, direction);
        let allowed = from.value + DECREASE * t * slope0 + ROUNDING * from.value.abs();
        let usable = point.value.is_finite() && slope.is_finite();
        let lower = usable && point.value <= allowed;
        if lower && slope.abs() <= -SLOPE_LEFT * slope0 {
            return Ok(Some(point));
        }
        if lower && slope < 0.0 {
            (low, low_slope) = (t, slope);
        } else {
            (high, high_slope) = (t, if usable { slope } else { f64::NAN });
        }
        t = if high.is_finite() {
            let secant = low - low_slope * (high - low) / (high_slope - low_slope);
            let (least, most) = (low + 0.1 * (high - low), low + 0.9 * (high - low));
            if secant.is_nan() { least } else { secant.clamp(least, most) }
        } else {
            (low - low_slope * low / (low_slope - slope0)).clamp(2.0 * low, 10.0 * low)
        };
        if t.is_nan() || high - low <= f64::EPSILON * high {
            return Ok(None);
        }
    }
    Ok(None)
}

fn add(to: &mut [f64], factor: f64, v: &[f64]) {
    for (to, v) in to.iter_mut().zip(v) {
        *to += factor * v;
    }
}
