//! Calibration of a model's class probabilities, and the cut between two labels, from predictions of
//! rows that were held out.
//!
//! The temperature is the one of least log loss, the cut the one of best score where the measure looks
//! at labels. What a part of the rows says of it was found on the others: it is kept only where it is
//! better there by more than a standard error, and where the study's measure loses no more. The scores of
//! the model are those; of a single fold, whose parts lie among each other, they are those of what all of
//! its rows found.
//!
//! Reference: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017;
//! Lipton, Elkan, Naryanaswamy, "Optimal thresholding of classifiers to maximize F1", ECML 2014.

use crate::engine::Best;
use crate::ensemble::rescored;
use crate::evaluate::row_weights;
use crate::mean::mean_and_error;
use crate::worker::Shared;
use ruska_core::{Calibration, Needs, Predictions, Target, log_probability};

/// Numbers that a temperature is found by at most; more rows hardly move it.
const MOST_NUMBERS: usize = 1 << 18;
/// Parts of the rows of one fold.
const PARTS: usize = 5;
/// Powers, one over the temperature, that are looked at.
const POWERS: (f64, f64) = (0.2, 5.0);
/// Steps to the best power; three or four are enough.
const STEPS: usize = 12;
/// Rows of each class beside which a cut is tried; all where there are no more.
const CUTS: usize = 200;
/// Fewest rows of either class that a cut is found by.
const FEWEST: usize = 20;

/// Rows that were held out together.
struct Part {
    truth: Vec<u32>,
    weights: Vec<f64>,
    /// Rows of predictions.
    predictions: Predictions,
}

/// Calibrates a model of classes: what is done to its predictions, and its predictions of rows held
/// out and their scores as they then are. Leaves it as it is where that is not better.
pub(crate) fn calibrate(shared: &Shared, best: Best) -> Best {
    let Target::Classes { codes, classes, .. } = &shared.task.target else { return best };
    let Some(measure) = shared.catalog.measure(&shared.metric) else { return best };
    let rows = |fold: usize| &shared.folds[fold].test;
    let parts: Vec<Part> = best
        .out_of_fold
        .iter()
        .enumerate()
        .flat_map(|(fold, p)| {
            let parts = if best.out_of_fold.len() > 1 { 1 } else { PARTS };
            (0..parts).map(move |part| {
                let places: Vec<u32> = (part as u32..p.rows() as u32).step_by(parts).collect();
                let rows: Vec<u32> = places.iter().map(|&i| rows(fold)[i as usize]).collect();
                let weights = row_weights(&shared.task, &rows);
                Part {
                    truth: rows.iter().map(|&r| codes[r as usize]).collect(),
                    weights: weights.unwrap_or_else(|| vec![1.0; rows.len()]),
                    predictions: p.take(&places),
                }
            })
        })
        .collect();
    let temperature = temperature(&parts);
    let labels = measure.info().needs == Needs::Labels && classes.len() == 2;
    let weighted = shared.task.weights.is_some();
    let loss = |truth: &[u32], predictions: &Predictions, weights: Option<&[f64]>| {
        let truth = shared.task.target.truth_of(truth);
        measure.score(&truth, predictions, weights).ok().map(|s| measure.loss_of(s))
    };
    let cut = if labels { cut(&parts, weighted, &loss) } else { None };
    if temperature.is_none() && cut.is_none() {
        return best;
    }
    let of = |part: usize| {
        let cut = cut.as_ref().map(|c| c.without[part]);
        calibration(temperature.as_ref().map(|t| t.without[part]), cut)
    };
    let found = calibration(temperature.as_ref().map(|t| t.of_all), cut.as_ref().map(|c| c.of_all));
    let several = best.out_of_fold.len() > 1;
    let changed = best.out_of_fold.iter().enumerate().map(|(fold, p)| {
        // The parts of one fold lie among each other; what all of them say is nearly what each does.
        if several { of(fold).apply(p.clone()) } else { found.apply(p.clone()) }
    });
    let changed: Vec<Predictions> = changed.collect();
    let rescored = rescored(shared, &best.trial, &changed);
    match rescored.and_then(|trial| Some((trial.loss()?, trial))) {
        Some((loss, trial)) if loss <= best.loss => {
            Best { trial, loss, out_of_fold: changed, calibration: Some(found), ..best }
        }
        _ => best,
    }
}

/// With a cut of probabilities as they were before the temperature.
fn calibration(temperature: Option<f64>, cut: Option<f64>) -> Calibration {
    let tempered = Calibration { temperature: temperature.unwrap_or(1.0), cut: None };
    let moved = |cut: f64| tempered.apply(Predictions::binary([cut])).row(0)[1];
    Calibration { cut: cut.map(moved), ..tempered }
}

/// A number found by all parts, and by all but each.
struct Found {
    of_all: f64,
    without: Vec<f64>,
}

/// Losses of each part before and after: whether the mean is less by more than its standard error.
fn is_better(losses: &[(f64, f64)]) -> bool {
    let gains: Vec<f64> = losses.iter().map(|(before, after)| before - after).collect();
    let (mean, error) = mean_and_error(&gains);
    mean > 0.0 && mean > error
}

/// The temperature; `None` where it is no better than none.
fn temperature(parts: &[Part]) -> Option<Found> {
    let numbers: usize = parts.iter().map(|p| p.predictions.values().len()).sum();
    let every = numbers.div_ceil(MOST_NUMBERS).max(1);
    let logs: Vec<Logs> = parts.iter().map(|p| Logs::of(p, every)).collect();
    let power = |left_out: Option<usize>| {
        let others = || logs.iter().enumerate().filter(|(i, _)| Some(*i) != left_out);
        best_power(|power| {
            others().fold((0.0, 0.0), |sum, (_, part)| {
                let (slope, bend) = part.slope(power);
                (sum.0 + slope, sum.1 + bend)
            })
        })
    };
    let without: Vec<f64> = (0..parts.len()).map(|i| power(Some(i))).collect();
    let losses: Vec<(f64, f64)> = logs
        .iter()
        .zip(&without)
        .map(|(part, power)| (part.loss(1.0), part.loss(*power)))
        .collect();
    is_better(&losses).then(|| Found {
        of_all: 1.0 / power(None),
        without: without.iter().map(|power| 1.0 / power).collect(),
    })
}

/// The power of least loss, which is convex in it, from its slope and how that changes.
fn best_power(slope: impl Fn(f64) -> (f64, f64)) -> f64 {
    let (mut low, mut high) = POWERS;
    let mut power = 1.0;
    for _ in 0..STEPS {
        let (slope, bend) = slope(power);
        if slope > 0.0 {
            high = power;
        } else {
            low = power;
        }
        let newton = power - slope / bend;
        let inside = newton.is_finite() && newton > low && newton < high;
        let next = if inside { newton } else { f64::midpoint(low, high) };
        if (next - power).abs() < 1e-6 {
            return next;
        }
        power = next;
    }
    power
}

/// Logarithms of the probabilities of some rows.
struct Logs {
    width: usize,
    values: Vec<f64>,
    truth: Vec<u32>,
    weights: Vec<f64>,
}

impl Logs {
    /// Of every so many rows.
    fn of(part: &Part, every: usize) -> Self {
        let rows: Vec<usize> = (0..part.truth.len()).step_by(every).collect();
        let values = rows.iter().flat_map(|&row| part.predictions.row(row));
        Self {
            width: part.predictions.width(),
            values: values.map(|p| log_probability(*p)).collect(),
            truth: rows.iter().map(|&row| part.truth[row]).collect(),
            weights: rows.iter().map(|&row| part.weights[row]).collect(),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (&[f64], usize, f64)> {
        let truth = self.truth.iter().map(|&class| class as usize);
        let rows = self.values.chunks_exact(self.width).zip(truth);
        rows.zip(&self.weights).map(|((logs, class), weight)| (logs, class, *weight))
    }

    /// The mean log loss of the probabilities to a power.
    fn loss(&self, power: f64) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (logs, class, weight) in self.rows() {
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let norm: f64 = logs.iter().map(|l| (power * (l - most)).exp()).sum();
            sum += weight * (norm.ln() - power * (logs[class] - most));
            total += weight;
        }
        sum / total
    }

    /// The derivative of the summed log loss by the power, and the second one.
    fn slope(&self, power: f64) -> (f64, f64) {
        let (mut slope, mut bend) = (0.0, 0.0);
        for (logs, class, weight) in self.rows() {
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let (mut norm, mut first, mut second) = (0.0, 0.0, 0.0);
            for l in logs {
                let e = (power * (l - most)).exp();
                norm += e;
                first += e * l;
                second += e * l * l;
            }
            let mean = first / norm;
            slope += weight * (mean - logs[class]);
            bend += weight * (second / norm - mean * mean);
        }
        (slope, bend)
    }
}

/// What rows of a part lose, given their classes, predictions and weights.
type LossOf<'a> = dyn Fn(&[u32], &Predictions, Option<&[f64]>) -> Option<f64> + 'a;

/// The cut of least loss; `None` where it is no better than an even one.
fn cut(parts: &[Part], weighted: bool, loss: &LossOf<'_>) -> Option<Found> {
    let ladders: Vec<Ladder> = parts.iter().map(Ladder::of).collect();
    let tried = cuts(parts)?;
    // By cut, then part.
    let losses: Vec<Vec<f64>> = tried
        .iter()
        .map(|&cut| ladders.iter().map(|part| part.loss(cut, loss)).collect::<Option<Vec<f64>>>())
        .collect::<Option<_>>()?;
    let best = |left_out: Option<usize>| {
        let mean = |of: &[f64]| {
            let parts = of.iter().enumerate().filter(|(i, _)| Some(*i) != left_out);
            parts.map(|(i, loss)| ladders[i].weight() * loss).sum::<f64>()
        };
        (0..tried.len()).min_by(|&a, &b| mean(&losses[a]).total_cmp(&mean(&losses[b])))
    };
    let without: Vec<usize> = (0..parts.len()).map(|i| best(Some(i))).collect::<Option<_>>()?;
    let pairs = parts.iter().enumerate().map(|(i, part)| {
        let weights = weighted.then_some(part.weights.as_slice());
        Some((loss(&part.truth, &part.predictions, weights)?, losses[without[i]][i]))
    });
    let pairs: Vec<(f64, f64)> = pairs.collect::<Option<_>>()?;
    let of_all = tried[best(None)?];
    is_better(&pairs)
        .then(|| Found { of_all, without: without.iter().map(|&at| tried[at]).collect() })
}

/// The cuts that are tried: between what is predicted of some row and its neighbour, so that rounding
/// moves none across; below rows of the second class and above rows of the first, since the best one lies
/// there, however rare a class is. `None` where a class has too few rows.
fn cuts(parts: &[Part]) -> Option<Vec<f64>> {
    let of = |part: &Part, row: usize| (part.predictions.row(row)[1], part.truth[row]);
    let rows = parts.iter().flat_map(|part| (0..part.truth.len()).map(move |row| of(part, row)));
    let mut rows: Vec<(f64, u32)> = rows.collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut cuts = vec![];
    for class in [0, 1] {
        let places: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].1 == class).collect();
        if places.len() < FEWEST {
            return None;
        }
        for &at in places.iter().step_by(places.len().div_ceil(CUTS)) {
            let here = rows[at].0;
            let next = if class == 0 {
                rows.get(rows.partition_point(|(p, _)| *p <= here))
            } else {
                rows[..rows.partition_point(|(p, _)| *p < here)].last()
            };
            cuts.extend(next.map(|(p, _)| f64::midpoint(here, *p)));
        }
    }
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    Some(cuts)
}

/// The rows of a part by what is predicted of them, and the weight of each class up to each.
struct Ladder {
    predicted: Vec<f64>,
    /// One more than rows: the first is of none of them.
    weights: Vec<[f64; 2]>,
}

impl Ladder {
    fn of(part: &Part) -> Self {
        let mut order: Vec<usize> = (0..part.truth.len()).collect();
        let predicted = |row: usize| part.predictions.row(row)[1];
        order.sort_by(|&a, &b| predicted(a).total_cmp(&predicted(b)));
        let mut sum = [0.0; 2];
        let mut weights = vec![sum];
        for &row in &order {
            sum[part.truth[row] as usize] += part.weights[row];
            weights.push(sum);
        }
        Self { predicted: order.iter().map(|&row| predicted(row)).collect(), weights }
    }

    fn weight(&self) -> f64 {
        self.weights[self.predicted.len()].iter().sum()
    }

    /// What the part loses with a cut: a measure of labels sees how much of each class has which label.
    fn loss(&self, cut: f64, loss: &LossOf<'_>) -> Option<f64> {
        let below = self.weights[self.predicted.partition_point(|p| *p < cut)];
        let all = self.weights[self.predicted.len()];
        let (mut truth, mut labels, mut weights) = (vec![], vec![], vec![]);
        for class in [0, 1] {
            for (label, weight) in [(0.0, below[class]), (1.0, all[class] - below[class])] {
                if weight > 0.0 {
                    truth.push(class as u32);
                    labels.push(label);
                    weights.push(weight);
                }
            }
        }
        loss(&truth, &Predictions::binary(labels), Some(&weights))
    }
}

#[cfg(test)]
#[path = "calibrate_tests.rs"]
mod tests;
