//! Linear discriminants: classes that are normal with one covariance, which is shrunk.
//!
//! ```text
//! S    = Σₖ πₖ · ((1 − λₖ)·Cₖ + λₖ·μₖ·I)     Cₖ covariance and πₖ share of class k
//! zₖ   = log πₖ + (x − ½ mₖ)ᵀ S⁻¹ mₖ         mₖ mean of class k, from the mean of all rows
//! ```
//! With a given λ, μₖ is the mean of the diagonal of Cₖ. An automatic λₖ is the one that loses
//! least in expectation (Ledoit and Wolf), found over columns that class k's deviations bring to
//! one scale. Weights count as rows. To every variance a billionth of the column's is added, so that
//! columns that are constant within all classes have an inverse.
//!
//! Cost O(n·p² / 2) for the covariances and O(p³ / 6) for the factor.
//!
//! References: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
//! matrices", J. Multivariate Analysis 88, 2004; Friedman, "Regularized discriminant analysis",
//! JASA 84, 1989.

use super::LinearFit;
use super::cholesky::Cholesky;
use super::design::{Design, Lane, PANEL, inner};
use super::loss::panels;
use super::precondition::gram;
use crate::{Progress, Stopped};

/// Share of a column's variance that is added to its variance within classes.
const LEAST_VARIANCE: f64 = 1e-9;
/// A deviation below this share of the mean is rounding.
const LEAST_DEVIATION: f64 = 1e-14;

/// How far covariances are drawn towards a multiple of the unit matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shrinkage {
    /// As far as Ledoit and Wolf say, for each class.
    Automatic,
    /// By this share, 0..=1.
    Share(f64),
}

/// Rows as columns of numbers, each with a class and a weight.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    /// Column after column, finite.
    pub columns: &'a [f64],
    /// Class of each row, below `classes`.
    pub codes: &'a [u32],
    /// Number of classes, at least 2, each of which has weight.
    pub classes: usize,
    /// Weight of each row, ≥ 0.
    pub weights: &'a [f64],
}

/// Rows of one class.
struct Class {
    /// Mean of each column.
    means: Vec<f64>,
    /// Lower triangle of the covariance, row-major.
    covariance: Vec<f64>,
    weight: f64,
}

/// The discriminants: one output a class, or for two classes one, which is the second's less the
/// first's. Returns them with the mean of each column, which is their centre.
pub fn discriminants(
    rows: &Labelled<'_>,
    shrinkage: Shrinkage,
    progress: &dyn Progress,
) -> Result<(LinearFit, Vec<f64>), Stopped> {
    let p = rows.columns.len().checked_div(rows.codes.len()).unwrap_or(0);
    let mut classes = Vec::with_capacity(rows.classes);
    for k in 0..rows.classes {
        classes.push(Class::new(rows, k as u32, p, shrinkage, progress)?);
    }
    let total: f64 = classes.iter().map(|c| c.weight).sum();
    let mean = |j: usize| classes.iter().map(|c| c.weight / total * c.means[j]).sum();
    let centres: Vec<f64> = (0..p).map(mean).collect();
    let mut pooled = vec![0.0; p * p];
    for class in &mut classes {
        let share = class.weight / total;
        class.means.iter_mut().zip(&centres).for_each(|(m, c)| *m -= c);
        for (sum, v) in pooled.iter_mut().zip(&class.covariance) {
            *sum += share * v;
        }
        class.covariance = vec![];
    }
    for j in 0..p {
        let between: f64 = classes.iter().map(|c| c.weight / total * c.means[j] * c.means[j]).sum();
        let within = &mut pooled[j * (p + 1)];
        *within += LEAST_VARIANCE * (*within + between);
    }
    let factor = Cholesky::new(&pooled, p, progress)?;
    let mut fit = LinearFit { coefficients: vec![], intercepts: vec![], steps: 1, converged: true };
    for class in &classes {
        let mut coefficients = class.means.clone();
        factor.solve(&mut coefficients);
        let half = 0.5 * inner(&coefficients, &class.means);
        fit.intercepts.push((class.weight / total).ln() - half);
        fit.coefficients.append(&mut coefficients);
    }
    if rows.classes == 2 {
        let second = fit.coefficients.split_off(p);
        fit.coefficients.iter_mut().zip(second).for_each(|(a, b)| *a = b - *a);
        fit.intercepts = vec![fit.intercepts[1] - fit.intercepts[0]];
    }
    Ok((fit, centres))
}

impl Class {
    fn new(
        rows: &Labelled<'_>,
        class: u32,
        p: usize,
        shrinkage: Shrinkage,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let n = rows.codes.len();
        let own: Vec<usize> = (0..n).filter(|&i| rows.codes[i] == class).collect();
        let column = |j: usize| own.iter().map(move |&i| rows.columns[j * n + i]);
        let x = Design::new(own.len(), (0..p).map(column));
        let weights: Vec<f64> = own.iter().map(|&i| rows.weights[i]).collect();
        let weights = panels(&weights);
        let gram = gram(&x, p, &weights, progress)?;
        let border = &gram[p * (p + 1)..];
        let weight = border[p];
        let shifts: Vec<f64> = border[..p].iter().map(|s| s / weight).collect();
        let means = shifts.iter().zip(x.centres()).map(|(s, c)| s + c).collect();
        let mut covariance = vec![0.0; p * p];
        for i in 0..p {
            for j in 0..=i {
                covariance[i * p + j] = gram[i * (p + 1) + j] / weight - shifts[i] * shifts[j];
            }
        }
        let mut class = Self { means, covariance, weight };
        match shrinkage {
            Shrinkage::Share(share) => class.shrink(share, &vec![1.0; p]),
            Shrinkage::Automatic => {
                let deviations = class.deviations();
                let fourth = fourth_moment(&x, &weights, &shifts, &deviations) / weight;
                class.shrink(class.best_share(fourth, &deviations), &deviations);
            }
        }
        Ok(class)
    }

    /// Standard deviation of each column; 1 where there is none.
    fn deviations(&self) -> Vec<f64> {
        let p = self.means.len();
        let deviation = |j: usize| {
            let d = self.covariance[j * (p + 1)].max(0.0).sqrt();
            if d > LEAST_DEVIATION * self.means[j].abs() { d } else { 1.0 }
        };
        (0..p).map(deviation).collect()
    }

    /// The share of Ledoit and Wolf for columns in these units. `fourth` is the mean over rows of
    /// the squared length's square.
    fn best_share(&self, fourth: f64, units: &[f64]) -> f64 {
        let p = units.len();
        let (mut trace, mut squares) = (0.0, 0.0);
        for i in 0..p {
            for j in 0..=i {
                let v = self.covariance[i * p + j] / (units[i] * units[j]);
                squares += if i == j { v * v } else { 2.0 * v * v };
                trace += if i == j { v } else { 0.0 };
            }
        }
        let spread = squares - trace * trace / p as f64;
        let noise = ((fourth - squares) / self.weight).min(spread);
        if noise > 0.0 && spread > 0.0 { noise / spread } else { 0.0 }
    }

    /// Draws the covariance towards the mean of its diagonal, both in these units.
    fn shrink(&mut self, share: f64, units: &[f64]) {
        let p = units.len();
        let diagonal = |j: usize| self.covariance[j * (p + 1)] / (units[j] * units[j]);
        let middle = (0..p).map(diagonal).sum::<f64>() / p.max(1) as f64;
        self.covariance.iter_mut().for_each(|v| *v *= 1.0 - share);
        for (j, unit) in units.iter().enumerate() {
            self.covariance[j * (p + 1)] += share * middle * unit * unit;
        }
    }
}

/// Sum over rows, by weight, of the square of their squared length from the mean, in these units.
fn fourth_moment(x: &Design, weights: &[Lane], shifts: &[f64], units: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (panel, s) in weights.iter().enumerate() {
        let mut lengths = [0.0; PANEL];
        for ((lane, shift), unit) in x.lanes(panel).iter().zip(shifts).zip(units) {
            for (length, v) in lengths.iter_mut().zip(lane) {
                let z = (v - shift) / unit;
                *length += z * z;
            }
        }
        sum += lengths.iter().zip(s).map(|(l, s)| s * l * l).sum::<f64>();
    }
    sum
}
