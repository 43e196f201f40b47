//! What columns add to the predictions of any model, by drawing orders of the columns.
//!
//! A row of the background becomes the row explained, one column after the other in a random order, and what
//! the prediction changes by is what the column adds; then once more in the reverse order, which evens out much
//! of the chance. Each row of the background is begun with once, and its changes add up to the row's prediction
//! less its own, whatever the order: so base and contributions add up exactly, and only the division among
//! columns has an error, which the spread over the rows of the background tells.
//!
//! Source: Štrumbelj, Kononenko, "Explaining prediction models and individual predictions with feature
//! contributions", Knowledge and Information Systems 41, 2014; Mitchell et al., "Sampling permutations for
//! Shapley value estimation", JMLR 23, 2022 (reverse orders).

use super::shapley::{Scale, Shapley};
use crate::model::Model;
use rayon::prelude::*;
use ruska_core::{Column, Field, Frame, PredictError, Rng, hash};

/// Rows that are predicted together, about.
const TOGETHER: usize = 2048;

/// What the columns of a frame add for some of its rows beside the mean of the background rows, of which there
/// is at least one; told of these classes, none for regression.
pub(super) fn sampled(
    model: &Model,
    x: &Frame,
    (background, rows): (&[u32], &[u32]),
    classes: &[usize],
    seed: u64,
) -> Result<Shapley, PredictError> {
    let one = |(i, &row): (usize, &u32)| {
        let mut rng = Rng::new(hash::combine(&[seed, i as u64]));
        Walks { model, x, row, classes }.told(background, &mut rng)
    };
    let told: Vec<Told> = rows.par_iter().enumerate().map(one).collect::<Result<_, _>>()?;
    let outputs = classes.len().max(1);
    let scale = if classes.is_empty() { Scale::Number } else { Scale::Probability };
    let known = model.predict_typed(&x.take(background))?;
    let mut base = vec![0.0; outputs];
    for row in 0..background.len() {
        let of = |output: usize| classes.get(output).copied().unwrap_or(0);
        (0..outputs).for_each(|o| base[o] += known.row(row)[of(o)] / background.len() as f64);
    }
    let (mut values, mut errors) = (vec![], vec![]);
    for told in told {
        values.extend(told.means);
        errors.extend(told.errors);
    }
    let width = x.fields().len();
    Ok(Shapley { scale, classes: classes.to_vec(), base, width, values, errors: Some(errors) })
}

/// Of one row, by columns and outputs.
struct Told {
    means: Vec<f64>,
    errors: Vec<f64>,
}

/// Ways from rows of the background to a row.
struct Walks<'a> {
    model: &'a Model,
    x: &'a Frame,
    row: u32,
    classes: &'a [usize],
}

/// A step of a way: the column that changes, and the places of the rows before and after among those that are
/// predicted together.
struct Step {
    column: usize,
    from: usize,
    to: usize,
}

impl Walks<'_> {
    fn told(&self, background: &[u32], rng: &mut Rng) -> Result<Told, PredictError> {
        let (width, outputs) = (self.x.fields().len(), self.classes.len().max(1));
        let each = (TOGETHER / (2 * width + 1)).max(1);
        let mut sums = vec![0.0; width * outputs];
        let mut squares = sums.clone();
        for several in background.chunks(each) {
            for added in self.added(several, rng)? {
                for ((sum, square), v) in sums.iter_mut().zip(&mut squares).zip(added) {
                    *sum += v;
                    *square += v * v;
                }
            }
        }
        let n = background.len() as f64;
        let means: Vec<f64> = sums.iter().map(|sum| sum / n).collect();
        let error = |(mean, square): (&f64, f64)| {
            let variance = (square / n - mean * mean).max(0.0) * n / (n - 1.0).max(1.0);
            (variance / n).sqrt()
        };
        let errors = means.iter().zip(squares).map(error).collect();
        Ok(Told { means, errors })
    }

    /// What each column adds on the way from each of some rows, on average over an order and its reverse.
    fn added(&self, from: &[u32], rng: &mut Rng) -> Result<Vec<Vec<f64>>, PredictError> {
        let fields = self.x.fields();
        let mut sources: Vec<Vec<u32>> = vec![vec![]; fields.len()];
        let mut ways: Vec<Vec<Step>> = vec![];
        for &begin in from {
            let mut order: Vec<usize> = (0..fields.len()).collect();
            rng.shuffle(&mut order);
            order.retain(|c| !same(&fields[*c].column, begin, self.row));
            let first = sources.first().map_or(0, Vec::len);
            sources.iter_mut().for_each(|s| s.push(begin));
            let last = first + order.len();
            let mut way = vec![];
            let back: Vec<usize> = order.iter().rev().copied().collect();
            for (order, back) in [(order, false), (back, true)] {
                let mut from = first;
                for (i, &column) in order.iter().enumerate() {
                    // Both orders end at the same row.
                    let to = if back && i + 1 == order.len() {
                        last
                    } else {
                        sources.iter_mut().for_each(|s| s.push(s[from]));
                        let to = sources[column].len() - 1;
                        sources[column][to] = self.row;
                        to
                    };
                    way.push(Step { column, from, to });
                    from = to;
                }
            }
            ways.push(way);
        }
        let rows = sources.first().map_or(0, Vec::len);
        let field = |(field, sources): (&Field, &Vec<u32>)| Field {
            column: field.column.take(sources),
            origin: None,
            ..field.clone()
        };
        let mixed = Frame::with_rows(fields.iter().zip(&sources).map(field).collect(), rows)?;
        let said = self.model.predict_typed(&mixed)?;
        let outputs = self.classes.len().max(1);
        let score = |row: usize, output: usize| {
            said.row(row)[self.classes.get(output).copied().unwrap_or(0)]
        };
        let added = |way: Vec<Step>| {
            let mut added = vec![0.0; fields.len() * outputs];
            for Step { column, from, to } in way {
                for output in 0..outputs {
                    added[column * outputs + output] +=
                        0.5 * (score(to, output) - score(from, output));
                }
            }
            added
        };
        Ok(ways.into_iter().map(added).collect())
    }
}

/// Whether two rows of a column hold the same.
fn same(column: &Column, a: u32, b: u32) -> bool {
    let (a, b) = (a as usize, b as usize);
    match column {
        Column::Bool(v) => v[a] == v[b],
        Column::Int(v) | Column::Time(v) => v[a] == v[b],
        Column::Float(v) => v[a].to_bits() == v[b].to_bits(),
        Column::Str(v) => v.codes[a] == v.codes[b],
        Column::Sparse(v) => v.row(a) == v.row(b),
    }
}
