//! Trees and boosting against brute force, closed forms and invariants.
#![allow(clippy::unwrap_used)]

use super::gradients::pack;
use super::grow::{Grower, Job};
use super::loss::{Brier, Logistic, Loss, Softmax, Squared, probabilities, probability};
use super::random::mix;
use super::tick::Ticker;
use super::{BinnedColumn, BoostParams, Data, GrowParams, Model, boost};
use crate::{Progress, Silent, Stopped};
use std::sync::atomic::{AtomicUsize, Ordering};

fn unit(seed: u64) -> f64 {
    (mix(seed) >> 11) as f64 / 2f64.powi(53)
}

/// Columns of about `distinct` values, a tenth of them missing in every other column.
fn columns(n: usize, width: usize, distinct: f64, seed: u64) -> Vec<Vec<f64>> {
    let value = |c: usize, i: usize| {
        let u = unit(seed ^ mix((c * n + i) as u64));
        if c % 2 == 1 && u < 0.1 { f64::NAN } else { (u * distinct).floor() }
    };
    (0..width).map(|c| (0..n).map(|i| value(c, i)).collect()).collect()
}

fn binned(columns: &[Vec<f64>]) -> Vec<BinnedColumn> {
    columns.iter().map(|c| BinnedColumn::new(c, 255)).collect()
}

/// A truth between 0 and 9 that depends on the first two columns, with noise.
fn signal(columns: &[Vec<f64>]) -> Vec<f64> {
    let top = columns[0].iter().copied().fold(1.0, f64::max);
    let known = |v: f64| if v.is_nan() { 0.3 } else { v / top };
    (0..columns[0].len())
        .map(|i| {
            let (a, b) = (known(columns[0][i]), known(columns[1][i]));
            (a * 7.0).sin() * 3.0 + (b - a).abs() * 2.0 + 3.0 + unit(i as u64)
        })
        .collect()
}

fn scores(model: &Model, columns: &[Vec<f64>]) -> Vec<f64> {
    let n = columns.first().map_or(0, Vec::len);
    let rows: Vec<u32> = (0..n as u32).collect();
    let slices: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let mut out = vec![0.0; n * model.outputs()];
    model.predict(&slices, &rows, &mut out);
    out
}

fn mean_loss(loss: &dyn Loss, y: &[f64], scores: &[f64]) -> f64 {
    let k = loss.outputs();
    let sum: f64 = (0..y.len()).map(|i| loss.row(y[i], &|o| scores[i * k + o])).sum();
    sum / y.len() as f64
}

fn fit(loss: &dyn Loss, columns: &[BinnedColumn], y: &[f64], params: &BoostParams) -> Model {
    boost(loss, &Data { columns, y, weights: None }, None, params, &Silent).unwrap().model
}

/// The best gain of any split of all rows, by trying all, in reals.
fn brute_force(
    columns: &[Vec<f64>],
    g: &[f32],
    h: &[f32],
    masses: Option<&[u32]>,
    p: &GrowParams,
) -> f64 {
    let n = g.len();
    let score = |g: f64, h: f64| (g.abs() - p.l1).max(0.0).powi(2) / (h + p.l2);
    let mass = |i: usize| masses.map_or(1.0, |m| f64::from(m[i]));
    let add = |a: (f64, f64, f64), i: usize| {
        (a.0 + mass(i) * f64::from(g[i]), a.1 + mass(i) * f64::from(h[i]), a.2 + mass(i))
    };
    let all = (0..n).fold((0.0, 0.0, 0.0), add);
    let floor = p.min_hessian.max(f64::from(p.min_rows) * all.1 / all.2) * (1.0 - 1e-6);
    let mut best = 0.0f64;
    for column in columns {
        for cut in column.iter().copied().filter(|v| !v.is_nan()).chain([f64::INFINITY]) {
            for missing_left in [false, true] {
                let left = |i: &usize| column[*i] <= cut || column[*i].is_nan() && missing_left;
                let l = (0..n).filter(left).fold((0.0, 0.0, 0.0), add);
                let r = (all.0 - l.0, all.1 - l.1, all.2 - l.2);
                let enough = f64::from(p.min_rows);
                if l.2 >= enough && r.2 >= enough && l.1 >= floor && r.1 >= floor {
                    best = best.max(score(l.0, l.1) + score(r.0, r.1) - score(all.0, all.1));
                }
            }
        }
    }
    best
}

#[test]
fn the_first_split_is_the_best_there_is() {
    for case in 0..60u64 {
        let n = 5 + (mix(case) % 60) as usize;
        let raw = columns(n, 5, 1.0 + (case % 20) as f64, case);
        let masses: Vec<u32> = (0..n).map(|i| (mix(i as u64) % 3) as u32).collect();
        let masses = (case % 3 == 0).then_some(&masses[..]);
        let random = |i: usize, seed: u64| unit(case * seed + i as u64) as f32;
        let g: Vec<f32> = (0..n).map(|i| random(i, 1000) - 0.4).collect();
        // Hessians of very different size, so that counting rows matters.
        let h: Vec<f32> = (0..n).map(|i| random(i, 77).powi(6)).collect();
        let params = GrowParams {
            max_leaves: 2,
            min_rows: 1 + (case % 7) as u32,
            l1: (case % 2) as f64 * 0.3,
            l2: (case % 4) as f64 * 0.5 + 1e-3,
            ..GrowParams::default()
        };
        let mut words = vec![];
        let scale = pack(&g, &h, None, masses, &mut words).unwrap();
        let bins = binned(&raw);
        let job =
            Job { words: &words, scale, rows: None, masses, columns: &[0, 1, 2, 3, 4], params };
        let mut grower = Grower::new(&bins);
        let tree = grower.grow(&job, &mut Ticker::new(&Silent)).unwrap();
        let expected = brute_force(&raw, &g, &h, masses, &params);
        let got = tree.nodes[0].gain;
        assert!((got - expected).abs() < 1e-5 * (1.0 + expected), "{case}: {got} {expected}");
        for (node, rows) in grower.leaves().filter(|_| tree.splits()) {
            let mass = |r: u32| masses.map_or(1.0, |m| f64::from(m[r as usize]));
            let sum = |v: &[f32]| -> f64 {
                rows.iter().map(|&r| mass(r) * f64::from(v[r as usize])).sum()
            };
            let (g, h) = (sum(&g), sum(&h));
            let value = -(g.abs() - params.l1).max(0.0).copysign(g) / (h + params.l2);
            assert!((tree.nodes[node].value - value).abs() < 1e-4 * (1.0 + value.abs()));
        }
    }
}

#[test]
fn trees_keep_to_their_limits_and_do_not_depend_on_what_is_kept() {
    let raw = columns(3000, 7, 400.0, 5);
    let (bins, y) = (binned(&raw), signal(&raw));
    let g: Vec<f32> = y.iter().map(|y| 2.0 - *y as f32).collect();
    let h: Vec<f32> = (0..y.len()).map(|i| unit(i as u64).powi(3) as f32).collect();
    let mut words = vec![];
    let scale = pack(&g, &h, None, None, &mut words).unwrap();
    let all: Vec<u32> = (0..7).collect();
    for (max_leaves, max_depth, min_rows) in [(1, 9, 1), (40, 3, 1), (40, 99, 60), (300, 99, 7)] {
        let params = GrowParams { max_leaves, max_depth, min_rows, ..GrowParams::default() };
        let job = Job { words: &words, scale, rows: None, masses: None, columns: &all, params };
        let mut grower = Grower::new(&bins);
        let tree = grower.grow(&job, &mut Ticker::new(&Silent)).unwrap();
        let sizes: Vec<usize> = grower.leaves().map(|(_, rows)| rows.len()).collect();
        assert!(sizes.len() <= max_leaves && sizes.len() <= 1 << max_depth.min(10));
        assert!(sizes.len() > max_leaves / 6);
        assert!(sizes.iter().all(|&s| s >= min_rows as usize));
        assert_eq!(sizes.iter().sum::<usize>(), 3000);
        for (node, rows) in grower.leaves() {
            assert!(rows.iter().all(|&r| tree.value(&bins, r as usize) == tree.nodes[node].value));
        }
        for histograms in 0..4 {
            let mut frugal = Grower::new(&bins);
            frugal.keep_at_most(histograms);
            assert_eq!(frugal.grow(&job, &mut Ticker::new(&Silent)).unwrap(), tree);
        }
    }
}

#[test]
fn the_loss_of_the_training_rows_falls_every_round() {
    let raw = columns(600, 4, 50.0, 1);
    let (bins, y) = (binned(&raw), signal(&raw));
    let codes = |k: f64| -> Vec<f64> { y.iter().map(|v| v.abs().floor() % k).collect() };
    let (two, three) = (codes(2.0), codes(3.0));
    let cases: [(Box<dyn Loss>, &[f64]); 4] = [
        (Box::new(Squared::new(&y, None)), &y),
        (Box::new(Logistic::new(&two, None)), &two),
        (Box::new(Softmax::new(3, &three, None)), &three),
        (Box::new(Brier::new(3, &three, None)), &three),
    ];
    for (loss, y) in cases {
        let mut last = f64::INFINITY;
        for rounds in 0..12 {
            let model = fit(&*loss, &bins, y, &BoostParams { rounds, ..BoostParams::default() });
            let now = mean_loss(&*loss, y, &scores(&model, &raw));
            assert!(now < last, "round {rounds}: {now} after {last}");
            last = now;
        }
    }
}

#[test]
fn start_is_the_best_constant() {
    let y = [0.0, 1.0, 1.0, 1.0];
    let w = [3.0, 1.0, 0.0, 1.0];
    assert!((probability(Logistic::new(&y, None).start()[0]) - 0.75).abs() < 1e-12);
    assert!((probability(Logistic::new(&y, Some(&w)).start()[0]) - 0.4).abs() < 1e-12);
    assert_eq!(Squared::new(&[1.0, 4.0], Some(&[3.0, 1.0])).start(), [1.75]);
    let mut p = Softmax::new(3, &[0.0, 1.0, 1.0, 2.0], None).start().to_vec();
    probabilities(&mut p);
    assert!((p[1] - 0.5).abs() < 1e-12 && (p[0] - 0.25).abs() < 1e-12);
}

#[test]
fn a_whole_weight_equals_repeating_the_row() {
    let raw = columns(300, 5, 30.0, 3);
    let y: Vec<f64> = signal(&raw);
    let weights: Vec<f64> = (0..300).map(|i| (mix(i) % 4) as f64).collect();
    let repeat = |v: &Vec<f64>| -> Vec<f64> {
        (0..300).flat_map(|i| std::iter::repeat_n(v[i], weights[i] as usize)).collect()
    };
    let many: Vec<Vec<f64>> = raw.iter().map(repeat).collect();
    let class: Vec<f64> = y.iter().map(|v| f64::from(u8::from(*v > 4.5))).collect();
    let params = BoostParams { rounds: 20, ..BoostParams::default() };
    let check = |y: &[f64], weighted: &dyn Loss, repeated: &dyn Loss| {
        let bins = binned(&raw);
        let data = Data { columns: &bins, y, weights: Some(&weights) };
        let a = boost(weighted, &data, None, &params, &Silent).unwrap().model;
        let b = fit(repeated, &binned(&many), &repeat(&y.to_vec()), &params);
        assert_eq!(a, b);
    };
    let w = Some(&weights[..]);
    check(&y, &Squared::new(&y, w), &Squared::new(&repeat(&y), None));
    check(&class, &Logistic::new(&class, w), &Logistic::new(&repeat(&class), None));
    check(&class, &Softmax::new(2, &class, w), &Softmax::new(2, &repeat(&class), None));
}

#[test]
fn the_order_of_rows_and_the_size_of_weights_do_not_matter() {
    let raw = columns(2000, 5, 300.0, 8);
    let y = signal(&raw);
    let class: Vec<f64> = y.iter().map(|v| v.abs().floor() % 3.0).collect();
    let mut order: Vec<usize> = (0..2000).collect();
    order.sort_by_key(|&i| mix(i as u64));
    let shuffle = |v: &Vec<f64>| -> Vec<f64> { order.iter().map(|&i| v[i]).collect() };
    let other: Vec<Vec<f64>> = raw.iter().map(shuffle).collect();
    let params = BoostParams { rounds: 30, ..BoostParams::default() };
    let (a, b) = (binned(&raw), binned(&other));
    let (y2, class2) = (shuffle(&y), shuffle(&class));
    let first = fit(&Squared::new(&y, None), &a, &y, &params);
    assert_eq!(first, fit(&Squared::new(&y2, None), &b, &y2, &params));
    let softmax = Softmax::new(3, &class, None);
    let same = fit(&Softmax::new(3, &class2, None), &b, &class2, &params);
    assert_eq!(fit(&softmax, &a, &class, &params), same);

    let weights: Vec<f64> = (0..2000).map(|i| unit(i) * 3.0).collect();
    let fit_weighted = |factor: f64| {
        let w: Vec<f64> = weights.iter().map(|w| w * factor).collect();
        let data = Data { columns: &a, y: &y, weights: Some(&w) };
        let loss = Squared::new(&y, Some(&w));
        scores(&boost(&loss, &data, None, &params, &Silent).unwrap().model, &raw)
    };
    let one = fit_weighted(1.0);
    for factor in [1e-200, 1e9, 1e300] {
        for (a, b) in one.iter().zip(fit_weighted(factor)) {
            assert!((a - b).abs() < 1e-6 * (1.0 + a.abs()));
        }
    }
}

#[test]
fn sampling_repeats_and_differs_by_seed() {
    let raw = columns(500, 6, 40.0, 2);
    let (bins, y) = (binned(&raw), signal(&raw));
    let loss = Squared::new(&y, None);
    let model = |seed| {
        let params = BoostParams {
            rounds: 40,
            row_share: 0.5,
            column_share: 0.4,
            seed,
            ..BoostParams::default()
        };
        fit(&loss, &bins, &y, &params)
    };
    assert_eq!(model(1), model(1));
    assert_ne!(model(1), model(2));
    let constant = mean_loss(&loss, &y, &vec![loss.start()[0]; y.len()]);
    assert!(mean_loss(&loss, &y, &scores(&model(1), &raw)) < 0.6 * constant);
}

#[test]
fn early_stopping_keeps_the_minimum_of_the_curve() {
    let all = columns(500, 5, 400.0, 4);
    let other: Vec<Vec<f64>> = all.iter().map(|c| c[300..].to_vec()).collect();
    let rows: Vec<u32> = (0..500).collect();
    let take =
        |rows: &[u32]| -> Vec<BinnedColumn> { binned(&all).iter().map(|c| c.take(rows)).collect() };
    let (bins, valid_bins) = (take(&rows[..300]), take(&rows[300..]));
    let noisy: Vec<f64> =
        signal(&all).iter().zip(0..).map(|(y, i)| y + 4.0 * unit(1000 + i)).collect();
    let (y, valid_y) = (noisy[..300].to_vec(), noisy[300..].to_vec());
    let loss = Squared::new(&y, None);
    let train = Data { columns: &bins, y: &y, weights: None };
    let valid = Data { columns: &valid_bins, y: &valid_y, weights: None };
    let params = BoostParams { rounds: 500, ..BoostParams::default() };
    let done = boost(&loss, &train, Some(&valid), &params, &Silent).unwrap();
    let best = done.curve.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(done.curve[done.rounds - 1], best);
    assert!(done.curve.len() < 500 && done.rounds < done.curve.len());
    let got = mean_loss(&loss, &valid_y, &scores(&done.model, &other));
    assert!((got - best).abs() < 1e-9 * best);
    let shorter = BoostParams { rounds: done.rounds, ..params };
    assert_eq!(fit(&loss, &bins, &y, &shorter), done.model);
}

#[test]
fn missing_values_go_where_they_gain() {
    for value in [-5.0, 5.0] {
        // A missing value behaves like the small numbers or like the large ones.
        let x: Vec<f64> =
            (0..90).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i % 2) }).collect();
        let y: Vec<f64> =
            x.iter().map(|x| if x.is_nan() { value } else { x * 10.0 - 5.0 }).collect();
        let raw = vec![x];
        let params = BoostParams { rounds: 1, learning_rate: 1.0, ..BoostParams::default() };
        let model = fit(&Squared::new(&y, None), &binned(&raw), &y, &params);
        for (got, y) in scores(&model, &raw).iter().zip(&y) {
            assert!((got - y).abs() < 1e-6, "{got} {y}");
        }
    }
    // Missing against the rest, and a missing value never seen in training: the larger side.
    let x: Vec<f64> = (0..80).map(|i| if i % 2 == 0 { f64::NAN } else { f64::from(i) }).collect();
    let y: Vec<f64> = x.iter().map(|x| f64::from(u8::from(x.is_nan()))).collect();
    let params = BoostParams { rounds: 1, learning_rate: 1.0, ..BoostParams::default() };
    let model = fit(&Squared::new(&y, None), &binned(std::slice::from_ref(&x)), &y, &params);
    assert_eq!(scores(&model, &[x]), y);
    let x: Vec<f64> = (0..80).map(|i| f64::from(u8::from(i < 25))).collect();
    let model = fit(&Squared::new(&x, None), &binned(std::slice::from_ref(&x)), &x, &params);
    assert!(scores(&model, &[vec![f64::NAN]])[0].abs() < 1e-6);
}

#[test]
fn a_row_alone_equals_the_row_in_a_batch() {
    let raw = columns(1500, 9, 200.0, 6);
    let y: Vec<f64> = signal(&raw).iter().map(|v| v.abs().floor() % 3.0).collect();
    let params = BoostParams { rounds: 8, ..BoostParams::default() };
    let model = fit(&Softmax::new(3, &y, None), &binned(&raw), &y, &params);
    let batch = scores(&model, &raw);
    let slices: Vec<&[f64]> = raw.iter().map(|c| &c[..]).collect();
    for row in 0..1500 {
        let mut one = [0.0; 3];
        model.predict(&slices, &[row as u32], &mut one);
        assert_eq!(one, batch[row * 3..][..3]);
        let values: Vec<f64> = raw.iter().map(|c| c[row]).collect();
        model.predict_row(&values, &mut one);
        assert_eq!(one, batch[row * 3..][..3]);
    }
    assert_eq!(model.importance().len(), 9);
    assert!(model.importance()[0] > model.importance()[5]);
}

#[test]
fn files_are_small_exact_and_safe_to_read() {
    let raw = columns(4000, 6, 900.0, 6);
    let (bins, y) = (binned(&raw), signal(&raw));
    let params = BoostParams { rounds: 100, ..BoostParams::default() };
    let model = fit(&Squared::new(&y, None), &bins, &y, &params);
    let bytes = rmp_serde::to_vec_named(&model).unwrap();
    assert!(bytes.len() < 200_000, "{}", bytes.len());
    assert_eq!(rmp_serde::from_slice::<Model>(&bytes).unwrap(), model);

    let short = fit(&Squared::new(&y, None), &bins, &y, &BoostParams { rounds: 2, ..params });
    let bytes = rmp_serde::to_vec_named(&short).unwrap();
    let slices: Vec<&[f64]> = raw.iter().map(|c| &c[..20]).collect();
    let rows: Vec<u32> = (0..20).collect();
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut bad = bytes.clone();
            bad[at] ^= change;
            // Whatever can be read can be used.
            if let Ok(model) = rmp_serde::from_slice::<Model>(&bad)
                && model.features() == slices.len()
            {
                model.predict(&slices, &rows, &mut vec![0.0; 20 * model.outputs()]);
            }
        }
        assert!(rmp_serde::from_slice::<Model>(&bytes[..at]).is_err());
    }
}

#[test]
fn hostile_inputs_give_finite_scores() {
    let n = 40;
    let odd: Vec<Vec<f64>> = vec![
        vec![f64::NAN; n],
        vec![7.0; n],
        (0..n).map(|i| [f64::INFINITY, f64::NEG_INFINITY, 0.0, f64::NAN][i % 4]).collect(),
        (0..n).map(|i| i as f64 * 1e300).collect(),
        (0..n).map(|i| i as f64 * 5e-324).collect(),
    ];
    let targets: Vec<Vec<f64>> = vec![
        vec![3.5; n],
        (0..n).map(|i| i as f64 * 1e12).collect(),
        (0..n).map(|i| i as f64 * -1e-12).collect(),
        (0..n).map(|i| if i % 2 == 0 { 1.7e308 } else { -1.7e308 }).collect(),
        (0..n).map(|i| if i == 3 { 1e12 } else { 1e-3 * i as f64 }).collect(),
    ];
    let params = BoostParams {
        rounds: 5,
        tree: GrowParams { min_rows: 1, ..GrowParams::default() },
        ..BoostParams::default()
    };
    let run = |loss: &dyn Loss, raw: &[Vec<f64>], y: &[f64], weights: Option<&[f64]>| {
        let bins = binned(raw);
        let data = Data { columns: &bins, y, weights };
        let model = boost(loss, &data, Some(&data), &params, &Silent).unwrap().model;
        let out = scores(&model, raw);
        assert!(out.iter().all(|v| v.is_finite()), "{out:?}");
        out
    };
    for y in &targets {
        for weights in [None, Some(vec![0.0; n]), Some(vec![1e300; n]), Some(vec![1e-300; n])] {
            let w = weights.as_deref();
            run(&Squared::new(y, w), &odd, y, w);
        }
    }
    assert_eq!(run(&Squared::new(&targets[0], None), &odd, &targets[0], None), targets[0]);
    for y in [vec![0.0; n], vec![1.0; n]] {
        let p = probability(run(&Logistic::new(&y, None), &odd, &y, None)[0]);
        assert!((p - y[0]).abs() < 0.02, "{p}");
        run(&Softmax::new(3, &y, None), &odd, &y, None);
        run(&Brier::new(3, &y, None), &odd, &y, None);
    }
    let one: Vec<Vec<f64>> = odd.iter().map(|c| vec![c[1]]).collect();
    run(&Squared::new(&[2.0], None), &one, &[2.0], None);
    run(&Logistic::new(&[1.0], None), &one, &[1.0], None);
    // No features, and no rows.
    let model = fit(&Squared::new(&[1.0, 3.0], None), &[], &[1.0, 3.0], &params);
    let mut out = [0.0; 2];
    model.predict(&[], &[0, 1], &mut out);
    assert_eq!(out, [2.0, 2.0]);
    fit(&Squared::new(&[], None), &binned(&[vec![]]), &[], &params);
}

#[test]
fn extreme_values_of_a_separable_table_stay_finite() {
    let x: Vec<f64> = (0..200).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| f64::from(u8::from(*x > 99.0))).collect();
    let params = BoostParams {
        rounds: 2000,
        learning_rate: 1.0,
        tree: GrowParams { min_rows: 1, min_hessian: 0.0, ..GrowParams::default() },
        ..BoostParams::default()
    };
    let raw = vec![x];
    for loss in [&Logistic::new(&y, None) as &dyn Loss, &Softmax::new(2, &y, None)] {
        let out = scores(&fit(loss, &binned(&raw), &y, &params), &raw);
        assert!(out.iter().all(|v| v.is_finite()));
        assert!(mean_loss(loss, &y, &out) < 1e-3);
    }
}

#[test]
fn stops_when_told_to() {
    struct After(AtomicUsize);
    impl Progress for After {
        fn proceed(&self) -> bool {
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
        }
    }
    let raw = columns(20_000, 4, 200.0, 6);
    let (bins, y) = (binned(&raw), signal(&raw));
    let loss = Squared::new(&y, None);
    let data = Data { columns: &bins, y: &y, weights: None };
    let params = BoostParams { rounds: 40, ..BoostParams::default() };
    for calls in [0, 1, 5] {
        let stop = After(AtomicUsize::new(calls));
        let outcome = boost(&loss, &data, None, &params, &stop).map(|done| done.rounds);
        assert_eq!(outcome, Err(Stopped), "after {calls} calls");
    }
}
