//! `ruska dataset show`: a version, its file now, and who learned from it.

use crate::commands::model::places;
use crate::output::{clean, number, short, size, table, value};
use ruska::register::{DatasetColumn, DatasetVersion};
use ruska::{Kind, time_text};
use ruska_ops::dataset::{FileState, Shown};
use ruska_ops::register::Listed;
use std::fmt::Write;

/// Levels shown of a column.
const LEVELS: usize = 3;
/// Models shown.
const MODELS: usize = 20;

/// Everything known of a version as text.
pub(super) fn text(shown: &Shown) -> String {
    let Shown { name, added, latest, file, models } = shown;
    let version = &added.version;
    let order = match (version.version, *latest) {
        (_, 1) => "the only version".to_owned(),
        (number, last) if number == last => format!("the latest of {last} versions"),
        (_, last) => format!("the latest is {name}:{last}"),
    };
    let mut text = format!("{name}:{} · {order}\n", version.version);
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<11}{}", clean(value));
    };
    line("source", &version.source);
    line("now", &state(name, file));
    if !version.reading.is_empty() {
        let given = version.reading.iter().map(|(option, word)| format!("{option} {word}"));
        line("read with", &given.collect::<Vec<_>>().join(", "));
    }
    line("holds", &format!("{} rows × {} columns", version.rows, version.columns.len()));
    line("files", &format!("{} · {}", size(version.bytes), version.digest));
    line("table", &version.fingerprint);
    let at = time_text(added.at_ms.div_euclid(1000) * 1000);
    line("entered", &format!("{at} by {}", added.author));
    if models.is_empty() {
        line("learned", "no registered model learned from it");
    }
    for (i, listed) in models.iter().take(MODELS).enumerate() {
        line(if i == 0 { "learned" } else { "" }, &short(&model(listed), 89));
    }
    if models.len() > MODELS {
        line("", &format!("and {} more models, with --json", models.len() - MODELS));
    }
    let _ = writeln!(text, "\n{}", columns(version));
    text
}

/// What is at the source now.
fn state(name: &str, file: &FileState) -> String {
    match file {
        FileState::Unchanged => "unchanged".to_owned(),
        FileState::Other { version } => format!("it holds {name}:{version}"),
        FileState::Changed => "changed: it holds no version of this dataset".to_owned(),
        FileState::Gone => "gone: nothing is there".to_owned(),
        FileState::Unreadable { why } => format!("cannot be told: {why}"),
    }
}

/// A model that learned from it, on one line.
fn model(listed: &Listed) -> String {
    let facts = &listed.version.facts;
    let score =
        listed.score.map_or(String::new(), |s| format!(" · {} {}", facts.metric, number(s)));
    let (name, version) = (&listed.name, listed.version.version);
    format!("{name}:{version} · {}{score} · {}", places(listed), facts.pipeline)
}

fn columns(version: &DatasetVersion) -> comfy_table::Table {
    let mut shown = table(&["column", "type", "missing", "distinct", "values"]);
    for column in &version.columns {
        let share = column.missing as f64 / version.rows.max(1) as f64;
        shown.add_row([
            short(&column.name, 32),
            column.kind.name().to_owned(),
            if column.missing == 0 { String::new() } else { missing(share) },
            column.distinct.to_string(),
            values(column, version.rows),
        ]);
    }
    shown
}

/// A share of missing values.
pub(super) fn missing(share: f64) -> String {
    if share > 0.0 && share < 0.001 { "< 0.1 %".into() } else { format!("{:.1} %", 100.0 * share) }
}

/// The distribution in one cell.
fn values(column: &DatasetColumn, rows: u64) -> String {
    let (quantiles, kind) = (&column.quantiles, column.kind);
    if let (Kind::Boolean, Some(mean)) = (kind, column.mean) {
        return format!("yes in {} %", value(100.0 * mean));
    }
    let few = quantiles.first().zip(quantiles.get(32)).zip(quantiles.last());
    match (few, column.mean) {
        (Some(((first, _), last)), None) if kind == Kind::Time => {
            let day = |ms: &f64| {
                let time = time_text(*ms as i64);
                time.strip_suffix("T00:00:00").map_or(time.clone(), str::to_owned)
            };
            format!("{} … {}", day(first), day(last))
        }
        (Some(((low, _), high)), _) if low == high => format!("always {}", value(*low)),
        (Some(((low, middle), high)), Some(mean)) => {
            let range = format!("{} … {}", value(*low), value(*high));
            format!("{range}, median {}, mean {}", value(*middle), value(mean))
        }
        _ if column.levels.is_empty() && column.missing == rows => String::new(),
        _ => {
            let top = column.levels.iter().take(LEVELS);
            let top = top.map(|(level, rows)| format!("{} ({rows})", short(level, 18)));
            let shown = top.collect::<Vec<_>>().join(", ");
            let more = column.distinct > LEVELS as u64 && !column.levels.is_empty();
            if more { format!("{shown}, …") } else { shown }
        }
    }
}
