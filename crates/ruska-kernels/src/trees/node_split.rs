//! The best split of a node of a forest, at the cost of its rows.

use super::BinnedColumn;
use super::compact::Compact;
use super::forest::mean;
use super::gradients::Sums;
use super::random::Stream;
use super::sparse::{ByRow, Entries};
use super::split::Subset;
use super::subset::each_bin;
use super::tree::Node;
use crate::simd::for_widest;

/// A split of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Best {
    pub(super) column: u32,
    /// Last bin that goes left.
    pub(super) bin: u8,
    pub(super) missing_left: bool,
    /// What the split lowers the sum of squares or the impurity, times weight, by.
    pub(super) gain: f64,
}

/// The gain of a split that leaves too few rows.
const NONE: f64 = f64::NEG_INFINITY;

/// Rows of a node.
pub(super) struct Rows<'a> {
    pub(super) numbers: &'a [u32],
    /// Of all rows, packed distance from the centre and mass; empty for more than two classes.
    pub(super) words: &'a [u64],
    pub(super) masses: &'a [u32],
    /// Of all rows, where there are no words.
    pub(super) codes: &'a [f64],
    /// What the numbers count, if not the rows of the columns.
    pub(super) compact: Option<&'a Compact>,
}

impl<'a> Rows<'a> {
    /// The bins of all rows in a dense column.
    pub(super) fn bins(&self, columns: &'a [BinnedColumn], c: u32) -> &'a [u8] {
        self.compact.map_or_else(|| columns[c as usize].bins(), |compact| compact.bins(c))
    }
}

/// Finds splits, reusing its buffers.
pub(super) struct Finder<'a> {
    columns: &'a [BinnedColumn],
    /// In random order.
    useful: Vec<u32>,
    outputs: usize,
    random_thresholds: bool,
    /// Words or class and mass of the node's rows.
    near: Vec<u64>,
    bins: Vec<u8>,
    /// The same as `near`, of those rows that a sparse column has entries of.
    picked: Vec<u64>,
    sparse: Option<Seen>,
    /// By bin: a word, or the mass of every class.
    cells: Vec<u64>,
    touched: Subset,
    /// Mass of the node by class, and of the left side.
    total: Vec<f64>,
    left: Vec<f64>,
    word: u64,
}

/// Which sparse columns have entries in a node.
struct Seen {
    /// Columns of the entries.
    entries: ByRow,
    /// By column: the last node with an entry.
    node: Vec<u64>,
    current: u64,
}

impl Seen {
    fn of(columns: &[BinnedColumn]) -> Option<Self> {
        columns.iter().any(|c| c.entries().is_some()).then(|| Self {
            entries: ByRow::of(columns, |c, _| c as u32),
            node: vec![0; columns.len()],
            current: 0,
        })
    }

    fn enter(&mut self, rows: &[u32]) {
        self.current += 1;
        for &row in rows {
            for &c in self.entries.row(row) {
                self.node[c as usize] = self.current;
            }
        }
    }

    fn has(&self, c: u32) -> bool {
        self.node[c as usize] == self.current
    }
}

impl<'a> Finder<'a> {
    pub(super) fn new(
        columns: &'a [BinnedColumn],
        useful: Vec<u32>,
        outputs: usize,
        random_thresholds: bool,
    ) -> Self {
        Self {
            columns,
            useful,
            outputs,
            random_thresholds,
            near: vec![],
            bins: vec![],
            picked: vec![],
            sparse: Seen::of(columns),
            cells: vec![0; 256 * outputs],
            touched: [0; 4],
            total: vec![0.0; outputs],
            left: vec![0.0; outputs],
            word: 0,
        }
    }

    /// The columns worth trying, if none of them is sparse.
    pub(super) fn dense(&self) -> Option<&[u32]> {
        self.sparse.is_none().then_some(&self.useful[..])
    }

    /// Brings the rows of a node near and adds them up.
    pub(super) fn enter(&mut self, rows: &Rows<'_>) {
        self.near.clear();
        self.total.fill(0.0);
        if let Some(sparse) = &mut self.sparse {
            sparse.enter(rows.numbers);
        }
        if rows.codes.is_empty() {
            self.near.extend(rows.numbers.iter().map(|&r| rows.words[r as usize]));
            self.word = self.near.iter().fold(0, |a: u64, w| a.wrapping_add(*w));
        } else {
            for &row in rows.numbers {
                let (class, mass) = (rows.codes[row as usize] as u64, rows.masses[row as usize]);
                let class = class.min(self.outputs as u64 - 1);
                self.near.push(class << 32 | u64::from(mass));
                self.total[class as usize] += f64::from(mass);
            }
        }
    }

    /// The values of a leaf of the rows that were entered.
    pub(super) fn leaf(&self, rows: &Rows<'_>, scale_g: f64, scale_h: f64, out: &mut [f32]) {
        if rows.codes.is_empty() {
            out[0] = mean(Sums::of(self.word), scale_g, scale_h) as f32;
            return;
        }
        if self.outputs == 1 {
            return;
        }
        let sum: f64 = self.total.iter().sum();
        out.iter_mut().zip(&self.total).for_each(|(o, t)| *o = (t / sum) as f32);
    }

    /// The best split on `tries` random columns, whose sides have at least the mass `least`, in
    /// units of the words.
    pub(super) fn best(
        &mut self,
        rows: &Rows<'_>,
        least: f64,
        tries: usize,
        random: &mut Stream,
    ) -> Option<Best> {
        let of_words = rows.codes.is_empty();
        let mass = if of_words { Sums::of(self.word).h } else { self.total.iter().sum::<f64>() };
        if mass < 2.0 * least || self.pure(rows) {
            return None;
        }
        let (mut best, mut tried) = (None, 0);
        for i in 0..self.useful.len() {
            if tried == tries {
                break;
            }
            let other = i + random.below((self.useful.len() - i) as u64) as usize;
            self.useful.swap(i, other);
            let c = self.useful[i];
            let column = &self.columns[c as usize];
            if column.entries().is_some() && self.sparse.as_ref().is_some_and(|s| !s.has(c)) {
                continue;
            }
            let found = if self.random_thresholds {
                self.at_random(c, rows, least, random)
            } else {
                self.at_best(c, rows, least)
            };
            let Some(found) = found else { continue };
            tried += 1;
            if found.gain > best.map_or(NONE, |b: Best| b.gain) {
                best = Some(found);
            }
        }
        // A split that gains nothing may let later ones gain, as of exclusive conditions.
        best.map(|b| Best { gain: b.gain.max(0.0), ..b })
    }

    fn pure(&self, rows: &Rows<'_>) -> bool {
        if !rows.codes.is_empty() {
            return self.outputs == 1 || self.total.iter().filter(|t| **t > 0.0).count() < 2;
        }
        // Equal distances have equal quotients of word halves; compared crosswise.
        let first = Sums::of(self.near[0]);
        self.near.iter().all(|&w| {
            let this = Sums::of(w);
            this.g * first.h == first.g * this.h
        })
    }

    /// The best threshold; `None` if all rows are in one bin.
    fn at_best(&mut self, c: u32, rows: &Rows<'_>, least: f64) -> Option<Best> {
        let column = &self.columns[c as usize];
        self.touched = [0; 4];
        let outputs = self.outputs;
        let scalar = rows.codes.is_empty();
        if let Some(entries) = column.entries() {
            let mut found = 0;
            let near = std::mem::take(&mut self.near);
            entries.each(rows.numbers, |place, bin| {
                self.add(bin, near[place], scalar);
                found += 1;
            });
            self.near = near;
            if found < rows.numbers.len() {
                self.add_absent(entries.absent, scalar);
            }
        } else {
            let bins = rows.bins(self.columns, c);
            let near = std::mem::take(&mut self.near);
            for (&row, &word) in rows.numbers.iter().zip(&near) {
                self.add(bins[row as usize], word, scalar);
            }
            self.near = near;
        }
        let missing = column.missing_bin();
        let mut best = Best { column: c, bin: 0, missing_left: false, gain: NONE };
        let several = self.touched.iter().map(|t| t.count_ones()).sum::<u32>() > 1;
        if several {
            if scalar {
                self.scan_words(missing, least, &mut best);
            } else {
                self.scan_classes(missing, least, &mut best);
            }
        }
        let touched = self.touched;
        each_bin(&touched, |bin| self.cells[bin * outputs..(bin + 1) * outputs].fill(0));
        several.then_some(best)
    }

    /// Adds a row's word to the cell of its bin.
    #[inline(always)]
    fn add(&mut self, bin: u8, word: u64, scalar: bool) {
        self.touched[usize::from(bin / 64)] |= 1 << (bin % 64);
        if scalar {
            let cell = &mut self.cells[usize::from(bin)];
            *cell = cell.wrapping_add(word);
        } else {
            self.cells[usize::from(bin) * self.outputs + (word >> 32) as usize] +=
                word & 0xffff_ffff;
        }
    }

    /// Fills the cells of the rows that a sparse column has no entry of: the node's less the others.
    fn add_absent(&mut self, absent: u8, scalar: bool) {
        let (k, touched) = (self.outputs, self.touched);
        for class in 0..k {
            let mut rest = if scalar { self.word } else { self.total[class] as u64 };
            each_bin(&touched, |bin| rest = rest.wrapping_sub(self.cells[bin * k + class]));
            self.cells[usize::from(absent) * k + class] = rest;
        }
        self.touched[usize::from(absent / 64)] |= 1 << (absent % 64);
    }

    fn scan_words(&self, missing: u8, least: f64, best: &mut Best) {
        let total = Sums::of(self.word);
        let parent = total.g * total.g / total.h;
        let of_missing = self.cells[usize::from(missing)];
        for missing_left in [false, true] {
            if missing_left && of_missing == 0 {
                continue;
            }
            let mut left = if missing_left { of_missing } else { 0u64 };
            each_bin(&self.touched, |bin| {
                if bin == usize::from(missing) {
                    return;
                }
                left = left.wrapping_add(self.cells[bin]);
                let l = Sums::of(left);
                let r = Sums { g: total.g - l.g, h: total.h - l.h };
                if l.h >= least && r.h >= least {
                    let gain = (l.g * l.g * r.h + r.g * r.g * l.h) / (l.h * r.h) - parent;
                    if gain > best.gain {
                        (best.gain, best.bin) = (gain, bin as u8);
                        best.missing_left = missing_left;
                    }
                }
            });
        }
        if of_missing == 0 {
            best.missing_left = false;
        }
    }

    fn scan_classes(&mut self, missing: u8, least: f64, best: &mut Best) {
        let k = self.outputs;
        let mass: f64 = self.total.iter().sum();
        let squares: f64 = self.total.iter().map(|t| t * t).sum();
        let (cells, total, left) = (&self.cells, &self.total, &mut self.left);
        let of_missing = &cells[usize::from(missing) * k..][..k];
        for missing_left in [false, true] {
            if missing_left && of_missing.iter().all(|c| *c == 0) {
                continue;
            }
            left.fill(0.0);
            let (mut n, mut of_left, mut of_right) = (0.0, 0.0, squares);
            let mut add = |cell: &[u64]| {
                for ((left, total), &c) in left.iter_mut().zip(total).zip(cell) {
                    let c = c as f64;
                    of_left += c * (2.0 * *left + c);
                    of_right -= c * (2.0 * (total - *left) - c);
                    *left += c;
                    n += c;
                }
                (n, of_left, of_right)
            };
            if missing_left {
                add(of_missing);
            }
            each_bin(&self.touched, |bin| {
                if bin == usize::from(missing) {
                    return;
                }
                let (n, of_left, of_right) = add(&cells[bin * k..][..k]);
                if n >= least && mass - n >= least {
                    let gain = of_left / n + of_right / (mass - n) - squares / mass;
                    if gain > best.gain {
                        (best.gain, best.bin) = (gain, bin as u8);
                        best.missing_left = missing_left;
                    }
                }
            });
        }
    }

    /// One random threshold; `None` if all rows are in one bin.
    fn at_random(
        &mut self,
        c: u32,
        rows: &Rows<'_>,
        least: f64,
        random: &mut Stream,
    ) -> Option<Best> {
        let column = &self.columns[c as usize];
        let missing = column.missing_bin();
        let (mut low, mut high) = (255, 0);
        let mut absent = None;
        if let Some(entries) = column.entries() {
            absent = self.pick(entries, rows.numbers);
            for bin in self.bins.iter().copied().chain(absent) {
                (low, high) = (low.min(bin), high.max(bin));
            }
        } else {
            let bins = rows.bins(self.columns, c);
            gather(bins, rows.numbers, &mut self.bins, &mut low, &mut high);
        }
        if low == high {
            return None;
        }
        // Missing values stand after all others; they part on either side.
        let some_missing = column.has_missing() && high == missing;
        let top = if some_missing {
            let known = self.bins.iter().copied().filter(|b| *b != missing).max();
            known.max(absent).unwrap_or(low)
        } else {
            high
        };
        let choices = u64::from(top - low) + u64::from(some_missing);
        let bin = low + random.below(choices) as u8;
        let missing_left = some_missing && bin < top && random.below(2) == 0;
        let also = if missing_left { missing } else { bin };
        let absent_left = column.entries().is_some_and(|e| Node::goes_left(e.absent, bin, also));
        let side = Side { bin, also, sparse: column.entries().is_some(), absent_left };
        let gain = if rows.codes.is_empty() {
            self.gain_of_words(&side, least)
        } else {
            self.gain_of_classes(&side, least)
        };
        Some(Best { column: c, bin, missing_left, gain })
    }

    /// Brings the bins and words of those rows near that a sparse column has entries of. Returns the
    /// bin of the others, if there are any.
    fn pick(&mut self, entries: &Entries, rows: &[u32]) -> Option<u8> {
        self.bins.clear();
        self.picked.clear();
        entries.each(rows, |place, bin| {
            self.bins.push(bin);
            self.picked.push(self.near[place]);
        });
        (self.bins.len() < rows.len()).then_some(entries.absent)
    }

    fn gain_of_words(&self, side: &Side, least: f64) -> f64 {
        let words = self.words(side);
        let mut left = 0;
        sum_left(&self.bins, words, side, &mut left);
        if side.absent_left {
            // All but those of the entries that go right.
            let entries = words.iter().fold(0u64, |sum, w| sum.wrapping_add(*w));
            left = self.word.wrapping_sub(entries.wrapping_sub(left));
        }
        let (l, total) = (Sums::of(left), Sums::of(self.word));
        let r = Sums { g: total.g - l.g, h: total.h - l.h };
        if l.h < least || r.h < least {
            return NONE;
        }
        let parent = total.g * total.g / total.h;
        (l.g * l.g * r.h + r.g * r.g * l.h) / (l.h * r.h) - parent
    }

    fn gain_of_classes(&mut self, side: &Side, least: f64) -> f64 {
        let mut left = std::mem::take(&mut self.left);
        left.fill(0.0);
        for (&b, &word) in self.bins.iter().zip(self.words(side)) {
            if side.has(b) != side.absent_left {
                left[(word >> 32) as usize] += (word & 0xffff_ffff) as f64;
            }
        }
        if side.absent_left {
            left.iter_mut().zip(&self.total).for_each(|(left, total)| *left = total - *left);
        }
        self.left = left;
        let (n, mass): (f64, f64) = (self.left.iter().sum(), self.total.iter().sum());
        if n < least || mass - n < least {
            return NONE;
        }
        let sides =
            self.left.iter().zip(&self.total).map(|(l, t)| (l * l, (t - l) * (t - l), t * t));
        let (l, r, t) = sides.fold((0.0, 0.0, 0.0), |a, s| (a.0 + s.0, a.1 + s.1, a.2 + s.2));
        l / n + r / (mass - n) - t / mass
    }

    /// The words that belong to `bins`.
    fn words(&self, side: &Side) -> &[u64] {
        if side.sparse { &self.picked } else { &self.near }
    }
}

/// What a random threshold sends left.
struct Side {
    /// Last bin, and another one.
    bin: u8,
    also: u8,
    sparse: bool,
    /// Rows that a sparse column has no entry of go left.
    absent_left: bool,
}

impl Side {
    #[inline(always)]
    fn has(&self, bin: u8) -> bool {
        Node::goes_left(bin, self.bin, self.also)
    }
}

for_widest! {
    /// The bins of some rows, and a range widened so that it holds them.
    fn gather(bins: &[u8], rows: &[u32], to: &mut Vec<u8>, low: &mut u8, high: &mut u8) {
        to.clear();
        to.extend(rows.iter().map(|&row| bins[row as usize]));
        *low = to.iter().fold(*low, |low, bin| low.min(*bin));
        *high = to.iter().fold(*high, |high, bin| high.max(*bin));
    }
}

for_widest! {
    /// Adds up the words whose bins go left.
    fn sum_left(bins: &[u8], words: &[u64], side: &Side, left: &mut u64) {
        let add = |sum: u64, (&bin, &word): (&u8, &u64)| {
            sum.wrapping_add(if side.has(bin) { word } else { 0 })
        };
        *left = bins.iter().zip(words).fold(0, add);
    }
}
