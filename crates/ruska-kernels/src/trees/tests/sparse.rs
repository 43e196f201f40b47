//! A table gives the same trees whether its columns are sparse or dense.

use super::*;
use crate::trees::{Forest, ForestParams, forest};

/// Columns of small whole numbers, most of them zero, one value in `every` not; of the first no
/// value is.
fn mostly_zero(n: usize, width: usize, every: u64, seed: u64) -> Vec<Vec<f64>> {
    let value = |c: usize, i: usize| {
        let draw = mix(seed ^ mix((c * n + i) as u64));
        if draw.is_multiple_of(every) || c == 0 {
            [1.0, 1.0, 2.0, -1.0][(draw >> 40) as usize % 4]
        } else {
            0.0
        }
    };
    (0..width).map(|c| (0..n).map(|i| value(c, i)).collect()).collect()
}

fn sparse(columns: &[Vec<f64>]) -> Vec<BinnedColumn> {
    let n = columns[0].len();
    let entry = |i: usize, c: usize| (columns[c][i] != 0.0).then_some((c as u32, columns[c][i]));
    let rows: Vec<(Vec<u32>, Vec<f64>)> =
        (0..n).map(|i| (0..columns.len()).filter_map(|c| entry(i, c)).unzip()).collect();
    let rows = rows.iter().map(|(indices, values)| (&indices[..], &values[..]));
    BinnedColumn::sparse(columns.len(), rows, 1, 255)
}

/// The same table with its later columns sparse and dense, and a truth that depends on both kinds.
struct Table {
    raw: Vec<Vec<f64>>,
    both: [Vec<BinnedColumn>; 2],
    y: Vec<f64>,
}

impl Table {
    fn new(n: usize, width: usize, every: u64, seed: u64) -> Self {
        let (mut raw, zeros) = (columns(n, 2, 50.0, seed), mostly_zero(n, width, every, seed));
        let y = (0..n)
            .map(|i| {
                let words: f64 = (0..width).map(|c| zeros[c][i] * ((c % 7) as f64 - 3.0)).sum();
                (raw[0][i] / 50.0 + words + unit(seed ^ i as u64)).clamp(-9.0, 9.0)
            })
            .collect();
        let dense = binned(&raw);
        let both = [sparse(&zeros), binned(&zeros)].map(|other| [dense.clone(), other].concat());
        raw.extend(zeros);
        Self { raw, both, y }
    }

    /// The number of classes is told by `k`; numbers, if 0.
    fn truth(&self, k: usize) -> Vec<f64> {
        let class = |y: &f64| (y.abs() * 2.0).floor() % k as f64;
        if k == 0 { self.y.clone() } else { self.y.iter().map(class).collect() }
    }
}

#[test]
fn boosted_trees_are_those_of_dense_columns() {
    let weights = |n: usize, whole: bool| -> Vec<f64> {
        let weight = |i| if whole { (mix(i) % 3) as f64 } else { unit(i) };
        (0..n as u64).map(weight).collect()
    };
    let base = GrowParams { min_rows: 1, ..GrowParams::default() };
    let shapes = [
        base,
        GrowParams { min_rows: 15, l1: 0.3, max_leaves: 60, ..base },
        GrowParams { growth: Growth::DepthWise, random_thresholds: true, ..base },
        GrowParams { growth: Growth::Symmetric, max_depth: 4, max_leaves: 16, ..base },
        GrowParams { level_share: 0.7, node_share: 0.6, ..base },
    ];
    let mut used = 0;
    for (case, (n, width, every)) in
        [(60, 5, 3), (700, 40, 6), (900, 300, 40), (9000, 30, 4)].into_iter().enumerate()
    {
        let table = Table::new(n, width, every, case as u64);
        for (shape, tree) in shapes.into_iter().enumerate() {
            // A column too rare to part rows is left out, which would change the sample.
            let whole = (case + shape).is_multiple_of(2);
            let weights = (shape > 0).then(|| weights(n, whole));
            let outputs = [0, 2, 3][(case + shape) % 3];
            let y = table.truth(outputs);
            let w = weights.as_deref();
            let loss: Box<dyn Loss> = match outputs {
                0 => Box::new(Squared::new(&y, w)),
                2 => Box::new(Logistic::new(&y, w)),
                k => Box::new(Softmax::new(k, &y, w)),
            };
            let models = table.both.each_ref().map(|columns| {
                let aside: Vec<u32> = (0..n as u32).filter(|r| r.is_multiple_of(5)).collect();
                let valid_columns = BinnedColumn::take_all(columns, &aside);
                let valid_y: Vec<f64> = aside.iter().map(|&r| y[r as usize]).collect();
                let valid =
                    Data { columns: &valid_columns, y: &valid_y, weights: None, offset: None };
                [1, 2].map(|threads| {
                    let row_share = if shape == 1 { 0.6 } else { 1.0 };
                    let params = BoostParams {
                        rounds: 8,
                        tree,
                        threads,
                        row_share,
                        ..BoostParams::default()
                    };
                    let train = Data { columns, y: &y, weights: w, offset: None };
                    let done = boost(&*loss, &train, Some(&valid), &params, &Silent).unwrap();
                    (done.curve, done.model)
                })
            });
            let [[sparse, other], [dense, _]] = models;
            used += usize::from(sparse.1.importance()[2..].iter().any(|gain| *gain > 0.0));
            assert!(sparse == other && sparse == dense, "{case} {shape}");
        }
    }
    assert!(used > 15, "{used}");
}

#[test]
fn forests_are_those_of_dense_columns() {
    for (case, (n, width, every)) in [(60, 5, 3), (600, 50, 9)].into_iter().enumerate() {
        let table = Table::new(n, width, every, 90 + case as u64);
        for classes in [0, 2, 3] {
            for random_thresholds in [false, true] {
                let params = ForestParams {
                    trees: 8,
                    columns_per_node: 6,
                    bootstrap: !random_thresholds,
                    random_thresholds,
                    seed: case as u64,
                    ..ForestParams::default()
                };
                let y = table.truth(classes);
                let [sparse, dense] = table.both.each_ref().map(|columns| {
                    let data = Data { columns, y: &y, weights: None, offset: None };
                    forest(classes, &data, &params, &Silent).unwrap()
                });
                assert!(sparse.forest == dense.forest);
                let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&sparse.out_of_bag), bits(&dense.out_of_bag));
            }
        }
    }
}

#[test]
fn a_model_without_the_columns_it_does_not_use_predicts_the_same() {
    let table = Table::new(400, 60, 12, 3);
    let rows: Vec<u32> = (0..400).collect();
    let slices: Vec<&[f64]> = table.raw.iter().map(|c| &c[..]).collect();
    let params = BoostParams { rounds: 5, ..BoostParams::default() };
    let model = fit(&Squared::new(&table.y, None), &table.both[0], &table.y, &params);
    let data = Data { columns: &table.both[0], y: &table.y, weights: None, offset: None };
    let few =
        ForestParams { trees: 2, columns_per_node: 9, max_depth: 4, ..ForestParams::default() };
    let forest = forest(0, &data, &few, &Silent).unwrap().forest;

    let (mut narrow, mut narrow_forest) = (model.clone(), forest.clone());
    for (kept, features, importance) in [
        (narrow.narrow(2), narrow.features(), narrow.importance()),
        (narrow_forest.narrow(2), narrow_forest.features(), narrow_forest.importance()),
    ] {
        assert!(!kept.is_empty() && kept.len() < 40 && kept.is_sorted());
        assert_eq!((features, importance.len()), (2 + kept.len(), 2 + kept.len()));
        assert!(importance[2..].iter().all(|gain| *gain > 0.0));
    }
    let pick = |kept: &[u32]| -> Vec<&[f64]> {
        let later = kept.iter().map(|&f| slices[f as usize]);
        slices[..2].iter().copied().chain(later).collect()
    };
    let kept = model.clone().narrow(2);
    let (mut a, mut b) = (vec![0.0; 400], vec![0.0; 400]);
    model.predict(&slices, &rows, &mut a);
    narrow.predict(&pick(&kept), &rows, &mut b);
    assert_eq!(a, b);
    let kept = forest.clone().narrow(2);
    forest.predict(&slices, &rows, &mut a);
    narrow_forest.predict(&pick(&kept), &rows, &mut b);
    assert_eq!(a, b);

    // What is read again is the same; what loses no column is left as it is.
    let bytes = rmp_serde::to_vec_named(&narrow).unwrap();
    assert_eq!(rmp_serde::from_slice::<Model>(&bytes).unwrap(), narrow);
    let bytes = rmp_serde::to_vec_named(&narrow_forest).unwrap();
    assert_eq!(rmp_serde::from_slice::<Forest>(&bytes).unwrap(), narrow_forest);
    let width = table.raw.len();
    assert_eq!((model.clone().narrow(width), forest.clone().narrow(width)), (vec![], vec![]));
    let (mut same, mut same_forest) = (model.clone(), forest.clone());
    same.narrow(width);
    same_forest.narrow(width);
    assert!(same == model && same_forest == forest);
}
