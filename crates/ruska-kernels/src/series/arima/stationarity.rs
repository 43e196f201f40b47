//! How often a series must be differenced.

use super::differences::difference;

/// Level above which a series is not stationary at 5 %: table 1 of Kwiatkowski and others.
const LEVEL_5_PERCENT: f64 = 0.463;
/// Strength of season above which it is differenced.
const STRONG_SEASON: f64 = 0.64;
/// Cycles that a season's smoother looks at.
const CYCLES: usize = 11;

/// Regular differences after which the test sees no change of level, at most `most`.
pub(super) fn differences(x: &[f64], most: usize) -> usize {
    let mut x = x.to_vec();
    let mut d = 0;
    while d < most && !is_constant(&x) && kpss(&x) > LEVEL_5_PERCENT {
        x = difference(&x, 1);
        d += 1;
    }
    d
}

/// Whether all values are the same.
pub(super) fn is_constant(x: &[f64]) -> bool {
    x.iter().all(|v| *v == x[0])
}

/// The statistic of level stationarity: sums of deviations against their long-run variance over
/// `3·√n / 13` lags (Kwiatkowski, Phillips, Schmidt and Shin, "Testing the null hypothesis of
/// stationarity against the alternative of a unit root", J. Econometrics 54, 1992).
pub(super) fn kpss(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let e: Vec<f64> = x.iter().map(|x| x - mean).collect();
    let lags = (3.0 * n.sqrt() / 13.0) as usize;
    let covariance = |lag: usize| -> f64 { e.iter().skip(lag).zip(&e).map(|(a, b)| a * b).sum() };
    let weighted = |lag: usize| 2.0 * (1.0 - lag as f64 / (lags + 1) as f64) * covariance(lag);
    let variance = covariance(0) + (1..=lags).map(weighted).sum::<f64>();
    let mut sum = 0.0;
    let squares: f64 = e
        .iter()
        .map(|e| {
            sum += e;
            sum * sum
        })
        .sum();
    if variance > 0.0 { squares / (n * variance) } else { 0.0 }
}

/// Whether the season is strong: its strength, 1 − the share of the remainder in the variance of
/// season and remainder, is above 0.64 (Wang, Smith and Hyndman, "Characteristic-based clustering
/// for time series data", Data Mining and Knowledge Discovery 13, 2006). Needs more than two periods.
pub(super) fn is_strong_season(x: &[f64], period: usize) -> bool {
    if period < 2 || x.len() <= 2 * period || is_constant(x) {
        return false;
    }
    let (season, trend) = decomposed(x, period);
    let remainder: Vec<f64> =
        x.iter().zip(&season).zip(&trend).map(|((x, s), t)| x - s - t).collect();
    let both: Vec<f64> = remainder.iter().zip(&season).map(|(r, s)| r + s).collect();
    variance(&remainder) < (1.0 - STRONG_SEASON) * variance(&both)
}

fn variance(x: &[f64]) -> f64 {
    let mean = x.iter().sum::<f64>() / x.len() as f64;
    x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>()
}

/// Season and trend by local regression (Cleveland and others, "STL: a seasonal-trend decomposition
/// procedure based on loess", J. Official Statistics 6, 1990).
fn decomposed(x: &[f64], period: usize) -> (Vec<f64>, Vec<f64>) {
    let odd = |w: f64| (w.ceil() as usize) | 1;
    let trend_window = odd(1.5 * period as f64 / (1.0 - 1.5 / CYCLES as f64));
    let mut trend = vec![0.0; x.len()];
    let mut season = trend.clone();
    for _ in 0..5 {
        let detrended: Vec<f64> = x.iter().zip(&trend).map(|(x, t)| x - t).collect();
        let cycles = smoothed_cycles(&detrended, period);
        let once = averages(&averages(&averages(&cycles, period), period), 3);
        let low = loess(&once, odd(period as f64), 1, 0);
        season = cycles[period..].iter().zip(&low).map(|(c, l)| c - l).collect();
        let left: Vec<f64> = x.iter().zip(&season).map(|(x, s)| x - s).collect();
        trend = loess(&left, trend_window, 1, 0);
    }
    (season, trend)
}

/// Each position of the season smoothed over the cycles, and one cycle more at either end.
fn smoothed_cycles(x: &[f64], period: usize) -> Vec<f64> {
    let mut out = vec![0.0; x.len() + 2 * period];
    for place in 0..period {
        let cycle: Vec<f64> = x.iter().skip(place).step_by(period).copied().collect();
        for (i, v) in loess(&cycle, CYCLES, 0, 1).into_iter().enumerate() {
            out[place + i * period] = v;
        }
    }
    out
}

/// Means of `width` values in a row.
fn averages(x: &[f64], width: usize) -> Vec<f64> {
    x.windows(width).map(|w| w.iter().sum::<f64>() / width as f64).collect()
}

/// Local regression of this degree, 0 or 1, over the `width` nearest values by tricube weights, at
/// all places and `beyond` places before and after.
fn loess(x: &[f64], width: usize, degree: usize, beyond: usize) -> Vec<f64> {
    let n = x.len();
    let near = width.min(n);
    let at = |place: usize| {
        let centre = place as f64 - beyond as f64;
        let first = (centre as isize - (near / 2) as isize).clamp(0, (n - near) as isize) as usize;
        let reach = (centre - first as f64).abs().max((centre - (first + near - 1) as f64).abs());
        let reach = reach + (width.saturating_sub(n) / 2) as f64;
        let (mut sum, mut mean, mut place_mean) = (0.0, 0.0, 0.0);
        let weight = |i: usize| {
            let distance = ((i as f64 - centre).abs() / reach.max(1.0)).min(1.0);
            (1.0 - distance.powi(3)).powi(3).max(1e-9)
        };
        for i in first..first + near {
            let w = weight(i);
            sum += w;
            mean += w * x[i];
            place_mean += w * i as f64;
        }
        (mean, place_mean) = (mean / sum, place_mean / sum);
        if degree == 0 {
            return mean;
        }
        let (mut slope, mut spread) = (0.0, 0.0);
        for i in first..first + near {
            let (w, along) = (weight(i), i as f64 - place_mean);
            slope += w * along * x[i];
            spread += w * along * along;
        }
        if spread > 0.0 { mean + slope / spread * (centre - place_mean) } else { mean }
    };
    (0..n + 2 * beyond).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::simulated;
    use super::*;

    #[test]
    fn a_walk_is_differenced_and_noise_is_not() {
        let noise = simulated(&[], &[], 200);
        let sums = |x: &[f64]| -> Vec<f64> {
            let mut sum = 0.0;
            x.iter()
                .map(|x| {
                    sum += x;
                    sum
                })
                .collect()
        };
        assert_eq!(differences(&noise, 2), 0);
        assert_eq!(differences(&sums(&noise), 2), 1);
        assert_eq!(differences(&sums(&sums(&noise)), 2), 2);
        assert_eq!(differences(&[3.0; 10], 2), 0);
    }

    #[test]
    fn a_strong_season_is_seen() {
        let noise = simulated(&[], &[], 96);
        let with = |size: f64| -> Vec<f64> {
            let wave = |t: usize| size * (t as f64 * std::f64::consts::TAU / 12.0).sin();
            noise.iter().enumerate().map(|(t, e)| wave(t) + e + 0.1 * t as f64).collect()
        };
        assert!(is_strong_season(&with(4.0), 12));
        assert!(!is_strong_season(&with(0.2), 12));
        assert!(!is_strong_season(&with(4.0)[..24], 12));
    }
}
