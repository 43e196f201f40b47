//! The penalty that serves best on rows held out: a path from strong to weak, over folds.
//!
//! ```text
//! L2    penalties  t · 10^(−k/2), k = 0..=14         t = 10 · c · maxⱼ Σᵢ sᵢ (xᵢⱼ − x̄ⱼ)²
//! L1    penalties  t · 10^(−k/4), k = 0..=20         t = maxⱼ |gⱼ| / l1_ratio, or the one above
//!                                                        over 1 − l1_ratio where that is less
//! ```
//! with g the gradient and c the curvature of the model without features: the grid goes with the
//! scale of columns, target and weights. At the top of it coefficients are next to nothing, or
//! zero. Fits start from those of the penalty before, and the path ends where the loss of the rows
//! held out has not fallen for a tenth of the penalty; of an L2 penalty not before it lets the
//! narrowest column speak too, as wider ones that are noise may make the loss rise first.
//!
//! Up to a thousand columns, a squared loss with L2 needs no rows at all: a fold's sums of products
//! are those of all rows less those of the rows held out, and give both fit and loss.
//!
//! Reference: Friedman, Hastie, Tibshirani, "Regularization paths for generalized linear models
//! via coordinate descent", JSS 33, 2010.

use super::curve::ByColumn;
use super::design::{Design, inner};
use super::lbfgs::Objective;
use super::loss::{Curved, Logistic, Softmax, Squared, panels};
use super::precondition::{Curvature, MOST_FACTORED, Moments, factor, gram, head};
use super::{Ready, Settings, Truth, solve};
use crate::{Progress, Stopped};

/// Decades from the strongest penalty to the weakest: L2, and with L1.
const DECADES: [u32; 2] = [7, 5];
/// Steps a decade: L2, and with L1.
const STEPS: [u32; 2] = [2, 4];
/// Columns up to which factors are cheap enough for every step.
const NARROW: usize = 256;
/// Part of the greatest variance below which one is rounding error.
const ROUNDING: f64 = 1e-12;
/// Part of the loss that a weaker penalty must gain.
const GAIN: f64 = 1e-6;
/// Tolerance and steps of the fits to folds.
const TOLERANCE: f64 = 1e-3;
const MOST_STEPS: u32 = 60;

/// The penalty of least loss on the rows held out, where the strength in `settings` serves only
/// if there is nothing to choose by.
/// Each of `held` gives a weight to every row, 0 for those that its fold learns from; the weight
/// of a row is the sum, and each fold learns from what the others hold out. Every class must have
/// weight in what each fold learns from. Told that it is enough, returns the best so far.
pub fn choose_penalty(
    x: &Design,
    y: Truth<'_>,
    held: &[Vec<f64>],
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<f64, Stopped> {
    let path = Path { x, held, settings, progress };
    match y {
        Truth::Values(y) if settings.l1_ratio == 0.0 && x.width() <= MOST_FACTORED => {
            path.by_moments(y)
        }
        Truth::Values(y) => path.by_fits(|weights| Squared::new(y, weights)),
        Truth::Positive(y) => path.by_fits(|weights| Logistic::new(y, weights)),
        Truth::Classes(codes, k) => path.by_fits(|weights| Softmax::new(codes, k, weights)),
    }
}

struct Path<'a> {
    x: &'a Design,
    held: &'a [Vec<f64>],
    settings: &'a Settings,
    progress: &'a dyn Progress,
}

/// What a fold learns from, what it is judged by, and where it has come to.
struct Fold<'a, L> {
    learns: L,
    judged: L,
    ready: Ready<'a>,
    theta: Vec<f64>,
}

impl Path<'_> {
    /// Weight of each row.
    fn weights(&self) -> Vec<f64> {
        let rows = 0..self.x.rows();
        rows.map(|i| self.held.iter().map(|held| held[i]).sum()).collect()
    }

    /// Walks from `top` on and returns the penalty of least loss.
    fn walk(
        &self,
        (top, heard): (f64, f64),
        steps: u32,
        mut loss: impl FnMut(f64) -> Result<f64, Stopped>,
    ) -> Result<f64, Stopped> {
        let decades = DECADES[usize::from(self.settings.l1_ratio > 0.0)];
        // Where there is no scale to go by: a row's worth, the strength in use elsewhere.
        let mut best = (self.settings.penalty, f64::INFINITY);
        if !(top > 0.0 && top.is_finite()) {
            return Ok(best.0);
        }
        let mut since = 0;
        for k in 0..=decades * steps {
            if self.progress.enough() {
                break;
            }
            let penalty = top * 10f64.powf(-f64::from(k) / f64::from(steps));
            let loss = loss(penalty)?;
            since += u32::from(penalty <= heard);
            if loss.is_finite() && (best.1.is_infinite() || loss < best.1 * (1.0 - GAIN)) {
                (best, since) = ((penalty, loss), 0);
            } else if since == steps {
                break;
            }
        }
        Ok(best.0)
    }

    /// The strongest penalty, and the one below which all columns are heard.
    fn top<L: Curved>(&self, loss: &L, moments: &Moments) -> Result<(f64, f64), Stopped> {
        let ratio = self.settings.l1_ratio;
        let mut sums = vec![0.0; self.x.width() + 1];
        for (panel, s) in loss.weights().iter().enumerate() {
            self.x.add_products(panel, s, &mut sums);
        }
        let (narrowest, widest) = spreads(moments.squares(), &sums);
        let curvature = loss.curvature().outputs.iter().fold(0.0, |m: f64, c| m.max(*c));
        let of = |spread: f64| 10.0 * curvature * spread / (1.0 - ratio);
        let (mut top, mut heard) = (of(widest), of(narrowest));
        if ratio > 0.0 {
            let Self { x, progress, .. } = *self;
            let objective = Objective { x, loss, penalty: 0.0, progress };
            let theta = objective.start();
            let mut gradient = vec![0.0; theta.len()];
            objective.evaluate(&theta, &mut gradient)?;
            let coefficients = gradient.chunks_exact(x.width() + 1).flat_map(|g| &g[..x.width()]);
            top = top.min(coefficients.fold(0.0, |m: f64, g| m.max(g.abs())) / ratio);
            heard = top;
        }
        Ok((top, heard))
    }

    fn by_fits<L: Curved>(&self, loss: impl Fn(&[f64]) -> L) -> Result<f64, Stopped> {
        let Self { x, progress, .. } = *self;
        let l1 = self.settings.l1_ratio > 0.0;
        let weights = self.weights();
        let whole = loss(&weights);
        let head = if l1 { 0 } else { cheap_head(x, &whole.curvature()) };
        let moments = Moments::new(x, whole.weights(), head, progress)?;
        let top = self.top(&whole, &moments)?;
        let columns = l1.then(|| ByColumn::of(x));
        let mut folds = vec![];
        for held in self.held {
            let rest: Vec<f64> = weights.iter().zip(held).map(|(w, h)| w - h).collect();
            let (learns, judged) = (loss(&rest), loss(held));
            let part = Moments::new(x, judged.weights(), head, progress)?;
            let theta = Objective { x, loss: &learns, penalty: 0.0, progress }.start();
            let ready = Ready { moments: moments.without(&part), columns: columns.as_ref() };
            folds.push(Fold { learns, judged, ready, theta });
        }
        self.walk(top, STEPS[usize::from(l1)], |penalty| {
            let settings = Settings {
                penalty,
                tolerance: self.settings.tolerance.max(TOLERANCE),
                max_steps: self.settings.max_steps.min(MOST_STEPS),
                ..*self.settings
            };
            let mut sum = 0.0;
            for fold in &mut folds {
                let from = std::mem::take(&mut fold.theta);
                let fit = solve(x, &fold.learns, &fold.ready, from, &settings, progress)?;
                fold.theta = fit.0;
                let judge = Objective { x, loss: &fold.judged, penalty: 0.0, progress };
                sum += judge.evaluate(&fold.theta, &mut vec![0.0; fold.theta.len()])?;
            }
            Ok(sum)
        })
    }

    /// The squared loss with L2, from sums of products alone.
    fn by_moments(&self, y: &[f64]) -> Result<f64, Stopped> {
        let width = self.x.width();
        let weights = self.weights();
        let total: f64 = weights.iter().sum();
        let mean = y.iter().zip(&weights).map(|(y, w)| y * (w / total)).sum::<f64>();
        let y: Vec<f64> = y.iter().map(|y| y - mean).collect();
        let mut whole = Normal::new(self.x, &y, &vec![0.0; y.len()], self.progress)?;
        let mut parts = vec![];
        for held in self.held {
            let part = Normal::new(self.x, &y, held, self.progress)?;
            whole.add(&part, 1.0);
            parts.push(part);
        }
        let squares: Vec<f64> = whole.gram.iter().step_by(width + 2).copied().collect();
        let (narrowest, widest) = spreads(&squares, &whole.gram[width * (width + 1)..]);
        let steps = if width > NARROW { 1 } else { STEPS[0] };
        self.walk((10.0 * widest, 10.0 * narrowest), steps, |penalty| {
            let mut sum = 0.0;
            for part in &parts {
                whole.add(part, -1.0);
                let theta = whole.solve(penalty, self.progress);
                whole.add(part, 1.0);
                sum += part.loss(&theta?);
            }
            Ok(sum)
        })
    }
}

/// The least variance of a column that varies and the greatest one, times the weight, from sums of
/// squares and sums; the last one of both is the weight. About the mean by weight, so that a weight
/// is repetition.
fn spreads(squares: &[f64], sums: &[f64]) -> (f64, f64) {
    let (total, columns) = squares.split_last().expect("the last one is the weight");
    let variance = |(square, sum): (&f64, &f64)| square - sum * (sum / total);
    let spreads = || columns.iter().zip(sums).map(variance);
    let widest = spreads().fold(0.0, f64::max);
    let varies = |spread: &f64| *spread > ROUNDING * widest;
    (spreads().filter(varies).fold(widest, f64::min), widest)
}

/// Columns over which a factor costs about a product with the design or less, as there is one to be
/// made for each fold and penalty.
fn cheap_head(x: &Design, curvature: &Curvature) -> usize {
    let d = head(x, curvature);
    if d * d <= 16 * x.rows() { d } else { 0 }
}

/// The normal equations of some rows.
struct Normal {
    /// Lower triangle over the columns and ones, row-major.
    gram: Vec<f64>,
    /// Products of the columns, and of ones, with the target.
    products: Vec<f64>,
    /// The target's summed squares.
    square: f64,
}

impl Normal {
    fn new(
        x: &Design,
        y: &[f64],
        weights: &[f64],
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let gram = gram(x, x.width(), &panels(weights), progress)?;
        let mut products = vec![0.0; x.width() + 1];
        let weighted: Vec<f64> = y.iter().zip(weights).map(|(y, w)| y * w).collect();
        for (panel, lane) in panels(&weighted).iter().enumerate() {
            if lane.iter().any(|v| *v != 0.0) {
                x.add_products(panel, lane, &mut products);
            }
        }
        Ok(Self { gram, products, square: inner(&weighted, y) })
    }

    fn add(&mut self, part: &Self, times: f64) {
        for (a, b) in self.gram.iter_mut().zip(&part.gram) {
            *a += times * b;
        }
        for (a, b) in self.products.iter_mut().zip(&part.products) {
            *a += times * b;
        }
        self.square += times * part.square;
    }

    fn solve(&self, penalty: f64, progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
        let mut theta = self.products.clone();
        factor(&self.gram, theta.len() - 1, 1.0, penalty, progress)?.solve(&mut theta);
        Ok(theta)
    }

    /// Half the summed squared error.
    fn loss(&self, theta: &[f64]) -> f64 {
        let n = theta.len();
        let mut quadratic = 0.0;
        for (i, t) in theta.iter().enumerate() {
            let row = &self.gram[i * n..=i * n + i];
            quadratic += t * (2.0 * inner(&row[..i], &theta[..i]) + row[i] * t);
        }
        (0.5 * (quadratic + self.square) - inner(theta, &self.products)).max(0.0)
    }
}
