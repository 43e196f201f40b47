//! Trials in child processes, which can be stopped, and fail, without harm to the study.

use crate::StudySpec;
use crate::engine::{Coordinator, GRACE};
use crate::evaluate::{FoldOutcome, failed};
use crate::executor::Executor;
use crate::spec::MOST_KEPT;
use crate::wire::{Answer, GREETING, Limits, Order, bytes, frame, put, put_study, read};
use crate::worker::{Job, Shared};
use ruska_core::{Candidate, FailureKind, Stop, Task, TrialState};
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader, BufWriter, Read};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The variable that is set in the environment of child processes.
pub const TRIAL_WORKER: &str = "RUSKA_TRIAL_WORKER";

/// How often a child that is waited for is asked for its life.
const TICK: Duration = Duration::from_millis(10);
/// Bytes that a child has before it has a table.
const ROOM: u64 = 64 << 20;
/// Bytes of what a program prints that are looked at.
const WORDS: u64 = 1 << 16;

/// Which trials run in child processes, and which program these run.
///
/// A child process serves trials one after the other, has a copy of the data, ends when the study
/// does or its process is gone, and is killed where a trial overruns the end of trials. Where the
/// system enforces it (Linux does), it may have the memory of a worker beyond the data. The constant
/// always runs in the study's own process, as do the fits that make the model of chosen trials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolation {
    /// The program. Called with the arguments it must call [`crate::serve`] with the study's catalog.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables set in its environment, beside [`TRIAL_WORKER`]; backtraces are always off.
    pub environment: Vec<(String, String)>,
    /// Whether all trials run so, or only those at risk: of learners that cannot be interrupted, and
    /// those that may need more memory than a worker has.
    pub all: bool,
}

impl Coordinator<'_> {
    /// Whether a candidate's trial runs in a child process.
    pub(crate) fn is_isolated(&self, candidate: &Candidate) -> bool {
        let Some(isolation) = &self.spec.isolation else { return false };
        isolation.all || !self.stops(candidate) || self.is_large(candidate)
    }

    /// Whether a candidate may need more memory than a worker has.
    fn is_large(&self, candidate: &Candidate) -> bool {
        let learner = self.shared.catalog.learner(&candidate.learner);
        let cost = learner.and_then(|l| l.cost(&candidate.params, &self.shared.meta).ok());
        let share = self.spec.memory_share();
        cost.zip(share).is_some_and(|(cost, share)| cost.bytes > share as f64)
    }
}

/// The child processes of a study: as many as trials run in them at once, kept between trials.
pub(crate) struct Children {
    isolation: Isolation,
    /// Bytes that a trial may use beyond the data.
    share: Option<u64>,
    /// Bytes of the data.
    data: u64,
    idle: Mutex<Vec<Child>>,
}

impl Children {
    /// Those of a study, if it is to have any.
    pub(crate) fn of(spec: &StudySpec, task: &Task) -> Option<Self> {
        let isolation = spec.isolation.clone()?;
        let (share, data) = (spec.memory_share(), bytes(task, &spec.folds));
        Some(Self { isolation, share, data, idle: Mutex::default() })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Child>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A child that waits for an order.
    fn child(&self, shared: &Shared, stop: &dyn Fn() -> bool) -> Result<Child, Lost> {
        while let Some(mut child) = self.idle().pop() {
            if matches!(child.process.try_wait(), Ok(None)) {
                return Ok(child);
            }
        }
        let mut child = Child::start(&self.isolation).map_err(|why| {
            Lost::Unusable(format!("cannot start {}: {why}", self.isolation.program.display()))
        })?;
        child.frame(stop)?;
        // While a column is read it is there twice.
        let memory = self.share.map(|s| s.saturating_add(2 * self.data + ROOM));
        let derived = self.share.map_or(MOST_KEPT, |share| MOST_KEPT.min(share / 4));
        let sent = put(&mut child.orders, &Limits { memory, derived })
            .and_then(|()| put_study(&mut child.orders, shared));
        sent.map_err(|_| child.end())?;
        Ok(child)
    }

    fn too_much(&self) -> TrialState {
        let share = self.share.unwrap_or_default() as f64 / 1e6;
        failed(FailureKind::Memory, format!("it needed more than the {share:.1} MB of a worker"))
    }

    /// What became of the trial of a child that is lost.
    fn state(&self, lost: Lost) -> TrialState {
        match lost {
            Lost::Stopped => TrialState::TimedOut,
            Lost::Unusable(why) => failed(FailureKind::Crash, why),
            Lost::Ended(_, words) if wants_memory(&words) => self.too_much(),
            Lost::Ended(status, words) => {
                let how = status.map_or_else(|| "unknown".to_owned(), |s| s.to_string());
                let last = words.lines().map(str::trim).rfind(|l| !l.is_empty());
                let last = last.map_or(String::new(), |line| format!(", {line}"));
                failed(FailureKind::Crash, format!("its process ended: {how}{last}"))
            }
        }
    }
}

impl Executor for Children {
    fn folds(
        &self,
        shared: &Shared,
        job: &Job,
        next: &mut dyn FnMut(FoldOutcome) -> bool,
    ) -> Result<(), TrialState> {
        let hard_end = job.end.map(|end| end + GRACE);
        let stop = || {
            let over = hard_end.is_some_and(|end| Instant::now() >= end);
            over || (!job.always && shared.reason().is_some())
        };
        let mut child = self.child(shared, &stop).map_err(|lost| self.state(lost))?;
        let ended = child.trial(shared, job, &stop, next).map_err(|lost| self.state(lost))?;
        self.idle().push(child);
        ended.map_err(|state| match state {
            TrialState::Failed { why, .. } if wants_memory(&why) => self.too_much(),
            other => other,
        })
    }
}

/// Why a child is of no use any more.
enum Lost {
    /// It was not to go on.
    Stopped,
    /// It ended, with these last words.
    Ended(Option<ExitStatus>, String),
    /// It does not do what it should.
    Unusable(String),
}

/// A child process; killed when dropped.
struct Child {
    process: std::process::Child,
    orders: BufWriter<ChildStdin>,
    /// An empty frame for its greeting, then frames.
    frames: Receiver<Vec<u8>>,
    /// The end of what it prints to standard error, once it has ended.
    words: Option<JoinHandle<String>>,
}

impl Child {
    fn start(isolation: &Isolation) -> Result<Self, String> {
        if std::env::var_os(TRIAL_WORKER).is_some() {
            return Err("this is the process of a trial, which has no trials".into());
        }
        let mut command = Command::new(&isolation.program);
        command
            .args(&isolation.arguments)
            .envs(isolation.environment.iter().cloned())
            .env(TRIAL_WORKER, "1")
            // A backtrace takes memory, and for want of that another: the process would wait for itself.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // Ctrl-C is for the study, which tells its children.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn().map_err(|e| e.to_string())?;
        let (input, output, errors) =
            (process.stdin.take(), process.stdout.take(), process.stderr.take());
        let (Some(input), Some(output), Some(errors)) = (input, output, errors) else {
            return Err("it has no pipes".into());
        };
        let (outbox, frames) = channel();
        let listen = move || {
            let mut output = BufReader::new(output);
            let mut greeted = greeted(&mut output).then(Vec::new);
            while let Some(bytes) = greeted.take().or_else(|| frame(&mut output)) {
                if outbox.send(bytes).is_err() {
                    return;
                }
            }
        };
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let mut child = Self { process, orders: BufWriter::new(input), frames, words: None };
        thread("answers").spawn(listen).map_err(|e| e.to_string())?;
        let words = thread("words").spawn(move || last_words(errors));
        child.words = Some(words.map_err(|e| e.to_string())?);
        Ok(child)
    }

    /// Evaluates a trial: the inner result is that of [`Executor::folds`].
    fn trial(
        &mut self,
        shared: &Shared,
        job: &Job,
        stop: &dyn Fn() -> bool,
        next: &mut dyn FnMut(FoldOutcome) -> bool,
    ) -> Result<Result<(), TrialState>, Lost> {
        let left = |end: Instant| end.saturating_duration_since(Instant::now()).as_secs_f64();
        let order = Order { candidate: job.candidate.clone(), seconds: job.end.map(left) };
        put(&mut self.orders, &order).map_err(|_| self.end())?;
        loop {
            match self.answer(stop)? {
                Answer::Fold(fold) => {
                    let outcome = fold.outcome(shared).map_err(Lost::Unusable)?;
                    let go_on = next(outcome);
                    put(&mut self.orders, &go_on).map_err(|_| self.end())?;
                }
                Answer::End(ended) => return Ok(ended),
                Answer::Refused(why) => return Err(Lost::Unusable(why)),
            }
        }
    }

    fn answer<T: DeserializeOwned>(&mut self, stop: &dyn Fn() -> bool) -> Result<T, Lost> {
        let frame = self.frame(stop)?;
        read(&frame).map_err(|why| Lost::Unusable(format!("its answer: {why}")))
    }

    /// The next frame; fails when it is not to be waited for any longer, or never comes.
    fn frame(&mut self, stop: &dyn Fn() -> bool) -> Result<Vec<u8>, Lost> {
        loop {
            match self.frames.recv_timeout(TICK) {
                Ok(frame) => return Ok(frame),
                Err(RecvTimeoutError::Timeout) if stop() => return Err(Lost::Stopped),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(self.end()),
            }
        }
    }

    /// How it ended.
    fn end(&mut self) -> Lost {
        let _ = self.process.kill();
        let status = self.process.wait().ok();
        let words = self.words.take().and_then(|words| words.join().ok());
        Lost::Ended(status, words.unwrap_or_default())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether the standard library says that there is no memory: before it ends a process, or in a
/// failure of writing to memory.
fn wants_memory(words: &str) -> bool {
    words.contains("memory allocation of") || words.contains("OutOfMemory")
}

/// Whether a program greets, whatever it says before that.
fn greeted(output: &mut impl BufRead) -> bool {
    let greeting = GREETING.trim().as_bytes();
    let mut output = output.take(WORDS);
    let mut line = vec![];
    while output.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        if line.trim_ascii() == greeting {
            return true;
        }
        line.clear();
    }
    false
}

/// The end of a text.
fn last_words(mut text: impl Read) -> String {
    let (mut words, mut bytes) = (vec![], [0; 1024]);
    while let Ok(read @ 1..) = text.read(&mut bytes) {
        words.extend_from_slice(&bytes[..read]);
        let beyond = words.len().saturating_sub(WORDS as usize);
        words.drain(..beyond);
    }
    String::from_utf8_lossy(&words).into_owned()
}
