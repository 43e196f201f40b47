//! Checks of splitters.

use super::{Outcome, calm, described, ensure, must};
use ruska_core::{
    Catalog, Covariates, Fold, Rng, SplitError, SplitInput, SplitParams, Splitter, Timelines,
};
use std::sync::Arc;

/// What a splitter respects where it is given nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Classes are spread evenly.
    Classes,
    /// Groups are not divided.
    Groups,
    /// Earlier rows train, later ones test.
    Times,
}

/// A splitter under contract.
pub struct SplitterCase {
    /// The splitter.
    pub splitter: Arc<dyn Splitter>,
    /// What it respects.
    pub respects: &'static [Role],
}

/// Rows with every role.
struct Rows {
    classes: Vec<u32>,
    groups: Vec<u32>,
    times: Vec<i64>,
    panel: Timelines,
}

impl Rows {
    /// Three classes of unequal size, groups of 1 to 4 rows, times with ties in random order; two series
    /// where rows are told to be series.
    fn new(rows: usize) -> Self {
        let mut rng = Rng::new(9);
        let mut times: Vec<i64> = (0..rows as i64).map(|r| r / 3 * 1000).collect();
        rng.shuffle(&mut times);
        Self {
            classes: (0..rows).map(|_| [0, 0, 0, 1, 1, 2][rng.below(6)]).collect(),
            groups: (0..rows).map(|_| rng.below(rows.div_ceil(2)) as u32).collect(),
            times,
            panel: series(rows),
        }
    }

    fn with(&self, roles: &[Role]) -> SplitInput<'_> {
        SplitInput {
            rows: self.times.len(),
            classes: roles.contains(&Role::Classes).then_some(&self.classes),
            groups: roles.contains(&Role::Groups).then_some(&self.groups),
            times: roles.contains(&Role::Times).then_some(&self.times),
            panel: Some(&self.panel),
        }
    }
}

/// Two series, one of them of a third of the rows; one series of fewer than three rows.
fn series(rows: usize) -> Timelines {
    let mut offsets = vec![0, rows / 3, rows];
    offsets.dedup();
    Timelines {
        values: Arc::new((0..rows).map(|r| r as f64).collect()),
        starts: Arc::new(vec![5; offsets.len() - 1]),
        offsets: Arc::new(offsets),
        seasons: vec![],
        season: 1,
        horizon: 2,
        covariates: Covariates::default(),
    }
}

const ROLES: [&[Role]; 5] = [
    &[],
    &[Role::Classes],
    &[Role::Groups],
    &[Role::Times],
    &[Role::Classes, Role::Groups, Role::Times],
];

impl SplitterCase {
    /// The case of a splitter of a catalog.
    ///
    /// Panics when the catalog has no such splitter.
    pub fn new(catalog: &Catalog, id: &str, respects: &'static [Role]) -> Self {
        let splitter = catalog.splitter(id).expect("the catalog has the splitter").clone();
        Self { splitter, respects }
    }

    /// Splits; a role that is needed and not there is no failure.
    fn split(
        &self,
        input: SplitInput<'_>,
        params: &SplitParams,
    ) -> Result<Option<Vec<Fold>>, String> {
        match calm("split", || self.splitter.split(input, params))? {
            Ok(folds) => Ok(Some(folds)),
            Err(SplitError::NeedsRole(_)) => Ok(None),
            Err(e) => Err(format!("split failed: {e}")),
        }
    }

    /// Runs a check on the folds of several sizes, roles and parameters.
    fn each(&self, check: impl Fn(usize, &SplitParams, &[Fold]) -> Outcome) -> Outcome {
        let mut checked = 0;
        for rows in [40, 97] {
            let data = Rows::new(rows);
            for params in [
                SplitParams::default(),
                SplitParams { folds: 3, repeats: 2, test_share: 0.4, seed: 5 },
                SplitParams { folds: 2, repeats: 1, test_share: 0.01, seed: 6 },
            ] {
                for roles in ROLES {
                    if let Some(folds) = self.split(data.with(roles), &params)? {
                        check(rows, &params, &folds)
                            .map_err(|why| format!("{rows} rows, {params:?}, {roles:?}: {why}"))?;
                        checked += 1;
                    }
                }
            }
        }
        ensure!(checked > 0, "it splits nothing whatever it is given");
        Ok(())
    }

    /// Runs a check on the folds where only one role is given, if the splitter respects it.
    fn respecting(
        &self,
        role: Role,
        check: impl Fn(&Rows, &SplitParams, &[Fold]) -> Outcome,
    ) -> Outcome {
        if !self.respects.contains(&role) {
            return Ok(());
        }
        let data = Rows::new(97);
        for params in
            [SplitParams::default(), SplitParams { folds: 3, repeats: 2, test_share: 0.4, seed: 5 }]
        {
            let folds = must("split", || self.splitter.split(data.with(&[role]), &params))?;
            check(&data, &params, &folds).map_err(|why| format!("{params:?}: {why}"))?;
        }
        Ok(())
    }
}

/// Rows in range, ascending, disjoint where that is not declared otherwise, and some on each side.
fn sound(case: &SplitterCase, rows: usize, folds: &[Fold]) -> Outcome {
    ensure!(!folds.is_empty(), "there is no fold");
    for (i, fold) in folds.iter().enumerate() {
        for (side, list) in [("train", &fold.train), ("test", &fold.test)] {
            ensure!(!list.is_empty(), "fold {i} has no row to {side}");
            let ascending = list.windows(2).all(|w| w[0] < w[1]);
            ensure!(ascending, "the {side} rows of fold {i} are not ascending and distinct");
            let known = list.iter().all(|&r| (r as usize) < rows);
            ensure!(known, "fold {i} has a {side} row that does not exist");
        }
        if case.splitter.info().tests_trained {
            continue;
        }
        let both = fold.test.iter().find(|r| fold.train.binary_search(r).is_ok());
        ensure!(both.is_none(), "row {both:?} trains and tests in fold {i}");
    }
    Ok(())
}

pub(super) fn facts_are_declared(case: &SplitterCase) -> Outcome {
    let info = case.splitter.info();
    described(info.id, info.summary, "none is declared")
}

pub(super) fn training_and_test_rows_are_disjoint(case: &SplitterCase) -> Outcome {
    case.each(|rows, _, folds| sound(case, rows, folds))
}

/// Where declared, every row is tested once per repeat and trains otherwise; a splitter without
/// repeats has one.
pub(super) fn partition_is_as_declared(case: &SplitterCase) -> Outcome {
    if !case.splitter.info().partition {
        return Ok(());
    }
    case.each(|rows, params, folds| {
        let repeats = folds.len() / params.folds;
        let whole = folds.len() == repeats * params.folds && [1, params.repeats].contains(&repeats);
        ensure!(whole, "there are {} folds", folds.len());
        for (i, repeat) in folds.chunks(params.folds).enumerate() {
            let mut tested = vec![0; rows];
            repeat.iter().flat_map(|f| &f.test).for_each(|&r| tested[r as usize] += 1);
            let row = tested.iter().position(|t| *t != 1);
            ensure!(row.is_none(), "row {row:?} is not tested once in repeat {i}");
            let all = repeat.iter().all(|f| f.train.len() + f.test.len() == rows);
            ensure!(all, "a row neither trains nor tests in repeat {i}");
        }
        Ok(())
    })
}

pub(super) fn seed_decides_the_draw(case: &SplitterCase) -> Outcome {
    let data = Rows::new(60);
    for roles in ROLES {
        for seed in 0..3 {
            let params = SplitParams { seed, ..SplitParams::default() };
            let again = || case.split(data.with(roles), &params);
            ensure!(again()? == again()?, "with seed {seed} and {roles:?} folds differ in runs");
        }
    }
    Ok(())
}

/// Each class has its share of test rows, give or take one.
pub(super) fn classes_are_spread_evenly(case: &SplitterCase) -> Outcome {
    let partition = case.splitter.info().partition;
    case.respecting(Role::Classes, |data, params, folds| {
        let share = if partition { 1.0 / params.folds as f64 } else { params.test_share };
        for class in 0..3 {
            let count =
                |rows: &[u32]| rows.iter().filter(|&&r| data.classes[r as usize] == class).count();
            let all = data.classes.iter().filter(|&&c| c == class).count() as f64;
            for (i, fold) in folds.iter().enumerate() {
                let (got, want) = (count(&fold.test) as f64, share * all);
                let even = (got - want).abs() <= 1.0;
                ensure!(even, "fold {i} tests {got} of {all} rows of class {class}, not {want}");
            }
        }
        Ok(())
    })
}

pub(super) fn groups_are_not_divided(case: &SplitterCase) -> Outcome {
    case.respecting(Role::Groups, |data, _, folds| {
        for (i, fold) in folds.iter().enumerate() {
            let group = |r: &u32| data.groups[*r as usize];
            let train: Vec<u32> = fold.train.iter().map(group).collect();
            let row = fold.test.iter().find(|r| train.contains(&group(r)));
            ensure!(row.is_none(), "the group of row {row:?} is on both sides of fold {i}");
        }
        Ok(())
    })
}

pub(super) fn time_order_is_kept(case: &SplitterCase) -> Outcome {
    case.respecting(Role::Times, |data, _, folds| {
        for (i, fold) in folds.iter().enumerate() {
            let time = |r: &u32| data.times[*r as usize];
            let last = fold.train.iter().map(time).max();
            let first = fold.test.iter().map(time).min();
            ensure!(last < first, "fold {i} trains up to {last:?} and tests from {first:?}");
        }
        Ok(())
    })
}

/// A role that a splitter asks for is one that it respects; with it, the split succeeds.
pub(super) fn roles_it_needs_are_asked_for(case: &SplitterCase) -> Outcome {
    let data = Rows::new(40);
    let params = SplitParams::default();
    if let Err(error) = calm("split", || case.splitter.split(data.with(&[]), &params))? {
        let asks = matches!(error, SplitError::NeedsRole(_));
        ensure!(asks, "without roles it fails, but asks for none: {error}");
        must("with what it respects, split", || {
            case.splitter.split(data.with(case.respects), &params)
        })?;
    }
    Ok(())
}

pub(super) fn too_few_rows_are_refused(case: &SplitterCase) -> Outcome {
    for rows in 0..6 {
        let data = Rows {
            classes: vec![0; rows],
            groups: vec![3; rows],
            times: vec![5; rows],
            panel: series(rows),
        };
        let varied = Rows::new(rows.max(1));
        let varied = if rows == 0 { &data } else { &varied };
        for (data, roles) in [&data, varied].into_iter().flat_map(|d| ROLES.map(|r| (d, r))) {
            let what = format!("{rows} rows, {roles:?}");
            let split = || case.splitter.split(data.with(roles), &SplitParams::default());
            let split = calm(&what, split)?;
            // One row can train and be tested only where that is allowed.
            let least = 2 - usize::from(case.splitter.info().tests_trained);
            ensure!(rows >= least || split.is_err(), "{what} are split");
            if let Ok(folds) = split {
                sound(case, rows, &folds).map_err(|why| format!("{what}: {why}"))?;
            }
        }
    }
    Ok(())
}

/// Senseless parameters and roles of another length give an error or, where they do not matter,
/// sound folds.
pub(super) fn senseless_parameters_are_refused(case: &SplitterCase) -> Outcome {
    let data = Rows::new(40);
    let base = SplitParams::default();
    let shares = [0.0, 1.0, -1.0, 2.0, f64::NAN, f64::INFINITY];
    let folds = [0, 1, usize::MAX].map(|folds| SplitParams { folds, ..base });
    let others = shares.map(|test_share| SplitParams { test_share, ..base });
    let params = folds.into_iter().chain(others).chain([SplitParams { repeats: 0, ..base }]);
    for params in params {
        for roles in ROLES {
            let what = format!("{params:?}, {roles:?}");
            let split = || case.splitter.split(data.with(roles), &params);
            if let Ok(folds) = calm(&what, split)? {
                sound(case, 40, &folds).map_err(|why| format!("{what}: {why}"))?;
            }
        }
    }
    for roles in ROLES {
        let short = SplitInput { rows: 41, ..data.with(roles) };
        let what = format!("roles of 40 of 41 rows, {roles:?}");
        if let Ok(folds) = calm(&what, || case.splitter.split(short, &base))? {
            sound(case, 41, &folds).map_err(|why| format!("{what}: {why}"))?;
        }
    }
    Ok(())
}
