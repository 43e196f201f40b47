//! Measures of forecasts: parity with plain formulas.

#![allow(clippy::unwrap_used)]

use ruska_core::{
    Ahead, Covariates, Measure, MeasureError, Predictions, TaskKind, Timelines, Truth,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

const TOLERANCE: f64 = 1e-10;

/// A case of tests/reference/forecast_measures.json.
#[derive(Clone, Deserialize)]
struct Case {
    name: String,
    series: Vec<Vec<Option<f64>>>,
    season: usize,
    horizon: usize,
    /// Series and step of each row told.
    told: Vec<(usize, usize)>,
    points: Vec<f64>,
    spreads: Vec<f64>,
    weights: Option<Vec<f64>>,
    scores: BTreeMap<String, Option<f64>>,
}

impl Case {
    fn truth(&self) -> Truth {
        let mut offsets = vec![0];
        for series in &self.series {
            offsets.push(offsets[offsets.len() - 1] + series.len());
        }
        let rows = self.told.iter().map(|(series, step)| (offsets[*series] + step) as u32);
        let rows = rows.collect();
        let values = self.series.iter().flatten().map(|v| v.unwrap_or(f64::NAN)).collect();
        let panel = Timelines {
            values: Arc::new(values),
            offsets: Arc::new(offsets),
            starts: Arc::new(vec![0; self.series.len()]),
            seasons: vec![],
            season: self.season,
            horizon: self.horizon,
            covariates: Covariates::default(),
        };
        assert_eq!(panel.validate(), Ok(()), "{}", self.name);
        Truth::Ahead(Ahead::new(&panel, rows))
    }

    fn predictions(&self) -> Predictions {
        let rows =
            self.points.iter().zip(&self.spreads).flat_map(|(point, spread)| [*point, *spread]);
        Predictions::new(2, rows.collect())
    }
}

fn cases() -> Vec<Case> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/forecast_measures.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn measures() -> Vec<Arc<dyn Measure>> {
    let mut measures = ruska_catalog::builtin().measures;
    measures.retain(|m| m.info().is_for(TaskKind::Forecasting));
    measures.sort_by_key(|m| m.info().id);
    measures
}

fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= TOLERANCE * expected.abs()
}

#[test]
fn scores_equal_plain_formulas() {
    for case in cases() {
        let (truth, told) = (case.truth(), case.predictions());
        assert!(measures().iter().map(|m| m.info().id).eq(case.scores.keys()), "{}", case.name);
        for measure in measures() {
            let id = measure.info().id;
            match (measure.score(&truth, &told, case.weights.as_deref()), case.scores[id]) {
                (Ok(got), Some(score)) => {
                    assert!(near(got, score), "{}: {id} is {got}, not {score}", case.name);
                }
                (got, None) => {
                    let undefined = matches!(got, Err(MeasureError::Undefined { .. }));
                    assert!(undefined, "{}: {id} is {got:?}", case.name);
                }
                (got, _) => panic!("{}: {id} is {got:?}", case.name),
            }
        }
    }
}

/// A series that counts twice is as two of them.
#[test]
fn series_count_as_often_as_they_are_said_to() {
    for case in cases() {
        let times: Vec<usize> = (0..case.series.len()).map(|s| [2, 1, 0, 3][s % 4]).collect();
        let mut repeated = Case { series: vec![], told: vec![], points: vec![], ..case.clone() };
        repeated.spreads.clear();
        let mut weights = vec![];
        for (s, times) in times.iter().enumerate() {
            for _ in 0..*times {
                for (row, (_, step)) in case.told.iter().enumerate().filter(|(_, t)| t.0 == s) {
                    repeated.told.push((repeated.series.len(), *step));
                    repeated.points.push(case.points[row]);
                    repeated.spreads.push(case.spreads[row]);
                    weights.push(case.weights.as_ref().map_or(1.0, |w| w[row]));
                }
                repeated.series.push(case.series[s].clone());
            }
        }
        let Truth::Ahead(ahead) = case.truth() else { panic!("forecasts") };
        let counts = times.iter().map(|times| *times as f64).collect();
        let truth = Truth::Ahead(ahead.counting(counts));
        let weight = |(row, (s, _)): (usize, &(usize, usize))| {
            times[*s] as f64 * case.weights.as_ref().map_or(1.0, |w| w[row])
        };
        let counted: Vec<f64> = case.told.iter().enumerate().map(weight).collect();
        for measure in measures() {
            let got = measure.score(&truth, &case.predictions(), Some(&counted));
            let expected =
                measure.score(&repeated.truth(), &repeated.predictions(), Some(&weights));
            let name = format!("{}: {}", case.name, measure.info().id);
            match (got, expected) {
                (Ok(got), Ok(expected)) => assert!(near(got, expected), "{name} {got} {expected}"),
                (got, expected) => assert!(got.is_err() && expected.is_err(), "{name} {got:?}"),
            }
        }
    }
}

#[test]
fn row_losses_average_to_the_loss() {
    for case in cases() {
        let (truth, told, weights) = (case.truth(), case.predictions(), case.weights.as_deref());
        let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
        for measure in measures() {
            let Some(score) = case.scores[measure.info().id] else {
                assert_eq!(measure.row_losses(&truth, &told, weights), None);
                continue;
            };
            let losses = measure.row_losses(&truth, &told, weights).unwrap();
            let sum: f64 = losses.iter().enumerate().map(|(row, l)| weight(row) * l).sum();
            let mean = sum / (0..losses.len()).map(weight).sum::<f64>();
            let loss = measure.loss_of(score);
            assert!(near(mean, loss), "{}: {} is {mean}", case.name, measure.info().id);
        }
    }
}
