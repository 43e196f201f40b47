//! Target encoding: a categorical column becomes the mean of the target on its level.
//!
//! Does: encodes a level with n rows and target sum S as (S + m·p) / (n + m), where p is the mean
//! of all training rows and m the prior weight: the fewer rows, the closer to p. m is given, or, by
//! `james_stein`, the variance within levels over the variance between the means of levels, both
//! estimated by the analysis of variance: what levels do not differ in is not told. Training rows are
//! put into folds at random, and the statistics of a row's level come from the other folds, so a
//! row's own target never reaches its code by way of its level; p and m are constants for all rows and
//! tell none from another. Or, `ordered`, training rows are put in a random order, and the
//! statistics of a row's level come from the rows before it. All other rows get the statistics of
//! all training rows. One column for regression and two classes, else one for each class but the
//! last, or for the ten most frequent.
//! Wins: many levels, for trees and linear models alike. Fails: few rows a level with many classes;
//! few levels in small tables, where the noise of the folds costs more than it brings.
//! Cost: O(rows + levels · (folds² + log levels)) a column and class. Handles: missing is a level,
//! unseen levels get p; weights count as rows. Reference: Micci-Barreca, "A preprocessing scheme
//! for high-cardinality categorical attributes", SIGKDD Explorations 3(1), 2001; ordered:
//! Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features", NeurIPS 2018;
//! James–Stein: Efron, Morris, "Data analysis using Stein's estimator and its generalizations",
//! JASA 70, 1975; variances: Searle, Casella, McCulloch, "Variance Components", 1992, 3.6.

use super::support::{Levels, Names, OfColumn, replace, row_weights, strings, validate};
use crate::parameters::is_default;
use crate::sound::{all_finite, count, ensure};
use ruska_core::{
    Coded, Column, Field, FitError, Frame, Kind, Need, PredictError, Preprocessor, RunContext,
    Space, Stage, StepInfo, StepInput, StrColumn, Target, TaskKind, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};

/// Most classes with a column of their own.
const MAX_CLASSES: usize = 10;

pub(super) struct TargetEncode;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Only columns with at most this many levels on the training rows; every one if `None`.
    max_levels: Option<usize>,
    /// Training rows are encoded by the rows before them in a random order instead of by folds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    ordered: bool,
    /// Number of folds, 2..=50.
    folds: usize,
    /// How the rows that the prior counts for are known.
    #[serde(skip_serializing_if = "is_default")]
    shrinkage: Shrinkage,
    /// Rows that the prior counts for where they are given, finite, at least 0.
    prior_weight: f64,
    /// Adds a column ln(1 + weight of the level's training rows).
    counts: bool,
}

impl Default for Params {
    fn default() -> Self {
        let (max_levels, shrinkage) = (None, Shrinkage::PriorWeight);
        let (ordered, counts) = (false, false);
        Self { max_levels, ordered, folds: 5, shrinkage, prior_weight: 10.0, counts }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shrinkage {
    /// They are given.
    #[default]
    PriorWeight,
    /// They are estimated from how much levels differ.
    JamesStein,
}

#[derive(Serialize, Deserialize)]
pub(super) struct State(Vec<Encoded>);

/// Statistics of one column. Codes are those of `levels`, then missing, then unseen.
#[derive(Serialize, Deserialize)]
struct Encoded {
    name: String,
    levels: Levels,
    /// Names of the new columns; the last one is the count where `counts` is not empty.
    names: Vec<String>,
    /// Code by new column: mean of the target.
    #[serde(with = "ruska_core::codec::packed")]
    means: Vec<f64>,
    /// Logarithm of the count of each code, or empty.
    #[serde(with = "ruska_core::codec::packed")]
    counts: Vec<f64>,
}

impl OfColumn for Encoded {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for TargetEncode {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "target_encode",
        summary: "categoricals become the mean target of their level, computed out of fold",
        stage: Stage::Encode,
        closes: &[Need::ManyLevels],
        suits: None,
        reference: "https://doi.org/10.1145/507533.507538",
    };

    fn helps(&self, meta: &TaskMeta) -> bool {
        meta.kind != TaskKind::Clustering
    }

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
            .choice("shrinkage", &["prior_weight", "james_stein"], "prior_weight")
            .log_float("prior_weight", 1.0, 100.0, 10.0)
            .when("shrinkage", &["prior_weight"])
            .bool("counts", false)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        Ok(State(learn(params, &input, ctx)?.into_iter().map(|(state, _)| state).collect()))
    }

    fn fit_transform(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<(State, Frame), FitError> {
        let (states, trained): (Vec<_>, Vec<_>) = learn(params, &input, ctx)?.into_iter().unzip();
        let frame = replace(input.x, &states, |i, field| {
            let mut columns = states[i].encode(strings(field)?);
            for (j, &row) in input.rows.iter().enumerate() {
                for (c, column) in columns.iter_mut().take(states[i].outputs()).enumerate() {
                    column[row as usize] = trained[i][j * states[i].outputs() + c];
                }
            }
            Ok(states[i].fields(columns))
        })?;
        Ok((State(states), frame))
    }
}

/// The state of each column, with the means of each training row, out of fold.
fn learn(
    params: &Params,
    input: &StepInput<'_>,
    ctx: &RunContext<'_>,
) -> Result<Vec<(Encoded, Vec<f64>)>, FitError> {
    let refuse = |why: &str| FitError::Params { id: "target_encode".into(), why: why.into() };
    if !(2..=50).contains(&params.folds) {
        return Err(refuse("`folds` must be in 2..=50"));
    }
    if !(params.prior_weight.is_finite() && params.prior_weight >= 0.0) {
        return Err(refuse("`prior_weight` must be finite and not negative"));
    }
    let truth = Truth::of(input);
    let mut order: Vec<usize> = (0..input.rows.len()).collect();
    ctx.rng().shuffle(&mut order);
    let folds = folds(&order, params.folds);
    let mut names = Names::of(input.x);
    let mut learned = vec![];
    for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
        ctx.check()?;
        let column = strings(field)?;
        let levels = Levels::of(column, input.rows);
        if params.max_levels.is_some_and(|most| levels.len() > most) {
            continue;
        }
        let stem = names.stem(&field.name);
        let all = levels.places(column);
        let train: Vec<u32> = input.rows.iter().map(|&row| all[row as usize]).collect();
        let sums = Sums::of(&train, &folds, params.folds, levels.len() + 2, &truth);
        ctx.check()?;
        let total = sums.total(params.folds);
        let mut titles: Vec<String> =
            truth.titles.iter().map(|title| format!("{stem}:{title}")).collect();
        let mut counts = vec![];
        if params.counts {
            titles.push(format!("{stem}.count"));
            counts = total.weights.iter().map(|w| w.ln_1p()).collect();
        }
        let strength = match params.shrinkage {
            Shrinkage::PriorWeight => vec![params.prior_weight; truth.prior.len()],
            Shrinkage::JamesStein => total.james_stein(&train, &truth),
        };
        let means = total.means(&strength, &truth.prior);
        let name = field.name.to_string();
        let trained = if params.ordered {
            in_order(&train, &order, levels.len() + 2, &strength, &truth)
        } else {
            sums.out_of_fold(&train, &folds, params.folds, &strength, &truth.prior)
        };
        learned.push((Encoded { name, levels, names: titles, means, counts }, trained));
    }
    Ok(learned)
}

/// The fold of each training row: sizes differ by one at most, members are random.
fn folds(order: &[usize], folds: usize) -> Vec<usize> {
    order.iter().map(|place| place % folds).collect()
}

/// Means of each training row from those before it in the order.
fn in_order(
    train: &[u32],
    order: &[usize],
    codes: usize,
    strength: &[f64],
    truth: &Truth,
) -> Vec<f64> {
    let outputs = truth.prior.len();
    let mut sums = Sums::zero(codes, codes, outputs);
    let mut trained = vec![0.0; train.len() * outputs];
    for &i in order {
        let code = train[i] as usize;
        for (output, &prior) in truth.prior.iter().enumerate() {
            let sum = sums.values[code * outputs + output];
            trained[i * outputs + output] =
                smoothed(sum, sums.weights[code], strength[output], prior);
        }
        sums.add(code, truth, i);
    }
    trained
}

/// The target of the training rows as numbers to average.
struct Truth {
    titles: Vec<String>,
    weights: Vec<f64>,
    /// Of each training row: which output it adds to, and how much.
    values: Vec<Option<(usize, f64)>>,
    /// Mean of each output.
    prior: Vec<f64>,
}

impl Truth {
    fn of(input: &StepInput<'_>) -> Self {
        let weights = row_weights(input);
        let rows = input.rows.iter().map(|&row| row as usize);
        let (titles, values): (Vec<String>, Vec<_>) = match input.y {
            Target::Values(y) => (vec!["mean".into()], rows.map(|row| Some((0, y[row]))).collect()),
            Target::Groups(_) | Target::Series(_) => (vec![], rows.map(|_| None).collect()),
            Target::Classes { codes, classes, .. } => {
                let encoded = encoded_classes(codes, input.rows, classes.len());
                let mut output = vec![None; classes.len()];
                for (i, &class) in encoded.iter().enumerate() {
                    output[class] = Some((i, 1.0));
                }
                let titles = encoded.iter().map(|&class| classes[class].clone()).collect();
                (titles, rows.map(|row| output[codes[row] as usize]).collect())
            }
        };
        let mut prior = vec![0.0; titles.len()];
        for (value, weight) in values.iter().zip(&weights) {
            if let Some((output, value)) = value {
                prior[*output] += weight * value;
            }
        }
        let total: f64 = weights.iter().sum();
        prior.iter_mut().for_each(|p| *p /= total);
        Self { titles, weights, values, prior }
    }
}

/// The classes with a column: the second of two, else all but the last, or the most frequent.
fn encoded_classes(codes: &[u32], rows: &[u32], n_classes: usize) -> Vec<usize> {
    if n_classes == 2 {
        return vec![1];
    }
    if n_classes <= MAX_CLASSES + 1 {
        return (0..n_classes - 1).collect();
    }
    let mut counts = vec![0usize; n_classes];
    rows.iter().for_each(|&row| counts[codes[row as usize] as usize] += 1);
    let mut classes: Vec<usize> = (0..n_classes).collect();
    classes.sort_by_key(|&class| std::cmp::Reverse(counts[class]));
    classes.truncate(MAX_CLASSES);
    classes.sort_unstable();
    classes
}

/// A mean drawn to the prior; the prior where there is nothing to average or it weighs infinitely.
fn smoothed(sum: f64, weight: f64, strength: f64, prior: f64) -> f64 {
    let known = weight > 0.0 && strength.is_finite();
    if known { (sum + strength * prior) / (weight + strength) } else { prior }
}

/// Weights and target sums by code, or by fold and code.
struct Sums {
    codes: usize,
    outputs: usize,
    weights: Vec<f64>,
    values: Vec<f64>,
}

impl Sums {
    fn zero(cells: usize, codes: usize, outputs: usize) -> Self {
        Self { codes, outputs, weights: vec![0.0; cells], values: vec![0.0; cells * outputs] }
    }

    /// By fold and code.
    fn of(train: &[u32], folds: &[usize], n_folds: usize, codes: usize, truth: &Truth) -> Self {
        let mut sums = Self::zero(n_folds * codes, codes, truth.prior.len());
        for (i, &code) in train.iter().enumerate() {
            sums.add(folds[i] * codes + code as usize, truth, i);
        }
        sums
    }

    /// Adds a training row to a cell.
    fn add(&mut self, cell: usize, truth: &Truth, row: usize) {
        self.weights[cell] += truth.weights[row];
        if let Some((output, value)) = truth.values[row] {
            self.values[cell * self.outputs + output] += truth.weights[row] * value;
        }
    }

    /// By code, over the folds that `keep` accepts.
    fn over(&self, n_folds: usize, keep: impl Fn(usize) -> bool) -> Self {
        let mut sums = Self::zero(self.codes, self.codes, self.outputs);
        let add = |to: &mut [f64], from: &[f64]| to.iter_mut().zip(from).for_each(|(t, f)| *t += f);
        for fold in (0..n_folds).filter(|&fold| keep(fold)) {
            let cells = fold * self.codes..(fold + 1) * self.codes;
            add(
                &mut sums.values,
                &self.values[cells.start * self.outputs..cells.end * self.outputs],
            );
            add(&mut sums.weights, &self.weights[cells]);
        }
        sums
    }

    fn total(&self, n_folds: usize) -> Self {
        self.over(n_folds, |_| true)
    }

    /// Smoothed means by code, given how many rows the prior of each output counts for.
    fn means(&self, strength: &[f64], prior: &[f64]) -> Vec<f64> {
        let mut means = Vec::with_capacity(self.values.len());
        for (sums, &weight) in self.values.chunks_exact(self.outputs).zip(&self.weights) {
            let outputs = sums.iter().zip(strength).zip(prior);
            means.extend(outputs.map(|((&sum, &m), &p)| smoothed(sum, weight, m, p)));
        }
        means
    }

    /// Of each output, the variance within codes over the variance between the means of codes; 0
    /// where there is none within, infinite where there is none between or no telling.
    fn james_stein(&self, train: &[u32], truth: &Truth) -> Vec<f64> {
        let rows: f64 = self.weights.iter().sum();
        let codes = self.weights.iter().filter(|w| **w > 0.0).count() as f64;
        // Rows of a code, as far as its mean has to do with the variance between codes.
        let squares: f64 = self.weights.iter().map(|w| w * w).sum();
        let each = (rows - squares / rows) / (codes - 1.0);
        let mean = |code: usize, output: usize| {
            self.values[code * self.outputs + output] / self.weights[code]
        };
        let of = |(output, prior): (usize, &f64)| {
            let within = |i: usize| {
                let value = truth.values[i].map_or(0.0, |(o, v)| if o == output { v } else { 0.0 });
                let apart = value - mean(train[i] as usize, output);
                truth.weights[i] * apart * apart
            };
            let heavy = (0..train.len()).filter(|i| truth.weights[*i] > 0.0);
            let within = heavy.map(within).sum::<f64>() / (rows - codes);
            let used = (0..self.codes).filter(|code| self.weights[*code] > 0.0);
            let between = used.map(|c| self.weights[c] * (mean(c, output) - prior).powi(2));
            let between = (between.sum::<f64>() / (codes - 1.0) - within) / each;
            let known = codes > 1.0 && rows > codes && between > 0.0 && within.is_finite();
            if known { within / between } else { f64::INFINITY }
        };
        truth.prior.iter().enumerate().map(of).collect()
    }

    /// Means of each training row from the folds that it is not in.
    fn out_of_fold(
        &self,
        train: &[u32],
        folds: &[usize],
        n_folds: usize,
        strength: &[f64],
        prior: &[f64],
    ) -> Vec<f64> {
        let means: Vec<Vec<f64>> = (0..n_folds)
            .map(|fold| self.over(n_folds, |f| f != fold).means(strength, prior))
            .collect();
        let mut trained = Vec::with_capacity(train.len() * self.outputs);
        for (&code, &fold) in train.iter().zip(folds) {
            let at = code as usize * self.outputs;
            trained.extend_from_slice(&means[fold][at..at + self.outputs]);
        }
        trained
    }
}

impl Encoded {
    /// Number of columns that hold means.
    fn outputs(&self) -> usize {
        self.names.len() - usize::from(!self.counts.is_empty())
    }

    /// The new columns as they are in prediction.
    fn encode(&self, column: &StrColumn) -> Vec<Vec<f64>> {
        let codes = self.levels.places(column);
        let width = self.outputs();
        let pick = |values: &[f64], width: usize, at: usize| {
            codes.iter().map(|&code| values[code as usize * width + at]).collect()
        };
        let mut columns: Vec<_> = (0..width).map(|c| pick(&self.means, width, c)).collect();
        if !self.counts.is_empty() {
            columns.push(pick(&self.counts, 1, 0));
        }
        columns
    }

    fn fields(&self, columns: Vec<Vec<f64>>) -> Vec<Field> {
        let field = |(name, values): (&String, _)| {
            Field::new(name.as_str(), Kind::Numeric, Column::float(values))
        };
        self.names.iter().zip(columns).map(field).collect()
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |i, field| Ok(self.0[i].fields(self.0[i].encode(strings(field)?))))
    }

    fn coded(&self) -> Vec<Coded> {
        let column = |state: &Encoded, (i, name): (usize, &String)| {
            let means = state.means.iter().skip(i).step_by(state.outputs());
            let of_counts = i == state.outputs();
            let numbers = if of_counts { state.counts.clone() } else { means.copied().collect() };
            let others = ["(missing)", "(other)"].map(str::to_owned);
            let levels = state.levels.texts().iter().cloned().chain(others).zip(numbers).collect();
            Coded { name: name.clone(), of: state.name.clone(), levels }
        };
        let columns = self.0.iter().flat_map(|s| s.names.iter().enumerate().map(move |n| (s, n)));
        columns.map(|(state, name)| column(state, name)).collect()
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |state| {
            state.levels.validate()?;
            ensure(!state.names.is_empty(), "it makes no column")?;
            let codes = state.levels.len() + 2;
            count("means", state.means.len(), [codes, state.outputs()])?;
            let counted = if state.counts.is_empty() { 0 } else { codes };
            count("counts", state.counts.len(), [counted, 1])?;
            all_finite("means and counts", state.means.iter().chain(&state.counts))
        })
    }
}
