//! The first guess of the inverse Hessian, and the scale of each column.

use super::cholesky::Cholesky;
use super::design::{Design, Lane, product};
use super::simd;
use crate::{Progress, Stopped};

/// Dense columns up to which a factor is made where it is the solution itself.
const MOST_FACTORED: usize = 1024;
/// Products with the design that a factor may cost where it only speeds convergence.
const WORTH: usize = 64;

/// What the loss says about the start.
pub(super) struct Curvature {
    /// Second derivative of each output's loss at the start, averaged over the weight.
    pub(super) outputs: Vec<f64>,
    /// Whether it is the same everywhere, so that the guess is the Hessian.
    pub(super) constant: bool,
}

/// Approximates the inverse of `curvature · XᵀSX + penalty` for each output.
pub(super) struct Preconditioner {
    /// Over the dense columns and the intercept, one per output; none if too dear.
    factors: Vec<Cholesky>,
    /// Inverse diagonal, one per column and the intercept, output after output.
    diagonal: Vec<f64>,
    dense: usize,
    /// Root mean square of each column over the weight; 1 for the intercept.
    pub(super) spread: Vec<f64>,
}

impl Preconditioner {
    pub(super) fn new(
        x: &Design,
        weights: &[Lane],
        penalty: f64,
        curvature: &Curvature,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let width = x.width();
        let mut squares = vec![0.0; width + 1];
        for (panel, s) in weights.iter().enumerate() {
            x.add_squares(panel, s, &mut squares);
            if panel % 16 == 0 && !progress.proceed() {
                return Err(Stopped);
            }
        }
        let total = squares[width];
        let spread = squares.iter().map(|v| (v / total).sqrt()).collect();
        let mut diagonal = Vec::with_capacity(curvature.outputs.len() * (width + 1));
        for c in &curvature.outputs {
            let column = squares[..width].iter().map(|v| c * v + penalty);
            let inverse = column.chain([c * total]).map(|v| if v > 0.0 { 1.0 / v } else { 0.0 });
            diagonal.extend(inverse);
        }
        let mut factors = vec![];
        if is_worth_factoring(x, curvature) {
            let gram = gram(x, weights, progress)?;
            for &c in &curvature.outputs {
                factors.push(factor(&gram, x.dense(), c, penalty, progress)?);
            }
        }
        Ok(Self { factors, diagonal, dense: x.dense(), spread })
    }

    /// Multiplies `g` by the approximate inverse, in place.
    pub(super) fn apply(&self, g: &mut [f64]) {
        let width = self.spread.len() - 1;
        let mut block = vec![0.0; self.dense + 1];
        let diagonal = self.diagonal.chunks_exact(width + 1);
        for (k, (g, diagonal)) in g.chunks_exact_mut(width + 1).zip(diagonal).enumerate() {
            block[..self.dense].copy_from_slice(&g[..self.dense]);
            block[self.dense] = g[width];
            for (g, d) in g.iter_mut().zip(diagonal) {
                *g *= d;
            }
            if let Some(factor) = self.factors.get(k) {
                factor.solve(&mut block);
                g[..self.dense].copy_from_slice(&block[..self.dense]);
                g[width] = block[self.dense];
            }
        }
        if self.diagonal.len() > width + 1 {
            self.centre(g);
        }
    }

    /// Subtracts the mean over outputs. The softmax does not see what is common to all outputs;
    /// without it, the inverse of its Hessian diag(π) − ππᵀ is diag(1 / π).
    fn centre(&self, g: &mut [f64]) {
        let block = self.spread.len();
        let outputs = g.len() / block;
        for j in 0..block {
            let mean = (0..outputs).map(|k| g[k * block + j]).sum::<f64>() / outputs as f64;
            (0..outputs).for_each(|k| g[k * block + j] -= mean);
        }
    }
}

/// Whether factors cost less than the steps they save: a gram matrix takes n·d² / 2 products and
/// each factor d³ / 6, a step takes 2·n·d for each output.
fn is_worth_factoring(x: &Design, curvature: &Curvature) -> bool {
    let (n, d, k) = (x.rows(), x.dense(), curvature.outputs.len());
    if curvature.constant {
        return (1..=MOST_FACTORED).contains(&d);
    }
    d > 0 && d / 2 + k * d * d / (6 * n) <= WORTH * k
}

fn factor(
    gram: &[f64],
    d: usize,
    curvature: f64,
    penalty: f64,
    progress: &dyn Progress,
) -> Result<Cholesky, Stopped> {
    let mut hessian: Vec<f64> = gram.iter().map(|v| curvature * v).collect();
    for j in 0..d {
        hessian[j * (d + 1) + j] += penalty;
    }
    Cholesky::new(&hessian, d + 1, progress)
}

/// Lower triangle of `XᵀSX` over the dense columns and a column of ones, row-major.
pub(super) fn gram(
    x: &Design,
    weights: &[Lane],
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let d = x.dense();
    let n = d + 1;
    let mut gram = vec![0.0; n * n];
    let mut weighted = Vec::with_capacity(d);
    for (panel, s) in weights.iter().enumerate() {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let lanes = x.lanes(panel);
        weighted.clear();
        weighted.extend(lanes.iter().map(|lane| product(s, lane)));
        simd::add_triangle(&weighted, lanes, n, &mut gram);
        for (sum, lane) in gram[d * n..].iter_mut().zip(&weighted) {
            *sum += lane.iter().sum::<f64>();
        }
        gram[d * n + d] += s.iter().sum::<f64>();
    }
    Ok(gram)
}
