//! What follows from comparing a run's challenger with the champion, as one entry of the ledger.

use super::{Job, Mode, Promotion};
use crate::Error;
use crate::compare::{Judgement, Rival, judge};
use crate::register::{self, change_at, open_version, way_to, when};
use ruska::register::{
    Answer, Decided, Decision, Entry, JobOutcome, Mark, ModelState, ModelVersion, Proposal, Stamp,
    Stand, Verdict,
};
use ruska::{Model, ReadTable, Store};
use std::collections::BTreeMap;

/// What was decided.
pub(super) struct Settled {
    /// What it means for the run.
    pub(super) outcome: JobOutcome,
    /// In one sentence.
    pub(super) reason: String,
    /// The record.
    pub(super) decision: Decided,
}

/// Compares, decides and does what follows; finds the decision that an earlier attempt at the same
/// run has made. Decides anew when the champion was replaced, or the challenger closed, meanwhile.
pub(super) fn decide(
    store: &Store,
    job: &Job,
    promotion: &Promotion,
    table: &ReadTable,
    (run, data): (&str, &str),
    (version, model): (&ModelVersion, &Model),
    stamp: Stamp<'_>,
) -> Result<Settled, Error> {
    let (name, mode) = (job.name(), promotion.mode);
    loop {
        let state = register::state(store, name)?;
        if let Some(settled) = decided(&state, run, mode) {
            return Ok(settled);
        }
        let champion = state.champion(&promotion.environment);
        let judgement = compare(store, &state, promotion, table, champion, (version, model))?;
        let decision = Decision {
            environment: promotion.environment.clone(),
            challenger: version.version,
            champion,
            rows: judgement.rows,
            left_out: judgement.left_out,
            data: data.to_owned(),
            rules: judgement.rules,
            verdict: judgement.verdict,
            reason: judgement.reason,
            run: Some(run.to_owned()),
        };
        let open = |state: &ModelState| open_version(state, version.version).is_ok();
        change_at(store, name, stamp, |now, environments, first| {
            if now.champion(&promotion.environment) != champion || open(now) != open(&state) {
                return Ok((vec![], ()));
            }
            Ok((entries_of(now, environments, promotion, decision, first, stamp)?, ()))
        })?;
    }
}

/// What the rules say, or why there is nothing to compare.
fn compare(
    store: &Store,
    state: &ModelState,
    promotion: &Promotion,
    table: &ReadTable,
    champion: Option<u32>,
    (version, model): (&ModelVersion, &Model),
) -> Result<Judgement, Error> {
    let (name, number) = (&state.name, version.version);
    let decline = |reason: String| {
        let (rules, left_out) = (vec![], BTreeMap::new());
        Ok(Judgement { rows: 0, left_out, rules, verdict: Verdict::Decline, reason })
    };
    if champion == Some(number) {
        return decline(format!("the search gave {name}:{number}, the champion itself, once more"));
    }
    if let Some(reason) = unwanted(state, &promotion.environment, version) {
        return decline(reason);
    }
    let challenger_label = format!("{name}:{number}");
    let challenger = Rival { label: &challenger_label, model, bytes: version.bytes };
    let Some(champion) = champion else {
        return judge(&table.frame, challenger, None, &promotion.rules, promotion.min_rows);
    };
    let label = format!("{name}:{champion}");
    let standing = register::load(store, name, champion)?;
    let bytes = state.versions[&champion].version.bytes;
    let champion = Rival { label: &label, model: &standing, bytes };
    judge(&table.frame, challenger, Some(champion), &promotion.rules, promotion.min_rows)
}

/// Why people do not want a model whose bytes are known, if they do not: it was rejected, retired
/// or deleted under this or another number, or rolled back from the environment.
fn unwanted(state: &ModelState, environment: &str, version: &ModelVersion) -> Option<String> {
    let same = state.versions.values().filter(|v| v.version.digest == version.digest);
    for known in same {
        if let Err(closed) = open_version(state, known.version.version) {
            return Some(format!("the search gave a known model: {closed}"));
        }
    }
    let history = state.history.get(environment)?;
    let stood = |s: &Stand| s.deployments.iter().any(|d| d.version == version.version);
    let last = history.iter().rposition(stood)?;
    let back = history.get(last + 1).filter(|s| s.rollback)?;
    let Mark { actor, at_ms, reason } = &back.mark;
    let because = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let name = &state.name;
    Some(format!(
        "{name}:{} was rolled back from {environment} by {actor} on {}{because}; \
         `ruska model promote` brings it back where that is wanted",
        version.version,
        when(*at_ms)
    ))
}

/// The decision and what follows from it.
fn entries_of(
    state: &ModelState,
    environments: &[String],
    promotion: &Promotion,
    decision: Decision,
    seq: u64,
    stamp: Stamp<'_>,
) -> Result<Vec<Entry>, Error> {
    let (version, environment) = (decision.challenger, &promotion.environment);
    let open = decision.champion != Some(version) && open_version(state, version).is_ok();
    let mut follows = vec![];
    if open && promotion.mode == Mode::Manual {
        let waits = state
            .waiting(version)
            .is_some_and(|p| p.environment == *environment && p.expires_ms >= stamp.at_ms);
        if waits {
            return Ok(vec![Entry::Decided(Box::new(decision))]);
        }
        follows.push(Entry::Proposed {
            version,
            environment: environment.clone(),
            expires_ms: stamp.at_ms.saturating_add(promotion.expires_ms()),
            decision: Some(seq),
        });
    } else if open && decision.verdict == Verdict::Promote {
        let why = (decision.reason.as_str(), Some(seq));
        follows = way_to(state, environments, version, environment, why)?;
    }
    Ok([Entry::Decided(Box::new(decision))].into_iter().chain(follows).collect())
}

/// What a run has decided, if it has.
fn decided(state: &ModelState, run: &str, mode: Mode) -> Option<Settled> {
    let decided = state.decisions.iter().rev().find(|d| d.decision.run.as_deref() == Some(run))?;
    let Decision { verdict, reason, challenger, environment, .. } = &decided.decision;
    // An earlier proposal of the same version may wait still.
    let proposed = |p: &Proposal| {
        let same = p.version == *challenger && p.environment == *environment;
        p.decision == Some(decided.seq) || (same && p.answer == Answer::Waiting)
    };
    let outcome = match verdict {
        _ if mode == Mode::Manual && state.proposals.iter().any(proposed) => JobOutcome::Proposed,
        Verdict::Promote => JobOutcome::Promoted,
        Verdict::Decline => JobOutcome::Declined,
        Verdict::Hold => JobOutcome::Held,
    };
    Some(Settled { outcome, reason: reason.clone(), decision: decided.clone() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ruska::register::{Deployment, ModelFacts, Origin, Recorded, Role, Subject};

    fn recorded(seq: u64, entry: Entry) -> Recorded {
        let (actor, name) = ("ann".to_owned(), "churn".to_owned());
        Recorded { seq, at_ms: 0, actor, subject: Subject::Model, name, entry }
    }

    fn registered(version: u32) -> Entry {
        let facts = ModelFacts {
            task: "regression".into(),
            target: "y".into(),
            classes: vec![],
            pipeline: "linear".into(),
            metric: "rmse".into(),
            scores: BTreeMap::new(),
            standard_error: None,
            corrected: None,
            baseline: None,
            seed: 0,
            rows: 1,
            data: String::new(),
            split: String::new(),
            cutoff_ms: None,
            signature: vec![],
            ruska: String::new(),
        };
        let (digest, origin) = (version.to_string(), Origin::Job);
        let (study, dataset) = (None, None);
        Entry::ModelRegistered(Box::new(ModelVersion {
            version,
            digest,
            bytes: 1,
            origin,
            study,
            dataset,
            facts,
        }))
    }

    fn deployed(version: u32) -> Entry {
        Entry::Deployed {
            environment: "prod".into(),
            deployments: vec![Deployment { version, weight: 1.0, role: Role::Champion }],
            reason: String::new(),
            decision: None,
        }
    }

    #[test]
    fn only_what_a_rollback_took_out_is_unwanted() {
        let back = || Entry::RolledBack { environment: "prod".into(), reason: "odd".into() };
        let entries = [
            registered(1),
            registered(2),
            registered(3),
            deployed(1),
            deployed(2),
            deployed(3),
            back(),
        ];
        let entries: Vec<Recorded> = (1..).zip(entries).map(|(i, e)| recorded(i, e)).collect();
        let unwanted_of = |entries: &[Recorded]| -> Vec<u32> {
            let state = ModelState::of("churn", entries);
            let versions = state.versions.values().map(|v| &v.version);
            let refused = versions.filter(|v| unwanted(&state, "prod", v).is_some());
            refused.map(|v| v.version).collect()
        };
        // 2 is back, 3 made way; 1 was replaced long before.
        assert_eq!(unwanted_of(&entries), [3]);
        // Whoever promotes it again wants it.
        let again = [entries.as_slice(), &[recorded(9, deployed(3))]].concat();
        assert_eq!(unwanted_of(&again), [0u32; 0]);
        let twice = [entries.as_slice(), &[recorded(9, back())]].concat();
        assert_eq!(unwanted_of(&twice), [2, 3]);
    }
}
