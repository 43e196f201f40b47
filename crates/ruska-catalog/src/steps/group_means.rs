//! Group means: how far a number lies from the mean of its group becomes a column.
//!
//! Does: for each numeric column and each categorical one of few levels, x − mean(x | level), where
//! the mean of a level with few training rows is drawn to that of all; the pairs are taken whose
//! result explains most of the target beyond what x explains (see `arithmetic` for how). Wins: what
//! is large for its kind: a price for its suburb, an age for its breed. Fails: groups of few rows.
//! Cost: O(numeric · categorical · (rows + sample · log sample)). Handles: an unseen or missing level
//! has the mean of all; missing where x is missing; weights count as rows. Reference: Kanter,
//! Veeramachaneni, "Deep feature synthesis", DSAA 2015.

use super::support::{
    GainParams, Levels, Names, OfColumn, Sample, numbers, replace, row_weights, strings, validate,
};
use crate::sound::{all_finite, count};
use ruska_core::{
    Column, Field, FitError, Frame, Kind, PredictError, Preprocessor, RunContext, Space, Stage,
    StepInfo, StepInput, TaskKind, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Most columns of a kind that are paired.
const PAIRED: usize = 20;
/// Most levels of a column that groups.
const LEVELS: usize = 400;
/// Rows that the mean of all counts for in the mean of a level.
const PRIOR: f64 = 5.0;

pub(super) struct GroupMeans;

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Compared>);

/// What is made of a column, which stays.
#[derive(Serialize, Deserialize)]
struct Compared {
    name: String,
    groups: Vec<Group>,
}

/// The means of a column by the levels of another.
#[derive(Serialize, Deserialize)]
struct Group {
    title: String,
    by: String,
    levels: Levels,
    /// Of each level, then of missing values, then of unseen levels.
    #[serde(with = "ruska_core::codec::packed")]
    means: Vec<f64>,
}

impl OfColumn for Compared {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for GroupMeans {
    type Params = GainParams;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "group_means",
        summary: "how far a number lies from the mean of its group becomes a column",
        stage: Stage::Raw,
        closes: &[],
        suits: None,
        reference: "https://doi.org/10.1109/DSAA.2015.7344858",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.kind != TaskKind::Clustering
            && meta.numeric > 0
            && meta.levels.iter().any(|l| *l <= LEVELS)
            && meta.rows >= 100
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
        let (sample, weights) = (Sample::of(&input), row_weights(&input));
        let (most, least) = params.limits(Self::INFO.id, &sample)?;
        let mut groupings = vec![];
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            ctx.check()?;
            if groupings.len() == PAIRED {
                break;
            }
            let levels = Levels::of(strings(field)?, input.rows);
            if (2..=LEVELS).contains(&levels.len()) {
                groupings.push((field, levels.places(strings(field)?), levels));
            }
        }
        let numeric = input.x.fields().iter().filter(|f| f.kind == Kind::Numeric);
        let numeric = numeric.filter_map(|f| Some((f, f.floats()?)));
        let numeric: Vec<(&Field, &[f64])> = numeric.take(PAIRED).collect();
        let mut gains = vec![];
        for (i, (_, x)) in numeric.iter().enumerate() {
            let alone = sample.explained(|row| x[row]).max(0.0);
            for (j, (_, places, levels)) in groupings.iter().enumerate() {
                ctx.check()?;
                let means = means(x, places, levels.len() + 2, input.rows, &weights);
                let gain = sample.explained(|row| x[row] - means[places[row] as usize]) - alone;
                if gain > least {
                    gains.push((gain, i, j, means));
                }
            }
        }
        gains.sort_by(|a, b| b.0.total_cmp(&a.0));
        gains.truncate(most);
        gains.sort_by_key(|(_, i, j, _)| (*i, *j));
        let mut names = Names::of(input.x);
        let compared = |run: &[(f64, usize, usize, Vec<f64>)]| {
            let name = numeric[run[0].1].0.name.to_string();
            let stem = names.stem(&name);
            let group = |(_, _, j, means): &(f64, usize, usize, Vec<f64>)| {
                let (by, _, levels) = &groupings[*j];
                let (title, by) = (format!("{stem}.by.{}", by.name), by.name.to_string());
                Group { title, by, levels: levels.clone(), means: means.clone() }
            };
            Compared { groups: run.iter().map(group).collect(), name }
        };
        Ok(State(gains.chunk_by(|a, b| a.1 == b.1).map(compared).collect()))
    }
}

/// The mean of a column at each place, drawn to that of all, which stands where there is none.
/// What is not finite is left out.
fn means(x: &[f64], places: &[u32], count: usize, rows: &[u32], weights: &[f64]) -> Vec<f64> {
    let (mut sums, mut totals) = (vec![0.0; count], vec![0.0; count]);
    for (&row, weight) in rows.iter().zip(weights) {
        let (value, place) = (x[row as usize], places[row as usize] as usize);
        if value.is_finite() {
            sums[place] += weight * value;
            totals[place] += weight;
        }
    }
    let all = sums.iter().sum::<f64>() / totals.iter().sum::<f64>();
    let all = if all.is_finite() { all } else { 0.0 };
    let mean = |(sum, total): (&f64, &f64)| {
        let mean = (sum + PRIOR * all) / (total + PRIOR);
        if *total > 0.0 && mean.is_finite() { mean } else { all }
    };
    sums.iter().zip(&totals).map(mean).collect()
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| {
            let values = numbers(field)?;
            let mut fields = vec![field.clone()];
            for Group { title, by, levels, means } in &self.0[i].groups {
                let missing = || PredictError::MissingColumn { column: by.clone() };
                let places = levels.places(strings(x.field(by).ok_or_else(missing)?)?);
                let apart = |(x, place): (&f64, u32)| x - means[place as usize];
                let apart = values.iter().zip(places).map(apart);
                let apart = apart.map(|v| v.clamp(-f64::MAX, f64::MAX)).collect();
                fields.push(Field::new(title.as_str(), Kind::Numeric, Column::float(apart)));
            }
            Ok(fields)
        })
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.groups.iter().try_for_each(|group| {
                group.levels.validate()?;
                count("means", group.means.len(), [group.levels.len() + 2, 1])?;
                all_finite("means", &group.means)
            })
        })
    }
}
