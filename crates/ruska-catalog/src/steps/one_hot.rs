//! One-hot encoding: a categorical column becomes one 0/1 column a level.
//!
//! Does: the most frequent levels on the training rows get a column each, the others share
//! `x.other`, missing values get `x.missing` where there were any in training. Two columns would
//! mirror each other, so only the second is made. Wins: linear models and distances on few levels.
//! Fails: many levels, which cost width and leave little data for each. Cost: O(rows + levels ·
//! log levels), and rows × columns of memory unless sparse. Handles: an unseen level counts as
//! other; where there is no other, all columns are 0, or the training share where there is one
//! column only, which is no evidence either way. Sparse: one block a column where the learner
//! takes them. Reference: scikit-learn's `OneHotEncoder`.

use super::support::{Levels, Names, OfColumn, replace, strings, validate};
use crate::sound::ensure;
use ruska_core::{
    Column, Field, FitError, Frame, Geometry, Kind, MISSING, Need, PredictError, Preprocessor,
    RunContext, Space, Sparse, Stage, StepInfo, StepInput, StrColumn, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) struct OneHot;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Params {
    /// Only columns with at most this many levels on the training rows; every one if `None`.
    max_levels: Option<usize>,
    /// Most levels of a column that get a column of their own; 1000 in sparse blocks and 32
    /// otherwise if `None`.
    top: Option<usize>,
    /// Least training rows of a level with a column of its own; if `None` 10, or one in a hundred
    /// training rows where that is less.
    min_rows: Option<usize>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct State {
    sparse: bool,
    columns: Vec<Encoded>,
}

/// The places of a column's values: each level, then missing, then other.
#[derive(Serialize, Deserialize)]
struct Encoded {
    name: String,
    stem: String,
    levels: Levels,
    missing: bool,
    other: bool,
    /// Share of the second of two places.
    share: f64,
}

impl OfColumn for Encoded {
    fn column(&self) -> &str {
        &self.name
    }
}

impl Preprocessor for OneHot {
    type Params = Params;
    type State = State;
    const INFO: StepInfo = StepInfo {
        id: "one_hot",
        summary: "categoricals become a yes-or-no column a level",
        stage: Stage::Encode,
        closes: &[Need::FewLevels, Need::ManyLevels],
        suits: Some(Geometry::Metric),
        reference: "https://scikit-learn.org/stable/modules/preprocessing.html#encoding-categorical-features",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().log_int("min_rows", 1, 50, 10)
    }

    fn fit(
        &self,
        params: &Params,
        input: StepInput<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<State, FitError> {
        let top = params.top.unwrap_or(if input.sparse { 1000 } else { 32 });
        let min_rows = params.min_rows.unwrap_or((input.rows.len() / 100).min(10));
        let mut names = Names::of(input.x);
        let mut columns = vec![];
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            ctx.check()?;
            let column = strings(field)?;
            let levels = Levels::of(column, input.rows);
            if params.max_levels.is_none_or(|most| levels.len() <= most) {
                let stem = names.stem(&field.name);
                let name = field.name.to_string();
                let mut state = Encoded::new(name, stem);
                state.choose(&levels, column, input.rows, top, min_rows);
                columns.push(state);
            }
        }
        Ok(State { sparse: input.sparse, columns })
    }
}

impl Encoded {
    fn new(name: String, stem: String) -> Self {
        let levels = Levels::sorted(vec![]);
        Self { name, stem, levels, missing: false, other: false, share: 0.0 }
    }

    /// Gives places to the most frequent levels, to missing values and to the others.
    fn choose(
        &mut self,
        levels: &Levels,
        column: &StrColumn,
        rows: &[u32],
        top: usize,
        min_rows: usize,
    ) {
        let codes = levels.codes(column);
        let mut counts = vec![0; levels.len()];
        let mut missing = 0;
        for &row in rows {
            match counts.get_mut(codes[row as usize] as usize) {
                Some(count) => *count += 1,
                None => missing += 1,
            }
        }
        let mut kept: Vec<usize> = (0..counts.len()).filter(|&i| counts[i] >= min_rows).collect();
        kept.sort_by_key(|&i| std::cmp::Reverse(counts[i]));
        kept.truncate(top);
        self.levels = Levels::sorted(kept.iter().map(|&i| levels.texts()[i].clone()).collect());
        self.missing = missing > 0;
        self.other = kept.len() < levels.len();
        let places = self.codes(column);
        let second = rows.iter().filter(|&&row| places[row as usize] == Some(1)).count();
        self.share = second as f64 / rows.len() as f64;
    }

    /// Number of places.
    fn places(&self) -> usize {
        self.levels.len() + usize::from(self.missing) + usize::from(self.other)
    }

    /// The place of each row, if it has one.
    fn codes(&self, column: &StrColumn) -> Vec<Option<u32>> {
        let known = self.levels.len() as u32;
        let other = self.other.then_some(known + u32::from(self.missing));
        let place = |code: u32| match code {
            MISSING if self.missing => Some(known),
            code if code < known => Some(code),
            _ => other,
        };
        self.levels.codes(column).into_iter().map(place).collect()
    }

    /// Number of columns made, and the place of the first.
    fn width(&self) -> (usize, u32) {
        match self.places() {
            0 | 1 => (0, 0),
            2 => (1, 1),
            more => (more, 0),
        }
    }

    /// Name of the sparse block.
    fn block(&self) -> String {
        format!("{}=*", self.stem)
    }

    fn title(&self, place: u32) -> String {
        let place = place as usize;
        match self.levels.texts().get(place) {
            Some(level) => format!("{}={level}", self.stem),
            None if self.missing && place == self.levels.len() => format!("{}.missing", self.stem),
            None => format!("{}.other", self.stem),
        }
    }

    /// Column and value of a row, where the value is not zero.
    fn cell(&self, place: Option<u32>) -> Option<(u32, f64)> {
        let (width, first) = self.width();
        match place {
            Some(place) => Some((place.checked_sub(first)?, 1.0)),
            None => (width == 1).then_some((0, self.share)),
        }
        .filter(|(column, value)| (*column as usize) < width && *value != 0.0)
    }

    fn dense(&self, places: &[Option<u32>]) -> Vec<Field> {
        let (width, first) = self.width();
        let mut columns = vec![vec![0.0; places.len()]; width];
        for (row, &place) in places.iter().enumerate() {
            if let Some((column, value)) = self.cell(place) {
                columns[column as usize][row] = value;
            }
        }
        let name = (first..).map(|place| self.title(place));
        let field = |(name, values)| Field::new(String::as_str(&name), Kind::Boolean, values);
        name.zip(columns.into_iter().map(Column::float)).map(field).collect()
    }

    fn sparse(&self, places: &[Option<u32>]) -> Vec<Field> {
        let (width, _) = self.width();
        if width == 0 {
            return vec![];
        }
        let mut block = Sparse { width, offsets: vec![0], indices: vec![], values: vec![] };
        for &place in places {
            if let Some((column, value)) = self.cell(place) {
                block.indices.push(column);
                block.values.push(value);
            }
            block.offsets.push(block.indices.len());
        }
        vec![Field::new(self.block(), Kind::Numeric, Column::Sparse(Arc::new(block)))]
    }
}

impl TransformStep for State {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        replace(x, &self.columns, |i, field| {
            let state = &self.columns[i];
            let places = state.codes(strings(field)?);
            Ok(if self.sparse { state.sparse(&places) } else { state.dense(&places) })
        })
    }

    fn names(&self) -> Vec<(String, String)> {
        let of = |state: &Encoded| {
            let (width, first) = state.width();
            let name = |at| (format!("{}[{at}]", state.block()), state.title(first + at));
            (0..width as u32).map(name).collect::<Vec<_>>()
        };
        if self.sparse { self.columns.iter().flat_map(of).collect() } else { vec![] }
    }

    fn validate(&self) -> Result<(), String> {
        validate(&self.columns, |state| {
            state.levels.validate()?;
            ensure((0.0..=1.0).contains(&state.share), "the training share is out of range")
        })
    }
}
