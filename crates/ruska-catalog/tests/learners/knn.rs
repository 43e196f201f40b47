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

/// Noise asks for many neighbours, its absence for few.
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

fn log_loss(p: &Params, x: &Frame, codes: &[u32], (fresh, expected): (&Frame, &[u32])) -> f64 {
    let n = 1 + codes.iter().fold(0, |most, c| *c.max(&most));
    let got = fit("knn", p, x, &classes(codes.iter().copied(), n as usize), None, fresh);
    let losses = expected.iter().enumerate().map(|(row, c)| -got.row(row)[*c as usize].ln());
    losses.sum::<f64>() / expected.len() as f64
}

#[test]
fn rare_classes_and_repeated_rows_do_not_mislead_the_choice() {
    let mut rng = Rng::new(4);
    // Thirty classes of four rows each, around centres of their own.
    let centres: Vec<[f64; 2]> =
        (0..30).map(|_| [3.0 * rng.normal(), 3.0 * rng.normal()]).collect();
    let mut draw = |each: u32| -> (Frame, Vec<u32>) {
        let codes: Vec<u32> = (0..30 * each).map(|i| i / each).collect();
        let near = |c: &u32| centres[*c as usize].map(|v| v + rng.normal()).to_vec();
        (frame(&codes.iter().map(near).collect::<Vec<_>>()), codes)
    };
    let ((x, codes), (fresh, expected)) = (draw(4), draw(50));
    let loss = |p: &Params| log_loss(p, &x, &codes, (&fresh, &expected));
    let chosen = loss(&Params::new());
    for k in [1, 3, 10, 30] {
        for votes in ["uniform", "distance"] {
            let given = loss(&params([("k", k.into()), ("weights", votes.into())]));
            assert!(chosen <= given * 1.1, "{k} neighbours, {votes}: {chosen}, {given}");
        }
    }
    // Four distinct rows that tell nothing: the mean of many is best.
    let mut draw = |n: usize| -> (Frame, Vec<f64>) {
        let bit = |rng: &mut Rng| rng.below(2) as f64;
        let rows: Vec<Vec<f64>> = (0..n).map(|_| vec![bit(&mut rng), bit(&mut rng)]).collect();
        (frame(&rows), (0..n).map(|_| rng.normal()).collect())
    };
    let ((x, y), (fresh, expected)) = (draw(6000), draw(2000));
    let got = fit("knn", &Params::new(), &x, &values(&y), None, &fresh);
    let errors = got.values().iter().zip(&expected).map(|(a, b)| (a - b).powi(2));
    let constant: f64 = expected.iter().map(|b| b * b).sum::<f64>() / 2000.0;
    assert!(errors.sum::<f64>() / 2000.0 < 1.02 * constant);
}

/// A row of weight 2 is two rows, in the choice too.
#[test]
fn weight_is_repetition_in_the_choice() {
    let mut rng = Rng::new(9);
    let rows: Vec<Vec<f64>> = (0..1500).map(|_| vec![rng.normal(), rng.normal()]).collect();
    let y: Vec<f64> = rows.iter().map(|r| r[0].sin() + rng.normal()).collect();
    let queries = frame(&rows[..50]);
    let twice: Vec<Vec<f64>> = rows.iter().chain(&rows).cloned().collect();
    let both: Vec<f64> = y.iter().chain(&y).copied().collect();
    let weighed =
        fit("knn", &Params::new(), &frame(&rows), &values(&y), Some(&[2.0; 1500]), &queries);
    let repeated = fit("knn", &Params::new(), &frame(&twice), &values(&both), None, &queries);
    close(weighed.values(), repeated.values(), 1e-9);
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
