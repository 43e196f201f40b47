//! Steps that tidy columns as they were read, or make more of them.

use super::{Fit, assert_close, frame, levels, numbers, values};
use ruska_core::{Column, Field, Frame, Kind, NO_VALUE, Rng, Value};
use std::sync::Arc;

fn fit(id: &str, train: usize, rows: usize) -> Fit<'_> {
    Fit::new(id, train, values(vec![0.0; rows]))
}

fn column(out: &Frame, name: &str) -> Vec<f64> {
    out.field(name).unwrap().floats().unwrap().to_vec()
}

fn shown(out: &Frame, name: &str) -> Vec<Option<String>> {
    let Column::Str(c) = &out.field(name).unwrap().column else { panic!("not text") };
    (0..c.codes.len()).map(|row| c.get(row).map(str::to_owned)).collect()
}

#[test]
fn numbers_in_text_are_brought_to_one_unit() {
    let ages = ["2 years", "3 weeks", "1 month", "5 days", "old", "4 miles", "1 week", "10"];
    let x = frame(vec![levels("age", ages.map(Some).into_iter().chain([None]))]);
    let (state, out) = fit("numbers_in_text", 5, 9).run(&x).unwrap();
    let nan = f64::NAN;
    let days = [730.5, 21.0, 365.25 / 12.0, 5.0, nan, nan, 7.0, nan, nan];
    assert_close(&column(&out, "age.number"), &days, "days");
    assert_eq!(out.field("age"), x.field("age"), "the text stays");
    assert_eq!(state.transform(&x).unwrap().fields().len(), 2);
    let prices = ["€1.200", "€950", "€3.400,50", "€12.000", "€0,5"];
    let (_, out) =
        fit("numbers_in_text", 4, 5).run(&frame(vec![levels("p", prices.map(Some))])).unwrap();
    assert_close(&column(&out, "p.number"), &[1200.0, 950.0, 3400.5, 12000.0, 0.5], "commas");
}

#[test]
fn numbers_in_text_leave_other_columns_alone() {
    let x = frame(vec![
        levels("one", ["3 m", "3 m", "3 m", "3 m"].map(Some)),
        levels("few", ["3 m", "a", "b", "c"].map(Some)),
        levels("later", ["a", "b", "c", "7"].map(Some)),
        levels("none", [None::<&str>; 4]),
        numbers("x", vec![1.0, 2.0, 3.0, 4.0]),
    ]);
    let (_, out) = fit("numbers_in_text", 3, 4).run(&x).unwrap();
    assert_eq!(out, x);
    let all = [("min_share", Value::Float(0.0))];
    let (_, out) = fit("numbers_in_text", 3, 4).with(&all).run(&x).unwrap();
    assert_eq!(out, x, "a constant tells nothing");
}

#[test]
fn rare_levels_become_one() {
    let city = ["a", "a", "a", "b", "b", "c", "d", "new", "(rare)"].map(Some);
    let x = frame(vec![
        levels("city", city.into_iter().chain([None])),
        levels("even", ["u", "v", "u", "v", "u", "v", "u", "w", "u", "u"].map(Some)),
    ]);
    let run = |params: &[_]| fit("rare_levels", 7, 10).with(params).run(&x).unwrap().1;
    let out = run(&[("min_rows", 2.into())]);
    let rare = "(rare)";
    let expected = ["a", "a", "a", "b", "b", rare, rare, rare, rare].map(|t| Some(t.to_owned()));
    assert_eq!(shown(&out, "city")[..9], expected);
    assert_eq!(shown(&out, "city")[9], None);
    assert_eq!(out.field("even"), x.field("even"), "shared with its origin");
    let third = run(&[("min_rows", 1.into()), ("min_share", 0.4.into())]);
    assert_eq!(shown(&third, "city")[3].as_deref(), Some(rare), "two of seven");
    assert_eq!(shown(&third, "even")[1].as_deref(), Some("v"), "three of seven");
    let named = frame(vec![levels("c", ["(rare)", "(rare)", "b"].map(Some))]);
    let (_, out) = fit("rare_levels", 3, 3).with(&[("min_rows", 2.into())]).run(&named).unwrap();
    assert_eq!(shown(&out, "c")[2].as_deref(), Some("(rare)′"), "no level of its own");
}

#[test]
fn frequency_encode_gives_shares_of_weight() {
    let x = frame(vec![levels("c", [Some("a"), Some("a"), Some("b"), None, Some("a"), Some("z")])]);
    let mut fit = fit("frequency_encode", 4, 6);
    let (_, out) = fit.run(&x).unwrap();
    assert_close(&column(&out, "c"), &[0.5, 0.5, 0.25, 0.25, 0.5, 0.0], "shares");
    fit.weights = Some(vec![3.0, 1.0, 0.0, 1.0, 9.0, 9.0]);
    let (_, out) = fit.run(&x).unwrap();
    assert_close(&column(&out, "c"), &[0.8, 0.8, 0.0, 0.2, 0.8, 0.0], "weights");
    let left = fit.with(&[("max_levels", 1.into())]).run(&x).unwrap().1;
    assert_eq!(left, x, "left to the next step");
}

#[test]
fn date_differences_are_days() {
    let day = 86_400_000;
    let time = |name: &str, days: [i64; 5]| {
        let times = days.map(|d| if d < 0 { NO_VALUE } else { d * day });
        Field::new(name, Kind::Time, Column::Time(Arc::new(times.to_vec())))
    };
    let x = frame(vec![
        time("born", [0, 10, 500, -1, 3]),
        time("sent", [100, 110, 600, 7, 4]),
        time("died", [150, 300, 601, 7, -1]),
    ]);
    let (_, out) = fit("date_differences", 4, 5).run(&x).unwrap();
    let names: Vec<&str> = out.fields().iter().map(|f| &*f.name).collect();
    let since = ["died.since.born", "died.since.sent"];
    assert_eq!(
        names,
        ["born", "sent", "died", since[0], since[1]],
        "sent is always 100 days later"
    );
    let nan = f64::NAN;
    assert_close(&column(&out, since[0]), &[150.0, 290.0, 101.0, nan, nan], "born");
    assert_close(&column(&out, since[1]), &[50.0, 190.0, 1.0, 0.0, nan], "sent");
    assert_eq!(out.field("born"), x.field("born"));
}

#[test]
fn date_differences_prefer_dates_that_move_together() {
    let mut rng = Rng::new(3);
    let mut draw = |most: usize| (0..60).map(|_| rng.below(most) as i64 * 3_600_000).collect();
    let (a, b, noise): (Vec<i64>, Vec<i64>, Vec<i64>) = (draw(50_000), draw(50_000), draw(50));
    let c = a.iter().zip(noise).map(|(a, n)| a + n).collect();
    let time = |name: &str, v| Field::new(name, Kind::Time, Column::Time(Arc::new(v)));
    let x = frame(vec![time("a", a), time("b", b), time("c", c)]);
    let one = fit("date_differences", 60, 60).with(&[("max_pairs", 1.into())]);
    let (_, out) = one.run(&x).unwrap();
    assert_eq!(out.fields().len(), 4);
    assert!(out.field("c.since.a").is_some());
}
