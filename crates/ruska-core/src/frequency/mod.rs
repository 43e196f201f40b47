//! Equally spaced time: how far apart the steps of a series are, and where they lie.
//!
//! | file | does |
//! |---|---|
//! | `mod.rs` | times to numbers of steps and back |
//! | `calendar.rs` | days and months |
//! | `words.rs` | names of frequencies, times as text |
//! | `seasons.rs` | the cycles of the calendar |
//! | `infer.rs`, `grids.rs`, `snap.rs` | which frequency a panel of series has |

mod calendar;
mod grids;
mod infer;
mod seasons;
mod snap;
mod words;

pub use calendar::Date;
pub use infer::{Axis, FrequencyError, Inferred};

use calendar::{DAY, WEEK, month_length, weekday};
use serde::{Deserialize, Serialize};

/// A grid of equally spaced times, counted by whole numbers (its indices) in both directions.
///
/// Times are milliseconds since 1970-01-01 without a zone, as in [`Column::Time`](crate::Column);
/// those of [`Frequency::Counts`] are numbers as they stand. A step below 1 counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case", deny_unknown_fields)]
pub enum Frequency {
    /// Every so many milliseconds: seconds, minutes, hours, days, weeks.
    Milliseconds {
        /// From one time to the next, at least 1.
        step: i64,
        /// A time of the grid, `0..step`. For weeks it tells the day: 345,600,000 is Monday.
        offset: i64,
    },
    /// Monday to Friday.
    BusinessDays {
        /// Milliseconds after midnight.
        clock: i64,
    },
    /// Every so many months; 3 are quarters, 12 are years.
    Months {
        /// From one time to the next, at least 1.
        step: u32,
        /// A month of the grid, `0..step`; 0 is January.
        offset: u32,
        /// 1 to 31; a month that is shorter has its last day, so 31 is the month's end.
        day: u8,
        /// Milliseconds after midnight.
        clock: i64,
    },
    /// Plain numbers, such as 1, 2, 3 or 1990, 1991.
    Counts {
        /// From one number to the next, at least 1.
        step: i64,
        /// A number of the grid, `0..step`.
        offset: i64,
    },
}

/// The day of a month that is its last one.
const MONTH_END: u8 = 31;
/// Beyond these the milliseconds of months and days leave their 64 bits.
const MOST_MONTHS: i64 = 3_400_000_000;
const MOST_WEEKS: i64 = 15_000_000_000;

impl Frequency {
    /// Every midnight.
    pub const DAILY: Self = Self::Milliseconds { step: DAY, offset: 0 };
    /// Every Monday, as weeks begin by ISO 8601.
    pub const WEEKLY: Self = Self::Milliseconds { step: WEEK, offset: 4 * DAY };
    /// The first day of every month.
    pub const MONTHLY: Self = Self::Months { step: 1, offset: 0, day: 1, clock: 0 };
    /// The first days of January, April, July and October.
    pub const QUARTERLY: Self = Self::Months { step: 3, offset: 0, day: 1, clock: 0 };
    /// The first day of every January.
    pub const YEARLY: Self = Self::Months { step: 12, offset: 0, day: 1, clock: 0 };
    /// The midnights that begin Mondays to Fridays.
    pub const BUSINESS_DAYS: Self = Self::BusinessDays { clock: 0 };
    /// 1, 2, 3.
    pub const COUNTS: Self = Self::Counts { step: 1, offset: 0 };

    /// The number of a time of the grid; `None` for any other time.
    pub fn index(&self, time: i64) -> Option<i64> {
        if let Self::Months { step, offset, day, clock } = *self {
            let time = time.checked_sub(clock).filter(|time| time.rem_euclid(DAY) == 0)?;
            let date = Date::of(time.div_euclid(DAY));
            let due = i64::from(day.clamp(1, MONTH_END)).min(month_length(date.month));
            let (month, step) = (date.month - i64::from(offset), i64::from(step.max(1)));
            return (date.day == due && month % step == 0).then(|| month.div_euclid(step));
        }
        let index = self.before(time);
        (self.time(index) == time).then_some(index)
    }

    /// The time of an index; the least or greatest `i64` or nearly so where that is far out.
    pub fn time(&self, index: i64) -> i64 {
        match *self {
            Self::Milliseconds { step, offset } | Self::Counts { step, offset } => {
                step.max(1).saturating_mul(index).saturating_add(offset)
            }
            Self::BusinessDays { clock } => {
                let week = index.div_euclid(5).clamp(-MOST_WEEKS, MOST_WEEKS);
                ((week * 7 + index.rem_euclid(5) - 3) * DAY).saturating_add(clock)
            }
            Self::Months { step, offset, day, clock } => {
                let month = i64::from(step.max(1)).saturating_mul(index);
                let month = month.saturating_add(i64::from(offset));
                let month = month.clamp(-MOST_MONTHS, MOST_MONTHS);
                let day = i64::from(day.clamp(1, MONTH_END)).min(month_length(month));
                (Date { month, day }.days() * DAY).saturating_add(clock)
            }
        }
    }

    /// The number of the time of the grid that is nearest, the earlier of two equally near.
    pub fn nearest(&self, time: i64) -> i64 {
        let index = self.before(time);
        let (before, after) = (self.time(index), self.time(index.saturating_add(1)));
        if after.abs_diff(time) < before.abs_diff(time) { index.saturating_add(1) } else { index }
    }

    /// The number of the period that a time lies in. A period begins at its time of the grid and
    /// ends where the next begins; months told by their last day are whole months.
    pub fn period(&self, time: i64) -> i64 {
        match *self {
            Self::Months { step, offset, day: MONTH_END, .. } => {
                let month = Date::of(time.div_euclid(DAY)).month - i64::from(offset);
                -(-month).div_euclid(i64::from(step.max(1)))
            }
            _ => self.before(time),
        }
    }

    /// The times of the next `horizon` steps after that of an index.
    pub fn next(&self, from_index: i64, horizon: usize) -> Vec<i64> {
        (1..=horizon as i64).map(|ahead| self.time(from_index.saturating_add(ahead))).collect()
    }

    /// The number of the latest time of the grid that is not after a time.
    fn before(&self, time: i64) -> i64 {
        match *self {
            Self::Milliseconds { step, offset } | Self::Counts { step, offset } => {
                time.saturating_sub(offset).div_euclid(step.max(1))
            }
            Self::BusinessDays { clock } => {
                let days = time.saturating_sub(clock).div_euclid(DAY);
                (days + 3).div_euclid(7) * 5 + weekday(days).min(4)
            }
            Self::Months { step, offset, day, clock } => {
                let date = Date::of(time.saturating_sub(clock).div_euclid(DAY));
                let due = i64::from(day.clamp(1, MONTH_END)).min(month_length(date.month));
                let month = date.month - i64::from(date.day < due);
                (month - i64::from(offset)).div_euclid(i64::from(step.max(1)))
            }
        }
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
