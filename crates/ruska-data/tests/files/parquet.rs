//! Parquet files of other programs, made by polars.

use crate::{Folder, column, floats, ints, names, shown, texts};
use polars::prelude::{
    DataFrame, DataType, IntoColumn, IntoSeries, NamedFrom, ParquetWriter, Series, TimeUnit,
};
use ruska_core::{Column, Kind};
use ruska_data::{BatchPlan, Place, ReadError, ReadOptions, Wanted, open_batches, read};
use std::fs::File;

fn parquet(folder: &Folder, name: &str, series: Vec<Series>) -> String {
    let rows = series[0].len();
    let columns = series.into_iter().map(IntoColumn::into_column).collect();
    let mut data = DataFrame::new(rows, columns).unwrap();
    let file = File::create(folder.path(name)).unwrap();
    ParquetWriter::new(file).with_row_group_size(Some(2)).finish(&mut data).unwrap();
    folder.source(name)
}

fn cast(name: &str, values: &[Option<i64>], to: &DataType) -> Series {
    Series::new(name.into(), values).cast(to).unwrap()
}

#[test]
fn every_plain_type() {
    let folder = Folder::new();
    let some = [Some(1), None, Some(3)];
    let mut series: Vec<Series> = [
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Decimal(10, 0),
        DataType::Decimal(38, 0),
    ]
    .iter()
    .enumerate()
    .map(|(i, t)| cast(&format!("i{i}"), &some, t))
    .collect();
    let whole = series.len();
    series.push(Series::new("f32".into(), [Some(0.5f32), None, Some(f32::INFINITY)]));
    series.push(Series::new("f64".into(), [Some(0.1), Some(f64::NAN), None]));
    series.push(
        Series::new("dec".into(), [Some(1.25), None, Some(-3.0)])
            .cast(&DataType::Decimal(9, 2))
            .unwrap(),
    );
    series.push(Series::new("bool".into(), [Some(true), None, Some(false)]));
    series.push(Series::new("str".into(), [Some("007"), None, Some("?")]));
    series.push(
        cast("date", &[Some(1), None, Some(-1)], &DataType::Int32).cast(&DataType::Date).unwrap(),
    );
    for (name, unit) in [
        ("ns", TimeUnit::Nanoseconds),
        ("us", TimeUnit::Microseconds),
        ("ms", TimeUnit::Milliseconds),
    ] {
        let values = [Some(2_000_000_000), None, Some(-1)];
        series.push(cast(name, &values, &DataType::Datetime(unit, None)));
        series.push(cast(&format!("d{name}"), &values, &DataType::Duration(unit)));
    }
    series.push(cast("clock", &[Some(3_600_000_000_000), None, Some(0)], &DataType::Time));
    series.push(Series::new("bytes".into(), [Some(&b"\x01\xff"[..]), None, Some(&b""[..])]));
    series.push(Series::new_null("null".into(), 3));
    let table = read(&parquet(&folder, "t.parquet", series), &ReadOptions::default()).unwrap();
    let frame = &table.frame;
    for i in 0..whole {
        assert_eq!(column(frame, &format!("i{i}")), &ints(&[1, i64::MIN, 3]), "i{i}");
    }
    assert_eq!(shown(column(frame, "f32")), ["0.5", "∅", "∅"]);
    assert_eq!(shown(column(frame, "f64")), ["0.1", "∅", "∅"]);
    assert_eq!(shown(column(frame, "dec")), ["1.25", "∅", "-3"]);
    assert_eq!(column(frame, "bool"), &Column::Bool(vec![1, -1, 0].into()));
    assert_eq!(shown(column(frame, "str")), ["007", "∅", "∅"]);
    let times = |name: &str| match column(frame, name) {
        Column::Time(v) => (v[0], column(frame, name).is_missing(1), v[2]),
        other => panic!("{name}: {other:?}"),
    };
    assert_eq!(times("date"), (86_400_000, true, -86_400_000));
    assert_eq!(times("ns"), (2000, true, -1));
    assert_eq!(times("us"), (2_000_000, true, -1));
    assert_eq!(times("ms"), (2_000_000_000, true, -1));
    assert_eq!(shown(column(frame, "dms")), ["2000000", "∅", "-0.001"]);
    assert_eq!(shown(column(frame, "dns"))[0], "2");
    assert_eq!(shown(column(frame, "clock")), ["3600", "∅", "0"]);
    assert_eq!(shown(column(frame, "bytes")), ["0x01ff", "∅", "0x"]);
    assert_eq!(column(frame, "null").missing(), 3);
    assert_eq!(frame.field("ns").unwrap().kind, Kind::Time);
    assert_eq!(table.findings.len(), 1, "{:?}", table.findings);
    assert!(table.findings[0].what.contains("infinite"));
}

#[test]
fn dictionaries() {
    let folder = Folder::new();
    let values = Series::new("c".into(), [Some("b"), Some("a"), None, Some("b")]);
    let categories = DataType::from_categories(polars::prelude::Categories::global());
    let series = values.cast(&categories).unwrap();
    let table =
        read(&parquet(&folder, "t.parquet", vec![series]), &ReadOptions::default()).unwrap();
    let expected = Column::from_strings([Some("b"), Some("a"), None, Some("b")]);
    assert_eq!(column(&table.frame, "c"), &expected);
}

#[test]
fn numbers_beyond_64_bits_are_text() {
    let folder = Folder::new();
    let big = Series::new("u".into(), [u64::MAX, 5]);
    let low = Series::new("i".into(), [i64::MIN, 5]);
    let source = parquet(&folder, "t.parquet", vec![big, low]);
    let frame = read(&source, &ReadOptions::default()).unwrap().frame;
    assert_eq!(column(&frame, "u"), &texts(&["18446744073709551615", "5"]));
    assert_eq!(column(&frame, "i"), &texts(&["-9223372036854775808", "5"]));
    let plan = BatchPlan::new().want("u", Wanted::Number).want("u", Wanted::Raw);
    let batches: Vec<_> = open_batches(&source, &ReadOptions::default(), &plan, 1)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(column(&batches[1].raw, "u"), &texts(&["5"]));
    assert_eq!(column(&batches[0].frame, "u"), &floats(&[18_446_744_073_709_551_615.0]));
    assert_eq!((batches[1].place, batches[1].first_row), (Place::Row(2), 1));
}

#[test]
fn nested_columns_are_left_out() {
    let folder = Folder::new();
    let inner = Series::new("l".into(), [1i32, 2]);
    let list = polars::prelude::ListChunked::from_iter([Some(inner.clone()), Some(inner)]);
    let mut list = list.into_series();
    list.rename("l".into());
    let plain = Series::new("x".into(), [1i64, 2]);
    let source = parquet(&folder, "t.parquet", vec![list.clone(), plain]);
    let table = read(&source, &ReadOptions::default()).unwrap();
    assert_eq!(names(&table.frame), ["x"]);
    assert_eq!(table.findings[0].column.as_deref(), Some("l"));
    let plan = BatchPlan::new().want("l", Wanted::Raw);
    let error = open_batches(&source, &ReadOptions::default(), &plan, 9).err().unwrap();
    assert!(matches!(error, ReadError::WrongType { .. }), "{error}");
    let source = parquet(&folder, "only.parquet", vec![list]);
    let error = read(&source, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::NoColumns { .. }), "{error}");
}

#[test]
fn a_folder_of_parquet_files() {
    let folder = Folder::new();
    parquet(
        &folder,
        "1.parquet",
        vec![Series::new("a".into(), [1i64]), Series::new("b".into(), ["x"])],
    );
    parquet(
        &folder,
        "2.parquet",
        vec![Series::new("b".into(), ["y"]), Series::new("a".into(), [2.5])],
    );
    let frame = read(&folder.source(""), &ReadOptions::default()).unwrap().frame;
    assert_eq!(column(&frame, "a"), &floats(&[1.0, 2.5]));
    assert_eq!(column(&frame, "b"), &texts(&["x", "y"]));
    parquet(
        &folder,
        "3.parquet",
        vec![Series::new("b".into(), ["y"]), Series::new("a".into(), ["q"])],
    );
    match read(&folder.source(""), &ReadOptions::default()).unwrap_err() {
        ReadError::Types { column, second, .. } => {
            assert!(column == "a" && second.ends_with("3.parquet"));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn damage_is_an_error_wherever_it_is() {
    let folder = Folder::new();
    let text: Vec<String> = (0..50).map(|i| format!("value {i}")).collect();
    let source = parquet(
        &folder,
        "t.parquet",
        vec![
            Series::new("a".into(), (0..50i64).collect::<Vec<_>>()),
            Series::new("b".into(), text),
        ],
    );
    let bytes = std::fs::read(&source).unwrap();
    for cut in [4, bytes.len() / 2, bytes.len() - 5] {
        let error = read(&folder.file("cut.parquet", &bytes[..cut]), &ReadOptions::default());
        assert!(matches!(error, Err(ReadError::Damaged { .. })), "{cut}");
    }
}
