use super::*;

/// Numbers that look random, in −1..1.
fn noise(n: usize) -> Vec<f64> {
    (0..n).map(|i| ((i * i * 7 + i * 13 + 5) as f64 * 0.618).sin()).collect()
}

fn found(
    points: &[f64],
    weights: &[f64],
    queries: &[f64],
    count: usize,
    k: f64,
) -> Vec<Vec<Neighbour>> {
    let rows = weights.len();
    let blocks = pack(points, rows);
    let points = Points::new(&blocks, points.len().checked_div(rows).unwrap_or(0), weights);
    let mut all = vec![];
    points.nearest(queries, count, k, |i, found| {
        assert_eq!(i, all.len());
        all.push(found.to_vec());
    });
    all
}

#[test]
fn finds_what_sorting_all_distances_finds() {
    for (rows, width) in [(1, 1), (31, 3), (32, 2), (33, 7), (1000, 5)] {
        let (points, count) = (noise(rows * width), 9);
        let queries: Vec<f64> = noise(count * width).iter().map(|v| v * 0.9 + 0.01).collect();
        let got = found(&points, &vec![1.0; rows], &queries, count, 6.0);
        for (q, got) in got.iter().enumerate() {
            let mut expected: Vec<(f64, u32)> = (0..rows)
                .map(|i| {
                    let gap = |j: usize| points[j * rows + i] - queries[j * count + q];
                    ((0..width).map(|j| gap(j) * gap(j)).sum::<f64>().sqrt(), i as u32)
                })
                .collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert_eq!(got.len(), rows.min(6));
            for (got, expected) in got.iter().zip(&expected) {
                assert_eq!((got.row, got.share), (expected.1, 1.0));
                assert!((f64::from(got.distance) - expected.0).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn weight_is_repetition() {
    let points = noise(40);
    let weights: Vec<f64> = (0..40).map(|i| f64::from(i % 4 + 1)).collect();
    let repeated: Vec<usize> =
        (0..40).flat_map(|i| std::iter::repeat_n(i, weights[i] as usize)).collect();
    let many: Vec<f64> = repeated.iter().map(|&i| points[i]).collect();
    for k in [1.0, 2.0, 7.0, 1000.0] {
        let a = &found(&points, &weights, &[0.3], 1, k)[0];
        let b = &found(&many, &vec![1.0; many.len()], &[0.3], 1, k)[0];
        let mut shares = vec![0.0; 40];
        a.iter().for_each(|n| shares[n.row as usize] += n.share);
        b.iter().for_each(|n| shares[repeated[n.row as usize]] -= n.share);
        assert!(shares.iter().all(|s| *s == 0.0), "{k}: {shares:?}");
    }
}

#[test]
fn equal_distances_go_to_the_lower_row_whatever_the_batch() {
    let points = vec![1.0; 100];
    let alone = found(&points, &[1.0; 100], &[1.0], 1, 3.0);
    assert_eq!(alone[0].iter().map(|n| n.row).collect::<Vec<_>>(), [0, 1, 2]);
    let batch = found(&points, &[1.0; 100], &[1.0; 50], 50, 3.0);
    assert!(batch.iter().all(|b| *b == alone[0]));
}

#[test]
fn the_last_neighbour_counts_in_part() {
    let got = found(&[0.0, 1.0, 2.0], &[0.5, 2.0, 1.0], &[0.0], 1, 2.0);
    let shares: Vec<(u32, f64)> = got[0].iter().map(|n| (n.row, n.share)).collect();
    assert_eq!(shares, [(0, 0.5), (1, 1.5)]);
}

#[test]
fn absurd_coordinates_have_finite_distances() {
    let got = found(&[f64::MAX, f64::MIN, 1e-300], &[1.0; 3], &[f64::MIN], 1, 3.0);
    assert!(got[0].iter().all(|n| n.distance.is_finite()));
    assert_eq!(got[0][0].row, 1);
    assert_eq!(found(&[], &[1.0; 3], &[], 2, 2.0)[1].len(), 2);
}
