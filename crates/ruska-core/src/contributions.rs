//! What each column adds to what a model says of a row: Shapley values.

use crate::{Column, Equation, Frame, Link};

/// What columns add to the scores of rows: base and values of a row add up to its scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    /// How scores become predictions.
    pub link: Link,
    /// The class, by its code, that each score is for; empty for regression.
    pub classes: Vec<u32>,
    /// The mean scores of the background rows, one or one a class.
    pub base: Vec<f64>,
    /// Name of each column of the frame, and the place within it for sparse blocks, else 0.
    pub columns: Vec<(String, usize)>,
    /// Row by row and column by column, those of several scores next to each other.
    pub values: Vec<f64>,
}

/// The numbers of a column.
enum Numbers<'a> {
    Dense(&'a [f64]),
    Sparse(&'a crate::Sparse, usize),
}

impl Numbers<'_> {
    fn at(&self, row: u32) -> f64 {
        match self {
            Self::Dense(values) => values[row as usize],
            Self::Sparse(block, place) => {
                let (indices, values) = block.row(row as usize);
                let at = indices.binary_search(&(*place as u32));
                at.map_or(0.0, |at| values[at])
            }
        }
    }
}

impl Equation {
    /// What its terms add to the scores of rows, beside the mean of the background rows: the coefficient times
    /// how far the value is from the background's mean, which is the Shapley value of a sum.
    ///
    /// `None` where the frame has not its columns as numbers, or there is no background.
    pub fn contributions(
        &self,
        x: &Frame,
        background: &[u32],
        rows: &[u32],
    ) -> Option<Contributions> {
        let terms = self.by_size();
        let mut columns = vec![];
        let mut base = self.intercepts.clone();
        let mut values = vec![0.0; rows.len() * terms.len() * base.len()];
        for (at, term) in terms.iter().enumerate() {
            let (column, numbers) = find(x, &term.column)?;
            let mean = mean(background.iter().map(|&row| numbers.at(row)))?;
            let outputs = base.len();
            for (output, coefficient) in term.coefficients.iter().enumerate() {
                base[output] += coefficient * mean;
                for (i, &row) in rows.iter().enumerate() {
                    values[(i * terms.len() + at) * outputs + output] =
                        coefficient * (numbers.at(row) - mean);
                }
            }
            columns.push(column);
        }
        let (link, classes) = (self.link, self.classes.clone());
        Some(Contributions { link, classes, base, columns, values })
    }
}

fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let n = numbers.len();
    Some(numbers.sum::<f64>() / n as f64).filter(|mean| mean.is_finite())
}

/// The numbers of a dense column, or of a part of a sparse block, which goes by the name `block[3]`.
fn find<'a>(x: &'a Frame, name: &str) -> Option<((String, usize), Numbers<'a>)> {
    if let Some(values) = x.field(name).and_then(|field| field.floats()) {
        return Some(((name.to_owned(), 0), Numbers::Dense(values)));
    }
    let (block, place) = name.strip_suffix(']')?.rsplit_once('[')?;
    let place = place.parse().ok()?;
    match &x.field(block)?.column {
        Column::Sparse(sparse) if place < sparse.width => {
            Some(((block.to_owned(), place), Numbers::Sparse(sparse, place)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{Field, Kind, Sparse, Term};
    use std::sync::Arc;

    #[test]
    fn terms_add_what_they_are_off_the_mean() {
        let block = Sparse {
            width: 2,
            offsets: vec![0, 1, 1, 2],
            indices: vec![1, 1],
            values: vec![4.0, 2.0],
        };
        let x = Frame::new(vec![
            Field::new("a", Kind::Numeric, Column::float(vec![1.0, 2.0, 6.0])),
            Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(block))),
        ])
        .unwrap();
        let term = |column: &str, c: f64| Term {
            column: column.to_owned(),
            coefficients: vec![c],
            size: c.abs(),
        };
        let equation = Equation {
            link: Link::Identity,
            classes: vec![],
            intercepts: vec![10.0],
            terms: vec![term("a", 2.0), term("words[1]", -3.0), term("words[0]", 0.0)],
        };
        let told = equation.contributions(&x, &[0, 1, 2], &[2, 1]).unwrap();
        assert_eq!(told.columns, [("words".to_owned(), 1), ("a".to_owned(), 0)]);
        assert_eq!(
            (told.base.as_slice(), told.values.as_slice()),
            (&[10.0][..], &[0.0, 6.0, 6.0, -2.0][..])
        );
        assert_eq!(equation.contributions(&x, &[], &[0]), None);
    }
}
