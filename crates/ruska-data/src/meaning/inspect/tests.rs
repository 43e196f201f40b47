#![allow(clippy::unwrap_used)]
use super::*;
use crate::meaning::infer;
use ruska_core::{Kind, Rng};
use std::collections::BTreeMap;

const ROWS: usize = 2000;

fn noise(seed: u64) -> Vec<f64> {
    let mut rng = Rng::new(seed);
    (0..ROWS).map(|_| rng.normal()).collect()
}

/// Ages between 18 and 90.
fn ages() -> Vec<f64> {
    noise(1).into_iter().map(|z| (45.0 + 15.0 * z).round().clamp(18.0, 90.0)).collect()
}

/// Numbers in which some rows are changed.
fn changed(mut values: Vec<f64>, every: usize, f: impl Fn(f64) -> f64) -> Vec<f64> {
    values.iter_mut().step_by(every).for_each(|v| *v = f(*v));
    values
}

fn text<S: AsRef<str>>(name: &str, value: impl Fn(usize) -> Option<S>) -> Field {
    Field::new(name, Kind::Categorical, Column::from_strings((0..ROWS).map(value)))
}

fn number(name: &str, values: Vec<f64>) -> Field {
    Field::new(name, Kind::Numeric, Column::float(values))
}

fn found(fields: Vec<Field>, target: Option<&str>) -> Vec<Finding> {
    let frame = Frame::new(fields).unwrap();
    let (schema, inferred) = infer(&frame, &BTreeMap::new()).unwrap();
    inferred.into_iter().chain(inspect(&frame, &schema, target)).collect()
}

/// The findings about one column alone.
fn of(field: Field) -> Vec<Finding> {
    found(vec![field], None)
}

fn of_numbers(values: Vec<f64>) -> Vec<Finding> {
    of(number("x", values))
}

fn codes(findings: &[Finding]) -> Vec<FindingCode> {
    findings.iter().map(|f| f.code).collect()
}

/// The only finding, of the code expected.
fn only(findings: Vec<Finding>, code: FindingCode) -> Finding {
    assert_eq!(codes(&findings), [code], "{findings:?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn honest_columns_have_no_findings() {
    let word = |i: usize| Some(["red", "green", "blue", "Dunkelgrün", "CAFÉ®"][i % 5]);
    let columns = vec![
        number("age", ages()),
        number("balance", noise(2).into_iter().map(|z| 1e4 * z).collect()),
        number("income", noise(3).into_iter().map(|z| (10.0 + z).exp().round()).collect()),
        number("area", noise(4).into_iter().map(|z| (5.0 + 2.5 * z).exp()).collect()),
        number("count", noise(5).into_iter().map(|z| (z * z).floor()).collect()),
        text("colour", word),
    ];
    assert_eq!(found(columns, None), []);
}

#[test]
fn codes_for_missing_numbers() {
    use FindingCode::DisguisedMissing;
    for code in [-1.0, -999.0, 999.0, 99_999.0, -2_147_483_648.0] {
        let finding = only(of_numbers(changed(ages(), 50, |_| code)), DisguisedMissing);
        assert_eq!((finding.count, finding.examples), (40, vec![super::super::number_text(code)]));
        assert!(finding.advice.contains("--ignore x"), "{}", finding.advice);
    }
    // Two codes at one end, one among negative numbers.
    let two = changed(changed(ages(), 50, |_| -1.0), 60, |_| -9.0);
    assert_eq!(only(of_numbers(two), DisguisedMissing).examples, ["-9", "-1"]);
    let degrees = noise(2).into_iter().map(|z| -100.0 + 5.0 * z).collect();
    only(of_numbers(changed(degrees, 50, |_| -999.0)), DisguisedMissing);
}

#[test]
fn numbers_that_look_like_codes_but_are_values() {
    // At the end of a range, on a scale of few steps, once, and among changes of either sign.
    assert_eq!(of_numbers((0..ROWS).map(|i| (i % 100) as f64).collect()), []);
    assert_eq!(of_numbers((0..ROWS).map(|i| (i % 4) as f64 - 1.0).collect()), []);
    assert_eq!(of_numbers(changed(ages(), ROWS, |_| 99.0)), []);
    assert_eq!(of_numbers(noise(1).into_iter().map(|z| (3.0 * z).round()).collect()), []);
    // A count that once or twice went below zero.
    let counts = (0..ROWS).map(|i| (i % 40) as f64).collect();
    assert_eq!(of_numbers(changed(counts, 100, |_| -1.0)), []);
}

#[test]
fn dates_that_systems_put() {
    let day = |i: usize| format!("2023-{:02}-{:02}", 1 + i % 12, 1 + i % 28);
    let of = |put: &str, every: usize| {
        of(text("day", |i| Some(if i % every == 0 { put.to_owned() } else { day(i) })))
    };
    for put in ["1900-01-01", "1970-01-01", "9999-12-31"] {
        let finding = only(of(put, 100), FindingCode::DisguisedMissing);
        assert_eq!((finding.count, finding.examples), (20, vec![put.to_owned()]));
    }
    assert_eq!(of("2022-12-31", 100), []);
    let from_1970 = text("day", |i| Some(format!("{}-01-01", 1970 + i % 50)));
    assert_eq!(codes(&self::of(from_1970)), []);
}

#[test]
fn words_for_missing_values() {
    let with = |word: &str| {
        let level =
            |i: usize| Some(if i.is_multiple_of(10) { word } else { ["a", "b"][i % 2] }.to_owned());
        of(text("x", level))
    };
    for word in ["unknown", "Not available", "N/K", "(blank)"] {
        let finding = only(with(word), FindingCode::DisguisedMissing);
        assert_eq!((finding.count, finding.severity), (200, Severity::Info));
    }
    for word in ["none", "other", "no", "unknown pleasures"] {
        assert_eq!(with(word), [], "{word}");
    }
}

#[test]
fn another_unit() {
    for (factor, every) in [(1000.0, 7), (100.0, 3), (0.001, 7), (0.01, 50)] {
        let finding =
            only(of_numbers(changed(ages(), every, |v| v * factor)), FindingCode::MixedUnits);
        assert_eq!(finding.count, ROWS.div_ceil(every), "{factor}");
    }
    let west = noise(2).into_iter().map(|z| -120.0 + 2.0 * z).collect();
    only(of_numbers(changed(west, 7, |v| v * 1000.0)), FindingCode::MixedUnits);
}

#[test]
fn two_groups_are_no_units() {
    // Another distance, another shape, and steps of a scale.
    assert_eq!(of_numbers(changed(ages(), 7, |v| v * 30.0)), []);
    let flat =
        |i: usize| if i.is_multiple_of(7) { 45_000.0 + 1500.0 * (i % 41) as f64 } else { 0.0 };
    let shaped =
        ages().into_iter().enumerate().map(|(i, v)| if flat(i) > 0.0 { flat(i) } else { v });
    assert_eq!(of_numbers(shaped.collect()), []);
    assert_eq!(of_numbers((0..ROWS).map(|i| [1.0, 2.0, 1000.0, 2000.0][i % 4]).collect()), []);
    assert_eq!(of_numbers((0..ROWS).map(|i| 10f64.powi((i % 6) as i32)).collect()), []);
}

#[test]
fn a_few_values_far_away() {
    let finding = only(of_numbers(changed(ages(), 500, |_| 1e15)), FindingCode::Outliers);
    assert_eq!((finding.count, finding.examples.len()), (4, 3));
    let west = noise(2).into_iter().map(|z| -120.0 + 2.0 * z).collect();
    assert_eq!(
        only(of_numbers(changed(west, ROWS, |_| 999_000.0)), FindingCode::Outliers).count,
        1
    );
    // A tail that is heavy throughout, and a value twice as far as the next.
    let pareto = (1..=ROWS).map(|i| (ROWS as f64 / i as f64).powi(2)).collect();
    assert_eq!(of_numbers(pareto), []);
    assert_eq!(of_numbers(changed(ages(), ROWS, |_| 140.0)), []);
    assert_eq!(
        of_numbers((0..ROWS).map(|i| f64::from(u8::from(i == 7)) * 40.0).collect()).len(),
        1
    );
}

#[test]
fn text_among_numbers() {
    let mixed = |every: usize| {
        let cell = |i: usize| {
            if i.is_multiple_of(every) { format!("n/k: {i}") } else { (i % 90).to_string() }
        };
        of(text("x", |i| Some(cell(i))))
    };
    // Of 1 % of the rows, but more distinct texts than a tenth of the numbers.
    let finding = only(mixed(100), FindingCode::MixedTypes);
    assert_eq!((finding.count, finding.examples[0].as_str()), (20, "n/k: 0"));
    assert!(codes(&mixed(3)).iter().all(|c| *c != FindingCode::MixedTypes));
    // Answers, of which one is a number.
    let answers = text("x", |i| Some(if i % 20 == 0 { "more" } else { "0" }));
    assert_eq!(codes(&of(answers)), []);
}

#[test]
fn spellings_of_a_level() {
    let levels = |other: &'static str| {
        text("city", move |i| Some(if i % 10 == 0 { other } else { ["Bern", "Basel"][i % 2] }))
    };
    for other in [" BERN ", "bern", "Bern "] {
        let finding = only(of(levels(other)), FindingCode::LevelVariants);
        assert_eq!(
            (finding.count, finding.examples),
            (200, vec!["Bern".to_owned(), other.to_owned()])
        );
    }
    assert_eq!(of(levels("Berne")), []);
    // Two labels count as one each, and are told all the same; also of the target.
    let yes = text("yes", |i| Some(["Yes", "no", " YES "][i % 3]));
    assert_eq!(only(of(yes.clone()), FindingCode::LevelVariants).severity, Severity::Info);
    only(found(vec![yes], Some("yes")), FindingCode::LevelVariants);
    // What few rows have may be a name.
    let rare = text("city", |i| Some(if i == 0 { "bern" } else { ["Bern", "Basel"][i % 2] }));
    assert_eq!(only(of(rare), FindingCode::LevelVariants).examples, ["Bern", "aaaa"]);
}

#[test]
fn broken_letters() {
    let levels = |other: &'static str| {
        text("city", move |i| Some(if i % 10 == 0 { other } else { ["Bern", "Basel"][i % 2] }))
    };
    for other in ["ZÃ¼rich", "donâ€™t", "Mü\u{fffd}", "ÐœÐ¾ÑÐºÐ²Ð°", "10Â\u{a0}°C", "ÅÃ³dÅº"]
    {
        let finding = only(of(levels(other)), FindingCode::BrokenEncoding);
        assert_eq!((finding.count, finding.severity), (200, Severity::Warning), "{other}");
    }
    assert!(of(levels("ZÃ¼rich"))[0].what.contains("probably `Zürich`"));
    for other in ["Zürich", "SÃO PAULO", "CAFÉ®", "Ålesund", "Москва", "北京", "don’t", "10 °C"]
    {
        assert_eq!(of(levels(other)), [], "{other}");
    }
    let names = text("id", |i| Some(format!("JosÃ© {i}")));
    assert!(found(vec![names], None).iter().all(|f| f.examples.iter().all(|e| !e.contains("Jos"))));
    only(of(number("GrÃ¶ÃŸe", ages())), FindingCode::BrokenEncoding);
}

#[test]
fn mostly_empty_and_nearly_constant() {
    let gaps = |every: usize| {
        let gap = |i: usize, v: f64| if i.is_multiple_of(every) { v } else { f64::NAN };
        of_numbers(ages().into_iter().enumerate().map(|(i, v)| gap(i, v)).collect())
    };
    assert_eq!(only(gaps(3), FindingCode::ManyMissing).count, 1333);
    let third = ages().into_iter().enumerate().map(|(i, v)| if i % 3 == 0 { f64::NAN } else { v });
    assert_eq!(of_numbers(third.collect()), []);
    let flag = |rows: usize| of(text("x", move |i| Some(if i < rows { "b" } else { "a" })));
    assert_eq!(only(flag(3), FindingCode::NearConstantColumn).count, 3);
    assert_eq!(flag(20), []);
    assert_eq!(
        only(of_numbers(changed(vec![7.0; ROWS], 1000, |_| 8.0)), FindingCode::NearConstantColumn)
            .count,
        2
    );
    // Of the target others tell.
    let target = text("y", |i| Some(if i < 3 { "b" } else { "a" }));
    assert_eq!(found(vec![target], Some("y")), []);
}

#[test]
fn twins() {
    let scaled = |scale: f64, step: f64| {
        number("y", ages().into_iter().map(|v| ((scale * v + 1.0) / step).round() * step).collect())
    };
    let with = |other: Field| found(vec![number("x", ages()), other], None);
    for twin in [scaled(2.0, 1e-6), scaled(-0.3937, 0.01), scaled(1e9, 1.0)] {
        let finding = only(with(twin), FindingCode::NearDuplicateColumns);
        assert_eq!(finding.column.as_deref(), Some("y"));
        assert!(finding.advice.contains("--ignore x"));
    }
    let close = ages().into_iter().zip(noise(9)).map(|(v, z)| v + 0.5 * z).collect();
    assert_eq!(with(number("y", close)), []);
    // Equal columns are told elsewhere; a linear map of the target is a leak.
    assert_eq!(with(number("y", ages())), []);
    assert_eq!(found(vec![number("x", ages()), scaled(2.0, 1.0)], Some("x")), []);
    let gaps = ages().into_iter().enumerate();
    let gaps = gaps.map(|(i, v)| if i % 9 == 0 { f64::NAN } else { 2.0 * v }).collect();
    assert_eq!(with(number("y", gaps)), []);
    // A scale of few steps and the same rare events agree by chance.
    let rare =
        |k: f64| number("r", (0..ROWS).map(|i| f64::from(u8::from(i % 300 == 0)) * k).collect());
    let pair = vec![rare(2.0), Field { name: "s".into(), ..rare(5.0) }];
    assert!(!codes(&found(pair, None)).contains(&FindingCode::NearDuplicateColumns));
}

#[test]
fn hostile_columns() {
    for rows in [0, 1, 2, 25] {
        let odd = [f64::NAN, f64::MAX, f64::MIN, 5e-324, -0.0, 0.0, 1e308];
        let numbers: Vec<f64> = (0..rows).map(|i| odd[i % odd.len()]).collect();
        let words = (0..rows).map(|i| [None, Some(""), Some(" "), Some("🦀Ã"), Some("Ã")][i % 5]);
        let frame = Frame::new(vec![
            number("a", numbers.clone()),
            number("b", numbers.iter().map(|v| v * 0.5).collect()),
            Field::new("c", Kind::Categorical, Column::from_strings(words)),
            Field::new("d", Kind::Time, Column::Time(vec![i64::MAX; rows].into())),
        ])
        .unwrap();
        let (schema, _) = infer(&frame, &BTreeMap::new()).unwrap();
        inspect(&frame, &schema, None);
        inspect(&frame, &schema, Some("a"));
    }
}
