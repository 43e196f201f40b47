//! Checks of forecasters: learners of tasks of series.

pub(super) mod asking;
pub(super) mod beside;
pub(super) mod facts;
pub(super) mod newer;
pub(super) mod odd;
pub(super) mod panels;
pub(super) mod reach;
pub(super) mod stable;

use super::{LearnerCase, Outcome, ensure, must};
use crate::panels::{Panel, Recipe, asked};
use crate::pipeline_for;
use ruska_core::{
    Catalog, FitError, FittedPipeline, Learner, NeverStop, Params, PredictError, Predictions,
    RunContext,
};
use std::sync::Arc;

/// A forecaster under contract.
pub struct ForecasterCase {
    /// Where it comes from.
    pub catalog: Catalog,
    /// The forecaster.
    pub learner: Arc<dyn Learner>,
    /// Learns from all series together: a series too short to learn from, or another order of the series,
    /// may change what it says of others a little.
    pub global: bool,
    /// Tells the rate of a demand that is mostly 0, and nothing of trends, seasons or values below 0.
    pub demand: bool,
    /// Knows of no trend or no season.
    pub plain: bool,
}

impl ForecasterCase {
    /// The case of a forecaster of a catalog that learns from each series alone.
    ///
    /// Panics when the catalog has no such learner.
    pub fn new(catalog: Catalog, id: &str) -> Self {
        let learner = catalog.learner(id).expect("the catalog has the forecaster").clone();
        Self { catalog, learner, global: false, demand: false, plain: false }
    }

    /// The case of one that learns from all series together.
    #[must_use]
    pub fn of_all_series(self) -> Self {
        Self { global: true, ..self }
    }

    /// The case of one that tells the rate of a demand.
    #[must_use]
    pub fn of_demand(self) -> Self {
        Self { demand: true, ..self }
    }

    /// The case of one that knows of no trend or no season.
    #[must_use]
    pub fn plain(self) -> Self {
        Self { plain: true, ..self }
    }

    /// The forecaster under those checks of learners that hold for any task.
    fn as_learner(&self) -> LearnerCase {
        let (catalog, learner) = (self.catalog.clone(), self.learner.clone());
        LearnerCase { catalog, learner, exact: Params::new() }
    }

    /// Runs a check on panels with and without a season and with gaps, and on demand; the error names the
    /// panel.
    fn each(&self, check: impl Fn(&Panel) -> Outcome) -> Outcome {
        let panels = [
            ("a season", Recipe::new(21)),
            ("no season", Recipe::new(22).season(1)),
            ("gaps", Recipe::new(23).gaps(0.1)),
            ("demand", Recipe::new(24).demand()),
        ];
        for (what, recipe) in panels {
            check(&recipe.build()).map_err(|why| format!("{what}: {why}"))?;
        }
        Ok(())
    }

    fn fit_with(
        &self,
        panel: &Panel,
        params: &Params,
        ctx: &RunContext<'_>,
    ) -> Result<FittedPipeline, FitError> {
        let task = panel.task();
        let mut candidate = pipeline_for(&self.catalog, self.learner.info(), &task);
        candidate.params.clone_from(params);
        let rows: Vec<u32> = (0..task.rows() as u32).collect();
        Ok(FittedPipeline::fit(&self.catalog, &candidate, &task, &rows, ctx)?.0)
    }

    /// Fits default parameters, which must succeed.
    fn fit(&self, panel: &Panel) -> Result<FittedPipeline, String> {
        let ctx = RunContext::new(7, &NeverStop);
        must("fit", || self.fit_with(panel, &Params::new(), &ctx))
    }

    /// What is told of so many steps of each series after a fit.
    fn told(&self, panel: &Panel, steps: usize) -> Result<Told, String> {
        tell(&self.fit(panel)?, &panel.ahead(steps))
    }
}

/// Points and standard deviations of what was asked.
#[derive(Clone, Debug)]
struct Told {
    points: Vec<f64>,
    spreads: Vec<f64>,
}

/// Asks for these series and periods, which must succeed and be sound.
fn tell(model: &FittedPipeline, places: &[(usize, i64)]) -> Result<Told, String> {
    let p = must("predict", || ask(model, places))?;
    ensure!(p.width() == 2, "predictions have width {}, not 2", p.width());
    ensure!(p.rows() == places.len(), "{} rows are told, not {}", p.rows(), places.len());
    for (row, (series, period)) in places.iter().enumerate() {
        let (point, spread) = (p.row(row)[0], p.row(row)[1]);
        let sound = point.is_finite() && spread.is_finite() && spread >= 0.0;
        ensure!(sound, "period {period} of series {series} is told to be {point} ± {spread}");
    }
    let column = |k| p.values().iter().skip(k).step_by(2).copied().collect();
    Ok(Told { points: column(0), spreads: column(1) })
}

/// Asks for these series and periods.
fn ask(model: &FittedPipeline, places: &[(usize, i64)]) -> Result<Predictions, PredictError> {
    model.predict(&asked(places))
}

/// Points and spreads have the same bits.
fn same(what: &str, a: &Told, b: &Told) -> Outcome {
    ensure!(a.points.len() == b.points.len(), "{what}: other numbers of rows are told");
    for (i, (x, y)) in pairs(a).zip(pairs(b)).enumerate() {
        let same = x.0.to_bits() == y.0.to_bits() && x.1.to_bits() == y.1.to_bits();
        ensure!(same, "{what}: row {i} is told to be {x:?} and {y:?}");
    }
    Ok(())
}

/// Points and spreads differ by at most a share of the spread, and as much of the value as rounding does.
fn alike(what: &str, a: &Told, b: &Told, share: f64) -> Outcome {
    for (i, (x, y)) in pairs(a).zip(pairs(b)).enumerate() {
        let most = share * y.1 + 1e-6 * y.0.abs();
        let near = (x.0 - y.0).abs() <= most && (x.1 - y.1).abs() <= most;
        ensure!(near, "{what}: row {i} is told to be {x:?} and {y:?}");
    }
    Ok(())
}

fn pairs(told: &Told) -> impl Iterator<Item = (f64, f64)> + '_ {
    told.points.iter().copied().zip(told.spreads.iter().copied())
}

impl Told {
    /// The rows of the given places.
    fn pick(&self, rows: &[usize]) -> Self {
        let pick = |v: &[f64]| rows.iter().map(|r| v[*r]).collect();
        Self { points: pick(&self.points), spreads: pick(&self.spreads) }
    }

    /// Both multiplied.
    fn times(&self, factor: f64) -> Self {
        let times = |v: &[f64]| v.iter().map(|v| v * factor).collect();
        Self { points: times(&self.points), spreads: times(&self.spreads) }
    }
}
