//! Normal scores: every number becomes the normal quantile of its rank.
//!
//! Does: keeps up to 1000 quantiles of each column's training rows with the quantile of the
//! standard normal distribution at their rank, and draws a line through them; numbers beyond the
//! ends get the score of the end. Equal numbers share the middle of their ranks, at the ends too,
//! and the ends stand half a row inside 0 and 1. Wins: skewed and heavy-tailed columns before a
//! linear model or a distance. Fails: where distances mean something, and for trends beyond the
//! training range. Cost: O(rows log rows) a column; up to 12 kB of state a column. Handles: a row
//! of whole weight k counts as k rows; infinite values count as ends, missing ones pass. Sparse
//! blocks pass. Reference: scikit-learn's `QuantileTransformer(output_distribution="normal")`,
//! which moves the ends, with all that equals them, to ±5.2.

use super::support::{Known, NormalScores, OfColumn, fit_numbers, map_numbers, validate};
use crate::parameters::at_least;
use ruska_core::{
    Field, FitError, Frame, Geometry, Need, PredictError, Preprocessor, RunContext, Scaling, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Most quantiles that can be kept: single precision still tells their scores apart.
const MOST: usize = 10_000;

pub(super) struct QuantileNormal;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Quantiles kept of a column, 2 or more; beyond 10,000 they are as many.
    quantiles: i64,
}

impl Default for Params {
    fn default() -> Self {
        Self { quantiles: 1000 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Ranked>);

#[derive(Serialize, Deserialize)]
struct Ranked {
    name: String,
    scores: NormalScores,
}

impl OfColumn for Ranked {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for QuantileNormal {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "quantile_normal",
        summary: "numbers become the normal quantile of their rank",
        stage: Stage::Scale,
        closes: &[Need::Scale],
        suits: Some(Geometry::Metric),
        reference: "https://scikit-learn.org/stable/modules/preprocessing.html#mapping-to-a-gaussian-distribution",
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
        let most = at_least(Self::INFO.id, "quantiles", params.quantiles, 2)?.min(MOST);
        let fit = |field: &Field, known: Known| {
            let scores = NormalScores::fit(known, most);
            Ok(Ranked { name: field.name.to_string(), scores })
        };
        Ok(State(fit_numbers(&input, ctx, fit)?))
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        map_numbers(x, &self.0, |state, value| state.scores.score(value))
    }

    fn scalings(&self) -> Option<Vec<Scaling>> {
        None
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| state.scores.validate())
    }
}
