//! Which clusters of a hierarchy are chosen.

use super::condense::Condensed;
use super::{HdbscanParams, Selection};
use std::collections::BTreeSet;

/// What sums of the same numbers may differ by, in another order.
const ROUNDING: f64 = 1e-10;

/// Clusters none of which is within another.
pub(super) fn select(
    tree: &Condensed,
    stabilities: &[f64],
    params: &HdbscanParams,
) -> BTreeSet<usize> {
    let single = params.allow_single_cluster && tree.left.len() >= params.min_cluster_size.max(2);
    let chosen = match params.selection {
        Selection::ExcessOfMass => heaviest(tree, stabilities, single),
        Selection::Leaf => leaves(tree),
    };
    let near = |c: usize| tree.clusters[c].birth < params.epsilon;
    let above = |c| if near(c) { climb(tree, c, params.epsilon, single) } else { c };
    chosen.into_iter().map(above).collect()
}

/// The clusters that together hold the most excess of mass (Campello et al. 2013, algorithm 3).
/// Where the children hold as much as their parent but for rounding, the parent is chosen.
fn heaviest(tree: &Condensed, stabilities: &[f64], single: bool) -> Vec<usize> {
    let n = tree.clusters.len();
    let mut below = vec![0.0; n];
    let mut wanted = vec![true; n];
    for c in (0..n).rev() {
        wanted[c] = stabilities[c] >= below[c] * (1.0 - ROUNDING) && (c > 0 || single);
        if let Some(parent) = tree.clusters[c].parent {
            below[parent] += if wanted[c] { stabilities[c] } else { below[c] };
        }
    }
    let mut within = vec![false; n];
    for c in 0..n {
        let above = tree.clusters[c].parent.is_some_and(|p| within[p]);
        within[c] = above || wanted[c];
        wanted[c] = wanted[c] && !above;
    }
    (0..n).filter(|&c| wanted[c]).collect()
}

/// The clusters that never part, unless that is all rows.
fn leaves(tree: &Condensed) -> Vec<usize> {
    let parents: BTreeSet<usize> = tree.clusters.iter().filter_map(|c| c.parent).collect();
    (1..tree.clusters.len()).filter(|c| !parents.contains(c)).collect()
}

/// The first cluster above `c` that came off at a distance beyond `epsilon`, or the one below all
/// rows.
fn climb(tree: &Condensed, mut c: usize, epsilon: f64, single: bool) -> usize {
    while let Some(parent) = tree.clusters[c].parent {
        if parent == 0 && !single {
            break;
        }
        c = parent;
        if tree.clusters[c].birth > epsilon {
            break;
        }
    }
    c
}
