//! Commands on a table and a model.

use super::names::Names;
use super::{Place, Reading};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// Model file, or churn:3, churn@test, churn in the register
    pub(crate) model: String,
    /// Table to score, as for `fit`
    pub(crate) data: String,
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
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// Table, as for `fit`
    pub(crate) data: String,
    /// Column to predict, to look for leaks and rare classes as well
    #[arg(long, value_name = "COL")]
    pub(crate) target: Option<String>,
    /// Types of columns: numeric, boolean, categorical, time, text, identifier, ignored; may be
    /// repeated, names with commas go in quotes: '"a,b"=text,c=time'
    #[arg(long, value_name = "COL=TYPE,...", value_parser = Names::parse)]
    pub(crate) types: Vec<Names>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}
