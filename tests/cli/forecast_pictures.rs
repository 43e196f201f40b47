//! `ruska explain` of a forecasting model: what series are made of, and their pictures.

use crate::{Place, dataset};
use std::fmt::Write as _;

/// Months of shops from 2015 on: a peak in December, growth by 12 a year, the second with more noise.
fn sold(months: usize, names: &[&str]) -> String {
    let mut text = "month,shop,sold\n".to_owned();
    for (s, name) in names.iter().enumerate() {
        for i in 0..months {
            let angle = std::f64::consts::TAU * (i % 12 + 1) as f64 / 12.0;
            let wobble = ((i * 7919 + s * 31) % 13) as f64 - 6.0;
            let size = if s == 1 { 4.0 } else { 0.5 };
            let value = 200.0 + i as f64 + 40.0 * angle.cos() + size * wobble;
            let _ = writeln!(text, "{}-{:02},\"{name}\",{value:.2}", 2015 + i / 12, i % 12 + 1);
        }
    }
    text
}

const FIT: &str = "--task forecasting --target sold --time-column month --series shop --horizon 6";

fn files(place: &Place, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(place.path(folder)).unwrap();
    let name =
        |e: std::io::Result<std::fs::DirEntry>| e.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

#[test]
fn series_are_described_and_drawn() {
    let place = Place::new();
    let names = ["Bern", "../Oslo <1> 🍺", "Rome & co"];
    place.write("t.csv", sold(84, &names)).write("newer.csv", sold(87, &names));
    place.run(&format!("fit t.csv {FIT} --trials 12 --output m")).ok();
    let told = place.run("explain m t.csv --plot out/pictures").ok();
    assert!(told.starts_with("3 series of t.csv: `sold`, monthly, 6 periods ahead\n"), "{told}");
    for words in [
        "3 pictures in out/pictures: 001-",
        "001  ../Oslo <1> 🍺 · 2015-01 to 2021-12 · the largest error of 3",
        "Grows steadily by 12 a year",
        "peaks in December (",
        "lowest in June (",
        "season of 12 ",
        "next: 2022-01 ",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    let pictures = files(&place, "out/pictures");
    assert_eq!(pictures.len(), 3, "{pictures:?}");
    assert_eq!(pictures[0], "001-oslo-1.svg");
    let svg = place.read("out/pictures/001-oslo-1.svg");
    assert!(svg.starts_with("<svg ") && svg.contains("../Oslo &lt;1&gt; 🍺: sold"), "{svg}");
    for words in ["past", "forecast", "80 % interval", "95 % interval", ">2022<"] {
        assert!(svg.contains(words), "{words}: {svg}");
    }
    // What is newer is taken in; without a folder nothing is drawn.
    let told = place.run("explain m newer.csv --horizon 3 --interval 0.5 --json").json();
    assert_eq!(
        (&told["plot"], &told["pictures"]),
        (&serde_json::Value::Null, &serde_json::Value::Null)
    );
    let series = told["series"].as_array().unwrap();
    assert_eq!((series.len(), told["frequency"].as_str()), (3, Some("monthly")));
    let ahead = series[0]["ahead"].as_array().unwrap();
    assert_eq!((ahead.len(), ahead[0]["time"].as_str()), (3, Some("2022-04")));
    assert_eq!(ahead[0]["bounds"].as_array().unwrap().len(), 1);
    let [share, strength] =
        ["share", "strength"].map(|k| series[1]["components"]["trend"][k].as_f64());
    assert!(share.unwrap() > 0.2 && strength.unwrap() > 0.9, "{told}");
    // The forecast is that of `predict`.
    let predicted = place.run("predict m --from newer.csv --horizon 3").ok();
    let of = |name: &str| series.iter().find(|s| s["name"] == name).unwrap();
    let first = of("Bern")["ahead"][0]["prediction"].as_f64().unwrap();
    let row = predicted.lines().find(|l| l.starts_with("Bern,2022-04")).unwrap();
    assert_eq!(row.split(',').nth(2).unwrap().parse::<f64>().unwrap(), first);
}

#[test]
fn a_model_of_orders_is_explained() {
    let place = Place::new();
    place.write("orders.csv", std::fs::read(dataset("orders.csv")).unwrap());
    let fit =
        "fit orders.csv --task forecasting --target orders --time-column month --series product";
    let known = "--known promotion,price_eur --horizon 3 --trials 6";
    place.run(&format!("{fit} {known}")).ok();
    let message = place.run("explain orders.ruska orders.csv").fails(1);
    assert!(message.contains("--future"), "{message}");
    let table = place.read("orders.csv");
    let mut future = "month,product,promotion,price_eur\n".to_owned();
    let mut products: Vec<&str> =
        table.lines().skip(1).filter_map(|l| l.split(',').nth(1)).collect();
    products.sort_unstable();
    products.dedup();
    for product in &products {
        (1..4).for_each(|m| {
            let _ = writeln!(future, "2025-{m:02},{product},no,20.00");
        });
    }
    place.write("plan.csv", future);
    let told = place.run("explain orders.ruska orders.csv --future plan.csv --plot p").ok();
    assert!(told.contains("… and 6 more series; --json tells all"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    assert_eq!(files(&place, "p").len(), 12);
}

#[test]
fn what_is_known_ahead_moves_forecasts_by_its_effect() {
    let place = Place::new();
    // 50 more where x is 1, in a third of the past and all that comes; z does nothing.
    let past = |day: usize| (usize::from(day * day % 7 == 2), day * 31 % 5);
    let mut table = "day,n,x,z\n".to_owned();
    let mut future = "day,x,z\n".to_owned();
    let mut of_past = 0;
    for day in 0..140 {
        let (x, z) = past(day);
        let wobble = (day * 37 % 11) as f64 / 10.0;
        of_past += x;
        let _ = writeln!(table, "{day},{},{x},{z}", 200.0 + 50.0 * x as f64 + wobble);
    }
    (140..144).for_each(|day| {
        let _ = writeln!(future, "{day},1,{}", past(day).1);
    });
    place.write("t.csv", table).write("f.csv", future);
    let fit = "fit t.csv --task forecasting --target n --time-column day --known x,z --horizon 4";
    place.run(&format!("{fit} --include ses --trials 3 --output m")).ok();
    let told = place.run("explain m t.csv --future f.csv --json").json();
    let [first, second] = [0, 1].map(|at| &told["covariates"][at]);
    assert_eq!((first["column"].as_str(), second["column"].as_str()), (Some("x"), Some("z")));
    let change = first["change"].as_f64().unwrap();
    let expected = 50.0 * (1.0 - of_past as f64 / 140.0);
    assert!((change - expected).abs() < 1.0, "{change} for {expected}");
    assert!(second["change"].as_f64().unwrap() < 0.5, "{told}");
    let text = place.run("explain m t.csv --future f.csv").ok();
    assert!(text.contains("moves forecasts") && text.contains(": x "), "{text}");
}

#[test]
fn what_makes_no_sense_is_refused_with_the_way_out() {
    let place = Place::new();
    place.write("t.csv", sold(36, &["a", "b"])).write("small.csv", crate::small(80));
    place.run(&format!("fit t.csv {FIT} --trials 2 --output m")).ok();
    place.run("fit small.csv --task clustering --trials 4 --clusters 2 --ignore y --output g").ok();
    let message = place.run("explain m t.csv --plot map.svg").fails(2);
    assert!(
        message.contains("a picture of each series") && message.contains("folder"),
        "{message}"
    );
    let message = place.run("explain m t.csv --plot small.csv").fails(1);
    assert!(message.contains("no folder"), "{message}");
    let message = place.run("explain m t.csv --interval 80").fails(2);
    assert!(message.contains("0.2"), "{message}");
    let message = place.run("explain g small.csv --plot folder").fails(2);
    assert!(message.contains("ends in .svg"), "{message}");
    for option in ["--horizon 3", "--future t.csv"] {
        let message = place.run(&format!("explain g small.csv {option}")).fails(2);
        assert!(message.contains("forecasting model alone"), "{message}");
    }
    place.write("other.csv", sold(40, &["a", "c"])).write("bare.csv", "month,sold\n2018-01,3\n");
    let message = place.run("explain m other.csv").fails(1);
    assert!(message.contains("series `c` is none that the model knows"), "{message}");
    let message = place.run("explain m bare.csv").fails(1);
    assert!(message.contains("column `shop` is not there"), "{message}");
    assert!(!place.path("folder").exists() && !place.path("map.svg").exists());
}

#[test]
fn hostile_series_are_drawn_or_refused() {
    let place = Place::new();
    let rows = |n: usize, value: &dyn Fn(usize) -> String| {
        let lines = (0..n).map(|i| format!("2024-01-{:02},{}\n", i + 1, value(i)));
        "day,n\n".to_owned() + &lines.collect::<String>()
    };
    for (name, text) in [
        ("one", rows(1, &|_| "5".into())),
        ("three", rows(3, &|i| i.to_string())),
        ("constant", rows(28, &|_| "7".into())),
        ("zero", rows(28, &|_| "0".into())),
        ("gaps", rows(28, &|i| if i % 3 == 0 { String::new() } else { i.to_string() })),
        ("huge", rows(28, &|i| format!("{}e12", i + 1))),
        ("tiny", rows(28, &|i| format!("{}e-12", i + 1))),
        ("negative", rows(28, &|i| (5 - i as i64).to_string())),
    ] {
        place.write(&format!("{name}.csv"), text);
        let fit = "--task forecasting --target n --time-column day --horizon 4 --trials 5";
        let ran = place.run(&format!("fit {name}.csv {fit}"));
        assert!(!ran.stderr.contains("panicked"), "{name}: {}", ran.stderr);
        if ran.code != Some(0) {
            continue;
        }
        let told = place.run(&format!("explain {name}.ruska {name}.csv --plot {name}")).ok();
        assert!(!told.contains("NaN") && !told.contains("inf"), "{name}: {told}");
        let svg = place.read(&format!("{name}/001-n.svg"));
        assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{name}: {svg}");
    }
}

#[test]
fn of_many_series_two_hundred_are_drawn() {
    let place = Place::new();
    let mut text = "year,name,n\n".to_owned();
    for s in 0..300 {
        (2000..2012).for_each(|y| {
            let _ = writeln!(text, "{y},s{s},{}", 50 + (y * 7 + s * 3) % 13 * (1 + s % 5));
        });
    }
    place.write("t.csv", text);
    let fit =
        "--task forecasting --target n --time-column year --series name --horizon 2 --trials 2";
    place.run(&format!("fit t.csv {fit}")).ok();
    let told = place.run("explain t.ruska t.csv --plot p").ok();
    assert!(told.contains("200 of 300 pictures in p: 001-s"), "{told}");
    assert_eq!(files(&place, "p").len(), 200);
}
