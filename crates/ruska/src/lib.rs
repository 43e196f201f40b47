//! ruska: AutoML in Rust with its algorithms built in.
//!
//! ```text
//! read ─▶ Frame ─▶ AutoMl (budget, seed, options) ─▶ Outcome ─▶ leaderboard, Model ─▶ predict
//!                       └── events ─▶ Store ─▶ resume
//! ```
//!
//! Invariants
//! 1. Nothing prints; progress goes to callbacks.
//! 2. Under a trial budget equal data, options and seed give the same leaderboard and the same
//!    model bytes, whatever the number of workers, on one class of machine.
//! 3. A time budget holds from its start to the written model, and there is always a model.
//! 4. A loaded model predicts bit for bit what it predicted before it was saved, one row as in a
//!    batch, whatever the order of the columns.
//! 5. A study with a store survives kill -9: every finished trial is there, and it can be resumed.
//!
//! ```
//! use ruska::{AutoMl, Model};
//! # let dir = tempfile::tempdir().unwrap();
//! # std::env::set_current_dir(dir.path()).unwrap();
//! # let rows: String = (0..80).map(|i| format!("{},{},{}\n", i % 7, i % 5, if i % 7 > 3 { "yes" } else { "no" })).collect();
//! # std::fs::write("churn.csv", format!("calls,age,churned\n{rows}")).unwrap();
//! let frame = ruska::read("churn.csv")?;
//! let outcome = AutoMl::classification("churned").trials(4).seed(0).fit(&frame)?;
//! outcome.best().save("churn.ruska")?;
//! let predicted = Model::load("churn.ruska")?.predict(&frame)?;
//! assert_eq!(predicted.label(4), "yes");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actor;
mod automl;
mod conformal;
mod difference;
mod drivers;
mod error;
pub mod evaluation;
mod explain;
mod facts;
mod file;
mod forecast;
mod grouping;
mod labelled;
mod machine;
mod manifest;
mod model;
pub mod normal;
pub mod notation;
mod options;
mod outcome;
mod outlook;
mod part;
mod plan;
mod predict;
mod prepare;
mod profile;
mod recorder;
mod reference;
mod replay;
mod replayed;
mod reweigh;
mod seen;
mod setup;
mod shared;
mod speed;
mod story;
mod study;
pub mod svg;
mod terms;
mod times;
pub mod words;

pub use actor::actor;
pub use automl::AutoMl;
pub use conformal::Conformal;
pub use difference::Difference;
pub use drivers::{
    CellContribution, Change, ColumnContribution, ColumnImportance, Contributions, Counterfactual,
    Curve, CurvePoint, Dependence, DriverOptions, Drivers, Importance, Interaction,
    RowContributions, Scale, ShapeFunction, ShapeFunctions, ShapePlace, Surrogate, Way,
};
pub use error::Error;
pub use evaluation::{Evaluation, Score, evaluate, evaluate_asked};
pub use explain::{
    Asked, Axis, ClusterDifference, ClusterMap, ClusterProfile, ClusterRule, ClusterRules,
    Condition, Contrast, Explanation, Member, MemberValue, Middle,
};
pub use file::{FORMAT, is_model_file};
pub use forecast::{
    Covariate, Forecast, Hierarchy, Influence, Intervals, Phase, Role, Series, SeriesComponents,
    SeriesExplanation, SeriesProfile, SeriesSeason, SharedAhead, Sum, Told, Trend,
};
pub use manifest::{Manifest, MemberRecord};
pub use model::{Model, Predicted, write_atomically};
pub use options::Options;
pub use outcome::Outcome;
pub use outlook::{MORE_SECONDS, Outlook};
pub use part::{Part, TimeRange};
pub use plan::{Plan, Planned};
pub use predict::{Beside, ScoreStamp, Tell, predict_file, predict_file_telling};
pub use profile::{meanings, profile, typed, typed_as};
pub use reference::{ColumnSketch, PREDICTED, Reference};
pub use replay::{Replay, Scope};
pub use replayed::Replayed;
pub use ruska_catalog::builtin;
pub use ruska_core::{
    Aggregate, Ahead, Candidate, Catalog, Column, ColumnSchema, Corrected, Equation, Event, Field,
    Finding, FindingCode, Frame, Frequency, Geometry, Kind, Learner, LearnerInfo, Link, LoadError,
    Loss, MISSING, Meaning, Measure, MeasureError, MeasureInfo, NO_VALUE, Need, Notation, Params,
    PredictError, Predictions, Rng, Rule, Rules, Schema, Severity, Stage, Step, StrColumn,
    StudyRecord, TaskKind, Term, Timed, Trial, TrialState, Truth, UNSEEN,
};
pub use ruska_data::{
    Batch, BatchPlan, Batches, ColumnProfile, Count, OutputColumn, Place, PredictionWriter,
    Profile, ReadOptions, ReadTable, RowPlace, Wanted, class_position, closest, condense, files,
    fingerprint, hint, masked, names_rows, number_text, open_batches, parse_time,
    read as read_table, repeats, row_places, says_identifier, shown, spelt_number, time_text,
    value_text,
};
pub use ruska_search::{Entry, Gain, Isolation, Leaderboard, Portfolio, Prefer, TRIAL_WORKER};
pub use ruska_store::register;
pub use ruska_store::{
    Backup, Digest, IdHistory, Letter, LetterState, LoggedPrediction, OutcomesTold, Posted,
    PredictionsLogged, Scorer, Settled, Status, StatusIs, Store, StoreError, StudyPage, StudyQuery,
    StudyRow, StudySort, ToldOutcome,
};
pub use seen::{MISTAKEN, Seen, SeenRows};
pub use shared::SharedTruth;
pub use story::{Progress, Story, StoryOptions};
pub use terms::terms;
pub use times::times_of;

/// Reads a table, all being detected: a file, a folder or glob of files, or `-` for CSV on stdin.
/// [`read_table`] takes options and tells what was odd.
pub fn read(source: &str) -> Result<Frame, Error> {
    Ok(read_table(source, &ReadOptions::default())?.frame)
}

/// Evaluates the trials of the search that started this process, over standard input and output, see
/// [`AutoMl::isolate`]. Such a process has the variable [`TRIAL_WORKER`] in its environment.
///
/// Returns when the search is over or gone, after which the process must end, whatever still runs.
/// Fails when standard output cannot be written to, or the system sets no limit.
pub fn serve_trials(catalog: Catalog) -> std::io::Result<()> {
    let (input, output) = (std::io::stdin().lock(), std::io::stdout());
    ruska_search::serve(&std::sync::Arc::new(catalog), input, output)
}

/// Milliseconds since 1970 by this machine's clock.
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| d.as_millis() as i64)
}

/// The name of data without folder and extension, for files and studies named after it:
/// `data` for what has none.
pub fn data_name(source: &str) -> String {
    let file = source.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    let name: String = stem.chars().filter(|c| !"*?[]{}".contains(*c)).collect();
    let name = name.trim_matches(['-', '_', ' ']);
    if name.is_empty() { "data".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::data_name;

    #[test]
    fn data_is_named_after_its_file() {
        assert_eq!(data_name("in/churn.csv.gz"), "churn");
        assert_eq!(data_name("in/2024/"), "2024");
        assert_eq!(data_name("in/*.parquet"), "data");
        assert_eq!(data_name("in/churn-*.csv"), "churn");
        assert_eq!(data_name("-"), "data");
    }
}
