//! What a table holds, column by column, for `ruska profile`.
//!
//! Cost O(rows · log rows) a column, columns in parallel. Values of identifiers and free text are
//! never shown.

use super::inspect::inspect;
use super::review::{Circumstances, review};
use super::target::TargetColumn;
use super::times::time_text;
use super::{apply, values::level_counts};
use rayon::prelude::*;
use ruska_core::{Column, ColumnSchema, Finding, Frame, Kind, NO_VALUE, PredictError, Schema};
use serde::Serialize;

/// Levels shown of a categorical column.
const TOP: usize = 5;

/// A table described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profile {
    /// Rows of the table.
    pub rows: usize,
    /// In the order of the file.
    pub columns: Vec<ColumnProfile>,
    /// What is odd about the table.
    pub findings: Vec<Finding>,
}

/// A column described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// What it means.
    pub kind: Kind,
    /// Whether it is the target.
    pub target: bool,
    /// Rows without a value.
    pub missing: usize,
    /// Distinct values.
    pub distinct: usize,
    /// For numeric and boolean columns that have a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberSummary>,
    /// For points in time that have a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<TimeSummary>,
    /// The most frequent levels of a categorical column, most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<Count>,
    /// Why it is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Numbers in summary; quartiles interpolate between order statistics (Hyndman and Fan's type 7).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NumberSummary {
    /// Least value.
    pub min: f64,
    /// First quartile.
    pub q25: f64,
    /// Median.
    pub median: f64,
    /// Third quartile.
    pub q75: f64,
    /// Greatest value.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation with n − 1; 0 for one value.
    pub sd: f64,
}

/// First and last point in time, as ISO 8601.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeSummary {
    /// The earliest.
    pub first: String,
    /// The latest.
    pub last: String,
}

/// A level and how often it occurs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The level.
    pub level: String,
    /// Its rows.
    pub count: usize,
}

/// Describes a raw frame under its schema. `findings` are those that reading and inference gave;
/// those of the inspection of the columns and of the review of the features are added. Each
/// names its column; [`super::condense()`] joins them for display.
///
/// Fails when the frame does not fit the schema.
pub fn profile(
    frame: &Frame,
    schema: &Schema,
    target: Option<&TargetColumn>,
    mut findings: Vec<Finding>,
) -> Result<Profile, PredictError> {
    let names: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
    let typed = apply(frame, schema, &names)?;
    let target_name = target.map(|t| t.name.as_str());
    let is_feature = |name: &str| {
        let known = schema.column(name).is_some_and(|c| c.meaning.is_feature());
        known && Some(name) != target_name
    };
    let features = typed.select(|f| is_feature(&f.name));
    findings.extend(target.map(TargetColumn::findings).unwrap_or_default());
    let known = Circumstances::default();
    let reviewed = match target {
        Some(t) if t.missing.is_empty() => review(&features, Some(&t.target), &known),
        Some(t) => review(&features.take(&t.kept), Some(&t.target), &known),
        None => review(&features, None, &known),
    };
    findings.extend(reviewed.findings);
    findings.extend(inspect(frame, schema, target_name));
    let pairs: Vec<_> = schema.columns.iter().zip(typed.fields()).zip(frame.fields()).collect();
    let columns = pairs
        .into_par_iter()
        .map(|((column, field), raw)| {
            let is_target = Some(column.name.as_str()) == target_name;
            let described = describe(column, &field.column, is_target);
            // Beyond 2⁵³ whole numbers differ that are one real number.
            let exact = match &raw.column {
                Column::Int(v) if matches!(field.column, Column::Float(_)) => distinct(v),
                _ => described.distinct,
            };
            ColumnProfile { distinct: exact, ..described }
        })
        .collect();
    Ok(Profile { rows: frame.rows(), columns, findings })
}

/// Distinct whole numbers, the missing value aside.
fn distinct(values: &[i64]) -> usize {
    let mut sorted: Vec<i64> = values.iter().copied().filter(|v| *v != NO_VALUE).collect();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).count()
}

fn describe(schema: &ColumnSchema, column: &Column, target: bool) -> ColumnProfile {
    let kind = schema.meaning.kind();
    let mut out = ColumnProfile {
        name: schema.name.clone(),
        kind,
        target,
        missing: column.missing(),
        distinct: 0,
        numbers: None,
        times: None,
        top: vec![],
        why: match &schema.meaning {
            ruska_core::Meaning::Ignored { why } => Some(why.clone()),
            _ => None,
        },
    };
    match column {
        Column::Float(v) => {
            let mut sorted: Vec<f64> = v.iter().copied().filter(|v| v.is_finite()).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            out.distinct = sorted.chunk_by(|a, b| a == b).count();
            out.numbers = if kind == Kind::Identifier { None } else { numbers(&sorted) };
        }
        Column::Int(v) | Column::Time(v) => {
            let mut sorted: Vec<i64> = v.iter().copied().filter(|v| *v != NO_VALUE).collect();
            sorted.sort_unstable();
            out.distinct = sorted.chunk_by(|a, b| a == b).count();
            let ends = sorted.first().zip(sorted.last()).filter(|_| kind == Kind::Time);
            out.times = ends.map(|(first, last)| TimeSummary {
                first: time_text(*first),
                last: time_text(*last),
            });
        }
        Column::Bool(v) => out.distinct = [0, 1].iter().filter(|b| v.contains(b)).count(),
        Column::Str(v) => {
            let mut counts: Vec<(usize, usize)> =
                level_counts(v).into_iter().enumerate().filter(|(_, n)| *n > 0).collect();
            out.distinct = counts.len();
            if kind == Kind::Categorical {
                counts.sort_by_key(|(code, n)| (std::cmp::Reverse(*n), *code));
                let top = counts.into_iter().take(TOP);
                let top = top.map(|(code, count)| Count { level: v.levels[code].clone(), count });
                out.top = top.collect();
            }
        }
        Column::Sparse(_) => {}
    }
    out
}

/// The summary of ascending finite numbers; `None` without any.
fn numbers(sorted: &[f64]) -> Option<NumberSummary> {
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let n = sorted.len() as f64;
    let quantile = |q: f64| {
        let at = q * (n - 1.0);
        let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
        low + (high - low) * at.fract()
    };
    let mean = sorted.iter().map(|v| v / n).sum::<f64>();
    let squares: f64 = sorted.iter().map(|v| (v - mean).powi(2)).sum();
    let sd = if n > 1.0 { (squares / (n - 1.0)).sqrt() } else { 0.0 };
    let (q25, median, q75) = (quantile(0.25), quantile(0.5), quantile(0.75));
    Some(NumberSummary { min, q25, median, q75, max, mean, sd })
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
