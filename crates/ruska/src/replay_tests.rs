//! Studies repeated from their store, to the bytes of their models.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Part, TimeRange};
use ruska_core::{Learner, StudyRecord, Value};
use ruska_store::StudyName;
use ruska_testkit::{DebugLearner, Preset};
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// A folder with a table and a store.
struct Place(tempfile::TempDir);

impl Place {
    fn new(rows: usize) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write(rows);
        place
    }

    /// A day, two features that tell the target, one that does not.
    fn write(&self, rows: usize) {
        let mut text = String::from("day,x,city,noise,y\n");
        for i in 0..rows {
            let (month, day, x) = (1 + i / 28 % 12, 1 + i % 28, (i * 37 % 101) as f64 / 10.0);
            let city = ["Bern", "Oslo", "Rome"][i * 7 % 3];
            let y = if x + (i % 5) as f64 + (i * 7 % 3) as f64 > 7.0 { "yes" } else { "no" };
            let _ = writeln!(text, "2024-{month:02}-{day:02},{x},{city},{},{y}", i * i % 17);
        }
        std::fs::write(self.data(), text).unwrap();
    }

    fn data(&self) -> String {
        self.0.path().join("t.csv").display().to_string()
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("store")
    }

    fn store(&self) -> Store {
        Store::open_existing(&self.folder()).unwrap()
    }

    fn search(&self) -> AutoMl<'_> {
        AutoMl::classification("y").data(&self.data()).store(self.folder()).study("s").seed(3)
    }

    fn replay(&self, scope: Scope) -> Replay<'_> {
        Replay::of(&self.store(), Some("s")).unwrap().scope(scope)
    }

    /// Repeats the study on one and two workers, which must give the model's bytes.
    #[track_caller]
    fn repeats(&self, scope: Scope, expected: &Model) -> Replayed {
        self.repeats_with(scope, expected, &ruska_catalog::builtin())
    }

    #[track_caller]
    fn repeats_with(&self, scope: Scope, expected: &Model, catalog: &Catalog) -> Replayed {
        let run = |workers| {
            let replay = self.replay(scope).workers(workers).catalog(catalog.clone());
            let (report, model) = replay.run().unwrap();
            assert!(report.is_same(), "{report:#?}");
            assert!(report.identical && model.to_bytes() == expected.to_bytes());
            Replayed { seconds: 0.0, ..report }
        };
        let (one, two) = (run(1), run(2));
        assert_eq!(one, two);
        one
    }
}

#[test]
fn a_choice_by_measured_speed_is_not_searched_again() {
    let place = Place::new(120);
    let outcome = place.search().trials(6).prefer(Prefer::Speed).run().unwrap();
    let report = place.repeats(Scope::Search, outcome.best());
    assert!(!report.searched, "{report:?}");
}

#[test]
fn a_trial_budget_is_searched_again_to_the_same_bytes() {
    let place = Place::new(120);
    let outcome = place.search().trials(11).workers(2).run().unwrap();
    let report = place.repeats(Scope::Search, outcome.best());
    assert!(report.searched && report.trials > 5, "{report:?}");
    let report = place.repeats(Scope::Trials, outcome.best());
    assert!(!report.searched && report.trials > 5, "{report:?}");
    let report = place.repeats(Scope::Model, outcome.best());
    let members = outcome.best().manifest().members.len();
    assert_eq!((report.trials, report.fits, report.cut), (members, 6 * members, 0));
    assert!(members > 1, "several pipelines share the model");
    assert_eq!(report.expected, outcome.best().digest());
}

#[test]
fn an_earlier_model_of_an_extended_study_is_repeated_as_it_was() {
    let place = Place::new(120);
    let first = place.search().trials(1).run().unwrap();
    let resume = AutoMl::resume(place.folder(), Some("s")).unwrap();
    let second = resume.trials(12).run().unwrap();
    assert_ne!(first.best().digest(), second.best().digest());
    for outcome in [&first, &second] {
        for scope in [Scope::Model, Scope::Search] {
            let replay = Replay::of_model(&place.store(), "s", &outcome.best().digest()).unwrap();
            let (report, _) = replay.scope(scope).run().unwrap();
            assert!(report.is_same(), "{report:#?}");
            assert_eq!(report.searched, scope == Scope::Search);
        }
    }
}

#[test]
fn rows_kept_aside_stay_aside_and_the_best_is_fitted_again_on_all_others() {
    let place = Place::new(150);
    let options = Options {
        target: "y".into(),
        holdout: Some(0.2),
        time_column: Some("day".into()),
        rows: Some(Part::Time(TimeRange {
            column: "day".into(),
            from_ms: Some(1_706_745_600_000),
            until_ms: None,
        })),
        ..Options::default()
    };
    let search = AutoMl::with_options(options).data(&place.data()).store(place.folder());
    let outcome = search.study("s").trials(9).run().unwrap();
    assert_eq!(outcome.best().manifest().emitted, "refit");
    let report = place.repeats(Scope::Search, outcome.best());
    assert!(report.searched);
    let report = place.repeats(Scope::Trials, outcome.best());
    assert!(report.trials > 2, "{report:?}");
    place.repeats(Scope::Model, outcome.best());
}

/// The catalog with a learner that never ends, unless it is asked to wrap up.
fn endless() -> Catalog {
    let mut catalog = ruska_catalog::builtin();
    let rounds = [("rounds", Value::Int(i64::from(u32::MAX))), ("quality", Value::Float(1.0))];
    let debug: Arc<dyn Learner> = Arc::new(DebugLearner);
    catalog.learners.push(Arc::new(Preset::new("endless", debug, rounds)));
    catalog
}

#[test]
fn fits_that_the_clock_cut_are_cut_there_again() {
    let place = Place::new(200);
    let mut search = place.search().catalog(endless()).time(Duration::from_secs(2)).workers(2);
    search.options.include = vec!["endless".into()];
    let outcome = search.run().unwrap();
    assert_eq!(outcome.best().manifest().candidate.learner, "endless");
    // A clock had a say in the search, so only its trials can be made again.
    let report = place.repeats_with(Scope::Search, outcome.best(), &endless());
    assert!(!report.searched, "{report:?}");
    let refits = outcome.best().manifest().refits().0;
    assert_eq!((report.trials, report.cut + refits), (1, report.fits), "{report:?}");
    place.repeats_with(Scope::Trials, outcome.best(), &endless());
}

/// A store as an earlier version left it: the same events, but for the places of cuts.
#[test]
fn cuts_without_a_place_cannot_be_repeated() {
    let place = Place::new(200);
    let mut search = place.search().catalog(endless()).time(Duration::from_secs(2)).workers(2);
    search.options.include = vec!["endless".into()];
    search.run().unwrap();
    let events = place.store().events("s").unwrap();
    let store = place.store();
    let Event::Created(record) = &events[0].event else { panic!("the first event") };
    let record = StudyRecord { name: "old".into(), ..(**record).clone() };
    let journal = store.create_study(StudyName::Exact("old"), record, 0, "ann").unwrap();
    for timed in &events[1..] {
        let mut event = timed.event.clone();
        if let Event::FoldDone { result, .. } = &mut event {
            result.cut_after = None;
        }
        journal.append(&event, 0).unwrap();
    }
    let replay = Replay::of(&store, Some("old")).unwrap().catalog(endless());
    let error = replay.run().err().unwrap().to_string();
    assert!(error.contains("it is not recorded where"), "{error}");
}

#[test]
fn data_that_has_changed_or_is_gone_is_refused() {
    let place = Place::new(80);
    let outcome = place.search().trials(3).run().unwrap();
    let expected = outcome.best().manifest().data.clone();
    place.write(81);
    let error = place.replay(Scope::Model).run().err().unwrap();
    let got = ruska_data::fingerprint(&crate::read(&place.data()).unwrap());
    let told = error.to_string();
    assert!(matches!(error, Error::OtherData { .. }), "{told}");
    assert!([&place.data(), &expected, &got].iter().all(|part| told.contains(*part)), "{told}");
    std::fs::remove_file(place.data()).unwrap();
    let error = place.replay(Scope::Search).run().err().unwrap();
    let told = error.to_string();
    assert!(matches!(error, Error::DataGone { .. }), "{told}");
    assert!([&place.data(), &expected].iter().all(|part| told.contains(*part)), "{told}");
    // In another place it is found.
    place.write(80);
    let moved = place.0.path().join("moved.csv");
    std::fs::rename(place.data(), &moved).unwrap();
    let replay = place.replay(Scope::Model).data(&moved.display().to_string());
    assert!(replay.run().unwrap().0.is_same());
}

#[test]
fn a_table_in_memory_is_given_again() {
    let place = Place::new(80);
    let frame = crate::read(&place.data()).unwrap();
    let search = AutoMl::classification("y").store(place.folder()).study("s").trials(2);
    search.fit(&frame).unwrap();
    let error = place.replay(Scope::Model).run().err().unwrap().to_string();
    assert!(error.contains("in no file"), "{error}");
    assert!(place.replay(Scope::Search).fit(&frame).unwrap().0.is_same());
}

#[test]
fn a_damaged_model_is_refused_and_a_lost_one_made_again() {
    let place = Place::new(80);
    let outcome = place.search().trials(3).run().unwrap();
    let digest = outcome.best().digest();
    let blob = place.folder().join("blobs").join(&digest[..2]).join(&digest[2..]);
    let mut bytes = std::fs::read(&blob).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&blob, &bytes).unwrap();
    let error = place.replay(Scope::Model).run().err().unwrap().to_string();
    assert!(error.contains("damaged"), "{error}");
    std::fs::remove_file(&blob).unwrap();
    let (report, model) = place.replay(Scope::Model).run().unwrap();
    assert!(report.is_same());
    assert_eq!(model.to_bytes(), outcome.best().to_bytes());
}

/// A record that does not tell the truth is found out, and what is wrong is named.
#[test]
fn what_differs_is_named() {
    let place = Place::new(120);
    place.search().trials(8).ensemble(false).run().unwrap();
    let store = place.store();
    let events = store.events("s").unwrap();
    let Event::Created(record) = &events[0].event else { panic!("the first event") };
    let record = StudyRecord { name: "forged".into(), ..(**record).clone() };
    let journal = store.create_study(StudyName::Exact("forged"), record, 0, "ann").unwrap();
    let saved = events.iter().rev().find_map(|e| match &e.event {
        Event::ModelSaved { trial, .. } => Some(*trial),
        _ => None,
    });
    for timed in &events[1..] {
        let mut event = timed.event.clone();
        if let Event::FoldDone { trial, result } = &mut event
            && (Some(*trial), result.fold) == (saved, 1)
        {
            *result.scores.get_mut("accuracy").unwrap() += 0.01;
        }
        journal.append(&event, 0).unwrap();
    }
    let replay = Replay::of(&store, Some("forged")).unwrap();
    let (report, _) = replay.scope(Scope::Trials).run().unwrap();
    let parts: Vec<&str> = report.differences.iter().map(|d| d.part.as_str()).collect();
    let fold = format!("trials.{}.folds[1].scores.accuracy", saved.unwrap());
    assert_eq!(parts, ["manifest.scores.accuracy", &fold]);
    assert!(!report.identical && !report.is_same());
}

#[test]
fn a_study_without_a_model_cannot_be_repeated() {
    let place = Place::new(60);
    let search = place.search().trials(3);
    search.cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(search.run().is_err());
    let error = Replay::of(&place.store(), Some("s")).err().unwrap().to_string();
    assert!(error.contains("no final model yet"), "{error}");
}
