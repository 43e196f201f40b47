//! Squares of the errors for several smoothing rates at once.
//!
//! With the rate α given, q = 1 − α, the value before step t is expected to be
//! ```text
//! l_{t−1} + δ·qᵗ + w·g_t        g_t = A_{t−1}·qᵗ + B_{t−1}·(1 − qᵗ⁺¹) / α
//! ```
//! where l is the smoothed series that starts at its first value, δ how far the true start is from it,
//! w = 1 − 1/θ, A and B the line through the values so far. That is linear in δ and w: six sums over the
//! series give the best of both and the squares left, so only α has to be searched for.
//!
//! What counts of the start at high rates is a single error, which it could be used to remove. A series is
//! therefore given with its first value at 0, and the start held to that, give or take ten standard errors.

use super::line::Line;
use crate::simd::for_widest;
use crate::{Progress, Stopped};

/// Rates looked at together.
pub(super) const LANES: usize = 8;
/// Powers of q below this count as 0.
const VANISHED: f64 = 1e-24;
/// Weight of what is known of the start, in squared errors.
const PRIOR: f64 = 1e-2;
/// Steps between questions whether to go on.
const STEPS: usize = 1 << 16;

type Lanes = [f64; LANES];

/// A series without season, from 0 on, with its lines.
pub(super) struct Lined<'a> {
    values: &'a [f64],
    intercepts: Vec<f64>,
    slopes: Vec<f64>,
    burn: usize,
}

/// The best start and weight at a rate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fitted {
    pub alpha: f64,
    /// The start.
    pub shift: f64,
    /// 1 − 1/θ.
    pub weight: f64,
    /// Sum of squared errors.
    pub squares: f64,
}

#[derive(Clone, Copy, Default)]
struct Sums {
    rr: Lanes,
    rp: Lanes,
    rg: Lanes,
    pp: Lanes,
    pg: Lanes,
    gg: Lanes,
}

struct Run {
    alpha: Lanes,
    level: Lanes,
    power: Lanes,
    sums: Sums,
}

impl<'a> Lined<'a> {
    /// Lines through the values before each step if `dynamic`, else the one through all. Errors count
    /// from step `burn` ≥ 1 on.
    pub(super) fn new(values: &'a [f64], dynamic: bool, burn: usize) -> Self {
        let n = values.len();
        let (mut intercepts, mut slopes) = (Vec::with_capacity(n), Vec::with_capacity(n));
        if dynamic {
            let mut line = Line::first(values[0]);
            for value in &values[1..] {
                intercepts.push(line.intercept());
                slopes.push(line.slope);
                line.add(*value);
            }
        } else {
            let line = Line::through(values);
            intercepts.resize(n - 1, line.intercept());
            slopes.resize(n - 1, line.slope);
        }
        Self { values, intercepts, slopes, burn }
    }

    /// The best fit at each rate; `weight` is found where it is not given.
    pub(super) fn fits(
        &self,
        alpha: Lanes,
        weight: Option<f64>,
        progress: &dyn Progress,
    ) -> Result<[Fitted; LANES], Stopped> {
        let mut run = Run {
            alpha,
            level: [self.values[0]; LANES],
            power: alpha.map(|a| 1.0 - a),
            sums: Sums::default(),
        };
        self.early(&mut run, 1..self.burn);
        run.sums = Sums::default();
        let slowest = 1.0 - alpha.iter().fold(1.0f64, |least, a| least.min(*a));
        let vanish = (VANISHED.ln() / slowest.ln()).ceil() as usize;
        let vanish = vanish.clamp(self.burn, self.values.len());
        self.early(&mut run, self.burn..vanish);
        let mut at = vanish;
        while at < self.values.len() {
            if !progress.proceed() {
                return Err(Stopped);
            }
            let end = (at + STEPS).min(self.values.len());
            self.late(&mut run, at..end);
            at = end;
        }
        Ok(std::array::from_fn(|lane| run.best(lane, weight)))
    }

    fn early(&self, run: &mut Run, steps: std::ops::Range<usize>) {
        let before = steps.start - 1..steps.end - 1;
        early(run, &self.values[steps], &self.intercepts[before.clone()], &self.slopes[before]);
    }

    fn late(&self, run: &mut Run, steps: std::ops::Range<usize>) {
        let before = steps.start - 1..steps.end - 1;
        late(run, &self.values[steps], &self.slopes[before]);
    }
}

for_widest! {
    /// Steps while the powers of q matter.
    fn early(run: &mut Run, values: &[f64], intercepts: &[f64], slopes: &[f64]) {
        let alpha = run.alpha;
        let inverse = alpha.map(|a| 1.0 / a);
        let q = alpha.map(|a| 1.0 - a);
        let (mut level, mut power, mut sums) = (run.level, run.power, run.sums);
        for ((y, a), b) in values.iter().zip(intercepts).zip(slopes) {
            for k in 0..LANES {
                let p = power[k];
                let g = a * p + b * inverse[k] * (1.0 - q[k] * p);
                let r = y - level[k];
                level[k] += alpha[k] * r;
                power[k] = q[k] * p;
                sums.rr[k] += r * r;
                sums.rp[k] += r * p;
                sums.rg[k] += r * g;
                sums.pp[k] += p * p;
                sums.pg[k] += p * g;
                sums.gg[k] += g * g;
            }
        }
        (run.level, run.power, run.sums) = (level, power, sums);
    }
}

for_widest! {
    /// Steps when they no longer do.
    fn late(run: &mut Run, values: &[f64], slopes: &[f64]) {
        let alpha = run.alpha;
        let (mut level, mut rr, mut rb, mut bb) = (run.level, [0.0; LANES], [0.0; LANES], 0.0);
        for (y, b) in values.iter().zip(slopes) {
            bb += b * b;
            for k in 0..LANES {
                let r = y - level[k];
                level[k] += alpha[k] * r;
                rr[k] += r * r;
                rb[k] += r * b;
            }
        }
        run.level = level;
        for k in 0..LANES {
            run.sums.rr[k] += rr[k];
            run.sums.rg[k] += rb[k] / alpha[k];
            run.sums.gg[k] += bb / alpha[k] / alpha[k];
        }
    }
}

impl Run {
    fn best(&self, lane: usize, weight: Option<f64>) -> Fitted {
        let s = &self.sums;
        let [rr, rp, rg, pp, pg, gg] =
            [s.rr, s.rp, s.rg, s.pp, s.pg, s.gg].map(|sums: Lanes| sums[lane]);
        // As one more error, of √PRIOR·δ.
        let pp = pp + PRIOR;
        let weight = weight.unwrap_or_else(|| {
            let (curve, slope) = (gg - pg * (pg / pp), rg - rp * (pg / pp));
            if curve > f64::EPSILON * gg { (slope / curve).clamp(0.0, 1.0) } else { 0.5 }
        });
        let shift = (rp - weight * pg) / pp;
        let squares = rr - 2.0 * weight * rg + weight * weight * gg - shift * shift * pp;
        Fitted { alpha: self.alpha[lane], shift, weight, squares: squares.max(0.0) }
    }
}
