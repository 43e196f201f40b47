//! What comes next, as a model tells it.

use super::prepare::{by_row, names, placed, places, stacked, times, unarranged};
use super::series::Series;
use crate::error::Error;
use crate::model::Model;
use crate::predict::ScoreStamp;
use ruska_core::{
    Column, Field, FittedPipeline, Frame, Kind, Panel, Predictions, SeriesRows, Target, Timelines,
};
use ruska_data::{OutputColumn, PredictionWriter};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Forecasts of a model, from what it knows or from newer values on.
pub struct Forecast<'a> {
    model: &'a Model,
    series: Series,
    /// The model's pipelines with the newer values, where there are any.
    newer: Option<Vec<Arc<FittedPipeline>>>,
}

impl<'a> Forecast<'a> {
    /// Of a model.
    ///
    /// Fails when the model tells no series ahead.
    pub fn new(model: &'a Model) -> Result<Self, Error> {
        let series = model.series().ok_or_else(|| {
            let what =
                "the model tells nothing of what comes next; it predicts the rows of a table";
            Error::Options(what.to_owned())
        })?;
        Ok(Self { model, series: series.clone(), newer: None })
    }

    /// From newer values on: a table like the one that was learned from, of which what the model does
    /// not know yet is taken in, without a new fit.
    ///
    /// Fails when the table has not the columns, or series that the model does not know.
    pub fn with(mut self, table: &Frame) -> Result<Self, Error> {
        let (panel, lines) = arranged(self.model, &self.series, table)?;
        let numbers = numbers(&self.series, &panel)?;
        let x = places(&lines, &numbers)?;
        for (run, number) in numbers.iter().enumerate() {
            let end = panel.series(run).last() + 1;
            if end > self.series.next[*number] {
                self.series.next[*number] = end;
                let low = lines.values[lines.span(run)].iter().any(|v| *v < 0.0);
                self.series.positive[*number] &= !low;
            }
        }
        let target = Target::Series(lines);
        let newer = self.model.pipelines().iter().map(|p| {
            let newer = p.with_newer(&x, &target).map(Arc::new);
            newer.ok_or_else(|| {
                let what = format!("`{}` takes in no newer values; fit a new model", p.learner);
                Error::Options(what)
            })
        });
        self.newer = Some(newer.collect::<Result<_, _>>()?);
        Ok(self)
    }

    /// The next values of each series: its name, the time, `prediction`, and for every level in (0, 1) the
    /// bounds `lower_80` and `upper_80` that as much is expected to lie between. `horizon` is the model's
    /// own when `None`.
    ///
    /// Fails when a level is out of range.
    pub fn table(&self, horizon: Option<usize>, levels: &[f64]) -> Result<Frame, Error> {
        if let Some(level) = levels.iter().find(|l| !(**l > 0.0 && **l < 1.0)) {
            let what = format!("--interval {level}: expected shares between 0 and 1, such as 0.8");
            return Err(Error::Options(what));
        }
        let horizon = horizon.unwrap_or(self.series.horizon);
        let (of_row, numbers) = self.numbers(horizon)?;
        let series = &self.series;
        let mut fields = vec![];
        if let Some(column) = &series.column {
            let codes = of_row.iter().map(|(s, _)| *s as u32).collect();
            let names = Column::text(codes, series.names.clone());
            fields.push(Field::new(column.as_str(), Kind::Categorical, names));
        }
        let period = |(s, step): &(usize, usize)| series.next[*s].saturating_add(*step as i64);
        let column = if series.counted {
            let times = of_row.iter().map(|row| series.frequency.time(period(row)));
            Column::Int(Arc::new(times.collect()))
        } else {
            Column::from_strings(of_row.iter().map(|row| Some(series.written(period(row)))))
        };
        fields.push(Field::new(series.time.as_str(), Kind::Categorical, column));
        let points = (0..numbers.rows()).map(|row| numbers.row(row)[0]).collect();
        fields.push(Field::new("prediction", Kind::Numeric, Column::float(points)));
        for level in levels {
            let name = format!("{}", (level * 1e4).round() / 100.0);
            for (side, at) in
                [("lower", (1.0 - level) / 2.0), ("upper", f64::midpoint(1.0, *level))]
            {
                let bound = self.quantiles(&of_row, &numbers, at);
                let name = format!("{side}_{name}");
                fields.push(Field::new(name, Kind::Numeric, Column::float(bound)));
            }
        }
        Ok(Frame::new(fields)?)
    }

    /// What the next values of each series stay below with a probability in (0, 1), one series after the
    /// other. `horizon` is the model's own when `None`.
    ///
    /// Fails when the level is out of range.
    pub fn quantile(&self, horizon: Option<usize>, level: f64) -> Result<Vec<f64>, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::Options(format!(
                "quantile {level}: expected a number between 0 and 1"
            )));
        }
        let (of_row, numbers) = self.numbers(horizon.unwrap_or(self.series.horizon))?;
        Ok(self.quantiles(&of_row, &numbers, level))
    }

    /// Writes [`Self::table`] to a file, with the stamp after it where one is given; `-` is CSV on stdout.
    /// Gives the number of rows.
    ///
    /// Fails as the table does, and when the file cannot be written.
    pub fn write(
        &self,
        output: &str,
        horizon: Option<usize>,
        levels: &[f64],
        stamp: Option<&ScoreStamp<'_>>,
    ) -> Result<u64, Error> {
        let mut table = self.table(horizon, levels)?;
        if let Some(stamp) = stamp {
            table = stamp.beside(&table)?;
        }
        let mut writer = PredictionWriter::create(output, &OutputColumn::of(&table))?;
        writer.write(&table)?;
        writer.finish()?;
        Ok(table.rows() as u64)
    }

    /// Series and step of each row, with point and spread.
    fn numbers(&self, horizon: usize) -> Result<(Vec<(usize, usize)>, Predictions), Error> {
        let series = &self.series;
        let of_row: Vec<(usize, usize)> =
            (0..series.names.len()).flat_map(|s| (0..horizon).map(move |h| (s, h))).collect();
        let period = |(s, h): &(usize, usize)| (series.next[*s] + *h as i64) as f64;
        let x = placed(
            of_row.iter().map(|(s, _)| *s as f64).collect(),
            of_row.iter().map(period).collect(),
        )?;
        let numbers = match &self.newer {
            Some(newer) => self.model.predict_by(newer, &x)?,
            None => self.model.predict_typed(&x)?,
        };
        Ok((of_row, numbers))
    }

    /// A quantile of what comes, for each row.
    fn quantiles(&self, of_row: &[(usize, usize)], numbers: &Predictions, level: f64) -> Vec<f64> {
        let bound = |(row, (s, step)): (usize, &(usize, usize))| {
            let said = numbers.row(row);
            let bound = said[0] + self.series.intervals.error(*s, *step, level, said[1]);
            if self.series.positive[*s] { bound.max(0.0) } else { bound }
        };
        of_row.iter().enumerate().map(bound).collect()
    }
}

/// The numbers by which a model knows the series of a panel.
pub(super) fn numbers(series: &Series, panel: &Panel) -> Result<Vec<usize>, Error> {
    let known: BTreeMap<&str, usize> =
        series.names.iter().enumerate().map(|(s, name)| (name.as_str(), s)).collect();
    let number = |key: &str| {
        known.get(key).copied().ok_or_else(|| {
            let way = "fit a new model on all series";
            Error::Options(format!("series `{key}` is none that the model knows; {way}"))
        })
    };
    panel.iter().map(|s| number(s.key)).collect()
}

/// The series of a table, as a model knows them.
pub(super) fn arranged(
    model: &Model,
    series: &Series,
    table: &Frame,
) -> Result<(Panel, Timelines), Error> {
    for column in [Some(&series.time), series.column.as_ref()].into_iter().flatten() {
        if table.field(column).is_none() {
            return Err(Error::Options(format!("column `{column}` is not there")));
        }
    }
    let (schema, _) = ruska_data::infer(table, &BTreeMap::new())?;
    let (_, times) = times(table, &schema, &series.time)?;
    let names = series.column.as_deref().map(|c| names(table, c)).transpose()?;
    let target = model.manifest().truth(table, &Target::Values(Arc::new(vec![])))?;
    let rows = SeriesRows::new(names.as_ref(), &times, &target.kept);
    let panel = rows.arrange(series.frequency, series.aggregate).map_err(|e| unarranged(&e))?;
    let lines = Timelines {
        seasons: series.seasons.clone(),
        season: series.season,
        ..stacked(&panel, &by_row(&target, table.rows()), series.horizon)
    };
    Ok((panel, lines))
}
