//! One-step errors of a stationary process and their variances, exactly.
//!
//! The filter of Kalman keeps a matrix of the state's covariance. That matrix shrinks by one vector
//! times itself with every value, so that the vector alone suffices: with `K` the gain, `F` the
//! variance of the error and `w` the vector, both scaled,
//!
//! ```text
//! z = (x − a[0]) / √F      a ← T·a + K·z
//! k = w[0] / √F            F ← F·(1 − k²)
//!                          K ← (K − k·T·w) / √(1 − k²)      w ← (T·w − k·K) / √(1 − k²)
//! ```
//! Cost O(state) for each value instead of O(state²). Once `F` is the errors' own variance, nothing
//! but the last values and errors is needed: O(terms).
//!
//! References: Morf, Sidhu and Kailath, "Some new algorithms for recursive estimation in constant,
//! linear, discrete-time systems", IEEE Trans. Automatic Control 19, 1974; Pearlman, "An algorithm
//! for the exact likelihood of a high-order autoregressive-moving average process", Biometrika 67,
//! 1980; Mélard, "Algorithm AS 197", Applied Statistics 33, 1984.

use super::lanes::{Lane, map, minus, plus, splat, zip};
use super::process::Process;
use crate::simd::for_widest;
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// Multiplications of four between two looks at the progress.
const WORK_PER_LOOK: usize = 1 << 22;
/// Values between two looks at the variance.
const ROWS: usize = 8;
/// The product of variances is turned into a logarithm where it exceeds this: far below the greatest
/// number, as are [`ROWS`] more of them.
const LARGE: f64 = 1e60;

/// What is known before the next value.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    process: Process,
    /// Expected next values of each column: `state_len` numbers and a zero.
    pub(super) states: Vec<Vec<Lane>>,
    pub(super) gain: Vec<Lane>,
    /// The vector by whose square the covariance shrinks; a zero at its end.
    pub(super) shrinking: Vec<Lane>,
    /// Variance of the next error, in units of the errors' own.
    pub(super) variance: Lane,
    /// Sum of the logarithms of the variances so far.
    pub(super) log_variances: Lane,
    /// A part of it that is still a product.
    product: Lane,
}

/// What a filter of one column needs to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) state: Vec<f64>,
    gain: Vec<f64>,
    shrinking: Vec<f64>,
    variance: f64,
}

impl Kept {
    /// Whether it is of a state of so many numbers, all finite.
    pub(super) fn is_sound(&self, state: usize) -> bool {
        let parts = [&self.state, &self.gain, &self.shrinking];
        parts.iter().all(|part| part.len() == state)
            && parts.into_iter().flatten().all(|v| v.is_finite())
            && self.variance > 0.0
            && self.variance.is_finite()
    }
}

/// Errors of some columns of values, by their standard deviations.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors {
    /// As long as the columns of values.
    pub(super) columns: Vec<Vec<Lane>>,
}

impl Errors {
    fn resize(&mut self, columns: usize, n: usize) {
        self.columns.resize_with(columns, Vec::new);
        self.columns.iter_mut().for_each(|c| c.resize(n, splat(0.0)));
    }
}

/// Looks at the progress after so much work.
struct Work<'a> {
    per_row: usize,
    since: usize,
    progress: &'a dyn Progress,
}

impl<'a> Work<'a> {
    fn new(per_row: usize, progress: &'a dyn Progress) -> Self {
        Self { per_row, since: 0, progress }
    }

    fn done(&mut self, rows: usize) -> Result<(), Stopped> {
        self.since += rows * self.per_row;
        if self.since > WORK_PER_LOOK {
            self.since = 0;
            if !self.progress.proceed() {
                return Err(Stopped);
            }
        }
        Ok(())
    }
}

impl Filter {
    /// Before the first of the values.
    pub(super) fn new(process: Process, columns: usize) -> Self {
        let covariance = process.start();
        let r = covariance.len();
        let variance = map(covariance[0], |v| v.max(1.0));
        let mut gain = vec![splat(0.0); r + 1];
        gain[..r - 1].copy_from_slice(&covariance[1..]);
        for &(lag, phi) in &process.ar {
            gain[lag - 1] = plus(gain[lag - 1], phi, covariance[0]);
        }
        for g in &mut gain {
            *g = zip(*g, variance, |g, v| g / v.sqrt());
        }
        Self {
            process,
            states: vec![vec![splat(0.0); r + 1]; columns],
            shrinking: gain.clone(),
            gain: gain[..r].to_vec(),
            variance,
            log_variances: splat(0.0),
            product: splat(1.0),
        }
    }

    /// After values of which these are left: one number of each lane.
    pub(super) fn resumed(process: Process, kept: &Kept) -> Self {
        let wide = |v: &[f64]| v.iter().map(|v| splat(*v)).chain([splat(0.0)]).collect();
        Self {
            process,
            states: vec![wide(&kept.state)],
            gain: kept.gain.iter().map(|g| splat(*g)).collect(),
            shrinking: wide(&kept.shrinking),
            variance: splat(kept.variance),
            log_variances: splat(0.0),
            product: splat(1.0),
        }
    }

    /// Takes the values of all columns and gives their errors. Variances within `tolerance` of the
    /// last count as it, and the state is then not kept; none are for a tolerance of 0.
    pub(super) fn run(
        &mut self,
        columns: &[&[f64]],
        tolerance: f64,
        errors: &mut Errors,
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        let n = columns[0].len();
        errors.resize(columns.len(), n);
        let mut work = Work::new(self.gain.len() * (columns.len() + 2), progress);
        let (mut t, mut end) = (0, n);
        while t < end {
            let next = end.min(t + ROWS);
            work.done(next - t)?;
            take(self, columns, t, next, &mut errors.columns);
            t = next;
            if self.product.iter().any(|p| *p > LARGE) {
                self.settle();
            }
            if end == n && self.variance.iter().all(|v| *v - 1.0 < tolerance) {
                // The last errors are still those of greater variances.
                end = n.min(t + self.process.ma_lag);
            }
        }
        self.settle();
        follow(&self.process, columns, end, errors, progress)
    }

    /// Turns the product of variances into its logarithm.
    fn settle(&mut self) {
        self.log_variances = zip(self.log_variances, self.product, |s, p| s + p.ln());
        self.product = splat(1.0);
    }

    /// One lane of what a single column left.
    pub(super) fn kept(&self) -> Kept {
        let first = |v: &[Lane]| v.iter().map(|v| v[0]).collect::<Vec<f64>>();
        let r = self.gain.len();
        Kept {
            state: first(&self.states[0][..r]),
            gain: first(&self.gain),
            shrinking: first(&self.shrinking[..r]),
            variance: self.variance[0],
        }
    }
}

/// Errors given the first values, as many as the longest lag of the autoregression, whose own errors
/// count as zero.
pub(super) fn conditional(
    process: &Process,
    columns: &[&[f64]],
    errors: &mut Errors,
    progress: &dyn Progress,
) -> Result<(), Stopped> {
    errors.resize(columns.len(), columns[0].len());
    let from = process.ar_lag.min(columns[0].len());
    errors.columns.iter_mut().for_each(|c| c[..from].fill(splat(0.0)));
    follow(process, columns, from, errors, progress)
}

/// Errors from a place on, of the last values and errors.
fn follow(
    process: &Process,
    columns: &[&[f64]],
    from: usize,
    errors: &mut Errors,
    progress: &dyn Progress,
) -> Result<(), Stopped> {
    let mut work = Work::new(process.ar.len() + process.ma.len() + 1, progress);
    for (x, z) in columns.iter().zip(&mut errors.columns) {
        let mut t = from;
        while t < x.len() {
            let next = x.len().min(t + 64 * ROWS);
            work.done(next - t)?;
            follow_rows(process, x, t, next, z);
            t = next;
        }
    }
    Ok(())
}

for_widest! {
    /// Takes the values of some rows.
    fn take(filter: &mut Filter, columns: &[&[f64]], from: usize, to: usize, errors: &mut [Vec<Lane>]) {
        let r = filter.gain.len();
        let mut variance = filter.variance;
        let mut root = map(variance, f64::sqrt);
        for t in from..to {
            let over = map(root, |v| 1.0 / v);
            filter.product = zip(filter.product, variance, |p, v| p * v);
            for ((x, a), z) in columns.iter().zip(&mut filter.states).zip(errors.iter_mut()) {
                let expected = a[0];
                let error = zip(map(expected, |a| x[t] - a), over, |e, o| e * o);
                z[t] = error;
                for &(lag, phi) in &filter.process.ar {
                    a[lag] = plus(a[lag], phi, expected);
                }
                for i in 0..r {
                    a[i] = plus(a[i + 1], filter.gain[i], error);
                }
                a[r] = splat(0.0);
            }
            let w = &mut filter.shrinking[..=r];
            let first = w[0];
            for &(lag, phi) in &filter.process.ar {
                w[lag] = plus(w[lag], phi, first);
            }
            let share = zip(first, over, |w, o| w * o);
            variance = map(minus(variance, first, first), |v| v.max(1.0));
            let next = map(variance, f64::sqrt);
            let stretch = zip(root, next, |a, b| a / b);
            for (i, gain) in filter.gain[..r].iter_mut().enumerate() {
                let (moved, old) = (w[i + 1], *gain);
                *gain = zip(minus(old, share, moved), stretch, |g, s| g * s);
                w[i] = zip(minus(moved, share, old), stretch, |w, s| w * s);
            }
            w[r] = splat(0.0);
            root = next;
        }
        filter.variance = variance;
    }
}

for_widest! {
    /// Errors of some rows of one column, after those before.
    fn follow_rows(process: &Process, x: &[f64], from: usize, to: usize, z: &mut [Lane]) {
        for t in from..to {
            let mut error = splat(x[t]);
            for &(lag, phi) in process.ar.iter().filter(|(lag, _)| *lag <= t) {
                error = minus(error, phi, splat(x[t - lag]));
            }
            // The last error, which has just been found, is waited for last.
            for &(lag, theta) in process.ma.iter().rev().filter(|(lag, _)| *lag <= t) {
                error = minus(error, theta, z[t - lag]);
            }
            z[t] = error;
        }
    }
}
