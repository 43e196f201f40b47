//! An event as it is sent: CloudEvents 1.0, structured mode, JSON
//! (<https://github.com/cloudevents/spec>, version 1.0.2).

use super::Kind;
use chrono::{DateTime, SecondsFormat};
use ruska::Digest;
use ruska::register::Head;
use serde_json::{Map, Value, json};

/// Media type of an event.
pub(super) const MEDIA_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// Longest sentence that is sent, in characters.
const LONGEST: usize = 2000;

/// What an event tells.
pub(super) struct Facts<'a> {
    pub(super) job: &'a str,
    pub(super) kind: Kind,
    /// What stood, where it recovered.
    pub(super) of: Option<Kind>,
    /// What it is about within the job; empty for the job as a whole.
    pub(super) key: &'a str,
    pub(super) reason: &'a str,
    pub(super) data: Map<String, Value>,
    /// Milliseconds since 1970.
    pub(super) at_ms: i64,
    /// Who did it.
    pub(super) actor: &'a str,
    /// Place of the entry of the ledger that tells of it, or of the one that would be next.
    pub(super) seq: u64,
    /// How far the ledger went before.
    pub(super) head: Option<Head>,
}

impl Facts<'_> {
    /// The event's id: a hash of what makes it this one, so it is the same whoever sends it.
    pub(super) fn id(&self) -> String {
        let Self { job, key, at_ms, actor, seq, .. } = self;
        let of = self.of.map_or("", Kind::id);
        let head = self.head.map_or(String::new(), |head| head.to_string());
        let all =
            [job, self.kind.id(), of, key, actor, &head, &seq.to_string(), &at_ms.to_string()];
        let lengths: Vec<String> = all.iter().map(|t| format!("{} {t}", t.len())).collect();
        Digest::of(lengths.concat().as_bytes()).to_string()[..32].to_owned()
    }

    /// The event as JSON.
    pub(super) fn event(&self) -> String {
        let mut data = self.data.clone();
        let reason: String = self.reason.chars().take(LONGEST).collect();
        data.insert("job".into(), json!(self.job));
        data.insert("reason".into(), json!(reason));
        data.insert("actor".into(), json!(self.actor));
        if !self.key.is_empty() {
            data.insert("about".into(), json!(self.key));
        }
        if let Some(of) = self.of {
            data.insert("recovered".into(), json!(of.id()));
        }
        if let Some(Head { seq: Some(seq), hash }) = self.head {
            data.insert("audit_head".into(), json!({"seq": seq, "hash": hash.to_string()}));
        }
        let time = DateTime::from_timestamp_millis(self.at_ms).unwrap_or_default();
        let event = json!({
            "specversion": "1.0",
            "id": self.id(),
            "source": format!("/ruska/jobs/{}", self.job),
            "type": format!("org.ruska.job.{}", self.kind.id()),
            "subject": self.job,
            "time": time.to_rfc3339_opts(SecondsFormat::Millis, true),
            "datacontenttype": "application/json",
            "data": data,
        });
        event.to_string()
    }
}

/// An event that tries a receiver out.
pub(super) fn trial(job: &str, at_ms: i64, number: usize) -> (String, String) {
    let id = Digest::of(format!("{job} {at_ms} {number}").as_bytes()).to_string()[..32].to_owned();
    let time = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    let event = json!({
        "specversion": "1.0",
        "id": id,
        "source": format!("/ruska/jobs/{job}"),
        "type": "org.ruska.test",
        "subject": job,
        "time": time.to_rfc3339_opts(SecondsFormat::Millis, true),
        "datacontenttype": "application/json",
        "data": {"job": job, "reason": "somebody tried whether this receiver is reached"},
    });
    (id, event.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn facts(job: &str, seq: u64) -> Facts<'_> {
        let data = json!({"run": "7"}).as_object().unwrap().clone();
        let (key, reason, actor) = ("age", "psi 0.31 > 0.2", "ann");
        let (kind, of, head) = (Kind::Recovered, Some(Kind::Drift), None);
        Facts { job, kind, of, key, reason, data, at_ms: 1_795_521_600_000, actor, seq, head }
    }

    #[test]
    fn an_event_has_what_the_specification_asks_for() {
        let event: Value = serde_json::from_str(&facts("churn", 3).event()).unwrap();
        for attribute in ["id", "source", "specversion", "type"] {
            assert!(event[attribute].as_str().is_some_and(|text| !text.is_empty()), "{attribute}");
        }
        assert_eq!(event["specversion"], "1.0");
        assert_eq!(event["type"], "org.ruska.job.recovered");
        assert_eq!(event["time"], "2026-11-24T12:00:00.000Z");
        assert_eq!(event["data"]["recovered"], "drift");
        assert_eq!((&event["data"]["about"], &event["data"]["run"]), (&json!("age"), &json!("7")));
        // Names of attributes are lower-case letters and digits.
        let names: Vec<&String> = event.as_object().unwrap().keys().collect();
        assert!(names.iter().all(|n| n.bytes().all(|c| c.is_ascii_lowercase())), "{names:?}");
    }

    #[test]
    fn ids_tell_events_apart_and_stay() {
        assert_eq!(facts("churn", 3).id(), facts("churn", 3).id());
        assert_ne!(facts("churn", 3).id(), facts("churn", 4).id());
        assert_ne!(facts("churn", 3).id(), facts("chur", 3).id());
        assert_eq!(facts("churn", 3).id().len(), 32);
    }
}
