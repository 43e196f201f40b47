//! What tests of the simple forecasters share.

use super::{GoesOn, History, OneSeries};
use crate::bridge::Watch;
use ruska_core::{NeverStop, RunContext};

/// A model as it is fitted, and as it goes on from a fit to less.
pub(crate) struct Fitted<M>(Vec<M>);

/// Fits a forecaster to values, and to each start of them followed by the rest.
pub(crate) fn fitted<F: OneSeries>(
    forecaster: &F,
    params: &F::Params,
    values: &[f64],
) -> Fitted<F::Model> {
    let context = RunContext::new(0, &NeverStop);
    let fit = |values: &[f64]| {
        let history = History { values, seasons: &[] };
        forecaster.fit(params, history, &Watch(&context)).expect("a fit")
    };
    let go_on = |from: usize| {
        let mut model = fit(&values[..from]);
        model.update(&values[from..]);
        model
    };
    Fitted((1..=values.len()).rev().map(go_on).collect())
}

impl<M: GoesOn> Fitted<M> {
    /// Checks that points and spreads are as given, and that what is huge makes no model unsound.
    pub(crate) fn tells(mut self, points: &[f64], spreads: &[f64]) {
        let near = |got: &[f64], expected: &[f64]| {
            let equal = got.iter().zip(expected).all(|(a, b)| (a - b).abs() <= 1e-12 * b.abs());
            assert!(equal && got.len() == expected.len(), "{got:?} is not {expected:?}");
        };
        for model in &mut self.0 {
            near(&model.forecast(points.len()), points);
            near(&model.spread(spreads.len()), spreads);
            model.update(&[f64::MAX, f64::MIN, 0.0, f64::MIN]);
            assert_eq!(model.sound(), Ok(()));
            let mut told = model.forecast(1000);
            told.extend(model.spread(1000));
            assert!(told.iter().all(|v| v.is_finite()));
        }
    }
}
