//! A validated question: features, target and roles. Built once, cannot be invalid afterwards.

use crate::{Ahead, Column, Field, Frame, Grouping, Kind, Need, TaskError, Timelines, Truth};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Which of two or more classes.
    Classification,
    /// Which number.
    Regression,
    /// Which group, where no group is known beforehand.
    Clustering,
    /// Which numbers come next.
    Forecasting,
}

impl TaskKind {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Classification, Self::Regression, Self::Clustering, Self::Forecasting];

    /// The name used in options and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Regression => "regression",
            Self::Clustering => "clustering",
            Self::Forecasting => "forecasting",
        }
    }
}

/// The truth to be learned, one per row.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Classes.
    Classes {
        /// Index into `classes`, one per row.
        codes: Arc<Vec<u32>>,
        /// Labels in the order in which probabilities are given; at least two.
        classes: Arc<Vec<String>>,
        /// The class that precision, recall and the like are about.
        positive: u32,
    },
    /// Finite numbers.
    Values(Arc<Vec<f64>>),
    /// Groups that nobody knows yet.
    Groups(Grouping),
    /// Series that go on.
    Series(Timelines),
}

impl Target {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes { codes, .. } => codes.len(),
            Self::Values(v) => v.len(),
            Self::Groups(grouping) => grouping.rows(),
            Self::Series(panel) => panel.rows(),
        }
    }

    /// Number of classes; 0 where there are none.
    pub fn n_classes(&self) -> usize {
        match self {
            Self::Classes { classes, .. } => classes.len(),
            Self::Values(_) | Self::Groups(_) | Self::Series(_) => 0,
        }
    }

    /// Width of predictions for this target, the least where it depends on the learner.
    pub fn width(&self) -> usize {
        match self {
            Self::Series(_) => 2,
            _ => self.n_classes().max(1),
        }
    }

    /// Whether predictions for it may have so many numbers a row.
    pub fn admits(&self, width: usize) -> bool {
        matches!(self, Self::Groups(_)) || width == self.width()
    }

    /// The truth of the given rows, for scoring.
    pub fn truth(&self, rows: &[u32]) -> Truth {
        match self {
            Self::Classes { codes, classes, positive } => Truth::Classes {
                codes: rows.iter().map(|&r| codes[r as usize]).collect(),
                n_classes: classes.len(),
                positive: *positive,
            },
            Self::Values(v) => Truth::Values(rows.iter().map(|&r| v[r as usize]).collect()),
            Self::Groups(g) => Truth::Points { values: g.points(rows), dims: g.dims },
            Self::Series(panel) => Truth::Ahead(Ahead::new(panel, rows.to_vec())),
        }
    }

    /// The truth of rows of these classes, for scoring; empty where there are none.
    pub fn truth_of(&self, codes: &[u32]) -> Truth {
        match self {
            Self::Classes { classes, positive, .. } => Truth::Classes {
                codes: codes.to_vec(),
                n_classes: classes.len(),
                positive: *positive,
            },
            Self::Values(_) => Truth::Values(vec![]),
            Self::Groups(g) => Truth::Points { values: vec![], dims: g.dims },
            Self::Series(panel) => Truth::Ahead(Ahead::new(panel, vec![])),
        }
    }

    /// The given rows, in the given order.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Classes { codes, classes, positive } => Self::Classes {
                codes: Arc::new(rows.iter().map(|&r| codes[r as usize]).collect()),
                classes: Arc::clone(classes),
                positive: *positive,
            },
            Self::Values(v) => {
                Self::Values(Arc::new(rows.iter().map(|&r| v[r as usize]).collect()))
            }
            Self::Groups(g) => {
                Self::Groups(Grouping { values: Arc::new(g.points(rows)), ..g.clone() })
            }
            Self::Series(panel) => Self::Series(panel.take(rows)),
        }
    }
}

/// Features, target and roles, all of one length.
#[derive(Clone, Debug)]
pub struct Task {
    /// Features only.
    pub x: Frame,
    /// What is to be learned.
    pub target: Target,
    /// Non-negative finite weight per row, not all zero.
    pub weights: Option<Arc<Vec<f64>>>,
    /// Group per row; rows of a group are never split between training and test.
    pub groups: Option<Arc<Vec<u32>>>,
    /// Time per row in milliseconds; earlier rows train, later rows test.
    pub times: Option<Arc<Vec<i64>>>,
    /// The column of `x` that is no feature but what each row's number was counted over: finite,
    /// above 0. Predictions are for the exposures of their rows.
    pub exposure: Option<Arc<str>>,
}

impl Task {
    /// Checks lengths, finiteness and classes; marks the features as the study's own.
    pub fn new(x: Frame, target: Target) -> Result<Self, TaskError> {
        let rows = x.rows();
        if target.rows() != rows {
            return Err(TaskError::Length {
                column: "target".into(),
                got: target.rows(),
                expected: rows,
            });
        }
        if rows == 0 {
            return Err(TaskError::NoRows);
        }
        match &target {
            Target::Classes { codes, classes, positive } => {
                let known = classes.len() as u32;
                if known < 2 {
                    return Err(TaskError::OneClass {
                        class: classes.first().cloned().unwrap_or_default(),
                    });
                }
                if *positive >= known || codes.iter().any(|&c| c >= known) {
                    return Err(TaskError::UnknownClass);
                }
            }
            Target::Values(values) => {
                if let Some(row) = values.iter().position(|v| !v.is_finite()) {
                    return Err(TaskError::NotFinite { row });
                }
            }
            Target::Groups(g) => {
                if let Some(at) = g.values.iter().position(|v| !v.is_finite()) {
                    return Err(TaskError::NotFinite { row: at / g.dims });
                }
            }
            Target::Series(panel) => panel.validate().map_err(TaskError::Timelines)?,
        }
        for field in x.fields() {
            let fits = match field.kind {
                Kind::Numeric | Kind::Boolean => {
                    matches!(field.column, Column::Float(_) | Column::Sparse(_))
                }
                Kind::Categorical | Kind::Text => matches!(field.column, Column::Str(_)),
                Kind::Time => matches!(field.column, Column::Time(_)),
                Kind::Identifier | Kind::Ignored => false,
            };
            if !fits {
                return Err(TaskError::NotAFeature { column: field.name.to_string() });
            }
        }
        let x = x.with_origins();
        Ok(Self { x, target, weights: None, groups: None, times: None, exposure: None })
    }

    /// Adds weights: one per row, non-negative, finite, not all zero.
    pub fn with_weights(mut self, weights: Vec<f64>) -> Result<Self, TaskError> {
        self.expect_rows("weight", weights.len())?;
        if let Some(row) = weights.iter().position(|w| !w.is_finite() || *w < 0.0) {
            return Err(TaskError::BadWeight { row, got: weights[row] });
        }
        if weights.iter().all(|w| *w == 0.0) {
            return Err(TaskError::NoWeight);
        }
        self.weights = Some(Arc::new(weights));
        Ok(self)
    }

    /// Adds groups: one code per row.
    pub fn with_groups(mut self, groups: Vec<u32>) -> Result<Self, TaskError> {
        self.expect_rows("group", groups.len())?;
        self.groups = Some(Arc::new(groups));
        Ok(self)
    }

    /// Adds times: milliseconds per row.
    pub fn with_times(mut self, times: Vec<i64>) -> Result<Self, TaskError> {
        self.expect_rows("time", times.len())?;
        self.times = Some(Arc::new(times));
        Ok(self)
    }

    /// Makes a numeric column of the features the exposure: finite, above 0. The target must be
    /// numbers.
    pub fn with_exposure(mut self, column: &str) -> Result<Self, TaskError> {
        let name = || column.to_owned();
        if self.kind() != TaskKind::Regression {
            return Err(TaskError::ExposureOfClasses);
        }
        let field = self.x.field(column).filter(|f| f.kind == Kind::Numeric);
        let values = field.and_then(crate::Field::floats);
        let values = values.ok_or_else(|| TaskError::NotAFeature { column: name() })?;
        if let Some(row) = values.iter().position(|v| !(v.is_finite() && *v > 0.0)) {
            return Err(TaskError::BadExposure { row, got: values[row] });
        }
        self.exposure = Some(column.into());
        Ok(self)
    }

    fn expect_rows(&self, column: &str, got: usize) -> Result<(), TaskError> {
        if got == self.rows() {
            return Ok(());
        }
        Err(TaskError::Length { column: column.into(), got, expected: self.rows() })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.x.rows()
    }

    /// What is asked.
    pub fn kind(&self) -> TaskKind {
        match self.target {
            Target::Classes { .. } => TaskKind::Classification,
            Target::Values(_) => TaskKind::Regression,
            Target::Groups(_) => TaskKind::Clustering,
            Target::Series(_) => TaskKind::Forecasting,
        }
    }

    /// The task on some of its rows.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        fn pick<T: Copy>(v: &Arc<Vec<T>>, rows: &[u32]) -> Arc<Vec<T>> {
            Arc::new(rows.iter().map(|&r| v[r as usize]).collect())
        }
        Self {
            x: self.x.take(rows).with_origins(),
            target: self.target.take(rows),
            weights: self.weights.as_ref().map(|v| pick(v, rows)),
            groups: self.groups.as_ref().map(|v| pick(v, rows)),
            times: self.times.as_ref().map(|v| pick(v, rows)),
            exposure: self.exposure.clone(),
        }
    }

    /// The facts about the task that spaces, costs and pipelines depend on.
    pub fn meta(&self) -> TaskMeta {
        let mut meta = TaskMeta {
            kind: self.kind(),
            rows: self.rows(),
            n_classes: self.target.n_classes(),
            numeric: 0,
            levels: vec![],
            text: 0,
            time: 0,
            missing_share: 0.0,
            weighted: self.weights.is_some() || self.exposure.is_some(),
            least_target: match &self.target {
                Target::Values(v) => v.iter().copied().fold(f64::MAX, f64::min),
                Target::Series(p) => p.values.iter().copied().fold(f64::MAX, f64::min),
                Target::Classes { .. } | Target::Groups(_) => 0.0,
            },
            clusters: None,
            min_cluster_size: None,
            long_tailed: None,
            series: None,
            seasons: vec![],
            horizon: None,
            known: 0,
        };
        if let Target::Series(panel) = &self.target {
            (meta.series, meta.horizon) = (Some(panel.series()), Some(panel.horizon));
            meta.seasons.clone_from(&panel.seasons);
            meta.known = panel.covariates.known.len();
        }
        if let Target::Groups(g) = &self.target {
            (meta.clusters, meta.min_cluster_size) = (g.clusters, g.min_cluster_size);
            meta.long_tailed = Some(self.x.fields().iter().filter(|f| is_long_tailed(f)).count());
        }
        let mut missing = 0;
        let is_feature = |f: &&Field| self.exposure.as_ref() != Some(&f.name);
        for field in self.x.fields().iter().filter(is_feature) {
            missing += field.column.missing();
            match (&field.kind, &field.column) {
                (Kind::Categorical, Column::Str(c)) => meta.levels.push(c.levels.len()),
                (Kind::Text, _) => meta.text += 1,
                (Kind::Time, _) => meta.time += 1,
                _ => meta.numeric += field.column.width(),
            }
        }
        let cells = self.rows() * self.x.fields().iter().filter(is_feature).count();
        meta.missing_share = if cells == 0 { 0.0 } else { missing as f64 / cells as f64 };
        meta
    }
}

/// Facts about a task, without its data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskMeta {
    /// What is asked.
    pub kind: TaskKind,
    /// Number of rows.
    pub rows: usize,
    /// Number of classes; 0 where there are none.
    pub n_classes: usize,
    /// Number of numeric and boolean features.
    pub numeric: usize,
    /// Number of levels of each categorical feature.
    pub levels: Vec<usize>,
    /// Number of free-text features.
    pub text: usize,
    /// Number of time features.
    pub time: usize,
    /// Share of missing cells, 0..=1.
    pub missing_share: f64,
    /// Whether rows carry weights.
    pub weighted: bool,
    /// The least value of a numeric target; 0 for others.
    pub least_target: f64,
    /// Groups asked for, where they are to be found and their number was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// Least rows of a group, where that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_cluster_size: Option<usize>,
    /// Numeric features above 0 with a skewness above 1; counted where groups are to be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_tailed: Option<usize>,
    /// Number of series, where it is asked what comes next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<usize>,
    /// Periods of their seasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seasons: Vec<usize>,
    /// Periods to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<usize>,
    /// Columns that are known of those periods.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub known: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Whether a feature is numeric, above 0 everywhere, and has a skewness above 1.
fn is_long_tailed(field: &Field) -> bool {
    let Some(values) = field.floats() else { return false };
    let known = || values.iter().copied().filter(|v| !v.is_nan());
    let n = known().count() as f64;
    let mean = known().sum::<f64>() / n;
    let moment = |power| known().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    known().all(|v| v > 0.0) && moment(3) > moment(2).powf(1.5)
}

impl TaskMeta {
    /// Number of features.
    pub fn features(&self) -> usize {
        self.numeric + self.levels.len() + self.text + self.time
    }

    /// Number of models a one-model-per-class learner fits: 1 where there are not more than two classes.
    pub fn outputs(&self) -> usize {
        if self.n_classes > 2 { self.n_classes } else { 1 }
    }

    /// Whether the task has something that a learner may need closed by a step.
    /// Missing values and unequal scales always count: later files may have them.
    pub fn has(&self, need: Need) -> bool {
        match need {
            Need::Dates => self.time > 0,
            Need::Text => self.text > 0,
            Need::FewLevels | Need::ManyLevels => !self.levels.is_empty(),
            Need::Missing | Need::Scale => true,
        }
    }
}
