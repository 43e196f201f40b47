//! Scoring a table at the end of a run, with the version that stands.

use super::ready::check_output;
use super::run::Setting;
use super::{Job, Predict};
use crate::Error;
use crate::feedback;
use crate::register;
use ruska::register::{ModelVersion, Stamp};
use ruska::{Beside, ReadTable, ScoreStamp, Store, predict_file};
use std::path::Path;

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
    check_output(job, &table.files, &output)?;
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
