//! `ruska report` and `ruska profile --html`: pages of studies and tables.

use crate::Place;

/// A class that follows `plan` and `calls`, and groups of people.
fn customers() -> String {
    let mut text = String::from("id,plan,calls,origin,left\n");
    for i in 0..300usize {
        let (plan, calls) = (["monthly", "yearly", "free"][i % 3], i * 7 % 11);
        let origin = if i % 100 == 0 { "Zaphodia" } else { ["Northland", "Southland"][i / 2 % 2] };
        let left =
            if calls + 4 * usize::from(plan == "monthly") + i * 13 % 5 > 9 { "yes" } else { "no" };
        text += &format!("C{i:04},{plan},{calls},{origin},{left}\n");
    }
    text
}

/// What every page must be: one file, without scripts or anything from elsewhere.
fn is_alone(html: &str) {
    assert!(html.starts_with("<!DOCTYPE html>") && html.trim_end().ends_with("</html>"));
    for foreign in ["<script", "<img", "<link", "<iframe", "javascript:", "src=", "url(", "@import"]
    {
        assert!(!html.to_lowercase().contains(foreign), "{foreign}");
    }
    let links = html.replace("http://www.w3.org/2000/svg", "");
    assert!(!links.contains("http://") && !links.contains("https://"));
    assert!(html.len() < 2_000_000, "{} bytes", html.len());
    for picture in html.split("<svg").skip(1) {
        let inside = picture.split("</svg>").next().unwrap();
        assert!(!inside.contains("NaN") && !inside.contains("inf\""), "{inside}");
    }
}

#[test]
fn a_study_of_classes_is_told() {
    let place = Place::new();
    place.write("customers.csv", customers());
    place
        .run("fit customers.csv --target left --positive yes --trials 6 --include linear,tree -q")
        .ok();
    let told =
        place.run("report --html told.html --data tables --profit tp=100,fp=-20,fn=0,tn=0").ok();
    for words in [
        "Which rows are `left` = `yes`?",
        "Why?",
        "What is it worth?",
        "How sure are we?",
        "What to do next?",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(told.contains("`plan` = monthly") && told.contains("per 1,000 rows"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    let html = place.read("told.html");
    is_alone(&html);
    for id in ["data", "quality", "drivers", "tried", "caution", "use"] {
        assert!(html.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    assert!(html.contains("ruska predict customers.ruska NEW.csv"), "{html}");
    // Nothing is told of the machine, nor of identifiers.
    assert!(!html.contains(&place.folder().display().to_string()));
    assert!(!html.contains("C0001"));
    // Equal studies give equal pages.
    place.run("report --html again.html").ok();
    place.run("report --html again2.html").ok();
    assert!(place.read("again.html") == place.read("again2.html"));
    // Every table is there for programs.
    let scores: serde_json::Value =
        serde_json::from_str(&place.read("tables/scores.json")).unwrap();
    assert_eq!(scores[0]["measure"], "auc");
    let evaluated = scores[0]["score"].as_f64().unwrap();
    let document = place.run("report --json").json();
    assert_eq!(document["tables"]["scores"]["rows"][0]["score"].as_f64(), Some(evaluated));
    // What is told of rows held out is what the search saw: auc by rows rather than by folds.
    let board = place.run("leaderboard --json").json();
    let searched = board["entries"][0]["score"].as_f64().unwrap();
    assert!((evaluated - searched).abs() < 0.05, "{evaluated} {searched}");
    assert!(place.read("tables/leaderboard.csv").starts_with("\"rank\",\"pipeline\",\"auc\""));
}

#[test]
fn without_its_table_a_study_is_told_with_less() {
    let place = Place::new();
    place
        .write("customers.csv", customers())
        .write("other.csv", customers().replace("monthly", "m"));
    place.run("fit customers.csv --target left --trials 3 --include linear -q").ok();
    std::fs::rename(place.path("customers.csv"), place.path("moved.csv")).unwrap();
    place.run("report --html less.html").ok();
    let html = place.read("less.html");
    is_alone(&html);
    assert!(html.contains("give it with --table") && !html.contains("<section id=\"quality\""));
    place.run("report --html whole.html --table moved.csv").ok();
    assert!(place.read("whole.html").contains("<section id=\"quality\""));
    let message = place.run("report --html x.html --table other.csv").fails(1);
    assert!(message.contains("other.csv"), "{message}");
    let message = place.run("report --html told.svg").fails(2);
    assert!(message.contains(".html"), "{message}");
    std::fs::create_dir(place.path("folder.html")).unwrap();
    let message = place.run("report --html folder.html").fails(1);
    assert!(message.contains("no ordinary file"), "{message}");
    place.run("report --html x.html --profit under=1,over=2 --table moved.csv").fails(1);
    place.run("report --html x.html --future other.csv").fails(1);
    place.run("report nosuch --html x.html").fails(1);
}

#[test]
fn values_of_peoples_groups_are_kept_from_pages() {
    let place = Place::new();
    place.write("customers.csv", customers());
    place
        .run("fit customers.csv --target left --sensitive origin --trials 3 --include linear -q")
        .ok();
    place.run("report --html told.html --data tables").ok();
    let html = place.read("told.html");
    // Groups that are no persons are named, three people are not.
    assert!(html.contains("Northland") && !html.contains("Zaphodia"));
    let columns = place.read("tables/columns.csv");
    assert!(
        columns.contains("tells people's groups") && !columns.contains("Northland"),
        "{columns}"
    );
}

#[test]
fn two_columns_of_people_are_told_apart_and_before_there_is_a_model() {
    let place = Place::new();
    place.write("customers.csv", customers().replace("free", "gratis"));
    let fit =
        "fit customers.csv --target left --sensitive origin,plan --trials 2 --include linear -q";
    place.run(fit).ok();
    let told = place.run("report --html told.html --data tables").ok();
    let named: Vec<String> = serde_json::from_str(&place.read("tables/tables.json")).unwrap();
    for n in ["1", "2", "3"] {
        assert!(named.contains(&format!("groups-of-people-{n}.csv")), "{told}");
    }
    assert!(place.read("tables/groups-of-people-2.csv").contains("monthly"));
    // What an earlier page wrote is replaced, what nobody wrote is kept.
    place.run("report --html told.html --data tables").ok();
    std::fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/columns.csv", "mine");
    let message = place.run("report --html told.html --data mine").fails(1);
    assert!(message.contains("new folder"), "{message}");
    assert_eq!(place.read("mine/columns.csv"), "mine");
    let message = place.run("report --html nowhere/told.html").fails(1);
    assert!(message.contains("there is no folder nowhere"), "{message}");
    // No fold holds both classes where they are apart in time: no trial has a score, so there is no model.
    let mut table = String::from("day,religion,y\n");
    for i in 0..60 {
        let religion = ["Zoroastrian", "Pastafarian"][i % 2];
        table += &format!(
            "2024-{:02}-{:02},{religion},{}\n",
            i / 28 + 1,
            i % 28 + 1,
            usize::from(i >= 58)
        );
    }
    place.write("late.csv", table);
    let fit = "fit late.csv --target y --task classification --time-column day --sensitive religion --metric auc";
    place.run(&format!("{fit} --trials 2 -q")).fails(1);
    let told = place.run("report --html late.html").ok();
    assert!(told.contains("Is there a model? No."), "{told}");
    let html = place.read("late.html");
    is_alone(&html);
    assert!(!html.contains("Zoroastrian") && !html.contains("Pastafarian"));
}

#[test]
fn a_model_of_chance_is_not_praised() {
    let place = Place::new();
    let mut text = String::from("a,b,y\n");
    for i in 0..240u64 {
        // Numbers that have nothing to do with each other.
        let mixed = |k: u64| {
            ((i + 1) * 2_654_435_761 + k * 40_503).wrapping_mul(2_246_822_519) >> 13 & 0xff
        };
        text += &format!(
            "{},{},{}\n",
            mixed(1),
            mixed(77),
            ["no", "yes"][usize::from(mixed(5).count_ones() % 2 == 1)]
        );
    }
    place.write("noise.csv", text);
    place.run("fit noise.csv --target y --positive yes --trials 4 --include linear,tree -q").ok();
    let told = place.run("report --html noise.html").ok();
    for words in ["The columns do not tell.", "no better than knowing nothing", "Do not use it"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn numbers_groups_and_series_are_told() {
    let place = Place::new();
    let mut table = String::from("size,rooms,price\n");
    let mut orders = String::from("month,shop,orders\n");
    for i in 0..240usize {
        let (size, rooms) = (20 + i * 37 % 101, 1 + i % 5);
        table += &format!("{size},{rooms},{}\n", 3 * size + 10 * rooms + i * 7 % 9);
    }
    for i in 0..72usize {
        for (shop, base) in [("A", 100), ("B", 300)] {
            let season = [0, 5, 20, 9, 3, 1, 0, 2, 8, 12, 30, 50][i % 12];
            let (year, month) = (2018 + i / 12, i % 12 + 1);
            orders += &format!("{year}-{month:02}-01,{shop},{}\n", base + i + season + i * 7 % 5);
        }
    }
    place.write("homes.csv", &table).write("orders.csv", &orders);
    place.run("fit homes.csv --target price --trials 3 --include linear -q").ok();
    let told = place.run("report --html homes.html").ok();
    assert!(
        told.contains("How well is `price` told?") && told.contains("Where is it weakest?"),
        "{told}"
    );
    is_alone(&place.read("homes.html"));
    place.run("fit homes.csv --task clustering --trials 6 -q --output groups.ruska").ok();
    let told = place.run("report --html groups.html").ok();
    assert!(told.contains("Which groups are there?"), "{told}");
    let html = place.read("groups.html");
    is_alone(&html);
    assert!(html.contains("<section id=\"groups\""));
    let fit = "fit orders.csv --task forecasting --target orders --time-column month --series shop --horizon 6";
    place.run(&format!("{fit} --trials 4 -q")).ok();
    let told = place.run("report --html orders.html --data tables").ok();
    assert!(told.contains("What comes next of `orders`?"), "{told}");
    let html = place.read("orders.html");
    is_alone(&html);
    assert!(html.contains("<section id=\"series\""));
    // The header, then six months of two shops.
    assert_eq!(place.read("tables/forecasts.csv").lines().count(), 13);
}

#[test]
fn a_table_is_told_as_a_page() {
    let place = Place::new();
    let long = "x".repeat(10_000);
    let hostile =
        "\"<script>window.ran=1</script>\",\"a\u{202e}b\",\"`;--><svg onload=alert(1)>\"\n"
            .to_owned();
    let mut text = hostile;
    for i in 0..60 {
        let name = if i % 2 == 0 { "</style><b>" } else { &long };
        text += &format!("{},{},{name}\n", i * 7 % 13, if i % 5 == 0 { "" } else { "🎉" });
    }
    place.write("odd name.csv", text);
    place.run_words(&["profile", "odd name.csv", "--html", "p.html", "--data", "tables"]).ok();
    let html = place.read("p.html");
    is_alone(&html.replace("javascript:", ""));
    assert!(html.contains("&lt;script&gt;window.ran=1&lt;/script&gt;"));
    assert_eq!(html.matches("</style>").count(), 1);
    assert_eq!(place.read("tables/columns.csv").lines().count(), 4);
}
