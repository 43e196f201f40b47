//! The trend of a series without seasons: Friedman's super smoother of equally spaced values.
//!
//! Lines are fitted to a twentieth, a fifth and a half of the values around each; of the three the
//! one that foretells a value best from its neighbours is taken, after smoothing that choice. Cost
//! O(n).
//!
//! Reference: Friedman, "A variable span smoother", Technical Report 5, Laboratory for Computational
//! Statistics, Stanford University, 1984.

/// Shares of the series that lines are fitted to.
const SPANS: [f64; 3] = [0.05, 0.2, 0.5];

/// Smooths values of moderate scale; one or two values stay as they are.
pub(super) fn super_smoother(values: &[f64]) -> Vec<f64> {
    if values.len() < 3 {
        return values.to_vec();
    }
    let fits = SPANS.map(|span| running_lines(values, span));
    let errors: Vec<Vec<f64>> =
        fits.iter().map(|fit| running_lines(&fit.errors, SPANS[1]).values).collect();
    let best = |i: usize| {
        let least = (0..3).min_by(|&a, &b| errors[a][i].total_cmp(&errors[b][i]));
        SPANS[least.expect("there are three spans")]
    };
    let spans: Vec<f64> = (0..values.len()).map(best).collect();
    let spans = running_lines(&spans, SPANS[1]).values;
    let between = |(i, span): (usize, &f64)| {
        let span = span.clamp(SPANS[0], SPANS[2]);
        let side = usize::from(span >= SPANS[1]);
        let share = (span - SPANS[side]) / (SPANS[side + 1] - SPANS[side]);
        (1.0 - share) * fits[side].values[i] + share * fits[side + 1].values[i]
    };
    let mixed: Vec<f64> = spans.iter().enumerate().map(between).collect();
    running_lines(&mixed, SPANS[0]).values
}

struct Lines {
    values: Vec<f64>,
    /// Absolute differences between values and the lines fitted without them.
    errors: Vec<f64>,
}

/// Lines fitted to `span` of the values around each, which at the ends lie on one side.
fn running_lines(values: &[f64], span: f64) -> Lines {
    let n = values.len();
    let half = ((0.5 * span * n as f64 + 0.5) as usize).max(2);
    let width = (2 * half + 1).min(n);
    let size = width as f64;
    let middle = (size - 1.0) / 2.0;
    let spread = size * (size * size - 1.0) / 12.0;
    let (mut fit, mut errors) = (Vec::with_capacity(n), Vec::with_capacity(n));
    let mut left = 0;
    let mut sum: f64 = values[..width].iter().sum();
    // Of each value times its place, counted from the left end of the window.
    let mut product: f64 = values[..width].iter().enumerate().map(|(i, v)| i as f64 * v).sum();
    for i in 0..n {
        if i > left + half && left + width < n {
            let (old, new) = (values[left], values[left + width]);
            product += size * new - (sum - old + new);
            sum += new - old;
            left += 1;
        }
        let mean = sum / size;
        let slope = (product - middle * sum) / spread;
        let from_middle = (i - left) as f64 - middle;
        let value = mean + slope * from_middle;
        fit.push(value);
        let leverage = 1.0 / size + from_middle * from_middle / spread;
        let others = (1.0 - leverage).max(f64::EPSILON);
        errors.push((values[i] - value).abs() / others);
    }
    Lines { values: fit, errors }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_and_a_bend_is_followed() {
        let line: Vec<f64> = (0..50).map(|i| 3.0 - 0.5 * f64::from(i)).collect();
        let smooth = super_smoother(&line);
        assert!(line.iter().zip(&smooth).all(|(a, b)| (a - b).abs() < 1e-9), "{smooth:?}");
        let wave: Vec<f64> = (0..400).map(|i| (f64::from(i) / 40.0).sin()).collect();
        let smooth = super_smoother(&wave);
        assert!(wave.iter().zip(&smooth).all(|(a, b)| (a - b).abs() < 0.1));
    }

    #[test]
    fn short_series_have_a_smooth() {
        for n in 1..8 {
            let smooth = super_smoother(&vec![2.0; n]);
            assert_eq!(smooth.len(), n);
            assert!(smooth.iter().all(|v| (v - 2.0).abs() < 1e-12));
        }
    }
}
