//! How two files of a model differ, and two accounts of a trial: part by part, in words.

use crate::file;
use crate::reference::{ColumnSketch, Reference};
use ruska_core::{LoadError, SavedPart, SavedPipeline, codec};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Longest text of a value, in characters.
const LONGEST: usize = 120;
/// Parts that say where a difference comes from; they are told first.
const CAUSES: [&str; 2] = ["manifest.version", "manifest.machine"];

/// A part that is not what was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The part, such as `manifest.scores.auc`, `pipelines[2].learner.state` or
    /// `trials.7.folds[0].loss`.
    pub part: String,
    /// What was recorded, shortened; `nothing` where it was not there.
    pub recorded: String,
    /// What it is now, shortened; `nothing` where it is not there.
    pub now: String,
}

/// What differs between two model files, the causes first. Numbers are equal when all their digits
/// are.
///
/// Fails when one of them is no model file.
pub(crate) fn of_files(recorded: &[u8], now: &[u8]) -> Result<Vec<Difference>, LoadError> {
    let mut found = of_values("", &content(recorded)?, &content(now)?);
    found.sort_by_key(|d| !CAUSES.contains(&d.part.as_str()));
    if found.is_empty() && recorded != now {
        // Equal content in other bytes: packed by another version of the compression.
        found.push(difference("packing", Some(&bytes(recorded)), Some(&bytes(now))));
    }
    Ok(found)
}

/// What differs between two values; `path` names them.
pub(crate) fn of_values(path: &str, recorded: &Value, now: &Value) -> Vec<Difference> {
    let mut found = vec![];
    compare(path, Some(recorded), Some(now), &mut found);
    found
}

fn compare(path: &str, recorded: Option<&Value>, now: Option<&Value>, out: &mut Vec<Difference>) {
    match (recorded, now) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, a.get(key), b.get(key), out);
            }
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            for i in 0..a.len().max(b.len()) {
                compare(&format!("{path}[{i}]"), a.get(i), b.get(i), out);
            }
        }
        (Some(a), Some(b)) if written(a) == written(b) => {}
        _ => out.push(difference(path, recorded, now)),
    }
}

/// A value as it is written, so that 0 and -0 differ.
fn written(value: &Value) -> String {
    value.to_string()
}

fn difference(path: &str, recorded: Option<&Value>, now: Option<&Value>) -> Difference {
    Difference { part: path.to_owned(), recorded: text(recorded), now: text(now) }
}

fn text(value: Option<&Value>) -> String {
    let text = match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// A model file as one value, in which bytes stand for themselves by their hash.
fn content(file: &[u8]) -> Result<Value, LoadError> {
    let opened = file::open::<Value>(file)?;
    let pipelines: Vec<SavedPipeline> = codec::decode(&opened.block("pipelines")?, "pipelines")?;
    let Reference { columns, target, errors, predictions, fitted, conformal, seen } =
        codec::decode(&opened.block("reference")?, "reference")?;
    let part = |part: &SavedPart| json!({"id": part.id, "state": bytes(&part.state)});
    let pipelines: Vec<Value> = pipelines
        .iter()
        .map(|p| {
            let steps: Vec<Value> = p.steps.iter().map(part).collect();
            json!({"steps": steps, "learner": part(&p.learner)})
        })
        .collect();
    let sketch = |sketch: &ColumnSketch| bytes(&codec::encode(sketch));
    let columns = columns.iter().map(|c| (c.name.clone(), sketch(c)));
    let reference = json!({
        "columns": columns.collect::<serde_json::Map<_, _>>(),
        "target": sketch(&target),
        "errors": bytes(&codec::encode(&errors)),
        "predictions": bytes(&codec::encode(&predictions)),
        "fitted": bytes(&codec::encode(&fitted)),
        "conformal": bytes(&codec::encode(&conformal)),
        "seen": bytes(&codec::encode(&seen)),
    });
    Ok(json!({"manifest": opened.manifest, "pipelines": pipelines, "reference": reference}))
}

fn bytes(bytes: &[u8]) -> Value {
    let hash = blake3::hash(bytes).to_hex();
    Value::String(format!("{} bytes, blake3 {}…", bytes.len(), &hash[..12]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn parts_that_differ_are_named() {
        let a = json!({"same": [1, {"x": "y"}], "list": [1.0, 2.0], "zero": 0.0, "gone": 1});
        let b = json!({"same": [1, {"x": "y"}], "list": [1.0, 2.5, 3.0], "zero": -0.0, "new": "n"});
        let found = of_values("", &a, &b);
        let told: Vec<(&str, &str, &str)> =
            found.iter().map(|d| (&*d.part, &*d.recorded, &*d.now)).collect();
        assert_eq!(
            told,
            [
                ("gone", "1", "nothing"),
                ("list[1]", "2.0", "2.5"),
                ("list[2]", "nothing", "3.0"),
                ("new", "nothing", "n"),
                ("zero", "0.0", "-0.0"),
            ]
        );
        let long = json!("x".repeat(1000));
        assert_eq!(of_values("p", &long, &Value::Null)[0].recorded.chars().count(), LONGEST);
    }

    #[test]
    fn files_are_compared_part_by_part_and_their_causes_come_first() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat");
        let read = |id: &str| std::fs::read(folder.join(format!("v1-{id}.ruska"))).unwrap();
        let gbdt = read("gbdt");
        assert_eq!(of_files(&gbdt, &gbdt).unwrap(), []);
        let opened = file::open::<Value>(&gbdt).unwrap();
        let blocks = ["pipelines", "reference"].map(|name| (name, opened.block(name).unwrap()));
        let mut manifest = opened.manifest.clone();
        manifest["candidate"]["learner"] = json!("other");
        manifest["version"] = json!("9.9.9");
        let other = file::pack(&manifest, &blocks);
        let parts: Vec<String> =
            of_files(&gbdt, &other).unwrap().into_iter().map(|d| d.part).collect();
        assert_eq!(parts, ["manifest.version", "manifest.candidate.learner"]);
        let found = of_files(&gbdt, &read("tree")).unwrap();
        assert!(found.iter().any(|d| d.part == "pipelines[0].learner.id"), "{found:?}");
        assert!(of_files(&gbdt, b"no model").is_err());
    }
}
