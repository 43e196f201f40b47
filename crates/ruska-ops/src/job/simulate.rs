//! What a job would have done, had it run at the end of every month: history replayed.
//!
//! At each moment the job sees the rows up to then only, trains, compares and decides as it would
//! have, in a register of its own that is thrown away. The rows of the following period then tell
//! what each decision was worth: they are new to every model that stood at the time.

use super::ready::check_environment;
use super::run::{RunReport, Setting, Unwatched, run_on};
use super::{Job, Mode};
use crate::Error;
use crate::compare::unseen;
use crate::register;
use chrono::{DateTime, Datelike, Months, NaiveDate};
use ruska::register::JobOutcome;
use ruska::{Measure, Model, NO_VALUE, Part, ReadTable, Store, TimeRange};
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Periods, at most; more would take days.
const MOST_PERIODS: usize = 1000;

/// How often the job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Every {
    /// At the end of so many calendar months, UTC.
    Months(u32),
    /// After so many milliseconds.
    Milliseconds(i64),
}

/// How history is replayed.
#[derive(Clone)]
pub struct SimulateOptions {
    /// How often the job runs.
    pub every: Every,
    /// The first run is not before this moment, milliseconds since 1970; after a third of the
    /// periods when `None`.
    pub from_ms: Option<i64>,
    /// Trials run at once; the number of cores when `None`.
    pub workers: Option<usize>,
    /// Ends the replay in good order when set.
    pub cancel: Arc<AtomicBool>,
}

/// One run of a replayed job.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Period {
    /// The moment of the run, milliseconds since 1970; it sees the rows before it.
    pub at_ms: i64,
    /// Rows there were by then.
    pub rows: u64,
    /// What it came to; nothing when it failed.
    pub report: Option<RunReport>,
    /// Why it failed.
    pub failed: Option<String>,
    /// The version that stands in the environment afterwards.
    pub champion: Option<u32>,
    /// What came next.
    pub next: Option<Next>,
}

/// What the rows of the following period say of the models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Next {
    /// Labelled rows.
    pub rows: u64,
    /// Id of the measure.
    pub metric: String,
    /// The champion's score.
    pub champion: Option<f64>,
    /// The score of the first champion, had it never been replaced.
    pub first: Option<f64>,
}

/// A replayed history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Simulation {
    /// The job.
    pub job: String,
    /// The environment decided on.
    pub environment: String,
    /// The runs, oldest first.
    pub periods: Vec<Period>,
    /// Runs that ended with another champion.
    pub promoted: usize,
    /// Mean score of the champions on the rows that followed, weighted by rows.
    pub champion: Option<f64>,
    /// The same of the first champion, had it never been replaced.
    pub first: Option<f64>,
    /// Id of the measure.
    pub metric: Option<String>,
}

/// Replays a job over the history in its training data; what a person would decide is decided by
/// the rules. `tell` is given every period once it is done.
///
/// Fails when the job does not promote, or goes by no time, and when there are too few periods.
/// What fails within a run is told in its period.
pub fn simulate(
    job: &Job,
    replay: &SimulateOptions,
    tell: &mut dyn FnMut(&Period),
) -> Result<Simulation, Error> {
    let mut job = job.clone();
    let Some(promotion) = &mut job.spec.promotion else {
        return Err(Error::Job("the job has no [promotion], so there is nothing to replay".into()));
    };
    promotion.mode = Mode::Auto;
    let environment = promotion.environment.clone();
    let Some(column) = job.spec.data.time_column.clone() else {
        let what = "history is replayed by time; name the `time_column` in [data]";
        return Err(Error::Job(what.into()));
    };
    job.spec.predict = None;
    job.spec.alerts = vec![];
    let table = ruska::read_table(&job.train(), &job.reading()).map_err(ruska::Error::from)?;
    let times = ruska::times_of(&table.frame, &column)?;
    let moments = moments(&times, replay)?;
    let folder = tempfile::tempdir()
        .map_err(|e| Error::Io { path: "a temporary folder".into(), why: e.to_string() })?;
    let store = Store::open_scratch(folder.path())?;
    if let Some(promotion) = &job.spec.promotion {
        check_environment(&store, promotion)?;
    }
    let mut player = Player {
        job: &job,
        table: &table,
        column: &column,
        environment: &environment,
        store: &store,
        first: None,
    };
    let mut periods = vec![];
    for (i, &at_ms) in moments.iter().enumerate() {
        if replay.cancel.load(Ordering::Relaxed) {
            return Err(Error::Stopped);
        }
        let period = player.play(at_ms, moments.get(i + 1).copied(), replay)?;
        tell(&period);
        periods.push(period);
    }
    if let (true, Some(last)) = (periods.iter().all(|p| p.failed.is_some()), periods.last()) {
        let why = last.failed.as_deref().unwrap_or_default();
        return Err(Error::Job(format!("every run failed; the last one: {why}")));
    }
    Ok(summary(&job, environment, periods))
}

fn summary(job: &Job, environment: String, periods: Vec<Period>) -> Simulation {
    let promoted =
        |p: &&Period| p.report.as_ref().is_some_and(|r| r.end.outcome == JobOutcome::Promoted);
    let mean = |score: fn(&Next) -> Option<f64>| {
        let scored = periods.iter().filter_map(|p| p.next.as_ref());
        let both = scored.filter(|n| n.champion.is_some() && n.first.is_some());
        let (mut sum, mut rows) = (0.0, 0.0);
        for next in both {
            sum += score(next).unwrap_or(0.0) * next.rows as f64;
            rows += next.rows as f64;
        }
        (rows > 0.0).then(|| sum / rows)
    };
    Simulation {
        job: job.name().to_owned(),
        environment,
        promoted: periods.iter().filter(promoted).count(),
        champion: mean(|n| n.champion),
        first: mean(|n| n.first),
        metric: periods.iter().find_map(|p| p.next.as_ref()).map(|n| n.metric.clone()),
        periods,
    }
}

struct Player<'a> {
    job: &'a Job,
    table: &'a ReadTable,
    column: &'a str,
    environment: &'a str,
    store: &'a Store,
    /// The first champion.
    first: Option<u32>,
}

impl Player<'_> {
    /// Runs the job at a moment and looks at the rows up to the next one.
    fn play(
        &mut self,
        at_ms: i64,
        next: Option<i64>,
        replay: &SimulateOptions,
    ) -> Result<Period, Error> {
        let known = self.between(None, at_ms)?;
        let rows = known.frame.rows() as u64;
        let clock = move || at_ms;
        let mut setting = Setting {
            actor: "simulation",
            clock: &clock,
            workers: replay.workers,
            cancel: Arc::clone(&replay.cancel),
            watch: &mut Unwatched,
        };
        let (report, failed) = match run_on(self.store, self.job, &known, None, &mut setting) {
            Ok(report) => (Some(report), None),
            Err(Error::Stopped) => return Err(Error::Stopped),
            Err(error) => (None, Some(error.to_string())),
        };
        let champion = self.champion()?;
        self.first = self.first.or(champion);
        let next = match next {
            Some(next) => self.look_ahead(at_ms, next, champion)?,
            None => None,
        };
        Ok(Period { at_ms, rows, report, failed, champion, next })
    }

    /// The rows whose time lies in a stretch.
    fn between(&self, from_ms: Option<i64>, until_ms: i64) -> Result<ReadTable, Error> {
        let (column, until_ms) = (self.column.to_owned(), Some(until_ms));
        Ok(Part::Time(TimeRange { column, from_ms, until_ms }).of(self.table)?)
    }

    fn champion(&self) -> Result<Option<u32>, Error> {
        Ok(register::known(self.store, self.job.name())?.champion(self.environment))
    }

    /// Scores of the champion and of the first one on the rows of a stretch; nothing where there
    /// are no rows that both could be scored on.
    fn look_ahead(
        &self,
        from_ms: i64,
        until_ms: i64,
        champion: Option<u32>,
    ) -> Result<Option<Next>, Error> {
        let (Some(champion), Some(first)) = (champion, self.first) else { return Ok(None) };
        let Ok(coming) = self.between(Some(from_ms), until_ms) else { return Ok(None) };
        let load = |version| register::load(self.store, self.job.name(), version);
        let (champion, first) = (load(champion)?, load(first)?);
        let found = unseen(&coming.frame, &[("champion", &champion), ("first", &first)])?;
        let metric = self.job.spec.fit.metric.as_ref().unwrap_or(&champion.manifest().metric);
        let catalog = ruska::builtin();
        let Some(measure) = catalog.measure(metric) else { return Ok(None) };
        let truth = &found.truth;
        let rows = coming.frame.take(&truth.rows);
        let score = |model: &Model, measure: &dyn Measure| {
            let predicted = truth.align(&model.predict(&rows).ok()?);
            measure.score(&truth.truth, &predicted, truth.weights.as_deref()).ok()
        };
        Ok(Some(Next {
            rows: truth.rows.len() as u64,
            metric: metric.clone(),
            champion: score(&champion, &**measure),
            first: score(&first, &**measure),
        }))
    }
}

/// The moments of the runs: ends of periods within the times, the last one after all rows.
fn moments(times: &[i64], replay: &SimulateOptions) -> Result<Vec<i64>, Error> {
    let known = times.iter().copied().filter(|t| *t != NO_VALUE);
    let (Some(oldest), Some(newest)) = (known.clone().min(), known.max()) else {
        return Err(Error::Job("no row has a time".into()));
    };
    let mut moments = vec![];
    let mut at = after(oldest, replay.every);
    while let Some(moment) = at {
        if moments.len() == MOST_PERIODS {
            let what = format!("these are more than {MOST_PERIODS} periods; take longer ones");
            return Err(Error::Job(what));
        }
        moments.push(moment);
        at = if moment > newest { None } else { after(moment, replay.every) };
    }
    let first = match replay.from_ms {
        Some(from) => moments.partition_point(|m| *m < from),
        None => moments.len() / 3,
    };
    let moments = moments.split_off(first);
    if moments.len() < 2 {
        let what = "history has fewer than two periods to replay; take shorter or earlier ones";
        return Err(Error::Job(what.into()));
    }
    Ok(moments)
}

/// The end of the period in which a moment lies.
fn after(moment: i64, every: Every) -> Option<i64> {
    match every {
        Every::Milliseconds(length) => moment.checked_add(length.max(1)),
        Every::Months(n) => {
            let date = DateTime::from_timestamp_millis(moment)?.date_naive();
            let first = NaiveDate::from_ymd_opt(date.year(), date.month(), 1)?;
            let end = first.checked_add_months(Months::new(n.max(1)))?.and_hms_opt(0, 0, 0)?;
            Some(end.and_utc().timestamp_millis())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> i64 {
        let date: NaiveDate = text.parse().unwrap();
        date.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp_millis()
    }

    fn replay(every: Every, from_ms: Option<i64>) -> SimulateOptions {
        SimulateOptions { every, from_ms, workers: None, cancel: Arc::default() }
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        let times = [day("2026-01-15"), day("2026-04-30"), NO_VALUE];
        let found = moments(&times, &replay(Every::Months(1), Some(0))).unwrap();
        let ends = ["2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"].map(day);
        assert_eq!(found, ends);
        let found = moments(&times, &replay(Every::Months(1), None)).unwrap();
        assert_eq!(found, ends[1..]);
        let found = moments(&times, &replay(Every::Months(2), Some(0))).unwrap();
        assert_eq!(found, ["2026-03-01", "2026-05-01"].map(day));
    }

    #[test]
    fn too_few_and_too_many_periods_are_refused() {
        let times = [day("2026-01-15"), day("2026-01-20")];
        assert!(moments(&times, &replay(Every::Months(1), None)).is_err());
        assert!(moments(&times, &replay(Every::Milliseconds(1), None)).is_err());
        assert!(moments(&[], &replay(Every::Months(1), None)).is_err());
    }
}
