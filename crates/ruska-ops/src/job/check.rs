//! What the types of a job file cannot say.

use super::ready::{falls_under, of_training};
use super::spec::{JobSpec, Mode, TestPart, length};
use super::template::{Values, fill};
use crate::written::{Source, hint};
use crate::{Error, alert};
use ruska::{Kind, PredictionWriter, notation};

/// The meaning of a column by its name.
pub(crate) fn kind(name: &str) -> Option<Kind> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

/// Refuses what cannot be used, at its place.
pub(crate) fn check(spec: &JobSpec, source: &Source<'_>) -> Result<(), Error> {
    let refuse = |path: &[&str], what: String| Err(source.at_key(path, what));
    let name = &spec.job.name;
    if !ruska::register::is_name(name) {
        let short: String = name.chars().take(60).collect();
        let what = format!(
            "{short:?} cannot be a name: letters, digits, `.`, `_` and `-` are allowed, up to 100, \
             a letter or digit first"
        );
        return refuse(&["job", "name"], what);
    }
    data(spec, source)?;
    fit(spec, source)?;
    promotion(spec, source)?;
    predict(spec, source)?;
    alert::check(&spec.alerts, source)?;
    crate::schedule::check(spec.triggers.as_ref(), &spec.retry, source)
}

fn data(spec: &JobSpec, source: &Source<'_>) -> Result<(), Error> {
    let data = &spec.data;
    let refuse = |path: &[&str], what: &str| Err(source.at_key(path, what));
    for (key, value) in [("train", &data.train), ("target", &data.target)] {
        if value.is_empty() {
            return refuse(&["data", key], "is empty");
        }
        if value.contains('\0') {
            return refuse(&["data", key], "has a NUL character in it");
        }
    }
    if data.contract.as_ref().is_some_and(|path| path.is_empty() || path.contains('\0')) {
        return refuse(&["data", "contract"], "name a file");
    }
    if data.train == "-" {
        return refuse(&["data", "train"], "a job cannot read standard input; name a file");
    }
    if data.time_column.as_ref() == Some(&data.target) {
        return refuse(&["data", "time_column"], "is the target; name another column");
    }
    if data.sensitive.contains(&data.target) {
        return refuse(&["data", "sensitive"], "names the target; name other columns");
    }
    if let Some(exposure) = &data.exposure {
        let others = [&data.weight, &data.group, &data.time_column];
        let taken = others.into_iter().flatten().chain(&data.ignore).chain([&data.target]);
        if taken.into_iter().any(|column| column == exposure) {
            return refuse(&["data", "exposure"], "has another role too; name another column");
        }
    }
    if let Some(window) = &data.window {
        length(window).map_err(|e| source.at_key(&["data", "window"], e))?;
        if data.time_column.is_none() {
            let what = "a window needs `time_column`, from whose newest value it is counted";
            return refuse(&["data", "window"], what);
        }
    }
    if let Some(delimiter) = &data.delimiter {
        notation::delimiter(delimiter).map_err(|e| source.at_key(&["data", "delimiter"], e))?;
    }
    for (column, name) in &data.types {
        if kind(name).is_none() {
            let what = format!(
                "`{name}` is no type; there are numeric, boolean, categorical, time, text, \
                 identifier, ignored"
            );
            return refuse(&["data", "types", column], &what);
        }
    }
    Ok(())
}

fn fit(spec: &JobSpec, source: &Source<'_>) -> Result<(), Error> {
    let fit = &spec.fit;
    let refuse = |path: &[&str], what: String| Err(source.at_key(path, what));
    if let Some(time) = &fit.time {
        length(time).map_err(|e| source.at_key(&["fit", "time"], e))?;
    }
    if let Some(memory) = &fit.memory {
        notation::bytes(memory).map_err(|e| source.at_key(&["fit", "memory"], e))?;
    }
    if fit.trials == Some(0) {
        return refuse(&["fit", "trials"], "at least one trial is needed".into());
    }
    if fit.max_predict_us.is_some_and(|most| !(most > 0.0 && most.is_finite())) {
        return refuse(&["fit", "max_predict_us"], "expected microseconds above 0".into());
    }
    if fit.folds.is_some_and(|folds| folds < 2) {
        return refuse(&["fit", "folds"], "at least two folds are needed".into());
    }
    let catalog = ruska::builtin();
    if let Some(metric) = fit.metric.as_ref().filter(|m| catalog.measure(m).is_none()) {
        let ids = catalog.measures.iter().map(|m| m.info().id);
        let what = format!(
            "there is no metric `{metric}`{}",
            hint(metric, ids, "`ruska metrics` lists them")
        );
        return refuse(&["fit", "metric"], what);
    }
    for (key, ids) in [("include", &fit.include), ("exclude", &fit.exclude)] {
        for (i, id) in ids.iter().enumerate() {
            let learners = catalog.learners.iter().map(|l| l.info().id);
            let known: Vec<&str> =
                learners.chain(catalog.steps.iter().map(|s| s.info().id)).collect();
            if !known.contains(&id.as_str()) {
                let rest = "`ruska learners` and `ruska steps` list them";
                let what = format!("there is no learner or step `{id}`{}", hint(id, known, rest));
                return refuse(&["fit", key, &i.to_string()], what);
            }
        }
    }
    Ok(())
}

fn promotion(spec: &JobSpec, source: &Source<'_>) -> Result<(), Error> {
    let Some(promotion) = &spec.promotion else { return Ok(()) };
    let refuse = |key: &str, what: String| Err(source.at_key(&["promotion", key], what));
    if !ruska::register::is_name(&promotion.environment) {
        return refuse("environment", "cannot be the name of an environment".into());
    }
    match &promotion.test {
        TestPart::Share(share) if !(*share > 0.0 && *share < 1.0) => {
            return refuse("test", format!("{share} is no share between 0 and 1"));
        }
        TestPart::Share(_) => {}
        TestPart::Span(span) => {
            length(span).map_err(|e| source.at_key(&["promotion", "test"], e))?;
            if spec.data.time_column.is_none() {
                let what =
                    "a time needs `time_column` in [data]; without one give a share such as 0.2";
                return refuse("test", what.into());
            }
        }
    }
    if promotion.min_rows < 2 {
        return refuse("min_rows", "at least 2 rows are needed to compare on".into());
    }
    length(&promotion.expires).map_err(|e| source.at_key(&["promotion", "expires"], e))?;
    if promotion.mode == Mode::Auto && promotion.rules.is_empty() {
        let what = "mode `auto` needs at least one [[promotion.rule]], or every challenger would be \
                    promoted; add a rule or say mode = \"manual\"";
        return refuse("mode", what.into());
    }
    Ok(())
}

fn predict(spec: &JobSpec, source: &Source<'_>) -> Result<(), Error> {
    let Some(predict) = &spec.predict else { return Ok(()) };
    let mut output = String::new();
    for (key, template) in [("input", &predict.input), ("output", &predict.output)] {
        let path = ["predict", key];
        if template.is_empty() || template == "-" || template.contains('\0') {
            return Err(source.at_key(&path, "name a file"));
        }
        let values = Values { now_ms: 0, job: &spec.job.name, version: 1 };
        output = fill(template, values)
            .map_err(|(at, why)| source.at_key(&path, format!("character {at}: {why}")))?;
    }
    if let Err(why) = PredictionWriter::check(&predict.output) {
        return Err(source.at_key(&["predict", "output"], why.to_string()));
    }
    if predict.log.as_ref().is_some_and(String::is_empty) {
        return Err(source.at_key(&["predict", "log"], "name a column"));
    }
    if predict.input == predict.output {
        return Err(source.at_key(&["predict", "output"], "is the input; name another file"));
    }
    let train = &spec.data.train;
    if falls_under(train, &output) {
        return Err(source.at_key(&["predict", "output"], of_training(train, &predict.output)));
    }
    if predict.input.contains("{version}") {
        return Err(source.at_key(&["predict", "input"], "`{version}` belongs to the output"));
    }
    Ok(())
}
