//! The shape of the house: which crate may know which, and that folders and tables agree.
#![allow(clippy::unwrap_used)]

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What cargo knows of the packages that this platform needs; those of others may not be there.
fn metadata() -> Value {
    let compiler = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(compiler.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(["--filter-platform", host])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Names of the packages that a package depends on, dev-dependencies aside.
fn dependencies(package: &Value) -> BTreeSet<&str> {
    let all = package["dependencies"].as_array().unwrap();
    all.iter().filter(|d| d["kind"] != "dev").map(|d| d["name"].as_str().unwrap()).collect()
}

fn members(metadata: &Value) -> BTreeMap<&str, &Value> {
    let ids: BTreeSet<&str> = metadata["workspace_members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i.as_str().unwrap())
        .collect();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .filter(|p| ids.contains(p["id"].as_str().unwrap()))
        .map(|p| (p["name"].as_str().unwrap(), p))
        .collect()
}

#[test]
fn crates_know_only_what_the_plan_allows() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("ruska-core", &[][..]),
        ("ruska-kernels", &[]),
        ("ruska-data", &["ruska-core"]),
        ("ruska-catalog", &["ruska-core", "ruska-kernels"]),
        ("ruska-search", &["ruska-core"]),
        ("ruska-store", &["ruska-core"]),
        ("ruska-testkit", &["ruska-core"]),
        ("ruska", &["ruska-core", "ruska-data", "ruska-catalog", "ruska-search", "ruska-store"]),
        ("ruska-ops", &["ruska"]),
        ("ruska-report", &["ruska", "ruska-ops"]),
        ("ruska-cli", &["ruska", "ruska-ops", "ruska-report"]),
        ("xtask", &[]),
    ]);
    let metadata = metadata();
    for (name, package) in members(&metadata) {
        let known = allowed.get(name).unwrap_or_else(|| panic!("{name} is not in the plan"));
        let ours: BTreeSet<&str> =
            dependencies(package).into_iter().filter(|d| d.starts_with("ruska")).collect();
        let allowed: BTreeSet<&str> = known.iter().copied().collect();
        assert!(ours.is_subset(&allowed), "{name} must not know {:?}", &ours - &allowed);
    }
}

#[test]
fn heavy_dependencies_stay_where_they_belong() {
    let home: [(&str, &[&str]); 10] = [
        ("polars", &["ruska-data"]),
        ("calamine", &["ruska-data"]),
        ("linfa", &["ruska-catalog"]),
        ("ndarray", &["ruska-catalog"]),
        ("rusqlite", &["ruska-store"]),
        ("clap", &["ruska-cli"]),
        ("comfy-table", &["ruska-cli"]),
        ("ureq", &["ruska-ops"]),
        ("rustls", &["ruska-ops"]),
        ("tokio", &[]),
    ];
    let metadata = metadata();
    for (name, package) in members(&metadata) {
        for dependency in dependencies(package) {
            for (prefix, homes) in home {
                let guarded = dependency == prefix || dependency.starts_with(&format!("{prefix}-"));
                assert!(!guarded || homes.contains(&name), "{name} must not know {dependency}");
            }
        }
        let plain = ["ruska-core", "ruska-search", "ruska-store"];
        let threads = dependencies(package).contains("rayon");
        assert!(!(plain.contains(&name) && threads), "{name} must not know rayon");
    }
}

#[test]
fn dependencies_are_free_and_from_the_registry() {
    let free = [
        "MIT",
        "Apache-2.0",
        "BSD",
        "ISC",
        "Zlib",
        "Unicode-3.0",
        "CC0-1.0",
        "BSL-1.0",
        "Unlicense",
        "0BSD",
    ];
    let metadata = metadata();
    let ours = members(&metadata);
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        if ours.contains_key(name) {
            continue;
        }
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(free.iter().any(|f| licence.contains(f)), "{name} has the licence `{licence}`");
        let source = package["source"].as_str().unwrap_or_default();
        assert!(source.starts_with("registry+"), "{name} comes from `{source}`");
    }
}

#[test]
fn every_crate_has_the_lints_of_the_workspace() {
    for manifest in glob(&root().join("crates"), "Cargo.toml") {
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains("[lints]\nworkspace = true"), "{}", manifest.display());
    }
}

/// A catalog folder is its table: each file has a `mod` line and an entry, and the other way round.
#[test]
fn catalog_folders_and_tables_agree() {
    let catalog = ruska::builtin();
    let ids = |folder: &str| -> BTreeSet<String> {
        match folder {
            "learners" | "clusterers" | "forecasters" => {
                let home = |l: &ruska::LearnerInfo| match l.tasks {
                    [ruska::TaskKind::Clustering, ..] => "clusterers",
                    [ruska::TaskKind::Forecasting, ..] => "forecasters",
                    _ => "learners",
                };
                let infos = catalog.learners.iter().map(|l| l.info());
                infos.filter(|i| home(i) == folder).map(|i| i.id.to_owned()).collect()
            }
            "steps" => catalog.steps.iter().map(|s| s.info().id.to_owned()).collect(),
            "measures" => catalog.measures.iter().map(|m| m.info().id.to_owned()).collect(),
            _ => catalog.splitters.iter().map(|s| s.info().id.to_owned()).collect(),
        }
    };
    for folder in ["learners", "clusterers", "forecasters", "steps", "measures", "splitters"] {
        let path = root().join("crates/ruska-catalog/src").join(folder);
        let files: BTreeSet<String> = fs::read_dir(&path)
            .unwrap()
            .map(|f| f.unwrap().path())
            .filter(|f| f.extension().is_some_and(|e| e == "rs"))
            .map(|f| f.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|stem| stem != "mod")
            .collect();
        assert_eq!(files, ids(folder), "{folder}: files and registered ids differ");
    }
}

/// The engine, the façade and the command know no learner by name.
#[test]
fn nothing_outside_the_catalog_names_a_learner() {
    let ids: Vec<String> =
        ruska::builtin().learners.iter().map(|l| format!("\"{}\"", l.info().id)).collect();
    for name in ["ruska-core", "ruska-data", "ruska-search", "ruska-store", "ruska", "ruska-cli"] {
        for file in glob(&root().join("crates").join(name).join("src"), ".rs") {
            if file.to_str().is_some_and(|f| f.ends_with("_tests.rs")) {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            // `"baseline"` is also the word for where a trial comes from, `"drift"` for what data do.
            let words = ["\"baseline\"", "\"drift\""];
            for id in ids.iter().filter(|id| !words.contains(&id.as_str())) {
                assert!(!code.contains(id.as_str()), "{} names {id}", file.display());
            }
        }
    }
}

#[test]
fn files_are_of_one_idea() {
    for folder in ["crates", "xtask", "tests"] {
        for file in glob(&root().join(folder), ".rs") {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 550, "{} has {lines} lines; split it by idea", file.display());
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["XX", "X:"].concat()];
    for folder in ["crates", "xtask", "tests", "examples"] {
        for file in glob(&root().join(folder), ".rs") {
            let text = fs::read_to_string(&file).unwrap();
            for mark in &marks {
                assert!(!text.contains(mark.as_str()), "{} says {mark}", file.display());
            }
        }
    }
}

/// Files below a folder whose name ends so.
fn glob(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(glob(&path, end));
        } else if path.to_str().is_some_and(|p| p.ends_with(end)) {
            found.push(path);
        }
    }
    found.sort();
    found
}
