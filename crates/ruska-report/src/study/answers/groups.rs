//! What is asked first about groups.

use super::answer;
use crate::page::Answer;
use crate::words::counted;
use ruska::Story;
use ruska::words::percent;

/// Groups described.
const GROUPS: usize = 4;

/// Which groups there are.
pub(super) fn which(story: &Story) -> Option<Answer> {
    let told = story.groups.as_ref()?;
    let question = "Which groups are there?";
    if told.clusters < 2 {
        return answer(question, "None: the rows look like one heap.", vec![]);
    }
    let named = told.profiles.iter().filter(|p| p.cluster >= 0).take(GROUPS);
    answer(
        question,
        format!("{}.", counted(told.clusters, "group")),
        named.map(|p| p.words.clone()).collect(),
    )
}

/// How far groups can be trusted.
pub(super) fn sure(story: &Story) -> Option<Answer> {
    let told = story.groups.as_ref().filter(|told| told.clusters > 1)?;
    let entry = story.leaderboard.entries.iter().find(|e| Some(e.trial) == story.trial)?;
    let stable = entry.scores.get("stability").map(|s| {
        format!("Found again on parts of the rows with an agreement of {s:.2} (1 is the same).")
    });
    let silhouette = entry
        .scores
        .get("silhouette")
        .map(|s| format!("Silhouette {s:.2}: 1 is far apart, 0 is touching."));
    let rules = told.rules.as_ref().and_then(|r| r.fidelity);
    let rules = rules.map(|f| format!("A few rules tell {} of the rows apart.", percent(f)));
    let short = match entry.scores.get("stability") {
        Some(s) if *s >= 0.8 => "They come out the same again.",
        Some(s) if *s >= 0.5 => "They come out alike again.",
        _ => "Take them as one way to look at the rows.",
    };
    answer("How sure are we?", short, [stable, silhouette, rules].into_iter().flatten().collect())
}
