//! What is told of groups: which trials found how many, and what the model makes of the rows.

use crate::output::{clean, short};
use ruska::{Entry, Leaderboard};

/// The columns that tell of groups, by what they are called and what they are recorded as.
const COLUMNS: [(&str, &str); 6] = [
    ("k", "clusters"),
    ("largest", "largest"),
    ("smallest", "smallest"),
    ("noise", "noise"),
    ("silhouette", "silhouette"),
    ("stability", "stability"),
];

/// Whether the trials of a leaderboard found groups.
pub(crate) fn tells_groups(board: &Leaderboard) -> bool {
    board.best().is_some_and(|best| best.scores.contains_key("clusters"))
}

/// The names of the columns that tell of groups.
pub(crate) fn header(metric: &str) -> Vec<&'static str> {
    columns(metric).map(|(name, _)| name).collect()
}

/// What a trial says in these columns.
pub(crate) fn cells(entry: &Entry, metric: &str) -> Vec<String> {
    let cell = |(name, id): (&str, &str)| {
        let Some(value) = entry.scores.get(id) else { return String::new() };
        match name {
            "k" => format!("{value:.0}"),
            "largest" | "smallest" | "noise" => percent(*value),
            _ => format!("{value:.3}"),
        }
    };
    columns(metric).map(cell).collect()
}

fn columns(metric: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    COLUMNS.into_iter().filter(move |(_, id)| *id != metric)
}

/// What the model makes of the rows, in words.
pub(crate) fn found(chosen: &Entry) -> String {
    let of = |id: &str| chosen.scores.get(id).copied();
    let clusters = of("clusters").unwrap_or(0.0);
    let sizes = match (of("smallest"), of("largest")) {
        (Some(least), Some(most)) if percent(least) == percent(most) => {
            format!("each {} of the rows", percent(most))
        }
        (Some(least), Some(most)) => {
            format!("the smallest {}, the largest {} of the rows", percent(least), percent(most))
        }
        _ => String::new(),
    };
    let noise = of("noise").filter(|share| *share > 0.0);
    let noise = noise.map_or(String::new(), |share| format!("; {} are in none", percent(share)));
    format!("{clusters:.0} clusters, {sizes}{noise} · {}", short(&clean(&chosen.pipeline), 60))
}

/// What is said first where one group is the answer and nobody asked for it.
pub(crate) fn none_found(board: &Leaderboard, chosen: &Entry) -> Option<String> {
    let one = chosen.scores.get("clusters") == Some(&1.0);
    if !one {
        return None;
    }
    let several = |e: &&Entry| e.scores.get("clusters").is_some_and(|k| *k > 1.0);
    let found = || board.entries.iter().filter(several);
    if found().next().is_none() {
        let why = "no trial found several that could be kept; the reasons stand below";
        return Some(format!("no clusters found: {why}"));
    }
    let Some(p_value) = chosen.scores.get("heap") else {
        let why = "one distribution describes the rows better than\nseveral do";
        return Some(format!("no clusters found: {why}; --clusters N divides them all the same"));
    };
    let more = if found().any(|e| e.scores.contains_key("icl")) {
        "and several\ngroups do not describe them better; --clusters N divides them all the same"
    } else {
        "and no\nmixture came to an end, which may tell more: give it more time"
    };
    Some(format!(
        "no clusters found: the rows look like one heap (p = {p_value:.2} against it), {more}"
    ))
}

/// A share for people: whole percents, tenths below one.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    let digits = usize::from(percent > 0.0 && percent < 0.95);
    format!("{percent:.digits$} %")
}
