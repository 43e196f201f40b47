//! Levels of rows, and how frequent each is in a component.

use super::Mixture;
use crate::clusters::mixed::{MISSING, Mixed};
use crate::clusters::moments::weight_of;
use crate::{Progress, Stopped};

/// What each level of each component counts beside its rows, so that none is impossible.
const PRIOR: f64 = 0.2;
/// Codes between questions whether to go on.
const CODES: usize = 1 << 20;

/// Where levels are counted: a place for each of the first column, one for codes that say nothing,
/// and so on for the other columns.
pub(super) struct Places {
    levels: Vec<u32>,
    firsts: Vec<u32>,
    len: usize,
}

impl Places {
    pub(super) fn new(levels: &[u32]) -> Self {
        let mut len = 0;
        let first = |&count: &u32| {
            let first = len as u32;
            len += count as usize + 1;
            first
        };
        Self { firsts: levels.iter().map(first).collect(), levels: levels.to_vec(), len }
    }

    /// Those of the levels that rows of some weight have: all up to the greatest code.
    pub(super) fn of(
        rows: &Mixed<'_>,
        weights: Option<&[f64]>,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let mut levels = vec![0; rows.width];
        let often = (CODES / rows.width.max(1)).max(1);
        for i in (0..rows.rows).filter(|&i| weight_of(weights, i) > 0.0) {
            if i % often == 0 && !progress.proceed() {
                return Err(Stopped);
            }
            for (count, &code) in levels.iter_mut().zip(rows.row(i).1) {
                if code != MISSING {
                    *count = (*count).max(code + 1);
                }
            }
        }
        Ok(Self::new(&levels))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many levels each column has.
    pub(super) fn levels(&self) -> &[u32] {
        &self.levels
    }

    /// Where each code of a row counts.
    pub(super) fn of_row<'a>(&'a self, codes: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
        let known = self.firsts.iter().zip(&self.levels);
        codes.iter().zip(known).map(|(&code, (first, &levels))| first + code.min(levels))
    }

    /// The frequencies of one component's levels, of what was counted at each place.
    pub(super) fn frequencies<'a>(&'a self, counts: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.firsts.iter().zip(&self.levels).flat_map(|(&first, &levels)| {
            let counts = &counts[first as usize..(first + levels) as usize];
            let all = counts.iter().sum::<f64>() + PRIOR * f64::from(levels);
            counts.iter().map(move |count| (count + PRIOR) / all)
        })
    }

    /// Logarithms of the frequencies at each place of the first component, of the second, and so on.
    pub(super) fn logs(
        &self,
        mixture: &Mixture,
        progress: &dyn Progress,
    ) -> Result<Vec<f64>, Stopped> {
        let mut logs = Vec::with_capacity(mixture.components() * self.len);
        let mut rest = &mixture.frequencies[..];
        for _ in 0..mixture.components() {
            if !progress.proceed() {
                return Err(Stopped);
            }
            for &levels in &self.levels {
                let (own, others) = rest.split_at(levels as usize);
                logs.extend(own.iter().map(|f| f.ln()));
                logs.push(0.0);
                rest = others;
            }
        }
        Ok(logs)
    }
}
