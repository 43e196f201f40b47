//! Power transform: every column is bent until it looks most like a normal distribution.
//!
//! Does: the transform of Yeo and Johnson with the exponent of the greatest likelihood over the
//! training rows, sought within 10 of the 1 that bends nothing, then standardisation; zeros and
//! ones are not bent. Numbers beyond both the training range and 10 deviations are moved to the
//! wider of the two bounds. Wins: skewed columns before a linear model or a distance, with order and
//! trends kept. Fails: several humps. Numbers all far below 1 are as good as not bent. Cost: O(rows)
//! a column, and some 40 times that for up to 10,000 rows by which the exponent is chosen. Handles:
//! numbers of any size; weights count as rows; infinite values are left out, missing ones pass.
//! Sparse blocks pass. References: Yeo and Johnson, "A new family of power transformations", 2000;
//! scikit-learn's `PowerTransformer`.

use super::support::{Affine, Known, OfColumn, YeoJohnson, fit_numbers, map_numbers, validate};
use ruska_core::{
    Field, FitError, Frame, Geometry, Need, PredictError, Preprocessor, RunContext, Scaling, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Deviations within which no number is moved.
const CLIP: f64 = 10.0;

pub(super) struct PowerTransform;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Bent>);

#[derive(Serialize, Deserialize)]
struct Bent {
    bend: YeoJohnson,
    scale: Affine,
}

impl OfColumn for Bent {
    fn column(&self) -> &str {
        self.scale.column()
    }
}

impl Preprocessor for PowerTransform {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "yeo_johnson",
        summary: "numbers are bent to look normal, then standardised",
        stage: Stage::Scale,
        closes: &[Need::Scale],
        suits: Some(Geometry::Metric),
        reference: "https://doi.org/10.1093/biomet/87.4.954",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn fit(
        &self,
        _: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let fit = |field: &Field, known: Known| {
            let bend = YeoJohnson::fit(&known);
            let bent = Known::new(known.values.iter().map(|&v| bend.apply(v)), &known.weights);
            let (mean, spread) = if known.is_yes_or_no() { known.scale() } else { bent.moments() };
            let scale = Affine::new(&field.name, mean, spread, CLIP).covering(&bent.values);
            Ok(Bent { bend, scale })
        };
        Ok(State(fit_numbers(&input, ctx, fit)?))
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        map_numbers(x, &self.0, |state, value| state.scale.apply(state.bend.apply(value)))
    }

    fn scalings(&self) -> Option<Vec<Scaling>> {
        None
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.bend.validate()?;
            state.scale.validate()
        })
    }
}
