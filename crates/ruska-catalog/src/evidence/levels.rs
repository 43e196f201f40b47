//! Categories: how often each level occurs in each class.

use super::Labels;
use crate::sound::{all_finite, count};
use crate::steps::Levels as Texts;
use ruska_core::{StrColumn, codec};
use serde::{Deserialize, Serialize};

/// A categorical column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Levels {
    name: String,
    /// The levels of training rows.
    texts: Texts,
    /// Logarithm of the share of each level: level after level, one a class.
    #[serde(with = "codec::packed")]
    logs: Vec<f64>,
}

impl Levels {
    /// Counts a column.
    pub(crate) fn of(name: &str, column: &StrColumn, labels: &Labels<'_>, alpha: f64) -> Self {
        let classes = labels.classes;
        let rows: Vec<u32> = labels.heavy().map(|(row, ..)| row as u32).collect();
        let texts = Texts::of(column, &rows);
        let codes = texts.codes(column);
        let mut counts = vec![0.0; texts.len() * classes];
        let mut totals = vec![0.0; classes];
        for (row, class, w) in labels.heavy() {
            let code = codes[row] as usize;
            if code < texts.len() {
                counts[code * classes + class] += w;
                totals[class] += w;
            }
        }
        let log = |(i, count): (usize, &f64)| {
            ((count + alpha) / (totals[i % classes] + alpha * texts.len() as f64)).ln()
        };
        let logs = counts.iter().enumerate().map(log).collect();
        Self { name: name.to_owned(), texts, logs }
    }

    /// Name of the column.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Adds to the scores of rows what their levels say.
    pub(crate) fn add(&self, column: &StrColumn, rows: &[u32], classes: usize, scores: &mut [f64]) {
        let codes = self.texts.codes(column);
        for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
            let code = codes[row as usize] as usize;
            if code < self.texts.len() {
                let logs = &self.logs[code * classes..(code + 1) * classes];
                scores.iter_mut().zip(logs).for_each(|(score, log)| *score += log);
            }
        }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self, classes: usize) -> Result<(), String> {
        self.texts.validate()?;
        count("shares of levels", self.logs.len(), [self.texts.len(), classes])?;
        all_finite("shares of levels", &self.logs)
    }
}
