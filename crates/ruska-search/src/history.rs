//! What a study's events say of it as a whole.

use ruska_core::{Event, StudyRecord, Timed, Trial};
use std::collections::BTreeMap;

/// The trials of earlier runs, by number. Only finished ones count; a trial that was running when
/// its process ended is tried again under its number.
pub type History = BTreeMap<u32, Trial>;

/// The record a study was created with.
pub fn record(events: &[Timed]) -> Option<&StudyRecord> {
    events.iter().find_map(|e| match &e.event {
        Event::Created(record) => Some(&**record),
        _ => None,
    })
}
