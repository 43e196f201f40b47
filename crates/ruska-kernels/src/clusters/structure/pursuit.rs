//! Projection pursuit: the direction in which points look least like one heap.
//!
//! Source: Peña, Prieto, "Cluster identification using projections", JASA 96, 2001, for the least
//! kurtosis; Hyvärinen, Oja, "A fast fixed-point algorithm for independent component analysis",
//! Neural Computation 9, 1997, for the search.

use crate::trees::random::choose;
use crate::{Progress, Stopped};

/// Axes from which the search starts, flattest first.
const STARTS: usize = 8;
const MOST_STEPS: usize = 15;
/// Cosine of two steps above which the search has ended.
const SETTLED: f64 = 1.0 - 1e-6;

/// The places of two thirds of the rows in the direction of least kurtosis, which is that of two
/// heaps of like size. `white` holds rows of `dims` uncorrelated coordinates of deviation 1. The
/// direction is found among the other rows, so that what is seen in it is not what was searched
/// for.
pub(super) fn flattest(
    white: &[f64],
    dims: usize,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let rows = white.len() / dims;
    let (mut chosen, mut rest) = (vec![], vec![]);
    choose(rows, rows / 3, seed, &mut chosen, &mut rest);
    let row = |&i: &u32| &white[i as usize * dims..(i as usize + 1) * dims];
    let searched: Vec<f64> = chosen.iter().flat_map(row).copied().collect();
    let direction = search(&searched, dims, progress)?;
    Ok(rest.iter().map(|i| inner(row(i), &direction)).collect())
}

/// The unit direction of least kurtosis that was found.
fn search(white: &[f64], dims: usize, progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
    let axis = |j: usize| (0..dims).map(|i| f64::from(u8::from(i == j))).collect::<Vec<_>>();
    let mut starts: Vec<(f64, Vec<f64>)> =
        (0..dims).map(|j| (moments(white, &axis(j)).0, axis(j))).collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best = starts[0].clone();
    for (_, mut direction) in starts.into_iter().take(STARTS) {
        for _ in 0..MOST_STEPS {
            if !progress.proceed() {
                return Err(Stopped);
            }
            let (kurtosis, slope) = moments(white, &direction);
            if kurtosis < best.0 {
                best = (kurtosis, direction.clone());
            }
            let mut next: Vec<f64> =
                direction.iter().zip(&slope).map(|(d, s)| 3.0 * d - s).collect();
            let length = inner(&next, &next).sqrt();
            if length < 1e-12 {
                break;
            }
            next.iter_mut().for_each(|v| *v /= length);
            let cosine = inner(&next, &direction).abs();
            direction = next;
            if cosine > SETTLED {
                break;
            }
        }
    }
    Ok(best.1)
}

/// The fourth moment of the projections, and a quarter of its slope in the direction.
fn moments(white: &[f64], direction: &[f64]) -> (f64, Vec<f64>) {
    let n = (white.len() / direction.len()) as f64;
    let mut slope = vec![0.0; direction.len()];
    for row in white.chunks_exact(direction.len()) {
        let place = inner(row, direction);
        let cube = place * place * place;
        slope.iter_mut().zip(row).for_each(|(s, v)| *s += cube * v);
    }
    slope.iter_mut().for_each(|s| *s /= n);
    (inner(&slope, direction), slope)
}

pub(super) fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
