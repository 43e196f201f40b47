//! The ticks of a picture's axes: round numbers, and times as people say them.

use super::cycle::{DAY, HOUR, MINUTE, SECOND, WEEK, month};
use crate::explain::words::grouped;
use ruska_core::{Date, Frequency};
use std::fmt::Write;

/// Most ticks of times.
const MOST: usize = 9;
/// Ticks of times that no unit of the calendar suits.
const EVENLY: i64 = 4;
/// Numbers from which on, and below which, powers of ten are written.
const HUGE: f64 = 1e9;
const TINY: f64 = 1e-4;
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

/// The ends of an axis that holds these numbers, `low` ≤ `high`, both finite and of at most 1e300, and its
/// ticks: multiples of 1, 2 or 5 times a power of ten. Numbers that are nearly equal get an axis around them,
/// and numbers not below 0 one from 0 on where that is not far.
pub(crate) fn numbers(low: f64, high: f64, most: usize) -> ((f64, f64), Vec<(f64, String)>) {
    let size = low.abs().max(high.abs());
    let (mut low, mut high) = if size < 1e-290 {
        (0.0, 1.0)
    } else if high - low < 1e-6 * size {
        (low - 0.5 * size, high + 0.5 * size)
    } else {
        (low, high)
    };
    if low > 0.0 && low < 0.4 * high {
        low = 0.0;
    }
    let raw = (high - low) / most.max(1) as f64;
    let base = 10f64.powi(raw.log10().floor() as i32);
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|f| f * base).find(|s| *s >= raw * 0.999);
    let step = step.unwrap_or(10.0 * base);
    let (first, last) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
    (low, high) = (first * step, last * step);
    let size = low.abs().max(high.abs());
    let count = (last - first) as usize;
    let ticks = (0..=count).map(|i| (first + i as f64) * step);
    ((low, high), ticks.map(|v| (v, number(v, step, size))).collect())
}

/// Draws a faint line at each height with its text to the left, and the line below all.
pub(crate) fn rules<'a>(
    svg: &mut String,
    ticks: impl Iterator<Item = (f64, &'a str)>,
    (left, right, bottom): (f64, f64, f64),
) {
    for (y, text) in ticks {
        let _ = writeln!(
            svg,
            "<path d=\"M{left:.1},{y:.1}H{right}\" stroke=\"#000000\" stroke-opacity=\"0.1\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            left - 8.0,
            y + 4.0
        );
    }
    let _ = writeln!(svg, "<path d=\"M{left:.1},{bottom}H{right}\" stroke=\"#888888\"/>");
}

/// A multiple of a step on an axis whose numbers have this size.
fn number(v: f64, step: f64, size: f64) -> String {
    let place = (step.log10() + 1e-9).floor() as i32;
    if v == 0.0 {
        "0".to_owned()
    } else if (TINY..HUGE).contains(&size) {
        grouped(&format!("{v:.*}", (-place).max(0) as usize))
    } else {
        let power = (size.log10() + 1e-9).floor() as i32;
        let mantissa = v / step * 10f64.powi(place - power) * (step / 10f64.powi(place));
        format!("{mantissa:.*}e{power}", (power - place).max(0) as usize)
    }
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

    fn written(low: f64, high: f64) -> String {
        let (_, ticks) = numbers(low, high, 5);
        ticks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_are_round() {
        assert_eq!(written(3.0, 97.0), "0 20 40 60 80 100");
        assert_eq!(written(412.0, 475.0), "400 420 440 460 480");
        assert_eq!(written(-0.3, 0.4), "-0.4 -0.2 0 0.2 0.4");
        assert_eq!(written(12_000.0, 49_000.0), "0 10,000 20,000 30,000 40,000 50,000");
        assert_eq!(written(0.0, 0.0), "0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(written(7.0, 7.0), "0 5 10 15");
        assert_eq!(written(1e12, 28e12), "0 1e13 2e13 3e13");
        assert_eq!(written(2e-12, 9e-12), "0 0.2e-11 0.4e-11 0.6e-11 0.8e-11 1.0e-11");
    }

    #[test]
    fn an_axis_holds_its_numbers_whatever_they_are() {
        for (low, high) in [
            (0.0, 0.0),
            (-1e300, 1e300),
            (1e-300, 2e-300),
            (1e12, 1e12 + 1e-3),
            (-5.0, -4.999),
            (f64::MIN_POSITIVE, f64::MIN_POSITIVE),
        ] {
            let ((from, to), ticks) = numbers(low, high, 5);
            let most = 1e-9 * low.abs().max(high.abs());
            let held = from <= low + most && high <= to + most && from < to;
            assert!(held, "{low} {high}: {from} {to}");
            assert!((2..=12).contains(&ticks.len()), "{low} {high}: {ticks:?}");
            assert!(ticks.iter().all(|(v, text)| v.is_finite() && text.len() < 20), "{ticks:?}");
        }
    }

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
