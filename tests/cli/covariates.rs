//! `ruska fit --known --past --static`: columns beside the series of a forecast.

use crate::Place;
use serde_json::Value;
use std::fmt::Write as _;

const FIT: &str = "fit sales.csv --task forecasting --target sold --time-column day --series shop \
                   --horizon 7 --trials 12 --workers 2";
const ROLES: &str = "--known offer,weather --past visits --static region";

/// The days of a shop from one on: an offer on some of them adds 40, rain takes 15.
struct Days {
    offer: Vec<bool>,
    rain: Vec<bool>,
    sold: Vec<f64>,
}

fn days(shop: usize, count: usize) -> Days {
    let chance = |day: usize, salt: usize| (day * 7919 + shop * 104_729 + salt * 31) % 97;
    let offer: Vec<bool> = (0..count).map(|day| chance(day * day, 1) < 20).collect();
    let rain: Vec<bool> = (0..count).map(|day| chance(day * (day + 3), 5) < 30).collect();
    let sold = (0..count).map(|day| {
        let week = [0.0, 2.0, 4.0, 6.0, 12.0, 25.0, 15.0][day % 7];
        let wobble = chance(day * 13, 9) as f64 / 20.0;
        let level = 100.0 + 20.0 * shop as f64 + week + wobble;
        level + 40.0 * f64::from(u8::from(offer[day])) - 15.0 * f64::from(u8::from(rain[day]))
    });
    Days { sold: sold.collect(), offer, rain }
}

/// A day of 2021, of those before July.
fn date(mut day: usize) -> String {
    let lengths = [31, 28, 31, 30, 31, 30];
    let month = lengths.iter().position(|n| day.checked_sub(*n).map(|rest| day = rest).is_none());
    format!("2021-{:02}-{:02}", month.unwrap() + 1, day + 1)
}

/// A table of three shops' days.
fn sales(range: std::ops::Range<usize>, columns: &[&str]) -> String {
    let mut text = format!("shop,day,{}\n", columns.join(","));
    for shop in 0..3 {
        let all = days(shop, range.end);
        for day in range.clone() {
            let cell = |column: &&str| match *column {
                "sold" => all.sold[day].to_string(),
                "offer" => if all.offer[day] { "yes" } else { "no" }.to_owned(),
                "weather" => if all.rain[day] { "rain" } else { "sun" }.to_owned(),
                "visits" => (all.sold[day] * 3.0).round().to_string(),
                "region" => ["north", "south", "north"][shop].to_owned(),
                other => panic!("{other}"),
            };
            let cells: Vec<String> = columns.iter().map(cell).collect();
            let _ = writeln!(text, "s{shop},{},{}", date(day), cells.join(","));
        }
    }
    text
}

const ALL: [&str; 5] = ["sold", "offer", "weather", "visits", "region"];

fn place() -> Place {
    let place = Place::new();
    place.write("sales.csv", sales(0..140, &ALL));
    place.write("future.csv", sales(140..147, &["offer", "weather"]));
    place
}

/// The mean absolute error of forecasts in a file, whose rows are those of the days from one on.
fn error(place: &Place, file: &str, from: usize) -> f64 {
    let text = place.read(file);
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = names.iter().position(|n| *n == "prediction").unwrap();
    let told: Vec<f64> = lines.map(|l| l.split(',').nth(at).unwrap().parse().unwrap()).collect();
    let steps = told.len() / 3;
    let truth = (0..3).flat_map(|shop| days(shop, from + steps).sold[from..].to_vec());
    let errors: Vec<f64> = told.iter().zip(truth).map(|(t, y)| (t - y).abs()).collect();
    errors.iter().sum::<f64>() / errors.len() as f64
}

fn loss(place: &Place, model: &str, table: &str) -> f64 {
    let told: Value = place.run(&format!("evaluate {model} {table} --json")).json();
    let scores = told["scores"].as_array().unwrap();
    let mae = scores.iter().find(|s| s["metric"] == "mae").unwrap();
    mae["value"].as_f64().unwrap()
}

#[test]
fn what_is_known_ahead_is_made_use_of() {
    let place = place();
    let ran = place.run(&format!("{FIT} {ROLES} --output with.ruska"));
    assert!(ran.stderr.contains("2 known ahead, 1 known afterwards, 1 the same"), "{}", ran.stderr);
    let shown = ran.ok();
    assert!(shown.contains("predict with.ruska --future KNOWN.csv"), "{shown}");
    let ran = place.run(&format!("{FIT} --output without.ruska"));
    assert!(
        ran.stderr.contains("not used: `offer`, `weather`, `visits`, `region`"),
        "{}",
        ran.stderr
    );
    ran.ok();
    place.run("predict with.ruska --future future.csv --output with.csv").ok();
    place.run("predict without.ruska --output without.csv").ok();
    let (with, without) = (error(&place, "with.csv", 140), error(&place, "without.csv", 140));
    assert!(with < 6.0 && with < without / 2.0, "{with} {without}");
    // What came true is measured with what was known.
    place.write("true.csv", sales(0..147, &ALL));
    let measured = loss(&place, "with.ruska", "true.csv");
    assert!((measured - with).abs() < 1e-9, "{measured} {with}");
}

#[test]
fn newer_values_come_with_their_covariates() {
    let place = place();
    place.run(&format!("{FIT} {ROLES} --output m.ruska")).ok();
    place.write("newer.csv", sales(120..168, &ALL));
    place.write("ahead.csv", sales(168..175, &["offer", "weather"]));
    place.run("predict m.ruska --from newer.csv --future ahead.csv --output told.csv").ok();
    let error = error(&place, "told.csv", 168);
    assert!(error < 7.0, "{error}");
    place.write("bare.csv", sales(120..168, &["sold", "offer", "weather", "region"]));
    let message = place.run("predict m.ruska --from bare.csv --future ahead.csv").fails(1);
    assert!(message.contains("column `visits` is not there"), "{message}");
}

#[test]
fn what_is_not_known_ahead_is_named() {
    let place = place();
    place.run(&format!("{FIT} {ROLES} --output m.ruska")).ok();
    let message = place.run("predict m.ruska").fails(1);
    assert!(message.contains("needs to know `offer`, `weather`"), "{message}");
    assert!(message.contains("--future FILE"), "{message}");
    place.write("short.csv", sales(140..145, &["offer", "weather"]));
    let message = place.run("predict m.ruska --future short.csv").fails(1);
    assert!(
        message.contains("`offer` of series `s0` at 2021-05-26 is missing (6 of 21 are)"),
        "{message}"
    );
    place.write("few.csv", sales(140..147, &["offer"]));
    let message = place.run("predict m.ruska --future few.csv").fails(1);
    assert!(message.contains("column `weather` is not there"), "{message}");
    // Fewer periods need less.
    place.run("predict m.ruska --future short.csv --horizon 5 --output told.csv").ok();
}

#[test]
fn roles_that_make_no_sense_are_refused() {
    let place = place();
    for (options, told) in [
        ("--known sold", "it is the target, the time or the series column"),
        ("--known offer --past offer", "--past `offer`: it is named twice"),
        ("--static offer", "--static `offer` is not the same in all rows of series `s0`"),
        ("--known ofer", "did you mean `offer`?"),
    ] {
        let message = place.run(&format!("{FIT} {options}")).fails(1);
        assert!(message.contains(told), "{options}: {message}");
    }
    let message = place.run("fit sales.csv --target sold --known offer").fails(1);
    assert!(message.contains("--known"), "{message}");
}

#[test]
fn a_study_goes_on_with_its_covariates() {
    let place = place();
    place.run(&format!("{FIT} {ROLES} --study s --output a.ruska")).ok();
    place.run("resume s --trials 4 --output b.ruska").ok();
    place.run("predict b.ruska --future future.csv --output told.csv").ok();
    assert!(error(&place, "told.csv", 140) < 6.0);
}
