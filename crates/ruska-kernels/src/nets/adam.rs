//! Adam with decoupled weight decay.
//!
//! Source: Kingma, Ba, "Adam", ICLR 2015; Loshchilov, Hutter, "Decoupled weight decay regularization",
//! ICLR 2019.

use crate::simd::for_widest;

/// How fast means of gradients, and of their squares, forget.
const MEANS: [f32; 2] = [0.9, 0.99];
/// Added to the root of the mean of squares.
const LEAST: f32 = 1e-8;

/// Running means of the gradient and of its squares.
#[derive(Debug)]
pub(super) struct Adam {
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl Adam {
    pub(super) fn new(params: usize) -> Self {
        Self { first: vec![0.0; params], second: vec![0.0; params], steps: 0 }
    }

    /// Moves the parameters; the first `decaying` lose a part `rate * decay` of themselves.
    pub(super) fn step(
        &mut self,
        params: &mut [f32],
        gradient: &[f32],
        rate: f64,
        (decay, decaying): (f64, usize),
    ) {
        self.steps += 1;
        let [first, second] = MEANS.map(|m| (1.0 - f64::from(m).powi(self.steps)) as f32);
        let scales = [rate as f32 / first, 1.0 / second];
        params[..decaying].iter_mut().for_each(|p| *p *= (1.0 - rate * decay) as f32);
        step(params, gradient, &mut self.first, &mut self.second, scales);
    }
}

for_widest! {
fn step(params: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], scales: [f32; 2]) {
    let n = params.len();
    let (gradient, first, second) = (&gradient[..n], &mut first[..n], &mut second[..n]);
    for i in 0..n {
        let g = gradient[i];
        first[i] = MEANS[0] * first[i] + (1.0 - MEANS[0]) * g;
        second[i] = MEANS[1] * second[i] + (1.0 - MEANS[1]) * g * g;
        params[i] -= scales[0] * first[i] / ((second[i] * scales[1]).sqrt() + LEAST);
    }
}
}
