//! Predictions and outcomes by id: nothing is lost, nothing counts twice, whatever is killed.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Running, folder};
use ruska_core::TaskKind;
use ruska_store::register::{Entry, Stamp, Subject};
use ruska_store::{IdHistory, OutcomesTold, PredictionsLogged, Scorer, Store};
use std::io::Write as _;
use std::path::Path;

const VARIABLE: &str = "RUSKA_TEST_FEEDBACK";
const CHUNKS: usize = 40;
const CHUNK: usize = 50;

fn scorer() -> Scorer {
    Scorer {
        task: TaskKind::Classification,
        metric: "auc".into(),
        classes: vec!["no".into(), "yes".into()],
        positive: Some("yes".into()),
        cut: Some(0.3),
        notation: None,
    }
}

fn ann(at_ms: i64) -> Stamp<'static> {
    Stamp { at_ms, actor: "ann" }
}

fn log(store: &Store, version: u32, rows: &[(&str, [f64; 2])], at_ms: i64) -> PredictionsLogged {
    let rows: Vec<(String, &[f64])> =
        rows.iter().map(|(id, numbers)| ((*id).to_owned(), &numbers[..])).collect();
    store.log_predictions(("churn", version), &scorer(), &rows, ann(at_ms)).unwrap()
}

fn tell(store: &Store, rows: &[(&str, i64, &str)], told_ms: i64) -> OutcomesTold {
    let rows: Vec<(String, i64, String)> =
        rows.iter().map(|(id, at, value)| ((*id).to_owned(), *at, (*value).to_owned())).collect();
    store.tell_outcomes("churn", &rows, ann(told_ms)).unwrap()
}

fn all(store: &Store) -> Vec<IdHistory> {
    let mut found = vec![];
    store.each_id("churn", |history| found.push(history.clone())).unwrap();
    found
}

#[test]
fn what_is_known_of_an_id_comes_in_the_order_of_time() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let third = [1.0 / 3.0, 2.0 / 3.0];
    assert_eq!(log(&store, 2, &[("b", third)], 20), PredictionsLogged { added: 1, known: 0 });
    log(&store, 1, &[("b", [0.5, 0.5]), ("a", [5e-324, 1.0])], 10);
    tell(&store, &[("b", 30, "yes"), ("c", 5, "no")], 40);
    let found = all(&store);
    assert_eq!(found.iter().map(|h| h.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(found[0].predictions[0].numbers, [5e-324, 1.0]);
    let versions: Vec<u32> = found[1].predictions.iter().map(|p| p.version).collect();
    assert_eq!((versions, found[1].predictions[1].numbers.as_slice()), (vec![1, 2], &third[..]));
    assert_eq!((found[1].outcomes[0].at_ms, found[1].outcomes[0].told_ms), (30, 40));
    assert!(found[2].predictions.is_empty() && found[0].outcomes.is_empty());
    assert_eq!(store.scorers("churn").unwrap()[&2], scorer());
    assert!(store.scorers("other").unwrap().is_empty());
}

#[test]
fn the_same_prediction_is_logged_once_and_another_beside_it() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    log(&store, 1, &[("a", [0.4, 0.6])], 10);
    assert_eq!(log(&store, 1, &[("a", [0.4, 0.6])], 20), PredictionsLogged { added: 0, known: 1 });
    assert_eq!(log(&store, 1, &[("a", [0.3, 0.7])], 30), PredictionsLogged { added: 1, known: 0 });
    assert_eq!(log(&store, 2, &[("a", [0.3, 0.7])], 40), PredictionsLogged { added: 1, known: 0 });
    assert_eq!(all(&store)[0].predictions.len(), 3);
}

#[test]
fn outcomes_are_new_known_corrected_or_outdated() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    log(&store, 1, &[("a", [0.4, 0.6])], 10);
    let none = OutcomesTold::default();
    let file: &[(&str, i64, &str)] = &[("a", 20, "yes"), ("b", 20, "no")];
    assert_eq!(tell(&store, file, 100), OutcomesTold { added: 2, unpredicted: 1, ..none });
    assert_eq!(tell(&store, file, 200), OutcomesTold { known: 2, unpredicted: 1, ..none });
    assert_eq!(tell(&store, &[("a", 30, "no")], 300), OutcomesTold { corrected: 1, ..none });
    assert_eq!(tell(&store, &[("a", 25, "maybe")], 400), OutcomesTold { outdated: 1, ..none });
    assert_eq!(tell(&store, file, 500), OutcomesTold { known: 2, unpredicted: 1, ..none });
    let values: Vec<String> = all(&store)[0].outcomes.iter().map(|o| o.value.clone()).collect();
    assert_eq!(values, ["yes", "maybe", "no"]);
    assert_eq!(store.outcomes_since("churn", 99).unwrap(), 1);
    assert_eq!(store.outcomes_since("churn", 400).unwrap(), 0);
    log(&store, 1, &[("b", [0.9, 0.1])], 50);
    assert_eq!(store.outcomes_since("churn", 99).unwrap(), 2);
}

#[test]
fn models_know_nothing_of_each_other() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    log(&store, 1, &[("a", [0.4, 0.6])], 10);
    store.tell_outcomes("other", &[("a".into(), 20, "yes".into())], ann(30)).unwrap();
    assert_eq!(store.outcomes_since("other", 0).unwrap(), 0);
    assert!(all(&store)[0].outcomes.is_empty());
    assert!(store.tell_outcomes("../x", &[], ann(0)).is_err());
}

#[test]
fn what_was_logged_never_changes() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    log(&store, 1, &[("a", [0.4, 0.6])], 10);
    tell(&store, &[("a", 20, "yes")], 30);
    let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
    for sql in [
        "UPDATE prediction SET version = 2",
        "DELETE FROM prediction",
        "UPDATE outcome SET value = 'no'",
        "DELETE FROM outcome",
    ] {
        assert!(raw.execute(sql, []).unwrap_err().to_string().contains("never change"), "{sql}");
    }
}

#[test]
fn the_log_of_actions_covers_predictions_and_outcomes() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    log(&store, 3, &[("a", [0.4, 0.6]), ("b", [0.5, 0.5])], 10);
    tell(&store, &[("a", 20, "yes")], 30);
    log(&store, 3, &[("c", [0.1, 0.9])], 40);
    // What is known already is no action.
    log(&store, 3, &[("c", [0.1, 0.9])], 50);
    let entries = store.entries(Subject::Feedback, Some("churn")).unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|e| match &e.entry {
            Entry::PredictionsLogged(b) | Entry::OutcomesTold(b) => {
                (e.at_ms, b.version, b.first, b.rows)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(10, Some(3), 1, 2), (30, None, 1, 1), (40, Some(3), 3, 1)]);
    assert!(entries.iter().all(|e| e.actor == "ann"));
    let broken = || store.check_ledger(&[]).unwrap().broken;
    assert_eq!(broken(), None);
    let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
    for name in ["prediction_update", "prediction_delete", "outcome_update", "outcome_delete"] {
        raw.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    // Each change and what undoes it, and the entry that shows it.
    let changes = [
        (
            "UPDATE prediction SET id = 'x' WHERE seq = 2",
            "UPDATE prediction SET id = 'b' WHERE seq = 2",
            Some(1),
        ),
        (
            "UPDATE prediction SET seq = 9 WHERE seq = 3",
            "UPDATE prediction SET seq = 3 WHERE seq = 9",
            Some(3),
        ),
        ("UPDATE scorer SET body = body || ' '", "UPDATE scorer SET body = trim(body)", Some(1)),
        ("UPDATE outcome SET value = 'no'", "UPDATE outcome SET value = 'yes'", Some(2)),
        (
            "INSERT INTO outcome VALUES (2, 'churn', 'b', 1, 1, 'no')",
            "DELETE FROM outcome WHERE seq = 2",
            None,
        ),
    ];
    for (change, undo, seq) in changes {
        raw.execute(change, []).unwrap();
        assert_eq!(broken().map(|b| b.seq), Some(seq), "{change}");
        raw.execute(undo, []).unwrap();
        assert_eq!(broken(), None, "{undo}");
    }
}

fn chunk(chunk: usize) -> Vec<(String, i64, String)> {
    let row = |i: usize| (format!("k{i:05}"), i as i64, format!("v{}", i % 7));
    (chunk * CHUNK..(chunk + 1) * CHUNK).map(row).collect()
}

/// The child: tells all outcomes from the beginning, and says after each chunk how far it is.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(VARIABLE) else { return };
    let store = Store::open(Path::new(&dir)).unwrap();
    let mut out = std::io::stdout();
    for i in 0.. {
        let rows = chunk(i % CHUNKS);
        let ids: Vec<(String, &[f64])> =
            rows.iter().map(|(id, _, _)| (id.clone(), &[0.25, 0.75][..])).collect();
        store.log_predictions(("churn", 1), &scorer(), &ids, ann(0)).unwrap();
        store.tell_outcomes("churn", &rows, ann(7)).unwrap();
        if writeln!(out, "\ndid {i}").is_err() {
            return;
        }
    }
}

#[test]
fn killed_and_told_again_it_is_as_if_it_was_told_once() {
    let (_dir, path) = folder();
    for count in [1, 3, 2, 9] {
        let mut child = Running::start(&[(VARIABLE, &path)]);
        let done = child.did(count) as usize;
        child.kill();
        let store = Store::open(&path).unwrap();
        let found = all(&store);
        assert!(found.len() >= (done + 1).min(CHUNKS) * CHUNK);
        // A chunk is there as a whole or not at all.
        let told = found.iter().filter(|h| !h.outcomes.is_empty()).count();
        assert_eq!((told % CHUNK, found.len() % CHUNK), (0, 0));
    }
    let store = Store::open(&path).unwrap();
    for i in 0..CHUNKS {
        store.tell_outcomes("churn", &chunk(i), ann(9)).unwrap();
    }
    let found = all(&store);
    assert_eq!(found.len(), CHUNKS * CHUNK);
    assert!(found.iter().all(|h| h.outcomes.len() == 1 && h.predictions.len() <= 1));
}
