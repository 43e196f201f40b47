//! Redundant columns left out: those that hardly vary, and near copies of others.
//!
//! Does: leaves out numeric columns of which one value (or the missing one) holds a share of
//! `constant` or more of the training rows, then each that correlates with an earlier one that
//! stays by ±`correlation` or more. Wins: wide tables of measurements taken several ways; shorter
//! models. Fails: penalties and trees mostly cope with copies themselves, and the mean of two noisy
//! copies is better than one. Cost: O(rows · columns²) over at most 20,000 training rows; beyond
//! 1000 numeric columns only those that hardly vary go. Handles: in a correlation a missing number
//! counts as the mean, so that columns missing on different rows are not copies; weights count as
//! rows. Other columns and sparse blocks pass; one column always stays. Reference: Kuhn and
//! Johnson, "Applied Predictive Modeling", 2013, section 3.5.

use super::support::{LeftOut, SideBySide, row_weights};
use crate::parameters::within;
use ruska_core::{
    FitError, Preprocessor, RunContext, Space, Stage, StepInfo, StepInput, TaskMeta, hash,
};
use serde::{Deserialize, Serialize};

/// Numeric columns beyond which no pairs are looked at.
const MOST_COLUMNS: usize = 1000;
/// Most training rows that are looked at.
const MOST_ROWS: usize = 20_000;
/// Copies correlate by 1 up to this.
const ROUNDING: f64 = 1e-9;

pub(super) struct DropRedundant;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Share of one value from which a column goes, 0.5 to 1.
    constant: f64,
    /// Size of a correlation from which the later of two columns goes, 0.5 to 1.
    correlation: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { constant: 0.999, correlation: 0.98 }
    }
}

impl Preprocessor for DropRedundant {
    type Params = Params;
    type State = LeftOut;
    const INFO: StepInfo = StepInfo {
        id: "drop_redundant",
        summary: "columns that hardly vary and near copies of others are left out",
        stage: Stage::Reduce,
        closes: &[],
        suits: None,
        reference: "Kuhn and Johnson, Applied Predictive Modeling, 2013, section 3.5",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.features() > 1
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("correlation", 0.8, 1.0, 0.98)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<LeftOut, FitError> {
        let constant = within(Self::INFO.id, "constant", params.constant, 0.5, 1.0)?;
        let correlation = within(Self::INFO.id, "correlation", params.correlation, 0.5, 1.0)?;
        let weights = row_weights(&input);
        let places: Vec<usize> = hash::spread(input.rows.len(), MOST_ROWS).collect();
        let mut left_out = vec![];
        for (at, field) in input.x.fields().iter().enumerate() {
            ctx.check()?;
            let Some(values) = field.floats() else { continue };
            let seen = places.iter().map(|&i| (values[input.rows[i] as usize] + 0.0, weights[i]));
            if greatest_share(seen.collect()) >= constant {
                left_out.push(at);
            }
        }
        let columns = SideBySide::new(input, |at| left_out.binary_search(&at).is_err(), ctx)?;
        if columns.places.len() <= MOST_COLUMNS {
            let copies = copies(&columns.covariances(ctx)?, columns.places.len(), correlation);
            left_out.extend(copies.into_iter().map(|at| columns.places[at]));
        }
        Ok(LeftOut::new(input.x, left_out))
    }
}

/// The columns that correlate with an earlier one that is none of them.
fn copies(covariances: &[f64], n: usize, correlation: f64) -> Vec<usize> {
    let of = |i: usize, j: usize| covariances[i * n + j];
    let mut stay: Vec<usize> = vec![];
    let mut copies = vec![];
    for j in 0..n {
        let near = |&i: &usize| {
            let limit = (correlation - ROUNDING) * (of(i, i) * of(j, j)).sqrt();
            limit > 0.0 && of(i, j).abs() >= limit
        };
        if stay.iter().any(near) { copies.push(j) } else { stay.push(j) }
    }
    copies
}

/// The greatest share of the weight that one value holds; what is missing is a value.
fn greatest_share(mut values: Vec<(f64, f64)>) -> f64 {
    values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let weight = |run: &[(f64, f64)]| run.iter().map(|(_, w)| w).sum::<f64>();
    let runs = values.chunk_by(|a, b| a.0 == b.0 || a.0.is_nan() && b.0.is_nan());
    let total = weight(&values);
    if total > 0.0 { runs.map(weight).fold(0.0, f64::max) / total } else { 1.0 }
}
