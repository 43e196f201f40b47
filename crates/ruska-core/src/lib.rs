//! The vocabulary of ruska: what data, tasks, learners, trials and events are.
//!
//! ```text
//! Frame + Schema ─▶ Task ─▶ Candidate (steps + learner + parameters) ─▶ Pipeline ─▶ Predictions
//!                            └── evaluated on folds, every outcome an Event ──▶ Leaderboard
//! ```
//!
//! Invariants
//! 1. Core does no I/O, reads no clock and starts no thread; randomness comes from a seed.
//! 2. Rows keep their place: a step maps a frame to a frame of the same length.
//! 3. Fitted state depends on training rows only. The one stated exception is what
//!    [`Derived`] caches of the features (never the target) of the study's rows.
//! 4. Lower loss is better everywhere; the direction of a measure lives in [`Measure`] alone.
//! 5. A [`Loss`] is finite by construction, so comparisons never meet a NaN.
//! 6. Model state is binary ([`codec`]), so that save → load → predict is bit-equal.
//!
//! ```
//! use ruska_core::{Column, Field, Frame, Kind};
//! let frame = Frame::new(vec![Field::new("age", Kind::Numeric, Column::float(vec![31.0, f64::NAN]))])?;
//! assert_eq!((frame.rows(), frame.field("age").unwrap().column.missing()), (2, 1));
//! # Ok::<(), ruska_core::TaskError>(())
//! ```

mod calibration;
mod candidate;
mod catalog;
pub mod codec;
mod coded;
mod context;
mod contributions;
mod equation;
mod error;
mod event;
mod exposure;
mod finding;
mod frame;
mod frequency;
mod grouping;
pub mod hash;
mod learner;
mod loss;
mod measure;
mod panel;
mod pipeline;
mod predictions;
mod rng;
mod robustify;
mod rules;
mod schema;
mod shapes;
mod space;
mod splitter;
mod step;
mod task;
mod timelines;
mod trial;

pub use calibration::{Calibration, log_probability};
pub use candidate::{Candidate, StepSpec};
pub use catalog::Catalog;
pub use coded::Coded;
pub use context::{Derived, NeverStop, RunContext, Stop};
pub use contributions::Contributions;
pub use equation::{Equation, Scaling, Term};
pub use error::{FitError, LoadError, MeasureError, PredictError, SplitError, TaskError};
pub use event::{Corrected, Event, Share, StudyRecord, Timed, follow, trials};
pub use exposure::check_exposure;
pub use finding::{Finding, FindingCode, Severity};
pub use frame::{Column, Field, Frame, MISSING, NO_VALUE, Sparse, StrColumn, UNSEEN};
pub use frequency::{Axis, Date, Frequency, FrequencyError, Inferred};
pub use grouping::Grouping;
pub use learner::{
    Algorithm, Cost, FittedModel, Geometry, Learner, LearnerInfo, Need, Predict, Train,
};
pub use loss::Loss;
pub use measure::{Beside, Measure, MeasureInfo, Needs, Truth};
pub use panel::{Aggregate, Panel, PanelError, Repeated, Series, SeriesRows, Stray, Strays};
pub use pipeline::{FittedPipeline, FittedStepEntry, SavedPart, SavedPipeline};
pub use predictions::Predictions;
pub use rng::Rng;
pub use robustify::{alternatives, insert, optional, robustify, robustify_with};
pub use rules::{Rule, RuleNode, Rules, Test};
pub use schema::{ColumnSchema, Kind, Meaning, Notation, Schema};
pub use shapes::{Link, Places, Shape, ShapeAxis, Shapes};
pub use space::{Condition, Dimension, Domain, Params, Space, SpaceError, Value};
pub use splitter::{Fold, SplitInput, SplitParams, Splitter, SplitterInfo};
pub use step::{FittedStep, Preprocessor, Stage, Step, StepInfo, StepInput, TransformStep};
pub use task::{Target, Task, TaskKind, TaskMeta};
pub use timelines::{Ahead, Covariates, PERIOD, SERIES, Timelines};
pub use trial::{FailureKind, FoldResult, Trial, TrialState};
