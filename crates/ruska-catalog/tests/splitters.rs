//! Splitters: what must hold for every one of them, over random inputs.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use ruska_core::{Fold, SplitError, SplitInput, SplitParams, Splitter};
use std::sync::Arc;

fn splitter(id: &str) -> Arc<dyn Splitter> {
    Arc::clone(ruska_catalog::builtin().splitter(id).unwrap())
}

/// Roles of some rows.
#[derive(Clone, Debug)]
struct Rows {
    classes: Vec<u32>,
    groups: Vec<u32>,
    times: Vec<i64>,
}

impl Rows {
    fn len(&self) -> usize {
        self.classes.len()
    }

    /// Everything that is known of the rows.
    fn all(&self) -> SplitInput<'_> {
        SplitInput {
            rows: self.len(),
            classes: Some(&self.classes),
            groups: Some(&self.groups),
            times: Some(&self.times),
            panel: None,
        }
    }
}

prop_compose! {
    fn any_rows()(
        rows in prop::collection::vec((0u32..5, 0u32..12, -6i64..20), 0..90),
        spread in prop::sample::select(vec![1u32, 300_000_000]),
    ) -> Rows {
        Rows {
            // Squaring makes some classes rare.
            classes: rows.iter().map(|r| r.0 * r.0 / 4).collect(),
            groups: rows.iter().map(|r| r.1 * spread).collect(),
            times: rows.iter().map(|r| r.2).collect(),
        }
    }
}

prop_compose! {
    fn any_params()(
        folds in 2usize..8,
        repeats in 1usize..4,
        test_share in 0.01..0.99,
        seed: u64,
    ) -> SplitParams {
        SplitParams { folds, repeats, test_share, seed }
    }
}

fn distinct<T: Ord + Copy>(values: &[T]) -> usize {
    values.iter().collect::<std::collections::BTreeSet<_>>().len()
}

fn of<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().map(|&r| values[r as usize]).collect()
}

fn count(values: &[u32], rows: &[u32], value: u32) -> usize {
    rows.iter().filter(|&&r| values[r as usize] == value).count()
}

/// Largest minus smallest.
fn spread(counts: impl Iterator<Item = usize> + Clone) -> usize {
    counts.clone().max().unwrap() - counts.min().unwrap()
}

fn tests_all_once(folds: &[Fold], rows: usize) -> bool {
    let mut tested: Vec<u32> = folds.iter().flat_map(|f| f.test.iter().copied()).collect();
    tested.sort_unstable();
    tested == (0..rows as u32).collect::<Vec<_>>()
}

fn groups_stay_whole(fold: &Fold, groups: &[u32]) -> bool {
    let tested = of(groups, &fold.test);
    of(groups, &fold.train).iter().all(|g| !tested.contains(g))
}

proptest! {
    #[test]
    fn every_splitter_divides_rows(rows in any_rows(), params in any_params()) {
        for splitter in ruska_catalog::builtin().splitters {
            let info = splitter.info();
            let Ok(folds) = splitter.split(rows.all(), &params) else { continue };
            for fold in &folds {
                for part in [&fold.train, &fold.test] {
                    prop_assert!(!part.is_empty(), "{} has an empty part", info.id);
                    prop_assert!(part.windows(2).all(|w| w[0] < w[1]), "{} not ascending", info.id);
                    prop_assert!(part.iter().all(|&r| (r as usize) < rows.len()));
                }
                if info.tests_trained {
                    prop_assert!(folds[0].train.len() == rows.len(), "the first is not all rows");
                    continue;
                }
                prop_assert!(fold.test.iter().all(|r| fold.train.binary_search(r).is_err()));
                if info.id != "time_ordered" {
                    prop_assert_eq!(fold.test.len() + fold.train.len(), rows.len());
                }
            }
            if info.partition {
                let once = folds.chunks(params.folds).all(|f| tests_all_once(f, rows.len()));
                prop_assert!(once, "{} does not test every row once", info.id);
            }
            prop_assert_eq!(&folds, &splitter.split(rows.all(), &params).unwrap());
        }
    }

    #[test]
    fn k_fold_is_even(rows in any_rows(), params in any_params()) {
        let folds = splitter("k_fold").split(rows.all(), &params);
        prop_assert_eq!(folds.is_ok(), rows.len() >= params.folds);
        if let Ok(folds) = folds {
            prop_assert_eq!(folds.len(), params.folds);
            prop_assert!(spread(folds.iter().map(|f| f.test.len())) <= 1);
        }
    }

    #[test]
    fn stratified_spreads_every_class(rows in any_rows(), params in any_params()) {
        let folds = splitter("stratified").split(rows.all(), &params);
        prop_assert_eq!(folds.is_ok(), rows.len() >= params.folds);
        let Ok(folds) = folds else { return Ok(()) };
        prop_assert!(spread(folds.iter().map(|f| f.test.len())) <= 1);
        for class in 0..5 {
            prop_assert!(spread(folds.iter().map(|f| count(&rows.classes, &f.test, class))) <= 1);
            if rows.classes.iter().filter(|&&c| c == class).count() >= 2 {
                prop_assert!(folds.iter().all(|f| count(&rows.classes, &f.train, class) > 0));
            }
        }
    }

    #[test]
    fn repeated_draws_anew(rows in any_rows(), params in any_params()) {
        let whole = splitter("repeated").split(rows.all(), &params);
        prop_assert_eq!(whole.is_ok(), distinct(&rows.groups) >= params.folds);
        if let Ok(folds) = whole {
            prop_assert_eq!(folds.len(), params.folds * params.repeats);
            prop_assert!(folds.iter().all(|f| groups_stay_whole(f, &rows.groups)));
        }
        let classed = SplitInput { groups: None, ..rows.all() };
        if let Ok(folds) = splitter("repeated").split(classed, &params) {
            for repeat in folds.chunks(params.folds) {
                for class in 0..5 {
                    prop_assert!(spread(repeat.iter().map(|f| count(&rows.classes, &f.test, class))) <= 1);
                }
            }
            if rows.len() > 30 && params.repeats > 1 {
                prop_assert_ne!(&folds[0], &folds[params.folds]);
            }
        }
    }

    #[test]
    fn grouped_keeps_groups_whole_and_sizes_even(rows in any_rows(), params in any_params()) {
        let folds = splitter("grouped").split(rows.all(), &params);
        prop_assert_eq!(folds.is_ok(), distinct(&rows.groups) >= params.folds);
        let Ok(folds) = folds else { return Ok(()) };
        prop_assert!(folds.iter().all(|f| groups_stay_whole(f, &rows.groups)));
        // Each group went to the smallest fold, so no two differ by more than the largest group.
        let sizes = rows.groups.iter().map(|g| rows.groups.iter().filter(|h| *h == g).count());
        prop_assert!(spread(folds.iter().map(|f| f.test.len())) <= sizes.max().unwrap());
    }

    #[test]
    fn time_ordered_never_sees_the_future(rows in any_rows(), params in any_params()) {
        let folds = splitter("time_ordered").split(rows.all(), &params);
        prop_assert_eq!(folds.is_ok(), distinct(&rows.times) > params.folds);
        let Ok(folds) = folds else { return Ok(()) };
        prop_assert_eq!(folds.len(), params.folds);
        for (i, fold) in folds.iter().enumerate() {
            let last = of(&rows.times, &fold.train).into_iter().max().unwrap();
            prop_assert!(of(&rows.times, &fold.test).into_iter().all(|t| t > last));
            let known = fold.train.len() + fold.test.len();
            let next = folds.get(i + 1).map_or(rows.len(), |f| f.train.len());
            prop_assert_eq!(known, next, "the window grows by what was tested");
        }
    }

    #[test]
    fn holdout_meets_its_share(rows in any_rows(), params in any_params()) {
        let split = |input| splitter("holdout").split(input, &params);
        let (n, share) = (rows.len(), params.test_share);
        let wanted = (n as f64 * share).round().clamp(1.0, (n as f64 - 1.0).max(1.0)) as usize;

        let by_row = split(SplitInput { rows: n, ..SplitInput::default() });
        prop_assert_eq!(by_row.is_ok(), n >= 2);
        let Ok(by_row) = by_row else { return Ok(()) };
        prop_assert_eq!((by_row.len(), by_row[0].test.len()), (1, wanted));

        let by_class = split(SplitInput { groups: None, times: None, ..rows.all() }).unwrap();
        let mut back = 0;
        for class in 0..5 {
            let all = rows.classes.iter().filter(|&&c| c == class).count();
            let tested = count(&rows.classes, &by_class[0].test, class);
            let exact = all as f64 * wanted as f64 / n as f64;
            prop_assert!(tested as f64 > exact - 2.0 && (tested as f64) < exact + 1.0 + 1e-9);
            back += usize::from(all > 0 && tested + 1 == all);
            prop_assert!(tested < all || all == 0 || by_class[0].test.len() == 1);
        }
        prop_assert!(by_class[0].test.len() <= wanted && by_class[0].test.len() + back >= wanted);

        let by_group = split(SplitInput { times: None, ..rows.all() });
        prop_assert_eq!(by_group.is_ok(), distinct(&rows.groups) >= 2);
        if let Ok(folds) = by_group {
            prop_assert!(groups_stay_whole(&folds[0], &rows.groups));
        }
        let by_time = split(rows.all());
        prop_assert_eq!(by_time.is_ok(), distinct(&rows.times) >= 2);
        if let Ok(folds) = by_time {
            let last = of(&rows.times, &folds[0].train).into_iter().max().unwrap();
            prop_assert!(of(&rows.times, &folds[0].test).into_iter().all(|t| t > last));
        }
    }
}

#[test]
fn seeds_draw_differently() {
    let classes: Vec<u32> = (0..60).map(|r| r % 3).collect();
    let groups: Vec<u32> = (0..60).map(|r| r / 3).collect();
    for id in ["k_fold", "stratified", "repeated", "grouped", "holdout"] {
        let input = SplitInput {
            rows: 60,
            classes: Some(&classes),
            groups: Some(&groups),
            ..SplitInput::default()
        };
        let split =
            |seed| splitter(id).split(input, &SplitParams { seed, ..SplitParams::default() });
        assert_ne!(split(1).unwrap(), split(2).unwrap(), "{id}");
        assert_eq!(split(1).unwrap(), split(1).unwrap(), "{id}");
    }
}

#[test]
fn blocks_of_time_are_even_and_days_stay_whole() {
    let input = |times| SplitInput { rows: 12, times: Some(times), ..SplitInput::default() };
    let params = SplitParams { folds: 3, ..SplitParams::default() };
    let even: Vec<i64> = (0..12).rev().collect();
    let folds = splitter("time_ordered").split(input(&even), &params).unwrap();
    assert_eq!(folds[0].train, [9, 10, 11]);
    assert_eq!(folds[0].test, [6, 7, 8]);
    assert_eq!(folds[2].test, [0, 1, 2]);
    let days = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
    let folds = splitter("time_ordered").split(input(&days), &params).unwrap();
    assert_eq!(folds.iter().map(|f| f.train.len()).collect::<Vec<_>>(), [9, 10, 11]);
}

#[test]
fn what_cannot_be_split_is_refused() {
    let params = SplitParams::default();
    let few = |what, need, got| Err(SplitError::TooFew { what, folds: 5, need, got });
    let rows = |rows| SplitInput { rows, ..SplitInput::default() };
    for id in ["k_fold", "stratified", "repeated", "grouped", "time_ordered"] {
        for n in [0, 1, 4] {
            assert_eq!(splitter(id).split(rows(n), &params), few("rows", 5, n), "{id}");
        }
        for folds in [0, 1] {
            let got = splitter(id).split(rows(9), &SplitParams { folds, ..params });
            assert!(matches!(got, Err(SplitError::Params(_))), "{id}: {got:?}");
        }
    }
    for (id, role) in [("stratified", "class"), ("grouped", "group"), ("time_ordered", "time")] {
        assert_eq!(splitter(id).split(rows(9), &params), Err(SplitError::NeedsRole(role)));
    }
    let grouped = SplitInput { groups: Some(&[1, 1, 2, 2, 3, 3]), ..rows(6) };
    assert_eq!(splitter("grouped").split(grouped, &params), few("groups", 5, 3));
    let timed = SplitInput { times: Some(&[1, 2, 3, 4, 5, 5]), ..rows(6) };
    assert_eq!(splitter("time_ordered").split(timed, &params), few("distinct times", 6, 5));

    for splitter in ruska_catalog::builtin().splitters {
        let short = SplitInput {
            rows: 9,
            classes: Some(&[0; 8]),
            groups: Some(&[0; 9]),
            ..SplitInput::default()
        };
        let got = splitter.split(short, &params);
        assert!(matches!(got, Err(SplitError::Params(_))), "{}: {got:?}", splitter.info().id);
    }
    let holdout = |input, test_share| {
        let got = splitter("holdout").split(input, &SplitParams { test_share, ..params });
        assert!(matches!(got, Err(SplitError::Params(_))), "{got:?}");
    };
    for share in [0.0, 1.0, -0.5, f64::NAN, f64::INFINITY] {
        holdout(rows(9), share);
    }
    holdout(rows(0), 0.2);
    holdout(rows(1), 0.2);
    holdout(SplitInput { groups: Some(&[7; 9]), ..rows(9) }, 0.2);
    holdout(SplitInput { times: Some(&[7; 9]), ..rows(9) }, 0.2);
    let none = splitter("repeated").split(rows(9), &SplitParams { repeats: 0, ..params });
    assert!(matches!(none, Err(SplitError::Params(_))));
}

#[test]
fn each_file_is_one_registered_splitter() {
    let mut files: Vec<String> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/splitters"))
            .unwrap()
            .filter_map(|f| {
                f.unwrap().file_name().to_str().unwrap().strip_suffix(".rs").map(Into::into)
            })
            .filter(|name: &String| name != "mod")
            .collect();
    files.sort();
    let mut ids: Vec<String> =
        ruska_catalog::builtin().splitters.iter().map(|s| s.info().id.to_owned()).collect();
    ids.sort();
    assert_eq!(files, ids);
}
