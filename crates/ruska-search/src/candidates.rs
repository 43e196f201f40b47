//! The candidates that may be asked for: learners and steps that suit the task and were not excluded.

use crate::{SearchError, Setting};
use ruska_core::{
    Candidate, Catalog, Cost, Learner, LearnerInfo, Params, Rng, StepSpec, TaskMeta, insert,
    optional, robustify, robustify_with,
};
use std::sync::Arc;

/// Makes candidates.
pub(crate) struct Candidates {
    /// Without the steps that were excluded; those named come first.
    catalog: Arc<Catalog>,
    pub(crate) meta: TaskMeta,
    /// The learners from cheap to expensive, those that only tell what a constant has in front.
    pub(crate) learners: Vec<Arc<dyn Learner>>,
    /// Steps asked for by name; the optional ones stand in every pipeline that takes them.
    named: Vec<String>,
}

impl Candidates {
    pub(crate) fn new(
        catalog: &Catalog,
        meta: &TaskMeta,
        include: &[String],
        exclude: &[String],
    ) -> Result<Self, SearchError> {
        let named = |id: &str| include.iter().any(|i| i == id);
        let excluded = |id: &str| exclude.iter().any(|e| e == id);
        let any_learner_named = catalog.learners.iter().any(|l| named(l.info().id));
        let mut pool = catalog.clone();
        pool.steps.retain(|s| !excluded(s.info().id));
        // Named steps are preferred where they fit; the others stay for what none of them closes.
        pool.steps.sort_by_key(|s| !named(s.info().id));
        let wanted = |info: &LearnerInfo| {
            info.complexity == 0 || if any_learner_named { named(info.id) } else { !info.opt_in }
        };
        let mut learners: Vec<_> = catalog
            .learners
            .iter()
            .filter(|l| l.info().takes(meta) && !excluded(l.info().id) && wanted(l.info()))
            .map(|l| (l.info().complexity > 0, work(&**l, meta), Arc::clone(l)))
            .collect();
        learners.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let learners: Vec<_> = learners.into_iter().map(|(_, _, l)| l).collect();
        if learners.is_empty() {
            return Err(SearchError::NoLearner);
        }
        let (catalog, meta) = (Arc::new(pool), meta.clone());
        Ok(Self { catalog, meta, learners, named: include.to_vec() })
    }

    pub(crate) fn learner(&self, id: &str) -> Option<&Arc<dyn Learner>> {
        self.learners.iter().find(|l| l.info().id == id)
    }

    /// A learner's defaults with the steps it needs and those asked for.
    pub(crate) fn defaults(&self, learner: &dyn Learner) -> Candidate {
        let mut steps = robustify(&self.catalog, learner.info(), &self.meta);
        self.add_named(learner, &mut steps);
        let params = learner.space(&self.meta).defaults();
        Candidate { steps, learner: learner.info().id.to_owned(), params }
    }

    /// What a setting gives; `None` where its learner takes no part.
    pub(crate) fn setting(&self, setting: &Setting) -> Option<Candidate> {
        let learner = self.learner(&setting.learner)?;
        let mut candidate = setting.candidate(&self.catalog, &self.meta)?;
        self.add_named(&**learner, &mut candidate.steps);
        Some(candidate)
    }

    /// A random point of a learner's space with random steps.
    pub(crate) fn random(&self, learner: &dyn Learner, rng: &mut Rng) -> Candidate {
        let steps = self.random_steps(learner, rng);
        let params = learner.space(&self.meta).sample(rng);
        Candidate { steps, learner: learner.info().id.to_owned(), params }
    }

    /// A candidate near another of the same learner: its parameters a step away, and one time in five
    /// other steps.
    pub(crate) fn near(
        &self,
        learner: &dyn Learner,
        candidate: &Candidate,
        deviation: f64,
        rng: &mut Rng,
    ) -> Candidate {
        let params = learner.space(&self.meta).near(&candidate.params, deviation, rng);
        let steps = if rng.below(5) == 0 {
            self.random_steps(learner, rng)
        } else {
            candidate.steps.clone()
        };
        Candidate { steps, learner: candidate.learner.clone(), params }
    }

    /// Mandatory steps chosen among those that close the same need, one time in four an optional
    /// step, and all their parameters drawn.
    fn random_steps(&self, learner: &dyn Learner, rng: &mut Rng) -> Vec<StepSpec> {
        let mut steps = robustify_with(&self.catalog, learner.info(), &self.meta, |options| {
            if rng.below(2) == 0 { 0 } else { rng.below(options.len()) }
        });
        let others = self.add_named(learner, &mut steps);
        if !others.is_empty() && rng.below(4) == 0 {
            self.add(&mut steps, others[rng.below(others.len())]);
        }
        for spec in &mut steps {
            if let Some(step) = self.catalog.step(&spec.step) {
                let mut drawn = step.space(&self.meta).sample(rng);
                drawn.append(&mut spec.params);
                spec.params = drawn;
            }
        }
        steps
    }

    /// Adds the optional steps asked for by name, and returns the other optional ones.
    fn add_named(&self, learner: &dyn Learner, steps: &mut Vec<StepSpec>) -> Vec<&'static str> {
        if learner.info().complexity == 0 {
            return vec![];
        }
        let all = optional(&self.catalog, learner.info(), &self.meta).into_iter();
        let (named, others): (Vec<_>, Vec<_>) =
            all.partition(|id| self.named.iter().any(|n| n == id));
        for id in named {
            if steps.iter().all(|s| s.step != id) {
                self.add(steps, id);
            }
        }
        others
    }

    fn add(&self, steps: &mut Vec<StepSpec>, id: &str) {
        insert(&self.catalog, steps, StepSpec { step: id.to_owned(), params: Params::new() });
    }

    /// What a fit of a candidate on all rows declares to cost.
    pub(crate) fn cost(&self, candidate: &Candidate) -> Cost {
        let cost = self.learner(&candidate.learner).map(|l| l.cost(&candidate.params, &self.meta));
        cost.and_then(Result::ok).unwrap_or(Cost { work: f64::MAX, bytes: f64::MAX })
    }

    /// The work of it, at least 1.
    pub(crate) fn work(&self, candidate: &Candidate) -> f64 {
        self.cost(candidate).work.max(1.0)
    }
}

/// What a fit of a learner's defaults declares to cost.
fn work(learner: &dyn Learner, meta: &TaskMeta) -> f64 {
    learner.cost(&learner.space(meta).defaults(), meta).map_or(f64::MAX, |c| c.work)
}
