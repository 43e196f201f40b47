//! Which parameters a net has, and where they lie.

use super::cells::Column;
use super::real::Real;
use crate::trees::random::normal;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a layer does to its sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// max(z, 0).
    Relu,
    /// z / (1 + e^−z).
    #[default]
    Silu,
}

/// The shape of a net.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The dense columns.
    pub columns: Vec<Column>,
    /// Length of the vector of a dense column, ≥ 1.
    pub dims: usize,
    /// Number of sparse columns.
    pub words: usize,
    /// Length of the vector of the sparse columns together, ≥ 1.
    pub word_dims: usize,
    /// Width of each layer, ≥ 1 each.
    pub hidden: Vec<usize>,
    /// Nets that share most of their parameters, ≥ 1.
    pub members: usize,
    /// Scores of a member, ≥ 1.
    pub outputs: usize,
    /// What the layers do to their sums.
    pub activation: Activation,
    /// Whether layers norm their sums over their units (Ba, Kiros, Hinton, "Layer normalization", 2016).
    pub norm: bool,
}

impl Shape {
    /// Length of the vector that members see.
    pub(super) fn inputs(&self) -> usize {
        let words = if self.words > 0 { self.word_dims } else { 0 };
        self.columns.len() * self.dims + words
    }

    /// Width of the last layer.
    pub(super) fn last(&self) -> usize {
        self.hidden.last().copied().unwrap_or(self.inputs())
    }

    /// Widths of each layer: of what it sees, and its own.
    pub(super) fn layers(&self) -> impl Iterator<Item = (usize, usize)> {
        let before = std::iter::once(self.inputs()).chain(self.hidden.iter().copied());
        before.zip(self.hidden.iter().copied())
    }

    /// What makes it useless, if anything.
    pub fn validate(&self) -> Result<(), String> {
        const MOST: usize = 1 << 24;
        self.columns.iter().try_for_each(Column::validate)?;
        let least = [self.dims, self.word_dims, self.members, self.outputs];
        let odd = least.iter().chain(&self.hidden).any(|n| *n == 0 || *n > MOST);
        if odd || self.words > MOST || self.columns.len() > MOST {
            return Err("a width of the net is out of range".to_owned());
        }
        // None of the parts of the layout has more parameters than these together.
        let places: f64 = self.columns.iter().map(|c| c.places() as f64 + 2.0).sum();
        let inputs = self.columns.len() as f64 * self.dims as f64 + self.word_dims as f64;
        let widest = self.hidden.iter().copied().max().unwrap_or(1) as f64;
        let tables = places * self.dims as f64 + self.words as f64 * self.word_dims as f64;
        let layers = (inputs + widest) * (widest + 3.0) * (self.hidden.len() + 1) as f64;
        let members = self.members as f64 * (inputs + (inputs + widest) * self.outputs as f64);
        if tables + layers + members > (1u64 << 32) as f64 {
            return Err("the net has too many parameters".to_owned());
        }
        Ok(())
    }
}

/// Where a layer's parameters lie.
#[derive(Clone, Debug)]
pub(super) struct LayerAt {
    /// `inputs` × `outputs`, row by row.
    pub(super) weights: Range<usize>,
    pub(super) bias: Range<usize>,
    /// Empty without norms.
    pub(super) gain: Range<usize>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
}

/// Where the parameters of a net lie. Those that decay come first.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Start of each dense column's table: `places` × `dims`.
    pub(super) tables: Vec<usize>,
    /// The sparse columns' table: `words` × `word_dims`.
    pub(super) words: Range<usize>,
    pub(super) layers: Vec<LayerAt>,
    /// `members` × `last` × `outputs`.
    pub(super) heads: Range<usize>,
    /// Number of parameters that decay.
    pub(super) decaying: usize,
    /// For each dense column a vector that numbers are multiplied by, and one that is added.
    pub(super) lines: Range<usize>,
    /// `members` × `inputs`; empty for one member.
    pub(super) factors: Range<usize>,
    /// `members` × `outputs`.
    pub(super) head_biases: Range<usize>,
    /// Number of parameters.
    pub(super) len: usize,
}

impl Layout {
    pub(super) fn of(shape: &Shape) -> Self {
        let mut len = 0;
        let mut take = |n: usize| {
            len += n;
            len - n..len
        };
        let tables = shape.columns.iter().map(|c| take(c.places() * shape.dims).start).collect();
        let words = take(if shape.words > 0 { shape.words * shape.word_dims } else { 0 });
        let weights: Vec<_> = shape.layers().map(|(i, o)| take(i * o)).collect();
        let heads = take(shape.members * shape.last() * shape.outputs);
        let decaying = heads.end;
        let lines = take(2 * shape.columns.len() * shape.dims);
        let factors = take(if shape.members > 1 { shape.members * shape.inputs() } else { 0 });
        let layer = |((inputs, outputs), weights)| LayerAt {
            weights,
            bias: take(outputs),
            gain: take(if shape.norm { outputs } else { 0 }),
            inputs,
            outputs,
        };
        let layers = shape.layers().zip(weights).map(layer).collect();
        let head_biases = take(shape.members * shape.outputs);
        Self { tables, words, layers, heads, decaying, lines, factors, head_biases, len }
    }

    /// Parameters to begin with: tables of numbers at 0, so that a number is a line at first; weights
    /// normal, of a variance that keeps that of the sums (He et al., 2015); factors of either sign;
    /// the heads' biases at `base`.
    pub(super) fn begin<R: Real>(&self, shape: &Shape, base: &[f64], seed: u64) -> Vec<R> {
        let mut out = vec![R::zero(); self.len];
        let mut draw = |range: Range<usize>, deviation: f64| {
            for i in range {
                out[i] = R::of(deviation * normal(seed.wrapping_add(i as u64)));
            }
        };
        for (column, &at) in shape.columns.iter().zip(&self.tables) {
            if matches!(column, Column::Levels(_)) {
                // What was never seen says nothing until it is.
                draw(at..at + (column.places() - 1) * shape.dims, 1.0);
            }
        }
        draw(self.words.clone(), 1.0);
        for layer in &self.layers {
            draw(layer.weights.clone(), (2.0 / layer.inputs.max(1) as f64).sqrt());
        }
        draw(self.heads.clone(), (1.0 / shape.last().max(1) as f64).sqrt());
        draw(self.lines.clone(), 0.6);
        draw(self.factors.clone(), 1.0);
        for i in self.factors.clone() {
            out[i] = if out[i] < R::zero() { -R::one() } else { R::one() };
        }
        for layer in &self.layers {
            out[layer.gain.clone()].fill(R::one());
        }
        for (to, base) in out[self.head_biases.clone()].iter_mut().zip(base.iter().cycle()) {
            *to = R::of(*base);
        }
        out
    }
}
