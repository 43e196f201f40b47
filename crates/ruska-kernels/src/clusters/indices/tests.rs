#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Silent, StopAfter, Stopped};
use serde_json::Value;

fn reference(kind: &str) -> Vec<Value> {
    let text = include_str!("../../../../../tests/reference/clusters.json");
    let mut all: Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(all[kind].take()).unwrap()
}

fn labels(value: &Value) -> Vec<i32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn noise(n: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * i * 7 + i * 13 + 5) as f64 * 0.618).sin()).collect()
}

const ALL: Sample = Sample { rows: usize::MAX, seed: 0 };

fn mean_silhouette(points: Points<'_>, labels: &[i32]) -> Option<f64> {
    silhouette(points, labels, ALL, 1, &Silent).unwrap().map(|s| s.mean)
}

fn whole_dbcv(points: Points<'_>, labels: &[i32]) -> Option<f64> {
    dbcv(points, labels, usize::MAX, 0, &Silent).unwrap()
}

/// Every internal index.
fn internal(points: Points<'_>, labels: &[i32]) -> [Option<f64>; 4] {
    [
        mean_silhouette(points, labels),
        calinski_harabasz(points, labels),
        davies_bouldin(points, labels),
        whole_dbcv(points, labels),
    ]
}

#[test]
fn internal_indices_equal_scikit_learn() {
    for case in reference("internal") {
        let values: Vec<f64> = serde_json::from_value(case["points"].clone()).unwrap();
        let points = Points { values: &values, dims: case["dims"].as_u64().unwrap() as usize };
        let labels = labels(&case["labels"]);
        let names = ["silhouette", "calinski_harabasz", "davies_bouldin"];
        for (name, got) in names.into_iter().zip(internal(points, &labels)) {
            let (got, expected) = (got.unwrap(), case[name].as_f64().unwrap());
            assert!((got / expected - 1.0).abs() < 1e-10, "{name}: {got} {expected}");
        }
    }
}

#[test]
fn agreement_equals_scikit_learn() {
    for case in reference("external") {
        let got = agreement(&labels(&case["truth"]), &labels(&case["found"]));
        let pairs = [
            ("adjusted_rand", got.adjusted_rand),
            ("adjusted_mutual_information", got.adjusted_mutual_information),
            ("homogeneity", got.homogeneity),
            ("completeness", got.completeness),
            ("v_measure", got.v_measure),
        ];
        for (name, got) in pairs {
            let expected = case[name].as_f64().unwrap();
            assert!((got - expected).abs() < 1e-12, "{name}: {got} {expected}");
        }
    }
}

#[test]
fn agreement_of_many_rows_is_fast_and_near_0_for_unrelated_labels() {
    let n = 200_000;
    let single: Vec<i32> = (0..n).collect();
    let random = |a: f64, k: f64| -> Vec<i32> {
        (0..n).map(|i| ((f64::from(i) * a).fract() * k) as i32).collect()
    };
    let (a, b) = (random(0.618_033_98, 300.0), random(0.414_213_56, 700.0));
    let got = agreement(&a, &b);
    assert!(got.adjusted_rand.abs() < 0.01, "{got:?}");
    assert!(got.adjusted_mutual_information.abs() < 0.05, "{got:?}");
    assert!(agreement(&single, &a).adjusted_mutual_information.abs() < 1e-9);
    assert_eq!(agreement(&single, &single).adjusted_mutual_information, 1.0);
}

#[test]
fn what_cannot_be_judged_has_no_index() {
    let values = noise(12);
    let points = Points { values: &values, dims: 2 };
    for labels in [[0; 6], [-1; 6], [0, 1, 2, 3, 4, 5], [0, 1, -1, -1, -1, -1]] {
        assert_eq!(internal(points, &labels), [None; 4], "{labels:?}");
    }
    assert_eq!(internal(Points { values: &[], dims: 2 }, &[]), [None; 4]);
    assert_eq!(whole_dbcv(points, &[0, 0, 0, 1, -1, -1]), None);
}

#[test]
fn absurd_points_have_finite_indices() {
    let base: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
    let some: Vec<i32> = (0..20).map(|i| i % 3).collect();
    for scale in [0.0, 1e-12, 1.0, 1e12] {
        for shift in [0.0, 1e12] {
            let values: Vec<f64> = base.iter().map(|v| v * scale + shift).collect();
            for dims in [1, 2, 40] {
                let points = Points { values: &values, dims };
                for index in internal(points, &some.repeat(2)[..points.len()]).into_iter().flatten()
                {
                    assert!(index.is_finite(), "{scale} {shift} {dims}: {index}");
                }
            }
        }
    }
    // Points that coincide within clusters.
    let points = Points { values: &[1.0, 1.0, 5.0, 5.0], dims: 1 };
    assert_eq!(internal(points, &[0, 0, 1, 1]), [Some(1.0), Some(1.0), Some(0.0), Some(1.0)]);
}

#[test]
fn a_scale_and_a_shift_change_what_they_should_not_at_all() {
    let values = noise(300);
    let labels: Vec<i32> = (0..100).map(|i| i32::from(values[3 * i] > 0.1)).collect();
    let moved: Vec<f64> = values.iter().map(|v| v * 1024.0 + 4096.0).collect();
    let a = internal(Points { values: &values, dims: 3 }, &labels);
    let b = internal(Points { values: &moved, dims: 3 }, &labels);
    for (a, b) in a.into_iter().flatten().zip(b.into_iter().flatten()) {
        assert!((a - b).abs() < 1e-9 * a.abs(), "{a} {b}");
    }
}

/// DBCV by its definition, on matrices.
fn dbcv_by_definition(points: Points<'_>, labels: &[i32]) -> f64 {
    let n = points.len();
    let d = |i: usize, j: usize| -> f64 {
        points.row(i).iter().zip(points.row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    };
    let k = labels.iter().max().unwrap() + 1;
    let of = |c: i32| -> Vec<usize> { (0..n).filter(|&i| labels[i] == c).collect() };
    let core = |i: usize| {
        let own: Vec<usize> = of(labels[i]).into_iter().filter(|&j| j != i).collect();
        let dims = points.dims as i32;
        let sum: f64 = own.iter().map(|&j| (1.0 / d(i, j)).powi(dims)).sum();
        (sum / own.len() as f64).powf(-1.0 / f64::from(dims))
    };
    let mutual = |i: usize, j: usize| d(i, j).max(core(i)).max(core(j));
    let (mut sparse, mut inner) = (vec![], vec![]);
    for c in 0..k {
        let rows = of(c);
        let (mut tree, mut edges) = (vec![rows[0]], vec![]);
        while tree.len() < rows.len() {
            let mut best = (f64::INFINITY, 0, 0);
            for &j in rows.iter().filter(|j| !tree.contains(j)) {
                for &i in &tree {
                    if mutual(i, j) < best.0 {
                        best = (mutual(i, j), i, j);
                    }
                }
            }
            edges.push(best);
            tree.push(best.2);
        }
        let degree = |i: usize| edges.iter().filter(|e| e.1 == i || e.2 == i).count();
        inner.push(rows.iter().copied().filter(|&i| degree(i) > 1).collect::<Vec<_>>());
        let inside = edges.iter().filter(|e| degree(e.1) > 1 && degree(e.2) > 1);
        sparse.push(inside.map(|e| e.0).fold(0.0, f64::max));
    }
    let (mut sum, k) = (0.0, k as usize);
    for a in 0..k {
        let mut gap = f64::INFINITY;
        for b in (0..k).filter(|&b| b != a) {
            for &i in &inner[a] {
                inner[b].iter().for_each(|&j| gap = gap.min(mutual(i, j)));
            }
        }
        sum += of(a as i32).len() as f64 / n as f64 * (gap - sparse[a]) / gap.max(sparse[a]);
    }
    sum
}

#[test]
fn dbcv_is_its_definition() {
    for (seed, dims) in [(0, 1), (1, 2), (2, 3), (3, 5)] {
        let labels: Vec<i32> = (0..60).map(|i| (i * 7 + seed) % 4 - 1).collect();
        let mut values = noise(60 * dims + seed as usize).split_off(seed as usize);
        for (i, v) in values.iter_mut().enumerate() {
            *v += f64::from(labels[i / dims]) * 1.5;
        }
        // In the order in which equal edges are taken.
        let mut rows: Vec<(&[f64], i32)> =
            values.chunks(dims).zip(labels.iter().copied()).collect();
        rows.sort_by(|a, b| a.0.partial_cmp(b.0).unwrap());
        let labels: Vec<i32> = rows.iter().map(|r| r.1).collect();
        let values: Vec<f64> = rows.iter().flat_map(|r| r.0).copied().collect();
        let points = Points { values: &values, dims };
        let (got, expected) = (whole_dbcv(points, &labels), dbcv_by_definition(points, &labels));
        assert!((got.unwrap() - expected).abs() < 1e-10, "{got:?} {expected}");
    }
}

#[test]
fn dbcv_likes_shapes_and_counts_noise_against_a_partition() {
    let ring = |i: usize, r: f64| {
        let angle = i as f64 * 0.1;
        [r * angle.cos(), r * angle.sin()]
    };
    let values: Vec<f64> =
        (0..126).flat_map(|i| ring(i % 63, if i < 63 { 1.0 } else { 3.0 })).collect();
    let points = Points { values: &values, dims: 2 };
    let mut labels: Vec<i32> = (0..126).map(|i| i / 63).collect();
    let rings = whole_dbcv(points, &labels).unwrap();
    let halves: Vec<i32> = values.chunks(2).map(|p| i32::from(p[0] > 0.0)).collect();
    let halves = whole_dbcv(points, &halves).unwrap();
    assert!(rings > 0.2 && halves < 0.0, "{rings} {halves}");
    labels[..20].fill(-1);
    assert!(whole_dbcv(points, &labels).unwrap() < rings - 0.05);
    // A sample of the rows tells the same of two far rings.
    let sampled = dbcv(points, &labels, 90, 1, &Silent).unwrap().unwrap();
    assert!((0.2..1.0).contains(&sampled), "{sampled}");
}

#[test]
fn a_sample_has_the_mean_silhouette_within_its_error() {
    let values = noise(2000);
    let points = Points { values: &values, dims: 2 };
    let mut labels: Vec<i32> = values.chunks(2).map(|p| i32::from(p[0] + p[1] > 0.3)).collect();
    labels[3] = -1;
    let all = silhouette(points, &labels, ALL, 1, &Silent).unwrap().unwrap();
    assert_eq!((all.rows, all.error), (999, 0.0));
    let (mut squares, mut seeds) = (0.0, 0.0);
    for seed in 0..200 {
        let sample = Sample { rows: 100, seed };
        let part = silhouette(points, &labels, sample, 1, &Silent).unwrap().unwrap();
        assert_eq!(part.rows, 100);
        squares += ((part.mean - all.mean) / part.error).powi(2);
        seeds += 1.0;
    }
    // Mean squared z of 1, with a standard error of 0.1.
    assert!((squares / seeds - 1.0f64).abs() < 0.4, "{}", squares / seeds);
}

#[test]
fn neither_threads_nor_names_of_clusters_matter() {
    let values = noise(900);
    let points = Points { values: &values, dims: 3 };
    let labels: Vec<i32> = (0..300).map(|i| (i * i) % 5 - 1).collect();
    let renamed: Vec<i32> = labels.iter().map(|&l| if l < 0 { l } else { 9 - 2 * l }).collect();
    assert_eq!(internal(points, &labels), internal(points, &renamed));
    let sample = Sample { rows: 77, seed: 5 };
    let of = |threads| silhouette(points, &labels, sample, threads, &Silent).unwrap();
    assert_eq!(of(1), of(3));
}

#[test]
fn stops_when_told() {
    let stop = StopAfter::new(0);
    let values = noise(20);
    let points = Points { values: &values, dims: 1 };
    let labels: Vec<i32> = (0..20).map(|i| i % 2).collect();
    assert_eq!(silhouette(points, &labels, ALL, 1, &stop), Err(Stopped));
    assert_eq!(dbcv(points, &labels, 20, 0, &stop), Err(Stopped));
}
