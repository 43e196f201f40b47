//! Delimiters, quotes, headers, decimal marks and encodings are told from the file.

use crate::{column, floats, ints, names, read_as, read_csv, shown, texts};
use ruska_core::Column;
use ruska_data::ReadOptions;

#[test]
fn each_delimiter() {
    for d in [',', ';', '\t', '|'] {
        let frame = read_csv(format!("name{d}n\nAnn{d}1\nBob{d}2\n"));
        assert_eq!(names(&frame), ["name", "n"], "{d:?}");
        assert_eq!(column(&frame, "n"), &ints(&[1, 2]));
    }
}

#[test]
fn delimiters_within_text_do_not_mislead() {
    let frame = read_csv("a;text\n1;one, two\n2;three, four\n");
    assert_eq!(column(&frame, "text"), &texts(&["one, two", "three, four"]));
    let frame = read_csv("a,b,c\n1,x|y,\"p;q,r\"\n2,x|z,\"p;s,t\"\n");
    assert_eq!(column(&frame, "c"), &texts(&["p;q,r", "p;s,t"]));
    let frame = read_as("t.tsv", "a\tb\n1,5;2\t3\n1,6;2\t4\n").unwrap().frame;
    assert_eq!(column(&frame, "a"), &texts(&["1,5;2", "1,6;2"]));
}

#[test]
fn quotes() {
    let frame = read_csv("a,b\n\"x\"\"y\",\"1\"\n\"line\r\none\",\"2\"\n");
    assert_eq!(column(&frame, "a"), &texts(&["x\"y", "line\r\none"]));
    assert_eq!(column(&frame, "b"), &ints(&[1, 2]));
    let frame = read_csv("'a','b'\n'x,y',1\n'z',2\n");
    assert_eq!(names(&frame), ["a", "b"]);
    assert_eq!(column(&frame, "a"), &texts(&["x,y", "z"]));
    let frame = read_csv("size\tn\n\"5 inch\t1\n6\" pipe\t2\n\"7\t3\n");
    assert_eq!(column(&frame, "size"), &texts(&["\"5 inch", "6\" pipe", "\"7"]));
}

#[test]
fn blanks_after_every_delimiter_belong_to_it() {
    let frame = read_csv("age, job, \"pay\"\n39, State-gov, 1\n50, \"a, b\", 2\n");
    assert_eq!(names(&frame), ["age", "job", "pay"]);
    assert_eq!(column(&frame, "job"), &texts(&["State-gov", "a, b"]));
    let frame = read_csv("a,b\n1, x\n2,y\n");
    assert_eq!(column(&frame, "b"), &texts(&[" x", "y"]));
}

#[test]
fn header_or_none() {
    let yes: [&str; 7] = [
        "a,b\n1,2\n",
        "a,b\nx,y\nz,w\n",
        "a\n1\n",
        ",b\n1,2\n",
        "name,2019,2020\nx,1,2\ny,3,4\n",
        "a,b\nx,1\n",
        "class,kind\nx,kind2\nx,kind3\n",
    ];
    for text in yes {
        let frame = read_csv(text);
        assert!(!names(&frame).contains(&"c1") || text.starts_with(','), "{text}");
        assert_eq!(frame.rows(), text.lines().count() - 1, "{text}");
    }
    let no: [&str; 5] = [
        "1,2\n3,4\n",
        "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n",
        "vhigh,vhigh,2,small\nhigh,vhigh,2,med\nlow,low,4,small\n",
        "x,y\nx,y\nx,z\n",
        "1\n",
    ];
    for text in no {
        let table = read_as("t.csv", text).unwrap();
        let expected: Vec<String> =
            (1..=table.frame.fields().len()).map(|k| format!("c{k}")).collect();
        assert_eq!(names(&table.frame), expected, "{text}");
        assert_eq!(table.frame.rows(), text.lines().count(), "{text}");
        assert!(table.findings[0].what.contains("first row holds values"));
    }
}

#[test]
fn decimal_comma() {
    let frame = read_csv("a;b\n1,5;x\n-2,25;y\n?;z\n");
    assert_eq!(shown(column(&frame, "a")), ["1.5", "-2.25", "∅"]);
    let frame = read_csv("price\n1,5\n2,75\n");
    assert_eq!(column(&frame, "price"), &floats(&[1.5, 2.75]));
    let frame = read_csv("a\tb\n1,234\t1\n5,678\t2\n");
    assert_eq!(column(&frame, "a"), &texts(&["1,234", "5,678"]));
    let frame = read_csv("a;b\n1.5;1,2\n2.5;x\n");
    assert_eq!(column(&frame, "a"), &floats(&[1.5, 2.5]));
}

#[test]
fn encodings() {
    let expected = texts(&["Müller", "Łódź", "🦀"]);
    let text = "name,n\nMüller,1\nŁódź,2\n🦀,3\n";
    assert_eq!(column(&read_csv(text), "name"), &expected);
    let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    let frame = read_csv(with_mark);
    assert_eq!(column(&frame, "name"), &expected);
    let little: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(column(&read_csv(little), "name"), &expected);
    let big: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    assert_eq!(column(&read_csv(big), "name"), &expected);
}

#[test]
fn bytes_that_are_not_utf8_are_windows_1252() {
    let table = read_as("t.csv", b"stra\xdfe,n\nM\xfcller \x80,1\nb,2\n").unwrap();
    assert_eq!(names(&table.frame), ["straße", "n"]);
    assert_eq!(column(&table.frame, "straße"), &texts(&["Müller €", "b"]));
    assert!(table.findings[0].what.contains("Windows-1252"));
}

#[test]
fn a_long_utf16_file_is_read_to_its_end() {
    let mut text = "\u{feff}name,n\n".to_owned();
    for i in 0..200_000 {
        text += &format!("Zoë{i},{i}\n");
    }
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let frame = read_csv(bytes);
    assert_eq!(frame.rows(), 200_000);
    let Column::Str(name) = column(&frame, "name") else { panic!("text") };
    assert_eq!(name.get(199_999), Some("Zoë199999"));
}

#[test]
fn line_ends() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["a,b", "1,x", "", "2,y"].join(end);
        let frame = read_csv(text);
        assert_eq!(column(&frame, "a"), &ints(&[1, 2]), "{end:?}");
        assert_eq!(column(&frame, "b"), &texts(&["x", "y"]), "{end:?}");
    }
}

#[test]
fn options_override_what_is_told() {
    let folder = crate::Folder::new();
    let source = folder.file("t.csv", "1;2,5|x\n3;4,5|y\n");
    let options = ReadOptions {
        delimiter: Some(b';'),
        header: Some(true),
        decimal_comma: Some(true),
        ..ReadOptions::default()
    };
    let frame = ruska_data::read(&source, &options).unwrap().frame;
    assert_eq!(names(&frame), ["1", "2,5|x"]);
    let options = ReadOptions { delimiter: Some(b'|'), ..options };
    let frame = ruska_data::read(&source, &options).unwrap().frame;
    assert_eq!(names(&frame), ["1;2,5", "x"]);
}
