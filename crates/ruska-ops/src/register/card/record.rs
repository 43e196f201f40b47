//! The parts of a card that tell who decided what, when and why.

use super::super::change::when;
use super::super::list::Shown;
use super::markdown::{list, number, table, text};
use ruska::register::{Answer, Decided, Deployment, Mark, Proposal, Role, RuleOutcome, Verdict};
use std::fmt::Write;

/// Every comparison with every rule.
pub(super) fn decisions(shown: &Shown) -> String {
    if shown.decisions.is_empty() {
        return "It was not compared with another version by rules.\n".into();
    }
    let name = text(&shown.listed.name);
    let parts: Vec<String> = shown.decisions.iter().map(|d| decision(&name, d)).collect();
    parts.join("\n")
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Promote => "promote",
        Verdict::Decline => "decline",
        Verdict::Hold => "hold",
    }
}

fn decision(name: &str, decided: &Decided) -> String {
    let decision = &decided.decision;
    let champion = decision.champion.map_or("no champion".into(), |v| format!("{name}:{v}"));
    let mut out = format!(
        "**{}** for {} on {} by {}: {name}:{} against {champion} on {} rows. {}\n",
        verdict(decision.verdict),
        text(&decision.environment),
        when(decided.at_ms),
        text(&decided.actor),
        decision.challenger,
        decision.rows,
        text(&decision.reason),
    );
    for (reason, rows) in &decision.left_out {
        let _ = writeln!(out, "Left out: {rows} rows {}.", text(reason));
    }
    if decision.rules.is_empty() {
        return out;
    }
    let cell = |v: Option<f64>| v.map_or(String::new(), number);
    let row = |rule: &RuleOutcome| {
        let interval = match (rule.low, rule.high) {
            (Some(low), Some(high)) => {
                format!("{} … {} ({})", number(low), number(high), text(&rule.method))
            }
            _ => String::new(),
        };
        vec![
            text(&rule.rule),
            cell(rule.champion),
            cell(rule.challenger),
            cell(rule.gain),
            interval,
            verdict(rule.verdict).to_owned(),
            text(&rule.reason),
        ]
    };
    let rows: Vec<Vec<String>> = decision.rules.iter().map(row).collect();
    let header = ["rule", "champion", "challenger", "gain", "interval", "verdict", "why"];
    out + "\n" + &table(&header, &rows)
}

/// Who was asked, and what they answered.
pub(super) fn approvals(shown: &Shown) -> String {
    let name = &shown.listed.name;
    let items: Vec<String> = shown.proposals.iter().map(|p| proposal(name, p)).collect();
    match items.as_slice() {
        [] => "Nobody was asked to approve it.\n\n".into(),
        items => list(items) + "\n",
    }
}

fn proposal(name: &str, proposal: &Proposal) -> String {
    let said = |what: &str, mark: &Mark| {
        format!("{what} by {} on {}{}", text(&mark.actor), when(mark.at_ms), because(&mark.reason))
    };
    let answer = match &proposal.answer {
        Answer::Waiting => format!("not answered; it lapses on {}", when(proposal.expires_ms)),
        Answer::Approved(mark) => said("approved", mark),
        Answer::Rejected(mark) => said("rejected", mark),
        Answer::Superseded => "a later proposal took its place".into(),
    };
    format!(
        "{}:{} proposed for {} by {} on {}: {answer}",
        text(name),
        proposal.version,
        text(&proposal.environment),
        text(&proposal.actor),
        when(proposal.at_ms)
    )
}

fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {}", text(reason)) }
}

/// Where it stood, since when, and who brought it there.
pub(super) fn deployments(shown: &Shown) -> String {
    if shown.history.is_empty() {
        return "It was not deployed beyond the first environment.\n".into();
    }
    let rows: Vec<Vec<String>> = shown
        .history
        .iter()
        .map(|stood| {
            let mark = &stood.stand.mark;
            let held = stood.stand.deployments.iter().map(deployment).collect::<Vec<_>>();
            let held = held.join(", ") + if stood.stand.rollback { " (rolled back)" } else { "" };
            vec![
                when(mark.at_ms),
                text(&stood.environment),
                held,
                text(&mark.actor),
                text(&mark.reason),
            ]
        })
        .collect();
    table(&["since (UTC)", "environment", "holds version", "by", "why"], &rows)
}

fn deployment(deployment: &Deployment) -> String {
    let share = number(100.0 * deployment.weight);
    match deployment.role {
        Role::Champion if deployment.weight == 1.0 => deployment.version.to_string(),
        Role::Champion => format!("{} ({share} %)", deployment.version),
        Role::Challenger => format!("{} (challenger, {share} %)", deployment.version),
        Role::Shadow => format!("{} (shadow)", deployment.version),
    }
}
