//! `ruska predict --log` and `ruska feedback`.

use crate::{Place, small};

/// A place in which `y:1` is registered and all of `new.csv` was scored and logged.
fn place() -> Place {
    let place = Place::new();
    place.write("old.csv", small(200));
    place.run("fit old.csv --target y --trials 2 --include linear --register y").ok();
    place.write("new.csv", small(120));
    place.run("predict y:1 new.csv --log id --output out.csv").ok();
    place
}

/// Outcomes of the first rows of `new.csv`.
fn outcomes(rows: usize) -> String {
    let text = small(120);
    let mut out = String::from("id,came\n");
    for line in text.lines().skip(1).take(rows) {
        let cells: Vec<&str> = line.split(',').collect();
        out += &format!("{},{}\n", cells[0], cells[3]);
    }
    out
}

#[test]
fn outcomes_are_joined_and_measured_as_evaluate_does() {
    let place = place();
    place.write("came.csv", outcomes(120));
    let add = "feedback add came.csv --model y --id id --outcome came";
    let text = place.run(add).ok();
    assert!(text.starts_with("120 rows: 120 outcomes of y are new\n"), "{text}");
    let shown = place.run("feedback show y --json").json();
    let all = &shown["versions"][0]["all"];
    assert_eq!((&all["predicted"], &all["known"]), (&120.into(), &120.into()));
    let evaluated = place.run("evaluate y:1 new.csv --json").json();
    for score in all["scores"].as_array().unwrap() {
        let metric = &score["metric"];
        let same = evaluated["scores"].as_array().unwrap().iter().find(|s| s["metric"] == *metric);
        let (a, b) = (score["value"].as_f64().unwrap(), same.unwrap()["value"].as_f64().unwrap());
        assert!((a - b).abs() < 1e-12, "{metric}: {a} {b}");
    }
    let again = place.run(add).ok();
    assert!(again.contains("0 outcomes of y are new, 120 known already"), "{again}");
    assert_eq!(place.run("feedback show y --json").json(), shown);
    let table = place.run("feedback show y --by month").ok();
    assert!(table.contains("y:1 by auc") && table.contains("100 %"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
}

#[test]
fn what_is_missing_corrected_or_unknown_is_told() {
    let place = place();
    place.write("came.csv", outcomes(60) + "nobody,yes\n");
    let add = "feedback add came.csv --model y --id id --outcome came --json";
    let first = place.run(add).json();
    assert_eq!((&first["added"], &first["unpredicted"]), (&61.into(), &1.into()));
    let flipped = outcomes(1).replace("yes", "?").replace(",no", ",yes").replace(",?", ",no");
    place.write("came.csv", flipped);
    let corrected = place.run(add).json();
    assert_eq!(corrected["rows"], 1, "{corrected}");
    let shown = place.run("feedback show y --json").json();
    assert_eq!(shown["versions"][0]["all"]["known"], 60);
    assert_eq!(shown["unpredicted"], 1);
}

#[test]
fn a_prediction_is_logged_once_and_of_the_register_only() {
    let place = place();
    let again = place.run("predict y:1 new.csv --log id --output out2.csv");
    assert!(
        again.stderr.contains("0 predictions logged by `id`, 120 were logged"),
        "{}",
        again.stderr
    );
    assert_eq!(place.read("out.csv"), place.read("out2.csv"));
    assert!(!place.read("out.csv").starts_with("id"), "the id is not an output column");
    let file = place.run("predict old.ruska new.csv --log id").fails(2);
    assert!(file.contains("--log"), "{file}");
    let column = place.run("predict y:1 new.csv --log nr").fails(1);
    assert!(column.contains("nr"), "{column}");
    let column = place.run("feedback add new.csv --model y --id nr --outcome y").fails(1);
    assert!(column.contains("nr"), "{column}");
    let model = place.run("feedback show z").fails(1);
    assert!(model.contains("there is no model `z`"), "{model}");
}

#[test]
fn a_job_logs_what_it_scores() {
    let place = place();
    place.write(
        "job.toml",
        "[job]\nname = \"y\"\n[data]\ntrain = \"old.csv\"\ntarget = \"y\"\n[fit]\ntrials = \
         2\ninclude = [\"linear\"]\nseed = 3\n[predict]\ninput = \"new.csv\"\noutput = \
         \"scores.csv\"\nlog = \"id\"\n",
    );
    let version = place.run("job run job.toml --json").json()["version"].clone();
    place.write("came.csv", outcomes(120));
    place.run("feedback add came.csv --model y --id id --outcome came").ok();
    let shown = place.run("feedback show y --json").json();
    let versions = shown["versions"].as_array().unwrap();
    assert_eq!(versions.last().unwrap()["version"], version);
    let counted: u64 = versions.iter().map(|v| v["all"]["known"].as_u64().unwrap()).sum();
    assert_eq!(counted, 120);
}

#[test]
fn an_id_of_several_rows_is_refused_with_its_lines() {
    let place = place();
    let logged = || place.run("feedback show y --json").json()["versions"][0]["all"].clone();
    let before = logged();
    // Rows 3 and 6 have the id of row 1; blanks around an id do not count.
    let twice = small(9).replace("A0002", "A0000").replace("A0005", " A0000 ") + ",1,Rome,yes\n";
    let twice = twice.replace("A00", "B00");
    place.write("twice.csv", &twice);
    let told = place.run("predict y:1 twice.csv --log id --output t.csv").fails(1);
    assert!(told.contains("twice.csv, lines 2 and 4 have the same `id`;"), "{told}");
    assert!(!place.path("t.csv").exists());
    assert_eq!(logged(), before, "nothing of it is logged");
    let rest = small(3).replace("A00", "B00");
    place.write("in/a.csv", &rest).write("in/b.csv", &rest);
    let told = place.run("predict y:1 in --log id --output t.csv").fails(1);
    assert!(told.contains("a.csv, line 2, and in/b.csv, line 2 have the same `id`"), "{told}");
    assert!(told.contains("3 ids occur more than once"), "{told}");
    // Whoever logs nothing scores what he likes.
    place.run("predict y:1 twice.csv --output t.csv").ok();
}

#[test]
fn outcomes_that_are_none_are_told_and_models_that_cannot_log_are_refused() {
    let place = place();
    place.write("came.csv", outcomes(60).replace(",no", ",NA"));
    let add = "feedback add came.csv --model y --id id --outcome came";
    let told = place.run(add).ok();
    let missing = outcomes(60).matches(",no").count();
    assert!(told.contains(&format!("\n{missing} rows without an outcome\n")), "{told}");
    let before = place.run("feedback show y --json").json();
    place.write("came.csv", outcomes(60).replace(",yes", ",YES"));
    let told = place.run(add).fails(1);
    assert!(
        told.contains("outcomes are no class of y, which tells `no`, `yes` (`YES` in line "),
        "{told}"
    );
    assert_eq!(place.run("feedback show y --json").json(), before);
    place.run("fit old.csv --task clustering --ignore y,id --trials 1 --register groups").ok();
    let told = place.run("feedback add came.csv --model groups --id id --outcome came").fails(1);
    assert!(told.contains("groups is a model of clustering:"), "{told}");
}
