#![allow(clippy::unwrap_used)]

use super::*;
use crate::NeverPrune;
use ruska_core::{MISSING, NO_VALUE, UNSEEN};
use ruska_testkit::fake_catalog;
use std::sync::atomic::AtomicBool;

/// Three rows of columns of every type.
fn task() -> Task {
    let sparse = Sparse {
        width: 4,
        offsets: vec![0, 2, 2, 3],
        indices: vec![0, 3, 1],
        values: vec![1.5, -0.0, 1e-300],
    };
    let levels = ["a", "", "ü"].map(str::to_owned).to_vec();
    let columns = [
        (Kind::Boolean, Column::Bool(Arc::new(vec![0, 1, -1]))),
        (Kind::Numeric, Column::Int(Arc::new(vec![i64::MAX, NO_VALUE, -1]))),
        (Kind::Numeric, Column::float(vec![f64::from_bits(0x7ff8_0000_0000_0001), 0.1, -0.0])),
        (Kind::Categorical, Column::text(vec![2, MISSING, UNSEEN], levels)),
        (Kind::Time, Column::Time(Arc::new(vec![1, 2, NO_VALUE]))),
        (Kind::Numeric, Column::Sparse(Arc::new(sparse))),
    ];
    let fields = columns.into_iter().enumerate();
    let fields = fields.map(|(i, (kind, c))| Field::new(format!("c{i}"), kind, c)).collect();
    let mut x = Frame::new(fields).unwrap().with_origins();
    x = x.try_map(|f| Ok::<_, ruska_core::TaskError>(vec![f.clone()])).unwrap();
    let classes = Arc::new(vec!["no".to_owned(), "yes".to_owned()]);
    let target = Target::Classes { codes: Arc::new(vec![0, 1, 1]), classes, positive: 1 };
    Task {
        x,
        target,
        weights: Some(Arc::new(vec![0.0, 1.0, 0.3])),
        groups: Some(Arc::new(vec![7, 7, 8])),
        times: Some(Arc::new(vec![-5, 0, 5])),
        exposure: Some("c2".into()),
    }
}

fn written(task: Task) -> Vec<u8> {
    let folds = Arc::new(vec![Fold { train: vec![0, 2], test: vec![1] }]);
    let (catalog, task) = (Arc::new(fake_catalog()), Arc::new(task));
    let cancel = Arc::new(AtomicBool::new(false));
    let what = ("rmse", &folds, 9);
    let shared = Shared::new(what, (&catalog, &task), Arc::new(NeverPrune), cancel);
    let mut bytes = vec![];
    put_study(&mut bytes, &shared).unwrap();
    bytes
}

#[test]
fn a_study_arrives_as_it_was() {
    let bytes = written(task());
    let mut input = &bytes[..];
    let study = read_study(|| frame(&mut input)).unwrap();
    assert!(input.is_empty());
    assert_eq!((study.metric.as_str(), study.seed), ("rmse", 9));
    assert_eq!(study.folds, [Fold { train: vec![0, 2], test: vec![1] }]);
    // Bit for bit, which equality of numbers does not tell.
    assert_eq!(written(study.task.clone()), bytes);
    let [sent, got] = [task(), study.task].map(|t| format!("{t:?}"));
    assert_eq!(sent, got);
}

#[test]
fn what_is_cut_off_or_nonsense_is_told() {
    let bytes = written(task());
    for end in 0..bytes.len() {
        let mut input = &bytes[..end];
        assert!(read_study(|| frame(&mut input)).is_err(), "{end} bytes");
    }
    // A length that is a lie asks for no memory.
    let mut lie = &[0xff; 64][..];
    assert_eq!(frame(&mut lie), None);
    assert!(read::<Order>(b"nonsense").is_err());
}
