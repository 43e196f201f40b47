//! The three losses: value and derivative of a panel of rows.

use super::design::{Lane, PANEL};
use super::precondition::Curvature;

/// A loss over rows with weights.
pub(super) trait Loss {
    /// Scores per row.
    fn outputs(&self) -> usize;
    /// Weight of every row, in panels; 0 behind the last row.
    fn weights(&self) -> &[Lane];
    /// Intercepts of the model without features.
    fn start(&self) -> Vec<f64>;
    /// Second derivatives there.
    fn curvature(&self) -> Curvature;
    /// Size of a residual, which makes the tolerance free of the target's unit.
    fn unit(&self) -> f64;
    /// Replaces the scores of a panel by derivatives and returns its summed loss.
    fn panel(&self, panel: usize, z: &mut [Lane]) -> f64;
}

/// A loss whose second derivatives are known row by row.
pub(super) trait Curved: Loss {
    /// Replaces the scores z of a panel by q, where the second derivative of a row's loss by its
    /// scores is diag(q) − q·pᵀ, and sets p; for a single output p is zero and left alone.
    fn curve(&self, panel: usize, z: &mut [Lane], p: &mut [Lane]);
}

/// Share of its weight that a row's second derivative has at least, so that rows of whose class a
/// model is sure do not make its steps endless.
const LEAST_CURVATURE: f64 = 1e-6;

/// Numbers in panels, filled up with zeros.
pub(super) fn panels(values: &[f64]) -> Vec<Lane> {
    let lane = |chunk: &[f64]| std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(0.0));
    values.chunks(PANEL).map(lane).collect()
}

fn mean(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(v, w)| v * w).sum();
    sum / weights.iter().sum::<f64>()
}

/// Half the squared error.
pub(super) struct Squared {
    y: Vec<Lane>,
    weights: Vec<Lane>,
    mean: f64,
    deviation: f64,
}

impl Squared {
    pub(super) fn new(y: &[f64], weights: &[f64]) -> Self {
        let middle = mean(y, weights);
        let squares: Vec<f64> = y.iter().map(|v| (v - middle) * (v - middle)).collect();
        let deviation = mean(&squares, weights).sqrt();
        Self { y: panels(y), weights: panels(weights), mean: middle, deviation }
    }
}

impl Loss for Squared {
    fn outputs(&self) -> usize {
        1
    }

    fn weights(&self) -> &[Lane] {
        &self.weights
    }

    fn start(&self) -> Vec<f64> {
        vec![self.mean]
    }

    fn curvature(&self) -> Curvature {
        Curvature { outputs: vec![1.0], constant: true }
    }

    fn unit(&self) -> f64 {
        self.deviation
    }

    fn panel(&self, panel: usize, z: &mut [Lane]) -> f64 {
        let (y, s, z) = (&self.y[panel], &self.weights[panel], &mut z[0]);
        let mut sum = 0.0;
        for i in 0..PANEL {
            let residual = z[i] - y[i];
            z[i] = s[i] * residual;
            sum += 0.5 * z[i] * residual;
        }
        sum
    }
}

impl Curved for Squared {
    fn curve(&self, panel: usize, z: &mut [Lane], _: &mut [Lane]) {
        z[0] = self.weights[panel];
    }
}

/// Log-loss of two classes.
pub(super) struct Logistic {
    y: Vec<Lane>,
    weights: Vec<Lane>,
    prior: f64,
}

impl Logistic {
    pub(super) fn new(positive: &[f64], weights: &[f64]) -> Self {
        let prior = mean(positive, weights);
        Self { y: panels(positive), weights: panels(weights), prior }
    }
}

impl Loss for Logistic {
    fn outputs(&self) -> usize {
        1
    }

    fn weights(&self) -> &[Lane] {
        &self.weights
    }

    fn start(&self) -> Vec<f64> {
        vec![(self.prior / (1.0 - self.prior)).ln()]
    }

    fn curvature(&self) -> Curvature {
        Curvature { outputs: vec![self.prior * (1.0 - self.prior)], constant: false }
    }

    fn unit(&self) -> f64 {
        1.0
    }

    fn panel(&self, panel: usize, z: &mut [Lane]) -> f64 {
        let (y, s, z) = (&self.y[panel], &self.weights[panel], &mut z[0]);
        let tail: Lane = std::array::from_fn(|i| (-z[i].abs()).exp());
        let mut sum = 0.0;
        for i in 0..PANEL {
            let p = if z[i] >= 0.0 { 1.0 } else { tail[i] } / (1.0 + tail[i]);
            // Written so that a confident right answer costs its true, tiny loss.
            let wrong = if (y[i] > 0.5) == (z[i] >= 0.0) { 0.0 } else { z[i].abs() };
            sum += s[i] * (tail[i].ln_1p() + wrong);
            z[i] = s[i] * (p - y[i]);
        }
        sum
    }
}

impl Curved for Logistic {
    fn curve(&self, panel: usize, z: &mut [Lane], _: &mut [Lane]) {
        let s = &self.weights[panel];
        for (z, s) in z[0].iter_mut().zip(s) {
            let tail = (-z.abs()).exp();
            *z = s * (tail / ((1.0 + tail) * (1.0 + tail))).max(LEAST_CURVATURE);
        }
    }
}

/// Log-loss of several classes.
pub(super) struct Softmax {
    codes: Vec<u32>,
    weights: Vec<Lane>,
    priors: Vec<f64>,
}

impl Softmax {
    pub(super) fn new(codes: &[u32], classes: usize, weights: &[f64]) -> Self {
        let mut priors = vec![0.0; classes];
        for (&c, w) in codes.iter().zip(weights) {
            priors[c as usize] += w;
        }
        let total: f64 = priors.iter().sum();
        priors.iter_mut().for_each(|p| *p /= total);
        Self { codes: codes.to_vec(), weights: panels(weights), priors }
    }
}

impl Loss for Softmax {
    fn outputs(&self) -> usize {
        self.priors.len()
    }

    fn weights(&self) -> &[Lane] {
        &self.weights
    }

    fn start(&self) -> Vec<f64> {
        let logs: Vec<f64> = self.priors.iter().map(|p| p.ln()).collect();
        let middle = logs.iter().sum::<f64>() / logs.len() as f64;
        logs.iter().map(|l| l - middle).collect()
    }

    fn curvature(&self) -> Curvature {
        Curvature { outputs: self.priors.clone(), constant: false }
    }

    fn unit(&self) -> f64 {
        1.0
    }

    fn panel(&self, panel: usize, z: &mut [Lane]) -> f64 {
        let s = &self.weights[panel];
        let codes = &self.codes[panel * PANEL..self.codes.len().min((panel + 1) * PANEL)];
        let mut top = z[0];
        for z in &z[1..] {
            for i in 0..PANEL {
                top[i] = top[i].max(z[i]);
            }
        }
        let mut sum = 0.0;
        for (i, &c) in codes.iter().enumerate() {
            sum -= s[i] * (z[c as usize][i] - top[i]);
        }
        let mut total = [0.0; PANEL];
        for z in z.iter_mut() {
            for i in 0..PANEL {
                z[i] = (z[i] - top[i]).exp();
                total[i] += z[i];
            }
        }
        for z in z.iter_mut() {
            for i in 0..PANEL {
                z[i] *= s[i] / total[i];
            }
        }
        for (i, &c) in codes.iter().enumerate() {
            sum += s[i] * total[i].ln();
            z[c as usize][i] -= s[i];
        }
        sum
    }
}

impl Curved for Softmax {
    fn curve(&self, panel: usize, z: &mut [Lane], p: &mut [Lane]) {
        let s = &self.weights[panel];
        for i in 0..PANEL {
            let top = z.iter().map(|z| z[i]).fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = z.iter().map(|z| (z[i] - top).exp()).sum();
            for (z, p) in z.iter_mut().zip(p.iter_mut()) {
                p[i] = (z[i] - top).exp() / total;
                z[i] = s[i] * p[i].max(LEAST_CURVATURE);
            }
        }
    }
}
