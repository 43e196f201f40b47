//! `ruska drift`.

use super::names::Names;
use super::{PageFiles, Place, Reading};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Drift {
    /// What is compared with: a table, or a model (file, or churn:3, churn@test, churn in the register),
    /// which remembers the distributions of its training data
    pub(crate) reference: String,
    /// Table of today, as for `fit`
    pub(crate) current: String,
    /// With a table as reference: model whose predictions on both are compared, and which tells the target
    /// and how much each column matters
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Columns to look at [default: all]; may be repeated, names with commas go in quotes: '"a,b",c'
    #[arg(long, value_name = "COL,...", value_parser = Names::parse)]
    pub(crate) columns: Vec<Names>,
    /// Distance that is worth naming: 0.2 for all columns, or age=0.2,"a,b"=0.3 [default: 0.1]
    #[arg(long, value_name = "N|COL=N,...", value_parser = Names::parse)]
    pub(crate) threshold: Vec<Names>,
    #[command(flatten)]
    pub(crate) page: PageFiles,
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) reading: Reading,
}
