//! What a series is made of, in numbers and in the words of those who know what it counts.

use super::cycle::{Cycle, Unit};
use crate::words::{pair, percent};
use ruska_core::Frequency;
use serde::Serialize;

/// Most values of a series that are looked at, the latest.
const LATEST: usize = 5000;
/// Share of the greatest value below which a spread is rounding.
const ROUNDING: f64 = 1e-12;
/// Strengths of a trend from which on it is told, and from which on it is called strong.
const SHOWN: f64 = 0.3;
const STRONG: f64 = 0.8;
/// Numbers from which on powers of ten are written.
const HUGE: f64 = 1e9;
/// Shares of the level below which a series is told to stay about where it is.
const STEADY: f64 = 0.005;

/// What a series is made of: trend, seasons and remainder by MSTL, of at most the latest 5,000 values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesComponents {
    /// The trend.
    pub trend: Trend,
    /// The seasons that the series shows, ascending by period.
    pub seasons: Vec<SeriesSeason>,
    /// Share of the remainder, 0 to 1: its variance over the sum of the variances of all parts. All shares
    /// are 0 where nothing varies.
    pub remainder_share: f64,
    /// Growth and seasons in a sentence or two.
    pub words: String,
}

/// The trend of a series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trend {
    /// Its share, 0 to 1, as that of the remainder.
    pub share: f64,
    /// Its strength, 0 to 1: 1 − var(remainder) / var(trend + remainder), not below 0. Source: Hyndman,
    /// Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 2021, section 4.3.
    pub strength: f64,
    /// The slope of the line fitted to it by least squares, in units of the target per [`per`](Self::per).
    pub growth: f64,
    /// The same over the trend's mean; `None` where the trend is not above 0 throughout.
    pub growth_share: Option<f64>,
    /// What the growth is told for: the longest of `year`, `week`, `day`, `hour` and `minute` that the series
    /// holds, or what is from one value to the next, such as `month`.
    pub per: &'static str,
}

/// A season of a series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeriesSeason {
    /// Values of a cycle.
    pub period: usize,
    /// Its share, 0 to 1, as that of the remainder.
    pub share: f64,
    /// Its strength, 0 to 1, as that of the trend.
    pub strength: f64,
    /// Where its latest cycle is highest.
    pub peak: Phase,
    /// Where its latest cycle is lowest.
    pub trough: Phase,
}

/// A place in a season.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phase {
    /// When it is, such as `in December`, `on Sunday` or `at 18:00`.
    pub when: String,
    /// How far the season is above the trend there, in units of the target.
    pub amount: f64,
    /// The same over the mean of the trend in that cycle; `None` where the trend is not above 0 throughout.
    pub share: Option<f64>,
}

impl SeriesComponents {
    /// Of at least one value, NaN where one is missing, the first of them at this period.
    pub(super) fn of(values: &[f64], first: i64, frequency: Frequency, seasons: &[usize]) -> Self {
        let skipped = values.len().saturating_sub(LATEST);
        let (values, first) = (&values[skipped..], first.saturating_add(skipped as i64));
        let parts = ruska_catalog::components(values, seasons);
        let most = values.iter().filter(|v| v.is_finite()).fold(0.0_f64, |m, v| m.max(v.abs()));
        let unit = if most > 0.0 { most } else { 1.0 };
        let variances = [&parts.trend, &parts.remainder].map(|part| variance(part, unit));
        let of_seasons: Vec<f64> =
            parts.seasons.iter().map(|s| variance(&s.values, unit)).collect();
        let total = variances.iter().chain(&of_seasons).sum::<f64>();
        let varies = total > ROUNDING * ROUNDING;
        let share = |variance: f64| if varies { variance / total } else { 0.0 };
        let strength = |strength: f64| if varies { strength } else { 0.0 };
        let above = parts.trend.iter().all(|v| *v > 0.0);
        let unit_of_time = Unit::longest(frequency, values.len());
        let growth = slope(&parts.trend, unit) * unit_of_time.periods;
        let trend = Trend {
            share: share(variances[0]),
            strength: strength(parts.trend_strength),
            growth,
            growth_share: above.then(|| growth / mean(&parts.trend)),
            per: unit_of_time.name,
        };
        let season = |(season, variance): (&ruska_catalog::Seasonal, &f64)| {
            let from = season.values.len() - season.period.min(season.values.len());
            let level = above.then(|| mean(&parts.trend[from..]));
            let cycle = Cycle::of(frequency, season.period);
            let (peak, trough) = extremes(
                &season.values[from..],
                |at| cycle.when(first + (from + at) as i64),
                level,
            );
            let (share, strength) = (share(*variance), season.strength);
            SeriesSeason { period: season.period, share, strength, peak, trough }
        };
        let seasons: Vec<_> = parts.seasons.iter().zip(&of_seasons).map(season).collect();
        let words = if varies {
            format!("{}; {}", growth_words(&trend), season_words(&seasons))
        } else {
            "The same value throughout".to_owned()
        };
        Self { trend, seasons, remainder_share: share(variances[1]), words: words + "." }
    }
}

/// Where a cycle is highest and lowest, on average over the places that are called the same.
fn extremes(cycle: &[f64], when: impl Fn(usize) -> String, level: Option<f64>) -> (Phase, Phase) {
    let mut called: Vec<(String, f64, f64)> = vec![];
    for (at, value) in cycle.iter().enumerate() {
        let name = when(at);
        match called.iter_mut().rev().find(|c| c.0 == name) {
            Some((_, sum, count)) => (*sum, *count) = (*sum + value, *count + 1.0),
            None => called.push((name, *value, 1.0)),
        }
    }
    let mean = |c: &(String, f64, f64)| c.1 / c.2;
    let phase = |found: Option<&(String, f64, f64)>| {
        let (when, amount) = found.map_or_else(Default::default, |c| (c.0.clone(), mean(c)));
        Phase { when, amount, share: level.map(|level| amount / level) }
    };
    let by_mean = |a: &&(String, f64, f64), b: &&(String, f64, f64)| mean(a).total_cmp(&mean(b));
    (phase(called.iter().max_by(by_mean)), phase(called.iter().min_by(by_mean)))
}

/// What the trend does, as the beginning of a sentence.
fn growth_words(trend: &Trend) -> String {
    let Trend { growth, growth_share, per, strength, .. } = trend;
    let still = growth_share.is_some_and(|share| share.abs() < STEADY);
    if *strength < SHOWN || still || *growth == 0.0 {
        return "Stays about where it is".to_owned();
    }
    let verb = if *growth > 0.0 { "Grows" } else { "Falls" };
    let steadily = if *strength >= STRONG { " steadily" } else { "" };
    let an = if *per == "hour" { "an" } else { "a" };
    let share = growth_share.map_or(String::new(), |s| format!(" ({})", percent(s.abs())));
    format!("{verb}{steadily} by {} {an} {per}{share}", rough(growth.abs()))
}

/// What the seasons do, as the end of a sentence.
fn season_words(seasons: &[SeriesSeason]) -> String {
    if seasons.is_empty() {
        return "no season".to_owned();
    }
    let words = |season: &SeriesSeason| {
        let SeriesSeason { peak, trough, .. } = season;
        // A level that the season takes a series below 0 from says nothing.
        let shares = peak.share.zip(trough.share).filter(|(_, low)| *low > -1.0);
        let (high, low) = match shares {
            Some((high, low)) => {
                (format!("{} above its level", percent(high.abs())), percent(low.abs()))
            }
            None => (
                format!("{} above its trend", rough(peak.amount.abs())),
                rough(trough.amount.abs()),
            ),
        };
        format!("peaks {} ({high}), lowest {} ({low} below)", peak.when, trough.when)
    };
    seasons.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// A number with two digits that count.
pub(super) fn rough(v: f64) -> String {
    if v.abs() >= HUGE {
        return format!("{v:.1e}");
    }
    let text = pair(v, v).0;
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn mean(values: &[f64]) -> f64 {
    // Divided first, so that huge values have a sum.
    let n = values.len().max(1) as f64;
    values.iter().map(|v| v / n).sum()
}

/// The variance of values in this unit.
fn variance(values: &[f64], unit: f64) -> f64 {
    let scaled: Vec<f64> = values.iter().map(|v| v / unit).collect();
    let middle = mean(&scaled);
    mean(&scaled.iter().map(|v| (v - middle) * (v - middle)).collect::<Vec<_>>())
}

/// The slope of the line through values one step apart, by least squares.
fn slope(values: &[f64], unit: f64) -> f64 {
    let n = values.len() as f64;
    let middle = (n - 1.0) / 2.0;
    let tilt: f64 = values.iter().enumerate().map(|(i, v)| (i as f64 - middle) * (v / unit)).sum();
    if n < 2.0 { 0.0 } else { unit * (12.0 * tilt / (n * (n * n - 1.0))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of 6 a year about a level of 200 and a season of twelve, highest in December.
    fn made(n: usize) -> Vec<f64> {
        let season = |i: usize| 40.0 * (std::f64::consts::TAU * (i + 1) as f64 / 12.0).cos();
        let middle = (n as f64 - 1.0) / 2.0;
        let wobble = |i: usize| ((i * 7919) % 13) as f64 / 13.0 - 0.5;
        (0..n).map(|i| 200.0 + 0.5 * (i as f64 - middle) + season(i) + wobble(i)).collect()
    }

    #[test]
    fn a_made_series_is_told_as_it_was_made() {
        // 2018-01 is the first period.
        let parts = SeriesComponents::of(&made(120), 48 * 12, Frequency::MONTHLY, &[12]);
        let Trend { growth, growth_share, per, strength, share } = parts.trend;
        assert!((growth - 6.0).abs() < 0.1 && per == "year", "{growth} a {per}");
        assert!((growth_share.unwrap_or(0.0) - 0.03).abs() < 0.001 && strength > 0.95);
        let season = &parts.seasons[0];
        assert_eq!(
            (season.peak.when.as_str(), season.trough.when.as_str()),
            ("in December", "in June")
        );
        assert!((season.peak.amount - 40.0).abs() < 2.0, "{season:?}");
        // A line over n steps has the variance (n² − 1) / 12, a cosine half of its squared size.
        let (line, cosine) = (0.25 * (120.0_f64.powi(2) - 1.0) / 12.0, 800.0);
        assert!((share - line / (line + cosine)).abs() < 0.02, "{share}");
        assert!((share + season.share + parts.remainder_share - 1.0).abs() < 1e-9);
        assert_eq!(
            parts.words,
            "Grows steadily by 6 a year (3 %); peaks in December (18 % above its level), lowest in June \
             (18 % below)."
        );
    }

    #[test]
    fn weeks_have_days_and_what_does_not_vary_has_nothing() {
        // 2024-01-01 is a Monday; Sundays are quiet.
        let sold = |i: usize| {
            let wobble = ((i * 31) % 7 + (i * i) % 5) as f64 / 10.0;
            wobble + if i % 7 == 6 { 20.0 } else { 100.0 + (i % 7) as f64 }
        };
        let values: Vec<f64> = (0..84).map(sold).collect();
        let parts = SeriesComponents::of(&values, 19_723, Frequency::DAILY, &[7]);
        assert!(
            parts.words.contains("peaks on Saturday") && parts.words.contains("lowest on Sunday")
        );
        assert_eq!(parts.trend.per, "week");
        let parts = SeriesComponents::of(&[7.0; 40], 0, Frequency::DAILY, &[7]);
        assert_eq!((parts.trend.share, parts.remainder_share), (0.0, 0.0));
        assert_eq!(parts.words, "The same value throughout.");
    }

    #[test]
    fn a_season_beyond_the_level_is_told_in_units() {
        // Sold in winter alone, and rather more then.
        let snow = |i: usize| if i % 12 < 3 { 400.0 + (i % 5) as f64 } else { 0.0 };
        let parts = SeriesComponents::of(
            &(0..72).map(snow).collect::<Vec<_>>(),
            0,
            Frequency::MONTHLY,
            &[12],
        );
        assert!(
            parts.words.contains("peaks in ") && !parts.words.contains("100 %"),
            "{}",
            parts.words
        );
        assert_eq!([rough(4.7e12), rough(38.4), rough(6.02)], ["4.7e12", "38", "6"]);
    }

    #[test]
    fn any_series_is_told_in_finite_numbers() {
        let gaps = |i: usize| if i.is_multiple_of(3) { f64::NAN } else { i as f64 };
        for values in [
            vec![5.0],
            vec![0.0; 30],
            vec![1e308, -1e308, 1e308],
            (0..40).map(gaps).collect(),
            made(60).iter().map(|v| v * 1e12).collect(),
            made(60).iter().map(|v| -v * 1e-12).collect(),
        ] {
            let parts = SeriesComponents::of(&values, 0, Frequency::COUNTS, &[12]);
            let Trend { share, strength, growth, .. } = parts.trend;
            assert!([share, strength, growth, parts.remainder_share].iter().all(|v| v.is_finite()));
            assert!(
                !parts.words.contains("NaN") && !parts.words.contains("inf"),
                "{}",
                parts.words
            );
        }
    }
}
