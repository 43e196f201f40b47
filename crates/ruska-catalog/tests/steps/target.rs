//! The step that puts the target on another scale.

use super::{Fit, classes, frame, reals, reference, values};
use ruska_core::{FittedStep, Predictions, Rng, Target};

const METHODS: [&str; 3] = ["log", "yeo_johnson", "quantile"];

/// The step fitted on the first rows of a target.
fn fitted(method: &str, train: usize, y: &[f64], weights: Option<Vec<f64>>) -> Box<dyn FittedStep> {
    let x = frame(vec![super::numbers("x", vec![0.0; y.len()])]);
    let fit = Fit::new("transform_target", train, values(y.to_vec()));
    let (state, out) = Fit { weights, ..fit }.with(&[("method", method.into())]).run(&x).unwrap();
    assert_eq!(out, x, "the features are left alone");
    state
}

fn scaled(state: &dyn FittedStep, y: &[f64]) -> Vec<f64> {
    match state.target(&values(y.to_vec())).unwrap() {
        Target::Values(y) => y.to_vec(),
        _ => panic!("numbers stay numbers"),
    }
}

fn restored(state: &dyn FittedStep, z: &[f64]) -> Vec<f64> {
    state.restore(Predictions::new(1, z.to_vec())).values().to_vec()
}

#[test]
fn scales_equal_scikit_learn() {
    let all = reference();
    let case = &all["target_scales"];
    let y = reals(&case["y"]);
    // Half of one row in forty.
    let end = 2.241_402_727_604_947;
    for method in METHODS {
        let (rows, end) = if method == "quantile" { (40, end) } else { (50, f64::MAX) };
        let got = scaled(&*fitted(method, 40, &y, None), &y);
        for (a, b) in got[..rows].iter().zip(reals(&case[method])) {
            assert!((a - b.clamp(-end, end)).abs() < 2e-6, "{method}: {a} is not {b}");
        }
    }
}

/// Targets of many shapes and sizes.
fn targets() -> Vec<Vec<f64>> {
    let mut rng = Rng::new(6);
    let mut of = |make: &dyn Fn(f64) -> f64| (0..300).map(|_| make(rng.normal())).collect();
    vec![
        of(&|z| z),
        of(&|z| (2.0 * z).exp()),
        of(&|z| -(z.exp()) - 3.0),
        of(&|z| z.powi(5)),
        of(&|z| z.abs().floor()),
        of(&|z| 1e6 + z),
        of(&|z| z * 1e-9),
        of(&|z| z.exp() * 1e12),
        of(&|z| z * 1e300),
        vec![4.5; 20],
        vec![0.0; 20],
        vec![-7.0],
        vec![0.0, 0.0, 1e5],
        vec![f64::MAX, -f64::MAX, 1.0, 0.0],
    ]
}

#[test]
fn what_is_put_on_the_scale_comes_back() {
    for y in targets() {
        let size = y.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        for method in METHODS {
            let state = fitted(method, y.len(), &y, None);
            let z = scaled(&*state, &y);
            assert!(z.iter().all(|z| z.is_finite()));
            for (a, b) in restored(&*state, &z).iter().zip(&y) {
                // 1e-9 of the number itself, or a rounding error of the largest.
                let near = (a - b).abs() <= 1e-9 * b.abs() + 1e-12 * size;
                assert!(near, "{method}: {b:e} came back as {a:e}");
            }
        }
    }
}

#[test]
fn any_prediction_becomes_a_number_within_reach_of_the_target() {
    let wild = [f64::MAX, -f64::MAX, 1e300, -1e300, 1e9, -1e9, 700.0, -700.0, 0.0, f64::NAN];
    for y in targets() {
        let low = y.iter().copied().fold(f64::MAX, f64::min);
        let high = y.iter().copied().fold(-f64::MAX, f64::max);
        let width = (high - low).min(f64::MAX);
        for method in METHODS {
            let state = fitted(method, y.len(), &y, None);
            let back = restored(&*state, &wild);
            for b in &back {
                assert!(b.is_finite(), "{method}: {back:?}");
                assert!(b / 2.0 - high / 2.0 <= width / 2.0 && low / 2.0 - b / 2.0 <= width / 2.0);
                assert!(low < 0.0 || *b >= 0.0, "no target is negative, {b} is");
                assert!(high > 0.0 || *b <= 0.0, "no target is positive, {b} is");
            }
            // Other rows may hold anything.
            assert!(scaled(&*state, &wild[..9]).iter().all(|z| z.is_finite()), "{method}");
        }
    }
}

#[test]
fn the_logarithm_does_not_depend_on_the_unit() {
    let y = &targets()[1];
    let kilo: Vec<f64> = y.iter().map(|y| y * 1e-3).collect();
    let a = scaled(&*fitted("log", 200, y, None), y);
    let b = scaled(&*fitted("log", 200, &kilo, None), &kilo);
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-12));
}

#[test]
fn weights_are_rows() {
    let y = &targets()[1][..40];
    let weights: Vec<f64> = (0..40).map(|i| f64::from(i % 3)).collect();
    let repeated: Vec<f64> = (0..40).flat_map(|i| vec![y[i]; i % 3]).collect();
    for method in METHODS {
        let a = scaled(&*fitted(method, 40, y, Some(weights.clone())), y);
        let b = scaled(&*fitted(method, repeated.len(), &repeated, None), y);
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() < 1e-6, "{method}: {a} is not {b}");
        }
    }
}

#[test]
fn classes_are_left_alone() {
    let x = frame(vec![super::numbers("x", vec![0.0; 4])]);
    let y = classes(vec![0, 1, 1, 0], 2);
    let (state, _) = Fit::new("transform_target", 4, y.clone()).run(&x).unwrap();
    assert!(state.target(&y).is_none());
    let p = Predictions::binary([0.2, 0.9]);
    assert_eq!(state.restore(p.clone()), p);
}
