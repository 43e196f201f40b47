//! What the outcomes of a model can be.

use crate::Error;
use crate::register;
use ruska::{
    Column, Notation, Store, TaskKind, Wanted, class_position, number_text, spelt_number,
    value_text,
};

/// What the outcomes of a model must be.
pub(super) enum Expected {
    /// Numbers, in the notation of its newest version.
    Numbers(Option<Notation>),
    /// Classes that one of its versions knows; any text where none says what they are.
    Classes(Vec<String>),
}

/// An outcome.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// There is none.
    Missing,
    /// A class as the model calls it, or a number plainly written.
    Known(String),
    /// A text that is neither.
    Stray(String),
}

impl Expected {
    /// What a model asks for.
    ///
    /// Fails when it is not in the register, and when it tells groups or series.
    pub(super) fn of(store: &Store, model: &str) -> Result<Self, Error> {
        let state = register::state(store, model)?;
        let scorers = store.scorers(model)?;
        let task = match (register::latest_facts(&state), scorers.values().next_back()) {
            (Some((_, facts)), _) => facts.task.as_str(),
            (None, Some(scorer)) => scorer.task.name(),
            (None, None) => TaskKind::Classification.name(),
        };
        if task == TaskKind::Regression.name() {
            if let Some(scorer) = scorers.into_values().next_back() {
                return Ok(Self::Numbers(scorer.notation));
            }
            // Outcomes may come before the first prediction.
            let newest = register::latest_facts(&state).map(|(version, _)| version);
            let loaded = newest.and_then(|version| register::load(store, model, version).ok());
            return Ok(Self::Numbers(loaded.and_then(|m| m.manifest().target_notation.clone())));
        }
        if task != TaskKind::Classification.name() {
            return Err(Error::Refused(format!(
                "{model} is a model of {task}: its predictions cannot be logged, so no outcome could \
                 ever be joined to one; outcomes are of models of classes and numbers"
            )));
        }
        let mut classes: Vec<String> = vec![];
        let told = state.versions.values().flat_map(|v| &v.version.facts.classes);
        for class in told.chain(scorers.values().flat_map(|scorer| &scorer.classes)) {
            if class_position(&classes, class).is_none() {
                classes.push(class.clone());
            }
        }
        Ok(Self::Classes(classes))
    }

    /// How their column is read.
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            Self::Numbers(None) => Wanted::Number,
            Self::Numbers(Some(_)) => Wanted::Written,
            Self::Classes(classes) => Wanted::Text { levels: classes.clone() },
        }
    }

    /// The outcome of a row of a column that was read so.
    pub(super) fn read(&self, column: &Column, row: usize) -> Value {
        let Some(text) = value_text(column, row).filter(|text| !text.trim().is_empty()) else {
            return Value::Missing;
        };
        let known = match (self, column) {
            (Self::Numbers(notation), Column::Str(_)) => {
                spelt_number(&text, notation.as_ref()).map(number_text)
            }
            (Self::Numbers(_), _) => Some(text.clone()),
            (Self::Classes(classes), _) if classes.is_empty() => Some(text.trim().to_owned()),
            (Self::Classes(classes), _) => {
                let place = class_position(classes, &text);
                let place = place.or_else(|| class_position(classes, text.trim()));
                place.map(|place| classes[place].clone())
            }
        };
        known.map_or(Value::Stray(text), Value::Known)
    }

    /// What an outcome is not that does not fit.
    pub(super) fn missed_by(&self, model: &str) -> String {
        match self {
            Self::Numbers(_) => "no number".to_owned(),
            Self::Classes(classes) => {
                let named: Vec<String> =
                    classes.iter().take(10).map(|class| format!("`{class}`")).collect();
                let more = classes.len().saturating_sub(10);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("no class of {model}, which tells {}{more}", named.join(", "))
            }
        }
    }
}
