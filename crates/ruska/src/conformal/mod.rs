//! How far rows are off what is predicted of them: intervals of numbers, sets of classes.
//!
//! ```text
//! out-of-fold predictions, truth ─▶ scores of rows ─▶ their quantiles, in the model file
//!                                                        └── prediction, share ─▶ interval or set
//! ```
//!
//! Conformal prediction: a new row is as far off as rows were that models had not seen, so a share of them
//! tells what holds that share of new rows. No learner's assumptions count; what counts is that new rows
//! are like those of training. Shares are told in steps of [`STEP`]; one between two steps is as the larger.
//! The scores are those of fold models, as in cross-conformal prediction, and the interval is laid around the
//! model's own prediction. Rows count by their weight.
//!
//! Reference: Vovk, "Cross-conformal predictors", Ann. Math. Artif. Intell. 74, 2015; Barber, Candès, Ramdas,
//! Tibshirani, "Predictive inference with the jackknife+", Annals of Statistics 49, 2021.

mod bands;
mod scores;
mod sets;

#[cfg(test)]
mod tests;

use crate::error::Error;
use crate::forecast::check_levels;
use crate::model::{Model, Predicted};
use bands::Bands;
use ruska_core::{Column, Field, Frame, Kind, Predictions, Target, Task};
use serde::{Deserialize, Serialize};
use sets::Sets;
use std::collections::BTreeMap;

/// Shares that are told: 1 − `STEP`, 1 − 2 `STEP`, …, 0.
const STEP: f64 = 0.002;
/// Number of shares that are told.
const SHARES: usize = 500;
/// Most out-of-fold predictions that are looked at, evenly spaced among all.
const SAMPLE: usize = 100_000;

/// What intervals or sets of a model are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conformal {
    /// Intervals of numbers.
    Bands(Bands),
    /// Sets of classes.
    Sets(Sets),
}

impl Conformal {
    /// From predictions of rows of a task by models that had not seen them; `None` where there are none, and
    /// for tasks without a truth of rows.
    pub(crate) fn of(task: &Task, tested: &[(&[u32], &Predictions)]) -> Option<Self> {
        let rows: usize = tested.iter().map(|(rows, _)| rows.len()).sum();
        let all = tested.iter().flat_map(|(rows, told)| {
            rows.iter().enumerate().map(|(i, row)| (*row as usize, told.row(i)))
        });
        let weight = |row: usize| task.weights.as_ref().map_or(1.0, |w| w[row]);
        let counted = all
            .step_by(rows.div_ceil(SAMPLE).max(1))
            .map(|(row, told)| (row, told, weight(row)))
            .filter(|(_, _, weight)| *weight > 0.0);
        match &task.target {
            Target::Values(truth) => {
                let told = counted.map(|(row, told, weight)| (told[0], truth[row], weight));
                Bands::of(told.collect()).map(Self::Bands)
            }
            Target::Classes { codes, classes, .. } => {
                let scores = counted.map(|(row, told, weight)| {
                    let class = codes[row] as usize;
                    (class, 1.0 - told[class], weight)
                });
                Sets::of(scores.collect(), classes.len()).map(Self::Sets)
            }
            Target::Groups(_) | Target::Series(_) => None,
        }
    }

    /// What makes it useless for so many classes, none of numbers, if anything.
    pub(crate) fn validate(&self, classes: usize) -> Result<(), String> {
        match self {
            Self::Bands(bands) if classes == 0 => bands.validate(),
            Self::Sets(sets) if classes > 0 => sets.validate(classes),
            _ => Err("its intervals are of another task".to_owned()),
        }
    }
}

/// The place of a share among those that are told.
fn place(share: f64) -> Result<usize, Error> {
    check_levels(&[share])?;
    // A little more, as 1 − 0.9 is a little less than a tenth.
    match ((1.0 - share) / STEP + 1e-6).floor() as usize {
        0 => Err(Error::Options(format!(
            "--interval {share}: so rare a miss cannot be told, at most {}",
            1.0 - STEP
        ))),
        steps => Ok(steps.min(SHARES) - 1),
    }
}

/// Whether quantiles by falling share fall.
fn falling(quantiles: &[f64]) -> bool {
    quantiles.windows(2).all(|w| w[0] >= w[1]) && !quantiles.iter().any(|q| q.is_nan())
}

impl Model {
    /// The interval of each row, in the unit of the target, that holds the truth of such a share of new rows,
    /// in (0, 0.998]: its lower and its upper bound, (2,) of rows. The larger the share, the wider. Bounds
    /// are not below 0 where no target was. An interval need not hold the prediction where errors are
    /// mostly to one side.
    ///
    /// Fails for models that predict no numbers, for those of older files, and where the model had too few
    /// rows for such a share.
    pub fn intervals(&self, predicted: &Predicted, share: f64) -> Result<Vec<(f64, f64)>, Error> {
        let place = place(share)?;
        let Conformal::Bands(bands) = self.conformal()? else {
            return Err(Error::Options("the model predicts classes, not numbers".to_owned()));
        };
        if !bands.tells(place) {
            let most = (0..SHARES).find(|place| bands.tells(*place));
            let way = most.map_or("more rows are needed".to_owned(), |place| {
                format!("at most {:.3}", 1.0 - STEP * (place + 1) as f64)
            });
            let what =
                format!("--interval {share}: the model learned from too few rows for it; {way}");
            return Err(Error::Options(what));
        }
        Ok(predicted.numbers.values().iter().map(|p| bands.at(*p, place)).collect())
    }

    /// The set of classes of each row that holds the true one in such a share of new rows of every class, in
    /// (0, 0.998]: places in [`Predicted::classes`], rising. The larger the share, the larger the set. The
    /// predicted class is always in it.
    ///
    /// Fails for models that predict no classes, and for those of older files.
    pub fn sets(&self, predicted: &Predicted, share: f64) -> Result<Vec<Vec<u32>>, Error> {
        let place = place(share)?;
        let Conformal::Sets(sets) = self.conformal()? else {
            return Err(Error::Options("the model predicts numbers, not classes".to_owned()));
        };
        let numbers = &predicted.numbers;
        let set = |row| sets.at(numbers.row(row), numbers.class(row), place);
        Ok((0..numbers.rows()).map(set).collect())
    }

    /// Predictions as a table, see [`Predicted::to_frame`], and after them for each share the bounds of
    /// [`Self::intervals`] as `lower_90` and `upper_90`, or the set of [`Self::sets`] as `set_90`: its labels
    /// with `|` between them. A `|` or `\` within a label has a `\` before it.
    ///
    /// Fails as these do.
    pub fn within(&self, predicted: &Predicted, shares: &[f64]) -> Result<Frame, Error> {
        let table = predicted.to_frame();
        if shares.is_empty() {
            return Ok(table);
        }
        let mut fields = table.fields().to_vec();
        for share in shares {
            let percent = (share * 1e4).round() / 100.0;
            let columns = match self.conformal()? {
                Conformal::Bands(_) => bounds(&self.intervals(predicted, *share)?, percent),
                Conformal::Sets(_) => {
                    vec![labels(&self.sets(predicted, *share)?, &predicted.classes, percent)]
                }
            };
            if !fields.iter().any(|f| f.name == columns[0].name) {
                fields.extend(columns);
            }
        }
        Ok(Frame::with_rows(fields, predicted.numbers.rows())?)
    }

    fn conformal(&self) -> Result<&Conformal, Error> {
        self.reference().conformal.as_ref().ok_or_else(|| {
            let what = if self.reference().errors.is_empty() {
                "--interval has no sense here: the model finds groups, which have no truth"
            } else {
                "--interval: the model file is of an older ruska, which did not keep what intervals are \
                 made of; fit the model again"
            };
            Error::Options(what.to_owned())
        })
    }
}

fn bounds(intervals: &[(f64, f64)], percent: f64) -> Vec<Field> {
    let column = |side: &str, values: Vec<f64>| {
        Field::new(format!("{side}_{percent}"), Kind::Numeric, Column::float(values))
    };
    let (lower, upper) = intervals.iter().copied().unzip();
    vec![column("lower", lower), column("upper", upper)]
}

fn labels(sets: &[Vec<u32>], classes: &[String], percent: f64) -> Field {
    let mut levels: BTreeMap<&[u32], String> = BTreeMap::new();
    for set in sets {
        levels.entry(set).or_insert_with(|| {
            let label = |k: &u32| classes[*k as usize].replace('\\', "\\\\").replace('|', "\\|");
            set.iter().map(label).collect::<Vec<_>>().join("|")
        });
    }
    let cells = sets.iter().map(|set| levels.get(&set[..]));
    Field::new(format!("set_{percent}"), Kind::Categorical, Column::from_strings(cells))
}
