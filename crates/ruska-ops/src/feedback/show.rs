//! What versions turned out to be worth.

use super::join::counted;
use super::period::Period;
use crate::Error;
use crate::register;
use ruska::evaluation::{Score, scores_of};
use ruska::{Predictions, Scorer, Store, TaskKind, Truth, class_position, spelt_number};
use serde::Serialize;
use std::collections::BTreeMap;

/// What became of a model's predictions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Feedback {
    /// The model.
    pub model: String,
    /// Ids that outcomes are known of and no prediction.
    pub unpredicted: u64,
    /// Its versions that have predicted, in the order of their numbers.
    pub versions: Vec<VersionScores>,
}

/// What became of a version's predictions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VersionScores {
    /// The version.
    pub version: u32,
    /// Id of the measure it was chosen by.
    pub metric: String,
    /// All of its predictions.
    pub all: PeriodScores,
    /// The same by when they were made, oldest first.
    pub periods: Vec<PeriodScores>,
}

/// What became of the predictions of a stretch of time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PeriodScores {
    /// Its first day, UTC; none where it is all time.
    pub from: Option<String>,
    /// Ids predicted, each counted where its prediction counts.
    pub predicted: u64,
    /// Those of them whose outcome is known.
    pub known: u64,
    /// Those whose prediction was made after the outcome was so.
    pub late: u64,
    /// Those whose outcome is none of the model's classes, or no number; they are not measured.
    pub unreadable: u64,
    /// Why the metric is not among the scores although outcomes are measured; none where it is.
    pub unmeasured: Option<String>,
    /// The metric first, then the usual measures, as far as they are defined, with 95 % intervals.
    pub scores: Vec<Score>,
}

impl PeriodScores {
    /// Share of the predictions whose outcome is known.
    pub fn share(&self) -> f64 {
        self.known as f64 / self.predicted.max(1) as f64
    }
}

/// Rows of one version and period.
#[derive(Default)]
struct Rows {
    predicted: u64,
    known: u64,
    late: u64,
    unreadable: u64,
    numbers: Vec<f64>,
    codes: Vec<u32>,
    values: Vec<f64>,
}

/// Measures every version of a model by the outcomes that are known, over all time and by period.
/// Memory grows with the outcomes.
///
/// Fails when the register has no such model or the store cannot be read.
pub fn show(store: &Store, model: &str, by: Option<Period>) -> Result<Feedback, Error> {
    register::state(store, model)?;
    let scorers = store.scorers(model)?;
    let mut rows: BTreeMap<(u32, Option<String>), Rows> = BTreeMap::new();
    let mut unpredicted = 0;
    store.each_id(model, |history| {
        let Some(counted) = counted(history) else {
            unpredicted += 1;
            return;
        };
        let (version, at_ms) = (counted.prediction.version, counted.prediction.at_ms);
        let Some(scorer) = scorers.get(&version) else { return };
        let period = by.map(|by| by.start(at_ms).to_string());
        let row = rows.entry((version, period)).or_default();
        row.predicted += 1;
        let Some(outcome) = counted.outcome else { return };
        row.known += 1;
        row.late += u64::from(counted.late);
        row.add(scorer, &counted.prediction.numbers, outcome);
    })?;
    let versions = scorers.iter().filter_map(|(version, scorer)| {
        let mut of: Vec<(Option<String>, Rows)> = vec![];
        while let Some(entry) = rows.first_entry().filter(|e| e.key().0 == *version) {
            let ((_, period), rows) = entry.remove_entry();
            of.push((period, rows));
        }
        (!of.is_empty()).then(|| version_scores(*version, scorer, of))
    });
    let versions = versions.collect();
    Ok(Feedback { model: model.to_owned(), unpredicted, versions })
}

fn version_scores(version: u32, scorer: &Scorer, of: Vec<(Option<String>, Rows)>) -> VersionScores {
    let mut all = Rows::default();
    let mut periods = vec![];
    for (from, rows) in of {
        all.extend(&rows);
        if from.is_some() {
            periods.push(rows.scores(scorer, from));
        }
    }
    VersionScores { version, metric: scorer.metric.clone(), all: all.scores(scorer, None), periods }
}

/// The measures told: the metric, and those that are usual for the task.
fn metrics(scorer: &Scorer) -> Vec<&str> {
    let usual: &[&str] = match (scorer.task, scorer.classes.len()) {
        (TaskKind::Regression, _) => &["rmse", "mae", "r2"],
        (_, 2) => &["auc", "logloss", "accuracy", "f1"],
        _ => &["logloss", "accuracy", "balanced_accuracy"],
    };
    let mut metrics = vec![scorer.metric.as_str()];
    metrics.extend(usual.iter().filter(|id| **id != scorer.metric));
    metrics
}

impl Rows {
    /// Adds a row, if its outcome is one that the model knows.
    fn add(&mut self, scorer: &Scorer, numbers: &[f64], outcome: &str) {
        let width = scorer.classes.len().max(1);
        let code = class_position(&scorer.classes, outcome);
        let value = spelt_number(outcome, None);
        match (scorer.task, code, value) {
            _ if numbers.len() != width => self.unreadable += 1,
            (TaskKind::Regression, _, Some(value)) => self.values.push(value),
            (TaskKind::Classification, Some(code), _) => self.codes.push(code as u32),
            _ => self.unreadable += 1,
        }
        if self.codes.len() + self.values.len() > self.numbers.len() / width {
            self.numbers.extend_from_slice(numbers);
        }
    }

    fn extend(&mut self, other: &Self) {
        self.predicted += other.predicted;
        self.known += other.known;
        self.late += other.late;
        self.unreadable += other.unreadable;
        self.numbers.extend_from_slice(&other.numbers);
        self.codes.extend_from_slice(&other.codes);
        self.values.extend_from_slice(&other.values);
    }

    /// Why a metric of these rows is no number.
    fn why_not(&self, scorer: &Scorer) -> String {
        let Scorer { metric, classes, .. } = scorer;
        let values = || self.values.iter().chain(&self.numbers);
        let largest = values().copied().max_by(|a, b| a.abs().total_cmp(&b.abs()));
        // Beyond it a sum of squared errors may exceed the greatest number.
        let most = (f64::MAX / self.values.len().max(1) as f64).sqrt();
        let one = |code: &&u32| self.codes.iter().all(|other| other == *code);
        match (largest.filter(|v| v.abs() > most), self.codes.first().filter(one)) {
            (Some(value), _) if scorer.task == TaskKind::Regression => {
                format!("numbers as large as {value:e} have errors too large for {metric}")
            }
            (_, Some(code)) => {
                let class = classes.get(*code as usize).map_or("", String::as_str);
                format!("every outcome is `{class}`, of which alone {metric} says nothing")
            }
            _ => format!("{metric} is undefined for these outcomes"),
        }
    }

    fn scores(self, scorer: &Scorer, from: Option<String>) -> PeriodScores {
        let width = scorer.classes.len().max(1);
        let (measured, why) = (self.codes.len() + self.values.len(), self.why_not(scorer));
        let predictions = Predictions::new(width, self.numbers);
        let (truth, predictions) = if scorer.task == TaskKind::Regression {
            (Truth::Values(self.values), predictions)
        } else {
            let positive = scorer.classes.iter().position(|c| Some(c) == scorer.positive.as_ref());
            let truth = Truth::Classes {
                codes: self.codes,
                n_classes: width,
                positive: positive.unwrap_or(0) as u32,
            };
            let predictions = match scorer.cut {
                Some(cut) => predictions.with_cut(cut),
                None => predictions,
            };
            (truth, predictions)
        };
        let scores = scores_of(truth, predictions, &scorer.classes, &metrics(scorer));
        let told = scores.iter().any(|score| score.metric == scorer.metric);
        PeriodScores {
            from,
            predicted: self.predicted,
            known: self.known,
            late: self.late,
            unreadable: self.unreadable,
            unmeasured: (measured > 0 && !told).then_some(why),
            scores,
        }
    }
}
