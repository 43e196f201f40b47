//! The scheduler: watches job files until it is told to stop, and runs what is due.

use super::conditions::holds;
use super::files::Files;
use super::keeper::{Happened, Keeper, Task, What, notice};
use crate::Error;
use crate::alert::{self, Kind, Sending};
use crate::job::{self, Job, RunReport, Setting, Watch};
use ruska::Store;
use ruska::register::{Cause, Stamp, Trigger};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Longest time between two looks at the job files.
const LOOK: Duration = Duration::from_secs(30);
/// Longest time until a stop, or a clock that was set, is seen.
const STEP: Duration = Duration::from_millis(250);
/// Pause between two looks at what is to be sent.
const PAUSE: Duration = Duration::from_secs(5);
/// How long the end waits for events to be taken.
const LAST_POST: Duration = Duration::from_secs(20);

/// What surrounds a scheduler.
pub struct Scheduler<'a> {
    /// Folder of the store.
    pub store: &'a Path,
    /// Job files, and folders in which every `.toml` file with `[triggers]` is one.
    pub jobs: &'a [PathBuf],
    /// Who runs them.
    pub actor: &'a str,
    /// Milliseconds since 1970, now.
    pub clock: &'a (dyn Fn() -> i64 + Sync),
    /// Jobs run at once, at least 1.
    pub parallel: usize,
    /// Trials of a job run at once; the number of cores when `None`.
    pub workers: Option<usize>,
    /// Do what is due now, and end.
    pub once: bool,
    /// Ends the scheduler in good order when set; what runs is stopped, and goes on with the next scheduler.
    pub stop: Arc<AtomicBool>,
    /// Is told what happens to which job.
    pub tell: &'a (dyn Fn(&str, &Happened) + Sync),
    /// Makes what is told of a run as it goes.
    pub watch: &'a (dyn Fn(&str) -> Box<dyn Watch> + Sync),
}

/// A task that is done: of which job, and for which slot conditions were looked at.
struct Done {
    job: String,
    looked: Option<i64>,
    /// Whether nothing failed.
    well: bool,
}

/// Watches jobs until it is stopped, or until all that is due is done; gives the number of runs and looks that
/// failed.
///
/// Fails when the store cannot be used or is removed or replaced meanwhile, when a file named as a job is none, and when none has triggers. A job
/// file that becomes unusable later is told of, and waits.
pub fn serve(scheduler: &Scheduler<'_>) -> Result<usize, Error> {
    let store = Store::open(scheduler.store)?;
    let mut files = Files::new(scheduler.jobs);
    let jobs = files.first(scheduler.tell)?;
    let (tasks, waiting) = channel::<Task>();
    let waiting = Mutex::new(waiting);
    let (report, reports) = channel();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let posts = scope.spawn(|| post(scheduler, &store, &over));
        let mut workers = vec![];
        for _ in 0..scheduler.parallel.max(1) {
            let (store, waiting, report) = (&store, &waiting, report.clone());
            workers.push(scope.spawn(move || work(scheduler, store, waiting, &report)));
        }
        drop(report);
        let done = watch(scheduler, &store, (files, jobs), (tasks, &reports));
        workers.into_iter().for_each(|worker| drop(worker.join()));
        over.store(true, Ordering::Relaxed);
        drop(posts.join());
        if store.is_in_place() {
            return Ok(done);
        }
        let folder = scheduler.store.display();
        Err(Error::Refused(format!(
            "the store in {folder} was removed or replaced while its jobs were watched; start the scheduler anew"
        )))
    })
}

/// Sends what people are to be told, until all is over and what was entered until then has been tried.
fn post(scheduler: &Scheduler<'_>, store: &Store, over: &AtomicBool) {
    let mut waited = PAUSE;
    loop {
        let last = over.load(Ordering::Relaxed);
        if last || waited >= PAUSE {
            let patience = if last { LAST_POST } else { PAUSE };
            let sending = Sending { clock: scheduler.clock, pause: &thread::sleep, patience };
            // What the store cannot give now it gives next time.
            let _ = alert::deliver(store, &sending);
            waited = Duration::ZERO;
        }
        if last {
            return;
        }
        thread::sleep(STEP);
        waited += STEP;
    }
}

/// Decides, again and again; what takes time is handed to the workers, who end with the sender.
fn watch(
    scheduler: &Scheduler<'_>,
    store: &Store,
    (mut files, mut jobs): (Files<'_>, Vec<Job>),
    (tasks, reports): (Sender<Task>, &Receiver<Done>),
) -> usize {
    let mut keeper = Keeper::new(store, scheduler.actor, scheduler.once);
    let (mut running, mut failed) = (0usize, 0);
    loop {
        let now = (scheduler.clock)();
        let mut tell = |job: &str, happened| (scheduler.tell)(job, &happened);
        let (due, next) = keeper.tick(&jobs, now, &mut tell);
        running += due.len();
        due.into_iter().for_each(|task| tasks.send(task).unwrap_or(()));
        let mut until = now.saturating_add(LOOK.as_millis() as i64);
        until = until.min(next.unwrap_or(i64::MAX));
        if scheduler.once && running == 0 {
            return failed;
        }
        loop {
            if !store.is_in_place() {
                // What is written now is lost, so what runs is stopped too.
                scheduler.stop.store(true, Ordering::Relaxed);
            }
            if scheduler.stop.load(Ordering::Relaxed) {
                return failed;
            }
            match reports.recv_timeout(STEP) {
                Ok(Done { job, looked, well }) => {
                    running -= 1;
                    failed += usize::from(!well);
                    keeper.done(&job, looked);
                    break;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return failed,
            }
            let at = (scheduler.clock)();
            // A clock that was set back waits no longer than it would have.
            if at >= until || at < now {
                break;
            }
        }
        jobs = files.again(scheduler.tell);
    }
}

/// Does tasks until there are no more to come.
fn work(
    scheduler: &Scheduler<'_>,
    store: &Store,
    waiting: &Mutex<Receiver<Task>>,
    report: &Sender<Done>,
) {
    loop {
        let task = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(task) = task else { return };
        let job = task.job.name().to_owned();
        let looked = match &task.what {
            What::Look { slot_ms } => Some(*slot_ms),
            What::Run(_) => None,
        };
        let stopped = scheduler.stop.load(Ordering::Relaxed);
        let well = stopped || carry_out(scheduler, store, &task);
        drop(task);
        if report.send(Done { job, looked, well }).is_err() {
            return;
        }
    }
}

/// Runs what is due, or looks whether something is; tells whether nothing failed.
fn carry_out(scheduler: &Scheduler<'_>, store: &Store, task: &Task) -> bool {
    let tell = |happened: &Happened| (scheduler.tell)(task.job.name(), happened);
    match run_task(scheduler, store, task) {
        Ok(Some(report)) => tell(&Happened::Ended(Box::new(report))),
        // It goes on with the next scheduler, or nothing is due.
        Ok(None) | Err(Error::Stopped) => {}
        Err(error) => {
            tell(&Happened::Failed { why: error.to_string() });
            return false;
        }
    }
    true
}

/// The report of a run, if one was due.
fn run_task(
    scheduler: &Scheduler<'_>,
    store: &Store,
    Task { job, what, .. }: &Task,
) -> Result<Option<RunReport>, Error> {
    let stamp = || Stamp { at_ms: (scheduler.clock)(), actor: scheduler.actor };
    let cause = match what {
        What::Run(cause) => cause.clone(),
        What::Look { slot_ms } => {
            let Some(triggers) = &job.spec().triggers else { return Ok(None) };
            let found = holds(store, job, triggers, (scheduler.clock)())?;
            if found.drift == Some(false) {
                alert::recover(
                    store,
                    job,
                    (Kind::Drift, ""),
                    "new rows have not drifted",
                    stamp(),
                )?;
            }
            let Some((trigger, why)) = found.due else { return Ok(None) };
            if trigger == Trigger::Drift {
                alert::raise(store, job, &notice(Kind::Drift, &why), stamp())?;
            }
            Cause { trigger, slot_ms: *slot_ms, attempt: 1, why }
        }
    };
    (scheduler.tell)(job.name(), &Happened::Begun(cause.clone()));
    let mut watch = (scheduler.watch)(job.name());
    let mut setting = Setting {
        actor: scheduler.actor,
        clock: scheduler.clock,
        workers: scheduler.workers,
        cancel: Arc::clone(&scheduler.stop),
        watch: &mut *watch,
    };
    let report = job::run_held(store, job, Some(cause), &mut setting)?;
    let run = format!("run {} ended", report.end.run);
    alert::recover(store, job, (Kind::Missed, ""), &run, stamp())?;
    if let Some(version) = report.end.version {
        let learned = format!("{}:{version} has learned from these rows", job.name());
        alert::recover(store, job, (Kind::Drift, ""), &learned, stamp())?;
    }
    Ok(Some(report))
}
