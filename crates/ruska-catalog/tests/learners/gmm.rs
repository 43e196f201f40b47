//! Figures of mixtures that closed forms or geometry tell, and what must not change them.

use super::*;
use ruska_core::{Grouping, Rng};
use std::f64::consts::TAU;

/// A fitted mixture's figures, state and groups of the rows.
struct Found {
    bic: f64,
    icl: f64,
    adjoining: f64,
    state: Vec<u8>,
    groups: Vec<i32>,
}

fn found(x: &Frame, clusters: i64, covariance: &str, logs: bool, weights: Option<&[f64]>) -> Found {
    let p = params([
        ("clusters", clusters.into()),
        ("covariance", covariance.into()),
        ("logs", logs.into()),
    ]);
    let y = nobody(x.rows());
    let model = try_fit("gmm", &p, x, &y, weights).unwrap();
    let told = |name: &str| model.told().into_iter().find(|(id, _)| *id == name).unwrap().1;
    Found {
        bic: told("bic"),
        icl: told("icl"),
        adjoining: told("adjoining"),
        state: model.save(),
        groups: model.predict(x, &all(x)).unwrap().groups(),
    }
}

/// Groups of so many rows that nobody knows.
fn nobody(rows: usize) -> Target {
    let values = Arc::new(vec![0.0; rows]);
    Target::Groups(Grouping { values, dims: 1, clusters: None, min_cluster_size: None })
}

/// Rows in two columns around `k` places, `apart` deviations from one to the next, in turn.
fn blobs(n: usize, k: usize, apart: f64) -> Vec<Vec<f64>> {
    let mut rng = Rng::new(3);
    let row = |i: usize| {
        let at = apart * (i % k) as f64;
        vec![at + rng.normal(), rng.normal() - at]
    };
    (0..n).map(row).collect()
}

/// A column of levels.
fn levels(name: String, codes: impl Iterator<Item = usize>) -> Field {
    let texts: Vec<String> = codes.map(|c| format!("level {c}")).collect();
    let column = Column::from_strings(texts.iter().map(|t| Some(t.as_str())));
    Field::new(name, Kind::Categorical, column)
}

#[test]
fn one_group_of_numbers_has_the_likelihood_of_their_correlations() {
    let x = blobs(500, 1, 0.0);
    let tilted: Vec<Vec<f64>> = x.iter().map(|r| vec![1e6 * r[0], r[0] + 0.5 * r[1]]).collect();
    let column = |j: usize| -> Vec<f64> { tilted.iter().map(|r| r[j]).collect() };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / 500.0;
    let product = |a: &[f64], b: &[f64]| {
        let (m, n) = (mean(a), mean(b));
        mean(&a.iter().zip(b).map(|(x, y)| (x - m) * (y - n)).collect::<Vec<_>>())
    };
    let (a, b) = (column(0), column(1));
    let r = product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt();
    // A floor of 1e-4 beside variances of 1 in the numbers' standard deviations.
    let v = 1.0001f64;
    let determinant = v * v - r * r;
    let square = 2.0 * (v - r * r) / determinant;
    let log = -0.5 * (2.0 * TAU.ln() + determinant.ln() + square);
    let got = found(&frame(&tilted), 1, "full", false, None);
    // Of a row.
    let expected = 5.0 * 500f64.ln() / 500.0 - 2.0 * log;
    assert!((got.bic - expected).abs() < 1e-6 * expected.abs(), "{} {expected}", got.bic);
    assert_eq!((got.icl, got.adjoining), (got.bic, 0.0));
}

#[test]
fn icl_finds_how_many_groups_there_are() {
    let x = frame(&blobs(300, 3, 8.0));
    for kind in ["full", "tied", "diagonal", "spherical"] {
        let best = (1..6).min_by(|a, b| {
            let of = |k: &i64| found(&x, *k, kind, false, None).icl;
            of(a).total_cmp(&of(b))
        });
        assert_eq!(best, Some(3), "{kind}");
    }
    let three = found(&x, 3, "full", false, None);
    assert!(three.adjoining < 1e-4);
    assert!((0..300).all(|i| three.groups[i] == three.groups[i % 3]));
    let split = found(&frame(&blobs(300, 1, 0.0)), 2, "full", false, None);
    assert!(split.adjoining > 0.1, "{}", split.adjoining);
}

#[test]
fn logarithms_are_preferred_where_groups_are_lognormal_and_nowhere_else() {
    let plain = blobs(400, 2, 5.0);
    let skewed: Vec<Vec<f64>> =
        plain.iter().map(|r| r.iter().map(|v| (0.4 * v).exp()).collect()).collect();
    let of = |logs| found(&frame(&skewed), 2, "full", logs, None);
    assert!(of(true).icl < of(false).icl - 0.05);
    // Without a skewed column both are the same.
    let of = |logs| found(&frame(&plain), 2, "full", logs, None);
    assert_eq!(of(true).state, of(false).state);
}

#[test]
fn figures_of_logarithms_are_of_the_numbers_in_deviations() {
    // One group: the density of a column is lognormal.
    let values: Vec<f64> = blobs(400, 1, 0.0).iter().map(|r| r[0].exp()).collect();
    let x = frame(&values.iter().map(|v| vec![*v]).collect::<Vec<_>>());
    let mean = |v: &[f64]| v.iter().sum::<f64>() / 400.0;
    let variance = |v: &[f64]| mean(&v.iter().map(|x| (x - mean(v)).powi(2)).collect::<Vec<_>>());
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    let (m, s, sd) = (mean(&logs), variance(&logs).sqrt(), variance(&values).sqrt());
    let density = |x: f64| {
        let z = (x.ln() - m) / s;
        sd / (x * s) * (-0.5 * z * z / 1.0001).exp() / (TAU * 1.0001).sqrt()
    };
    let log: f64 = values.iter().map(|x| density(*x).ln()).sum();
    let got = found(&x, 1, "diagonal", true, None).bic;
    let expected = (2.0 * 400f64.ln() - 2.0 * log) / 400.0;
    assert!((got - expected).abs() < 1e-6 * expected.abs(), "{got} {expected}");
}

#[test]
fn numbers_without_a_logarithm_count_as_the_least_of_the_fit() {
    let rows: Vec<Vec<f64>> = blobs(200, 2, 4.0).iter().map(|r| vec![r[0].exp()]).collect();
    let least = rows.iter().map(|r| r[0]).fold(f64::INFINITY, f64::min);
    let p = params([("clusters", 2.into()), ("logs", true.into())]);
    let at = frame(&[vec![least], vec![0.0], vec![-5.0], vec![0.5 * least]]);
    let got = fit("gmm", &p, &frame(&rows), &nobody(200), None, &at);
    let (first, others) = got.values().split_at(got.width());
    assert!(others.chunks_exact(got.width()).all(|row| row == first));
}

#[test]
fn units_of_columns_do_not_matter() {
    let x: Vec<Vec<f64>> =
        blobs(300, 3, 6.0).iter().map(|r| vec![(0.3 * r[0]).exp(), r[1]]).collect();
    let moved = x.iter().map(|r| vec![r[0] * 1e9, r[1] * 1e-9 + 1e-3]).collect::<Vec<_>>();
    for logs in [false, true] {
        let a = found(&frame(&x), 3, "full", logs, None);
        let b = found(&frame(&moved), 3, "full", logs, None);
        close(&[a.bic, a.icl, a.adjoining], &[b.bic, b.icl, b.adjoining], 1e-5);
        assert_eq!(a.groups, b.groups);
    }
}

#[test]
fn levels_tell_groups_apart_and_columns_of_one_value_say_nothing() {
    let mut rng = Rng::new(5);
    let mut code = |i: usize| if rng.unit() < 0.2 { i % 5 } else { i % 2 };
    let mut fields = fields('x', &blobs(300, 1, 0.0));
    fields.extend((0..4).map(|l| levels(format!("l{l}"), (0..300).map(&mut code))));
    let constant = Field::new("c", Kind::Numeric, Column::float(vec![7.0; 300]));
    let with = |more: Vec<Field>| Frame::with_rows([fields.clone(), more].concat(), 300).unwrap();
    let plain = found(&with(vec![]), 2, "diagonal", false, None);
    let more = found(&with(vec![constant.clone()]), 2, "diagonal", false, None);
    close(&[plain.bic, plain.icl], &[more.bic, more.icl], 1e-12);
    let right = (0..300).filter(|&i| plain.groups[i] == plain.groups[i % 2]).count();
    assert!(right > 280, "{right}");
    let nothing = Frame::with_rows(vec![constant], 300).unwrap();
    let one = found(&nothing, 3, "full", false, None);
    assert_eq!((one.icl, one.groups), (0.0, vec![0; 300]));
}

#[test]
fn rows_without_weight_are_nothing_and_weights_count_rows() {
    let rows = blobs(200, 2, 6.0);
    let weights: Vec<f64> = (0..200).map(|i| f64::from(i % 3)).collect();
    let repeated: Vec<Vec<f64>> =
        rows.iter().zip(&weights).flat_map(|(r, w)| vec![r.clone(); *w as usize]).collect();
    for kind in ["full", "spherical"] {
        let a = found(&frame(&rows), 2, kind, false, Some(&weights));
        let b = found(&frame(&repeated), 2, kind, false, None);
        close(&[a.bic, a.icl, a.adjoining], &[b.bic, b.icl, b.adjoining], 1e-6);
    }
}
