//! A fitted net.

use super::cells::Cells;
use super::embed::Tables;
use super::layout::{Layout, Shape};
use super::loss::Truth;
use super::pass::Pass;
use crate::{Progress, Silent, Stopped, packed};
use serde::{Deserialize, Serialize};

/// Rows that are predicted together.
const BATCH: usize = 256;

/// A net: its shape and its parameters in single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Net {
    shape: Shape,
    #[serde(with = "packed")]
    params: Vec<f32>,
}

impl Net {
    pub(super) fn new(shape: Shape, params: Vec<f32>) -> Self {
        Self { shape, params }
    }

    /// Its shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// For each row what the members say on average: a number, or a probability for each class.
    /// `truth` tells which, its rows do not matter.
    pub fn predict(&self, cells: &Cells, rows: &[u32], truth: Truth<'_>) -> Vec<f64> {
        let layout = Layout::of(&self.shape);
        let tables = Tables { shape: &self.shape, layout: &layout, cells };
        let said = predicted(tables, &self.params, rows, truth, &mut Pass::default(), &Silent);
        said.expect("nothing stops it")
    }

    /// What makes it useless, if anything.
    pub fn validate(&self) -> Result<(), String> {
        self.shape.validate()?;
        let expected = Layout::of(&self.shape).len;
        if self.params.len() != expected {
            return Err(format!("{} parameters instead of {expected}", self.params.len()));
        }
        if self.params.iter().all(|p| p.is_finite()) {
            return Ok(());
        }
        Err("a parameter of the net is no finite number".to_owned())
    }
}

/// What the members say of rows on average. Fails when told to stop.
pub(super) fn predicted(
    tables: Tables<'_>,
    params: &[f32],
    rows: &[u32],
    truth: Truth<'_>,
    pass: &mut Pass<f32>,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Stopped> {
    let Shape { members, outputs, .. } = *tables.shape;
    let width = truth.width();
    let mut out = vec![0.0; rows.len() * width];
    for (rows, out) in rows.chunks(BATCH).zip(out.chunks_mut(BATCH * width)) {
        if !progress.proceed() {
            return Err(Stopped);
        }
        pass.forward(tables, params, rows, None);
        for member in pass.scores.chunks_exact(rows.len() * outputs) {
            for (out, scores) in out.chunks_exact_mut(width).zip(member.chunks_exact(outputs)) {
                truth.predicted(scores, 1.0 / members as f64, out);
            }
        }
    }
    Ok(out)
}
