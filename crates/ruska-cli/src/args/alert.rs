//! Webhooks about jobs.

use super::Place;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AlertArgs {
    #[command(subcommand)]
    pub(crate) action: AlertAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertAction {
    /// List what stands, and the events that wait or were given up
    List {
        /// Events that were sent as well, those of the last 30 days
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Send the events that wait; exit code 1 if one is not taken
    Send {
        /// Those that were given up as well
        #[arg(long)]
        dead: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Send each receiver of a job an event to try it out; exit code 1 if one does not take it
    Test {
        /// Job file (TOML)
        file: PathBuf,
    },
}
