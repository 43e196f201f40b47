//! Model files whose checksum, compression and encoding are whole and whose content is not.
//! `RUSKA_MUTATIONS` sets how many damages are tried.

#![allow(clippy::unwrap_used)]

use super::*;
use ruska_core::Rng;
use ruska_testkit::damaged;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The content of a model file.
#[derive(Clone)]
struct Content {
    manifest: Value,
    pipelines: Vec<SavedPipeline>,
    reference: Vec<u8>,
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        let opened = file::open::<Value>(bytes).unwrap();
        let pipelines = codec::decode(&opened.block("pipelines").unwrap(), "pipelines").unwrap();
        let reference = opened.block("reference").unwrap();
        Self { manifest: opened.manifest, pipelines, reference }
    }

    fn pack(&self) -> Vec<u8> {
        let pipelines = codec::encode(&self.pipelines);
        let blocks = [("pipelines", pipelines), ("reference", self.reference.clone())];
        file::pack(&self.manifest, &blocks)
    }

    fn load(&self) -> Result<Model, LoadError> {
        Model::from_bytes(&self.pack(), &ruska_catalog::builtin())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat")
}

fn content(id: &str) -> Content {
    Content::of(&std::fs::read(folder().join(format!("v1-{id}.ruska"))).unwrap())
}

fn table() -> Frame {
    let table = folder().join("table.csv").display().to_string();
    crate::read(&table).unwrap().take(&[0, 7, 23])
}

/// Changes a value somewhere in the manifest.
fn damage_json(value: &mut Value, rng: &mut Rng) {
    let n = match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if n > 0 && rng.below(8) > 0 {
        let at = rng.below(n);
        match value {
            Value::Array(items) => match rng.below(6) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => items.swap(at, n / 2),
                _ => damage_json(&mut items[at], rng),
            },
            Value::Object(fields) => {
                if let Some(field) = fields.values_mut().nth(at) {
                    damage_json(field, rng);
                }
            }
            _ => {}
        }
        return;
    }
    let odd = ["", "proba_good", "x", "prediction", "categorical", "regression"];
    *value = match rng.below(8) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!(true),
        3 => json!([-1, 0, 5, 1_i64 << 40][rng.below(4)]),
        4 => json!(["a", "a"]),
        _ => json!(odd[rng.below(odd.len())]),
    };
}

/// Damages a state, the list of pipelines, the manifest or the reference.
fn damage(content: &mut Content, other: &Content, rng: &mut Rng) {
    let at = rng.below(content.pipelines.len());
    match rng.below(16) {
        0..=2 => damage_json(&mut content.manifest, rng),
        3 => content.reference = damaged(&content.reference, rng),
        4 => drop(content.pipelines.remove(at)),
        5 => content.pipelines.insert(at, other.pipelines[0].clone()),
        6 => content.pipelines[at].learner = other.pipelines[0].learner.clone(),
        7 => content.manifest = other.manifest.clone(),
        kind => {
            let pipeline = &mut content.pipelines[at];
            let places = pipeline.steps.len() + 1;
            let (a, b) = (rng.below(places), rng.below(places));
            match pipeline.steps.get_mut(a) {
                Some(_) if kind == 8 => drop(pipeline.steps.remove(a)),
                Some(_) if kind == 9 && b + 1 < places => pipeline.steps.swap(a, b),
                Some(step) => step.state = damaged(&step.state, rng),
                None => pipeline.learner.state = damaged(&pipeline.learner.state, rng),
            }
        }
    }
}

#[test]
fn damaged_content_never_panics() {
    let mutations = std::env::var("RUSKA_MUTATIONS").map_or(300, |n| n.parse::<usize>().unwrap());
    let table = table();
    let originals = ["gbdt", "linear", "tree", "naive_bayes", "elastic_net", "glm"].map(content);
    let mut rng = Rng::new(11);
    let (mut refused, mut failed, mut predicted) = (0, 0, 0);
    for i in 0..mutations {
        // The first one is large, so now and then only.
        let large = i.is_multiple_of(20);
        let original = &originals[if large { 0 } else { 1 + i % (originals.len() - 1) }];
        let mut content = original.clone();
        damage(&mut content, &originals[1 + rng.below(originals.len() - 1)], &mut rng);
        let Ok(model) = content.load() else {
            refused += 1;
            continue;
        };
        assert!(model.predict(&table.take(&[])).is_ok_and(|p| p.numbers.rows() == 0));
        match model.predict(&table) {
            Ok(p) => {
                assert_eq!(p.to_frame().rows(), 3);
                let _ = p.label(2);
                predicted += 1;
            }
            Err(_) => failed += 1,
        }
        assert!(model.to_bytes().len() > 1000);
    }
    let spread = refused > mutations / 4 && predicted > mutations / 20;
    assert!(spread, "{refused} refused, {failed} failed to predict, {predicted} did");
}

/// The error of a file after a change of its content.
fn refusal(id: &str, change: impl Fn(&mut Content)) -> String {
    let mut content = content(id);
    content.load().unwrap();
    change(&mut content);
    content.load().err().unwrap().to_string()
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let says = |error: String, what: &str| assert!(error.contains(what), "{error}");
    says(refusal("linear", |c| c.manifest["classes"] = json!(["bad", "bad"])), "classes");
    says(refusal("linear", |c| c.manifest["classes"] = json!(["bad"])), "classes");
    says(refusal("glm", |c| c.manifest["classes"] = json!(["a", "b"])), "classes");
    says(refusal("tree", |c| c.manifest["positive"] = json!("best")), "`best`");
    says(
        refusal("tree", |c| {
            c.manifest["classes"] = json!(["bad", "good", "best"]);
        }),
        "rows of 2 numbers instead of 0 rows of 3",
    );
    says(
        refusal("tree", |c| c.pipelines.extend(content("glm").pipelines)),
        "rows of 1 numbers instead of 0 rows of 2",
    );
    says(refusal("linear", |c| drop(c.pipelines[0].steps.remove(0))), "model");
    says(
        refusal("glm", |c| {
            let features = c.manifest["features"].as_array_mut().unwrap();
            features.pop();
        }),
        "reference",
    );
    says(
        refusal("glm", |c| {
            let columns = c.manifest["schema"]["columns"].as_array_mut().unwrap();
            columns.push(columns[0].clone());
        }),
        "twice",
    );
}
