//! Standardisation: every number becomes its distance from the mean in standard deviations.
//!
//! Does: (x − mean) / sd over the training rows, for yes-or-no columns too, so that a penalty or a
//! distance treats all alike. A constant column becomes 0. Numbers beyond both the training range
//! and `clip` deviations are moved to the wider of the two bounds: trends go on, but one absurd
//! value in a later file cannot drive a prediction anywhere. Wins: penalised linear models,
//! distances, nets. Fails: trees gain nothing. Cost: O(rows) a column. Handles: weights
//! count as rows; missing and infinite values are left out of the statistics, and missing ones
//! pass. Sparse blocks pass as they are: words and levels come in comparable sizes, and scaling
//! each by its frequency would blow up the rare ones. Reference: scikit-learn's `StandardScaler`.

use super::support::{OfColumn, replace, row_weights, validate, wrong_type};
use crate::sound::{all_finite, ensure};
use ruska_core::{
    Column, Field, FitError, Frame, Geometry, Kind, Need, PredictError, Preprocessor, RunContext,
    Space, Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct Standardise;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Standard deviations from the mean, above 0, within which no number is moved.
    clip: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { clip: 10.0 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Scaled>);

#[derive(Serialize, Deserialize)]
struct Scaled {
    name: String,
    mean: f64,
    /// 0 for a constant column.
    sd: f64,
    /// Bounds of what comes out.
    low: f64,
    high: f64,
}

impl OfColumn for Scaled {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for Standardise {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "standardise",
        summary: "numbers become their distance from the mean in standard deviations",
        stage: Stage::Scale,
        closes: &[Need::Scale],
        suits: Some(Geometry::Metric),
        reference: "https://scikit-learn.org/stable/modules/preprocessing.html#standardization-or-mean-removal-and-variance-scaling",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        if params.clip.is_nan() || params.clip <= 0.0 {
            let why = "`clip` must be above 0".to_owned();
            return Err(FitError::Params { id: "standardise".to_owned(), why });
        }
        let weights = row_weights(&input);
        let mut states = vec![];
        for field in input.x.fields() {
            ctx.check()?;
            let Some(values) = field.floats() else { continue };
            let train = input.rows.iter().map(|&row| values[row as usize]).zip(weights.iter());
            let train = train.filter(|(v, _)| v.is_finite()).map(|(v, w)| (v, *w));
            states.push(Scaled::fit(&field.name, train, params.clip));
        }
        Ok(State(states))
    }
}

/// Mean and standard deviation of weighted finite values, in two passes over values that are first
/// divided by the largest, so that no square overflows. A deviation within rounding error is 0.
fn moments(values: impl Iterator<Item = (f64, f64)> + Clone) -> (f64, f64) {
    let largest = values.clone().fold(0.0, |m: f64, (v, _)| m.max(v.abs()));
    let total: f64 = values.clone().map(|(_, w)| w).sum();
    if largest == 0.0 || total == 0.0 {
        return (0.0, 0.0);
    }
    let mean = values.clone().map(|(v, w)| w * (v / largest)).sum::<f64>() / total;
    let square = |(v, w): (f64, f64)| w * (v / largest - mean).powi(2);
    let sd = (values.map(square).sum::<f64>() / total).sqrt();
    let sd = if sd <= 10.0 * f64::EPSILON * mean.abs() { 0.0 } else { sd * largest };
    (mean * largest, sd)
}

impl Scaled {
    fn fit(name: &str, train: impl Iterator<Item = (f64, f64)> + Clone, clip: f64) -> Self {
        let (mean, sd) = moments(train.clone());
        let open = (f64::NEG_INFINITY, f64::INFINITY);
        let mut state = Self { name: name.to_owned(), mean, sd, low: open.0, high: open.1 };
        let range = train.map(|(v, _)| state.apply(v));
        (state.low, state.high) = range.fold((-clip, clip), |(l, h), z| (l.min(z), h.max(z)));
        state
    }

    fn apply(&self, value: f64) -> f64 {
        if value.is_nan() {
            value
        } else if self.sd == 0.0 {
            0.0
        } else {
            ((value - self.mean) / self.sd).clamp(self.low, self.high)
        }
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let values = field.floats().ok_or_else(|| wrong_type(field, "numbers"))?;
            let scaled = values.iter().map(|&v| self.0[i].apply(v)).collect();
            Ok(vec![Field::new(field.name.clone(), Kind::Numeric, Column::float(scaled))])
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            all_finite("mean and deviation", [&state.mean, &state.sd])?;
            ensure(state.sd >= 0.0, "the deviation is negative")?;
            ensure(state.low <= state.high, "the bounds are the wrong way round")
        })
    }
}
