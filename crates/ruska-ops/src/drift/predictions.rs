//! What a model says of both sides: its number, the probability of each class, or the group.
//!
//! Where the reference is the model itself, its out-of-fold predictions in training stand for what it
//! says of the rows that it learned from, of which it knows more than of new ones. They are those of the
//! models of its folds: their trees have leaves of other values, so ranks of the one and the other tell
//! nothing, and only how far the predictions moved counts.

use super::compare::Pair;
use super::item::{Item, What};
use super::levels::Levels;
use super::numbers::Numbers;
use super::remembered;
use ruska::{ColumnSketch, Kind, Model, PREDICTED, Predicted, TaskKind};

/// The predictions for a table beside those for the reference, or in training.
///
/// Fails, in words, where there is nothing to compare with.
pub(super) fn items(
    model: &Model,
    reference: Option<&Predicted>,
    current: &Predicted,
) -> Result<Vec<Item>, String> {
    if model.manifest().task == TaskKind::Clustering {
        let before = reference.ok_or("a model of groups does not keep how many rows each had")?;
        let pair = Pair::Levels(groups(before), groups(current));
        return Ok(vec![Item::new("cluster", Kind::Categorical, What::Both(pair))]);
    }
    let told = told(model);
    let numbers = |predicted: &Predicted, place: usize| {
        let rows = 0..predicted.numbers.rows();
        Numbers::new(rows.map(|row| predicted.numbers.row(row)[place]))
    };
    let remembered: &[ColumnSketch] = &model.reference().predictions;
    let beside = |at: usize, place: usize| {
        if let Some(before) = reference {
            return Some(Pair::Numbers(numbers(before, place), numbers(current, place)));
        }
        let kept = remembered.get(at)?;
        // Of rows that were never kept aside there is no prediction to compare with.
        let rows = model.manifest().rows.saturating_sub(kept.missing as usize);
        let sketch = remembered::numbers(&ColumnSketch { missing: 0, ..kept.clone() }, rows);
        Some(Pair::Sketched(sketch, numbers(current, place)))
    };
    let items = told.into_iter().enumerate().map(|(at, (place, name))| {
        let what = What::Both(beside(at, place)?);
        let ranks = reference.is_some();
        Some(Item { missing: false, ranks, ..Item::new(&name, Kind::Numeric, what) })
    });
    let items: Option<Vec<Item>> = items.collect();
    items.ok_or_else(|| {
        "the model file is of a version that did not keep its predictions; compare with a table, or \
         fit the model again"
            .to_owned()
    })
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
