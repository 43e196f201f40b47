//! The rate with the least squares: a grid over the range, then finer ones about the best.

use super::squares::{Fitted, LANES, Lined};
use crate::{Progress, Stopped};

/// Least rate.
pub(super) const SLOWEST: f64 = 0.1;
/// Greatest rate.
pub(super) const FASTEST: f64 = 0.99;

/// Finer grids after the first over the whole range; the last has steps of 0.0014.
const FINER: u32 = 3;

/// The minimum that comes first from the fastest rate down. Short series often have another at slow
/// rates, where the start and the trend take up what smoothing cannot; it forecasts worse.
pub(super) fn search(
    series: &Lined<'_>,
    weight: Option<f64>,
    progress: &dyn Progress,
) -> Result<Fitted, Stopped> {
    let step = (FASTEST - SLOWEST) / (LANES - 1) as f64;
    let alphas = std::array::from_fn(|k| FASTEST - step * k as f64);
    let fits = series.fits(alphas, weight, progress)?;
    let better = |k: &usize| fits[k + 1].squares < fits[*k].squares;
    let first = (0..LANES - 1).take_while(better).count();
    refine(series, weight, fits[first], step, progress)
}

/// Looks within `step` of the best so far, then finer.
fn refine(
    series: &Lined<'_>,
    weight: Option<f64>,
    mut best: Fitted,
    mut step: f64,
    progress: &dyn Progress,
) -> Result<Fitted, Stopped> {
    for _ in 0..FINER {
        let low = (best.alpha - step).max(SLOWEST);
        let high = (best.alpha + step).min(FASTEST);
        step = (high - low) / (LANES + 1) as f64;
        let alphas = std::array::from_fn(|k| low + step * (k + 1) as f64);
        for fitted in series.fits(alphas, weight, progress)? {
            if fitted.squares < best.squares {
                best = fitted;
            }
        }
    }
    Ok(best)
}
