//! `ruska alert`: what stands, what was sent, what was not.

use super::stamp;
use crate::args::{AlertAction, AlertArgs};
use crate::output::{Say, clean, counted, keep_whole, minute, short, table};
use crate::{Ending, Failure};
use ruska::{LetterState, Posted, Store};
use ruska_ops::alert::{self, Delivery, Sending, Standing, Target};
use ruska_ops::job::Job;
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// How long a run waits at its end for its events to be taken.
const AFTER_RUN: Duration = Duration::from_secs(20);
/// How long `alert send` goes on.
const BY_HAND: Duration = Duration::from_mins(1);

/// Does what is asked about alerts.
pub(crate) fn run(args: &AlertArgs, say: Say) -> Result<Ending, Failure> {
    match &args.action {
        AlertAction::List { all, place } => {
            let store = Store::open_existing(&place.store)?;
            list(&alert::standing(&store)?, &store.letters(*all)?, say)
        }
        AlertAction::Send { dead, place } => {
            let store = Store::open_existing(&place.store)?;
            store.hurry_letters(*dead, stamp("").at_ms)?;
            let mut done: Vec<Delivery> = vec![];
            // Of several attempts at a letter the last one counts.
            for delivery in alert::deliver(&store, &sending(BY_HAND))? {
                let same = |d: &Delivery| d.id == delivery.id && d.receiver == delivery.receiver;
                done.retain(|d| !same(d));
                done.push(delivery);
            }
            let lines = done.iter().map(|d| line(&d.kind, &d.job, &d.receiver, &d.said));
            let text: String = lines.collect();
            let text = if text.is_empty() { "nothing waits to be sent\n".into() } else { text };
            say.result(&text, &done)?;
            match done.iter().filter(|d| d.state != LetterState::Sent).count() {
                0 => Ok(Ending::Done),
                n => Err(format!("{n} of {} events were not taken", done.len()).into()),
            }
        }
        AlertAction::Test { file } => {
            let job = Job::load(file)?;
            let tried = alert::try_out(&job, stamp("").at_ms);
            if tried.is_empty() {
                let why = "has no [[alert]], so nobody is told anything";
                return Err(format!("{}: {why}", file.display()).into());
            }
            let lines = tried.iter().map(|t| line("test", job.name(), &t.receiver, &t.said));
            say.result(&lines.collect::<String>(), &tried)?;
            match tried.iter().filter(|t| !t.taken).count() {
                0 => Ok(Ending::Done),
                n => Err(format!("{n} of {} receivers did not take it", tried.len()).into()),
            }
        }
    }
}

fn line(kind: &str, job: &str, receiver: &str, said: &str) -> String {
    short(&format!("{kind} of {job} → {receiver}: {said}"), 200) + "\n"
}

fn sending(patience: Duration) -> Sending<'static> {
    Sending { clock: &|| stamp("").at_ms, pause: &std::thread::sleep, patience }
}

/// Sends what a run has to tell; what is not taken in time waits, which is said.
pub(crate) fn send_after_run(store: &Path, say: Say) {
    let send = || -> Result<Vec<Delivery>, Failure> {
        let store = Store::open_existing(store)?;
        Ok(alert::deliver(&store, &sending(AFTER_RUN))?)
    };
    match send() {
        Err(why) => say.note(&format!("! events could not be sent: {why}")),
        Ok(done) => {
            for delivery in done.iter().filter(|d| d.state != LetterState::Sent) {
                let Delivery { kind, job, receiver, said, attempts, .. } = delivery;
                let times = counted(attempts, "attempt");
                let text = format!(
                    "! event `{kind}` of {job} → {receiver}: {said} ({times}; `ruska alert list` \
                     tells what waits)"
                );
                say.note(&text);
            }
        }
    }
}

/// The receiver of a letter without the path of its URL, which may hold a secret.
fn receiver(posted: &Posted) -> String {
    let settings: serde_json::Value =
        serde_json::from_str(&posted.letter.receiver).unwrap_or_default();
    let url = settings["url"].as_str().unwrap_or_default();
    Target::parse(url, true).map_or_else(|_| "an unreadable url".into(), |target| target.shown())
}

fn list(standing: &[Standing], letters: &[Posted], say: Say) -> Result<Ending, Failure> {
    let mut text = String::new();
    if standing.is_empty() {
        text += "nothing stands: no alert is raised\n";
    } else {
        let mut shown = table(&["stands", "of job", "about", "since (UTC)", "reason"]);
        for s in standing {
            let since = minute(s.since_ms);
            let reason = short(&s.reason, 200);
            shown.add_row([s.alert.clone(), short(&s.job, 30), short(&s.key, 30), since, reason]);
        }
        keep_whole(&mut shown, [3]);
        let _ = writeln!(text, "{shown}");
    }
    if letters.is_empty() {
        text += "no event waits to be sent (`[[alert]]` in a job file says whom to tell)\n";
    } else {
        let mut shown = table(&["event", "of job", "at (UTC)", "receiver", "state", "said last"]);
        for posted in letters {
            let state = match posted.state {
                LetterState::Sent => "sent".into(),
                LetterState::Dead => format!("given up after {}", posted.attempts),
                LetterState::Waiting => {
                    format!("{} tried, next {}", posted.attempts, minute(posted.next_ms))
                }
            };
            shown.add_row([
                posted.letter.kind.clone(),
                short(&posted.letter.job, 30),
                minute(posted.at_ms),
                short(&receiver(posted), 60),
                state,
                short(&posted.last, 200),
            ]);
        }
        keep_whole(&mut shown, [2]);
        let _ = writeln!(text, "\n{shown}");
    }
    let events: Vec<_> = letters
        .iter()
        .map(|p| {
            json!({
                "id": p.letter.id, "job": p.letter.job, "kind": p.letter.kind, "at_ms": p.at_ms,
                "receiver": receiver(p), "state": p.state, "attempts": p.attempts,
                "next_ms": p.next_ms, "last": p.last,
            })
        })
        .collect();
    say.result(&clean(&text), &json!({"standing": standing, "events": events}))?;
    Ok(Ending::Done)
}
