//! What two versions of a dataset differ in: columns, their meaning, their distributions.

use super::distance::{BY_CHANCE, Cells, DISTANCE, SHIFT, is_partial, shift};
use super::reference::{DatasetReference, find};
use crate::Error;
use ruska::register::{DatasetColumn, DatasetHead, DatasetState};
use ruska::{Kind, Store, time_text};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// What two versions differ in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DatasetDiff {
    /// The first of the two.
    pub left: DatasetHead,
    /// The second.
    pub right: DatasetHead,
    /// Columns that only the second has, in its order.
    pub added: Vec<NamedColumn>,
    /// Columns that only the first has, in its order.
    pub removed: Vec<NamedColumn>,
    /// How many of the columns that both have differ in meaning, or by more than chance.
    pub changed: usize,
    /// The columns that both have: those of another meaning, then the most changed first.
    pub columns: Vec<ColumnDiff>,
    /// What the numbers are.
    pub definitions: BTreeMap<&'static str, &'static str>,
}

/// A column and its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedColumn {
    /// Its name.
    pub name: String,
    /// What it means.
    pub kind: Kind,
}

/// A column that two versions have.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnDiff {
    /// Its name.
    pub name: String,
    /// Whether its meaning changed, or its distribution by more than chance.
    pub changed: bool,
    /// Jensen–Shannon distance of its distributions, in [0, 1]; `None` where it means something
    /// else, or a version has no rows.
    pub distance: Option<f64>,
    /// The distance that random samples of one table stay below in 999 of 1000 cases.
    pub by_chance: Option<f64>,
    /// Wasserstein distance of numbers in standard deviations of the first version.
    pub shift: Option<f64>,
    /// The column in the first version.
    pub left: Side,
    /// The column in the second.
    pub right: Side,
    /// Levels of more than one row that at most one row had before, most frequent first.
    pub new_levels: Vec<LevelShare>,
    /// Levels of more than one row that at most one row has now, most frequent first.
    pub vanished_levels: Vec<LevelShare>,
}

/// A column in one version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// What it means.
    pub kind: Kind,
    /// Share of rows without a value, in [0, 1].
    pub missing: f64,
    /// Distinct values.
    pub distinct: u64,
    /// Mean of numbers.
    pub mean: Option<f64>,
    /// Standard deviation of numbers, with n − 1.
    pub sd: Option<f64>,
    /// First and last point in time.
    pub times: Option<(String, String)>,
}

/// A level and how much of a version it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LevelShare {
    /// The level.
    pub level: String,
    /// Share of the rows that have it, in (0, 1].
    pub share: f64,
}

/// Compares two versions, the latest of a name that names none. With one reference, a version is
/// compared with the one before it.
///
/// Fails when there is no such dataset or version, and when there is none before.
pub fn diff(
    store: &Store,
    left: &DatasetReference,
    right: Option<&DatasetReference>,
) -> Result<DatasetDiff, Error> {
    let (left_state, _) = find(store, left)?;
    if let Some(right) = right {
        let (right_state, _) = find(store, right)?;
        return Ok(compare((&left.name, &left_state), (&right.name, &right_state)));
    }
    let (name, number) = (&left.name, left_state.version.version);
    if number <= 1 {
        return Err(Error::Refused(format!(
            "there is no version before {name}:{number} to compare it with; name two versions, or \
             add what the file holds now with `ruska dataset add {name} FILE`"
        )));
    }
    let before = DatasetReference { name: name.clone(), version: Some(number - 1) };
    Ok(compare((name, &find(store, &before)?.0), (name, &left_state)))
}

fn compare(left: (&str, &DatasetState), right: (&str, &DatasetState)) -> DatasetDiff {
    let (a, b) = (&left.1.version, &right.1.version);
    let by_name: HashMap<&str, &DatasetColumn> =
        b.columns.iter().map(|c| (c.name.as_str(), c)).collect();
    let known: HashSet<&str> = a.columns.iter().map(|c| c.name.as_str()).collect();
    let named = |c: &DatasetColumn| NamedColumn { name: c.name.clone(), kind: c.kind };
    let added = b.columns.iter().filter(|c| !known.contains(c.name.as_str())).map(named);
    let removed = a.columns.iter().filter(|c| !by_name.contains_key(c.name.as_str())).map(named);
    let rows = (a.rows, b.rows);
    let both = a.columns.iter().filter_map(|c| Some((c, *by_name.get(c.name.as_str())?)));
    let mut columns: Vec<ColumnDiff> = both.map(|(l, r)| column(l, r, rows)).collect();
    let other = |c: &ColumnDiff| c.left.kind != c.right.kind;
    let by = |c: &ColumnDiff| c.distance.unwrap_or(0.0);
    columns.sort_by(|x, y| other(y).cmp(&other(x)).then(by(y).total_cmp(&by(x))));
    DatasetDiff {
        left: left.1.head(left.0),
        right: right.1.head(right.0),
        added: added.collect(),
        removed: removed.collect(),
        changed: columns.iter().filter(|c| c.changed).count(),
        columns,
        definitions: BTreeMap::from([
            ("distance", DISTANCE),
            ("shift", SHIFT),
            ("by_chance", BY_CHANCE),
        ]),
    }
}

fn column(left: &DatasetColumn, right: &DatasetColumn, rows: (u64, u64)) -> ColumnDiff {
    let alike = left.kind == right.kind;
    let cells = Cells::of(left, right, rows);
    let distance = cells.distance().filter(|_| alike);
    let by_chance = distance.map(|_| cells.by_chance());
    let beyond = distance.zip(by_chance).is_some_and(|(distance, chance)| distance > chance);
    let listed = alike && left.quantiles.is_empty() && left.kind != Kind::Boolean;
    let only = |here: &DatasetColumn, there: &DatasetColumn, rows: (u64, u64)| {
        let present = rows.1.saturating_sub(there.missing) as f64;
        if listed && !is_partial(there, present) { absent(here, there, rows.0) } else { vec![] }
    };
    ColumnDiff {
        name: left.name.clone(),
        changed: !alike || beyond,
        distance,
        by_chance,
        shift: shift(left, right).filter(|_| alike),
        left: side(left, rows.0),
        right: side(right, rows.1),
        new_levels: only(right, left, (rows.1, rows.0)),
        vanished_levels: only(left, right, rows),
    }
}

/// The levels listed of a column in a version of so many rows that another does not list.
fn absent(here: &DatasetColumn, there: &DatasetColumn, rows: u64) -> Vec<LevelShare> {
    let listed: HashSet<&str> = there.levels.iter().map(|(level, _)| level.as_str()).collect();
    let new = here.levels.iter().filter(|(level, _)| !listed.contains(level.as_str()));
    new.map(|(level, n)| LevelShare { level: level.clone(), share: *n as f64 / rows.max(1) as f64 })
        .collect()
}

fn side(column: &DatasetColumn, rows: u64) -> Side {
    let time = |at: Option<&f64>| at.map(|ms| time_text(*ms as i64));
    let quantiles = &column.quantiles;
    let times = time(quantiles.first()).zip(time(quantiles.last()));
    Side {
        kind: column.kind,
        missing: column.missing as f64 / rows.max(1) as f64,
        distinct: column.distinct,
        mean: column.mean,
        sd: column.sd,
        times: times.filter(|_| column.kind == Kind::Time),
    }
}
