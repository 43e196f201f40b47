//! Entering that something stands, that it has recovered or that it happened, with the letters that
//! tell of it.

use super::event::Facts;
use super::private::without_folders;
use super::sign::Secret;
use super::{AlertSection, Kind};
use crate::Error;
use crate::job::Job;
use ruska::register::{AlertNote, Entry, Head, Recorded, Stamp, Subject};
use ruska::{Letter, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What people are to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice<'a> {
    /// What kind of thing.
    pub kind: Kind,
    /// What it is about within the job, such as a column or a slot of its schedule; empty for the job
    /// as a whole. Alerts of one kind about different things stand and recover apart.
    pub key: &'a str,
    /// In one sentence.
    pub reason: &'a str,
    /// Figures that go with it, by name.
    pub data: Map<String, Value>,
}

/// Something that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The job.
    pub job: String,
    /// What stands, such as `failed`.
    pub alert: String,
    /// What it is about within the job; empty for the job as a whole.
    pub key: String,
    /// In one sentence.
    pub reason: String,
    /// Since when, milliseconds since 1970.
    pub since_ms: i64,
}

/// A receiver as letters keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receiver {
    pub(super) url: String,
    pub(super) secret: Secret,
    pub(super) allow_private: bool,
}

impl Receiver {
    pub(super) fn of(job: &Job, section: &AlertSection) -> Self {
        let secret = match (&section.secret_env, &section.secret_file) {
            (Some(name), _) => Secret::Env(name.clone()),
            (None, path) => Secret::File(job.path(path.as_deref().unwrap_or_default())),
        };
        Self { url: section.url.clone(), secret, allow_private: section.allow_private }
    }
}

/// Raises an alert of a kind that stands: it is entered in the ledger and told to the receivers of
/// the job. Where it stands already nothing is done. Tells whether it is new.
///
/// What is sent waits in the store until [`deliver()`](super::deliver()) is called.
pub fn raise(
    store: &Store,
    job: &Job,
    notice: &Notice<'_>,
    stamp: Stamp<'_>,
) -> Result<bool, Error> {
    change(store, job, stamp, |desk| desk.raise(notice))
}

/// Says that an alert does not stand any more: it is entered in the ledger and told to the receivers
/// that were told of the alert and of what recovers. Where it does not stand nothing is done. Tells
/// whether it stood.
pub fn recover(
    store: &Store,
    job: &Job,
    (kind, key): (Kind, &str),
    reason: &str,
    stamp: Stamp<'_>,
) -> Result<bool, Error> {
    change(store, job, stamp, |desk| desk.recover(kind, key, reason))
}

/// Tells the receivers of a job of something that happened, which is entered elsewhere.
pub fn tell(store: &Store, job: &Job, notice: &Notice<'_>, stamp: Stamp<'_>) -> Result<(), Error> {
    change(store, job, stamp, |desk| desk.tell(notice))
}

fn change<T>(
    store: &Store,
    job: &Job,
    stamp: Stamp<'_>,
    act: impl FnOnce(&mut Desk<'_>) -> T,
) -> Result<T, Error> {
    store.record_and_post(Subject::Job, job.name(), stamp, |there, first| {
        let mut desk = Desk::new(store, job, there, first, stamp);
        let done = act(&mut desk);
        Ok((desk.entries, desk.letters, done))
    })
}

/// Everything that stands, by job.
pub fn standing(store: &Store) -> Result<Vec<Standing>, Error> {
    let mut all: BTreeMap<(String, String, String), Standing> = BTreeMap::new();
    for recorded in store.entries(Subject::Job, None)? {
        match recorded.entry {
            Entry::AlertRaised(note) => {
                let AlertNote { alert, key, reason } = *note;
                let (job, since_ms) = (recorded.name, recorded.at_ms);
                let place = (job.clone(), alert.clone(), key.clone());
                all.entry(place).or_insert(Standing { job, alert, key, reason, since_ms });
            }
            Entry::AlertRecovered(note) => {
                all.remove(&(recorded.name, note.alert, note.key));
            }
            _ => {}
        }
    }
    Ok(all.into_values().collect())
}

/// Entries and letters about one job in the making.
pub(crate) struct Desk<'a> {
    job: &'a Job,
    stamp: Stamp<'a>,
    standing: BTreeSet<(String, String)>,
    /// Place of the first entry.
    first: u64,
    head: Option<Head>,
    pub(super) entries: Vec<Entry>,
    pub(super) letters: Vec<Letter>,
}

impl<'a> Desk<'a> {
    /// What is there about the job, and the place that the first new entry will have.
    pub(super) fn new(
        store: &Store,
        job: &'a Job,
        there: &[Recorded],
        first: u64,
        stamp: Stamp<'a>,
    ) -> Self {
        let mut standing = BTreeSet::new();
        for recorded in there {
            match &recorded.entry {
                Entry::AlertRaised(note) => {
                    standing.insert((note.alert.clone(), note.key.clone()));
                }
                Entry::AlertRecovered(note) => {
                    standing.remove(&(note.alert.clone(), note.key.clone()));
                }
                _ => {}
            }
        }
        let head = store.head().ok();
        Self { job, stamp, standing, first, head, entries: vec![], letters: vec![] }
    }

    pub(super) fn enter(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn raise(&mut self, notice: &Notice<'_>) -> bool {
        let Notice { kind, key, reason, .. } = notice;
        if !self.standing.insert((kind.id().to_owned(), (*key).to_owned())) {
            return false;
        }
        self.letters_of(notice, None);
        self.enter(Entry::AlertRaised(Box::new(note(*kind, key, reason))));
        true
    }

    pub(super) fn recover(&mut self, kind: Kind, key: &str, reason: &str) -> bool {
        if !self.standing.remove(&(kind.id().to_owned(), key.to_owned())) {
            return false;
        }
        let notice = Notice { kind: Kind::Recovered, key, reason, data: Map::new() };
        self.letters_of(&notice, Some(kind));
        self.enter(Entry::AlertRecovered(Box::new(note(kind, key, reason))));
        true
    }

    pub(super) fn tell(&mut self, notice: &Notice<'_>) {
        self.letters_of(notice, None);
    }

    fn letters_of(&mut self, notice: &Notice<'_>, of: Option<Kind>) {
        let facts = Facts {
            job: self.job.name(),
            kind: notice.kind,
            of,
            key: notice.key,
            reason: &without_folders(notice.reason, self.job.folder()),
            data: notice.data.clone(),
            at_ms: self.stamp.at_ms,
            actor: self.stamp.actor,
            seq: self.first + self.entries.len() as u64,
            head: self.head,
        };
        let (id, body) = (facts.id(), facts.event());
        for section in &self.job.spec().alerts {
            if !section.wants(notice.kind) || of.is_some_and(|of| !section.wants(of)) {
                continue;
            }
            let receiver = serde_json::to_string(&Receiver::of(self.job, section));
            self.letters.push(Letter {
                id: id.clone(),
                job: self.job.name().to_owned(),
                kind: notice.kind.id().to_owned(),
                receiver: receiver.unwrap_or_default(),
                body: body.clone(),
            });
        }
    }
}

fn note(kind: Kind, key: &str, reason: &str) -> AlertNote {
    let (alert, key) = (kind.id().to_owned(), key.to_owned());
    AlertNote { alert, key, reason: reason.to_owned() }
}
