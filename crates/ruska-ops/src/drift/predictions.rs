//! What a model says of both sides: its number, the probability of each class, or the group.
//!
//! Of rows that a model learned from there are two distributions, and neither is that of what it says
//! of new rows: that of its out-of-fold predictions, which it keeps and which are of other models, whose
//! trees have leaves of other values, and that of its own predictions for these rows, of which it may
//! know too much. What is as one of them has not drifted, so the nearer one counts.

use super::SIGNIFICANCE;
use super::compare::{Asked, DISTANCE, Pair, Sketch, compare};
use super::item::{Item, What};
use super::levels::Levels;
use super::numbers::Numbers;
use super::remembered;
use crate::compare::learned as learned_from;
use ruska::{ColumnSketch, Frame, Kind, Model, PREDICTED, Predicted, SharedTruth, TaskKind};

/// The predictions for a table beside those for the reference, of whose rows `learned` tells whether the
/// model learned from them, or in training.
///
/// Fails, in words, where there is nothing to compare with.
pub(super) fn items(
    model: &Model,
    reference: Option<&Predicted>,
    learned: bool,
    current: &Predicted,
) -> Result<Vec<Item>, String> {
    if model.manifest().task == TaskKind::Clustering {
        let before = reference.ok_or("a model of groups does not keep how many rows each had")?;
        let pair = Pair::Levels(groups(before), groups(current));
        return Ok(vec![Item::new("cluster", Kind::Categorical, What::Both(pair))]);
    }
    let known = learned || reference.is_none();
    let items = told(model).into_iter().enumerate().map(|(at, (place, name))| {
        let now = || numbers(current, place);
        let told = reference.map(|before| Pair::Numbers(numbers(before, place), now()));
        let kept = if known { kept(model, at) } else { vec![] };
        let kept = kept.into_iter().map(|sketch| Pair::Sketched(sketch, now()));
        let pairs: Vec<Pair> = told.into_iter().chain(kept).collect();
        let item = Item::new(&name, Kind::Numeric, What::Either(pairs));
        matches!(&item.what, What::Either(pairs) if !pairs.is_empty())
            .then_some(Item { missing: false, ..item })
    });
    let items: Option<Vec<Item>> = items.collect();
    items.ok_or_else(|| {
        "the model file is of a version that did not keep its predictions; compare with a table, or \
         fit the model again"
            .to_owned()
    })
}

/// Whether a model learned from more than half of the rows of a table. Without the target that is told by
/// what it says of them: the same as of rows that it learned from.
pub(super) fn has_learned(model: &Model, table: &Frame, said: &Predicted) -> bool {
    if let Ok(truth) = SharedTruth::of(table, &[model]) {
        let learned = learned_from(model, table, &truth);
        return learned.is_some_and(|rows| 2 * rows > table.rows());
    }
    let asked = Asked { a: SIGNIFICANCE, distance: DISTANCE, distribution: true, missing: false };
    let fitted = &model.reference().fitted;
    let same = told(model).into_iter().zip(fitted).all(|((place, _), kept)| {
        let pair = Pair::Sketched(sketch(model, kept), numbers(said, place));
        !compare(&pair, asked).effects.iter().any(|effect| effect.drift)
    });
    same && !fitted.is_empty()
}

/// What a model keeps of its predictions, at a place among those that are told.
fn kept(model: &Model, at: usize) -> Vec<Sketch> {
    let kept = model.reference();
    let of = |kept: &&Vec<ColumnSketch>| kept.get(at).map(|kept| sketch(model, kept));
    [&kept.predictions, &kept.fitted].iter().filter_map(of).collect()
}

/// What it keeps of the rows that it knows a prediction of.
fn sketch(model: &Model, kept: &ColumnSketch) -> Sketch {
    let rows = model.manifest().rows.saturating_sub(kept.missing as usize);
    remembered::numbers(&ColumnSketch { missing: 0, ..kept.clone() }, rows)
}

fn numbers(predicted: &Predicted, place: usize) -> Numbers {
    Numbers::new((0..predicted.numbers.rows()).map(|row| predicted.numbers.row(row)[place]))
}

/// The numbers of a prediction that are compared, and their names.
fn told(model: &Model) -> Vec<(usize, String)> {
    let manifest = model.manifest();
    let named = |(place, class): (usize, &String)| (place, format!("probability of {class}"));
    match manifest.classes.len() {
        0 => vec![(0, "prediction".to_owned())],
        2 => {
            let positive =
                manifest.classes.iter().position(|c| Some(c) == manifest.positive.as_ref());
            let positive = positive.unwrap_or(0);
            vec![named((positive, &manifest.classes[positive]))]
        }
        _ => manifest.classes.iter().enumerate().take(PREDICTED).map(named).collect(),
    }
}

fn groups(predicted: &Predicted) -> Levels {
    let mut levels = Levels::default();
    predicted.numbers.groups().into_iter().for_each(|group| levels.add(group.to_string(), 1));
    levels
}
