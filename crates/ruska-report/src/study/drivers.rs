//! What drives predictions, in the columns of the table.

use super::{curves, is_sensitive, shapes};
use crate::chart::{Bar, Curve as Line, Kind, Lines, Told, bars};
use crate::page::{Part, Picture, Section};
use crate::table::{Cell, Table};
use crate::words::{at, ends, plain, quoted, said};
use ruska::words::{cut, number, percent};
use ruska::{Contributions, Curve, Drivers, Importance, Link, Scale, Story, Surrogate};

/// Columns drawn as bars, and as curves.
const BARS: usize = 15;
const CURVES: usize = 6;
/// Levels drawn of a column, and single rows drawn thin.
const LEVELS: usize = 12;
const ROWS: usize = 30;
/// Pairs told, and the strength from which on they are.
const PAIRS: usize = 3;
const STRONG: f64 = 0.1;
/// Share of the variance of predictions from which on rules are worth reading.
const FIDELITY: f64 = 0.2;
/// Correlation from which on more of a column is said to go with more.
const CLEAR: f64 = 0.5;

/// Importance, curves, rules.
pub(super) fn section(story: &Story) -> Option<Section> {
    let drivers = story.drivers.as_ref()?;
    let mut parts = vec![];
    if drivers.learned_from {
        parts.push(Part::Text(
            "Told from rows that the model has learned from: it shows what the model goes by, not how good it is."
                .to_owned(),
        ));
    }
    let mut pictures = vec![];
    match &drivers.importance {
        Some(told) => pictures.push(losses(told)),
        None => parts.extend(drivers.without_importance.iter().map(|why| {
            Part::Text(format!("What the metric loses without a column is not told: {why}."))
        })),
    }
    pictures.push(sizes(drivers));
    parts.push(Part::Pictures(pictures));
    parts.push(Part::Table(columns(drivers)));
    let drawn = curves(story);
    let drawn: Vec<Picture> =
        drawn.iter().take(CURVES).map(|curve| curve_of(drivers, curve)).collect();
    if !drawn.is_empty() {
        parts.push(Part::Heading("How predictions go with a column".to_owned()));
        parts.push(Part::Text(
            "What the model says on average when all rows have the value (partial dependence), single rows in grey; \
             dashed are accumulated local effects, which hold where columns go together."
                .to_owned(),
        ));
        parts.push(Part::Pictures(drawn));
    }
    parts.extend(together(drivers));
    let people = drivers.contributions.columns.iter().any(|c| is_sensitive(story, &c.column));
    let rules = drivers.dependence.surrogate.as_ref().filter(|s| s.fidelity >= FIDELITY && !people);
    parts.extend(rules.into_iter().flat_map(in_rules));
    parts.extend(equation(story));
    parts.extend(shapes::parts(story));
    Some(Section { id: "drivers", title: "What drives it".to_owned(), parts })
}

fn losses(told: &Importance) -> Picture {
    let how = if told.higher_is_better { "lower" } else { "higher" };
    let bar = |c: &ruska::ColumnImportance| Bar {
        name: c.column.clone(),
        value: c.worse,
        span: Some((c.low, c.high)),
        others: vec![],
        text: ruska::words::rough(c.worse),
    };
    let shown = told.columns.iter().take(BARS).map(bar).collect();
    bars(&format!("How much {how} {} is when a column is shuffled", told.metric), shown, true)
}

fn sizes(drivers: &Drivers) -> Picture {
    let told = &drivers.contributions;
    let bar = |c: &ruska::ColumnContribution| Bar {
        name: c.column.clone(),
        value: c.size,
        span: None,
        others: vec![],
        text: ruska::words::rough(c.size),
    };
    let how = if told.exact { "exact Shapley values" } else { "sampled Shapley values" };
    let title = format!("How far a column moves {}, on average ({how})", unit(drivers));
    bars(&title, told.columns.iter().take(BARS).map(bar).collect(), true)
}

/// What contributions are told in.
fn unit(drivers: &Drivers) -> String {
    let Contributions { scale, classes, .. } = &drivers.contributions;
    added_up(*scale, classes, &drivers.target)
}

/// What is added up, of a target and these classes.
pub(super) fn added_up(scale: Scale, classes: &[String], target: &str) -> String {
    let (what, target) = (scale.words(), quoted(target));
    match (scale, classes) {
        (Scale::Number | Scale::Logarithm, _) => format!("{what}{target}"),
        (_, [class]) => format!("{what}{target} = {}", quoted(class)),
        _ => format!("{what}a class"),
    }
}

fn columns(drivers: &Drivers) -> Table {
    let mut table = Table::new(
        "importance",
        "What each column is worth to the model.",
        &["column", "metric worse by", "from", "to", "moves it by", "more of it"],
    );
    let adds = &drivers.contributions.columns;
    let losses = drivers.importance.as_ref().map_or(&[][..], |told| &told.columns);
    let names: Vec<&String> = match losses {
        [] => adds.iter().map(|c| &c.column).collect(),
        losses => losses.iter().map(|c| &c.column).collect(),
    };
    let cell = |v: f64| Cell::number(v, number(v));
    for name in names {
        let loss = losses.iter().find(|c| c.column == *name);
        let add = adds.iter().find(|c| c.column == *name);
        let more = match add.and_then(|c| c.direction) {
            Some(r) if r >= CLEAR => "raises it",
            Some(r) if r <= -CLEAR => "lowers it",
            _ => "",
        };
        table.row([
            Cell::text(name),
            loss.map_or(Cell::none(), |c| cell(c.worse)),
            loss.map_or(Cell::none(), |c| cell(c.low)),
            loss.map_or(Cell::none(), |c| cell(c.high)),
            add.map_or(Cell::none(), |c| cell(c.size)),
            Cell::text(more),
        ]);
    }
    table
}

/// How predictions go with a column: levels below each other, numbers and times as curves.
fn curve_of(drivers: &Drivers, curve: &Curve) -> Picture {
    let class = drivers.dependence.class.as_ref();
    let words = ends(curve).map_or("It makes no difference.".to_owned(), |(high, low)| {
        format!(
            "{}: highest at {} ({}), lowest at {} ({}).",
            cut(&curve.column, 40),
            at(high),
            said(high.mean, class),
            at(low),
            said(low.mean, class)
        )
    });
    let title = quoted(&curve.column);
    if curve.levels {
        let mut order: Vec<usize> = (0..curve.points.len()).collect();
        order.sort_by(|a, b| curve.points[*b].mean.total_cmp(&curve.points[*a].mean));
        let bar = |i: usize| Bar {
            name: at(&curve.points[i]),
            value: curve.points[i].mean,
            span: None,
            others: curve.lines.iter().filter_map(|line| line.get(i).copied()).collect(),
            text: said(curve.points[i].mean, class),
        };
        let shown = order.into_iter().take(LEVELS).map(bar).collect();
        return Picture { words, ..bars(&title, shown, false) };
    }
    let places: Vec<f64> = curve.points.iter().map(|p| p.at.unwrap_or(f64::NAN)).collect();
    let line = |name: &str, values: Vec<f64>, kind| Line {
        name: name.to_owned(),
        points: places.iter().copied().zip(values).collect(),
        kind,
    };
    let means: Vec<f64> = curve.points.iter().map(|p| p.mean).collect();
    let middle = means.iter().sum::<f64>() / means.len().max(1) as f64;
    let local: Vec<f64> =
        curve.points.iter().filter_map(|p| p.accumulated).map(|e| middle + e).collect();
    let mut lines: Vec<Line> =
        curve.lines.iter().take(ROWS).map(|l| line("", l.clone(), Kind::Thin)).collect();
    if local.len() == means.len() {
        lines.push(line("local effects", local, Kind::Second));
    }
    lines.push(line("all rows", means, Kind::Line));
    let told = if class.is_some() { Told::Share } else { Told::Number };
    let up = match class {
        Some(class) => format!("probability of {class}"),
        None => format!("predicted {}", drivers.target),
    };
    let across = if curve.time { Told::Time } else { Told::Number };
    let svg = Lines { across: curve.column.clone(), up, curves: lines, told: (across, told) }.svg();
    Picture { title, words, svg, wide: false }
}

/// Columns that work together.
fn together(drivers: &Drivers) -> Option<Part> {
    let strong = drivers.dependence.interactions.iter().filter(|pair| pair.strength >= STRONG);
    let pair = |pair: &ruska::Interaction| {
        let [a, b] = [0, 1].map(|i| quoted(&pair.columns[i]));
        format!("{a} with {b} ({:.2})", pair.strength)
    };
    let pairs: Vec<String> = strong.take(PAIRS).map(pair).collect();
    let what = "Columns that work together (Friedman's H, 0 none to 1)";
    (!pairs.is_empty()).then(|| Part::Text(format!("{what}: {}.", pairs.join(", "))))
}

/// The model as a few rules.
fn in_rules(surrogate: &Surrogate) -> Vec<Part> {
    let what = format!(
        "These rules tell {} of the variance of what the model predicts, on rows that they were not made from:",
        percent(surrogate.fidelity)
    );
    vec![
        Part::Heading("The model as a few rules".to_owned()),
        Part::Text(what),
        Part::Code(surrogate.words().trim_end().to_owned()),
    ]
}

/// A linear model's terms, the largest first, where there is one sum.
fn equation(story: &Story) -> Vec<Part> {
    let Some(equation) = story.model.as_ref().and_then(ruska::Model::equation) else {
        return vec![];
    };
    let [intercept] = equation.intercepts[..] else { return vec![] };
    let target = quoted(&story.record.target);
    let of = match equation.link {
        Link::Identity => target,
        Link::Log => format!("the natural logarithm of {target}"),
        _ => format!("the log-odds of {target}"),
    };
    let mut table = Table::new(
        "equation",
        format!("{of} is {} and, for each column, its value times its weight.", plain(intercept)),
        &["column", "weight"],
    );
    for term in equation.by_size() {
        let weight = term.coefficients.first().copied().unwrap_or(0.0);
        table.row([Cell::text(&term.column), Cell::number(weight, number(weight))]);
    }
    vec![Part::Heading("The model as an equation".to_owned()), Part::Table(table)]
}
