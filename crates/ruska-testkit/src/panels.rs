//! Synthetic panels: series that go on, and questions about what comes next.

use ruska_core::{
    Column, Covariates, Field, Frame, Kind, PERIOD, Rng, SERIES, Target, Task, Timelines,
};
use std::sync::Arc;

/// Series with the period after the last value of each.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The values of each series, at least one; NaN where one is missing.
    pub series: Vec<Vec<f64>>,
    /// The first period that is not known, for each series.
    pub next: Vec<i64>,
    /// Values of a cycle of the season; 1 where there is none.
    pub season: usize,
    /// Periods to be told.
    pub horizon: usize,
}

/// A recipe for a panel: each series is a level that grows by a trend, a season about it and noise; all
/// values are above 0.
#[derive(Clone, Debug)]
pub struct Recipe {
    seed: u64,
    lengths: Vec<usize>,
    season: usize,
    noise: f64,
    gaps: f64,
    demand: bool,
    flat: bool,
}

impl Recipe {
    /// Four series of 30 to 60 values that end at three different periods, with a season of 4 and little
    /// noise; 6 periods are to be told.
    pub fn new(seed: u64) -> Self {
        let lengths = vec![44, 30, 60, 37];
        Self { seed, lengths, season: 4, noise: 2.0, gaps: 0.0, demand: false, flat: false }
    }

    /// The number of values of each series, each at least 1.
    #[must_use]
    pub fn lengths(self, lengths: &[usize]) -> Self {
        Self { lengths: lengths.to_vec(), ..self }
    }

    /// Values of a cycle of the season, at least 1.
    #[must_use]
    pub fn season(self, season: usize) -> Self {
        Self { season, ..self }
    }

    /// Standard deviation of the noise about levels of 80 and more and seasons of ± 20.
    #[must_use]
    pub fn noise(self, noise: f64) -> Self {
        Self { noise, ..self }
    }

    /// Share of the values that are missing, 0..1.
    #[must_use]
    pub fn gaps(self, gaps: f64) -> Self {
        Self { gaps, ..self }
    }

    /// Demand instead: two values in three are 0, the others small whole numbers.
    #[must_use]
    pub fn demand(self) -> Self {
        Self { demand: true, ..self }
    }

    /// Levels that stay: no trend and no season, whatever its cycle.
    #[must_use]
    pub fn flat(self) -> Self {
        Self { flat: true, ..self }
    }

    /// The panel.
    pub fn build(&self) -> Panel {
        let mut rng = Rng::new(self.seed);
        let series = (0..self.lengths.len()).map(|s| self.one(s, &mut rng)).collect();
        let next = (0..self.lengths.len()).map(|s| 100 - [0, 3, 1][s % 3]).collect();
        Panel { series, next, season: self.season, horizon: 6 }
    }

    fn one(&self, number: usize, rng: &mut Rng) -> Vec<f64> {
        let (level, slope) = (80.0 + 40.0 * number as f64, 0.4 + 0.2 * number as f64);
        let mut value = |at: usize| {
            let (noise, missing) = (self.noise * rng.normal(), rng.unit() < self.gaps);
            let phase = (at + number) as f64 / self.season as f64 * std::f64::consts::TAU;
            let moved = if self.flat { 0.0 } else { slope * at as f64 + 20.0 * phase.sin() };
            match (missing, self.demand, rng.below(3)) {
                (true, ..) => f64::NAN,
                (_, true, 0) => (1 + rng.below(5)) as f64,
                (_, true, _) => 0.0,
                _ => (level + moved + noise).max(1.0),
            }
        };
        (0..self.lengths[number]).map(&mut value).collect()
    }
}

impl Panel {
    /// Series without a season that all end before period 100.
    pub fn plain(series: Vec<Vec<f64>>) -> Self {
        Self { next: vec![100; series.len()], series, season: 1, horizon: 6 }
    }

    /// The question what comes next.
    pub fn task(&self) -> Task {
        let mut offsets = vec![0];
        self.series.iter().for_each(|s| offsets.push(offsets[offsets.len() - 1] + s.len()));
        let starts = self.series.iter().zip(&self.next);
        let starts: Vec<i64> = starts.map(|(s, next)| next - s.len() as i64).collect();
        let places: Vec<(usize, i64)> = (self.series.iter().zip(&starts).enumerate())
            .flat_map(|(number, (s, start))| (0..s.len()).map(move |i| (number, start + i as i64)))
            .collect();
        let lines = Timelines {
            values: Arc::new(self.series.concat()),
            offsets: Arc::new(offsets),
            starts: Arc::new(starts),
            seasons: if self.season > 1 { vec![self.season] } else { vec![] },
            season: self.season,
            horizon: self.horizon,
            covariates: Covariates::default(),
        };
        Task::new(asked(&places), Target::Series(lines)).expect("a panel makes a valid task")
    }

    /// The series and period of so many steps ahead of each series, one series after the other.
    pub fn ahead(&self, steps: usize) -> Vec<(usize, i64)> {
        let of = |number, next: i64| (0..steps as i64).map(move |i| (number, next + i));
        self.next.iter().enumerate().flat_map(|(number, next)| of(number, *next)).collect()
    }

    /// The panel with each value changed; missing ones stay missing.
    #[must_use]
    pub fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        let series = self.series.iter().map(|s| s.iter().map(|v| change(*v)).collect()).collect();
        Self { series, ..self.clone() }
    }

    /// The given series, in the given order.
    #[must_use]
    pub fn take(&self, numbers: &[usize]) -> Self {
        let series = numbers.iter().map(|n| self.series[*n].clone()).collect();
        Self { series, next: numbers.iter().map(|n| self.next[*n]).collect(), ..self.clone() }
    }

    /// The panel without the last values of each series, and those.
    pub fn split(&self, last: usize) -> (Self, Vec<Vec<f64>>) {
        let mut known = self.clone();
        let later = known.series.iter_mut().map(|s| s.split_off(s.len() - last)).collect();
        known.next.iter_mut().for_each(|next| *next -= last as i64);
        (known, later)
    }

    /// The panel with values after the last one of each series.
    #[must_use]
    pub fn followed_by(&self, later: &[Vec<f64>]) -> Self {
        let mut longer = self.clone();
        for (number, values) in later.iter().enumerate() {
            longer.series[number].extend(values);
            longer.next[number] += values.len() as i64;
        }
        longer
    }
}

/// Rows of these series and periods, as forecasters are asked.
pub fn asked(places: &[(usize, i64)]) -> Frame {
    let field = |name, values| Field::new(name, Kind::Numeric, Column::float(values));
    let series = places.iter().map(|(series, _)| *series as f64).collect();
    let periods = places.iter().map(|(_, period)| *period as f64).collect();
    Frame::new(vec![field(SERIES, series), field(PERIOD, periods)])
        .expect("two columns of one length")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_are_found_by_series_and_period() {
        let panel = Recipe::new(1).lengths(&[3, 2]).build();
        let task = panel.task();
        let column = |name| task.x.field(name).unwrap().floats().unwrap().to_vec();
        assert_eq!(column(SERIES), [0.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(column(PERIOD), [97.0, 98.0, 99.0, 95.0, 96.0]);
        assert_eq!(panel.ahead(2), [(0, 100), (0, 101), (1, 97), (1, 98)]);
    }

    #[test]
    fn what_is_split_off_follows() {
        let panel = Recipe::new(1).build();
        let (known, later) = panel.split(5);
        let again = known.followed_by(&later);
        assert_eq!((again.series, again.next), (panel.series, panel.next));
    }

    #[test]
    fn knobs_do_what_they_say() {
        let gaps = Recipe::new(1).gaps(0.2).build().series.concat();
        let missing = gaps.iter().filter(|v| v.is_nan()).count() as f64 / gaps.len() as f64;
        assert!((0.1..0.3).contains(&missing), "{missing}");
        let demand = Recipe::new(1).demand().build().series.concat();
        let none = demand.iter().filter(|v| **v == 0.0).count() as f64 / demand.len() as f64;
        assert!((0.5..0.8).contains(&none), "{none}");
        assert!(Recipe::new(1).build().series.concat().iter().all(|v| *v > 0.0));
    }
}
