//! `ruska predict --interval` of numbers and of classes.

use crate::{Place, root, small};

/// Numbers whose noise grows with `x`, from 1 at 0 to 11 at 10.
fn noisy(rows: u32, seed: u32) -> String {
    let mut state = seed;
    let mut unit = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24)
    };
    let mut text = String::from("x,y\n");
    for _ in 0..rows {
        let x = 10.0 * unit();
        let noise = (unit() + unit() + unit() - 1.5) * 2.0;
        text += &format!("{x:.3},{:.3}\n", 50.0 * x + (1.0 + x) * noise);
    }
    text
}

/// The numbers of a CSV table, row by row.
fn numbers(text: &str) -> Vec<Vec<f64>> {
    let row = |line: &str| line.split(',').map(|cell| cell.parse().unwrap()).collect();
    text.lines().skip(1).map(row).collect()
}

#[test]
fn intervals_of_numbers_hold_their_share_and_widen_with_the_noise() {
    let place = Place::new();
    place.write("t.csv", noisy(600, 1)).write("new.csv", noisy(2000, 2));
    place.run("fit t.csv --target y --trials 4 --include linear --output m.ruska").ok();
    let told = place.run("predict m.ruska new.csv --keep x,y --interval 0.9,95%,0.9").ok();
    let header = "x,y,prediction,lower_90,upper_90,lower_95,upper_95";
    assert_eq!(told.lines().next(), Some(header));
    let rows = numbers(&told);
    let held = |low: usize| {
        let within = |row: &&Vec<f64>| row[low] <= row[1] && row[1] <= row[low + 1];
        rows.iter().filter(within).count() as f64 / rows.len() as f64
    };
    assert!((0.87..0.94).contains(&held(3)), "{}", held(3));
    assert!((0.92..0.98).contains(&held(5)), "{}", held(5));
    assert!(rows.iter().all(|row| row[5] <= row[3] && row[3] < row[4] && row[4] <= row[6]));
    let width = |part: &dyn Fn(f64) -> bool| {
        let of: Vec<f64> = rows.iter().filter(|r| part(r[0])).map(|r| r[4] - r[3]).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    let (narrow, wide) = (width(&|x| x < 2.0), width(&|x| x > 8.0));
    assert!(wide > 2.5 * narrow, "{narrow} to {wide}");
    let document = place.run("evaluate m.ruska new.csv --json").json();
    let told = document["held"]["held"].as_f64().unwrap();
    assert!((told - held(3)).abs() < 1e-9, "{document}");
    let shown = place.run("evaluate m.ruska new.csv").ok();
    assert!(shown.contains("90 % intervals hold") && shown.contains("wide on average"), "{shown}");
}

#[test]
fn sets_of_classes_hold_the_predicted_one_and_grow_with_the_share() {
    let place = Place::new();
    place.write("t.csv", small(400));
    place.run("fit t.csv --target y --trials 4 --output m.ruska").ok();
    let told = place.run("predict m.ruska t.csv --keep y --interval 0.8,0.99 --stamp").ok();
    let mut rows = told.lines();
    let header = "y,prediction,proba_no,proba_yes,set_80,set_99,model_version,model_digest";
    assert_eq!(rows.next(), Some(header));
    for row in rows {
        let cells: Vec<&str> = row.split(',').collect();
        assert!(["no", "yes", "no|yes"].contains(&cells[4]), "{row}");
        assert!(cells[4].split('|').any(|label| label == cells[1]), "{row}");
        assert!(cells[5].contains(cells[4]), "{row}");
    }
    let shown = place.run("evaluate m.ruska t.csv").ok();
    assert!(shown.contains("90 % sets hold"), "{shown}");
}

#[test]
fn what_cannot_be_told_is_refused_with_the_way_out() {
    let place = Place::new();
    place.write("t.csv", noisy(60, 1));
    place.run("fit t.csv --target y --trials 2 --output m.ruska").ok();
    let refused = |line: &str, word: &str| {
        let message = place.run(line).fails(1);
        assert!(message.contains("--interval") && message.contains(word), "{message}");
    };
    refused("predict m.ruska t.csv --interval 0.9999", "at most 0.998");
    refused("predict m.ruska t.csv --interval 0.99 --output p.csv", "at most 0.98");
    assert!(!place.path("p.csv").exists(), "nothing half-written stays behind");
    place.run("predict m.ruska t.csv --interval 0.95").ok();
    place.run("fit t.csv --task clustering --trials 2 --output groups.ruska").ok();
    refused("predict groups.ruska t.csv --interval 0.9", "groups");
    place.run("predict m.ruska t.csv --interval 90").fails(2);
    let old = root().join("tests/compat");
    for id in ["linear", "tree"] {
        let (model, table) = (old.join(format!("v1-{id}.ruska")), old.join("table.csv"));
        let line = format!("predict {} {} --interval 0.9", model.display(), table.display());
        refused(&line, "fit the model again");
    }
}
