//! Steps that make numbers of text.

use super::{Fit, assert_close, classes, frame, reals, reference, texts, values};
use ruska_core::{Column, Field, Frame, Kind, Sparse, Value};
use serde_json::Value as Json;
use std::sync::Arc;

fn said(json: &Json) -> Frame {
    frame(vec![Field { kind: Kind::Text, ..texts("t", json) }])
}

fn block(out: &Frame) -> Arc<Sparse> {
    let Column::Sparse(block) = &out.fields()[0].column else { panic!("not sparse") };
    Arc::clone(block)
}

/// The cells of a block by row, zeros included.
fn dense(block: &Sparse) -> Vec<Vec<f64>> {
    let row = |r: usize| {
        let mut row = vec![0.0; block.width];
        let (indices, values) = block.row(r);
        indices.iter().zip(values).for_each(|(&j, &v)| row[j as usize] = v);
        row
    };
    (0..block.rows()).map(row).collect()
}

#[test]
fn weights_of_terms_equal_scikit_learn() {
    let all = reference();
    let case = &all["tfidf"];
    let x = said(&case["texts"]);
    let y = || values(vec![0.0; x.rows()]);
    let train = case["train"].as_u64().unwrap() as usize;
    for way in ["words", "pairs", "chars"] {
        for (id, name, sublinear, min_rows) in [
            ("tfidf", "log", true, 2),
            ("tfidf", "plain", false, 1),
            ("term_frequency", "no_idf", true, 2),
        ] {
            let params = [
                ("grams", way.into()),
                ("sublinear", sublinear.into()),
                ("min_rows", min_rows.into()),
            ];
            let fit = Fit { sparse: true, ..Fit::new(id, train, y()).with(&params) };
            let (_, out) = fit.run(&x).unwrap();
            let expected = case[way][name].as_array().unwrap();
            let got = dense(&block(&out));
            assert_eq!(got.len(), expected.len());
            for (got, expected) in got.iter().zip(expected) {
                assert_close(got, &reals(expected), way);
            }
        }
    }
}

#[test]
fn tfidf_projects_as_truncated_svd_does() {
    let all = reference();
    let case = &all["tfidf"];
    let x = said(&case["texts"]);
    let train = case["train"].as_u64().unwrap() as usize;
    let fit = Fit::new("tfidf", train, values(vec![0.0; x.rows()]));
    let fit = fit.with(&[("components", 3.into())]);
    let (_, out) = fit.run(&x).unwrap();
    for (k, expected) in case["projected"].as_array().unwrap().iter().enumerate() {
        let (got, expected) = (out.fields()[k].floats().unwrap(), reals(expected));
        let sign = if got[0] * expected[0] < 0.0 { -1.0 } else { 1.0 };
        for (a, b) in got.iter().zip(expected) {
            assert!((a * sign - b).abs() < 1e-8, "direction {k}: {a} is not {b}");
        }
    }
    assert_eq!(out.fields().len(), 3 + 5, "directions and counts");
    let (_, sparse) = Fit { sparse: true, ..fit }.run(&x).unwrap();
    assert_eq!(sparse, out, "directions that are asked for");
}

#[test]
fn tfidf_keeps_the_most_frequent_terms() {
    let texts = ["b a", "b c", "b a d d d d", "a", "e e"];
    let x = frame(vec![Field::new("t", Kind::Text, Column::from_strings(texts.map(Some)))]);
    let y = classes(vec![0, 1, 0, 1, 0], 2);
    let touched = |params: &[(&str, Value)]| -> Vec<Vec<bool>> {
        let fit = Fit { sparse: true, ..Fit::new("tfidf", 4, y.clone()).with(params) };
        let (_, out) = fit.run(&x).unwrap();
        dense(&block(&out)).iter().map(|row| row.iter().map(|v| *v > 0.0).collect()).collect()
    };
    let two = touched(&[("max_terms", 2.into()), ("min_rows", 1.into())]);
    let expected =
        [[true, true], [false, true], [true, true], [true, false], [false, false]].map(Vec::from);
    assert_eq!(two, expected, "a and b, of three training rows each");
    let three = touched(&[("max_terms", 3.into()), ("min_rows", 1.into())]);
    assert_eq!(three[1], [false, true, true], "of equally frequent ones the first");
    assert!(touched(&[("min_rows", 4.into())])[0].is_empty(), "none");
    let refused = Fit::new("tfidf", 4, y.clone()).with(&[("max_terms", 0.into())]).run(&x);
    assert!(refused.err().unwrap().to_string().contains("max_terms"));
}
