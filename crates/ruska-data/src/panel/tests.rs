#![allow(clippy::unwrap_used)]

use super::*;
use ruska_core::{Axis, Column, Frequency, NO_VALUE, StrColumn};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const COLUMNS: PanelColumns<'static> =
    PanelColumns { time: "date", series: Some("shop"), target: "sales" };

struct Table {
    names: Vec<Option<&'static str>>,
    times: Vec<i64>,
    values: Vec<f64>,
}

impl Table {
    fn new() -> Self {
        Self { names: vec![], times: vec![], values: vec![] }
    }

    /// Adds a row for each value, from an index on.
    fn with(mut self, name: &'static str, frequency: Frequency, from: i64, values: &[f64]) -> Self {
        for (index, value) in (from..).zip(values) {
            self.names.push(Some(name));
            self.times.push(frequency.time(index));
            self.values.push(*value);
        }
        self
    }

    fn column(&self) -> StrColumn {
        let Column::Str(names) = Column::from_strings(self.names.iter().copied()) else {
            unreachable!("text stays text")
        };
        names
    }

    fn review(&self, aggregate: Option<Aggregate>) -> Vec<Finding> {
        let all: Vec<u32> = (0..self.times.len() as u32).collect();
        let rows = SeriesRows::new(Some(&self.column()), &self.times, &all);
        let found = rows.infer(Axis::Dates).unwrap();
        let panel = rows.arrange(found.frequency, aggregate).unwrap();
        review_panel(&rows, Some(&found), &panel, &self.values, COLUMNS)
    }
}

fn says(findings: &[Finding]) -> Vec<(FindingCode, usize, &str)> {
    findings.iter().map(|f| (f.code, f.count, f.what.as_str())).collect()
}

fn waves(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i % 5) as f64 + 1.0).collect()
}

#[test]
fn nothing_is_said_about_series_that_are_in_order() {
    let table = Table::new().with("a", Frequency::MONTHLY, 600, &waves(30));
    assert_eq!(says(&table.with("b", Frequency::MONTHLY, 606, &waves(24)).review(None)), []);
}

#[test]
fn gaps_with_the_longest() {
    let mut values = waves(30);
    values[3] = f64::NAN;
    let table = Table::new().with("a", Frequency::MONTHLY, 600, &values);
    let table = table.with("b", Frequency::MONTHLY, 590, &waves(30));
    let mut table = table.with("b", Frequency::MONTHLY, 624, &waves(6));
    for kept in [&mut table.times.pop(), &mut table.times.pop()] {
        *kept = None;
    }
    table.times.extend([Frequency::MONTHLY.time(628), Frequency::MONTHLY.time(629)]);
    let findings = table.review(None);
    let what = "5 steps (7.1 %) of all 2 series have no value and are filled in: \
                the most at a time are 4 from 2021-09-01 in series `b`";
    assert_eq!(says(&findings), [(FindingCode::TimeGaps, 5, what)]);
    assert_eq!(
        (findings[0].severity, &*findings[0].examples.join(" ")),
        (Severity::Warning, "a b")
    );
}

#[test]
fn early_short_constant_and_late_series() {
    let zeros: Vec<f64> = [0.0; 4].into_iter().chain(waves(26)).collect();
    let table = Table::new()
        .with("a", Frequency::MONTHLY, 600, &waves(30))
        .with("b", Frequency::MONTHLY, 600, &waves(25))
        .with("c", Frequency::MONTHLY, 629, &[4.0])
        .with("d", Frequency::MONTHLY, 600, &[7.0; 30])
        .with("e", Frequency::MONTHLY, 600, &zeros)
        .with("f", Frequency::MONTHLY, 620, &waves(10))
        .with("g", Frequency::MONTHLY, 629, &[f64::NAN]);
    let findings = table.review(None);
    let expected = [
        (FindingCode::TimeGaps, 1),
        (FindingCode::EarlyEnd, 1),
        (FindingCode::ShortSeries, 1),
        (FindingCode::ShortSeries, 1),
        (FindingCode::ShortSeries, 1),
        (FindingCode::ConstantSeries, 1),
        (FindingCode::LeadingZeros, 1),
    ];
    let told: Vec<(FindingCode, usize)> = findings.iter().map(|f| (f.code, f.count)).collect();
    assert_eq!(told, expected);
    let texts: Vec<&str> = findings.iter().skip(1).map(|f| f.what.as_str()).collect();
    let expected = [
        "1 of 7 series ends before 2022-06-01: series `b` at 2022-01-01",
        "1 of 7 series has no value at all",
        "1 of 7 series has a single value",
        "1 of 7 series has fewer values than two seasons of 12 steps",
        "1 of 7 series has the same value throughout",
        "1 of 7 series begins with zeros (4)",
    ];
    assert_eq!(texts, expected);
    let examples: Vec<String> = findings.iter().map(|f| f.examples.join(" ")).collect();
    assert_eq!(examples, ["g", "b", "g", "c", "f", "d", "e"]);
}

#[test]
fn rows_without_a_place() {
    let mut table = Table::new().with("a", Frequency::DAILY, 0, &waves(20));
    table.times[4] = NO_VALUE;
    table.names[7] = None;
    table.names[9] = None;
    let findings = table.review(None);
    let expected = [
        (FindingCode::Unplaced, 1, "1 row has no time in `date`, the first is row 5; not used"),
        (FindingCode::Unplaced, 2, "2 rows have no series in `shop`, the first is row 8; not used"),
    ];
    assert_eq!(says(&findings)[..2], expected);
}

#[test]
fn odd_times() {
    let mut table = Table::new().with("a", Frequency::DAILY, 0, &waves(60));
    table.times[4] += HOUR;
    table.times[9] = 8 * DAY + HOUR;
    let findings = table.review(None);
    let expected = [
        "1 row between daily steps moved to the nearest: series `a` at 1970-01-05 01:00:00 to 1970-01-05",
        "1 row between daily steps that have their own, not used: series `a` at 1970-01-09 01:00:00 (row 10)",
    ];
    assert_eq!(
        findings.iter().map(|f| f.code).collect::<Vec<_>>()[..2],
        [FindingCode::OddTimes; 2]
    );
    assert_eq!(findings.iter().map(|f| &*f.what).collect::<Vec<_>>()[..2], expected);
}

#[test]
fn rows_put_together() {
    let table = Table::new().with("a", Frequency::DAILY, 0, &waves(20));
    let table = table.with("a", Frequency::DAILY, 3, &waves(2));
    let findings = table.review(Some(Aggregate::Sum));
    let what = "2 rows more than there are daily steps in 1 series; the sum of each step is taken";
    assert_eq!(says(&findings), [(FindingCode::RepeatedTimes, 2, what)]);
    let hourly = Frequency::Milliseconds { step: HOUR, offset: 0 };
    let night = 18_931 * 24;
    let table = Table::new().with("a", hourly, night - 50, &waves(100));
    let findings = table.with("a", hourly, night + 2, &[9.0]).review(None);
    let what = "1 row of an hour that is there twice, as clocks were set back; their mean is taken";
    assert_eq!(says(&findings), [(FindingCode::RepeatedTimes, 1, what)]);
}

#[test]
fn single_times() {
    let table = Table::new().with("a", Frequency::DAILY, 5, &[1.0]);
    let findings = table.with("b", Frequency::DAILY, 5, &[2.0]).review(None);
    let expected = [
        (
            FindingCode::ShortSeries,
            2,
            "every series has a single time, so that steps are taken to be daily",
        ),
        (FindingCode::ShortSeries, 2, "all 2 series have a single value"),
    ];
    assert_eq!(says(&findings), expected);
}
