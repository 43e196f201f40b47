//! How long a model takes to predict a row.

use crate::model::Model;
use ruska_core::{Frame, PredictError};
use std::time::Instant;

/// Times the rows are predicted; the median counts.
const REPEATS: usize = 5;

impl Model {
    /// Microseconds to predict a row of a table, schema and preprocessing included: the median of
    /// five batches. Up to 8192 rows are predicted on one core. NaN of a table without rows.
    ///
    /// Fails as [`Self::predict`] does.
    pub fn microseconds_per_row(&self, table: &Frame) -> Result<f64, PredictError> {
        let mut times = [f64::NAN; REPEATS];
        for time in &mut times {
            let start = Instant::now();
            self.predict(table)?;
            *time = start.elapsed().as_secs_f64() * 1e6 / table.rows() as f64;
        }
        times.sort_by(f64::total_cmp);
        Ok(times[REPEATS / 2])
    }
}
