//! Arithmetic: ratios, differences, sums and products of two columns become columns.
//!
//! Does: of the numeric columns that tell most of the target by themselves, each two are divided,
//! subtracted, added and multiplied; of each pair the result that explains most beyond what the
//! better of the two explains is taken, for the pairs that gain most. What is explained is the share
//! of the target's variance between bins of equally many rows, on a sample of the training rows.
//! Wins: prices a unit, margins, body mass; trees above all, which need many splits for a ratio.
//! Fails: small tables, where gains are chance. Cost: O(columns² · sample · log sample). Handles:
//! missing where either is missing; what cannot be divided becomes the training median, and what is
//! beyond the training range its end. Reference: Horn, Pack, Rieger, "The autofeat Python library for
//! automated feature engineering and selection", ECML PKDD 2019 workshops.

use super::support::{GainParams, Names, OfColumn, Sample, numbers, replace, validate};
use crate::sound::ensure;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, PredictError, Preprocessor, RunContext, Space, Stage,
    StepInfo, StepInput, TaskKind, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Most columns that are paired.
const PAIRED: usize = 12;

pub(super) struct Arithmetic;

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Combined>);

/// What is made of a column, which stays, with others.
#[derive(Serialize, Deserialize)]
struct Combined {
    name: String,
    results: Vec<Made>,
}

/// A new column.
#[derive(Serialize, Deserialize)]
struct Made {
    title: String,
    other: String,
    operation: Operation,
    /// Least, median and largest result on training rows.
    range: [f64; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Operation {
    Ratio,
    Difference,
    Sum,
    Product,
}

impl Operation {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Ratio => a / b,
            Self::Difference => a - b,
            Self::Sum => a + b,
            Self::Product => a * b,
        }
    }

    fn sign(self) -> char {
        match self {
            Self::Ratio => '÷',
            Self::Difference => '−',
            Self::Sum => '+',
            Self::Product => '×',
        }
    }
}

/// What may be made of the columns `i` and `j`.
fn combinations(i: usize, j: usize) -> [(Operation, usize, usize); 5] {
    use Operation::{Difference, Product, Ratio, Sum};
    [(Ratio, i, j), (Ratio, j, i), (Difference, i, j), (Sum, i, j), (Product, i, j)]
}

impl OfColumn for Combined {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for Arithmetic {
    type Params = GainParams;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "arithmetic",
        summary: "ratios, differences, sums and products of two columns that tell more than either",
        stage: Stage::Shape,
        closes: &[],
        suits: None,
        reference: "https://arxiv.org/abs/1901.07329",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.numeric >= 2 && meta.rows >= 100 && meta.kind != TaskKind::Clustering
    }

    fn space(&self, _: &TaskMeta) -> Space {
        GainParams::space()
    }

    fn fit(
        &self,
        params: &GainParams,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let sample = Sample::of(&input);
        let (most, least) = params.limits(Self::INFO.id, &sample)?;
        let mut columns = vec![];
        let numeric = |f: &&Field| f.kind == Kind::Numeric && f.levels.is_none();
        for field in input.x.fields().iter().filter(numeric) {
            ctx.check()?;
            if let Some(values) = field.floats() {
                columns.push((sample.explained(|row| values[row]), field, values));
            }
        }
        columns.sort_by(|a, b| b.0.total_cmp(&a.0));
        columns.truncate(PAIRED);
        let mut gains = vec![];
        for i in 0..columns.len() {
            for j in i + 1..columns.len() {
                ctx.check()?;
                let alone = columns[i].0.max(0.0);
                let gain = |made @ (operation, a, b): (Operation, usize, usize)| {
                    let (a, b) = (columns[a].2, columns[b].2);
                    let told = sample.explained(|row| known(operation.of(a[row], b[row])));
                    (told - alone, made)
                };
                let best = combinations(i, j).map(gain).into_iter().rev();
                let best = best.max_by(|a, b| a.0.total_cmp(&b.0));
                gains.extend(best.filter(|(gain, _)| *gain > least));
            }
        }
        gains.sort_by(|a, b| b.0.total_cmp(&a.0));
        gains.truncate(most);
        gains.sort_by_key(|(_, (_, a, b))| (*a, *b));
        let mut names = Names::of(input.x);
        let mut states = vec![];
        for run in gains.chunk_by(|x, y| x.1.1 == y.1.1) {
            let (_, field, a) = columns[run[0].1.1];
            let stem = names.stem(&field.name);
            let mut results = vec![];
            for &(_, (operation, _, b)) in run {
                ctx.check()?;
                let (_, other, b) = columns[b];
                let all = input.rows.iter().map(|&row| row as usize);
                if let Some(range) = range(all.map(|row| operation.of(a[row], b[row]))) {
                    let title = format!("{stem}:{}{}", operation.sign(), other.name);
                    results.push(Made { title, other: other.name.to_string(), operation, range });
                }
            }
            states.push(Combined { name: field.name.to_string(), results });
        }
        Ok(State(states))
    }
}

/// The number, or NaN where it is not finite.
fn known(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// The least, the median and the largest of the finite values, if there is one.
fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 3]> {
    let mut values: Vec<f64> = values.filter(|v| v.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    Some([*values.first()?, values[values.len() / 2], *values.last()?])
}

impl Made {
    fn value(&self, a: f64, b: f64) -> f64 {
        let [least, median, largest] = self.range;
        let value = self.operation.of(a, b);
        if a.is_nan() || b.is_nan() {
            f64::NAN
        } else if value.is_nan() || (value.is_infinite() && b == 0.0) {
            median
        } else {
            value.clamp(least, largest)
        }
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let a = numbers(field)?;
            let mut fields = vec![field.clone()];
            for made in &self.0[i].results {
                let missing = || PredictError::MissingColumn { column: made.other.clone() };
                let b = numbers(x.field(&made.other).ok_or_else(missing)?)?;
                let values = a.iter().zip(b).map(|(&a, &b)| made.value(a, b)).collect();
                let title = made.title.as_str();
                fields.push(Field::new(title, Kind::Numeric, Column::float(values)));
            }
            Ok(fields)
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            let sane =
                |made: &Made| made.range.iter().all(|v| v.is_finite()) && made.range.is_sorted();
            ensure(state.results.iter().all(sane), "a range is not in order or not finite")
        })
    }
}
