#![allow(clippy::unwrap_used)]

mod huber;
mod penalties;
mod quantile;
mod spectrum;
mod tweedie;

use super::*;
use crate::simd::plain::plainly;
use crate::{Silent, StopAfter};
use serde_json::Value;
use std::sync::atomic::{AtomicU32, Ordering};

const TIGHT: Settings = Settings { penalty: 1.0, l1_ratio: 0.0, tolerance: 1e-12, max_steps: 500 };

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../../../tests/reference/linear.json")).unwrap()
}

/// What scikit-learn makes of another data set, for the other losses.
fn learners() -> Value {
    serde_json::from_str(include_str!("../../../../../tests/reference/learners.json")).unwrap()
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn table(v: &Value) -> Vec<Vec<f64>> {
    v.as_array().unwrap().iter().map(numbers).collect()
}

fn codes(v: &Value) -> Vec<u32> {
    numbers(v).iter().map(|&c| c as u32).collect()
}

/// A design from rows.
fn dense(rows: &[Vec<f64>]) -> Design {
    let width = rows.first().map_or(0, Vec::len);
    Design::new(rows.len(), (0..width).map(|j| rows.iter().map(move |r| r[j])))
}

/// The same columns as a sparse block.
fn csr(rows: &[Vec<f64>]) -> Csr {
    let mut csr = Csr { width: rows[0].len(), offsets: vec![0], ..Csr::default() };
    for row in rows {
        for (j, &v) in row.iter().enumerate().filter(|(_, v)| **v != 0.0) {
            csr.indices.push(j as u32);
            csr.values.push(v);
        }
        csr.offsets.push(csr.values.len());
    }
    csr
}

/// The same columns, all stored sparse.
fn sparse(rows: &[Vec<f64>]) -> Design {
    Design::new(rows.len(), std::iter::empty::<Vec<f64>>()).with_sparse(csr(rows))
}

/// Numbers in −1..1 that look random.
fn noise(n: usize, salt: u64) -> Vec<f64> {
    let mut state = salt.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

/// 150 rows, five columns, and three classes that depend on them.
fn sample() -> (Vec<Vec<f64>>, Vec<u32>, Vec<f64>) {
    let x: Vec<Vec<f64>> = noise(750, 3).chunks(5).map(<[f64]>::to_vec).collect();
    let e = noise(150, 4);
    let score = |i: usize| 2.0 * x[i][0] - x[i][1] + 0.5 * e[i];
    let classes = (0..150).map(|i| u32::from(score(i) > -0.6) + u32::from(score(i) > 0.7));
    (x.clone(), classes.collect(), (0..150).map(|i| f64::from(i % 4 + 1)).collect())
}

#[track_caller]
fn close(got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (g, e) in got.iter().zip(expected) {
        assert!((g - e).abs() <= tolerance * (1.0 + e.abs()), "{got:?} is not {expected:?}");
    }
}

#[test]
fn ridge_of_one_column_has_its_closed_form() {
    // Centred x = ∓1, y = ∓2, so w = Σxy / (Σx² + penalty) = 4 / (2 + 2).
    let x = dense(&[vec![4.0], vec![6.0]]);
    let settings = Settings { penalty: 2.0, ..TIGHT };
    let fit = ridge(&x, &[1.0, 5.0], &[1.0, 1.0], &settings, &Silent).unwrap();
    close(&fit.coefficients, &[1.0], 1e-14);
    close(&fit.intercepts, &[3.0], 1e-14);
    close(&fit.origin_intercepts(x.centres()), &[-2.0], 1e-14);
}

#[test]
fn ridge_of_two_columns_solves_the_normal_equations() {
    // Already centred: XᵀX = [[4, 2], [2, 4]], Xᵀy = [6, 4]; with penalty 1: w = [22, 8] / 21.
    let rows = [vec![1.0, 1.0], vec![1.0, 0.0], vec![-1.0, -1.0], vec![-1.0, 0.0]];
    let rows = [&rows[..], &[vec![0.0, 1.0], vec![0.0, -1.0]]].concat();
    let y = [2.0, 1.0, -2.0, -1.0, 0.0, 0.0];
    let fit = ridge(&dense(&rows), &y, &[1.0; 6], &TIGHT, &Silent).unwrap();
    close(&fit.coefficients, &[22.0 / 21.0, 8.0 / 21.0], 1e-14);
    close(&fit.intercepts, &[0.0], 1e-14);
}

#[test]
fn without_columns_the_intercept_is_the_mean_or_the_prior() {
    let x = dense(&[vec![], vec![], vec![]]);
    let w = [1.0, 2.0, 1.0];
    let fit = ridge(&x, &[1.0, 2.0, 7.0], &w, &TIGHT, &Silent).unwrap();
    close(&fit.intercepts, &[3.0], 1e-15);
    let fit = logistic(&x, &[1.0, 0.0, 0.0], &w, &TIGHT, &Silent).unwrap();
    close(&fit.intercepts, &[(1.0f64 / 3.0).ln()], 1e-12);
}

#[test]
fn equals_scikit_learn() {
    let r = reference();
    let (x, w) = (dense(&table(&r["x"])), numbers(&r["weights"]));

    let settings = Settings { penalty: r["ridge"]["alpha"].as_f64().unwrap(), ..TIGHT };
    let fit = ridge(&x, &numbers(&r["value"]), &w, &settings, &Silent).unwrap();
    close(&fit.coefficients, &numbers(&r["ridge"]["coefficients"]), 1e-11);
    let intercept = r["ridge"]["intercept"].as_f64().unwrap();
    close(&fit.origin_intercepts(x.centres()), &[intercept], 1e-11);

    let settings = Settings { penalty: 1.0 / r["logistic"]["c"].as_f64().unwrap(), ..TIGHT };
    let fit = logistic(&x, &numbers(&r["binary"]), &w, &settings, &Silent).unwrap();
    close(&fit.coefficients, &numbers(&r["logistic"]["coefficients"]), 1e-9);
    let intercept = r["logistic"]["intercept"].as_f64().unwrap();
    close(&fit.origin_intercepts(x.centres()), &[intercept], 1e-9);

    let fit = softmax(&x, &codes(&r["classes"]), 3, &w, &settings, &Silent).unwrap();
    close(&fit.coefficients, &table(&r["softmax"]["coefficients"]).concat(), 1e-9);
    close(&fit.origin_intercepts(x.centres()), &numbers(&r["softmax"]["intercepts"]), 1e-9);
}

#[test]
fn the_gradient_is_the_slope_of_the_value() {
    fn check<L: Loss>(x: &Design, loss: &L) {
        let objective = lbfgs::Objective { x, loss, penalty: 0.7, progress: &Silent };
        let size = (x.width() + 1) * loss.outputs();
        let theta = noise(size, 9);
        let mut gradient = vec![0.0; size];
        let mut unused = vec![0.0; size];
        objective.evaluate(&theta, &mut gradient).unwrap();
        for j in 0..size {
            let mut at = |h: f64| {
                let mut moved = theta.clone();
                moved[j] += h;
                objective.evaluate(&moved, &mut unused).unwrap()
            };
            let h = 1e-5;
            close(&[(at(h) - at(-h)) / (2.0 * h)], &[gradient[j]], 1e-7);
        }
    }
    let (rows, classes, w) = sample();
    let values: Vec<f64> = classes.iter().map(|&c| f64::from(c)).collect();
    let positive: Vec<f64> = classes.iter().map(|&c| f64::from(c.min(1))).collect();
    let (head, tail): (Vec<_>, Vec<_>) =
        rows.iter().map(|r| (r[..2].to_vec(), r[2..].to_vec())).unzip();
    let x = dense(&head).with_sparse(csr(&tail));
    check(&x, &Squared::new(&values, &w));
    check(&x, &Logistic::new(&positive, &w));
    check(&x, &Softmax::new(&classes, 3, &w));
}

/// Coefficients and intercepts at the origin of all three models.
fn all_three(x: &Design, classes: &[u32], w: &[f64]) -> Vec<f64> {
    let values: Vec<f64> = classes.iter().map(|&c| f64::from(c)).collect();
    let positive: Vec<f64> = classes.iter().map(|&c| f64::from(c.min(1))).collect();
    let fits = [
        ridge(x, &values, w, &TIGHT, &Silent).unwrap(),
        logistic(x, &positive, w, &TIGHT, &Silent).unwrap(),
        softmax(x, classes, 3, w, &TIGHT, &Silent).unwrap(),
    ];
    let parts = fits.map(|f| [f.coefficients.clone(), f.origin_intercepts(x.centres())].concat());
    parts.concat()
}

#[test]
fn sparse_equals_dense() {
    let (rows, classes, w) = sample();
    let (a, b) = (dense(&rows), sparse(&rows));
    close(&all_three(&b, &classes, &w), &all_three(&a, &classes, &w), 1e-9);
}

#[test]
fn loops_for_avx2_give_the_bits_of_the_plain_ones() {
    let (rows, classes, w) = sample();
    let x = dense(&rows);
    let work = || all_three(&x, &classes, &w);
    assert_eq!(work(), plainly(work));
}

#[test]
fn a_weight_counts_as_repeated_rows_and_order_does_not_matter() {
    let (rows, classes, w) = sample();
    let order = |i: usize| (i * 67) % 150;
    let mut repeated = (vec![], vec![]);
    let mut reordered = (vec![], vec![], vec![]);
    for i in 0..150 {
        for _ in 0..w[i] as usize {
            repeated.0.push(rows[i].clone());
            repeated.1.push(classes[i]);
        }
        reordered.0.push(rows[order(i)].clone());
        reordered.1.push(classes[order(i)]);
        reordered.2.push(w[order(i)]);
    }
    let expected = all_three(&dense(&rows), &classes, &w);
    let ones = vec![1.0; repeated.0.len()];
    close(&all_three(&dense(&repeated.0), &repeated.1, &ones), &expected, 1e-9);
    close(&all_three(&dense(&reordered.0), &reordered.1, &reordered.2), &expected, 1e-9);
}

#[test]
fn duplicate_columns_share_and_empty_ones_get_nothing() {
    let (rows, classes, w) = sample();
    let wide: Vec<Vec<f64>> =
        rows.iter().map(|r| vec![r[0], r[0], 0.0, 7.0, r[1], r[2], r[3], r[4]]).collect();
    for penalty in [0.0, 1.0] {
        let settings = Settings { penalty, tolerance: 1e-9, ..TIGHT };
        let values: Vec<f64> = classes.iter().map(|&c| f64::from(c)).collect();
        let fit = ridge(&dense(&wide), &values, &w, &settings, &Silent).unwrap();
        let plain = ridge(&dense(&rows), &values, &w, &settings, &Silent).unwrap();
        close(&fit.coefficients[..2], &[fit.coefficients[0]; 2], 1e-5);
        close(&fit.coefficients[2..4], &[0.0, 0.0], 1e-12);
        if penalty == 0.0 {
            close(&[2.0 * fit.coefficients[0]], &plain.coefficients[..1], 1e-5);
        }
    }
}

#[test]
fn more_columns_than_rows_fit() {
    let n = 30;
    let rows: Vec<Vec<f64>> = noise(n * 200, 5).chunks(200).map(<[f64]>::to_vec).collect();
    let y: Vec<f64> = rows.iter().map(|r| f64::from(u8::from(r[0] > 0.0))).collect();
    let w = vec![1.0; n];
    let settings = Settings { tolerance: 1e-9, ..TIGHT };
    for x in [dense(&rows), sparse(&rows)] {
        let fit = logistic(&x, &y, &w, &settings, &Silent).unwrap();
        assert!(fit.converged && fit.coefficients.iter().all(|v| v.is_finite()));
        let fit = ridge(&x, &y, &w, &settings, &Silent).unwrap();
        assert!(fit.converged && fit.coefficients.iter().all(|v| v.is_finite()));
    }
}

#[test]
fn huge_tiny_and_shifted_columns_only_rescale_the_coefficients() {
    let (rows, classes, w) = sample();
    let factors = [1e12, 1e-12, 1.0, 1e6, 1e-6];
    let shifts = [1e12, 0.0, 1e4, -1e6, 1e-6];
    let scaled: Vec<Vec<f64>> =
        rows.iter().map(|r| (0..5).map(|j| r[j] * factors[j] + shifts[j]).collect()).collect();
    let positive: Vec<f64> = classes.iter().map(|&c| f64::from(c.min(1))).collect();
    // Without a penalty the model does not depend on the scale at all.
    let settings = Settings { penalty: 0.0, tolerance: 1e-10, ..TIGHT };
    let a = logistic(&dense(&rows), &positive, &w, &settings, &Silent).unwrap();
    let b = logistic(&dense(&scaled), &positive, &w, &settings, &Silent).unwrap();
    let rescaled: Vec<f64> = b.coefficients.iter().zip(factors).map(|(c, f)| c * f).collect();
    close(&rescaled, &a.coefficients, 1e-5);
    close(&b.intercepts, &a.intercepts, 1e-5);
}

#[test]
fn separable_classes_stay_finite() {
    let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i) - 19.5]).collect();
    let y: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i >= 20))).collect();
    for penalty in [0.0, 1e-6, 1.0] {
        let settings = Settings { penalty, ..Settings::default() };
        let fit = logistic(&dense(&rows), &y, &[1.0; 40], &settings, &Silent).unwrap();
        let (w, b) = (fit.coefficients[0], fit.intercepts[0]);
        assert!(w > 0.0 && w.is_finite() && b.abs() < 0.5 * w, "the gap is -0.5..0.5: {fit:?}");
    }
}

#[test]
fn a_constant_target_and_a_single_row_fit_at_once() {
    let x = dense(&[vec![1.0, 2.0]]);
    let fit = ridge(&x, &[5.0], &[1.0], &TIGHT, &Silent).unwrap();
    assert_eq!((fit.coefficients, fit.intercepts), (vec![0.0, 0.0], vec![5.0]));
}

#[test]
fn stops_at_every_look() {
    let (rows, classes, w) = sample();
    let counter = StopAfter::new(u32::MAX);
    softmax(&dense(&rows), &classes, 3, &w, &TIGHT, &counter).unwrap();
    let looks = counter.asked();
    assert!(looks > 10);
    for k in 0..looks {
        let stop = StopAfter::new(k);
        let fit = softmax(&dense(&rows), &classes, 3, &w, &TIGHT, &stop);
        assert_eq!(fit, Err(Stopped));
        assert_eq!(stop.asked(), k + 1, "a stop is seen at once");
    }
}
