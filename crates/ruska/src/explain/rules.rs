//! The tree as rules in words, and how far they can be relied on.
//!
//! Fidelity is measured on rows that a tree has not learned from: one is learned from each half of the
//! rows and asked about the other. The rules themselves are of a tree learned from all of them. Of
//! large tables 20,000 rows are learned from, or fewer where columns are many; a rule's rows are
//! counted on all.

use super::features::{Feature, Groups};
use super::tree::{Lesson, Split, Test, Tree};
use super::words::{quoted, title};
use crate::words::percent;
use ruska_core::hash;
use ruska_data::{number_text, time_text};
use serde::Serialize;

/// Cells learned from.
const CELLS: usize = 2_000_000;
/// Fewest and most rows learned from.
const ROWS: (usize, usize) = (400, 20_000);

/// A few questions that tell the clusters apart.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterRules {
    /// One a leaf of the tree, by cluster, those of most rows first; every row meets one.
    pub rules: Vec<ClusterRule>,
    /// Share of rows whose cluster trees told that had not learned from them, 0 to 1; `None` where
    /// rows are too few to keep some aside.
    pub fidelity: Option<f64>,
    /// The same in each cluster, the mean over clusters: a small one counts as much as a large one.
    pub balanced: Option<f64>,
    /// Share of the rows in the largest cluster, which no rule is needed for.
    pub by_chance: f64,
    /// Clusters that no rule leads to: too few rows, or others lie all around.
    pub without: Vec<i32>,
}

/// A way to a cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterRule {
    /// What all must hold; nothing where one rule is for all rows.
    pub conditions: Vec<Condition>,
    /// The cluster that most rows are of, −1 for none.
    pub cluster: i32,
    /// Rows for which all conditions hold.
    pub rows: usize,
    /// Share of them in that cluster, 0 to 1.
    pub right: f64,
    /// In words.
    pub words: String,
}

/// What is asked of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// Name of the column.
    pub column: String,
    /// What its value must be.
    #[serde(flatten)]
    pub asked: Asked,
    /// Whether it also holds where the number is missing.
    pub or_missing: bool,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// A number in a range; of points in time milliseconds since 1970.
    Number {
        /// Greater than this.
        above: Option<f64>,
        /// At most this.
        at_most: Option<f64>,
    },
    /// This level; `None` for having no value.
    Is(Option<String>),
    /// None of these levels.
    IsNot(Vec<Option<String>>),
}

/// The rules of a table of at least one row.
pub(super) fn rules(features: &[Feature], groups: &Groups) -> ClusterRules {
    let lesson = Lesson { features, of: &groups.of, groups: groups.len() };
    let most = (CELLS / features.len().max(1)).clamp(ROWS.0, ROWS.1);
    let rows: Vec<u32> = hash::spread(groups.rows(), most).map(|r| r as u32).collect();
    let (fidelity, balanced) = fidelity(&lesson, &rows).unzip();
    let tree = Tree::learn(&lesson, rows);
    let mut rules = read(&tree, features, groups);
    rules.sort_by_key(|r| (r.cluster.cast_unsigned(), std::cmp::Reverse(r.rows)));
    let told = |n: &&i32| rules.iter().all(|r| r.cluster != **n);
    let without = groups.numbers.iter().filter(told).copied().collect();
    let largest = groups.sizes.iter().copied().max().unwrap_or(0);
    let by_chance = largest as f64 / groups.rows() as f64;
    ClusterRules { rules, fidelity, balanced, by_chance, without }
}

/// Share of rows told right by a tree of the other half, and its mean over groups.
fn fidelity(lesson: &Lesson<'_>, rows: &[u32]) -> Option<(f64, f64)> {
    let first = |row: &u32| hash::mix(u64::from(*row)) & 1 == 0;
    let (a, b): (Vec<u32>, Vec<u32>) = rows.iter().partition(|row| first(row));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (mut right, mut all) = (vec![0usize; lesson.groups], vec![0usize; lesson.groups]);
    for (learned, asked) in [(&a, &b), (&b, &a)] {
        let tree = Tree::learn(lesson, learned.clone());
        for &row in asked {
            let told = tree.nodes[tree.leaf(lesson.features, row as usize)].group();
            let group = lesson.of[row as usize] as usize;
            all[group] += 1;
            right[group] += usize::from(told == group);
        }
    }
    let met: Vec<(usize, usize)> = right.into_iter().zip(all).filter(|(_, n)| *n > 0).collect();
    let correct: usize = met.iter().map(|(right, _)| right).sum();
    let shares = met.iter().map(|(right, all)| *right as f64 / *all as f64);
    Some((correct as f64 / rows.len() as f64, shares.sum::<f64>() / met.len() as f64))
}

/// The leaves of a tree with the rows that reach them.
fn read(tree: &Tree, features: &[Feature], groups: &Groups) -> Vec<ClusterRule> {
    let mut reached = vec![vec![0usize; groups.len()]; tree.nodes.len()];
    for (row, group) in groups.of.iter().enumerate() {
        reached[tree.leaf(features, row)][*group as usize] += 1;
    }
    let mut rules = vec![];
    let mut stack: Vec<(usize, Vec<(Split, bool)>)> = vec![(0, vec![])];
    while let Some((at, path)) = stack.pop() {
        if let Some(split) = tree.nodes[at].split {
            for (place, holds) in [(split.yes, true), (split.yes + 1, false)] {
                let mut longer = path.clone();
                longer.push((split, holds));
                stack.push((place, longer));
            }
            continue;
        }
        let conditions = conditions(&path, features);
        let (group, rows) = (tree.nodes[at].group(), reached[at].iter().sum::<usize>());
        let cluster = groups.numbers[group];
        let right = reached[at][group] as f64 / rows.max(1) as f64;
        let words = words(&conditions, features, cluster, rows, right);
        rules.push(ClusterRule { conditions, cluster, rows, right, words });
    }
    rules
}

/// What a path asks, one condition a column, in the order of the path.
fn conditions(path: &[(Split, bool)], features: &[Feature]) -> Vec<Condition> {
    let mut found: Vec<(usize, Condition)> = vec![];
    for (split, holds) in path {
        let feature = &features[split.feature];
        let passes = split.missing == *holds;
        let place = found.iter().position(|(f, _)| *f == split.feature).unwrap_or_else(|| {
            let asked = match split.test {
                Test::AtMost(_) => Asked::Number { above: None, at_most: None },
                Test::Is(_) => Asked::IsNot(vec![]),
            };
            let or_missing = split.met_missing;
            let condition = Condition { column: feature.name.clone(), asked, or_missing };
            found.push((split.feature, condition));
            found.len() - 1
        });
        let condition = &mut found[place].1;
        condition.or_missing &= passes;
        match (&mut condition.asked, split.test) {
            (Asked::Number { at_most, .. }, Test::AtMost(most)) if *holds => {
                *at_most = Some(at_most.map_or(most, |m| m.min(most)));
            }
            (Asked::Number { above, .. }, Test::AtMost(most)) => {
                *above = Some(above.map_or(most, |a| a.max(most)));
            }
            (asked, Test::Is(code)) => {
                let level = feature.labels.get(code as usize).cloned();
                match asked {
                    Asked::IsNot(levels) if !holds => levels.push(level),
                    Asked::IsNot(_) if *holds => *asked = Asked::Is(level),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found.into_iter().map(|(_, condition)| condition).collect()
}

fn words(
    conditions: &[Condition],
    features: &[Feature],
    cluster: i32,
    rows: usize,
    right: f64,
) -> String {
    let time = |c: &Condition| features.iter().any(|f| f.name == c.column && f.time);
    let mut asked: Vec<String> = conditions.iter().map(|c| phrase(c, time(c))).collect();
    if asked.is_empty() {
        asked.push("any row".to_owned());
    }
    let (what, row) = (title(cluster).to_lowercase(), if rows == 1 { "row" } else { "rows" });
    format!("{} → {what} ({} of {rows} {row})", asked.join(" and "), percent(right))
}

fn phrase(condition: &Condition, time: bool) -> String {
    let name = quoted(&condition.column);
    let number = |v: f64| {
        let time = time.then(|| time_text(v as i64));
        let moment = time.map(|t| t.trim_end_matches("T00:00:00").replacen('T', " ", 1));
        moment.unwrap_or_else(|| number_text(v))
    };
    let or = if condition.or_missing { " or missing" } else { "" };
    match &condition.asked {
        Asked::Number { above: Some(above), at_most: Some(most) } => {
            format!("{} < {name} ≤ {}{or}", number(*above), number(*most))
        }
        Asked::Number { above: Some(above), .. } => format!("{name} > {}{or}", number(*above)),
        Asked::Number { at_most: Some(most), .. } => format!("{name} ≤ {}{or}", number(*most)),
        Asked::Number { .. } => format!("any {name}"),
        Asked::Is(None) => format!("no {name}"),
        Asked::Is(Some(level)) => format!("{name} = {level}"),
        Asked::IsNot(levels) => match &levels[..] {
            [None] => format!("any {name}"),
            [Some(level)] => format!("{name} ≠ {level}"),
            levels => {
                let word = |l: &Option<String>| l.clone().unwrap_or_else(|| "missing".to_owned());
                format!("{name} none of {}", levels.iter().map(word).collect::<Vec<_>>().join(", "))
            }
        },
    }
}
