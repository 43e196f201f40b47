//! The levels of a text column that occur on training rows.

use crate::sound::ensure;
use ruska_core::{MISSING, StrColumn, UNSEEN};
use serde::{Deserialize, Serialize};

/// Distinct texts in lexicographic order. Codes into this list depend on the training rows only,
/// while those of a frame depend on all its rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Levels(Vec<String>);

impl Levels {
    /// The levels that occur on some rows.
    pub(crate) fn of(column: &StrColumn, rows: &[u32]) -> Self {
        let mut used = vec![false; column.levels.len()];
        for &row in rows {
            if let Some(used) = used.get_mut(column.codes[row as usize] as usize) {
                *used = true;
            }
        }
        let texts = column.levels.iter().zip(&used).filter(|(_, used)| **used);
        Self::sorted(texts.map(|(text, _)| text.clone()).collect())
    }

    /// Distinct texts.
    pub(crate) fn sorted(mut texts: Vec<String>) -> Self {
        texts.sort_unstable();
        Self(texts)
    }

    /// What is wrong with them, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        ensure(self.0.is_sorted_by(|a, b| a < b), "levels are not in order")
    }

    /// The texts; the code of each is its index.
    pub(crate) fn texts(&self) -> &[String] {
        &self.0
    }

    /// The code of a text, if it is one of them.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.0.binary_search_by(|level| level.as_str().cmp(text)).ok().map(|at| at as u32)
    }

    /// The place of each row: that of its level, then one for missing values, then one for levels
    /// that are not known.
    pub(crate) fn places(&self, column: &StrColumn) -> Vec<u32> {
        let known = self.len() as u32;
        let place = |code: u32| match code {
            MISSING => known,
            code => code.min(known + 1),
        };
        self.codes(column).into_iter().map(place).collect()
    }

    /// Number of levels.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The code of each row; [`MISSING`] stays, all that is not known is [`UNSEEN`].
    pub(crate) fn codes(&self, column: &StrColumn) -> Vec<u32> {
        let find = |text: &String| self.0.binary_search(text).map_or(UNSEEN, |i| i as u32);
        let of = |code: u32| match code {
            MISSING => MISSING,
            _ => column.levels.get(code as usize).map_or(UNSEEN, find),
        };
        if column.codes.len() < column.levels.len() {
            return column.codes.iter().map(|&code| of(code)).collect();
        }
        let known: Vec<u32> = column.levels.iter().map(find).collect();
        let look = |&code: &u32| match code {
            MISSING => MISSING,
            _ => known.get(code as usize).copied().unwrap_or(UNSEEN),
        };
        column.codes.iter().map(look).collect()
    }
}
