#![allow(clippy::unwrap_used)]

use super::*;
use crate::clusters::tests::{blobs, numbers, odd_tables, points, reference, rows, table};
use crate::simd::plain::plainly;
use crate::{Silent, StopAfter};

fn params(clusters: usize) -> KMeansParams {
    KMeansParams { clusters, ..KMeansParams::default() }
}

fn fit(points: Points<'_>, weights: Option<&[f64]>, params: &KMeansParams) -> KMeans {
    kmeans(points, weights, None, params, &Silent).unwrap()
}

/// Each row's nearest centre by the definition, and the inertia.
fn by_definition(points: Points<'_>, centers: &[f64]) -> (Vec<usize>, f64) {
    let squared = |i: usize, c: &[f64]| -> f64 {
        points.row(i).iter().zip(c).map(|(a, b)| (a - b) * (a - b)).sum()
    };
    let mut inertia = 0.0;
    let nearest = |i: usize| {
        let all = centers.chunks(points.dims).map(|c| squared(i, c)).enumerate();
        let (label, d) = all.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        inertia += d;
        label
    };
    ((0..points.len()).map(nearest).collect(), inertia)
}

#[test]
fn inertia_is_no_worse_than_scikit_learns() {
    let r = reference();
    for case in r["kmeans"].as_array().unwrap() {
        let table = table(&r, case);
        let clusters = case["clusters"].as_u64().unwrap() as usize;
        let expected = case["inertia"].as_f64().unwrap();
        for seed in 0..3 {
            let params = KMeansParams { seed, restarts: 50, ..params(clusters) };
            let got = fit(points(&table), None, &params);
            assert_eq!(got.centers.len(), clusters * table.1);
            assert!(
                got.inertia <= 1.001 * expected,
                "{} {clusters} {seed}: {} {expected}",
                case["table"],
                got.inertia,
            );
        }
    }
}

#[test]
fn steps_from_given_centres_are_scikit_learns() {
    let r = reference();
    for case in r["given"].as_array().unwrap() {
        let (table, start) = (table(&r, case), rows(&case["start"]));
        let weights = case["weights"].as_array().map(|_| numbers(&case["weights"]));
        let max_steps = case["steps"].as_u64().unwrap() as usize;
        let params = KMeansParams { max_steps, tolerance: 0.0, ..params(3) };
        let got =
            kmeans(points(&table), weights.as_deref(), Some(points(&start)), &params, &Silent)
                .unwrap();
        let inertia = case["inertia"].as_f64().unwrap();
        assert!((got.inertia / inertia - 1.0).abs() < 1e-9, "{} {inertia}", got.inertia);
        let mut centers: Vec<&[f64]> = got.centers.chunks(table.1).collect();
        centers.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let (expected, _) = rows(&case["centers"]);
        for (a, b) in centers.concat().iter().zip(&expected) {
            assert!((a - b).abs() < 1e-8 * (1.0 + b.abs()), "{a} {b}");
        }
        let mut labels: Vec<i32> = numbers(&case["labels"]).iter().map(|&l| l as i32).collect();
        in_order(&mut labels, weights.as_deref());
        assert_eq!(got.labels, labels);
    }
}

#[test]
fn rows_are_with_their_nearest_centres_and_centres_are_means() {
    let table = (blobs(3000, 5, 7), 5);
    let points = points(&table);
    let got = fit(points, None, &KMeansParams { tolerance: 0.0, restarts: 2, ..params(9) });
    let (labels, inertia) = by_definition(points, &got.centers);
    assert!(got.labels.iter().zip(&labels).all(|(a, b)| *a as usize == *b));
    assert!((got.inertia / inertia - 1.0).abs() < 1e-12);
    for (c, centre) in got.centers.chunks(5).enumerate() {
        let rows: Vec<usize> = (0..3000).filter(|&i| labels[i] == c).collect();
        for j in 0..5 {
            let mean = rows.iter().map(|&i| points.row(i)[j]).sum::<f64>() / rows.len() as f64;
            assert!((centre[j] - mean).abs() < 1e-10);
        }
    }
    let found = nearest(points, Points { values: &got.centers, dims: 5 }, 1, &Silent).unwrap();
    assert_eq!(found.labels, got.labels);
}

#[test]
fn weight_is_repetition() {
    let table = (blobs(200, 3, 4), 3);
    let weights: Vec<f64> = (0..200).map(|i| f64::from(i % 3)).collect();
    let repeated = |i: usize| table.0[3 * i..3 * i + 3].repeat(i % 3);
    let many = ((0..200).flat_map(repeated).collect::<Vec<_>>(), 3);
    let a = fit(points(&table), Some(&weights), &params(4));
    let b = fit(points(&many), None, &params(4));
    assert!((a.inertia / b.inertia - 1.0).abs() < 1e-9);
    let heavy: Vec<f64> = weights.iter().map(|w| w * 1e-9).collect();
    let c = fit(points(&table), Some(&heavy), &params(4));
    assert_eq!(a.labels, c.labels);
}

#[test]
fn there_are_no_more_clusters_than_distinct_rows_of_some_weight() {
    let table = ((0..90).map(|i| [0.1, 0.7, 0.3][i % 3]).collect::<Vec<_>>(), 1);
    let got = fit(points(&table), None, &params(10));
    assert_eq!((got.centers.len(), got.steps < 5), (3, true));
    assert!(got.inertia < 1e-25);
    let weights: Vec<f64> = (0..90).map(|i| f64::from(u8::from(i % 3 > 0))).collect();
    assert_eq!(fit(points(&table), Some(&weights), &params(10)).centers.len(), 2);
    let none = fit(points(&table), Some(&[0.0; 90]), &params(10));
    assert_eq!((none.centers, none.labels[3], none.inertia), (vec![], -1, 0.0));
    let empty = fit(Points { values: &[], dims: 2 }, None, &params(3));
    assert_eq!((empty.labels, empty.centers), (vec![], vec![]));
}

#[test]
fn centres_that_lose_all_rows_go_to_the_farthest_ones() {
    let table = (vec![0.0, 0.1, 10.0, 10.1, 20.0, 20.1], 1);
    let start = (vec![10.0, 1e6, -1e6], 1);
    let got = kmeans(points(&table), None, Some(points(&start)), &params(3), &Silent).unwrap();
    assert_eq!(got.labels, [0, 0, 1, 1, 2, 2]);
    assert!((got.inertia - 3.0 * 0.005).abs() < 1e-12);
}

#[test]
fn neither_offset_nor_scale_matters() {
    let table = (blobs(300, 2, 4), 2);
    let plain = fit(points(&table), None, &params(4));
    for (by, plus) in [(1.0, 1e9), (1024.0, 0.0), (1e12, 0.0), (1e-12, 0.0)] {
        let moved = (table.0.iter().map(|v| v * by + plus).collect::<Vec<_>>(), 2);
        let got = fit(points(&moved), None, &params(4));
        assert_eq!(got.labels, plain.labels);
        assert!((got.inertia / (plain.inertia * by * by) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn odd_tables_have_finite_results() {
    for table in &odd_tables() {
        for batch in [None, Some(10)] {
            for clusters in [1, 2, 7] {
                let got = fit(points(table), None, &KMeansParams { batch, ..params(clusters) });
                assert!(got.inertia.is_finite() && got.centers.iter().all(|c| c.is_finite()));
                let k = (got.centers.len() / table.1) as i32;
                assert!(k >= 1 && got.labels.iter().all(|l| (0..k).contains(l)));
            }
        }
    }
}

#[test]
fn equal_bits_for_any_threads_and_processor() {
    let table = (blobs(9000, 3, 5), 3);
    for batch in [None, Some(100)] {
        let base = KMeansParams { batch, restarts: 2, ..params(6) };
        let alone = fit(points(&table), None, &base);
        assert_eq!(alone, fit(points(&table), None, &KMeansParams { threads: 4, ..base }));
        assert_eq!(alone, plainly(|| fit(points(&table), None, &base)));
    }
}

#[test]
fn batches_come_near() {
    let table = (blobs(20_000, 4, 6), 4);
    let whole = fit(points(&table), None, &KMeansParams { restarts: 3, ..params(6) });
    let batch = Some(256);
    let got = fit(points(&table), None, &KMeansParams { batch, restarts: 3, ..params(6) });
    assert!(got.inertia < 1.02 * whole.inertia, "{} {}", got.inertia, whole.inertia);
    assert_eq!(got.labels.len(), 20_000);
}

#[test]
fn a_told_stop_is_heard() {
    let table = (blobs(5000, 4, 6), 4);
    for batch in [None, Some(64)] {
        for calls in [1, 5, 20] {
            let stop = StopAfter::new(calls - 1);
            let params = KMeansParams { batch, ..params(6) };
            assert_eq!(kmeans(points(&table), None, None, &params, &stop), Err(Stopped));
        }
    }
}
