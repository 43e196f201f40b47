//! Physical types, missing tokens and names of text files.

use crate::{column, floats, ints, names, read_as, read_csv, shown, texts};
use proptest::prelude::*;
use ruska_core::{Column, FindingCode, Kind, NO_VALUE};

#[test]
fn nothing_is_lost() {
    let frame = read_csv(
        "zip,id,price,tel,big\n007,1234567890123456789,1.50,+4930,18446744073709551615\n010,2,2,5,1\n",
    );
    assert_eq!(column(&frame, "zip"), &texts(&["007", "010"]));
    assert_eq!(column(&frame, "id"), &ints(&[1_234_567_890_123_456_789, 2]));
    assert_eq!(column(&frame, "price"), &floats(&[1.5, 2.0]));
    assert_eq!(column(&frame, "tel"), &texts(&["+4930", "5"]));
    assert_eq!(column(&frame, "big"), &texts(&["18446744073709551615", "1"]));
    let kinds = [0, 1, 2, 3, 4].map(|i: usize| frame.fields()[i].kind);
    assert_eq!(
        kinds.map(Kind::name),
        ["categorical", "numeric", "numeric", "categorical", "categorical"]
    );
}

#[test]
fn text_after_many_numbers_keeps_every_cell_as_it_stood() {
    let mut text = "a,b\n".to_owned();
    for i in 0..100_000 {
        text += &format!("{i}.0,{i}\n");
    }
    text += "late,100000\n-9223372036854775808,?\n";
    let frame = read_csv(text);
    let Column::Str(a) = column(&frame, "a") else { panic!("text") };
    assert_eq!((a.get(0), a.get(99_999)), (Some("0.0"), Some("99999.0")));
    assert_eq!((a.get(100_000), a.get(100_001)), (Some("late"), Some("-9223372036854775808")));
    let Column::Int(b) = column(&frame, "b") else { panic!("whole numbers") };
    assert_eq!(b[100_000..], [100_000, NO_VALUE]);
}

#[test]
fn missing_tokens() {
    let tokens = ["", " ", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?", "-"];
    let mut text = "n,s,k\n".to_owned();
    for token in tokens {
        text += &format!("{token},{token},x\n");
    }
    text += "1,abc,x\n2,def,x\n";
    let frame = read_csv(text);
    assert_eq!(column(&frame, "n").missing(), 11);
    assert_eq!(column(&frame, "s").missing(), 11);
    assert_eq!(shown(column(&frame, "s"))[11..], ["abc", "def"]);
}

#[test]
fn literals_that_are_levels() {
    let frame = read_csv("country,alley,sign,k\nNA,None,-,1\nUS,Paved,+,2\nDE,Gravel,-,3\n");
    assert_eq!(column(&frame, "country"), &texts(&["NA", "US", "DE"]));
    assert_eq!(column(&frame, "alley"), &texts(&["None", "Paved", "Gravel"]));
    assert_eq!(column(&frame, "sign"), &texts(&["-", "+", "-"]));
}

#[test]
fn infinities_are_missing_and_counted() {
    let table = read_as("t.csv", "a\n1\ninf\n-Infinity\n1e999\n").unwrap();
    assert_eq!(column(&table.frame, "a").missing(), 3);
    let finding = &table.findings[0];
    assert_eq!((finding.count, finding.column.as_deref()), (3, Some("a")));
}

#[test]
fn many_columns_with_infinities_share_a_finding() {
    let names: Vec<String> = (0..20).map(|i| format!("c{i}")).collect();
    let row = |cell: &str| vec![cell; 20].join(",");
    let text = format!("{}\n{}\n{}\n{}\n", names.join(","), row("inf"), row("2"), row("-inf"));
    let table = read_as("t.csv", text).unwrap();
    let [finding] = &table.findings[..] else { panic!("{:?}", table.findings) };
    assert_eq!((finding.count, &finding.column), (40, &None));
    assert_eq!(
        finding.what,
        "20 columns, first `c0`, `c1`, `c2`: 40 infinite values are read as missing"
    );
}

#[test]
fn names_are_unique_and_never_empty() {
    let table = read_as("t.csv", "a,a,,\"x\n🦀 \"\"q\"\" <script>\"\n1,2,3,4\n").unwrap();
    assert_eq!(names(&table.frame), ["a", "a.2", "c3", "x\n🦀 \"q\" <script>"]);
    let renamed = table.findings.iter().filter(|f| f.code == FindingCode::ColumnNames);
    assert_eq!(renamed.count(), 2);
}

#[test]
fn a_column_without_values_is_missing_numbers() {
    let frame = read_csv("a,b\n,1\nNA,2\n");
    assert_eq!(column(&frame, "a").missing(), 2);
    assert_eq!(frame.field("a").unwrap().kind, Kind::Numeric);
}

#[test]
fn wide_and_single_rows() {
    let header: Vec<String> = (0..2000).map(|i| format!("x{i}")).collect();
    let row: Vec<String> = (0..2000).map(|i| i.to_string()).collect();
    let frame = read_csv(format!("{}\n{}\n", header.join(","), row.join(",")));
    assert_eq!((frame.rows(), frame.fields().len()), (1, 2000));
    assert_eq!(column(&frame, "x1999"), &ints(&[1999]));
}

#[test]
fn the_same_table_has_the_same_fingerprint() {
    let print =
        |name: &str, text: &str| ruska_data::fingerprint(&read_as(name, text).unwrap().frame);
    let comma = print("one.csv", "a,b\n1,x\n2.5,?\n");
    assert_eq!(comma, print("two.txt", "a;b\r\n1;x\r\n2.5;\r\n"));
    for other in ["a,c\n1,x\n2.5,?\n", "a,b\n1,x\n2.5,x\n", "a,b\n1,x\n2,?\n", "b,a\nx,1\n?,2.5\n"]
    {
        assert_ne!(comma, print("one.csv", other), "{other}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_as("t.csv", &bytes);
    }

    #[test]
    fn arbitrary_tables_never_panic(text in "[a1\\.,;\t|\"'\n\r +é?-]{0,60}") {
        let _ = read_as("t.csv", &text);
        let _ = read_as("t.tsv", &text);
    }

    #[test]
    fn any_texts_come_back(cells in prop::collection::vec("[a-zA-Z0-9 ,;\"\n.é🦀]{0,12}", 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["first one", "key"]).unwrap();
        cells.iter().for_each(|c| writer.write_record([&format!("#{c}"), "k!"]).unwrap());
        let frame = read_csv(writer.into_inner().unwrap());
        let expected: Vec<String> = cells.iter().map(|c| format!("#{c}")).collect();
        prop_assert_eq!(shown(column(&frame, "first one")), expected);
    }
}
