//! A model card: what whoever answers for a model is asked, from what is recorded.
//!
//! The headings follow Mitchell et al., "Model Cards for Model Reporting", FAT* 2019. Nothing is
//! stated that no record holds.

mod markdown;
mod record;

use super::change::when;
use super::list::{Shown, show};
use super::version::open;
use crate::Error;
use markdown::{code, list, number, table, text};
use record::{approvals, decisions, deployments};
use ruska::register::{DatasetVersion, ModelFacts, Origin};
use ruska::{
    Candidate, Corrected, Event, Finding, Manifest, Params, Severity, Store, Timed, time_text,
};
use std::fmt::Write;

/// What a card is written from.
struct Sources {
    shown: Shown,
    manifest: Manifest,
    dataset: Option<DatasetVersion>,
    /// Events of the study that made it; empty when it is not in this store.
    events: Vec<Timed>,
}

/// The card of a version as Markdown.
///
/// Fails when there is no such version and when its bytes are damaged.
pub fn card(store: &Store, name: &str, version: u32) -> Result<String, Error> {
    let shown = show(store, name, version)?;
    let manifest = open(store, &shown.listed.version)?.manifest().clone();
    let dataset = shown.listed.version.dataset.clone();
    let dataset = dataset.map(|(name, v)| store.dataset(&name, Some(v))).transpose()?.flatten();
    let dataset = dataset.map(|found| found.version);
    let study = shown.listed.version.study.as_deref();
    let events = study.map_or(Ok(vec![]), |study| store.events(study))?;
    let sources = Sources { shown, manifest, dataset, events };
    let mut card = format!("# Model card: {}:{version}\n", text(name));
    for (title, body) in [
        ("Purpose", purpose(&sources)),
        ("Data", data(&sources)),
        ("Results", results(&sources)),
        ("What was odd about the data", findings(&sources.manifest.findings)),
        ("Pipeline", pipeline(&sources)),
        ("Columns a table must have", signature(&sources.shown.listed.version.facts)),
        ("Lineage", lineage(&sources)),
        ("Decisions", decisions(&sources.shown)),
        (
            "Who approved, and where it stood",
            approvals(&sources.shown) + &deployments(&sources.shown),
        ),
        ("Limits", limits(&sources)),
    ] {
        let _ = write!(card, "\n## {title}\n\n{body}");
    }
    Ok(card)
}

fn purpose(sources: &Sources) -> String {
    let facts = &sources.shown.listed.version.facts;
    let target = code(&facts.target);
    let mut out = if facts.classes.is_empty() {
        format!("Predicts the number in column {target} ({}).", text(&facts.task))
    } else {
        let classes: Vec<String> = facts.classes.iter().map(|c| code(c)).collect();
        format!(
            "Tells which class column {target} has, with a probability for each: {}.",
            classes.join(", ")
        )
    };
    if let Some(positive) = sources.manifest.positive.as_ref().filter(|_| facts.classes.len() == 2)
    {
        let _ = write!(out, " Precision, recall and the like are about {}.", code(positive));
    }
    let stands = &sources.shown.listed.stands_in;
    let stands: Vec<String> = stands.iter().map(|e| text(e)).collect();
    match stands.as_slice() {
        [] => out += " It is not used any more.",
        stands => {
            let _ = write!(out, " It stands in {}.", stands.join(", "));
        }
    }
    if let Some((what, mark)) = sources.shown.listed.state.closed() {
        let because = if mark.reason.is_empty() { "" } else { ": " };
        let (actor, at, reason) = (text(&mark.actor), when(mark.at_ms), text(&mark.reason));
        let _ = write!(out, " It was {what} by {actor} on {at}{because}{reason}.");
    }
    out + "\n"
}

fn data(sources: &Sources) -> String {
    let facts = &sources.shown.listed.version.facts;
    let mut rows = vec![
        vec!["rows learned from".to_owned(), facts.rows.to_string()],
        vec!["content hash of the table".to_owned(), code(&facts.data)],
    ];
    if let (Some((name, version)), Some(dataset)) =
        (&sources.shown.listed.version.dataset, &sources.dataset)
    {
        let what = format!("{}:{version}, {} rows", text(name), dataset.rows);
        rows.push(vec!["registered dataset".into(), what]);
        rows.push(vec!["its files".into(), code(&dataset.source)]);
        rows.push(vec!["hash of its files".into(), code(&dataset.digest)]);
    }
    if let Some(until) = facts.cutoff_ms {
        rows.push(vec!["latest row".into(), time_text(until)]);
    }
    for (role, column) in &sources.manifest.roles {
        rows.push(vec![format!("{} column", text(role)), code(column)]);
    }
    let manifest = &sources.manifest;
    let unused: Vec<String> = manifest
        .schema
        .columns
        .iter()
        .filter(|c| !manifest.features.contains(&c.name) && c.name != manifest.target)
        .map(|c| code(&c.name))
        .collect();
    if !unused.is_empty() {
        rows.push(vec!["columns not used".into(), unused.join(", ")]);
    }
    table(&["", ""], &rows)
}

/// The record of the study that made the model.
fn record(sources: &Sources) -> Option<&ruska::StudyRecord> {
    sources.events.iter().find_map(|e| match &e.event {
        Event::Created(record) => Some(&**record),
        _ => None,
    })
}

fn results(sources: &Sources) -> String {
    let facts = &sources.shown.listed.version.facts;
    let mut out = match record(sources) {
        Some(record) if record.split.folds > 1 => format!(
            "Means over {} folds ({}); every row that was scored was predicted by a model that had \
             not seen it.\n\n",
            record.split.folds * record.split.repeats.max(1),
            text(&record.splitter)
        ),
        Some(record) => format!(
            "On {} % of the rows, kept aside from training ({}).\n\n",
            number(100.0 * record.split.test_share),
            text(&record.splitter)
        ),
        None => "Means over the folds of its search, whose record is not in this store.\n\n".into(),
    };
    let catalog = ruska::builtin();
    let row = |(id, score): (&String, &f64)| {
        let chosen = *id == facts.metric;
        let error = facts.standard_error.filter(|_| chosen).map(|e| format!("± {}", number(e)));
        let constant = facts.baseline.filter(|_| chosen).map(number);
        let what = catalog.measure(id).map_or("", |m| m.info().summary);
        let id = if chosen { format!("**{}**", text(id)) } else { text(id) };
        vec![
            id,
            number(*score),
            error.unwrap_or_default(),
            constant.unwrap_or_default(),
            text(what),
        ]
    };
    let mut scores: Vec<_> = facts.scores.iter().collect();
    scores.sort_by_key(|(id, _)| **id != facts.metric);
    let rows: Vec<Vec<String>> = scores.into_iter().map(row).collect();
    out += &table(&["measure", "score", "standard error", "a constant has", "what it is"], &rows);
    out += "\nThe first measure is the one the model was chosen by.\n";
    if let Some(corrected) = sources.manifest.corrected {
        let Corrected { score, standard_error, optimism, trials, resamples, rows } = corrected;
        let _ = write!(
            out,
            "\nChosen among {trials} trials by its score, it is to be expected to have **{} ± {}** on \
             new rows of the same kind: {} less good for selection optimism (bootstrap \
             bias-corrected cross-validation, {resamples} draws){}.\n",
            number(score),
            number(standard_error),
            number(optimism),
            rows.filter(|gain| *gain > 0.0).map_or(String::new(), |gain| format!(
                ", {} better for learning from more rows than the models of folds did (by fits on \
                 half of the rows)",
                number(gain)
            ))
        );
    }
    if let Some((rows, scores)) = holdout(sources) {
        let scores: Vec<Vec<String>> =
            scores.iter().map(|(id, v)| vec![text(id), number(*v)]).collect();
        let _ = write!(out, "\nOn {rows} rows from which nothing was learned or chosen:\n\n");
        out += &table(&["measure", "score"], &scores);
    }
    out
}

/// Scores of rows kept aside from the whole search, and how many those were.
fn holdout(sources: &Sources) -> Option<(u32, &std::collections::BTreeMap<String, f64>)> {
    sources.events.iter().rev().find_map(|e| match &e.event {
        Event::HoldoutScored { rows, scores, .. } => Some((*rows, scores)),
        _ => None,
    })
}

fn findings(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "Nothing was found.\n".into();
    }
    let item = |finding: &Finding| {
        let severity = match finding.severity {
            Severity::Info => "",
            Severity::Warning => "**Warning.** ",
            Severity::Serious => "**Serious.** ",
        };
        format!("{severity}{}", text(&finding.what))
    };
    list(&findings.iter().map(item).collect::<Vec<_>>())
}

fn pipeline(sources: &Sources) -> String {
    let manifest = &sources.manifest;
    let made = match manifest.refits() {
        (0, _) => "the mean of its fold models".to_owned(),
        (refits, all) if refits < all => {
            format!("{refits} of them fitted again on all rows after their test")
        }
        _ => "fitted again on all rows after its test".to_owned(),
    };
    if manifest.members.is_empty() {
        let out = format!("{}; {made}.\n", text(&manifest.candidate.title()));
        return out + &parts(&manifest.candidate, manifest.refit.as_ref());
    }
    let chosen = "Which of them share the model, and how much, was chosen by the rows of its scores, \
                  which are a little too good for that";
    let corrected = if manifest.corrected.is_some() { "; the results tell how much" } else { "" };
    let mut out = format!("{}; {made}.\n{chosen}{corrected}.\n", text(&manifest.title()));
    let total: u32 = manifest.members.iter().map(|m| m.times).sum();
    for (i, member) in manifest.members.iter().enumerate() {
        let share = 100.0 * f64::from(member.times) / f64::from(total);
        let title = text(&member.candidate.title());
        let _ = write!(out, "\n{}. {share:.0} %: {title}.\n", i + 1);
        out += &parts(&member.candidate, member.refit.as_ref());
    }
    out
}

/// The learner of a pipeline, and the parameters of its parts.
fn parts(candidate: &Candidate, refit: Option<&Params>) -> String {
    let mut out = String::new();
    let catalog = ruska::builtin();
    if let Some(learner) = catalog.learner(&candidate.learner) {
        let info = learner.info();
        out = format!("{}: {} ({}).\n", text(info.id), text(info.summary), text(info.reference));
    }
    let learner = (candidate.learner.as_str(), refit.unwrap_or(&candidate.params));
    let mut rows = vec![];
    for (step, params) in
        candidate.steps.iter().map(|s| (s.step.as_str(), &s.params)).chain([learner])
    {
        let row =
            |(name, value): (&String, &_)| vec![text(step), code(name), text(&format!("{value}"))];
        rows.extend(params.iter().map(row));
    }
    if rows.is_empty() {
        return out;
    }
    out + "\n" + &table(&["part", "parameter", "value"], &rows)
}

fn signature(facts: &ModelFacts) -> String {
    let row = |(name, kind): &(String, ruska::Kind)| vec![code(name), kind.name().to_owned()];
    let rows: Vec<Vec<String>> = facts.signature.iter().map(row).collect();
    if rows.is_empty() {
        return "None: it is a constant.\n".into();
    }
    table(&["column", "meaning"], &rows)
}

fn lineage(sources: &Sources) -> String {
    let listed = &sources.shown.listed;
    let version = &listed.version;
    let origin = match version.origin {
        Origin::Registered => "registered from a model file",
        Origin::Imported => "imported from elsewhere",
        Origin::Job => "made by a job",
    };
    let mut rows = vec![
        vec![
            "entered".into(),
            format!("{} by {}, {origin}", when(listed.at_ms), text(&listed.author)),
        ],
        vec!["file".into(), format!("{} bytes, BLAKE3 {}", version.bytes, code(&version.digest))],
        vec!["ruska".into(), text(&version.facts.ruska)],
        vec!["class of machine".into(), text(&sources.manifest.machine)],
        vec!["seed".into(), version.facts.seed.to_string()],
        vec!["hash of the folds".into(), code(&version.facts.split)],
    ];
    if let Some(study) = &version.study {
        rows.push(vec!["study".into(), text(study)]);
    }
    if let Some(record) = record(sources) {
        rows.push(vec!["data as it was given".into(), code(&record.data)]);
        if !record.command.is_empty() {
            rows.push(vec!["command".into(), code(&record.command.join(" "))]);
        }
    }
    table(&["", ""], &rows)
}

/// What the records show was not tested.
fn limits(sources: &Sources) -> String {
    let facts = &sources.shown.listed.version.facts;
    let mut limits = vec![];
    let compared = sources.shown.decisions.iter().any(|d| d.decision.rows > 0);
    if holdout(sources).is_none() && !compared {
        limits.push(
            "It was tested on parts of its training table only, not on rows kept aside from the \
             search or collected later."
                .to_owned()
                + match sources.manifest.corrected {
                    Some(_) => " What is said of new rows is an estimate from those parts.",
                    None => {
                        " Having been chosen as the best of several, its score is somewhat too good."
                    }
                },
        );
    }
    limits.push(match facts.cutoff_ms {
        Some(until) if compared => format!(
            "It learned from rows up to {}. How its score changes with time was not tested beyond \
             the rows of the decisions above.",
            time_text(until)
        ),
        Some(until) => format!(
            "It learned from rows up to {}. How its score changes with time was not tested beyond \
             that.",
            time_text(until)
        ),
        None => "No column of times was named, so whether it holds for later rows was not tested."
            .to_owned(),
    });
    let levels = facts.signature.iter().any(|(_, kind)| *kind == ruska::Kind::Categorical);
    if levels {
        limits.push(
            "Levels of categorical columns that were not in its training table are taken as \
             unseen; how well it predicts such rows was not tested."
                .to_owned(),
        );
    }
    limits.push(
        "Whether its errors differ between groups of people was not tested, nor whether its \
         inputs cause what it predicts."
            .to_owned(),
    );
    if facts.baseline.is_none() || facts.standard_error.is_none() {
        limits.push("The error of its score, or the score of a constant, is not known.".to_owned());
    }
    list(&limits)
}
