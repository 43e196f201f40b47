#![allow(clippy::unwrap_used)]
use super::*;

/// Expected milliseconds are from Python's `datetime`.
#[test]
fn formats() {
    for (text, day_first, ms) in [
        ("2013-01-01T11:00:00Z", false, 1_357_038_000_000),
        ("2013-01-01 11:00", false, 1_357_038_000_000),
        ("2013-01-01T13:00:00+02:00", false, 1_357_038_000_000),
        ("2013-01-01T06:00:00.000-0500", false, 1_357_038_000_000),
        ("2014-02-12 18:22:00", false, 1_392_229_320_000),
        ("2014-02-12 18:22:00.25", false, 1_392_229_320_250),
        ("2018/1/2", false, 1_514_851_200_000),
        ("2018-01", false, 1_514_764_800_000),
        ("Jan-2018", false, 1_514_764_800_000),
        ("January 2018", false, 1_514_764_800_000),
        ("Jan-18", false, 1_514_764_800_000),
        ("2 Jan 2018", false, 1_514_851_200_000),
        ("02-Jan-18", false, 1_514_851_200_000),
        ("Jan 2, 2018", false, 1_514_851_200_000),
        ("Tue, 02 Jan 2018 00:00:00 GMT", false, 1_514_851_200_000),
        ("20180102", false, 1_514_851_200_000),
        ("02.01.2018", true, 1_514_851_200_000),
        ("1/2/2018", false, 1_514_851_200_000),
        ("2/1/2018", true, 1_514_851_200_000),
        ("3/12/16", true, 1_480_723_200_000),
        ("13/08/2016", false, 1_471_046_400_000),
        ("8/13/2016", true, 1_471_046_400_000),
        ("1/2/2018 12:30 AM", false, 1_514_853_000_000),
        ("1/2/2018 1:30 pm", false, 1_514_899_800_000),
        ("1969-12-31", false, -86_400_000),
        ("1/1/69", false, -31_536_000_000),
    ] {
        assert_eq!(parse_time(text, day_first), Some(ms), "{text}");
    }
}

#[test]
fn not_dates() {
    for text in [
        "",
        " ",
        "october",
        "Feb",
        "90-100",
        "25-39",
        "10-24",
        "1/8",
        "A/5 21171",
        "113803",
        "2 years",
        "12:30",
        "2018",
        "2018.01",
        "1.2.10",
        "1-2-10",
        "31/31/2018",
        "30.02.2018",
        "2018-13-01",
        "2018-01-01T25:00",
        "2018-01-01 1",
        "99999999",
        "123456789012",
        "2018-01-01x",
        "may",
        "March hare",
        "😀",
        "5 éa 2018",
        "7590-VHVEG",
        "10.0.0.1",
    ] {
        assert_eq!(parse_time(text, false), None, "{text}");
    }
}

#[test]
fn order_of_day_and_month() {
    assert_eq!(read("13/08/2016", false).unwrap().order, Order::DayFirst);
    assert_eq!(read("8/13/2016", false).unwrap().order, Order::MonthFirst);
    assert_eq!(read("3/12/16", false).unwrap().order, Order::Open(b'/'));
    assert_eq!(read("2016-12-03", true).unwrap().order, Order::Stated);
}

#[test]
fn text_of_a_time_reads_back() {
    for ms in [0, 1_392_229_320_000, 1_392_229_320_250, -86_400_000] {
        assert_eq!(parse_time(&time_text(ms), false), Some(ms));
    }
    assert_eq!(time_text(1_392_229_320_250), "2014-02-12T18:22:00.250");
}
