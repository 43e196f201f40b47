//! Gauss's rule on the interval from 0 to 1.

/// The points and weights of the rule of `n` ≥ 1 points, which is exact for polynomials of a degree up to
/// 2 n − 1: the roots of Legendre's polynomial, found by Newton's method.
///
/// Source: Golub, Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation 23, 1969, for
/// the rule; Tricomi's approximation of the roots to begin with.
pub(super) fn gauss(n: usize) -> Vec<(f64, f64)> {
    let of = |i: usize| {
        let mut x = (std::f64::consts::PI * (i as f64 + 0.75) / (n as f64 + 0.5)).cos();
        for _ in 0..64 {
            let (p, slope) = legendre(n, x);
            let step = p / slope;
            x -= step;
            if step.abs() < 1e-16 {
                break;
            }
        }
        let slope = legendre(n, x).1;
        // On the interval from −1 to 1 the weight is twice as large.
        (0.5 * (1.0 - x), 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(of).collect()
}

/// Legendre's polynomial of degree `n` ≥ 1 and its slope, within −1 to 1.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut p) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, p) = (p, ((2.0 * k - 1.0) * x * p - (k - 1.0) * before) / k);
    }
    (p, n as f64 * (x * p - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_integrated_exactly() {
        for n in [1, 2, 4, 8, 16, 32] {
            for power in 0..2 * n as i32 {
                let sum: f64 = gauss(n).iter().map(|(t, w)| w * t.powi(power)).sum();
                let exact = 1.0 / (f64::from(power) + 1.0);
                assert!((sum - exact).abs() < 1e-14, "{n} points, power {power}: {sum}");
            }
        }
    }

    #[test]
    fn few_points_suffice_for_ways_of_many_features() {
        let sum: f64 = gauss(32).iter().map(|(t, w)| w * t.powi(150)).sum();
        assert!((151.0 * sum - 1.0).abs() < 1e-9, "{sum}");
    }
}
