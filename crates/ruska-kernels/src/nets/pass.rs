//! One walk through a net and back, for some rows.

use super::activation::{activate, add_rows, multiply};
use super::embed::{Tables, embed, embed_back};
use super::layout::{LayerAt, Layout, Shape};
use super::norm::{norm, norm_back};
use super::product::{add_product, matrix, product};
use super::real::Real;
use crate::trees::random::mix;

/// Units that a walk leaves out at random.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropout {
    /// Share of the units of each layer, 0 to below 1.
    pub(super) share: f64,
    pub(super) seed: u64,
}

/// What a walk leaves for the way back; used again from walk to walk.
#[derive(Debug, Default)]
pub(super) struct Pass<R> {
    /// `rows` × `inputs`.
    inputs: Vec<R>,
    /// The same for each member, times its factors; empty for one member.
    scaled: Vec<R>,
    layers: Vec<Walked<R>>,
    /// Member after member, `rows` × `outputs`.
    pub(super) scores: Vec<R>,
    /// The gradient of these, to be written before the way back.
    pub(super) delta: Vec<R>,
    /// Gradients of what a layer has made, and of what it was given.
    above: Vec<R>,
    below: Vec<R>,
}

/// What a layer leaves.
#[derive(Debug)]
struct Walked<R> {
    out: Vec<R>,
    slopes: Vec<R>,
    normed: Vec<R>,
    inverse: Vec<R>,
}

fn sized<R: Real>(values: &mut Vec<R>, len: usize) -> &mut [R] {
    values.resize(len, R::zero());
    values
}

impl<R: Real> Pass<R> {
    /// Writes the scores of the rows.
    pub(super) fn forward(
        &mut self,
        tables: Tables<'_>,
        params: &[R],
        rows: &[u32],
        dropout: Option<Dropout>,
    ) {
        let (shape, layout) = (tables.shape, tables.layout);
        let (n, members) = (rows.len(), shape.members);
        embed(tables, params, rows, sized(&mut self.inputs, n * shape.inputs()));
        if members > 1 {
            let scaled = sized(&mut self.scaled, members * self.inputs.len());
            let factors = params[layout.factors.clone()].chunks_exact(shape.inputs().max(1));
            for (scaled, factors) in scaled.chunks_exact_mut(self.inputs.len().max(1)).zip(factors)
            {
                scaled.copy_from_slice(&self.inputs);
                scaled.chunks_exact_mut(factors.len()).for_each(|row| multiply(row, factors));
            }
        }
        let begin = if members > 1 { &self.scaled } else { &self.inputs };
        self.layers.resize_with(layout.layers.len(), Walked::empty);
        for (l, at) in layout.layers.iter().enumerate() {
            let (before, after) = self.layers.split_at_mut(l);
            let given = made_by(before, begin);
            let dropout = dropout.map(|d| Dropout { seed: mix(d.seed ^ mix(l as u64)), ..d });
            after[0].forward(shape, at, params, (given, n * members), dropout);
        }
        let width = shape.last();
        let made = made_by(&self.layers, begin);
        let scores = sized(&mut self.scores, members * n * shape.outputs);
        for m in 0..members {
            let (head, bias) = head(shape, layout, m);
            let head = matrix(&params[head], width, shape.outputs);
            let scores = &mut scores[m * n * shape.outputs..][..n * shape.outputs];
            let bias = &params[bias];
            scores.chunks_exact_mut(bias.len()).for_each(|row| row.copy_from_slice(bias));
            let made = matrix(&made[m * n * width..][..n * width], n, width);
            add_product(made, head, scores);
        }
    }

    /// Adds the gradient of the parameters, from [`Self::delta`].
    pub(super) fn backward(
        &mut self,
        tables: Tables<'_>,
        params: &[R],
        rows: &[u32],
        gradient: &mut [R],
    ) {
        let (shape, layout) = (tables.shape, tables.layout);
        let (n, members, width) = (rows.len(), shape.members, shape.last());
        let begin = if members > 1 { &self.scaled } else { &self.inputs };
        let made = made_by(&self.layers, begin);
        sized(&mut self.above, n * members * width);
        for m in 0..members {
            let (head, bias) = head(shape, layout, m);
            let delta = &self.delta[m * n * shape.outputs..][..n * shape.outputs];
            add_rows(delta, &mut gradient[bias]);
            let delta = matrix(delta, n, shape.outputs);
            let made = matrix(&made[m * n * width..][..n * width], n, width);
            add_product(made.transposed(), delta, &mut gradient[head.clone()]);
            let head = matrix(&params[head], width, shape.outputs);
            product(delta, head.transposed(), &mut self.above[m * n * width..][..n * width]);
        }
        for (l, at) in layout.layers.iter().enumerate().rev() {
            let (before, after) = self.layers.split_at_mut(l);
            let given = made_by(before, begin);
            let below = sized(&mut self.below, n * members * at.inputs);
            after[0].backward(at, params, given, &mut self.above, below, gradient);
            std::mem::swap(&mut self.above, &mut self.below);
        }
        if members > 1 {
            let width = shape.inputs().max(1);
            let below = sized(&mut self.below, n * width);
            below.fill(R::zero());
            let factors = params[layout.factors.clone()].chunks_exact(width);
            let of_factors = gradient[layout.factors.clone()].chunks_exact_mut(width);
            let deltas = self.above.chunks_exact(n * width);
            for ((delta, factors), of_factors) in deltas.zip(factors).zip(of_factors) {
                for i in 0..n {
                    let at = i * width;
                    for j in 0..width {
                        of_factors[j] += delta[at + j] * self.inputs[at + j];
                        below[at + j] += delta[at + j] * factors[j];
                    }
                }
            }
            std::mem::swap(&mut self.above, &mut self.below);
        }
        embed_back(tables, rows, &self.above, gradient);
    }
}

/// Where the head of a member lies, and its biases.
fn head(
    shape: &Shape,
    layout: &Layout,
    member: usize,
) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let size = shape.last() * shape.outputs;
    let at = layout.heads.start + member * size;
    let bias = layout.head_biases.start + member * shape.outputs;
    (at..at + size, bias..bias + shape.outputs)
}

/// What layers have made of what they were given.
fn made_by<'a, R>(layers: &'a [Walked<R>], given: &'a [R]) -> &'a [R] {
    layers.last().map_or(given, |layer| &layer.out)
}

impl<R: Real> Walked<R> {
    fn empty() -> Self {
        Self { out: vec![], slopes: vec![], normed: vec![], inverse: vec![] }
    }

    fn forward(
        &mut self,
        shape: &Shape,
        at: &LayerAt,
        params: &[R],
        (given, n): (&[R], usize),
        dropout: Option<Dropout>,
    ) {
        let weights = matrix(&params[at.weights.clone()], at.inputs, at.outputs);
        let sums = sized(&mut self.slopes, n * at.outputs);
        product(matrix(given, n, at.inputs), weights, sums);
        if !at.gain.is_empty() {
            let normed = sized(&mut self.normed, n * at.outputs);
            let inverse = sized(&mut self.inverse, n);
            norm(&params[at.gain.clone()], sums, normed, inverse);
        }
        let out = sized(&mut self.out, n * at.outputs);
        activate(shape.activation, &params[at.bias.clone()], sums, out);
        if let Some(dropout) = dropout.filter(|d| d.share > 0.0) {
            leave_out(dropout, out, sums);
        }
    }

    /// Writes the gradient of what the layer was given from that of what it made, `above`, which is used up.
    fn backward(
        &self,
        at: &LayerAt,
        params: &[R],
        given: &[R],
        above: &mut [R],
        below: &mut [R],
        gradient: &mut [R],
    ) {
        let n = above.len() / at.outputs;
        multiply(above, &self.slopes);
        add_rows(above, &mut gradient[at.bias.clone()]);
        if !at.gain.is_empty() {
            let gain = &params[at.gain.clone()];
            norm_back(gain, &self.normed, &self.inverse, above, &mut gradient[at.gain.clone()]);
        }
        let delta = matrix(above, n, at.outputs);
        let given = matrix(given, n, at.inputs).transposed();
        add_product(given, delta, &mut gradient[at.weights.clone()]);
        let weights = matrix(&params[at.weights.clone()], at.inputs, at.outputs);
        product(delta, weights.transposed(), below);
    }
}

/// Leaves out units, and makes up for them with the others (Srivastava et al., 2014).
fn leave_out<R: Real>(dropout: Dropout, out: &mut [R], slopes: &mut [R]) {
    let limit = (dropout.share * 65536.0) as u64;
    let rest = R::of(65536.0 / (65536 - limit) as f64);
    let groups = out.chunks_mut(4).zip(slopes.chunks_mut(4));
    for (i, (out, slopes)) in groups.enumerate() {
        let bits = mix(dropout.seed.wrapping_add(i as u64));
        for (j, (out, slope)) in out.iter_mut().zip(slopes).enumerate() {
            let factor = if (bits >> (16 * j)) & 0xffff < limit { R::zero() } else { rest };
            *out *= factor;
            *slope *= factor;
        }
    }
}
