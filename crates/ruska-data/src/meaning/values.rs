//! Values as text, so that `3`, `3.0` and `"3"` are one level wherever they come from.

use super::times::time_text;
use ruska_core::{Column, MISSING, StrColumn};

/// Pairs of labels that mean no and yes.
const TRUTHS: [(&str, &str); 6] =
    [("no", "yes"), ("false", "true"), ("f", "t"), ("n", "y"), ("0", "1"), ("off", "on")];

/// Whether a label means yes, and the pair it belongs to.
fn truth_in_pair(label: &str) -> Option<(usize, bool)> {
    let label = label.trim();
    TRUTHS.iter().enumerate().find_map(|(i, (no, yes))| {
        if label.eq_ignore_ascii_case(yes) {
            return Some((i, true));
        }
        label.eq_ignore_ascii_case(no).then_some((i, false))
    })
}

/// Whether a label means yes (`yes`, `true`, `t`, `y`, `1`, `on`) or no, in any case.
pub(crate) fn truth(label: &str) -> Option<bool> {
    truth_in_pair(label).map(|(_, yes)| yes)
}

/// The labels of no and yes when all labels together are such a pair, in any case; of several
/// spellings the first.
pub(crate) fn truth_pair<'a>(
    labels: impl IntoIterator<Item = &'a str>,
) -> Option<(&'a str, &'a str)> {
    let (mut family, mut found) = (None, (None, None));
    for label in labels {
        let (pair, yes) = truth_in_pair(label)?;
        if *family.get_or_insert(pair) != pair {
            return None;
        }
        let slot = if yes { &mut found.1 } else { &mut found.0 };
        slot.get_or_insert(label);
    }
    Some((found.0?, found.1?))
}

/// The shortest text that reads back as the same number; whole numbers without a point.
pub fn number_text(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 {
        (value as i64).to_string()
    } else {
        value.to_string()
    }
}

/// The number that a text spells; `None` for text, NaN and infinities.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|v| v.is_finite())
}

/// The canonical text of a number given as text: `3.0` and `+3` give `3`.
pub(crate) fn canonical(text: &str) -> Option<String> {
    match text.trim().parse::<i64>() {
        Ok(whole) => Some(whole.to_string()),
        Err(_) => number(text).map(number_text),
    }
}

/// The canonical text of a value; `None` where it is missing, unseen or part of a sparse block.
pub fn value_text(column: &Column, row: usize) -> Option<String> {
    if column.is_missing(row) {
        return None;
    }
    match column {
        Column::Bool(v) => Some((v[row] == 1).to_string()),
        Column::Int(v) => Some(v[row].to_string()),
        Column::Float(v) => Some(number_text(v[row])),
        Column::Time(v) => Some(time_text(v[row])),
        Column::Str(v) => v.get(row).map(str::to_owned),
        Column::Sparse(_) => None,
    }
}

/// How often each level occurs; levels may be there that no row uses.
pub(crate) fn level_counts(column: &StrColumn) -> Vec<usize> {
    let mut counts = vec![0; column.levels.len()];
    for &code in column.codes.iter().filter(|c| **c != MISSING) {
        if let Some(count) = counts.get_mut(code as usize) {
            *count += 1;
        }
    }
    counts
}

/// The levels that rows use.
pub(crate) fn used_levels(column: &StrColumn) -> Vec<&str> {
    let used = level_counts(column).into_iter().zip(column.levels.iter());
    used.filter(|(count, _)| *count > 0).map(|(_, level)| level.as_str()).collect()
}

/// Sorts labels by value when all are numbers, else by text; removes repeats.
pub(crate) fn sort_labels(labels: &mut Vec<String>) {
    let numbers: Option<Vec<f64>> = labels.iter().map(|l| number(l)).collect();
    match numbers {
        None => labels.sort_unstable(),
        Some(numbers) => {
            let mut keyed: Vec<(f64, String)> = numbers.into_iter().zip(labels.drain(..)).collect();
            keyed.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            labels.extend(keyed.into_iter().map(|(_, label)| label));
        }
    }
    labels.dedup();
}

/// The distinct values of a column as sorted labels.
pub(crate) fn sorted_levels(column: &Column) -> Vec<String> {
    let mut labels: Vec<String> = match column {
        Column::Str(v) => {
            let used = level_counts(v).into_iter().zip(v.levels.iter());
            used.filter(|(count, _)| *count > 0).map(|(_, level)| level.clone()).collect()
        }
        Column::Float(v) => {
            let mut values: Vec<f64> = v.iter().copied().filter(|v| v.is_finite()).collect();
            values.sort_unstable_by(f64::total_cmp);
            values.dedup();
            values.into_iter().map(number_text).collect()
        }
        Column::Int(_) | Column::Time(_) | Column::Bool(_) => {
            let mut rows: Vec<i64> = whole_values(column);
            rows.sort_unstable();
            rows.dedup();
            let text = |v: i64| match column {
                Column::Bool(_) => (v == 1).to_string(),
                Column::Time(_) => time_text(v),
                _ => v.to_string(),
            };
            rows.into_iter().map(text).collect()
        }
        Column::Sparse(_) => vec![],
    };
    sort_labels(&mut labels);
    labels
}

/// The values of a column that is stored as whole numbers, without the missing ones.
fn whole_values(column: &Column) -> Vec<i64> {
    match column {
        Column::Bool(v) => v.iter().filter(|v| **v >= 0).map(|v| i64::from(*v)).collect(),
        Column::Int(v) | Column::Time(v) => {
            v.iter().copied().filter(|v| *v != ruska_core::NO_VALUE).collect()
        }
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_text() {
        assert_eq!(number_text(3.0), "3");
        assert_eq!(number_text(-0.0), "0");
        assert_eq!(number_text(0.1), "0.1");
        assert_eq!(canonical("3.0").as_deref(), Some("3"));
        assert_eq!(canonical("007").as_deref(), Some("7"));
        assert_eq!(canonical("1234567890123456789").as_deref(), Some("1234567890123456789"));
        assert_eq!(canonical("nan"), None);
        assert_eq!(canonical("5more"), None);
    }

    #[test]
    fn truths() {
        assert_eq!(truth_pair(["Yes", "no", "YES"]), Some(("no", "Yes")));
        assert_eq!(truth_pair(["t", "f"]), Some(("f", "t")));
        assert_eq!(truth_pair(["yes", "0"]), None);
        assert_eq!(truth_pair(["yes"]), None);
        assert_eq!(truth_pair(["yes", "no", "maybe"]), None);
        assert_eq!(truth_pair(["m", "f"]), None);
    }

    #[test]
    fn labels_sort_by_value_when_all_are_numbers() {
        let mut numbers: Vec<String> = ["10", "9", "-1", "9"].map(String::from).to_vec();
        sort_labels(&mut numbers);
        assert_eq!(numbers, ["-1", "9", "10"]);
        let mut mixed: Vec<String> = ["5more", "10", "9"].map(String::from).to_vec();
        sort_labels(&mut mixed);
        assert_eq!(mixed, ["10", "5more", "9"]);
    }
}
