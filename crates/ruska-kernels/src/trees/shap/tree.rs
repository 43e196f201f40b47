//! One tree, prepared, and the walk that explains rows by it.

use super::lanes::Lanes;
use super::quadrature::gauss;
use super::source::{Says, Test, Tree};
use crate::simd::for_widest;

/// A tree with as many points as the features on its ways ask for: half as many, so that the rule is exact;
/// with the most there are, ways of 150 features are told to nine digits.
#[derive(Clone, Debug)]
pub(super) enum Prepared {
    One(Ways<[f64; 1]>),
    Two(Ways<[f64; 2]>),
    Four(Ways<[f64; 4]>),
    Eight(Ways<[f64; 8]>),
    Sixteen(Ways<[f64; 16]>),
    Most(Ways<[f64; 32]>),
}

impl Prepared {
    /// See [`super::Explainer::new`].
    pub(super) fn of(tree: &Tree, features: usize, outputs: usize) -> Self {
        assert!(tree.output + tree.width <= outputs, "trees are of outputs that there are");
        let plan = Plan::of(tree, features);
        match plan.longest.div_ceil(2) {
            0..=1 => Self::One(Ways::of(tree, &plan)),
            2 => Self::Two(Ways::of(tree, &plan)),
            3..=4 => Self::Four(Ways::of(tree, &plan)),
            5..=8 => Self::Eight(Ways::of(tree, &plan)),
            9..=16 => Self::Sixteen(Ways::of(tree, &plan)),
            _ => Self::Most(Ways::of(tree, &plan)),
        }
    }

    /// Adds the mean of the background to the outputs.
    pub(super) fn add_mean(&self, base: &mut [f64]) {
        let (output, mean) = match self {
            Self::One(w) => (w.output, &w.mean),
            Self::Two(w) => (w.output, &w.mean),
            Self::Four(w) => (w.output, &w.mean),
            Self::Eight(w) => (w.output, &w.mean),
            Self::Sixteen(w) => (w.output, &w.mean),
            Self::Most(w) => (w.output, &w.mean),
        };
        base[output..].iter_mut().zip(mean).for_each(|(sum, mean)| *sum += mean);
    }

    /// Adds to the values of rows by features and outputs.
    pub(super) fn explain(
        &self,
        columns: &[&[f64]],
        rows: &[u32],
        outputs: usize,
        out: &mut [f64],
    ) {
        match self {
            Self::One(w) => explain(w, columns, rows, outputs, out),
            Self::Two(w) => explain(w, columns, rows, outputs, out),
            Self::Four(w) => explain(w, columns, rows, outputs, out),
            Self::Eight(w) => explain(w, columns, rows, outputs, out),
            Self::Sixteen(w) => explain(w, columns, rows, outputs, out),
            Self::Most(w) => explain(w, columns, rows, outputs, out),
        }
    }
}

/// What is known of the way to each node.
struct Plan {
    /// For each node the nearest node above it, or itself, that a decision on the same feature led to; 0 if
    /// there is none.
    above: Vec<usize>,
    /// Share of the background that stays on the way to the node by the decisions on the feature that led
    /// there.
    stays: Vec<f64>,
    /// Share of the parent's background that goes there.
    ratio: Vec<f64>,
    /// Most features on a way.
    longest: usize,
}

impl Plan {
    fn of(tree: &Tree, features: usize) -> Self {
        let n = tree.nodes.len();
        let mut plan =
            Self { above: vec![0; n], stays: vec![1.0; n], ratio: vec![1.0; n], longest: 0 };
        // By node: its parent, the feature that led there, the features on the way.
        let mut way = vec![(0, usize::MAX, 0); n];
        for (at, node) in tree.nodes.iter().enumerate() {
            let Says::Ask { feature, left, .. } = &node.says else { continue };
            assert!(*left > at && left + 1 < n, "children come after their parent");
            assert!(*feature < features, "features are those there are");
            let mut above = at;
            while above != 0 && way[above].1 != *feature {
                above = way[above].0;
            }
            for child in [*left, left + 1] {
                let cover = tree.nodes[child].cover;
                let both = tree.nodes[*left].cover + tree.nodes[left + 1].cover;
                let ratio = if both > 0.0 { cover / both } else { 0.5 };
                plan.above[child] = above;
                plan.stays[child] = plan.stays[above] * ratio;
                plan.ratio[child] = ratio;
                let count = way[at].2 + usize::from(above == 0);
                way[child] = (at, *feature, count);
                plan.longest = plan.longest.max(count);
            }
        }
        plan
    }
}

/// A tree as it is walked.
#[derive(Clone, Debug)]
pub(super) struct Ways<L> {
    output: usize,
    mean: Vec<f64>,
    nodes: usize,
    /// Parents before children.
    questions: Vec<Question<L>>,
    /// Node and values of each leaf.
    leaves: Vec<usize>,
    /// Values of each leaf in turn, times the weights of the points.
    values: Vec<Vec<L>>,
}

/// A decision and its two sides.
#[derive(Clone, Debug)]
struct Question<L> {
    at: usize,
    left: usize,
    feature: usize,
    /// See [`Plan::above`], of both sides.
    above: usize,
    test: Test,
    missing_left: bool,
    sides: [Side<L>; 2],
}

/// What a side of a decision makes of the product over the features of the way, and of the sum over the
/// leaves below it: where the row has left the way by the feature before, where it leaves it here, and where
/// it stays.
#[derive(Clone, Debug)]
struct Side<L> {
    factor: [L; 3],
    /// What the factor of the feature brings, less what it brought before.
    gain: [L; 3],
}

impl<L: Lanes> Ways<L> {
    fn of(tree: &Tree, plan: &Plan) -> Self {
        let rule = gauss(L::COUNT);
        let weights = L::of(|q| rule[q].1);
        let mut ways = Self {
            output: tree.output,
            mean: vec![0.0; tree.width],
            nodes: tree.nodes.len(),
            questions: vec![],
            leaves: vec![],
            values: vec![vec![]; tree.width],
        };
        let mut reach = vec![1.0; tree.nodes.len()];
        for (at, node) in tree.nodes.iter().enumerate() {
            match &node.says {
                Says::Values(values) => {
                    assert_eq!(values.len(), tree.width, "a leaf has a value for each output");
                    ways.leaves.push(at);
                    for (output, value) in values.iter().enumerate() {
                        ways.mean[output] += reach[at] * value;
                        ways.values[output].push(weights.scaled(*value));
                    }
                }
                Says::Ask { feature, test, missing_left, left } => {
                    let sides = [*left, left + 1].map(|child| {
                        reach[child] = reach[at] * plan.ratio[child];
                        Side::of(plan, child, &rule)
                    });
                    ways.questions.push(Question {
                        at,
                        left: *left,
                        feature: *feature,
                        above: plan.above[*left],
                        test: test.clone(),
                        missing_left: *missing_left,
                        sides,
                    });
                }
            }
        }
        ways
    }
}

impl<L: Lanes> Side<L> {
    fn of(plan: &Plan, child: usize, rule: &[(f64, f64)]) -> Self {
        let (before, after) = (plan.stays[plan.above[child]], plan.stays[child]);
        // The factor of a feature by which the row stays on the way.
        let known = |z: f64, t: f64| t + z * (1.0 - t);
        let brings = |z: f64, t: f64| (1.0 - z) / known(z, t);
        let by = |f: &dyn Fn(f64) -> f64| L::of(|q| f(rule[q].0));
        Self {
            factor: [
                by(&|_| plan.ratio[child]),
                by(&|t| after * (1.0 - t) / known(before, t)),
                by(&|t| known(after, t) / known(before, t)),
            ],
            gain: [
                L::ZERO,
                by(&|t| -1.0 / (1.0 - t) - brings(before, t)),
                by(&|t| brings(after, t) - brings(before, t)),
            ],
        }
    }
}

for_widest! {
    /// See [`Prepared::explain`].
    fn explain<L: Lanes>(ways: &Ways<L>, columns: &[&[f64]], rows: &[u32], outputs: usize, out: &mut [f64]) {
        if ways.questions.is_empty() || rows.is_empty() {
            return;
        }
        let mut products = vec![L::of(|_| 1.0); ways.nodes];
        let mut sums = vec![L::ZERO; ways.nodes];
        let mut stays = vec![true; ways.nodes];
        let mut states = vec![[0u8; 2]; ways.questions.len()];
        let width = out.len() / rows.len();
        for (&row, out) in rows.iter().zip(out.chunks_exact_mut(width)) {
            for (q, state) in ways.questions.iter().zip(&mut states) {
                let goes_left = q.test.left(columns[q.feature][row as usize], q.missing_left);
                let before = stays[q.above];
                let product = products[q.at];
                let side = |goes: bool| (before, before && goes);
                for (place, (before, after)) in
                    [side(goes_left), side(!goes_left)].into_iter().enumerate()
                {
                    let which = u8::from(before) + u8::from(after);
                    state[place] = which;
                    stays[q.left + place] = after;
                    products[q.left + place] =
                        product.times(q.sides[place].factor[usize::from(which)]);
                }
            }
            for (output, values) in ways.values.iter().enumerate() {
                for (&leaf, value) in ways.leaves.iter().zip(values) {
                    sums[leaf] = products[leaf].times(*value);
                }
                for (q, state) in ways.questions.iter().zip(&states).rev() {
                    let [left, right] = [sums[q.left], sums[q.left + 1]];
                    let [l, r] = *state;
                    sums[q.at] = left.plus(right);
                    out[q.feature * outputs + ways.output + output] +=
                        left.times(q.sides[0].gain[usize::from(l)])
                            .plus(right.times(q.sides[1].gain[usize::from(r)]))
                            .dot(L::of(|_| 1.0));
                }
            }
        }
    }
}
