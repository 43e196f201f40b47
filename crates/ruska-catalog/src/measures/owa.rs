//! Overall weighted average of the M4 competition: below 1 is better than Naive2 is.
//!
//! Half the sum of sMAPE over that of Naive2 and MASE over that of Naive2, each the ratio of the means
//! over series. Naive2 tells the last value again, with the season where there is one; it tells 0 of a
//! series of which nothing was known. Undefined where Naive2 makes no error. Cost O(n·m) for a season
//! of m periods.
//!
//! Reference: Makridakis, Spiliotis, Assimakopoulos, "The M4 Competition", IJF 36, 2020.

use super::support::{AheadInput, ForecastMeasure, Found, Parts, seasonal_difference, symmetric};
use ruska_core::{MeasureInfo, Needs, TaskKind};
use ruska_kernels::series::holes::filled;
use ruska_kernels::series::naive::naive2;

/// See the module.
pub(crate) struct Owa;

static INFO: MeasureInfo = MeasureInfo {
    id: "owa",
    summary: "Mean of sMAPE and MASE, each over that of Naive2",
    tasks: &[TaskKind::Forecasting],
    needs: Needs::Forecasts,
    multiclass: false,
    higher_is_better: false,
    reference: "https://doi.org/10.1016/j.ijforecast.2019.04.014",
};

/// What Naive2 tells of each row.
fn naive(input: &AheadInput<'_>) -> Vec<f64> {
    let season = input.season();
    // It repeats itself from season to season.
    let seasons = input.of_series("naive2", |known| naive2(&filled(known, season), season, season));
    let told = |row| {
        let (series, step) = input.place(row);
        seasons[series][step % season]
    };
    (0..input.rows()).map(told).collect()
}

/// The mean of losses over those of a benchmark, `(losses, of the benchmark)`.
fn mean_ratio(pairs: &[(Parts, Parts)], rows: usize) -> Found {
    if pairs.iter().any(|(_, benchmark)| benchmark.loss <= 0.0) {
        return Err("Naive2 makes no error");
    }
    let share = 1.0 / pairs.len() as f64;
    let ratio = |(ours, theirs): &(Parts, Parts)| ours.loss / theirs.loss;
    let loss = pairs.iter().map(|pair| share * ratio(pair)).sum();
    // What a row pulls a ratio by is what it pulls its two parts by.
    let pull = |pair: &(Parts, Parts), row: usize| {
        let (ours, theirs) = pair;
        let own = ours.rows[row] - ours.loss;
        (own - ratio(pair) * (theirs.rows[row] - theirs.loss)) / theirs.loss
    };
    let of_row = |row| loss + pairs.iter().map(|pair| share * pull(pair, row)).sum::<f64>();
    Ok(Parts { loss, rows: (0..rows).map(of_row).collect() })
}

impl ForecastMeasure for Owa {
    fn info(&self) -> &'static MeasureInfo {
        &INFO
    }

    fn parts(&self, input: &AheadInput<'_>) -> Found {
        let naive = naive(input);
        let ones = input.of_series("one", |_| Some(1.0));
        let differences = input
            .of_series("seasonal_difference", |known| seasonal_difference(known, input.season()));
        let smape = |told: &dyn Fn(usize) -> f64| {
            input.mean_of_series(&ones, |row| symmetric(input.truth[row], told(row)))
        };
        let mase = |told: &dyn Fn(usize) -> f64| {
            input.mean_of_series(&differences, |row| (input.truth[row] - told(row)).abs())
        };
        let (ours, theirs) = (|row: usize| input.point(row), |row: usize| naive[row]);
        mean_ratio(&[(smape(&ours), smape(&theirs)), (mase(&ours), mase(&theirs))], input.rows())
    }
}
