//! The numbers of a frame as learners over vectors see them, and the columns a model knows.

use crate::sound::{all_finite, count};
use ruska_core::{Column, FitError, Frame, PredictError, Sparse, Train, hash};
use ruska_kernels::linear::{Csr, Design};
use serde::{Deserialize, Serialize};

/// The feature columns a model was fitted on: dense ones first, then sparse blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Features {
    dense: Vec<String>,
    sparse: Vec<(String, u32)>,
}

impl Features {
    /// The columns of a frame.
    pub(crate) fn of(frame: &Frame) -> Self {
        let (mut dense, mut sparse) = (vec![], vec![]);
        for field in frame.fields() {
            match &field.column {
                Column::Sparse(block) => sparse.push((field.name.to_string(), block.width as u32)),
                _ => dense.push(field.name.to_string()),
            }
        }
        Self { dense, sparse }
    }

    /// Number of features.
    pub(crate) fn width(&self) -> usize {
        self.dense.len() + self.sparse.iter().map(|(_, width)| *width as usize).sum::<usize>()
    }

    /// Number of dense columns, which come first.
    pub(crate) fn dense(&self) -> usize {
        self.dense.len()
    }

    /// Names of the dense columns.
    pub(crate) fn dense_names(&self) -> &[String] {
        &self.dense
    }

    /// The names of all columns.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        (0..self.width()).map(|column| self.name(column))
    }

    /// The name of a column, counted over all: that of a dense column, or of a sparse block with the
    /// place in it.
    pub(crate) fn name(&self, column: usize) -> String {
        match self.place(column) {
            (name, _) if column < self.dense.len() => name,
            (name, place) => format!("{name}[{place}]"),
        }
    }

    /// The name of the column of the frame that a feature is in, and its place there if that is a sparse
    /// block, else 0.
    pub(crate) fn place(&self, feature: usize) -> (String, usize) {
        let Some(mut place) = feature.checked_sub(self.dense.len()) else {
            return (self.dense[feature].clone(), 0);
        };
        for (name, width) in &self.sparse {
            match place.checked_sub(*width as usize) {
                None => return (name.clone(), place),
                Some(rest) => place = rest,
            }
        }
        (String::new(), place)
    }

    /// Fails unless a linear model of so many outputs has a coefficient for each column and
    /// output and a centre for each dense column, all finite.
    pub(crate) fn fit_linear(
        &self,
        coefficients: &[f64],
        centres: &[f64],
        intercepts: &[f64],
    ) -> Result<(), String> {
        count("coefficients", coefficients.len(), [intercepts.len(), self.width()])?;
        count("centres", centres.len(), [self.dense(), 1])?;
        all_finite("coefficients", coefficients.iter().chain(centres).chain(intercepts))
    }

    /// These columns of a frame, by name.
    ///
    /// Fails when one is missing or not numeric, and when there are others.
    pub(crate) fn find<'a>(&self, frame: &'a Frame) -> Result<Columns<'a>, PredictError> {
        let names = Vec::with_capacity(self.dense.len());
        let dense = Vec::with_capacity(self.dense.len());
        let mut columns = Columns { names, dense, sparse: vec![] };
        for (i, name) in self.dense.iter().enumerate() {
            let field = field(frame, i, name)?;
            let Column::Float(values) = &field.column else {
                return Err(not_numeric(name, &field.column));
            };
            columns.names.push(&field.name);
            columns.dense.push(values);
        }
        for (i, (name, width)) in self.sparse.iter().enumerate() {
            let field = field(frame, self.dense.len() + i, name)?;
            let Column::Sparse(block) = &field.column else {
                return Err(not_numeric(name, &field.column));
            };
            if block.width != *width as usize {
                return Err(PredictError::Width { got: frame.width(), expected: self.width() });
            }
            columns.sparse.push(block);
        }
        if frame.fields().len() != self.dense.len() + self.sparse.len() {
            return Err(PredictError::Width { got: frame.width(), expected: self.width() });
        }
        Ok(columns)
    }
}

/// The field of a name, which most often stands where it stood.
fn field<'a>(
    frame: &'a Frame,
    at: usize,
    name: &str,
) -> Result<&'a ruska_core::Field, PredictError> {
    let there = frame.fields().get(at).filter(|f| &*f.name == name);
    there
        .or_else(|| frame.field(name))
        .ok_or_else(|| PredictError::MissingColumn { column: name.to_owned() })
}

/// About a millionth of a size: a power of two, so that whole numbers up to there stay apart. It jumps
/// where no common size is, as last bits are to make no difference.
fn unit(largest: f64) -> f64 {
    ((0.7 * largest).log2().ceil() - 20.0).exp2().max(f64::MIN_POSITIVE)
}

fn not_numeric(name: &str, column: &Column) -> PredictError {
    let got = match column {
        Column::Str(_) => "text",
        Column::Time(_) => "points in time",
        Column::Sparse(_) => "a sparse block",
        _ => "numbers of another type",
    };
    wrong(name, got, "")
}

fn wrong(name: &str, got: &str, at: &str) -> PredictError {
    PredictError::WrongType {
        column: name.to_owned(),
        got: got.to_owned(),
        expected: "finite numbers".to_owned(),
        at: at.to_owned(),
    }
}

/// Numeric columns of a frame.
pub(crate) struct Columns<'a> {
    names: Vec<&'a str>,
    /// Dense columns, all rows.
    pub(crate) dense: Vec<&'a [f64]>,
    /// Sparse blocks, all rows.
    pub(crate) sparse: Vec<&'a Sparse>,
}

impl Columns<'_> {
    /// Fails when a dense value of the rows is missing or infinite, naming the column and row.
    pub(crate) fn expect_finite(&self, rows: &[u32]) -> Result<(), PredictError> {
        self.expect(rows, f64::is_finite)
    }

    /// Fails when one is infinite; it may be missing.
    pub(crate) fn expect_bounded(&self, rows: &[u32]) -> Result<(), PredictError> {
        self.expect(rows, |v| !v.is_infinite())
    }

    fn expect(&self, rows: &[u32], sane: impl Fn(f64) -> bool) -> Result<(), PredictError> {
        for (name, values) in self.names.iter().zip(&self.dense) {
            if let Some(&row) = rows.iter().find(|&&r| !sane(values[r as usize])) {
                let missing = values[row as usize].is_nan();
                let got = if missing { "a missing value" } else { "an infinite value" };
                return Err(wrong(name, got, &format!(" (row {row})")));
            }
        }
        Ok(())
    }

    /// A hash of each row's numbers, the same whether they are stored dense or sparse, each to about
    /// a millionth of the greatest of its column: scaling leaves last bits that depend on the order
    /// of rows.
    pub(crate) fn hashes(&self, rows: &[u32]) -> Vec<u64> {
        // A sum over columns, in which a zero is nothing.
        let of = |column: usize, v: f64, unit: f64| match (v / unit).round() {
            0.0 => 0,
            steps => hash::mix(steps.to_bits() ^ hash::mix(column as u64)),
        };
        let mut sums = vec![0u64; rows.len()];
        for (j, values) in self.dense.iter().enumerate() {
            let numbers = || rows.iter().map(|&row| values[row as usize]);
            let unit = unit(numbers().fold(0.0, |most, v| v.abs().max(most)));
            for (sum, v) in sums.iter_mut().zip(numbers()) {
                *sum = sum.wrapping_add(of(j, v, unit));
            }
        }
        let mut shift = self.dense.len();
        for block in &self.sparse {
            let stored = || rows.iter().map(|&row| block.row(row as usize));
            let mut largest = vec![0.0f64; block.width];
            for (indices, values) in stored() {
                for (&j, v) in indices.iter().zip(values) {
                    largest[j as usize] = v.abs().max(largest[j as usize]);
                }
            }
            let units: Vec<f64> = largest.into_iter().map(unit).collect();
            for (sum, (indices, values)) in sums.iter_mut().zip(stored()) {
                for (&j, &v) in indices.iter().zip(values) {
                    *sum = sum.wrapping_add(of(shift + j as usize, v, units[j as usize]));
                }
            }
            shift += block.width;
        }
        sums
    }

    /// Number of columns, and of those that a row has on average in the products with it.
    pub(crate) fn size(&self, rows: &[u32]) -> (usize, f64) {
        let stored = |block: &&Sparse| -> usize {
            rows.iter().map(|&row| block.row(row as usize).0.len()).sum()
        };
        let stored: usize = self.sparse.iter().map(stored).sum();
        let width = self.sparse.iter().map(|block| block.width).sum::<usize>() + self.dense.len();
        (width, self.dense.len() as f64 + stored as f64 / rows.len().max(1) as f64)
    }

    /// The rows as a design of the linear kernel, dense columns first.
    pub(crate) fn design(&self, rows: &[u32]) -> Design {
        let columns = self.dense.iter().map(|values| rows.iter().map(|&r| values[r as usize]));
        let design = Design::new(rows.len(), columns);
        match self.csr(rows) {
            Some(csr) => design.with_sparse(csr),
            None => design,
        }
    }

    /// The rows of the sparse blocks, side by side; nothing where there is no block.
    pub(crate) fn csr(&self, rows: &[u32]) -> Option<Csr> {
        if self.sparse.is_empty() {
            return None;
        }
        let mut csr = Csr { offsets: vec![0], ..Csr::default() };
        for &row in rows {
            let mut shift = 0;
            for block in &self.sparse {
                let (indices, values) = block.row(row as usize);
                csr.indices.extend(indices.iter().map(|i| i + shift));
                csr.values.extend_from_slice(values);
                shift += block.width as u32;
            }
            csr.width = shift as usize;
            csr.offsets.push(csr.indices.len());
        }
        Some(csr)
    }

    /// The same with sparse blocks made dense.
    pub(crate) fn dense_design(&self, rows: &[u32]) -> Design {
        let cells = self.by_column(rows);
        let columns = cells.chunks_exact(rows.len().max(1));
        Design::new(rows.len(), columns.map(|column| column.iter().copied()))
    }

    /// The rows as one dense array, column after column; sparse blocks are filled with zeros.
    pub(crate) fn by_column(&self, rows: &[u32]) -> Vec<f64> {
        let n = rows.len();
        let mut out = Vec::with_capacity(n * self.dense.len());
        for values in &self.dense {
            out.extend(rows.iter().map(|&r| values[r as usize]));
        }
        for block in &self.sparse {
            let start = out.len();
            out.resize(start + n * block.width, 0.0);
            for (i, &row) in rows.iter().enumerate() {
                let (indices, values) = block.row(row as usize);
                for (&j, &v) in indices.iter().zip(values) {
                    out[start + j as usize * n + i] = v;
                }
            }
        }
        out
    }

    /// `intercept[k] + Σⱼ coefficients[k][j] · (x[j] − centres[j])` for each row and output `k`,
    /// row by row. Sparse columns have no centre.
    pub(crate) fn scores(
        &self,
        rows: &[u32],
        coefficients: &[f64],
        centres: &[f64],
        intercepts: &[f64],
    ) -> Vec<f64> {
        let outputs = intercepts.len();
        let width = coefficients.len() / outputs.max(1);
        let mut z = intercepts.repeat(rows.len());
        for (j, values) in self.dense.iter().enumerate() {
            for (z, &row) in z.chunks_exact_mut(outputs).zip(rows) {
                let x = values[row as usize] - centres[j];
                for (k, z) in z.iter_mut().enumerate() {
                    *z += coefficients[k * width + j] * x;
                }
            }
        }
        let mut shift = self.dense.len();
        for block in &self.sparse {
            for (z, &row) in z.chunks_exact_mut(outputs).zip(rows) {
                let (indices, values) = block.row(row as usize);
                for (&j, x) in indices.iter().zip(values) {
                    for (k, z) in z.iter_mut().enumerate() {
                        *z += coefficients[k * width + shift + j as usize] * x;
                    }
                }
            }
            shift += block.width;
        }
        z
    }
}

/// Fails unless fitted numbers are finite.
pub(crate) fn expect_finite<'a>(fitted: impl Iterator<Item = &'a f64>) -> Result<(), FitError> {
    let mut fitted = fitted;
    if fitted.all(|v| v.is_finite()) {
        return Ok(());
    }
    let why = "the columns are too large to be squared; standardise them";
    Err(FitError::Numeric(why.to_owned()))
}

/// Weights of the training rows. Fails when none of them weighs anything.
pub(crate) fn weights(train: &Train<'_>) -> Result<Vec<f64>, FitError> {
    let weights = train.row_weights();
    if weights.iter().any(|w| *w > 0.0) {
        return Ok(weights);
    }
    Err(FitError::Data("all training rows have weight 0; give some of them weight".to_owned()))
}

/// The number nearest to `value` that is finite; NaN becomes `otherwise`.
pub(crate) fn finite(value: f64, otherwise: f64) -> f64 {
    if value.is_nan() { otherwise } else { value.clamp(-f64::MAX, f64::MAX) }
}

/// The target of the training rows. Fails when the task is another one.
pub(crate) fn numbers(train: &Train<'_>, id: &str) -> Result<Vec<f64>, FitError> {
    match train.y {
        ruska_core::Target::Values(y) => Ok(train.rows.iter().map(|&r| y[r as usize]).collect()),
        _ => Err(FitError::Data(format!("`{id}` predicts numbers, and the target has none"))),
    }
}

/// Rough number of columns after encoding, for cost models.
pub(crate) fn encoded_width(meta: &ruska_core::TaskMeta) -> f64 {
    let levels: usize = meta.levels.iter().map(|l| (*l).min(32)).sum();
    (meta.numeric + levels + 64 * meta.text + 8 * meta.time).max(1) as f64
}
