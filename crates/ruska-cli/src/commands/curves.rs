//! How predictions go with columns, in lines.

use crate::output::{WIDTH, counted, short, value, wrapped};
use ruska::{CurvePoint, Dependence, Drivers};

/// Share of the variance of predictions from which on rules are worth reading.
const FIDELITY: f64 = 0.2;
/// Characters shown of a column's name, and of a value.
const NAME: usize = 30;
const LEVEL: usize = 24;
/// Points of a column of numbers that are shown.
const POINTS: usize = 5;
/// Levels that are shown.
const LEVELS: usize = 8;
/// Strength from which on two columns are said to work together, and pairs that are shown.
const STRONG: f64 = 0.1;
const PAIRS: usize = 3;

/// What is predicted, as it goes with the columns that matter most.
pub(super) fn told(drivers: &Drivers) -> String {
    let told = &drivers.dependence;
    if told.curves.is_empty() {
        return String::new();
    }
    let what = match &told.class {
        Some(class) => {
            format!("the probability of {}={}", short(&drivers.target, NAME), short(class, NAME))
        }
        None => format!("the predicted `{}`", short(&drivers.target, NAME)),
    };
    let rows = counted(told.rows, "row");
    let head = format!(
        "How {what} goes with a column: the mean over {rows} when all have the value (partial dependence)"
    );
    let mut text = format!("\n{}", wrapped(&head, "  "));
    for curve in &told.curves {
        let few = if curve.levels {
            curve.points.iter().take(LEVELS).collect()
        } else {
            few(&curve.points)
        };
        let mut points: Vec<String> = few.into_iter().map(point).collect();
        let more = if curve.levels { curve.points.len().saturating_sub(LEVELS) } else { 0 };
        if more > 0 {
            points.push(format!("and {}", counted(more, "more level")));
        }
        let line = format!("  {}: {}", short(&curve.column, NAME), points.join(", "));
        text += &wrapped(&line, "      ");
    }
    text + &together(told) + &in_rules(told)
}

/// The model as a few rules, with as many digits as people read.
fn in_rules(told: &Dependence) -> String {
    let Some(surrogate) = &told.surrogate else { return String::new() };
    let percent = 100.0 * surrogate.fidelity.max(0.0);
    if surrogate.fidelity < FIDELITY {
        let what = "no few rules tell what the model predicts: those found tell";
        return wrapped(&format!("{what} {percent:.0} % of its variance on rows not seen"), "  ");
    }
    let head = format!(
        "as a few rules, which tell {percent:.0} % of the variance of what the model predicts of rows they \
         have not seen"
    );
    let mut text = wrapped(&head, "  ");
    for line in surrogate.words().lines() {
        text += &(short(&format!("  {line}"), WIDTH) + "\n");
    }
    text
}

/// The first, the last and some points between.
fn few(points: &[CurvePoint]) -> Vec<&CurvePoint> {
    if points.len() <= POINTS {
        return points.iter().collect();
    }
    let last = points.len() - 1;
    (0..POINTS).map(|i| &points[(i * last + POINTS / 2) / (POINTS - 1)]).collect()
}

fn point(point: &CurvePoint) -> String {
    let at = match point.at {
        Some(at) if !point.value.contains(':') => value(at),
        _ => short(&point.value.replace("T00:00:00", ""), LEVEL),
    };
    format!("{at} → {}", value(point.mean))
}

fn together(told: &Dependence) -> String {
    let strong = told.interactions.iter().filter(|pair| pair.strength >= STRONG).take(PAIRS);
    let pairs: Vec<String> = strong
        .map(|pair| {
            let [a, b] = [0, 1].map(|i| short(&pair.columns[i], NAME));
            format!("`{a}` with `{b}` ({:.2})", pair.strength)
        })
        .collect();
    let what = "work together (Friedman's H, 0 none to 1)";
    match (&pairs[..], told.interactions.is_empty()) {
        (_, true) => String::new(),
        ([], _) => wrapped(&format!("no pair of them {what} beyond {STRONG}"), "  "),
        (pairs, _) => wrapped(&format!("{what}: {}", pairs.join(", ")), "  "),
    }
}

/// Where pictures are.
pub(super) fn drawn(folder: &std::path::Path, pictures: &[String]) -> String {
    let files = counted(pictures.len(), "picture");
    let first = pictures.first().map_or(String::new(), |name| format!(": {name} …"));
    short(&format!("{files} in {}{first}", folder.display()), WIDTH) + "\n"
}
