//! What must hold for every step.

use super::{Fit, classes, frame, levels, numbers, params, step, values};
use ruska_core::{Column, Field, Frame, Kind, NO_VALUE, PredictError, Rng, Target};
use std::sync::Arc;

const STEPS: [&str; 24] = [
    "transform_target",
    "numbers_in_text",
    "rare_levels",
    "date_differences",
    "group_means",
    "date_parts",
    "term_frequency",
    "tfidf",
    "hash_words",
    "one_hot",
    "target_encode",
    "ordinal",
    "frequency_encode",
    "impute",
    "arithmetic",
    "clip_outliers",
    "standardise",
    "robust_scale",
    "min_max",
    "quantile_normal",
    "yeo_johnson",
    "pca",
    "drop_redundant",
    "select_important",
];

/// The steps that leave missing values, or put them for what cannot be told.
const HOLES: [&str; 16] = [
    "numbers_in_text",
    "rare_levels",
    "date_differences",
    "group_means",
    "date_parts",
    "term_frequency",
    "tfidf",
    "hash_words",
    "ordinal",
    "arithmetic",
    "standardise",
    "robust_scale",
    "min_max",
    "quantile_normal",
    "yeo_johnson",
    "clip_outliers",
];

/// Every kind of column, with holes; `other` makes rows from `kept` on entirely different ones.
fn mixed(rows: usize, kept: usize, other: bool) -> Frame {
    let mut rng = Rng::new(5);
    let mut number = vec![];
    let mut flag = vec![];
    let mut city = vec![];
    let mut shop = vec![];
    let mut text = vec![];
    let mut time = vec![];
    let mut later = vec![];
    let mut age = vec![];
    for row in 0..rows {
        let strange = other && row >= kept;
        let hole = rng.below(5) == 0;
        let pick = rng.below(3);
        number.push(if hole { f64::NAN } else { rng.normal() } * if strange { 1e12 } else { 1.0 });
        flag.push(if hole { f64::NAN } else { f64::from(u8::from(strange || pick == 0)) });
        let name = if strange { format!("new{row}") } else { format!("city{pick}") };
        city.push((!hole).then_some(name));
        shop.push(Some(format!("{}{}", if strange { "A" } else { "s" }, rng.below(60))));
        let said = ["Win £9 now!", "call me later", "ok", "see you at 8", ""][rng.below(5)];
        let said = if strange { said.repeat(3) } else { said.to_owned() };
        text.push((!hole).then_some(said));
        let hours = rng.below(9_000) as i64 * if strange { -100 } else { 1 };
        time.push(if hole { NO_VALUE } else { hours * 3_600_000 });
        later.push(if pick == 0 { NO_VALUE } else { (hours + 5 * pick as i64) * 3_600_000 });
        let unit = ["days", "weeks", "years"][rng.below(3)];
        age.push((!hole).then(|| format!("{} {}", pick + 2, if strange { "km" } else { unit })));
    }
    let text = Field::new("text", Kind::Text, Column::from_strings(text));
    let flag = Field::new("flag", Kind::Boolean, Column::float(flag));
    let time = Field::new("time", Kind::Time, Column::Time(Arc::new(time)));
    let later = Field::new("later", Kind::Time, Column::Time(Arc::new(later)));
    let (city, shop, age) = (levels("city", city), levels("shop", shop), levels("age", age));
    frame(vec![numbers("number", number), flag, city, text, time, shop, later, age])
}

/// Every step with and without sparse blocks, under several targets and parameters.
fn all_fits(rows: usize, train: usize, seed: u64) -> Vec<Fit<'static>> {
    let mut rng = Rng::new(seed);
    let two: Vec<u32> = (0..rows).map(|_| rng.below(2) as u32).collect();
    let many: Vec<u32> = (0..rows).map(|_| rng.below(14) as u32).collect();
    let real: Vec<f64> = (0..rows).map(|_| rng.normal()).collect();
    let mut fits = vec![];
    for id in STEPS {
        for y in [classes(two.clone(), 2), classes(many.clone(), 14), values(real.clone())] {
            for sparse in [false, true] {
                fits.push(Fit { sparse, ..Fit::new(id, train, y.clone()) });
            }
        }
    }
    let y = values(real);
    let james_stein = [("shrinkage", "james_stein".into())];
    fits.push(Fit::new("target_encode", train, y.clone()).with(&james_stein));
    fits.push(Fit::new("tfidf", train, y.clone()).with(&[("grams", "pairs".into())]));
    let chars = [("grams", "chars".into()), ("components", 3.into())];
    fits.push(Fit { sparse: true, ..Fit::new("tfidf", train, y.clone()).with(&chars) });
    for id in ["arithmetic", "group_means"] {
        fits.push(Fit::new(id, train, y.clone()).with(&[("min_gain", 0.0.into())]));
    }
    fits.push(Fit::new("date_parts", train, y.clone()).with(&[("cyclic", false.into())]));
    fits.push(Fit::new("hash_words", train, y.clone()).with(&[("bigrams", true.into())]));
    fits.push(Fit::new("impute", train, y.clone()).with(&[("strategy", "most_frequent".into())]));
    fits.push(Fit::new("one_hot", train, y.clone()).with(&[("max_levels", 3.into())]));
    fits.push(Fit::new("impute", train, y.clone()).with(&[("strategy", "constant".into())]));
    fits.push(Fit::new("robust_scale", train, y.clone()).with(&[("smooth", false.into())]));
    fits.push(Fit::new("clip_outliers", train, y.clone()).with(&[("method", "quantile".into())]));
    for method in ["yeo_johnson", "quantile"] {
        let fit = Fit::new("transform_target", train, y.clone());
        fits.push(fit.with(&[("method", method.into())]));
    }
    let weights: Vec<f64> = (0..rows).map(|_| rng.unit()).collect();
    for id in &STEPS[6..] {
        fits.push(Fit { weights: Some(weights.clone()), ..Fit::new(id, train, y.clone()) });
    }
    fits
}

/// Names, kinds and bits of all values.
fn content(x: &Frame) -> Vec<String> {
    x.fields().iter().map(shown).collect()
}

fn same(a: &Field, b: &Field) -> bool {
    shown(a) == shown(b)
}

fn shown(f: &Field) -> String {
    let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    match &f.column {
        Column::Float(v) => format!("{} {:?} {:?}", f.name, f.kind, bits(v)),
        Column::Sparse(s) => {
            format!("{} {} {:?} {:?} {:?}", f.name, s.width, s.offsets, s.indices, bits(&s.values))
        }
        Column::Str(s) => {
            format!("{} {:?}", f.name, (0..s.codes.len()).map(|r| s.get(r)).collect::<Vec<_>>())
        }
        other => format!("{} {other:?}", f.name),
    }
}

#[test]
fn the_table_and_the_folder_agree() {
    let ids: Vec<&str> = ruska_catalog::builtin().steps.iter().map(|s| s.info().id).collect();
    assert_eq!(ids, STEPS);
    for id in STEPS {
        let mut refused = Fit::new(id, 2, values(vec![0.0, 1.0]));
        refused.params = params(&[("no_such", true.into())]);
        let error = refused.run(&mixed(2, 2, false)).err().unwrap();
        assert!(error.to_string().contains("no_such"), "{error}");
    }
}

#[test]
fn state_and_training_rows_depend_on_training_rows_only() {
    let (a, b) = (mixed(120, 80, false), mixed(120, 80, true));
    let train: Vec<u32> = (0..80).collect();
    for fit in all_fits(120, 80, 1) {
        let (state, out) = fit.run(&a).unwrap();
        let y = match &fit.y {
            Target::Values(y) => {
                values(y.iter().enumerate().map(|(i, y)| if i < 80 { *y } else { 1e9 }).collect())
            }
            Target::Classes { codes, classes: names, .. } => {
                let code = |(i, c): (usize, &u32)| if i < 80 { *c } else { 0 };
                classes(codes.iter().enumerate().map(code).collect(), names.len())
            }
            _ => panic!("no step takes groups or series for a truth"),
        };
        let (other_state, other_out) =
            Fit { y, params: fit.params.clone(), weights: fit.weights.clone(), ..fit }
                .run(&b)
                .unwrap();
        assert!(state.save() == other_state.save(), "{}", fit.id);
        assert_eq!(content(&out.take(&train)), content(&other_out.take(&train)), "{}", fit.id);
    }
}

#[test]
fn save_and_load_and_rows_one_by_one_are_bit_equal() {
    let x = mixed(90, 60, true);
    for fit in all_fits(90, 60, 2) {
        let (state, out) = fit.run(&x).unwrap();
        let loaded = step(fit.id).load(&state.save()).unwrap();
        let batch = loaded.transform(&x).unwrap();
        assert_eq!(content(&batch), content(&state.transform(&x).unwrap()), "{}", fit.id);
        let later: Vec<u32> = (60..90).collect();
        assert_eq!(content(&batch.take(&later)), content(&out.take(&later)), "{}", fit.id);
        for row in 0..90 {
            let one = loaded.transform(&x.take(&[row])).unwrap();
            assert_eq!(content(&one), content(&batch.take(&[row])), "{} row {row}", fit.id);
        }
        let reversed = Frame::new(x.fields().iter().rev().cloned().collect()).unwrap();
        let mut sorted = content(&loaded.transform(&reversed).unwrap());
        let mut expected = content(&batch);
        sorted.sort();
        expected.sort();
        assert_eq!(sorted, expected, "{} with its columns reversed", fit.id);
        let damaged = &state.save()[1..];
        assert!(step(fit.id).load(damaged).is_err(), "{}", fit.id);
    }
}

#[test]
fn other_columns_pass_as_they_are() {
    let x = mixed(60, 60, false);
    for fit in all_fits(60, 40, 3) {
        let (_, out) = fit.run(&x).unwrap();
        for field in out.fields() {
            match x.field(&field.name) {
                Some(own) if same(own, field) => assert_eq!(own.origin, field.origin),
                _ => assert_eq!(field.origin, None, "{} made {}", fit.id, field.name),
            }
        }
        let kept = |kind| out.fields().iter().any(|f| f.kind == kind);
        let all = fit.params.is_empty();
        assert!(kept(Kind::Time) != (fit.id == "date_parts"));
        assert!(kept(Kind::Text) != ["hash_words", "term_frequency", "tfidf"].contains(&fit.id));
        let encoders = ["ordinal", "one_hot", "target_encode", "frequency_encode"];
        let all = all || fit.id == "target_encode";
        let encoder = encoders.contains(&fit.id);
        assert!(kept(Kind::Categorical) != (encoder && all), "{}", fit.id);
    }
}

#[test]
fn odd_tables_are_fine() {
    let nan = vec![f64::NAN; 4];
    let none = || vec![None::<&str>; 4];
    let text = |t| Field::new("t", Kind::Text, Column::from_strings(t));
    let time = |t: [i64; 4]| Field::new("d", Kind::Time, Column::Time(Arc::new(t.to_vec())));
    let huge = vec![1e308, -1e308, 1e308, f64::INFINITY];
    let tables = [
        frame(vec![numbers("x", nan), levels("c", none()), text(none()), time([NO_VALUE; 4])]),
        frame(vec![levels("c", vec![Some("a"); 4]), text(vec![Some("🙂"); 4]), time([0; 4])]),
        frame(vec![numbers("x", huge), time([i64::MAX, i64::MIN + 1, 0, -1])]),
        Frame::with_rows(vec![], 4).unwrap(),
    ];
    for x in tables {
        for train in [1, 4] {
            for mut fit in all_fits(4, train, 4) {
                let (state, out) = fit.run(&x).unwrap();
                assert_eq!((out.rows(), state.transform(&x).unwrap().rows()), (4, 4));
                let made = out.fields().iter().filter(|f| f.origin.is_none());
                let finite = made.filter_map(Field::floats).flatten().all(|v| v.is_finite());
                assert!(finite || HOLES.contains(&fit.id), "{}", fit.id);
                fit.weights = Some(vec![0.0; 4]);
                assert!(fit.run(&x).is_ok());
            }
        }
    }
}

#[test]
fn new_names_clash_with_no_other() {
    let city = || vec![Some("a"), Some("b"), Some("c"), None];
    let names = ["city", "city=a", "city′", "city.missing", "city=a=b", "city:mean", "city:k1"];
    let mut fields: Vec<Field> = names.iter().map(|name| levels(name, city())).collect();
    let holes = || vec![0.0, f64::NAN, 1.0, 2.0];
    let taken = ["x", "x.missing", "x′", "x′.missing", "t#*", "t.words", "d.day", "city=*"];
    fields.extend(taken.iter().enumerate().map(|(i, name)| {
        numbers(name, holes().into_iter().map(|v| if i % 2 == 0 { v } else { v + 1.0 }).collect())
    }));
    fields.push(Field::new("t", Kind::Text, Column::from_strings(city())));
    fields.push(Field::new("d", Kind::Time, Column::Time(Arc::new(vec![0, 1 << 40, 2, 3]))));
    let x = frame(fields);
    for fit in all_fits(4, 4, 5) {
        assert!(fit.run(&x).is_ok(), "{}", fit.id);
    }
}

#[test]
fn columns_that_are_absent_or_of_another_type_are_named() {
    let x = mixed(30, 30, false);
    for fit in all_fits(30, 30, 6) {
        let (state, out) = fit.run(&x).unwrap();
        for field in x.fields() {
            let used = out.field(&field.name).is_none_or(|f| !same(f, field));
            let error = state.transform(&x.select(|f| f.name != field.name)).err();
            if used {
                let column = field.name.to_string();
                assert_eq!(error, Some(PredictError::MissingColumn { column }), "{}", fit.id);
                let other = Column::Int(Arc::new(vec![1; 30]));
                let swap =
                    |f: &Field| if f.name == field.name { other.clone() } else { f.column.clone() };
                let swapped = x.fields().iter().map(|f| Field { column: swap(f), ..f.clone() });
                let error = state.transform(&frame(swapped.collect())).err();
                assert!(matches!(error, Some(PredictError::WrongType { .. })), "{}", fit.id);
            }
        }
    }
}

#[test]
fn steps_are_listed_by_stage() {
    let catalog = ruska_catalog::builtin();
    assert!(catalog.steps.iter().is_sorted_by_key(|step| step.info().stage));
    let listed: Vec<&str> = catalog.steps.iter().map(|step| step.info().id).collect();
    assert_eq!(listed, STEPS);
}
