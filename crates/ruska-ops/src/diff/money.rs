//! What the new model is worth: profit by outcomes of decisions, or cost by units of error.
//!
//! Each model is taken at its own decisions. Rows count alike, whatever their weights. The interval
//! of the difference is a paired bootstrap over all rows: rows are drawn with replacement, the same
//! for both models, which comes to drawing the rows' differences. Above [`DRAWN_ROWS`] fewer rows
//! are drawn than there are and the differences scaled by the square root of their share. The draws
//! depend on the number of rows alone. Cost: a thousand sums over the rows drawn.
//!
//! References: Elkan, "The foundations of cost-sensitive learning", IJCAI 2001 (profit by outcome);
//! Koenker, Bassett, "Regression quantiles", Econometrica 46, 1978 (cost by side of the error);
//! Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13.

use super::report::{Money, MoneyPart};
use super::scored::Scored;
use super::spread::sorted;
use super::{LEAST_ROWS, Options, SIGNIFICANCE};
use crate::compare::bootstrap::percentile;
use ruska::{Predictions, Rng, Truth, terms};
use std::str::FromStr;

/// Rows that money is told for.
const PER: f64 = 1000.0;
/// Resamples.
const RESAMPLES: usize = 1000;
/// Rows drawn at most.
const DRAWN_ROWS: usize = 20_000;

/// What a row is worth by its outcome; losses are negative.
///
/// ```
/// use ruska_ops::diff::Profit;
/// let profit: Profit = "tp=100,fp=-20,fn=-50,tn=0".parse().unwrap();
/// assert_eq!(profit, Profit { tp: 100.0, fp: -20.0, r#fn: -50.0, tn: 0.0 });
/// assert!("tp=100".parse::<Profit>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profit {
    /// The positive class, rightly predicted.
    pub tp: f64,
    /// The positive class, wrongly predicted.
    pub fp: f64,
    /// The other class, wrongly predicted.
    pub r#fn: f64,
    /// The other class, rightly predicted.
    pub tn: f64,
}

/// What a unit of error costs by its side; at least 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Of predicting a unit too much.
    pub over: f64,
    /// Of predicting a unit too little.
    pub under: f64,
}

impl FromStr for Profit {
    type Err = String;

    /// Reads `tp=100,fp=-20,fn=-50,tn=0`, in any order.
    fn from_str(text: &str) -> Result<Self, String> {
        let example = "tp=100,fp=-20,fn=-50,tn=0";
        let [tp, fp, r#fn, tn] =
            terms(text, ["tp", "fp", "fn", "tn"], ("NUMBER", example), number)?;
        Ok(Self { tp, fp, r#fn, tn })
    }
}

impl FromStr for Cost {
    type Err = String;

    /// Reads `over=1,under=3`, in any order.
    fn from_str(text: &str) -> Result<Self, String> {
        let [over, under] = terms(text, ["over", "under"], ("NUMBER", "over=1,under=3"), number)?;
        if over < 0.0 || under < 0.0 {
            return Err("a cost is at least 0".into());
        }
        Ok(Self { over, under })
    }
}

/// A number of a term.
fn number(text: &str) -> Result<f64, String> {
    let value = text.parse::<f64>().ok().filter(|v| v.is_finite());
    value.ok_or_else(|| format!("is `{text}`, which is not a number"))
}

/// What is asked of money, on the rows with a target.
pub(super) fn money(scored: &Scored, options: &Options) -> Option<Money> {
    let rows = &scored.shared.rows;
    let (old, new) = (scored.old.take(rows), scored.new.take(rows));
    match (&scored.shared.truth, options.profit, options.cost) {
        (Truth::Classes { codes, positive, .. }, Some(profit), _) => {
            Some(profits(profit, codes, *positive, &old, &new))
        }
        (Truth::Values(truth), _, Some(cost)) => Some(costs(cost, truth, &old, &new)),
        _ => None,
    }
}

fn profits(
    profit: Profit,
    codes: &[u32],
    positive: u32,
    old: &Predictions,
    new: &Predictions,
) -> Money {
    let each = [profit.tp, profit.fp, profit.r#fn, profit.tn];
    // The place of a row's outcome among tp, fp, fn, tn.
    let outcome = |predictions: &Predictions, row: usize| match (
        predictions.class(row) as u32 == positive,
        codes[row] == positive,
    ) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    };
    let mut counts = [[0.0; 4]; 2];
    let mut differences = Vec::with_capacity(codes.len());
    for row in 0..codes.len() {
        let (before, after) = (outcome(old, row), outcome(new, row));
        counts[0][before] += 1.0;
        counts[1][after] += 1.0;
        differences.push(each[after] - each[before]);
    }
    total("profit", &["tp", "fp", "fn", "tn"], &each, &counts, &differences)
}

fn costs(cost: Cost, truth: &[f64], old: &Predictions, new: &Predictions) -> Money {
    let each = [cost.over, cost.under];
    let errors = |predictions: &Predictions, row: usize| {
        let error = predictions.row(row)[0] - truth[row];
        [error.max(0.0), (-error).max(0.0)]
    };
    let mut units = [[0.0; 2]; 2];
    let mut differences = Vec::with_capacity(truth.len());
    for row in 0..truth.len() {
        let of = [errors(old, row), errors(new, row)];
        for (sums, parts) in units.iter_mut().zip(of) {
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }
        differences.push((0..2).map(|part| each[part] * (of[0][part] - of[1][part])).sum());
    }
    total("cost", &["over", "under"], &each, &units, &differences)
}

/// Sums up; `differences` are what each row wins.
fn total(
    kind: &'static str,
    names: &[&'static str],
    each: &[f64],
    amounts: &[impl AsRef<[f64]>; 2],
    differences: &[f64],
) -> Money {
    let rows = differences.len();
    let per = PER / rows as f64;
    let [old, new] = amounts.each_ref().map(AsRef::as_ref);
    let sum = |amounts: &[f64]| per * amounts.iter().zip(each).map(|(n, e)| n * e).sum::<f64>();
    let gain = per * differences.iter().sum::<f64>();
    let interval = interval(differences).filter(|_| rows >= LEAST_ROWS);
    let part = |(place, name): (usize, &&'static str)| MoneyPart {
        name,
        each: each[place],
        old: old[place],
        new: new[place],
    };
    Money {
        kind,
        rows,
        old: sum(old),
        new: sum(new),
        gain,
        low: interval.map(|(low, _)| PER * low),
        high: interval.map(|(_, high)| PER * high),
        parts: names.iter().enumerate().map(part).collect(),
    }
}

/// The bootstrap interval of a mean; `None` of nothing.
fn interval(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let drawn = values.len().min(DRAWN_ROWS);
    let mut rng = Rng::new(0);
    let mut draw = || {
        let sum: f64 = (0..drawn).map(|_| values[rng.below(values.len())]).sum();
        sum / drawn as f64
    };
    let means = sorted((0..RESAMPLES).map(|_| draw()).collect());
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let scale = (drawn as f64 / values.len() as f64).sqrt();
    let end = |p: f64| mean + (percentile(&means, p) - mean) * scale;
    Some((end(SIGNIFICANCE / 2.0), end(1.0 - SIGNIFICANCE / 2.0)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn terms_are_read_in_any_order() {
        let profit: Profit = " tn=0, fn=-5e1 ,fp=-20,tp=100".parse().unwrap();
        assert_eq!(profit, Profit { tp: 100.0, fp: -20.0, r#fn: -50.0, tn: 0.0 });
        assert_eq!("under=3,over=1".parse(), Ok(Cost { over: 1.0, under: 3.0 }));
    }

    #[test]
    fn what_is_no_profit_is_told_what_would_be() {
        for (text, told) in [
            ("", "tp=100,fp=-20,fn=-50,tn=0"),
            ("tp", "`tp` is not KEY=NUMBER"),
            ("tp=1,fp=2,fn=3", "tn is missing"),
            ("tp=1,fp=2,fn=3,tn=4,tp=5", "tp is given twice"),
            ("tp=much,fp=2,fn=3,tn=4", "tp is `much`"),
            ("tp=NaN,fp=2,fn=3,tn=4", "not a number"),
            ("tp=inf,fp=2,fn=3,tn=4", "not a number"),
            ("true=1,fp=2,fn=3,tn=4", "`true` is none of tp, fp, fn, tn"),
            ("tp=1,fp=2,fn=3,tn=4,", "is not KEY=NUMBER"),
        ] {
            let error = text.parse::<Profit>().unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
        for (text, told) in [
            ("over=1", "under is missing"),
            ("over=-1,under=3", "at least 0"),
            ("ovr=1,under=3", "none of over, under"),
            ("ower=1,under=3", "did you mean `over`?"),
        ] {
            let error = text.parse::<Cost>().unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    /// The ends lie where the normal approximation of a mean has them, above the rows drawn too.
    #[test]
    fn intervals_of_means_are_those_of_large_samples() {
        for rows in [400, 3 * DRAWN_ROWS] {
            let values: Vec<f64> = (0..rows).map(|i| f64::from(u8::from(i % 4 == 0))).collect();
            let reach = 1.96 * (0.25 * 0.75 / rows as f64).sqrt();
            let (low, high) = interval(&values).unwrap();
            let close = |got: f64, expected: f64| (got - expected).abs() < 0.12 * reach;
            assert!(close(low, 0.25 - reach) && close(high, 0.25 + reach), "{low} {high}");
        }
        assert_eq!(interval(&[2.0; 30]), Some((2.0, 2.0)));
        assert_eq!(interval(&[]), None);
    }
}
