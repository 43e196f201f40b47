//! Classes of which the training rows hold only some.

use crate::parameters::within;
use crate::sound::{ascending, ensure};
use ruska_core::{FitError, Link, Predictions, Target, Train};
use serde::{Deserialize, Serialize};

/// The classes that have weight in the training rows, in order.
///
/// A learner sees these only. In its predictions the others together get the probability
/// 1 / (2·(n + 1)) after n training rows, in equal parts: half a row more would have to be theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Present {
    n_classes: u32,
    codes: Vec<u32>,
    absent: f64,
}

/// Weights of the training rows such that classes weigh more alike: those of a class of weight c
/// among k classes of weight n in all are multiplied by (n / (k · c)) ^ `balance`; 0 leaves them as
/// they are, 1 gives every class the same weight. Fails for regression unless `balance` is 0.
pub(crate) fn balanced(
    train: &Train<'_>,
    weights: Vec<f64>,
    balance: f64,
    id: &str,
) -> Result<Vec<f64>, FitError> {
    let balance = within(id, "class_balance", balance, 0.0, 1.0)?;
    if balance == 0.0 {
        return Ok(weights);
    }
    let (present, codes) = Present::of(train, &weights, id)?;
    let totals = present.totals(&codes, &weights);
    let mean = totals.iter().sum::<f64>() / totals.len() as f64;
    let factors: Vec<f64> = totals.iter().map(|t| (mean / t).powf(balance)).collect();
    let weigh = |(w, c): (f64, u32)| if w > 0.0 { w * factors[c as usize] } else { 0.0 };
    Ok(weights.into_iter().zip(codes).map(weigh).collect())
}

impl Present {
    /// The classes, and for each training row the index of its class among them; rows of a class
    /// without weight, which weigh nothing, get 0. Fails for regression.
    pub(crate) fn of(
        train: &Train<'_>,
        weights: &[f64],
        id: &str,
    ) -> Result<(Self, Vec<u32>), FitError> {
        let Target::Classes { codes, classes, .. } = train.y else {
            return Err(FitError::Data(format!(
                "`{id}` predicts classes, and the target is numbers"
            )));
        };
        let mut has_weight = vec![false; classes.len()];
        let codes: Vec<u32> = train.rows.iter().map(|&r| codes[r as usize]).collect();
        for (&c, w) in codes.iter().zip(weights) {
            has_weight[c as usize] |= *w > 0.0;
        }
        let present: Vec<u32> =
            (0..classes.len() as u32).filter(|&c| has_weight[c as usize]).collect();
        let index = |c: &u32| present.binary_search(c).unwrap_or(0) as u32;
        let codes = codes.iter().map(index).collect();
        let absent = match classes.len() - present.len() {
            0 => 0.0,
            others => 0.5 / (train.rows.len() as f64 + 1.0) / others as f64,
        };
        Ok((Self { n_classes: classes.len() as u32, codes: present, absent }, codes))
    }

    /// What is wrong with it, if anything.
    pub(crate) fn validate(&self) -> Result<(), String> {
        ensure(!self.codes.is_empty(), "no class is present")?;
        ascending("classes", &self.codes, self.n_classes as usize)?;
        let others = self.n_classes as usize - self.len();
        // A frame has fewer than 2³² rows.
        let share = if others == 0 { 0.0..=0.0 } else { 1e-10..=0.5 };
        let sane = share.contains(&(self.absent * others as f64));
        ensure(sane, "the share of absent classes is out of range")
    }

    /// The codes of the classes present, ascending.
    pub(crate) fn codes(&self) -> &[u32] {
        &self.codes
    }

    /// Number of classes present.
    pub(crate) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Number of logits a row that [`Self::of_logits`] takes.
    pub(crate) fn outputs(&self) -> usize {
        if self.len() == 2 { 1 } else { self.len() }
    }

    /// How logits become probabilities, and the class of each.
    pub(crate) fn link(&self) -> (Link, Vec<u32>) {
        match self.len() {
            2 => (Link::Logit, self.codes[1..].to_vec()),
            _ => (Link::Softmax, self.codes.clone()),
        }
    }

    /// Predictions over all classes from non-negative scores over the present ones, row by row.
    pub(crate) fn predictions(&self, scores: &[f64]) -> Predictions {
        let shares = Predictions::normalised(self.len(), scores.to_vec());
        let n = self.n_classes as usize;
        let mass = 1.0 - self.absent * (n - self.len()) as f64;
        let mut values = vec![self.absent; shares.rows() * n];
        for (row, out) in values.chunks_exact_mut(n).enumerate() {
            for (&c, share) in self.codes.iter().zip(shares.row(row)) {
                out[c as usize] = share * mass;
            }
        }
        Predictions::new(n, values)
    }

    /// The same from log-odds or logits: one score a row for two classes present (that of the
    /// second), or one for each class.
    pub(crate) fn of_logits(&self, logits: &[f64]) -> Predictions {
        if self.len() == 2 {
            let pairs: Vec<f64> = logits.iter().flat_map(|z| [0.0, *z]).collect();
            return self.of_log_likelihoods(&pairs);
        }
        self.of_log_likelihoods(logits)
    }

    /// The same from a log-likelihood, up to a constant a row, for each class present.
    pub(crate) fn of_log_likelihoods(&self, logs: &[f64]) -> Predictions {
        let mut scores = logs.to_vec();
        for row in scores.chunks_exact_mut(self.len()) {
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            row.iter_mut().for_each(|z| *z = (*z - top).exp());
        }
        self.predictions(&scores)
    }

    /// Summed weight of each class present.
    pub(crate) fn totals(&self, codes: &[u32], weights: &[f64]) -> Vec<f64> {
        let mut totals = vec![0.0; self.len()];
        for (&c, w) in codes.iter().zip(weights) {
            totals[c as usize] += w;
        }
        totals
    }
}
