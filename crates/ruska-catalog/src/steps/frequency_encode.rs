//! Frequency encoding: a categorical column becomes the share of training rows that have the level.
//!
//! Does: one column in, one column out, without a look at the target. Wins: levels that matter by
//! how usual they are, such as agents, devices or routes; many levels for little width. Fails: levels
//! that are as frequent as each other become one. Cost: O(rows + levels · log levels). Handles:
//! missing is a level, an unseen level has share 0; weights count as rows. Reference: Pargent,
//! Pfisterer, Thomas, Bischl, "Regularized target encoding outperforms traditional methods in
//! supervised machine learning with high cardinality features", Computational Statistics 37, 2022.

use super::support::{Levels, OfColumn, replace, row_weights, strings, validate};
use crate::sound::{count, ensure};
use ruska_core::{
    Column, Field, FitError, Frame, Kind, Need, PredictError, Preprocessor, RunContext, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct FrequencyEncode;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Only columns with at most this many levels on the training rows; every one if `None`.
    max_levels: Option<usize>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Counted>);

#[derive(Serialize, Deserialize)]
struct Counted {
    name: String,
    levels: Levels,
    /// Share of each level, then of missing values, then of unseen levels.
    #[serde(with = "ruska_core::codec::packed")]
    shares: Vec<f64>,
}

impl OfColumn for Counted {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for FrequencyEncode {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "frequency_encode",
        summary: "categoricals become the share of training rows that have their level",
        stage: Stage::Encode,
        closes: &[Need::FewLevels, Need::ManyLevels],
        suits: None,
        reference: "https://doi.org/10.1007/s00180-022-01207-6",
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
        let weights = row_weights(&input);
        let total: f64 = weights.iter().sum();
        let mut states = vec![];
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            ctx.check()?;
            let column = strings(field)?;
            let levels = Levels::of(column, input.rows);
            if params.max_levels.is_some_and(|most| levels.len() > most) {
                continue;
            }
            let places = levels.places(column);
            let mut sums = vec![0.0; levels.len() + 2];
            for (&row, weight) in input.rows.iter().zip(&weights) {
                sums[places[row as usize] as usize] += weight;
            }
            let shares = sums.into_iter().map(|sum: f64| (sum / total).min(1.0)).collect();
            states.push(Counted { name: field.name.to_string(), levels, shares });
        }
        Ok(State(states))
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let Counted { levels, shares, .. } = &self.0[i];
            let places = levels.places(strings(field)?);
            let values = places.into_iter().map(|place| shares[place as usize]).collect();
            Ok(vec![Field::new(field.name.clone(), Kind::Numeric, Column::float(values))])
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.levels.validate()?;
            count("shares", state.shares.len(), [state.levels.len() + 2, 1])?;
            let sane = state.shares.iter().all(|share| (0.0..=1.0).contains(share));
            ensure(sane, "a share is out of range")
        })
    }
}
