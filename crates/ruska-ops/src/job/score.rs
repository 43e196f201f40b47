//! Scoring a table at the end of a run, with the version that stands.

use super::run::Setting;
use super::{Job, Predict};
use crate::Error;
use crate::feedback;
use crate::register;
use ruska::register::{ModelVersion, Stamp};
use ruska::{Beside, ReadTable, ScoreStamp, Store, predict_file};
use std::path::{Path, PathBuf};

/// Scores the table that a job names: by the champion of its environment, or, where the job
/// promotes nothing, by that of the last one, or else by the version just made. Gives the file and
/// its rows; nothing where no version stands.
///
/// Fails when a file cannot be read or written, or lacks a column.
pub(super) fn score(
    store: &Store,
    job: &Job,
    predict: &Predict,
    table: &ReadTable,
    made: &ModelVersion,
    setting: &mut Setting<'_>,
) -> Result<Option<(String, u64)>, Error> {
    let name = job.name();
    let state = register::state(store, name)?;
    let environments = store.environments()?;
    let version = match &job.spec().promotion {
        Some(promotion) => state.champion(&promotion.environment),
        None => environments.last().and_then(|e| state.champion(e)).or(Some(made.version)),
    };
    let Some(version) = version else {
        setting.watch.step("nothing is scored: no version stands in the environment yet");
        return Ok(None);
    };
    let now_ms = (setting.clock)();
    let (input, output) =
        (job.fill(&predict.input, now_ms, version)?, job.fill(&predict.output, now_ms, version)?);
    check_output(job, table, &output)?;
    if let Some(folder) = Path::new(&output).parent() {
        let why = |e: std::io::Error| Error::Io {
            path: folder.display().to_string(),
            why: e.to_string(),
        };
        std::fs::create_dir_all(folder).map_err(why)?;
    }
    let model = register::load(store, name, version)?;
    let label = format!("{name}:{version}");
    let stamp = ScoreStamp { version: &label, digest: &state.versions[&version].version.digest };
    setting.watch.step(&format!("scoring {input} with {label}"));
    let and = Beside { keep: &predict.keep, stamp: Some(stamp), ..Beside::default() };
    let rows = match &predict.log {
        None => predict_file(&model, &input, &job.reading(), &output, &and)?,
        Some(id) => {
            let files = (input.as_str(), &job.reading(), output.as_str());
            let actor = format!("job:{name}");
            let log = (id.as_str(), Stamp { at_ms: now_ms, actor: &actor });
            let logged = feedback::predict((store, name, version), &model, files, &and, log)?;
            setting.watch.step(&logged.told(id));
            logged.rows
        }
    };
    Ok(Some((output, rows)))
}

/// Refuses before the search what scoring would fail by: an input that is not there, an output that
/// is part of the training data.
pub(super) fn check_scoring(job: &Job, table: &ReadTable, now_ms: i64) -> Result<(), Error> {
    let Some(predict) = &job.spec().predict else { return Ok(()) };
    let input = job.fill(&predict.input, now_ms, 1)?;
    if ruska::files(&input).map_err(ruska::Error::from)?.is_empty() {
        return Err(Error::Job(format!("`input` of [predict]: there is no file {input}")));
    }
    let output = job.fill(&predict.output, now_ms, 1)?;
    check_output(job, table, &output)
}

/// Refuses an output that is, or the next time would be taken for, training data.
fn check_output(job: &Job, table: &ReadTable, output: &str) -> Result<(), Error> {
    let train = job.train();
    let same = |file: &PathBuf| match (file.canonicalize(), Path::new(output).canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    let matches = glob::Pattern::new(&train).is_ok_and(|pattern| pattern.matches(output));
    let within = Path::new(output).parent() == Some(Path::new(&train));
    if matches || within || table.files.iter().any(same) {
        return Err(Error::Job(format!(
            "`output` of [predict]: {output} would be part of the training data {train}; choose \
             another place"
        )));
    }
    Ok(())
}
