use super::*;

#[test]
fn equals_scikit_learn_with_weights() {
    let r = reference();
    let (x, w) = (table(&r["x"]), numbers(&r["weights"]));
    let total: f64 = w.iter().sum();
    let targets = ["count", "count", "positive", "positive"];
    for (expected, target) in r["glm"].as_array().unwrap().iter().zip(targets) {
        let (power, y) = (expected["power"].as_f64().unwrap(), numbers(&r[target]));
        // The penalty stands against the deviance of the target over its mean.
        let mean = y.iter().zip(&w).map(|(y, w)| y * w).sum::<f64>() / total;
        let p = params([
            ("power", power.into()),
            ("penalty", (0.1 * mean.powf(power - 2.0)).into()),
            ("tolerance", 1e-10.into()),
        ]);
        let got = fit("glm", &p, &frame(&x), &values(&y), Some(&w), &frame(&x));
        let coefficients = numbers(&expected["coefficients"]);
        let intercept = expected["intercept"].as_f64().unwrap();
        let score = |row: &Vec<f64>| -> f64 {
            intercept + row.iter().zip(&coefficients).map(|(x, w)| x * w).sum::<f64>()
        };
        let logs: Vec<f64> = got.values().iter().map(|m| m.ln()).collect();
        close(&logs, &x.iter().map(score).collect::<Vec<_>>(), 1e-6);
    }
}

#[test]
fn rows_without_weight_may_have_any_target() {
    let x = frame(&[vec![1.0], vec![2.0], vec![3.0]]);
    let y = values(&[-1.0, 2.0, 3.0]);
    let got = fit("glm", &Params::new(), &x, &y, Some(&[0.0, 1.0, 1.0]), &x);
    assert!(got.values().iter().all(|m| *m > 0.0), "{got:?}");
}
