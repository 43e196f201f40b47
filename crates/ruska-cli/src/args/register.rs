//! The register: models and environments.

use super::Place;
use super::studies::Again;
use super::values::share;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Who acts.
#[derive(Debug, Args)]
pub(crate) struct Actor {
    /// Who acts, for the record [default: RUSKA_ACTOR of the environment, or the account]
    #[arg(long, default_value_t = ruska::actor(), hide_default_value = true, value_name = "NAME")]
    pub(crate) actor: String,
}

/// A version of a model and why something is done to it.
#[derive(Debug, Args)]
pub(crate) struct Withdrawal {
    /// churn:3, churn@test, or churn for its version in the last environment
    pub(crate) model: String,
    /// Why, for the record
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// The answer to a proposal.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// churn:3
    pub(crate) model: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// A model file to be entered under a name.
#[derive(Debug, Args)]
pub(crate) struct Entering {
    /// Name in the register
    pub(crate) name: String,
    /// Model file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ModelArgs {
    #[command(subcommand)]
    pub(crate) action: ModelAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelAction {
    /// List the versions and where they stand
    List {
        /// Versions of this model only
        name: Option<String>,
        /// Deleted versions as well
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Show a version: facts, where it stands and stood, every decision
    Show {
        /// churn:3, churn@test, or churn for its version in the last environment
        model: String,
        /// Write its model card as Markdown
        #[arg(long)]
        card: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Enter a model file as the next version of a name
    Register(Entering),
    /// Enter a model file from elsewhere
    Import(Entering),
    /// Bring a version one environment further
    Promote(Promote),
    /// Approve the proposal of a version and deploy it
    Approve(Answer),
    /// Reject a version: it is not promoted any more
    Reject(Answer),
    /// Bring back what stood in an environment before
    Rollback {
        /// Name of the model
        name: String,
        /// The environment
        environment: String,
        /// Why, for the record
        #[arg(long, default_value = "", value_name = "TEXT")]
        reason: String,
        #[command(flatten)]
        actor: Actor,
        #[command(flatten)]
        place: Place,
    },
    /// Retire a version: it is not used any more
    Retire(Withdrawal),
    /// Take a version out of sight; its number is never used again
    Delete(Withdrawal),
    /// Make a version again from its study and compare it byte by byte; exit code 3 if it differs
    Reproduce {
        /// churn:3, churn@test, or churn for its version in the last environment
        model: String,
        #[command(flatten)]
        again: Again,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleChoice {
    /// Answers by default, and stands alone from then on
    Champion,
    /// Answers a share of requests beside the champion
    Challenger,
    /// Answers nothing; its predictions are only recorded
    Shadow,
}

#[derive(Debug, Args)]
pub(crate) struct Promote {
    /// churn:3, or churn@test for the version in an environment
    pub(crate) model: String,
    /// Where it is to stand
    pub(crate) environment: String,
    /// What it is for there
    #[arg(long, value_enum, default_value = "champion")]
    pub(crate) role: RoleChoice,
    /// Share of requests of a challenger, such as 0.1 or 10%
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub(crate) weight: Option<f64>,
    /// Why, for the record
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct EnvironmentArgs {
    #[command(subcommand)]
    pub(crate) action: EnvironmentAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EnvironmentAction {
    /// List the environments in the order of promotion
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Set the environments in the order of promotion; every version stands in the first
    Set {
        /// Their names
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
        #[command(flatten)]
        actor: Actor,
        #[command(flatten)]
        place: Place,
    },
    /// Compare what stands in two environments
    Diff {
        /// One environment
        left: String,
        /// The other
        right: String,
        #[command(flatten)]
        place: Place,
    },
}
