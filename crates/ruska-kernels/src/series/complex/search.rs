//! The parameters with the least squares: Levenberg and Marquardt's steps within bounds.

use super::pass::{MOST, Squares};
use super::rates::Admissible;
use crate::{Progress, Stopped};

/// Damping at the start.
const DAMPING: f64 = 1e-2;
/// Damping from which on a step is too small to help.
const MOST_DAMPING: f64 = 1e8;
/// A step that gains less than this part of the squares is the last.
const GAIN: f64 = 1e-7;

/// Where to look, and when to end.
pub(super) struct Search {
    /// The first point; where it has no squares, it is also the answer.
    pub start: [f64; MOST],
    /// Bounds.
    pub admissible: Admissible,
    /// Steps after which the best so far is the answer.
    pub steps: u32,
}

/// Looks for the least of `of`. Squares that are not finite are never the least.
pub(super) fn search(
    search: &Search,
    mut of: impl FnMut(&[f64; MOST]) -> Squares,
    progress: &dyn Progress,
) -> Result<[f64; MOST], Stopped> {
    let Search { start, admissible, steps } = search;
    let mut at = *start;
    let mut here = of(&at);
    let mut damping = DAMPING;
    for _ in 0..*steps {
        if !progress.proceed() {
            return Err(Stopped);
        }
        if !here.sum.is_finite() {
            break;
        }
        let mut next = step(&at, &here, damping, admissible.bounds());
        admissible.restrict(&mut next);
        if next == at {
            break;
        }
        let there = of(&next);
        if there.sum < here.sum {
            let gain = here.sum - there.sum;
            let little = gain <= GAIN * here.sum;
            (at, here) = (next, there);
            damping *= 0.1;
            if little {
                break;
            }
        } else {
            damping *= 8.0;
            if damping > MOST_DAMPING {
                break;
            }
        }
    }
    Ok(at)
}

/// The point that the damped quadratic has for the least; parameters that would leave a bound stay at it.
fn step(at: &[f64; MOST], here: &Squares, damping: f64, bounds: &[(f64, f64)]) -> [f64; MOST] {
    let count = bounds.len();
    let mut free = [false; MOST];
    for (k, (least, most)) in bounds.iter().enumerate() {
        let downhill = -here.gradient[k];
        free[k] = !(at[k] <= *least && downhill <= 0.0 || at[k] >= *most && downhill >= 0.0);
    }
    loop {
        let moves = solve(here, damping, free, count);
        let mut next = *at;
        let mut held = false;
        for (k, (least, most)) in bounds.iter().enumerate() {
            if free[k] {
                next[k] = (at[k] + moves[k]).clamp(*least, *most);
                // One that ends at its bound without having moved is held, and the others solved again.
                if next[k] == at[k] && moves[k] != 0.0 && (at[k] == *least || at[k] == *most) {
                    free[k] = false;
                    held = true;
                }
            }
        }
        if !held {
            return next;
        }
    }
}

/// Solves (C + damping·diag C)·x = −g for the free parameters, by Cholesky's factors.
fn solve(here: &Squares, damping: f64, free: [bool; MOST], count: usize) -> [f64; MOST] {
    let mut factor = [[0.0; MOST]; MOST];
    let mut x = [0.0; MOST];
    for i in 0..count {
        if !free[i] {
            continue;
        }
        for j in 0..=i {
            if !free[j] {
                continue;
            }
            let mut sum = here.curvature[i][j];
            if i == j {
                sum += damping * here.curvature[i][i] + f64::MIN_POSITIVE;
            }
            for k in 0..j {
                sum -= factor[i][k] * factor[j][k];
            }
            if i == j {
                factor[i][i] = sum.max(f64::EPSILON * here.curvature[i][i]).sqrt();
            } else {
                factor[i][j] = sum / factor[j][j];
            }
        }
        let sum: f64 = (0..i).map(|k| factor[i][k] * x[k]).sum();
        x[i] = (-here.gradient[i] - sum) / factor[i][i];
    }
    for i in (0..count).rev().filter(|i| free[*i]) {
        let sum: f64 = (i + 1..count).map(|k| factor[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / factor[i][i];
    }
    x.map(|x| if x.is_finite() { x } else { 0.0 })
}
