//! Days, weeks and months, UTC.

use chrono::{DateTime, Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// How long a stretch of time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday (ISO 8601).
    Week,
    /// A month of the calendar.
    #[default]
    Month,
}

impl Period {
    /// The first day of the period that a moment, milliseconds since 1970, lies in.
    pub fn start(self, at_ms: i64) -> NaiveDate {
        let day = DateTime::from_timestamp_millis(at_ms).unwrap_or_default().date_naive();
        match self {
            Self::Day => day,
            Self::Week => {
                let since = u64::from(day.weekday().num_days_from_monday());
                day.checked_sub_days(Days::new(since)).unwrap_or(day)
            }
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn periods_begin_where_the_calendar_says() {
        let at = ruska::parse_time("2026-03-05T23:59:59", false).unwrap();
        let start = |period: Period, ms: i64| period.start(ms).to_string();
        assert_eq!(start(Period::Day, at), "2026-03-05");
        assert_eq!(start(Period::Day, at + 1000), "2026-03-06");
        assert_eq!(start(Period::Week, at), "2026-03-02");
        assert_eq!(start(Period::Month, at), "2026-03-01");
        let before = ruska::parse_time("1969-12-31T12:00", false).unwrap();
        assert_eq!(start(Period::Week, before), "1969-12-29");
    }
}
