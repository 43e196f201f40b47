//! Numeric columns side by side: each standardised, and how they vary together.

use super::affine::Affine;
use super::columns::row_weights;
use super::numbers::Known;
use crate::bridge::{Uncut, stopped};
use ruska_core::{FitError, RunContext, StepInput, hash};
use ruska_kernels::linear::{Design, covariance};

/// Most training rows that are looked at for covariances.
const MOST_ROWS: usize = 20_000;
/// Deviations within which no number is moved.
const CLIP: f64 = 10.0;

/// The numeric columns that vary, each on its scale.
pub(crate) struct SideBySide<'a> {
    input: StepInput<'a>,
    /// Places of the columns in the frame.
    pub(crate) places: Vec<usize>,
    /// Their scales.
    pub(crate) scales: Vec<Affine>,
}

impl<'a> SideBySide<'a> {
    /// Learns the scales of the columns that `keep` accepts by their place.
    pub(crate) fn new(
        input: StepInput<'a>,
        keep: impl Fn(usize) -> bool,
        ctx: &RunContext<'_>,
    ) -> Result<Self, FitError> {
        let weights = row_weights(&input);
        let mut columns = Self { input, places: vec![], scales: vec![] };
        for (place, field) in input.x.fields().iter().enumerate().filter(|(at, _)| keep(*at)) {
            ctx.check()?;
            let Some(values) = field.floats() else { continue };
            let known = Known::new(input.rows.iter().map(|&row| values[row as usize]), &weights);
            let (mean, sd) = known.moments();
            let scale = Affine::new(&field.name, mean, sd, CLIP).covering(&known.values);
            if !scale.is_flat() {
                columns.places.push(place);
                columns.scales.push(scale);
            }
        }
        Ok(columns)
    }

    /// Covariance matrix of the columns on their scales over the training rows, of which at most
    /// 20,000 are looked at; what is missing counts as the mean.
    pub(crate) fn covariances(&self, ctx: &RunContext<'_>) -> Result<Vec<f64>, FitError> {
        let weights = row_weights(&self.input);
        let rows: Vec<usize> = hash::spread(self.input.rows.len(), MOST_ROWS).collect();
        let mut weights: Vec<f64> = rows.iter().map(|&at| weights[at]).collect();
        if weights.iter().all(|w| *w == 0.0) {
            weights.fill(1.0);
        }
        let fields = self.input.x.fields();
        let column = |(place, scale): (&usize, &Affine)| {
            let values = fields[*place].floats().unwrap_or_default();
            let value = |&at: &usize| known_or_mean(scale, values[self.input.rows[at] as usize]);
            rows.iter().map(value).collect::<Vec<f64>>()
        };
        let x = Design::new(rows.len(), self.places.iter().zip(&self.scales).map(column));
        covariance(&x, &weights, &Uncut(ctx)).map_err(|stop| stopped(ctx, stop))
    }
}

/// A number on a scale, the mean where it is missing.
pub(crate) fn known_or_mean(scale: &Affine, value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { scale.apply(value) }
}
