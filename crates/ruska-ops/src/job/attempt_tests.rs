//! Runs whose processes die, stop in good order, or get on.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::job::history;
use ruska::register::{JobOutcome, JobStart, Trigger};

struct Bench {
    store: Store,
    job: Job,
    _folder: tempfile::TempDir,
}

impl Bench {
    fn new(retry: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let text =
            format!("[job]\nname = 'j'\n[data]\ntrain = 'x.csv'\ntarget = 'y'\n[retry]\n{retry}\n");
        let job = Job::parse("j.toml", text.as_bytes(), "/".into()).unwrap();
        Self { store, job, _folder: folder }
    }

    fn take(&self, attempt: u32, at_ms: i64) -> Result<i64, String> {
        let cause = Cause { trigger: Trigger::Cron, slot_ms: 0, attempt, why: String::new() };
        let taken = take(&self.store, &self.job, Some(&cause), Stamp { at_ms, actor: "a" });
        taken.map_err(|error| error.to_string())
    }

    fn begin(&self, at_ms: i64) -> JobStart {
        begin(&self.store, &self.job, "data", None, Stamp { at_ms, actor: "a" }).unwrap().0
    }

    fn outcomes(&self) -> Vec<Option<JobOutcome>> {
        let runs = history(&self.store, Some("j")).unwrap();
        runs.iter().map(|run| run.end.as_ref().map(|(_, end)| end.outcome)).collect()
    }
}

#[test]
fn a_run_at_which_processes_die_is_given_up_and_the_next_begins_anew() {
    let bench = Bench::new("");
    assert_eq!(bench.take(1, 0), Ok(0));
    bench.begin(1);
    assert_eq!((bench.take(1, 2), bench.take(1, 3)), (Ok(0), Ok(0)));
    let why = bench.take(1, 4).unwrap_err();
    assert!(why.contains("its process ended 3 times"), "{why}");
    assert_eq!(bench.outcomes(), [Some(JobOutcome::Failed)]);
    assert_eq!((bench.take(1, 5), bench.begin(6).run), (Ok(0), "2".to_owned()));
}

#[test]
fn one_that_dies_while_it_reads_is_a_failed_run_too() {
    let bench = Bench::new("attempts = 4");
    assert!((0..4).all(|at| bench.take(1, at).is_ok()));
    assert_eq!(bench.outcomes(), []);
    assert!(bench.take(1, 4).unwrap_err().contains("ended 4 times"));
    assert_eq!(bench.outcomes(), [Some(JobOutcome::Failed)]);
    // Failed attempts and dead processes count together.
    let bench = Bench::new("attempts = 4");
    assert_eq!(bench.take(4, 0), Ok(0));
    assert!(bench.take(4, 1).unwrap_err().contains("ended once"));
}

#[test]
fn what_was_left_in_good_order_goes_on_for_as_long_as_it_takes() {
    let bench = Bench::new("");
    let mut spent = 0;
    for at in (0..100_000).step_by(5000) {
        assert_eq!(bench.take(1, at), Ok(spent));
        if at == 0 {
            bench.begin(at);
        }
        // It worked for a second; then nobody did.
        leave(&bench.store, &bench.job, Stamp { at_ms: at + 1000, actor: "a" }).unwrap();
        spent += 1000;
    }
    assert_eq!(bench.outcomes(), [None]);
    // Where nothing is under way nothing is left.
    let other = Bench::new("");
    leave(&other.store, &other.job, Stamp { at_ms: 0, actor: "a" }).unwrap();
    assert_eq!(other.store.entries(Subject::Job, None).unwrap(), []);
}

#[test]
fn trials_that_ended_are_progress_and_the_last_sign_of_life_ends_a_dead_one() {
    let effort = Effort { cut_off: 2, trials: 5, taken_ms: 1000, spent_ms: 70, left: false };
    assert_eq!(effort.next(5, 1400), (3, 470));
    assert_eq!(effort.next(6, 1400), (0, 470));
    // Nothing was heard of it, or a clock was set back.
    assert_eq!((effort.next(5, i64::MIN), effort.next(5, 900)), ((3, 70), (3, 70)));
    let left = Effort { left: true, ..effort };
    assert_eq!(left.next(5, 9000), (2, 70));
}
