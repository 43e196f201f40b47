use super::super::hdbscan::*;
use super::*;

fn settings(v: &Value) -> HdbscanParams {
    HdbscanParams {
        min_cluster_size: count(&v["min_cluster_size"]),
        min_samples: count(&v["min_samples"]),
        selection: if v["leaf"] == true { Selection::Leaf } else { Selection::ExcessOfMass },
        epsilon: v["epsilon"].as_f64().unwrap(),
        allow_single_cluster: v["single"] == true,
    }
}

fn some_settings() -> Vec<HdbscanParams> {
    let first = HdbscanParams::default();
    vec![
        first,
        HdbscanParams { min_samples: 1, selection: Selection::Leaf, ..first },
        HdbscanParams { min_cluster_size: 12, allow_single_cluster: true, ..first },
        HdbscanParams { min_cluster_size: 2, min_samples: 2, epsilon: 1.0, ..first },
        HdbscanParams { min_samples: 3, epsilon: 0.3, allow_single_cluster: true, ..first },
        HdbscanParams { min_cluster_size: 0, min_samples: 0, ..first },
    ]
}

/// Calls `check` with the points, settings and expected numbers of each run of scikit-learn.
fn for_runs(check: impl Fn(Points<'_>, HdbscanParams, &Value)) {
    for case in reference() {
        let values = numbers(&case["values"]);
        let points = Points { values: &values, dims: count(&case["dims"]) };
        for run in case["hdbscan"].as_array().unwrap() {
            check(points, settings(run), run);
        }
    }
}

#[test]
fn leaves_are_those_of_the_definition() {
    for_runs(|points, params, run| {
        if !run["leaves"].is_null() {
            let found = hdbscan(points, &params, 1, &Silent).unwrap();
            assert_eq!(found.labels, renumbered(labels(&run["leaves"])), "{params:?}");
        }
    });
}

/// A row that links two clusters by its core distance alone is in one of them there, and its
/// weakest. As it counts there, small leaves may be others; those are compared with the definition.
#[test]
fn labels_and_strengths_are_those_of_scikit_learn() {
    for_runs(|points, params, run| {
        if !run["leaves"].is_null() {
            return;
        }
        let found = hdbscan(points, &params, 1, &Silent).unwrap();
        let (theirs, strengths) = (labels(&run["labels"]), numbers(&run["strengths"]));
        let (linking, rest): (Vec<usize>, Vec<usize>) =
            (0..points.len()).partition(|&i| found.labels[i] < 0 && theirs[i] >= 0);
        for &i in &linking {
            let with = (0..points.len()).filter(|&j| theirs[j] == theirs[i]);
            assert_eq!(strengths[i], with.map(|j| strengths[j]).fold(1.0, f64::min));
        }
        assert!(linking.len() <= if params.min_samples == 1 { 0 } else { 2 }, "{linking:?}");
        let pick = |l: &[i32]| renumbered(rest.iter().map(|&i| l[i]).collect());
        assert_eq!(pick(&found.labels), pick(&theirs), "{params:?}");
        for i in rest {
            assert!((found.strengths[i] - strengths[i]).abs() <= 1e-5);
        }
    });
}

#[test]
fn the_order_of_rows_is_of_no_matter() {
    let mut tables = odd_tables();
    tables.push((groups(400, 2, 3, 1.0, 8).iter().map(|v| v.round()).collect(), 2));
    tables.push((groups(300, 3, 4, 3.0, 9), 3));
    for (values, dims) in tables {
        let points = Points { values: &values, dims };
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by_key(|&i| mix(i as u64));
        let mixed: Vec<f64> = order.iter().flat_map(|&i| points.row(i)).copied().collect();
        for params in some_settings() {
            let found = hdbscan(points, &params, 1, &Silent).unwrap();
            let other = hdbscan(Points { values: &mixed, dims }, &params, 2, &Silent).unwrap();
            let expected = renumbered(order.iter().map(|&i| found.labels[i]).collect());
            assert_eq!(renumbered(other.labels), expected, "{params:?}");
            assert_eq!(found, hdbscan(points, &params, 2, &Silent).unwrap());
        }
    }
}

#[test]
fn whatever_the_table_numbers_are_finite_and_in_range() {
    for (values, dims) in odd_tables() {
        let points = Points { values: &values, dims };
        for params in some_settings() {
            let found = hdbscan(points, &params, 1, &Silent).unwrap();
            assert_eq!(found.labels.len(), points.len());
            for (&label, &strength) in found.labels.iter().zip(&found.strengths) {
                assert!(label < found.clusters.len() as i32);
                assert!(if label < 0 {
                    strength == 0.0
                } else {
                    strength > 0.0 && strength <= 1.0
                });
            }
            for c in 0..found.clusters.len() {
                let size = found.labels.iter().filter(|l| **l == c as i32).count();
                assert!(size >= params.min_cluster_size.max(2) || params.allow_single_cluster);
                assert!(found.clusters[c].stability >= 0.0);
                assert!(found.clusters[c].stability.is_finite());
            }
            let model = found.reachable(points, 1, &Silent).unwrap();
            let again = model.label(points, 1, &Silent).unwrap();
            assert!(again.iter().all(|(_, s)| (0.0..=1.0).contains(s)));
            assert_eq!(again.iter().map(|a| a.0).collect::<Vec<_>>(), found.labels);
        }
    }
}

#[test]
fn rows_that_were_clustered_keep_their_labels() {
    for (n, dims, spread) in [(600, 2, 1.0), (600, 2, 4.0), (500, 5, 3.0), (300, 12, 2.0)] {
        let values = groups(n, dims, 4, spread, 4);
        let points = Points { values: &values, dims };
        for params in some_settings() {
            let found = hdbscan(points, &params, 1, &Silent).unwrap();
            let model = found.reachable(points, 1, &Silent).unwrap();
            let again = model.label(points, 2, &Silent).unwrap();
            assert_eq!(again.iter().map(|a| a.0).collect::<Vec<_>>(), found.labels);
            let one = Points { values: points.row(9), dims };
            assert_eq!(model.label(one, 1, &Silent).unwrap(), again[9..10]);
        }
    }
}

#[test]
fn new_rows_are_of_the_group_they_lie_in() {
    let values = groups(600, 2, 3, 0.5, 2);
    let points = Points { values: &values, dims: 2 };
    let params = HdbscanParams { min_cluster_size: 20, ..HdbscanParams::default() };
    let found = hdbscan(points, &params, 1, &Silent).unwrap();
    assert_eq!(found.clusters.len(), 3);
    let model = found.reachable(points, 1, &Silent).unwrap();
    for c in 0..3 {
        let rows: Vec<usize> = (0..600).filter(|&i| found.labels[i] == c).collect();
        let mean =
            |j: usize| rows.iter().map(|&i| points.row(i)[j]).sum::<f64>() / rows.len() as f64;
        let middle = [mean(0), mean(1)];
        let (label, strength) =
            model.label(Points { values: &middle, dims: 2 }, 1, &Silent).unwrap()[0];
        assert_eq!(label, c);
        assert!(strength > 0.5);
    }
    let far = Points { values: &[200.0, -50.0], dims: 2 };
    assert_eq!(model.label(far, 1, &Silent).unwrap(), [(-1, 0.0)]);
    let bytes = rmp_serde::to_vec(&model).unwrap();
    assert_eq!(rmp_serde::from_slice::<Reachable>(&bytes).unwrap(), model);
}

#[test]
fn repeated_rows_are_a_cluster() {
    let mut values = vec![1.0; 20];
    values.extend([4.0; 30]);
    values.extend((0..10).map(|i| 10.0 + f64::from(i * i)));
    let points = Points { values: &values, dims: 1 };
    let found = hdbscan(points, &HdbscanParams::default(), 1, &Silent).unwrap();
    assert_eq!(found.clusters.len(), 2);
    assert!(found.labels[..20].iter().all(|l| *l == 1));
    assert!(found.labels[20..50].iter().all(|l| *l == 0));
    assert!(found.labels[50..].iter().all(|l| *l == -1));
    assert!(found.strengths[..50].iter().all(|s| *s == 1.0));
}

#[test]
fn it_stops() {
    let values = groups(300, 2, 2, 1.0, 3);
    let points = Points { values: &values, dims: 2 };
    stops(|progress| hdbscan(points, &HdbscanParams::default(), 1, progress));
    let found = hdbscan(points, &HdbscanParams::default(), 1, &Silent).unwrap();
    stops(|progress| found.reachable(points, 1, progress));
}
