#![allow(clippy::unwrap_used)]
use super::super::{infer, target};
use super::*;
use ruska_core::Field;
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn whole_numbers_beyond_those_of_reals_are_told_apart() {
    let large: Vec<i64> = (0..40).map(|i| (1 << 60) + i % 20).collect();
    let field = Field::new("n", Kind::Numeric, Column::Int(Arc::new(large)));
    let raw = Frame::new(vec![field]).unwrap();
    let (schema, findings) = infer(&raw, &BTreeMap::new()).unwrap();
    let out = profile(&raw, &schema, None, findings).unwrap();
    assert_eq!((out.columns[0].kind, out.columns[0].distinct), (Kind::Numeric, 20));
}

/// Mean, sd and quartiles are those of NumPy on 1, 2, 4, 8, 16.
#[test]
fn a_table_described() {
    use ruska_core::FindingCode::{AllMissing, FewRows, Identifier, TargetMissing};
    let text = |v: [Option<&str>; 6]| Column::from_strings(v);
    let fields = vec![
        ("n", Column::float(vec![4.0, 1.0, f64::NAN, 2.0, 16.0, 8.0])),
        ("c", text([Some("a"), Some("b"), Some("b"), None, Some("c"), Some("b")])),
        ("t", text([Some("2020-01-02"), Some("2020-01-01"), None, None, None, None])),
        ("e", text([None; 6])),
        ("id", Column::Int(Arc::new(vec![10, 20, 35, 47, 51, 99]))),
        ("y", text([Some("no"), Some("yes"), Some("no"), Some("yes"), None, Some("no")])),
    ];
    let fields = fields.into_iter().map(|(name, c)| Field::new(name, Kind::Ignored, c)).collect();
    let raw = Frame::new(fields).unwrap();
    let (schema, findings) = infer(&raw, &BTreeMap::new()).unwrap();
    let y = target(&raw, "y", None, None).unwrap();
    let out = profile(&raw, &schema, Some(&y), findings).unwrap();
    assert_eq!(out.rows, 6);
    let [n, c, t, e, id, y] = out.columns.as_slice() else { panic!("{out:?}") };
    let numbers = n.numbers.unwrap();
    let expected = NumberSummary {
        min: 1.0,
        q25: 2.0,
        median: 4.0,
        q75: 8.0,
        max: 16.0,
        mean: 6.2,
        sd: 6.099_180_272_790_763,
    };
    assert_eq!((n.missing, n.distinct), (1, 5));
    assert!(
        (numbers.sd - expected.sd).abs() < 1e-12 && (numbers.mean - expected.mean).abs() < 1e-12
    );
    assert_eq!(
        NumberSummary { sd: 0.0, mean: 0.0, ..numbers },
        NumberSummary { sd: 0.0, mean: 0.0, ..expected }
    );
    let top: Vec<(&str, usize)> = c.top.iter().map(|t| (t.level.as_str(), t.count)).collect();
    assert_eq!((top, c.distinct), (vec![("b", 3), ("a", 1), ("c", 1)], 3));
    assert_eq!(t.times.as_ref().unwrap().last, "2020-01-02T00:00:00");
    assert_eq!((e.kind, e.why.as_deref()), (Kind::Ignored, Some("all values are missing")));
    assert_eq!((id.kind, id.numbers, id.top.len()), (Kind::Identifier, None, 0));
    assert!(y.target && !n.target);
    let codes: Vec<_> = out.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, [AllMissing, Identifier, TargetMissing, FewRows]);
    assert!(!serde_json::to_string(&out).unwrap().contains("null,\"times\""));
}

#[test]
fn nothing_to_describe() {
    let schema = Schema::default();
    let out = profile(&Frame::default(), &schema, None, vec![]).unwrap();
    assert_eq!((out.rows, out.columns.len()), (0, 0));
}
