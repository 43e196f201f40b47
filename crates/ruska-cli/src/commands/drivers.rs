//! `ruska explain` of a model of rows: what drives what it predicts.

use super::curves::{drawn, told};
use super::reading;
use super::series::check_folder;
use super::shapes;
use crate::args::Explain;
use crate::equation;
use crate::output::{
    Say, WIDTH, align_right, counted, file_name, keep_whole, number, rough, short, table, value,
    wrapped,
};
use crate::{Ending, Failure};
use ruska::{
    Change, Contributions, Counterfactual, DriverOptions, Drivers, Importance, Model,
    RowContributions, Scale, Way,
};
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;

/// Columns shown, and columns shown of a row.
const SHOWN: usize = 15;
const SHOWN_OF_ROW: usize = 10;
/// Columns named in a line.
const NAMED: usize = 3;
/// Characters shown of a column's name, and of a value.
const NAME: usize = 24;
const VALUE: usize = 30;
/// Longest bar.
const BAR: f64 = 12.0;
/// Correlation from which on more of a column is said to go with more.
const CLEAR: f64 = 0.5;

#[derive(Serialize)]
struct Document<'a> {
    plot: Option<&'a Path>,
    pictures: Option<&'a [String]>,
    #[serde(flatten)]
    drivers: &'a Drivers,
}

/// Tells what drives a model's predictions of a table.
pub(super) fn run(args: &Explain, model: &Model, say: Say) -> Result<Ending, Failure> {
    let folder = args.plot.as_deref();
    if let Some(folder) = folder {
        check_folder(folder, "each column that matters has a picture")?;
    }
    let data = ruska::read_table(&args.data, &reading(&args.reading)?)?;
    let options = DriverOptions {
        sample: args.sample.map(|n| n as usize),
        rows: args.rows.iter().map(|n| *n as usize).collect(),
        seed: args.seed.unwrap_or(0),
        to: args.to.clone(),
    };
    let drivers = model.drivers(&data.frame, &options)?;
    let (target, classes) = (&model.manifest().target, &model.manifest().classes);
    let equation = model.equation().and_then(|e| equation::line(&e, target, classes));
    let mut text = text(&drivers, &args.data, equation.as_deref());
    let pictures = match folder {
        None => None,
        Some(folder) => {
            let failed = |e| format!("--plot {} cannot be written: {e}", folder.display());
            let pictures = drivers.draw(folder).map_err(failed)?;
            text.push('\n');
            text += &drawn(folder, &pictures);
            Some(pictures)
        }
    };
    let pictures = pictures.as_deref();
    say.result(&text, &Document { plot: folder, pictures, drivers: &drivers })?;
    Ok(Ending::Done)
}

fn text(drivers: &Drivers, data: &str, equation: Option<&str>) -> String {
    let mut text = first_line(drivers);
    let rows = counted(drivers.rows, "row");
    text += &(short(&format!("told from {rows} of {}", file_name(data)), WIDTH) + "\n");
    if drivers.learned_from {
        text += "the model has learned from these rows; rows it has not seen tell what lasts\n";
    }
    text.push('\n');
    if let Some(importance) = &drivers.importance {
        text += &wrapped(&of_losses(importance), "  ");
    }
    if let Some(why) = &drivers.without_importance {
        text +=
            &wrapped(&format!("what the metric loses without a column is not told: {why}"), "  ");
    }
    text += &wrapped(&of_contributions(drivers), "  ");
    text += &columns(drivers);
    if let Some(line) = equation {
        text.push('\n');
        text += &wrapped(&format!("as an equation: {line}"), "  ");
    }
    if let Some(shapes) = &drivers.shapes {
        text += &shapes::told(shapes, &added_up(shapes.scale, &shapes.classes, &drivers.target));
    }
    text += &told(drivers);
    for row in &drivers.contributions.told {
        text += &of_row(drivers, row);
        let of_same = |c: &&Counterfactual| c.row == row.row;
        let changes = |told| changes(told, drivers.contributions.classes.is_empty());
        text += &drivers.counterfactuals.iter().find(of_same).map_or(String::new(), changes);
    }
    text
}

/// What would have to change in a row, of which a class or a number is predicted.
fn changes(told: &Counterfactual, number: bool) -> String {
    let change = |change: &Change| {
        let from = change.from.as_ref().map_or("(none)".to_owned(), |v| day(v));
        let to = short(&change.to, VALUE);
        format!("`{}` were {to} rather than {from}", short(&change.column, NAME))
    };
    let way = |way: &Way| {
        let changes: Vec<String> = way.changes.iter().map(change).collect();
        let said = match way.prediction.parse() {
            Ok(said) if number => value(said),
            _ => short(&way.prediction, NAME),
        };
        format!("{said} if {}", changes.join(" and "))
    };
    let ways: Vec<String> = told.ways.iter().map(way).collect();
    let line = if ways.is_empty() {
        format!("no change of one or two columns leads to {}", short(&told.goal, NAME))
    } else {
        format!("would be {}", ways.join("; or "))
    };
    wrapped(&line, "  ")
}

/// What matters, in one line.
fn first_line(drivers: &Drivers) -> String {
    let target = short(&drivers.target, NAME);
    let quoted = |name: &str| format!("`{}`", short(name, NAME));
    let names: Vec<String> = if let Some(told) = &drivers.importance {
        let matter = told.columns.iter().filter(|c| c.low > 0.0);
        matter.map(|c| quoted(&c.column)).collect()
    } else {
        let adds = drivers.contributions.columns.iter().filter(|c| c.size > 0.0);
        adds.map(|c| quoted(&c.column)).collect()
    };
    let line = match &names[..] {
        [] => "no column more than chance would have it".to_owned(),
        [only] => only.clone(),
        [most, then @ ..] => {
            let then = &then[..then.len().min(NAMED - 1)];
            format!("{most} most of all, then {}", then.join(" and "))
        }
    };
    let few = names.len().saturating_sub(NAMED);
    let more = if few > 0 { format!("; {few} more matter") } else { String::new() };
    let others = drivers.importance.as_ref().map_or(0, |told| told.columns.len() - names.len());
    let none = match others {
        0 => String::new(),
        _ if names.is_empty() => String::new(),
        n => format!("; {n} more tell nothing that chance would not"),
    };
    wrapped(&format!("What drives `{target}`: {line}{more}{none}"), "  ")
}

/// How the metric goes without a column.
fn direction(importance: &Importance) -> &'static str {
    if importance.higher_is_better { "lower" } else { "higher" }
}

fn of_losses(importance: &Importance) -> String {
    let Importance { metric, score, rows, of, shuffles, over_rows, .. } = importance;
    let how = direction(importance);
    let among =
        if rows < of { format!("a sample of {rows} of {of} rows") } else { counted(*rows, "row") };
    let chance = if *over_rows { "rows and shuffles" } else { "shuffles alone" };
    format!(
        "{metric} {how} by: what it loses ({} on {among}) when the values of a column are shuffled among \
         the rows, on average over {shuffles} shuffles, with a 95 % interval over {chance}",
        number(*score)
    )
}

/// What contributions are told in.
fn unit(drivers: &Drivers) -> String {
    let Contributions { scale, classes, .. } = &drivers.contributions;
    added_up(*scale, classes, &drivers.target)
}

/// What is added up, of a target and these classes.
fn added_up(scale: Scale, classes: &[String], target: &str) -> String {
    let (what, target) = (scale.words(), short(target, NAME));
    match (scale, classes) {
        (Scale::Number | Scale::Logarithm, _) => format!("{what}`{target}`"),
        (_, [class]) => format!("{what}{target}={}", short(class, NAME)),
        _ => format!("{what}a class"),
    }
}

fn of_contributions(drivers: &Drivers) -> String {
    let Contributions { exact, background, rows, .. } = &drivers.contributions;
    let how = if *exact {
        "exact Shapley values".to_owned()
    } else {
        format!("Shapley values sampled over {}", counted(*background, "background row"))
    };
    format!(
        "adds: by how much a value moves {} up or down, on average over {} ({how})",
        unit(drivers),
        counted(*rows, "row")
    )
}

/// The columns in one table, those that the metric needs most first.
fn columns(drivers: &Drivers) -> String {
    let adds = &drivers.contributions.columns;
    let names: Vec<&str> = match &drivers.importance {
        Some(told) => told.columns.iter().map(|c| c.column.as_str()).collect(),
        None => adds.iter().map(|c| c.column.as_str()).collect(),
    };
    let losses = drivers.importance.as_ref().map_or(vec![], |told| {
        vec![format!("{} {} by", told.metric, direction(told)), "95 % interval".to_owned()]
    });
    if names.is_empty() {
        return "the model looks at no column\n".to_owned();
    }
    let mut header = vec!["column"];
    header.extend(losses.iter().map(String::as_str));
    header.extend(["adds ±", "", "more of it"]);
    let mut shown = table(&header);
    let most = adds.first().map_or(0.0, |c| c.size);
    for name in names.iter().take(SHOWN) {
        let mut cells = vec![short(name, NAME)];
        let loss = drivers.importance.iter().flat_map(|told| &told.columns);
        if let Some(loss) = loss.into_iter().find(|c| c.column == *name) {
            cells.push(number(loss.worse));
            cells.push(format!("{} … {}", rough(loss.low), rough(loss.high)));
        }
        let Some(add) = adds.iter().find(|c| c.column == *name) else { continue };
        let share = if most > 0.0 { add.size / most } else { 0.0 };
        cells.push(value(add.size));
        cells.push("█".repeat((share * BAR).round() as usize));
        cells.push(match add.direction {
            Some(r) if r >= CLEAR => "raises it".to_owned(),
            Some(r) if r <= -CLEAR => "lowers it".to_owned(),
            _ => String::new(),
        });
        shown.add_row(cells);
    }
    align_right(&mut shown, 1..header.len() - 2);
    keep_whole(&mut shown, 0..header.len());
    let mut text = format!("{shown}\n");
    if let more @ 1.. = names.len().saturating_sub(SHOWN) {
        let _ = writeln!(text, "… and {}; --json tells all", counted(more, "more column"));
    }
    text
}

/// A value, and of a point in time that is a day the day alone.
fn day(value: &str) -> String {
    short(value.strip_suffix("T00:00:00").unwrap_or(value), VALUE)
}

/// A row, for the class that it is predicted to be where there are several.
fn of_row(drivers: &Drivers, row: &RowContributions) -> String {
    let told = &drivers.contributions;
    let place = told.classes.iter().position(|c| *c == row.prediction).unwrap_or(0);
    let unit = match &told.classes[..] {
        [] | [_] => unit(drivers),
        classes => {
            let what = if told.scale == Scale::Probability { "probability" } else { "log-score" };
            format!("the {what} of {}", short(&classes[place], NAME))
        }
    };
    let head = format!(
        "row {}: predicted {}; {unit} is {} there and {} on average over {}",
        row.row,
        row.prediction.parse().map_or_else(|_| short(&row.prediction, NAME), value),
        value(row.sum[place]),
        value(told.base[place]),
        counted(told.background, "row"),
    );
    let mut header = vec!["column", "value", "adds"];
    header.extend((!told.exact).then_some("± standard error"));
    let mut shown = table(&header);
    let mut cells: Vec<_> = row.columns.iter().collect();
    cells.sort_by(|a, b| b.adds[place].abs().total_cmp(&a.adds[place].abs()));
    for cell in cells.iter().take(SHOWN_OF_ROW) {
        let shown_value = cell.value.as_ref().map_or(String::new(), |v| day(v));
        let sign = if cell.adds[place] > 0.0 { "+" } else { "" };
        let mut line = vec![
            short(&cell.column, NAME),
            shown_value,
            format!("{sign}{}", value(cell.adds[place])),
        ];
        line.extend(cell.standard_error.as_ref().map(|e| rough(e[place])));
        shown.add_row(line);
    }
    align_right(&mut shown, 2..header.len());
    keep_whole(&mut shown, 0..header.len());
    let mut text = format!("\n{}{shown}\n", wrapped(&head, "  "));
    let rest = cells.iter().skip(SHOWN_OF_ROW);
    if let more @ 1.. = rest.len() {
        let sum: f64 = rest.map(|c| c.adds[place]).sum();
        let _ = writeln!(text, "… and {}, which add {}", counted(more, "more column"), value(sum));
    }
    text
}
