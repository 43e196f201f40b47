//! What more of the time or of the rows would bring, from the curves a study measured.

use crate::words::{grouped, rough, value};
use ruska_core::{Event, TaskKind, Timed, TrialState, trials};
use ruska_search::{Gain, Halved, record};
use serde::Serialize;
use std::collections::BTreeMap;

/// Seconds of more time that are told about.
pub const MORE_SECONDS: f64 = 300.0;
/// Trials and seconds from which on a curve over time says something.
const FEWEST: (usize, f64) = (8, 1.0);

/// What more would bring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Outlook {
    /// [`MORE_SECONDS`] more of search.
    pub time: Option<Gain>,
    /// Twice the rows.
    pub rows: Option<Gain>,
}

impl Outlook {
    /// From what is recorded of a study.
    pub fn from_events(events: &[Timed]) -> Self {
        let curve = curve(events);
        let halved = events.iter().rev().find_map(|e| Halved::from_event(&e.event));
        let rows = halved.map(|halved| halved.rows(1.0));
        // No loss is below 0.
        let most = curve.last().map_or(0.0, |(_, least)| least.max(0.0));
        let within = |gain: Gain| Gain {
            gain: gain.gain.min(most),
            low: gain.low.min(most),
            high: gain.high.min(most),
        };
        Self { time: of_time(&curve).map(within), rows: rows.map(within) }
    }

    /// In words what more time and more rows would bring, each where it is known: by how much the metric gets
    /// better.
    pub fn words(&self, metric: &str) -> Vec<String> {
        let better = |Gain { gain, low, high }: Gain| {
            let [about, from, to] = [gain, low, high].map(|v| grouped(&rough(v)));
            if high == 0.0 {
                "nothing".to_owned()
            } else if gain == 0.0 {
                format!("nothing, at most {to} in {metric}")
            } else {
                format!("about {about} better in {metric} ({from} to {to})")
            }
        };
        let minutes = value(MORE_SECONDS / 60.0);
        let time = self.time.map(|g| format!("{minutes} more minutes: {}", better(g)));
        let rows = self.rows.map(|g| format!("twice the rows: {}", better(g)));
        [time, rows].into_iter().flatten().collect()
    }
}

/// Seconds of search, all runs together, and the least loss then, at the end of each trial. Empty for
/// groups, of which nobody knows how good they could be.
pub(crate) fn curve(events: &[Timed]) -> Vec<(f64, f64)> {
    if record(events).is_some_and(|r| r.meta.kind == TaskKind::Clustering) {
        return vec![];
    }
    let losses: BTreeMap<u32, f64> = trials(events)
        .into_iter()
        .filter_map(|(number, trial)| Some((number, trial.loss()?.get())))
        .collect();
    let (mut passed, mut last, mut least) = (0.0, None, f64::INFINITY);
    let mut curve = vec![];
    for event in events {
        if let (Some(last), false) = (last, matches!(event.event, Event::Started { .. })) {
            passed += (event.at_ms - last) as f64 / 1000.0;
        }
        last = Some(event.at_ms);
        if let Event::TrialEnded { trial, state: TrialState::Done, .. } = &event.event
            && let Some(loss) = losses.get(trial)
        {
            least = least.min(*loss);
            curve.push((passed, least));
        }
    }
    curve
}

/// What the second half of the time brought over what the quarter before it did tells what its next
/// doublings bring; at most as much again each.
fn of_time(curve: &[(f64, f64)]) -> Option<Gain> {
    let (end, least) = *curve.last()?;
    if curve.len() < FEWEST.0 || end < FEWEST.1 {
        return None;
    }
    let at = |seconds: f64| {
        let before = curve.iter().take_while(|(t, _)| *t <= seconds);
        before.last().map_or(curve[0].1, |(_, loss)| *loss)
    };
    let (half, quarter) = (at(end / 2.0), at(end / 4.0));
    // What is lost in the last bits is no gain.
    let fell = |from: f64, to: f64| if from - to > 1e-9 * to.abs() { from - to } else { 0.0 };
    let (last, before) = (fell(half, least), fell(quarter, half));
    let ratio = if before > 0.0 { (last / before).clamp(0.2, 0.9) } else { 0.5 };
    let doublings = ((end + MORE_SECONDS) / end).log2();
    let gain = last * ratio * (1.0 - ratio.powf(doublings)) / (1.0 - ratio);
    Some(Gain { gain, low: 0.0, high: last * doublings.max(ratio) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_curve_that_halves_its_gains_goes_on_so() {
        // 1 + 1 / t at 1, 2, 4 … 64 seconds: each doubling brings half of the one before.
        let curve: Vec<(f64, f64)> =
            (0..320).map(|i| 1.0 + f64::from(i) / 5.0).map(|t| (t, 1.0 + 1.0 / t)).collect();
        let found = of_time(&curve).unwrap();
        let end = curve.last().unwrap().0;
        let truth = 1.0 / end - 1.0 / (end + MORE_SECONDS);
        assert!((found.gain / truth - 1.0).abs() < 0.05, "{found:?}, {truth}");
        assert!(found.high > truth);
        let level: Vec<(f64, f64)> = (1..20).map(|t| (f64::from(t), 1.0)).collect();
        assert_eq!(of_time(&level), Some(Gain { gain: 0.0, low: 0.0, high: 0.0 }));
        assert_eq!(of_time(&level[..5]), None);
        let bits: Vec<(f64, f64)> = level.iter().map(|(t, l)| (*t, l - 1e-14 * t)).collect();
        assert_eq!(of_time(&bits), of_time(&level));
    }
}
