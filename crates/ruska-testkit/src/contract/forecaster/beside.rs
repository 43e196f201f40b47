//! Columns beside the series: what is known ahead helps, and what says nothing does no harm.

use super::ForecasterCase;
use crate::contract::{Outcome, ensure, must};
use crate::panels::{Panel, Recipe, asked};
use crate::pipeline_for;
use ruska_core::{
    Column, Covariates, Field, FittedPipeline, Frame, Kind, NeverStop, PredictError, Rng,
    RunContext, Target, Task,
};

/// What a 1 of the covariate that matters adds to a value.
const EFFECT: f64 = 40.0;
/// Periods that are told.
const STEPS: usize = 8;

/// What is known of a period of a series, NaN now and then: whether something happens that matters, which
/// is always known, and noise.
fn known(series: usize, period: i64) -> [f64; 2] {
    let mut rng = Rng::new((period.unsigned_abs() << 8) + series as u64);
    let happens = f64::from(u8::from(rng.unit() < 0.3));
    let noise = rng.normal();
    [happens, if rng.unit() < 0.1 { f64::NAN } else { noise }]
}

/// Rows of these series and periods with what is known of them; with what is known afterwards too where
/// they have come.
fn beside(places: &[(usize, i64)], came: bool) -> Frame {
    let mut fields = asked(places).fields().to_vec();
    let mut add = |name: &str, of: &dyn Fn(usize, i64) -> f64| {
        let values = places.iter().map(|(series, period)| of(*series, *period)).collect();
        fields.push(Field::new(name, Kind::Numeric, Column::float(values)));
    };
    add("happens", &|series, period| known(series, period)[0]);
    add("noise", &|series, period| known(series, period)[1]);
    if came {
        add("after", &|series, period| known(series, period + 1000)[1]);
        add("kind", &|series, _| (series % 2) as f64);
    }
    Frame::new(fields).expect("columns of one length, each its name")
}

/// The question what comes next, with covariates.
fn task(panel: &Panel) -> Task {
    let plain = panel.task();
    let Target::Series(mut lines) = plain.target else { return plain };
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
    lines.covariates = Covariates {
        known: names(&["happens", "noise"]),
        past: names(&["after"]),
        fixed: names(&["kind"]),
    };
    let row = |row| (lines.series_of(row), lines.period(row));
    let places: Vec<_> = (0..lines.rows()).map(row).collect();
    Task::new(beside(&places, true), Target::Series(lines)).expect("a panel makes a valid task")
}

fn fit(case: &ForecasterCase, task: &Task) -> Result<FittedPipeline, String> {
    let mut candidate = pipeline_for(&case.catalog, case.learner.info(), task);
    candidate.params = case.learner.space(&task.meta()).defaults();
    let rows: Vec<u32> = (0..task.rows() as u32).collect();
    let ctx = RunContext::new(7, &NeverStop);
    must("fit", || FittedPipeline::fit(&case.catalog, &candidate, task, &rows, &ctx).map(|f| f.0))
}

/// Points of these places, which must be finite.
fn points(model: &FittedPipeline, places: &[(usize, i64)]) -> Result<Vec<f64>, String> {
    let p = must("predict", || model.predict(&beside(places, false)))?;
    ensure!(p.values().iter().all(|v| v.is_finite()), "what is told is not finite");
    Ok(p.values().iter().step_by(2).copied().collect())
}

/// A panel whose values jump where something happens.
fn jumping(seed: u64, season: usize) -> Panel {
    let mut panel = Recipe::new(seed).lengths(&[120; 6]).season(season).flat().build();
    for (number, (series, next)) in panel.series.iter_mut().zip(&panel.next).enumerate() {
        let first = next - series.len() as i64;
        for (i, value) in series.iter_mut().enumerate() {
            *value += EFFECT * known(number, first + i as i64)[0];
        }
    }
    Panel { horizon: STEPS, ..panel }
}

/// Where something is known to happen that matters, a forecaster that looks at it errs by at most half of
/// what it does otherwise; one that does not errs no more than without.
pub(in crate::contract) fn what_is_known_ahead_helps(case: &ForecasterCase) -> Outcome {
    for season in [1, 7] {
        let (before, later) = jumping(61, season).split(STEPS);
        let (places, truth) = (before.ahead(STEPS), later.concat());
        let error = |points: &[f64]| -> f64 {
            let errors = points.iter().zip(&truth).map(|(p, y)| (p - y).abs());
            errors.sum::<f64>() / truth.len() as f64
        };
        let task = task(&before);
        let looks =
            case.global || case.learner.space(&task.meta()).defaults().contains_key("covariates");
        let with = error(&points(&fit(case, &task)?, &places)?);
        let without = error(&case.told(&before, STEPS)?.points);
        let most = if looks { 0.5 * without } else { 1.05 * without };
        ensure!(with <= most, "season {season}: it errs by {with}, without covariates {without}");
    }
    Ok(())
}

/// Newer values come with their covariates; a column that is known ahead has to be there.
pub(in crate::contract) fn covariates_go_on(case: &ForecasterCase) -> Outcome {
    let panel = jumping(62, 4);
    let (before, _) = panel.split(5);
    let fitted = fit(case, &task(&before))?;
    let whole = task(&panel);
    let newer = fitted.with_newer(&whole.x, &whole.target);
    let newer = newer.ok_or_else(|| "it takes in no newer values".to_owned())?;
    let places = panel.ahead(STEPS);
    let told = points(&newer, &places)?;
    for (at, place) in places.iter().enumerate().step_by(5) {
        let alone = points(&newer, &[*place])?;
        ensure!(alone[0].to_bits() == told[at].to_bits(), "{place:?} alone is told otherwise");
    }
    let bare = newer.predict(&asked(&places));
    let looks = points(&newer, &places)?
        != bare.clone().map_or(vec![], |p| p.values().iter().step_by(2).copied().collect());
    let named = matches!(&bare, Err(PredictError::MissingColumn { column }) if column == "happens");
    ensure!(named || !looks, "without what is known ahead it says {bare:?}");
    Ok(())
}
