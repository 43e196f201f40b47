//! New projects.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Name of the project, its job and its model
    pub(crate) name: String,
    /// Table to learn from [default: a small made-up one that comes with the project]
    #[arg(long, value_name = "DATA", requires = "target")]
    pub(crate) data: Option<String>,
    /// Column to predict
    #[arg(long, value_name = "COL", requires = "data")]
    pub(crate) target: Option<String>,
    /// Folder to make [default: the name]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
}
