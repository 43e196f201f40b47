//! Numbers and dates that stand for "not known".
//!
//! A number is taken for such a code when all of this holds:
//! - it looks like one: −1, −9, −99, …, 99, 999, …, repeated sevens and eights, 97, 98 and their
//!   like, the ends of the usual integer types;
//! - it is the least or greatest value, at most three of them at either end;
//! - it occurs in one of 1000 rows; −1 more often than 0 or 1 beside it;
//! - it is the only negative number, or farther from the next one than nearly all others (99 % of
//!   them) are from each other.
//!
//! A date is when it is one that systems put where there is none, is the first or last of the
//! column and more than a year from the next. It fails on codes amid the other values (99 among
//! ages up to 99), which only the reader of the file can tell.
//!
//! Reference: DataRobot, "Data quality assessment": disguised missing values are outlying, frequent
//! and of a known pattern.

use super::numbers::{Numbers, distinct, quantile};
use super::{Oddity, leave_out, rows_of};
use crate::meaning::times::{parse_time, time_text};
use crate::meaning::values::{level_counts, number_text};
use ruska_core::{Column, FindingCode, NO_VALUE, Severity};

/// Codes at either end.
const MOST: usize = 3;
/// Distinct other values; a scale of few steps has no codes.
const LEAST_OTHERS: usize = 5;
/// The same for codes of one digit.
const LEAST_OTHERS_OF_ONE_DIGIT: usize = 10;
const DAY: i64 = 86_400_000;
/// First days of what systems count from, or last days of what they hold.
const DAYS: [&str; 14] = [
    "0001-01-01",
    "1753-01-01",
    "1800-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-01",
    "1901-01-01",
    "1904-01-01",
    "1970-01-01",
    "2099-12-31",
    "2100-01-01",
    "2999-12-31",
    "9999-01-01",
    "9999-12-31",
];

/// Whether a number looks like a code for a missing value.
fn looks_like_a_code(value: f64) -> bool {
    if value.fract() != 0.0 || value.abs() > 1e12 {
        return false;
    }
    let value = value as i64;
    if matches!(value, -32_768 | 32_767 | 65_535 | -2_147_483_648 | 2_147_483_647 | 4_294_967_295) {
        return true;
    }
    let digits = value.unsigned_abs().to_string();
    let repeats = |d: char| digits.chars().all(|c| c == d);
    let survey = digits.len() > 1
        && (digits.ends_with('7') || digits.ends_with('8'))
        && digits[..digits.len() - 1].chars().all(|c| c == '9');
    let repeated = ['7', '8', '9'].into_iter().any(repeats) || survey;
    if value < 0 { value == -1 || repeated } else { digits.len() > 1 && repeated }
}

/// The codes of a column, least first.
pub(super) fn codes(numbers: &Numbers<'_>) -> Vec<f64> {
    let sorted = &numbers.sorted;
    let runs: Vec<&[f64]> = sorted.chunk_by(|a, b| a == b).collect();
    let may_be = |run: &&&[f64]| looks_like_a_code(run[0]);
    let low = runs.iter().take(MOST).take_while(may_be).count();
    let high = runs[low..].iter().rev().take(MOST).take_while(may_be).count();
    let (low, others, high) =
        (&runs[..low], &runs[low..runs.len() - high], &runs[runs.len() - high..]);
    let (Some(first), Some(last)) = (others.first(), others.last()) else { return vec![] };
    let start: usize = low.iter().map(|run| run.len()).sum();
    let end = sorted.len() - high.iter().map(|run| run.len()).sum::<usize>();
    let rest = &sorted[start..end];
    let several = distinct(rest, LEAST_OTHERS_OF_ONE_DIGIT);
    let spread = quantile(rest, 0.995) - quantile(rest, 0.005);
    let least = (sorted.len() / 1000).max(3);
    let frequent = |run: &&[f64]| {
        let few = if run[0].abs() < 10.0 { LEAST_OTHERS_OF_ONE_DIGIT } else { LEAST_OTHERS };
        several >= few && run.len() >= least
    };
    let below = |run: &&&[f64]| {
        let alone = first[0] >= 0.0 || first[0] - run[0] > spread;
        let goes_on = run[0] == -1.0 && first[0] < 2.0 && run.len() <= first.len();
        frequent(run) && run[0] < 0.0 && alone && !goes_on
    };
    let above =
        |run: &&&[f64]| frequent(run) && run[0] - last[0] > spread && run[0] > 1.5 * last[0];
    let low = low.iter().filter(below).map(|run| run[0]);
    low.chain(high.iter().filter(above).map(|run| run[0])).collect()
}

/// Tells the codes.
pub(super) fn told(name: &str, codes: &[f64], numbers: &Numbers<'_>) -> Oddity {
    let count = codes.iter().map(|code| numbers.count(*code)).sum();
    let texts: Vec<String> = codes.iter().map(|code| number_text(*code)).collect();
    finding(name, texts, count, numbers.rows())
}

fn finding(name: &str, codes: Vec<String>, count: usize, rows: usize) -> Oddity {
    let named: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
    let (named, such) = (named.join(", "), rows_of(count, rows));
    Oddity {
        code: FindingCode::DisguisedMissing,
        severity: Severity::Warning,
        count,
        what: format!(
            "column `{name}`: {named} in {such} may stand for a missing value, as nothing else is near"
        ),
        advice: format!("empty those cells if so; {}", leave_out(name)),
        examples: codes,
    }
}

/// Tells dates that systems put where there is none.
pub(super) fn dates(name: &str, column: &Column, day_first: bool) -> Option<Oddity> {
    let days: Vec<i64> = DAYS.iter().filter_map(|day| parse_time(day, false)).collect();
    let day = |time: i64| time.div_euclid(DAY) * DAY;
    let least = (column.rows() / 1000).max(2);
    let times: Vec<(i64, usize)> = match column {
        Column::Str(v) => {
            let counts = level_counts(v);
            let read = |(level, count): (&String, &usize)| {
                (*count > 0).then_some((parse_time(level, day_first)?, *count))
            };
            let frequent = v.levels.iter().zip(&counts).filter(|(_, count)| **count >= least);
            // Most columns have none, which a few levels tell.
            if !frequent.filter_map(read).any(|(time, _)| days.contains(&day(time))) {
                return None;
            }
            v.levels.iter().zip(&counts).filter_map(read).collect()
        }
        Column::Time(v) => v.iter().filter(|v| **v != NO_VALUE).map(|v| (*v, 1)).collect(),
        _ => return None,
    };
    let ends = [times.iter().min()?.0, times.iter().max()?.0].map(day);
    let mut found: Vec<(i64, usize)> = vec![];
    for end in ends.into_iter().filter(|end| days.contains(end)) {
        let others = times.iter().filter(|(time, _)| day(*time) != end);
        let Some(gap) = others.map(|(time, _)| (time - end).abs()).min() else { continue };
        let count = times.iter().filter(|(time, _)| day(*time) == end).map(|(_, n)| n).sum();
        if gap > 365 * DAY && count >= least && found.last() != Some(&(end, count)) {
            found.push((end, count));
        }
    }
    let texts: Vec<String> =
        found.iter().map(|(end, _)| time_text(*end).replace("T00:00:00", "")).collect();
    let count = found.iter().map(|(_, count)| count).sum();
    (count > 0).then(|| finding(name, texts, count, column.rows()))
}
