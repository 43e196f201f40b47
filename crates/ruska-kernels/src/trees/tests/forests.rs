//! Forests against closed forms and invariants.

use super::*;
use crate::trees::{Forest, ForestParams, Forested, forest};

fn grow(raw: &[Vec<f64>], y: &[f64], classes: usize, params: &ForestParams) -> Forested {
    let bins = binned(raw);
    forest(classes, &Data { columns: &bins, y, weights: None, offset: None }, params, &Silent)
        .unwrap()
}

fn predictions(forest: &Forest, raw: &[Vec<f64>]) -> Vec<f64> {
    let slices: Vec<&[f64]> = raw.iter().map(|c| &c[..]).collect();
    let rows: Vec<u32> = (0..raw[0].len() as u32).collect();
    let mut out = vec![0.0; rows.len() * forest.outputs()];
    forest.predict(&slices, &rows, &mut out);
    out
}

/// All columns, no sample: each tree is the same.
fn whole(width: usize) -> ForestParams {
    ForestParams { trees: 3, columns_per_node: width, bootstrap: false, ..ForestParams::default() }
}

#[test]
fn a_whole_tree_remembers_every_row() {
    let raw = columns(300, 4, 1e9, 5);
    let y: Vec<f64> = (0..300).map(|i| unit(i) * 1e12).collect();
    for random_thresholds in [false, true] {
        let params = ForestParams { random_thresholds, ..whole(4) };
        let got = predictions(&grow(&raw, &y, 0, &params).forest, &raw);
        got.iter().zip(&y).for_each(|(g, y)| assert!((g - y).abs() < 1e-3 * 1e12, "{g} {y}"));
        for classes in [2usize, 5] {
            let codes: Vec<f64> = y.iter().map(|y| (y / 1e9).floor() % classes as f64).collect();
            let got = predictions(&grow(&raw, &codes, classes, &params).forest, &raw);
            for (i, &code) in codes.iter().enumerate() {
                let share = if classes == 2 { got[i] } else { got[i * 5 + code as usize] };
                let expected = if classes == 2 { code } else { 1.0 };
                assert!((share - expected).abs() < 1e-6, "{classes} classes: {share} {expected}");
            }
        }
    }
}

#[test]
fn one_split_is_that_of_the_boosted_tree() {
    for classes in [0usize, 2, 3] {
        let raw = columns(500, 4, 60.0, 9);
        let y: Vec<f64> = match classes {
            0 => signal(&raw),
            k => signal(&raw).iter().map(|v| v.abs().floor() % k as f64).collect(),
        };
        let params = ForestParams { max_depth: 1, min_rows: 25, trees: 1, ..whole(4) };
        let got = predictions(&grow(&raw, &y, classes, &params).forest, &raw);
        let boosted = BoostParams {
            rounds: 1,
            learning_rate: 1.0,
            tree: GrowParams { max_leaves: 2, min_rows: 25, ..GrowParams::default() },
            ..BoostParams::default()
        };
        if classes < 3 {
            let model = fit(&Squared::new(&y, None), &binned(&raw), &y, &boosted);
            for (a, b) in got.iter().zip(scores(&model, &raw)) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        } else {
            // Two leaves of class shares, each that of its rows.
            let mut seen: Vec<(Vec<f64>, Vec<f64>)> = vec![];
            for (row, share) in got.chunks(3).enumerate() {
                assert!((share.iter().sum::<f64>() - 1.0).abs() < 1e-6);
                let at = seen.iter().position(|s| s.0 == share).unwrap_or_else(|| {
                    seen.push((share.to_vec(), vec![0.0; 3]));
                    seen.len() - 1
                });
                seen[at].1[y[row] as usize] += 1.0;
            }
            assert_eq!(seen.len(), 2);
            for (share, count) in seen {
                let n: f64 = count.iter().sum();
                assert!(n >= 25.0);
                share.iter().zip(&count).for_each(|(s, c)| assert!((s - c / n).abs() < 1e-6));
            }
        }
    }
}

#[test]
fn weights_are_repetitions_and_order_does_not_matter() {
    let raw = columns(200, 3, 30.0, 12);
    let weights: Vec<f64> = (0..200).map(|i| (mix(i) % 3) as f64).collect();
    let repeat = |v: &Vec<f64>| -> Vec<f64> {
        (0..200).rev().flat_map(|i| std::iter::repeat_n(v[i], weights[i] as usize)).collect()
    };
    let many: Vec<Vec<f64>> = raw.iter().map(repeat).collect();
    for classes in [0usize, 2, 4] {
        let y: Vec<f64> = match classes {
            0 => signal(&raw),
            k => signal(&raw).iter().map(|v| v.abs().floor() % k as f64).collect(),
        };
        let params = ForestParams { min_rows: 4, ..whole(3) };
        let bins = binned(&raw);
        let data = Data { columns: &bins, y: &y, weights: Some(&weights), offset: None };
        let a = forest(classes, &data, &params, &Silent).unwrap().forest;
        let b = grow(&many, &repeat(&y), classes, &params).forest;
        let (a, b) = (predictions(&a, &raw), predictions(&b, &raw));
        let outputs = a.len() / 200;
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            // Values of no weight have bins of their own in one of the tables.
            let counts = weights[i / outputs] > 0.0;
            assert!(!counts || (a - b).abs() < 1e-6, "{classes} classes: {a} {b}");
        }
    }
}

#[test]
fn out_of_bag_predictions_are_honest() {
    // Noise: rows in the bag look known, rows out of it do not.
    let raw = columns(600, 5, 1e9, 2);
    let y: Vec<f64> = (0..600).map(|i| (mix(i + 77) % 2) as f64).collect();
    let params = ForestParams { trees: 60, columns_per_node: 2, ..ForestParams::default() };
    let done = grow(&raw, &y, 2, &params);
    let right = |p: &[f64]| p.iter().zip(&y).filter(|(p, y)| (**p > 0.5) == (**y > 0.5)).count();
    assert!(right(&predictions(&done.forest, &raw)) > 570);
    assert!((240..360).contains(&right(&done.out_of_bag)), "{}", right(&done.out_of_bag));
    let again = grow(&raw, &y, 2, &params);
    assert!(again.forest == done.forest);
    assert!(grow(&raw, &y, 2, &ForestParams { seed: 1, ..params }).forest != done.forest);
    // A signal is seen out of the bag as well.
    let y: Vec<f64> = signal(&raw);
    let done = grow(&raw, &y, 0, &params);
    let mean = y.iter().sum::<f64>() / 600.0;
    let error = |p: &dyn Fn(usize) -> f64| -> f64 { (0..600).map(|i| (p(i) - y[i]).powi(2)).sum() };
    assert!(error(&|i| done.out_of_bag[i]) < 0.5 * error(&|_| mean));
}

#[test]
fn forests_of_files_are_exact_and_safe_to_read() {
    let raw = columns(80, 3, 40.0, 6);
    let y: Vec<f64> = signal(&raw).iter().map(|v| v.abs().floor() % 3.0).collect();
    let params = ForestParams { trees: 2, min_rows: 5, ..whole(2) };
    let forest = grow(&raw, &y, 3, &params).forest;
    let bytes = rmp_serde::to_vec_named(&forest).unwrap();
    assert!(rmp_serde::from_slice::<Forest>(&bytes).unwrap() == forest);
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut bad = bytes.clone();
            bad[at] ^= change;
            if let Ok(forest) = rmp_serde::from_slice::<Forest>(&bad)
                && forest.features() == raw.len()
            {
                predictions(&forest, &raw);
            }
        }
    }
}

#[test]
fn hostile_inputs_give_finite_predictions() {
    let n = 30;
    let odd: Vec<Vec<f64>> = vec![
        vec![f64::NAN; n],
        vec![7.0; n],
        (0..n).map(|i| [f64::INFINITY, f64::NEG_INFINITY, 0.0, f64::NAN][i % 4]).collect(),
        (0..n).map(|i| if i % 2 == 0 { f64::NAN } else { 1.0 }).collect(),
    ];
    let targets = [
        vec![3.5; n],
        (0..n).map(|i| if i % 2 == 0 { 1.7e308 } else { -1.7e308 }).collect(),
        (0..n).map(|i| i as f64 * 1e-300).collect::<Vec<_>>(),
    ];
    for random_thresholds in [false, true] {
        for bootstrap in [false, true] {
            let params = ForestParams { bootstrap, random_thresholds, ..whole(2) };
            for y in &targets {
                let done = grow(&odd, y, 0, &params);
                assert!(predictions(&done.forest, &odd).iter().all(|v| v.is_finite()));
            }
            for classes in [2, 3] {
                for code in [0.0, 1.0] {
                    let got =
                        predictions(&grow(&odd, &vec![code; n], classes, &params).forest, &odd);
                    assert!(got.iter().all(|v| (0.0..=1.0).contains(v)), "{got:?}");
                }
            }
            let one: Vec<Vec<f64>> = odd.iter().map(|c| vec![c[2]]).collect();
            assert_eq!(predictions(&grow(&one, &[2.0], 0, &params).forest, &one), [2.0]);
        }
    }
    let bins = binned(&odd);
    let weights = vec![0.0; n];
    let data = Data { columns: &bins, y: &targets[0], weights: Some(&weights), offset: None };
    assert!(forest(0, &data, &whole(2), &Silent).is_ok());
}
