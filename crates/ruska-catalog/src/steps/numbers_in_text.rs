//! Numbers in text: `2 years`, `€1,200` or `35%` become a number beside the text.
//!
//! Does: a categorical or text column of which at least `min_share` of the distinct training values
//! hold one number, or two with a dash between them, gets a numeric column of it, or of the mean of
//! the two. Where most units behind the numbers are of time, mass, length or multiples (k, million),
//! all are brought to days, kilograms, metres or ones. The text stays. Wins: ages, prices, sizes that
//! were typed. Fails: numbers that are names, as of houses, which do no harm. Cost: O(characters); a
//! text that occurs again costs nothing. Handles: no number, several, or a unit of another measure
//! become NaN; whether a point or a comma is the decimal mark is told by the training values.
//! Reference: the International System of Units, 9th edition, 2019, for the units.

use super::support::{Measure, Names, OfColumn, Quantity, Texts, replace, strings, validate};
use crate::parameters::within;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, PredictError, Preprocessor, RunContext, Space, Stage,
    StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

pub(super) struct NumbersInText;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Least share of the distinct training values that hold a number, 0..=1.
    min_share: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { min_share: 0.5 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Numbered>);

/// How the numbers of a column are read.
#[derive(Serialize, Deserialize)]
struct Numbered {
    name: String,
    title: String,
    /// A comma is the decimal mark.
    comma: bool,
    /// What the units measure, if they are to be brought to one.
    measure: Option<Measure>,
}

impl OfColumn for Numbered {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for NumbersInText {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "numbers_in_text",
        summary: "numbers inside a text, such as 2 years, become numbers beside it",
        stage: Stage::Raw,
        closes: &[],
        suits: None,
        reference: "https://www.bipm.org/en/publications/si-brochure",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.text > 0 || !meta.levels.is_empty()
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let min_share = within(Self::INFO.id, "min_share", params.min_share, 0.0, 1.0)?;
        let mut names = Names::of(input.x);
        let mut states = vec![];
        for field in input.x.fields() {
            if !matches!(field.kind, Kind::Categorical | Kind::Text) {
                continue;
            }
            let texts = Texts::of(strings(field)?, Quantity::of, || ctx.check())?;
            let times = texts.times(input.rows);
            let seen = texts.made().iter().zip(times).filter(|(_, times)| *times > 0);
            let seen: Vec<&Option<Quantity>> = seen.map(|(found, _)| found).collect();
            let found: Vec<&Quantity> = seen.iter().filter_map(|found| found.as_ref()).collect();
            if (found.len() as f64) < min_share * seen.len() as f64 {
                continue;
            }
            let mut state = Numbered {
                name: field.name.to_string(),
                title: String::new(),
                comma: found.iter().map(|found| i64::from(found.commas())).sum::<i64>() > 0,
                measure: Measure::of(found.iter().map(|found| found.unit())),
            };
            let mut values = found.iter().filter_map(|found| state.value(found));
            let varies = values.next().is_some_and(|head| values.any(|v| v != head));
            if varies {
                state.title = format!("{}.number", names.stem(&field.name));
                states.push(state);
            }
        }
        Ok(State(states))
    }
}

impl Numbered {
    fn value(&self, found: &Quantity) -> Option<f64> {
        let factor = self.measure.map_or(Some(1.0), |measure| measure.factor(found.unit()))?;
        Some(found.value(self.comma)? * factor).filter(|value| value.is_finite())
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let state = &self.0[i];
            let value =
                |text: &str| Quantity::of(text).and_then(|q| state.value(&q)).unwrap_or(f64::NAN);
            let go_on = || Ok::<_, PredictError>(());
            let values = Texts::of(strings(field)?, value, go_on)?.numbers(|value| *value);
            let title = state.title.as_str();
            Ok(vec![field.clone(), Field::new(title, Kind::Numeric, Column::float(values))])
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |_| Ok(()))
    }
}
