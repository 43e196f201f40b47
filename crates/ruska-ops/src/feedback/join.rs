//! Which prediction and which outcome of an id count.

use ruska::{IdHistory, LoggedPrediction};

/// An id's prediction that counts, and its outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted<'a> {
    /// The prediction.
    pub prediction: &'a LoggedPrediction,
    /// The outcome as it was written; none yet where it is not known.
    pub outcome: Option<&'a str>,
    /// Whether the prediction was made after the outcome.
    pub late: bool,
}

/// What counts of an id; nothing while there is no prediction.
pub fn counted(history: &IdHistory) -> Option<Counted<'_>> {
    let IdHistory { predictions, outcomes, .. } = history;
    let (Some(first), Some(newest)) = (outcomes.first(), outcomes.last()) else {
        let prediction = predictions.last()?;
        return Some(Counted { prediction, outcome: None, late: false });
    };
    let before = predictions.iter().rev().find(|p| p.at_ms <= first.at_ms);
    let prediction = before.or(predictions.first())?;
    Some(Counted { prediction, outcome: Some(&newest.value), late: before.is_none() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska::ToldOutcome;

    fn history(predictions: &[(u32, i64)], outcomes: &[(i64, &str)]) -> IdHistory {
        let made = |(version, at_ms): &(u32, i64)| LoggedPrediction {
            version: *version,
            at_ms: *at_ms,
            numbers: vec![],
        };
        let told = |(at_ms, value): &(i64, &str)| ToldOutcome {
            at_ms: *at_ms,
            told_ms: 0,
            value: (*value).to_owned(),
        };
        IdHistory {
            id: "a".to_owned(),
            predictions: predictions.iter().map(made).collect(),
            outcomes: outcomes.iter().map(told).collect(),
        }
    }

    /// Version, outcome, late.
    fn of(predictions: &[(u32, i64)], outcomes: &[(i64, &str)]) -> Option<(u32, String, bool)> {
        let history = history(predictions, outcomes);
        let counted = counted(&history)?;
        let outcome = counted.outcome.unwrap_or("-").to_owned();
        Some((counted.prediction.version, outcome, counted.late))
    }

    #[test]
    fn the_last_prediction_by_the_first_outcome_counts() {
        let made = [(1, 10), (2, 20), (3, 30)];
        assert_eq!(of(&made, &[]), Some((3, "-".into(), false)));
        assert_eq!(of(&made, &[(25, "yes")]), Some((2, "yes".into(), false)));
        assert_eq!(of(&made, &[(20, "yes")]), Some((2, "yes".into(), false)));
        assert_eq!(of(&made, &[(9, "yes")]), Some((1, "yes".into(), true)));
        assert_eq!(of(&[], &[(9, "yes")]), None);
    }

    #[test]
    fn a_correction_changes_the_outcome_and_not_the_prediction() {
        let made = [(1, 10), (2, 20)];
        assert_eq!(of(&made, &[(15, "yes"), (40, "no")]), Some((1, "no".into(), false)));
    }
}
