//! A typical member: the row of a group that is nearest to the group's middle, columns on one scale.
//!
//! A missing value counts as one deviation away, since a row that tells little shows little. Cost
//! O(rows · columns), two numbers a row of memory.

use super::differences::ClusterDifference;
use super::features::{Feature, Groups, Values};
use super::space::{Scale, Space};
use serde::Serialize;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// Number of the row, from 1.
    pub row: usize,
    /// What it holds: first the columns in which the group differs, then others, in all at most 20.
    pub values: Vec<MemberValue>,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MemberValue {
    /// Name of the column.
    pub column: String,
    /// The value, masked (`Aaaa 99`) where it may name a person; `None` where there is none.
    pub value: Option<String>,
}

/// Columns told of a row.
const MOST: usize = 20;

/// The row of each group that is nearest to its middle, the first of equals.
pub(super) fn nearest(space: &Space<'_>, groups: &Groups) -> Vec<usize> {
    let mut distances = vec![0.0; groups.rows()];
    for (feature, scale) in space.features.iter().zip(&space.scales) {
        add_distances(feature, scale, groups, &mut distances);
    }
    let mut nearest: Vec<Option<usize>> = vec![None; groups.len()];
    for (row, group) in groups.of.iter().enumerate() {
        let best = &mut nearest[*group as usize];
        if best.is_none_or(|best| distances[row] < distances[best]) {
            *best = Some(row);
        }
    }
    nearest.into_iter().flatten().collect()
}

/// Adds the squared distances along a column from the middles of the rows' own groups.
fn add_distances(feature: &Feature, scale: &Scale, groups: &Groups, distances: &mut [f64]) {
    let rows = groups.of.iter().zip(distances);
    match (scale, &feature.values) {
        (Scale::Number { mean, unit }, Values::Numbers(values)) if *unit > 0.0 => {
            let place = |v: f64| Scale::place(*mean, *unit, v);
            let mut middles = vec![(0.0, 0.0); groups.len()];
            for (v, group) in values.iter().zip(&groups.of).filter(|(v, _)| !v.is_nan()) {
                let (sum, n) = &mut middles[*group as usize];
                *sum += place(*v);
                *n += 1.0f64;
            }
            for (v, (group, distance)) in values.iter().zip(rows) {
                let (sum, n) = middles[*group as usize];
                *distance += if v.is_nan() { 1.0 } else { (place(*v) - sum / n).powi(2) };
            }
        }
        (Scale::Levels { unit, .. }, Values::Levels(codes)) if *unit > 0.0 => {
            let mut shares = vec![vec![0.0; feature.codes()]; groups.len()];
            for (code, group) in codes.iter().zip(&groups.of) {
                let group = *group as usize;
                shares[group][*code as usize] += 1.0 / groups.sizes[group] as f64;
            }
            let squares: Vec<f64> =
                shares.iter().map(|of| of.iter().map(|s| s * s).sum()).collect();
            for (code, (group, distance)) in codes.iter().zip(rows) {
                let group = *group as usize;
                *distance += if *code == feature.missing_code() {
                    1.0
                } else {
                    unit * unit * (1.0 - 2.0 * shares[group][*code as usize] + squares[group])
                };
            }
        }
        _ => {}
    }
}

/// What a row holds, for people.
pub(super) fn member(
    features: &[Feature],
    row: usize,
    differences: &[ClusterDifference],
) -> Member {
    let place = |f: &Feature| differences.iter().position(|d| d.column == f.name);
    let mut shown: Vec<(usize, &Feature)> = features
        .iter()
        .enumerate()
        .map(|(i, f)| (place(f).unwrap_or(differences.len() + i), f))
        .collect();
    shown.sort_by_key(|(place, _)| *place);
    let values = shown.into_iter().take(MOST);
    let value =
        |(_, f): (usize, &Feature)| MemberValue { column: f.name.clone(), value: f.shown(row) };
    Member { row: row + 1, values: values.map(value).collect() }
}
