//! What can be typed: one struct per command.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// AutoML in one binary: from a table to the best model and an honest leaderboard.
#[derive(Debug, Parser)]
#[command(name = "ruska", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON document on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print results only, no progress and no findings
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print a line for every trial that ends
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Search for the best model of a table
    Fit(Box<Fit>),
    /// Score a table with a model
    Predict(Predict),
    /// Measure a model on labelled rows
    Evaluate(Evaluate),
    /// Show what a study tried, best first
    Leaderboard(Listing),
    /// Show every trial of a study in the order tried, with reasons of failure
    Trials(Listing),
    /// List the studies of the store
    Studies(Studies),
    /// Go on with a study after a kill, or give it more time
    Resume(Resume),
    /// Describe a table: types, missing values, oddities
    Profile(Profile),
    /// List the learners
    Learners,
    /// List the metrics
    Metrics,
    /// List the preprocessing steps
    Steps,
    /// Look after the store
    Store(StoreArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Sheet of an .xlsx file [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Delimiter of a text table: one character, or `tab` [default: detected]
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Folder of the store
    #[arg(long, env = "RUSKA_STORE", default_value = ".ruska", value_name = "DIR")]
    pub(crate) store: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TaskChoice {
    /// Told from the target
    Auto,
    /// Which class
    Classification,
    /// Which number
    Regression,
}

#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// .csv, .tsv, .csv.gz, .parquet, .xlsx, a folder of one kind, a glob, or - for CSV on stdin
    pub(crate) data: String,
    /// Column to predict
    #[arg(long, value_name = "COL")]
    pub(crate) target: String,
    /// What is asked
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) task: TaskChoice,
    /// What to optimise, see `ruska metrics` [default: auc, logloss or rmse by task]
    #[arg(long, value_name = "NAME")]
    pub(crate) metric: Option<String>,
    /// Time budget, such as 90s, 10m or 2h [default: 60s, or none with --trials]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) time: Option<Duration>,
    /// Trial budget; with --time, whichever ends first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) trials: Option<u32>,
    /// Memory cap, such as 4GiB [default: 80 % of the machine]
    #[arg(long, value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: Option<u64>,
    /// Trials in parallel [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) workers: Option<u32>,
    /// Seed of everything random
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// Share of rows kept aside and scored once at the end
    #[arg(long, value_name = "SHARE", conflicts_with = "test", value_parser = share)]
    pub(crate) holdout: Option<f64>,
    /// Labelled table scored once at the end
    #[arg(long, value_name = "FILE")]
    pub(crate) test: Option<String>,
    /// Number of folds [default: by rows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) folds: Option<u32>,
    /// Column whose equal values stay together in one fold
    #[arg(long, value_name = "COL", conflicts_with = "time_column")]
    pub(crate) group: Option<String>,
    /// Column by whose order folds are cut: earlier rows train, later rows test
    #[arg(long, value_name = "COL")]
    pub(crate) time_column: Option<String>,
    /// Column of row weights
    #[arg(long, value_name = "COL")]
    pub(crate) weight: Option<String>,
    /// Columns not to use
    #[arg(long, value_name = "COL,...", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// The class that precision, recall and the like are about
    #[arg(long, value_name = "LABEL")]
    pub(crate) positive: Option<String>,
    /// Types of columns: numeric, boolean, categorical, time, text, identifier, ignored
    #[arg(long, value_name = "COL=TYPE,...", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    /// Learners and steps to use
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub(crate) include: Vec<String>,
    /// Learners and steps not to use
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Model file [default: named after the data]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Name of the study [default: named after the data, numbered]
    #[arg(long, value_name = "NAME")]
    pub(crate) study: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// Model file
    pub(crate) model: PathBuf,
    /// Table to score, as for `fit`
    pub(crate) data: String,
    /// .csv, .csv.gz, .tsv, .parquet or .xlsx, or - for CSV on stdout
    #[arg(long, short, default_value = "-", value_name = "FILE")]
    pub(crate) output: String,
    /// Input columns to copy first, unchanged
    #[arg(long, value_name = "COL,...", value_delimiter = ',')]
    pub(crate) keep: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    /// Model file
    pub(crate) model: PathBuf,
    /// Labelled table
    pub(crate) data: String,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Listing {
    /// Study [default: the latest]
    pub(crate) study: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Studies {
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// Study [default: the latest]
    pub(crate) study: Option<String>,
    /// Time for this run [default: 60s, or none with a trial budget]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) time: Option<Duration>,
    /// Trials of the whole study, those already done included [default: what it was started with]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) trials: Option<u32>,
    /// Trials in parallel [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) workers: Option<u32>,
    /// Memory cap, such as 4GiB [default: 80 % of the machine]
    #[arg(long, value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: Option<u64>,
    /// The data, if it has moved
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<String>,
    /// Model file [default: the one of the study]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// Table, as for `fit`
    pub(crate) data: String,
    /// Column to predict, to look for leaks and rare classes as well
    #[arg(long, value_name = "COL")]
    pub(crate) target: Option<String>,
    /// Types of columns: numeric, boolean, categorical, time, text, identifier, ignored
    #[arg(long, value_name = "COL=TYPE,...", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    #[command(subcommand)]
    pub(crate) action: StoreAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreAction {
    /// Copy the store while it may be in use
    Backup {
        /// Folder to make
        to: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..split].parse().ok()?;
    Some((number, text[split..].trim().to_ascii_lowercase()))
}

/// `60s`, `1.5m`, `2h`, `500ms`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let seconds = number_and_unit(text).and_then(|(n, unit)| match unit.as_str() {
        "ms" => Some(n / 1000.0),
        "" | "s" => Some(n),
        "m" | "min" => Some(n * 60.0),
        "h" => Some(n * 3600.0),
        "d" => Some(n * 86_400.0),
        _ => None,
    });
    let seconds = seconds.filter(|s| *s > 0.0 && *s < 1e9);
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a time such as 90s, 10m or 2h".into())
}

/// `4GiB`, `500MB`, `1g`; a bare number is bytes.
fn bytes(text: &str) -> Result<u64, String> {
    let bytes = number_and_unit(text).and_then(|(n, unit)| {
        let scale = match unit.as_str() {
            "" | "b" => 1.0,
            "k" | "kib" => 1024.0,
            "kb" => 1e3,
            "m" | "mib" => 1024f64.powi(2),
            "mb" => 1e6,
            "g" | "gib" => 1024f64.powi(3),
            "gb" => 1e9,
            "t" | "tib" => 1024f64.powi(4),
            "tb" => 1e12,
            _ => return None,
        };
        Some(n * scale)
    });
    let bytes = bytes.filter(|b| *b >= 1.0 && *b < 1e18);
    bytes.map(|b| b as u64).ok_or_else(|| "expected a size such as 512MiB or 4GB".into())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.trim().strip_suffix('%').map_or_else(
        || text.trim().parse::<f64>().ok(),
        |percent| percent.trim().parse::<f64>().ok().map(|p| p / 100.0),
    );
    share
        .filter(|s| *s > 0.0 && *s < 1.0)
        .ok_or_else(|| "expected a share such as 0.2 or 20%".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_sizes_and_shares_are_read() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2h"), Ok(Duration::from_hours(2)));
        assert!(duration("soon").is_err() && duration("-3s").is_err() && duration("0").is_err());
        assert_eq!(bytes("4GiB"), Ok(4 << 30));
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert!(bytes("much").is_err());
        assert_eq!(share("20%"), Ok(0.2));
        assert!(share("1.5").is_err());
    }
}
