//! `ruska resume`: go on with a study.

use crate::args::Resume;
use crate::commands::fit::{budget, default_output, execute};
use crate::commands::isolation::isolated;
use crate::output::Say;
use crate::{Ending, Failure};
use ruska::AutoMl;
use std::time::{Duration, Instant};

/// Sets a study up again from its record and runs it.
pub(crate) fn run(args: &Resume, say: Say, started: Instant) -> Result<Ending, Failure> {
    let mut search = AutoMl::resume(&args.place.store, args.study.as_deref())?.started(started);
    if let Some(data) = &args.data {
        search = search.data(data);
    }
    let trials = args.trials.or(search.trial_budget());
    let default = trials.is_none().then_some(Duration::from_mins(1));
    let time = args.time.or(default);
    let recorded = search.output_path();
    let output = args.output.clone().or(recorded);
    let output = output.unwrap_or_else(|| default_output(search.data_source()));
    search = budget(search.output(&output), time, trials, args.workers, args.memory);
    search = isolated(search, args.isolate)?;
    execute(search, say, started, (time, trials), &output, None)
}
