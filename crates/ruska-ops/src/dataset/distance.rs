//! How far the distributions of a column in two versions are apart, from what is kept of them.
//!
//! The rows of both are counted over common cells: one for missing values, and one for each level
//! or, of numbers with many values, for each tenth of both versions together. A level that one of
//! the versions may have without listing it is counted with the rest.

use super::column::LEVELS;
use ruska::Kind;
use ruska::register::DatasetColumn;
use std::collections::BTreeMap;

/// Bins of numbers.
const BINS: usize = 10;
/// Share of the rows with a value that levels must cover to stand for numbers.
const COVERED: f64 = 0.95;
/// The distance below which bins tell nothing: an edge at a repeated value may be off by one of
/// the 64 steps of the quantiles.
const RESOLUTION: f64 = 0.05;

/// What is said of the distance.
pub(super) const DISTANCE: &str = "Jensen–Shannon distance: the square root of the Jensen–Shannon \
    divergence to base 2 (Lin 1991; Endres and Schindelin 2003), from 0 for equal to 1 for nothing in \
    common, over levels, or tenths of numbers, with missing values as one of them";
/// What is said of the shift.
pub(super) const SHIFT: &str = "Wasserstein distance of the numbers (the mean distance between equal \
    quantiles; Vallender 1974) in standard deviations of the first version";
/// What is said of chance.
pub(super) const BY_CHANCE: &str = "the distance that 999 of 1000 pairs of random samples of one \
    table, of as many rows, stay below (from the chi-squared distribution), at least 0.05 for tenths \
    of numbers";

/// Rows of two versions over common cells.
pub(super) struct Cells {
    rows: Vec<(f64, f64)>,
    binned: bool,
}

impl Cells {
    /// The cells of a column in two versions with so many rows.
    pub(super) fn of(left: &DatasetColumn, right: &DatasetColumn, rows: (u64, u64)) -> Self {
        let present = (
            rows.0.saturating_sub(left.missing) as f64,
            rows.1.saturating_sub(right.missing) as f64,
        );
        let covered = covers(left, present.0) && covers(right, present.1);
        let both = !left.quantiles.is_empty() && !right.quantiles.is_empty();
        let binned = both && !covered;
        let mut cells = vec![(left.missing as f64, right.missing as f64)];
        if binned {
            bins(left, right, present, &mut cells);
        } else {
            levels(left, right, present, &mut cells);
        }
        cells.retain(|(a, b)| *a > 0.0 || *b > 0.0);
        Self { rows: cells, binned }
    }

    /// The Jensen–Shannon distance, in [0, 1]; `None` where a version has no rows.
    pub(super) fn distance(&self) -> Option<f64> {
        let (m, n) = self.totals();
        if m == 0.0 || n == 0.0 {
            return None;
        }
        let part = |p: f64, middle: f64| if p > 0.0 { p * (p / middle).log2() } else { 0.0 };
        let cell = |(a, b): &(f64, f64)| {
            let (p, q) = (a / m, b / n);
            let middle = f64::midpoint(p, q);
            f64::midpoint(part(p, middle), part(q, middle))
        };
        let divergence: f64 = self.rows.iter().map(cell).sum();
        Some(divergence.clamp(0.0, 1.0).sqrt())
    }

    /// The distance that two random samples of one table, of as many rows, stay below in 999 of
    /// 1000 cases.
    ///
    /// For equal distributions 8 ln 2 · divergence / (1/m + 1/n) is nearly χ² with one degree of
    /// freedom less than there are cells; its quantile is that of Wilson and Hilferty (1931).
    pub(super) fn by_chance(&self) -> f64 {
        let freedom = self.rows.len().saturating_sub(1) as f64;
        let (m, n) = self.totals();
        if freedom == 0.0 || m == 0.0 || n == 0.0 {
            return 0.0;
        }
        let z = 3.090_232_306_167_813; // 99.9 % of the normal distribution
        let step = 2.0 / (9.0 * freedom);
        let quantile = freedom * (1.0 - step + z * step.sqrt()).powi(3);
        let divergence = quantile * (1.0 / m + 1.0 / n) / (8.0 * std::f64::consts::LN_2);
        let distance = divergence.min(1.0).sqrt();
        if self.binned { distance.max(RESOLUTION) } else { distance }
    }

    fn totals(&self) -> (f64, f64) {
        self.rows.iter().fold((0.0, 0.0), |(m, n), (a, b)| (m + a, n + b))
    }
}

/// Whether the levels listed are nearly all that there is.
fn covers(column: &DatasetColumn, present: f64) -> bool {
    let listed: u64 = column.levels.iter().map(|(_, rows)| rows).sum();
    listed as f64 >= COVERED * present
}

/// Whether a level that is not listed may all the same have several of the rows with a value: the
/// list is full, or withheld.
pub(super) fn is_partial(column: &DatasetColumn, present: f64) -> bool {
    let full = column.levels.len() >= LEVELS && column.distinct > LEVELS as u64;
    let withheld = column.levels.is_empty() && (column.distinct as f64) < present;
    full || withheld
}

fn levels(
    left: &DatasetColumn,
    right: &DatasetColumn,
    present: (f64, f64),
    cells: &mut Vec<(f64, f64)>,
) {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (level, rows) in &left.levels {
        counts.entry(level).or_default().0 = *rows;
    }
    for (level, rows) in &right.levels {
        counts.entry(level).or_default().1 = *rows;
    }
    let mut rest = present;
    for (a, b) in counts.into_values() {
        let unknown =
            (a == 0 && is_partial(left, present.0)) || (b == 0 && is_partial(right, present.1));
        if !unknown {
            let cell = (a as f64, b as f64);
            cells.push(cell);
            rest = (rest.0 - cell.0, rest.1 - cell.1);
        }
    }
    cells.push((rest.0.max(0.0), rest.1.max(0.0)));
}

/// Rows in the tenths of both versions taken together.
fn bins(
    left: &DatasetColumn,
    right: &DatasetColumn,
    present: (f64, f64),
    cells: &mut Vec<(f64, f64)>,
) {
    let mut all: Vec<f64> = left.quantiles.iter().chain(&right.quantiles).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let mut edges: Vec<f64> = (1..BINS).map(|i| all[i * (all.len() - 1) / BINS]).collect();
    edges.dedup();
    let mut before = (0.0, 0.0);
    for edge in edges.into_iter().chain([f64::INFINITY]) {
        let until = (below(&left.quantiles, edge), below(&right.quantiles, edge));
        cells.push(((until.0 - before.0) * present.0, (until.1 - before.1) * present.1));
        before = until;
    }
}

/// The share of values that are not above `x`, by quantiles between which values lie evenly.
fn below(quantiles: &[f64], x: f64) -> f64 {
    let at = quantiles.partition_point(|q| *q <= x);
    if at == 0 {
        return 0.0;
    }
    let Some(next) = quantiles.get(at) else { return 1.0 };
    let last = quantiles[at - 1];
    ((at - 1) as f64 + (x - last) / (next - last)) / (quantiles.len() - 1) as f64
}

/// The mean distance between equal quantiles in standard deviations of the left; `None` where
/// either has no numbers, or those of the left do not differ.
pub(super) fn shift(left: &DatasetColumn, right: &DatasetColumn) -> Option<f64> {
    let sd = left.sd.filter(|sd| *sd > 0.0 && left.kind == Kind::Numeric)?;
    if left.quantiles.is_empty() || left.quantiles.len() != right.quantiles.len() {
        return None;
    }
    let gaps: Vec<f64> =
        left.quantiles.iter().zip(&right.quantiles).map(|(a, b)| b / sd - a / sd).collect();
    // Between two quantiles the gap goes evenly from one to the other.
    let step = |pair: &[f64]| {
        let (a, b) = (pair[0], pair[1]);
        let sum = a.abs() + b.abs();
        if a * b >= 0.0 { sum / 2.0 } else { (a * a + b * b) / (2.0 * sum) }
    };
    let mean = gaps.windows(2).map(step).sum::<f64>() / (gaps.len() - 1) as f64;
    Some(mean).filter(|mean| mean.is_finite())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn column(kind: Kind) -> DatasetColumn {
        let name = String::new();
        let (missing, distinct) = (0, 0);
        let (mean, sd, quantiles, levels) = (None, None, vec![], vec![]);
        DatasetColumn { name, kind, missing, distinct, mean, sd, quantiles, levels }
    }

    fn counted(levels: &[(&str, u64)]) -> DatasetColumn {
        let levels: Vec<_> = levels.iter().map(|(l, n)| ((*l).to_owned(), *n)).collect();
        DatasetColumn { distinct: levels.len() as u64, levels, ..column(Kind::Categorical) }
    }

    /// Numbers spread evenly from `low` to `high`.
    fn even(low: f64, high: f64) -> DatasetColumn {
        let quantiles: Vec<f64> =
            (0..65).map(|i| low + (high - low) * f64::from(i) / 64.0).collect();
        let sd = Some((high - low) / 12f64.sqrt());
        DatasetColumn { distinct: 1000, sd, quantiles, ..column(Kind::Numeric) }
    }

    fn distance(left: &DatasetColumn, right: &DatasetColumn, rows: (u64, u64)) -> f64 {
        Cells::of(left, right, rows).distance().unwrap()
    }

    /// Entropy in bits.
    fn entropy(shares: &[f64]) -> f64 {
        shares.iter().filter(|p| **p > 0.0).map(|p| -p * p.log2()).sum()
    }

    #[test]
    fn the_distance_is_by_the_entropies() {
        let (p, q) = ([0.5, 0.3, 0.2], [0.1, 0.3, 0.6]);
        let middle = [0.3, 0.3, 0.4];
        let expected = (entropy(&middle) - f64::midpoint(entropy(&p), entropy(&q))).sqrt();
        let left = counted(&[("a", 50), ("b", 30), ("c", 20)]);
        let right = counted(&[("c", 600), ("b", 300), ("a", 100)]);
        assert!((distance(&left, &right, (100, 1000)) - expected).abs() < 1e-12);
        assert!((distance(&right, &left, (1000, 100)) - expected).abs() < 1e-12);
        assert_eq!(distance(&left, &left, (100, 100)), 0.0);
        let other = counted(&[("x", 10)]);
        assert_eq!(distance(&left, &other, (100, 10)), 1.0);
        // Half of the rows lose their value.
        let half = DatasetColumn { missing: 50, ..counted(&[("a", 25), ("b", 15), ("c", 10)]) };
        let expected = (entropy(&[0.75, 0.25]) - 0.5).sqrt();
        assert!((distance(&left, &half, (100, 100)) - expected).abs() < 1e-12);
        let none = column(Kind::Text);
        assert_eq!(Cells::of(&none, &none, (0, 0)).distance(), None);
    }

    #[test]
    fn numbers_are_compared_in_tenths_of_both() {
        let (left, right) = (even(0.0, 1.0), even(1.0, 2.0));
        let far = distance(&left, &even(5.0, 6.0), (1000, 1000));
        assert!((far - 1.0).abs() < 1e-12, "{far}");
        assert!(distance(&left, &right, (1000, 1000)) > 0.99);
        assert_eq!(distance(&left, &left, (1000, 500)), 0.0);
        // Three fifths of the stretch are common, as (0.4, 0.6, 0) and (0, 0.6, 0.4): the ends are
        // at tenths of both.
        let most = distance(&left, &even(0.4, 1.4), (1000, 1000));
        assert!((most - 0.4f64.sqrt()).abs() < 0.01, "{most}");
        // Where they are not, the tenths at the ends are in common by a quarter.
        let (p, q) = ([0.4, 0.15, 0.4, 0.05, 0.0], [0.0, 0.05, 0.4, 0.15, 0.4]);
        let middle = [0.2, 0.1, 0.4, 0.1, 0.2];
        let expected = (entropy(&middle) - f64::midpoint(entropy(&p), entropy(&q))).sqrt();
        let half = distance(&left, &even(0.5, 1.5), (1000, 1000));
        assert!((half - expected).abs() < 0.01, "{half} and {expected}");
    }

    #[test]
    fn point_masses_count_whole() {
        let constant = |v: f64| DatasetColumn { quantiles: vec![v; 65], ..column(Kind::Ignored) };
        assert_eq!(distance(&constant(5.0), &constant(7.0), (10, 10)), 1.0);
        assert_eq!(distance(&constant(5.0), &constant(5.0), (10, 10)), 0.0);
        assert_eq!((below(&[5.0; 65], 5.0), below(&[5.0; 65], 4.9)), (1.0, 0.0));
        assert_eq!(below(&even(0.0, 64.0).quantiles, 16.5), 16.5 / 64.0);
    }

    #[test]
    fn levels_beyond_the_list_count_with_the_rest() {
        let many = |first: u64| {
            let levels = (first..first + 100).map(|i| (format!("{i}"), 10)).collect();
            DatasetColumn { distinct: 200, levels, ..column(Kind::Categorical) }
        };
        // Both may have all 200 levels, ten rows each.
        assert_eq!(distance(&many(0), &many(100), (2000, 2000)), 0.0);
        let few = DatasetColumn { distinct: 100, ..many(0) };
        assert!(distance(&few, &many(100), (1000, 2000)) > 0.5);
        // Nothing listed of levels that repeat, as of those that name persons.
        let withheld = DatasetColumn { levels: vec![], ..many(0) };
        assert_eq!(distance(&many(0), &withheld, (2000, 2000)), 0.0);
    }

    #[test]
    fn shifts_are_in_deviations_of_the_first() {
        let left = even(0.0, 64.0);
        let sd = left.sd.unwrap();
        let expected = 10.0 / sd;
        assert!((shift(&left, &even(10.0, 74.0)).unwrap() - expected).abs() < 1e-12);
        assert!((shift(&left, &even(-10.0, 54.0)).unwrap() - expected).abs() < 1e-12);
        // Twice as wide about the same middle: the mean of |x| for x even in ±32.
        let wide = shift(&left, &even(-32.0, 96.0)).unwrap();
        assert!((wide - 16.0 / sd).abs() < 1e-12, "{wide}");
        assert_eq!(shift(&left, &left), Some(0.0));
        assert_eq!(shift(&DatasetColumn { sd: Some(0.0), ..left.clone() }, &left), None);
        assert_eq!(shift(&left, &column(Kind::Numeric)), None);
    }

    #[test]
    fn samples_of_one_table_stay_below_what_chance_gives() {
        // The 99.9 % quantiles of χ² with 1, 2 and 9 degrees of freedom.
        for (levels, quantile) in [(2, 10.828), (3, 13.816), (10, 27.877)] {
            let names: Vec<String> = (0..levels).map(|i| i.to_string()).collect();
            let column = counted(&names.iter().map(|n| (n.as_str(), 100)).collect::<Vec<_>>());
            let rows = 100 * levels;
            let found = Cells::of(&column, &column, (rows, rows)).by_chance();
            let expected = (quantile * 2.0 / rows as f64 / (8.0 * std::f64::consts::LN_2)).sqrt();
            assert!((found / expected - 1.0).abs() < 0.02, "{levels}: {found} and {expected}");
        }
        let mut rng = ruska::Rng::new(0);
        let mut sample = |rows: u64| {
            let mut counts = [0; 4];
            (0..rows).for_each(|_| counts[rng.below(4)] += 1);
            let names = ["a", "b", "c", "d"];
            counted(&std::array::from_fn::<_, 4, _>(|i| (names[i], counts[i])))
        };
        let above = (0..1000).filter(|_| {
            let (left, right) = (sample(300), sample(900));
            let cells = Cells::of(&left, &right, (300, 900));
            cells.distance().unwrap() > cells.by_chance()
        });
        assert!(above.count() <= 5);
    }
}
