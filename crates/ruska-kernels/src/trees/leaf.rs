//! Leaf values beyond the first Newton step.

use super::BoostParams;
use super::gradients::Scale;
use super::grow::Grower;
use super::loss::Loss;
use super::math::{Minimum, weighted_quantile};
use super::split::Bounds;
use super::tree::Tree;

/// What leaf values depend on: truth, scores and weights of the training rows.
pub(crate) struct Rows<'a> {
    pub(crate) y: &'a [f64],
    pub(crate) scores: &'a [f64],
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) masses: Option<&'a [u32]>,
}

impl Rows<'_> {
    fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[row]) * self.masses.map_or(1.0, |m| f64::from(m[row]))
    }
}

/// Gives each leaf the quantile `alpha` of its rows' residuals, in units of the score.
pub(crate) fn quantiles(
    tree: &mut Tree,
    grower: &Grower<'_>,
    rows: &Rows<'_>,
    alpha: f64,
    unit: f64,
    scale: Scale,
) {
    let mut pairs = vec![];
    for (node, of_leaf, bounds) in grower.bounded_leaves() {
        pairs.clear();
        pairs.extend(of_leaf.iter().map(|&r| {
            let r = r as usize;
            ((rows.y[r] - rows.scores[r]).clamp(-f64::MAX, f64::MAX), rows.weight(r))
        }));
        let (low, high) = limits(bounds, scale, unit);
        tree.nodes[node].value = weighted_quantile(&mut pairs, alpha).clamp(low, high);
    }
}

/// Bounds in units of the score.
fn limits(bounds: Bounds, scale: Scale, unit: f64) -> (f64, f64) {
    let factor = scale.h / scale.g * unit;
    (bounds.low * factor, bounds.high * factor)
}

/// Makes further Newton steps of a loss of one score, on values in units of the score. Gradients
/// are added up as whole multiples of a small part of the largest possible sum, so that the order
/// of the rows does not matter.
pub(crate) fn newton(
    tree: &mut Tree,
    grower: &Grower<'_>,
    rows: &Rows<'_>,
    loss: &dyn Loss,
    params: &BoostParams,
    scale: Scale,
) {
    let unit = loss.unit();
    let n = rows.y.len();
    let (mut moved, mut g, mut h) = (rows.scores.to_vec(), vec![0.0; n], vec![0.0; n]);
    let from_zero = |(node, _, _): (usize, _, _)| {
        let mut minimum = Minimum::default();
        minimum.step(0.0, -tree.nodes[node].value, 1.0);
        minimum
    };
    let mut minima: Vec<Minimum> = grower.bounded_leaves().map(from_zero).collect();
    for _ in 1..params.leaf_steps {
        for (node, of_leaf, _) in grower.bounded_leaves() {
            let value = tree.nodes[node].value;
            of_leaf.iter().for_each(|&r| moved[r as usize] = rows.scores[r as usize] + value);
        }
        loss.gradients(0, rows.y, &moved, &[], &mut g, &mut h);
        for ((node, of_leaf, bounds), minimum) in grower.bounded_leaves().zip(&mut minima) {
            let (mut sum_g, mut sum_h) = (0i128, 0i128);
            for &r in of_leaf {
                let r = r as usize;
                let weight = rows.weight(r);
                let fixed = |x: f32, scale: f64| (f64::from(x) * weight * scale * 65536.0) as i64;
                sum_g += i128::from(fixed(g[r], scale.g));
                sum_h += i128::from(fixed(h[r], scale.h));
            }
            let sum_g = sum_g as f64 / 65536.0 / scale.g;
            let sum_h = sum_h as f64 / 65536.0 / scale.h;
            let value = &mut tree.nodes[node].value;
            let (l1, l2) = (params.tree.l1 / unit, params.tree.l2);
            let pull = if *value == 0.0 { 0.0 } else { l1 * value.signum() };
            let slope = sum_g + pull + l2 * *value / unit;
            let (low, high) = limits(bounds, scale, unit);
            *value = minimum.step(*value, slope, (sum_h + l2) / unit).clamp(low, high);
        }
    }
}
