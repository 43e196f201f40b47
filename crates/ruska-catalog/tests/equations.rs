//! The equations of linear models give what the models predict.
#![allow(clippy::unwrap_used)]

use ruska_core::{
    Column, Equation, FittedPipeline, Frame, Link, NeverStop, Params, Predictions, RunContext,
    StepSpec, Task,
};
use ruska_testkit::{pipeline_for, tasks::Recipe};

/// The value of a column that an equation names: a number, or 1 where `column=level` holds.
fn value(x: &Frame, column: &str, row: usize) -> f64 {
    if let Some(field) = x.field(column) {
        return field.floats().unwrap()[row];
    }
    let (of, level) = column.rsplit_once('=').unwrap();
    let Column::Str(texts) = &x.field(of).unwrap().column else { panic!("{of} has no levels") };
    f64::from(texts.get(row) == Some(level))
}

fn predictions(equation: &Equation, x: &Frame, width: usize) -> Predictions {
    let of = |row: usize| {
        let scores = equation.intercepts.iter().enumerate().map(|(k, intercept)| {
            let terms = equation.terms.iter();
            intercept + terms.map(|t| t.coefficients[k] * value(x, &t.column, row)).sum::<f64>()
        });
        let scores: Vec<f64> = scores.collect();
        match equation.link {
            Link::Identity => scores,
            Link::Log => scores.iter().map(|s| s.exp()).collect(),
            Link::Logit => {
                let one = 1.0 / (1.0 + (-scores[0]).exp());
                let mut both = vec![1.0 - one; 2];
                both[equation.classes[0] as usize] = one;
                both
            }
            Link::Softmax => {
                let total: f64 = scores.iter().map(|s| s.exp()).sum();
                scores.iter().map(|s| s.exp() / total).collect()
            }
        }
    };
    Predictions::new(width, (0..x.rows()).flat_map(of).collect())
}

fn fitted(task: &Task, learner: &str, more: &[&str]) -> FittedPipeline {
    let catalog = ruska_catalog::builtin();
    let mut candidate = pipeline_for(&catalog, catalog.learner(learner).unwrap().info(), task);
    for step in more {
        let spec = StepSpec { step: (*step).to_owned(), params: Params::new() };
        ruska_core::insert(&catalog, &mut candidate.steps, spec);
    }
    let rows: Vec<u32> = (0..task.rows() as u32).collect();
    let ctx = RunContext::new(1, &NeverStop);
    FittedPipeline::fit(&catalog, &candidate, task, &rows, &ctx).unwrap().0
}

#[test]
fn equations_are_in_the_columns_of_the_table() {
    let recipe = |r: Recipe| r.rows(300).numeric(3).levels(&[2, 5]).build();
    let (numbers, two, three) = (
        recipe(Recipe::regression(3)),
        recipe(Recipe::binary(4)),
        recipe(Recipe::multiclass(3, 5)),
    );
    let positive = {
        let mut task = numbers.clone();
        let ruska_core::Target::Values(y) = &task.target else { unreachable!() };
        let y: Vec<f64> = y.iter().map(|y| (y / 10.0).exp()).collect();
        task.target = ruska_core::Target::Values(y.into());
        task
    };
    let cases = [
        ("linear", &numbers, vec![]),
        ("linear", &two, vec!["min_max"]),
        ("linear", &three, vec![]),
        ("elastic_net", &numbers, vec![]),
        ("huber", &numbers, vec![]),
        ("quantile_linear", &numbers, vec![]),
        ("glm", &positive, vec![]),
    ];
    for (learner, task, more) in cases {
        let pipeline = fitted(task, learner, &more);
        let equation = pipeline.equation().unwrap();
        let told = predictions(&equation, &task.x, task.target.width());
        let made = pipeline.predict(&task.x).unwrap();
        for (a, b) in told.values().iter().zip(made.values()) {
            assert!((a - b).abs() < 1e-9 * b.abs().max(1.0), "{learner} {more:?}: {a}, {b}");
        }
    }
}

#[test]
fn what_is_bent_has_no_equation() {
    let task = Recipe::regression(3).rows(100).build();
    assert!(fitted(&task, "linear", &["yeo_johnson"]).equation().is_none());
    assert!(fitted(&task, "linear", &["robust_scale"]).equation().is_none());
    assert!(fitted(&task, "linear", &["transform_target"]).equation().is_none());
    assert!(fitted(&task, "gbdt", &[]).equation().is_none());
}
