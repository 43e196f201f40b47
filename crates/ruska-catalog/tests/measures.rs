//! Measures: parity with scikit-learn, and what must hold for every one of them.

#![allow(clippy::unwrap_used)]

use ruska_core::{Measure, MeasureError, Needs, Predictions, Rng, TaskKind, Truth};
use serde_json::Value;
use std::sync::Arc;

const TOLERANCE: f64 = 1e-12;

fn measures() -> Vec<Arc<dyn Measure>> {
    ruska_catalog::builtin().measures
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE * b.abs().max(1.0)
}

/// Truth, predictions and weights of rows to be scored.
#[derive(Clone)]
struct Case {
    name: String,
    truth: Truth,
    predictions: Predictions,
    weights: Option<Vec<f64>>,
}

impl Case {
    fn score(&self, measure: &dyn Measure) -> Result<f64, MeasureError> {
        measure.score(&self.truth, &self.predictions, self.weights.as_deref())
    }

    fn fits(&self, measure: &dyn Measure) -> bool {
        match self.truth {
            Truth::Classes { .. } => measure.info().task() == TaskKind::Classification,
            Truth::Values(_) => measure.info().task() == TaskKind::Regression,
            Truth::Points { .. } => measure.info().task() == TaskKind::Clustering,
            Truth::Ahead(_) => measure.info().is_for(TaskKind::Forecasting),
        }
    }

    /// The given rows, with weights of their own.
    fn take(&self, rows: &[usize], weights: Option<Vec<f64>>) -> Self {
        let truth = match &self.truth {
            Truth::Classes { codes, n_classes, positive } => Truth::Classes {
                codes: rows.iter().map(|&r| codes[r]).collect(),
                n_classes: *n_classes,
                positive: *positive,
            },
            Truth::Values(v) => Truth::Values(rows.iter().map(|&r| v[r]).collect()),
            Truth::Points { .. } => panic!("groups are judged all together"),
            Truth::Ahead(ahead) => {
                Truth::Ahead(ahead.take(&rows.iter().map(|&r| r as u32).collect::<Vec<_>>()))
            }
        };
        let values = rows.iter().flat_map(|&r| self.predictions.row(r)).copied().collect();
        let predictions = Predictions::new(self.predictions.width(), values);
        Self { name: self.name.clone(), truth, predictions, weights }
    }

    /// The same truth, predicted perfectly.
    fn perfect(&self) -> Self {
        let predictions = match &self.truth {
            Truth::Values(v) => Predictions::new(1, v.clone()),
            Truth::Points { .. } => panic!("no groups are perfect"),
            Truth::Ahead(ahead) => {
                let told = ahead.truth().into_iter().flat_map(|y| [y, 0.0]);
                Predictions::new(2, told.collect())
            }
            Truth::Classes { codes, n_classes, .. } => {
                let certain = |&code: &u32| {
                    (0..*n_classes).map(move |k| f64::from(u8::from(k == code as usize)))
                };
                Predictions::new(*n_classes, codes.iter().flat_map(certain).collect())
            }
        };
        Self { predictions, ..self.clone() }
    }
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The cases of tests/reference/measures.json with their expected scores.
fn reference() -> Vec<(Case, Value)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/measures.json");
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let parse = |case: Value| {
        let (truth, width) = if let Some(n) = case["n_classes"].as_u64() {
            let codes = floats(&case["codes"]).into_iter().map(|c| c as u32).collect();
            let positive = case["positive"].as_u64().unwrap() as u32;
            (Truth::Classes { codes, n_classes: n as usize, positive }, n as usize)
        } else {
            (Truth::Values(floats(&case["values"])), 1)
        };
        let predictions = Predictions::new(width, floats(&case["predictions"]));
        let weights = case.get("weights").filter(|w| !w.is_null()).map(floats);
        let name = case["name"].as_str().unwrap().to_owned();
        (Case { name, truth, predictions, weights }, case["scores"].clone())
    };
    cases.into_iter().map(parse).collect()
}

#[test]
fn scores_equal_scikit_learn() {
    let mut compared = 0;
    for (case, expected) in reference() {
        let of_task: Vec<_> = measures().into_iter().filter(|m| case.fits(&**m)).collect();
        assert_eq!(of_task.len(), expected.as_object().unwrap().len(), "{}", case.name);
        for measure in of_task {
            let id = measure.info().id;
            let got = case.score(&*measure);
            match expected[id].as_f64() {
                Some(score) => {
                    let got = got.unwrap();
                    // Scores with a fixed optimum of 1 are compared as such, errors by their size.
                    let unit = if measure.info().higher_is_better { 1.0 } else { score.abs() };
                    let equal = (got - score).abs() <= TOLERANCE * unit;
                    assert!(equal, "{}: {id} is {got}, not {score}", case.name);
                    compared += 1;
                }
                None => assert!(
                    matches!(got, Err(MeasureError::Undefined { measure, .. }) if measure == id),
                    "{}: {id} is {got:?}, expected undefined",
                    case.name
                ),
            }
        }
    }
    assert!(compared > 250, "{compared} scores were compared");
}

#[test]
fn order_of_rows_does_not_matter() {
    for (case, _) in reference() {
        let mut rows: Vec<usize> = (0..case.truth.rows()).collect();
        Rng::new(3).shuffle(&mut rows);
        let weights = case.weights.as_ref().map(|w| rows.iter().map(|&r| w[r]).collect());
        let shuffled = case.take(&rows, weights);
        for measure in measures().iter().filter(|m| case.fits(&***m)) {
            match (case.score(&**measure), shuffled.score(&**measure)) {
                (Ok(a), Ok(b)) => assert!(close(a, b), "{}: {}", case.name, measure.info().id),
                (a, b) => assert_eq!(a, b, "{}", case.name),
            }
        }
    }
}

#[test]
fn a_whole_weight_is_a_row_repeated_and_scale_does_not_matter() {
    for (case, _) in reference() {
        let whole: Vec<usize> = (0..case.truth.rows()).map(|r| (r * 7 + 1) % 4).collect();
        let rows: Vec<usize> =
            (0..case.truth.rows()).flat_map(|r| std::iter::repeat_n(r, whole[r])).collect();
        let repeated = case.take(&rows, None);
        for measure in measures().iter().filter(|m| case.fits(&***m)) {
            let id = measure.info().id;
            // One row of weight two is one row to R², which needs two.
            if repeated.truth.rows() < 3 && id == "r2" {
                continue;
            }
            for scale in [1.0, 0.37, 1e-18, 1e12] {
                let weights = whole.iter().map(|&w| w as f64 * scale).collect();
                let weighted = Case { weights: Some(weights), ..case.clone() };
                match (repeated.score(&**measure), weighted.score(&**measure)) {
                    (Ok(a), Ok(b)) => assert!(close(a, b), "{}: {id} {a} {b}", case.name),
                    (a, b) => assert_eq!(a, b, "{}: {id}", case.name),
                }
            }
        }
    }
}

#[test]
fn a_perfect_prediction_is_the_optimum() {
    for (case, _) in reference() {
        let perfect = case.perfect();
        for measure in measures().iter().filter(|m| case.fits(&***m)) {
            let Ok(score) = perfect.score(&**measure) else { continue };
            let id = measure.info().id;
            let one_class = case.name.contains("one class");
            if one_class && ["mcc", "f1", "precision", "recall"].contains(&id) {
                assert_eq!(score, 0.0, "no positive rows: {id}");
                continue;
            }
            let loss = measure.loss_of(score);
            assert!(loss.abs() <= 1e-12, "{}: {id} has loss {loss}", case.name);
            assert!(close(measure.score_of(loss), score));
        }
    }
}

#[test]
fn scores_stay_within_their_bounds() {
    for (case, _) in reference() {
        for measure in measures().iter().filter(|m| case.fits(&***m)) {
            let Ok(score) = case.score(&**measure) else { continue };
            let (low, high) = match measure.info().id {
                "mcc" => (-1.0, 1.0),
                "r2" => (f64::MIN, 1.0),
                "brier" => (0.0, 2.0),
                _ if measure.info().higher_is_better => (0.0, 1.0),
                _ => (0.0, f64::MAX),
            };
            assert!((low..=high).contains(&score), "{}: {}", case.name, measure.info().id);
            assert!(measure.loss_of(score) >= 0.0);
        }
    }
}

#[test]
fn row_losses_average_to_the_reference() {
    let mut with_losses = std::collections::BTreeSet::new();
    for (case, _) in reference() {
        for measure in measures().iter().filter(|m| case.fits(&***m)) {
            let id = measure.info().id;
            let weights = case.weights.as_deref();
            let losses = measure.row_losses(&case.truth, &case.predictions, weights);
            let Some(losses) = losses else { continue };
            assert_eq!(losses.len(), case.truth.rows());
            let weight = |row: usize| weights.map_or(1.0, |w| w[row]);
            let total: f64 = (0..losses.len()).map(weight).sum();
            let sum: f64 = losses.iter().enumerate().map(|(row, l)| weight(row) * l).sum();
            let loss = measure.loss_of(case.score(&**measure).unwrap());
            assert!(close(sum / total, loss), "{}: {id} is {loss}, not {}", case.name, sum / total);
            with_losses.insert(id);
        }
    }
    let expected = [
        "accuracy",
        "auc",
        "balanced_accuracy",
        "brier",
        "f1",
        "gamma_deviance",
        "logloss",
        "mae",
        "mape",
        "poisson_deviance",
        "precision",
        "r2",
        "recall",
        "rmse",
        "rmsle",
    ];
    assert_eq!(with_losses.into_iter().collect::<Vec<_>>(), expected);
}

/// The variance of the difference of two areas as DeLong defines it: every row against every other.
fn delong(positive: &[bool], scores: [&[f64]; 2]) -> f64 {
    let side = |of: bool| (0..positive.len()).filter(move |&row| positive[row] == of);
    let wins = |s: &[f64], i: usize, j: usize| f64::from(s[i].total_cmp(&s[j]) as i8 + 1) / 2.0;
    let variance_of_mean = |of: bool| {
        let others = side(!of).count() as f64;
        let placement = |s: &[f64], i| {
            let won = side(!of).map(|j| if of { wins(s, i, j) } else { wins(s, j, i) });
            won.sum::<f64>() / others
        };
        let gaps: Vec<f64> =
            side(of).map(|i| placement(scores[0], i) - placement(scores[1], i)).collect();
        let n = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / n / n
    };
    variance_of_mean(true) + variance_of_mean(false)
}

#[test]
fn row_losses_of_two_aucs_vary_as_delong_says() {
    let measure = measures().into_iter().find(|m| m.info().id == "auc").unwrap();
    for (n, every) in [(12, 2), (60, 3), (150, 10)] {
        let positive: Vec<bool> = (0..n).map(|row| row % every == 0).collect();
        // Scores with ties, which tell the classes more or less.
        let score = |stride: usize, gap: f64| -> Vec<f64> {
            let noise = |row: usize| (row * stride % 11) as f64 / 20.0;
            (0..n).map(|row| noise(row) + if positive[row] { gap } else { 0.0 }).collect()
        };
        let (a, b) = (score(7, 0.2), score(5, 0.1));
        let codes: Vec<u32> = positive.iter().map(|p| u32::from(*p)).collect();
        let losses = |s: &[f64]| {
            let (truth, predictions) = binary(&codes, s);
            measure.row_losses(&truth, &predictions, None).unwrap()
        };
        let gaps: Vec<f64> = losses(&a).iter().zip(losses(&b)).map(|(a, b)| a - b).collect();
        let n = n as f64;
        let mean = gaps.iter().sum::<f64>() / n;
        let variance = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / n / n;
        let expected = delong(&positive, [&a, &b]);
        assert!(expected > 0.0 && close(variance, expected), "{variance} for {expected}");
    }
}

fn binary(codes: &[u32], p1: &[f64]) -> (Truth, Predictions) {
    let truth = Truth::Classes { codes: codes.to_vec(), n_classes: 2, positive: 1 };
    (truth, Predictions::binary(p1.iter().copied()))
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let classes = binary(&[0, 1, 1], &[0.1, 0.9, 0.4]);
    let values = (Truth::Values(vec![1.0, 2.0, 4.0]), Predictions::new(1, vec![1.0, 3.0, 2.0]));
    for measure in measures() {
        let info = measure.info();
        let id = info.id;
        let ((truth, predictions), (other, _)) = match info.task() {
            TaskKind::Clustering | TaskKind::Forecasting => continue,
            TaskKind::Classification => (classes.clone(), values.clone()),
            TaskKind::Regression => (values.clone(), classes.clone()),
        };
        let score = |t: &Truth, p: &Predictions, w: Option<&[f64]>| measure.score(t, p, w);
        let undefined = |got: Result<f64, MeasureError>| {
            assert!(matches!(got, Err(MeasureError::Undefined { .. })), "{id}: {got:?}");
        };
        assert!(score(&truth, &predictions, None).is_ok());
        assert_eq!(
            score(&other, &predictions, None),
            Err(MeasureError::Task { measure: id }),
            "{id}"
        );
        assert!(measure.row_losses(&other, &predictions, None).is_none());

        let width = predictions.width();
        let rows = |n: usize| Predictions::new(width, vec![0.5; n * width]);
        let wrong = |what, got| Err(MeasureError::Rows { measure: id, what, got, expected: 3 });
        assert_eq!(score(&truth, &rows(2), None), wrong("predictions", 2));
        assert_eq!(score(&truth, &predictions, Some(&[1.0; 4])), wrong("weights", 4));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut numbers = predictions.values().to_vec();
            numbers[1] = bad;
            let got = score(&truth, &Predictions::new(width, numbers), None);
            assert_eq!(got, Err(MeasureError::NotFinite { measure: id }));
            undefined(score(&truth, &predictions, Some(&[1.0, bad, 1.0])));
        }
        undefined(score(&truth, &predictions, Some(&[0.0; 3])));
        undefined(score(&truth, &predictions, Some(&[1.0, -1.0, 3.0])));
        let empty = match truth {
            Truth::Values(_) => Truth::Values(vec![]),
            _ => binary(&[], &[]).0,
        };
        undefined(score(&empty, &rows(0), None));
    }
}

#[test]
fn groups_that_do_not_belong_to_the_points_are_refused() {
    let points = Truth::Points { values: vec![0.0, 1.0, 5.0, 6.0], dims: 1 };
    let groups = Predictions::new(1, vec![0.0, 0.0, 1.0, 1.0]);
    for measure in measures().into_iter().filter(|m| m.info().needs == Needs::Groups) {
        let id = measure.info().id;
        let score = |t: &Truth, p: &Predictions, w: Option<&[f64]>| measure.score(t, p, w);
        assert!(score(&points, &groups, None).is_ok(), "{id}");
        let values = Truth::Values(vec![0.0; 4]);
        assert_eq!(score(&values, &groups, None), Err(MeasureError::Task { measure: id }), "{id}");
        let wrong = |what, got| Err(MeasureError::Rows { measure: id, what, got, expected: 4 });
        let few = Predictions::new(1, vec![0.0; 3]);
        assert_eq!(score(&points, &few, None), wrong("predictions", 3), "{id}");
        assert_eq!(score(&points, &groups, Some(&[1.0; 5])), wrong("weights", 5), "{id}");
        let hole = Predictions::new(1, vec![0.0, f64::NAN, 1.0, 1.0]);
        let got = score(&points, &hole, None);
        assert_eq!(got, Err(MeasureError::NotFinite { measure: id }), "{id}");
        let far = Truth::Points { values: vec![0.0, f64::INFINITY, 5.0, 6.0], dims: 1 };
        let got = score(&far, &groups, None);
        assert!(matches!(got, Err(MeasureError::Undefined { .. })), "{id}: {got:?}");
    }
}

#[test]
fn hostile_truth_and_predictions_are_undefined() {
    let undefined = |measure: &dyn Measure, truth: &Truth, predictions: &Predictions| {
        let got = measure.score(truth, predictions, None);
        let id = measure.info().id;
        assert!(matches!(got, Err(MeasureError::Undefined { .. })), "{id}: {got:?}");
        assert_eq!(measure.row_losses(truth, predictions, None), None, "{id}");
    };
    let class =
        |codes: Vec<u32>, n_classes, positive| Truth::Classes { codes, n_classes, positive };
    let of = |kind| measures().into_iter().filter(move |m| m.info().task() == kind);
    for measure in of(TaskKind::Classification) {
        let two = Predictions::binary([0.2, 0.7]);
        undefined(&*measure, &class(vec![0, 2], 2, 1), &two);
        undefined(&*measure, &class(vec![0, 1], 2, 2), &two);
        undefined(&*measure, &class(vec![0, 1], 3, 1), &two);
        undefined(&*measure, &class(vec![0, 0], 1, 0), &Predictions::new(1, vec![1.0, 1.0]));
        if ["logloss", "brier"].contains(&measure.info().id) {
            undefined(&*measure, &class(vec![0, 1], 2, 1), &Predictions::binary([0.2, 1.5]));
        }
    }
    for measure in of(TaskKind::Regression) {
        let two = Predictions::new(1, vec![0.0, 1.0]);
        for bad in [f64::NAN, f64::INFINITY] {
            undefined(&*measure, &Truth::Values(vec![bad, 1.0]), &two);
        }
        let id = measure.info().id;
        let far = Predictions::new(1, vec![-f64::MAX, -f64::MAX]);
        undefined(&*measure, &Truth::Values(vec![f64::MAX, f64::MAX / 2.0]), &far);
        if id == "rmsle" {
            undefined(&*measure, &Truth::Values(vec![-1.0, 1.0]), &two);
            undefined(&*measure, &Truth::Values(vec![1.0, 1.0]), &far);
        }
        if id.ends_with("deviance") {
            undefined(&*measure, &Truth::Values(vec![-1.0, 1.0]), &two);
            undefined(&*measure, &Truth::Values(vec![1.0, 1.0]), &two);
        }
    }
}

/// Brute force over all pairs, the definition itself.
#[test]
fn auc_is_the_share_of_pairs_in_order() {
    let mut rng = Rng::new(5);
    let auc = ruska_catalog::builtin().measure("auc").unwrap().clone();
    for _ in 0..20 {
        let mut codes: Vec<u32> = (0..40).map(|_| rng.below(2) as u32).collect();
        (codes[0], codes[1]) = (0, 1);
        let p: Vec<f64> = codes.iter().map(|_| rng.below(6) as f64 / 5.0).collect();
        let weights: Vec<f64> = codes.iter().map(|_| rng.unit()).collect();
        let (mut won, mut all) = (0.0, 0.0);
        for i in (0..40).filter(|&i| codes[i] == 1) {
            for j in (0..40).filter(|&j| codes[j] == 0) {
                let pair = weights[i] * weights[j];
                all += pair;
                won += match p[i].total_cmp(&p[j]) {
                    std::cmp::Ordering::Greater => pair,
                    std::cmp::Ordering::Equal => pair / 2.0,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        let (truth, predictions) = binary(&codes, &p);
        assert!(close(auc.score(&truth, &predictions, Some(&weights)).unwrap(), won / all));
    }
    let (truth, _) = binary(&[0, 1], &[0.0, 0.0]);
    let zeros = Predictions::new(2, vec![0.0, 0.0, 0.0, -0.0]);
    assert_eq!(auc.score(&truth, &zeros, None), Ok(0.5), "-0 and 0 are equal scores");
}

#[test]
fn each_file_is_one_registered_measure() {
    let mut files: Vec<String> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/measures"))
            .unwrap()
            .filter_map(|f| {
                f.unwrap().file_name().to_str().unwrap().strip_suffix(".rs").map(Into::into)
            })
            .filter(|name: &String| name != "mod")
            .collect();
    files.sort();
    let mut ids: Vec<String> = measures().iter().map(|m| m.info().id.to_owned()).collect();
    ids.sort();
    assert_eq!(files, ids);
    for measure in measures() {
        let info = measure.info();
        assert_eq!(info.multiclass, info.task() == TaskKind::Classification);
        assert!(!info.summary.is_empty() && info.reference.starts_with("https://"));
    }
}
