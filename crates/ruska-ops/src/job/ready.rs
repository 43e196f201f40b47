//! What is looked at before work is spent on a run that cannot end well.

use super::run::Setting;
use super::{Job, Promotion};
use crate::Error;
use crate::compare::Rule;
use crate::register;
use ruska::{ReadTable, Store, TaskKind};

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
