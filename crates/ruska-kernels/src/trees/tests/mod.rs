//! Trees and boosting against brute force, closed forms and invariants.
#![allow(clippy::unwrap_used)]

mod boosting;
mod explained;
mod forests;
mod growth;
mod losses;
mod model;
mod shapes;
mod sparse;

use super::gradients::packed;
use super::grow::Grower;
use super::job::Job;
use super::loss::{
    Brier, Gamma, Huber, Logistic, Loss, Poisson, Quantile, Softmax, Squared, Tweedie,
    probabilities, probability,
};
use super::random::mix;
use super::tick::Ticker;
use super::{BinnedColumn, BoostParams, Data, GrowParams, Growth, Model, boost};
use crate::simd::plain::plainly;
use crate::{Silent, StopAfter, Stopped};

fn unit(seed: u64) -> f64 {
    (mix(seed) >> 11) as f64 / 2f64.powi(53)
}

/// Columns of about `distinct` values, a tenth of them missing in every other column.
fn columns(n: usize, width: usize, distinct: f64, seed: u64) -> Vec<Vec<f64>> {
    let value = |c: usize, i: usize| {
        let u = unit(seed ^ mix((c * n + i) as u64));
        if c % 2 == 1 && u < 0.1 { f64::NAN } else { (u * distinct).floor() }
    };
    (0..width).map(|c| (0..n).map(|i| value(c, i)).collect()).collect()
}

fn binned(columns: &[Vec<f64>]) -> Vec<BinnedColumn> {
    columns.iter().map(|c| BinnedColumn::new(c, 255)).collect()
}

/// A truth between 0 and 9 that depends on the first two columns, with noise.
fn signal(columns: &[Vec<f64>]) -> Vec<f64> {
    let top = columns[0].iter().copied().fold(1.0, f64::max);
    let known = |v: f64| if v.is_nan() { 0.3 } else { v / top };
    (0..columns[0].len())
        .map(|i| {
            let (a, b) = (known(columns[0][i]), known(columns[1][i]));
            (a * 7.0).sin() * 3.0 + (b - a).abs() * 2.0 + 3.0 + unit(i as u64)
        })
        .collect()
}

fn scores(model: &Model, columns: &[Vec<f64>]) -> Vec<f64> {
    let n = columns.first().map_or(0, Vec::len);
    let rows: Vec<u32> = (0..n as u32).collect();
    let slices: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let mut out = vec![0.0; n * model.outputs()];
    model.predict(&slices, &rows, &mut out);
    out
}

fn mean_loss(loss: &dyn Loss, y: &[f64], scores: &[f64]) -> f64 {
    let k = loss.outputs();
    let sum: f64 = (0..y.len()).map(|i| loss.row(y[i], &|o| scores[i * k + o])).sum();
    sum / y.len() as f64
}

fn fit(loss: &dyn Loss, columns: &[BinnedColumn], y: &[f64], params: &BoostParams) -> Model {
    boost(loss, &Data { columns, y, weights: None, offset: None }, None, params, &Silent)
        .unwrap()
        .model
}
