#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Axis, Column, NO_VALUE, Rng, StrColumn};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

fn names(of: &[&str]) -> StrColumn {
    let names = of.iter().map(|name| (!name.is_empty()).then_some(*name));
    let Column::Str(names) = Column::from_strings(names) else { unreachable!("text stays text") };
    names
}

fn all(n: usize) -> Vec<u32> {
    (0..n as u32).collect()
}

fn one(times: &[i64]) -> SeriesRows {
    SeriesRows::new(None, times, &all(times.len()))
}

/// Name, first index and rows of every step.
fn told(panel: &Panel) -> Vec<(String, i64, Vec<Vec<u32>>)> {
    panel
        .iter()
        .map(|s| (s.key.to_owned(), s.first, s.steps().map(<[u32]>::to_vec).collect()))
        .collect()
}

#[test]
fn series_by_name_and_steps_by_time() {
    let series = names(&["b", "a", "b", "", "a", "b"]);
    let times = [5, 3, 2, 9, NO_VALUE, 3].map(|d: i64| if d == NO_VALUE { d } else { d * DAY });
    let rows = SeriesRows::new(Some(&series), &times, &all(6));
    assert_eq!((&rows.undated, &rows.unnamed), (&vec![4], &vec![3]));
    assert_eq!((rows.len(), rows.key(1), rows.times(1)), (2, "b", &[2, 3, 5].map(|d| d * DAY)[..]));
    let panel = rows.arrange(Frequency::DAILY, None).unwrap();
    let expected = vec![
        ("a".to_owned(), 3, vec![vec![1]]),
        ("b".to_owned(), 2, vec![vec![2], vec![5], vec![], vec![0]]),
    ];
    assert_eq!(told(&panel), expected);
    assert_eq!((panel.last(), panel.rows(), panel.series(1).last()), (Some(5), 4, 5));
    let values = panel.series(1).values(&[1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN]);
    assert_eq!(values.iter().map(|v| v.is_nan()).collect::<Vec<_>>(), [false, true, true, false]);
    assert_eq!((values[0], values[3]), (3.0, 1.0));
    let part = SeriesRows::new(Some(&series), &times, &[0, 5]);
    assert_eq!(told(&part.arrange(Frequency::DAILY, None).unwrap()).len(), 1);
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut rng = Rng::new(7);
    let mut table: Vec<(String, i64, f64)> = vec![];
    for key in 0..40 {
        for step in 0..50 {
            if rng.unit() < 0.8 {
                let copies = 1 + rng.below(3);
                for _ in 0..copies {
                    let value = rng.normal() * 1e9;
                    table.push((format!("s{key}"), Frequency::MONTHLY.time(step), value));
                }
            }
        }
    }
    let arranged = |table: &[(String, i64, f64)]| {
        let keys: Vec<&str> = table.iter().map(|r| r.0.as_str()).collect();
        let times: Vec<i64> = table.iter().map(|r| r.1).collect();
        let values: Vec<f64> = table.iter().map(|r| r.2).collect();
        let rows = SeriesRows::new(Some(&names(&keys)), &times, &all(table.len()));
        let frequency = rows.infer(Axis::Dates).unwrap().frequency;
        assert_eq!(frequency, Frequency::MONTHLY);
        let panel = rows.arrange(frequency, Some(Aggregate::Sum)).unwrap();
        let bits = |v: Vec<f64>| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        let series = panel.iter().map(|s| (s.key.to_owned(), s.first, bits(s.values(&values))));
        series.collect::<Vec<_>>()
    };
    let first = arranged(&table);
    for _ in 0..3 {
        rng.shuffle(&mut table);
        assert_eq!(arranged(&table), first);
    }
}

#[test]
fn repeated_rows_are_refused_or_put_together() {
    let times = [1, 2, 2, 3, 2].map(|d| d * DAY);
    let rows = one(&times);
    let error = rows.arrange(Frequency::DAILY, None).unwrap_err();
    let PanelError::Repeated { count: 2, pairs } = &error else { panic!("{error}") };
    assert_eq!((pairs[0].rows, pairs[1].rows, &*pairs[0].time), ([1, 2], [1, 4], "1970-01-03"));
    let shown = "2 rows have the series and time of another one: rows 2 and 3 (1970-01-03); ";
    assert!(error.to_string().starts_with(shown), "{error}");
    let values = [1.0, 10.0, 20.0, 2.0, f64::NAN];
    for (aggregate, expected) in [(Aggregate::Sum, 30.0), (Aggregate::Mean, 15.0)] {
        let panel = rows.arrange(Frequency::DAILY, Some(aggregate)).unwrap();
        assert_eq!(told(&panel)[0].2, [vec![0], vec![1, 2, 4], vec![3]]);
        assert_eq!(panel.series(0).values(&values), [1.0, expected, 2.0]);
    }
    let named = SeriesRows::new(Some(&names(&["x"; 5])), &times, &all(5));
    let error = named.arrange(Frequency::DAILY, None).unwrap_err().to_string();
    assert!(error.contains("rows 2 and 5 (series `x`, 1970-01-03)"), "{error}");
}

#[test]
fn days_within_months() {
    let times: Vec<i64> = (0..90).map(|d| d * DAY + HOUR).collect();
    let rows = one(&times).within(Frequency::MONTHLY);
    let panel = rows.arrange(Frequency::MONTHLY, Some(Aggregate::Sum)).unwrap();
    assert_eq!(panel.series(0).values(&[1.0; 90]), [31.0, 28.0, 31.0]);
    assert_eq!(panel.moved.count, 0);
}

#[test]
fn odd_times_are_moved_or_left_out() {
    let times = [0, HOUR, HOUR + 60_000, 2 * HOUR, 3 * HOUR + 5, 5 * HOUR];
    let hourly = Frequency::Milliseconds { step: HOUR, offset: 0 };
    let panel = one(&times).arrange(hourly, None).unwrap();
    assert_eq!(told(&panel)[0].2, [vec![0], vec![1], vec![3], vec![4], vec![], vec![5]]);
    let stray = |time, row| Some(Stray { series: String::new(), time, row });
    let moved = Strays { count: 1, first: stray(times[4], 4) };
    let left_out = Strays { count: 1, first: stray(times[2], 2) };
    assert_eq!((&panel.moved, &panel.left_out), (&moved, &left_out));
    let both = one(&times).arrange(hourly, Some(Aggregate::Mean)).unwrap();
    assert_eq!(told(&both)[0].2[1], [1, 2]);
    assert_eq!((both.moved.count, both.left_out.count), (2, 0));
    // The row before its hour is on is not lost to a later one that is nearer.
    let early = [0, HOUR - 60_000, HOUR + 30_000];
    let panel = one(&early).arrange(hourly, None).unwrap();
    assert_eq!(told(&panel)[0].2, [vec![0], vec![2]]);
}

#[test]
fn a_phase_of_its_own_moves_a_series() {
    let june = Frequency::Months { step: 12, offset: 5, day: 31, clock: 0 };
    let december = Frequency::Months { step: 12, offset: 11, day: 31, clock: 0 };
    let times: Vec<i64> = (40..45).map(|i| june.time(i)).collect();
    let panel = one(&times).arrange(december, None).unwrap();
    assert_eq!((panel.series(0).len(), panel.moved.count, panel.left_out.count), (5, 5, 0));
    let twice: Vec<i64> = times.iter().chain(&times).copied().collect();
    let error = one(&twice).arrange(december, None).unwrap_err();
    assert!(matches!(error, PanelError::Repeated { count: 5, .. }));
}

#[test]
fn the_hour_that_is_there_twice() {
    // 2021-10-31 was the Sunday on which clocks of central Europe were set back.
    let sunday = 18_931 * DAY;
    let mut times: Vec<i64> = (-5..8).map(|h| sunday + h * HOUR).collect();
    times.push(sunday + 2 * HOUR);
    let hourly = Frequency::Milliseconds { step: HOUR, offset: 0 };
    let panel = one(&times).arrange(hourly, None).unwrap();
    assert_eq!((panel.set_back, panel.aggregate), (1, None));
    let values: Vec<f64> = (0..14).map(f64::from).collect();
    assert_eq!(panel.series(0).values(&values)[7], 10.0);
    times.push(sunday + 5 * HOUR);
    let error = one(&times).arrange(hourly, None).unwrap_err();
    assert!(matches!(error, PanelError::Repeated { count: 2, .. }), "{error}");
}

#[test]
fn a_time_far_away_is_an_error() {
    let minutely = Frequency::Milliseconds { step: 60_000, offset: 0 };
    let mut times: Vec<i64> = (0..50).map(|m| 19_000 * DAY + m * 60_000).collect();
    assert_eq!(one(&times).arrange(minutely, None).unwrap().series(0).len(), 50);
    times.push(0);
    let error = one(&times).arrange(minutely, None).unwrap_err().to_string();
    let shown = "the series goes from 1970-01-01 00:00:00 to 2022-01-08 00:49:00, 27360050 steps";
    assert!(error.starts_with(shown), "{error}");
    let extremes = [i64::MIN + 1, -1, 0, i64::MAX];
    for frequency in [minutely, Frequency::COUNTS, Frequency::MONTHLY, Frequency::BUSINESS_DAYS] {
        let error = one(&extremes).arrange(frequency, Some(Aggregate::Sum)).unwrap_err();
        assert!(matches!(error, PanelError::TooLong { .. }), "{error}");
    }
}

#[test]
fn no_row_at_all() {
    let none = one(&[]).arrange(Frequency::DAILY, None).unwrap_err();
    assert_eq!(none.to_string(), "no row has a time");
    let rows = SeriesRows::new(Some(&names(&["a", ""])), &[NO_VALUE, 5], &[0, 1]);
    assert!(rows.is_empty());
    let error = rows.arrange(Frequency::DAILY, None).unwrap_err().to_string();
    assert_eq!(error, "no row has a time and the name of a series");
}

#[test]
fn sums_leave_out_what_is_missing() {
    assert!(Aggregate::Sum.of(&mut [f64::NAN, f64::NAN]).is_nan());
    assert!(Aggregate::Mean.of(&mut [f64::NAN]).is_nan());
    assert_eq!(Aggregate::Mean.of(&mut [4.0, f64::NAN, 2.0]), 3.0);
    let numbers = [1e16, 1.0, -1e16, 3.0];
    let turned = [3.0, -1e16, 1.0, 1e16];
    let sum = |mut values: [f64; 4]| Aggregate::Sum.of(&mut values).to_bits();
    assert_eq!(sum(numbers), sum(turned));
}
