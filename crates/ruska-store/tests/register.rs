//! What the register promises: versions, the ledger, many processes at once, kill -9.

#![allow(clippy::unwrap_used)]

mod common;

use common::entries::{dataset, decision, deployed, version};
use common::{Running, folder};
use ruska_core::Rng;
use ruska_store::register::{
    DatasetVersion, Deployment, Entry, JobStart, ModelState, Recorded, Role, Stamp, Standing,
    Subject,
};
use ruska_store::{Store, StoreError};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

const ANN: Stamp<'static> = Stamp { at_ms: 7, actor: "ann" };
/// For a child: the folder of its store.
const DIR: &str = "RUSKA_TEST_STORE";
/// For a child: what it is to do, how often, and its number among its likes.
const TASK: &str = "RUSKA_TEST_TASK";

fn append(
    store: &Store,
    subject: Subject,
    name: &str,
    entries: Vec<Entry>,
) -> Result<(), StoreError> {
    store.record(subject, name, ANN, |_, _| Ok((entries, ())))
}

fn state(store: &Store, name: &str) -> ModelState {
    ModelState::of(name, &store.entries(Subject::Model, Some(name)).unwrap())
}

/// The child: does its task so often, saying after each time which version or place it got.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = Store::open(Path::new(&dir)).unwrap();
    let task = std::env::var(TASK).unwrap();
    let [task, count, who] = task.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let mut out = std::io::stdout();
    for i in 0..count.parse::<u64>().unwrap() {
        let did = match task {
            "distinct" => register(&store, &format!("model {who} {i}")),
            "equal" => register(&store, &format!("model {i}")),
            _ => promote(&store),
        };
        if writeln!(out, "\ndid {did}").is_err() {
            return;
        }
    }
}

fn register(store: &Store, bytes: &str) -> u64 {
    let (made, _) = store.register_model("churn", bytes.as_bytes(), version(0.5), ANN).unwrap();
    made.version.into()
}

/// Registers a model, then decides on it and promotes it through two environments at once.
fn promote(store: &Store) -> u64 {
    let next = state(store, "churn").versions.len() + 1;
    let version = register(store, &format!("model {next}")) as u32;
    let decided = store.record(Subject::Model, "churn", ANN, |_, next| {
        let entries = vec![
            Entry::Decided(Box::new(decision(version))),
            deployed("dev", version, Some(next)),
            deployed("test", version, Some(next)),
        ];
        Ok::<_, StoreError>((entries, next))
    });
    decided.unwrap()
}

fn start(path: &Path, task: &str, count: u64, who: usize) -> Running {
    let task = format!("{task} {count} {who}");
    Running::start(&[(DIR, path.as_os_str()), (TASK, task.as_ref())])
}

/// Registrations of each of 16 processes.
const EACH: u64 = 100;

#[test]
fn processes_at_once_lose_no_version_and_make_none_twice() {
    let (_dir, path) = folder();
    let children: Vec<_> = (0..16).map(|who| start(&path, "distinct", EACH, who)).collect();
    children.into_iter().for_each(Running::finish);
    let store = Store::open(&path).unwrap();
    let state = state(&store, "churn");
    let expected = 16 * EACH as u32;
    assert!(state.versions.keys().copied().eq(1..=expected), "{:?}", state.versions.keys());
    let digests: BTreeSet<_> = state.versions.values().map(|v| &v.version.digest).collect();
    assert_eq!(digests.len(), expected as usize);
    let blobs = digests.iter().map(|d| store.get_blob(&d.parse().unwrap()).unwrap());
    let contents: BTreeSet<_> = blobs.map(|b| String::from_utf8(b).unwrap()).collect();
    let wanted = (0..16).flat_map(|who| (0..EACH).map(move |i| format!("model {who} {i}")));
    assert_eq!(contents, wanted.collect());
    let entries = store.entries(Subject::Model, None).unwrap();
    assert!(entries.iter().map(|e| e.seq).eq(1..=u64::from(expected)));
}

#[test]
fn processes_at_once_with_equal_bytes_get_one_version() {
    let (_dir, path) = folder();
    let children: Vec<_> = (0..16).map(|who| start(&path, "equal", 3, who)).collect();
    children.into_iter().for_each(Running::finish);
    let store = Store::open(&path).unwrap();
    assert!(state(&store, "churn").versions.keys().copied().eq(1..=3));
}

#[test]
fn a_kill_leaves_whole_registrations_and_whole_decisions() {
    let (_dir, path) = folder();
    // More where time is no matter.
    let kills = std::env::var("RUSKA_KILLS").map_or(6, |n| n.parse().unwrap());
    let (mut before, mut rng) = (0, Rng::new(0));
    for _ in 0..kills {
        let mut child = start(&path, "promote", u64::MAX, 0);
        let told = child.did(1 + rng.below(12));
        child.kill();

        let store = Store::open(&path).unwrap();
        let entries = store.entries(Subject::Model, Some("churn")).unwrap();
        assert!(entries.iter().map(|e| e.seq).eq(1..=entries.len() as u64));
        assert!(entries.len() as u64 >= told + 2 && told > before);
        let mut rest = entries.as_slice();
        let mut version = 0;
        while let [Recorded { entry: Entry::ModelRegistered(made), .. }, after @ ..] = rest {
            version += 1;
            assert_eq!(made.version, version);
            let bytes = store.get_blob(&made.digest.parse().unwrap()).unwrap();
            assert_eq!(bytes, format!("model {version}").into_bytes());
            rest = match after {
                // Killed between registration and decision: only the last of a run may be so.
                [] | [Recorded { entry: Entry::ModelRegistered(_), .. }, ..] => after,
                [decided, dev, test, rest @ ..] => {
                    assert_eq!(decided.entry, Entry::Decided(Box::new(decision(version))));
                    assert_eq!(dev.entry, deployed("dev", version, Some(decided.seq)));
                    assert_eq!(test.entry, deployed("test", version, Some(decided.seq)));
                    rest
                }
                half => panic!("half a decision: {half:?}"),
            };
        }
        assert!(rest.is_empty(), "{rest:?}");
        before = entries.len() as u64;
    }
}

#[test]
fn versions_are_numbered_once_and_equal_bytes_are_one_version() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let register = |bytes: &str| {
        let made = store.register_model("churn", bytes.as_bytes(), version(0.9), ANN).unwrap();
        (made.0.version, made.1)
    };
    assert_eq!([register("a"), register("b"), register("a")], [(1, true), (2, true), (1, false)]);
    let other = store.register_model("other", b"a", version(0.9), ANN).unwrap();
    assert_eq!((other.0.version, other.0.bytes, other.1), (1, 1, true));

    // A number is never used again; a deleted version does not stand for its bytes any more.
    let deleted = Entry::Deleted { version: 2, reason: "oops".into() };
    append(&store, Subject::Model, "churn", vec![deleted]).unwrap();
    assert_eq!([register("b"), register("b"), register("c")], [(3, true), (3, false), (4, true)]);
    let state = state(&store, "churn");
    assert!(matches!(&state.versions[&2].standing, Standing::Deleted(m) if m.reason == "oops"));
    assert_eq!((state.versions[&1].at_ms, state.versions[&1].author.as_str()), (7, "ann"));

    let add = |digest| {
        let (made, new) = store.add_dataset("churn", dataset(digest), ANN).unwrap();
        (made.version, new)
    };
    assert_eq!(
        [add("x"), add("y"), add("x"), add("z")],
        [(1, true), (2, true), (1, false), (3, true)]
    );
    let all = store.entries(Subject::Dataset, None).unwrap();
    assert_eq!(all.len(), 3);
    assert!(
        all.iter().all(|e| (e.at_ms, e.actor.as_str(), e.name.as_str()) == (7, "ann", "churn"))
    );
}

#[test]
fn what_is_recorded_reads_back_and_what_is_refused_leaves_nothing() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let refused =
        |subject, name: &str, entry| append(&store, subject, name, vec![entry]).unwrap_err();
    for bad in ["", "../x", "a:1", "a b", &"x".repeat(101)] {
        let error = store.register_model(bad, b"m", version(0.5), ANN).unwrap_err();
        assert!(matches!(error, StoreError::BadRegisterName { what: "model", .. }), "{error}");
        assert!(error.to_string().contains("letters, digits"), "{error}");
        assert!(store.add_dataset(bad, dataset("x"), ANN).is_err());
        assert!(store.lease_job(bad, "ann").is_err());
        let error = refused(Subject::Model, "churn", deployed(bad, 1, None));
        assert!(matches!(error, StoreError::BadRegisterName { what: "environment", .. }));
    }
    assert!(!path.join("blobs").read_dir().unwrap().any(|_| true), "a bad name keeps no blob");

    let unstorable = |e: &StoreError| matches!(e, StoreError::Unstorable { .. });
    let error = store.register_model("churn", b"m", version(f64::NAN), ANN).unwrap_err();
    assert!(unstorable(&error), "{error}");
    let weight = f64::INFINITY;
    let deployments = vec![Deployment { version: 1, weight, role: Role::Champion }];
    let (environment, reason, decision) = ("dev".into(), String::new(), None);
    let infinite = Entry::Deployed { environment, deployments, reason, decision };
    let run = JobStart {
        run: "1".into(),
        spec: "00".into(),
        data: "00".into(),
        study: "s".into(),
        cause: None,
    };
    let job = Entry::JobStarted(Box::new(run));
    let made = Entry::ModelRegistered(Box::new(version(0.5)));
    for entry in [infinite, job.clone(), made] {
        let pair = vec![deployed("dev", 1, None), entry];
        assert!(unstorable(&append(&store, Subject::Model, "churn", pair).unwrap_err()));
    }
    for bad in [vec![], vec!["a"; 2]] {
        let environments = bad.into_iter().map(str::to_owned).collect();
        assert!(unstorable(&refused(Subject::Store, "", Entry::EnvironmentsSet { environments })));
    }
    // What the closure refuses appends nothing, and its error comes back.
    let no = store.record(Subject::Model, "churn", ANN, |there, next| {
        assert_eq!((there.len(), next), (0, 1));
        Err::<(Vec<Entry>, ()), _>(StoreError::BadDigest { text: "no".into() })
    });
    assert_eq!(no.unwrap_err(), StoreError::BadDigest { text: "no".into() });
    assert!(store.entries(Subject::Model, None).unwrap().is_empty());

    append(&store, Subject::Job, "nightly", vec![job.clone(), job.clone()]).unwrap();
    append(&store, Subject::Job, "other", vec![job.clone()]).unwrap();
    let jobs = Store::open_existing(&path).unwrap().entries(Subject::Job, Some("nightly")).unwrap();
    let job = |seq| {
        let (actor, name) = ("ann".into(), "nightly".into());
        Recorded { seq, at_ms: 7, actor, subject: Subject::Job, name, entry: job.clone() }
    };
    assert_eq!(jobs, [job(1), job(2)]);
}

#[test]
fn environments_are_data_and_a_decision_may_ask_the_store() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    assert_eq!(store.environments().unwrap(), ["lab", "dev", "test", "prod"]);
    let environments = vec!["lab".to_owned(), "live".into()];
    let set = store.record(Subject::Store, "", ANN, |_, _| {
        assert_eq!(store.environments()?.len(), 4);
        Ok::<_, StoreError>((vec![Entry::EnvironmentsSet { environments }], ()))
    });
    set.unwrap();
    assert_eq!(store.environments().unwrap(), ["lab", "live"]);
}

#[test]
fn where_versions_stand_follows_from_the_entries() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    for i in 1..=3 {
        register(&store, &format!("model {i}"));
    }
    let back = || Entry::RolledBack { environment: "prod".into(), reason: "bad".into() };
    let champions = |entries: Vec<Entry>| {
        append(&store, Subject::Model, "churn", entries).unwrap();
        let state = state(&store, "churn");
        (state.champion("prod"), state.before("prod").map(|s| s.deployments[0].version))
    };
    assert_eq!(champions(vec![deployed("prod", 1, None)]), (Some(1), None));
    let two = vec![deployed("prod", 2, None), deployed("prod", 3, Some(4))];
    assert_eq!(champions(two), (Some(3), Some(2)));
    assert_eq!(champions(vec![back()]), (Some(2), Some(1)));
    assert_eq!(champions(vec![deployed("prod", 3, None)]), (Some(3), Some(2)));
    assert_eq!(champions(vec![back(), back()]), (Some(1), None));
    // Nothing stood there before: nothing to come back to.
    assert_eq!(champions(vec![back()]), (Some(1), None));
    let state = state(&store, "churn");
    assert!(state.has_stood(3, "prod") && !state.has_stood(3, "test"));
    assert_eq!(state.stands_in(1), [("prod", Role::Champion)]);
    let history = &state.history["prod"];
    let brought: Vec<_> = history.iter().map(|s| (s.deployments[0].version, s.rollback)).collect();
    let all = [(1, false), (2, false), (3, false), (2, true), (3, false), (2, true), (1, true)];
    assert_eq!(brought, all);
    assert_eq!((history[2].decision, history[3].mark.reason.as_str()), (Some(4), "bad"));
}

#[test]
fn a_job_is_run_by_one_at_a_time() {
    let (_dir, path) = folder();
    let (store, other) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let lease = store.lease_job("nightly", "ann").unwrap();
    let taken = other.lease_job("nightly", "bob").unwrap_err();
    let (what, name, by) = ("job", "nightly".to_owned(), " by ann".to_owned());
    assert_eq!(taken, StoreError::InUse { what, name, by });
    other.lease_job("weekly", "bob").unwrap();
    drop(lease);
    other.lease_job("nightly", "bob").unwrap();
}

#[test]
fn nothing_changes_an_entry_and_what_is_damaged_is_refused() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let (made, _) = store.register_model("churn", b"model", version(0.5), ANN).unwrap();
    let raw = rusqlite::Connection::open(path.join("ruska.db")).unwrap();
    for sql in [
        "UPDATE ledger SET body = ''",
        "DELETE FROM ledger",
        "INSERT INTO ledger SELECT 2, 0, '', subject, name, kind, version, '', body FROM ledger",
    ] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
    let blob = path.join("blobs").join(&made.digest[..2]).join(&made.digest[2..]);
    fs::write(&blob, "other").unwrap();
    let error = store.get_blob(&made.digest.parse().unwrap()).unwrap_err();
    assert!(matches!(error, StoreError::BadBlob { .. }), "{error}");
    // Registering the bytes again repairs the blob and makes no version.
    assert!(!store.register_model("churn", b"model", version(0.5), ANN).unwrap().1);
    assert_eq!(store.get_blob(&made.digest.parse().unwrap()).unwrap(), b"model");

    for (name, kind, body) in [
        ("newer", "teleported", r#"{"entry":"teleported"}"#),
        ("broken", "retired", r#"{"entry":"retired","version":-1}"#),
    ] {
        let sql = "INSERT INTO ledger (at_ms, actor, subject, name, kind, body) VALUES (0, '', 'model', ?1, ?2, ?3)";
        raw.execute(sql, (name, kind, body)).unwrap();
    }
    let read = |name| store.entries(Subject::Model, Some(name)).unwrap_err();
    assert_eq!(read("newer"), StoreError::UnknownEntry { seq: 2, kind: "teleported".into() });
    assert!(matches!(read("broken"), StoreError::BadEntry { seq: 3, .. }));
    assert_eq!(state(&store, "churn").versions.len(), 1);
}

#[test]
fn a_backup_holds_the_ledger_and_its_blobs() {
    let (dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let to = dir.path().join("backup");
    let backup = std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..20 {
                register(&store, &format!("model {i}"));
            }
        });
        while store.entries(Subject::Model, None).unwrap().is_empty() {}
        store.backup(&to).unwrap()
    });
    let copy = Store::open_existing(&to).unwrap();
    let (copied, all) = (state(&copy, "churn").versions, state(&store, "churn").versions);
    assert!(!copied.is_empty() && backup.blobs >= copied.len());
    for (number, version) in &copied {
        assert_eq!(all[number], *version);
        copy.get_blob(&version.version.digest.parse().unwrap()).unwrap();
    }
    let (next, new) = copy.register_model("churn", b"new", version(0.5), ANN).unwrap();
    assert_eq!((next.version, new), (copied.len() as u32 + 1, true));
}

#[test]
fn a_backup_without_a_model_says_so() {
    let (dir, path) = folder();
    let store = Store::open(&path).unwrap();
    for bytes in ["one", "two", "three"] {
        register(&store, bytes);
    }
    assert!(store.backup(&dir.path().join("whole")).unwrap().is_complete());
    let blob = |number: u32| {
        let digest = state(&store, "churn").versions[&number].version.digest.clone();
        path.join("blobs").join(&digest[..2]).join(&digest[2..])
    };
    std::fs::remove_file(blob(1)).unwrap();
    std::fs::write(blob(2), b"other bytes").unwrap();
    let backup = store.backup(&dir.path().join("part")).unwrap();
    assert_eq!(backup.without_model, ["churn:1", "churn:2"]);
    assert_eq!((backup.blobs, backup.damaged.len(), backup.is_complete()), (1, 1, false));
}

#[test]
fn models_are_found_by_the_dataset_they_learned_from() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let add = |name: &str, digest: &str, source: &str, table: &str| {
        let (source, fingerprint) = (source.to_owned(), table.to_owned());
        let made = DatasetVersion { source, fingerprint, ..dataset(digest) };
        store.add_dataset(name, made, ANN).unwrap()
    };
    add("churn", "aa", "/a.csv", "t1");
    assert_eq!(add("churn", "bb", "/a.csv", "t2").0.version, 2);
    assert!(!add("churn", "aa", "/elsewhere.csv", "t1").1);
    add("cars", "cc", "/a.csv", "t3");
    add("cars", "dd", "/b.csv", "t1");
    let register = |name: &str, bytes: &str, dataset: Option<(&str, u32)>, table: &str| {
        let mut made = version(0.5);
        made.dataset = dataset.map(|(name, version)| (name.to_owned(), version));
        made.facts.data = table.into();
        store.register_model(name, bytes.as_bytes(), made, ANN).unwrap();
    };
    register("m", "1", Some(("churn", 2)), "part of t2");
    register("m", "2", None, "t2");
    register("m", "3", Some(("churn", 1)), "t2");
    register("m", "4", Some(("churn", 1)), "t1");
    register("n", "5", Some(("churn", 2)), "t2");
    append(&store, Subject::Model, "m", vec![deployed("dev", 2, None)]).unwrap();
    append(&store, Subject::Model, "n", vec![Entry::Decided(Box::new(decision(1)))]).unwrap();

    let learned = store.learned_from("churn", 2, "t2").unwrap();
    let found: Vec<_> = learned
        .iter()
        .map(|e| match &e.entry {
            Entry::ModelRegistered(v) => (e.name.as_str(), v.version),
            Entry::Deployed { .. } => (e.name.as_str(), 0),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(found, [("m", 1), ("m", 2), ("m", 3), ("n", 1), ("m", 0)]);
    assert!(store.learned_from("churn", 3, "none").unwrap().is_empty());

    let name = |name: &str, version| (name.to_owned(), version);
    assert_eq!(store.datasets_of_source("/a.csv").unwrap(), [name("churn", 2)]);
    assert_eq!(store.datasets_of_source("/b.csv").unwrap(), [name("cars", 2)]);
    assert!(store.datasets_of_source("/elsewhere.csv").unwrap().is_empty());
    assert_eq!(store.dataset_of_table("t1").unwrap(), Some(name("cars", 2)), "the last added");
    assert_eq!(store.dataset_of_table("t4").unwrap(), None);
    let of_digest = |digest| store.dataset_of_digest("churn", digest).unwrap();
    assert_eq!([of_digest("aa"), of_digest("bb"), of_digest("cc")], [Some(1), Some(2), None]);
    assert_eq!(store.dataset_names().unwrap(), ["cars", "churn"]);
    let heads = store.datasets(None).unwrap();
    let heads: Vec<_> = heads.iter().map(|h| (h.name.as_str(), h.version)).collect();
    assert_eq!(heads, [("cars", 2), ("cars", 1), ("churn", 2), ("churn", 1)]);
    let found = store.dataset("churn", None).unwrap().unwrap();
    assert_eq!((found.author.as_str(), found.version.digest.as_str()), ("ann", "bb"));
    let first = store.dataset("churn", Some(1)).unwrap().unwrap();
    assert_eq!((first.at_ms, first.version.fingerprint.as_str()), (7, "t1"));
    assert!(store.dataset("churn", Some(3)).unwrap().is_none());
    assert!(store.dataset("none", None).unwrap().is_none());
}
