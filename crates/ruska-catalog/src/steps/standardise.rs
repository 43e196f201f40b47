//! Standardisation: every number becomes its distance from the mean in standard deviations.
//!
//! Does: (x − mean) / sd over the training rows, so that a penalty or a distance treats all alike;
//! (x − mean) / √½ for zeros and ones, so that yes and no are as far apart as two numbers are on
//! average (their squares differ by 2), however rare a yes is. A constant column becomes 0. Numbers
//! beyond both the training range and `clip` deviations are moved to the wider of the two bounds:
//! trends go on, but one absurd value in a later file cannot drive a prediction anywhere. Wins:
//! penalised linear models, distances, nets. Fails: trees gain nothing. Cost: O(rows) a column.
//! Handles: weights count as rows; missing and infinite values are left out of the statistics, and
//! missing ones pass. Sparse blocks pass as they are: words and levels come in comparable sizes, and
//! scaling each by its frequency would blow up the rare ones. References: scikit-learn's
//! `StandardScaler`; Gelman, "Scaling regression inputs by dividing by two standard deviations",
//! 2008, for numbers beside yes-or-no.

use super::support::{Affine, Known, fit_numbers, map_numbers, validate};
use crate::parameters::within;
use ruska_core::{
    Field, FitError, Frame, Geometry, Need, PredictError, Preprocessor, RunContext, Scaling, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct Standardise;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Standard deviations from the mean, 0.001 or more, within which no number is moved.
    clip: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { clip: 10.0 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Affine>);

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
        let clip = within(Self::INFO.id, "clip", params.clip, 1e-3, f64::MAX)?;
        let fit = |field: &Field, known: Known| {
            let (mean, spread) = known.scale();
            Ok(Affine::new(&field.name, mean, spread, clip).covering(&known.values))
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
