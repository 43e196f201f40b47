//! Columns of one length, in lossless physical types.

use crate::{Kind, TaskError};
use std::sync::Arc;

/// Code of a missing value in a [`StrColumn`].
pub const MISSING: u32 = u32::MAX;
/// Code of a level that the schema does not know; only after a schema was applied.
pub const UNSEEN: u32 = u32::MAX - 1;
/// Missing value of `Int` and `Time` columns. Readers store a true `i64::MIN` as text.
pub const NO_VALUE: i64 = i64::MIN;

/// Text values as codes into a list of distinct levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrColumn {
    /// One per row: an index into `levels`, [`MISSING`] or [`UNSEEN`].
    pub codes: Arc<Vec<u32>>,
    /// The distinct values.
    pub levels: Arc<Vec<String>>,
}

impl StrColumn {
    /// The text of a row, or `None` where it is missing or unseen.
    pub fn get(&self, row: usize) -> Option<&str> {
        self.levels.get(self.codes[row] as usize).map(String::as_str)
    }
}

/// Several numeric columns of which most values are zero, as compressed sparse rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse {
    /// Number of columns of the block.
    pub width: usize,
    /// `offsets[i]..offsets[i + 1]` are the stored values of row `i`; one more than rows.
    pub offsets: Vec<usize>,
    /// Column of each stored value, ascending within a row, each below `width`.
    pub indices: Vec<u32>,
    /// The stored values, finite.
    pub values: Vec<f64>,
}

impl Sparse {
    /// Columns and values stored for a row.
    pub fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }
}

/// One column of values; cloning shares them.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// 0, 1, or −1 where missing.
    Bool(Arc<Vec<i8>>),
    /// Whole numbers; [`NO_VALUE`] where missing.
    Int(Arc<Vec<i64>>),
    /// Real numbers; NaN where missing.
    Float(Arc<Vec<f64>>),
    /// Text as dictionary codes.
    Str(StrColumn),
    /// Milliseconds since 1970-01-01T00:00:00 without a zone; [`NO_VALUE`] where missing.
    Time(Arc<Vec<i64>>),
    /// A block of sparse numeric columns.
    Sparse(Arc<Sparse>),
}

impl Column {
    /// A real column; NaN is missing.
    pub fn float(values: Vec<f64>) -> Self {
        Self::Float(Arc::new(values))
    }

    /// A text column from codes and levels.
    pub fn text(codes: Vec<u32>, levels: Vec<String>) -> Self {
        Self::Str(StrColumn { codes: Arc::new(codes), levels: Arc::new(levels) })
    }

    /// A text column from values; levels in order of first appearance.
    pub fn from_strings<S: AsRef<str>>(values: impl IntoIterator<Item = Option<S>>) -> Self {
        let mut seen = std::collections::HashMap::new();
        let mut levels = Vec::new();
        let codes = values
            .into_iter()
            .map(|value| {
                value.map_or(MISSING, |value| {
                    *seen.entry(value.as_ref().to_owned()).or_insert_with(|| {
                        levels.push(value.as_ref().to_owned());
                        levels.len() as u32 - 1
                    })
                })
            })
            .collect();
        Self::text(codes, levels)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Bool(v) => v.len(),
            Self::Int(v) | Self::Time(v) => v.len(),
            Self::Float(v) => v.len(),
            Self::Str(v) => v.codes.len(),
            Self::Sparse(v) => v.rows(),
        }
    }

    /// Number of feature columns this stands for: more than one for a sparse block.
    pub fn width(&self) -> usize {
        match self {
            Self::Sparse(v) => v.width,
            _ => 1,
        }
    }

    /// Number of missing values.
    pub fn missing(&self) -> usize {
        match self {
            Self::Bool(v) => v.iter().filter(|v| **v < 0).count(),
            Self::Int(v) | Self::Time(v) => v.iter().filter(|v| **v == NO_VALUE).count(),
            Self::Float(v) => v.iter().filter(|v| v.is_nan()).count(),
            Self::Str(v) => v.codes.iter().filter(|v| **v == MISSING).count(),
            Self::Sparse(_) => 0,
        }
    }

    /// Whether the value of a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Bool(v) => v[row] < 0,
            Self::Int(v) | Self::Time(v) => v[row] == NO_VALUE,
            Self::Float(v) => v[row].is_nan(),
            Self::Str(v) => v.codes[row] == MISSING,
            Self::Sparse(_) => false,
        }
    }

    /// The given rows, in the given order.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        fn pick<T: Copy>(values: &[T], rows: &[u32]) -> Arc<Vec<T>> {
            Arc::new(rows.iter().map(|&r| values[r as usize]).collect())
        }
        match self {
            Self::Bool(v) => Self::Bool(pick(v, rows)),
            Self::Int(v) => Self::Int(pick(v, rows)),
            Self::Float(v) => Self::Float(pick(v, rows)),
            Self::Time(v) => Self::Time(pick(v, rows)),
            Self::Str(v) => {
                Self::Str(StrColumn { codes: pick(&v.codes, rows), levels: Arc::clone(&v.levels) })
            }
            Self::Sparse(v) => {
                let mut out =
                    Sparse { width: v.width, offsets: vec![0], indices: vec![], values: vec![] };
                for &r in rows {
                    let (indices, values) = v.row(r as usize);
                    out.indices.extend_from_slice(indices);
                    out.values.extend_from_slice(values);
                    out.offsets.push(out.indices.len());
                }
                Self::Sparse(Arc::new(out))
            }
        }
    }
}

impl StrColumn {
    /// The same values with the levels in use only, in the order of their first appearance: the
    /// column as if rows that were left out had never been there.
    #[must_use]
    pub fn compact(&self) -> Self {
        let mut place = vec![MISSING; self.levels.len()];
        let mut levels = vec![];
        let codes = self.codes.iter().map(|&code| {
            let Some(place) = place.get_mut(code as usize) else { return code };
            if *place == MISSING {
                *place = levels.len() as u32;
                levels.push(self.levels[code as usize].clone());
            }
            *place
        });
        let codes = Arc::new(codes.collect());
        Self { codes, levels: Arc::new(levels) }
    }
}

/// A named column and what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Unique within its frame.
    pub name: Arc<str>,
    /// What the values mean.
    pub kind: Kind,
    /// The values.
    pub column: Column,
    /// Index of the study's own column when the values are those, untouched by any step.
    /// It is the key under which derived data is shared between trials.
    pub origin: Option<u32>,
    /// Number of levels when the values are codes, from 0, of levels without an order.
    pub levels: Option<u32>,
}

impl Field {
    /// A field made by a reader or a step.
    pub fn new(name: impl Into<Arc<str>>, kind: Kind, column: Column) -> Self {
        Self { name: name.into(), kind, column, origin: None, levels: None }
    }

    /// The values as reals, when the column holds `Float`.
    pub fn floats(&self) -> Option<&[f64]> {
        match &self.column {
            Column::Float(v) => Some(v),
            _ => None,
        }
    }
}

/// Named columns of one length. Cloning shares the values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    fields: Vec<Field>,
    rows: usize,
}

impl Frame {
    /// A frame of the given fields.
    ///
    /// Fails when lengths differ or a name occurs twice.
    pub fn new(fields: Vec<Field>) -> Result<Self, TaskError> {
        let rows = fields.first().map_or(0, |f| f.column.rows());
        Self::with_rows(fields, rows)
    }

    /// A frame whose number of rows is given, so that it may have no columns.
    pub fn with_rows(fields: Vec<Field>, rows: usize) -> Result<Self, TaskError> {
        let mut names = std::collections::HashSet::new();
        for field in &fields {
            if field.column.rows() != rows {
                return Err(TaskError::Length {
                    column: field.name.to_string(),
                    got: field.column.rows(),
                    expected: rows,
                });
            }
            if !names.insert(&field.name) {
                return Err(TaskError::DuplicateName { column: field.name.to_string() });
            }
        }
        Ok(Self { fields, rows })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The fields, in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|f| &*f.name == name)
    }

    /// Sum of the widths of all columns.
    pub fn width(&self) -> usize {
        self.fields.iter().map(|f| f.column.width()).sum()
    }

    /// The given rows of every column, in the given order; derived-data keys are dropped.
    #[must_use]
    pub fn take(&self, rows: &[u32]) -> Self {
        let fields = self
            .fields
            .iter()
            .map(|f| Field { column: f.column.take(rows), origin: None, ..f.clone() })
            .collect();
        Self { fields, rows: rows.len() }
    }

    /// The same table with the levels in use only, see [`StrColumn::compact`].
    #[must_use]
    pub fn compact(&self) -> Self {
        let compact = |f: &Field| match &f.column {
            Column::Str(c) => Field { column: Column::Str(c.compact()), origin: None, ..f.clone() },
            _ => f.clone(),
        };
        Self { fields: self.fields.iter().map(compact).collect(), rows: self.rows }
    }

    /// The fields that `keep` accepts.
    #[must_use]
    pub fn select(&self, keep: impl Fn(&Field) -> bool) -> Self {
        Self { fields: self.fields.iter().filter(|f| keep(f)).cloned().collect(), rows: self.rows }
    }

    /// Replaces each field by those `change` returns; the way steps build their output.
    ///
    /// Fails as [`Frame::new`] does.
    pub fn try_map<E: From<TaskError>>(
        &self,
        mut change: impl FnMut(&Field) -> Result<Vec<Field>, E>,
    ) -> Result<Self, E> {
        let mut fields = Vec::with_capacity(self.fields.len());
        for field in &self.fields {
            fields.extend(change(field)?);
        }
        Ok(Self::with_rows(fields, self.rows)?)
    }

    /// Marks every column as the study's own, so that derived data may be shared.
    #[must_use]
    pub fn with_origins(mut self) -> Self {
        for (i, field) in self.fields.iter_mut().enumerate() {
            field.origin = Some(i as u32);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_forgets_levels_of_rows_left_out() {
        let levels = ["a", "b", "c"].map(str::to_owned).to_vec();
        let column = Column::text(vec![2, MISSING, 1, 2], levels);
        let Column::Str(part) = column.take(&[0, 1, 3]) else { unreachable!("text stays text") };
        let part = part.compact();
        assert_eq!(
            (part.codes.as_slice(), part.levels.as_slice()),
            (&[0, MISSING, 0][..], &["c".to_owned()][..])
        );
    }
}
