//! What is kept of a column: its meaning, counts, moments, quantiles and frequent levels.
//!
//! Values are exact, from all rows. Of identifiers, free text and levels that name persons or rows
//! nothing is kept but counts, and no level that a single row has: it would point at that row. Cost
//! O(rows · log rows) a column, columns in parallel.

use crate::Error;
use rayon::prelude::*;
use ruska::register::DatasetColumn;
use ruska::{Column, Field, Kind, NO_VALUE, ReadTable, names_rows};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Quantiles kept of numbers: 0, 1/64, …, 1.
const QUANTILES: usize = 65;
/// Levels kept at most.
pub(super) const LEVELS: usize = 100;
/// Rows that a level needs to be kept.
const ROWS_OF_LEVEL: u64 = 2;

/// What is kept of the columns of a table, in its order.
pub(super) fn columns(table: &ReadTable) -> Result<Vec<DatasetColumn>, Error> {
    let typed = ruska::typed(table, &BTreeMap::new())?;
    let pairs: Vec<_> = typed.fields().iter().zip(table.frame.fields()).collect();
    Ok(pairs.into_par_iter().map(|(field, raw)| column(field, &raw.column)).collect())
}

fn column(field: &Field, raw: &Column) -> DatasetColumn {
    let mut out = DatasetColumn {
        name: field.name.to_string(),
        kind: field.kind,
        missing: 0,
        distinct: 0,
        mean: None,
        sd: None,
        quantiles: vec![],
        levels: vec![],
    };
    let present = match &field.column {
        Column::Float(v) => numbers(&mut out, v.iter().copied().filter(|v| v.is_finite())),
        Column::Int(v) => numbers(&mut out, whole(v).map(|v| v as f64)),
        Column::Bool(v) => numbers(&mut out, v.iter().filter(|v| **v >= 0).map(|v| f64::from(*v))),
        Column::Time(v) => times(&mut out, whole(v).collect()),
        Column::Str(v) => levels(&mut out, &v.codes, &v.levels),
        Column::Sparse(v) => v.rows(),
    };
    out.missing = (field.column.rows() - present) as u64;
    if let Column::Int(v) = raw {
        // Beyond 2⁵³ whole numbers differ that are one real number.
        out.distinct = runs(&sorted(whole(v).collect())).count() as u64;
    }
    match field.kind {
        Kind::Identifier | Kind::Text => {
            (out.mean, out.sd, out.quantiles, out.levels) = (None, None, vec![], vec![]);
        }
        Kind::Boolean => out.quantiles.clear(),
        _ => {}
    }
    out
}

/// Whole numbers and points in time that are not missing.
fn whole(values: &[i64]) -> impl Iterator<Item = i64> + '_ {
    values.iter().copied().filter(|v| *v != NO_VALUE)
}

fn sorted(mut values: Vec<i64>) -> Vec<i64> {
    values.sort_unstable();
    values
}

/// Stretches of equal values.
fn runs<T: PartialEq>(sorted: &[T]) -> impl Iterator<Item = &[T]> {
    sorted.chunk_by(|a, b| a == b)
}

/// Describes finite numbers and tells how many there are.
fn numbers(out: &mut DatasetColumn, values: impl Iterator<Item = f64>) -> usize {
    // Zero has two signs and is one value.
    let mut values: Vec<f64> = values.map(|v| v + 0.0).collect();
    (out.mean, out.sd) = moments(&values);
    values.sort_unstable_by(f64::total_cmp);
    out.distinct = runs(&values).count() as u64;
    if out.distinct as usize <= LEVELS {
        let counted = runs(&values).map(|run| (run[0].to_string(), run.len() as u64));
        out.levels = frequent(counted);
    }
    out.quantiles = quantiles(&values);
    values.len()
}

fn times(out: &mut DatasetColumn, values: Vec<i64>) -> usize {
    let values: Vec<f64> = sorted(values).into_iter().map(|v| v as f64).collect();
    out.distinct = runs(&values).count() as u64;
    out.quantiles = quantiles(&values);
    values.len()
}

fn levels(out: &mut DatasetColumn, codes: &[u32], levels: &[String]) -> usize {
    let mut counts = vec![0u64; levels.len()];
    for &code in codes {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    out.distinct = counts.iter().filter(|n| **n > 0).count() as u64;
    let rows: u64 = counts.iter().sum();
    let used = || levels.iter().zip(&counts).filter(|(_, n)| **n > 0).map(|(level, _)| level);
    if !names_rows(&out.name, out.distinct, rows, used()) {
        out.levels = frequent(levels.iter().cloned().zip(counts));
    }
    rows as usize
}

/// The most frequent levels, equally frequent ones in the order of their text.
fn frequent(counted: impl Iterator<Item = (String, u64)>) -> Vec<(String, u64)> {
    let mut kept: Vec<_> = counted.filter(|(_, rows)| *rows >= ROWS_OF_LEVEL).collect();
    kept.sort_by(|(a, m), (b, n)| (Reverse(m), a).cmp(&(Reverse(n), b)));
    kept.truncate(LEVELS);
    kept
}

/// Mean, and standard deviation with n − 1 of at least two numbers; `None` where it is no number
/// that can be written down. In two passes, the second corrected for the rounding of the first
/// (Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983).
fn moments(values: &[f64]) -> (Option<f64>, Option<f64>) {
    let n = values.len() as f64;
    let sum: f64 = values.iter().sum();
    // The sum of numbers near the greatest there is may be none; the mean is one all the same.
    let mean = if sum.is_finite() { sum / n } else { values.iter().map(|v| v / n).sum() };
    let (squares, rest) = values.iter().fold((0.0, 0.0), |(squares, rest), v| {
        let d = v - mean;
        (squares + d * d, rest + d)
    });
    let variance = (squares - rest * rest / n) / (n - 1.0);
    let number = |v: f64| Some(v).filter(|v| v.is_finite());
    (number(mean), number(variance).map(|v| v.max(0.0).sqrt()))
}

/// Evenly spaced quantiles of ascending numbers, between order statistics by linear interpolation
/// (Hyndman and Fan's type 7); none of nothing.
fn quantiles(sorted: &[f64]) -> Vec<f64> {
    let Some(last) = sorted.len().checked_sub(1) else { return vec![] };
    let quantile = |i: usize| {
        // Whole numbers, so that a quantile that is a value is exactly that value.
        let (low, part) = (last * i / (QUANTILES - 1), last * i % (QUANTILES - 1));
        let part = part as f64 / (QUANTILES - 1) as f64;
        let (a, b) = (sorted[low], sorted[(low + 1).min(last)]);
        if part == 0.0 || a == b { a } else { a * (1.0 - part) + b * part }
    };
    (0..QUANTILES).map(quantile).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn moments_and_quantiles_are_those_of_closed_forms() {
        // 0, …, 128: mean n/2, variance (n² − 1)/12 · n/(n − 1) for n = 129 values, quantile i/64 is 2 i.
        let values: Vec<f64> = (0..129).map(f64::from).collect();
        let (mean, sd) = moments(&values);
        assert_eq!(mean, Some(64.0));
        let variance = (129.0 * 129.0 - 1.0) / 12.0 * 129.0 / 128.0;
        assert!((sd.unwrap().powi(2) - variance).abs() < 1e-9);
        let expected: Vec<f64> = (0..65).map(|i| 2.0 * f64::from(i)).collect();
        assert_eq!(quantiles(&values), expected);
        let two = quantiles(&[1.0, 3.0]);
        assert_eq!((two[0], two[16], two[32], two[64]), (1.0, 1.5, 2.0, 3.0));
        assert_eq!((quantiles(&[7.0]), quantiles(&[])), (vec![7.0; 65], vec![]));
        assert_eq!((moments(&[7.0]), moments(&[])), ((Some(7.0), None), (None, None)));
    }

    #[test]
    fn a_shift_of_scale_leaves_the_deviation() {
        let shifted: Vec<f64> = (0..100).map(|i| 1e9 + f64::from(i % 2)).collect();
        let sd = moments(&shifted).1.unwrap();
        assert!((sd - (100.0 / 99.0 * 0.25f64).sqrt()).abs() < 1e-9, "{sd}");
        let huge = [f64::MAX, f64::MAX, -f64::MAX];
        let (mean, sd) = moments(&huge);
        assert!(mean.unwrap() > 0.0 && sd.is_none());
        assert!(quantiles(&[-f64::MAX, f64::MAX]).iter().all(|v| v.is_finite()));
    }

    #[test]
    fn levels_of_single_rows_are_not_kept() {
        let counted = [("b", 2), ("Ann Smith", 1), ("c", 5), ("a", 2)];
        let kept = frequent(counted.iter().map(|(level, n)| ((*level).to_owned(), *n)));
        assert_eq!(kept, [("c".into(), 5), ("a".into(), 2), ("b".into(), 2)]);
        let many = (0..500).map(|i| (i.to_string(), 1000 - i));
        assert_eq!(frequent(many).len(), LEVELS);
    }
}
