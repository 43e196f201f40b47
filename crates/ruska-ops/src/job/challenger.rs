//! The search of a run: a study of its own, which an earlier attempt may have begun or ended.

use super::Job;
use super::run::{Setting, Watch};
use crate::Error;
use crate::register;
use ruska::register::JobStart;
use ruska::{AutoMl, Event, Model, ReadTable, Store, Timed};
use std::time::Duration;

/// Time that a search is given at least when it goes on.
const LEAST_TIME: Duration = Duration::from_secs(2);

/// The model that the run's study gives: of a study that has ended, the one it saved.
pub(super) fn challenger(
    store: &Store,
    job: &Job,
    table: &ReadTable,
    start: &JobStart,
    setting: &mut Setting<'_>,
) -> Result<Model, Error> {
    let events = store.events_if_any(&start.study)?;
    if let Some(digest) = finished(&events) {
        let bytes = store.get_blob(&digest.parse()?)?;
        let model = Model::from_bytes(&bytes, &ruska::builtin());
        return Ok(model.map_err(ruska::Error::from)?);
    }
    let mut search = if events.is_empty() {
        let cutoff = champion_cutoff(store, job)?;
        AutoMl::with_options(job.options(table, cutoff)?)
            .store(store.dir())
            .study(&start.study)
            .data(&job.train())
    } else {
        AutoMl::resume(store.dir(), Some(&start.study))?
    };
    let fit = &job.spec().fit;
    if let Some(time) = fit.time() {
        search = search.time(time.saturating_sub(spent(&events)).max(LEAST_TIME));
    }
    if let Some(trials) = fit.trials {
        search = search.trials(trials);
    }
    if let Some(memory) = fit.memory() {
        search = search.memory(memory);
    }
    if let Some(workers) = setting.workers {
        search = search.workers(workers);
    }
    let watch = std::sync::Mutex::new(&mut *setting.watch);
    let tell = |what: &dyn Fn(&mut dyn Watch)| {
        what(&mut **watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    };
    let outcome = search
        .cancel(&setting.cancel)
        .on_findings(|line, findings| tell(&|watch| watch.data(line, findings)))
        .on_event(|event| tell(&|watch| watch.event(event)))
        .fit_read(table)?;
    if outcome.why() == "stopped" {
        return Err(Error::Stopped);
    }
    Ok(outcome.into_best())
}

/// Time that earlier attempts have spent on a study: all but the gaps before a process began.
fn spent(events: &[Timed]) -> Duration {
    let began = |event: &Event| matches!(event, Event::Started { .. });
    let worked = events.windows(2).filter(|pair| !began(&pair[1].event));
    let ms: i64 = worked.map(|pair| pair[1].at_ms - pair[0].at_ms).sum();
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// Digest of the model of a study that has ended by itself.
fn finished(events: &[Timed]) -> Option<&str> {
    let Event::Ended { why } = &events.last()?.event else { return None };
    if why == "stopped" {
        return None;
    }
    events.iter().rev().find_map(|e| match &e.event {
        Event::ModelSaved { model, .. } => Some(model.as_str()),
        _ => None,
    })
}

/// Up to when the champion has learned, where it goes by a time.
fn champion_cutoff(store: &Store, job: &Job) -> Result<Option<i64>, Error> {
    let Some(promotion) = &job.spec().promotion else { return Ok(None) };
    let state = register::known(store, job.name())?;
    let champion = state.champion(&promotion.environment);
    let version = champion.and_then(|number| state.versions.get(&number));
    Ok(version.and_then(|v| v.version.facts.cutoff_ms))
}
