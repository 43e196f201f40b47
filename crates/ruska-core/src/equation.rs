//! What a linear model says, for people: `y = 1.003 + 1.999 x`.

use crate::Link;
use serde::Serialize;

/// A prediction is `link(intercept + Σ coefficient · column)`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Equation {
    /// How scores become predictions.
    pub link: Link,
    /// The class, by its code, that each score is for; empty for regression.
    pub classes: Vec<u32>,
    /// The scores where every column is 0, one or one a class.
    pub intercepts: Vec<f64>,
    /// The columns.
    pub terms: Vec<Term>,
}

/// What a column adds to the scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// Name of the column: of the table, or made of it by steps.
    pub column: String,
    /// What one more of it adds to each score.
    pub coefficients: Vec<f64>,
    /// What one more of it adds at most on the scale on which the model was fitted: a standard deviation
    /// more, as a rule.
    pub size: f64,
}

/// A column that a step has put on another scale: `(x − centre) / spread`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// Name of the column, before and after.
    pub column: String,
    /// What becomes 0.
    pub centre: f64,
    /// What becomes 1 more; 0 where every number becomes 0.
    pub spread: f64,
}

impl Equation {
    /// An equation of columns that are moved by their centres, one for each of the first columns.
    /// `coefficients` has those of a score next to each other.
    pub fn centred(
        (link, classes): (Link, Vec<u32>),
        columns: impl Iterator<Item = String>,
        coefficients: &[f64],
        centres: &[f64],
        intercepts: &[f64],
    ) -> Self {
        let width = coefficients.len() / intercepts.len().max(1);
        let of = |(at, column): (usize, String)| {
            let coefficients: Vec<f64> =
                (0..intercepts.len()).map(|output| coefficients[output * width + at]).collect();
            let size = coefficients.iter().fold(0.0, |most: f64, c| most.max(c.abs()));
            Term { column, coefficients, size }
        };
        let terms = columns.take(width).enumerate().map(of).collect();
        let mut equation = Self { link, classes, intercepts: intercepts.to_vec(), terms };
        for (at, centre) in centres.iter().enumerate().take(equation.terms.len()) {
            equation.shift(at, *centre);
        }
        equation
    }

    /// The same in the columns before a step put them on another scale.
    pub(crate) fn unscale(&mut self, scaled: &[Scaling]) {
        for Scaling { column, centre, spread } in scaled {
            let Some(at) = self.terms.iter().position(|t| t.column == *column) else { continue };
            let factor = if *spread > 0.0 { 1.0 / spread } else { 0.0 };
            self.terms[at].coefficients.iter_mut().for_each(|c| *c *= factor);
            self.shift(at, *centre);
        }
    }

    /// The same with every score times a factor.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.intercepts.iter_mut().for_each(|intercept| *intercept *= factor);
        for term in &mut self.terms {
            term.coefficients.iter_mut().for_each(|c| *c *= factor);
            term.size *= factor.abs();
        }
        self
    }

    /// Gives columns other names.
    pub(crate) fn rename(&mut self, names: &[(String, String)]) {
        for (from, to) in names {
            if let Some(term) = self.terms.iter_mut().find(|t| t.column == *from) {
                term.column.clone_from(to);
            }
        }
    }

    /// Of `x − centre` the same of `x`.
    fn shift(&mut self, at: usize, centre: f64) {
        let pairs = self.intercepts.iter_mut().zip(&self.terms[at].coefficients);
        pairs.for_each(|(intercept, c)| *intercept -= c * centre);
    }

    /// The terms that are not 0, those of greatest size first.
    pub fn by_size(&self) -> Vec<&Term> {
        let mut terms: Vec<&Term> = self.terms.iter().filter(|t| t.size > 0.0).collect();
        terms.sort_by(|a, b| b.size.total_cmp(&a.size));
        terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_undone() {
        // 3 + 2 (a − 1) − (b − 5), where a was (x − 10) / 4 and b is constant.
        let columns = ["a", "b"].map(str::to_owned).into_iter();
        let link = (Link::Identity, vec![]);
        let mut equation = Equation::centred(link, columns, &[2.0, -1.0], &[1.0, 5.0], &[3.0]);
        assert_eq!(equation.intercepts, [6.0]);
        let scaling =
            |column: &str, centre, spread| Scaling { column: column.into(), centre, spread };
        equation.unscale(&[
            scaling("a", 10.0, 4.0),
            scaling("b", 0.0, 0.0),
            scaling("c", 1.0, 2.0),
        ]);
        assert_eq!(equation.intercepts, [1.0]);
        let coefficients: Vec<f64> = equation.terms.iter().map(|t| t.coefficients[0]).collect();
        assert_eq!(coefficients, [0.5, 0.0]);
        assert_eq!(equation.by_size()[0].column, "a");
        let twice = equation.times(2.0);
        assert_eq!((twice.intercepts[0], twice.terms[0].coefficients[0]), (2.0, 1.0));
    }
}
