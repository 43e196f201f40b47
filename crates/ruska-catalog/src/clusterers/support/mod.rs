//! What the clusterers share: rows as points or of numbers and levels, how numbers are brought to one
//! scale, how many clusters to look for, and what is said of rows.

mod mixed;
mod scale;

pub(crate) use mixed::{Cells, Columns};
pub(crate) use scale::Scale;

use crate::design::Features;
use crate::sound::ensure;
use ruska_core::{
    FitError, Frame, Grouping, Predict, PredictError, Predictions, Space, Target, TaskMeta, Train,
    hash,
};
use ruska_kernels::clusters::Points;

/// Most rows of a fit that are asked again where they belong.
const ASKED: usize = 2000;
/// Most clusters that are looked for where nobody says how many there are.
const MOST_CLUSTERS: i64 = 25;

/// Fails unless groups are to be found.
pub(crate) fn expect_groups<'a>(train: &Train<'a>, id: &str) -> Result<&'a Grouping, FitError> {
    match train.y {
        Target::Groups(asked) => Ok(asked),
        _ => Err(FitError::Data(format!("`{id}` finds groups, and there is a target to be told"))),
    }
}

/// Rows of a frame as points.
pub(crate) struct Rows {
    /// Their numbers in the frame.
    pub(crate) taken: Vec<u32>,
    pub(crate) features: Features,
    pub(crate) values: Vec<f64>,
}

impl Rows {
    /// The training rows, at most so many of them, spread evenly over all.
    ///
    /// Fails where a value is missing or infinite, where there is no column, and where the task is another.
    pub(crate) fn of(train: &Train<'_>, most: usize, id: &str) -> Result<Self, FitError> {
        expect_groups(train, id)?;
        let features = Features::of(train.x);
        if features.width() == 0 {
            return Err(FitError::Data("there is no column that tells rows apart".to_owned()));
        }
        let taken: Vec<u32> =
            hash::spread(train.rows.len(), most).map(|at| train.rows[at]).collect();
        let values = points_of(&features, train.x, &taken)?;
        Ok(Self { taken, features, values })
    }

    pub(crate) fn points(&self) -> Points<'_> {
        Points { values: &self.values, dims: self.features.width() }
    }
}

/// Some rows of a frame that has these columns, row after row.
pub(crate) fn points_of(
    features: &Features,
    x: &Frame,
    rows: &[u32],
) -> Result<Vec<f64>, PredictError> {
    let columns = features.find(x)?;
    columns.expect_finite(rows)?;
    let (by_column, n) = (columns.by_column(rows), rows.len());
    let mut values = vec![0.0; by_column.len()];
    for (j, column) in by_column.chunks_exact(n.max(1)).enumerate() {
        for (i, v) in column.iter().enumerate() {
            values[i * features.width() + j] = *v;
        }
    }
    Ok(values)
}

/// The numbers of clusters worth trying, from a least one on, or the one that was asked for.
pub(crate) fn clusters(space: Space, meta: &TaskMeta, least: i64) -> Space {
    if let Some(asked) = meta.clusters {
        return space.int("clusters", asked as i64, asked as i64, asked as i64);
    }
    let most = usual_most(meta).max(least + 1);
    space.log_int("clusters", least, most, most.min(3))
}

/// The most clusters that so many rows may have.
fn usual_most(meta: &TaskMeta) -> i64 {
    ((meta.rows / 4) as i64).clamp(2, MOST_CLUSTERS)
}

/// The share of the rows of a fit that its model puts where the fit put them, of at most 2,000 spread
/// evenly over them.
pub(crate) fn refound(
    model: &impl Predict,
    x: &Frame,
    (rows, labels): (&[u32], &[i32]),
) -> Result<f64, FitError> {
    let places: Vec<usize> = hash::spread(rows.len(), ASKED).collect();
    let some: Vec<u32> = places.iter().map(|&at| rows[at]).collect();
    let groups = model.predict(x, &some)?.groups();
    let same = groups.iter().zip(&places).filter(|(group, at)| **group == labels[**at]).count();
    Ok(same as f64 / places.len().max(1) as f64)
}

/// What a model tells of the share that it finds again.
pub(crate) fn told(refound: f64) -> (&'static str, f64) {
    ("refound", refound)
}

/// What is wrong with such a share, if anything.
pub(crate) fn is_share(refound: f64) -> Result<(), String> {
    ensure((0.0..=1.0).contains(&refound), "the share of rows found again is none")
}

/// The group of each row, and a number beside it.
pub(crate) fn said(rows: impl Iterator<Item = (i32, f64)>) -> Predictions {
    Predictions::new(2, rows.flat_map(|(group, beside)| [f64::from(group), beside]).collect())
}
