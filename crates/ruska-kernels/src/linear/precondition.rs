//! Sums of products of columns, and what they say about the inverse Hessian and the scale of columns.

use super::cholesky::Cholesky;
use super::design::{Design, Lane, product};
use super::simd;
use crate::{Progress, Stopped};

/// Columns up to which a factor is made where it is the solution itself.
pub(super) const MOST_FACTORED: usize = 1024;
/// Products with the design that a factor may cost where it only speeds convergence.
const WORTH: usize = 64;

/// What the loss says about the start.
pub(super) struct Curvature {
    /// Second derivative of each output's loss at the start, averaged over the weight.
    pub(super) outputs: Vec<f64>,
    /// Whether it is the same everywhere, so that the guess is the Hessian.
    pub(super) constant: bool,
}

/// Columns over which a factor costs less than the steps it saves: all, the dense ones, or none. A
/// gram matrix takes n·d² / 2 products and each factor d³ / 6, a step takes 2·n·d for each output.
pub(super) fn head(x: &Design, curvature: &Curvature) -> usize {
    let (n, k) = (x.rows().max(1), curvature.outputs.len());
    let worth = |d: &usize| {
        if curvature.constant {
            *d <= MOST_FACTORED
        } else {
            d / 2 + k * d * d / (6 * n) <= WORTH * k
        }
    };
    [x.width(), x.dense()].into_iter().find(worth).unwrap_or(0)
}

/// Sums over the weight of products of columns.
#[derive(Clone)]
pub(super) struct Moments {
    /// Each column with itself, and the weight.
    squares: Vec<f64>,
    /// See [`gram`]; empty where `head` is 0.
    gram: Vec<f64>,
    head: usize,
}

impl Moments {
    /// With the products of the first `head` columns: none, the dense ones, or all.
    pub(super) fn new(
        x: &Design,
        weights: &[Lane],
        head: usize,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let gram = if head == 0 { vec![] } else { gram(x, head, weights, progress)? };
        if head > 0 && head == x.width() {
            let squares = gram.iter().step_by(head + 2).copied().collect();
            return Ok(Self { squares, gram, head });
        }
        let mut squares = vec![0.0; x.width() + 1];
        for (panel, s) in weights.iter().enumerate() {
            x.add_squares(panel, s, &mut squares);
            if panel % 16 == 0 && !progress.proceed() {
                return Err(Stopped);
            }
        }
        Ok(Self { squares, gram, head })
    }

    /// Those of the other rows, where `part` are those of some.
    pub(super) fn without(&self, part: &Self) -> Self {
        let less = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        let mut squares: Vec<f64> = less(&self.squares, &part.squares);
        squares.iter_mut().for_each(|v| *v = v.max(0.0));
        Self { squares, gram: less(&self.gram, &part.gram), head: self.head }
    }

    /// Each column's sum of squares, and the weight.
    pub(super) fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// Root mean square of each column over the weight; 1 for the intercept.
    pub(super) fn spread(&self) -> Vec<f64> {
        let total = self.squares[self.squares.len() - 1];
        self.squares.iter().map(|v| (v / total).sqrt()).collect()
    }
}

/// Approximates the inverse of `curvature · XᵀSX + penalty` for each output.
pub(super) struct Preconditioner {
    /// Over the first columns and the intercept, one per output; none if too dear.
    factors: Vec<Cholesky>,
    /// Inverse diagonal, one per column and the intercept, output after output.
    diagonal: Vec<f64>,
    head: usize,
    /// See [`Moments::spread`].
    pub(super) spread: Vec<f64>,
}

impl Preconditioner {
    pub(super) fn new(
        moments: &Moments,
        penalty: f64,
        curvature: &Curvature,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let (total, columns) = moments.squares.split_last().expect("the last one is the weight");
        let mut diagonal = Vec::with_capacity(curvature.outputs.len() * moments.squares.len());
        for c in &curvature.outputs {
            let column = columns.iter().map(|v| c * v + penalty);
            let inverse = column.chain([c * total]).map(|v| if v > 0.0 { 1.0 / v } else { 0.0 });
            diagonal.extend(inverse);
        }
        let mut factors = vec![];
        if moments.head > 0 {
            for &c in &curvature.outputs {
                factors.push(factor(&moments.gram, moments.head, c, penalty, progress)?);
            }
        }
        Ok(Self { factors, diagonal, head: moments.head, spread: moments.spread() })
    }

    /// Multiplies `g` by the approximate inverse, in place.
    pub(super) fn apply(&self, g: &mut [f64]) {
        let width = self.spread.len() - 1;
        let mut block = vec![0.0; self.head + 1];
        let diagonal = self.diagonal.chunks_exact(width + 1);
        for (k, (g, diagonal)) in g.chunks_exact_mut(width + 1).zip(diagonal).enumerate() {
            block[..self.head].copy_from_slice(&g[..self.head]);
            block[self.head] = g[width];
            for (g, d) in g.iter_mut().zip(diagonal) {
                *g *= d;
            }
            if let Some(factor) = self.factors.get(k) {
                factor.solve(&mut block);
                g[..self.head].copy_from_slice(&block[..self.head]);
                g[width] = block[self.head];
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

/// The factor of `curvature · gram`, to whose `d` columns, not the one of ones, the penalty is added.
pub(super) fn factor(
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

/// Lower triangle of `XᵀSX` over the first `head` columns, which are the dense ones or all, and a
/// column of ones, row-major.
pub(super) fn gram(
    x: &Design,
    head: usize,
    weights: &[Lane],
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let (d, n) = (x.dense(), head + 1);
    let mut gram = vec![0.0; n * n];
    let mut weighted = Vec::with_capacity(d);
    for (panel, s) in weights.iter().enumerate() {
        if !progress.proceed() {
            return Err(Stopped);
        }
        if s.iter().all(|s| *s == 0.0) {
            continue;
        }
        let lanes = x.lanes(panel);
        weighted.clear();
        weighted.extend(lanes.iter().map(|lane| product(s, lane)));
        simd::add_triangle(&weighted, lanes, n, &mut gram);
        for (sum, lane) in gram[head * n..].iter_mut().zip(&weighted) {
            *sum += lane.iter().sum::<f64>();
        }
        gram[head * n + head] += s.iter().sum::<f64>();
        if head > d {
            add_stored(x, panel, &weighted, s, n, &mut gram);
        }
    }
    Ok(gram)
}

/// Adds the products of a panel's stored values with the columns before theirs and with ones.
fn add_stored(x: &Design, panel: usize, weighted: &[Lane], s: &Lane, n: usize, gram: &mut [f64]) {
    let d = x.dense();
    let (start, len) = x.span(panel);
    for i in 0..len {
        let (indices, values) = x.stored(start + i);
        for (&c, &v) in indices.iter().zip(values) {
            let row = (d + c as usize) * n;
            for (sum, lane) in gram[row..].iter_mut().zip(weighted) {
                *sum += v * lane[i];
            }
            for (&other, &u) in indices.iter().zip(values) {
                if other <= c {
                    gram[row + d + other as usize] += s[i] * v * u;
                }
            }
            gram[(n - 1) * n + d + c as usize] += s[i] * v;
        }
    }
}
