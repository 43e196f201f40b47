//! Ensembles: the trials whose mean makes the model, chosen by their out-of-fold predictions.
//!
//! Greedy selection with replacement: after the best trial comes, again and again, the one with
//! which the mean loses least; the mean of least loss on the way is the model. Of equal ones a trial
//! that is in already comes first, so members stay few. Predictions count in single precision, as
//! they are recorded: a resumed study chooses what it would have chosen.
//!
//! Reference: Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble selection from libraries of models",
//! ICML 2004.

use crate::engine::{Best, Emission};
use crate::evaluate::{FoldOutcome, row_weights, scores};
use crate::judge::Judge;
use crate::worker::Shared;
use ruska_core::{FittedPipeline, FoldResult, Loss, Predictions, Task, Trial, TrialState};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most times that a trial is added to the mean.
pub(crate) const STEPS: u32 = 25;
/// Additions without gain after which there will be none.
const PATIENCE: u32 = 6;
/// Most trials that are tried.
pub(crate) const MOST_VOTERS: usize = 16;
/// Most trials of one learner among them.
const OF_A_LEARNER: usize = 4;
/// Numbers of a trial's predictions beyond which only the best of a learner is kept.
const MANY_NUMBERS: usize = 1 << 20;
/// Rows that judge at most, of all folds together.
pub(crate) const MOST_ROWS: usize = 20_000;
/// Bytes that others may add to the pipelines of the best trial; where there is a model for each of many
/// series, and one pipeline of a trial alone stays.
const MORE_BYTES: u64 = 12 << 20;
const MORE_BYTES_IN_TIME: u64 = 192 << 20;
/// Learners whose plain mean is tried where rows follow each other in time.
const PLAIN: [usize; 3] = [3, 4, 5];
/// Times the loss of the mean chosen that a plain one may have.
const PLAIN_LOSS: f64 = 1.01;
/// Bytes of a fitted pipeline over those of its saved state, about.
const IN_MEMORY: u64 = 4;
/// Seconds that measuring a number takes.
pub(crate) const SECONDS_A_NUMBER: f64 = 6e-8;
/// Part of the loss that must be gained.
const GAIN: f64 = 1e-6;

/// A trial in a model, with its fitted pipelines.
#[derive(Clone)]
pub struct Member {
    /// The trial.
    pub trial: Trial,
    /// How often it counts, at least 1.
    pub times: u32,
    /// Pipelines to average.
    pub pipelines: Vec<Arc<FittedPipeline>>,
    /// Where the pipelines come from.
    pub emission: Emission,
}

/// A trial with what it fitted.
#[derive(Clone)]
pub(crate) struct Fitted {
    pub(crate) member: Member,
    pub(crate) loss: Loss,
    /// Predictions of the test rows of each fold.
    pub(crate) out_of_fold: Vec<Predictions>,
}

impl Fitted {
    /// From the outcomes of its folds. A fold that trained on all rows gives the pipeline alone; where folds
    /// follow each other in time, the last one does, with what came after it.
    pub(crate) fn new(
        trial: Trial,
        loss: Loss,
        outcomes: Vec<FoldOutcome>,
        shared: &Shared,
    ) -> Self {
        let whole = outcomes.iter().position(|o| shared.trains_on_all(o.result.fold));
        let (mut pipelines, out_of_fold): (Vec<_>, _) =
            outcomes.into_iter().map(|o| (o.pipeline, o.predictions)).unzip();
        if let Some(whole) = whole {
            pipelines = vec![pipelines.swap_remove(whole)];
        }
        if shared.in_time()
            && let Some(last) = pipelines.pop()
        {
            let newer = last.with_newer(&shared.task.x, &shared.task.target);
            pipelines = vec![newer.map_or(last, Arc::new)];
        }
        let member = Member { trial, times: 1, pipelines, emission: Emission::Folds };
        Self { member, loss, out_of_fold }
    }

    /// Bytes of its pipelines and predictions, about.
    fn memory(&self) -> u64 {
        let numbers: usize = self.out_of_fold.iter().map(|p| p.values().len()).sum();
        IN_MEMORY * bytes(&self.member.trial) + 8 * numbers as u64
    }

    fn rank(&self) -> (Loss, u32) {
        (self.loss, self.member.trial.number)
    }
}

/// What this run fitted of trials that may yet be in the model: the best few of each learner.
#[derive(Default)]
pub(crate) struct Pool(BTreeMap<u32, Fitted>);

impl Pool {
    /// Takes a trial, and lets go of its learner's worst where there are more than `most`, and of the
    /// worst of all, but for the best, while their pipelines have more than so many bytes.
    pub(crate) fn offer(&mut self, fitted: Fitted, (most, most_bytes): (usize, u64)) {
        let learner = fitted.member.trial.candidate.learner.clone();
        self.0.insert(fitted.member.trial.number, fitted);
        let of_it = self.0.values().filter(|f| f.member.trial.candidate.learner == learner);
        let mut ranks: Vec<(Loss, u32)> = of_it.map(Fitted::rank).collect();
        ranks.sort_unstable();
        for (_, number) in ranks.split_off(most.min(ranks.len())) {
            self.0.remove(&number);
        }
        while self.0.len() > 1 && self.0.values().map(Fitted::memory).sum::<u64>() > most_bytes {
            let worst = self.0.values().max_by_key(|f| f.rank()).map(|f| f.member.trial.number);
            worst.map(|number| self.0.remove(&number));
        }
    }

    /// Gives its trials the losses that they have by now beside others.
    pub(crate) fn stand(&mut self, finished: &BTreeMap<u32, Trial>) {
        for (number, fitted) in &mut self.0 {
            let known = finished.get(number).and_then(|t| Some((t, t.loss()?)));
            if let Some((trial, loss)) = known {
                fitted.loss = loss;
                let folds = fitted.member.trial.folds.iter_mut().zip(&trial.folds);
                folds.for_each(|(fold, known)| fold.loss = known.loss);
            }
        }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&Fitted> {
        self.0.get(&number)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The best trials, at most so many, the best first.
    pub(crate) fn best(&self, most: usize) -> Vec<&Trial> {
        let mut ranked: Vec<&Fitted> = self.0.values().collect();
        ranked.sort_unstable_by_key(|f| f.rank());
        ranked.into_iter().take(most).map(|f| &f.member.trial).collect()
    }

    /// Bytes of the pipelines that a model of the best trial, or of several, may have.
    pub(crate) fn bytes(&self, several: bool) -> u64 {
        let best = self.0.values().min_by_key(|f| f.rank());
        if !several {
            return best.map_or(0, |best| bytes(&best.member.trial));
        }
        let all: u64 = self.0.values().map(|f| bytes(&f.member.trial)).sum();
        best.map_or(0, |best| all.min(bytes(&best.member.trial) + MORE_BYTES))
    }
}

/// Most trials of a learner that may share the model.
pub(crate) fn most_of_a_learner(task: &Task) -> usize {
    let numbers = task.rows().saturating_mul(task.target.width());
    if numbers > MANY_NUMBERS { 1 } else { OF_A_LEARNER }
}

/// Bytes of a trial's pipelines.
fn bytes(trial: &Trial) -> u64 {
    trial.folds.iter().map(|f| f.bytes).sum()
}

/// Seconds that choosing among so many trials takes at most.
pub(crate) fn choice_seconds(shared: &Shared, voters: usize) -> f64 {
    let rows = shared.task.rows().min(MOST_ROWS) * shared.task.target.width();
    let tried = (STEPS as usize * voters.min(MOST_VOTERS).saturating_sub(1)) as f64;
    tried * rows as f64 * SECONDS_A_NUMBER
}

/// The trials that may share a model, best first: at most so many of each learner.
pub(crate) fn voters<'a>(trials: impl Iterator<Item = &'a Trial>, most: usize) -> Vec<&'a Trial> {
    let done = trials.filter(|t| t.state == TrialState::Done);
    let mut ranked: Vec<_> = done.filter_map(|t| Some((t.loss()?, t))).collect();
    ranked.sort_by_key(|(loss, t)| (*loss, t.number));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let few = ranked.into_iter().filter_map(|(_, t)| {
        let count = counts.entry(&t.candidate.learner).or_default();
        *count += 1;
        (*count <= most).then_some(t)
    });
    few.take(MOST_VOTERS).collect()
}

/// A trial that may share the model.
pub(crate) struct Voter<'a> {
    pub(crate) trial: &'a Trial,
    /// What it predicts for the rows that judge, by fold.
    pub(crate) numbers: &'a [Vec<f64>],
}

/// How often each of some trials, the best first, is in the mean of least loss after at most so many
/// additions, the best first; told to stop, the best found so far. `predict_us` is the most microseconds
/// a row that others than the first may bring the mean to.
pub(crate) fn select(
    judge: &Judge,
    voters: &[Voter<'_>],
    (most, predict_us): (u32, Option<f64>),
    stop: impl Fn() -> bool,
) -> Vec<(u32, u32)> {
    let Some(best) = voters.first() else { return vec![] };
    let alone = vec![(best.trial.number, 1)];
    let more = if judge.in_time { MORE_BYTES_IN_TIME } else { MORE_BYTES };
    let limit = bytes(best.trial) + more;
    let (mut size, mut speed) = (bytes(best.trial), best.trial.predict_us());
    let mut sums = best.numbers.to_vec();
    let mut times = vec![0; voters.len()];
    times[0] = 1;
    let Some(loss) = judge.loss(sums.iter().cloned()) else { return alone };
    let mut least = (loss, times.clone(), 1);
    'steps: for step in 2..=most {
        let mut next: Option<(f64, bool, usize)> = None;
        for (i, Voter { trial, numbers }) in voters.iter().enumerate() {
            if stop() {
                break 'steps;
            }
            let new = times[i] == 0;
            let slow = predict_us.is_some_and(|most| speed + trial.predict_us() > most);
            if new && (slow || size + bytes(trial) > limit) {
                continue;
            }
            let mean = |(sums, numbers): (&Vec<f64>, &Vec<f64>)| {
                sums.iter().zip(numbers).map(|(a, b)| (a + b) / f64::from(step)).collect()
            };
            let Some(loss) = judge.loss(sums.iter().zip(*numbers).map(mean)) else {
                continue;
            };
            if next.is_none_or(|(least, newer, _)| {
                loss.total_cmp(&least).then(new.cmp(&newer)).is_lt()
            }) {
                next = Some((loss, new, i));
            }
        }
        let Some((loss, new, i)) = next else { break };
        times[i] += 1;
        if new {
            size += bytes(voters[i].trial);
            speed += voters[i].trial.predict_us();
        }
        for (sums, numbers) in sums.iter_mut().zip(voters[i].numbers) {
            sums.iter_mut().zip(numbers).for_each(|(sum, v)| *sum += v);
        }
        if loss < least.0 - GAIN * least.0.abs() {
            least = (loss, times.clone(), step);
        } else if step - least.2 >= PATIENCE {
            break;
        }
    }
    if judge.in_time
        && let Some(plain) = plain(judge, voters, (limit, predict_us), least.0)
    {
        least.1 = plain;
    }
    let chosen = voters.iter().zip(least.1).filter(|(_, times)| *times > 0);
    let mut chosen: Vec<(u32, u32)> = chosen.map(|(v, times)| (v.trial.number, times)).collect();
    let divisor = chosen.iter().fold(0, |d, (_, times)| gcd(d, *times));
    chosen.iter_mut().for_each(|(_, times)| *times /= divisor);
    chosen
}

/// The plain mean of the best trials of a few learners, where none has less loss by more than a little: what
/// is chosen by the past of series fits that past, and equal weights last.
///
/// Reference: Claeskens, Magnus, Vasnev, Wang, "The forecast combination puzzle: a simple theoretical
/// explanation", IJF 32, 2016.
fn plain(
    judge: &Judge,
    voters: &[Voter<'_>],
    (limit, predict_us): (u64, Option<f64>),
    least: f64,
) -> Option<Vec<u32>> {
    let mut learners: Vec<&str> = vec![];
    let mut firsts = vec![];
    for (i, Voter { trial, .. }) in voters.iter().enumerate() {
        if !learners.contains(&trial.candidate.learner.as_str()) {
            learners.push(&trial.candidate.learner);
            firsts.push(i);
        }
    }
    let mean = |count: usize| {
        let members = firsts.get(..count)?;
        let trials = || members.iter().map(|i| voters[*i].trial);
        let slow =
            predict_us.is_some_and(|most| trials().map(Trial::predict_us).sum::<f64>() > most);
        if slow || trials().map(bytes).sum::<u64>() > limit {
            return None;
        }
        let folds = 0..voters[0].numbers.len();
        let numbers = folds.map(|fold| {
            let mut sum = vec![0.0; voters[0].numbers[fold].len()];
            for i in members {
                sum.iter_mut().zip(&voters[*i].numbers[fold]).for_each(|(s, v)| *s += v);
            }
            sum.iter_mut().for_each(|s| *s /= count as f64);
            sum
        });
        let loss = judge.loss(numbers).filter(|loss| *loss <= PLAIN_LOSS * least)?;
        Some((loss, members.to_vec()))
    };
    let found = PLAIN.into_iter().filter_map(mean).min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((0..voters.len()).map(|i| u32::from(found.1.contains(&i))).collect())
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Predictions as they are recorded.
pub(crate) fn recorded(predictions: &Predictions) -> Predictions {
    let values = predictions.values().iter().map(|v| f64::from(*v as f32)).collect();
    Predictions::new(predictions.width(), values)
}

/// The mean of fitted trials, the best first. `None` where it cannot be scored.
pub(crate) fn blend(shared: &Shared, fitted: Vec<Fitted>) -> Option<Best> {
    if fitted.len() < 2 {
        return fitted.into_iter().next().map(Best::alone);
    }
    let total: u32 = fitted.iter().map(|f| f.member.times).sum();
    let share = |f: &Fitted| f64::from(f.member.times) / f64::from(total);
    let mut out_of_fold = vec![];
    let mut trial = fitted[0].member.trial.clone();
    for (i, result) in trial.folds.iter_mut().enumerate() {
        let part = |f: &Fitted| Some((share(f), recorded(f.out_of_fold.get(i)?)));
        let parts: Vec<_> = fitted.iter().map(part).collect::<Option<_>>()?;
        out_of_fold.push(Predictions::blend(&parts).ok()?);
        let of = || fitted.iter().filter_map(|f| f.member.trial.folds.get(i));
        *result = FoldResult {
            iterations: None,
            fit_seconds: of().map(|f| f.fit_seconds).sum(),
            predict_seconds: of().map(|f| f.predict_seconds).sum(),
            bytes: of().map(|f| f.bytes).sum(),
            cut: of().any(|f| f.cut),
            cut_after: None,
            ..result.clone()
        };
    }
    let trial = rescored(shared, &trial, &out_of_fold)?;
    let loss = trial.loss()?;
    let members = fitted.into_iter().map(|f| f.member).collect();
    Some(Best { trial, loss, members, out_of_fold, corrected: None, calibration: None })
}

/// A trial with the loss and the scores of other predictions of the test rows of each fold. `None`
/// where these cannot be scored.
pub(crate) fn rescored(
    shared: &Shared,
    trial: &Trial,
    out_of_fold: &[Predictions],
) -> Option<Trial> {
    let measure = shared.catalog.measure(&shared.metric)?;
    let mut trial = trial.clone();
    for (result, predictions) in trial.folds.iter_mut().zip(out_of_fold) {
        let rows = &shared.folds.get(result.fold as usize)?.test;
        let truth = shared.task.target.truth(rows);
        let weights = row_weights(&shared.task, rows);
        let score = measure.score(&truth, predictions, weights.as_deref()).ok()?;
        result.loss = Loss::new(measure.loss_of(score))?;
        result.scores = scores(&shared.catalog, &shared.task, rows, predictions);
    }
    Some(trial)
}
