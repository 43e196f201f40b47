//! What each feature adds to the scores of a row: Shapley values of trees, exact.
//!
//! A coalition of features knows a row's values of these alone. What a tree says to it is the mean over the
//! leaves that it cannot tell apart: where a decision is on a feature of the coalition, the row's side counts,
//! otherwise both sides by the rows of a background that went there. So a coalition of all says the row's
//! score, that of none says the mean score of the background, and the values of a row's features add up to
//! the difference. Where no row of the background came by, both sides count alike.
//!
//! For one leaf that game is a product, one factor a feature on the way: 1 or 0 if the feature is known,
//! otherwise the share `z` of the background that stays on the way. The Shapley value of a product of such
//! factors is an integral over the chance `t` that a feature is known,
//! `∫ (o − z) ∏ (o' t + z' (1 − t)) dt` over all other features of the way, `o` being 1 where the row stays on
//! it. It is a polynomial of a degree below the number of features on the way, so that Gauss's rule with half
//! as many points is exact. All leaves share the products of the nodes above them: one walk down and one up
//! give the values of a tree, O(nodes · points).
//!
//! Reference: Lundberg et al., "From local explanations to global understanding with explainable AI for
//! trees", Nature Machine Intelligence 2, 2020 (the game); Owen, "Multilinear extensions of games", Management
//! Science 18, 1972 (the integral); Yu et al., "Linear TreeShap", NeurIPS 2022 (the walk).

mod lanes;
mod quadrature;
mod source;
mod tree;

use super::{Forest, Model};
use rayon::prelude::*;
pub use source::{Node, Says, Test, Tree};
use tree::Prepared;

/// Trees that explain rows.
#[derive(Clone, Debug)]
pub struct Explainer {
    features: usize,
    base: Vec<f64>,
    trees: Vec<Prepared>,
    #[cfg(test)]
    told: Vec<Tree>,
}

impl Explainer {
    /// Of a boosted model, whose background is the given rows of its columns.
    pub fn of_model(model: &Model, columns: &[&[f64]], background: &[u32]) -> Self {
        let mut trees = source::of_model(model);
        trees.iter_mut().for_each(|tree| tree.count(columns, background));
        Self::new(model.features(), model.constants(), &trees)
    }

    /// Of what `link` makes of the scores of a boosted model that has one tree an output.
    pub fn of_linked(
        model: &Model,
        link: impl Fn(f64) -> f64,
        columns: &[&[f64]],
        background: &[u32],
    ) -> Self {
        let mut trees = source::of_model(model);
        for tree in &mut trees {
            let constant = model.constants()[tree.output];
            for node in &mut tree.nodes {
                if let Says::Values(values) = &mut node.says {
                    values.iter_mut().for_each(|value| *value = link(constant + *value));
                }
            }
            tree.count(columns, background);
        }
        Self::new(model.features(), &vec![0.0; model.outputs()], &trees)
    }

    /// Of a forest, whose background is the given rows of its columns.
    pub fn of_forest(forest: &Forest, columns: &[&[f64]], background: &[u32]) -> Self {
        let (constants, mut trees) = source::of_forest(forest);
        trees.iter_mut().for_each(|tree| tree.count(columns, background));
        Self::new(forest.features(), &constants, &trees)
    }

    /// Of trees that add to some constants, one an output, with the background's weight at each node.
    ///
    /// Panics on a tree whose children do not come after their parent, or with a feature or an output that
    /// there is not.
    pub fn new(features: usize, constants: &[f64], trees: &[Tree]) -> Self {
        let prepared = trees.iter().map(|tree| Prepared::of(tree, features, constants.len()));
        let prepared: Vec<Prepared> = prepared.collect();
        let mut base = constants.to_vec();
        prepared.iter().for_each(|tree| tree.add_mean(&mut base));
        Self {
            features,
            base,
            trees: prepared,
            #[cfg(test)]
            told: trees.to_vec(),
        }
    }

    /// What it explains.
    #[cfg(test)]
    pub(super) fn trees(&self) -> &[Tree] {
        &self.told
    }

    /// The scores of a row that nothing is known of, one an output: the mean of the background.
    pub fn base(&self) -> &[f64] {
        &self.base
    }

    /// Number of features.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Scores a row.
    pub fn outputs(&self) -> usize {
        self.base.len()
    }

    /// What each feature adds to the scores of the given rows: row by row and feature by feature a number for
    /// each output. `out` has `rows.len() * features() * outputs()` places; `columns` are those of the model,
    /// and each row lies in each. The same bits for any number of threads.
    pub fn explain(&self, columns: &[&[f64]], rows: &[u32], threads: usize, out: &mut [f64]) {
        let width = self.features * self.outputs();
        assert_eq!(columns.len(), self.features, "the columns are those of the model");
        assert_eq!(out.len(), rows.len() * width, "there is a place for every value");
        out.fill(0.0);
        if width == 0 {
            return;
        }
        let size = rows.len().div_ceil(threads.max(1)).clamp(1, BLOCK);
        let block = |(rows, out): (&[u32], &mut [f64])| {
            self.trees.iter().for_each(|tree| tree.explain(columns, rows, self.outputs(), out));
        };
        if threads < 2 {
            rows.chunks(size).zip(out.chunks_mut(size * width)).for_each(block);
        } else {
            rows.par_chunks(size).zip(out.par_chunks_mut(size * width)).for_each(block);
        }
    }
}

/// Rows that one tree after the other is walked for, so that what it knows stays near.
const BLOCK: usize = 256;
