//! The target, where both sides know it.
//!
//! Rows without one do not count as missing: outcomes come later than what they are predicted from.

use super::compare::Pair;
use super::item::{Item, What};
use super::levels::Levels;
use super::numbers::Numbers;
use super::remembered;
use ruska::{Frame, Kind, Model, SharedTruth, TaskKind, Truth};

/// What labels that the model does not know are called together.
const UNKNOWN: &str = "(unknown to the model)";

/// The target of a model's table, and of the reference or what the model remembers. `None` where the
/// model predicts no column of rows, or a side has no row with it.
pub(super) fn item(model: &Model, reference: Option<&Frame>, current: &Frame) -> Option<Item> {
    let manifest = model.manifest();
    let asks = matches!(manifest.task, TaskKind::Classification | TaskKind::Regression);
    let has = |frame: &Frame| frame.field(&manifest.target).is_some();
    if !asks || !has(current) || reference.is_some_and(|frame| !has(frame)) {
        return None;
    }
    let truth = |frame: &Frame| SharedTruth::of(frame, &[model]);
    let classes = manifest.task == TaskKind::Classification;
    let kind = if classes { Kind::Categorical } else { Kind::Numeric };
    let named = |what| Some(Item { missing: false, ..Item::new(&manifest.target, kind, what) });
    let now = match truth(current) {
        Ok(now) => now,
        // No outcome is known yet.
        Err(_) if current.field(&manifest.target).is_some_and(is_empty) => return None,
        Err(why) => return named(What::Broken(why.to_string())),
    };
    let sketch = &model.reference().target;
    let pair = match reference {
        Some(frame) => {
            let before = truth(frame).ok()?;
            if classes {
                Pair::Levels(labels(&before), labels(&now))
            } else {
                Pair::Numbers(numbers(&before), numbers(&now))
            }
        }
        None if classes => {
            Pair::Levels(remembered::counted(sketch, &manifest.classes), labels(&now))
        }
        None => Pair::Sketched(remembered::numbers(sketch, manifest.rows), numbers(&now)),
    };
    named(What::Both(pair))
}

fn is_empty(field: &ruska::Field) -> bool {
    field.column.missing() == field.column.rows()
}

fn labels(truth: &SharedTruth) -> Levels {
    let mut levels = Levels::default();
    if let Truth::Classes { codes, .. } = &truth.truth {
        let mut counts = vec![0; truth.classes.len()];
        codes.iter().for_each(|code| counts[*code as usize] += 1);
        truth.classes.iter().zip(counts).for_each(|(class, rows)| levels.add(class.clone(), rows));
    }
    levels.add(UNKNOWN.to_owned(), truth.unknown as u64);
    levels
}

fn numbers(truth: &SharedTruth) -> Numbers {
    match &truth.truth {
        Truth::Values(values) => Numbers::new(values.iter().copied()),
        _ => Numbers::new(std::iter::empty()),
    }
}
