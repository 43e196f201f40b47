//! Sparse blocks: which words rows hold, or how often.

use super::Labels;
use crate::sound::{all_finite, ascending, count};
use ruska_core::{Sparse, codec};
use serde::{Deserialize, Serialize};

/// What a stored value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Weigh {
    /// Its size: rows are draws of words, each with the class's shares (multinomial).
    Counts,
    /// That it is not zero; a word that a row lacks counts too (Bernoulli).
    Presence,
}

/// The columns of all sparse blocks, one after the other, that some training row touches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Words {
    weigh: Weigh,
    #[serde(with = "codec::packed")]
    columns: Vec<u32>,
    /// What a row without words scores, one a class.
    #[serde(with = "codec::packed")]
    base: Vec<f64>,
    /// What each word adds: column after column, one a class.
    #[serde(with = "codec::packed")]
    each: Vec<f64>,
}

impl Words {
    /// Counts the blocks.
    pub(crate) fn of(blocks: &[&Sparse], weigh: Weigh, labels: &Labels<'_>, alpha: f64) -> Self {
        let classes = labels.classes;
        let mut words = Self { weigh, columns: vec![], base: vec![0.0; classes], each: vec![] };
        let mut rows = vec![0.0; classes];
        labels.heavy().for_each(|(_, class, w)| rows[class] += w);
        let mut shift = 0;
        for block in blocks {
            let mut counts = vec![0.0; block.width * classes];
            for (row, class, w) in labels.heavy() {
                let (columns, values) = block.row(row);
                for (&column, &value) in columns.iter().zip(values) {
                    counts[column as usize * classes + class] += w * weigh.of(value);
                }
            }
            let touched: Vec<(usize, &[f64])> = counts
                .chunks_exact(classes)
                .enumerate()
                .filter(|(_, counts)| counts.iter().any(|c| *c > 0.0))
                .collect();
            let all = |k: usize| touched.iter().map(|(_, c)| c[k] + alpha).sum::<f64>();
            let totals: Vec<f64> = (0..classes).map(all).collect();
            for (column, counts) in touched {
                words.columns.push((shift + column) as u32);
                for (k, count) in counts.iter().enumerate() {
                    match weigh {
                        Weigh::Counts => words.each.push(((count + alpha) / totals[k]).ln()),
                        Weigh::Presence => {
                            let (with, of) = (count + alpha, rows[k] + 2.0 * alpha);
                            let absent = ((of - with) / of).ln();
                            words.base[k] += absent;
                            words.each.push((with / of).ln() - absent);
                        }
                    }
                }
            }
            shift += block.width;
        }
        words
    }

    /// Adds to the scores of rows what their words say.
    pub(crate) fn add(&self, blocks: &[&Sparse], rows: &[u32], scores: &mut [f64]) {
        let classes = self.base.len();
        let width = blocks.iter().map(|b| b.width).sum();
        let mut places = vec![None; width];
        for (place, &column) in self.columns.iter().enumerate() {
            places[column as usize] = Some(place);
        }
        for (scores, &row) in scores.chunks_exact_mut(classes).zip(rows) {
            scores.iter_mut().zip(&self.base).for_each(|(score, base)| *score += base);
            let mut shift = 0;
            for block in blocks {
                let (columns, values) = block.row(row as usize);
                for (&column, &value) in columns.iter().zip(values) {
                    if let Some(place) = places[shift + column as usize] {
                        let (each, x) = (&self.each[place * classes..], self.weigh.of(value));
                        scores.iter_mut().zip(each).for_each(|(score, each)| *score += x * each);
                    }
                }
                shift += block.width;
            }
        }
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self, width: usize, classes: usize) -> Result<(), String> {
        ascending("words", &self.columns, width)?;
        count("scores of no words", self.base.len(), [classes, 1])?;
        count("scores of words", self.each.len(), [self.columns.len(), classes])?;
        all_finite("scores of words", self.base.iter().chain(&self.each))
    }
}

impl Weigh {
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Counts => value.abs(),
            Self::Presence => f64::from(u8::from(value != 0.0)),
        }
    }
}
