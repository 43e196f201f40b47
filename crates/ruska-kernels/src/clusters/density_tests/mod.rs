#![allow(clippy::unwrap_used)]

mod agglomerative;
mod dbscan;
mod hdbscan;
mod nearest;
mod spanning;

use super::{Points, in_order};
use crate::trees::random::{mix, normal};
use crate::{Progress, Silent, StopAfter, Stopped};
use serde_json::Value;

/// What scikit-learn makes of some tables.
fn reference() -> Vec<Value> {
    let text = include_str!("../../../../../tests/reference/density.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all["cases"].as_array().unwrap().clone()
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn labels(v: &Value) -> Vec<i32> {
    numbers(v).iter().map(|&l| l as i32).collect()
}

fn count(v: &Value) -> usize {
    v.as_u64().unwrap() as usize
}

/// The same partition, numbered as ours are.
fn renumbered(mut labels: Vec<i32>) -> Vec<i32> {
    in_order(&mut labels, None);
    labels
}

/// Round groups anywhere in 0..40, whose sizes are as 2 to 3 to 4 …, in mixed order.
fn groups(n: usize, dims: usize, count: u64, spread: f64, seed: u64) -> Vec<f64> {
    let draw = |i: usize| mix(seed ^ mix(i as u64));
    (0..n)
        .flat_map(|i| {
            let group = draw(i) % (count * (count + 3) / 2);
            let group = (0..count).find(|g| group < (g + 1) * (g + 4) / 2).unwrap_or(0);
            (0..dims).map(move |j| {
                let place = mix(group * 64 + j as u64) % 1000;
                place as f64 / 25.0 + spread * normal(draw(i) ^ j as u64)
            })
        })
        .collect()
}

/// Tables that are no table: few rows, equal rows, rows on a grid, constant columns, extreme
/// scales.
fn odd_tables() -> Vec<(Vec<f64>, usize)> {
    let grid = |i: usize| f64::from((mix(i as u64) % 3) as u8);
    vec![
        (vec![], 1),
        (vec![3.0], 1),
        (vec![1.0, 2.0], 2),
        (vec![1.0, 2.0], 1),
        (vec![7.5; 120], 3),
        ((0..200).map(grid).collect(), 2),
        ((0..200).map(|i| if i % 2 == 0 { 5.0 } else { grid(i) }).collect(), 2),
        (groups(100, 2, 2, 1.0, 1).iter().map(|v| v * 1e12).collect(), 2),
        (groups(100, 2, 2, 1.0, 1).iter().map(|v| v * 1e-12).collect(), 2),
        (groups(100, 2, 2, 1.0, 1).iter().map(|v| v + 1e12).collect(), 2),
        (groups(40, 1, 3, 1e-9, 1), 1),
    ]
}

/// Whether work stops wherever it is told to, and ends where it is not.
fn stops<T>(work: impl Fn(&dyn Progress) -> Result<T, Stopped>) {
    for questions in [0, 1, 50, 150, 250] {
        assert!(work(&StopAfter::new(questions)).is_err(), "{questions}");
    }
    assert!(work(&Silent).is_ok());
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
