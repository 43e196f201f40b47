//! Steps that make numbers of categoricals.

use super::{
    Fit, assert_close, assert_columns, classes, codes, frame, levels, reals, reference, texts,
    values,
};
use ruska_core::{Column, Field, Frame, MISSING, Rng, UNSEEN, Value};
use serde_json::Value as Json;
use std::sync::Arc;

#[test]
fn one_hot_equals_scikit_learn() {
    let all = reference();
    let case = &all["one_hot"];
    let y = values(vec![0.0; 50]);
    for (name, pairs) in [
        ("all", vec![("min_rows", 1.into())]),
        ("rare", vec![("min_rows", 6.into())]),
        ("top", vec![("min_rows", 1.into()), ("top", 2.into())]),
    ] {
        let fit = Fit::new("one_hot", 40, y.clone()).with(&pairs);
        let x = frame(vec![texts("x", &case["x"])]);
        let (_, dense) = fit.run(&x).unwrap();
        assert_columns(&dense, &case[name], name);
        let (_, sparse) = Fit { sparse: true, ..fit }.run(&x).unwrap();
        let Column::Sparse(block) = &sparse.fields()[0].column else { panic!("not sparse") };
        for (row, range) in block.offsets.windows(2).enumerate() {
            for (at, field) in dense.fields().iter().enumerate() {
                let stored =
                    block.indices[range[0]..range[1]].iter().position(|i| *i as usize == at);
                let value = stored.map_or(0.0, |i| block.values[range[0] + i]);
                assert_eq!(value, field.floats().unwrap()[row]);
            }
        }
    }
    let fit = Fit::new("one_hot", 40, y);
    let (_, out) = fit.run(&frame(vec![texts("two", &case["two"])])).unwrap();
    assert_columns(&out, &case["binary"], "binary");
    assert_eq!(&*out.fields()[0].name, "two=b");
}

#[test]
fn one_hot_knows_missing_other_and_unseen() {
    let column = |values: &[Option<&str>]| frame(vec![levels("c", values.to_vec())]);
    let x = column(&[Some("a"), Some("a"), Some("b"), None, Some("a"), Some("new")]);
    let run = |train, pairs: &[(&str, Value)]| {
        let fit = Fit::new("one_hot", train, values(vec![0.0; 6])).with(pairs);
        let (_, out) = fit.run(&x).unwrap();
        let of = |f: &Field| (f.name.to_string(), f.floats().unwrap().to_vec());
        out.fields().iter().map(of).collect::<Vec<_>>()
    };
    let named = |name: &str, values: [f64; 6]| (name.to_owned(), values.to_vec());
    let expected = [
        named("c=a", [1.0, 1.0, 0.0, 0.0, 1.0, 0.0]),
        named("c=b", [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        named("c.missing", [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
    ];
    assert_eq!(run(5, &[]), expected, "an unseen level is none of them");
    let two = [named("c=b", [0.0, 0.0, 1.0, 1.0 / 3.0, 0.0, 1.0 / 3.0])];
    assert_eq!(run(3, &[]), two, "what is not known is no evidence");
    let other = [named("c.other", [0.0, 0.0, 1.0, 1.0, 0.0, 1.0])];
    assert_eq!(run(3, &[("min_rows", 2.into())]), other);
    assert!(run(2, &[]).is_empty(), "one level tells nothing");
    let left = Fit::new("one_hot", 5, values(vec![0.0; 6])).with(&[("max_levels", 1.into())]);
    assert_eq!(left.run(&x).unwrap().1, x, "left to the next step");
}

#[test]
fn ordinal_ranks_levels() {
    let y = || values(vec![0.0; 5]);
    let texts = |v: [&'static str; 5]| frame(vec![levels("c", v.map(Some))]);
    let ranks = |x: &Frame, levels: Option<u32>| {
        let (state, _) = Fit::new("ordinal", 4, y()).run(x).unwrap();
        let mut column = x.fields()[0].clone();
        if let Column::Str(s) = &mut column.column {
            let codes = [s.codes[0], s.codes[1], s.codes[2], MISSING, UNSEEN];
            s.codes = Arc::new(codes.to_vec());
        }
        let out = state.transform(&frame(vec![column])).unwrap();
        assert_eq!(out.fields()[0].levels, levels, "only numbers have an order");
        out.fields()[0].floats().unwrap().to_vec()
    };
    let nan = f64::NAN;
    let words = ranks(&texts(["b", "a", "c", "c", "z"]), Some(3));
    assert_close(&words, &[1.0, 0.0, 2.0, nan, nan], "text");
    let numbers = ranks(&texts(["10", "9", "-1", "9", "8"]), None);
    assert_close(&numbers, &[2.0, 1.0, 0.0, nan, nan], "number");
}

#[test]
fn target_encode_equals_scikit_learn_outside_training() {
    let all = reference();
    let case = &all["target"];
    let x = frame(vec![texts("x", &case["x"])]);
    let last_dropped = |json: &Json| Json::Array(json.as_array().unwrap()[..3].to_vec());
    for (y, expected) in [
        (values(reals(&case["value"])), case["of_value"].clone()),
        (classes(codes(&case["binary"]), 2), case["of_binary"].clone()),
        (classes(codes(&case["classes"]), 4), last_dropped(&case["of_classes"])),
    ] {
        let fit = Fit::new("target_encode", 40, y).with(&[("counts", false.into())]);
        let (state, _) = fit.run(&x).unwrap();
        assert_columns(&state.transform(&x).unwrap(), &expected, "target");
    }
}

#[test]
fn a_target_never_reaches_its_own_code() {
    for ordered in [false, true] {
        never_reaches_its_own_code(ordered);
    }
}

fn never_reaches_its_own_code(ordered: bool) {
    let mut rng = Rng::new(9);
    let level: Vec<usize> = (0..60).map(|_| rng.below(6)).collect();
    let mut y: Vec<f64> = (0..60).map(|_| rng.below(100) as f64).collect();
    let x = frame(vec![levels("c", level.iter().map(|l| Some(format!("l{l}"))))]);
    let encode = |y: &[f64]| {
        let fit = Fit::new("target_encode", 60, values(y.to_vec()));
        let (_, out) = fit.with(&[("ordered", ordered.into())]).run(&x).unwrap();
        out.fields()[0].floats().unwrap().to_vec()
    };
    let before = encode(&y);
    let mut moved = 0;
    for row in 0..60 {
        // Swapped with a row of another level, so that the prior stays what it is.
        let other = (0..60).find(|&o| level[o] != level[row] && y[o] != y[row]).unwrap();
        y.swap(row, other);
        let after = encode(&y);
        y.swap(row, other);
        assert_eq!(before[row].to_bits(), after[row].to_bits(), "row {row}");
        moved += before.iter().zip(&after).filter(|(a, b)| a != b).count();
    }
    assert!(moved > 60, "other rows of the level do see it");
}

#[test]
fn ordered_codes_are_means_of_more_and_more_rows() {
    // Powers of two, so that a sum tells its rows; the prior is their mean and weighs one row.
    let y: Vec<f64> = (0..6).map(|i| f64::from(1 << i)).collect();
    let prior = y.iter().sum::<f64>() / 6.0;
    let x = frame(vec![levels("c", (0..6).map(|_| Some("a")))]);
    let fit = Fit::new("target_encode", 6, values(y.clone()))
        .with(&[("ordered", true.into()), ("prior_weight", 1.0.into())]);
    let (state, out) = fit.run(&x).unwrap();
    let codes = out.fields()[0].floats().unwrap();
    let (mut seen, mut left): (f64, Vec<usize>) = (0.0, (0..6).collect());
    for before in 0..6 {
        let expected = (seen + prior) / (f64::from(before) + 1.0);
        let next = left.iter().position(|&i| (codes[i] - expected).abs() < 1e-9);
        seen += y[left.remove(next.expect("one row sees exactly those before it"))];
    }
    let all = state.transform(&x).unwrap();
    assert_close(&all.fields()[0].floats().unwrap()[..1], &[prior], "after training");
}

#[test]
fn james_stein_shrinks_by_what_levels_differ() {
    let all = reference();
    let case = &all["james_stein"];
    let x = frame(vec![texts("x", &case["x"])]);
    let rows = x.rows();
    let js = [("shrinkage", "james_stein".into())];
    for (y, expected) in [
        (values(reals(&case["value"])), &case["of_value"]),
        (classes(codes(&case["classes"]), 3), &case["of_classes"]),
    ] {
        let mut fit = Fit::new("target_encode", rows, y).with(&js);
        let (state, _) = fit.run(&x).unwrap();
        let out = state.transform(&x).unwrap();
        let expected: Vec<Vec<f64>> = expected.as_array().unwrap().iter().map(reals).collect();
        assert_eq!(out.fields().len(), expected.len());
        for (field, expected) in out.fields().iter().zip(&expected) {
            assert_close(field.floats().unwrap(), expected, "codes");
        }
        // Weights count as rows.
        fit.weights = Some(vec![1.0; rows]);
        assert_eq!(fit.run(&x).unwrap().0.transform(&x).unwrap(), out);
    }
    let encode = |y: Vec<f64>, level: [&str; 6]| {
        let x = frame(vec![levels("c", level.map(Some))]);
        let (state, _) = Fit::new("target_encode", 6, values(y)).with(&js).run(&x).unwrap();
        state.transform(&x).unwrap().fields()[0].floats().unwrap().to_vec()
    };
    let groups = ["a", "a", "a", "b", "b", "b"];
    let alike = encode(vec![1.0, 2.0, 3.0, 1.0, 2.0, 3.0], groups);
    assert_close(&alike, &[2.0; 6], "levels that do not differ say nothing");
    let certain = encode(vec![1.0, 1.0, 1.0, 7.0, 7.0, 7.0], groups);
    assert_close(&certain, &[1.0, 1.0, 1.0, 7.0, 7.0, 7.0], "levels that tell all are believed");
    let alone = encode(vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], ["a", "b", "c", "d", "e", "f"]);
    assert_close(&alone, &[3.5; 6], "one row a level is no telling");
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let cov = |x: &[f64], mx: f64, z: &[f64], mz: f64| {
        x.iter().zip(z).map(|(x, z)| (x - mx) * (z - mz)).sum::<f64>()
    };
    cov(a, ma, b, mb) / (cov(a, ma, a, ma) * cov(b, mb, b, mb)).sqrt()
}

#[test]
fn codes_of_noise_do_not_tell_the_target() {
    let mut rng = Rng::new(10);
    let n = 4000;
    let y: Vec<u32> = (0..n).map(|_| rng.below(2) as u32).collect();
    let truth: Vec<f64> = y.iter().map(|c| f64::from(*c)).collect();
    let column = |levels_: usize, rng: &mut Rng| {
        frame(vec![levels("c", (0..n).map(|_| Some(rng.below(levels_).to_string())))])
    };
    let x = column(800, &mut rng);
    let fit = Fit::new("target_encode", n, classes(y.clone(), 2));
    let (state, out) = fit.run(&x).unwrap();
    let trained = correlation(out.fields()[0].floats().unwrap(), &truth);
    let naive = state.transform(&x).unwrap();
    let naive = correlation(naive.fields()[0].floats().unwrap(), &truth);
    assert!(trained.abs() < 4.0 / (n as f64).sqrt(), "out of fold: {trained}");
    assert!(naive > 0.3, "in sample: {naive}");
    let ids = frame(vec![levels("id", (0..n).map(|i| Some(i.to_string())))]);
    let (_, out) = Fit::new("target_encode", n, classes(y, 2)).run(&ids).unwrap();
    let codes = out.fields()[0].floats().unwrap();
    assert!(codes.iter().all(|v| v == &codes[0]), "a level of its own says nothing at all");
}

#[test]
fn target_encode_counts_weights_as_rows() {
    let x = frame(vec![levels("c", ["a", "a", "b", "b", "a"].map(Some))]);
    let mut fit = Fit::new("target_encode", 4, values(vec![1.0, 4.0, 2.0, 6.0, 0.0]))
        .with(&[("prior_weight", 2.0.into()), ("counts", true.into())]);
    fit.weights = Some(vec![2.0, 1.0, 0.0, 1.0, 1.0]);
    let (_, out) = fit.run(&x).unwrap();
    let last = |i: usize| out.fields()[i].floats().unwrap()[4];
    assert_eq!(&*out.fields()[0].name, "c:mean");
    assert_close(&[last(0), last(1)], &[(6.0 + 2.0 * 3.0) / 5.0, 4f64.ln()], "weights");
    let refused = fit.with(&[("folds", 1.into())]).run(&x).err().unwrap();
    assert!(refused.to_string().contains("folds"));
}
