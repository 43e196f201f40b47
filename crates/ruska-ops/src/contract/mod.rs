//! Data contracts: what a table is expected to hold, in a file that people edit, and whether a table
//! keeps it.
//!
//! ```text
//! table ─▶ suggest ─▶ contract.toml ─▶ load ─▶ check(table) ─▶ verdict: what is broken, on which lines
//! ```
//!
//! A contract is declarative: values, no code. What it does not say is not checked. Limits are
//! exact; the slack for chance is in what `suggest` writes. Of fewer than 100 rows a share breaks its
//! limit only where chance would not, and equal columns or values are no oddity. Levels of fewer
//! than five rows, and any value of identifiers, of text and of columns named sensitive, are never
//! written.

mod bounds;
mod check;
mod column;
mod load;
mod oddities;
mod spec;
mod suggest;
mod values;
mod verdict;
mod write;

pub use check::{check, without_rows};
pub use load::Contract;
pub use spec::{
    Bound, Case, ColumnTerms, ContractSpec, Stance, TableTerms, Usual, VERSION, Written,
};
pub use suggest::{Suggestion, suggest};
pub use verdict::{Breach, Check, ContractVerdict};
pub use write::toml;

/// The JSON Schema of contracts (draft 2020-12), for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(ContractSpec).to_value()
}
