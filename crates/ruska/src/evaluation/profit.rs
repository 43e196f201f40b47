//! What outcomes of decisions are worth, as it is asked.

use super::stock::Stock;
use crate::error::Error;
use crate::terms::terms;
use ruska_core::{Column, Frame, NO_VALUE};
use ruska_data::hint;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// The largest amount: sums of as many as there may be rows stay finite.
const LARGEST: f64 = 1e15;
/// An example of what is read.
const EXAMPLE: &str = "tp=100,fp=-20,fn=-50,tn=0";

/// What a row is worth by its outcome; losses are negative.
///
/// ```
/// use ruska::evaluation::{Amount, Profit};
/// let profit: Profit = "tp=100,fp=-20,fn=-amount,tn=0".parse().unwrap();
/// assert_eq!(profit.tp, Amount::Number(100.0));
/// assert_eq!(profit.r#fn, Amount::Column { name: "amount".into(), negative: true });
/// assert!("tp=100".parse::<Profit>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Profit {
    /// The positive class, decided for.
    pub tp: Amount,
    /// The other class, decided for.
    pub fp: Amount,
    /// The positive class, not decided for.
    pub r#fn: Amount,
    /// The other class, not decided for.
    pub tn: Amount,
}

/// What is at stake.
#[derive(Clone, Debug, PartialEq)]
pub enum Stakes {
    /// Decisions between two classes.
    Decisions(Profit),
    /// Quantities in store of what is forecast.
    Stock(Stock),
}

impl FromStr for Stakes {
    type Err = String;

    /// Reads a [`Profit`] or a [`Stock`], whichever the keys are of.
    fn from_str(text: &str) -> Result<Self, String> {
        let key = text.split(['=', ',']).next().unwrap_or_default().trim();
        if matches!(key, "under" | "over") {
            return text.parse().map(Self::Stock);
        }
        text.parse().map(Self::Decisions)
    }
}

/// What one outcome is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// The same for every row.
    Number(f64),
    /// The number in a column of the table.
    Column {
        /// The column.
        name: String,
        /// Whether it is taken with the other sign.
        negative: bool,
    },
}

impl FromStr for Profit {
    type Err = String;

    /// Reads `tp=100,fp=-20,fn=-amount,tn=0`, in any order: a number, or a column with or without a
    /// minus.
    fn from_str(text: &str) -> Result<Self, String> {
        let keys = ["tp", "fp", "fn", "tn"];
        let [tp, fp, r#fn, tn] = terms(text, keys, ("AMOUNT", EXAMPLE), str::parse)?;
        Ok(Self { tp, fp, r#fn, tn })
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(number) = text.parse::<f64>() {
            let usable = Some(number).filter(|n| n.abs() <= LARGEST);
            return usable
                .map(Self::Number)
                .ok_or_else(|| format!("is `{text}`, no number from -1e15 to 1e15"));
        }
        let (name, negative) = match text.strip_prefix('-') {
            Some(name) => (name.trim(), true),
            None => (text, false),
        };
        if name.is_empty() {
            return Err("has no amount; give a number or a column".to_owned());
        }
        Ok(Self::Column { name: name.to_owned(), negative })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Column { name, negative } => {
                write!(f, "{}{name}", if *negative { "-" } else { "" })
            }
        }
    }
}

impl fmt::Display for Profit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tp={}, fp={}, fn={}, tn={}", self.tp, self.fp, self.r#fn, self.tn)
    }
}

impl Amount {
    /// The amount of some rows of a table.
    ///
    /// Fails when its column is not there, holds no numbers, or has no value in one of the rows.
    pub(super) fn of(&self, table: &Frame, rows: &[u32]) -> Result<Vec<f64>, Error> {
        let (name, negative) = match self {
            Self::Number(number) => return Ok(vec![*number; rows.len()]),
            Self::Column { name, negative } => (name, *negative),
        };
        let Some(field) = table.field(name) else {
            let names = table.fields().iter().map(|f| &*f.name);
            let hint = hint(name, names);
            return Err(Error::NoColumn { option: "--profit", column: name.clone(), hint });
        };
        let number = |row: usize| match &field.column {
            Column::Float(v) => Some(v[row]),
            Column::Int(v) => Some(if v[row] == NO_VALUE { f64::NAN } else { v[row] as f64 }),
            Column::Bool(v) => Some(if v[row] < 0 { f64::NAN } else { f64::from(v[row]) }),
            _ => None,
        };
        let value = |row: &u32| {
            let Some(number) = number(*row as usize) else {
                return Err(Error::Options(format!(
                    "--profit: column `{name}` holds no plain numbers; write them without units \
                     or separators"
                )));
            };
            if !number.is_finite() {
                return Err(Error::Options(format!(
                    "--profit: column `{name}` has no value in row {}; fill it in or leave the \
                     row out",
                    row + 1
                )));
            }
            if number.abs() > LARGEST {
                return Err(Error::Options(format!(
                    "--profit: column `{name}` is {number} in row {}; amounts are from -1e15 to 1e15",
                    row + 1
                )));
            }
            Ok(if negative { -number } else { number })
        };
        rows.iter().map(value).collect()
    }
}
