//! Learners against scikit-learn and closed forms, one module each.
#![allow(clippy::unwrap_used)]

mod gam;
mod glm;
mod gmm;
mod knn;
mod lda;
mod naive_bayes;
mod robust;
mod svm;

use ruska_core::{
    Column, Field, FitError, FittedModel, Frame, Kind, Learner, NeverStop, Params, Predictions,
    RunContext, Target, Train, Value,
};
use std::sync::Arc;

fn learner(id: &str) -> Arc<dyn Learner> {
    ruska_catalog::builtin().learner(id).unwrap().clone()
}

fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../../tests/reference/learners.json")).unwrap()
}

fn numbers(v: &serde_json::Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn table(v: &serde_json::Value) -> Vec<Vec<f64>> {
    v.as_array().unwrap().iter().map(numbers).collect()
}

/// Numeric fields of the columns of a table, with this letter and a number for a name.
fn fields(letter: char, rows: &[Vec<f64>]) -> Vec<Field> {
    let column = |j: usize| Column::float(rows.iter().map(|r| r[j]).collect());
    let field = |j| Field::new(format!("{letter}{j}"), Kind::Numeric, column(j));
    (0..rows.first().map_or(0, Vec::len)).map(field).collect()
}

fn frame(rows: &[Vec<f64>]) -> Frame {
    Frame::with_rows(fields('x', rows), rows.len()).unwrap()
}

fn classes(codes: impl IntoIterator<Item = u32>, n: usize) -> Target {
    Target::Classes {
        codes: Arc::new(codes.into_iter().collect()),
        classes: Arc::new((0..n).map(|k| format!("class {k}")).collect()),
        positive: 1,
    }
}

/// The classes of a column of the reference.
fn codes(v: &serde_json::Value, n: usize) -> Target {
    classes(numbers(v).into_iter().map(|c| c as u32), n)
}

fn values(y: &[f64]) -> Target {
    Target::Values(Arc::new(y.to_vec()))
}

fn params<const N: usize>(values: [(&str, Value); N]) -> Params {
    values.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

fn all(x: &Frame) -> Vec<u32> {
    (0..x.rows() as u32).collect()
}

fn try_fit(
    id: &str,
    params: &Params,
    x: &Frame,
    y: &Target,
    weights: Option<&[f64]>,
) -> Result<Box<dyn FittedModel>, FitError> {
    let rows = all(x);
    let ctx = RunContext::new(1, &NeverStop);
    learner(id).fit(params, Train { x, rows: &rows, y, weights }, &ctx)
}

/// What a model fitted on all rows of `x` predicts for all rows of `at`.
fn fit(
    id: &str,
    params: &Params,
    x: &Frame,
    y: &Target,
    weights: Option<&[f64]>,
    at: &Frame,
) -> Predictions {
    try_fit(id, params, x, y, weights).unwrap().predict(at, &all(at)).unwrap()
}

#[track_caller]
fn close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() <= tolerance * (1.0 + e.abs()), "number {i} is {g}, not {e}");
    }
}
