//! What a tree is grown from, and what it must keep to.

use super::gradients::{Scale, Sums};
use super::split::Rule;

/// What a tree must keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowParams {
    /// Most leaves, at least 1.
    pub max_leaves: usize,
    /// Most decisions from root to leaf.
    pub max_depth: u32,
    /// Least number of rows of a leaf, exactly, at least 1. A row of whole-number weight k counts
    /// as k rows. A leaf must also hold that many average rows' share of the hessian.
    pub min_rows: u32,
    /// Least sum of hessians of a leaf, ≥ 0.
    pub min_hessian: f64,
    /// L1 penalty on leaf values, ≥ 0, in units of the gradient.
    pub l1: f64,
    /// L2 penalty on leaf values, ≥ 0, in units of the hessian.
    pub l2: f64,
    /// A split must gain more than this, in units of the loss.
    pub min_gain: f64,
}

impl Default for GrowParams {
    fn default() -> Self {
        Self {
            max_leaves: 31,
            max_depth: u32::MAX,
            min_rows: 20,
            min_hessian: 1e-3,
            l1: 0.0,
            l2: 0.0,
            min_gain: 0.0,
        }
    }
}

/// The rows and columns of one tree.
pub(crate) struct Job<'a> {
    /// Packed gradient and hessian of every row.
    pub(crate) words: &'a [u64],
    pub(crate) scale: Scale,
    /// The rows to learn from; all, if `None`.
    pub(crate) rows: Option<&'a [u32]>,
    /// How many rows each row stands for; one, if `None`.
    pub(crate) masses: Option<&'a [u32]>,
    /// The columns to choose from.
    pub(crate) columns: &'a [u32],
    pub(crate) params: GrowParams,
}

impl Job<'_> {
    /// Number of rows that some rows stand for.
    pub(crate) fn mass(&self, rows: &[u32]) -> u64 {
        self.masses
            .map_or(rows.len() as u64, |m| rows.iter().map(|&r| u64::from(m[r as usize])).sum())
    }

    /// The limits in quantised units, given the rows of the tree and their sums.
    pub(crate) fn rule(&self, rows: &[u32], total: Sums) -> Rule {
        let p = &self.params;
        let mass = self.mass(rows).max(1) as f64;
        let min_rows = p.min_rows.max(1);
        let per_row = rows.iter().map(|&r| {
            let hessian = self.words[r as usize] as u32;
            self.masses.map_or(hessian, |m| hessian.div_ceil(m[r as usize].max(1)))
        });
        let share = f64::from(min_rows) * total.h / mass;
        Rule {
            l1: p.l1 * self.scale.g,
            l2: p.l2 * self.scale.h,
            min_gain: p.min_gain * self.scale.g * (self.scale.g / self.scale.h),
            min_hessian: share.max(p.min_hessian * self.scale.h).max(1.0),
            sure_hessian: f64::from(min_rows) * f64::from(per_row.max().unwrap_or(0)),
            min_rows: u64::from(min_rows),
        }
    }
}
