//! Nets learn what they should, the same on any number of threads, and stop as they are told.

use crate::nets::{Activation, Cells, Column, Fitted, NetParams, Sample, Shape, Truth, fit};
use crate::trees::random::normal;
use crate::{Progress, Silent, StopAfter, Stopped};
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
    let columns = [&a, &b].map(|v| Column::numbers(v.iter().map(|v| (*v, 1.0)), 16)).to_vec();
    let values = [a, b];
    let cells = Cells::new(&columns, ROWS, |c, row| values[c][row], None, &Silent);
    let cells = cells.expect("nothing stops it");
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

impl Table {
    fn sample<'a>(&'a self, weights: Option<&'a [f64]>) -> Sample<'a> {
        Sample {
            cells: &self.cells,
            truth: Truth::Classes(&self.y, 2),
            weights,
            learn: &self.learn,
            valid: &self.valid,
        }
    }
}

fn fitted(table: &Table, params: &NetParams, watch: &dyn Progress) -> Result<Fitted, Stopped> {
    fit(shape(table), &table.sample(None), params, watch)
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
    let rows: Vec<u32> = (0..300).collect();
    let plain = shape(&table);
    for (dims, hidden, members, norm) in [
        (4, vec![32, 32], 2, false),
        (3, vec![37, 5], 3, true),
        (150, vec![300], 1, false),
        (1, vec![], 2, false),
    ] {
        let shape = Shape { dims, hidden, members, norm, ..plain.clone() };
        let few = NetParams { epochs: 2.0, ..params(1) };
        let net = fit(shape, &table.sample(None), &few, &Silent).expect("not stopped").net;
        let all = net.predict(&table.cells, &rows, Truth::Classes(&[], 2));
        for (row, said) in rows.iter().zip(all.chunks_exact(2)) {
            assert_eq!(net.predict(&table.cells, &[*row], Truth::Classes(&[], 2)), said);
        }
    }
}

/// Has enough after some questions.
struct After(AtomicUsize);
impl Progress for After {
    fn proceed(&self) -> bool {
        true
    }
    fn enough(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 3
    }
}

#[test]
fn a_fit_ends_where_it_is_told_and_says_so() {
    let table = table();
    let some = NetParams { percent: 40, ..params(1) };
    let none = Table { valid: vec![], ..table };
    let done = fitted(&none, &some, &Silent).expect("not stopped");
    assert_eq!(done.percent, 40);

    let cut = fitted(&none, &params(1), &After(AtomicUsize::new(0))).expect("has something");
    assert!(cut.percent < 40, "{}", cut.percent);
    let again = fitted(&none, &NetParams { percent: cut.percent, ..params(1) }, &Silent);
    assert_eq!(again.expect("not stopped").net, cut.net);

    assert_eq!(fitted(&none, &params(1), &StopAfter::new(0)).err(), Some(Stopped));
}

/// Where weights count, what is said of the second class has the weighted mean of the truth, as the
/// gradient of the bias is their difference; a logistic regression by small batches must come near.
#[test]
fn weights_count_as_much_in_small_batches() {
    let mut table = table();
    table.y.iter_mut().enumerate().for_each(|(i, y)| *y = f64::from(u8::from(i % 20 == 1)));
    let none = Table { valid: vec![], ..table };
    for weight in [0.0, 1.0, 19.0] {
        let weights: Vec<f64> = none.y.iter().map(|y| 1.0 + y * (weight - 1.0)).collect();
        let sample = none.sample(Some(&weights));
        let small = NetParams { batch: 16, epochs: 60.0, dropout: 0.0, ..params(1) };
        let shape = Shape { hidden: vec![], dims: 1, members: 1, ..shape(&none) };
        let net = fit(shape, &sample, &small, &Silent).expect("not stopped").net;
        let said = net.predict(&none.cells, &none.learn, Truth::Classes(&[], 2));
        let mean = |of: &dyn Fn(usize, usize) -> f64| {
            let rows = none.learn.iter().map(|&r| r as usize).enumerate();
            let total: f64 = none.learn.iter().map(|&r| weights[r as usize]).sum();
            rows.map(|(i, r)| weights[r] * of(i, r)).sum::<f64>() / total
        };
        let (said, truth) = (mean(&|i, _| said[2 * i + 1]), mean(&|_, r| none.y[r]));
        assert!((said - truth).abs() < 0.03, "{said} for {truth} by weights of {weight}");
    }
}

#[test]
fn rows_set_aside_that_weigh_nothing_say_nothing() {
    let table = table();
    let mut weights = vec![1.0; ROWS];
    table.valid.iter().for_each(|&r| weights[r as usize] = 0.0);
    let done = fit(shape(&table), &table.sample(Some(&weights)), &params(1), &Silent);
    assert_eq!(done.expect("not stopped").percent, 100);
}
