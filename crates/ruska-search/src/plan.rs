//! How candidates are evaluated: which splitter and how many folds.

use crate::SearchError;
use ruska_core::{Catalog, Fold, SplitError, SplitInput, SplitParams, Target, Task, hash};

/// A chosen split and its folds.
#[derive(Clone, Debug)]
pub struct SplitPlan {
    /// Id of the splitter.
    pub splitter: String,
    /// Its parameters.
    pub params: SplitParams,
    /// Whether every row is tested.
    pub partition: bool,
    /// The folds.
    pub folds: Vec<Fold>,
    /// Hash of the folds, hexadecimal.
    pub fingerprint: String,
}

/// Folds for a number of rows: five up to 30,000 rows, where the score of a fold is still noisy,
/// three above, where fits are slow and folds large.
fn folds_for(rows: usize) -> usize {
    if rows <= 30_000 { 5 } else { 3 }
}

/// Chooses the split from the task's roles: groups stay whole, times stay in order, classes are
/// spread evenly. `folds` overrides the number chosen from the rows.
///
/// Fails when there are too few rows, groups or times.
pub fn plan_split(
    catalog: &Catalog,
    task: &Task,
    folds: Option<usize>,
    seed: u64,
) -> Result<SplitPlan, SearchError> {
    let classes = match &task.target {
        Target::Classes { codes, .. } => Some(codes.as_slice()),
        Target::Values(_) => None,
    };
    let splitter = match (&task.groups, &task.times, classes) {
        (Some(_), _, _) => "grouped",
        (None, Some(_), _) => "time_ordered",
        (None, None, Some(_)) => "stratified",
        (None, None, None) => "k_fold",
    };
    let wanted = folds.unwrap_or_else(|| folds_for(task.rows()));
    let input = SplitInput {
        rows: task.rows(),
        classes,
        groups: task.groups.as_ref().map(|g| g.as_slice()),
        times: task.times.as_ref().map(|t| t.as_slice()),
    };
    let found = catalog
        .splitter(splitter)
        .ok_or(SplitError::Params("the catalog has no splitter for these roles"))?;
    let mut params = SplitParams { folds: wanted, seed, ..SplitParams::default() };
    let made = loop {
        match found.split(input, &params) {
            // Fewer folds serve small tables, unless the user asked for a number.
            Err(SplitError::TooFew { .. }) if folds.is_none() && params.folds > 2 => {
                params.folds -= 1;
            }
            other => break other?,
        }
    };
    let mut h = 0;
    for fold in &made {
        for row in &fold.test {
            h = hash::combine(&[h, u64::from(*row)]);
        }
        h = hash::combine(&[h, fold.train.len() as u64]);
    }
    Ok(SplitPlan {
        splitter: splitter.to_owned(),
        params,
        partition: found.info().partition,
        folds: made,
        fingerprint: format!("{h:016x}"),
    })
}
