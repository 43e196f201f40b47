//! The `ruska` command: arguments in, tables or JSON out. All work is done by the library.

mod args;
mod commands;
mod equation;
mod output;
mod progress;

use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a command ended with, beyond errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All was done.
    Done,
    /// The user stopped it; what there was is kept.
    Stopped,
    /// A check or a verdict said no.
    SaidNo,
}

/// One message for people; the way out is part of it.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Words of the command line that make no sense.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn main() -> ExitCode {
    let started = std::time::Instant::now();
    let cli = Cli::parse();
    let say = output::Say { json: cli.json, quiet: cli.quiet, verbose: cli.verbose };
    let result = match &cli.command {
        Command::Fit(args) => commands::fit::run(args, say, started),
        Command::Predict(args) => commands::predict::run(args, say),
        Command::Evaluate(args) => commands::evaluate::run(args, say),
        Command::Explain(args) => commands::explain::run(args, say),
        Command::Diff(args) => commands::diff::run(args, say),
        Command::Drift(args) => commands::drift::run(args, say),
        Command::Leaderboard(args) => commands::studies::leaderboard(args, say),
        Command::Trials(args) => commands::studies::trials(args, say),
        Command::Studies(args) => commands::studies::list(args, say),
        Command::Resume(args) => commands::resume::run(args, say, started),
        Command::Replay(args) => commands::replay::run(args, say, started),
        Command::Profile(args) => commands::profile::run(args, say),
        Command::Check(args) => commands::check::run(args, say),
        Command::Report(args) => commands::report::run(args, say),
        Command::Model(args) => commands::model::run(args, say, started),
        Command::Dataset(args) => commands::dataset::run(args, say),
        Command::Feedback(args) => commands::feedback::run(args, say),
        Command::Environment(args) => commands::environment::run(args, say),
        Command::Job(args) => commands::job::run(args, say, started),
        Command::Scheduler(args) => commands::scheduler::run(args, say),
        Command::Init(args) => commands::init::run(args, say),
        Command::Alert(args) => commands::alert::run(args, say),
        Command::Audit(args) => commands::audit::run(args, say),
        Command::Learners => commands::catalog::learners(say),
        Command::Metrics => commands::catalog::metrics(say),
        Command::Steps => commands::catalog::steps(say),
        Command::Store(args) => commands::studies::store(args, say),
        Command::TrialWorker => commands::isolation::serve(),
    };
    match result {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::SaidNo) => ExitCode::from(3),
        Ok(Ending::Stopped) => ExitCode::from(130),
        Err(failure) if output::is_broken_pipe(failure.as_ref()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(failure.as_ref());
            let usage = failure.is::<Usage>()
                || matches!(failure.downcast_ref(), Some(ruska::Error::NoSuchId { .. }))
                || failure.downcast_ref().is_some_and(ruska_ops::Error::is_usage);
            if usage { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
