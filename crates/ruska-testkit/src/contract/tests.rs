//! The contract holds for the fakes, and what breaks it is caught.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::{DebugLearner, Preset, fake_catalog};
use ruska_core::{
    Cost, FitError, FittedModel, Fold, Frame, Learner, LearnerInfo, LoadError, Measure,
    MeasureError, MeasureInfo, Need, Params, PredictError, Predictions, Preprocessor, RunContext,
    Space, SplitError, SplitInput, SplitParams, Splitter, SplitterInfo, Stage, Step, StepInfo,
    StepInput, TaskMeta, Train, TransformStep, Truth, Value,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

mod learners {
    use super::*;

    mod debug {
        use super::*;
        learner_contract!(LearnerCase::new(fake_catalog(), "debug", [].into()));
    }

    mod mean {
        use super::*;
        learner_contract!(LearnerCase::new(fake_catalog(), "mean", [].into()));
    }

    mod line {
        use super::*;
        learner_contract!(LearnerCase::new(fake_catalog(), "line", [].into()));
    }
}

mod steps {
    use super::*;

    mod codes {
        use super::*;
        step_contract!(StepCase::new(&fake_catalog(), "codes"));
    }

    mod fill {
        use super::*;
        step_contract!(StepCase::new(&fake_catalog(), "fill"));
    }
}

mod measures {
    use super::*;

    mod logloss {
        use super::*;
        measure_contract!(MeasureCase::new(&fake_catalog(), "logloss"));
    }

    mod accuracy {
        use super::*;
        measure_contract!(MeasureCase::new(&fake_catalog(), "accuracy"));
    }

    mod auc {
        use super::*;
        measure_contract!(MeasureCase::new(&fake_catalog(), "auc"));
    }

    mod rmse {
        use super::*;
        measure_contract!(MeasureCase::new(&fake_catalog(), "rmse"));
    }
}

mod kfold {
    use super::*;
    splitter_contract!(SplitterCase::new(&fake_catalog(), "kfold", &[]));
}

/// The checks that a debug learner with preset misbehaviour fails.
fn broken<const N: usize>(preset: [(&str, Value); N]) -> Vec<&'static str> {
    let mut catalog = fake_catalog();
    catalog.learners.push(Arc::new(Preset::new("broken", Arc::new(DebugLearner), preset)));
    let case = LearnerCase::new(catalog, "broken", [].into());
    failures(LEARNER_CHECKS, &case)
}

#[test]
fn misbehaviour_is_caught() {
    assert!(broken([]).is_empty());
    let has = |failed: &[&str], name| failed.contains(&name);
    assert!(has(&broken([("panic", 1.0.into())]), "points_of_the_space_fit"));
    assert!(has(&broken([("error", 1.0.into())]), "defaults_fit"));
    assert!(has(&broken([("nan", 1.0.into())]), "infinities"));
    assert!(has(&broken([("quality", 0.05.into())]), "beats_the_constant"));
    let deaf = [("cooperative", false.into()), ("work", 1e8.into())];
    assert_eq!(broken(deaf), ["stops_when_told"]);
}

/// Asks whether to wrap up, and goes on.
struct Stubborn;

impl Learner for Stubborn {
    fn info(&self) -> &LearnerInfo {
        Learner::info(&DebugLearner)
    }
    fn space(&self, meta: &TaskMeta) -> Space {
        Learner::space(&DebugLearner, meta)
    }
    fn cost(&self, params: &Params, meta: &TaskMeta) -> Result<Cost, FitError> {
        Learner::cost(&DebugLearner, params, meta)
    }
    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Box<dyn FittedModel>, FitError> {
        for _ in 0..5 {
            let _ = ctx.wrap_up();
        }
        Learner::fit(&DebugLearner, params, train, ctx)
    }
    fn refit(&self, params: &Params, iterations: &[u32], growth: f64) -> Result<Params, FitError> {
        Learner::refit(&DebugLearner, params, iterations, growth)
    }
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedModel>, LoadError> {
        Learner::load(&DebugLearner, bytes)
    }
}

#[test]
fn a_fit_that_does_not_wrap_up_is_caught() {
    let mut catalog = fake_catalog();
    catalog.learners.retain(|l| l.info().id != "debug");
    catalog.learners.push(Arc::new(Stubborn));
    let case = LearnerCase::new(catalog, "debug", [].into());
    assert_eq!(failures(LEARNER_CHECKS, &case), ["wraps_up_when_told"]);
}

/// Names of the checks that a case fails.
fn failures<C>(checks: &[Check<C>], case: &C) -> Vec<&'static str> {
    checks.iter().filter(|(_, check)| check(case).is_err()).map(|(name, _)| *name).collect()
}

/// Calls a fit with other training data than are given.
type Warp = fn(Train<'_>, &dyn Fn(Train<'_>));

/// A learner that is given other training data than it was asked to learn from.
struct Warped(Warp);

impl Learner for Warped {
    fn info(&self) -> &LearnerInfo {
        Learner::info(&DebugLearner)
    }
    fn space(&self, meta: &TaskMeta) -> Space {
        Learner::space(&DebugLearner, meta)
    }
    fn cost(&self, params: &Params, meta: &TaskMeta) -> Result<Cost, FitError> {
        Learner::cost(&DebugLearner, params, meta)
    }
    fn fit(
        &self,
        params: &Params,
        train: Train<'_>,
        ctx: &RunContext<'_>,
    ) -> Result<Box<dyn FittedModel>, FitError> {
        let model = std::cell::RefCell::new(None);
        (self.0)(train, &|train| {
            *model.borrow_mut() = Some(Learner::fit(&DebugLearner, params, train, ctx));
        });
        model.into_inner().unwrap()
    }
    fn refit(&self, params: &Params, iterations: &[u32], growth: f64) -> Result<Params, FitError> {
        Learner::refit(&DebugLearner, params, iterations, growth)
    }
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn FittedModel>, LoadError> {
        Learner::load(&DebugLearner, bytes)
    }
}

fn warped(warp: Warp) -> Vec<&'static str> {
    let mut catalog = fake_catalog();
    catalog.learners = vec![Arc::new(Warped(warp))];
    failures(LEARNER_CHECKS, &LearnerCase::new(catalog, "debug", [].into()))
}

#[test]
fn a_learner_that_looks_at_other_rows_is_caught() {
    let failed = warped(|train, fit| {
        let all: Vec<u32> = (0..train.x.rows() as u32).collect();
        fit(Train { rows: &all, ..train });
    });
    for name in ["other_rows_are_not_looked_at", "one_class", "absent_class"] {
        assert!(failed.contains(&name), "{name} is not among {failed:?}");
    }
}

#[test]
fn a_learner_that_declares_weights_and_ignores_them_is_caught() {
    let failed = warped(|train, fit| fit(Train { weights: None, ..train }));
    assert_eq!(failed, ["weight_is_repetition"]);
}

/// Fills with the mean over all rows; declares to encode categoricals, too.
struct Leaky;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mean(Vec<f64>);

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParams {}

impl Preprocessor for Leaky {
    type Params = NoParams;
    type State = Mean;
    const INFO: StepInfo = StepInfo {
        id: "leaky",
        summary: "fills with the mean over all rows",
        stage: Stage::Encode,
        closes: &[Need::FewLevels],
        suits: None,
        reference: "none",
    };
    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }
    fn fit(&self, _: &NoParams, i: StepInput<'_>, _: &RunContext<'_>) -> Result<Mean, FitError> {
        let mean = |v: &[f64]| v.iter().filter(|v| v.is_finite()).sum::<f64>() / v.len() as f64;
        Ok(Mean(i.x.fields().iter().filter_map(|f| f.floats()).map(mean).collect()))
    }
}

impl TransformStep for Mean {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        Ok(x.clone())
    }
}

#[test]
fn a_step_that_leaks_or_closes_nothing_is_caught() {
    let step: Arc<dyn Step> = Arc::new(Leaky);
    let failed = failures(STEP_CHECKS, &StepCase { step });
    assert_eq!(failed, ["closes_what_it_declares", "other_rows_are_not_looked_at"]);
}

/// A measure that ignores weights and rewards errors.
struct Upside;

impl Measure for Upside {
    fn info(&self) -> &MeasureInfo {
        crate::Rmse.info()
    }
    fn score(&self, t: &Truth, p: &Predictions, _: Option<&[f64]>) -> Result<f64, MeasureError> {
        crate::Rmse.score(t, p, None).map(|s| 1.0 / (1.0 + s))
    }
}

#[test]
fn a_measure_that_ignores_weights_or_rewards_errors_is_caught() {
    let failed = failures(MEASURE_CHECKS, &MeasureCase { measure: Arc::new(Upside) });
    let expected = ["perfect_is_the_optimum", "weight_is_repetition", "unequal_rows_are_refused"];
    assert_eq!(failed, expected);
}

/// A splitter that trains on every row.
struct Overlapping;

impl Splitter for Overlapping {
    fn info(&self) -> &SplitterInfo {
        crate::KFold.info()
    }
    fn split(&self, input: SplitInput<'_>, params: &SplitParams) -> Result<Vec<Fold>, SplitError> {
        let mut folds = crate::KFold.split(input, params)?;
        folds.iter_mut().for_each(|f| f.train = (0..input.rows as u32).collect());
        Ok(folds)
    }
}

#[test]
fn a_splitter_that_breaks_its_promises_is_caught() {
    let splitter: Arc<dyn Splitter> = Arc::new(Overlapping);
    let failed = failures(SPLITTER_CHECKS, &SplitterCase { splitter, respects: &[] });
    assert!(failed.contains(&"training_and_test_rows_are_disjoint"), "{failed:?}");
    assert!(failed.contains(&"partition_is_as_declared"), "{failed:?}");
    let all = &[Role::Classes, Role::Groups, Role::Times];
    let case = SplitterCase { splitter: Arc::new(crate::KFold), respects: all };
    let promised = ["classes_are_spread_evenly", "groups_are_not_divided", "time_order_is_kept"];
    assert_eq!(failures(SPLITTER_CHECKS, &case), promised);
}
