//! A learner learns: it fits every kind of data it declares, and better than a constant does.

use super::{Fitted, LearnerCase};
use crate::contract::compare::{close, well_formed};
use crate::contract::{Outcome, calm, ensure, must};
use crate::tasks::halves;
use ruska_core::{
    Column, Field, Frame, Kind, NeverStop, Params, Predictions, Rng, RunContext, Sparse, Target,
    Task, Train,
};
use std::sync::Arc;

pub(in crate::contract) fn defaults_fit(case: &LearnerCase) -> Outcome {
    case.each(|r| r, |task| case.fits("numbers", task, &halves(task.rows()).0))
}

pub(in crate::contract) fn mixed_columns_fit(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.mixed().weighted(),
        |task| case.fits("every kind of column", task, &halves(task.rows()).0),
    )
}

/// Mean squared error; for classes, of the probabilities against the one that is true (Brier).
fn squared_error(task: &Task, rows: &[u32], p: &Predictions) -> f64 {
    let error = |&r: &u32| match &task.target {
        Target::Values(y) => (p.row(r as usize)[0] - y[r as usize]).powi(2),
        Target::Classes { codes, .. } => {
            let truth = |k: usize| f64::from(u8::from(codes[r as usize] as usize == k));
            let row = p.row(r as usize).iter().enumerate();
            row.map(|(k, p)| (p - truth(k)).powi(2)).sum()
        }
        Target::Groups(_) | Target::Series(_) => 0.0,
    };
    rows.iter().map(error).sum::<f64>() / rows.len() as f64
}

/// The training mean or class shares as the prediction of every row.
fn constant(task: &Task, rows: &[u32]) -> Predictions {
    let mut sums = vec![0.0; task.target.width()];
    for &r in rows {
        match &task.target {
            Target::Values(y) => sums[0] += y[r as usize],
            Target::Classes { codes, .. } => sums[codes[r as usize] as usize] += 1.0,
            Target::Groups(_) | Target::Series(_) => {}
        }
    }
    sums.iter_mut().for_each(|s| *s /= rows.len() as f64);
    Predictions::new(sums.len(), sums.repeat(task.rows()))
}

pub(in crate::contract) fn beats_the_constant(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.rows(450),
        |task| {
            let (train, test) = halves(task.rows());
            let fitted = case.fit(task, &train)?;
            let p = must("predict", || fitted.pipeline.predict(&task.x))?;
            if let Target::Groups(_) = &task.target {
                return finds_groups(case, &p, &test);
            }
            let error = squared_error(task, &test, &p);
            let base = squared_error(task, &test, &constant(task, &train));
            if case.learner.info().complexity == 0 {
                let near = (error - base).abs() <= 0.02 * base;
                ensure!(near, "a learner of complexity 0 has error {error}, the constant {base}");
            } else {
                ensure!(error < 0.8 * base, "its error is {error}, that of the constant {base}");
            }
            Ok(())
        },
    )
}

/// Nine in ten pairs of tested rows are together exactly where they are of one of the three groups, which
/// stand one after the other; a learner of complexity 0 puts all together.
fn finds_groups(case: &LearnerCase, p: &Predictions, rows: &[u32]) -> Outcome {
    let groups = p.groups();
    let group = |r: u32| groups[r as usize];
    if case.learner.info().complexity == 0 {
        let one = rows.iter().all(|r| group(*r) == 0);
        ensure!(one, "a learner of complexity 0 finds several groups");
        return Ok(());
    }
    let told: Vec<i32> = rows.iter().map(|&r| group(r)).collect();
    let truth: Vec<i32> = rows.iter().map(|&r| (3 * r as usize / groups.len()) as i32).collect();
    let wrong = otherwise(&told, &truth);
    ensure!(wrong < 0.1, "{wrong} of all pairs are put together, or apart, wrongly");
    Ok(())
}

/// The share of pairs of rows that one partition puts together and the other does not.
fn otherwise(one: &[i32], other: &[i32]) -> f64 {
    let mut differ = 0;
    for i in 0..one.len() {
        let together = |labels: &[i32], j: usize| labels[i] == labels[j];
        differ += (0..i).filter(|&j| together(one, j) != together(other, j)).count();
    }
    differ as f64 / (one.len() * one.len().saturating_sub(1) / 2).max(1) as f64
}

/// Groups found from the same rows in another order are the same: at most one in a hundred pairs of rows
/// may be put together otherwise.
pub(in crate::contract) fn order_of_training_rows_makes_no_other_groups(
    case: &LearnerCase,
) -> Outcome {
    case.each(
        |r| r.rows(450),
        |task| {
            let Target::Groups(_) = &task.target else { return Ok(()) };
            let all: Vec<u32> = (0..task.rows() as u32).collect();
            let mut order = all.clone();
            Rng::new(7).shuffle(&mut order);
            let (one, other) = (case.fit(task, &all)?, case.fit(&task.take(&order), &all)?);
            let groups = |fitted: &Fitted| {
                must("predict", || fitted.pipeline.predict(&task.x)).map(|p| p.groups())
            };
            let differ = otherwise(&groups(&one)?, &groups(&other)?);
            ensure!(differ <= 0.01, "{differ} of all pairs are put together in one order alone");
            Ok(())
        },
    )
}

/// A clusterer that finds several groups tells which share of the rows of its fit it puts where the fit put
/// them: nearly all where groups are far apart.
pub(in crate::contract) fn rows_of_the_fit_are_found_where_they_were(
    case: &LearnerCase,
) -> Outcome {
    case.each(
        |r| r.rows(450).levels(&[3]),
        |task| {
            let Target::Groups(_) = &task.target else { return Ok(()) };
            if case.learner.info().complexity == 0 {
                return Ok(());
            }
            let fitted = case.fit(task, &halves(task.rows()).0)?;
            let told = fitted.pipeline.model.told();
            let share = told.iter().find(|(id, _)| *id == "refound").map(|(_, share)| *share);
            let most = share.is_some_and(|share| (0.98..=1.0).contains(&share));
            ensure!(most, "the share of rows found where they were is {share:?}");
            Ok(())
        },
    )
}

/// Rows of two kinds make two groups at most, however many are asked for, and equal rows are together;
/// two exactly where a number is asked for.
pub(in crate::contract) fn there_are_no_more_groups_than_distinct_rows(
    case: &LearnerCase,
) -> Outcome {
    case.each(
        |r| r.rows(90),
        |task| {
            let Target::Groups(_) = &task.target else { return Ok(()) };
            let last = task.rows() as u32 - 1;
            let rows: Vec<u32> = (0..40).map(|i| if i % 2 == 0 { 0 } else { last }).collect();
            let (task, all) = (task.take(&rows), (0..40).collect::<Vec<u32>>());
            let space = case.learner.space(&task.meta());
            let counts = space.dimensions.iter().any(|d| d.name == "clusters");
            let number = counts.then(|| ("clusters".to_owned(), 5.into()));
            let params: Params = number.into_iter().collect();
            let ctx = RunContext::new(7, &NeverStop);
            let fitted = must("fit", || case.fit_on(&task, &all, &params, &ctx))?;
            let groups = must("predict", || fitted.pipeline.predict(&task.x))?.groups();
            let together = groups.iter().enumerate().all(|(i, group)| *group == groups[i % 2]);
            ensure!(together, "equal rows are in several groups: {groups:?}");
            let two = groups[0] != groups[1];
            ensure!(two || !counts, "asked for five groups of two kinds, it finds one");
            Ok(())
        },
    )
}

/// Counts of words, most of them zero, as a sparse block and as dense columns.
fn counts(rows: usize) -> (Field, Vec<Field>) {
    let (width, mut rng) = (6, Rng::new(17));
    let mut sparse = Sparse { width, offsets: vec![0], indices: vec![], values: vec![] };
    let mut dense = vec![vec![0.0; rows]; width];
    for row in 0..rows {
        for (j, column) in dense.iter_mut().enumerate() {
            if rng.below(4) == 0 {
                column[row] = 0.5 + rng.unit();
                sparse.indices.push(j as u32);
                sparse.values.push(column[row]);
            }
        }
        sparse.offsets.push(sparse.indices.len());
    }
    let block = Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(sparse)));
    let name = |j| format!("words {j}");
    let dense = dense.into_iter().enumerate();
    let dense = dense.map(|(j, v)| Field::new(name(j), Kind::Numeric, Column::float(v))).collect();
    (block, dense)
}

/// A learner that declares sparse blocks predicts from one as from its dense columns; another may
/// refuse it, but not panic.
pub(in crate::contract) fn sparse_blocks_equal_dense_columns(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (rows, _) = halves(task.rows());
            let (block, columns) = counts(task.rows());
            let frame = |extra: Vec<Field>| -> Result<Frame, String> {
                let fields = task.x.fields().iter().cloned().chain(extra).collect();
                Frame::new(fields).map_err(|e| e.to_string())
            };
            let all: Vec<u32> = (0..task.rows() as u32).collect();
            let ctx = RunContext::new(7, &NeverStop);
            let fit_predict = |x: &Frame| {
                let train = Train { x, rows: &rows, y: &task.target, weights: None };
                let model = case.learner.fit(&case.exact, train, &ctx)?;
                Ok::<_, ruska_core::FitError>(model.predict(x, &all)?)
            };
            let sparse = frame(vec![block])?;
            let from_sparse = calm("a fit of a sparse block", || fit_predict(&sparse))?;
            if !case.learner.info().sparse {
                return from_sparse.map_or(Ok(()), |p| well_formed("sparse", &p, task, all.len()));
            }
            let from_sparse = from_sparse.map_err(|e| format!("a sparse block: {e}"))?;
            let dense = frame(columns)?;
            let from_dense = must("a fit of dense columns", || fit_predict(&dense))?;
            well_formed("sparse", &from_sparse, task, all.len())?;
            close("from sparse and from dense", &from_sparse, &from_dense, 1e-6)
        },
    )
}
