//! The verdict on two tables of numbers that stand in memory, as they come from a reader: meaning of the
//! columns, all measures, tests and what chance gives.
//!
//! Arguments: rows of each table and columns. Prints the least and the median seconds of seven runs, and
//! the threads.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use ruska::{Column, Field, Frame, Kind, ReadTable, Rng};
use ruska_ops::drift::{Options, between};
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|w| w != "--bench").collect();
    let number = |place: usize, other: usize| {
        words.get(place).map_or(other, |w| w.parse().unwrap_or_else(|_| panic!("{w} is no number")))
    };
    let (rows, columns) = (number(0, 100_000), number(1, 20));
    let mut rng = Rng::new(1);
    let mut table = || {
        let column = |_| Column::float((0..rows).map(|_| rng.normal()).collect());
        let values: Vec<Column> = (0..columns).map(column).collect();
        let field = |(i, c): (usize, Column)| Field::new(format!("x{i}"), Kind::Numeric, c);
        let frame = Frame::new(values.into_iter().enumerate().map(field).collect()).unwrap();
        ReadTable { frame, findings: vec![], files: vec![] }
    };
    let (reference, current) = (table(), table());
    let mut seconds: Vec<f64> = (0..7)
        .map(|_| {
            let started = Instant::now();
            let verdict = between(&reference, &current.frame, None, &Options::default()).unwrap();
            assert_eq!((verdict.compared, verdict.drifted), (columns, 0));
            started.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    let threads = rayon::current_num_threads();
    println!(
        "{rows} × {columns} twice: least {:.3} s, median {:.3} s on {threads} threads",
        seconds[0], seconds[3]
    );
}
