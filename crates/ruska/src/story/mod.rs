//! Everything there is to tell of a study: what is recorded, and what its model makes of the table.
//!
//! ```text
//! store ─▶ events ─▶ leaderboard, progress, outlook
//!    └──▶ model ──┐
//! table ──────────┴─▶ profile, measures of rows held out, what drives it (or groups, or series)
//! ```
//!
//! A study can be told without its table, with less. What could not be told is named with its reason.

mod held_out;

use crate::error::Error;
use crate::evaluation::{Asked, Evaluation, Stakes, of_rows};
use crate::outcome::holdout;
use crate::outlook::{Outlook, curve};
use crate::setup::set_up;
use crate::study::Resumed;
use crate::words::file_name;
use crate::{
    DriverOptions, Drivers, Explanation, Forecast, Leaderboard, Model, SeriesExplanation, profile,
};
use ruska_core::{Event, StudyRecord, TaskKind, Timed};
use ruska_data::{Profile, ReadTable};
use ruska_store::{Digest, Store};
use std::collections::BTreeMap;

/// What is asked of a story beyond what is recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoryOptions {
    /// Where the table is now, if it has moved.
    pub data: Option<String>,
    /// What columns known ahead are in the periods to be told, of a forecasting model that needs them.
    pub future: Option<String>,
    /// What outcomes of decisions are worth.
    pub profit: Option<Stakes>,
}

/// A moment at which the best so far got better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Seconds of search until then, all runs together.
    pub seconds: f64,
    /// The best score by then, in the metric's usual direction.
    pub score: f64,
}

/// A study as it can be told to people.
pub struct Story {
    /// What was asked.
    pub record: StudyRecord,
    /// All trials, best first.
    pub leaderboard: Leaderboard,
    /// How the best score got better; empty for groups, of which nobody knows how good they could be.
    pub progress: Vec<Progress>,
    /// What more time or rows would bring.
    pub outlook: Outlook,
    /// Rows kept aside that were scored once at the end, and their scores by measure.
    pub holdout: Option<(u32, BTreeMap<String, f64>)>,
    /// Seconds of search, all runs together.
    pub seconds: f64,
    /// Number of the trial that gave the model, or that comes first in it.
    pub trial: Option<u32>,
    /// Digest of the model's file.
    saved: Option<Digest>,
    /// The model; `None` where the study has none yet.
    pub model: Option<Model>,
    /// What the table holds.
    pub profile: Option<Profile>,
    /// Measures of rows by models that had not seen them, classes and numbers only.
    pub held_out: Option<Evaluation>,
    /// What drives predictions, of classes and numbers.
    pub drivers: Option<Drivers>,
    /// The groups, where such were found.
    pub groups: Option<Explanation>,
    /// The series, where those are told ahead.
    pub series: Option<SeriesExplanation>,
    /// What could not be told, each with its reason.
    pub gaps: Vec<String>,
}

impl Story {
    /// Reads what a store keeps of a study, the latest where none is named, and tells what its model makes of
    /// its table.
    ///
    /// Fails when there is no such study, its record is of another version, a table that is named cannot be read
    /// or is not the one it learned from, or what is asked has no sense for it.
    pub fn of(store: &Store, study: Option<&str>, asked: &StoryOptions) -> Result<Self, Error> {
        let study = Resumed::load(store, study)?;
        let kind = study.record.meta.kind;
        for (option, given, fits) in [
            ("--profit", asked.profit.is_some(), kind == TaskKind::Classification),
            ("--future", asked.future.is_some(), kind == TaskKind::Forecasting),
        ] {
            if given && !fits {
                let what = format!("{option} has no sense for a study of {}", kind.name());
                return Err(Error::Options(what));
            }
        }
        let mut story = Self::recorded(&study, store)?;
        match story.table(&study, asked) {
            Ok(table) => story.tell(&study, store, &table, asked)?,
            Err(e) if asked.data.is_some() => return Err(e),
            Err(e) => {
                // A page is read elsewhere, where folders of this machine tell nobody anything.
                let why = e.to_string().replace(&story.record.data, file_name(&story.record.data));
                story.gaps.push(format!(
                    "the table could not be looked at, so nothing is told of its rows: {why}; give it with --table"
                ));
            }
        }
        Ok(story)
    }

    fn recorded(study: &Resumed, store: &Store) -> Result<Self, Error> {
        let (record, events) = (study.record.clone(), &study.events);
        let catalog = ruska_catalog::builtin();
        let leaderboard = Leaderboard::from_events(events, &catalog);
        let measure = catalog.measure(&record.metric);
        let points = measure.map_or(vec![], |measure| {
            let score = |(seconds, loss)| Progress { seconds, score: measure.score_of(loss) };
            curve(events).into_iter().map(score).collect()
        });
        let holdout = holdout(events).map(|(rows, scores)| (rows, scores.clone()));
        let mut gaps = vec![];
        let saved = events.iter().rev().find_map(|e| match &e.event {
            Event::ModelSaved { trial, model, .. } => {
                let digest = model.parse().ok().filter(|digest| store.has_blob(digest))?;
                Some((*trial, digest))
            }
            _ => None,
        });
        let model = match &saved {
            Some((_, digest)) => Some(Model::from_bytes(&store.get_blob(digest)?, &catalog)?),
            None => None,
        };
        if model.is_none() {
            gaps.push("the study has no final model yet; `ruska resume` makes one".to_owned());
        }
        Ok(Self {
            progress: better(&points),
            outlook: Outlook::from_events(events),
            seconds: seconds(events),
            trial: saved.as_ref().map(|(trial, _)| *trial),
            saved: saved.map(|(_, digest)| digest),
            record,
            leaderboard,
            holdout,
            model,
            profile: None,
            held_out: None,
            drivers: None,
            groups: None,
            series: None,
            gaps,
        })
    }

    /// The rows that the study learned from, the part kept aside included.
    fn table(&self, study: &Resumed, asked: &StoryOptions) -> Result<ReadTable, Error> {
        let record = &self.record;
        let options = study.options()?;
        let source = asked.data.as_deref().unwrap_or(&record.data);
        if asked.data.is_none() && matches!(source, "" | "-") {
            return Err(Error::Options("it was in no file".to_owned()));
        }
        let table = ruska_data::read(source, &options.reading)?;
        let table = match &options.rows {
            Some(part) => part.of(&table)?,
            None => table,
        };
        let got = ruska_data::fingerprint(&table.frame);
        if got == record.fingerprint {
            return Ok(table);
        }
        let (file, study) = (file_name(source), &record.name);
        Err(Error::Options(format!("{file} is not the table that study `{study}` learned from")))
    }

    /// Tells what needs the table.
    fn tell(
        &mut self,
        study: &Resumed,
        store: &Store,
        table: &ReadTable,
        asked: &StoryOptions,
    ) -> Result<(), Error> {
        let options = study.options()?;
        let target = Some(self.record.target.as_str()).filter(|target| !target.is_empty());
        let kind = self.record.meta.kind;
        let of_rows = matches!(kind, TaskKind::Classification | TaskKind::Regression);
        self.profile = Some(profile(table, target.filter(|_| of_rows), &options.types)?);
        let Some(model) = &self.model else { return Ok(()) };
        match kind {
            TaskKind::Clustering => self.groups = Some(model.explain(&table.frame)?),
            TaskKind::Forecasting => {
                let mut forecast = Forecast::new(model)?;
                if let Some(future) = &asked.future {
                    forecast = forecast.given(ruska_data::read(future, &options.reading)?.frame);
                }
                match forecast.explained(&table.frame, None, &[0.8, 0.95]) {
                    Ok(told) => self.series = Some(told),
                    Err(e) if asked.future.is_none() => {
                        self.gaps.push(format!("the forecasts could not be told: {e}"));
                    }
                    Err(e) => return Err(e),
                }
            }
            TaskKind::Classification | TaskKind::Regression => {
                let driven = DriverOptions { seed: self.record.seed, ..DriverOptions::default() };
                let drivers = model.drivers(&table.frame, &driven)?;
                self.drivers = Some(drivers);
                self.measure(study, store, table, asked)?;
            }
        }
        Ok(())
    }

    /// Measures what was predicted of rows held out.
    fn measure(
        &mut self,
        study: &Resumed,
        store: &Store,
        table: &ReadTable,
        asked: &StoryOptions,
    ) -> Result<(), Error> {
        let (Some(model), Some(digest)) = (&self.model, &self.saved) else { return Ok(()) };
        let mut options = study.options()?;
        options.rows = None;
        options.folds = Some(self.record.split.folds);
        let set_up = set_up(table, &options, &ruska_catalog::builtin(), self.record.seconds)?;
        let asked = Asked { profit: asked.profit.clone(), ..Asked::default() };
        let same = set_up.plan.fingerprint == self.record.split_fingerprint;
        let events = (&study.events[..], digest.to_string());
        let judged = held_out::judged(store, &events, model.manifest(), &set_up);
        match judged.filter(|_| same) {
            Some(judged) => {
                let told = of_rows(&judged, &table.frame, model.manifest(), &asked)?;
                self.held_out = Some(told);
            }
            None => self.gaps.push(
                "what the model says of rows that it has not seen is not kept, so it could not be judged by them"
                    .to_owned(),
            ),
        }
        Ok(())
    }
}

/// The moments at which the score changed, and the last.
fn better(points: &[Progress]) -> Vec<Progress> {
    let changed = points.windows(2).filter(|w| w[0].score != w[1].score).map(|w| w[1]);
    let mut kept: Vec<Progress> = points.first().copied().into_iter().chain(changed).collect();
    kept.extend(points.last().filter(|last| kept.last() != Some(last)));
    kept
}

/// Seconds from the start of each run to its last event, all runs together.
fn seconds(events: &[Timed]) -> f64 {
    let mut passed = 0;
    for pair in events.windows(2) {
        if !matches!(pair[1].event, Event::Started { .. }) {
            passed += (pair[1].at_ms - pair[0].at_ms).max(0);
        }
    }
    passed as f64 / 1000.0
}
