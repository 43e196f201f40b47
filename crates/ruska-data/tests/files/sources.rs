//! Compressed files, folders and patterns.

use crate::{Folder, column, floats, ints, names, texts};
use ruska_data::{ReadError, ReadOptions, ReadTable};
use std::io::Write;

fn read(source: &str) -> Result<ReadTable, ReadError> {
    ruska_data::read(source, &ReadOptions::default())
}

#[test]
fn compressed_text_of_several_members() {
    let folder = Folder::new();
    let mut bytes = Vec::new();
    for part in ["a\tb\n1\tx\n", "2\ty\n"] {
        let mut gz = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
        gz.write_all(part.as_bytes()).unwrap();
    }
    for name in ["t.tsv.gz", "t.CSV.GZ", "t.csv"] {
        let frame = read(&folder.file(name, &bytes)).unwrap().frame;
        assert_eq!(column(&frame, "a"), &ints(&[1, 2]), "{name}");
    }
}

#[test]
fn a_folder_and_a_pattern() {
    let folder = Folder::new();
    folder.file("b.csv", "x;y\n2,5;q\n");
    folder.file("a.csv", "y,x\np,1\n");
    folder.file("README.md", "not a table");
    folder.file(".hidden.csv", "z\n1\n");
    for source in [folder.source(""), folder.source("*.csv")] {
        if source.ends_with("*.csv") {
            std::fs::remove_file(folder.path(".hidden.csv")).unwrap();
        }
        let table = read(&source).unwrap();
        assert_eq!(names(&table.frame), ["y", "x"]);
        assert_eq!(column(&table.frame, "y"), &texts(&["p", "q"]));
        assert_eq!(column(&table.frame, "x"), &floats(&[1.0, 2.5]));
        assert_eq!(table.files, [folder.path("a.csv"), folder.path("b.csv")]);
    }
}

#[test]
fn text_in_a_later_file_makes_the_column_text() {
    let folder = Folder::new();
    folder.file("1.csv", "a,b\n1,2\n");
    folder.file("2.csv", "a,b\nx,3\n");
    let frame = read(&folder.source("")).unwrap().frame;
    assert_eq!(column(&frame, "a"), &texts(&["1", "x"]));
    assert_eq!(column(&frame, "b"), &ints(&[2, 3]));
}

#[test]
fn files_that_do_not_belong_together() {
    let folder = Folder::new();
    folder.file("1.csv", "a,b\n1,2\n");
    folder.file("2.csv", "a,c\n1,2\n");
    match read(&folder.source("")).unwrap_err() {
        ReadError::Columns { first, second, column } => {
            assert!(first.ends_with("1.csv") && second.ends_with("2.csv"));
            assert_eq!(column, "c");
        }
        other => panic!("{other}"),
    }
    folder.file("2.csv", "a\n1\n");
    let missing = read(&folder.source("")).unwrap_err();
    assert!(matches!(missing, ReadError::Columns { column, .. } if column == "b"));
    folder.file("3.parquet", "");
    assert!(matches!(read(&folder.source("")).unwrap_err(), ReadError::MixedKinds { .. }));
}

#[test]
fn a_name_with_pattern_signs_is_a_file_first() {
    let folder = Folder::new();
    let frame = read(&folder.file("t[1]?.csv", "a,b\n1,2\n")).unwrap().frame;
    assert_eq!(frame.rows(), 1);
}
