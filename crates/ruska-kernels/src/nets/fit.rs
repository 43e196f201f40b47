//! Fits a net by steps over batches of rows, and keeps the parameters that were best on rows set aside.

use super::adam::Adam;
use super::cells::Cells;
use super::embed::Tables;
use super::layout::{Layout, Shape};
use super::loss::Truth;
use super::net::{Net, predicted};
use super::pass::{Dropout, Pass};
use crate::trees::random::{Stream, mix};
use crate::{Progress, Stopped};
use rayon::prelude::*;

/// Share of the steps in which the rate rises from 0.
const WARM_UP: f64 = 0.05;
/// Most parts of a batch, whose gradients may be found on threads of their own, and the least rows of a
/// part, those of every member counted.
const PARTS: usize = 4;
const LEAST_ROWS: usize = 128;

/// How to fit.
#[derive(Clone, Debug)]
pub struct NetParams {
    /// Greatest rate of the steps, > 0. It rises to that, and falls to 0 as half a cosine.
    pub rate: f64,
    /// Weights lose this part of themselves a step, times its rate, ≥ 0.
    pub decay: f64,
    /// Share of each layer's units that a step leaves out, 0 to below 1.
    pub dropout: f64,
    /// Part of each row that is taken for any class, 0 to below 1.
    pub smoothing: f64,
    /// How often each row is seen in all, > 0.
    pub epochs: f64,
    /// About so many rows a step, ≥ 1.
    pub batch: usize,
    /// Ends after this many hundredths of the steps, 1 to 100.
    pub percent: u32,
    /// Ends when the rows set aside have not been predicted better for so many hundredths of the steps.
    pub patience: u32,
    /// The part of chance.
    pub seed: u64,
    /// Threads of the pool to use, ≥ 1. The net does not depend on it.
    pub threads: usize,
}

/// Rows to learn from, and rows that tell when to stop, of the same cells.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// All rows.
    pub cells: &'a Cells,
    /// Their truth.
    pub truth: Truth<'a>,
    /// Their weights, not all 0; ones if there are none.
    pub weights: Option<&'a [f64]>,
    /// Those to learn from, at least one.
    pub learn: &'a [u32],
    /// Those set aside; may be empty.
    pub valid: &'a [u32],
}

/// A net, and how far its fit has come.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The net.
    pub net: Net,
    /// After how many hundredths of the steps its parameters were as they are, 1 to 100.
    pub percent: u32,
}

impl Sample<'_> {
    fn weight(&self, row: u32) -> f64 {
        self.weights.map_or(1.0, |w| w[row as usize])
    }

    /// Scores that suit all rows: 0, or how frequent the classes are.
    fn base(&self) -> Vec<f64> {
        const LEAST: f64 = 1e-4;
        let Truth::Classes(codes, classes) = self.truth else { return vec![0.0] };
        let mut totals = vec![0.0; classes];
        self.learn.iter().for_each(|&r| totals[codes[r as usize] as usize] += self.weight(r));
        let total: f64 = totals.iter().sum();
        let logs: Vec<f64> =
            totals.iter().map(|t| (t / total.max(f64::MIN_POSITIVE)).max(LEAST).ln()).collect();
        if classes == 2 { vec![logs[1] - logs[0]] } else { logs }
    }

    /// Mean loss of the rows set aside.
    fn loss(&self, tables: Tables<'_>, params: &[f32], pass: &mut Pass<f32>) -> f64 {
        let said = predicted(tables, params, self.valid, self.truth, pass);
        let (mut sum, mut total) = (0.0, 0.0);
        for (&row, said) in self.valid.iter().zip(said.chunks_exact(self.truth.width())) {
            sum += self.weight(row) * self.truth.loss(row, said);
            total += self.weight(row);
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }
}

/// A part of a batch: where its walk and its gradient are kept.
#[derive(Default)]
struct Part {
    pass: Pass<f32>,
    gradient: Vec<f32>,
}

/// Fits a net of a shape, whose outputs must be those of the truth.
///
/// When the progress says that it is enough, the best net so far is returned. Fails when told to stop.
pub fn fit(
    shape: Shape,
    sample: &Sample<'_>,
    params: &NetParams,
    progress: &dyn Progress,
) -> Result<Fitted, Stopped> {
    if params.threads < 2 {
        return fit_here(shape, sample, params, progress);
    }
    rayon::scope(|_| fit_here(shape, sample, params, progress))
}

fn fit_here(
    shape: Shape,
    sample: &Sample<'_>,
    how: &NetParams,
    progress: &dyn Progress,
) -> Result<Fitted, Stopped> {
    let layout = Layout::of(&shape);
    let tables = Tables { shape: &shape, layout: &layout, cells: sample.cells };
    let mut params = layout.begin::<f32>(&shape, &sample.base(), mix(how.seed));
    let mut adam = Adam::new(params.len());
    let mut order = sample.learn.to_vec();
    let n = order.len();
    let batches = n.div_ceil(how.batch);
    let steps = ((how.epochs * batches as f64).round() as usize).max(1);
    let most = (n.div_ceil(batches) * shape.members).div_ceil(LEAST_ROWS).clamp(1, PARTS);
    let mut parts: Vec<Part> = (0..most).map(|_| Part::default()).collect();
    let mut stream = Stream::new(mix(how.seed ^ 1));
    // A look at the rows set aside takes about a third of a walk and back over as many.
    let every = 100 / (how.epochs.ceil() as u32).next_multiple_of(10).clamp(10, 50);
    let (mut best, mut best_at) = (vec![], (f64::INFINITY, 0));
    let mut percent = 0;
    for step in 0..steps {
        if !progress.proceed() {
            return Err(Stopped);
        }
        let batch = step % batches;
        if batch == 0 {
            for i in (1..n).rev() {
                order.swap(i, stream.below(i as u64 + 1) as usize);
            }
        }
        let rows = &order[batch * n / batches..(batch + 1) * n / batches];
        let seed = mix(how.seed ^ mix(step as u64));
        if gradient(tables, sample, &params, rows, (how, seed), &mut parts) {
            let rate = how.rate * pace((step as f64 + 0.5) / steps as f64);
            adam.step(&mut params, &parts[0].gradient, rate, (how.decay, layout.decaying));
        }
        let reached = ((step + 1) * 100 / steps) as u32;
        if reached / every == percent / every && reached < how.percent {
            continue;
        }
        percent = reached.min(how.percent);
        if !sample.valid.is_empty() {
            let loss = sample.loss(tables, &params, &mut parts[0].pass);
            if loss < best_at.0 || best.is_empty() {
                best.clone_from(&params);
                best_at = (loss, percent);
            }
        }
        let late = !sample.valid.is_empty() && percent >= best_at.1 + how.patience;
        if percent >= how.percent || late || progress.enough() {
            break;
        }
    }
    if best.is_empty() {
        (best, best_at.1) = (params, percent);
    }
    Ok(Fitted { net: Net::new(shape, &best), percent: best_at.1.max(1) })
}

/// Rate of a step, as a share of the greatest, after a share of the steps.
fn pace(share: f64) -> f64 {
    let falling = (share - WARM_UP).max(0.0) / (1.0 - WARM_UP);
    (share / WARM_UP).min(1.0) * 0.5 * (1.0 + (std::f64::consts::PI * falling).cos())
}

/// Finds the gradient of the mean loss of a batch, that of every member counted; it is left in the first
/// part. Says whether the rows have any weight.
fn gradient(
    tables: Tables<'_>,
    sample: &Sample<'_>,
    params: &[f32],
    rows: &[u32],
    (how, seed): (&NetParams, u64),
    parts: &mut [Part],
) -> bool {
    let total: f64 = rows.iter().map(|&r| sample.weight(r)).sum();
    if total <= 0.0 {
        return false;
    }
    let shape = tables.shape;
    let scale = 1.0 / (total * shape.members as f64);
    let size = rows.len().div_ceil(parts.len());
    let of = |(i, part): (usize, &mut Part)| {
        part.gradient.clear();
        part.gradient.resize(tables.layout.len, 0.0);
        let rows = rows.chunks(size).nth(i).unwrap_or_default();
        if rows.is_empty() {
            return;
        }
        let dropout = Dropout { share: how.dropout, seed: mix(seed ^ i as u64) };
        let pass = &mut part.pass;
        pass.forward(tables, params, rows, Some(dropout));
        pass.delta.resize(pass.scores.len(), 0.0);
        let out = pass.delta.chunks_exact_mut(shape.outputs);
        for ((out, scores), &row) in
            out.zip(pass.scores.chunks_exact(shape.outputs)).zip(rows.iter().cycle())
        {
            let weight = (scale * sample.weight(row), how.smoothing);
            sample.truth.gradient(row, weight, scores, out);
        }
        pass.backward(tables, params, rows, &mut part.gradient);
    };
    if how.threads < 2 {
        parts.iter_mut().enumerate().for_each(of);
    } else {
        parts.par_iter_mut().enumerate().for_each(of);
    }
    let (first, others) = parts.split_at_mut(1);
    for other in others {
        first[0].gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += *b);
    }
    true
}
