//! What the groups of a clustering model are, for people: how many rows, what differs, a typical
//! member, rules that lead to them, a map.
//!
//! ```text
//! table ─ predict ─▶ groups ─┬─ differences ─▶ words
//!       └ schema ─▶ features ├─ space ─┬─▶ typical member
//!                            │         └─▶ map ─▶ svg
//!                            └─ tree ─▶ rules
//! ```
//!
//! The rows are those of any table that the model can predict; nothing is taken from training but the
//! groups themselves. Rows count alike, also where the model learned from weighted ones.

mod differences;
pub(crate) mod features;
mod map;
mod rules;
mod space;
pub(crate) mod svg;
mod tree;
mod typical;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod tests;

use crate::error::Error;
use crate::model::{Model, write_atomically};
use features::{Feature, Groups};
use ruska_core::{Frame, TaskKind};
use serde::Serialize;
use space::Space;
use std::path::Path;

pub use differences::{ClusterDifference, Contrast};
pub use map::{Axis, ClusterMap, Middle};
pub use rules::{Asked, ClusterRule, ClusterRules, Condition};
pub use typical::{Member, MemberValue};

/// Clusters that are described.
const CLUSTERS: usize = 20;
/// Differences told of a cluster.
const DIFFERENCES: usize = 10;

/// The groups of a table, described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// Rows of the table, at least one.
    pub rows: usize,
    /// Clusters that have rows there; rows in no cluster are none.
    pub clusters: usize,
    /// By number, at most 20; at the end what is in no cluster, if anything.
    pub profiles: Vec<ClusterProfile>,
    /// Columns that cannot be told in a few words, such as free text: they are not described.
    pub not_described: Vec<String>,
    /// How to tell the clusters apart; `None` where there is but one.
    pub rules: Option<ClusterRules>,
    /// Where they lie.
    pub map: ClusterMap,
}

/// A cluster, or what is in none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterProfile {
    /// Its number, as the model predicts it; −1 for rows in no cluster.
    pub cluster: i32,
    /// Its rows.
    pub rows: usize,
    /// Share of all rows, 0 to 1.
    pub share: f64,
    /// One line that says what it is known by.
    pub words: String,
    /// In what it differs from all other rows, the largest effects first, at most ten.
    pub differences: Vec<ClusterDifference>,
    /// Further differences.
    pub more_differences: usize,
    /// The row nearest to its middle; rows in no cluster have none.
    pub typical: Option<Member>,
}

impl Model {
    /// Describes the groups that the model finds in a table, as [`crate::read`] gives it.
    ///
    /// Fails when the model is none of clustering, the table has no rows, or it has not the model's
    /// columns.
    pub fn explain(&self, table: &Frame) -> Result<Explanation, Error> {
        let manifest = self.manifest();
        if manifest.task != TaskKind::Clustering {
            let what = format!(
                "explain describes the groups of a clustering model and the series of a forecasting model, and \
                 this one predicts `{}`; make one with `fit DATA --task clustering`",
                manifest.target
            );
            return Err(Error::Options(what));
        }
        if table.rows() == 0 {
            let what = "the table has no rows; explain needs those that are to be described";
            return Err(Error::Options(what.to_owned()));
        }
        let labels = self.predict(table)?.numbers.groups();
        let names: Vec<&str> = manifest.features.iter().map(String::as_str).collect();
        let typed = self.typed(table, &names)?;
        let (features, not_described) = features::features(&typed, &manifest.schema);
        Ok(explain(&features, not_described, &labels))
    }
}

fn explain(features: &[Feature], not_described: Vec<String>, labels: &[i32]) -> Explanation {
    let groups = Groups::new(labels);
    let clusters = groups.numbers.iter().filter(|n| **n >= 0).count();
    let told: Vec<usize> =
        (0..groups.len()).filter(|place| *place < CLUSTERS || groups.numbers[*place] < 0).collect();
    let space = Space::new(features, groups.rows());
    let nearest = typical::nearest(&space, &groups);
    let differences = differences::differences(features, &groups, &told, DIFFERENCES);
    let profile = |(&place, (differences, more_differences)): (&usize, (Vec<_>, usize))| {
        let (cluster, rows) = (groups.numbers[place], groups.sizes[place]);
        let share = rows as f64 / groups.rows() as f64;
        let member = || typical::member(features, nearest[place], &differences);
        ClusterProfile {
            cluster,
            rows,
            share,
            words: words::line(cluster, share, groups.len() == 1, &differences),
            typical: (cluster >= 0).then(member),
            differences,
            more_differences,
        }
    };
    Explanation {
        rows: groups.rows(),
        clusters,
        profiles: told.iter().zip(differences).map(profile).collect(),
        not_described,
        rules: (groups.len() > 1).then(|| rules::rules(features, &groups)),
        map: map::map(&space, &groups),
    }
}

impl Explanation {
    /// The map as an SVG picture of 900 × 640 with a heading.
    pub fn svg(&self, heading: &str) -> String {
        svg::draw(self, heading)
    }

    /// Writes that picture: a temporary file in the same folder, then renamed.
    pub fn save_svg(&self, path: impl AsRef<Path>, heading: &str) -> std::io::Result<()> {
        write_atomically(path.as_ref(), self.svg(heading).as_bytes())
    }
}
