//! The ticks of a picture's axis of times, as people say them.

use super::cycle::{DAY, HOUR, MINUTE, SECOND, WEEK, month};
use ruska_core::{Date, Frequency};

/// Most ticks of times.
const MOST: usize = 9;
/// Ticks of times that no unit of the calendar suits.
const EVENLY: i64 = 4;
/// A Monday, from which weeks are counted.
const MONDAY: i64 = 4 * DAY;
/// Months of the years before 1970, so that decades begin where people see them begin.
const BEFORE: i64 = 1970 * 12;

/// What ticks of times are apart by.
#[derive(Clone, Copy)]
enum Every {
    Milliseconds(i64),
    Months(i64),
}

/// From fine to coarse.
const LADDER: [Every; 30] = [
    Every::Milliseconds(SECOND),
    Every::Milliseconds(5 * SECOND),
    Every::Milliseconds(15 * SECOND),
    Every::Milliseconds(30 * SECOND),
    Every::Milliseconds(MINUTE),
    Every::Milliseconds(5 * MINUTE),
    Every::Milliseconds(15 * MINUTE),
    Every::Milliseconds(30 * MINUTE),
    Every::Milliseconds(HOUR),
    Every::Milliseconds(3 * HOUR),
    Every::Milliseconds(6 * HOUR),
    Every::Milliseconds(12 * HOUR),
    Every::Milliseconds(DAY),
    Every::Milliseconds(2 * DAY),
    Every::Milliseconds(WEEK),
    Every::Milliseconds(2 * WEEK),
    Every::Months(1),
    Every::Months(3),
    Every::Months(6),
    Every::Months(12),
    Every::Months(24),
    Every::Months(60),
    Every::Months(120),
    Every::Months(240),
    Every::Months(600),
    Every::Months(1_200),
    Every::Months(2_400),
    Every::Months(6_000),
    Every::Months(12_000),
    Every::Months(60_000),
];

/// A tick of the axis of times.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Where it is, in periods of the frequency.
    pub(super) at: f64,
    /// What it is called.
    pub(super) label: String,
    /// The year or the day that the label belongs to, where it is another than that of the tick before.
    pub(super) of: Option<String>,
}

/// The ticks of the periods `from..=to`, at most nine or so.
pub(super) fn times(frequency: Frequency, from: i64, to: i64) -> Vec<Tick> {
    if let Frequency::Counts { step, offset } = frequency {
        return counts(frequency, (from, to), (step.max(1), offset));
    }
    let allowed = LADDER.into_iter().filter(|every| suits(frequency, *every));
    let found = allowed
        .map(|every| (every, begun(frequency, from, to, every)))
        .find(|(_, at)| at.len() <= MOST && (at.len() > 1 || from == to));
    match found {
        Some((every, at)) if !at.is_empty() => labelled(frequency, every, &at),
        _ => evenly(frequency, from, to),
    }
}

/// Ticks at round numbers.
fn counts(frequency: Frequency, (from, to): (i64, i64), (step, offset): (i64, i64)) -> Vec<Tick> {
    let (low, high) = (frequency.time(from), frequency.time(to));
    let raw = ((high as f64 - low as f64) / (MOST - 1) as f64).max(1.0);
    let base = 10f64.powi(raw.log10().floor() as i32);
    let apart = [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * base).find(|s| *s >= raw);
    let apart = apart.unwrap_or(raw) as i64;
    let first = low.div_euclid(apart) + i64::from(low.rem_euclid(apart) > 0);
    let ticks = (0..=2 * MOST as i64).map(|i| first.saturating_add(i).saturating_mul(apart));
    let tick = |v: i64| Tick {
        at: (v as f64 - offset as f64) / step as f64,
        label: v.to_string(),
        of: None,
    };
    let all: Vec<Tick> = ticks.take_while(|v| *v <= high).map(tick).collect();
    if all.is_empty() { evenly(frequency, from, to) } else { all }
}

/// Whether ticks so far apart are no closer than the values.
fn suits(frequency: Frequency, every: Every) -> bool {
    match (frequency, every) {
        (Frequency::Months { step, .. }, Every::Months(months)) => {
            months >= i64::from(step.min(12))
        }
        (Frequency::Months { .. }, Every::Milliseconds(_)) => false,
        (Frequency::BusinessDays { .. }, Every::Milliseconds(ms)) => ms >= DAY,
        (Frequency::Milliseconds { step, .. }, Every::Milliseconds(ms)) => ms >= step.min(DAY),
        _ => true,
    }
}

/// The periods in which a unit begins; no more than one too many.
fn begun(frequency: Frequency, from: i64, to: i64, every: Every) -> Vec<i64> {
    let unit = |period: i64| {
        let time = frequency.time(period);
        match every {
            Every::Milliseconds(ms) if ms >= WEEK => time.saturating_sub(MONDAY).div_euclid(ms),
            Every::Milliseconds(ms) => time.div_euclid(ms),
            Every::Months(months) => {
                (Date::of(time.div_euclid(DAY)).month + BEFORE).div_euclid(months)
            }
        }
    };
    let mut before = unit(from.saturating_sub(1));
    let begins = |period: &i64| {
        let now = unit(*period);
        std::mem::replace(&mut before, now) != now
    };
    (from..=to).filter(begins).take(MOST + 1).collect()
}

/// Ticks at these periods, called as is usual for what they are apart by.
fn labelled(frequency: Frequency, every: Every, at: &[i64]) -> Vec<Tick> {
    let mut last = String::new();
    let tick = |period: &i64| {
        let time = frequency.time(*period);
        let (date, clock) = (Date::of(time.div_euclid(DAY)), time.rem_euclid(DAY));
        let day = || format!("{} {}", date.day, month(date));
        let year = date.year().to_string();
        let at = format!("{:02}:{:02}", clock / HOUR, clock / MINUTE % 60);
        let (label, of) = match every {
            Every::Months(12..) => (year, String::new()),
            Every::Months(_) => (month(date).to_owned(), year),
            Every::Milliseconds(DAY..) => (day(), year),
            Every::Milliseconds(MINUTE..) => (at, format!("{} {year}", day())),
            Every::Milliseconds(_) => {
                (format!("{at}:{:02}", clock / SECOND % 60), format!("{} {year}", day()))
            }
        };
        let changed = std::mem::replace(&mut last, of.clone()) != of;
        Tick { at: *period as f64, label, of: changed.then_some(of) }
    };
    at.iter().map(tick).collect()
}

/// Some periods as the table writes them.
fn evenly(frequency: Frequency, from: i64, to: i64) -> Vec<Tick> {
    let span = to.saturating_sub(from).max(0);
    let apart = (span.saturating_add(EVENLY - 1) / EVENLY).max(1);
    let periods = (0..=span).step_by(apart as usize).map(|i| from.saturating_add(i));
    let label = |period| frequency.format(frequency.time(period));
    periods.map(|p| Tick { at: p as f64, label: label(p), of: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(frequency: Frequency, from: i64, to: i64) -> String {
        let of = |tick: Tick| match tick.of {
            Some(of) if !of.is_empty() => format!("{} ({of})", tick.label),
            _ => tick.label,
        };
        times(frequency, from, to).into_iter().map(of).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        let every = |step| Frequency::Milliseconds { step, offset: 0 };
        assert_eq!(
            labels(Frequency::MONTHLY, 54 * 12 + 3, 55 * 12 + 5),
            "Apr (2024), Jul, Oct, Jan (2025), Apr"
        );
        assert_eq!(
            labels(Frequency::MONTHLY, 50 * 12, 55 * 12 + 5),
            "2020, 2021, 2022, 2023, 2024, 2025"
        );
        assert_eq!(
            labels(Frequency::YEARLY, 20, 60),
            "1990, 1995, 2000, 2005, 2010, 2015, 2020, 2025, 2030"
        );
        assert_eq!(
            labels(Frequency::DAILY, 19_722, 19_726),
            "31 Dec (2023), 1 Jan (2024), 2 Jan, 3 Jan, 4 Jan"
        );
        assert_eq!(
            labels(every(HOUR), 21, 30),
            "21:00 (1 Jan 1970), 00:00 (2 Jan 1970), 03:00, 06:00"
        );
        assert_eq!(
            labels(Frequency::COUNTS, 1988, 2023),
            "1990, 1995, 2000, 2005, 2010, 2015, 2020"
        );
        assert_eq!(labels(Frequency::COUNTS, 3, 5), "3, 4, 5");
    }

    #[test]
    fn every_frequency_has_a_few_ticks_for_any_stretch() {
        let ms = |step| Frequency::Milliseconds { step, offset: 0 };
        for frequency in [
            ms(1),
            ms(250),
            ms(SECOND),
            ms(90 * MINUTE),
            ms(10 * WEEK),
            Frequency::DAILY,
            Frequency::BUSINESS_DAYS,
            Frequency::MONTHLY,
            Frequency::Months { step: 120, offset: 0, day: 1, clock: 0 },
            Frequency::COUNTS,
            Frequency::Counts { step: 7, offset: 3 },
        ] {
            for span in [0, 1, 2, 10, 47, 400, 5_000] {
                let ticks = times(frequency, 100, 100 + span);
                assert!((1..=10).contains(&ticks.len()), "{frequency} {span}: {}", ticks.len());
                let inside = |t: &Tick| t.at >= 100.0 && t.at <= (100 + span) as f64;
                assert!(ticks.iter().all(inside), "{frequency} {span}: {ticks:?}");
            }
        }
        for far in [i64::MIN / 2, i64::MAX / 2] {
            assert!(!times(Frequency::MONTHLY, far, far.saturating_add(5)).is_empty());
            assert!(!times(ms(DAY), far, far.saturating_add(5)).is_empty());
            assert!(!times(Frequency::COUNTS, far, far.saturating_add(5)).is_empty());
        }
    }
}
