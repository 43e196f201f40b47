//! `ruska audit`: the log of all actions and its check.

use super::model::standing;
use crate::args::{AuditAction, AuditArgs};
use crate::output::{Say, clean, keep_whole, minute, short, table};
use crate::{Ending, Failure};
use ruska::Store;
use ruska::register::{AlertNote, Checked, Entry, Head};
use ruska_ops::audit::{self, Filter, Logged, Stood};
use serde_json::json;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Does what is asked about the log.
pub(crate) fn run(args: &AuditArgs, say: Say) -> Result<Ending, Failure> {
    match &args.action {
        AuditAction::Log { since, actor, subject, place } => {
            let store = Store::open_existing(&place.store)?;
            let (actor, subject) = (actor.as_deref(), subject.as_deref());
            list(&audit::log(&store, &Filter { since_ms: *since, actor, subject })?, say)
        }
        AuditAction::Verify { head, place } => {
            let heads = head.as_deref().map(heads).transpose()?.unwrap_or_default();
            let checked = Store::check_ledger_of(&place.store, &heads)?;
            say.result(&verdict(&checked, !heads.is_empty()), &checked)?;
            Ok(if checked.broken.is_none() { Ending::Done } else { Ending::SaidNo })
        }
        AuditAction::Head { write, place } => {
            let head = Store::open_existing(&place.store)?.head()?;
            if let Some(path) = write {
                append(path, head)?;
            }
            let document = json!({"seq": head.seq, "hash": head.hash.to_string()});
            say.result(&format!("{head}\n"), &document)?;
            Ok(Ending::Done)
        }
    }
}

/// One hash, or those of a file.
fn heads(text: &str) -> Result<Vec<Head>, Failure> {
    match text.parse() {
        Ok(head) => Ok(vec![head]),
        Err(_) => Ok(audit::read_heads(Path::new(text))?),
    }
}

fn append(path: &Path, head: Head) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut file = File::options().append(true).create(true).open(path)?;
        file.write_all(format!("{head}\n").as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| format!("{}: {e}", path.display()).into())
}

fn verdict(checked: &Checked, against: bool) -> String {
    let Checked { entries, hash, heads, broken } = checked;
    let Some(broken) = broken else {
        let mut text = match (entries, against) {
            (0, _) => "nothing is logged yet\n".to_owned(),
            (_, true) => {
                let s = if *heads == 1 { "" } else { "s" };
                format!("{entries} entries fit their hashes, and {heads} head{s} kept elsewhere\n")
            }
            (_, false) => format!("{entries} entries fit their hashes\n"),
        };
        if !against {
            text += "no head from elsewhere was given (--head): history that was written anew as a whole,\n\
                     or cut off at its end, would not show\n";
        }
        return format!("{text}head  {entries} {hash}\n");
    };
    let place = broken.seq.map_or(String::new(), |seq| format!("entry {seq} "));
    let fit = match broken.seq {
        // Of what entries tell of, all of them fit each other.
        Some(seq) if seq <= *entries => "the entries themselves fit their hashes".to_owned(),
        _ if *entries == 1 => "1 entry before it fits".to_owned(),
        _ => format!("{entries} entries before it fit"),
    };
    format!("{place}{}\n{fit}\n", clean(&broken.why))
}

fn list(logged: &[Logged], say: Say) -> Result<Ending, Failure> {
    let mut shown = table(&["#", "when (UTC)", "who", "about", "what", "before → after", "why"]);
    for line in logged {
        let entry = &line.entry;
        let (what, why) = told(&entry.entry);
        let state = |stood: &Option<Stood>| stood.as_ref().map(|stood| words(&entry.name, stood));
        let change = match (state(&line.before), state(&line.after)) {
            (Some(before), Some(after)) if before == after => before,
            (before, Some(after)) => format!("{} → {after}", before.as_deref().unwrap_or("–")),
            (_, None) => String::new(),
        };
        shown.add_row([
            entry.seq.to_string(),
            minute(entry.at_ms),
            short(&entry.actor, 14),
            short(&format!("{} {}", entry.subject.id(), entry.name), 30),
            short(&what, 40),
            short(&change, 60),
            short(&why, 40),
        ]);
    }
    keep_whole(&mut shown, [0, 1]);
    say.result(&format!("{shown}\n"), &logged)?;
    Ok(Ending::Done)
}

fn words(name: &str, stood: &Stood) -> String {
    match stood {
        Stood::Version(version) => format!("{name}:{version}"),
        Stood::Deployments(deployments) if deployments.is_empty() => "–".into(),
        Stood::Deployments(deployments) => standing(name, deployments),
        Stood::Environments(names) => names.join(" → "),
        Stood::Word(word) => word.clone(),
    }
}

fn alert(what: &str, note: &AlertNote) -> String {
    let of = if note.key.is_empty() { String::new() } else { format!(" of {}", note.key) };
    format!("alert {}{of} {what}", note.alert)
}

/// What happened, and why.
fn told(entry: &Entry) -> (String, String) {
    let (what, why) = match entry {
        Entry::DatasetAdded(v) => (format!("version {} added", v.version), ""),
        Entry::ModelRegistered(v) => (format!("version {} registered", v.version), ""),
        Entry::Deployed { environment, reason, .. } => {
            (format!("deployed in {environment}"), reason.as_str())
        }
        Entry::RolledBack { environment, reason } => {
            (format!("{environment} rolled back"), reason.as_str())
        }
        Entry::Proposed { version, environment, .. } => {
            (format!("version {version} proposed for {environment}"), "")
        }
        Entry::Approved { version, environment, reason } => {
            (format!("version {version} approved for {environment}"), reason.as_str())
        }
        Entry::Rejected { version, reason } => {
            (format!("version {version} rejected"), reason.as_str())
        }
        Entry::Retired { version, reason } => {
            (format!("version {version} retired"), reason.as_str())
        }
        Entry::Deleted { version, reason } => {
            (format!("version {version} deleted"), reason.as_str())
        }
        Entry::Decided(d) => {
            (format!("version {} judged for {}", d.challenger, d.environment), d.reason.as_str())
        }
        Entry::EnvironmentsSet { .. } => ("environments set".to_owned(), ""),
        Entry::JobStarted(start) => {
            let why = start.cause.as_ref().map_or("", |cause| cause.why.as_str());
            (format!("run {} began", start.run), why)
        }
        Entry::JobTaken(taken) if taken.cut_off > 0 => {
            (format!("run {} taken up after {} lost", taken.run, taken.cut_off), "")
        }
        Entry::JobTaken(taken) => (format!("run {} taken up", taken.run), ""),
        Entry::JobStopped { run } => (format!("run {run} stopped, to go on later"), ""),
        Entry::PredictionsLogged(batch) => {
            let version = batch.version.unwrap_or_default();
            (format!("{} predictions of version {version}", batch.rows), "")
        }
        Entry::OutcomesTold(batch) => (format!("{} outcomes", batch.rows), ""),
        Entry::JobEnded(end) => (format!("run {} ended", end.run), end.reason.as_str()),
        Entry::StudyStarted(start) => ("began".to_owned(), start.data.as_str()),
        Entry::StudyEnded(end) => ("ended".to_owned(), end.why.as_str()),
        Entry::StudyResumed { .. } => ("gone on with".to_owned(), ""),
        Entry::AlertRaised(note) => (alert("raised", note), note.reason.as_str()),
        Entry::AlertRecovered(note) => (alert("recovered", note), note.reason.as_str()),
        Entry::JobScheduled { .. } => ("triggers watched".to_owned(), ""),
        Entry::SlotsSkipped(s) => (format!("{} times skipped", s.slots), s.reason.as_str()),
        Entry::BackedUp { to } => ("copied".to_owned(), to.as_str()),
    };
    (what, why.to_owned())
}
