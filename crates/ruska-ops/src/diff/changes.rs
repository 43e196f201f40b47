//! What differs between two models, row by row.

use super::report::{Effect, Transition};
use super::scored::Scored;
use ruska::Truth;
use std::cmp::Reverse;

/// One entry per row of the table.
pub(super) struct Changes {
    /// The change, new less old.
    pub(super) change: Vec<f64>,
    /// Whether the decision changes.
    pub(super) changed: Vec<bool>,
    /// What that is, seen from the truth; `None` without one.
    pub(super) effect: Vec<Option<Effect>>,
}

impl Changes {
    /// The changes; `threshold` is what numbers must move beyond.
    pub(super) fn of(scored: &Scored, threshold: f64) -> Self {
        let rows = 0..scored.rows();
        let difference = |row| {
            let (old, new) = scored.numbers(row);
            new - old
        };
        let change: Vec<f64> = rows.clone().map(difference).collect();
        let numbers = scored.shared.classes.is_empty();
        let changes = |row: usize| {
            if numbers {
                change[row].abs() > threshold
            } else {
                scored.old.class(row) != scored.new.class(row)
            }
        };
        let changed: Vec<bool> = rows.map(changes).collect();
        let mut effect = vec![None; changed.len()];
        for (place, &row) in scored.shared.rows.iter().enumerate() {
            let row = row as usize;
            let found = if changed[row] { of_change(scored, place, row) } else { Effect::Neither };
            effect[row] = Some(found);
        }
        Self { change, changed, effect }
    }

    /// Rows whose decision changes so.
    pub(super) fn count(&self, effect: Effect) -> usize {
        count(&self.effect, effect)
    }

    /// The changes of classes, most rows first, then in the order of the classes.
    pub(super) fn transitions(&self, scored: &Scored) -> Vec<Transition> {
        let classes = &scored.shared.classes;
        let width = classes.len();
        let mut found: Vec<Vec<usize>> = vec![vec![]; width * width];
        for row in (0..scored.rows()).filter(|row| self.changed[*row] && width > 0) {
            found[scored.old.class(row) * width + scored.new.class(row)].push(row);
        }
        let mut transitions: Vec<Transition> = (0..)
            .zip(&found)
            .filter(|(_, rows)| !rows.is_empty())
            .map(|(place, rows): (usize, _)| {
                let effects: Vec<_> = rows.iter().map(|row| self.effect[*row]).collect();
                let told = |effect| scored.has_target.then(|| count(&effects, effect));
                Transition {
                    old: classes[place / width].clone(),
                    new: classes[place % width].clone(),
                    rows: rows.len(),
                    share: rows.len() as f64 / scored.rows() as f64,
                    better: told(Effect::Better),
                    worse: told(Effect::Worse),
                }
            })
            .collect();
        transitions.sort_by_key(|t| Reverse(t.rows));
        transitions
    }
}

fn count(effects: &[Option<Effect>], of: Effect) -> usize {
    effects.iter().filter(|effect| **effect == Some(of)).count()
}

/// The effect of a decision that changes, of a row at a place within the rows with a truth.
fn of_change(scored: &Scored, place: usize, row: usize) -> Effect {
    let (old, new) = match &scored.shared.truth {
        Truth::Classes { codes, .. } => {
            let wrong = |class: usize| f64::from(u8::from(class != codes[place] as usize));
            (wrong(scored.old.class(row)), wrong(scored.new.class(row)))
        }
        Truth::Values(values) => {
            let (old, new) = scored.numbers(row);
            ((old - values[place]).abs(), (new - values[place]).abs())
        }
        Truth::Points { .. } | Truth::Ahead(_) => (0.0, 0.0),
    };
    if new < old {
        Effect::Better
    } else if new > old {
        Effect::Worse
    } else {
        Effect::Neither
    }
}
