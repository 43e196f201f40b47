//! Steps that make columns of several others.

use super::{Fit, assert_close, classes, frame, levels, numbers, step, values};
use ruska_core::{Frame, PredictError, Rng, Target};

const ROWS: usize = 1200;
const TRAIN: usize = 1000;

fn uniform(rng: &mut Rng, low: f64, high: f64) -> Vec<f64> {
    (0..ROWS).map(|_| low + (high - low) * rng.unit()).collect()
}

/// Three columns and a target that follows something of the first two.
fn pair(of: impl Fn(f64, f64) -> f64) -> (Frame, Target) {
    let mut rng = Rng::new(8);
    let (a, b) = (uniform(&mut rng, -2.0, 2.0), uniform(&mut rng, 1.0, 3.0));
    let c = uniform(&mut rng, 0.0, 1.0);
    let y = a.iter().zip(&b).map(|(a, b)| of(*a, *b) + 0.05 * rng.normal()).collect();
    (frame(vec![numbers("a", a), numbers("b", b), numbers("c", c)]), values(y))
}

#[test]
fn arithmetic_finds_what_a_target_was_made_of() {
    let one = [("max_columns", 1.into())];
    for (mark, of) in [
        ('÷', (|a, b| a / b) as fn(f64, f64) -> f64),
        ('×', |a, b| a * b),
        ('+', |a, b| a + b),
        ('−', |a, b| a - b),
    ] {
        let (x, y) = pair(of);
        let fit = Fit::new("arithmetic", TRAIN, y).with(&one);
        let (state, out) = fit.run(&x).unwrap();
        assert_eq!(out.fields().len(), 4, "{mark}");
        let made = out.fields().iter().find(|f| f.name.contains(':')).unwrap();
        assert!(made.name.contains(mark), "{} instead of {mark}", made.name);
        let [a, b] = ["a", "b"].map(|name| x.field(name).unwrap().floats().unwrap());
        let sign = if made.name.starts_with('b') && mark == '−' { -1.0 } else { 1.0 };
        let expected: Vec<f64> = (0..TRAIN).map(|r| sign * of(a[r], b[r])).collect();
        assert_close(&made.floats().unwrap()[..TRAIN], &expected, "training rows");
        let loaded = step("arithmetic").load(&state.save()).unwrap();
        assert!(loaded.transform(&x).unwrap() == out);
        let error = loaded.transform(&x.select(|f| &*f.name != "b")).err();
        assert_eq!(error, Some(PredictError::MissingColumn { column: "b".into() }));
    }
}

#[test]
fn arithmetic_stays_within_what_training_showed() {
    let (x, y) = pair(|a, b| a / b);
    let (state, out) =
        Fit::new("arithmetic", TRAIN, y).with(&[("max_columns", 1.into())]).run(&x).unwrap();
    let name = out.fields().iter().find(|f| f.name.contains('÷')).unwrap().name.clone();
    let mut trained = out.field(&name).unwrap().floats().unwrap()[..TRAIN].to_vec();
    trained.sort_by(f64::total_cmp);
    let (least, median, largest) = (trained[0], trained[TRAIN / 2], trained[TRAIN - 1]);
    let later = frame(vec![
        numbers("a", vec![1.0, 0.0, 1e300, -1e300, f64::NAN, f64::INFINITY]),
        numbers("b", vec![0.0, 0.0, 1e-300, 1e-300, 1.0, f64::INFINITY]),
        numbers("c", vec![0.0; 6]),
    ]);
    let out = state.transform(&later).unwrap();
    let got = out.field(&name).unwrap().floats().unwrap();
    assert_close(got, &[median, median, largest, least, f64::NAN, median], "guarded");
}

#[test]
fn noise_makes_no_columns() {
    let mut rng = Rng::new(4);
    let columns = (0..12).map(|i| numbers(&format!("x{i}"), uniform(&mut rng, 0.0, 1.0)));
    let mut fields: Vec<_> = columns.collect();
    fields.push(levels("g", (0..ROWS).map(|_| Some(format!("g{}", rng.below(9))))));
    let x = frame(fields);
    let real = values((0..ROWS).map(|_| rng.normal()).collect());
    let three = classes((0..ROWS).map(|_| rng.below(3) as u32).collect(), 3);
    for y in [real, three] {
        for id in ["arithmetic", "group_means"] {
            let (_, out) = Fit::new(id, TRAIN, y.clone()).run(&x).unwrap();
            assert!(out == x, "{id} made {} columns", out.fields().len() - 13);
        }
    }
}

#[test]
fn group_means_find_what_is_large_for_its_group() {
    let mut rng = Rng::new(6);
    let group: Vec<usize> = (0..ROWS).map(|_| rng.below(8)).collect();
    let apart: Vec<f64> = (0..ROWS).map(|_| rng.normal()).collect();
    let price = group.iter().zip(&apart).map(|(g, a)| 1.5 * *g as f64 + a).collect();
    let named = |row: usize| match row {
        TRAIN => Some("new".to_owned()),
        1001 => None,
        _ => Some(format!("g{}", group[row])),
    };
    let x = frame(vec![numbers("price", price), levels("g", (0..ROWS).map(named))]);
    let cheap = classes(apart.iter().map(|a| u32::from(*a < 0.0)).collect(), 2);
    let (state, out) = Fit::new("group_means", TRAIN, cheap).run(&x).unwrap();
    let price = x.field("price").unwrap().floats().unwrap();
    let rows = |keep: &dyn Fn(usize) -> bool| -> (f64, f64) {
        let kept: Vec<f64> = (0..TRAIN).filter(|r| keep(*r)).map(|r| price[r]).collect();
        (kept.iter().sum(), kept.len() as f64)
    };
    let all = rows(&|_| true);
    let all = all.0 / all.1;
    let mean = |row: usize| {
        let (sum, n) = rows(&|r| group[r] == group[row]);
        if row == TRAIN || row == 1001 { all } else { (sum + 5.0 * all) / (n + 5.0) }
    };
    let expected: Vec<f64> = (990..1010).map(|row| price[row] - mean(row)).collect();
    let got = out.field("price.by.g").unwrap().floats().unwrap();
    for (a, b) in got[990..1010].iter().zip(expected) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }
    let loaded = step("group_means").load(&state.save()).unwrap();
    assert!(loaded.transform(&x).unwrap() == out);
    let error = loaded.transform(&x.select(|f| &*f.name != "g")).err();
    assert_eq!(error, Some(PredictError::MissingColumn { column: "g".into() }));
}
