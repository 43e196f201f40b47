//! Steps: what must hold for every one of them, parity with scikit-learn, and closed forms.

#![allow(clippy::unwrap_used)]

mod contract;
mod encoders;
mod made;
mod numbers;
mod parts;
mod raw;
mod reduce;
mod scales;
mod target;
mod text;

use ruska_core::{
    Column, Field, FitError, FittedStep, Frame, Kind, NeverStop, Params, RunContext, Step,
    StepInput, Target, Value,
};
use serde_json::Value as Json;
use std::sync::Arc;

fn step(id: &str) -> Arc<dyn Step> {
    ruska_catalog::builtin().step(id).unwrap().clone()
}

fn params(pairs: &[(&str, Value)]) -> Params {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// A fit on the first `train` rows.
struct Fit<'a> {
    id: &'a str,
    params: Params,
    train: usize,
    y: Target,
    weights: Option<Vec<f64>>,
    sparse: bool,
}

impl<'a> Fit<'a> {
    fn new(id: &'a str, train: usize, y: Target) -> Self {
        Self { id, params: Params::new(), train, y, weights: None, sparse: false }
    }

    fn with(self, pairs: &[(&str, Value)]) -> Self {
        Self { params: params(pairs), ..self }
    }

    fn run(&self, x: &Frame) -> Result<(Box<dyn FittedStep>, Frame), FitError> {
        let rows: Vec<u32> = (0..self.train as u32).collect();
        let (y, weights) = (&self.y, self.weights.as_deref());
        let input = StepInput { x, rows: &rows, y, weights, sparse: self.sparse };
        step(self.id).fit_transform(&self.params, input, &RunContext::new(11, &NeverStop))
    }
}

fn values(y: Vec<f64>) -> Target {
    Target::Values(Arc::new(y))
}

fn classes(codes: Vec<u32>, n: usize) -> Target {
    let classes = Arc::new((0..n).map(|c| format!("k{c}")).collect());
    Target::Classes { codes: Arc::new(codes), classes, positive: 1 }
}

fn numbers(name: &str, values: Vec<f64>) -> Field {
    Field::new(name, Kind::Numeric, Column::float(values))
}

fn levels<S: AsRef<str>>(name: &str, values: impl IntoIterator<Item = Option<S>>) -> Field {
    Field::new(name, Kind::Categorical, Column::from_strings(values))
}

fn frame(fields: Vec<Field>) -> Frame {
    Frame::new(fields).unwrap().with_origins()
}

fn reference() -> Json {
    serde_json::from_str(include_str!("../../../../tests/reference/steps.json")).unwrap()
}

fn reals(json: &Json) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn codes(json: &Json) -> Vec<u32> {
    reals(json).into_iter().map(|v| v as u32).collect()
}

fn texts(name: &str, json: &Json) -> Field {
    levels(name, json.as_array().unwrap().iter().map(Json::as_str))
}

fn assert_close(got: &[f64], expected: &[f64], what: &str) {
    assert_eq!(got.len(), expected.len(), "{what}");
    for (row, (a, b)) in got.iter().zip(expected).enumerate() {
        let same = a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * b.abs().max(1.0);
        assert!(same, "{what}, row {row}: {a} is not {b}");
    }
}

/// Compares the float columns of a frame, in order, with columns of reference numbers.
fn assert_columns(out: &Frame, expected: &Json, what: &str) {
    let got: Vec<&[f64]> = out.fields().iter().filter_map(Field::floats).collect();
    let expected = expected.as_array().unwrap();
    assert_eq!(got.len(), expected.len(), "{what}");
    got.iter().zip(expected).for_each(|(got, column)| assert_close(got, &reals(column), what));
}

fn numeric_frame(json: &Json) -> Frame {
    let column = |(i, v): (usize, &Json)| numbers(&format!("x{i}"), reals(v));
    frame(json.as_array().unwrap().iter().enumerate().map(column).collect())
}
