//! The best split of a column's histogram.
//!
//! A split of numbers sends the bins up to one of them left and the rest right; the missing values
//! go to either side, whichever gains more. A split of categories sends a set of levels left, see
//! [`super::subset`]. The gain is G_l² / (H_l + λ₂) + G_r² / (H_r + λ₂) − G² / (H + λ₂) with every
//! |G| lessened by λ₁; all in quantised units, as a common factor does not change which split is
//! best. Where leaf values are bounded, the gain is that of the bounded values.
//!
//! A leaf's size is bounded below twice. First by its share of the tree's hessian, so that rows
//! already decided do not count in full, as in LightGBM. Then by the true number of rows: often
//! the hessian proves it, else the caller counts the rows of the column that is about to win and
//! asks again with [`Counts`]. So the result is the best split with exact counts, without
//! counting in every histogram.

use super::gradients::Sums;
use super::random::mix;
use super::subset::each_bin;
use crate::simd::for_widest;

/// What a split must keep to, in quantised units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// L1 penalty on leaf values.
    pub(crate) l1: f64,
    /// L2 penalty on leaf values.
    pub(crate) l2: f64,
    /// L2 penalty added where levels are sorted by their gradient.
    pub(crate) category_l2: f64,
    /// Hessian added to that of each level when they are sorted.
    pub(crate) category_smooth: f64,
    /// Least gain.
    pub(crate) min_gain: f64,
    /// Least hessian of a child, positive.
    pub(crate) min_hessian: f64,
    /// A child of at least this hessian has enough rows.
    pub(crate) sure_hessian: f64,
    /// Least number of rows of a child.
    pub(crate) min_rows: u64,
}

/// Least and greatest value a leaf may have, in quantised units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Bounds {
    pub(crate) const NONE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
}

impl Rule {
    #[inline(always)]
    fn shrunk(&self, g: f64) -> f64 {
        let g = g.abs() - self.l1;
        if g > 0.0 { g } else { 0.0 }
    }

    /// T(G)² / (H + λ₂): how much a leaf of these sums lowers twice the loss.
    pub(crate) fn score(&self, sums: Sums) -> f64 {
        let g = self.shrunk(sums.g);
        g * g / (sums.h + self.l2)
    }

    /// The value of a leaf of these sums.
    pub(crate) fn value(&self, sums: Sums, bounds: Bounds) -> f64 {
        let curvature = sums.h + self.l2;
        let free = -self.shrunk(sums.g).copysign(sums.g) / curvature;
        // A leaf without rows has nothing to say.
        let free = if curvature > 0.0 { free } else { 0.0 };
        free.clamp(bounds.low, bounds.high)
    }

    /// How much a leaf of these sums and this value lowers twice the loss.
    fn score_at(&self, sums: Sums, value: f64) -> f64 {
        let bowl = 2.0 * sums.g * value + (sums.h + self.l2) * value * value;
        -(bowl + 2.0 * self.l1 * value.abs())
    }

    /// The sum of both scores, with one division. Negative where a child is too small.
    #[inline(always)]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "a branch would keep the loop from vectorising"
    )]
    pub(crate) fn both(&self, left: Sums, total: Sums) -> f64 {
        let right = Sums { g: total.g - left.g, h: total.h - left.h };
        let (gl, gr) = (self.shrunk(left.g), self.shrunk(right.g));
        let (hl, hr) = (left.h + self.l2, right.h + self.l2);
        let gain = (gl * gl * hr + gr * gr * hl) / (hl * hr);
        if (left.h >= self.min_hessian) & (right.h >= self.min_hessian) { gain } else { -1.0 }
    }

    /// The same with bounded values, of which the right one must not be on the wrong side of the
    /// left one where the column has a direction; `None` where a child is too small or they do.
    fn children(&self, left: Sums, total: Sums, bounds: Bounds, direction: i8) -> Option<f64> {
        if bounds == Bounds::NONE && direction == 0 {
            return Some(self.both(left, total)).filter(|both| *both >= 0.0);
        }
        let right = Sums { g: total.g - left.g, h: total.h - left.h };
        if left.h < self.min_hessian || right.h < self.min_hessian {
            return None;
        }
        let (a, b) = (self.value(left, bounds), self.value(right, bounds));
        let wrong = f64::from(direction) * (b - a) < 0.0;
        (!wrong).then(|| self.score_at(left, a) + self.score_at(right, b))
    }

    /// How much the node lowers twice the loss while it is whole.
    fn parent(&self, total: Sums, bounds: Bounds) -> f64 {
        if bounds == Bounds::NONE {
            self.score(total)
        } else {
            self.score_at(total, self.value(total, bounds))
        }
    }

    fn parting(&self, total: Sums) -> Parting {
        let (l2, min) = (self.l2, self.min_hessian);
        Parting { slope: total.g / (total.h + 2.0 * l2), l2, min, total: total.h }
    }
}

/// What the gains of a node's splits depend on, where there is no L1 penalty.
#[derive(Clone, Copy)]
struct Parting {
    /// G / (H + 2λ₂).
    slope: f64,
    l2: f64,
    /// Least hessian of a child.
    min: f64,
    /// H.
    total: f64,
}

for_widest! {
    /// How far both children are apart: (G_l − G (H_l + λ₂) / (H + 2λ₂))² / ((H_l + λ₂) (H_r + λ₂)),
    /// which is the split's gain less a constant, over H + 2λ₂. Nothing cancels out, so that it can
    /// be rounded to single precision. Negative where a child is too small.
    fn gains(left: &[u64], extra: u64, p: &Parting, gain: &mut [f32]) {
        for (gain, &left) in gain.iter_mut().zip(left) {
            let l = Sums::of(left.wrapping_add(extra));
            let (left, right) = (l.h + p.l2, p.total - l.h + p.l2);
            let apart = (l.g - p.slope * left) as f32;
            let value = apart * apart / (left as f32 * right as f32);
            let least = if l.h < p.total - l.h { l.h } else { p.total - l.h };
            *gain = if least < p.min { -1.0 } else { value };
        }
    }
}

/// Numbers of rows by bin, in one leaf.
pub(crate) type Counts = [u64; 256];

/// A set of bins: bit `b % 64` of word `b / 64` is bin `b`.
pub(crate) type Subset = [u64; 4];

/// A column's best split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split {
    /// Gain in quantised units, positive.
    pub(crate) gain: f64,
    /// Last bin that goes left.
    pub(crate) bin: u8,
    /// Missing values go left.
    pub(crate) missing_left: bool,
    /// Sums of the left child.
    pub(crate) left: u64,
    /// Both children surely have enough rows.
    pub(crate) sure: bool,
    /// Of categories: the levels that go left, in place of `bin`.
    pub(crate) subset: Option<Subset>,
}

/// What is known of the bins that hold rows of a leaf.
#[derive(Clone, Copy)]
pub(crate) enum Filled {
    /// Nearly all do.
    Most,
    /// Some do.
    Some,
    /// No others than these do.
    These(Subset),
}

/// A leaf's histogram of a column, and what is asked of it.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    /// The cells; the last one holds the missing values if `has_missing`.
    pub(crate) cells: &'a [u64],
    pub(crate) has_missing: bool,
    /// The bins are levels without an order.
    pub(crate) categorical: bool,
    /// Sums of the leaf.
    pub(crate) total: u64,
    /// Which bins hold rows.
    pub(crate) filled: Filled,
    /// Rows of the leaf by bin, where sizes are to be exact.
    pub(crate) counts: Option<&'a Counts>,
    pub(crate) bounds: Bounds,
    /// Leaf values must rise (1) or fall (−1) with the column; 0 for either.
    pub(crate) direction: i8,
    /// Only one threshold is tried, drawn by this seed.
    pub(crate) random: Option<u64>,
}

/// How the left sides of the candidates come about.
#[derive(Clone, Copy, PartialEq)]
enum Sides {
    /// All bins up to one.
    Prefixes,
    /// One bin each.
    Single,
}

/// Buffers of [`Scan::best`].
pub(crate) struct Scan {
    left: [u64; 256],
    bin: [u8; 256],
    /// What splits gain, less a constant and by a factor; negative where a child is too small.
    gain: [f32; 256],
    /// Levels and their place in the order by gradient.
    order: [u8; 256],
    keys: [f64; 256],
}

impl Scan {
    pub(crate) fn new() -> Self {
        Self { left: [0; 256], bin: [0; 256], gain: [0.0; 256], order: [0; 256], keys: [0.0; 256] }
    }

    /// The best split of the leaf by the column.
    pub(crate) fn best(&mut self, q: &Query<'_>, rule: &Rule) -> Option<Split> {
        let best = if q.categorical { self.of_levels(q, rule) } else { self.of_numbers(q, rule) };
        let total = Sums::of(q.total);
        let parent = rule.parent(total, q.bounds);
        let mut split = best?;
        split.gain -= parent;
        // What is below the rounding of the division is no gain.
        (split.gain > rule.min_gain && split.gain > 1e-10 * parent.abs()).then_some(split)
    }

    fn of_numbers(&mut self, q: &Query<'_>, rule: &Rule) -> Option<Split> {
        let values = q.cells.len() - usize::from(q.has_missing);
        let missing = if q.has_missing { q.cells[values] } else { 0 };
        let filled = match q.filled {
            Filled::Most if q.counts.is_none() && q.random.is_none() => {
                self.sums(&q.cells[..values])
            }
            Filled::These(touched) if q.counts.is_none() => {
                self.touched(&q.cells[..values], &touched)
            }
            _ => self.prefix(&q.cells[..values], q.counts),
        };
        let inner = filled.saturating_sub(1);
        let range = |n: usize| match q.random {
            Some(seed) if inner > 0 => {
                let at = mix(seed) as usize % inner;
                at..at + 1
            }
            _ => 0..n,
        };
        let mut best = None;
        if missing == 0 {
            self.search(range(inner), 0, 0, Sides::Prefixes, q, rule, &mut best);
            if let Some(split) = &mut best {
                // Missing values were not seen here: they follow the weightier side.
                split.missing_left = Sums::of(split.left).h * 2.0 > Sums::of(q.total).h;
            }
        } else {
            let missing_rows = q.counts.map_or(0, |c| c[values]);
            self.search(range(filled), 0, 0, Sides::Prefixes, q, rule, &mut best);
            let inner = range(inner);
            self.search(inner, missing, missing_rows, Sides::Prefixes, q, rule, &mut best);
        }
        best
    }

    /// The best set of levels; missing values are one level more.
    fn of_levels(&mut self, q: &Query<'_>, rule: &Rule) -> Option<Split> {
        let filled = q.cells.iter().filter(|c| **c != 0).count();
        let mut best = None;
        if filled <= super::subset::ONE_HOT || q.random.is_some() {
            let mut n = 0;
            for (i, &cell) in q.cells.iter().enumerate().filter(|(_, c)| **c != 0) {
                (self.left[n], self.bin[n]) = (cell, i as u8);
                n += 1;
            }
            let range = match q.random {
                Some(seed) if n > 0 => {
                    let at = mix(seed) as usize % n;
                    at..at + 1
                }
                _ => 0..n,
            };
            self.search(range, 0, 0, Sides::Single, q, rule, &mut best);
            if let Some(split) = &mut best {
                split.subset = Some(super::subset::of([split.bin]));
            }
        } else {
            let n = super::subset::sort(q.cells, rule, &mut self.order, &mut self.keys);
            let (mut cells, mut counts) = ([0; 256], [0; 256]);
            for (i, &level) in self.order[..n].iter().enumerate() {
                cells[i] = q.cells[usize::from(level)];
                counts[i] = q.counts.map_or(0, |c| c[usize::from(level)]);
            }
            let counts = q.counts.is_some().then_some(&counts);
            let n = self.prefix(&cells[..n], counts).saturating_sub(1);
            let rule = Rule { l2: rule.l2 + rule.category_l2, ..*rule };
            let q = Query { counts, direction: 0, ..*q };
            self.search(0..n, 0, 0, Sides::Prefixes, &q, &rule, &mut best);
            if let Some(split) = &mut best {
                let left = &self.order[..=usize::from(split.bin)];
                split.subset = Some(super::subset::of(left.iter().copied()));
            }
        }
        if let Some(split) = &mut best {
            split.missing_left = match split.subset {
                Some(subset) if q.has_missing && q.cells[q.cells.len() - 1] != 0 => {
                    super::subset::holds(&subset, q.cells.len() as u8 - 1)
                }
                _ => Sums::of(split.left).h * 2.0 > Sums::of(q.total).h,
            };
        }
        best
    }

    /// Prefix sums at every bin; returns their number.
    fn sums(&mut self, cells: &[u64]) -> usize {
        let mut sum = 0u64;
        for (i, ((left, bin), &cell)) in
            self.left.iter_mut().zip(&mut self.bin).zip(cells).enumerate()
        {
            sum = sum.wrapping_add(cell);
            *left = sum;
            *bin = i as u8;
        }
        cells.len()
    }

    /// Prefix sums at those of the bins that are not empty; returns their number.
    fn touched(&mut self, cells: &[u64], touched: &Subset) -> usize {
        let (mut filled, mut sum) = (0usize, 0u64);
        each_bin(touched, |bin| {
            let cell = cells.get(bin).copied().unwrap_or(0);
            sum = sum.wrapping_add(cell);
            self.left[filled & 255] = sum;
            self.bin[filled & 255] = bin as u8;
            filled += usize::from(cell != 0);
        });
        filled
    }

    /// Prefix sums at the bins that are not empty; returns their number.
    fn prefix(&mut self, cells: &[u64], counts: Option<&Counts>) -> usize {
        let (mut filled, mut sum) = (0usize, 0u64);
        for (i, &cell) in cells.iter().enumerate() {
            sum = sum.wrapping_add(cell);
            self.left[filled & 255] = sum;
            self.bin[filled & 255] = i as u8;
            filled += usize::from(counts.map_or(cell != 0, |c| c[i] != 0));
        }
        filled
    }

    /// The best of some candidates, each with the word `extra`, of `extra_rows`, added to its left
    /// side.
    #[expect(clippy::too_many_arguments, reason = "the search of one side of one scan")]
    fn search(
        &mut self,
        candidates: std::ops::Range<usize>,
        extra: u64,
        extra_rows: u64,
        sides: Sides,
        q: &Query<'_>,
        rule: &Rule,
        best: &mut Option<Split>,
    ) {
        let total = Sums::of(q.total);
        let (left, gain) = (&self.left[candidates.clone()], &mut self.gain[candidates.clone()]);
        let free = q.bounds == Bounds::NONE && q.direction == 0;
        if free && rule.l1 == 0.0 {
            gains(left, extra, &rule.parting(total), gain);
        } else {
            let parent = rule.parent(total, q.bounds);
            for (gain, &left) in gain.iter_mut().zip(left) {
                let left = Sums::of(left.wrapping_add(extra));
                let both = rule.children(left, total, q.bounds, q.direction);
                *gain = both.map_or(-1.0, |both| (both - parent) as f32);
            }
        }
        if let Some(counts) = q.counts {
            let all: u64 = counts.iter().sum();
            let (mut rows, mut next) = (extra_rows, 0);
            for (gain, &bin) in gain.iter_mut().zip(&self.bin[candidates.clone()]) {
                let bin = usize::from(bin);
                if sides == Sides::Single {
                    rows = counts[bin];
                } else {
                    rows += counts[next..=bin].iter().sum::<u64>();
                    next = bin + 1;
                }
                if rows < rule.min_rows || all - rows < rule.min_rows {
                    *gain = -1.0;
                }
            }
        }
        let top = largest(gain);
        if top <= 0.0 {
            return;
        }
        let at = gain.iter().position(|&g| g == top).unwrap_or(0);
        let word = left[at].wrapping_add(extra);
        let sums = Sums::of(word);
        let both = rule.children(sums, total, q.bounds, q.direction).unwrap_or(0.0);
        if best.is_some_and(|b| b.gain >= both) {
            return;
        }
        *best = Some(Split {
            gain: both,
            bin: self.bin[candidates.start + at],
            missing_left: extra != 0,
            left: word,
            sure: q.counts.is_some()
                || sums.h >= rule.sure_hessian && total.h - sums.h >= rule.sure_hessian,
            subset: None,
        });
    }
}

/// The largest of some numbers, 0 if none is positive. Eight at a time, as one comparison would
/// have to wait for the other.
fn largest(values: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let mut lanes = [0.0; 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, v);
        }
    }
    lanes.iter().chain(rest).copied().fold(0.0, larger)
}
