//! From a series and an order to a model.

use super::differences::differenced;
use super::filter::{Errors, Filter, Kept};
use super::lanes::{LANES, splat};
use super::likelihood::{Form, Likelihood, centre};
use super::optimise::{Best, Patience, minimise};
use super::order::Order;
use super::process::Coefficients;
use super::start::Guess;
use super::{Arima, Process};
use crate::{Progress, Stopped};

/// Errors whose mean square is below this are none: values are at most 1 in size.
const LEAST_SQUARE: f64 = 1e-30;
/// A fit of a given order.
const THOROUGH: Patience = Patience { steps: 60, gain: 1e-7 };
/// Variances nearer to the last count as it.
const TOLERANCE: f64 = 1e-9;

/// A series, scaled to at most 1 in size.
pub(super) struct Series {
    pub(super) values: Vec<f64>,
    scale: f64,
}

impl Series {
    pub(super) fn new(values: &[f64]) -> Self {
        assert!(!values.is_empty(), "a series has values");
        let scale = values.iter().fold(0.0f64, |s, v| s.max(v.abs()));
        let scale = if scale > 0.0 { scale } else { 1.0 };
        Self { values: values.iter().map(|v| v / scale).collect(), scale }
    }

    /// The same series in the units of a model.
    #[cfg(test)]
    pub(super) fn rescaled(mut self, model: &Arima) -> Self {
        self.values.iter_mut().for_each(|v| *v *= self.scale / model.scale);
        self
    }
}

/// What is left of the last column beside a constant one before it, where there is one.
fn left(columns: &[&[f64]]) -> Vec<f64> {
    let mut lanes: Vec<Vec<_>> =
        columns.iter().map(|c| c.iter().map(|v| splat(*v)).collect()).collect();
    centre(&mut lanes);
    lanes[columns.len() - 1].iter().map(|v| v[0]).collect()
}

/// A series differenced as an order says, after a column of ones where there is a constant.
pub(super) struct Differenced {
    columns: Vec<Vec<f64>>,
    pub(super) guess: Guess,
}

impl Differenced {
    pub(super) fn new(series: &Series, order: &Order) -> Self {
        let mut columns = Vec::new();
        let w = differenced(&series.values, order);
        if order.constant {
            columns.push(vec![1.0; w.len()]);
        }
        columns.push(w);
        let views: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
        let guess = Guess::new(left(&views), order.period);
        Self { columns, guess }
    }

    pub(super) fn likelihood(&self, order: Order, form: Form) -> Likelihood<'_> {
        Likelihood::new(order, self.columns.iter().map(|c| &c[..]).collect(), form)
    }

    /// Values after differencing.
    pub(super) fn len(&self) -> usize {
        self.columns[0].len()
    }

    /// Numbers that a model of this order has, the variance included.
    pub(super) fn parameters(&self, order: &Order) -> usize {
        order.terms() + self.columns.len()
    }
}

/// Fits an order.
pub(super) fn fit(
    values: &[f64],
    order: &Order,
    progress: &dyn Progress,
) -> Result<Arima, Stopped> {
    let series = Series::new(values);
    let order = order.within(values.len());
    let differenced = Differenced::new(&series, &order);
    let mut likelihood = differenced.likelihood(order, Form::Exact(TOLERANCE));
    let mut best: Option<Best> = None;
    // Likelihoods have several tops.
    for start in differenced.guess.starts(&order, progress)? {
        let found = minimise(&mut likelihood, &[start], THOROUGH, progress)?;
        if best.as_ref().is_none_or(|best| found.sum < best.sum) {
            best = Some(found);
        }
        if order.terms() == 0 {
            break;
        }
    }
    let best = best.expect("there is a start");
    finish(&series, &differenced, &order, &best, progress)
}

/// The likeliest model of an order from good parameters.
pub(super) fn polished(
    series: &Series,
    differenced: &Differenced,
    order: &Order,
    partials: Vec<f64>,
    progress: &dyn Progress,
) -> Result<Arima, Stopped> {
    let mut likelihood = differenced.likelihood(*order, Form::Exact(TOLERANCE));
    let best = minimise(&mut likelihood, &[partials], THOROUGH, progress)?;
    finish(series, differenced, order, &best, progress)
}

/// The model of some parameters: mean, variance and where the series stands.
fn finish(
    series: &Series,
    differenced: &Differenced,
    order: &Order,
    best: &Best,
    progress: &dyn Progress,
) -> Result<Arima, Stopped> {
    let mut likelihood = differenced.likelihood(*order, Form::Exact(0.0));
    let evaluation = likelihood.evaluate([&best.partials[..]; LANES], &mut Vec::new(), progress)?;
    let n = differenced.len() as f64;
    let square = (evaluation.sums[0] / n).max(LEAST_SQUARE);
    let fitted = -0.5 * n * (1.0 + (std::f64::consts::TAU * square).ln());
    let Coefficients { ar, ma, seasonal_ar, seasonal_ma } =
        Coefficients::of_partials(order, &best.partials);
    let mut model = Arima {
        order: *order,
        ar,
        ma,
        seasonal_ar,
        seasonal_ma,
        log_likelihood: fitted - n * series.scale.ln(),
        observations: series.values.len(),
        fitted: series.values.len(),
        parameters: differenced.parameters(order),
        scale: series.scale,
        deviation: 0.0,
        mean: evaluation.mean[0],
        tail: Vec::new(),
        kept: Kept::default(),
    };
    settle(&mut model, series, progress)?;
    Ok(model)
}

/// Runs a model over the whole series.
pub(super) fn settle(
    model: &mut Arima,
    series: &Series,
    progress: &dyn Progress,
) -> Result<(), Stopped> {
    let u = &series.values;
    let mut w = differenced(u, &model.order);
    w.iter_mut().for_each(|w| *w -= model.mean);
    let process: Process = model.process();
    let (mut filter, mut errors) = (Filter::new(process, 1), Errors::default());
    filter.run(&[&w], 0.0, &mut errors, progress)?;
    let sum: f64 = errors.columns[0].iter().map(|e| e[0] * e[0]).sum();
    let free = w.len().saturating_sub(model.parameters - 1).max(1) as f64;
    let square = sum / free;
    model.deviation = if square > LEAST_SQUARE { square.sqrt() } else { 0.0 };
    model.kept = filter.kept();
    model.tail = u[u.len() - model.order.lost()..].to_vec();
    Ok(())
}
