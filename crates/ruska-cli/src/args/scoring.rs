//! Commands on a table and a model.

use super::names::Names;
use super::values::{share, size};
use super::{PageFiles, Place, Reading};
use clap::Args;
use ruska::evaluation::{Parity, Stakes};
use ruska_ops::diff::{Cost, Profit};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// Model file, or churn:3, churn@test, churn in the register
    pub(crate) model: String,
    /// Table to score, as for `fit`; forecasts need none
    #[arg(default_value = "", hide_default_value = true)]
    pub(crate) data: String,
    /// Forecasts: periods to tell [default: as many as the model was fitted for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) horizon: Option<u32>,
    /// Forecasts: table of newer values, like the one that was learned from; tell from its end on
    #[arg(long, value_name = "DATA")]
    pub(crate) from: Option<String>,
    /// Forecasts: table of what is known of the periods ahead: times, series and the columns of `--known`
    #[arg(long, value_name = "DATA")]
    pub(crate) future: Option<String>,
    /// Shares that intervals are to hold, of new rows of numbers or of what comes: 0.9,0.95; of classes,
    /// sets of labels that hold the true one [default of forecasts: 0.8]
    #[arg(long, value_name = "SHARE,...", value_delimiter = ',', value_parser = share)]
    pub(crate) interval: Vec<f64>,
    /// .csv, .csv.gz, .tsv, .parquet or .xlsx, or - for CSV on stdout
    #[arg(long, short, default_value = "-", value_name = "FILE")]
    pub(crate) output: String,
    /// Input columns to copy first, unchanged; may be repeated, names with commas go in quotes:
    /// '"a,b",c'
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) keep: Vec<Names>,
    /// Add columns with the model's version and digest
    #[arg(long)]
    pub(crate) stamp: bool,
    /// Keep every prediction in the store under the value of this column, so that `ruska feedback add` can
    /// join what came of it; MODEL must be in the register
    #[arg(long, value_name = "ID_COL")]
    pub(crate) log: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    /// Model file, or churn:3, churn@test, churn in the register
    pub(crate) model: String,
    /// Labelled table
    pub(crate) data: String,
    /// Measure rows with equal values in these columns apart, the worst first; several columns make
    /// combinations, several uses several tables
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) by: Vec<Names>,
    /// Columns of people's groups to audit, several in combination too [default: those that `fit
    /// --sensitive` named]
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) sensitive: Vec<Names>,
    /// Of two classes, tell the thresholds by group of `--sensitive` that make a rate as alike as can be, at
    /// that of the model's own decisions, and what that costs: demographic_parity (share decided for the
    /// positive class) or equal_opportunity (true positive rate)
    #[arg(long, value_name = "PARITY")]
    pub(crate) equalize: Option<Parity>,
    /// Other models to compare with on the same rows, by differences with their intervals
    #[arg(long, value_name = "MODEL,...", value_delimiter = ',')]
    pub(crate) against: Vec<String>,
    /// What each outcome is worth, of two classes: tp=100,fp=-20,fn=-50,tn=0; an amount may be a column
    /// of the table, as in fn=-amount. Of forecasts, what a unit too few and too many in store cost:
    /// under=3,over=1
    #[arg(long, value_name = "KEY=A,...")]
    pub(crate) profit: Option<Stakes>,
    /// Tell the profit of deciding from this probability on too, chosen on other rows
    #[arg(long, value_name = "P", value_parser = share, requires = "profit")]
    pub(crate) threshold: Option<f64>,
    /// Show thresholds, calibration, gains, each class and ranges of predictions in full
    #[arg(long)]
    pub(crate) detail: bool,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Model: file, or churn:3, churn@test, churn in the register
    pub(crate) model: String,
    /// Table whose predictions, groups or series are explained, as for `fit`: that of training or a
    /// newer one; with the target, importance by the metric is told
    pub(crate) data: String,
    /// Predictions: rows that are explained one by one, counted from 1
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rows: Vec<u32>,
    /// Predictions: what is to be reached by changes of these rows: a number, at least it where it is above
    /// the prediction and at most it where below, or a class [default: any other class]
    #[arg(long, value_name = "VALUE", requires = "rows", allow_negative_numbers = true)]
    pub(crate) to: Option<String>,
    /// Predictions: most rows that importance looks at [default: as many as are told in short time]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    pub(crate) sample: Option<u32>,
    /// Predictions: seed of what is drawn [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Predictions: folder for pictures of how they go with the columns that matter most. Groups: draw a
    /// map of two dimensions (principal components), a file ending in .svg. Series: folder for pictures of their past and what comes next, at most 200, those with the largest and
    /// the smallest errors
    #[arg(long, value_name = "FILE.svg|DIR")]
    pub(crate) plot: Option<PathBuf>,
    /// Series: periods to tell [default: as many as the model was fitted for]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) horizon: Option<u32>,
    /// Series: table of what is known of the periods ahead: times, series and the columns of `--known`
    #[arg(long, value_name = "DATA")]
    pub(crate) future: Option<String>,
    /// Series: shares of what comes that intervals are to hold
    #[arg(long, value_name = "SHARE,...", value_delimiter = ',', default_value = "0.8,0.95", value_parser = share)]
    pub(crate) interval: Vec<f64>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Model in use: file, or churn:3, churn@test, churn in the register
    pub(crate) old: String,
    /// Model that may replace it
    pub(crate) new: String,
    /// Table, with or without the target; with it, gains and losses are told
    pub(crate) data: String,
    /// What each outcome is worth, of two classes: tp=100,fp=-20,fn=-50,tn=0
    #[arg(long, value_name = "tp=N,fp=N,fn=N,tn=N", conflicts_with = "cost")]
    pub(crate) profit: Option<Profit>,
    /// What a unit predicted too much or too little costs, of numbers: over=1,under=3
    #[arg(long, value_name = "over=N,under=N")]
    pub(crate) cost: Option<Cost>,
    /// Of numbers: a decision changes when a prediction moves by more than this [default: the
    /// median size of the old model's out-of-fold errors]
    #[arg(long, value_name = "N", value_parser = size, allow_negative_numbers = true)]
    pub(crate) threshold: Option<f64>,
    /// Write every row with both predictions: .csv, .csv.gz, .tsv, .parquet or .xlsx
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<String>,
    /// Input columns to copy to the output, unchanged; may be repeated, names with commas go in
    /// quotes: '"a,b",c'
    #[arg(long, value_name = "COL,...", value_parser = Names::parse, requires = "output")]
    pub(crate) keep: Vec<Names>,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// Table, as for `fit`
    #[arg(value_name = "DATA")]
    pub(crate) source: String,
    /// Column to predict, to look for leaks and rare classes as well
    #[arg(long, value_name = "COL")]
    pub(crate) target: Option<String>,
    /// Types of columns: numeric, boolean, categorical, time, text, identifier, ignored; may be
    /// repeated, names with commas go in quotes: '"a,b"=text,c=time'
    #[arg(long, value_name = "COL=TYPE,...", value_parser = Names::parse)]
    pub(crate) types: Vec<Names>,
    /// Write a data contract that `ruska check` takes: what this table holds, with slack for chance
    /// [default of FILE: stdout]
    #[arg(
        long,
        value_name = "FILE.toml",
        num_args = 0..=1,
        default_missing_value = "-",
        conflicts_with_all = ["html", "data"]
    )]
    pub(crate) suggest_checks: Option<PathBuf>,
    /// Columns whose values the contract must not hold; may be repeated, names with commas go in quotes
    #[arg(long, value_name = "COL,...", value_parser = Names::parse, requires = "suggest_checks")]
    pub(crate) sensitive: Vec<Names>,
    #[command(flatten)]
    pub(crate) page: PageFiles,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct CheckData {
    /// Table, as for `fit`
    #[arg(value_name = "DATA", required_unless_present = "schema")]
    pub(crate) source: Option<String>,
    /// What the table is expected to hold: a file as `profile --suggest-checks` writes it
    #[arg(long, value_name = "FILE.toml", required_unless_present = "schema")]
    pub(crate) contract: Option<PathBuf>,
    /// Print the JSON Schema of contracts, for editors
    #[arg(long, conflicts_with = "contract")]
    pub(crate) schema: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}
