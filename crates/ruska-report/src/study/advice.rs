//! What to be careful about, and how to use the model.

use super::quality;
use crate::page::{Part, Section};
use crate::words::{gains, plain, quoted};
use ruska::notation::shell_word;
use ruska::words::{file_name, number, percent};
use ruska::{Severity, Story, TaskKind};

/// Rows from which on a model of many trials is told with confidence.
const MANY: usize = 500;

/// What to be careful about, and what more would bring.
pub(super) fn caution(story: &Story) -> Option<Section> {
    let record = &story.record;
    let mut lines: Vec<String> = record
        .findings
        .iter()
        .filter(|f| f.severity != Severity::Info)
        .map(|f| f.what.clone())
        .collect();
    if record.meta.rows < MANY && record.meta.kind != TaskKind::Forecasting {
        lines.push(format!("There are {} rows: scores may move by chance.", record.meta.rows));
    }
    if let Some(model) = &story.model {
        let manifest = model.manifest();
        if let Some(told) = manifest.corrected.filter(|c| c.optimism > 0.0) {
            lines.push(format!(
                "The best of {} trials looks better than it is by about {} in {}; what is said of new rows is without \
                 that.",
                told.trials,
                number(told.optimism),
                manifest.metric
            ));
        }
        if let Some(baseline) = manifest.baseline {
            let score = manifest.scores.get(&manifest.metric).copied().unwrap_or(baseline);
            let error = manifest.standard_error.unwrap_or(0.0);
            if (score - baseline).abs() <= 2.0 * error && quality::told(story) {
                lines.push("The model is hardly better than knowing nothing.".to_owned());
            }
        }
    }
    if record.meta.missing_share > 0.2 {
        lines.push(format!("{} of the cells have no value.", percent(record.meta.missing_share)));
    }
    lines.extend(story.gaps.iter().cloned());
    let mut parts = vec![];
    if lines.is_empty() {
        parts.push(Part::Text("Nothing in particular.".to_owned()));
    } else {
        parts.push(Part::List(lines));
    }
    let more = gains(&story.outlook, &record.metric);
    if !more.is_empty() {
        parts.push(Part::Heading("What more would bring".to_owned()));
        parts.push(Part::List(more));
    }
    Some(Section { id: "caution", title: "What to be careful about".to_owned(), parts })
}

/// How the model is used, and what the study was.
pub(super) fn usage(story: &Story) -> Option<Section> {
    let record = &story.record;
    let output = record.options.get("output").and_then(|v| v.as_str()).map(file_name);
    let model =
        output.map_or_else(|| format!("{}.ruska", ruska::data_name(&record.data)), str::to_owned);
    let (model, study) = (shell_word(&model), shell_word(&record.name));
    let mut lines = vec![];
    if story.model.is_some() {
        lines.push(match record.meta.kind {
            TaskKind::Forecasting => {
                format!("ruska predict {model} --interval 0.8,0.95 --output forecasts.csv")
            }
            _ => format!("ruska predict {model} NEW.csv --output predictions.csv"),
        });
        if record.meta.kind != TaskKind::Clustering {
            lines.push(format!("ruska evaluate {model} LABELLED.csv"));
        }
        lines.push(format!("ruska explain {model} NEW.csv"));
        lines.push(format!("ruska model register NAME {model}"));
    }
    lines.push(format!("ruska resume {study} --time 5m"));
    let command = record.command.join(" ");
    let mut facts = vec![
        format!(
            "Judged by {} with {} on {} folds, seed {}.",
            record.metric,
            quoted(&record.splitter),
            record.split.folds,
            record.seed
        ),
        format!(
            "The table has the fingerprint {}.",
            quoted(&record.fingerprint.chars().take(16).collect::<String>())
        ),
        format!("Made by ruska {}.", record.version),
    ];
    if let Some(seconds) = record.seconds {
        facts.insert(0, format!("It was given {} s.", plain(seconds)));
    }
    let mut parts = vec![Part::Code(lines.join("\n"))];
    parts.push(Part::Heading("How it was made".to_owned()));
    parts.push(Part::List(facts));
    if !command.is_empty() {
        parts.push(Part::Code(command));
    }
    Some(Section { id: "use", title: "How to use it".to_owned(), parts })
}
