//! What rows add up to, by the shares that components have of them.

use super::density::Density;
use super::{Covariance, Shares};
use crate::clusters::moments::weight_of;
use crate::clusters::panel::pack;
use crate::clusters::parts::PART;
use crate::clusters::points::Points;
use crate::linear::{Lane, PANEL, add_triangle, dot};
use crate::{Progress, Stopped};
use rayon::prelude::*;
use std::ops::Range;

/// Parts whose rows are added up apart.
const PARTS: usize = 16;

/// The rows of a fit.
pub(super) struct Rows<'a> {
    pub(super) points: Points<'a>,
    pub(super) weights: Option<&'a [f64]>,
    /// What means are less by.
    pub(super) origin: &'a [f64],
    pub(super) threads: usize,
}

/// What the shares of each component add up to, around a given mean.
pub(super) struct Sums {
    pub(super) kind: Covariance,
    /// Rows of some weight.
    pub(super) rows: usize,
    /// The weight of each component.
    pub(super) weights: Vec<f64>,
    /// Weighted sums of rows less the mean.
    pub(super) shifts: Vec<f64>,
    /// Weighted sums of products of these: those of two columns in the lower triangle of a matrix,
    /// or squares alone.
    pub(super) squares: Vec<f64>,
    /// Weighted sum of log densities.
    log_density: f64,
}

impl Rows<'_> {
    /// Adds rows up by the components' shares.
    pub(super) fn expect(
        &self,
        density: &Density<'_>,
        kind: Covariance,
        progress: &dyn Progress,
    ) -> Result<Sums, Stopped> {
        let fill = |_: Range<usize>, panel: &[Lane], shares: &mut [Lane]| {
            let mut log = [0.0; PANEL];
            density.shares(panel, shares, &mut log);
            log
        };
        self.sums(&density.mixture.means, kind, &fill, progress)
    }

    /// Adds rows up by labels; −1 is nobody's.
    pub(super) fn count(
        &self,
        labels: &[i32],
        means: &[f64],
        kind: Covariance,
        progress: &dyn Progress,
    ) -> Result<Sums, Stopped> {
        let fill = |rows: Range<usize>, _: &[Lane], shares: &mut [Lane]| {
            for (c, share) in shares.iter_mut().enumerate() {
                for (share, &label) in share.iter_mut().zip(&labels[rows.clone()]) {
                    *share = f64::from(u8::from(label == c as i32));
                }
            }
            [0.0; PANEL]
        };
        self.sums(means, kind, &fill, progress)
    }

    /// Adds rows up around means; `fill` writes shares of a panel and gives the rows' log
    /// densities.
    fn sums(
        &self,
        means: &[f64],
        kind: Covariance,
        fill: &(impl Fn(Range<usize>, &[Lane], &mut [Lane]) -> Lane + Sync),
        progress: &dyn Progress,
    ) -> Result<Sums, Stopped> {
        let (n, d) = (self.points.len(), self.points.dims);
        let size = n.div_ceil(PARTS).next_multiple_of(PANEL).max(PART);
        let part = |part: usize| {
            let mut sums = Sums::new(kind, means.len() / d, d);
            let mut panel = vec![[0.0; PANEL]; d];
            let mut gaps = vec![[0.0; PANEL]; 2 * d];
            let mut shares = vec![[0.0; PANEL]; means.len() / d];
            let rows = part * size..n.min((part + 1) * size);
            for first in rows.clone().step_by(PANEL) {
                if !progress.proceed() {
                    return Err(Stopped);
                }
                let rows = first..rows.end.min(first + PANEL);
                pack(self.points, rows.clone(), self.origin, &mut panel);
                let log = fill(rows.clone(), &panel, &mut shares);
                let mut weights = [0.0; PANEL];
                for (l, row) in rows.enumerate() {
                    weights[l] = weight_of(self.weights, row);
                }
                sums.rows += weights.iter().filter(|w| **w > 0.0).count();
                sums.log_density += dot(&weights, &log);
                for share in &mut shares {
                    share.iter_mut().zip(&weights).for_each(|(s, w)| *s *= w);
                }
                sums.add(&panel, &shares, means, &mut gaps);
            }
            Ok(sums)
        };
        let parts = n.div_ceil(size);
        let parts: Vec<Sums> = if self.threads < 2 {
            (0..parts).map(part).collect::<Result<_, _>>()?
        } else {
            (0..parts).into_par_iter().map(part).collect::<Result<_, _>>()?
        };
        Ok(parts.into_iter().reduce(Sums::merged).expect("there is a row"))
    }

    /// What a mixture says of each row.
    pub(super) fn shares(
        &self,
        density: &Density<'_>,
        progress: &dyn Progress,
    ) -> Result<Shares, Stopped> {
        let (n, k) = (self.points.len(), density.mixture.components());
        let mut found = Shares {
            labels: vec![0; n],
            log_density: vec![0.0; n],
            responsibilities: vec![0.0; n * k],
        };
        let panels = found.labels.chunks_mut(PANEL).zip(found.log_density.chunks_mut(PANEL));
        let panels: Vec<_> = panels.zip(found.responsibilities.chunks_mut(PANEL * k)).collect();
        let one = |(p, ((labels, logs), shares))| {
            if !progress.proceed() {
                return Err(Stopped);
            }
            self.shares_of_panel(density, p * PANEL, labels, logs, shares);
            Ok(())
        };
        if self.threads < 2 {
            panels.into_iter().enumerate().try_for_each(one)?;
        } else {
            panels.into_par_iter().enumerate().try_for_each(one)?;
        }
        Ok(found)
    }

    /// What a mixture says of as many rows from `first` on as there is room for.
    fn shares_of_panel(
        &self,
        density: &Density<'_>,
        first: usize,
        labels: &mut [i32],
        logs: &mut [f64],
        responsibilities: &mut [f64],
    ) {
        let k = density.mixture.components();
        let mut panel = vec![[0.0; PANEL]; self.points.dims];
        let (mut shares, mut log) = (vec![[0.0; PANEL]; k], [0.0; PANEL]);
        pack(self.points, first..first + labels.len(), self.origin, &mut panel);
        density.shares(&panel, &mut shares, &mut log);
        logs.copy_from_slice(&log[..logs.len()]);
        for (l, of_row) in responsibilities.chunks_exact_mut(k).enumerate() {
            let mut most = 0.0;
            for (c, (slot, share)) in of_row.iter_mut().zip(&shares).enumerate() {
                *slot = share[l];
                if share[l] > most {
                    (labels[l], most) = (c as i32, share[l]);
                }
            }
        }
    }
}

impl Sums {
    fn new(kind: Covariance, k: usize, d: usize) -> Self {
        let size = if kind.crossed() { d * d } else { d };
        Self {
            kind,
            rows: 0,
            weights: vec![0.0; k],
            shifts: vec![0.0; k * d],
            squares: vec![0.0; k * size],
            log_density: 0.0,
        }
    }

    /// Weighted mean of the rows' log densities.
    pub(super) fn log_likelihood(&self) -> f64 {
        self.log_density / self.weights.iter().sum::<f64>()
    }

    /// Adds a panel. `gaps` is room for two numbers a row and column.
    fn add(&mut self, panel: &[Lane], shares: &[Lane], means: &[f64], gaps: &mut [Lane]) {
        let d = panel.len();
        let size = self.squares.len() / self.weights.len();
        let (gaps, products) = gaps.split_at_mut(d);
        for (c, share) in shares.iter().enumerate() {
            let weight: f64 = share.iter().sum();
            if weight <= 0.0 {
                continue;
            }
            self.weights[c] += weight;
            let squares = &mut self.squares[c * size..(c + 1) * size];
            for j in 0..d {
                let mean = means[c * d + j];
                for l in 0..PANEL {
                    gaps[j][l] = panel[j][l] - mean;
                    products[j][l] = share[l] * gaps[j][l];
                }
                self.shifts[c * d + j] += products[j].iter().sum::<f64>();
                if !self.kind.crossed() {
                    squares[j] += dot(&products[j], &gaps[j]);
                }
            }
            if self.kind.crossed() {
                add_triangle(products, gaps, d, squares);
            }
        }
    }

    fn merged(mut self, other: Self) -> Self {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.weights, &other.weights);
        add(&mut self.shifts, &other.shifts);
        add(&mut self.squares, &other.squares);
        self.rows += other.rows;
        self.log_density += other.log_density;
        self
    }
}
