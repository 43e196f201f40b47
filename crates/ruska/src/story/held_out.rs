//! What a study's model says of rows that it had not seen: the mean of what its trials predicted of the folds
//! held out, as they are kept in the store.

use crate::evaluation::Judged;
use crate::manifest::Manifest;
use crate::recorder::{HeldOut, kept};
use crate::setup::SetUp;
use ruska_core::{Event, Predictions, Share, Timed};
use ruska_store::Store;

/// The rows that were held out in some fold and what the model of a digest, by its trials, says of them, in the
/// order of the table; `None` where a trial's predictions are not kept, or are not of these rows.
pub(super) fn judged(
    store: &Store,
    (events, digest): &(&[Timed], String),
    manifest: &Manifest,
    set_up: &SetUp,
) -> Option<Judged> {
    let shares = events.iter().rev().find_map(|e| match &e.event {
        Event::ModelSaved { model, .. } if model != digest => None,
        Event::ModelSaved { trial, members, .. } if members.is_empty() => {
            Some(vec![Share { trial: *trial, times: 1, params: None }])
        }
        Event::ModelSaved { members, .. } => Some(members.clone()),
        _ => None,
    })?;
    let parts: Option<Vec<(f64, HeldOut)>> = shares
        .iter()
        .map(|share| Some((f64::from(share.times), kept(store, events, share.trial)?)))
        .collect();
    let (order, mean) = mean(&parts?)?;
    let mean = match &manifest.calibration {
        Some(calibration) => calibration.apply(mean),
        None => mean,
    };
    let (task, places) = (&set_up.task, &set_up.rows);
    let rows: Option<Vec<u32>> =
        order.iter().map(|row| places.get(*row as usize).copied()).collect();
    let pick = |w: &[f64]| order.iter().map(|row| w[*row as usize]).collect();
    Some(Judged {
        rows: rows?,
        truth: task.target.truth(&order),
        predictions: mean,
        weights: task.weights.as_ref().map(|w| pick(w)),
        classes: manifest.classes.clone(),
    })
}

/// The rows, ascending, and the mean of what several trials predicted of them; a row that was held out more than
/// once counts where it was first.
fn mean(parts: &[(f64, HeldOut)]) -> Option<(Vec<u32>, Predictions)> {
    let (_, first) = parts.first()?;
    let width = first.first()?.1.width();
    let places = |folds: &HeldOut| -> Vec<(u32, usize, usize)> {
        let mut all: Vec<(u32, usize, usize)> = folds
            .iter()
            .enumerate()
            .flat_map(|(fold, (rows, _))| rows.iter().enumerate().map(move |(i, r)| (*r, fold, i)))
            .collect();
        all.sort_unstable();
        all.dedup_by_key(|(row, ..)| *row);
        all
    };
    let order: Vec<u32> = places(first).iter().map(|(row, ..)| *row).collect();
    let mut sums = vec![0.0; order.len() * width];
    let all: f64 = parts.iter().map(|(times, _)| times).sum();
    for (times, folds) in parts {
        let found = places(folds);
        if !found.iter().map(|(row, ..)| *row).eq(order.iter().copied()) {
            return None;
        }
        for (sums, (_, fold, i)) in sums.chunks_mut(width).zip(found) {
            let said = folds[fold].1.row(i);
            if said.len() != width {
                return None;
            }
            sums.iter_mut().zip(said).for_each(|(sum, v)| *sum += times * v / all);
        }
    }
    Some((order, Predictions::new(width, sums)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_mean_counts_trials_by_their_times_and_rows_in_their_order() {
        let fold =
            |rows: &[u32], values: &[f64]| (rows.to_vec(), Predictions::new(1, values.to_vec()));
        let one = vec![fold(&[3, 0], &[30.0, 0.0]), fold(&[1], &[10.0])];
        let other = vec![fold(&[1, 0], &[40.0, 6.0]), fold(&[3], &[60.0])];
        let (rows, told) = mean(&[(1.0, one.clone()), (2.0, other)]).unwrap();
        assert_eq!(rows, [0, 1, 3]);
        let expected = [4.0, 30.0, 50.0];
        assert!(told.values().iter().zip(expected).all(|(v, e)| (v - e).abs() < 1e-12));
        let fewer = vec![fold(&[1, 0], &[40.0, 6.0])];
        assert!(mean(&[(1.0, one), (1.0, fewer)]).is_none());
    }
}
