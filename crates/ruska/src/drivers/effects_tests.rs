//! Curves and interactions against closed forms.

#![allow(clippy::unwrap_used)]

use super::dependence::Dependence;
use super::drawing::draw;
use super::drivers_tests::table;
use super::effects::{Curve, CurvePoint, curve};
use super::interactions::interactions;
use super::shown;
use super::surrogate::surrogate;
use crate::explain::tests::well_formed;
use ruska_core::{Column, Frame, PredictError, Rng, Schema};

/// Two numbers of mean 0, one of a few values and one of many, and levels.
fn rows() -> (Frame, Vec<f64>, Vec<f64>) {
    let mut rng = Rng::new(4);
    let n = 240;
    let a: Vec<f64> = (0..n).map(|i| (i % 5) as f64 - 2.0).collect();
    let mut b: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
    let mean = b.iter().sum::<f64>() / n as f64;
    b.iter_mut().for_each(|v| *v -= mean);
    let level = |i: usize| Some(["x", "y", "y"][i % 3]);
    let mut frame = table(vec![
        ("a", Column::float(a.clone())),
        ("b", Column::float(b.clone())),
        ("level", Column::from_strings((0..n).map(level))),
    ]);
    frame = frame
        .try_map::<ruska_core::TaskError>(|f| {
            let mut f = f.clone();
            if &*f.name == "level" {
                f.kind = ruska_core::Kind::Categorical;
            }
            Ok(vec![f])
        })
        .unwrap();
    (frame, a, b)
}

fn said(x: &Frame, f: impl Fn(f64, f64, u32) -> f64) -> Result<Vec<f64>, PredictError> {
    let numbers = |name: &str| x.field(name).unwrap().floats().unwrap();
    let Column::Str(level) = &x.field("level").unwrap().column else { panic!("levels") };
    let (a, b) = (numbers("a"), numbers("b"));
    Ok((0..x.rows()).map(|i| f(a[i], b[i], level.codes[i])).collect())
}

#[test]
fn curves_of_a_known_function_are_that_function() {
    let (x, a, b) = rows();
    let predict = |x: &Frame| said(x, |a, b, level| 2.0 * a + b * b + 10.0 * f64::from(level));
    let n = a.len() as f64;
    let level = 10.0 * 2.0 / 3.0;
    let squares = b.iter().map(|v| v * v).sum::<f64>() / n;
    let features = shown(&x, &Schema::default());
    let of = |at: usize| curve(&predict, &x, at, features[at].as_ref().unwrap()).unwrap().unwrap();
    let told = of(0);
    let at: Vec<f64> = told.points.iter().map(|p| p.at.unwrap()).collect();
    assert_eq!((at.as_slice(), told.levels), (&[-2.0, -1.0, 0.0, 1.0, 2.0][..], false));
    for p in &told.points {
        let v = p.at.unwrap();
        assert!((p.mean - (2.0 * v + squares + level)).abs() < 1e-9, "{p:?}");
        let first = told.points[0].accumulated.unwrap();
        assert!((p.accumulated.unwrap() - first - 2.0 * (v + 2.0)).abs() < 1e-9, "{p:?}");
    }
    assert!((told.range() - 8.0).abs() < 1e-9);
    for line in &told.lines {
        assert!(line.windows(2).all(|w| (w[1] - w[0] - 2.0).abs() < 1e-9));
    }
    let told = of(1);
    assert_eq!((told.points.len(), told.lines.len()), (20, 30));
    let (first, last) = (told.points[0].at.unwrap(), told.points[19].at.unwrap());
    assert_eq!(first, b.iter().copied().fold(f64::INFINITY, f64::min));
    assert_eq!(last, b.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    assert!(told.points.iter().all(|p| (p.mean - p.at.unwrap().powi(2) - level).abs() < 1e-9));
    let told = of(2);
    let shown: Vec<&str> = told.points.iter().map(|p| p.value.as_str()).collect();
    assert_eq!((shown.as_slice(), told.levels), (&["y", "x"][..], true));
    assert!((told.points[0].mean - told.points[1].mean - 10.0).abs() < 1e-9);
}

#[test]
fn pictures_are_whole_whatever_names_and_values_are() {
    let point = |value: &str, at, mean| CurvePoint {
        rows: None,
        value: value.to_owned(),
        at,
        mean,
        accumulated: at.map(|_| f64::NAN),
    };
    let hostile = "<script>alert(1)</script>\u{1}&\"'";
    let curve = |levels, points: Vec<CurvePoint>| Curve {
        column: hostile.to_owned(),
        levels,
        time: false,
        lines: vec![vec![f64::INFINITY; points.len()], vec![1e308; points.len()]],
        points,
    };
    let told = Dependence {
        class: Some(hostile.to_owned()),
        rows: 3,
        curves: vec![
            curve(true, vec![point(hostile, None, 1.0), point("b", None, f64::NAN)]),
            curve(false, vec![point("1", Some(1.0), -1e308), point("2", Some(1e300), 0.5)]),
            curve(false, vec![]),
        ],
        interaction_rows: 0,
        interactions: vec![],
        surrogate: None,
    };
    for curve in &told.curves {
        let svg = draw(&told, hostile, curve);
        assert!(well_formed(&svg) && !svg.contains("<script"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn interactions_are_none_of_sums_and_all_of_products() {
    let (x, ..) = rows();
    let x = x.take(&(0..60).collect::<Vec<u32>>());
    let centre = |name: &str| {
        let v = x.field(name).unwrap().floats().unwrap();
        v.iter().sum::<f64>() / 60.0
    };
    let (mean_a, mean_b) = (centre("a"), centre("b"));
    let predict =
        |x: &Frame| said(x, |a, b, level| (a - mean_a) * (b - mean_b) + 3.0 * f64::from(level));
    let told = interactions(&predict, &x, &[0, 1, 2]).unwrap();
    assert_eq!(told[0].columns, ["a", "b"]);
    assert!((told[0].strength - 1.0).abs() < 1e-9, "{told:?}");
    assert!(told[1].strength < 1e-6 && told[2].strength < 1e-6, "{told:?}");
}

#[test]
fn a_small_tree_is_found_again() {
    let (x, ..) = rows();
    let features = shown(&x, &Schema::default());
    let features: Vec<_> = features.iter().flatten().collect();
    let predictions = said(&x, |a, _, level| match (a > 0.0, level) {
        (false, _) => 0.0,
        (true, 0) => 10.0,
        (true, _) => 15.0,
    });
    let told = surrogate(&features, &predictions.unwrap()).unwrap();
    assert!((told.fidelity - 1.0).abs() < 1e-9, "{told:?}");
    let expected = "\
if a ≤ 0 (60.0 %): 0
else (40.0 %)
    if level is one of x (13.3 %): 10
    else (26.7 %): 15
";
    assert_eq!(told.rules.to_string(), expected);
    assert_eq!(surrogate(&features, &[1.0; 240]), None);
}
