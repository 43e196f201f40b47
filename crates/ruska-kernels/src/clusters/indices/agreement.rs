//! How alike two labelings of the same rows are.

use std::collections::BTreeMap;

/// What two labelings have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Pairs of rows on which both agree, less what chance brings: 1 for equal partitions, about 0
    /// for unrelated ones, ≥ −0.5 (Hubert, Arabie, "Comparing partitions", J. Classif. 2, 1985).
    pub adjusted_rand: f64,
    /// What one says of the other, less what chance brings, over the mean of both entropies, less
    /// the same: at most 1 (Vinh, Epps, Bailey, "Information theoretic measures for clusterings
    /// comparison", JMLR 11, 2010).
    pub adjusted_mutual_information: f64,
    /// Whether clusters are of one class each, in 0..1 (Rosenberg, Hirschberg, "V-measure", EMNLP
    /// 2007).
    pub homogeneity: f64,
    /// Whether classes are in one cluster each, in 0..1.
    pub completeness: f64,
    /// The harmonic mean of both.
    pub v_measure: f64,
}

/// How well the labels found agree with the true ones. Labels are any numbers; −1 is one of them,
/// so noise is a cluster here. Labelings without rows agree. Cost O(n log n).
///
/// Panics unless there is one label of either kind a row.
pub fn agreement(truth: &[i32], found: &[i32]) -> Agreement {
    let table = Table::new(truth, found);
    let (h_truth, h_found) = (table.entropy(&table.truth), table.entropy(&table.found));
    let mutual = table.mutual_information();
    let share = |entropy: f64| if entropy > 0.0 { (mutual / entropy).min(1.0) } else { 1.0 };
    let (homogeneity, completeness) = (share(h_truth), share(h_found));
    let sum = homogeneity + completeness;
    Agreement {
        adjusted_rand: table.adjusted_rand(),
        adjusted_mutual_information: table.adjusted(mutual, 0.5 * (h_truth + h_found)),
        homogeneity,
        completeness,
        v_measure: if sum > 0.0 { 2.0 * homogeneity * completeness / sum } else { 0.0 },
    }
}

/// How many rows have which labels.
struct Table {
    rows: u64,
    truth: Vec<u64>,
    found: Vec<u64>,
    /// Place of the true label, of the one found, and rows, > 0.
    cells: Vec<(usize, usize, u64)>,
}

impl Table {
    fn new(truth: &[i32], found: &[i32]) -> Self {
        assert_eq!(truth.len(), found.len(), "both labelings are of the same rows");
        let (truth_places, truth_sizes) = counted(truth.iter().copied());
        let (found_places, found_sizes) = counted(found.iter().copied());
        let mut cells = BTreeMap::new();
        for (t, f) in truth.iter().zip(found) {
            *cells.entry((truth_places[t], found_places[f])).or_insert(0) += 1;
        }
        Self {
            rows: truth.len() as u64,
            truth: truth_sizes,
            found: found_sizes,
            cells: cells.into_iter().map(|((t, f), count)| (t, f, count)).collect(),
        }
    }

    /// Whether both are the same partition.
    fn same(&self) -> bool {
        self.truth.len() == self.cells.len() && self.found.len() == self.cells.len()
    }

    fn entropy(&self, sizes: &[u64]) -> f64 {
        let n = self.rows as f64;
        let term = |&size: &u64| size as f64 / n * (size as f64 / n).ln();
        (-sizes.iter().map(term).sum::<f64>()).max(0.0)
    }

    fn mutual_information(&self) -> f64 {
        let n = self.rows as f64;
        let term = |&(t, f, count): &(usize, usize, u64)| {
            let (a, b) = (self.truth[t] as f64, self.found[f] as f64);
            count as f64 / n * (count as f64 / a * (n / b)).ln()
        };
        let sum = self.cells.iter().map(term).sum::<f64>();
        if sum < f64::EPSILON { 0.0 } else { sum }
    }

    /// From pairs of rows: together in both, in one, in neither.
    fn adjusted_rand(&self) -> f64 {
        let squares = |sizes: &[u64]| sizes.iter().map(|&s| i128::from(s).pow(2)).sum::<i128>();
        let n = i128::from(self.rows);
        let both = self.cells.iter().map(|c| i128::from(c.2).pow(2)).sum::<i128>();
        let (truth, found) = (squares(&self.truth), squares(&self.found));
        let together = (both - n) as f64;
        let (only_found, only_truth) = ((found - both) as f64, (truth - both) as f64);
        let apart = (n * n - truth - found + both) as f64;
        if only_found == 0.0 && only_truth == 0.0 {
            return 1.0;
        }
        let chance = (together + only_truth) * (only_truth + apart)
            + (together + only_found) * (only_found + apart);
        2.0 * (together * apart - only_truth * only_found) / chance
    }

    fn adjusted(&self, mutual: f64, mean_entropy: f64) -> f64 {
        if self.same() {
            return 1.0;
        }
        if self.truth.len() == 1 || self.found.len() == 1 {
            return 0.0;
        }
        let away = |x: f64| if x < 0.0 { x.min(-f64::EPSILON) } else { x.max(f64::EPSILON) };
        let expected = self.expected_mutual_information();
        away(mutual - expected) / away(mean_entropy - expected)
    }

    /// Over all labelings of the same sizes. Clusters of equal sizes are looked at once.
    fn expected_mutual_information(&self) -> f64 {
        let alike = |sizes: &[u64]| -> Vec<(u64, u64)> {
            let (places, counts) = counted(sizes.iter().copied());
            places.into_keys().zip(counts).collect()
        };
        let found = alike(&self.found);
        let mut sum = 0.0;
        for (a, many) in alike(&self.truth) {
            for &(b, times) in &found {
                sum += (many * times) as f64 * expected_term(a, b, self.rows);
            }
        }
        sum
    }
}

/// What a cluster of `a` and one of `b` of `n` rows bring to the mutual information on average. The
/// rows in both are hypergeometric. Its probabilities are summed outwards from the most likely
/// number, relative to it, by the ratio of neighbours, until they are negligible.
fn expected_term(a: u64, b: u64, n: u64) -> f64 {
    let least = (a + b).saturating_sub(n);
    let most = a.min(b);
    let mode = (((u128::from(a) + 1) * (u128::from(b) + 1) / (u128::from(n) + 2)) as u64)
        .clamp(least, most);
    // P(k + 1) / P(k).
    let ratio =
        |k: u64| (a - k) as f64 / (k + 1) as f64 * ((b - k) as f64 / (n + k + 1 - a - b) as f64);
    let (size_a, size_b, rows) = (a as f64, b as f64, n as f64);
    let value = |k: u64| {
        let k = k as f64;
        if k > 0.0 { k / rows * (k / size_a * (rows / size_b)).ln() } else { 0.0 }
    };
    let (mut total, mut sum) = (1.0, value(mode));
    let mut add = |k: u64, weight: f64| {
        total += weight;
        sum += weight * value(k);
        weight > 1e-25
    };
    let mut weight = 1.0;
    for k in mode..most {
        weight *= ratio(k);
        if !add(k + 1, weight) {
            break;
        }
    }
    weight = 1.0;
    for k in (least..mode).rev() {
        weight /= ratio(k);
        if !add(k, weight) {
            break;
        }
    }
    sum / total
}

/// The place of each label in ascending order, and how many there are of it.
fn counted<T: Ord>(labels: impl Iterator<Item = T>) -> (BTreeMap<T, usize>, Vec<u64>) {
    let mut counts = BTreeMap::new();
    labels.for_each(|label| *counts.entry(label).or_insert(0) += 1);
    let sizes = counts.values().copied().collect();
    (counts.into_keys().enumerate().map(|(place, label)| (label, place)).collect(), sizes)
}
