//! The writing end of one study.

use crate::database::Fault;
use crate::lease::Lease;
use crate::{Durability, Store, StoreError, codec};
use ruska_core::{Event, Timed};
use rusqlite::Transaction;

/// The right to append to a study: one at a time among all processes. Threads share it by
/// reference. Dropping it, or the end of the process, lets others go on.
#[derive(Debug)]
pub struct Journal {
    pub(crate) store: Store,
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) actor: String,
    pub(crate) _lease: Lease,
}

impl Journal {
    /// Name of the study.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The store it belongs to.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Appends one event that happened `at_ms` milliseconds after 1970; returns its place.
    pub fn append(&self, event: &Event, at_ms: i64) -> Result<u64, StoreError> {
        self.append_many(std::slice::from_ref(event), at_ms)
    }

    /// Appends events that happened together, all or none of them; returns the place of the first.
    pub fn append_many(&self, events: &[Event], at_ms: i64) -> Result<u64, StoreError> {
        let lasting = events.iter().map(durability).find(|d| *d == Durability::PowerCut);
        self.store.database().write(lasting.unwrap_or(Durability::Process), |tx| {
            insert(tx, self.id, events, at_ms, &self.actor)
        })
    }

    /// Every event so far, in order.
    pub fn events(&self) -> Result<Vec<Timed>, StoreError> {
        self.store.events(&self.name)
    }
}

/// Trials are computed again at the price of seconds; the rest is what users rely on.
fn durability(event: &Event) -> Durability {
    match event {
        Event::Started { .. }
        | Event::TrialStarted { .. }
        | Event::FoldDone { .. }
        | Event::TrialEnded { .. } => Durability::Process,
        Event::Created(_)
        | Event::ModelSaved { .. }
        | Event::HoldoutScored { .. }
        | Event::Ended { .. } => Durability::PowerCut,
    }
}

/// Appends events to study `id` and returns the place of the first.
pub(crate) fn insert(
    tx: &Transaction<'_>,
    id: i64,
    events: &[Event],
    at_ms: i64,
    actor: &str,
) -> Result<u64, Fault> {
    let first: i64 = tx
        .prepare_cached("SELECT coalesce(max(seq) + 1, 0) FROM event WHERE study = ?1")?
        .query_row([id], |row| row.get(0))?;
    let mut statement = tx.prepare_cached(
        "INSERT INTO event (study, seq, at_ms, actor, kind, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (i, event) in (0i64..).zip(events) {
        let (kind, body) = (codec::kind(event), codec::encode(event)?);
        statement.execute((id, first.saturating_add(i), at_ms, actor, kind, body))?;
    }
    Ok(first as u64)
}
