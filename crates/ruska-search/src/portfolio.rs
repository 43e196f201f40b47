//! The portfolio: strong settings in the order in which they are tried, learned from trials on other
//! tables.
//!
//! A file holds a list for each kind of task and size of table. A setting names a learner, the
//! parameters in which it departs from the learner's defaults on the task, and steps that it prefers
//! or adds; what of it does not suit a task is left out, so any setting gives a candidate for any task
//! that its learner takes.
//!
//! Reference: Feurer, Eggensperger, Falkner, Lindauer, Hutter, "Auto-Sklearn 2.0: Hands-free AutoML via
//! meta-learning", JMLR 2022, section 4; Salinas, Erickson, "TabRepo", AutoML 2024.

use ruska_core::{
    Candidate, Catalog, Learner, Params, StepSpec, TaskKind, TaskMeta, insert, optional,
    robustify_with,
};
use serde::{Deserialize, Serialize};

/// A learner with parameters and steps of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Id of the learner.
    pub learner: String,
    /// Parameters; those left out have the learner's defaults on the task.
    #[serde(default, skip_serializing_if = "Params::is_empty")]
    pub params: Params,
    /// Ids of steps, preferred to others that close the same need, or added where they are optional.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<String>,
}

impl Setting {
    /// A learner's defaults.
    pub fn defaults(learner: &str) -> Self {
        Self { learner: learner.to_owned(), params: Params::new(), steps: vec![] }
    }

    /// The candidate for a task; `None` where the catalog has no such learner or it does not take the
    /// task. Numbers outside the learner's space are brought to its ends, steps that do not suit are
    /// left out.
    pub fn candidate(&self, catalog: &Catalog, meta: &TaskMeta) -> Option<Candidate> {
        let learner = catalog.learner(&self.learner).filter(|l| l.info().takes(meta))?;
        Some(Candidate {
            steps: self.steps(catalog, &**learner, meta),
            learner: self.learner.clone(),
            params: learner.space(meta).nearest(&self.params),
        })
    }

    fn steps(&self, catalog: &Catalog, learner: &dyn Learner, meta: &TaskMeta) -> Vec<StepSpec> {
        let named = |id: &str| self.steps.iter().any(|s| s == id);
        let mut steps = robustify_with(catalog, learner.info(), meta, |options| {
            options.iter().position(|id| named(id)).unwrap_or(0)
        });
        if learner.info().complexity > 0 {
            for id in optional(catalog, learner.info(), meta).into_iter().filter(|id| named(id)) {
                let step = StepSpec { step: id.to_owned(), params: Params::new() };
                insert(catalog, &mut steps, step);
            }
        }
        steps
    }
}

/// Lists of settings by kind of task and size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portfolio {
    /// The lists.
    pub lists: Vec<List>,
}

/// Settings for tasks of a kind and size, the one to try first in front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Two classes, more, numbers, groups, or what comes next.
    pub kind: Kind,
    /// For tables of at least so many rows, and of fewer than the kind's next larger one.
    pub rows: usize,
    /// The settings.
    pub settings: Vec<Setting>,
}

/// Kinds of tasks with lists of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Two classes.
    Binary,
    /// Three classes or more.
    Multiclass,
    /// Numbers.
    Regression,
    /// Groups.
    Clustering,
    /// What comes next.
    Forecasting,
}

impl Kind {
    fn of(meta: &TaskMeta) -> Self {
        match meta.kind {
            TaskKind::Regression => Self::Regression,
            TaskKind::Clustering => Self::Clustering,
            TaskKind::Forecasting => Self::Forecasting,
            TaskKind::Classification if meta.n_classes > 2 => Self::Multiclass,
            TaskKind::Classification => Self::Binary,
        }
    }
}

impl Portfolio {
    /// The settings for a task.
    pub fn of(&self, meta: &TaskMeta) -> &[Setting] {
        let kind = Kind::of(meta);
        let suits = |l: &&List| l.kind == kind && l.rows <= meta.rows;
        let list = self.lists.iter().filter(suits).max_by_key(|l| l.rows);
        list.map_or(&[], |l| &l.settings)
    }
}
