//! The live line of a search: elapsed and budget, trials done and failed, best so far, what runs.

use crate::output::{Say, number as text, short};
use indicatif::{ProgressBar, ProgressStyle};
use ruska::{Event, Loss, Trial, TrialState};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::{Duration, Instant};

fn say_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The scores of trials of which a measure says nothing are beyond this.
const UNDEFINED: f64 = 1e200;

/// Follows a study's events.
pub(crate) struct Live {
    bar: Option<ProgressBar>,
    verbose: bool,
    started: Instant,
    time: Option<Duration>,
    trials: Option<u32>,
    metric: String,
    /// The score of a loss; `None` where a trial has one only beside others, or has none.
    score_of: Box<dyn Fn(f64) -> Option<f64> + Send>,
    running: BTreeMap<u32, Trial>,
    done: usize,
    failed: usize,
    best: Option<Loss>,
}

impl Live {
    /// A follower; silent where there is no terminal to draw on.
    pub(crate) fn new(
        say: Say,
        started: Instant,
        (time, trials): (Option<Duration>, Option<u32>),
    ) -> Self {
        let bar = say.live().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            verbose: say.verbose,
            started,
            time,
            trials,
            metric: String::new(),
            score_of: Box::new(Some),
            running: BTreeMap::new(),
            done: 0,
            failed: 0,
            best: None,
        }
    }

    /// Takes note of an event and redraws the line.
    pub(crate) fn event(&mut self, event: &Event) {
        match event {
            Event::Created(record) => {
                let catalog = ruska::builtin();
                self.metric.clone_from(&record.metric);
                if let Some(measure) = catalog.measure(&record.metric).cloned() {
                    let relative = measure.beside().is_some();
                    self.score_of = Box::new(move |loss| {
                        let score = measure.score_of(loss);
                        Some(score).filter(|score| !relative && score.abs() < UNDEFINED)
                    });
                }
            }
            Event::TrialStarted { trial, candidate, origin } => {
                let begun = Trial {
                    number: *trial,
                    candidate: candidate.clone(),
                    origin: origin.clone(),
                    state: TrialState::Running,
                    folds: vec![],
                };
                self.running.insert(*trial, begun);
            }
            Event::FoldDone { trial, result } => {
                if let Some(running) = self.running.get_mut(trial) {
                    running.folds.push(result.clone());
                }
            }
            Event::TrialEnded { trial, state, seconds, .. } => {
                self.ended(*trial, state, *seconds);
            }
            _ => {}
        }
        self.draw();
    }

    fn ended(&mut self, number: u32, state: &TrialState, seconds: f64) {
        let Some(mut trial) = self.running.remove(&number) else { return };
        trial.state = state.clone();
        let outcome = match state {
            TrialState::Done => {
                self.done += 1;
                let loss = trial.loss();
                self.best = self.best.into_iter().chain(loss).min();
                match loss.and_then(|l| (self.score_of)(l.get())) {
                    Some(score) => format!("{} {}", self.metric, text(score)),
                    None => "done".into(),
                }
            }
            TrialState::Failed { why, .. } => {
                self.failed += 1;
                format!("failed: {why}")
            }
            TrialState::Pruned { at } => format!("pruned after fold {at}"),
            TrialState::TimedOut => "cut off by the deadline".into(),
            TrialState::Running => return,
        };
        if self.verbose {
            let line = short(
                &format!("trial {number}: {}, {outcome}, {seconds:.2} s", trial.candidate.learner),
                160,
            );
            match &self.bar {
                Some(bar) => bar.println(line),
                None => say_line(&line),
            }
        }
    }

    fn draw(&self) {
        let Some(bar) = &self.bar else { return };
        let elapsed = self.started.elapsed().as_secs();
        let clock =
            self.time.map_or(format!("{elapsed}s"), |t| format!("{elapsed}s of {}s", t.as_secs()));
        let trials = self
            .trials
            .map_or(format!("{} trials", self.done), |n| format!("{} of {n} trials", self.done));
        let failed =
            if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        let best = self.best.and_then(|loss| (self.score_of)(loss.get()));
        let best =
            best.map_or(String::new(), |score| format!(" · best {} {}", self.metric, text(score)));
        let running: Vec<&str> =
            self.running.values().map(|t| t.candidate.learner.as_str()).collect();
        let running = format!(" · now {}", running.join(", "));
        bar.set_message(short(&format!("{clock} · {trials}{failed}{best}{running}"), 98));
    }

    /// Removes the line.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
