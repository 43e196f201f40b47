//! The least value of a function of few numbers within bounds, without its gradient.
//!
//! Reference: Nelder and Mead, "A simplex method for function minimization", The Computer Journal 7,
//! 1965; shrinking and expansion by dimension as in Gao and Han, "Implementing the Nelder–Mead simplex
//! algorithm with adaptive parameters", Computational Optimization and Applications 51, 2012.

/// Where to look and when to end.
#[derive(Clone, Debug)]
pub struct Simplex<'a> {
    /// Least value of each number.
    pub lower: &'a [f64],
    /// Greatest value of each number, at least the least.
    pub upper: &'a [f64],
    /// How far the first corners lie from the start, for each number; not zero.
    pub steps: &'a [f64],
    /// Evaluations after which the best corner so far is the answer.
    pub evaluations: u32,
    /// Ends where the corners' values differ by less than this part of the least of them.
    pub tolerance: f64,
}

/// The point found and the function there.
#[derive(Clone, Debug, PartialEq)]
pub struct Least {
    /// The point.
    pub at: Vec<f64>,
    /// The function's value there.
    pub value: f64,
    /// How often the function was evaluated.
    pub evaluations: u32,
}

impl Simplex<'_> {
    /// Looks for the least value from `start`, one number per bound. Values that are NaN count as
    /// infinite; points beyond a bound are moved to it.
    pub fn minimise(&self, start: &[f64], mut of: impl FnMut(&[f64]) -> f64) -> Least {
        let n = start.len();
        let mut evaluations = 0;
        let mut value = |x: &[f64]| {
            evaluations += 1;
            let v = of(x);
            (if v.is_nan() { f64::INFINITY } else { v }, evaluations)
        };
        let mut corners: Vec<(f64, Vec<f64>)> = Vec::with_capacity(n + 1);
        let first = self.within(start.to_vec());
        let mut spent;
        let (v, s) = value(&first);
        spent = s;
        corners.push((v, first.clone()));
        for i in 0..n {
            let mut x = first.clone();
            let moved = (x[i] + self.steps[i]).clamp(self.lower[i], self.upper[i]);
            let near = |a: f64| (a - first[i]).abs() < 0.5 * self.steps[i].abs();
            x[i] = if near(moved) {
                (first[i] - self.steps[i]).clamp(self.lower[i], self.upper[i])
            } else {
                moved
            };
            let (v, s) = value(&x);
            spent = s;
            corners.push((v, x));
        }
        if n == 0 {
            let (value, at) = corners.swap_remove(0);
            return Least { at, value, evaluations: spent };
        }
        #[allow(clippy::cast_precision_loss)]
        let dims = n as f64;
        let expand = 1.0 + 2.0 / dims.max(2.0);
        let contract = 0.75 - 0.5 / dims.max(2.0);
        let shrink = if n == 1 { 0.5 } else { 1.0 - 1.0 / dims };
        loop {
            corners.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (least, greatest) = (corners[0].0, corners[n].0);
            let flat = (greatest - least).abs() <= self.tolerance * (least.abs() + self.tolerance);
            if flat || spent >= self.evaluations {
                break;
            }
            let mut centre = vec![0.0; n];
            for (_, x) in &corners[..n] {
                for (c, v) in centre.iter_mut().zip(x) {
                    *c += v / dims;
                }
            }
            let worst = corners[n].clone();
            let along = |by: f64| {
                let x = centre.iter().zip(&worst.1).map(|(c, w)| c + by * (c - w)).collect();
                self.within(x)
            };
            let reflected = along(1.0);
            let (r, s) = value(&reflected);
            spent = s;
            if r < least {
                let expanded = along(expand);
                let (e, s) = value(&expanded);
                spent = s;
                corners[n] = if e < r { (e, expanded) } else { (r, reflected) };
                continue;
            }
            if r < corners[n - 1].0 {
                corners[n] = (r, reflected);
                continue;
            }
            let inner = along(if r < worst.0 { contract } else { -contract });
            let (c, s) = value(&inner);
            spent = s;
            if c < worst.0.min(r) {
                corners[n] = (c, inner);
                continue;
            }
            let best = corners[0].1.clone();
            for corner in &mut corners[1..] {
                for (x, b) in corner.1.iter_mut().zip(&best) {
                    *x = b + shrink * (*x - b);
                }
                let (v, s) = value(&corner.1);
                spent = s;
                corner.0 = v;
            }
        }
        let (value, at) = corners.swap_remove(0);
        Least { at, value, evaluations: spent }
    }

    fn within(&self, mut x: Vec<f64>) -> Vec<f64> {
        for ((x, lower), upper) in x.iter_mut().zip(self.lower).zip(self.upper) {
            *x = x.clamp(*lower, *upper);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(tolerance: f64) -> Simplex<'static> {
        Simplex {
            lower: &[-5.0, -5.0],
            upper: &[5.0, 5.0],
            steps: &[0.5, 0.5],
            evaluations: 2000,
            tolerance,
        }
    }

    #[test]
    fn finds_the_bottom_of_a_curved_valley() {
        let valley = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let least = search(1e-12).minimise(&[-1.2, 1.0], valley);
        assert!(least.at.iter().all(|x| (x - 1.0).abs() < 1e-3), "{least:?}");
    }

    #[test]
    fn stays_within_its_bounds_and_finds_the_edge() {
        let slope = |x: &[f64]| {
            assert!(x.iter().all(|x| (-5.0..=5.0).contains(x)));
            1.0 + (x[0] + 7.0).powi(2) + x[1].powi(2)
        };
        let least = search(1e-12).minimise(&[4.0, 4.0], slope);
        assert!((least.at[0] + 5.0).abs() < 1e-4 && least.at[1].abs() < 1e-2, "{least:?}");
    }

    #[test]
    fn nan_is_no_answer() {
        let least = search(1e-10)
            .minimise(&[2.0, 2.0], |x| if x[0] < 1.0 { f64::NAN } else { x[0] + x[1].powi(2) });
        assert!((least.at[0] - 1.0).abs() < 1e-3, "{least:?}");
    }

    #[test]
    fn a_function_of_nothing_has_one_value() {
        let nothing =
            Simplex { lower: &[], upper: &[], steps: &[], evaluations: 10, tolerance: 1e-9 };
        assert_eq!(nothing.minimise(&[], |_| 3.0).value.to_bits(), 3.0f64.to_bits());
    }
}
