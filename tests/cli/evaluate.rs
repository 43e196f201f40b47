//! `ruska evaluate`: what a model is worth.

use crate::{Place, small};

/// A place with a model of two classes.
fn fitted() -> Place {
    let place = Place::new();
    place.write("t.csv", small(240));
    place.run("fit t.csv --target y --ignore id --trials 3 --output m.ruska").ok();
    place
}

/// A place with a model of numbers.
fn of_numbers() -> Place {
    let place = Place::new();
    let row = |i: usize| format!("{},{},{}\n", i % 17, ["a", "b"][i % 2], 3 * (i % 17) + i % 5);
    let rows: String = (0..150).map(row).collect();
    place.write("t.csv", format!("x,shop,y\n{rows}"));
    place.run("fit t.csv --target y --task regression --trials 2 --output m.ruska").ok();
    place
}

#[track_caller]
fn fits_the_screen(shown: &str) {
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
}

#[test]
fn two_classes_are_told_in_short_and_in_full() {
    let place = fitted();
    let shown = place.run("evaluate m.ruska t.csv").ok();
    for told in ["truth ↓", "decisions    `yes`", "best F1", "gains", "calibration", "brier"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    assert!(shown.lines().count() < 35, "{shown}");
    fits_the_screen(&shown);
    let detail = place.run("evaluate m.ruska t.csv --detail").ok();
    assert!(detail.contains("f0.5") && detail.contains("lift"), "{detail}");
    fits_the_screen(&detail);
    let document = place.run("evaluate m.ruska t.csv --json").json();
    let counts: f64 = document["confusion"]["counts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .map(|count| count.as_f64().unwrap())
        .sum();
    assert_eq!(counts, 240.0);
    let roc = &document["curves"]["roc"];
    assert_eq!(roc["threshold"][0], serde_json::Value::Null);
    let last = |list: &serde_json::Value| list.as_array().unwrap().last().unwrap().as_f64();
    assert_eq!(last(&roc["true_positive_rate"]), Some(1.0));
    assert_eq!(document["thresholds"]["table"].as_array().unwrap().len(), 19);
    assert!(document["calibration"]["brier"]["reliability"].as_f64().unwrap() >= 0.0);
    assert!(document.get("errors").is_none() && document.get("segments").is_none());
}

#[test]
fn numbers_are_told_by_their_errors() {
    let place = of_numbers();
    let shown = place.run("evaluate m.ruska t.csv --detail").ok();
    for told in ["errors ", "spread ", "largest ", "mean prediction"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska t.csv --json").json();
    assert!(document["errors"]["ranges"].as_array().unwrap().len() > 5);
    assert!(document.get("confusion").is_none());
}

#[test]
fn several_classes_are_told_one_by_one() {
    let place = Place::new();
    let row = |i: usize| format!("{},{},{}\n", i % 10, i % 3, ["a", "b", "c"][(i % 10) / 4]);
    let rows: String = (0..150).map(row).collect();
    place.write("t.csv", format!("x,z,y\n{rows}"));
    place.run("fit t.csv --target y --trials 2 --output m.ruska").ok();
    let shown = place.run("evaluate m.ruska t.csv --detail").ok();
    assert!(shown.contains("precision") && shown.contains("calibration"), "{shown}");
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska t.csv --json").json();
    assert_eq!(document["classes"].as_array().unwrap().len(), 3);
    assert!(document.get("curves").is_none());
}

#[test]
fn weights_of_rows_count() {
    let place = Place::new();
    let weighted = |i: usize, line: &str| format!("{line},{}\n", 1 + i % 3);
    let table: String = small(160)
        .lines()
        .enumerate()
        .map(|(i, line)| if i == 0 { format!("{line},w\n") } else { weighted(i, line) })
        .collect();
    place.write("t.csv", table);
    place.run("fit t.csv --target y --ignore id --weight w --trials 2 --output m.ruska").ok();
    let document = place.run("evaluate m.ruska t.csv --json").json();
    let counts = document["confusion"]["counts"].as_array().unwrap();
    let all = counts.iter().flat_map(|row| row.as_array().unwrap());
    let all: f64 = all.map(|count| count.as_f64().unwrap()).sum();
    let expected: usize = (1..=160).map(|i| 1 + i % 3).sum();
    assert_eq!(all, expected as f64);
    let shown = place.run("evaluate m.ruska t.csv --by city --sensitive city").ok();
    assert_eq!(shown.matches("rows count by their weight `w`").count(), 2, "{shown}");
    fits_the_screen(&shown);
}

/// What is missing is named as what it is to the model, since no option of this command named it.
#[test]
fn columns_of_the_model_are_named_as_such() {
    let place = Place::new();
    let row = |i: usize| format!("{},{},{}\n", i % 17, 1 + i % 3, 3 * (i % 17) + i % 5);
    let rows: String = (0..120).map(row).collect();
    place.write("t.csv", format!("x,w,y\n{rows}"));
    place.run("fit t.csv --target y --task regression --weight w --trials 2 --output m.ruska").ok();
    for (table, told) in [
        ("x,w,z\n1,1,2\n2,1,3\n", "no column `y`, which the model predicts"),
        ("x,w,y\n1,1,2\n2,1,much\n", "column `y` holds `much` in row 2, where the model predicts"),
        ("x,w,y\n1,1,\n2,1,\n", "no row has a value of `y` to measure the model by"),
        ("x,w,y\n1,1,\n2,,3\n3,1,4\n", "the model's weights, `w` has no value in row 2"),
        ("x,w,y\n1,one,1\n2,two,3\n", "the model's weights, `w` holds text"),
        ("x,w,y\n1,1,\n2,1,3\n3,-1,4\n", "the weight of row 3 is -1"),
    ] {
        place.write("n.csv", table);
        let message = place.run("evaluate m.ruska n.csv").fails(1);
        assert!(message.contains(told) && !message.contains("--"), "{told}: {message}");
        let message = place.run("evaluate m.ruska n.csv --against m.ruska").fails(1);
        assert!(message.contains(told) && !message.contains("--"), "{told}: {message}");
    }
}

/// Rows of one class say nothing of much that is told of two.
#[test]
fn what_rows_do_not_say_is_told_as_such() {
    let place = fitted();
    let only: String = small(240)
        .lines()
        .enumerate()
        .filter(|(i, line)| *i == 0 || line.ends_with(",no"))
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    place.write("no.csv", only);
    let shown = place.run("evaluate m.ruska no.csv --sensitive city --by city").ok();
    assert!(shown.contains("– recall") && !shown.contains("best F1"), "{shown}");
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska no.csv --sensitive city --by city --json").json();
    let told = document["scores"].as_array().unwrap();
    let told: Vec<&str> = told.iter().map(|score| score["metric"].as_str().unwrap()).collect();
    assert!(told.contains(&"accuracy"), "{told:?}");
    assert!(!told.iter().any(|id| ["auc", "recall", "mcc"].contains(id)), "{told:?}");
    let null = serde_json::Value::Null;
    assert_eq!(document["thresholds"]["best_f1"], null);
    assert_eq!(document["thresholds"]["model"]["recall"], null);
    for group in document["fairness"][0]["groups"].as_array().unwrap() {
        assert_eq!(group["true_positive_rate"], null);
        assert!(group["false_positive_rate"].is_number());
    }
}

#[test]
fn segments_come_worst_first_and_small_ones_are_marked() {
    let place = fitted();
    // A few rows without a city and a column that the model does not know.
    let table: String = place
        .read("t.csv")
        .lines()
        .enumerate()
        .map(|(i, line)| match i {
            0 => format!("{line},shift\n"),
            1..8 => line.replace("Bern", "").replace("Oslo", "").replace("Rome", "") + ",night\n",
            _ => format!("{line},{}\n", ["day", "night"][i % 2]),
        })
        .collect();
    place.write("s.csv", table);
    let shown = place.run("evaluate m.ruska s.csv --by city --by city,shift").ok();
    assert!(shown.contains("(no value)") && shown.contains("few rows"), "{shown}");
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska s.csv --by city --by city,shift --json").json();
    let segments = document["segments"][0]["segments"].as_array().unwrap();
    assert_eq!(segments.len(), 4);
    let rows: u64 = segments.iter().map(|s| s["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 240);
    let last = segments.last().unwrap();
    assert_eq!((&last["values"][0], &last["small"]), (&serde_json::Value::Null, &true.into()));
    let value = |s: &serde_json::Value| s["score"]["value"].as_f64().unwrap();
    assert!(value(&segments[0]) <= value(&segments[1]), "{document}");
    assert_eq!(document["segments"][1]["columns"], serde_json::json!(["city", "shift"]));
    let message = place.run("evaluate m.ruska s.csv --by citi").fails(1);
    assert!(message.contains("--by names column `citi`"), "{message}");
    assert!(message.contains("did you mean `city`?"), "{message}");
}

#[test]
fn money_is_told_with_what_is_to_be_expected() {
    let place = fitted();
    let profit = "--profit tp=100,fp=-20,fn=-50,tn=0";
    let shown = place.run(&format!("evaluate m.ruska t.csv {profit} --threshold 0.4")).ok();
    for told in [
        "best         decide for `yes`",
        "over everybody",
        "were probabilities exact, 0.1176 would be best",
        "the same on these rows, which chose it",
        "the threshold given",
    ] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    fits_the_screen(&shown);
    let document = place.run(&format!("evaluate m.ruska t.csv {profit} --json")).json();
    let value = |part: &str| document["money"][part]["value"].as_f64().unwrap();
    assert!(value("best") >= value("expected") && value("best") >= value("all"), "{document}");
    assert!(value("best") >= value("none") && value("best") >= value("model"), "{document}");
    let column = "--profit tp=x,fp=-20,fn=-x,tn=0";
    let document = place.run(&format!("evaluate m.ruska t.csv {column} --json")).json();
    assert_eq!(document["money"]["profit"]["fn"]["column"]["name"], "x");
    assert_eq!(document["money"].get("exact"), None);
    for (words, code, told) in [
        ("--profit tp=1", 2, "fp is missing"),
        ("--profit tp=1,fp=2,fn=3,tn=-amount", 1, "--profit names column `amount`"),
        ("--profit tp=1,fp=2,fn=3,tn=city", 1, "`city` holds no plain numbers"),
        ("--threshold 0.4", 2, "--profit"),
    ] {
        let message = place.run(&format!("evaluate m.ruska t.csv {words}")).fails(code);
        assert!(message.contains(told), "{words}: {message}");
    }
    let place = of_numbers();
    let message = place.run(&format!("evaluate m.ruska t.csv {profit}")).fails(1);
    assert!(message.contains("decisions between two classes"), "{message}");
}

#[test]
fn models_stand_beside_each_other_on_the_same_rows() {
    let place = fitted();
    place.run("fit t.csv --target y --ignore id,x --trials 2 --output poor.ruska").ok();
    let shown = place.run("evaluate m.ruska t.csv --against poor.ruska,m.ruska").ok();
    for told in ["better by", "poor.ruska", "alone right or nearer", "the same", "learned from"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska t.csv --against poor.ruska,m.ruska --json").json();
    let [poor, same] = [&document["against"][0], &document["against"][1]];
    assert_eq!((&poor["model"], &poor["rows"]), (&"poor.ruska".into(), &240.into()));
    let auc = &poor["metrics"][0];
    assert_eq!((&auc["metric"], &auc["method"]), (&"auc".into(), &"delong".into()));
    assert!(auc["low"].as_f64().unwrap() > 0.0 && poor["p"].as_f64().unwrap() < 0.05, "{auc}");
    assert_eq!((&same["first_alone"], &same["p"]), (&0.into(), &1.0.into()));
    assert_eq!(document["learned"], 240);
    let place = of_numbers();
    let document = place.run("evaluate m.ruska t.csv --against m.ruska --json").json();
    assert_eq!(document["against"][0]["metrics"][0]["better_by"], 0.0);
}

/// A table with people of two groups and of none told, of whom one group fares worse.
fn people() -> String {
    let row = |(i, line): (usize, &str)| match i {
        0 => format!("{line},sex\n"),
        i if i % 29 == 0 => format!("{line},\n"),
        i => format!("{line},{}\n", ["f", "m"][i / 2 % 2]),
    };
    small(240).lines().enumerate().map(row).collect()
}

#[test]
fn groups_of_people_are_audited_and_kept_from_the_model() {
    let place = Place::new();
    place.write("t.csv", people());
    place.run("fit t.csv --target y --ignore id --sensitive sex --trials 2 --output m.ruska").ok();
    let shown = place.run("evaluate m.ruska t.csv").ok();
    for told in ["selected", "TPR", "(no value)", "few rows", "equalized odds", "by chance"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska t.csv --sensitive sex,city --json").json();
    let audits = document["fairness"].as_array().unwrap();
    let columns: Vec<&serde_json::Value> = audits.iter().map(|audit| &audit["columns"]).collect();
    assert_eq!(serde_json::json!(columns), serde_json::json!([["sex"], ["city"], ["sex", "city"]]));
    let rows = |audit: &serde_json::Value| -> u64 {
        audit["groups"].as_array().unwrap().iter().map(|g| g["rows"].as_u64().unwrap()).sum()
    };
    assert!(audits.iter().all(|audit| rows(audit) == 240), "{document}");
    // A model that was not told of the column does not see it either way.
    place.write("none.csv", small(240));
    let bare = place.run("evaluate m.ruska none.csv --json").json();
    assert_eq!((bare.get("fairness"), &bare["rows"]), (None, &240.into()));
    let message = place.run("evaluate m.ruska none.csv --sensitive sex").fails(1);
    assert!(message.contains("--sensitive names column `sex`"), "{message}");
    let message = place.run("evaluate m.ruska t.csv --sensitive id").fails(1);
    assert!(message.contains("`id`, which has 24"), "{message}");
    let message = place.run("fit t.csv --target y --sensitive y --trials 1").fails(1);
    assert!(message.contains("--sensitive names the target"), "{message}");
    let used =
        "fit t.csv --target y --ignore id --sensitive sex --trials 1 --output u.ruska --json";
    let features = |words: &str| {
        let document = place.run(words).json();
        document["manifest"]["features"].to_string()
    };
    assert!(!features(used).contains("sex"));
    assert!(features(&format!("{used} --use-sensitive")).contains("sex"));
}

#[test]
fn the_quantity_in_store_is_the_bound_of_the_costs() {
    let place = Place::new();
    let month = |i: usize| format!("{}-{:02}", 2010 + i / 12, i % 12 + 1);
    let sold = |i: usize| 100.0 + i as f64 + ((i * 37) % 11) as f64;
    let table = |months: usize| -> String {
        (0..months).map(|i| format!("{},{}\n", month(i), sold(i))).collect()
    };
    let head = "month,sold\n";
    place.write("old.csv", format!("{head}{}", table(48)));
    place.write("new.csv", format!("{head}{}", table(54)));
    let fit = "fit old.csv --task forecasting --target sold --time-column month --horizon 6";
    place.run(&format!("{fit} --trials 5 --output m.ruska")).ok();
    let shown = place.run("evaluate m.ruska new.csv --profit under=3,over=1").ok();
    assert!(shown.contains("probability of 75.0 %"), "{shown}");
    fits_the_screen(&shown);
    let document = place.run("evaluate m.ruska new.csv --profit under=3,over=1 --json").json();
    // Half of what comes lies in between, so three quarters lie below the upper bound.
    let told = place.run("predict m.ruska --interval 0.5").ok();
    let bounds = told.lines().skip(1).map(|line| line.rsplit(',').next().unwrap());
    let costs = bounds.enumerate().map(|(ahead, bound)| {
        let short = sold(48 + ahead) - bound.parse::<f64>().unwrap();
        if short > 0.0 { 3.0 * short } else { -short }
    });
    let cost = 1000.0 * costs.sum::<f64>() / 6.0;
    let got = document["stock"]["quantile"]["value"].as_f64().unwrap();
    assert!((got / cost - 1.0).abs() < 1e-6, "{got} for {cost}: {told}");
    for (words, code, told) in [
        ("--profit under=3", 2, "give both costs"),
        ("--profit under=0,over=1", 2, "no cost above 0"),
        ("--profit tp=1,fp=2,fn=3,tn=4", 1, "under=3,over=1"),
        ("--sensitive month", 1, "models of rows alone"),
        ("--equalize equal_opportunity", 1, "models of rows alone"),
        ("--by months", 1, "did you mean `month`?"),
    ] {
        let message = place.run(&format!("evaluate m.ruska new.csv {words}")).fails(code);
        assert!(message.contains(told), "{words}: {message}");
    }
}

/// Where what is known of people goes with their group, which goes with the class, reweighing brings the
/// groups nearer.
#[test]
fn reweighed_rows_bring_groups_nearer() {
    let place = Place::new();
    let row = |i: usize| {
        let group = i % 2;
        let hash = |by: usize| (i * by % 101) as f64 / 101.0;
        let yes = hash(37) < [0.3, 0.7][group];
        let merit = hash(53) + if yes { 0.4 } else { 0.0 };
        let place = hash(71) + [0.0, 0.8][group];
        let label = if yes { "yes" } else { "no" };
        format!("{merit:.3},{place:.3},{},{label}\n", ["a", "b"][group])
    };
    let rows: String = (0..600).map(row).collect();
    place.write("t.csv", format!("merit,place,group,y\n{rows}"));
    let gap = |more: &str| {
        let fit = "fit t.csv --target y --sensitive group --trials 4 --output m.ruska";
        place.run(&format!("{fit}{more}")).ok();
        let document = place.run("evaluate m.ruska t.csv --json").json();
        assert!(document["scores"][0]["value"].as_f64().unwrap() > 0.6, "{document}");
        document["fairness"][0]["gaps"][0]["difference"].as_f64().unwrap()
    };
    let (plain, reweighed) = (gap(""), gap(" --reweigh"));
    assert!(reweighed < plain - 0.1, "{reweighed} after {plain}");
    place.run("fit t.csv --target y --reweigh --trials 1").fails(2);
    let groups = "fit t.csv --task clustering --sensitive group --reweigh --trials 1";
    assert!(place.run(groups).fails(1).contains("classes alone"));
    let message = place.run("fit t.csv --target merit --sensitive group --reweigh --trials 1");
    assert!(message.fails(1).contains("the target holds none"));
}

#[test]
fn names_cannot_drive_the_terminal() {
    let place = Place::new();
    let row = |i: usize| {
        let label = if i % 9 > 4 { "y\u{9b}es" } else { "no" };
        format!("{},\u{9b}3{}m\u{9b}2J,{},{label}\n", i % 9, i % 3, i % 7)
    };
    let rows: String = (0..120).map(row).collect();
    place.write("t.csv", format!("x\u{9b}2J,\"ci\u{9b}ty\",amount,y\n{rows}"));
    place.run("fit t.csv --target y --trials 2 --output m.ruska").ok();
    let words = [
        "evaluate",
        "m.ruska",
        "t.csv",
        "--by",
        "ci\u{9b}ty",
        "--sensitive",
        "ci\u{9b}ty,amount",
        "--profit",
        "tp=1,fp=-x\u{9b}2J,fn=0,tn=0",
        "--against",
        "m.ruska",
        "--detail",
    ];
    let shown = place.run_words(&words).ok();
    assert!(!shown.contains('\u{9b}') && shown.contains('\u{fffd}'), "{shown:?}");
    fits_the_screen(&shown);
}

#[test]
fn thresholds_by_group_make_rates_alike() {
    let place = Place::new();
    place.write("t.csv", people());
    place.run("fit t.csv --target y --ignore id --sensitive sex --trials 2 --output m.ruska").ok();
    let asked = "evaluate m.ruska t.csv --equalize demographic_parity";
    let profit = "--profit tp=100,fp=-20,fn=-50,tn=0";
    let shown = place.run(&format!("{asked} {profit}")).ok();
    for told in ["thresholds by which", "groups differ by", "as expected elsewhere", "of accuracy"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    fits_the_screen(&shown);
    let document = place.run(&format!("{asked} {profit} --json")).json();
    let equalized = &document["equalized"][0];
    assert_eq!(equalized["parity"], "demographic_parity");
    let rate = document["thresholds"]["model"]["alerts"].as_f64().unwrap();
    assert!((equalized["rate"].as_f64().unwrap() - rate).abs() < 1e-12, "{equalized}");
    let number = |of: &serde_json::Value| of.as_f64().unwrap();
    let model = number(&equalized["model"]["profit"]["value"]);
    assert!((model - number(&document["money"]["model"]["value"])).abs() < 1e-6, "{equalized}");
    let accuracy = document["scores"].as_array().unwrap();
    let accuracy = accuracy.iter().find(|score| score["metric"] == "accuracy").unwrap();
    let told = number(&equalized["model"]["accuracy"]["value"]);
    assert!((told - number(&accuracy["value"])).abs() < 1e-12, "{equalized}");
    let shown = place.run("evaluate m.ruska t.csv --equalize equal_opportunity").ok();
    assert!(shown.contains("equal opportunity") && !shown.contains("profit"), "{shown}");
    place.write("none.csv", small(240));
    for (words, code, told) in [
        ("evaluate m.ruska none.csv --equalize equal_opportunity", 1, "--sensitive"),
        ("evaluate m.ruska t.csv --equalize parity", 2, "none of demographic_parity"),
    ] {
        let message = place.run(words).fails(code);
        assert!(message.contains(told), "{words}: {message}");
    }
    let place = of_numbers();
    let message =
        place.run("evaluate m.ruska t.csv --sensitive shop --equalize demographic_parity");
    assert!(message.fails(1).contains("between two classes"));
}

#[test]
fn forecasts_are_measured_by_groups_and_beside_others() {
    let place = Place::new();
    let sold = |s: usize, i: usize| 50.0 + 10.0 * s as f64 + i as f64 + ((i * 37 + s) % 11) as f64;
    let table = |months: usize| -> String {
        let row = |(s, i): (usize, usize)| {
            let (year, month) = (2015 + i / 12, i % 12 + 1);
            format!("{year}-{month:02},s{s:02},{},{}\n", ["big", "small"][s % 2], sold(s, i))
        };
        (0..12).flat_map(|s| (0..months).map(move |i| (s, i))).map(row).collect()
    };
    let head = "month,shop,size,sold\n";
    place.write("old.csv", format!("{head}{}", table(36)));
    place.write("new.csv", format!("{head}{}", table(40)));
    let fit = "fit old.csv --task forecasting --target sold --time-column month --series shop \
               --horizon 4 --ignore size";
    place.run(&format!("{fit} --trials 4 --output m.ruska")).ok();
    place.run(&format!("{fit} --trials 1 --output plain.ruska")).ok();
    let asked = "evaluate m.ruska new.csv --by size --by shop --against plain.ruska,m.ruska";
    let shown = place.run(asked).ok();
    for told in ["nearer on average", "of 12 series", "big", "s03", "the same"] {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    fits_the_screen(&shown);
    let document = place.run(&format!("{asked} --json")).json();
    let segments = &document["segments"];
    let rows = |of: &serde_json::Value| -> Vec<u64> {
        of["segments"].as_array().unwrap().iter().map(|s| s["rows"].as_u64().unwrap()).collect()
    };
    assert_eq!((rows(&segments[0]), rows(&segments[1])), (vec![24, 24], vec![4; 12]));
    let value = |list: &serde_json::Value, id: &str| {
        let found = list.as_array().unwrap().iter().find(|score| score["metric"] == id).unwrap();
        found["value"].as_f64().unwrap()
    };
    // Series count alike, so the whole is the mean of its parts.
    let shops = segments[1]["segments"].as_array().unwrap();
    let mean = shops.iter().map(|s| s["scores"]["mase"].as_f64().unwrap()).sum::<f64>() / 12.0;
    assert!((mean - value(&document["scores"], "mase")).abs() < 1e-9, "{document}");
    let [plain, same] = [&document["against"][0], &document["against"][1]];
    let other = place.run("evaluate plain.ruska new.csv --json").json();
    for of in plain["metrics"].as_array().unwrap() {
        let id = of["metric"].as_str().unwrap();
        let apart = value(&other["scores"], id) - value(&document["scores"], id);
        assert!((of["better_by"].as_f64().unwrap() - apart).abs() < 1e-9, "{id}: {of}");
        assert!(of["low"].as_f64().unwrap() <= apart && apart <= of["high"].as_f64().unwrap());
    }
    assert_eq!((&plain["series"], &plain["rows"]), (&12.into(), &48.into()));
    assert_eq!((&same["first_alone"], &same["p"]), (&0.into(), &1.0.into()));
    assert_eq!(same["metrics"][0]["low"], 0.0);
    let weekly = "fit old.csv --task forecasting --target sold --time-column month --horizon 4 \
                  --aggregate sum --ignore size,shop";
    place.run(&format!("{weekly} --trials 1 --output sum.ruska")).ok();
    let message = place.run("evaluate m.ruska new.csv --against sum.ruska").fails(1);
    assert!(message.contains("other series or other periods"), "{message}");
}
