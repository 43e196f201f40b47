//! What can be had of two classes at every threshold: ROC, precision against recall, gains.
//!
//! A row counts as decided for the positive class from the threshold on, so equal scores are decided
//! alike. Points of the ROC curve between two others on a straight line are left out, as scikit-learn
//! does; curves of more than [`POINTS`] points are thinned to as many, evenly by place, ends kept.
//! Cost O(n log n).
//!
//! References: Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27, 2006;
//! Davis, Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006.

use super::rows::Two;
use serde::Serialize;

/// Points of a curve at most.
const POINTS: usize = 2000;
/// Shares of all rows, the highest scores first, whose gains are told.
const SHARES: [f64; 12] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// The curves of two classes; all lists of a curve are as long.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curves {
    /// True against false positives.
    pub roc: Roc,
    /// Precision against recall.
    pub precision_recall: PrecisionRecall,
    /// What the rows with the highest scores hold.
    pub gains: Gains,
}

/// Receiver operating characteristic, from no decision for the positive class to all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Roc {
    /// Falling thresholds; `None` for the first, which no score reaches.
    pub threshold: Vec<Option<f64>>,
    /// Share of the others that is decided for the positive class.
    pub false_positive_rate: Vec<f64>,
    /// Share of the positive class that is decided for it.
    pub true_positive_rate: Vec<f64>,
}

/// Precision and recall by falling threshold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrecisionRecall {
    /// Falling thresholds.
    pub threshold: Vec<f64>,
    /// Share of the positive class among what is decided for it.
    pub precision: Vec<f64>,
    /// Share of the positive class that is decided for it.
    pub recall: Vec<f64>,
}

/// What the rows with the highest scores hold of the positive class. Of equal scores a share is taken
/// as it is on average.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gains {
    /// Share of all rows, rising.
    pub share: Vec<f64>,
    /// Share of the positive class in these rows.
    pub gain: Vec<f64>,
    /// How many times more of the positive class these rows hold than as many at random.
    pub lift: Vec<f64>,
}

/// The weight at one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) score: f64,
    /// Of the positive class.
    pub(super) inside: f64,
    /// Of the others.
    pub(super) outside: f64,
}

/// The weights at every distinct score, the highest first; rows without weight left out.
pub(super) fn steps(two: &Two) -> Vec<Step> {
    let mut order: Vec<usize> = (0..two.score.len()).filter(|r| two.weight[*r] > 0.0).collect();
    order.sort_by(|a, b| (two.score[*b] + 0.0).total_cmp(&(two.score[*a] + 0.0)));
    order
        .chunk_by(|a, b| two.score[*a] == two.score[*b])
        .map(|tied| {
            let sum = |class| {
                let of_class = tied.iter().filter(|row| two.positive[**row] == class);
                of_class.map(|row| two.weight[*row]).fold(0.0, |sum, weight| sum + weight)
            };
            Step { score: two.score[tied[0]], inside: sum(true), outside: sum(false) }
        })
        .collect()
}

/// The weights from each score on: decided for the positive class, rightly and wrongly.
fn decided(steps: &[Step]) -> Vec<(f64, f64)> {
    let mut sums = (0.0, 0.0);
    let add = |step: &Step| {
        sums = (sums.0 + step.inside, sums.1 + step.outside);
        sums
    };
    steps.iter().map(add).collect()
}

impl Curves {
    /// `None` where one of the classes has no rows.
    pub(super) fn of(two: &Two) -> Option<Self> {
        let steps = steps(two);
        let decided = decided(&steps);
        let &(inside, outside) = decided.last()?;
        if !(inside > 0.0 && outside > 0.0) {
            return None;
        }
        Some(Self {
            roc: roc(&steps, &decided),
            precision_recall: precision_recall(&steps, &decided),
            gains: gains(&steps, (inside, outside)),
        })
    }
}

fn roc(steps: &[Step], decided: &[(f64, f64)]) -> Roc {
    let (inside, outside) = decided[decided.len() - 1];
    let (last, bend) = (decided.len() - 1, |values: [f64; 3]| {
        (values[2] - values[1]) - (values[1] - values[0]) != 0.0
    });
    let corner = |place: &usize| {
        let place = *place;
        if place == 0 || place == last {
            return true;
        }
        let around = [decided[place - 1], decided[place], decided[place + 1]];
        bend(around.map(|p| p.0)) || bend(around.map(|p| p.1))
    };
    let corners: Vec<usize> = (0..decided.len()).filter(corner).collect();
    let kept: Vec<usize> = thinned(corners.len()).map(|place| corners[place]).collect();
    let with_origin = |rate: &dyn Fn(usize) -> f64| {
        std::iter::once(0.0).chain(kept.iter().map(|place| rate(*place))).collect()
    };
    let thresholds = kept.iter().map(|place| Some(steps[*place].score));
    Roc {
        threshold: std::iter::once(None).chain(thresholds).collect(),
        false_positive_rate: with_origin(&|place| decided[place].1 / outside),
        true_positive_rate: with_origin(&|place| decided[place].0 / inside),
    }
}

fn precision_recall(steps: &[Step], decided: &[(f64, f64)]) -> PrecisionRecall {
    let (inside, _) = decided[decided.len() - 1];
    let kept: Vec<usize> = thinned(decided.len()).collect();
    let of = |rate: &dyn Fn((f64, f64)) -> f64| kept.iter().map(|p| rate(decided[*p])).collect();
    PrecisionRecall {
        threshold: kept.iter().map(|place| steps[*place].score).collect(),
        precision: of(&|(hits, misses)| hits / (hits + misses)),
        recall: of(&|(hits, _)| hits / inside),
    }
}

fn gains(steps: &[Step], (inside, outside): (f64, f64)) -> Gains {
    let total = inside + outside;
    let held = |share: f64| {
        let mut left = share * total;
        let mut hits = 0.0;
        for step in steps {
            let size = step.inside + step.outside;
            let part = (left / size).min(1.0);
            hits += part * step.inside;
            left -= part * size;
            if left <= 0.0 {
                break;
            }
        }
        hits / inside
    };
    let gain: Vec<f64> = SHARES.iter().map(|share| held(*share)).collect();
    let lift = gain.iter().zip(SHARES).map(|(gain, share)| gain / share).collect();
    Gains { share: SHARES.to_vec(), gain, lift }
}

/// At most [`POINTS`] places below a number, evenly, the first and the last among them.
pub(super) fn thinned(n: usize) -> impl Iterator<Item = usize> {
    let kept = n.min(POINTS);
    (0..kept).map(move |k| if kept < 2 { 0 } else { k * (n - 1) / (kept - 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_curves_keep_their_ends() {
        let places: Vec<usize> = thinned(100_001).collect();
        assert_eq!((places.len(), places[0], places[POINTS - 1]), (POINTS, 0, 100_000));
        assert_eq!(thinned(3).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((thinned(0).count(), thinned(1).collect::<Vec<_>>()), (0, vec![0]));
    }

    #[test]
    fn gains_of_equal_scores_are_those_of_chance() {
        let two = Two {
            score: vec![0.5; 8],
            positive: (0..8).map(|i| i % 4 == 0).collect(),
            decided: vec![true; 8],
            weight: vec![1.0; 8],
        };
        let gains = gains(&steps(&two), (2.0, 6.0));
        assert!(gains.lift.iter().all(|lift| (lift - 1.0).abs() < 1e-12), "{gains:?}");
    }
}
