//! k-prototypes: k-means for rows of numbers and of levels.
//!
//! Wins on tables of both, where it tells a typical level of each column beside the means; without levels
//! it is k-means, without numbers k-modes. Fails as k-means does, and where one column of levels outweighs
//! the others. Cost O(starts · steps · n·p·k). Takes levels as they are, where a missing one is unlike
//! any, and weights; needs missing numbers filled and one scale. New rows go to the nearest prototype,
//! which is where the rows it was fitted on are.
//!
//! Reference: Huang, "Extensions to the k-means algorithm for clustering large data sets with categorical
//! values", Data Min. Knowl. Discov. 2, 1998.

use super::support::{clusters, expect_groups, said};
use crate::bridge::{Uncut, stopped};
use crate::design::{encoded_width, weights};
use crate::parameters::{at_least, within};
use crate::sound::{all_finite, count, ensure};
use crate::steps::Levels;
use ruska_core::{
    Algorithm, Column, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train,
};
use ruska_kernels::Silent;
use ruska_kernels::clusters::prototypes::{
    MISSING, Mixed, PrototypeParams as How, Prototypes, prototypes,
};
use serde::{Deserialize, Serialize};

/// Steps that a start usually takes.
const USUAL_STEPS: f64 = 15.0;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kprototypes;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KprototypesParams {
    /// Prototypes, ≥ 1; fewer where there are fewer distinct rows.
    clusters: i64,
    /// What a level that differs counts beside squared differences of numbers, > 0.
    gamma: f64,
    /// Starts, ≥ 1, of which the best counts.
    starts: i64,
}

impl Default for KprototypesParams {
    fn default() -> Self {
        Self { clusters: 3, gamma: 0.5, starts: 5 }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KprototypesModel {
    numbers: Vec<String>,
    levels: Vec<(String, Levels)>,
    prototypes: Prototypes,
}

impl Algorithm for Kprototypes {
    type Params = KprototypesParams;
    type Model = KprototypesModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "kprototypes",
        summary: "k-prototypes: k-means for rows of numbers and of levels",
        tasks: &[TaskKind::Clustering],
        needs: &[Need::Dates, Need::Text, Need::Missing, Need::Scale],
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 15,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Huang, Extensions to the k-means algorithm for clustering large data sets with categorical values, Data Min. Knowl. Discov. 2, 1998",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        if meta.levels.is_empty() {
            // It would be k-means.
            return Space::new();
        }
        clusters(Space::new(), meta, 2).log_float("gamma", 0.05, 5.0, 0.5)
    }

    fn cost(&self, params: &KprototypesParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let (k, starts) = (params.clusters.max(1) as f64, params.starts.max(1) as f64);
        let work = starts * USUAL_STEPS * n * (p * k + 10.0) + 1e5;
        Cost { work, bytes: 24.0 * n * (p + 4.0) }
    }

    fn fit(
        &self,
        params: &KprototypesParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<KprototypesModel, FitError> {
        let id = Self::INFO.id;
        let how = How {
            clusters: at_least(id, "clusters", params.clusters, 1)?,
            gamma: Some(within(id, "gamma", params.gamma, f64::MIN_POSITIVE, 1e9)?),
            restarts: at_least(id, "starts", params.starts, 1)?,
            seed: ctx.seed(),
            threads: ctx.threads(),
            ..How::default()
        };
        expect_groups(&train, id)?;
        let weighed = weights(&train)?;
        let (mut numbers, mut levels) = (vec![], vec![]);
        for field in train.x.fields() {
            match &field.column {
                Column::Str(column) => {
                    levels.push((field.name.to_string(), Levels::of(column, train.rows)));
                }
                _ => numbers.push(field.name.to_string()),
            }
        }
        if numbers.is_empty() && levels.is_empty() {
            return Err(FitError::Data("there is no column that tells rows apart".to_owned()));
        }
        let cells = Cells::of((&numbers, &levels), train.x, train.rows)?;
        let weighed = train.weights.map(|_| &weighed[..]);
        let found = prototypes(&cells.mixed(), weighed, &how, &Uncut(ctx));
        let prototypes = found.map_err(|s| stopped(ctx, s))?.prototypes;
        Ok(KprototypesModel { numbers, levels, prototypes })
    }
}

/// Rows as the kernel sees them.
struct Cells {
    rows: usize,
    numbers: Vec<f64>,
    dims: usize,
    codes: Vec<u32>,
    width: usize,
}

impl Cells {
    /// Some rows of a frame.
    ///
    /// Fails where a column is missing or of another type, or a number is not finite.
    fn of(
        (numbers, levels): (&[String], &[(String, Levels)]),
        x: &Frame,
        rows: &[u32],
    ) -> Result<Self, PredictError> {
        if x.fields().len() != numbers.len() + levels.len() {
            let (got, expected) = (x.fields().len(), numbers.len() + levels.len());
            return Err(PredictError::Width { got, expected });
        }
        let (n, dims, width) = (rows.len(), numbers.len(), levels.len());
        let mut cells = Self {
            rows: n,
            numbers: vec![0.0; n * dims],
            dims,
            codes: vec![MISSING; n * width],
            width,
        };
        for (j, name) in numbers.iter().enumerate() {
            let values = field(x, name)?.floats().ok_or_else(|| wrong(x, name, "numbers"))?;
            for (i, &row) in rows.iter().enumerate() {
                let value = values[row as usize];
                if !value.is_finite() {
                    return Err(PredictError::WrongType {
                        column: name.clone(),
                        got: "a value that is missing or infinite".to_owned(),
                        expected: "finite numbers".to_owned(),
                        at: format!(" (row {row})"),
                    });
                }
                cells.numbers[i * dims + j] = value;
            }
        }
        for (j, (name, known)) in levels.iter().enumerate() {
            let Column::Str(column) = &field(x, name)?.column else {
                return Err(wrong(x, name, "levels"));
            };
            let codes = known.codes(column);
            for (i, &row) in rows.iter().enumerate() {
                let code = codes[row as usize];
                if (code as usize) < known.len() {
                    cells.codes[i * width + j] = code;
                }
            }
        }
        Ok(cells)
    }

    fn mixed(&self) -> Mixed<'_> {
        let Self { rows, numbers, dims, codes, width } = self;
        Mixed { rows: *rows, numbers, dims: *dims, codes, width: *width }
    }
}

fn field<'a>(x: &'a Frame, name: &str) -> Result<&'a ruska_core::Field, PredictError> {
    x.field(name).ok_or_else(|| PredictError::MissingColumn { column: name.to_owned() })
}

fn wrong(x: &Frame, name: &str, expected: &str) -> PredictError {
    let got = x.field(name).map_or("nothing", |f| f.kind.name()).to_owned();
    PredictError::WrongType {
        column: name.to_owned(),
        got,
        expected: expected.to_owned(),
        at: String::new(),
    }
}

impl Predict for KprototypesModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let cells = Cells::of((&self.numbers, &self.levels), x, rows)?;
        let found = self.prototypes.nearest(&cells.mixed(), 1, &Silent);
        let found = found.expect("nothing stops it");
        let distances = found.dissimilarities.into_iter().map(f64::sqrt);
        Ok(said(found.labels.into_iter().zip(distances)))
    }

    fn beside_group(&self) -> Vec<String> {
        vec!["distance".to_owned()]
    }

    fn validate(&self) -> Result<(), String> {
        let Prototypes { dims, width, gamma, numbers, codes, clusters } = &self.prototypes;
        ensure(*dims == self.numbers.len(), "prototypes have other numbers than columns")?;
        ensure(*width == self.levels.len(), "prototypes have other levels than columns")?;
        ensure(*clusters > 0, "there is no prototype")?;
        ensure(*gamma > 0.0 && gamma.is_finite(), "levels count for nothing")?;
        count("numbers", numbers.len(), [*clusters, *dims])?;
        count("codes", codes.len(), [*clusters, *width])?;
        all_finite("numbers", numbers)?;
        self.levels.iter().try_for_each(|(_, levels)| levels.validate())
    }
}
