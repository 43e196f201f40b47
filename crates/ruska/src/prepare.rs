//! From a table as it was read to a task: meanings, roles, target, findings, rows kept aside.

use crate::error::{Error, check_columns};
use crate::forecast::{self, Series};
use crate::grouping;
use crate::options::Options;
use crate::reweigh::reweighed;
use crate::times::row_times;
use ruska_core::{
    Catalog, Column, Field, Finding, Fold, Frame, Kind, Meaning, NO_VALUE, Notation, Schema,
    SplitInput, SplitParams, Target, Task, TaskKind,
};
use ruska_data::Circumstances;
use std::collections::BTreeMap;

/// Folds that a class should fill where the number of folds is not chosen yet.
const USUAL_FOLDS: usize = 5;

/// A table made into a task.
pub(crate) struct Prepared {
    /// The rows to learn from.
    pub(crate) task: Task,
    /// Their places in the table, where each has a target of its own; otherwise none.
    pub(crate) rows: Vec<u32>,
    /// Rows kept aside, with the same features.
    pub(crate) holdout: Option<Task>,
    /// Meaning of every column, those set aside included.
    pub(crate) schema: Schema,
    /// Names of the features.
    pub(crate) features: Vec<String>,
    /// How the target's numbers are written, where not plainly.
    pub(crate) target_notation: Option<Notation>,
    /// Columns with another role, by role.
    pub(crate) roles: BTreeMap<String, String>,
    /// What is odd.
    pub(crate) findings: Vec<Finding>,
    /// What is known of the series, where it is asked what comes next.
    pub(crate) series: Option<Series>,
}

/// Makes a task of a table.
///
/// Fails when columns named in options are missing or unusable, or nothing can be learned.
pub(crate) fn prepare(
    table: &Frame,
    options: &Options,
    catalog: &Catalog,
) -> Result<Prepared, Error> {
    if options.reweigh && matches!(options.task, Some(TaskKind::Forecasting | TaskKind::Clustering))
    {
        let what = "--reweigh has a sense with classes alone";
        return Err(Error::Options(what.to_owned()));
    }
    match options.task {
        Some(TaskKind::Forecasting) => return forecast::prepare(table, options),
        Some(TaskKind::Clustering) => return grouping::prepare(table, options, catalog),
        _ => {}
    }
    if let Some((option, _)) = options.of_series().iter().find(|(_, given)| *given) {
        let what = format!("{option} has a sense with --task forecasting alone");
        return Err(Error::Options(what));
    }
    for (option, number) in options.of_groups() {
        if number.is_some() {
            let what = format!("{option} has a sense with --task clustering alone");
            return Err(Error::Options(what));
        }
    }
    check_columns(table, options)?;
    let roles = roles(options);
    if let Some((role, _)) = roles.iter().find(|(_, column)| **column == options.target) {
        let (option, target) = (option_of(role), &options.target);
        let what = format!("{option} names the target `{target}`; it has to be another column");
        return Err(Error::Options(what));
    }
    if options.sensitive.contains(&options.target) {
        let target = &options.target;
        let what = format!("--sensitive names the target `{target}`; it has to be another column");
        return Err(Error::Options(what));
    }
    let (mut types, mut kind) = (options.types.clone(), options.task);
    let numeric = table.field(&options.target).is_some_and(|f| f.kind == Kind::Numeric);
    if let Some(column) = &options.exposure {
        exposure_alone(column, options)?;
        if !numeric {
            let target = &options.target;
            let what =
                format!("--exposure: the target `{target}` holds no numbers to be counted over it");
            return Err(Error::Options(what));
        }
        types.insert(column.clone(), Kind::Numeric);
        // Only numbers are counted over something.
        kind = kind.or(Some(TaskKind::Regression));
    }
    let metric = options.metric.as_deref().and_then(|id| catalog.measure(id));
    if numeric && metric.is_some_and(|m| m.info().is_for(TaskKind::Regression)) {
        kind = kind.or(Some(TaskKind::Regression));
    }
    let (mut schema, inferred) = ruska_data::infer(table, &types)?;
    let target = ruska_data::target(table, &options.target, kind, options.positive.as_deref())?;
    // Roles read their columns by what they mean, whatever is set aside as a feature.
    let meanings = schema.clone();
    for (role, column) in &roles {
        if role != "time" && role != "exposure" {
            ignore(&mut schema, column, &format!("it is the {role} column"));
        }
    }
    ignore(&mut schema, &options.target, "it is the target");
    for (column, why) in options.kept_out() {
        ignore(&mut schema, column, why);
    }
    let kept = if target.missing.is_empty() { table.clone() } else { table.take(&target.kept) };
    let features = features(&schema);
    let x = ruska_data::apply(&kept, &schema, &features)?;
    let times = match &options.time_column {
        Some(name) => Some((name.as_str(), times(&kept, &meanings, name)?)),
        None => None,
    };
    let known = Circumstances {
        folds: options.folds.unwrap_or(USUAL_FOLDS),
        drop_leaks: options.drop_leaks,
        times: times.as_ref().map(|(name, times)| (*name, times.as_slice())),
        vouched: Some(&options.types),
    };
    let candidates = x.select(|f| options.exposure.as_deref() != Some(&*f.name));
    let review = ruska_data::review(&candidates, Some(&target.target), &known);
    for column in &review.set_aside {
        ignore(&mut schema, column, review.why(column));
    }
    let x = x.select(|f| !review.set_aside.iter().any(|c| **c == *f.name));
    let features = self::features(&schema);
    let used = |name: &str| {
        name != options.target && !roles.values().any(|r| r == name) && !options.keeps_out(name)
    };
    let mut findings: Vec<Finding> =
        inferred.into_iter().filter(|f| f.column.as_deref().is_none_or(used)).collect();
    findings.extend(target.findings());
    let looked_at = table.select(|f| used(&f.name) || *f.name == *options.target);
    let inspected = ruska_data::inspect(&looked_at, &meanings, Some(&options.target));
    let target_notation = target.notation;
    findings.extend(review.findings);
    findings.extend(inspected);
    let findings = ruska_data::condense(findings);
    let mut task = Task::new(x, target.target)?;
    if let Some(name) = &options.weight {
        let given = weights(table, &target.kept, ("--weight column", name))?;
        task.clone().with_weights(given.clone()).map_err(|e| e.of_rows(&target.kept))?;
        task = task.with_weights(mean_one(given))?;
    }
    if options.reweigh {
        let weights = reweighed(&kept, &options.sensitive, &task)?;
        task = task.with_weights(mean_one(weights))?;
    }
    if let Some(name) = &options.exposure {
        task = task.with_exposure(name).map_err(|e| e.of_rows(&target.kept))?;
    }
    if let Some(name) = &options.group {
        task = task.with_groups(groups(&kept, name)?)?;
    }
    if let Some((_, times)) = times {
        task = task.with_times(times)?;
    }
    let (task, rows, holdout) = match options.holdout {
        Some(share) => {
            let Fold { train, test } = keep_aside(catalog, &task, share, options.seed)?;
            let rows = train.iter().map(|row| target.kept[*row as usize]).collect();
            (task.take(&train), rows, Some(task.take(&test)))
        }
        None => (task, target.kept, None),
    };
    let series = None;
    Ok(Prepared { task, rows, holdout, schema, features, target_notation, roles, findings, series })
}

/// Names of the columns that can be features.
pub(crate) fn features(schema: &Schema) -> Vec<String> {
    let usable = schema.columns.iter().filter(|c| c.meaning.is_feature());
    usable.map(|c| c.name.clone()).collect()
}

fn roles(options: &Options) -> BTreeMap<String, String> {
    let columns = [
        ("weight", &options.weight),
        ("exposure", &options.exposure),
        ("group", &options.group),
        ("time", &options.time_column),
    ];
    let given = columns.into_iter();
    given.filter_map(|(role, column)| Some((role.to_owned(), column.clone()?))).collect()
}

/// Refuses a column of exposures that is to be something else as well.
fn exposure_alone(column: &str, options: &Options) -> Result<(), Error> {
    let named = |other: &Option<String>| other.as_deref() == Some(column);
    let other = [
        ("--weight", named(&options.weight)),
        ("--group", named(&options.group)),
        ("--time-column", named(&options.time_column)),
        ("--ignore", options.ignore.iter().any(|c| c == column)),
        ("--types", options.types.get(column).is_some_and(|kind| *kind != Kind::Numeric)),
    ];
    match other.iter().find(|(_, named)| *named) {
        None => Ok(()),
        Some((option, _)) => Err(Error::Options(format!(
            "{option} and --exposure both name `{column}`; an exposure is a column of numbers and \
             nothing else"
        ))),
    }
}

fn option_of(role: &str) -> &'static str {
    match role {
        "weight" => "--weight",
        "exposure" => "--exposure",
        "group" => "--group",
        _ => "--time-column",
    }
}

pub(crate) fn ignore(schema: &mut Schema, column: &str, why: &str) {
    if let Some(found) = schema.column_mut(column) {
        found.meaning = Meaning::Ignored { why: why.to_owned() };
    }
}

fn field<'a>(table: &'a Frame, name: &str) -> Result<&'a Field, Error> {
    table.field(name).ok_or_else(|| Error::Options(format!("column `{name}` is not there")))
}

/// The weights of some rows of a table; `place` is what errors call the column.
pub(crate) fn weights(
    table: &Frame,
    rows: &[u32],
    (place, name): (&str, &str),
) -> Result<Vec<f64>, Error> {
    let column = &field(table, name)?.column;
    let number = |row: usize| match column {
        Column::Float(v) => Some(v[row]),
        Column::Int(v) => Some(if v[row] == NO_VALUE { f64::NAN } else { v[row] as f64 }),
        Column::Bool(v) => Some(if v[row] < 0 { f64::NAN } else { f64::from(v[row]) }),
        _ => None,
    };
    let weight = |row: &u32| {
        let row = *row as usize;
        let Some(number) = number(row) else {
            return Err(Error::Options(format!("{place} `{name}` holds text, not numbers")));
        };
        if number.is_nan() {
            return Err(Error::Options(format!(
                "{place} `{name}` has no value in row {}; fill it in or leave the row out",
                row + 1
            )));
        }
        Ok(number)
    };
    rows.iter().map(weight).collect()
}

/// The weights scaled to a mean of one, so that their unit does not change how strongly learners
/// are regularised. What cannot be scaled is left for the task to refuse.
pub(crate) fn mean_one(weights: Vec<f64>) -> Vec<f64> {
    let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    if !(mean.is_finite() && mean > 0.0) {
        return weights;
    }
    weights.into_iter().map(|w| w / mean).collect()
}

/// A code per distinct value; rows without a value form a group of their own each.
fn groups(table: &Frame, name: &str) -> Result<Vec<u32>, Error> {
    let column = &field(table, name)?.column;
    let mut seen = std::collections::HashMap::new();
    let mut next = 0u32;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    let codes = (0..column.rows()).map(|row| match ruska_data::value_text(column, row) {
        Some(text) => *seen.entry(text).or_insert_with(&mut fresh),
        None => fresh(),
    });
    Ok(codes.collect())
}

fn times(table: &Frame, schema: &Schema, name: &str) -> Result<Vec<i64>, Error> {
    let values = row_times(table, schema, name)?;
    if let Some(row) = values.iter().position(|v| *v == NO_VALUE) {
        let what = format!(
            "--time-column `{name}` has no value in row {}; fill it in or leave the row out",
            row + 1
        );
        return Err(Error::Options(what));
    }
    Ok(values)
}

/// Sets rows aside: the latest where rows have times, whole groups where they have groups,
/// otherwise at random, classes spread evenly.
fn keep_aside(catalog: &Catalog, task: &Task, share: f64, seed: u64) -> Result<Fold, Error> {
    let classes = match &task.target {
        Target::Classes { codes, .. } => Some(codes.as_slice()),
        Target::Values(_) | Target::Groups(_) | Target::Series(_) => None,
    };
    let input = SplitInput {
        rows: task.rows(),
        classes,
        groups: task.groups.as_ref().map(|g| g.as_slice()),
        times: task.times.as_ref().map(|t| t.as_slice()),
        panel: None,
    };
    let params = SplitParams { test_share: share, seed, ..SplitParams::default() };
    let missing = || Error::Options("the catalog has no holdout splitter".into());
    let splitter = catalog.splitter("holdout").ok_or_else(missing)?;
    let fold = splitter.split(input, &params)?.into_iter().next().ok_or_else(missing)?;
    if fold.train.is_empty() || fold.test.is_empty() {
        return Err(Error::Options(format!(
            "--holdout {share} of {} rows leaves nothing to learn from or to score",
            task.rows()
        )));
    }
    Ok(fold)
}

/// Names of the kinds of a frame's features, for the line that introduces the data.
pub(crate) fn kinds(x: &Frame) -> Vec<(Kind, usize)> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for field in x.fields() {
        *counts.entry(field.kind).or_default() += 1;
    }
    counts.into_iter().collect()
}
