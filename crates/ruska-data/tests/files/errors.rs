//! Every bad file gives a typed error that names file, line and column.

use crate::{Folder, read_as};
use ruska_data::{ReadError, ReadOptions};

fn error(name: &str, bytes: impl AsRef<[u8]>) -> ReadError {
    read_as(name, bytes).unwrap_err()
}

#[test]
fn ragged_rows_with_their_true_lines() {
    let cases: [(&str, u64, usize, usize); 5] = [
        ("a,b\n1,2\n3\n", 3, 2, 1),
        ("a,b\n1,2,3\n", 2, 2, 3),
        ("a,b\r\n\"x\r\ny\",1\r\n\r\n2,3,4\r\n", 5, 2, 3),
        ("a,b\n1,2\n\n\n3,4\n5,6,\n", 6, 2, 3),
        ("a,b\r1,2\r3,4,5\r", 3, 2, 3),
    ];
    for (text, expected_line, columns, fields) in cases {
        match error("t.csv", text) {
            ReadError::Ragged { path, line, expected, got } => {
                assert!(path.ends_with("t.csv"));
                assert_eq!((line, expected, got), (expected_line, columns, fields), "{text:?}");
            }
            other => panic!("{other}"),
        }
    }
    let message = error("t.csv", "a,b\n1,2\n3\n").to_string();
    assert!(message.contains("t.csv, line 3: 1 fields where 2 are expected"), "{message}");
}

#[test]
fn a_ragged_row_far_into_the_file() {
    let mut text = "a,b\n".to_owned();
    (0..300_000).for_each(|i| text += &format!("{i},\"{i}\"\n"));
    text += "1,2,3\n";
    assert!(matches!(error("t.csv", text), ReadError::Ragged { line: 300_002, .. }));
}

#[test]
fn quotes_that_never_close() {
    let rows = "a,b\n1,\"x\"\n2,\"y\"\n\n3,\"z\n";
    for rest in ["", "4,5\n", "4,\"w\"\n5,6\n"] {
        let error = error("t.csv", format!("{rows}{rest}"));
        assert!(matches!(error, ReadError::OpenQuote { line: 5, .. }), "{error}");
    }
}

#[test]
fn empty_files_and_files_without_rows() {
    assert!(matches!(error("t.csv", ""), ReadError::EmptyFile { .. }));
    assert!(matches!(error("t.csv", "\n\r\n\n"), ReadError::EmptyFile { .. }));
    assert!(matches!(error("t.csv", b"\xef\xbb\xbf"), ReadError::EmptyFile { .. }));
    assert!(matches!(error("t.csv", "a,b\n"), ReadError::NoRows { .. }));
    assert!(matches!(error("t.csv", "a,b"), ReadError::NoRows { .. }));
    assert!(matches!(error("t.xlsx", ""), ReadError::Damaged { .. }));
    assert!(matches!(error("t.parquet", ""), ReadError::Damaged { .. }));
}

#[test]
fn what_is_not_text() {
    assert!(matches!(error("t.csv", b"a,b\n\0\0,1\n"), ReadError::NotText { .. }));
    let noise: Vec<u8> =
        (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert!(matches!(error("t.csv", noise), ReadError::NotText { .. }));
    let parquet = error("t.csv", b"PAR1\0\0\0").to_string();
    assert!(parquet.contains("name it .parquet"), "{parquet}");
    let zip = error("t.txt", b"PK\x03\x04\0\0").to_string();
    assert!(zip.contains("Excel"), "{zip}");
}

#[test]
fn damaged_files() {
    let mut packed = Vec::new();
    {
        use std::io::Write;
        let mut gz = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::default());
        let text: String = (0..5000).map(|i| format!("{i},{}\n", i * 7919 % 1000)).collect();
        gz.write_all(text.as_bytes()).unwrap();
    }
    assert!(matches!(error("t.csv.gz", &packed[..packed.len() / 2]), ReadError::Damaged { .. }));
    assert!(matches!(error("t.csv.gz", b"\x1f\x8bgarbage"), ReadError::Damaged { .. }));
    assert!(matches!(error("t.parquet", b"PAR1 no, PAR1"), ReadError::Damaged { .. }));
    assert!(matches!(error("t.xlsx", b"PK\x03\x04 no"), ReadError::Damaged { .. }));
}

#[test]
fn what_is_not_there() {
    let folder = Folder::new();
    let read = |source: &str| ruska_data::read(source, &ReadOptions::default()).unwrap_err();
    assert!(matches!(read(&folder.source("no.csv")), ReadError::NotFound { .. }));
    assert!(matches!(read(&folder.source("no*.csv")), ReadError::NoFiles { .. }));
    assert!(matches!(read(&folder.source("")), ReadError::NoFiles { .. }));
    assert!(matches!(read(&folder.file("t.doc", "x")), ReadError::UnknownFormat { .. }));
    let message = read(&folder.source("t.doc")).to_string();
    assert!(message.contains(".parquet"), "{message}");
    assert!(matches!(read("a[.csv"), ReadError::Io { .. }));
}
