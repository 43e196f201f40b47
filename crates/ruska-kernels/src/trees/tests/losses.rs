//! Losses against numeric derivatives and closed forms.

use super::*;

/// Every loss of one score, on a truth that it takes.
fn all(y: &[f64], weights: Option<&[f64]>) -> Vec<(&'static str, Box<dyn Loss>)> {
    vec![
        ("squared", Box::new(Squared::new(y, weights))),
        ("huber", Box::new(Huber::new(0.7, y, weights))),
        ("absolute", Box::new(Quantile::absolute(y, weights))),
        ("quantile", Box::new(Quantile::new(0.8, y, weights))),
        ("poisson", Box::new(Poisson::new(y, weights))),
        ("gamma", Box::new(Gamma::new(y, weights))),
        ("tweedie", Box::new(Tweedie::new(1.4, y, weights))),
    ]
}

fn positive(n: usize) -> Vec<f64> {
    (0..n).map(|i| 0.2 + 9.0 * unit(i as u64).powi(3)).collect()
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let y = positive(40);
    for (name, loss) in all(&y, None) {
        let middle = loss.start()[0];
        let scores: Vec<f64> = (0..40).map(|i| middle + 2.0 * unit(100 + i) - 1.0).collect();
        let (mut g, mut h) = (vec![0.0; 40], vec![0.0; 40]);
        loss.gradients(0, &y, &scores, &[], &mut g, &mut h);
        for i in 0..40 {
            let at = |s: f64| loss.row(y[i], &|_| s);
            let (step, twice) = (1e-3 * loss.unit(), if name == "squared" { 2.0 } else { 1.0 });
            let near = (scores[i] - y[i]).abs() < 2.0 * step;
            let slope = (at(scores[i] + step) - at(scores[i] - step)) / 2e-3 / twice;
            let kink = ["absolute", "quantile"].contains(&name) && near;
            assert!(kink || (f64::from(g[i]) - slope).abs() < 2e-3, "{name} {i}: {} {slope}", g[i]);
            assert!(h[i] >= 0.0 && at(scores[i]) >= 0.0);
        }
    }
}

#[test]
fn losses_start_at_their_best_constant() {
    let y = positive(60);
    let weights: Vec<f64> = (0..60).map(|i| (mix(i) % 4) as f64).collect();
    for (name, loss) in all(&y, Some(&weights)) {
        let total =
            |s: f64| -> f64 { y.iter().zip(&weights).map(|(&y, w)| w * loss.row(y, &|_| s)).sum() };
        let start = loss.start()[0];
        if name != "huber" {
            for shift in [-0.05, 0.05] {
                assert!(total(start) <= total(start + shift) + 1e-9, "{name} {shift}");
            }
        }
    }
}

#[test]
fn boosting_lowers_every_loss() {
    let raw = columns(800, 4, 60.0, 21);
    let y: Vec<f64> = signal(&raw).iter().map(|v| v.abs() + 0.1).collect();
    let bins = binned(&raw);
    for (name, loss) in all(&y, None) {
        for leaf_steps in [1, 4] {
            let params = BoostParams { rounds: 40, leaf_steps, ..BoostParams::default() };
            let model = fit(&*loss, &bins, &y, &params);
            let before = mean_loss(&*loss, &y, &vec![loss.start()[0]; y.len()]);
            let after = mean_loss(&*loss, &y, &scores(&model, &raw));
            assert!(after < 0.6 * before, "{name}: {after} after {before}");
        }
    }
}

#[test]
fn one_stump_gives_the_quantiles_of_both_sides() {
    let x: Vec<f64> = (0..200).map(|i| f64::from(u8::from(i >= 80))).collect();
    let y: Vec<f64> = (0..200).map(|i| unit(i) + if i < 80 { 0.0 } else { 10.0 }).collect();
    let params = BoostParams {
        rounds: 1,
        learning_rate: 1.0,
        tree: GrowParams { max_leaves: 2, ..GrowParams::default() },
        ..BoostParams::default()
    };
    for alpha in [0.1, 0.5, 0.9] {
        let loss = Quantile::new(alpha, &y, None);
        let raw = vec![x.clone()];
        let got = scores(&fit(&loss, &binned(&raw), &y, &params), &raw);
        let quantile = |part: &[f64]| {
            let mut part = part.to_vec();
            part.sort_by(f64::total_cmp);
            part[(alpha * part.len() as f64).ceil() as usize - 1]
        };
        assert!((got[0] - quantile(&y[..80])).abs() < 1e-9, "{alpha}: {}", got[0]);
        assert!((got[199] - quantile(&y[80..])).abs() < 1e-9, "{alpha}: {}", got[199]);
    }
}

#[test]
fn an_exposure_as_offset_leaves_the_rate() {
    // Counts of rate 0.5 or 2 by a feature, watched for different times.
    let x: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
    let time: Vec<f64> = (0..400).map(|i| 1.0 + f64::from(i / 2 % 5)).collect();
    let y: Vec<f64> = x.iter().zip(&time).map(|(x, t)| t * (0.5 + 1.5 * x)).collect();
    let offset: Vec<f64> = time.iter().map(|t| t.ln()).collect();
    let raw = vec![x];
    let bins = binned(&raw);
    let data = Data { columns: &bins, y: &y, weights: None, offset: Some(&offset) };
    let params = BoostParams { rounds: 200, ..BoostParams::default() };
    let loss = Poisson::new(&y, None);
    let got = scores(&boost(&loss, &data, None, &params, &Silent).unwrap().model, &raw);
    assert!((got[0].exp() - 0.5).abs() < 1e-4, "{}", got[0].exp());
    assert!((got[1].exp() - 2.0).abs() < 1e-4, "{}", got[1].exp());
}

#[test]
fn logarithmic_losses_do_not_depend_on_the_unit_of_the_truth() {
    let raw = columns(500, 3, 40.0, 5);
    let y: Vec<f64> = signal(&raw).iter().map(|v| v.abs() + 0.1).collect();
    let far: Vec<f64> = y.iter().map(|y| y * 2f64.powi(40)).collect();
    let params = BoostParams { rounds: 20, ..BoostParams::default() };
    let bins = binned(&raw);
    let a = scores(&fit(&Tweedie::new(1.5, &y, None), &bins, &y, &params), &raw);
    let b = scores(&fit(&Tweedie::new(1.5, &far, None), &bins, &far, &params), &raw);
    for (a, b) in a.iter().zip(b) {
        assert!((b - a - 40.0 * 2f64.ln()).abs() < 1e-6, "{a} {b}");
    }
}

#[test]
fn leaf_values_are_minimisers_even_where_rows_are_surely_wrong() {
    // Group 0 is sure of class 0 and wrong three times of four, group 1 knows little.
    let n = 400;
    let group: Vec<f64> = (0..n).map(|i| f64::from(i % 2)).collect();
    let y: Vec<f64> = (0..n)
        .map(|i| f64::from(u8::from(if i % 2 == 0 { i % 8 != 0 } else { i % 3 == 0 })))
        .collect();
    let offset: Vec<f64> = group.iter().map(|g| if *g == 0.0 { -7.0 } else { 0.5 }).collect();
    let columns = binned(std::slice::from_ref(&group));
    let l2 = 3.0;
    let scores = |rounds| {
        let tree = GrowParams { l2, min_rows: 1, min_hessian: 0.0, ..GrowParams::default() };
        let params = BoostParams {
            rounds,
            learning_rate: 1.0,
            leaf_steps: 20,
            tree,
            ..BoostParams::default()
        };
        let data = Data { columns: &columns, y: &y, weights: None, offset: Some(&offset) };
        let model = boost(&Logistic::new(&y, None), &data, None, &params, &Silent).unwrap().model;
        scores(&model, &[vec![0.0, 1.0]])
    };
    let (start, end) = (scores(0), scores(1));
    for g in 0..2 {
        let slope = |value: f64| {
            let rows = (0..n as usize).filter(|&i| group[i] == g as f64);
            let of_rows: f64 = rows.map(|i| probability(offset[i] + start[g] + value) - y[i]).sum();
            of_rows + l2 * value
        };
        let (mut low, mut high) = (-100.0, 100.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if slope(middle) > 0.0 { high = middle } else { low = middle }
        }
        let value = end[g] - start[g];
        assert!((value - low).abs() < 1e-3, "group {g}: {value}, expected {low}");
    }
}
