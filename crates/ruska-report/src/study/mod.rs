//! The story of a study: what was asked, what was found, how sure that is, and what to do next.

mod advice;
mod answers;
mod data;
mod drivers;
mod groups;
mod quality;
mod series;
mod shapes;
mod tried;

use crate::page::Page;
use crate::words::{counted, quoted};
use ruska::words::file_name;
use ruska::{Curve, Story, TaskKind};

/// Rows that a level must have to be told of: a hundredth of all, but within these.
const OF_SEVERAL: usize = 3;
const OF_MANY: usize = 30;

/// Tells a study.
pub fn report(story: &Story) -> Page {
    let record = &story.record;
    let data = match file_name(&record.data) {
        "" | "-" => "a table".to_owned(),
        name => quoted(name),
    };
    let target = quoted(&record.target);
    let title = match record.meta.kind {
        TaskKind::Classification | TaskKind::Regression => {
            format!("Predicting {target} from {data}")
        }
        TaskKind::Clustering => format!("Groups in {data}"),
        TaskKind::Forecasting => format!("What comes next of {target}, from {data}"),
    };
    let sections = [
        data::section(story),
        quality::section(story),
        drivers::section(story),
        groups::section(story),
        series::section(story),
        tried::section(story),
        advice::caution(story),
        advice::usage(story),
    ];
    Page {
        title,
        subtitle: subtitle(story),
        answers: answers::of(story),
        sections: sections.into_iter().flatten().collect(),
    }
}

/// What was learned from, and for how long.
fn subtitle(story: &Story) -> String {
    let meta = &story.record.meta;
    let rows = if let Some(series) = meta.series {
        let values = counted(meta.rows, "value");
        let of = if series == 1 { " of " } else { ", " };
        format!("{series} series{of}{values}")
    } else {
        let columns = meta.numeric + meta.levels.len() + meta.text + meta.time;
        format!("{}, {} looked at", counted(meta.rows, "row"), counted(columns, "column"))
    };
    let trials = counted(story.leaderboard.entries.len(), "trial");
    let seconds = ruska::words::seconds(story.seconds);
    format!("{rows} · {trials} in {seconds} s · study {}", quoted(&story.record.name))
}

/// Whether values of a column are kept from pages, as it tells people's groups.
fn is_sensitive(story: &Story, column: &str) -> bool {
    let asked = story.record.options.get("sensitive").and_then(|v| v.as_array());
    let known = story.model.iter().flat_map(|m| &m.manifest().sensitive).map(String::as_str);
    asked.into_iter().flatten().filter_map(|v| v.as_str()).chain(known).any(|name| name == column)
}

/// The curves that may be shown, those that matter most first, without levels of few rows, which may name
/// persons and tell next to nothing.
fn curves(story: &Story) -> Vec<Curve> {
    let Some(drivers) = &story.drivers else { return vec![] };
    let least = (drivers.rows / 100).clamp(OF_SEVERAL, OF_MANY);
    let known = |curve: &Curve| -> Curve {
        let kept: Vec<usize> = (0..curve.points.len())
            .filter(|i| curve.points[*i].rows.is_none_or(|rows| rows >= least))
            .collect();
        let of = |line: &Vec<f64>| kept.iter().map(|i| line[*i]).collect();
        Curve {
            points: kept.iter().map(|i| curve.points[*i].clone()).collect(),
            lines: curve.lines.iter().map(of).collect(),
            ..curve.clone()
        }
    };
    let shown = drivers.dependence.curves.iter().filter(|c| !is_sensitive(story, &c.column));
    shown.map(known).filter(|curve| curve.points.len() > 1).collect()
}

/// Whether a model of classes or numbers is better than knowing nothing of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    Something,
    Nothing,
}

/// By two standard errors, where the constant's score is known.
fn worth(story: &Story) -> Worth {
    let rows = matches!(story.record.meta.kind, TaskKind::Classification | TaskKind::Regression);
    let Some(manifest) = story.model.as_ref().filter(|_| rows).map(ruska::Model::manifest) else {
        return Worth::Something;
    };
    let (score, error) = if let Some(told) = &manifest.corrected {
        (Some(told.score), told.standard_error)
    } else {
        let score = manifest.scores.get(&manifest.metric).copied();
        (score, manifest.standard_error.unwrap_or(0.0))
    };
    let (Some(score), Some(baseline)) = (score, manifest.baseline) else { return Worth::Something };
    let better =
        if story.leaderboard.higher_is_better { score - baseline } else { baseline - score };
    if better > 2.0 * error && better > 0.0 { Worth::Something } else { Worth::Nothing }
}

/// The class that probabilities are about, where there are two.
fn positive(story: &Story) -> Option<&str> {
    let manifest = story.model.as_ref()?.manifest();
    manifest.positive.as_deref().filter(|_| manifest.classes.len() == 2)
}

/// A score of rows held out.
fn held_out(story: &Story, metric: &str) -> Option<f64> {
    let scores = &story.held_out.as_ref()?.scores;
    scores.iter().find(|s| s.metric == metric).map(|s| s.value)
}

/// What more time or rows would bring, as sentences.
fn more_of(story: &Story) -> Vec<String> {
    let sentence = |words: &String| {
        let mut letters = words.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}.", letters.as_str())
    };
    story.outlook.words(&story.record.metric).iter().map(sentence).collect()
}
