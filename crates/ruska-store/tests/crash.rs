//! What survives kill -9: this file runs itself as a child process and kills it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Running, event, folder, record};
use ruska_store::{Durability, Status, Store, StoreError, StudyName};
use std::fs;
use std::io::Write as _;
use std::path::Path;

const VARIABLE: &str = "RUSKA_TEST_STORE";

/// The child: goes on with the study, or makes it, and says after each append how far it is.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(VARIABLE) else { return };
    let store = Store::open(Path::new(&dir)).unwrap();
    let journal = match store.resolve(Some("killed")) {
        Ok(name) => store.journal(&name, "child"),
        Err(_) => store.create_study(StudyName::Exact("killed"), record(), 0, "child"),
    };
    let journal = journal.unwrap();
    let done = journal.events().unwrap().len() as u32 - 1;
    let mut out = std::io::stdout();
    for i in done.. {
        store.put_blob(&i.to_le_bytes(), Durability::Process).unwrap();
        let seq = journal.append(&event(i), i64::from(i)).unwrap();
        if writeln!(out, "\ndid {seq}").is_err() {
            return;
        }
    }
}

/// Starts the child and waits until it has appended `count` events; returns the last place.
fn spawn(dir: &Path, count: usize) -> (Running, u64) {
    let mut child = Running::start(&[(VARIABLE, dir)]);
    let seq = child.did(count);
    (child, seq)
}

#[test]
fn a_killed_process_loses_nothing_it_was_told_is_kept() {
    let (_dir, path) = folder();
    let mut before = 0;
    for count in [1, 2, 7, 50, 3] {
        let (child, seq) = spawn(&path, count);
        child.kill();

        let store = Store::open(&path).unwrap();
        let events = store.events("killed").unwrap();
        assert!(events.len() as u64 > seq && seq > before, "{} events, {seq} told", events.len());
        for (timed, i) in events[1..].iter().zip(0u32..) {
            assert_eq!((&timed.event, timed.at_ms), (&event(i), i64::from(i)));
            let digest = store.put_blob(&i.to_le_bytes(), Durability::Process).unwrap();
            assert_eq!(store.get_blob(&digest).unwrap(), i.to_le_bytes());
        }
        assert_eq!(store.studies().unwrap()[0].status, Status::Interrupted);
        before = events.len() as u64 - 1;
    }
}

#[test]
fn a_study_is_locked_while_a_process_works_on_it_and_free_once_that_is_killed() {
    let (_dir, path) = folder();
    let (child, _) = spawn(&path, 1);
    let store = Store::open(&path).unwrap();
    let taken = store.journal("killed", "me").unwrap_err();
    assert_eq!(
        taken,
        StoreError::InUse { what: "study", name: "killed".into(), by: " by child".into() }
    );
    assert_eq!(store.studies().unwrap()[0].status, Status::Running);
    child.kill();
    store.journal("killed", "me").unwrap();
}

#[test]
fn a_log_that_was_cut_off_anywhere_opens_with_a_prefix_of_the_events() {
    let (dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let journal = store.create_study(StudyName::Exact("cut"), record(), 0, "").unwrap();
    for i in 0..40 {
        journal.append(&event(i), 0).unwrap();
    }
    let log = fs::read(path.join("ruska.db-wal")).unwrap();
    let mut longest = 0;
    for step in 0..=32 {
        let copy = dir.path().join(step.to_string());
        fs::create_dir(&copy).unwrap();
        fs::copy(path.join("ruska.db"), copy.join("ruska.db")).unwrap();
        fs::write(copy.join("ruska.db-wal"), &log[..log.len() * step / 32]).unwrap();
        let store = Store::open(&copy).unwrap();
        let events = store.events("cut").unwrap_or_default();
        assert!(events.len() >= longest);
        longest = events.len();
        for (timed, i) in events.iter().skip(1).zip(0..) {
            assert_eq!(timed.event, event(i));
        }
        store.create_study(StudyName::Stem("next"), record(), 0, "").unwrap();
    }
    assert_eq!(longest, 41);
}
