//! Frequencies and times in words.

use super::calendar::{DAY, Date, WEEK, WEEKDAYS, weekday};
use super::{Frequency, MONTH_END};
use std::fmt;

/// Units below a week: milliseconds, the word for one of them, the word for several.
const UNITS: [(i64, &str, &str); 5] = [
    (DAY, "daily", "days"),
    (3_600_000, "hourly", "hours"),
    (60_000, "every minute", "minutes"),
    (1_000, "every second", "seconds"),
    (1, "every millisecond", "milliseconds"),
];

/// The name for people: `monthly`, `quarterly (month ends)`, `weekly (Mondays)`,
/// `every 15 minutes`, `business days`, `steps of 1`.
impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Counts { step, .. } => write!(f, "steps of {}", step.max(1)),
            Self::BusinessDays { .. } => f.write_str("business days"),
            Self::Months { step, day, .. } => {
                match step {
                    0 | 1 => f.write_str("monthly")?,
                    3 => f.write_str("quarterly")?,
                    6 => f.write_str("half-yearly")?,
                    12 => f.write_str("yearly")?,
                    step if step % 12 == 0 => write!(f, "every {} years", step / 12)?,
                    step => write!(f, "every {step} months")?,
                }
                match day {
                    0 | 1 => Ok(()),
                    MONTH_END.. => f.write_str(" (month ends)"),
                    day => write!(f, " (day {day})"),
                }
            }
            Self::Milliseconds { step, offset } if step > 0 && step % WEEK == 0 => {
                match step / WEEK {
                    1 => f.write_str("weekly")?,
                    weeks => write!(f, "every {weeks} weeks")?,
                }
                write!(f, " ({}s)", WEEKDAYS[weekday(offset.div_euclid(DAY)) as usize])
            }
            Self::Milliseconds { step, .. } => {
                let step = step.max(1);
                let (unit, one, several) =
                    UNITS.into_iter().find(|(unit, ..)| step % unit == 0).unwrap_or(UNITS[4]);
                match step / unit {
                    1 => f.write_str(one),
                    n => write!(f, "every {n} {several}"),
                }
            }
        }
    }
}

impl Frequency {
    /// A frequency by its plain name: `yearly`, `quarterly`, `monthly`, `weekly` (Mondays),
    /// `daily`, `business days`, `hourly`, `counts`, or `15 minutes`, `2 weeks`, `6 months`, with
    /// times counted from the beginning of 1970; `None` for any other text. A blank may be written
    /// `_` or `-` or left out after a number, and `every` may stand before it.
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace(['_', '-'], " ");
        let text = text.strip_prefix("every ").unwrap_or(&text);
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = (&text[..split], text[split..].trim());
        let (step, unit) = match (number, unit) {
            ("", "counts") => return Some(Self::COUNTS),
            ("", "business days") => return Some(Self::BUSINESS_DAYS),
            ("", "yearly") => (1, "year"),
            ("", "quarterly") => (1, "quarter"),
            ("", "monthly") => (1, "month"),
            ("", "weekly") => (1, "week"),
            ("", "daily") => (1, "day"),
            ("", "hourly") => (1, "hour"),
            ("", _) => return None,
            (number, unit) => (number.parse::<u32>().ok()?, unit.strip_suffix('s').unwrap_or(unit)),
        };
        let months = |of_unit: u32| {
            let step = step.checked_mul(of_unit).filter(|step| *step > 0)?;
            Some(Self::Months { step, offset: 0, day: 1, clock: 0 })
        };
        let spans = |of_unit: i64, offset: i64| {
            let step = of_unit * i64::from(step);
            (step > 0).then(|| Self::Milliseconds { step, offset: offset % step })
        };
        match unit {
            "year" => months(12),
            "quarter" => months(3),
            "month" => months(1),
            "week" => spans(WEEK, 4 * DAY),
            "day" => spans(DAY, 0),
            "hour" => spans(3_600_000, 0),
            "minute" | "min" => spans(60_000, 0),
            "second" => spans(1_000, 0),
            _ => None,
        }
    }

    /// A time as it is printed: the date alone where the frequency is of days or longer and the
    /// time is a midnight, otherwise with the clock, as `2024-01-31 11:00:00`, with milliseconds
    /// where there are any. Numbers as they stand.
    pub fn format(&self, time: i64) -> String {
        let by_day = match self {
            Self::Counts { .. } => return time.to_string(),
            Self::Milliseconds { step, .. } => step % DAY == 0,
            Self::BusinessDays { .. } | Self::Months { .. } => true,
        };
        written(time, by_day && time.rem_euclid(DAY) == 0)
    }
}

/// A point in time, with its clock unless the date is enough.
pub(super) fn written(time: i64, date_only: bool) -> String {
    let date = Date::of(time.div_euclid(DAY));
    let day = format!("{:04}-{:02}-{:02}", date.year(), date.month_of_year(), date.day);
    if date_only {
        return day;
    }
    let (seconds, rest) = (time.rem_euclid(DAY) / 1_000, time.rem_euclid(1_000));
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let fraction = if rest > 0 { format!(".{rest:03}") } else { String::new() };
    format!("{day} {hour:02}:{minute:02}:{second:02}{fraction}")
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
