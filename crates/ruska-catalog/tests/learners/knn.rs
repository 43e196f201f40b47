use super::*;
use ruska_core::Rng;

fn exact(votes: &str) -> Params {
    params([("k", 7.into()), ("weights", votes.into()), ("smoothing", 0.0.into())])
}

#[test]
fn equals_scikit_learn() {
    let r = reference();
    let (x, queries) = (frame(&table(&r["x"])), frame(&table(&r["queries"])));
    let (y, value) = (codes(&r["classes"], 3), values(&numbers(&r["value"])));
    for votes in ["uniform", "distance"] {
        let (expected, p) = (&r["knn"][votes], exact(votes));
        let shares = fit("knn", &p, &x, &y, None, &queries);
        close(shares.values(), &table(&expected["shares"]).concat(), 1e-5);
        let means = fit("knn", &p, &x, &value, None, &queries);
        close(means.values(), &numbers(&expected["values"]), 1e-5);
        let means = fit("knn", &p, &x, &value, None, &x);
        close(means.values(), &numbers(&expected["at_training_rows"]), 1e-5);
    }
}

#[test]
fn more_neighbours_than_rows_are_the_mean() {
    let x = frame(&[vec![1.0], vec![2.0], vec![4.0]]);
    let p = params([("k", 100.into()), ("weights", "uniform".into())]);
    let w = [1.0, 2.0, 1.0];
    let got = fit("knn", &p, &x, &values(&[1.0, 2.0, 7.0]), Some(&w), &x);
    close(got.values(), &[3.0; 3], 1e-12);
}

#[test]
fn smoothing_adds_rows_of_the_class_shares() {
    let x = frame(&[vec![0.0], vec![1.0], vec![2.0], vec![30.0]]);
    let y = classes([0, 0, 0, 1], 2);
    let p = params([("k", 2.into()), ("smoothing", 3.0.into()), ("weights", "uniform".into())]);
    let got = fit("knn", &p, &x, &y, None, &frame(&[vec![0.4]]));
    close(got.row(0), &[(2.0 + 3.0 * 0.75) / 5.0, 3.0 * 0.25 / 5.0], 1e-12);
}

/// Noise asks for many neighbours, its absence for few; a row alike in many for their mean.
#[test]
fn the_neighbours_chosen_serve_nearly_as_well_as_the_best_given() {
    let mut rng = Rng::new(8);
    for noise in [0.0, 0.3, 3.0] {
        let mut draw = || -> (Frame, Vec<f64>) {
            let rows: Vec<Vec<f64>> = (0..800).map(|_| vec![rng.normal(), rng.normal()]).collect();
            let truth = |row: &Vec<f64>| row[0].sin() + row[1].powi(2);
            let y = rows.iter().map(|row| truth(row) + noise * rng.normal()).collect();
            (frame(&rows), y)
        };
        let ((x, y), (fresh, expected)) = (draw(), draw());
        let error = |p: &Params| {
            let got = fit("knn", p, &x, &values(&y), None, &fresh);
            let errors = got.values().iter().zip(&expected).map(|(a, b)| (a - b).powi(2));
            errors.sum::<f64>() / 800.0
        };
        let chosen = error(&Params::new());
        for k in [1, 3, 10, 30, 100] {
            let given = error(&params([("k", k.into())]));
            assert!(chosen <= given * 1.05, "noise {noise}, {k} neighbours: {chosen}, {given}");
        }
    }
}

#[test]
fn tables_too_large_to_compare_are_refused() {
    let x = frame(&[vec![1.0], vec![2.0]]);
    // Rows may repeat, so that a large fit costs this test nothing but the list.
    let rows: Vec<u32> = (0..500_000).map(|i| i % 2).collect();
    let train = Train { x: &x, rows: &rows, y: &values(&[1.0, 2.0]), weights: None };
    let fit = learner("knn").fit(&Params::new(), train, &RunContext::new(1, &NeverStop));
    let error = fit.err().unwrap().to_string();
    assert!(error.contains("500000 rows of 1 columns") && error.contains("fewer rows"), "{error}");
}
