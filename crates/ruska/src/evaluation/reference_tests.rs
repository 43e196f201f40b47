//! Curves, calibration, thresholds, confusion and errors against scikit-learn, scipy and numpy.
#![allow(clippy::unwrap_used)]

use super::rows::{Judged, Two};
use super::*;
use ruska_core::{Predictions, Truth};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Cases {
    two: Vec<TwoCase>,
    several: Vec<SeveralCase>,
    numbers: Vec<NumbersCase>,
}

#[derive(Deserialize)]
struct TwoCase {
    name: String,
    positive: Vec<bool>,
    score: Vec<f64>,
    weight: Option<Vec<f64>>,
    roc: RocCase,
    precision: Vec<f64>,
    recall: Vec<f64>,
    at: Vec<f64>,
    curves: BTreeMap<String, CurveCase>,
    brier: f64,
    average_precision: f64,
    table: Vec<OperatingCase>,
    confusion: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct RocCase {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    threshold: Vec<f64>,
}

#[derive(Deserialize)]
struct CurveCase {
    observed: Vec<f64>,
    predicted: Vec<f64>,
}

#[derive(Deserialize)]
struct OperatingCase {
    alerts: f64,
    precision: Option<f64>,
    recall: f64,
    f1: f64,
    f2: f64,
    f05: f64,
}

#[derive(Deserialize)]
struct SeveralCase {
    name: String,
    codes: Vec<u32>,
    probabilities: Vec<f64>,
    classes: usize,
    weight: Option<Vec<f64>>,
    confusion: Vec<Vec<f64>>,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    auc: Vec<f64>,
}

#[derive(Deserialize)]
struct NumbersCase {
    name: String,
    truth: Vec<f64>,
    predicted: Vec<f64>,
    weight: Option<Vec<f64>>,
    bias: f64,
    deviation: f64,
    quantiles: Vec<f64>,
    growth: f64,
}

fn cases() -> Cases {
    let text = include_str!("../../../../tests/reference/evaluation.json");
    serde_json::from_str(text).unwrap()
}

#[track_caller]
fn close(name: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{name}: {got:?} for {expected:?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 1e-10, "{name}: {got} for {expected}");
    }
}

fn judged(truth: Truth, predictions: Predictions, weights: Option<Vec<f64>>) -> Judged {
    let rows = (0..truth.rows() as u32).collect();
    let classes = (0..predictions.width()).map(|k| k.to_string()).collect();
    Judged { rows, truth, predictions, weights, classes }
}

impl TwoCase {
    fn judged(&self) -> Judged {
        let codes = self.positive.iter().map(|p| u32::from(*p)).collect();
        let truth = Truth::Classes { codes, n_classes: 2, positive: 1 };
        judged(truth, Predictions::binary(self.score.iter().copied()), self.weight.clone())
    }

    fn two(&self) -> Two {
        self.judged().two().unwrap()
    }
}

#[test]
fn curves_equal_those_of_scikit_learn() {
    for case in cases().two {
        let (name, curves) = (&case.name, Curves::of(&case.two()).unwrap());
        close(name, &curves.roc.false_positive_rate, &case.roc.fpr);
        close(name, &curves.roc.true_positive_rate, &case.roc.tpr);
        let thresholds: Vec<f64> = curves.roc.threshold.iter().flatten().copied().collect();
        close(name, &thresholds, &case.roc.threshold);
        assert_eq!(curves.roc.threshold[0], None);
        let pr = &curves.precision_recall;
        // scikit-learn adds no more thresholds once all of the class are found.
        let shown = case.at.len();
        close(name, &pr.threshold[..shown], &case.at);
        close(name, &pr.precision[..shown], &case.precision);
        close(name, &pr.recall[..shown], &case.recall);
        let mut before = 0.0;
        let mut area = 0.0;
        for (precision, recall) in pr.precision.iter().zip(&pr.recall) {
            area += (recall - before) * precision;
            before = *recall;
        }
        close(name, &[area], &[case.average_precision]);
    }
}

#[test]
fn calibration_equals_that_of_scikit_learn() {
    for case in cases().two {
        let (name, found) = (&case.name, Calibration::of(&case.judged()).unwrap());
        close(name, &[found.brier.unwrap().score], &[case.brier]);
        for (strategy, curve) in &case.curves {
            let bins = match strategy.as_str() {
                "uniform" => &found.equal_width,
                _ => &found.equal_rows,
            };
            let of = |value: fn(&CalibrationBin) -> f64| -> Vec<f64> {
                bins.bins.iter().map(value).collect()
            };
            close(name, &of(|bin| bin.observed), &curve.observed);
            close(name, &of(|bin| bin.predicted), &curve.predicted);
        }
    }
}

#[test]
fn decisions_equal_those_of_scikit_learn() {
    for case in cases().two {
        let (name, found) = (&case.name, Thresholds::of(&case.two()));
        for (got, expected) in found.table.iter().zip(&case.table) {
            let of = |value: Option<f64>| value.unwrap_or(0.0);
            let got_values = [got.alerts, of(got.recall), of(got.f1), of(got.f2), of(got.f05)];
            let OperatingCase { alerts, recall, f1, f2, f05, .. } = *expected;
            close(name, &got_values, &[alerts, recall, f1, f2, f05]);
            assert_eq!(got.precision.is_some(), expected.precision.is_some(), "{name}");
            close(name, &[of(got.precision)], &[of(expected.precision)]);
            assert!(of(got.f1) <= found.best_f1.unwrap().f1.unwrap() + 1e-12, "{name}");
        }
        for (got, expected) in
            Confusion::of(&case.judged()).unwrap().counts.iter().zip(&case.confusion)
        {
            close(name, got, expected);
        }
    }
}

#[test]
fn classes_equal_those_of_scikit_learn() {
    for case in cases().several {
        let truth =
            Truth::Classes { codes: case.codes.clone(), n_classes: case.classes, positive: 0 };
        let predictions = Predictions::new(case.classes, case.probabilities.clone());
        let judged = judged(truth, predictions, case.weight.clone());
        let (name, classes) = (&case.name, confusion::classes(&judged));
        let of = |value: fn(&ClassMeasures) -> Option<f64>| -> Vec<f64> {
            classes.iter().map(|c| value(c).unwrap_or(0.0)).collect()
        };
        close(name, &of(|c| c.precision), &case.precision);
        close(name, &of(|c| c.recall), &case.recall);
        close(name, &of(|c| c.f1), &case.f1);
        close(name, &of(|c| c.auc), &case.auc);
        let confusion = Confusion::of(&judged).unwrap().counts;
        confusion
            .iter()
            .zip(&case.confusion)
            .for_each(|(got, expected)| close(name, got, expected));
        assert!(judged.two().is_none() && Calibration::of(&judged).unwrap().brier.is_none());
    }
}

#[test]
fn errors_equal_those_of_numpy_and_scipy() {
    for case in cases().numbers {
        let truth = Truth::Values(case.truth.clone());
        let judged =
            judged(truth, Predictions::new(1, case.predicted.clone()), case.weight.clone());
        let (name, errors) = (&case.name, Errors::of(&judged).unwrap());
        close(name, &[errors.bias, errors.deviation], &[case.bias, case.deviation]);
        let quantiles: Vec<f64> = errors.quantiles.iter().map(|q| q.error).collect();
        close(name, &quantiles, &case.quantiles);
        close(name, &[errors.growth.unwrap()], &[case.growth]);
        let rows: usize = errors.ranges.iter().map(|range| range.rows).sum();
        assert_eq!((rows, errors.largest.len()), (case.truth.len(), 3), "{name}");
        let squares: f64 =
            case.truth.iter().zip(&case.predicted).map(|(y, p)| (p - y).powi(2)).sum();
        if case.weight.is_none() {
            let held: f64 = errors.ranges.iter().map(|r| r.rmse.powi(2) * r.rows as f64).sum();
            close(name, &[held / squares], &[1.0]);
            let mut sizes: Vec<f64> =
                case.truth.iter().zip(&case.predicted).map(|(y, p)| (p - y).abs()).collect();
            sizes.sort_by(|a, b| b.total_cmp(a));
            let tenth = sizes[..12].iter().sum::<f64>() / sizes.iter().sum::<f64>();
            close(name, &[errors.largest[2].absolute], &[tenth]);
        }
    }
}
