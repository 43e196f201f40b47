//! What decisions are worth: the threshold of highest profit, and what it brings.
//!
//! A row decided for brings what a hit or a false alarm is worth, another what a miss or a rest is
//! worth; amounts are those of the row. All thresholds at which a score stands are tried, and deciding
//! for nobody. The best of them is chosen on the rows that it is told of, so it looks better than it is.
//! What is to be expected of it is told beside: rows are dealt at random into [`PARTS`] parts, and those
//! of each are decided at the threshold that is best on the others. Intervals are percentile bootstraps
//! over rows of the values so decided, paired where they are of differences; they leave out that other
//! rows might have given another threshold. Cost O(n log n).
//!
//! References: Elkan, "The foundations of cost-sensitive learning", IJCAI 2001; Verbraken, Verbeke,
//! Baesens, "A novel profit maximizing metric for measuring classification performance", IEEE TKDE 25,
//! 2013; Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13.

use super::curves::thinned;
use super::profit::{Amount, Profit};
use super::rows::{Judged, Two};
use crate::error::Error;
use ruska_core::{Frame, Rng};
use serde::Serialize;

/// Rows that money is told for.
const PER: f64 = 1000.0;
/// Parts that are decided by what the others say.
pub(super) const PARTS: usize = 10;
/// Resamples.
const RESAMPLES: usize = 1000;
/// Rows drawn at most.
const DRAWN_ROWS: usize = 20_000;

/// What decisions bring per 1,000 rows, by weight of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Money {
    /// What outcomes are worth.
    pub profit: Profit,
    /// Threshold of highest profit on these rows, which looks better there than it is; `None` for
    /// deciding for nobody.
    pub threshold: Option<f64>,
    /// What it brings on these rows.
    pub best: Decided,
    /// What is to be expected of a threshold chosen so: each tenth of the rows is decided at the best
    /// one of the others.
    pub expected: Decided,
    /// What the model's own decisions bring.
    pub model: Decided,
    /// What deciding for everybody brings.
    pub all: Decided,
    /// What deciding for nobody brings.
    pub none: Decided,
    /// What is expected, less what the model's own decisions bring.
    pub over_model: Worth,
    /// What is expected, less what deciding for everybody brings.
    pub over_all: Worth,
    /// What is expected, less what deciding for nobody brings.
    pub over_none: Worth,
    /// The threshold that would be best were probabilities exact, where amounts are the same for all
    /// rows and a hit is worth more beside a miss than a false alarm beside a rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<f64>,
    /// What a threshold chosen elsewhere brings, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Decided>,
    /// What every threshold brings on these rows.
    pub curve: ProfitCurve,
}

/// Decisions and their worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Decided {
    /// Share of the rows that is decided for.
    pub share: f64,
    /// Worth per 1,000 rows.
    #[serde(flatten)]
    pub worth: Worth,
}

/// An amount with its 95 % interval; per 1,000 rows where it is one of money.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Worth {
    /// The amount.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What thresholds bring, from deciding for nobody to deciding for all; lists are as long.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfitCurve {
    /// Falling; `None` for deciding for nobody.
    pub threshold: Vec<Option<f64>>,
    /// Share of the rows decided for, rising.
    pub share: Vec<f64>,
    /// Worth per 1,000 rows.
    pub value: Vec<f64>,
}

/// Rows with what deciding for them and not doing so is worth.
struct Rows<'a> {
    two: &'a Two,
    yes: Vec<f64>,
    no: Vec<f64>,
    /// By falling score.
    order: Vec<usize>,
    total: f64,
}

impl Money {
    /// Tells what decisions about some rows of a table are worth; `given` is a threshold.
    ///
    /// Fails when amounts name a column that cannot be used.
    pub(super) fn of(
        judged: &Judged,
        two: &Two,
        table: &Frame,
        profit: &Profit,
        given: Option<f64>,
    ) -> Result<Self, Error> {
        let (yes, no) = stakes(judged, two, table, profit)?;
        let mut order: Vec<usize> = (0..two.score.len()).collect();
        order.sort_by(|a, b| two.score[*b].total_cmp(&two.score[*a]));
        let rows = Rows { two, yes, no, order, total: two.weight.iter().sum() };
        Ok(rows.told(profit, given))
    }
}

/// What deciding for each of some rows of a table is worth, and not deciding for it.
///
/// Fails when amounts name a column that cannot be used.
pub(super) fn stakes(
    judged: &Judged,
    two: &Two,
    table: &Frame,
    profit: &Profit,
) -> Result<(Vec<f64>, Vec<f64>), Error> {
    let amount = |of: &Amount| of.of(table, &judged.rows);
    let [tp, fp, r#fn, tn] =
        [amount(&profit.tp)?, amount(&profit.fp)?, amount(&profit.r#fn)?, amount(&profit.tn)?];
    let pick = |one: &[f64], other: &[f64]| -> Vec<f64> {
        let rows = 0..two.positive.len();
        rows.map(|row| if two.positive[row] { one[row] } else { other[row] }).collect()
    };
    Ok((pick(&tp, &fp), pick(&r#fn, &tn)))
}

impl Rows<'_> {
    fn told(&self, profit: &Profit, given: Option<f64>) -> Money {
        let n = self.two.score.len();
        let at = |threshold: Option<f64>| -> Vec<bool> {
            let reached = |score: &f64| threshold.is_some_and(|t| *score >= t);
            self.two.score.iter().map(reached).collect()
        };
        let threshold = self.best(|_| true);
        let expected = self.by_the_others();
        let sets: Vec<Vec<bool>> =
            [at(threshold), expected, self.two.decided.clone(), vec![true; n], vec![false; n]]
                .into_iter()
                .chain(given.map(|given| at(Some(given))))
                .collect();
        let mut values: Vec<Vec<f64>> = sets.iter().map(|set| self.values(set)).collect();
        for other in 2..5 {
            values.push(values[1].iter().zip(&values[other]).map(|(a, b)| a - b).collect());
        }
        let worth = worths(&values, &self.two.weight);
        let decided = |set: usize| Decided { share: self.share(&sets[set]), worth: worth[set] };
        Money {
            profit: profit.clone(),
            threshold,
            best: decided(0),
            expected: decided(1),
            model: decided(2),
            all: decided(3),
            none: decided(4),
            over_model: worth[sets.len()],
            over_all: worth[sets.len() + 1],
            over_none: worth[sets.len() + 2],
            exact: exact(profit),
            given: given.map(|_| decided(5)),
            curve: self.curve(),
        }
    }

    /// What deciding for a row brings beyond not doing so, by its weight.
    fn gain(&self, row: usize) -> f64 {
        self.two.weight[row] * (self.yes[row] - self.no[row])
    }

    /// The threshold of highest profit on some rows; of equal ones the one that decides for fewer.
    fn best(&self, counts: impl Fn(usize) -> bool) -> Option<f64> {
        let (mut sum, mut most, mut best) = (0.0, 0.0, None);
        for tied in self.tied() {
            let held = tied.iter().filter(|row| counts(**row));
            sum += held.map(|row| self.gain(*row)).sum::<f64>();
            if sum > most {
                (most, best) = (sum, Some(self.two.score[tied[0]]));
            }
        }
        best
    }

    /// Rows of equal scores, the highest first.
    fn tied(&self) -> impl Iterator<Item = &[usize]> {
        self.order.chunk_by(|a, b| self.two.score[*a] == self.two.score[*b])
    }

    /// Every row decided at the threshold that is best on the rows of the other parts.
    fn by_the_others(&self) -> Vec<bool> {
        let n = self.two.score.len();
        let mut part: Vec<usize> = (0..n).map(|row| row % PARTS).collect();
        Rng::new(0).shuffle(&mut part);
        let best: Vec<Option<f64>> =
            (0..PARTS).map(|held| self.best(|row| part[row] != held)).collect();
        let decide = |row: usize| best[part[row]].is_some_and(|t| self.two.score[row] >= t);
        (0..n).map(decide).collect()
    }

    fn values(&self, decided: &[bool]) -> Vec<f64> {
        let rows = decided.iter().enumerate();
        rows.map(|(row, yes)| if *yes { self.yes[row] } else { self.no[row] }).collect()
    }

    fn share(&self, decided: &[bool]) -> f64 {
        let held = self.two.weight.iter().zip(decided).filter(|(_, decided)| **decided);
        held.map(|(weight, _)| weight).fold(0.0, |sum, weight| sum + weight) / self.total
    }

    fn curve(&self) -> ProfitCurve {
        let none: f64 = (0..self.no.len()).map(|row| self.two.weight[row] * self.no[row]).sum();
        let mut points = vec![(None, 0.0, none)];
        let (mut decided, mut value) = (0.0, none);
        for tied in self.tied() {
            decided += tied.iter().map(|row| self.two.weight[*row]).sum::<f64>();
            value += tied.iter().map(|row| self.gain(*row)).sum::<f64>();
            points.push((Some(self.two.score[tied[0]]), decided, value));
        }
        let kept: Vec<_> = thinned(points.len()).map(|place| points[place]).collect();
        ProfitCurve {
            threshold: kept.iter().map(|point| point.0).collect(),
            share: kept.iter().map(|point| point.1 / self.total).collect(),
            value: kept.iter().map(|point| PER * point.2 / self.total).collect(),
        }
    }
}

/// The means of several values of the rows per 1,000 of them, with intervals from the same draws.
pub(super) fn worths(values: &[Vec<f64>], weight: &[f64]) -> Vec<Worth> {
    let per = |of: Worth| Worth { value: PER * of.value, low: PER * of.low, high: PER * of.high };
    intervals(values, weight).into_iter().map(per).collect()
}

/// The means of several values of the rows, with intervals from the same draws.
pub(super) fn intervals(values: &[Vec<f64>], weight: &[f64]) -> Vec<Worth> {
    let all: f64 = weight.iter().sum();
    let n = weight.len();
    let mean_of = |of: &[f64]| of.iter().zip(weight).map(|(value, w)| value * w).sum::<f64>() / all;
    let means: Vec<f64> = values.iter().map(|of| mean_of(of)).collect();
    let size = n.min(DRAWN_ROWS);
    let mut drawn = vec![Vec::with_capacity(RESAMPLES); values.len()];
    let mut rng = Rng::new(0);
    for _ in 0..RESAMPLES {
        let mut total = 0.0;
        let mut sums = vec![0.0; values.len()];
        for _ in 0..size {
            let row = rng.below(n);
            total += weight[row];
            for (sum, of) in sums.iter_mut().zip(values) {
                *sum += weight[row] * of[row];
            }
        }
        if total > 0.0 {
            drawn.iter_mut().zip(sums).for_each(|(drawn, sum)| drawn.push(sum / total));
        }
    }
    let scale = (size as f64 / n as f64).sqrt();
    let worth = |(mean, mut drawn): (f64, Vec<f64>)| {
        drawn.sort_by(f64::total_cmp);
        let end = |share: f64| {
            let place = (share * drawn.len().saturating_sub(1) as f64).round() as usize;
            drawn.get(place).map_or(mean, |d| mean + (d - mean) * scale)
        };
        Worth { value: mean, low: end(0.025), high: end(0.975) }
    };
    means.into_iter().zip(drawn).map(worth).collect()
}

/// The probability from which on deciding for a row brings more than not doing so.
fn exact(profit: &Profit) -> Option<f64> {
    let Profit {
        tp: Amount::Number(tp),
        fp: Amount::Number(fp),
        r#fn: Amount::Number(missed),
        tn: Amount::Number(tn),
    } = profit
    else {
        return None;
    };
    let (hit, alarm) = (tp - missed, tn - fp);
    (hit > 0.0 && alarm >= 0.0).then(|| alarm / (hit + alarm))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use ruska_core::{Column, Field, Kind, Predictions, Truth};

    /// Rows whose probability is about right, with amounts, weights and equal scores.
    fn judged(rows: usize, weighted: bool) -> (Judged, Frame) {
        let mut rng = Rng::new(3);
        let score: Vec<f64> = (0..rows).map(|_| (rng.unit() * 50.0).round() / 50.0).collect();
        let codes = score.iter().map(|p| u32::from(rng.unit() < *p)).collect();
        let amounts = (0..rows).map(|_| (rng.unit() * 90.0).round() + 10.0).collect();
        let weights = weighted.then(|| (0..rows).map(|row| (row % 4) as f64).collect());
        let field = Field::new("amount", Kind::Numeric, Column::float(amounts));
        let judged = Judged {
            rows: (0..rows as u32).collect(),
            truth: Truth::Classes { codes, n_classes: 2, positive: 1 },
            predictions: Predictions::binary(score),
            weights,
            classes: vec!["no".into(), "yes".into()],
        };
        (judged, Frame::new(vec![field]).unwrap())
    }

    fn money(rows: usize, weighted: bool, profit: &str) -> (Money, Judged, Frame) {
        let (judged, table) = judged(rows, weighted);
        let two = judged.two().unwrap();
        let profit = profit.parse().unwrap();
        let money = Money::of(&judged, &two, &table, &profit, Some(0.3)).unwrap();
        (money, judged, table)
    }

    /// The value of a threshold by going through all rows.
    fn brute(judged: &Judged, table: &Frame, profit: &Profit, threshold: f64) -> f64 {
        let two = judged.two().unwrap();
        let (mut sum, mut total) = (0.0, 0.0);
        for row in 0..two.score.len() {
            let of = match (two.score[row] >= threshold, two.positive[row]) {
                (true, true) => &profit.tp,
                (true, false) => &profit.fp,
                (false, true) => &profit.r#fn,
                (false, false) => &profit.tn,
            };
            sum += two.weight[row] * of.of(table, &[row as u32]).unwrap()[0];
            total += two.weight[row];
        }
        1000.0 * sum / total
    }

    #[test]
    fn the_best_threshold_is_that_of_brute_force() {
        for (weighted, profit) in [
            (false, "tp=100,fp=-20,fn=-50,tn=0"),
            (true, "tp=100,fp=-20,fn=-50,tn=0"),
            (false, "tp=amount,fp=-30,fn=-amount,tn=1"),
            (true, "tp=0,fp=-amount,fn=-60,tn=2"),
            (false, "tp=-1,fp=-1,fn=0,tn=0"),
        ] {
            let (money, judged, table) = money(300, weighted, profit);
            let value = |threshold| brute(&judged, &table, &money.profit, threshold);
            let best = (0..=51).map(|k| value(f64::from(k) / 50.0)).fold(f64::MIN, f64::max);
            let close = |got: f64, expected: f64| (got - expected).abs() < 1e-8;
            assert!(close(money.best.worth.value, best), "{profit}: {money:?}");
            assert!(close(money.all.worth.value, value(0.0)), "{profit}");
            assert!(close(money.none.worth.value, value(2.0)), "{profit}");
            assert!(close(money.given.unwrap().worth.value, value(0.3)), "{profit}");
            for (threshold, told) in money.curve.threshold.iter().zip(&money.curve.value) {
                assert!(close(*told, value(threshold.unwrap_or(2.0))), "{profit}");
            }
            let told = money.threshold.map_or(2.0, |threshold| threshold);
            assert!(close(value(told), best), "{profit}");
            // Never better than what is best on the very rows.
            assert!(money.expected.worth.value <= money.best.worth.value + 1e-9, "{profit}");
            let over = money.expected.worth.value - money.all.worth.value;
            assert!(close(money.over_all.value, over), "{profit}");
        }
    }

    #[test]
    fn exact_probabilities_have_the_threshold_of_the_amounts() {
        let (money, ..) = money(3000, false, "tp=100,fp=-20,fn=-50,tn=0");
        // (0 + 20) / (100 + 50 + 20).
        assert!((money.exact.unwrap() - 20.0 / 170.0).abs() < 1e-12);
        assert!((money.threshold.unwrap() - 20.0 / 170.0).abs() < 0.06, "{:?}", money.threshold);
        assert!(money.over_all.low < money.over_all.value && money.over_none.low > 0.0);
    }

    #[test]
    fn intervals_are_those_of_means_of_large_samples() {
        let (money, ..) = money(400, false, "tp=1,fp=1,fn=0,tn=0");
        assert_eq!(money.all.worth, Worth { value: 1000.0, low: 1000.0, high: 1000.0 });
        let share = money.model.share;
        let reach = 1.96 * (share * (1.0 - share) / 400.0).sqrt() * 1000.0;
        let Worth { value, low, high } = money.model.worth;
        assert!((value - 1000.0 * share).abs() < 1e-9);
        assert!(((high - low) / 2.0 / reach - 1.0).abs() < 0.15, "{low} {high} {reach}");
    }

    #[test]
    fn amounts_that_cannot_be_used_are_told_where() {
        for (text, told) in [
            ("tp=1,fp=2,fn=3", "tn is missing"),
            ("tp=1,fp=2,fn=3,tm=4", "`tm` is none of tp, fp, fn, tn"),
            ("tp=1,tp=2,fn=3,tn=4", "tp is given twice"),
            ("tp", "`tp` is not KEY=AMOUNT"),
            ("tp=NaN,fp=2,fn=3,tn=4", "no number from"),
            ("tp=1e16,fp=2,fn=3,tn=4", "no number from"),
            ("tp=-,fp=2,fn=3,tn=4", "tp has no amount"),
        ] {
            let error = text.parse::<Profit>().unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
        let field = Field::new("a", Kind::Numeric, Column::float(vec![1.0, f64::NAN]));
        let text = Field::new("t", Kind::Text, Column::from_strings([Some("x"), None]));
        let table = Frame::new(vec![field, text]).unwrap();
        let amount = |text: &str, rows: &[u32]| text.parse::<Amount>().unwrap().of(&table, rows);
        assert_eq!(amount("-a", &[0]).unwrap(), [-1.0]);
        assert!(amount("a", &[0, 1]).unwrap_err().to_string().contains("in row 2"));
        assert!(amount("t", &[0]).unwrap_err().to_string().contains("no plain numbers"));
        assert!(amount("b", &[0]).unwrap_err().to_string().contains("--profit names column `b`"));
    }
}
