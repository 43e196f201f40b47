//! `ruska explain`: the groups of a clustering model.

use crate::{Place, small};

/// Two kinds of customers: young ones who order often by app, and others.
fn customers() -> String {
    let mut text = String::from("email,orders,age,channel,since,note\n");
    for i in 0..160 {
        let young = i % 2 == 0;
        let (orders, age) = if young { (20 + i % 5, 25 + i % 4) } else { (2 + i % 3, 60 + i % 6) };
        let channel = if young || i % 10 == 1 { "app" } else { "shop" };
        let (day, year) = (1 + i % 28, if young { 2024 } else { 2010 });
        let note = format!("canary said {i} times that all {age} was well enough with order {i}");
        text +=
            &format!("canary{i}@example.org,{orders},{age},{channel},{year}-05-{day:02},{note}\n");
    }
    text
}

#[test]
fn groups_are_described_and_drawn() {
    let place = Place::new();
    place.write("customers.csv", customers());
    let fit =
        "fit customers.csv --task clustering --trials 4 --clusters 2 --ignore note --output m";
    place.run(fit).ok();
    let told = place.run("explain m customers.csv --plot map.svg").ok();
    assert!(told.starts_with("160 rows of customers.csv in 2 clusters\n"), "{told}");
    for words in ["high `orders` (", "`age` (", "typical is row", "→ cluster 1 (100 % of 80 rows)"]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    assert!(!told.contains("canary"), "{told}");
    let svg = place.read("map.svg");
    assert!(svg.starts_with("<svg ") && svg.contains("customers: 2 clusters"), "{svg}");
    assert!(!svg.contains("canary"));
    let document = place.run("explain m customers.csv --json").json();
    assert_eq!((&document["clusters"], &document["rules"]["fidelity"]), (&2.into(), &1.0.into()));
    assert_eq!(document["profiles"].as_array().unwrap().len(), 2);
    assert!(!document.to_string().contains("canary"));
    // Newer rows are described by the groups of training, with levels that were not known then.
    place
        .write("new.csv", "age,orders,channel,since\n26,22,phone,2024-05-03\n,21,app,2024-05-04\n");
    let told = place.run("explain m new.csv").ok();
    assert!(told.contains("2 rows of new.csv in 1 cluster\n"), "{told}");
}

#[test]
fn what_cannot_be_explained_is_refused_with_the_way_out() {
    let place = Place::new();
    place.write("t.csv", small(80)).write("none.csv", "id,x,city\n");
    place
        .run("fit t.csv --task clustering --trials 4 --clusters 2 --ignore y --output g.ruska")
        .ok();
    let message = place.run("explain g.ruska none.csv").fails(1);
    assert!(message.contains("no row of data"), "{message}");
    let message = place.run("explain g.ruska t.csv --plot t.csv").fails(2);
    assert!(message.contains(".svg"), "{message}");
    assert_eq!(place.read("t.csv"), small(80));
    place.write("dir.svg/x", "");
    let message = place.run("explain g.ruska t.csv --plot dir.svg").fails(1);
    assert!(message.contains("no ordinary file"), "{message}");
    place.write("less.csv", "id,city\nA1,Bern\n");
    let message = place.run("explain g.ruska less.csv").fails(1);
    assert!(message.contains("`x`"), "{message}");
}
