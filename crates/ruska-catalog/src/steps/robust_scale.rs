//! Robust scaling: every number becomes its distance from the median in interquartile ranges.
//!
//! Does: (x − median) / (upper − lower quartile) over the training rows; where half of a column
//! holds one value, the standard deviation takes the place of the range, and √½ for zeros and ones.
//! A constant column becomes 0. With `smooth` a distance z becomes z / √(1 + (z / 3)²), which leaves
//! the middle as it is and brings all to within ±3; without, numbers beyond `clip` ranges are moved
//! there, in training as later. Wins: columns with a few absurd values, which would squeeze all
//! others under standardisation. Fails: where what is far out is what matters. Cost: O(rows log
//! rows) a column. Handles: a row of whole weight k counts as k rows; infinite values are left out
//! of the quartiles, missing ones pass. Sparse blocks pass. References: scikit-learn's
//! `RobustScaler`; Holzmüller, Grinsztajn, Steinwart, "Better by default", NeurIPS 2024, for the
//! smooth bounds.

use super::support::{Affine, Known, OfColumn, Ordered, fit_numbers, map_numbers, validate};
use crate::parameters::within;
use ruska_core::{
    Field, FitError, Frame, Geometry, Need, PredictError, Preprocessor, RunContext, Scaling, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Bound of what comes out smooth.
const SMOOTH_BOUND: f64 = 3.0;

pub(super) struct RobustScale;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Brings numbers smoothly to within ±3.
    smooth: bool,
    /// Without `smooth`: ranges from the median to which numbers beyond are moved, 0.001 or more.
    clip: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { smooth: true, clip: 20.0 }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Scaled>);

#[derive(Serialize, Deserialize)]
struct Scaled {
    scale: Affine,
    smooth: bool,
}

impl OfColumn for Scaled {
    fn column(&self) -> &str {
        self.scale.column()
    }
}

impl Preprocessor for RobustScale {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "robust_scale",
        summary: "numbers become their distance from the median in interquartile ranges",
        stage: Stage::Scale,
        closes: &[Need::Scale],
        suits: Some(Geometry::Metric),
        reference: "https://scikit-learn.org/stable/modules/preprocessing.html#scaling-data-with-outliers",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().bool("smooth", true)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let clip = within(Self::INFO.id, "clip", params.clip, 1e-3, 1e9)?;
        let bound = if params.smooth { f64::MAX } else { clip };
        let fit = |field: &Field, known: Known| {
            let (spread, alone) = (known.scale().1, known.is_yes_or_no());
            let (median, range) = Ordered::of(known).map_or((0.0, 0.0), |ordered| {
                let quartile = |i: u8| ordered.quantile(f64::from(i) / 4.0);
                (quartile(2), quartile(3) - quartile(1))
            });
            let range = if range > 0.0 && !alone { range.min(f64::MAX) } else { spread };
            let scale = Affine::new(&field.name, median, range, bound);
            Ok(Scaled { scale, smooth: params.smooth })
        };
        Ok(State(fit_numbers(&input, ctx, fit)?))
    }
}

impl Scaled {
    fn apply(&self, value: f64) -> f64 {
        let z = self.scale.apply(value);
        if self.smooth { z / (z / SMOOTH_BOUND).hypot(1.0) } else { z }
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        map_numbers(x, &self.0, Scaled::apply)
    }

    fn scalings(&self) -> Option<Vec<Scaling>> {
        // Numbers far out are moved, in training too.
        None
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| state.scale.validate())
    }
}
