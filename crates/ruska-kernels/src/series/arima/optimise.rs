//! The likeliest partial autocorrelations.
//!
//! The likelihood is a sum of squares of errors, hence the method of Levenberg and Marquardt:
//! derivatives of the errors by differences, four of them in one pass over the series, then four
//! lengths of the step in another. Partial autocorrelations at their bound stay there while the
//! slope points beyond.
//!
//! Reference: Marquardt, "An algorithm for least-squares estimation of nonlinear parameters", J. SIAM
//! 11, 1963.

use super::lanes::{LANES, Lane};
use super::likelihood::Likelihood;
use crate::linear::Cholesky;
use crate::{Progress, Stopped};

/// Greatest size of a partial autocorrelation.
pub(super) const MOST: f64 = 0.9995;
/// Change of a parameter for its derivative.
const CHANGE: f64 = 1e-6;
/// Dampings tried at once, as parts of the present one.
const DAMPINGS: [f64; LANES] = [0.0, 0.1, 10.0, 1e3];

/// When a search ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Most steps.
    pub(super) steps: usize,
    /// Least gain of log-likelihood that a further step is taken for.
    pub(super) gain: f64,
}

/// The best parameters found.
#[derive(Clone, Debug)]
pub(super) struct Best {
    pub(super) partials: Vec<f64>,
    /// Sum of squares of the scaled errors.
    pub(super) sum: f64,
}

/// From the best of up to four starts on.
pub(super) fn minimise(
    likelihood: &mut Likelihood<'_>,
    starts: &[Vec<f64>],
    patience: Patience,
    progress: &dyn Progress,
) -> Result<Best, Stopped> {
    let k = likelihood.order.terms();
    let mut lanes = Vec::new();
    let last = starts.len() - 1;
    let four: [&[f64]; LANES] = std::array::from_fn(|l| &starts[l.min(last)][..]);
    let sums = likelihood.evaluate(four, &mut lanes, progress)?.sums;
    let lane = least(&sums);
    let mut best = Best { partials: four[lane].to_vec(), sum: sums[lane] };
    let mut errors: Vec<f64> = lanes.iter().map(|e| e[lane]).collect();
    let half = 0.5 * likelihood.count() as f64;
    let mut damping = 1e-2;
    if k == 0 || best.sum == 0.0 {
        return Ok(best);
    }
    let mut derivatives = vec![Vec::new(); k.div_ceil(LANES)];
    for _ in 0..patience.steps {
        if !progress.proceed() {
            return Err(Stopped);
        }
        derive(likelihood, &best.partials, &errors, &mut derivatives, progress)?;
        let slopes = Slopes::new(&derivatives, &errors, &best.partials);
        let steps: Vec<Vec<f64>> = DAMPINGS
            .iter()
            .map(|part| slopes.step(&best.partials, part * damping, progress))
            .collect::<Result<_, _>>()?;
        let four = std::array::from_fn(|l| &steps[l][..]);
        let sums = likelihood.evaluate(four, &mut lanes, progress)?.sums;
        let lane = least(&sums);
        if sums[lane] >= best.sum {
            if damping > 1e3 {
                break;
            }
            damping *= 1e4;
            continue;
        }
        let gain = half * (best.sum / sums[lane]).ln();
        best = Best { partials: steps[lane].clone(), sum: sums[lane] };
        errors.iter_mut().zip(&lanes).for_each(|(e, z)| *e = z[lane]);
        damping = (damping * DAMPINGS[lane].max(0.1)).clamp(1e-6, 1e6);
        if gain < patience.gain || best.sum == 0.0 {
            break;
        }
    }
    Ok(best)
}

/// The lane of the least sum; the first where none is.
fn least(sums: &Lane) -> usize {
    let at = |l: &usize| sums[*l];
    (0..LANES).min_by(|a, b| at(a).total_cmp(&at(b))).unwrap_or(0)
}

/// Derivatives of the errors by each parameter, four parameters in a lane; zero beyond the last.
fn derive(
    likelihood: &mut Likelihood<'_>,
    at: &[f64],
    errors: &[f64],
    derivatives: &mut [Vec<Lane>],
    progress: &dyn Progress,
) -> Result<(), Stopped> {
    for (block, out) in derivatives.iter_mut().enumerate() {
        let mut changes = [0.0; LANES];
        let moved: [Vec<f64>; LANES] = std::array::from_fn(|l| {
            let mut x = at.to_vec();
            if let Some(x) = x.get_mut(block * LANES + l) {
                changes[l] = if *x > 0.0 { -CHANGE } else { CHANGE };
                *x += changes[l];
            }
            x
        });
        likelihood.evaluate(moved.each_ref().map(|x| &x[..]), out, progress)?;
        for (d, error) in out.iter_mut().zip(errors) {
            for l in 0..LANES {
                d[l] = if changes[l] == 0.0 { 0.0 } else { (d[l] - error) / changes[l] };
            }
        }
    }
    Ok(())
}

/// The normal equations of a step.
struct Slopes {
    k: usize,
    gram: Vec<f64>,
    gradient: Vec<f64>,
}

impl Slopes {
    fn new(derivatives: &[Vec<Lane>], errors: &[f64], at: &[f64]) -> Self {
        let k = at.len();
        let mut gram = vec![0.0; k * k];
        let mut gradient = vec![0.0; k];
        for (i, a) in derivatives.iter().enumerate() {
            for (j, b) in derivatives[..=i].iter().enumerate() {
                let mut sums = [[0.0; LANES]; LANES];
                for (a, b) in a.iter().zip(b) {
                    for l in 0..LANES {
                        for m in 0..LANES {
                            sums[l][m] += a[l] * b[m];
                        }
                    }
                }
                for (l, row) in sums.iter().enumerate() {
                    for (m, sum) in row.iter().enumerate() {
                        let (x, y) = (i * LANES + l, j * LANES + m);
                        if x < k && y < k {
                            (gram[x * k + y], gram[y * k + x]) = (*sum, *sum);
                        }
                    }
                }
            }
            let mut sums = [0.0; LANES];
            for (a, e) in a.iter().zip(errors) {
                for l in 0..LANES {
                    sums[l] += a[l] * e;
                }
            }
            for (g, s) in gradient[i * LANES..].iter_mut().zip(sums) {
                *g = s;
            }
        }
        let mut slopes = Self { k, gram, gradient };
        slopes.hold(at);
        slopes
    }

    /// Leaves out parameters at their bound whose slope points beyond it.
    fn hold(&mut self, at: &[f64]) {
        for i in 0..self.k {
            let beyond = at[i].abs() >= MOST && self.gradient[i] * at[i] < 0.0;
            if beyond || self.gram[i * self.k + i] <= 0.0 {
                for j in 0..self.k {
                    (self.gram[i * self.k + j], self.gram[j * self.k + i]) = (0.0, 0.0);
                }
                self.gram[i * self.k + i] = 1.0;
                self.gradient[i] = 0.0;
            }
        }
    }

    /// The place of a step of this damping, within the bounds.
    fn step(&self, at: &[f64], damping: f64, progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
        let mut gram = self.gram.clone();
        for i in 0..self.k {
            gram[i * self.k + i] *= 1.0 + damping;
        }
        let mut step: Vec<f64> = self.gradient.iter().map(|g| -g).collect();
        Cholesky::new(&gram, self.k, progress)?.solve(&mut step);
        let moved = at.iter().zip(&step).map(|(x, s)| {
            let to = x + s;
            if to.is_finite() { to.clamp(-MOST, MOST) } else { *x }
        });
        Ok(moved.collect())
    }
}
