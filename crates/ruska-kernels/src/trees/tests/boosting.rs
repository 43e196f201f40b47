//! Many trees.

use super::*;

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
        let data = Data { columns: &bins, y, weights: Some(&weights), offset: None };
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
        let data = Data { columns: &a, y: &y, weights: Some(&w), offset: None };
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
    let take = |rows: &[u32]| -> Vec<BinnedColumn> { BinnedColumn::take_all(&binned(&all), rows) };
    let (bins, valid_bins) = (take(&rows[..300]), take(&rows[300..]));
    let noisy: Vec<f64> =
        signal(&all).iter().zip(0..).map(|(y, i)| y + 4.0 * unit(1000 + i)).collect();
    let (y, valid_y) = (noisy[..300].to_vec(), noisy[300..].to_vec());
    let loss = Squared::new(&y, None);
    let train = Data { columns: &bins, y: &y, weights: None, offset: None };
    let valid = Data { columns: &valid_bins, y: &valid_y, weights: None, offset: None };
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
fn stops_when_told_to() {
    let raw = columns(20_000, 4, 200.0, 6);
    let (bins, y) = (binned(&raw), signal(&raw));
    let loss = Squared::new(&y, None);
    let data = Data { columns: &bins, y: &y, weights: None, offset: None };
    let params = BoostParams { rounds: 40, ..BoostParams::default() };
    for calls in [0, 1, 5] {
        let stop = StopAfter::new(calls);
        let outcome = boost(&loss, &data, None, &params, &stop).map(|done| done.rounds);
        assert_eq!(outcome, Err(Stopped), "after {calls} calls");
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let n = 30_000;
    let raw = columns(n, 9, 500.0, 12);
    let (bins, y) = (binned(&raw), signal(&raw));
    let class: Vec<f64> = y.iter().map(|v| v.abs().floor() % 3.0).collect();
    let weights: Vec<f64> = (0..n as u64).map(|i| unit(i) + 0.1).collect();
    let losses: [(Box<dyn Loss>, &[f64]); 2] = [
        (Box::new(Squared::new(&y, Some(&weights))), &y),
        (Box::new(Softmax::new(3, &class, Some(&weights))), &class),
    ];
    for (loss, y) in &losses {
        for growth in [Growth::LeafWise, Growth::Symmetric] {
            for row_share in [1.0, 0.7] {
                let model = |threads| {
                    let tree = GrowParams { growth, max_depth: 5, ..GrowParams::default() };
                    let params = BoostParams {
                        rounds: 3,
                        tree,
                        row_share,
                        threads,
                        ..BoostParams::default()
                    };
                    let data = Data { columns: &bins, y, weights: Some(&weights), offset: None };
                    boost(&**loss, &data, None, &params, &Silent).unwrap().model
                };
                let one = model(1);
                assert_eq!(one, model(2));
                assert_eq!(one, model(5));
            }
        }
    }
}
