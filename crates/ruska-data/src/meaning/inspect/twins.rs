//! Numeric columns that are linear maps of each other: lengths in two units, prices with and
//! without tax.
//!
//! A column is a twin of an earlier one when both miss values in the same rows, but for one in a
//! hundred, and their correlation over all rows is at least 0.9999 in size. Candidates are found on
//! at most 512 rows: standardised columns that correlate so highly have nearly the same
//! projection on a random vector, up to the sign, so only neighbours in that order are compared.
//! Equal columns are told elsewhere ([`super::super::review()`]), as are scales of less than five
//! steps. Cost O(rows · columns) plus O(512) for each pair of neighbours.

use super::Oddity;
use super::leave_out;
use crate::meaning::note::word;
use rayon::prelude::*;
use ruska_core::{Column, Field, Finding, FindingCode, Meaning, NO_VALUE, Rng, Severity, hash};

/// Correlation from which columns say the same.
const SAME: f64 = 0.9999;
/// Rows compared first.
const ROWS: usize = 512;
/// Distinct values on these rows.
const LEAST_DISTINCT: usize = 5;
/// Least rows.
const ENOUGH_ROWS: usize = 20;
/// How far the projections of twins may differ: five standard deviations of their difference,
/// whose variance is 2 − 2 · correlation.
const NEAR: f64 = 0.08;

/// A column on the rows compared, about its mean and of length one.
struct Unit {
    at: usize,
    values: Vec<f64>,
    projection: f64,
}

/// Tells columns that are twins of an earlier one, in column order.
pub(super) fn twins(columns: &[&(Field, &Meaning)]) -> Vec<Finding> {
    let rows = columns.first().map_or(0, |(field, _)| field.column.rows());
    if rows < ENOUGH_ROWS {
        return vec![];
    }
    let step = rows.div_ceil(ROWS);
    let chosen: Vec<usize> = (0..rows)
        .step_by(step)
        .map(|r| r + hash::mix(r as u64) as usize % step.min(rows - r))
        .collect();
    let mut rng = Rng::new(0);
    let direction: Vec<f64> = chosen.iter().map(|_| rng.normal()).collect();
    let unit = |at: usize| unit(at, columns[at], &chosen, &direction);
    let mut units: Vec<Unit> = (0..columns.len()).into_par_iter().filter_map(unit).collect();
    units.sort_by(|a, b| a.projection.abs().total_cmp(&b.projection.abs()));
    let mut pairs: Vec<(usize, usize)> = (0..units.len())
        .into_par_iter()
        .flat_map_iter(|i| {
            let near = |b: &&Unit| b.projection.abs() - units[i].projection.abs() <= NEAR;
            let neighbours = units[i + 1..].iter().take_while(near);
            let same = |b: &&Unit| dot(&units[i].values, &b.values).abs() >= SAME;
            let pair = |b: &Unit| (units[i].at.max(b.at), units[i].at.min(b.at));
            neighbours.filter(same).map(pair).collect::<Vec<_>>()
        })
        .collect();
    pairs.sort_unstable();
    let mut found: Vec<(usize, usize)> = vec![];
    for (later, first) in pairs {
        let known = found.last().is_some_and(|(l, _)| *l == later);
        if !known && same(&columns[later].0.column, &columns[first].0.column) {
            found.push((later, first));
        }
    }
    let names =
        |(later, first): &(usize, usize)| (&*columns[*later].0.name, &*columns[*first].0.name);
    found.iter().map(names).map(|(name, first)| told(name, first, rows)).collect()
}

fn told(name: &str, first: &str, rows: usize) -> Finding {
    Oddity {
        code: FindingCode::NearDuplicateColumns,
        severity: Severity::Info,
        count: rows,
        what: format!("column `{name}` is column `{first}` on another scale"),
        advice: format!("one of them is enough: `--ignore {}` or {}", word(first), leave_out(name)),
        examples: vec![],
    }
    .about(name)
}

/// The number in a row; NaN where there is none.
fn value(column: &Column, row: usize) -> f64 {
    match column {
        Column::Float(v) => v[row],
        Column::Int(v) if v[row] != NO_VALUE => v[row] as f64,
        _ => f64::NAN,
    }
}

/// `None` for columns that are no plain numbers or take less than five values.
fn unit(
    at: usize,
    (field, meaning): &(Field, &Meaning),
    rows: &[usize],
    direction: &[f64],
) -> Option<Unit> {
    let plain = matches!(field.column, Column::Float(_) | Column::Int(_));
    if !plain || !matches!(meaning, Meaning::Numeric { .. }) {
        return None;
    }
    let mut values: Vec<f64> = rows.iter().map(|r| value(&field.column, *r)).collect();
    let mut present: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    let mean = present.iter().sum::<f64>() / present.len() as f64;
    present.sort_unstable_by(f64::total_cmp);
    let steps = present.chunk_by(|a, b| a == b).take(LEAST_DISTINCT).count();
    let spread = present.iter().map(|v| (v - mean).powi(2)).sum::<f64>().sqrt();
    if steps < LEAST_DISTINCT || !(spread.is_finite() && spread > 0.0) {
        return None;
    }
    for v in &mut values {
        *v = if v.is_finite() { (*v - mean) / spread } else { 0.0 };
    }
    let projection = dot(&values, direction);
    Some(Unit { at, values, projection })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Whether columns correlate over all rows, without being equal.
fn same(a: &Column, b: &Column) -> bool {
    let rows = a.rows();
    let (mut n, mut gaps, mut differ) = (0.0f64, 0usize, false);
    // Welford's updates, so that large means cost no digits.
    let (mut mean, mut squares, mut product) = ([0.0; 2], [0.0; 2], 0.0);
    for row in 0..rows {
        let (x, y) = (value(a, row), value(b, row));
        if !(x.is_finite() && y.is_finite()) {
            gaps += usize::from(x.is_finite() != y.is_finite());
            continue;
        }
        n += 1.0;
        differ |= x != y;
        let (dx, dy) = (x - mean[0], y - mean[1]);
        mean = [mean[0] + dx / n, mean[1] + dy / n];
        squares = [squares[0] + dx * (x - mean[0]), squares[1] + dy * (y - mean[1])];
        product += dx * (y - mean[1]);
    }
    let correlation = product / (squares[0] * squares[1]).sqrt();
    differ && gaps * 100 <= rows && correlation.abs() >= SAME
}
