use super::*;

fn settings(penalty: f64) -> Settings {
    Settings { penalty, tolerance: 1e-7, max_steps: 100, ..Settings::default() }
}

/// Mean pinball loss and the penalty, at the intercept that belongs to uncentred columns.
fn objective(
    rows: &[Vec<f64>],
    y: &[f64],
    weights: &[f64],
    tau: f64,
    penalty: f64,
    fit: (&[f64], f64),
) -> f64 {
    let score = |row: &[f64]| fit.1 + row.iter().zip(fit.0).map(|(x, w)| x * w).sum::<f64>();
    let residuals = rows.iter().zip(y).map(|(row, y)| y - score(row));
    let pinball = |r: f64| (tau * r).max((tau - 1.0) * r);
    let loss: f64 = residuals.zip(weights).map(|(r, s)| s * pinball(r)).sum();
    loss / weights.iter().sum::<f64>() + penalty * fit.0.iter().map(|w| w.abs()).sum::<f64>()
}

#[test]
fn reaches_the_objective_of_scikit_learn() {
    let r = learners();
    let (rows, y, w) = (table(&r["x"]), numbers(&r["value"]), numbers(&r["weights"]));
    let (x, total) = (dense(&rows), w.iter().sum::<f64>());
    for expected in r["quantile"].as_array().unwrap() {
        let of = |name: &str| expected[name].as_f64().unwrap();
        let (tau, penalty) = (of("quantile"), of("penalty"));
        let fit = quantile(&x, &y, &w, tau, &settings(penalty * total), &Silent).unwrap();
        assert!(fit.converged, "{fit:?}");
        let intercept = fit.origin_intercepts(x.centres())[0];
        let got = objective(&rows, &y, &w, tau, penalty, (&fit.coefficients, intercept));
        let best = of("objective");
        assert!(got <= best * (1.0 + 1e-6) && got >= best * (1.0 - 1e-9), "{got} is not {best}");
        close(&fit.coefficients, &numbers(&expected["coefficients"]), 1e-4);
    }
}

#[test]
fn without_columns_it_is_the_quantile() {
    let x = Design::new(5, std::iter::empty::<Vec<f64>>());
    let y = [3.0, 9.0, 1.0, 7.0, 100.0];
    for (tau, expected) in [(0.5, 7.0), (0.1, 1.0), (0.95, 100.0)] {
        let fit = quantile(&x, &y, &[1.0; 5], tau, &settings(0.0), &Silent).unwrap();
        close(&fit.intercepts, &[expected], 1e-4);
    }
    let fit = quantile(&x, &y, &[1.0, 1.0, 1.0, 0.0, 0.0], 0.5, &settings(0.0), &Silent).unwrap();
    close(&fit.intercepts, &[3.0], 1e-4);
}

#[test]
fn a_strong_penalty_leaves_the_quantile_alone() {
    let (rows, _, w) = sample();
    let y = noise(150, 9);
    let fit = quantile(&dense(&rows), &y, &w, 0.3, &settings(1e6), &Silent).unwrap();
    close(&fit.coefficients, &[0.0; 5], 1e-6);
}

#[test]
fn planes_and_more_columns_than_rows_are_met() {
    let (rows, _, w) = sample();
    let y: Vec<f64> = rows.iter().map(|r| 2.0 * r[0] - r[3] + 0.5).collect();
    let fit = quantile(&dense(&rows), &y, &w, 0.7, &settings(0.0), &Silent).unwrap();
    close(&fit.coefficients, &[2.0, 0.0, 0.0, -1.0, 0.0], 1e-4);
    let wide: Vec<Vec<f64>> = noise(12 * 40, 8).chunks(40).map(<[f64]>::to_vec).collect();
    for penalty in [0.0, 0.01] {
        let fit =
            quantile(&dense(&wide), &y[..12], &w[..12], 0.5, &settings(penalty), &Silent).unwrap();
        assert!(fit.converged && fit.coefficients.iter().all(|v| v.is_finite()), "{fit:?}");
    }
}
