//! What a job file says of when it runs by itself, and what becomes of failed runs.

use super::Calendar;
use crate::Error;
use crate::job::{length, milliseconds};
use crate::written::Source;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest pause between attempts, milliseconds.
const LONGEST_PAUSE: i64 = 6 * 3_600_000;

/// When a scheduler runs the job: at the times of `cron`, and when one of the other conditions holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Triggers {
    /// A cron pattern, such as `0 6 * * MON` for Mondays at 6:00.
    pub cron: Option<String>,
    /// Time zone of `cron`, such as `Europe/Helsinki`.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Run at a moment within so much time after a time of `cron`, such as `10m`, the same for each time.
    pub jitter: Option<String>,
    /// Times that passed while no scheduler ran: run once for all of them, or skip them.
    #[serde(default)]
    pub missed: Missed,
    /// Times that came while the job still ran: skip them, or run once after it.
    #[serde(default)]
    pub overlap: Overlap,
    /// Run when labelled rows that are new to the newest version have drifted from what it learned from. Rows that
    /// its run kept for the comparison are not new.
    #[serde(default)]
    pub drift: bool,
    /// Run when so many labelled rows are new to the newest version, those that its run kept left out.
    #[schemars(range(min = 1))]
    pub min_new_rows: Option<u64>,
    /// Run when the newest version is older, such as `90d`.
    pub max_age: Option<String>,
    /// How often the conditions are looked at.
    #[serde(default = "hourly")]
    pub check: String,
    /// Fewest time between the end of a run and one for a condition.
    #[serde(default = "daily")]
    pub cooldown: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn hourly() -> String {
    "1h".to_owned()
}

fn daily() -> String {
    "1d".to_owned()
}

/// What becomes of times that passed while no scheduler ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// One run makes up for all of them.
    #[default]
    Once,
    /// None.
    Skip,
}

/// What becomes of times that came while the job still ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Nothing.
    #[default]
    Skip,
    /// One run after it makes up for all of them.
    Once,
}

/// What becomes of runs that fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Attempts in all, of a scheduler; to go on with a run whose process died is one as well, and two of these are
    /// made in any case.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 20))]
    pub attempts: u32,
    /// Pause after the first failed attempt, doubled after each further one, up to 6h.
    #[serde(default = "minute")]
    pub backoff: String,
    /// Longest time that an attempt may take, such as `2h`, whatever number of processes work on it; it then fails.
    pub timeout: Option<String>,
}

fn one() -> u32 {
    1
}

fn minute() -> String {
    "1m".to_owned()
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: one(), backoff: minute(), timeout: None }
    }
}

impl Retry {
    /// Milliseconds between the end of a failed attempt and the next one; `None` if there is none.
    pub(crate) fn pause_ms(&self, attempt: u32) -> Option<i64> {
        let first = milliseconds(&self.backoff).unwrap_or(0);
        let pause = first.saturating_mul(1 << attempt.saturating_sub(1).min(30));
        (attempt < self.attempts).then_some(pause.min(LONGEST_PAUSE))
    }

    /// Milliseconds that an attempt may take.
    pub(crate) fn timeout_ms(&self) -> Option<i64> {
        self.timeout.as_deref().and_then(milliseconds)
    }
}

impl Triggers {
    /// The times of `cron`; what cannot be read was refused on loading.
    pub fn calendar(&self) -> Option<Calendar> {
        self.cron.as_ref().and_then(|cron| Calendar::parse(cron, &self.timezone).ok())
    }

    /// Whether anything but the calendar asks for runs.
    pub(crate) fn has_conditions(&self) -> bool {
        self.drift || self.min_new_rows.is_some() || self.max_age.is_some()
    }

    pub(crate) fn jitter_ms(&self) -> i64 {
        self.jitter.as_deref().and_then(milliseconds).unwrap_or(0)
    }

    pub(crate) fn check_ms(&self) -> i64 {
        milliseconds(&self.check).unwrap_or(i64::MAX).max(1)
    }

    pub(crate) fn cooldown_ms(&self) -> i64 {
        milliseconds(&self.cooldown).unwrap_or(i64::MAX)
    }

    pub(crate) fn max_age_ms(&self) -> Option<i64> {
        self.max_age.as_deref().and_then(milliseconds)
    }
}

/// Refuses, at its place, what cannot be used of the triggers and of how often is tried.
pub(crate) fn check(
    triggers: Option<&Triggers>,
    retry: &Retry,
    source: &Source<'_>,
) -> Result<(), Error> {
    let lengths = |section: &str, pairs: &[(&str, Option<&String>)]| {
        let read = |(key, text): &(&str, Option<&String>)| {
            let read = text.map(|text| length(text));
            read.transpose().map_err(|what| source.at_key(&[section, key], what))
        };
        pairs.iter().try_for_each(|pair| read(pair).map(|_| ()))
    };
    let retries = [("backoff", Some(&retry.backoff)), ("timeout", retry.timeout.as_ref())];
    lengths("retry", &retries)?;
    if retry.attempts == 0 || retry.attempts > 20 {
        let what = "expected 1 to 20 attempts; 1 is a run without another".to_owned();
        return Err(source.at_key(&["retry", "attempts"], what));
    }
    let Some(triggers) = triggers else { return Ok(()) };
    let times = [
        ("jitter", triggers.jitter.as_ref()),
        ("max_age", triggers.max_age.as_ref()),
        ("check", Some(&triggers.check)),
        ("cooldown", Some(&triggers.cooldown)),
    ];
    lengths("triggers", &times)?;
    if let Some(cron) = &triggers.cron {
        let calendar = Calendar::parse(cron, &triggers.timezone)
            .map_err(|(key, why)| source.at_key(&["triggers", key], why))?;
        if calendar.shortest_gap().is_some_and(|gap| triggers.jitter_ms() > gap) {
            let what = "is longer than the shortest time between two times of `cron`, so one could come after the \
                        next";
            return Err(source.at_key(&["triggers", "jitter"], what.to_owned()));
        }
    } else if !triggers.has_conditions() {
        let what = "nothing in it runs the job; add `cron`, `drift`, `min_new_rows` or `max_age`";
        return Err(source.at_key(&["triggers"], what.to_owned()));
    } else if triggers.jitter.is_some() {
        let what = "is added to the times of `cron`, and there is none".to_owned();
        return Err(source.at_key(&["triggers", "jitter"], what));
    }
    if triggers.min_new_rows == Some(0) {
        let what = "expected at least one row".to_owned();
        return Err(source.at_key(&["triggers", "min_new_rows"], what));
    }
    Ok(())
}
