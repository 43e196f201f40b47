#![allow(clippy::unwrap_used)]
use super::super::infer;
use super::*;
use ruska_core::{ColumnSchema, Kind};
use std::collections::BTreeMap;

fn schema(meaning: Meaning) -> Schema {
    Schema { columns: vec![ColumnSchema { name: "x".into(), meaning }] }
}

fn frame(column: Column) -> Frame {
    Frame::new(vec![Field::new("x", Kind::Ignored, column)]).unwrap()
}

fn read(meaning: Meaning, column: Column) -> Result<Column, PredictError> {
    apply(&frame(column), &schema(meaning), &["x"]).map(|f| f.fields()[0].column.clone())
}

fn floats(meaning: Meaning, column: Column) -> Vec<Option<f64>> {
    match read(meaning, column).unwrap() {
        Column::Float(v) => v.iter().map(|v| (!v.is_nan()).then_some(*v)).collect(),
        other => panic!("{other:?}"),
    }
}

fn codes(levels: &[&str], column: Column) -> Vec<u32> {
    let levels = Arc::new(levels.iter().map(|l| (*l).to_owned()).collect());
    match read(Meaning::Categorical { levels }, column).unwrap() {
        Column::Str(v) => v.codes.to_vec(),
        other => panic!("{other:?}"),
    }
}

fn ints(values: &[i64]) -> Column {
    Column::Int(Arc::new(values.to_vec()))
}

const NUMERIC: Meaning = Meaning::Numeric { integer: true, notation: None };

#[test]
fn numbers_from_any_storage() {
    let text = Column::from_strings([Some("1.5"), None, Some(" 2 "), Some("inf")]);
    assert_eq!(floats(NUMERIC, text), [Some(1.5), None, Some(2.0), None]);
    assert_eq!(floats(NUMERIC, ints(&[3, NO_VALUE])), [Some(3.0), None]);
    assert_eq!(
        floats(NUMERIC, Column::Bool(Arc::new(vec![1, 0, -1]))),
        [Some(1.0), Some(0.0), None]
    );
    assert_eq!(floats(NUMERIC, Column::float(vec![f64::INFINITY, 1.0])), [None, Some(1.0)]);
    assert_eq!(floats(NUMERIC, Column::Time(Arc::new(vec![NO_VALUE]))), [None]);
    assert_eq!(floats(NUMERIC, Column::from_strings([None::<&str>; 2])), [None, None]);
}

#[test]
fn text_in_a_numeric_column_is_named_with_its_row() {
    let text = Column::from_strings([Some("1.5"), Some("1.5"), Some("abc")]);
    let schema = schema(NUMERIC);
    let error = apply(&frame(text.clone()), &schema, &["x"]).unwrap_err();
    let expected = "column `x` holds text (`abc`), the model expects numbers (row 3)";
    assert_eq!(error.to_string(), expected);
    let later = Applier::new(&schema, &["x"]).unwrap().apply(&frame(text), 1000).unwrap_err();
    assert!(later.to_string().ends_with("(row 1003)"), "{later}");
    assert!(read(NUMERIC, Column::Time(Arc::new(vec![NO_VALUE, 5]))).is_err());
}

#[test]
fn booleans_by_label_and_by_form() {
    let yes_no = || Meaning::Boolean { no: "No".into(), yes: "Yes".into() };
    let text = Column::from_strings([Some("YES"), Some("no"), Some("1"), Some("False"), None]);
    let expected = [Some(1.0), Some(0.0), Some(1.0), Some(0.0), None];
    assert_eq!(floats(yes_no(), text), expected);
    assert_eq!(floats(yes_no(), ints(&[1, 0])), [Some(1.0), Some(0.0)]);
    assert_eq!(floats(yes_no(), Column::float(vec![1.0, f64::NAN])), [Some(1.0), None]);
    assert_eq!(
        floats(yes_no(), Column::Bool(Arc::new(vec![0, 1, -1]))),
        [Some(0.0), Some(1.0), None]
    );
    let numbers = || Meaning::Boolean { no: "0".into(), yes: "1".into() };
    assert_eq!(floats(numbers(), Column::float(vec![0.0, 1.0])), [Some(0.0), Some(1.0)]);
    assert_eq!(floats(numbers(), ints(&[2, 1])), [Some(2.0), Some(1.0)], "counts stay numbers");
    let error = read(numbers(), Column::from_strings([Some("1"), Some("many")])).unwrap_err();
    let expected = "column `x` holds `many`, the model expects `0` or `1` (row 2)";
    assert_eq!(error.to_string(), expected);
    let unknown = Column::from_strings([Some("yes"), Some("maybe")]);
    assert_eq!(floats(yes_no(), unknown), [Some(1.0), None], "as an unseen level");
    // `f` is a label here, so `t` and `1` are not words for it.
    let sexes = || Meaning::Boolean { no: "F".into(), yes: "M".into() };
    assert_eq!(
        floats(sexes(), Column::from_strings([Some("f"), Some("m")])),
        [Some(0.0), Some(1.0)]
    );
    assert_eq!(floats(sexes(), Column::from_strings([Some("t")])), [None]);
    let one_two = || Meaning::Boolean { no: "1".into(), yes: "2".into() };
    assert_eq!(floats(one_two(), ints(&[2, 1])), [Some(1.0), Some(0.0)]);
    assert!(read(one_two(), ints(&[0])).is_err());
}

#[test]
fn levels_match_by_canonical_text() {
    let levels = ["2", "3.0", "5more"];
    let text = Column::from_strings([Some("3"), Some("3.0"), Some("5more"), Some("9"), None]);
    assert_eq!(codes(&levels, text), [1, 1, 2, UNSEEN, MISSING]);
    assert_eq!(codes(&levels, ints(&[2, 3, 9, NO_VALUE])), [0, 1, UNSEEN, MISSING]);
    assert_eq!(
        codes(&levels, Column::float(vec![2.0, 3.0, 2.5, f64::NAN])),
        [0, 1, UNSEEN, MISSING]
    );
    assert_eq!(codes(&["False", "TRUE"], Column::Bool(Arc::new(vec![0, 1, -1]))), [0, 1, MISSING]);
    assert_eq!(codes(&["a"], Column::Bool(Arc::new(vec![0, 1]))), [UNSEEN, UNSEEN]);
    assert_eq!(codes(&["007", "7"], ints(&[7])), [1]);
    assert_eq!(
        codes(&["9007199254740993"], ints(&[9_007_199_254_740_993, 9_007_199_254_740_992])),
        [0, UNSEEN]
    );
    assert_eq!(codes(&["🦀"], Column::from_strings([Some("🦀"), Some("")])), [0, UNSEEN]);
    assert_eq!(codes(&[], Column::from_strings([Some("a"), None])), [UNSEEN, MISSING]);
}

#[test]
fn more_levels_than_rows() {
    let many: Vec<String> = (0..100).map(|i| i.to_string()).collect();
    let column = Column::text(vec![7, MISSING, 99, UNSEEN], many);
    assert_eq!(codes(&["99", "a"], column), [UNSEEN, MISSING, 0, UNSEEN]);
}

#[test]
fn times_follow_the_schema() {
    let day = 86_400_000;
    let times = |column, day_first| match read(Meaning::Time { day_first }, column).unwrap() {
        Column::Time(v) => v.to_vec(),
        other => panic!("{other:?}"),
    };
    let text = || Column::from_strings([Some("2/1/1970"), Some("13/1/1970"), Some("soon"), None]);
    assert_eq!(times(text(), true), [day, 12 * day, NO_VALUE, NO_VALUE]);
    assert_eq!(times(text(), false), [31 * day, 12 * day, NO_VALUE, NO_VALUE]);
    assert_eq!(times(ints(&[19_700_102, NO_VALUE]), false), [day, NO_VALUE]);
    assert_eq!(times(Column::Time(Arc::new(vec![5])), true), [5]);
    assert_eq!(times(Column::float(vec![f64::NAN]), true), [NO_VALUE]);
    assert!(read(Meaning::Time { day_first: true }, ints(&[5])).is_err());
}

#[test]
fn columns_are_found_by_name() {
    let column = |name| ColumnSchema { name: String::from(name), meaning: NUMERIC };
    let schema = Schema { columns: vec![column("a"), column("b")] };
    let field = |name, v| Field::new(name, Kind::Text, Column::float(vec![v]));
    let frame = Frame::new(vec![field("z", 0.0), field("b", 2.0), field("a", 1.0)]).unwrap();
    let typed = apply(&frame, &schema, &["a", "b"]).unwrap();
    let names: Vec<&str> = typed.fields().iter().map(|f| &*f.name).collect();
    assert_eq!((names, typed.fields()[0].kind), (vec!["a", "b"], Kind::Numeric));
    let few = frame.select(|f| &*f.name == "a");
    let error = apply(&few, &schema, &["a", "b"]).unwrap_err();
    assert_eq!(error, PredictError::MissingColumn { column: "b".into() });
    let none = Frame::with_rows(vec![], 2).unwrap();
    let error = apply(&none, &schema, &["a", "b"]).unwrap_err().to_string();
    assert_eq!(error, "2 columns are missing that the model needs: `a`, `b`");
    assert_eq!(apply(&few, &schema, &["a"]).unwrap().rows(), 1);
}

#[test]
fn applying_twice_changes_nothing() {
    use Kind::{Boolean, Categorical, Numeric, Text, Time};
    let text = |v: &[&str]| Column::from_strings(v.iter().map(|v| (!v.is_empty()).then_some(*v)));
    let fields = vec![
        Field::new("b", Kind::Ignored, text(&["yes", "", "no", "yes"])),
        Field::new("c", Kind::Ignored, text(&["b", "a", "", "b"])),
        Field::new("t", Kind::Ignored, text(&["13/1/2020", "", "2/1/2020", "2/1/2020"])),
        Field::new("n", Kind::Ignored, ints(&[4, 5, NO_VALUE, 4])),
        Field::new(
            "w",
            Kind::Ignored,
            text(&["one two three", "four five six 🦀", "seven eight nine", ""]),
        ),
    ];
    let raw = Frame::new(fields).unwrap();
    let (schema, _) = infer(&raw, &BTreeMap::new()).unwrap();
    let kinds: Vec<Kind> = schema.columns.iter().map(|c| c.meaning.kind()).collect();
    assert_eq!(kinds, [Boolean, Categorical, Time, Numeric, Text]);
    let names: Vec<&str> = raw.fields().iter().map(|f| &*f.name).collect();
    let once = apply(&raw, &schema, &names).unwrap();
    let twice = apply(&once, &schema, &names).unwrap();
    // NaN differs from itself, its text does not.
    assert_eq!(format!("{once:?}"), format!("{twice:?}"));
    // One row alone reads as it does in the batch.
    for row in 0..4 {
        let alone = apply(&raw.take(&[row]), &schema, &names).unwrap();
        assert_eq!(format!("{:?}", once.take(&[row])), format!("{alone:?}"));
    }
    let Column::Str(column) = &once.fields()[1].column else { panic!("not text") };
    let Meaning::Categorical { levels } = &schema.columns[1].meaning else { panic!("no levels") };
    assert!(Arc::ptr_eq(&column.levels, levels));
}
