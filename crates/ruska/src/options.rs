//! What a study is asked to do, as data: it is stored with the study so that `resume` can set
//! everything up again.

use crate::forecast::Role;
use crate::part::Part;
use ruska_core::{Aggregate, Kind, TaskKind};
use ruska_data::ReadOptions;
use ruska_search::{Portfolio, Prefer};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Choices of a study. The defaults are what `ruska fit DATA --target COL` does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Column to predict; empty for clustering.
    pub target: String,
    /// What is asked; told from the target when `None`.
    pub task: Option<TaskKind>,
    /// Id of the measure to optimise; `auc` for two classes, `logloss` for more, `rmse` for
    /// numbers, `consensus` for groups when `None`.
    pub metric: Option<String>,
    /// Which trial gives the model.
    pub prefer: Prefer,
    /// Most microseconds that predicting a row may take on this machine, > 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_predict_us: Option<f64>,
    /// Whether the search ends when more is not expected to bring more than noise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub until_flat: bool,
    /// Whether one trial alone makes the model, rather than the mean of several where that is
    /// better.
    pub single: bool,
    /// Share of rows kept aside and scored once at the end, in (0, 1).
    pub holdout: Option<f64>,
    /// Number of groups to find, at least 1; searched when `None`. For clustering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<usize>,
    /// Least rows of a group, at least 1. For clustering.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_cluster_size: Option<usize>,
    /// Periods to be told, at least 1. For forecasting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon: Option<usize>,
    /// Column that tells series apart. For forecasting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// How several rows of a series and time become one; refused when `None`. For forecasting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<Aggregate>,
    /// Columns that are known of the periods to be told. For forecasting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
    /// Columns that are known of periods that have come. For forecasting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<String>,
    /// Columns that are the same throughout a series. For forecasting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
    /// Columns of the levels by which series add up, from the top. For forecasting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hierarchy: Vec<String>,
    /// Number of folds, at least 2; chosen from the rows when `None`.
    pub folds: Option<usize>,
    /// Column whose equal values stay together.
    pub group: Option<String>,
    /// Column whose order separates training from test rows.
    pub time_column: Option<String>,
    /// Column of row weights.
    pub weight: Option<String>,
    /// Column of exposures: what each row's number was counted over, such as years insured.
    pub exposure: Option<String>,
    /// Columns not to use.
    pub ignore: Vec<String>,
    /// Columns of people's groups: kept from the model, so that it can be audited by them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// Whether the model may learn from columns of people's groups nonetheless.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub use_sensitive: bool,
    /// Whether rows are weighed so that a class is as frequent in every group of people.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reweigh: bool,
    /// Whether columns suspected of telling the target are not used either.
    pub drop_leaks: bool,
    /// The class that precision, recall and the like are about.
    pub positive: Option<String>,
    /// Meanings of columns that inference would get wrong.
    pub types: BTreeMap<String, Kind>,
    /// Learners and steps to use; all that are not opt-in when empty.
    pub include: Vec<String>,
    /// Learners and steps not to use.
    pub exclude: Vec<String>,
    /// Settings to try first, instead of the usual ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portfolio: Option<Portfolio>,
    /// Seed.
    pub seed: u64,
    /// Labelled table scored once at the end.
    pub test: Option<String>,
    /// Model file.
    pub output: Option<String>,
    /// How the data is read.
    pub reading: ReadOptions,
    /// Rows to learn from, where not all; the others are as if they were not there.
    pub rows: Option<Part>,
}

impl Options {
    /// The columns that are kept from the model, and why.
    pub(crate) fn kept_out(&self) -> impl Iterator<Item = (&String, &'static str)> {
        let sensitive = self.sensitive.iter().filter(|_| !self.use_sensitive);
        let ignored = self.ignore.iter().map(|column| (column, "you asked to ignore it"));
        ignored.chain(sensitive.map(|column| (column, "it is sensitive")))
    }

    /// Whether a column is kept from the model.
    pub(crate) fn keeps_out(&self, column: &str) -> bool {
        self.kept_out().any(|(name, _)| name == column)
    }

    /// The options about groups, by name.
    pub(crate) fn of_groups(&self) -> [(&'static str, Option<usize>); 2] {
        [("--clusters", self.clusters), ("--min-cluster-size", self.min_cluster_size)]
    }

    /// The options about series, by name, and whether they were given.
    pub(crate) fn of_series(&self) -> [(&'static str, bool); 7] {
        [
            ("--horizon", self.horizon.is_some()),
            ("--series", self.series.is_some()),
            ("--aggregate", self.aggregate.is_some()),
            ("--known", !self.known.is_empty()),
            ("--past", !self.past.is_empty()),
            ("--static", !self.fixed.is_empty()),
            ("--hierarchy", !self.hierarchy.is_empty()),
        ]
    }

    /// The columns of a role beside series.
    pub(crate) fn covariates(&self, role: Role) -> &[String] {
        match role {
            Role::Known => &self.known,
            Role::Past => &self.past,
            Role::Static => &self.fixed,
        }
    }

    /// The role of a column beside series, if it has one.
    pub(crate) fn role(&self, column: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| self.covariates(*role).iter().any(|c| c == column))
    }
}
