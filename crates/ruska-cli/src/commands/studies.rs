//! `leaderboard`, `trials`, `studies` and `store`: views of what is recorded.

use super::{groups, stamp};
use crate::args::{Format, Listing, StoreAction, StoreArgs, Studies};
use crate::output::{
    Say, align_right, clean, file_name, keep_whole, minute, number, print, seconds, short, size,
    table, wrapped,
};
use crate::{Ending, Failure};
use comfy_table::Table;
use ruska::{Entry, Leaderboard, Status, Store, StudyQuery, StudyRow, StudySort};
use serde_json::json;
use std::fmt::Write;

/// What of a leaderboard is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The best pipelines of each learner, the first so many of them.
    BestOfEach(usize),
    /// Every trial.
    All,
}

/// Pipelines of a learner that are shown where not all are.
const OF_A_LEARNER: usize = 2;

/// The leaderboard as a table, with notes and the trials that have no rank below it.
pub(crate) fn leaderboard_table(board: &Leaderboard, extent: Extent) -> String {
    let groups = groups::tells_groups(board);
    let others = if groups { vec![] } else { other_measures(board) };
    let mut header = vec!["#", "pipeline", &board.metric];
    header.extend(others.iter().map(String::as_str));
    if groups {
        header.extend(groups::header(&board.metric));
        header.push("fit s");
    } else {
        header.extend(["fit s", "µs/row", "size", "folds"]);
    }
    let mut shown = table(&header);
    let ranked: Vec<&Entry> = board.entries.iter().filter(|e| e.rank.is_some()).collect();
    let simplest = ranked.iter().find(|e| e.simplest).map(|e| e.trial);
    let chosen = choose(&ranked, extent);
    for entry in &chosen {
        let mark = if simplest == Some(entry.trial) { "*" } else { "" };
        let score = entry.score.map_or(String::new(), number);
        let error = entry.standard_error.map_or(String::new(), |e| format!(" ± {}", error_text(e)));
        let rank = entry.rank.map_or(String::new(), |r| r.to_string());
        let mut row = vec![mark.to_owned() + &rank, entry.pipeline.clone(), score + &error];
        let other = |id: &String| entry.scores.get(id).map_or(String::new(), |v| number(*v));
        row.extend(others.iter().map(other));
        if groups {
            row.extend(groups::cells(entry, &board.metric));
            row.push(seconds(entry.fit_seconds));
        } else {
            row.extend([
                seconds(entry.fit_seconds),
                format!("{:.1}", entry.predict_us),
                size(entry.bytes),
                entry.folds.to_string(),
            ]);
        }
        shown.add_row(row);
    }
    align_right(&mut shown, 2..header.len());
    align_right(&mut shown, 0..1);
    let mut text = format!("{shown}\n");
    if ranked.len() > chosen.len() {
        let (rest, study) = (ranked.len() - chosen.len(), clean(&board.study));
        let _ = writeln!(
            text,
            "the best of each learner, two at most; {rest} more: ruska leaderboard {study}"
        );
    }
    if simplest.is_some() {
        text += "* the simplest learner within one standard error of the best\n";
    }
    let cut = ranked.iter().filter(|e| !e.note.is_empty()).count();
    if cut > 0 {
        let _ = writeln!(text, "{cut} of these trials: {}", cut_note(&ranked));
    }
    text + &unranked(board)
}

fn cut_note(ranked: &[&Entry]) -> String {
    ranked.iter().map(|e| e.note.clone()).find(|n| !n.is_empty()).unwrap_or_default()
}

/// The trials to show, in rank order; the simplest of the good ones is always among them.
fn choose<'a>(ranked: &[&'a Entry], extent: Extent) -> Vec<&'a Entry> {
    let Extent::BestOfEach(limit) = extent else { return ranked.to_vec() };
    let mut chosen: Vec<&Entry> = vec![];
    for entry in ranked {
        let of_it = chosen.iter().filter(|c| c.learner == entry.learner).count();
        let fresh = of_it < OF_A_LEARNER && chosen.iter().all(|c| c.pipeline != entry.pipeline);
        if entry.simplest || (fresh && chosen.len() < limit) {
            chosen.push(entry);
        }
    }
    chosen
}

/// A standard error with two significant digits.
fn error_text(e: f64) -> String {
    if e == 0.0 || !e.is_finite() {
        return "0".into();
    }
    let digits = (1 - e.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{e:.digits$}")
}

/// Up to one measure beside the metric that every ranked trial has.
fn other_measures(board: &Leaderboard) -> Vec<String> {
    let Some(best) = board.best() else { return vec![] };
    let wanted = ["logloss", "accuracy", "mae", "r2"];
    let has = |id: &&&str| **id != board.metric && best.scores.contains_key(**id);
    wanted.iter().filter(has).take(1).map(|id| (*id).to_owned()).collect()
}

/// Trials without a score, counted by reason; those that lost their race in one line.
fn unranked(board: &Leaderboard) -> String {
    let unranked = || board.entries.iter().filter(|e| e.rank.is_none());
    let lost = |e: &&Entry| e.note.starts_with("pruned");
    let times = |n: usize| if n > 1 { format!("{n} × ") } else { String::new() };
    let mut text = String::new();
    let pruned = counted(unranked().filter(lost).map(|e| e.learner.clone()));
    if !pruned.is_empty() {
        let listed: Vec<String> =
            pruned.iter().map(|(learner, n)| format!("{}{learner}", times(*n))).collect();
        let _ = writeln!(text, "  pruned: {}", short(&listed.join(", "), 88));
    }
    let others = unranked().filter(|e| !lost(e)).map(|e| format!("{}: {}", e.learner, e.note));
    for (reason, n) in counted(others) {
        let _ = writeln!(text, "  not ranked: {}{}", times(n), short(&reason, 84));
    }
    text
}

/// How often each text occurs, the most frequent first, equals in the order in which they come.
fn counted(texts: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = vec![];
    for text in texts {
        match counts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, n)) => *n += 1,
            None => counts.push((text, 1)),
        }
    }
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    counts
}

fn csv(board: &Leaderboard) -> String {
    let quote = |s: &str| format!("\"{}\"", s.replace('"', "\"\""));
    let mut text = String::from(
        "rank,trial,pipeline,metric,score,standard_error,fit_seconds,predict_us,bytes,folds,note\n",
    );
    let opt = |v: Option<f64>| v.map_or(String::new(), |v| v.to_string());
    for e in &board.entries {
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{}",
            e.rank.map_or(String::new(), |r| r.to_string()),
            e.trial,
            quote(&e.pipeline),
            board.metric,
            opt(e.score),
            opt(e.standard_error),
            e.fit_seconds,
            e.predict_us,
            e.bytes,
            e.folds,
            quote(&e.note)
        );
    }
    text
}

fn open(args: &Listing) -> Result<(String, Leaderboard), Failure> {
    let store = Store::open_existing(&args.place.store)?;
    let name = store.resolve(args.study.as_deref())?;
    let board = Leaderboard::from_events(&store.events(&name)?, &ruska::builtin());
    Ok((name, board))
}

/// Prints the leaderboard of a study.
pub(crate) fn leaderboard(args: &Listing, say: Say) -> Result<Ending, Failure> {
    let (name, board) = open(args)?;
    match args.format {
        Format::Csv => print(&csv(&board))?,
        Format::Json => print(&(serde_json::to_string_pretty(&board)? + "\n"))?,
        Format::Table => {
            let text = format!("study {name}\n{}", leaderboard_table(&board, Extent::All));
            say.result(&text, &board)?;
        }
    }
    Ok(Ending::Done)
}

/// Prints the trials of a study in the order tried.
pub(crate) fn trials(args: &Listing, say: Say) -> Result<Ending, Failure> {
    let (name, mut board) = open(args)?;
    board.entries.sort_by_key(|e| e.trial);
    match args.format {
        Format::Csv => print(&csv(&board))?,
        Format::Json => print(&(serde_json::to_string_pretty(&board.entries)? + "\n"))?,
        Format::Table => {
            let mut shown =
                table(&["trial", "from", "pipeline", &board.metric, "parameters", "note"]);
            for entry in &board.entries {
                shown.add_row([
                    entry.trial.to_string(),
                    entry.origin.clone(),
                    entry.pipeline.clone(),
                    entry.score.map_or(String::new(), number),
                    parameters(entry),
                    clean(&entry.note),
                ]);
            }
            say.result(&format!("study {name}\n{shown}\n"), &board.entries)?;
        }
    }
    Ok(Ending::Done)
}

fn parameters(entry: &Entry) -> String {
    let pairs = entry.params.iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join(" ")
}

fn status(row: &StudyRow) -> String {
    match &row.status {
        Status::Running => "running".into(),
        Status::Ended { .. } if row.done == 0 => "no model".into(),
        Status::Ended { why } => match why.as_str() {
            "trials" | "time" => "done".into(),
            other => other.to_owned(),
        },
        Status::Interrupted => "interrupted".into(),
    }
}

/// The order asked for, and whether it is turned round: the latest and the best come first.
fn order(sort: &str) -> Result<(StudySort, bool), Failure> {
    let catalog = ruska::builtin();
    match (sort, catalog.measure(sort)) {
        ("created", _) => Ok((StudySort::Created, true)),
        ("name", _) => Ok((StudySort::Name, false)),
        (_, Some(measure)) => {
            Ok((StudySort::Score(sort.to_owned()), measure.info().higher_is_better))
        }
        (_, None) => {
            let ids = catalog.measures.iter().map(|m| m.info().id);
            let known = ["created", "name"].into_iter().chain(ids).collect::<Vec<_>>().join(", ");
            let (id, kinds) = (sort.to_owned(), "order of studies");
            Err(ruska::Error::NoSuchId { option: "--sort", id, kinds, known }.into())
        }
    }
}

/// Lists the studies of the store.
pub(crate) fn list(args: &Studies, say: Say) -> Result<Ending, Failure> {
    let (sort, descending) = order(&args.sort)?;
    let query = StudyQuery {
        target: args.target.clone(),
        sort,
        descending,
        limit: args.limit.map_or(usize::MAX, |n| n as usize),
        after: args.after.clone(),
        ..StudyQuery::default()
    };
    let page = Store::open_existing(&args.place.store)?.studies_page(&query)?;
    let mut text = format!("{}\n", studies_table(&page.rows, &query.sort));
    if let Some(next) = &page.next {
        let (shown, total) = (page.rows.len(), page.total);
        let _ = writeln!(text, "{shown} of {total} studies; go on with --after '{}'", clean(next));
    }
    say.result(&text, &page.rows)?;
    Ok(Ending::Done)
}

fn studies_table(rows: &[StudyRow], sort: &StudySort) -> Table {
    let header =
        ["study", "started (UTC)", "data", "target", "best", "done", "pruned", "failed", "state"];
    let mut shown = table(&header);
    for row in rows {
        let metric = match sort {
            StudySort::Score(metric) => metric,
            StudySort::Created | StudySort::Name => &row.metric,
        };
        let best = row.scores.get(metric).map_or("–".into(), |v| number(*v));
        shown.add_row([
            short(&row.name, 24),
            minute(row.created_ms),
            short(file_name(&row.data), 20),
            short(&row.target, 16),
            format!("{metric} {best}"),
            row.done.to_string(),
            row.pruned.to_string(),
            row.failed.to_string(),
            status(row),
        ]);
    }
    keep_whole(&mut shown, [1].into_iter().chain(4..header.len()));
    align_right(&mut shown, 5..8);
    shown
}

/// Looks after the store.
pub(crate) fn store(args: &StoreArgs, say: Say) -> Result<Ending, Failure> {
    let StoreAction::Backup { to, actor, place } = &args.action;
    let store = Store::open_existing(&place.store)?;
    let (backup, entered) = ruska_ops::audit::backup(&store, to, stamp(&actor.actor))?;
    if !entered {
        say.note("! the store can only be read, so its log does not tell of this copy");
    }
    let mut text =
        format!("copied to {}: {} blobs, {}\n", to.display(), backup.blobs, size(backup.bytes));
    for digest in &backup.damaged {
        let _ = writeln!(text, "damaged and left out: {digest}");
    }
    if !backup.without_model.is_empty() {
        let names = backup.without_model.join(", ");
        let what = format!(
            "the copy cannot score with {names}: their model files are not in the store itself"
        );
        text += &wrapped(&what, "  ");
    }
    let document = json!({
        "to": to.display().to_string(),
        "blobs": backup.blobs,
        "bytes": backup.bytes,
        "damaged": backup.damaged,
        "without_model": backup.without_model,
    });
    say.result(&text, &document)?;
    Ok(if backup.is_complete() { Ending::Done } else { Ending::SaidNo })
}
