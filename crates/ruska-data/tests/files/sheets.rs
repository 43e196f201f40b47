//! Excel workbooks, made by rust_xlsxwriter.

use crate::{Folder, column, floats, ints, names, shown, texts};
use ruska_core::{Column, Kind};
use ruska_data::{BatchPlan, Place, ReadError, ReadOptions, Wanted, open_batches, read};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

fn workbook(folder: &Folder, fill: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> String {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("first").unwrap()).unwrap();
    let second = book.add_worksheet().set_name("second").unwrap();
    second.write_string(0, 0, "only").unwrap();
    second.write_number(1, 0, 4.0).unwrap();
    book.save(folder.path("t.xlsx")).unwrap();
    folder.source("t.xlsx")
}

fn people(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let clock = Format::new().set_num_format("hh:mm");
    for (i, name) in ["id", "pay", "when", "at", "ok", "zip", "mixed"].iter().enumerate() {
        sheet.write_string(2, i as u16 + 1, *name)?;
    }
    // One blank row between the second and the third row of data.
    for (row, n) in [(3, 1.0), (4, 2.0), (6, 3.0)] {
        sheet.write_number(row, 1, n)?;
        sheet.write_number_with_format(row, 3, 45_000.0 + n / 2.0, &day)?;
        sheet.write_number_with_format(row, 4, n / 24.0, &clock)?;
        sheet.write_boolean(row, 5, n > 1.5)?;
        sheet.write_string(row, 6, format!("00{n}"))?;
    }
    sheet.write_number(3, 2, 10.5)?;
    sheet.write_string(4, 2, "NA")?;
    sheet.write_number(3, 7, 5.0)?;
    sheet.write_string(6, 7, "x")?;
    Ok(())
}

#[test]
fn cells_keep_their_types() {
    let folder = Folder::new();
    let table = read(&workbook(&folder, people), &ReadOptions::default()).unwrap();
    let frame = &table.frame;
    assert_eq!(names(frame), ["id", "pay", "when", "at", "ok", "zip", "mixed"]);
    assert_eq!(column(frame, "id"), &ints(&[1, 2, 3]));
    assert_eq!(shown(column(frame, "pay")), ["10.5", "∅", "∅"]);
    let times = ["2023-03-15T12:00:00", "2023-03-16T00:00:00", "2023-03-16T12:00:00"];
    assert_eq!(shown(column(frame, "when")), times);
    assert_eq!(frame.field("when").unwrap().kind, Kind::Time);
    assert_eq!(column(frame, "at"), &floats(&[3600.0, 7200.0, 10800.0]));
    assert_eq!(column(frame, "ok"), &Column::Bool(vec![0, 1, 1].into()));
    assert_eq!(column(frame, "zip"), &texts(&["001", "002", "003"]));
    assert_eq!(shown(column(frame, "mixed")), ["5", "∅", "x"]);
}

#[test]
fn a_sheet_by_name() {
    let folder = Folder::new();
    let source = workbook(&folder, people);
    let options = |sheet: &str| ReadOptions { sheet: Some(sheet.to_owned()), ..Default::default() };
    let frame = read(&source, &options("second")).unwrap().frame;
    assert_eq!(column(&frame, "only"), &ints(&[4]));
    match read(&source, &options("third")).unwrap_err() {
        ReadError::MissingSheet { sheet, have, .. } => {
            assert_eq!((sheet.as_str(), have), ("third", vec!["first".into(), "second".into()]));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_title_above_the_header_is_named() {
    let folder = Folder::new();
    let source = workbook(&folder, |sheet| {
        sheet.write_string(0, 0, "Sales of the year")?;
        (0..30u16).try_for_each(|c| sheet.write_string(2, c, format!("c{c}")).map(drop))
    });
    let message = read(&source, &ReadOptions::default()).unwrap_err().to_string();
    let expected = "cell B3: the first row has only columns A to A; delete titles above the header";
    assert!(message.contains(expected), "{message}");
    let source = workbook(&folder, |sheet| {
        (0..702u16).try_for_each(|c| sheet.write_string(0, c, format!("c{c}")).map(drop))?;
        sheet.write_number(1, 702, 1.0).map(drop)
    });
    let message = read(&source, &ReadOptions::default()).unwrap_err().to_string();
    assert!(message.contains("cell AAA2: the first row has only columns A to ZZ"), "{message}");
}

#[test]
fn without_header_and_beyond_it() {
    let folder = Folder::new();
    let source = workbook(&folder, |sheet| {
        sheet.write_number(0, 0, 1.5)?.write_string(0, 1, "x")?.write_number(1, 0, 2.0).map(drop)
    });
    let frame = read(&source, &ReadOptions::default()).unwrap().frame;
    assert_eq!(column(&frame, "c1"), &floats(&[1.5, 2.0]));
    assert_eq!(shown(column(&frame, "c2")), ["x", "∅"]);
    let source = workbook(&folder, |sheet| {
        sheet.write_string(0, 0, "a")?.write_number(1, 0, 1.0)?.write_number(4, 2, 1.0).map(drop)
    });
    let error = read(&source, &ReadOptions::default()).unwrap_err();
    assert!(matches!(&error, ReadError::Beside { cell, .. } if cell == "C5"), "{error}");
    let source = workbook(&folder, |_| Ok(()));
    let error = read(&source, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::EmptyFile { .. }), "{error}");
}

#[test]
fn batches_of_a_sheet() {
    let folder = Folder::new();
    let source = workbook(&folder, people);
    let text = Wanted::Text { levels: Vec::new() };
    let plan = BatchPlan::new()
        .want("pay", Wanted::Number)
        .want("id", text)
        .want("when", Wanted::Time)
        .want("pay", Wanted::Raw);
    let batches: Vec<_> = open_batches(&source, &ReadOptions::default(), &plan, 2)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(batches.len(), 2);
    assert_eq!(shown(column(&batches[0].frame, "pay")), ["10.5", "∅"]);
    assert_eq!(shown(column(&batches[0].raw, "pay")), ["10.5", "NA"]);
    assert_eq!(column(&batches[1].frame, "id"), &texts(&["3"]));
    assert!(matches!(column(&batches[1].frame, "when"), Column::Time(_)));
    assert_eq!((batches[1].place, batches[1].first_row), (Place::Line(7), 2));
    let plan = BatchPlan::new().want("mixed", Wanted::Number);
    let error = open_batches(&source, &ReadOptions::default(), &plan, 9).unwrap().next();
    match error.unwrap().unwrap_err() {
        ReadError::NotANumber { place, value, .. } => {
            assert_eq!((place, value.as_str()), (Place::Line(7), "x"));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_folder_of_workbooks() {
    let folder = Folder::new();
    for (name, n) in [("a.xlsx", 1.0), ("b.xlsx", 2.5)] {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "x").unwrap().write_number(1, 0, n).unwrap();
        book.save(folder.path(name)).unwrap();
    }
    let frame = read(&folder.source(""), &ReadOptions::default()).unwrap().frame;
    assert_eq!(column(&frame, "x"), &floats(&[1.0, 2.5]));
}
