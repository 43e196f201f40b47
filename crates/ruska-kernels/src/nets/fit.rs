//! Fits a net by steps over batches of rows, and keeps the parameters that were best on rows set aside.

use super::adam::Adam;
use super::cells::Cells;
use super::embed::Tables;
use super::layout::{Layout, Shape};
use super::loss::Truth;
use super::net::{Net, predicted};
use super::pass::{Dropout, Pass};
use crate::trees::parallel::within;
use crate::trees::random::{Stream, mix};
use crate::{Progress, Stopped};
use rayon::prelude::*;

/// Share of the steps in which the rate rises from 0.
const WARM_UP: f64 = 0.05;
/// Most parts of a batch, whose gradients may be found on threads of their own, and the least rows of a
/// part, those of every member counted.
const PARTS: usize = 4;
const LEAST_ROWS: usize = 128;
/// Rows times members times parameters that are walked through at once.
const WORK: usize = 1 << 27;

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

    /// Mean loss of the rows set aside, which have some weight. Fails when told to stop.
    fn loss(
        &self,
        tables: Tables<'_>,
        params: &[f32],
        pass: &mut Pass<f32>,
        progress: &dyn Progress,
    ) -> Result<f64, Stopped> {
        let said = predicted(tables, params, self.valid, self.truth, pass, progress)?;
        let (mut sum, mut total) = (0.0, 0.0);
        for (&row, said) in self.valid.iter().zip(said.chunks_exact(self.truth.width())) {
            sum += self.weight(row) * self.truth.loss(row, said);
            total += self.weight(row);
        }
        Ok(sum / total)
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
    within(params.threads, || fit_here(shape, sample, params, progress))
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
    let looks = sample.valid.iter().any(|&r| sample.weight(r) > 0.0);
    let weight: f64 = sample.learn.iter().map(|&r| sample.weight(r)).sum();
    let mut percent = 0;
    for step in 0..steps {
        let batch = step % batches;
        if batch == 0 {
            for i in (1..n).rev() {
                order.swap(i, stream.below(i as u64 + 1) as usize);
            }
        }
        let rows = &order[batch * n / batches..(batch + 1) * n / batches];
        let seed = mix(how.seed ^ mix(step as u64));
        if weight > 0.0 {
            // Every row counts by its weight, whichever others are in its batch.
            let scale = n as f64 / (weight * rows.len() as f64 * shape.members as f64);
            let task = Task { tables, sample, how, progress };
            task.gradient(&params, rows, (scale, seed), &mut parts)?;
            let rate = how.rate * pace((step as f64 + 0.5) / steps as f64);
            adam.step(&mut params, &parts[0].gradient, rate, (how.decay, layout.decaying));
        }
        let reached = (((step + 1) * 100 / steps) as u32).min(how.percent);
        if reached == percent {
            continue;
        }
        let ends = reached >= how.percent || progress.enough();
        if looks && (ends || reached / every > percent / every) {
            let loss = sample.loss(tables, &params, &mut parts[0].pass, progress)?;
            if best.is_empty() || loss < best_at.0 || best_at.0.is_nan() {
                best.clone_from(&params);
                best_at = (loss, reached);
            }
        }
        percent = reached;
        if ends || (looks && percent >= best_at.1 + how.patience) {
            break;
        }
    }
    if best.is_empty() {
        (best, best_at.1) = (params, percent);
    }
    Ok(Fitted { net: Net::new(shape, best), percent: best_at.1.max(1) })
}

/// Rate of a step, as a share of the greatest, after a share of the steps.
fn pace(share: f64) -> f64 {
    let falling = (share - WARM_UP).max(0.0) / (1.0 - WARM_UP);
    (share / WARM_UP).min(1.0) * 0.5 * (1.0 + (std::f64::consts::PI * falling).cos())
}

/// What a fit is about.
#[derive(Clone, Copy)]
struct Task<'a> {
    tables: Tables<'a>,
    sample: &'a Sample<'a>,
    how: &'a NetParams,
    progress: &'a dyn Progress,
}

impl Task<'_> {
    /// Finds the gradient of the loss of a batch, each row's times a scale and its weight, that of every
    /// member counted; it is left in the first part. Fails when told to stop.
    fn gradient(
        &self,
        params: &[f32],
        rows: &[u32],
        (scale, seed): (f64, u64),
        parts: &mut [Part],
    ) -> Result<(), Stopped> {
        let size = rows.len().div_ceil(parts.len());
        let of = |(i, part): (usize, &mut Part)| {
            part.gradient.clear();
            part.gradient.resize(self.tables.layout.len, 0.0);
            let rows = rows.chunks(size).nth(i).unwrap_or_default();
            self.add(params, rows, (scale, mix(seed ^ i as u64)), part)
        };
        if self.how.threads < 2 {
            parts.iter_mut().enumerate().try_for_each(of)?;
        } else {
            parts.par_iter_mut().enumerate().try_for_each(of)?;
        }
        let (first, others) = parts.split_at_mut(1);
        for other in others {
            first[0].gradient.iter_mut().zip(&other.gradient).for_each(|(a, b)| *a += *b);
        }
        Ok(())
    }

    /// Adds the gradient of some rows, a few at a time, so that a stop is heard soon.
    fn add(
        &self,
        params: &[f32],
        rows: &[u32],
        (scale, seed): (f64, u64),
        part: &mut Part,
    ) -> Result<(), Stopped> {
        let Shape { members, outputs, .. } = *self.tables.shape;
        let few = (WORK / (members * self.tables.layout.decaying).max(1)).max(1);
        for (i, rows) in rows.chunks(few).enumerate() {
            if !self.progress.proceed() {
                return Err(Stopped);
            }
            let dropout = Dropout { share: self.how.dropout, seed: mix(seed ^ mix(i as u64)) };
            let pass = &mut part.pass;
            pass.forward(self.tables, params, rows, Some(dropout));
            pass.delta.resize(pass.scores.len(), 0.0);
            let scores = pass.scores.chunks_exact(outputs);
            let both = pass.delta.chunks_exact_mut(outputs).zip(scores);
            for ((out, scores), &row) in both.zip(rows.iter().cycle()) {
                let weight = (scale * self.sample.weight(row), self.how.smoothing);
                self.sample.truth.gradient(row, weight, scores, out);
            }
            pass.backward(self.tables, params, rows, &mut part.gradient);
        }
        Ok(())
    }
}
