//! What a model does to groups of people.

use super::segments;
use super::{known, share};
use crate::output::{align_right, number, short, table, value, wrapped};
use ruska::evaluation::{Audit, Gap, Rates};
use std::fmt::Write;

/// Groups shown at most.
const SHOWN: usize = 20;

/// Of what is told of a difference below it.
const INDENT: &str = "                    ";

/// A table of groups and how far they differ; rows may count by a weight.
pub(super) fn section(audit: &Audit, weight: Option<&str>) -> String {
    let numbers = audit.overall.mae.is_some();
    let two = audit.overall.selection_rate.is_some();
    let columns: Vec<String> = audit.columns.iter().map(|c| short(c, 14)).collect();
    let mut header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let values = header.len();
    header.push("rows");
    header.extend(match (two, numbers) {
        (true, _) => &["selected", "TPR", "FPR", "accuracy", "said", "true"][..],
        (_, true) => &["MAE", "mean prediction", "mean truth"],
        _ => &["accuracy"],
    });
    let numeric = values..header.len();
    header.push("");
    let mut shown = table(&header);
    let cells = |rates: &Rates| -> Vec<String> {
        if two {
            let percent = [
                rates.selection_rate,
                rates.true_positive_rate,
                rates.false_positive_rate,
                rates.accuracy,
                rates.predicted,
                rates.observed,
            ];
            return percent.map(|rate| known(rate, share)).to_vec();
        }
        if numbers {
            return [rates.mae, rates.predicted, rates.observed].map(|v| known(v, number)).to_vec();
        }
        vec![known(rates.accuracy, share)]
    };
    for group in audit.groups.iter().take(SHOWN) {
        let mut row: Vec<String> =
            group.values.iter().map(|v| segments::value(v.as_ref(), 14)).collect();
        row.push(group.rows.to_string());
        row.extend(cells(&group.rates));
        row.push(if group.small { "few rows".to_owned() } else { String::new() });
        shown.add_row(row);
    }
    align_right(&mut shown, numeric);
    let more = match audit.groups.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("… and {more} more groups (all of them with --json)\n"),
    };
    let gaps: String = audit.gaps.iter().map(|gap| line(gap) + "\n").collect();
    let title = match audit.gaps.len() {
        0 => "",
        _ => "\ndifferences between groups, 95 % interval\n",
    };
    format!("{shown}\n{more}{}{title}{gaps}", segments::counting(weight))
}

/// How far groups differ by a measure.
fn line(gap: &Gap) -> String {
    let name = gap.measure.name().replace('_', " ");
    let [difference, low, high] =
        [gap.difference, gap.difference_low, gap.difference_high].map(value);
    let ratio = gap.ratio.map_or(String::new(), |ratio| format!(", ratio {ratio:.3}"));
    let named = |group: &[Option<String>]| {
        let values = group.iter().map(|v| segments::value(v.as_ref(), 14));
        values.collect::<Vec<_>>().join(" · ")
    };
    let mut text = format!("{name:<19} {difference} ({low} … {high}){ratio}");
    let groups = format!("least in {}, greatest in {}", named(&gap.least), named(&gap.greatest));
    let _ = write!(text, "\n{INDENT}{}", wrapped(&groups, INDENT).trim_end());
    if let Some(by) = gap.by_chance {
        let may = if by >= gap.difference { ", so that it may be chance" } else { "" };
        let _ = write!(text, "\n{INDENT}by chance up to {}{may}", value(by));
    }
    if let Some(large) = gap.without_small {
        let _ = write!(text, "\n{INDENT}{} without small groups", value(large));
    }
    text
}
