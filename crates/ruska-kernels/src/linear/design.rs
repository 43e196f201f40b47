//! The matrix of features: centred dense columns in panels of rows, and sparse rows beside them.

use super::simd;

/// Rows in a panel.
pub(crate) const PANEL: usize = 64;
/// One column of a panel, or one output of its rows.
pub(crate) type Lane = [f64; PANEL];

/// Compressed sparse rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Csr {
    /// Number of columns.
    pub width: usize,
    /// `offsets[i]..offsets[i + 1]` are the stored values of row `i`; one more than rows.
    pub offsets: Vec<usize>,
    /// Column of each stored value, below `width`.
    pub indices: Vec<u32>,
    /// The stored values.
    pub values: Vec<f64>,
}

impl Csr {
    /// Columns and values stored for a row.
    pub(crate) fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let range = self.offsets[row]..self.offsets[row + 1];
        (&self.indices[range.clone()], &self.values[range])
    }
}

/// Features of `rows` rows.
///
/// Dense columns are kept in panels of 64 rows, column after column within a panel, so that
/// products run along rows with a fixed number of lanes and a panel stays in cache between the
/// forward and the backward product. Each is centred on its mean, which only moves the intercept.
#[derive(Clone, Debug)]
pub struct Design {
    rows: usize,
    dense: usize,
    panels: Vec<Lane>,
    centres: Vec<f64>,
    sparse: Csr,
}

impl Design {
    /// A design of dense columns, each of `rows` finite numbers.
    pub fn new<C: IntoIterator<Item = f64>>(
        rows: usize,
        columns: impl ExactSizeIterator<Item = C>,
    ) -> Self {
        let dense = columns.len();
        let mut panels = vec![[0.0; PANEL]; rows.div_ceil(PANEL) * dense];
        let mut centres = Vec::with_capacity(dense);
        for (j, column) in columns.enumerate() {
            let (mut sum, mut column) = (0.0, column.into_iter());
            for lane in panels.iter_mut().skip(j).step_by(dense) {
                for (slot, value) in lane.iter_mut().zip(column.by_ref()) {
                    *slot = value;
                    sum += value;
                }
            }
            let centre = if rows == 0 { 0.0 } else { sum / rows as f64 };
            for (p, lane) in panels.iter_mut().skip(j).step_by(dense).enumerate() {
                let filled = (rows - p * PANEL).min(PANEL);
                lane[..filled].iter_mut().for_each(|v| *v -= centre);
            }
            centres.push(centre);
        }
        Self { rows, dense, panels, centres, sparse: Csr::default() }
    }

    /// Adds sparse columns behind the dense ones; they are not centred.
    #[must_use]
    pub fn with_sparse(mut self, sparse: Csr) -> Self {
        assert_eq!(sparse.offsets.len(), self.rows + 1, "a sparse block has the design's rows");
        self.sparse = sparse;
        self
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, dense and sparse.
    pub fn width(&self) -> usize {
        self.dense + self.sparse.width
    }

    /// What was subtracted from each dense column.
    pub fn centres(&self) -> &[f64] {
        &self.centres
    }

    /// Number of dense columns.
    pub(super) fn dense(&self) -> usize {
        self.dense
    }

    /// Number of panels.
    pub(super) fn panels(&self) -> usize {
        self.rows.div_ceil(PANEL)
    }

    /// First row of a panel and number of its rows.
    pub(super) fn span(&self, panel: usize) -> (usize, usize) {
        let start = panel * PANEL;
        (start, (self.rows - start).min(PANEL))
    }

    /// The dense columns of a panel.
    pub(super) fn lanes(&self, panel: usize) -> &[Lane] {
        &self.panels[panel * self.dense..(panel + 1) * self.dense]
    }

    /// The dense columns of all panels, panel after panel.
    pub(super) fn all_lanes(&self) -> &[Lane] {
        &self.panels
    }

    /// Sparse columns and values stored for a row.
    pub(super) fn stored(&self, row: usize) -> (&[u32], &[f64]) {
        if self.sparse.width == 0 { (&[], &[]) } else { self.sparse.row(row) }
    }

    /// Number of values stored for all rows.
    pub(super) fn stored_values(&self) -> usize {
        self.sparse.values.len()
    }

    /// Multiplications of one product with a panel, for progress.
    pub(super) fn panel_work(&self) -> usize {
        let stored = self.sparse.values.len() * PANEL / self.rows.max(1);
        self.dense * PANEL + 4 * stored
    }

    /// Scores of a panel's rows under `theta` (coefficients, then the intercept).
    pub(super) fn scores(&self, panel: usize, theta: &[f64], z: &mut Lane) {
        let (w, rest) = theta.split_at(self.dense);
        *z = [rest[self.sparse.width]; PANEL];
        simd::add_scores(self.lanes(panel), w, z);
        self.each_stored(panel, |i, c, v| z[i] += rest[c] * v);
    }

    /// Adds the products of a panel's columns, and of the ones behind them, with `r`.
    pub(super) fn add_products(&self, panel: usize, r: &Lane, out: &mut [f64]) {
        let (dense, rest) = out.split_at_mut(self.dense);
        simd::add_products(self.lanes(panel), r, dense);
        self.each_stored(panel, |i, c, v| rest[c] += r[i] * v);
        rest[self.sparse.width] += r.iter().sum::<f64>();
    }

    /// Adds the squares of a panel's columns, weighted by `s`, likewise.
    pub(super) fn add_squares(&self, panel: usize, s: &Lane, out: &mut [f64]) {
        let (dense, rest) = out.split_at_mut(self.dense);
        for (sum, x) in dense.iter_mut().zip(self.lanes(panel)) {
            *sum += dot(&product(s, x), x);
        }
        self.each_stored(panel, |i, c, v| rest[c] += s[i] * v * v);
        rest[self.sparse.width] += s.iter().sum::<f64>();
    }

    fn each_stored(&self, panel: usize, mut visit: impl FnMut(usize, usize, f64)) {
        if self.sparse.width == 0 {
            return;
        }
        let (start, len) = self.span(panel);
        for i in 0..len {
            let (indices, values) = self.sparse.row(start + i);
            for (&c, &v) in indices.iter().zip(values) {
                visit(i, c as usize, v);
            }
        }
    }
}

/// The product of two lanes, element by element.
pub(super) fn product(a: &Lane, b: &Lane) -> Lane {
    std::array::from_fn(|i| a[i] * b[i])
}

/// The inner product of two lanes: eight partial sums, added in a fixed order.
#[inline(always)]
pub(crate) fn dot(a: &Lane, b: &Lane) -> f64 {
    let mut sums = [0.0; 8];
    for i in (0..PANEL).step_by(8) {
        for l in 0..8 {
            sums[l] += a[i + l] * b[i + l];
        }
    }
    fold(sums)
}

/// The inner product of two slices of one length, in the same manner.
pub(super) fn inner(a: &[f64], b: &[f64]) -> f64 {
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 8];
    for (a, b) in a8.zip(b8) {
        for l in 0..8 {
            sums[l] += a[l] * b[l];
        }
    }
    fold(sums) + rest
}

#[inline(always)]
fn fold(s: [f64; 8]) -> f64 {
    ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]))
}
