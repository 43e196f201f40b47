//! Data as it comes: constant and empty columns, hardly any rows, absent classes, wild scales.

use super::LearnerCase;
use crate::contract::{Outcome, ensure, must};
use crate::tasks::{
    Recipe, halves, map_features, rows_of_class, with_awkward_columns, with_features,
    with_huge_scales, with_odd_names,
};
use ruska_core::{Column, Field, Params, Target, Task};
use std::sync::Arc;

pub(in crate::contract) fn awkward_columns(case: &LearnerCase) -> Outcome {
    case.each(Recipe::mixed, |task| {
        let task = with_awkward_columns(task);
        case.fits("constant, duplicate and empty columns", &task, &halves(task.rows()).0)
    })
}

pub(in crate::contract) fn one_feature(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.numeric(1),
        |task| {
            let (rows, _) = halves(task.rows());
            case.fits("one feature", task, &rows)?;
            let constant =
                |f: &Field| Field { column: f.column.take(&vec![0; task.rows()]), ..f.clone() };
            case.fits("one constant feature", &map_features(task, constant), &rows)
        },
    )
}

pub(in crate::contract) fn no_feature(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let task = with_features(task, vec![]);
            case.survives("no feature", &task, &halves(task.rows()).0, &Params::new()).map(|_| ())
        },
    )
}

pub(in crate::contract) fn one_and_two_rows(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.rows(10),
        |task| {
            case.fits("one row", task, &[3])?;
            case.fits("two rows", task, &[2, 7])
        },
    )?;
    case.each(|r| r.rows(5).levels(&[3]).missing(0.3), |task| case.fits("two rows", task, &[0, 4]))
}

/// Whether a class is predicted for each row of a frame by a model fitted on some rows.
fn predicted(case: &LearnerCase, task: &Task, rows: &[u32]) -> Result<Vec<usize>, String> {
    case.fits(&format!("{} rows", rows.len()), task, rows)?;
    let fitted = case.fit(task, rows)?;
    let p = must("predict", || fitted.pipeline.predict(&task.x))?;
    Ok((0..p.rows()).map(|r| p.class(r)).collect())
}

pub(in crate::contract) fn one_class(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            if let Target::Groups(_) = &task.target {
                let same =
                    |f: &Field| Field { column: f.column.take(&vec![0; task.rows()]), ..f.clone() };
                return case.fits("equal rows", &map_features(task, same), &halves(task.rows()).0);
            }
            let Target::Classes { classes, .. } = &task.target else {
                let mean = Target::Values(vec![4.0; task.rows()].into());
                let task = Task { target: mean, ..task.clone() };
                return case.fits("a constant target", &task, &halves(task.rows()).0);
            };
            for class in 0..classes.len() {
                let rows = rows_of_class(task, |c| c == class as u32);
                let classes = predicted(case, task, &rows)?;
                let row = classes.iter().position(|c| *c != class);
                ensure!(row.is_none(), "trained on class {class} only, row {row:?} is another");
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn absent_class(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            for absent in 0..task.target.n_classes() {
                let rows = rows_of_class(task, |c| c != absent as u32);
                let classes = predicted(case, task, &rows)?;
                let row = classes.iter().position(|c| *c == absent);
                ensure!(row.is_none(), "class {absent} has no row, and row {row:?} is of it");
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn huge_scales(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r.numeric(4),
        |task| {
            let task = with_huge_scales(task);
            case.fits("scales of 1e12 and 1e-12", &task, &halves(task.rows()).0)
        },
    )
}

/// Targets of any sign: a learner of positive ones refuses the others.
pub(in crate::contract) fn negative_targets(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let Target::Values(y) = &task.target else { return Ok(()) };
            let (rows, _) = halves(task.rows());
            for (what, shift, scale) in
                [("mixed", -30.0, 1.0), ("negative", 0.0, -1.0), ("huge negative", 0.0, -1e12)]
            {
                let y = y.iter().map(|y| (y + shift) * scale).collect();
                let task = Task { target: Target::Values(Arc::new(y)), ..task.clone() };
                case.survives(&format!("{what} targets"), &task, &rows, &Params::new())?;
            }
            Ok(())
        },
    )
}

/// Infinite values in training or in prediction only: an error or an answer.
pub(in crate::contract) fn infinities(case: &LearnerCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (train, test) = halves(task.rows());
            for (what, rows) in
                [("infinity in training", &train), ("infinity in prediction", &test)]
            {
                let task = map_features(task, |field| {
                    let mut values = field.floats().map(<[f64]>::to_vec).unwrap_or_default();
                    for (i, &row) in rows.iter().enumerate().filter(|(i, _)| i % 5 == 0) {
                        values[row as usize] = [f64::INFINITY, f64::NEG_INFINITY][i / 5 % 2];
                    }
                    Field { column: Column::float(values), ..field.clone() }
                });
                case.survives(what, &task, &train, &Params::new())?;
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn odd_names(case: &LearnerCase) -> Outcome {
    case.each(Recipe::mixed, |task| {
        let task = with_odd_names(task);
        case.fits("odd column names", &task, &halves(task.rows()).0)
    })
}
