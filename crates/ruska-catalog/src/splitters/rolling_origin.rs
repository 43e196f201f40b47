//! Rolling origin: each series is told ahead from several points of its past, the latest one last.
//!
//! With k folds and a horizon h the last fold tests the last h values of each series, the one before the
//! h values before those, and so on; each trains on all that comes before what it tests. A series too short
//! for the earlier folds is tested in the later ones alone, and one too short for a horizon on its last
//! third; missing values are not tested. A fold has to test a quarter of the series that the last one
//! tests. Needs series; the seed has no effect. Cost O(n k).
//!
//! Reference: Tashman, "Out-of-sample tests of forecasting accuracy: an analysis and review", IJF 16, 2000.

use super::support::{check_lengths, enough};
use ruska_core::{Fold, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo, Timelines};

/// Most folds.
const MOST_FOLDS: usize = 1000;
/// Least share of the series that a fold tests, in parts of those that the last one tests.
const LEAST_SHARE: usize = 4;
/// Fewest values to learn from.
const FEWEST: usize = 4;

/// See the module.
pub(crate) struct RollingOrigin;

static INFO: SplitterInfo = SplitterInfo {
    id: "rolling_origin",
    summary: "Series told ahead from several points of their past",
    partition: false,
    tests_trained: false,
};

impl Splitter for RollingOrigin {
    fn info(&self) -> &SplitterInfo {
        &INFO
    }

    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        check_lengths(input)?;
        let panel = input.panel.ok_or(SplitError::NeedsRole("series"))?;
        if panel.rows() != input.rows {
            return Err(SplitError::Params("a panel needs a value per row"));
        }
        if !(1..=MOST_FOLDS).contains(&params.folds) {
            return Err(SplitError::Params("folds must be at least 1 and at most 1,000"));
        }
        let folds: Vec<Fold> =
            (1..=params.folds).rev().map(|back| fold_back(panel, back)).collect();
        let tested = |fold: &Fold| panel.runs(&fold.test).count();
        let (first, last) = (tested(&folds[0]), folds.last().map_or(0, tested));
        enough("values of a series", params.folds, FEWEST, if last > 0 { FEWEST } else { 0 })?;
        let least = last.div_ceil(LEAST_SHARE);
        enough("series that are long enough", params.folds, least, first)?;
        Ok(folds)
    }
}

/// The fold that tests the `back`th horizon from the end of each series.
fn fold_back(panel: &Timelines, back: usize) -> Fold {
    let (mut train, mut test) = (vec![], vec![]);
    for series in 0..panel.series() {
        let span = panel.span(series);
        let rows = |from: usize, to: usize| (span.start + from) as u32..(span.start + to) as u32;
        let Some((origin, end)) = origin(span.len(), panel, back) else { continue };
        let known = |row: &u32| !panel.values[*row as usize].is_nan();
        // A series of which nothing is known has nothing to be told.
        if rows(0, origin).any(|row| known(&row)) {
            train.extend(rows(0, origin));
            test.extend(rows(origin, end).filter(known));
        }
    }
    Fold { train, test }
}

/// Values to learn from of so many, and the place where the test ends, both from the first value; `None`
/// where nothing is left to learn from.
fn origin(values: usize, panel: &Timelines, back: usize) -> Option<(usize, usize)> {
    let horizon = panel.horizon;
    let need = FEWEST.max(horizon.min(2 * FEWEST)).max(panel.season + 2);
    let ahead = back.checked_mul(horizon)?;
    if values >= ahead.checked_add(need)? {
        return Some((values - ahead, values - ahead + horizon));
    }
    if back > 1 {
        // What is tested later is learned from as far as it comes before that.
        return values.checked_sub(ahead).filter(|known| *known > 0).map(|known| (known, known));
    }
    let tested = horizon.min(values / 3);
    (tested > 0 && values - tested >= 1)
        .then_some((values - tested, values))
        .or((values > 0).then_some((values, values)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska_core::Covariates;
    use std::sync::Arc;

    fn panel(lengths: &[usize], horizon: usize) -> Timelines {
        let mut offsets = vec![0];
        lengths.iter().for_each(|n| offsets.push(offsets[offsets.len() - 1] + n));
        Timelines {
            values: Arc::new((0..offsets[lengths.len()]).map(|v| v as f64).collect()),
            starts: Arc::new(vec![0; lengths.len()]),
            offsets: Arc::new(offsets),
            seasons: vec![],
            season: 1,
            horizon,
            covariates: Covariates::default(),
        }
    }

    fn split(panel: &Timelines, folds: usize) -> Result<Vec<Fold>, SplitError> {
        let input = SplitInput { rows: panel.rows(), panel: Some(panel), ..SplitInput::default() };
        RollingOrigin.split(input, &SplitParams { folds, ..SplitParams::default() })
    }

    #[test]
    fn the_last_fold_tests_the_end_and_each_other_the_horizon_before() {
        let folds = split(&panel(&[20], 3), 2).unwrap();
        assert_eq!((folds[0].train.len(), &folds[0].test[..]), (14, &[14, 15, 16][..]));
        assert_eq!((folds[1].train.len(), &folds[1].test[..]), (17, &[17, 18, 19][..]));
    }

    #[test]
    fn a_short_series_is_tested_where_it_can_be() {
        let folds = split(&panel(&[20, 9, 7, 1], 4), 2).unwrap();
        let tested = |fold: &Fold, series: std::ops::Range<u32>| {
            fold.test.iter().filter(|row| series.contains(row)).count()
        };
        let of = |series: std::ops::Range<u32>| [0, 1].map(|f| tested(&folds[f], series.clone()));
        assert_eq!(
            [of(0..20), of(20..29), of(29..36), of(36..37)],
            [[4, 4], [0, 4], [0, 2], [0, 0]]
        );
    }

    #[test]
    fn missing_values_are_not_tested_and_too_many_folds_are_told() {
        let mut gaps = panel(&[12], 3);
        Arc::make_mut(&mut gaps.values)[10] = f64::NAN;
        assert_eq!(split(&gaps, 1).unwrap()[0].test, [9, 11]);
        assert!(matches!(split(&panel(&[12], 3), 9), Err(SplitError::TooFew { .. })));
        assert!(matches!(split(&panel(&[1], 3), 1), Err(SplitError::TooFew { .. })));
    }
}
