//! Sets of classes that hold the true one.
//!
//! The score of a row is 1 less the probability of its true class; a class is in the set where its own score
//! would not be among the largest of the rows of that class. So every class is held as often as asked for, a
//! rare one too, and with them all rows are. Classes of few rows share their scores. The predicted class is
//! always in, so that no set is empty: sure models hold more than is asked for.
//!
//! Reference: Sadinle, Lei, Wasserman, "Least ambiguous set-valued classifiers with bounded error levels", JASA
//! 114, 2019 (class-specific coverage); Romano, Sesia, Candès, "Classification with valid and adaptive
//! coverage", NeurIPS 2020, for sets that adapt to rows rather than classes.

use super::scores::Scores;
use super::{SHARES, falling};
use ruska_core::codec;
use serde::{Deserialize, Serialize};

/// Rows from which on a class has scores of its own.
const OWN: usize = 100;
/// What rounding may make of a score.
const ROUNDING: f64 = 1e-12;

/// Scores of the rows of each class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sets {
    /// For each class the group of classes whose scores it shares, from 0.
    #[serde(with = "codec::packed")]
    groups: Vec<u32>,
    /// For each group the largest score that a class of a set has, by falling share.
    #[serde(with = "codec::packed")]
    largest: Vec<f64>,
}

impl Sets {
    /// From the true class, score and weight above 0 of rows; `None` where there are none.
    pub(super) fn of(rows: Vec<(usize, f64, f64)>, classes: usize) -> Option<Self> {
        if rows.is_empty() {
            return None;
        }
        let mut counts = vec![0; classes];
        rows.iter().for_each(|(class, ..)| counts[*class] += 1);
        // Those of few rows come last, together.
        let own = counts.iter().filter(|n| **n >= OWN).count();
        let mut next = 0;
        let group = |n: &usize| {
            if *n < OWN {
                return own as u32;
            }
            next += 1;
            next - 1
        };
        let groups: Vec<u32> = counts.iter().map(group).collect();
        let mut scores = vec![vec![]; if own < classes { own + 1 } else { own }];
        for (class, score, weight) in rows {
            scores[groups[class] as usize].push((score, weight));
        }
        let largest = scores.into_iter().flat_map(|scores| Scores::of(scores).told(1.0)).collect();
        Some(Self { groups, largest })
    }

    /// The classes of a row of these probabilities, for the share at a place.
    pub(super) fn at(&self, probabilities: &[f64], predicted: usize, place: usize) -> Vec<u32> {
        let within = |(class, p): (usize, &f64)| {
            let largest = self.largest[self.groups[class] as usize * SHARES + place];
            (class == predicted || 1.0 - p <= largest + ROUNDING).then_some(class as u32)
        };
        probabilities.iter().enumerate().filter_map(within).collect()
    }

    pub(super) fn validate(&self, classes: usize) -> Result<(), String> {
        let groups = self.largest.chunks_exact(SHARES);
        let whole = groups.remainder().is_empty() && self.groups.len() == classes;
        let known = self.groups.iter().all(|group| (*group as usize) < groups.len());
        if whole && known && groups.clone().all(falling) {
            return Ok(());
        }
        Err("its sets of classes are out of order".to_owned())
    }
}
