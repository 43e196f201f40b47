//! What is said of numbers: errors, and where they are.

use super::share;
use crate::output::{align_right, signed, table, value};
use ruska::Evaluation;
use ruska::evaluation::Errors;
use std::fmt::Write;

/// The parts that there are of numbers.
pub(super) fn sections(evaluation: &Evaluation, detail: bool) -> Vec<String> {
    let Some(errors) = &evaluation.errors else { return vec![] };
    let mut sections = vec![lines(errors)];
    if detail {
        sections.push(ranges(errors));
    }
    sections
}

fn lines(errors: &Errors) -> String {
    let at = |wanted: f64| {
        let found = errors.quantiles.iter().find(|q| q.share == wanted);
        found.map_or(String::new(), |q| signed(q.error))
    };
    let mut text = format!(
        "errors       {} on average (prediction less truth)\n             half between {} and {}, \
         90 % between {} and {}\n",
        signed(errors.bias),
        at(0.25),
        at(0.75),
        at(0.05),
        at(0.95),
    );
    if let (Some(low), Some(high)) = (errors.ranges.first(), errors.ranges.last()) {
        let growth = errors.growth.map_or(String::new(), |g| format!(" (rank correlation {g:.2})"));
        let _ = writeln!(
            text,
            "spread       RMSE {} at the lowest predictions, {} at the highest{growth}",
            value(low.rmse),
            value(high.rmse),
        );
    }
    if let Some(largest) = errors.largest.last() {
        let _ = writeln!(
            text,
            "largest      the {} of the rows with the largest errors make {} of all error, {} squared",
            share(largest.rows),
            share(largest.absolute),
            share(largest.squared),
        );
    }
    text
}

fn ranges(errors: &Errors) -> String {
    let header = ["predictions", "rows", "mean truth", "mean prediction", "mean error", "rmse"];
    let mut shown = table(&header);
    for range in &errors.ranges {
        shown.add_row([
            format!("{} … {}", value(range.low), value(range.high)),
            range.rows.to_string(),
            value(range.truth),
            value(range.predicted),
            signed(range.bias),
            value(range.rmse),
        ]);
    }
    align_right(&mut shown, 1..6);
    format!("{shown}\n")
}
