//! What each column adds to what the model says: in a row, and on average over rows.

use super::exact::exact;
use super::sampled::sampled;
use super::shapley::{Scale, Shapley};
use crate::error::Error;
use crate::explain::features::Feature;
use crate::model::Model;
use ruska_core::{Frame, PredictError, hash};
use serde::Serialize;

/// Rows of the background and rows looked at, where contributions are exact.
const EXACT_ROWS: usize = 1000;
/// The same where they are sampled, at most and at least; and predictions that are made for the latter.
const BACKGROUND: (usize, usize) = (10, 100);
const SAMPLED_ROWS: (usize, usize) = (30, 200);
const PREDICTIONS: usize = 400_000;

/// What columns add to what the model says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contributions {
    /// Whether they are exact; otherwise they are sampled, with an error.
    pub exact: bool,
    /// What they are added up on.
    pub scale: Scale,
    /// The class that each number is about, such as the positive one of two; empty for regression.
    pub classes: Vec<String>,
    /// Rows of the table whose mean is where contributions begin.
    pub background: usize,
    /// That mean, one number or one for each class.
    pub base: Vec<f64>,
    /// Rows of the table that sizes are means over.
    pub rows: usize,
    /// By column, the greatest size first.
    pub columns: Vec<ColumnContribution>,
    /// The rows asked for.
    pub told: Vec<RowContributions>,
}

/// What a column adds on the whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnContribution {
    /// Name of the column.
    pub column: String,
    /// Mean size of what it adds, over rows and classes.
    pub size: f64,
    /// The standard error of that mean.
    pub standard_error: f64,
    /// For numbers, how far more of the column adds more: the correlation of value and contribution, −1 to 1;
    /// `None` for levels, for several classes and for what does not vary.
    pub direction: Option<f64>,
}

/// What columns add in a row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowContributions {
    /// Number of the row, from 1.
    pub row: usize,
    /// What the model predicts: the class, or the number.
    pub prediction: String,
    /// What base and contributions add up to, one number or one for each class.
    pub sum: Vec<f64>,
    /// By column, what adds or takes most first.
    pub columns: Vec<CellContribution>,
}

/// What a value adds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CellContribution {
    /// Name of the column.
    pub column: String,
    /// Its value in the row, masked where it may name a person; `None` where there is none or it is free text.
    pub value: Option<String>,
    /// What it adds, one number or one for each class.
    pub adds: Vec<f64>,
    /// The standard error of each, where they were sampled.
    pub standard_error: Option<Vec<f64>>,
}

/// What the columns of a typed table add. `asked` are rows that are told one by one, from 1.
///
/// Fails when one of these is not there, and when the model cannot predict the table.
pub(super) fn contributions(
    model: &Model,
    x: &Frame,
    features: &[Option<Feature>],
    (asked, seed): (&[usize], u64),
) -> Result<Contributions, Error> {
    if let Some(row) = asked.iter().find(|row| **row == 0 || **row > x.rows()) {
        let what =
            format!("--rows asks for row {row}, and the table has {} (counted from 1)", x.rows());
        return Err(Error::Options(what));
    }
    let told = Chosen::of(x.rows(), EXACT_ROWS, EXACT_ROWS, asked);
    let taken = x.take(&told.all);
    let found = exact(model, &taken, &told.background, &told.rows)?;
    let (chosen, shapley) =
        if let Some(shapley) = found { (told, shapley) } else { by_chance(model, x, asked, seed)? };
    let global = chosen.rows.len() - asked.len();
    let mut columns: Vec<ColumnContribution> = (0..x.fields().len())
        .map(|column| ColumnContribution {
            column: x.fields()[column].name.to_string(),
            ..on_the_whole(&shapley, column, global, &chosen, features[column].as_ref())
        })
        .collect();
    columns.sort_by(|a, b| b.size.total_cmp(&a.size));
    let predicted = model.predict_typed(&x.take(&places(asked)))?;
    let mut told = vec![];
    for (i, &row) in asked.iter().enumerate() {
        let prediction = match model.manifest().classes.get(predicted.class(i)) {
            Some(class) => class.clone(),
            None => predicted.row(i)[0].to_string(),
        };
        let columns = in_row(&shapley, global + i, x, features, row - 1);
        told.push(RowContributions { row, prediction, sum: shapley.scores(global + i), columns });
    }
    let class = |class: &usize| model.manifest().classes[*class].clone();
    Ok(Contributions {
        exact: shapley.errors.is_none(),
        scale: shapley.scale,
        classes: shapley.classes.iter().map(class).collect(),
        background: chosen.background.len(),
        base: shapley.base,
        rows: global,
        columns,
        told,
    })
}

/// Sampled contributions, and the rows they are of.
fn by_chance(
    model: &Model,
    x: &Frame,
    asked: &[usize],
    seed: u64,
) -> Result<(Chosen, Shapley), PredictError> {
    let width = x.fields().len().max(1);
    let (least, most) = BACKGROUND;
    let background = (PREDICTIONS / (2 * SAMPLED_ROWS.0 * width)).clamp(least, most);
    let (least, most) = SAMPLED_ROWS;
    let rows = (PREDICTIONS / (2 * background * width)).clamp(least, most);
    let chosen = Chosen::of(x.rows(), background, rows, asked);
    let classes = match model.manifest().classes.len() {
        0 => vec![],
        2 => vec![model.positive().unwrap_or(1)],
        n => (0..n).collect(),
    };
    let taken = x.take(&chosen.all);
    let shapley = sampled(model, &taken, (&chosen.background, &chosen.rows), &classes, seed)?;
    Ok((chosen, shapley))
}

fn places(asked: &[usize]) -> Vec<u32> {
    asked.iter().map(|row| *row as u32 - 1).collect()
}

/// The rows of a table that are looked at.
struct Chosen {
    /// Those of the table: background, rows that sizes are means over, and rows asked for.
    all: Vec<u32>,
    /// Places among them of the background.
    background: Vec<u32>,
    /// Places among them of the others.
    rows: Vec<u32>,
}

impl Chosen {
    fn of(rows: usize, background: usize, looked_at: usize, asked: &[usize]) -> Self {
        let spread = |most| hash::spread(rows, most).map(|row| row as u32);
        let mut all: Vec<u32> = spread(background).collect();
        let first = all.len() as u32;
        all.extend(spread(looked_at));
        all.extend(places(asked));
        let rows = (first..all.len() as u32).collect();
        Self { all, background: (0..first).collect(), rows }
    }
}

/// The size and direction of a column over the first rows.
fn on_the_whole(
    shapley: &Shapley,
    column: usize,
    rows: usize,
    chosen: &Chosen,
    feature: Option<&Feature>,
) -> ColumnContribution {
    let outputs = shapley.outputs();
    let of_row = |row: usize| &shapley.values[shapley.place(row, column)..][..outputs];
    let sizes: Vec<f64> = (0..rows)
        .map(|row| of_row(row).iter().map(|v| v.abs()).sum::<f64>() / outputs as f64)
        .collect();
    let n = rows.max(1) as f64;
    let size = sizes.iter().sum::<f64>() / n;
    let squares: f64 = sizes.iter().map(|s| (s - size).powi(2)).sum();
    let standard_error = (squares / (n - 1.0).max(1.0) / n).sqrt();
    let numbers = feature.filter(|_| outputs == 1).and_then(Feature::numbers);
    let direction = numbers.and_then(|numbers| {
        let of = |row: usize| numbers[chosen.all[chosen.rows[row] as usize] as usize];
        correlation((0..rows).map(|row| (of(row), of_row(row)[0])).filter(|(v, _)| v.is_finite()))
    });
    ColumnContribution { column: String::new(), size, standard_error, direction }
}

/// Pearson's correlation; `None` where one of both does not vary.
fn correlation(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let n = pairs.clone().count() as f64;
    let (sum_a, sum_b) = pairs.clone().fold((0.0, 0.0), |(x, y), (a, b)| (x + a, y + b));
    let (mean_a, mean_b) = (sum_a / n, sum_b / n);
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        let (a, b) = (a - mean_a, b - mean_b);
        aa += a * a;
        bb += b * b;
        ab += a * b;
    }
    Some(ab / (aa * bb).sqrt()).filter(|r| r.is_finite()).map(|r| r.clamp(-1.0, 1.0))
}

fn in_row(
    shapley: &Shapley,
    place: usize,
    x: &Frame,
    features: &[Option<Feature>],
    row: usize,
) -> Vec<CellContribution> {
    let outputs = shapley.outputs();
    let cell = |column: usize| {
        let at = shapley.place(place, column);
        CellContribution {
            column: x.fields()[column].name.to_string(),
            value: features[column].as_ref().and_then(|f| f.shown(row)),
            adds: shapley.values[at..at + outputs].to_vec(),
            standard_error: shapley.errors.as_ref().map(|e| e[at..at + outputs].to_vec()),
        }
    };
    let mut cells: Vec<CellContribution> = (0..x.fields().len()).map(cell).collect();
    let size = |cell: &CellContribution| cell.adds.iter().map(|v| v.abs()).fold(0.0, f64::max);
    cells.sort_by(|a, b| size(b).total_cmp(&size(a)));
    cells
}
