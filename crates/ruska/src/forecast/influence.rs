//! What covariates known ahead do to forecasts.

use super::ahead::{Forecast, Line};
use super::covariates::Placed;
use super::prepare::stretches;
use crate::error::Error;
use rayon::prelude::*;
use ruska_core::{Frame, Panel};
use serde::Serialize;

/// How far a covariate known ahead moves what is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Influence {
    /// The column.
    pub column: String,
    /// How far forecasts are from those where the column is, in each series, what it was on average in the
    /// past: the mean absolute difference over periods and series, at least 0, in units of the target. For
    /// levels that average is how often each of them was.
    pub change: f64,
    /// The same over the mean absolute forecast; `None` where that is 0.
    pub share: Option<f64>,
}

impl Forecast<'_> {
    /// The influence of each covariate known ahead, of which the numbers are given with what is told, on the
    /// series of a table, whose numbers in the model are given; the largest first.
    ///
    /// Fails where covariates of the table cannot be read.
    pub(super) fn influences(
        &self,
        (table, panel): (&Frame, &Panel),
        numbers: &[usize],
        (ahead, told): (&[(String, Vec<f64>)], &[Line]),
    ) -> Result<Vec<Influence>, Error> {
        let all = self.series.known();
        if all.is_empty() || told.is_empty() {
            return Ok(vec![]);
        }
        let series = self.series.names.len();
        let horizon = told.len() / series;
        let placed = Placed::of(table, &self.series)?;
        let past = stretches(panel);
        let of_series = |number: usize| number * horizon..(number + 1) * horizon;
        let rows = || numbers.iter().flat_map(|number| of_series(*number));
        let count = rows().count().max(1) as f64;
        let size = rows().map(|row| told[row].point.abs()).sum::<f64>() / count;
        let one = |covariate: &super::Covariate| {
            let mut usual = ahead.to_vec();
            for (name, was) in placed.numbers(std::slice::from_ref(covariate), &past)? {
                let Some((_, list)) = usual.iter_mut().find(|(n, _)| *n == name) else { continue };
                let mut from = 0;
                for (stretch, number) in past.iter().zip(numbers) {
                    let of_past = &was[from..from + stretch.len];
                    from += stretch.len;
                    if let Some(mean) = mean(of_past) {
                        list[of_series(*number)].fill(mean);
                    }
                }
            }
            let otherwise = self.lines_beside(horizon, usual)?;
            let apart = rows().map(|row| (told[row].point - otherwise[row].point).abs());
            let change = apart.sum::<f64>() / count;
            let share = Some(change / size).filter(|share| share.is_finite());
            Ok(Influence { column: covariate.column.name.clone(), change, share })
        };
        let mut found = all.par_iter().map(one).collect::<Result<Vec<_>, Error>>()?;
        found.sort_by(|a, b| b.change.total_cmp(&a.change));
        Ok(found)
    }
}

/// The mean of what is not missing.
fn mean(values: &[f64]) -> Option<f64> {
    let known = values.iter().filter(|v| !v.is_nan());
    let (sum, n) = known.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    (n > 0.0).then(|| sum / n)
}
