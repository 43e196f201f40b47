//! What is odd about series: findings about how rows became steps, and about their values.
//!
//! All of it is told and nothing changed. Each finding names series and where in them; names of
//! series are shown as they are, since forecasts are told by them. Cost O(rows + steps).

mod values;

use crate::meaning::{counted, cut, note};
use ruska_core::{
    Aggregate, Finding, FindingCode, Inferred, Panel, Series, SeriesRows, Severity, Stray, Strays,
};

/// The names of the columns that make a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PanelColumns<'a> {
    /// Of the times.
    pub time: &'a str,
    /// Of the names of series, where there are several.
    pub series: Option<&'a str>,
    /// Of the values.
    pub target: &'a str,
}

/// What is odd about a panel and the rows it was made of, in the order in which they became one.
///
/// `inferred` is what the frequency was told from, where it was not given. `target` has a value
/// for each row of the table, NaN where it is missing.
pub fn review_panel(
    rows: &SeriesRows,
    inferred: Option<&Inferred>,
    panel: &Panel,
    target: &[f64],
    columns: PanelColumns<'_>,
) -> Vec<Finding> {
    let mut findings = unplaced(rows, columns);
    findings.extend(assumed(inferred, panel, columns));
    findings.extend(odd(panel, columns));
    findings.extend(repeated(panel, columns));
    findings.extend(values::findings(panel, target, columns));
    findings
}

/// Rows without a time or a series.
fn unplaced(rows: &SeriesRows, columns: PanelColumns<'_>) -> Vec<Finding> {
    let lacking = |rows: &[u32], column: Option<&str>, what: &str| {
        let (first, column) = (u64::from(*rows.first()?) + 1, column?);
        let have = if rows.len() == 1 { "has" } else { "have" };
        let found = counted(rows.len(), "row");
        let what =
            format!("{found} {have} no {what} in `{column}`, the first is row {first}; not used");
        let advice = "fill the column or remove the rows".to_owned();
        let code = FindingCode::Unplaced;
        Some(note(code, Severity::Warning, Some(column), rows.len(), what, advice))
    };
    let undated = lacking(&rows.undated, Some(columns.time), "time");
    undated.into_iter().chain(lacking(&rows.unnamed, columns.series, "series")).collect()
}

/// A frequency that no series tells.
fn assumed(
    inferred: Option<&Inferred>,
    panel: &Panel,
    columns: PanelColumns<'_>,
) -> Option<Finding> {
    let found = inferred.filter(|found| found.assumed)?;
    let which = if panel.len() == 1 { "the series has" } else { "every series has" };
    let what = format!("{which} a single time, so that steps are taken to be {}", found.frequency);
    let advice = if columns.series.is_some() {
        "check that the right column names the series"
    } else {
        "check that the table has all rows"
    };
    let (code, column) = (FindingCode::ShortSeries, columns.series);
    Some(note(code, Severity::Serious, column, panel.len(), what, advice.to_owned()))
}

/// Rows between steps.
fn odd(panel: &Panel, columns: PanelColumns<'_>) -> Vec<Finding> {
    let frequency = panel.frequency;
    let told = |strays: &Strays, severity, advice: &str, what: &dyn Fn(&str, &Stray) -> String| {
        let stray = strays.first.as_ref()?;
        let what = what(&counted(strays.count, "row"), stray);
        let (code, column) = (FindingCode::OddTimes, Some(columns.time));
        Some(note(code, severity, column, strays.count, what, advice.to_owned()))
    };
    let at = |stray: &Stray| format!("{} at {}", of(&stray.series), frequency.format(stray.time));
    let moved = told(
        &panel.moved,
        Severity::Info,
        "correct the times, or name the frequency if it is another one",
        &|rows, stray| {
            let step = frequency.format(frequency.time(frequency.nearest(stray.time)));
            let at = at(stray);
            format!("{rows} between {frequency} steps moved to the nearest: {at} to {step}")
        },
    );
    let left_out = told(
        &panel.left_out,
        Severity::Warning,
        "correct the times, or take the sum or the mean of the rows of a step",
        &|rows, stray| {
            let (at, row) = (at(stray), u64::from(stray.row) + 1);
            format!(
                "{rows} between {frequency} steps that have their own, not used: {at} (row {row})"
            )
        },
    );
    moved.into_iter().chain(left_out).collect()
}

/// Several rows of one step.
fn repeated(panel: &Panel, columns: PanelColumns<'_>) -> Option<Finding> {
    let several = |s: &Series<'_>| s.rows.len() - s.steps.chunk_by(|a, b| a == b).count();
    let extra: usize = panel.iter().map(|s| several(&s)).sum();
    if extra == 0 {
        return None;
    }
    let rows = counted(extra, "row");
    let (what, advice) = match panel.aggregate {
        None => (
            format!(
                "{rows} of an hour that is there twice, as clocks were set back; their mean is taken"
            ),
            "write times in UTC if the hours are to be told apart",
        ),
        Some(aggregate) => {
            let word = if aggregate == Aggregate::Sum { "sum" } else { "mean" };
            let series = panel.iter().filter(|s| several(s) > 0).count();
            let series = told_series(series);
            (
                format!(
                    "{rows} more than there are {} steps in {series}; the {word} of each step is taken",
                    panel.frequency
                ),
                "leave the aggregate out to see which rows these are",
            )
        }
    };
    let (code, column) = (FindingCode::RepeatedTimes, Some(columns.time));
    Some(note(code, Severity::Info, column, extra, what, advice.to_owned()))
}

/// `series `A``, or `the series` where there is one only.
fn of(key: &str) -> String {
    if key.is_empty() { "the series".to_owned() } else { format!("series `{}`", cut(key)) }
}

/// `1 series`, `2 series`.
fn told_series(n: usize) -> String {
    format!("{n} series")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
