//! The rows of a table that have a label, as a model's task.

use crate::error::Error;
use crate::manifest::Manifest;
use crate::prepare::weights;
use ruska_core::{Frame, Target, Task};

/// What a model's column of weights is called.
pub(crate) const MODEL_WEIGHT: &str = "the column of the model's weights,";

/// The labelled rows of a table.
pub(crate) struct LabelledRows {
    /// They with the features of a model.
    pub(crate) task: Task,
    /// Their places in the table.
    pub(crate) rows: Vec<u32>,
    /// Rows that have no label.
    pub(crate) dropped: usize,
}

impl LabelledRows {
    /// With the classes of `like`; rows count alike.
    pub(crate) fn of(table: &Frame, manifest: &Manifest, like: &Target) -> Result<Self, Error> {
        let target = manifest.truth(table, like).map_err(Error::of_model)?;
        let kept = table.take(&target.kept);
        let x = ruska_data::apply(&kept, &manifest.schema, &manifest.features)?;
        let mut task = Task::new(x, target.target)?;
        if let Some(column) = manifest.roles.get("exposure") {
            task = task.with_exposure(column).map_err(|e| e.of_rows(&target.kept))?;
        }
        Ok(Self { task, rows: target.kept, dropped: target.missing.len() })
    }

    /// With the classes of a model; rows count by its weights, where the table has them.
    pub(crate) fn weighted(table: &Frame, manifest: &Manifest) -> Result<Self, Error> {
        let mut labelled = Self::of(table, manifest, &manifest.like())?;
        if let Some(weight) = manifest.roles.get("weight").filter(|w| table.field(w).is_some()) {
            let weights = weights(table, &labelled.rows, (MODEL_WEIGHT, weight))?;
            let weighted = labelled.task.with_weights(weights);
            labelled.task = weighted.map_err(|e| e.of_rows(&labelled.rows))?;
        }
        Ok(labelled)
    }
}
