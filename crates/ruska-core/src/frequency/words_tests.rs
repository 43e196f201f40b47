#![allow(clippy::unwrap_used)]

use super::*;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

fn date(year: i64, month: i64, day: i64) -> i64 {
    Date { month: (year - 1970) * 12 + month - 1, day }.days() * DAY
}

fn every(step: i64, offset: i64) -> Frequency {
    Frequency::Milliseconds { step, offset }
}

fn months(step: u32, offset: u32, day: u8) -> Frequency {
    Frequency::Months { step, offset, day, clock: 0 }
}

#[test]
fn names() {
    let named = [
        (Frequency::MONTHLY, "monthly"),
        (months(1, 0, 31), "monthly (month ends)"),
        (months(3, 2, 15), "quarterly (day 15)"),
        (Frequency::YEARLY, "yearly"),
        (months(6, 0, 1), "half-yearly"),
        (months(2, 0, 1), "every 2 months"),
        (months(120, 0, 1), "every 10 years"),
        (Frequency::WEEKLY, "weekly (Mondays)"),
        (every(2 * WEEK, 3 * DAY), "every 2 weeks (Sundays)"),
        (Frequency::DAILY, "daily"),
        (every(2 * DAY, 0), "every 2 days"),
        (every(HOUR, 0), "hourly"),
        (every(15 * MINUTE, 0), "every 15 minutes"),
        (every(90 * MINUTE, 0), "every 90 minutes"),
        (every(MINUTE, 0), "every minute"),
        (every(250, 0), "every 250 milliseconds"),
        (Frequency::BUSINESS_DAYS, "business days"),
        (Frequency::COUNTS, "steps of 1"),
    ];
    for (frequency, name) in named {
        assert_eq!(frequency.to_string(), name);
    }
    for name in ["monthly", "quarterly", "yearly", "daily", "hourly", "every 15 minutes"] {
        assert_eq!(Frequency::named(name).unwrap().to_string(), name);
    }
    assert_eq!(Frequency::named("Weekly"), Some(Frequency::WEEKLY));
    assert_eq!(Frequency::named("2 weeks").unwrap().to_string(), "every 2 weeks (Mondays)");
    assert_eq!(Frequency::named("business_days"), Some(Frequency::BUSINESS_DAYS));
    assert_eq!(Frequency::named("15min"), Some(every(15 * MINUTE, 0)));
    for text in ["", "often", "0 days", "-3 days", "15", "99999999999 days", "4294967295 years"] {
        assert_eq!(Frequency::named(text), None, "{text}");
    }
}

#[test]
fn seasons_of_the_calendar() {
    let expected: [(Frequency, &[u32], u32); 13] = [
        (Frequency::MONTHLY, &[12], 12),
        (months(3, 2, 31), &[4], 4),
        (Frequency::YEARLY, &[], 1),
        (months(120, 0, 1), &[], 1),
        (Frequency::WEEKLY, &[52], 1),
        (Frequency::DAILY, &[7, 365], 7),
        (Frequency::BUSINESS_DAYS, &[5], 5),
        (every(HOUR, 0), &[24, 168], 24),
        (every(15 * MINUTE, 0), &[96, 672], 96),
        (every(MINUTE, 0), &[60, 1_440, 10_080], 60),
        (every(1_000, 0), &[60, 3_600, 86_400], 60),
        (every(5 * HOUR, 0), &[], 1),
        (Frequency::COUNTS, &[], 1),
    ];
    for (frequency, seasons, default) in expected {
        assert_eq!(frequency.seasons(), seasons, "{frequency}");
        assert_eq!(frequency.default_season(), default, "{frequency}");
    }
}

#[test]
fn times_in_print() {
    let time = date(2024, 1, 31) + 11 * HOUR + 5 * MINUTE;
    assert_eq!(Frequency::DAILY.format(date(2024, 1, 31)), "2024-01-31");
    assert_eq!(Frequency::MONTHLY.format(date(1969, 2, 1)), "1969-02-01");
    assert_eq!(every(HOUR, 0).format(date(2024, 1, 31)), "2024-01-31 00:00:00");
    assert_eq!(every(MINUTE, 0).format(time), "2024-01-31 11:05:00");
    assert_eq!(every(DAY, 12 * HOUR).format(time), "2024-01-31 11:05:00");
    assert_eq!(every(250, 0).format(time + 250), "2024-01-31 11:05:00.250");
    assert_eq!(Frequency::COUNTS.format(1_990), "1990");
    assert_eq!(written(-1, false), "1969-12-31 23:59:59.999");
}
