//! Date parts: a point in time becomes the numbers people read in it.
//!
//! Does: year, month, day, day of the year, weekday (Monday is 0), hour and minute, as far as they
//! vary on the training rows, and the days since the first training row, which are the age against
//! the training cut-off but for sign and constant; unless not `cyclic`, sine and cosine of day of the
//! year, weekday and time of day, which join the end of a cycle to its start.
//! Wins: seasons, working hours, trends. Fails: trees cannot follow the days beyond those seen.
//! Cost: O(rows) a column. Handles: missing points in time become NaN in every part. Reference:
//! H. Hinnant, "chrono-compatible low-level date algorithms", for the calendar.

use super::support::{Names, OfColumn, replace, times, validate};
use crate::sound::ensure;
use ruska_core::{
    Column, Field, FitError, Frame, Kind, NO_VALUE, Need, PredictError, Preprocessor, RunContext,
    Space, Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

const DAY: i64 = 86_400_000;

pub(super) struct DateParts;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Adds sine and cosine of the cycles.
    cyclic: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self { cyclic: true }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Parted>);

#[derive(Serialize, Deserialize)]
struct Parted {
    name: String,
    stem: String,
    /// Earliest training value in milliseconds.
    first: i64,
    parts: Vec<Part>,
    cyclic: bool,
}

impl OfColumn for Parted {
    fn column(&self) -> &str {
        &self.name
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    Year,
    Month,
    Day,
    Yearday,
    Weekday,
    Hour,
    Minute,
    Elapsed,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Year,
        Self::Month,
        Self::Day,
        Self::Yearday,
        Self::Weekday,
        Self::Hour,
        Self::Minute,
        Self::Elapsed,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Yearday => "yearday",
            Self::Weekday => "weekday",
            Self::Hour => "hour",
            Self::Minute => "minute",
            Self::Elapsed => "elapsed",
        }
    }

    /// The part of a point in time.
    fn of(self, time: i64, first: i64) -> f64 {
        let (days, within) = (time.div_euclid(DAY), time.rem_euclid(DAY));
        let value = match self {
            Self::Year => civil(days).year,
            Self::Month => civil(days).month,
            Self::Day => civil(days).day,
            Self::Yearday => civil(days).yearday,
            // 1970-01-01 was a Thursday.
            Self::Weekday => (days + 3).rem_euclid(7),
            Self::Hour => within / 3_600_000,
            Self::Minute => within / 60_000 % 60,
            Self::Elapsed => return (time as f64 - first as f64) / DAY as f64,
        };
        value as f64
    }

    /// Place in its cycle in turns, if it has one.
    fn turns(self, time: i64) -> Option<f64> {
        match self {
            Self::Yearday => Some((self.of(time, 0) - 1.0) / 365.25),
            Self::Weekday => Some(self.of(time, 0) / 7.0),
            Self::Hour => Some(time.rem_euclid(DAY) as f64 / DAY as f64),
            _ => None,
        }
    }
}

/// A day of the Gregorian calendar.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    /// From 1.
    yearday: i64,
}

/// The date of a day counted from 1970-01-01. Years are taken to begin in March, so that the leap
/// day is their last; 146,097 days make 400 years.
fn civil(days: i64) -> Civil {
    let since = days + 719_468;
    let (era, day) = (since.div_euclid(146_097), since.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let from_march = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * from_march + 2) / 153;
    let day = from_march - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let yearday = if month <= 2 { from_march - 305 } else { from_march + 60 + i64::from(leap) };
    Civil { year, month, day, yearday }
}

impl Preprocessor for DateParts {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "date_parts",
        summary: "points in time become year, month, weekday, hour and the like",
        stage: Stage::Encode,
        closes: &[Need::Dates],
        suits: None,
        reference: "https://howardhinnant.github.io/date_algorithms.html",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().bool("cyclic", true)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let mut names = Names::of(input.x);
        let mut states = vec![];
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Time) {
            let times = times(field)?;
            let known: Vec<i64> = input.rows.iter().map(|&row| times[row as usize]).collect();
            let known: Vec<i64> = known.into_iter().filter(|t| *t != NO_VALUE).collect();
            let first = known.iter().copied().min().unwrap_or(0);
            let mut parts = vec![];
            for part in Part::ALL {
                ctx.check()?;
                let mut values = known.iter().map(|&time| part.of(time, first));
                if values.next().is_some_and(|head| values.any(|v| v != head)) {
                    parts.push(part);
                }
            }
            let stem = names.stem(&field.name);
            let name = field.name.to_string();
            states.push(Parted { name, stem, first, parts, cyclic: params.cyclic });
        }
        Ok(State(states))
    }
}

impl Parted {
    fn fields(&self, times: &[i64]) -> Vec<Field> {
        let column = |name: String, of: &dyn Fn(i64) -> f64| {
            let value = |&t: &i64| if t == NO_VALUE { f64::NAN } else { of(t) };
            Field::new(name, Kind::Numeric, Column::float(times.iter().map(value).collect()))
        };
        let mut fields = vec![];
        for part in &self.parts {
            let name = format!("{}.{}", self.stem, part.name());
            fields.push(column(name.clone(), &|t| part.of(t, self.first)));
            if self.cyclic && part.turns(0).is_some() {
                let angle = |t| part.turns(t).unwrap_or(0.0) * std::f64::consts::TAU;
                fields.push(column(format!("{name}.sin"), &|t| angle(t).sin()));
                fields.push(column(format!("{name}.cos"), &|t| angle(t).cos()));
            }
        }
        fields
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| Ok(self.0[i].fields(times(field)?)))
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            let twice = (1..state.parts.len()).any(|i| state.parts[..i].contains(&state.parts[i]));
            ensure(!twice, "a part is there twice")
        })
    }
}
