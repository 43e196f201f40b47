//! The kernels' models as models of a series.

use super::each::GoesOn;
use crate::sound::{all_finite, ensure};
use ruska_kernels::series::arima::Arima;
use ruska_kernels::series::complex::Complex;
use ruska_kernels::series::intermittent::Intermittent;
use ruska_kernels::series::smoothing::{Comb, Smoothing};
use ruska_kernels::series::theta::Theta;

/// Why a model is refused whose parts do not belong together.
const DAMAGED: &str = "parts of a series' model do not belong together";

macro_rules! goes_on {
    ($($model:ty)*) => {$(
        impl GoesOn for $model {
            fn forecast(&self, horizon: usize) -> Vec<f64> {
                self.forecast(horizon)
            }

            fn spread(&self, horizon: usize) -> Vec<f64> {
                self.spread(horizon)
            }

            fn update(&mut self, newer: &[f64]) {
                self.update(newer);
            }

            fn sound(&self) -> Result<(), String> {
                ensure(self.is_sound(), DAMAGED)?;
                all_finite("forecasts", &self.forecast(2))
            }
        }
    )*};
}

goes_on!(Arima Comb Complex Intermittent Smoothing Theta);
