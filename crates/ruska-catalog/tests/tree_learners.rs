//! The learners over binned trees against scikit-learn and invariants of their own.
#![allow(clippy::unwrap_used)]

use ruska_core::{
    Column, Field, FitError, Frame, Kind, Learner, NeverStop, Params, Predictions, RunContext,
    Sparse, Target, Train, Value,
};
use std::sync::Arc;

fn learner(id: &str) -> Arc<dyn Learner> {
    ruska_catalog::builtin().learner(id).unwrap().clone()
}

fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../tests/reference/trees.json")).unwrap()
}

fn numbers(v: &serde_json::Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn frame(columns: Vec<Vec<f64>>) -> Frame {
    let field =
        |(j, c): (usize, Vec<f64>)| Field::new(format!("x{j}"), Kind::Numeric, Column::float(c));
    Frame::new(columns.into_iter().enumerate().map(field).collect()).unwrap()
}

fn classes(codes: &[f64], n: usize) -> Target {
    let classes = (0..n).map(|c| format!("class {c}")).collect();
    let codes = codes.iter().map(|c| *c as u32).collect();
    Target::Classes { codes: Arc::new(codes), classes: Arc::new(classes), positive: 1 }
}

fn fit(
    id: &str,
    x: &Frame,
    y: &Target,
    params: &[(&str, Value)],
) -> Result<(Predictions, Option<u32>), FitError> {
    let rows: Vec<u32> = (0..x.rows() as u32).collect();
    let params: Params = params.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let train = Train { x, rows: &rows, y, weights: None };
    let model = learner(id).fit(&params, train, &RunContext::new(3, &NeverStop))?;
    Ok((model.predict(x, &rows)?, model.iterations()))
}

fn close(got: impl Iterator<Item = f64>, expected: &[f64], tolerance: f64) {
    for (row, (got, expected)) in got.zip(expected).enumerate() {
        assert!((got - expected).abs() <= tolerance, "row {row}: {got}, expected {expected}");
    }
}

#[test]
fn one_tree_is_scikit_learns() {
    let reference = reference();
    let columns = reference["columns"].as_array().unwrap().iter().map(numbers).collect();
    let x = frame(columns);
    // Eight of 160 rows, as in the script.
    let params = [
        ("max_leaves", 9.into()),
        ("max_depth", 5.into()),
        ("min_leaf_share", 0.05.into()),
        ("smoothing", 0.0.into()),
    ];
    let y = Target::Values(Arc::new(numbers(&reference["y"])));
    let (p, _) = fit("tree", &x, &y, &params).unwrap();
    close(p.values().iter().copied(), &numbers(&reference["tree_regression"]), 1e-5);
    let y = classes(&numbers(&reference["label"]), 2);
    let (p, _) = fit("tree", &x, &y, &params).unwrap();
    close((0..p.rows()).map(|r| p.row(r)[1]), &numbers(&reference["tree_classification"]), 1e-5);
}

#[test]
fn boosting_of_squared_error_is_scikit_learns() {
    let reference = reference();
    let columns = reference["columns"].as_array().unwrap().iter().map(numbers).collect();
    let params = [
        ("max_leaves", 8.into()),
        ("min_leaf", 5.into()),
        ("l2", 2.0.into()),
        ("column_share", 1.0.into()),
        ("learning_rate", 0.1.into()),
        ("max_rounds", 40.into()),
        ("early_stop", false.into()),
    ];
    let y = Target::Values(Arc::new(numbers(&reference["y"])));
    let (p, rounds) = fit("gbdt", &frame(columns), &y, &params).unwrap();
    assert_eq!(rounds, Some(40));
    close(p.values().iter().copied(), &numbers(&reference["gbdt_regression"]), 1e-4);
}

#[test]
fn early_stopping_stops_on_noise_and_not_on_signal() {
    let value = |i: usize, salt: f64| ((i as f64 + 1.0) * salt).sin() * 1e4 % 1.0;
    let x =
        frame((0..4).map(|c| (0..600).map(|i| value(i, 7.1 + f64::from(c))).collect()).collect());
    let noise = Target::Values(Arc::new((0..600).map(|i| value(i, 3.3)).collect()));
    let column = |j: usize| x.fields()[j].floats().unwrap();
    let signal = (0..600).map(|i| (4.0 * column(0)[i]).sin() + column(1)[i] * column(2)[i]);
    let signal = Target::Values(Arc::new(signal.collect()));
    let rounds = |y| fit("gbdt", &x, y, &[]).unwrap().1.unwrap();
    assert!(rounds(&noise) < 30, "{}", rounds(&noise));
    assert!(rounds(&signal) > 60, "{}", rounds(&signal));
}

#[test]
fn probabilities_of_a_tree_are_never_zero() {
    let x = frame(vec![(0..90).map(f64::from).collect()]);
    for n in [2, 3] {
        let y = classes(&(0..90).map(|i| f64::from(i * n / 90)).collect::<Vec<_>>(), n as usize);
        let (p, _) = fit("tree", &x, &y, &[]).unwrap();
        assert!(p.values().iter().all(|p| *p > 1e-3 && *p < 1.0));
        let right = (0..90).filter(|&r| p.class(r) == r * n as usize / 90).count();
        assert_eq!(right, 90);
    }
}

/// Numbers that look random, in 0..1.
fn noise(i: usize, salt: f64) -> f64 {
    (((i as f64 + 1.0) * salt).sin() * 1e4).rem_euclid(1.0)
}

#[test]
fn a_loss_is_what_regression_aims_at() {
    let n = 2000;
    let x: Vec<f64> = (0..n).map(|i| noise(i, 7.1).floor() + noise(i, 3.7)).collect();
    let y: Vec<f64> = (0..n).map(|i| x[i] + 4.0 * noise(i, 9.3).powi(4)).collect();
    let frame = frame(vec![x]);
    let target = Target::Values(Arc::new(y.clone()));
    for (quantile, low, high) in [(0.1, 0.05, 0.15), (0.5, 0.45, 0.55), (0.9, 0.85, 0.95)] {
        let params =
            [("loss", Value::Text("quantile".into())), ("quantile", Value::Float(quantile))];
        let (p, _) = fit("gbdt", &frame, &target, &params).unwrap();
        let below = p.values().iter().zip(&y).filter(|(p, y)| y <= p).count() as f64 / n as f64;
        assert!((low..=high).contains(&below), "{quantile}: {below}");
    }
    // Deviances keep the mean, and never predict less than nothing.
    let mean = y.iter().sum::<f64>() / n as f64;
    for loss in ["squared", "poisson", "tweedie", "gamma", "huber", "absolute"] {
        let params = [("loss", Value::Text(loss.into()))];
        let (p, _) = fit("gbdt", &frame, &target, &params).unwrap();
        let got = p.values().iter().sum::<f64>() / n as f64;
        if ["squared", "poisson", "tweedie"].contains(&loss) {
            assert!((got / mean - 1.0).abs() < 0.05, "{loss}: {got} {mean}");
            assert!(loss == "squared" || p.values().iter().all(|p| *p > 0.0));
        } else {
            assert!(got.is_finite() && got < 1.1 * mean, "{loss}: {got} {mean}");
        }
    }
    let negative = Target::Values(Arc::new(y.iter().map(|y| y - 2.0).collect()));
    let error = fit("gbdt", &frame, &negative, &[("loss", Value::Text("poisson".into()))]);
    assert!(error.unwrap_err().to_string().contains("not negative"));
}

#[test]
fn predictions_go_with_the_columns_named() {
    let n = 600;
    let columns = vec![
        (0..n).map(|i| noise(i, 7.1)).collect::<Vec<_>>(),
        (0..n).map(|i| noise(i, 3.7)).collect(),
    ];
    let bump = |v: f64| if (0.4..0.6).contains(&v) { -1.0 } else { v };
    let y = (0..n).map(|i| bump(columns[0][i]) - columns[1][i] + 0.5 * noise(i, 1.3)).collect();
    let y = Target::Values(Arc::new(y));
    let params =
        [("increasing", Value::Text("x0".into())), ("decreasing", Value::Text("x1".into()))];
    let rows: Vec<u32> = (0..n as u32).collect();
    let x = frame(columns);
    let train = Train { x: &x, rows: &rows, y: &y, weights: None };
    let map: Params = params.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let model = learner("gbdt").fit(&map, train, &RunContext::new(3, &NeverStop)).unwrap();
    let steps: Vec<f64> = (0..100).map(|i| f64::from(i) / 100.0).collect();
    let probe = |first: bool, other: f64| {
        let other = vec![other; 100];
        let columns = if first { vec![steps.clone(), other] } else { vec![other, steps.clone()] };
        let rows: Vec<u32> = (0..100).collect();
        model.predict(&frame(columns), &rows).unwrap().values().to_vec()
    };
    for other in [0.1, 0.5, 0.9] {
        assert!(probe(true, other).windows(2).all(|w| w[0] <= w[1]));
        assert!(probe(false, other).windows(2).all(|w| w[0] >= w[1]));
    }
    let unknown = fit("gbdt", &x, &y, &[("increasing", Value::Text("age".into()))]);
    assert!(unknown.unwrap_err().to_string().contains("`age`"));
}

#[test]
fn senseless_parameters_are_named() {
    let x = frame(vec![(0..50).map(f64::from).collect()]);
    let y = Target::Values(Arc::new((0..50).map(f64::from).collect()));
    for (id, name, value) in [
        ("gbdt", "learning_rate", Value::Float(0.0)),
        ("gbdt", "row_share", Value::Float(1.5)),
        ("gbdt", "max_leaves", Value::Int(1)),
        ("gbdt", "max_rounds", Value::Int(0)),
        ("gbdt", "l2", Value::Float(-1.0)),
        ("gbdt", "node_share", Value::Float(0.0)),
        ("gbdt", "quantile", Value::Float(1.0)),
        ("gbdt_symmetric", "depth", Value::Int(0)),
        ("gbdt_symmetric", "leaf_steps", Value::Int(0)),
        ("random_forest", "trees", Value::Int(0)),
        ("random_forest", "column_share", Value::Float(1.5)),
        ("extra_trees", "min_leaf", Value::Int(0)),
        ("tree", "min_leaf_share", Value::Float(0.7)),
        ("tree", "max_depth", Value::Int(0)),
    ] {
        let error = fit(id, &x, &y, &[(name, value)]).unwrap_err();
        assert!(matches!(error, FitError::Params { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    let cubic = [("loss", Value::Text("cubic".into()))];
    let error = fit("gbdt", &x, &y, &cubic).unwrap_err().to_string();
    assert!(error.contains("`cubic`") && error.contains("`squared`"), "{error}");
}

#[test]
fn balanced_classes_are_rows_weighted_by_their_class() {
    let columns =
        (0..3).map(|c| (0..300).map(|i| noise(i, 5.0 + f64::from(c))).collect()).collect();
    let x = frame(columns);
    let codes: Vec<f64> =
        (0..300).map(|i| if i % 10 == 0 { 2.0 } else { f64::from(i % 2) }).collect();
    let y = classes(&codes, 3);
    let count = |c: f64| codes.iter().filter(|code| **code == c).count() as f64;
    let weights: Vec<f64> = codes.iter().map(|&c| 100.0 / count(c)).collect();
    let rows: Vec<u32> = (0..300).collect();
    for id in ["gbdt", "gbdt_symmetric", "random_forest", "extra_trees"] {
        let (balanced, _) = fit(id, &x, &y, &[("class_balance", 1.0.into())]).unwrap();
        let train = Train { x: &x, rows: &rows, y: &y, weights: Some(&weights) };
        let model =
            learner(id).fit(&Params::default(), train, &RunContext::new(3, &NeverStop)).unwrap();
        let expected = model.predict(&x, &rows).unwrap();
        close(balanced.values().iter().copied(), expected.values(), 1e-6);
        let (plain, _) = fit(id, &x, &y, &[]).unwrap();
        let rare = |p: &Predictions| (0..300).map(|r| p.row(r)[2]).sum::<f64>() / 300.0;
        assert!(rare(&balanced) > rare(&plain), "{id}");
    }
    let numbers = Target::Values(Arc::new(codes));
    let refused = fit("gbdt", &x, &numbers, &[("class_balance", 1.0.into())]).unwrap_err();
    assert!(refused.to_string().contains("classes"), "{refused}");
}

#[test]
fn levels_without_an_order_are_split_as_sets() {
    let codes: Vec<f64> = (0..400).map(|i| f64::from(i % 8)).collect();
    let y = Target::Values(Arc::new(codes.iter().map(|c| c % 2.0).collect()));
    let stump: [(&str, Value); 6] = [
        ("max_rounds", 1.into()),
        ("learning_rate", 1.0.into()),
        ("max_leaves", 2.into()),
        ("min_leaf", 1.into()),
        ("l2", 0.0.into()),
        ("early_stop", false.into()),
    ];
    let field = Field::new("x", Kind::Numeric, Column::float(codes.clone()));
    let error = |levels| {
        let x = Frame::new(vec![Field { levels, ..field.clone() }]).unwrap();
        let (p, _) = fit("gbdt", &x, &y, &stump).unwrap();
        p.values().iter().zip(&codes).map(|(p, c)| (p - c % 2.0).abs()).fold(0.0, f64::max)
    };
    assert!(error(Some(8)) < 0.06, "one split parts odd from even levels: {}", error(Some(8)));
    assert!(error(None) > 0.3, "no threshold does");
    let x = Frame::new(vec![Field { levels: Some(8), ..field.clone() }]).unwrap();
    let refused = fit("gbdt", &x, &y, &[("increasing", "x".into())]).unwrap_err();
    assert!(refused.to_string().contains("no order"), "{refused}");
}

/// Two dense columns around a block of many, and a truth that depends on both kinds.
fn with_block(n: usize, width: usize) -> (Frame, Target) {
    let mut block = Sparse { width, offsets: vec![0], indices: vec![], values: vec![] };
    let mut y = vec![];
    let dense = |salt| (0..n).map(|i| noise(i, salt)).collect::<Vec<_>>();
    let (a, b) = (dense(7.1), dense(3.7));
    for i in 0..n {
        // A few words of which all rows choose, and some that hardly another row has.
        let common = (0..10).filter(|c| noise(i * 10 + c, 1.9) < 0.2).map(|c| c as u32 * 50);
        let rare = 500 + (noise(i, 5.3) * (width - 500) as f64) as u32;
        let words: Vec<u32> = common.chain([rare]).collect();
        y.push(f64::from(u8::from(words.contains(&50) != words.contains(&100))) + 0.3 * a[i]);
        block.values.extend(words.iter().map(|w| 1.0 + f64::from(w % 3)));
        block.indices.extend(words);
        block.offsets.push(block.indices.len());
    }
    let fields = vec![
        Field::new("a", Kind::Numeric, Column::float(a)),
        Field::new("words", Kind::Numeric, Column::Sparse(Arc::new(block))),
        Field::new("b", Kind::Numeric, Column::float(b)),
    ];
    (Frame::new(fields).unwrap(), Target::Values(Arc::new(y)))
}

#[test]
fn sparse_blocks_are_learned_from_and_models_hold_what_they_use() {
    let (x, y) = with_block(1500, 60_000);
    let Target::Values(truth) = &y else { unreachable!() };
    let rows: Vec<u32> = (0..1500).collect();
    for (id, params) in [
        ("gbdt", vec![("max_rounds", 100.into())]),
        ("gbdt_symmetric", vec![("max_rounds", Value::Int(100))]),
        ("random_forest", vec![("trees", 20.into()), ("column_share", Value::Float(0.5))]),
        ("extra_trees", vec![("trees", 20.into())]),
        ("tree", vec![]),
    ] {
        let learner = learner(id);
        assert!(learner.info().sparse);
        let params: Params = params.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let train = Train { x: &x, rows: &rows[..1000], y: &y, weights: None };
        let model = learner.fit(&params, train, &RunContext::new(3, &NeverStop)).unwrap();
        let p = model.predict(&x, &rows).unwrap();
        let error: f64 =
            (1000..1500).map(|r| (p.row(r)[0] - truth[r]).powi(2)).sum::<f64>() / 500.0;
        assert!(error < 0.1, "{id}: {error}");
        // Whole chunks and single rows give the same bits.
        let again = learner.load(&model.save()).unwrap();
        for row in (0..1500).step_by(7) {
            let one = again.predict(&x, &[row as u32]).unwrap();
            assert_eq!(one.row(0)[0].to_bits(), p.row(row)[0].to_bits(), "{id}");
        }
        let size = model.save().len();
        assert!(size < 300_000, "{id}: {size} bytes, though it has few of the 60,000 columns");
    }
}

#[test]
fn five_hundred_trees_of_31_leaves_take_less_than_a_megabyte() {
    let columns: Vec<Vec<f64>> =
        (0..10).map(|j| (0..4000).map(|i| noise(i, f64::from(j) + 1.3)).collect()).collect();
    let truth = |i: usize| columns[0][i] * columns[1][i] + columns[2][i] + noise(i, 0.5);
    let y = Target::Values(Arc::new((0..4000).map(truth).collect()));
    let given =
        [("max_rounds", 500.into()), ("early_stop", false.into()), ("max_leaves", 31.into())];
    let params: Params = given.map(|(k, v): (&str, ruska_core::Value)| (k.to_owned(), v)).into();
    let rows: Vec<u32> = (0..4000).collect();
    let x = frame(columns);
    let train = Train { x: &x, rows: &rows, y: &y, weights: None };
    let model = learner("gbdt").fit(&params, train, &RunContext::new(3, &NeverStop)).unwrap();
    let size = model.save().len();
    assert!(size < 1_000_000, "500 trees of 31 leaves take {size} bytes");
}

/// A tree on a column of numbers with missing values and one of levels, and the rules it is told by.
fn tree_of_levels(y: &Target, x: &Frame) -> (ruska_core::FittedPipeline, Vec<ruska_core::Rules>) {
    let catalog = ruska_catalog::builtin();
    let task = ruska_core::Task::new(x.clone(), y.clone()).unwrap();
    let candidate =
        ruska_testkit::pipeline_for(&catalog, catalog.learner("tree").unwrap().info(), &task);
    let rows: Vec<u32> = (0..x.rows() as u32).collect();
    let ctx = RunContext::new(3, &NeverStop);
    let fit = ruska_core::FittedPipeline::fit(&catalog, &candidate, &task, &rows, &ctx);
    let fitted = fit.unwrap().0;
    let rules = fitted.rules().unwrap();
    (fitted, rules)
}

/// The leaf at which a row of a number and a level ends.
fn follow(rules: &ruska_core::Rules, number: f64, level: Option<&str>) -> usize {
    use ruska_core::{Rule, Test};
    let mut at = 0;
    while let Rule::If { column, test, missing, yes, no } = &rules.nodes[at].rule {
        let passes = match test {
            Test::AtMost(most) => {
                assert_eq!(column, "size");
                number <= *most || number.is_nan() && *missing
            }
            Test::OneOf(these, others) => {
                assert_eq!(column, "city");
                let known = |l: &str| these.iter().chain(others).any(|t| t == l);
                assert!(level.is_none_or(known));
                level.map_or(*missing, |l| these.iter().any(|t| t == l))
            }
        };
        at = if passes { *yes } else { *no };
    }
    at
}

#[test]
fn the_rules_of_a_tree_lead_to_its_predictions() {
    let n = 1200;
    let sizes: Vec<f64> =
        (0..n).map(|i| if i % 9 == 0 { f64::NAN } else { noise(i, 5.1) * 40.0 }).collect();
    let city = |i: usize| {
        let at = (noise(i, 2.3) * 6.0) as usize;
        ["Bern", "Graz", "Lyon", "Oslo", "Rome"].get(at).copied()
    };
    let cities = Column::from_strings((0..n).map(city));
    let fields = vec![
        Field::new("size", Kind::Numeric, Column::float(sizes.clone())),
        Field::new("city", Kind::Categorical, cities),
    ];
    let x = Frame::new(fields).unwrap();
    let score = |i: usize| {
        let size = if sizes[i].is_nan() { 30.0 } else { sizes[i] };
        let south = f64::from(u8::from(matches!(city(i), Some("Lyon" | "Rome") | None)));
        size * (1.0 + south) + 3.0 * noise(i, 1.7)
    };
    let numbers: Vec<f64> = (0..n).map(score).collect();
    let code =
        |classes: f64| (0..n).map(|i| (score(i) / 84.0 * classes).floor()).collect::<Vec<_>>();
    let targets =
        [Target::Values(Arc::new(numbers)), classes(&code(2.0), 2), classes(&code(3.0), 3)];
    for y in targets {
        let (fitted, rules) = tree_of_levels(&y, &x);
        let p = fitted.predict(&x).unwrap();
        let told: Vec<Option<u32>> = rules.iter().map(|r| r.class).collect();
        assert_eq!(
            told,
            match y.n_classes() {
                0 => vec![None],
                2 => vec![Some(1)],
                _ => vec![Some(0), Some(1), Some(2)],
            }
        );
        let mut rows = vec![vec![0.0; 64]; rules.len()];
        for i in 0..n {
            let value = |(k, r): (usize, &ruska_core::Rules)| {
                let leaf = follow(r, sizes[i], city(i));
                rows[k][leaf] += 1.0;
                match r.nodes[leaf].rule {
                    ruska_core::Rule::Leaf(value) => value,
                    ruska_core::Rule::If { .. } => unreachable!("a walk ends at a leaf"),
                }
            };
            let mut values: Vec<f64> = rules.iter().enumerate().map(value).collect();
            if values.len() == 3 {
                let sum: f64 = values.iter().map(|v| v.max(0.0)).sum();
                values.iter_mut().for_each(|v| *v = v.max(0.0) / sum);
            }
            let got = if y.n_classes() == 2 { &p.row(i)[1..] } else { p.row(i) };
            close(got.iter().copied(), &values, 1e-12);
        }
        for (rules, rows) in rules.iter().zip(rows) {
            assert_eq!(rules.nodes[0].share, Some(1.0));
            for (node, rows) in rules.nodes.iter().zip(rows) {
                if matches!(node.rule, ruska_core::Rule::Leaf(_)) {
                    assert!((node.share.unwrap() - rows / n as f64).abs() < 1e-12);
                }
            }
        }
        let text = rules[0].to_string();
        assert!(text.contains("size ≤ ") && text.contains("city is one of "), "{text}");
    }
}

#[test]
fn rules_name_the_levels_below_a_mean_of_the_target() {
    let n = 2000;
    let level = |i: usize| format!("l{:02}", i % 40);
    let x = Frame::new(vec![Field::new(
        "city",
        Kind::Categorical,
        Column::from_strings((0..n).map(|i| Some(level(i)))),
    )])
    .unwrap();
    let y = Target::Values(Arc::new((0..n).map(|i| f64::from(u8::from(i % 40 < 3))).collect()));
    let (_, rules) = tree_of_levels(&y, &x);
    let ruska_core::Rule::If { column, test, .. } = &rules[0].nodes[0].rule else {
        panic!("the levels are told apart: {}", rules[0])
    };
    assert_eq!(column, "city");
    let ruska_core::Test::OneOf(below, above) = test else { panic!("levels are named: {test}") };
    // The others of 40 levels, missing values and levels of later files.
    assert_eq!(
        (below.len() + above.len(), &above[..]),
        (42, &["l00", "l01", "l02"].map(String::from)[..])
    );
}
