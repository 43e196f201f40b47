//! Equality bit by bit, with the first difference in words.

use super::{Outcome, ensure};
use ruska_core::{Column, Field, Frame, Predictions, SavedPart, SavedPipeline, Target, Task};
use std::sync::Arc;

/// Predictions have the same bits.
pub(super) fn same_predictions(what: &str, a: &Predictions, b: &Predictions) -> Outcome {
    let shape = |p: &Predictions| (p.rows(), p.width());
    ensure!(shape(a) == shape(b), "{what}: shapes are {:?} and {:?}", shape(a), shape(b));
    for (i, (x, y)) in a.values().iter().zip(b.values()).enumerate() {
        let same = x.to_bits() == y.to_bits();
        ensure!(same, "{what}: row {} is predicted {x:e} and {y:e}", i / a.width());
    }
    Ok(())
}

/// Predictions differ by at most `tolerance` relative to 1 + their size.
pub(super) fn close(what: &str, a: &Predictions, b: &Predictions, tolerance: f64) -> Outcome {
    for (i, (x, y)) in a.values().iter().zip(b.values()).enumerate() {
        let near = (x - y).abs() <= tolerance * (1.0 + y.abs());
        ensure!(near, "{what}: row {} is predicted {x} and {y}", i / a.width());
    }
    Ok(())
}

/// Frames have the same columns: names, kinds, physical types and widths.
pub(super) fn same_layout(what: &str, a: &Frame, b: &Frame) -> Outcome {
    let layout = |x: &Frame| -> Vec<_> {
        let fields = x.fields().iter();
        fields
            .map(|f| (f.name.to_string(), f.kind, physical(&f.column), f.column.width()))
            .collect()
    };
    let (a, b) = (layout(a), layout(b));
    let differs = (0..a.len().max(b.len())).find(|&i| a.get(i) != b.get(i));
    let pair = differs.map(|i| (a.get(i), b.get(i)));
    ensure!(pair.is_none(), "{what}: columns differ: {pair:?}");
    Ok(())
}

fn physical(column: &Column) -> &'static str {
    match column {
        Column::Bool(_) => "bool",
        Column::Int(_) => "int",
        Column::Float(_) => "float",
        Column::Str(_) => "text",
        Column::Time(_) => "time",
        Column::Sparse(_) => "sparse",
    }
}

/// Frames have the same layout and values: numbers bit by bit, text by its words.
pub(super) fn same_frames(what: &str, a: &Frame, b: &Frame) -> Outcome {
    same_layout(what, a, b)?;
    ensure!(a.rows() == b.rows(), "{what}: {} and {} rows", a.rows(), b.rows());
    for (x, y) in a.fields().iter().zip(b.fields()) {
        let row = match (&x.column, &y.column) {
            (Column::Float(x), Column::Float(y)) => {
                let same = |r: &usize| {
                    x[*r].to_bits() == y[*r].to_bits() || x[*r].is_nan() && y[*r].is_nan()
                };
                (0..x.len()).find(|r| !same(r))
            }
            (Column::Str(x), Column::Str(y)) => (0..x.codes.len()).find(|&r| x.get(r) != y.get(r)),
            (x, y) => (x != y).then_some(0),
        };
        let shown = row.map(|r| (r, x.floats().map(|v| v[r]), y.floats().map(|v| v[r])));
        ensure!(row.is_none(), "{what}: column `{}` differs, row and values {shown:?}", x.name);
    }
    Ok(())
}

/// The numbers of each row over all dense and sparse columns, in order of columns.
pub(super) fn rows_flat(x: &Frame) -> Vec<Vec<f64>> {
    let mut rows = vec![vec![]; x.rows()];
    for field in x.fields() {
        for (r, row) in rows.iter_mut().enumerate() {
            match &field.column {
                Column::Float(v) => row.push(v[r]),
                Column::Sparse(v) => {
                    let start = row.len();
                    row.resize(start + v.width, 0.0);
                    let (indices, values) = v.row(r);
                    indices.iter().zip(values).for_each(|(&i, v)| row[start + i as usize] = *v);
                }
                _ => {}
            }
        }
    }
    rows
}

/// Saved pipelines have the same bytes.
pub(super) fn same_pipelines(what: &str, a: &SavedPipeline, b: &SavedPipeline) -> Outcome {
    let parts = |p: &SavedPipeline| -> Vec<SavedPart> {
        p.steps.iter().chain([&p.learner]).cloned().collect()
    };
    for (a, b) in parts(a).iter().zip(&parts(b)) {
        ensure!(a == b, "{what}: the states of `{}` differ", a.id);
    }
    Ok(())
}

/// Predictions are one finite number, one distribution or a group and finite numbers a row.
pub(super) fn well_formed(what: &str, p: &Predictions, task: &Task, rows: usize) -> Outcome {
    let groups = matches!(task.target, Target::Groups(_));
    let width = if groups { p.width() } else { task.target.width() };
    ensure!(p.width() == width, "{what}: predictions have width {}, not {width}", p.width());
    ensure!(p.rows() == rows, "{what}: {} rows are predicted, not {rows}", p.rows());
    for row in 0..rows {
        let values = p.row(row);
        let finite = values.iter().all(|v| v.is_finite());
        ensure!(finite, "{what}: row {row} is predicted {values:?}");
        if groups {
            let whole = values[0] >= -1.0 && values[0].fract() == 0.0;
            ensure!(whole, "{what}: row {row} is of the group {}", values[0]);
        } else if width > 1 {
            let inside = values.iter().all(|v| (0.0..=1.0).contains(v));
            ensure!(inside, "{what}: row {row} has probabilities {values:?}");
            let sum: f64 = values.iter().sum();
            let whole = (sum - 1.0).abs() < 1e-9;
            ensure!(whole, "{what}: the probabilities of row {row} sum to {sum}");
        }
    }
    Ok(())
}

/// The target with another truth in the rows that are not in `rows`.
pub(super) fn other_truth(target: &Target, rows: &[u32]) -> Target {
    let outside = |row: usize| rows.binary_search(&(row as u32)).is_err();
    let mut target = target.clone();
    match &mut target {
        Target::Classes { codes, classes, .. } => {
            let k = classes.len() as u32;
            let codes = Arc::make_mut(codes).iter_mut().enumerate();
            codes.filter(|(r, _)| outside(*r)).for_each(|(_, c)| *c = (*c + 1) % k);
        }
        Target::Values(values) => {
            let values = Arc::make_mut(values).iter_mut().enumerate();
            values.filter(|(r, _)| outside(*r)).for_each(|(_, v)| *v = 1000.0 - *v);
        }
        Target::Groups(groups) => {
            let dims = groups.dims;
            let values = Arc::make_mut(&mut groups.values).iter_mut().enumerate();
            values.filter(|(i, _)| outside(i / dims)).for_each(|(_, v)| *v = 1000.0 - *v);
        }
        Target::Series(panel) => {
            let values = Arc::make_mut(&mut panel.values).iter_mut().enumerate();
            values.filter(|(r, _)| outside(*r)).for_each(|(_, v)| *v = 1000.0 - *v);
        }
    }
    target
}

/// The frame with other values in the rows that are not in `rows`: large numbers, another word.
/// Words are coded anew, so that codes differ in the other rows too.
pub(super) fn other_values(x: &Frame, rows: &[u32]) -> Frame {
    let outside = |row: usize| rows.binary_search(&(row as u32)).is_err();
    let change = |field: &Field| {
        let column = match &field.column {
            Column::Float(v) => {
                let other = |(r, v): (usize, &f64)| if outside(r) { 1e6 + r as f64 } else { *v };
                Column::float(v.iter().enumerate().map(other).collect())
            }
            Column::Time(v) => {
                let other = |(r, v): (usize, &i64)| if outside(r) { 1000 * r as i64 } else { *v };
                Column::Time(Arc::new(v.iter().enumerate().map(other).collect()))
            }
            Column::Str(c) => {
                let word = |r: usize| if outside(r) { Some("another word") } else { c.get(r) };
                let mut words: Vec<_> = (0..c.codes.len()).rev().map(word).collect();
                let Column::Str(recoded) = Column::from_strings(words.drain(..)) else {
                    unreachable!("words make a text column")
                };
                let codes = recoded.codes.iter().rev().copied().collect();
                Column::text(codes, recoded.levels.to_vec())
            }
            other => other.clone(),
        };
        Field { column, ..field.clone() }
    };
    let fields = x.fields().iter().map(change).collect();
    Frame::with_rows(fields, x.rows()).expect("names and lengths are as before")
}
