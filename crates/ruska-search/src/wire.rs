//! What goes between a study and the child processes of its trials.
//!
//! ```text
//! study                                    child
//!         ◀── greeting
//! Limits ──▶  Study ──▶  each column ──▶             once
//! Order  ──▶                                         for each trial
//!         ◀── Answer::Fold                             for each of its folds
//! go on? ──▶
//!         ◀── Answer::End
//! ```
//!
//! The greeting is text, so that what a program prints before it can be passed over. All that follows
//! are frames: the number of bytes, as eight of them from the lowest, and a state of [`codec`]. A
//! table goes column by column, so neither side holds it twice.

use crate::evaluate::FoldOutcome;
use crate::worker::Shared;
use ruska_core::codec::{self, packed};
use ruska_core::{
    Candidate, Column, Field, FittedPipeline, Fold, FoldResult, Frame, Grouping, Kind, Predictions,
    SavedPipeline, Sparse, StrColumn, Target, Task, Timelines, TrialState,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io::{self, Read, Write};
use std::sync::Arc;

/// What a child begins with; both sides are of one version.
pub(crate) const GREETING: &str = concat!("\nruska trial worker ", env!("CARGO_PKG_VERSION"), "\n");

/// Writes a frame.
pub(crate) fn put(out: &mut impl Write, state: &impl Serialize) -> io::Result<()> {
    let bytes = codec::encode(state);
    out.write_all(&(bytes.len() as u64).to_le_bytes())?;
    out.write_all(&bytes)?;
    out.flush()
}

/// The bytes of the next frame; `None` at the end, which may be in the middle of a frame.
pub(crate) fn frame(input: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 8];
    input.read_exact(&mut length).ok()?;
    let length = u64::from_le_bytes(length);
    let mut bytes = vec![];
    input.take(length).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 == length).then_some(bytes)
}

/// What a frame says.
pub(crate) fn read<T: DeserializeOwned>(frame: &[u8]) -> Result<T, String> {
    codec::decode(frame, "a message").map_err(|e| e.to_string())
}

/// What a child may use.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Limits {
    /// Bytes of the whole process, table included.
    pub(crate) memory: Option<u64>,
    /// Bytes of derived data to keep.
    pub(crate) derived: u64,
}

/// A trial to evaluate.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) candidate: Candidate,
    /// Seconds until trials must end, at least 0.
    pub(crate) seconds: Option<f64>,
}

/// What a child says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// A fold of the trial has ended; it waits for a yes or no.
    Fold(Box<FoldAnswer>),
    /// The trial has ended: with what became of it, where a fold gave nothing.
    End(Result<(), TrialState>),
    /// It cannot read what it was sent.
    Refused(String),
}

/// What a fold gave.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FoldAnswer {
    result: FoldResult,
    /// Numbers a row.
    width: usize,
    #[serde(with = "packed")]
    predictions: Vec<f64>,
    pipeline: SavedPipeline,
}

impl FoldAnswer {
    pub(crate) fn of(outcome: &FoldOutcome) -> Self {
        Self {
            result: outcome.result.clone(),
            width: outcome.predictions.width(),
            predictions: outcome.predictions.values().to_vec(),
            pipeline: outcome.pipeline.save(),
        }
    }

    /// The outcome as it was; row losses follow from predictions.
    pub(crate) fn outcome(self, shared: &Shared) -> Result<FoldOutcome, String> {
        let Self { result, width, predictions, pipeline } = self;
        let fold = shared.folds.get(result.fold as usize);
        let fold = fold.filter(|f| width > 0 && predictions.len() == width * f.test.len());
        fold.ok_or("predictions of another shape")?;
        let predictions = Predictions::new(width, predictions);
        let measure = shared.catalog.measure(&shared.metric).ok_or("no metric")?;
        let tested = shared.tested(result.fold as usize);
        let row_losses = tested.row_losses(&**measure, &predictions);
        let pipeline =
            FittedPipeline::load(&shared.catalog, &pipeline).map_err(|e| e.to_string())?;
        Ok(FoldOutcome { result, predictions, row_losses, pipeline: Arc::new(pipeline) })
    }
}

/// Numbers that are shared with a frame, as one byte string.
#[derive(Debug)]
struct Numbers<T>(Arc<Vec<T>>);

impl<T> Numbers<T> {
    fn of(values: &Arc<Vec<T>>) -> Self {
        Self(Arc::clone(values))
    }
}

impl<T: packed::Packed> Serialize for Numbers<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        packed::serialize(&self.0, serializer)
    }
}

impl<'de, T: packed::Packed> Deserialize<'de> for Numbers<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        packed::deserialize(deserializer).map(|values| Self(Arc::new(values)))
    }
}

/// A study but for its columns.
#[derive(Debug, Serialize, Deserialize)]
struct StudyHead {
    metric: String,
    seed: u64,
    /// Training and test rows.
    folds: Vec<(Numbers<u32>, Numbers<u32>)>,
    target: TargetValues,
    weights: Option<Numbers<f64>>,
    groups: Option<Numbers<u32>>,
    times: Option<Numbers<i64>>,
    exposure: Option<Arc<str>>,
    rows: usize,
    columns: usize,
}

#[derive(Debug, Serialize, Deserialize)]
enum TargetValues {
    Classes {
        codes: Numbers<u32>,
        classes: Arc<Vec<String>>,
        positive: u32,
    },
    Values(Numbers<f64>),
    Groups {
        points: Numbers<f64>,
        dims: usize,
        clusters: Option<usize>,
        min_cluster_size: Option<usize>,
    },
    Series(Timelines),
}

#[derive(Debug, Serialize, Deserialize)]
struct FieldValues {
    name: Arc<str>,
    kind: Kind,
    values: ColumnValues,
    origin: Option<u32>,
    levels: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
enum ColumnValues {
    Bool(Numbers<i8>),
    Int(Numbers<i64>),
    Float(Numbers<f64>),
    Str(Numbers<u32>, Arc<Vec<String>>),
    Time(Numbers<i64>),
    Sparse { width: usize, offsets: Numbers<u64>, indices: Numbers<u32>, values: Numbers<f64> },
}

impl ColumnValues {
    fn of(column: &Column) -> Self {
        match column {
            Column::Bool(v) => Self::Bool(Numbers::of(v)),
            Column::Int(v) => Self::Int(Numbers::of(v)),
            Column::Float(v) => Self::Float(Numbers::of(v)),
            Column::Str(v) => Self::Str(Numbers::of(&v.codes), Arc::clone(&v.levels)),
            Column::Time(v) => Self::Time(Numbers::of(v)),
            Column::Sparse(v) => Self::Sparse {
                width: v.width,
                offsets: Numbers(Arc::new(v.offsets.iter().map(|&o| o as u64).collect())),
                indices: Numbers(Arc::new(v.indices.clone())),
                values: Numbers(Arc::new(v.values.clone())),
            },
        }
    }

    fn column(self) -> Column {
        match self {
            Self::Bool(v) => Column::Bool(v.0),
            Self::Int(v) => Column::Int(v.0),
            Self::Float(v) => Column::Float(v.0),
            Self::Str(codes, levels) => Column::Str(StrColumn { codes: codes.0, levels }),
            Self::Time(v) => Column::Time(v.0),
            Self::Sparse { width, offsets, indices, values } => Column::Sparse(Arc::new(Sparse {
                width,
                offsets: offsets.0.iter().map(|&o| o as usize).collect(),
                indices: Arc::unwrap_or_clone(indices.0),
                values: Arc::unwrap_or_clone(values.0),
            })),
        }
    }
}

/// Writes a study's frames.
pub(crate) fn put_study(out: &mut impl Write, shared: &Shared) -> io::Result<()> {
    let Task { x, target, weights, groups, times, exposure } = &*shared.task;
    let rows = |rows: &Vec<u32>| Numbers(Arc::new(rows.clone()));
    let head = StudyHead {
        metric: shared.metric.clone(),
        seed: shared.seed,
        folds: shared.folds.iter().map(|f| (rows(&f.train), rows(&f.test))).collect(),
        target: match target {
            Target::Classes { codes, classes, positive } => TargetValues::Classes {
                codes: Numbers::of(codes),
                classes: Arc::clone(classes),
                positive: *positive,
            },
            Target::Values(values) => TargetValues::Values(Numbers::of(values)),
            Target::Groups(Grouping { values, dims, clusters, min_cluster_size }) => {
                TargetValues::Groups {
                    points: Numbers::of(values),
                    dims: *dims,
                    clusters: *clusters,
                    min_cluster_size: *min_cluster_size,
                }
            }
            Target::Series(panel) => TargetValues::Series(panel.clone()),
        },
        weights: weights.as_ref().map(Numbers::of),
        groups: groups.as_ref().map(Numbers::of),
        times: times.as_ref().map(Numbers::of),
        exposure: exposure.clone(),
        rows: x.rows(),
        columns: x.fields().len(),
    };
    put(out, &head)?;
    for Field { name, kind, column, origin, levels } in x.fields() {
        let (name, values) = (Arc::clone(name), ColumnValues::of(column));
        put(out, &FieldValues { name, kind: *kind, values, origin: *origin, levels: *levels })?;
    }
    Ok(())
}

/// A study as a child has it.
#[derive(Debug)]
pub(crate) struct Study {
    pub(crate) metric: String,
    pub(crate) seed: u64,
    pub(crate) folds: Vec<Fold>,
    pub(crate) task: Task,
}

/// Reads what [`put_study`] wrote from the next frames.
pub(crate) fn read_study(mut next: impl FnMut() -> Option<Vec<u8>>) -> Result<Study, String> {
    let mut frame = || next().ok_or("the study is incomplete");
    let head: StudyHead = read(&frame()?)?;
    let mut fields = vec![];
    for _ in 0..head.columns {
        let FieldValues { name, kind, values, origin, levels } = read(&frame()?)?;
        fields.push(Field { name, kind, column: values.column(), origin, levels });
    }
    let rows = |rows: Numbers<u32>| Arc::unwrap_or_clone(rows.0);
    let folds = head.folds.into_iter();
    let task = Task {
        x: Frame::with_rows(fields, head.rows).map_err(|e| e.to_string())?,
        target: match head.target {
            TargetValues::Classes { codes, classes, positive } => {
                Target::Classes { codes: codes.0, classes, positive }
            }
            TargetValues::Values(values) => Target::Values(values.0),
            TargetValues::Groups { points, dims, clusters, min_cluster_size } => {
                Target::Groups(Grouping { values: points.0, dims, clusters, min_cluster_size })
            }
            TargetValues::Series(panel) => Target::Series(panel),
        },
        weights: head.weights.map(|v| v.0),
        groups: head.groups.map(|v| v.0),
        times: head.times.map(|v| v.0),
        exposure: head.exposure,
    };
    Ok(Study {
        metric: head.metric,
        seed: head.seed,
        folds: folds.map(|(train, test)| Fold { train: rows(train), test: rows(test) }).collect(),
        task,
    })
}

/// Bytes of a study's values in memory, about.
pub(crate) fn bytes(task: &Task, folds: &[Fold]) -> u64 {
    let rows = task.rows();
    let of = |column: &Column| match column {
        Column::Bool(_) => rows,
        Column::Int(_) | Column::Time(_) | Column::Float(_) => 8 * rows,
        Column::Str(v) => 4 * rows + v.levels.iter().map(|l| l.len() + 32).sum::<usize>(),
        Column::Sparse(v) => 8 * rows + 12 * v.values.len(),
    };
    let columns: usize = task.x.fields().iter().map(|f| of(&f.column)).sum();
    let folds: usize = folds.iter().map(|f| 4 * (f.train.len() + f.test.len())).sum();
    (columns + folds + 32 * rows) as u64
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
