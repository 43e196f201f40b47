//! How likely a series is, for four parameter vectors at once.
//!
//! The errors' variance and the mean are those that are likeliest given the other parameters. The
//! errors are scaled by the geometric mean of their variances, so that their sum of squares alone
//! tells the likelihood.

use super::filter::{Errors, Filter, conditional};
use super::lanes::{LANES, Lane, map, minus, plus, splat, zip};
use super::order::Order;
use super::process::{Coefficients, Process};
use crate::{Progress, Stopped};

/// Whose likelihood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// That of all values; variances within this of the last count as it.
    Exact(f64),
    /// That of the values after the longest autoregressive lag, given those.
    Conditional,
}

/// A differenced series and the form.
pub(super) struct Likelihood<'a> {
    pub(super) order: Order,
    /// A column of ones where there is a constant, then the series: equal lengths, at least one value.
    pub(super) columns: Vec<&'a [f64]>,
    pub(super) form: Form,
    errors: Errors,
    pub(super) evaluations: usize,
}

/// Four evaluations.
pub(super) struct Evaluation {
    /// Sums of squares of the scaled errors.
    pub(super) sums: Lane,
    /// Means of the series; 0 without a constant.
    pub(super) mean: Lane,
}

impl<'a> Likelihood<'a> {
    pub(super) fn new(order: Order, columns: Vec<&'a [f64]>, form: Form) -> Self {
        Self { order, columns, form, errors: Errors::default(), evaluations: 0 }
    }

    /// Values that have an error.
    pub(super) fn count(&self) -> usize {
        let n = self.columns[0].len();
        match self.form {
            Form::Exact(_) => n,
            Form::Conditional => n.saturating_sub(self.order.ar_lag()).max(1),
        }
    }

    /// The sums of squares at four vectors of partial autocorrelations, and in `scaled` the errors.
    pub(super) fn evaluate(
        &mut self,
        four: [&[f64]; LANES],
        scaled: &mut Vec<Lane>,
        progress: &dyn Progress,
    ) -> Result<Evaluation, Stopped> {
        self.evaluations += 1;
        let coefficients = four.map(|partials| Coefficients::of_partials(&self.order, partials));
        let process = Process::new(&self.order, coefficients.each_ref());
        let mut scale = splat(1.0);
        match self.form {
            Form::Exact(tolerance) => {
                let mut filter = Filter::new(process, self.columns.len());
                filter.run(&self.columns, tolerance, &mut self.errors, progress)?;
                let n = self.columns[0].len() as f64;
                scale = map(filter.log_variances, |s| (0.5 * s / n).exp());
            }
            Form::Conditional => {
                conditional(&process, &self.columns, &mut self.errors, progress)?;
            }
        }
        let mean = centre(&mut self.errors.columns);
        let left = self.errors.columns.last().expect("there is a series");
        scaled.clear();
        scaled.extend(left.iter().map(|e| zip(*e, scale, |e, s| e * s)));
        let sums = scaled.iter().fold(splat(0.0), |sum, e| plus(sum, *e, *e));
        let sums = map(sums, |s| if s.is_finite() { s } else { f64::INFINITY });
        Ok(Evaluation { sums, mean })
    }
}

/// Takes from the last of at most two columns what the one before it explains, by least squares; its
/// coefficient.
pub(super) fn centre(columns: &mut [Vec<Lane>]) -> Lane {
    let [ones, series] = columns else { return splat(0.0) };
    let inner =
        |a: &[Lane], b: &[Lane]| a.iter().zip(b).fold(splat(0.0), |sum, (a, b)| plus(sum, *a, *b));
    let over = map(inner(ones, ones), |size| if size > 0.0 { 1.0 / size } else { 0.0 });
    let mean = zip(inner(ones, series), over, |a, b| a * b);
    for (o, c) in series.iter_mut().zip(ones.iter()) {
        *o = minus(*o, mean, *c);
    }
    mean
}
