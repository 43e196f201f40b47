//! Ordinal encoding: a categorical column becomes the rank of its level.
//!
//! Does: levels are ranked by value where all of them read as numbers, else lexicographically; one
//! column in, one column out, which tells where its ranks are no order, so that trees may split any
//! levels from the others. Wins: trees, above all on few levels, as a split or two isolates any
//! of them and nothing is lost or learned from the target. Fails: linear models and distances,
//! which take the rank for a size; many levels without an order. Cost: O(rows + levels · log
//! levels). Handles: missing and unseen levels become NaN. Reference: scikit-learn's
//! `OrdinalEncoder`.

use super::support::{Levels, OfColumn, replace, strings, validate};
use crate::sound::{count, ensure};
use ruska_core::{
    Coded, Column, Field, FitError, Frame, Geometry, Kind, Need, PredictError, Preprocessor,
    RunContext, Space, Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct Ordinal;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Only columns with at most this many levels on the training rows; every one if `None`.
    max_levels: Option<usize>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Ranked>);

#[derive(Serialize, Deserialize)]
struct Ranked {
    name: String,
    levels: Levels,
    /// Rank of each level.
    #[serde(with = "ruska_core::codec::packed")]
    ranks: Vec<u32>,
}

impl OfColumn for Ranked {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for Ordinal {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "ordinal",
        summary: "categoricals become the rank of their level",
        stage: Stage::Encode,
        closes: &[Need::FewLevels, Need::ManyLevels],
        suits: Some(Geometry::Splits),
        reference: "https://scikit-learn.org/stable/modules/preprocessing.html#encoding-categorical-features",
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
        let mut states = vec![];
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            ctx.check()?;
            let levels = Levels::of(strings(field)?, input.rows);
            if params.max_levels.is_none_or(|most| levels.len() <= most) {
                let ranks = ranks(levels.texts());
                states.push(Ranked { name: field.name.to_string(), levels, ranks });
            }
        }
        Ok(State(states))
    }
}

fn number(text: impl AsRef<str>) -> Option<f64> {
    text.as_ref().trim().parse::<f64>().ok().filter(|v| v.is_finite())
}

/// Rank of each of some sorted texts: by value if all are numbers, else their order.
fn ranks(texts: &[String]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..texts.len() as u32).collect();
    if let Some(values) = texts.iter().map(number).collect::<Option<Vec<f64>>>() {
        order.sort_by(|&a, &b| values[a as usize].total_cmp(&values[b as usize]));
    }
    let mut ranks = vec![0; texts.len()];
    for (rank, &level) in order.iter().enumerate() {
        ranks[level as usize] = rank as u32;
    }
    ranks
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let Ranked { levels, ranks, .. } = &self.0[i];
            let rank = |code: u32| ranks.get(code as usize).map_or(f64::NAN, |r| f64::from(*r));
            let values = levels.codes(strings(field)?).into_iter().map(rank).collect();
            let field = Field::new(field.name.clone(), Kind::Numeric, Column::float(values));
            // Only numbers have an order of their own.
            let unordered = !levels.texts().iter().all(|text| number(text).is_some());
            Ok(vec![Field { levels: unordered.then_some(ranks.len() as u32), ..field }])
        })
    }

    fn coded(&self) -> Vec<Coded> {
        let of = |Ranked { name, levels, ranks }: &Ranked| {
            let ranks = ranks.iter().map(|r| f64::from(*r));
            let levels = levels.texts().iter().cloned().zip(ranks).collect();
            Coded { name: name.clone(), of: name.clone(), levels }
        };
        self.0.iter().map(of).collect()
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.levels.validate()?;
            count("ranks", state.ranks.len(), [state.levels.len(), 1])?;
            let within = state.ranks.iter().all(|r| (*r as usize) < state.levels.len());
            ensure(within, "a rank is out of range")
        })
    }
}
