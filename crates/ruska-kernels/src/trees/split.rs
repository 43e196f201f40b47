//! The best split of a column's histogram.
//!
//! A split sends the bins up to one of them left and the rest right; the missing values go to
//! either side, whichever gains more. The gain is G_l² / (H_l + λ₂) + G_r² / (H_r + λ₂) −
//! G² / (H + λ₂) with every |G| lessened by λ₁; all in quantised units, as a common factor does not
//! change which split is best.
//!
//! A leaf's size is bounded below twice. First by its share of the tree's hessian, so that rows
//! already decided do not count in full, as in LightGBM. Then by the true number of rows: often
//! the hessian proves it, else the caller counts the rows of the column that is about to win and
//! asks again with [`Counts`]. So the result is the best split with exact counts, without
//! counting in every histogram.

use super::gradients::Sums;

/// What a split must keep to, in quantised units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// L1 penalty on leaf values.
    pub(crate) l1: f64,
    /// L2 penalty on leaf values.
    pub(crate) l2: f64,
    /// Least gain.
    pub(crate) min_gain: f64,
    /// Least hessian of a child, positive.
    pub(crate) min_hessian: f64,
    /// A child of at least this hessian has enough rows.
    pub(crate) sure_hessian: f64,
    /// Least number of rows of a child.
    pub(crate) min_rows: u64,
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
    pub(crate) fn value(&self, sums: Sums) -> f64 {
        -self.shrunk(sums.g).copysign(sums.g) / (sums.h + self.l2)
    }

    /// The sum of both scores, with one division. Negative where a child is too small.
    #[inline(always)]
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "a branch would keep the loop from vectorising"
    )]
    fn both(&self, left: Sums, total: Sums) -> f64 {
        let right = Sums { g: total.g - left.g, h: total.h - left.h };
        let (gl, gr) = (self.shrunk(left.g), self.shrunk(right.g));
        let (hl, hr) = (left.h + self.l2, right.h + self.l2);
        let gain = (gl * gl * hr + gr * gr * hl) / (hl * hr);
        if (left.h >= self.min_hessian) & (right.h >= self.min_hessian) { gain } else { -1.0 }
    }
}

/// Numbers of rows by bin, in one leaf.
pub(crate) type Counts = [u64; 256];

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
}

/// Buffers of [`Scan::best`].
pub(crate) struct Scan {
    left: [u64; 256],
    bin: [u8; 256],
    gain: [f64; 256],
}

impl Scan {
    pub(crate) fn new() -> Self {
        Self { left: [0; 256], bin: [0; 256], gain: [0.0; 256] }
    }

    /// The best split of a leaf of sums `total` by a column of these cells, the last of which holds
    /// the missing values if `has_missing`. With `counts` the rows of the children are counted.
    pub(crate) fn best(
        &mut self,
        cells: &[u64],
        has_missing: bool,
        total: u64,
        rule: &Rule,
        counts: Option<&Counts>,
    ) -> Option<Split> {
        let values = cells.len() - usize::from(has_missing);
        let missing = if has_missing { cells[values] } else { 0 };
        let filled = self.prefix(&cells[..values], counts);
        let inner = filled.saturating_sub(1);
        let mut best = None;
        if missing == 0 {
            self.search(inner, 0, total, rule, counts.map(|c| (c, 0)), &mut best);
            if let Some(split) = &mut best {
                // Missing values were not seen here: they follow the weightier side.
                split.missing_left = Sums::of(split.left).h * 2.0 > Sums::of(total).h;
            }
        } else {
            let missing_rows = counts.map_or(0, |c| c[values]);
            self.search(filled, 0, total, rule, counts.map(|c| (c, 0)), &mut best);
            let counts = counts.map(|c| (c, missing_rows));
            self.search(inner, missing, total, rule, counts, &mut best);
        }
        let parent = rule.score(Sums::of(total));
        let mut split = best?;
        split.gain -= parent;
        // What is below the rounding of the division is no gain.
        (split.gain > rule.min_gain && split.gain > 1e-10 * parent).then_some(split)
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

    /// The best of the first `n` prefixes, each with the word `extra` added to its left side.
    fn search(
        &mut self,
        n: usize,
        extra: u64,
        total: u64,
        rule: &Rule,
        counts: Option<(&Counts, u64)>,
        best: &mut Option<Split>,
    ) {
        let total = Sums::of(total);
        let (left, gain) = (&self.left[..n], &mut self.gain[..n]);
        for (gain, &left) in gain.iter_mut().zip(left) {
            *gain = rule.both(Sums::of(left.wrapping_add(extra)), total);
        }
        if let Some((counts, extra)) = counts {
            let all: u64 = counts.iter().sum();
            let (mut rows, mut next) = (extra, 0);
            for (gain, &bin) in gain.iter_mut().zip(&self.bin) {
                rows += counts[next..=usize::from(bin)].iter().sum::<u64>();
                next = usize::from(bin) + 1;
                if rows < rule.min_rows || all - rows < rule.min_rows {
                    *gain = -1.0;
                }
            }
        }
        let top = largest(gain);
        if top <= best.map_or(0.0, |b| b.gain) {
            return;
        }
        let at = gain.iter().position(|&g| g == top).unwrap_or(0);
        let word = left[at].wrapping_add(extra);
        let sums = Sums::of(word);
        *best = Some(Split {
            gain: top,
            bin: self.bin[at],
            missing_left: extra != 0,
            left: word,
            sure: counts.is_some()
                || sums.h >= rule.sure_hessian && total.h - sums.h >= rule.sure_hessian,
        });
    }
}

/// The largest of some numbers, 0 if none is positive. Eight at a time, as one comparison would
/// have to wait for the other.
fn largest(values: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| if b > a { b } else { a };
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
