//! Columns that a step leaves out.

use super::columns::{OfColumn, replace, validate};
use super::numbers::expect_floats;
use ruska_core::{Field, Frame, PredictError, TransformStep};
use serde::{Deserialize, Serialize};

/// Numeric columns that are left out; all others pass.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LeftOut(Vec<Named>);

#[derive(Debug, Serialize, Deserialize)]
struct Named {
    name: String,
}

impl OfColumn for Named {
    fn column(&self) -> &str {
        &self.name
    }
}

impl LeftOut {
    /// Those columns of a frame, by place; the first of them stays if nothing else would.
    pub(crate) fn new(x: &Frame, mut places: Vec<usize>) -> Self {
        places.sort_unstable();
        if places.len() == x.fields().len() && !places.is_empty() {
            places.remove(0);
        }
        let named = |at: usize| Named { name: x.fields()[at].name.to_string() };
        Self(places.into_iter().map(named).collect())
    }
}

impl TransformStep for LeftOut {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.0, |_, field: &Field| expect_floats(field).map(|_| vec![]))
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.0, |_| Ok(()))
    }
}
