//! Racing: a trial stops as soon as it is beaten beyond doubt by the best trial that it may see.
//!
//! Both have predicted the same rows, so what counts is the mean of the differences of their row
//! losses and its standard error s: rows that are hard for all cancel out. A trial stops when the
//! mean, over all rows so far, exceeds both 3 s and a margin.
//!
//! The bound: a normal mean strays 3 s to one side with a probability of 0.00135, and at most four
//! looks (five folds) make that 0.0054 by Bonferroni's inequality. It holds for large samples, so
//! fewer than [`LEAST_ROWS`] rows stop nothing. Rows tell of chance in the test only; chance in
//! training moves all rows of a fold together, which the margin leaves room for.
//!
//! The margin: what is nearly as good goes on, as it may do an ensemble good. It is a share of the
//! smaller of two numbers: the rival's loss, and what it has less than the constant. So it is small
//! where the rival is nearly perfect, and where hardly anything can be learned.
//!
//! Where the measure has no row losses, a trial stops after two or more folds when on each of them
//! it was behind by more than twice the spread of the rival's own folds, and by a tenth of its loss.
//!
//! References: Maron, Moore, "Hoeffding races", NIPS 1993; Moore, Lee, "Efficient algorithms for
//! minimizing cross validation error", ICML 1994 (races over paired errors); Birattari, Stützle,
//! Paquete, Varrentrapp, "A racing algorithm for configuring metaheuristics", GECCO 2002.

use crate::mean::mean_and_error;
use crate::pruner::{FoldLoss, Pruner, Rival};

/// Standard errors that the mean difference must exceed.
const STANDARD_ERRORS: f64 = 3.0;
/// Share of the rival's loss, or of its gain over the constant, that may be lost.
const MARGIN: f64 = 0.1;
/// Rows that can tell.
const LEAST_ROWS: usize = 30;

/// Stops trials that are beaten beyond doubt.
#[derive(Clone, Copy, Debug)]
pub struct Racing;

impl Pruner for Racing {
    fn prune(&self, folds: &[FoldLoss], rival: &Rival) -> bool {
        match differences(folds, rival) {
            Some(differences) => beaten(&differences, margin(rival)),
            None => behind_on_every_fold(folds, rival),
        }
    }
}

/// How much more a trial loses than its rival on each row so far.
fn differences(folds: &[FoldLoss], rival: &Rival) -> Option<Vec<f64>> {
    let mut differences = vec![];
    for (fold, best) in folds.iter().zip(&rival.folds) {
        let (rows, best) = (fold.rows.as_ref()?, best.rows.as_ref()?);
        differences.extend(rows.iter().zip(&**best).map(|(loss, best)| loss - best));
    }
    Some(differences)
}

/// What a trial may lose more than its rival, whatever the rows say.
fn margin(rival: &Rival) -> f64 {
    let gain = rival.constant.map_or(f64::INFINITY, |constant| constant - rival.loss);
    MARGIN * rival.loss.min(gain).max(0.0)
}

/// Whether the mean of the differences is more than a margin, and beyond doubt more than nothing.
fn beaten(differences: &[f64], margin: f64) -> bool {
    let (mean, standard_error) = mean_and_error(differences);
    differences.len() >= LEAST_ROWS && mean > margin.max(STANDARD_ERRORS * standard_error)
}

fn behind_on_every_fold(folds: &[FoldLoss], rival: &Rival) -> bool {
    if folds.len() < 2 || rival.folds.len() < folds.len() {
        return false;
    }
    let n = rival.folds.len() as f64;
    let mean = rival.folds.iter().map(|f| f.loss).sum::<f64>() / n;
    let squares: f64 = rival.folds.iter().map(|f| (f.loss - mean).powi(2)).sum();
    let margin = (2.0 * (squares / (n - 1.0)).sqrt()).max(0.1 * mean.abs());
    folds.iter().zip(&rival.folds).all(|(fold, best)| fold.loss - best.loss > margin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(rows: impl Iterator<Item = f64>) -> FoldLoss {
        let rows: Vec<f64> = rows.collect();
        let loss = rows.iter().sum::<f64>() / rows.len() as f64;
        FoldLoss { loss, rows: Some(rows.into()) }
    }

    /// Row losses of about 1, spread by about 0.6.
    fn noise(row: usize) -> f64 {
        (row * 7919 % 101) as f64 / 50.0
    }

    fn rival(rows: usize) -> Rival {
        let one = fold((0..rows).map(noise));
        Rival { loss: one.loss, constant: Some(3.0), folds: vec![one; 5] }
    }

    #[test]
    fn what_is_surely_worse_stops_after_its_first_fold() {
        let worse = fold((0..1000).map(|row| noise(row) + 0.2 + noise(row * 31) / 10.0));
        assert!(Racing.prune(&[worse], &rival(1000)));
    }

    #[test]
    fn equals_and_the_better_go_on() {
        let rival = rival(1000);
        for folds in 1..5 {
            assert!(!Racing.prune(&rival.folds[..folds], &rival));
            let better = fold((0..1000).map(|row| noise(row) / 2.0));
            assert!(!Racing.prune(&vec![better; folds], &rival));
        }
    }

    #[test]
    fn what_is_nearly_as_good_goes_on_however_sure_that_it_is_worse() {
        let rival = rival(1000);
        let worse = |by: f64| fold((0..1000).map(|row| noise(row) + by));
        assert!(!Racing.prune(&vec![worse(0.09); 4], &rival));
        assert!(Racing.prune(&[worse(0.11)], &rival));
        // Where little can be learned at all, little is much.
        let hard = Rival { constant: Some(rival.loss + 0.1), ..rival };
        assert!(Racing.prune(&[worse(0.09)], &hard));
    }

    #[test]
    fn few_rows_and_wide_differences_tell_nothing() {
        let rival = rival(1000);
        let few = |rows: usize| fold((0..rows).map(|row| noise(row) + 1.0));
        assert!(!Racing.prune(&[few(LEAST_ROWS - 1)], &rival));
        assert!(Racing.prune(&[few(LEAST_ROWS)], &rival));
        let outlier = fold((0..1000).map(|row| noise(row) + if row == 0 { 1e6 } else { 0.0 }));
        assert!(!Racing.prune(&[outlier], &rival));
    }

    /// The share of equal trials that chance stops stays below what the bound promises, without a
    /// margin to help.
    #[test]
    fn chance_alone_hardly_stops_a_trial() {
        let mut rng = ruska_core::Rng::new(1);
        let mut stopped = 0;
        for _ in 0..2000 {
            let (mut trial, mut folds) = (vec![], vec![]);
            for _ in 0..5 {
                let mut draw = || fold((0..60).map(|_| rng.unit()).collect::<Vec<_>>().into_iter());
                trial.push(draw());
                folds.push(draw());
            }
            let rival = Rival { loss: 0.0, constant: None, folds };
            stopped += usize::from((1..5).any(|n| Racing.prune(&trial[..n], &rival)));
        }
        assert!((1..=11).contains(&stopped), "{stopped} of 2000");
    }

    #[test]
    fn without_row_losses_only_what_is_far_behind_on_every_fold_stops() {
        let folds = |losses: &[f64]| -> Vec<FoldLoss> {
            losses.iter().map(|&loss| FoldLoss { loss, rows: None }).collect()
        };
        let rival = Rival { loss: 1.0, constant: None, folds: folds(&[1.0, 1.1, 0.9, 1.0, 1.05]) };
        assert!(Racing.prune(&folds(&[2.0, 2.1]), &rival));
        assert!(!Racing.prune(&folds(&[1.1, 1.2]), &rival));
        assert!(!Racing.prune(&folds(&[9.0]), &rival), "one fold is not enough");
        assert!(!Racing.prune(&folds(&[2.0, 1.0]), &rival), "it must be behind on every fold");
    }
}
