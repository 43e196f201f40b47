//! What the ledger records: versions, where they stand, decisions, runs of jobs.

use super::Batch;
use ruska_core::{Corrected, Kind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an entry is about. Each has names of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A dataset by name.
    Dataset,
    /// A model by name.
    Model,
    /// A job by name.
    Job,
    /// A study by name.
    Study,
    /// What a model predicted and what came of it, by the name of the model.
    Feedback,
    /// The store as a whole; its name is empty.
    Store,
}

/// Who acts, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp<'a> {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Who acts: a user, or `job:NAME`.
    pub actor: &'a str,
}

/// An entry with its place, time and author.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// Place within the ledger, from 1, without gaps.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// Who acted.
    pub actor: String,
    /// What it is about.
    pub subject: Subject,
    /// Its name.
    pub name: String,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// One thing that happened. Entries are only ever appended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// A dataset got a version.
    DatasetAdded(Box<DatasetVersion>),
    /// A model got a version, which stands in the first environment from then on.
    ModelRegistered(Box<ModelVersion>),
    /// The deployments of an environment were replaced.
    Deployed {
        /// The environment.
        environment: String,
        /// Its deployments from now on.
        deployments: Vec<Deployment>,
        /// Why.
        reason: String,
        /// Place of the decision it follows from.
        decision: Option<u64>,
    },
    /// The deployments before the present ones are back.
    RolledBack {
        /// The environment.
        environment: String,
        /// Why.
        reason: String,
    },
    /// A version waits for somebody's approval.
    Proposed {
        /// The version.
        version: u32,
        /// Where it is to be deployed.
        environment: String,
        /// When the proposal lapses, milliseconds since 1970.
        expires_ms: i64,
        /// Place of the decision that advises.
        decision: Option<u64>,
    },
    /// Somebody approved a proposal.
    Approved {
        /// The version.
        version: u32,
        /// Where it was proposed for.
        environment: String,
        /// Why.
        reason: String,
    },
    /// Somebody rejected a version: it is not promoted any more.
    Rejected {
        /// The version.
        version: u32,
        /// Why.
        reason: String,
    },
    /// A version is not to be used any more.
    Retired {
        /// The version.
        version: u32,
        /// Why.
        reason: String,
    },
    /// A version is out of sight; its number is never used again and its bytes stay.
    Deleted {
        /// The version.
        version: u32,
        /// Why.
        reason: String,
    },
    /// A champion and a challenger were compared.
    Decided(Box<Decision>),
    /// The environments from now on, in the order of promotion.
    EnvironmentsSet {
        /// Their names; versions stand in the first from the start.
        environments: Vec<String>,
    },
    /// A job began to run.
    JobStarted(Box<JobStart>),
    /// A run of a job ended.
    JobEnded(Box<JobEnd>),
    /// Schedulers watch a job by these triggers from now on.
    JobScheduled {
        /// The triggers as the job file has them, in JSON.
        triggers: String,
    },
    /// Times at which a job was to run passed without a run.
    SlotsSkipped(Skipped),
    /// A study was begun.
    StudyStarted(Box<StudyStart>),
    /// A study ended; one that is gone on with ends again.
    StudyEnded(Box<StudyEnd>),
    /// Everything was copied to another folder.
    BackedUp {
        /// The folder, absolute.
        to: String,
    },
    /// Something about a job became so that people are to know, and stays so until it recovers.
    AlertRaised(Box<AlertNote>),
    /// It is not so any more.
    AlertRecovered(Box<AlertNote>),
    /// A process takes a run of a job up, before it reads anything.
    JobTaken(JobTaken),
    /// A process leaves a run of a job in good order, for another one to go on with.
    JobStopped {
        /// The run.
        run: String,
    },
    /// Predictions were logged.
    PredictionsLogged(Batch),
    /// Outcomes were told.
    OutcomesTold(Batch),
    /// A study that had ended is gone on with.
    StudyResumed {
        /// Number of its events before.
        events: u64,
        /// BLAKE3 hash of these, hexadecimal, see `study.rs`.
        log: String,
    },
}

/// Times at which a job was to run that passed without a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The first of them, milliseconds since 1970.
    pub from_ms: i64,
    /// The last of them, milliseconds since 1970.
    pub until_ms: i64,
    /// How many there are.
    pub slots: u64,
    /// Why.
    pub reason: String,
}

/// What is known of a run when a process takes it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobTaken {
    /// Its id; that of a run that has not begun yet is the next one.
    pub run: String,
    /// Processes in a row that ended without a word, and without having brought it on.
    pub cut_off: u32,
    /// Trials of its study that have ended.
    pub trials: u64,
    /// Milliseconds that earlier processes spent on it.
    pub spent_ms: i64,
}

/// Something about a job that people are to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertNote {
    /// What it is, such as `failed` or `drift`.
    pub alert: String,
    /// What it is about within the job, such as a column; empty for the job as a whole.
    pub key: String,
    /// In one sentence.
    pub reason: String,
}

/// The beginning of a study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyStart {
    /// Where its table was read from.
    pub data: String,
    /// Content hash of the table, hexadecimal.
    pub fingerprint: String,
    /// Column that is predicted; empty where none is.
    pub target: String,
    /// Id of the measure it optimises.
    pub metric: String,
    /// The command, word by word; empty where a program asked.
    pub command: Vec<String>,
}

/// The end of a study.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StudyEnd {
    /// What ended it, such as `time`.
    pub why: String,
    /// BLAKE3 hash of its last model, hexadecimal.
    pub model: Option<String>,
    /// Number of its events.
    pub events: u64,
    /// BLAKE3 hash of its events, hexadecimal, see `study.rs`.
    pub log: String,
}

/// A state of a dataset. The bytes stay where they are; the digest tells whether they changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetVersion {
    /// Number, from 1.
    pub version: u32,
    /// Path or glob of the files, absolute.
    pub source: String,
    /// How it was read, where that was not told from the files: `sheet`, `delimiter`, `header`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reading: BTreeMap<String, String>,
    /// BLAKE3 hash of the content of all files, hexadecimal.
    pub digest: String,
    /// Bytes of all files.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Content hash of the table, as models carry it, hexadecimal.
    pub fingerprint: String,
    /// Its columns in the order of the file.
    pub columns: Vec<DatasetColumn>,
}

/// A column of a dataset version. Values of identifiers and free text are not kept, nor are levels
/// that a single row has or that name rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatasetColumn {
    /// Its name.
    pub name: String,
    /// What it means.
    pub kind: Kind,
    /// Rows without a value.
    pub missing: u64,
    /// Distinct values.
    pub distinct: u64,
    /// Mean of numbers.
    pub mean: Option<f64>,
    /// Standard deviation of numbers, with n − 1.
    pub sd: Option<f64>,
    /// Quantiles 0, 1/64, …, 1 of numbers and of times in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<f64>,
    /// Rows of the most frequent levels of a categorical, most frequent first, at most 100; of the
    /// values of a boolean or of numbers, where there are no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<(String, u64)>,
}

/// A version of a model: immutable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelVersion {
    /// Number, from 1.
    pub version: u32,
    /// BLAKE3 hash of the model file, its blob's name, hexadecimal.
    pub digest: String,
    /// Bytes of the model file.
    pub bytes: u64,
    /// Where it comes from.
    pub origin: Origin,
    /// Study of this store that made it, if one did.
    pub study: Option<String>,
    /// Name and version of the registered dataset it learned from, if there is one.
    pub dataset: Option<(String, u32)>,
    /// What its file says about it.
    pub facts: ModelFacts,
}

/// Where a model version comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Registered from a model file made here.
    Registered,
    /// A model file from elsewhere.
    Imported,
    /// Made by a job.
    Job,
}

/// What listings and cards tell of a model without opening its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// `classification` or `regression`.
    pub task: String,
    /// Column that is predicted.
    pub target: String,
    /// Classes in the order of their probabilities; empty for regression.
    pub classes: Vec<String>,
    /// Steps → learner.
    pub pipeline: String,
    /// Id of the measure it was chosen by.
    pub metric: String,
    /// Mean over folds of every measure, by id.
    pub scores: BTreeMap<String, f64>,
    /// Standard error of the metric over folds.
    pub standard_error: Option<f64>,
    /// The metric as it is expected of new rows, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<Corrected>,
    /// The metric of the constant model.
    pub baseline: Option<f64>,
    /// Seed of the study.
    pub seed: u64,
    /// Rows learned from.
    pub rows: u64,
    /// Content hash of the training table, hexadecimal.
    pub data: String,
    /// Hash of the folds, hexadecimal.
    pub split: String,
    /// Latest time learned from, milliseconds since 1970, where a time column was named.
    pub cutoff_ms: Option<i64>,
    /// The columns a table must have to be scored, and what they mean.
    pub signature: Vec<(String, Kind)>,
    /// Version of ruska that made it.
    pub ruska: String,
}

/// A version in an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// The version.
    pub version: u32,
    /// Share of requests it answers, in [0, 1]; the shares of an environment sum to 1.
    pub weight: f64,
    /// Its role.
    pub role: Role,
}

/// What a deployed version is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers by default.
    Champion,
    /// Answers a share of requests to be compared.
    Challenger,
    /// Answers nothing; its predictions are only recorded.
    Shadow,
}

/// What a rule, or all of them, said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The challenger may replace the champion.
    Promote,
    /// The champion stays.
    Decline,
    /// Nothing can be said yet; the champion stays.
    Hold,
}

/// A comparison of a challenger with a champion, rule by rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The environment decided on.
    pub environment: String,
    /// The new version.
    pub challenger: u32,
    /// The version that stood there; `None` when none did.
    pub champion: Option<u32>,
    /// Rows on which both were scored.
    pub rows: u64,
    /// Rows left out, and why: reason → rows.
    pub left_out: BTreeMap<String, u64>,
    /// Content hash of the table the rows are from, hexadecimal.
    pub data: String,
    /// What each rule said, in the order of the job.
    pub rules: Vec<RuleOutcome>,
    /// What follows from all.
    pub verdict: Verdict,
    /// In one sentence.
    pub reason: String,
    /// Run of the job that asked, if one did.
    pub run: Option<String>,
}

/// What one rule said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The rule as text, such as `auc better by more than 0.005 (95 % sure)`.
    pub rule: String,
    /// What was measured: a measure's id, `predict_us_per_row`, `size_mb`.
    pub metric: String,
    /// The champion's value.
    pub champion: Option<f64>,
    /// The challenger's value.
    pub challenger: Option<f64>,
    /// How much better the challenger is; positive is better whatever the measure's direction.
    pub gain: Option<f64>,
    /// Lower end of the gain's interval at 1 − significance.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// How the interval was made: `delong`, `bootstrap`; empty without one.
    pub method: String,
    /// What it means.
    pub verdict: Verdict,
    /// In one sentence.
    pub reason: String,
}

/// The beginning of a run of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobStart {
    /// Its id, unique in the job: `1`, `2`, ….
    pub run: String,
    /// BLAKE3 hash of the job file, hexadecimal.
    pub spec: String,
    /// Content hash of the training table, hexadecimal.
    pub data: String,
    /// Study in which the challenger is searched.
    pub study: String,
    /// What a scheduler ran it for; `None` for runs that somebody asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// What a scheduler runs a job for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// What asked for the run.
    pub trigger: Trigger,
    /// The time it was to run at, milliseconds since 1970, by which it is known that it ran once.
    pub slot_ms: i64,
    /// 1 for the first attempt, more where earlier ones failed.
    pub attempt: u32,
    /// What was seen, in words; empty where the calendar says it all.
    pub why: String,
}

/// What asks for a run of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The calendar.
    Cron,
    /// The data have drifted from what the model learned from.
    Drift,
    /// Enough rows are new to the model.
    NewRows,
    /// The model is old.
    Age,
}

/// The end of a run of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JobEnd {
    /// Its id.
    pub run: String,
    /// How it ended.
    pub outcome: JobOutcome,
    /// In one sentence.
    pub reason: String,
    /// The challenger, once there is one.
    pub version: Option<u32>,
    /// File of predictions and their number, where the job scores.
    pub predictions: Option<(String, u64)>,
    /// Why nothing was scored, where that failed after the rest was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_scored: Option<String>,
    /// Labelled rows of its table that the version has not learned from, as the run kept them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<u64>,
}

/// How a run of a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobOutcome {
    /// The challenger is a version, and the job does not promote.
    Registered,
    /// The challenger replaced the champion.
    Promoted,
    /// The challenger waits for approval.
    Proposed,
    /// The champion stays.
    Declined,
    /// Nothing could be said; the champion stays.
    Held,
    /// The run failed.
    Failed,
    /// The data broke the job's contract; nothing was searched and the champion stays.
    Violated,
    /// The run was cut off and its data or job file changed before it could go on.
    Abandoned,
}

impl JobOutcome {
    /// One word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Promoted => "promoted",
            Self::Proposed => "proposed",
            Self::Declined => "declined",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Violated => "contract broken",
            Self::Abandoned => "abandoned",
        }
    }
}
