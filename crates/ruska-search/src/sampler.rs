//! Samplers: which candidate to try next.

use crate::adaptive;
use crate::candidates::Candidates;
use crate::{Portfolio, SearchError};
use ruska_core::{Candidate, Catalog, Cost, Rng, TaskMeta, Trial, hash};

/// Complexity up to which a learner's defaults come first: quick, and perhaps as good as the best.
const SIMPLE: u8 = 20;
/// Work of a fit up to which it is quick.
const QUICK: f64 = 1e9;

/// Candidates of the portfolio that there should be time for on all folds.
const OPENING: f64 = 10.0;

/// A candidate and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What to try.
    pub candidate: Candidate,
    /// `baseline`, `default`, `portfolio`, `search`.
    pub origin: &'static str,
}

/// Proposes candidates.
pub trait Sampler {
    /// The candidate of trial `number`, given the finished trials it may see and whether there is
    /// time for one. A pure function of its arguments, so that a resumed study asks what it would
    /// have asked. `None` when there is nothing left to try.
    fn ask(
        &self,
        number: u32,
        history: &[&Trial],
        affordable: &dyn Fn(&Candidate) -> bool,
    ) -> Option<Asked>;
}

/// The usual search: the constant, the defaults of simple learners, the portfolio, the defaults of
/// those that are not in it, then adaptive search.
pub struct Search {
    candidates: Candidates,
    seed: u64,
    /// What is tried before the adaptive search, in this order.
    first: Vec<Asked>,
}

impl Search {
    /// A sampler over the learners that can do the task: those named in `include`, or all that are
    /// not opt-in; never those in `exclude`. The same lists name steps: one that closes a need is
    /// preferred to others that do, an optional one always stands where it suits.
    ///
    /// Fails when no learner is left.
    pub fn new(
        catalog: &Catalog,
        meta: &TaskMeta,
        portfolio: &Portfolio,
        (include, exclude): (&[String], &[String]),
        seed: u64,
    ) -> Result<Self, SearchError> {
        let candidates = Candidates::new(catalog, meta, include, exclude)?;
        let mut first: Vec<Asked> = vec![];
        let mut add = |candidate: Candidate, origin| {
            if first.iter().all(|asked| asked.candidate != candidate) {
                first.push(Asked { candidate, origin });
            }
        };
        let defaults = candidates.learners.iter().map(|l| (l.info(), candidates.defaults(&**l)));
        let defaults: Vec<_> = defaults.map(|(info, c)| (info, candidates.work(&c), c)).collect();
        for (info, work, candidate) in &defaults {
            if info.complexity == 0 {
                add(candidate.clone(), "baseline");
            } else if info.complexity <= SIMPLE && *work <= QUICK {
                add(candidate.clone(), "default");
            }
        }
        let settings = portfolio.of(meta).iter();
        for candidate in settings.filter_map(|s| candidates.setting(s)) {
            // A learner's defaults depend on the size of the table, so they come before its settings.
            if let Some((.., c)) = defaults.iter().find(|(i, ..)| i.id == candidate.learner) {
                add(c.clone(), "default");
            }
            add(candidate, "portfolio");
        }
        for (info, _, candidate) in defaults {
            if first.iter().all(|asked| asked.candidate.learner != info.id) {
                first.push(Asked { candidate, origin: "default" });
            }
        }
        Ok(Self { candidates, seed, first })
    }

    /// What is tried before the adaptive search, in this order, and what a fit of it on all rows declares
    /// to cost.
    pub fn first(&self) -> impl Iterator<Item = (&Asked, Cost)> {
        self.first.iter().map(|asked| (asked, self.candidates.cost(&asked.candidate)))
    }

    /// Declared work of one fit of each of a few candidates: so many times the lower quartile of the
    /// portfolio's, or of the defaults' where there is none.
    pub fn opening(&self) -> f64 {
        let of = |origin| {
            let asked = self.first.iter().filter(move |asked| asked.origin == origin);
            let mut works: Vec<f64> =
                asked.map(|asked| self.candidates.work(&asked.candidate)).collect();
            works.sort_by(f64::total_cmp);
            works.get(works.len() / 4).map(|quartile| quartile * OPENING)
        };
        of("portfolio").or_else(|| of("default")).unwrap_or_default()
    }
}

impl Sampler for Search {
    fn ask(
        &self,
        number: u32,
        history: &[&Trial],
        affordable: &dyn Fn(&Candidate) -> bool,
    ) -> Option<Asked> {
        if let Some(asked) = self.first.get(number as usize)
            && (asked.origin == "baseline" || affordable(&asked.candidate))
        {
            return Some(asked.clone());
        }
        let mut rng = Rng::new(hash::combine(&[self.seed, u64::from(number)]));
        let new = |candidate: &Candidate| {
            affordable(candidate) && self.first.iter().all(|a| a.candidate != *candidate)
        };
        let candidate = adaptive::candidate(&self.candidates, history, &new, &mut rng)?;
        Some(Asked { candidate, origin: "search" })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{Kind, List, Setting};
    use ruska_core::{Params, TrialState, Value};
    use ruska_testkit::{fake_catalog, fold_result, tasks::Recipe};

    fn setting(quality: f64) -> Setting {
        let params = Params::from([("quality".to_owned(), Value::Float(quality))]);
        Setting { params, ..Setting::defaults("debug") }
    }

    fn search(settings: Vec<Setting>, include: &[String], exclude: &[String]) -> Search {
        let lists = vec![List { kind: Kind::Regression, rows: 0, settings }];
        let meta = Recipe::regression(1).build().meta();
        Search::new(&fake_catalog(), &meta, &Portfolio { lists }, (include, exclude), 5).unwrap()
    }

    fn trial(number: u32, candidate: Candidate, loss: f64) -> Trial {
        let fold = fold_result(0, loss, 10);
        let (origin, state) = (String::new(), TrialState::Done);
        Trial { number, candidate, origin, state, folds: vec![fold] }
    }

    /// Asks for so many candidates; the loss of one is how far its quality is from 0.37.
    fn run(search: &Search, trials: u32) -> Vec<(Asked, f64)> {
        let (mut history, mut all) = (vec![], vec![]);
        for number in 0..trials {
            let seen: Vec<&Trial> = history.iter().collect();
            let Some(asked) = search.ask(number, &seen, &|_| true) else { break };
            let loss = match asked.candidate.params.get("quality") {
                Some(Value::Float(quality)) => (quality - 0.37).abs(),
                _ => 1.0,
            };
            history.push(trial(number, asked.candidate.clone(), loss));
            all.push((asked, loss));
        }
        all
    }

    #[test]
    fn the_constant_comes_first_then_simple_learners_then_the_portfolio() {
        let both = ["debug".to_owned(), "line".to_owned()];
        let asked = run(&search(vec![setting(0.2), setting(0.2), setting(0.9)], &both, &[]), 7);
        let told: Vec<_> = asked.iter().map(|(a, loss)| (a.origin, (loss * 1e9).round())).collect();
        assert_eq!(told[0], ("baseline", 1e9));
        assert_eq!((told[1].0, told[2].0), ("default", "default"));
        assert_eq!(told[3..5], [("portfolio", 1.7e8), ("portfolio", 5.3e8)]);
        assert!(told[5..].iter().all(|(origin, _)| *origin == "search"));
    }

    #[test]
    fn learners_left_out_are_not_in_the_portfolio_either() {
        let without = search(vec![setting(0.2)], &[], &["debug".to_owned()]);
        assert!(run(&without, 20).iter().all(|(a, _)| a.candidate.learner != "debug"));
        let only = search(vec![setting(0.2)], &["line".to_owned()], &[]);
        let learners = run(&only, 20).into_iter().map(|(a, _)| a.candidate.learner);
        assert!(learners.into_iter().all(|l| l == "line" || l == "mean"));
    }

    #[test]
    fn nothing_is_tried_twice() {
        let asked = run(&search(vec![setting(0.2)], &[], &[]), 200);
        for (i, (a, _)) in asked.iter().enumerate() {
            assert!(asked[..i].iter().all(|(b, _)| a.candidate != b.candidate), "{i}");
        }
    }

    #[test]
    fn steps_from_the_best_come_nearer_than_random_points() {
        let asked = run(&search(vec![setting(0.9)], &["debug".to_owned()], &[]), 122);
        let mean = asked[asked.len() - 40..].iter().map(|(_, loss)| loss).sum::<f64>() / 40.0;
        // Random points are 0.27 away in the mean.
        assert!(mean < 0.15, "{mean}");
    }

    #[test]
    fn what_there_is_no_time_for_is_not_asked() {
        let search = search(vec![setting(0.2), setting(0.9)], &["debug".to_owned()], &[]);
        assert_eq!(search.ask(2, &[], &|_| false), None);
        let baseline = search.ask(0, &[], &|_| false).unwrap();
        assert_eq!(baseline.origin, "baseline");
        let cheap = |c: &Candidate| c.params.get("quality") != Some(&Value::Float(0.2));
        let asked = search.ask(2, &[], &cheap).unwrap();
        assert_eq!(asked.origin, "search");
    }
}
