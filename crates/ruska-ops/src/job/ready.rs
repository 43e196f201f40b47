//! What is looked at before work is spent on a run that cannot end well.

use super::run::Setting;
use super::{Job, Promotion};
use crate::Error;
use crate::compare::Rule;
use crate::register;
use glob::{MatchOptions, Pattern};
use ruska::{BatchPlan, ReadTable, Store, TaskKind, Wanted, open_batches};
use std::path::{Component, Path, PathBuf};

/// Tells when the newest row is still to come, as one wrong date moves windows and comparisons.
pub(super) fn warn_of_the_future(job: &Job, table: &ReadTable, setting: &mut Setting<'_>) {
    let column = job.spec().data.time_column.as_ref();
    let times = column.and_then(|column| ruska::times_of(&table.frame, column).ok());
    let newest = times.and_then(|times| times.into_iter().max());
    if let (Some(column), Some(newest)) = (column, newest.filter(|t| *t > (setting.clock)())) {
        let date = ruska::time_text(newest);
        setting.watch.step(&format!(
            "`{column}` goes up to {date}, which is still to come; the window and the rows to \
             compare on are counted from there, so one wrong date leaves few of them"
        ));
    }
}

/// Refuses an environment that is not there, or in which every version stands anyway.
pub(super) fn check_environment(store: &Store, promotion: &Promotion) -> Result<(), Error> {
    let environments = store.environments()?;
    let environment = &promotion.environment;
    if register::place(&environments, environment)? == 0 {
        let others = environments[1..].join(", ");
        return Err(Error::Job(format!(
            "every version stands in `{environment}`, so nothing is promoted there; `environment` \
             of [promotion] can be: {others}"
        )));
    }
    Ok(())
}

/// Refuses a job whose model name answers another question already.
pub(super) fn check_question(store: &Store, job: &Job) -> Result<(), Error> {
    let state = register::known(store, job.name())?;
    let asked = &job.spec().data.target;
    match register::latest_facts(&state) {
        Some((version, facts)) if facts.target != *asked => Err(Error::Job(format!(
            "{}:{version} predicts `{}`, the job `{asked}`; give the job another name",
            job.name(),
            facts.target
        ))),
        _ => Ok(()),
    }
}

/// Refuses rules that can never be met, since their metric is one of another task.
pub(super) fn check_rules(promotion: &Promotion, task: TaskKind) -> Result<(), Error> {
    let catalog = ruska::builtin();
    let other = |rule: &&Rule| {
        let measure = catalog.measure(rule.measured());
        measure.is_some_and(|m| !m.info().is_for(task))
    };
    match promotion.rules.iter().find(other) {
        None => Ok(()),
        Some(rule) => {
            let fits = catalog.measures.iter().filter(|m| m.info().is_for(task));
            let fits: Vec<&str> = fits.map(|m| m.info().id).collect();
            Err(Error::Job(format!(
                "the rule `{rule}` cannot be met: `{}` is no metric of {}; there are {}",
                rule.measured(),
                task.name(),
                fits.join(", ")
            )))
        }
    }
}

/// Refuses what scoring would fail by after a run of the job: columns that its `input` lacks, where that
/// is there, and an `output` that is part of the training data. `now_ms`, milliseconds since 1970,
/// is filled in for dates.
///
/// Fails where something of `[predict]` cannot be used as it is now.
pub fn foresee(job: &Job, now_ms: i64) -> Result<(), Error> {
    let files = ruska::files(&job.train()).unwrap_or_default();
    scorable(job, &files, now_ms).map(|_| ())
}

/// The same before a search, for which the input must be there.
pub(super) fn check_scoring(job: &Job, table: &ReadTable, now_ms: i64) -> Result<(), Error> {
    match scorable(job, &table.files, now_ms)? {
        Some(input) => Err(Error::Job(format!("`input` of [predict]: there is no file {input}"))),
        None => Ok(()),
    }
}

/// Looks at what there is of input and output; gives the input where it is not there.
fn scorable(job: &Job, trained: &[PathBuf], now_ms: i64) -> Result<Option<String>, Error> {
    let Some(predict) = &job.spec().predict else { return Ok(None) };
    let input = job.fill(&predict.input, now_ms, 1)?;
    let absent = ruska::files(&input).map_err(ruska::Error::from)?.is_empty();
    for (key, columns) in [("keep", predict.keep.as_slice()), ("log", predict.log.as_slice())] {
        let wanted = columns.iter().fold(BatchPlan::new(), |plan, c| plan.want(c, Wanted::Raw));
        if !absent && !columns.is_empty() {
            // No row is read: a file that lacks a column is not opened.
            open_batches(&input, &job.reading(), &wanted, 1)
                .map_err(|why| Error::Job(format!("`{key}` of [predict]: {why}")))?;
        }
    }
    check_output(job, trained, &job.fill(&predict.output, now_ms, 1)?)?;
    Ok(absent.then_some(input))
}

/// Refuses an output that is, or the next time would be taken for, training data.
pub(super) fn check_output(job: &Job, trained: &[PathBuf], output: &str) -> Result<(), Error> {
    let train = job.train();
    let same = |file: &PathBuf| match (file.canonicalize(), Path::new(output).canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    };
    if falls_under(&train, output) || trained.iter().any(same) {
        return Err(Error::Job(format!("`output` of [predict]: {}", of_training(&train, output))));
    }
    Ok(())
}

/// What is wrong with an output that falls under the training data.
pub(super) fn of_training(train: &str, output: &str) -> String {
    format!("{output} would be part of the training data {train}; choose another place")
}

/// Whether a file would be one of those that a table, a folder or a pattern stands for; both relative to
/// the same folder.
pub(super) fn falls_under(train: &str, output: &str) -> bool {
    let (train, output) = (lexical(train), lexical(output));
    let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
    let matches = |pattern: Pattern| pattern.matches_path_with(&output, options);
    train == output
        || output.parent() == Some(&train)
        || Pattern::new(&train.to_string_lossy()).is_ok_and(matches)
}

/// A path without `.`, and without the folders that `..` leaves.
fn lexical(path: &str) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::falls_under;

    #[test]
    fn what_a_pattern_would_take_the_next_time_falls_under_it() {
        for (train, output) in [
            ("data/*.csv", "data/scores.csv"),
            ("data/*.csv", "./data/../data/scores.csv"),
            ("../j/data/m*.csv", "../j/data/m9.csv"),
            ("data", "data/scores.csv"),
            ("data/", "data/scores.csv"),
            ("data/**/*.csv", "data/a/b/scores.csv"),
            ("old.csv", "./old.csv"),
        ] {
            assert!(falls_under(train, output), "{train} {output}");
        }
        for (train, output) in [
            ("data/*.csv", "scores.csv"),
            ("data/*.csv", "data/scores/new.csv"),
            ("data/m*.csv", "data/scores.csv"),
            ("data", "data/scores/new.csv"),
            ("old.csv", "new.csv"),
        ] {
            assert!(!falls_under(train, output), "{train} {output}");
        }
    }
}
