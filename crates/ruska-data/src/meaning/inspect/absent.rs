//! Columns that tell little: mostly empty, or one value but for a few rows.

use super::numbers::Numbers;
use super::spelling::Levels;
use super::{Oddity, leave_out, rows_of};
use crate::meaning::note::{percent, shown};
use crate::meaning::values::number_text;
use ruska_core::{Field, FindingCode, Severity};

/// Share of empty rows from which a column is mostly empty.
const MOSTLY: f64 = 0.5;
/// One row in so many may differ in a column that is nearly constant.
const ONE_IN: usize = 500;
/// Least rows from which a gap means something, and a rare value.
const ENOUGH_FOR_GAPS: usize = 20;
const ENOUGH_ROWS: usize = 100;

/// That half of the rows or more have no value.
pub(super) fn mostly_empty(field: &Field) -> Option<Oddity> {
    let (missing, rows, name) = (field.column.missing(), field.column.rows(), &*field.name);
    let some = rows >= ENOUGH_FOR_GAPS && missing < rows;
    let mostly = some && missing as f64 >= MOSTLY * rows as f64;
    mostly.then(|| Oddity {
        code: FindingCode::ManyMissing,
        severity: Severity::Info,
        count: missing,
        what: format!(
            "column `{name}` has no value in {missing} of {rows} rows ({})",
            percent(missing, rows)
        ),
        advice: format!("check the export; {}", leave_out(name)),
        examples: vec![],
    })
}

/// That nearly all rows have one number.
pub(super) fn one_number(name: &str, numbers: &Numbers<'_>) -> Option<Oddity> {
    let rows = numbers.rows();
    let median = *numbers.sorted.get(numbers.sorted.len() / 2)?;
    nearly_constant(name, &number_text(median), numbers.count(median), rows)
}

/// That nearly all rows have one level.
pub(super) fn one_level(name: &str, levels: &Levels<'_>, rows: usize) -> Option<Oddity> {
    let (level, count) = levels.used.iter().max_by_key(|(_, count)| *count)?;
    nearly_constant(name, &shown(level, *count), *count, rows)
}

fn nearly_constant(name: &str, value: &str, count: usize, rows: usize) -> Option<Oddity> {
    let others = rows - count;
    let nearly = rows >= ENOUGH_ROWS && others > 0 && others <= (rows / ONE_IN).max(1);
    nearly.then(|| Oddity {
        code: FindingCode::NearConstantColumn,
        severity: Severity::Info,
        count: others,
        what: format!("column `{name}` is `{value}` in all but {}", rows_of(others, rows)),
        advice: format!("it can tell little; {}", leave_out(name)),
        examples: vec![],
    })
}
