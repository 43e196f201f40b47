//! Samplers: which candidate to try next.

use crate::SearchError;
use ruska_core::{
    Candidate, Catalog, Learner, LearnerInfo, Params, Rng, StepSpec, TaskMeta, Trial, hash, insert,
    optional, robustify, robustify_with,
};
use std::sync::Arc;

/// A candidate and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What to try.
    pub candidate: Candidate,
    /// `baseline`, `default`, `random`.
    pub origin: &'static str,
}

/// Proposes candidates.
pub trait Sampler {
    /// The candidate of trial `number`, given the finished trials it may see. A pure function of
    /// its arguments, so that a resumed study asks what it would have asked.
    /// `None` when there is nothing left to try.
    fn ask(&self, number: u32, history: &[&Trial]) -> Option<Asked>;
}

/// The first engine: the constant, every learner's defaults from cheap to expensive, then random
/// points, half of them for the learner that leads so far.
pub struct DefaultsThenRandom {
    catalog: Arc<Catalog>,
    meta: TaskMeta,
    seed: u64,
    /// Learners in the order in which their defaults are tried.
    learners: Vec<Arc<dyn Learner>>,
    /// Steps asked for by name; the optional ones stand in every pipeline that takes them.
    named: Vec<String>,
}

impl DefaultsThenRandom {
    /// A sampler over the learners that can do the task: those named in `include`, or all that are
    /// not opt-in; never those in `exclude`. The same lists name steps: one that closes a need is
    /// preferred to others that do, an optional one always stands where it suits.
    ///
    /// Fails when no learner is left.
    pub fn new(
        catalog: Arc<Catalog>,
        meta: &TaskMeta,
        include: &[String],
        exclude: &[String],
        seed: u64,
    ) -> Result<Self, SearchError> {
        let named = |id: &str| include.iter().any(|i| i == id);
        let any_learner_named = catalog.learners.iter().any(|l| named(l.info().id));
        let any_step_named = catalog.steps.iter().any(|s| named(s.info().id));
        let excluded = |id: &str| exclude.iter().any(|e| e == id);
        let mut pool = (*catalog).clone();
        pool.steps.retain(|s| !excluded(s.info().id));
        if any_step_named {
            // Named steps are preferred where they fit; the others stay for what none of them closes.
            pool.steps.sort_by_key(|s| !named(s.info().id));
        }
        let mut learners: Vec<_> = catalog
            .learners
            .iter()
            .filter(|l| l.info().takes(meta) && !excluded(l.info().id))
            .filter(|l| {
                let info = l.info();
                info.complexity == 0
                    || if any_learner_named { named(info.id) } else { !info.opt_in }
            })
            .map(|l| {
                let work = l.cost(&l.space(meta).defaults(), meta).map_or(f64::MAX, |c| c.work);
                (l.info().complexity > 0, work, Arc::clone(l))
            })
            .collect();
        learners.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let learners: Vec<_> = learners.into_iter().map(|(_, _, l)| l).collect();
        if learners.is_empty() {
            return Err(SearchError::NoLearner);
        }
        let named = include.to_vec();
        Ok(Self { catalog: Arc::new(pool), meta: meta.clone(), seed, learners, named })
    }

    fn defaults(&self, learner: &Arc<dyn Learner>) -> Candidate {
        let mut steps = robustify(&self.catalog, learner.info(), &self.meta);
        for id in self.optional(learner.info()).0 {
            self.add(&mut steps, id);
        }
        let params = learner.space(&self.meta).defaults();
        Candidate { steps, learner: learner.info().id.to_owned(), params }
    }

    /// The optional steps of a learner: those asked for by name, and the others.
    fn optional(&self, learner: &LearnerInfo) -> (Vec<&'static str>, Vec<&'static str>) {
        if learner.complexity == 0 {
            return (vec![], vec![]);
        }
        let all = optional(&self.catalog, learner, &self.meta).into_iter();
        all.partition(|id| self.named.iter().any(|n| n == id))
    }

    fn add(&self, steps: &mut Vec<StepSpec>, id: &str) {
        insert(&self.catalog, steps, StepSpec { step: id.to_owned(), params: Params::new() });
    }

    /// A random point of a learner's space, with its mandatory steps chosen among those that close
    /// the same need, one time in four an optional step, and all their parameters drawn.
    fn random(&self, learner: &Arc<dyn Learner>, rng: &mut Rng) -> Candidate {
        let info = learner.info();
        let mut steps = robustify_with(&self.catalog, info, &self.meta, |options| {
            if rng.below(2) == 0 { 0 } else { rng.below(options.len()) }
        });
        let (named, others) = self.optional(info);
        for id in named {
            self.add(&mut steps, id);
        }
        if !others.is_empty() && rng.below(4) == 0 {
            self.add(&mut steps, others[rng.below(others.len())]);
        }
        let params = learner.space(&self.meta).sample(rng);
        let mut candidate = Candidate { steps, learner: info.id.to_owned(), params };
        for spec in &mut candidate.steps {
            if let Some(step) = self.catalog.step(&spec.step) {
                let mut drawn = step.space(&self.meta).sample(rng);
                drawn.append(&mut spec.params);
                spec.params = drawn;
            }
        }
        candidate
    }
}

impl Sampler for DefaultsThenRandom {
    fn ask(&self, number: u32, history: &[&Trial]) -> Option<Asked> {
        if let Some(learner) = self.learners.get(number as usize) {
            let origin = if learner.info().complexity == 0 { "baseline" } else { "default" };
            return Some(Asked { candidate: self.defaults(learner), origin });
        }
        let searched: Vec<_> =
            self.learners.iter().filter(|l| !l.space(&self.meta).dimensions.is_empty()).collect();
        if searched.is_empty() {
            return None;
        }
        let mut rng = Rng::new(hash::combine(&[self.seed, u64::from(number)]));
        let leader = history
            .iter()
            .filter_map(|t| t.loss().map(|loss| (loss, t.number, &t.candidate.learner)))
            .min_by_key(|(loss, number, _)| (*loss, *number))
            .and_then(|(_, _, id)| searched.iter().find(|l| l.info().id == id));
        // A drawn point may have been tried before; a few more draws find a new one where there is one.
        for _ in 0..16 {
            let learner = match leader {
                Some(leader) if rng.below(2) == 0 => leader,
                _ => searched[rng.below(searched.len())],
            };
            let candidate = self.random(learner, &mut rng);
            if history.iter().all(|t| t.candidate != candidate) {
                return Some(Asked { candidate, origin: "random" });
            }
        }
        None
    }
}
