//! Rare levels: the levels of a categorical column that few training rows have become one.
//!
//! Does: a level of fewer training rows than `min_rows`, or than `min_share` of them, whichever is
//! more, is renamed to `(rare)`; a column without such levels stays as it is. Wins: levels that say
//! nothing each for itself and something together, such as breeds seen twice; unseen ones then stand
//! with what is like them. Fails: rare levels that differ. Cost: O(rows + levels · log levels).
//! Handles: an unseen level is a rare one; missing stays missing. Reference: Kuhn, Johnson, "Feature
//! Engineering and Selection", 2019, 5.2.

use super::support::{Levels, OfColumn, replace, strings, validate};
use crate::parameters::{at_least, within};
use crate::sound::ensure;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, MISSING, PredictError, Preprocessor, RunContext, Space,
    Stage, StepInfo, StepInput, StrColumn, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct RareLevels;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Least training rows of a level that stays, at least 1.
    min_rows: i64,
    /// Least share of the training rows of a level that stays, 0..=1.
    min_share: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { min_rows: 10, min_share: 0.0 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Grouped>);

#[derive(Serialize, Deserialize)]
struct Grouped {
    name: String,
    /// The levels that stay.
    kept: Levels,
    /// What the others become.
    rare: String,
}

impl OfColumn for Grouped {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for RareLevels {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "rare_levels",
        summary: "levels that few training rows have become one",
        stage: Stage::Raw,
        closes: &[],
        suits: None,
        reference: "http://www.feat.engineering/encoding-predictors-with-many-categories",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.levels.iter().any(|levels| *levels > 2)
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_int("min_rows", 2, 100, 10)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let id = Self::INFO.id;
        let min_rows = at_least(id, "min_rows", params.min_rows, 1)? as f64;
        let min_share = within(id, "min_share", params.min_share, 0.0, 1.0)?;
        let least = min_rows.max(min_share * input.rows.len() as f64);
        let mut states = vec![];
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            ctx.check()?;
            states.extend(Grouped::of(&field.name, strings(field)?, input.rows, least));
        }
        Ok(State(states))
    }
}

impl Grouped {
    /// What becomes of a column, if it has levels of fewer rows than `least`.
    fn of(name: &str, column: &StrColumn, rows: &[u32], least: f64) -> Option<Self> {
        let mut counts = vec![0u32; column.levels.len()];
        for &row in rows {
            if let Some(count) = counts.get_mut(column.codes[row as usize] as usize) {
                *count += 1;
            }
        }
        let used = || column.levels.iter().zip(&counts).filter(|(_, count)| **count > 0);
        let stays = |(_, count): &(&String, &u32)| f64::from(**count) >= least;
        let kept: Vec<String> = used().filter(stays).map(|(level, _)| level.clone()).collect();
        if kept.len() == used().count() {
            return None;
        }
        let mut rare = "(rare)".to_owned();
        while kept.contains(&rare) {
            rare.push('′');
        }
        Some(Self { name: name.to_owned(), kept: Levels::sorted(kept), rare })
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let Grouped { kept, rare, .. } = &self.0[i];
            let place =
                |code: u32| if code == MISSING { code } else { code.min(kept.len() as u32) };
            let codes = kept.codes(strings(field)?).into_iter().map(place).collect();
            let levels = kept.texts().iter().chain([rare]).cloned().collect();
            Ok(vec![Field::new(field.name.clone(), field.kind, Column::text(codes, levels))])
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.kept.validate()?;
            ensure(state.kept.find(&state.rare).is_none(), "rare levels have the name of another")
        })
    }
}
