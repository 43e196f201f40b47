//! What a register keeps of a model.

use crate::manifest::Manifest;
use crate::model::Model;
use ruska_core::Kind;
use ruska_store::Digest;
use ruska_store::register::ModelFacts;

impl Model {
    /// The BLAKE3 hash of the bytes of its file, hexadecimal.
    pub fn digest(&self) -> String {
        Digest::of(&self.to_bytes()).to_string()
    }

    /// What its file says about it, as a register lists it.
    pub fn facts(&self) -> ModelFacts {
        let manifest = self.manifest();
        let signature = manifest.features.iter().filter_map(|name| {
            let column = manifest.schema.column(name)?;
            Some((name.clone(), column.meaning.kind()))
        });
        ModelFacts {
            task: manifest.task.name().to_owned(),
            target: manifest.target.clone(),
            classes: manifest.classes.clone(),
            pipeline: manifest.title(),
            metric: manifest.metric.clone(),
            scores: manifest.scores.clone(),
            standard_error: manifest.standard_error,
            corrected: manifest.corrected,
            baseline: manifest.baseline,
            seed: manifest.seed,
            rows: manifest.rows as u64,
            data: manifest.data.clone(),
            split: manifest.split.clone(),
            cutoff_ms: manifest.cutoff_ms.filter(|_| goes_by_dates(manifest)),
            signature: signature.collect(),
            ruska: manifest.version.clone(),
        }
    }
}

/// Whether the time column holds points in time rather than numbers that order the rows.
fn goes_by_dates(manifest: &Manifest) -> bool {
    let column = manifest.roles.get("time").and_then(|name| manifest.schema.column(name));
    column.is_some_and(|c| !matches!(c.meaning.kind(), Kind::Numeric))
}
