//! Nets learn what they should, the same on any number of threads, and stop as they are told.

use crate::nets::{Activation, Cells, Column, Fitted, NetParams, Sample, Shape, Truth, fit};
use crate::trees::random::normal;
use crate::{Progress, Silent, Stopped};
use std::sync::atomic::{AtomicUsize, Ordering};

const ROWS: usize = 600;

struct Table {
    columns: Vec<Column>,
    cells: Cells,
    y: Vec<f64>,
    learn: Vec<u32>,
    valid: Vec<u32>,
}

/// A sign that hangs on the product of two numbers, as 0 and 1.
fn table() -> Table {
    let [a, b] = [1, 2].map(|s| (0..ROWS).map(|i| normal((s * 10_000 + i) as u64)).collect());
    let (a, b): (Vec<f64>, Vec<f64>) = (a, b);
    let y = a.iter().zip(&b).map(|(a, b)| f64::from(u8::from(a * b > 0.0))).collect();
    let columns = [&a, &b].map(|v| {
        let weighed: Vec<_> = v.iter().map(|v| (*v, 1.0)).collect();
        Column::numbers(&weighed, 16)
    });
    let columns = columns.to_vec();
    let cells = Cells::new(&columns, ROWS, &[a, b], None);
    let (learn, valid) = (0..ROWS as u32).partition(|i| i % 5 > 0);
    Table { columns, cells, y, learn, valid }
}

fn shape(table: &Table) -> Shape {
    Shape {
        columns: table.columns.clone(),
        dims: 4,
        words: 0,
        word_dims: 1,
        hidden: vec![32, 32],
        members: 2,
        outputs: 1,
        activation: Activation::Silu,
        norm: false,
    }
}

fn params(threads: usize) -> NetParams {
    NetParams {
        rate: 0.01,
        decay: 0.01,
        dropout: 0.1,
        smoothing: 0.0,
        epochs: 30.0,
        batch: 200,
        percent: 100,
        patience: 100,
        seed: 1,
        threads,
    }
}

fn fitted(table: &Table, params: &NetParams, watch: &dyn Progress) -> Result<Fitted, Stopped> {
    let sample = Sample {
        cells: &table.cells,
        truth: Truth::Classes(&table.y, 2),
        weights: None,
        learn: &table.learn,
        valid: &table.valid,
    };
    fit(shape(table), &sample, params, watch)
}

#[test]
fn a_sign_that_no_column_tells_alone_is_learned() {
    let table = table();
    let done = fitted(&table, &params(1), &Silent).expect("nothing stops it");
    done.net.validate().expect("finite");
    let said = done.net.predict(&table.cells, &table.valid, Truth::Classes(&[], 2));
    let right = table.valid.iter().zip(said.chunks_exact(2));
    let right = right.filter(|(r, p)| (p[1] > 0.5) == (table.y[**r as usize] > 0.5)).count();
    assert!(right * 10 > table.valid.len() * 9, "{right} of {}", table.valid.len());
}

#[test]
fn threads_change_nothing() {
    let table = table();
    let [one, two] =
        [1, 2].map(|threads| fitted(&table, &params(threads), &Silent).expect("not stopped"));
    assert_eq!(one.net, two.net);
}

#[test]
fn one_row_gives_the_bits_of_a_batch() {
    let table = table();
    let net = fitted(&table, &params(1), &Silent).expect("not stopped").net;
    let rows: Vec<u32> = (0..300).collect();
    let all = net.predict(&table.cells, &rows, Truth::Classes(&[], 2));
    for (row, said) in rows.iter().zip(all.chunks_exact(2)) {
        assert_eq!(net.predict(&table.cells, &[*row], Truth::Classes(&[], 2)), said);
    }
}

#[test]
fn a_fit_ends_where_it_is_told_and_says_so() {
    let table = table();
    let some = NetParams { percent: 40, ..params(1) };
    let none = Table { valid: vec![], ..table };
    let done = fitted(&none, &some, &Silent).expect("not stopped");
    assert_eq!(done.percent, 40);

    struct After(AtomicUsize);
    impl Progress for After {
        fn proceed(&self) -> bool {
            true
        }
        fn enough(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) >= 3
        }
    }
    let cut = fitted(&none, &params(1), &After(AtomicUsize::new(0))).expect("has something");
    assert!(cut.percent < 40, "{}", cut.percent);
    let again = fitted(&none, &NetParams { percent: cut.percent, ..params(1) }, &Silent);
    assert_eq!(again.expect("not stopped").net, cut.net);

    struct Never;
    impl Progress for Never {
        fn proceed(&self) -> bool {
            false
        }
    }
    assert_eq!(fitted(&none, &params(1), &Never).err(), Some(Stopped));
}

#[test]
fn weights_count_as_rows() {
    let mut table = table();
    table.y.iter_mut().take(ROWS / 2).for_each(|y| *y = 1.0);
    let weights: Vec<f64> = (0..ROWS).map(|i| if i < ROWS / 2 { 0.0 } else { 1.0 }).collect();
    let sample = Sample {
        cells: &table.cells,
        truth: Truth::Classes(&table.y, 2),
        weights: Some(&weights),
        learn: &table.learn,
        valid: &table.valid,
    };
    let done = fit(shape(&table), &sample, &params(1), &Silent).expect("not stopped");
    let said = done.net.predict(&table.cells, &table.valid, Truth::Classes(&[], 2));
    let high = said.chunks_exact(2).filter(|p| p[1] > 0.5).count();
    assert!(high < table.valid.len() * 2 / 3, "rows without weight were learned from: {high}");
}
