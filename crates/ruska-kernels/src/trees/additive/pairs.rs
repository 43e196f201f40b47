//! Steps of pairs of columns, and which pairs are worth one.
//!
//! A step is a cut of one column and on either side a cut of the other: four values at most. A pair is
//! ranked by what such a step would gain after the columns alone have done what they can (FAST; Lou et
//! al. 2013).

use super::bag::{Bag, Job, Scratch};
use super::groups::Axis;
use super::mains::within;
use super::{AdditiveParams, Terms, each};
use crate::Stopped;
use crate::trees::gradients::Sums;
use crate::trees::split::{Bounds, Rule, Scan};

/// Pairs that are boosted; a pair is two places in the list of axes.
pub(super) struct Pairs {
    pub(super) axes: Vec<Axis>,
    pub(super) pairs: Vec<[usize; 2]>,
}

impl Pairs {
    /// Whether an axis is in any pair.
    pub(super) fn uses(&self, axis: usize) -> bool {
        self.pairs.iter().any(|pair| pair.contains(&axis))
    }
}

impl Terms for Pairs {
    fn count(&self) -> usize {
        self.pairs.len()
    }

    fn places(&self, term: usize) -> usize {
        self.pairs[term].iter().map(|&axis| self.axes[axis].count()).product()
    }

    fn steps(&self, terms: &[usize], job: &Job<'_>, scratch: &mut Scratch) {
        for (i, &term) in terms.iter().enumerate() {
            let [a, b] = self.pairs[term].map(|axis| &self.axes[axis]);
            let best = Cuts::best(a, b, job, scratch);
            let step = &mut scratch.steps[i];
            step.clear();
            step.resize(self.places(term), 0.0);
            scratch.gains[i] = best.as_ref().map_or(0.0, |best| best.gain);
            if let Some(best) = best {
                best.write(b.count(), step);
            }
        }
    }

    fn add(&self, term: usize, table: &[f64], scores: &mut [f64]) {
        let [a, b] = self.pairs[term].map(|axis| &self.axes[axis]);
        let width = b.count();
        for (score, (&i, &j)) in scores.iter_mut().zip(a.rows.iter().zip(&b.rows)) {
            *score += table[usize::from(i) * width + usize::from(j)];
        }
    }
}

/// Pairs of most promise, best first, ranked by the gradients of all bags.
pub(super) fn ranked(
    bags: &mut [Bag<'_>],
    axes: &[Axis],
    params: &AdditiveParams,
) -> Result<Vec<[usize; 2]>, Stopped> {
    let all: Vec<[usize; 2]> =
        (0..axes.len()).flat_map(|a| (a + 1..axes.len()).map(move |b| [a, b])).collect();
    each(bags, params.threads, |bag| bag.gains(axes, &all))?;
    let mut gains = vec![0.0; all.len()];
    for bag in &*bags {
        gains.iter_mut().zip(&bag.gains).for_each(|(sum, gain)| *sum += gain);
    }
    let mut order: Vec<usize> = (0..all.len()).filter(|&i| gains[i] > 0.0).collect();
    order.sort_by(|&i, &j| gains[j].total_cmp(&gains[i]));
    order.truncate(params.pairs);
    Ok(order.into_iter().map(|i| all[i]).collect())
}

/// The cuts of a step, each the last group on its near side, and the values they make.
pub(super) struct Cuts {
    /// Gain in quantised units.
    pub(super) gain: f64,
    /// The second column is cut first.
    turned: bool,
    first: usize,
    /// Of each side: the cut of the other column, if any, and the values before and after it.
    sides: [(Option<usize>, [f64; 2]); 2],
}

impl Cuts {
    /// The best step of a pair.
    pub(super) fn best(a: &Axis, b: &Axis, job: &Job<'_>, scratch: &mut Scratch) -> Option<Self> {
        let (m, n) = (a.count(), b.count());
        let grid = &mut scratch.grid;
        grid.clear();
        grid.resize(2 * m * n, 0);
        let (grid, turned) = grid.split_at_mut(m * n);
        for (&word, (&i, &j)) in job.words.iter().zip(a.rows.iter().zip(&b.rows)) {
            let cell = &mut grid[usize::from(i) * n + usize::from(j)];
            *cell = cell.wrapping_add(word);
        }
        for (i, row) in grid.chunks_exact(n).enumerate() {
            row.iter().enumerate().for_each(|(j, word)| turned[j * m + i] = *word);
        }
        let rule = job.rule(grid.iter().fold(0, |sum: u64, w| sum.wrapping_add(*w)));
        let plain = Self::by_rows(grid, n, &rule, &mut scratch.scan);
        let turned = Self::by_rows(turned, m, &rule, &mut scratch.scan);
        match (plain, turned) {
            (Some(a), Some(b)) if b.gain > a.gain => Some(Self { turned: true, ..b }),
            (None, Some(b)) => Some(Self { turned: true, ..b }),
            (a, _) => a,
        }
    }

    /// The best step whose first cut is between rows of the grid.
    fn by_rows(grid: &[u64], width: usize, rule: &Rule, scan: &mut Scan) -> Option<Self> {
        let (mut near, mut far) = ([0u64; 256], [0u64; 256]);
        let (near, far) = (&mut near[..width], &mut far[..width]);
        for row in grid.chunks_exact(width) {
            far.iter_mut().zip(row).for_each(|(sum, word)| *sum = sum.wrapping_add(*word));
        }
        let total = |cells: &[u64]| cells.iter().fold(0u64, |sum, w| sum.wrapping_add(*w));
        let all = total(far);
        let whole = rule.score(Sums::of(all));
        let mut best: Option<Self> = None;
        for (first, row) in grid.chunks_exact(width).enumerate() {
            for ((near, far), word) in near.iter_mut().zip(&mut *far).zip(row) {
                *near = near.wrapping_add(*word);
                *far = far.wrapping_sub(*word);
            }
            let here = total(near);
            let sums = [here, all.wrapping_sub(here)];
            if sums.iter().any(|s| Sums::of(*s).h < rule.min_hessian) {
                continue;
            }
            let cuts = [&*near, &*far].map(|cells| scan.best(&within(cells, total(cells)), rule));
            let of_sides: f64 = sums.iter().map(|s| rule.score(Sums::of(*s))).sum();
            let gain = of_sides - whole + cuts.iter().flatten().map(|cut| cut.gain).sum::<f64>();
            if gain > best.as_ref().map_or(0.0, |b| b.gain) {
                let value = |word: u64| rule.value(Sums::of(word), Bounds::NONE);
                let side = |i: usize| match cuts[i] {
                    None => (None, [value(sums[i]); 2]),
                    Some(cut) => {
                        let values = [cut.left, sums[i].wrapping_sub(cut.left)].map(value);
                        (Some(usize::from(cut.bin)), values)
                    }
                };
                let sides = [side(0), side(1)];
                best = Some(Self { gain, turned: false, first, sides });
            }
        }
        best
    }

    /// Writes the values into a table of rows of a width.
    fn write(&self, width: usize, step: &mut [f64]) {
        for (place, value) in step.iter_mut().enumerate() {
            let (i, j) = (place / width, place % width);
            let (i, j) = if self.turned { (j, i) } else { (i, j) };
            let (cut, values) = self.sides[usize::from(i > self.first)];
            *value = values[usize::from(cut.is_some_and(|cut| j > cut))];
        }
    }
}
