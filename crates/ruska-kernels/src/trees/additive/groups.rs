//! The coarse bins by which columns go into pairs.

use super::Terms;
use super::mains::{Mains, places};
use super::pure::weighted_mean;
use crate::trees::BinnedColumn;

/// Most columns that are looked at for pairs, those of the largest tables.
const MOST: usize = 64;

/// A column as it goes into pairs.
pub(super) struct Axis {
    /// The term it is of.
    pub(super) term: usize,
    /// The group of each place of the term's table; the last one is that of missing values alone.
    pub(super) groups: Vec<u8>,
    /// The group of each row.
    pub(super) rows: Vec<u8>,
}

impl Axis {
    /// Number of groups.
    pub(super) fn count(&self) -> usize {
        self.groups.last().map_or(0, |&last| usize::from(last) + 1)
    }

    fn new(term: usize, column: &BinnedColumn, groups: Vec<u8>) -> Self {
        let rows = column.bins().iter().map(|&bin| groups[usize::from(bin)]).collect();
        Self { term, groups, rows }
    }
}

/// The columns that may go into pairs. Levels are put in the order of their tables, so that those
/// that act alike are neighbours. `weights` are those of the training rows by place, `tables` those of
/// each bag.
pub(super) fn axes(
    mains: &Mains<'_>,
    weights: &[Vec<f64>],
    tables: &[Vec<Vec<f64>>],
    most: usize,
) -> Vec<Axis> {
    let size = |term: usize| {
        let weights = &weights[term];
        let spread = |table: &[f64]| {
            let mean = weighted_mean(table, weights);
            let squares: Vec<f64> = table.iter().map(|v| (v - mean).powi(2)).collect();
            weighted_mean(&squares, weights)
        };
        let of_bag = |t: &Vec<Vec<f64>>| t[term].chunks(weights.len()).map(spread).sum::<f64>();
        tables.iter().map(of_bag).sum::<f64>()
    };
    let mut terms: Vec<(usize, f64)> = (0..mains.count()).map(|t| (t, size(t))).collect();
    terms.sort_by(|a, b| b.1.total_cmp(&a.1));
    terms.truncate(MOST);
    terms.sort_by_key(|t| t.0);
    let axis = |(term, _): (usize, f64)| {
        let (_, column) = mains.column(term);
        let groups = if column.is_categorical() {
            let sum = |place: usize| tables.iter().map(|t| t[term][place]).sum::<f64>();
            ranks(&(0..places(column) - 1).map(sum).collect::<Vec<_>>())
        } else {
            equal(&weights[term][..places(column) - 1], most)
        };
        let missing = groups.iter().max().map_or(0, |last| last + 1);
        Axis::new(term, column, [groups, vec![missing]].concat())
    };
    terms.into_iter().map(axis).collect()
}

/// The rank of each value.
fn ranks(values: &[f64]) -> Vec<u8> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    (0..).zip(order).for_each(|(rank, place)| ranks[place] = rank);
    ranks
}

/// Puts neighbouring bins of some weights into most so many groups of about equal weight.
fn equal(weights: &[f64], most: usize) -> Vec<u8> {
    if weights.len() <= most {
        return (0..weights.len() as u8).collect();
    }
    let (mut left, mut in_group, mut group) = (weights.iter().sum::<f64>(), 0.0, 0);
    let mut groups = Vec::with_capacity(weights.len());
    for &weight in weights {
        let share = left / (most - usize::from(group)) as f64;
        if in_group > 0.0 && in_group + weight / 2.0 >= share && usize::from(group) + 1 < most {
            left -= in_group;
            (in_group, group) = (0.0, group + 1);
        }
        in_group += weight;
        groups.push(group);
    }
    groups
}
