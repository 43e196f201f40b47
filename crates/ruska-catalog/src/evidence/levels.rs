//! Categories: how often each level occurs in each class.

use super::Labels;
use crate::sound::{all_finite, count, ensure};
use ruska_core::{StrColumn, codec};
use serde::{Deserialize, Serialize};

/// A categorical column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Levels {
    name: String,
    /// The levels of training rows, in lexicographic order.
    texts: Vec<String>,
    /// Logarithm of the share of each level: level after level, one a class.
    #[serde(with = "codec::packed")]
    logs: Vec<f64>,
}

impl Levels {
    /// Counts a column.
    pub(crate) fn of(name: &str, column: &StrColumn, labels: &Labels<'_>, alpha: f64) -> Self {
        let (known, classes) = (column.levels.len(), labels.classes);
        let mut counts = vec![0.0; known * classes];
        let mut totals = vec![0.0; classes];
        for (row, class, w) in labels.heavy() {
            let code = column.codes[row] as usize;
            if code < known {
                counts[code * classes + class] += w;
                totals[class] += w;
            }
        }
        let counts = |level: usize| &counts[level * classes..(level + 1) * classes];
        let mut used: Vec<usize> =
            (0..known).filter(|&level| counts(level).iter().any(|c| *c > 0.0)).collect();
        used.sort_by(|&a, &b| column.levels[a].cmp(&column.levels[b]));
        let log = |(count, total): (&f64, &f64)| {
            ((count + alpha) / (total + alpha * used.len() as f64)).ln()
        };
        let logs = used.iter().flat_map(|&l| counts(l).iter().zip(&totals).map(log)).collect();
        let texts = used.iter().map(|&l| column.levels[l].clone()).collect();
        Self { name: name.to_owned(), texts, logs }
    }

    /// Name of the column.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Adds to the scores of rows what their levels say.
    pub(crate) fn add(&self, column: &StrColumn, rows: &[u32], classes: usize, scores: &mut [f64]) {
        let place = |text: &String| self.texts.binary_search(text).ok();
        let places: Vec<Option<usize>> = column.levels.iter().map(place).collect();
        for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
            let code = column.codes[row as usize] as usize;
            if let Some(place) = places.get(code).copied().flatten() {
                let logs = &self.logs[place * classes..(place + 1) * classes];
                scores.iter_mut().zip(logs).for_each(|(score, log)| *score += log);
            }
        }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self, classes: usize) -> Result<(), String> {
        ensure(self.texts.is_sorted_by(|a, b| a < b), "levels are not in order")?;
        count("shares of levels", self.logs.len(), [self.texts.len(), classes])?;
        all_finite("shares of levels", &self.logs)
    }
}
