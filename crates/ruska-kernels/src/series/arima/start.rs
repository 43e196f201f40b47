//! Where the search for parameters starts.
//!
//! A long autoregression gives estimates of the errors; least squares on past values and past errors
//! then gives coefficients (Hannan and Rissanen, "Recursive estimation of mixed
//! autoregressive-moving average order", Biometrika 69, 1982).

use super::optimise::MOST;
use super::order::Order;
use super::process::Coefficients;
use crate::linear::Cholesky;
use crate::{Progress, Stopped};

/// Greatest size of a partial autocorrelation at a start.
const START_MOST: f64 = 0.95;

/// A series and estimates of its errors.
pub(super) struct Guess {
    values: Vec<f64>,
    errors: Vec<f64>,
    /// Values before the first error.
    skipped: usize,
}

impl Guess {
    /// From a series that nothing explains any more; its season has `period` values.
    pub(super) fn new(values: Vec<f64>, period: usize) -> Self {
        let n = values.len();
        let wanted = (period + 2).max((10.0 * (n as f64).log10()) as usize);
        let skipped = wanted.min(n / 4);
        let phi = long_autoregression(&values, skipped);
        let mut errors = vec![0.0; n];
        for t in skipped..n {
            let past: f64 = phi.iter().enumerate().map(|(i, phi)| phi * values[t - 1 - i]).sum();
            errors[t] = values[t] - past;
        }
        Self { values, errors, skipped }
    }

    /// Starts for an order: by regression, and fixed ones.
    pub(super) fn starts(
        &self,
        order: &Order,
        progress: &dyn Progress,
    ) -> Result<Vec<Vec<f64>>, Stopped> {
        let mut starts = vec![fixed(order, 0.1, -0.1), fixed(order, 0.6, 0.4)];
        starts.extend(self.regression(order, progress)?);
        Ok(starts)
    }

    fn regression(
        &self,
        order: &Order,
        progress: &dyn Progress,
    ) -> Result<Option<Vec<f64>>, Stopped> {
        let (regular, seasonal) = (order.regular, order.seasonal);
        let lags = |count: usize, by: usize| (1..=count).map(move |i| i * by);
        let past: Vec<(&[f64], usize)> = lags(regular.ar, 1)
            .map(|lag| (&self.values[..], lag))
            .chain(lags(regular.ma, 1).map(|lag| (&self.errors[..], lag)))
            .chain(lags(seasonal.ar, order.period).map(|lag| (&self.values[..], lag)))
            .chain(lags(seasonal.ma, order.period).map(|lag| (&self.errors[..], lag)))
            .collect();
        let longest = past.iter().map(|(_, lag)| *lag).max().unwrap_or(0);
        let needs_errors = regular.ma + seasonal.ma > 0;
        let from = longest + if needs_errors { self.skipped } else { 0 };
        let (n, k) = (self.values.len(), past.len());
        if k == 0 || n < from + 2 * k {
            return Ok(None);
        }
        let mut gram = vec![0.0; k * k];
        let mut right = vec![0.0; k];
        let inner = |a: (&[f64], usize), b: (&[f64], usize)| -> f64 {
            let (a, b) = (&a.0[from - a.1..n - a.1], &b.0[from - b.1..n - b.1]);
            a.iter().zip(b).map(|(a, b)| a * b).sum()
        };
        for i in 0..k {
            right[i] = inner(past[i], (&self.values, 0));
            for j in 0..=i {
                gram[i * k + j] = inner(past[i], past[j]);
            }
        }
        Cholesky::new(&gram, k, progress)?.solve(&mut right);
        if right.iter().any(|c| !c.is_finite()) {
            return Ok(None);
        }
        let (ar, rest) = right.split_at(regular.ar);
        let (ma, rest) = rest.split_at(regular.ma);
        let (seasonal_ar, seasonal_ma) = rest.split_at(seasonal.ar);
        let [ar, ma, seasonal_ar, seasonal_ma] =
            [ar, ma, seasonal_ar, seasonal_ma].map(<[f64]>::to_vec);
        Ok(Some(Coefficients { ar, ma, seasonal_ar, seasonal_ma }.partials(START_MOST)))
    }
}

/// Equal partial autocorrelations of each kind.
fn fixed(order: &Order, ar: f64, ma: f64) -> Vec<f64> {
    let parts = [order.regular, order.seasonal];
    let of = |part: super::order::Degrees| {
        // The first one says most.
        let terms = |count: usize, first: f64| (0..count).map(move |i| first / (1 + 4 * i) as f64);
        terms(part.ar, ar).chain(terms(part.ma, ma)).collect::<Vec<f64>>()
    };
    parts.map(of).concat()
}

/// The parameters of another order's model, for this order: terms it had too, none for others.
pub(super) fn adapted(partials: &[f64], from: &Order, to: &Order) -> Vec<f64> {
    let counts = |o: &Order| [o.regular.ar, o.regular.ma, o.seasonal.ar, o.seasonal.ma];
    let mut rest = partials;
    let mut out = Vec::with_capacity(to.terms());
    for (had, has) in counts(from).into_iter().zip(counts(to)) {
        let (part, later) = rest.split_at(had);
        out.extend((0..has).map(|i| part.get(i).copied().unwrap_or(0.0).clamp(-MOST, MOST)));
        rest = later;
    }
    out
}

/// Coefficients of so many lags by the equations of Yule and Walker.
fn long_autoregression(x: &[f64], lags: usize) -> Vec<f64> {
    let covariance = |lag: usize| -> f64 { x.iter().skip(lag).zip(x).map(|(a, b)| a * b).sum() };
    let mut left = covariance(0);
    let mut phi: Vec<f64> = Vec::with_capacity(lags);
    if left <= 0.0 {
        return vec![0.0; lags];
    }
    let gamma: Vec<f64> = (0..=lags).map(covariance).collect();
    for k in 0..lags {
        let past: f64 = phi.iter().enumerate().map(|(i, phi)| phi * gamma[k - i]).sum();
        let last = if left > 1e-12 * gamma[0] { (gamma[k + 1] - past) / left } else { 0.0 };
        let before = phi.clone();
        for (phi, b) in phi.iter_mut().zip(before.iter().rev()) {
            *phi -= last * b;
        }
        phi.push(last);
        left *= 1.0 - last * last;
    }
    phi
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::order::Degrees;
    use super::*;
    use crate::Silent;

    #[test]
    fn regression_comes_near_the_truth() {
        let order = Order::plain(Degrees::new(1, 0, 1), false);
        let x = super::super::tests::simulated(&[0.8], &[-0.4], 3000);
        let starts = Guess::new(x, 1).starts(&order, &Silent).unwrap();
        let found = &starts[2];
        assert!((found[0] - 0.8).abs() < 0.06 && (found[1] - 0.4).abs() < 0.08, "{found:?}");
    }

    #[test]
    fn a_longer_model_starts_where_the_shorter_ended() {
        let plain = |p, q| Order::plain(Degrees::new(p, 0, q), false);
        assert_eq!(adapted(&[0.5, 0.2], &plain(1, 1), &plain(2, 1)), [0.5, 0.0, 0.2]);
        assert_eq!(adapted(&[0.5, 0.1, 0.2], &plain(2, 1), &plain(1, 0)), [0.5]);
    }
}
