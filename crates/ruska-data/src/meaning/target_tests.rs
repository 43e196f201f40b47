#![allow(clippy::unwrap_used)]
use super::*;
use ruska_core::{Field, Kind, NO_VALUE};

fn frame(column: Column) -> Frame {
    Frame::new(vec![Field::new("y", Kind::Ignored, column)]).unwrap()
}

fn ints(values: impl IntoIterator<Item = i64>) -> Column {
    Column::Int(Arc::new(values.into_iter().collect()))
}

fn cycle(values: &[&str], rows: usize) -> Column {
    Column::from_strings(values.iter().cycle().take(rows).map(|v| Some(*v)))
}

fn auto(column: Column) -> TargetColumn {
    target(&frame(column), "y", None, None).unwrap()
}

fn classes(found: &TargetColumn) -> (Vec<String>, u32) {
    match &found.target {
        Target::Classes { classes, positive, .. } => (classes.to_vec(), *positive),
        Target::Values(_) | Target::Groups(_) | Target::Series(_) => panic!("another task"),
    }
}

fn is_regression(column: Column) -> bool {
    matches!(auto(column).target, Target::Values(_))
}

#[test]
fn the_column_tells_the_task() {
    assert!(is_regression(Column::float((0..99).map(|i| f64::from(i) / 7.0).collect())));
    assert!(is_regression(ints((0..500).map(|i| i * i))));
    // The telecommunication table `pol`: 11 values, but 0, 10, …, 100 are amounts.
    assert!(is_regression(ints((0..15_000).map(|i| i % 11 * 10))));
    // Counts: hours rented, delays, years.
    assert!(is_regression(ints((0..17_000).map(|i| i * i % 869))));
    assert!(is_regression(ints((0..5000).map(|i| 1990 + i % 20))));
    // Few rows for each value.
    assert!(is_regression(ints(0..20)));
    for column in [
        ints((0..1080).map(|i| 1 + i % 9)),
        ints((0..178).map(|i| 1 + i % 3)),
        ints((0..500).map(|i| [1, 2, 3, 5, 6, 7][i % 6])),
        ints((0..50).map(|i| i % 2 * 2 - 1)),
        Column::float((0..50).map(|i| f64::from(i % 2) + 0.5).collect()),
        Column::Bool(Arc::new(vec![0, 1, 1])),
        cycle(&["a", "b", "c"], 30),
        cycle(&["1", "02"], 30),
    ] {
        assert!(!is_regression(column));
    }
}

#[test]
fn classes_have_an_order_and_a_positive_one() {
    let names = |v: &[&str]| v.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    for (labels, sorted) in [
        (["Yes", "No"], ["No", "Yes"]),
        (["no", "Yes"], ["no", "Yes"]),
        (["1", "0"], ["0", "1"]),
        (["TRUE", "false"], ["false", "TRUE"]),
        (["<=50K", ">50K"], ["<=50K", ">50K"]),
        (["10", "9"], ["9", "10"]),
    ] {
        assert_eq!(classes(&auto(cycle(&labels, 20))), (names(&sorted), 1));
    }
    assert_eq!(classes(&auto(Column::float(vec![1.0, 0.0, 1.0]))), (names(&["0", "1"]), 1));
    assert_eq!(classes(&auto(Column::Bool(Arc::new(vec![1, 0])))).0, ["false", "true"]);
    let three = frame(cycle(&["b", "a", "c"], 30));
    assert_eq!(classes(&target(&three, "y", None, None).unwrap()), (names(&["a", "b", "c"]), 2));
    assert_eq!(classes(&target(&three, "y", None, Some("a")).unwrap()).1, 0);
    let numbers = frame(Column::float(vec![1.0, 0.0, 1.0]));
    assert_eq!(classes(&target(&numbers, "y", None, Some("0.0")).unwrap()).1, 0);
    let error = target(&three, "y", None, Some("z")).unwrap_err().to_string();
    assert_eq!(error, "`--positive z` is not a class of `y`; the classes are `a`, `b`, `c`");
}

#[test]
fn rows_without_a_target_are_listed() {
    let found = auto(Column::from_strings([Some("a"), None, Some("b"), None, Some("a")]));
    assert_eq!((found.kept.as_slice(), found.missing.as_slice()), (&[0, 2, 4][..], &[1, 3][..]));
    let Target::Classes { codes, .. } = &found.target else { panic!("a regression") };
    assert_eq!(**codes, [0, 1, 0]);
    let finding = found.findings().remove(0);
    assert_eq!((finding.code, finding.count), (FindingCode::TargetMissing, 2));
    assert!(auto(cycle(&["a", "b"], 9)).findings().is_empty());
    let reals = auto(Column::float(vec![0.5, f64::INFINITY, f64::NAN, 2.0, 3.0]));
    assert_eq!(reals.target, Target::Values(Arc::new(vec![0.5, 2.0, 3.0])));
    assert_eq!(auto(ints([5, NO_VALUE, 70, 900])).missing, [1]);
}

#[test]
fn the_task_may_be_given() {
    let regression = Some(TaskKind::Regression);
    let numbers = frame(cycle(&["1", "2.5"], 4));
    let found = target(&numbers, "y", regression, None).unwrap();
    assert_eq!(found.target, Target::Values(Arc::new(vec![1.0, 2.5, 1.0, 2.5])));
    let text = frame(cycle(&["1", "abc"], 4));
    let error = target(&text, "y", regression, None).unwrap_err().to_string();
    assert!(error.contains("holds `abc` in row 2"), "{error}");
    assert!(target(&numbers, "y", regression, Some("1")).is_err());
    let counts = frame(ints((0..90).map(|i| i % 30 * 10)));
    let found = target(&counts, "y", Some(TaskKind::Classification), None).unwrap();
    assert_eq!(found.target.n_classes(), 30);
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let refuse = |column: Column| target(&frame(column), "y", None, None).unwrap_err();
    assert!(matches!(refuse(cycle(&["a"], 9)), TargetError::Constant { rows: 9, .. }));
    assert!(matches!(refuse(Column::float(vec![1.0])), TargetError::Constant { .. }));
    assert!(matches!(refuse(ints([NO_VALUE; 3])), TargetError::AllMissing { rows: 3, .. }));
    assert!(matches!(refuse(Column::float(vec![])), TargetError::AllMissing { rows: 0, .. }));
    assert!(matches!(refuse(Column::Time(Arc::new(vec![1, 2]))), TargetError::NotATarget { .. }));
    let labels = |n: usize, rows: usize| {
        Column::from_strings((0..rows).map(|i| Some(format!("label {}", i % n))))
    };
    assert!(matches!(refuse(labels(1001, 5000)), TargetError::TooManyClasses { .. }));
    // Texts can be no regression; numbers that were taken for classes can.
    let names = refuse(labels(50, 50)).to_string();
    assert!(names.ends_with("no class occurs twice; choose another target"), "{names}");
    let numbers = frame(ints(0..50));
    let codes = target(&numbers, "y", Some(TaskKind::Classification), None).unwrap_err();
    assert!(codes.to_string().contains("`--task regression`"), "{codes}");
    let error = target(&frame(cycle(&["a", "b"], 9)), "Y", None, None).unwrap_err().to_string();
    assert!(error.contains("(did you mean `y`?)"), "{error}");
}

#[test]
fn numbers_for_a_model_that_is_there() {
    let model = Target::Values(Arc::new(vec![]));
    let found = target_like(&frame(ints([4, NO_VALUE, 5])), "y", &model, None).unwrap();
    assert_eq!(found.target, Target::Values(Arc::new(vec![4.0, 5.0])));
    assert_eq!(found.missing, [1]);
}

#[test]
fn classes_of_a_model_that_is_there() {
    let model = auto(Column::float(vec![0.0, 1.0, 1.0])).target;
    let later = frame(Column::from_strings([Some("1"), None, Some("1.0")]));
    let found = target_like(&later, "y", &model, None).unwrap();
    let Target::Classes { codes, classes, positive } = &found.target else { panic!("numbers") };
    assert_eq!((codes.as_slice(), classes.len(), *positive), (&[1, 1][..], 2, 1));
    let mixed = frame(Column::from_strings([Some("1"), None, Some("x")]));
    let labels = ["0".to_owned(), "1".to_owned()];
    assert_eq!(class_codes(&mixed, "y", &labels).unwrap(), [1, MISSING, UNSEEN]);
    let error =
        target_like(&frame(cycle(&["1", "x"], 2)), "y", &model, None).unwrap_err().to_string();
    assert_eq!(error, "target `y` holds `x` in row 2, the model knows `0`, `1`");
}
