//! Sending what waits in the store, within a bounded time.

use super::event::trial;
use super::raise::Receiver;
use super::send::{Post, post};
use super::sign::signature;
use super::target::Target;
use crate::Error;
use crate::job::Job;
use ruska::{LetterState, Posted, Settled, Store};
use serde::Serialize;
use std::time::Duration;

/// Longest time that one attempt takes.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How long nobody else tries a letter that is being sent; longer than an attempt takes.
const CLAIM_MS: i64 = 60_000;
/// Attempts before a letter is given up; the last is more than a day after the first.
const MOST_ATTEMPTS: u32 = 12;
/// Pause after the first attempt, milliseconds; each one after is four times as long.
const FIRST_PAUSE_MS: i64 = 2_000;
/// Longest pause, milliseconds: six hours.
const LONGEST_PAUSE_MS: i64 = 6 * 3_600_000;

/// How letters are sent.
pub struct Sending<'a> {
    /// Milliseconds since 1970, now.
    pub clock: &'a dyn Fn() -> i64,
    /// Waits so long.
    pub pause: &'a dyn Fn(Duration),
    /// Longest time that all of it takes, pauses before further attempts included.
    pub patience: Duration,
}

/// What came of sending a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// Id of the event.
    pub id: String,
    /// The job it is about.
    pub job: String,
    /// What kind of thing it tells of.
    pub kind: String,
    /// Scheme, host and port of the receiver.
    pub receiver: String,
    /// Attempts so far.
    pub attempts: u32,
    /// What became of it.
    pub state: LetterState,
    /// What was said.
    pub said: String,
}

/// Sends the letters that are due, and those that become due within the patience. Gives what came of
/// each attempt. Safe to be called by several processes at once, and at any time again.
///
/// Fails when the store does; what receivers do fails nothing.
pub fn deliver(store: &Store, sending: &Sending<'_>) -> Result<Vec<Delivery>, Error> {
    let started = (sending.clock)();
    let end = started.saturating_add(sending.patience.as_millis() as i64);
    let mut done = vec![];
    let mut now = started;
    loop {
        now = now.max((sending.clock)());
        if now > end {
            return Ok(done);
        }
        if let Some(posted) = store.claim_letter(now, now.saturating_add(CLAIM_MS))? {
            let left = Duration::from_millis((end - now).max(1000) as u64);
            done.push(attempt(store, &posted, (now, end), left.min(ATTEMPT))?);
            continue;
        }
        match store.next_letter_ms()? {
            Some(next) if next <= end => {
                (sending.pause)(Duration::from_millis((next - now).max(1) as u64));
                now = next;
            }
            _ => return Ok(done),
        }
    }
}

/// Sends one letter and enters what came of it.
fn attempt(
    store: &Store,
    posted: &Posted,
    (now_ms, end_ms): (i64, i64),
    limit: Duration,
) -> Result<Delivery, Error> {
    let letter = &posted.letter;
    let (receiver, answer) = match serde_json::from_str::<Receiver>(&letter.receiver) {
        Ok(receiver) => send(&receiver, &letter.id, &letter.body, now_ms, limit),
        Err(e) => (String::new(), Err(Failure::Final(format!("its receiver is unreadable: {e}")))),
    };
    let (settled, state, said) = match answer {
        Ok(said) => (Settled::Sent, LetterState::Sent, said),
        Err(Failure::Final(said)) => (Settled::Dead, LetterState::Dead, said),
        Err(Failure::Unready(said)) => {
            // What this process does not have does not come by waiting.
            let next = end_ms.max(now_ms.saturating_add(CLAIM_MS)).saturating_add(1);
            (Settled::Untried(next), LetterState::Waiting, said)
        }
        Err(Failure::Passing(said)) if posted.attempts >= MOST_ATTEMPTS => {
            (Settled::Dead, LetterState::Dead, said)
        }
        Err(Failure::Passing(said)) => {
            let next = now_ms.saturating_add(pause_ms(posted.attempts));
            (Settled::Again(next), LetterState::Waiting, said)
        }
    };
    store.settle_letter(posted.number, settled, &said, now_ms)?;
    Ok(Delivery {
        id: letter.id.clone(),
        job: letter.job.clone(),
        kind: letter.kind.clone(),
        receiver,
        attempts: posted.attempts - u32::from(matches!(settled, Settled::Untried(_))),
        state,
        said,
    })
}

/// Why a letter was not taken.
enum Failure {
    /// It may be taken another time.
    Passing(String),
    /// It was not sent, as this process does not have its secret; another one may.
    Unready(String),
    /// It will never be.
    Final(String),
}

/// Signs and posts; gives what of the receiver may be shown, and what it said.
fn send(
    receiver: &Receiver,
    id: &str,
    body: &str,
    now_ms: i64,
    limit: Duration,
) -> (String, Result<String, Failure>) {
    let target = match Target::parse(&receiver.url, receiver.allow_private) {
        Ok(target) => target,
        Err(why) => return (String::new(), Err(Failure::Final(format!("its url {why}")))),
    };
    let send = || {
        let key = receiver.secret.key().map_err(Failure::Unready)?;
        let timestamp = now_ms.div_euclid(1000);
        let signature = signature(&key, id, timestamp, body);
        let letter = Post { id, timestamp, signature: &signature, body };
        match post(&target, &letter, limit).map_err(Failure::Passing)? {
            status @ 200..=299 => Ok(format!("answered {status}")),
            status @ 300..=399 => Err(Failure::Passing(format!(
                "answered {status}, another address, which is not followed"
            ))),
            // Gone: the receiver wants nothing any more.
            410 => Err(Failure::Final("answered 410".into())),
            status => Err(Failure::Passing(format!("answered {status}"))),
        }
    };
    (target.shown(), send())
}

/// How long to wait after so many attempts, milliseconds.
fn pause_ms(attempts: u32) -> i64 {
    let factor = 4i64.saturating_pow(attempts.saturating_sub(1));
    FIRST_PAUSE_MS.saturating_mul(factor).min(LONGEST_PAUSE_MS)
}

/// What a receiver said when it was tried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tried {
    /// Scheme, host and port of the receiver.
    pub receiver: String,
    /// Whether it took the event.
    pub taken: bool,
    /// What was said.
    pub said: String,
}

/// Sends each receiver of a job an event of the type `org.ruska.test`, once, without a store.
pub fn try_out(job: &Job, now_ms: i64) -> Vec<Tried> {
    let sections = job.spec().alerts.iter().enumerate();
    let tried = sections.map(|(i, section)| {
        let (id, body) = trial(job.name(), now_ms, i);
        match send(&Receiver::of(job, section), &id, &body, now_ms, ATTEMPT) {
            (receiver, Ok(said)) => Tried { receiver, taken: true, said },
            (
                receiver,
                Err(Failure::Passing(said) | Failure::Unready(said) | Failure::Final(said)),
            ) => Tried { receiver, taken: false, said },
        }
    });
    tried.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound_and_last_a_day() {
        let pauses: Vec<i64> = (1..MOST_ATTEMPTS).map(pause_ms).collect();
        assert_eq!(pauses[..4], [2_000, 8_000, 32_000, 128_000]);
        assert!(pauses.windows(2).all(|p| p[0] <= p[1]) && pauses[10] == LONGEST_PAUSE_MS);
        assert!(pauses.iter().sum::<i64>() > 86_400_000);
        assert_eq!(pause_ms(u32::MAX), LONGEST_PAUSE_MS);
    }
}
