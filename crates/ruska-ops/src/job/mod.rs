//! Retraining jobs: a TOML file says what to learn from, how, and when a challenger replaces the
//! champion.

mod attempt;
mod challenger;
mod check;
mod decide;
mod history;
mod ready;
mod run;
mod score;
mod simulate;
mod spec;
mod split;
mod template;

#[cfg(test)]
pub(crate) use attempt::take;
pub(crate) use history::history_of;
pub use history::{Now, PastRun, history};
pub use ready::foresee;
pub(crate) use run::run_held;
pub use run::{RunReport, Setting, Unwatched, Watch, run};
pub use simulate::{Every, Next, Period, SimulateOptions, Simulation, simulate};
pub use spec::{
    CompareOn, DataSection, FitSection, JobSection, JobSpec, Mode, Predict, Promotion, Refit,
    TestPart,
};
pub(crate) use spec::{length, milliseconds};

use crate::Error;
use crate::contract::Contract;
use crate::written::{self, Source};
use ruska::{Kind, Options, Part, ReadOptions, ReadTable, TimeRange};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A job file that was read and found sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    spec: JobSpec,
    folder: PathBuf,
    digest: String,
    contract: Option<Contract>,
}

impl Job {
    /// Reads a job file. Paths in it are relative to its folder.
    ///
    /// Fails with file, line, column and what would do when anything in it, or in the contract that
    /// it names, cannot be used; the data is not looked at.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let file = path.display().to_string();
        let (bytes, folder) = written::bytes(path)?;
        Self::parse(&file, &bytes, folder)
    }

    /// The same from bytes; `file` names them in errors, `folder` is what paths are relative to.
    pub fn parse(file: &str, bytes: &[u8], folder: PathBuf) -> Result<Self, Error> {
        let text = written::text(file, bytes)?;
        let source = Source { file, text };
        let spec: JobSpec = written::parse(&source)?;
        check::check(&spec, &source)?;
        let contract = spec.data.contract.as_ref().map(|path| {
            Contract::load(&folder.join(path)).map_err(|error| match error {
                Error::Io { .. } => source.at_key(&["data", "contract"], error.to_string()),
                other => other,
            })
        });
        let digest = ruska::Digest::of(bytes).to_string();
        Ok(Self { spec, folder, digest, contract: contract.transpose()? })
    }

    /// What the file says.
    pub fn spec(&self) -> &JobSpec {
        &self.spec
    }

    /// Name of the job and of its model.
    pub fn name(&self) -> &str {
        &self.spec.job.name
    }

    /// BLAKE3 hash of the file, hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What paths in the file are relative to.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the training data is expected to hold.
    pub fn contract(&self) -> Option<&Contract> {
        self.contract.as_ref()
    }

    /// The training data, absolute.
    pub fn train(&self) -> String {
        self.path(&self.spec.data.train)
    }

    /// How its tables are read.
    pub fn reading(&self) -> ReadOptions {
        let data = &self.spec.data;
        let delimiter = data.delimiter.as_ref().and_then(|d| ruska::notation::delimiter(d).ok());
        ReadOptions { sheet: data.sheet.clone(), delimiter, ..ReadOptions::default() }
    }

    pub(crate) fn path(&self, relative: &str) -> String {
        if relative == "-" {
            relative.to_owned()
        } else {
            self.folder.join(relative).display().to_string()
        }
    }

    /// A path with date, time, job and version filled in, absolute.
    ///
    /// Fails when something else stands in braces.
    pub fn fill(&self, template: &str, now_ms: i64, version: u32) -> Result<String, Error> {
        let values = template::Values { now_ms, job: self.name(), version };
        let filled = template::fill(template, values)
            .map_err(|(at, why)| Error::Job(format!("{template}, character {at}: {why}")))?;
        Ok(self.path(&filled))
    }

    /// The options of a search on a table; rows for the comparison with the champion, whose cut-off
    /// is given, are kept from it.
    ///
    /// Fails when the time column is not there or holds no times.
    pub fn options(
        &self,
        table: &ReadTable,
        champion_cutoff: Option<i64>,
    ) -> Result<Options, Error> {
        let JobSpec { data, fit, promotion, .. } = &self.spec;
        let rows = match (&data.time_column, promotion.as_ref().map(|p| &p.test)) {
            (Some(column), _) => Some(Part::Time(self.stretch(table, column, champion_cutoff)?)),
            (None, Some(TestPart::Share(share))) => {
                Some(Part::AllBut { share: *share, group: data.group.clone() })
            }
            (None, _) => None,
        };
        Ok(Options {
            target: data.target.clone(),
            metric: fit.metric.clone(),
            prefer: fit.prefer,
            max_predict_us: fit.max_predict_us,
            single: fit.ensemble == Some(false),
            folds: fit.folds,
            group: data.group.clone(),
            time_column: data.time_column.clone(),
            weight: data.weight.clone(),
            exposure: data.exposure.clone(),
            ignore: data.ignore.clone(),
            sensitive: data.sensitive.clone(),
            drop_leaks: data.drop_leaks,
            positive: data.positive.clone(),
            types: self.types(),
            include: fit.include.clone(),
            exclude: fit.exclude.clone(),
            seed: fit.seed,
            reading: self.reading(),
            rows,
            ..Options::default()
        })
    }

    fn types(&self) -> BTreeMap<String, Kind> {
        let kinds = self.spec.data.types.iter();
        kinds.filter_map(|(column, kind)| Some((column.clone(), check::kind(kind)?))).collect()
    }

    /// The rows of a table that came last, `number` of some, in a job that goes by time; in any other all of these
    /// but those that every run keeps for comparisons.
    ///
    /// Fails when a column it goes by is not there.
    pub(crate) fn latest(
        &self,
        table: &ReadTable,
        rows: &[u32],
        number: usize,
    ) -> Result<Vec<u32>, Error> {
        if let Some(column) = &self.spec.data.time_column {
            let times = ruska::times_of(&table.frame, column)?;
            let mut rows = rows.to_vec();
            rows.sort_by_key(|row| std::cmp::Reverse(times[*row as usize]));
            rows.truncate(number);
            return Ok(rows);
        }
        let Some(part) = self.options(table, None)?.rows else { return Ok(rows.to_vec()) };
        let learned: BTreeSet<u32> = part.rows(table)?.into_iter().collect();
        Ok(rows.iter().copied().filter(|row| learned.contains(row)).collect())
    }

    /// The rows that the challenger learns from.
    fn stretch(
        &self,
        table: &ReadTable,
        column: &str,
        champion_cutoff: Option<i64>,
    ) -> Result<TimeRange, Error> {
        let mut times = ruska::times_of(&table.frame, column)?;
        if let Some(target) = table.frame.field(&self.spec.data.target) {
            // Nothing is learned from, or compared on, rows whose outcome is not known yet.
            let unknown = |row: &usize| target.column.is_missing(*row);
            (0..times.len()).filter(unknown).for_each(|row| times[row] = ruska::NO_VALUE);
        }
        let window = self.spec.data.window_ms();
        let range = |from_ms, until_ms| TimeRange { column: column.to_owned(), from_ms, until_ms };
        let Some(promotion) = &self.spec.promotion else {
            let newest = times.iter().max().copied().unwrap_or(ruska::NO_VALUE);
            return Ok(range(window.map(|w| newest.saturating_sub(w).saturating_add(1)), None));
        };
        let stretch =
            split::stretch(&times, window, &promotion.test, champion_cutoff, promotion.min_rows);
        let stretch = stretch.ok_or_else(|| {
            Error::Job(format!("no row has both a time in `{column}` and an outcome"))
        })?;
        Ok(range(stretch.from_ms, Some(stretch.until_ms)))
    }
}

/// The JSON Schema of job files (draft 2020-12), for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(JobSpec).to_value()
}
