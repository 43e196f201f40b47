//! Standard deviations of forecast errors, the parameters taken as known.
//!
//! ```text
//! cⱼ = α + β·(φ + … + φʲ) + γ·[j is whole seasons]
//! additive errors          σ²·(1 + Σ cⱼ²)                                    j < h
//! relative errors          (1 + σ²)·θₕ − μₕ²     θₕ = μₕ² + σ²·Σ cⱼ²·θ₍ₕ₋ⱼ₎
//! with factors of season   sₕ²·(θₕ·(1 + σ²)·(1 + γ²σ²)ᵏ − μₕ²)               k whole seasons before h
//! ```
//! The first two are exact; the third is, up to one season ahead. Additive errors with factors of season
//! have no closed form: to first order, an error moves the states as it does at the point forecasts.
//!
//! Reference: Hyndman, Koehler, Ord and Snyder, 2008, 6.2 and 6.3.

use super::form::Component;
use super::{Path, Smoothing};

pub(super) fn spread(model: &Smoothing, path: &Path) -> Vec<f64> {
    match (model.form.error, model.form.season) {
        (Component::Additive, Some(Component::Multiplicative)) => first_order(model, path),
        (Component::Additive, _) => additive(model, path),
        (Component::Multiplicative, Some(Component::Multiplicative)) => factors(model, path),
        (Component::Multiplicative, _) => relative(model, path),
    }
}

/// How much of an error stays in level and slope after `1, 2, …` steps.
fn memory(model: &Smoothing, horizon: usize) -> Vec<f64> {
    let rates = model.rates;
    let (mut sum, mut power) = (0.0, 1.0);
    let after = |_| {
        power *= rates.phi;
        sum += power;
        rates.alpha + rates.beta * sum
    };
    (0..horizon).map(after).collect()
}

/// The same with an additive season's.
fn whole_memory(model: &Smoothing, horizon: usize) -> Vec<f64> {
    let mut memory = memory(model, horizon);
    if model.form.season.is_some() {
        for c in memory.iter_mut().skip(model.period - 1).step_by(model.period) {
            *c += model.rates.gamma;
        }
    }
    memory
}

fn additive(model: &Smoothing, path: &Path) -> Vec<f64> {
    let variance = model.variance();
    let mut sum = 1.0;
    let mut out = Vec::with_capacity(path.q.len());
    for c in whole_memory(model, path.q.len()) {
        out.push((variance * sum).sqrt());
        sum += c * c;
    }
    out
}

/// `θ` of the steps of a path.
fn second_moments(path: &[f64], memory: &[f64], variance: f64) -> Vec<f64> {
    let mut theta: Vec<f64> = Vec::with_capacity(path.len());
    for (h, mu) in path.iter().enumerate() {
        let past: f64 = memory[..h].iter().zip(theta.iter().rev()).map(|(c, t)| c * c * t).sum();
        theta.push(mu * mu + variance * past);
    }
    theta
}

fn relative(model: &Smoothing, path: &Path) -> Vec<f64> {
    let variance = model.variance();
    let forecasts = path.forecasts(model.form);
    let theta = second_moments(&forecasts, &whole_memory(model, forecasts.len()), variance);
    let each = theta.iter().zip(&forecasts);
    each.map(|(t, mu)| ((1.0 + variance) * t - mu * mu).max(0.0).sqrt()).collect()
}

fn factors(model: &Smoothing, path: &Path) -> Vec<f64> {
    let variance = model.variance();
    let theta = second_moments(&path.q, &memory(model, path.q.len()), variance);
    let growth = 1.0 + model.rates.gamma * model.rates.gamma * variance;
    let each = theta.iter().zip(&path.q).zip(&path.season).enumerate();
    each.map(|(h, ((t, mu), s))| {
        let seasons = growth.powi((h / model.period) as i32);
        s.abs() * (t * (1.0 + variance) * seasons - mu * mu).max(0.0).sqrt()
    })
    .collect()
}

fn first_order(model: &Smoothing, path: &Path) -> Vec<f64> {
    let (variance, n) = (model.variance(), path.q.len());
    let memory = memory(model, n);
    let at = |h: usize| {
        let part = |i: usize| {
            let level = memory[h - i - 1] * path.season[h] / path.season[i];
            let whole = (h - i).is_multiple_of(model.period);
            let season = if whole { model.rates.gamma * path.q[h] / path.q[i] } else { 0.0 };
            let part = level + season;
            if part.is_finite() { part * part } else { 0.0 }
        };
        (variance * (1.0 + (0..h).map(part).sum::<f64>())).sqrt()
    };
    (0..n).map(at).collect()
}
