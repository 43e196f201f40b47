//! Spectra against what an eigenvector is, and covariances against their definition.

use super::*;

/// `vectorsᵀ · values · vectors`.
fn composed(s: &Spectrum, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    for (value, v) in s.values.iter().zip(s.vectors.chunks_exact(n)) {
        for i in 0..n {
            (0..n).for_each(|j| out[i * n + j] += value * v[i] * v[j]);
        }
    }
    out
}

fn assert_near(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    let far = a.iter().zip(b).find(|(a, b)| (*a - *b).abs() > tolerance);
    assert!(far.is_none(), "{far:?}");
}

#[test]
fn a_spectrum_composes_the_matrix_and_its_vectors_are_orthonormal() {
    for (n, rank) in [(1, 1), (2, 2), (7, 7), (40, 40), (40, 5), (65, 60)] {
        let factor = noise(n * rank, 3 + n as u64);
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                let products = (0..rank).map(|k| factor[i * rank + k] * factor[j * rank + k]);
                matrix[i * n + j] = products.sum::<f64>();
            }
        }
        let s = spectrum(matrix.clone(), n, &Silent).unwrap();
        assert_eq!(s.values.len(), rank);
        assert!(s.values.windows(2).all(|w| w[0] >= w[1]));
        assert_near(&composed(&s, n), &matrix, 1e-11);
        let vectors: Vec<&[f64]> = s.vectors.chunks_exact(n).collect();
        for (i, a) in vectors.iter().enumerate() {
            for (j, b) in vectors.iter().enumerate() {
                let product: f64 = a.iter().zip(*b).map(|(a, b)| a * b).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-10, "{n}: {i}, {j}");
            }
            let largest = a.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap();
            assert!(largest > 0.0);
        }
    }
}

#[test]
fn nothing_has_an_empty_spectrum() {
    for n in [0, 3] {
        let s = spectrum(vec![0.0; n * n], n, &Silent).unwrap();
        assert_eq!((s.values.len(), s.vectors.len()), (0, 0));
    }
}

#[test]
fn known_eigenvalues_are_found() {
    // [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, −1).
    let s = spectrum(vec![2.0, 1.0, 1.0, 2.0], 2, &Silent).unwrap();
    let h = 0.5f64.sqrt();
    assert_near(&s.values, &[3.0, 1.0], 1e-14);
    assert_near(&s.vectors[..2], &[h, h], 1e-14);
    assert!((s.vectors[2] + s.vectors[3]).abs() < 1e-14);
}

#[test]
fn covariance_is_that_of_repeated_rows() {
    let rows: Vec<Vec<f64>> = noise(90, 5).chunks(3).map(<[f64]>::to_vec).collect();
    let weights: Vec<f64> = (0..30).map(|i| f64::from(i % 4)).collect();
    let repeated: Vec<Vec<f64>> = (0..30).flat_map(|i| vec![rows[i].clone(); i % 4]).collect();
    let weighted = covariance(&dense(&rows), &weights, &Silent).unwrap();
    let whole = covariance(&dense(&repeated), &vec![1.0; repeated.len()], &Silent).unwrap();
    assert_near(&weighted, &whole, 1e-14);
    let mean = |j: usize| repeated.iter().map(|r| r[j]).sum::<f64>() / repeated.len() as f64;
    let products = repeated.iter().map(|r| (r[0] - mean(0)) * (r[2] - mean(2)));
    let expected = products.sum::<f64>() / repeated.len() as f64;
    assert_near(&[whole[2], whole[6]], &[expected; 2], 1e-14);
}

#[test]
fn a_spectrum_can_be_stopped() {
    assert_eq!(spectrum(vec![1.0; 9], 3, &StopAfter::new(0)), Err(Stopped));
}
