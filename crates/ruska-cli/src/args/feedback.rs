//! Outcomes of predictions.

use super::{Place, Reading};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct FeedbackArgs {
    #[command(subcommand)]
    pub(crate) action: FeedbackAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedbackAction {
    /// Keep what came of predictions that `predict --log` logged; the same file again changes nothing
    Add {
        /// Table of outcomes: .csv, .tsv, .csv.gz, .parquet, .xlsx, a folder of one kind, a glob, or -
        file: String,
        /// Name of the model in the register
        #[arg(long, value_name = "NAME")]
        model: String,
        /// Column of ids, as predictions were logged under
        #[arg(long, value_name = "COL")]
        id: String,
        /// Column of what came; what is missing (empty, NA, ?) is not known yet
        #[arg(long, value_name = "COL")]
        outcome: String,
        /// Column of the times at which it was so; of several outcomes of an id the newest counts
        /// [default: now, and of several rows of an id the last]
        #[arg(long, value_name = "COL")]
        time: Option<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        reading: Reading,
    },
    /// Measure each version by the outcomes that are known
    Show {
        /// Name of the model in the register
        model: String,
        /// Measure predictions of each day, week or month apart, UTC
        #[arg(long, value_name = "day|week|month")]
        by: Option<PeriodChoice>,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PeriodChoice {
    Day,
    Week,
    Month,
}
