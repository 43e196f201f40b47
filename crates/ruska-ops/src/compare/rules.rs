//! Rules of promotion, as a job file states them.

use crate::Error;
use crate::written::hint;
use ruska::evaluation::GapMeasure;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Significance where a rule names none.
const SIGNIFICANCE: f64 = 0.05;
/// The least significance for which resamples are drawn.
const LEAST_SIGNIFICANCE: f64 = 0.0001;

/// What groups of people are compared by, see [`ruska::evaluation::GapMeasure`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FairnessMeasure {
    /// Share decided for the positive class.
    DemographicParity,
    /// True and false positive rates, the worse of both.
    EqualizedOdds,
    /// True positive rate.
    EqualOpportunity,
    /// Share rightly predicted.
    Accuracy,
    /// Mean absolute error.
    Mae,
}

impl FairnessMeasure {
    /// As the library has it.
    pub fn gap(self) -> GapMeasure {
        match self {
            Self::DemographicParity => GapMeasure::DemographicParity,
            Self::EqualizedOdds => GapMeasure::EqualizedOdds,
            Self::EqualOpportunity => GapMeasure::EqualOpportunity,
            Self::Accuracy => GapMeasure::Accuracy,
            Self::Mae => GapMeasure::Mae,
        }
    }
}

/// What must hold for a challenger to be promoted. In a job file:
///
/// ```
/// use ruska_ops::compare::Rule;
/// # #[derive(serde::Deserialize)] struct Promotion { rule: Vec<Rule> }
/// # let read = |text| toml::from_str::<Promotion>(text).map(|p| p.rule);
/// let rules = read(r#"
///     [[rule]]
///     metric = "auc"
///     require = "better"
///     margin = 0.005
///     min = 0.75
///     [[rule]]
///     predict_us_per_row = { max = 50 }
///     [[rule]]
///     fairness = { column = "sex", measure = "equalized_odds", max = 0.1 }
/// "#)?;
/// assert_eq!(rules[0].to_string(), "auc better by more than 0.005 (95 % sure), at least 0.75");
/// assert_eq!(rules[1], Rule::PredictUs { max: 50.0 });
/// assert_eq!(rules[2].to_string(), "equalized_odds by `sex` at most 0.1");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RuleTable", into = "RuleTable")]
pub enum Rule {
    /// A measure on rows that neither model was trained on.
    Metric {
        /// Id of the measure.
        metric: String,
        /// How the challenger must compare with the champion.
        require: Option<Require>,
        /// Least value, in the measure's usual direction.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
    },
    /// Microseconds to predict a row, in a batch on one core.
    PredictUs {
        /// Greatest value.
        max: f64,
    },
    /// Size of the model file in millions of bytes.
    SizeMb {
        /// Greatest value.
        max: f64,
    },
    /// How far groups of people differ, on rows that neither model was trained on. Groups of fewer
    /// than 30 rows do not count.
    Fairness {
        /// Column of the groups.
        column: String,
        /// What they are compared by.
        measure: FairnessMeasure,
        /// Greatest difference.
        max: f64,
    },
}

/// How a challenger must compare with the champion. The interval of its gain, at 1 − significance
/// and two-sided, decides; chance alone passes a rule about half the significance of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Require {
    /// Which end of the interval must lie where.
    pub than: Than,
    /// In units of the measure, at least 0.
    pub margin: f64,
    /// In [0.0001, 1).
    pub significance: f64,
}

/// What a gain is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Than {
    /// The whole interval of the gain lies above the margin.
    Better,
    /// The whole interval of the gain lies above minus the margin, which is above 0 and says which
    /// loss does not matter.
    NotWorse,
}

impl Require {
    /// What the whole interval of the gain must lie above.
    pub fn bound(&self) -> f64 {
        match self.than {
            Than::Better => self.margin,
            Than::NotWorse => 0.0 - self.margin,
        }
    }
}

/// A rule as it is written: a metric with what is asked of it, or one technical limit.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rule")]
struct RuleTable {
    /// Id of a measure, as `ruska metrics` lists them; compared on rows neither model was trained on.
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    /// How the challenger must compare with the champion.
    #[serde(skip_serializing_if = "Option::is_none")]
    require: Option<Than>,
    /// How much better it must be, or how much worse it may be; 0 when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    margin: Option<f64>,
    /// The comparison is made at 1 − significance; 0.05 when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0001), extend("exclusiveMaximum" = 1.0))]
    significance: Option<f64>,
    /// Least value of the challenger's metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    /// Greatest value of the challenger's metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    /// Limit of the microseconds to predict a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    predict_us_per_row: Option<Limit>,
    /// Limit of the model file's size in millions of bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    size_mb: Option<Limit>,
    /// Limit of how far groups of people may differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    fairness: Option<FairnessLimit>,
}

/// A limit of how far groups of people may differ; groups of fewer than 30 rows do not count.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FairnessLimit {
    /// Column of the groups, which the model need not know.
    column: String,
    /// What they are compared by.
    measure: FairnessMeasure,
    /// Greatest difference between two groups, at least 0.
    #[schemars(range(min = 0.0))]
    max: f64,
}

/// A technical limit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Limit {
    /// Greatest value.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    max: f64,
}

fn refuse<T>(key: &'static str, why: impl Into<String>) -> Result<T, Error> {
    Err(Error::Rule { key, why: why.into() })
}

impl TryFrom<RuleTable> for Rule {
    type Error = Error;

    fn try_from(table: RuleTable) -> Result<Self, Error> {
        let limit = |key, limit: &Limit| {
            if limit.max.is_finite() && limit.max > 0.0 {
                return Ok(limit.max);
            }
            refuse(key, format!("max is {}; it must be above 0", limit.max))
        };
        if let Some(fairness) = &table.fairness {
            return of_fairness(fairness, &table);
        }
        match (&table.metric, &table.predict_us_per_row, &table.size_mb) {
            (Some(metric), None, None) => of_metric(metric, &table),
            (None, Some(us), None) => {
                alone(&table, "predict_us_per_row")?;
                Ok(Self::PredictUs { max: limit("predict_us_per_row", us)? })
            }
            (None, None, Some(mb)) => {
                alone(&table, "size_mb")?;
                Ok(Self::SizeMb { max: limit("size_mb", mb)? })
            }
            (None, None, None) => {
                refuse("metric", "is missing; give it, or `predict_us_per_row` or `size_mb`")
            }
            (Some(_), ..) => refuse("metric", "stands with a technical limit; make two rules"),
            _ => refuse("size_mb", "stands with `predict_us_per_row`; make two rules"),
        }
    }
}

fn of_fairness(limit: &FairnessLimit, table: &RuleTable) -> Result<Rule, Error> {
    let others = [
        ("metric", table.metric.is_some()),
        ("predict_us_per_row", table.predict_us_per_row.is_some()),
        ("size_mb", table.size_mb.is_some()),
    ];
    if let Some((key, _)) = others.iter().find(|(_, given)| *given) {
        return refuse("fairness", format!("stands with `{key}`; make two rules"));
    }
    alone(table, "fairness")?;
    let FairnessLimit { column, measure, max } = limit.clone();
    if column.is_empty() {
        return refuse("fairness", "names no column");
    }
    if !(max.is_finite() && max >= 0.0) {
        return refuse("fairness", format!("max is {max}; it must be at least 0"));
    }
    Ok(Rule::Fairness { column, measure, max })
}

/// Refuses what belongs to metrics next to a technical limit.
fn alone(table: &RuleTable, limit: &str) -> Result<(), Error> {
    let keys = [
        ("require", table.require.is_some()),
        ("margin", table.margin.is_some()),
        ("significance", table.significance.is_some()),
        ("min", table.min.is_some()),
        ("max", table.max.is_some()),
    ];
    match keys.iter().find(|(_, given)| *given) {
        Some((key, _)) => {
            refuse(key, format!("belongs to a metric; a limit is `{limit} = {{ max = … }}`"))
        }
        None => Ok(()),
    }
}

fn of_metric(metric: &str, table: &RuleTable) -> Result<Rule, Error> {
    let catalog = ruska::builtin();
    if catalog.measure(metric).is_none() {
        let ids: Vec<&str> = catalog.measures.iter().map(|m| m.info().id).collect();
        let all = format!("the metrics are {}", ids.join(", "));
        let hint = hint(metric, ids.iter().copied(), &all);
        return refuse("metric", format!("`{metric}` is not known{hint}"));
    }
    let RuleTable { min, max, .. } = *table;
    for (key, bound) in [("min", min), ("max", max)] {
        if bound.is_some_and(|b| !b.is_finite()) {
            return refuse(key, "must be a finite number");
        }
    }
    if let (Some(least), Some(greatest)) = (min, max)
        && least > greatest
    {
        return refuse("min", format!("is {least}, above the max of {greatest}"));
    }
    let require = require(table)?;
    if require.is_none() && min.is_none() && max.is_none() {
        return refuse("metric", "stands alone; add `require`, `min` or `max`");
    }
    Ok(Rule::Metric { metric: metric.to_owned(), require, min, max })
}

fn require(table: &RuleTable) -> Result<Option<Require>, Error> {
    let Some(than) = table.require else {
        return match (table.margin, table.significance) {
            (None, None) => Ok(None),
            (Some(_), _) => refuse("margin", "belongs to `require`; add it"),
            _ => refuse("significance", "belongs to `require`; add it"),
        };
    };
    let margin = table.margin.unwrap_or(0.0);
    if !(margin.is_finite() && margin >= 0.0) {
        return refuse("margin", format!("is {margin}; it must be at least 0"));
    }
    if than == Than::NotWorse && margin == 0.0 {
        let why = "must be above 0 with `not_worse`: it says which loss does not matter";
        return refuse("margin", why);
    }
    let significance = table.significance.unwrap_or(SIGNIFICANCE);
    if !(LEAST_SIGNIFICANCE..1.0).contains(&significance) {
        let why = format!("is {significance}; it must be at least {LEAST_SIGNIFICANCE}, below 1");
        return refuse("significance", why);
    }
    Ok(Some(Require { than, margin, significance }))
}

impl From<Rule> for RuleTable {
    fn from(rule: Rule) -> Self {
        let none = Self::default();
        match rule {
            Rule::Metric { metric, require, min, max } => Self {
                metric: Some(metric),
                require: require.map(|r| r.than),
                margin: require.map(|r| r.margin),
                significance: require.map(|r| r.significance),
                min,
                max,
                ..none
            },
            Rule::PredictUs { max } => Self { predict_us_per_row: Some(Limit { max }), ..none },
            Rule::SizeMb { max } => Self { size_mb: Some(Limit { max }), ..none },
            Rule::Fairness { column, measure, max } => {
                Self { fairness: Some(FairnessLimit { column, measure, max }), ..none }
            }
        }
    }
}

impl Rule {
    /// What is measured: the id of a measure or of one between groups, `predict_us_per_row`, `size_mb`.
    pub fn measured(&self) -> &str {
        match self {
            Self::Metric { metric, .. } => metric,
            Self::PredictUs { .. } => PREDICT_US,
            Self::SizeMb { .. } => SIZE_MB,
            Self::Fairness { measure, .. } => measure.gap().name(),
        }
    }
}

/// The rule in words.
impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (min, max) = match self {
            Self::Metric { min, max, .. } => (*min, *max),
            Self::PredictUs { max } | Self::SizeMb { max } | Self::Fairness { max, .. } => {
                (None, Some(*max))
            }
        };
        if let Self::Fairness { column, max, .. } = self {
            return write!(f, "{} by `{column}` at most {max}", self.measured());
        }
        let mut demands = vec![];
        if let Self::Metric { require: Some(require), .. } = self {
            let sure = confidence(require.significance);
            let margin = require.margin;
            demands.push(match require.than {
                Than::Better if margin == 0.0 => format!("better ({sure} sure)"),
                Than::Better => format!("better by more than {margin} ({sure} sure)"),
                Than::NotWorse => format!("not worse by {margin} or more ({sure} sure)"),
            });
        }
        demands.extend(min.map(|min| format!("at least {min}")));
        demands.extend(max.map(|max| format!("at most {max}")));
        write!(f, "{} {}", self.measured(), demands.join(", "))
    }
}

/// What the rule on latency measures.
const PREDICT_US: &str = "predict_us_per_row";
/// What the rule on size measures.
const SIZE_MB: &str = "size_mb";

/// `95 %` of a significance of 0.05.
pub(super) fn confidence(significance: f64) -> String {
    let percent = 100.0 * (1.0 - significance);
    // Rounded to what a significance has digits for, so that 0.05 gives 95 and not 95.00…1.
    format!("{} %", (percent * 1e6).round() / 1e6)
}
