//! How candidates are evaluated: which splitter and how many folds.

use crate::SearchError;
use ruska_core::{
    Catalog, Fold, SplitError, SplitInput, SplitParams, Target, Task, Timelines, hash,
};

/// A chosen split and its folds.
#[derive(Clone, Debug)]
pub struct SplitPlan {
    /// Id of the splitter.
    pub splitter: String,
    /// Its parameters.
    pub params: SplitParams,
    /// The folds.
    pub folds: Vec<Fold>,
    /// Hash of the folds, hexadecimal.
    pub fingerprint: String,
}

/// Rows that judge well where one part is kept aside.
const TESTED: f64 = 4000.0;
/// Seconds assumed where there is a trial budget only.
const USUAL_SECONDS: f64 = 60.0;

/// What trials may take, and what the first of them will.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Seconds of the run; `None` under a trial budget alone.
    pub seconds: Option<f64>,
    /// Declared work of one fit of each of the first candidates, all together.
    pub opening: f64,
}

impl Budget {
    /// Folds for a table: five where the first candidates are quick, three where they are slow, one
    /// part kept aside where three folds of them would take too much of the time. Depends on declared
    /// work and the budget given, never on the clock.
    fn folds(self) -> usize {
        let allowed = self.seconds.unwrap_or(USUAL_SECONDS) * 1e9;
        // k folds of (k − 1)/k of the rows cost as much as k − 1 fits on all rows.
        [5, 3].into_iter().find(|k| f64::from(k - 1) * self.opening <= allowed).unwrap_or(1)
            as usize
    }
}

/// Folds where groups are found: all rows, and parts that tell how stable the groups are.
const ALL_AND_PARTS: usize = 3;
/// Folds where it is told what comes next: fewest and most origins from which it is told.
const ORIGINS: (usize, usize) = (3, 6);
/// Forecasts of a series from an origin that a choice should rest on.
const FORECASTS: usize = 40;

/// Origins that suit a panel: more where there are few series, as long as half of their values stay to learn
/// from.
fn origins(panel: &Timelines) -> usize {
    let (fewest, most) = ORIGINS;
    let usual = panel.rows() / panel.series().max(1);
    let room = usual / (2 * panel.horizon.max(1));
    (FORECASTS / panel.series().max(1)).min(room).clamp(fewest, most)
}

/// Rows of the rarer of two classes.
fn rarest(codes: &[u32]) -> usize {
    let ones = codes.iter().filter(|c| **c == 1).count();
    ones.min(codes.len() - ones)
}

/// Chooses the split from the task's roles: groups stay whole, times stay in order, classes are
/// spread evenly. `folds` overrides the number chosen from the budget.
///
/// Fails when there are too few rows, groups or times.
pub fn plan_split(
    catalog: &Catalog,
    task: &Task,
    folds: Option<usize>,
    budget: Budget,
    seed: u64,
) -> Result<SplitPlan, SearchError> {
    let classes = match &task.target {
        Target::Classes { codes, .. } => Some(codes.as_slice()),
        Target::Values(_) | Target::Groups(_) | Target::Series(_) => None,
    };
    let groups = matches!(task.target, Target::Groups(_));
    let panel = match &task.target {
        Target::Series(panel) => Some(panel),
        _ => None,
    };
    let wanted = folds.unwrap_or_else(|| {
        let by_size = budget.folds();
        // With two classes every fold should have rows of both.
        let most = classes.filter(|_| task.target.n_classes() == 2).map_or(usize::MAX, rarest);
        match panel {
            Some(panel) => origins(panel),
            None if groups => ALL_AND_PARTS,
            None => by_size.min(most.max(2)),
        }
    });
    let splitter = match (&task.groups, &task.times, classes) {
        _ if groups => "halves",
        _ if panel.is_some() => "rolling_origin",
        _ if wanted == 1 => "holdout",
        (Some(_), _, _) => "grouped",
        (None, Some(_), _) => "time_ordered",
        (None, None, Some(_)) => "stratified",
        (None, None, None) => "k_fold",
    };
    let input = SplitInput {
        rows: task.rows(),
        classes,
        groups: task.groups.as_ref().map(|g| g.as_slice()),
        times: task.times.as_ref().map(|t| t.as_slice()),
        panel,
    };
    let found = catalog
        .splitter(splitter)
        .ok_or(SplitError::Params("the catalog has no splitter for these roles"))?;
    let test_share = (TESTED / task.rows() as f64).clamp(0.1, 0.2);
    let mut params = SplitParams { folds: wanted, test_share, seed, ..SplitParams::default() };
    let fewest = if panel.is_some() { 1 } else { 2 };
    let made = loop {
        match found.split(input, &params) {
            // Fewer folds serve small tables, unless the user asked for a number.
            Err(SplitError::TooFew { .. }) if folds.is_none() && params.folds > fewest => {
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
        if groups {
            h = fold.train.iter().fold(h, |h, row| hash::combine(&[h, u64::from(*row)]));
        }
    }
    Ok(SplitPlan {
        splitter: splitter.to_owned(),
        params,
        folds: made,
        fingerprint: format!("{h:016x}"),
    })
}
