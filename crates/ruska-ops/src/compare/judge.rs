//! What the rules of a promotion say of a challenger, rule by rule.

use super::gain::{Gain, Pair};
use super::rows::{Unseen, unseen, unusable};
use super::rules::{FairnessMeasure, Require, Rule, Than, confidence};
use crate::Error;
use ruska::evaluation::audit;
use ruska::register::{RuleOutcome, Verdict};
use ruska::{Catalog, Frame, Measure, Model, Predictions, SharedTruth, Truth};
use std::collections::BTreeMap;

/// Rows of each of two classes, at least, on which models are compared.
const ROWS_OF_CLASS: usize = 5;
/// Rows by which the time to predict is measured, at most.
const TIMED_ROWS: usize = 4096;

/// A model that takes part.
#[derive(Clone, Copy)]
pub struct Rival<'a> {
    /// What it is called, such as `churn:3`.
    pub label: &'a str,
    /// The model.
    pub model: &'a Model,
    /// Bytes of its file.
    pub bytes: u64,
}

/// What the rules said of all the evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Rows on which both were scored.
    pub rows: u64,
    /// Rows left out, and why.
    pub left_out: BTreeMap<String, u64>,
    /// What each rule said, in order.
    pub rules: Vec<RuleOutcome>,
    /// What follows from all.
    pub verdict: Verdict,
    /// In one sentence.
    pub reason: String,
}

/// Compares a challenger with the champion, if there is one, on the rows of a table that neither
/// has learned from.
///
/// With fewer than `min_rows` of them, or fewer than five of one of two classes, the verdict is to
/// hold. A rule whose value is missing declines. Without a champion only the limits of the rules
/// count.
///
/// Fails when the models do not predict the same, and when the table lacks a column.
pub fn judge(
    table: &Frame,
    challenger: Rival<'_>,
    champion: Option<Rival<'_>>,
    rules: &[Rule],
    min_rows: usize,
) -> Result<Judgement, Error> {
    let rivals: Vec<Rival<'_>> = [challenger].into_iter().chain(champion).collect();
    let models: Vec<(&str, &Model)> = rivals.iter().map(|r| (r.label, r.model)).collect();
    let Unseen { truth, left_out } = unseen(table, &models)?;
    let rows = truth.rows.len() as u64;
    if let Some(reason) = too_few(&truth, min_rows) {
        let held = |rule: &Rule| RuleOutcome { verdict: Verdict::Hold, ..unweighed(rule) };
        let rules = rules.iter().map(held).collect();
        return Ok(Judgement { rows, left_out, rules, verdict: Verdict::Hold, reason });
    }
    let kept = table.take(&truth.rows);
    let mut sides = vec![];
    for rival in &rivals {
        let predicted = rival.model.predict(&kept).map_err(|e| unusable(rival.label, &e))?;
        let predictions = truth.align(&predicted);
        sides.push(Side { predictions, bytes: rival.bytes });
    }
    let timed: Vec<u32> = (0..kept.rows().min(TIMED_ROWS) as u32).collect();
    let timed = kept.take(&timed);
    let times = || -> Vec<Option<f64>> {
        rivals
            .iter()
            .map(|r| r.model.microseconds_per_row(&timed).ok().filter(|us| us.is_finite()))
            .collect()
    };
    let table = Some(&kept);
    let evidence = Evidence { truth: &truth, sides: &sides, times: &times, table };
    let catalog = ruska::builtin();
    let rules: Vec<RuleOutcome> = rules.iter().map(|r| evidence.weigh(r, &catalog)).collect();
    let (verdict, reason) = conclude(&rules, champion.map(|c| c.label));
    Ok(Judgement { rows, left_out, rules, verdict, reason })
}

/// Why the rows are too few to compare on, if they are.
fn too_few(truth: &SharedTruth, min_rows: usize) -> Option<String> {
    let rows = truth.rows.len();
    if rows < min_rows {
        return Some(format!(
            "{rows} rows are new to both models, `min_rows` asks for {min_rows}; wait for more"
        ));
    }
    let Truth::Classes { codes, n_classes: 2, .. } = &truth.truth else { return None };
    let count = |class: u32| codes.iter().filter(|c| **c == class).count();
    let (least, class) = [0, 1].map(|class| (count(class), class)).into_iter().min()?;
    (least < ROWS_OF_CLASS).then(|| {
        let class = &truth.classes[class as usize];
        format!("{least} new rows of class `{class}`, {ROWS_OF_CLASS} are needed; wait for more")
    })
}

/// What follows from all rules: every one must let the challenger pass.
fn conclude(rules: &[RuleOutcome], champion: Option<&str>) -> (Verdict, String) {
    let against: Vec<&str> =
        rules.iter().filter(|r| r.verdict != Verdict::Promote).map(|r| r.rule.as_str()).collect();
    if !against.is_empty() {
        return (Verdict::Decline, format!("not met: {}", against.join("; ")));
    }
    let reason = match (champion, rules.len()) {
        (_, 0) => "there is no rule to go by".to_owned(),
        (None, _) => "nothing stands there to be compared with, and every limit is kept".to_owned(),
        (Some(champion), 1) => format!("the rule is met against {champion}"),
        (Some(champion), n) => format!("all {n} rules are met against {champion}"),
    };
    (Verdict::Promote, reason)
}

/// A model's part of the evidence.
pub(super) struct Side {
    /// Its predictions of the rows.
    pub(super) predictions: Predictions,
    /// Bytes of its file.
    pub(super) bytes: u64,
}

/// All that rules go by.
pub(super) struct Evidence<'a> {
    /// The rows.
    pub(super) truth: &'a SharedTruth,
    /// The challenger's part, then the champion's.
    pub(super) sides: &'a [Side],
    /// Measures the microseconds that each takes to predict a row.
    pub(super) times: &'a dyn Fn() -> Vec<Option<f64>>,
    /// The columns of the rows, where rules look at some.
    pub(super) table: Option<&'a Frame>,
}

fn unweighed(rule: &Rule) -> RuleOutcome {
    RuleOutcome {
        rule: rule.to_string(),
        metric: rule.measured().to_owned(),
        champion: None,
        challenger: None,
        gain: None,
        low: None,
        high: None,
        method: String::new(),
        verdict: Verdict::Decline,
        reason: String::new(),
    }
}

impl Evidence<'_> {
    /// What one rule says.
    pub(super) fn weigh(&self, rule: &Rule, catalog: &Catalog) -> RuleOutcome {
        let mut outcome = unweighed(rule);
        let found = match rule {
            Rule::Metric { metric, require, min, max } => catalog
                .measure(metric)
                .ok_or_else(|| format!("there is no metric `{metric}`"))
                .and_then(|m| {
                    self.weigh_metric(&**m, require.as_ref(), (*min, *max), &mut outcome)
                }),
            Rule::PredictUs { max } => {
                let times = (self.times)();
                outcome.champion = times.get(1).copied().flatten();
                outcome.challenger = times.first().copied().flatten();
                limited(outcome.challenger, (None, Some(*max)))
            }
            Rule::SizeMb { max } => {
                let size = |side: &Side| side.bytes as f64 / 1e6;
                outcome.champion = self.sides.get(1).map(size);
                outcome.challenger = self.sides.first().map(size);
                limited(outcome.challenger, (None, Some(*max)))
            }
            Rule::Fairness { column, measure, max } => {
                let mut gaps = self.sides.iter().map(|side| self.gap(column, *measure, side));
                let challenger = gaps.next();
                outcome.champion = gaps.next().and_then(Result::ok);
                challenger.unwrap_or_else(|| Err("it could not be measured".into())).and_then(
                    |gap| {
                        outcome.challenger = Some(gap);
                        limited(Some(gap), (None, Some(*max)))
                    },
                )
            }
        };
        (outcome.verdict, outcome.reason) = match found {
            Ok(reason) => (Verdict::Promote, reason),
            Err(reason) => (Verdict::Decline, reason),
        };
        outcome
    }

    /// How far groups that are not small differ in what a model does to them.
    fn gap(&self, column: &str, measure: FairnessMeasure, side: &Side) -> Result<f64, String> {
        let table = self.table.ok_or("the rows have no columns")?;
        let weights = self.truth.weights.as_deref();
        let columns = [column.to_owned()];
        let audit = audit(table, &columns, &self.truth.truth, &side.predictions, weights)
            .map_err(|why| why.to_string())?;
        let gap = audit.gaps.iter().find(|gap| gap.measure == measure.gap());
        let small = audit.groups.iter().any(|group| group.small);
        let found =
            gap.and_then(|gap| if small { gap.without_small } else { Some(gap.difference) });
        found.ok_or_else(|| {
            let name = measure.gap().name();
            format!("{name} is not defined for two groups of `{column}` of at least 30 rows")
        })
    }

    /// Why a challenger passes, or why not.
    fn weigh_metric(
        &self,
        measure: &dyn Measure,
        require: Option<&Require>,
        limits: (Option<f64>, Option<f64>),
        outcome: &mut RuleOutcome,
    ) -> Result<String, String> {
        let weights = self.truth.weights.as_deref();
        let score = |side: &Side| measure.score(&self.truth.truth, &side.predictions, weights);
        let [challenger, champion] = [0, 1].map(|i| self.sides.get(i).map(score));
        let challenger = challenger.and_then(Result::ok).filter(|s| s.is_finite());
        outcome.challenger = challenger;
        outcome.champion = champion.and_then(Result::ok).filter(|s| s.is_finite());
        if challenger.is_none() {
            return Err(format!("{} is not defined on these rows", measure.info().id));
        }
        let kept = limited(challenger, limits)?;
        let (Some(require), [challenger, champion]) = (require, self.sides) else {
            let alone = require.is_some();
            return Ok(if alone {
                "nothing stands there to be compared with".into()
            } else {
                kept
            });
        };
        let pair = Pair {
            truth: &self.truth.truth,
            weights,
            challenger: &challenger.predictions,
            champion: &champion.predictions,
        };
        let gain = Gain::of(measure, &pair, require.significance)
            .ok_or("the gain has no interval on these rows")?;
        (outcome.gain, outcome.low, outcome.high) =
            (Some(gain.gain), Some(gain.low), Some(gain.high));
        gain.method.clone_into(&mut outcome.method);
        decide(require, &gain)
    }
}

/// Whether the whole interval of a gain lies where a rule wants it.
fn decide(require: &Require, gain: &Gain) -> Result<String, String> {
    let (sure, bound) = (confidence(require.significance), require.bound());
    let low = format!("{:+.5}", gain.low);
    let Require { than, margin, .. } = require;
    if gain.low > bound {
        return Ok(format!("the gain is at least {low} ({sure} sure)"));
    }
    Err(match than {
        Than::Better if gain.gain <= bound => "it is not better by as much".to_owned(),
        Than::Better => format!("the gain may be as little as {low} ({sure} sure)"),
        Than::NotWorse if gain.gain <= bound => format!("it is worse by {margin} or more"),
        Than::NotWorse => format!("it may be worse by {:.5} ({sure} sure)", -gain.low),
    })
}

/// Whether a value that must be there lies within limits.
fn limited(value: Option<f64>, (min, max): (Option<f64>, Option<f64>)) -> Result<String, String> {
    let value = value.ok_or("it could not be measured")?;
    if let Some(min) = min.filter(|min| value < *min) {
        return Err(format!("{value:.5} is below {min}"));
    }
    match max.filter(|max| value > *max) {
        Some(max) => Err(format!("{value:.5} is above {max}")),
        None => Ok("within the limit".to_owned()),
    }
}
