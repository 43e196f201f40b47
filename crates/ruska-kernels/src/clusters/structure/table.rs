//! A table made fit for tests of modes: what rounding tied is spread, columns have equal spread.

use crate::clusters::Points;
use crate::trees::random::{Stream, choose, mix};
use crate::{Progress, Stopped};

/// Rows of columns of mean 0 and deviation 1.
pub(super) struct Table {
    /// Which rows of the points these are, ascending.
    pub(super) rows: Vec<u32>,
    /// Which columns of the points these are: those of several values.
    pub(super) names: Vec<usize>,
    /// One list a column.
    pub(super) columns: Vec<Vec<f64>>,
}

impl Table {
    /// A simple random sample of at most `most` rows.
    pub(super) fn new(
        points: Points<'_>,
        most: usize,
        seed: u64,
        progress: &dyn Progress,
    ) -> Result<Self, Stopped> {
        let (mut rows, mut rest) = (vec![], vec![]);
        choose(points.len(), most.min(points.len()), seed, &mut rows, &mut rest);
        let mut table = Self { rows, names: vec![], columns: vec![] };
        for j in 0..points.dims {
            if !progress.proceed() {
                return Err(Stopped);
            }
            let value = |&row: &u32| points.row(row as usize)[j];
            let mut column: Vec<f64> = table.rows.iter().map(value).collect();
            if to_unit(&mut column) {
                spread(&mut column, mix(seed ^ mix(j as u64)));
                standardise(&mut column);
                table.names.push(j);
                table.columns.push(column);
            }
        }
        Ok(table)
    }
}

/// Brings values into 0..1, so that no later square overflows; whether there are several.
fn to_unit(column: &mut [f64]) -> bool {
    let least = column.iter().copied().fold(f64::INFINITY, f64::min);
    let most = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = 0.5 * most - 0.5 * least;
    column.iter_mut().for_each(|v| *v = (0.5 * *v - 0.5 * least) / range);
    range >= f64::MIN_POSITIVE
}

/// Moves each of several equal values to a random place between the next values on either side,
/// most likely near its own: their density becomes a frequency polygon, which has no gaps and no
/// more modes than the counts have.
fn spread(column: &mut [f64], seed: u64) {
    let mut order: Vec<usize> = (0..column.len()).collect();
    order.sort_by(|&a, &b| column[a].total_cmp(&column[b]));
    let sorted: Vec<f64> = order.iter().map(|&i| column[i]).collect();
    let mut stream = Stream::new(seed);
    let mut uniform = || (stream.below(1 << 53) as f64 + 0.5) / (1u64 << 53) as f64;
    let mut from = 0;
    for equal in sorted.chunk_by(|a, b| a == b) {
        let to = from + equal.len();
        if equal.len() > 1 {
            let value = equal[0];
            let below = (from > 0).then(|| value - sorted[from - 1]);
            let above = sorted.get(to).map(|next| next - value);
            let left = below.or(above).unwrap_or(0.0);
            let right = above.unwrap_or(left);
            for &i in &order[from..to] {
                let away = 1.0 - uniform().sqrt();
                let leftwards = uniform() * (left + right) < left;
                column[i] = value + away * if leftwards { -left } else { right };
            }
        }
        from = to;
    }
}

/// To mean 0 and deviation 1.
fn standardise(column: &mut [f64]) {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    column.iter_mut().for_each(|v| *v -= mean);
    let deviation = (column.iter().map(|v| v * v).sum::<f64>() / n).sqrt();
    column.iter_mut().for_each(|v| *v /= deviation);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Silent;

    #[test]
    fn ties_are_spread_over_their_cells_and_other_values_stay() {
        let mut column = vec![0.25, 0.0, 0.25, 0.25, 1.0, 0.0, 0.75];
        spread(&mut column, 3);
        for i in [1, 5] {
            assert!(column[i].abs() < 0.25);
        }
        for i in [0, 2, 3] {
            assert!((0.0..0.75).contains(&column[i]));
        }
        assert_eq!((column[4], column[6]), (1.0, 0.75));
        let mut distinct = column.clone();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        assert_eq!(distinct.len(), 7);
    }

    #[test]
    fn columns_of_any_scale_have_deviation_1_and_constant_ones_are_left_out() {
        let values: Vec<f64> = (0..40)
            .flat_map(|i| {
                let v = f64::from(i * i % 37);
                [v * 1e-300, 5.0, v * 1e300 - 3e301, v + 1e12]
            })
            .collect();
        let table = Table::new(Points { values: &values, dims: 4 }, 30, 1, &Silent).unwrap();
        assert_eq!((table.names, table.rows.len()), (vec![0, 2, 3], 30));
        for column in &table.columns {
            assert!(column.iter().sum::<f64>().abs() < 1e-9);
            assert!((column.iter().map(|v| v * v).sum::<f64>() / 30.0 - 1.0).abs() < 1e-9);
        }
    }
}
