//! Thresholds by group of people.

use super::money::interval;
use super::{known, segments, share};
use crate::output::{align_right, short, signed, table, value, wrapped};
use ruska::evaluation::{Decisions, Equalized, Parity, Worth};
use std::fmt::Write;

/// Groups shown at most.
const SHOWN: usize = 20;

/// The threshold of each group, and what they cost.
pub(super) fn section(of: &Equalized, positive: &str) -> String {
    let (rate, positive) = (share(of.rate), short(positive, 20));
    let title = match of.parity {
        Parity::DemographicParity => format!(
            "thresholds by which {rate} of every group are decided to be `{positive}`, as the model \
             decides for all rows (demographic parity)"
        ),
        Parity::EqualOpportunity => format!(
            "thresholds by which {rate} of the rows of `{positive}` in every group are found, as the \
             model finds of all rows (equal opportunity)"
        ),
    };
    let more = match of.groups.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("… and {more} more groups (all of them with --json)\n"),
    };
    format!("{}\n{}\n{more}\n{}", wrapped(&title, "").trim_end(), groups(of), outcomes(of))
}

fn groups(of: &Equalized) -> String {
    let columns: Vec<String> = of.columns.iter().map(|c| short(c, 14)).collect();
    let mut header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let values = header.len();
    header.extend(["rows", "threshold", "model", "here", "elsewhere", ""]);
    let mut shown = table(&header);
    for group in of.groups.iter().take(SHOWN) {
        let mut row: Vec<String> =
            group.values.iter().map(|v| segments::value(v.as_ref(), 14)).collect();
        row.push(group.rows.to_string());
        row.push(match (group.threshold, group.model) {
            (Some(threshold), _) => value(threshold),
            (None, Some(_)) => "nobody".to_owned(),
            (None, None) => "–".to_owned(),
        });
        row.extend([group.model, group.best, group.expected].map(|rate| known(rate, share)));
        row.push(if group.small { "few rows".to_owned() } else { String::new() });
        shown.add_row(row);
    }
    align_right(&mut shown, values..values + 5);
    shown.to_string()
}

fn outcomes(of: &Equalized) -> String {
    let money = of.model.profit.is_some();
    let mut header = vec!["decided", "groups differ by", "accuracy"];
    header.extend(money.then_some("profit per 1,000 rows"));
    let mut shown = table(&header);
    let mut add = |name: &str, of: &Decisions| {
        let mut row = vec![name.to_owned(), known(of.difference, share), share(of.accuracy.value)];
        row.extend(of.profit.map(|profit| value(profit.value)));
        shown.add_row(row);
    };
    add("as the model does", &of.model);
    add("by these thresholds, as expected elsewhere", &of.expected);
    add("the same on these rows, which chose them", &of.best);
    align_right(&mut shown, 1..header.len());
    let accuracy = of.over_model.accuracy;
    let scaled = |v: f64| 100.0 * v;
    let points = Worth {
        value: scaled(accuracy.value),
        low: scaled(accuracy.low),
        high: scaled(accuracy.high),
    };
    let mut text = format!("{shown}\nchange       {} points of accuracy\n", change(&points));
    if let Some(profit) = of.over_model.profit {
        let _ = writeln!(text, "             {} of profit per 1,000 rows", change(&profit));
    }
    text
}

fn change(of: &Worth) -> String {
    format!("{} ({})", signed(of.value), interval(of))
}
