//! The parameters with the least squares: Levenberg and Marquardt's steps within bounds.

use super::pass::{MOST, Squares};
use crate::{Progress, Stopped};

/// Steps after which the best so far is the answer.
const STEPS: u32 = 60;
/// Damping at the start.
const DAMPING: f64 = 1e-2;
/// Damping from which on a step is too small to help.
const MOST_DAMPING: f64 = 1e8;
/// A step that gains less than this part of the squares is the last.
const GAIN: f64 = 1e-7;

/// The parameters and their squares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub at: [f64; MOST],
    pub squares: f64,
}

/// Looks from `start` for the least of `of` within bounds, one for each parameter. Squares that are not
/// finite are never the least; there is none where they are not finite at the start.
pub(super) fn search(
    start: [f64; MOST],
    bounds: &[(f64, f64)],
    mut of: impl FnMut(&[f64; MOST]) -> Squares,
    progress: &dyn Progress,
) -> Result<Option<Found>, Stopped> {
    let mut at = start;
    let mut here = of(&at);
    if !here.squares.is_finite() {
        return Ok(None);
    }
    let mut damping = DAMPING;
    for _ in 0..STEPS {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let next = step(&at, &here, damping, bounds);
        if next == at {
            break;
        }
        let there = of(&next);
        if there.squares < here.squares {
            let gain = here.squares - there.squares;
            (at, here) = (next, there);
            damping *= 0.1;
            if gain <= GAIN * here.squares {
                break;
            }
        } else {
            damping *= 8.0;
            if damping > MOST_DAMPING {
                break;
            }
        }
    }
    Ok(Some(Found { at, squares: here.squares }))
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
        let moves = solve(here, damping, &free, count);
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
fn solve(here: &Squares, damping: f64, free: &[bool; MOST], count: usize) -> [f64; MOST] {
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
