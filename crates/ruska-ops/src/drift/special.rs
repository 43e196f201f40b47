//! Tails of the chi-squared and the normal distribution.
//!
//! References: Lanczos, "A precision approximation of the gamma function", SIAM J. Numer. Anal. B 1,
//! 1964, with the nine coefficients of Godfrey for g = 7; Abramowitz, Stegun, "Handbook of
//! Mathematical Functions", 1964, 6.5.29 (series) and 6.5.31 (continued fraction), the latter by
//! Lentz's method.

use std::f64::consts::PI;

/// Coefficients for g = 7.
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];
/// Terms after which a sum or fraction is given up; it has settled long before.
const TERMS: usize = 100_000;

/// The logarithm of the gamma function of `x` > 0.
pub(super) fn ln_gamma(x: f64) -> f64 {
    if x < 0.5 {
        // The reflection formula.
        return (PI / (PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let base = x + 7.5;
    let sum = LANCZOS.iter().enumerate().skip(1);
    let sum = sum.fold(LANCZOS[0], |sum, (i, c)| sum + c / (x + i as f64));
    0.5 * (2.0 * PI).ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

/// The regularised upper incomplete gamma function Q(a, x), `a` > 0, `x` ≥ 0; in [0, 1].
pub(super) fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    let q = if x < a + 1.0 { 1.0 - front * series(a, x) } else { front * fraction(a, x) };
    q.clamp(0.0, 1.0)
}

/// Σ xⁿ / (a (a + 1) … (a + n)).
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    for n in 1..TERMS {
        term *= x / (a + n as f64);
        sum += term;
        if term < sum * f64::EPSILON * 0.1 {
            break;
        }
    }
    sum
}

/// The continued fraction of Γ(a, x) x⁻ᵃ eˣ.
fn fraction(a: f64, x: f64) -> f64 {
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut whole = d;
    for i in 1..TERMS {
        let i = i as f64;
        let above = -i * (i - a);
        b += 2.0;
        d = above * d + b;
        d = 1.0 / if d.abs() < tiny { tiny } else { d };
        c = b + above / c;
        c = if c.abs() < tiny { tiny } else { c };
        let step = c * d;
        whole *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    whole
}

/// The probability that a chi-squared variable of so many degrees of freedom is above `x`; 1 with
/// none of them.
pub(super) fn chi_squared_tail(x: f64, freedom: f64) -> f64 {
    if freedom <= 0.0 { 1.0 } else { upper_gamma(freedom / 2.0, x / 2.0) }
}

/// The probability that a standard normal variable is farther from 0 than `z`.
pub(super) fn normal_tails(z: f64) -> f64 {
    upper_gamma(0.5, z * z / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, relative: f64) {
        assert!((got / expected - 1.0).abs() < relative, "{got} and {expected}");
    }

    #[test]
    fn gamma_is_the_factorial() {
        let mut factorial = 1.0f64;
        for n in 1..100 {
            factorial *= f64::from(n);
            assert!((ln_gamma(f64::from(n) + 1.0) - factorial.ln()).abs() < 1e-11, "{n}");
        }
        close(ln_gamma(0.5), PI.sqrt().ln(), 1e-13);
        close(ln_gamma(0.1), 2.252_712_651_734_206, 1e-13);
    }

    /// With 2 degrees of freedom the tail is e^(−x/2), with 4 (1 + x/2) e^(−x/2).
    #[test]
    fn tails_are_those_of_closed_forms() {
        for x in [0.1f64, 1.0, 2.9, 3.1, 10.0, 50.0, 300.0] {
            close(chi_squared_tail(x, 2.0), (-x / 2.0).exp(), 1e-12);
            close(chi_squared_tail(x, 4.0), (1.0 + x / 2.0) * (-x / 2.0).exp(), 1e-12);
        }
        // `scipy.stats.chi2.sf` (scipy 1.17.1).
        close(chi_squared_tail(120.0, 100.0), 0.084_406_681_093_691_77, 1e-11);
        close(chi_squared_tail(1500.0, 1200.0), 6.341_071_285_724_709e-9, 1e-10);
        close(chi_squared_tail(1e-3, 1.0), 0.974_772_879_369_960_4, 1e-11);
        assert_eq!((chi_squared_tail(5.0, 0.0), chi_squared_tail(f64::INFINITY, 3.0)), (1.0, 0.0));
    }

    #[test]
    fn both_tails_of_the_normal_distribution() {
        for p in [0.9, 0.5, 0.05, 1e-3, 1e-9] {
            close(normal_tails(ruska::normal::quantile(1.0 - p / 2.0)), p, 1e-6);
        }
        assert_eq!(normal_tails(0.0), 1.0);
    }
}
