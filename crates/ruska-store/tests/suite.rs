//! What a store promises, in one process.

#![allow(clippy::unwrap_used)]

mod common;

use common::{ended, event, fold, folder, record, started};
use ruska_core::{Event, FailureKind, TrialState};
use ruska_store::{Digest, Durability, Journal, Status, Store, StoreError, StudyName};
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::sync::Barrier;
use std::time::Instant;

const STEM: StudyName<'static> = StudyName::Stem("churn");

fn write(journal: &Journal, range: Range<u32>) {
    for i in range {
        journal.append(&event(i), 0).unwrap();
    }
}

#[test]
fn what_is_appended_reads_back_bit_for_bit() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let journal = store.create_study(StudyName::Exact("emoji 🦀"), record(), -5, "ann").unwrap();
    let written: Vec<_> = (0..30).map(event).collect();
    assert_eq!(journal.append(&written[0], i64::MAX).unwrap(), 1);
    assert_eq!(journal.append_many(&written[1..], i64::MIN).unwrap(), 2);
    assert_eq!(journal.append_many(&[], 0).unwrap(), 31);

    let read = Store::open_existing(&path).unwrap().events("emoji 🦀").unwrap();
    assert!(matches!(&read[0].event, Event::Created(r) if r.name == "emoji 🦀"));
    assert_eq!((read[0].at_ms, read[1].at_ms, read[2].at_ms), (-5, i64::MAX, i64::MIN));
    assert_eq!(read.iter().map(|t| t.seq).collect::<Vec<_>>(), (0..31).collect::<Vec<_>>());
    // Debug text tells 0.0 from -0.0, which equality does not.
    let read: Vec<_> = read.into_iter().skip(1).map(|t| t.event).collect();
    assert_eq!(format!("{read:?}"), format!("{written:?}"));
    assert_eq!(journal.events().unwrap().len(), 31);
}

#[test]
fn what_would_not_read_back_is_refused_and_nothing_of_it_is_kept() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let journal = store.create_study(STEM, record(), 0, "").unwrap();
    for seconds in [f64::NAN, f64::INFINITY] {
        let bad = ended(0, TrialState::Done, seconds);
        let error = journal.append_many(&[event(0), bad], 0).unwrap_err();
        assert!(matches!(error, StoreError::Unstorable { kind: "trial_ended", .. }), "{error}");
    }
    assert_eq!(journal.events().unwrap().len(), 1);
}

#[test]
fn nothing_changes_an_event() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    store.create_study(STEM, record(), 0, "").unwrap();
    let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
    for sql in [
        "UPDATE event SET body = ''",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event VALUES (1, 0, 0, '', 'ended', '{}')",
        "UPDATE study SET name = 'other'",
        "DELETE FROM study",
    ] {
        raw.execute_batch("PRAGMA recursive_triggers = ON").unwrap();
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
    assert!(matches!(store.events("churn-1").unwrap()[0].event, Event::Created(_)));
}

#[test]
fn names_are_unique_checked_and_found_by_their_beginning() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    assert!(matches!(store.resolve(None), Err(StoreError::NoStudies { .. })));
    assert!(matches!(store.resolve(Some("x")), Err(StoreError::NoStudies { .. })));
    let create = |name| store.create_study(name, record(), 0, "ann").map(|j| j.name().to_owned());

    assert_eq!(create(STEM).unwrap(), "churn-1");
    assert_eq!(create(STEM).unwrap(), "churn-2");
    assert_eq!(create(StudyName::Exact("churn-3")).unwrap(), "churn-3");
    assert_eq!(create(STEM).unwrap(), "churn-4");
    assert_eq!(create(StudyName::Stem("\n\t")).unwrap(), "study-1");
    assert_eq!(create(StudyName::Exact("churn")).unwrap(), "churn");
    let taken = create(StudyName::Exact("churn-2")).unwrap_err();
    assert_eq!(taken, StoreError::NameTaken { name: "churn-2".into() });
    assert!(taken.to_string().contains("ruska resume churn-2"));
    for bad in ["", " x", "a\nb", &"x".repeat(201)] {
        assert!(matches!(create(StudyName::Exact(bad)), Err(StoreError::BadName { .. })), "{bad}");
    }

    assert_eq!(store.resolve(None).unwrap(), "churn");
    assert_eq!(store.resolve(Some("churn")).unwrap(), "churn");
    assert_eq!(store.resolve(Some("stu")).unwrap(), "study-1");
    let Err(StoreError::Ambiguous { candidates, .. }) = store.resolve(Some("churn-")) else {
        panic!("four studies begin with churn-");
    };
    assert_eq!(candidates, ["churn-4", "churn-3", "churn-2", "churn-1"]);
    let Err(StoreError::UnknownStudy { known, .. }) = store.resolve(Some("car")) else {
        panic!("no study begins with car");
    };
    assert_eq!(known, ["churn", "study-1", "churn-4", "churn-3", "churn-2"]);
    assert!(matches!(store.events("churn-"), Err(StoreError::UnknownStudy { .. })));
}

#[test]
fn a_study_has_one_writer_and_its_row_tells_how_it_stands() {
    let (_dir, path) = folder();
    let (store, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let journal = store.create_study(STEM, record(), 7, "ann").unwrap();
    let error = other.journal("churn-1", "bob").unwrap_err();
    assert_eq!(
        error,
        StoreError::InUse { what: "study", name: "churn-1".into(), by: " by ann".into() }
    );

    journal.append_many(&[started(0), fold(0, 0.5), started(1), fold(1, 0.25)], 8).unwrap();
    let end = |trial, state| ended(trial, state, 1.0);
    let failed = TrialState::Failed { kind: FailureKind::Panic, why: "boom".into() };
    let ends = [
        end(1, TrialState::Done),
        end(0, TrialState::Done),
        started(2),
        fold(2, 0.0),
        end(2, failed),
        started(3),
    ];
    journal.append_many(&ends, 9).unwrap();
    let row = other.studies().unwrap().remove(0);
    assert_eq!((row.name.as_str(), row.created_ms, row.actor.as_str()), ("churn-1", 7, "ann"));
    assert_eq!((row.data.as_str(), row.target.as_str()), ("churn.csv", "churned"));
    assert_eq!((row.done, row.pruned, row.failed, row.best), (2, 0, 1, Some(0.75)));
    assert_eq!(row.status, Status::Running);

    drop(journal);
    assert_eq!(other.studies().unwrap()[0].status, Status::Interrupted);
    let resumed = other.journal("churn-1", "bob").unwrap();
    let begin = Event::Started { trials: None, seconds: None };
    resumed.append_many(&[begin.clone(), Event::Ended { why: "time".into() }], 10).unwrap();
    drop(resumed);
    assert_eq!(store.studies().unwrap()[0].status, Status::Ended { why: "time".into() });
    store.journal("churn-1", "ann").unwrap().append(&begin, 11).unwrap();
    assert_eq!(store.studies().unwrap()[0].status, Status::Interrupted);
}

#[test]
fn threads_and_handles_write_at_once() {
    const THREADS: usize = 4;
    const EACH: u32 = 30;
    let (_dir, path) = folder();
    let barrier = Barrier::new(2 * THREADS);
    // Half of the threads open the store themselves, at the same moment, and write to studies of
    // their own; the others share one study.
    let shared = Store::open(&path).unwrap();
    let journal = shared.create_study(StudyName::Exact("shared"), record(), 0, "").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                write(&journal, 0..EACH);
            });
            scope.spawn(|| {
                barrier.wait();
                let own = Store::open(&path).unwrap();
                let journal = own.create_study(STEM, record(), 0, "").unwrap();
                write(&journal, 0..EACH);
                own.studies().unwrap();
            });
        }
    });
    assert_eq!(journal.events().unwrap().len(), 1 + THREADS * EACH as usize);
    for n in 1..=THREADS {
        let events = shared.events(&format!("churn-{n}")).unwrap();
        let events: Vec<_> = events.into_iter().skip(1).map(|t| t.event).collect();
        assert_eq!(events, (0..EACH).map(event).collect::<Vec<_>>());
    }
}

#[test]
fn a_new_store_is_made_once_by_many() {
    let (_dir, path) = folder();
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                barrier.wait();
                Store::open(&path).unwrap().create_study(STEM, record(), 0, "").unwrap();
            });
        }
    });
    assert_eq!(Store::open(&path).unwrap().studies().unwrap().len(), 8);
}

#[test]
fn blobs_are_kept_once_checked_and_repaired() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let digest = store.put_blob(b"abc", Durability::PowerCut).unwrap();
    // From the official test vectors' tool: `printf abc | b3sum`.
    let hex = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85";
    assert_eq!(digest.to_string(), hex);
    assert_eq!(hex.parse::<Digest>().unwrap(), digest);
    let file = path.join("blobs/64").join(&hex[2..]);
    assert_eq!(fs::read(&file).unwrap(), b"abc");
    assert_eq!(store.get_blob(&digest).unwrap(), b"abc");
    assert!(store.has_blob(&digest));
    let empty = store.put_blob(b"", Durability::Process).unwrap();
    assert_eq!(store.get_blob(&empty).unwrap(), b"");

    for damage in ["abd", "", "abcd"] {
        fs::write(&file, damage).unwrap();
        assert!(matches!(store.get_blob(&digest), Err(StoreError::BadBlob { .. })));
        store.put_blob(b"abc", Durability::Process).unwrap();
        assert_eq!(store.get_blob(&digest).unwrap(), b"abc");
    }
    fs::remove_file(&file).unwrap();
    assert!(matches!(store.get_blob(&digest), Err(StoreError::NoBlob { .. })));
    assert!(!store.has_blob(&digest));
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 0, "no parts are left");

    for bad in ["", "../../../etc/passwd", &hex[1..], &hex.to_uppercase(), &"é".repeat(32)] {
        assert!(matches!(bad.parse::<Digest>(), Err(StoreError::BadDigest { .. })), "{bad}");
    }
}

#[test]
fn a_backup_is_a_store_although_others_write() {
    let (dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let journal = store.create_study(STEM, record(), 0, "ann").unwrap();
    let digest = store.put_blob(b"model", Durability::Process).unwrap();
    let broken = store.put_blob(b"broken", Durability::Process).unwrap().to_string();
    fs::write(path.join("blobs").join(&broken[..2]).join(&broken[2..]), "x").unwrap();
    write(&journal, 0..10);

    let to = dir.path().join("deep/backup ?#%");
    let report = std::thread::scope(|scope| {
        scope.spawn(|| write(&journal, 10..200));
        store.backup(&to).unwrap()
    });
    assert_eq!((report.blobs, report.damaged), (1, vec![broken]));

    let copy = Store::open_existing(&to).unwrap();
    let events: Vec<_> = copy.events("churn-1").unwrap().into_iter().map(|t| t.event).collect();
    assert!(events.len() > 10);
    let all: Vec<_> = journal.events().unwrap().into_iter().map(|t| t.event).collect();
    assert_eq!(events, all[..events.len()]);
    assert_eq!(copy.get_blob(&digest).unwrap(), b"model");
    // The copy is free although the original is being worked on.
    copy.journal("churn-1", "bob").unwrap().append(&event(0), 0).unwrap();

    for taken in [&to, &path] {
        assert!(matches!(store.backup(taken), Err(StoreError::NotEmpty { .. })));
    }
}

#[test]
fn foreign_newer_and_missing_files_are_told_apart() {
    let (_dir, path) = folder();
    assert!(matches!(Store::open_existing(&path), Err(StoreError::NoStore { .. })));
    assert!(!path.exists());
    let db = path.join("ruska.db");
    fs::create_dir_all(&path).unwrap();

    // What a process leaves that is killed before its first commit.
    fs::write(&db, "").unwrap();
    assert!(matches!(Store::open_existing(&path), Err(StoreError::NoStore { .. })));
    Store::open(&path).unwrap();
    Store::open_existing(&path).unwrap();

    let both = |check: &dyn Fn(&StoreError) -> bool| {
        for result in [Store::open(&path), Store::open_existing(&path)] {
            let error = result.unwrap_err();
            assert!(check(&error), "{error}");
        }
    };
    let raw = rusqlite::Connection::open(&db).unwrap();
    raw.pragma_update(None, "user_version", 4).unwrap();
    both(&|e| matches!(e, StoreError::Newer { got: 4, known: 3, .. }));
    raw.pragma_update(None, "user_version", -1).unwrap();
    both(&|e| matches!(e, StoreError::NotAStore { .. }));
    drop(raw);

    fs::remove_file(&db).unwrap();
    rusqlite::Connection::open(&db).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    both(&|e| matches!(e, StoreError::NotAStore { .. }));
    fs::write(&db, vec![b'x'; 5000]).unwrap();
    both(&|e| matches!(e, StoreError::NotAStore { .. }));
    fs::remove_file(&db).unwrap();
    fs::create_dir(&db).unwrap();
    both(&|e| matches!(e, StoreError::Io { .. }));

    // A file where the folder should be.
    let file = path.join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(Store::open(&file), Err(StoreError::Io { .. })));
}

#[test]
fn hostile_content_gives_errors() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    drop(store.create_study(STEM, record(), 0, "").unwrap());
    let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
    let put = |study: i64, seq: i64, kind: &str, body: &str| {
        let sql = "INSERT INTO event VALUES (?1, ?2, 0, '', ?3, ?4)";
        raw.execute(sql, (study, seq, kind, body)).unwrap();
    };
    let newer = r#"{"event":"teleported","to":1}"#;
    let deep = format!(r#"{{"event":"ended","why":{}"#, "[".repeat(100_000));
    for (study, (kind, body)) in
        (2..).zip([("teleported", newer), ("ended", newer), ("ended", &deep), ("ended", "\0")])
    {
        raw.execute("INSERT INTO study VALUES (?1, ?2)", (study, format!("s{study}"))).unwrap();
        put(study, 0, kind, body);
    }
    let error = store.events("s2").unwrap_err();
    let kind = "teleported".to_owned();
    assert_eq!(error, StoreError::UnknownEvent { study: "s2".into(), seq: 0, kind });
    for study in ["s3", "s4", "s5"] {
        assert!(matches!(store.events(study), Err(StoreError::BadEvent { .. })), "{study}");
    }
    assert!(store.studies().is_err());

    // A gap, a study that does not begin with its record, and one without any event.
    put(1, 2, "ended", r#"{"event":"ended","why":"x"}"#);
    assert!(matches!(store.events("churn-1"), Err(StoreError::Damaged { .. })));
    for (id, begun) in [(i64::MAX, false), (i64::MIN, true)] {
        let (_dir, path) = folder();
        let store = Store::open(&path).unwrap();
        let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
        raw.execute("INSERT INTO study VALUES (?1, 'odd')", [id]).unwrap();
        if begun {
            let sql = "INSERT INTO event VALUES (?1, 0, 0, '', 'ended', ?2)";
            raw.execute(sql, (id, r#"{"event":"ended","why":"x"}"#)).unwrap();
        }
        assert!(matches!(store.studies(), Err(StoreError::BadEvent { seq: 0, .. })));
    }

    // A page of rubbish in the middle of the file.
    drop((raw, store));
    let db = path.join("ruska.db");
    let size = fs::metadata(&db).unwrap().len() as usize;
    let mut file = fs::File::options().write(true).open(&db).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0xa5; size - 4096]).unwrap();
    let error = Store::open(&path).and_then(|store| store.studies()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_store_that_cannot_be_written_can_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, path) = folder();
    drop(Store::open(&path).unwrap().create_study(STEM, record(), 0, "").unwrap());
    let allow = |mode| {
        for (path, mode) in [(path.join("ruska.db"), mode & 0o666), (path.clone(), mode)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o555);
    let read = Store::open_existing(&path).and_then(|store| store.events("churn-1"));
    allow(0o755);
    assert_eq!(read.unwrap().len(), 1);
}

/// Run with `--nocapture` to see the figures.
#[test]
fn ten_thousand_events() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let journal = store.create_study(STEM, record(), 0, "").unwrap();
    let start = Instant::now();
    write(&journal, 0..10_000);
    let (appended, start) = (start.elapsed(), Instant::now());
    assert_eq!(store.events("churn-1").unwrap().len(), 10_001);
    let (read, start) = (start.elapsed(), Instant::now());
    let row = store.studies().unwrap().remove(0);
    let listed = start.elapsed();
    assert_eq!((row.done, row.best), (3333, Some(1.0)));
    let mut out = std::io::stderr();
    writeln!(out, "10,000 events: append {appended:?}, read {read:?}, list {listed:?}").unwrap();
}

#[test]
fn a_store_that_was_removed_or_replaced_is_known() {
    let (dir, path) = folder();
    let store = Store::open(&path).unwrap();
    assert!(store.is_in_place());
    std::fs::rename(&path, dir.path().join("away")).unwrap();
    assert!(!store.is_in_place());
    let other = Store::open(&path).unwrap();
    assert!(other.is_in_place() && !store.is_in_place());
}
