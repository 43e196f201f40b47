//! Date differences: the days between two columns of points in time become a column.
//!
//! Does: for each pair of columns, the days from the earlier named to the later named one, as long as
//! they vary on the training rows. Of many pairs those are taken whose difference varies least for
//! how much the two vary: they move together, so that the difference says what neither does alone.
//! Wins: durations, delays, ages; above all with trees, which cannot subtract. Fails: dates that have
//! nothing to do with each other. Cost: O(rows · pairs). Handles: missing where either is missing.
//! Reference: Kanter, Veeramachaneni, "Deep feature synthesis", DSAA 2015.

use super::support::{Names, OfColumn, replace, times, validate};
use crate::parameters::at_least;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, NO_VALUE, PredictError, Preprocessor, RunContext, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Milliseconds of a day.
const DAY: f64 = 86_400_000.0;

pub(super) struct DateDifferences;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Most pairs, at least 1.
    max_pairs: i64,
}

impl Default for Params {
    fn default() -> Self {
        Self { max_pairs: 10 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Since>);

/// What is made of a column, which stays.
#[derive(Serialize, Deserialize)]
struct Since {
    name: String,
    /// The columns it is set against, and the names of the differences.
    others: Vec<(String, String)>,
}

impl OfColumn for Since {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for DateDifferences {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "date_differences",
        summary: "the days between two points in time become a column",
        stage: Stage::Raw,
        closes: &[],
        suits: None,
        reference: "https://doi.org/10.1109/DSAA.2015.7344858",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.time >= 2
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
        let max_pairs = at_least(Self::INFO.id, "max_pairs", params.max_pairs, 1)?;
        let fields: Vec<&Field> =
            input.x.fields().iter().filter(|f| f.kind == Kind::Time).collect();
        let columns = fields.iter().map(|f| times(f)).collect::<Result<Vec<_>, _>>()?;
        let mut pairs = vec![];
        for later in 0..fields.len() {
            for earlier in 0..later {
                ctx.check()?;
                let rows = input.rows.iter().map(|&row| row as usize);
                let both = rows.map(|row| (columns[earlier][row], columns[later][row]));
                let known: Vec<_> =
                    both.filter(|(a, b)| *a != NO_VALUE && *b != NO_VALUE).collect();
                pairs.extend(looseness(&known).map(|loose| (loose, later, earlier)));
            }
        }
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.truncate(max_pairs);
        pairs.sort_by_key(|&(_, later, earlier)| (later, earlier));
        let mut names = Names::of(input.x);
        let since = |pairs: &[(f64, usize, usize)]| {
            let name = fields[pairs[0].1].name.to_string();
            let stem = names.stem(&name);
            let other = |&(_, _, earlier): &(f64, usize, usize)| {
                let earlier = &fields[earlier].name;
                (earlier.to_string(), format!("{stem}.since.{earlier}"))
            };
            Since { others: pairs.iter().map(other).collect(), name }
        };
        Ok(State(pairs.chunk_by(|a, b| a.1 == b.1).map(since).collect()))
    }
}

/// The days between two points in time; NaN where one is missing.
fn days(from: i64, to: i64) -> f64 {
    if from == NO_VALUE || to == NO_VALUE { f64::NAN } else { (to as f64 - from as f64) / DAY }
}

/// Variance of the difference over the sum of both variances; `None` where it does not vary.
fn looseness(known: &[(i64, i64)]) -> Option<f64> {
    let variance = |value: &dyn Fn(&(i64, i64)) -> f64| {
        let mean = known.iter().map(value).sum::<f64>() / known.len() as f64;
        known.iter().map(|pair| (value(pair) - mean).powi(2)).sum::<f64>()
    };
    let between = |&(a, b): &(i64, i64)| days(a, b);
    let first = known.first().map(between)?;
    if known.iter().all(|pair| between(pair) == first) {
        return None;
    }
    let apart = variance(&|&(a, _)| a as f64 / DAY) + variance(&|&(_, b)| b as f64 / DAY);
    Some(variance(&between) / apart)
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let to = times(field)?;
            let mut fields = vec![field.clone()];
            for (name, title) in &self.0[i].others {
                let missing = || PredictError::MissingColumn { column: name.clone() };
                let from = times(x.field(name).ok_or_else(missing)?)?;
                let values = from.iter().zip(to).map(|(&from, &to)| days(from, to)).collect();
                fields.push(Field::new(title.as_str(), Kind::Numeric, Column::float(values)));
            }
            Ok(fields)
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |_| Ok(()))
    }
}
