//! Intervals and sets against what chance makes of known errors.
#![allow(clippy::unwrap_used)]

use super::*;
use ruska_core::Rng;
use scores::Scores;

/// Predictions in 0 … 10 with errors whose spread grows with them, from a twentieth of a unit to five.
fn growing(n: usize, seed: u64, error: impl Fn(&mut Rng) -> f64) -> Vec<(f64, f64, f64)> {
    let mut rng = Rng::new(seed);
    let row = |_| {
        let told = 10.0 * rng.unit();
        (told, told + (0.05 + 0.5 * told) * error(&mut rng), 1.0)
    };
    (0..n).map(row).collect()
}

/// The shares of rows below, within and above their intervals.
fn misses(bands: &Bands, rows: &[(f64, f64, f64)], share: f64) -> [f64; 3] {
    let place = place(share).unwrap();
    let mut counts = [0.0; 3];
    for (told, truth, _) in rows {
        let (low, high) = bands.at(*told, place);
        let side = usize::from(*truth >= low) + usize::from(*truth > high);
        counts[side] += 1.0 / rows.len() as f64;
    }
    counts
}

#[test]
fn quantiles_are_order_statistics_of_one_row_more() {
    let scores = Scores::of((1..=9).rev().map(|i| (f64::from(i), 1.0)).collect());
    for (share, expected) in [(0.9, 9.0), (0.8, 8.0), (0.75, 8.0), (0.5, 5.0), (0.05, 1.0)] {
        assert_eq!(scores.quantile(share), expected, "{share}");
    }
    assert_eq!(scores.quantile(0.91), f64::INFINITY, "nine rows tell of no more than 90 %");
    assert_eq!(Scores::of(vec![]).quantile(0.5), f64::INFINITY);
    // Of the weight 10 + 2.5, three quarters are reached with the third score.
    let weighted = |unit: f64| {
        let rows = [(1.0, 1.0), (2.0, 6.0), (3.0, 2.5), (4.0, 0.5)];
        Scores::of(rows.iter().map(|(score, weight)| (*score, unit * weight)).collect())
    };
    for unit in [1.0, 0.001] {
        let quantiles = [0.05, 0.5, 0.75, 0.78, 0.81].map(|share| weighted(unit).quantile(share));
        assert_eq!(quantiles, [1.0, 2.0, 3.0, 4.0, f64::INFINITY]);
    }
}

#[test]
fn shares_have_places_and_rare_misses_are_refused() {
    let at = |share: f64| place(share).unwrap();
    assert_eq!((at(0.998), at(0.99), at(0.9), at(0.8)), (0, 4, 49, 99));
    // What lies between two shares is as the larger.
    assert_eq!((at(0.901), at(0.683), at(0.001)), (48, 157, 498));
    for share in [0.999, 1.0, 0.0, -1.0, f64::NAN] {
        let why = place(share).unwrap_err().to_string();
        assert!(why.contains("--interval"), "{why}");
    }
}

#[test]
fn intervals_hold_their_share_everywhere() {
    let bands = Bands::of(growing(20_000, 1, Rng::normal)).unwrap();
    assert_eq!(bands.validate(), Ok(()));
    let mut new = growing(40_000, 2, Rng::normal);
    new.sort_by(|a, b| a.0.total_cmp(&b.0));
    for share in [0.5, 0.8, 0.9, 0.95, 0.99] {
        let [_, within, _] = misses(&bands, &new, share);
        assert!((within - share).abs() < 0.012, "{within} for {share}");
    }
    for tenth in new.chunks(4000) {
        let [_, within, _] = misses(&bands, tenth, 0.9);
        assert!((0.87..0.94).contains(&within), "{within} from {}", tenth[0].0);
    }
}

#[test]
fn few_rows_hold_the_share_on_average_and_tell_no_more_than_they_can() {
    let held = |n: usize, share: f64| {
        let draw = |seed| {
            let bands = Bands::of(growing(n, seed, Rng::normal)).unwrap();
            misses(&bands, &growing(200, 1000 + seed, Rng::normal), share)[1]
        };
        (0..300).map(draw).sum::<f64>() / 300.0
    };
    // Of 19 sizes of errors the 18th: a new one is not larger 18 times of 20.
    assert!((held(19, 0.9) - 0.9).abs() < 0.012, "{}", held(19, 0.9));
    assert!((held(49, 0.8) - 0.8).abs() < 0.012, "{}", held(49, 0.8));
    let few = Bands::of(growing(8, 3, Rng::normal)).unwrap();
    assert!(!few.tells(place(0.9).unwrap()) && few.tells(place(0.88).unwrap()));
    assert_eq!(Bands::of(vec![]), None);
}

#[test]
fn skewed_errors_are_missed_alike_on_both_sides() {
    let waiting = |rng: &mut Rng| -(1.0 - rng.unit()).ln() - 1.0;
    let bands = Bands::of(growing(5000, 5, waiting)).unwrap();
    let [below, _, above] = misses(&bands, &growing(40_000, 6, waiting), 0.9);
    assert!((below - 0.05).abs() < 0.01 && (above - 0.05).abs() < 0.01, "{below}, {above}");
}

#[test]
fn the_larger_the_share_the_wider_and_bounds_never_cross() {
    for n in [1, 3, 30, 150, 250, 3000] {
        let bands = Bands::of(growing(n, n as u64, Rng::normal)).unwrap();
        for told in [-1e9, 0.0, 3.3, 9.99, 1e9] {
            let told_of = (0..SHARES).filter(|place| bands.tells(*place));
            let all: Vec<(f64, f64)> = told_of.map(|place| bands.at(told, place)).collect();
            assert!(all.iter().all(|(low, high)| low <= high && low.is_finite()), "{n}");
            assert!(all.windows(2).all(|w| w[0].0 <= w[1].0 && w[0].1 >= w[1].1), "{n}");
        }
    }
}

#[test]
fn equal_predictions_and_whole_numbers_stay_within() {
    // A constant is predicted of counts: the bounds are counts that rounding must not leave out.
    let mut rng = Rng::new(9);
    let mut count = || (0..12).filter(|_| rng.unit() < 0.3).count() as f64;
    let rows: Vec<(f64, f64, f64)> = (0..3000).map(|_| (3.6, count(), 1.0)).collect();
    let bands = Bands::of(rows.clone()).unwrap();
    let [below, within, above] = misses(&bands, &rows, 0.9);
    assert!(within >= 0.9 && below <= 0.05 && above <= 0.05, "{below}, {within}, {above}");
    // No count is negative, so no bound is.
    assert!(bands.at(0.1, place(0.99).unwrap()).0 >= 0.0);
    // What is always right has intervals of no width worth speaking of.
    let right = Bands::of((0..300).map(|i| (f64::from(i), f64::from(i), 1.0)).collect()).unwrap();
    assert_eq!(right.validate(), Ok(()));
    let (low, high) = right.at(7.0, place(0.9).unwrap());
    assert!(low <= 7.0 && high >= 7.0 && high - low < 1e-9);
}

#[test]
fn rows_count_by_their_weight() {
    // Half of the rows have errors ten times as large, and hardly count.
    let rows = |seed, heavy: bool| {
        let mut rng = Rng::new(seed);
        let row = |i: usize| {
            let light = i.is_multiple_of(2);
            let size = if light { 10.0 } else { 1.0 };
            (0.0, size * rng.normal(), if light && heavy { 0.01 } else { 1.0 })
        };
        (0..4000).map(row).collect::<Vec<_>>()
    };
    let width = |heavy| {
        let (low, high) = Bands::of(rows(4, heavy)).unwrap().at(0.0, place(0.9).unwrap());
        high - low
    };
    assert!((width(true) - 2.0 * 1.645).abs() < 0.4, "{}", width(true));
    assert!(width(false) > 20.0, "{}", width(false));
}

/// The true class, its probabilities, of rows whose classes are 0 and 1 in turn and now and then 2 or 3.
fn told_of_classes(n: usize, seed: u64) -> Vec<(usize, [f64; 4])> {
    let mut rng = Rng::new(seed);
    let row = |i: usize| {
        let class = match i % 100 {
            0 => 2,
            1 => 3,
            i => i % 2,
        };
        let mut told = [0.2, 0.2, 0.05, 0.05].map(|p| p * rng.unit());
        told[class] += 0.5 * rng.unit();
        let sum: f64 = told.iter().sum();
        (class, told.map(|p| p / sum))
    };
    (0..n).map(row).collect()
}

#[test]
fn sets_hold_every_class_as_often_as_asked_for() {
    let scores = |(class, told): (usize, [f64; 4])| (class, 1.0 - told[class], 1.0);
    let sets = Sets::of(told_of_classes(6000, 1).into_iter().map(scores).collect(), 4).unwrap();
    assert_eq!(sets.validate(4), Ok(()));
    let new = told_of_classes(60_000, 2);
    let mut sizes = vec![];
    for share in [0.8, 0.9, 0.95] {
        let place = place(share).unwrap();
        let mut of = [(0.0, 0.0); 4];
        let mut size = 0;
        for (class, told) in &new {
            let best = (0..4).fold(0, |best, k| if told[k] > told[best] { k } else { best });
            let set = sets.at(told, best, place);
            assert!(set.contains(&(best as u32)) && set.is_sorted());
            of[*class].0 += f64::from(set.contains(&(*class as u32)));
            of[*class].1 += 1.0;
            size += set.len();
        }
        // The classes of 60 rows each share their scores.
        let rare = (of[2].0 + of[3].0) / (of[2].1 + of[3].1);
        for held in [of[0].0 / of[0].1, of[1].0 / of[1].1, rare] {
            assert!(held > share - 0.05, "{held} for {share}");
        }
        let all = of.iter().map(|(held, _)| held).sum::<f64>() / new.len() as f64;
        assert!(all > share - 0.012, "{all} for {share}");
        sizes.push(size);
    }
    assert!(sizes.is_sorted() && sizes[0] < 2 * new.len(), "{sizes:?}");
}

#[test]
fn a_class_of_too_few_rows_is_always_in_the_set() {
    let rows = (0..400).map(|i| (i % 2, 0.1, 1.0)).chain([(2, 0.9, 1.0)]).collect();
    let sets = Sets::of(rows, 3).unwrap();
    assert_eq!(sets.at(&[0.92, 0.07, 0.01], 0, place(0.9).unwrap()), [0, 2]);
    assert_eq!(Sets::of(vec![], 2), None);
}

#[test]
fn damaged_states_are_seen() {
    let bands = Bands::of(growing(300, 1, Rng::normal)).unwrap();
    let whole = Conformal::Bands(bands.clone());
    assert_eq!(whole.validate(0), Ok(()));
    assert!(whole.validate(2).is_err(), "intervals are not of classes");
    let damages: [fn(&mut Bands); 6] = [
        |b| b.spreads[0] = 0.0,
        |b| b.centres.reverse(),
        |b| b.above[3] = f64::NAN,
        |b| b.above.truncate(8),
        |b| b.below.reverse(),
        |b| b.spreads.truncate(1),
    ];
    for (i, damage) in damages.iter().enumerate() {
        let mut damaged = bands.clone();
        damage(&mut damaged);
        assert!(damaged.validate().is_err(), "{i}");
    }
    let sets = Sets::of((0..400).map(|i| (i % 2, 0.1, 1.0)).collect(), 2).unwrap();
    assert!(sets.validate(3).is_err() && Conformal::Sets(sets).validate(0).is_err());
}
