//! Sums over buckets of adjacent values, smoothed.
//!
//! The buckets of a fit end with its last value, so that the oldest values may be in none; newer
//! values fill further buckets, which count once they are full.

use super::intervals;
use super::smoothing::Smoothing;
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// The widest bucket.
const WIDEST: usize = 1000;

/// Buckets of one or more widths; the rate is the mean of theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Aggregate {
    widths: Vec<Buckets>,
}

/// Buckets of one width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Buckets {
    width: usize,
    /// Mean of a value over the buckets, smoothed.
    mean: Smoothing,
    /// The share in the mean of the values in the present bucket.
    filling: f64,
    /// Values until the present bucket, or what is before the first, is full.
    missing: usize,
    /// Whether the first bucket has begun.
    begun: bool,
}

impl Aggregate {
    /// Buckets as wide as the mean interval between demands.
    pub(super) fn one(values: &[f64]) -> Self {
        let width = widest(values);
        Self { widths: vec![Buckets::new(values, width)] }
    }

    /// Buckets of all widths up to the mean interval.
    pub(super) fn all(values: &[f64], progress: &dyn Progress) -> Result<Self, Stopped> {
        let each = |width| {
            let buckets = Buckets::new(values, width);
            progress.proceed().then_some(buckets).ok_or(Stopped)
        };
        Ok(Self { widths: (1..=widest(values).min(WIDEST)).map(each).collect::<Result<_, _>>()? })
    }

    pub(super) fn is_sound(&self) -> bool {
        self.widths.iter().all(|b| b.missing > 0 && b.width > 0 && b.mean.is_sound())
    }

    pub(super) fn rate(&self) -> Option<f64> {
        let (mut mean, mut count) = (0.0, 0.0);
        for level in self.widths.iter().filter_map(|b| b.mean.level) {
            count += 1.0;
            mean += (level - mean) / count;
        }
        (count > 0.0).then_some(mean)
    }

    pub(super) fn step(&mut self, value: f64) {
        self.widths.iter_mut().for_each(|buckets| buckets.step(value));
    }
}

impl Buckets {
    /// Buckets that end with the last of the values, of which they have seen none.
    fn new(values: &[f64], width: usize) -> Self {
        let before = values.len() % width;
        let sums: Vec<f64> =
            values[before..].chunks_exact(width).map(|bucket| bucket.iter().sum()).collect();
        let begun = before == 0;
        let missing = if begun { width } else { before };
        Self { width, mean: Smoothing::optimised(&sums), filling: 0.0, missing, begun }
    }

    fn step(&mut self, value: f64) {
        self.missing -= 1;
        if self.begun {
            self.filling += value / self.width as f64;
        }
        if self.missing == 0 {
            if self.begun {
                self.mean.step(self.filling);
            }
            (self.filling, self.missing, self.begun) = (0.0, self.width, true);
        }
    }
}

/// The mean interval between demands, rounded to the nearest and halves to the even number; 1 where
/// there is no demand.
fn widest(values: &[f64]) -> usize {
    let intervals = intervals(values);
    let mean = intervals.iter().sum::<f64>() / intervals.len().max(1) as f64;
    (mean.round_ties_even() as usize).max(1)
}
