//! Steps that leave fewer columns.

use super::{Fit, assert_close, classes, frame, numbers, numeric_frame, reals, reference, values};
use ruska_core::{Column, Field, Frame, Kind, Rng, Sparse, Target};
use std::sync::Arc;

fn names(x: &Frame) -> Vec<&str> {
    x.fields().iter().map(|f| &*f.name).collect()
}

fn zeros(n: usize) -> Target {
    values(vec![0.0; n])
}

#[test]
fn pca_equals_scikit_learn() {
    let all = reference();
    let case = &all["components"];
    let x = numeric_frame(&case["x"]);
    let fit = |pairs: &[_]| Fit::new("pca", 40, zeros(50)).with(pairs).run(&x).unwrap().1;
    let out = fit(&[("share", 1.0.into())]);
    assert_eq!(names(&out), ["pca.1", "pca.2", "pca.3", "pca.4", "pca.5", "pca.6"]);
    for (at, field) in out.fields().iter().enumerate() {
        for (a, b) in field.floats().unwrap().iter().zip(reals(&case["scores"][at])) {
            assert!((a - b).abs() < 1e-9, "component {at}: {a} is not {b}");
        }
    }
    // As many as the share asks for, and no more than are allowed.
    let shares = reals(&case["shares"]);
    assert!(shares[0] + shares[1] < 0.98 && shares[..3].iter().sum::<f64>() > 0.98);
    assert_eq!(fit(&[("share", 0.98.into())]).fields().len(), 3);
    assert_eq!(fit(&[("share", (shares[0] - 1e-9).into())]).fields().len(), 1);
    assert_eq!(fit(&[("share", 0.98.into()), ("components", 2.into())]).fields().len(), 2);
}

#[test]
fn pca_keeps_what_is_not_a_number_that_varies() {
    let mut rng = Rng::new(1);
    let x: Vec<f64> = (0..60).map(|_| rng.normal()).collect();
    let twice = x.iter().map(|v| 2.0 * v + 7.0).collect();
    let mut holed = x.clone();
    holed[3] = f64::NAN;
    let block = Sparse { width: 4, offsets: vec![0; 61], indices: vec![], values: vec![] };
    let table = frame(vec![
        numbers("x", x.clone()),
        numbers("flat", vec![3.0; 60]),
        numbers("twice", twice),
        Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(block))),
        numbers("holed", holed),
        numbers("pca.1", (0..60).map(|_| rng.normal()).collect()),
    ]);
    let (_, out) = Fit::new("pca", 60, zeros(60)).run(&table).unwrap();
    assert_eq!(names(&out), ["flat", "words", "pca′.1", "pca′.2"]);
    assert!(out.fields().iter().filter_map(Field::floats).flatten().all(|v| v.is_finite()));
    let one = frame(vec![numbers("x", x), numbers("flat", vec![3.0; 60])]);
    assert_eq!(Fit::new("pca", 60, zeros(60)).run(&one).unwrap().1, one, "nothing to join");
}

#[test]
fn pca_leaves_wide_tables_as_they_are() {
    let mut rng = Rng::new(2);
    let mut column = |i: usize| numbers(&format!("x{i}"), (0..8).map(|_| rng.normal()).collect());
    let table = frame((0..401).map(&mut column).collect());
    assert_eq!(Fit::new("pca", 8, zeros(8)).run(&table).unwrap().1, table);
    let narrow = table.select(|f| &*f.name != "x0");
    // Eight rows span seven directions.
    let (_, out) =
        Fit::new("pca", 8, zeros(8)).with(&[("share", 1.0.into())]).run(&narrow).unwrap();
    assert_eq!(out.fields().len(), 7);
}

#[test]
fn pca_keeps_distances_and_decorrelates() {
    let mut rng = Rng::new(3);
    let base: Vec<[f64; 3]> =
        (0..200).map(|_| [rng.normal(), rng.normal(), rng.normal()]).collect();
    let mix = |w: [f64; 3]| base.iter().map(|b| b[0] * w[0] + b[1] * w[1] + b[2] * w[2]).collect();
    let table = frame(vec![
        numbers("a", mix([1.0, 0.2, 0.0])),
        numbers("b", mix([0.9, -0.4, 0.1])),
        numbers("c", mix([0.0, 0.3, 2.0])),
    ]);
    let (_, out) =
        Fit::new("pca", 200, zeros(200)).with(&[("share", 1.0.into())]).run(&table).unwrap();
    let (_, scaled) = Fit::new("standardise", 200, zeros(200)).run(&table).unwrap();
    let distance = |x: &Frame, i: usize, j: usize| -> f64 {
        let columns = x.fields().iter().map(|f| f.floats().unwrap());
        columns.map(|v| (v[i] - v[j]).powi(2)).sum()
    };
    for i in 1..200 {
        assert!((distance(&out, 0, i) - distance(&scaled, 0, i)).abs() < 1e-9);
    }
    let part = |at: usize| out.fields()[at].floats().unwrap();
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let product: f64 = part(a).iter().zip(part(b)).map(|(a, b)| a * b).sum();
        assert!((product / 200.0).abs() < 1e-12);
    }
}

#[test]
fn redundant_columns_go_and_the_first_of_copies_stays() {
    let mut rng = Rng::new(4);
    let n = 2000;
    let x: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let mut near = |noise: f64| x.iter().map(|v| -3.0 * v + 1e6 + noise * rng.normal()).collect();
    let mut holed = x.clone();
    holed.iter_mut().step_by(2).for_each(|v| *v = f64::NAN);
    let mut rare = vec![0.0; n];
    rare[7] = 1.0;
    let table = frame(vec![
        numbers("flat", vec![5.0; n]),
        numbers("x", x.clone()),
        numbers("near", near(0.3)),
        numbers("like", near(2.0)),
        numbers("holed", holed),
        numbers("rare", rare),
        numbers("empty", vec![f64::NAN; n]),
        numbers("copy", x),
    ]);
    let run =
        |pairs: &[_]| Fit::new("drop_redundant", n, zeros(n)).with(pairs).run(&table).unwrap().1;
    assert_eq!(names(&run(&[])), ["x", "like", "holed"]);
    assert_eq!(names(&run(&[("correlation", 0.8.into())])), ["x", "holed"]);
    let all = [("correlation", 1.0.into()), ("constant", 1.0.into())];
    assert_eq!(names(&run(&all)), ["x", "near", "like", "holed", "rare"]);
    let flat = frame(vec![numbers("a", vec![1.0; 5]), numbers("b", vec![2.0; 5])]);
    let (_, out) = Fit::new("drop_redundant", 5, zeros(5)).run(&flat).unwrap();
    assert_eq!(names(&out), ["a"], "one column always stays");
}

/// Ten columns of which the first two matter, and their target.
fn signal(n: usize, seed: u64) -> (Frame, Vec<f64>) {
    let mut rng = Rng::new(seed);
    let columns: Vec<Vec<f64>> = (0..10).map(|_| (0..n).map(|_| rng.normal()).collect()).collect();
    let y = (0..n).map(|i| columns[0][i] - (2.0 * columns[1][i]).sin() + 0.3 * rng.normal());
    let y = y.collect();
    let field = |(i, v): (usize, Vec<f64>)| numbers(&format!("x{i}"), v);
    (frame(columns.into_iter().enumerate().map(field).collect()), y)
}

#[test]
fn important_columns_stay_and_noise_goes() {
    for seed in 0..4 {
        let (x, y) = signal(1500, seed);
        let codes: Vec<u32> =
            y.iter().map(|y| if *y < -0.6 { 0 } else { 1 + u32::from(*y > 0.6) }).collect();
        for target in [values(y), classes(codes, 3)] {
            let (_, out) = Fit::new("select_important", 1500, target).run(&x).unwrap();
            let kept = names(&out);
            assert!(kept.starts_with(&["x0", "x1"]) && kept.len() <= 4, "{kept:?}");
        }
    }
}

#[test]
fn select_important_keeps_all_where_nothing_can_be_told() {
    let (x, y) = signal(200, 1);
    for target in [classes(vec![1; 200], 2), zeros(200)] {
        let (_, out) = Fit::new("select_important", 200, target).run(&x).unwrap();
        assert_eq!(out, x);
    }
    let noise = x.select(|f| f.name.as_ref() > "x5");
    let strict = [("strictness", 1.0.into())];
    let (_, out) = Fit::new("select_important", 200, values(y)).with(&strict).run(&noise).unwrap();
    assert!((1..4).contains(&out.fields().len()), "{:?}", names(&out));
}

#[test]
fn select_important_looks_at_rows_of_weight_only() {
    let (x, mut y) = signal(2000, 5);
    // Among the rows of no weight, the last column is the target.
    let fields = x.fields().to_vec();
    let last = fields[9].floats().unwrap().to_vec();
    for i in (0..2000).step_by(2) {
        y[i] = 5.0 * last[i];
    }
    let weights: Vec<f64> = (0..2000).map(|i| f64::from(i % 2)).collect();
    let fit = |weights| {
        let fit = Fit { weights, ..Fit::new("select_important", 2000, values(y.clone())) };
        fit.run(&frame(fields.clone())).unwrap().1
    };
    let (weighted, all) = (fit(Some(weights)), fit(None));
    assert!(names(&weighted).starts_with(&["x0", "x1"]) && !names(&weighted).contains(&"x9"));
    assert!(names(&all).contains(&"x9"));
}

#[test]
fn reference_shares_add_up() {
    assert_close(&[reals(&reference()["components"]["shares"]).iter().sum()], &[1.0], "shares");
}
