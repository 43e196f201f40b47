//! Prediction, files and hostile data.

use super::*;

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
        let data = Data { columns: &bins, y, weights, offset: None };
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
