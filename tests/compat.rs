//! Model files of released formats load and predict what they predicted when they were made.
#![allow(clippy::unwrap_used)]

use ruska::{Beside, Model, ReadOptions, predict_file};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat")
}

fn models() -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder()).unwrap().map(|f| f.unwrap().path());
    let mut models: Vec<PathBuf> =
        files.filter(|f| f.extension().is_some_and(|e| e == "ruska")).collect();
    models.sort();
    assert!(models.len() >= 6, "the committed models are there");
    models
}

#[test]
fn committed_models_predict_what_they_did() {
    let table = folder().join("table.csv").display().to_string();
    let work = tempfile::tempdir().unwrap();
    let out = work.path().join("out.csv").display().to_string();
    for path in models() {
        let model = Model::load(&path).unwrap();
        predict_file(&model, &table, &ReadOptions::default(), &out, &Beside::default()).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("csv")).unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), expected, "{}", path.display());
    }
}

#[test]
fn committed_models_are_written_back_byte_for_byte() {
    for path in models() {
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(Model::load(&path).unwrap().to_bytes(), bytes, "{}", path.display());
    }
}
