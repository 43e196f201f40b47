//! What to be careful about, and how to use the model.

use super::{Worth, more_of, quality, worth};
use crate::page::{Part, Section};
use crate::words::{plain, quoted};
use ruska::notation::shell_word;
use ruska::words::{file_name, number, percent};
use ruska::{FindingCode, Severity, Story, TaskKind, condense};

/// Rows from which on a model of many trials is told with confidence.
const MANY: usize = 500;

/// What to be careful about, and what more would bring.
pub(super) fn caution(story: &Story) -> Option<Section> {
    let record = &story.record;
    let found = condense(record.findings.clone());
    let grave = found.iter().filter(|f| f.severity != Severity::Info);
    let mut lines: Vec<String> = grave.map(|f| f.what.clone()).collect();
    let told = record.findings.iter().any(|f| f.code == FindingCode::FewRows);
    if record.meta.rows < MANY && !told && record.meta.kind != TaskKind::Forecasting {
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
    }
    if worth(story) == Worth::Nothing {
        lines.insert(0, "The model is no better than knowing nothing of the columns.".to_owned());
    }
    lines.extend(quality::unfair(story));
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
    let more = more_of(story);
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
    let model = output.unwrap_or("MODEL");
    let (model, study) = (shell_word(model), shell_word(&record.name));
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
    let command = command(&record.command, &record.data);
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
    parts.extend(command.map(Part::Code));
    Some(Section { id: "use", title: "How to use it".to_owned(), parts })
}

/// The command line as it can be typed elsewhere: without folders of this machine, its store and who acted.
fn command(words: &[String], data: &str) -> Option<String> {
    const FILES: [&str; 5] = ["-o", "--output", "--test", "--portfolio", "--future"];
    const OWN: [&str; 2] = ["--store", "--actor"];
    let mut out = vec!["ruska".to_owned()];
    let mut before = "";
    for word in words.get(1..)? {
        let (option, value) = word.split_once('=').unwrap_or((word, ""));
        if OWN.contains(&option) || OWN.contains(&before) {
            before = if value.is_empty() && OWN.contains(&option) { option } else { "" };
            continue;
        }
        out.push(if FILES.contains(&before) || word == data {
            shell_word(file_name(word))
        } else if FILES.contains(&option) && !value.is_empty() {
            format!("{option}={}", shell_word(file_name(value)))
        } else {
            shell_word(word)
        });
        before = word;
    }
    (out.len() > 1).then(|| out.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_hold_nothing_of_the_machine() {
        let words = "/home/ann/ruska fit /home/ann/my.csv --target km/h --actor a@b.c --store=/tmp/s -o /x/m.ruska --test=/y/t.csv --time 5s";
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        assert_eq!(
            command(&words, "/home/ann/my.csv").as_deref(),
            Some("ruska fit my.csv --target km/h -o m.ruska --test=t.csv --time 5s")
        );
        assert_eq!(command(&[], ""), None);
        let blank = ["ruska", "fit", "a b.csv"].map(str::to_owned);
        assert_eq!(command(&blank, "a b.csv").as_deref(), Some("ruska fit 'a b.csv'"));
    }
}
