//! Points in time from text, and back.
//!
//! Reads ISO 8601 (`2013-01-01T11:00:00.5Z`, `2013-01-01 11:00`, `2013-01`), `2013/1/31`,
//! `31/1/2013`, `1/31/13`, `31.01.2013`, `31-01-2013`, `5 Jan 2018`, `Jan 5, 2018`, `Jan-2018`,
//! `20130131`; each with or without a clock time, `am`/`pm`, a fraction and a zone. A zone
//! converts to UTC; without one the clock is taken as it stands. Two-digit years follow POSIX:
//! 69–99 are 1969–1999, 00–68 are 2000–2068. A month alone is its first day.
//!
//! Cost O(length). Reference: ISO 8601-1:2019; POSIX `strptime` for two-digit years.

use chrono::{DateTime, NaiveDate};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What a value tells about the order of day and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The format leaves no choice.
    Stated,
    /// Only day before month gives a date.
    DayFirst,
    /// Only month before day gives a date.
    MonthFirst,
    /// Both give a date; holds the separator.
    Open(u8),
}

/// A value read as a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00.
    pub(crate) ms: i64,
    /// What it tells about the order of day and month.
    pub(crate) order: Order,
    /// Eight digits, which might as well be a number.
    pub(crate) compact: bool,
}

/// Milliseconds since 1970-01-01T00:00:00 of a text, or `None` where it is no date.
///
/// `day_first` reads `3/4/2024` as the third of April; `13/4/2024` can only be read one way.
pub fn parse_time(text: &str, day_first: bool) -> Option<i64> {
    read(text, day_first).map(|m| m.ms)
}

/// `2013-01-31T11:00:00`, with milliseconds only where there are any.
pub fn time_text(ms: i64) -> String {
    let format =
        if ms.rem_euclid(1000) == 0 { "%Y-%m-%dT%H:%M:%S" } else { "%Y-%m-%dT%H:%M:%S%.3f" };
    DateTime::from_timestamp_millis(ms)
        .map_or_else(|| ms.to_string(), |t| t.naive_utc().format(format).to_string())
}

/// See [`parse_time`].
pub(crate) fn read(text: &str, day_first: bool) -> Option<Moment> {
    let mut cursor = Cursor { rest: text.trim().as_bytes() };
    if !cursor.rest.first()?.is_ascii_alphanumeric() || cursor.rest.len() > 48 {
        return None;
    }
    let date = date(&mut cursor, day_first)?;
    let clock = clock(&mut cursor)?;
    let day = NaiveDate::from_ymd_opt(date.year, date.month, date.day)?;
    let days = day.signed_duration_since(NaiveDate::default()).num_days();
    Some(Moment { ms: days * DAY + clock, order: date.order, compact: date.compact })
}

struct Date {
    year: i32,
    month: u32,
    day: u32,
    order: Order,
    compact: bool,
}

impl Date {
    fn stated(year: u32, month: u32, day: u32) -> Self {
        Self { year: year as i32, month, day, order: Order::Stated, compact: false }
    }
}

fn date(c: &mut Cursor<'_>, day_first: bool) -> Option<Date> {
    if c.rest[0].is_ascii_alphabetic() {
        return named_month_first(c);
    }
    let (first, digits) = c.number()?;
    match digits {
        8 => {
            let date = Date::stated(first / 10_000, first / 100 % 100, first % 100);
            (1800..=2200).contains(&date.year).then_some(Date { compact: true, ..date })
        }
        4 => {
            let sep = c.one_of(b"-/.")?;
            let month = c.month()?;
            if !c.eat(sep) {
                return (sep != b'.' && c.rest.is_empty()).then(|| Date::stated(first, month, 1));
            }
            Some(Date::stated(first, month, c.short()?.0))
        }
        1 | 2 => {
            let sep = c.one_of(b"/-. ")?;
            if c.rest.first()?.is_ascii_alphabetic() {
                let month = c.named_month()?;
                c.one_of(b"-/. ,")?;
                c.spaces();
                return Some(Date::stated(c.year()?.0, month, first));
            }
            let (second, second_digits) = c.short()?;
            if sep == b' ' || !c.eat(sep) {
                return None;
            }
            let (year, year_digits) = c.year()?;
            // `1.2.10` and `1-2-10` are versions and codes rather than dates.
            if year_digits == 2 && sep != b'/' && (digits, second_digits) != (2, 2) {
                return None;
            }
            let order = match (first > 12, second > 12) {
                (true, _) => Order::DayFirst,
                (_, true) => Order::MonthFirst,
                _ => Order::Open(sep),
            };
            let swap = order == Order::DayFirst || (day_first && order != Order::MonthFirst);
            let (month, day) = if swap { (second, first) } else { (first, second) };
            Some(Date { order, ..Date::stated(year, month, day) })
        }
        _ => None,
    }
}

/// `Jan-2018`, `Jan 2018`, `Jan-18` (a year), `Jan 5, 2018`; a weekday before it is skipped.
fn named_month_first(c: &mut Cursor<'_>) -> Option<Date> {
    let before = c.rest;
    let word = c.letters();
    if is_weekday(word) && (c.eat(b',') || c.rest.first() == Some(&b' ')) {
        c.spaces();
        return if c.rest.first()?.is_ascii_digit() { date(c, true) } else { named_month_first(c) };
    }
    c.rest = before;
    let month = c.named_month()?;
    let sep = c.one_of(b"-/ ,.")?;
    c.spaces();
    let (number, digits) = c.number()?;
    if digits == 4 {
        return Some(Date::stated(number, month, 1));
    }
    if digits > 2 {
        return None;
    }
    if c.rest.is_empty() {
        return (sep == b'-' && digits == 2).then(|| Date::stated(full_year(number), month, 1));
    }
    c.one_of(b"-/ ,")?;
    c.spaces();
    let (year, digits) = c.number()?;
    (digits == 4).then(|| Date::stated(year, month, number))
}

/// Milliseconds after midnight, the zone subtracted; the text must end here.
fn clock(c: &mut Cursor<'_>) -> Option<i64> {
    if c.rest.is_empty() {
        return Some(0);
    }
    c.one_of(b"Tt ,")?;
    c.spaces();
    let (hour, _) = c.short()?;
    if !c.eat(b':') {
        return None;
    }
    let (minute, digits) = c.short()?;
    let (mut second, mut milli) = (0, 0);
    if c.eat(b':') {
        second = c.short()?.0;
        if c.one_of(b".,").is_some() {
            milli = c.fraction()?;
        }
    }
    c.spaces();
    let hour = half_day(c, hour)?;
    let zone = zone(c)?;
    let valid = digits == 2 && hour < 24 && minute < 60 && second <= 60 && c.rest.is_empty();
    let minutes = i64::from(hour) * 60 + i64::from(minute) - zone;
    valid.then(|| minutes * MINUTE + i64::from(second) * 1000 + milli)
}

/// The hour of 24 after an optional `am` or `pm`.
fn half_day(c: &mut Cursor<'_>, hour: u32) -> Option<u32> {
    let before = c.rest;
    let word = c.letters();
    let noon = match () {
        () if word.eq_ignore_ascii_case(b"am") => 0,
        () if word.eq_ignore_ascii_case(b"pm") => 12,
        () => {
            c.rest = before;
            return Some(hour);
        }
    };
    c.spaces();
    (1..=12).contains(&hour).then_some(hour % 12 + noon)
}

/// Minutes east of UTC.
fn zone(c: &mut Cursor<'_>) -> Option<i64> {
    let word = c.letters();
    if !word.is_empty() {
        let utc = [&b"z"[..], b"utc", b"gmt"].iter().any(|z| word.eq_ignore_ascii_case(z));
        return utc.then_some(0);
    }
    let Some(sign) = c.one_of(b"+-") else { return Some(0) };
    let (number, digits) = c.number()?;
    let (hours, minutes) = match digits {
        2 if c.eat(b':') => (number, c.short()?.0),
        2 => (number, 0),
        4 => (number / 100, number % 100),
        _ => return None,
    };
    let east = i64::from(hours) * 60 + i64::from(minutes);
    (hours <= 14 && minutes < 60).then_some(if sign == b'-' { -east } else { east })
}

fn full_year(two_digits: u32) -> u32 {
    two_digits + if two_digits < 69 { 2000 } else { 1900 }
}

fn is_weekday(word: &[u8]) -> bool {
    const DAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    word.len() >= 3 && DAYS.iter().any(|day| is_start_of(word, day))
}

/// `jan`, `sept` and `january` are all starts of `january` and so on.
fn is_start_of(word: &[u8], name: &str) -> bool {
    word.len() <= name.len() && word.eq_ignore_ascii_case(&name.as_bytes()[..word.len()])
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = *self.rest.first().filter(|b| bytes.contains(b))?;
        self.rest = &self.rest[1..];
        Some(byte)
    }

    fn spaces(&mut self) {
        while self.eat(b' ') {}
    }

    fn while_true(&mut self, keep: impl Fn(&u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|b| !keep(b)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn letters(&mut self) -> &'a [u8] {
        self.while_true(u8::is_ascii_alphabetic)
    }

    /// A number of one to eight digits, and how many.
    fn number(&mut self) -> Option<(u32, usize)> {
        let digits = self.while_true(u8::is_ascii_digit);
        let value = digits.iter().take(8).fold(0, |n, d| n * 10 + u32::from(d - b'0'));
        (1..=8).contains(&digits.len()).then_some((value, digits.len()))
    }

    /// A number of one or two digits, and how many.
    fn short(&mut self) -> Option<(u32, usize)> {
        self.number().filter(|(_, digits)| *digits <= 2)
    }

    /// A year of two or four digits, and how many.
    fn year(&mut self) -> Option<(u32, usize)> {
        match self.number()? {
            (year, 4) => Some((year, 4)),
            (year, 2) => Some((full_year(year), 2)),
            _ => None,
        }
    }

    /// A month as a number or a name.
    fn month(&mut self) -> Option<u32> {
        if self.rest.first()?.is_ascii_alphabetic() {
            return self.named_month();
        }
        self.short().map(|(month, _)| month)
    }

    fn named_month(&mut self) -> Option<u32> {
        let word = self.letters();
        let month = MONTHS.iter().position(|m| word.len() >= 3 && is_start_of(word, m))?;
        Some(month as u32 + 1)
    }

    /// Thousandths from the digits of a fraction; the rest is cut off.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.while_true(u8::is_ascii_digit);
        let padded = digits.iter().copied().chain([b'0'; 3]).take(3);
        (!digits.is_empty()).then(|| padded.fold(0, |n, d| n * 10 + i64::from(d - b'0')))
    }
}

#[cfg(test)]
#[path = "times_tests.rs"]
mod tests;
