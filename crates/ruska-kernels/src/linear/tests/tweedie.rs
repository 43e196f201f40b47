use super::*;

fn tight(penalty: f64) -> Settings {
    Settings { penalty, ..TIGHT }
}

#[test]
fn equals_scikit_learn() {
    let r = learners();
    let (x, w) = (table(&r["x"]), numbers(&r["weights"]));
    let penalty = 0.1 * w.iter().sum::<f64>();
    for (expected, target) in
        r["glm"].as_array().unwrap().iter().zip(["count", "count", "positive", "positive"])
    {
        let (power, y) = (expected["power"].as_f64().unwrap(), numbers(&r[target]));
        for x in [dense(&x), sparse(&x)] {
            let fit = log_link(&x, &y, &w, None, power, &tight(penalty), &Silent).unwrap();
            close(&fit.coefficients, &numbers(&expected["coefficients"]), 1e-6);
            let intercept = expected["intercept"].as_f64().unwrap();
            close(&fit.origin_intercepts(x.centres()), &[intercept], 1e-6);
        }
    }
}

#[test]
fn an_offset_is_an_exposure() {
    let r = learners();
    let (x, y, w) = (dense(&table(&r["x"])), numbers(&r["count"]), numbers(&r["weights"]));
    let expected = &r["offset"];
    let offset: Vec<f64> = numbers(&expected["exposure"]).iter().map(|e| e.ln()).collect();
    let settings = tight(expected["penalty"].as_f64().unwrap());
    let fit = log_link(&x, &y, &w, Some(&offset), 1.0, &settings, &Silent).unwrap();
    close(&fit.coefficients, &numbers(&expected["coefficients"]), 1e-6);
    let intercept = expected["intercept"].as_f64().unwrap();
    close(&fit.origin_intercepts(x.centres()), &[intercept], 1e-6);
}

#[test]
fn without_columns_the_mean_is_the_mean_at_once() {
    let x = Design::new(3, std::iter::empty::<Vec<f64>>());
    for power in [1.0, 1.3, 2.0, 2.5] {
        let fit =
            log_link(&x, &[1.0, 2.0, 6.0], &[1.0, 1.0, 2.0], None, power, &TIGHT, &Silent).unwrap();
        close(&[fit.intercepts[0].exp()], &[3.75], 1e-12);
        assert!(fit.steps == 0 && fit.converged, "{fit:?}");
    }
    // Rates per unit of exposure.
    let offset = [0.0, 2f64.ln(), 4f64.ln()];
    let fit = log_link(&x, &[1.0, 2.0, 6.0], &[1.0; 3], Some(&offset), 1.0, &TIGHT, &Silent);
    close(&[fit.unwrap().intercepts[0].exp()], &[9.0 / 7.0], 1e-12);
}

#[test]
fn the_unit_of_the_target_only_moves_the_intercept() {
    let r = learners();
    let (x, y, w) = (dense(&table(&r["x"])), numbers(&r["positive"]), numbers(&r["weights"]));
    let scaled: Vec<f64> = y.iter().map(|y| y * 1e9).collect();
    // The deviance of power 2 has no unit, so that not even a penalty tells them apart.
    let a = log_link(&x, &y, &w, None, 2.0, &tight(3.0), &Silent).unwrap();
    let b = log_link(&x, &scaled, &w, None, 2.0, &tight(3.0), &Silent).unwrap();
    close(&b.coefficients, &a.coefficients, 1e-9);
    close(&b.intercepts, &[a.intercepts[0] + 1e9f64.ln()], 1e-9);
}
