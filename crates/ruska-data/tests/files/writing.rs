//! Predictions to files of every format.

use crate::{Folder, column, floats, ints, shown, texts};
use ruska_core::{Column, Field, Frame, Kind, NO_VALUE};
use ruska_data::{OutputColumn, OutputType, PredictionWriter, ReadOptions, WriteError, read};
use std::path::Path;

fn table() -> Frame {
    Frame::new(vec![
        Field::new(
            "id, \"x\"\n🦀",
            Kind::Categorical,
            texts(&["007", "a,b", "line\nend", "\"q\""]),
        ),
        Field::new("n", Kind::Numeric, Column::Int(vec![1, NO_VALUE, i64::MAX, -3].into())),
        Field::new("p", Kind::Numeric, floats(&[0.1, f64::NAN, 1.0 / 3.0, 1e-300])),
        Field::new(
            "t",
            Kind::Time,
            Column::Time(vec![0, 1_700_000_000_123, NO_VALUE, 86_400_000].into()),
        ),
        Field::new("ok", Kind::Boolean, Column::Bool(vec![1, 0, -1, 1].into())),
    ])
    .unwrap()
}

fn write(path: &Path, frame: &Frame, batches: usize) -> Result<(), WriteError> {
    let mut writer = PredictionWriter::create(path, &OutputColumn::of(frame))?;
    let rows = frame.rows();
    for b in 0..batches {
        let part: Vec<u32> =
            (b * rows / batches..(b + 1) * rows / batches).map(|r| r as u32).collect();
        writer.write(&frame.take(&part))?;
    }
    writer.finish()
}

fn files(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_format_reads_back() {
    let folder = Folder::new();
    let frame = table();
    for name in ["t.csv", "t.tsv", "t.csv.gz", "t.tsv.gz", "t.parquet", "t.xlsx"] {
        let path = folder.path(name);
        write(&path, &frame, 3).unwrap();
        let back = read(path.to_str().unwrap(), &ReadOptions::default()).unwrap().frame;
        assert_eq!(back.rows(), 4);
        for field in frame.fields().iter().filter(|f| &*f.name != "t") {
            let got = shown(column(&back, &field.name));
            assert_eq!(got, shown(&field.column), "{name} {}", field.name);
        }
        let time = ruska_data::parse_time(&shown(column(&back, "t"))[1], false);
        assert_eq!(time, Some(1_700_000_000_123), "{name}");
    }
    assert_eq!(files(&folder).len(), 6);
}

#[test]
fn text_is_quoted_and_numbers_are_exact() {
    let folder = Folder::new();
    let path = folder.path("t.csv");
    write(&path, &table(), 1).unwrap();
    let expected = "\"id, \"\"x\"\"\n🦀\",n,p,t,ok\n\
        007,1,0.1,1970-01-01T00:00:00,true\n\
        \"a,b\",,,2023-11-14T22:13:20.123,false\n\
        \"line\nend\",9223372036854775807,0.3333333333333333,,\n\
        \"\"\"q\"\"\",-3,1e-300,1970-01-02T00:00:00,true\n";
    assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    let sizes = [1e-5, 9.9e-6, -1e15, 1e16, -0.0, 123_456.75];
    write(&path, &Frame::new(vec![Field::new("x", Kind::Numeric, floats(&sizes))]).unwrap(), 1)
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, "x\n0.00001\n9.9e-6\n-1000000000000000\n1e16\n-0\n123456.75\n");
    let days =
        Frame::new(vec![Field::new("d", Kind::Time, Column::Time(vec![0, 86_400_000].into()))]);
    write(&path, &days.unwrap(), 1).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "d\n1970-01-01\n1970-01-02\n");
}

#[test]
fn types_of_parquet_output() {
    let folder = Folder::new();
    let path = folder.path("t.parquet");
    let columns =
        [OutputColumn::new("a", OutputType::Float), OutputColumn::new("b", OutputType::Text)];
    let mut writer = PredictionWriter::create(&path, &columns).unwrap();
    let rows = |a: Column, b: Column| {
        Frame::new(vec![Field::new("a", Kind::Numeric, a), Field::new("b", Kind::Text, b)]).unwrap()
    };
    writer.write(&rows(ints(&[1, NO_VALUE]), texts(&["x", "y"]))).unwrap();
    writer.write(&rows(floats(&[0.5]), ints(&[7]))).unwrap();
    writer.finish().unwrap();
    let back = read(path.to_str().unwrap(), &ReadOptions::default()).unwrap().frame;
    assert_eq!(shown(column(&back, "a")), ["1", "∅", "0.5"]);
    assert_eq!(column(&back, "b"), &texts(&["x", "y", "7"]));
}

#[test]
fn many_rows_make_several_row_groups() {
    let folder = Folder::new();
    let path = folder.path("t.parquet");
    let values: Vec<i64> = (0..300_000).collect();
    let frame = Frame::new(vec![Field::new("a", Kind::Numeric, ints(&values))]).unwrap();
    write(&path, &frame, 30).unwrap();
    let back = read(path.to_str().unwrap(), &ReadOptions::default()).unwrap().frame;
    assert_eq!(column(&back, "a"), &ints(&values));
}

#[test]
fn nothing_stays_without_finish() {
    let folder = Folder::new();
    for name in ["t.csv", "t.parquet", "t.xlsx", "t.csv.gz"] {
        folder.file(name, "before");
        let mut writer =
            PredictionWriter::create(folder.path(name), &OutputColumn::of(&table())).unwrap();
        writer.write(&table()).unwrap();
        drop(writer);
        assert_eq!(std::fs::read(folder.path(name)).unwrap(), b"before", "{name}");
    }
    assert_eq!(files(&folder), ["t.csv", "t.csv.gz", "t.parquet", "t.xlsx"]);
}

#[test]
fn frames_that_were_not_announced() {
    let folder = Folder::new();
    let columns = [OutputColumn::new("a", OutputType::Int)];
    let mut writer = PredictionWriter::create(folder.path("t.csv"), &columns).unwrap();
    let one = |name: &str, c: Column| Frame::new(vec![Field::new(name, Kind::Numeric, c)]).unwrap();
    for frame in [one("b", ints(&[1])), one("a", floats(&[1.0])), Frame::default(), table()] {
        assert!(matches!(writer.write(&frame), Err(WriteError::Column { .. })));
    }
    let mut two = one("a", ints(&[1])).fields().to_vec();
    two.extend_from_slice(one("b", ints(&[1])).fields());
    assert!(matches!(writer.write(&Frame::new(two).unwrap()), Err(WriteError::Column { .. })));
}

#[test]
fn places_that_cannot_be_written() {
    let folder = Folder::new();
    let create = |path: &Path| PredictionWriter::create(path, &OutputColumn::of(&table())).err();
    assert!(matches!(create(&folder.path("t.doc")), Some(WriteError::UnknownFormat { .. })));
    assert!(matches!(create(&folder.path("no/t.csv")), Some(WriteError::Io { .. })));
    std::fs::create_dir(folder.path("d.csv")).unwrap();
    let error = create(&folder.path("d.csv")).unwrap().to_string();
    assert!(error.contains("d.csv: cannot be written"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let folder = Folder::new();
    for name in ["t.csv", "t.csv.gz", "t.parquet", "t.xlsx"] {
        std::os::unix::fs::symlink("/dev/full", folder.path(name)).unwrap();
        match write(&folder.path(name), &table(), 1) {
            Err(WriteError::Io { path, why }) => {
                assert_eq!(path, folder.path(name));
                assert!(why.contains("No space left"), "{name}: {why}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_sheet_has_an_end() {
    let folder = Folder::new();
    let path = folder.path("t.xlsx");
    let frame =
        Frame::new(vec![Field::new("a", Kind::Numeric, Column::float(vec![f64::NAN; 700_000]))]);
    let frame = frame.unwrap();
    let mut writer = PredictionWriter::create(&path, &OutputColumn::of(&frame)).unwrap();
    writer.write(&frame).unwrap();
    assert!(matches!(writer.write(&frame), Err(WriteError::TooManyRows { .. })));
}
