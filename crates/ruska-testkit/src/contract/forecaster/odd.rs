//! Series as they come: constant, empty, hardly begun, full of holes, on wild scales.

use super::{ForecasterCase, Told, alike, ask, tell};
use crate::contract::{Outcome, calm, ensure, must};
use crate::panels::{Panel, Recipe};
use ruska_core::{NeverStop, Params, PredictError, RunContext};

/// Share of the spread by which forecasts may differ from those of the same series in another unit.
const UNIT: f64 = 0.02;

/// Constants go on, to a millionth, a demand to a twentieth, and no error of more than that or a thousandth
/// is expected.
pub(in crate::contract) fn constants_go_on(case: &ForecasterCase) -> Outcome {
    let (below, off) = if case.demand { (3.0, 0.0501) } else { (-3.0, 1e-6) };
    for season in [1, 4] {
        let levels = [7.0, below, 1e9, 1e-9];
        let series = levels.map(|v| vec![v; 30]).to_vec();
        let panel = Panel { season, ..Panel::plain(series) };
        let told = case.told(&panel, 18)?;
        for (row, (point, spread)) in super::pairs(&told).enumerate() {
            let level: f64 = levels[row / 18];
            let goes_on = (point - level).abs() <= off * level.abs();
            ensure!(goes_on, "season {season}: {level} goes on as {point}");
            let sure = spread <= off.max(1e-3) * level.abs();
            ensure!(sure, "season {season}: {level} goes on with an error of {spread}");
        }
    }
    Ok(())
}

pub(in crate::contract) fn zeros_go_on(case: &ForecasterCase) -> Outcome {
    for season in [1, 4] {
        let mut panel = Panel { season, ..Panel::plain(vec![vec![0.0; 30], vec![0.0; 9]]) };
        for other in [None, Some(Recipe::new(3).lengths(&[40]).build().series.remove(0))] {
            panel.series.extend(other);
            panel.next = vec![100; panel.series.len()];
            let told = case.told(&panel, 9)?;
            let zero = told.points[..18].iter().all(|v| (0.0..1e-9).contains(v));
            ensure!(zero, "season {season}: zeros go on as {:?}", &told.points[..18]);
        }
    }
    Ok(())
}

/// What was never below 0 is not told to be.
pub(in crate::contract) fn nothing_falls_below_zero(case: &ForecasterCase) -> Outcome {
    let falling = |slope: f64, season: f64| {
        let at = |i: usize| 60.0 - slope * i as f64 + season * ((i % 4) as f64 - 1.5);
        (0..40).map(|i| at(i).max(0.0)).collect()
    };
    let series = vec![falling(1.4, 2.0), falling(1.6, 0.0), falling(2.5, 20.0), falling(0.0, 35.0)];
    for season in [1, 4] {
        let told = case.told(&Panel { season, ..Panel::plain(series.clone()) }, 30)?;
        let least = told.points.iter().copied().fold(f64::INFINITY, f64::min);
        ensure!(least >= 0.0, "season {season}: series above 0 go on at {least}");
    }
    Ok(())
}

/// Series of one, two and three values among others, and of nothing else. A model of all series may find
/// nothing to learn in the latter.
pub(in crate::contract) fn few_values_are_enough(case: &ForecasterCase) -> Outcome {
    for season in [1, 4, 12] {
        let among = Recipe::new(4).lengths(&[1, 60, 2, 3, 13, 48]).season(season).build();
        case.told(&among, 18).map_err(|why| format!("season {season}: {why}"))?;
        for length in 1..=9 {
            let short = Recipe::new(5).lengths(&[length, length]).season(season).build();
            let ctx = RunContext::new(7, &NeverStop);
            let what = format!("{length} values, season {season}");
            let fitted = calm(&what, || case.fit_with(&short, &Params::new(), &ctx))?;
            match fitted {
                Ok(model) => {
                    tell(&model, &short.ahead(18)).map_err(|why| format!("{what}: {why}"))?;
                }
                Err(error) => {
                    ensure!(case.global, "{what}: {error}");
                }
            }
        }
    }
    Ok(())
}

/// Holes anywhere, at the first and the last values too.
pub(in crate::contract) fn gaps_are_bridged(case: &ForecasterCase) -> Outcome {
    for season in [1, 4] {
        let mut panel = Recipe::new(6).season(season).gaps(0.3).build();
        panel.series[0][..9].fill(f64::NAN);
        panel.series[1][22..].fill(f64::NAN);
        panel.series[2][10..30].fill(f64::NAN);
        panel.series[3][1..].fill(f64::NAN);
        panel.series[3][0] = 5.0;
        case.told(&panel, 18)?;
    }
    Ok(())
}

/// A series without a value is unknown, and the others are told as if it were not there; series that all
/// have none are refused, or are all unknown.
pub(in crate::contract) fn nothing_known_is_nothing_told(case: &ForecasterCase) -> Outcome {
    let panel = Recipe::new(7).build();
    let mut empty = panel.clone();
    empty.series[1].fill(f64::NAN);
    let model = case.fit(&empty)?;
    let others = [0, 2, 3];
    let places: Vec<_> = empty.ahead(6).into_iter().filter(|(s, _)| others.contains(s)).collect();
    let told = tell(&model, &places)?;
    let without = case.told(&panel.take(&others), 6)?;
    super::same("with and without a series that has no value", &told, &without)?;
    let unknown = |model, number: usize| {
        let answer = calm("predict", || ask(model, &[(number, 100)]))?;
        let refused = answer.as_ref().err() == Some(&PredictError::UnknownSeries { number });
        ensure!(refused, "a series without a value is told: {answer:?}");
        Ok(())
    };
    unknown(&model, 1)?;
    let nothing = panel.map(|_| f64::NAN);
    let ctx = RunContext::new(7, &NeverStop);
    match calm("fit", || case.fit_with(&nothing, &Params::new(), &ctx))? {
        Ok(model) => unknown(&model, 0),
        Err(_) => Ok(()),
    }
}

/// In another unit the same is told in that unit.
pub(in crate::contract) fn units_do_not_matter(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let told = case.told(panel, 9)?;
        for unit in [1e12, 1e-12, 1024.0] {
            let scaled = case.told(&panel.map(|v| v * unit), 9)?;
            alike(&format!("in units of {unit:e}"), &scaled.times(1.0 / unit), &told, UNIT)?;
        }
        Ok(())
    })
}

pub(in crate::contract) fn values_below_zero_are_told(case: &ForecasterCase) -> Outcome {
    for season in [1, 4] {
        let panel = Recipe::new(8).season(season).build();
        let told = |panel: &Panel| case.told(panel, 18);
        let mixed = told(&panel.map(|v| v - 150.0))?;
        let all = told(&panel.map(|v| -v))?;
        if !case.demand {
            let below = |told: &Told| told.points[..6].iter().all(|v| *v < 0.0);
            let below = below(&mixed) && below(&all);
            let told = [&mixed.points[..6], &all.points[..6]];
            ensure!(below, "season {season}: series below 0 go on as {told:?}");
        }
    }
    Ok(())
}

/// Jumps over many magnitudes, and lone values far out.
pub(in crate::contract) fn wild_values_are_told(case: &ForecasterCase) -> Outcome {
    let wild = |i: usize| [1e12, -1e12, 1e-12, 0.0, 3.0, 1e6][i * i % 6] * (1.0 + i as f64);
    let above = |i: usize| 10_f64.powi((i * 7 % 25) as i32 - 12);
    let lone = |i: usize| if i == 17 { 1e15 } else { 2.0 + (i % 4) as f64 };
    let steep = |i: usize| 2_f64.powi(i as i32);
    let step = |i: usize| if i < 25 { 1e-9 } else { 1e9 };
    let series = |f: &dyn Fn(usize) -> f64| (0..40).map(f).collect::<Vec<f64>>();
    let all = [series(&wild), series(&above), series(&lone), series(&steep), series(&step)];
    for season in [1, 4] {
        for (number, one) in all.iter().enumerate() {
            let panel = Panel { season, ..Panel::plain(vec![one.clone()]) };
            let what = format!("wild series {number}, season {season}");
            case.told(&panel, 18).map_err(|why| format!("{what}: {why}"))?;
        }
        let panel = Panel { season, ..Panel::plain(all.to_vec()) };
        must("all together", || case.told(&panel, 18))?;
    }
    Ok(())
}
