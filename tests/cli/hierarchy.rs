//! `ruska fit --hierarchy`: sums of series that add up.

use crate::Place;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Three stores in two regions, 60 months with a season; store c begins later than the others.
fn sales() -> String {
    let mut text = "month,region,store,sold\n".to_owned();
    for (region, store, level) in [("north", "a", 50.0), ("south", "b", 80.0), ("north", "c", 20.0)]
    {
        for i in 0..60_u32 {
            if store == "c" && i < 20 {
                continue;
            }
            let angle = std::f64::consts::TAU * f64::from(i % 12) / 12.0;
            let wobble = f64::from((i * 37 + u32::from(store.as_bytes()[0]) * 11) % 17);
            let sold = level * (1.0 + 0.3 * angle.sin()) + wobble;
            let (year, month) = (2015 + i / 12, i % 12 + 1);
            let _ = writeln!(text, "{year}-{month:02},{region},{store},{sold:.3}");
        }
    }
    text
}

const FIT: &str =
    "fit sales.csv --task forecasting --target sold --time-column month --horizon 4 --trials 8";

/// The cells of each row without its time, by what they are of and the time.
fn rows(text: &str) -> BTreeMap<(String, String, String), Vec<f64>> {
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("region,store,month,prediction,lower_80,upper_80"));
    let row = |line: &str| {
        let cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        let numbers = cells[3..].iter().map(|c| c.parse().unwrap()).collect();
        ((cells[0].clone(), cells[1].clone(), cells[2].clone()), numbers)
    };
    lines.map(row).collect()
}

#[test]
fn sums_add_up_at_every_level() {
    let place = Place::new();
    place.write("sales.csv", sales());
    place.run(&format!("{FIT} --hierarchy region/store")).ok();
    let text = place.run("predict sales.ruska").ok();
    let told = rows(&text);
    assert_eq!(told.len(), (1 + 2 + 3) * 4);
    // The sum of all comes first.
    assert!(text.lines().nth(1).unwrap().starts_with(",,2020-01,"), "{text}");
    for month in ["2020-01", "2020-02", "2020-03", "2020-04"] {
        let of = |region: &str, store: &str| {
            &told[&(region.to_owned(), store.to_owned(), month.to_owned())]
        };
        let (a, b, c) = (of("north", "a"), of("south", "b"), of("north", "c"));
        assert_eq!(of("north", "")[0].to_bits(), (a[0] + c[0]).to_bits());
        assert_eq!(of("south", "")[0].to_bits(), b[0].to_bits());
        let all = of("", "");
        assert_eq!(all[0].to_bits(), (of("north", "")[0] + b[0]).to_bits());
        assert!(all[1] < all[0] && all[0] < all[2], "{all:?}");
        // Errors of stores partly make up for each other.
        let widths: f64 = [a, b, c].iter().map(|r| r[2] - r[1]).sum();
        assert!(all[2] - all[1] < 1.5 * widths, "{all:?} {widths}");
    }
}

#[test]
fn levels_above_the_series_column_count_alone() {
    let place = Place::new();
    place.write("sales.csv", sales());
    place.run(&format!("{FIT} --series store --hierarchy region --output m.ruska")).ok();
    assert_eq!(rows(&place.run("predict m.ruska").ok()).len(), 24);
    // All series add up where only their column is named.
    place.run(&format!("{FIT} --hierarchy store --output m.ruska")).ok();
    let told = place.run("predict m.ruska").ok();
    assert!(told.starts_with("store,month,prediction"), "{told}");
    assert_eq!(told.lines().count(), 1 + 16);
}

#[test]
fn series_in_several_places_are_refused() {
    let place = Place::new();
    place.write("sales.csv", sales().replace("2016-03,north,a", "2016-03,south,a"));
    let message = place.run(&format!("{FIT} --hierarchy region/store")).fails(1);
    assert!(message.contains("`region` of series `a` is `north` and `south`"), "{message}");
    let message = place.run(&format!("{FIT} --hierarchy regon/store")).fails(1);
    assert!(message.contains("did you mean `region`?"), "{message}");
    let message = place.run(&format!("{FIT} --hierarchy sold/store")).fails(1);
    assert!(message.contains("`sold` is the target"), "{message}");
    let message = place.run("fit sales.csv --target sold --hierarchy region/store").fails(1);
    assert!(message.contains("--hierarchy"), "{message}");
}
