//! Measures of groups of rows, the worst first.

use super::groups::{Group, Groups};
use super::rows::Judged;
use super::scores::{Score, score, value};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows below which a group is said to be small.
pub(super) const SMALL: usize = 30;

/// The groups of some columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segments {
    /// The columns.
    pub columns: Vec<String>,
    /// Id of the measure that they are ordered by: the model's metric, where it is defined on all rows.
    pub metric: String,
    /// Its value on all rows; `None` where no measure is defined.
    pub overall: Option<f64>,
    /// The groups: the worst first, then small ones, then those without a value of the measure.
    pub segments: Vec<Segment>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// The value of each column; `None` for no value.
    pub values: Vec<Option<String>>,
    /// Rows.
    pub rows: usize,
    /// Share of all rows.
    pub share: f64,
    /// Whether it has fewer than 30 rows, which say little.
    pub small: bool,
    /// The measure with its 95 % interval, where it is defined for these rows.
    pub score: Option<Score>,
    /// Every measure that is defined for these rows.
    pub scores: BTreeMap<String, f64>,
}

/// Measures groups by the first of the scores of all rows.
pub(super) fn segments(judged: &Judged, groups: &Groups, scores: &[Score]) -> Segments {
    let first = scores.first();
    let (metric, overall) =
        (first.map_or("", |score| &score.metric), first.map(|score| score.value));
    let catalog = ruska_catalog::builtin();
    let measure = |group: &Group| {
        let held = judged.take(&group.places);
        let value = |m: &std::sync::Arc<dyn ruska_core::Measure>| {
            Some((m.info().id.to_owned(), value(&**m, &held)?))
        };
        let rows = group.places.len();
        Segment {
            values: group.values.clone(),
            rows,
            share: rows as f64 / judged.rows.len() as f64,
            small: rows < SMALL,
            score: score(&held, metric),
            scores: catalog.measures.iter().filter_map(value).collect(),
        }
    };
    let mut segments: Vec<Segment> = groups.groups.par_iter().map(measure).collect();
    let higher = catalog.measure(metric).is_some_and(|m| m.info().higher_is_better);
    let worth = |segment: &Segment| {
        let value = segment.score.as_ref().map_or(0.0, |score| score.value);
        if higher { value } else { -value }
    };
    segments.sort_by(|a, b| {
        let place = |s: &Segment| (s.score.is_none(), s.small);
        place(a).cmp(&place(b)).then(worth(a).total_cmp(&worth(b)))
    });
    Segments { columns: groups.columns.clone(), metric: metric.to_owned(), overall, segments }
}
