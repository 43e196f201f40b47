//! `ruska model show`: everything known of a version.

use super::super::{expected, stamp};
use super::{places, standing};
use crate::output::{Say, align_right, clean, number, short, size, table, value};
use crate::{Ending, Failure};
use ruska::register::{Answer, Decided, Origin, Proposal, RuleOutcome, Verdict};
use ruska::{Store, time_text};
use ruska_ops::register::{self, Listed, Reference, Shown};
use std::fmt::Write;

/// Shows a version, or its card.
pub(super) fn run(store: &Store, model: &str, card: bool, say: Say) -> Result<Ending, Failure> {
    let reference = model.parse::<Reference>()?;
    let state = register::state(store, reference.name())?;
    let number = reference.resolve(&state, &store.environments()?)?;
    if card {
        let card = register::card(store, reference.name(), number)?;
        say.result(&clean(&card), &serde_json::json!({"card": card}))?;
        return Ok(Ending::Done);
    }
    let shown = register::show(store, reference.name(), number)?;
    say.result(&text(&shown), &shown)?;
    Ok(Ending::Done)
}

/// Time of the ledger to the second.
fn when(at_ms: i64) -> String {
    time_text(at_ms / 1000 * 1000)
}

fn text(shown: &Shown) -> String {
    let Listed { name, version, .. } = &shown.listed;
    let mut text = facts(&shown.listed);
    if !shown.history.is_empty() {
        text += "\nhistory\n";
    }
    for stood in &shown.history {
        let mark = &stood.stand.mark;
        let verb = if stood.stand.rollback { "rolled back to " } else { "" };
        let reason = because(&mark.reason);
        let holds = standing(name, &stood.stand.deployments);
        let line = format!(
            "{} {}: {verb}{holds} · {}{reason}",
            when(mark.at_ms),
            stood.environment,
            mark.actor
        );
        let _ = writeln!(text, "  {}", short(&line, 98));
    }
    for proposal in &shown.proposals {
        let _ = writeln!(text, "\n{}", short(&proposed(name, proposal), 100));
    }
    for decided in &shown.decisions {
        text += &decision(name, version.version, decided);
    }
    text
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}

fn facts(listed: &Listed) -> String {
    let (version, facts) = (&listed.version, &listed.version.facts);
    let mut text = format!("{}:{} · {}\n", listed.name, version.version, places(listed));
    if let Some((what, mark)) = listed.state.closed() {
        let line =
            format!("{what} by {} on {}{}", mark.actor, when(mark.at_ms), because(&mark.reason));
        let _ = writeln!(text, "{}", short(&line, 100));
    }
    let mut line = |label: &str, value: String| {
        let _ = writeln!(text, "{label:<11}{}", short(&value, 89));
    };
    line(
        "task",
        match facts.classes.as_slice() {
            [] => format!("{} of `{}`", facts.task, facts.target),
            classes => format!("{} of `{}` ({})", facts.task, facts.target, classes.join(", ")),
        },
    );
    line("pipeline", facts.pipeline.clone());
    let score = facts.scores.get(&facts.metric).map_or("undefined".into(), |s| number(*s));
    let error = facts.standard_error.map_or(String::new(), |e| format!(" ± {}", number(e)));
    let constant =
        facts.baseline.map_or(String::new(), |b| format!(", a constant has {}", number(b)));
    line("score", format!("{} {score}{error}{constant}", facts.metric));
    if let Some(corrected) = facts.corrected {
        line("expect", expected(corrected, &facts.metric));
    }
    let dataset = version.dataset.as_ref();
    let dataset = dataset.map_or(String::new(), |(name, v)| format!(" · dataset {name}:{v}"));
    let until = facts.cutoff_ms.map_or(String::new(), |t| format!(" · up to {}", time_text(t)));
    let data = facts.data.get(..12).unwrap_or(&facts.data);
    line("learned", format!("{} rows · {data}{dataset}{until}", facts.rows));
    let signature = facts.signature.iter().map(|(name, kind)| format!("{name} {}", kind.name()));
    line("signature", signature.collect::<Vec<_>>().join(", "));
    let origin = match version.origin {
        Origin::Registered => "registered",
        Origin::Imported => "imported",
        Origin::Job => "made by a job",
    };
    line("entered", format!("{} by {} · {origin}", when(listed.at_ms), listed.author));
    if let Some(study) = &version.study {
        line("study", format!("{study} · seed {}", facts.seed));
    }
    line("file", format!("{} · {}", size(version.bytes), version.digest));
    text
}

fn proposed(name: &str, proposal: &Proposal) -> String {
    let Proposal { version, environment, .. } = proposal;
    let answer = match &proposal.answer {
        Answer::Waiting if proposal.expires_ms < stamp("").at_ms => {
            format!("lapsed on {}", when(proposal.expires_ms))
        }
        Answer::Waiting => format!("waits until {}", when(proposal.expires_ms)),
        Answer::Approved(mark) => {
            format!("approved by {} on {}{}", mark.actor, when(mark.at_ms), because(&mark.reason))
        }
        Answer::Rejected(mark) => {
            format!("rejected by {} on {}{}", mark.actor, when(mark.at_ms), because(&mark.reason))
        }
        Answer::Superseded => "a later proposal took its place".into(),
    };
    let (by, at) = (&proposal.actor, when(proposal.at_ms));
    clean(&format!("{name}:{version} proposed for {environment} by {by} on {at}: {answer}"))
}

pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Promote => "promote",
        Verdict::Decline => "decline",
        Verdict::Hold => "hold",
    }
}

/// A decision with every rule: both values, interval, verdict and reason.
pub(crate) fn decision(name: &str, version: u32, decided: &Decided) -> String {
    let decision = &decided.decision;
    let champion = decision.champion.map_or("none".to_owned(), |v| format!("{name}:{v}"));
    let role = if decision.challenger == version { "challenger" } else { "champion" };
    let head = format!(
        "decision on {} as {role}, {} by {}: {}",
        decision.environment,
        when(decided.at_ms),
        decided.actor,
        verdict(decision.verdict),
    );
    let mut text = format!("\n{}\n  {}\n", short(&head, 100), short(&decision.reason, 98));
    let sides = format!(
        "challenger {name}:{}, champion {champion}, {} rows that neither had seen",
        decision.challenger, decision.rows
    );
    let _ = writeln!(text, "  {}", short(&sides, 98));
    for (reason, rows) in &decision.left_out {
        let _ = writeln!(text, "  {}", short(&format!("left out: {rows} rows {reason}"), 98));
    }
    if !decision.rules.is_empty() {
        let _ = writeln!(text, "{}", rules(&decision.rules));
        for rule in decision.rules.iter().filter(|r| !r.reason.is_empty()) {
            let line = format!("{}: {}", rule.rule, rule.reason);
            let _ = writeln!(text, "  {}", short(&line, 98));
        }
    }
    text
}

fn rules(rules: &[RuleOutcome]) -> comfy_table::Table {
    let mut shown = table(&["rule", "champion", "challenger", "gain", "interval", "verdict"]);
    let cell = |v: Option<f64>| v.map_or(String::new(), value);
    for rule in rules {
        let interval = match (rule.low, rule.high) {
            (Some(low), Some(high)) => format!("{} … {}", value(low), value(high)),
            _ => String::new(),
        };
        shown.add_row([
            clean(&rule.rule),
            cell(rule.champion),
            cell(rule.challenger),
            cell(rule.gain),
            interval,
            verdict(rule.verdict).to_owned(),
        ]);
    }
    align_right(&mut shown, 1..4);
    shown
}
