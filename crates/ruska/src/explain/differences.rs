//! What tells a group from all other rows: numbers by the standardised difference of their means,
//! levels by their shares.
//!
//! The effect of a number is Cohen's d, (mean here − mean elsewhere) / pooled standard deviation, that
//! of a level Cohen's h, 2·asin √share here − 2·asin √share elsewhere. Both are read on one scale:
//! 0.2 is small, 0.5 medium, 0.8 large. What is told is at least small and beyond chance: the effect
//! is three times what it would be expected to differ by, √(1/n here + 1/n elsewhere), or more where
//! many columns are looked at, and a level would be expected in five rows of the group. The groups
//! were made from these columns, so that is a threshold, not a test.
//!
//! Cost O(rows · columns). Reference: Cohen, "Statistical Power Analysis for the Behavioral
//! Sciences", 2nd ed., 1988, chapters 2 and 6.

use super::features::{Feature, Groups, Values};
use rayon::prelude::*;
use ruska_data::time_text;
use serde::Serialize;

/// Least effect that is told.
const LEAST_EFFECT: f64 = 0.2;
/// Largest effect that is told: where nothing varies but between groups, there is no limit.
const MOST_EFFECT: f64 = 100.0;
/// Standard errors beyond which an effect is not chance, of one column.
const LEAST_Z: f64 = 3.0;
/// Rows of a group that would have a level if it were like all.
const LEAST_EXPECTED: f64 = 5.0;
/// Levels told of a column.
const LEVELS: usize = 3;

/// A column in which a group differs from all other rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterDifference {
    /// Name of the column.
    pub column: String,
    /// Cohen's d of numbers and times, Cohen's h of levels; positive where there is more of it in the
    /// group, between −100 and 100.
    pub effect: f64,
    /// Both sides.
    #[serde(flatten)]
    pub contrast: Contrast,
}

/// The values in a group and elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Contrast {
    /// Numbers, in the unit of the column, missing ones aside.
    Number {
        /// Mean in the group.
        mean: f64,
        /// Median in the group.
        median: f64,
        /// Mean of all other rows.
        mean_elsewhere: f64,
        /// Median of all other rows.
        median_elsewhere: f64,
    },
    /// Points in time, as ISO 8601, missing ones aside.
    Time {
        /// Mean in the group.
        mean: String,
        /// Median in the group.
        median: String,
        /// Mean of all other rows.
        mean_elsewhere: String,
        /// Median of all other rows.
        median_elsewhere: String,
    },
    /// A level of a column.
    Level {
        /// The level, masked where it may name a person; `None` for having no value.
        level: Option<String>,
        /// Share of the group's rows that have it, 0 to 1.
        share: f64,
        /// Share of all other rows.
        share_elsewhere: f64,
        /// Share in the group over the share of all rows, ≥ 0.
        lift: f64,
    },
}

/// An effect, and where it was found.
struct Found<'a> {
    effect: f64,
    feature: &'a Feature,
    /// Of levels the shares here, elsewhere, and of all rows.
    level: Option<(u32, [f64; 3])>,
}

/// What tells each of the first groups from all other rows, the largest effects first, at most `most`
/// of them, and how many more there are.
pub(super) fn differences(
    features: &[Feature],
    groups: &Groups,
    told: &[usize],
    most: usize,
) -> Vec<(Vec<ClusterDifference>, usize)> {
    // Of so many columns without any difference one is likely to reach this.
    let least_z = LEAST_Z.max((2.0 * (features.len().max(1) as f64).ln()).sqrt());
    let of_feature = |feature| found(feature, groups, told, least_z);
    let by_feature: Vec<Vec<Vec<Found<'_>>>> = features.par_iter().map(of_feature).collect();
    let mut of_group: Vec<Vec<Found<'_>>> = told.iter().map(|_| vec![]).collect();
    for found in by_feature {
        for (all, of_feature) in of_group.iter_mut().zip(found) {
            all.extend(of_feature);
        }
    }
    let group = |(mut found, group): (Vec<Found<'_>>, &usize)| {
        found.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        let more = found.len().saturating_sub(most);
        found.truncate(most);
        (found.iter().map(|f| difference(f, groups, *group)).collect(), more)
    };
    of_group.into_par_iter().zip(told).map(group).collect()
}

/// What of a column tells each of some groups.
fn found<'a>(
    feature: &'a Feature,
    groups: &Groups,
    told: &[usize],
    least_z: f64,
) -> Vec<Vec<Found<'a>>> {
    let missing_code = feature.missing_code();
    let (counts, numbers) = match &feature.values {
        Values::Levels(codes) => (level_counts(codes, feature.codes(), groups), None),
        Values::Numbers(values) => {
            let codes: Vec<u32> = values.iter().map(|v| 1 - u32::from(v.is_nan())).collect();
            (level_counts(&codes, 2, groups), Some(Moments::of(values, groups)))
        }
    };
    let of_group = |&group: &usize| {
        let mut found = vec![];
        if let Some(moments) = &numbers {
            let [_, here] = counts[group][..] else { return found };
            let all: usize = counts.iter().map(|c| c[1]).sum();
            let effect = moments.d(group).filter(|d| beyond(*d, here, all - here, least_z));
            found.extend(effect.map(|effect| Found { effect, feature, level: None }));
        }
        let mut levels: Vec<Found<'_>> = (0..=missing_code)
            .filter_map(|code| {
                let (effect, shares) = h(&counts, groups, group, code as usize)?;
                let here = groups.sizes[group];
                let told = beyond(effect, here, groups.rows() - here, least_z)
                    && shares[2] * here as f64 >= LEAST_EXPECTED;
                told.then_some(Found { effect, feature, level: Some((code, shares)) })
            })
            .collect();
        // Of two levels one says all.
        let used = (0..=missing_code as usize).filter(|code| counts.iter().any(|c| c[*code] > 0));
        if used.count() == 2 && numbers.is_none() {
            levels.retain(|f| f.effect > 0.0);
        }
        levels.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        found.extend(levels.into_iter().take(LEVELS));
        found
    };
    told.iter().map(of_group).collect()
}

/// Whether an effect is worth telling.
fn beyond(effect: f64, here: usize, elsewhere: usize, least_z: f64) -> bool {
    let error = (1.0 / here as f64 + 1.0 / elsewhere as f64).sqrt();
    effect.abs() >= LEAST_EFFECT && effect.abs() >= least_z * error
}

/// Rows of each code in each group.
fn level_counts(codes: &[u32], width: usize, groups: &Groups) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; width]; groups.len()];
    for (code, group) in codes.iter().zip(&groups.of) {
        counts[*group as usize][*code as usize] += 1;
    }
    counts
}

/// Cohen's h of a level, and its shares here, elsewhere and of all rows.
fn h(counts: &[Vec<usize>], groups: &Groups, group: usize, code: usize) -> Option<(f64, [f64; 3])> {
    let (here, all) = (groups.sizes[group], groups.rows());
    let with: usize = counts.iter().map(|c| c[code]).sum();
    if with == 0 || here == all {
        return None;
    }
    let has = counts[group][code];
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    let (inside, outside) = (share(has, here), share(with - has, all - here));
    let angle = |share: f64| 2.0 * share.sqrt().asin();
    Some((angle(inside) - angle(outside), [inside, outside, share(with, all)]))
}

/// Numbers, means and squares about them of each group.
struct Moments {
    n: Vec<f64>,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    fn of(values: &[f64], groups: &Groups) -> Self {
        let k = groups.len();
        let (mut n, mut mean, mut squares) = (vec![0.0f64; k], vec![0.0; k], vec![0.0; k]);
        let present = || values.iter().zip(&groups.of).filter(|(v, _)| !v.is_nan());
        for (v, &group) in present() {
            n[group as usize] += 1.0;
            mean[group as usize] += v;
        }
        mean.iter_mut().zip(&n).for_each(|(sum, n)| *sum /= n.max(1.0));
        for (v, &group) in present() {
            squares[group as usize] += (v - mean[group as usize]).powi(2);
        }
        Self { n, mean, squares }
    }

    /// Cohen's d of a group against all others; `None` where one side has no number.
    fn d(&self, group: usize) -> Option<f64> {
        let others = || (0..self.n.len()).filter(|g| *g != group);
        let n: f64 = others().map(|g| self.n[g]).sum();
        if n == 0.0 || self.n[group] == 0.0 {
            return None;
        }
        let mean = others().map(|g| self.n[g] * self.mean[g]).sum::<f64>() / n;
        let about = |g: usize| self.squares[g] + self.n[g] * (self.mean[g] - mean).powi(2);
        let squares = others().map(about).sum::<f64>() + self.squares[group];
        let pooled = (squares / (n + self.n[group] - 2.0).max(1.0)).sqrt();
        let difference = self.mean[group] - mean;
        let d = if difference == 0.0 { 0.0 } else { difference / pooled };
        (!d.is_nan()).then(|| d.clamp(-MOST_EFFECT, MOST_EFFECT))
    }
}

fn difference(found: &Found<'_>, groups: &Groups, group: usize) -> ClusterDifference {
    let Found { effect, feature, level } = found;
    let contrast = match (&feature.values, level) {
        (_, Some((code, [share, share_elsewhere, all]))) => {
            // The only level of numbers is to have none.
            let level = feature.labels.get(*code as usize).cloned();
            let (share, share_elsewhere) = (*share, *share_elsewhere);
            Contrast::Level { level, share, share_elsewhere, lift: share / all }
        }
        (Values::Numbers(values), None) => {
            let side = |inside: bool| {
                let rows = values.iter().zip(&groups.of);
                let on_it = rows.filter(|(v, g)| (**g as usize == group) == inside && !v.is_nan());
                summary(on_it.map(|(v, _)| *v).collect())
            };
            let ((mean, median), (mean_elsewhere, median_elsewhere)) = (side(true), side(false));
            if feature.time {
                let [mean, median, mean_elsewhere, median_elsewhere] =
                    [mean, median, mean_elsewhere, median_elsewhere]
                        .map(|ms| time_text(ms.round() as i64));
                Contrast::Time { mean, median, mean_elsewhere, median_elsewhere }
            } else {
                Contrast::Number { mean, median, mean_elsewhere, median_elsewhere }
            }
        }
        (Values::Levels(_), None) => unreachable!("what is found of levels names one"),
    };
    ClusterDifference { column: feature.name.clone(), effect: *effect, contrast }
}

/// Mean and median of at least one number.
fn summary(mut values: Vec<f64>) -> (f64, f64) {
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let (below, middle, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    let middle = *middle;
    let median = match below.iter().copied().max_by(f64::total_cmp) {
        Some(before) if n.is_multiple_of(2) => before + (middle - before) / 2.0,
        _ => middle,
    };
    (mean, median)
}
