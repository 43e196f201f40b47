//! Locally weighted regression of equally spaced values.
//!
//! The value at a place is that of a level or a line fitted to its `window` nearest neighbours with
//! tricube weights, (1 − (distance / farthest)³)³. Away from the ends all places have the same
//! weights, so that smoothing is one convolution; with robustness weights it is five of them, the
//! moments of the weighted places and values. Cost O(n · window / jump).
//!
//! Reference: Cleveland, Cleveland, McRae and Terpenning, "STL: A seasonal-trend decomposition
//! procedure based on loess", Journal of Official Statistics 6, 1990.

use super::tricube::{NEAR, tricube, turn};
use crate::series::convolve::{convolve, inner};
use crate::{Progress, Stopped};
use serde::{Deserialize, Serialize};

/// Weights of places near the ends that are kept between smoothings, at most.
const KEPT: usize = 1 << 18;
/// Products between two questions to the progress.
const UNASKED: usize = 1 << 22;

/// How values are smoothed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loess {
    /// How many values a place is fitted to, odd and at least 3; even numbers count as the next odd
    /// one. May exceed the number of values, which flattens the weights.
    pub window: usize,
    /// Whether lines are fitted, rather than levels.
    pub lines: bool,
    /// Steps from one fitted place to the next, ≥ 1; places between lie on the straight line.
    pub jump: usize,
}

impl Loess {
    /// Lines at every place.
    pub fn new(window: usize) -> Self {
        Self { window, lines: true, jump: 1 }
    }

    /// The same, fitted at every tenth part of the window only.
    #[must_use]
    pub fn skipping(self) -> Self {
        Self { jump: self.window.div_ceil(10), ..self }
    }
}

/// Smooths series of one length.
pub(super) struct Smoother {
    n: usize,
    /// Values fitted to at once, the window or all there are.
    width: usize,
    /// What is added to the farthest distance when the window exceeds the series.
    farther: f64,
    lines: bool,
    jump: usize,
    /// Tricube weights of a place in the middle of its window; none where the window is not less than
    /// the series.
    middle: Vec<f64>,
    /// The same with the sum 1.
    mean: Vec<f64>,
    /// Fitted places that are not in the middle of their window.
    aside: usize,
    /// Finished weights of those in order, then of the places before and after all; empty when they
    /// are too many.
    kept: Vec<f64>,
    moments: [Vec<f64>; 5],
    scratch: Vec<f64>,
}

impl Smoother {
    /// For series of `n` ≥ 1 values.
    pub(super) fn new(loess: Loess, n: usize) -> Self {
        let window = loess.window.max(3) | 1;
        let width = window.min(n);
        let mut smoother = Self {
            n,
            width,
            farther: if window > n { ((window - n) / 2) as f64 } else { 0.0 },
            lines: loess.lines,
            jump: loess.jump.clamp(1, n.saturating_sub(1).max(1)),
            middle: Vec::new(),
            mean: Vec::new(),
            aside: 0,
            kept: Vec::new(),
            moments: Default::default(),
            scratch: vec![0.0; width],
        };
        if window < n {
            let mut middle = vec![0.0; width];
            smoother.tricube((width / 2) as f64, &mut middle);
            let sum: f64 = middle.iter().sum();
            smoother.mean = middle.iter().map(|w| w / sum).collect();
            smoother.middle = middle;
        }
        let aside: Vec<usize> = smoother.fitted().filter(|&at| !smoother.centred(at)).collect();
        smoother.aside = aside.len();
        if (aside.len() + 2) * width <= KEPT {
            smoother.keep(&aside);
        }
        smoother
    }

    /// Smooths `n` values; places whose weights are all zero keep their values. `robust` are weights
    /// ≥ 0, one a value.
    pub(super) fn smooth(
        &mut self,
        y: &[f64],
        robust: Option<&[f64]>,
        out: &mut [f64],
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        if self.n < 2 {
            out.copy_from_slice(y);
            return Ok(());
        }
        if self.jump == 1 && !self.middle.is_empty() {
            self.smooth_middle(y, robust, out, progress)?;
        }
        let (mut done, mut aside) = (0, 0);
        for at in self.fitted() {
            done += self.width;
            if done >= UNASKED {
                ask(progress)?;
                done = 0;
            }
            out[at] = if !self.centred(at) {
                aside += 1;
                self.aside(at as isize, aside - 1, y, robust).unwrap_or(y[at])
            } else if let Some(robust) = robust {
                self.robustly(at as isize, y, robust).unwrap_or(y[at])
            } else {
                inner(&self.mean, &y[at - self.width / 2..][..self.width])
            };
        }
        self.connect(out);
        Ok(())
    }

    /// The fit one place before the first value and one after the last; where all weights are zero
    /// there is none.
    pub(super) fn beyond(
        &mut self,
        y: &[f64],
        robust: Option<&[f64]>,
    ) -> (Option<f64>, Option<f64>) {
        let before = self.aside(-1, self.aside, y, robust);
        (before, self.aside(self.n as isize, self.aside + 1, y, robust))
    }

    fn smooth_middle(
        &mut self,
        y: &[f64],
        robust: Option<&[f64]>,
        out: &mut [f64],
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        let half = self.width / 2;
        let chunk = (UNASKED / self.width).max(1);
        match robust {
            None => {
                for (i, out) in out[half..self.n - half].chunks_mut(chunk).enumerate() {
                    ask(progress)?;
                    convolve(&self.mean, &y[i * chunk..], out);
                }
                Ok(())
            }
            Some(robust) => self.middle_robustly(y, robust, out, progress),
        }
    }

    /// All places that are fitted.
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let last = self.n - 1;
        let beside = (!last.is_multiple_of(self.jump)).then_some(last);
        (0..self.n).step_by(self.jump).chain(beside)
    }

    /// Those that are fitted one by one.
    fn fitted(&self) -> impl Iterator<Item = usize> + use<> {
        let (one_by_one, half, n) =
            (self.jump > 1 || self.middle.is_empty(), self.width / 2, self.n);
        self.places().filter(move |&at| one_by_one || at < half || at + half >= n)
    }

    /// Whether a place lies in the middle of its window.
    fn centred(&self, at: usize) -> bool {
        let half = self.width / 2;
        !self.middle.is_empty() && at >= half && at + half < self.n
    }

    /// The first value of a place's window.
    fn left(&self, at: isize) -> usize {
        let left = at - (self.width / 2) as isize;
        left.clamp(0, (self.n - self.width) as isize) as usize
    }

    /// Finds the weights of the places that are not in the middle of their window once.
    fn keep(&mut self, aside: &[usize]) {
        let all = aside.iter().map(|&at| at as isize).chain([-1, self.n as isize]);
        let mut kept = vec![0.0; (aside.len() + 2) * self.width];
        for (at, weights) in all.zip(kept.chunks_exact_mut(self.width)) {
            self.weights(at, weights);
        }
        self.kept = kept;
    }

    /// Tricube weights of a window's values, seen from a place `at` steps from the first of them.
    fn tricube(&self, at: f64, out: &mut [f64]) {
        tricube(at, at.max((self.width - 1) as f64 - at) + self.farther, out);
    }

    /// What the values of a place's window count for its fit, without robustness weights.
    fn weights(&self, at: isize, out: &mut [f64]) {
        let at = (at - self.left(at) as isize) as f64;
        self.tricube(at, out);
        turn(out, at, self.lines, self.least());
    }

    /// The deviation of a window's places from which on lines are fitted.
    fn least(&self) -> f64 {
        NEAR * (self.n - 1) as f64
    }

    /// The fit at a place that is not in the middle of its window, by its order among those.
    fn aside(&mut self, at: isize, order: usize, y: &[f64], robust: Option<&[f64]>) -> Option<f64> {
        if let Some(robust) = robust {
            return self.robustly(at, y, robust);
        }
        let left = self.left(at);
        let seen = &y[left..left + self.width];
        if !self.kept.is_empty() {
            return Some(inner(&self.kept[order * self.width..][..self.width], seen));
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        self.weights(at, &mut scratch);
        let value = inner(&scratch, seen);
        self.scratch = scratch;
        Some(value)
    }

    /// The fit at a place with robustness weights, unless they are all zero.
    fn robustly(&mut self, at: isize, y: &[f64], robust: &[f64]) -> Option<f64> {
        let left = self.left(at);
        let at = (at - left as isize) as f64;
        let mut scratch = std::mem::take(&mut self.scratch);
        self.tricube(at, &mut scratch);
        for (w, r) in scratch.iter_mut().zip(&robust[left..]) {
            *w *= r;
        }
        let some = turn(&mut scratch, at, self.lines, self.least());
        let value = some.then(|| inner(&scratch, &y[left..left + self.width]));
        self.scratch = scratch;
        value
    }

    /// The places in the middle of their windows, with robustness weights.
    fn middle_robustly(
        &mut self,
        y: &[f64],
        robust: &[f64],
        out: &mut [f64],
        progress: &dyn Progress,
    ) -> Result<(), Stopped> {
        let half = self.width / 2;
        let count = self.n - 2 * half;
        let moment = |power: i32| -> Vec<f64> {
            let at = |i: usize| (i as f64 - half as f64).powi(power);
            self.middle.iter().enumerate().map(|(i, w)| w * at(i)).collect()
        };
        let (first, second) = (moment(1), moment(2));
        let weighted: Vec<f64> = y.iter().zip(robust).map(|(y, r)| y * r).collect();
        let sums = [
            (&self.middle, robust),
            (&first, robust),
            (&second, robust),
            (&self.middle, &weighted[..]),
            (&first, &weighted[..]),
        ];
        let chunk = (UNASKED / self.width).max(1);
        for ((taps, values), sum) in sums.into_iter().zip(&mut self.moments) {
            sum.resize(count, 0.0);
            for (i, out) in sum.chunks_mut(chunk).enumerate() {
                ask(progress)?;
                convolve(taps, &values[i * chunk..], out);
            }
        }
        let least = self.least();
        let [weight, places, squares, sums, products] = &self.moments;
        for i in 0..count {
            let w = weight[i];
            let at = half + i;
            if w <= 0.0 {
                out[at] = y[at];
                continue;
            }
            let (centre, level) = (places[i] / w, sums[i] / w);
            let spread = squares[i] / w - centre * centre;
            out[at] = if self.lines && spread.max(0.0).sqrt() > least {
                level - centre / spread * (products[i] / w - centre * level)
            } else {
                level
            };
        }
        Ok(())
    }

    /// Draws straight lines between the places that were fitted.
    fn connect(&self, out: &mut [f64]) {
        if self.jump == 1 {
            return;
        }
        let mut from = 0;
        for to in self.places().skip(1) {
            let (start, steps) = (out[from], (to - from) as f64);
            let slope = (out[to] - start) / steps;
            for (i, v) in out[from + 1..to].iter_mut().enumerate() {
                *v = start + slope * (i + 1) as f64;
            }
            from = to;
        }
    }
}

/// Goes on unless told to stop.
pub(super) fn ask(progress: &dyn Progress) -> Result<(), Stopped> {
    if progress.proceed() { Ok(()) } else { Err(Stopped) }
}
