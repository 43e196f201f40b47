//! Versions on their way from lab to production, by many hands at once.
#![allow(clippy::unwrap_used)]

use ruska::Store;
use ruska::register::{Entry, ModelFacts, ModelState, ModelVersion, Origin, Role, Stamp, Subject};
use ruska_ops::Error;
use ruska_ops::register::{
    Change, Promotion, Reference, approve, delete, environment_diff, list, promote, reject, retire,
    rollback, set_environments, show, state,
};
use std::collections::BTreeMap;

const DAY: i64 = 86_400_000;

fn at(at_ms: i64) -> Stamp<'static> {
    Stamp { at_ms, actor: "ann" }
}

/// A store with some versions of `churn`. Their bytes are no models, which nothing here looks at.
fn store(versions: u32) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (1..=versions).for_each(|n| drop(enter(&store, "churn", &n.to_string())));
    (folder, store)
}

fn enter(store: &Store, name: &str, bytes: &str) -> ModelVersion {
    let facts = ModelFacts {
        task: "classification".into(),
        target: "churned".into(),
        classes: vec!["no".into(), "yes".into()],
        pipeline: "gbdt".into(),
        metric: "auc".into(),
        scores: BTreeMap::from([("auc".into(), 0.9)]),
        standard_error: Some(0.01),
        corrected: None,
        baseline: Some(0.5),
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
    store.register_model(name, bytes.as_bytes(), version, at(0)).unwrap().0
}

fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

fn bring(store: &Store, text: &str, environment: &str) -> Result<Change, Error> {
    let promotion = Promotion { environment, role: Role::Champion, weight: None, reason: "" };
    promote(store, &reference(text), &promotion, at(1))
}

fn bring_to_prod(store: &Store, text: &str) {
    ["dev", "test", "prod"].iter().for_each(|e| drop(bring(store, text, e).unwrap()));
}

fn champion(store: &Store, environment: &str) -> Option<u32> {
    state(store, "churn").unwrap().champion(environment)
}

fn entries(store: &Store) -> usize {
    store.entries(Subject::Model, None).unwrap().len()
}

#[track_caller]
fn refused<T>(result: Result<T, Error>, words: &[&str]) {
    let message = result.err().unwrap().to_string();
    assert!(words.iter().all(|w| message.contains(w)), "{message}");
}

#[test]
fn a_step_skipped_is_refused_and_named() {
    let (_folder, store) = store(1);
    refused(bring(&store, "churn:1", "prod"), &["churn:1", "prod", "has not stood in dev"]);
    bring(&store, "churn:1", "dev").unwrap();
    refused(bring(&store, "churn:1", "prod"), &["ruska model promote churn:1 test"]);
    bring(&store, "churn@dev", "test").unwrap();
    bring(&store, "churn:1", "prod").unwrap();
    assert_eq!(champion(&store, "prod"), Some(1));
    assert_eq!(
        reference("churn")
            .resolve(&state(&store, "churn").unwrap(), &store.environments().unwrap())
            .unwrap(),
        1
    );
}

#[test]
fn what_stands_there_already_is_left_alone() {
    let (_folder, store) = store(1);
    assert!(bring(&store, "churn:1", "dev").unwrap().changed);
    let before = entries(&store);
    assert!(!bring(&store, "churn:1", "dev").unwrap().changed);
    assert!(!bring(&store, "churn:1", "lab").unwrap().changed, "every version stands in lab");
    assert_eq!(entries(&store), before);
}

#[test]
fn names_that_are_not_there_are_told_with_what_there_is() {
    let (_folder, store) = store(1);
    refused(bring(&store, "chrun:1", "dev"), &["chrun", "did you mean `churn`"]);
    refused(bring(&store, "churn:2", "dev"), &["churn:2", "the last version is churn:1"]);
    refused(bring(&store, "churn:1", "production"), &["production", "lab, dev, test, prod"]);
    refused(bring(&store, "churn@test", "prod"), &["stands in test", "promote churn:1 dev"]);
}

#[test]
fn a_rollback_brings_back_what_stood_before_step_by_step() {
    let (_folder, store) = store(3);
    ["churn:1", "churn:2", "churn:3"].iter().for_each(|v| bring_to_prod(&store, v));
    let back =
        |n| rollback(&store, "churn", "prod", "bad", at(2)).map(|c| assert_eq!(c.version, n));
    back(2).unwrap();
    back(1).unwrap();
    refused(back(0), &["nothing stood there before churn:1"]);
    assert_eq!((champion(&store, "prod"), champion(&store, "test")), (Some(1), Some(3)));
    // A version that has stood there needs no way through the others again.
    bring(&store, "churn:3", "prod").unwrap();
    back(1).unwrap();
    refused(rollback(&store, "churn", "lab", "", at(2)), &["every version stands there"]);
    refused(rollback(&store, "churn", "nowhere", "", at(2)), &["nowhere"]);
}

#[test]
fn a_rollback_brings_back_no_retired_version() {
    let (_folder, store) = store(2);
    bring_to_prod(&store, "churn:1");
    bring_to_prod(&store, "churn:2");
    retire(&store, &reference("churn:1"), "biased", at(2)).unwrap();
    let before = entries(&store);
    refused(
        rollback(&store, "churn", "prod", "", at(3)),
        &["churn:1 was retired by ann", "biased"],
    );
    assert_eq!(entries(&store), before, "what is refused leaves no trace");
}

#[test]
fn versions_out_of_use_are_not_promoted_and_deployed_ones_stay_in_use() {
    let (_folder, store) = store(4);
    bring_to_prod(&store, "churn:1");
    for withdraw in [retire, delete] {
        refused(withdraw(&store, &reference("churn:1"), "", at(2)), &["stands in dev, prod, test"]);
    }
    refused(reject(&store, &reference("churn:1"), "no", at(2)), &["champion of prod"]);
    assert_eq!(reject(&store, &reference("churn:2"), "worse", at(2)).unwrap(), (2, true));
    assert_eq!(reject(&store, &reference("churn:2"), "worse", at(3)).unwrap(), (2, false));
    assert_eq!(retire(&store, &reference("churn:3"), "", at(2)).unwrap(), (3, true));
    assert_eq!(delete(&store, &reference("churn:4"), "", at(2)).unwrap(), (4, true));
    assert_eq!(delete(&store, &reference("churn:4"), "", at(2)).unwrap(), (4, false));
    refused(retire(&store, &reference("churn:4"), "", at(2)), &["churn:4 was deleted"]);
    for (version, word) in [("churn:2", "rejected"), ("churn:3", "retired"), ("churn:4", "deleted")]
    {
        refused(bring(&store, version, "dev"), &[word, "ann"]);
    }
    assert_eq!(list(&store, None, false).unwrap().len(), 3);
    assert_eq!(list(&store, Some("churn"), true).unwrap().len(), 4);
    assert_eq!(enter(&store, "churn", "5").version, 5, "a number is never used again");
}

/// Records a proposal for prod as a job does.
fn propose(store: &Store, version: u32, expires_ms: i64) {
    let environment = "prod".to_owned();
    let entry = Entry::Proposed { version, environment, expires_ms, decision: None };
    let stamp = Stamp { at_ms: 1, actor: "job:churn" };
    store.record(Subject::Model, "churn", stamp, |_, _| Ok::<_, Error>((vec![entry], ()))).unwrap();
}

#[test]
fn an_approval_leads_through_the_environments_on_the_way() {
    let (_folder, store) = store(2);
    bring_to_prod(&store, "churn:1");
    bring(&store, "churn:2", "dev").unwrap();
    propose(&store, 2, DAY);
    let done = approve(&store, &reference("churn:2"), "looks right", at(DAY)).unwrap();
    assert_eq!(done.deployed, ["test", "prod"]);
    assert_eq!((done.replaced, champion(&store, "prod")), (Some(1), Some(2)));
    let shown = show(&store, "churn", 2).unwrap();
    assert_eq!(shown.history.last().unwrap().stand.mark.reason, "looks right");
    refused(approve(&store, &reference("churn:2"), "", at(DAY)), &["ann approved it"]);
}

#[test]
fn proposals_that_lapsed_were_answered_or_replaced_are_not_approved() {
    let (_folder, store) = store(3);
    let approve = |text: &str, when| approve(&store, &reference(text), "", at(when));
    refused(approve("churn:1", 2), &["nobody proposed it"]);
    propose(&store, 1, DAY);
    refused(approve("churn:1", DAY + 1), &["lapsed on 1970-01-02"]);
    propose(&store, 2, DAY);
    refused(approve("churn:1", 2), &["a later proposal of churn:2 for prod"]);
    reject(&store, &reference("churn:2"), "too slow", at(3)).unwrap();
    refused(approve("churn:2", 4), &["churn:2 was rejected by ann", "too slow"]);
    propose(&store, 3, DAY);
    retire(&store, &reference("churn:3"), "", at(3)).unwrap();
    refused(approve("churn:3", 4), &["retired"]);
    assert_eq!(champion(&store, "prod"), None);
}

#[test]
fn environments_are_data() {
    let (_folder, store) = store(2);
    let set = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
        set_environments(&store, &names, at(1))
    };
    set(&["lab", "staging", "prod"]).unwrap();
    bring(&store, "churn:1", "staging").unwrap();
    bring(&store, "churn:1", "prod").unwrap();
    bring(&store, "churn:2", "staging").unwrap();
    refused(set(&["lab", "prod"]), &["churn:2 stands in `staging`"]);
    refused(set(&["prod", "lab", "staging"]), &["`prod`", "first environment"]);
    refused(set(&["lab", "lab"]), &["twice"]);
    refused(set(&["lab", "staging", "prod", "../x"]), &["../x"]);
    refused(set(&[]), &["at least one"]);
    let diff = environment_diff(&store, "staging", "prod").unwrap();
    assert_eq!((diff.differences, diff.models[0].left[0].version), (1, 2));
    bring(&store, "churn:1", "staging").unwrap();
    let diff = environment_diff(&store, "staging", "prod").unwrap();
    assert_eq!((diff.differences, diff.models.len()), (0, 1));
    let diff = environment_diff(&store, "lab", "prod").unwrap();
    assert_eq!((diff.models[0].left[0].version, diff.differences), (2, 1));
}

#[test]
fn promotions_at_once_give_the_result_of_one_after_the_other() {
    let (folder, store) = store(8);
    let at_once = |f: &(dyn Fn(&Store, u32) + Sync)| {
        std::thread::scope(|scope| {
            for n in 1..=8 {
                // Each with its own connection, as processes have.
                let path = folder.path();
                scope.spawn(move || f(&Store::open(path).unwrap(), n));
            }
        });
    };
    at_once(&|store, n| bring_to_prod(store, &format!("churn:{n}")));
    let entries = store.entries(Subject::Model, Some("churn")).unwrap();
    let state = ModelState::of("churn", &entries);
    assert_eq!(state.history["prod"].len(), 8, "no promotion is lost and none is made twice");
    let mut champions: Vec<u32> =
        state.history["prod"].iter().map(|s| s.deployments[0].version).collect();
    champions.sort_unstable();
    assert_eq!(champions, [1, 2, 3, 4, 5, 6, 7, 8]);
    at_once(&|store, _| drop(rollback(store, "churn", "prod", "", at(2))));
    let back = self::state(&store, "churn").unwrap();
    let first = state.history["prod"][0].deployments[0].version;
    assert_eq!(back.champion("prod"), Some(first), "seven rolled back, the eighth was refused");
}
