//! One of the fits that are averaged: its rows, their scores, and the tables so far.

use super::groups::Axis;
use super::pairs::Cuts;
use super::{AdditiveParams, Aside, Terms};
use crate::Stopped;
use crate::trees::boost::differentiate;
use crate::trees::gradients::{Scale, Sums, pack};
use crate::trees::histogram::{Cells, PASS};
use crate::trees::leaf::Rows;
use crate::trees::loss::Loss;
use crate::trees::split::{Rule, Scan};
use crate::trees::tick::Ticker;

/// Most that the steps of terms moved by the same gradients may come to together.
const TOGETHER: f64 = 0.25;

/// Rounds from one in which all terms are looked at to the next.
const LOOKS: usize = 10;

/// What all bags have in common.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) loss: &'a dyn Loss,
    pub(super) y: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    /// How many rows each row stands for.
    pub(super) masses: &'a [u32],
    pub(super) params: &'a AdditiveParams,
}

impl Shared<'_> {
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[row]) * f64::from(self.masses[row])
    }
}

/// Packed gradients of all rows and what steps must keep to.
pub(super) struct Job<'a> {
    pub(super) words: &'a [u64],
    pub(super) scale: Scale,
    /// Rows that are learned from.
    mass: f64,
    params: &'a AdditiveParams,
}

impl Job<'_> {
    /// The limits, given the sum of all words.
    pub(super) fn rule(&self, total: u64) -> Rule {
        let one = Sums::of(total).h / self.mass;
        Rule {
            l1: 0.0,
            l2: self.params.l2 * self.scale.h,
            category_l2: self.params.level_rows * one,
            category_smooth: 0.0,
            min_gain: 0.0,
            min_hessian: (f64::from(self.params.min_rows) * one).max(1.0),
            sure_hessian: 0.0,
            min_rows: 0,
        }
    }
}

/// Buffers of [`Terms::steps`].
pub(super) struct Scratch {
    pub(super) cells: Box<[Cells; PASS]>,
    pub(super) grid: Vec<u64>,
    pub(super) scan: Box<Scan>,
    /// What [`Terms::steps`] has found, and what each step gains if made in full.
    pub(super) steps: [Vec<f64>; PASS],
    pub(super) gains: [f64; PASS],
}

pub(super) struct Bag<'a> {
    shared: Shared<'a>,
    tick: Ticker<'a>,
    /// How many rows each row stands for; 0 for those set aside.
    masses: Vec<u32>,
    mass: f64,
    /// Rows by which the bag stops, those of no weight left out.
    valid: Vec<u32>,
    /// By output.
    scores: Vec<f64>,
    words: Vec<u64>,
    state: Vec<f64>,
    scratch: Scratch,
    /// By term, and therein by output.
    tables: Vec<Vec<f64>>,
    /// What a step of each term gained when it was last looked at, or of each pair would gain.
    pub(super) gains: Vec<f64>,
    round: usize,
    /// Steps made so far, over the number of terms.
    sweeps: f64,
    best: Best,
    stopped: bool,
}

/// The round in which the rows set aside were predicted best, and the tables then.
#[derive(Default)]
struct Best {
    round: usize,
    sweeps: f64,
    loss: f64,
    tables: Vec<Vec<f64>>,
}

impl<'a> Bag<'a> {
    pub(super) fn new(shared: Shared<'a>, aside: &Aside, tick: Ticker<'a>) -> Self {
        let mut masses = shared.masses.to_vec();
        aside.rows.iter().for_each(|&r| masses[r as usize] = 0);
        let valid = if aside.stops { &aside.rows[..] } else { &[] };
        let n = shared.y.len();
        let mut bag = Self {
            shared,
            tick,
            mass: masses.iter().map(|m| f64::from(*m)).sum(),
            masses,
            valid: valid.iter().copied().filter(|&r| shared.weight(r as usize) > 0.0).collect(),
            scores: vec![0.0; n * shared.loss.outputs()],
            words: vec![0; n],
            state: vec![],
            scratch: Scratch {
                cells: Box::new([[0; 256]; PASS]),
                grid: vec![],
                scan: Box::new(Scan::new()),
                steps: Default::default(),
                gains: [0.0; PASS],
            },
            tables: vec![],
            gains: vec![],
            round: 0,
            sweeps: 0.0,
            best: Best::default(),
            stopped: false,
        };
        bag.reset();
        bag
    }

    fn reset(&mut self) {
        let n = self.shared.y.len().max(1);
        for (scores, &start) in self.scores.chunks_mut(n).zip(self.shared.loss.start()) {
            scores.fill(start);
        }
    }

    /// Brings the scores to the start and these tables.
    pub(super) fn restart(&mut self, terms: &dyn Terms, tables: &[Vec<f64>]) {
        self.reset();
        let n = self.shared.y.len().max(1);
        for (term, table) in tables.iter().enumerate() {
            let of_outputs = table.chunks(terms.places(term));
            for (scores, table) in self.scores.chunks_mut(n).zip(of_outputs) {
                terms.add(term, table, scores);
            }
        }
    }

    /// Sets out to boost some terms from the scores as they are.
    pub(super) fn begin(&mut self, terms: &dyn Terms) {
        let outputs = self.shared.loss.outputs();
        let empty = |term| vec![0.0; terms.places(term) * outputs];
        self.tables = (0..terms.count()).map(empty).collect();
        let (loss, tables) = (self.valid_loss(), self.tables.clone());
        self.best = Best { round: 0, sweeps: 0.0, loss, tables };
        self.sweeps = 0.0;
        self.gains = vec![0.0; terms.count()];
        (self.round, self.stopped) = (0, terms.count() == 0);
    }

    /// Whether another round would change nothing.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    /// Rounds whose steps are in the tables.
    pub(super) fn rounds(&self) -> usize {
        if self.valid.is_empty() { self.round } else { self.best.round }
    }

    /// The tables of those rounds.
    pub(super) fn take(&mut self) -> Vec<Vec<f64>> {
        std::mem::take(if self.valid.is_empty() { &mut self.tables } else { &mut self.best.tables })
    }

    /// A step for every term, or for those that have gained most of late.
    pub(super) fn round(&mut self, terms: &dyn Terms) -> Result<(), Stopped> {
        if self.stopped {
            return Ok(());
        }
        let params = self.shared.params;
        let together = ((TOGETHER / params.learning_rate) as usize).clamp(1, PASS);
        let all = self.round.is_multiple_of(LOOKS);
        let least = params.greed * self.gains.iter().copied().fold(0.0, f64::max);
        let due = (0..terms.count()).filter(|&t| all || self.gains[t] >= least);
        let due: Vec<usize> = due.collect();
        let mut moved = 0;
        for block in due.chunks(together) {
            moved += self.steps(terms, block)?;
        }
        self.round += 1;
        self.sweeps += moved as f64 / terms.count() as f64;
        self.stopped = all && moved == 0;
        if !self.valid.is_empty() {
            self.tick.work(20 * self.valid.len() * self.shared.loss.outputs())?;
            let loss = self.valid_loss();
            if loss < self.best.loss {
                let (round, sweeps, tables) = (self.round, self.sweeps, self.tables.clone());
                self.best = Best { round, sweeps, loss, tables };
            }
            let patience = params.patience + 0.3 * self.best.sweeps;
            self.stopped |= self.sweeps - self.best.sweeps >= patience;
        }
        Ok(())
    }

    /// A step for each of some terms, all by the gradients of the scores as they are. Returns how
    /// many have changed a score.
    fn steps(&mut self, terms: &dyn Terms, block: &[usize]) -> Result<usize, Stopped> {
        let Shared { loss, params, .. } = self.shared;
        let n = self.shared.y.len();
        loss.prepare(&self.scores, &mut self.state);
        block.iter().for_each(|&term| self.gains[term] = 0.0);
        let mut moved = [false; PASS];
        for output in (0..loss.outputs()).filter(|&o| loss.learns(o)) {
            self.tick.work((5 + 2 * block.len()) * n + 2000 * block.len())?;
            let Some(scale) = self.differentiate(output) else { continue };
            let job = Job { words: &self.words, scale, mass: self.mass, params };
            terms.steps(block, &job, &mut self.scratch);
            let factor = scale.h / scale.g * loss.unit() * params.learning_rate;
            let scores = &mut self.scores[output * n..(output + 1) * n];
            for (i, &term) in block.iter().enumerate() {
                let gain = self.scratch.gains[i] * scale.h / scale.g / scale.g;
                self.gains[term] += gain;
                if gain <= 0.0 {
                    continue;
                }
                moved[i] = true;
                let step = &mut self.scratch.steps[i];
                step.iter_mut().for_each(|v| *v *= factor);
                let table = &mut self.tables[term][output * step.len()..];
                table.iter_mut().zip(&*step).for_each(|(t, s)| *t += s);
                terms.add(term, step, scores);
            }
        }
        Ok(moved.into_iter().filter(|m| *m).count())
    }

    /// Sets the words to the packed gradients in the scores of an output.
    fn differentiate(&mut self, output: usize) -> Option<Scale> {
        let Shared { loss, y, weights, .. } = self.shared;
        let scores = &self.scores[output * y.len()..(output + 1) * y.len()];
        let rows = Rows { y, scores, weights, masses: None };
        differentiate(loss, output, &rows, &self.state, 1, &mut self.words);
        pack(&mut self.words, None, Some(&self.masses), 1)
    }

    /// What a step of each of some pairs would gain.
    pub(super) fn gains(&mut self, axes: &[Axis], pairs: &[[usize; 2]]) -> Result<(), Stopped> {
        let Shared { loss, params, y, .. } = self.shared;
        self.gains = vec![0.0; pairs.len()];
        loss.prepare(&self.scores, &mut self.state);
        for output in (0..loss.outputs()).filter(|&o| loss.learns(o)) {
            let Some(scale) = self.differentiate(output) else { continue };
            let job = Job { words: &self.words, scale, mass: self.mass, params };
            for (gain, &[a, b]) in self.gains.iter_mut().zip(pairs) {
                let (a, b) = (&axes[a], &axes[b]);
                self.tick.work(2 * y.len() + 20 * a.count() * b.count())?;
                let cuts = Cuts::best(a, b, &job, &mut self.scratch);
                *gain += cuts.map_or(0.0, |cuts| cuts.gain * scale.h / scale.g / scale.g);
            }
        }
        Ok(())
    }

    /// Mean loss of the rows by which the bag stops.
    fn valid_loss(&self) -> f64 {
        let Shared { loss, y, .. } = self.shared;
        let (mut sum, mut total) = (0.0, 0.0);
        for row in self.valid.iter().map(|&r| r as usize) {
            let w = self.shared.weight(row);
            sum += w * loss.row(y[row], &|k| self.scores[k * y.len() + row]);
            total += w;
        }
        sum / total
    }
}
