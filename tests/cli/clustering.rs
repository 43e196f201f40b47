//! `ruska fit --task clustering`: groups that nobody knows, and what is said where there are none.

use crate::{Place, dataset};
use serde_json::Value;
use std::fmt::Write as _;

/// Numbers of Knuth's linear congruential generator.
struct Chance(u64);

impl Chance {
    /// In 0..1.
    fn unit(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// About normal: the sum of twelve of them.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// So many rows of two numbers and a level: round groups about 9 deviations apart, one after the other.
fn groups(sizes: &[usize]) -> String {
    let mut rng = Chance(3);
    let mut text = "a,b,c\n".to_owned();
    for (group, &rows) in sizes.iter().enumerate() {
        let angle = group as f64 * 2.1;
        for _ in 0..rows {
            let (a, b) = (6.0 * angle.cos() + rng.normal(), 6.0 * angle.sin() + rng.normal());
            let _ = writeln!(text, "{a},{b},{}", ["x", "y", "z"][group % 3]);
        }
    }
    text
}

fn uniform(rows: usize) -> String {
    let mut rng = Chance(5);
    let row = |_| format!("{},{},{}\n", rng.unit(), rng.unit(), rng.unit());
    "a,b,c\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

/// Rows of one normal distribution, as sums of twelve uniform numbers come near it.
fn normal(rows: usize) -> String {
    let mut rng = Chance(5);
    let mut number = || (0..12).map(|_| rng.unit()).sum::<f64>();
    let row = |_| format!("{},{},{}\n", number(), number(), number());
    "a,b,c\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

/// The column `cluster` of predictions in a file.
fn clusters(place: &Place, name: &str) -> Vec<i64> {
    let text = place.read(name);
    let mut lines = text.lines();
    assert!(lines.next().unwrap().split(',').next() == Some("cluster"), "{text}");
    lines.map(|l| l.split(',').next().unwrap().parse().unwrap()).collect()
}

fn best(board: &Value) -> &Value {
    &board["entries"][0]
}

#[test]
fn groups_are_found_and_told_by_size() {
    let place = Place::new();
    place.write("t.csv", groups(&[60, 120, 90]));
    let shown = place.run("fit t.csv --task clustering --trials 30 --study s").ok();
    assert!(shown.contains("found   3 clusters, the smallest 22 %, the largest 44 %"), "{shown}");
    assert!(!shown.contains("expect") && !shown.contains("no clusters"), "{shown}");
    assert!(shown.lines().all(|l| l.chars().count() <= 100), "wider than 100 columns:\n{shown}");
    place.run("predict t.ruska t.csv --output p.csv").ok();
    let expected = [vec![2; 60], vec![0; 120], vec![1; 90]].concat();
    assert_eq!(clusters(&place, "p.csv"), expected);
    let board = place.run("leaderboard s --json").json();
    let scores = &best(&board)["scores"];
    assert_eq!((&scores["clusters"], &scores["noise"]), (&3.0.into(), &0.0.into()));
    assert!(scores["stability"].as_f64().unwrap() > 0.95, "{scores}");
    assert_eq!(best(&board)["score"], 1.0);
}

#[test]
fn one_heap_is_called_one() {
    let place = Place::new();
    place.write("t.csv", uniform(300));
    let shown = place.run("fit t.csv --task clustering --trials 30").ok();
    assert!(shown.starts_with("no clusters found: the rows look like one heap"), "{shown}");
    assert!(shown.lines().all(|l| l.chars().count() <= 100), "wider than 100 columns:\n{shown}");
    place.run("predict t.ruska t.csv --output p.csv").ok();
    assert_eq!(clusters(&place, "p.csv"), vec![0; 300]);
    // Whoever wants groups gets them.
    let shown = place.run("fit t.csv --task clustering --trials 30 --clusters 4").ok();
    assert!(shown.contains("found   4 clusters"), "{shown}");
    place.run("predict t.ruska t.csv --output p.csv").ok();
    assert_eq!(clusters(&place, "p.csv").into_iter().max(), Some(3));
}

#[test]
fn no_group_is_smaller_than_asked_for() {
    let place = Place::new();
    place.write("t.csv", groups(&[100, 100, 12]));
    for (least, found) in [(8, "found   3 clusters"), (30, "found   2 clusters")] {
        let line = format!("fit t.csv --task clustering --trials 40 --min-cluster-size {least}");
        let shown = place.run(&line).ok();
        assert!(shown.contains(found), "{shown}");
    }
}

#[test]
fn models_have_the_same_bytes_whatever_the_workers_and_are_made_again() {
    let place = Place::new();
    place.write("t.csv", groups(&[50, 70]));
    for workers in [1, 2] {
        let fit = "fit t.csv --task clustering --trials 24";
        place.run(&format!("{fit} --workers {workers} --study s{workers}")).ok();
        std::fs::rename(place.path("t.ruska"), place.path(&format!("m{workers}.ruska"))).unwrap();
    }
    assert_eq!(place.bytes("m1.ruska"), place.bytes("m2.ruska"));
    let shown = place.run("replay s1 --all --output again.ruska").ok();
    assert!(shown.contains("every fold the same"), "{shown}");
    assert_eq!(place.bytes("again.ruska"), place.bytes("m1.ruska"));
    // A search that goes on gives what it would have given at once.
    place.run("fit t.csv --task clustering --trials 12 --study part").ok();
    place.run("resume part --trials 24 --output resumed.ruska").ok();
    assert_eq!(place.bytes("resumed.ruska"), place.bytes("m1.ruska"));
}

#[test]
fn semicolons_dates_gaps_and_levels_are_taken_as_they_are() {
    let place = Place::new();
    place.write("customers.csv", std::fs::read(dataset("customers.csv")).unwrap());
    let shown = place.run("fit customers.csv --task clustering --trials 45").ok();
    assert!(shown.contains("found   4 clusters"), "{shown}");
    let message = place.run("fit customers.csv --task clustering --target region").fails(1);
    assert!(message.contains("--target"), "{message}");
    let message = place.run("fit customers.csv --task clustering --holdout 20%").fails(1);
    assert!(message.contains("--holdout"), "{message}");
    let message = place.run("fit customers.csv --task clustering --metric auc").fails(2);
    assert!(message.contains("consensus"), "{message}");
    for option in ["--until-flat", "--prefer\u{1f}simple", "--folds\u{1f}1"] {
        let mut words = vec!["fit", "customers.csv", "--task", "clustering"];
        words.extend(option.split('\u{1f}'));
        let ran = place.run_words(&words);
        assert!(ran.code != Some(0) && ran.stderr.contains("error: "), "{}", ran.stderr);
    }
    let message = place.run("fit customers.csv --target region --clusters 3").fails(1);
    assert!(message.contains("--clusters"), "{message}");
    place.write("three.csv", "a,b\n1,2\n5,9\n7,7\n".to_owned() + &"1,2\n5,9\n7,7\n".repeat(9));
    let shown = place.run("fit three.csv --task clustering --clusters 5 --trials 9").ok();
    assert!(shown.starts_with("no clusters found: no trial found"), "{shown}");
    let message = place.run("diff three.ruska three.ruska three.csv").fails(1);
    assert!(message.contains("groups"), "{message}");
    let message = place.run("fit customers.csv").fails(2);
    assert!(message.contains("--target"), "{message}");
}

#[test]
fn equal_rows_are_one_group() {
    let place = Place::new();
    let constant = "a,b\n".to_owned() + &"1,x\n".repeat(40);
    for (text, rows) in [(constant.as_str(), 40), ("a,b\n1,2\n", 1)] {
        place.write("t.csv", text);
        let fit = format!("fit t.csv --task clustering --trials 12 --study s{rows}");
        let shown = place.run(&fit).ok();
        assert!(shown.starts_with("no clusters found: "), "{shown}");
        place.run("predict t.ruska t.csv --output p.csv").ok();
        assert_eq!(clusters(&place, "p.csv"), vec![0; rows]);
        let shown = place.run("explain t.ruska t.csv").ok();
        assert!(shown.contains("Cluster 0 (100 %)"), "{shown}");
        let board = place.run(&format!("leaderboard s{rows} --json")).json();
        assert_eq!(best(&board)["learner"], "one_cluster");
    }
}

#[test]
fn tables_that_say_nothing_of_their_rows_are_refused() {
    let place = Place::new();
    place.write("t.csv", "a,b\n".to_owned() + &",\n".repeat(40));
    let message = place.run("fit t.csv --task clustering --trials 5").fails(1);
    assert!(message.contains("no column is left that tells rows apart"), "{message}");
}

#[test]
fn mixtures_are_chosen_by_bic() {
    let place = Place::new();
    let fit = "fit t.csv --task clustering --metric bic --trials 40 --study";
    place.write("t.csv", groups(&[60, 120, 90]));
    let shown = place.run(&format!("{fit} s")).ok();
    assert!(shown.contains("found   3 clusters"), "{shown}");
    let board = place.run("leaderboard s --json").json();
    let entries = board["entries"].as_array().unwrap();
    assert_eq!(
        (&entries[0]["learner"], &entries[0]["score"]),
        (&"gmm".into(), &entries[0]["scores"]["bic"])
    );
    let first = entries.iter().position(|e| e["score"].is_null()).unwrap();
    assert!(entries[..first].iter().all(|e| e["learner"] == "gmm"));
    assert!(entries[first..].iter().all(|e| e["score"].is_null()));
    // One distribution is an answer as well.
    place.write("t.csv", normal(300));
    let shown = place.run(&format!("{fit} one")).ok();
    assert!(shown.starts_with("no clusters found: one distribution"), "{shown}");
}
