//! Retraining jobs.

use super::Place;
use super::register::Actor;
use clap::{Args, Subcommand};
use ruska::notation::duration;
use ruska_ops::job::Every;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct JobArgs {
    #[command(subcommand)]
    pub(crate) action: JobAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobAction {
    /// Retrain, compare with the champion, promote or decline, score
    Run(RunJob),
    /// Check a job file without running it
    Validate {
        /// Job file (TOML)
        file: PathBuf,
    },
    /// Replay history: what would have been promoted, and what it would have been worth
    Simulate(SimulateJob),
    /// List past runs and how they ended
    History {
        /// Name of a job; all jobs when left out
        job: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// List the jobs that have run, with their last run
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Print the JSON Schema of job files, for editors
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct RunJob {
    /// Job file (TOML)
    pub(crate) file: PathBuf,
    /// Exit with 3 when the challenger is declined or held, or the data breaks the contract
    #[arg(long)]
    pub(crate) strict: bool,
    /// Trials run at once [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    pub(crate) workers: Option<u32>,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateJob {
    /// Job file (TOML)
    pub(crate) file: PathBuf,
    /// How often the job runs: `month`, `3months`, or a time such as 7d
    #[arg(long, default_value = "month", value_name = "PERIOD", value_parser = every)]
    pub(crate) every: Every,
    /// First run not before this day, such as 2026-01-31 [default: after a third of the periods]
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) from: Option<i64>,
    /// Trials run at once [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    pub(crate) workers: Option<u32>,
}

/// `month`, `3months`, or a length of time.
fn every(text: &str) -> Result<Every, String> {
    let text = text.trim().to_lowercase();
    let months = text.strip_suffix('s').unwrap_or(&text).strip_suffix("month");
    match months.map(str::trim) {
        Some("") => Ok(Every::Months(1)),
        Some(n) => n
            .parse()
            .ok()
            .filter(|n| (1..=1200).contains(n))
            .map(Every::Months)
            .ok_or_else(|| "expected a period such as month, 3months or 7d".into()),
        None => duration(&text)
            .map(|d| Every::Milliseconds(d.as_millis() as i64))
            .map_err(|_| "expected a period such as month, 3months or 7d".into()),
    }
}

/// A day as milliseconds since 1970.
pub(super) fn day(text: &str) -> Result<i64, String> {
    ruska::parse_time(text, false).ok_or_else(|| "expected a day such as 2026-01-31".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read() {
        assert_eq!(
            (every("month"), every("3months")),
            (Ok(Every::Months(1)), Ok(Every::Months(3)))
        );
        assert_eq!(every("7d"), Ok(Every::Milliseconds(7 * 86_400_000)));
        assert!(["", "0months", "-1month", "soon"].iter().all(|t| every(t).is_err()));
    }
}
