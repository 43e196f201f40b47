//! Tables as they are told: centred, and no table of a pair holds what depends on one column alone.
//!
//! What a pair's table says on average of each group goes to the column's own table, until nothing is
//! left (Lengerich et al., "Purifying interaction effects with the functional ANOVA", AISTATS 2020); what
//! a column's table says on average goes to the intercept. Averages are by the weight of the training
//! rows. Scores stay what they are, but for classes, of which any number may be taken from all scores:
//! their mean is. Places of no weight for missing values and levels say nothing.

use super::Terms;
use super::bag::Shared;
use super::mains::Mains;
use super::model::Table;
use super::pairs::Pairs;

/// Most times that the averages of both columns are taken from a pair's table.
const SWEEPS: usize = 100;

/// What a model is made of; columns by their number among all.
pub(super) struct Parts {
    /// What is to be added to the constant scores.
    pub(super) intercept: Vec<f64>,
    pub(super) mains: Vec<(usize, Table)>,
    /// The groups of the places of a column.
    pub(super) groups: Vec<(usize, Vec<u8>)>,
    pub(super) pairs: Vec<([usize; 2], Table)>,
}

/// The mean of some values; 0 where there is no weight.
pub(super) fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let total: f64 = weights.iter().sum();
    let sum: f64 = values.iter().zip(weights).map(|(v, w)| v * w).sum();
    if total > 0.0 { sum / total } else { 0.0 }
}

/// A table of a pair, of one output: groups of the second column beside each other.
struct Grid<'a> {
    values: &'a mut [f64],
    weights: &'a [f64],
    width: usize,
}

impl Grid<'_> {
    /// Takes from the table what it says on average of each group of both columns, and returns that.
    fn purify(&mut self) -> [Vec<f64>; 2] {
        let (width, height) = (self.width, self.values.len() / self.width);
        let mut averages = [vec![0.0; height], vec![0.0; width]];
        let largest = self.values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        for _ in 0..SWEEPS {
            let mut moved: f64 = 0.0;
            for (axis, averages) in averages.iter_mut().enumerate() {
                for (group, average) in averages.iter_mut().enumerate() {
                    let (first, step, count) =
                        if axis == 0 { (group * width, 1, width) } else { (group, width, height) };
                    let places = || (0..count).map(|k| first + k * step);
                    let weight: f64 = places().map(|p| self.weights[p]).sum();
                    if weight > 0.0 {
                        let sum: f64 = places().map(|p| self.weights[p] * self.values[p]).sum();
                        let mean = sum / weight;
                        places().for_each(|p| self.values[p] -= mean);
                        *average += mean;
                        moved = moved.max(mean.abs());
                    }
                }
            }
            if moved <= 1e-12 * largest {
                break;
            }
        }
        averages
    }
}

/// The parts of a model from the tables of each bag, those of the columns and those of the pairs.
/// `of_mains` is what [`of_places`] says.
pub(super) fn parts(
    mains: &Mains<'_>,
    of_mains: Vec<Vec<f64>>,
    pairs: Option<&Pairs>,
    bags: impl Iterator<Item = (Vec<Vec<f64>>, Vec<Vec<f64>>)>,
    shared: &Shared<'_>,
) -> Parts {
    let outputs = shared.loss.outputs();
    let weights = Weights { mains: of_mains, pairs: of_pairs(pairs, shared) };
    let mut intercepts = vec![];
    let mut of_mains = vec![vec![]; mains.count()];
    let mut of_pairs = vec![vec![]; pairs.map_or(0, Pairs::count)];
    for (mut columns, mut grids) in bags {
        for (grid, (weights, pair)) in
            grids.iter_mut().zip(weights.pairs.iter().zip(pairs.iter().flat_map(|p| &p.pairs)))
        {
            let axes = pair.map(|axis| &pairs.expect("there are pairs").axes[axis]);
            for (output, values) in grid.chunks_mut(weights.len()).enumerate() {
                let averages = Grid { values, weights, width: axes[1].count() }.purify();
                for (axis, averages) in axes.iter().zip(averages) {
                    let table = columns[axis.term].chunks_mut(axis.groups.len()).nth(output);
                    let table = table.unwrap_or_default().iter_mut().zip(&axis.groups);
                    table.for_each(|(v, &group)| *v += averages[usize::from(group)]);
                }
            }
        }
        let mut intercept = vec![0.0; outputs];
        for (table, weights) in columns.iter_mut().zip(&weights.mains) {
            for (values, intercept) in table.chunks_mut(weights.len()).zip(&mut intercept) {
                let mean = weighted_mean(values, weights);
                values.iter_mut().for_each(|v| *v -= mean);
                *intercept += mean;
            }
        }
        intercepts.push(intercept);
        columns.into_iter().zip(&mut of_mains).for_each(|(table, all)| all.push(table));
        grids.into_iter().zip(&mut of_pairs).for_each(|(table, all)| all.push(table));
    }
    let main = |(term, tables): (usize, Vec<Vec<f64>>)| {
        let (number, column) = mains.column(term);
        let weights = &weights.mains[term];
        let last = weights.len() - 1;
        let silent = |p: usize| weights[p] == 0.0 && (p == last || column.is_categorical());
        (number, averaged(&tables, weights, outputs, silent))
    };
    let pair = |(i, tables): (usize, Vec<Vec<f64>>)| {
        let pairs = pairs.expect("there are pairs");
        let axes = pairs.pairs[i].map(|axis| &pairs.axes[axis]);
        let width = axes[1].count();
        let known = axes.map(|axis| weights.known(axis, mains));
        let silent = |p: usize| !known[0][p / width] || !known[1][p % width];
        let columns = axes.map(|axis| mains.column(axis.term).0);
        (columns, averaged(&tables, &weights.pairs[i], outputs, silent))
    };
    let groups = pairs.iter().flat_map(|p| p.axes.iter().enumerate().filter(|(i, _)| p.uses(*i)));
    let mean = |output: usize| intercepts.iter().map(|i| i[output]).sum::<f64>();
    Parts {
        intercept: (0..outputs).map(|o| mean(o) / intercepts.len() as f64).collect(),
        groups: groups.map(|(_, a)| (mains.column(a.term).0, a.groups.clone())).collect(),
        mains: of_mains.into_iter().enumerate().map(main).collect(),
        pairs: of_pairs.into_iter().enumerate().map(pair).collect(),
    }
}

/// Weight of the training rows by place.
struct Weights {
    mains: Vec<Vec<f64>>,
    pairs: Vec<Vec<f64>>,
}

/// Weight of the training rows by term and place.
pub(super) fn of_places(mains: &Mains<'_>, shared: &Shared<'_>) -> Vec<Vec<f64>> {
    let of_term = |term: usize| {
        let mut weights = vec![0.0; mains.places(term)];
        for (row, &bin) in mains.column(term).1.bins().iter().enumerate() {
            weights[usize::from(bin)] += shared.weight(row);
        }
        weights
    };
    (0..mains.count()).map(of_term).collect()
}

/// The same of pairs.
fn of_pairs(pairs: Option<&Pairs>, shared: &Shared<'_>) -> Vec<Vec<f64>> {
    let of_term = |(pairs, term): (&Pairs, usize)| {
        let mut weights = vec![0.0; pairs.places(term)];
        let [a, b] = pairs.pairs[term].map(|axis| &pairs.axes[axis]);
        for (row, (&i, &j)) in a.rows.iter().zip(&b.rows).enumerate() {
            weights[usize::from(i) * b.count() + usize::from(j)] += shared.weight(row);
        }
        weights
    };
    let terms = pairs.iter().flat_map(|&p| (0..p.count()).map(move |term| (p, term)));
    terms.map(of_term).collect()
}

impl Weights {
    /// Whether each group says anything: its rows weigh something, or it is one of numbers.
    fn known(&self, axis: &super::groups::Axis, mains: &Mains<'_>) -> Vec<bool> {
        let (_, column) = mains.column(axis.term);
        let mut known = vec![!column.is_categorical(); axis.count()];
        known[axis.count() - 1] = false;
        for (&group, w) in axis.groups.iter().zip(&self.mains[axis.term]) {
            known[usize::from(group)] |= *w > 0.0;
        }
        known
    }
}

/// The mean of the bags' tables and how far they are apart, by place; 0 at silent places.
fn averaged(
    bags: &[Vec<f64>],
    weights: &[f64],
    outputs: usize,
    silent: impl Fn(usize) -> bool,
) -> Table {
    let places = weights.len();
    let (mut scores, mut deviations) = (vec![0.0; places * outputs], vec![]);
    if bags.len() > 1 {
        deviations.resize(scores.len(), 0.0);
    }
    let n = bags.len() as f64;
    for place in (0..places).filter(|&p| !silent(p)) {
        for output in 0..outputs {
            let of_bags = || bags.iter().map(|table| table[output * places + place]);
            let mean = of_bags().sum::<f64>() / n;
            scores[place * outputs + output] = mean;
            if let Some(deviation) = deviations.get_mut(place * outputs + output) {
                let squares: f64 = of_bags().map(|v| (v - mean).powi(2)).sum();
                *deviation = (squares / (n - 1.0)).sqrt() as f32;
            }
        }
    }
    if outputs > 1 {
        for row in scores.chunks_exact_mut(outputs) {
            let mean = row.iter().sum::<f64>() / outputs as f64;
            row.iter_mut().for_each(|v| *v -= mean);
        }
    }
    Table { scores, weights: weights.iter().map(|w| *w as f32).collect(), deviations }
}
