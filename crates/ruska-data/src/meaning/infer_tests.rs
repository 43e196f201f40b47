#![allow(clippy::unwrap_used)]
use super::*;
use ruska_core::Rng;

fn strings<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Column {
    Column::from_strings(values.into_iter().map(Some))
}

fn ints(values: impl IntoIterator<Item = i64>) -> Column {
    Column::Int(Arc::new(values.into_iter().collect()))
}

fn raw(columns: Vec<(&str, Column)>) -> Frame {
    let field = |(name, column)| Field::new(name, Kind::Ignored, column);
    Frame::new(columns.into_iter().map(field).collect()).unwrap()
}

fn one(name: &str, column: Column) -> (Meaning, Vec<Finding>) {
    let (schema, findings) = infer(&raw(vec![(name, column)]), &BTreeMap::new()).unwrap();
    (schema.columns[0].meaning.clone(), findings)
}

fn kind(name: &str, column: Column) -> Kind {
    one(name, column).0.kind()
}

fn forced_as(name: &str, column: Column, kind: Kind) -> Result<Meaning, SchemaError> {
    let overrides = BTreeMap::from([(name.to_owned(), kind)]);
    infer(&raw(vec![(name, column)]), &overrides).map(|(s, _)| s.columns[0].meaning.clone())
}

fn cycle<'a>(values: &'a [&'a str], rows: usize) -> Column {
    strings(values.iter().cycle().take(rows))
}

#[test]
fn booleans_in_all_forms() {
    for labels in [["no", "yes"], ["False", "TRUE"], ["f", "t"], ["N", "Y"], ["0", "1"]] {
        let expected = Meaning::Boolean { no: labels[0].into(), yes: labels[1].into() };
        assert_eq!(one("x", cycle(&labels, 50)).0, expected);
    }
    let numbers = Meaning::Boolean { no: "0".into(), yes: "1".into() };
    assert_eq!(one("x", ints([0, 1, 1, NO_VALUE])).0, numbers);
    assert_eq!(one("x", Column::float(vec![0.0, 1.0, f64::NAN])).0, numbers);
    assert_eq!(kind("x", Column::Bool(Arc::new(vec![0, 1, -1]))), Kind::Boolean);
    assert_eq!(kind("x", cycle(&["yes", "no", "YES"], 9)), Kind::Boolean);
    assert_eq!(kind("x", cycle(&["m", "f"], 50)), Kind::Categorical);
    assert_eq!(kind("x", cycle(&["yes", "none"], 50)), Kind::Categorical);
    assert_eq!(kind("x", ints([1, 2, 1])), Kind::Numeric);
}

#[test]
fn numbers_are_numeric_whatever_they_count() {
    assert_eq!(one("rooms", ints([1, 2, 3, 1])).0, Meaning::numeric(true));
    assert_eq!(one("x", Column::float(vec![1.5, 2.0])).0, Meaning::numeric(false));
    // Real values, all different and even rising, measure something.
    assert_eq!(
        kind("id", Column::float((0..99).map(|i| f64::from(i) + 0.5).collect())),
        Kind::Numeric
    );
    assert_eq!(kind("income", ints((0..500).map(|i| i * i + 17))), Kind::Numeric);
    assert_eq!(kind("year", ints(1900..2000)), Kind::Numeric);
    let x = raw(vec![("x", ints(0..200)), ("y", ints((0..200).map(|x| 2 * x + x % 3)))]);
    let (schema, findings) = infer(&x, &BTreeMap::new()).unwrap();
    assert!(schema.columns.iter().all(|c| c.meaning.kind() == Kind::Numeric), "{findings:?}");
}

#[test]
fn identifiers() {
    let codes = || strings((0..99).map(|i| format!("{:04}-VHVEG", i * 7)));
    let (meaning, findings) = one("customerID", codes());
    assert_eq!(meaning, Meaning::Identifier);
    assert_eq!(findings[0].code, FindingCode::Identifier);
    assert!(findings[0].examples.is_empty() && findings[0].advice.contains("--types customerID="));
    assert_eq!(kind("PassengerId", ints((0..99).map(|i| i * 31))), Kind::Identifier);
    assert_eq!(kind("", ints(0..99)), Kind::Identifier);
    let uuid = |i: u64| format!("{i:08x}-0000-4000-8000-{i:012x}");
    assert_eq!(kind("k", strings((0..12).map(uuid))), Kind::Identifier);
    // Row numbers stand first in a wide table, under any name but that of a trend.
    let wide = |name| {
        let others = ["a", "b", "c"].map(|n| (n, Column::float((0..50).map(f64::from).collect())));
        raw([(name, ints(1..51))].into_iter().chain(others).collect())
    };
    let first = |frame| infer(&frame, &BTreeMap::new()).unwrap().0.columns[0].meaning.kind();
    assert_eq!(first(wide("n")), Kind::Identifier);
    assert_eq!(first(wide("week")), Kind::Numeric);
}

#[test]
fn measures_written_as_text_are_no_identifiers() {
    let amounts = strings((1..99).map(|i| format!("${i},{:03}.50", i * 7)));
    assert_eq!(kind("amount", amounts), Kind::Numeric);
    let shares = strings((0..99).map(|i| format!("{}.{} %", i % 20, i)));
    assert_eq!(kind("amount", shares), Kind::Numeric);
    let times = strings((0..60).map(|i| format!("12:{i:02}")));
    assert_eq!(kind("amount", times), Kind::Categorical);
    // Numbered names stay names.
    assert_eq!(kind("seat", strings((0..99).map(|i| format!("{i}A")))), Kind::Identifier);
    assert_eq!(
        kind("account no", strings((100..199).map(|i| format!("{i} 000 {i}")))),
        Kind::Identifier
    );
    let mut nearly: Vec<String> = (0..99).map(|i| (i * 13).to_string()).collect();
    nearly[5] = "unknown".to_owned();
    let (meaning, findings) = one("amount", strings(nearly));
    assert_eq!(meaning.kind(), Kind::Categorical);
    assert_eq!(findings[0].examples, ["unknown"]);
}

#[test]
fn text_needs_several_words_and_few_repeats() {
    let mut rng = Rng::new(3);
    let words = ["red", "green", "blue", "big", "small", "old", "new"];
    let mut phrase =
        |n: usize| (0..n).map(|_| words[rng.below(words.len())]).collect::<Vec<_>>().join(" ");
    assert_eq!(kind("message", strings((0..500).map(|_| phrase(9)))), Kind::Text);
    let names = (0..200).map(|i| format!("Braund, Mr. Owen no {i}"));
    assert_eq!(kind("Name", strings(names)), Kind::Text);
    // Few long levels stay levels, and so do breeds: 1,380 of 26,729 in the animal shelter.
    assert_eq!(
        kind("p", cycle(&["Bank transfer (automatic)", "Mailed check"], 99)),
        Kind::Categorical
    );
    let breeds = (0..20_000).map(|i| format!("Breed {} Mix", i % 1000));
    assert_eq!(kind("Breed", strings(breeds)), Kind::Categorical);
    let tickets = (0..900).map(|i| format!("PC {}", i % 680));
    assert_eq!(kind("Ticket", strings(tickets)), Kind::Categorical);
}

#[test]
fn levels_are_sorted() {
    let Meaning::Categorical { levels } = one("x", cycle(&["10", "9", "🦀", "a"], 50)).0 else {
        panic!("not categorical")
    };
    assert_eq!(*levels, ["10", "9", "a", "🦀"]);
    let Meaning::Categorical { levels } = one("zip", cycle(&["010", "9", "007"], 50)).0 else {
        panic!("not categorical")
    };
    assert_eq!(*levels, ["007", "9", "010"]);
}

#[test]
fn day_or_month_first_is_decided_by_the_whole_column() {
    let day_first = |values: &[&str]| match one("when", cycle(values, 50)) {
        (Meaning::Time { day_first }, findings) => (day_first, findings),
        other => panic!("{other:?}"),
    };
    assert!(day_first(&["3/12/16", "13/08/2016", "4/2/16"]).0);
    assert!(!day_first(&["1/1/2011", "1/13/2011"]).0);
    for (values, expected) in [(["3/4/2016", "4/5/2016"], false), (["3.4.2016", "4.5.2016"], true)]
    {
        let (first, findings) = day_first(&values);
        assert_eq!(first, expected);
        assert!(findings[0].what.contains("nothing"), "{findings:?}");
    }
    let (first, findings) = day_first(&["13/1/2016", "14/1/2016", "1/15/2016"]);
    assert!(first && findings[0].what.contains("mixes"));
    let (_, findings) = day_first(&["Mar-2018", "Feb-2018", "Jan-2018"]);
    assert!(findings.is_empty());
    assert_eq!(kind("t", cycle(&["2013-01-01T11:00:00Z", "2014-02-12 18:22:00"], 9)), Kind::Time);
}

#[test]
fn nearly_all_values_must_be_dates() {
    let mut days: Vec<String> =
        (0..100).map(|i| format!("2020-{:02}-{:02}", i / 28 + 1, i % 28 + 1)).collect();
    days[7] = "soon".to_owned();
    let (meaning, findings) = one("day", strings(&days));
    assert_eq!(meaning, Meaning::Time { day_first: false });
    assert_eq!((findings[0].count, findings[0].examples.as_slice()), (1, &["soon".to_owned()][..]));
    days.iter_mut().step_by(10).for_each(|d| *d = format!("{d} or so"));
    assert_ne!(kind("day", strings(&days)), Kind::Time);
    assert_eq!(kind("order_date", ints([20_180_101, 20_181_231])), Kind::Time);
    assert_eq!(kind("amount", ints([20_180_101, 20_181_231])), Kind::Numeric);
    assert_eq!(kind("order_date", ints([20_180_101, 20_181_331])), Kind::Numeric);
    for other in [["90-100", "80-89"], ["25-39", "10-24"], ["october", "may"], ["2", "5more"]] {
        assert_eq!(kind("date", cycle(&other, 50)), Kind::Categorical, "{other:?}");
    }
}

#[test]
fn columns_without_information() {
    let none: [Option<&str>; 3] = [None; 3];
    for column in [
        Column::from_strings(none),
        Column::float(vec![f64::NAN; 3]),
        ints([NO_VALUE; 3]),
        Column::Bool(Arc::new(vec![-1; 3])),
        Column::Time(Arc::new(vec![NO_VALUE; 3])),
        Column::float(vec![]),
    ] {
        let (meaning, findings) = one("x", column);
        assert_eq!((meaning.kind(), findings[0].code), (Kind::Ignored, FindingCode::AllMissing));
    }
    for column in [
        strings(["🦀", "🦀"]),
        Column::float(vec![1.5, 1.5]),
        ints([1, 1]),
        Column::Bool(Arc::new(vec![1, 1])),
        Column::Time(Arc::new(vec![5, 5])),
    ] {
        let (meaning, findings) = one("x", column);
        assert_eq!(
            (meaning.kind(), findings[0].code),
            (Kind::Ignored, FindingCode::ConstantColumn)
        );
    }
    // Whether there is a value tells something.
    assert_eq!(kind("x", ints([7, NO_VALUE, 7])), Kind::Numeric);
    assert_eq!(kind("x", Column::from_strings([Some("x"), None])), Kind::Categorical);
    let (meaning, findings) = one("x", Column::float(vec![1.0, 2.5, f64::INFINITY]));
    assert_eq!((meaning.kind(), findings[0].count), (Kind::Numeric, 1));
}

#[test]
fn overrides_decide_or_say_why_not() {
    let codes = || cycle(&["1", "2", "x"], 30);
    let error = forced_as("grade", codes(), Kind::Numeric).unwrap_err().to_string();
    assert_eq!(
        error,
        "column `grade` cannot be numeric: `x` is not a number; change `--types` or the data"
    );
    assert!(forced_as("grade", codes(), Kind::Boolean).unwrap_err().to_string().contains("has 3"));
    assert!(forced_as("grade", codes(), Kind::Time).is_err());
    assert!(forced_as("x", ints([5, 6]), Kind::Time).is_err());
    assert!(forced_as("x", Column::float(vec![0.5]), Kind::Time).is_err());
    assert_eq!(forced_as("x", cycle(&["007"], 3), Kind::Numeric).unwrap().kind(), Kind::Numeric);
    let levels = Arc::new(vec!["2".to_owned(), "10".to_owned()]);
    let expected = Meaning::Categorical { levels };
    assert_eq!(forced_as("x", ints([10, 2, NO_VALUE]), Kind::Categorical).unwrap(), expected);
    assert_eq!(
        forced_as("x", Column::float(vec![10.0, 2.0]), Kind::Categorical).unwrap(),
        expected
    );
    let sexes = Meaning::Boolean { no: "f".into(), yes: "m".into() };
    assert_eq!(forced_as("x", cycle(&["m", "f"], 9), Kind::Boolean).unwrap(), sexes);
    assert_eq!(forced_as("x", ints([1, 1]), Kind::Numeric).unwrap().kind(), Kind::Numeric);
    assert_eq!(forced_as("x", ints([1, 2]), Kind::Ignored).unwrap().kind(), Kind::Ignored);
    let overrides = BTreeMap::from([("agee".to_owned(), Kind::Numeric)]);
    let error = infer(&raw(vec![("age", ints([1, 2]))]), &overrides).unwrap_err().to_string();
    assert!(error.contains("did you mean `age`?"), "{error}");
}

#[test]
fn two_thousand_columns() {
    let names: Vec<String> = (0..2000).map(|i| format!("🦀\n{i}")).collect();
    let columns = names.iter().map(|n| (n.as_str(), ints((0..50).map(|i| i * i % 17))));
    let (schema, findings) = infer(&raw(columns.collect()), &BTreeMap::new()).unwrap();
    assert_eq!((schema.columns.len(), findings.len()), (2000, 0));
}
