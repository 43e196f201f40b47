//! Batches agree with whole reading and with the plan.

use crate::{Folder, column, floats, shown, texts};
use ruska_core::{Column, Field, Frame, Kind};
use ruska_data::{
    Batch, BatchPlan, OutputColumn, Place, PredictionWriter, ReadError, ReadOptions, Wanted,
    open_batches, read,
};

fn text(levels: &[&str]) -> Wanted {
    Wanted::Text { levels: levels.iter().map(ToString::to_string).collect() }
}

fn batches(source: &str, plan: &BatchPlan, rows: usize) -> Result<Vec<Batch>, ReadError> {
    open_batches(source, &ReadOptions::default(), plan, rows)?.collect()
}

/// A column over all batches.
fn joined(batches: &[Batch], name: &str, raw: bool) -> Vec<String> {
    batches.iter().flat_map(|b| shown(column(if raw { &b.raw } else { &b.frame }, name))).collect()
}

#[test]
fn batches_equal_the_whole_table() {
    let folder = Folder::new();
    let mut csv = "n,s,x\n".to_owned();
    for i in 0..1000 {
        csv += &format!(
            "{},\"level,{}\",{}.5\n",
            if i % 7 == 0 { "?".into() } else { i.to_string() },
            i % 13,
            i
        );
    }
    let source = folder.file("t.csv", csv);
    let whole = read(&source, &ReadOptions::default()).unwrap().frame;
    let parquet = folder.path("t.parquet");
    let mut writer = PredictionWriter::create(&parquet, &OutputColumn::of(&whole)).unwrap();
    writer.write(&whole).unwrap();
    writer.finish().unwrap();
    let plan = BatchPlan::new()
        .want("x", Wanted::Number)
        .want("n", Wanted::Number)
        .want("s", text(&[]))
        .want("s", Wanted::Raw);
    for (source, rows) in
        [(source.as_str(), 64), (source.as_str(), 5000), (parquet.to_str().unwrap(), 64)]
    {
        let got = batches(source, &plan, rows).unwrap();
        assert_eq!(got.len(), 1000usize.div_ceil(rows));
        for name in ["n", "s", "x"] {
            assert_eq!(joined(&got, name, false), shown(column(&whole, name)), "{name}");
        }
        assert_eq!(joined(&got, "s", true), shown(column(&whole, "s")));
        let mut next = 0;
        for batch in &got {
            assert_eq!(batch.first_row, next);
            assert!(batch.frame.fields()[0].floats().is_some());
            next += batch.frame.rows();
        }
    }
}

#[test]
fn raw_cells_are_exact() {
    let folder = Folder::new();
    let source = folder
        .file("t.csv", "id,zip,v\n1234567890123456789, 007 ,NA\n12345678901234567890,,1.50\n");
    let plan = ["id", "zip", "v"].iter().fold(BatchPlan::new(), |p, c| p.want(*c, Wanted::Raw));
    let got = &batches(&source, &plan, 10).unwrap()[0];
    assert_eq!(column(&got.raw, "id"), &texts(&["1234567890123456789", "12345678901234567890"]));
    assert_eq!(column(&got.raw, "zip"), &texts(&[" 007 ", ""]));
    assert_eq!(column(&got.raw, "v"), &texts(&["NA", "1.50"]));
    assert_eq!((got.frame.fields().len(), got.frame.rows()), (0, 2));
}

#[test]
fn known_levels_tell_literals_from_missing() {
    let folder = Folder::new();
    let source = folder.file("t.csv", "c,k\nNA,1\nUS,2\n-,3\n?,4\n");
    let cells = |wanted| {
        let plan = BatchPlan::new().want("c", wanted);
        joined(&batches(&source, &plan, 10).unwrap(), "c", false)
    };
    assert_eq!(cells(text(&["NA", "US"])), ["NA", "US", "∅", "∅"]);
    assert_eq!(cells(text(&["US", "-"])), ["∅", "US", "-", "∅"]);
    assert_eq!(cells(Wanted::Time), ["∅", "US", "∅", "∅"]);
}

#[test]
fn text_where_a_number_should_be() {
    let folder = Folder::new();
    let source = folder.file("t.csv", "a,b\n1,\"x\n\"\n2,y\n\ntwo,z\n");
    let plan = BatchPlan::new().want("a", Wanted::Number);
    let mut stream = open_batches(&source, &ReadOptions::default(), &plan, 2).unwrap();
    assert_eq!(stream.next().unwrap().unwrap().place, Place::Line(2));
    match stream.next().unwrap().unwrap_err() {
        ReadError::NotANumber { place, column, value, .. } => {
            assert_eq!((place, column.as_str(), value.as_str()), (Place::Line(6), "a", "two"));
        }
        other => panic!("{other}"),
    }
    assert!(stream.next().is_none());
}

#[test]
fn absent_columns_and_absent_rows() {
    let folder = Folder::new();
    let source = folder.file("t.csv", "a,b\n1,2\n");
    let plan = BatchPlan::new().want("c", Wanted::Number);
    match batches(&source, &plan, 10).unwrap_err() {
        ReadError::MissingColumns { columns, have, .. } => {
            assert_eq!(
                (columns, have),
                (vec!["c".to_owned()], vec!["a".to_owned(), "b".to_owned()])
            );
        }
        other => panic!("{other}"),
    }
    let seven = ["c", "d", "e", "a", "f", "g", "h", "i"].iter();
    let plan = seven.fold(BatchPlan::new(), |plan, name| plan.want(*name, Wanted::Number));
    let message = batches(&source, &plan, 10).unwrap_err().to_string();
    let named = "7 columns are not there: `c`, `d`, `e`, `f`, `g` and 2 more; there are: a, b";
    assert!(message.ends_with(named), "{message}");
    let empty = folder.file("e.csv", "a,b\n");
    let plan = BatchPlan::new().want("a", Wanted::Number);
    assert!(matches!(batches(&empty, &plan, 10).unwrap_err(), ReadError::NoRows { .. }));
}

#[test]
fn planned_names_make_a_header() {
    let folder = Folder::new();
    let source = folder.file("t.csv", "1,2\n3,4\n");
    let got = batches(&source, &BatchPlan::new().want("2", Wanted::Number), 10).unwrap();
    assert_eq!(column(&got[0].frame, "2"), &floats(&[4.0]));
    let got = batches(&source, &BatchPlan::new().want("c2", Wanted::Number), 10).unwrap();
    assert_eq!(column(&got[0].frame, "c2"), &floats(&[2.0, 4.0]));
}

#[test]
fn files_of_a_folder_one_after_another() {
    let folder = Folder::new();
    folder.file("1.csv", "a,b\n1,x\n2,y\n3,z\n");
    folder.file("2.csv", "more,b,a\n0,w,4\n");
    let plan = BatchPlan::new().want("a", Wanted::Number).want("b", Wanted::Raw);
    let got = batches(&folder.source(""), &plan, 2).unwrap();
    assert_eq!(joined(&got, "a", false), ["1", "2", "3", "4"]);
    let starts: Vec<_> = got.iter().map(|b| (b.first_row, b.place)).collect();
    let lines = [(0, Place::Line(2)), (2, Place::Line(4)), (3, Place::Line(2))];
    assert_eq!(starts, lines);
    assert!(got[2].file.ends_with("2.csv"));
}

#[test]
fn types_of_parquet_become_what_is_wanted() {
    let folder = Folder::new();
    let frame = Frame::new(vec![
        Field::new("t", Kind::Time, Column::Time(vec![86_400_000].into())),
        Field::new("i", Kind::Numeric, Column::Int(vec![7].into())),
        Field::new("s", Kind::Categorical, texts(&["12"])),
        Field::new("b", Kind::Boolean, Column::Bool(vec![1].into())),
    ])
    .unwrap();
    let path = folder.path("t.parquet");
    let mut writer = PredictionWriter::create(&path, &OutputColumn::of(&frame)).unwrap();
    writer.write(&frame).unwrap();
    writer.finish().unwrap();
    let source = path.to_str().unwrap();
    let plan = BatchPlan::new()
        .want("i", text(&[]))
        .want("s", Wanted::Number)
        .want("b", Wanted::Number)
        .want("t", Wanted::Time)
        .want("i", Wanted::Raw);
    let got = &batches(source, &plan, 10).unwrap()[0];
    assert_eq!(column(&got.frame, "i"), &texts(&["7"]));
    assert_eq!(column(&got.frame, "s"), &floats(&[12.0]));
    assert_eq!(column(&got.frame, "b"), &floats(&[1.0]));
    assert_eq!(column(&got.frame, "t"), &Column::Time(vec![86_400_000].into()));
    assert_eq!(column(&got.raw, "i"), &Column::Int(vec![7].into()));
    let plan = BatchPlan::new().want("t", Wanted::Number);
    let error = batches(source, &plan, 10).unwrap_err();
    assert!(matches!(error, ReadError::WrongType { got: "points in time", .. }), "{error}");
}
