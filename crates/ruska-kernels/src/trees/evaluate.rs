//! The trees of a model as they are evaluated: on places rather than values, many rows at a time or
//! one. Scores are added up in the order of the trees, so all ways give the same bits.

use super::bitset::Bitset;
use super::model::{Model, Node};
use super::oblivious::Oblivious;
use super::places::{BLOCK, Places};
use super::walk::Walk;

/// Fewer rows are evaluated one by one.
const FEW_ROWS: usize = 16;
/// Features in use of a row that is evaluated without allocating.
const NARROW: usize = 512;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Evaluator {
    places: Places,
    walk: Option<Walk>,
    blocks: Option<Blocks>,
}

#[derive(Clone, Debug, PartialEq)]
enum Blocks {
    Oblivious(Oblivious),
    Bitset(Bitset),
}

impl Evaluator {
    /// `None` for trees that can only be evaluated as they are.
    pub(super) fn of(model: &Model) -> Option<Self> {
        let (used, subsets) = (model.used(), model.subsets());
        let nodes = || model.trees_of_nodes().flat_map(<[Node]>::iter);
        let places = Places::of(nodes(), used.len())?;
        let oblivious =
            Oblivious::of(model.trees_of_nodes(), &places, subsets).map(Blocks::Oblivious);
        let bitset = || Bitset::of(model.trees_of_nodes(), &places, subsets).map(Blocks::Bitset);
        let blocks = oblivious.or_else(bitset);
        let walk = Walk::of(model.trees_of_nodes(), &places, subsets);
        (walk.is_some() || blocks.is_some()).then_some(Self { places, walk, blocks })
    }

    /// See [`Model::predict`]. `scores` hold the constants they start from.
    pub(super) fn add(
        &self,
        used: &[u32],
        columns: &[&[f64]],
        rows: &[u32],
        outputs: usize,
        scores: &mut [f64],
    ) {
        if let Some(walk) = &self.walk
            && (rows.len() < FEW_ROWS || self.blocks.is_none())
        {
            for (&row, scores) in rows.iter().zip(scores.chunks_exact_mut(outputs)) {
                self.add_row(walk, |slot| columns[used[slot] as usize][row as usize], scores);
            }
            return;
        }
        let mut places = vec![[0u8; BLOCK]; used.len()];
        for (rows, scores) in rows.chunks(BLOCK).zip(scores.chunks_mut(BLOCK * outputs)) {
            self.places.find(used, columns, rows, &mut places);
            match &self.blocks {
                Some(Blocks::Oblivious(trees)) => trees.add(&places, outputs, scores),
                Some(Blocks::Bitset(trees)) => trees.add(&places, outputs, scores),
                None => {}
            }
        }
    }

    /// Adds the trees to the scores of one row of values, one per feature; tells whether it can.
    pub(super) fn add_one(&self, used: &[u32], row: &[f64], scores: &mut [f64]) -> bool {
        let Some(walk) = &self.walk else { return false };
        self.add_row(walk, |slot| row[used[slot] as usize], scores);
        true
    }

    fn add_row(&self, walk: &Walk, value: impl Fn(usize) -> f64, scores: &mut [f64]) {
        let width = self.places.len();
        let (mut near, mut far);
        let places = if width <= NARROW {
            near = [0; NARROW];
            // A leaf looks at the first one, though it does not matter.
            &mut near[..width.max(1)]
        } else {
            far = vec![0; width];
            &mut far[..]
        };
        for (slot, place) in places.iter_mut().enumerate().take(width) {
            *place = self.places.place(slot, value(slot));
        }
        walk.add(places, scores);
    }
}
