//! A forecaster forecasts: better than by chance, and less surely the further ahead.

use super::{ForecasterCase, Told};
use crate::contract::{Outcome, ensure};
use crate::panels::{Panel, Recipe};

/// Most of the error of the seasonal naive forecast.
const WORST: f64 = 1.2;

/// The mean absolute error of what is told of each series, all of them of one scale.
fn error(points: &[f64], later: &[Vec<f64>]) -> f64 {
    let truth = later.concat();
    truth.iter().zip(points).map(|(y, p)| (y - p).abs()).sum::<f64>() / truth.len() as f64
}

/// Each period as a season ago.
fn seasonal_naive(known: &Panel, steps: usize) -> Vec<f64> {
    let last = |s: &Vec<f64>| s[s.len() - known.season..].to_vec();
    known.series.iter().flat_map(|s| last(s).into_iter().cycle().take(steps)).collect()
}

/// On series of trend and season, of neither where it knows of none, it errs by at most a fifth more than
/// the same of a season ago; of demand it tells the rate, give or take a fifth over many series.
pub(in crate::contract) fn it_tells_what_comes(case: &ForecasterCase) -> Outcome {
    if case.demand {
        let panel = Recipe::new(41).lengths(&[150; 40]).demand().season(1).build();
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let (rate, told) = (mean(&panel.series.concat()), mean(&case.told(&panel, 6)?.points));
        let near = (0.8 * rate..1.25 * rate).contains(&told);
        ensure!(near, "a demand of {rate} a period is told to be {told}");
        return Ok(());
    }
    for (season, length) in [(1, 60), (4, 60), (12, 96)] {
        let recipe = Recipe::new(42).lengths(&[length; 12]).season(season).noise(3.0);
        let panel = if case.plain { recipe.flat().build() } else { recipe.build() };
        let steps = season.max(4);
        let (known, later) = panel.split(steps);
        let known = Panel { horizon: steps, ..known };
        let told = error(&case.told(&known, steps)?.points, &later);
        let naive = error(&seasonal_naive(&known, steps), &later);
        ensure!(told <= WORST * naive, "season {season}: it errs by {told}, the naive by {naive}");
    }
    Ok(())
}

/// Errors are about as large as it says: of the noise that is in the series, a third to six times.
pub(in crate::contract) fn errors_are_as_large_as_told(case: &ForecasterCase) -> Outcome {
    if case.demand {
        return Ok(());
    }
    let recipe = Recipe::new(43).lengths(&[80; 4]).noise(5.0);
    let panel = if case.plain { recipe.flat().build() } else { recipe.build() };
    let told = case.told(&panel, 6)?;
    for (row, spread) in told.spreads.iter().enumerate() {
        let near = (5.0 / 3.0..30.0).contains(spread);
        ensure!(near, "with noise of 5, the error of row {row} is told to be {spread}");
    }
    Ok(())
}

/// Over a season, the errors told do not fall with the distance, but for a tenth.
pub(in crate::contract) fn further_ahead_is_no_surer(case: &ForecasterCase) -> Outcome {
    case.each(|panel| {
        let Told { spreads, .. } = case.told(panel, 16)?;
        for (series, spreads) in spreads.chunks(16).enumerate() {
            let (near, far): (f64, f64) = (spreads[..4].iter().sum(), spreads[12..].iter().sum());
            let wider = far >= 0.9 * near;
            ensure!(wider, "series {series}: the errors told fall from {near} to {far}");
        }
        Ok(())
    })
}
