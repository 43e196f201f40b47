//! Steps that make numbers of numbers.

use super::{
    Fit, assert_close, assert_columns, frame, numbers, numeric_frame, reals, reference, values,
};
use ruska_core::{Column, Field, Frame, Kind, Sparse};
use serde_json::Value as Json;
use std::sync::Arc;

#[test]
fn standardise_equals_scikit_learn() {
    let all = reference();
    let case = &all["standard"];
    let x = numeric_frame(&case["x"]);
    let mut fit = Fit::new("standardise", 40, values(vec![0.0; 50]));
    let close = |out: &Frame, expected: &Json, what| {
        // 1e12 leaves about 4 digits of the second column; scikit-learn's differ as well.
        for (i, tolerance) in [(0, 1e-12), (1, 1e-3), (2, 1e-12)] {
            let got = out.fields()[i].floats().unwrap();
            for (a, b) in got.iter().zip(reals(&expected[i])) {
                assert!((a - b).abs() <= tolerance, "{what}, column {i}: {a} is not {b}");
            }
        }
    };
    close(&fit.run(&x).unwrap().1, &case["plain"], "plain");
    fit.weights = Some(reals(&case["weights"]));
    close(&fit.run(&x).unwrap().1, &case["weighted"], "weighted");
}

#[test]
fn standardise_bounds_what_training_did_not_show() {
    let x = frame(vec![numbers("x", vec![0.0, 0.0, 2.0, 2.0, 1e9, f64::NEG_INFINITY, f64::NAN])]);
    let (_, out) = Fit::new("standardise", 4, values(vec![0.0; 7])).run(&x).unwrap();
    let expected = [-1.0, -1.0, 1.0, 1.0, 10.0, -10.0, f64::NAN];
    assert_close(out.fields()[0].floats().unwrap(), &expected, "bounds");
    // The training range is wider: of 400 zeros and a two, the two is 20 deviations out.
    let spike = (0..402).map(|i| f64::from(i >= 400) * (2.0 + f64::from(i > 400))).collect();
    let fit = Fit::new("standardise", 401, values(vec![0.0; 402]));
    let (_, out) = fit.run(&frame(vec![numbers("x", spike)])).unwrap();
    assert_close(&out.fields()[0].floats().unwrap()[400..], &[20.0, 20.0], "range");
}

/// The squares of two numbers of a column differ by 2 on average, those of yes and no by 2.
#[test]
fn yes_and_no_are_as_far_apart_as_numbers_however_rare_a_yes_is() {
    for yes in [1, 30, 50] {
        let x: Vec<f64> = (0..100).map(|i| f64::from(u8::from(i < yes))).collect();
        for step in ["standardise", "robust_scale", "yeo_johnson"] {
            let fit = Fit::new(step, 100, values(vec![0.0; 100])).with(&match step {
                "robust_scale" => vec![("smooth", false.into())],
                _ => vec![],
            });
            let (_, out) = fit.run(&frame(vec![numbers("x", x.clone())])).unwrap();
            let scaled = out.fields()[0].floats().unwrap();
            assert!(((scaled[0] - scaled[99]).powi(2) - 2.0).abs() < 1e-12, "{step}, {yes}");
        }
    }
}

#[test]
fn impute_equals_scikit_learn() {
    let all = reference();
    let case = &all["impute"];
    let x = numeric_frame(&case["x"]);
    for strategy in ["median", "mean", "most_frequent", "constant"] {
        let value = ("value", (-1.5).into());
        let pairs = [("strategy", strategy.into()), ("indicator", false.into()), value];
        let fit = Fit::new("impute", 40, values(vec![0.0; 50])).with(&pairs);
        assert_columns(&fit.run(&x).unwrap().1, &case[strategy], strategy);
    }
}

#[test]
fn impute_marks_what_was_missing_in_training_once() {
    let nan = f64::NAN;
    let x = frame(vec![
        numbers("a", vec![1.0, nan, 3.0, nan]),
        numbers("b", vec![f64::INFINITY, 5.0, 7.0, nan]),
        numbers("same", vec![4.0, nan, 4.0, 4.0]),
        numbers("later", vec![1.0, 2.0, 4.0, nan]),
        Field::new("flag", Kind::Boolean, Column::float(vec![1.0, 0.0, 1.0, nan])),
        numbers("full", vec![1.0, 2.0, 3.0, 4.0]),
    ]);
    let (_, out) = Fit::new("impute", 3, values(vec![0.0; 4])).run(&x).unwrap();
    let names: Vec<&str> = out.fields().iter().map(|f| &*f.name).collect();
    assert_eq!(names, ["a", "a.missing", "b", "b.missing", "same", "later", "flag", "full"]);
    let column = |name: &str| out.field(name).unwrap().floats().unwrap().to_vec();
    assert_eq!(column("a"), [1.0, 2.0, 3.0, 2.0]);
    assert_eq!(column("a.missing"), [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(column("b"), [6.0, 5.0, 7.0, 6.0]);
    assert_eq!(column("flag"), [1.0, 0.0, 1.0, 1.0]);
    assert_eq!(column("later"), [1.0, 2.0, 4.0, 2.0]);
    assert_eq!(out.field("full"), x.field("full"), "shared with its origin");
}

#[test]
fn sparse_blocks_are_left_alone() {
    let block = Sparse { width: 3, offsets: vec![0, 1, 1], indices: vec![2], values: vec![9.0] };
    let x = frame(vec![Field::new("w", Kind::Numeric, Column::Sparse(Arc::new(block)))]);
    let steps = ["impute", "standardise", "robust_scale", "min_max", "quantile_normal"];
    let more = ["yeo_johnson", "clip_outliers", "pca", "drop_redundant", "select_important"];
    for id in steps.into_iter().chain(more) {
        assert_eq!(Fit::new(id, 2, values(vec![0.0; 2])).run(&x).unwrap().1, x, "{id}");
    }
}
