//! Cycles and units of the calendar, in the words people have for them.

use ruska_core::{Date, Frequency};

pub(super) const SECOND: i64 = 1_000;
pub(super) const MINUTE: i64 = 60 * SECOND;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
pub(super) const WEEK: i64 = 7 * DAY;
/// Milliseconds of a year on average.
const YEAR: f64 = 365.25 * DAY as f64;
const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The day of the month that stands for its end.
const MONTH_END: u8 = 31;

/// A stretch of time by which growth is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    /// What it is called.
    pub(super) name: &'static str,
    /// Periods of the frequency that make one.
    pub(super) periods: f64,
}

impl Unit {
    /// The longest that so many values hold; that of one period where none does.
    pub(super) fn longest(frequency: Frequency, values: usize) -> Self {
        let units: Vec<(&str, f64)> = match frequency {
            Frequency::Months { step, .. } => vec![("year", 12.0 / f64::from(step.max(1)))],
            Frequency::BusinessDays { .. } => {
                vec![("year", 5.0 * YEAR / WEEK as f64), ("week", 5.0)]
            }
            Frequency::Milliseconds { step, .. } => {
                let of = |span: f64| span / step.max(1) as f64;
                let [week, day, hour, minute] = [WEEK, DAY, HOUR, MINUTE].map(|s| of(s as f64));
                vec![
                    ("year", of(YEAR)),
                    ("week", week),
                    ("day", day),
                    ("hour", hour),
                    ("minute", minute),
                ]
            }
            Frequency::Counts { .. } => vec![],
        };
        let held = |(_, periods): &(&str, f64)| *periods >= 1.0 && *periods <= values as f64;
        let found = units.into_iter().find(held).map(|(name, periods)| Self { name, periods });
        found.unwrap_or(Self { name: period_name(frequency), periods: 1.0 })
    }
}

/// What is from one value to the next.
fn period_name(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Months { step: 1, .. } => "month",
        Frequency::Months { step: 3, .. } => "quarter",
        Frequency::Milliseconds { step: WEEK, .. } => "week",
        Frequency::BusinessDays { .. } | Frequency::Milliseconds { step: DAY, .. } => "day",
        Frequency::Milliseconds { step: HOUR, .. } => "hour",
        Frequency::Milliseconds { step: MINUTE, .. } => "minute",
        _ => "step",
    }
}

/// A season as the calendar has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cycle {
    frequency: Frequency,
    /// Periods of a cycle.
    period: usize,
    of: Span,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Span {
    Year,
    Week,
    Day,
    Hour,
    Minute,
    /// None of the calendar.
    Other,
}

impl Cycle {
    /// So many periods of a frequency.
    pub(super) fn of(frequency: Frequency, period: usize) -> Self {
        let of = match frequency {
            Frequency::Months { step, .. } if period * step as usize == 12 => Span::Year,
            Frequency::BusinessDays { .. } if period == 5 => Span::Week,
            Frequency::Milliseconds { step, .. } => {
                let year = (YEAR / step.max(1) as f64).round() as usize;
                match step.saturating_mul(period as i64) {
                    WEEK => Span::Week,
                    DAY => Span::Day,
                    HOUR => Span::Hour,
                    MINUTE => Span::Minute,
                    _ if step >= DAY && period == year => Span::Year,
                    _ => Span::Other,
                }
            }
            _ => Span::Other,
        };
        Self { frequency, period, of }
    }

    /// When in the cycle a period is: `in December`, `on Sunday`, `at 18:00`.
    pub(super) fn when(&self, period: i64) -> String {
        let time = self.frequency.time(period);
        let (days, clock) = (time.div_euclid(DAY), time.rem_euclid(DAY));
        let weekday = WEEKDAYS[(days.rem_euclid(7) + 3) as usize % 7];
        let minute = clock / MINUTE % 60;
        let at = format!("at {:02}:{minute:02}", clock / HOUR);
        let by_day = !matches!(self.frequency, Frequency::Milliseconds { step, .. } if step < DAY);
        match self.of {
            Span::Year => self.of_year(Date::of(days)),
            Span::Week if by_day => format!("on {weekday}"),
            Span::Week => format!("on {weekday} {at}"),
            Span::Day => at,
            Span::Hour => format!("{minute} minutes past the hour"),
            Span::Minute => format!("{} seconds past the minute", clock / SECOND % 60),
            Span::Other => {
                let place = period.rem_euclid(self.period.max(1) as i64) + 1;
                format!("at place {place} of {}", self.period)
            }
        }
    }

    /// A quarter by its number where it is one of the calendar's, a month otherwise.
    fn of_year(&self, date: Date) -> String {
        let month = date.month_of_year() - 1;
        match self.frequency {
            Frequency::Months { step: 3, offset: 0, day, .. } if day < MONTH_END => {
                format!("in quarter {}", month / 3 + 1)
            }
            Frequency::Months { step: 3, offset: 2, day: MONTH_END, .. } => {
                format!("in quarter {}", month / 3 + 1)
            }
            _ => format!("in {}", MONTHS[month as usize]),
        }
    }
}

/// The first three letters of a month's name.
pub(super) fn month(date: Date) -> &'static str {
    &MONTHS[date.month_of_year() as usize - 1][..3]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(step: i64) -> Frequency {
        Frequency::Milliseconds { step, offset: 0 }
    }

    #[test]
    fn places_in_a_season_have_their_names() {
        let hour = |day: i64, hour: i64| day * 24 + hour;
        // 1970-01-01 was a Thursday.
        for (frequency, period, at, name) in [
            (Frequency::MONTHLY, 12, 11, "in December"),
            (Frequency::QUARTERLY, 4, 7, "in quarter 4"),
            (Frequency::Months { step: 3, offset: 2, day: 31, clock: 0 }, 4, 0, "in quarter 1"),
            (Frequency::Months { step: 3, offset: 1, day: 1, clock: 0 }, 4, 0, "in February"),
            (Frequency::WEEKLY, 52, 48, "in December"),
            (Frequency::DAILY, 365, 40, "in February"),
            (Frequency::DAILY, 7, 3, "on Sunday"),
            (Frequency::DAILY, 7, -1, "on Wednesday"),
            (Frequency::BUSINESS_DAYS, 5, 0, "on Monday"),
            (every(HOUR), 24, hour(3, 18), "at 18:00"),
            (every(HOUR), 168, hour(3, 8), "on Sunday at 08:00"),
            (every(15 * MINUTE), 4, 3, "45 minutes past the hour"),
            (every(SECOND), 60, 61, "1 seconds past the minute"),
            (Frequency::COUNTS, 4, 5, "at place 2 of 4"),
        ] {
            assert_eq!(Cycle::of(frequency, period).when(at), name, "{frequency}");
        }
    }

    #[test]
    fn growth_is_told_by_the_longest_unit_there_is() {
        let name = |frequency, values| Unit::longest(frequency, values).name;
        assert_eq!(Unit::longest(Frequency::MONTHLY, 30), Unit { name: "year", periods: 12.0 });
        assert_eq!(name(Frequency::MONTHLY, 11), "month");
        assert_eq!(name(Frequency::YEARLY, 3), "year");
        assert_eq!([name(Frequency::DAILY, 366), name(Frequency::DAILY, 28)], ["year", "week"]);
        assert_eq!([name(every(HOUR), 30), name(every(HOUR), 5)], ["day", "hour"]);
        assert_eq!([name(Frequency::COUNTS, 99), name(every(250), 2)], ["step", "step"]);
    }
}
