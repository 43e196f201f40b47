//! How much slack a suggested limit has, so that another sample of the same source keeps it.

use ruska::number_text;

/// A share that another sample of about `n` rows stays below when `k` of `n` rows are such: six
/// standard deviations of a Poisson count and four rows more, in (0, 1], rounded up to two digits.
///
/// Two counts of mean `k` differ by √(2k) on average, so these are four standard deviations of the
/// difference; with `k = 0` they are ten rows, where three are the usual 95 % limit (rule of three).
pub(super) fn ceiling(k: usize, n: usize) -> f64 {
    let k = k as f64;
    let most = (k + 6.0 * (k + 1.0).sqrt() + 4.0) / n.max(1) as f64;
    rounded(most, 2, Way::Up).min(1.0)
}

/// A share that another sample stays above when `k` of `n` values are such, rounded down.
pub(super) fn floor(k: usize, n: usize) -> f64 {
    let share = 1.0 - ceiling(n.saturating_sub(k), n) - 0.03;
    rounded(share.max(0.0), 2, Way::Down)
}

/// Rows from which a share is what it is.
pub(super) const LEAST: usize = 100;
/// How often chance may break a share of fewer rows.
const RARE: f64 = 0.001;

/// Whether so many of few rows come by chance where each is such with the probability of a limit: of
/// fewer than 100 rows, in more than one of 1000 samples (upper tail of the binomial distribution).
/// A limit of 0 allows none, however few rows there are.
pub(super) fn by_chance(count: usize, rows: usize, limit: f64) -> bool {
    if rows >= LEAST || limit <= 0.0 || limit >= 1.0 {
        return false;
    }
    // P(X = 0), then P(X = k + 1) from P(X = k).
    let mut exactly = (1.0 - limit).powi(rows as i32);
    let mut below = 0.0;
    for k in 0..count.min(rows + 1) {
        below += exactly;
        exactly *= (rows - k) as f64 / (k + 1) as f64 * limit / (1.0 - limit);
    }
    1.0 - below >= RARE
}

/// Ends of a range that another sample of the same source keeps, from ascending numbers; none where
/// an end lies beyond the greatest number, which limits nothing.
///
/// Beyond an extreme lies a fifth of its distance from the median, and more where the tail is long:
/// as many halves of that distance as the extreme is distances of the 5 % quantile on its side
/// away, and more of few rows, by 400 rows over their number; ten distances at most. Zero is not
/// passed where no number has passed it.
pub(super) fn range(sorted: &[f64]) -> (Option<f64>, Option<f64>) {
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return (None, None) };
    let middle = quantile(sorted, 0.5);
    let slack = |extreme: f64, tail: f64| {
        let reach = (extreme - middle).abs();
        let length = reach / (tail - middle).abs().max(reach / 30.0);
        let slack = (length / 2.0).max(0.2) * (1.0 + 400.0 / sorted.len() as f64);
        if reach > 0.0 { reach * slack.min(10.0) } else { 0.0 }
    };
    let below = low - slack(low, quantile(sorted, 0.05));
    let above = high + slack(high, quantile(sorted, 0.95));
    // A column of nearly one value has ends that say little.
    let width = (above - below).max(low.abs().max(high.abs()) * 0.1);
    let below = if low == middle { low - width } else { below };
    let above = if high == middle { high + width } else { above };
    let step = step(above - below);
    let below = if low >= 0.0 { below.max(0.0) } else { below };
    let above = if high <= 0.0 { above.min(0.0) } else { above };
    (
        end(below, step, f64::floor).map(|end| if end <= low { end } else { below }),
        end(above, step, f64::ceil).map(|end| if end >= high { end } else { above }),
    )
}

/// An end of a range to a multiple of a step, where both are numbers that can be written.
fn end(at: f64, step: f64, rounded: fn(f64) -> f64) -> Option<f64> {
    let round = plain(rounded(at / step) * step);
    let end = if round.is_finite() { round } else { at };
    end.is_finite().then_some(end)
}

/// Where the middle nine tenths of ascending numbers lie.
pub(super) fn bulk(sorted: &[f64]) -> Option<(f64, f64)> {
    (!sorted.is_empty()).then(|| (quantile(sorted, 0.05), quantile(sorted, 0.95)))
}

/// The order statistic at a share.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

/// A hundredth of a width, as a power of ten.
fn step(width: f64) -> f64 {
    if width > 0.0 { 10f64.powf(width.log10().floor() - 1.0) } else { 1.0 }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// A positive number with so many digits.
fn rounded(value: f64, digits: i32, way: Way) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 0.0;
    }
    let unit = 10f64.powf(value.log10().floor() - f64::from(digits - 1));
    let units = value / unit;
    let near = (units - units.round()).abs() < 1e-9;
    let units = match way {
        _ if near => units.round(),
        Way::Up => units.ceil(),
        Way::Down => units.floor(),
    };
    plain(units * unit)
}

/// The number that its twelve leading digits spell, so that 0.1 + 0.2 reads 0.3.
fn plain(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A number as TOML takes it.
pub(super) fn written(value: f64) -> String {
    let short = number_text(value);
    if short.len() <= 17 { short } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shares_have_slack_for_chance() {
        assert_eq!(ceiling(0, 1000), 0.01);
        assert_eq!(ceiling(99, 1000), 0.17);
        assert_eq!(ceiling(1000, 1000), 1.0);
        assert_eq!(floor(1000, 1000), 0.96);
        assert_eq!(floor(0, 10), 0.0);
    }

    #[test]
    fn few_rows_break_a_share_by_chance() {
        // P(X ≥ 1) = 0.05, P(X ≥ 3) = 0.0115, P(X ≥ 5) = 6.4e-5 of ten rows at 5 %.
        assert!(by_chance(1, 1, 0.05) && by_chance(3, 10, 0.05));
        assert!(!by_chance(5, 10, 0.05));
        assert!(!by_chance(1, 1, 0.0) && !by_chance(1, 1, 0.0005));
        assert!(!by_chance(6, 100, 0.05), "a hundred rows are enough");
        assert!(by_chance(99, 99, 0.95), "0.95^99 is 0.006");
        assert!(!by_chance(60, 60, 0.85), "0.85^60 is 5.8e-5");
    }

    #[test]
    fn light_tails_have_little_slack_and_long_ones_much() {
        let even: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(range(&even), (Some(0.0), Some(240.0)));
        let more: Vec<f64> = (0..10_100).map(|i| f64::from(i / 100)).collect();
        assert_eq!(range(&more), (Some(0.0), Some(130.0)));
        let long: Vec<f64> = (1..=1000).map(|i| 1000.0 / f64::from(1001 - i)).collect();
        let (low, high) = range(&long);
        assert_eq!(low, Some(0.0));
        assert!(high > Some(10_000.0), "{high:?}");
        let negative: Vec<f64> = (-100..=-1).map(f64::from).collect();
        assert_eq!(range(&negative).1, Some(0.0));
        assert_eq!(range(&[]), (None, None));
    }

    #[test]
    fn one_value_has_room_on_both_sides() {
        let (low, high) = range(&[50.0, 50.0, 50.0]);
        assert!(low < Some(50.0) && high > Some(50.0), "{low:?} {high:?}");
    }

    #[test]
    fn ends_are_numbers_and_leave_no_value_out() {
        let tiny = f64::from_bits(1);
        for values in [
            &[-1e308, -1.0, 0.0, 1e308][..],
            &[0.0, 1e308],
            &[f64::MIN, f64::MAX],
            &[f64::MAX],
            &[1e308, 1e308, 1.1e308],
            &[tiny],
            &[-tiny, 0.0, tiny],
            &[0.0, tiny, 1e-310],
            &[-0.0, 0.0],
            &[1e15, 1e15 + 1.0, 1e15 + 2.0, 1e15 + 3.0],
            &[-1e300, -1e-300],
        ] {
            let (least, greatest) = (values[0], values[values.len() - 1]);
            let (low, high) = range(values);
            assert!(low.is_none_or(|low| low.is_finite() && low <= least), "{values:?} {low:?}");
            let within = high.is_none_or(|high| high.is_finite() && high >= greatest);
            assert!(within, "{values:?} {high:?}");
        }
        // Zero is a limit where no number has passed it, however large the others are.
        assert_eq!(range(&[0.0, 1e308]), (Some(0.0), None));
    }

    #[test]
    fn numbers_read_back() {
        for value in [0.1, 1e300, -2.5e-300, 0.0, 120.0, 9_007_199_254_740_993.0] {
            let text = format!("x = {}", written(value));
            let read: toml::Table = text.parse().unwrap();
            let number = read["x"].as_float().or(read["x"].as_integer().map(|i| i as f64));
            assert_eq!(number, Some(value), "{text}");
        }
    }
}
