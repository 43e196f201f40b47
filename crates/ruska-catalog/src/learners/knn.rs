//! Nearest neighbours: the rows most like this one vote, or their targets are averaged.
//!
//! Wins on few columns that matter alike, where the answer changes smoothly but not along straight
//! lines; a useful stranger in a blend. Fails on many columns, of which those that say nothing drown
//! the others, and beyond the range of the training rows. Cost O(n·p) to fit and O(n·p) for each
//! predicted row, by brute force; the model is its training rows, 4 bytes a cell. Fits that would
//! make a prediction of a quarter as many rows take longer than about half a minute are refused.
//! Takes weights: a row of weight w counts as w rows, and the k nearest weigh k. Needs missing
//! values filled, everything encoded as numbers, and one scale. Sparse blocks become dense.
//!
//! Of the shares of classes among the neighbours none is ever 0: so many rows as `smoothing` says
//! vote as all training rows do.
//!
//! Reference: Cover and Hart, "Nearest neighbor pattern classification", 1967; Dudani, "The
//! distance-weighted k-nearest-neighbor rule", 1976.

use crate::classes::Present;
use crate::design::{Features, encoded_width, numbers, weights};
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, Target, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::neighbours::{Neighbour, Points, pack, packed_len};
use serde::{Deserialize, Serialize};

/// Most work units that a prediction of a quarter as many rows may take.
const MOST_WORK: f64 = 3e10;
/// Most cells of the training rows: 128 MB.
const MOST_CELLS: usize = 1 << 25;
/// Most neighbours.
const MOST_NEIGHBOURS: u32 = 100_000;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knn;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KnnParams {
    /// Number of neighbours, 1..=100000; all rows where there are fewer.
    k: u32,
    /// How much a neighbour counts.
    weights: Votes,
    /// Rows that vote as all training rows do, ≥ 0; classification only.
    smoothing: f64,
}

/// How much a neighbour counts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Votes {
    /// All alike.
    Uniform,
    /// By the inverse of the distance; those at no distance alone where there are some.
    Distance,
}

impl Default for KnnParams {
    fn default() -> Self {
        Self { k: 10, weights: Votes::Distance, smoothing: 1.0 }
    }
}

/// The training rows of weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KnnModel {
    features: Features,
    k: u32,
    votes: Votes,
    truth: Truth,
    /// Coordinates, as the kernel lays them.
    #[serde(with = "codec::packed")]
    points: Vec<f32>,
    /// Weight of each row; positive.
    #[serde(with = "codec::packed")]
    weights: Vec<f64>,
}

/// What the training rows vote for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Truth {
    Values(#[serde(with = "codec::packed")] Vec<f64>),
    Classes {
        present: Present,
        /// Class of each row, among those present.
        #[serde(with = "codec::packed")]
        codes: Vec<u32>,
        /// What each class has before any neighbour votes.
        #[serde(with = "codec::packed")]
        before: Vec<f64>,
    },
}

impl Algorithm for Knn {
    type Params = KnnParams;
    type Model = KnnModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "knn",
        summary: "The training rows most like a row vote, or their targets are averaged",
        tasks: &[TaskKind::Classification, TaskKind::Regression],
        needs: &Need::ALL,
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 30,
        nondeterministic: None,
        uncooperative: Some("the work is done in prediction, which takes no interruption"),
        least_target: None,
        opt_in: true,
        reference: "Cover and Hart, IEEE Trans. Inf. Theory 13, 1967; Dudani, IEEE Trans. SMC 6, 1976",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_int("k", 1, 100, 10).choice(
            "weights",
            &["distance", "uniform"],
            "distance",
        )
    }

    fn cost(&self, _: &KnnParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        Cost { work: work(n, p) + 1e4, bytes: n * (12.0 * p + 16.0) }
    }

    fn fit(
        &self,
        params: &KnnParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<KnnModel, FitError> {
        params.check()?;
        ctx.check()?;
        let weights = weights(&train)?;
        let features = Features::of(train.x);
        affordable(train.rows.len(), features.width())?;
        let columns = features.find(train.x)?;
        columns.expect_finite(train.rows)?;
        ctx.check()?;
        let heavy = |values: Vec<u32>| {
            let kept = values.into_iter().zip(&weights).filter(|(_, w)| **w > 0.0);
            kept.map(|(v, _)| v).collect::<Vec<u32>>()
        };
        let rows = heavy(train.rows.to_vec());
        let truth = match train.y {
            Target::Values(_) => {
                let y = numbers(&Train { rows: &rows, ..train }, Self::INFO.id)?;
                Truth::Values(y)
            }
            Target::Classes { .. } => {
                let (present, codes) = Present::of(&train, &weights, Self::INFO.id)?;
                let totals = present.totals(&codes, &weights);
                let total: f64 = totals.iter().sum();
                let before = totals.iter().map(|t| params.smoothing * t / total).collect();
                Truth::Classes { present, codes: heavy(codes), before }
            }
        };
        let points = pack(&columns.by_column(&rows), rows.len());
        ctx.check()?;
        let weights = weights.into_iter().filter(|w| *w > 0.0).collect();
        Ok(KnnModel { features, k: params.k, votes: params.weights, truth, points, weights })
    }
}

impl KnnParams {
    fn check(self) -> Result<(), FitError> {
        let smooth = self.smoothing >= 0.0 && self.smoothing.is_finite();
        if (1..=MOST_NEIGHBOURS).contains(&self.k) && smooth {
            return Ok(());
        }
        let why = format!(
            "`k` ({}) must be in 1..={MOST_NEIGHBOURS} and `smoothing` ({}) not negative",
            self.k, self.smoothing
        );
        Err(FitError::Params { id: Knn::INFO.id.to_owned(), why })
    }
}

/// Work units of predicting a quarter as many rows as there are in training.
fn work(n: f64, p: f64) -> f64 {
    0.25 * n * n * (0.12 * p + 1.0) + 10.0 * n * p
}

/// Fails where predictions would take too long or the model would be too large.
fn affordable(rows: usize, width: usize) -> Result<(), FitError> {
    let expected = work(rows as f64, width as f64);
    if expected <= MOST_WORK && rows.saturating_mul(width) <= MOST_CELLS {
        return Ok(());
    }
    Err(FitError::Data(format!(
        "`knn` keeps its training rows and compares each row it predicts with all of them: {rows} \
         rows of {width} columns are {:.1} GB, and predicting a quarter as many would take about \
         {:.0} s; use another learner or fewer rows",
        rows as f64 * width as f64 * 4e-9,
        expected * 1e-9,
    )))
}

impl KnnModel {
    /// What a neighbour counts, for each of them; the sum is positive.
    fn counts(&self, found: &[Neighbour]) -> Vec<f64> {
        let at_no_distance = found.first().is_some_and(|n| n.distance == 0.0);
        let count = |n: &Neighbour| match self.votes {
            Votes::Uniform => n.share,
            Votes::Distance if at_no_distance => {
                if n.distance == 0.0 {
                    n.share
                } else {
                    0.0
                }
            }
            // Relative to the nearest, so that no distance is too small to be inverted.
            Votes::Distance => n.share * f64::from(found[0].distance) / f64::from(n.distance),
        };
        found.iter().map(count).collect()
    }
}

/// The mean of some of the values by counts that are not all zero. No sum of values can overflow.
fn mean(values: &[f64], found: &[Neighbour], counts: &[f64]) -> f64 {
    let total: f64 = counts.iter().sum();
    let terms = found.iter().zip(counts);
    terms.map(|(n, c)| values[n.row as usize] * (c / total)).sum()
}

impl Predict for KnnModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let columns = self.features.find(x)?;
        columns.expect_finite(rows)?;
        let points = Points::new(&self.points, self.features.width(), &self.weights);
        let queries = columns.by_column(rows);
        let mut out = vec![];
        points.nearest(&queries, rows.len(), f64::from(self.k), |_, found| {
            let counts = self.counts(found);
            match &self.truth {
                Truth::Values(values) => out.push(mean(values, found, &counts)),
                Truth::Classes { codes, before, .. } => {
                    let start = out.len();
                    out.extend_from_slice(before);
                    // The neighbours cast as many votes as they weigh, however they are shared.
                    let votes: f64 = found.iter().map(|n| n.share).sum();
                    let scale = votes / counts.iter().sum::<f64>();
                    for (n, c) in found.iter().zip(&counts) {
                        out[start + codes[n.row as usize] as usize] += c * scale;
                    }
                }
            }
        });
        Ok(match &self.truth {
            Truth::Values(_) => Predictions::new(1, out),
            Truth::Classes { present, .. } => present.predictions(&out),
        })
    }

    fn validate(&self) -> Result<(), String> {
        let rows = self.weights.len();
        ensure(
            (1..=MOST_NEIGHBOURS).contains(&self.k),
            "the number of neighbours is out of range",
        )?;
        ensure(rows > 0, "there are no training rows")?;
        let positive = self.weights.iter().all(|w| *w > 0.0 && w.is_finite());
        ensure(positive, "a weight is not positive")?;
        let cells = rows.checked_mul(self.features.width()).is_some_and(|c| c <= MOST_CELLS);
        ensure(cells, "there are too many columns")?;
        count("coordinates", self.points.len(), [packed_len(rows, self.features.width()), 1])?;
        ensure(self.points.iter().all(|v| v.abs() <= 2e15), "a coordinate is out of range")?;
        match &self.truth {
            Truth::Values(values) => {
                count("values", values.len(), [rows, 1])?;
                all_finite("values", values)
            }
            Truth::Classes { present, codes, before } => {
                present.validate()?;
                count("classes", codes.len(), [rows, 1])?;
                let known = codes.iter().all(|c| (*c as usize) < present.len());
                ensure(known, "a class is out of range")?;
                count("votes", before.len(), [present.len(), 1])?;
                let sane = before.iter().all(|v| *v >= 0.0 && v.is_finite());
                ensure(sane, "a vote is out of range")
            }
        }
    }
}
