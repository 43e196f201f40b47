//! Stores of earlier formats.

#![allow(clippy::unwrap_used)]

mod common;

use common::{folder, started};
use ruska_core::Event;
use ruska_store::{Store, StoreError};
use std::fs;
use std::path::{Path, PathBuf};

/// A store of the first format, as version 0.1.0 left it.
fn first_format(path: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat/v1-store.db");
    fs::create_dir_all(path).unwrap();
    fs::copy(from, path.join("ruska.db")).unwrap();
}

#[test]
fn a_store_of_the_first_format_is_brought_up_to_date_with_its_studies() {
    for make in [true, false] {
        let (_dir, path) = folder();
        first_format(&path);
        let store = if make { Store::open(&path) } else { Store::open_existing(&path) }.unwrap();
        // What that version itself listed.
        let rows = store.studies().unwrap();
        let told: Vec<_> =
            rows.iter().map(|r| (r.name.as_str(), r.target.as_str(), r.best)).collect();
        assert_eq!(
            told,
            [
                ("refused", "z", Some(3.184_746_114_472_186_5)),
                ("z", "z", Some(1.379_653_829_351_674_2)),
                ("y", "y", Some(0.981_377_507_942_725_3)),
            ]
        );
        let ends: Vec<_> = rows.iter().map(|r| (r.done, r.pruned, r.failed)).collect();
        assert_eq!(ends, [(1, 0, 3), (4, 0, 0), (4, 0, 0)]);
        let model = store.events("y").unwrap().into_iter().rev().find_map(|t| match t.event {
            Event::ModelSaved { model, .. } => Some(model),
            _ => None,
        });
        assert_eq!(store.study_of_model(&model.unwrap()).unwrap().as_deref(), Some("y"));
        assert_eq!(store.environments().unwrap().len(), 4);
        store.journal("y", "bob").unwrap().append(&started(9), 0).unwrap();
        let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
        let format: i64 = raw.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(format, 3);
    }
}

#[test]
fn a_study_that_cannot_be_read_keeps_no_store_from_being_brought_up_to_date() {
    let (_dir, path) = folder();
    first_format(&path);
    let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
    raw.execute("INSERT INTO study VALUES (9, 'newer')", []).unwrap();
    let sql = "INSERT INTO event VALUES (9, 0, 0, '', 'teleported', ?1)";
    raw.execute(sql, [r#"{"event":"teleported"}"#]).unwrap();
    let store = Store::open(&path).unwrap();
    assert_eq!(store.events("y").unwrap().len(), 20);
    let error = store.studies().unwrap_err();
    let kind = "teleported".to_owned();
    assert_eq!(error, StoreError::UnknownEvent { study: "newer".into(), seq: 0, kind });
}

#[test]
fn many_processes_bring_a_store_up_to_date_once() {
    let (_dir, path) = folder();
    first_format(&path);
    let paths: Vec<PathBuf> = vec![path; 8];
    std::thread::scope(|scope| {
        for path in &paths {
            scope.spawn(|| assert_eq!(Store::open(path).unwrap().studies().unwrap().len(), 3));
        }
    });
}
