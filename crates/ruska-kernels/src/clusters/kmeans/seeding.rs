//! Where to begin: greedy k-means++.
//!
//! A first row is drawn by weight. Then, again and again, some rows are drawn by weight times
//! squared distance from the nearest row drawn so far, and the one that leaves the least inertia is
//! taken. Of large tables a sample is drawn from.

use super::{KMeansParams, Table};
use crate::clusters::Points;
use crate::clusters::draw::{place, running, unit, weighty};
use crate::clusters::panel::{Grouped, Nearest, pack};
use crate::linear::{Lane, PANEL};
use crate::trees::random::{Stream, mix};
use crate::{Progress, Stopped};

/// Panels between questions whether to go on.
const PANELS: usize = 32;

/// Rows of some weight, from which seeds are drawn.
pub(super) struct Seeds<'a> {
    table: &'a Table<'a>,
    rows: Vec<usize>,
    panels: Vec<Lane>,
}

impl<'a> Seeds<'a> {
    pub(super) fn new(table: &'a Table<'a>, seed: u64) -> Self {
        let rows = weighty(table.points.len(), |i| table.weight(i), mix(seed));
        let d = table.points.dims;
        let mut panels = vec![[0.0; PANEL]; rows.len().div_ceil(PANEL) * d];
        for (rows, panel) in rows.chunks(PANEL).zip(panels.chunks_exact_mut(d)) {
            pack(table.points, rows.iter().copied(), &table.moments.mean, panel);
        }
        Self { table, rows, panels }
    }

    /// So many centres, less the columns' means; infinite ones for want of distinct rows. Those
    /// that are kept come first.
    pub(super) fn draw(
        &self,
        kept: &[f64],
        clusters: usize,
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Vec<f64>, Stopped> {
        let Self { table, rows, .. } = self;
        let d = table.points.dims;
        let mut stream = Stream::new(seed);
        let mut centres = vec![f64::INFINITY; clusters.max(1) * d];
        centres[..kept.len()].copy_from_slice(kept);
        let trials = 2 + (clusters.max(1) as f64).ln() as usize;
        let weights: Vec<f64> = rows.iter().map(|&i| table.weight(i)).collect();
        let mut closest = if kept.is_empty() {
            vec![f64::INFINITY; rows.len()]
        } else {
            self.closest(kept, progress)?
        };
        for centre in centres[kept.len()..].chunks_exact_mut(d) {
            let first = closest.first().is_none_or(|c| c.is_infinite());
            let gain = closest.iter().zip(&weights).map(|(c, w)| if first { *w } else { c * w });
            let gain = running(gain);
            if gain.last().is_none_or(|&total| total <= 0.0) {
                break;
            }
            let trials = if first { 1 } else { trials };
            let drawn: Vec<usize> = (0..trials).map(|_| place(&gain, unit(&mut stream))).collect();
            let best = self.nearer(&drawn, &weights, &mut closest, progress)?;
            for j in 0..d {
                let at = best / PANEL * d + j;
                centre[j] = self.panels[at][best % PANEL];
            }
        }
        Ok(centres)
    }

    /// Which of the drawn rows leaves the least inertia; lowers the squared distances to its own.
    fn nearer(
        &self,
        drawn: &[usize],
        weights: &[f64],
        closest: &mut Vec<f64>,
        progress: &dyn Progress,
    ) -> Result<usize, Stopped> {
        let d = self.table.points.dims;
        let of = |&i: &usize| (0..d).map(move |j| self.panels[i / PANEL * d + j][i % PANEL]);
        let values: Vec<f64> = drawn.iter().flat_map(of).collect();
        let grouped = Grouped::new(Points { values: &values, dims: d });
        let mut out = vec![[0.0; PANEL]; grouped.len()];
        let mut trials = vec![(0.0, Vec::with_capacity(closest.len())); drawn.len()];
        let lanes = closest.chunks(PANEL).zip(weights.chunks(PANEL));
        for (p, (panel, (closest, weights))) in self.panels.chunks_exact(d).zip(lanes).enumerate() {
            if p % PANELS == 0 && !progress.proceed() {
                return Err(Stopped);
            }
            grouped.squared_distances(panel, &mut out);
            for ((inertia, nearer), out) in trials.iter_mut().zip(&out) {
                for ((d, c), w) in out.iter().zip(closest).zip(weights) {
                    nearer.push(d.min(*c));
                    *inertia += w * d.min(*c);
                }
            }
        }
        let least = |a: &usize, b: &usize| trials[*a].0.total_cmp(&trials[*b].0);
        let best = (0..drawn.len()).min_by(least).expect("a row is drawn");
        *closest = trials.swap_remove(best).1;
        Ok(drawn[best])
    }

    /// The best by inertia of the sample's rows of as many draws as there are to be starts.
    pub(super) fn best(
        &self,
        params: &KMeansParams,
        progress: &dyn Progress,
    ) -> Result<Vec<f64>, Stopped> {
        let mut best = (f64::INFINITY, vec![]);
        for restart in 0..params.restarts.max(1) as u64 {
            let seed = mix(params.seed ^ mix(restart));
            let centres = self.draw(&[], params.clusters, seed, progress)?;
            let closest = self.closest(&centres, progress)?;
            let terms = closest.iter().zip(&self.rows).map(|(c, &row)| c * self.table.weight(row));
            let inertia = terms.sum();
            if inertia < best.0 || best.1.is_empty() {
                best = (inertia, centres);
            }
        }
        Ok(best.1)
    }

    /// Each row's squared distance from its nearest centre.
    fn closest(&self, centres: &[f64], progress: &dyn Progress) -> Result<Vec<f64>, Stopped> {
        let d = self.table.points.dims;
        let grouped = Grouped::new(Points { values: centres, dims: d });
        let mut out = vec![[0.0; PANEL]; grouped.len()];
        let mut near = Nearest::new();
        let mut closest = Vec::with_capacity(self.rows.len());
        for (p, panel) in self.panels.chunks_exact(d).enumerate() {
            if p % PANELS == 0 && !progress.proceed() {
                return Err(Stopped);
            }
            grouped.squared_distances(panel, &mut out);
            near.find(&out);
            let filled = (self.rows.len() - p * PANEL).min(PANEL);
            closest.extend_from_slice(&near.first[..filled]);
        }
        Ok(closest)
    }
}
