//! Measures of groups of rows.

use super::{known, share};
use crate::output::{align_right, number, short, table};
use ruska::evaluation::Segments;

/// Groups shown at most.
const SHOWN: usize = 15;

/// A table of groups, the worst first; rows may count by a weight.
pub(super) fn section(of: &Segments, weight: Option<&str>) -> String {
    let columns: Vec<String> = of.columns.iter().map(|c| short(c, 20)).collect();
    let mut header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let values = header.len();
    header.extend(["rows", "share", &of.metric, "95 % interval", ""]);
    let mut shown = table(&header);
    for segment in of.segments.iter().take(SHOWN) {
        let mut cells: Vec<String> = segment.values.iter().map(|v| value(v.as_ref(), 24)).collect();
        cells.extend([segment.rows.to_string(), share(segment.share)]);
        match &segment.score {
            Some(score) => {
                cells.push(number(score.value));
                cells.push(format!("{} … {}", number(score.low), number(score.high)));
            }
            None => cells.extend(["–".to_owned(), "not defined for these rows".to_owned()]),
        }
        cells.push(if segment.small { "few rows".to_owned() } else { String::new() });
        shown.add_row(cells);
    }
    align_right(&mut shown, values..values + 3);
    let more = match of.segments.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("… and {more} more groups (all of them with --json)\n"),
    };
    let overall = known(of.overall, number);
    format!("{shown}\n{more}{} of all rows: {overall}\n{}", of.metric, counting(weight))
}

/// By what rows count, where they do not count alike.
pub(super) fn counting(weight: Option<&str>) -> String {
    weight.map_or(String::new(), |weight| {
        format!("rows count by their weight `{}`\n", short(weight, 40))
    })
}

/// A value of a column, or that there is none.
pub(super) fn value(value: Option<&String>, width: usize) -> String {
    value.map_or_else(|| "(no value)".to_owned(), |value| short(value, width))
}
