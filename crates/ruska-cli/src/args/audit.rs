//! The audit log.

use super::Place;
use super::job::day;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) action: AuditAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditAction {
    /// Tell who did what when, and what stood before and after
    Log {
        /// Not before this day, such as 2026-01-31, or moment, such as 2026-01-31T12:00 (UTC)
        #[arg(long, value_name = "DAY", value_parser = day)]
        since: Option<i64>,
        /// What this one did only
        #[arg(long, value_name = "NAME")]
        actor: Option<String>,
        /// A name such as churn, or one of dataset, model, job, study, store
        #[arg(long, value_name = "NAME")]
        subject: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Compute the hashes of all entries anew; exit code 3 if one does not fit
    Verify {
        /// File of heads that was kept elsewhere, or one hash
        #[arg(long, value_name = "FILE|HASH")]
        head: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Tell how far the log goes and the hash of all of it, to be kept elsewhere
    Head {
        /// Append it to this file
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
    },
}
