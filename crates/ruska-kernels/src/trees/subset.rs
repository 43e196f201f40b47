//! Splits of categories: sets of levels.
//!
//! Up to four levels are tried one against the rest. More are sorted by G / (H + smooth), after
//! which the best set is a prefix (Fisher, "On grouping for maximum homogeneity", 1958; exact for
//! a convex loss without penalties). Rare levels and the freedom of the sets are held back by the
//! smoothing and an L2 penalty of their own, as in LightGBM (Ke et al. 2017).

use super::gradients::Sums;
use super::split::{Rule, Subset};

/// Most levels in a leaf that are tried one by one.
pub(crate) const ONE_HOT: usize = 4;

/// The set of some bins.
pub(crate) fn of(bins: impl IntoIterator<Item = u8>) -> Subset {
    let mut set = [0; 4];
    bins.into_iter().for_each(|b| set[usize::from(b / 64)] |= 1 << (b % 64));
    set
}

/// Whether a bin is in a set.
#[inline(always)]
pub(crate) fn holds(set: &Subset, bin: u8) -> bool {
    set[usize::from(bin / 64)] >> (bin % 64) & 1 != 0
}

/// Calls with every bin of a set, ascending.
#[inline(always)]
pub(crate) fn each_bin(set: &Subset, mut f: impl FnMut(usize)) {
    for (w, &word) in set.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            f(64 * w + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}

/// Puts the levels that are not empty in the order of their gradient; returns their number.
pub(crate) fn sort(
    cells: &[u64],
    rule: &Rule,
    order: &mut [u8; 256],
    keys: &mut [f64; 256],
) -> usize {
    let mut n = 0;
    for (level, &cell) in cells.iter().enumerate().filter(|(_, c)| **c != 0) {
        let sums = Sums::of(cell);
        keys[level] = sums.g / (sums.h + rule.category_smooth).max(1.0);
        order[n] = level as u8;
        n += 1;
    }
    order[..n].sort_unstable_by(|&a, &b| {
        keys[usize::from(a)].total_cmp(&keys[usize::from(b)]).then(a.cmp(&b))
    });
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = of([0, 63, 64, 255]);
        let inside: Vec<u8> = (0..=255).filter(|&b| holds(&set, b)).collect();
        assert_eq!(inside, [0, 63, 64, 255]);
    }
}
