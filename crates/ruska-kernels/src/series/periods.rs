//! Which candidate seasons a series has.
//!
//! A season of m values shows as power at the frequencies j/m. The power of the series' differences
//! there is compared with that of the frequencies beside them, so that trends, random walks and
//! whatever else has a smooth spectrum is no season:
//!
//! ```text
//! differences ─▶ power at j/m over the mean power beside it, F(2, 2·beside)   j = 1, 2, …
//!             ─▶ p of each j ─▶ of the least of them, and of their product (Fisher)
//! ```
//!
//! Frequencies of shorter seasons that are found say nothing of longer ones: a day's pattern is no
//! week's. Direct sums, O(n) for each of up to 216 frequencies a candidate.
//!
//! Reference: Thomson, "Spectrum estimation and harmonic analysis", Proceedings of the IEEE 70, 1982
//! (the F test of a line against the spectrum around it).

use super::convolve::powers;
use crate::{Progress, Stopped};

/// Multiples of a season's frequency that are looked at.
const HARMONICS: usize = 24;
/// The longest season that two cycles can show; longer ones take three.
const SHORT: usize = 31;
/// Frequencies looked at on each side of one.
const BESIDE: usize = 4;
/// Share of the greatest value below which differences are rounding.
const ROUNDING: f64 = 1e-13;

/// A season that the data confirm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confirmed {
    /// Values of a cycle.
    pub period: usize,
    /// How likely a series without it shows as much, in 0..1.
    pub p_value: f64,
    /// Share in 0..1 of the variance of what the level (the mean of the cycle around) and the shorter
    /// seasons leave, that the means of the phases explain beyond chance.
    pub share: f64,
}

/// Those of the candidate periods, ascending, whose p-value is below `level`, in 0..1; 0.01 is a good
/// one. A candidate below 2 is never confirmed, nor one of which the series does not hold one value
/// more than two cycles, or three where they are longer than 31 values: of two, chance is too great a
/// part. A season that grows with the level is found as well.
pub fn confirmed(
    values: &[f64],
    candidates: &[usize],
    level: f64,
    progress: &dyn Progress,
) -> Result<Vec<Confirmed>, Stopped> {
    let Some(changes) = changes(values) else { return Ok(Vec::new()) };
    let mut periods = candidates.to_vec();
    periods.retain(|&p| p >= 2 && changes.len() / p >= if p > SHORT { 3 } else { 2 });
    periods.sort_unstable();
    periods.dedup();
    let unit = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let mut left: Vec<f64> = values.iter().map(|v| v / unit).collect();
    let mut found: Vec<Confirmed> = Vec::new();
    for &period in &periods {
        let shorter: Vec<usize> = found.iter().map(|f| f.period).collect();
        let p_value = p_value(&changes, period, &shorter, &periods, progress)?;
        if p_value < level {
            let share = take_out(&mut left, period);
            found.push(Confirmed { period, p_value, share });
        }
    }
    Ok(found)
}

/// Differences of the values less their line, of moderate scale; none where they are but rounding.
fn changes(values: &[f64]) -> Option<Vec<f64>> {
    let most = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if values.len() < 2 || most == 0.0 {
        return None;
    }
    let mut changes: Vec<f64> = values.windows(2).map(|w| w[1] / most - w[0] / most).collect();
    let n = changes.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let mean = changes.iter().sum::<f64>() / n;
    let tilt: f64 = changes.iter().enumerate().map(|(i, v)| (i as f64 - middle) * v).sum();
    let slope = 12.0 * tilt / (n * (n * n - 1.0)).max(1.0);
    for (i, v) in changes.iter_mut().enumerate() {
        *v -= mean + slope * (i as f64 - middle);
    }
    let greatest = changes.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    changes.iter_mut().for_each(|v| *v /= greatest);
    (greatest > ROUNDING).then_some(changes)
}

/// How likely differences without this season show as much power at its frequencies.
fn p_value(
    changes: &[f64],
    period: usize,
    shorter: &[usize],
    all: &[usize],
    progress: &dyn Progress,
) -> Result<f64, Stopped> {
    let cycles = changes.len() / period;
    let seen = &changes[changes.len() - cycles * period..];
    let n = seen.len();
    let near = |bin: usize, period: usize, by: f64| {
        let order = bin as f64 * period as f64 / n as f64;
        let away = (order - order.round()).abs() * n as f64 / period as f64;
        order.round() >= 1.0 && away < by
    };
    // A season whose size changes spills into the frequencies next to its own.
    let guard = if cycles >= 6 { 1.5 } else { 0.5 };
    let harmonics = (1..=(period / 2).min(HARMONICS)).map(|j| j * cycles);
    let harmonics = harmonics.filter(|&bin| !shorter.iter().any(|&p| near(bin, p, 1.5)));
    let free =
        |&bin: &usize| !all.iter().any(|&p| near(bin, p, if p == period { guard } else { 0.5 }));
    let reach = (3 * cycles).max(3 * BESIDE);
    let beside = |bin: usize| -> Vec<usize> {
        let below = (bin.saturating_sub(reach).max(1)..bin).rev().filter(free).take(BESIDE);
        let above = (bin + 1..=bin + reach).take_while(|b| 2 * b < n).filter(free).take(BESIDE);
        below.chain(above).collect()
    };
    let compared: Vec<(usize, Vec<usize>)> =
        harmonics.map(|bin| (bin, beside(bin))).filter(|(_, beside)| beside.len() >= 2).collect();
    let mut bins: Vec<usize> =
        compared.iter().flat_map(|(bin, beside)| beside.iter().copied().chain([*bin])).collect();
    bins.sort_unstable();
    bins.dedup();
    let power = powers(seen, &bins, progress)?;
    let total: f64 = seen.iter().map(|v| v * v).sum();
    let at = |bin: &usize| power[bins.binary_search(bin).expect("all bins are listed")];
    let p_values: Vec<f64> = compared
        .iter()
        .map(|(bin, beside)| {
            let around = beside.iter().map(at).sum::<f64>() / beside.len() as f64;
            // Rounding has power, too.
            let ratio = at(bin) / around.max(1e-20 * total * n as f64).max(f64::MIN_POSITIVE);
            tail(ratio, 2 * bin == n, 2.0 * beside.len() as f64)
        })
        .collect();
    Ok(combined(&p_values))
}

/// The upper tail of F(2, `freedom`), or of F(1, `freedom`) at the highest frequency (Wallace,
/// "Bounds on normal approximations to Student's and the chi-square distributions", 1959).
fn tail(ratio: f64, highest: bool, freedom: f64) -> f64 {
    if highest {
        let z = (freedom * (ratio / freedom).ln_1p()).sqrt() * (8.0 * freedom + 1.0)
            / (8.0 * freedom + 3.0);
        two_sided(z)
    } else {
        (-0.5 * freedom * (2.0 * ratio / freedom).ln_1p()).exp()
    }
}

/// How likely a normal number is farther than `z` ≥ 0 from its mean in deviations (Abramowitz and
/// Stegun, "Handbook of mathematical functions", 7.1.26; to 1.5e-7).
fn two_sided(z: f64) -> f64 {
    let x = z * std::f64::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    series.iter().fold(0.0, |sum, c| (sum + c) * t) * (-x * x).exp()
}

/// One p-value of several: twice the lower of that of their least and that of their product.
fn combined(p_values: &[f64]) -> f64 {
    let count = p_values.len();
    if count == 0 {
        return 1.0;
    }
    let least = p_values.iter().copied().fold(1.0, f64::min);
    // Half a chi-square number of 2·count degrees of freedom.
    let half: f64 = -p_values.iter().map(|p| p.max(1e-300).ln()).sum::<f64>();
    let mut term = (-half).exp();
    let mut product = term;
    for k in 1..count {
        term *= half / k as f64;
        product += term;
    }
    (2.0 * (least * count as f64).min(product)).min(1.0)
}

/// Takes the phases' mean distances from the level out of the values, and tells the share in 0..1 of
/// the variance about the level that they explain, less what is chance.
fn take_out(values: &mut [f64], period: usize) -> f64 {
    let n = values.len();
    let width = period | 1;
    let half = width / 2;
    // With an even period both ends of the window count half.
    let ends = if width == period { 1.0 } else { 0.5 };
    let mut inner: f64 = values[1..width - 1].iter().sum();
    let (mut sums, mut counts) = (vec![0.0; period], vec![0.0; period]);
    let mut square = 0.0;
    for i in half..n - half {
        let (first, last) = (values[i - half], values[i + half]);
        let away = values[i] - (inner + ends * (first + last)) / period as f64;
        sums[i % period] += away;
        counts[i % period] += 1.0;
        square += away * away;
        if i + half + 1 < n {
            inner += last - values[i - half + 1];
        }
    }
    let explained: f64 = sums.iter().zip(&counts).map(|(s, c)| s * s / f64::max(*c, 1.0)).sum();
    let count: f64 = counts.iter().sum();
    for (i, v) in values.iter_mut().enumerate() {
        *v -= sums[i % period] / counts[i % period].max(1.0);
    }
    if square <= 0.0 {
        return 0.0;
    }
    let free = (count - 1.0) / (count - period as f64).max(1.0);
    (1.0 - (1.0 - explained / square) * free).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::series::made::gaussian;
    use crate::{Silent, StopAfter};

    fn found(values: &[f64], candidates: &[usize]) -> Vec<usize> {
        confirmed(values, candidates, 0.01, &Silent).unwrap().iter().map(|c| c.period).collect()
    }

    fn walk(values: &[f64]) -> Vec<f64> {
        let mut sum = 0.0;
        values
            .iter()
            .map(|v| {
                sum += v;
                sum
            })
            .collect()
    }

    /// Each value a part of the one before and noise.
    fn autoregressive(values: &[f64], part: f64) -> Vec<f64> {
        let mut last = 0.0;
        values
            .iter()
            .map(|v| {
                last = part * last + v;
                last
            })
            .collect()
    }

    fn pattern(period: usize, seed: u64) -> Vec<f64> {
        gaussian(period, seed ^ 0x5eed)
    }

    #[test]
    fn noise_and_walks_have_no_season() {
        for (n, candidates) in [
            (40, &[4][..]),
            (80, &[4]),
            (36, &[12]),
            (120, &[12]),
            (400, &[7, 30]),
            (1200, &[24, 168]),
            (120, &[2, 3, 52]),
        ] {
            let mut false_ones = [0; 4];
            for seed in 0..200 {
                let noise = gaussian(n, seed);
                let trend: Vec<f64> = walk(&walk(&noise));
                let kinds = [noise.clone(), walk(&noise), autoregressive(&noise, 0.6), trend];
                for (count, values) in false_ones.iter_mut().zip(&kinds) {
                    *count += usize::from(!found(values, candidates).is_empty());
                }
            }
            assert!(false_ones.iter().all(|&c| c <= 10), "{n} {candidates:?} {false_ones:?}");
        }
    }

    #[test]
    fn seasons_are_found_over_noise_walks_and_growth() {
        for (n, period) in [(40, 4), (60, 12), (120, 12), (200, 7), (300, 52), (1000, 24)] {
            let mut missed = [0; 3];
            for seed in 0..50 {
                let (noise, season) = (gaussian(n, seed), pattern(period, seed));
                let with = |base: &[f64], size: f64| -> Vec<f64> {
                    base.iter().enumerate().map(|(i, v)| v + size * season[i % period]).collect()
                };
                let level = |i: usize| (1.5 * i as f64 / n as f64).exp();
                let growing: Vec<f64> = (0..n)
                    .map(|i| level(i) * (0.2 * season[i % period] + 0.1 * noise[i]).exp())
                    .collect();
                let kinds = [with(&noise, 1.5), with(&walk(&noise), 2.0), growing];
                for (count, values) in missed.iter_mut().zip(&kinds) {
                    *count += usize::from(found(values, &[period]) != [period]);
                }
            }
            assert!(missed.iter().all(|&m| m <= 5), "{n} {period} {missed:?}");
        }
    }

    #[test]
    fn a_day_is_no_week_and_both_are_two() {
        let (day, week) = (pattern(24, 1), pattern(168, 2));
        let mut false_weeks = 0;
        for seed in 0..50 {
            let noise = gaussian(1500, seed);
            let daily: Vec<f64> = (0..1500).map(|i| day[i % 24] + noise[i]).collect();
            let days = found(&daily, &[168, 24]);
            assert_eq!(days[0], 24);
            false_weeks += days.len() - 1;
            let both: Vec<f64> = (0..1500).map(|i| daily[i] + week[i % 168]).collect();
            assert_eq!(found(&both, &[24, 168]), [24, 168]);
        }
        assert!(false_weeks <= 3, "{false_weeks}");
    }

    #[test]
    fn the_share_is_that_of_the_season() {
        let (noise, season) = (gaussian(2400, 1), pattern(24, 3));
        let variance = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>() / v.len() as f64;
        let values: Vec<f64> =
            (0..2400).map(|i| 0.01 * i as f64 + season[i % 24] + noise[i]).collect();
        let all = confirmed(&values, &[24], 0.01, &Silent).unwrap();
        let mean = season.iter().sum::<f64>() / 24.0;
        let part = variance(&season) - mean * mean;
        assert!((all[0].share - part / (part + 1.0)).abs() < 0.05, "{all:?} {part}");
    }

    #[test]
    fn any_length_and_scale_has_an_answer() {
        for n in 0..30 {
            for scale in [0.0, 1e-300, 1e12, f64::MAX / 16.0] {
                let values: Vec<f64> = gaussian(n, 2).iter().map(|v| v * scale).collect();
                let all = confirmed(&values, &[0, 1, 2, 3, 4, 7, 29], 1.1, &Silent).unwrap();
                assert!(all.iter().all(|c| c.p_value >= 0.0 && c.share.is_finite()));
            }
            let line: Vec<f64> = (0..n).map(|i| 1e9 + 3.0 * i as f64).collect();
            assert!(found(&line, &[2, 4]).is_empty());
        }
        let pure: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
        assert_eq!(found(&pure, &[4]), [4]);
    }

    #[test]
    fn stops_when_told() {
        let values = gaussian(60_000, 2);
        assert!(confirmed(&values, &[24, 168], 0.01, &StopAfter::new(2)).is_err());
    }
}
