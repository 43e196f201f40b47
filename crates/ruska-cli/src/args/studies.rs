//! Views of the store.

use super::Place;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

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
    /// Only studies that predict this column
    #[arg(long, value_name = "COL")]
    pub(crate) target: Option<String>,
    /// `created`, the latest first; `name`; or a metric, the best first: studies without it are left out
    #[arg(long, default_value = "created", value_name = "ORDER")]
    pub(crate) sort: String,
    /// Rows to show [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Go on after a row of an earlier listing in the same order: its `cursor`
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
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
