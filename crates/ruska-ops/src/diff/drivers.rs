//! Which columns explain the change between two models.
//!
//! Of every column that one of the models looks at: the share of the variance of the change that
//! its values explain, which is the correlation ratio of the change on the column's bins, less what
//! as many bins explain by chance (ε²). It wins by its clearness, its cost and in that it looks at
//! the models from outside, whatever they are. It sees a column at a time: a column that acts only
//! together with another one, or as often up as down, is missed, and one that goes along with the
//! true driver is told as well.
//!
//! A column is told only if it explains more than the best of all columns does when the changes
//! are shuffled among the rows, [`SHUFFLES`] times: with no column at work one is told 5 % of the
//! time, however many there are. At most [`SAMPLE`] rows are looked at, drawn with a fixed seed.
//! Cost: a sort a column, and 20 sums over the sample.
//!
//! References: Kelley, "An unbiased correlation ratio measure", PNAS 21, 1935; Westfall, Young,
//! "Resampling-based multiple testing", 1993 (the greatest of all under shuffling).

use super::bins::{Binned, Cells};
use super::changes::Changes;
use super::report::{Driver, Drivers, UsedBy};
use super::segment::Choice;
use crate::Error;
use rayon::prelude::*;
use ruska::{Frame, Model, Rng};
use std::collections::BTreeSet;

/// Rows looked at, at most.
const SAMPLE: usize = 20_000;
/// Shufflings: the true order is the best of so many and one by chance in 5 % of the cases.
const SHUFFLES: usize = 19;
/// Columns listed at most.
const LISTED: usize = 10;
/// Rows of a level or a segment at least, and the share of the sample below which it is none.
const LEAST: (usize, usize) = (5, 100);
/// Changes that vary less than this, of their size, differ by rounding alone.
const ROUNDING: f64 = 1e-12;

/// A column and the model by which its values are read.
struct Looked<'a> {
    name: &'a str,
    used_by: UsedBy,
    model: &'a Model,
    side: &'static str,
}

/// The columns that explain the change.
pub(super) fn drivers(
    old: &Model,
    new: &Model,
    table: &Frame,
    changes: &Changes,
) -> Result<Drivers, Error> {
    let looked = looked(old, new);
    let rows = sample(table.rows());
    let change: Vec<f64> = rows.iter().map(|row| changes.change[*row as usize]).collect();
    let only = |side| {
        let names = looked.iter().filter(|l| l.used_by == side).map(|l| l.name.to_owned());
        names.collect()
    };
    let mut drivers = Drivers {
        columns: looked.len(),
        old_only: only(UsedBy::Old),
        new_only: only(UsedBy::New),
        rows: rows.len(),
        chance: 0.0,
        found: 0,
        listed: vec![],
    };
    let Some(orders) = orders(&change) else { return Ok(drivers) };
    let least = LEAST.0.max(rows.len().div_ceil(LEAST.1));
    let sampled = if rows.len() == table.rows() { table.clone() } else { table.take(&rows) };
    let sampled = typed(&looked.iter().collect::<Vec<_>>(), &sampled)?;
    // What each column explains, and the most that it explains of a shuffling.
    let explained: Vec<(f64, f64)> = looked
        .par_iter()
        .zip(&sampled)
        .map(|(column, frame)| {
            let Some(binned) = cells(column, frame).map(|c| c.binned(least)) else {
                return (0.0, 0.0);
            };
            let of = |order: &Vec<f64>| explains(&binned, order);
            (of(&orders[0]), orders[1..].iter().map(of).fold(0.0, f64::max))
        })
        .collect();
    drivers.chance = explained.iter().map(|(_, chance)| *chance).fold(0.0, f64::max);
    let mut found: Vec<usize> =
        (0..looked.len()).filter(|place| explained[*place].0 > drivers.chance).collect();
    found.sort_by(|a, b| explained[*b].0.total_cmp(&explained[*a].0));
    drivers.found = found.len();
    found.truncate(LISTED);
    let listed: Vec<&Looked<'_>> = found.iter().map(|place| &looked[*place]).collect();
    let whole = typed(&listed, table)?;
    let labelled = changes.effect.iter().any(Option::is_some);
    for ((place, column), frame) in found.into_iter().zip(listed).zip(&whole) {
        let binned = cells(column, &sampled[place]).map(|cells| cells.binned(least));
        let choice = binned.and_then(|binned| Choice::of(&binned, &change, least));
        let segment = choice.zip(cells(column, frame));
        drivers.listed.push(Driver {
            column: column.name.to_owned(),
            explains: explained[place].0,
            used_by: column.used_by,
            segment: segment.map(|(choice, cells)| choice.segment(&cells, changes, labelled)),
        });
    }
    Ok(drivers)
}

/// The columns of both models, the old one's first. The new model reads what both look at: it knows
/// the newer levels.
fn looked<'a>(old: &'a Model, new: &'a Model) -> Vec<Looked<'a>> {
    let [in_old, in_new] = [old, new].map(|m| m.manifest().features.iter().map(String::as_str));
    let (has_old, has_new): (BTreeSet<&str>, BTreeSet<&str>) =
        (in_old.clone().collect(), in_new.clone().collect());
    let first = in_old.map(|name| {
        if has_new.contains(name) {
            Looked { name, used_by: UsedBy::Both, model: new, side: "new" }
        } else {
            Looked { name, used_by: UsedBy::Old, model: old, side: "old" }
        }
    });
    let more = in_new.filter(|name| !has_old.contains(name));
    let more = more.map(|name| Looked { name, used_by: UsedBy::New, model: new, side: "new" });
    first.chain(more).collect()
}

/// Every column on its own, as its model reads it.
fn typed(looked: &[&Looked<'_>], table: &Frame) -> Result<Vec<Frame>, Error> {
    let read = |column: &&Looked<'_>| {
        let typed = column.model.typed(table, &[column.name]);
        typed.map_err(|error| Error::Side { side: column.side, error })
    };
    looked.iter().map(read).collect()
}

fn cells<'a>(column: &Looked<'a>, frame: &'a Frame) -> Option<Cells<'a>> {
    let meaning = &column.model.manifest().schema.column(column.name)?.meaning;
    Cells::of(frame.fields().first()?, meaning)
}

/// The rows to look at, rising: all, or a uniform sample without replacement.
fn sample(rows: usize) -> Vec<u32> {
    let mut chosen: Vec<u32> = (0..rows as u32).collect();
    if rows > SAMPLE {
        let mut rng = Rng::new(0);
        for place in 0..SAMPLE {
            chosen.swap(place, place + rng.below(rows - place));
        }
        chosen.truncate(SAMPLE);
        chosen.sort_unstable();
    }
    chosen
}

/// The changes less their mean, then shuffled; `None` when they do not vary.
fn orders(change: &[f64]) -> Option<Vec<Vec<f64>>> {
    let mean = change.iter().sum::<f64>() / change.len() as f64;
    let centred: Vec<f64> = change.iter().map(|c| c - mean).collect();
    let size = change.iter().map(|c| c.abs()).fold(0.0, f64::max);
    if centred.iter().all(|c| c.abs() <= ROUNDING * size) {
        return None;
    }
    let mut rng = Rng::new(0);
    let mut orders = vec![centred];
    for _ in 0..SHUFFLES {
        let mut next = orders[0].clone();
        rng.shuffle(&mut next);
        orders.push(next);
    }
    Some(orders)
}

/// ε² of centred values on bins, at least 0.
fn explains(binned: &Binned, centred: &[f64]) -> f64 {
    let mut bins = vec![(0.0, 0.0); binned.bins.len()];
    for (&code, value) in binned.codes.iter().zip(centred) {
        let (rows, sum) = &mut bins[code as usize];
        *rows += 1.0;
        *sum += value;
    }
    let (n, k) = (centred.len() as f64, bins.iter().filter(|(rows, _)| *rows > 0.0).count() as f64);
    let total: f64 = centred.iter().map(|v| v * v).sum();
    if k < 2.0 || n <= k || total == 0.0 {
        return 0.0;
    }
    let between: f64 = bins.iter().filter(|(n, _)| *n > 0.0).map(|(n, sum)| sum * sum / n).sum();
    (1.0 - (1.0 - between / total) * (n - 1.0) / (n - k)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::bins::Bin;
    use super::*;

    fn binned(codes: &[u32]) -> Binned {
        let bins = (0..=*codes.iter().max().unwrap()).map(|c| Bin::Level(c.to_string()));
        Binned { codes: codes.to_vec(), bins: bins.collect() }
    }

    /// Groups (−3, −1), (0, 2, 2): between 4·2 + 16/9·3 of 18 in all around the mean of 0.
    #[test]
    fn the_ratio_is_that_of_variances() {
        let values = [-3.0, -1.0, 0.0, 2.0, 2.0];
        let (between, total) = (8.0 + 16.0 / 3.0, 18.0);
        let expected = 1.0 - (1.0 - between / total) * 4.0 / 3.0;
        let got = explains(&binned(&[0, 0, 1, 1, 1]), &values);
        assert!((got - expected).abs() < 1e-15, "{got}");
        assert_eq!(explains(&binned(&[0, 0, 0, 0, 0]), &values), 0.0, "one bin");
        assert_eq!(explains(&binned(&[0, 1, 2, 3, 4]), &values), 0.0, "a bin a row");
        assert_eq!(explains(&binned(&[0, 1]), &[-1.0, 1.0]), 0.0);
        assert_eq!(explains(&binned(&[0, 0, 1, 1]), &[-1.0, -1.0, 1.0, 1.0]), 1.0);
    }

    /// The true order is the best of 20 once in 20 times.
    #[test]
    fn noise_is_told_in_5_percent() {
        let mut rng = Rng::new(5);
        let (n, k) = (400, 8);
        let codes: Vec<u32> = (0..n).map(|row| row % k).collect();
        let bins = binned(&codes);
        let mut above = 0;
        for _ in 0..200 {
            let values: Vec<f64> = (0..n).map(|_| rng.normal()).collect();
            let orders = orders(&values).unwrap();
            let chance = orders[1..].iter().map(|o| explains(&bins, o)).fold(0.0, f64::max);
            above += usize::from(explains(&bins, &orders[0]) > chance);
        }
        // 5 % of 200 is 10; 3 standard deviations are 9.
        assert!(above <= 19, "{above}");
    }

    #[test]
    fn samples_are_distinct_rows_in_order() {
        assert_eq!(sample(4), [0, 1, 2, 3]);
        let drawn = sample(3 * SAMPLE);
        assert_eq!(drawn.len(), SAMPLE);
        assert!(drawn.windows(2).all(|w| w[0] < w[1]));
        let mean = drawn.iter().map(|r| f64::from(*r)).sum::<f64>() / SAMPLE as f64;
        assert!((mean / (1.5 * SAMPLE as f64) - 1.0).abs() < 0.02, "{mean}");
    }

    #[test]
    fn what_does_not_vary_has_no_drivers() {
        assert!(orders(&[0.0; 9]).is_none());
        assert!(orders(&[0.1; 9]).is_none());
        assert!(orders(&[0.1, 0.1, 0.2]).is_some());
        assert!(orders(&[3.0]).is_none());
    }
}
