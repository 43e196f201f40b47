//! A fitted net.

use super::cells::Cells;
use super::embed::Tables;
use super::layout::{Layout, Shape};
use super::loss::Truth;
use super::pass::Pass;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

/// Rows that are predicted together.
const BATCH: usize = 256;

/// A net: its shape and its parameters in single precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Net {
    shape: Shape,
    /// As little-endian bytes.
    params: ByteBuf,
}

impl Net {
    pub(super) fn new(shape: Shape, params: &[f32]) -> Self {
        let params = params.iter().flat_map(|p| p.to_le_bytes()).collect::<Vec<_>>().into();
        Self { shape, params }
    }

    /// Its shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// For each row what the members say on average: a number, or a probability for each class.
    /// `truth` tells which, its rows do not matter.
    pub fn predict(&self, cells: &Cells, rows: &[u32], truth: Truth<'_>) -> Vec<f64> {
        let of = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        let params: Vec<f32> = self.params.chunks_exact(4).map(of).collect();
        let layout = Layout::of(&self.shape);
        let tables = Tables { shape: &self.shape, layout: &layout, cells };
        predicted(tables, &params, rows, truth, &mut Pass::default())
    }

    /// What makes it useless, if anything.
    pub fn validate(&self) -> Result<(), String> {
        self.shape.validate()?;
        let expected = Layout::of(&self.shape).len;
        if self.params.len() != 4 * expected {
            return Err(format!(
                "{} bytes of parameters for {expected} of them",
                self.params.len()
            ));
        }
        let finite = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_finite();
        if self.params.chunks_exact(4).all(finite) {
            return Ok(());
        }
        Err("a parameter of the net is no finite number".to_owned())
    }
}

/// What the members say of rows on average.
pub(super) fn predicted(
    tables: Tables<'_>,
    params: &[f32],
    rows: &[u32],
    truth: Truth<'_>,
    pass: &mut Pass<f32>,
) -> Vec<f64> {
    let Shape { members, outputs, .. } = *tables.shape;
    let width = truth.width();
    let mut out = vec![0.0; rows.len() * width];
    for (rows, out) in rows.chunks(BATCH).zip(out.chunks_mut(BATCH * width)) {
        pass.forward(tables, params, rows, None);
        for member in pass.scores.chunks_exact(rows.len() * outputs) {
            for (out, scores) in out.chunks_exact_mut(width).zip(member.chunks_exact(outputs)) {
                truth.predicted(scores, 1.0 / members as f64, out);
            }
        }
    }
    out
}
