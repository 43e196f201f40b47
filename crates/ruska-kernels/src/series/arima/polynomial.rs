//! Polynomials of lags and the partial autocorrelations behind them.
//!
//! Any partial autocorrelations within −1..1 are those of one stationary autoregression, so that a
//! search over them needs no other bounds (Barndorff-Nielsen and Schou, "On the parametrization of
//! autoregressive models by partial autocorrelations", J. Multivariate Analysis 3, 1973).

/// Coefficients `φ` of the autoregression `x[t] = Σ φ[j] · x[t − 1 − j] + e[t]` of these partial
/// autocorrelations, by the recursion of Levinson and Durbin.
pub(super) fn coefficients(partials: &[f64]) -> Vec<f64> {
    let mut phi = partials.to_vec();
    let mut before = vec![0.0; phi.len()];
    for k in 1..phi.len() {
        let last = phi[k];
        before[..k].copy_from_slice(&phi[..k]);
        for j in 0..k {
            phi[j] = before[j] - last * before[k - 1 - j];
        }
    }
    phi
}

/// The way back; none unless the autoregression is stationary.
pub(super) fn partials(coefficients: &[f64]) -> Option<Vec<f64>> {
    let mut phi = coefficients.to_vec();
    let mut before = vec![0.0; phi.len()];
    for k in (0..phi.len()).rev() {
        let last = phi[k];
        if last.is_nan() || last.abs() >= 1.0 {
            return None;
        }
        before[..k].copy_from_slice(&phi[..k]);
        let rest = 1.0 - last * last;
        for j in 0..k {
            phi[j] = (before[j] + last * before[k - 1 - j]) / rest;
        }
    }
    Some(phi)
}

/// Whether all roots of `1 − Σ φ[j] · z^(j + 1)` lie farther from 0 than `radius`.
pub(super) fn roots_beyond(radius: f64, coefficients: &[f64]) -> bool {
    let mut power = 1.0;
    let scaled: Vec<f64> = coefficients
        .iter()
        .map(|phi| {
            power *= radius;
            phi * power
        })
        .collect();
    partials(&scaled).is_some()
}

/// Partial autocorrelations of the stationary autoregression nearest along the line on which roots
/// move away from the circle; each at most `most` in size.
pub(super) fn stationary_partials(coefficients: &[f64], most: f64) -> Vec<f64> {
    const STEP: f64 = 0.95;
    let mut phi = coefficients.to_vec();
    for _ in 0..100 {
        if let Some(partials) = partials(&phi)
            && partials.iter().all(|r| r.abs() <= most)
        {
            return partials;
        }
        let mut power = 1.0;
        for phi in &mut phi {
            power *= STEP;
            *phi *= power;
        }
    }
    vec![0.0; phi.len()]
}

/// Terms `(lag, weight)` of `1 − (1 − Σ a[i] · B^(i + 1)) · (1 − Σ b[i] · B^(period · (i + 1)))`,
/// lags ascending within each of `b`.
pub(super) fn product(a: &[f64], b: &[f64], period: usize) -> Vec<(usize, f64)> {
    let with_one =
        |c: &[f64]| -> Vec<f64> { std::iter::once(1.0).chain(c.iter().map(|c| -c)).collect() };
    let (a, b) = (with_one(a), with_one(b));
    let pairs = b
        .iter()
        .enumerate()
        .flat_map(|(j, b)| a.iter().enumerate().map(move |(i, a)| (i + period * j, -a * b)));
    pairs.skip(1).collect()
}

/// The first `n` weights `ψ` of past errors in the value of a process, `ψ[0] = 1`, from the terms of
/// its autoregressive and moving-average parts.
pub(super) fn psi_weights(ar: &[(usize, f64)], ma: &[(usize, f64)], n: usize) -> Vec<f64> {
    let mut psi = vec![0.0; n];
    if n > 0 {
        psi[0] = 1.0;
    }
    for &(lag, theta) in ma {
        if lag < n {
            psi[lag] += theta;
        }
    }
    for t in 1..n {
        let sum: f64 =
            ar.iter().filter(|(lag, _)| *lag <= t).map(|(lag, phi)| phi * psi[t - lag]).sum();
        psi[t] += sum;
    }
    psi
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn partials_and_coefficients_are_inverse() {
        let rho = [0.5, -0.3, 0.8, -0.95];
        let back = partials(&coefficients(&rho)).unwrap();
        assert!(rho.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-12), "{back:?}");
        // AR(2): φ₁ = ρ₁·(1 − ρ₂).
        assert_eq!(coefficients(&[0.5, -0.2]), [0.6, -0.2]);
        assert_eq!(partials(&[1.2, 0.1]), None);
    }

    #[test]
    fn roots_are_compared_with_a_radius() {
        // 1 − 0.5·z has its root at 2.
        assert!(roots_beyond(1.99, &[0.5]) && !roots_beyond(2.01, &[0.5]));
        assert!(roots_beyond(1.01, &[]));
        let near = stationary_partials(&[1.5, 0.4], 0.98);
        assert!(near.iter().all(|r| r.abs() <= 0.98) && near[0] > 0.5, "{near:?}");
    }

    #[test]
    fn products_have_the_terms_of_both() {
        let terms = product(&[0.5], &[0.2], 4);
        assert_eq!(terms, [(1, 0.5), (4, 0.2), (5, -0.1)]);
    }

    #[test]
    fn weights_of_an_autoregression_are_powers() {
        let psi = psi_weights(&[(1, 0.5)], &[(1, 0.25)], 4);
        assert_eq!(psi, [1.0, 0.75, 0.375, 0.1875]);
    }
}
