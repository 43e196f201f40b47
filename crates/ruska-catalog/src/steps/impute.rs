//! Imputation: missing numbers get a typical value, and a column that says so.
//!
//! Does: fills each numeric column with its median, mean or most frequent value on the training
//! rows, or all with one constant; yes-or-no columns with the most frequent; a column without any
//! value with the constant or 0. Where values were missing in training, `x.missing` is 1 on the rows filled;
//! columns missing on the very same training rows share the first one's. Where groups are to be found no
//! column says so: rows are not alike for what is unknown of them. Wins: whatever cannot take
//! holes. Fails: trees with a direction for missing values do better without. Cost: O(rows) a
//! column, O(rows log rows) for the most frequent value. Handles: infinities count as missing;
//! weights are not used: the value only has to be typical; sparse blocks have no holes and pass.
//! Reference: scikit-learn's `SimpleImputer` with `add_indicator`.

use super::support::{Names, OfColumn, replace, validate, wrong_type};
use crate::sound::ensure;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, Need, PredictError, Preprocessor, RunContext, Space,
    Stage, StepInfo, StepInput, Target, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) struct Impute;

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Strategy {
    /// The middle value, or the mean of the two middle ones.
    #[default]
    Median,
    /// The average.
    Mean,
    /// The smallest of the values that occur most often.
    MostFrequent,
    /// The parameter `value`.
    Constant,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// What numeric columns are filled with.
    strategy: Strategy,
    /// Of `constant`: the number.
    value: f64,
    /// Adds the columns `x.missing`.
    indicator: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self { strategy: Strategy::Median, value: 0.0, indicator: true }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Filled>);

#[derive(Serialize, Deserialize)]
struct Filled {
    name: String,
    fill: f64,
    /// Name of the column that tells which values were filled.
    indicator: Option<String>,
}

impl OfColumn for Filled {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for Impute {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "impute",
        summary: "missing numbers become a typical value or a constant, with a column that says so",
        stage: Stage::Fill,
        closes: &[Need::Missing],
        suits: None,
        reference: "https://scikit-learn.org/stable/modules/impute.html",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().choice("strategy", &["median", "mean"], "median").bool("indicator", true)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let mut names = Names::of(input.x);
        let mut patterns = BTreeSet::new();
        let mut states = vec![];
        for field in input.x.fields() {
            ctx.check()?;
            let Some(values) = field.floats() else { continue };
            let strategy =
                if field.kind == Kind::Boolean { Strategy::MostFrequent } else { params.strategy };
            let finite = |&&row: &&u32| values[row as usize].is_finite();
            let (known, missing): (Vec<u32>, Vec<u32>) = input.rows.iter().partition(finite);
            let known = known.iter().map(|&row| values[row as usize]).collect();
            let fill = strategy.fill(known, params.value);
            let told = params.indicator && !matches!(input.y, Target::Groups(_));
            let marked = told && !missing.is_empty() && patterns.insert(missing);
            let indicator = marked.then(|| format!("{}.missing", names.stem(&field.name)));
            states.push(Filled { name: field.name.to_string(), fill, indicator });
        }
        Ok(State(states))
    }
}

impl Strategy {
    /// The constant, or a typical one of some finite values; 0 if there are none.
    fn fill(self, mut values: Vec<f64>, constant: f64) -> f64 {
        match self {
            Self::Constant => constant,
            _ if values.is_empty() => 0.0,
            Self::Median => median(&mut values),
            Self::Mean => mean(&values),
            Self::MostFrequent => most_frequent(&mut values),
        }
    }
}

fn median(values: &mut [f64]) -> f64 {
    let half = values.len() / 2;
    let (below, &mut upper, _) = values.select_nth_unstable_by(half, f64::total_cmp);
    let lower = below.iter().copied().max_by(f64::total_cmp);
    match lower {
        Some(lower) if values.len().is_multiple_of(2) => f64::midpoint(lower, upper),
        _ => upper,
    }
}

fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let sum: f64 = values.iter().sum();
    if sum.is_finite() { sum / n } else { values.iter().map(|v| v / n).sum() }
}

fn most_frequent(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let runs = values.chunk_by(|a, b| a == b);
    let longest = runs.reduce(|best, run| if run.len() > best.len() { run } else { best });
    longest.map_or(0.0, |run| run[0])
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let Filled { fill, indicator, .. } = &self.0[i];
            let values = field.floats().ok_or_else(|| wrong_type(field, "numbers"))?;
            let mut fields = vec![if values.iter().all(|v| v.is_finite()) {
                field.clone()
            } else {
                let filled = values.iter().map(|v| if v.is_finite() { *v } else { *fill });
                Field::new(field.name.clone(), field.kind, Column::float(filled.collect()))
            }];
            if let Some(name) = indicator {
                let missing = values.iter().map(|v| f64::from(!v.is_finite())).collect();
                fields.push(Field::new(name.as_str(), Kind::Boolean, Column::float(missing)));
            }
            Ok(fields)
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            ensure(state.fill.is_finite(), "what it is filled with is not finite")
        })
    }
}
