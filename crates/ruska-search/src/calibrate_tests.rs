#![allow(clippy::unwrap_used)]

use super::*;
use crate::NeverPrune;
use crate::engine::Emission;
use crate::ensemble::Member;
use ruska_core::{
    Candidate, Params, Rng, SplitInput, SplitParams, Splitter, Task, Trial, TrialState,
};
use ruska_testkit::{KFold, fake_catalog, fold_result, tasks::Recipe};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Rows whose class is drawn by known probabilities, in so many folds.
fn study(metric: &str, folds: usize, seed: u64) -> (Shared, Vec<f64>) {
    let mut rng = Rng::new(seed);
    let known: Vec<f64> = (0..4000).map(|_| rng.unit()).collect();
    let codes = known.iter().map(|p| u32::from(rng.unit() < *p)).collect();
    (study_of(metric, folds, codes), known)
}

fn study_of(metric: &str, folds: usize, codes: Vec<u32>) -> Shared {
    let rows = codes.len();
    let classes = vec!["a".into(), "b".into()];
    let target = Target::Classes { codes: codes.into(), classes: classes.into(), positive: 1 };
    let x = Recipe::regression(1).rows(rows).build().x;
    let input = SplitInput { rows, ..SplitInput::default() };
    let split = SplitParams { folds: folds.max(2), ..SplitParams::default() };
    let mut made = KFold.split(input, &split).unwrap();
    made.truncate(folds);
    let (catalog, cancel) = (Arc::new(fake_catalog()), Arc::new(AtomicBool::new(false)));
    let task = Arc::new(Task::new(x, target).unwrap());
    let study = (metric, &Arc::new(made), 1);
    Shared::new(study, (&catalog, &task), Arc::new(NeverPrune), cancel)
}

/// A model that says of each row what is made of its probability.
fn model(shared: &Shared, known: &[f64], say: impl Fn(f64) -> f64) -> Best {
    let candidate = Candidate { steps: vec![], learner: "debug".into(), params: Params::new() };
    let fold = |(fold, rows): (u32, usize)| fold_result(fold, 0.0, rows);
    let (number, origin, state) = (0, String::new(), TrialState::Done);
    let folds = (0u32..).zip(shared.folds.iter().map(|f| f.test.len())).map(fold).collect();
    let trial = Trial { number, candidate, origin, state, folds };
    let of = |rows: &[u32]| Predictions::binary(rows.iter().map(|&r| say(known[r as usize])));
    let out_of_fold: Vec<Predictions> = shared.folds.iter().map(|f| of(&f.test)).collect();
    let trial = rescored(shared, &trial, &out_of_fold).unwrap();
    let emission = Emission::Folds;
    let member = Member { trial: trial.clone(), times: 1, pipelines: vec![], emission };
    let loss = trial.loss().unwrap();
    Best { trial, loss, members: vec![member], out_of_fold, corrected: None, calibration: None }
}

/// Its log-odds times a factor.
fn sure(factor: f64) -> impl Fn(f64) -> f64 {
    move |p| {
        let (one, other) = (p.powf(factor), (1.0 - p).powf(factor));
        one / (one + other)
    }
}

#[test]
fn a_model_that_is_too_sure_is_tempered() {
    for folds in [1, 5] {
        let (shared, known) = study("logloss", folds, 3);
        let best = model(&shared, &known, sure(2.0));
        let truth = model(&shared, &known, |p| p).loss.get();
        let before = best.loss.get();
        let after = calibrate(&shared, best);
        let found = after.calibration.unwrap();
        assert!((found.temperature - 2.0).abs() < 0.2, "{found:?}");
        assert_eq!(found.cut, None);
        // Nearly all is won back.
        let left = (after.loss.get() - truth) / (before - truth);
        assert!(left.abs() < 0.1, "{left}");
    }
}

#[test]
fn a_model_that_is_right_is_left_alone() {
    let changed = (0..20).filter(|seed| {
        let (shared, known) = study("logloss", 5, *seed);
        let best = model(&shared, &known, |p| p);
        calibrate(&shared, best).calibration.is_some()
    });
    // By chance one in a few seems better by more than its standard error.
    assert!(changed.count() <= 6);
}

#[test]
fn labels_change_where_that_scores_best() {
    let (shared, known) = study("accuracy", 5, 3);
    let best = model(&shared, &known, |p| p.powi(3));
    let before = best.loss.get();
    let after = calibrate(&shared, best);
    let found = after.calibration.unwrap();
    // Of the probabilities as they were, the cube root of the cut is one half.
    let back = Calibration { temperature: 1.0 / found.temperature, cut: None };
    let cut = back.apply(Predictions::binary([found.cut.unwrap()])).row(0)[1];
    assert!((cut.cbrt() - 0.5).abs() < 0.08, "{found:?}");
    // Right at best is max(p, 1 − p), three quarters on average.
    assert!((after.loss.get() - 0.25).abs() < 0.03 && before > 0.3, "{before}");
}

#[test]
fn the_cut_of_a_rare_class_is_found_exactly() {
    let mut known: Vec<f64> = (0..6000).map(|i| f64::from(i) / 6000.0).collect();
    Rng::new(5).shuffle(&mut known);
    let codes = known.iter().map(|p| u32::from(*p >= 5970.0 / 6000.0)).collect();
    let shared = study_of("accuracy", 5, codes);
    let after = calibrate(&shared, model(&shared, &known, |p| 0.6 + p / 4.0));
    let found = after.calibration.unwrap();
    let back = Calibration { temperature: 1.0 / found.temperature, cut: None };
    let cut = back.apply(Predictions::binary([found.cut.unwrap()])).row(0)[1];
    let above = known.iter().filter(|p| 0.6 + **p / 4.0 >= cut);
    assert_eq!(above.count(), 30);
    assert!(after.loss.get() < 1e-3, "{:?}", after.loss);
}

#[test]
fn numbers_are_not_calibrated() {
    let (shared, known) = study("logloss", 2, 3);
    let best = model(&shared, &known, sure(3.0));
    let task = Task { target: Target::Values(known.into()), ..(*shared.task).clone() };
    let study = ("rmse", &shared.folds, 1);
    let cancel = Arc::new(AtomicBool::new(false));
    let other =
        Shared::new(study, (&shared.catalog, &Arc::new(task)), Arc::new(NeverPrune), cancel);
    assert!(calibrate(&other, best).calibration.is_none());
}
