//! How predictions go with a column: partial dependence, accumulated local effects, single rows.
//!
//! Partial dependence is the mean prediction when every row has the same value in the column, whatever the others
//! hold; lines of single rows show what that mean hides. Where columns go together such rows may be none that
//! there are; accumulated local effects add up what predictions change by from one value to the next in rows near
//! both. Values are those of rows, at equal steps of their order.
//!
//! Source: Friedman, "Greedy function approximation", Annals of Statistics 29, 2001; Goldstein et al., "Peeking
//! inside the black box", JCGS 24, 2015; Apley, Zhu, "Visualizing the effects of predictor variables in black box
//! supervised learning models", JRSS B 82, 2020.

use super::with_column;
use crate::explain::features::{Feature, Values};
use rayon::prelude::*;
use ruska_core::{Frame, PredictError};
use serde::Serialize;

/// Most values of a number, and levels, that curves have.
const VALUES: usize = 20;
const LEVELS: usize = 12;
/// Lines of single rows.
const LINES: usize = 30;

/// How predictions go with a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// Name of the column.
    pub column: String,
    /// Whether the column holds levels rather than numbers or points in time.
    pub levels: bool,
    /// Whether numbers are points in time, in milliseconds since 1970.
    pub time: bool,
    /// Numbers ascending, or levels, those of most rows first.
    pub points: Vec<CurvePoint>,
    /// Predictions of single rows at each point.
    pub lines: Vec<Vec<f64>>,
}

/// A value of a column and what is predicted there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// The value, for people.
    pub value: String,
    /// The number; `None` of levels.
    pub at: Option<f64>,
    /// Mean prediction of all rows with this value.
    pub mean: f64,
    /// Accumulated local effect, which has mean 0 over the rows; `None` of levels.
    pub accumulated: Option<f64>,
    /// Rows that have the level; `None` of numbers.
    pub rows: Option<usize>,
}

impl Curve {
    /// By how much the mean prediction differs between points.
    pub fn range(&self) -> f64 {
        let means = self.points.iter().map(|p| p.mean);
        let (low, high) =
            means.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        (high - low).max(0.0)
    }
}

/// What is predicted of the rows of a frame, one number each.
pub(super) type Predict<'a> = dyn Fn(&Frame) -> Result<Vec<f64>, PredictError> + Sync + 'a;

/// The curve of a column of some rows, of which there is at least one; `None` of columns that name persons or
/// rows, or hold one value.
pub(super) fn curve(
    predict: &Predict<'_>,
    x: &Frame,
    at: usize,
    feature: &Feature,
) -> Result<Option<Curve>, PredictError> {
    if feature.personal {
        return Ok(None);
    }
    let chosen = values_of(feature);
    if chosen.len() < 2 {
        return Ok(None);
    }
    let rows = x.rows();
    let at_row = |row: &u32| {
        let column = x.fields()[at].column.take(&vec![*row; rows]);
        predict(&with_column(x, at, column)?)
    };
    let predicted: Vec<Vec<f64>> = chosen.par_iter().map(at_row).collect::<Result<_, _>>()?;
    let numbers = feature.numbers();
    let accumulated = match numbers {
        None => None,
        Some(numbers) => Some(accumulated(predict, x, at, numbers, &chosen)?),
    };
    let point = |(i, (&row, all)): (usize, (&u32, &Vec<f64>))| CurvePoint {
        value: feature.shown(row as usize).unwrap_or_default(),
        at: numbers.map(|n| n[row as usize]),
        mean: all.iter().sum::<f64>() / rows as f64,
        accumulated: accumulated.as_ref().map(|a| a[i]),
        rows: feature.rows_of(row as usize),
    };
    let points = chosen.iter().zip(&predicted).enumerate().map(point).collect();
    let lines = ruska_core::hash::spread(rows, LINES);
    let lines = lines.map(|row| predicted.iter().map(|all| all[row]).collect()).collect();
    Ok(Some(Curve {
        column: feature.name.clone(),
        levels: numbers.is_none(),
        time: feature.time,
        points,
        lines,
    }))
}

/// Rows that hold the values of a curve: numbers ascending, or levels, most frequent first.
pub(super) fn values_of(feature: &Feature) -> Vec<u32> {
    match &feature.values {
        Values::Numbers(values) => of_numbers(values),
        Values::Levels(codes) => of_levels(codes, feature.labels.len()),
    }
}

/// Rows that hold the numbers of a curve, ascending: the least, the greatest, and others at equal steps of their
/// order.
fn of_numbers(values: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> =
        (0..values.len() as u32).filter(|row| values[*row as usize].is_finite()).collect();
    order.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
    let mut different = order.clone();
    different.dedup_by_key(|row| values[*row as usize]);
    if different.len() <= VALUES {
        return different;
    }
    let last = order.len() - 1;
    let mut chosen: Vec<u32> =
        (0..VALUES).map(|i| order[(i * last + (VALUES - 1) / 2) / (VALUES - 1)]).collect();
    chosen.dedup_by_key(|row| values[*row as usize]);
    chosen
}

/// A row of each of the most frequent levels, most frequent first.
fn of_levels(codes: &[u32], labels: usize) -> Vec<u32> {
    let mut found: Vec<(usize, u32)> = vec![(0, 0); labels];
    for (row, code) in (0..).zip(codes) {
        if let Some((count, first)) = found.get_mut(*code as usize) {
            *first = if *count == 0 { row } else { *first };
            *count += 1;
        }
    }
    let mut found: Vec<(usize, u32)> = found.into_iter().filter(|(n, _)| *n > 0).collect();
    found.sort_by_key(|(count, first)| (usize::MAX - count, *first));
    found.into_iter().take(LEVELS).map(|(_, row)| row).collect()
}

/// What predictions change by from the least number to each of the chosen ones, told by the rows between one and
/// the next; their mean over rows is 0.
fn accumulated(
    predict: &Predict<'_>,
    x: &Frame,
    at: usize,
    values: &[f64],
    chosen: &[u32],
) -> Result<Vec<f64>, PredictError> {
    let edges: Vec<f64> = chosen.iter().map(|row| values[*row as usize]).collect();
    let known: Vec<u32> =
        (0..values.len() as u32).filter(|row| values[*row as usize].is_finite()).collect();
    // The place of the upper edge of each row's stretch; the least number belongs to the first.
    let stretch = |row: &u32| {
        edges.partition_point(|edge| *edge < values[*row as usize]).clamp(1, edges.len() - 1)
    };
    let upper: Vec<usize> = known.iter().map(stretch).collect();
    let rows = x.take(&known);
    let moved = |shift: usize| {
        let to: Vec<u32> = upper.iter().map(|upper| chosen[upper - shift]).collect();
        predict(&with_column(&rows, at, x.fields()[at].column.take(&to))?)
    };
    let (below, above) = (moved(1)?, moved(0)?);
    let mut sums = vec![(0.0, 0.0f64); edges.len()];
    for (upper, (below, above)) in upper.iter().zip(below.iter().zip(&above)) {
        sums[*upper].0 += above - below;
        sums[*upper].1 += 1.0;
    }
    let mut effects = vec![0.0; edges.len()];
    for i in 1..edges.len() {
        let (sum, n) = sums[i];
        effects[i] = effects[i - 1] + if n > 0.0 { sum / n } else { 0.0 };
    }
    let middle = |i: usize| 0.5 * (effects[i - 1] + effects[i]) * sums[i].1;
    let mean = (1..edges.len()).map(middle).sum::<f64>() / known.len() as f64;
    effects.iter_mut().for_each(|effect| *effect -= mean);
    Ok(effects)
}
