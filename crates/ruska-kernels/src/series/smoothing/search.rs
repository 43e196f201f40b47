//! The most likely parameters and first states: Levenberg and Marquardt's method within bounds.
//!
//! Reference: Nielsen, "Damping parameter in Marquardt's method", IMM-REP-1999-05.

use super::form::Component;
use super::pass::{LANE, Problem, Run};
use crate::{Progress, Stopped};

/// Steps end where they promise less than this of `−2·log L`.
const ENOUGH: f64 = 1e-3;
/// How much farther than a step promises a search may get, as a factor and on top.
const HOPE: f64 = 20.0;
const ROOM_FOR_HOPE: f64 = 5.0;
const FIRST_DAMPING: f64 = 1e-3;
const MOST_DAMPING: f64 = 1e12;

/// Room for the search of one form after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    pub(super) run: Run,
    /// `Σ ε²` where derivatives were taken.
    squares: f64,
    matrix: Vec<f64>,
    factor: Vec<f64>,
    gradient: Vec<f64>,
    free: Vec<usize>,
    change: Vec<f64>,
}

/// One search.
pub(super) struct Search<'a> {
    pub(super) problem: Problem<'a>,
    pub(super) room: &'a mut Room,
    pub(super) progress: &'a dyn Progress,
    /// `−2·log L` that is of interest: a search that will not come below it ends early.
    pub(super) beat: f64,
}

impl Search<'_> {
    /// Improves `at` in place in at most `steps` steps; returns `−2·log L` there.
    pub(super) fn improve(&mut self, at: &mut Vec<f64>, steps: u32) -> Result<f64, Stopped> {
        let (problem, room) = (self.problem, &mut *self.room);
        let bounds = problem.layout.bounds();
        let (mut damping, mut growth) = (FIRST_DAMPING, 2.0);
        let (mut value, mut derived) = (f64::INFINITY, false);
        let mut next = at.clone();
        for _ in 0..steps {
            if !self.progress.proceed() {
                return Err(Stopped);
            }
            if !derived {
                problem.derive(at, &mut room.run);
                value = room.run.value;
                if !value.is_finite() || room.run.squares <= problem.least {
                    break;
                }
                room.gather(&problem);
                derived = true;
            }
            room.choose_free(at, &bounds);
            let gain = room.solve(damping, problem.values.len());
            if gain < ENOUGH || value - HOPE * gain - ROOM_FOR_HOPE > self.beat {
                break;
            }
            next.copy_from_slice(at);
            for (&i, change) in room.free.iter().zip(&room.change) {
                next[i] = (at[i] + change).clamp(bounds[i].0, bounds[i].1);
            }
            let reached = problem.value(&next, &mut room.run);
            if reached < value {
                let ratio = (value - reached) / gain;
                damping *= (1.0 - (2.0 * ratio - 1.0).powi(3)).clamp(1.0 / 3.0, 2.0);
                growth = 2.0;
                value = reached;
                std::mem::swap(at, &mut next);
                derived = false;
            } else {
                damping *= growth;
                growth *= 2.0;
                if damping > MOST_DAMPING {
                    break;
                }
            }
        }
        Ok(value)
    }
}

impl Room {
    /// Gauss and Newton's matrix and half the gradient of `Σ r²`, by `g²`.
    fn gather(&mut self, problem: &Problem) {
        let n = problem.layout.len();
        let lanes = n.div_ceil(LANE);
        let run = &self.run;
        self.squares = run.squares;
        let relative = problem.layout.form.error == Component::Multiplicative;
        let by = if relative { 1.0 / problem.values.len() as f64 } else { 0.0 };
        let slope = |i: usize| run.slopes[i / LANE][i % LANE];
        let drift = |i: usize| run.drift[i / LANE][i % LANE] * by;
        self.gradient.clear();
        self.gradient.extend((0..n).map(|i| slope(i) + run.squares * drift(i)));
        self.matrix.clear();
        self.matrix.resize(n * n, 0.0);
        for i in 0..n {
            for j in i..n {
                let product = run.products[i * lanes + j / LANE][j % LANE];
                let (c, d) = (drift(i), drift(j));
                let v = product + slope(i) * d + slope(j) * c + run.squares * c * d;
                self.matrix[i * n + j] = v;
                self.matrix[j * n + i] = v;
            }
        }
    }

    /// Numbers that are not held at a bound.
    fn choose_free(&mut self, at: &[f64], bounds: &[(f64, f64)]) {
        let n = at.len();
        self.free.clear();
        for i in 0..n {
            let g = self.gradient[i];
            let held = bounds[i].0 == bounds[i].1
                || (at[i] <= bounds[i].0 && g >= 0.0)
                || (at[i] >= bounds[i].1 && g <= 0.0);
            if !held && self.matrix[i * n + i] > 0.0 {
                self.free.push(i);
            }
        }
    }

    /// Solves for the change of the free numbers; returns by how much it promises to lower `−2·log L`
    /// of `values` values.
    fn solve(&mut self, damping: f64, values: usize) -> f64 {
        let (n, k) = (self.gradient.len(), self.free.len());
        self.factor.clear();
        self.factor.resize(k * k, 0.0);
        self.change.clear();
        self.change.extend(self.free.iter().map(|&i| -self.gradient[i]));
        for a in 0..k {
            let from = self.free[a] * n;
            for b in 0..=a {
                self.factor[a * k + b] = self.matrix[from + self.free[b]];
            }
            self.factor[a * k + a] *= 1.0 + damping;
        }
        cholesky(&mut self.factor, k);
        substitute(&self.factor, &mut self.change);
        let mut promised = 0.0;
        for (&i, c) in self.free.iter().zip(&self.change) {
            promised -= c * (self.gradient[i] - damping * self.matrix[i * n + i] * c);
        }
        let share = (promised / self.squares).min(0.999);
        -(values as f64) * (1.0 - share).ln()
    }
}

/// Factors in place, lower triangle, rows of length `k`; pivots stay above rounding.
fn cholesky(a: &mut [f64], k: usize) {
    for i in 0..k {
        let (above, rest) = a.split_at_mut(i * k);
        let row = &mut rest[..=i];
        let whole = row[i];
        for j in 0..i {
            let other = &above[j * k..=j * k + j];
            let sum: f64 = row[..j].iter().zip(other).map(|(x, y)| x * y).sum();
            row[j] = (row[j] - sum) / other[j];
        }
        let sum: f64 = row[..i].iter().map(|x| x * x).sum();
        row[i] = (whole - sum).max(1e-14 * whole).max(f64::MIN_POSITIVE).sqrt();
    }
}

fn substitute(factor: &[f64], b: &mut [f64]) {
    let k = b.len();
    for i in 0..k {
        let row = &factor[i * k..=i * k + i];
        let sum: f64 = row[..i].iter().zip(&*b).map(|(x, y)| x * y).sum();
        b[i] = (b[i] - sum) / row[i];
    }
    for i in (0..k).rev() {
        let row = &factor[i * k..=i * k + i];
        b[i] /= row[i];
        let (head, tail) = b.split_at_mut(i);
        for (v, x) in head.iter_mut().zip(row) {
            *v -= x * tail[0];
        }
    }
}
