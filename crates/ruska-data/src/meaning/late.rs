//! Dates that are later than the moment of the prediction.
//!
//! Where rows have a time, a date that is later than its row's in 5 % of the rows that have both
//! was written down afterwards: a payment, a discharge, a last change. Where all times of the rows
//! are midnights only days are compared. It fails on dates set in advance (an appointment, the end
//! of a contract), which the user has to vouch for. Cost O(rows).

use ruska_core::{Column, Field, NO_VALUE};

/// One in so many rows.
const ONE_IN: usize = 20;
/// Least rows, so that a few slips are no rule.
const LEAST: usize = 10;
const DAY: i64 = 86_400_000;

/// How often a date is later than its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late {
    /// Rows that have a date and a time.
    pub(crate) present: usize,
    /// Those of them whose date is later.
    pub(crate) later: usize,
}

/// Whether a typed column is a date that is often later than its row.
pub(crate) fn later(field: &Field, times: &[i64]) -> Option<Late> {
    let Column::Time(dates) = &field.column else { return None };
    let midnights = times.iter().all(|time| *time == NO_VALUE || time.rem_euclid(DAY) == 0);
    let coarse = |time: i64| if midnights { time.div_euclid(DAY) } else { time };
    let both = dates.iter().zip(times).filter(|(d, t)| **d != NO_VALUE && **t != NO_VALUE);
    let (mut present, mut later) = (0, 0);
    for (date, time) in both {
        present += 1;
        later += usize::from(coarse(*date) > coarse(*time));
    }
    (later >= LEAST && later * ONE_IN >= present).then_some(Late { present, later })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruska_core::Kind;

    fn dates(values: impl Iterator<Item = i64>) -> Field {
        Field::new("d", Kind::Time, Column::Time(values.collect::<Vec<_>>().into()))
    }

    #[test]
    fn dates_after_the_row() {
        let days: Vec<i64> = (0..200).map(|i| i * DAY).collect();
        let paid = dates((0..200).map(|i| if i % 2 == 0 { i * DAY + 9 * DAY } else { NO_VALUE }));
        assert_eq!(later(&paid, &days), Some(Late { present: 100, later: 100 }));
        let born = dates((0..200).map(|i| (i - 9000) * DAY));
        assert_eq!(later(&born, &days), None);
        // Later on the same day is not later where times are days, and is where they are not.
        let noon = dates((0..200).map(|i| i * DAY + DAY / 2));
        assert_eq!(later(&noon, &days), None);
        let morning: Vec<i64> = days.iter().map(|day| day + DAY / 4).collect();
        assert_eq!(later(&noon, &morning), Some(Late { present: 200, later: 200 }));
        let slips = dates((0..200).map(|i| if i < 9 { (i + 1) * DAY } else { i * DAY }));
        assert_eq!(later(&slips, &days), None);
    }
}
