//! The store with 10,000 studies × 20 metrics: milliseconds of pages of the list of studies, of
//! questions about data among half as many models, and trials written per second.
//! `cargo xtask bench store`; `-- STUDIES` for another number.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use ruska_core::{Candidate, Event, FoldResult, Loss, Rng, StudyRecord, TrialState};
use ruska_store::register::{
    DatasetColumn, DatasetVersion, Deployment, Entry, ModelFacts, ModelVersion, Origin, Recorded,
    Role, Stamp, Subject,
};
use ruska_store::{Journal, StatusIs, Store, StoreError, StudyName, StudyQuery, StudySort};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

const METRICS: usize = 20;
const TARGETS: usize = 50;
const FOLDS: u32 = 5;
const PAGE: usize = 50;
/// Times that each kind of page is asked for.
const REPEATS: usize = 200;
const WRITING: Duration = Duration::from_secs(10);

fn main() {
    // Cargo adds `--bench` to the words given.
    let studies = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(10_000);
    let dir = tempfile::tempdir().unwrap();
    fill(dir.path(), studies);
    pages(dir.path());
    trials(dir.path());
    lineage(studies / 2);
    ledger(studies * 10);
}

fn metric(i: usize) -> String {
    format!("metric_{i:02}")
}

fn record(rng: &mut Rng) -> StudyRecord {
    let mut record: StudyRecord = serde_json::from_str(ruska_store::EXAMPLE_RECORD).unwrap();
    record.target = format!("target {}", rng.below(TARGETS));
    record.metric = metric(rng.below(METRICS));
    record
}

/// What is recorded of one trial, event by event.
fn trial(rng: &mut Rng, number: u32, metrics: usize) -> Vec<Event> {
    let params = [("penalty".to_owned(), ruska_core::Value::Float(rng.unit()))].into();
    let candidate = Candidate { steps: vec![], learner: "linear".into(), params };
    let mut events =
        vec![Event::TrialStarted { trial: number, candidate, origin: "random".into() }];
    events.extend((0..FOLDS).map(|fold| {
        let result = FoldResult {
            fold,
            loss: Loss::new(rng.unit()).unwrap(),
            scores: (0..metrics).map(|i| (metric(i), rng.unit())).collect::<BTreeMap<_, _>>(),
            rows: 200,
            iterations: Some(50),
            fit_seconds: rng.unit(),
            predict_seconds: rng.unit(),
            bytes: 1000,
            cut: false,
            cut_after: None,
        };
        Event::FoldDone { trial: number, result }
    }));
    let (state, seconds, predictions) = (TrialState::Done, rng.unit(), None);
    events.push(Event::TrialEnded { trial: number, state, seconds, predictions });
    events
}

/// Studies of one trial each; every fiftieth was interrupted.
fn fill(dir: &Path, studies: usize) {
    let (store, mut rng, start) = (Store::open(dir).unwrap(), Rng::new(0), Instant::now());
    for i in 0..studies {
        let name = format!("{} {i}", ["churn", "price", "demand", "risk"][rng.below(4)]);
        let at_ms = 1_700_000_000_000 + rng.below(1_000_000_000) as i64;
        let journal =
            store.create_study(StudyName::Exact(&name), record(&mut rng), at_ms, "ann").unwrap();
        let mut events = trial(&mut rng, 0, METRICS);
        if i % 50 != 0 {
            events.push(Event::Ended { why: "trials".into() });
        }
        journal.append_many(&events, at_ms).unwrap();
    }
    let megabytes = dir.join("ruska.db").metadata().unwrap().len() as f64 / 1e6;
    let seconds = start.elapsed().as_secs_f64();
    println!("{studies} studies × {METRICS} metrics: written in {seconds:.1} s, {megabytes:.0} MB");
}

/// A query of one kind, made up anew each time.
type Ask<'a> = Box<dyn Fn(&mut Rng) -> StudyQuery + 'a>;

/// Every kind of page, of random metrics and targets.
fn pages(dir: &Path) {
    let store = Store::open(dir).unwrap();
    let mut rng = Rng::new(1);
    println!("{:38} {:>8} {:>8} {:>8}", "page of 50, ms", "p50", "p95", "worst");
    let any = StudyQuery { limit: PAGE, ..StudyQuery::default() };
    let score = |rng: &mut Rng| StudySort::Score(metric(rng.below(METRICS)));
    let target = |rng: &mut Rng| Some(format!("target {}", rng.below(TARGETS)));
    let kinds: [(&str, Ask<'_>); 9] = [
        ("latest", Box::new(|_| any.clone())),
        ("by name", Box::new(|_| StudyQuery { sort: StudySort::Name, ..any.clone() })),
        ("by a metric", Box::new(|rng| StudyQuery { sort: score(rng), ..any.clone() })),
        ("of a target", Box::new(|rng| StudyQuery { target: target(rng), ..any.clone() })),
        (
            "of a target and metric, by the metric",
            Box::new(|rng| {
                let sort = score(rng);
                let StudySort::Score(id) = &sort else { unreachable!("it is by score") };
                let metric = Some(id.clone());
                StudyQuery { target: target(rng), metric, sort, ..any.clone() }
            }),
        ),
        (
            "with a word in the name",
            Box::new(|_| StudyQuery { name_contains: Some("RISK 99".into()), ..any.clone() }),
        ),
        (
            "interrupted",
            Box::new(|_| StudyQuery { status: Some(StatusIs::Interrupted), ..any.clone() }),
        ),
        (
            "from the middle, latest",
            Box::new(|_| StudyQuery { after: middle(&store, &any), ..any.clone() }),
        ),
        (
            "from the middle, by a metric",
            Box::new(|rng| {
                let query = StudyQuery { sort: score(rng), ..any.clone() };
                StudyQuery { after: middle(&store, &query), ..query }
            }),
        ),
    ];
    for (name, ask) in &kinds {
        let queries: Vec<StudyQuery> = (0..REPEATS / 10).map(|_| ask(&mut rng)).collect();
        report(name, || {
            let query = &queries[rng.below(queries.len())];
            assert!(!store.studies_page(query).unwrap().rows.is_empty());
        });
    }
    report("latest, the store opened anew", || {
        let store = Store::open_existing(dir).unwrap();
        assert_eq!(store.studies_page(&any).unwrap().rows.len(), PAGE);
    });
}

/// The cursor in the middle of the list.
fn middle(store: &Store, query: &StudyQuery) -> Option<String> {
    let total = store.studies_page(query).unwrap().total as usize;
    store.studies_page(&StudyQuery { limit: total / 2, ..query.clone() }).unwrap().next
}

fn report(name: &str, mut page: impl FnMut()) {
    let time = |()| {
        let start = Instant::now();
        page();
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = std::iter::repeat_n((), REPEATS).map(time).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((REPEATS - 1) as f64 * share).ceil() as usize];
    println!("{name:38} {:>8.2} {:>8.2} {:>8.2}", at(0.5), at(0.95), at(1.0));
}

/// One study among the others gets trial after trial, each event by an append of its own.
fn trials(dir: &Path) {
    let (store, mut rng) = (Store::open(dir).unwrap(), Rng::new(2));
    let journal = store.create_study(StudyName::Stem("long"), record(&mut rng), 0, "ann").unwrap();
    let start = Instant::now();
    let (mut written, mut slowest) = (0, Duration::ZERO);
    while start.elapsed() < WRITING {
        let events = trial(&mut rng, written, METRICS);
        let begun = Instant::now();
        write(&journal, &events);
        slowest = slowest.max(begun.elapsed());
        written += 1;
    }
    let rate = f64::from(written) / start.elapsed().as_secs_f64();
    println!(
        "trials of {FOLDS} folds written: {rate:.0} a second over {} s, the slowest took {:.1} ms",
        WRITING.as_secs(),
        slowest.as_secs_f64() * 1e3
    );
}

fn write(journal: &Journal, events: &[Event]) {
    for event in events {
        journal.append(event, 0).unwrap();
    }
}

/// Columns of a dataset.
const COLUMNS: usize = 30;
const ANN: Stamp<'static> = Stamp { at_ms: 0, actor: "ann" };

/// So many models that learned from a tenth as many dataset versions, and who learned from which.
fn lineage(models: usize) {
    let dir = tempfile::tempdir().unwrap();
    let (store, mut rng, start) = (Store::open(dir.path()).unwrap(), Rng::new(3), Instant::now());
    let datasets = (models / 10).max(1);
    for i in 0..datasets {
        store.add_dataset(&format!("data-{}", i % 50), dataset(&mut rng, i), ANN).unwrap();
    }
    for i in 0..models {
        let table = format!("table {}", rng.below(datasets));
        let name = format!("model-{}", i % 100);
        store.register_model(&name, i.to_string().as_bytes(), model(&table), ANN).unwrap();
    }
    let megabytes = dir.path().join("ruska.db").metadata().unwrap().len() as f64 / 1e6;
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{models} models, {datasets} datasets × {COLUMNS} columns: written in {seconds:.1} s, {megabytes:.0} MB"
    );
    println!("{:38} {:>8} {:>8} {:>8}", "question, ms", "p50", "p95", "worst");
    report("who learned from a dataset version", || {
        let name = format!("data-{}", rng.below(50));
        let Some(found) = store.dataset(&name, Some(1)).unwrap() else { return };
        let learned = store.learned_from(&name, 1, &found.version.fingerprint).unwrap();
        assert!(learned.len() < models);
    });
    report("which dataset a table is", || {
        assert!(store.dataset_of_table(&format!("table {}", datasets / 2)).unwrap().is_some());
    });
    report("which datasets come from a file", || {
        assert_eq!(store.datasets_of_source("/data/0.csv").unwrap().len(), 1);
    });
    report("all datasets", || assert_eq!(store.datasets(None).unwrap().len(), datasets));
}

/// Entries written at once.
const BATCH: usize = 1000;

/// A ledger of so many actions, and how long it takes to check all of them.
fn ledger(entries: usize) {
    let dir = tempfile::tempdir().unwrap();
    let (store, start) = (Store::open(dir.path()).unwrap(), Instant::now());
    for batch in 0..entries / BATCH {
        let name = format!("model-{}", batch % 100);
        let deployed = |version| Entry::Deployed {
            environment: "prod".into(),
            deployments: vec![Deployment { version, weight: 1.0, role: Role::Champion }],
            reason: "all 2 rules are met".into(),
            decision: Some(7),
        };
        let all: Vec<Entry> = (0..BATCH as u32).map(deployed).collect();
        let append = |_: &[Recorded], _| Ok::<_, StoreError>((all, ()));
        store.record(Subject::Model, &name, ANN, append).unwrap();
    }
    let (written, start) = (start.elapsed().as_secs_f64(), Instant::now());
    let checked = store.check_ledger(&[store.head().unwrap()]).unwrap();
    assert_eq!((checked.heads, checked.broken), (1, None));
    let seconds = start.elapsed().as_secs_f64();
    println!("{} entries, written in {written:.1} s, checked in {seconds:.2} s", checked.entries);
}

fn dataset(rng: &mut Rng, i: usize) -> DatasetVersion {
    let column = |at| DatasetColumn {
        name: format!("column {at}"),
        kind: ruska_core::Kind::Numeric,
        missing: 0,
        distinct: 1000,
        mean: Some(rng.unit()),
        sd: Some(rng.unit()),
        quantiles: (0..65).map(|_| rng.unit()).collect(),
        levels: vec![],
    };
    DatasetVersion {
        version: 0,
        source: format!("/data/{}.csv", i % 50),
        reading: BTreeMap::new(),
        digest: i.to_string(),
        bytes: 1000,
        rows: 1000,
        fingerprint: format!("table {i}"),
        columns: (0..COLUMNS).map(column).collect(),
    }
}

fn model(table: &str) -> ModelVersion {
    let facts = ModelFacts {
        task: "classification".into(),
        target: "churned".into(),
        classes: vec!["no".into(), "yes".into()],
        pipeline: "gbdt".into(),
        metric: metric(0),
        scores: (0..METRICS).map(|i| (metric(i), 0.1 + 0.2)).collect(),
        standard_error: Some(0.01),
        corrected: None,
        baseline: Some(0.5),
        seed: 0,
        rows: 1000,
        data: table.to_owned(),
        split: "00".into(),
        cutoff_ms: None,
        signature: vec![],
        ruska: "0.1.0".into(),
    };
    let (study, dataset) = (None, None);
    let (version, digest, bytes) = (0, String::new(), 0);
    ModelVersion { version, digest, bytes, origin: Origin::Registered, study, dataset, facts }
}
