//! Principal components: correlated numbers become fewer that are not.
//!
//! Does: standardises the numeric columns that vary and replaces them by their projections on the
//! directions of greatest variance, as many as explain `share` of it, at most `components`. The
//! sign of a direction is that which makes its largest component positive. Wins: many columns that
//! say the same, before a distance or where lines are fitted to few rows. Fails: where what matters
//! varies little; trees lose the columns they could cut along. Cost: O(rows · columns²) over at
//! most 20,000 training rows, O(columns³) for the directions; more than 400 numeric columns stay as
//! they are. Handles: a missing number counts as the mean; weights count as rows; later numbers end
//! at 10 deviations or the training range. Constant columns and sparse blocks pass. Reference:
//! scikit-learn's `PCA` after `StandardScaler`.

use super::support::{Affine, Names, SideBySide, expect_floats, known_or_mean, replace, validate};
use crate::bridge::{Uncut, stopped};
use crate::design::encoded_width;
use crate::parameters::{at_least, within};
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Column, Field, FitError, Frame, Geometry, Kind, PredictError, Preprocessor, RunContext, Space,
    Stage, StepInfo, StepInput, TaskMeta, TransformStep, codec,
};
use ruska_kernels::linear::spectrum;
use serde::{Deserialize, Serialize};

/// Numeric columns beyond which nothing is done.
const MOST_COLUMNS: usize = 400;

pub(super) struct Pca;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Share of the variance to be explained, 0 to 1.
    share: f64,
    /// Most components, 1 or more; no limit if `None`.
    components: Option<i64>,
}

impl Default for Params {
    fn default() -> Self {
        Self { share: 0.95, components: None }
    }
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    stem: String,
    columns: Vec<Affine>,
    /// A row of weights of the columns for each component.
    #[serde(with = "codec::packed")]
    directions: Vec<f64>,
}

impl Preprocessor for Pca {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "pca",
        summary: "numeric columns become their principal components",
        stage: Stage::Reduce,
        closes: &[],
        suits: Some(Geometry::Metric),
        reference: "https://scikit-learn.org/stable/modules/decomposition.html#pca",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        (3.0..=MOST_COLUMNS as f64).contains(&encoded_width(meta))
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("share", 0.7, 0.999, 0.95)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let share = within(Self::INFO.id, "share", params.share, 0.0, 1.0)?;
        let most = params.components.unwrap_or(MOST_COLUMNS as i64);
        let most = at_least(Self::INFO.id, "components", most, 1)?;
        let columns = SideBySide::new(input, |_| true, ctx)?;
        let p = columns.scales.len();
        if !(2..=MOST_COLUMNS).contains(&p) {
            return Ok(State::default());
        }
        let covariances = columns.covariances(ctx)?;
        let spectrum = spectrum(covariances, p, &Uncut(ctx)).map_err(|stop| stopped(ctx, stop))?;
        if spectrum.values.is_empty() {
            // None of them varies on the rows looked at.
            return Ok(State::default());
        }
        let total: f64 = spectrum.values.iter().sum();
        let mut explained = 0.0;
        let before = spectrum.values.iter().take_while(|value| {
            let more = explained < share * total;
            explained += **value;
            more
        });
        let kept = before.count().clamp(1, most).min(spectrum.values.len());
        let mut directions = spectrum.vectors;
        directions.truncate(kept * p);
        Ok(State { stem: Names::of(input.x).stem("pca"), columns: columns.scales, directions })
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        let p = self.columns.len();
        let mut columns = vec![None; p];
        let others = replace(x, &self.columns, |j, field| {
            expect_floats(field)?;
            columns[j] = Some(field.column.clone());
            Ok(vec![])
        })?;
        let mut parts =
            vec![vec![0.0; x.rows()]; self.directions.len().checked_div(p).unwrap_or(0)];
        // In the order of training, whatever that of the frame, so that sums have the same bits.
        for (j, (scale, column)) in self.columns.iter().zip(&columns).enumerate() {
            let Some(Column::Float(values)) = column else { continue };
            let scaled: Vec<f64> = values.iter().map(|&v| known_or_mean(scale, v)).collect();
            for (part, direction) in parts.iter_mut().zip(self.directions.chunks_exact(p)) {
                part.iter_mut().zip(&scaled).for_each(|(sum, z)| *sum += direction[j] * z);
            }
        }
        let named = |(i, part)| {
            Field::new(format!("{}.{}", self.stem, i + 1), Kind::Numeric, Column::float(part))
        };
        let mut fields = others.fields().to_vec();
        fields.extend(parts.into_iter().enumerate().map(named));
        Ok(Frame::with_rows(fields, x.rows())?)
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.columns, Affine::validate)?;
        let p = self.columns.len();
        let kept = self.directions.len().checked_div(p).unwrap_or(0);
        count("weights of columns", self.directions.len(), [kept, p])?;
        ensure(kept <= p && (kept > 0 || p == 0), "there are no components, or too many")?;
        all_finite("weights of columns", &self.directions)
    }
}
