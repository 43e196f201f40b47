//! The rows of a table on which models can be compared fairly: labelled, and new to all of them.

use crate::Error;
use ruska::{Frame, MISTAKEN, Model, Seen, SharedTruth};
use std::collections::BTreeMap;

/// Rows that no model has learned from, and how many others there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Unseen {
    /// The truth of these rows.
    pub truth: SharedTruth,
    /// Rows left out, by a reason that follows "rows", such as `without a target`.
    pub left_out: BTreeMap<String, u64>,
}

/// The labelled rows of a table that none of some models has learned from: those after each
/// model's training cut-off, where it has one, and not among its training rows. Models go by a
/// label such as `churn:3`, and there is at least one.
///
/// Fails when the models do not predict the same, and when the table lacks a column.
pub fn unseen(table: &Frame, models: &[(&str, &Model)]) -> Result<Unseen, Error> {
    let all: Vec<&Model> = models.iter().map(|(_, model)| *model).collect();
    let truth = SharedTruth::of(table, &all)?;
    let mut left_out = BTreeMap::new();
    let mut leave = |reason: String, rows: usize| {
        if rows > 0 {
            *left_out.entry(reason).or_insert(0) += rows as u64;
        }
    };
    leave("without a target".into(), truth.missing);
    leave("with a label that no model knows".into(), truth.unknown);
    let mut new: Vec<u32> = (0..truth.rows.len() as u32).collect();
    for (label, model) in models {
        let candidates = truth.take(&new);
        let seen = model.seen(table, &candidates).map_err(|e| unusable(label, &e))?;
        for (kind, reason) in [
            (Seen::Learned, format!("that {label} learned from")),
            (Seen::NotNewer, format!("not newer than what {label} learned from")),
            (Seen::NoTime, format!("without a time, which {label} goes by")),
            (Seen::Unknown, format!("which {label} may have learned from, its file does not tell")),
        ] {
            leave(reason, seen.iter().filter(|s| **s == kind).count());
        }
        let mut states = seen.iter();
        new.retain(|_| states.next() == Some(&Seen::New));
    }
    Ok(Unseen { truth: truth.take(&new), left_out })
}

/// Rows with a target that a model may have learned from; `None` where its file does not tell.
///
/// Few rows that are taken for known ones by mistake do not count.
pub fn learned(model: &Model, table: &Frame, shared: &SharedTruth) -> Option<usize> {
    // A table without the model's time column can be compared, it only cannot tell this.
    let seen = model.seen(table, shared).ok()?;
    if seen.contains(&Seen::Unknown) {
        return None;
    }
    let known = seen.iter().filter(|seen| **seen == Seen::Learned).count();
    let known = if known as f64 <= 2.0 * MISTAKEN * seen.len() as f64 { 0 } else { known };
    let old = |seen: &&Seen| matches!(seen, Seen::NotNewer | Seen::NoTime);
    Some(known + seen.iter().filter(old).count())
}

/// What is said when a model cannot be used on some data.
pub(super) fn unusable(label: &str, why: &dyn std::fmt::Display) -> Error {
    Error::Job(format!(
        "{label} cannot be used on this data: {why}; where the data has changed for good, bring a \
         version that fits with `ruska model promote`"
    ))
}
