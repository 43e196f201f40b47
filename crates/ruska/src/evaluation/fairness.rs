//! Whether a model treats groups of people alike.
//!
//! Every group is told, however small; no value is a group of its own. A rate is undefined where a group
//! has no rows that it is of, and differences are between the groups that have one (fairlearn takes such
//! a rate for 0, so that a group without rows of the class is the worst of all). Intervals are percentile
//! bootstraps, that draw rows within groups, of the difference between the two groups that differ most as
//! they are: below 0 the other one may be ahead. Since the largest of several differences is never below
//! 0, what groups of the same sizes differ by where they are dealt at random is told beside; a group that
//! has no rate has none there either.
//!
//! References: Hardt, Price, Srebro, "Equality of opportunity in supervised learning", NeurIPS 2016;
//! Agarwal et al., "A reductions approach to fair classification", ICML 2018.

use super::calibration::Calibration;
use super::groups::{Group, Groups, Many, groups};
use super::rates::{Kind, Rates, Sums};
use super::rows::Judged;
use super::segments::SMALL;
use crate::error::Error;
use ruska_core::{Frame, Predictions, Rng, Truth};
use serde::Serialize;

/// Resamples of intervals.
const RESAMPLES: usize = 500;
/// Rows drawn of a group at most.
const DRAWN_ROWS: usize = 5000;
/// How often groups are dealt at random.
const DEALT: usize = 200;
/// Rows up to which that is done; in larger tables chance moves little.
const DEALT_ROWS: usize = 200_000;

/// What a model does to the groups of some columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// The columns.
    pub columns: Vec<String>,
    /// All rows.
    pub overall: Rates,
    /// Every group.
    pub groups: Vec<AuditedGroup>,
    /// How far groups differ.
    pub gaps: Vec<Gap>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditedGroup {
    /// The value of each column; `None` for no value.
    pub values: Vec<Option<String>>,
    /// Rows.
    pub rows: usize,
    /// Whether it has fewer than 30 rows, which say little.
    pub small: bool,
    /// What is done to it.
    #[serde(flatten)]
    pub rates: Rates,
    /// Of two classes: expected calibration error, ten bins of equal width.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration_error: Option<f64>,
}

/// How far groups differ by a measure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gap {
    /// `demographic_parity`: share decided for the positive class. `equalized_odds`: true and false
    /// positive rates, the worse of both. `equal_opportunity`: true positive rate. `accuracy`. `mae`.
    pub measure: GapMeasure,
    /// The group where it is least; of equalized odds, by the rate that differs more.
    pub least: Vec<Option<String>>,
    /// The group where it is greatest.
    pub greatest: Vec<Option<String>>,
    /// Greatest less least.
    pub difference: f64,
    /// Lower end of its 95 % interval.
    pub difference_low: f64,
    /// Upper end.
    pub difference_high: f64,
    /// What 95 in 100 random deals of the rows into groups of these sizes stay below, at most 200,000
    /// rows; groups that have no rate are left out there too.
    pub by_chance: Option<f64>,
    /// Least over greatest, 1 where all are alike; `None` where all are 0.
    pub ratio: Option<f64>,
    /// Lower end of its 95 % interval.
    pub ratio_low: Option<f64>,
    /// Upper end.
    pub ratio_high: Option<f64>,
    /// The difference between groups that are not small, where there are small ones.
    pub without_small: Option<f64>,
}

/// What groups are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapMeasure {
    /// Share decided for the positive class.
    DemographicParity,
    /// True and false positive rates, the worse of both.
    EqualizedOdds,
    /// True positive rate.
    EqualOpportunity,
    /// Share rightly predicted.
    Accuracy,
    /// Mean absolute error.
    Mae,
}

impl GapMeasure {
    /// The name that it goes by.
    pub fn name(self) -> &'static str {
        match self {
            Self::DemographicParity => "demographic_parity",
            Self::EqualizedOdds => "equalized_odds",
            Self::EqualOpportunity => "equal_opportunity",
            Self::Accuracy => "accuracy",
            Self::Mae => "mae",
        }
    }

    /// The measures of a kind of prediction.
    fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Two => &[
                Self::DemographicParity,
                Self::EqualizedOdds,
                Self::EqualOpportunity,
                Self::Accuracy,
            ],
            Kind::Several => &[Self::Accuracy],
            Kind::Numbers => &[Self::Mae],
        }
    }

    /// The rates that are to be alike.
    fn rates(self) -> &'static [fn(&Rates) -> Option<f64>] {
        match self {
            Self::DemographicParity => &[|r| r.selection_rate],
            Self::EqualizedOdds => &[|r| r.true_positive_rate, |r| r.false_positive_rate],
            Self::EqualOpportunity => &[|r| r.true_positive_rate],
            Self::Accuracy => &[|r| r.accuracy],
            Self::Mae => &[|r| r.mae],
        }
    }

    /// The two groups between which a rate differs most; `None` where fewer than two have one.
    fn widest(self, groups: &[Rates]) -> Option<Contrast> {
        let contrasts = self.rates().iter().filter_map(|rate| Contrast::of(*rate, groups));
        contrasts.reduce(|a, b| if b.difference(groups) > a.difference(groups) { b } else { a })
    }

    /// The two groups between which the ratio of a rate is least; `None` where all are 0.
    fn least_ratio(self, groups: &[Rates]) -> Option<Contrast> {
        let contrasts = self.rates().iter().filter_map(|rate| Contrast::of(*rate, groups));
        let some = contrasts.filter(|contrast| contrast.ratio(groups).is_some());
        some.reduce(|a, b| if b.ratio(groups) < a.ratio(groups) { b } else { a })
    }

    /// How far groups differ.
    fn difference(self, groups: &[Rates]) -> Option<f64> {
        self.widest(groups)?.difference(groups)
    }
}

/// The groups where a rate is least and greatest.
#[derive(Clone, Copy)]
struct Contrast {
    rate: fn(&Rates) -> Option<f64>,
    least: usize,
    greatest: usize,
}

impl Contrast {
    fn of(rate: fn(&Rates) -> Option<f64>, groups: &[Rates]) -> Option<Self> {
        let values =
            groups.iter().enumerate().filter_map(|(group, rates)| Some((group, rate(rates)?)));
        let mut sorted: Vec<(usize, f64)> = values.collect();
        sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
        let [(least, _), .., (greatest, _)] = sorted[..] else { return None };
        Some(Self { rate, least, greatest })
    }

    fn difference(&self, groups: &[Rates]) -> Option<f64> {
        Some((self.rate)(&groups[self.greatest])? - (self.rate)(&groups[self.least])?)
    }

    fn ratio(&self, groups: &[Rates]) -> Option<f64> {
        let greatest = (self.rate)(&groups[self.greatest])?;
        (greatest > 0.0).then_some((self.rate)(&groups[self.least])? / greatest)
    }
}

/// What a model did to the groups of some columns of a table, whose rows the truth and the predictions
/// are of; weights are one per row where rows do not count alike.
///
/// Fails when a column is not there, or has more than 200 different values.
pub fn audit(
    table: &Frame,
    columns: &[String],
    truth: &Truth,
    predictions: &Predictions,
    weights: Option<&[f64]>,
) -> Result<Audit, Error> {
    let judged = Judged {
        rows: (0..truth.rows() as u32).collect(),
        truth: truth.clone(),
        predictions: predictions.clone(),
        weights: weights.map(<[f64]>::to_vec),
        classes: vec![],
    };
    of(&judged, table, columns)
}

/// The audits of each of some columns and, of several, of their combinations.
pub(super) fn audits(
    judged: &Judged,
    table: &Frame,
    columns: &[String],
) -> Result<Vec<Audit>, Error> {
    lists(columns).into_iter().map(|list| of(judged, table, list)).collect()
}

/// Each of some columns alone and, of several, all of them.
pub(super) fn lists(columns: &[String]) -> Vec<&[String]> {
    let mut lists: Vec<&[String]> = columns.chunks(1).collect();
    if columns.len() > 1 {
        lists.push(columns);
    }
    lists
}

fn of(judged: &Judged, table: &Frame, columns: &[String]) -> Result<Audit, Error> {
    let (kind, sums) = Sums::of(judged);
    let groups = groups(table, &judged.rows, columns, Many::Refused)?;
    let rates = |places: &mut dyn Iterator<Item = u32>| {
        Rates::of(kind, &places.map(|place| sums[place as usize]).sum())
    };
    let all = rates(&mut (0..sums.len() as u32));
    let found: Vec<Rates> =
        groups.groups.iter().map(|g| rates(&mut g.places.iter().copied())).collect();
    let audited = groups.groups.iter().zip(&found).map(|(group, rates)| {
        let two = judged.take(&group.places).two();
        let calibration = two.and_then(|two| Calibration::of_two(&two));
        AuditedGroup {
            values: group.values.clone(),
            rows: group.places.len(),
            small: group.places.len() < SMALL,
            rates: *rates,
            calibration_error: calibration.map(|c| c.equal_width.expected_error),
        }
    });
    let audited: Vec<AuditedGroup> = audited.collect();
    let drawn = resampled(kind, &sums, &groups, &found);
    let dealt = dealt(kind, &sums, &groups, &found);
    let large: Vec<Rates> = audited.iter().filter(|g| !g.small).map(|g| g.rates).collect();
    let gap = |measure: &GapMeasure| {
        let widest = measure.widest(&found)?;
        let difference = widest.difference(&found)?;
        let ends = |values: &dyn Fn(&[Rates]) -> Option<f64>| {
            let sorted = sorted(drawn.iter().filter_map(|rates| values(rates)).collect());
            (at(&sorted, 0.025), at(&sorted, 0.975))
        };
        let (low, high) = ends(&|rates| widest.difference(rates));
        let of_ratio = measure.least_ratio(&found);
        let ratios = of_ratio.map_or((None, None), |of| ends(&|rates| of.ratio(rates)));
        let chance = sorted(dealt.iter().filter_map(|rates| measure.difference(rates)).collect());
        let small = large.len() < found.len();
        Some(Gap {
            measure: *measure,
            least: groups.groups[widest.least].values.clone(),
            greatest: groups.groups[widest.greatest].values.clone(),
            difference,
            difference_low: low.unwrap_or(difference),
            difference_high: high.unwrap_or(difference),
            by_chance: at(&chance, 0.95),
            ratio: of_ratio.and_then(|of| of.ratio(&found)),
            ratio_low: ratios.0,
            ratio_high: ratios.1,
            without_small: if small { measure.difference(&large) } else { None },
        })
    };
    let gaps = GapMeasure::of(kind).iter().filter_map(gap).collect();
    Ok(Audit { columns: groups.columns.clone(), overall: all, groups: audited, gaps })
}

/// The rates of the groups, of rows drawn within each; deviations of a part of the rows scaled by the
/// square root of their share.
fn resampled(kind: Kind, sums: &[Sums], groups: &Groups, found: &[Rates]) -> Vec<Vec<Rates>> {
    let mut rng = Rng::new(0);
    let mut draw = |(group, all): (&Group, &Rates)| {
        let places = &group.places;
        let size = places.len().min(DRAWN_ROWS);
        let drawn = (0..size).map(|_| sums[places[rng.below(places.len())] as usize]);
        let drawn = Rates::of(kind, &drawn.sum());
        if size == places.len() {
            return drawn;
        }
        all.towards(&drawn, (size as f64 / places.len() as f64).sqrt())
    };
    let mut once = || groups.groups.iter().zip(found).map(&mut draw).collect();
    (0..RESAMPLES).map(|_| once()).collect()
}

/// The rates of groups of the same sizes, dealt at random; those that a group has as it is.
fn dealt(kind: Kind, sums: &[Sums], groups: &Groups, found: &[Rates]) -> Vec<Vec<Rates>> {
    if sums.len() > DEALT_ROWS {
        return vec![];
    }
    let mut rng = Rng::new(1);
    let mut order: Vec<u32> = (0..sums.len() as u32).collect();
    let mut deal = || {
        rng.shuffle(&mut order);
        let mut rest = order.as_slice();
        let take = |(group, told): (&Group, &Rates)| {
            let (held, after) = rest.split_at(group.places.len());
            rest = after;
            let dealt = Rates::of(kind, &held.iter().map(|place| sums[*place as usize]).sum());
            dealt.known_in(told)
        };
        groups.groups.iter().zip(found).map(take).collect()
    };
    (0..DEALT).map(|_| deal()).collect()
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// The value at a share of sorted ones.
fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let place = (share * sorted.len().saturating_sub(1) as f64).round() as usize;
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Column, Field, Kind as ColumnKind};
    use serde::Deserialize;
    use std::collections::BTreeMap;

    type Values = Vec<Option<String>>;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        truth: Vec<f64>,
        predicted: Vec<f64>,
        weight: Option<Vec<f64>>,
        groups: Vec<Values>,
        numbers: bool,
        overall: BTreeMap<String, f64>,
        by_group: Vec<(Values, BTreeMap<String, f64>)>,
        gaps: BTreeMap<String, f64>,
    }

    impl Case {
        fn audit(&self) -> Audit {
            let columns: Vec<String> = (0..self.groups.len()).map(|k| format!("g{k}")).collect();
            let field = |(name, values): (&String, &Vec<Option<String>>)| {
                let column = Column::from_strings(values.iter().map(Option::as_deref));
                Field::new(name.as_str(), ColumnKind::Text, column)
            };
            let table = Frame::new(columns.iter().zip(&self.groups).map(field).collect()).unwrap();
            let (truth, predictions) = if self.numbers {
                (Truth::Values(self.truth.clone()), Predictions::new(1, self.predicted.clone()))
            } else {
                let codes = self.truth.iter().map(|y| *y as u32).collect();
                let truth = Truth::Classes { codes, n_classes: 2, positive: 1 };
                (truth, Predictions::binary(self.predicted.iter().copied()))
            };
            audit(&table, &columns, &truth, &predictions, self.weight.as_deref()).unwrap()
        }
    }

    fn cases() -> Vec<Case> {
        let text = include_str!("../../../../tests/reference/fairness.json");
        serde_json::from_str(text).unwrap()
    }

    fn of(rates: &Rates, id: &str) -> Option<f64> {
        match id {
            "selection_rate" => rates.selection_rate,
            "true_positive_rate" => rates.true_positive_rate,
            "false_positive_rate" => rates.false_positive_rate,
            "false_negative_rate" => rates.false_negative_rate,
            "accuracy" => rates.accuracy,
            _ => rates.mae,
        }
    }

    #[test]
    fn rates_equal_those_of_fairlearn() {
        for case in cases() {
            let (name, audit) = (&case.name, case.audit());
            assert_eq!(audit.groups.len(), case.by_group.len(), "{name}");
            let told = |rates: &Rates, expected: &BTreeMap<String, f64>| {
                for (id, expected) in expected {
                    let got = of(rates, id).unwrap();
                    assert!((got - expected).abs() <= 1e-12, "{name} {id}: {got} for {expected}");
                }
            };
            told(&audit.overall, &case.overall);
            for (values, expected) in &case.by_group {
                let group = audit.groups.iter().find(|g| g.values == *values).unwrap();
                assert_eq!(group.rows as f64, expected["count"], "{name} {values:?}");
                let rates = expected.iter().filter(|(id, _)| *id != "count");
                told(&group.rates, &rates.map(|(id, v)| (id.clone(), *v)).collect());
            }
            for gap in &audit.gaps {
                let id = gap.measure.name();
                if let Some(expected) = case.gaps.get(&format!("{id}_difference")) {
                    assert!((gap.difference - expected).abs() <= 1e-12, "{name} {id}: {gap:?}");
                }
                if let Some(expected) = case.gaps.get(&format!("{id}_ratio")) {
                    assert!((gap.ratio.unwrap() - expected).abs() <= 1e-12, "{name} {id}: {gap:?}");
                }
                assert!(gap.difference_low <= gap.difference, "{name} {id}: {gap:?}");
                assert!(gap.difference <= gap.difference_high, "{name} {id}: {gap:?}");
            }
            let checked = audit.gaps.iter().map(|gap| gap.measure.name());
            let checked: Vec<&str> = checked.collect();
            let wanted = if case.numbers { "mae" } else { "equalized_odds" };
            assert!(checked.contains(&wanted), "{name}");
        }
    }

    /// Two groups whose selection rates really differ by 0.3: the interval is that of a difference of
    /// two shares, and chance alone gives less.
    #[test]
    fn intervals_of_differences_are_those_of_large_samples() {
        let rows = 1000;
        let chosen = |row: usize| row % 10 < [6, 3][row % 2];
        let score: Vec<f64> = (0..rows).map(|row| f64::from(u8::from(chosen(row)))).collect();
        let case = Case {
            name: String::new(),
            truth: (0..rows).map(|row| f64::from(u8::from(row % 3 == 0))).collect(),
            predicted: score,
            weight: None,
            groups: vec![(0..rows).map(|row| Some(["a", "b"][row % 2].to_owned())).collect()],
            numbers: false,
            overall: BTreeMap::new(),
            by_group: vec![],
            gaps: BTreeMap::new(),
        };
        let audit = case.audit();
        let parity = &audit.gaps[0];
        let [a, b] = [0, 1].map(|group| audit.groups[group].rates.selection_rate.unwrap());
        assert!((parity.difference - (a - b).abs()).abs() < 1e-12);
        let error = ((a * (1.0 - a) + b * (1.0 - b)) / 500.0).sqrt();
        let reach = (parity.difference_high - parity.difference_low) / 2.0;
        assert!((reach / (1.96 * error) - 1.0).abs() < 0.15, "{parity:?}");
        assert!(parity.by_chance.unwrap() < parity.difference_low, "{parity:?}");
        assert!(audit.gaps.iter().all(|gap| gap.without_small.is_none()));
    }

    /// Sixty groups of two rows have no rate of their own, so what random pairs of rows differ by, which
    /// is all there can be, says nothing of the two groups that have one.
    #[test]
    fn random_groups_have_the_rates_that_the_groups_have() {
        let rows = 1120;
        let pair = |row: usize| Some(format!("pair {}", row / 2));
        let group =
            |row: usize| if row < 120 { pair(row) } else { Some(["a", "b"][row % 2].into()) };
        let audit = Case {
            name: String::new(),
            truth: (0..rows).map(|row| f64::from(u8::from(row >= 120 && row % 3 == 0))).collect(),
            predicted: (0..rows).map(|row| [0.2, 0.8][row / 3 % 2]).collect(),
            weight: None,
            groups: vec![(0..rows).map(group).collect()],
            numbers: false,
            overall: BTreeMap::new(),
            by_group: vec![],
            gaps: BTreeMap::new(),
        }
        .audit();
        let gap = |measure| audit.gaps.iter().find(|gap| gap.measure == measure).unwrap();
        // About 167 rows of the class in either: 1.96 · √(2 · 0.25 / 167) is 0.11.
        assert!(gap(GapMeasure::EqualOpportunity).by_chance.unwrap() < 0.2, "{:?}", audit.gaps);
        assert_eq!(gap(GapMeasure::DemographicParity).by_chance, Some(1.0));
    }

    #[test]
    fn small_groups_are_told_and_rates_without_rows_are_not() {
        let case = Case {
            name: String::new(),
            truth: (0..80).map(|row| f64::from(u8::from(row % 2 == 0 && row < 75))).collect(),
            predicted: (0..80).map(|row| [0.2, 0.8, 0.9][row % 3]).collect(),
            weight: None,
            groups: vec![
                (0..80).map(|row| (row < 75).then(|| ["a", "b"][row / 2 % 2].to_owned())).collect(),
            ],
            numbers: false,
            overall: BTreeMap::new(),
            by_group: vec![],
            gaps: BTreeMap::new(),
        };
        let audit = case.audit();
        assert_eq!(audit.groups.len(), 3);
        let missing = &audit.groups[2];
        assert_eq!((&missing.values[..], missing.rows, missing.small), (&[None][..], 5, true));
        assert_eq!(missing.rates.true_positive_rate, None, "no row of it is of the class");
        assert!(missing.rates.false_positive_rate.is_some());
        assert!(audit.gaps.iter().all(|gap| gap.without_small.is_some()));
    }
}
