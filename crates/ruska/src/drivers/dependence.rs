//! How predictions go with the columns that matter most.

use super::effects::{Curve, curve};
use super::interactions::{Interaction, interactions};
use super::surrogate::{Surrogate, surrogate};
use crate::explain::features::Feature;
use crate::model::Model;
use ruska_core::{Frame, PredictError, hash};
use serde::Serialize;

/// Columns that have curves, and columns whose pairs are looked at.
const CURVES: usize = 6;
const PAIRED: usize = 4;
/// Rows that are looked at for either.
const ROWS: usize = 500;
const PAIRED_ROWS: usize = 60;
const TREE_ROWS: usize = 2000;

/// How predictions go with columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dependence {
    /// The class whose probability is told: the positive one of two, else the one predicted most; `None` for
    /// regression.
    pub class: Option<String>,
    /// Rows of the table that are looked at.
    pub rows: usize,
    /// The columns that matter most, in this order; those that name persons or rows, and free text, have none.
    pub curves: Vec<Curve>,
    /// Rows that tell interactions.
    pub interaction_rows: usize,
    /// How far pairs of these columns work together, the strongest first.
    pub interactions: Vec<Interaction>,
    /// A small tree that says nearly what the model says; `None` where predictions do not vary or rows are too
    /// few.
    pub surrogate: Option<Surrogate>,
}

/// How predictions for a typed table go with columns, of which the most important come first in `order`.
pub(super) fn dependence(
    model: &Model,
    x: &Frame,
    features: &[Option<Feature>],
    order: &[usize],
) -> Result<Dependence, PredictError> {
    let sample =
        |most: usize| -> Vec<u32> { hash::spread(x.rows(), most).map(|row| row as u32).collect() };
    let rows = sample(ROWS);
    let taken = x.take(&rows);
    let classes = &model.manifest().classes;
    let class = match (classes.len(), model.positive()) {
        (0, _) => None,
        (_, Some(positive)) => Some(positive),
        (n, None) => {
            let said = model.predict_typed(&taken)?;
            let mut counts = vec![0; n];
            (0..rows.len()).for_each(|row| counts[said.class(row)] += 1);
            (0..n).reduce(|best, k| if counts[k] > counts[best] { k } else { best })
        }
    };
    let place = class.unwrap_or(0);
    let predict = |x: &Frame| {
        let said = model.predict_typed(x)?;
        Ok((0..x.rows()).map(|row| said.row(row)[place]).collect())
    };
    let mut curves = vec![];
    let mut drawn = vec![];
    for &at in order {
        let Some(feature) = &features[at] else { continue };
        if curves.len() >= CURVES {
            break;
        }
        if let Some(curve) = curve(&predict, &taken, at, &feature.take(&rows))? {
            curves.push(curve);
            drawn.push(at);
        }
    }
    let many = sample(TREE_ROWS);
    let known: Vec<Feature> =
        features.iter().flatten().filter(|f| !f.personal).map(|f| f.take(&many)).collect();
    let known: Vec<&Feature> = known.iter().collect();
    let surrogate = surrogate(&known, &predict(&x.take(&many))?);
    let few = sample(PAIRED_ROWS);
    let paired = &drawn[..drawn.len().min(PAIRED)];
    Ok(Dependence {
        class: class.map(|class| classes[class].clone()),
        rows: rows.len(),
        curves,
        interaction_rows: few.len(),
        interactions: interactions(&predict, &x.take(&few), paired)?,
        surrogate,
    })
}
