//! Exposure: what pipelines learn and predict when the target was counted over something.
#![allow(clippy::unwrap_used)]

use ruska_catalog::builtin;
use ruska_core::{
    Candidate, Column, Field, FittedPipeline, Frame, Kind, NeverStop, Params, PredictError,
    RunContext, Target, Task, TaskError, Value,
};
use std::sync::Arc;

/// Claims of two kinds of policies over the years they ran.
const YEARS: [f64; 8] = [0.5, 1.0, 2.0, 0.25, 1.5, 1.0, 3.0, 0.75];
const KIND: [f64; 8] = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
const CLAIMS: [f64; 8] = [0.0, 1.0, 1.0, 0.0, 2.0, 0.0, 5.0, 1.0];

fn frame(kind: &[f64], years: &[f64]) -> Frame {
    let field = |name: &str, v: &[f64]| Field::new(name, Kind::Numeric, Column::float(v.to_vec()));
    Frame::new(vec![field("kind", kind), field("years", years)]).unwrap()
}

fn task(exposure: Option<&str>) -> Task {
    let target = Target::Values(Arc::new(CLAIMS.to_vec()));
    let task = Task::new(frame(&KIND, &YEARS), target).unwrap();
    exposure.map_or(task.clone(), |column| task.with_exposure(column).unwrap())
}

fn fit(task: &Task, learner: &str, params: &[(&str, f64)]) -> FittedPipeline {
    let params: Params = params.iter().map(|(k, v)| ((*k).to_owned(), Value::Float(*v))).collect();
    let candidate = Candidate { steps: vec![], learner: learner.to_owned(), params };
    let rows: Vec<u32> = (0..task.rows() as u32).collect();
    let ctx = RunContext::new(1, &NeverStop);
    FittedPipeline::fit(&builtin(), &candidate, task, &rows, &ctx).unwrap().0
}

/// The maximum of the Poisson likelihood with an offset: claims over years, kind by kind.
fn rate(kind: f64) -> f64 {
    let of_kind = |v: &[f64; 8]| -> f64 {
        v.iter().zip(KIND).filter(|(_, k)| *k == kind).map(|(v, _)| v).sum()
    };
    of_kind(&CLAIMS) / of_kind(&YEARS)
}

#[test]
fn a_poisson_fit_is_claims_over_years() {
    let pipeline = fit(&task(Some("years")), "glm", &[("penalty", 0.0), ("tolerance", 1e-10)]);
    let later = frame(&[0.0, 1.0, 1.0], &[1.0, 1.0, 10.0]);
    let predicted = pipeline.predict(&later).unwrap();
    let expected = [rate(0.0), rate(1.0), 10.0 * rate(1.0)];
    for (got, want) in predicted.values().iter().zip(expected) {
        assert!((got - want).abs() < 1e-6 * want, "{got} for {want}");
    }
}

#[test]
fn the_constant_and_trees_are_rates_too_and_files_keep_the_column() {
    let task = task(Some("years"));
    let all = CLAIMS.iter().sum::<f64>() / YEARS.iter().sum::<f64>();
    let constant = fit(&task, "baseline", &[]).predict(&task.x).unwrap();
    for (got, years) in constant.values().iter().zip(YEARS) {
        assert!((got - all * years).abs() < 1e-9, "{got} for {years} years");
    }
    let tree = fit(&task, "tree", &[]);
    let loaded = FittedPipeline::load(&builtin(), &tree.save()).unwrap();
    let double = frame(&KIND, &YEARS.map(|y| 2.0 * y));
    let (once, twice) = (tree.predict(&task.x).unwrap(), loaded.predict(&double).unwrap());
    for (a, b) in once.values().iter().zip(twice.values()) {
        assert!((2.0 * a - b).abs() < 1e-12, "{a} doubled is {b}");
    }
}

#[test]
fn what_is_no_exposure_is_refused_with_its_row() {
    let pipeline = fit(&task(Some("years")), "glm", &[]);
    for (years, said) in [(0.0, "0"), (-1.0, "-1"), (f64::NAN, "no value")] {
        let error = pipeline.predict(&frame(&[0.0, 1.0], &[1.0, years])).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("`years`") && text.contains(said) && text.contains("row 2"),
            "{text}"
        );
        let target = Target::Values(Arc::new(vec![1.0, 1.0]));
        let task = Task::new(frame(&[0.0, 1.0], &[1.0, years]), target).unwrap();
        let refused = task.with_exposure("years").unwrap_err();
        assert!(matches!(refused, TaskError::BadExposure { row: 1, .. }), "{refused}");
    }
    let without = frame(&[0.0], &[1.0]).select(|f| &*f.name == "kind");
    let missing = PredictError::MissingColumn { column: "years".into() };
    assert_eq!(pipeline.predict(&without).unwrap_err(), missing);
    let classes = Target::Classes {
        codes: Arc::new(vec![0, 1]),
        classes: Arc::new(vec!["a".into(), "b".into()]),
        positive: 1,
    };
    let of_classes = Task::new(frame(&[0.0, 1.0], &[1.0, 1.0]), classes).unwrap();
    assert_eq!(of_classes.with_exposure("years").unwrap_err(), TaskError::ExposureOfClasses);
}

#[test]
fn exposure_is_no_feature() {
    assert_eq!(task(None).meta().numeric, 2);
    assert_eq!(task(Some("years")).meta().numeric, 1);
}
