//! The second-order model of a loss about a point, as coordinate descent asks for it: by walks over
//! the rows of a column.
//!
//! Of a row with scores z the second derivative is diag(q) − q·pᵀ, where p is zero for a single
//! output. So a change v of the scores changes its derivatives by q·(v − p·v).

use super::coordinate::{Coordinate, Quadratic};
use super::design::{Design, Lane, PANEL};
use super::lbfgs::Objective;
use super::loss::Curved;
use super::simd;
use crate::{Progress, Stopped};

/// Multiplications between two looks at the progress.
const WORK_PER_LOOK: usize = 1 << 21;

/// The stored values of a design's sparse part, column by column.
pub(super) struct ByColumn {
    offsets: Vec<usize>,
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl ByColumn {
    pub(super) fn of(x: &Design) -> Self {
        let width = x.width() - x.dense();
        let mut offsets = vec![0; width + 1];
        for row in 0..x.rows() {
            x.stored(row).0.iter().for_each(|&c| offsets[c as usize + 1] += 1);
        }
        for c in 0..width {
            offsets[c + 1] += offsets[c];
        }
        let mut next = offsets.clone();
        let (mut rows, mut values) = (vec![0; x.stored_values()], vec![0.0; x.stored_values()]);
        for row in 0..x.rows() {
            let (indices, stored) = x.stored(row);
            for (&c, &v) in indices.iter().zip(stored) {
                let at = next[c as usize];
                (rows[at], values[at]) = (row as u32, v);
                next[c as usize] += 1;
            }
        }
        Self { offsets, rows, values }
    }

    fn column(&self, c: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.offsets[c]..self.offsets[c + 1];
        let rows = self.rows[range.clone()].iter().map(|&row| row as usize);
        rows.zip(self.values[range].iter().copied())
    }
}

/// The second derivatives of each row about a point.
pub(super) struct Curve {
    /// Rows of whole panels.
    rows: usize,
    /// One number a row, output after output.
    pub(super) q: Vec<f64>,
    pub(super) p: Vec<f64>,
}

impl Curve {
    pub(super) fn new<L: Curved>(
        objective: &Objective<'_, L>,
        theta: &[f64],
    ) -> Result<Self, Stopped> {
        let Objective { x, loss, progress, .. } = *objective;
        let outputs = loss.outputs();
        let rows = x.panels() * PANEL;
        let mut curve = Self { rows, q: vec![0.0; rows * outputs], p: vec![0.0; rows * outputs] };
        let (mut z, mut p) = (vec![[0.0; PANEL]; outputs], vec![[0.0; PANEL]; outputs]);
        let mut work = 0;
        for (panel, s) in loss.weights().iter().enumerate() {
            if s.iter().all(|s| *s == 0.0) {
                continue;
            }
            look(progress, &mut work, outputs * x.panel_work())?;
            for (z, theta) in z.iter_mut().zip(theta.chunks_exact(x.width() + 1)) {
                x.scores(panel, theta, z);
            }
            loss.curve(panel, &mut z, &mut p);
            for (k, (q, p)) in z.iter().zip(&p).enumerate() {
                let at = k * rows + panel * PANEL;
                curve.q[at..at + PANEL].copy_from_slice(q);
                curve.p[at..at + PANEL].copy_from_slice(p);
            }
        }
        Ok(curve)
    }

    /// The numbers of an output, of those that have one a row and output.
    pub(super) fn of<'a>(&self, numbers: &'a [f64], output: usize) -> &'a [f64] {
        &numbers[output * self.rows..(output + 1) * self.rows]
    }

    /// Second derivatives by the scores of two outputs, in panels.
    pub(super) fn between(&self, a: usize, b: usize) -> Vec<Lane> {
        let (q, p) = (self.of(&self.q, a), self.of(&self.p, b));
        let own = f64::from(u8::from(a == b));
        let each = |(q, p): (&Lane, &Lane)| std::array::from_fn(|i| q[i] * (own - p[i]));
        q.as_chunks().0.iter().zip(p.as_chunks().0).map(each).collect()
    }
}

/// Looks at the progress every now and then.
fn look(progress: &dyn Progress, since: &mut usize, work: usize) -> Result<(), Stopped> {
    *since += work;
    if *since >= WORK_PER_LOOK {
        *since = 0;
        if !progress.proceed() {
            return Err(Stopped);
        }
    }
    Ok(())
}

/// The model by walks over the rows of a column.
pub(super) struct ByRows<'a> {
    x: &'a Design,
    columns: &'a ByColumn,
    curve: Curve,
    /// Change of the scores, one a row, output after output.
    change: Vec<f64>,
    /// Mean change of a row's scores by p.
    mean: Vec<f64>,
    progress: &'a dyn Progress,
    work: usize,
}

impl<'a> ByRows<'a> {
    pub(super) fn new(
        x: &'a Design,
        columns: &'a ByColumn,
        curve: Curve,
        progress: &'a dyn Progress,
    ) -> Self {
        let (change, mean) = (vec![0.0; curve.q.len()], vec![0.0; curve.rows]);
        Self { x, columns, curve, change, mean, progress, work: 0 }
    }
}

impl Quadratic for ByRows<'_> {
    const MOST_SWEEPS: u32 = 100;

    fn curvature(&mut self, output: usize, column: usize) -> Result<f64, Stopped> {
        let (x, rows) = (self.x, self.curve.rows);
        let (q, p) = (self.curve.of(&self.curve.q, output), self.curve.of(&self.curve.p, output));
        let each = |i: usize, v: f64| q[i] * (1.0 - p[i]) * v * v;
        let (sum, work) = if column < x.dense() {
            let mut sum = 0.0;
            simd::add_curvature(x.all_lanes(), (column, x.dense()), q, p, &mut sum);
            (sum, rows)
        } else if column < x.width() {
            let stored = self.columns.column(column - x.dense());
            stored.fold((0.0, 0), |(sum, n), (i, v)| (sum + each(i, v), n + 4))
        } else {
            ((0..rows).map(|i| each(i, 1.0)).sum(), rows)
        };
        look(self.progress, &mut self.work, work)?;
        Ok(sum)
    }

    fn slope(&mut self, c: &Coordinate) -> Result<f64, Stopped> {
        let (x, rows) = (self.x, self.curve.rows);
        let q = self.curve.of(&self.curve.q, c.output);
        let (change, mean) = (self.curve.of(&self.change, c.output), &self.mean);
        let (sum, work) = if c.column < x.dense() {
            let mut sum = 0.0;
            simd::add_slope(x.all_lanes(), (c.column, x.dense()), q, change, mean, &mut sum);
            (sum, rows)
        } else if c.column < x.width() {
            let stored = self.columns.column(c.column - x.dense());
            let each = |i: usize, v: f64| v * q[i] * (change[i] - mean[i]);
            stored.fold((0.0, 0), |(sum, n), (i, v)| (sum + each(i, v), n + 4))
        } else {
            ((0..rows).map(|i| q[i] * (change[i] - mean[i])).sum(), rows)
        };
        look(self.progress, &mut self.work, work)?;
        Ok(sum)
    }

    fn shift(&mut self, c: &Coordinate, by: f64) -> Result<(), Stopped> {
        let (x, rows) = (self.x, self.curve.rows);
        let several = self.change.len() > rows;
        let p = self.curve.of(&self.curve.p, c.output);
        let change = &mut self.change[c.output * rows..(c.output + 1) * rows];
        let mean = &mut self.mean;
        let mut work = rows;
        if c.column < x.dense() {
            simd::add_multiple(x.all_lanes(), (c.column, x.dense()), by, change);
            if several {
                simd::add_shares(x.all_lanes(), (c.column, x.dense()), by, p, mean);
            }
        } else if c.column < x.width() {
            work = 0;
            for (i, v) in self.columns.column(c.column - x.dense()) {
                change[i] += by * v;
                mean[i] += by * v * p[i];
                work += 4;
            }
        } else {
            for i in 0..rows {
                change[i] += by;
                mean[i] += by * p[i];
            }
        }
        look(self.progress, &mut self.work, work)
    }
}
