//! What the verdict does over many simulated weeks.
#![allow(clippy::unwrap_used)]

use super::{Options, State, Verdict, between};
use ruska::{Column, Field, Frame, Kind, ReadTable, Rng};

/// A table of numbers of several shapes, a count, two kinds of levels, a yes or no, and missing values;
/// `shift` moves the first column.
fn week(rows: usize, rng: &mut Rng, shift: f64) -> Frame {
    let each = |value: &mut dyn FnMut() -> f64| (0..rows).map(|_| value()).collect::<Vec<f64>>();
    let normal = each(&mut || rng.normal() + shift);
    let skewed = each(&mut || (1.2 * rng.normal()).exp());
    let heavy = each(&mut || 1.0 / rng.unit().max(1e-9));
    let gaps = each(&mut || if rng.unit() < 0.1 { f64::NAN } else { rng.unit() });
    let flag = each(&mut || f64::from(rng.unit() < 0.3));
    let count: Vec<i64> = (0..rows).map(|_| (-4.0 * rng.unit().ln()) as i64).collect();
    let level = |power: i32, levels: f64, rng: &mut Rng| {
        let name = |rng: &mut Rng| format!("L{}", (levels * rng.unit().powi(power)) as u32);
        Column::from_strings((0..rows).map(|_| Some(name(rng))).collect::<Vec<_>>())
    };
    let (few, many) = (level(1, 4.0, rng), level(3, 60.0, rng));
    let numbers =
        [("normal", normal), ("skewed", skewed), ("heavy", heavy), ("gaps", gaps), ("flag", flag)];
    let mut fields: Vec<Field> = numbers
        .into_iter()
        .map(|(name, values)| Field::new(name, Kind::Numeric, Column::float(values)))
        .collect();
    fields.push(Field::new("count", Kind::Numeric, Column::Int(std::sync::Arc::new(count))));
    fields.push(Field::new("few", Kind::Categorical, few));
    fields.push(Field::new("many", Kind::Categorical, many));
    Frame::new(fields).unwrap()
}

fn table(frame: Frame) -> ReadTable {
    ReadTable { frame, findings: vec![], files: vec![] }
}

fn judged(reference: &ReadTable, current: &Frame) -> Verdict {
    between(reference, current, None, &Options::default()).unwrap()
}

#[test]
fn quiet_weeks_are_quiet() {
    let mut rng = Rng::new(1);
    let mut alarms = 0;
    for run in 0..500 {
        // A reference of its own for each, so that weeks are independent; of several sizes.
        let (m, n) = [(2000, 500), (1000, 1000), (400, 300), (3000, 150), (250, 2000)][run % 5];
        let reference = table(week(m, &mut rng, 0.0));
        let verdict = judged(&reference, &week(n, &mut rng, 0.0));
        alarms += usize::from(verdict.is_drift());
    }
    assert!(alarms <= 25, "{alarms} of 500");
}

#[test]
fn a_fifth_of_a_deviation_is_found() {
    let mut rng = Rng::new(2);
    let found = (0..100).filter(|_| {
        let reference = table(week(2000, &mut rng, 0.0));
        let verdict = judged(&reference, &week(2000, &mut rng, 0.2));
        let named: Vec<&str> = verdict.drifted().map(|c| c.name.as_str()).collect();
        named == ["normal"]
    });
    let found = found.count();
    assert!(found >= 95, "{found} of 100");
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut rng = Rng::new(3);
    let (reference, current) = (week(800, &mut rng, 0.0), week(600, &mut rng, 0.3));
    let told = serde_json::to_string(&judged(&table(reference.clone()), &current)).unwrap();
    for _ in 0..3 {
        let shuffled = |frame: &Frame, rng: &mut Rng| {
            let mut order: Vec<u32> = (0..frame.rows() as u32).collect();
            rng.shuffle(&mut order);
            frame.take(&order)
        };
        let again = judged(&table(shuffled(&reference, &mut rng)), &shuffled(&current, &mut rng));
        assert_eq!(serde_json::to_string(&again).unwrap(), told);
    }
}

#[test]
fn too_few_rows_are_no_verdict() {
    let mut rng = Rng::new(4);
    let reference = table(week(500, &mut rng, 0.0));
    for rows in [1, 10, 29] {
        let verdict = judged(&reference, &week(rows, &mut rng, 3.0));
        assert_eq!(verdict.verdict, State::InsufficientData, "{rows}");
        assert_eq!(verdict.insufficient, verdict.compared);
        assert!(verdict.columns.iter().all(|c| c.why.contains("needs 30")), "{rows}");
    }
    // A large change of few rows is found all the same.
    let verdict = judged(&reference, &week(40, &mut rng, 3.0));
    let named: Vec<&str> = verdict.drifted().map(|c| c.name.as_str()).collect();
    assert_eq!(named, ["normal"]);
    // Of numbers that vary little beside what chance gives, nothing is said of this few.
    let verdict = judged(&table(week(60, &mut rng, 0.0)), &week(60, &mut rng, 0.0));
    assert_eq!(verdict.verdict, State::InsufficientData);
    assert!(verdict.columns.iter().any(|c| c.why.contains("by chance alone")));
}
