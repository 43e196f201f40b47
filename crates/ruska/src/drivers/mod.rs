//! What drives the predictions of a model of rows, told in the columns of the table.
//!
//! ```text
//! table ─ schema ─▶ columns ─┬─ shuffled ─ metric ─────────────────────▶ importance
//!                            ├─ learners' contributions, folded back ─┬▶ contributions
//!                            ├─ orders of columns, drawn ─────────────┘
//!                            └─ values put in the place of others ─────▶ dependence
//! ```
//!
//! Steps are asked for nothing but what they do, and learners for nothing but predictions, unless they know
//! better, so that any pipeline and any mean of several is explained. Equal tables and seeds give equal numbers, whatever the number of threads.

mod contributions;
mod counterfactual;
mod dependence;
mod drawing;
mod effects;
mod exact;
mod importance;
mod interactions;
mod sampled;
mod shapes;
mod shapley;
mod surrogate;

#[cfg(test)]
mod drivers_tests;
#[cfg(test)]
mod effects_tests;
#[cfg(test)]
mod reference_tests;

use crate::error::Error;
use crate::labelled::LabelledRows;
use crate::model::{Model, write_atomically};
use ruska_core::{Column, Field, Frame, MeasureError, Schema, TaskError, TaskKind, hash};
use ruska_data::TargetError;
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;

pub use contributions::{CellContribution, ColumnContribution, Contributions, RowContributions};
pub use counterfactual::{Change, Counterfactual, Way};
pub use dependence::Dependence;
pub use effects::{Curve, CurvePoint};
pub use importance::{ColumnImportance, Importance};
pub use interactions::Interaction;
pub use shapes::{ShapeFunction, ShapeFunctions, ShapePlace};
pub use shapley::Scale;
pub use surrogate::Surrogate;

use crate::explain::features::{Feature, features};
use crate::forecast::slug;
use contributions::contributions;
use counterfactual::{Wanted, counterfactuals};
use dependence::dependence;
use importance::{Labelled, importance, most_rows};

/// Rows whose values may stand in the place of another's.
const CHANGES: usize = 500;

/// What is asked about a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DriverOptions {
    /// Most rows of the table that importance by the metric looks at; as many as are told in short time if
    /// left out.
    pub sample: Option<usize>,
    /// Rows that are told one by one, from 1.
    pub rows: Vec<usize>,
    /// Seed of what is drawn.
    pub seed: u64,
    /// Where changes of the rows told one by one are to lead: a number, at least if it is above the prediction
    /// and at most if below, or a class. Any other class, and nothing of numbers, if left out.
    pub to: Option<String>,
}

/// What drives the predictions for a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drivers {
    /// Column that is predicted.
    pub target: String,
    /// Rows of the table.
    pub rows: usize,
    /// Whether the model has learned from exactly these rows, of which it knows more than of new ones.
    pub learned_from: bool,
    /// What the metric loses without each column; `None` where the rows do not tell the metric.
    pub importance: Option<Importance>,
    /// Why the rows do not tell the metric.
    pub without_importance: Option<String>,
    /// What each column adds to what the model says.
    pub contributions: Contributions,
    /// How predictions go with the columns that matter most.
    pub dependence: Dependence,
    /// All that the model says, where it is additive.
    pub shapes: Option<ShapeFunctions>,
    /// What would have to change in the rows asked for; of numbers, where it was said which one to reach.
    pub counterfactuals: Vec<Counterfactual>,
}

impl Model {
    /// Tells what drives the predictions for a table, as [`crate::read`] gives it.
    ///
    /// Fails when the model is none of classification or regression, the table has no rows, not those asked
    /// for or not the model's columns, or its target cannot be read.
    pub fn drivers(&self, table: &Frame, options: &DriverOptions) -> Result<Drivers, Error> {
        let manifest = self.manifest();
        if !matches!(manifest.task, TaskKind::Classification | TaskKind::Regression) {
            let what =
                format!("drivers are those of predicted columns, not of {}", manifest.task.name());
            return Err(Error::Options(what));
        }
        if table.rows() < 2 {
            let what = "explain needs at least two rows, as each is explained beside the others; --rows \
                        chooses those of a larger table that are told one by one";
            return Err(Error::Options(what.to_owned()));
        }
        let wanted = Wanted::of(self, options.to.as_deref())?;
        let (importance, without_importance) = match self.loss_by_column(table, options)? {
            Ok(importance) => (Some(importance), None),
            Err(why) => (None, Some(why)),
        };
        let names: Vec<&str> = manifest.features.iter().map(String::as_str).collect();
        let x = self.typed(table, &names)?;
        let features = shown(&x, &manifest.schema);
        let asked = (&options.rows[..], options.seed);
        let contributions = contributions(self, &x, &features, asked)?;
        let first = match &importance {
            Some(told) => told.columns.iter().map(|c| &c.column).collect::<Vec<_>>(),
            None => contributions.columns.iter().map(|c| &c.column).collect(),
        };
        let place = |name: &&String| x.fields().iter().position(|f| *f.name == ***name);
        let order: Vec<usize> = first.iter().filter_map(place).collect();
        let dependence = dependence(self, &x, &features, &order)?;
        let counterfactuals = match wanted {
            None => vec![],
            Some(wanted) => {
                let sample: Vec<u32> =
                    hash::spread(x.rows(), CHANGES).map(|row| row as u32).collect();
                let rows = options.rows.iter().map(|row| *row as u32 - 1);
                counterfactuals((self, wanted), &x, &features, &sample, rows)?
            }
        };
        Ok(Drivers {
            target: manifest.target.clone(),
            rows: table.rows(),
            learned_from: manifest.data == ruska_data::fingerprint(table),
            importance,
            without_importance,
            contributions,
            dependence,
            shapes: shapes::shapes(self, &x, &features),
            counterfactuals,
        })
    }

    /// The importance of columns by the metric, or why there is none.
    fn loss_by_column(
        &self,
        table: &Frame,
        options: &DriverOptions,
    ) -> Result<Result<Importance, String>, Error> {
        let manifest = self.manifest();
        if table.field(&manifest.target).is_none() {
            return Ok(Err(format!("the table has no column `{}`", manifest.target)));
        }
        let task = match LabelledRows::weighted(table, manifest) {
            Err(Error::Target(TargetError::AllMissing { .. })) => {
                return Ok(Err(format!("no row has a value of `{}`", manifest.target)));
            }
            labelled => labelled?.task,
        };
        let most = options.sample.unwrap_or(most_rows(task.x.fields().len()));
        let rows: Vec<u32> = hash::spread(task.rows(), most).map(|row| row as u32).collect();
        let catalog = ruska_catalog::builtin();
        let Some(measure) = catalog.measure(&manifest.metric) else {
            return Ok(Err(format!("there is no measure `{}`", manifest.metric)));
        };
        let x = task.x.take(&rows);
        let pick = |w: &Arc<Vec<f64>>| rows.iter().map(|&r| w[r as usize]).collect::<Vec<f64>>();
        let weights = task.weights.as_ref().map(pick);
        let truth = task.target.truth(&rows);
        let labelled = Labelled { x: &x, truth: &truth, weights: weights.as_deref() };
        match importance(self, &**measure, &labelled, task.rows(), options.seed) {
            Ok(importance) => Ok(Ok(importance)),
            Err(Error::Measure(why @ MeasureError::Undefined { .. })) => Ok(Err(why.to_string())),
            Err(other) => Err(other),
        }
    }
}

impl Drivers {
    /// How predictions go with a column as an SVG picture of 720 × 440: single rows, their mean (partial
    /// dependence) and accumulated local effects.
    pub fn svg(&self, curve: &Curve) -> String {
        drawing::draw(&self.dependence, &self.target, curve)
    }

    /// Writes such pictures of all curves into a folder, which is made if it is not there. Gives the names of the
    /// files: the place of the curve and what of the column's name is letters and digits, such as
    /// `1-tenure-months.svg`. Each is a temporary file in the folder, then renamed.
    ///
    /// Fails when the folder or a file cannot be written.
    pub fn draw(&self, folder: impl AsRef<Path>) -> std::io::Result<Vec<String>> {
        let folder = folder.as_ref();
        std::fs::create_dir_all(folder)?;
        let draw = |(place, curve): (usize, &Curve)| -> std::io::Result<String> {
            let file = format!("{}-{}.svg", place + 1, slug(&curve.column));
            write_atomically(&folder.join(&file), self.svg(curve).as_bytes())?;
            Ok(file)
        };
        self.dependence.curves.iter().enumerate().map(draw).collect()
    }
}

/// The columns of a typed table as they are shown; `None` for free text.
fn shown(x: &Frame, schema: &Schema) -> Vec<Option<Feature>> {
    let mut found = features(x, schema).0.into_iter().peekable();
    x.fields().iter().map(|f| found.next_if(|feature| *feature.name == *f.name)).collect()
}

/// A table with another column in the place of one.
fn with_column(x: &Frame, at: usize, column: Column) -> Result<Frame, TaskError> {
    let mut fields = x.fields().to_vec();
    fields[at] = Field { column, origin: None, ..fields[at].clone() };
    Frame::with_rows(fields, x.rows())
}
