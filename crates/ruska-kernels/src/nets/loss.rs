//! What nets minimise: squared error of numbers, log loss of classes.

use super::real::Real;

/// The truth of all rows.
#[derive(Clone, Copy, Debug)]
pub enum Truth<'a> {
    /// Numbers, about of mean 0 and deviation 1.
    Numbers(&'a [f64]),
    /// Codes below a number of classes, at least 2.
    Classes(&'a [f64], usize),
}

impl Truth<'_> {
    /// Scores a row: a number, the log-odds of the second of two classes, or one for each class.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Numbers(_) | Self::Classes(_, 2) => 1,
            Self::Classes(_, classes) => *classes,
        }
    }

    /// Numbers predicted for a row: one, or a probability for each class.
    pub fn width(&self) -> usize {
        match self {
            Self::Numbers(_) => 1,
            Self::Classes(_, classes) => *classes,
        }
    }

    /// Adds what the scores of a row say, times a share.
    pub(super) fn predicted<R: Real>(&self, scores: &[R], share: f64, to: &mut [f64]) {
        match self {
            Self::Numbers(_) => to[0] += share * scores[0].f64(),
            Self::Classes(_, 2) => {
                let second = scores[0].f64().logistic();
                to[0] += share * (1.0 - second);
                to[1] += share * second;
            }
            Self::Classes(..) => {
                let top = scores.iter().map(|s| s.f64()).fold(f64::MIN, f64::max);
                let sum: f64 = scores.iter().map(|s| (s.f64() - top).exp()).sum();
                let of = |s: &R| share * (s.f64() - top).exp() / sum;
                to.iter_mut().zip(scores).for_each(|(to, s)| *to += of(s));
            }
        }
    }

    /// The loss of what is predicted for a row.
    pub(super) fn loss(&self, row: u32, predicted: &[f64]) -> f64 {
        match self {
            Self::Numbers(y) => (predicted[0] - y[row as usize]).powi(2),
            Self::Classes(codes, _) => -predicted[codes[row as usize] as usize].max(1e-15).ln(),
        }
    }

    /// The gradient of a row's loss in its scores, times a weight. A part `smoothing` of each row is taken
    /// for any of the classes (Szegedy et al., 2016).
    pub(super) fn gradient<R: Real>(
        &self,
        row: u32,
        (weight, smoothing): (f64, f64),
        scores: &[R],
        out: &mut [R],
    ) {
        match self {
            Self::Numbers(y) => out[0] = R::of(weight * (scores[0].f64() - y[row as usize])),
            Self::Classes(codes, 2) => {
                let truth = smoothing / 2.0 + (1.0 - smoothing) * codes[row as usize];
                out[0] = R::of(weight * (scores[0].f64().logistic() - truth));
            }
            Self::Classes(codes, classes) => {
                let top = scores.iter().fold(scores[0], |a, b| if *b > a { *b } else { a });
                let mut sum = R::zero();
                for (out, s) in out.iter_mut().zip(scores) {
                    *out = (*s - top).exp();
                    sum += *out;
                }
                let (scale, apart) =
                    (R::of(weight) / sum, R::of(weight * smoothing / *classes as f64));
                out.iter_mut().for_each(|out| *out = *out * scale - apart);
                out[codes[row as usize] as usize] += R::of(-weight * (1.0 - smoothing));
            }
        }
    }
}
