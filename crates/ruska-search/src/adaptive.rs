//! Adaptive search: which learner is worth its cost, and a step from what was best with it.
//!
//! Learners are drawn by how near their best trial comes to the best of all and by what a fit costs;
//! most candidates of a learner are near one of its best few trials, at a distance that shrinks as its
//! trials add up, the others anywhere in its space. Costs are declared ones, so the same trials are
//! tried on every machine.
//!
//! Reference: Wang, Wu, Weimer, Zhu, "FLAML: a fast and lightweight AutoML library", MLSys 2021; Wu,
//! Wang, Huang, "Frugal optimization for cost-related hyperparameters", AAAI 2021.

use crate::candidates::Candidates;
use ruska_core::{Candidate, Learner, Loss, Rng, Trial};
use std::sync::Arc;

/// Share of the constant's lead over the best within which learners count as rivals.
const RIVAL: f64 = 0.03;
/// How much cost matters: a learner's chance falls with this power of it.
const FRUGAL: f64 = 0.5;
/// One candidate in so many is drawn from the whole space.
const ANYWHERE: usize = 5;
/// A learner's best trials that steps start from.
const STARTS: usize = 4;
/// Deviation of the first step, in parts of a domain, its decay a trial, and its least.
const DEVIATION: (f64, f64, f64) = (0.25, 0.98, 0.06);
/// Draws until a candidate is new and can be afforded.
const DRAWS: usize = 24;

/// A new candidate, given what was tried; `None` where there seems to be none left.
pub(crate) fn candidate(
    candidates: &Candidates,
    history: &[&Trial],
    affordable: &dyn Fn(&Candidate) -> bool,
    rng: &mut Rng,
) -> Option<Candidate> {
    let searched: Vec<_> = candidates
        .learners
        .iter()
        .filter(|l| !l.space(&candidates.meta).dimensions.is_empty())
        .map(|l| (l, Tried::of(&**l, history)))
        .collect();
    let losses: Vec<f64> = history.iter().filter_map(|t| t.loss()).map(Loss::get).collect();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    // The first trial is the constant.
    // A single group has no index: what counts is the worst that has one.
    let known = losses.iter().copied().filter(|loss| *loss < Loss::WORST.get());
    let constant = losses.first().copied().filter(|loss| *loss < Loss::WORST.get());
    let lead = constant.or_else(|| known.max_by(f64::total_cmp)).map_or(0.0, |worst| worst - least);
    let scale = (RIVAL * lead).max(1e-12 * least.abs().min(1.0)).max(f64::MIN_POSITIVE);
    let chance = |(learner, tried): &(&Arc<dyn Learner>, Tried<'_>)| {
        let behind = tried.least().map_or(0.0, |l| (l - least) / scale);
        let start = tried.best.first().map(|(_, t)| t.candidate.clone());
        let start = start.unwrap_or_else(|| candidates.defaults(&***learner));
        (-behind).exp().max(1e-3) / candidates.work(&start).powf(FRUGAL)
    };
    let chances: Vec<f64> = searched.iter().map(chance).collect();
    // Where the likely ones have nothing new left, any learner has its turn.
    let alike = vec![1.0; searched.len()];
    for chances in (0..2 * DRAWS).map(|i| if i < DRAWS { &chances } else { &alike }) {
        let (learner, tried) = &searched[draw(chances, rng)?];
        let start = match tried.best.len().min(STARTS) {
            0 => None,
            _ if rng.below(ANYWHERE) == 0 => None,
            few => Some(&tried.best[rng.below(few)].1.candidate),
        };
        let drawn = match start {
            None => candidates.random(&***learner, rng),
            Some(start) => candidates.near(&***learner, start, tried.deviation(), rng),
        };
        if history.iter().all(|t| t.candidate != drawn) && affordable(&drawn) {
            return Some(drawn);
        }
    }
    None
}

/// The trials of a learner.
struct Tried<'a> {
    number: usize,
    /// Those with a loss, best first.
    best: Vec<(Loss, &'a Trial)>,
}

impl<'a> Tried<'a> {
    fn of(learner: &dyn Learner, history: &[&'a Trial]) -> Self {
        let of_it = history.iter().filter(|t| t.candidate.learner == learner.info().id);
        let number = of_it.clone().count();
        let mut best: Vec<_> = of_it.filter_map(|t| Some((t.loss()?, *t))).collect();
        best.sort_by_key(|(loss, t)| (*loss, t.number));
        Self { number, best }
    }

    fn least(&self) -> Option<f64> {
        self.best.first().map(|(loss, _)| loss.get())
    }

    fn deviation(&self) -> f64 {
        let (first, decay, least) = DEVIATION;
        (first * decay.powi(self.number as i32)).max(least)
    }
}

/// An index by chances; `None` where there are none.
fn draw(chances: &[f64], rng: &mut Rng) -> Option<usize> {
    let total: f64 = chances.iter().sum();
    let mut left = rng.unit() * total;
    let at = chances.iter().position(|chance| {
        left -= chance;
        left < 0.0
    });
    at.or_else(|| chances.len().checked_sub(1))
}
