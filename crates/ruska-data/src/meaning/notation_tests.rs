#![allow(clippy::unwrap_used)]
use super::*;

/// The numbers of a column of which every value is one.
fn numbers_of(levels: &[&str]) -> Vec<f64> {
    let Written::As(notation) = written(levels) else { panic!("{levels:?}") };
    levels.iter().map(|level| read(&notation, level).unwrap()).collect()
}

#[test]
fn thousands_and_decimals_in_every_way() {
    assert_eq!(numbers_of(&["1,234,567", "999", "-12,000"]), [1_234_567.0, 999.0, -12_000.0]);
    assert_eq!(numbers_of(&["1.234.567,89", "999,5"]), [1_234_567.89, 999.5]);
    assert_eq!(numbers_of(&["1 234", "12\u{a0}345,5", "7"]), [1234.0, 12_345.5, 7.0]);
    assert_eq!(numbers_of(&["1'234.5", "2\u{2019}000"]), [1234.5, 2000.0]);
    assert_eq!(numbers_of(&["1,5", "2,25"]), [1.5, 2.25]);
    assert_eq!(numbers_of(&["1,234.5", "0.25", ".5"]), [1234.5, 0.25, 0.5]);
}

#[test]
fn units_before_and_after() {
    assert_eq!(numbers_of(&["12%", "0.5 %", "-3%"]), [12.0, 0.5, -3.0]);
    assert_eq!(numbers_of(&["$5", "-$1,200.50", "$-3"]), [5.0, -1200.5, -3.0]);
    assert_eq!(numbers_of(&["5 €", "1.200,50 €"]), [5.0, 1200.5]);
    assert_eq!(numbers_of(&["EUR 5", "EUR 7,5"]), [5.0, 7.5]);
    assert_eq!(numbers_of(&["23.4 kmpl", "19 kmpl"]), [23.4, 19.0]);
    assert_eq!(numbers_of(&["1,200 sq. ft", "90 sq. ft"]), [1200.0, 90.0]);
}

#[test]
fn one_mark_and_three_digits_are_thousands_where_the_column_says_so() {
    assert_eq!(numbers_of(&["52,000", "61,500"]), [52_000.0, 61_500.0]);
    assert_eq!(numbers_of(&["1.234", "999"]), [1234.0, 999.0]);
    assert_eq!(numbers_of(&["1.234 €", "999 €"]), [1234.0, 999.0]);
    assert_eq!(numbers_of(&["1.234 kg", "2.500 kg"]), [1.234, 2.5]);
    assert_eq!(numbers_of(&["0,125", "1,234"]), [0.125, 1.234]);
}

#[test]
fn what_is_no_number_stays_text() {
    let texts: [&[&str]; 10] = [
        &["1", "2.5", "-3e7"],
        &["007", "008"],
        &["1,23,456", "2,34,567"],
        &["Bern", "Oslo"],
        &["5 kg", "3 lb", "4 st"],
        &["2024-01-31", "2024-02-01"],
        &["12:30", "13:45"],
        &["A1", "A2"],
        &["10+", "20+"],
        &["+41 79 123 45 67", "+41 79 123 45 68"],
    ];
    for levels in texts {
        assert_eq!(written(levels), Written::Plain, "{levels:?}");
    }
}

#[test]
fn a_few_strays_are_named() {
    let numbers: Vec<String> = (10..30).map(|i| format!("${i},000")).collect();
    let mut levels: Vec<&str> = numbers.iter().map(String::as_str).collect();
    levels.push("on request");
    assert_eq!(written(&levels), Written::Nearly(vec!["on request"]));
}

#[test]
fn later_values_may_leave_out_the_unit_but_not_that_of_a_share() {
    let Written::As(money) = written(&["$1,234", "$5"]) else { panic!() };
    assert_eq!(read(&money, "1,000"), Some(1000.0));
    assert_eq!(read(&money, "1000"), Some(1000.0));
    assert_eq!(read(&money, "1.000,5"), None);
    assert_eq!(read(&money, "€5"), None);
    let Written::As(share) = written(&["12%", "5%"]) else { panic!() };
    assert_eq!((read(&share, "7 %"), read(&share, "0.07")), (Some(7.0), None));
}
