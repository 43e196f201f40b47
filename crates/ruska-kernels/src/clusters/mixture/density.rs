//! Log densities of 64 rows under each component.
//!
//! A covariance is factored as L·Lᵀ; the solution y of L·y = x − mean has the squared length that
//! the density asks for, and L's diagonal is its scale.

use super::expect::{MANY, Panel};
use super::levels::Places;
use super::{Covariance, Mixture};
use crate::linear::{Cholesky, Lane, PANEL};
use crate::simd::for_widest;
use crate::{Progress, Stopped};
use std::f64::consts::TAU;

/// Rows solved for together.
const WIDE: usize = 16;
/// What a log density that is no number, or smaller, counts as.
const FARTHEST: f64 = -1e300;

/// A mixture made ready for rows.
pub(super) struct Density<'a> {
    pub(super) mixture: &'a Mixture,
    /// One a component, or one for all: rows of L up to the diagonal, of which the inverse is kept; or
    /// that alone.
    roots: Vec<Vec<f64>>,
    /// One for each place of each component.
    logs: Vec<f64>,
    /// The logarithm of each component's weighted density at its mean.
    peaks: Vec<f64>,
}

impl<'a> Density<'a> {
    pub(super) fn new(
        mixture: &'a Mixture,
        places: &Places,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let (d, kind) = (mixture.dims, mixture.covariance);
        let inverse = |variance: &f64| 1.0 / variance.sqrt();
        let covariances = mixture.covariances.chunks_exact(kind.numbers(d).max(1));
        let mut roots = vec![];
        for covariance in covariances {
            roots.push(match kind {
                Covariance::Full | Covariance::Tied => packed(covariance, d, progress)?,
                Covariance::Diagonal => covariance.iter().map(inverse).collect(),
                Covariance::Spherical => vec![inverse(&covariance[0]); d],
            });
        }
        let logs = places.logs(mixture, progress)?;
        let mut density = Self { mixture, roots, logs, peaks: vec![] };
        let diagonal = |i: usize| if kind.crossed() { i * (i + 3) / 2 } else { i };
        let peak = |(c, weight): (usize, &f64)| {
            let root = density.root(c);
            let scale: f64 = (0..d).map(|i| root[diagonal(i)].ln()).sum();
            weight.ln() + scale - 0.5 * d as f64 * TAU.ln()
        };
        density.peaks = mixture.weights.iter().enumerate().map(peak).collect();
        Ok(density)
    }

    fn root(&self, c: usize) -> &[f64] {
        let at = if self.mixture.covariance == Covariance::Tied { 0 } else { c };
        self.roots.get(at).map_or(&[], |root| root)
    }

    /// Writes each component's share of each row of a panel, and the logarithm of the row's
    /// density.
    pub(super) fn shares(
        &self,
        panel: &Panel,
        shares: &mut [Lane],
        log: &mut Lane,
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        let d = panel.numbers.len();
        let places = self.logs.len() / shares.len();
        let slow = self.mixture.covariance.numbers(d) > MANY;
        let mut solution = vec![[0.0; WIDE]; d];
        for (c, out) in shares.iter_mut().enumerate() {
            if slow && !progress.proceed() {
                return Err(Stopped);
            }
            let mean = &self.mixture.means[c * d..(c + 1) * d];
            if self.mixture.covariance.crossed() {
                triangular(&panel.numbers, mean, self.root(c), &mut solution, out);
            } else {
                diagonal(&panel.numbers, mean, self.root(c), out);
            }
            out.iter_mut().for_each(|v| *v = self.peaks[c] - 0.5 * *v);
            let logs = &self.logs[c * places..(c + 1) * places];
            for column in &panel.places {
                out.iter_mut().zip(column).for_each(|(v, &at)| *v += logs[at as usize]);
            }
            out.iter_mut().for_each(|v| *v = v.max(FARTHEST));
        }
        for l in 0..PANEL {
            let greatest = shares.iter().map(|s| s[l]).fold(f64::NEG_INFINITY, f64::max);
            let mut sum = 0.0;
            for share in &mut *shares {
                share[l] = (share[l] - greatest).exp();
                sum += share[l];
            }
            shares.iter_mut().for_each(|s| s[l] /= sum);
            log[l] = greatest + sum.ln();
        }
        Ok(())
    }
}

/// Rows of a covariance's root up to the diagonal, of which the inverse is kept.
fn packed(covariance: &[f64], d: usize, progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
    let root = Cholesky::new(covariance, d, progress)?.root();
    let row = |i: usize| {
        let row = &root[i * d..=i * d + i];
        row.iter().enumerate().map(move |(j, &v)| if i == j { 1.0 / v } else { v })
    };
    Ok((0..d).flat_map(row).collect())
}

for_widest! {
    /// Squared lengths of the solutions y of L·y = x − mean.
    fn triangular(
        panel: &[Lane],
        mean: &[f64],
        root: &[f64],
        solution: &mut [[f64; WIDE]],
        out: &mut Lane,
    ) {
        for (b, out) in out.as_chunks_mut::<WIDE>().0.iter_mut().enumerate() {
            let mut squares = [0.0; WIDE];
            let mut at = 0;
            for i in 0..panel.len() {
                let x = &panel[i].as_chunks::<WIDE>().0[b];
                let mut y = [0.0; WIDE];
                for l in 0..WIDE {
                    y[l] = x[l] - mean[i];
                }
                for (known, by) in solution.iter().zip(&root[at..at + i]) {
                    for l in 0..WIDE {
                        y[l] -= by * known[l];
                    }
                }
                at += i + 1;
                for l in 0..WIDE {
                    y[l] *= root[at - 1];
                    squares[l] += y[l] * y[l];
                }
                solution[i] = y;
            }
            *out = squares;
        }
    }
}

for_widest! {
    /// Squared lengths of x − mean in units of each column.
    fn diagonal(panel: &[Lane], mean: &[f64], inverse: &[f64], out: &mut Lane) {
        *out = [0.0; PANEL];
        for ((x, m), s) in panel.iter().zip(mean).zip(inverse) {
            for l in 0..PANEL {
                let y = (x[l] - m) * s;
                out[l] += y * y;
            }
        }
    }
}
