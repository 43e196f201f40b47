//! The scheduler.

use super::Place;
use super::register::Actor;
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Scheduler {
    /// Job files (TOML), and folders whose job files are watched, where they have triggers
    #[arg(required = true, value_name = "JOBS")]
    pub(crate) jobs: Vec<PathBuf>,
    /// Do what is due now, and end
    #[arg(long)]
    pub(crate) once: bool,
    /// Jobs run at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub(crate) parallel: u32,
    /// Trials of a job run at once [default: cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=8))]
    pub(crate) workers: Option<u32>,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
}
