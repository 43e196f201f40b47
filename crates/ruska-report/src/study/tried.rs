//! What was tried, how good each was, and how the best got better.

use crate::chart::{Bar, Curve, Kind, Lines, Told, bars};
use crate::page::{Part, Picture, Section};
use crate::table::{Cell, Table};
use crate::words::{counted, quoted};
use ruska::words::{number, rough, size};
use ruska::{Entry, Story};

/// Learners drawn.
const LEARNERS: usize = 16;
/// Measures told beside the metric, where trials have them; `leaderboard --json` tells all.
const OTHERS: [&str; 8] =
    ["logloss", "accuracy", "mae", "r2", "clusters", "silhouette", "stability", "smape"];
/// Reasons told of trials without a score.
const REASONS: usize = 6;

/// Leaderboard, families, progress.
pub(super) fn section(story: &Story) -> Option<Section> {
    let board = &story.leaderboard;
    let mut parts = chosen(story);
    let mut pictures = vec![];
    if let Some(families) = families(story) {
        pictures.push(families);
    }
    pictures.extend(progress(story));
    parts.push(Part::Pictures(pictures));
    parts.push(Part::Table(leaderboard(story)));
    let reasons = unranked(&board.entries);
    if !reasons.is_empty() {
        parts.push(Part::Heading("Trials without a score".to_owned()));
        parts.push(Part::List(reasons));
    }
    Some(Section { id: "tried", title: "What was tried".to_owned(), parts })
}

/// The model, the best trial and the simplest that is about as good.
fn chosen(story: &Story) -> Vec<Part> {
    let board = &story.leaderboard;
    let told = |entry: &Entry| {
        let error = entry.standard_error.map_or(String::new(), |e| format!(" ± {}", rough(e)));
        let score = entry
            .score
            .map_or(String::new(), |s| format!(": {} {}{error}", board.metric, number(s)));
        format!("{}{score}", quoted_pipeline(&entry.pipeline))
    };
    let mut lines = vec![];
    if let Some(model) = &story.model {
        let manifest = model.manifest();
        let score = manifest
            .scores
            .get(&board.metric)
            .map_or(String::new(), |s| format!(": {} {}", board.metric, number(*s)));
        lines.push(format!("The model: {}{score}", manifest.title()));
        if let Some(baseline) = manifest.baseline {
            lines.push(format!(
                "Knowing nothing of the columns: {} {}",
                board.metric,
                number(baseline)
            ));
        }
    }
    if let Some(best) = board.best() {
        lines.insert(lines.len().min(1), format!("Best pipeline: {}", told(best)));
    }
    if let Some(simple) = board.entries.iter().find(|e| e.simplest) {
        lines.push(format!("Simplest within one standard error of the best: {}", told(simple)));
    }
    if lines.is_empty() { vec![] } else { vec![Part::List(lines)] }
}

/// A pipeline is made of names of the catalog, not of data.
fn quoted_pipeline(pipeline: &str) -> String {
    format!("`{pipeline}`")
}

/// The best of each learner with its error, and its other trials.
fn families(story: &Story) -> Option<Picture> {
    let board = &story.leaderboard;
    let ranked: Vec<&Entry> = board.entries.iter().filter(|e| e.score.is_some()).collect();
    let mut learners: Vec<&str> = vec![];
    for entry in &ranked {
        if !learners.contains(&entry.learner.as_str()) {
            learners.push(&entry.learner);
        }
    }
    let bar = |learner: &&str| {
        let mut scores = ranked.iter().filter(|e| e.learner == *learner);
        let best = scores.next()?;
        let value = best.score?;
        let span = best.standard_error.map(|e| (value - e, value + e));
        let others = scores.filter_map(|e| e.score).collect();
        Some(Bar { name: best.learner.clone(), value, span, others, text: number(value) })
    };
    let shown: Vec<Bar> = learners.iter().take(LEARNERS).filter_map(bar).collect();
    let better = if board.higher_is_better { "more is better" } else { "less is better" };
    let title = format!(
        "{} of each learner's best trial ± standard error, others grey ({better})",
        board.metric
    );
    (!shown.is_empty()).then(|| bars(&title, shown, false))
}

/// How the best score got better.
fn progress(story: &Story) -> Option<Picture> {
    let [first, .., last] = &story.progress[..] else { return None };
    let metric = &story.leaderboard.metric;
    // The constant would hide what came after.
    let from = usize::from(story.progress.len() > 3);
    let points = story.progress.iter().skip(from).map(|p| (p.seconds, p.score)).collect();
    let lines = Lines {
        across: "seconds of search".to_owned(),
        up: format!("best {metric} so far"),
        curves: vec![Curve { name: String::new(), points, kind: Kind::Steps }],
        told: (Told::Number, Told::Number),
    };
    let words = format!(
        "{metric} {} at first, {} after {} seconds.",
        number(first.score),
        number(last.score),
        rough(last.seconds)
    );
    let title = "How the best got better".to_owned();
    Some(Picture { title, words, svg: lines.svg(), wide: false })
}

fn leaderboard(story: &Story) -> Table {
    let board = &story.leaderboard;
    let has = |id: &&&str| {
        **id != board.metric && board.best().is_some_and(|b| b.scores.contains_key(**id))
    };
    let others: Vec<&str> = OTHERS.iter().filter(has).take(3).copied().collect();
    let mut columns = vec![
        "rank",
        "pipeline",
        &board.metric,
        "standard error",
        "fit s",
        "µs a row",
        "size",
        "folds",
    ];
    columns.extend(&others);
    columns.push("note");
    let mut table = Table::new("leaderboard", "All trials, the best first.", &columns);
    table.shown = 20;
    let cell = |v: f64| Cell::number(v, number(v));
    for entry in &board.entries {
        let fitted = |cell: Cell| if entry.folds > 0 { cell } else { Cell::none() };
        let mut cells = vec![
            entry.rank.map_or(Cell::none(), Cell::count),
            Cell::text(&entry.pipeline),
            entry.score.map_or(Cell::none(), cell),
            entry.standard_error.map_or(Cell::none(), |e| Cell::number(e, rough(e))),
            fitted(Cell::number(entry.fit_seconds, ruska::words::seconds(entry.fit_seconds))),
            fitted(Cell::number(entry.predict_us, format!("{:.1}", entry.predict_us))),
            fitted(Cell::number(entry.bytes as f64, size(entry.bytes))),
            Cell::count(entry.folds),
        ];
        cells.extend(
            others.iter().map(|id| entry.scores.get(*id).map_or(Cell::none(), |v| cell(*v))),
        );
        cells.push(Cell::text(&entry.note));
        table.row(cells);
    }
    table
}

/// How many trials have no score, by reason.
fn unranked(entries: &[Entry]) -> Vec<String> {
    let mut counts: Vec<(String, usize)> = vec![];
    for entry in entries.iter().filter(|e| e.rank.is_none()) {
        // After how many folds a race was lost is a detail.
        let why =
            if entry.note.starts_with("pruned") { "lost against better ones" } else { &entry.note };
        let line = format!("{}: {why}", quoted(&entry.learner));
        match counts.iter_mut().find(|(known, _)| *known == line) {
            Some((_, n)) => *n += 1,
            None => counts.push((line, 1)),
        }
    }
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let more = counts.len().saturating_sub(REASONS);
    let shown = counts.into_iter().take(REASONS);
    let mut lines: Vec<String> =
        shown.map(|(line, n)| if n > 1 { format!("{n} × {line}") } else { line }).collect();
    if more > 0 {
        lines.push(format!("… and {}", counted(more, "more reason")));
    }
    lines
}
