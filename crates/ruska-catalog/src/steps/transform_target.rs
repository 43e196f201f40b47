//! A numeric target put on another scale for the learner, and its predictions put back.
//!
//! Does, over the training rows: `log` gives ±ln(1 + |y| / c), where c is the median of the sizes
//! that are not zero, so that the unit of the target does not matter and small numbers are not
//! drawn apart; `yeo_johnson` bends the target to look normal and standardises it; `quantile` gives
//! normal scores of its ranks, through up to 1000 quantiles. Predictions are put back by the
//! inverse. With `quantile` they end at the training range, else beyond it at its width again on
//! either side; where no target was negative, or none positive, no prediction is. What a learner of
//! means predicts on the new scale comes back as something near the median, not the mean: totals
//! come out too low where the upper tail is long. Wins: amounts over several orders of magnitude;
//! absolute and relative error. Fails: squared error where the tail decides, and straight
//! relations, which it bends. Cost: O(rows log rows). Handles: every prediction, also infinite
//! ones; weights count as rows; classes are left alone. References: scikit-learn's
//! `TransformedTargetRegressor`; Yeo and Johnson, "A new family of power transformations", 2000.

use super::support::{Known, NormalScores, Ordered, YeoJohnson, row_weights};
use crate::design::finite;
use crate::sound::{all_finite, ensure};
use ruska_core::{
    FitError, Frame, PredictError, Predictions, Preprocessor, RunContext, Scaling, Space, Stage,
    StepInfo, StepInput, Target, TaskKind, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Quantile of the sizes of the target at which its logarithm sets in.
const UNIT: f64 = 0.5;
/// Most quantiles kept.
const QUANTILES: usize = 1000;
/// Standardised targets of rows that are not trained on end here.
const FAR: f64 = 1e6;

pub(super) struct TransformTarget;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// The logarithm.
    Log,
    /// The power transform.
    YeoJohnson,
    /// Normal scores.
    Quantile,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// The scale.
    method: Method,
}

impl Default for Params {
    fn default() -> Self {
        Self { method: Method::Log }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Option<Changed>);

#[derive(Serialize, Deserialize)]
struct Changed {
    scale: Scale,
    /// Least and greatest number predicted.
    low: f64,
    high: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scale {
    Log { unit: f64 },
    YeoJohnson { bend: YeoJohnson, mean: f64, sd: f64 },
    Quantile { scores: NormalScores },
}

impl Preprocessor for TransformTarget {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "transform_target",
        summary: "a numeric target on a logarithmic, power or rank scale",
        stage: Stage::Target,
        closes: &[],
        suits: None,
        reference: "https://scikit-learn.org/stable/modules/compose.html#transforming-target-in-regression",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.kind == TaskKind::Regression
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().choice("method", &["log", "yeo_johnson", "quantile"], "log")
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        ctx.check()?;
        let Target::Values(y) = input.y else { return Ok(State(None)) };
        let weights = row_weights(&input);
        let known = Known::new(input.rows.iter().map(|&row| y[row as usize]), &weights);
        let Some((least, most)) = known.range() else { return Ok(State(None)) };
        // Beyond the range as much again, but not across zero where no target is.
        let width = (most - least).min(f64::MAX);
        let low = (least - width).max(if least >= 0.0 { 0.0 } else { -f64::MAX });
        let high = (most + width).min(if most <= 0.0 { 0.0 } else { f64::MAX });
        Ok(State(Some(Changed { scale: Scale::fit(params.method, known), low, high })))
    }
}

impl Scale {
    fn fit(method: Method, known: Known) -> Self {
        match method {
            Method::Log => {
                let sizes = known.values.iter().map(|v| if *v == 0.0 { f64::NAN } else { v.abs() });
                let sizes = Ordered::of(Known::new(sizes, &known.weights));
                Self::Log { unit: sizes.map_or(1.0, |sizes| sizes.quantile(UNIT)) }
            }
            Method::YeoJohnson => {
                let bend = YeoJohnson::fit(&known);
                let bent = known.values.iter().map(|&v| bend.apply(v));
                let (mean, sd) = Known::new(bent, &known.weights).moments();
                Self::YeoJohnson { bend, mean, sd }
            }
            Method::Quantile => Self::Quantile { scores: NormalScores::fit(known, QUANTILES) },
        }
    }

    /// A target on the scale.
    fn apply(&self, y: f64) -> f64 {
        match self {
            Self::Log { unit } => {
                let ratio = y.abs() / unit;
                let log = if ratio.is_finite() { ratio.ln_1p() } else { y.abs().ln() - unit.ln() };
                log.copysign(y)
            }
            Self::YeoJohnson { sd: 0.0, .. } => 0.0,
            Self::YeoJohnson { bend, mean, sd } => ((bend.apply(y) - mean) / sd).clamp(-FAR, FAR),
            Self::Quantile { scores } => scores.score(y),
        }
    }

    /// The target of a number on the scale; infinite where there is none.
    fn invert(&self, z: f64) -> f64 {
        match self {
            Self::Log { unit } => (z.abs().exp_m1() * unit).copysign(z),
            Self::YeoJohnson { bend, mean, sd: 0.0 } => bend.invert(*mean),
            Self::YeoJohnson { bend, mean, sd } => bend.invert(z * sd + mean),
            Self::Quantile { scores } => scores.value(z),
        }
    }

    fn validate(&self) -> Result<(), String> {
        match self {
            Self::Log { unit } => {
                ensure(unit.is_finite() && *unit > 0.0, "the unit is not a positive number")
            }
            Self::YeoJohnson { bend, mean, sd } => {
                bend.validate()?;
                all_finite("mean and deviation", [mean, sd])?;
                ensure(*sd >= 0.0, "the deviation is negative")
            }
            Self::Quantile { scores } => scores.validate(),
        }
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        Ok(x.clone())
    }

    fn target(&self, y: &Target) -> Option<Target> {
        let (Some(changed), Target::Values(y)) = (&self.0, y) else { return None };
        let scaled = y.iter().map(|&y| finite(changed.scale.apply(y), 0.0)).collect();
        Some(Target::Values(Arc::new(scaled)))
    }

    fn restore(&self, predictions: Predictions) -> Predictions {
        let Some(Changed { scale, low, high }) = &self.0 else { return predictions };
        let restored = predictions.values().iter().map(|&z| {
            let z = if z.is_nan() { 0.0 } else { z };
            scale.invert(z).clamp(*low, *high)
        });
        Predictions::new(predictions.width(), restored.collect())
    }

    fn scalings(&self) -> Option<Vec<Scaling>> {
        None
    }

    fn validate(&self) -> Result<(), String> {
        let Some(changed) = &self.0 else { return Ok(()) };
        all_finite("bounds", [&changed.low, &changed.high])?;
        ensure(changed.low <= changed.high, "the bounds are the wrong way round")?;
        changed.scale.validate()
    }
}
