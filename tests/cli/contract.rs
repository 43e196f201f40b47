//! `ruska profile --suggest-checks`, `ruska check`, and jobs with a contract.

use crate::{Place, root, small};

fn place() -> Place {
    let place = Place::new();
    place.write("clean.csv", small(400));
    place.run("profile clean.csv --target y --suggest-checks c.toml").ok();
    place
}

#[test]
fn a_contract_holds_for_its_table_and_names_what_breaks_it() {
    let place = place();
    let text = place.read("c.toml");
    assert!(text.contains("contract = 1") && text.contains("[columns.city]"), "{text}");
    assert!(text.contains("levels = [\"Bern\", \"Oslo\", \"Rome\"]"), "{text}");
    assert!(!text.contains("A0001"), "{text}");
    let kept = place.run("check clean.csv --contract c.toml").ok();
    assert!(kept.starts_with("clean.csv keeps c.toml:"), "{kept}");
    let new = small(400).replacen("A0007,", "A0007,-999", 1).replacen("Oslo", "OSLO ", 3);
    place.write("new.csv", new);
    let told = place.run("check new.csv --contract c.toml");
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(told.stdout.lines().all(|line| line.chars().count() <= 100), "{}", told.stdout);
    assert!(told.stdout.contains("line 9"), "{}", told.stdout);
    let json = place.run("check new.csv --contract c.toml --json");
    assert_eq!(json.code, Some(3));
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(json["holds"], false);
    let breaches = json["verdict"]["breaches"].as_array().unwrap();
    let of = |column: &str, check: &str| {
        breaches.iter().find(|b| b["column"] == column && b["check"] == check).cloned()
    };
    assert_eq!(of("x", "range").unwrap()["places"][0], "line 9");
    let levels = of("city", "levels").unwrap();
    assert_eq!(levels["count"], 3, "{levels}");
    assert_eq!(levels["places"].as_array().unwrap().len(), 3);
}

#[test]
fn misuse_and_what_cannot_be_read_are_told() {
    let place = place();
    place.run("check clean.csv").fails(2);
    place.run("check --contract c.toml").fails(2);
    let absent = place.run("check gone.csv --contract c.toml").fails(1);
    assert!(absent.contains("gone.csv"), "{absent}");
    let absent = place.run("check clean.csv --contract gone.toml").fails(1);
    assert!(absent.contains("gone.toml"), "{absent}");
    place.write("bad.toml", "contract = 1\n[columns.x]\ntype = \"numeric\"\nmaxx = 3\n");
    let bad = place.run("check clean.csv --contract bad.toml").fails(1);
    assert!(
        bad.contains("bad.toml:4:1: [columns.x] unknown key `maxx`; did you mean `max`?"),
        "{bad}"
    );
    let html = place.run("profile clean.csv --suggest-checks c.toml --html p.html").fails(2);
    assert!(html.contains("--html"), "{html}");
}

#[test]
fn the_schema_for_editors_is_that_of_the_program() {
    let place = Place::new();
    let printed = place.run("check --schema").json();
    let committed = std::fs::read_to_string(root().join("schemas/contract.schema.json")).unwrap();
    assert_eq!(printed, serde_json::from_str::<serde_json::Value>(&committed).unwrap());
}

#[test]
fn a_job_runs_only_on_data_that_keeps_its_contract() {
    let place = place();
    place.write(
        "job.toml",
        "[job]\nname = \"y\"\n[data]\ntrain = \"clean.csv\"\ntarget = \"y\"\ncontract = \
         \"c.toml\"\n[fit]\ntrials = 2\ninclude = [\"linear\"]\n",
    );
    place.run("job validate job.toml").ok();
    let first = place.run("job run job.toml --json").json();
    assert_eq!((&first["outcome"], &first["version"]), (&"registered".into(), &1.into()));
    assert_eq!(first["contract"]["breaches"].as_array().unwrap().len(), 0);
    place.write("clean.csv", small(400).replace(",Rome,", ",Roma,"));
    let broken = place.run("job run job.toml");
    assert_eq!(broken.code, Some(0), "{}", broken.stderr);
    assert!(broken.stdout.contains("contract broken"), "{}", broken.stdout);
    assert!(broken.stdout.contains("`Roma` is none of the levels"), "{}", broken.stdout);
    assert_eq!(place.run("job run job.toml --strict").code, Some(3));
    let runs = place.run("job history y --json").json();
    let outcomes: Vec<&str> =
        runs.as_array().unwrap().iter().map(|r| r["end"][1]["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["registered", "violated", "violated"]);
    assert_eq!(place.run("model list --json").json().as_array().unwrap().len(), 1);
    place.write("c.toml", "contract = 1\n[tabel]\n");
    let bad = place.run("job validate job.toml").fails(1);
    assert!(bad.contains("c.toml:2:2: unknown key `tabel`; did you mean `table`?"), "{bad}");
    std::fs::remove_file(place.path("c.toml")).unwrap();
    let gone = place.run("job validate job.toml").fails(1);
    assert!(gone.contains("job.toml:6:12: "), "{gone}");
}

#[test]
fn lines_of_several_files_name_their_file() {
    let place = place();
    place.write("in/a.csv", small(400));
    place.write("in/b.csv", small(400).replacen(",Oslo,", ",Osla,", 2));
    for source in ["in", "in/*.csv"] {
        let told = place.run(&format!("check {source} --contract c.toml"));
        assert_eq!(told.code, Some(3), "{}", told.stderr);
        let lines: Vec<usize> = small(400)
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(",Oslo,"))
            .map(|(i, _)| i + 1)
            .collect();
        assert!(told.stdout.contains("b.csv, line"), "{}", told.stdout);
        let json = place.run(&format!("check {source} --contract c.toml --json"));
        let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        let breaches = json["verdict"]["breaches"].as_array().unwrap();
        let levels = breaches.iter().find(|b| b["check"] == "levels").unwrap();
        let expected = lines[..2].iter().map(|line| format!("b.csv, line {line}"));
        assert_eq!(levels["places"], serde_json::json!(expected.collect::<Vec<_>>()));
    }
    // Of two files of one name the folders tell which.
    place.write("more/x/b.csv", small(400)).write("more/y/b.csv", place.read("in/b.csv"));
    let json = place.run("check more/*/b.csv --contract c.toml --json");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let breaches = json["verdict"]["breaches"].as_array().unwrap();
    let osla = breaches.iter().find(|b| b["check"] == "levels").unwrap();
    assert!(osla["places"][0].as_str().unwrap().starts_with("more/y/b.csv, line "), "{osla}");
}

#[test]
fn a_contract_that_promises_little_says_so() {
    let place = Place::new();
    place.write("one.csv", small(1));
    let told = place.run("profile one.csv --suggest-checks one.toml");
    assert!(told.stderr.contains("! a contract from one row promises little"), "{}", told.stderr);
    told.ok();
    place.run("check one.csv --contract one.toml").ok();
    // Names that turn text round stay names in the file and are harmless on a terminal.
    place.write("odd.csv", small(200).replacen(",city,", ",\u{202e}ytic,", 1));
    place.run("profile odd.csv --suggest-checks odd.toml").ok();
    assert!(!place.read("odd.toml").contains('\u{202e}'));
    place.run("check odd.csv --contract odd.toml").ok();
    let broken = place.run("check one.csv --contract odd.toml");
    assert_eq!(broken.code, Some(3));
    assert!(broken.stdout.contains("ytic") && !broken.stdout.contains('\u{202e}'));
}

#[test]
fn a_contract_of_another_wide_table_is_told_in_short() {
    let place = place();
    let names: Vec<String> = (0..3000).map(|i| format!("sensor reading {i:04}")).collect();
    let terms: String = names.iter().map(|name| format!("[columns.\"{name}\"]\n")).collect();
    place.write("wide.toml", format!("contract = 1\n{terms}"));
    let others = names.iter().map(|name| name.replace("sensor", "censor"));
    let header = others.collect::<Vec<_>>().join(",");
    place.write("wide.csv", format!("{header}\n{0}1\n{0}2\n", "1,".repeat(2999)));
    let told = place.run("check wide.csv --contract wide.toml");
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    assert!(told.stdout.contains("3000 things are not as expected"), "{}", told.stdout);
    assert!(told.stdout.contains("… and 2940 more; --json tells all"), "{}", told.stdout);
    assert!(told.stdout.lines().all(|line| line.chars().count() <= 100), "{}", told.stdout);
}

#[test]
fn a_table_without_a_row_breaks_min_rows() {
    let place = place();
    let header = small(1).lines().next().unwrap().to_owned() + "\n";
    place.write("header.csv", &header).write("empty.csv", "");
    place.write("in/a.csv", &header).write("in/b.csv", &header);
    for source in ["header.csv", "empty.csv", "in"] {
        let told = place.run(&format!("check {source} --contract c.toml"));
        assert_eq!(told.code, Some(3), "{source}: {}", told.stderr);
        assert!(told.stdout.contains("there are 0 rows, expected at least 40"), "{}", told.stdout);
    }
    let json = place.run("check header.csv --contract c.toml --json");
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        (&json["holds"], &json["verdict"]["breaches"][0]["check"]),
        (&false.into(), &"rows".into())
    );
    // What cannot be read, and what no contract says anything of, fails.
    place.write("ragged.csv", "a,b\n1\n").write("loose.toml", "contract = 1\n");
    for words in ["ragged.csv --contract c.toml", "header.csv --contract loose.toml"] {
        place.run(&format!("check {words}")).fails(1);
    }
    place.write(
        "job.toml",
        "[job]\nname = \"y\"\n[data]\ntrain = \"header.csv\"\ntarget = \"y\"\ncontract = \
         \"c.toml\"\n[fit]\ntrials = 1\n",
    );
    let report = place.run("job run job.toml --json").json();
    assert_eq!(report["outcome"], "violated", "{report}");
    assert_eq!(place.run("job run job.toml --strict").code, Some(3));
    let runs = place.run("job history y --json").json();
    assert_eq!(runs[1]["end"][1]["outcome"], "violated", "{runs}");
}
