//! What a study ends with: fits on all rows, and what more would bring.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Apart, Memory, Wandering, setup, timeless};
use ruska_core::Event;
use ruska_search::{Best, Emission, Prefer};

fn is_fitted_on_all_rows(best: &Best) -> bool {
    best.members.iter().all(|m| matches!(m.emission, Emission::Refit(_)) && m.pipelines.len() == 1)
}

#[test]
fn the_members_of_a_mean_are_fitted_on_all_rows() {
    let mut setup = setup(3);
    setup.spec.trials = Some(12);
    setup.spec.ensemble = true;
    let best = setup.run(&Apart, &mut Memory::default()).unwrap().best;
    assert!(best.members.len() > 1 && is_fitted_on_all_rows(&best));
    assert_eq!(best.emitted(), "refit");
}

#[test]
fn one_pipeline_is_fitted_on_all_rows_too() {
    let mut setup = setup(3);
    setup.spec.trials = Some(4);
    for prefer in [Prefer::Accuracy, Prefer::Simple, Prefer::Speed] {
        setup.spec.wanted.prefer = prefer;
        let best = setup.run(&Apart, &mut Memory::default()).unwrap().best;
        assert!(best.members.len() == 1 && is_fitted_on_all_rows(&best), "{prefer:?}");
    }
}

#[test]
fn the_model_s_trial_is_tried_on_half_the_rows() {
    let mut setup = setup(3);
    setup.spec.trials = Some(6);
    let mut memory = Memory::default();
    let best = setup.run(&Wandering, &mut memory).unwrap().best;
    let told = memory.events.iter().find_map(|e| match e.event {
        Event::Halved { trial, folds, gain, error } => Some((trial, folds, gain, error)),
        _ => None,
    });
    let (trial, folds, gain, error) = told.unwrap();
    assert_eq!((trial, folds), (best.trial.number, 3));
    assert!(gain.is_finite() && error >= 0.0, "{gain} ± {error}");
}

#[test]
fn a_study_ends_where_more_trials_bring_nothing_whatever_the_workers() {
    let run = |workers| {
        let mut setup = setup(3);
        setup.spec.trials = Some(400);
        setup.spec.until_flat = true;
        setup.spec.workers = workers;
        let mut memory = Memory::default();
        let why = setup.run(&Wandering, &mut memory).unwrap().why;
        (why, timeless(&memory))
    };
    let (why, trials) = run(1);
    assert_eq!(why, "flat");
    assert!((24..400).contains(&trials.len()), "{}", trials.len());
    assert!([2, 4].iter().all(|workers| run(*workers) == (why, trials.clone())));
}
