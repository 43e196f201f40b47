//! Checks of measures.

use super::{Outcome, calm, described, ensure, must};
use ruska_core::{
    Ahead, Catalog, Covariates, Measure, MeasureError, Needs, Predictions, Rng, TaskKind,
    Timelines, Truth,
};
use std::sync::Arc;

/// A measure under contract.
pub struct MeasureCase {
    /// The measure.
    pub measure: Arc<dyn Measure>,
}

impl MeasureCase {
    /// The case of a measure of a catalog.
    ///
    /// Panics when the catalog has no such measure.
    pub fn new(catalog: &Catalog, id: &str) -> Self {
        Self { measure: catalog.measure(id).expect("the catalog has the measure").clone() }
    }

    /// Truths of each shape the measure takes, with predictions that are right more often than
    /// not. Values are positive, where every measure is defined. None where only a model tells it.
    fn cases(&self) -> Vec<(Truth, Predictions)> {
        let info = self.measure.info();
        if info.needs == Needs::Fit {
            return vec![];
        }
        let of = |task: &TaskKind| match (task, info.multiclass) {
            (TaskKind::Regression, _) => vec![values(60, 1), values(7, 2)],
            (TaskKind::Clustering, _) => vec![groups(60, 1), groups(12, 2)],
            (TaskKind::Forecasting, _) => vec![ahead(4, 15, 1), ahead(2, 4, 2)],
            (TaskKind::Classification, false) => vec![classes(2, 60, 1), classes(2, 7, 2)],
            (TaskKind::Classification, true) => {
                vec![classes(2, 60, 1), classes(2, 7, 2), classes(4, 60, 3)]
            }
        };
        info.tasks.iter().flat_map(of).collect()
    }

    /// Whether it tells, of groups alone, which are better.
    fn tells_apart(&self) -> bool {
        let info = self.measure.info();
        let (a, b) = (Predictions::new(1, vec![0.0, 1.0]), Predictions::new(1, vec![0.0, 0.0]));
        info.task() == TaskKind::Clustering && self.measure.between(&a, &b).is_none()
    }

    fn score(
        &self,
        what: &str,
        t: &Truth,
        p: &Predictions,
        w: Option<&[f64]>,
    ) -> Result<f64, String> {
        must(what, || self.measure.score(t, p, w))
    }

    /// Fails or gives a finite score, but does not panic.
    fn calm(&self, what: &str, t: &Truth, p: &Predictions, w: Option<&[f64]>) -> Outcome {
        let score = calm(what, || self.measure.score(t, p, w))?;
        let finite = score.as_ref().map_or(true, |s| s.is_finite());
        ensure!(finite, "{what}: the score is {score:?}");
        let losses = calm(what, || Ok::<_, MeasureError>(self.measure.row_losses(t, p, w)))?;
        let finite = losses.as_ref().map_or(true, |l| l.iter().flatten().all(|v| v.is_finite()));
        ensure!(finite, "{what}: the losses of the rows are {losses:?}");
        Ok(())
    }
}

fn classes(k: usize, rows: usize, seed: u64) -> (Truth, Predictions) {
    let mut rng = Rng::new(seed);
    let codes: Vec<u32> = (0..rows).map(|r| (r % k) as u32).collect();
    let score = |r: usize, c: usize, u: f64| u + if codes[r] as usize == c { 0.7 } else { 0.0 };
    let values = (0..rows * k).map(|i| score(i / k, i % k, rng.unit())).collect();
    (Truth::Classes { codes, n_classes: k, positive: 1 }, Predictions::normalised(k, values))
}

fn values(rows: usize, seed: u64) -> (Truth, Predictions) {
    let mut rng = Rng::new(seed);
    let truth: Vec<f64> = (0..rows).map(|_| 1.0 + 9.0 * rng.unit()).collect();
    let predictions = truth.iter().map(|t| t * (0.7 + 0.6 * rng.unit())).collect();
    (Truth::Values(truth), Predictions::new(1, predictions))
}

/// Points in three heaps, and groups that are the heaps but for every seventh row.
fn groups(rows: usize, seed: u64) -> (Truth, Predictions) {
    let mut rng = Rng::new(seed);
    let heap = |row: usize| 3 * row / rows;
    let values = (0..2 * rows).map(|i| 9.0 * heap(i / 2) as f64 + rng.normal()).collect();
    let group = |row| if row % 7 == 3 { (heap(row) + 1) % 3 } else { heap(row) };
    let groups = (0..rows).map(|row| group(row) as f64).collect();
    (Truth::Points { values, dims: 2 }, Predictions::new(1, groups))
}

/// Series of positive values, of each of which so many are told: points that are near, with standard
/// deviations.
fn ahead(series: usize, told: usize, seed: u64) -> (Truth, Predictions) {
    let mut rng = Rng::new(seed);
    let long = 3 * told;
    let panel = Timelines {
        values: Arc::new((0..series * long).map(|_| 1.0 + 9.0 * rng.unit()).collect()),
        offsets: Arc::new((0..=series).map(|s| s * long).collect()),
        starts: Arc::new(vec![0; series]),
        seasons: vec![],
        season: 2,
        horizon: told,
        covariates: Covariates::default(),
    };
    let rows = (0..series).flat_map(|s| (s + 1) * long - told..(s + 1) * long);
    let ahead = Ahead::new(&panel, rows.map(|row| row as u32).collect());
    let near = |y: f64, rng: &mut Rng| [y * (0.7 + 0.6 * rng.unit()), 0.5 + rng.unit()];
    let predictions = ahead.truth().iter().flat_map(|y| near(*y, &mut rng)).collect();
    (Truth::Ahead(ahead), Predictions::new(2, predictions))
}

/// Predictions that are certain of the truth, or of something `off` it; of points, that they are in
/// three heaps, or in groups that have nothing to do with them.
fn certain(truth: &Truth, off: u32) -> Predictions {
    match truth {
        Truth::Values(v) => Predictions::new(1, v.iter().map(|v| v + f64::from(off)).collect()),
        Truth::Classes { codes, n_classes: k, .. } => {
            let one = |&c: &u32| {
                let class = (c + off) as usize % k;
                (0..*k).map(move |j| if j == class { 1.0 } else { 0.0 })
            };
            Predictions::new(*k, codes.iter().flat_map(one).collect())
        }
        Truth::Points { values, dims } => {
            let rows = values.len() / dims;
            let group = |row| if off == 0 { 3 * row / rows } else { row % 3 };
            Predictions::new(1, (0..rows).map(|row| group(row) as f64).collect())
        }
        Truth::Ahead(ahead) => {
            let told = ahead.truth();
            Predictions::new(2, told.iter().flat_map(|y| [y + f64::from(off), 0.0]).collect())
        }
    }
}

/// The rows in the given order, which may repeat rows.
fn take(truth: &Truth, p: &Predictions, rows: &[usize]) -> (Truth, Predictions) {
    let truth = match truth {
        Truth::Values(v) => Truth::Values(rows.iter().map(|&r| v[r]).collect()),
        Truth::Classes { codes, n_classes, positive } => Truth::Classes {
            codes: rows.iter().map(|&r| codes[r]).collect(),
            n_classes: *n_classes,
            positive: *positive,
        },
        Truth::Points { values, dims } => Truth::Points {
            values: rows.iter().flat_map(|r| &values[r * dims..][..*dims]).copied().collect(),
            dims: *dims,
        },
        Truth::Ahead(ahead) => {
            Truth::Ahead(ahead.take(&rows.iter().map(|&r| r as u32).collect::<Vec<_>>()))
        }
    };
    (truth, Predictions::new(p.width(), rows.iter().flat_map(|&r| p.row(r).to_vec()).collect()))
}

fn near(what: &str, a: f64, b: f64) -> Outcome {
    ensure!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{what}: the scores are {a:e} and {b:e}");
    Ok(())
}

pub(super) fn facts_are_declared(case: &MeasureCase) -> Outcome {
    let info = case.measure.info();
    described(info.id, info.summary, info.reference)?;
    let of_values = info.needs == Needs::Values;
    let of_groups = matches!(info.needs, Needs::Groups | Needs::Fit);
    let of_forecasts = info.needs == Needs::Forecasts;
    let fits = match info.task() {
        TaskKind::Forecasting => of_forecasts,
        TaskKind::Regression => of_values,
        TaskKind::Clustering => of_groups,
        TaskKind::Classification => !of_values && !of_groups && !of_forecasts,
    };
    ensure!(fits, "{:?} looks at {:?}", info.task(), info.needs);
    if info.needs == Needs::Fit {
        let (truth, p) = groups(60, 1);
        let score = calm("score", || case.measure.score(&truth, &p, None))?;
        ensure!(score.is_err(), "what only a model tells is scored {score:?}");
        ensure!(case.measure.beside().is_some(), "nobody tells which trials have it");
    }
    Ok(())
}

pub(super) fn perfect_is_the_optimum(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let optimum = if case.measure.info().higher_is_better { 1.0 } else { 0.0 };
        let loss = |what, p: &Predictions| {
            case.score(what, &truth, p, None).map(|s| case.measure.loss_of(s))
        };
        if case.tells_apart() {
            let groups = [certain(&truth, 0), p, certain(&truth, 1)];
            let [perfect, fair, wrong] = groups.map(|p| loss("groups", &p));
            let (perfect, fair, wrong) = (perfect?, fair?, wrong?);
            let order = perfect < fair && fair < wrong;
            ensure!(order, "heaps lose {perfect}, nearly heaps {fair}, other groups {wrong}");
            continue;
        }
        if case.measure.info().task() == TaskKind::Clustering {
            continue;
        }
        let perfect = case.score("perfect", &truth, &certain(&truth, 0), None)?;
        ensure!((perfect - optimum).abs() < 1e-12, "perfect predictions score {perfect}");
        let (best, fair) = (loss("perfect", &certain(&truth, 0))?, loss("fair", &p)?);
        let worst = loss("wrong", &certain(&truth, 1))?;
        ensure!(best <= fair, "perfect predictions lose {best}, fair ones {fair}");
        ensure!(best + 1e-6 < worst, "perfect predictions lose {best}, wrong ones {worst}");
    }
    Ok(())
}

pub(super) fn scores_are_finite_and_bounded(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        for p in [p, certain(&truth, 0), certain(&truth, 1)] {
            let score = case.score("score", &truth, &p, None)?;
            let bounded = if case.measure.info().task() == TaskKind::Clustering {
                true
            } else if case.measure.info().higher_is_better {
                score <= 1.0 + 1e-12
            } else {
                score >= 0.0
            };
            ensure!(score.is_finite() && bounded, "the score is {score}");
        }
    }
    Ok(())
}

pub(super) fn order_of_rows_does_not_matter(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let weights: Vec<f64> = (0..truth.rows()).map(|r| 0.5 + r as f64 % 3.0).collect();
        let mut order: Vec<usize> = (0..truth.rows()).collect();
        Rng::new(4).shuffle(&mut order);
        let (t, q) = take(&truth, &p, &order);
        let w: Vec<f64> = order.iter().map(|&r| weights[r]).collect();
        let plain = (case.score("rows", &truth, &p, None)?, case.score("shuffled", &t, &q, None)?);
        near("shuffled rows", plain.0, plain.1)?;
        let a = case.score("weighted rows", &truth, &p, Some(&weights))?;
        near("shuffled weighted rows", a, case.score("shuffled", &t, &q, Some(&w))?)?;
    }
    Ok(())
}

pub(super) fn weights_of_one_are_none(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let plain = case.score("no weights", &truth, &p, None)?;
        for w in [1.0, 0.25] {
            let weights = vec![w; truth.rows()];
            let equal = case.score("equal weights", &truth, &p, Some(&weights))?;
            near(&format!("without weights and with weights of {w}"), plain, equal)?;
        }
    }
    Ok(())
}

pub(super) fn weight_is_repetition(case: &MeasureCase) -> Outcome {
    if case.measure.info().task() == TaskKind::Clustering {
        return Ok(());
    }
    for (truth, p) in case.cases() {
        let times = |r: usize| [1, 2, 0, 3, 1][r % 5];
        let weights: Vec<f64> = (0..truth.rows()).map(|r| times(r) as f64).collect();
        let rows: Vec<usize> =
            (0..truth.rows()).flat_map(|r| std::iter::repeat_n(r, times(r))).collect();
        let weighted = case.score("weighted", &truth, &p, Some(&weights))?;
        let (t, q) = take(&truth, &p, &rows);
        near("weighted and repeated", weighted, case.score("repeated", &t, &q, None)?)?;
    }
    Ok(())
}

/// Their weighted mean is the loss, and each is as far from it as its row pulls it.
pub(super) fn row_losses_mean_the_loss(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let rows = truth.rows();
        for weights in [None, Some((0..rows).map(|r| [1.0, 0.5, 0.0, 3.0][r % 4]).collect())] {
            let weights: Option<Vec<f64>> = weights;
            let w = weights.as_deref();
            let losses = must("losses of rows", || {
                Ok::<_, MeasureError>(case.measure.row_losses(&truth, &p, w))
            })?;
            let Some(losses) = losses else { return Ok(()) };
            ensure!(losses.len() == rows, "{rows} rows have {} losses", losses.len());
            let loss = |what, w: Option<&[f64]>| {
                case.score(what, &truth, &p, w).map(|score| case.measure.loss_of(score))
            };
            let w = weights.clone().unwrap_or_else(|| vec![1.0; rows]);
            let total: f64 = w.iter().sum();
            let mean = w.iter().zip(&losses).map(|(w, l)| w * l).sum::<f64>() / total;
            let whole = loss("rows", weights.as_deref())?;
            near("mean of the rows and whole", mean, whole)?;
            for row in (0..rows).filter(|&r| w[r] > 0.0) {
                let shifted = |by: f64| {
                    let mut w = w.clone();
                    w[row] += by;
                    loss("rows", Some(&w))
                };
                let slope = (shifted(1e-5)? - shifted(-1e-5)?) / 2e-5 * total;
                let pull = losses[row] - whole;
                let same = (slope - pull).abs() <= 1e-6 * (1.0 + pull.abs());
                ensure!(same, "row {row} lies {pull} off the loss and pulls it by {slope}");
            }
        }
        let perfect = case.measure.row_losses(&truth, &certain(&truth, 0), None);
        let zero = perfect.is_some_and(|l| l.iter().all(|l| l.abs() < 1e-12));
        ensure!(zero, "perfectly predicted rows have losses");
    }
    Ok(())
}

/// Less mean of the row losses is a better score.
pub(super) fn row_losses_order_as_the_measure(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let mut ranked = vec![];
        for step in 0..=5 {
            let share = f64::from(step) / 5.0;
            let parts = [(share, certain(&truth, 0)), (1.0 - share, p.clone())];
            let q = must("a mean of predictions", || Predictions::blend(&parts))?;
            let Some(losses) = case.measure.row_losses(&truth, &q, None) else { continue };
            let score = case.score("score", &truth, &q, None)?;
            let mean = losses.iter().sum::<f64>() / losses.len() as f64;
            ranked.push((case.measure.loss_of(score), mean));
        }
        for (a, b) in ranked.iter().zip(&ranked[1.min(ranked.len())..]) {
            let ordered = a.0 > b.0 && a.1 > b.1 || (a.0 - b.0).abs() < 1e-12;
            ensure!(
                ordered,
                "losses fall from {} to {}, of rows from {} to {}",
                a.0,
                b.0,
                a.1,
                b.1
            );
        }
    }
    Ok(())
}

pub(super) fn loss_and_score_convert(case: &MeasureCase) -> Outcome {
    for score in [-0.5, 0.0, 0.3, 1.0] {
        let loss = case.measure.loss_of(score);
        near("there and back", case.measure.score_of(loss), score)?;
        let better = if case.measure.info().higher_is_better { score + 0.1 } else { score - 0.1 };
        ensure!(case.measure.loss_of(better) < loss, "a better score has no lower loss");
    }
    Ok(())
}

pub(super) fn unequal_rows_are_refused(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let rows = truth.rows();
        let all: Vec<usize> = (0..rows).collect();
        let fewer = take(&truth, &p, &all[1..]);
        let ones = vec![1.0; rows + 1];
        let wide = Predictions::new(5, vec![0.2; 5 * rows]);
        let score = |t, p, w| calm("score", || case.measure.score(t, p, w));
        ensure!(score(&truth, &fewer.1, None)?.is_err(), "a prediction too few is scored");
        ensure!(score(&fewer.0, &p, None)?.is_err(), "a prediction too many is scored");
        ensure!(score(&truth, &p, Some(&ones))?.is_err(), "a weight too many is taken");
        ensure!(score(&truth, &p, Some(&ones[..rows - 1]))?.is_err(), "a weight too few is taken");
        let groups = case.measure.info().task() == TaskKind::Clustering;
        let refused = groups || score(&truth, &wide, None)?.is_err();
        ensure!(refused, "predictions of width 5 are scored");
        for q in [&fewer.1, &wide] {
            calm("losses of rows", || Ok::<_, String>(case.measure.row_losses(&truth, q, None)))??;
        }
    }
    Ok(())
}

pub(super) fn not_finite_is_refused(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut values = p.values().to_vec();
            values[0] = bad;
            let q = Predictions::new(p.width(), values);
            let score = calm("score", || case.measure.score(&truth, &q, None))?;
            ensure!(score.is_err(), "a prediction of {bad} is scored {score:?}");
            let mut weights = vec![1.0; truth.rows()];
            weights[0] = bad;
            case.calm("a weight that is not finite", &truth, &p, Some(&weights))?;
        }
    }
    Ok(())
}

pub(super) fn another_task_is_refused(case: &MeasureCase) -> Outcome {
    let info = case.measure.info();
    let (number, one) = values(10, 1);
    let (two, probabilities) = classes(2, 10, 1);
    let (three, more) = classes(3, 9, 1);
    let (points, group) = groups(10, 1);
    let (series, told) = ahead(2, 5, 1);
    let mut wrong = match info.task() {
        TaskKind::Forecasting => vec![(&number, &one), (&two, &probabilities), (&series, &one)],
        TaskKind::Clustering => vec![(&number, &group), (&two, &group)],
        TaskKind::Classification => vec![(&number, &one), (&number, &probabilities), (&two, &one)],
        TaskKind::Regression => {
            vec![(&two, &probabilities), (&two, &one), (&number, &probabilities)]
        }
    };
    if info.task() != TaskKind::Clustering {
        wrong.push((&points, &group));
    }
    if !info.is_for(TaskKind::Forecasting) {
        wrong.push((&series, &told));
    }
    if !info.multiclass {
        wrong.push((&three, &more));
    }
    for (truth, p) in wrong {
        let score = calm("score", || case.measure.score(truth, p, None))?;
        ensure!(score.is_err(), "{truth:?} with predictions of width {} is scored", p.width());
    }
    Ok(())
}

/// Rows on which a measure may be undefined: none, one, of one class, constant, huge, negative.
pub(super) fn degenerate_rows_do_not_panic(case: &MeasureCase) -> Outcome {
    for (truth, p) in case.cases() {
        let same_class = match &truth {
            Truth::Classes { codes, .. } => (0..codes.len()).filter(|&r| codes[r] == 1).collect(),
            Truth::Values(_) | Truth::Points { .. } | Truth::Ahead(_) => vec![2, 2, 2],
        };
        for rows in [&[][..], &[0], &[1], &[1, 1, 1], &same_class] {
            let (t, q) = take(&truth, &p, rows);
            case.calm(&format!("rows {rows:?}"), &t, &q, None)?;
        }
        let nothing = vec![0.0; truth.rows()];
        case.calm("weights of zero", &truth, &p, Some(&nothing))?;
        case.calm("negative weights", &truth, &p, Some(&vec![-1.0; truth.rows()]))?;
    }
    let rows = vec![-3.0, 0.0, 1e300, -1e300, 1e-300];
    if case.measure.info().task() == TaskKind::Regression {
        for shift in 0..rows.len() {
            let mut other = rows.clone();
            other.rotate_left(shift);
            let p = Predictions::new(1, other);
            case.calm("values from -1e300 to 1e300", &Truth::Values(rows.clone()), &p, None)?;
        }
    }
    Ok(())
}
