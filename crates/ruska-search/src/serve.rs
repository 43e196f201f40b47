//! The child's side of isolated trials.

use crate::NeverPrune;
use crate::executor::{Executor, InProcess};
use crate::wire::{Answer, FoldAnswer, GREETING, Limits, Order, frame, put, read, read_study};
use crate::worker::{Job, Shared, worker_thread};
use ruska_core::Catalog;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Evaluates the trials of the study that started this process, see [`crate::Isolation`], with the
/// learners, steps and measures of a catalog. Orders come in by `input` and results go out by
/// `output`: standard input and output, of which nothing else may make use.
///
/// Returns when `input` ends, also while a fit is running; the process must end then. Where it cannot
/// go on, for what it is sent or for want of memory, it ends the process. Fails when `output` cannot be
/// written to or the system has no thread or no limit to give.
pub fn serve(
    catalog: &Arc<Catalog>,
    mut input: impl Read,
    mut output: impl Write + Send + 'static,
) -> io::Result<()> {
    output.write_all(GREETING.as_bytes())?;
    output.flush()?;
    let Some(first) = frame(&mut input) else { return Ok(()) };
    let limits: Limits = read(&first).map_err(io::Error::other)?;
    limit(limits.memory)?;
    let (orders, inbox) = sync_channel(1);
    let catalog = Arc::clone(catalog);
    worker_thread("trial").spawn(move || {
        let worked = catch_unwind(AssertUnwindSafe(|| {
            if let Err(why) = work(&catalog, &limits, &inbox, &mut output) {
                let _ = put(&mut output, &Answer::Refused(why));
            }
        }));
        // Who waits for an answer that will not come is to know.
        std::process::exit(i32::from(worked.is_err()));
    })?;
    while let Some(frame) = frame(&mut input) {
        if orders.send(frame).is_err() {
            break;
        }
    }
    Ok(())
}

/// Sets what the process may have of memory, as far as the system enforces that: Linux does. Where it
/// ends itself for want of it, there is to be no core file.
#[cfg(unix)]
fn limit(memory: Option<u64>) -> io::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    let Some(bytes) = memory else { return Ok(()) };
    let (_, most) = getrlimit(Resource::RLIMIT_DATA)?;
    let bytes = bytes.min(most);
    Ok(setrlimit(Resource::RLIMIT_DATA, bytes, bytes)?)
}

#[cfg(not(unix))]
fn limit(_: Option<u64>) -> io::Result<()> {
    Ok(())
}

/// Takes the study and then orders until their sender is gone. Fails on what cannot be read.
fn work(
    catalog: &Arc<Catalog>,
    limits: &Limits,
    inbox: &Receiver<Vec<u8>>,
    output: &mut impl Write,
) -> Result<(), String> {
    let next = || inbox.recv().ok();
    let study = read_study(next)?;
    let (folds, task) = (Arc::new(study.folds), Arc::new(study.task));
    let what = (study.metric.as_str(), &folds, study.seed);
    let cancel = Arc::new(AtomicBool::new(false));
    let shared = Shared::new(what, (catalog, &task), Arc::new(NeverPrune), cancel);
    let shared = shared.with_derived(limits.derived);
    while let Some(order) = next() {
        let Order { candidate, seconds } = read(&order)?;
        let left = seconds.map(|s| Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX));
        let end = left.and_then(|left| Instant::now().checked_add(left));
        let job = Job { number: 0, candidate, rival: None, end, always: false, isolated: false };
        let ended = InProcess.folds(&shared, &job, &mut |outcome| {
            let answer = Answer::Fold(Box::new(FoldAnswer::of(&outcome)));
            put(output, &answer).is_ok() && next().and_then(|f| read(&f).ok()).unwrap_or(false)
        });
        if put(output, &Answer::End(ended)).is_err() {
            break;
        }
    }
    Ok(())
}
