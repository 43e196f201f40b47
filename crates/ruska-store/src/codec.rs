//! Events as JSON text: readable with any SQLite tool, floats bit for bit.

use crate::StoreError;
use ruska_core::Event;

/// The kinds of event this version knows.
const KINDS: [&str; 9] = [
    "created",
    "started",
    "trial_started",
    "fold_done",
    "trial_ended",
    "model_saved",
    "halved",
    "holdout_scored",
    "ended",
];

/// The tag of an event.
pub(crate) fn kind(event: &Event) -> &'static str {
    KINDS[match event {
        Event::Created(_) => 0,
        Event::Started { .. } => 1,
        Event::TrialStarted { .. } => 2,
        Event::FoldDone { .. } => 3,
        Event::TrialEnded { .. } => 4,
        Event::ModelSaved { .. } => 5,
        Event::Halved { .. } => 6,
        Event::HoldoutScored { .. } => 7,
        Event::Ended { .. } => 8,
    }]
}

/// The text of an event. JSON has no NaN and no infinity, so whatever would not come back equal
/// is refused here rather than found by the reader.
pub(crate) fn encode(event: &Event) -> Result<String, StoreError> {
    let refuse = |why: String| StoreError::Unstorable { kind: kind(event), why };
    let text = serde_json::to_string(event).map_err(|e| refuse(e.to_string()))?;
    match serde_json::from_str::<Event>(&text) {
        Ok(back) if back == *event => Ok(text),
        _ => Err(refuse("it holds a number that is not finite".into())),
    }
}

/// The event of a text that was stored under a kind.
pub(crate) fn decode(study: &str, seq: u64, kind: &str, text: &str) -> Result<Event, StoreError> {
    serde_json::from_str(text).map_err(|e| {
        let study = study.to_owned();
        if KINDS.contains(&kind) {
            StoreError::BadEvent { study, seq, why: e.to_string() }
        } else {
            StoreError::UnknownEvent { study, seq, kind: kind.chars().take(80).collect() }
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn kinds_are_those_of_core() {
        let error = serde_json::from_str::<Event>(r#"{"event":"?"}"#).unwrap_err().to_string();
        let (_, list) = error.split_once("expected one of ").unwrap();
        let list = list.split(" at line").next().unwrap().replace('`', "");
        assert_eq!(list.split(", ").collect::<Vec<_>>(), KINDS);
        assert_eq!(kind(&Event::Ended { why: String::new() }), "ended");
    }
}
