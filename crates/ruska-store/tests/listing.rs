//! The list of studies: what it tells follows from the events, whoever wrote them; pages of it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{folder, record, started};
use ruska_core::{
    Event, FailureKind, FoldResult, Loss, Rng, TaskKind, Timed, Trial, TrialState, trials,
};
use ruska_store::{
    Journal, Status, StatusIs, Store, StoreError, StudyName, StudyPage, StudyQuery, StudyRow,
    StudySort,
};
use std::collections::BTreeMap;

fn fold(trial: u32, fold: u32, loss: f64, scores: BTreeMap<String, f64>) -> Event {
    let result = FoldResult {
        fold,
        loss: Loss::new(loss).unwrap(),
        scores,
        rows: 10 + fold,
        iterations: None,
        fit_seconds: 0.0,
        predict_seconds: 0.0,
        bytes: 0,
        cut: false,
        cut_after: None,
    };
    Event::FoldDone { trial, result }
}

fn ended(trial: u32, state: TrialState) -> Event {
    Event::TrialEnded { trial, state, seconds: 0.0, predictions: None }
}

/// What a process may write: trials that begin, end in every way or not at all, begin again,
/// models, beginnings and ends of runs.
fn story(rng: &mut Rng, length: usize) -> Vec<Event> {
    let mut events = vec![];
    let mut begun: Vec<u32> = vec![];
    for _ in 0..length {
        let trial = rng.below(8) as u32;
        match rng.below(8) {
            0 | 1 => {
                begun.retain(|t| *t != trial);
                begun.push(trial);
                events.push(started(trial));
            }
            2 => events.push(Event::Started { trials: Some(8), seconds: None }),
            3 => events.push(Event::Ended { why: ["time", "stopped"][rng.below(2)].into() }),
            4 => {
                let model = format!("{:064x}", rng.below(3));
                events.push(Event::ModelSaved {
                    trial,
                    model,
                    emitted: "folds".into(),
                    params: None,
                    members: vec![],
                    corrected: None,
                    calibration: None,
                });
            }
            _ if begun.is_empty() => {}
            _ => {
                let trial = begun.swap_remove(rng.below(begun.len()));
                for part in 0..rng.below(3) as u32 {
                    // Few values, so that losses are equal now and then.
                    let loss = rng.below(4) as f64 / 4.0;
                    let mut scores = BTreeMap::from([("auc".to_owned(), 1.0 - loss)]);
                    if rng.below(2) == 0 {
                        scores.insert("logloss".into(), rng.unit());
                    }
                    events.push(fold(trial, part, loss, scores));
                }
                let kind = FailureKind::Error;
                let ends = [
                    TrialState::Done,
                    TrialState::Done,
                    TrialState::Pruned { at: 1 },
                    TrialState::Failed { kind, why: "no".into() },
                    TrialState::TimedOut,
                ];
                events.push(ended(trial, ends[rng.below(5)].clone()));
            }
        }
    }
    events
}

/// The row that a study's events tell of, by their definition in core.
fn expected(
    events: &[Timed],
) -> (u32, u32, u32, Option<u32>, BTreeMap<String, f64>, Option<String>) {
    let trials = trials(events);
    let count =
        |is: fn(&TrialState) -> bool| trials.values().filter(|t| is(&t.state)).count() as u32;
    let scored = trials.values().filter_map(|t| Some((t.loss()?, t.number)));
    let best: Option<&Trial> = scored.min().map(|(_, number)| &trials[&number]);
    let score = |id: &str| Some((id.to_owned(), best?.score(id)?));
    let why = events.iter().rev().find_map(|timed| match &timed.event {
        Event::Ended { why } => Some(Some(why.clone())),
        Event::Started { .. } => Some(None),
        _ => None,
    });
    (
        count(|s| *s == TrialState::Done),
        count(|s| matches!(s, TrialState::Pruned { .. })),
        count(|s| matches!(s, TrialState::Failed { .. } | TrialState::TimedOut)),
        best.map(|t| t.number),
        ["auc", "logloss"].into_iter().filter_map(score).collect(),
        why.flatten(),
    )
}

#[test]
fn a_row_is_what_the_events_tell_however_they_were_written() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    for seed in 0..60 {
        let mut rng = Rng::new(seed);
        let mut journal = store.create_study(StudyName::Stem("s"), record(), 5, "ann").unwrap();
        let name = journal.name().to_owned();
        let story = story(&mut rng, 40);
        let mut rest = story.as_slice();
        while !rest.is_empty() {
            let (some, more) = rest.split_at(1 + rng.below(rest.len()));
            journal.append_many(some, 6).unwrap();
            rest = more;
            match rng.below(4) {
                // Another process goes on.
                0 => {
                    drop(journal);
                    journal = Store::open(&path).unwrap().journal(&name, "bob").unwrap();
                }
                // An append fails; what it began to count must not count.
                1 => {
                    let bad = Event::Ended { why: "no".into() };
                    let seconds = Some(f64::NAN);
                    let both = [started(0), bad, Event::Started { trials: None, seconds }];
                    journal.append_many(&both, 6).unwrap_err();
                }
                _ => {}
            }
        }
        drop(journal);
        let row = store.studies().unwrap().into_iter().find(|r| r.name == name).unwrap();
        let events = store.events(&name).unwrap();
        let why = match row.status {
            Status::Ended { why } => Some(why),
            Status::Interrupted => None,
            Status::Running => panic!("nobody works on it"),
        };
        let told = (row.done, row.pruned, row.failed, row.best_trial, row.scores, why);
        assert_eq!(told, expected(&events), "seed {seed}");
        assert_eq!(row.best, told.4.get("auc").copied());
        assert_eq!(
            (row.created_ms, row.actor.as_str(), row.task),
            (5, "ann", TaskKind::Classification)
        );
    }
}

#[test]
fn the_study_of_a_model_is_that_whose_last_model_it_is() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let save = |journal: &Journal, model: &str| {
        let (model, emitted) = (model.to_owned(), "folds".to_owned());
        journal
            .append(
                &Event::ModelSaved {
                    trial: 0,
                    model,
                    emitted,
                    params: None,
                    members: vec![],
                    corrected: None,
                    calibration: None,
                },
                0,
            )
            .unwrap();
    };
    let create = |name| store.create_study(StudyName::Exact(name), record(), 0, "").unwrap();
    let (one, two) = (create("one"), create("two"));
    save(&one, "aa");
    save(&one, "bb");
    save(&two, "aa");
    let study = |digest| store.study_of_model(digest).unwrap();
    assert_eq!(study("aa").as_deref(), Some("two"));
    assert_eq!(study("bb").as_deref(), Some("one"));
    assert_eq!(study("cc"), None);
    save(&one, "aa");
    save(&two, "cc");
    assert_eq!([study("aa"), study("bb")], [Some("one".into()), None]);
}

const STATES: [Option<&str>; 3] = [Some("time"), None, Some("stopped")];

/// 60 studies that differ in all that can be asked for, some of them equal in it.
fn many(store: &Store) -> Vec<StudyRow> {
    let mut rng = Rng::new(1);
    for i in 0..60 {
        let mut record = record();
        record.target = ["churned", "price"][rng.below(2)].into();
        record.metric = ["auc", "logloss"][rng.below(2)].into();
        let name = format!("{}-{i}", ["Alpha", "beta%_", "ünï:x"][rng.below(3)]);
        let at_ms = rng.below(20) as i64 - 10;
        let journal = store.create_study(StudyName::Exact(&name), record, at_ms, "").unwrap();
        let loss = rng.below(10) as f64 / 7.0;
        let mut scores = BTreeMap::from([("auc".to_owned(), -loss)]);
        if rng.below(2) == 0 {
            scores.insert("logloss".into(), loss);
        }
        let trial = [started(0), fold(0, 0, loss, scores), ended(0, TrialState::Done)];
        journal.append_many(&trial, 0).unwrap();
        if let Some(why) = STATES[rng.below(3)] {
            journal.append(&Event::Ended { why: why.into() }, 0).unwrap();
        }
    }
    let rows = store.studies().unwrap();
    assert_eq!(rows.len(), 60);
    rows
}

/// All rows of a query, page by page.
fn walk(store: &Store, query: &StudyQuery) -> Vec<String> {
    let (mut query, mut names) = (query.clone(), vec![]);
    loop {
        let StudyPage { rows, total, next } = store.studies_page(&query).unwrap();
        names.extend(rows.iter().map(|row| row.name.clone()));
        assert!(next.is_none() || rows.len() == query.limit);
        assert_eq!(next.is_none(), names.len() as u64 == total, "{query:?}");
        let Some(next) = next else { return names };
        assert_eq!(Some(&next), rows.last().map(|row| &row.cursor));
        query.after = Some(next);
    }
}

#[test]
fn pages_together_are_the_whole_list_in_its_order() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let rows = many(&store);
    let place = |name: &str| name.rsplit('-').next().unwrap().parse::<u32>().unwrap();
    let names = |rows: &[&StudyRow]| rows.iter().map(|r| r.name.clone()).collect::<Vec<_>>();

    for (sort, descending) in [
        (StudySort::Created, true),
        (StudySort::Created, false),
        (StudySort::Name, true),
        (StudySort::Name, false),
        (StudySort::Score("auc".into()), true),
        (StudySort::Score("logloss".into()), false),
        (StudySort::Score("nothing".into()), false),
    ] {
        for (target, metric, part) in [
            (None, None, None),
            (Some("churned"), None, None),
            (Some("churned"), Some("auc"), None),
            (None, Some("logloss"), Some("ALPHA")),
            (None, None, Some("%_")),
            (Some("nothing"), None, None),
        ] {
            let mut wanted: Vec<&StudyRow> = rows
                .iter()
                .filter(|row| target.is_none_or(|t| row.target == t))
                .filter(|row| metric.is_none_or(|m| row.metric == m))
                .filter(|row| {
                    part.is_none_or(|p| row.name.to_lowercase().contains(&p.to_lowercase()))
                })
                .filter(|row| match &sort {
                    StudySort::Score(id) => row.scores.contains_key(id),
                    _ => true,
                })
                .collect();
            wanted.sort_by(|a, b| {
                let order = match &sort {
                    StudySort::Created => a.created_ms.cmp(&b.created_ms),
                    StudySort::Name => a.name.as_bytes().cmp(b.name.as_bytes()),
                    StudySort::Score(id) => a.scores[id].partial_cmp(&b.scores[id]).unwrap(),
                };
                let order = order.then(place(&a.name).cmp(&place(&b.name)));
                if descending { order.reverse() } else { order }
            });
            for limit in [1, 7, 59, 60, 61, usize::MAX] {
                let owned = |text: Option<&str>| text.map(str::to_owned);
                let query = StudyQuery {
                    target: owned(target),
                    metric: owned(metric),
                    name_contains: owned(part),
                    sort: sort.clone(),
                    descending,
                    limit,
                    ..StudyQuery::default()
                };
                assert_eq!(walk(&store, &query), names(&wanted), "{query:?}");
            }
        }
    }
}

#[test]
fn studies_are_found_by_how_they_stand() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    let rows = many(&store);
    let open: Vec<_> = rows.iter().filter(|r| r.status == Status::Interrupted).collect();
    let working: Vec<_> = open[..3].iter().map(|r| store.journal(&r.name, "").unwrap()).collect();
    let count = |status| {
        let query = StudyQuery { status: Some(status), limit: 4, ..StudyQuery::default() };
        let page = store.studies_page(&query).unwrap();
        assert_eq!(walk(&store, &query).len() as u64, page.total);
        for row in page.rows {
            let is = match row.status {
                Status::Running => StatusIs::Running,
                Status::Ended { .. } => StatusIs::Ended,
                Status::Interrupted => StatusIs::Interrupted,
            };
            assert_eq!(is, status);
        }
        page.total as usize
    };
    assert_eq!(count(StatusIs::Running), 3);
    assert_eq!(count(StatusIs::Interrupted), open.len() - 3);
    assert_eq!(count(StatusIs::Ended), 60 - open.len());
    drop(working);
    assert_eq!(count(StatusIs::Running), 0);
}

#[test]
fn a_foreign_cursor_is_refused() {
    let (_dir, path) = folder();
    let store = Store::open(&path).unwrap();
    many(&store);
    let sorts = || [StudySort::Created, StudySort::Name, StudySort::Score("auc".into())];
    let page = |sort, after| {
        store.studies_page(&StudyQuery { sort, after, limit: 2, ..StudyQuery::default() })
    };
    for from in sorts() {
        let cursor = page(from.clone(), None).unwrap().next;
        for to in sorts() {
            assert_eq!(page(to.clone(), cursor.clone()).is_ok(), from == to);
        }
    }
    for bad in ["", "created", "created:1", "created:x:1", "created:1:1.5", "auc:1:x", "'; DROP"] {
        for sort in sorts() {
            let error = page(sort, Some(bad.to_owned())).unwrap_err();
            assert!(matches!(error, StoreError::BadCursor { .. }), "{bad}");
        }
    }
}
