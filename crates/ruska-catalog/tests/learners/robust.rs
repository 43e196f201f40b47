use super::*;

/// What a line predicts for each row.
fn line(rows: &[Vec<f64>], expected: &serde_json::Value) -> Vec<f64> {
    let coefficients = numbers(&expected["coefficients"]);
    let intercept = expected["intercept"].as_f64().unwrap();
    let score =
        |row: &Vec<f64>| intercept + row.iter().zip(&coefficients).map(|(x, w)| x * w).sum::<f64>();
    rows.iter().map(score).collect()
}

#[test]
fn quantile_linear_equals_scikit_learn() {
    let r = reference();
    let (x, y, w) = (table(&r["x"]), values(&numbers(&r["value"])), numbers(&r["weights"]));
    for expected in r["quantile"].as_array().unwrap() {
        let of = |name: &str| Value::Float(expected[name].as_f64().unwrap());
        let p = params([
            ("quantile", of("quantile")),
            ("penalty", of("penalty")),
            ("tolerance", 1e-8.into()),
        ]);
        let got = fit("quantile_linear", &p, &frame(&x), &y, Some(&w), &frame(&x));
        close(got.values(), &line(&x, expected), 1e-4);
    }
}

#[test]
fn huber_equals_scikit_learn() {
    let r = reference();
    let (x, y, w) = (table(&r["x"]), numbers(&r["value"]), numbers(&r["weights"]));
    let total: f64 = w.iter().sum();
    let mean = y.iter().zip(&w).map(|(y, w)| y * w).sum::<f64>() / total;
    let variance = y.iter().zip(&w).map(|(y, w)| w * (y - mean).powi(2)).sum::<f64>() / total;
    for expected in r["huber"].as_array().unwrap() {
        // The penalty stands against the loss of the target in standard deviations.
        let penalty = expected["penalty"].as_f64().unwrap() * variance.sqrt();
        let p = params([
            ("epsilon", expected["epsilon"].as_f64().unwrap().into()),
            ("penalty", penalty.into()),
        ]);
        let got = fit("huber", &p, &frame(&x), &values(&y), Some(&w), &frame(&x));
        close(got.values(), &line(&x, expected), 1e-4);
    }
}

#[test]
fn the_unit_of_the_target_does_not_matter() {
    let r = reference();
    let (x, y) = (frame(&table(&r["x"])), numbers(&r["value"]));
    for id in ["huber", "quantile_linear"] {
        let plain = fit(id, &Params::new(), &x, &values(&y), None, &x);
        for (scale, shift) in [(1e-9, 0.0), (1e9, 1e9)] {
            let moved: Vec<f64> = y.iter().map(|y| y * scale + shift).collect();
            let got = fit(id, &Params::new(), &x, &values(&moved), None, &x);
            let back: Vec<f64> = got.values().iter().map(|v| (v - shift) / scale).collect();
            close(&back, plain.values(), 1e-4);
        }
    }
}

#[test]
fn too_many_columns_are_refused() {
    let x = frame(&[vec![1.0; 5001], vec![2.0; 5001]]);
    for (id, y) in [
        ("huber", values(&[1.0, 2.0])),
        ("quantile_linear", values(&[1.0, 2.0])),
        ("lda", classes([0, 1], 2)),
    ] {
        let error = try_fit(id, &Params::new(), &x, &y, None).err().unwrap().to_string();
        assert!(error.contains("at most 5000 columns") && error.contains("`linear`"), "{error}");
    }
}
