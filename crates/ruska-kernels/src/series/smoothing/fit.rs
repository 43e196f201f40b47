//! From a series to a fitted model of one form.

use super::form::{Component, Form, Trend};
use super::layout::Layout;
use super::pass::Problem;
use super::search::{Room, Search};
use super::start::Adjusted;
use super::step::{Line, Rates};
use super::{LEAST_ERROR, LONGEST_SEASON, Smoothing, States};
use crate::{Progress, Stopped};

/// Steps of a search.
const STEPS: u32 = 60;
/// How far above the best end of a search another start may lie to be searched from as well.
const WORTH: f64 = 60.0;
/// Smoothing where there are too few values to estimate it.
const UNKNOWN_RATE: f64 = 0.5;

/// A series by a power of two, so that nothing is rounded.
pub(super) struct Scaled {
    pub(super) values: Vec<f64>,
    pub(super) scale: f64,
    /// Steps of its season; one where it has none that a form may take.
    pub(super) period: usize,
}

impl Scaled {
    pub(super) fn new(values: &[f64], period: usize) -> Self {
        assert!(!values.is_empty(), "a series has values");
        let greatest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        let power = f64::from_bits(greatest.to_bits() & (0x7ff << 52));
        let scale = if greatest == 0.0 { 1.0 } else { power.max(f64::MIN_POSITIVE) };
        let short = values.len() <= period || values.len() < 4;
        let period = if period > LONGEST_SEASON || short { 1 } else { period.max(1) };
        Self { values: values.iter().map(|v| v / scale).collect(), scale, period }
    }

    /// Whether the form can be estimated from the series.
    pub(super) fn admits(&self, form: Form) -> bool {
        (form.season.is_none() || self.period > 1)
            && (!form.is_positive() || self.values.iter().all(|v| *v > 0.0))
            && form.parameters(self.period) + 1 < self.values.len()
    }

    /// The form, or the richest simpler one that the series admits.
    pub(super) fn nearest(&self, form: Form) -> Form {
        let positive = self.values.iter().all(|v| *v > 0.0);
        let additive = |c: Component| if positive { c } else { Component::Additive };
        let season = form.season.filter(|_| self.period > 1).map(additive);
        let full = Form { error: additive(form.error), season, ..form };
        let undamped = match full.trend {
            Trend::Damped => Trend::Additive,
            other => other,
        };
        let simpler = [
            full,
            Form { trend: undamped, ..full },
            Form { trend: Trend::None, ..full },
            Form { season: None, ..full },
            Form { trend: undamped, season: None, ..full },
            Form { trend: Trend::None, season: None, ..full },
        ];
        simpler.into_iter().find(|f| self.admits(*f)).unwrap_or(Form::SIMPLE)
    }

    pub(super) fn layout(&self, form: Form) -> Layout {
        Layout::new(form, self.period)
    }

    pub(super) fn problem(&self, form: Form) -> Problem<'_> {
        let least = self.values.len() as f64 * LEAST_ERROR;
        Problem { values: &self.values, layout: self.layout(form), least }
    }

    /// What the criterion adds to `−2·log L` for the form's numbers and the variance.
    pub(super) fn penalty(&self, form: Form) -> f64 {
        penalty(self.values.len(), form.parameters(self.period) + 1)
    }
}

/// Akaike's penalty for `k` numbers estimated from `n` values, corrected for few of them; infinite
/// where there are too few.
pub(super) fn penalty(n: usize, k: usize) -> f64 {
    if n <= k + 1 {
        return f64::INFINITY;
    }
    let (n, k) = (n as f64, k as f64);
    2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

/// The work on one series: forms share the room and the adjusted values.
pub(super) struct Fitter<'a> {
    pub(super) series: &'a Scaled,
    pub(super) progress: &'a dyn Progress,
    room: Room,
    /// Without a season, with an additive one, with a multiplicative one.
    adjusted: [Option<Adjusted>; 3],
}

impl<'a> Fitter<'a> {
    pub(super) fn new(series: &'a Scaled, progress: &'a dyn Progress) -> Self {
        Self { series, progress, room: Room::default(), adjusted: [None, None, None] }
    }

    /// The most likely point of a form, and `−2·log L` there. A form that will not come below
    /// `beat` is given up early.
    pub(super) fn search(&mut self, form: Form, beat: f64) -> Result<(Vec<f64>, f64), Stopped> {
        let [slow, fast] = [false, true].map(|fast| self.start(form, fast));
        let (mut at, mut value) = self.improve(form, slow, beat)?;
        let other = self.series.problem(form).value(&fast, &mut self.room.run);
        if other < value.min(beat) + WORTH {
            let (end, reached) = self.improve(form, fast, beat.min(value))?;
            if reached < value {
                (at, value) = (end, reached);
            }
        }
        Ok((at, value))
    }

    fn improve(
        &mut self,
        form: Form,
        mut at: Vec<f64>,
        beat: f64,
    ) -> Result<(Vec<f64>, f64), Stopped> {
        let problem = self.series.problem(form);
        let mut search = Search { problem, room: &mut self.room, progress: self.progress, beat };
        let value = search.improve(&mut at, STEPS)?;
        Ok((at, value))
    }

    /// Where a search starts: states by rule; where the form makes no sense there, a level alone.
    fn start(&mut self, form: Form, fast: bool) -> Vec<f64> {
        let layout = self.series.layout(form);
        let place = form.season.map_or(0, |s| 1 + s as usize);
        let make = || Adjusted::new(&self.series.values, self.series.period, form.season);
        let adjusted = self.adjusted[place].get_or_insert_with(make);
        let rates = layout.first_rates(fast);
        let at = layout.point(rates, adjusted.line(form.trend), &adjusted.season);
        let problem = self.series.problem(form);
        if problem.value(&at, &mut self.room.run).is_finite() {
            return at;
        }
        let flat = adjusted.line(Trend::None);
        let at = layout.point(rates, flat, &adjusted.season);
        if problem.value(&at, &mut self.room.run).is_finite() {
            return at;
        }
        let none = if form.season == Some(Component::Multiplicative) { 1.0 } else { 0.0 };
        layout.point(rates, flat, &vec![none; layout.period])
    }
}

/// A model at a point, run over the series.
pub(super) fn model(series: &Scaled, form: Form, at: &[f64]) -> Smoothing {
    let layout = series.layout(form);
    let line = layout.line(at);
    let mut season = Vec::new();
    layout.season_into(at, &mut season);
    Smoothing::at_start(series, layout, layout.rates(at), States::new(line, season))
}

/// Simple smoothing from the first value at a rate that is not estimated, for the shortest series.
pub(super) fn short(series: &Scaled) -> Smoothing {
    let layout = Layout::new(Form::SIMPLE, 1);
    let rates = Rates { alpha: UNKNOWN_RATE, beta: 0.0, gamma: 0.0, phi: 1.0 };
    let line = Line { level: series.values[0], slope: 0.0 };
    Smoothing::at_start(series, layout, rates, States::new(line, vec![0.0]))
}
