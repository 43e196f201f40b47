//! How large a measure of drift gets by chance: what samples of one distribution, of as many rows,
//! stay below but for a given probability.
//!
//! The distribution is that of both samples together, as in a permutation test, so that what is
//! usual of a column (few values far out, many rare levels) is known to be usual.
//!
//! * Wasserstein: √(mn/(m+n)) · area is about ∫ |B(F(x))| dx of a Brownian bridge B, the norm of a
//!   Gaussian whose variance in no direction is above σ², that of the column. Its mean square is a
//!   double sum of E|XY| = 2/π σₓσᵧ (√(1−ρ²) + ρ asin ρ). The quantile is taken as the root of
//!   z²σ² + (mean square − σ²), with z of both tails: exact for two values, and above the simulated
//!   quantiles of normal, uniform, exponential, log-normal and t distributions by up to 4 % for
//!   probabilities from 10⁻² to 10⁻⁴.
//! * Kolmogorov–Smirnov: Smirnov's limit, √(ln(2/a)/2 · (1/m + 1/n)), whatever the distribution.
//! * Jensen–Shannon over levels: rows of a level fall on the two sides as in a binomial draw, which
//!   gives mean and variance of its term; the sum is taken as a multiple of a chi-squared variable
//!   with the same. For many rows a level that is χ² with one degree of freedom less than levels.
//! * Shares: the difference of two proportions.
//! * New levels: levels that the reference has not are as frequent as its levels of one row tell
//!   (Good 1953), with the upper limit of a Poisson mean.
//!
//! References: del Barrio, Giné, Matrán, "Central limit theorems for the Wasserstein distance
//! between the empirical and the true distributions", Annals of Probability 27, 1999; Ledoux,
//! "The Concentration of Measure Phenomenon", 2001 (norms of Gaussians); Wilson, Hilferty, PNAS 17,
//! 1931 (quantiles of χ²); Good, "The population frequencies of species", Biometrika 40, 1953;
//! Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936.

use super::jensen_shannon::part;
use super::special::ln_gamma;
use ruska::normal::quantile;
use std::f64::consts::PI;

/// Rows of a level, of both sides, up to which its term has the moments of its binomial draws; above
/// it those of its limit.
const FEW: u64 = 60;

/// A place of a distribution function, in (0, 1), and the value there; both ascending.
pub(super) type Quantile = (f64, f64);

/// The number that a standard normal variable is farther from 0 than with probability `a`.
fn both_tails(a: f64) -> f64 {
    quantile(1.0 - a / 2.0)
}

/// The quantile of χ² with so many degrees of freedom, not only whole ones, that it is above with
/// probability `a` (Wilson and Hilferty).
fn chi_squared(freedom: f64, a: f64) -> f64 {
    let step = 2.0 / (9.0 * freedom);
    freedom * (1.0 - step + quantile(1.0 - a) * step.sqrt()).max(0.0).powi(3)
}

/// The Wasserstein distance, in units of the values, of samples of `m` and `n` rows.
pub(super) fn wasserstein(pooled: &[Quantile], m: f64, n: f64, a: f64) -> f64 {
    let pieces: Vec<(f64, f64)> = pooled
        .windows(2)
        .map(|pair| (f64::midpoint(pair[0].0, pair[1].0), pair[1].1 - pair[0].1))
        .filter(|(_, length)| *length > 0.0)
        .collect();
    let (mut square, mut variance) = (0.0, 0.0);
    for (i, (u, du)) in pieces.iter().enumerate() {
        for (v, dv) in &pieces[i..] {
            // Covariance of the bridge at u ≤ v.
            let (su, sv) = ((u * (1.0 - u)).sqrt(), (v * (1.0 - v)).sqrt());
            let covariance = u * (1.0 - v);
            let rho = (covariance / (su * sv)).min(1.0);
            let mean = 2.0 / PI * su * sv * ((1.0 - rho * rho).max(0.0).sqrt() + rho * rho.asin());
            let twice = if u == v { 1.0 } else { 2.0 };
            square += twice * mean * du * dv;
            variance += twice * covariance * du * dv;
        }
    }
    let z = both_tails(a);
    ((z * z * variance + (square - variance).max(0.0)) * (1.0 / m + 1.0 / n)).sqrt()
}

/// The Kolmogorov–Smirnov distance of samples of `m` and `n` rows.
pub(super) fn kolmogorov(m: f64, n: f64, a: f64) -> f64 {
    ((2.0 / a).ln() / 2.0 * (1.0 / m + 1.0 / n)).sqrt().min(1.0)
}

/// The Jensen–Shannon distance over levels with so many rows on each side.
pub(super) fn jensen_shannon(counts: &[(f64, f64)], a: f64) -> f64 {
    let (m, n) = counts.iter().fold((0.0, 0.0), |(m, n), (a, b)| (m + a, n + b));
    let all = m + n;
    let limit = (1.0 / m + 1.0 / n) / 8.0;
    let mut few: Vec<Option<(f64, f64)>> = vec![None; FEW as usize + 1];
    let (mut mean, mut variance) = (0.0, 0.0);
    for (a, b) in counts {
        let rows = (a + b).round() as u64;
        let (of_mean, of_variance) = match few.get_mut(rows as usize) {
            None => (limit, 2.0 * limit * limit),
            Some(known) => *known.get_or_insert_with(|| drawn(rows, m, n)),
        };
        // The rows of all levels together are given.
        let free = 1.0 - (a + b) / all;
        mean += free * of_mean;
        variance += free * of_variance;
    }
    if !(mean > 0.0 && variance > 0.0) {
        return 0.0;
    }
    let freedom = 2.0 * mean * mean / variance;
    let scale = variance / (2.0 * mean);
    (scale * chi_squared(freedom, a)).min(std::f64::consts::LN_2).sqrt()
}

/// Mean and variance of the term of a level with so many rows, each of the reference with
/// probability m / (m + n).
fn drawn(rows: u64, m: f64, n: f64) -> (f64, f64) {
    let c = rows as f64;
    let (p, q) = (m / (m + n), n / (m + n));
    let whole = ln_gamma(c + 1.0);
    let (mut mean, mut square) = (0.0, 0.0);
    for k in 0..=rows {
        let k = k as f64;
        let ways = whole - ln_gamma(k + 1.0) - ln_gamma(c - k + 1.0);
        let probability = (ways + k * p.ln() + (c - k) * q.ln()).exp();
        let term = part(k / m, (c - k) / n);
        mean += probability * term;
        square += probability * term * term;
    }
    (mean, (square - mean * mean).max(0.0))
}

/// The difference of the shares of something that `a` of `m` and `b` of `n` rows are.
pub(super) fn share(rows: (f64, f64), of: (f64, f64), a: f64) -> f64 {
    // Half a row more of either kind on each side, so that none is no certainty.
    let pooled = (rows.0 + rows.1 + 1.0) / (of.0 + of.1 + 2.0);
    (both_tails(a) * (pooled * (1.0 - pooled) * (1.0 / of.0 + 1.0 / of.1)).sqrt()).min(1.0)
}

/// The share of `n` rows with a level that `m` rows of the reference have not. So many of its levels,
/// of a `part` in (0, 1] that is looked at, have a single row.
pub(super) fn new_levels(single: u64, part: f64, (m, n): (f64, f64), a: f64) -> f64 {
    // Half of the probability for the levels that there are, half for the rows drawn of them.
    let unseen = (chi_squared(2.0 * (single as f64 + 1.0), a / 2.0) / 2.0 / part / m).min(1.0);
    (unseen + quantile(1.0 - a / 2.0) * (unseen * (1.0 - unseen) / n).sqrt()).min(1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::drift::{jensen_shannon as js, ks, wasserstein as ws};
    use ruska::Rng;

    /// How many of `runs` pairs of samples are farther apart than chance gives with probability `a`.
    fn beyond(
        runs: usize,
        a: f64,
        sizes: (usize, usize),
        value: &dyn Fn(&mut Rng) -> f64,
    ) -> (usize, usize) {
        let mut rng = Rng::new(7);
        let (mut areas, mut steps) = (0, 0);
        for _ in 0..runs {
            let mut draw = |n: usize| {
                let mut values: Vec<f64> = (0..n).map(|_| value(&mut rng)).collect();
                values.sort_unstable_by(f64::total_cmp);
                values
            };
            let (left, right) = (draw(sizes.0), draw(sizes.1));
            let pooled = crate::drift::numbers::pooled(&left, &right);
            let (m, n) = (sizes.0 as f64, sizes.1 as f64);
            areas += usize::from(ws::area(&left, &right) > wasserstein(&pooled, m, n, a));
            steps += usize::from(ks::distance(&left, &right) > kolmogorov(m, n, a));
        }
        (areas, steps)
    }

    fn normal(rng: &mut Rng) -> f64 {
        rng.normal()
    }

    #[test]
    fn quiet_samples_stay_below() {
        let heavy = |rng: &mut Rng| (2.0 * normal(rng)).exp();
        let two = |rng: &mut Rng| f64::from(rng.unit() < 0.2);
        let far = |rng: &mut Rng| 1.0 / rng.unit().max(1e-12);
        for value in [&normal as &dyn Fn(&mut Rng) -> f64, &heavy, &two, &far] {
            let (areas, steps) = beyond(2000, 0.01, (200, 80), value);
            // 20 are expected at most; three standard deviations above that are 33.
            assert!(areas <= 33 && steps <= 33, "{areas} {steps}");
        }
        // Chance is not overrated either: of two values the normal limit holds.
        let (areas, _) = beyond(2000, 0.05, (400, 400), &two);
        assert!((60..=130).contains(&areas), "{areas}");
    }

    #[test]
    fn quiet_levels_stay_below() {
        let mut rng = Rng::new(3);
        for levels in [2usize, 5, 40, 800] {
            let mut above = 0;
            for _ in 0..2000 {
                let mut counts = vec![(0.0, 0.0); levels];
                (0..300).for_each(|_| counts[rng.below(levels)].0 += 1.0);
                (0..200).for_each(|_| counts[rng.below(levels)].1 += 1.0);
                counts.retain(|(a, b)| a + b > 0.0);
                above += usize::from(js::distance(&counts) > jensen_shannon(&counts, 0.01));
            }
            assert!((1..=33).contains(&above), "{levels}: {above}");
        }
    }

    #[test]
    fn quiet_levels_are_seldom_new() {
        let mut rng = Rng::new(5);
        // Of a third of the levels it is known how many rows they have.
        for (tail, part) in [(30.0, 1), (300.0, 1), (3000.0, 1), (300.0, 3), (3000.0, 3)] {
            let mut above = 0;
            for _ in 0..1000 {
                // Frequent levels and a long tail of rare ones.
                let mut draw = |n: usize| -> Vec<usize> {
                    (0..n).map(|_| (tail * rng.unit().powi(4)) as usize).collect()
                };
                let (left, right) = (draw(300), draw(500));
                let mut counts = vec![0u64; tail as usize + 1];
                left.iter().for_each(|level| counts[*level] += 1);
                let looked_at = counts.iter().filter(|n| **n > 0).step_by(part);
                let single = looked_at.filter(|n| **n == 1).count() as u64;
                let by_chance = new_levels(single, 1.0 / part as f64, (300.0, 500.0), 0.01);
                let new = right.iter().filter(|level| counts[**level] == 0).count();
                above += usize::from(new as f64 / 500.0 > by_chance);
            }
            assert!(above <= 20, "{tail}, one in {part}: {above}");
        }
    }

    #[test]
    fn quantiles_are_those_of_chi_squared() {
        for (freedom, quantile) in [(1.0, 10.828), (2.0, 13.816), (9.0, 27.877), (99.0, 148.23)] {
            assert!((chi_squared(freedom, 0.001) / quantile - 1.0).abs() < 0.04, "{freedom}");
        }
        // Many rows of three levels: the limit.
        let counts = [(4000.0, 2000.0), (4000.0, 2000.0), (4000.0, 2000.0)];
        let expected = (13.816 * (1.0 / 12_000.0 + 1.0 / 6000.0) / 8.0f64).sqrt();
        assert!((jensen_shannon(&counts, 0.001) / expected - 1.0).abs() < 0.02);
    }
}
