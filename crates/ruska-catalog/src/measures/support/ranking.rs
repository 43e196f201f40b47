//! Rows of one class against all others, by falling score.

use super::{ClassInput, Sum, undefined};
use ruska_core::{MeasureError, MeasureInfo};

/// Weight of the class and of the others at every distinct score, the highest score first.
pub(crate) struct Ranking {
    /// The class.
    pub(crate) class: usize,
    /// (class, others) of the rows with one score.
    pub(crate) steps: Vec<(f64, f64)>,
    /// Total weight of the class, above 0.
    pub(crate) inside: f64,
    /// Total weight of the others, above 0.
    pub(crate) outside: f64,
    /// Every row that counts, and its place among the steps.
    pub(crate) places: Vec<(usize, usize)>,
}

impl Ranking {
    /// Ranks the rows by their score for `class`. O(n log n).
    fn new(input: &ClassInput<'_>, class: usize) -> Self {
        // The sign of the weight tells on which side the row is. Adding 0 makes -0 a 0.
        let signed = |code, weight: f64| if code == class { weight } else { -weight };
        let mut rows: Vec<(f64, f64, usize)> = input
            .rows()
            .map(|(row, code, w)| (input.predictions.row(row)[class] + 0.0, signed(code, w), row))
            .collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut places = Vec::with_capacity(rows.len());
        let steps: Vec<(f64, f64)> = rows
            .chunk_by(|a, b| a.0 == b.0)
            .enumerate()
            .map(|(step, tied)| {
                let (mut inside, mut outside) = (Sum::default(), Sum::default());
                for &(_, weight, row) in tied {
                    if weight > 0.0 {
                        inside.add(weight);
                    } else {
                        outside.add(-weight);
                    }
                    places.push((row, step));
                }
                (inside.value(), outside.value())
            })
            .collect();
        let total = |side: fn(&(f64, f64)) -> f64| steps.iter().map(side).collect::<Sum>().value();
        let (inside, outside) = (total(|s| s.0), total(|s| s.1));
        Self { class, steps, inside, outside, places }
    }
}

/// The ranking for the positive class where there are two classes, otherwise for each class that has
/// rows. Undefined where fewer than two classes have rows.
pub(crate) fn rankings(
    info: &MeasureInfo,
    input: &ClassInput<'_>,
) -> Result<impl ExactSizeIterator<Item = Ranking>, MeasureError> {
    let mut present = vec![false; input.n_classes];
    input.rows().for_each(|(_, class, _)| present[class] = true);
    let mut classes: Vec<usize> = (0..input.n_classes).filter(|&k| present[k]).collect();
    if classes.len() < 2 {
        return Err(undefined(info, "the rows hold one class only"));
    }
    if input.n_classes == 2 {
        classes = vec![input.positive];
    }
    Ok(classes.into_iter().map(|class| Ranking::new(input, class)))
}

/// The mean of a score over the [`rankings`].
pub(crate) fn one_vs_rest(
    info: &MeasureInfo,
    input: &ClassInput<'_>,
    score: impl Fn(&Ranking) -> f64,
) -> Result<f64, MeasureError> {
    let rankings = rankings(info, input)?;
    let n = rankings.len() as f64;
    Ok(rankings.map(|ranking| score(&ranking)).collect::<Sum>().value() / n)
}
