//! The chain of the ledger against somebody who writes to the file with other means.

#![allow(clippy::unwrap_used)]

mod common;

use common::entries::{dataset, deployed, version};
use common::{folder, record};
use ruska_core::Event;
use ruska_store::register::{Break, Entry, Head, Stamp, Subject};
use ruska_store::{Digest, Store, StoreError, StudyName};
use rusqlite::Connection;
use std::path::Path;

const ANN: Stamp<'_> = Stamp { at_ms: 7, actor: "ann" };

/// Five entries: two versions, a deployment, a dataset, another deployment.
fn fill(store: &Store) {
    let deploy = |version| {
        let entries = vec![deployed("dev", version, None)];
        store
            .record(Subject::Model, "churn", ANN, |_, _| Ok::<_, StoreError>((entries, ())))
            .unwrap();
    };
    store.register_model("churn", b"one", version(0.5), ANN).unwrap();
    store.register_model("churn", b"two", version(0.6), ANN).unwrap();
    deploy(1);
    store.add_dataset("churn", dataset("x"), ANN).unwrap();
    deploy(2);
}

/// The file without the triggers that keep entries from being changed.
fn unguarded(path: &Path) -> Connection {
    let raw = Connection::open(path.join("ruska.db")).unwrap();
    for table in ["ledger", "chain", "event", "study"] {
        for change in ["update", "delete"] {
            raw.execute_batch(&format!("DROP TRIGGER {table}_{change}")).unwrap();
        }
    }
    raw
}

/// Hashes all entries anew, as somebody who knows the definition would. Written from its text
/// rather than from the code.
fn hash_anew(raw: &Connection) {
    raw.execute("DELETE FROM chain", []).unwrap();
    let sql = "SELECT seq, at_ms, actor, subject, name, kind, version, digest, body FROM ledger ORDER BY seq";
    let mut statement = raw.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut hash = [0; 32];
    while let Some(row) = rows.next().unwrap() {
        let mut all = b"ruska ledger 1\n".to_vec();
        all.extend(hash);
        let number = |i: usize| row.get::<_, i64>(i).unwrap().to_le_bytes();
        let text = |i: usize| {
            let text: String = row.get(i).unwrap();
            [&(text.len() as i64).to_le_bytes()[..], text.as_bytes()].concat()
        };
        let there = |i: usize| row.get_ref(i).unwrap() != rusqlite::types::ValueRef::Null;
        all.extend([number(0), number(1)].concat());
        (2..6).for_each(|i| all.extend(text(i)));
        all.push(u8::from(there(6)));
        all.extend(there(6).then(|| number(6)).iter().flatten());
        all.push(u8::from(there(7)));
        all.extend(there(7).then(|| text(7)).iter().flatten());
        all.extend(text(8));
        hash = *Digest::of(&all).bytes();
        let seq: i64 = row.get(0).unwrap();
        let hash = Digest::of(&all).to_string();
        raw.execute("INSERT INTO chain VALUES (?1, ?2)", (seq, hash)).unwrap();
    }
}

fn broken(store: &Store, heads: &[Head]) -> Option<Break> {
    store.check_ledger(heads).unwrap().broken
}

#[test]
fn an_untouched_ledger_fits_and_heads_are_those_of_its_beginning() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let empty = store.head().unwrap();
    assert_eq!((empty.seq, empty.to_string()), (Some(0), format!("0 {}", "0".repeat(64))));
    fill(&store);
    let head = store.head().unwrap();
    assert_eq!(head.to_string().parse::<Head>().unwrap(), head);
    store.register_model("churn", b"three", version(0.7), ANN).unwrap();
    let bare = Head { seq: None, ..head };
    let checked = store.check_ledger(&[empty, head, bare, store.head().unwrap()]).unwrap();
    assert_eq!((checked.entries, checked.heads, checked.broken), (6, 4, None));
    assert_eq!(checked.hash, store.head().unwrap().hash.to_string());
    // Whoever knows the definition gets the same hashes.
    hash_anew(&unguarded(&path));
    assert_eq!(broken(&store, &[head]), None);
}

#[test]
fn the_first_entry_that_was_tampered_with_is_named() {
    let tampered = [
        ("UPDATE ledger SET actor = 'bob' WHERE seq = 3", 3),
        ("UPDATE ledger SET at_ms = 8 WHERE seq = 1", 1),
        (
            "UPDATE ledger SET body = replace(body, '\"version\":1', '\"version\":2') WHERE seq = 3",
            3,
        ),
        ("UPDATE ledger SET version = 9 WHERE seq = 2", 2),
        ("UPDATE ledger SET digest = NULL WHERE seq = 4", 4),
        ("UPDATE ledger SET name = 'chur', kind = 'n' || kind WHERE seq = 5", 5),
        ("UPDATE chain SET hash = (SELECT hash FROM chain WHERE seq = 1) WHERE seq = 2", 2),
        ("DELETE FROM ledger WHERE seq = 2", 2),
        ("DELETE FROM ledger WHERE seq >= 4", 4),
        ("DELETE FROM chain WHERE seq >= 4", 4),
        ("DELETE FROM chain", 1),
        (
            "UPDATE ledger SET seq = 9 WHERE seq = 3; UPDATE ledger SET seq = 3 WHERE seq = 5;
             UPDATE ledger SET seq = 5 WHERE seq = 9",
            3,
        ),
        (
            "DELETE FROM ledger WHERE seq = 2; UPDATE ledger SET seq = seq - 1 WHERE seq > 2;
             DELETE FROM chain WHERE seq = 5",
            2,
        ),
        (
            "INSERT INTO ledger SELECT 6, at_ms, actor, subject, name, kind, NULL, NULL, body
             FROM ledger WHERE seq = 3",
            6,
        ),
    ];
    for (sql, seq) in tampered {
        let (_dir, path) = folder();
        let store = Store::open(&path).unwrap();
        fill(&store);
        let raw = unguarded(&path);
        raw.execute_batch(sql).unwrap();
        let found = broken(&store, &[]).unwrap_or_else(|| panic!("{sql}: nothing was seen"));
        assert_eq!(found.seq, Some(seq), "{sql}: {found:?}");
        let last = |table: &str| -> i64 {
            let sql = format!("SELECT coalesce(max(seq), 0) FROM {table}");
            raw.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        if last("ledger") != last("chain") {
            // One more entry would cover what was done.
            let more = store.register_model("churn", b"more", version(0.5), ANN).unwrap_err();
            assert!(matches!(more, StoreError::Damaged { .. }), "{sql}: {more}");
            assert!(more.to_string().contains("ruska audit verify"), "{more}");
        }
    }
}

#[test]
fn only_a_head_from_elsewhere_shows_history_that_was_written_anew() {
    let rewritten = [
        ("UPDATE ledger SET actor = 'bob' WHERE seq = 2", Some(3), "written anew"),
        ("DELETE FROM ledger WHERE seq > 2", Some(3), "is not there"),
        (
            "DELETE FROM ledger WHERE seq = 1; UPDATE ledger SET seq = seq - 1 WHERE seq > 1",
            Some(3),
            "written anew",
        ),
    ];
    for (sql, seq, why) in rewritten {
        let (_dir, path) = folder();
        let store = Store::open(&path).unwrap();
        fill(&store);
        // Kept after the third entry, as the chain stands beside it.
        let raw = unguarded(&path);
        let hash: String =
            raw.query_row("SELECT hash FROM chain WHERE seq = 3", [], |row| row.get(0)).unwrap();
        let head = Head { seq: Some(3), hash: hash.parse().unwrap() };
        assert_eq!(broken(&store, &[head]), None);
        raw.execute_batch(sql).unwrap();
        hash_anew(&raw);
        assert_eq!(broken(&store, &[]), None, "{sql}");
        let found = broken(&store, &[head]).unwrap();
        assert!(found.seq == seq && found.why.contains(why), "{sql}: {found:?}");
        let bare = broken(&store, &[Head { seq: None, ..head }]).unwrap();
        assert!(bare.seq.is_none() && bare.why.contains(&hash), "{sql}: {bare:?}");
    }
}

#[test]
fn the_end_of_a_study_holds_its_log() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let journal = store.create_study(StudyName::Exact("a study"), record(), 0, "ann").unwrap();
    for i in 0..6 {
        journal.append(&common::event(i), 1).unwrap();
    }
    journal.append(&Event::Ended { why: "time".into() }, 2).unwrap();
    journal.append(&common::event(6), 3).unwrap();
    journal.append(&Event::Ended { why: "trials".into() }, 4).unwrap();
    journal.append(&common::event(7), 5).unwrap();
    let entries = store.entries(Subject::Study, Some("a study")).unwrap();
    let ends: Vec<_> = entries
        .iter()
        .filter_map(|e| match &e.entry {
            Entry::StudyEnded(end) => Some((end.why.as_str(), end.events)),
            _ => None,
        })
        .collect();
    assert_eq!(ends, [("time", 8), ("trials", 10)]);
    // It was gone on with twice, of which the second time has no end.
    assert_eq!((entries.len(), entries[0].actor.as_str()), (5, "ann"));
    assert_eq!(broken(&store, &[]), None);
    let raw = unguarded(&path);
    // What came after the end is not covered yet, what came before is.
    raw.execute("UPDATE event SET at_ms = 9 WHERE seq = 10", []).unwrap();
    assert_eq!(broken(&store, &[]), None);
    raw.execute("UPDATE event SET at_ms = 9 WHERE seq = 9", []).unwrap();
    let found = broken(&store, &[]).unwrap();
    assert!(found.seq == Some(5) && found.why.contains("`a study`"), "{found:?}");
}

#[test]
fn nothing_is_added_to_a_study_that_has_ended() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let name = "a study";
    let journal = store.create_study(StudyName::Exact(name), record(), 0, "ann").unwrap();
    for i in 0..4 {
        journal.append(&common::event(i), 1).unwrap();
    }
    journal.append(&Event::Ended { why: "time".into() }, 2).unwrap();
    drop(journal);
    // Somebody who goes on with it adds what the ledger tells of.
    let journal = store.journal(name, "ben").unwrap();
    journal.append(&common::event(5), 3).unwrap();
    journal.append(&Event::Ended { why: "time".into() }, 4).unwrap();
    drop(journal);
    assert_eq!(broken(&store, &[]), None);
    let raw = unguarded(&path);
    let forged = "INSERT INTO event (study, seq, at_ms, actor, kind, body) \
                  SELECT study, 8, at_ms, actor, kind, body FROM event WHERE seq = 2";
    raw.execute(forged, []).unwrap();
    let found = broken(&store, &[]).unwrap();
    assert!(found.why.contains("one event was added to it afterwards"), "{found:?}");
    // And nobody covers it by going on.
    let journal = store.journal(name, "ben").unwrap();
    let refused = journal.append(&common::event(6), 5).unwrap_err().to_string();
    assert!(refused.contains("one event was added to it afterwards"), "{refused}");
}

#[test]
fn a_ledger_of_the_second_format_is_chained_when_it_is_brought_up_to_date() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    fill(&store);
    let head = store.head().unwrap();
    drop(store);
    let raw = Connection::open(path.join("ruska.db")).unwrap();
    let tables = ["chain", "outbox", "scorer", "prediction", "outcome"];
    for table in tables {
        raw.execute_batch(&format!("DROP TABLE {table}")).unwrap();
    }
    raw.execute_batch("PRAGMA user_version = 2").unwrap();
    drop(raw);
    let store = Store::open_existing(&path).unwrap();
    assert_eq!(store.head().unwrap(), head);
    fill(&store);
    assert_eq!(broken(&store, &[head]), None);
}

#[test]
fn a_format_that_was_set_back_makes_no_new_hashes() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    fill(&store);
    drop(store);
    let raw = unguarded(&path);
    raw.execute("UPDATE ledger SET actor = 'bob' WHERE seq = 2", []).unwrap();
    raw.execute_batch("PRAGMA user_version = 2").unwrap();
    for opened in [Store::open(&path), Store::open_existing(&path)] {
        let error = opened.unwrap_err().to_string();
        assert!(error.contains("`ruska audit verify` tells more"), "{error}");
    }
    let found = Store::check_ledger_of(&path, &[]).unwrap().broken.unwrap();
    assert_eq!(found.seq, Some(2));
    // Where nothing else was changed the number is.
    raw.execute("UPDATE ledger SET actor = 'ann' WHERE seq = 2", []).unwrap();
    let found = Store::check_ledger_of(&path, &[]).unwrap();
    assert!(found.entries == 5 && found.broken.unwrap().why.contains("format 2"));
    raw.execute_batch("PRAGMA user_version = 3").unwrap();
    assert_eq!(Store::check_ledger_of(&path, &[]).unwrap().broken, None);
    // Without hashes there is nothing to check, which is said.
    raw.execute_batch("DROP TABLE chain; PRAGMA user_version = 2").unwrap();
    let error = Store::check_ledger_of(&path, &[]).unwrap_err();
    assert!(matches!(error, StoreError::Unhashed { format: 2, .. }), "{error}");
}
