//! The additive model against functions that are known, and its shapes against its predictions.
use super::*;
use ruska_core::{FittedPipeline, Link, Places, Rng, Shape, Shapes, Task};
use ruska_testkit::pipeline_for;

/// Rows of so many numbers, uniform in −1..1.
fn uniform(n: usize, width: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = Rng::new(seed);
    (0..n).map(|_| (0..width).map(|_| 2.0 * rng.unit() - 1.0).collect()).collect()
}

fn shapes_of(p: &Params, rows: &[Vec<f64>], y: &Target) -> Shapes {
    try_fit("gam", p, &frame(rows), y, None).unwrap().shapes().unwrap()
}

/// Its score at a value.
fn at(shape: &Shape, value: f64) -> f64 {
    shape.at(&[shape.axes[0].place(value)])[0]
}

fn columns(shape: &Shape) -> Vec<&str> {
    shape.axes.iter().map(|a| &*a.column).collect()
}

/// The scores of a row by hand, in the order of the terms.
fn scores(shapes: &Shapes, names: &[&str], row: &[f64]) -> Vec<f64> {
    let mut scores = shapes.intercept.clone();
    for shape in &shapes.terms {
        let value = |column: &str| row[names.iter().position(|n| *n == column).unwrap()];
        let places: Vec<usize> = shape.axes.iter().map(|a| a.place(value(&a.column))).collect();
        scores.iter_mut().zip(shape.at(&places)).for_each(|(s, v)| *s += v);
    }
    scores
}

#[test]
fn an_additive_function_is_found_term_by_term() {
    let rows = uniform(4000, 3, 1);
    let y: Vec<f64> = rows.iter().map(|r| (3.0 * r[0]).sin() + 2.0 * r[1].powi(2) + 5.0).collect();
    let shapes = shapes_of(&params([("pairs", 0.into())]), &rows, &values(&y));
    assert_eq!(shapes.link, Link::Identity);
    assert_eq!(shapes.terms.len(), 3);
    for x in [-0.9, -0.5, 0.0, 0.3, 0.8] {
        // The mean of x² on −1..1 is a third.
        let expected = [(3.0f64 * x).sin(), 2.0 * (x * x - 1.0 / 3.0), 0.0];
        for (shape, expected) in shapes.terms.iter().zip(expected) {
            assert!(
                (at(shape, x) - expected).abs() < 0.08,
                "{:?}: {}",
                columns(shape),
                at(shape, x)
            );
        }
    }
    assert!((shapes.intercept[0] - (5.0 + 2.0 / 3.0)).abs() < 0.05);
    assert!(shapes.terms[2].importance() < 0.03 * shapes.terms[0].importance());
    assert!(shapes.terms.iter().all(|t| t.deviations.iter().all(|d| *d < 0.5)));
}

#[test]
fn without_pairs_nothing_depends_on_two_columns_at_once() {
    let rows = uniform(1500, 2, 2);
    let y: Vec<f64> = rows.iter().map(|r| r[0] * r[1] + r[0]).collect();
    let corners: Vec<Vec<f64>> =
        [(-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7), (0.7, 0.7)].map(|(a, b)| vec![a, b]).into();
    let predict = |pairs: i64| {
        let p = params([("pairs", pairs.into())]);
        let p = fit("gam", &p, &frame(&rows), &values(&y), None, &frame(&corners));
        let v = p.values();
        v[0] - v[1] - v[2] + v[3]
    };
    assert!(predict(0).abs() < 1e-12);
    assert!((predict(1) - 4.0 * 0.49).abs() < 0.2, "{}", predict(1));
}

#[test]
fn a_product_is_found_among_the_pairs() {
    let rows = uniform(3000, 5, 3);
    let y: Vec<f64> = rows.iter().map(|r| 3.0 * r[1] * r[3] + r[0] + r[4]).collect();
    let shapes = shapes_of(&params([("pairs", 1.into())]), &rows, &values(&y));
    let pair = &shapes.terms[5];
    assert_eq!((shapes.terms.len(), columns(pair)), (6, vec!["x1", "x3"]));
    let test = uniform(1000, 5, 4);
    let names = ["x0", "x1", "x2", "x3", "x4"];
    let error = |r: &Vec<f64>| scores(&shapes, &names, r)[0] - (3.0 * r[1] * r[3] + r[0] + r[4]);
    let error: f64 = test.iter().map(|r| error(r).powi(2)).sum::<f64>() / 1000.0;
    // The product has a variance of one, which no sum of curves can tell.
    assert!(error < 0.05, "{error}");
}

/// Three kinds of columns, one with missing values, and weights.
fn mixed(classes: usize) -> Task {
    let recipe = match classes {
        0 => ruska_testkit::tasks::Recipe::regression(5),
        2 => ruska_testkit::tasks::Recipe::binary(5),
        k => ruska_testkit::tasks::Recipe::multiclass(k, 5),
    };
    recipe.rows(300).levels(&[4]).missing(0.1).weighted().build()
}

fn pipeline(task: &Task, p: Params) -> FittedPipeline {
    let catalog = ruska_catalog::builtin();
    let info = catalog.learner("gam").unwrap().info();
    let candidate = ruska_core::Candidate { params: p, ..pipeline_for(&catalog, info, task) };
    let rows: Vec<u32> = (0..task.rows() as u32).collect();
    let ctx = RunContext::new(3, &NeverStop);
    FittedPipeline::fit(&catalog, &candidate, task, &rows, &ctx).unwrap().0
}

#[test]
fn shapes_are_centred_on_the_training_rows_and_pairs_along_both_columns() {
    for classes in [0, 2, 3] {
        let shapes = pipeline(&mixed(classes), params([("pairs", 6.into())])).shapes().unwrap();
        assert!(shapes.terms.iter().any(|t| t.axes.len() == 2));
        let outputs = shapes.intercept.len();
        assert_eq!(shapes.classes.len(), if classes == 0 { 0 } else { outputs });
        for shape in &shapes.terms {
            let counts: Vec<usize> = shape.axes.iter().map(ruska_core::ShapeAxis::count).collect();
            assert_eq!(shape.weights.len(), counts.iter().product::<usize>());
            let width = *counts.last().unwrap();
            // Lines along which the mean is 0: the whole of a column, each of both of a pair.
            let places: Vec<usize> = (0..shape.weights.len()).collect();
            let lines: Vec<Vec<usize>> = if counts.len() == 1 {
                vec![places]
            } else {
                let along = |f: &dyn Fn(usize) -> usize, n: usize| -> Vec<Vec<usize>> {
                    (0..n)
                        .map(|i| places.iter().copied().filter(|&p| f(p) == i).collect())
                        .collect()
                };
                [along(&|p| p / width, counts[0]), along(&|p| p % width, width)].concat()
            };
            for (line, k) in lines.iter().flat_map(|l| (0..outputs).map(move |k| (l, k))) {
                let sum: f64 =
                    line.iter().map(|&p| shape.weights[p] * shape.scores[p * outputs + k]).sum();
                assert!(sum.abs() < 1e-4, "{:?}: {sum}", columns(shape));
            }
        }
    }
}

#[test]
fn a_prediction_is_the_sum_of_its_shapes() {
    for classes in [0, 2, 3] {
        let task = mixed(classes);
        let fitted = pipeline(&task, params([("pairs", 4.into()), ("bags", 3.into())]));
        let shapes = fitted.shapes().unwrap();
        let mut x = task.x.clone();
        for step in &fitted.steps {
            x = step.state.transform(&x).unwrap();
        }
        let names: Vec<&str> = x.fields().iter().map(|f| &*f.name).collect();
        let p = fitted.predict(&task.x).unwrap();
        for row in 0..task.rows() {
            let values: Vec<f64> = x.fields().iter().map(|f| f.floats().unwrap()[row]).collect();
            let s = scores(&shapes, &names, &values);
            match shapes.link {
                Link::Identity => assert_eq!(p.row(row), s),
                Link::Logit => close(&p.row(row)[1..], &[1.0 / (1.0 + (-s[0]).exp())], 1e-12),
                _ => {
                    let sum: f64 = s.iter().map(|v| v.exp()).sum();
                    close(p.row(row), &s.iter().map(|v| v.exp() / sum).collect::<Vec<_>>(), 1e-12);
                }
            }
        }
    }
}

#[test]
fn levels_are_told_by_name_and_missing_values_apart() {
    let n = 900;
    let city = |i: usize| ["Rome", "Bern", "Oslo"][i % 3];
    let cities = Column::from_strings((0..n).map(|i| (i % 10 > 0).then(|| city(i))));
    let x = Frame::new(vec![Field::new("city", Kind::Categorical, cities)]).unwrap();
    let effect = |i: usize| if i.is_multiple_of(10) { 9.0 } else { [1.0, 4.0, -2.0][i % 3] };
    let y: Vec<f64> = (0..n).map(effect).collect();
    let mean = y.iter().sum::<f64>() / n as f64;
    let task = Task::new(x, values(&y)).unwrap();
    let shapes = pipeline(&task, Params::new()).shapes().unwrap();
    let shape = &shapes.terms[0];
    let axis = &shape.axes[0];
    assert_eq!(axis.places, Places::Codes(vec![0, 1, 2]));
    for (place, (name, effect)) in
        [("Bern", 4.0), ("Oslo", -2.0), ("Rome", 1.0), ("missing", 9.0)].into_iter().enumerate()
    {
        assert_eq!(axis.label(place), name);
        assert!((shape.at(&[place])[0] - (effect - mean)).abs() < 0.1, "{name}");
    }
    assert!((shapes.intercept[0] - mean).abs() < 1e-3);
}

#[test]
fn a_rare_level_is_drawn_to_the_mean() {
    let n = 600;
    let level = |i: usize| if i.is_multiple_of(200) { "rare" } else { ["a", "b"][i % 2] };
    let cities = Column::from_strings((0..n).map(|i| Some(level(i))));
    let x = Frame::new(vec![Field::new("level", Kind::Categorical, cities)]).unwrap();
    let y: Vec<f64> = (0..n).map(|i| if level(i) == "rare" { 8.0 } else { 0.0 }).collect();
    let task = Task::new(x, values(&y)).unwrap();
    let rare = |rows: f64| {
        let fixed = [
            ("level_rows", rows.into()),
            ("early_stop", false.into()),
            ("bags", 1.into()),
            ("max_rounds", 20.into()),
            ("learning_rate", 0.1.into()),
        ];
        pipeline(&task, params(fixed)).shapes().unwrap().terms[0].at(&[2])[0]
    };
    // Three rows of step 3 / (3 + 27) = 0.1 of what is left, less often than without.
    let left = |share: f64| (1.0 - 0.1 * share).powi(20);
    assert!((rare(0.0) - 8.0 * (1.0 - left(1.0))).abs() < 0.1, "{}", rare(0.0));
    assert!((rare(27.0) - 8.0 * (1.0 - left(0.1))).abs() < 0.1, "{}", rare(27.0));
}

#[test]
fn more_threads_give_the_same_model() {
    for task in [mixed(0), mixed(3)] {
        let x = pipeline(&task, Params::new());
        let mut frame = task.x.clone();
        for step in &x.steps {
            frame = step.state.transform(&frame).unwrap();
        }
        let rows = all(&frame);
        let p = params([("pairs", 3.into())]);
        let saved = |threads: usize| {
            let train = Train { x: &frame, rows: &rows, y: &task.target, weights: None };
            let ctx = RunContext::new(9, &NeverStop).with_threads(threads);
            learner("gam").fit(&p, train, &ctx).unwrap().save()
        };
        assert_eq!(saved(1), saved(3));
    }
}

#[test]
fn counts_are_predicted_by_their_logarithm() {
    let rows = uniform(3000, 1, 6);
    let y: Vec<f64> = rows.iter().map(|r| (2.0 + r[0]).exp().round()).collect();
    let p = params([("loss", Value::Text("poisson".into()))]);
    let shapes = shapes_of(&p, &rows, &values(&y));
    assert_eq!(shapes.link, Link::Log);
    assert!((at(&shapes.terms[0], 0.6) - at(&shapes.terms[0], -0.6) - 1.2).abs() < 0.1);
    for loss in ["absolute", "quantile"] {
        let p = params([("loss", Value::Text(loss.into()))]);
        let refused = try_fit("gam", &p, &frame(&rows), &values(&y), None).err().unwrap();
        assert!(refused.to_string().contains("huber"), "{refused}");
    }
}
