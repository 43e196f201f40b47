//! `ruska init`: a fresh project runs as it is.

use crate::{Place, small};
use std::process::Command;

/// Runs a script of the project by its own words, with this build of ruska.
fn script(place: &Place, project: &str, name: &str) -> (Option<i32>, String) {
    let output = Command::new("bash")
        .arg(format!("ci/{name}.sh"))
        .current_dir(place.path(project))
        .env("RUSKA", env!("CARGO_BIN_EXE_ruska"))
        .env_remove("RUSKA_STORE")
        .output()
        .unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&all).into_owned())
}

#[test]
fn a_fresh_project_goes_from_lab_to_prod_untouched() {
    let place = Place::new();
    let told = place.run("init churn").ok();
    assert!(told.contains("jobs/prod.toml") && told.contains("next "), "{told}");
    for stage in ["lab", "dev", "test", "prod"] {
        let (code, said) = script(&place, "churn", stage);
        assert_eq!(code, Some(0), "{stage}: {said}");
    }
    // What is pushed without new data passes again, and what stands stays.
    for stage in ["lab", "dev", "test", "prod"] {
        let (code, said) = script(&place, "churn", stage);
        assert_eq!(code, Some(0), "{stage}, again: {said}");
        assert!(stage != "dev" || said.contains("declined"), "{said}");
    }
    let store = "--store churn/.ruska";
    let shown = place.run(&format!("model show churn@prod --json {store}")).json();
    assert_eq!(shown["version"], 1);
    // Retraining on the same data finds the same model and leaves what stands.
    let ran = place.run(&format!("job run churn/jobs/prod.toml --json {store}")).json();
    assert_eq!(ran["outcome"], "declined");
    assert!(place.run("init churn").fails(1).contains("not empty"));
    place.run("init a/b").fails(2);
    place.run("init x --data a.csv").fails(2);
    // Data that break the contract, and a stage in which nothing stands, end the pipeline.
    let train = place.read("churn/data/dev/train.csv");
    let header = train.lines().next().unwrap();
    place.write("churn/data/dev/train.csv", format!("{header}\n"));
    assert_eq!(script(&place, "churn", "dev").0, Some(3));
    place.write("churn/data/dev/train.csv", train);
    std::fs::remove_dir_all(place.path("churn/.ruska")).unwrap();
    let job = place.read("churn/jobs/dev.toml").replace("max = 100 }", "max = 0.000001 }");
    place.write("churn/jobs/dev.toml", job);
    let (code, said) = script(&place, "churn", "dev");
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn a_project_of_ones_own_table_learns_from_it() {
    let place = Place::new();
    place.write("my data/a table.csv", small(300));
    let data = "my\u{1f}data/a\u{1f}table.csv";
    place.run(&format!("init mine --data {data} --target y --folder here")).ok();
    for stage in ["lab", "dev"] {
        let (code, said) = script(&place, "here", stage);
        assert_eq!(code, Some(0), "{stage}: {said}");
    }
    place.run("job validate here/jobs/prod.toml").ok();
    place.run(&format!("init other --data {data} --target z")).fails(1);
    assert!(!place.path("other").exists());
}

#[test]
fn a_project_and_its_data_move_together_and_leaks_are_left_out() {
    let place = Place::new();
    place.churn("work/churn.csv");
    let words = ["init", "churn", "--data", "work/churn.csv", "--target", "churned", "--folder"];
    let told = place.run_words(&[&words[..], &["work/my project"]].concat()).ok();
    assert!(told.contains("cd 'work/my project' && "), "{told}");
    assert!(told.contains("`cancellation_fee_eur` tells the target"), "{told}");
    assert!(told.lines().all(|line| line.chars().count() <= 100), "{told}");
    let job = place.read("work/my project/jobs/dev.toml");
    assert!(job.contains("train = \"../../churn.csv\""), "{job}");
    assert!(job.contains("\ndrop_leaks = true "), "{job}");
    let all = ["README.md", "ci/lab.sh", "ci/test.sh", "jobs/prod.toml", "contract.toml"];
    let root = place.folder().canonicalize().unwrap().display().to_string();
    for file in all {
        let text = place.read(&format!("work/my project/{file}"));
        assert!(!text.contains(&root), "{file}: {text}");
    }
    std::fs::rename(place.path("work"), place.path("moved")).unwrap();
    let (code, said) = script(&place, "moved/my project", "lab");
    assert_eq!(code, Some(0), "{said}");
    // What lies far away is named as it is, and the project says so.
    place.write("x.csv", small(300));
    place.run("init far --data x.csv --target y --folder a/b/c/far").ok();
    assert!(place.read("a/b/c/far/jobs/dev.toml").contains("/place/x.csv\""));
    assert!(place.read("a/b/c/far/README.md").contains("lies elsewhere"));
}

#[test]
fn a_project_that_cannot_be_made_leaves_nothing() {
    let place = Place::new();
    place.write("x.csv", "a,y\n");
    place.run("init x --data x.csv --target y").fails(1);
    assert!(!place.path("x").exists());
    std::fs::create_dir(place.path("empty")).unwrap();
    place.run("init x --data x.csv --target y --folder empty").fails(1);
    assert_eq!(std::fs::read_dir(place.path("empty")).unwrap().count(), 0);
}
