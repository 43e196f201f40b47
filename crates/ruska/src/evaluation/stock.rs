//! What to have in store of what comes: the newsvendor's quantity, and what it would have cost.
//!
//! Where a unit too few costs `under` and one too many `over`, the cost to be expected is least at the
//! quantile `under / (under + over)` of what comes, as the model tells it. Told beside what having the
//! forecast itself in store would have cost, on the periods that came true. Intervals are percentile
//! bootstraps over periods and series, as if errors of neighbouring periods had nothing in common.
//!
//! Reference: Arrow, Harris, Marschak, "Optimal inventory policy", Econometrica 19, 1951.

use super::money::{Worth, worths};
use crate::error::Error;
use ruska_core::Truth;
use serde::Serialize;
use std::str::FromStr;

/// What a unit too few and a unit too many cost, both above 0.
///
/// ```
/// use ruska::evaluation::Stock;
/// let stock: Stock = "under=3,over=1".parse().unwrap();
/// assert_eq!(stock.ratio(), 0.75);
/// assert!("under=3".parse::<Stock>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stock {
    /// Of a unit too few.
    pub under: f64,
    /// Of a unit too many.
    pub over: f64,
}

impl Stock {
    /// The probability with which what comes should be covered, in (0, 1).
    pub fn ratio(&self) -> f64 {
        self.under / (self.under + self.over)
    }

    /// What a quantity in store costs where so much is asked for.
    fn cost(&self, asked: f64, quantity: f64) -> f64 {
        self.under * (asked - quantity).max(0.0) + self.over * (quantity - asked).max(0.0)
    }
}

impl FromStr for Stock {
    type Err = String;

    /// Reads `under=3,over=1`, in any order.
    fn from_str(text: &str) -> Result<Self, String> {
        let (mut under, mut over) = (None, None);
        for term in text.split(',') {
            let (key, number) = term.split_once('=').unwrap_or((term, ""));
            let place = match key.trim() {
                "under" => &mut under,
                "over" => &mut over,
                other => return Err(format!("`{other}` is none of under, over")),
            };
            let number = number.trim();
            let cost = number.parse::<f64>().ok().filter(|cost| *cost > 0.0 && cost.is_finite());
            let cost = cost.ok_or_else(|| format!("`{number}` is no cost above 0"))?;
            if place.replace(cost).is_some() {
                return Err(format!("{} is given twice", key.trim()));
            }
        }
        match (under, over) {
            (Some(under), Some(over)) => Ok(Self { under, over }),
            _ => Err("give both costs, as in under=3,over=1".to_owned()),
        }
    }
}

/// What quantities in store would have cost, per 1,000 periods of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct StockCost {
    /// What units cost.
    pub stock: Stock,
    /// The probability with which what comes is to be covered.
    pub ratio: f64,
    /// The share of the periods in which it was.
    pub covered: f64,
    /// The cost of having that quantile in store.
    pub quantile: Worth,
    /// The cost of having the forecast itself in store.
    pub forecast: Worth,
    /// What the quantile saves.
    pub saved: Worth,
}

impl StockCost {
    /// Of what came, what was forecast of it, and its quantiles.
    ///
    /// Fails where the model tells no numbers ahead.
    pub(super) fn of(
        stock: Stock,
        truth: &Truth,
        forecast: &[f64],
        quantile: &[f64],
    ) -> Result<Self, Error> {
        let Truth::Ahead(ahead) = truth else {
            let what = "--profit under=…,over=… is of forecasts";
            return Err(Error::Options(what.to_owned()));
        };
        let asked = ahead.truth();
        let cost = |quantities: &[f64]| -> Vec<f64> {
            asked.iter().zip(quantities).map(|(asked, q)| stock.cost(*asked, *q)).collect()
        };
        let (of_quantile, of_forecast) = (cost(quantile), cost(forecast));
        let saved = of_forecast.iter().zip(&of_quantile).map(|(a, b)| a - b).collect();
        let worths = worths(&[of_quantile, of_forecast, saved], &vec![1.0; asked.len()]);
        let covered = asked.iter().zip(quantile).filter(|(asked, q)| asked <= q).count();
        Ok(Self {
            stock,
            ratio: stock.ratio(),
            covered: covered as f64 / asked.len() as f64,
            quantile: worths[0],
            forecast: worths[1],
            saved: worths[2],
        })
    }
}
