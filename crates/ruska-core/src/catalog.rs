//! The set of learners, steps, measures and splitters an engine works with.

use crate::{Learner, Measure, Splitter, Step};
use std::sync::Arc;

/// Everything pluggable, by id, in order of preference. Library users add their own.
#[derive(Clone, Default)]
pub struct Catalog {
    /// Learners.
    pub learners: Vec<Arc<dyn Learner>>,
    /// Preprocessing steps.
    pub steps: Vec<Arc<dyn Step>>,
    /// Measures.
    pub measures: Vec<Arc<dyn Measure>>,
    /// Splitters.
    pub splitters: Vec<Arc<dyn Splitter>>,
}

impl Catalog {
    /// The learner of an id.
    pub fn learner(&self, id: &str) -> Option<&Arc<dyn Learner>> {
        self.learners.iter().find(|l| l.info().id == id)
    }

    /// The step of an id.
    pub fn step(&self, id: &str) -> Option<&Arc<dyn Step>> {
        self.steps.iter().find(|s| s.info().id == id)
    }

    /// The measure of an id.
    pub fn measure(&self, id: &str) -> Option<&Arc<dyn Measure>> {
        self.measures.iter().find(|m| m.info().id == id)
    }

    /// The splitter of an id.
    pub fn splitter(&self, id: &str) -> Option<&Arc<dyn Splitter>> {
        self.splitters.iter().find(|s| s.info().id == id)
    }
}
