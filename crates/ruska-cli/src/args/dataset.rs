//! The register of data.

use super::{Actor, Place, Reading};
use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct DatasetArgs {
    #[command(subcommand)]
    pub(crate) action: DatasetAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DatasetAction {
    /// Register what a table holds now; the same bytes make no new version
    Add {
        /// Name in the register
        name: String,
        /// .csv, .tsv, .csv.gz, .parquet, .xlsx, a folder of one kind, or a glob
        file: String,
        #[command(flatten)]
        actor: Actor,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        reading: Reading,
    },
    /// List the versions of all datasets
    List {
        /// Versions of this dataset only
        name: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Show a version: columns, the state of its file now, the models that learned from it
    Show {
        /// churn:3, or churn for its latest version
        dataset: String,
        #[command(flatten)]
        place: Place,
    },
    /// Compare two versions: columns, types, distributions
    Diff {
        /// churn:2, or churn for its latest version
        left: String,
        /// The version to compare it with [default: LEFT is compared with the version before it]
        right: Option<String>,
        /// Columns that did not change as well
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        place: Place,
    },
}
