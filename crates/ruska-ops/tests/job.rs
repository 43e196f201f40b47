//! Retraining jobs from the first model to a replaced champion.
#![allow(clippy::unwrap_used)]

use ruska::register::{JobOutcome, Role, Stamp, Verdict};
use ruska::{Event, Store};
use ruska_ops::Error;
use ruska_ops::job::{
    Every, Job, RunReport, Setting, SimulateOptions, Unwatched, Watch, history, run, simulate,
};
use ruska_ops::register::{Promotion, approve, delete, promote, rollback, state};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const NOW: i64 = 1_795_521_600_000;

/// A folder with data, a store and a job file.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(place.path("data")).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> Store {
        Store::open(&self.path("store")).unwrap()
    }

    /// A month of rows, on its first 28 days. `slope` says how much `x` tells of `y`; `z` tells the rest.
    fn month(&self, month: u32, rows: usize, slope: f64) {
        let mut state = u64::from(month) * 7919 + 1;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1u32 << 31)
        };
        let mut text = "month,id,x,z,y\n".to_owned();
        for i in 0..rows {
            let (x, z) = (uniform() - 0.5, uniform() - 0.5);
            let score = 4.0 * (slope * x + (1.0 - slope) * z);
            let y = if uniform() < 1.0 / (1.0 + (-score).exp()) { "yes" } else { "no" };
            writeln!(text, "2026-{month:02}-{:02},{month}-{i},{x:.4},{z:.4},{y}", 1 + i % 28)
                .unwrap();
        }
        std::fs::write(self.path(&format!("data/m{month:02}.csv")), text).unwrap();
    }

    fn job(&self, rest: &str) -> Job {
        self.try_job(rest).unwrap()
    }

    fn try_job(&self, rest: &str) -> Result<Job, Error> {
        let text = format!(
            "[job]\nname = \"churn\"\n[data]\ntrain = \"data/m*.csv\"\ntarget = \"y\"\n\
             time_column = \"month\"\nignore = [\"id\"]\n[fit]\ntrials = 4\nmetric = \"auc\"\n\
             include = [\"linear\"]\n{rest}"
        );
        let path = self.path("churn.toml");
        std::fs::write(&path, text).unwrap();
        Job::load(&path)
    }

    fn run(&self, job: &Job) -> Result<RunReport, Error> {
        self.run_watched(job, &mut Unwatched, &Arc::default())
    }

    fn run_watched(
        &self,
        job: &Job,
        watch: &mut dyn Watch,
        cancel: &Arc<AtomicBool>,
    ) -> Result<RunReport, Error> {
        let mut setting = Setting {
            actor: "ann",
            clock: &|| NOW,
            workers: Some(1),
            cancel: Arc::clone(cancel),
            watch,
        };
        run(&self.path("store"), job, &mut setting)
    }

    fn champion(&self, environment: &str) -> Option<u32> {
        state(&self.store(), "churn").unwrap().champion(environment)
    }
}

const AUTO: &str = "[promotion]\nenvironment = \"prod\"\ntest = \"28d\"\nmin_rows = 200\n\
                    [[promotion.rule]]\nmetric = \"auc\"\nrequire = \"better\"\nmin = 0.55\n";

#[test]
fn a_champion_is_replaced_when_the_world_changes_and_only_then() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 600, 0.9));
    let job = place.job(AUTO);
    let first = place.run(&job).unwrap();
    assert_eq!((first.end.outcome, first.end.version), (JobOutcome::Promoted, Some(1)));
    assert!(["dev", "test", "prod"].iter().all(|e| place.champion(e) == Some(1)));

    // Of what is new to the champion the challenger learns from about half, whole days, and the
    // rest compares.
    let again = place.run(&job).unwrap();
    assert_eq!((again.end.outcome, again.end.version), (JobOutcome::Declined, Some(2)));
    assert_eq!(again.decision.unwrap().decision.rows, 294);

    // More of the same is no reason to replace it.
    (4..=5).for_each(|m| place.month(m, 600, 0.9));
    let same = place.run(&job).unwrap();
    assert_eq!((same.end.outcome, same.end.version), (JobOutcome::Declined, Some(3)));

    (6..=7).for_each(|m| place.month(m, 600, 0.1));
    let changed = place.run(&job).unwrap();
    assert_eq!((changed.end.outcome, changed.end.version), (JobOutcome::Promoted, Some(4)));
    assert_eq!(place.champion("prod"), Some(4));
    let decision = changed.decision.unwrap().decision;
    assert_eq!((decision.champion, decision.verdict), (Some(1), Verdict::Promote));
    assert_eq!(decision.rows, 600);
    assert!(decision.rules[0].low.unwrap() > 0.0);
    let ends: Vec<_> = history(&place.store(), Some("churn")).unwrap();
    assert!(ends.iter().all(|r| r.end.is_some()) && ends.len() == 4);
}

#[test]
fn without_a_time_column_rows_that_neither_has_seen_are_compared_on() {
    let place = Place::new();
    (1..=2).for_each(|m| place.month(m, 1000, 0.9));
    let job = place.job(AUTO);
    let text = std::fs::read_to_string(place.path("churn.toml")).unwrap();
    let text = text.replace("time_column = \"month\"\n", "").replace("test = \"28d\"\n", "");
    let text = text.replace("ignore = [\"id\"]", "ignore = [\"id\", \"month\"]");
    assert_eq!(job.name(), "churn");
    std::fs::write(place.path("churn.toml"), text).unwrap();
    let job = Job::load(&place.path("churn.toml")).unwrap();
    assert_eq!(place.run(&job).unwrap().end.outcome, JobOutcome::Promoted);
    (3..=5).for_each(|m| place.month(m, 1000, 0.1));
    let report = place.run(&job).unwrap();
    assert_eq!(report.end.outcome, JobOutcome::Promoted, "{}", report.end.reason);
    // A fifth of 5000 rows is kept from every model; few seem to be known.
    let rows = report.decision.unwrap().decision.rows;
    assert!((900..=1100).contains(&rows), "{rows}");
}

#[test]
fn a_person_decides_where_the_job_says_so() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 400, 0.9));
    let manual = AUTO.replace("[promotion]", "[promotion]\nmode = \"manual\"\nexpires = \"2d\"");
    let job = place.job(&manual);
    let report = place.run(&job).unwrap();
    assert_eq!(report.end.outcome, JobOutcome::Proposed);
    assert_eq!(place.champion("prod"), None);
    let reference = "churn:1".parse().unwrap();
    let late = Stamp { at_ms: NOW + 3 * 86_400_000, actor: "bob" };
    let error = approve(&place.store(), &reference, "fine", late).unwrap_err().to_string();
    assert!(error.contains("lapsed"), "{error}");
    let soon = Stamp { at_ms: NOW + 86_400_000, actor: "bob" };
    approve(&place.store(), &reference, "fine", soon).unwrap();
    assert_eq!(place.champion("prod"), Some(1));
}

#[test]
fn too_few_new_rows_hold() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 300, 0.9));
    place.run(&place.job(AUTO)).unwrap();
    (4..=5).for_each(|m| place.month(m, 150, 0.1));
    let report = place.run(&place.job(AUTO)).unwrap();
    assert_eq!(report.end.outcome, JobOutcome::Held);
    assert!(report.end.reason.contains("150 rows"), "{}", report.end.reason);
    assert_eq!(place.champion("prod"), Some(1));
}

#[test]
fn a_rule_of_another_task_stops_the_run() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 300, 0.9));
    let other = "metric = \"rmse\"\nmax = 10";
    let rule = AUTO.replace("metric = \"auc\"\nrequire = \"better\"\nmin = 0.55", other);
    let error = place.run(&place.job(&rule)).unwrap_err().to_string();
    assert!(error.contains("`rmse` is no metric of classification"), "{error}");
    assert!(state(&place.store(), "churn").is_err(), "nothing is registered");
}

#[test]
fn what_people_did_not_want_is_not_promoted_again() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 600, 0.9));
    let job = place.job(AUTO);
    place.run(&job).unwrap();
    (4..=7).for_each(|m| place.month(m, 600, 0.1));
    assert_eq!(place.run(&job).unwrap().end.outcome, JobOutcome::Promoted);
    let stamp = Stamp { at_ms: NOW, actor: "bob" };
    rollback(&place.store(), "churn", "prod", "too early", stamp).unwrap();
    let again = place.run(&job).unwrap();
    assert_eq!((again.end.outcome, again.end.version), (JobOutcome::Declined, Some(2)));
    let reason = again.end.reason;
    assert!(
        reason.contains("rolled back from prod by bob") && reason.contains("too early"),
        "{reason}"
    );
    for environment in ["dev", "test"] {
        // Out of every environment, so that it can be deleted.
        let first = Promotion { environment, role: Role::Champion, weight: None, reason: "" };
        promote(&place.store(), &"churn:1".parse().unwrap(), &first, stamp).unwrap();
    }
    delete(&place.store(), &"churn:2".parse().unwrap(), "wrong", stamp).unwrap();
    let deleted = place.run(&job).unwrap();
    assert_eq!(deleted.end.outcome, JobOutcome::Declined, "{}", deleted.end.reason);
    assert!(deleted.end.reason.contains("churn:2 was deleted by bob"), "{}", deleted.end.reason);
    assert_eq!(place.champion("prod"), Some(1));
}

#[test]
fn rows_whose_outcome_is_not_known_yet_are_no_reason_to_wait() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 600, 0.9));
    place.run(&place.job(AUTO)).unwrap();
    (4..=7).for_each(|m| place.month(m, 600, 0.1));
    place.month(8, 600, 0.1);
    let open = place.path("data/m08.csv");
    let text = std::fs::read_to_string(&open).unwrap();
    std::fs::write(&open, text.replace(",yes\n", ",\n").replace(",no\n", ",\n")).unwrap();
    let report = place.run(&place.job(AUTO)).unwrap();
    assert_eq!(report.end.outcome, JobOutcome::Promoted, "{}", report.end.reason);
    let decision = report.decision.unwrap().decision;
    assert_eq!((decision.rows, decision.left_out["without a target"]), (600, 600));
}

#[test]
fn scores_never_become_training_data_and_their_failure_hides_nothing() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 300, 0.9));
    place.month(9, 50, 0.9);
    std::fs::rename(place.path("data/m09.csv"), place.path("new.csv")).unwrap();
    let with = |output: &str, keep: &str| {
        format!("{AUTO}[predict]\ninput = \"new.csv\"\noutput = \"{output}\"\nkeep = [{keep}]\n")
    };
    let refused = |text: &str| {
        let run = place.try_job(text).and_then(|job| place.run(&job));
        run.unwrap_err().to_string()
    };
    for output in ["data/m01.csv", "data/m-{date}.csv", "data/../data/m02.csv"] {
        let error = refused(&with(output, ""));
        assert!(error.contains("training data"), "{error}");
    }
    let error = refused(&with("out.csv", "").replace("new.csv", "nothing.csv"));
    assert!(error.contains("there is no file"), "{error}");
    let error = refused(&with("out.csv", "\"nope\""));
    assert!(error.contains("nope"), "{error}");
    // What only the writing finds leaves what was decided.
    let report = place.run(&place.job(&with("new.csv/out.csv", ""))).unwrap();
    assert_eq!((report.end.outcome, report.end.version), (JobOutcome::Promoted, Some(1)));
    assert!(report.end.not_scored.unwrap().contains("new.csv"));
    assert_eq!(place.champion("prod"), Some(1));
}

#[test]
fn one_proposal_waits_however_often_the_job_runs() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 400, 0.9));
    let job = place.job(&AUTO.replace("[promotion]", "[promotion]\nmode = \"manual\""));
    for _ in 0..2 {
        assert_eq!(place.run(&job).unwrap().end.outcome, JobOutcome::Proposed);
    }
    assert_eq!(state(&place.store(), "churn").unwrap().proposals.len(), 1);
    let stamp = Stamp { at_ms: NOW, actor: "bob" };
    let done = approve(&place.store(), &"churn".parse().unwrap(), "fine", stamp).unwrap();
    assert_eq!((done.version, place.champion("prod")), (1, Some(1)));
}

#[test]
fn a_job_does_not_answer_another_question_under_the_same_name() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 300, 0.9));
    place.run(&place.job(AUTO)).unwrap();
    let text = std::fs::read_to_string(place.path("churn.toml")).unwrap();
    let other = text
        .replace("target = \"y\"", "target = \"z\"")
        .replace("metric = \"auc\"\ninclude", "include");
    std::fs::write(place.path("churn.toml"), other).unwrap();
    let error = place.run(&Job::load(&place.path("churn.toml")).unwrap()).unwrap_err().to_string();
    assert!(error.contains("churn:1 predicts `y`, the job `z`"), "{error}");
    assert_eq!(state(&place.store(), "churn").unwrap().versions.len(), 1);
}

/// Cancels the search when some trials have ended.
struct StopAfter(usize, Arc<AtomicBool>);

impl Watch for StopAfter {
    fn event(&mut self, event: &Event) {
        if matches!(event, Event::TrialEnded { .. }) {
            self.0 -= 1;
            self.1.store(self.0 == 0, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_model() {
    let (whole, broken) = (Place::new(), Place::new());
    for place in [&whole, &broken] {
        (1..=3).for_each(|m| place.month(m, 300, 0.9));
    }
    let expected = whole.run(&whole.job(AUTO)).unwrap();
    let cancel = Arc::new(AtomicBool::new(false));
    let mut watch = StopAfter(2, Arc::clone(&cancel));
    let stopped = broken.run_watched(&broken.job(AUTO), &mut watch, &cancel);
    assert!(matches!(stopped, Err(Error::Stopped)), "{stopped:?}");
    assert!(history(&broken.store(), None).unwrap()[0].end.is_none());
    let report = broken.run(&broken.job(AUTO)).unwrap();
    assert!(report.resumed);
    assert_eq!((report.end.run.as_str(), &report.study), ("1", &expected.study));
    let digest =
        |place: &Place| state(&place.store(), "churn").unwrap().versions[&1].version.digest.clone();
    assert_eq!(digest(&broken), digest(&whole));
}

#[test]
fn a_run_that_was_cut_off_is_abandoned_when_its_data_changed() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 300, 0.9));
    let cancel = Arc::new(AtomicBool::new(false));
    let mut watch = StopAfter(1, Arc::clone(&cancel));
    place.run_watched(&place.job(AUTO), &mut watch, &cancel).unwrap_err();
    place.month(4, 300, 0.9);
    let report = place.run(&place.job(AUTO)).unwrap();
    assert!(!report.resumed);
    let outcomes: Vec<JobOutcome> = history(&place.store(), None)
        .unwrap()
        .into_iter()
        .map(|r| r.end.unwrap().1.outcome)
        .collect();
    assert_eq!(outcomes, [JobOutcome::Abandoned, JobOutcome::Promoted]);
}

#[test]
fn failures_are_part_of_the_history() {
    let place = Place::new();
    let error = place.run(&place.job(AUTO)).unwrap_err().to_string();
    assert!(error.contains("m*.csv"), "{error}");
    place.month(1, 300, 0.9);
    let missing = AUTO.replace("\"prod\"", "\"production\"");
    let error = place.run(&place.job(&missing)).unwrap_err().to_string();
    assert!(error.contains("lab, dev, test, prod"), "{error}");
    let lab = AUTO.replace("\"prod\"", "\"lab\"");
    assert!(place.run(&place.job(&lab)).unwrap_err().to_string().contains("every version stands"));
    let runs = history(&place.store(), None).unwrap();
    let outcome = |r: &ruska_ops::job::PastRun| r.end.as_ref().map(|(_, e)| e.outcome);
    assert_eq!(runs.iter().map(outcome).collect::<Vec<_>>(), [Some(JobOutcome::Failed); 3]);
}

#[test]
fn scores_are_stamped_with_the_version_that_stands() {
    let place = Place::new();
    (1..=3).for_each(|m| place.month(m, 300, 0.9));
    std::fs::write(place.path("new.csv"), "id,month,x,z\na,2026-05-01,0.1,0.2\n").unwrap();
    let scoring = format!(
        "{AUTO}[predict]\ninput = \"new.csv\"\noutput = \"out/{{job}}-{{date}}-v{{version}}.csv\"\nkeep = [\"id\"]\n"
    );
    let report = place.run(&place.job(&scoring)).unwrap();
    let (file, rows) = report.end.predictions.unwrap();
    assert_eq!(rows, 1);
    assert!(Path::new(&file).ends_with("out/churn-2026-11-24-v1.csv"), "{file}");
    assert!(std::fs::read_to_string(&file).unwrap().contains(",churn:1,"));
}

#[test]
fn history_is_replayed_as_it_would_have_been() {
    let place = Place::new();
    (1..=4).for_each(|m| place.month(m, 400, 0.9));
    (5..=8).for_each(|m| place.month(m, 400, 0.1));
    let job = place.job(AUTO);
    let replay = SimulateOptions {
        every: Every::Months(1),
        from_ms: None,
        workers: Some(1),
        cancel: Arc::default(),
    };
    let mut told = 0;
    let simulation = simulate(&job, &replay, &mut |_| told += 1).unwrap();
    assert_eq!(told, simulation.periods.len());
    // The first model and the one that has learned the change, at least.
    assert!(simulation.promoted >= 2);
    assert!(simulation.champion.unwrap() > simulation.first.unwrap());
    for period in &simulation.periods {
        assert_eq!(period.rows % 400, 0);
        assert!(period.failed.is_none(), "{:?}", period.failed);
    }
    assert!(!place.path("store").exists());
    let twice = simulate(&job, &replay, &mut |_| {}).unwrap();
    let champions =
        |s: &ruska_ops::job::Simulation| s.periods.iter().map(|p| p.champion).collect::<Vec<_>>();
    assert_eq!(champions(&twice), champions(&simulation));
}
