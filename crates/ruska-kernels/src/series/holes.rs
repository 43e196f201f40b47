//! Missing values filled in.
//!
//! ```text
//! lines over the holes ─▶ level: mean of the cycle around
//! values − level ─▶ season: mean of the same phase in the cycles near by
//! values − season ─▶ lines over the holes ─▶ + season                  twice
//! ```
//!
//! Without a season, or with fewer than two cycles of values, it is the lines alone. A hole at an end
//! takes the nearest value, less its season and plus that of the place. The season is that of
//! the three values of its phase on either side, so that it may change; it counts only where the
//! means of the phases explain a tenth of what is about the level.
//!
//! Cost O(n).

/// Values of the same phase on each side that make the season.
const CYCLES: usize = 3;
/// Share of the variance about the level from which on there is a season.
const SEASONAL: f64 = 0.1;
/// How often season and filling are found from each other.
const ROUNDS: usize = 2;

/// The values with those that are not finite replaced, all finite. `period` is the number of values
/// of a cycle; 0 or 1 for none; of several seasons, of the longest that the series
/// [has](super::periods::confirmed). Where no value is finite all are 0. Values beyond 1e300 are
/// taken as missing.
pub fn filled(values: &[f64], period: usize) -> Vec<f64> {
    let known: Vec<bool> = values.iter().map(|v| v.abs() <= 1e300).collect();
    let count = known.iter().filter(|k| **k).count();
    let mut filled = values.to_vec();
    if count == 0 {
        filled.fill(0.0);
    }
    if count == 0 || count == values.len() {
        return filled;
    }
    join(&mut filled, &known);
    if period < 2 || count < 2 * period || values.len() < 2 * period + 1 {
        return filled;
    }
    let straight = filled.clone();
    for _ in 0..ROUNDS {
        let level = level(&filled, period);
        let Some(season) = season(values, &known, &level, period) else { return straight };
        for (i, v) in filled.iter_mut().enumerate() {
            *v = if known[i] { values[i] - season[i] } else { 0.0 };
        }
        join(&mut filled, &known);
        for (i, v) in filled.iter_mut().enumerate() {
            *v = if known[i] { values[i] } else { *v + season[i] };
        }
    }
    filled
}

/// Draws lines over the values that are not known; before the first and after the last known one they
/// are level.
fn join(values: &mut [f64], known: &[bool]) {
    let mut last: Option<usize> = None;
    for i in 0..values.len() {
        if !known[i] {
            continue;
        }
        let (from, to) = (last.map_or(values[i], |l| values[l]), values[i]);
        let start = last.map_or(0, |l| l + 1);
        let steps = (i - start + 1) as f64;
        for (k, v) in values[start..i].iter_mut().enumerate() {
            let share = (k + 1) as f64 / steps;
            *v = from * (1.0 - share) + to * share;
        }
        last = Some(i);
    }
    if let Some(last) = last {
        let end = values[last];
        values[last + 1..].fill(end);
    }
}

/// Means of the cycle around each value; at the ends, of the first and the last cycle.
fn level(values: &[f64], period: usize) -> Vec<f64> {
    let n = values.len();
    let half = period / 2;
    let odd = period % 2 == 1;
    let mean = |at: usize| {
        let inside = &values[at - half + usize::from(!odd)..=at + half - usize::from(!odd)];
        let ends = if odd { 0.0 } else { 0.5 * values[at - half] + 0.5 * values[at + half] };
        (inside.iter().sum::<f64>() + ends) / period as f64
    };
    // The mean runs on; now and then it is found anew, lest rounding adds up.
    let mut level = vec![0.0; n];
    let mut running = 0.0;
    for at in half..n - half {
        running = if (at - half).is_multiple_of(512) {
            mean(at)
        } else if odd {
            running + (values[at + half] - values[at - half - 1]) / period as f64
        } else {
            let new = 0.5 * (values[at + half] + values[at + half - 1]);
            let old = 0.5 * (values[at - half] + values[at - half - 1]);
            running + (new - old) / period as f64
        };
        level[at] = running;
    }
    let (first, last) = (level[half], level[n - half - 1]);
    level[..half].fill(first);
    level[n - half..].fill(last);
    level
}

/// The season of each place; none where it explains little, or a phase has no known value.
fn season(values: &[f64], known: &[bool], level: &[f64], period: usize) -> Option<Vec<f64>> {
    let n = values.len();
    let mut season = vec![0.0; n];
    let (mut explained, mut square, mut total) = (0.0, 0.0, 0usize);
    let unit = level.iter().chain(values).filter(|v| v.is_finite());
    let unit = unit.fold(f64::MIN_POSITIVE, |m, v| m.max(v.abs().min(1e300)));
    for phase in 0..period {
        let places = || (phase..n).step_by(period);
        let at: Vec<usize> = places().filter(|&i| known[i]).collect();
        if at.is_empty() {
            return None;
        }
        let mut sums = vec![0.0];
        let mut sum = 0.0;
        for &i in &at {
            let away = values[i] / unit - level[i] / unit;
            sum += away;
            square += away * away;
            sums.push(sum);
        }
        explained += sum * sum / at.len() as f64;
        total += at.len();
        let mut before = 0;
        for i in places() {
            let (from, to) = (before.max(CYCLES) - CYCLES, (before + CYCLES).min(at.len()));
            season[i] = unit * ((sums[to] - sums[from]) / (to - from) as f64);
            before += usize::from(known[i]);
        }
    }
    let free = (total as f64 - 1.0) / (total as f64 - period as f64).max(1.0);
    let share = 1.0 - (1.0 - explained / square) * free;
    (share >= SEASONAL).then_some(season)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::made::gaussian;

    const GAP: f64 = f64::NAN;

    #[test]
    fn lines_and_ends_without_a_season() {
        assert_eq!(filled(&[GAP, 1.0, GAP, GAP, 4.0, GAP], 1), [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
        assert_eq!(filled(&[GAP, 1.0, GAP, GAP, 4.0, GAP], 4), [1.0, 1.0, 2.0, 3.0, 4.0, 4.0]);
        assert_eq!(filled(&[GAP, f64::INFINITY], 7), [0.0, 0.0]);
        assert_eq!(filled(&[GAP, -2.0, GAP], 7), [-2.0; 3]);
        assert_eq!(filled(&[], 7), [0.0; 0]);
        let whole = gaussian(30, 1);
        assert_eq!(filled(&whole, 7), whole);
    }

    #[test]
    fn a_season_goes_on_over_holes_and_beyond_ends() {
        for period in [4, 7, 12] {
            let at = |i: usize| 0.3 * i as f64 + 5.0 * ((i % period) as f64 - 2.0).abs();
            let whole: Vec<f64> = (0..20 * period).map(at).collect();
            let mut holes = whole.clone();
            holes[..3].fill(GAP);
            holes[5 * period..7 * period + 2].fill(GAP);
            holes[12 * period + 1] = GAP;
            holes[20 * period - 2..].fill(GAP);
            let back = filled(&holes, period);
            for (i, (a, b)) in back.iter().zip(&whole).enumerate() {
                assert!((a - b).abs() < 1.5, "{period} {i}: {a} {b}");
            }
        }
    }

    #[test]
    fn a_season_that_changes_is_that_near_by() {
        let at = |i: usize| if i % 6 < 3 { i as f64 / 100.0 } else { 0.0 };
        let whole: Vec<f64> = (0..2000).map(at).collect();
        let mut holes = whole.clone();
        for start in [200, 1700] {
            holes[start..start + 9].fill(GAP);
        }
        let back = filled(&holes, 6);
        assert!(back.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 0.5));
    }

    #[test]
    fn noise_has_no_season_to_fill_in() {
        let mut holes = gaussian(300, 5);
        let (before, after) = (holes[99], holes[103]);
        holes[100..103].fill(GAP);
        let back = filled(&holes, 12);
        for (k, v) in back[100..103].iter().enumerate() {
            let share = (k + 1) as f64 / 4.0;
            assert!((v - (before * (1.0 - share) + after * share)).abs() < 1e-12);
        }
    }

    #[test]
    fn any_pattern_of_holes_has_finite_values() {
        for seed in 0..40 {
            for scale in [0.0, 1e-300, 1e12, 1e300] {
                let holes: Vec<f64> = gaussian(60, seed)
                    .iter()
                    .map(|v| if v.abs() < 0.1 * seed as f64 { GAP } else { v / 9.0 * scale })
                    .collect();
                for period in [0, 2, 5, 7, 30] {
                    let back = filled(&holes, period);
                    assert!(back.iter().all(|v| v.is_finite()), "{seed} {scale} {period}");
                    let same = |(a, b): (&f64, &f64)| b.is_nan() || a == b;
                    assert!(back.iter().zip(&holes).all(same));
                }
            }
        }
    }
}
