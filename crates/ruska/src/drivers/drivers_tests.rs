//! What drives predictions, against closed forms.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::{AutoMl, Manifest};
use ruska_core::{Calibration, Kind, Rng};

/// A model of one learner on its own, with its defaults or a setting near them.
pub(super) fn model(learner: &str, table: &Frame, target: &str) -> Model {
    first(3, learner, table, target)
}

/// The best of so many trials, the constant among them.
fn first(trials: u32, learner: &str, table: &Frame, target: &str) -> Model {
    let mut catalog = ruska_catalog::builtin();
    catalog.learners.retain(|l| [learner, "baseline"].contains(&l.info().id));
    catalog.steps.retain(|s| !s.info().closes.is_empty());
    let automl = AutoMl::of(target).catalog(catalog).trials(trials).ensemble(false);
    automl.fit(table).unwrap().into_best()
}

pub(super) fn table(columns: Vec<(&str, Column)>) -> Frame {
    let field = |(name, column): (&str, Column)| Field::new(name, Kind::Numeric, column);
    Frame::new(columns.into_iter().map(field).collect()).unwrap()
}

/// `y = 3 a − b + 0.5 c`, with a column that tells nothing; all normal with deviations 1, 2, 1 and 1.
pub(super) fn linear(rows: usize) -> Frame {
    let mut rng = Rng::new(7);
    let mut normal = |sd: f64| (0..rows).map(|_| sd * rng.normal()).collect::<Vec<f64>>();
    let [d, b, a, c] = [1.0, 2.0, 1.0, 1.0].map(&mut normal);
    let y = (0..rows).map(|i| 3.0 * a[i] - b[i] + 0.5 * c[i]).collect();
    let columns = [("d", d), ("b", b), ("a", a), ("c", c), ("y", y)];
    table(columns.map(|(name, v)| (name, Column::float(v))).to_vec())
}

fn variance(frame: &Frame, name: &str) -> f64 {
    let v = frame.field(name).unwrap().floats().unwrap();
    let mean = v.iter().sum::<f64>() / v.len() as f64;
    v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (v.len() as f64 - 1.0)
}

#[test]
fn importance_of_a_linear_truth_is_that_of_the_formula() {
    let frame = linear(600);
    let told = model("linear", &frame, "y").drivers(&frame, &DriverOptions::default()).unwrap();
    assert!(told.learned_from);
    let importance = told.importance.unwrap();
    assert_eq!((importance.metric.as_str(), importance.rows, importance.of), ("rmse", 600, 600));
    assert!(importance.score < 1e-3 && importance.over_rows, "{importance:?}");
    let names: Vec<&str> = importance.columns.iter().map(|c| c.column.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    for (column, slope) in importance.columns.iter().zip([3.0, 1.0, 0.5, 0.0f64]) {
        // Two values of a column drawn without the same row are apart by 2 b² var in the mean square.
        let expected = (2.0 * slope.powi(2) * variance(&frame, &column.column)).sqrt();
        assert!((column.worse - expected).abs() < 0.05 * expected + 1e-3, "{column:?} {expected}");
        assert!(column.low <= expected + 1e-3 && expected - 1e-3 <= column.high, "{column:?}");
    }
}

#[test]
fn what_the_rows_do_not_tell_is_said() {
    let frame = linear(100);
    let model = model("linear", &frame, "y");
    let without = frame.select(|f| &*f.name != "y");
    let told = model.drivers(&without, &DriverOptions::default()).unwrap();
    assert_eq!((told.importance, told.learned_from), (None, false));
    assert_eq!(told.without_importance.unwrap(), "the table has no column `y`");
    let some = DriverOptions { sample: Some(30), ..DriverOptions::default() };
    let told = model.drivers(&frame, &some).unwrap().importance.unwrap();
    assert_eq!((told.rows, told.of), (30, 100));
    let error = model.drivers(&frame.take(&[]), &some).unwrap_err().to_string();
    assert!(error.contains("at least two rows"), "{error}");
}

#[test]
fn equal_bits_for_any_number_of_threads() {
    let frame = linear(120);
    let model = model("linear", &frame, "y");
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| model.drivers(&frame, &DriverOptions::default()).unwrap())
    };
    assert_eq!(on(1), on(3));
}

fn contributions(model: &Model, frame: &Frame, rows: &[usize]) -> Contributions {
    let options = DriverOptions { rows: rows.to_vec(), ..DriverOptions::default() };
    model.drivers(frame, &options).unwrap().contributions
}

fn added<'a>(told: &'a Contributions, row: usize, column: &str) -> &'a CellContribution {
    told.told[row].columns.iter().find(|c| c.column == column).unwrap()
}

#[test]
fn a_linear_model_adds_slope_times_distance_from_the_mean() {
    let frame = linear(300);
    let told = contributions(&model("linear", &frame, "y"), &frame, &[1, 300]);
    assert_eq!((told.exact, told.scale, told.background), (true, Scale::Number, 300));
    let of = |name: &str| frame.field(name).unwrap().floats().unwrap();
    let mean = |name: &str| of(name).iter().sum::<f64>() / 300.0;
    assert!((told.base[0] - mean("y")).abs() < 1e-3);
    for (place, row) in [(0, 0), (1, 299)] {
        for (name, slope) in [("a", 3.0), ("b", -1.0), ("c", 0.5), ("d", 0.0)] {
            let expected = slope * (of(name)[row] - mean(name));
            let got = added(&told, place, name);
            assert!((got.adds[0] - expected).abs() < 1e-2, "{name}: {got:?} {expected}");
        }
        assert!((told.told[place].sum[0] - of("y")[row]).abs() < 1e-2);
    }
    let directions: Vec<_> =
        told.columns.iter().map(|c| (c.column.as_str(), c.direction)).collect();
    assert_eq!((directions[0].0, directions[1].0, directions[2].0), ("a", "b", "c"));
    assert!(
        directions[0].1.unwrap() > 0.999 && directions[1].1.unwrap() < -0.999,
        "{directions:?}"
    );
}

/// `y` is 10 where the city is Bern, else 0, and 5 more where the number is above 50.
fn cities(classes: bool) -> Frame {
    let city = |i: usize| ["Bern", "Rome", "Oslo"][i % 3];
    let number = |i: usize| (i * 37 % 101) as f64;
    let y = |i: usize| {
        let y: f64 = if city(i) == "Bern" { 10.0 } else { 0.0 };
        if number(i) > 50.0 { y + 5.0 } else { y }
    };
    let rows = 240;
    let target = if classes {
        Column::from_strings((0..rows).map(|i| Some(if y(i) > 7.0 { "yes" } else { "no" })))
    } else {
        Column::float((0..rows).map(y).collect())
    };
    table(vec![
        ("city", Column::from_strings((0..rows).map(|i| Some(city(i))))),
        ("number", Column::float((0..rows).map(number).collect())),
        ("y", target),
    ])
}

#[test]
fn what_steps_make_of_a_column_is_folded_back() {
    let frame = cities(false);
    for learner in ["gbdt", "random_forest", "linear", "tree"] {
        let model = model(learner, &frame, "y");
        assert_eq!(model.manifest().candidate.learner, learner);
        let told = contributions(&model, &frame, &[1, 2]);
        assert!(told.exact, "{learner}");
        let names: Vec<&str> = told.columns.iter().map(|c| c.column.as_str()).collect();
        assert_eq!(names, ["city", "number"], "{learner}");
        let predicted = model.predict(&frame).unwrap();
        for (place, row) in told.told.iter().enumerate() {
            let sum: f64 = row.columns.iter().map(|c| c.adds[0]).sum::<f64>() + told.base[0];
            let expected = predicted.numbers.row(row.row - 1)[0];
            assert!((sum - expected).abs() < 1e-6 && (row.sum[0] - sum).abs() < 1e-9);
            assert_eq!(added(&told, place, "city").value.as_deref(), Some(["Bern", "Rome"][place]));
        }
        // Bern is 10 above the others, which are two in three.
        let bern = added(&told, 0, "city").adds[0];
        assert!((bern - 20.0 / 3.0).abs() < 1.0, "{learner}: {bern}");
    }
}

/// The same model with another temperature.
fn tempered(fitted: &Model, temperature: Option<f64>) -> Model {
    let calibration = temperature.map(|temperature| Calibration { temperature, cut: None });
    let manifest = Manifest { calibration, ..fitted.manifest().clone() };
    let (reference, pipelines) = (fitted.reference().clone(), fitted.pipelines().to_vec());
    Model::new(manifest, reference, None, pipelines).unwrap()
}

/// The log-odds of a tree's leaves are added up on the way, and a temperature divides them all.
#[test]
fn a_temperature_divides_what_columns_add_to_log_odds() {
    let frame = cities(true);
    for learner in ["tree", "gbdt"] {
        let fitted = model(learner, &frame, "y");
        let [two, four] = [2.0, 4.0].map(|t| tempered(&fitted, Some(t)));
        let place = two.positive().unwrap();
        let [halves, quarters] = [&two, &four].map(|model| contributions(model, &frame, &[4, 5]));
        for (model, told) in [(&two, &halves), (&four, &quarters)] {
            assert_eq!((told.exact, told.scale), (true, Scale::LogOdds), "{learner}");
            let expected = model.predict(&frame).unwrap();
            for row in &told.told {
                let p = 1.0 / (1.0 + (-row.sum[0]).exp());
                assert!((p - expected.numbers.row(row.row - 1)[place]).abs() < 1e-6, "{learner}");
            }
        }
        for name in ["city", "number"] {
            let [one, other] = [&halves, &quarters].map(|told| added(told, 0, name).adds[0]);
            assert!((one - 2.0 * other).abs() < 1e-9 * (1.0 + one.abs()), "{learner} {name}");
        }
    }
}

#[test]
fn classes_are_told_in_log_odds_or_probabilities_of_the_positive_one() {
    let frame = cities(true);
    for (learner, scale) in [("gbdt", Scale::LogOdds), ("random_forest", Scale::Probability)] {
        // A temperature bends probabilities, which are then no sum of those of trees.
        let model = tempered(&model(learner, &frame, "y"), None);
        let positive = model.manifest().positive.clone().unwrap();
        let told = contributions(&model, &frame, &[4]);
        assert_eq!((told.exact, told.scale, &told.classes[..]), (true, scale, &[positive][..]));
        let place = model.positive().unwrap();
        let expected = model.predict(&frame).unwrap().numbers.row(3)[place];
        let sum = told.told[0].sum[0];
        let sum = if scale == Scale::LogOdds { 1.0 / (1.0 + (-sum).exp()) } else { sum };
        assert!((sum - expected).abs() < 1e-6, "{learner}: {sum} {expected}");
    }
}

#[test]
fn sampled_contributions_are_within_their_error_of_exact_ones() {
    let frame = cities(false);
    let model = model("random_forest", &frame, "y");
    let x = frame.select(|f| &*f.name != "y");
    let x = model.typed(&x, &["city", "number"]).unwrap();
    let background: Vec<u32> = (0..120).collect();
    let told = sampled::sampled(&model, &x, (&background, &[130, 7]), &[], 3).unwrap();
    let predict = |x: &Frame| model.predict_typed(x).unwrap().values().to_vec();
    for (i, row) in [130u32, 7].into_iter().enumerate() {
        // Of two columns either may be first: with both known and none the values are halves.
        let mixed = |at: usize| {
            let column = x.fields()[at].column.take(&vec![row; 120]);
            let known = with_column(&x.take(&background), at, column).unwrap();
            predict(&known).iter().sum::<f64>() / 120.0
        };
        let whole = predict(&x.take(&[row]))[0];
        let [city, number, base] = [mixed(0), mixed(1), told.base[0]];
        let expected = [0.5 * (city - base + whole - number), 0.5 * (number - base + whole - city)];
        for (column, expected) in expected.iter().enumerate() {
            // With two columns an order and its reverse are all there are.
            let at = told.place(i, column);
            assert!((told.values[at] - expected).abs() < 1e-9, "{} {expected}", told.values[at]);
        }
        assert!((told.scores(i)[0] - whole).abs() < 1e-9);
    }
}

#[test]
fn models_that_do_not_tell_are_sampled_in_the_unit_of_predictions() {
    let frame = linear(200);
    let model = model("knn", &frame, "y");
    let told = contributions(&model, &frame, &[5]);
    assert_eq!((told.exact, told.scale, told.background), (false, Scale::Number, 100));
    let names: Vec<&str> = told.columns.iter().map(|c| c.column.as_str()).collect();
    assert_eq!(names[..2], ["a", "b"]);
    let row = &told.told[0];
    let expected = model.predict(&frame).unwrap().numbers.row(4)[0];
    assert!((row.sum[0] - expected).abs() < 1e-9 && row.columns[0].standard_error.is_some());
    let error =
        model.drivers(&frame, &DriverOptions { rows: vec![201], ..DriverOptions::default() });
    assert!(error.unwrap_err().to_string().contains("row 201"));
}

#[test]
fn what_would_have_to_change_is_the_least_that_leads_to_another_class() {
    let frame = cities(true);
    let model = model("tree", &frame, "y");
    let options = DriverOptions { rows: vec![2, 1], ..DriverOptions::default() };
    let told = model.drivers(&frame, &options).unwrap().counterfactuals;
    assert_eq!((told[0].row, told[0].prediction.as_str()), (2, "no"));
    let way = &told[0].ways[0];
    let change = &way.changes[0];
    assert_eq!((way.prediction.as_str(), way.changes.len()), ("yes", 1));
    assert_eq!((change.from.as_deref(), change.to.as_str()), (Some("Rome"), "Bern"));
    assert_eq!((told[1].prediction.as_str(), told[1].ways[0].changes.len()), ("yes", 1));
    assert_eq!(told[1].goal, "another class");
    let to = |class: &str| DriverOptions { to: Some(class.to_owned()), ..options.clone() };
    let told = model.drivers(&frame, &to("yes")).unwrap().counterfactuals;
    assert_eq!((told.len(), told[0].row, told[0].goal.as_str()), (1, 2, "yes"));
    let error = model.drivers(&frame, &to("maybe")).unwrap_err().to_string();
    assert!(error.contains("none of the model's classes: no, yes"), "{error}");
}

/// `y` is 10 where the city is Bern, else 0, and 5 more where the number is above 50.
#[test]
fn a_number_is_reached_from_either_side() {
    let city = |i: usize| ["Bern", "Rome", "Oslo"][i % 3];
    let number = |i: usize| (i % 8 * 10) as f64;
    let y = |i: usize| {
        let bern = if city(i) == "Bern" { 10.0 } else { 0.0 };
        if number(i) > 50.0 { bern + 5.0 } else { bern }
    };
    let frame = table(vec![
        ("city", Column::from_strings((0..240).map(|i| Some(city(i))))),
        ("number", Column::float((0..240).map(number).collect())),
        ("y", Column::float((0..240).map(y).collect())),
    ]);
    let model = model("tree", &frame, "y");
    let ways = |row: usize, to: &str| {
        let options =
            DriverOptions { rows: vec![row], to: Some(to.to_owned()), ..DriverOptions::default() };
        model.drivers(&frame, &options).map(|told| told.counterfactuals)
    };
    // Rome with 10: the city alone makes 10, the number alone makes 5, both make 15.
    let told = ways(2, "9").unwrap();
    assert_eq!((told[0].goal.as_str(), told[0].ways.len()), ("at least 9", 1));
    let change = &told[0].ways[0].changes[0];
    assert_eq!((change.column.as_str(), change.to.as_str()), ("city", "Bern"));
    assert!((told[0].ways[0].prediction.parse::<f64>().unwrap() - 10.0).abs() < 1.0);
    let said = model.predict(&frame).unwrap();
    let most = said.numbers.values().iter().copied().fold(f64::MIN, f64::max);
    assert!(most > 11.5, "{most}");
    let both = &ways(2, &(most - 0.5).to_string()).unwrap()[0].ways[0];
    let columns: Vec<&str> = both.changes.iter().map(|c| c.column.as_str()).collect();
    assert!(columns.contains(&"city") && columns.contains(&"number"), "{both:?}");
    // Bern with 0: another city makes 0.
    let told = ways(1, "2.5").unwrap();
    assert_eq!(told[0].goal, "at most 2.5");
    assert_eq!(told[0].ways[0].changes[0].column, "city");
    let out_of_reach = &ways(1, "1000").unwrap()[0];
    assert_eq!((out_of_reach.goal.as_str(), out_of_reach.ways.len()), ("at least 1000", 0));
    assert!(ways(1, "Bern").unwrap_err().to_string().contains("predicts numbers"));
    let options = DriverOptions { rows: vec![1], ..DriverOptions::default() };
    assert_eq!(model.drivers(&frame, &options).unwrap().counterfactuals, []);
}

/// What the shapes of a model say of a row, whose values are given by name.
fn by_shapes(shapes: &ShapeFunctions, value: &dyn Fn(&str) -> f64) -> f64 {
    let of = |place: &ShapePlace, x: f64| {
        place.above.is_none_or(|low| x > low) && place.up_to.is_none_or(|high| x <= high)
    };
    let adds = |term: &ShapeFunction| {
        let x = value(&term.columns[0]);
        term.places.iter().find(|p| of(p, x) && p.values[0] != "missing").unwrap().adds[0]
    };
    shapes.base[0] + shapes.terms.iter().map(adds).sum::<f64>()
}

#[test]
fn the_shapes_of_an_additive_model_are_all_of_it() {
    let frame = linear(120);
    let model = first(2, "gam", &frame, "y");
    let x = model.typed(&frame, &["d", "b", "a", "c"]).unwrap();
    let shapes = shapes::shapes(&model, &x, &shown(&x, &model.manifest().schema)).unwrap();
    assert_eq!((shapes.scale, shapes.classes.len()), (Scale::Number, 0));
    let singles = ShapeFunctions {
        terms: shapes.terms.iter().filter(|t| t.columns.len() == 1).cloned().collect(),
        ..shapes.clone()
    };
    assert_eq!(singles.terms[0].columns, ["a"]);
    let predicted = model.predict(&frame).unwrap();
    if singles.terms.len() == shapes.terms.len() {
        for row in 0..frame.rows() {
            let value = |name: &str| frame.field(name).unwrap().floats().unwrap()[row];
            let (sum, said) = (by_shapes(&shapes, &value), predicted.numbers.row(row)[0]);
            assert!((sum - said).abs() < 1e-9 * (1.0 + said.abs()), "{sum} {said}");
        }
    }
    for term in &shapes.terms {
        let mean: f64 = term.places.iter().map(|p| p.share * p.adds[0]).sum();
        assert!(mean.abs() < 1e-6, "{term:?}");
    }
}
