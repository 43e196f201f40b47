//! Views of the store.

use super::{Actor, PageFiles, Place};
use clap::{Args, Subcommand, ValueEnum};
use ruska::evaluation::Stakes;
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
pub(crate) struct Report {
    /// Study [default: the latest]
    pub(crate) study: Option<String>,
    #[command(flatten)]
    pub(crate) page: PageFiles,
    /// The table that it learned from, if it has moved
    #[arg(long, value_name = "DATA")]
    pub(crate) table: Option<String>,
    /// Forecasts: table of what is known of the periods ahead: times, series and the columns of `--known`
    #[arg(long, value_name = "DATA")]
    pub(crate) future: Option<String>,
    /// Two classes: what each outcome is worth, as in tp=100,fp=-20,fn=-50,tn=0, to tell the decisions in money
    #[arg(long, value_name = "KEY=A,...")]
    pub(crate) profit: Option<Stakes>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// How something recorded is made again.
#[derive(Debug, Args)]
pub(crate) struct Again {
    /// Fits in parallel; they change no byte [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) workers: Option<u32>,
    /// The data, if it has moved
    #[arg(long, value_name = "DATA")]
    pub(crate) data: Option<String>,
    /// Write the model made now to this file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// Study [default: the latest]
    pub(crate) study: Option<String>,
    /// Every trial, not only the one that gave the model
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) again: Again,
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
        actor: Actor,
        #[command(flatten)]
        place: Place,
    },
}
