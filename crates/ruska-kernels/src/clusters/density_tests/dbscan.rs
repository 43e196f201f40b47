use super::super::dbscan::*;
use super::super::knee::knee;
use super::*;

fn settings(v: &Value) -> DbscanParams {
    DbscanParams { eps: v["eps"].as_f64().unwrap(), min_points: v["min_points"].as_f64().unwrap() }
}

#[test]
fn labels_are_those_of_scikit_learn() {
    for case in reference() {
        let values = numbers(&case["values"]);
        let points = Points { values: &values, dims: count(&case["dims"]) };
        let weights = numbers(&case["weights"]);
        for run in case["dbscan"].as_array().unwrap() {
            let weights = run["weighted"].as_bool().unwrap().then_some(&*weights);
            let found = dbscan(points, weights, &settings(run), 1, &Silent).unwrap();
            assert_eq!(found.labels, renumbered(labels(&run["labels"])), "{} {run}", case["name"]);
        }
    }
}

#[test]
fn core_points_are_those_with_enough_weight_near() {
    for (values, dims) in odd_tables() {
        let points = Points { values: &values, dims };
        let n = points.len();
        let weights: Vec<f64> = (0..n).map(|i| (i % 3) as f64 / 2.0).collect();
        let params = DbscanParams { eps: 1.0, min_points: 2.5 };
        let near = |i: usize| -> f64 {
            let within = |j: &usize| squared(points.row(i), points.row(*j)) <= 1.0;
            (0..n).filter(within).map(|j| weights[j]).sum()
        };
        let expected: Vec<u32> = (0..n).filter(|&i| near(i) >= 2.5).map(|i| i as u32).collect();
        let found = dbscan(points, Some(&weights), &params, 1, &Silent).unwrap();
        assert_eq!(found.core, expected);
        assert_eq!(found, dbscan(points, Some(&weights), &params, 4, &Silent).unwrap());
        let highest = found.labels.iter().max().map_or(0, |l| (l + 1) as usize);
        assert_eq!(found.clusters, highest);
    }
}

#[test]
fn new_rows_go_to_the_nearest_core_point() {
    let values = groups(600, 2, 3, 1.0, 5);
    let points = Points { values: &values, dims: 2 };
    let params = DbscanParams { eps: 0.7, min_points: 6.0 };
    let found = dbscan(points, None, &params, 1, &Silent).unwrap();
    assert!(found.clusters >= 2 && found.labels.contains(&-1));
    let model = found.core_points(points, &params);
    let again = model.label(points, 2, &Silent).unwrap();
    for (row, (&was, &is)) in found.labels.iter().zip(&again).enumerate() {
        let core = found.core.binary_search(&(row as u32)).is_ok();
        assert!(was == is || !core && was >= 0 && is >= 0);
    }
    let queries: Vec<f64> = (0..60).map(|i| f64::from(i) * 0.7).collect();
    let queries = Points { values: &queries, dims: 2 };
    for (i, label) in model.label(queries, 1, &Silent).unwrap().into_iter().enumerate() {
        let apart = |&core: &u32| squared(points.row(core as usize), queries.row(i));
        let nearest = *found.core.iter().min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap();
        let near = apart(&nearest) <= 0.7 * 0.7;
        assert_eq!(label, if near { found.labels[nearest as usize] } else { -1 });
        let alone = Points { values: queries.row(i), dims: 2 };
        assert_eq!(model.label(alone, 1, &Silent).unwrap(), [label]);
    }
    let bytes = rmp_serde::to_vec(&model).unwrap();
    assert_eq!(rmp_serde::from_slice::<CorePoints>(&bytes).unwrap(), model);
}

#[test]
fn the_knee_is_the_corner_of_two_lines() {
    let corner = |at: usize| -> Vec<f64> {
        (0..100_usize).map(|i| i as f64 + 20.0 * i.saturating_sub(at) as f64).collect()
    };
    for at in [10, 50, 90] {
        assert_eq!(knee(&corner(at)), Some(at));
    }
    let straight: Vec<f64> = (0..100).map(f64::from).collect();
    let down: Vec<f64> = straight.iter().map(|x| x.sqrt()).collect();
    for curve in [&straight[..], &down, &[1.0; 5], &[2.0], &[]] {
        assert_eq!(knee(curve), None);
    }
    // Below the diagonal of x² most at one half.
    let square: Vec<f64> = (0..=100).map(|i| f64::from(i * i)).collect();
    assert_eq!(knee(&square), Some(50));
}

#[test]
fn the_proposed_eps_finds_groups_among_noise() {
    let mut values = groups(900, 2, 3, 0.5, 2);
    values.extend((0..200).map(|i| (mix(i) % 4000) as f64 / 100.0));
    let points = Points { values: &values, dims: 2 };
    let distances = k_distances(points, 8, 1, &Silent).unwrap();
    assert!(distances.is_sorted() && distances.len() == 1000);
    let eps = proposed_eps(&distances).unwrap();
    let params = DbscanParams { eps, min_points: 8.0 };
    let found = dbscan(points, None, &params, 1, &Silent).unwrap();
    assert_eq!(found.clusters, 3);
    assert_eq!(proposed_eps(&[]), None);
    assert_eq!(proposed_eps(&[0.0; 9]), None);
    assert_eq!(proposed_eps(&[2.0; 9]), Some(2.0));
}

#[test]
fn it_stops() {
    let values = groups(300, 2, 2, 1.0, 3);
    let points = Points { values: &values, dims: 2 };
    let params = DbscanParams { eps: 1.0, min_points: 5.0 };
    stops(|progress| dbscan(points, None, &params, 1, progress));
}
