//! The gradient of every parameter against a difference of losses, in double precision.

use crate::Silent;
use crate::linear::Csr;
use crate::nets::cells::{Cells, Column};
use crate::nets::embed::Tables;
use crate::nets::layout::{Activation, Layout, Shape};
use crate::nets::loss::Truth;
use crate::nets::pass::{Dropout, Pass};
use crate::trees::random::normal;

const ROWS: usize = 7;

/// A column of numbers with a missing one, one of levels, and three sparse ones.
fn table() -> (Vec<Column>, Cells) {
    let numbers: Vec<f64> =
        (0..ROWS).map(|i| if i == 3 { f64::NAN } else { normal(i as u64) }).collect();
    let codes: Vec<f64> = (0..ROWS).map(|i| (i % 4) as f64).collect();
    let weighed = numbers.iter().map(|v| (*v, 1.0));
    let columns = vec![Column::numbers(weighed, 4), Column::Levels(3)];
    let offsets = (0..=ROWS).map(|i| i.div_ceil(2)).collect();
    let indices = (0..ROWS.div_ceil(2)).map(|i| i as u32 % 3).collect();
    let values = (0..ROWS.div_ceil(2)).map(|i| 0.5 + i as f64).collect();
    let sparse = Csr { width: 3, offsets, indices, values };
    let values = [numbers, codes];
    let cells = Cells::new(&columns, ROWS, |c, row| values[c][row], Some(sparse), &Silent);
    let cells = cells.expect("nothing stops it");
    (columns, cells)
}

fn shape(columns: Vec<Column>, outputs: usize) -> Shape {
    Shape {
        columns,
        dims: 3,
        words: 3,
        word_dims: 2,
        hidden: vec![5, 4],
        members: 1,
        outputs,
        activation: Activation::Silu,
        norm: false,
    }
}

/// The sum over members and rows of the loss whose gradient is taken.
fn loss(scores: &[f64], truth: Truth<'_>, smoothing: f64) -> f64 {
    let outputs = truth.outputs();
    let rows = scores.chunks_exact(outputs).enumerate();
    let of = |(i, scores): (usize, &[f64])| {
        let row = i % ROWS;
        match truth {
            Truth::Numbers(y) => 0.5 * (scores[0] - y[row]).powi(2),
            Truth::Classes(codes, classes) => {
                let mut said = vec![0.0; classes];
                truth.predicted(scores, 1.0, &mut said);
                let of = |(c, p): (usize, &f64)| {
                    let own = if c == codes[row] as usize { 1.0 - smoothing } else { 0.0 };
                    -(own + smoothing / classes as f64) * p.ln()
                };
                said.iter().enumerate().map(of).sum()
            }
        }
    };
    rows.map(of).sum()
}

fn check(shape: &Shape, cells: &Cells, truth: Truth<'_>, dropout: Option<Dropout>) {
    const SMOOTHING: f64 = 0.1;
    const STEP: f64 = 1e-5;
    let layout = Layout::of(shape);
    let tables = Tables { shape, layout: &layout, cells };
    let rows: Vec<u32> = (0..ROWS as u32).collect();
    let base = vec![0.1; shape.outputs];
    let mut params: Vec<f64> = layout.begin(shape, &base, 5);
    // Tables begin at 0 and gains at 1; nowhere is a good place to look at differences.
    params.iter_mut().enumerate().for_each(|(i, p)| *p += 0.3 * normal(1000 + i as u64));
    let mut pass = Pass::<f64>::default();
    pass.forward(tables, &params, &rows, dropout);
    pass.delta.resize(pass.scores.len(), 0.0);
    let scores = pass.scores.clone();
    let outputs = shape.outputs;
    for (i, (out, scores)) in
        pass.delta.chunks_exact_mut(outputs).zip(scores.chunks_exact(outputs)).enumerate()
    {
        truth.gradient((i % ROWS) as u32, (1.0, SMOOTHING), scores, out);
    }
    let mut gradient = vec![0.0; params.len()];
    pass.backward(tables, &params, &rows, &mut gradient);
    for i in 0..params.len() {
        let mut at = |shift: f64| {
            let own = params[i];
            params[i] = own + shift;
            pass.forward(tables, &params, &rows, dropout);
            params[i] = own;
            loss(&pass.scores, truth, SMOOTHING)
        };
        let difference = (at(STEP) - at(-STEP)) / (2.0 * STEP);
        let error = (gradient[i] - difference).abs() / difference.abs().max(1.0);
        assert!(error < 1e-5, "parameter {i}: {} for {difference} ({shape:?})", gradient[i]);
    }
}

#[test]
fn gradients_are_those_of_the_loss_for_every_kind_of_layer() {
    let (columns, cells) = table();
    let y: Vec<f64> = (0..ROWS).map(|i| normal(77 + i as u64)).collect();
    let codes: Vec<f64> = (0..ROWS).map(|i| (i * 2 % 3) as f64).collect();
    let two: Vec<f64> = codes.iter().map(|c| c.min(1.0)).collect();
    let truths = [Truth::Numbers(&y), Truth::Classes(&two, 2), Truth::Classes(&codes, 3)];
    for truth in truths {
        let plain = shape(columns.clone(), truth.outputs());
        for activation in [Activation::Relu, Activation::Silu] {
            for (members, norm) in [(1, false), (3, false), (1, true), (2, true)] {
                let shape = Shape { members, activation, norm, ..plain.clone() };
                check(&shape, &cells, truth, None);
            }
        }
        let dropout = Some(Dropout { share: 0.3, seed: 3 });
        for members in [1, 2] {
            check(&Shape { members, ..plain.clone() }, &cells, truth, dropout);
            check(&Shape { members, hidden: vec![], ..plain.clone() }, &cells, truth, None);
        }
    }
}
