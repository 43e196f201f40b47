//! How much of a series its trend and its seasons are.
//!
//! Reference: Wang, Smith and Hyndman, "Characteristic-based clustering for time series data", Data
//! Mining and Knowledge Discovery 13, 2006.

use super::Decomposition;

/// Share of the greatest part below which a spread is rounding.
const ROUNDING: f64 = 1e-13;

impl Decomposition {
    /// The trend's strength in 0..1: 1 − var(remainder) / var(trend + remainder), not below 0; 0 where
    /// nothing varies.
    pub fn trend_strength(&self) -> f64 {
        self.strength(&self.trend)
    }

    /// The strength in 0..1 of each season, with its period.
    pub fn season_strengths(&self) -> Vec<(usize, f64)> {
        self.seasons.iter().map(|s| (s.period, self.strength(&s.values))).collect()
    }

    fn strength(&self, part: &[f64]) -> f64 {
        let most = part.iter().chain(&self.trend).fold(0.0f64, |m, v| m.max(v.abs()));
        if most == 0.0 {
            return 0.0;
        }
        let alone = variance(self.remainder.iter().map(|r| r / most));
        let with = variance(part.iter().zip(&self.remainder).map(|(p, r)| p / most + r / most));
        if with <= ROUNDING * ROUNDING { 0.0 } else { (1.0 - alone / with).clamp(0.0, 1.0) }
    }
}

fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let n = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / n;
    values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / n
}
