//! `ruska learners`, `ruska metrics`, `ruska steps`: the catalog, generated from the code.

use crate::output::{Say, table};
use crate::{Ending, Failure};
use ruska::{Geometry, Learner, Need, Stage, TaskKind};
use serde_json::{Value, json};

fn tasks(kinds: &[TaskKind]) -> String {
    kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(", ")
}

/// What a learner takes as it is, beyond complete numbers.
fn takes(learner: &dyn Learner) -> Vec<&'static str> {
    let info = learner.info();
    let raw = |need, name| (!info.needs.contains(&need)).then_some(name);
    [
        raw(Need::Missing, "missing values"),
        raw(Need::FewLevels, "categories"),
        raw(Need::Text, "text"),
        raw(Need::Dates, "dates"),
        info.weights.then_some("weights"),
        info.multiclass.then_some("many classes"),
        info.sparse.then_some("sparse"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Lists the learners.
pub(crate) fn learners(say: Say) -> Result<Ending, Failure> {
    let catalog = ruska::builtin();
    let mut shown = table(&["learner", "tasks", "takes as it is", "what it is"]);
    let mut document = vec![];
    for learner in &catalog.learners {
        let info = learner.info();
        let takes = takes(learner.as_ref());
        let mut what = info.summary.to_owned();
        if info.opt_in {
            what += " (only with --include)";
        }
        shown.add_row([info.id, &tasks(info.tasks), &takes.join(", "), &what]);
        document.push(json!({
            "id": info.id,
            "summary": info.summary,
            "tasks": info.tasks,
            "takes": takes,
            "complexity": info.complexity,
            "opt_in": info.opt_in,
            "nondeterministic": info.nondeterministic,
            "uncooperative": info.uncooperative,
            "reference": info.reference,
        }));
    }
    say.result(&format!("{shown}\n"), &document)?;
    Ok(Ending::Done)
}

/// Lists the metrics.
pub(crate) fn metrics(say: Say) -> Result<Ending, Failure> {
    let catalog = ruska::builtin();
    let mut shown = table(&["metric", "tasks", "best", "classes", "what it is"]);
    let mut document = vec![];
    for measure in &catalog.measures {
        let info = measure.info();
        let best = if info.higher_is_better { "high" } else { "low" };
        let classes = match (info.task(), info.multiclass) {
            (TaskKind::Classification, true) => "any",
            (TaskKind::Classification, false) => "two",
            _ => "",
        };
        shown.add_row([info.id, &tasks(info.tasks), best, classes, info.summary]);
        document.push(json!({
            "id": info.id,
            "summary": info.summary,
            "task": info.task(),
            "tasks": info.tasks,
            "higher_is_better": info.higher_is_better,
            "multiclass": info.multiclass,
            "reference": info.reference,
        }));
    }
    say.result(&format!("{shown}\n"), &document)?;
    Ok(Ending::Done)
}

/// Lists the steps.
pub(crate) fn steps(say: Say) -> Result<Ending, Failure> {
    let catalog = ruska::builtin();
    let mut shown = table(&["step", "for", "learners", "what it is"]);
    let mut document: Vec<Value> = vec![];
    for step in &catalog.steps {
        let info = step.info();
        let closes: Vec<&str> = info.closes.iter().map(|n| need(*n)).collect();
        let what_for = if closes.is_empty() { "optional".to_owned() } else { closes.join(", ") };
        let suits = match info.suits {
            None => "all",
            Some(Geometry::Splits) => "trees",
            Some(Geometry::Metric) => "linear and the like",
        };
        shown.add_row([info.id, &what_for, suits, info.summary]);
        document.push(json!({
            "id": info.id,
            "summary": info.summary,
            "stage": stage(info.stage),
            "closes": closes,
            "suits": suits,
            "reference": info.reference,
        }));
    }
    say.result(&format!("{shown}\n"), &document)?;
    Ok(Ending::Done)
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Dates => "dates",
        Need::Text => "text",
        Need::FewLevels => "few levels",
        Need::ManyLevels => "many levels",
        Need::Missing => "missing values",
        Need::Scale => "scale",
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Target => "target",
        Stage::Raw => "raw",
        Stage::Encode => "encode",
        Stage::Fill => "fill",
        Stage::Shape => "shape",
        Stage::Scale => "scale",
        Stage::Reduce => "reduce",
    }
}
