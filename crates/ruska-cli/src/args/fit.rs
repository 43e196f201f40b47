//! `fit` and `resume`.

use super::names::Names;
use super::values::{positive, share};
use super::{Actor, Place, Reading};
use clap::{Args, ValueEnum};
use ruska::notation::{bytes, duration};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TaskChoice {
    /// Told from the target
    Auto,
    /// Which class
    Classification,
    /// Which number
    Regression,
    /// Which groups there are, without a target
    Clustering,
    /// What comes next
    Forecasting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AggregateChoice {
    /// Their sum
    Sum,
    /// Their mean
    Mean,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PreferChoice {
    /// The best score
    Accuracy,
    /// The simplest learner within one standard error of the best score
    Simple,
    /// The fastest to predict with within one standard error of the best score
    Speed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct Fit {
    /// .csv, .tsv, .csv.gz, .parquet, .xlsx, a folder of one kind, a glob, or - for CSV on stdin
    pub(crate) data: String,
    /// Column to predict
    #[arg(
        long,
        value_name = "COL",
        required_unless_present = "task",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) target: String,
    /// What is asked
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) task: TaskChoice,
    /// What to optimise, see `ruska metrics` [default: auc, logloss, rmse,
    /// consensus or mase by task]
    #[arg(long, value_name = "NAME")]
    pub(crate) metric: Option<String>,
    /// Which trial gives the model
    #[arg(long, value_enum, default_value = "accuracy")]
    pub(crate) prefer: PreferChoice,
    /// Most microseconds that predicting a row may take on this machine
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) max_predict_us: Option<f64>,
    /// Whether several pipelines may share the model where their mean is better than the best
    #[arg(long, value_enum, default_value = "on")]
    pub(crate) ensemble: Switch,
    /// Time budget, such as 90s, 10m or 2h [default: 60s, or none with --trials]
    #[arg(long, value_parser = duration, value_name = "TIME")]
    pub(crate) time: Option<Duration>,
    /// Trial budget; with --time, whichever ends first
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) trials: Option<u32>,
    /// Stop when more is not expected to bring more than noise
    #[arg(long)]
    pub(crate) until_flat: bool,
    /// Print what would be tried, in what order and at what cost; run nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// Memory cap, such as 4GiB [default: 80 % of the machine]
    #[arg(long, value_parser = bytes, value_name = "SIZE")]
    pub(crate) memory: Option<u64>,
    /// Trials in parallel [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) workers: Option<u32>,
    /// Run every trial in a child process with hard limits of time and, on Linux, of memory
    /// [default: only trials of learners that cannot be interrupted, or that may need too much memory]
    #[arg(long)]
    pub(crate) isolate: bool,
    /// Seed of everything random
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) seed: u64,
    /// Share of rows kept aside and scored once at the end
    #[arg(long, value_name = "SHARE", conflicts_with = "test", value_parser = share)]
    pub(crate) holdout: Option<f64>,
    /// Labelled table scored once at the end
    #[arg(long, value_name = "FILE")]
    pub(crate) test: Option<String>,
    /// Number of groups to find [default: searched]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) clusters: Option<u32>,
    /// Least rows of a group [default: searched]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) min_cluster_size: Option<u32>,
    /// Forecasting: periods to be told ahead
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) horizon: Option<u32>,
    /// Forecasting: column that tells series apart [default: one series]
    #[arg(long, value_name = "COL")]
    pub(crate) series: Option<String>,
    /// Forecasting: columns of the levels by which series add up, from the top, such as region/store; sums
    /// are told too
    #[arg(long, value_name = "COL/COL", value_delimiter = '/')]
    pub(crate) hierarchy: Vec<String>,
    /// Forecasting: how several rows of a series and time become one [default: refused]
    #[arg(long, value_enum, value_name = "HOW")]
    pub(crate) aggregate: Option<AggregateChoice>,
    /// Forecasting: columns that are known of the periods ahead, such as holidays and prices
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) known: Vec<Names>,
    /// Forecasting: columns that are known afterwards
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) past: Vec<Names>,
    /// Forecasting: columns that are the same throughout a series
    #[arg(long = "static", value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) fixed: Vec<Names>,
    /// Number of folds [default: by rows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) folds: Option<u32>,
    /// Column whose equal values stay together in one fold
    #[arg(long, value_name = "COL", conflicts_with = "time_column")]
    pub(crate) group: Option<String>,
    /// Column by whose order folds are cut: earlier rows train, later rows test; of forecasting, the
    /// column of times
    #[arg(long, value_name = "COL")]
    pub(crate) time_column: Option<String>,
    /// Column of row weights; with --task clustering they count in fits, while shares and sizes of groups
    /// and the indices that judge them count rows
    #[arg(long, value_name = "COL")]
    pub(crate) weight: Option<String>,
    /// Column that the target was counted over, such as years insured: rates are learned, and
    /// predictions are for each row's exposure
    #[arg(long, value_name = "COL")]
    pub(crate) exposure: Option<String>,
    /// Columns not to use; may be repeated, names with commas go in quotes: '"a,b",c'
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) ignore: Vec<Names>,
    /// Columns of people's groups, such as sex: kept from the model, audited by `ruska evaluate`; may be
    /// repeated, as --ignore
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) sensitive: Vec<Names>,
    /// Learn from sensitive columns nonetheless
    #[arg(long, requires = "sensitive")]
    pub(crate) use_sensitive: bool,
    /// Weigh rows so that a class is as frequent in every group of people that sensitive columns make;
    /// scores of the search count rows so too
    #[arg(long, requires = "sensitive")]
    pub(crate) reweigh: bool,
    /// Leave out columns suspected of telling the target too; exact copies of it always are
    #[arg(long)]
    pub(crate) drop_leaks: bool,
    /// The class that precision, recall and the like are about
    #[arg(long, value_name = "LABEL")]
    pub(crate) positive: Option<String>,
    /// Types of columns: numeric, boolean, categorical, time, text, identifier, ignored; may be
    /// repeated, names with commas go in quotes: '"a,b"=text,c=time'
    #[arg(long, value_name = "COL=TYPE,...", value_parser = Names::parse)]
    pub(crate) types: Vec<Names>,
    /// Learners and steps to use
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub(crate) include: Vec<String>,
    /// Learners and steps not to use
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Settings to try first, a JSON file like portfolio.json in the sources, instead of the usual ones
    #[arg(long, value_name = "FILE")]
    pub(crate) portfolio: Option<PathBuf>,
    /// Model file [default: named after the data]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Name of the study [default: named after the data, numbered]
    #[arg(long, value_name = "NAME")]
    pub(crate) study: Option<String>,
    /// Enter the model in the register as the next version of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) register: Option<String>,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
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
    /// Run every trial in a child process with hard limits of time and, on Linux, of memory
    /// [default: only trials of learners that cannot be interrupted, or that may need too much memory]
    #[arg(long)]
    pub(crate) isolate: bool,
    /// The data, if it has moved
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<String>,
    /// Model file [default: the one of the study]
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}
