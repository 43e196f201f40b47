//! Figures of mixtures that closed forms or geometry tell, and what must not change them.

use super::*;
use ruska_core::{Predict, Rng};
use std::f64::consts::TAU;

/// A fitted mixture's figures, and its groups of the rows.
struct Found {
    bic: f64,
    icl: f64,
    adjoining: f64,
    groups: Vec<f64>,
    state: Vec<u8>,
}

fn found(x: &Frame, clusters: i64, covariance: &str, logs: bool, weights: Option<&[f64]>) -> Found {
    let p = params([
        ("clusters", clusters.into()),
        ("covariance", covariance.into()),
        ("logs", logs.into()),
    ]);
    let rows: Vec<u32> = (0..x.rows() as u32).collect();
    let y = Target::Groups(x.rows());
    let train = Train { x, rows: &rows, y: &y, weights };
    let model = learner("gmm").fit(&p, train, &RunContext::new(7, &NeverStop)).unwrap();
    let told: std::collections::BTreeMap<_, _> = model.told().into_iter().collect();
    let said = model.predict(x, &rows).unwrap();
    Found {
        bic: told["bic"],
        icl: told["icl"],
        adjoining: told["adjoining"],
        groups: said.groups().iter().map(|g| *g as f64).collect(),
        state: model.save(),
    }
}

fn normal(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.unit()).sum::<f64>() - 6.0
}

/// Rows around `k` places, `apart` deviations from one to the next, in two columns.
fn blobs(n: usize, k: usize, apart: f64) -> Vec<Vec<f64>> {
    let mut rng = Rng::new(3);
    (0..n)
        .map(|i| {
            let at = apart * (i % k) as f64;
            vec![at + normal(&mut rng), normal(&mut rng) - at]
        })
        .collect()
}
