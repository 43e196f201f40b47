//! Four measures: enough to drive an engine on both tasks.

use ruska_core::{Measure, MeasureError, MeasureInfo, Needs, Predictions, TaskKind, Truth};

/// What a row says: its class and probabilities, or its value and prediction, and its weight.
struct Rows<'a> {
    codes: &'a [u32],
    values: &'a [f64],
    predictions: &'a Predictions,
    weights: Vec<f64>,
}

/// Checks that truth, predictions and weights belong together and to the measure.
fn rows<'a>(
    info: &MeasureInfo,
    truth: &'a Truth,
    predictions: &'a Predictions,
    weights: Option<&[f64]>,
) -> Result<Rows<'a>, MeasureError> {
    let (measure, n) = (info.id, truth.rows());
    let (codes, values, width): (&[u32], &[f64], _) = match (info.task(), truth) {
        (TaskKind::Classification, Truth::Classes { codes, n_classes, .. }) => {
            (codes, &[], *n_classes)
        }
        (TaskKind::Regression, Truth::Values(values)) => (&[], values, 1),
        _ => return Err(MeasureError::Task { measure }),
    };
    if predictions.width() != width || (width > 2 && !info.multiclass) {
        return Err(MeasureError::Task { measure });
    }
    let lengths =
        [("predictions", predictions.rows()), ("weights", weights.map_or(n, <[f64]>::len))];
    for (what, got) in lengths {
        if got != n {
            return Err(MeasureError::Rows { measure, what, got, expected: n });
        }
    }
    if !predictions.is_finite() {
        return Err(MeasureError::NotFinite { measure });
    }
    let weights = weights.map_or_else(|| vec![1.0; n], <[f64]>::to_vec);
    let undefined = |why| Err(MeasureError::Undefined { measure, why });
    if weights.iter().any(|w| !w.is_finite() || *w < 0.0) {
        return undefined("a weight is negative or not finite");
    }
    if weights.iter().sum::<f64>() <= 0.0 {
        return undefined("there is no row with weight");
    }
    Ok(Rows { codes, values, predictions, weights })
}

impl Rows<'_> {
    fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        let sum: f64 = self.weights.iter().enumerate().map(|(i, w)| w * of(i)).sum();
        sum / self.weights.iter().sum::<f64>()
    }
}

const LOG_LOSS: MeasureInfo = MeasureInfo {
    id: "logloss",
    summary: "mean negative log-likelihood of the true class",
    tasks: &[TaskKind::Classification],
    needs: Needs::Probabilities,
    multiclass: true,
    higher_is_better: false,
    reference: "scikit-learn, log_loss",
};

/// Mean negative log-likelihood.
#[derive(Clone, Copy, Debug)]
pub struct LogLoss;

impl Measure for LogLoss {
    fn info(&self) -> &MeasureInfo {
        &LOG_LOSS
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let rows = rows(&LOG_LOSS, truth, predictions, weights)?;
        let p = |i: usize| rows.predictions.row(i)[rows.codes[i] as usize];
        Ok(rows.mean(|i| -p(i).clamp(f64::EPSILON, 1.0).ln()))
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let rows = rows(&LOG_LOSS, truth, predictions, weights).ok()?;
        let p = |i: usize| rows.predictions.row(i)[rows.codes[i] as usize];
        Some((0..truth.rows()).map(|i| -p(i).clamp(f64::EPSILON, 1.0).ln()).collect())
    }
}

const ACCURACY: MeasureInfo = MeasureInfo {
    id: "accuracy",
    summary: "share of rows whose most probable class is the true one",
    needs: Needs::Labels,
    higher_is_better: true,
    reference: "scikit-learn, accuracy_score",
    ..LOG_LOSS
};

/// Share of right classes.
#[derive(Clone, Copy, Debug)]
pub struct Accuracy;

impl Measure for Accuracy {
    fn info(&self) -> &MeasureInfo {
        &ACCURACY
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let rows = rows(&ACCURACY, truth, predictions, weights)?;
        Ok(rows.mean(|i| f64::from(u8::from(rows.predictions.class(i) == rows.codes[i] as usize))))
    }
}

const AUC: MeasureInfo = MeasureInfo {
    id: "auc",
    summary: "probability that a positive row is ranked above a negative one",
    multiclass: false,
    higher_is_better: true,
    reference: "scikit-learn, roc_auc_score",
    ..LOG_LOSS
};

/// Area under the ROC curve, over all pairs; ties count half.
#[derive(Clone, Copy, Debug)]
pub struct Auc;

impl Measure for Auc {
    fn info(&self) -> &MeasureInfo {
        &AUC
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let rows = rows(&AUC, truth, predictions, weights)?;
        let positive = match truth {
            Truth::Classes { positive, .. } => *positive,
            _ => return Err(MeasureError::Task { measure: AUC.id }),
        };
        let p = |i: usize| rows.predictions.row(i)[positive as usize];
        let (mut won, mut pairs) = (0.0, 0.0);
        for i in (0..truth.rows()).filter(|&i| rows.codes[i] == positive) {
            for j in (0..truth.rows()).filter(|&j| rows.codes[j] != positive) {
                let weight = rows.weights[i] * rows.weights[j];
                pairs += weight;
                won += weight * f64::from(p(i).total_cmp(&p(j)) as i8 + 1) / 2.0;
            }
        }
        if pairs <= 0.0 {
            return Err(MeasureError::Undefined {
                measure: AUC.id,
                why: "the rows have one class",
            });
        }
        Ok(won / pairs)
    }
}

const RMSE: MeasureInfo = MeasureInfo {
    id: "rmse",
    summary: "root of the mean squared error",
    tasks: &[TaskKind::Regression],
    needs: Needs::Values,
    multiclass: false,
    higher_is_better: false,
    reference: "scikit-learn, root_mean_squared_error",
};

/// Root of the mean squared error.
#[derive(Clone, Copy, Debug)]
pub struct Rmse;

impl Measure for Rmse {
    fn info(&self) -> &MeasureInfo {
        &RMSE
    }

    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError> {
        let rows = rows(&RMSE, truth, predictions, weights)?;
        let score = rows.mean(|i| (rows.predictions.row(i)[0] - rows.values[i]).powi(2)).sqrt();
        let why = "the errors are too large for a number";
        score.is_finite().then_some(score).ok_or(MeasureError::Undefined { measure: RMSE.id, why })
    }

    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let rows = rows(&RMSE, truth, predictions, weights).ok()?;
        let square = |i: usize| (rows.predictions.row(i)[0] - rows.values[i]).powi(2);
        let mean = rows.mean(square);
        let root = mean.sqrt();
        let loss = |i| if root > 0.0 { root + (square(i) - mean) / root / 2.0 } else { 0.0 };
        (0..truth.rows()).map(|i| Some(loss(i)).filter(|l| l.is_finite())).collect()
    }
}
