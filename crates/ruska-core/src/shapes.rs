//! What an additive model consists of, for reports: its shape functions.
//!
//! A prediction is `link(intercept + Σ scores)`, with one score from each shape: that of the place in
//! which the row's value lies, or its two values for a pair. So a drawing of every shape is the whole
//! model.

use crate::{Coded, Scaling};
use serde::Serialize;

/// How scores become predictions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// The score is the number predicted.
    Identity,
    /// The score is the logarithm of the number predicted.
    Log,
    /// The score is the log-odds of the one class.
    Logit,
    /// Probabilities are as the exponentials of the scores of all classes.
    Softmax,
}

/// The shape functions of an additive model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shapes {
    /// How scores become predictions.
    pub link: Link,
    /// The class, by its code, that each score is for; empty for regression.
    pub classes: Vec<u32>,
    /// The scores of an average row, one or one a class.
    pub intercept: Vec<f64>,
    /// Single columns in their order, then pairs.
    pub terms: Vec<Shape>,
}

/// What one column, or two together, add to the scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shape {
    /// One column, or two.
    pub axes: Vec<ShapeAxis>,
    /// By place, those of a pair running over the second column first; those of several classes lie next
    /// to each other. On average over the training rows 0; for a pair also for each place of
    /// either column.
    pub scores: Vec<f64>,
    /// Weight of the training rows at each place.
    pub weights: Vec<f64>,
    /// How much each score differs between fits on other parts of the rows: its standard deviation;
    /// empty if there was one fit only.
    pub deviations: Vec<f64>,
}

/// A column of a shape. After its own places comes one for missing values and unknown levels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ShapeAxis {
    /// Name of the column.
    pub column: String,
    /// Its own places.
    pub places: Places,
    /// The levels that the numbers stand for, where a step has made them of levels: the column they
    /// were in, and the number of each.
    pub coded: Option<Coded>,
}

/// The places of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Places {
    /// Numbers: place `i` holds those above `cuts[i - 1]` and up to `cuts[i]`; one more than cuts.
    Numbers(Vec<f64>),
    /// Codes of levels without an order, a place each.
    Codes(Vec<u32>),
}

impl ShapeAxis {
    /// Number of places, the one for missing values included.
    pub fn count(&self) -> usize {
        1 + match &self.places {
            Places::Numbers(cuts) => cuts.len() + 1,
            Places::Codes(codes) => codes.len(),
        }
    }

    /// The place of a value; NaN is missing.
    pub fn place(&self, value: f64) -> usize {
        let missing = self.count() - 1;
        match &self.places {
            _ if value.is_nan() => missing,
            Places::Numbers(cuts) => cuts.partition_point(|cut| *cut < value),
            Places::Codes(codes) => {
                let at = |&code: &u32| f64::from(code) == value.trunc();
                codes.iter().position(at).unwrap_or(missing)
            }
        }
    }

    /// What a place is called: a level, a range of numbers as `(1, 2.5]`, or `missing`.
    pub fn label(&self, place: usize) -> String {
        let missing = || "missing".to_owned();
        match &self.places {
            Places::Codes(codes) => {
                let code = codes.get(place).map(|&code| f64::from(code));
                let mut levels = self.coded.iter().flat_map(|c| &c.levels);
                let named = levels.find(|l| Some(l.1) == code).map(|l| l.0.clone());
                named.or_else(|| code.map(|c| c.to_string())).unwrap_or_else(missing)
            }
            Places::Numbers(cuts) if place > cuts.len() => missing(),
            Places::Numbers(cuts) => {
                let low = place.checked_sub(1).map(|i| cuts[i]);
                match (low, cuts.get(place)) {
                    (None, None) => "any number".to_owned(),
                    (None, Some(high)) => format!("≤ {high}"),
                    (Some(low), None) => format!("> {low}"),
                    (Some(low), Some(high)) => format!("({low}, {high}]"),
                }
            }
        }
    }
}

impl Shape {
    /// The scores at a place of each axis, one or one a class.
    pub fn at(&self, places: &[usize]) -> &[f64] {
        let place = self.axes.iter().zip(places).fold(0, |at, (axis, p)| at * axis.count() + p);
        let outputs = self.scores.len() / self.weights.len();
        &self.scores[place * outputs..(place + 1) * outputs]
    }

    /// The mean size of the scores over the training rows, and over the classes if there are several.
    pub fn importance(&self) -> f64 {
        let outputs = self.scores.len() / self.weights.len();
        let total: f64 = self.weights.iter().sum();
        let size = |row: &[f64]| row.iter().map(|v| v.abs()).sum::<f64>() / outputs as f64;
        let rows = self.scores.chunks(outputs).zip(&self.weights);
        if total > 0.0 { rows.map(|(row, w)| size(row) * w).sum::<f64>() / total } else { 0.0 }
    }
}

impl Shapes {
    /// The same with every score times a factor.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        self.intercept.iter_mut().for_each(|v| *v *= factor);
        for term in &mut self.terms {
            term.scores.iter_mut().for_each(|v| *v *= factor);
            term.deviations.iter_mut().for_each(|v| *v *= factor.abs());
        }
        self
    }

    /// The same in the columns before a step put them on another scale.
    pub(crate) fn unscale(&mut self, scaled: &[Scaling]) {
        for axis in self.terms.iter_mut().flat_map(|t| &mut t.axes) {
            let Some(scaling) = scaled.iter().find(|s| s.column == axis.column) else { continue };
            if let Places::Numbers(cuts) = &mut axis.places {
                cuts.iter_mut().for_each(|cut| *cut = *cut * scaling.spread + scaling.centre);
            }
        }
    }

    /// Gives the columns that steps have made of levels their levels.
    pub(crate) fn decode(&mut self, coded: &[Coded]) {
        for axis in self.terms.iter_mut().flat_map(|t| &mut t.axes) {
            axis.coded = coded.iter().find(|c| c.name == axis.column).cloned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(column: &str, places: Places) -> ShapeAxis {
        ShapeAxis { column: column.to_owned(), places, coded: None }
    }

    #[test]
    fn values_have_a_place_and_places_a_name() {
        let numbers = axis("x", Places::Numbers(vec![1.0, 2.5]));
        let places = [0.5, 1.0, 1.5, 9.0, f64::NAN].map(|x| numbers.place(x));
        assert_eq!(places, [0, 0, 1, 2, 3]);
        assert_eq!([0, 1, 2, 3].map(|p| numbers.label(p)), ["≤ 1", "(1, 2.5]", "> 2.5", "missing"]);
        let mut levels = axis("c", Places::Codes(vec![2, 0]));
        assert_eq!([0.0, 2.0, 1.0, f64::NAN].map(|x| levels.place(x)), [1, 0, 2, 2]);
        assert_eq!([0, 1, 2].map(|p| levels.label(p)), ["2", "0", "missing"]);
        levels.coded = Some(Coded {
            name: "c".into(),
            of: "c".into(),
            levels: vec![("red".into(), 0.0), ("blue".into(), 1.0)],
        });
        assert_eq!([0, 1, 2].map(|p| levels.label(p)), ["2", "red", "missing"]);
    }

    #[test]
    fn scales_are_undone() {
        let shape = Shape {
            axes: vec![axis("x", Places::Numbers(vec![-1.0, 2.0]))],
            scores: vec![1.0, -2.0, 3.0, 0.0],
            weights: vec![1.0; 4],
            deviations: vec![0.5; 4],
        };
        let mut shapes = Shapes {
            link: Link::Logit,
            classes: vec![1],
            intercept: vec![4.0],
            terms: vec![shape],
        };
        let scaling = |column: &str| Scaling { column: column.into(), centre: 10.0, spread: 4.0 };
        shapes.unscale(&[scaling("x"), scaling("y")]);
        assert_eq!(shapes.terms[0].axes[0].places, Places::Numbers(vec![6.0, 18.0]));
        let halved = shapes.times(-0.5);
        assert_eq!((halved.intercept[0], &halved.terms[0].scores[..2]), (-2.0, &[-0.5, 1.0][..]));
        assert_eq!(halved.terms[0].deviations, [0.25; 4]);
    }

    #[test]
    fn a_pair_runs_over_its_second_column_first() {
        let axes = vec![axis("a", Places::Numbers(vec![0.0])), axis("b", Places::Numbers(vec![]))];
        let scores = vec![1.0, 2.0, -3.0, 4.0, 5.0, 6.0];
        let weights = vec![1.0, 0.0, 3.0, 0.0, 0.0, 0.0];
        let shape = Shape { axes, scores, weights, deviations: vec![] };
        assert_eq!((shape.at(&[0, 1]), shape.at(&[2, 0])), (&[2.0][..], &[5.0][..]));
        assert_eq!(shape.importance(), 2.5);
    }
}
