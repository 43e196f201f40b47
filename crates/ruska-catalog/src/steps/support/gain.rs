//! What a column of numbers tells of the target by itself: how much a new column may bring.

use crate::parameters::{at_least, within};
use ruska_core::{FitError, Space, StepInput, Target, hash};
use serde::{Deserialize, Serialize};

/// Rows that are looked at; more tell little more.
const ROWS: usize = 4000;
/// Bins of a column.
const BINS: usize = 16;
/// Least rows of a bin, for its mean to say anything.
const LEAST: usize = 10;

/// How many columns a step makes, and what they have to bring.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GainParams {
    /// Most new columns, at least 1.
    max_columns: i64,
    /// Least share of the target's variance that a new column explains beyond what those explain that
    /// it is made of, 0..=1.
    min_gain: f64,
}

impl Default for GainParams {
    fn default() -> Self {
        Self { max_columns: 8, min_gain: 0.01 }
    }
}

impl GainParams {
    pub(crate) fn space() -> Space {
        Space::new().log_int("max_columns", 1, 16, 8).log_float("min_gain", 0.001, 0.1, 0.01)
    }

    /// Most columns and least gain, which is beyond chance in the sample.
    pub(crate) fn limits(&self, id: &str, sample: &Sample) -> Result<(usize, f64), FitError> {
        let most = at_least(id, "max_columns", self.max_columns, 1)?;
        let least = within(id, "min_gain", self.min_gain, 0.0, 1.0)?;
        Ok((most, least.max(sample.noise())))
    }
}

/// Training rows, spread over all of them, with their target.
pub(crate) struct Sample {
    rows: Vec<u32>,
    /// Row after row, one number an output: a class has 1 where the row is of it. Means are 0.
    truth: Vec<f64>,
    outputs: usize,
    /// Sum of squares of `truth`.
    total: f64,
}

impl Sample {
    /// The sample of a step's training rows.
    pub(crate) fn of(input: &StepInput<'_>) -> Self {
        let rows: Vec<u32> =
            hash::spread(input.rows.len(), ROWS).map(|at| input.rows[at]).collect();
        let outputs = input.y.width();
        let mut truth = vec![0.0; rows.len() * outputs];
        for (truth, &row) in truth.chunks_exact_mut(outputs).zip(&rows) {
            match input.y {
                Target::Values(y) => truth[0] = y[row as usize],
                Target::Classes { codes, .. } => truth[codes[row as usize] as usize] = 1.0,
                Target::Groups(_) | Target::Series(_) => {}
            }
        }
        // Divided first, so that no sum of squares is beyond what a number holds.
        let largest = truth.iter().fold(0.0f64, |most, v| most.max(v.abs()));
        let scale = if largest >= f64::MIN_POSITIVE { 1.0 / largest } else { 0.0 };
        truth.iter_mut().for_each(|v| *v *= scale);
        for output in 0..outputs {
            let column = || truth.iter().skip(output).step_by(outputs);
            let mean = column().sum::<f64>() / rows.len().max(1) as f64;
            truth.iter_mut().skip(output).step_by(outputs).for_each(|v| *v -= mean);
        }
        let total = truth.iter().map(|v| v * v).sum();
        Self { rows, truth, outputs, total }
    }

    /// What the best of hundreds of columns of noise hardly ever explains: six deviations of what
    /// one does.
    pub(crate) fn noise(&self) -> f64 {
        6.0 * (2.0 * BINS as f64).sqrt() / self.rows.len().max(1) as f64
    }

    /// The share of the target's variance that bins of equally many rows explain, missing values
    /// being a bin of their own, less what as many bins of noise would explain on average; at most
    /// 1, and about 0 or below for noise. `value` gives the number of a row of the frame.
    pub(crate) fn explained(&self, value: impl Fn(usize) -> f64) -> f64 {
        let values: Vec<f64> = self.rows.iter().map(|&row| value(row as usize)).collect();
        let mut order: Vec<usize> = (0..values.len()).filter(|&i| !values[i].is_nan()).collect();
        order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
        let missing: Vec<usize> = (0..values.len()).filter(|&i| values[i].is_nan()).collect();
        let size = order.len().div_ceil(BINS).max(LEAST);
        let (mut explained, mut bins) = (self.between(&missing), usize::from(!missing.is_empty()));
        let mut start = 0;
        while start < order.len() {
            let mut end = (start + size).min(order.len());
            while end < order.len() && values[order[end]] == values[order[end - 1]] {
                end += 1;
            }
            explained += self.between(&order[start..end]);
            bins += 1;
            start = end;
        }
        let (rows, bins) = (self.rows.len() as f64, bins as f64);
        if self.total <= 0.0 || rows <= bins {
            return 0.0;
        }
        1.0 - (1.0 - explained / self.total) * (rows - 1.0) / (rows - bins)
    }

    /// What the mean of some of the rows explains, as a sum of squares.
    fn between(&self, members: &[usize]) -> f64 {
        let sum = |output: usize| -> f64 {
            members.iter().map(|&i| self.truth[i * self.outputs + output]).sum()
        };
        (0..self.outputs).map(|o| sum(o).powi(2)).sum::<f64>() / members.len().max(1) as f64
    }
}
