use super::*;

fn settings(penalty: f64) -> Settings {
    Settings { penalty, tolerance: 1e-6, max_steps: 100, ..Settings::default() }
}

#[test]
fn equals_scikit_learn() {
    let r = learners();
    let (x, y, w) = (dense(&table(&r["x"])), numbers(&r["value"]), numbers(&r["weights"]));
    for expected in r["huber"].as_array().unwrap() {
        let of = |name: &str| expected[name].as_f64().unwrap();
        let (fit, scale) =
            huber(&x, &y, &w, of("epsilon"), &settings(of("penalty")), &Silent).unwrap();
        assert!(fit.converged && fit.steps < 40, "{fit:?}");
        close(&fit.coefficients, &numbers(&expected["coefficients"]), 1e-5);
        close(&fit.origin_intercepts(x.centres()), &[of("intercept")], 1e-5);
        close(&[scale], &[of("scale")], 1e-5);
    }
}

#[test]
fn outliers_count_by_their_sign_only() {
    let (rows, _, w) = sample();
    let e = noise(150, 5);
    let y: Vec<f64> = (0..150).map(|i| rows[i][1] + 0.1 * e[i]).collect();
    let shifted = |far: f64| -> Vec<f64> {
        (0..150).map(|i| if i % 15 == 0 { y[i] + far } else { y[i] }).collect()
    };
    let fit = |y: &[f64]| huber(&dense(&rows), y, &w, 1.35, &settings(0.0), &Silent).unwrap().0;
    let (near, far) = (fit(&shifted(100.0)), fit(&shifted(1e6)));
    close(&near.coefficients, &far.coefficients, 1e-6);
    close(&near.coefficients, &[0.0, 1.0, 0.0, 0.0, 0.0], 0.1);
}

#[test]
fn rows_on_a_plane_have_hardly_any_scale() {
    let (rows, _, w) = sample();
    let y: Vec<f64> = rows.iter().map(|r| 2.0 * r[0] - r[3] + 0.5).collect();
    let (fit, scale) = huber(&dense(&rows), &y, &w, 1.35, &settings(0.0), &Silent).unwrap();
    close(&fit.coefficients, &[2.0, 0.0, 0.0, -1.0, 0.0], 1e-6);
    assert!((0.0..1e-6).contains(&scale), "{scale}");
    let (fit, _) =
        huber(&dense(&rows[..1]), &[5.0], &[1.0], 1.35, &settings(1.0), &Silent).unwrap();
    assert_eq!((fit.coefficients, fit.intercepts), (vec![0.0; 5], vec![5.0]));
}
