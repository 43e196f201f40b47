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
//! How many neighbours vote and how much each counts is chosen, where it is not given, by the loss
//! of up to 2,000 training rows, each left out alone: one search for neighbours tries all numbers.
//!
//! Of the shares of classes among the neighbours none is ever 0: so many rows as `smoothing` says
//! vote as all training rows do.
//!
//! Reference: Cover and Hart, "Nearest neighbor pattern classification", 1967; Dudani, "The
//! distance-weighted k-nearest-neighbor rule", 1976.

use crate::classes::Present;
use crate::design::{Columns, Features, encoded_width, numbers, weights};
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, Target, TaskKind, TaskMeta, Train, codec,
};
use ruska_kernels::neighbours::{Neighbour, Points, pack, packed_len};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Most work units that a prediction of a quarter as many rows may take.
const MOST_WORK: f64 = 3e10;
/// Most cells of the training rows: 128 MB.
const MOST_CELLS: usize = 1 << 25;
/// Rows by which the number of neighbours is chosen at most.
const CHOICE_ROWS: f64 = 2_000.0;
/// Numbers of neighbours that are tried.
const NUMBERS: [u32; 13] = [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150];
/// Rows that look for their neighbours between two questions whether to stop.
const BATCH: usize = 64;
/// A share of votes below this costs no more.
const LEAST_SHARE: f64 = 1e-15;
/// Most neighbours.
const MOST_NEIGHBOURS: u32 = 100_000;

/// The learner.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knn;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct KnnParams {
    /// Number of neighbours, 1..=100000; all rows where there are fewer. One of up to 150 that
    /// serves rows best that are left out if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<u32>,
    /// How much a neighbour counts; what serves rows best that are left out if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    weights: Option<Votes>,
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
        Self { k: None, weights: None, smoothing: 1.0 }
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
        opt_in: false,
        reference: "Cover and Hart, IEEE Trans. Inf. Theory 13, 1967; Dudani, IEEE Trans. SMC 6, 1976",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        match meta.kind {
            TaskKind::Classification => Space::new().log_float("smoothing", 0.1, 10.0, 1.0),
            TaskKind::Regression | TaskKind::Clustering | TaskKind::Forecasting => Space::new(),
        }
    }

    fn cost(&self, params: &KnnParams, meta: &TaskMeta) -> Cost {
        let (n, p) = (meta.rows as f64, encoded_width(meta));
        let tried = if params.chosen().is_some() { 0.0 } else { n.min(CHOICE_ROWS) };
        let chosen = tried * (n * (0.12 * p + 1.0) + 1e4);
        Cost { work: work(n, p) + chosen + 1e4, bytes: n * (16.0 * p + 16.0) }
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
        let sample = Sample::of(params, &train, (&columns, features.width()), weights)?;
        let (k, votes) = match params.chosen() {
            Some(chosen) => chosen,
            None => sample.choose(params, ctx)?,
        };
        let (points, weights) = (sample.points(), sample.weights);
        ctx.check()?;
        Ok(KnnModel { features, k, votes, truth: sample.truth, points, weights })
    }
}

impl KnnParams {
    fn check(self) -> Result<(), FitError> {
        let fail = |why: String| Err(FitError::Params { id: Knn::INFO.id.to_owned(), why });
        match self.k {
            Some(k) if !(1..=MOST_NEIGHBOURS).contains(&k) => {
                fail(format!("`k` ({k}) must be in 1..={MOST_NEIGHBOURS}"))
            }
            _ if !(self.smoothing >= 0.0 && self.smoothing.is_finite()) => {
                fail(format!("`smoothing` ({}) must not be negative", self.smoothing))
            }
            _ => Ok(()),
        }
    }

    /// How many vote, and how, where both are given.
    fn chosen(self) -> Option<(u32, Votes)> {
        self.k.zip(self.weights)
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

/// The training rows of weight.
struct Sample<'a> {
    columns: &'a Columns<'a>,
    width: usize,
    rows: Vec<u32>,
    weights: Vec<f64>,
    truth: Truth,
}

impl<'a> Sample<'a> {
    fn of(
        params: &KnnParams,
        train: &Train<'_>,
        (columns, width): (&'a Columns<'a>, usize),
        weights: Vec<f64>,
    ) -> Result<Self, FitError> {
        let heavy = |values: Vec<u32>| {
            let kept = values.into_iter().zip(&weights).filter(|(_, w)| **w > 0.0);
            kept.map(|(v, _)| v).collect::<Vec<u32>>()
        };
        let rows = heavy(train.rows.to_vec());
        let truth = match train.y {
            Target::Values(_) => {
                Truth::Values(numbers(&Train { rows: &rows, ..*train }, Knn::INFO.id)?)
            }
            Target::Classes { .. } | Target::Groups(_) | Target::Series(_) => {
                let (present, codes) = Present::of(train, &weights, Knn::INFO.id)?;
                let totals = present.totals(&codes, &weights);
                let total: f64 = totals.iter().sum();
                let before = totals.iter().map(|t| params.smoothing * t / total).collect();
                Truth::Classes { present, codes: heavy(codes), before }
            }
        };
        let weights = weights.into_iter().filter(|w| *w > 0.0).collect();
        Ok(Self { columns, width, rows, weights, truth })
    }

    /// How many neighbours vote and how much each counts: what of the two is not given is what
    /// serves rows best that are left out, one at a time; fewer neighbours where several serve alike.
    fn choose(&self, params: &KnnParams, ctx: &RunContext<'_>) -> Result<(u32, Votes), FitError> {
        let numbers = params.k.map_or(NUMBERS.to_vec(), |k| vec![k]);
        let ways =
            params.weights.map_or(vec![Votes::Distance, Votes::Uniform], |votes| vec![votes]);
        let tried: Vec<_> =
            numbers.iter().flat_map(|&k| ways.iter().map(move |&v| (k, v))).collect();
        let most = numbers.iter().fold(0, |most, &k| most.max(k));
        let mut losses = vec![0.0; tried.len()];
        let packed = self.points();
        let points = Points::new(&packed, self.width, &self.weights);
        for batch in self.questions().chunks(BATCH) {
            ctx.check()?;
            let rows: Vec<u32> = batch.iter().map(|&place| self.rows[place]).collect();
            let x = self.columns.by_column(&rows);
            points.nearest(&x, rows.len(), f64::from(most) + 1.0, |query, found| {
                let others = without(found, batch[query]);
                if others.is_empty() {
                    return;
                }
                for (loss, (k, votes)) in losses.iter_mut().zip(&tried) {
                    *loss += self.truth.loss(batch[query], *votes, &nearest(&others, *k));
                }
            });
        }
        let least = (0..tried.len()).min_by(|&a, &b| losses[a].total_cmp(&losses[b]));
        Ok(least.map_or((most, ways[0]), |i| tried[i]))
    }

    /// Places of the rows by which to choose: one from each of as many equal parts of the weight of
    /// all, in an order by content, so that neither the order of rows nor whether one is repeated or
    /// weighs as much makes a difference.
    fn questions(&self) -> Vec<usize> {
        let hashes = self.columns.hashes(&self.rows);
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|&a, &b| hashes[a].cmp(&hashes[b]).then_with(|| self.truth.compare(a, b)));
        let total: f64 = self.weights.iter().sum();
        let parts = total.ceil().clamp(1.0, CHOICE_ROWS);
        let (mut questions, mut sum) = (vec![], 0.0);
        for place in order {
            sum += self.weights[place] * (parts / total);
            while (questions.len() as f64) + 0.5 < sum && (questions.len() as f64) < parts {
                questions.push(place);
            }
        }
        questions
    }

    /// The rows, as the kernel lays them.
    fn points(&self) -> Vec<f32> {
        pack(&self.columns.by_column(&self.rows), self.rows.len())
    }
}

/// The neighbours of a row without one row's worth of itself.
fn without(found: &[Neighbour], row: usize) -> Vec<Neighbour> {
    let mut others = found.to_vec();
    if let Some(itself) = others.iter_mut().find(|n| n.row as usize == row) {
        itself.share = (itself.share - 1.0).max(0.0);
    }
    others.retain(|n| n.share > 0.0);
    others
}

/// The nearest of some neighbours that together weigh `k`, the last perhaps in part.
fn nearest(found: &[Neighbour], k: u32) -> Vec<Neighbour> {
    let mut left = f64::from(k);
    let mut nearest = vec![];
    for n in found {
        if left <= 0.0 {
            break;
        }
        nearest.push(Neighbour { share: n.share.min(left), ..*n });
        left -= n.share;
    }
    nearest
}

impl Votes {
    /// What a neighbour counts, for each of them; the sum is positive.
    fn counts(self, found: &[Neighbour]) -> Vec<f64> {
        let at_no_distance = found.first().is_some_and(|n| n.distance == 0.0);
        let count = |n: &Neighbour| match self {
            Self::Uniform => n.share,
            Self::Distance if at_no_distance => {
                if n.distance == 0.0 {
                    n.share
                } else {
                    0.0
                }
            }
            // Relative to the nearest, so that no distance is too small to be inverted.
            Self::Distance => n.share * f64::from(found[0].distance) / f64::from(n.distance),
        };
        found.iter().map(count).collect()
    }
}

impl Truth {
    /// Appends what the neighbours vote for: a mean, or the votes of each class.
    fn vote(&self, votes: Votes, found: &[Neighbour], out: &mut Vec<f64>) {
        let counts = votes.counts(found);
        match self {
            Self::Values(values) => out.push(mean(values, found, &counts)),
            Self::Classes { codes, before, .. } => {
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
    }

    /// An order of what two rows are.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        match self {
            Self::Values(values) => values[a].total_cmp(&values[b]),
            Self::Classes { codes, .. } => codes[a].cmp(&codes[b]),
        }
    }

    /// Squared error or log loss of the neighbours' vote for a training row.
    fn loss(&self, row: usize, votes: Votes, found: &[Neighbour]) -> f64 {
        let mut vote = vec![];
        self.vote(votes, found, &mut vote);
        match self {
            Self::Values(values) => (values[row] - vote[0]).powi(2),
            Self::Classes { codes, .. } => {
                let share = vote[codes[row] as usize] / vote.iter().sum::<f64>();
                -share.max(LEAST_SHARE).ln()
            }
        }
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
            self.truth.vote(self.votes, found, &mut out);
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
