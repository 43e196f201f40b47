//! How well one column alone tells the target.
//!
//! The strength is in 0..=1, where 1 tells every row:
//! - two classes: the Gini coefficient (2 · AUC − 1) of the values in their order, or of the class
//!   share of their bin, whichever is higher;
//! - more classes: the share of the errors of always guessing the commonest class that the
//!   commonest class of the bin avoids (Goodman and Kruskal's λ), or the class of the nearest
//!   number, as bins straddle the borders of many classes;
//! - numbers: the squared rank correlation, or the share of the variance of the target's ranks
//!   that the mean of the bin explains, whichever is higher.
//!
//! Bins are levels, distinct numbers, or 256 quantiles; missing is a bin of its own. What is
//! fitted to bins is measured on the other half of the rows, so that a column with a level for
//! each row tells nothing. It wins on columns known only after the fact; it fails on leaks that
//! take two columns. Rows are sampled, at most 10,000. Cost O(rows · log rows) a column.
//!
//! Reference: DataRobot's target-leakage check (normalised Gini, high from 0.975); Goodman and
//! Kruskal, "Measures of association for cross classifications", JASA 1954.

use ruska_core::{Column, Field, NO_VALUE, Rng, Target, hash};

/// Strength from which a column is suspected to be known only after the fact.
pub(crate) const SUSPECT: f64 = 0.975;
/// Rows looked at.
const SAMPLE: usize = 10_000;
/// Quantile bins of a number with many distinct values.
const BINS: usize = 256;
/// Least rows of each of two classes, or of a regression.
const LEAST: usize = 10;

/// The target on sampled rows, prepared for many columns.
pub(crate) struct Probe {
    rows: Vec<u32>,
    truth: Prepared,
}

enum Prepared {
    /// Whether each row is of the second class.
    Two(Vec<bool>),
    /// Class codes and the number of classes.
    Many(Vec<u32>, usize),
    /// Ranks about their mean.
    Ranks(Vec<f64>),
}

impl Probe {
    /// `None` where there are too few rows to tell anything.
    pub(crate) fn new(target: &Target) -> Option<Self> {
        let mut rows: Vec<u32> = (0..target.rows() as u32).collect();
        if rows.len() > SAMPLE {
            Rng::new(0).shuffle(&mut rows);
            rows.truncate(SAMPLE);
            rows.sort_unstable();
        }
        let truth = match target {
            Target::Classes { codes, classes, .. } => {
                let codes: Vec<u32> = rows.iter().map(|r| codes[*r as usize]).collect();
                let mut counts = vec![0; classes.len()];
                codes.iter().for_each(|c| counts[*c as usize] += 1);
                let rest = codes.len() - counts.iter().max().copied().unwrap_or(0);
                if rest < LEAST || codes.len() < 4 * LEAST {
                    return None;
                }
                match classes.len() {
                    2 => Prepared::Two(codes.iter().map(|c| *c == 1).collect()),
                    many => Prepared::Many(codes, many),
                }
            }
            Target::Groups(_) | Target::Series(_) => return None,
            Target::Values(y) => {
                if rows.len() < 4 * LEAST {
                    return None;
                }
                let keys = rows.iter().map(|r| float_key(y[*r as usize])).collect();
                Prepared::Ranks(Order::new(keys).centred_ranks)
            }
        };
        Some(Self { rows, truth })
    }

    /// How well the column tells the target, 0..=1; `None` for text and sparse blocks.
    pub(crate) fn strength(&self, field: &Field) -> Option<f64> {
        let rows = self.rows.iter().map(|r| *r as usize);
        let keys: Vec<u64> = match &field.column {
            Column::Float(v) => rows.map(|r| float_key(v[r])).collect(),
            Column::Time(v) => {
                rows.map(|r| if v[r] == NO_VALUE { 0 } else { int_key(v[r]) }).collect()
            }
            Column::Str(v) if field.kind == ruska_core::Kind::Categorical => {
                let bins: Vec<u32> = rows.map(|r| v.codes[r].min(v.levels.len() as u32)).collect();
                let levels = v.levels.len() + 1;
                return Some(self.binned(&bins, levels));
            }
            _ => return None,
        };
        let order = Order::new(keys);
        let ordered = match &self.truth {
            Prepared::Two(truth) => gini(&order.centred_ranks, truth).abs(),
            Prepared::Many(codes, classes) => {
                let value = |at: &u32| match &field.column {
                    Column::Float(v) => v[self.rows[*at as usize] as usize],
                    Column::Time(v) => v[self.rows[*at as usize] as usize] as f64,
                    _ => f64::NAN,
                };
                let sorted: Vec<_> = order.sequence.iter().map(|at| (value(at), *at)).collect();
                nearest(&sorted, codes, *classes)
            }
            Prepared::Ranks(y) => squared_correlation(&order.centred_ranks, y),
        };
        Some(ordered.max(self.binned(&order.bins, order.n_bins)))
    }

    fn binned(&self, bins: &[u32], n_bins: usize) -> f64 {
        let strength = match &self.truth {
            Prepared::Two(truth) => share_gini(bins, n_bins, truth),
            Prepared::Many(codes, classes) => lambda(bins, codes, *classes),
            Prepared::Ranks(y) => explained(bins, n_bins, y),
        };
        strength.clamp(0.0, 1.0)
    }
}

/// Which half of the rows a sampled row is in.
fn half(at: usize) -> usize {
    (hash::mix(at as u64) & 1) as usize
}

/// A key in the order of the numbers; NaN is 0, before all.
fn float_key(value: f64) -> u64 {
    if value.is_nan() {
        return 0;
    }
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn int_key(value: i64) -> u64 {
    value as u64 ^ 1 << 63
}

/// The order of a column's values on the sampled rows.
struct Order {
    /// The rows, ascending.
    sequence: Vec<u32>,
    /// Mid ranks minus their mean.
    centred_ranks: Vec<f64>,
    /// The bin of each row: one for each distinct value, or quantiles.
    bins: Vec<u32>,
    n_bins: usize,
}

impl Order {
    fn new(keys: Vec<u64>) -> Self {
        let n = keys.len();
        let mut sorted: Vec<(u64, u32)> =
            keys.into_iter().enumerate().map(|(at, key)| (key, at as u32)).collect();
        sorted.sort_unstable();
        let distinct = sorted.chunk_by(|a, b| a.0 == b.0).count();
        // Enough rows a bin for the means of its halves.
        let quantiles = (n / 20).clamp(2, BINS);
        let mut order = Self {
            sequence: sorted.iter().map(|(_, at)| *at).collect(),
            centred_ranks: vec![0.0; n],
            bins: vec![0; n],
            n_bins: distinct.min(quantiles),
        };
        let (mut start, mean) = (0, (n as f64 - 1.0) / 2.0);
        for (tie, rows) in sorted.chunk_by(|a, b| a.0 == b.0).enumerate() {
            let rank = start as f64 + (rows.len() as f64 - 1.0) / 2.0 - mean;
            let bin = if distinct <= quantiles { tie } else { start * quantiles / n };
            for (_, at) in rows {
                order.centred_ranks[*at as usize] = rank;
                order.bins[*at as usize] = bin as u32;
            }
            start += rows.len();
        }
        order
    }
}

/// 2 · AUC − 1 of centred ranks (Mann–Whitney).
fn gini(centred_ranks: &[f64], truth: &[bool]) -> f64 {
    let yes = truth.iter().filter(|t| **t).count() as f64;
    let sum: f64 = centred_ranks.iter().zip(truth).filter(|(_, t)| **t).map(|(r, _)| r).sum();
    2.0 * sum / (yes * (truth.len() as f64 - yes))
}

/// The Gini coefficient of the class share that the other half of the rows has in the bin.
fn share_gini(bins: &[u32], n_bins: usize, truth: &[bool]) -> f64 {
    let prior = truth.iter().filter(|t| **t).count() as f64 / truth.len() as f64;
    let mut counts = vec![[0.0f64; 2]; 2 * n_bins];
    for (at, (bin, yes)) in bins.iter().zip(truth).enumerate() {
        counts[half(at) * n_bins + *bin as usize][usize::from(*yes)] += 1.0;
    }
    let share = |[no, yes]: [f64; 2]| (yes + prior) / (no + yes + 1.0);
    // Rows of a half and bin share one score: the share in the other half.
    let mut groups: Vec<(f64, [f64; 2])> =
        (0..2 * n_bins).map(|g| (share(counts[(g + n_bins) % (2 * n_bins)]), counts[g])).collect();
    groups.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut won, mut pairs) = (0.0, 0.0, [0.0, 0.0]);
    for tie in groups.chunk_by(|a, b| a.0 == b.0) {
        let no: f64 = tie.iter().map(|(_, c)| c[0]).sum();
        let yes: f64 = tie.iter().map(|(_, c)| c[1]).sum();
        won += yes * (below + 0.5 * no);
        below += no;
        pairs = [pairs[0] + no, pairs[1] + yes];
    }
    2.0 * won / (pairs[0] * pairs[1]) - 1.0
}

/// The share of errors avoided by guessing the class that is commonest in the bin among the rows
/// of the other half.
fn lambda(bins: &[u32], codes: &[u32], classes: usize) -> f64 {
    let mut totals = vec![0usize; classes];
    codes.iter().for_each(|c| totals[*c as usize] += 1);
    let commonest = (0..classes).rev().max_by_key(|c| totals[*c]).unwrap_or(0);
    // (bin, half, class) sorted: runs are counts.
    let key = |at: usize, b: u32, c: u32| {
        (u64::from(b) * 2 + half(at) as u64) * classes as u64 + u64::from(c)
    };
    let mut keys: Vec<u64> =
        bins.iter().zip(codes).enumerate().map(|(at, (b, c))| key(at, *b, *c)).collect();
    keys.sort_unstable();
    let mut right = 0;
    let bin_of = |key: &u64| key / (2 * classes as u64);
    for bin in keys.chunk_by(|a, b| bin_of(a) == bin_of(b)) {
        let split = bin.partition_point(|k| (k / classes as u64).is_multiple_of(2));
        let halves = [&bin[..split], &bin[split..]];
        for (own, other) in [(halves[0], halves[1]), (halves[1], halves[0])] {
            let runs = other.chunk_by(|a, b| a == b);
            let guess = runs
                .max_by_key(|run| run.len())
                .map_or(commonest as u64, |run| run[0] % classes as u64);
            right += own.iter().filter(|k| *k % classes as u64 == guess).count();
        }
    }
    let base = totals[commonest];
    (right as f64 - base as f64) / (codes.len() - base) as f64
}

/// The share of errors avoided by guessing the class of the row of the other half whose number is
/// nearest.
fn nearest(sorted: &[(f64, u32)], codes: &[u32], classes: usize) -> f64 {
    let mut totals = vec![0usize; classes];
    codes.iter().for_each(|c| totals[*c as usize] += 1);
    let base = totals.iter().max().copied().unwrap_or(0);
    let mut guesses: Vec<Option<(f64, u32)>> = vec![None; sorted.len()];
    let apart = |a: f64, b: f64| if a.is_nan() && b.is_nan() { 0.0 } else { (a - b).abs() };
    let mut look_back = |places: &mut dyn Iterator<Item = usize>| {
        let mut last: [Option<(f64, u32)>; 2] = [None, None];
        for place in places {
            let (value, row) = sorted[place];
            let other = last[1 - half(row as usize)].map(|(v, r)| (apart(v, value), r));
            let both = guesses[place].into_iter().chain(other);
            guesses[place] = both.min_by(|a, b| a.0.total_cmp(&b.0));
            last[half(row as usize)] = Some((value, row));
        }
    };
    look_back(&mut (0..sorted.len()));
    look_back(&mut (0..sorted.len()).rev());
    let class = |row: u32| codes[row as usize];
    let hit = |(guess, (_, row)): &(&Option<(f64, u32)>, &(f64, u32))| {
        guess.is_some_and(|(_, other)| class(other) == class(*row))
    };
    let right = guesses.iter().zip(sorted).filter(hit).count();
    (right as f64 - base as f64) / (codes.len() - base) as f64
}

/// Squared correlation of centred numbers.
fn squared_correlation(x: &[f64], y: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
    if xx > 0.0 && yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 }
}

/// The share of the variance of centred numbers explained by the bin's mean in the other half.
fn explained(bins: &[u32], n_bins: usize, y: &[f64]) -> f64 {
    let mut sums = vec![(0.0f64, 0.0f64); 2 * n_bins];
    for (at, (bin, y)) in bins.iter().zip(y).enumerate() {
        let sum = &mut sums[half(at) * n_bins + *bin as usize];
        *sum = (sum.0 + y, sum.1 + 1.0);
    }
    let (mut left, mut total) = (0.0, 0.0);
    for (at, (bin, y)) in bins.iter().zip(y).enumerate() {
        let (sum, count) = sums[(1 - half(at)) * n_bins + *bin as usize];
        left += (y - sum / (count + 0.1)).powi(2);
        total += y * y;
    }
    if total > 0.0 { 1.0 - left / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska_core::Kind;
    use std::sync::Arc;

    fn floats(values: Vec<f64>) -> Field {
        Field::new("x", Kind::Numeric, Column::float(values))
    }

    fn classes(codes: Vec<u32>, n: usize) -> Target {
        let classes = Arc::new((0..n).map(|c| c.to_string()).collect());
        Target::Classes { codes: Arc::new(codes), classes, positive: 1 }
    }

    fn strength(field: &Field, target: &Target) -> f64 {
        Probe::new(target).unwrap().strength(field).unwrap()
    }

    /// AUC of scikit-learn's `roc_auc_score([0, 0, 1, 1], [.1, .4, .35, .8])` is 0.75.
    #[test]
    fn gini_is_that_of_the_ranks() {
        let order = Order::new([0.1, 0.4, 0.35, 0.8].map(float_key).to_vec());
        assert_eq!(gini(&order.centred_ranks, &[false, false, true, true]), 0.5);
        let tied = Order::new([1.0, 1.0, 1.0, 2.0].map(float_key).to_vec());
        assert_eq!(gini(&tied.centred_ranks, &[false, false, true, true]), 0.5);
    }

    #[test]
    fn keys_keep_the_order() {
        let values = [f64::NAN, f64::NEG_INFINITY, -1e12, -1.0, -0.0, 1e-300, 2.0, f64::INFINITY];
        assert!(values.map(float_key).is_sorted());
        assert_eq!(float_key(0.0), float_key(-0.0));
        assert!([i64::MIN + 1, -1, 0, 7].map(int_key).is_sorted());
    }

    #[test]
    fn a_threshold_a_range_and_missingness_tell_two_classes() {
        let codes: Vec<u32> = (0..1000).map(|i| u32::from(i % 4 == 0)).collect();
        let target = classes(codes.clone(), 2);
        let make = |f: &dyn Fn(usize, u32) -> f64| {
            floats(codes.iter().enumerate().map(|(i, c)| f(i, *c)).collect())
        };
        assert_eq!(strength(&make(&|i, c| i as f64 - 5000.0 * f64::from(c)), &target), 1.0);
        let late = make(&|i, c| if c == 1 { i as f64 } else { f64::NAN });
        assert_eq!(strength(&late, &target), 1.0);
        // The class in the middle of the range: no order tells it, the bins do.
        let middle = make(&|i, c| if c == 1 { 500.0 } else { f64::from(i as u32 % 2) * 1000.0 });
        assert!(strength(&middle, &target) > 0.99);
        assert!(strength(&make(&|i, _| hash::mix(i as u64) as f64), &target) < 0.3);
    }

    #[test]
    fn a_level_for_each_row_tells_nothing() {
        let codes: Vec<u32> = (0..1000).map(|i| u32::from(i % 2 == 0)).collect();
        let unique = Column::from_strings((0..1000).map(|i| Some(format!("id{i}"))));
        let field = Field::new("x", Kind::Categorical, unique);
        assert!(strength(&field, &classes(codes.clone(), 2)) < 0.1);
        assert!(strength(&field, &classes((0..1000).map(|i| i % 5).collect(), 5)) < 0.1);
        let y = codes.iter().map(|c| f64::from(*c)).collect();
        assert!(strength(&field, &Target::Values(Arc::new(y))) < 0.1);
    }

    #[test]
    fn many_classes_by_levels_and_by_ranges() {
        let codes: Vec<u32> = (0..2000).map(|i| (hash::mix(i) % 5) as u32).collect();
        let target = classes(codes.clone(), 5);
        let names = Column::from_strings(codes.iter().map(|c| Some(format!("c{c}"))));
        assert_eq!(strength(&Field::new("x", Kind::Categorical, names), &target), 1.0);
        let ranges = codes.iter().enumerate();
        let ranges = ranges.map(|(i, c)| f64::from(*c) + i as f64 / 4000.0).collect();
        assert!(strength(&floats(ranges), &target) > 0.9);
        let other = (0..2000).map(|i| (hash::mix(i + 9999) % 7) as f64).collect();
        assert!(strength(&floats(other), &target) < 0.1);
        // Many classes side by side, and numbers that differ in every row but tell nothing.
        let codes: Vec<u32> = (0..2000).map(|i| (hash::mix(i + 5000) % 26) as u32).collect();
        let target = classes(codes.clone(), 26);
        let side = |i: usize, c: u32| f64::from(c) + 0.5 * (hash::mix(i as u64) as f64 / 2e19);
        let sides = codes.iter().enumerate().map(|(i, c)| side(i, *c)).collect();
        assert!(strength(&floats(sides), &target) > SUSPECT);
        let noise = (0..2000).map(|i| hash::mix(i + 777) as f64).collect();
        assert!(strength(&floats(noise), &target) < 0.1);
    }

    #[test]
    fn numbers_by_rank_and_by_bin() {
        let y: Vec<f64> = (0..4000).map(|i| (hash::mix(i) % 100_000) as f64).collect();
        let target = Target::Values(Arc::new(y.clone()));
        let of = |f: &dyn Fn(f64) -> f64| floats(y.iter().map(|y| f(*y)).collect());
        assert!(strength(&of(&|y| -(y + 1.0).ln()), &target) > 0.999_999);
        assert!(strength(&of(&|y| (y / 1e4).sin()), &target) < 0.9);
        assert!(strength(&floats((0..4000).map(f64::from).collect()), &target) < 0.1);
    }

    #[test]
    fn too_few_rows_tell_nothing() {
        assert!(Probe::new(&classes(vec![0, 1, 1], 2)).is_none());
        assert!(Probe::new(&Target::Values(Arc::new(vec![1.0; 5]))).is_none());
    }
}
