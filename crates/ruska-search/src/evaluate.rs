//! Fitting and scoring a candidate on one fold.

use crate::ensemble::recorded;
use crate::groups::Grouped;
use crate::pruner::FoldLoss;
use crate::standing::is_relative;
use crate::worker::Shared;
use ruska_core::{
    Candidate, Catalog, FailureKind, FitError, FittedPipeline, Fold, FoldResult, Loss, Measure,
    Predictions, RunContext, Target, Task, TaskKind, TrialState, Truth,
};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// What a fold gave.
pub struct FoldOutcome {
    /// Scores and costs.
    pub result: FoldResult,
    /// Predictions of the test rows, in the order of the fold.
    pub predictions: Predictions,
    /// Losses of the test rows with their weights in them, where the measure has row losses.
    pub row_losses: Option<Arc<[f64]>>,
    /// The fitted pipeline.
    pub pipeline: Arc<FittedPipeline>,
}

impl FoldOutcome {
    /// The loss of the fold and of its rows.
    pub(crate) fn losses(&self) -> FoldLoss {
        FoldLoss { loss: self.result.loss.get(), rows: self.row_losses.clone() }
    }
}

/// Every measure of the catalog that is defined for these predictions, by id. How far two models agree,
/// and how a trial stands beside others, is nothing that the predictions of one tell.
pub fn scores(
    catalog: &Catalog,
    task: &Task,
    rows: &[u32],
    predictions: &Predictions,
) -> BTreeMap<String, f64> {
    Tested::of(task, rows).scores(catalog, task.kind(), predictions)
}

/// Rows that are scored: what is true of them, and what they weigh.
pub(crate) struct Tested {
    truth: Truth,
    weights: Option<Vec<f64>>,
}

impl Tested {
    pub(crate) fn of(task: &Task, rows: &[u32]) -> Self {
        Self { truth: task.target.truth(rows), weights: row_weights(task, rows) }
    }

    fn scores(
        &self,
        catalog: &Catalog,
        kind: TaskKind,
        predictions: &Predictions,
    ) -> BTreeMap<String, f64> {
        catalog
            .measures
            .iter()
            .filter(|m| m.info().is_for(kind))
            .filter(|m| m.between(predictions, predictions).is_none() && !is_relative(&***m))
            .filter_map(|m| {
                let score = m.score(&self.truth, predictions, self.weights.as_deref()).ok()?;
                score.is_finite().then(|| (m.info().id.to_owned(), score))
            })
            .collect()
    }

    /// Losses of the rows, from predictions as they are recorded. Their plain mean is the loss: what a
    /// row of more weight is off the mean, it is as many times more.
    pub(crate) fn row_losses(
        &self,
        measure: &dyn Measure,
        predictions: &Predictions,
    ) -> Option<Arc<[f64]>> {
        let Self { truth, weights } = self;
        let losses = measure.row_losses(truth, &recorded(predictions), weights.as_deref())?;
        let Some(weights) = weights else { return Some(losses.into()) };
        let total: f64 = weights.iter().sum();
        let pairs = || losses.iter().zip(weights);
        let loss = pairs().map(|(l, w)| l * w).sum::<f64>() / total;
        let times = losses.len() as f64 / total;
        Some(pairs().map(|(l, w)| loss + (l - loss) * w * times).collect())
    }
}

pub(crate) fn row_weights(task: &Task, rows: &[u32]) -> Option<Vec<f64>> {
    task.weights.as_ref().map(|w| rows.iter().map(|&r| w[r as usize]).collect())
}

/// Fits and scores on a fold of the study, or on one with its test rows; a panic, an error or a number that
/// is not finite becomes a state.
pub(crate) fn evaluate(
    shared: &Shared,
    candidate: &Candidate,
    (index, fold): (u32, &Fold),
    ctx: &RunContext<'_>,
) -> Result<FoldOutcome, TrialState> {
    let attempt = || score_fold(shared, candidate, (index, fold), ctx);
    match catch_unwind(AssertUnwindSafe(attempt)) {
        Ok(outcome) => outcome,
        Err(payload) => Err(failed(FailureKind::Panic, panic_message(payload.as_ref()))),
    }
}

pub(crate) fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "panicked without a message".to_owned())
}

pub(crate) fn failed(kind: FailureKind, why: impl Into<String>) -> TrialState {
    TrialState::Failed { kind, why: why.into() }
}

fn state_of(error: &FitError) -> TrialState {
    match error {
        FitError::Deadline | FitError::Cancelled => TrialState::TimedOut,
        other => failed(FailureKind::Error, other.to_string()),
    }
}

fn score_fold(
    shared: &Shared,
    candidate: &Candidate,
    (index, fold): (u32, &Fold),
    ctx: &RunContext<'_>,
) -> Result<FoldOutcome, TrialState> {
    let Shared { catalog, task, .. } = shared;
    let start = Instant::now();
    let (pipeline, frame) = FittedPipeline::fit(catalog, candidate, task, &fold.train, ctx)
        .map_err(|e| state_of(&e))?;
    let fit_seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let predictions = pipeline
        .predict_prepared(&frame, &fold.test, &task.x)
        .map_err(|e| failed(FailureKind::Error, e.to_string()))?;
    let predict_seconds = start.elapsed().as_secs_f64();
    if !predictions.is_finite() {
        return Err(failed(FailureKind::NotFinite, "a prediction is NaN or infinite"));
    }
    let width = predictions.width();
    if predictions.rows() != fold.test.len() || !task.target.admits(width) {
        let (got, want) = (width, task.target.width());
        let why = format!("predictions have {got} numbers a row, expected {want}");
        return Err(failed(FailureKind::Error, why));
    }
    let measure = catalog.measure(&shared.metric).ok_or_else(|| {
        failed(FailureKind::Error, format!("there is no metric `{}`", shared.metric))
    })?;
    let tested = shared.tested(index as usize);
    let (scores, loss) = if let Target::Groups(asked) = &task.target {
        let groups = Grouped { asked, fold, predictions: &predictions };
        let complexity = catalog.learner(&candidate.learner).map(|l| l.info().complexity);
        if complexity != Some(0) {
            groups.fits().map_err(|why| failed(FailureKind::Error, why))?;
        }
        let told = pipeline.model.told().into_iter().filter(|(_, v)| v.is_finite());
        groups.judge(&**measure, &tested.truth, || {
            let mut scores = tested.scores(catalog, task.kind(), &predictions);
            scores.extend(told.map(|(id, v)| (id.to_owned(), v)));
            scores
        })
    } else {
        let score = measure
            .score(&tested.truth, &predictions, tested.weights.as_deref())
            .map_err(|e| failed(FailureKind::Error, e.to_string()))?;
        (tested.scores(catalog, task.kind(), &predictions), measure.loss_of(score))
    };
    let loss =
        Loss::new(loss).ok_or_else(|| failed(FailureKind::NotFinite, "the loss is not finite"))?;
    let result = FoldResult {
        fold: index,
        loss,
        scores,
        rows: fold.test.len() as u32,
        iterations: pipeline.model.iterations(),
        fit_seconds,
        predict_seconds,
        bytes: pipeline.size() as u64,
        cut: false,
        cut_after: None,
    };
    let row_losses = tested.row_losses(&**measure, &predictions);
    Ok(FoldOutcome { result, predictions, row_losses, pipeline: Arc::new(pipeline) })
}
