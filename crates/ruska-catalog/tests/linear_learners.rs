//! The linear learners and linfa's adapters against scikit-learn and closed forms.
#![allow(clippy::unwrap_used)]

use ruska_core::{
    Column, Field, FitError, Frame, Kind, Learner, NeverStop, Params, PredictError, Predictions,
    Rng, RunContext, Sparse, Stop, Target, Train, Value,
};
use ruska_testkit::CountingStop;
use std::sync::Arc;

fn learner(id: &str) -> Arc<dyn Learner> {
    ruska_catalog::builtin().learner(id).unwrap().clone()
}

fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../tests/reference/linear.json")).unwrap()
}

fn numbers(v: &serde_json::Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn table(v: &serde_json::Value) -> Vec<Vec<f64>> {
    v.as_array().unwrap().iter().map(numbers).collect()
}

fn frame(rows: &[Vec<f64>]) -> Frame {
    let column = |j: usize| Column::float(rows.iter().map(|r| r[j]).collect());
    let fields = (0..rows.first().map_or(0, Vec::len))
        .map(|j| Field::new(format!("x{j}"), Kind::Numeric, column(j)))
        .collect();
    Frame::with_rows(fields, rows.len()).unwrap()
}

fn classes(codes: impl IntoIterator<Item = u32>, n: usize) -> Target {
    Target::Classes {
        codes: Arc::new(codes.into_iter().collect()),
        classes: Arc::new((0..n).map(|k| format!("class {k}")).collect()),
        positive: 1,
    }
}

fn values(y: &[f64]) -> Target {
    Target::Values(Arc::new(y.to_vec()))
}

fn params<const N: usize>(values: [(&str, f64); N]) -> Params {
    values.into_iter().map(|(k, v)| (k.to_owned(), Value::Float(v))).collect()
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
) -> Result<Predictions, FitError> {
    let rows = all(x);
    let ctx = RunContext::new(1, &NeverStop);
    let model = learner(id).fit(params, Train { x, rows: &rows, y, weights }, &ctx)?;
    Ok(model.predict(x, &rows)?)
}

/// Predictions of the training rows.
fn fit(id: &str, params: &Params, x: &Frame, y: &Target, weights: Option<&[f64]>) -> Predictions {
    try_fit(id, params, x, y, weights).unwrap()
}

#[track_caller]
fn close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() <= tolerance * (1.0 + e.abs()), "number {i} is {g}, not {e}");
    }
}

#[test]
fn the_baseline_is_the_weighted_share_or_mean() {
    let x = frame(&[vec![], vec![], vec![], vec![]]);
    let w = [1.0, 2.0, 0.0, 5.0];
    let p = fit("baseline", &Params::new(), &x, &classes([0, 1, 0, 2], 3), Some(&w));
    close(p.row(3), &[0.125, 0.25, 0.625], 1e-15);
    let p = fit("baseline", &Params::new(), &x, &values(&[1.0, 2.0, 100.0, 3.0]), Some(&w));
    close(p.values(), &[2.5; 4], 1e-15);
}

#[test]
fn linear_equals_scikit_learn() {
    let r = reference();
    let (x, w) = (frame(&table(&r["x"])), numbers(&r["weights"]));
    let raw = table(&r["x"]);
    let score =
        |row: &[f64], w: &[f64], b: f64| b + row.iter().zip(w).map(|(x, w)| x * w).sum::<f64>();

    let (coefficients, intercept) =
        (numbers(&r["ridge"]["coefficients"]), r["ridge"]["intercept"].as_f64().unwrap());
    let expected: Vec<f64> = raw.iter().map(|row| score(row, &coefficients, intercept)).collect();
    let p = params([("penalty", 2.5), ("tolerance", 1e-12)]);
    let got = fit("linear", &p, &x, &values(&numbers(&r["value"])), Some(&w));
    close(got.values(), &expected, 1e-10);

    let p = params([("penalty", 1.0 / 0.7), ("tolerance", 1e-12)]);
    let (coefficients, intercept) =
        (numbers(&r["logistic"]["coefficients"]), r["logistic"]["intercept"].as_f64().unwrap());
    let codes = numbers(&r["binary"]).into_iter().map(|c| c as u32);
    let got = fit("linear", &p, &x, &classes(codes, 2), Some(&w));
    for (i, row) in raw.iter().enumerate() {
        let p1 = 1.0 / (1.0 + (-score(row, &coefficients, intercept)).exp());
        close(got.row(i), &[1.0 - p1, p1], 1e-8);
    }

    let coefficients = table(&r["softmax"]["coefficients"]);
    let intercepts = numbers(&r["softmax"]["intercepts"]);
    let codes = numbers(&r["classes"]).into_iter().map(|c| c as u32);
    let got = fit("linear", &p, &x, &classes(codes, 3), Some(&w));
    for (i, row) in raw.iter().enumerate() {
        let e: Vec<f64> =
            (0..3).map(|k| score(row, &coefficients[k], intercepts[k]).exp()).collect();
        let sum: f64 = e.iter().sum();
        let shares: Vec<f64> = e.iter().map(|v| v / sum).collect();
        close(got.row(i), &shares, 1e-8);
    }
}

#[test]
fn linear_with_l1_equals_scikit_learn() {
    let r = reference();
    let (x, w) = (frame(&table(&r["z"])), numbers(&r["weights"]));
    let binary = classes(numbers(&r["binary"]).into_iter().map(|c| c as u32), 2);
    let three = classes(numbers(&r["classes"]).into_iter().map(|c| c as u32), 3);
    for expected in r["sparse"].as_array().unwrap() {
        let number = |name: &str| expected[name].as_f64().unwrap();
        let p = |penalty| {
            let ratio = number("l1_ratio");
            params([("penalty", penalty), ("l1_ratio", ratio), ("tolerance", 1e-12)])
        };
        let y = values(&numbers(&r["value"]));
        let got = fit("linear", &p(number("squared_penalty")), &x, &y, Some(&w));
        close(got.values(), &numbers(&expected["squared"]), 1e-9);
        let got = fit("linear", &p(number("penalty")), &x, &binary, Some(&w));
        let second: Vec<f64> = (0..x.rows()).map(|i| got.row(i)[1]).collect();
        close(&second, &numbers(&expected["logistic"]), 1e-8);
        let got = fit("linear", &p(number("penalty")), &x, &three, Some(&w));
        close(got.values(), &table(&expected["softmax"]).concat(), 1e-8);
    }
}

#[test]
fn linear_balances_classes_as_scikit_learn_does() {
    let r = reference();
    let (x, w) = (frame(&table(&r["z"])), numbers(&r["weights"]));
    let y = classes(numbers(&r["classes"]).into_iter().map(|c| c as u32), 3);
    let p = params([("penalty", 1.0 / 0.7), ("tolerance", 1e-12), ("class_balance", 1.0)]);
    close(fit("linear", &p, &x, &y, Some(&w)).values(), &table(&r["balanced"]).concat(), 1e-8);
    let refused = try_fit("linear", &p, &x, &values(&w), None).unwrap_err();
    assert!(refused.to_string().contains("predicts classes"), "{refused}");
}

/// 400 rows of thirty columns, of which the first few say something.
fn wide(seed: u64) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut rng = Rng::new(seed);
    let rows: Vec<Vec<f64>> = (0..400).map(|_| (0..30).map(|_| rng.normal()).collect()).collect();
    let y = rows.iter().map(|r| 0.4 * r[0] - 0.3 * r[1] + 0.2 * r[2] + rng.normal()).collect();
    (rows, y)
}

#[test]
fn a_chosen_penalty_beats_a_weak_and_a_strong_one() {
    let ((rows, y), (new, truth)) = (wide(1), wide(2));
    let (x, new) = (frame(&rows), frame(&new));
    let error = |p: &Params| {
        let (train, test) = (&all(&x)[..60], all(&new));
        let y = values(&y);
        let train = Train { x: &x, rows: train, y: &y, weights: None };
        let ctx = RunContext::new(1, &NeverStop);
        let p = learner("linear").fit(p, train, &ctx).unwrap().predict(&new, &test).unwrap();
        p.values().iter().zip(&truth).map(|(p, y)| (p - y).powi(2)).sum::<f64>()
    };
    for ratio in [0.0, 1.0] {
        let chosen = error(&params([("l1_ratio", ratio)]));
        for penalty in [1e-3, 1e4] {
            let given = error(&params([("l1_ratio", ratio), ("penalty", penalty)]));
            assert!(chosen < given, "{chosen} and {given} with {penalty}");
        }
    }
}

#[test]
fn the_penalty_chosen_depends_on_neither_the_order_of_rows_nor_how_often_they_are_told() {
    let (rows, y) = wide(3);
    let codes: Vec<u32> = y.iter().map(|y| u32::from(*y > 0.5) + u32::from(*y > 1.5)).collect();
    let x = frame(&rows);
    let p = params([("tolerance", 1e-9)]);
    for target in [values(&y), classes(codes, 3)] {
        let predict = |rows: &[u32], weights: Option<&[f64]>| {
            let train = Train { x: &x, rows, y: &target, weights };
            let ctx = RunContext::new(1, &NeverStop);
            learner("linear").fit(&p, train, &ctx).unwrap().predict(&x, &[0, 1, 2]).unwrap()
        };
        let plain = predict(&all(&x), None);
        let reversed: Vec<u32> = all(&x).into_iter().rev().collect();
        close(predict(&reversed, None).values(), plain.values(), 1e-7);
        let times = |r: u32| [1, 0, 2, 5][r as usize % 4];
        let weights: Vec<f64> = all(&x).iter().map(|&r| times(r) as f64).collect();
        let told: Vec<u32> =
            reversed.iter().flat_map(|&r| std::iter::repeat_n(r, times(r))).collect();
        let weighted = predict(&all(&x), Some(&weights));
        close(predict(&told, None).values(), weighted.values(), 1e-7);
    }
}

#[test]
fn elastic_net_equals_scikit_learn_and_takes_weights() {
    let r = reference();
    let y = numbers(&r["value"]);
    let p = params([("penalty", 0.1), ("l1_ratio", 0.5), ("tolerance", 1e-13)]);
    // Columns of any scale: the adapter standardises them.
    for x in [&r["z"], &r["x"]] {
        let got = fit("elastic_net", &p, &frame(&table(x)), &values(&y), None);
        close(got.values(), &numbers(&r["elastic_net"]["values"]), 1e-7);
    }
    let (x, w) = (table(&r["z"]), numbers(&r["weights"]));
    let doubled: Vec<f64> = w.iter().map(|w| 2.0 * w).collect();
    let weighted = fit("elastic_net", &p, &frame(&x), &values(&y), Some(&doubled));
    let mut repeated = (vec![], vec![]);
    for i in 0..x.len() {
        for _ in 0..doubled[i] as usize {
            repeated.0.push(x[i].clone());
            repeated.1.push(y[i]);
        }
    }
    let repeated = fit("elastic_net", &p, &frame(&repeated.0), &values(&repeated.1), None);
    close(&weighted.values()[..1], &repeated.values()[..1], 1e-7);
}

#[test]
fn a_strong_elastic_net_is_the_mean() {
    let r = reference();
    let y = numbers(&r["value"]);
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let p = params([("penalty", 1.0), ("l1_ratio", 1.0)]);
    let got = fit("elastic_net", &p, &frame(&table(&r["z"])), &values(&y), None);
    close(got.values(), &vec![mean; y.len()], 1e-12);
}

#[test]
fn glm_equals_scikit_learn() {
    let r = reference();
    let x = frame(&table(&r["z"]));
    for (expected, target) in
        r["glm"].as_array().unwrap().iter().zip(["count", "count", "positive"])
    {
        let power = expected["power"].as_f64().unwrap();
        let p = params([("power", power), ("penalty", 0.1), ("tolerance", 1e-9)]);
        let got = fit("glm", &p, &x, &values(&numbers(&r[target])), None);
        close(got.values(), &numbers(&expected["mean"]), 1e-6);
    }
}

#[test]
fn glm_refuses_targets_outside_its_family() {
    let x = frame(&[vec![1.0], vec![2.0], vec![3.0]]);
    for (power, y) in [(1.0, [-1.0, 2.0, 3.0]), (2.0, [0.0, 1.0, 2.0]), (1.5, [0.0, 0.0, 0.0])] {
        let error = try_fit("glm", &params([("power", power)]), &x, &values(&y), None).unwrap_err();
        assert!(matches!(error, FitError::Data(_)), "{error:?}");
        assert!(error.to_string().contains(&format!("power {power}")), "{error}");
    }
}

#[test]
fn naive_bayes_equals_scikit_learn() {
    let r = reference();
    let plain: Params = [("calibrate".to_owned(), false.into())].into();
    let mut x = table(&r["z"]);
    let y = classes(numbers(&r["classes"]).into_iter().map(|c| c as u32), 3);
    let expected = table(&r["naive_bayes"]).concat();
    close(fit("naive_bayes", &plain, &frame(&x), &y, None).values(), &expected, 1e-10);
    // A constant column says nothing.
    x.iter_mut().for_each(|row| row.push(7.0));
    close(fit("naive_bayes", &plain, &frame(&x), &y, None).values(), &expected, 1e-10);
    let constant = frame(&vec![vec![7.0]; x.len()]);
    let p = fit("naive_bayes", &plain, &constant, &y, None);
    let share = numbers(&r["classes"]).iter().filter(|c| **c == 0.0).count() as f64 / 60.0;
    close(&p.row(5)[..1], &[share], 1e-12);
}

#[test]
fn the_linfa_tree_predicts_the_shares_of_its_leaves() {
    let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i)]).collect();
    let y = classes((0..40).map(|i| u32::from(i >= 20 || i == 3)), 2);
    let mut p = params([]);
    p.insert("max_depth".to_owned(), Value::Int(1));
    let got = fit("linfa_tree", &p, &frame(&rows), &y, None);
    // One split at 19.5; 19 of 20 and 0 of 20 rows of class 0, and one more row of shares 19 : 21.
    close(&got.row(0)[..1], &[(19.0 + 0.475) / 21.0], 1e-12);
    close(&got.row(39)[..1], &[0.475 / 21.0], 1e-12);
}

#[test]
fn the_linfa_tree_does_not_depend_on_the_scale_of_a_column() {
    let r = reference();
    let y = classes(numbers(&r["classes"]).into_iter().map(|c| c as u32), 3);
    let rows = table(&r["z"]);
    let mut p = params([]);
    p.insert("max_depth".to_owned(), Value::Int(1));
    p.insert("min_leaf".to_owned(), Value::Int(1));
    let plain = fit("linfa_tree", &p, &frame(&rows), &y, None);
    assert_ne!(
        plain.row(0),
        plain.row((0..60).find(|&i| plain.class(i) != plain.class(0)).unwrap())
    );
    let tiny: Vec<Vec<f64>> = rows.iter().map(|r| r.iter().map(|v| v * 1e-12).collect()).collect();
    close(fit("linfa_tree", &p, &frame(&tiny), &y, None).values(), plain.values(), 1e-12);
}

#[test]
fn an_absent_class_gets_a_little() {
    let rows: Vec<Vec<f64>> = (0..30).map(|i| vec![f64::from(i % 7) - 3.0]).collect();
    let y = classes((0..30).map(|i| if i % 7 > 3 { 3 } else { 1 }), 5);
    for id in ["baseline", "linear", "naive_bayes", "linfa_tree"] {
        let p = fit(id, &Params::new(), &frame(&rows), &y, None);
        let absent = 0.5 / 31.0 / 3.0;
        for row in 0..30 {
            let got = p.row(row);
            close(&[got[0], got[2], got[4]], &[absent; 3], 1e-12);
            close(&[got.iter().sum()], &[1.0], 1e-12);
        }
    }
}

#[test]
fn the_penalty_means_the_same_whatever_the_number_of_rows() {
    // Of pure noise, the default must make next to nothing; of a clear effect, keep nearly all.
    for n in [50usize, 5000] {
        let rows: Vec<Vec<f64>> =
            (0..n).map(|i| vec![if i % 2 == 0 { 1.0 } else { -1.0 }]).collect();
        let y: Vec<f64> =
            (0..n).map(|i| 3.0 * rows[i][0] + [1.0, 1.0, -1.0, -1.0][i % 4]).collect();
        let p = fit("linear", &Params::new(), &frame(&rows), &values(&y), None);
        assert!((p.values()[0] - p.values()[1] - 6.0).abs() < 0.2, "{n} rows");
    }
}

#[test]
fn sparse_and_dense_columns_mix() {
    let r = reference();
    let rows = table(&r["z"]);
    let mut block = Sparse { width: 2, offsets: vec![0], indices: vec![], values: vec![] };
    for row in &rows {
        block.indices.extend([0, 1]);
        block.values.extend(&row[1..3]);
        block.offsets.push(block.values.len());
    }
    let dense = frame(&rows);
    let words = Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(block)));
    let fields = vec![dense.fields()[0].clone(), words, dense.fields()[3].clone()];
    let mixed = Frame::new(fields).unwrap();
    let y = classes(numbers(&r["classes"]).into_iter().map(|c| c as u32), 3);
    // Folds, and so a penalty chosen by them, depend on the order of columns.
    let p = params([("tolerance", 1e-11), ("penalty", 1.0)]);
    let (a, b) = (fit("linear", &p, &mixed, &y, None), fit("linear", &p, &dense, &y, None));
    close(a.values(), b.values(), 1e-8);
    let y = values(&numbers(&r["positive"]));
    for id in ["elastic_net", "glm"] {
        let p = params([("tolerance", 1e-10)]);
        let (a, b) = (fit(id, &p, &mixed, &y, None), fit(id, &p, &dense, &y, None));
        close(a.values(), b.values(), 1e-4);
    }
}

#[test]
fn data_that_is_not_numbers_is_refused_by_name() {
    let names = ["linear", "elastic_net", "glm"];
    let y = values(&[1.0, 2.0]);
    let text =
        Field::new("city 🏙", Kind::Categorical, Column::from_strings([Some("a"), Some("b")]));
    let hole = Field::new("age", Kind::Numeric, Column::float(vec![1.0, f64::NAN]));
    let endless = Field::new("sum", Kind::Numeric, Column::float(vec![f64::INFINITY, 1.0]));
    for id in names {
        for (field, words) in [
            (&text, ["`city 🏙`", "text"]),
            (&hole, ["`age`", "missing value"]),
            (&endless, ["`sum`", "infinite"]),
        ] {
            let x = Frame::new(vec![field.clone()]).unwrap();
            let error = try_fit(id, &Params::new(), &x, &y, None).unwrap_err().to_string();
            assert!(words.iter().all(|w| error.contains(w)), "{id}: {error}");
        }
    }
}

#[test]
fn another_set_of_columns_is_refused_by_name() {
    let x = frame(&[vec![1.0, 2.0], vec![2.0, 1.0], vec![4.0, 3.0]]);
    let (rows, y) = (all(&x), values(&[1.0, 2.0, 5.0]));
    let ctx = RunContext::new(1, &NeverStop);
    for id in ["linear", "elastic_net", "glm"] {
        let train = Train { x: &x, rows: &rows, y: &y, weights: None };
        let model = learner(id).fit(&Params::new(), train, &ctx).unwrap();
        let one = x.select(|f| &*f.name == "x1");
        let missing = PredictError::MissingColumn { column: "x0".to_owned() };
        assert_eq!(model.predict(&one, &rows), Err(missing));
        let extra = Field::new("x2", Kind::Numeric, Column::float(vec![0.0; 3]));
        let fields = x.fields().iter().cloned().chain([extra]).collect();
        let wide = Frame::new(fields).unwrap();
        assert_eq!(model.predict(&wide, &rows), Err(PredictError::Width { got: 3, expected: 2 }));
    }
}

#[test]
fn numbers_beyond_all_bounds_are_answered_or_refused() {
    let x = frame(&[vec![1e300], vec![-1e300], vec![1e308], vec![1.0]]);
    for id in ["linear", "naive_bayes", "linfa_tree"] {
        if let Ok(p) = try_fit(id, &Params::new(), &x, &classes([0, 1, 0, 1], 2), None) {
            assert!(p.is_finite(), "{id}");
        }
    }
    for id in ["baseline", "linear", "elastic_net", "glm"] {
        let y = values(&[1e308, 1e308, 1e308, 1.0]);
        if let Ok(p) = try_fit(id, &Params::new(), &x, &y, None) {
            assert!(p.is_finite(), "{id}");
        }
    }
}

#[test]
fn work_that_cannot_be_stopped_is_not_started() {
    let stop = CountingStop::after(0, FitError::Cancelled);
    assert!(stop.reason().is_some());
    let x = frame(&[vec![1.0], vec![2.0]]);
    let rows = all(&x);
    for id in ["elastic_net", "glm"] {
        let y = values(&[1.0, 2.0]);
        let train = Train { x: &x, rows: &rows, y: &y, weights: None };
        let fit = learner(id).fit(&Params::new(), train, &RunContext::new(1, &stop));
        assert_eq!(fit.err(), Some(FitError::Cancelled));
    }
    // Rows may repeat, so that a large fit costs this test nothing but the list.
    let many: Vec<u32> = (0..200_000).map(|i| i % 2).collect();
    let y = classes([0, 1], 2);
    let train = Train { x: &x, rows: &many, y: &y, weights: None };
    let deep = Params::from([("max_depth".to_owned(), Value::Int(16))]);
    let error = learner("linfa_tree").fit(&deep, train, &RunContext::new(1, &NeverStop)).err();
    assert!(error.unwrap().to_string().contains("cannot be interrupted"));
}
