//! A table of series made into the question what comes next.

use super::covariates::{self, Placed, Role, Stretch, beside};
use super::hierarchy::Hierarchy;
use super::intervals::Intervals;
use super::series::Series;
use crate::error::{Error, check_columns};
use crate::options::Options;
use crate::prepare::Prepared;
use ruska_core::{
    Axis, Column, Covariates, Field, Finding, FindingCode, Frame, Frequency, Kind, Meaning,
    NO_VALUE, PERIOD, Panel, SERIES, Schema, SeriesRows, Severity, StrColumn, Target, Task,
    TaskKind, Timelines,
};
use ruska_data::{PanelColumns, TargetColumn};
use ruska_search::Prefer;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Makes a task of a table of series.
///
/// Fails when columns named in options are missing or unusable, options have no sense here, times are not
/// equally spaced, or several rows have the series and time of another.
pub(crate) fn prepare(table: &Frame, options: &Options) -> Result<Prepared, Error> {
    refuse(options)?;
    check_columns(table, options)?;
    let (time, horizon) = match (&options.time_column, options.horizon) {
        (Some(time), Some(horizon)) if horizon > 0 => (time, horizon),
        (None, _) => return Err(needed("--time-column COL, the column of times")),
        _ => return Err(needed("--horizon N, how many periods are to be told")),
    };
    let (mut schema, inferred) = ruska_data::infer(table, &options.types)?;
    let target = ruska_data::target(table, &options.target, Some(TaskKind::Regression), None)?;
    let (axis, times) = times(table, &schema, time)?;
    let column = options.series.as_ref().or(options.hierarchy.last());
    let names = column.map(|column| names(table, column)).transpose()?;
    let rows = SeriesRows::new(names.as_ref(), &times, &target.kept);
    let grid = rows.infer(axis).map_err(|e| Error::Options(format!("`{time}`: {e}")))?;
    let panel = rows.arrange(grid.frequency, options.aggregate).map_err(|e| unarranged(&e))?;
    let values = by_row(&target, table.rows());
    let mut lines = with_seasons(stacked(&panel, &values, horizon), panel.frequency);
    let chosen = covariates::chosen(table, options, &schema)?;
    lines.covariates = covariates::named(&chosen);
    let mut x = places(&lines, &(0..lines.series()).collect::<Vec<_>>())?;
    if !chosen.is_empty() {
        let columns = (time.as_str(), column.map(String::as_str));
        let numbers =
            Placed::new(table, columns, panel.frequency)?.numbers(&chosen, &stretches(&panel))?;
        x = beside(x, numbers)?;
    }
    let positive = (0..lines.series())
        .map(|s| lines.values[lines.span(s)].iter().all(|v| *v >= 0.0 || v.is_nan()));
    let series = Series {
        time: time.clone(),
        column: column.cloned(),
        frequency: panel.frequency,
        counted: axis == Axis::Numbers,
        by_month: by_month(table, time),
        aggregate: options.aggregate,
        horizon,
        seasons: lines.seasons.clone(),
        season: lines.season,
        names: panel.iter().map(|s| s.key.to_owned()).collect(),
        next: panel.iter().map(|s| s.last() + 1).collect(),
        positive: positive.collect(),
        covariates: chosen,
        hierarchy: hierarchy(options, column, table, &panel)?,
        intervals: Intervals::default(),
        held: None,
    };
    let mut all: Vec<_> = inferred
        .into_iter()
        .filter(|f| f.column.as_deref().is_some_and(|c| c == time || c == options.target))
        .collect();
    all.extend(target.findings());
    let columns =
        PanelColumns { time, series: column.map(String::as_str), target: &options.target };
    all.extend(ruska_data::review_panel(&rows, Some(&grid), &panel, &values, columns));
    all.extend(unused(table, options));
    for described in &mut schema.columns {
        let why = match &described.name {
            name if *name == options.target => "it is the target",
            name if name == time => "it is the time column",
            name if Some(name) == column => "it is the series column",
            name => options.role(name).map_or("nothing says when it is known", Role::why),
        };
        described.meaning = Meaning::Ignored { why: why.to_owned() };
    }
    let roles = [("time", Some(time)), ("series", column)];
    Ok(Prepared {
        task: Task::new(x, Target::Series(lines))?,
        rows: vec![],
        holdout: None,
        schema,
        features: vec![],
        target_notation: target.notation,
        roles: roles
            .into_iter()
            .filter_map(|(role, column)| Some((role.to_owned(), column?.clone())))
            .collect::<BTreeMap<_, _>>(),
        findings: ruska_data::condense(all),
        series: Some(series),
    })
}

/// The sums of series that are asked for.
fn hierarchy(
    options: &Options,
    series: Option<&String>,
    table: &Frame,
    panel: &Panel,
) -> Result<Option<Hierarchy>, Error> {
    if options.hierarchy.is_empty() {
        return Ok(None);
    }
    let mut above = options.hierarchy.clone();
    above.retain(|column| Some(column) != series);
    for (i, column) in above.iter().enumerate() {
        let taken = [Some(&options.target), options.time_column.as_ref()];
        if taken.into_iter().flatten().any(|c| c == column) || above[..i].contains(column) {
            let what =
                format!("--hierarchy: `{column}` is the target or the time column, or twice");
            return Err(Error::Options(what));
        }
    }
    Hierarchy::new(above, table, panel).map(Some)
}

/// That columns are there of which nothing is made.
fn unused(table: &Frame, options: &Options) -> Option<Finding> {
    let taken = |name: &str| {
        let roles = [Some(&options.target), options.time_column.as_ref(), options.series.as_ref()];
        roles.into_iter().flatten().any(|role| role == name)
            || options.ignore.iter().any(|c| c == name)
            || options.role(name).is_some()
            || options.hierarchy.iter().any(|c| c == name)
    };
    let names = table.fields().iter().map(|f| &*f.name).filter(|name| !taken(name));
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| Finding {
        code: FindingCode::UnusedColumns,
        severity: Severity::Info,
        column: None,
        count: names.len(),
        what: format!(
            "not used: {}; series are told ahead from their own past and from each other's",
            names.join(", ")
        ),
        advice: "--known what is known ahead, --past what is known afterwards, --static what stays"
            .to_owned(),
        examples: vec![],
    })
}

fn needed(what: &str) -> Error {
    Error::Options(format!("--task forecasting needs {what}"))
}

/// Refuses options that have no sense for series.
fn refuse(options: &Options) -> Result<(), Error> {
    if options.target.is_empty() {
        return Err(needed("--target COL, the column whose next values are asked for"));
    }
    let given = [
        ("--holdout", options.holdout.is_some(), "`ruska evaluate` measures what came true"),
        ("--test", options.test.is_some(), "`ruska evaluate` measures what came true"),
        ("--group", options.group.is_some(), "--series tells series apart"),
        ("--exposure", options.exposure.is_some(), "divide the target by it beforehand"),
        ("--weight", options.weight.is_some(), "series count alike"),
        ("--positive", options.positive.is_some(), "there are no classes"),
        ("--drop-leaks", options.drop_leaks, "only the past is learned from"),
        ("--clusters", options.clusters.is_some(), "no groups are sought"),
        ("--min-cluster-size", options.min_cluster_size.is_some(), "no groups are sought"),
        ("--prefer", options.prefer != Prefer::Accuracy, "--include chooses forecasters"),
    ];
    match given.iter().find(|(_, given, _)| *given) {
        None => Ok(()),
        Some((option, _, way)) => {
            Err(Error::Options(format!("{option} has no sense with --task forecasting: {way}")))
        }
    }
}

pub(super) fn unarranged(error: &ruska_core::PanelError) -> Error {
    let way = match error {
        ruska_core::PanelError::Repeated { .. } => " (--series COL, --aggregate sum or mean)",
        _ => "",
    };
    Error::Options(format!("{error}{way}"))
}

/// Times of the rows, and what they are.
pub(super) fn times(table: &Frame, schema: &Schema, name: &str) -> Result<(Axis, Vec<i64>), Error> {
    let typed = match schema.column(name).map(|c| &c.meaning) {
        Some(Meaning::Time { .. }) => ruska_data::apply(table, schema, &[name])?,
        _ => table.clone(),
    };
    match typed.field(name).map(|f| &f.column) {
        Some(Column::Time(v)) => Ok((Axis::Dates, v.to_vec())),
        Some(Column::Int(v)) => Ok((Axis::Numbers, v.to_vec())),
        Some(Column::Float(v)) if v.iter().all(|v| v.is_nan() || v.fract() == 0.0) => {
            let whole = |v: &f64| if v.is_nan() { NO_VALUE } else { *v as i64 };
            Ok((Axis::Numbers, v.iter().map(whole).collect()))
        }
        Some(Column::Str(_)) | None => Ok((Axis::Dates, crate::times_of(table, name)?)),
        Some(_) => Err(Error::Options(format!(
            "--time-column `{name}` holds neither times nor whole numbers; write its values as \
             2024-01-31 or as 1, 2, 3"
        ))),
    }
}

/// Whether times are written as year and month alone, as `2024-01`.
fn by_month(table: &Frame, time: &str) -> bool {
    let of_text = |levels: &[String]| {
        let short = |t: &String| t.len() == 7 && t.as_bytes()[4] == b'-';
        !levels.is_empty() && levels.iter().all(short)
    };
    matches!(table.field(time).map(|f| &f.column), Some(Column::Str(c)) if of_text(&c.levels))
}

/// The name of the series of each row.
pub(super) fn names(table: &Frame, column: &str) -> Result<StrColumn, Error> {
    let field = table
        .field(column)
        .ok_or_else(|| Error::Options(format!("--series: column `{column}` is not there")))?;
    let text = |row| ruska_data::value_text(&field.column, row);
    match &field.column {
        Column::Str(names) => Ok(names.clone()),
        Column::Sparse(_) => {
            Err(Error::Options(format!("--series: column `{column}` names nothing")))
        }
        _ => match Column::from_strings((0..table.rows()).map(text)) {
            Column::Str(names) => Ok(names),
            _ => unreachable!("text was made"),
        },
    }
}

/// The target of every row of the table; NaN where it is missing.
pub(super) fn by_row(target: &TargetColumn, rows: usize) -> Vec<f64> {
    let mut values = vec![f64::NAN; rows];
    if let Target::Values(known) = &target.target {
        target.kept.iter().zip(known.iter()).for_each(|(row, v)| values[*row as usize] = *v);
    }
    values
}

/// The series of a panel one after the other, without a season.
pub(super) fn stacked(panel: &Panel, column: &[f64], horizon: usize) -> Timelines {
    let mut offsets = vec![0];
    let mut values = vec![];
    for series in panel.iter() {
        values.extend(series.values(column));
        offsets.push(values.len());
    }
    Timelines {
        values: Arc::new(values),
        offsets: Arc::new(offsets),
        starts: Arc::new(panel.iter().map(|s| s.first).collect()),
        seasons: vec![],
        season: 1,
        horizon,
        covariates: Covariates::default(),
    }
}

/// The same with the seasons of the calendar that the data has.
fn with_seasons(lines: Timelines, frequency: Frequency) -> Timelines {
    let calendar: Vec<usize> = frequency.seasons().iter().map(|s| *s as usize).collect();
    let seasons = ruska_catalog::seasons(&lines, &calendar);
    let usual = frequency.default_season() as usize;
    Timelines { season: if seasons.contains(&usual) { usual } else { 1 }, seasons, ..lines }
}

/// Series and period of each row, by which forecasters find them, given the number of each series.
pub(super) fn places(lines: &Timelines, numbers: &[usize]) -> Result<Frame, Error> {
    let of_row = (0..lines.series())
        .flat_map(|run| std::iter::repeat_n(numbers[run] as f64, lines.span(run).len()));
    let periods = (0..lines.rows()).map(|row| lines.period(row) as f64);
    placed(of_row.collect(), periods.collect())
}

/// The periods of the series of a panel.
pub(super) fn stretches(panel: &Panel) -> Vec<Stretch<'_>> {
    panel.iter().map(|s| Stretch { key: s.key, first: s.first, len: s.len() }).collect()
}

/// Rows of these series and periods.
pub(super) fn placed(series: Vec<f64>, periods: Vec<f64>) -> Result<Frame, Error> {
    let field = |name, values| Field::new(name, Kind::Numeric, Column::float(values));
    Ok(Frame::new(vec![field(SERIES, series), field(PERIOD, periods)])?)
}
