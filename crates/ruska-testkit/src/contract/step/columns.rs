//! Columns as they come: empty, constant, unseen, gone, sparse, of wild scales and names.

use super::{StepCase, hostile, map};
use crate::contract::compare::{rows_flat, same_frames};
use crate::contract::{Outcome, ensure, must};
use crate::tasks::{
    halves, rows_of_class, with_awkward_columns, with_features, with_huge_scales, with_odd_names,
};
use ruska_core::{Column, Field, Frame, Kind, Params, Sparse};
use std::sync::Arc;

pub(in crate::contract) fn awkward_columns(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let task = with_awkward_columns(task);
            case.works("awkward columns", &task, &halves(task.rows()).0).map(|_| ())
        },
    )
}

pub(in crate::contract) fn missing_anywhere(case: &StepCase) -> Outcome {
    case.each(
        |r| r.missing(0.0),
        |task| {
            let fitted = case.fit_half(task)?;
            for field in task.x.fields() {
                let what = format!("`{}` missing", field.name);
                let x = map(&task.x, |f| {
                    if f.name == field.name {
                        crate::tasks::emptied(&f.column)
                    } else {
                        f.column.clone()
                    }
                });
                fitted.transform(&what, &x)?;
            }
            Ok(())
        },
    )
}

/// No step turns an unseen level into a NaN, an infinity or an error.
pub(in crate::contract) fn unseen_levels(case: &StepCase) -> Outcome {
    case.each(
        |r| r.missing(0.0),
        |task| {
            let fitted = case.fit_half(task)?;
            for (what, x) in hostile(&task.x).into_iter().skip(1) {
                let out = fitted.transform(what, &x)?;
                let wild = infinite(&out);
                ensure!(wild.is_none(), "{what}: column {wild:?} holds an infinity");
            }
            Ok(())
        },
    )
}

fn infinite(x: &Frame) -> Option<String> {
    let wild = |f: &&Field| f.floats().is_some_and(|v| v.iter().any(|v| v.is_infinite()));
    x.fields().iter().find(wild).map(|f| f.name.to_string())
}

/// Without a column, or with one of another type, a step refuses or does without; with another
/// order or more columns it gives the same values.
pub(in crate::contract) fn other_columns_are_refused_or_harmless(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let fitted = case.fit_half(task)?;
            let expected = fitted.transform("as it is", &task.x)?;
            for field in task.x.fields() {
                let without = task.x.select(|f| f.name != field.name);
                let what = format!("without `{}`", field.name);
                let _ = fitted.try_transform(&what, &without)?;
                let other = |f: &Field| {
                    let words = || Column::from_strings((0..task.rows()).map(|_| Some("word")));
                    let numbers = || Column::float(vec![1.0; task.rows()]);
                    let (kind, column) = match f.kind {
                        Kind::Numeric | Kind::Boolean => (Kind::Categorical, words()),
                        _ => (Kind::Numeric, numbers()),
                    };
                    vec![if f.name == field.name {
                        Field { kind, column, ..f.clone() }
                    } else {
                        f.clone()
                    }]
                };
                let retyped = task.x.try_map(|f| Ok::<_, ruska_core::TaskError>(other(f)));
                let retyped = retyped.map_err(|e| e.to_string())?;
                let what = format!("`{}` of another type", field.name);
                let _ = fitted.try_transform(&what, &retyped)?;
            }
            let mut fields = task.x.fields().to_vec();
            fields.reverse();
            let reversed = Frame::with_rows(fields, task.rows()).map_err(|e| e.to_string())?;
            let out = fitted.transform("reversed columns", &reversed)?;
            let sorted = |x: &Frame| {
                let mut fields = x.fields().to_vec();
                fields.sort_by(|a, b| a.name.cmp(&b.name));
                Frame::with_rows(fields, x.rows()).map_err(|e| e.to_string())
            };
            same_frames("reversed columns", &sorted(&out)?, &sorted(&expected)?)
        },
    )
}

pub(in crate::contract) fn few_rows_and_columns(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            case.works("one row", task, &[3])?;
            case.works("two rows", task, &[2, 7])?;
            case.works("one class", task, &rows_of_class(task, |c| c == 0))?;
            case.works("an absent class", task, &rows_of_class(task, |c| c != 1))?;
            let (rows, _) = halves(task.rows());
            case.works("no column", &with_features(task, vec![]), &rows)?;
            for field in task.x.fields() {
                let one = with_features(task, vec![field.clone()]);
                case.works(&format!("`{}` alone", field.name), &one, &rows)?;
            }
            Ok(())
        },
    )
}

pub(in crate::contract) fn huge_scales(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let task = with_huge_scales(task);
            let fitted = case.works("huge scales", &task, &halves(task.rows()).0)?;
            let wild = infinite(&fitted.frame);
            ensure!(wild.is_none(), "column {wild:?} holds an infinity");
            Ok(())
        },
    )
}

/// Infinite values in training or in prediction only are refused or dealt with.
pub(in crate::contract) fn infinities(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let wild = map(&task.x, |field| match field.floats() {
                Some(v) => {
                    let cycle = [f64::INFINITY, 1.0, f64::NEG_INFINITY, 2.0, 3.0];
                    Column::float((0..v.len()).map(|i| cycle[i % 5]).collect())
                }
                None => field.column.clone(),
            });
            let (rows, _) = halves(task.rows());
            let trained = with_features(task, wild.fields().to_vec());
            let fit = || case.try_fit(&trained, &rows, &Params::new(), false);
            if let Ok(fitted) = crate::contract::calm("infinity in training", fit)? {
                let _ = fitted.try_transform("infinity in training", &wild)?;
            }
            let _ = case.fit_half(task)?.try_transform("infinity in prediction", &wild)?;
            Ok(())
        },
    )
}

pub(in crate::contract) fn odd_names(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let task = with_odd_names(task);
            case.works("odd names", &task, &halves(task.rows()).0).map(|_| ())
        },
    )
}

/// A block that an earlier step made: a word in every third row.
fn block(rows: usize) -> Field {
    let sparse = Sparse {
        width: 2,
        offsets: (0..=rows).map(|r| r.div_ceil(3)).collect(),
        indices: vec![1; rows.div_ceil(3)],
        values: vec![1.0; rows.div_ceil(3)],
    };
    Field::new("an earlier block", Kind::Numeric, Column::Sparse(Arc::new(sparse)))
}

/// The column that is a block with more than its declared columns, or not in order, or not finite.
fn ill_formed(x: &Frame) -> Option<String> {
    let bad = |f: &&Field| match &f.column {
        Column::Sparse(block) => (0..block.rows()).any(|r| {
            let (indices, values) = block.row(r);
            let ascending = indices.windows(2).all(|w| w[0] < w[1]);
            let inside = indices.last().is_none_or(|&i| (i as usize) < block.width);
            !ascending || !inside || values.iter().any(|v| !v.is_finite())
        }),
        _ => false,
    };
    x.fields().iter().find(bad).map(|f| f.name.to_string())
}

/// Blocks are made for learners that take them only; one as wide as the columns made otherwise
/// holds the same; blocks of earlier steps pass through.
pub(in crate::contract) fn sparse_blocks(case: &StepCase) -> Outcome {
    case.each(
        |r| r,
        |task| {
            let (rows, test) = halves(task.rows());
            let fit = |sparse| must("fit", || case.try_fit(task, &rows, &Params::new(), sparse));
            let (sparse, dense) = (fit(true)?, fit(false)?);
            let is_block = |f: &&Field| matches!(f.column, Column::Sparse(_));
            let unasked = dense.frame.fields().iter().find(is_block).map(|f| f.name.to_string());
            ensure!(unasked.is_none(), "{unasked:?} is sparse although no block was asked for");
            let bad = ill_formed(&sparse.frame);
            ensure!(bad.is_none(), "the block {bad:?} is not in order, in range and finite");
            let later = sparse.transform("with blocks", &task.x)?;
            same_frames("rows not trained on", &sparse.frame.take(&test), &later.take(&test))?;
            if sparse.frame.width() == dense.frame.width() {
                let (a, b) = (rows_flat(&sparse.frame), rows_flat(&dense.frame));
                let near = |(a, b): (&f64, &f64)| a.is_nan() && b.is_nan() || (a - b).abs() < 1e-12;
                let same = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).all(near);
                let row = a.iter().zip(&b).position(|pair| !same(pair));
                ensure!(row.is_none(), "row {row:?} differs between sparse and dense");
            }

            let fields = task.x.fields().iter().cloned().chain([block(task.rows())]).collect();
            let given = with_features(task, fields);
            let fit = || case.try_fit(&given, &rows, &Params::new(), true);
            let fitted = must("fit with a block", fit)?;
            fitted.transform("with a block", &given.x)?;
            Ok(())
        },
    )
}
