//! `ruska dataset diff`: what two versions differ in, most changed columns first.

use super::show::missing;
use crate::output::{align_right, keep_whole, short, table, value};
use ruska_ops::dataset::{ColumnDiff, DatasetDiff, LevelShare, NamedColumn};
use std::fmt::Write;

/// Columns named on one line.
const NAMED: usize = 10;
/// Levels named of a column.
const LEVELS: usize = 5;

/// A comparison as text: columns that did not change only when `all`.
pub(super) fn text(diff: &DatasetDiff, all: bool) -> String {
    let DatasetDiff { left, right, columns, .. } = diff;
    let names = [left, right].map(|head| format!("{}:{}", head.name, head.version));
    let mut text = format!("{} → {}\n", names[0], names[1]);
    if left.digest == right.digest {
        return text + "the same bytes\n";
    }
    if left.fingerprint == right.fingerprint {
        text += "other bytes, the same table\n";
    }
    let _ = writeln!(
        text,
        "rows     {}{}",
        change(left.rows, right.rows),
        growth(left.rows, right.rows)
    );
    let _ = writeln!(text, "columns  {}", change(left.columns, right.columns));
    let named = |column: &NamedColumn| format!("`{}` {}", column.name, column.kind.name());
    let added: Vec<String> = diff.added.iter().map(named).collect();
    let removed: Vec<String> = diff.removed.iter().map(named).collect();
    let other = columns.iter().filter(|c| c.left.kind != c.right.kind);
    let other: Vec<String> = other
        .map(|c| format!("`{}` {} → {}", c.name, c.left.kind.name(), c.right.kind.name()))
        .collect();
    for (label, found) in [("new", added), ("gone", removed), ("type", other)] {
        if !found.is_empty() {
            let _ = writeln!(text, "{label:<9}{}", few(&found));
        }
    }
    let alike = || columns.iter().filter(|c| c.left.kind == c.right.kind);
    let shown: Vec<&ColumnDiff> = alike().filter(|c| all || c.changed).collect();
    if !shown.is_empty() {
        let _ = writeln!(text, "\n{}", distributions(&shown));
        for (column, values) in shown.iter().filter_map(|c| Some((c, values(c)?))) {
            let _ = writeln!(text, "  {}", short(&format!("{}: {values}", column.name), 98));
        }
    }
    let still = alike().filter(|c| !c.changed).count();
    let _ = writeln!(text, "\n{}", verdict(alike().count(), still));
    if !shown.is_empty() {
        let _ = writeln!(
            text,
            "distance: Jensen–Shannon (Lin 1991), 0 is equal, 1 has nothing in common"
        );
        if shown.iter().any(|c| c.shift.is_some()) {
            let of = &names[0];
            let _ = writeln!(text, "shift: Wasserstein distance in standard deviations of {of}");
        }
    }
    text
}

fn verdict(both: usize, still: usize) -> String {
    match (both, still) {
        (0, _) => "no column of the same type is in both".to_owned(),
        (_, 0) => "all of these columns changed more than chance gives".to_owned(),
        (both, still) => format!(
            "{still} of {both} columns differ no more than random samples of one table would"
        ),
    }
}

/// `3 → 4`, or `3` for both.
fn change(before: impl ToString, after: impl ToString) -> String {
    let (before, after) = (before.to_string(), after.to_string());
    if before == after { before } else { format!("{before} → {after}") }
}

/// How much more or less there is, as ` (+5 %)`.
fn growth(before: u64, after: u64) -> String {
    if before == 0 || before == after {
        return String::new();
    }
    let percent = 100.0 * (after as f64 / before as f64 - 1.0);
    let sign = if percent > 0.0 { "+" } else { "" };
    format!(" ({sign}{} %)", value(percent))
}

/// The first of some words.
fn few(words: &[String]) -> String {
    let first: Vec<String> = words.iter().take(NAMED).map(|w| short(w, 80)).collect();
    let more = words.len() - first.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    first.join(", ") + &rest
}

fn distributions(columns: &[&ColumnDiff]) -> comfy_table::Table {
    let header = ["column", "distance", "missing", "mean", "sd", "shift"];
    let mut shown = table(&header);
    for column in columns {
        let (left, right) = (&column.left, &column.right);
        let pair = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (None, None) => String::new(),
            (a, b) => {
                let text = |v: Option<f64>| v.map_or("–".to_owned(), value);
                change(text(a), text(b))
            }
        };
        let share = |share: f64| if share == 0.0 { "0".to_owned() } else { missing(share) };
        let gap = match (left.missing, right.missing) {
            (0.0, 0.0) => String::new(),
            (a, b) => change(share(a), share(b)),
        };
        shown.add_row([
            short(&column.name, 28),
            column.distance.map_or(String::new(), |d| format!("{d:.3}")),
            gap,
            pair(left.mean, right.mean),
            pair(left.sd, right.sd),
            column.shift.map_or(String::new(), |s| format!("{s:.3}")),
        ]);
    }
    keep_whole(&mut shown, 0..header.len());
    align_right(&mut shown, 1..2);
    align_right(&mut shown, 5..6);
    shown
}

/// New and vanished levels, or the stretch of time where it changed.
fn values(column: &ColumnDiff) -> Option<String> {
    if let (Some(left), Some(right)) = (&column.left.times, &column.right.times) {
        let range = |(first, last): &(String, String)| {
            let day = |time: &str| time.chars().take(10).collect::<String>();
            format!("{} … {}", day(first), day(last))
        };
        return Some(change(range(left), range(right))).filter(|_| left != right);
    }
    let list = |word: &str, levels: &[LevelShare]| {
        let first = levels.iter().take(LEVELS);
        let first =
            first.map(|l| format!("`{}` {} %", short(&l.level, 24), value(rounded(l.share))));
        let more = levels.len().saturating_sub(LEVELS);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        let text = format!("{word} {}{rest}", first.collect::<Vec<_>>().join(", "));
        Some(text).filter(|_| !levels.is_empty())
    };
    let (new, gone) = (list("new", &column.new_levels), list("gone", &column.vanished_levels));
    let parts: Vec<String> = new.into_iter().chain(gone).collect();
    Some(parts.join("; ")).filter(|text| !text.is_empty())
}

/// A share as a percentage with two decimals.
fn rounded(share: f64) -> f64 {
    (1e4 * share).round() / 100.0
}
