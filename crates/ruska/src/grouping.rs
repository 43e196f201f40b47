//! A table whose rows are to be grouped: no target, and points by which groups are judged.
//!
//! Trials prepare the table in different ways, so they are judged in one space that none of them
//! chooses: all columns as numbers of one scale, as the steps make them that any clusterer needs. Where
//! that gives many columns they are projected on fewer directions drawn at random, which keeps
//! distances.
//!
//! Reference: Achlioptas, "Database-friendly random projections", J. Comput. Syst. Sci. 66, 2003.

use crate::error::{Error, check_columns};
use crate::options::Options;
use crate::prepare::{Prepared, features, ignore, mean_one, weights};
use ruska_core::{
    Catalog, FindingCode, Frame, Geometry, Grouping, NeverStop, RunContext, StepInput, Target,
    Task, TaskKind, hash, robustify,
};
use ruska_data::Circumstances;
use ruska_search::Prefer;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most numbers of a point.
const MOST_DIMS: usize = 50;

/// Makes a task of a table whose rows are to be grouped.
///
/// Rows that are all equal are one group, as is one row: all points are then the same. Fails when columns
/// named in options are missing or unusable, options need a target, or no column says anything of rows.
pub(crate) fn prepare(
    table: &Frame,
    options: &Options,
    catalog: &Catalog,
) -> Result<Prepared, Error> {
    refuse(options)?;
    check_columns(table, options)?;
    let (mut schema, inferred) = ruska_data::infer(table, &options.types)?;
    let meanings = schema.clone();
    if let Some(column) = &options.weight {
        ignore(&mut schema, column, "it is the weight column");
    }
    for (column, why) in options.kept_out() {
        ignore(&mut schema, column, why);
    }
    let x = ruska_data::apply(table, &schema, &features(&schema))?;
    let known =
        Circumstances { folds: 2, drop_leaks: false, times: None, vouched: Some(&options.types) };
    let review = ruska_data::review(&x, None, &known);
    for column in &review.set_aside {
        ignore(&mut schema, column, review.why(column));
    }
    let x = x.select(|f| !review.set_aside.iter().any(|c| **c == *f.name));
    let used = |name: &str| options.weight.as_deref() != Some(name) && !options.keeps_out(name);
    let equal = inferred
        .iter()
        .any(|f| f.code == FindingCode::ConstantColumn && f.column.as_deref().is_some_and(used));
    let mut findings: Vec<_> =
        inferred.into_iter().filter(|f| f.column.as_deref().is_none_or(used)).collect();
    let looked_at = table.select(|f| used(&f.name));
    findings.extend(review.findings);
    findings.extend(ruska_data::inspect(&looked_at, &meanings, None));
    let all: Vec<u32> = (0..table.rows() as u32).collect();
    let weigh = |name| weights(table, &all, ("--weight column", name));
    let given = options.weight.as_deref().map(weigh).transpose()?;
    let target = if equal && x.fields().is_empty() {
        grouping(vec![0.0; x.rows()], 1, options)
    } else {
        judged_by(catalog, &x, options)?
    };
    let target = Target::Groups(target);
    let mut task = Task::new(x, target)?;
    if let Some(given) = given {
        task.clone().with_weights(given.clone())?;
        task = task.with_weights(mean_one(given))?;
    }
    Ok(Prepared {
        task,
        rows: vec![],
        holdout: None,
        features: features(&schema),
        schema,
        target_notation: None,
        roles: options
            .weight
            .iter()
            .map(|c| ("weight".to_owned(), c.clone()))
            .collect::<BTreeMap<_, _>>(),
        findings: ruska_data::condense(findings),
        series: None,
    })
}

/// Refuses options that only a target gives a sense.
fn refuse(options: &Options) -> Result<(), Error> {
    let given = [
        ("--target", !options.target.is_empty()),
        ("--holdout", options.holdout.is_some()),
        ("--test", options.test.is_some()),
        ("--group", options.group.is_some()),
        ("--time-column", options.time_column.is_some()),
        ("--exposure", options.exposure.is_some()),
        ("--positive", options.positive.is_some()),
        ("--drop-leaks", options.drop_leaks),
        ("--until-flat", options.until_flat),
        ("--prefer", options.prefer != Prefer::Accuracy),
    ];
    if let Some((option, _)) = options.of_series().iter().find(|(_, given)| *given) {
        let what = format!("{option} has a sense with --task forecasting alone");
        return Err(Error::Options(what));
    }
    for (option, number) in options.of_groups() {
        if number == Some(0) {
            return Err(Error::Options(format!("{option} 0: expected at least 1")));
        }
    }
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Error::Options(format!(
            "{option} has no sense with --task clustering, where no column is to be told"
        ))),
    }
}

/// The rows as points that groups are judged by.
fn judged_by(catalog: &Catalog, x: &Frame, options: &Options) -> Result<Grouping, Error> {
    let none = || Error::Options("no column is left that tells rows apart".to_owned());
    let unknown = Target::Groups(grouping(vec![0.0; x.rows()], 1, options));
    let unknown = Task::new(x.clone(), unknown)?;
    let by_distance = |tasks: &[TaskKind], geometry| {
        tasks.contains(&TaskKind::Clustering) && geometry == Geometry::Metric
    };
    let mut learners = catalog.learners.iter().map(|l| l.info());
    let any = learners.find(|i| by_distance(i.tasks, i.geometry)).ok_or_else(none)?;
    let rows: Vec<u32> = (0..x.rows() as u32).collect();
    let ctx = RunContext::new(options.seed, &NeverStop);
    let mut prepared = unknown.x.clone();
    for spec in robustify(catalog, any, &unknown.meta()) {
        let Some(step) = catalog.step(&spec.step) else { continue };
        let input = StepInput {
            x: &prepared,
            rows: &rows,
            y: &unknown.target,
            weights: None,
            sparse: false,
        };
        let fitted = step.fit_transform(&spec.params, input, &ctx);
        prepared = fitted.map_err(|e| Error::Options(e.to_string()))?.1;
    }
    let columns: Vec<&[f64]> = prepared.fields().iter().filter_map(|f| f.floats()).collect();
    if columns.is_empty() {
        return Err(none());
    }
    Ok(grouping(points(&columns, x.rows()), columns.len().min(MOST_DIMS), options))
}

/// Points of so many numbers, and how many groups of them are asked for.
fn grouping(values: Vec<f64>, dims: usize, options: &Options) -> Grouping {
    Grouping {
        values: Arc::new(values),
        dims,
        clusters: options.clusters,
        min_cluster_size: options.min_cluster_size,
    }
}

/// Columns as points, projected where there are many.
fn points(columns: &[&[f64]], rows: usize) -> Vec<f64> {
    let dims = columns.len().min(MOST_DIMS);
    let mut values = vec![0.0; rows * dims];
    let unit = 1.0 / (dims as f64).sqrt();
    for (j, column) in columns.iter().enumerate() {
        let part = |d: usize| match columns.len() > MOST_DIMS {
            false => f64::from(u8::from(d == j)),
            true if hash::combine(&[j as u64, d as u64]) & 1 == 0 => unit,
            true => -unit,
        };
        let parts: Vec<(usize, f64)> =
            (0..dims).map(|d| (d, part(d))).filter(|(_, part)| *part != 0.0).collect();
        for (row, v) in column.iter().enumerate() {
            for (d, part) in &parts {
                values[row * dims + d] += part * v;
            }
        }
    }
    values
}
