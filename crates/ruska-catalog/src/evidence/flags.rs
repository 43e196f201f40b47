//! Dense columns of which only matters whether there is something.

use super::Labels;
use crate::sound::{all_finite, ascending, count};
use ruska_core::codec;
use serde::{Deserialize, Serialize};

/// How often each column is not zero in each class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flags {
    /// Which dense columns.
    #[serde(with = "codec::packed")]
    columns: Vec<u32>,
    /// Logarithm of the share of zeros: column after column, one a class.
    #[serde(with = "codec::packed")]
    absent: Vec<f64>,
    /// Logarithm of the share of the others, likewise.
    #[serde(with = "codec::packed")]
    present: Vec<f64>,
}

impl Flags {
    /// Adds a column.
    pub(crate) fn push(&mut self, column: usize, values: &[f64], labels: &Labels<'_>, alpha: f64) {
        let mut counts = vec![[0.0; 2]; labels.classes];
        for (row, class, w) in labels.heavy().filter(|(row, ..)| !values[*row].is_nan()) {
            counts[class][usize::from(values[row] != 0.0)] += w;
        }
        self.columns.push(column as u32);
        for [zeros, others] in counts {
            let total = zeros + others + 2.0 * alpha;
            self.absent.push(((zeros + alpha) / total).ln());
            self.present.push(((others + alpha) / total).ln());
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Adds to the scores of rows what their values say.
    pub(crate) fn add(&self, dense: &[&[f64]], rows: &[u32], classes: usize, scores: &mut [f64]) {
        let logs = self.absent.chunks_exact(classes).zip(self.present.chunks_exact(classes));
        for (&column, (absent, present)) in self.columns.iter().zip(logs) {
            let values = dense[column as usize];
            for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
                let value = values[row as usize];
                if !value.is_nan() {
                    let logs = if value == 0.0 { absent } else { present };
                    scores.iter_mut().zip(logs).for_each(|(score, log)| *score += log);
                }
            }
        }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self, dense: usize, classes: usize) -> Result<(), String> {
        ascending("flags", &self.columns, dense)?;
        count("shares of zeros", self.absent.len(), [self.columns.len(), classes])?;
        count("shares of others", self.present.len(), [self.columns.len(), classes])?;
        all_finite("shares of flags", self.absent.iter().chain(&self.present))
    }
}
