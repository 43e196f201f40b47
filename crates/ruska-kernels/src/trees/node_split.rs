//! The best split of a node of a forest, at the cost of its rows.

use super::BinnedColumn;
use super::forest::mean;
use super::gradients::Sums;
use super::random::Stream;
use super::split::Subset;
use super::subset::each_bin;

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
    /// By bin: a word, or the mass of every class.
    cells: Vec<u64>,
    touched: Subset,
    /// Mass of the node by class, and of the left side.
    total: Vec<f64>,
    left: Vec<f64>,
    word: u64,
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
            cells: vec![0; 256 * outputs],
            touched: [0; 4],
            total: vec![0.0; outputs],
            left: vec![0.0; outputs],
            word: 0,
        }
    }

    /// Brings the rows of a node near and adds them up.
    pub(super) fn enter(&mut self, rows: &Rows<'_>) {
        self.near.clear();
        self.total.fill(0.0);
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
        if self.pure(rows) {
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
        let bins = column.bins();
        self.touched = [0; 4];
        let outputs = self.outputs;
        let scalar = rows.codes.is_empty();
        for (&row, &word) in rows.numbers.iter().zip(&self.near) {
            let bin = bins[row as usize];
            self.touched[usize::from(bin / 64)] |= 1 << (bin % 64);
            if scalar {
                let cell = &mut self.cells[usize::from(bin)];
                *cell = cell.wrapping_add(word);
            } else {
                self.cells[usize::from(bin) * outputs + (word >> 32) as usize] +=
                    word & 0xffff_ffff;
            }
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
        let (bins, missing) = (column.bins(), column.missing_bin());
        self.bins.clear();
        self.bins.extend(rows.numbers.iter().map(|&r| bins[r as usize]));
        let (mut low, mut high) = (255, 0);
        for &bin in &self.bins {
            low = low.min(bin);
            high = high.max(bin);
        }
        if low == high {
            return None;
        }
        // Missing values stand after all others; they part on either side.
        let some_missing = column.has_missing() && high == missing;
        let top = if some_missing {
            self.bins.iter().copied().filter(|b| *b != missing).max().unwrap_or(low)
        } else {
            high
        };
        let choices = u64::from(top - low) + u64::from(some_missing);
        let bin = low + random.below(choices) as u8;
        let missing_left = some_missing && bin < top && random.below(2) == 0;
        let also = if missing_left { missing } else { bin };
        let gain = if rows.codes.is_empty() {
            self.gain_of_words(bin, also, least)
        } else {
            self.gain_of_classes(bin, also, least)
        };
        Some(Best { column: c, bin, missing_left, gain })
    }

    fn gain_of_words(&self, bin: u8, also: u8, least: f64) -> f64 {
        let mut left = 0u64;
        for (&b, &word) in self.bins.iter().zip(&self.near) {
            let goes = super::tree::Node::goes_left(b, bin, also);
            left = left.wrapping_add(if goes { word } else { 0 });
        }
        let (l, total) = (Sums::of(left), Sums::of(self.word));
        let r = Sums { g: total.g - l.g, h: total.h - l.h };
        if l.h < least || r.h < least {
            return NONE;
        }
        let parent = total.g * total.g / total.h;
        (l.g * l.g * r.h + r.g * r.g * l.h) / (l.h * r.h) - parent
    }

    fn gain_of_classes(&mut self, bin: u8, also: u8, least: f64) -> f64 {
        self.left.fill(0.0);
        for (&b, &word) in self.bins.iter().zip(&self.near) {
            if super::tree::Node::goes_left(b, bin, also) {
                self.left[(word >> 32) as usize] += (word & 0xffff_ffff) as f64;
            }
        }
        let (n, mass): (f64, f64) = (self.left.iter().sum(), self.total.iter().sum());
        if n < least || mass - n < least {
            return NONE;
        }
        let sides =
            self.left.iter().zip(&self.total).map(|(l, t)| (l * l, (t - l) * (t - l), t * t));
        let (l, r, t) = sides.fold((0.0, 0.0, 0.0), |a, s| (a.0 + s.0, a.1 + s.1, a.2 + s.2));
        l / n + r / (mass - n) - t / mass
    }
}
