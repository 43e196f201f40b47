//! Dependence and importance beside scikit-learn's: tests/reference/drivers.py.

#![allow(clippy::unwrap_used)]

use super::drivers_tests::table;
use super::effects::curve;
use super::importance::{Asking, Labelled, shuffled};
use super::shown;
use ruska_core::{Column, Frame, PredictError, Predictions, Schema, Truth, hash};
use serde::Deserialize;

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Deserialize)]
struct Reference {
    dependence: Vec<DependenceCase>,
    importance: Vec<ImportanceCase>,
}

#[derive(Deserialize)]
struct DependenceCase {
    name: String,
    /// By column.
    x: Vec<Vec<f64>>,
    columns: Vec<OfColumn>,
    intercept: Option<f64>,
    slopes: Option<Vec<f64>>,
    tree: Option<Tree>,
}

#[derive(Deserialize)]
struct OfColumn {
    values: Vec<f64>,
    average: Vec<f64>,
    /// By row.
    individual: Vec<Vec<f64>>,
}

/// A binary tree; leaves have −1 for a child.
#[derive(Deserialize)]
struct Tree {
    left: Vec<i64>,
    right: Vec<i64>,
    feature: Vec<i64>,
    threshold: Vec<f64>,
    value: Vec<f64>,
}

#[derive(Deserialize)]
struct ImportanceCase {
    metric: String,
    intercept: f64,
    slopes: Vec<f64>,
    classes: bool,
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    weight: Option<Vec<f64>>,
    /// By column and shuffle, the row that each row has the value of.
    orders: Vec<Vec<Vec<u32>>>,
    worse: Vec<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../../../../tests/reference/drivers.json")).unwrap()
}

fn frame(columns: &[Vec<f64>]) -> Frame {
    table(NAMES.into_iter().zip(columns).map(|(n, v)| (n, Column::float(v.clone()))).collect())
}

/// The rows of a frame of numbers.
fn rows(x: &Frame) -> Vec<[f64; 3]> {
    let columns = NAMES.map(|name| x.field(name).unwrap().floats().unwrap());
    (0..x.rows()).map(|row| columns.map(|column| column[row])).collect()
}

fn sum(intercept: f64, slopes: &[f64], row: &[f64; 3]) -> f64 {
    intercept + row.iter().zip(slopes).map(|(v, slope)| v * slope).sum::<f64>()
}

impl Tree {
    fn leaf(&self, row: &[f64; 3]) -> f64 {
        let mut node = 0;
        while self.left[node] >= 0 {
            let low = row[self.feature[node] as usize] <= self.threshold[node];
            node = if low { self.left[node] } else { self.right[node] } as usize;
        }
        self.value[node]
    }
}

impl DependenceCase {
    fn predict(&self, x: &Frame) -> Vec<f64> {
        let of = |row: &[f64; 3]| match (&self.tree, &self.slopes) {
            (Some(tree), _) => tree.leaf(row),
            (_, slopes) => sum(self.intercept.unwrap(), slopes.as_ref().unwrap(), row),
        };
        rows(x).iter().map(of).collect()
    }
}

fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-10 * (1.0 + expected.abs())
}

#[test]
fn dependence_and_single_rows_equal_those_of_scikit_learn() {
    for case in reference().dependence {
        let x = frame(&case.x);
        let predict = |x: &Frame| Ok::<_, PredictError>(case.predict(x));
        let features = shown(&x, &Schema::default());
        for (at, expected) in case.columns.iter().enumerate() {
            let told = curve(&predict, &x, at, features[at].as_ref().unwrap()).unwrap().unwrap();
            let name = format!("{} {at}", case.name);
            let values: Vec<f64> = told.points.iter().map(|p| p.at.unwrap()).collect();
            assert_eq!(values, expected.values, "{name}");
            for (point, average) in told.points.iter().zip(&expected.average) {
                assert!(near(point.mean, *average), "{name}: {point:?} for {average}");
            }
            for (line, row) in told.lines.iter().zip(hash::spread(x.rows(), told.lines.len())) {
                let pairs = line.iter().zip(&expected.individual[row]);
                assert!(pairs.clone().all(|(got, expected)| near(*got, *expected)), "{name} {row}");
            }
        }
    }
}

#[test]
fn importance_equals_that_of_scikit_learn_by_the_same_shuffles() {
    let catalog = ruska_catalog::builtin();
    for case in reference().importance {
        let x = frame(&case.x);
        let predict = |x: &Frame| {
            let said = rows(x).into_iter().map(|row| sum(case.intercept, &case.slopes, &row));
            Ok(if case.classes {
                Predictions::binary(said.map(|odds| 1.0 / (1.0 + (-odds).exp())))
            } else {
                Predictions::new(1, said.collect())
            })
        };
        let truth = if case.classes {
            let codes = case.y.iter().map(|y| *y as u32).collect();
            Truth::Classes { codes, n_classes: 2, positive: 1 }
        } else {
            Truth::Values(case.y.clone())
        };
        let order = |at: usize, shuffle: usize| case.orders[at][shuffle].clone();
        let measure = &**catalog.measure(&case.metric).unwrap();
        let asking = Asking { predict: &predict, measure, order: &order };
        let labelled = Labelled { x: &x, truth: &truth, weights: case.weight.as_deref() };
        let told = shuffled(&asking, &labelled, x.rows()).unwrap();
        for (name, expected) in NAMES.into_iter().zip(&case.worse) {
            let got = told.columns.iter().find(|c| c.column == name).unwrap();
            assert!(near(got.worse, *expected), "{} {name}: {got:?} {expected}", case.metric);
        }
    }
}
