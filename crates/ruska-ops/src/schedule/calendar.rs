//! When a job is to run: a cron pattern in a time zone.
//!
//! Where clocks go forward, a run at a fixed time that does not exist takes place at the first moment
//! after the gap, and one of a pattern such as `*/15 * * * *` that falls into it does not. Where clocks go back,
//! a run at a fixed time takes place at the first of the two, and one of such a pattern at both. This is what
//! crontab of Vixie and its successors does; `croner` finds the times.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

/// Times that are counted.
const MOST: u64 = 10_000;
/// Times between which the shortest gap is looked for; those of a job that runs daily go through a year, on some
/// days of which clocks change.
const GAPS: usize = 500;
/// The beginning of 2026, milliseconds since 1970.
const YEAR_2026: i64 = 1_767_225_600_000;

/// A cron pattern in a time zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    cron: Cron,
    zone: Tz,
}

impl Calendar {
    /// Reads a pattern of five fields (minute, hour, day of the month, month, day of the week) or a name such as
    /// `@daily`, and the name of a time zone of the IANA database.
    ///
    /// Fails where either cannot be read and where the pattern has no time at all, such as 30 February, naming
    /// which of them it is: `cron` or `timezone`.
    pub fn parse(pattern: &str, zone: &str) -> Result<Self, (&'static str, String)> {
        let zone = zone.parse::<Tz>().map_err(|_| ("timezone", unknown_zone(zone)))?;
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(pattern).map_err(|e| {
            let what = format!(
                "`{}` is no cron pattern ({}); expected minute, hour, day of the month, month and day of \
                 the week, such as \"0 6 * * MON\" for Mondays at 6:00",
                pattern.chars().take(60).collect::<String>(),
                e.to_string().trim_end_matches('.')
            );
            ("cron", what)
        })?;
        let calendar = Self { cron, zone };
        if calendar.after(0).is_none() {
            return Err(("cron", format!("no day there is has the time `{pattern}`")));
        }
        Ok(calendar)
    }

    /// The first time after a moment, both milliseconds since 1970; `None` where there is none.
    pub fn after(&self, ms: i64) -> Option<i64> {
        let from = DateTime::<Utc>::from_timestamp_millis(ms)?.with_timezone(&self.zone);
        let next = self.cron.find_next_occurrence(&from, false).ok()?.timestamp_millis();
        // An instant within a second counts as its beginning.
        (next > ms).then_some(next)
    }

    /// The first, the last and the number of the times in (`after`, `until`]; `None` if there are none. They are
    /// counted up to 10,000.
    pub fn between(&self, after: i64, until: i64) -> Option<(i64, i64, u64)> {
        let first = self.after(after).filter(|t| *t <= until)?;
        let (mut last, mut count) = (first, 1);
        while let Some(next) = self.after(last).filter(|t| *t <= until) {
            if count == MOST {
                last = self.until(until).unwrap_or(next).max(next);
                break;
            }
            (last, count) = (next, count + 1);
        }
        Some((first, last, count))
    }

    /// The shortest time between two times, milliseconds, of some that lie in 2026 and after; `None` where there is
    /// one time only.
    pub(super) fn shortest_gap(&self) -> Option<i64> {
        let mut times = std::iter::successors(self.after(YEAR_2026), |at| self.after(*at));
        let mut last = times.next()?;
        let gap = |at: i64| std::mem::replace(&mut last, at).abs_diff(at) as i64;
        times.take(GAPS).map(gap).min()
    }

    /// The last time up to a moment.
    fn until(&self, ms: i64) -> Option<i64> {
        let at = DateTime::<Utc>::from_timestamp_millis(ms)?.with_timezone(&self.zone);
        let last = self.cron.find_previous_occurrence(&at, true).ok()?.timestamp_millis();
        (last <= ms).then_some(last)
    }

    /// A moment as its time zone has it, such as `2026-03-29 04:00 EEST`.
    pub fn told(&self, ms: i64) -> String {
        let at = DateTime::<Utc>::from_timestamp_millis(ms).unwrap_or_default();
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M %Z").to_string()
    }
}

/// Whether two calendars have the same times.
impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.cron.as_str() == other.cron.as_str() && self.zone == other.zone
    }
}

fn unknown_zone(name: &str) -> String {
    let short: String = name.chars().take(60).collect();
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let near = ruska::closest(name, known);
    match near.first() {
        Some(near) => format!("there is no time zone `{short}`; did you mean `{near}`?"),
        None => format!(
            "there is no time zone `{short}`; expected one such as \"Europe/Helsinki\" or \"UTC\""
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn ms(utc: &str) -> i64 {
        DateTime::parse_from_rfc3339(utc).unwrap().timestamp_millis()
    }

    /// The times of a pattern in a stretch of UTC, in UTC.
    fn times(pattern: &str, zone: &str, from: &str, until: &str) -> Vec<String> {
        let calendar = Calendar::parse(pattern, zone).unwrap();
        let (mut at, until, mut found) = (ms(from) - 1, ms(until), vec![]);
        while let Some(next) = calendar.after(at).filter(|t| *t <= until) {
            let utc = DateTime::<Utc>::from_timestamp_millis(next).unwrap();
            found.push(utc.format("%dT%H:%M").to_string());
            at = next;
        }
        found
    }

    #[test]
    fn clocks_go_forward_in_helsinki() {
        // 29 March 2026: 03:00 EET (01:00 UTC) becomes 04:00 EEST.
        let day = ("2026-03-28T00:00:00Z", "2026-03-30T23:00:00Z");
        // 03:30 does not exist on the 29th: the run takes place at 04:00 EEST.
        assert_eq!(
            times("30 3 * * *", "Europe/Helsinki", day.0, day.1),
            ["28T01:30", "29T01:00", "30T00:30"]
        );
        // Every quarter of an hour there is.
        let quarters = times(
            "*/15 * * * *",
            "Europe/Helsinki",
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:30:00Z",
        );
        assert_eq!(quarters, ["29T00:30", "29T00:45", "29T01:00", "29T01:15", "29T01:30"]);
    }

    #[test]
    fn clocks_go_back_in_helsinki() {
        // 25 October 2026: 04:00 EEST (01:00 UTC) becomes 03:00 EET.
        let day = ("2026-10-24T00:00:00Z", "2026-10-26T23:00:00Z");
        assert_eq!(
            times("30 3 * * *", "Europe/Helsinki", day.0, day.1),
            ["24T00:30", "25T00:30", "26T01:30"]
        );
        let halves = times(
            "*/30 * * * *",
            "Europe/Helsinki",
            "2026-10-25T00:00:00Z",
            "2026-10-25T02:00:00Z",
        );
        assert_eq!(halves, ["25T00:00", "25T00:30", "25T01:00", "25T01:30", "25T02:00"]);
    }

    #[test]
    fn clocks_change_in_new_york() {
        // 8 March 2026: 02:00 EST (07:00 UTC) becomes 03:00 EDT.
        let day = ("2026-03-07T05:00:00Z", "2026-03-09T12:00:00Z");
        assert_eq!(
            times("30 2 * * *", "America/New_York", day.0, day.1),
            ["07T07:30", "08T07:00", "09T06:30"]
        );
        // 1 November 2026: 02:00 EDT (06:00 UTC) becomes 01:00 EST.
        let day = ("2026-10-31T04:00:00Z", "2026-11-02T12:00:00Z");
        assert_eq!(
            times("30 1 * * *", "America/New_York", day.0, day.1),
            ["31T05:30", "01T05:30", "02T06:30"]
        );
        let halves = times(
            "*/30 * * * *",
            "America/New_York",
            "2026-11-01T05:00:00Z",
            "2026-11-01T07:00:00Z",
        );
        assert_eq!(halves, ["01T05:00", "01T05:30", "01T06:00", "01T06:30", "01T07:00"]);
    }

    #[test]
    fn stretches_are_open_at_their_beginning() {
        let daily = Calendar::parse("@daily", "UTC").unwrap();
        let (monday, friday) = (ms("2026-11-23T00:00:00Z"), ms("2026-11-27T00:00:00Z"));
        let day = 86_400_000;
        assert_eq!(daily.between(monday, friday), Some((monday + day, friday, 4)));
        assert_eq!(daily.between(friday, friday), None);
        assert_eq!(daily.after(monday - 1), Some(monday));
        let each = Calendar::parse("* * * * *", "UTC").unwrap();
        let later = monday + 14 * day;
        assert_eq!(each.between(monday, later), Some((monday + 60_000, later, MOST)));
        assert_eq!(daily.told(monday), "2026-11-23 00:00 UTC");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let refused = |pattern, zone| Calendar::parse(pattern, zone).unwrap_err();
        assert_eq!(refused("0 0 30 2 *", "UTC").0, "cron");
        let hour = 3_600_000;
        for (pattern, zone, gap) in [
            ("0 6,7 1 * *", "UTC", hour),
            ("0 6 * * *", "UTC", 24 * hour),
            // The day on which clocks go forward.
            ("0 6 * * *", "Europe/Helsinki", 23 * hour),
            ("*/20 * * * *", "UTC", hour / 3),
        ] {
            assert_eq!(
                Calendar::parse(pattern, zone).unwrap().shortest_gap(),
                Some(gap),
                "{pattern}"
            );
        }
        for pattern in
            ["", "every day", "61 * * * *", "* * * *", "*/2 * * * * *", "* * * * * * * *", "\u{0}"]
        {
            let (key, why) = refused(pattern, "UTC");
            assert!(key == "cron" && why.contains("is no cron pattern"), "{pattern}: {why}");
        }
        let (key, why) = refused("@daily", "Europe/Helsinky");
        assert_eq!((key, why.contains("`Europe/Helsinki`")), ("timezone", true), "{why}");
    }
}
