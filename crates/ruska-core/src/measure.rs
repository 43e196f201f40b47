//! Measures: how good predictions are.

use crate::{Ahead, Loss, MeasureError, Predictions, TaskKind, Trial};

/// What a measure looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The most probable class.
    Labels,
    /// Class probabilities.
    Probabilities,
    /// Numbers.
    Values,
    /// The group of each row.
    Groups,
    /// What comes next.
    Forecasts,
    /// What the model tells of its own fit, under the id of the measure: no prediction scores.
    Fit,
}

/// What a measure declares about itself.
#[derive(Clone, Debug)]
pub struct MeasureInfo {
    /// The name in options, files and leaderboards.
    pub id: &'static str,
    /// One line for people.
    pub summary: &'static str,
    /// The tasks it is for, the one that it is first of all for in front.
    pub tasks: &'static [TaskKind],
    /// What it looks at.
    pub needs: Needs,
    /// Whether it is defined for more than two classes.
    pub multiclass: bool,
    /// Whether more is better; the optimum is then 1, otherwise 0.
    pub higher_is_better: bool,
    /// Paper or documentation of the definition.
    pub reference: &'static str,
}

impl MeasureInfo {
    /// The task that it is first of all for.
    pub fn task(&self) -> TaskKind {
        self.tasks[0]
    }

    /// Whether it is for a task.
    pub fn is_for(&self, task: TaskKind) -> bool {
        self.tasks.contains(&task)
    }
}

/// The truth of the rows that are scored.
#[derive(Clone, Debug, PartialEq)]
pub enum Truth {
    /// Classes.
    Classes {
        /// One per row, below `n_classes`.
        codes: Vec<u32>,
        /// Number of classes, those without a row included.
        n_classes: usize,
        /// The class that precision, recall and the like are about.
        positive: u32,
    },
    /// Numbers.
    Values(Vec<f64>),
    /// Points, by which groups are judged.
    Points {
        /// Row after row.
        values: Vec<f64>,
        /// Numbers of a row, at least 1.
        dims: usize,
    },
    /// What came, of what was told ahead.
    Ahead(Ahead),
}

impl Truth {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Classes { codes, .. } => codes.len(),
            Self::Values(v) => v.len(),
            Self::Points { values, dims } => values.len() / dims,
            Self::Ahead(ahead) => ahead.rows.len(),
        }
    }

    /// The given rows, in the given order.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        match self {
            Self::Classes { codes, n_classes, positive } => Self::Classes {
                codes: rows.iter().map(|&r| codes[r as usize]).collect(),
                n_classes: *n_classes,
                positive: *positive,
            },
            Self::Values(v) => Self::Values(rows.iter().map(|&r| v[r as usize]).collect()),
            Self::Points { values, dims } => {
                let row = |r: &u32| &values[*r as usize * dims..(*r as usize + 1) * dims];
                Self::Points { values: rows.iter().flat_map(row).copied().collect(), dims: *dims }
            }
            Self::Ahead(ahead) => Self::Ahead(ahead.take(rows)),
        }
    }
}

/// A measure of predictions against the truth.
pub trait Measure: Send + Sync {
    /// What it declares.
    fn info(&self) -> &MeasureInfo;

    /// The score in its usual direction; weights are one per row where given.
    ///
    /// Fails where the measure is undefined, such as the AUC of rows of one class.
    fn score(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Result<f64, MeasureError>;

    /// The losses of the rows: finite numbers whose weighted mean is the loss, and which are as far
    /// from it as their rows pull it: ε more weight on a row, of W in all, moves the loss by
    /// ε (row loss − loss) / W. So the spread of the row losses, or of the differences between those
    /// of two models, tells how far chance moves their mean.
    ///
    /// Where the loss is a mean over rows these are its terms, otherwise the loss plus the row's
    /// influence. `None` where the measure is undefined or no smooth function of the weights. What
    /// rows of weight zero have does not count.
    ///
    /// Reference: Hampel, "The influence curve and its role in robust estimation", JASA 69, 1974.
    fn row_losses(
        &self,
        truth: &Truth,
        predictions: &Predictions,
        weights: Option<&[f64]>,
    ) -> Option<Vec<f64>> {
        let _ = (truth, predictions, weights);
        None
    }

    /// The score of how far two models agree on the same rows, for measures of that.
    fn between(&self, one: &Predictions, other: &Predictions) -> Option<f64> {
        let _ = (one, other);
        None
    }

    /// No trials yet beside each other, for measures by which a trial is only good or bad beside others;
    /// their scores are then those of the losses that they have there.
    fn beside(&self) -> Option<Box<dyn Beside>> {
        None
    }

    /// The score as a loss: lower is better, 0 is perfect.
    fn loss_of(&self, score: f64) -> f64 {
        if self.info().higher_is_better { 1.0 - score } else { score }
    }

    /// The score of a loss, for display.
    fn score_of(&self, loss: f64) -> f64 {
        if self.info().higher_is_better { 1.0 - loss } else { loss }
    }
}

/// Finished trials beside each other: each is taken once, since what it has told stays so.
pub trait Beside: Send {
    /// Takes a finished trial, unless there is one of its number.
    fn take(&mut self, trial: &Trial);

    /// The loss of each trial taken, by ascending number, whatever the order in which they were taken.
    fn losses(&self) -> Vec<(u32, Loss)>;
}
