//! Where to begin: rows drawn by dissimilarity from those drawn before.

use super::{Prototypes, dissimilarity};
use crate::clusters::draw::{place, running, unit, weighty};
use crate::clusters::mixed::Mixed;
use crate::trees::random::{Stream, mix};
use crate::{Progress, Stopped};

/// Rows between questions whether to go on.
const ROWS: usize = 1 << 12;

/// Rows of a table of which seeds are drawn, by weight.
pub(super) fn draw(
    rows: &Mixed<'_>,
    weight: impl Fn(usize) -> f64,
    clusters: usize,
    gamma: f64,
    seed: u64,
    progress: &dyn Progress,
) -> Result<Prototypes, Stopped> {
    let sample = weighty(rows.rows, &weight, mix(seed ^ 0x5eed));
    let mut stream = Stream::new(seed);
    let trials = 2 + (clusters.max(1) as f64).ln() as usize;
    let (mut numbers, mut codes) = (vec![], vec![]);
    let mut closest = vec![1.0; sample.len()];
    let mut count = 0;
    while count < clusters.max(1) {
        let gain = running(sample.iter().zip(&closest).map(|(&i, c)| weight(i) * c));
        if gain.last().is_none_or(|&total| total <= 0.0) {
            break;
        }
        if count == 0 {
            closest.fill(f64::INFINITY);
        }
        let mut best = (f64::INFINITY, 0, vec![]);
        for _ in 0..if count == 0 { 1 } else { trials } {
            let drawn = sample[place(&gain, unit(&mut stream))];
            let mut cost = 0.0;
            let mut nearer = Vec::with_capacity(sample.len());
            for (at, (&i, c)) in sample.iter().zip(&closest).enumerate() {
                if at % ROWS == 0 && !progress.proceed() {
                    return Err(Stopped);
                }
                // A row that is a seed is at home, whatever it misses.
                let same = rows.row(i) == rows.row(drawn);
                let d = if same { 0.0 } else { dissimilarity(rows.row(i), rows.row(drawn), gamma) };
                nearer.push(d.min(*c));
                cost += weight(i) * d.min(*c);
            }
            if cost < best.0 || best.2.is_empty() {
                best = (cost, drawn, nearer);
            }
        }
        let row = rows.row(best.1);
        numbers.extend_from_slice(row.0);
        codes.extend_from_slice(row.1);
        closest = best.2;
        count += 1;
    }
    let Mixed { dims, width, .. } = *rows;
    Ok(Prototypes { dims, width, gamma, numbers, codes, clusters: count })
}
