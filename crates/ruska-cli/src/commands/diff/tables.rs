//! The tables of the report.

use super::words::{share, values};
use crate::output::{align_right, keep_whole, short, signed, so, table, value};
use comfy_table::Table;
use ruska_ops::diff::{Driver, Drivers, Effect, Measured, Money, Report, Row, Said, Transition};

/// Columns shown of the rows that change most.
const VALUES: usize = 3;
/// Characters of a line.
const SCREEN: usize = 100;
/// Characters between the cells of a line.
const MARGIN: usize = 3;
/// Characters of a value, at least and at most.
const NARROW: usize = 8;
const WIDE: usize = 20;
/// Decisions and columns shown.
const SHOWN: usize = 10;

/// Every table with its title, those of nothing left out.
pub(super) fn sections(report: &Report) -> Vec<String> {
    let labelled = report.labels.as_ref().is_some_and(|labels| labels.rows > 0);
    let mut sections = vec![];
    if !report.decisions.is_empty() {
        sections.push(decisions(&report.decisions, labelled));
    }
    if !report.metrics.is_empty() {
        sections.push(format!("{}\n", metrics(&report.metrics)));
    }
    sections.extend(report.money.as_ref().map(|money| format!("{}\n", parts(money))));
    if report.spread.largest != 0.0 {
        sections.push(drivers(&report.drivers, labelled, report.changed > 0));
    }
    if !report.largest.is_empty() {
        sections.push(largest(&report.largest, &report.drivers));
    }
    sections
}

fn decisions(transitions: &[Transition], labelled: bool) -> String {
    let mut shown = table(&["old", "new", "rows", "share", "better", "worse"]);
    if !labelled {
        shown = table(&["old", "new", "rows", "share"]);
    }
    for t in transitions.iter().take(SHOWN) {
        let mut cells =
            vec![short(&t.old, 30), short(&t.new, 30), t.rows.to_string(), share(t.share)];
        if labelled {
            cells.extend([t.better, t.worse].map(|n| n.map_or(String::new(), |n| n.to_string())));
        }
        shown.add_row(cells);
    }
    align_right(&mut shown, 2..6);
    let more = more(transitions.len().saturating_sub(SHOWN), "pairs of classes");
    format!("{shown}\n{more}")
}

fn metrics(measured: &[Measured]) -> Table {
    let mut shown = table(&["metric", "old", "new", "better by", "95 % interval", ""]);
    for m in measured {
        let (interval, so) = match (m.low, m.high) {
            (Some(low), Some(high)) => {
                (format!("{} … {}", signed(low), signed(high)), so(low, high))
            }
            _ => (String::new(), "too few rows to tell"),
        };
        let gain = signed(m.gain);
        let cells = [m.metric.clone(), value(m.old), value(m.new), gain, interval, so.to_owned()];
        shown.add_row(cells);
    }
    align_right(&mut shown, 1..4);
    shown
}

fn parts(money: &Money) -> Table {
    let what = if money.kind == "profit" { "rows" } else { "units" };
    let header = [money.kind, "each", &format!("{what}, old"), &format!("{what}, new"), "change"];
    let mut shown = table(&header);
    for part in &money.parts {
        let change = signed(part.new - part.old);
        shown.add_row([
            part.name.to_owned(),
            value(part.each),
            value(part.old),
            value(part.new),
            change,
        ]);
    }
    align_right(&mut shown, 1..5);
    shown
}

fn drivers(drivers: &Drivers, labelled: bool, changes: bool) -> String {
    let Drivers { columns, rows, found, listed, .. } = drivers;
    let by_chance = share(drivers.chance);
    let mut text = if listed.is_empty() {
        let why = format!("by chance the best of {columns} explains {by_chance}");
        format!("no column alone explains the change ({why}, on {rows} rows)\n")
    } else {
        let mut header = vec!["column", "explains", "where most", "rows", "mean change"];
        if changes {
            header.push("changed");
            header.extend(if labelled { &["better", "worse"][..] } else { &[] });
        }
        let mut shown = table(&header);
        listed.iter().take(SHOWN).for_each(|driver| {
            shown.add_row(cells(driver, header.len()));
        });
        align_right(&mut shown, 1..2);
        align_right(&mut shown, 3..8);
        keep_whole(&mut shown, 0..header.len());
        let more = more(found - listed.len().min(SHOWN), "columns");
        let why = format!(
            "explains: share of the change's variance (ε², {rows} rows); by chance the best of \
             {columns} columns: {by_chance}"
        );
        format!("{shown}\n{more}{}\n", short(&why, 100))
    };
    for (side, names) in [("old", &drivers.old_only), ("new", &drivers.new_only)] {
        if !names.is_empty() {
            let line = format!("seen by {side} only: {}", names.join(", "));
            text += &(short(&line, 100) + "\n");
        }
    }
    text
}

/// A driver's cells, as many as there are columns.
fn cells(driver: &Driver, width: usize) -> Vec<String> {
    let mut cells = vec![short(&driver.column, 18), share(driver.explains)];
    if let Some(segment) = &driver.segment {
        let count = |n: Option<usize>| n.map_or(String::new(), |n| n.to_string());
        cells.extend([
            values(&segment.values, 22),
            segment.rows.to_string(),
            signed(segment.mean_change),
            segment.changed.to_string(),
            count(segment.better),
            count(segment.worse),
        ]);
    }
    cells.resize(width, String::new());
    cells
}

fn largest(rows: &[Row], drivers: &Drivers) -> String {
    let classes = matches!(rows.first().map(|row| &row.old), Some(Said::Class(_)));
    let truth = rows.iter().any(|row| row.truth.is_some());
    let mut header = vec!["row", "old", "new"];
    header.extend(if classes { &["p old", "p new", "change"][..] } else { &["change"] });
    let numbers = if classes { 3..header.len() } else { 1..header.len() };
    header.extend(if truth { &["truth", ""][..] } else { &[] });
    let mut lines: Vec<Vec<String>> = rows.iter().map(|row| judged(row, truth)).collect();
    let (shown, width) = room(&header, &lines, drivers.listed.len());
    let names: Vec<String> =
        drivers.listed.iter().take(shown).map(|driver| short(&driver.column, width)).collect();
    for (row, line) in rows.iter().zip(&mut lines) {
        let values = row.values.iter().take(shown);
        line.extend(values.map(|v| v.value.as_ref().map_or(String::new(), |v| short(v, width))));
    }
    header.extend(names.iter().map(String::as_str));
    let mut shown = table(&header);
    for line in lines {
        shown.add_row(line);
    }
    align_right(&mut shown, 0..1);
    align_right(&mut shown, numbers);
    keep_whole(&mut shown, 0..header.len());
    format!("decisions that change most\n{shown}\n")
}

/// A row's cells but for the values of its columns.
fn judged(row: &Row, truth: bool) -> Vec<String> {
    let mut cells = vec![row.row.to_string(), said(&row.old), said(&row.new)];
    match (row.old_probability, row.new_probability) {
        (Some(old), Some(new)) => {
            cells.extend([format!("{old:.3}"), format!("{new:.3}"), format!("{:+.3}", row.change)]);
        }
        _ => cells.push(signed(row.change)),
    }
    if truth {
        cells.push(row.truth.as_ref().map_or(String::new(), said));
        let effect = row.effect.filter(|e| *e != Effect::Neither);
        cells.push(effect.map_or("", Effect::name).to_owned());
    }
    cells
}

/// How many more columns the screen has room for beside these, and how wide each may be.
fn room(header: &[&str], lines: &[Vec<String>], wanted: usize) -> (usize, usize) {
    let width = |(place, name): (usize, &&str)| {
        let cells = lines.iter().map(|line| line[place].chars().count());
        cells.fold(name.chars().count(), usize::max) + MARGIN
    };
    let taken: usize = header.iter().enumerate().map(width).sum();
    let free = SCREEN.saturating_sub(taken);
    let shown = (free / (NARROW + MARGIN)).min(VALUES).min(wanted);
    (shown, (free / shown.max(1)).saturating_sub(MARGIN).min(WIDE))
}

fn said(said: &Said) -> String {
    match said {
        Said::Class(class) => short(class, 14),
        Said::Number(number) => value(*number),
    }
}

fn more(more: usize, what: &str) -> String {
    if more == 0 { String::new() } else { format!("… and {more} more {what}\n") }
}
