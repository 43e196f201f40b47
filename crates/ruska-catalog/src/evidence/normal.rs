//! Numbers, normal within each class.

use super::Labels;

/// Mean and variance of a column within each class.
#[derive(Clone, Debug)]
pub(crate) struct Normal {
    /// One a class.
    pub(crate) means: Vec<f64>,
    /// One a class; positive.
    pub(crate) variances: Vec<f64>,
}

impl Normal {
    /// The moments of a column that varies; `smoothing` > 0 of its variance over all rows is added
    /// to that within each class. A class in which all values are missing has those of all rows.
    pub(crate) fn of(values: &[f64], labels: &Labels<'_>, smoothing: f64) -> Self {
        let known = labels.heavy().map(|(row, class, w)| (values[row], class, w));
        let known = known.filter(|(v, ..)| !v.is_nan());
        // From the first value on, since the mean of numbers far from zero would lose digits.
        let first = known.clone().next().map_or(0.0, |(v, ..)| v);
        let n = labels.classes;
        // The last place is for all classes together.
        let (mut totals, mut sums) = (vec![0.0; n + 1], vec![0.0; n + 1]);
        for (v, class, w) in known.clone() {
            for k in [class, n] {
                totals[k] += w;
                sums[k] += w * (v - first);
            }
        }
        let mean = |k: usize| first + sums[k] / totals[k];
        let means: Vec<f64> = (0..=n).map(|k| mean(if totals[k] > 0.0 { k } else { n })).collect();
        let mut squares = vec![0.0; n + 1];
        for (v, class, w) in known {
            for k in [class, n] {
                squares[k] += w * (v - means[k]) * (v - means[k]);
            }
        }
        let all = squares[n] / totals[n];
        let variance = |k: usize| if totals[k] > 0.0 { squares[k] / totals[k] } else { all };
        let variances = (0..n).map(|k| variance(k) + smoothing * all).collect();
        Self { means: means[..n].to_vec(), variances }
    }
}
