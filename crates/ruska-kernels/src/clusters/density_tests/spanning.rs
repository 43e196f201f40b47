use super::super::dendrogram::{Dendrogram, Sets};
use super::super::kd_tree::KdTree;
use super::super::spanning::{Edge, boruvka, prim};
use super::*;

fn tables() -> Vec<(Vec<f64>, usize)> {
    let mut tables = odd_tables();
    for (n, dims) in [(33, 2), (400, 2), (300, 5), (90, 30)] {
        tables.push((groups(n, dims, 3, 2.0, n as u64), dims));
        tables.push((groups(n, dims, 3, 2.0, 7).iter().map(|v| v.round()).collect(), dims));
    }
    tables
}

/// Parts of rows that are linked by mutual reachabilities below some length.
fn linked(points: Points<'_>, cores: &[f64], length: f64) -> Vec<i32> {
    let mut sets = Sets::new(points.len());
    for i in 0..points.len() {
        for j in 0..i {
            let apart = squared(points.row(i), points.row(j)).max(cores[i]).max(cores[j]);
            if apart.sqrt() < length {
                let (a, b) = (sets.find(i as u32), sets.find(j as u32));
                sets.put(a.max(b), a.min(b));
            }
        }
    }
    renumbered((0..points.len() as u32).map(|i| sets.find(i) as i32).collect())
}

#[test]
fn parts_below_any_length_are_those_of_all_pairs() {
    for (values, dims) in tables() {
        let points = Points { values: &values, dims };
        let tree = KdTree::new(points);
        for m in [1, 2, 6] {
            let cores = tree.core_squares(m, 1, &Silent).unwrap();
            let ways = [
                prim(points, &cores, &Silent).unwrap(),
                boruvka(&tree, &cores, 1, &Silent).unwrap(),
            ];
            for edges in ways {
                assert_eq!(edges.len(), points.len().saturating_sub(1));
                let linkage = Dendrogram::single(points.len(), edges);
                let heights: Vec<f64> = linkage.heights().collect();
                let some = heights.iter().step_by(1 + heights.len() / 20);
                for length in some.flat_map(|h| [*h, h.next_up()]) {
                    let parts = linkage.clusters_below(length);
                    assert_eq!(parts, linked(points, &cores, length), "{dims} {m}");
                }
            }
        }
    }
}

#[test]
fn edges_are_the_same_for_any_number_of_threads_and_any_processor() {
    for (values, dims) in tables() {
        let points = Points { values: &values, dims };
        let tree = KdTree::new(points);
        let cores = tree.core_squares(4, 1, &Silent).unwrap();
        let edges = boruvka(&tree, &cores, 1, &Silent).unwrap();
        for _ in 0..5 {
            assert_eq!(edges, boruvka(&tree, &cores, 3, &Silent).unwrap());
        }
        let plain = crate::simd::plain::plainly(|| prim(points, &cores, &Silent)).unwrap();
        assert_eq!(prim(points, &cores, &Silent).unwrap(), plain);
        let total = |edges: &[Edge]| edges.iter().map(|e| e.length).sum::<f64>();
        assert!((total(&edges) - total(&plain)).abs() <= 1e-9 * total(&edges));
    }
}

#[test]
fn they_stop() {
    let values = groups(300, 2, 2, 1.0, 3);
    let points = Points { values: &values, dims: 2 };
    let tree = KdTree::new(points);
    stops(|progress| prim(points, &[0.0; 300], progress));
    stops(|progress| boruvka(&tree, &[0.0; 300], 1, progress));
}
