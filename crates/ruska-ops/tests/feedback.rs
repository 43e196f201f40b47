//! What versions turned out to be worth, beside closed forms.
#![allow(clippy::unwrap_used)]

use ruska::register::{ModelFacts, ModelVersion, Origin, Stamp};
use ruska::{ReadOptions, Scorer, Store, TaskKind};
use ruska_ops::feedback::{AddOptions, Added, Feedback, Period, PeriodScores, add, show};
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000;

fn ann(at_ms: i64) -> Stamp<'static> {
    Stamp { at_ms, actor: "ann" }
}

/// A store in which `m` is registered; its bytes are no model, which nothing here looks at.
fn store(task: &str) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store")).unwrap();
    let facts = ModelFacts {
        task: task.into(),
        target: "y".into(),
        classes: if task == "classification" { classes().classes } else { vec![] },
        pipeline: "linear".into(),
        metric: "auc".into(),
        scores: BTreeMap::new(),
        standard_error: None,
        corrected: None,
        baseline: None,
        seed: 0,
        rows: 100,
        data: "00".into(),
        split: "00".into(),
        cutoff_ms: None,
        signature: vec![],
        ruska: "0.1.0".into(),
    };
    let version = ModelVersion {
        version: 0,
        digest: String::new(),
        bytes: 0,
        origin: Origin::Registered,
        study: None,
        dataset: None,
        facts,
    };
    store.register_model("m", b"x", version, Stamp { at_ms: 0, actor: "ann" }).unwrap();
    (folder, store)
}

fn classes() -> Scorer {
    Scorer {
        task: TaskKind::Classification,
        metric: "auc".into(),
        classes: vec!["no".into(), "yes".into()],
        positive: Some("yes".into()),
        cut: None,
        notation: None,
    }
}

fn numbers() -> Scorer {
    Scorer {
        task: TaskKind::Regression,
        metric: "rmse".into(),
        classes: vec![],
        positive: None,
        ..classes()
    }
}

/// Logs the probability of `yes` of some ids.
fn log(store: &Store, version: u32, rows: &[(&str, f64)], at_ms: i64) {
    let both: Vec<[f64; 2]> = rows.iter().map(|(_, p)| [1.0 - p, *p]).collect();
    let rows: Vec<(String, &[f64])> =
        rows.iter().zip(&both).map(|((id, _), both)| ((*id).to_owned(), &both[..])).collect();
    store.log_predictions(("m", version), &classes(), &rows, ann(at_ms)).unwrap();
}

fn file(folder: &tempfile::TempDir, text: &str) -> String {
    let path = folder.path().join("outcomes.csv").display().to_string();
    std::fs::write(&path, text).unwrap();
    path
}

fn added(store: &Store, file: &str, time: Option<&str>, now: i64) -> Added {
    let options = AddOptions { model: "m", id: "id", outcome: "y", time };
    add(store, file, &ReadOptions::default(), options, ann(now)).unwrap()
}

fn refused(store: &Store, file: &str) -> String {
    let options = AddOptions { model: "m", id: "id", outcome: "y", time: None };
    add(store, file, &ReadOptions::default(), options, ann(9 * DAY)).unwrap_err().to_string()
}

fn score(scores: &PeriodScores, metric: &str) -> f64 {
    scores.scores.iter().find(|s| s.metric == metric).unwrap().value
}

fn all(shown: &Feedback, version: usize) -> &PeriodScores {
    &shown.versions[version].all
}

#[test]
fn classes_are_measured_as_the_formulas_say() {
    let (folder, store) = store("classification");
    log(&store, 1, &[("a", 0.9), ("b", 0.8), ("c", 0.3), ("d", 0.2), ("e", 0.6)], 0);
    let outcomes = file(&folder, "id,y\na,yes\nb,no\nc,yes\nd,no\nz,yes\n");
    let came = added(&store, &outcomes, None, DAY);
    assert_eq!((came.rows, came.told.added, came.told.unpredicted), (5, 5, 1));
    let shown = show(&store, "m", None).unwrap();
    let scores = all(&shown, 0);
    assert_eq!((scores.predicted, scores.known, scores.share()), (5, 4, 0.8));
    assert_eq!((shown.unpredicted, scores.late, scores.unreadable), (1, 0, 0));
    // Of the four pairs of a yes and a no, three are in order.
    assert_eq!(score(scores, "auc"), 0.75);
    assert_eq!(score(scores, "accuracy"), 0.5);
    let logloss = -(0.9f64.ln() + 0.2f64.ln() + 0.3f64.ln() + 0.8f64.ln()) / 4.0;
    assert!((score(scores, "logloss") - logloss).abs() < 1e-12);
    assert_eq!(scores.scores[0].metric, "auc");
    let s = &scores.scores[0];
    assert!(s.low <= s.value && s.value <= s.high, "{s:?}");
}

#[test]
fn numbers_are_measured_as_the_formulas_say() {
    let (folder, store) = store("regression");
    let rows = [("a", [1.0]), ("b", [2.0]), ("c", [4.0])];
    let rows: Vec<(String, &[f64])> =
        rows.iter().map(|(id, v)| ((*id).to_owned(), &v[..])).collect();
    store.log_predictions(("m", 1), &numbers(), &rows, ann(0)).unwrap();
    added(&store, &file(&folder, "id,y\na,2\nb,2\nc,1\n"), None, DAY);
    let shown = show(&store, "m", None).unwrap();
    let scores = all(&shown, 0);
    assert!((score(scores, "rmse") - (10.0f64 / 3.0).sqrt()).abs() < 1e-12);
    assert!((score(scores, "mae") - 4.0 / 3.0).abs() < 1e-12);
    let wrong = file(&folder, "id,y\na,2\nb,much\n");
    let options = AddOptions { model: "m", id: "id", outcome: "y", time: None };
    let refused = add(&store, &wrong, &ReadOptions::default(), options, ann(DAY)).unwrap_err();
    assert!(
        refused.to_string().contains("line 3, column `y`: `much` is not a number"),
        "{refused}"
    );
    assert_eq!(show(&store, "m", None).unwrap(), shown, "nothing of the file is kept");
}

#[test]
fn late_double_corrected_and_early_outcomes_count_once() {
    let (folder, store) = store("classification");
    // The outcome of b comes before its prediction.
    let first = file(&folder, "id,y,at\nb,yes,2026-01-01\n");
    let at = |day: i64| ruska::parse_time("2026-01-01", false).unwrap() + day * DAY;
    let early = added(&store, &first, Some("at"), at(9));
    assert_eq!(early.told.unpredicted, 1);
    log(&store, 1, &[("a", 0.9), ("b", 0.9)], at(10));
    log(&store, 2, &[("a", 0.1)], at(20));
    let outcomes = file(&folder, "id,y,at\na,no,2026-01-15\na,no,2026-01-15\n,yes,2026-01-15\n");
    let came = added(&store, &outcomes, Some("at"), at(90));
    assert_eq!((came.told.added, came.told.known, came.without_id), (1, 1, 1));
    let before = show(&store, "m", None).unwrap();
    assert_eq!(before.versions.len(), 1, "the prediction of the 20th came after the outcome");
    let scores = all(&before, 0);
    assert_eq!((scores.predicted, scores.known, scores.late), (2, 2, 1));
    assert_eq!(score(scores, "accuracy"), 0.5);
    let again = added(&store, &outcomes, Some("at"), at(91));
    assert_eq!((again.told.added, again.told.known), (0, 2));
    assert_eq!(show(&store, "m", None).unwrap(), before);
    let correction = file(&folder, "id,y,at\na,yes,2026-02-01\n");
    assert_eq!(added(&store, &correction, Some("at"), at(92)).told.corrected, 1);
    let after = show(&store, "m", None).unwrap();
    assert_eq!((after.versions.len(), score(all(&after, 0), "accuracy")), (1, 1.0));
}

#[test]
fn periods_are_those_of_the_predictions() {
    let (folder, store) = store("classification");
    let at = |text: &str| ruska::parse_time(text, false).unwrap();
    log(&store, 1, &[("a", 0.9), ("b", 0.2)], at("2026-01-30"));
    log(&store, 1, &[("c", 0.9)], at("2026-02-01"));
    log(&store, 2, &[("d", 0.9), ("e", 0.9)], at("2026-02-28"));
    added(&store, &file(&folder, "id,y\na,yes\nb,no\nc,no\nd,yes\n"), None, at("2026-06-01"));
    let shown = show(&store, "m", Some(Period::Month)).unwrap();
    let told = |p: &PeriodScores| {
        let first = p.scores.iter().find(|s| s.metric == "accuracy").map(|s| s.value);
        (p.from.clone().unwrap_or_default(), p.predicted, p.known, first)
    };
    let versions: Vec<Vec<_>> =
        shown.versions.iter().map(|v| v.periods.iter().map(told).collect()).collect();
    assert_eq!(
        versions,
        [
            vec![
                ("2026-01-01".to_owned(), 2, 2, Some(1.0)),
                ("2026-02-01".to_owned(), 1, 1, Some(0.0)),
            ],
            vec![("2026-02-01".to_owned(), 2, 1, Some(1.0))],
        ]
    );
    // Version 1 over all time: of its three, two are right.
    assert!((score(all(&shown, 0), "accuracy") - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn outcomes_that_are_no_class_are_told_and_not_measured() {
    let (folder, store) = store("classification");
    log(&store, 1, &[("a", 0.9), ("b", 0.2)], 0);
    added(&store, &file(&folder, "id,y\na,yes\nb,no\n"), None, DAY);
    let before = show(&store, "m", None).unwrap();
    let text = "id,y\na,YES\nb,YES\nc,no\nd,perhaps\ne,No\nf,never\n";
    let refused = refused(&store, &file(&folder, text));
    assert!(refused.contains("column `y`: 5 outcomes are no class of m, which tells"), "{refused}");
    let examples = "(`YES` in line 2, `perhaps` in line 5, `No` in line 6)";
    assert!(refused.contains(examples), "{refused}");
    assert_eq!(show(&store, "m", None).unwrap(), before, "right ones stay");
    // A version that knows other classes may have told them.
    store.tell_outcomes("m", &[("b".into(), 2 * DAY, "perhaps".into())], ann(2 * DAY)).unwrap();
    let shown = show(&store, "m", None).unwrap();
    let scores = all(&shown, 0);
    assert_eq!((scores.known, scores.unreadable, score(scores, "accuracy")), (2, 1, 1.0));
}

#[test]
fn missing_markers_are_no_outcomes() {
    let (folder, store) = store("classification");
    log(&store, 1, &[("a", 0.9), ("b", 0.2)], 0);
    let text = "id,y\na,yes\nb,NA\nc,nan\nd,null\ne,-\nf,?\ng,\n,no\n";
    let came = added(&store, &file(&folder, text), None, DAY);
    assert_eq!((came.rows, came.told.added), (8, 1));
    assert_eq!((came.without_outcome, came.without_id), (6, 1));
    assert_eq!(all(&show(&store, "m", None).unwrap(), 0).known, 1);
    // Where a class is called so, it is one.
    let names = vec!["-".to_owned(), "NA".to_owned()];
    let scorer = Scorer { classes: names, positive: None, ..classes() };
    store.log_predictions(("m", 2), &scorer, &[("h".to_owned(), &[0.5, 0.5])], ann(0)).unwrap();
    let came = added(&store, &file(&folder, "id,y\nh,NA\ni,?\n"), None, DAY);
    assert_eq!((came.told.added, came.without_outcome), (1, 1));
    let (_numbers, numbers) = self::store("regression");
    let came = added(&numbers, &file(&folder, "id,y\na,1.5\nb,nan\nc,-\nd,NA\n"), None, DAY);
    assert_eq!((came.told.added, came.without_outcome), (1, 3));
}

#[test]
fn numbers_are_read_as_labelled_tables_are() {
    let (folder, store) = store("regression");
    let rows: Vec<(String, &[f64])> =
        [("a", &[1.5]), ("b", &[-2.0])].map(|(id, v)| (id.to_owned(), &v[..])).into();
    let mae = |store: &Store| score(all(&show(store, "m", None).unwrap(), 0), "mae");
    store.log_predictions(("m", 1), &numbers(), &rows, ann(0)).unwrap();
    // A file with decimal commas.
    added(&store, &file(&folder, "id;y\na;1,5\nb;-2,0\n"), None, DAY);
    assert_eq!(mae(&store), 0.0);
    // Thousands and a unit, as the model learned them; plain ones are the same numbers.
    let (folder, store) = self::store("regression");
    let notation = ruska::Notation {
        prefix: String::new(),
        suffix: "€".into(),
        group: Some('.'),
        decimal: ',',
    };
    let scorer = Scorer { notation: Some(notation), ..numbers() };
    let large: Vec<(String, &[f64])> =
        [("a", &[1234.5]), ("b", &[-2000.0])].map(|(id, v)| (id.to_owned(), &v[..])).into();
    store.log_predictions(("m", 1), &scorer, &large, ann(0)).unwrap();
    let written = file(&folder, "id;y\na;1.234,5 €\nb;-2.000\nc;?\n");
    let came = added(&store, &written, None, DAY);
    assert_eq!((came.told.added, came.without_outcome), (2, 1));
    assert_eq!(mae(&store), 0.0);
    assert_eq!(added(&store, &written, None, 2 * DAY).told.known, 2);
    let refused = refused(&store, &file(&folder, "id;y\na;1 km\nb;2 €\n"));
    assert!(refused.contains("1 outcome is no number (`1 km` in line 2)"), "{refused}");
}

#[test]
fn the_same_file_again_changes_nothing_though_ids_stand_twice_in_it() {
    let (folder, store) = store("classification");
    log(&store, 1, &[("a", 0.9), ("b", 0.2)], 0);
    let twice = file(&folder, "id,y,at\na,no,2026-01-01\nb,no,2026-01-01\na,yes,2026-01-01\n");
    let first = added(&store, &twice, None, DAY);
    assert_eq!((first.rows, first.told.added, first.repeated), (3, 2, 1));
    let shown = show(&store, "m", None).unwrap();
    assert_eq!(score(all(&shown, 0), "accuracy"), 1.0, "the last row counts");
    for days in 2..4 {
        let again = added(&store, &twice, None, days * DAY);
        assert_eq!((again.told.known, again.told.corrected, again.told.added), (2, 0, 0));
    }
    assert_eq!(show(&store, "m", None).unwrap(), shown);
    // So with times.
    let at = ruska::parse_time("2026-02-01", false).unwrap();
    let timed = added(&store, &twice, Some("at"), at);
    assert_eq!(timed.repeated, 0);
    let shown = show(&store, "m", None).unwrap();
    let again = added(&store, &twice, Some("at"), at + DAY).told;
    assert_eq!((again.known, again.corrected, again.added, again.outdated), (3, 0, 0, 0));
    assert_eq!(show(&store, "m", None).unwrap(), shown);
}

#[test]
fn why_there_is_no_metric_is_told() {
    let (folder, store) = store("regression");
    let rows: Vec<(String, &[f64])> =
        [("a", &[1.0]), ("b", &[2.0])].map(|(id, v)| (id.to_owned(), &v[..])).into();
    store.log_predictions(("m", 1), &numbers(), &rows, ann(0)).unwrap();
    added(&store, &file(&folder, "id,y\na,1\nb,2\n"), None, DAY);
    assert_eq!(all(&show(&store, "m", None).unwrap(), 0).unmeasured, None);
    added(&store, &file(&folder, "id,y\na,1e308\nb,-1e308\n"), None, 2 * DAY);
    let shown = show(&store, "m", None).unwrap();
    let scores = all(&shown, 0);
    assert_eq!((scores.known, scores.scores.iter().any(|s| s.metric == "rmse")), (2, false));
    let why = scores.unmeasured.as_deref().unwrap();
    assert!(why.contains("1e308 have errors too large for rmse"), "{why}");
    let (folder, store) = self::store("classification");
    log(&store, 1, &[("a", 0.9), ("b", 0.2)], 0);
    added(&store, &file(&folder, "id,y\na,yes\nb,yes\n"), None, DAY);
    let shown = show(&store, "m", None).unwrap();
    let why = all(&shown, 0).unmeasured.clone().unwrap();
    assert_eq!(why, "every outcome is `yes`, of which alone auc says nothing");
}

#[test]
fn a_model_whose_predictions_are_not_logged_has_no_outcomes() {
    for task in ["clustering", "forecasting"] {
        let (folder, store) = store(task);
        let refused = refused(&store, &file(&folder, "id,y\na,yes\n"));
        assert!(refused.contains(&format!("m is a model of {task}:")), "{refused}");
    }
}

#[test]
fn a_model_that_is_not_registered_has_no_outcomes() {
    let (folder, store) = store("classification");
    let outcomes = file(&folder, "id,y\na,yes\n");
    let options = AddOptions { model: "n", id: "id", outcome: "y", time: None };
    let refused = add(&store, &outcomes, &ReadOptions::default(), options, ann(0)).unwrap_err();
    assert!(refused.to_string().contains("there is no model `n`"), "{refused}");
    assert!(show(&store, "n", None).is_err());
}
