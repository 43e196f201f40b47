//! What a tree is grown from, and what it must keep to.

use super::gradients::{Scale, Sums};
use super::parallel::map_parts;
use super::random::{choose, mix};
use super::split::Rule;

/// In which order leaves are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Growth {
    /// The leaf that gains most first.
    #[default]
    LeafWise,
    /// Level by level, in each the leaf that gains most first.
    DepthWise,
    /// All leaves of a level by the same split: symmetric (oblivious) trees of at most
    /// `max_depth` ≤ 16 levels and `max_leaves` leaves.
    Symmetric,
}

/// What a tree must keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowParams {
    /// In which order leaves are split.
    pub growth: Growth,
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
    /// L2 penalty added for splits of more than four levels, ≥ 0.
    pub category_l2: f64,
    /// Hessian added to that of each level when levels are sorted by their gradient, ≥ 0.
    pub category_smooth: f64,
    /// Share of the tree's columns that each level may use, > 0, ≤ 1; rounded up.
    pub level_share: f64,
    /// Share of the level's columns that each node may use, > 0, ≤ 1; rounded up.
    pub node_share: f64,
    /// One random threshold a column and node is tried instead of all (Geurts et al. 2006).
    pub random_thresholds: bool,
    /// Noise by which symmetric splits are chosen, ≥ 0: its standard deviation on the root of the
    /// sum over leaves of G² / H, in units of √(Σ g² / Σ h) (CatBoost's random strength).
    pub random_strength: f64,
}

impl Default for GrowParams {
    fn default() -> Self {
        Self {
            growth: Growth::LeafWise,
            max_leaves: 31,
            max_depth: u32::MAX,
            min_rows: 20,
            min_hessian: 1e-3,
            l1: 0.0,
            l2: 0.0,
            min_gain: 0.0,
            category_l2: 10.0,
            category_smooth: 10.0,
            level_share: 1.0,
            node_share: 1.0,
            random_thresholds: false,
            random_strength: 0.0,
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
    /// The columns to choose from, ascending, each of more than one bin.
    pub(crate) columns: &'a [u32],
    /// For each column of the data 1 or −1, where leaf values must rise or fall with it; else 0.
    /// None has a direction if it is empty.
    pub(crate) monotone: &'a [i8],
    pub(crate) seed: u64,
    pub(crate) threads: usize,
    pub(crate) params: GrowParams,
}

/// Number of rows that some rows stand for.
pub(crate) fn mass(masses: &[u32], rows: &[u32]) -> u64 {
    rows.iter().map(|&r| u64::from(masses[r as usize])).sum()
}

/// Number of some things by their share, at least one.
pub(crate) fn part(all: usize, share: f64) -> usize {
    ((all as f64 * share).ceil() as usize).clamp(all.min(1), all)
}

impl Job<'_> {
    /// In which direction leaf values must go with a column.
    pub(crate) fn direction(&self, column: u32) -> i8 {
        self.monotone.get(column as usize).copied().unwrap_or(0)
    }

    /// Which of the columns a node may use, in their order; all, if left empty.
    pub(crate) fn sample(&self, depth: u32, node: usize, usable: &mut Vec<bool>) {
        usable.clear();
        let (level_share, node_share) = (self.params.level_share, self.params.node_share);
        if level_share >= 1.0 && node_share >= 1.0 {
            return;
        }
        let n = self.columns.len();
        usable.resize(n, false);
        let (mut of_level, mut of_node, mut rest) = (vec![], vec![], vec![]);
        let seed = mix(self.seed ^ mix(u64::from(depth)));
        choose(n, part(n, level_share), seed, &mut of_level, &mut rest);
        let seed = mix(seed ^ mix(!(node as u64)));
        choose(of_level.len(), part(of_level.len(), node_share), seed, &mut of_node, &mut rest);
        of_node.iter().for_each(|&i| usable[of_level[i as usize] as usize] = true);
    }

    /// The seed of a node's threshold in a column, where thresholds are random.
    pub(crate) fn threshold_seed(&self, node: usize, column: u32) -> Option<u64> {
        let seed = || mix(self.seed ^ mix((node as u64) << 32 | u64::from(column)));
        self.params.random_thresholds.then(seed)
    }

    /// The root of the ratio of the sum of squared gradients to that of hessians, in quantised units.
    pub(crate) fn spread(&self, total: u64) -> f64 {
        let of_row = |r: usize| {
            let g = i64::from((self.words[r] >> 32) as i32).unsigned_abs();
            // A word holds the sum of the rows it stands for; squares cannot exceed the square of
            // the sum of sizes, so they fit.
            g * g / self.masses.map_or(1, |m| u64::from(m[r].max(1)))
        };
        let squares: u64 = match self.rows {
            None => (0..self.words.len()).map(of_row).sum(),
            Some(rows) => rows.iter().map(|&r| of_row(r as usize)).sum(),
        };
        (squares as f64 / Sums::of(total).h.max(1.0)).sqrt()
    }

    /// Number of rows that some rows stand for.
    pub(crate) fn mass(&self, rows: &[u32]) -> u64 {
        self.masses.map_or(rows.len() as u64, |m| mass(m, rows))
    }

    /// The sums of the tree's rows, and the limits in quantised units.
    pub(crate) fn rule(&self) -> (u64, Rule) {
        let of_row = |word: u64, m: u32| {
            let one = if m == 1 { word as u32 } else { (word as u32).div_ceil(m.max(1)) };
            (word, one, u64::from(m))
        };
        let both = |a: (u64, u32, u64), b: (u64, u32, u64)| {
            (a.0.wrapping_add(b.0), a.1.max(b.1), a.2 + b.2)
        };
        let mass = |r: usize| self.masses.map_or(1, |m| m[r]);
        let (total, heaviest, mass) = match (self.rows, self.masses) {
            (None, None) => map_parts(self.threads, self.words.len(), |part| {
                self.words[part].iter().map(|&word| of_row(word, 1)).fold((0, 0, 0), both)
            })
            .into_iter()
            .fold((0, 0, 0), both),
            (None, Some(masses)) => {
                self.words.iter().zip(masses).map(|(&w, &m)| of_row(w, m)).fold((0, 0, 0), both)
            }
            (Some(rows), _) => rows
                .iter()
                .map(|&r| of_row(self.words[r as usize], mass(r as usize)))
                .fold((0, 0, 0), both),
        };
        let p = &self.params;
        let min_rows = p.min_rows.max(1);
        let share = f64::from(min_rows) * Sums::of(total).h / mass.max(1) as f64;
        let rule = Rule {
            l1: p.l1 * self.scale.g,
            l2: p.l2 * self.scale.h,
            category_l2: p.category_l2 * self.scale.h,
            category_smooth: p.category_smooth * self.scale.h,
            min_gain: p.min_gain * self.scale.g * (self.scale.g / self.scale.h),
            min_hessian: share.max(p.min_hessian * self.scale.h).max(1.0),
            sure_hessian: f64::from(min_rows) * f64::from(heaviest),
            min_rows: u64::from(min_rows),
        };
        (total, rule)
    }
}
