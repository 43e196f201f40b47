use super::*;

#[test]
fn equals_scikit_learn() {
    let r = reference();
    let x = frame(&table(&r["x"]));
    let targets = [("binary", codes(&r["binary"], 2)), ("classes", codes(&r["classes"], 3))];
    for expected in r["lda"].as_array().unwrap() {
        let p = match &expected["shrinkage"] {
            serde_json::Value::String(_) => Params::new(),
            share => params([
                ("automatic", false.into()),
                ("shrinkage", share.as_f64().unwrap_or(0.0).into()),
            ]),
        };
        for (name, y) in &targets {
            let got = fit("lda", &p, &x, y, None, &x);
            close(got.values(), &table(&expected[name]).concat(), 1e-6);
        }
    }
}

#[test]
fn one_column_has_its_closed_form() {
    // Means 1 and 4, variance 1 within both classes: the log-odds are 3·(x − 2.5).
    let x = frame(&[vec![0.0], vec![2.0], vec![3.0], vec![5.0]]);
    let got = fit("lda", &Params::new(), &x, &classes([0, 0, 1, 1], 2), None, &frame(&[vec![2.7]]));
    close(&got.row(0)[1..], &[1.0 / (1.0 + (-0.6f64).exp())], 1e-7);
}

#[test]
fn collinear_and_constant_columns_change_nothing() {
    let r = reference();
    let y = codes(&r["classes"], 3);
    let p = params([("automatic", false.into()), ("shrinkage", 0.0.into())]);
    let plain = table(&r["x"]);
    let more: Vec<Vec<f64>> =
        plain.iter().map(|r| [&r[..], &[7.0, r[0] - 2.0 * r[2]]].concat()).collect();
    let got = fit("lda", &p, &frame(&more), &y, None, &frame(&more));
    close(got.values(), fit("lda", &p, &frame(&plain), &y, None, &frame(&plain)).values(), 1e-5);
}
