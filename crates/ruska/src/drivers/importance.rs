//! How much the model's metric loses when a column tells nothing any more.
//!
//! The values of a column are shuffled among the rows, so that what it has to do with the target is lost
//! while it looks as before; what predictions get worse by is what the model has of it. Columns are those of
//! the table, so it does not matter what is made of them on the way. Columns that tell the same stand in
//! for each other, and each alone then seems to matter little.
//!
//! Source: Breiman, "Random forests", Machine Learning 45, 2001; Fisher, Rudin, Dominici, "All models are
//! wrong, but many are useful", JMLR 20, 2019. The interval is that of a mean of paired differences of row
//! losses, see [`ruska_core::Measure::row_losses`].

use super::with_column;
use crate::error::Error;
use crate::model::Model;
use rayon::prelude::*;
use ruska_core::{Frame, Measure, MeasureError, PredictError, Predictions, Rng, Truth, hash};
use serde::Serialize;

/// Shuffles of each column.
pub(super) const SHUFFLES: usize = 5;
/// Predictions that are made at most, but that no fewer than [`LEAST_ROWS`] rows are looked at.
const PREDICTIONS: usize = 2_000_000;
const LEAST_ROWS: usize = 500;
/// The 97.5 % quantiles of the normal distribution, and of Student's t for [`SHUFFLES`] numbers.
const NORMAL: f64 = 1.959_963_984_540_054;
const STUDENT: f64 = 2.776_445_105_197_793;

/// What the metric loses without each column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// Id of the measure that the model was chosen by.
    pub metric: String,
    /// Its value on the rows looked at, as they are.
    pub score: f64,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// Rows looked at: all that have a target, or a sample of them.
    pub rows: usize,
    /// Rows with a target.
    pub of: usize,
    /// Shuffles of each column.
    pub shuffles: usize,
    /// Whether intervals hold the chance of rows and shuffles, or of shuffles alone, where the measure is no
    /// mean over rows.
    pub over_rows: bool,
    /// By column, the most important first.
    pub columns: Vec<ColumnImportance>,
}

/// What the metric loses without a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnImportance {
    /// Name of the column.
    pub column: String,
    /// By how much the metric is worse, in its unit, on average over shuffles; less than 0 where it is better
    /// by chance.
    pub worse: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Rows whose truth is known.
pub(super) struct Labelled<'a> {
    pub(super) x: &'a Frame,
    pub(super) truth: &'a Truth,
    pub(super) weights: Option<&'a [f64]>,
}

/// Rows to look at so that no more than so many predictions are made.
pub(super) fn most_rows(columns: usize) -> usize {
    (PREDICTIONS / (SHUFFLES * columns.max(1))).max(LEAST_ROWS)
}

/// What is asked for its importance.
pub(super) struct Asking<'a> {
    /// What is predicted of rows.
    pub(super) predict: &'a (dyn Fn(&Frame) -> Result<Predictions, PredictError> + Sync),
    /// What its predictions are measured by.
    pub(super) measure: &'a dyn Measure,
    /// The row that each row has the value of, by the place of a column and the number of a shuffle.
    pub(super) order: &'a (dyn Fn(usize, usize) -> Vec<u32> + Sync),
}

/// The importance of every column, of so many rows in all.
///
/// Fails where the measure is not defined on the rows.
pub(super) fn importance(
    model: &Model,
    measure: &dyn Measure,
    rows: &Labelled<'_>,
    of: usize,
    seed: u64,
) -> Result<Importance, Error> {
    let order = |at: usize, shuffle: usize| {
        let mut rng = Rng::new(hash::combine(&[seed, at as u64, shuffle as u64]));
        let mut order: Vec<u32> = (0..rows.x.rows() as u32).collect();
        rng.shuffle(&mut order);
        order
    };
    let predict = |x: &Frame| model.predict_typed(x);
    shuffled(&Asking { predict: &predict, measure, order: &order }, rows, of)
}

/// The same of anything that predicts, by given shuffles.
pub(super) fn shuffled(
    asking: &Asking<'_>,
    rows: &Labelled<'_>,
    of: usize,
) -> Result<Importance, Error> {
    let told = Told::of(asking, rows, rows.x)?;
    let columns: Result<Vec<ColumnImportance>, Error> = rows
        .x
        .fields()
        .par_iter()
        .enumerate()
        .map(|(at, field)| {
            let mut shuffled = vec![];
            for shuffle in 0..SHUFFLES {
                let order = (asking.order)(at, shuffle);
                let x = with_column(rows.x, at, field.column.take(&order))?;
                shuffled.push(Told::of(asking, rows, &x)?);
            }
            let (worse, half) = told.beside(&shuffled, rows.weights);
            let column = field.name.to_string();
            Ok(ColumnImportance { column, worse, low: worse - half, high: worse + half })
        })
        .collect();
    let mut columns = columns?;
    // Equal ones stay in the order of the table.
    columns.sort_by(|a, b| b.worse.total_cmp(&a.worse));
    let info = asking.measure.info();
    Ok(Importance {
        metric: info.id.to_owned(),
        score: asking.measure.score_of(told.loss),
        higher_is_better: info.higher_is_better,
        rows: rows.x.rows(),
        of,
        shuffles: SHUFFLES,
        over_rows: told.of_rows.is_some(),
        columns,
    })
}

/// The loss of predictions.
struct Told {
    loss: f64,
    /// Of each row, where the measure tells.
    of_rows: Option<Vec<f64>>,
}

impl Told {
    fn of(asking: &Asking<'_>, rows: &Labelled<'_>, x: &Frame) -> Result<Self, Error> {
        let (predictions, measure) = ((asking.predict)(x)?, asking.measure);
        let score = measure.score(rows.truth, &predictions, rows.weights)?;
        if !score.is_finite() {
            let (measure, why) = (measure.info().id, "it is no finite number on these rows");
            return Err(MeasureError::Undefined { measure, why }.into());
        }
        let of_rows = measure.row_losses(rows.truth, &predictions, rows.weights);
        Ok(Self { loss: measure.loss_of(score), of_rows })
    }

    /// By how much others are worse on average, and half the width of the 95 % interval.
    fn beside(&self, others: &[Self], weights: Option<&[f64]>) -> (f64, f64) {
        let n = others.len() as f64;
        let gaps: Vec<f64> = others.iter().map(|o| o.loss - self.loss).collect();
        let worse = gaps.iter().sum::<f64>() / n;
        let of_rows: Option<Vec<&Vec<f64>>> = others.iter().map(|o| o.of_rows.as_ref()).collect();
        let half = if let (Some(before), Some(after)) = (&self.of_rows, of_rows) {
            let gap = |row: usize| after.iter().map(|a| a[row]).sum::<f64>() / n - before[row];
            let gaps: Vec<f64> = (0..before.len()).map(gap).collect();
            NORMAL * standard_error(&gaps, weights)
        } else {
            let squares = gaps.iter().map(|g| (g - worse).powi(2)).sum::<f64>();
            STUDENT * (squares / (n - 1.0) / n).sqrt()
        };
        (worse, half)
    }
}

/// The standard error of a weighted mean; 0 of fewer than two numbers.
fn standard_error(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
    let (mut sum, mut total, mut n) = (0.0, 0.0, 0.0f64);
    for (i, v) in values.iter().enumerate().filter(|(i, _)| weight(*i) > 0.0) {
        sum += weight(i) * v;
        total += weight(i);
        n += 1.0;
    }
    if n < 2.0 {
        return 0.0;
    }
    let mean = sum / total;
    let off = |(i, v): (usize, &f64)| (weight(i) * (v - mean)).powi(2);
    let squares: f64 = values.iter().enumerate().filter(|(i, _)| weight(*i) > 0.0).map(off).sum();
    (squares * n / (n - 1.0)).sqrt() / total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_error_is_that_of_the_formula() {
        let plain = standard_error(&[1.0, 2.0, 3.0, 6.0], None);
        assert!((plain - (14.0f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        let weighted = standard_error(&[1.0, 9.0, 2.0, 3.0, 6.0], Some(&[2.0, 0.0, 2.0, 2.0, 2.0]));
        assert!((weighted - plain).abs() < 1e-12);
        assert_eq!(standard_error(&[1.0], None), 0.0);
    }
}
