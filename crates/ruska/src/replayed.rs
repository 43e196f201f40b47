//! What came of repeating a study, compared with what is recorded.

use crate::difference::{Difference, of_files, of_values};
use crate::error::Error;
use crate::model::Model;
use crate::replay::Saved;
use crate::study::Resumed;
use ruska_core::{Candidate, Catalog, FoldResult, Trial};
use ruska_store::Digest;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What came of repeating a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Replayed {
    /// The study.
    pub study: String,
    /// Whether the whole search was made again, not only recorded trials.
    pub searched: bool,
    /// Trial that gave the model.
    pub trial: u32,
    /// Its steps → learner.
    pub pipeline: String,
    /// Why its learner need not give the same bytes, where it declares so.
    pub nondeterministic: Option<String>,
    /// Trials of which something was fitted again.
    pub trials: usize,
    /// Fits made again.
    pub fits: usize,
    /// Of these, fits that were cut where the clock had cut them.
    pub cut: usize,
    /// Fits that cannot be repeated, as an earlier version of ruska did not record where the clock
    /// cut them.
    pub passed_over: usize,
    /// Seconds it took, reading included.
    pub seconds: f64,
    /// Digest of the recorded model file, hexadecimal.
    pub expected: String,
    /// Digest of the model file made now.
    pub got: String,
    /// Whether both are the same bytes.
    pub identical: bool,
    /// What is not as it was recorded: of the model, if its file is still in the store, and of the
    /// trials that were repeated. Empty when all is as it was.
    pub differences: Vec<Difference>,
}

impl Replayed {
    /// Whether the model has the same bytes and every trial repeated came to what is recorded.
    pub fn is_same(&self) -> bool {
        self.identical && self.differences.is_empty()
    }
}

/// What was made again.
pub(crate) struct Again {
    pub(crate) searched: bool,
    /// The trials that were repeated, as they are recorded.
    pub(crate) recorded: BTreeMap<u32, Trial>,
    /// As they are now.
    pub(crate) now: BTreeMap<u32, Trial>,
    pub(crate) model: Model,
}

impl Again {
    /// Compares it with what is recorded; `file` is the recorded model's, if it is still there.
    pub(crate) fn report(
        &self,
        study: &Resumed,
        saved: &Saved,
        file: Option<&[u8]>,
        catalog: &Catalog,
    ) -> Result<Replayed, Error> {
        let manifest = self.model.manifest();
        let bytes = self.model.to_bytes();
        let (expected, got) = (saved.digest.clone(), Digest::of(&bytes).to_string());
        let mut differences =
            file.map(|file| of_files(file, &bytes)).transpose()?.unwrap_or_default();
        differences.extend(of_values("trials", &account(&self.recorded), &account(&self.now)));
        let alone = [&manifest.candidate];
        let several: Vec<&Candidate> = manifest.members.iter().map(|m| &m.candidate).collect();
        let parts = if several.is_empty() { &alone[..] } else { &several };
        let random =
            parts.iter().find_map(|c| catalog.learner(&c.learner)?.info().nondeterministic);
        let recorded = || self.recorded.values().flat_map(|t| &t.folds);
        let now = || self.now.values().flat_map(|t| &t.folds);
        Ok(Replayed {
            study: study.record.name.clone(),
            searched: self.searched,
            trial: saved.trial,
            pipeline: manifest.title(),
            nondeterministic: random.map(str::to_owned),
            trials: self.now.values().filter(|t| !t.folds.is_empty()).count(),
            fits: now().count() + manifest.refits().0,
            cut: now().filter(|f| f.cut).count(),
            passed_over: recorded().filter(|f| !f.is_repeatable()).count(),
            seconds: 0.0,
            identical: expected == got,
            expected,
            got,
            differences,
        })
    }
}

/// What of some trials is the same whenever they are run.
fn account(trials: &BTreeMap<u32, Trial>) -> Value {
    let one = |trial: &Trial| {
        let fold =
            |f: &FoldResult| FoldResult { fit_seconds: 0.0, predict_seconds: 0.0, ..f.clone() };
        let folds = trial.folds.iter().filter(|f| f.is_repeatable()).map(fold).collect();
        let timeless = Trial { folds, ..trial.clone() };
        (trial.number.to_string(), serde_json::to_value(timeless).unwrap_or_default())
    };
    trials.values().map(one).collect::<serde_json::Map<_, _>>().into()
}
