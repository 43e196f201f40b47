//! How far off predicted numbers are, and where.
//!
//! An error is the prediction less the truth, so it is positive where too much was predicted. Quantiles
//! are values of rows: the least error that at least so much of the weight does not exceed. Whether
//! errors grow with the prediction is told by Spearman's rank correlation of the size of the error with
//! the prediction, over rows of some weight, alike.

use super::rows::Judged;
use serde::Serialize;

/// Quantiles told.
const QUANTILES: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
/// Ranges of predictions.
const RANGES: usize = 10;
/// Shares of rows with the largest errors.
const LARGEST: [f64; 3] = [0.01, 0.05, 0.1];

/// Errors of predicted numbers, in the unit of the target.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Errors {
    /// Mean error.
    pub bias: f64,
    /// Standard deviation of the errors.
    pub deviation: f64,
    /// Quantiles of the errors.
    pub quantiles: Vec<ErrorQuantile>,
    /// Ten ranges of predictions of about as many rows each, rising; equal predictions are together.
    pub ranges: Vec<PredictionRange>,
    /// Rank correlation of the size of the error with the prediction, in [−1, 1]; `None` where either
    /// is the same for all rows.
    pub growth: Option<f64>,
    /// What part of all errors a few rows make.
    pub largest: Vec<LargeErrors>,
}

/// A quantile of the errors.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ErrorQuantile {
    /// Share of the weight that is not above it.
    pub share: f64,
    /// The error.
    pub error: f64,
}

/// Rows whose predictions are between two, these included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PredictionRange {
    /// Least prediction.
    pub low: f64,
    /// Greatest prediction.
    pub high: f64,
    /// Rows.
    pub rows: usize,
    /// Mean truth.
    pub truth: f64,
    /// Mean prediction.
    pub predicted: f64,
    /// Mean error.
    pub bias: f64,
    /// Root of the mean squared error.
    pub rmse: f64,
}

/// The part of all errors that the rows with the largest ones make.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LargeErrors {
    /// Share of the weight of rows.
    pub rows: f64,
    /// Their share of the sum of absolute errors.
    pub absolute: f64,
    /// Their share of the sum of squared errors.
    pub squared: f64,
}

impl Errors {
    /// `None` of classes and of no rows.
    pub(super) fn of(judged: &Judged) -> Option<Self> {
        let (truth, predicted) = judged.numbers()?;
        let weight = judged.weight();
        let rows: Vec<usize> = (0..truth.len()).filter(|row| weight[*row] > 0.0).collect();
        let total: f64 = weight.iter().sum();
        if rows.is_empty() {
            return None;
        }
        let error: Vec<f64> = predicted.iter().zip(truth).map(|(p, y)| p - y).collect();
        let mean = |value: &dyn Fn(usize) -> f64| {
            rows.iter().map(|row| weight[*row] * value(*row)).sum::<f64>() / total
        };
        let bias = mean(&|row| error[row]);
        let sizes: Vec<f64> = rows.iter().map(|row| error[*row].abs()).collect();
        let said: Vec<f64> = rows.iter().map(|row| predicted[*row]).collect();
        Some(Self {
            bias,
            deviation: mean(&|row| (error[row] - bias).powi(2)).sqrt(),
            quantiles: quantiles(&rows, &error, &weight, total),
            ranges: ranges(&rows, truth, predicted, &weight),
            growth: correlation(&ranks(&sizes), &ranks(&said)),
            largest: largest(&rows, &error, &weight, total),
        })
    }
}

fn quantiles(rows: &[usize], error: &[f64], weight: &[f64], total: f64) -> Vec<ErrorQuantile> {
    let mut order = rows.to_vec();
    order.sort_by(|a, b| error[*a].total_cmp(&error[*b]));
    let mut below = 0.0;
    let mut up_to = Vec::with_capacity(order.len());
    for row in &order {
        below += weight[*row];
        up_to.push(below / total);
    }
    let at = |share: f64| {
        // A millionth of a millionth forgives what rounding added up.
        let place = up_to.partition_point(|reached| *reached < share - 1e-12);
        ErrorQuantile { share, error: error[order[place.min(order.len() - 1)]] }
    };
    QUANTILES.iter().map(|share| at(*share)).collect()
}

fn ranges(
    rows: &[usize],
    truth: &[f64],
    predicted: &[f64],
    weight: &[f64],
) -> Vec<PredictionRange> {
    let mut order = rows.to_vec();
    order.sort_by(|a, b| predicted[*a].total_cmp(&predicted[*b]));
    let full = order.len().div_ceil(RANGES);
    let mut parts: Vec<Vec<usize>> = vec![];
    for tied in order.chunk_by(|a, b| predicted[*a] == predicted[*b]) {
        match parts.last_mut().filter(|part| part.len() < full) {
            Some(part) => part.extend(tied),
            None => parts.push(tied.to_vec()),
        }
    }
    let range = |part: Vec<usize>| {
        let total: f64 = part.iter().map(|row| weight[*row]).sum();
        let mean = |value: &dyn Fn(usize) -> f64| {
            part.iter().map(|row| weight[*row] * value(*row)).sum::<f64>() / total
        };
        PredictionRange {
            low: predicted[part[0]],
            high: predicted[part[part.len() - 1]],
            rows: part.len(),
            truth: mean(&|row| truth[row]),
            predicted: mean(&|row| predicted[row]),
            bias: mean(&|row| predicted[row] - truth[row]),
            rmse: mean(&|row| (predicted[row] - truth[row]).powi(2)).sqrt(),
        }
    };
    parts.into_iter().map(range).collect()
}

fn largest(rows: &[usize], error: &[f64], weight: &[f64], total: f64) -> Vec<LargeErrors> {
    let mut order = rows.to_vec();
    order.sort_by(|a, b| error[*b].abs().total_cmp(&error[*a].abs()));
    let sum = |power: i32, mut left: f64| {
        let mut sum = 0.0;
        for row in &order {
            let part = weight[*row].min(left);
            sum += part * error[*row].abs().powi(power);
            left -= part;
            if left <= 0.0 {
                break;
            }
        }
        sum
    };
    let part = |power: i32, share: f64| {
        let all = sum(power, total);
        if all > 0.0 { sum(power, share * total) / all } else { 0.0 }
    };
    let told =
        |share: f64| LargeErrors { rows: share, absolute: part(1, share), squared: part(2, share) };
    LARGEST.iter().map(|share| told(*share)).collect()
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (tied.len() + 1) as f64 / 2.0;
        tied.iter().for_each(|row| ranks[*row] = rank);
        before += tied.len();
    }
    ranks
}

/// Pearson's correlation; `None` where either does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let [mut ab, mut aa, mut bb] = [0.0; 3];
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}
