//! How far two columns work together: Friedman's H.
//!
//! Of what predictions owe to two columns together, the part that is not a sum of what they owe to each: 0 if
//! the model adds the two up, 1 if one tells nothing without the other. It is a part of what the pair does, so it
//! may be large for a pair that does little.
//!
//! Source: Friedman, Popescu, "Predictive learning via rule ensembles", Annals of Applied Statistics 2, 2008.

use super::effects::Predict;
use super::with_column;
use rayon::prelude::*;
use ruska_core::{Frame, PredictError};
use serde::Serialize;

/// What a pair must do, as a part of the spread of predictions, to be asked whether it works together.
const LEAST: f64 = 1e-3;

/// How far two columns work together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interaction {
    /// Names of the two.
    pub columns: [String; 2],
    /// Friedman's H, 0 to 1.
    pub strength: f64,
}

/// The interactions of all pairs of some columns, by all rows of a frame, of which there are n: n² predictions a
/// column and a pair. The strongest first.
pub(super) fn interactions(
    predict: &Predict<'_>,
    x: &Frame,
    columns: &[usize],
) -> Result<Vec<Interaction>, PredictError> {
    let alone: Vec<Vec<f64>> =
        columns.par_iter().map(|c| means(predict, x, &[*c])).collect::<Result<_, _>>()?;
    let pairs: Vec<[usize; 2]> =
        (0..columns.len()).flat_map(|i| (i + 1..columns.len()).map(move |j| [i, j])).collect();
    let said = predict(x)?;
    // Rounding leaves as much in predictions that are all the same.
    let rounding = 1e-18 * said.iter().map(|v| 1.0 + v * v).sum::<f64>();
    let least = rounding + LEAST * centred(said).iter().map(|v| v * v).sum::<f64>();
    let told = |[i, j]: &[usize; 2]| {
        let together = means(predict, x, &[columns[*i], columns[*j]])?;
        let all: f64 = together.iter().map(|v| v * v).sum();
        let rest: f64 = (0..x.rows())
            .map(|row| (together[row] - alone[*i][row] - alone[*j][row]).powi(2))
            .sum();
        let strength = if all > least { (rest / all).sqrt().min(1.0) } else { 0.0 };
        let name = |at: usize| x.fields()[columns[at]].name.to_string();
        Ok(Interaction { columns: [name(*i), name(*j)], strength })
    };
    let mut told: Vec<Interaction> =
        pairs.par_iter().map(told).collect::<Result<_, PredictError>>()?;
    told.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    Ok(told)
}

/// By row, the mean prediction of all rows with that row's values in some columns, less the mean of these.
fn means(predict: &Predict<'_>, x: &Frame, columns: &[usize]) -> Result<Vec<f64>, PredictError> {
    let rows = x.rows();
    let mut means = Vec::with_capacity(rows);
    for row in 0..rows as u32 {
        let mut known = x.clone();
        for &at in columns {
            known = with_column(&known, at, x.fields()[at].column.take(&vec![row; rows]))?;
        }
        means.push(predict(&known)?.iter().sum::<f64>() / rows as f64);
    }
    Ok(centred(means))
}

fn centred(mut values: Vec<f64>) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter_mut().for_each(|v| *v -= mean);
    values
}
