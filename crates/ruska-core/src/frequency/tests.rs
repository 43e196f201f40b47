//! Calendars made by formula: what is left of a grid after gaps must give the grid back.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::Rng;

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

fn date(year: i64, month: i64, day: i64) -> i64 {
    Date { month: (year - 1970) * 12 + month - 1, day }.days() * DAY
}

fn infer(series: &[&[i64]]) -> Result<Inferred, FrequencyError> {
    Frequency::infer(Axis::Dates, series.iter().copied())
}

fn of(series: &[i64]) -> Frequency {
    infer(&[series]).unwrap().frequency
}

fn every(step: i64, offset: i64) -> Frequency {
    Frequency::Milliseconds { step, offset }
}

fn months(step: u32, offset: u32, day: u8) -> Frequency {
    Frequency::Months { step, offset, day, clock: 0 }
}

/// One of each kind, with several anchors.
fn all() -> Vec<Frequency> {
    let mut all: Vec<Frequency> = (0..7).map(|day| every(WEEK, day * DAY)).collect();
    let months = [(1, 0), (2, 1), (3, 0), (3, 2), (4, 1), (6, 5), (12, 0), (12, 6)];
    for (step, offset) in months {
        for (day, clock) in [(1, 0), (15, 0), (28, 0), (30, 0), (31, 0), (31, 22 * HOUR)] {
            all.push(Frequency::Months { step, offset, day, clock });
        }
    }
    all.extend([Frequency::BUSINESS_DAYS, Frequency::BusinessDays { clock: 16 * HOUR }]);
    all.extend([every(DAY, 0), every(DAY, 12 * HOUR), every(2 * DAY, DAY), every(2 * WEEK, DAY)]);
    for minutes in [1, 5, 10, 15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720] {
        all.extend([every(minutes * MINUTE, 0), every(minutes * MINUTE, 30_000)]);
    }
    all.extend([1_000, 5_000, 10_000, 250, 20].map(|step| every(step, 0)));
    all
}

/// Steps of ten years, but at least 60 and not too many.
fn decade(frequency: Frequency) -> std::ops::Range<i64> {
    let first = frequency.nearest(date(2003, 2, 11));
    first..frequency.nearest(date(2013, 3, 20)).clamp(first + 60, first + 9_000)
}

#[test]
fn times_and_indices_agree() {
    for frequency in all() {
        for index in decade(frequency).chain(-3_000..-2_000) {
            let time = frequency.time(index);
            assert_eq!(frequency.index(time), Some(index), "{frequency}");
            assert_eq!(frequency.nearest(time), index, "{frequency}");
            assert_eq!(frequency.period(time), index, "{frequency}");
            assert!(frequency.time(index + 1) > time, "{frequency}");
            assert_eq!(frequency.index(time + 7), None, "{frequency}");
            assert_eq!(frequency.nearest(time + 7), index, "{frequency}");
        }
        assert_eq!(frequency.next(5, 3), [6, 7, 8].map(|i| frequency.time(i)));
        assert!(frequency.next(5, 0).is_empty());
    }
}

#[test]
fn a_whole_calendar_is_recognised() {
    for frequency in all() {
        let times: Vec<i64> = decade(frequency).map(|i| frequency.time(i)).collect();
        let found = infer(&[&times]).unwrap();
        assert_eq!(found.frequency, frequency, "{frequency}");
        let told = (found.times, found.strays, found.stray, found.assumed);
        assert_eq!(told, (times.len(), 0, None, false), "{frequency}");
    }
}

#[test]
fn gaps_do_no_harm() {
    let mut rng = Rng::new(3);
    for frequency in all() {
        for kept in [0.95, 0.7, 0.4] {
            let mut part = |range: std::ops::Range<i64>| -> Vec<i64> {
                range.filter(|_| rng.unit() < kept).map(|i| frequency.time(i)).collect()
            };
            let all = decade(frequency);
            let panel: Vec<Vec<i64>> = (0..12)
                .map(|k| part(all.start + k * 3..all.end - (k * 17).min((all.end - all.start) / 2)))
                .collect();
            let panel: Vec<&[i64]> = panel.iter().map(Vec::as_slice).collect();
            let found = infer(&panel).unwrap();
            assert_eq!((found.frequency, found.strays), (frequency, 0), "{frequency}, {kept}");
        }
    }
}

#[test]
fn a_few_odd_times_are_told() {
    let mut rng = Rng::new(5);
    for frequency in all() {
        let mut times: Vec<i64> = decade(frequency).map(|i| frequency.time(i)).collect();
        let (mut odd, n) = (0, times.len());
        for at in 0..n {
            if n >= 100 && rng.unit() < 0.02 {
                times[at] += 3;
                odd += 1;
            }
        }
        if odd <= n / 20 {
            let found = infer(&[&times]).unwrap();
            assert_eq!((found.frequency, found.strays), (frequency, odd), "{frequency}");
            assert_eq!(found.stray.is_some(), odd > 0);
        }
    }
}

#[test]
fn month_ends_and_month_starts() {
    let ends: Vec<i64> = [31, 29, 31, 30].iter().zip(1..).map(|(d, m)| date(2024, m, *d)).collect();
    assert_eq!(of(&ends), months(1, 0, 31));
    assert_eq!(of(&[date(2023, 2, 28), date(2024, 2, 29)]), months(12, 1, 31));
    let always_28: Vec<i64> = (2019..2026).map(|y| date(y, 2, 28)).collect();
    assert_eq!(of(&always_28), months(12, 1, 28));
    let quarters = [(3, 31), (6, 30), (9, 30), (12, 31)].map(|(m, d)| date(2023, m, d));
    assert_eq!(of(&quarters), months(3, 2, 31));
    let thirtieth = [(1, 30), (2, 28), (3, 30), (4, 30)].map(|(m, d)| date(2023, m, d));
    assert_eq!(of(&thirtieth), months(1, 0, 30));
    let census: Vec<i64> = (180..=203).map(|y| date(y * 10, 1, 1)).collect();
    assert_eq!(of(&census), months(120, 0, 1));
}

#[test]
fn two_rows_tell_what_they_can() {
    let first = date(2024, 1, 1);
    let gaps = [(1, every(DAY, 0)), (7, every(WEEK, 4 * DAY)), (31, Frequency::MONTHLY)];
    for (days, expected) in gaps {
        assert_eq!(of(&[first, first + days * DAY]), expected);
    }
    assert_eq!(of(&[first, date(2025, 1, 1)]), Frequency::YEARLY);
    assert_eq!(of(&[first, first + HOUR]), every(HOUR, 0));
    assert_eq!(of(&[first, first + 184 * DAY]), every(DAY, 0));
}

#[test]
fn a_single_time_gives_days_and_says_so() {
    let lone = infer(&[&[date(2024, 5, 3) + 5 * HOUR]]).unwrap();
    assert_eq!((lone.frequency, lone.assumed), (every(DAY, 5 * HOUR), true));
    let equal = infer(&[&[7, 7, 7]]).unwrap();
    assert_eq!((equal.frequency, equal.assumed), (every(DAY, 7), true));
    let apart: Vec<[i64; 1]> = (1..9).map(|m| [date(2024, m, 1)]).collect();
    let apart: Vec<&[i64]> = apart.iter().map(<[i64; 1]>::as_slice).collect();
    let together = infer(&apart).unwrap();
    assert_eq!((together.frequency, together.assumed), (Frequency::MONTHLY, true));
    let number = Frequency::infer(Axis::Numbers, [[41].as_slice()]).unwrap();
    assert_eq!((number.frequency, number.assumed), (Frequency::COUNTS, true));
    assert_eq!(infer(&[]), Err(FrequencyError::NoTimes));
    assert_eq!(infer(&[&[], &[]]), Err(FrequencyError::NoTimes));
}

#[test]
fn single_times_beside_others_say_nothing() {
    let daily: Vec<i64> = (0..20).map(|d| d * DAY).collect();
    let found = infer(&[&[5], &daily, &[]]).unwrap();
    assert_eq!((found.frequency, found.strays), (Frequency::DAILY, 1));
    assert_eq!((found.stray, found.times), (Some((0, 5)), 21));
}

#[test]
fn local_clocks_that_change_are_hourly() {
    // Local stamps: an hour is missing each March and one is there twice each October.
    let hours = (0..3 * 365 * 24).map(|h| date(2021, 1, 1) + h * HOUR);
    let spring = [(2021, 28), (2022, 27), (2023, 26)].map(|(y, d)| date(y, 3, d) + 2 * HOUR);
    let autumn = [(2021, 31), (2022, 30), (2023, 29)].map(|(y, d)| date(y, 10, d) + 2 * HOUR);
    let local: Vec<i64> = hours
        .filter(|t| !spring.contains(t))
        .flat_map(|t| std::iter::repeat_n(t, 1 + usize::from(autumn.contains(&t))))
        .collect();
    assert_eq!(of(&local), every(HOUR, 0));
    let quarters: Vec<i64> =
        local.iter().flat_map(|t| [0, 15, 30, 45].map(|m| t + m * MINUTE)).collect();
    let mut quarters = quarters;
    quarters.sort_unstable();
    assert_eq!(of(&quarters), every(15 * MINUTE, 0));
}

/// Midnights of central Europe in UTC.
fn utc(local: i64) -> i64 {
    let date = Date::of(local.div_euclid(DAY));
    let summer = (4..11).contains(&date.month_of_year());
    local - if summer { 2 * HOUR } else { HOUR }
}

#[test]
fn local_midnights_in_utc_stay_days_and_months() {
    let days: Vec<i64> = (0..1500).map(|d| utc(date(2020, 1, 1) + d * DAY)).collect();
    let found = infer(&[&days]).unwrap();
    assert!(matches!(found.frequency, Frequency::Milliseconds { step: DAY, .. }), "{found:?}");
    assert!(found.strays > 400);
    let steps: Vec<i64> = days.iter().map(|t| found.frequency.nearest(*t)).collect();
    assert!(steps.windows(2).all(|w| w[1] == w[0] + 1));
    let firsts: Vec<i64> = (0..60).map(|m| utc(Frequency::MONTHLY.time(600 + m))).collect();
    let found = infer(&[&firsts]).unwrap();
    let monthly = Frequency::Months { step: 1, offset: 0, day: 31, clock: 22 * HOUR };
    assert_eq!(found.frequency, monthly);
    let steps: Vec<i64> = firsts.iter().map(|t| monthly.nearest(*t)).collect();
    assert!(steps.windows(2).all(|w| w[1] == w[0] + 1));
}

#[test]
fn last_working_days_are_months() {
    let ends = (0..48).map(|m| Frequency::time(&months(1, 0, 31), 600 + m));
    let worked: Vec<i64> = ends.map(|t| t - (weekday(t / DAY) - 4).max(0) * DAY).collect();
    assert_eq!(of(&worked), months(1, 0, 31));
    let closed: Vec<i64> = worked.iter().map(|t| t + 16 * HOUR).collect();
    let clock = 16 * HOUR;
    assert_eq!(of(&closed), Frequency::Months { step: 1, offset: 0, day: 31, clock });
    // A holiday now and then moves a Friday to Thursday.
    let fridays: Vec<i64> =
        (0..150).map(|w| w * WEEK + DAY - i64::from(w % 9 == 4) * DAY).collect();
    assert_eq!(of(&fridays), every(WEEK, DAY));
}

#[test]
fn clocks_that_jitter_have_a_grid() {
    let mut rng = Rng::new(8);
    for (step, early) in [(15 * MINUTE, 0), (HOUR, 0), (15 * MINUTE, 10_000), (DAY, 60_000)] {
        let jitter: Vec<i64> = (0..2_000)
            .map(|i| date(2024, 1, 1) + i * step + (rng.unit() * 20.0) as i64 * 1_000 - early)
            .collect();
        let found = infer(&[&jitter]).unwrap();
        assert_eq!(found.frequency, every(step, 0));
    }
    // Run on the first of a month, or each Tuesday, at any time of the day.
    let clock = |rng: &mut Rng| (rng.unit() * 86_400.0) as i64 * 1_000;
    let firsts: Vec<i64> =
        (600..660).map(|m| Frequency::MONTHLY.time(m) + clock(&mut rng)).collect();
    assert_eq!(of(&firsts), Frequency::MONTHLY);
    let tuesdays: Vec<i64> = (0..60).map(|w| w * WEEK + 5 * DAY + clock(&mut rng)).collect();
    let found = of(&tuesdays);
    assert!(matches!(found, Frequency::Milliseconds { step: WEEK, .. }), "{found}");
    assert!(found.to_string() == "weekly (Tuesdays)", "{found}");
}

#[test]
fn series_may_have_phases_of_their_own() {
    let june: Vec<i64> = (2000..2015).map(|y| date(y, 6, 30)).collect();
    let december: Vec<i64> = (2000..2015).map(|y| date(y, 12, 31)).collect();
    let found = infer(&[&december, &june, &december]).unwrap();
    assert_eq!((found.frequency, found.strays), (months(12, 11, 31), 15));
}

#[test]
fn working_days_and_days_with_gaps() {
    let days = |keep: fn(i64) -> bool| -> Vec<i64> {
        (10_000..10_400).filter(|d| keep(*d)).map(|d| d * DAY).collect()
    };
    assert_eq!(of(&days(|d| weekday(d) < 5)), Frequency::BUSINESS_DAYS);
    // A holiday a month, as exchanges have.
    assert_eq!(of(&days(|d| weekday(d) < 5 && d % 31 > 0)), Frequency::BUSINESS_DAYS);
    // Six days a week, or a Saturday a month, are days.
    assert_eq!(of(&days(|d| weekday(d) < 6)), Frequency::DAILY);
    assert_eq!(of(&days(|d| weekday(d) < 5 || d % 28 < 7)), Frequency::DAILY);
    // Within a week nothing tells the two apart.
    let monday = 10_000 - weekday(10_000);
    let week: Vec<i64> = (monday..monday + 5).map(|d| d * DAY).collect();
    assert_eq!(of(&week), Frequency::DAILY);
    let on: Vec<i64> = (monday..monday + 9).filter(|d| weekday(*d) < 5).map(|d| d * DAY).collect();
    assert_eq!(of(&on), Frequency::BUSINESS_DAYS);
}

#[test]
fn sparse_sales_are_days() {
    let mut rng = Rng::new(4);
    let panel: Vec<Vec<i64>> = (0..200)
        .map(|_| (0..700).filter(|_| rng.unit() < 0.03).map(|d| d * DAY).collect())
        .collect();
    let panel: Vec<&[i64]> = panel.iter().map(Vec::as_slice).collect();
    assert_eq!(infer(&panel).unwrap().frequency, Frequency::DAILY);
}

#[test]
fn opening_hours_are_minutes() {
    let bars = (0..120)
        .filter(|d| weekday(*d) < 5)
        .flat_map(|d| (570..960).map(move |minute| d * DAY + minute * MINUTE));
    assert_eq!(of(&bars.collect::<Vec<_>>()), every(MINUTE, 0));
}

#[test]
fn events_have_no_frequency() {
    let mut rng = Rng::new(2);
    let mut events: Vec<i64> =
        (0..500).map(|_| (rng.unit() * 3e6) as i64 * 1_000 + date(2024, 1, 1)).collect();
    events.sort_unstable();
    let error = infer(&[&[3], &events]).unwrap_err();
    let FrequencyError::Irregular { series: 1, examples } = &error else { panic!("{error}") };
    assert_eq!(examples.len(), 3);
    assert!(error.to_string().contains("2024-01-01 "), "{error}");
}

#[test]
fn numbers_are_counted() {
    let of = |numbers: &[i64]| Frequency::infer(Axis::Numbers, [numbers]).map(|f| f.frequency);
    assert_eq!(of(&[1, 2, 3, 7]), Ok(Frequency::COUNTS));
    assert_eq!(of(&[1990, 1991, 1992, 1995]), Ok(Frequency::COUNTS));
    assert_eq!(of(&[5, 15, 25, 35, 55]), Ok(Frequency::Counts { step: 10, offset: 5 }));
    assert_eq!(of(&[-4, -2, 0, 2]), Ok(Frequency::Counts { step: 2, offset: 0 }));
    assert!(matches!(of(&[3, 17, 1_003, 90_000]), Err(FrequencyError::Irregular { .. })));
    let error = of(&[202_311, 202_312, 202_401]).unwrap_err();
    assert!(error.to_string().ends_with("such as 202311; write them as dates, such as 2023-11"));
    let error = of(&[20_240_131, 20_240_229, 20_240_331]).unwrap_err();
    assert!(error.to_string().ends_with("such as 2024-01-31"), "{error}");
    assert_eq!(of(&[202_401, 202_402, 202_403]), Ok(Frequency::Counts { step: 1, offset: 0 }));
    let unix: Vec<i64> = (0..50).map(|h| 1_700_000_000 + h * 3_600).collect();
    assert_eq!(of(&unix), Ok(Frequency::Counts { step: 3_600, offset: 1_700_000_000 % 3_600 }));
}

#[test]
fn hostile_times_do_not_panic() {
    let extremes = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    for axis in [Axis::Dates, Axis::Numbers] {
        let falling = [9, 5, 5, 3, 1].map(|d| d * DAY);
        for series in [&extremes[..], &falling, &[0, 0, 0, 0], &[i64::MIN, i64::MAX]] {
            let _ = Frequency::infer(axis, [series]);
        }
    }
    let zero = Frequency::Months { step: 0, offset: 9, day: 0, clock: i64::MIN };
    let wild = Frequency::Milliseconds { step: -3, offset: i64::MIN };
    let more = [zero, wild, Frequency::BusinessDays { clock: i64::MAX }, every(1, i64::MAX)];
    for frequency in all().into_iter().chain(more).chain([months(u32::MAX, u32::MAX, 255)]) {
        for at in extremes {
            let _ = (frequency.index(at), frequency.time(at), frequency.nearest(at));
            let _ = (frequency.period(at), frequency.next(at, 2), frequency.format(at));
        }
        let _ = (frequency.to_string(), frequency.seasons(), frequency.default_season());
    }
}

#[test]
fn far_years_are_kept() {
    let past: Vec<i64> = (-300..-100).map(|y| date(y, 1, 1)).collect();
    assert_eq!(of(&past), Frequency::YEARLY);
    let future: Vec<i64> = (9_900..10_100).map(|y| date(y, 12, 31)).collect();
    assert_eq!(of(&future), months(12, 11, 31));
    assert_eq!(Frequency::YEARLY.format(date(12_345, 1, 1)), "12345-01-01");
}

#[test]
fn periods_hold_what_lies_in_them() {
    let quarters = months(3, 2, 31);
    let at = quarters.index(date(2024, 3, 31)).unwrap();
    for day in [date(2024, 1, 1), date(2024, 2, 14), date(2024, 3, 31) + 23 * HOUR] {
        assert_eq!(quarters.period(day), at);
    }
    assert_eq!(quarters.period(date(2024, 4, 1)), at + 1);
    assert_eq!(Frequency::MONTHLY.period(date(2024, 2, 29)), (2024 - 1970) * 12 + 1);
    let monday = Frequency::WEEKLY.period(date(2024, 5, 5));
    assert_eq!(Frequency::WEEKLY.format(Frequency::WEEKLY.time(monday)), "2024-04-29");
    let friday = Frequency::BUSINESS_DAYS.period(date(2024, 5, 5));
    assert_eq!(Frequency::BUSINESS_DAYS.time(friday), date(2024, 5, 3));
    assert_eq!(Frequency::BUSINESS_DAYS.nearest(date(2024, 5, 5)), friday + 1);
}

#[test]
fn saved_as_named_fields() {
    let json = |f: &Frequency| serde_json::to_string(f).unwrap();
    let ends = r#"{"unit":"months","step":3,"offset":2,"day":31,"clock":0}"#;
    assert_eq!(json(&months(3, 2, 31)), ends);
    assert_eq!(json(&Frequency::DAILY), r#"{"unit":"milliseconds","step":86400000,"offset":0}"#);
    assert_eq!(json(&Frequency::BUSINESS_DAYS), r#"{"unit":"business_days","clock":0}"#);
    assert_eq!(json(&Frequency::COUNTS), r#"{"unit":"counts","step":1,"offset":0}"#);
    for frequency in all() {
        assert_eq!(serde_json::from_str::<Frequency>(&json(&frequency)).unwrap(), frequency);
        let bytes = crate::codec::encode(&frequency);
        assert_eq!(crate::codec::decode::<Frequency>(&bytes, "frequency").unwrap(), frequency);
    }
}
