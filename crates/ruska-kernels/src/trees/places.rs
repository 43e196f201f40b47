//! Values as places: one byte a value, so that decisions on a block of rows are vector
//! instructions.
//!
//! A number's place is how many of the thresholds that the model uses of its feature are below it;
//! a level's place is its code.

use super::binned::first_cuts_below;
use super::model::Node;
use super::split::Subset;
use super::subset;

/// Rows evaluated at a time.
pub(super) const BLOCK: usize = 256;
/// Place of missing values.
const MISSING: u8 = 255;

/// How each feature in use is brought to places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Places(Vec<Scale>);

#[derive(Clone, Debug, PartialEq)]
enum Scale {
    /// Thresholds, ascending, and infinities up to 256; a power of two above their number.
    Numbers(Box<[f64; 256]>, usize),
    Levels,
}

/// What a place must be to go left.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Decision {
    pub(super) slot: u32,
    pub(super) test: Test,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// At most `last`, or `also`.
    UpTo { last: u8, also: u8 },
    /// One of these.
    In(Box<Subset>),
}

impl Places {
    /// Of the decisions of some trees; `None` where a feature has too many thresholds.
    pub(super) fn of<'a>(nodes: impl Iterator<Item = &'a Node>, features: usize) -> Option<Self> {
        let mut thresholds = vec![vec![]; features];
        let mut of_levels = vec![false; features];
        for node in nodes.filter(|node| node.left != 0) {
            if node.levels().is_some() {
                of_levels[node.slot()] = true;
            } else {
                thresholds[node.slot()].push(node.value);
            }
        }
        let scale = |(mut values, levels): (Vec<f64>, bool)| {
            values.sort_unstable_by(f64::total_cmp);
            values.dedup();
            let both = levels && !values.is_empty();
            if both || values.len() > 254 || values.iter().any(|v| v.is_nan()) {
                return None;
            }
            if levels {
                return Some(Scale::Levels);
            }
            let mut table = Box::new([f64::INFINITY; 256]);
            table[..values.len()].copy_from_slice(&values);
            Some(Scale::Numbers(table, (values.len() + 1).next_power_of_two()))
        };
        thresholds.into_iter().zip(of_levels).map(scale).collect::<Option<_>>().map(Self)
    }

    /// A node's decision on places.
    pub(super) fn decision(&self, node: &Node, subsets: &[Subset]) -> Option<Decision> {
        let test = match (&self.0[node.slot()], node.levels()) {
            (Scale::Numbers(table, _), None) => {
                let last = table.iter().position(|t| *t == node.value)? as u8;
                Test::UpTo { last, also: if node.missing_left() { MISSING } else { last } }
            }
            (Scale::Levels, Some(i)) => {
                let mut set = subsets[i];
                let missing = subset::of([MISSING]);
                set.iter_mut().zip(missing).for_each(|(word, missing)| {
                    *word = if node.missing_left() { *word | missing } else { *word & !missing };
                });
                Test::In(Box::new(set))
            }
            _ => return None,
        };
        Some(Decision { slot: node.slot() as u32, test })
    }

    /// Number of features in use.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The place of a value of the feature in use at `slot`.
    pub(super) fn place(&self, slot: usize, x: f64) -> u8 {
        match &self.0[slot] {
            Scale::Levels => of_level(x),
            // Of one size, as a loop of varying length would be mispredicted.
            Scale::Numbers(table, _) => of_number(table, 256, x),
        }
    }

    /// The places of at most [`BLOCK`] rows by feature in use, of those in `used` among `columns`.
    pub(super) fn find(
        &self,
        used: &[u32],
        columns: &[&[f64]],
        rows: &[u32],
        out: &mut [[u8; BLOCK]],
    ) {
        for ((places, scale), &feature) in out.iter_mut().zip(&self.0).zip(used) {
            let column = columns[feature as usize];
            match scale {
                Scale::Levels => {
                    for (place, &row) in places.iter_mut().zip(rows) {
                        *place = of_level(column[row as usize]);
                    }
                }
                Scale::Numbers(table, size) => {
                    let find = match size {
                        0..=8 => of_numbers::<8>,
                        16 => of_numbers::<16>,
                        32 => of_numbers::<32>,
                        64 => of_numbers::<64>,
                        128 => of_numbers::<128>,
                        _ => of_numbers::<256>,
                    };
                    find(table, column, rows, places);
                }
            }
        }
    }
}

fn of_level(code: f64) -> u8 {
    if code.is_nan() { MISSING } else { code as u8 }
}

/// How many of the thresholds are below each row's value, by binary search without branches in the
/// first `SIZE` of them, a power of two.
fn of_numbers<const SIZE: usize>(
    table: &[f64; 256],
    column: &[f64],
    rows: &[u32],
    out: &mut [u8; BLOCK],
) {
    for (place, &row) in out.iter_mut().zip(rows) {
        *place = of_number(table, SIZE, column[row as usize]);
    }
}

#[inline(always)]
fn of_number(table: &[f64; 256], size: usize, x: f64) -> u8 {
    if x.is_nan() { MISSING } else { first_cuts_below(table, size, x) }
}

impl Decision {
    /// Changes a value for each place, given 255 where it goes left, else 0.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch would keep the loop scalar")]
    pub(super) fn change(
        &self,
        places: &[u8; BLOCK],
        values: &mut [u8; BLOCK],
        f: impl Fn(u8, u8) -> u8,
    ) {
        let all = |is: bool| if is { 255 } else { 0 };
        match &self.test {
            &Test::UpTo { last, also } => {
                for (value, &place) in values.iter_mut().zip(places) {
                    *value = f(*value, all((place <= last) | (place == also)));
                }
            }
            Test::In(set) => {
                for (value, &place) in values.iter_mut().zip(places) {
                    *value = f(*value, all(subset::holds(set, place)));
                }
            }
        }
    }
}
