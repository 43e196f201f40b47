//! An exact mean and a fast exponential.

/// The weighted mean of finite numbers; 0 when there is no weight. `weight(i)` is finite and not
/// negative. Independent of the order of the rows: each term is rounded to a multiple of 2⁻⁶⁰ of
/// the largest and these are added as integers.
pub(crate) fn exact_mean(values: &[f64], weight: impl Fn(usize) -> f64) -> f64 {
    let unit = |largest: f64| (-power_of_two(largest)).exp2();
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let heaviest = (0..values.len()).map(&weight).fold(0.0, f64::max);
    let (a, b) = (unit(largest), unit(heaviest));
    let fixed = |x: f64| i128::from((x * 60f64.exp2()) as i64);
    let (mut sum, mut total) = (0, 0);
    for (i, v) in values.iter().enumerate() {
        let w = weight(i) * b;
        sum += fixed(v * a * w);
        total += fixed(w);
    }
    if total == 0 { 0.0 } else { sum as f64 / total as f64 / a }
}

/// The least of the values that, with those below it, weighs at least the share `alpha` of all
/// (value, weight) pairs; 0 when there is no weight. Reorders the pairs.
pub(crate) fn weighted_quantile(pairs: &mut [(f64, f64)], alpha: f64) -> f64 {
    let by_value = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0);
    let Some(&(_, first)) = pairs.first() else { return 0.0 };
    if first > 0.0 && pairs.iter().all(|p| p.1 == first) {
        let at = (alpha * pairs.len() as f64).ceil() as usize;
        let at = at.clamp(1, pairs.len()) - 1;
        return pairs.select_nth_unstable_by(at, by_value).1.0;
    }
    // Stable, as the sums of weights may depend on the order of equal values.
    pairs.sort_by(by_value);
    quantile_of_sorted(pairs, alpha)
}

/// The same of pairs whose values ascend.
pub(crate) fn quantile_of_sorted(pairs: &[(f64, f64)], alpha: f64) -> f64 {
    let goal = alpha * pairs.iter().map(|p| p.1).sum::<f64>();
    let mut below = 0.0;
    let mut last = 0.0;
    for &(value, weight) in pairs.iter().filter(|p| p.1 > 0.0) {
        below += weight;
        last = value;
        if below >= goal {
            break;
        }
    }
    last
}

/// The exponent of the smallest power of two above a finite number ≥ 0: at most 1023,
/// and −1000 for anything smaller, 0 included.
pub(crate) fn power_of_two(x: f64) -> f64 {
    (x.log2().floor() + 1.0).clamp(-1000.0, 1023.0)
}

/// eˣ to about 2⁻²³, without branches so that loops over it become vector code. `x` is brought
/// into [−87, 87].
///
/// Source: range reduction by ln 2 in two parts (Cody, Waite, "Software Manual for the Elementary
/// Functions", 1980) and the Taylor polynomial of degree 7.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 · 2²³: adding it leaves the rounded integer in the low bits
    let x = if x > 87.0 { 87.0 } else { x };
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = x - k * 0.693_359_4 + k * 2.121_944_4e-4;
    let p = 1.0 / 5040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    let p = p * r + 1.0;
    let p = p * r + 1.0;
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    p * scale
}

/// The search for the minimum of a convex function by Newton's steps. It is kept between two places
/// on either side of it, and a step that would leave them goes to their middle: where rows are surely
/// wrong, curvature is small and steps are far too long (Press et al., Numerical Recipes, 9.4).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minimum {
    low: f64,
    high: f64,
}

impl Default for Minimum {
    fn default() -> Self {
        Self { low: f64::NEG_INFINITY, high: f64::INFINITY }
    }
}

impl Minimum {
    /// Where to go from a place of some slope and curvature; the place itself if nowhere is better.
    pub(crate) fn step(&mut self, at: f64, slope: f64, curvature: f64) -> f64 {
        if slope > 0.0 {
            self.high = at;
        } else if slope < 0.0 {
            self.low = at;
        } else {
            return at;
        }
        let next = at - slope / curvature;
        if next > self.low && next < self.high {
            return next;
        }
        let middle = 0.5 * (self.low + self.high);
        if middle.is_finite() { middle } else { at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_library() {
        for i in -8700..=8700i16 {
            let x = f32::from(i) / 100.0;
            let (got, expected) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((got / expected - 1.0).abs() < 4e-7, "{x}: {got} {expected}");
        }
        assert!(exp(f32::MAX).is_finite() && exp(f32::MIN) > 0.0);
    }

    #[test]
    fn quantiles_count_weight_as_repetition() {
        let values = [3.0, -1.0, 7.0, 2.0, 2.0, 10.0];
        let weights = [2.0, 1.0, 0.0, 3.0, 1.0, 2.0];
        for alpha in [0.01, 0.25, 0.5, 0.7, 0.99] {
            let mut weighted: Vec<_> = values.into_iter().zip(weights).collect();
            let mut repeated: Vec<(f64, f64)> = weighted
                .iter()
                .flat_map(|&(v, w)| std::iter::repeat_n((v, 1.0), w as usize))
                .collect();
            let mut plain: Vec<f64> = repeated.iter().map(|p| p.0).collect();
            plain.sort_by(f64::total_cmp);
            let expected = plain[(alpha * plain.len() as f64).ceil() as usize - 1];
            assert_eq!(weighted_quantile(&mut weighted, alpha), expected);
            assert_eq!(weighted_quantile(&mut repeated, alpha), expected);
        }
        assert_eq!(weighted_quantile(&mut [(4.0, 0.0)], 0.5), 0.0);
        assert_eq!(weighted_quantile(&mut [], 0.5), 0.0);
    }

    #[test]
    fn means_do_not_depend_on_order() {
        let mut values: Vec<f64> =
            (0..1000).map(|i| (f64::from(i) * 1.7).sin() * 10f64.powi(i % 30)).collect();
        let mean = exact_mean(&values, |_| 1.0);
        let naive = values.iter().sum::<f64>() / 1000.0;
        assert!((mean / naive - 1.0).abs() < 1e-9);
        values.reverse();
        values.swap(3, 700);
        assert_eq!(mean, exact_mean(&values, |_| 1.0));
        for v in [1e308, -1e308, -1e-310, 5e-324, 0.0, 1e12] {
            let got = exact_mean(&[v, v, v], |_| 1e-300);
            assert!((got - v).abs() <= v.abs() * 1e-12 + 1e-300, "{v}: {got}");
        }
        assert_eq!(exact_mean(&[1.0, 4.0], |i| [3.0, 1.0][i]), 1.75);
        assert_eq!(exact_mean(&[1.0], |_| 0.0), 0.0);
        assert_eq!(exact_mean(&[], |_| 1.0), 0.0);
    }
}
