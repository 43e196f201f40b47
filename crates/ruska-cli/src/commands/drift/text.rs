//! The verdict for people: the answer first, then what changed by how much.

use crate::output::{WIDTH, align_right, file_name, keep_whole, short, table, value, wrapped};
use ruska::words::percent;
use ruska_ops::drift::{ColumnDrift, Performance, State, Verdict};
use std::fmt::Write;

/// Columns shown without drift.
const SHOWN: usize = 30;
/// Characters of a name at least.
const LEAST_NAME: usize = 8;
/// New levels named of a column, and columns not compared.
const NAMED: usize = 5;

/// The whole of it.
pub(super) fn text(verdict: &Verdict, names: (&str, &str)) -> String {
    let mut text = headline(verdict) + "\n\n";
    let what = if verdict.reference.kind == "model" { "rows in training" } else { "rows" };
    for (label, name, rows, what) in [
        ("reference", names.0, verdict.reference.rows, what),
        ("current", names.1, verdict.rows, "rows"),
    ] {
        let line = format!("{label:<11}{} · {rows} {what}", file_name(name));
        let _ = writeln!(text, "{}", short(&line, 100));
    }
    let judged = |c: &&ColumnDrift| c.state != State::NotCompared;
    let all = verdict.target.iter().chain(&verdict.predictions).chain(&verdict.columns);
    let (judged, aside): (Vec<_>, Vec<_>) = all.partition(judged);
    let _ = writeln!(text, "\n{}", columns(verdict, &judged));
    for line in judged.iter().flat_map(|c| notes(c)) {
        let _ = writeln!(text, "  {}", short(&line, 98));
    }
    text.extend(around(verdict, &aside).iter().map(|line| wrapped(line, "  ")));
    if let Some(performance) = &verdict.performance {
        let _ = write!(text, "\n{}", expected(performance));
    }
    let all = verdict.columns.iter().chain(&verdict.target).chain(&verdict.predictions);
    let mut by: Vec<&str> = all.flat_map(|c| &c.effects).map(|e| e.measure).collect();
    by.sort_unstable();
    by.dedup();
    if by.is_empty() {
        return text;
    }
    let _ = writeln!(
        text,
        "\nsize and limit: what comes nearest to drift; the limit is what is worth naming or what chance\n\
         \x20 gives ({} over all columns), whichever is more; p after Benjamini and Hochberg, for information",
        percent(verdict.significance)
    );
    text + &wrapped(&format!("measures: {}", by.join(", ")), "  ")
}

fn headline(verdict: &Verdict) -> String {
    let Verdict { drifted, compared, insufficient, .. } = verdict;
    match verdict.verdict {
        State::Drift => {
            let weighted = verdict.weighted_share.map_or(String::new(), |share| {
                format!(" ({} of what moves predictions)", percent(share))
            });
            let mut what = vec![format!("{drifted} of {compared} columns{weighted}")];
            what.extend(drifts(verdict.target.iter()).then(|| "the target".to_owned()));
            what.extend(drifts(verdict.predictions.iter()).then(|| "the predictions".to_owned()));
            format!("drift: {}", what.join(", "))
        }
        State::NoDrift => {
            let blind = match insufficient {
                0 => String::new(),
                n => format!("; {n} have too few rows to tell"),
            };
            format!("no drift in {compared} columns{blind}")
        }
        State::InsufficientData | State::NotCompared if *compared == 0 => {
            "nothing was compared: no column that was asked for can be judged".to_owned()
        }
        State::InsufficientData | State::NotCompared => {
            let rest = "no drift was found, and none can be ruled out";
            format!(
                "insufficient data: {insufficient} of {compared} columns have too few rows; {rest}"
            )
        }
    }
}

fn drifts<'a>(mut columns: impl Iterator<Item = &'a ColumnDrift>) -> bool {
    columns.any(|c| c.state == State::Drift)
}

fn columns(verdict: &Verdict, judged: &[&ColumnDrift]) -> String {
    let weighted = verdict.weighted_share.is_some();
    let mut header = vec!["column", "verdict", "measure", "size", "limit", "missing", "p"];
    header.extend(weighted.then_some("weight"));
    let target = verdict.target.as_ref().map(|t| t.name.as_str());
    let listed = |c: &&&ColumnDrift| c.state != State::NoDrift;
    let drifted = judged.iter().filter(listed).count();
    let told = judged.iter().take(drifted.max(SHOWN));
    let rows: Vec<Vec<String>> = told.map(|column| cells(column, weighted)).collect();
    let width = |place: usize| {
        let cells = rows.iter().map(|cells| cells[place].chars().count());
        cells.chain([header[place].len()]).max().unwrap_or(0) + 2
    };
    let room = WIDTH.saturating_sub((1..header.len()).map(width).sum::<usize>() + 2);
    let mut shown = table(&header);
    for mut cells in rows {
        let role = if target == Some(&cells[0]) { " (target)" } else { "" };
        cells[0] = short(&cells[0], room.saturating_sub(role.len()).max(LEAST_NAME)) + role;
        shown.add_row(cells);
    }
    align_right(&mut shown, 3..header.len());
    keep_whole(&mut shown, 1..header.len());
    match judged.len().saturating_sub(drifted.max(SHOWN)) {
        0 => shown.to_string(),
        more => format!("{shown}\n… and {more} more without drift"),
    }
}

/// The row of a column, its name whole.
fn cells(column: &ColumnDrift, weighted: bool) -> Vec<String> {
    let (measure, size, limit) = match column.largest() {
        Some(effect) => {
            let number = |value: f64| format!("{value:.3}");
            (plain(effect.measure), number(effect.value), number(effect.limit()))
        }
        None => (String::new(), String::new(), String::new()),
    };
    let p = column.test.map_or(String::new(), |t| probability(t.p_adjusted));
    let (name, state) = (column.name.clone(), column.state.name().to_owned());
    let mut cells = vec![name, state, measure, size, limit, missing(column), p];
    if weighted {
        cells.push(column.weight.map_or(String::new(), percent));
    }
    cells
}

/// The name of a measure in words; the definition that it has stands below the table.
fn plain(measure: &str) -> String {
    let name = measure.split('/').next().unwrap_or(measure);
    match name {
        "missing_share_change" => "missing".to_owned(),
        "new_level_share" => "new levels".to_owned(),
        "ks_distance" => "ks".to_owned(),
        other => other.to_owned(),
    }
}

fn missing(column: &ColumnDrift) -> String {
    let (before, now) = (column.reference.missing, column.current.missing);
    match (percent(before), percent(now)) {
        _ if before == 0.0 && now == 0.0 => String::new(),
        (before, now) if before == now => now,
        (before, now) => format!("{before} → {now}"),
    }
}

fn probability(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") }
}

/// What the row of a column does not say.
fn notes(column: &ColumnDrift) -> Vec<String> {
    let mut lines = vec![];
    if !column.why.is_empty() {
        lines.push(format!("`{}`: {}", column.name, column.why));
    }
    if column.state != State::Drift {
        return lines;
    }
    let means = (column.reference.mean, column.current.mean);
    if let (Some(before), Some(now)) = means {
        lines.push(format!("`{}`: mean {} → {}", column.name, value(before), value(now)));
    }
    let new = column.new_levels.iter().take(NAMED);
    let new: Vec<String> =
        new.map(|l| format!("{} {}", short(&l.level, 24), percent(l.share))).collect();
    if !new.is_empty() {
        lines.push(format!("`{}`: new levels {}", column.name, new.join(", ")));
    }
    lines
}

/// Columns that are not judged, and what was not told.
fn around(verdict: &Verdict, aside: &[&ColumnDrift]) -> Vec<String> {
    let mut lines = vec![];
    let few = |names: Vec<String>| {
        let more = names.len().saturating_sub(NAMED);
        let named = names.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
        if more == 0 { named } else { format!("{named} and {more} more") }
    };
    if !aside.is_empty() {
        let names = aside.iter().map(|c| format!("`{}` ({})", short(&c.name, 24), c.why));
        lines.push(format!("not compared: {}", few(names.collect())));
    }
    if !verdict.new_columns.is_empty() {
        let names = verdict.new_columns.iter().map(|name| format!("`{}`", short(name, 24)));
        lines.push(format!("new columns, not judged: {}", few(names.collect())));
    }
    lines.extend(verdict.without_predictions.iter().map(|why| format!("no predictions: {why}")));
    lines
}

fn expected(performance: &Performance) -> String {
    let mut shown = table(&["metric", "expected now", "in training"]);
    for score in &performance.scores {
        let before = score.in_training.map_or(String::new(), value);
        shown.add_row([score.metric.clone(), value(score.expected), before]);
    }
    align_right(&mut shown, 1..3);
    let rows = performance.rows;
    format!(
        "{shown}\nexpected of {rows} rows without labels, as far as the model's probabilities hold ({})\n",
        performance.method
    )
}
