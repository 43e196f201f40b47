//! Newer values are taken in without a fit.

use super::{ForecasterCase, Told, alike, ask, same, tell};
use crate::contract::{Outcome, calm, ensure};
use crate::panels::Panel;
use ruska_core::{FittedPipeline, PredictError};

/// Share of the spread by which forecasts may differ where newer values come at once or one after the
/// other.
const PARTS: f64 = 1e-3;
/// Values that come later.
const LATER: usize = 5;

/// The model with what a panel has beyond what it knows.
fn with_newer(model: &FittedPipeline, panel: &Panel) -> Result<FittedPipeline, String> {
    let task = panel.task();
    let newer = || Ok::<_, String>(model.with_newer(&task.x, &task.target));
    calm("taking in newer values", newer)??.ok_or_else(|| "it takes in no newer values".to_owned())
}

/// The panel that begins where another one ends.
fn only(later: &[Vec<f64>], panel: &Panel) -> Panel {
    Panel { series: later.to_vec(), ..panel.clone() }
}

/// What comes next is told as after a fit; what is known now is not.
pub(in crate::contract) fn newer_values_are_taken_in(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let (known, _) = panel.split(LATER);
        let fitted = case.fit(&known)?;
        let before = tell(&fitted, &panel.ahead(6))?;
        let newer = with_newer(&fitted, panel)?;
        let told = tell(&newer, &panel.ahead(6))?;
        let moved = told.points != before.points;
        ensure!(moved || case.demand, "newer values change nothing of what is told");
        for (number, next) in panel.next.iter().enumerate() {
            let answer = calm("predict", || ask(&newer, &[(number, next - 1)]))?;
            let refused = answer.as_ref().err() == Some(&PredictError::NotAhead { number });
            ensure!(refused, "a period that is known by now is told: {answer:?}");
        }
        Ok(())
    })
}

/// What is known already does not count: not where nothing is newer, nor before what is.
pub(in crate::contract) fn known_values_do_not_count(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let (known, later) = panel.split(LATER);
        let fitted = case.fit(&known)?;
        let places = known.ahead(9);
        let again = with_newer(&fitted, &known)?;
        same("with nothing newer", &tell(&again, &places)?, &tell(&fitted, &places)?)?;
        if later.iter().flatten().any(|v| v.is_nan()) {
            return Ok(());
        }
        let places = panel.ahead(9);
        let whole = tell(&with_newer(&fitted, panel)?, &places)?;
        let alone = tell(&with_newer(&fitted, &only(&later, panel))?, &places)?;
        same("newer values with and without the known ones", &alone, &whole)
    })
}

pub(in crate::contract) fn newer_values_may_come_in_parts(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let (known, later) = panel.split(LATER);
        if later.iter().flatten().any(|v| v.is_nan()) {
            return Ok(());
        }
        let fitted = case.fit(&known)?;
        let first: Vec<_> = later.iter().map(|v| v[..2].to_vec()).collect();
        let half = with_newer(&fitted, &known.followed_by(&first))?;
        let parts = tell(&with_newer(&half, panel)?, &panel.ahead(9))?;
        let at_once = tell(&with_newer(&fitted, panel)?, &panel.ahead(9))?;
        alike("newer values at once and in two parts", &parts, &at_once, PARTS)
    })
}

/// Newer values that are missing are bridged, even where all are.
pub(in crate::contract) fn newer_gaps_are_bridged(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let fitted = case.fit(panel)?;
        let gap = f64::NAN;
        for later in [vec![gap; 3], vec![gap, 120.0, gap, gap, 130.0], vec![110.0, 115.0, gap]] {
            let longer = panel.followed_by(&vec![later; panel.series.len()]);
            tell(&with_newer(&fitted, &longer)?, &longer.ahead(9))?;
        }
        Ok(())
    })
}

/// A series that goes on as it is told to stays of its size.
pub(in crate::contract) fn what_was_told_may_come_true(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let mut panel = panel.clone();
        let mut model = case.fit(&panel)?;
        let known = panel.series.concat();
        let most = known.iter().filter(|v| !v.is_nan()).fold(0.0, |m: f64, v| m.max(v.abs()));
        for _ in 0..10 {
            let Told { points, .. } = tell(&model, &panel.ahead(6))?;
            let far = points.iter().find(|v| v.abs() > 20.0 * most);
            ensure!(far.is_none(), "series up to {most} go on at {far:?}");
            let later: Vec<_> = points.chunks(6).map(<[f64]>::to_vec).collect();
            panel = panel.followed_by(&later);
            model = with_newer(&model, &panel)?;
        }
        Ok(())
    })
}
