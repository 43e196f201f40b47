#![allow(clippy::unwrap_used)]
use super::*;
use ruska_core::{Kind, Rng};
use std::sync::Arc;

fn number(name: &str, values: impl IntoIterator<Item = f64>) -> Field {
    Field::new(name, Kind::Numeric, Column::float(values.into_iter().collect()))
}

fn levels<S: AsRef<str>>(name: &str, values: impl IntoIterator<Item = S>) -> Field {
    Field::new(name, Kind::Categorical, Column::from_strings(values.into_iter().map(Some)))
}

fn frame(fields: Vec<Field>) -> Frame {
    Frame::new(fields).unwrap()
}

fn noise(seed: u64, rows: usize) -> Vec<f64> {
    let mut rng = Rng::new(seed);
    (0..rows).map(|_| rng.normal()).collect()
}

fn classes(codes: impl IntoIterator<Item = u32>, labels: &[&str]) -> Target {
    let classes = Arc::new(labels.iter().map(|l| (*l).to_owned()).collect());
    Target::Classes { codes: Arc::new(codes.into_iter().collect()), classes, positive: 1 }
}

fn folds(folds: usize) -> Circumstances<'static> {
    Circumstances { folds, ..Circumstances::default() }
}

fn codes_of(review: &Review) -> Vec<FindingCode> {
    review.findings.iter().map(|f| f.code).collect()
}

#[test]
fn a_clean_table_has_no_findings() {
    let x = noise(1, 400);
    let y: Vec<f64> = x.iter().zip(noise(2, 400)).map(|(x, e)| 2.0 * x + 1.0 + e).collect();
    let x = frame(vec![number("x", x), number("z", noise(3, 400))]);
    assert_eq!(review(&x, Some(&Target::Values(Arc::new(y))), &folds(5)), Review::default());
}

#[test]
fn repeated_rows_and_columns() {
    use FindingCode::{DuplicateColumns, DuplicateRows};
    let mut a = noise(1, 200);
    a[7] = f64::NAN;
    a[199] = a[0];
    let b: Vec<f64> = a.iter().map(|v| v * v).collect();
    let word = || levels("w", (0..200).map(|i| ["p", "q", "r"][i % 2]));
    let same = Field { name: "v".into(), ..word() };
    let x = frame(vec![number("a", a.clone()), number("b", b), word(), number("c", a), same]);
    let found = review(&x, None, &folds(0));
    assert_eq!(found.set_aside, ["c", "v"]);
    assert_eq!(codes_of(&found), [DuplicateColumns, DuplicateColumns]);
    assert!(found.findings[0].what.contains("`c` equals column `a`"));
    // Row 199 repeats row 0 once the alternating word agrees.
    let found = review(&x.take(&[0, 1, 2, 0, 1, 7, 7]), None, &folds(0));
    let repeats = found.findings.iter().find(|f| f.code == DuplicateRows).unwrap();
    assert_eq!(repeats.count, 3);
}

#[test]
fn rows_that_differ_in_the_target_do_not_repeat() {
    let x = frame(vec![number("a", [1.0, 1.0, 1.0])]);
    assert_eq!(repeated_rows(&x, Some(&classes([0, 1, 0], &["a", "b"]))), 1);
    assert_eq!(repeated_rows(&x, None), 2);
    assert_eq!(repeated_rows(&Frame::with_rows(vec![], 3).unwrap(), None), 0);
}

#[test]
fn copies_are_set_aside_and_leaks_are_told() {
    let mut rng = Rng::new(5);
    let codes: Vec<u32> = (0..600).map(|_| u32::from(rng.unit() < 0.3)).collect();
    let target = classes(codes.clone(), &["no", "yes"]);
    let copy = levels("status", codes.iter().map(|c| ["kept", "left"][*c as usize]));
    let days =
        codes.iter().map(|c| if *c == 1 { rng.unit() } else { f64::NAN }).collect::<Vec<_>>();
    let x = frame(vec![number("age", noise(1, 600)), copy, number("days_since_exit", days)]);
    let found = review(&x, Some(&target), &folds(5));
    assert_eq!(
        (found.set_aside.as_slice(), found.suspects.as_slice()),
        (&["status".to_owned()][..], &["days_since_exit".to_owned()][..])
    );
    assert_eq!(codes_of(&found), [FindingCode::TargetCopy, FindingCode::SuspectedLeak]);
    assert!(found.findings[1].advice.contains("--ignore days_since_exit"));
}

#[test]
fn leaks_are_dropped_where_that_is_asked_for() {
    let codes: Vec<u32> = (0..600).map(|i| u32::from(i % 3 == 0)).collect();
    let fee = number("fee", codes.iter().map(|c| if *c == 1 { 12.5 } else { f64::NAN }));
    let x = frame(vec![fee, number("age", noise(1, 600))]);
    let known = Circumstances { drop_leaks: true, ..folds(5) };
    let found = review(&x, Some(&classes(codes, &["no", "yes"])), &known);
    assert_eq!((&found.set_aside, &found.suspects), (&vec!["fee".to_owned()], &found.suspects));
    assert!(found.findings[0].advice.contains("`--drop-leaks`"), "{}", found.findings[0].advice);
    assert_eq!(found.why("fee"), "it tells the target almost perfectly");
}

#[test]
fn dates_after_the_prediction_are_set_aside_unless_vouched_for() {
    const DAY: i64 = 86_400_000;
    let date = |name: &str, of: &dyn Fn(i64) -> i64| {
        let days: Vec<i64> = (0..200).map(|i| of(i) * DAY).collect();
        Field::new(name, Kind::Time, Column::Time(days.into()))
    };
    let x = frame(vec![
        date("opened", &|i| i),
        date("born", &|i| i % 50 - 9000),
        date("paid", &|i| i + i % 3),
        date("due", &|i| i + 14),
    ]);
    let opened: Vec<i64> = (0..200).map(|i| i * DAY).collect();
    let due = BTreeMap::from([("due".to_owned(), Kind::Time)]);
    let times = Some(("opened", opened.as_slice()));
    let known = Circumstances { times, vouched: Some(&due), ..folds(5) };
    let found = review(&x, Some(&Target::Values(Arc::new(noise(1, 200)))), &known);
    assert_eq!(
        (found.set_aside.as_slice(), codes_of(&found)),
        (&["paid".to_owned()][..], vec![FindingCode::AfterPrediction])
    );
    assert_eq!(found.findings[0].count, 133);
    assert!(found.findings[0].advice.contains("--types paid=time"));
    assert_eq!(found.why("paid"), "it is known only after the prediction");
}

/// Carat tells the price of a diamond well, the hormone tells the disease, and x tells 2x + 1.
#[test]
fn strong_honest_features_stay() {
    let mut rng = Rng::new(11);
    let carat: Vec<f64> = noise(4, 2000).iter().map(|z| (0.5 * z - 0.4).exp()).collect();
    let price = carat.iter().map(|c| (8.4 + 1.68 * c.ln() + 0.26 * rng.normal()).exp()).collect();
    let found = review(
        &frame(vec![number("carat", carat), number("z", noise(5, 2000))]),
        Some(&Target::Values(Arc::new(price))),
        &folds(5),
    );
    assert_eq!((found.set_aside, found.suspects), (vec![], vec![]));
    let x = noise(6, 2000);
    let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 1.0 + 0.01 * rng.normal()).collect();
    let found = review(&frame(vec![number("x", x)]), Some(&Target::Values(Arc::new(y))), &folds(5));
    assert!(found.set_aside.is_empty());
    let sick: Vec<u32> = (0..2000).map(|i| u32::from(i % 16 == 0)).collect();
    let t3 = sick.iter().map(|s| 2.0 - f64::from(*s) + 0.45 * rng.normal()).collect::<Vec<_>>();
    let found = review(
        &frame(vec![number("t3", t3), number("z", noise(7, 2000))]),
        Some(&classes(sick, &["negative", "sick"])),
        &folds(5),
    );
    assert_eq!((found.set_aside, found.suspects), (vec![], vec![]));
}

#[test]
fn copies_of_numbers() {
    let y = noise(1, 300);
    let target = Target::Values(Arc::new(y.clone()));
    let cents = || number("cents", y.iter().map(|y| 100.0 * y));
    let found = review(&frame(vec![cents(), number("z", noise(2, 300))]), Some(&target), &folds(5));
    assert_eq!(found.set_aside, ["cents"]);
    // The only feature is kept with a warning: y = 2x + 1 may be what the user wants to see.
    let found = review(&frame(vec![cents()]), Some(&target), &folds(5));
    assert_eq!((found.set_aside.len(), found.suspects.as_slice()), (0, &["cents".to_owned()][..]));
    let equal = review(&frame(vec![number("again", y)]), Some(&target), &folds(5));
    assert_eq!(equal.set_aside, ["again"]);
}

#[test]
fn copies_with_gaps_are_told_and_stay() {
    let y = noise(3, 300);
    let gaps =
        number("gaps", y.iter().enumerate().map(|(i, y)| if i % 2 == 0 { *y } else { f64::NAN }));
    let other = y.iter().enumerate().map(|(i, y)| if i % 50 == 3 { 0.5 } else { *y });
    let found = review(
        &frame(vec![gaps, number("late", other), number("z", noise(2, 300))]),
        Some(&Target::Values(Arc::new(y.clone()))),
        &folds(5),
    );
    assert_eq!((found.set_aside.len(), found.suspects.len()), (0, 2));
    let what = "column `gaps` repeats the target in all 150 rows that have a value";
    assert_eq!(found.findings[0].what, what);
    let what = "column `late` repeats the target in 98.0 % of the 300 rows";
    assert_eq!(found.findings[1].what, what);
}

#[test]
fn rare_classes_and_few_rows() {
    let mut codes = vec![0u32; 500];
    codes[7] = 1;
    codes[8] = 1;
    let x = frame(vec![number("a", noise(1, 500))]);
    let target = classes(codes, &["common", "rare"]);
    let found = review(&x, Some(&target), &folds(5));
    assert_eq!(codes_of(&found), [FindingCode::RareClass]);
    assert_eq!(found.findings[0].what, "class `rare` has 2 rows, fewer than the 5 folds");
    assert_eq!(codes_of(&review(&x, Some(&target), &folds(2))), [FindingCode::Imbalance]);
    // Many classes of equal size are rare, but none of them more than the others.
    let many: Vec<String> = (0..250).map(|c| format!("c{c:03}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    let even = classes((0..500).map(|i| i % 250), &names);
    assert!(codes_of(&review(&x, Some(&even), &folds(2))).is_empty());
    let three = review(&x.take(&[1, 2, 3]), None, &folds(0));
    assert_eq!(codes_of(&three), [FindingCode::FewRows]);
}

#[test]
fn many_levels() {
    let x = frame(vec![
        levels("name", (0..900).map(|i| format!("n{}", i % 300))),
        levels("town", (0..900).map(|i| format!("t{}", i % 30))),
    ]);
    let found = review(&x, None, &folds(0));
    let many: Vec<_> =
        found.findings.iter().filter(|f| f.code == FindingCode::HighCardinality).collect();
    assert_eq!((many.len(), many[0].column.as_deref(), many[0].count), (1, Some("name"), 300));
    assert!(many[0].examples.is_empty());
}

#[test]
fn hostile_tables() {
    for rows in [0, 1, 2] {
        let x = frame(vec![number("a", vec![f64::NAN; rows]), levels("🦀\n", vec!["x"; rows])]);
        review(&x, None, &folds(5));
        review(&x, Some(&Target::Values(Arc::new(vec![1.0; rows]))), &folds(5));
        review(&x, Some(&classes(vec![0; rows], &["a", "b"])), &folds(5));
    }
    let wide = frame((0..2000).map(|i| number(&format!("c{i}"), noise(i, 50))).collect());
    let found = review(&wide, Some(&Target::Values(Arc::new(noise(9999, 50)))), &folds(5));
    assert_eq!((codes_of(&found), found.set_aside.len()), (vec![FindingCode::FewRows], 0));
    let huge = frame(vec![number("a", [1e308, -1e308, 1e12, f64::NAN].repeat(30))]);
    let found = review(
        &huge,
        Some(&Target::Values(Arc::new([1e308, -1e308, 0.0, 1.0].repeat(30)))),
        &folds(5),
    );
    assert!(found.set_aside.is_empty());
}
