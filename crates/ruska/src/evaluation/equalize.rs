//! Thresholds of their own for groups of people, by which a rate becomes alike in all.
//!
//! Every group gets the threshold at which its rate is nearest to that of the model's own decisions on
//! all rows; of two that are as near, the one that decides for fewer. A group that has no rate keeps the
//! model's decisions. Thresholds are chosen on the rows they are told of, so rates look more alike there
//! than they are. What is to be expected is told beside: rows are dealt at random into ten parts, and
//! those of each are decided by what the others say. Intervals are paired percentile bootstraps over
//! rows. Decisions differ between people of equal scores, which law may forbid. Cost O(n log n).
//!
//! References: Hardt, Price, Srebro, "Equality of opportunity in supervised learning", NeurIPS 2016, sec. 4;
//! Corbett-Davies et al., "Algorithmic decision making and the cost of fairness", KDD 2017.

use super::groups::{Groups, Many, groups};
use super::money::{PARTS, Worth, intervals, stakes};
use super::profit::Profit;
use super::rows::{Judged, Two};
use super::segments::SMALL;
use super::thresholds::share;
use crate::error::Error;
use ruska_core::{Frame, Rng};
use serde::Serialize;
use std::str::FromStr;

/// Rows that profit is told for.
const PER: f64 = 1000.0;

/// The rate that is to be alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Parity {
    /// The share decided for the positive class.
    DemographicParity,
    /// The share of the positive class that is decided for.
    EqualOpportunity,
}

impl Parity {
    /// The name that it goes by.
    pub fn name(self) -> &'static str {
        match self {
            Self::DemographicParity => "demographic_parity",
            Self::EqualOpportunity => "equal_opportunity",
        }
    }

    /// Whether the rate is one of a row.
    fn counts(self, positive: bool) -> bool {
        positive || self == Self::DemographicParity
    }
}

impl FromStr for Parity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::DemographicParity, Self::EqualOpportunity];
        let found = all.into_iter().find(|parity| parity.name() == text);
        found.ok_or_else(|| format!("`{text}` is none of {}, {}", all[0].name(), all[1].name()))
    }
}

/// Thresholds by group, and what they come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Equalized {
    /// The columns of the groups.
    pub columns: Vec<String>,
    /// The rate that is to be alike.
    pub parity: Parity,
    /// The rate of the model's own decisions on all rows, which every group is to have.
    pub rate: f64,
    /// Every group.
    pub groups: Vec<EqualizedGroup>,
    /// What the model's own decisions come to.
    pub model: Decisions,
    /// What the thresholds come to on these rows.
    pub best: Decisions,
    /// What is to be expected of thresholds chosen so: each tenth of the rows is decided at those of the
    /// others.
    pub expected: Decisions,
    /// What is expected, less what the model's own decisions come to.
    pub over_model: Difference,
}

/// A group and its threshold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EqualizedGroup {
    /// The value of each column; `None` for no value.
    pub values: Vec<Option<String>>,
    /// Rows.
    pub rows: usize,
    /// Whether it has fewer than 30 rows, which say little.
    pub small: bool,
    /// Probability from which on its rows are to be decided for; `None` for deciding for none of them,
    /// and where it has no rate.
    pub threshold: Option<f64>,
    /// Its rate as the model decides; `None` where it has no rows that the rate is of.
    pub model: Option<f64>,
    /// Its rate at the threshold, on these rows.
    pub best: Option<f64>,
    /// Its rate where each tenth is decided by the others.
    pub expected: Option<f64>,
}

/// What decisions come to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Decisions {
    /// Greatest rate of a group less the least; `None` where fewer than two have one.
    pub difference: Option<f64>,
    /// Share rightly decided.
    pub accuracy: Worth,
    /// Profit per 1,000 rows, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit: Option<Worth>,
}

/// What one way to decide brings beyond another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Of the share rightly decided.
    pub accuracy: Worth,
    /// Of the profit per 1,000 rows, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit: Option<Worth>,
}

/// Equalizes the groups of each of some columns and, of several, of their combinations.
///
/// Fails when a column is not there or has too many values, amounts cannot be used, or no row is one that
/// the rate is of.
pub(super) fn equalized(
    judged: &Judged,
    table: &Frame,
    lists: &[&[String]],
    (parity, profit): (Parity, Option<&Profit>),
) -> Result<Vec<Equalized>, Error> {
    let Some(two) = judged.two() else {
        let what = "--equalize is of decisions between two classes, which the model does not make";
        return Err(Error::Options(what.to_owned()));
    };
    if lists.is_empty() {
        let what = "--equalize needs the columns of the groups: --sensitive COL,…";
        return Err(Error::Options(what.to_owned()));
    }
    let worth = profit.map(|profit| stakes(judged, &two, table, profit)).transpose()?;
    let one = |columns: &&[String]| {
        let groups = groups(table, &judged.rows, columns, Many::Refused)?;
        let leveller = Leveller::new(&two, &groups, parity);
        leveller.told(worth.as_ref()).ok_or_else(|| {
            let what = "--equalize: no row is of the positive class, so no group has the rate";
            Error::Options(what.to_owned())
        })
    };
    lists.iter().map(one).collect()
}

/// How the rows of a group are decided.
#[derive(Clone, Copy)]
enum Cut {
    AsTheModel,
    Nobody,
    From(f64),
}

/// Rows in groups whose rates are to be alike.
struct Leveller<'a> {
    two: &'a Two,
    groups: &'a Groups,
    parity: Parity,
    /// Rows of each group by falling score.
    orders: Vec<Vec<u32>>,
}

impl<'a> Leveller<'a> {
    fn new(two: &'a Two, groups: &'a Groups, parity: Parity) -> Self {
        let by_score = |group: &super::groups::Group| {
            let mut order = group.places.clone();
            order.sort_by(|a, b| two.score[*b as usize].total_cmp(&two.score[*a as usize]));
            order
        };
        let orders = groups.groups.iter().map(by_score).collect();
        Self { two, groups, parity, orders }
    }

    /// `None` where no row has the rate.
    fn told(&self, worth: Option<&(Vec<f64>, Vec<f64>)>) -> Option<Equalized> {
        let all = |_: usize| true;
        let own = &self.two.decided;
        let rate = self.rate(own, 0..self.two.score.len() as u32, all)?;
        let cuts = self.cuts(rate, all);
        let best = self.decided(|group, _| cuts[group]);
        let expected = self.by_the_others();
        let sets = [own, &best, &expected];
        let of_groups = |set: &Vec<bool>| -> Vec<Option<f64>> {
            let places = self.groups.groups.iter().map(|group| group.places.iter().copied());
            places.map(|places| self.rate(set, places, all)).collect()
        };
        let rates = sets.map(of_groups);
        let groups = self.groups.groups.iter().enumerate().map(|(k, group)| EqualizedGroup {
            values: group.values.clone(),
            rows: group.places.len(),
            small: group.places.len() < SMALL,
            threshold: if let Cut::From(threshold) = cuts[k] { Some(threshold) } else { None },
            model: rates[0][k],
            best: rates[1][k],
            expected: rates[2][k],
        });
        let (decisions, over_model) = self.outcomes(sets, &rates, worth);
        Some(Equalized {
            columns: self.groups.columns.clone(),
            parity: self.parity,
            rate,
            groups: groups.collect(),
            model: decisions[0],
            best: decisions[1],
            expected: decisions[2],
            over_model,
        })
    }

    /// The rate of decisions about those of some rows that count.
    fn rate(
        &self,
        decided: &[bool],
        rows: impl Iterator<Item = u32>,
        counts: impl Fn(usize) -> bool,
    ) -> Option<f64> {
        let (mut hits, mut all) = (0.0, 0.0);
        for row in rows.map(|row| row as usize) {
            if counts(row) && self.parity.counts(self.two.positive[row]) {
                all += self.two.weight[row];
                hits += if decided[row] { self.two.weight[row] } else { 0.0 };
            }
        }
        share(hits, all)
    }

    /// How each group is to be decided by the rows that count.
    fn cuts(&self, rate: f64, counts: impl Fn(usize) -> bool) -> Vec<Cut> {
        let weight = |row: &u32| {
            let row = *row as usize;
            let held = counts(row) && self.parity.counts(self.two.positive[row]);
            if held { self.two.weight[row] } else { 0.0 }
        };
        let of_group = |order: &Vec<u32>| {
            let all: f64 = order.iter().map(weight).sum();
            if all <= 0.0 {
                return Cut::AsTheModel;
            }
            let score = |row: &u32| self.two.score[*row as usize];
            let (mut held, mut nearest, mut best) = (0.0, rate, Cut::Nobody);
            for tied in order.chunk_by(|a, b| score(a) == score(b)) {
                let more: f64 = tied.iter().map(weight).sum();
                held += more;
                let off = (held / all - rate).abs();
                // Rounding of sums is no reason to decide for more.
                if more > 0.0 && off < nearest - 1e-12 {
                    (nearest, best) = (off, Cut::From(score(&tied[0])));
                }
            }
            best
        };
        self.orders.iter().map(of_group).collect()
    }

    /// Every row decided as it is said of its group and itself.
    fn decided(&self, cut: impl Fn(usize, usize) -> Cut) -> Vec<bool> {
        let mut decided = self.two.decided.clone();
        for (group, held) in self.groups.groups.iter().enumerate() {
            for row in held.places.iter().map(|row| *row as usize) {
                decided[row] = match cut(group, row) {
                    Cut::AsTheModel => decided[row],
                    Cut::Nobody => false,
                    Cut::From(threshold) => self.two.score[row] >= threshold,
                };
            }
        }
        decided
    }

    /// Every row decided at the thresholds that the rows of the other parts say.
    fn by_the_others(&self) -> Vec<bool> {
        let n = self.two.score.len();
        let mut part: Vec<usize> = (0..n).map(|row| row % PARTS).collect();
        Rng::new(0).shuffle(&mut part);
        let of_part = |held: usize| {
            let others = |row: usize| part[row] != held;
            let rate = self.rate(&self.two.decided, 0..n as u32, others);
            rate.map(|rate| self.cuts(rate, others))
        };
        let found: Vec<_> = (0..PARTS).map(of_part).collect();
        self.decided(|group, row| found[part[row]].as_ref().map_or(Cut::AsTheModel, |c| c[group]))
    }

    /// What three ways to decide come to, and what the last brings beyond the first.
    fn outcomes(
        &self,
        sets: [&Vec<bool>; 3],
        rates: &[Vec<Option<f64>>; 3],
        worth: Option<&(Vec<f64>, Vec<f64>)>,
    ) -> ([Decisions; 3], Difference) {
        let right = |set: &Vec<bool>| -> Vec<f64> {
            let rows = set.iter().zip(&self.two.positive);
            rows.map(|(decided, positive)| f64::from(decided == positive)).collect()
        };
        let mut values: Vec<Vec<f64>> = sets.iter().map(|set| right(set)).collect();
        if let Some((yes, no)) = worth {
            let of_row = |(row, decided): (usize, &bool)| if *decided { yes[row] } else { no[row] };
            let of_set = |set: &Vec<bool>| -> Vec<f64> {
                set.iter().enumerate().map(|row| PER * of_row(row)).collect()
            };
            values.extend(sets.iter().map(|set| of_set(set)));
        }
        let differences: Vec<Vec<f64>> = values
            .chunks_exact(3)
            .map(|of| of[2].iter().zip(&of[0]).map(|(a, b)| a - b).collect())
            .collect();
        let first = values.len();
        values.extend(differences);
        let told = intervals(&values, &self.two.weight);
        let profit = |at: usize| worth.map(|_| told[at]);
        let decisions = [0, 1, 2].map(|set| Decisions {
            difference: spread(&rates[set]),
            accuracy: told[set],
            profit: profit(3 + set),
        });
        (decisions, Difference { accuracy: told[first], profit: profit(first + 1) })
    }
}

/// Greatest less least of those that are known, of at least two.
fn spread(rates: &[Option<f64>]) -> Option<f64> {
    let known = || rates.iter().flatten().copied();
    let (least, most) = (known().fold(f64::MAX, f64::min), known().fold(f64::MIN, f64::max));
    (known().count() > 1).then_some(most - least)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Column, Field, Kind, Predictions, Truth};

    /// Rows of a score in hundredths, the truth and a group.
    fn judged(rows: &[(u32, bool, &str)]) -> (Judged, Frame) {
        let score = rows.iter().map(|row| f64::from(row.0) / 100.0);
        let judged = Judged {
            rows: (0..rows.len() as u32).collect(),
            truth: Truth::Classes {
                codes: rows.iter().map(|row| u32::from(row.1)).collect(),
                n_classes: 2,
                positive: 1,
            },
            predictions: Predictions::binary(score),
            weights: None,
            classes: vec!["no".into(), "yes".into()],
        };
        let groups = Column::from_strings(rows.iter().map(|row| Some(row.2)));
        (judged, Frame::new(vec![Field::new("g", Kind::Text, groups)]).unwrap())
    }

    fn told(rows: &[(u32, bool, &str)], parity: Parity, profit: Option<&str>) -> Equalized {
        let (judged, table) = judged(rows);
        let profit = profit.map(|text| text.parse::<Profit>().unwrap());
        let columns = ["g".to_owned()];
        let mut told = equalized(&judged, &table, &[&columns], (parity, profit.as_ref())).unwrap();
        told.remove(0)
    }

    /// The model decides from 0.5 on: for eight in ten of group a and for four in ten of group b. Both are
    /// to have six in ten, which they have from 0.75 and from 0.4 on.
    #[test]
    fn thresholds_of_a_table_worked_out_by_hand() {
        let scores = |base: u32| (0..10).map(move |i| base + 10 * i);
        let a = scores(35).map(|s| (s.min(99), s >= 75, "a"));
        let b = scores(0).map(|s| (s.max(1) - u32::from(s == 50), s >= 70, "b"));
        let rows: Vec<_> = a.chain(b).collect();
        let told = told(&rows, Parity::DemographicParity, Some("tp=10,fp=-4,fn=0,tn=0"));
        assert!((told.rate - 0.6).abs() < 1e-12);
        let [a, b] = &told.groups[..] else { panic!("two groups") };
        assert_eq!((a.threshold, b.threshold), (Some(0.75), Some(0.4)));
        assert_eq!((a.model, b.model), (Some(0.8), Some(0.4)));
        assert_eq!((a.best, b.best), (Some(0.6), Some(0.6)));
        let near = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-9, "{told:?}");
        near(told.model.difference.unwrap(), 0.4);
        near(told.best.difference.unwrap(), 0.0);
        // Truths: a from 75 on, b from 70 on. The model is wrong on 55 and 65 of a and on 60 of b.
        near(told.model.accuracy.value, 17.0 / 20.0);
        near(told.best.accuracy.value, 17.0 / 20.0);
        // Nine rows of the class are decided for either way, and three others.
        near(told.model.profit.unwrap().value, 50.0 * (9.0 * 10.0 - 3.0 * 4.0));
        near(told.best.profit.unwrap().value, 50.0 * (9.0 * 10.0 - 3.0 * 4.0));
    }

    #[test]
    fn equal_opportunity_looks_at_rows_of_the_class_alone() {
        // Of the class, a has 90, 80, 70, 60 and b 60, 55, 40, 30: from 0.5 on that is 6 of 8.
        let of = |scores: [u32; 4], group| scores.map(move |s| (s, true, group));
        let mut rows: Vec<_> = of([90, 80, 70, 60], "a").into_iter().collect();
        rows.extend(of([60, 55, 40, 30], "b"));
        rows.extend([(95, false, "a"), (65, false, "a"), (45, false, "b"), (99, false, "c")]);
        let told = told(&rows, Parity::EqualOpportunity, None);
        let [a, b, c] = &told.groups[..] else { panic!("three groups") };
        assert_eq!(told.rate, 0.75);
        assert_eq!((a.threshold, b.threshold), (Some(0.7), Some(0.4)));
        assert_eq!((a.best, b.best), (Some(0.75), Some(0.75)));
        assert_eq!((c.threshold, c.model, c.best), (None, None, None), "no row of the class");
        assert_eq!(told.best.difference, Some(0.0));
        assert_eq!(told.model.difference, Some(0.5));
    }

    /// On every group, no threshold is nearer to the rate, whatever the ties.
    #[test]
    fn no_threshold_is_nearer() {
        let mut rng = Rng::new(5);
        let rows: Vec<_> = (0..400)
            .map(|i| {
                let score = rng.below(21) as u32 * 5;
                (score, rng.below(100) < score as usize, ["a", "b", "c"][i % 3])
            })
            .collect();
        let told = told(&rows, Parity::DemographicParity, None);
        for group in &told.groups {
            let held = || rows.iter().filter(|row| Some(row.2) == group.values[0].as_deref());
            let rate = |from: u32| {
                held().filter(|row| row.0 >= from).count() as f64 / held().count() as f64
            };
            let off = |from| (rate(from) - told.rate).abs();
            let least = (0..=101).map(off).fold(f64::MAX, f64::min);
            assert!(((group.best.unwrap() - told.rate).abs() - least).abs() < 1e-9, "{group:?}");
        }
        assert!(told.expected.difference.unwrap() < 0.2, "{told:?}");
        let over = told.over_model.accuracy;
        let gained = told.expected.accuracy.value - told.model.accuracy.value;
        assert!((over.value - gained).abs() < 1e-9 && over.low <= over.value, "{told:?}");
    }

    #[test]
    fn what_has_no_groups_or_no_rate_is_refused() {
        let (judged, table) = judged(&[(60, false, "a"), (40, false, "b")]);
        let columns = ["g".to_owned()];
        let refused = |lists: &[&[String]], parity| {
            equalized(&judged, &table, lists, (parity, None)).unwrap_err().to_string()
        };
        assert!(refused(&[], Parity::DemographicParity).contains("--sensitive"));
        assert!(refused(&[&columns], Parity::EqualOpportunity).contains("positive class"));
        assert!("parity".parse::<Parity>().unwrap_err().contains("equal_opportunity"));
    }
}
