//! Shapley values of trees against their definition, written out, and against the `shap` package.

use super::*;
use crate::trees::shap::{Explainer, Node, Says, Test, Tree};
use crate::trees::{ForestParams, forest};
use serde_json::Value;

/// What a tree says to a coalition of features: at decisions on others both sides count by their cover.
fn said(tree: &Tree, at: usize, row: &[f64], coalition: u32, output: usize) -> f64 {
    match &tree.nodes[at].says {
        Says::Values(values) => values[output],
        Says::Ask { feature, test, missing_left, left } => {
            let said = |child| said(tree, child, row, coalition, output);
            if coalition >> feature & 1 == 1 {
                let x = row[*feature];
                let goes_left = match test {
                    Test::AtMost(most) => x <= *most || x.is_nan() && *missing_left,
                    Test::Levels(set) if x < 255.0 => {
                        set[x as usize / 64] >> (x as usize % 64) & 1 == 1
                    }
                    Test::Levels(_) => *missing_left,
                };
                return said(left + usize::from(!goes_left));
            }
            let [l, r] = [tree.nodes[*left].cover, tree.nodes[left + 1].cover];
            let part = if l + r > 0.0 { l / (l + r) } else { 0.5 };
            part * said(*left) + (1.0 - part) * said(left + 1)
        }
    }
}

/// Shapley values by all coalitions of the features.
fn by_definition(trees: &[Tree], row: &[f64], outputs: usize) -> Vec<f64> {
    let n = row.len();
    let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
    let mut values = vec![0.0; n * outputs];
    for tree in trees {
        for output in 0..tree.width {
            let said: Vec<f64> =
                (0..1 << n).map(|coalition| said(tree, 0, row, coalition, output)).collect();
            for feature in 0..n {
                for coalition in (0..1usize << n).filter(|c| c >> feature & 1 == 0) {
                    let size = coalition.count_ones() as usize;
                    let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
                    values[feature * outputs + tree.output + output] +=
                        weight * (said[coalition | 1 << feature] - said[coalition]);
                }
            }
        }
    }
    values
}

fn explained(explainer: &Explainer, x: &[Vec<f64>], threads: usize) -> Vec<f64> {
    let slices: Vec<&[f64]> = x.iter().map(|c| &c[..]).collect();
    let rows: Vec<u32> = (0..x[0].len() as u32).collect();
    let mut out = vec![f64::NAN; rows.len() * x.len() * explainer.outputs()];
    explainer.explain(&slices, &rows, threads, &mut out);
    out
}

fn assert_near(got: &[f64], expected: &[f64], within: f64) {
    assert_eq!(got.len(), expected.len());
    for (i, (g, e)) in got.iter().zip(expected).enumerate() {
        assert!((g - e).abs() < within, "place {i}: {g}, expected {e}");
    }
}

/// Base and values add up to the scores of every row.
fn assert_adds_up(explainer: &Explainer, values: &[f64], scores: &[f64], within: f64) {
    let (width, outputs) = (explainer.features() * explainer.outputs(), explainer.outputs());
    for (values, scores) in values.chunks_exact(width).zip(scores.chunks_exact(outputs)) {
        for (output, score) in scores.iter().enumerate() {
            let sum: f64 = values.iter().skip(output).step_by(outputs).sum();
            let sum = sum + explainer.base()[output];
            assert!((sum - score).abs() < within, "{sum} {score}");
        }
    }
}

fn all(x: &[Vec<f64>]) -> (Vec<&[f64]>, Vec<u32>) {
    (x.iter().map(|c| &c[..]).collect(), (0..x[0].len() as u32).collect())
}

#[test]
fn values_are_those_of_the_shap_package() {
    let text = include_str!("../../../../../tests/reference/tree_shap.json");
    let reference: Value = serde_json::from_str(text).unwrap();
    let number = |v: &Value| v.as_f64().unwrap_or(f64::NAN);
    let list = |v: &Value| v.as_array().unwrap().iter().map(number).collect::<Vec<f64>>();
    let tree = |tree: &Value| {
        let [left, missing, feature, threshold, weight] =
            ["left", "missing", "feature", "threshold", "weight"].map(|k| list(&tree[k]));
        let node = |at: usize| {
            let says = if feature[at] < 0.0 {
                Says::Values(list(&tree["value"][at]))
            } else {
                Says::Ask {
                    feature: feature[at] as usize,
                    test: Test::AtMost(threshold[at]),
                    missing_left: missing[at].to_bits() == left[at].to_bits(),
                    left: left[at] as usize,
                }
            };
            Node { cover: weight[at], says }
        };
        Tree { nodes: (0..left.len()).map(node).collect(), output: 0, width: 2 }
    };
    let trees: Vec<Tree> = reference["trees"].as_array().unwrap().iter().map(tree).collect();
    let x: Vec<Vec<f64>> = reference["x"].as_array().unwrap().iter().map(list).collect();
    let explainer = Explainer::new(x.len(), &[0.0, 0.0], &trees);
    assert_near(explainer.base(), &list(&reference["base"]), 1e-9);
    let of_rows = reference["values"].as_array().unwrap().iter();
    let expected: Vec<f64> =
        of_rows.flat_map(|row| row.as_array().unwrap().iter().flat_map(list)).collect();
    assert_near(&explained(&explainer, &x, 1), &expected, 1e-9);
}

#[test]
fn boosted_trees_are_explained_as_the_definition_says() {
    let raw = columns(250, 6, 12.0, 3);
    let mut bins = binned(&raw);
    // Levels without an order, one of which only the rows explained have.
    let codes: Vec<u32> = raw[4].iter().map(|v| *v as u32).collect();
    bins[4] = BinnedColumn::categorical(&codes, 13);
    let y = signal(&raw);
    let shift = |(i, y): (usize, f64)| y + f64::from(codes[i] % 3);
    let y: Vec<f64> = y.into_iter().enumerate().map(shift).collect();
    let data = Data { columns: &bins, y: &y, weights: None, offset: None };
    let params = BoostParams { rounds: 6, ..BoostParams::default() };
    let model = boost(&Squared::new(&y, None), &data, None, &params, &Silent).unwrap().model;
    let (slices, rows) = all(&raw);
    let explainer = Explainer::of_model(&model, &slices, &rows);
    let mean = scores(&model, &raw).iter().sum::<f64>() / 250.0;
    assert!((explainer.base()[0] - mean).abs() < 1e-9, "{} {mean}", explainer.base()[0]);
    let values = explained(&explainer, &raw, 1);
    assert_adds_up(&explainer, &values, &scores(&model, &raw), 1e-9);
    assert_eq!(values, explained(&explainer, &raw, 3));
    assert_eq!(values, plainly(|| explained(&explainer, &raw, 1)));
    // With a background of few rows many nodes are met by none of them.
    let few = Explainer::of_model(&model, &slices, &[0, 1, 2]);
    let values = explained(&few, &raw, 1);
    assert_adds_up(&few, &values, &scores(&model, &raw), 1e-9);
    let trees = few.trees();
    for i in [0, 77, 249] {
        let row: Vec<f64> = raw.iter().map(|c| c[i]).collect();
        assert_near(&values[6 * i..6 * i + 6], &by_definition(trees, &row, 1), 1e-10);
    }
}

#[test]
fn several_classes_have_values_each() {
    let raw = columns(200, 4, 9.0, 8);
    let y: Vec<f64> = (0..200).map(|i| ((raw[0][i] + raw[2][i]) / 6.0).floor().min(2.0)).collect();
    let bins = binned(&raw);
    let data = Data { columns: &bins, y: &y, weights: None, offset: None };
    let params = BoostParams { rounds: 4, ..BoostParams::default() };
    let model = boost(&Softmax::new(3, &y, None), &data, None, &params, &Silent).unwrap().model;
    let (slices, rows) = all(&raw);
    let explainer = Explainer::of_model(&model, &slices, &rows[..50]);
    assert_adds_up(&explainer, &explained(&explainer, &raw, 1), &scores(&model, &raw), 1e-9);
    let params = ForestParams { trees: 5, columns_per_node: 2, ..ForestParams::default() };
    let forest = forest(3, &data, &params, &Silent).unwrap().forest;
    let mut shares = vec![0.0; 200 * 3];
    forest.predict(&slices, &rows, &mut shares);
    let explainer = Explainer::of_forest(&forest, &slices, &rows);
    let values = explained(&explainer, &raw, 2);
    assert_adds_up(&explainer, &values, &shares, 1e-9);
    let row: Vec<f64> = raw.iter().map(|c| c[5]).collect();
    assert_near(&values[60..72], &by_definition(explainer.trees(), &row, 3), 1e-10);
}

#[test]
fn long_ways_and_trees_without_a_question_are_explained() {
    // One tree that asks 70 features in turn: it says 1 where all are above 0, else 0.
    let n = 70;
    let mut nodes = vec![];
    for feature in 0..n {
        let cover = 0.5f64.powi(feature as i32);
        let (test, left) = (Test::AtMost(0.0), 2 * feature + 1);
        let leaf = Node { cover, says: Says::Values(vec![0.0]) };
        nodes.push(Node { cover, says: Says::Ask { feature, test, missing_left: false, left } });
        nodes.push(leaf);
    }
    nodes.push(Node { cover: 0.5f64.powi(n as i32), says: Says::Values(vec![1.0]) });
    let covers: Vec<f64> = (1..=n as i32).map(|k| 0.5f64.powi(k)).collect();
    covers.iter().enumerate().for_each(|(i, c)| nodes[2 * i + 1].cover = *c);
    let tree = Tree { nodes, output: 0, width: 1 };
    let explainer = Explainer::new(
        n,
        &[2.0],
        &[
            tree,
            Tree {
                nodes: vec![Node { cover: 1.0, says: Says::Values(vec![3.0]) }],
                output: 0,
                width: 1,
            },
        ],
    );
    let x = vec![vec![1.0]; n];
    let values = explained(&explainer, &x, 1);
    // All are alike, so that each has its part of what the row is above the mean.
    let each = (1.0 - 0.5f64.powi(n as i32)) / n as f64;
    assert_near(&values, &vec![each; n], 1e-12);
    assert!((explainer.base()[0] - 5.0).abs() < 1e-12);
}
