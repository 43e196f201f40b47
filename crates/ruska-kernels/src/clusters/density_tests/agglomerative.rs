use super::super::agglomerative::*;
use super::*;

const ALL: [Linkage; 4] = [Linkage::Ward, Linkage::Average, Linkage::Complete, Linkage::Single];

fn linkage(v: &Value) -> Linkage {
    match v.as_str().unwrap() {
        "ward" => Linkage::Ward,
        "average" => Linkage::Average,
        "complete" => Linkage::Complete,
        _ => Linkage::Single,
    }
}

#[test]
fn partitions_are_those_of_scikit_learn() {
    for case in reference() {
        let values = numbers(&case["values"]);
        let points = Points { values: &values, dims: count(&case["dims"]) };
        for run in case["agglomerative"].as_array().unwrap() {
            let tree = agglomerate(points, linkage(&run["linkage"]), &Silent).unwrap();
            let top = numbers(&run["top"]);
            let heights: Vec<f64> = tree.heights().collect();
            for (got, expected) in heights[heights.len() - top.len()..].iter().zip(&top) {
                assert!((got / expected - 1.0).abs() < 1e-9, "{} {run}", case["name"]);
            }
            for cut in run["clusters"].as_array().unwrap() {
                let expected = renumbered(labels(&cut["labels"]));
                assert_eq!(tree.clusters(count(&cut["k"])), expected, "{} {cut}", case["name"]);
            }
            let below = tree.clusters_below(run["height"].as_f64().unwrap());
            assert_eq!(below, renumbered(labels(&run["below"])));
        }
    }
}

/// The distance of two groups of rows, by its definition.
fn apart(points: Points<'_>, a: &[usize], b: &[usize], linkage: Linkage) -> f64 {
    let pairs = a.iter().flat_map(|&i| b.iter().map(move |&j| (i, j)));
    let distances: Vec<f64> =
        pairs.map(|(i, j)| squared(points.row(i), points.row(j)).sqrt()).collect();
    let (na, nb) = (a.len() as f64, b.len() as f64);
    let mean = |rows: &[usize], j: usize| {
        rows.iter().map(|&i| points.row(i)[j]).sum::<f64>() / rows.len() as f64
    };
    let means = |rows: &[usize]| -> Vec<f64> { (0..points.dims).map(|j| mean(rows, j)).collect() };
    match linkage {
        Linkage::Ward => (2.0 * na * nb / (na + nb) * squared(&means(a), &means(b))).sqrt(),
        Linkage::Average => distances.iter().sum::<f64>() / na / nb,
        Linkage::Complete => distances.iter().copied().fold(0.0, f64::max),
        Linkage::Single => distances.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

#[test]
fn the_nearest_groups_become_one() {
    let values = groups(45, 2, 3, 3.0, 6);
    let points = Points { values: &values, dims: 2 };
    for linkage in ALL {
        let tree = agglomerate(points, linkage, &Silent).unwrap();
        let mut parts: Vec<Vec<usize>> = (0..45).map(|i| vec![i]).collect();
        for height in tree.heights() {
            let pairs = (0..parts.len()).flat_map(|a| (0..a).map(move |b| (a, b)));
            let (least, a, b) = pairs
                .map(|(a, b)| (apart(points, &parts[a], &parts[b], linkage), a, b))
                .min_by(|x, y| x.0.total_cmp(&y.0))
                .unwrap();
            assert!((height / least - 1.0).abs() < 1e-9, "{linkage:?}");
            let joined = parts.remove(a);
            parts[b].extend(joined);
            let mut expected = vec![0; 45];
            for (label, rows) in parts.iter().enumerate() {
                rows.iter().for_each(|&i| expected[i] = label as i32);
            }
            assert_eq!(tree.clusters(parts.len()), renumbered(expected));
        }
    }
}

#[test]
fn whatever_the_table_there_are_as_many_clusters_as_asked_for() {
    for (values, dims) in odd_tables() {
        let points = Points { values: &values, dims };
        for linkage in ALL {
            let tree = agglomerate(points, linkage, &Silent).unwrap();
            assert_eq!(tree.rows(), points.len());
            let heights: Vec<f64> = tree.heights().collect();
            assert!(heights.is_sorted() && heights.iter().all(|h| h.is_finite()));
            for k in [0, 1, 2, 7, 1000] {
                let mut labels = tree.clusters(k);
                let expected = k.max(1).min(points.len());
                assert_eq!(in_order(&mut labels, None), expected);
                assert_eq!(labels.len(), points.len());
                let model = Representatives::new(points, &labels, linkage);
                let again = model.label(points, 1, &Silent).unwrap();
                assert!(again.iter().all(|(l, d)| *l < expected as i32 && d.is_finite()));
            }
            let mut labels = tree.clusters_below(f64::INFINITY);
            assert_eq!(in_order(&mut labels, None), points.len().min(1));
            assert_eq!(tree.clusters_below(0.0), tree.clusters(points.len()));
        }
    }
}

#[test]
fn new_rows_go_to_the_nearest_mean_or_row() {
    let values = groups(300, 2, 3, 0.5, 2);
    let points = Points { values: &values, dims: 2 };
    for linkage in ALL {
        let labels = agglomerate(points, linkage, &Silent).unwrap().clusters(3);
        let model = Representatives::new(points, &labels, linkage);
        let again = model.label(points, 2, &Silent).unwrap();
        assert_eq!(again.iter().map(|a| a.0).collect::<Vec<_>>(), labels);
        let bytes = rmp_serde::to_vec(&model).unwrap();
        assert_eq!(rmp_serde::from_slice::<Representatives>(&bytes).unwrap(), model);
    }
    let line = Points { values: &[0.0, 2.0, 4.0, 7.0], dims: 1 };
    let labels = [0, 0, 0, 1];
    let at = Points { values: &[5.0], dims: 1 };
    let mean = Representatives::new(line, &labels, Linkage::Ward);
    assert_eq!(mean.label(at, 1, &Silent).unwrap(), [(1, 2.0)]);
    let row = Representatives::new(line, &labels, Linkage::Single);
    assert_eq!(row.label(at, 1, &Silent).unwrap(), [(0, 1.0)]);
}

#[test]
fn it_stops() {
    let values = groups(300, 2, 2, 1.0, 3);
    let points = Points { values: &values, dims: 2 };
    for linkage in ALL {
        stops(|progress| agglomerate(points, linkage, progress));
    }
}
