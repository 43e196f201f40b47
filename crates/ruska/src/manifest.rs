//! What a model file says about its model, and how a study's best trial becomes one.

use crate::forecast::Series;
use crate::model::Model;
use crate::reference::Reference;
use ruska_core::{
    Calibration, Candidate, Corrected, Finding, Fold, Frame, LoadError, Notation, Params,
    Predictions, Schema, Target, Task, TaskKind,
};
use ruska_data::{TargetColumn, TargetError};
use ruska_search::{Best, Member};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pipeline of a model that is the mean of several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberRecord {
    /// Steps, learner and parameters.
    pub candidate: Candidate,
    /// How often it counts in the mean, at least 1.
    pub times: u32,
    /// Number of its fitted pipelines: one a fold, or one that was fitted on all rows.
    pub pipelines: usize,
    /// Parameters of the fit on all rows, where there was one.
    pub refit: Option<Params>,
}

/// Everything a model file says about its model besides the numbers to predict with.
///
/// It holds no clock, path, study name or worker count, so that equal work gives equal bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of ruska that wrote it.
    pub version: String,
    /// What is predicted.
    pub task: TaskKind,
    /// Column that is predicted.
    pub target: String,
    /// How its numbers were written, where not plainly; predictions are plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_notation: Option<Notation>,
    /// Classes in the order of their probabilities; empty for regression.
    pub classes: Vec<String>,
    /// The class that precision, recall and the like are about.
    pub positive: Option<String>,
    /// Meaning of every column of the training file.
    pub schema: Schema,
    /// Columns the model looks at, in its order.
    pub features: Vec<String>,
    /// Columns with another role: `weight`, `group`, `time`.
    pub roles: BTreeMap<String, String>,
    /// Columns of people's groups, whether kept from the model or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// Id of the measure it was chosen by.
    pub metric: String,
    /// Steps, learner and parameters.
    pub candidate: Candidate,
    /// `folds` when the model is the mean of its fold models, `refit` when it is one fit on all rows.
    pub emitted: String,
    /// Parameters of the refit, where they differ from the candidate's.
    pub refit: Option<Params>,
    /// The pipelines whose mean it is, the best first, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberRecord>,
    /// Seed of the study.
    pub seed: u64,
    /// Rows learned from.
    pub rows: usize,
    /// Content hash of the data, hexadecimal.
    pub data: String,
    /// Hash of the folds, hexadecimal.
    pub split: String,
    /// Latest time in the time column, in milliseconds since 1970, where there is one.
    pub cutoff_ms: Option<i64>,
    /// Mean score over folds of every measure, by id.
    pub scores: BTreeMap<String, f64>,
    /// Standard error of the metric over folds.
    pub standard_error: Option<f64>,
    /// The metric as it is expected of new rows, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Corrected>,
    /// What is done to the class probabilities of the pipelines' mean, where it was calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The metric of the constant model on the same folds.
    pub baseline: Option<f64>,
    /// What was odd about the data.
    pub findings: Vec<Finding>,
    /// Class of machine on which equal inputs give equal bytes.
    pub machine: String,
}

impl Manifest {
    /// In words what it is: steps → learner, or the learners whose mean it is.
    pub fn title(&self) -> String {
        if self.members.is_empty() {
            return self.candidate.title();
        }
        let mut learners: Vec<(&str, usize)> = vec![];
        for member in &self.members {
            let learner = member.candidate.learner.as_str();
            match learners.iter_mut().find(|(id, _)| *id == learner) {
                Some((_, count)) => *count += 1,
                None => learners.push((learner, 1)),
            }
        }
        let each = learners.iter().map(|(learner, count)| match count {
            1 => (*learner).to_owned(),
            count => format!("{count} {learner}"),
        });
        let each: Vec<String> = each.collect();
        format!("mean of {} pipelines ({})", self.members.len(), each.join(", "))
    }

    /// How many of its pipelines were fitted again on all rows, and of how many.
    pub fn refits(&self) -> (usize, usize) {
        match self.members.len() {
            0 => (usize::from(self.emitted == "refit"), 1),
            all => (self.members.iter().filter(|m| m.refit.is_some()).count(), all),
        }
    }

    /// A target without rows that has the model's classes, for [`Self::truth`].
    pub(crate) fn like(&self) -> Target {
        if self.classes.is_empty() {
            return Target::Values(Arc::new(vec![]));
        }
        let positive = self.classes.iter().position(|c| Some(c) == self.positive.as_ref());
        Target::Classes {
            codes: Arc::new(vec![]),
            classes: Arc::new(self.classes.clone()),
            positive: positive.unwrap_or(0) as u32,
        }
    }

    /// The target of a table, with the classes of `like`.
    pub(crate) fn truth(&self, table: &Frame, like: &Target) -> Result<TargetColumn, TargetError> {
        ruska_data::target_like(table, &self.target, like, self.target_notation.as_ref())
    }
}

/// Everything about a model that its study fixes before the first trial.
pub(crate) struct Blueprint<'a> {
    pub(crate) task: &'a Task,
    pub(crate) folds: &'a [Fold],
    /// Filled in but for what the best trial decides.
    pub(crate) manifest: Manifest,
    /// What is known of the series, where it is asked what comes next.
    pub(crate) series: Option<Series>,
    /// Sketches of the training data, made with the first model.
    pub(crate) reference: Option<Reference>,
}

impl Blueprint<'_> {
    /// The model of a trial. Fails only when features and schema disagree.
    pub(crate) fn model(&mut self, best: &Best) -> Result<Model, LoadError> {
        let tested: Vec<(&[u32], &Predictions)> = best
            .trial
            .folds
            .iter()
            .zip(&best.out_of_fold)
            .map(|(fold, p)| (self.folds[fold.fold as usize].test.as_slice(), p))
            .collect();
        let task = self.task;
        let reference = self.reference.get_or_insert_with(|| Reference::new(task));
        reference.set_errors(task, &tested);
        let measures = best.trial.folds.iter().flat_map(|f| f.scores.keys());
        let refit = |member: &Member| member.emission.params().cloned();
        let record = |member: &Member| MemberRecord {
            candidate: member.trial.candidate.clone(),
            times: member.times,
            pipelines: member.pipelines.len(),
            refit: refit(member),
        };
        let several = best.members.len() > 1;
        let manifest = Manifest {
            candidate: best.trial.candidate.clone(),
            emitted: best.emitted().to_owned(),
            refit: best.members.first().and_then(refit),
            members: if several { best.members.iter().map(record).collect() } else { vec![] },
            scores: measures.filter_map(|id| Some((id.clone(), best.trial.score(id)?))).collect(),
            standard_error: best.trial.standard_error(),
            corrected: best.corrected,
            calibration: best.calibration,
            ..self.manifest.clone()
        };
        let pipelines = best.pipelines().cloned().collect();
        let series = match (&self.series, &task.target) {
            (Some(series), Target::Series(lines)) => {
                Some(series.clone().learned(lines, self.folds, &best.out_of_fold))
            }
            _ => None,
        };
        let mut model = Model::new(manifest, reference.clone(), series, pipelines)?;
        model.remember(task);
        Ok(model)
    }
}

/// The manifest of a study before its first trial.
pub(crate) fn empty_manifest(target: &Target) -> Manifest {
    let (task, classes, positive) = match target {
        Target::Classes { classes, positive, .. } => {
            (TaskKind::Classification, classes.to_vec(), classes.get(*positive as usize).cloned())
        }
        Target::Values(_) => (TaskKind::Regression, vec![], None),
        Target::Groups(_) => (TaskKind::Clustering, vec![], None),
        Target::Series(_) => (TaskKind::Forecasting, vec![], None),
    };
    Manifest {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        task,
        target: String::new(),
        target_notation: None,
        classes,
        positive,
        schema: Schema::default(),
        features: vec![],
        roles: BTreeMap::new(),
        sensitive: vec![],
        metric: String::new(),
        candidate: Candidate { steps: vec![], learner: String::new(), params: Params::new() },
        emitted: String::new(),
        refit: None,
        members: vec![],
        seed: 0,
        rows: target.rows(),
        data: String::new(),
        split: String::new(),
        cutoff_ms: None,
        scores: BTreeMap::new(),
        standard_error: None,
        corrected: None,
        calibration: None,
        baseline: None,
        findings: vec![],
        machine: std::env::consts::ARCH.to_owned(),
    }
}
