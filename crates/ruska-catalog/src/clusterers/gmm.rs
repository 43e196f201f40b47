//! Mixture model: groups are normal distributions of numbers and frequencies of levels, and rows have
//! shares of them.
//!
//! Wins on groups that are long, tilted or of different size, on tables of numbers and levels, and tells
//! how sure a row is of its group. Fails on rings and chains, which it covers with pieces, and with full
//! covariances in many columns. Takes levels as they are, where a missing or new one says nothing, numbers
//! of any scale, and weights. For a missing number counts one of those that are known, drawn by what else
//! the row holds: the same one for all would look like a group. With `logs`, columns that are positive and
//! skewed to the right count by their logarithms; what later rows have below the least number of the fit
//! counts as that. Of more than 20,000 rows so many are fitted to, spread evenly. New rows go to the group
//! with the largest share, which is where the rows it was fitted on are.
//!
//! Its figures of the fit compare trials of whatever number of groups, covariances and logarithms, since
//! all are of the density of the numbers in standard deviations. A group's variances have that of rounding
//! to the least gap between a column's numbers added, so that columns of few numbers speak for no groups.
//! Cost O(steps · n·k·p²), p in place of p² for diagonal and spherical groups; starts are k-means and
//! Ward's linkage.
//!
//! Reference: Fraley, Raftery, "Model-based clustering, discriminant analysis, and density estimation",
//! JASA 97, 2002; Biernacki, Celeux, Govaert, "Assessing a mixture model for clustering with the integrated
//! completed likelihood", IEEE PAMI 22, 2000; Hunt, Jorgensen, "Mixture model clustering using the MULTIMIX
//! program", Aust. N. Z. J. Stat. 41, 1999.

use super::support::{Cells, Columns, Scale, clusters, expect_groups, is_share, refound, told};
use crate::bridge::{Uncut, stopped};
use crate::design::weights;
use crate::parameters::at_least;
use crate::sound::{all_finite, ascending, ensure};
use ruska_core::{
    Algorithm, Cost, FitError, Frame, Geometry, LearnerInfo, Need, Predict, PredictError,
    Predictions, RunContext, Space, TaskKind, TaskMeta, Train, hash,
};
use ruska_kernels::clusters::agglomerative::{Linkage, Representatives, agglomerate};
use ruska_kernels::clusters::kmeans::{KMeansParams, kmeans};
use ruska_kernels::clusters::mixture::{Covariance, Floor, Mixture, MixtureParams, mixture};
use ruska_kernels::clusters::{Mixed, Points};
use ruska_kernels::{Silent, Stopped};
use serde::{Deserialize, Serialize};

/// Most rows that a mixture is fitted to.
const MOST_ROWS: usize = 20_000;
/// Most rows that are linked, of more so many: 40 ms, in which nothing interrupts it.
const LINKED: usize = 2000;
/// Starts of k-means that bring nothing better before it ends.
const STARTS: usize = 4;
/// Levels of a column that starts look at, the most frequent ones.
const LEVELS: usize = 32;
/// Least variance that is added, of a column of variance 1.
const FLOOR: f64 = 1e-4;
/// What a missing number is drawn from.
const KNOWN: usize = 32;
/// Steps that a start usually takes.
const USUAL_STEPS: f64 = 30.0;

/// The clusterer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gmm;

/// Its parameters.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GmmParams {
    /// Components, ≥ 1; fewer where there are fewer distinct rows.
    clusters: i64,
    covariance: Covariance,
    /// Whether skewed positive columns count by their logarithms.
    logs: bool,
}

impl Default for GmmParams {
    fn default() -> Self {
        Self { clusters: 3, covariance: Covariance::Full, logs: false }
    }
}

/// The fitted model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GmmModel {
    columns: Columns,
    /// Of the columns of numbers that are not constant, in their order.
    scales: Vec<Scale>,
    /// Of each of them what counts where a number is missing, at equal steps of probability.
    known: Vec<Vec<f64>>,
    mixture: Mixture,
    /// Schwarz's criterion of the rows it was fitted to, for one of them.
    bic: f64,
    /// The same and what is unsure of where a row belongs.
    icl: f64,
    /// How much groups overlap.
    adjoining: f64,
    /// The share of the rows it was fitted to that it puts where the fit put them.
    refound: f64,
}

impl Algorithm for Gmm {
    type Params = GmmParams;
    type Model = GmmModel;

    const INFO: LearnerInfo = LearnerInfo {
        id: "gmm",
        summary: "Mixture model: groups are normal distributions of numbers and frequencies of levels",
        tasks: &[TaskKind::Clustering],
        needs: &[Need::Dates, Need::Text],
        geometry: Geometry::Metric,
        sparse: false,
        weights: true,
        multiclass: true,
        complexity: 30,
        nondeterministic: None,
        uncooperative: None,
        least_target: None,
        opt_in: false,
        reference: "Fraley, Raftery, Model-based clustering, discriminant analysis, and density estimation, JASA 97, 2002",
    };

    fn space(&self, meta: &TaskMeta) -> Space {
        let space = clusters(Space::new(), meta, 1);
        if meta.numeric + meta.text + meta.time == 0 {
            return space;
        }
        let kinds = ["full", "tied", "diagonal", "spherical"];
        let space = space.choice("covariance", &kinds, "full");
        if meta.long_tailed > Some(0) { space.bool("logs", false) } else { space }
    }

    fn cost(&self, params: &GmmParams, meta: &TaskMeta) -> Cost {
        let (rows, k) = (meta.rows as f64, params.clusters.max(1) as f64);
        let n = rows.min(MOST_ROWS as f64);
        let p = (meta.numeric + 64 * meta.text + 8 * meta.time) as f64;
        let columns = meta.levels.len() as f64;
        let of = |most: usize| meta.levels.iter().map(|l| (*l).min(most)).sum::<usize>() as f64;
        let (seen, levels) = (p + of(LEVELS), of(MOST_ROWS));
        let (numbers, crossed) = match params.covariance {
            Covariance::Full => (p * p, k * p * p),
            Covariance::Tied => (p * p, p * p),
            Covariance::Diagonal | Covariance::Spherical => (p, k * p),
        };
        let linked = n.min(LINKED as f64);
        let step =
            n * k * (0.6 * numbers + 10.0 * columns + 25.0) + k * (p * p * p + 10.0 * levels);
        let k_means = 15.0 * STARTS as f64 * n * (0.3 * seen * k + 5.0);
        Cost {
            work: 2.0 * USUAL_STEPS * step + k_means + linked * linked * (0.3 * seen + 6.0) + 1e5,
            bytes: 8.0 * (n * (3.0 * seen + 2.0 * k) + 4.0 * (crossed + k * levels))
                + 4.0 * linked * linked
                + 8.0 * rows,
        }
    }

    fn fit(
        &self,
        params: &GmmParams,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<GmmModel, FitError> {
        let id = Self::INFO.id;
        let clusters = at_least(id, "clusters", params.clusters, 1)?;
        expect_groups(&train, id)?;
        let (rows, weights) = fitted_rows(&train)?;
        let columns = Columns::of(train.x, &rows)?.with_flags(train.x, &rows)?;
        let told = train.weights.map(|_| &weights[..]);
        let table =
            Table::new(columns.cells_with_gaps(train.x, &rows)?, &weights, params.logs, ctx)?;
        let starts = table.starts(&columns.levels(), clusters, told, ctx);
        let how = MixtureParams {
            covariance: params.covariance,
            floors: &table.floors,
            threads: ctx.threads(),
            ..MixtureParams::default()
        };
        let found = starts
            .and_then(|starts| mixture(&table.cells.mixed(), told, &starts, &how, &Uncut(ctx)))
            .map_err(|s| stopped(ctx, s))?;
        let gained = 2.0 * table.gained;
        let all: f64 = weights.iter().sum();
        let mut model = GmmModel {
            columns,
            scales: table.scales,
            known: table.known,
            bic: (found.bic() - gained) / all,
            icl: (found.icl() - gained) / all,
            adjoining: found.adjoining,
            mixture: found.mixture,
            refound: 0.0,
        };
        model.refound = refound(&model, train.x, (&rows, &found.labels))?;
        Ok(model)
    }
}

/// The training rows that a mixture is fitted to, and their weights: of those of some weight all or as
/// many as it may be, spread evenly over them.
fn fitted_rows(train: &Train<'_>) -> Result<(Vec<u32>, Vec<f64>), FitError> {
    let weights = weights(train)?;
    let heavy: Vec<usize> = (0..weights.len()).filter(|&at| weights[at] > 0.0).collect();
    let kept = hash::spread(heavy.len(), MOST_ROWS).map(|at| heavy[at]);
    Ok(kept.map(|at| (train.rows[at], weights[at])).unzip())
}

/// The rows of a fit as the mixture sees them.
struct Table {
    cells: Cells,
    scales: Vec<Scale>,
    known: Vec<Vec<f64>>,
    /// What is added to variances: that of rounding.
    floors: Vec<Floor>,
    /// By how much rows are likelier in deviations than as they are here, as a sum of logarithms.
    gained: f64,
}

impl Table {
    fn new(
        cells: Cells,
        weights: &[f64],
        logs: bool,
        ctx: &RunContext<'_>,
    ) -> Result<Self, FitError> {
        let (mut scales, mut known, mut floors, mut gained) = (vec![], vec![], vec![], 0.0);
        let whole: f64 = weights.iter().sum();
        for column in 0..cells.dims {
            ctx.check()?;
            let values = cells.numbers.iter().skip(column).step_by(cells.dims).zip(weights);
            let (mut values, weights): (Vec<f64>, Vec<f64>) =
                values.filter(|(v, _)| !v.is_nan()).map(|(v, w)| (*v, *w)).unzip();
            let numbers = values.clone();
            if let Some((scale, more)) = Scale::fit(column, &mut values, &weights, logs) {
                scales.push(scale);
                // What is missing gains as much as what is known.
                gained += more * whole / weights.iter().sum::<f64>();
                floors.push(scale.rounding(numbers, FLOOR));
                known.push(spread(values, &weights));
            }
        }
        let (numbers, dims) = (scaled(&cells, &scales, &known), scales.len());
        Ok(Self { cells: Cells { numbers, dims, ..cells }, scales, known, floors, gained })
    }

    /// Partitions to begin with; columns have so many levels.
    fn starts(
        &self,
        levels: &[u32],
        clusters: usize,
        weights: Option<&[f64]>,
        ctx: &RunContext<'_>,
    ) -> Result<Vec<Vec<i32>>, Stopped> {
        let (values, dims) = self.points(levels, weights);
        if dims == 0 || clusters == 1 {
            return Ok(vec![vec![0; self.cells.rows]]);
        }
        let points = Points { values: &values, dims };
        let how = KMeansParams {
            clusters,
            restarts: STARTS,
            seed: ctx.seed(),
            threads: ctx.threads(),
            ..KMeansParams::default()
        };
        let nearest = kmeans(points, weights, None, &how, &Uncut(ctx))?.labels;
        Ok(vec![nearest, linked(points, clusters, ctx)?])
    }

    /// Numbers, and a column for each of the most frequent levels, row after row, and how many there are.
    fn points(&self, levels: &[u32], weights: Option<&[f64]>) -> (Vec<f64>, usize) {
        let Cells { rows, numbers, dims, codes, width } = &self.cells;
        // Of each level the place of its column.
        let mut places: Vec<Vec<usize>> = vec![];
        let mut all = *dims;
        for (column, &levels) in levels.iter().enumerate() {
            let mut counts = vec![0.0; levels as usize];
            for (i, &code) in codes.iter().skip(column).step_by(*width).enumerate() {
                if let Some(count) = counts.get_mut(code as usize) {
                    *count += weights.map_or(1.0, |w| w[i]);
                }
            }
            let mut order: Vec<usize> = (0..counts.len()).collect();
            order.sort_by(|&a, &b| counts[b].total_cmp(&counts[a]));
            let mut place = vec![usize::MAX; counts.len()];
            for level in order.into_iter().take(LEVELS) {
                place[level] = all;
                all += 1;
            }
            places.push(place);
        }
        let mut values = vec![0.0; rows * all];
        for (i, row) in values.chunks_exact_mut(all.max(1)).enumerate() {
            row[..*dims].copy_from_slice(&numbers[i * dims..(i + 1) * dims]);
            for (place, &code) in places.iter().zip(&codes[i * width..(i + 1) * width]) {
                if let Some(slot) = place.get(code as usize).and_then(|&at| row.get_mut(at)) {
                    *slot = 1.0;
                }
            }
        }
        (values, all)
    }
}

/// A few of some weighted values, at equal steps of probability.
fn spread(values: Vec<f64>, weights: &[f64]) -> Vec<f64> {
    let mut pairs: Vec<(f64, f64)> = values.into_iter().zip(weights.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = pairs.iter().map(|(_, w)| w).sum();
    let (mut at, mut before) = (0, 0.0);
    let mut few = Vec::with_capacity(KNOWN);
    for step in 0..KNOWN {
        let below = all * (step as f64 + 0.5) / KNOWN as f64;
        while at + 1 < pairs.len() && before + pairs[at].1 < below {
            before += pairs[at].1;
            at += 1;
        }
        few.push(pairs[at].0);
    }
    few
}

/// The numbers of rows on their scales, row after row; for one that is missing counts one of those that
/// are known, drawn by what the row holds.
fn scaled(cells: &Cells, scales: &[Scale], known: &[Vec<f64>]) -> Vec<f64> {
    let mut numbers = Vec::with_capacity(cells.rows * scales.len());
    for i in 0..cells.rows {
        let row = &cells.numbers[i * cells.dims..(i + 1) * cells.dims];
        let gaps = row.iter().any(|v| v.is_nan());
        let content = if gaps { cells.content(i) } else { 0 };
        for (j, (scale, known)) in scales.iter().zip(known).enumerate() {
            let value = row[scale.column()];
            numbers.push(if value.is_nan() {
                known[hash::combine(&[content, j as u64]) as usize % known.len()]
            } else {
                scale.of(value)
            });
        }
    }
    numbers
}

/// A partition by Ward's linkage; of many rows, of some that are spread over them, and the others go to
/// the nearest mean. The linkage is the same for any number of clusters.
fn linked(points: Points<'_>, clusters: usize, ctx: &RunContext<'_>) -> Result<Vec<i32>, Stopped> {
    let few: Vec<f64> =
        hash::spread(points.len(), LINKED).flat_map(|i| points.row(i)).copied().collect();
    let content = few.iter().fold(points.dims as u64, |h, v| hash::combine(&[h, v.to_bits()]));
    let few = Points { values: &few, dims: points.dims };
    let tree = ctx.derived(&format!("ward/{content:x}"), || {
        let tree = agglomerate(few, Linkage::Ward, &Silent).expect("nothing stops it");
        (tree, few.len() * size_of::<[f64; 3]>())
    });
    let labels = tree.clusters(clusters);
    if few.len() == points.len() {
        return Ok(labels);
    }
    let means = Representatives::new(few, &labels, Linkage::Ward);
    let near = means.label(points, ctx.threads(), &Uncut(ctx))?;
    Ok(near.into_iter().map(|(label, _)| label).collect())
}

impl Predict for GmmModel {
    fn predict(&self, x: &Frame, rows: &[u32]) -> Result<Predictions, PredictError> {
        let cells = self.columns.cells_with_gaps(x, rows)?;
        let numbers = scaled(&cells, &self.scales, &self.known);
        let mixed = Mixed { numbers: &numbers, dims: self.scales.len(), ..cells.mixed() };
        let found = self.mixture.shares(&mixed, 1, &Silent).expect("nothing stops it");
        let k = self.mixture.components();
        let mut said = Vec::with_capacity(rows.len() * (k + 1));
        for (label, shares) in found.labels.iter().zip(found.responsibilities.chunks_exact(k)) {
            said.push(f64::from(*label));
            said.extend_from_slice(shares);
        }
        Ok(Predictions::new(k + 1, said))
    }

    fn beside_group(&self) -> Vec<String> {
        (0..self.mixture.components()).map(|k| format!("proba_{k}")).collect()
    }

    fn told(&self) -> Vec<(&'static str, f64)> {
        let figures = [("bic", self.bic), ("icl", self.icl), ("adjoining", self.adjoining)];
        figures.into_iter().chain([told(self.refound)]).collect()
    }

    fn validate(&self) -> Result<(), String> {
        let Self { columns, scales, known, mixture, bic, icl, adjoining, refound } = self;
        is_share(*refound)?;
        let used: Vec<u32> = scales.iter().map(|s| s.column() as u32).collect();
        ascending("scales", &used, columns.numbers())?;
        scales.iter().try_for_each(Scale::validate)?;
        ensure(known.len() == scales.len(), "columns have nothing to draw from")?;
        ensure(known.iter().all(|k| k.len() == KNOWN), "columns have too little to draw from")?;
        all_finite("known numbers", known.iter().flatten())?;
        columns.validate()?;
        ensure(mixture.dims == scales.len(), "the mixture has other columns of numbers")?;
        ensure(mixture.levels == columns.levels(), "the mixture has other levels")?;
        all_finite("figures of the fit", [bic, icl, adjoining])?;
        mixture.validate()
    }
}
