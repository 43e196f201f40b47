//! The writing end of one study.

use crate::database::Fault;
use crate::lease::Lease;
use crate::register::{Stamp, study};
use crate::summary::Summary;
use crate::{Durability, Store, StoreError, log, projection};
use ruska_core::{Event, Timed};
use rusqlite::Transaction;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The right to append to a study: one at a time among all processes. Threads share it by
/// reference. Dropping it, or the end of the process, lets others go on.
#[derive(Debug)]
pub struct Journal {
    pub(crate) store: Store,
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) actor: String,
    /// What the events so far come to; `None` until it is made from them, and once an append
    /// has failed.
    pub(crate) summary: Mutex<Option<Summary>>,
    /// Whether the study may have ended before what is appended next.
    pub(crate) ended: AtomicBool,
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
        let mut kept = self.summary.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.take();
        let end = study::end(events);
        let resumes = self.ended.load(Ordering::Relaxed);
        let append = |tx: &Transaction<'_>| -> Result<_, Fault> {
            if resumes {
                study::resumed(tx, self.id, &self.name, Stamp { at_ms, actor: &self.actor })?;
            }
            let known = known.map_or_else(|| projection::renew(tx, self.id, &self.name), Ok);
            let mut summary = known?;
            let first = log::append(tx, self.id, events, at_ms, &self.actor)?;
            let changes = events.iter().filter(|event| summary.apply(event)).count();
            if changes > 0 {
                projection::update(tx, self.id, &mut summary)?;
            }
            if let Some(why) = end {
                let stamp = Stamp { at_ms, actor: &self.actor };
                study::ended(tx, self.id, &self.name, why, stamp)?;
            }
            Ok((first, summary))
        };
        let (first, summary) = match end {
            Some(_) => self.store.write_ledger(append)?,
            None if resumes => self.store.write_ledger(append)?,
            None => self.store.database().write(lasting.unwrap_or(Durability::Process), append)?,
        };
        self.ended.store(end.is_some(), Ordering::Relaxed);
        *kept = Some(summary);
        Ok(first)
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
        | Event::TrialEnded { .. }
        | Event::Halved { .. } => Durability::Process,
        Event::Created(_)
        | Event::ModelSaved { .. }
        | Event::HoldoutScored { .. }
        | Event::Ended { .. } => Durability::PowerCut,
    }
}
