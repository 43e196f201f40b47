use super::super::kd_tree::{KdTree, Near};
use super::*;
use crate::simd::plain::plainly;

/// All points, nearest first, equal distances by row.
fn sorted(points: Points<'_>, query: &[f64]) -> Vec<Near> {
    let near = |i: usize| Near { row: i as u32, squared: squared(points.row(i), query) };
    let mut all: Vec<Near> = (0..points.len()).map(near).collect();
    all.sort_by(|a, b| a.squared.total_cmp(&b.squared).then(a.row.cmp(&b.row)));
    all
}

fn tables() -> Vec<(Vec<f64>, usize)> {
    let mut tables = odd_tables();
    for (n, dims) in [(31, 1), (32, 2), (33, 3), (500, 2), (700, 9), (90, 40)] {
        tables.push((groups(n, dims, 3, 2.0, n as u64), dims));
    }
    tables
}

#[test]
fn trees_and_scans_find_what_sorting_finds() {
    for (values, dims) in tables() {
        let points = Points { values: &values, dims };
        let far = vec![1.5; dims];
        let queries = (0..points.len()).step_by(7).map(|i| points.row(i)).chain([&*far]);
        for (tree, query) in
            queries.flat_map(|q| [KdTree::new(points), KdTree::scan(points)].map(|tree| (tree, q)))
        {
            let all = sorted(points, query);
            for k in [0, 1, 5, 64, 1000] {
                let found = tree.nearest(query, k);
                assert_eq!(found, all[..k.min(all.len())], "{dims} {k}");
                let last = found.last().map_or(0.0, |n| n.squared);
                assert_eq!(tree.nearest_squared(query, k), last);
            }
            for limit in all.iter().step_by(11).map(|n| n.squared).chain([0.0, f64::INFINITY]) {
                let mut found = vec![];
                tree.walk(query, limit, |row, squared| {
                    found.push(Near { row, squared });
                    limit
                });
                found.sort_by(|a, b| a.squared.total_cmp(&b.squared).then(a.row.cmp(&b.row)));
                assert_eq!(found, all[..all.partition_point(|n| n.squared <= limit)]);
            }
        }
    }
}

#[test]
fn a_negative_limit_ends_a_walk() {
    let values = groups(300, 2, 2, 1.0, 3);
    let points = Points { values: &values, dims: 2 };
    for tree in [KdTree::new(points), KdTree::scan(points)] {
        let mut visits = 0;
        tree.walk(points.row(0), f64::INFINITY, |_, _| {
            visits += 1;
            if visits == 10 { -1.0 } else { f64::INFINITY }
        });
        assert_eq!(visits, 10);
    }
}

#[test]
fn core_distances_count_the_point_itself_for_any_number_of_threads() {
    for (values, dims) in tables() {
        let points = Points { values: &values, dims };
        let tree = KdTree::new(points);
        for m in [1, 2, 5, 1000] {
            let got = tree.core_squares(m, 1, &Silent).unwrap();
            let expected: Vec<f64> = (0..points.len())
                .map(|i| sorted(points, points.row(i))[m.min(points.len()) - 1].squared)
                .collect();
            assert_eq!(got, expected);
            assert_eq!(got, tree.core_squares(m, 3, &Silent).unwrap());
            assert_eq!(got, plainly(|| tree.core_squares(m, 1, &Silent)).unwrap());
        }
    }
}

#[test]
fn it_stops() {
    let values = groups(300, 2, 2, 1.0, 3);
    let tree = KdTree::new(Points { values: &values, dims: 2 });
    stops(|progress| tree.core_squares(5, 1, progress));
    stops(|progress| tree.core_squares(5, 2, progress));
}
