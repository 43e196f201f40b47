//! Trials in child processes, which run this program as well.

use crate::{Ending, Failure};
use ruska::{AutoMl, Isolation};
use std::path::PathBuf;

/// The words by which this program serves trials.
const WORDS: [&str; 1] = ["trial-worker"];

/// Memory that the allocator only reserves is not to count against the limit.
const ENVIRONMENT: [(&str, &str); 1] = [("MIMALLOC_ARENA_EAGER_COMMIT", "0")];

/// Runs all trials in child processes, or those at risk. Fails where all are to and the system does
/// not tell what program this is.
pub(crate) fn isolated(search: AutoMl, all: bool) -> Result<AutoMl, Failure> {
    let arguments = WORDS.map(str::to_owned).to_vec();
    let environment = ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    match program() {
        Ok(program) => Ok(search.isolate(Isolation { program, arguments, environment, all })),
        Err(_) if !all => Ok(search),
        Err(error) => Err(error.into()),
    }
}

/// This program, also where its file has been replaced since it was started.
fn program() -> std::io::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe() }
}

/// Serves the process that started this one.
pub(crate) fn serve() -> Result<Ending, Failure> {
    ruska::serve_trials(ruska::builtin())?;
    Ok(Ending::Done)
}
