//! From orders a month to the next six months of each product, and how many to put in stock:
//! `cargo run --release -p ruska --example orders`.
//!
//! A unit too many costs what storing it costs, one too few the margin that is lost. The stock that costs
//! least on average is the quantile of the demand at margin / (margin + storing): the newsvendor's.
#![allow(clippy::print_stdout)]

use ruska::{AutoMl, Forecast};
use std::time::Duration;

/// What a unit too few and a unit too many cost.
const MARGIN: f64 = 9.0;
const STORING: f64 = 1.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let data = std::env::args().nth(1).unwrap_or(format!("{root}/datasets/orders.csv"));

    let orders = ruska::read(&data)?;
    let outcome = AutoMl::forecasting("orders", "month", 6)
        .series("product")
        .time(Duration::from_secs(10))
        .fit(&orders)?;
    let forecast = Forecast::new(outcome.best())?;
    let table = forecast.table(None, &[0.8])?;
    let stock = forecast.quantile(None, MARGIN / (MARGIN + STORING))?;
    let told = table.field("prediction").and_then(|f| f.floats()).unwrap_or_default();
    for (row, (told, stock)) in told.iter().zip(&stock).enumerate().take(12) {
        let of = |name: &str| {
            let cell = table.field(name).and_then(|f| ruska::value_text(&f.column, row));
            cell.unwrap_or_default()
        };
        let (product, month) = (of("product"), of("month"));
        println!("{month} {product:<14} {told:>6.0} expected, {:>6.0} in stock", stock.ceil());
    }
    Ok(())
}
