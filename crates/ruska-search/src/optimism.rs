//! How much too good a score is for having been the best of several.
//!
//! The least of many losses is partly luck, that of a mean which was fitted to the same rows still
//! more. Bootstrap bias-corrected cross-validation repeats the choice: rows that were held out are
//! drawn with replacement, best trial and mean are chosen anew by the rows drawn and measured by
//! those left out. What they lose there more than the choice of all rows loses, on the mean of the
//! draws, is the optimism of the score. (The paper takes the mean loss of the left out itself for the
//! corrected one. Both agree on average, as the rows left out are a fair part of all; the difference
//! on the same rows varies less, and is exactly 0 where there is nothing to choose.) It costs no fit.
//!
//! Rows are drawn within their fold and class, and rows of a group together; those of a time series
//! as if they were independent. What is approximate:
//! - Of many trials the best [`MOST_RIVALS`] of all and [`OF_A_LEARNER`] of each learner stand for all.
//! - A mean is chosen in [`ADDITIONS`] additions at most; the later ones hardly change it.
//! - Of many rows a sample of m of n is judged, where luck gains more than it did: at least √(n/m)
//!   times as much, by which the result is divided, so it is rather too great than too small. Where
//!   time is short or predictions are wide fewer draws are made, and where even so too few rows could be
//!   judged (beyond a hundred classes, or sooner in a short run) there is no estimate.
//!
//! Reference: Tsamardinos, Greasidou, Borboudakis, "Bootstrapping the out-of-sample predictions for
//! efficient and accurate cross-validation", Machine Learning 107 (2018).

use crate::Wanted;
use crate::ensemble::{MOST_ROWS, MOST_VOTERS, SECONDS_A_NUMBER, Voter, select, voters};
use crate::judge::{Judge, Judging};
use crate::worker::{Shared, worker_thread};
use ruska_core::{Catalog, Loss, Predictions, Rng, Trial, Truth, hash};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Draws of rows, and draws where more would leave too few rows to be judged.
const RESAMPLES: u32 = 64;
const FEW_RESAMPLES: u32 = 24;
/// Draws without which there is no estimate.
const FEWEST_RESAMPLES: usize = 20;
/// Trials that are chosen among, the best ones.
const MOST_RIVALS: usize = 64;
/// Trials of each learner that are chosen among in any case.
const OF_A_LEARNER: usize = 4;
/// Most additions to a mean.
const ADDITIONS: u32 = 8;
/// Times that predictions are measured in a draw, about.
const MEASURED: usize = MOST_RIVALS + ADDITIONS as usize * MOST_VOTERS;
/// Numbers that are measured at most, all draws together.
const MOST_NUMBERS: f64 = 1.2e8;
/// Rows of a sample below which there is no estimate.
const FEWEST_ROWS: usize = 200;
/// Variance of a mean over a choice of all rows, over that of the mean of a part of 1/e of them, chosen
/// at random: what is left out of a draw.
const OF_LEFT_OUT: f64 = 1.0 / (std::f64::consts::E - 1.0);

/// How a study chooses what makes its model.
pub(crate) struct Rule<'a> {
    pub(crate) wanted: Wanted,
    /// Whether several trials may share it, and at most how many of a learner.
    pub(crate) blends: Option<usize>,
    pub(crate) catalog: &'a Catalog,
}

/// What the loss of the choice is too small by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Optimism {
    /// At least 0: less than nothing is chance.
    pub(crate) loss: f64,
    /// Standard error of the corrected loss: the standard deviation of the loss over the draws, less as
    /// much as the rows left out are fewer than all.
    pub(crate) error: f64,
    /// Draws.
    pub(crate) resamples: u32,
}

/// The trials that a choice is between, with what they predict for some rows that were held out.
pub(crate) struct Choices {
    judge: Judge,
    draws: Vec<Draw>,
    /// How often rows are drawn.
    resamples: u32,
    /// What a difference among the rows of the judge is among all.
    scale: f64,
    kept: BTreeMap<u32, Rival>,
}

struct Rival {
    /// Without scores.
    trial: Trial,
    /// Its predictions by fold, in single precision as they are recorded.
    numbers: Vec<Vec<f64>>,
}

impl Choices {
    /// For a study whose estimate may take so many seconds of all its threads together; any where a
    /// trial budget alone ends it. `None` where too few rows could be measured in that time.
    pub(crate) fn new(shared: &Shared, seconds: Option<f64>) -> Option<Self> {
        let most = seconds.map_or(MOST_NUMBERS, |s| MOST_NUMBERS.min(s / SECONDS_A_NUMBER));
        let numbers = (MEASURED * shared.task.target.width()) as f64;
        let all: usize = shared.folds.iter().map(|f| f.test.len()).sum();
        let (resamples, most) = [RESAMPLES, FEW_RESAMPLES]
            .map(|draws| (draws, MOST_ROWS.min((most / (f64::from(draws) * numbers)) as usize)))
            .into_iter()
            .find(|(_, rows)| *rows >= all.min(FEWEST_ROWS))?;
        let judge = Judge::new(shared, most)?;
        let groups = shared.task.groups.as_ref().map(|g| g.as_slice());
        let draws: Vec<Draw> = judge.folds().iter().map(|f| Draw::new(f, groups)).collect();
        let drawn: usize = draws.iter().map(|d| d.units).sum();
        let units = match groups {
            None => all,
            Some(groups) => shared.folds.iter().map(|f| Units::new(&f.test, groups).count).sum(),
        };
        let scale = (drawn as f64 / units.max(1) as f64).sqrt();
        Some(Self { judge, draws, resamples, scale, kept: BTreeMap::new() })
    }

    /// Takes a trial that has a loss, with its predictions of the test rows of each fold, and lets go
    /// of those that are not among the best any more.
    pub(crate) fn offer(&mut self, trial: &Trial, out_of_fold: &[impl Borrow<Predictions>]) {
        let single = |v: f64| f64::from(v as f32);
        let numbers = self.judge.numbers(out_of_fold).into_iter();
        let numbers = numbers.map(|fold| fold.into_iter().map(single).collect()).collect();
        let mut trial = trial.clone();
        trial.folds.iter_mut().for_each(|f| f.scores.clear());
        self.kept.insert(trial.number, Rival { trial, numbers });
        let best = best_of(self.kept.values().map(|r| &r.trial));
        self.kept.retain(|number, _| best.contains(number));
    }

    /// The numbers of those among some trials that are wanted and are not here.
    pub(crate) fn missing<'a>(&self, trials: impl Iterator<Item = &'a Trial>) -> Vec<u32> {
        best_of(trials).into_iter().filter(|n| !self.kept.contains_key(n)).collect()
    }

    /// Seconds that an estimate may take, of all threads together.
    pub(crate) fn seconds(&self) -> f64 {
        let numbers: usize =
            self.kept.values().next().map_or(0, |r| r.numbers.iter().map(Vec::len).sum());
        let additions = ADDITIONS as usize * self.kept.len().min(MOST_VOTERS);
        let measured = (self.kept.len() + additions) * numbers;
        f64::from(self.resamples) * measured as f64 * SECONDS_A_NUMBER
    }

    /// The optimism of what a rule chooses. `None` where there is nothing to choose between, and where
    /// it was told to stop too soon or the measure is undefined in too many draws.
    pub(crate) fn optimism(
        &self,
        rule: &Rule<'_>,
        seed: u64,
        threads: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Optimism> {
        if self.kept.len() < 2 {
            return None;
        }
        let chosen = self.mean(&self.choose(rule, &self.judge, stop)?);
        let (next, done) = (AtomicU32::new(0), Mutex::new(BTreeMap::new()));
        let work = || {
            loop {
                let draw = next.fetch_add(1, Ordering::Relaxed);
                if draw >= self.resamples || stop() {
                    return;
                }
                let seed = hash::combine(&[seed, hash::bytes(b"optimism"), u64::from(draw)]);
                if let Some(outcome) = self.repeat(rule, &chosen, seed, stop) {
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(draw, outcome);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                // Where a thread cannot be started the others do its work.
                let _ = worker_thread("optimism").spawn_scoped(scope, work);
            }
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        if done.len() < FEWEST_RESAMPLES {
            return None;
        }
        let n = done.len() as f64;
        let more = done.values().map(|(more, _)| more).sum::<f64>() / n;
        let mean = done.values().map(|(_, loss)| loss).sum::<f64>() / n;
        let variance =
            done.values().map(|(_, loss)| (loss - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let loss = (self.scale * more).max(0.0);
        let error = self.scale * (OF_LEFT_OUT * variance).sqrt();
        // Losses near the greatest number leave its range.
        let found = Optimism { loss, error, resamples: done.len() as u32 };
        (loss.is_finite() && error.is_finite()).then_some(found)
    }

    /// Chooses by rows drawn; what the choice loses on the others more than one made by all rows
    /// does, and what it loses. `None` where no fold has a measure.
    fn repeat(
        &self,
        rule: &Rule<'_>,
        by_all: &[Vec<f64>],
        seed: u64,
        stop: &dyn Fn() -> bool,
    ) -> Option<(f64, f64)> {
        let mut rng = Rng::new(seed);
        let drawn: Vec<Vec<f64>> = self.draws.iter().map(|d| d.times(&mut rng)).collect();
        let left = |fold: &Vec<f64>| fold.iter().map(|t| f64::from(u8::from(*t == 0.0))).collect();
        let others = self.judge.weighted(drawn.iter().map(left).collect());
        let chosen = self.mean(&self.choose(rule, &self.judge.weighted(drawn), stop)?);
        if stop() {
            // The choice may have ended with less than the best.
            return None;
        }
        let (mut more, mut loss, mut shares) = (0.0, 0.0, 0.0);
        let (ours, theirs) =
            (others.losses(chosen.into_iter()), others.losses(by_all.iter().cloned()));
        for ((ours, theirs), fold) in ours.zip(theirs).zip(self.judge.folds()) {
            if let (Some(ours), Some(theirs)) = (ours, theirs) {
                more += fold.share * (ours - theirs);
                loss += fold.share * ours;
                shares += fold.share;
            }
        }
        (shares > 0.0).then(|| (more / shares, loss / shares))
    }

    /// The trials that a rule chooses by a judge, and how often each counts.
    fn choose(
        &self,
        rule: &Rule<'_>,
        judge: &Judge,
        stop: &dyn Fn() -> bool,
    ) -> Option<Vec<(u32, u32)>> {
        let trials: Vec<Trial> = self.kept.values().filter_map(|r| r.judged(judge)).collect();
        let chosen = rule.wanted.choose(trials.iter(), rule.catalog)?;
        let Some(most) = rule.blends else { return Some(vec![(chosen.number, 1)]) };
        let voter = |trial| Some(Voter { trial, numbers: &self.kept.get(&trial.number)?.numbers });
        let voters: Vec<Voter<'_>> = voters(trials.iter().filter(|t| rule.wanted.allows(t)), most)
            .into_iter()
            .filter_map(voter)
            .collect();
        Some(select(judge, &voters, (ADDITIONS, rule.wanted.predict_us), stop))
    }

    /// What the mean of some trials predicts.
    fn mean(&self, shares: &[(u32, u32)]) -> Vec<Vec<f64>> {
        let total: u32 = shares.iter().map(|(_, times)| times).sum();
        let mut mean: Vec<Vec<f64>> = vec![];
        for (number, times) in shares {
            let Some(rival) = self.kept.get(number) else { continue };
            let share = f64::from(*times) / f64::from(total);
            mean.resize(rival.numbers.len(), vec![]);
            for (mean, numbers) in mean.iter_mut().zip(&rival.numbers) {
                mean.resize(numbers.len(), 0.0);
                mean.iter_mut().zip(numbers).for_each(|(mean, v)| *mean += share * v);
            }
        }
        mean
    }
}

impl Rival {
    /// The trial as a judge sees it; `None` where the measure is undefined.
    fn judged(&self, judge: &Judge) -> Option<Trial> {
        let mut trial = self.trial.clone();
        let losses = judge.losses(self.numbers.iter().cloned());
        for (fold, loss) in trial.folds.iter_mut().zip(losses) {
            fold.loss = Loss::new(loss?)?;
        }
        Some(trial)
    }
}

/// The numbers of the trials that a choice is between: the best of all, and of each learner.
fn best_of<'a>(trials: impl Iterator<Item = &'a Trial>) -> BTreeSet<u32> {
    let mut ranked: Vec<_> = trials.filter_map(|t| Some((t.loss()?, t.number, t))).collect();
    ranked.sort_by_key(|(loss, number, _)| (*loss, *number));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let near = ranked.into_iter().enumerate().filter_map(|(rank, (_, number, t))| {
        let count = counts.entry(&t.candidate.learner).or_default();
        *count += 1;
        (rank < MOST_RIVALS || *count <= OF_A_LEARNER).then_some(number)
    });
    near.collect()
}

/// What is drawn of a fold: its rows, by class, or its groups.
struct Draw {
    /// The unit of each row.
    of_row: Vec<usize>,
    units: usize,
    /// Units that are drawn from for each other.
    strata: Vec<Vec<usize>>,
}

impl Draw {
    fn new(fold: &Judging, groups: Option<&[u32]>) -> Self {
        let one = |units: usize| vec![(0..units).collect()];
        let rows = fold.rows.len();
        match (groups, &fold.truth) {
            (Some(groups), _) => {
                let Units { of_row, count } = Units::new(&fold.rows, groups);
                Self { of_row, units: count, strata: one(count) }
            }
            (None, Truth::Values(_) | Truth::Points { .. } | Truth::Ahead(_)) => {
                Self { of_row: (0..rows).collect(), units: rows, strata: one(rows) }
            }
            (None, Truth::Classes { codes, n_classes, .. }) => {
                let mut strata = vec![vec![]; *n_classes];
                codes.iter().enumerate().for_each(|(row, code)| strata[*code as usize].push(row));
                Self { of_row: (0..rows).collect(), units: rows, strata }
            }
        }
    }

    /// How often each row is drawn.
    fn times(&self, rng: &mut Rng) -> Vec<f64> {
        let mut times = vec![0.0; self.units];
        for stratum in &self.strata {
            for _ in stratum {
                times[stratum[rng.below(stratum.len())]] += 1.0;
            }
        }
        self.of_row.iter().map(|unit| times[*unit]).collect()
    }
}

/// The groups of some rows, numbered from 0.
struct Units {
    of_row: Vec<usize>,
    count: usize,
}

impl Units {
    fn new(rows: &[u32], groups: &[u32]) -> Self {
        let mut known: BTreeMap<u32, usize> = BTreeMap::new();
        let unit = |row: &u32| {
            let count = known.len();
            *known.entry(groups[*row as usize]).or_insert(count)
        };
        let of_row = rows.iter().map(unit).collect();
        Self { of_row, count: known.len() }
    }
}

#[cfg(test)]
#[path = "optimism_tests.rs"]
mod tests;
