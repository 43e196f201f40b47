//! What known covariates do to a series: so much for each unit, taken out before it is modelled and put
//! back where they are known.
//!
//! Least squares of what a season changes in values on what it changes in covariates, of what a period
//! changes where there is no season, so that levels, trends and seasons that both have are not taken for
//! effects. Errors that follow from the ones before are allowed for by quasi-differences. Effects are shrunk
//! by how much more they explain than chance would, as James and Stein do.
//!
//! Reference: Cochrane, Orcutt, "Application of least squares regression to relationships containing
//! auto-correlated error terms", JASA 44, 1949; James, Stein, "Estimation with quadratic loss", Berkeley
//! Symposium 1961; Hyndman, Athanasopoulos, Forecasting: Principles and
//! Practice, 3rd ed. (2021), section 10.1.

use crate::bridge::{Watch, stopped};
use crate::sound::{all_finite, ensure};
use ruska_core::FitError;
use ruska_kernels::linear::{Design, Settings, ridge};
use serde::{Deserialize, Serialize};

/// Rounds of quasi-differences.
const ROUNDS: usize = 3;
/// Rows that speak for no effect.
const PENALTY: f64 = 1.0;
/// Changes for each covariate below which effects are not sought.
const LEAST_CHANGES: usize = 4;
/// Largest effect on a logarithm.
const LARGEST: f64 = 50.0;

/// How effects make up a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Form {
    /// They add up.
    Added,
    /// They multiply it.
    Multiplied,
}

/// The effects of covariates on a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Effects {
    form: Form,
    slopes: Vec<Slope>,
}

/// The effect of a covariate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Slope {
    /// Where there is none.
    centre: f64,
    a_unit: f64,
    /// The range it was learned from, beyond which it stays the same.
    least: f64,
    most: f64,
}

impl Slope {
    fn effect(&self, value: f64) -> f64 {
        if value.is_nan() {
            return 0.0;
        }
        self.a_unit * (value.clamp(self.least, self.most) - self.centre)
    }
}

impl Effects {
    /// Of covariates, a list of numbers each, NaN where one is missing, on finite values; `None` where
    /// too few of them change.
    pub(super) fn fit(
        form: Form,
        values: &[f64],
        covariates: &[&[f64]],
        seasons: &[usize],
        watch: &Watch<'_>,
    ) -> Result<Option<Self>, FitError> {
        let n = values.len();
        let form = if values.iter().all(|v| *v > 0.0) { form } else { Form::Added };
        let lag = seasons.iter().rev().copied().find(|season| n >= 2 * season).unwrap_or(1);
        let told = |v: &f64| if form == Form::Multiplied { v.ln() } else { *v };
        let told: Vec<f64> = values.iter().map(told).collect();
        let changes = |of: &[f64]| -> Vec<f64> {
            of.iter().skip(lag).zip(of).map(|(after, before)| after - before).collect()
        };
        let mut slopes: Vec<Slope> = covariates.iter().map(|c| range(c)).collect();
        let moved: Vec<(usize, Vec<f64>)> = covariates
            .iter()
            .zip(&slopes)
            .map(|(covariate, slope)| {
                let known = |v: &f64| if v.is_nan() { slope.centre } else { *v };
                changes(&covariate.iter().map(known).collect::<Vec<_>>())
            })
            .enumerate()
            .filter(|(_, change)| change.iter().any(|v| *v != 0.0))
            .collect();
        let target = changes(&told);
        if moved.is_empty() || target.len() < LEAST_CHANGES * (moved.len() + 1) {
            return Ok(None);
        }
        let unit = |change: &[f64]| {
            let mean = change.iter().map(|v| v * v / change.len() as f64).sum::<f64>().sqrt();
            if mean > 0.0 && mean.is_finite() { mean } else { 1.0 }
        };
        let (units, of_target): (Vec<f64>, f64) =
            (moved.iter().map(|(_, change)| unit(change)).collect(), unit(&target));
        let scaled: Vec<Vec<f64>> = (moved.iter().zip(&units))
            .map(|((_, change), unit)| change.iter().map(|v| v / unit).collect())
            .collect();
        let target: Vec<f64> = target.iter().map(|v| v / of_target).collect();
        let mut found = vec![0.0; scaled.len()];
        let (mut follows, mut sure) = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let quasi = |of: &[f64]| -> Vec<f64> {
                of.iter().skip(1).zip(of).map(|(now, before)| now - follows * before).collect()
            };
            let (y, x) = (quasi(&target), scaled.iter().map(|column| quasi(column)));
            let x: Vec<Vec<f64>> = x.collect();
            let design = Design::new(y.len(), x.iter().map(|column| column.iter().copied()));
            let settings = Settings { penalty: PENALTY, ..Settings::default() };
            let fit = ridge(&design, &y, &vec![1.0; y.len()], &settings, watch);
            found = fit.map_err(|s| stopped(watch.0, s))?.coefficients;
            sure = certainty(&y, &x, &found);
            follows = following(&target, &scaled, &found);
        }
        for (((number, _), unit), slope) in moved.iter().zip(&units).zip(found) {
            let slope = sure * slope * of_target / unit;
            slopes[*number].a_unit = if slope.is_finite() { slope } else { 0.0 };
        }
        Ok(Some(Self { form, slopes }))
    }

    /// The effect of covariates in one period; of those that are missing none.
    pub(super) fn of(&self, covariates: impl Iterator<Item = f64>) -> f64 {
        self.slopes.iter().zip(covariates).map(|(slope, value)| slope.effect(value)).sum()
    }

    /// A value without an effect.
    pub(super) fn without(&self, value: f64, effect: f64) -> f64 {
        match self.form {
            Form::Added => value - effect,
            Form::Multiplied => value * factor(-effect),
        }
    }

    /// A value and its spread with an effect.
    pub(super) fn with(&self, (value, spread): (f64, f64), effect: f64) -> (f64, f64) {
        match self.form {
            Form::Added => (value + effect, spread),
            Form::Multiplied => (value * factor(effect), spread * factor(effect)),
        }
    }

    /// What makes them useless for so many covariates, if anything.
    pub(super) fn sound(&self, covariates: usize) -> Result<(), String> {
        ensure(self.slopes.len() == covariates, "effects are not those of the covariates")?;
        let numbers = |s: &Slope| [s.centre, s.a_unit, s.least, s.most];
        all_finite("effects", &self.slopes.iter().flat_map(numbers).collect::<Vec<_>>())?;
        ensure(self.slopes.iter().all(|s| s.least <= s.most), "the range of an effect is none")
    }
}

fn factor(effect: f64) -> f64 {
    effect.clamp(-LARGEST, LARGEST).exp()
}

/// The range and mean of a covariate, without an effect; 0 where it is never known.
fn range(covariate: &[f64]) -> Slope {
    let known = || covariate.iter().copied().filter(|v| v.is_finite());
    let count = known().count().max(1) as f64;
    let (least, most) = known().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(v), b.max(v)));
    if least > most {
        return Slope { centre: 0.0, a_unit: 0.0, least: 0.0, most: 0.0 };
    }
    Slope { centre: known().map(|v| v / count).sum(), a_unit: 0.0, least, most }
}

/// How far effects are to be trusted, 0 to 1: not at all where they explain no more than as many that
/// are none would by chance.
fn certainty(target: &[f64], covariates: &[Vec<f64>], slopes: &[f64]) -> f64 {
    let n = target.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let told: Vec<f64> = (0..target.len())
        .map(|i| covariates.iter().zip(slopes).map(|(c, s)| c[i] * s).sum())
        .collect();
    let (of_told, of_target) = (mean(&told), mean(target));
    let (mut explained, mut left) = (0.0, 0.0);
    for (told, y) in told.iter().zip(target) {
        explained += (told - of_told).powi(2);
        left += (y - of_target - (told - of_told)).powi(2);
    }
    let by_chance = left / (n - slopes.len() as f64 - 1.0).max(1.0) * slopes.len() as f64;
    if explained > 0.0 { (1.0 - by_chance / explained).max(0.0) } else { 0.0 }
}

/// How much of an error the next one has of it, 0 to .98.
fn following(target: &[f64], covariates: &[Vec<f64>], slopes: &[f64]) -> f64 {
    let told = |i: usize| -> f64 { covariates.iter().zip(slopes).map(|(c, s)| c[i] * s).sum() };
    let errors: Vec<f64> = target.iter().enumerate().map(|(i, y)| y - told(i)).collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let (mut both, mut one) = (0.0, 0.0);
    for pair in errors.windows(2) {
        both += (pair[0] - mean) * (pair[1] - mean);
        one += (pair[0] - mean).powi(2);
    }
    if one > 0.0 { (both / one).clamp(0.0, 0.98) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska_core::{NeverStop, Rng, RunContext};

    fn fit(
        form: Form,
        values: &[f64],
        covariates: &[Vec<f64>],
        seasons: &[usize],
    ) -> Option<Effects> {
        let covariates: Vec<&[f64]> = covariates.iter().map(|c| &c[..]).collect();
        let context = RunContext::new(0, &NeverStop);
        Effects::fit(form, values, &covariates, seasons, &Watch(&context))
            .expect("nothing stops it")
    }

    /// Values with a trend, a season and errors that follow each other, and covariates: one with the
    /// season of the values, one that jumps, one that does nothing.
    fn made(slopes: [f64; 3]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let mut rng = Rng::new(7);
        let mut error = 0.0;
        let mut covariates = vec![vec![]; 3];
        let mut values = vec![];
        for i in 0..300 {
            let season = f64::from(i % 12) - 6.0;
            let now = [season + rng.normal(), f64::from(u8::from(rng.unit() < 0.1)), rng.normal()];
            error = 0.7 * error + 0.3 * rng.normal();
            let effect: f64 = now.iter().zip(slopes).map(|(x, s)| x * s).sum();
            values.push(50.0 + 0.1 * f64::from(i) + 3.0 * season + error + effect);
            covariates.iter_mut().zip(now).for_each(|(list, v)| list.push(v));
        }
        (values, covariates)
    }

    #[test]
    fn effects_are_told_from_season_and_trend() {
        let slopes = [1.5, -8.0, 0.0];
        let (values, covariates) = made(slopes);
        let effects = fit(Form::Added, &values, &covariates, &[12]).unwrap();
        for (found, slope) in effects.slopes.iter().zip(slopes) {
            assert!((found.a_unit - slope).abs() < 0.2, "{found:?} is not {slope}");
        }
        let at = |i: usize| effects.of(covariates.iter().map(|c| c[i]));
        let back = effects.with((effects.without(values[7], at(7)), 2.0), at(7));
        assert!((back.0 - values[7]).abs() < 1e-12 && (back.1 - 2.0).abs() < 1e-12);
        assert_eq!(effects.sound(3), Ok(()));
        assert!(effects.sound(2).is_err());
    }

    #[test]
    fn effects_multiply_what_is_above_0() {
        let (values, covariates) = made([0.02, -0.3, 0.0]);
        let values: Vec<f64> = values.iter().map(|v| (v / 30.0).exp()).collect();
        let effects = fit(Form::Multiplied, &values, &covariates, &[12]).unwrap();
        assert!((effects.slopes[1].a_unit + 0.3 / 30.0).abs() < 0.01, "{effects:?}");
        let (_, spread) = effects.with((1.0, 1.0), 2f64.ln());
        assert!((spread - 2.0).abs() < 1e-12);
        // Of logarithms there are none.
        let low: Vec<f64> = values.iter().map(|v| v - 3.0).collect();
        assert_eq!(fit(Form::Multiplied, &low, &covariates, &[12]).unwrap().form, Form::Added);
    }

    #[test]
    fn what_says_nothing_of_a_series_has_no_effect() {
        let (values, _) = made([0.0; 3]);
        let mut rng = Rng::new(9);
        let mut noise = || (0..36).map(|_| rng.normal()).collect::<Vec<f64>>();
        let sizes: Vec<f64> = (0..40)
            .map(|_| {
                let effects = fit(Form::Added, &values[..36], &[noise(), noise()], &[]).unwrap();
                effects.slopes.iter().map(|s| s.a_unit.abs()).sum()
            })
            .collect();
        let none = sizes.iter().filter(|size| **size == 0.0).count();
        assert!(none > 12, "{sizes:?}");
    }

    #[test]
    fn what_is_missing_constant_or_short_has_none() {
        let (values, mut covariates) = made([1.0, 1.0, 1.0]);
        covariates[0] = vec![f64::NAN; 300];
        covariates[1] = vec![5.0; 300];
        let effects = fit(Form::Added, &values, &covariates, &[]).unwrap();
        assert!(effects.of([9.0, 9.0, f64::NAN].into_iter()).abs() < 1e-12);
        assert_eq!(effects.sound(3), Ok(()));
        assert_eq!(fit(Form::Added, &values[..4], &covariates, &[]), None);
        assert_eq!(fit(Form::Added, &values, &covariates[..2], &[]), None);
    }
}
