//! What features add to the scores of trees, as the columns of a frame.

use crate::binning::all_columns;
use crate::classes::Present;
use crate::design::Features;
use ruska_core::{Contributions, Frame, Link, PredictError};
use ruska_kernels::trees::shap::Explainer;

/// Rows are explained in so many parts at least, which threads may share.
const PARTS: usize = 8;

/// What the features of trees, the dense ones and those of the sparse blocks that are `picked`, add to the
/// scores of rows. `explainer` makes what explains them of columns and background rows.
pub(crate) fn contributions(
    (features, picked): (&Features, &[u32]),
    (link, classes): (Link, Vec<u32>),
    x: &Frame,
    (background, rows): (&[u32], &[u32]),
    explainer: impl FnOnce(&[&[f64]], &[u32]) -> Explainer,
) -> Result<Contributions, PredictError> {
    let columns = features.find(x)?;
    let columns = all_columns(&columns, picked, x.rows());
    let columns: Vec<&[f64]> = columns.iter().map(|c| &**c).collect();
    let explainer = explainer(&columns, background);
    let mut values = vec![0.0; rows.len() * columns.len() * explainer.outputs()];
    explainer.explain(&columns, rows, PARTS, &mut values);
    let dense = features.dense();
    let places = picked.iter().map(|&p| dense + p as usize);
    let columns = (0..dense).chain(places).map(|feature| features.place(feature)).collect();
    Ok(Contributions { link, classes, base: explainer.base().to_vec(), columns, values })
}

/// How leaves that hold shares of classes become predictions, and the class of each output.
pub(crate) fn of_shares(classes: Option<&Present>) -> (Link, Vec<u32>) {
    let codes = classes.map_or(vec![], |c| match c.codes() {
        // Of two classes the leaves hold the share of the second.
        [_, second] => vec![*second],
        codes => codes.to_vec(),
    });
    (Link::Identity, codes)
}
