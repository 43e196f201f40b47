//! The columns on one scale, and the plane in which the rows are spread most.
//!
//! Numbers are standardised and end at four deviations, a level is a column of its own, scaled so that
//! all levels of a column together vary as much as one number. A missing value lies in the middle.
//! Nothing is laid out row by row: a column adds its part to all rows at once, so memory is that of a
//! few numbers a row, whatever the levels. Cost O(rows · columns) a pass.
//!
//! The plane is found by subspace iteration with a few vectors and a Rayleigh–Ritz step. Reference:
//! Halko, Martinsson, Tropp, "Finding structure with randomness", SIAM Review 53, 2011.

use super::features::{Feature, Values};
use ruska_core::hash;

/// Deviations at which numbers end.
const FARTHEST: f64 = 4.0;
/// Vectors iterated: more than are kept, so that the kept ones settle soon.
const VECTORS: usize = 4;
/// Most passes over the rows.
const PASSES: usize = 40;
/// Cells that a pass looks at.
const CELLS: usize = 1_000_000;
/// Fewest and most rows of a pass.
const ROWS: (usize, usize) = (200, 5_000);

/// A column's place in the space.
pub(super) enum Scale {
    /// Middle, and one over the deviation; 0 where nothing varies.
    Number { mean: f64, unit: f64 },
    /// Share of each level among the rows that have one, and what a level counts.
    Levels { shares: Vec<f64>, unit: f64 },
}

impl Scale {
    /// The scale of a column by all its rows.
    pub(super) fn of(feature: &Feature) -> Self {
        match &feature.values {
            Values::Numbers(values) => {
                let present = || values.iter().filter(|v| !v.is_nan());
                let n = present().count().max(1) as f64;
                let mean = present().map(|v| v / n).sum::<f64>();
                let variance = present().map(|v| (v - mean).powi(2) / n).sum::<f64>();
                let unit = 1.0 / variance.sqrt();
                let varies = unit.is_finite() && variance.is_finite();
                Self::Number { mean, unit: if varies { unit } else { 0.0 } }
            }
            Values::Levels(codes) => {
                let mut shares = vec![0.0; feature.labels.len()];
                for code in codes {
                    if let Some(count) = shares.get_mut(*code as usize) {
                        *count += 1.0;
                    }
                }
                let n = shares.iter().sum::<f64>().max(1.0);
                shares.iter_mut().for_each(|s| *s /= n);
                let variance: f64 = shares.iter().map(|s| s * (1.0 - s)).sum();
                let unit = if variance > 0.0 { 1.0 / variance.sqrt() } else { 0.0 };
                Self::Levels { shares, unit }
            }
        }
    }

    /// Numbers of a row that the column stands for.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Levels { shares, .. } => shares.len(),
        }
    }

    /// A number on the scale, 0 where it is missing.
    pub(super) fn place(mean: f64, unit: f64, v: f64) -> f64 {
        let z = (v - mean) * unit;
        if z.is_nan() { 0.0 } else { z.clamp(-FARTHEST, FARTHEST) }
    }

    /// Adds what the column contributes to the product of some rows with a vector.
    fn times(&self, feature: &Feature, rows: &[u32], vector: &[f64], out: &mut [f64]) {
        match (self, &feature.values) {
            (Self::Number { mean, unit }, Values::Numbers(values)) if *unit > 0.0 => {
                for (sum, row) in out.iter_mut().zip(rows) {
                    *sum += vector[0] * Self::place(*mean, *unit, values[*row as usize]);
                }
            }
            (Self::Levels { shares, unit }, Values::Levels(codes)) if *unit > 0.0 => {
                let middle = dot(shares, vector);
                for (sum, row) in out.iter_mut().zip(rows) {
                    let at = vector.get(codes[*row as usize] as usize);
                    *sum += at.map_or(0.0, |v| unit * (v - middle));
                }
            }
            _ => {}
        }
    }

    /// Adds the column's part of the product of the transposed rows with a vector over them.
    fn transposed(&self, feature: &Feature, rows: &[u32], over: &[f64], out: &mut [f64]) {
        match (self, &feature.values) {
            (Self::Number { mean, unit }, Values::Numbers(values)) if *unit > 0.0 => {
                let part = rows.iter().zip(over);
                let part = part.map(|(r, y)| y * Self::place(*mean, *unit, values[*r as usize]));
                out[0] += part.sum::<f64>();
            }
            (Self::Levels { shares, unit }, Values::Levels(codes)) if *unit > 0.0 => {
                let mut all = 0.0;
                for (row, y) in rows.iter().zip(over) {
                    if let Some(sum) = out.get_mut(codes[*row as usize] as usize) {
                        *sum += unit * y;
                        all += unit * y;
                    }
                }
                out.iter_mut().zip(shares).for_each(|(sum, share)| *sum -= share * all);
            }
            _ => {}
        }
    }
}

/// All columns on one scale.
pub(super) struct Space<'a> {
    pub(super) features: &'a [Feature],
    pub(super) scales: Vec<Scale>,
    rows: usize,
}

/// A direction in the space.
#[derive(Clone, Debug)]
pub(super) struct Direction {
    /// Share of the variance along it, 0 to 1.
    pub(super) share: f64,
    /// Weights, those of one column after those of the one before.
    weights: Vec<f64>,
}

impl<'a> Space<'a> {
    pub(super) fn new(features: &'a [Feature], rows: usize) -> Self {
        Self { features, scales: features.iter().map(Scale::of).collect(), rows }
    }

    /// The two directions along which the rows are spread most; without any spread their share is 0.
    pub(super) fn plane(&self) -> [Direction; 2] {
        let width: usize = self.scales.iter().map(Scale::width).sum();
        let most = (CELLS / self.features.len().max(1)).clamp(ROWS.0, ROWS.1);
        let rows: Vec<u32> = hash::spread(self.rows, most).map(|r| r as u32).collect();
        let start = |k: usize| -> Vec<f64> {
            (0..width).map(|i| (hash::combine(&[k as u64, i as u64]) >> 11) as f64).collect()
        };
        let half = (1u64 << 52) as f64;
        let mut basis: Vec<Vec<f64>> = (0..VECTORS.min(width)).map(start).collect();
        basis.iter_mut().flatten().for_each(|v| *v = *v / half - 1.0);
        orthonormal(&mut basis);
        let mut before = [0.0; 2];
        for _ in 0..PASSES {
            basis = basis.iter().map(|v| self.transposed(&rows, &self.times(&rows, v))).collect();
            let lengths = orthonormal(&mut basis);
            let now = [0, 1].map(|k| lengths.get(k).copied().unwrap_or(0.0));
            let settled = now.iter().zip(&before).all(|(a, b)| (a - b).abs() <= 1e-7 * a.abs());
            before = now;
            if settled {
                break;
            }
        }
        self.rotated(&rows, &basis)
    }

    /// The first two axes of the rows within the span of a basis (Rayleigh–Ritz).
    fn rotated(&self, rows: &[u32], basis: &[Vec<f64>]) -> [Direction; 2] {
        let seen: Vec<Vec<f64>> = basis.iter().map(|v| self.times(rows, v)).collect();
        let gram = seen.iter().map(|a| seen.iter().map(|b| dot(a, b)).collect()).collect();
        let axes = eigen(gram);
        let total = self.variance(rows);
        [0, 1].map(|k| {
            let width = self.scales.iter().map(Scale::width).sum();
            let mut weights = vec![0.0; width];
            let Some((value, turn)) = axes.get(k) else { return Direction { share: 0.0, weights } };
            for (part, vector) in turn.iter().zip(basis) {
                weights.iter_mut().zip(vector).for_each(|(w, v)| *w += part * v);
            }
            let largest =
                weights.iter().copied().fold(0.0f64, |a, b| if b.abs() > a.abs() { b } else { a });
            if largest < 0.0 {
                weights.iter_mut().for_each(|w| *w = -*w);
            }
            let share = if total > 0.0 { (value / total).clamp(0.0, 1.0) } else { 0.0 };
            Direction { share, weights }
        })
    }

    /// Squares of all numbers of some rows.
    fn variance(&self, rows: &[u32]) -> f64 {
        let of = |(scale, feature): (&Scale, &Feature)| match (scale, &feature.values) {
            (Scale::Number { mean, unit }, Values::Numbers(values)) => {
                let z = |r: &u32| Scale::place(*mean, *unit, values[*r as usize]).powi(2);
                rows.iter().map(z).sum::<f64>()
            }
            (Scale::Levels { shares, unit }, Values::Levels(codes)) => {
                let middle = dot(shares, shares);
                let share = |r: &u32| shares.get(codes[*r as usize] as usize);
                let squares = rows.iter().filter_map(share).map(|s| 1.0 - 2.0 * s + middle);
                unit * unit * squares.sum::<f64>()
            }
            _ => 0.0,
        };
        self.scales.iter().zip(self.features).map(of).sum()
    }

    /// The places of all rows along a direction.
    pub(super) fn along(&self, direction: &Direction) -> Vec<f64> {
        let rows: Vec<u32> = (0..self.rows as u32).collect();
        self.times(&rows, &direction.weights)
    }

    /// How much each column counts in a direction, the squares of all summing to one.
    pub(super) fn loadings(&self, direction: &Direction) -> Vec<f64> {
        let mut at = 0;
        let length = |scale: &Scale| {
            let weights = &direction.weights[at..at + scale.width()];
            at += scale.width();
            dot(weights, weights).sqrt()
        };
        self.scales.iter().map(length).collect()
    }

    fn times(&self, rows: &[u32], vector: &[f64]) -> Vec<f64> {
        let (mut out, mut at) = (vec![0.0; rows.len()], 0);
        for (scale, feature) in self.scales.iter().zip(self.features) {
            scale.times(feature, rows, &vector[at..at + scale.width()], &mut out);
            at += scale.width();
        }
        out
    }

    fn transposed(&self, rows: &[u32], over: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.scales.iter().map(Scale::width).sum()];
        let mut at = 0;
        for (scale, feature) in self.scales.iter().zip(self.features) {
            scale.transposed(feature, rows, over, &mut out[at..at + scale.width()]);
            at += scale.width();
        }
        out
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Makes vectors orthogonal and of length one, in their order, and gives the lengths they had; what
/// has none becomes nothing.
fn orthonormal(vectors: &mut [Vec<f64>]) -> Vec<f64> {
    let mut lengths = vec![];
    for k in 0..vectors.len() {
        let (before, rest) = vectors.split_at_mut(k);
        let vector = &mut rest[0];
        let whole = dot(vector, vector).sqrt();
        // Twice is enough (Kahan and Parlett).
        for other in before.iter().chain(before.iter()) {
            let part = dot(vector, other);
            vector.iter_mut().zip(other).for_each(|(v, o)| *v -= part * o);
        }
        let length = dot(vector, vector).sqrt();
        let scale = if length > 1e-12 * whole { 1.0 / length } else { 0.0 };
        vector.iter_mut().for_each(|v| *v *= scale);
        lengths.push(length);
    }
    lengths
}

/// Eigenvalues of a small symmetric matrix, largest first, each with its vector, by Jacobi's
/// rotations.
fn eigen(mut a: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let n = a.len();
    let unit = |i: usize| (0..n).map(|j| f64::from(u8::from(i == j))).collect();
    // Rows are the vectors.
    let mut vectors: Vec<Vec<f64>> = (0..n).map(unit).collect();
    for _ in 0..30 {
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = 0.5 * (2.0 * a[p][q]).atan2(a[p][p] - a[q][q]);
                let (sin, cos) = theta.sin_cos();
                for row in &mut a {
                    (row[p], row[q]) = (cos * row[p] + sin * row[q], cos * row[q] - sin * row[p]);
                }
                for j in 0..n {
                    let (x, y) = (a[p][j], a[q][j]);
                    (a[p][j], a[q][j]) = (cos * x + sin * y, cos * y - sin * x);
                    let (x, y) = (vectors[p][j], vectors[q][j]);
                    (vectors[p][j], vectors[q][j]) = (cos * x + sin * y, cos * y - sin * x);
                }
            }
        }
    }
    let mut found: Vec<(f64, Vec<f64>)> = (0..n).map(|i| a[i][i]).zip(vectors).collect();
    found.sort_by(|x, y| y.0.total_cmp(&x.0));
    found
}
