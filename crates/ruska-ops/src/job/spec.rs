//! What a job file may say.

use crate::alert::AlertSection;
use crate::compare::Rule;
use crate::schedule::{Retry, Triggers};
use ruska::Prefer;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A retraining job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobSpec {
    /// What the job is called.
    pub job: JobSection,
    /// What the models learn from.
    pub data: DataSection,
    /// How a challenger is searched.
    #[serde(default)]
    pub fit: FitSection,
    /// When a challenger replaces the champion; without it challengers are registered only.
    pub promotion: Option<Promotion>,
    /// What the champion scores at the end of a run; nothing when left out.
    pub predict: Option<Predict>,
    /// When a scheduler runs the job; it does not when left out.
    pub triggers: Option<Triggers>,
    /// What becomes of failed runs.
    #[serde(default)]
    pub retry: Retry,
    /// Whom to tell what happens.
    #[serde(default, rename = "alert")]
    pub alerts: Vec<AlertSection>,
}

/// What the job is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JobSection {
    /// Name of the job and of the model it registers: letters, digits, `.`, `_`, `-`.
    pub name: String,
}

/// What the models learn from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSection {
    /// A table, a folder of tables or a glob, relative to the job file.
    pub train: String,
    /// A data contract, relative to the job file: data that breaks it ends the run before the search,
    /// and the champion stays.
    pub contract: Option<String>,
    /// Column to predict.
    pub target: String,
    /// Column of times: earlier rows train, later rows compare.
    pub time_column: Option<String>,
    /// Learn from the rows of the last so much time only, such as `180d`, counted from the newest row.
    pub window: Option<String>,
    /// Column of row weights.
    pub weight: Option<String>,
    /// Column that the target was counted over, such as years insured.
    pub exposure: Option<String>,
    /// Column whose equal values stay together in one fold.
    pub group: Option<String>,
    /// Columns not to use.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Columns of people's groups: kept from the models, which are audited by them.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// Leave out columns suspected of telling the target too; exact copies of it always are.
    #[serde(default)]
    pub drop_leaks: bool,
    /// Meanings of columns that inference would get wrong: numeric, boolean, categorical, time,
    /// text, identifier, ignored.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// The class that precision, recall and the like are about.
    pub positive: Option<String>,
    /// Sheet of an .xlsx file; the first when left out.
    pub sheet: Option<String>,
    /// Delimiter of a text table: one character, or `tab`; detected when left out.
    pub delimiter: Option<String>,
}

/// How a challenger is searched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FitSection {
    /// Time budget such as `10m`; `60s` when neither `time` nor `trials` is given.
    pub time: Option<String>,
    /// Trial budget; equal data and seed then give equal models.
    #[schemars(range(min = 1))]
    pub trials: Option<u32>,
    /// What to optimise, see `ruska metrics`.
    pub metric: Option<String>,
    /// Which trial gives the challenger: the one of the best score (`accuracy`), or that of the
    /// simplest learner within one standard error of it (`simple`), or that of the fastest to predict
    /// with (`speed`).
    #[serde(default)]
    #[schemars(schema_with = "preferences")]
    pub prefer: Prefer,
    /// Most microseconds that predicting a row may take on the machine that searches.
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub max_predict_us: Option<f64>,
    /// Whether several pipelines may share the challenger where their mean is better than the best
    /// of them; they may when left out.
    pub ensemble: Option<bool>,
    /// Seed of everything random.
    #[serde(default)]
    pub seed: u64,
    /// Memory cap such as `4GiB`; 80 % of the machine when left out.
    pub memory: Option<String>,
    /// Number of folds.
    #[schemars(range(min = 2))]
    pub folds: Option<usize>,
    /// Learners and steps to use; all when left out.
    #[serde(default)]
    pub include: Vec<String>,
    /// Learners and steps not to use.
    #[serde(default)]
    pub exclude: Vec<String>,
}

fn preferences(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["accuracy", "simple", "speed"], "default": "accuracy"})
}

/// When a challenger replaces the champion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// The environment whose champion is challenged.
    pub environment: String,
    /// Whether the rules decide, or a person does.
    #[serde(default)]
    pub mode: Mode,
    /// The rows on which both are compared.
    #[serde(default)]
    pub compare_on: CompareOn,
    /// When the deployed model is fitted.
    #[serde(default)]
    pub refit: Refit,
    /// The newest part of the rows, kept from the challenger for the comparison: a share such as
    /// `0.2`, or, with a time column, a time such as `"30d"`.
    #[serde(default)]
    pub test: TestPart,
    /// Fewest rows to compare on; with fewer the decision is to wait.
    #[serde(default = "default_min_rows")]
    #[schemars(range(min = 2))]
    pub min_rows: usize,
    /// How long a proposal waits for approval, such as `14d`.
    #[serde(default = "default_expires")]
    pub expires: String,
    /// All of these must hold.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

fn default_min_rows() -> usize {
    100
}

fn default_expires() -> String {
    "14d".to_owned()
}

/// Who decides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The rules.
    #[default]
    Auto,
    /// A person, who sees what the rules say.
    Manual,
}

/// The rows on which models are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompareOn {
    /// Rows after both models' training cut-off and in neither's training rows.
    #[default]
    Unseen,
}

/// When the deployed model is fitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refit {
    /// Before the comparison: the deployed model is the one that was tested.
    #[default]
    Before,
}

/// The newest part of the rows, kept for the comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TestPart {
    /// A share of the rows, in (0, 1).
    Share(f64),
    /// The rows of the last so much time.
    Span(String),
}

impl Default for TestPart {
    fn default() -> Self {
        Self::Share(0.2)
    }
}

/// What the champion scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Predict {
    /// Table to score, relative to the job file; `{date}`, `{time}` and `{job}` are filled in.
    pub input: String,
    /// Where the scores go, relative to the job file; `{date}`, `{time}`, `{job}` and `{version}`
    /// are filled in.
    pub output: String,
    /// Input columns to copy first, unchanged.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Column of ids under which predictions are logged, so that `ruska feedback add` can join
    /// outcomes to them; nothing is logged when left out.
    pub log: Option<String>,
}

impl FitSection {
    /// The time budget; 60 s where nothing is budgeted. What cannot be read was refused on loading.
    pub fn time(&self) -> Option<Duration> {
        match &self.time {
            Some(text) => ruska::notation::duration(text).ok(),
            None => self.trials.is_none().then_some(Duration::from_mins(1)),
        }
    }

    /// Bytes that the process may use, where the job says so.
    pub fn memory(&self) -> Option<u64> {
        self.memory.as_ref().and_then(|text| ruska::notation::bytes(text).ok())
    }
}

impl DataSection {
    /// Milliseconds of the window.
    pub fn window_ms(&self) -> Option<i64> {
        self.window.as_ref().and_then(|text| milliseconds(text))
    }
}

impl Promotion {
    /// Milliseconds that a proposal waits.
    pub fn expires_ms(&self) -> i64 {
        milliseconds(&self.expires).unwrap_or(i64::MAX)
    }
}

/// A length of time in a job file, which has a unit.
///
/// Fails on anything else, saying what is expected.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    match ruska::notation::duration(text) {
        Ok(_) if text.trim().ends_with(|c: char| c.is_ascii_digit() || c == '.') => {
            let unit = "has no unit; expected a time such as 90s, 10m, 2h, 180d or 4w";
            Err(format!("`{}` {unit}", text.trim()))
        }
        read => read,
    }
}

/// A length of time in milliseconds.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    ruska::notation::duration(text).ok().map(|d| d.as_millis() as i64)
}
