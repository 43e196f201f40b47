#![allow(clippy::unwrap_used)]

use super::dip::{dip, dip_p_value};
use super::*;
use crate::trees::random::normal;
use crate::{Silent, StopAfter};
use serde_json::Value;

/// Independent uniform numbers in 0..1.
fn uniform(n: usize, seed: u64) -> Vec<f64> {
    let mut stream = Stream::new(mix(seed));
    (0..n).map(|_| (stream.below(1 << 53) as f64 + 0.5) / (1u64 << 53) as f64).collect()
}

/// Independent numbers that are about normal: sums of twelve uniform ones.
fn gaussian(n: usize, seed: u64) -> Vec<f64> {
    let at = |i: usize, k: u64| normal(mix(seed) ^ mix((i as u64) << 2 | k));
    (0..n).map(|i| (at(i, 0) + at(i, 1) + at(i, 2)) / 3f64.sqrt()).collect()
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn test_of(values: &[f64], dims: usize, seed: u64) -> Structure {
    let params = Params { seed, ..Params::default() };
    structure(Points { values, dims }, params, &Silent).unwrap()
}

/// In how many of 40 seeds structure is found.
fn found(dims: usize, make: impl Fn(u64) -> Vec<f64>) -> usize {
    (0..40).filter(|&seed| test_of(&make(seed), dims, seed).p_value < 0.05).count()
}

#[test]
fn dip_equals_another_implementation() {
    let text = include_str!("../../../../../tests/reference/dip.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    for case in cases {
        let values: Vec<f64> = serde_json::from_value(case["values"].clone()).unwrap();
        let (got, expected) = (dip(&values), case["dip"].as_f64().unwrap());
        assert!((got - expected).abs() < 1e-12, "{}: {got} {expected}", values.len());
        let mirrored = sorted(values.iter().map(|v| 3.0 - 2.0 * v).collect());
        assert!((dip(&mirrored) - got).abs() < 1e-12);
    }
}

#[test]
fn dip_of_a_grid_is_least_and_of_two_heaps_greatest() {
    for n in [1, 2, 3, 10, 1000] {
        let grid: Vec<f64> = (0..n).map(f64::from).collect();
        assert!((dip(&grid) - 0.5 / f64::from(n)).abs() < 1e-9);
    }
    let heaps = [vec![0.0; 50], vec![1.0; 50]].concat();
    assert_eq!(dip(&heaps), 0.25);
    assert_eq!(dip(&[vec![0.0; 95], vec![1.0; 5]].concat()), 0.025);
    assert_eq!(dip(&[3.0; 50]), 0.01);
    assert_eq!(dip(&[]), 0.0);
}

#[test]
fn p_values_of_uniform_samples_are_about_uniform() {
    for (n, samples) in [(20, 1500), (100, 1500), (1000, 500)] {
        let p: Vec<f64> =
            (0..samples).map(|seed| dip_p_value(dip(&sorted(uniform(n, seed))), n)).collect();
        for level in [0.05, 0.2, 0.5] {
            let share = p.iter().filter(|p| **p < level).count() as f64 / samples as f64;
            let error = (level * (1.0 - level) / samples as f64).sqrt();
            assert!((share - level).abs() < 0.2 * level + 3.0 * error, "{n} {level}: {share}");
        }
    }
}

#[test]
fn one_heap_is_no_structure() {
    for dims in [2, 6] {
        let n = 200 * dims;
        let skewed = |v: Vec<f64>| v.into_iter().map(f64::exp).collect::<Vec<_>>();
        let counts = [
            found(dims, |seed| uniform(n, seed)),
            found(dims, |seed| gaussian(n, seed)),
            found(dims, |seed| skewed(gaussian(n, seed))),
            found(dims, |seed| uniform(n, seed).into_iter().map(|v| -v.ln()).collect()),
            found(dims, |seed| gaussian(n, seed).into_iter().map(f64::round).collect()),
            found(dims, |seed| {
                uniform(n, seed).into_iter().map(|v| f64::from(u8::from(v < 0.3))).collect()
            }),
        ];
        // At 5 %: 2 of 40 on average.
        assert!(counts.iter().all(|c| *c <= 5), "{counts:?}");
    }
}

#[test]
fn any_covariance_is_no_structure() {
    let dims = 4;
    let count = found(dims, |seed| {
        let (mut values, turn) = (gaussian(300 * dims, seed), gaussian(dims * dims, !seed));
        for row in values.chunks_mut(dims) {
            let plain: Vec<f64> =
                row.iter().enumerate().map(|(j, v)| v * 10f64.powi(j as i32 * 2)).collect();
            for (v, turn) in row.iter_mut().zip(turn.chunks(dims)) {
                *v = inner(&plain, turn);
            }
        }
        values
    });
    assert!(count <= 4, "{count}");
}

#[test]
fn two_blobs_are_structure_also_among_noise() {
    for (dims, shifted) in [(2, 2), (10, 10), (10, 1), (30, 3)] {
        let count = found(dims, |seed| {
            let mut values = gaussian(200 * dims, seed);
            for row in values.chunks_mut(dims).step_by(2) {
                let shift = 6.0 / (shifted as f64).sqrt();
                row[..shifted].iter_mut().for_each(|v| *v += shift);
            }
            values
        });
        assert!(count >= 38, "{dims} {shifted}: {count}");
    }
}

#[test]
fn sticks_side_by_side_are_seen_in_the_flattest_direction() {
    let mut values = gaussian(1000, 5);
    for (i, row) in values.chunks_mut(2).enumerate() {
        let (along, across) = (9.0 * row[0], row[1] + if i % 2 == 0 { 7.0 } else { 0.0 });
        row.copy_from_slice(&[0.8 * along - 0.6 * across, 0.6 * along + 0.8 * across]);
    }
    let told = test_of(&values, 2, 0);
    assert!(told.p_value < 0.01, "{told:?}");
    assert!(matches!(told.view, Some(View::Flattest | View::Axis(1))), "{told:?}");
}

#[test]
fn a_ring_around_a_heap_is_seen_from_the_centre() {
    let mut values = gaussian(5 * 600, 9);
    for row in values.chunks_mut(5).step_by(2) {
        let length = inner(row, row).sqrt();
        row.iter_mut().for_each(|v| *v *= 12.0 / length);
    }
    let told = test_of(&values, 5, 0);
    assert!(told.p_value < 1e-3, "{told:?}");
    assert_eq!(told.view, Some(View::Centre));
}

#[test]
fn the_column_that_tells_is_named_and_units_do_not_matter() {
    let mut values = gaussian(4 * 300, 2);
    for (i, row) in values.chunks_mut(4).enumerate() {
        row[0] = 7.0;
        row[2] += if i % 3 == 0 { 8.0 } else { 0.0 };
    }
    let told = test_of(&values, 4, 0);
    assert_eq!((told.view, told.rows), (Some(View::Column(2)), 300));
    let scaled: Vec<f64> =
        values.iter().enumerate().map(|(i, v)| v * [1.0, 1e-12, 1e12, 1.0][i % 4]).collect();
    let again = test_of(&scaled, 4, 0);
    assert_eq!(again.view, told.view);
    assert!((again.dip - told.dip).abs() < 1e-9);
    assert_eq!(test_of(&values, 4, 0), told);
}

#[test]
fn large_and_wide_tables_are_sampled_and_mixed() {
    let dims = 100;
    let mut values = gaussian(500 * dims, 1);
    for row in values.chunks_mut(dims).step_by(2) {
        row.iter_mut().for_each(|v| *v += 1.0);
    }
    let params = Params { most_rows: 300, seed: 4 };
    let told = structure(Points { values: &values, dims }, params, &Silent).unwrap();
    assert!(told.p_value < 0.01 && told.rows == 300, "{told:?}");
    let plain = gaussian(500 * dims, 3);
    let told = structure(Points { values: &plain, dims }, params, &Silent).unwrap();
    assert!(told.p_value > 0.05, "{told:?}");
}

#[test]
fn absurd_tables_have_a_p_value() {
    let tables: [(Vec<f64>, usize); 8] = [
        (vec![], 2),
        (vec![1.0, 2.0], 2),
        (vec![3.0; 100], 5),
        ([vec![0.0; 30], vec![1e12; 30]].concat(), 1),
        ([vec![-1e308; 30], vec![1e308; 30]].concat(), 2),
        ((0..60).map(|i| f64::from(i / 2) * 1e-12).collect(), 2),
        ((0..60).map(f64::from).collect(), 1),
        ((0..60).map(|i| if i == 7 { 1e12 } else { 1e-12 * f64::from(i % 5) }).collect(), 3),
    ];
    for (values, dims) in tables {
        let told = test_of(&values, dims, 0);
        assert!((0.0..=1.0).contains(&told.p_value) && told.dip.is_finite(), "{told:?}");
        assert_eq!(told.rows, values.len() / dims);
    }
}

#[test]
fn stops_when_told() {
    let values = gaussian(100, 0);
    let told =
        structure(Points { values: &values, dims: 2 }, Params::default(), &StopAfter::new(0));
    assert_eq!(told, Err(Stopped));
}
