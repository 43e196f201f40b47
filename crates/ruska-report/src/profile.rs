//! A table described: what its columns hold and what is odd about them.

use crate::chart::{Bar, bars};
use crate::page::{Answer, Page, Part, Picture, Section};
use crate::table::{Cell, Table};
use crate::words::{counted, listed, plain, quoted};
use ruska::words::{file_name, percent};
use ruska::{ColumnProfile, Finding, Kind, Profile, Severity, condense, masked};

/// Rows below which a level may name a person, so that it is masked.
const OF_SEVERAL: usize = 3;
/// Levels told of a column.
const LEVELS: usize = 3;
/// Columns named in an answer, and drawn.
const NAMED: usize = 3;
const DRAWN: usize = 20;
/// Figures of a column that are in the files alone.
const FIGURES: [&str; 7] = ["min", "q25", "median", "q75", "max", "mean", "sd"];

/// Tells what a table holds; `data` is what it is called.
pub fn profile(profile: &Profile, data: &str) -> Page {
    let data = quoted(file_name(data));
    let parts = vec![Part::Table(columns(profile, &|_| false)), Part::Pictures(missing(profile))];
    let sections = vec![
        Section {
            id: "findings",
            title: "What is odd".to_owned(),
            parts: findings(&profile.findings),
        },
        Section { id: "columns", title: "Columns".to_owned(), parts },
    ];
    Page {
        title: format!("What {data} holds"),
        subtitle: format!(
            "{}, {}",
            counted(profile.rows, "row"),
            counted(profile.columns.len(), "column")
        ),
        answers: answers(profile),
        sections,
    }
}

fn answers(profile: &Profile) -> Vec<Answer> {
    let of = |kind: Kind| profile.columns.iter().filter(|c| c.kind == kind).count();
    let kinds =
        [Kind::Numeric, Kind::Boolean, Kind::Categorical, Kind::Time, Kind::Text, Kind::Identifier];
    let kinds: Vec<String> = kinds
        .into_iter()
        .filter(|kind| of(*kind) > 0)
        .map(|kind| format!("{} {}", of(kind), kind.name()))
        .collect();
    let holds = Answer {
        question: "What does it hold?".to_owned(),
        short: format!(
            "{}, {}.",
            counted(profile.rows, "row"),
            counted(profile.columns.len(), "column")
        ),
        more: vec![format!("{}.", listed(&kinds))],
    };
    let cells = (profile.rows * profile.columns.len()).max(1) as f64;
    let all: usize = profile.columns.iter().map(|c| c.missing).sum();
    let mut most: Vec<&ColumnProfile> = profile.columns.iter().filter(|c| c.missing > 0).collect();
    most.sort_by_key(|c| std::cmp::Reverse(c.missing));
    let share = |c: &ColumnProfile| c.missing as f64 / profile.rows.max(1) as f64;
    let named: Vec<String> = most
        .iter()
        .take(NAMED)
        .map(|c| format!("{} ({})", quoted(&c.name), percent(share(c))))
        .collect();
    let complete = Answer {
        question: "Is it complete?".to_owned(),
        short: match most.len() {
            0 => "Every cell has a value.".to_owned(),
            n => format!(
                "{} of the cells have no value, in {}.",
                percent(all as f64 / cells),
                counted(n, "column")
            ),
        },
        more: if named.is_empty() { vec![] } else { vec![format!("Most in {}.", listed(&named))] },
    };
    let found = condense(profile.findings.clone());
    let grave: Vec<&Finding> = found.iter().filter(|f| f.severity != Severity::Info).collect();
    let odd = Answer {
        question: "What should be looked at?".to_owned(),
        short: match grave.len() {
            0 => "Nothing stands out.".to_owned(),
            n => format!("{}.", counted(n, "thing")),
        },
        more: grave.iter().take(2).map(|f| f.what.clone()).collect(),
    };
    vec![holds, complete, odd]
}

/// The columns as a table; values of some are hidden.
pub(crate) fn columns(profile: &Profile, hidden: &dyn Fn(&str) -> bool) -> Table {
    let names = ["column", "type", "missing, %", "distinct", "values"];
    let mut table = Table::new("columns", "What each column holds.", &names);
    table.columns.extend(FIGURES.map(str::to_owned));
    table.shown = 200;
    for column in &profile.columns {
        let share = 100.0 * column.missing as f64 / profile.rows.max(1) as f64;
        let name =
            if column.target { format!("{} (target)", column.name) } else { column.name.clone() };
        let hidden = hidden(&column.name);
        let values = if hidden {
            "not shown, as it tells people's groups".to_owned()
        } else {
            values(column)
        };
        let cells = [
            Cell::text(name),
            Cell::text(column.kind.name()),
            Cell::number(share, format!("{share:.1}")),
            Cell::count(column.distinct),
            Cell::text(values),
        ];
        table.row(cells.into_iter().chain(figures(column, hidden)));
    }
    table
}

/// What the distribution of a column is in figures, as [`FIGURES`] names them.
fn figures(column: &ColumnProfile, hidden: bool) -> [Cell; FIGURES.len()] {
    let number = |v: f64| Cell::number(v, plain(v));
    match (&column.numbers, &column.times) {
        _ if hidden => FIGURES.map(|_| Cell::none()),
        (Some(n), _) => [n.min, n.q25, n.median, n.q75, n.max, n.mean, n.sd].map(number),
        (None, Some(times)) => FIGURES.map(|name| match name {
            "min" => Cell::text(&times.first),
            "max" => Cell::text(&times.last),
            _ => Cell::none(),
        }),
        (None, None) => FIGURES.map(|_| Cell::none()),
    }
}

/// The distribution of a column in a line.
fn values(column: &ColumnProfile) -> String {
    if let Some(why) = &column.why {
        return format!("not used: {why}");
    }
    if let (Kind::Boolean, Some(n)) = (column.kind, &column.numbers) {
        return format!("yes in {}", percent(n.mean));
    }
    if let Some(n) = &column.numbers {
        let [min, q25, median, q75, max] = [n.min, n.q25, n.median, n.q75, n.max].map(plain);
        return format!("from {min} to {max}, half of them {q25} to {q75}, median {median}");
    }
    if let Some(times) = &column.times {
        let day = |time: &str| time.strip_suffix("T00:00:00").unwrap_or(time).to_owned();
        return format!("{} to {}", day(&times.first), day(&times.last));
    }
    let level = |c: &ruska::Count| {
        let name = if c.count < OF_SEVERAL { masked(&c.level) } else { c.level.clone() };
        format!("{} ({})", ruska::words::cut(&name, 40), c.count)
    };
    let shown: Vec<String> = column.top.iter().take(LEVELS).map(level).collect();
    let more = if column.top.len() > LEVELS { ", …" } else { "" };
    shown.join(", ") + more
}

/// The columns that miss most, drawn.
fn missing(profile: &Profile) -> Vec<Picture> {
    let mut most: Vec<&ColumnProfile> = profile.columns.iter().filter(|c| c.missing > 0).collect();
    most.sort_by_key(|c| std::cmp::Reverse(c.missing));
    if most.is_empty() {
        return vec![];
    }
    let rows = profile.rows.max(1) as f64;
    let bar = |column: &&ColumnProfile| {
        let share = column.missing as f64 / rows;
        Bar {
            name: column.name.clone(),
            value: 100.0 * share,
            span: None,
            others: vec![],
            text: percent(share),
        }
    };
    let shown: Vec<Bar> = most.iter().take(DRAWN).map(bar).collect();
    vec![bars("Rows without a value, in percent", shown, true)]
}

/// What is odd, the worst first.
pub(crate) fn findings(findings: &[Finding]) -> Vec<Part> {
    let mut found = condense(findings.to_vec());
    found.sort_by_key(|f| match f.severity {
        Severity::Serious => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    });
    if found.is_empty() {
        return vec![Part::Text("Nothing odd was found.".to_owned())];
    }
    let line = |f: &Finding| match f.advice.as_str() {
        "" => f.what.clone(),
        advice => format!("{} → {advice}", f.what),
    };
    let (grave, rest): (Vec<&Finding>, Vec<&Finding>) =
        found.iter().partition(|f| f.severity == Severity::Serious);
    let mut parts: Vec<Part> = grave.into_iter().map(|f| Part::Note(line(f))).collect();
    if !rest.is_empty() {
        parts.push(Part::List(rest.into_iter().map(line).collect()));
    }
    parts
}
