//! A series taken apart into trend, seasons and what is left.

use ruska_kernels::Silent;
use ruska_kernels::series::decompose::{Mstl, Season};
use ruska_kernels::series::holes::filled;
use ruska_kernels::series::periods::confirmed;

/// How likely a series without a season may be taken for one with it.
const LEVEL: f64 = 0.05;

/// Parts that add up to a series whose gaps are filled, in its unit. See [`crate::components`].
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// The trend, one a value.
    pub trend: Vec<f64>,
    /// The trend's strength, 0 to 1.
    pub trend_strength: f64,
    /// The seasons that the series shows, ascending by period.
    pub seasons: Vec<Seasonal>,
    /// What is left, one a value.
    pub remainder: Vec<f64>,
}

/// One season of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Seasonal {
    /// Values of a cycle, at least 2.
    pub period: usize,
    /// The season, one a value of the series; about 0 on average over a cycle.
    pub values: Vec<f64>,
    /// Its strength, 0 to 1.
    pub strength: f64,
}

/// See [`crate::components`].
pub(crate) fn components(values: &[f64], seasons: &[usize]) -> Components {
    let shown = confirmed(&filled(values, 1), seasons, LEVEL, &Silent);
    let shown: Vec<usize> = shown.into_iter().flatten().map(|s| s.period).collect();
    let values = filled(values, shown.last().copied().unwrap_or(1));
    let parts = Mstl::new(&shown).decompose(&values, &Silent).expect("nothing stops it");
    let strengths = parts.season_strengths();
    let trend_strength = parts.trend_strength();
    let season = |(season, (period, strength)): (Season, (usize, f64))| Seasonal {
        period,
        values: season.values,
        strength,
    };
    Components {
        seasons: parts.seasons.into_iter().zip(strengths).map(season).collect(),
        trend: parts.trend,
        trend_strength,
        remainder: parts.remainder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line, a season of twelve and a wobble.
    fn made(n: usize) -> Vec<f64> {
        let angle = |i: usize| std::f64::consts::TAU * i as f64 / 12.0;
        let wobble = |i: usize| ((i * 7919) % 13) as f64 / 13.0 - 0.5;
        (0..n).map(|i| 200.0 + 2.0 * i as f64 + 40.0 * angle(i).sin() + wobble(i)).collect()
    }

    #[test]
    fn a_made_series_comes_apart_into_what_it_was_made_of() {
        let mut values = made(96);
        values[40] = f64::NAN;
        let parts = components(&values, &[12]);
        assert_eq!(parts.seasons.len(), 1);
        assert!(parts.trend_strength > 0.99 && parts.seasons[0].strength > 0.99);
        for i in 12..84 {
            let line = 200.0 + 2.0 * i as f64;
            assert!((parts.trend[i] - line).abs() < 2.0, "{i}: {} for {line}", parts.trend[i]);
        }
        for (i, value) in values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
            let sum = parts.trend[i] + parts.seasons[0].values[i] + parts.remainder[i];
            assert!((sum - value).abs() < 1e-9, "{i}: {sum} for {value}");
        }
    }

    #[test]
    fn a_season_that_is_not_shown_is_none() {
        let line: Vec<f64> = (0..40).map(f64::from).collect();
        let parts = components(&line, &[7]);
        assert!(parts.seasons.is_empty() && parts.trend_strength > 0.99);
        // Two cycles of a season are not enough for a test of it.
        assert!(components(&made(24), &[12]).seasons.is_empty());
    }

    #[test]
    fn any_series_has_finite_parts() {
        for values in [
            vec![5.0],
            vec![f64::NAN, 3.0],
            vec![0.0; 30],
            vec![7.0; 30],
            made(60).iter().map(|v| v * 1e12).collect(),
            made(60).iter().map(|v| v * 1e-12).collect(),
            made(60).iter().map(|v| v * 1e297).collect(),
        ] {
            let parts = components(&values, &[7, 12]);
            let seasons = parts.seasons.iter().flat_map(|s| &s.values);
            assert!(
                parts.trend.iter().chain(&parts.remainder).chain(seasons).all(|v| v.is_finite())
            );
            assert_eq!(parts.trend.len(), values.len());
            assert!((0.0..=1.0).contains(&parts.trend_strength));
        }
    }
}
