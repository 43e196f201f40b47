//! What is asked first, with answers that need no further reading.

mod ahead;
mod groups;
mod rows;

use super::{Worth, positive, worth};
use crate::page::Answer;
use crate::study::more_of;
use crate::words::counted;
use ruska::words::{grouped, number};
use ruska::{Severity, Story, TaskKind, condense};
use std::collections::BTreeMap;

/// Columns named in an answer.
const NAMED: usize = 3;

/// The answers of a study of any kind.
pub(super) fn of(story: &Story) -> Vec<Answer> {
    let of_kind = match story.record.meta.kind {
        _ if story.model.is_none() => vec![no_model(story)],
        TaskKind::Classification => {
            vec![rows::which(story), rows::why(story), rows::worth(story), rows::sure(story)]
        }
        TaskKind::Regression => {
            vec![rows::how_much(story), rows::why(story), rows::sure(story), rows::weak(story)]
        }
        TaskKind::Clustering => vec![groups::which(story), groups::sure(story)],
        TaskKind::Forecasting => {
            vec![ahead::what(story), ahead::why(story), ahead::sure(story), ahead::weak(story)]
        }
    };
    of_kind.into_iter().chain([next(story)]).flatten().collect()
}

fn answer(
    question: impl Into<String>,
    short: impl Into<String>,
    more: Vec<String>,
) -> Option<Answer> {
    let more = more.into_iter().filter(|line| !line.is_empty()).collect();
    Some(Answer { question: question.into(), short: short.into(), more })
}

/// Why there is no model.
fn no_model(story: &Story) -> Option<Answer> {
    let board = &story.leaderboard;
    let trials = counted(board.entries.len(), "trial");
    let short = if board.best().is_some() { "Not yet." } else { "No." };
    let more = if let Some(best) = board.best() {
        let score =
            best.score.map_or(String::new(), |s| format!(": {} {}", board.metric, number(s)));
        format!(
            "The study ended before one was made. The best of {trials} so far is `{}`{score}.",
            best.pipeline
        )
    } else {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        board.entries.iter().for_each(|e| *reasons.entry(e.note.as_str()).or_default() += 1);
        let most = reasons.into_iter().max_by_key(|(_, n)| *n);
        let why = most.map_or(String::new(), |(why, _)| format!(": {why}"));
        format!("None of {trials} came to a score{why}.")
    };
    answer("Is there a model?", short, vec![more])
}

/// A score with the digits that its error leaves.
fn short_score(score: f64, error: Option<f64>) -> String {
    match error.filter(|e| *e > 0.0 && e.is_finite()) {
        Some(e) => {
            let digits = (1 - e.log10().floor() as i32).clamp(0, 12) as usize;
            grouped(&format!("{score:.digits$}"))
        }
        None => number(score),
    }
}

/// What to do.
fn next(story: &Story) -> Option<Answer> {
    let found = condense(story.record.findings.clone());
    let serious = found.iter().filter(|f| f.severity == Severity::Serious);
    let warned: Vec<String> = serious.map(|f| f.what.clone()).collect();
    let mut more = more_of(story);
    let several = story.groups.as_ref().is_none_or(|told| told.clusters > 1);
    let kind = story.record.meta.kind;
    let short = if let Some(what) = warned.first() {
        more.insert(0, what.clone());
        "Look at the warnings of the data first."
    } else if story.model.is_none() && story.leaderboard.best().is_none() {
        "See why trials failed."
    } else if story.model.is_none() {
        "Go on: `ruska resume`."
    } else if worth(story) == Worth::Nothing {
        "Do not use it: look for other columns, or more rows."
    } else {
        match kind {
            TaskKind::Clustering if several => {
                "Give the groups names, and see which is worth what."
            }
            TaskKind::Clustering => "Look for other columns, or take the rows as one group.",
            TaskKind::Forecasting => "Plan with the bounds, not with the middle alone.",
            TaskKind::Regression => "Use it on new rows, with intervals.",
            TaskKind::Classification if positive(story).is_some() => {
                "Score new rows and begin with the most likely."
            }
            TaskKind::Classification => "Use it on new rows.",
        }
    };
    more.push("The commands are at the end of this page.".to_owned());
    answer("What to do next?", short, more)
}
