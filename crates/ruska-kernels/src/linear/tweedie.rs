//! Deviances of counts and amounts under a log link: Poisson, gamma and what is beside them.

use super::design::{Lane, PANEL};
use super::loss::{Loss, panels};
use super::precondition::Curvature;

/// Half the unit deviance of a variance that is the mean to the power p, up to what z does not
/// move. With μ = exp(z + offset):
///
/// ```text
/// p = 1       μ − y·log μ
/// p = 2       log μ + y / μ
/// otherwise   μ^(2 − p) / (2 − p) − y·μ^(1 − p) / (1 − p)
/// derivative  μ^(2 − p) − y·μ^(1 − p)
/// ```
pub(super) struct Tweedie {
    y: Vec<Lane>,
    weights: Vec<Lane>,
    /// Empty where there is none.
    offset: Vec<Lane>,
    power: f64,
    start: f64,
    curvature: f64,
}

impl Tweedie {
    pub(super) fn new(y: &[f64], weights: &[f64], offset: Option<&[f64]>, power: f64) -> Self {
        let shift = |i: usize| offset.map_or(0.0, |o| o[i]);
        let (mut top, mut bottom, mut total) = (0.0, 0.0, 0.0);
        for (i, (y, s)) in y.iter().zip(weights).enumerate() {
            top += s * y * ((1.0 - power) * shift(i)).exp();
            bottom += s * ((2.0 - power) * shift(i)).exp();
            total += s;
        }
        // Where the summed derivative of the model without features vanishes.
        let start = (top / bottom).ln();
        let curvature = ((2.0 - power) * start).exp() * bottom / total;
        let offset = offset.map_or_else(Vec::new, panels);
        Self { y: panels(y), weights: panels(weights), offset, power, start, curvature }
    }

    /// Loss and derivative of a row.
    fn row(&self, z: f64, y: f64) -> (f64, f64) {
        if self.power == 1.0 {
            let mean = z.exp();
            return (mean - y * z, mean - y);
        }
        if self.power == 2.0 {
            let ratio = y * (-z).exp();
            return (z + ratio, 1.0 - ratio);
        }
        let (a, b) = (2.0 - self.power, 1.0 - self.power);
        let (up, down) = ((a * z).exp(), y * (b * z).exp());
        (up / a - down / b, up - down)
    }
}

impl Loss for Tweedie {
    fn outputs(&self) -> usize {
        1
    }

    fn weights(&self) -> &[Lane] {
        &self.weights
    }

    fn start(&self) -> Vec<f64> {
        vec![self.start]
    }

    fn curvature(&self) -> Curvature {
        Curvature { outputs: vec![self.curvature], constant: false }
    }

    fn unit(&self) -> f64 {
        self.curvature
    }

    fn panel(&self, panel: usize, z: &mut [Lane]) -> f64 {
        let (y, s, z) = (&self.y[panel], &self.weights[panel], &mut z[0]);
        let mut sum = 0.0;
        for i in 0..PANEL {
            // A row without weight must not spoil the sum by a mean that is not finite.
            if s[i] > 0.0 {
                let shift = self.offset.get(panel).map_or(0.0, |o| o[i]);
                let (loss, slope) = self.row(z[i] + shift, y[i]);
                sum += s[i] * loss;
                z[i] = s[i] * slope;
            } else {
                z[i] = 0.0;
            }
        }
        sum
    }
}
