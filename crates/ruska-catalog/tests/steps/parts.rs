//! Steps that make numbers of text and points in time.

use super::{Fit, assert_close, frame, reals, reference, texts, values};
use ruska_core::{Column, Field, Kind, NO_VALUE};
use std::sync::Arc;

#[test]
fn hash_words_equals_an_independent_implementation() {
    let all = reference();
    let case = &all["words"];
    let train = case["train"].as_u64().unwrap() as usize;
    let text = Field { kind: Kind::Text, ..texts("t", &case["texts"]) };
    let x = frame(vec![text]);
    let y = values(vec![0.0; x.rows()]);
    let bits = case["bits"].as_i64().unwrap();
    let fit =
        Fit::new("hash_words", train, y).with(&[("bits", bits.into()), ("columns", 5.into())]);
    let (_, dense) = fit.run(&x).unwrap();
    let (_, out) = Fit { sparse: true, ..fit }.run(&x).unwrap();
    let Column::Sparse(block) = &out.fields()[0].column else { panic!("not sparse") };
    for row in 0..x.rows() {
        let (buckets, weights) = block.row(row);
        let expected: Vec<Vec<f64>> =
            case["rows"][row].as_array().unwrap().iter().map(reals).collect();
        assert_eq!(buckets, expected.iter().map(|e| e[0] as u32).collect::<Vec<_>>());
        assert_close(weights, &expected.iter().map(|e| e[1]).collect::<Vec<_>>(), "weights");
        let counts: Vec<f64> = out.fields()[1..].iter().map(|f| f.floats().unwrap()[row]).collect();
        assert_close(&counts, &reals(&case["counts"][row]), "counts");
    }
    let touched = |bucket: u32| (0..train).filter(|&r| block.row(r).0.contains(&bucket)).count();
    let columns: Vec<u32> = dense.fields()[..5]
        .iter()
        .map(|f| f.name.strip_prefix("t#").unwrap().parse().unwrap())
        .collect();
    let least = columns.iter().map(|b| touched(*b)).min().unwrap();
    let others = (0..1u32 << bits).filter(|b| !columns.contains(b));
    assert!(others.map(touched).max().unwrap() <= least, "the most touched buckets are columns");
    assert_eq!(dense.fields()[5..], out.fields()[1..]);
}

#[test]
fn date_parts_equal_the_standard_library_of_python() {
    let all = reference();
    let case = &all["dates"];
    let times: Vec<i64> =
        case["times"].as_array().unwrap().iter().map(|t| t.as_i64().unwrap()).collect();
    let rows = times.len();
    let x = frame(vec![Field::new("d", Kind::Time, Column::Time(Arc::new(times)))]);
    let plain = [("cyclic", false.into())];
    let (_, out) =
        Fit::new("date_parts", rows, values(vec![0.0; rows])).with(&plain).run(&x).unwrap();
    let names = ["year", "month", "day", "yearday", "weekday", "hour", "minute", "elapsed"];
    assert_eq!(
        out.fields().iter().map(|f| f.name.to_string()).collect::<Vec<_>>(),
        names.map(|n| format!("d.{n}"))
    );
    for (row, parts) in case["parts"].as_array().unwrap().iter().enumerate() {
        let got: Vec<f64> = out.fields().iter().map(|f| f.floats().unwrap()[row]).collect();
        assert_close(&got, &reals(parts), "parts");
    }
}

#[test]
fn date_parts_keep_what_varies_and_close_cycles() {
    let hour = 3_600_000;
    let times = vec![0, 6 * hour, NO_VALUE, 12 * hour, 24 * hour];
    let x = frame(vec![Field::new("d", Kind::Time, Column::Time(Arc::new(times)))]);
    let (_, out) = Fit::new("date_parts", 4, values(vec![0.0; 5])).run(&x).unwrap();
    let names: Vec<&str> = out.fields().iter().map(|f| &*f.name).collect();
    assert_eq!(names, ["d.hour", "d.hour.sin", "d.hour.cos", "d.elapsed"]);
    let column = |i: usize| out.fields()[i].floats().unwrap().to_vec();
    assert_close(&column(1), &[0.0, 1.0, f64::NAN, 0.0, 0.0], "sine");
    assert_close(&column(2), &[1.0, 0.0, f64::NAN, -1.0, 1.0], "cosine");
    assert_close(&column(3), &[0.0, 0.25, f64::NAN, 0.5, 1.0], "elapsed");
}
