//! Range scaling: the training range of every column becomes −1 to 1.
//!
//! Does: (x − middle) / (half the range) over the training rows. A constant column becomes 0. Later
//! numbers may lie outside by the width of the range on either side and are moved there beyond.
//! Wins: bounded numbers such as shares, grades and pixels, beside yes-or-no columns for a
//! distance. Fails: one absurd value squeezes all others. Cost: O(rows) a column. Handles: infinite
//! values are left out of the range, missing ones pass; weights make no difference to a range.
//! Sparse blocks pass. Reference: scikit-learn's `MinMaxScaler` with `feature_range=(-1, 1)`.

use super::support::{Affine, Known, fit_numbers, map_numbers, validate};
use ruska_core::{
    Field, FitError, Frame, Geometry, Need, PredictError, Preprocessor, RunContext, Scaling, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Where numbers beyond the training range end: it is 2 wide.
const BOUND: f64 = 3.0;

pub(super) struct MinMax;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Affine>);

impl Preprocessor for MinMax {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "min_max",
        summary: "the range of every numeric column becomes -1 to 1",
        stage: Stage::Scale,
        closes: &[Need::Scale],
        suits: Some(Geometry::Metric),
        reference: "https://scikit-learn.org/stable/modules/preprocessing.html#scaling-features-to-a-range",
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
            let (low, high) = known.range().unwrap_or((0.0, 0.0));
            let half = high / 2.0 - low / 2.0;
            Ok(Affine::new(&field.name, f64::midpoint(low, high), half, BOUND))
        };
        Ok(State(fit_numbers(&input, ctx, fit)?))
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        map_numbers(x, &self.0, Affine::apply)
    }

    fn scalings(&self) -> Option<Vec<Scaling>> {
        Some(self.0.iter().map(Affine::scaling).collect())
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, Affine::validate)
    }
}
