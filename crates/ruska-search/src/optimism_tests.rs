#![allow(clippy::unwrap_used)]

use super::*;
use crate::NeverPrune;
use ruska_core::{Candidate, Params, SplitInput, SplitParams, Splitter, Target, Task, TrialState};
use ruska_testkit::{KFold, fake_catalog, fold_result, tasks::Recipe};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Rows with a target, five folds of them, and nothing else.
fn study(metric: &str, target: Target) -> Shared {
    let x = Recipe::regression(1).rows(target.rows()).build().x;
    study_of(metric, Task::new(x, target).unwrap())
}

fn study_of(metric: &str, task: Task) -> Shared {
    let input = SplitInput { rows: task.rows(), ..SplitInput::default() };
    let params = SplitParams { folds: 5, ..SplitParams::default() };
    let folds = Arc::new(KFold.split(input, &params).unwrap());
    let (catalog, cancel) = (Arc::new(fake_catalog()), Arc::new(AtomicBool::new(false)));
    Shared::new((metric, &folds, 1), (&catalog, &Arc::new(task)), Arc::new(NeverPrune), cancel)
}

/// One of two classes for each row, at random.
fn coins(rows: usize, rng: &mut Rng) -> Target {
    let codes: Vec<u32> = (0..rows).map(|_| rng.below(2) as u32).collect();
    let classes = vec!["a".into(), "b".into()];
    Target::Classes { codes: codes.into(), classes: classes.into(), positive: 1 }
}

/// Probabilities of nothing.
fn guesses(rows: usize, rng: &mut Rng) -> Predictions {
    Predictions::binary((0..rows).map(|_| rng.unit()).collect::<Vec<_>>())
}

/// Trials of ten learners with some predictions of all rows.
fn choices(shared: &Shared, predictions: &[Predictions]) -> Choices {
    let mut choices = Choices::new(shared, None).unwrap();
    for (number, all) in (0u32..).zip(predictions) {
        let out_of_fold: Vec<Predictions> =
            shared.folds.iter().map(|f| all.take(&f.test)).collect();
        let fold = |(i, fold): (u32, &ruska_core::Fold)| fold_result(i, 0.0, fold.test.len());
        let trial = Trial {
            number,
            candidate: Candidate {
                steps: vec![],
                learner: format!("learner {}", number % 10),
                params: Params::new(),
            },
            origin: "random".into(),
            state: TrialState::Done,
            folds: (0u32..).zip(shared.folds.iter()).map(fold).collect(),
        };
        let numbers = choices.judge.numbers(&out_of_fold);
        let trial = Rival { trial, numbers }.judged(&choices.judge).unwrap();
        choices.offer(&trial, &out_of_fold);
    }
    choices
}

fn rule(catalog: &Catalog, blends: bool) -> Rule<'_> {
    Rule { wanted: Wanted::default(), blends: blends.then_some(4), catalog }
}

/// What a rule chooses, its loss, and the optimism of that.
fn estimate(shared: &Shared, choices: &Choices, blends: bool) -> (Vec<Vec<f64>>, f64, Optimism) {
    let rule = rule(&shared.catalog, blends);
    let chosen = choices.mean(&choices.choose(&rule, &choices.judge, &|| false).unwrap());
    let loss = choices.judge.loss(chosen.iter().cloned()).unwrap();
    let optimism = choices.optimism(&rule, shared.seed, 2, &|| false).unwrap();
    (chosen, loss, optimism)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn what_pure_chance_gained_is_taken_back() {
    for blends in [false, true] {
        let studies = (0..20).map(|seed| {
            let mut rng = Rng::new(seed);
            let shared = study("auc", coins(200, &mut rng));
            let predictions: Vec<_> = (0..30).map(|_| guesses(200, &mut rng)).collect();
            let (_, loss, optimism) = estimate(&shared, &choices(&shared, &predictions), blends);
            (1.0 - loss, 1.0 - loss - optimism.loss)
        });
        let studies: Vec<(f64, f64)> = studies.collect();
        let chosen = mean(studies.iter().map(|s| s.0));
        let corrected = mean(studies.iter().map(|s| s.1));
        assert!(chosen > 0.56, "{chosen}");
        assert!((corrected - 0.5).abs() < 0.03, "{corrected}");
    }
}

#[test]
fn numbers_predicted_at_random_are_seen_to_be_so() {
    let (rows, scale) = (200, 0.5);
    for blends in [false, true] {
        let studies = (0..20).map(|seed| {
            let mut rng = Rng::new(seed);
            let normal = |rng: &mut Rng| -> Vec<f64> { (0..rows).map(|_| rng.normal()).collect() };
            let mut targets = normal(&mut rng);
            let shared = study("rmse", Target::Values(targets.clone().into()));
            let random =
                |_| Predictions::new(1, normal(&mut rng).iter().map(|v| scale * v).collect());
            let predictions: Vec<Predictions> = (0..30).map(random).collect();
            let (chosen, loss, optimism) =
                estimate(&shared, &choices(&shared, &predictions), blends);
            // What the choice loses where the targets stand in an order that had no say in it.
            let fresh = (0..50).map(|_| {
                rng.shuffle(&mut targets);
                let other = study("rmse", Target::Values(targets.clone().into()));
                Judge::new(&other, rows).unwrap().loss(chosen.iter().cloned()).unwrap()
            });
            (mean(fresh), loss, loss + optimism.loss)
        });
        let studies: Vec<(f64, f64, f64)> = studies.collect();
        let truth = mean(studies.iter().map(|s| s.0));
        let chosen = mean(studies.iter().map(|s| s.1));
        let corrected = mean(studies.iter().map(|s| s.2));
        assert!(truth - chosen > 0.05, "{truth}, {chosen}");
        assert!((truth - corrected).abs() < 0.3 * (truth - chosen), "{truth}, {corrected}");
    }
}

#[test]
fn where_there_is_nothing_to_choose_there_is_no_optimism() {
    let rng = &mut Rng::new(3);
    let shared = study("auc", coins(120, rng));
    let one = guesses(120, rng);
    let rule = rule(&shared.catalog, true);
    let alone = choices(&shared, std::slice::from_ref(&one));
    assert_eq!(alone.optimism(&rule, 1, 2, &|| false), None);
    let twins = choices(&shared, &[one.clone(), one]);
    let (_, _, optimism) = estimate(&shared, &twins, true);
    assert_eq!((optimism.loss, optimism.resamples), (0.0, RESAMPLES));
    // Nor where one is best by whatever rows.
    let Truth::Classes { codes, .. } = shared.task.target.truth(&(0..120).collect::<Vec<_>>())
    else {
        panic!("there are classes")
    };
    let knows = Predictions::binary(codes.iter().map(|c| 0.1 + 0.8 * f64::from(*c)));
    let (_, loss, optimism) =
        estimate(&shared, &choices(&shared, &[guesses(120, rng), knows]), true);
    assert_eq!((loss, optimism.loss), (0.0, 0.0));
}

#[test]
fn threads_change_nothing_and_whoever_is_stopped_says_nothing() {
    let rng = &mut Rng::new(4);
    let shared = study("auc", coins(150, rng));
    let predictions: Vec<_> = (0..12).map(|_| guesses(150, rng)).collect();
    let choices = choices(&shared, &predictions);
    let rule = rule(&shared.catalog, true);
    let one = choices.optimism(&rule, 5, 1, &|| false).unwrap();
    assert!(one.loss > 0.0 && one.error > 0.0);
    assert_eq!(choices.optimism(&rule, 5, 4, &|| false), Some(one));
    assert_ne!(choices.optimism(&rule, 6, 4, &|| false), Some(one));
    let asked = AtomicU32::new(0);
    let soon = || asked.fetch_add(1, Ordering::Relaxed) > 500;
    assert_eq!(choices.optimism(&rule, 5, 2, &soon), None);
}

#[test]
fn the_best_of_all_and_of_each_learner_are_kept_whatever_their_order() {
    let rng = &mut Rng::new(5);
    let shared = study("auc", coins(60, rng));
    let predictions: Vec<_> = (0..150).map(|_| guesses(60, rng)).collect();
    let kept = choices(&shared, &predictions).kept;
    let mut again = Choices::new(&shared, None).unwrap();
    let mut order: Vec<u32> = kept.keys().copied().collect();
    rng.shuffle(&mut order);
    let folds = |n: u32| -> Vec<Predictions> {
        shared.folds.iter().map(|f| predictions[n as usize].take(&f.test)).collect()
    };
    order.iter().for_each(|n| again.offer(&kept[n].trial, &folds(*n)));
    assert!(again.kept.keys().eq(kept.keys()) && kept.len() >= MOST_RIVALS);
    let of = |learner: &str| kept.values().filter(|r| r.trial.candidate.learner == learner).count();
    assert!((0..10).all(|l| of(&format!("learner {l}")) >= OF_A_LEARNER));
    assert!(again.missing(kept.values().map(|r| &r.trial)).is_empty());
}

#[test]
fn classes_keep_their_number_of_rows_and_groups_stay_together() {
    let rng = &mut Rng::new(6);
    let target = coins(90, rng);
    let x = Recipe::regression(1).rows(90).build().x;
    let mut task = Task::new(x, target).unwrap();
    let classed = Choices::new(&study_of("auc", task.clone()), None).unwrap();
    for (draw, fold) in classed.draws.iter().zip(classed.judge.folds()) {
        let Truth::Classes { codes, .. } = &fold.truth else { panic!("there are classes") };
        let times = draw.times(rng);
        assert!(times.contains(&0.0) && times.iter().any(|t| *t > 1.0));
        let drawn = times.iter().zip(codes).filter(|(_, c)| **c == 1).map(|(t, _)| *t).sum::<f64>();
        assert_eq!(drawn, f64::from(codes.iter().sum::<u32>()));
    }
    let groups: Vec<u32> = (0..90).map(|row| row / 3).collect();
    task.groups = Some(Arc::new(groups.clone()));
    let grouped = Choices::new(&study_of("auc", task), None).unwrap();
    for (draw, fold) in grouped.draws.iter().zip(grouped.judge.folds()) {
        let mut of_group: BTreeMap<u32, f64> = BTreeMap::new();
        for (row, times) in fold.rows.iter().zip(draw.times(rng)) {
            assert_eq!(*of_group.entry(groups[*row as usize]).or_insert(times), times);
        }
        assert_eq!(of_group.values().sum::<f64>(), of_group.len() as f64);
    }
}

#[test]
fn few_of_many_rows_are_judged_where_time_is_short() {
    let shared = study("rmse", Target::Values(vec![0.0; 2000].into()));
    let a_row = f64::from(RESAMPLES) * MEASURED as f64 * SECONDS_A_NUMBER;
    let rows = |r: &Choices| r.judge.folds().iter().map(|f| f.rows.len()).sum::<usize>();
    let all = Choices::new(&shared, None).unwrap();
    assert_eq!((rows(&all), all.scale), (2000, 1.0));
    let few = Choices::new(&shared, Some(501.0 * a_row)).unwrap();
    assert_eq!((rows(&few), few.scale), (500, 0.5));
    assert_eq!(few.resamples, RESAMPLES);
    let fewer = Choices::new(&shared, Some(199.0 * a_row)).unwrap();
    assert_eq!((rows(&fewer), fewer.resamples), (530, FEW_RESAMPLES));
    assert!(Choices::new(&shared, Some(74.0 * a_row)).is_none());
}
