//! The story of a study: what was asked, what was found, how sure that is, and what to do next.

mod advice;
mod answers;
mod data;
mod drivers;
mod groups;
mod quality;
mod series;
mod tried;

use crate::page::Page;
use crate::words::{counted, quoted};
use ruska::words::file_name;
use ruska::{Story, TaskKind};

/// Tells a study.
pub fn report(story: &Story) -> Page {
    let record = &story.record;
    let data = quoted(file_name(&record.data));
    let data = if record.data.is_empty() { "a table".to_owned() } else { data };
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
    let model = story.model.as_ref().map(ruska::Model::manifest);
    model.is_some_and(|m| m.sensitive.iter().any(|name| name == column))
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
