//! What changes when a new model replaces an old one, for whoever decides.
//!
//! ```text
//! old, new, table ─▶ both score every row ─▶ changes ─▶ decisions, spread, gains, money
//!                                               └─────▶ drivers: which columns explain the change
//! ```
//!
//! The change of a row is the new prediction less the old one for regression; for two classes that
//! of the probability of the positive class, for more that of the class the old model predicts.
//! A decision changes where the predicted class does, or where a number moves by more than a
//! threshold.
//!
//! ```
//! use ruska::AutoMl;
//! use ruska_ops::diff::{Options, diff};
//! # let rows: String = (0..90).map(|i| format!("{},{}\n", i % 9, if i % 9 > 4 { "yes" } else { "no" })).collect();
//! # let dir = tempfile::tempdir().unwrap();
//! # let path = dir.path().join("t.csv");
//! # std::fs::write(&path, format!("x,y\n{rows}")).unwrap();
//! let table = ruska::read(path.to_str().unwrap())?;
//! let model = |trials| AutoMl::classification("y").trials(trials).fit(&table);
//! let (old, new) = (model(1)?, model(2)?);
//! let done = diff(old.best(), new.best(), &table, &Options::default())?;
//! assert_eq!(done.report.rows, 90);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bins;
mod changes;
mod drivers;
mod metrics;
mod money;
mod report;
mod rows;
mod scored;
mod segment;
mod spread;
mod threshold;

pub use money::{Cost, Profit};
pub use report::{
    Driver, Drivers, Effect, Labels, Learned, Measured, Money, MoneyPart, Quantile, Quantity,
    Relative, Report, Row, RowValue, Said, Segment, Spread, Threshold, ThresholdSource, Transition,
    UsedBy, Values,
};
pub use rows::{check_output, write};

use crate::Error;
use crate::compare;
use changes::Changes;
use ruska::{Frame, Model, TaskKind};
use scored::Scored;

/// Rows with a target below which no interval is told.
const LEAST_ROWS: usize = 20;
/// Intervals are at 1 − this.
const SIGNIFICANCE: f64 = 0.05;

/// What may be asked beyond the models and the table.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// For regression: how far a number must move for its decision to change, in units of the
    /// target and at least 0. Where it is not given, the median size of the old model's
    /// out-of-fold errors.
    pub threshold: Option<f64>,
    /// For two classes: what each outcome of a decision is worth.
    pub profit: Option<Profit>,
    /// For regression: what a unit of error costs.
    pub cost: Option<Cost>,
}

/// Two models compared on a table.
pub struct Diff {
    /// What differs.
    pub report: Report,
    scored: Scored,
    changes: Changes,
}

/// Compares two models on the rows of a table, with or without the target's column.
///
/// Fails when the models predict different things, when the table lacks a column of one of them or
/// has no rows, when a prediction is not finite, and when options do not fit the task.
pub fn diff(old: &Model, new: &Model, table: &Frame, options: &Options) -> Result<Diff, Error> {
    let scored = Scored::of(old, new, table)?;
    check(&scored, old, options)?;
    let threshold = threshold::threshold(old, options.threshold);
    let changes = Changes::of(&scored, threshold.map_or(0.0, |t| t.value));
    let drivers = drivers::drivers(old, new, table, &changes)?;
    let money = money::money(&scored, options);
    let changed = changes.changed.iter().filter(|changed| **changed).count();
    let report = Report {
        task: old.manifest().task,
        target: old.manifest().target.clone(),
        rows: table.rows(),
        changed,
        share: changed as f64 / table.rows() as f64,
        labels: labels(old, new, table, &scored, &changes),
        threshold,
        decisions: changes.transitions(&scored),
        quantity: scored.quantity(),
        spread: spread::spread(&changes.change),
        relative: spread::relative(&scored, &changes.change),
        metrics: metrics::metrics(old, new, &scored),
        money,
        largest: rows::largest(&scored, &changes, table, &drivers),
        drivers,
    };
    Ok(Diff { report, scored, changes })
}

/// What the labels say, where the table has a column of them.
fn labels(
    old: &Model,
    new: &Model,
    table: &Frame,
    scored: &Scored,
    changes: &Changes,
) -> Option<Labels> {
    let shared = &scored.shared;
    let weight = old.manifest().roles.get("weight").filter(|_| shared.weights.is_some());
    let changed = shared.rows.iter().filter(|row| changes.changed[**row as usize]);
    let learned = |model| compare::learned(model, table, shared);
    scored.has_target.then(|| Labels {
        rows: shared.rows.len(),
        missing: shared.missing,
        unknown: shared.unknown,
        changed: changed.count(),
        better: changes.count(Effect::Better),
        worse: changes.count(Effect::Worse),
        weight: weight.cloned(),
        learned: Learned { old: learned(old), new: learned(new) },
    })
}

/// Refuses options that do not fit the task or the labels.
fn check(scored: &Scored, old: &Model, options: &Options) -> Result<(), Error> {
    let refuse = |what: String| Err(Error::Refused(what));
    let (task, target) = (old.manifest().task, &old.manifest().target);
    let classes = scored.shared.classes.len();
    if task == TaskKind::Classification && options.cost.is_some() {
        return refuse(format!("--cost is of numbers, `{target}` is a class; use --profit"));
    }
    if task == TaskKind::Classification && options.threshold.is_some() {
        let why = format!("--threshold is of numbers, `{target}` is a class");
        return refuse(format!("{why}, whose decision changes where the predicted class does"));
    }
    if task == TaskKind::Regression && options.profit.is_some() {
        return refuse(format!("--profit is of classes, `{target}` is a number; use --cost"));
    }
    if options.profit.is_some() && classes != 2 {
        return refuse(format!("--profit is of two classes, `{target}` has {classes}"));
    }
    if options.threshold.is_some_and(|t| !(t.is_finite() && t >= 0.0)) {
        return refuse("--threshold must be a finite number of at least 0".into());
    }
    let money = if options.profit.is_some() { "--profit" } else { "--cost" };
    if (options.profit.is_some() || options.cost.is_some()) && scored.shared.rows.is_empty() {
        return refuse(format!(
            "{money} needs to know what was true, and no row of the table has a value of \
             `{target}` that the models know; what a model expects of its own predictions would \
             be no fair judge between two models"
        ));
    }
    Ok(())
}
