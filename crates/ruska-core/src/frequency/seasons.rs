//! The cycles of the calendar, as numbers of steps.

use super::Frequency;
use super::calendar::{DAY, WEEK};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Days of a year on average.
const YEAR: f64 = 365.25;

impl Frequency {
    /// Periods that the calendar suggests, in steps, ascending, each at least 2: 12 for months,
    /// 7 and 365 for days, 24 and 168 for hours. None for years and numbers. Which of them a
    /// series has is for the data to tell.
    pub fn seasons(&self) -> Vec<u32> {
        match *self {
            Self::Counts { .. } => vec![],
            Self::BusinessDays { .. } => vec![5],
            Self::Months { step, .. } => whole(12, i64::from(step)).into_iter().collect(),
            Self::Milliseconds { step, .. } if step >= DAY => {
                let year = (YEAR * DAY as f64 / step as f64).round() as u32;
                let year = Some(year).filter(|steps| *steps >= 2);
                whole(WEEK, step).into_iter().chain(year).collect()
            }
            Self::Milliseconds { step, .. } => {
                let cycles: &[i64] = if step <= SECOND {
                    &[MINUTE, HOUR, DAY]
                } else if step <= MINUTE {
                    &[HOUR, DAY, WEEK]
                } else {
                    &[DAY, WEEK]
                };
                cycles.iter().filter_map(|cycle| whole(*cycle, step)).collect()
            }
        }
    }

    /// The period by which errors are scaled where nothing else is said: the shortest of
    /// [`seasons`](Self::seasons), and 1 for weeks and where there is none.
    ///
    /// As in the M4 competition, but for days, which have 1 there and 7 here.
    pub fn default_season(&self) -> u32 {
        match *self {
            Self::Milliseconds { step, .. } if step > DAY => 1,
            _ => self.seasons().first().copied().unwrap_or(1),
        }
    }
}

/// Steps of a cycle, where it is a whole number of at least two.
fn whole(cycle: i64, step: i64) -> Option<u32> {
    let step = step.max(1);
    let steps = u32::try_from(cycle / step).ok()?;
    (cycle % step == 0 && steps >= 2).then_some(steps)
}
