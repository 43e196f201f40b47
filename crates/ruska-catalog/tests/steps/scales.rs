//! Steps that bring numbers to one scale, and the one that moves outliers in.

use super::{Fit, assert_close, frame, numbers, numeric_frame, reals, reference, step, values};
use ruska_core::{Column, Field, Frame, Kind, Rng, codec};

fn ones(n: usize) -> ruska_core::Target {
    values(vec![0.0; n])
}

fn column(out: &Frame, at: usize) -> Vec<f64> {
    out.fields()[at].floats().unwrap().to_vec()
}

/// The column that a step with default parameters makes of one, trained on its first values.
fn one(id: &str, train: usize, x: Vec<f64>) -> Vec<f64> {
    let n = x.len();
    let fit = Fit::new(id, train, ones(n));
    column(&fit.run(&frame(vec![numbers("x", x)])).unwrap().1, 0)
}

fn deviation(x: &[f64]) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64).sqrt()
}

#[test]
fn robust_scale_and_min_max_equal_scikit_learn() {
    let all = reference();
    let case = &all["scales"];
    let x = numeric_frame(&case["x"]);
    for (id, expected, bound) in [("robust_scale", "robust", 20.0), ("min_max", "min_max", 3.0)] {
        let plain = [("smooth", false.into())];
        let pairs = if id == "robust_scale" { &plain[..] } else { &[] };
        let (_, out) = Fit::new(id, 40, ones(50)).with(pairs).run(&x).unwrap();
        for at in 0..5 {
            let expected = reals(&case[expected][at]);
            let expected: Vec<f64> = expected.iter().map(|v| v.clamp(-bound, bound)).collect();
            assert_close(&column(&out, at), &expected, id);
        }
    }
}

#[test]
fn yeo_johnson_equals_scikit_learn() {
    let all = reference();
    let case = &all["scales"];
    let (_, out) = Fit::new("yeo_johnson", 40, ones(50)).run(&numeric_frame(&case["x"])).unwrap();
    for at in 0..5 {
        for (a, b) in column(&out, at).iter().zip(reals(&case["power"][at])) {
            // Exponents are found to about seven digits here and there.
            assert!(a.is_nan() && b.is_nan() || (a - b).abs() < 2e-6, "column {at}: {a}, {b}");
        }
    }
}

#[test]
fn normal_scores_equal_scikit_learn_but_for_the_ends() {
    let all = reference();
    let case = &all["scales"];
    let x = numeric_frame(&case["x"]);
    let (_, out) = Fit::new("quantile_normal", 40, ones(50)).run(&x).unwrap();
    // Half of one row in forty.
    let end = 2.241_402_727_604_947;
    for at in 0..5 {
        let expected = reals(&case["normal"][at]);
        for (a, b) in column(&out, at)[..40].iter().zip(&expected) {
            assert!((a - b.clamp(-end, end)).abs() < 1e-6, "column {at}: {a} is not {b}");
        }
    }
}

#[test]
fn normal_scores_of_ties_and_ends() {
    // Ranks 0, 0, 0, 3, 4 of 0..=4: the middle of the ties, and half a row inside the end.
    let got = one("quantile_normal", 5, vec![7.0, 7.0, 7.0, 8.0, 10.0, 7.5, -1e300, f64::INFINITY]);
    let (quarter, end) = (0.674_489_750_196_081_7, 1.281_551_565_544_600_4);
    let expected = [-quarter, -quarter, -quarter, quarter, end, 0.0, -quarter, end];
    for (a, b) in got.iter().zip(expected) {
        assert!((a - b).abs() < 1e-6, "{got:?}");
    }
}

#[test]
fn normal_scores_of_many_rows_look_normal_and_keep_the_order() {
    let mut rng = Rng::new(1);
    let x: Vec<f64> = (0..30_000).map(|_| rng.normal().exp() * 1e9).collect();
    let got = one("quantile_normal", 20_000, x.clone());
    assert!((deviation(&got[20_000..]) - 1.0).abs() < 0.02);
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    assert!(order.windows(2).all(|w| got[w[0]] <= got[w[1]]));
    let share = |limit: f64| got.iter().filter(|z| **z < limit).count() as f64 / 30_000.0;
    assert!((share(1.0) - 0.8413).abs() < 0.01 && (share(-2.0) - 0.0228).abs() < 0.004);
}

#[test]
fn whole_weights_are_rows() {
    let mut rng = Rng::new(4);
    let x: Vec<f64> = (0..60).map(|_| rng.normal().powi(3)).collect();
    let weights: Vec<f64> = (0..60).map(|i| f64::from(i % 4)).collect();
    let repeated: Vec<f64> = (0..60).flat_map(|i| vec![x[i]; i % 4]).collect();
    let n = repeated.len();
    let later = [x.clone(), vec![0.1, 5.0, -5.0]].concat();
    let weighted = frame(vec![numbers("x", [x, later.clone()].concat())]);
    let repeated = frame(vec![numbers("x", [repeated, later].concat())]);
    for id in ["robust_scale", "quantile_normal", "yeo_johnson", "clip_outliers"] {
        let weights = weights.iter().copied().chain([1.0; 63]).collect();
        let fit = Fit { weights: Some(weights), ..Fit::new(id, 60, ones(123)) };
        let a = column(&fit.run(&weighted).unwrap().1, 0);
        let b = column(&Fit::new(id, n, ones(n + 63)).run(&repeated).unwrap().1, 0);
        for (a, b) in a[60..].iter().zip(&b[n..]) {
            assert!((a - b).abs() < 1e-6, "{id}: {a} is not {b}");
        }
    }
}

#[test]
fn numbers_of_any_size_come_out_alike() {
    let mut rng = Rng::new(2);
    let base: Vec<f64> = (0..300).map(|_| rng.normal().exp()).collect();
    for id in ["standardise", "robust_scale", "min_max", "quantile_normal", "yeo_johnson"] {
        for (scale, shift) in [(1e300, 0.0), (-1e150, 0.0), (1e12, 5e12), (1e-12, 0.0), (1.0, 1e6)]
        {
            let x = base.iter().map(|v| v * scale + shift).collect();
            let out = one(id, 300, x);
            let sd = deviation(&out);
            assert!((0.1..3.0).contains(&sd), "{id} of {scale:e} and {shift:e}: {sd}");
        }
        let ends = vec![f64::MAX, -f64::MAX, 0.0, f64::INFINITY, f64::NEG_INFINITY];
        let out = one(id, 3, ends);
        assert!(out.iter().all(|z| z.is_finite()) && out[0] > out[1], "{id}: {out:?}");
        let constant = one(id, 3, vec![5.0, 5.0, 5.0, 1e9, f64::NAN]);
        assert!(constant[..4].iter().all(|z| *z == 0.0) && constant[4].is_nan(), "{id}");
    }
}

#[test]
fn yeo_johnson_undoes_a_bend_and_leaves_what_is_normal() {
    let mut rng = Rng::new(3);
    let z: Vec<f64> = (0..4000).map(|_| rng.normal()).collect();
    let skewness = |x: &[f64]| x.iter().map(|v| v.powi(3)).sum::<f64>() / x.len() as f64;
    let bent = one("yeo_johnson", 4000, z.iter().map(|z| (2.0 * z + 8.0).exp()).collect());
    assert!(skewness(&bent).abs() < 0.15, "{}", skewness(&bent));
    let same = one("yeo_johnson", 4000, z.clone());
    assert!(same.iter().zip(&z).all(|(a, b)| (a - b).abs() < 0.35));
    // Far from zero beside their spread, as years are.
    let years = one("yeo_johnson", 4000, z.iter().map(|z| 2000.0 + z.exp()).collect());
    assert!((deviation(&years) - 1.0).abs() < 1e-6 && years.iter().all(|v| v.is_finite()));
}

#[test]
fn robust_scale_bounds_outliers_and_falls_back_where_half_is_one_value() {
    let mut x: Vec<f64> = (0..100).map(f64::from).collect();
    x.extend([1e9, -1e12]);
    let smooth = one("robust_scale", 102, x.clone());
    let fit = |x: Vec<f64>| {
        let fit = Fit::new("robust_scale", x.len(), ones(x.len()));
        let table = frame(vec![numbers("x", x)]);
        column(&fit.with(&[("smooth", false.into())]).run(&table).unwrap().1, 0)
    };
    let clipped = fit(x);
    // The median is 49.5 and the range 50.5.
    let z = (99.0 - 49.5) / 50.5;
    assert_eq!((clipped[100], clipped[101]), (20.0, -20.0));
    assert!((clipped[99] - z).abs() < 1e-12);
    assert!((smooth[99] - z / f64::hypot(1.0, z / 3.0)).abs() < 1e-12);
    assert!((smooth[100] - 3.0).abs() < 1e-6 && (smooth[101] + 3.0).abs() < 1e-6);
    let spike = fit((0..100).map(|i| f64::from(2 * u8::from(i < 10))).collect());
    assert!((spike[0] - 1.0 / 0.3).abs() < 1e-12 && spike[99] == 0.0);
}

#[test]
fn standardise_reads_what_earlier_versions_wrote() {
    #[derive(serde::Serialize)]
    struct Scaled {
        name: &'static str,
        mean: f64,
        sd: f64,
        low: f64,
        high: f64,
    }
    let state = vec![Scaled { name: "x", mean: 3.0, sd: 2.0, low: -10.0, high: 12.0 }];
    let loaded = step("standardise").load(&codec::encode(&state)).unwrap();
    let out = loaded.transform(&frame(vec![numbers("x", vec![7.0, 99.0, -99.0])])).unwrap();
    assert_eq!(column(&out, 0), [2.0, 12.0, -10.0]);
}

#[test]
fn clip_outliers_moves_what_is_beyond_the_bounds() {
    let mut x: Vec<f64> = (0..101).map(f64::from).collect();
    x.extend([1e9, f64::NEG_INFINITY, f64::NAN]);
    let flags = (0..104).map(|i| f64::from(u8::from(i == 0))).collect();
    let table = frame(vec![
        numbers("x", x),
        Field::new("flag", Kind::Boolean, Column::float(flags)),
        numbers("spike", (0..104).map(|i| f64::from(u8::from(i == 0)) * 1e6).collect()),
    ]);
    for (pairs, low, high) in [
        (vec![], -125.0, 225.0),
        (vec![("factor", 1.0.into())], -25.0, 125.0),
        (vec![("method", "quantile".into()), ("share", 0.05.into())], 5.0, 95.0),
    ] {
        let (_, out) = Fit::new("clip_outliers", 101, ones(104)).with(&pairs).run(&table).unwrap();
        let got = column(&out, 0);
        assert_eq!((got[101], got[102]), (high, low));
        assert!(got[103].is_nan() && got[50] == 50.0);
        assert_eq!(out.fields()[1..], table.fields()[1..], "untouched");
    }
    let inside = frame(vec![numbers("x", (0..50).map(f64::from).collect())]);
    let (_, out) = Fit::new("clip_outliers", 50, ones(50)).run(&inside).unwrap();
    assert_eq!(out, inside, "shared with its origin");
}
