//! What rows add up to, by the shares that components have of them.

use super::density::Density;
use super::levels::Places;
use super::{Covariance, Shares};
use crate::clusters::mixed::Mixed;
use crate::clusters::moments::weight_of;
use crate::clusters::panel::pack;
use crate::clusters::parts::PART;
use crate::linear::{Lane, PANEL, add_triangle, dot};
use crate::{Progress, Stopped};
use rayon::prelude::*;
use std::ops::Range;

/// Parts whose rows are added up apart.
const PARTS: usize = 16;
/// Numbers of a covariance from which on each component of 64 rows is a reason to ask whether to go on.
pub(super) const MANY: usize = 1 << 12;

/// The rows of a fit.
pub(super) struct Rows<'a> {
    pub(super) mixed: Mixed<'a>,
    pub(super) weights: Option<&'a [f64]>,
    /// What means are less by.
    pub(super) origin: &'a [f64],
    /// Where levels are counted.
    pub(super) places: &'a Places,
    pub(super) threads: usize,
}

/// Up to 64 rows, column after column; other lanes hold what they held.
pub(super) struct Panel {
    /// Numbers less the origin.
    pub(super) numbers: Vec<Lane>,
    /// Places of levels.
    pub(super) places: Vec<[u32; PANEL]>,
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
    /// Weights of the rows at each place of levels.
    pub(super) counts: Vec<f64>,
    /// Weighted sum of log densities.
    log_density: f64,
}

impl Rows<'_> {
    /// Adds rows up by the components' shares.
    pub(super) fn expect(
        &self,
        density: &Density<'_>,
        progress: &dyn Progress,
    ) -> Result<Sums, Stopped> {
        let mixture = density.mixture;
        let fill = |_: Range<usize>, panel: &Panel, shares: &mut [Lane]| {
            let mut log = [0.0; PANEL];
            density.shares(panel, shares, &mut log, progress)?;
            Ok(log)
        };
        let around = (&mixture.means[..], mixture.components());
        self.sums(around, mixture.covariance, &fill, progress)
    }

    /// Adds rows up by labels, around the means of so many components; −1 is nobody's.
    pub(super) fn count(
        &self,
        labels: &[i32],
        around: (&[f64], usize),
        kind: Covariance,
        progress: &dyn Progress,
    ) -> Result<Sums, Stopped> {
        let fill = |rows: Range<usize>, _: &Panel, shares: &mut [Lane]| {
            for (c, share) in shares.iter_mut().enumerate() {
                for (share, &label) in share.iter_mut().zip(&labels[rows.clone()]) {
                    *share = f64::from(u8::from(label == c as i32));
                }
            }
            Ok([0.0; PANEL])
        };
        self.sums(around, kind, &fill, progress)
    }

    /// Adds rows up around the means of so many components; `fill` writes shares of a panel and gives
    /// the rows' log densities.
    fn sums(
        &self,
        (means, k): (&[f64], usize),
        kind: Covariance,
        fill: &(impl Fn(Range<usize>, &Panel, &mut [Lane]) -> Result<Lane, Stopped> + Sync),
        progress: &dyn Progress,
    ) -> Result<Sums, Stopped> {
        let (n, d) = (self.mixed.rows, self.mixed.dims);
        let size = n.div_ceil(PARTS).next_multiple_of(PANEL).max(PART);
        let part = |&part: &usize| {
            let mut sums = Sums::new(kind, (k, d), self.places.len());
            let mut panel = self.panel();
            let mut gaps = vec![[0.0; PANEL]; 2 * d];
            let mut shares = vec![[0.0; PANEL]; k];
            let rows = part * size..n.min((part + 1) * size);
            for first in rows.clone().step_by(PANEL) {
                if !progress.proceed() {
                    return Err(Stopped);
                }
                let rows = first..rows.end.min(first + PANEL);
                self.pack(rows.clone(), &mut panel);
                let log = fill(rows.clone(), &panel, &mut shares)?;
                let mut weights = [0.0; PANEL];
                for (l, row) in rows.enumerate() {
                    weights[l] = weight_of(self.weights, row);
                }
                sums.rows += weights.iter().filter(|w| **w > 0.0).count();
                sums.log_density += dot(&weights, &log);
                for share in &mut shares {
                    share.iter_mut().zip(&weights).for_each(|(s, w)| *s *= w);
                }
                sums.add(&panel, &shares, means, &mut gaps, progress)?;
            }
            Ok(sums)
        };
        // No more sums at a time than threads: those of covariances are large.
        let parts: Vec<usize> = (0..n.div_ceil(size)).collect();
        let mut total = None;
        for few in parts.chunks(self.threads.max(1)) {
            let found: Vec<Sums> = if self.threads < 2 {
                few.iter().map(part).collect::<Result<_, _>>()?
            } else {
                few.par_iter().map(part).collect::<Result<_, _>>()?
            };
            total = total.into_iter().chain(found).reduce(Sums::merged);
        }
        Ok(total.expect("there is a row"))
    }

    fn panel(&self) -> Panel {
        Panel {
            numbers: vec![[0.0; PANEL]; self.mixed.dims],
            places: vec![[0; PANEL]; self.mixed.width],
        }
    }

    /// Writes up to 64 rows into a panel.
    fn pack(&self, rows: Range<usize>, panel: &mut Panel) {
        pack(self.mixed.points(), rows.clone(), self.origin, &mut panel.numbers);
        for (l, row) in rows.enumerate() {
            let places = self.places.of_row(self.mixed.row(row).1);
            panel.places.iter_mut().zip(places).for_each(|(lane, place)| lane[l] = place);
        }
    }

    /// What a mixture says of each row.
    pub(super) fn shares(
        &self,
        density: &Density<'_>,
        progress: &dyn Progress,
    ) -> Result<Shares, Stopped> {
        let (n, k) = (self.mixed.rows, density.mixture.components());
        let mut found = Shares {
            labels: vec![0; n],
            log_density: vec![0.0; n],
            responsibilities: vec![0.0; n * k],
        };
        let panels = found.labels.chunks_mut(PANEL).zip(found.log_density.chunks_mut(PANEL));
        let panels = panels.zip(found.responsibilities.chunks_mut(PANEL * k));
        let panels: Vec<Said<'_>> = panels.map(|((labels, logs), of)| (labels, logs, of)).collect();
        let one = |(p, said): (usize, Said<'_>)| {
            if !progress.proceed() {
                return Err(Stopped);
            }
            let mut panel = self.panel();
            self.pack(p * PANEL..p * PANEL + said.0.len(), &mut panel);
            shares_of(&panel, density, said, progress)
        };
        if self.threads < 2 {
            panels.into_iter().enumerate().try_for_each(one)?;
        } else {
            panels.into_par_iter().enumerate().try_for_each(one)?;
        }
        Ok(found)
    }
}

/// Room for what is said of up to 64 rows: labels, logarithms of densities and shares.
type Said<'a> = (&'a mut [i32], &'a mut [f64], &'a mut [f64]);

/// What a mixture says of as many rows of a panel as there is room for.
fn shares_of(
    panel: &Panel,
    density: &Density<'_>,
    (labels, logs, responsibilities): Said<'_>,
    progress: &dyn Progress,
) -> Result<(), Stopped> {
    let k = density.mixture.components();
    let (mut shares, mut log) = (vec![[0.0; PANEL]; k], [0.0; PANEL]);
    density.shares(panel, &mut shares, &mut log, progress)?;
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
    Ok(())
}

impl Sums {
    /// Of `k` components of `d` numbers and so many places of levels.
    fn new(kind: Covariance, (k, d): (usize, usize), places: usize) -> Self {
        let size = if kind.crossed() { d * d } else { d };
        Self {
            kind,
            rows: 0,
            weights: vec![0.0; k],
            shifts: vec![0.0; k * d],
            squares: vec![0.0; k * size],
            counts: vec![0.0; k * places],
            log_density: 0.0,
        }
    }

    /// Weighted mean of the rows' log densities.
    pub(super) fn log_likelihood(&self) -> f64 {
        self.log_density / self.weights.iter().sum::<f64>()
    }

    /// Adds a panel. `gaps` is room for two numbers a row and column.
    fn add(
        &mut self,
        panel: &Panel,
        shares: &[Lane],
        means: &[f64],
        gaps: &mut [Lane],
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        let (d, k) = (panel.numbers.len(), shares.len());
        let (size, places) = (self.squares.len() / k, self.counts.len() / k);
        let (gaps, products) = gaps.split_at_mut(d);
        for (c, share) in shares.iter().enumerate() {
            if size > MANY && !progress.proceed() {
                return Err(Stopped);
            }
            let weight: f64 = share.iter().sum();
            if weight <= 0.0 {
                continue;
            }
            self.weights[c] += weight;
            let squares = &mut self.squares[c * size..(c + 1) * size];
            for j in 0..d {
                let mean = means[c * d + j];
                for l in 0..PANEL {
                    gaps[j][l] = panel.numbers[j][l] - mean;
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
            let counts = &mut self.counts[c * places..(c + 1) * places];
            for column in &panel.places {
                column.iter().zip(share).for_each(|(&at, s)| counts[at as usize] += s);
            }
        }
        Ok(())
    }

    fn merged(mut self, other: Self) -> Self {
        let add = |a: &mut [f64], b: &[f64]| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.weights, &other.weights);
        add(&mut self.shifts, &other.shifts);
        add(&mut self.squares, &other.squares);
        add(&mut self.counts, &other.counts);
        self.rows += other.rows;
        self.log_density += other.log_density;
        self
    }
}
