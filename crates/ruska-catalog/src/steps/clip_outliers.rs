//! Outliers moved in: numbers far from the others go to a bound learned in training.
//!
//! Does: for each numeric column bounds at so many interquartile ranges (`factor`) below the lower
//! and above the upper quartile (Tukey's fences), or at the quantiles `share` and 1 − `share`;
//! numbers beyond are moved to the bound. Yes-or-no columns, and columns of which half holds one
//! value, stay as they are. Wins: absurd values that would bend a line or a mean. Fails: where the
//! far values are the signal. Cost: O(rows log rows) a column. Handles: a row of whole weight k
//! counts as k rows; infinite values are moved like others, missing ones pass. Sparse blocks pass.
//! Reference: Tukey, "Exploratory Data Analysis", 1977.

use super::support::{Known, OfColumn, Ordered, expect_floats, fit_numbers, replace, validate};
use crate::parameters::within;
use crate::sound::{all_finite, ensure};
use ruska_core::{
    Column, Field, FitError, Frame, Geometry, Kind, PredictError, Preprocessor, RunContext,
    Scaling, Space, Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct ClipOutliers;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// Interquartile ranges beyond the quartiles.
    Iqr,
    /// Quantiles.
    Quantile,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Where the bounds come from.
    method: Method,
    /// Of `iqr`: ranges from a quartile to its bound, 0 to 1000.
    factor: f64,
    /// Of `quantile`: share of the rows beyond each bound, 0 to 0.25.
    share: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { method: Method::Iqr, factor: 3.0, share: 0.01 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Bounded>);

#[derive(Serialize, Deserialize)]
struct Bounded {
    name: String,
    low: f64,
    high: f64,
}

impl OfColumn for Bounded {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for ClipOutliers {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "clip_outliers",
        summary: "numbers far from the others are moved to a bound",
        stage: Stage::Shape,
        closes: &[],
        suits: Some(Geometry::Metric),
        reference: "Tukey, Exploratory Data Analysis, 1977",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.numeric > 0
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
            .choice("method", &["iqr", "quantile"], "iqr")
            .log_float("factor", 1.5, 6.0, 3.0)
            .when("method", &["iqr"])
            .log_float("share", 0.001, 0.05, 0.01)
            .when("method", &["quantile"])
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let factor = within(Self::INFO.id, "factor", params.factor, 0.0, 1000.0)?;
        let share = within(Self::INFO.id, "share", params.share, 0.0, 0.25)?;
        let fit = |field: &Field, known: Known| {
            let Some(ordered) = Ordered::of(known).filter(|_| field.kind == Kind::Numeric) else {
                return Ok(None);
            };
            let (lower, upper) = (ordered.quantile(0.25), ordered.quantile(0.75));
            let bounds = match params.method {
                Method::Iqr => {
                    let beyond = (upper - lower).min(f64::MAX) * factor;
                    (lower - beyond, upper + beyond)
                }
                Method::Quantile => (ordered.quantile(share), ordered.quantile(1.0 - share)),
            };
            let [low, high] = [bounds.0, bounds.1].map(|b| b.clamp(-f64::MAX, f64::MAX));
            let name = field.name.to_string();
            Ok((lower < upper).then_some(Bounded { name, low, high }))
        };
        Ok(State(fit_numbers(&input, ctx, fit)?.into_iter().flatten().collect()))
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let Bounded { low, high, .. } = self.0[i];
            let values = expect_floats(field)?;
            if !values.iter().any(|v| *v < low || *v > high) {
                return Ok(vec![field.clone()]);
            }
            let moved = values.iter().map(|v| if v.is_nan() { *v } else { v.clamp(low, high) });
            let column = Column::float(moved.collect());
            Ok(vec![Field::new(field.name.clone(), field.kind, column)])
        })
    }

    fn scalings(&self) -> Option<Vec<Scaling>> {
        None
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            all_finite("bounds", [&state.low, &state.high])?;
            ensure(state.low <= state.high, "the bounds are the wrong way round")
        })
    }
}
