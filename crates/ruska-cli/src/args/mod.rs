//! What can be typed: one struct per command.

mod alert;
mod audit;
mod dataset;
mod drift;
mod feedback;
mod fit;
mod init;
mod job;
mod names;
mod register;
mod scheduler;
mod scoring;
mod studies;
mod values;

pub(crate) use alert::{AlertAction, AlertArgs};
pub(crate) use audit::{AuditAction, AuditArgs};
pub(crate) use dataset::{DatasetAction, DatasetArgs};
pub(crate) use drift::Drift;
pub(crate) use feedback::{FeedbackAction, FeedbackArgs, PeriodChoice};
pub(crate) use fit::{AggregateChoice, Fit, PreferChoice, Resume, Switch, TaskChoice};
pub(crate) use init::InitArgs;
pub(crate) use job::{JobAction, JobArgs, RunJob, SimulateJob};
pub(crate) use names::Names;
pub(crate) use register::{
    Actor, Answer, Entering, EnvironmentAction, EnvironmentArgs, ModelAction, ModelArgs, Promote,
    RoleChoice, Withdrawal,
};
pub(crate) use scheduler::Scheduler;
pub(crate) use scoring::{CheckData, Diff, Evaluate, Explain, Predict, Profile};
pub(crate) use studies::{Again, Format, Listing, Replay, Report, StoreAction, StoreArgs, Studies};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// AutoML in one binary: from a table to the best model and an honest leaderboard.
#[derive(Debug, Parser)]
#[command(name = "ruska", version, max_term_width = 100, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print one JSON document on stdout
    #[arg(long, global = true, display_order = 1000)]
    pub(crate) json: bool,
    /// Print results only, no progress and no findings
    #[arg(short, long, global = true, display_order = 1001)]
    pub(crate) quiet: bool,
    /// Print a line for every trial that ends
    #[arg(short, long, global = true, display_order = 1002, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Search for the best model of a table
    Fit(Box<Fit>),
    /// Score a table with a model
    Predict(Predict),
    /// Measure a model on labelled rows
    Evaluate(Evaluate),
    /// Tell what drives a model's predictions, or what its groups or series are, and draw it
    Explain(Explain),
    /// Tell what changes when a new model replaces an old one
    Diff(Diff),
    /// Tell whether a table has drifted from another one, or from what a model learned; exit code 3 if so
    Drift(Drift),
    /// Show what a study tried, best first
    Leaderboard(Listing),
    /// Show every trial of a study in the order tried, with reasons of failure
    Trials(Listing),
    /// List the studies of the store
    Studies(Studies),
    /// Go on with a study after a kill, or give it more time
    Resume(Resume),
    /// Fit what a study recorded again and compare it byte by byte; exit code 3 if it differs
    Replay(Replay),
    /// Describe a table: types, missing values, oddities
    Profile(Profile),
    /// Check a table against a data contract; exit code 3 if it breaks it
    Check(CheckData),
    /// Tell a study as a page to look at: answers first, then data, scores, what drives it, what was tried
    Report(Report),
    /// Versions of models from lab to production
    Model(ModelArgs),
    /// Registered data: versions, what changed, who learned from them
    Dataset(DatasetArgs),
    /// What became of predictions: outcomes, and what versions turned out to be worth
    Feedback(FeedbackArgs),
    /// Environments and how they differ
    #[command(name = "env")]
    Environment(EnvironmentArgs),
    /// Retraining jobs: run, validate, simulate
    Job(JobArgs),
    /// Run jobs by themselves: on time, and when their data or model ask for it
    Scheduler(Scheduler),
    /// Write a new project: jobs, rules of promotion, data folders, pipelines, schedules
    Init(InitArgs),
    /// Signed webhooks about jobs: what stands, what was not sent yet
    Alert(AlertArgs),
    /// The log of all actions: who did what when, and whether somebody changed it since
    Audit(AuditArgs),
    /// List the learners
    Learners,
    /// List the metrics
    Metrics,
    /// List the preprocessing steps
    Steps,
    /// Look after the store
    Store(StoreArgs),
    /// Evaluate trials for the process that started this one
    #[command(hide = true)]
    TrialWorker,
}

#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Sheet of an .xlsx file [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// Delimiter of a text table: one character, or `tab` [default: detected]
    #[arg(long, value_name = "CHAR")]
    pub(crate) delimiter: Option<String>,
    /// Whether the first row of a table holds the names of its columns [default: detected]
    #[arg(long, value_name = "yes|no")]
    pub(crate) header: Option<HeaderChoice>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeaderChoice {
    Yes,
    No,
}

/// A page and its tables.
#[derive(Debug, Args)]
pub(crate) struct PageFiles {
    /// Write a page that any browser shows, without a network: a file ending in .html
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,
    /// Write every table of the page as CSV and JSON into this folder
    #[arg(long, value_name = "DIR", requires = "html")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Folder of the store
    #[arg(long, env = "RUSKA_STORE", default_value = ".ruska", value_name = "DIR")]
    pub(crate) store: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
